import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RecordedPrompt } from "../../tests/recorded.ts";
import { promptScenarios } from "../backend/scenarios.ts";
import type { PromptQuestion, PromptView } from "../generated/views.ts";
import Prompt from "./Prompt.svelte";

type Code = Extract<PromptQuestion, { kind: "code" }>;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-23T10:00:10Z"), shouldAdvanceTime: true });
});

afterEach(() => {
  vi.useRealTimers();
});

const person = userEvent.setup({ advanceTimers: (milliseconds) => vi.advanceTimersByTime(milliseconds) });

function scenario(name: string): PromptView {
  const view = promptScenarios[name]?.().view;
  if (!view) throw new Error(`there is no scenario \`${name}\``);
  return view;
}

async function opened(view: PromptView): Promise<RecordedPrompt> {
  const backend = new RecordedPrompt();
  render(Prompt, { backend });
  backend.show(view);
  await tick();
  return backend;
}

async function shown(backend: RecordedPrompt, rest: Partial<Code>): Promise<void> {
  const view = scenario("code");
  backend.show({ ...view, question: { ...(view.question as Code), ...rest } });
  await tick();
}

const field = (): HTMLInputElement => screen.getByRole("textbox");

it("says what the code is for, from which device, who asked and what else it renews", async () => {
  await opened(scenario("code"));
  expect(screen.getByRole("heading", { name: "Code for prod-admin" })).toBeTruthy();
  expect(screen.getByText("Admin in 123456789012")).toBeTruthy();
  expect(screen.getByLabelText(/Six digits from alice/)).toBe(field());
  expect(screen.getByText("terraform, pid 4242")).toBeTruthy();
  expect(screen.getByText(/Also renews staging, mfa\./)).toBeTruthy();
});

it("the keyboard is in the field from the start", async () => {
  await opened(scenario("code"));
  expect(document.activeElement).toBe(field());
});

it("the sixth digit sends the code, once, and the field forgets it", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("12345");
  expect(backend.calls).toEqual([]);
  await person.keyboard("6789");
  expect(backend.calls).toEqual(["enter_code 7 123456"]);
  expect(field().value).toBe("");
});

it.each([
  ["with blanks", "123 456"],
  ["with a dash and a line end", "123-456\n"],
  ["in words", "Your code is 123456."],
  ["in full-width digits", "１２３４５６"],
])("a code pasted %s is understood", async (_, text) => {
  const backend = await opened(scenario("code"));
  await person.paste(text);
  expect(backend.calls).toEqual(["enter_code 7 123456"]);
});

it("what is pasted with too many digits is not sent, and the person is told", async () => {
  const backend = await opened(scenario("code"));
  await person.paste("12345678");
  expect(backend.calls).toEqual([]);
  expect(screen.getByText("A code has six digits; that was 8.")).toBeTruthy();
  expect(field().value).toBe("");
});

it("letters are refused with a word", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("a");
  expect(field().value).toBe("");
  expect(screen.getByText("A code has only digits.")).toBeTruthy();
  expect(backend.calls).toEqual([]);
});

it("Enter before the sixth digit says how many are missing", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("1234{Enter}");
  expect(screen.getByText("A code has six digits; 2 to go.")).toBeTruthy();
  expect(backend.calls).toEqual([]);
});

it("AWS's answer stands in place, and the field is ready again", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("000000");
  await shown(backend, { checking: true });
  expect(field().readOnly).toBe(true);
  await shown(backend, {
    error: { message: "AccessDenied: invalid MFA one time pass code", remedy: "Wait for the next." },
  });
  expect(screen.getByRole("alert").textContent).toContain("AccessDenied: invalid MFA one time pass code");
  expect(screen.getByRole("alert").textContent).toContain("Wait for the next.");
  expect(field().readOnly).toBe(false);
  expect(field().value).toBe("");
  expect(document.activeElement).toBe(field());
  await person.keyboard("654321");
  expect(backend.calls).toEqual(["enter_code 7 000000", "enter_code 7 654321"]);
});

it("an answer that comes without the step between makes the field ready, too", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("000000");
  await shown(backend, { error: { message: "no", remedy: "again" } });
  await person.keyboard("654321");
  expect(backend.calls).toHaveLength(2);
});

it("news about something else does not take away what is being typed", async () => {
  const backend = await opened(scenario("code"));
  await person.keyboard("123");
  backend.show({ ...scenario("code"), also: ["one-more"] });
  await tick();
  expect(field().value).toBe("123");
});

it("a used code is warned of while somebody types, but never held back", async () => {
  const backend = await opened(scenario("code"));
  await shown(backend, { next_code_at: "2026-11-23T10:00:30Z" });
  await person.keyboard("1");
  expect(screen.getByText(/The last code was used already\. Wait for the next one, in \d+ s\./)).toBeTruthy();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(screen.queryByText(/used already/)).toBeNull();
  await person.keyboard("23456");
  expect(backend.calls).toEqual(["enter_code 7 123456"]);
});

it("the ring says in words how long the device shows its code", async () => {
  await opened(scenario("code"));
  expect(screen.getByRole("img", { name: "The device shows another code in 20 s" })).toBeTruthy();
  await vi.advanceTimersByTimeAsync(8_000);
  expect(screen.getByRole("img", { name: "The device shows another code in 12 s" })).toBeTruthy();
});

it("a code that does not reach Sandglass can be typed again", async () => {
  const backend = await opened(scenario("code"));
  backend.refusal = { code: "internal", message: "the agent is gone", remedy: "Wait a moment." };
  await person.keyboard("123456");
  expect(screen.getByRole("alert").textContent).toContain("Wait a moment.");
  backend.refusal = null;
  await person.keyboard("123456");
  expect(backend.calls).toHaveLength(2);
});

