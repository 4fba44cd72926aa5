import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { beforeEach, expect, it } from "vitest";
import { RecordedPanel } from "../../tests/recorded.ts";
import type { PanelState } from "../backend/index.ts";
import { panelScenarios } from "../backend/scenarios.ts";
import { everyKind } from "../backend/sessions.ts";
import type { PanelView, Row } from "../generated/views.ts";
import Panel from "./Panel.svelte";

const nothing: PanelView = { rows: [], findings: [], first_run: null, due: 0 };

beforeEach(() => {
  localStorage.clear();
});

function scenario(name: string): PanelState {
  const made = panelScenarios[name]?.();
  if (!made) throw new Error(`there is no scenario \`${name}\``);
  return made.state;
}

/** One session of each of these names, changed as told: a list without a height draws only its first rows. */
function kinds(names: string[], edit: Partial<Row> = {}): PanelState {
  const rows = names.flatMap((name) => everyKind.filter((row) => row.name === name));
  return { ...scenario("kinds"), view: { ...nothing, rows: rows.map((row) => ({ ...row, ...edit })) } };
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
  expect(screen.getByText("Ends in about 14 min (14:46), estimated: no end is written anywhere.")).toBeTruthy();
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

it("an open row tells what else is known, and where the credentials are used", async () => {
  await opened(kinds(["corp", "support-view"]));
  await userEvent.click(screen.getByRole("row", { name: /^corp/ }));
  expect(screen.getByText(/portal session ends at about 20:32/)).toBeTruthy();
  expect(screen.getByText(/^profiles/).textContent).toMatch(/^profiles\s+data-science, sandbox, staging/);
  expect(screen.getByText(/^~\/\.aws\/sso\/cache\/.+\.json$/, { selector: "code" })).toBeTruthy();
  await userEvent.click(screen.getByRole("row", { name: /^support-view/ }));
  expect(screen.getByText("Sandglass's sealed store")).toBeTruthy();
});

it("of many profiles the first are named and the others counted", async () => {
  const profiles = Array.from({ length: 9 }, (_, index) => ({ kind: "profile" as const, name: `team-${index}` }));
  await opened(kinds(["corp"], { used_in: profiles }));
  await userEvent.click(screen.getByRole("row", { name: /^corp/ }));
  expect(screen.getByText(/^profiles/).textContent.replace(/\s+/g, " ")).toContain("team-4, team-5 and 3 more");
});

it("an open row names the programs that hold its keys, each with the command that gets it fresh ones", async () => {
  await opened(scenario("everything"));
  await userEvent.click(screen.getByRole("row", { name: /^prod-admin/ }));
  expect(screen.getByText("Held by")).toBeTruthy();
  expect(screen.getByText(/^terraform \(pid 4242\), started 52 min ago/)).toBeTruthy();
  const held = within(screen.getByText(/^python3 \(pid 5120\)/).closest("li") as HTMLElement);
  await userEvent.setup().click(held.getByRole("button", { name: "Copy sandglass exec prod-admin -- PROGRAM" }));
  expect(await navigator.clipboard.readText()).toBe("sandglass exec prod-admin -- PROGRAM");
  await userEvent.click(screen.getByRole("row", { name: /^data-lake/ }));
  expect(screen.queryByText("Held by")).toBeNull();
});

it.each([
  ["Renew prod-admin", "renew role:prod-admin"],
  ["Run legacy-vault", "renew process:legacy-vault"],
  ["Read again instance", "renew metadata:instance"],
  ["Check partner-saml", "check foreign:partner-saml"],
  ["Check default", "check keys:default"],
])("each kind has the button that fits it: %s", async (name, call) => {
  const backend = await opened(kinds(["prod-admin", "legacy-vault", "instance", "partner-saml", "default"]));
  await userEvent.click(screen.getByRole("button", { name }));
  expect(backend.calls).toEqual([call]);
});

it("what a check says stands in the details, which open with the click", async () => {
  const backend = await opened(kinds(["partner-saml"]));
  await userEvent.click(screen.getByRole("button", { name: "Check partner-saml" }));
  expect(screen.getByRole("row", { name: /^partner-saml/ }).getAttribute("aria-expanded")).toBe("true");
  backend.show(kinds(["partner-saml"], { notes: ["AWS accepted it at 14:32."] }));
  await tick();
  const answer = screen.getByText("AWS accepted it at 14:32.");
  expect(answer.closest("[aria-live]")?.getAttribute("aria-live")).toBe("polite");
});

it("what else can be done is a button with words of its own in the details", async () => {
  const backend = await opened(kinds(["corp", "mfa"]));
  await userEvent.click(screen.getByRole("row", { name: /^corp/ }));
  expect(screen.getByText(/Signs out of the portal first, which signs other tools out/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Start a fresh session… corp" }));
  await userEvent.click(screen.getByRole("row", { name: /^mfa/ }));
  await userEvent.click(screen.getByRole("button", { name: "Check now mfa" }));
  expect(backend.calls).toEqual(["sign_in_afresh sso-sign-in:corp", "check session-token:mfa"]);
});

it("what only another program can renew has no button, and says which program", async () => {
  const backend = await opened(kinds(["partner-saml"], { action: "elsewhere" }));
  expect(screen.queryByRole("button", { name: /partner-saml/ })).toBeNull();
  await userEvent.click(screen.getByRole("row", { name: /^partner-saml/ }));
  await userEvent.keyboard("{Enter}");
  expect(screen.getByText(/run saml2aws again/)).toBeTruthy();
  expect(backend.calls).toEqual([]);
});

it("keys that never end are told calmly: no bar, no colour, no clock", async () => {
  await opened(kinds(["default"]));
  const row = screen.getByRole("row", { name: "default, works. Long-lived keys. no end" });
  expect(row.querySelector(".track")).toBeNull();
  expect(row.querySelector(".time")?.className).toContain("endless");
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
  await userEvent.keyboard(" ");
  expect(screen.getByRole("button", { name: /^Check now/ })).toHaveProperty("disabled", true);
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
  const view = state.view ?? nothing;
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
