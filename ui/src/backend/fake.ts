/**
 * The fake backend: plays the scenario that `?scenario=` names, in any browser, and notes down every call in
 * `window.sandglassCalls` for the tests.
 */

import type { Change, DoctorView, PanelView, Preview, PromptView, Row } from "../generated/views.ts";
import * as diagnoses from "./diagnoses.ts";
import type { PanelBackend, PanelState, PromptBackend } from "./index.ts";
import { panelScenarios, promptScenarios, scenarioIn, wrongCode, type PanelScenario } from "./scenarios.ts";

declare global {
  interface Window {
    sandglassCalls: string[];
  }
}

/** How long the fake AWS takes to answer, in milliseconds. */
const AWS_TAKES = 600;

window.sandglassCalls = [];

function note(...call: unknown[]): void {
  window.sandglassCalls.push(call.join(" "));
}

const pause = (milliseconds: number): Promise<void> => new Promise((resume) => setTimeout(resume, milliseconds));

/** Holds a view, and tells whoever watches it. */
class Watched<View> {
  #watchers = new Set<(view: View) => void>();

  constructor(public view: View) {}

  watch(onView: (view: View) => void): Promise<() => void> {
    this.#watchers.add(onView);
    onView(this.view);
    return Promise.resolve(() => this.#watchers.delete(onView));
  }

  set(view: View): void {
    this.view = view;
    for (const onView of this.#watchers) onView(view);
  }
}

function previewOf(change: Change): Preview {
  switch (change.kind) {
    case "repair":
      return diagnoses.repairPreview;
    case "undo_repair":
      return diagnoses.nothingToUndo;
    case "duration":
      return diagnoses.durationPreview;
    case "role_maximum":
      return diagnoses.maximumPreview;
  }
}

function fakeDoctor(scenario: PanelScenario): Pick<PanelBackend, "diagnose" | "showChange" | "makeChange"> {
  const repaired = new Set<string | null>();
  let refusal = scenario.changeRefusal;

  return {
    async diagnose(profile, text) {
      note("diagnose", profile ?? "*", text.length);
      const diagnosis = scenario.diagnosis ?? diagnoses.wellDiagnosis;
      if (diagnosis === "never") return new Promise<DoctorView>(() => undefined);
      await pause(AWS_TAKES);
      if (!("findings" in diagnosis)) throw diagnosis as unknown as Error;
      const findings = diagnosis.findings.filter(({ repair }) => repair === null || !repaired.has(repair));
      return { ...diagnosis, findings: text.includes("ExpiredToken") ? [diagnoses.pasted, ...findings] : findings };
    },
    async showChange(change) {
      note("show_change", JSON.stringify(change));
      await pause(AWS_TAKES / 4);
      return previewOf(change);
    },
    async makeChange(change, fingerprint) {
      note("make_change", change.kind, fingerprint);
      await pause(AWS_TAKES);
      if (refusal) {
        const reason = refusal;
        refusal = undefined;
        throw reason as unknown as Error;
      }
      if (change.kind !== "repair") return "The change is made.";
      repaired.add(change.repair);
      return "Repaired; `sandglass doctor --undo` takes it back.";
    },
  };
}

function fakePanel(): PanelBackend {
  const scenario = scenarioIn(panelScenarios, "all-well");
  const state = new Watched<PanelState>(scenario.state);

  function change(edit: (view: PanelView) => PanelView): void {
    const { view } = state.view;
    if (view) state.set({ ...state.view, view: edit(view) });
  }

  function changeRows(chosen: (row: Row) => boolean, edit: Partial<Row>): void {
    change((view) => ({ ...view, rows: view.rows.map((row) => (chosen(row) ? { ...row, ...edit } : row)) }));
  }

  async function renewRows(chosen: (row: Row) => boolean): Promise<void> {
    if (scenario.refusal) throw scenario.refusal as unknown as Error;
    const ids = new Set(state.view.view?.rows.filter(chosen).map((row) => row.id));
    changeRows((row) => ids.has(row.id), { look: "turning", time: "renewing…", action: "busy", trouble: null });
    await pause(AWS_TAKES);
    changeRows((row) => ids.has(row.id), {
      look: "full",
      time: "59 min",
      sentence: "ends in 59 min (15:32), told by AWS",
      known_by: "known",
      left_permille: 990,
      action: "renew",
    });
  }

  function beingAsked(row: Row): Partial<Row> {
    return {
      notes: [...row.notes, "AWS is being asked whether it accepts the credentials."],
      action: row.action === "check" ? "busy" : row.action,
      more: row.more.filter((deed) => deed !== "check"),
    };
  }

  function accepted({ notes, sentence }: Row): Partial<Row> {
    return {
      notes: ["AWS accepted it at 14:32.", ...notes],
      sentence: sentence.replace("no end is written anywhere", "AWS accepted it when it was asked"),
    };
  }

  return {
    ...fakeDoctor(scenario),
    watch: (onState) => (scenario.silent ? Promise.resolve(() => undefined) : state.watch(onState)),
    renew(session) {
      note("renew", session);
      return renewRows((row) => row.id === session);
    },
    async renewDue() {
      note("renew_due");
      await renewRows((row) => row.look === "low" || row.look === "empty");
      change((view) => ({ ...view, due: 0 }));
    },
    async check(session) {
      note("check", session);
      if (scenario.refusal) throw scenario.refusal as unknown as Error;
      const before = state.view.view?.rows.find((row) => row.id === session);
      if (!before) return;
      changeRows((row) => row.id === session, beingAsked(before));
      await pause(AWS_TAKES);
      changeRows((row) => row.id === session, { ...before, ...accepted(before) });
    },
    signInAfresh(session) {
      note("sign_in_afresh", session);
      changeRows((row) => row.id === session, {
        look: "asking",
        time: "waiting for you",
        sentence: "waiting for you; the present one ends in 55 min (15:27), told by AWS",
        action: "busy",
        more: [],
      });
      return Promise.resolve();
    },
    snoozeAll() {
      note("snooze_all");
      return Promise.resolve();
    },
    agreeToAll() {
      note("agree_to_all");
      change((view) => ({ ...view, first_run: null }));
      return Promise.resolve();
    },
    close() {
      note("close_panel");
      return Promise.resolve();
    },
  };
}

function fakePrompt(): PromptBackend {
  const scenario = scenarioIn(promptScenarios, "code");
  const prompt = new Watched<PromptView | null>(scenario.view);

  function ask(question: PromptView["question"]): void {
    if (prompt.view) prompt.set({ ...prompt.view, question });
  }

  async function startSignIn(): Promise<void> {
    const question = prompt.view?.question;
    if (question?.kind !== "sign_in") return;
    ask({ ...question, progress: { step: "starting" } });
    await pause(AWS_TAKES);
    const waiting = promptScenarios["sign-in"]?.().view?.question;
    if (waiting) ask(waiting);
  }

  return {
    watch: (onView) => (scenario.silent ? Promise.resolve(() => undefined) : prompt.watch(onView)),
    async enterCode(id, code) {
      note("enter_code", id, code);
      const question = prompt.view?.question;
      if (question?.kind !== "code") return;
      ask({ ...question, error: null, checking: true });
      await pause(AWS_TAKES);
      if (code === "000000") ask({ ...question, ...wrongCode(), checking: false });
      else prompt.set(null);
    },
    cancel(id) {
      note("cancel_prompt", id);
      return Promise.resolve();
    },
    postpone(id) {
      note("postpone_prompt", id);
      return Promise.resolve();
    },
    restartSignIn(id) {
      note("restart_sign_in", id);
      return startSignIn();
    },
    startAfresh(id) {
      note("start_afresh", id);
      return startSignIn();
    },
    signInAnyway(id) {
      note("sign_in_anyway", id);
      return startSignIn();
    },
    openSignInPage(id) {
      note("open_sign_in_page", id);
      return Promise.resolve();
    },
  };
}

export const panelBackend = fakePanel();
export const promptBackend = fakePrompt();
