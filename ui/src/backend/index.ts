/**
 * What the windows know of the world: views come in, clicks go out. Nothing else in the UI imports Tauri, so that
 * `fake.ts` can stand in for the whole product in any browser.
 *
 * A call that the other side refuses rejects with a `RenewalError` or a text; `shared/trouble.ts` reads both.
 */

import type { Change, DoctorView, PanelView, Preview, PromptId, PromptView, SessionId } from "../generated/views.ts";

/** What the panel window shows. */
export interface PanelState {
  /** Whether the tray hears the agent: `gone` means that it died and is being started again. */
  agent: "connected" | "starting" | "gone";
  /** The last view that the agent gave; none before the first. */
  view: PanelView | null;
  /** Whether this desktop shows the tray icon. */
  tray: "present" | "absent";
  /** Why the agent is gone, or why no notification can be shown; null while all is well. */
  message: string | null;
  /** How often the person asked "Why did it expire?" outside of the window: in the tray's menu. */
  doctor: number;
}

export type Unsubscribe = () => void;

/** All that the panel window may do. */
export interface PanelBackend {
  /** Calls back with the present state at once and then with each change. */
  watch(onState: (state: PanelState) => void): Promise<Unsubscribe>;
  renew(session: SessionId): Promise<void>;
  renewDue(): Promise<void>;
  /** Asks AWS whether it accepts the credentials. The answer comes with the view. */
  check(session: SessionId): Promise<void>;
  /** Signs out of the portal, then in. */
  signInAfresh(session: SessionId): Promise<void>;
  snoozeAll(): Promise<void>;
  agreeToAll(): Promise<void>;
  /** Asks what is wrong, with this session or, for null, with any, and what a text with errors says. */
  diagnose(profile: string | null, text: string): Promise<DoctorView>;
  /** What this change would do. */
  showChange(change: Change): Promise<Preview>;
  /** Makes the change that was shown, unless something became different since. Gives back what was done, as a sentence. */
  makeChange(change: Change, fingerprint: string): Promise<string>;
  close(): Promise<void>;
}

/** All that the prompt window may do. It is closed from the other side, once its prompt is over. */
export interface PromptBackend {
  /** Calls back with the present prompt at once and then with each change; null: the window is about to be closed. */
  watch(onView: (view: PromptView | null) => void): Promise<Unsubscribe>;
  enterCode(prompt: PromptId, code: string): Promise<void>;
  cancel(prompt: PromptId): Promise<void>;
  postpone(prompt: PromptId): Promise<void>;
  restartSignIn(prompt: PromptId): Promise<void>;
  openSignInPage(prompt: PromptId): Promise<void>;
  /** Chooses to sign out first, then in. */
  startAfresh(prompt: PromptId): Promise<void>;
  /** Chooses to sign in within the portal session that is there. */
  signInAnyway(prompt: PromptId): Promise<void>;
}
