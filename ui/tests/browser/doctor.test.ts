import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { barriers, clippedTexts, overflow, overlaps, unfold } from "./measure.ts";
import { answered } from "./stage.js";
import { callsOf, visitor } from "./visitor.ts";

const { open } = visitor();

/** The doctor's page in a scenario, with its answer. */
async function asked(scenario: string, options?: Parameters<typeof open>[2]): Promise<Page> {
  const page = await open("panel", scenario, options);
  await answered(page);
  return page;
}

const hasFocus = (element: Locator): Promise<boolean> => element.evaluate((it) => it === document.activeElement);
const title = (page: Page): Locator => page.getByRole("heading", { name: "Why did it expire?" });
const repair = (page: Page): Locator => page.getByRole("button", { name: "Show the repair…" }).first();

it("a keyboard alone asks about an error, renews, and comes back to the list", async () => {
  const page = await open("panel", "everything");
  await page.getByRole("treegrid").focus();
  await page.keyboard.press("?");
  await page.getByText("Nothing is wrong.").waitFor();
  expect(await hasFocus(title(page))).toBe(true);
  await page.keyboard.press("Tab");
  expect(await hasFocus(page.getByRole("combobox", { name: "About" }))).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.type("An error occurred (ExpiredToken) when calling the PutObject operation");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/^Said by any AWS service/).waitFor();
  await page.keyboard.press("Tab");
  expect(await hasFocus(page.getByRole("button", { name: "Renew", exact: true }))).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByText(/^Asked\./).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("row", { name: /^prod-admin/ }).waitFor();
  expect(await hasFocus(page.getByRole("treegrid"))).toBe(true);
  expect(await callsOf(page)).toEqual(["diagnose * 0", "diagnose * 69", "renew role:prod-admin"]);
});

it("the details of a row lead to its diagnosis and back to the row, where the list was", async () => {
  const page = await open("panel", "many");
  const list = page.getByRole("treegrid");
  await list.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowRight");
  const way = page.getByRole("button", { name: /^Look into it/ });
  await way.focus();
  const before = await list.evaluate((element) => element.scrollTop);
  await way.press("Enter");
  await title(page).waitFor();
  expect(await list.isVisible()).toBe(false);
  expect(await page.getByRole("combobox", { name: "About" }).inputValue()).toBe("team-2000");
  await page.keyboard.press("Escape");
  await list.waitFor();
  expect(await hasFocus(way)).toBe(true);
  expect(await list.evaluate((element) => element.scrollTop)).toBe(before);
});

it("nothing that has the focus lies under the heading or below the edge", async () => {
  const page = await asked("doctor");
  await unfold(page);
  await title(page).focus();
  const heading = await page.locator("header").last().boundingBox();
  const seen = new Set<string>();
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      const box = element?.getBoundingClientRect();
      const inPage = element?.closest(".answer, .form") !== null;
      return { name: element?.outerHTML ?? "", inPage, top: box?.top ?? 0, bottom: box?.bottom ?? 0 };
    });
    if (!at.inPage) break;
    seen.add(at.name);
    expect(at.top, at.name).toBeGreaterThanOrEqual((heading?.height ?? 0) - 1);
    expect(at.bottom, at.name).toBeLessThanOrEqual(640);
  }
  expect(seen.size).toBeGreaterThan(30);
});

