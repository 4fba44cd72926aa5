/** Backends for tests of single windows: what they are told is noted down, what they show is set by the test. */

import type { PanelBackend, PanelState, PromptBackend } from "../src/backend/index.ts";
import type { Change, DoctorView, Preview, PromptView, RenewalError } from "../src/generated/views.ts";

class Recorded<View> {
  readonly calls: string[] = [];
  refusal: RenewalError | null = null;
  #tell: (view: View) => void = () => undefined;

  show(view: View): void {
    this.#tell(view);
  }

  protected listen(onView: (view: View) => void): Promise<() => void> {
    this.#tell = onView;
    return Promise.resolve(() => {
      this.#tell = () => undefined;
    });
  }

  protected note(...call: unknown[]): Promise<void> {
    this.calls.push(call.map(String).join(" ").trim());
    // The other side refuses with plain data, as Tauri hands it on.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve();
  }
}

export class RecordedPanel extends Recorded<PanelState> implements PanelBackend {
  watch = (onState: (state: PanelState) => void): Promise<() => void> => this.listen(onState);
  renew = (session: string): Promise<void> => this.note("renew", session);
  renewDue = (): Promise<void> => this.note("renew_due");
  check = (session: string): Promise<void> => this.note("check", session);
  signInAfresh = (session: string): Promise<void> => this.note("sign_in_afresh", session);
  snoozeAll = (): Promise<void> => this.note("snooze_all");
  agreeToAll = (): Promise<void> => this.note("agree_to_all");
  close = (): Promise<void> => this.note("close_panel");

  diagnosis: DoctorView = { findings: [], orders: [], lifetimes: [], machine: [] };
  preview: Preview = { kind: "nothing", sentence: "there is nothing to change" };
  said = "";

  diagnose = (profile: string | null, text: string): Promise<DoctorView> =>
    this.note("diagnose", profile, text).then(() => this.diagnosis);
  showChange = (change: Change): Promise<Preview> => this.note("show_change", change.kind).then(() => this.preview);
  makeChange = (change: Change, fingerprint: string): Promise<string> =>
    this.note("make_change", change.kind, fingerprint).then(() => this.said);
}

export class RecordedPrompt extends Recorded<PromptView | null> implements PromptBackend {
  watch = (onView: (view: PromptView | null) => void): Promise<() => void> => this.listen(onView);
  enterCode = (prompt: number, code: string): Promise<void> => this.note("enter_code", prompt, code);
  cancel = (prompt: number): Promise<void> => this.note("cancel_prompt", prompt);
  postpone = (prompt: number): Promise<void> => this.note("postpone_prompt", prompt);
  restartSignIn = (prompt: number): Promise<void> => this.note("restart_sign_in", prompt);
  openSignInPage = (prompt: number): Promise<void> => this.note("open_sign_in_page", prompt);
  startAfresh = (prompt: number): Promise<void> => this.note("start_afresh", prompt);
  signInAnyway = (prompt: number): Promise<void> => this.note("sign_in_anyway", prompt);
}
