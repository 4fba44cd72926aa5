/** What the fake backend can play. Each stands for a state that the windows must show well. */

import type { DoctorView, Finding, PanelView, PromptQuestion, PromptView, RenewalError } from "../generated/views.ts";
import { fullDiagnosis, longDiagnosis, overDiagnosis, unknownMachine, wellDiagnosis } from "./diagnoses.ts";
import type { PanelState } from "./index.ts";
import { everyKind, everyLook, manyRows, wellRows } from "./sessions.ts";

export interface PanelScenario {
  state: PanelState;
  /** The first answer never comes. */
  silent?: true;
  /** What every renewal is answered with. */
  refusal?: RenewalError;
  /** What the doctor says; `never`: no answer comes. Where it is absent, all is well. */
  diagnosis?: DoctorView | RenewalError | "never";
  /** What the first change is answered with. */
  changeRefusal?: RenewalError;
}

export interface PromptScenario {
  view: PromptView | null;
  silent?: true;
}

type Scenarios<Scenario> = Record<string, () => Scenario>;

/** The scenario that the address of the page names. */
export function scenarioIn<Scenario>(scenarios: Scenarios<Scenario>, standard: string): Scenario {
  const name = new URLSearchParams(window.location.search).get("scenario") ?? standard;
  const scenario = scenarios[name] ?? scenarios[standard];
  if (!scenario) throw new Error(`there is no scenario \`${name}\``);
  return scenario();
}

const findings: Finding[] = [
  {
    place: "~/.aws/config:12",
    message: "the line has no `=`",
    remedy: "write it as `key = value`, or remove it; the rest of the file is used",
  },
  {
    place: "keychain",
    message: "the keychain is locked",
    remedy: "unlock it, for example with Seahorse; until then MFA devices cannot be read",
  },
];

function panel(view: Partial<PanelView>, rest: Partial<PanelState> = {}): PanelState {
  return {
    agent: "connected",
    tray: "present",
    message: null,
    view: { rows: wellRows, findings: [], first_run: null, due: 0, ...view },
    doctor: 0,
    ...rest,
  };
}

/** The doctor's page, asked for in the tray's menu. */
function doctor(rest: Omit<PanelScenario, "state"> = {}, state: Partial<PanelState> = {}): PanelScenario {
  return { state: panel({ rows: everyLook, due: 3 }, { doctor: 1, ...state }), ...rest };
}

export const panelScenarios: Scenarios<PanelScenario> = {
  "all-well": () => ({ state: panel({}) }),
  kinds: () => ({ state: panel({ rows: everyKind }) }),
  everything: () => ({ state: panel({ rows: everyLook, findings, due: 3 }) }),
  "first-run": () => ({
    state: panel({
      first_run: {
        found: "Found 7 profiles, 2 portals and 1 MFA device",
        writes: [
          "The keys of the profile `mfa` in ~/.aws/credentials. Every other byte stays as it is.",
          "The sign-in of `corp` in ~/.aws/sso/cache, as the AWS CLI writes it.",
        ],
      },
    }),
  }),
  empty: () => ({ state: panel({ rows: [] }) }),
  loading: () => ({ state: panel({}), silent: true }),
  starting: () => ({ state: { agent: "starting", tray: "present", message: null, view: null, doctor: 0 } }),
  gone: () => ({ state: panel({ rows: everyLook, due: 3 }, { agent: "gone" }) }),
  "no-tray": () => ({
    state: panel(
      {},
      {
        tray: "absent",
        message: "This desktop shows no notifications. Start a notification service, for example dunst or mako.",
      },
    ),
  }),
  many: () => {
    const rows = manyRows(2000);
    return { state: panel({ rows, due: rows.filter(({ look }) => look === "low").length }) };
  },
  refused: () => ({
    state: panel({ rows: everyLook, due: 3 }),
    refusal: {
      code: "unreachable",
      message: "the agent does not answer",
      remedy: "Wait a moment; Sandglass starts it again by itself.",
    },
  }),
  doctor: () => doctor({ diagnosis: fullDiagnosis }),
  "doctor-over": () => doctor({ diagnosis: overDiagnosis }),
  "doctor-well": () => doctor({ diagnosis: wellDiagnosis }),
  "doctor-empty": () => doctor({ diagnosis: unknownMachine }),
  "doctor-long": () => doctor({ diagnosis: longDiagnosis }),
  "doctor-asking": () => doctor({ diagnosis: "never" }),
  "doctor-gone": () => doctor({ diagnosis: "never" }, { agent: "gone" }),
  "doctor-trouble": () =>
    doctor({
      diagnosis: {
        code: "unreachable",
        message: "the agent does not answer",
        remedy: "wait a moment; Sandglass starts it again by itself",
      },
    }),
  "doctor-refused": () =>
    doctor({
      diagnosis: fullDiagnosis,
      changeRefusal: {
        code: "file_trouble",
        message: "`~/.aws/config` was changed since it was shown",
        remedy: "look at the change again; nothing was written",
      },
    }),
};

