import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { callsOf, visitor } from "./visitor.ts";

const { open } = visitor();

it("a keyboard alone finds a session, opens it and renews it", async () => {
  const page = await open("panel", "everything");
  await page.keyboard.press("/");
  await page.keyboard.type("prod");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await page.getByText("ends in 12 min (14:44), told by AWS").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("59 min", { exact: true }).waitFor();
  expect(await callsOf(page)).toEqual(["renew role:prod-admin"]);
});

it("Tab reaches everything in the order in which it stands there", async () => {
  const page = await open("panel", "everything");
  const names: string[] = [];
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press("Tab");
    names.push(
      await page.evaluate(() => {
        const at = document.activeElement as HTMLElement;
        return (
          at.getAttribute("aria-label") ?? (at as HTMLInputElement).labels?.[0]?.textContent.trim() ?? at.innerText
        );
      }),
    );
  }
  expect(names.map((name) => name.trim().replace(/\s+/g, " "))).toEqual([
    "Why did it expire?",
    "No notices for 15 min",
    "Renew what is due (3)",
    "Search sessions /",
    "Ends first",
    "Sessions",
    "2 things to look at",
    "Dismiss what is to look at",
  ]);
});

it("a keyboard alone reaches what else can be done about a session, and comes back to the list", async () => {
  const page = await open("panel", "kinds");
  await page.keyboard.press("/");
  await page.keyboard.type("corp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const fresh = page.getByRole("button", { name: "Start a fresh session… corp" });
  await fresh.waitFor();
  await page.keyboard.press("Tab");
  expect(await fresh.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press("ArrowUp");
  expect(await page.evaluate(() => document.activeElement?.closest("header, [role='treegrid']")?.nodeName)).toBe(
    "HEADER",
  );
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("waiting for you").first().waitFor();
  expect(await callsOf(page)).toEqual(["sign_in_afresh sso-sign-in:corp"]);
});

it("a check is asked for with Enter, and AWS's answer comes into the open details", async () => {
  const page = await open("panel", "kinds");
  await page.keyboard.press("/");
  await page.keyboard.type("saml");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("AWS is being asked").waitFor();
  await page.getByText("AWS accepted it at 14:32.").waitFor();
  expect(await callsOf(page)).toEqual(["check foreign:partner-saml"]);
});

it("an estimated end differs from a known one in shape, not only in colour", async () => {
  const page = await open("panel", "kinds");
  const bar = (name: RegExp): Promise<string> =>
    page
      .getByRole("row", { name })
      .locator(".track i")
      .evaluate((bar) => getComputedStyle(bar).backgroundImage);
  expect(await bar(/^partner-saml/)).toContain("repeating-linear-gradient");
  expect(await bar(/^dev-okta/)).toBe("none");
});

it("the account stays readable beside a long kind and beside the button", async () => {
  const page = await open("panel", "kinds");
  const row = page.getByRole("row", { name: /^dev-okta/ });
  const isCut = (): Promise<boolean> =>
    row.locator(".detail").evaluate((detail) => detail.scrollWidth > detail.clientWidth);
  expect(await isCut()).toBe(false);
  await row.hover();
  expect(await isCut()).toBe(false);
});

it("two thousand sessions are walked through with few of them drawn", async () => {
  const page = await open("panel", "many");
  const list = page.getByRole("treegrid");
  expect(await list.getAttribute("aria-rowcount")).toBe("2000");
  await list.focus();
  for (const [key, place] of [
    ["End", 2000],
    ["ArrowUp", 1999],
    ["Home", 1],
    ["ArrowDown", 2],
  ] as const) {
    await page.keyboard.press(key);
    const active = page.locator('[role="row"][aria-selected="true"]');
    await page.locator(`[aria-selected="true"][aria-rowindex="${place}"]`).waitFor();
    expect(await list.getAttribute("aria-activedescendant")).toBe(await active.getAttribute("id"));
    expect(await isInside(active, list)).toBe(true);
    expect(await page.getByRole("row").count()).toBeLessThan(40);
  }
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("PageDown");
    expect(await page.getByRole("row").count()).toBeLessThan(40);
  }
});

it("scrolling with the wheel never leaves a gap", async () => {
  const page = await open("panel", "many");
  const list = page.getByRole("treegrid");
  for (const part of [0.1, 0.5, 0.9, 1]) {
    await list.evaluate((element, to) => (element.scrollTop = element.scrollHeight * to), part);
    await page.waitForFunction(() => {
      const list = document.querySelector('[role="treegrid"]');
      const box = list?.getBoundingClientRect();
      if (!box) return false;
      const rowAt = (y: number): boolean =>
        document.elementFromPoint(box.left + box.width / 2, y)?.closest('[role="row"]') instanceof Element;
      return rowAt(box.top + 4) && rowAt((box.top + box.bottom) / 2) && rowAt(box.bottom - 4);
    });
  }
});

it("details that open at the edge come into view", async () => {
  const page = await open("panel", "everything");
  await page.getByRole("row", { name: /^data-lake/ }).click();
  const remedy = page.getByText("Ask whoever owns account");
  await remedy.waitFor();
  expect(await isInside(remedy, page.getByRole("treegrid"))).toBe(true);
});

it("the list keeps its place while sessions change", async () => {
  const page = await open("panel", "many");
  await page.getByRole("treegrid").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.locator('[aria-rowindex="2000"] .look-turning').first().waitFor();
  await page.locator('[aria-rowindex="2000"][aria-selected="true"]').waitFor();
});

it("what the agent refuses is told, and nothing moves", async () => {
  const page = await open("panel", "refused");
  await page.getByRole("button", { name: "Renew what is due" }).click();
  await page.getByRole("alert").getByText("the agent does not answer").waitFor();
  expect(await page.getByText("12 min").count()).toBe(1);
});

async function isInside(inner: Locator, outer: Locator): Promise<boolean> {
  const [a, b] = [await inner.boundingBox(), await outer.boundingBox()];
  return a !== null && b !== null && a.y >= b.y - 1 && a.y + a.height <= b.y + b.height + 1;
}