it("while the doctor is asked anew, nothing moves", async () => {
  const page = await asked("doctor");
  const pane = page.locator(".page").first();
  await page.getByRole("heading", { name: "This machine" }).scrollIntoViewIfNeeded();
  const before = await pane.evaluate((element) => [element.scrollTop, element.scrollHeight]);
  await page.getByRole("combobox", { name: "About" }).evaluate((select: HTMLSelectElement) => {
    select.value = "data-lake";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.locator('.answer[aria-busy="true"]').waitFor();
  expect(await pane.evaluate((element) => [element.scrollTop, element.scrollHeight])).toEqual(before);
  await answered(page);
  expect(await pane.evaluate((element) => [element.scrollTop, element.scrollHeight])).toEqual(before);
});

it("a change is shown, made and looked after with the keyboard alone", async () => {
  const page = await asked("doctor");
  await repair(page).press("Enter");
  const dialog = page.getByRole("dialog", { name: "What the repair changes" });
  await dialog.getByText("-region = eu-west-1").waitFor();
  await dialog.getByRole("button", { name: "Change it" }).press("Enter");
  await page.getByText(/^Repaired;/).waitFor();
  await answered(page);
  expect(await dialog.isVisible()).toBe(false);
  expect(await hasFocus(title(page))).toBe(true);
  expect(await page.getByText(/stands at lines 3 and 9/).count()).toBe(0);
  expect((await callsOf(page)).slice(1)).toEqual([
    'show_change {"kind":"repair","repair":"stands-twice:~/.aws/config"}',
    "make_change repair b7c1",
    "diagnose * 0",
  ]);
});

it("the focus stays in the dialog, and Escape closes it alone", async () => {
  const page = await asked("doctor");
  await repair(page).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("-region = eu-west-1").waitFor();
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press("Tab");
    // Beyond the last button the browser itself has the focus.
    const at = await page.evaluate(() => document.activeElement?.closest("dialog, body")?.nodeName);
    expect(at === "DIALOG" || (await hasFocus(page.locator("body")))).toBe(true);
  }
  // A click on plain text takes the focus out of every control.
  await dialog.getByText(/is joined/).click();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  expect(await title(page).isVisible()).toBe(true);
  expect(await hasFocus(repair(page))).toBe(true);
  await page.keyboard.press("Escape");
  await page.getByRole("treegrid").waitFor();
  expect((await callsOf(page)).slice(1).join()).not.toMatch(/make_change|close_panel/);
});

it("a refused change can be looked at anew and is made then", async () => {
  const page = await asked("doctor-refused");
  await repair(page).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Change it" }).click();
  await dialog.getByRole("alert").getByText("Look at the change again; nothing was written.").waitFor();
  await dialog.getByRole("button", { name: "Show it anew" }).click();
  await dialog.getByRole("button", { name: "Change it" }).click();
  await page.getByText(/^Repaired;/).waitFor();
});

it("the page of an error is fetched when it is opened, and not before", async () => {
  const page = await asked("doctor-over");
  const chunks = (): Promise<string[]> =>
    page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name.replace(/^.*\//, "")));
  expect((await chunks()).filter((name) => /session-over|marked/.test(name))).toEqual([]);
  await page.getByText("More about session-over").click();
  await page.getByRole("heading", { name: "What to do", level: 4 }).waitFor();
  expect((await chunks()).filter((name) => name.startsWith("session-over"))).toHaveLength(1);
});

it("a log of many megabytes leaves the field usable", async () => {
  const page = await asked("doctor-well", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.evaluate(() => {
    const log = "2026-11-23 14:32:00 INFO all is well\n".repeat(150_000);
    return navigator.clipboard.writeText(`${log}An error occurred (ExpiredToken)`);
  });
  const field = page.getByRole("textbox");
  await field.press("Control+V");
  await page.getByText(/The command line reads logs of any length/).waitFor();
  await field.press("End");
  await page.keyboard.type("!");
  expect((await field.inputValue()).length).toBe(1_000_000);
  await page.keyboard.press("Control+Enter");
  await page.getByText(/^Said by any AWS service/).waitFor();
  expect((await callsOf(page)).at(-1)).toBe("diagnose * 1000000");
});

describe.each([320, 800])("%s px wide", (width) => {
  it.each(["doctor", "doctor-long", "doctor-well"])("%s is not cut off", async (scenario) => {
    const page = await asked(scenario, { viewport: { width, height: 640 } });
    await unfold(page);
    expect(await overflow(page)).toEqual({ sideways: 0, down: 0 });
    expect(await clippedTexts(page)).toEqual([]);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  it.each(["Show the repair…", "Raise it…", "Undo the last repair…"])(
    `the dialog of "%s" has no barrier in ${colorScheme}`,
    async (verb) => {
      const page = await asked("doctor", { colorScheme });
      await page.getByRole("button", { name: verb }).first().click();
      await page.locator('dialog .content[aria-busy="false"]').waitFor();
      expect(await barriers(page)).toEqual([]);
    },
  );
}

describe("with text at 200 %", () => {
  const { open: openLarge } = visitor(2);

  it("a change can be read and made", async () => {
    const page = await openLarge("panel", "doctor");
    await answered(page);
    await repair(page).click();
    const dialog = page.getByRole("dialog");
    const change = dialog.getByRole("button", { name: "Change it" });
    await dialog.getByText("-region = eu-west-1").waitFor();
    expect(await clippedTexts(page)).toEqual([]);
    expect((await overlaps(page)).filter((pair) => pair.includes("Change it"))).toEqual([]);
    await change.click();
    await page.getByText(/^Repaired;/).waitFor();
  });
});
