/** The ways to the doctor's page, and back. */

import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { beforeEach, expect, it } from "vitest";
import { RecordedPanel } from "../../../tests/recorded.ts";
import type { PanelState } from "../../backend/index.ts";
import { panelScenarios } from "../../backend/scenarios.ts";
import Panel from "../Panel.svelte";

beforeEach(() => {
  localStorage.clear();
});

function state(rest: Partial<PanelState> = {}): PanelState {
  const made = panelScenarios.everything?.().state;
  if (!made) throw new Error("there is no scenario");
  return { ...made, ...rest };
}

async function opened(rest: Partial<PanelState> = {}): Promise<RecordedPanel> {
  const backend = new RecordedPanel();
  render(Panel, { backend });
  backend.show(state(rest));
  await tick();
  return backend;
}

const heading = (): HTMLElement | null => screen.queryByRole("heading", { name: "Why did it expire?" });
const list = (): HTMLElement | null => screen.queryByRole("treegrid");
const headerButton = (): HTMLElement => screen.getByRole("button", { name: "Why did it expire?" });

it("the button in the header opens the page for all sessions, in place of the list", async () => {
  const backend = await opened();
  await userEvent.click(headerButton());
  expect(document.activeElement).toBe(heading());
  expect(list()).toBeNull();
  expect(screen.getByRole("combobox", { name: "About" })).toHaveProperty("value", "");
  expect(backend.calls).toEqual(["diagnose null"]);
});

it("Back leads to the list, and to what had the focus there", async () => {
  await opened();
  await userEvent.click(headerButton());
  await userEvent.click(screen.getByRole("button", { name: "Back" }));
  expect(heading()).toBeNull();
  expect(list()).toBeTruthy();
  expect(document.activeElement).toBe(headerButton());
});

it("? opens the page, Escape leads back, and only on the list closes the window", async () => {
  const backend = await opened();
  list()?.focus();
  await userEvent.keyboard("?");
  expect(document.activeElement).toBe(heading());
  await userEvent.keyboard("{Escape}");
  expect(document.activeElement).toBe(list());
  expect(backend.calls).toEqual(["diagnose null"]);
  await userEvent.keyboard("{Escape}");
  expect(backend.calls).toEqual(["diagnose null", "close_panel"]);
});

it("who types a ? into the search searches for it", async () => {
  const backend = await opened();
  await userEvent.keyboard("/?");
  expect(screen.getByRole("textbox", { name: /Search/ })).toHaveProperty("value", "?");
  expect(heading()).toBeNull();
  expect(backend.calls).toEqual([]);
});

it.each([
  ["data-lake", "Why did it expire? data-lake"],
  ["legacy-batch", "Why did it expire? legacy-batch"],
  ["prod-admin", "Look into it prod-admin"],
])("the details of %s have a way of their own, in words that fit it", async (name, button) => {
  const backend = await opened();
  await userEvent.click(screen.getByRole("row", { name: new RegExp(`^${name}`) }));
  await userEvent.click(screen.getByRole("button", { name: button }));
  expect(screen.getByRole("combobox", { name: "About" })).toHaveProperty("value", name);
  expect(backend.calls).toEqual([`diagnose ${name}`]);
  await userEvent.keyboard("{Escape}");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: button }));
});

it("without the agent, too, the details lead to the page", async () => {
  const backend = await opened({ agent: "gone" });
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  await userEvent.click(screen.getByRole("button", { name: "Why did it expire? data-lake" }));
  expect(screen.getByText(/agent is not running/, { selector: ".page *" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Look" })).toHaveProperty("disabled", true);
  expect(backend.calls).toEqual([]);
  backend.show(state());
  await tick();
  expect(backend.calls).toEqual(["diagnose data-lake"]);
});

it("the tray's menu opens the page each time that somebody asks there, for all sessions", async () => {
  const backend = await opened({ doctor: 1 });
  expect(heading()).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  backend.show(state({ doctor: 1 }));
  await tick();
  expect(heading()).toBeNull();
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  await userEvent.click(screen.getByRole("button", { name: "Why did it expire? data-lake" }));
  backend.show(state({ doctor: 2 }));
  await tick();
  expect(screen.getByRole("combobox", { name: "About" })).toHaveProperty("value", "");
  expect(document.activeElement).toBe(heading());
  expect(backend.calls).toEqual(["diagnose null", "diagnose data-lake", "diagnose null"]);
});

it("the page waits for an agent that only starts", async () => {
  const backend = await opened({ agent: "starting", view: null, doctor: 1 });
  expect(screen.getByRole("status", { name: "Looking" })).toBeTruthy();
  expect(backend.calls).toEqual([]);
  backend.show(state({ doctor: 1 }));
  await tick();
  expect(backend.calls).toEqual(["diagnose null"]);
});

it("the keys of the list do nothing while it is hidden", async () => {
  const backend = await opened();
  await userEvent.click(headerButton());
  await userEvent.keyboard("/{Control>}r{/Control}{Control>}f{/Control}c?");
  expect(document.activeElement).toBe(heading());
  expect(backend.calls).toEqual(["diagnose null"]);
});

it("the list is as it was, with what was opened and searched", async () => {
  await opened();
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  await userEvent.keyboard("?{Escape}");
  expect(screen.getByRole("row", { name: /^data-lake/ }).getAttribute("aria-expanded")).toBe("true");
});

it("where what had the focus is gone, the button in the header has it", async () => {
  const backend = await opened();
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  await userEvent.click(screen.getByRole("button", { name: "Why did it expire? data-lake" }));
  const { view } = state();
  backend.show(state({ view: view && { ...view, rows: view.rows.filter(({ name }) => name !== "data-lake") } }));
  await tick();
  expect(screen.getByRole("combobox", { name: "About" })).toHaveProperty("value", "data-lake");
  await userEvent.keyboard("{Escape}");
  expect(document.activeElement).toBe(headerButton());
});

it("each name can be chosen once, in the order of names", async () => {
  const { view } = state();
  const rows = view?.rows.slice(0, 2) ?? [];
  await opened({
    view: view && { ...view, rows: [...rows, ...rows.map((row) => ({ ...row, id: `again:${row.id}` }))] },
  });
  await userEvent.click(headerButton());
  const options = screen.getAllByRole("option").map((option) => option.textContent);
  expect(options).toEqual(["All sessions", "legacy-batch", "prod-admin"]);
});
