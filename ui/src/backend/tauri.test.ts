import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, it } from "vitest";
import type { PanelState } from "./index.ts";
import { panelBackend, promptBackend } from "./tauri.ts";

afterEach(clearMocks);

const state = (agent: PanelState["agent"]): PanelState => ({
  agent,
  view: null,
  tray: "present",
  message: null,
  doctor: 0,
});

/** Answers each command, and notes it down with its arguments. */
function commands(answer: (command: string) => unknown = () => null): string[] {
  const calls: string[] = [];
  mockIPC(
    (command, args) => {
      calls.push(`${command} ${JSON.stringify(args)}`);
      return answer(command);
    },
    { shouldMockEvents: true },
  );
  return calls;
}

it("each click is one command with its arguments by name", async () => {
  const calls = commands();
  await panelBackend.renew("role:deploy");
  await panelBackend.renewDue();
  await panelBackend.check("role:deploy");
  await panelBackend.signInAfresh("sso-sign-in:corp");
  await panelBackend.snoozeAll();
  await panelBackend.agreeToAll();
  await panelBackend.diagnose("deploy", "ExpiredToken");
  await panelBackend.diagnose(null, "");
  await panelBackend.showChange({ kind: "undo_repair" });
  await panelBackend.makeChange({ kind: "duration", session: "role:deploy", seconds: 3600 }, "f1");
  await panelBackend.close();
  await promptBackend.enterCode(7, "123456");
  await promptBackend.cancel(7);
  await promptBackend.postpone(7);
  await promptBackend.restartSignIn(7);
  await promptBackend.openSignInPage(7);
  await promptBackend.startAfresh(7);
  await promptBackend.signInAnyway(7);
  expect(calls).toEqual([
    'renew {"session":"role:deploy"}',
    "renew_due {}",
    'check {"session":"role:deploy"}',
    'sign_in_afresh {"session":"sso-sign-in:corp"}',
    "snooze_all {}",
    "agree_to_all {}",
    'diagnose {"profile":"deploy","text":"ExpiredToken"}',
    'diagnose {"profile":null,"text":""}',
    'show_change {"change":{"kind":"undo_repair"}}',
    'make_change {"change":{"kind":"duration","session":"role:deploy","seconds":3600},"fingerprint":"f1"}',
    "close_panel {}",
    'enter_code {"prompt":7,"code":"123456"}',
    'cancel_prompt {"prompt":7}',
    'postpone_prompt {"prompt":7}',
    'restart_sign_in {"prompt":7}',
    'open_sign_in_page {"prompt":7}',
    'start_afresh {"prompt":7}',
    'sign_in_anyway {"prompt":7}',
  ]);
});

it("a window is told the present state and then each change, until it stops listening", async () => {
  commands((command) => (command === "panel_view" ? state("starting") : null));
  const heard: string[] = [];
  const unsubscribe = await panelBackend.watch(({ agent }) => heard.push(agent));
  await emit("panel-changed", state("connected"));
  unsubscribe();
  await emit("panel-changed", state("gone"));
  expect(heard).toEqual(["starting", "connected"]);
});

it("an answer that a change has overtaken is dropped", async () => {
  commands(async (command) => {
    if (command !== "panel_view") return null;
    await emit("panel-changed", state("connected"));
    return state("starting");
  });
  const heard: string[] = [];
  await panelBackend.watch(({ agent }) => heard.push(agent));
  expect(heard).toEqual(["connected"]);
});

it("a prompt that is over is null", async () => {
  commands();
  const heard: unknown[] = [];
  await promptBackend.watch((view) => heard.push(view));
  expect(heard).toEqual([null]);
});