it("Cancel, Escape and the postponement each say which prompt they mean", async () => {
  const backend = await opened(scenario("code"));
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  await person.click(screen.getByRole("button", { name: "Not for 15 min" }));
  await person.keyboard("{Escape}");
  expect(backend.calls).toEqual(["cancel_prompt 7", "postpone_prompt 7", "cancel_prompt 7"]);
});

it("a prompt that is over takes no more answers", async () => {
  const backend = await opened(scenario("code"));
  backend.show(null);
  await tick();
  await person.keyboard("{Escape}");
  expect(backend.calls).toEqual([]);
  expect(document.querySelector<HTMLElement>(".prompt")?.inert).toBe(true);
});

it("a sign-in shows its code to compare, the host of the page, and the time left", async () => {
  await opened(scenario("sign-in"));
  expect(screen.getByRole("status", { name: "Code: B C D F - G H J K" }).textContent).toBe("BCDF-GHJK");
  expect(screen.getByText("device.sso.eu-central-1.amazonaws.com")).toBeTruthy();
  expect(screen.getByRole("timer").textContent).toBe("9:41 left");
  await vi.advanceTimersByTimeAsync(11_000);
  expect(screen.getByRole("timer").textContent).toBe("9:30 left");
});

it("no browser opens without a click, and it can be opened again", async () => {
  const backend = await opened(scenario("sign-in"));
  expect(backend.calls).toEqual([]);
  await person.click(screen.getByRole("button", { name: "Open browser" }));
  expect(screen.getByText("Waiting for you in the browser")).toBeTruthy();
  await person.click(screen.getByRole("button", { name: "Open browser again" }));
  expect(backend.calls).toEqual(["open_sign_in_page 8", "open_sign_in_page 8"]);
});

it("a code that ran out offers another one", async () => {
  const backend = await opened(scenario("sign-in"));
  await vi.advanceTimersByTimeAsync(582_000);
  expect(screen.getByText("This code ran out.")).toBeTruthy();
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(backend.calls).toEqual(["restart_sign_in 8"]);
});

it("a sign-in that failed says why and offers another try", async () => {
  const backend = await opened(scenario("sign-in-failed"));
  expect(screen.getByRole("alert").textContent).toContain("the sign-in was refused in the browser");
  await person.click(screen.getByRole("button", { name: "Try again" }));
  expect(backend.calls).toEqual(["restart_sign_in 8"]);
});

it("where a sign-in would only inherit an end, both ways are offered with what they mean", async () => {
  const backend = await opened(scenario("sign-in-choosing"));
  expect(screen.getByRole("status").textContent).toBe(
    "The portal session that is there ends at 17:12, and a sign-in within it ends with it.",
  );
  const fresh = screen.getByRole("button", { name: "Start a fresh session" });
  const warning = document.getElementById(fresh.getAttribute("aria-describedby") ?? "");
  expect(warning?.textContent).toMatch(/^Signing out first ends/);
  expect(screen.queryByRole("button", { name: "Open browser" })).toBeNull();
  await person.click(fresh);
  await person.click(screen.getByRole("button", { name: "Sign in anyway" }));
  await person.click(screen.getByRole("button", { name: "Cancel" }));
  expect(backend.calls).toEqual(["start_afresh 8", "sign_in_anyway 8", "cancel_prompt 8"]);
});

it("the choice starts at its words: no key that was meant for another window answers it", async () => {
  const backend = await opened(scenario("sign-in-choosing"));
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: /^Sign in to/ }));
  await person.keyboard("{Enter} ");
  expect(backend.calls).toEqual([]);
  await person.keyboard("{Tab}{Enter}");
  expect(backend.calls).toEqual(["start_afresh 8"]);
});

it("the keyboard is never lost between two steps of a sign-in", async () => {
  const backend = await opened(scenario("sign-in-choosing"));
  screen.getByRole("button", { name: "Sign in anyway" }).focus();
  backend.show(scenario("sign-in-starting"));
  await tick();
  expect(document.activeElement).toBe(screen.getByRole("heading"));
  expect(screen.getByRole("status").textContent).toBe("Asking AWS for a code…");
  screen.getByRole("button", { name: "Cancel" }).focus();
  backend.show(scenario("sign-in"));
  await tick();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Cancel" }));
});

it("a choice that did not reach Sandglass says so, and can be made again", async () => {
  const backend = await opened(scenario("sign-in-choosing"));
  backend.refusal = { code: "unreachable", message: "the agent is not there", remedy: "Wait a moment." };
  await person.click(screen.getByRole("button", { name: "Start a fresh session" }));
  expect(screen.getByRole("alert").textContent).toContain("Wait a moment.");
  backend.refusal = null;
  await person.click(screen.getByRole("button", { name: "Start a fresh session" }));
  expect(screen.getByRole("alert").textContent).toBe("");
});

it("Copy puts the code on the clipboard", async () => {
  await opened(scenario("sign-in"));
  await person.click(screen.getByRole("button", { name: "Copy" }));
  expect(await navigator.clipboard.readText()).toBe("BCDF-GHJK");
  expect(screen.getByRole("button", { name: "Copied" })).toBeTruthy();
});

it("where the clipboard is closed, the code is selected for the keyboard", async () => {
  await opened(scenario("sign-in"));
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
  await person.click(screen.getByRole("button", { name: "Copy" }));
  expect(getSelection()?.toString()).toBe("BCDF-GHJK");
  expect(screen.getByRole("button", { name: "Press Ctrl+C" })).toBeTruthy();
});
