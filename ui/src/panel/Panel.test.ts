import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { beforeEach, expect, it } from "vitest";
import { RecordedPanel } from "../../tests/recorded.ts";
import type { PanelState } from "../backend/index.ts";
import { panelScenarios } from "../backend/scenarios.ts";
import Panel from "./Panel.svelte";

beforeEach(() => {
  localStorage.clear();
});

function scenario(name: string): PanelState {
  const made = panelScenarios[name]?.();
  if (!made) throw new Error(`there is no scenario \`${name}\``);
  return made.state;
}

async function opened(state: PanelState | null): Promise<RecordedPanel> {
  const backend = new RecordedPanel();
  render(Panel, { backend });
  if (state) backend.show(state);
  await tick();
  return backend;
}

it("says that it loads until the first view is there", async () => {
  const backend = await opened(null);
  expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy();
  backend.show(scenario("all-well"));
  await tick();
  expect(screen.queryByRole("status", { name: "Loading" })).toBeNull();
  expect(screen.getByRole("treegrid", { name: "Sessions" })).toBeTruthy();
});

it("a row tells a screen reader its name, state, account and end", async () => {
  await opened(scenario("everything"));
  expect(
    screen.getByRole("row", {
      name: "prod-admin, ends soon. Admin in 123456789012, Role. ends in 12 min (14:44), told by AWS",
    }),
  ).toBeTruthy();
});

it("an estimated end is marked as one, and explained when opened", async () => {
  await opened(scenario("everything"));
  const row = screen.getByRole("row", { name: /^nightly-export/ });
  expect(row.textContent).toContain("about 14 min");
  expect(row.querySelector(".estimated")).not.toBeNull();
  await userEvent.click(row);
  expect(screen.getByText(/Estimated: no end is written anywhere/)).toBeTruthy();
});

it("trouble is shown with its remedy", async () => {
  await opened(scenario("everything"));
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  expect(screen.getByText(/not authorized to perform: sts:AssumeRole/)).toBeTruthy();
  expect(screen.getByText(/Ask whoever owns account 456789012345/)).toBeTruthy();
});

it("what stands between backticks looks like a literal", async () => {
  await opened(scenario("first-run"));
  expect(screen.getByText("mfa", { selector: "code" })).toBeTruthy();
});

it("the button of a row renews its session, or signs in", async () => {
  const backend = await opened(scenario("everything"));
  await userEvent.click(screen.getByRole("button", { name: "Renew prod-admin" }));
  await userEvent.click(screen.getByRole("button", { name: "Sign in sandbox" }));
  expect(backend.calls).toEqual(["renew role:prod-admin", "renew role:sandbox"]);
});

it("a session under way has no button, and Enter does nothing", async () => {
  const backend = await opened(scenario("everything"));
  expect(screen.queryByRole("button", { name: /staging/ })).toBeNull();
  await userEvent.click(screen.getByRole("row", { name: /^staging/ }));
  await userEvent.keyboard("{Enter}");
  expect(backend.calls).toEqual([]);
});

it("says why the agent is gone, or why nothing can be notified, in the words of the tray", async () => {
  const backend = await opened(scenario("no-tray"));
  expect(screen.getByText(/shows no notifications/)).toBeTruthy();
  backend.show({ ...scenario("gone"), message: "the agent was started with other settings: run `sandglass quit`" });
  await tick();
  expect(screen.getByText(/^The agent was started with other settings/)).toBeTruthy();
  expect(screen.queryByText(/starting it again/)).toBeNull();
});

it("without the agent nothing can be clicked", async () => {
  const backend = await opened(scenario("gone"));
  expect(screen.getByText("Sandglass's agent is not running; starting it again…")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Renew prod-admin" })).toHaveProperty("disabled", true);
  screen.getByRole("treegrid").focus();
  await userEvent.keyboard("{Enter}{Control>}r{/Control}");
  expect(backend.calls).toEqual([]);
});

it("Escape clears the search first and closes the window then", async () => {
  const backend = await opened(scenario("all-well"));
  await userEvent.keyboard("/mfa");
  expect(screen.getAllByRole("row")).toHaveLength(1);
  await userEvent.keyboard("{Escape}");
  expect(screen.getAllByRole("row")).toHaveLength(5);
  expect(backend.calls).toEqual([]);
  await userEvent.keyboard("{Escape}");
  expect(backend.calls).toEqual(["close_panel"]);
});

it("a search without a match says so and offers the way back", async () => {
  await opened(scenario("all-well"));
  await userEvent.keyboard("/nowhere");
  expect(screen.getByText("nowhere")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(screen.getAllByRole("row")).toHaveLength(5);
});

it("a refusal is told with its remedy, and taken back with the next click", async () => {
  const backend = await opened(scenario("everything"));
  backend.refusal = { code: "unreachable", message: "the agent does not answer", remedy: "Wait a moment." };
  await userEvent.click(screen.getByRole("button", { name: "Renew what is due (3)" }));
  expect(screen.getByRole("alert").textContent).toContain("Wait a moment.");
  backend.refusal = null;
  await userEvent.click(screen.getByRole("button", { name: "No notices for 15 min" }));
  expect(screen.getByRole("alert").textContent).toBe("");
  expect(backend.calls).toEqual(["renew_due", "snooze_all"]);
});

it("findings are quiet, open on a click, and stay away once dismissed", async () => {
  await opened(scenario("everything"));
  const summary = screen.getByRole("button", { name: "2 things to look at" });
  expect(screen.getByText("~/.aws/config:12").closest("[hidden]")).not.toBeNull();
  await userEvent.click(summary);
  expect(screen.getByText("~/.aws/config:12").closest("[hidden]")).toBeNull();
  expect(summary.getAttribute("aria-expanded")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: /^Dismiss/ }));
  expect(screen.queryByText("~/.aws/config:12")).toBeNull();
});

it("a finding that was not dismissed yet shows up beside those that were", async () => {
  const state = scenario("everything");
  const backend = await opened(state);
  await userEvent.click(screen.getByRole("button", { name: /^Dismiss/ }));
  const view = state.view ?? { rows: [], findings: [], first_run: null, due: 0 };
  const fresh = { place: "notifications", message: "no service shows them", remedy: "Install one." };
  backend.show({ ...state, view: { ...view, findings: [...view.findings, fresh] } });
  await tick();
  expect(screen.getByRole("button", { name: "1 thing to look at" })).toBeTruthy();
});

it("the first run asks once, with one button", async () => {
  const backend = await opened(scenario("first-run"));
  expect(screen.getByRole("heading", { name: "Found 7 profiles, 2 portals and 1 MFA device" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /Agree/ }));
  expect(backend.calls).toEqual(["agree_to_all"]);
});

it("no sessions at all is a state with words of its own", async () => {
  await opened(scenario("empty"));
  expect(screen.getByRole("heading", { name: "No AWS sessions yet" })).toBeTruthy();
});

it("the hint about a missing tray stays away once dismissed", async () => {
  await opened(scenario("no-tray"));
  await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByText(/shows no tray icons/)).toBeNull();
  await opened(scenario("no-tray"));
  expect(screen.queryByText(/shows no tray icons/)).toBeNull();
});
