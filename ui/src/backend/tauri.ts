/** The real backend: the commands and events of the tray app. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { PromptView } from "../generated/views.ts";
import type { PanelBackend, PanelState, PromptBackend, Unsubscribe } from "./index.ts";

export const panelBackend: PanelBackend = {
  watch: (onState) => watch("panel", onState),
  renew: (session) => invoke("renew", { session }),
  renewDue: () => invoke("renew_due"),
  check: (session) => invoke("check", { session }),
  signInAfresh: (session) => invoke("sign_in_afresh", { session }),
  snoozeAll: () => invoke("snooze_all"),
  agreeToAll: () => invoke("agree_to_all"),
  diagnose: (profile, text) => invoke("diagnose", { profile, text }),
  showChange: (change) => invoke("show_change", { change }),
  makeChange: (change, fingerprint) => invoke("make_change", { change, fingerprint }),
  close: () => invoke("close_panel"),
};

export const promptBackend: PromptBackend = {
  watch: (onView) => watch("prompt", onView),
  enterCode: (prompt, code) => invoke("enter_code", { prompt, code }),
  cancel: (prompt) => invoke("cancel_prompt", { prompt }),
  postpone: (prompt) => invoke("postpone_prompt", { prompt }),
  restartSignIn: (prompt) => invoke("restart_sign_in", { prompt }),
  openSignInPage: (prompt) => invoke("open_sign_in_page", { prompt }),
  startAfresh: (prompt) => invoke("start_afresh", { prompt }),
  signInAnyway: (prompt) => invoke("sign_in_anyway", { prompt }),
};

/** What each window is told. */
interface Views {
  panel: PanelState;
  prompt: PromptView | null;
}

/** Listens before it asks, so that no change is missed; an answer that a change has overtaken is dropped. */
async function watch<Name extends keyof Views>(name: Name, onView: (view: Views[Name]) => void): Promise<Unsubscribe> {
  const asked = { overtaken: false };
  const unsubscribe = await listen<Views[Name]>(`${name}-changed`, ({ payload }) => {
    asked.overtaken = true;
    onView(payload);
  });
  const present = await invoke<Views[Name]>(`${name}_view`);
  if (!asked.overtaken) onView(present);
  return unsubscribe;
}
