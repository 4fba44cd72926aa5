import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RecordedPanel } from "../../../tests/recorded.ts";
import {
  fullDiagnosis,
  longDiagnosis,
  overDiagnosis,
  pasted,
  repairPreview,
  twice,
  unknownMachine,
  wellDiagnosis,
} from "../../backend/diagnoses.ts";
import { panelScenarios } from "../../backend/scenarios.ts";
import type { DoctorView } from "../../generated/views.ts";
import Panel from "../Panel.svelte";

beforeEach(() => {
  localStorage.clear();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has a clipboard. */
const person = userEvent.setup();

/** The page, asked for in the tray's menu. */
async function opened(diagnosis: DoctorView, prepare?: (backend: RecordedPanel) => void): Promise<RecordedPanel> {
  const backend = new RecordedPanel();
  backend.diagnosis = diagnosis;
  prepare?.(backend);
  render(Panel, { backend });
  const state = panelScenarios.doctor?.().state;
  if (!state) throw new Error("there is no scenario");
  backend.show(state);
  await tick();
  return backend;
}

/** The same, once the doctor has answered. */
async function answered(...how: Parameters<typeof opened>): Promise<RecordedPanel> {
  const backend = await opened(...how);
  await settled();
  return backend;
}

async function settled(): Promise<void> {
  await waitFor(() => {
    expect(isBusy()).toBe("false");
  });
}

const card = (title: RegExp): HTMLElement => {
  const found = screen.getByRole("heading", { level: 2, name: title }).closest("li");
  if (!found) throw new Error("the finding has no card");
  return found;
};
const isBusy = (): string | null | undefined => document.querySelector(".answer")?.getAttribute("aria-busy");
const field = (): HTMLTextAreaElement => screen.getByRole("textbox", { name: /Paste the error/ });
const callsFrom = (backend: RecordedPanel, first: number): string[] => backend.calls.slice(first);

it("a machine on which nothing is wrong gets one calm line, and what is known", async () => {
  await answered(wellDiagnosis);
  expect(screen.getByText("Nothing is wrong.").querySelector("svg.look-full")).toBeTruthy();
  expect(screen.getByRole("heading", { name: "How long it lives" })).toBeTruthy();
  expect(screen.getByText(/This EC2 instance has a role/)).toBeTruthy();
});

it("what nobody knows anything of has no empty sections", async () => {
  await answered(unknownMachine);
  expect(screen.getByText("Nothing is wrong.")).toBeTruthy();
  expect(screen.queryByRole("heading", { level: 2 })).toBeNull();
});

it("a finding says what happened, why, what to do, and what keeps it away, in this order", async () => {
  await answered(overDiagnosis);
  const text = card(/^prod-admin ended/).textContent.replace(/\s+/g, " ");
  const parts = [
    "Error",
    "prod-admin ended 12 min ago",
    "It was not renewed in time.",
    "What to do",
    "Renew the session.",
    "sandglass renew prod-admin",
    "Start a program again",
    "So that it does not come back",
    "Let programs ask Sandglass",
    "More about session-over",
  ];
  const places = parts.map((part) => text.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

it("each severity has a word and a shape of its own, and they are counted", async () => {
  await answered(fullDiagnosis);
  const shapes = ["Error", "Warning", "Note"].map(
    (word) => screen.getAllByText(word)[0]?.querySelector("path")?.getAttribute("d") ?? "",
  );
  expect(new Set(shapes).size).toBe(3);
  expect(shapes).not.toContain("");
  expect(screen.getByText("4 errors, 4 warnings, 1 note").closest("[role=status]")).toBeTruthy();
});

it("an error of a text says who gives it, what it can be about, which sessions here, and where it stands", async () => {
  await answered({ ...unknownMachine, findings: [pasted] });
  const text = card(/^AWS does not accept/).textContent.replace(/\s+/g, " ");
  expect(text).toContain("Said by any AWS service, of the credentials that a call came with.");
  expect(text).toContain("It can be about temporary credentials of any kind");
  expect(text).toContain("Here: legacy-batch, prod-admin. Line 12, 3 times.");
});

it("a finding without a page of its own has no way to one", async () => {
  const [first] = overDiagnosis.findings;
  await answered({ ...unknownMachine, findings: first ? [{ ...first, code: "not-known-here" }] : [] });
  expect(screen.queryByText(/More about/)).toBeNull();
});

it.each([
  ["Renew", /^prod-admin ended/, "renew role:prod-admin"],
  ["Sign in", /^The sign-in behind/, "renew sso-sign-in:corp"],
  ["Check now", /^AWS does not know/, "check role:prod-admin"],
])("%s is asked for with a click, and a word says so", async (verb, title, call) => {
  const backend = await answered(fullDiagnosis);
  await userEvent.click(within(card(title)).getByRole("button", { name: verb }));
  expect(callsFrom(backend, 1)).toEqual([call]);
  expect(screen.getByText(/^Asked\./).getAttribute("role")).toBe("status");
});

it("a deed that is refused is told with its remedy", async () => {
  const backend = await answered(fullDiagnosis);
  backend.refusal = { code: "unreachable", message: "the agent does not answer", remedy: "wait a moment" };
  await userEvent.click(within(card(/^prod-admin ended/)).getByRole("button", { name: "Renew" }));
  expect(screen.getByText("Wait a moment.").closest("[role=alert]")).toBeTruthy();
  expect(screen.queryByText(/^Asked\./)).toBeNull();
});

it.each([
  ["Change it…", /^The role does not permit/, "show_change duration", "Ask for another length"],
  ["Raise it…", /^The role does not permit/, "show_change role_maximum", "Raise the role's maximum"],
  ["Undo the last repair…", /^The sign-in behind/, "show_change undo_repair", "Undo the last repair"],
  ["Show the repair…", /stands at lines 3 and 9/, "show_change repair", "What the repair changes"],
])("%s shows first what would change", async (verb, title, call, name) => {
  const backend = await answered(fullDiagnosis);
  await userEvent.click(within(card(title)).getByRole("button", { name: verb }));
  expect(callsFrom(backend, 1)).toEqual([call]);
  expect(await screen.findByRole("dialog", { name })).toBeTruthy();
});

it("the button of a remedy is described by its sentence", async () => {
  await answered(fullDiagnosis);
  const button = within(card(/^The role does not permit/)).getByRole("button", { name: "Raise it…" });
  const sentence = document.getElementById(button.getAttribute("aria-describedby") ?? "");
  expect(sentence?.textContent).toMatch(/^Raise MaxSessionDuration of the role/);
});

async function shownRepair(backend: RecordedPanel): Promise<HTMLElement> {
  backend.preview = repairPreview;
  await userEvent.click(within(card(/stands at lines 3 and 9/)).getByRole("button", { name: "Show the repair…" }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText(/is joined/);
  return dialog;
}

it("a change is shown in sentences and lines, made with a click, and the doctor is asked anew", async () => {
  const backend = await answered(fullDiagnosis);
  backend.said = "repaired; `sandglass doctor --undo` takes it back";
  const dialog = await shownRepair(backend);
  expect(within(dialog).getByRole("region", { name: "Lines that change" }).textContent).toContain(
    "-region = eu-west-1",
  );
  backend.diagnosis = { ...fullDiagnosis, findings: fullDiagnosis.findings.filter((finding) => finding !== twice) };
  await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
  });
  await settled();
  expect(screen.getByText(/^Repaired;/).getAttribute("role")).toBe("status");
  expect(screen.queryByText(/stands at lines 3 and 9/)).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Why did it expire?" }));
  expect(callsFrom(backend, 1)).toEqual(["show_change repair", "make_change repair b7c1", "diagnose null"]);
});

it.each(["Cancel", "Escape"])("%s leaves everything as it is, and stays on the page", async (way) => {
  const backend = await answered(fullDiagnosis);
  const dialog = await shownRepair(backend);
  if (way === "Escape") await userEvent.keyboard("{Escape}");
  else await userEvent.click(within(dialog).getByRole("button", { name: way }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(screen.getByRole("heading", { name: "Why did it expire?" })).toBeTruthy();
  expect(callsFrom(backend, 1)).toEqual(["show_change repair"]);
});

it("where there is nothing to change, it says so and can only be closed", async () => {
  const backend = await answered(fullDiagnosis);
  backend.preview = { kind: "nothing", sentence: "there is no repair to undo" };
  await userEvent.click(screen.getByRole("button", { name: "Undo the last repair…" }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("There is no repair to undo.");
  expect(within(dialog).queryByRole("button", { name: "Change it" })).toBeNull();
  await userEvent.click(within(dialog).getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("a change that is refused is told there, and can be shown anew", async () => {
  const backend = await answered(fullDiagnosis);
  const dialog = await shownRepair(backend);
  backend.refusal = { code: "file_trouble", message: "the file was changed since", remedy: "look at it again" };
  await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
  expect((await within(dialog).findByRole("alert")).textContent).toContain("Look at it again.");
  expect(within(dialog).queryByRole("button", { name: "Change it" })).toBeNull();
  backend.refusal = null;
  await userEvent.click(within(dialog).getByRole("button", { name: "Show it anew" }));
  expect(await within(dialog).findByText(/is joined/)).toBeTruthy();
  expect(within(dialog).getByRole("alert").textContent).toBe("");
  expect(callsFrom(backend, 1)).toEqual(["show_change repair", "make_change repair b7c1", "show_change repair"]);
});

it("what is being made cannot be called off, and is not made twice", async () => {
  const backend = await answered(fullDiagnosis);
  const dialog = await shownRepair(backend);
  backend.makeChange = vi.fn(() => new Promise<string>(() => undefined));
  await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
  expect(within(dialog).getByRole("button", { name: "Changing…" })).toHaveProperty("disabled", true);
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("dialog")).toBe(dialog);
  expect(backend.makeChange).toHaveBeenCalledOnce();
});

it("another session is asked about as soon as it is chosen", async () => {
  const backend = await answered(overDiagnosis);
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "About" }), "data-lake");
  expect(callsFrom(backend, 1)).toEqual(["diagnose data-lake"]);
});

it("Look asks again, with what was pasted", async () => {
  const backend = await answered(overDiagnosis);
  await userEvent.click(field());
  await userEvent.paste("An error occurred (ExpiredToken)");
  await userEvent.click(screen.getByRole("button", { name: "Look" }));
  await userEvent.click(field());
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  const asked = "diagnose null An error occurred (ExpiredToken)";
  expect(callsFrom(backend, 1)).toEqual([asked, asked]);
});

it("a text in which nothing is known is told as such, and not as health", async () => {
  await answered(wellDiagnosis);
  await userEvent.type(field(), "all fine");
  await userEvent.click(screen.getByRole("button", { name: "Look" }));
  await settled();
  expect(screen.getByText("No error that Sandglass knows stands in this text.")).toBeTruthy();
  expect(screen.getByText("Nothing else is wrong.")).toBeTruthy();
});

it("of a paste that is too long the end stays, and it is said who reads all of it", async () => {
  const backend = await answered(wellDiagnosis);
  await userEvent.click(field());
  await userEvent.paste(`${"x".repeat(1_000_000)}ExpiredToken`);
  expect(field().value).toHaveLength(1_000_000);
  expect(field().value.endsWith("ExpiredToken")).toBe(true);
  expect(screen.getByText(/The command line reads logs of any length/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Look" }));
  expect(callsFrom(backend, 1)[0]?.endsWith("xExpiredToken")).toBe(true);
});

it("while the doctor looks, the page is busy", async () => {
  await opened(overDiagnosis, (backend) => {
    backend.diagnose = () => new Promise(() => undefined);
  });
  expect(isBusy()).toBe("true");
  expect(screen.getByRole("status", { name: "Looking" })).toBeTruthy();
});

it("an answer that a later question has overtaken is dropped", async () => {
  const answers: ((view: DoctorView) => void)[] = [];
  await opened(overDiagnosis, (backend) => {
    backend.diagnose = () => new Promise((answer) => answers.push(answer));
  });
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "About" }), "data-lake");
  answers[1]?.(wellDiagnosis);
  await settled();
  answers[0]?.(overDiagnosis);
  await tick();
  await tick();
  expect(isBusy()).toBe("false");
  expect(screen.getByText("Nothing is wrong.")).toBeTruthy();
});

it("where there is no answer, it says why and what to do, and can be asked again", async () => {
  const backend = await answered(overDiagnosis, (backend) => {
    backend.refusal = { code: "unreachable", message: "the agent does not answer", remedy: "wait a moment" };
  });
  expect(screen.getByText("Wait a moment.").closest("[role=alert]")).toBeTruthy();
  expect(screen.queryByText(/Nothing is wrong/)).toBeNull();
  backend.refusal = null;
  await userEvent.click(screen.getByRole("button", { name: "Look" }));
  await settled();
  expect(screen.queryByText("Wait a moment.")).toBeNull();
  expect(card(/^prod-admin ended/)).toBeTruthy();
});

it("each SDK has its order, with what is taken, what is not, and why", async () => {
  await answered(fullDiagnosis);
  const sdk = screen.getByRole("combobox", { name: "SDK" });
  expect(
    screen.getByRole("heading", { name: "boto3 works with profile prod-admin, named by AWS_PROFILE" }),
  ).toBeTruthy();
  await userEvent.selectOptions(sdk, "AWS SDK for JavaScript");
  const steps = screen
    .getByRole("heading", { name: /^AWS SDK for JavaScript works/ })
    .parentElement?.querySelectorAll("li");
  expect([...(steps ?? [])].map((step) => step.textContent.replace(/\s+/g, " ").trim())).toEqual([
    "AWS_ACCESS_KEY_ID keys in the environment, …GOT1 not taken: AWS SDK for JavaScript passes over the environment where AWS_PROFILE names a profile",
    "~/.aws/config:12 role taken",
    "~/.aws/credentials:4 keys, …7QXA not taken: AWS SDK for JavaScript looks at ~/.aws/config:12 first",
  ]);
  await userEvent.selectOptions(sdk, "AWS SDK for Go");
  expect(screen.getByText("ends here with an error")).toBeTruthy();
  await userEvent.selectOptions(sdk, "AWS SDK for Java");
  expect(screen.getByText("Nothing there gives credentials.")).toBeTruthy();
});

it("the SDK that was chosen stays chosen when the doctor is asked again", async () => {
  await answered(fullDiagnosis);
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "SDK" }), "AWS SDK for Go");
  await userEvent.click(screen.getByRole("button", { name: "Look" }));
  await settled();
  expect(screen.getByRole("combobox", { name: "SDK" })).toHaveProperty("value", "AWS SDK for Go");
});

it("how long a session lives is told in facts, and what makes it longer has a click", async () => {
  const backend = await answered(wellDiagnosis);
  const facts = screen.getAllByRole("term").map((term) => [term.textContent, term.nextElementSibling?.textContent]);
  expect(facts).toEqual([
    ["asked", "1 h"],
    ["default", "1 h"],
    ["at most", "4 h"],
    ["set by", "whoever keeps the role: it is its MaxSessionDuration, which IAM told"],
  ]);
  await userEvent.click(screen.getByRole("button", { name: "Change it…" }));
  expect(callsFrom(backend, 1)).toEqual(["show_change duration"]);
});

it("a command is copied, whatever stands in it", async () => {
  await answered(longDiagnosis);
  await person.click(screen.getByRole("button", { name: /^Copy aws iam get-role/ }));
  expect(await navigator.clipboard.readText()).toBe(longDiagnosis.findings[0]?.remedies[0]?.command);
  expect(screen.getByRole("button", { name: /^Copied aws iam get-role/ })).toBeTruthy();
});

it("where the clipboard is closed, the command is selected for the keyboard", async () => {
  await answered(overDiagnosis);
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
  await person.click(screen.getByRole("button", { name: "Copy sandglass renew prod-admin" }));
  expect(getSelection()?.toString()).toBe("sandglass renew prod-admin");
});
