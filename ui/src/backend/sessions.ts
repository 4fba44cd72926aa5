/** The sessions that the scenarios show. */

import type { Row } from "../generated/views.ts";

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
    notes: [],
    used_in: [
      { kind: "profile", name },
      { kind: "file", name: "~/.aws/cli/cache/4a1bd8f2c7e05d93b6128e40ac5f7719d2c83e60.json" },
    ],
    held_by: [],
    more: ["check"],
    ...rest,
  };
}

const keysOf = (profile: string): Row["used_in"] => [
  { kind: "profile", name: profile },
  { kind: "file", name: "~/.aws/credentials" },
];

const signInFile: Row["used_in"] = [
  { kind: "profile", name: "data-science" },
  { kind: "profile", name: "sandbox" },
  { kind: "profile", name: "staging" },
  { kind: "file", name: "~/.aws/sso/cache/0d5f7b1e9c2a4486b3d8f0e16a7c52d94b8e3f07.json" },
];

/** A quiet day. */
export const wellRows: Row[] = [
  row("staging", {
    detail: "Deploy in 210987654321",
    time: "38 min",
    left_permille: 630,
    sentence: "ends in 38 min (15:10), told by AWS",
  }),
  row("prod-admin"),
  row("ci-artifacts", {
    detail: "",
    kind: "Made by another program",
    action: "check",
    more: [],
    notes: ["To renew it, run the program again that made it."],
    used_in: keysOf("ci-artifacts"),
    time: "about 43 min",
    known_by: "estimated",
    left_permille: 710,
    sentence: "ends in about 43 min (15:15), estimated: no end is written anywhere",
  }),
  row("corp", {
    id: "sso-sign-in:corp",
    detail: "https://corp.awsapps.com/start",
    kind: "Identity Center sign-in",
    time: "6 h",
    left_permille: 760,
    action: "sign_in",
    sentence: "ends in 6 h (20:32), told by AWS",
    used_in: signInFile,
    more: ["sign_in_afresh"],
  }),
  row("mfa", {
    detail: "Account 123456789012",
    kind: "MFA session",
    used_in: keysOf("mfa"),
    time: "9 h",
    left_permille: 790,
    sentence: "ends in 9 h (23:32), told by AWS",
  }),
];

/** Each state once. */
export const everyLook: Row[] = [
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
    held_by: [
      {
        sentence:
          "terraform (pid 4242), started 52 min ago, holds keys that end in 8 min (14:40) and will not notice a renewal.",
        command: "sandglass exec prod-admin -- PROGRAM",
      },
      {
        sentence: "python3 (pid 5120), started 3 h ago, holds its keys and will not notice a renewal.",
        command: "sandglass exec prod-admin -- PROGRAM",
      },
    ],
  }),
  row("nightly-export", {
    detail: "",
    kind: "Made by another program",
    action: "check",
    more: [],
    notes: ["To renew it, run the program again that made it."],
    used_in: keysOf("nightly-export"),
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
    detail: "Account 123456789012",
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
    more: [],
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
    more: [],
  }),
  row("AdministratorAccess-organisation-management-678901234567", {
    detail: "AdministratorAccess in 678901234567",
    kind: "Identity Center role",
    time: "7 h",
    left_permille: 900,
    sentence: "ends in 7 h (21:32), told by AWS",
  }),
];

