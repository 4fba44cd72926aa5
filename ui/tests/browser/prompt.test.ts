import { expect, it } from "vitest";
import { callsOf, visitor } from "./visitor.ts";

const { open } = visitor();

it("a wrong code keeps the window open with AWS's text, and the next code goes through", async () => {
  const page = await open("prompt", "code");
  await page.keyboard.type("000000");
  await page.getByRole("alert").getByText("MultiFactorAuthentication failed").waitFor();
  expect(await page.getByRole("textbox").evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await page.getByRole("textbox").inputValue()).toBe("");
  await page.keyboard.type("123456");
  await page.locator(".prompt[inert]").waitFor();
  expect(await callsOf(page)).toEqual(["enter_code 7 000000", "enter_code 7 123456"]);
});

it("a code pasted from the clipboard is sent", async () => {
  const page = await open("prompt", "code", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.evaluate(() => navigator.clipboard.writeText(" 123 456 "));
  await page.keyboard.press("Control+V");
  await page.waitForFunction(() => window.sandglassCalls.length > 0);
  expect(await callsOf(page)).toEqual(["enter_code 7 123456"]);
});

it("each digit stands in the middle of its cell", async () => {
  const page = await open("prompt", "code");
  await page.keyboard.type("12345");
  const field = await page.getByRole("textbox").evaluate((input: HTMLInputElement) => {
    const style = getComputedStyle(input);
    const pen = document.createElement("canvas").getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.font = style.font;
    const digit = pen.measureText("0").width;
    const start = input.getBoundingClientRect().left + parseFloat(style.paddingLeft);
    const middles = [0, 1, 2, 3, 4, 5].map(
      (place) => start + place * (digit + parseFloat(style.letterSpacing)) + digit / 2,
    );
    return { middles, scrolled: input.scrollLeft };
  });
  const cells = await page.locator(".cells i").evaluateAll((cells) =>
    cells.map((cell) => {
      const box = cell.getBoundingClientRect();
      return (box.left + box.right) / 2;
    }),
  );
  expect(field.scrolled).toBe(0);
  expect(cells).toHaveLength(6);
  for (const [place, cell] of cells.entries()) expect(Math.abs(cell - (field.middles[place] ?? 0))).toBeLessThan(1);
});

it("Escape cancels the prompt", async () => {
  const page = await open("prompt", "sign-in");
  await page.keyboard.press("Escape");
  expect(await callsOf(page)).toEqual(["cancel_prompt 8"]);
});

it("a sign-in is opened and copied by keyboard, and goes on after a refusal", async () => {
  const page = await open("prompt", "sign-in-failed", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByRole("button", { name: "Try again" }).press("Enter");
  await page.getByRole("button", { name: "Copy" }).press("Enter");
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("BCDF-GHJK");
  await page.getByRole("button", { name: "Open browser" }).press("Enter");
  expect(await callsOf(page)).toEqual(["restart_sign_in 8", "open_sign_in_page 8"]);
});

it("a held key makes one choice and opens no browser", async () => {
  const page = await open("prompt", "sign-in-choosing");
  await page.getByRole("button", { name: "Sign in anyway" }).focus();
  await page.keyboard.down("Enter");
  await page.keyboard.down("Enter");
  await page.getByText("BCDF-GHJK").waitFor();
  await page.getByRole("button", { name: "Open browser" }).focus();
  await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  expect(await callsOf(page)).toEqual(["sign_in_anyway 8"]);
});
