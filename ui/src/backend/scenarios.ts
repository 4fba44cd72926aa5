/** What the fake backend can play. Each stands for a state that the windows must show well. */

import type { Finding, PanelView, PromptQuestion, PromptView, RenewalError, Row } from "../generated/views.ts";
import type { PanelState } from "./index.ts";

export interface PanelScenario {
  state: PanelState;
  /** The first answer never comes. */
  silent?: true;
  /** What every renewal is answered with. */
  refusal?: RenewalError;
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

function row(name: string, rest: Partial<Row> = {}): Row {
  return {
    id: `role:${name}`,
    name,
    detail: "Admin in 123456789012",
    kind: "Role",
    look: "full",
    time: "52 min",
    sentence: "ends in 52 min (15:24), told by AWS",
    known_by: "known",
    left_permille: 870,
    action: "renew",
    trouble: null,
    ...rest,
  };
}

const wellRows: Row[] = [
  row("staging", {
    detail: "Deploy in 210987654321",
    time: "38 min",
    left_permille: 630,
    sentence: "ends in 38 min (15:10), told by AWS",
  }),
  row("prod-admin"),
  row("ci-artifacts", {
    detail: "",
    kind: "Keys in a file",
    time: "about 43 min",
    known_by: "estimated",
    left_permille: 710,
    sentence: "ends in about 43 min (15:15), estimated: no end is written anywhere",
  }),
  row("corp", {
    detail: "corp.awsapps.com",
    kind: "Identity Center sign-in",
    time: "6 h",
    left_permille: 760,
    action: "sign_in",
    sentence: "ends in 6 h (20:32), told by AWS",
  }),
  row("mfa", {
    detail: "alice in 123456789012",
    kind: "MFA session",
    time: "9 h",
    left_permille: 790,
    sentence: "ends in 9 h (23:32), told by AWS",
  }),
];

const everyLook: Row[] = [
  row("legacy-batch", {
    look: "empty",
    time: "ended 3 min ago",
    left_permille: 0,
    sentence: "ended 3 min ago (14:29), told by AWS",
  }),
  row("prod-admin", {
    look: "low",
    time: "12 min",
    left_permille: 200,
    sentence: "ends in 12 min (14:44), told by AWS",
  }),
  row("nightly-export", {
    detail: "",
    kind: "Keys in a file",
    look: "low",
    time: "about 14 min",
    known_by: "estimated",
    left_permille: 230,
    sentence: "ends in about 14 min (14:46), estimated: no end is written anywhere",
  }),
  row("staging", {
    detail: "Deploy in 210987654321",
    look: "turning",
    time: "renewing…",
    left_permille: 110,
    action: "busy",
    sentence: "renewing…; the present one ends in 7 min (14:39), told by AWS",
  }),
  row("mfa", {
    detail: "alice in 123456789012",
    kind: "MFA session",
    look: "asking",
    time: "waiting for you",
    left_permille: 60,
    action: "busy",
    sentence: "waiting for you; the present one ends in 5 min (14:37), told by AWS",
  }),
  row("partner-read", {
    detail: "ReadOnly in 345678901234",
    look: "waiting",
    time: "tries again in 40 s",
    left_permille: 40,
    action: "busy",
    sentence: "tries again in 40 s; the present one ends in 3 min (14:35), told by AWS",
    trouble: {
      message: "sts.eu-central-1.amazonaws.com cannot be reached: connection refused",
      remedy: "check the network or the proxy; Sandglass tries again by itself",
    },
  }),
  row("data-lake", {
    detail: "Analyst in 456789012345",
    look: "broken",
    time: "cannot be renewed",
    known_by: null,
    left_permille: null,
    sentence: "cannot be renewed",
    trouble: {
      message:
        "AccessDenied: User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::456789012345:role/Analyst",
      remedy: "ask whoever owns account 456789012345 to trust alice in the role `Analyst`",
    },
  }),
  row("sandbox", {
    detail: "PowerUser in 567890123456",
    kind: "Identity Center role",
    look: "absent",
    time: "not issued yet",
    known_by: null,
    left_permille: null,
    action: "sign_in",
    sentence: "not issued yet",
  }),
  row("AdministratorAccess-organisation-management-678901234567", {
    detail: "AdministratorAccess in 678901234567",
    kind: "Identity Center role",
    time: "7 h",
    left_permille: 900,
    sentence: "ends in 7 h (21:32), told by AWS",
  }),
];

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
    ...rest,
  };
}

function manyRows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const account = String(100_000_000_000 + index * 7919);
    const left = Math.min(1000, 15 + index);
    return row(`team-${String(index + 1).padStart(4, "0")}`, {
      detail: `Developer in ${account}`,
      look: left < 250 ? "low" : "full",
      time: `${Math.ceil(left / 16)} min`,
      left_permille: left,
    });
  });
}

export const panelScenarios: Scenarios<PanelScenario> = {
  "all-well": () => ({ state: panel({}) }),
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
  starting: () => ({ state: { agent: "starting", tray: "present", message: null, view: null } }),
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
  many: () => ({ state: panel({ rows: manyRows(2000), due: 235 }) }),
  refused: () => ({
    state: panel({ rows: everyLook, due: 3 }),
    refusal: {
      code: "unreachable",
      message: "the agent does not answer",
      remedy: "Wait a moment; Sandglass starts it again by itself.",
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
  "sign-in-starting": () => signIn({ step: "starting" }),
  "sign-in-failed": () =>
    signIn({
      step: "failed",
      trouble: { message: "the sign-in was refused in the browser", remedy: "try again, and allow the request there" },
    }),
  loading: () => ({ view: null, silent: true }),
};