/** Each kind once; of the credentials that other programs made, one for each way in which an end is known. */
export const everyKind: Row[] = [
  row("nightly-export", {
    id: "foreign:nightly-export",
    detail: "Made by aws-mfa",
    kind: "Made by another program",
    look: "empty",
    time: "ended 4 min ago",
    known_by: "probed",
    left_permille: 0,
    sentence: "ended 4 min ago (14:28), seen in an answer of AWS",
    action: "check",
    notes: ["To renew it, run aws-mfa again, which made it."],
    used_in: keysOf("nightly-export"),
    more: [],
  }),
  row("console", {
    id: "console-login:console",
    detail: "Account 123456789012",
    kind: "Console sign-in",
    time: "11 min",
    left_permille: 730,
    sentence: "ends in 11 min (14:43), told by AWS",
    notes: ["Its renewals come to their end at about 22:05; `aws login` begins new ones."],
    used_in: [
      { kind: "profile", name: "console" },
      { kind: "file", name: "~/.aws/login/cache/9c1e66a0d2b8f4735e0d91a7c4f82b365d7e1a90.json" },
    ],
  }),
  row("partner-saml", {
    id: "foreign:partner-saml",
    detail: "ReadOnly in 345678901234",
    kind: "Made by another program",
    time: "about 26 min",
    known_by: "estimated",
    left_permille: 430,
    sentence: "ends in about 26 min (14:58), estimated: no end is written anywhere",
    action: "check",
    notes: ["To renew it, run saml2aws again, which made it."],
    used_in: keysOf("partner-saml"),
    more: [],
  }),
  row("prod-database", {
    detail: "Operator in 210987654321",
    time: "34 min",
    left_permille: 560,
    sentence: "ends in 34 min (15:06), told by AWS",
    notes: ["4 h were asked; AWS allows 1 h (for a role assumed from a role)."],
  }),
  row("dev-okta", {
    id: "foreign:dev-okta",
    detail: "Developer in 567890123456",
    kind: "Made by another program",
    time: "41 min",
    left_permille: 680,
    sentence: "ends in 41 min (15:13), as the program wrote down that made it",
    action: "check",
    notes: ["To renew it, run gimme-aws-creds again, which made it."],
    used_in: keysOf("dev-okta"),
    more: [],
  }),
  row("gitlab-deploy", {
    id: "web-identity:gitlab-deploy",
    detail: "Deploy in 210987654321",
    kind: "Web identity role",
    time: "47 min",
    left_permille: 780,
    sentence: "ends in 47 min (15:19), told by AWS",
  }),
  row("prod-admin"),
  row("corp", {
    id: "sso-sign-in:corp",
    detail: "https://corp.awsapps.com/start",
    kind: "Identity Center sign-in",
    time: "55 min",
    left_permille: 920,
    sentence: "ends in 55 min (15:27), told by AWS",
    notes: ["The portal session ends at about 20:32; a sign-in before then ends with it."],
    used_in: signInFile,
    more: ["sign_in_afresh"],
  }),
  row("build", {
    id: "session-token:build",
    detail: "",
    kind: "Session token",
    time: "3 h 5 min",
    left_permille: 260,
    sentence: "ends in 3 h 5 min (17:37), told by AWS",
    used_in: keysOf("build"),
  }),
  row("instance", {
    id: "metadata:instance",
    detail: "WebServer in 123456789012",
    kind: "Instance role",
    time: "5 h 12 min",
    left_permille: 860,
    sentence: "ends in 5 h 12 min (19:44), told by AWS",
    action: "read_again",
    notes: ["AWS renews it; Sandglass only looks."],
    used_in: [],
  }),
  row("container", {
    id: "metadata:container",
    detail: "",
    kind: "Container role",
    time: "5 h 40 min",
    left_permille: 940,
    sentence: "ends in 5 h 40 min (20:12), told by AWS",
    action: "read_again",
    notes: ["AWS renews it; Sandglass only looks."],
    used_in: [],
  }),
  row("data-science", {
    id: "sso-role:data-science",
    detail: "Analyst in 345678901234",
    kind: "Identity Center role",
    time: "7 h",
    left_permille: 900,
    sentence: "ends in 7 h (21:32), told by AWS",
  }),
  row("mfa", {
    id: "session-token:mfa",
    detail: "Account 123456789012",
    kind: "MFA session",
    time: "9 h",
    left_permille: 790,
    sentence: "ends in 9 h (23:32), told by AWS",
    used_in: keysOf("mfa"),
  }),
  row("support-view", {
    id: "federation:support-view",
    detail: "Federated user support",
    kind: "Federation token",
    time: "11 h",
    left_permille: 910,
    sentence: "ends in 11 h (tomorrow 01:32), told by AWS",
    used_in: [{ kind: "sealed_store" }],
  }),
  row("legacy-vault", {
    id: "process:legacy-vault",
    detail: "",
    kind: "Credential process",
    look: "absent",
    time: "not run yet",
    known_by: null,
    left_permille: null,
    sentence: "not run yet",
    action: "run",
    notes: ["Run only when you ask."],
    used_in: [{ kind: "profile", name: "legacy-vault" }],
    more: [],
  }),
  row("default", {
    id: "keys:default",
    detail: "",
    kind: "Long-lived keys",
    time: "no end",
    known_by: null,
    left_permille: null,
    sentence: "no end",
    action: "check",
    notes: [
      "In use since at least 23 Apr (214 days).",
      "Replace the keys of `default` in the IAM console, if they are old.",
    ],
    used_in: keysOf("default"),
    more: [],
  }),
];

/** As many as nobody has, of all kinds. */
export function manyRows(count: number): Row[] {
  const kinds = everyKind.filter((row) => row.left_permille !== null && row.action === "renew");
  return Array.from({ length: count }, (_, index) => {
    const name = `team-${String(index + 1).padStart(4, "0")}`;
    const left = Math.min(1000, 15 + index);
    return {
      ...row(name, kinds[index % kinds.length]),
      id: `role:${name}`,
      name,
      detail: `Developer in ${100_000_000_000 + index * 7919}`,
      look: left < 250 ? "low" : "full",
      time: `${Math.ceil(left / 16)} min`,
      left_permille: left,
    };
  });
}