/** AWS's answer to a code that does not do, and when the device shows the next one. */
export function wrongCode(): Pick<Extract<PromptQuestion, { kind: "code" }>, "error" | "next_code_at"> {
  return {
    error: {
      message: "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code.",
      remedy: "wait for the next code of `alice` and type that one",
    },
    next_code_at: fromNow(30 - ((Date.now() / 1000) % 30)),
  };
}

function fromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

function code(
  rest: Partial<Extract<PromptQuestion, { kind: "code" }>> = {},
  view: Partial<PromptView> = {},
): PromptScenario {
  return {
    view: {
      id: 7,
      name: "prod-admin",
      detail: "Admin in 123456789012",
      asked_by: "terraform, pid 4242",
      also: ["staging", "mfa"],
      question: {
        kind: "code",
        device: "alice",
        serial: "arn:aws:iam::123456789012:mfa/alice",
        error: null,
        next_code_at: null,
        checking: false,
        ...rest,
      },
      ...view,
    },
  };
}

function signIn(progress: Extract<PromptQuestion, { kind: "sign_in" }>["progress"]): PromptScenario {
  return {
    view: {
      id: 8,
      name: "corp",
      detail: "",
      asked_by: null,
      also: ["sandbox", "staging", "data-lake", "partner-read", "team-0001"],
      question: { kind: "sign_in", portal: "corp.awsapps.com", progress },
    },
  };
}

export const promptScenarios: Scenarios<PromptScenario> = {
  code: () => code(),
  "code-alone": () =>
    code({ device: "GAHT12345678", serial: "GAHT12345678" }, { asked_by: null, also: [], detail: "" }),
  "code-wrong": () => code(wrongCode()),
  "code-used": () => code({ next_code_at: fromNow(30 - ((Date.now() / 1000) % 30)) }),
  "code-checking": () => code({ checking: true }),
  "sign-in": () =>
    signIn({
      step: "waiting",
      user_code: "BCDF-GHJK",
      verification_uri: "https://device.sso.eu-central-1.amazonaws.com/",
      verification_uri_complete: "https://device.sso.eu-central-1.amazonaws.com/?user_code=BCDF-GHJK",
      expires_at: fromNow(581),
    }),
  "sign-in-choosing": () =>
    signIn({
      step: "choosing",
      sentence: "The portal session that is there ends at 17:12, and a sign-in within it ends with it.",
      warning:
        "Signing out first ends what other tools are signed in with at this portal, too. Role credentials that were issued already live on.",
    }),
  "sign-in-starting": () => signIn({ step: "starting" }),
  "sign-in-failed": () =>
    signIn({
      step: "failed",
      trouble: { message: "the sign-in was refused in the browser", remedy: "try again, and allow the request there" },
    }),
  loading: () => ({ view: null, silent: true }),
};
