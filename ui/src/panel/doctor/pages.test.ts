/** Every page of docs/errors can be read in the window. */

import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import ErrorPage from "./ErrorPage.svelte";
import { hasPage, readPage } from "./pages.ts";

const folder = "../docs/errors";
const codes = readdirSync(folder).map((name) => name.replace(/\.md$/, ""));

it("there are pages", () => {
  expect(codes.length).toBeGreaterThan(50);
  expect(hasPage("../errors/file")).toBe(false);
  expect(hasPage("toString")).toBe(false);
});

it.each(codes)("the page of %s is read in place, without anything of its markup", async (code) => {
  const { container } = render(ErrorPage, { code });
  await userEvent.click(screen.getByText(/^More about/));
  const page = await vi.waitUntil(() => container.querySelector(".page"));
  const text = page.textContent;
  // A backtick alone can be one of AWS's own.
  for (const part of page.querySelectorAll("p, li, h4, pre")) {
    expect(part.textContent).not.toMatch(/`.*`|\*\*|\]\(|^\s*#|<\/|&\w+;|^\s*[-*>|] /);
  }
  expect(page.querySelector("a")).toBeNull();
  // Nothing is left out: the letters are those of the source.
  const letters = (text: string): string => text.replace(/[^\p{L}\d]/gu, "");
  const source = readFileSync(`${folder}/${code}.md`, "utf8")
    .replace(/^# .*\n/, "")
    .replace(/\]\([^)]*\)/g, "]");
  expect(letters(text)).toBe(letters(source));
});

it("a page that is not there is an error, and not an empty page", async () => {
  await expect(readPage("nowhere")).rejects.toThrow("there is no page `nowhere`");
});

it("where a page cannot be read, it says where it stands", async () => {
  render(ErrorPage, { code: "nowhere" });
  await userEvent.click(screen.getByText(/^More about/));
  expect(await screen.findByText(/could not be read/)).toBeTruthy();
});
