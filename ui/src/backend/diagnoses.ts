/** What the doctor says in the scenarios. */

import type {
  Diagnosed,
  DoctorView,
  LifetimeView,
  Mark,
  Order,
  OrderStep,
  Preview,
  Remedy,
} from "../generated/views.ts";

function remedy(sentence: string, command: string | null = null, deed: Remedy["deed"] = null): Remedy {
  return { sentence, command, deed };
}

function finding(rest: Pick<Diagnosed, "code" | "severity" | "what" | "why"> & Partial<Diagnosed>): Diagnosed {
  return { origin: null, remedies: [], prevention: null, repair: null, ...rest };
}

const letProgramsAsk =
  "let programs ask Sandglass: `sandglass connect prod-admin` once, or `sandglass exec prod-admin -- PROGRAM` for each that runs long";

const startAgain = remedy(
  "start a program again that took its keys from the environment: nothing can renew what it has read",
  "sandglass exec prod-admin -- PROGRAM",
);

/** What a text with `ExpiredToken` in it adds. */
export const pasted: Diagnosed = finding({
  code: "expired-token",
  severity: "error",
  what: "AWS does not accept the credentials any more: their session is over (during PutObject)",
  why: "Temporary credentials end at a time that is fixed when they are issued",
  origin: {
    said_by: "any AWS service, of the credentials that a call came with",
    about:
      "temporary credentials of any kind: of a role, an MFA session, a federation token, Identity Center, `aws login` or the machine",
    sessions: ["legacy-batch", "prod-admin"],
    line: 12,
    times: 3,
  },
  remedies: [
    remedy("renew the session", "sandglass renew prod-admin", { kind: "renew", session: "role:prod-admin" }),
    startAgain,
  ],
  prevention: letProgramsAsk,
});

const over = finding({
  code: "session-over",
  severity: "error",
  what: "`prod-admin` ended 12 min ago",
  why: "it was not renewed in time",
  remedies: [
    remedy("renew the session", "sandglass renew prod-admin", { kind: "renew", session: "role:prod-admin" }),
    startAgain,
  ],
  prevention: letProgramsAsk,
});

const signInOver = finding({
  code: "sso-session-expired",
  severity: "error",
  what: "The sign-in behind the profile is over",
  why: "The portal session ended, or its token could not be refreshed",
  remedies: [
    remedy("sign in again", "sandglass login corp", { kind: "sign_in", session: "sso-sign-in:corp" }),
    remedy("have Sandglass's last repair of this portal undone, if it worked before", "sandglass doctor --undo", {
      kind: "change",
      change: { kind: "undo_repair" },
    }),
  ],
  prevention: "start Sandglass when you log in: it warns before a sign-in is over",
});

const unknownKey = finding({
  code: "invalid-client-token",
  severity: "error",
  what: "AWS does not know the access key",
  why: "The key was deleted or deactivated, belongs to another partition, or is a temporary one whose session token is missing or long over",
  remedies: [
    remedy("see which credentials the program takes, and from where", "sandglass doctor prod-admin"),
    remedy("ask AWS whether it accepts those of the profile", "sandglass check prod-admin", {
      kind: "check",
      session: "role:prod-admin",
    }),
  ],
});

const tooLong = finding({
  code: "duration-above-role-maximum",
  severity: "error",
  what: "The role does not permit so long a session",
  why: "The longest session is set at the role, MaxSessionDuration: one hour unless somebody raised it",
  remedies: [
    remedy("ask for an hour in `prod-admin`, which every role permits", "sandglass doctor prod-admin --duration 1h", {
      kind: "change",
      change: { kind: "duration", session: "role:prod-admin", seconds: 3600 },
    }),
    remedy(
      "raise `MaxSessionDuration` of the role, up to 12 hours, where you may",
      "sandglass doctor prod-admin --role-maximum 12h",
      { kind: "change", change: { kind: "role_maximum", session: "role:prod-admin", seconds: 43_200 } },
    ),
  ],
});

const held = finding({
  code: "process-holds-keys",
  severity: "warning",
  what: "terraform (pid 4242) holds keys of `prod-admin` that end in 8 min, and will not notice a renewal",
  why: "it took them from its environment when it was started 52 min ago",
  remedies: [
    remedy("start it again under Sandglass when it can be interrupted", "sandglass exec prod-admin -- PROGRAM"),
  ],
  prevention: "start what runs for long with `sandglass exec`",
});

const environmentFirst = finding({
  code: "environment-goes-first",
  severity: "warning",
  what: "AWS CLI v1, AWS CLI v2, boto3: takes AWS_ACCESS_KEY_ID, the key that ends in GOT1, and not ~/.aws/config:12",
  why: "keys that nobody renews go before what would be renewed",
  remedies: [
    remedy(
      "take the keys out of the environment in which the program is started",
      "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
    ),
  ],
});

export const twice: Diagnosed = finding({
  code: "stands-twice",
  severity: "warning",
  what: "`[profile staging]` stands at lines 3 and 9 in `~/.aws/config`",
  why: "the AWS CLI and boto3 refuse the whole file, whatever the profile",
  remedies: [
    remedy(
      "what stands twice in `~/.aws/config` is joined; of two settings with one key the later one stays, which is the one that counts for the SDKs that read the file",
      "sandglass doctor --repair",
      { kind: "change", change: { kind: "repair", repair: "stands-twice:~/.aws/config" } },
    ),
  ],
  repair: "stands-twice:~/.aws/config",
});

const ofFile = finding({
  code: "file",
  severity: "warning",
  what: "~/.aws/config:27: the line has no `=`",
  why: "some program cannot read it, or reads something else there",
  remedies: [remedy("write it as `key = value`, or remove it; the rest of the file is used")],
});

const legacy = finding({
  code: "sso-legacy",
  severity: "note",
  what: "`data-science` names its portal in the profile itself",
  why: "such a sign-in is over after eight hours and cannot renew itself; that of an sso-session does",
  remedies: [
    remedy(
      "`data-science` gets `sso_session = corp`, which needs AWS CLI 2.9, AWS CLI 1.27, boto3 1.26 or newer; sign in once afterwards",
      "sandglass doctor --repair",
      { kind: "change", change: { kind: "repair", repair: "sso-legacy:corp" } },
    ),
  ],
  repair: "sso-legacy:corp",
});

const environment: Omit<OrderStep, "mark" | "why"> = {
  place: "AWS_ACCESS_KEY_ID",
  what: "keys in the environment",
  key: "GOT1",
};

function step(
  place: string,
  what: string,
  mark: Mark,
  why: string | null = null,
  key: string | null = null,
): OrderStep {
  return { place, what, key, mark, why };
}

/** Of an SDK that takes the keys of the environment. */
function environmentWins(sdk: string, profile: string): Order {
  const later = `${sdk} looks at AWS_ACCESS_KEY_ID first`;
  return {
    sdk,
    profile,
    steps: [
      { ...environment, mark: "wins", why: null },
      step("~/.aws/config:12", "role", "loses", later),
      step("~/.aws/credentials:4", "keys", "loses", later, "7QXA"),
      step("the instance metadata service", "instance role", "loses", "`AWS_EC2_METADATA_DISABLED` is set"),
    ],
  };
}

const orders: Order[] = [
  environmentWins("AWS CLI v1", "works with profile prod-admin, named by AWS_PROFILE"),
  environmentWins("AWS CLI v2", "works with profile prod-admin, named by AWS_PROFILE"),
  environmentWins("boto3", "works with profile prod-admin, named by AWS_PROFILE"),
  {
    sdk: "AWS SDK for JavaScript",
    profile: "works with profile prod-admin, named by AWS_PROFILE",
    steps: [
      {
        ...environment,
        mark: "loses",
        why: "AWS SDK for JavaScript passes over the environment where AWS_PROFILE names a profile",
      },
      step("~/.aws/config:12", "role", "wins"),
      step("~/.aws/credentials:4", "keys", "loses", "AWS SDK for JavaScript looks at ~/.aws/config:12 first", "7QXA"),
    ],
  },
  environmentWins("AWS SDK for Rust", "works with profile prod-admin, named by AWS_PROFILE"),
  {
    sdk: "AWS SDK for Go",
    profile: "works with profile prod-admin, named by AWS_PROFILE",
    steps: [
      step(
        "~/.aws/config:12",
        "role",
        "stops",
        "`role_arn` with neither `source_profile` nor `credential_source` is no role to it",
      ),
      { ...environment, mark: "loses", why: "AWS SDK for Go looks at ~/.aws/config:12 first" },
    ],
  },
  { sdk: "AWS SDK for Java", profile: "works with profile default", steps: [] },
];

const lifetimes: LifetimeView[] = [
  {
    name: "prod-admin",
    facts: [
      { label: "asked", value: "1 h" },
      { label: "default", value: "1 h" },
      { label: "at most", value: "4 h" },
      { label: "set by", value: "whoever keeps the role: it is its `MaxSessionDuration`, which IAM told" },
    ],
    ways: [
      remedy("ask for 4 h in `prod-admin`: the role allows it", "sandglass doctor prod-admin --duration 4h", {
        kind: "change",
        change: { kind: "duration", session: "role:prod-admin", seconds: 14_400 },
      }),
      remedy(
        "raise the role's `MaxSessionDuration` to 12 hours, for everybody who assumes it, where you may",
        "sandglass doctor prod-admin --role-maximum 12h",
        { kind: "change", change: { kind: "role_maximum", session: "role:prod-admin", seconds: 43_200 } },
      ),
    ],
  },
  {
    name: "corp",
    facts: [
      { label: "default", value: "8 h" },
      { label: "at most", value: "not known" },
      {
        label: "set by",
        value: "your administrator: it is the portal's session duration, from 15 minutes to 90 days",
      },
    ],
    ways: [remedy("ask your administrator for a longer session duration of the portal")],
  },
];

const machine = [
  "This EC2 instance has a role `build-runner`; its credentials end in 5 h, AWS renews them.",
  "AWS CLI v1, AWS CLI v2, boto3, AWS SDK for Rust take AWS_ACCESS_KEY_ID instead.",
];

/** A machine that nobody knows anything of. */
export const unknownMachine: DoctorView = { findings: [], orders: [], lifetimes: [], machine: [] };

/** All is well. */
export const wellDiagnosis: DoctorView = {
  findings: [],
  orders: ["AWS CLI v1", "AWS CLI v2", "boto3", "AWS SDK for JavaScript", "AWS SDK for Rust", "AWS SDK for Go"].map(
    (sdk) => ({
      sdk,
      profile: "works with profile default",
      steps: [step("~/.aws/config:2", "Identity Center", "wins")],
    }),
  ),
  lifetimes: lifetimes.slice(0, 1),
  machine: machine.slice(0, 1),
};

/** One session is over. */
export const overDiagnosis: DoctorView = { ...wellDiagnosis, findings: [over, held], orders };

/** Every severity, every kind of remedy. */
export const fullDiagnosis: DoctorView = {
  findings: [over, signInOver, unknownKey, tooLong, held, environmentFirst, twice, ofFile, legacy],
  orders,
  lifetimes,
  machine,
};

/** Texts without a place at which they would break by themselves. */
export const longDiagnosis: DoctorView = {
  findings: [
    finding({
      code: "assume-role-denied",
      severity: "error",
      what: `\`${"AdministratorAccess-organisation-management-".repeat(3)}678901234567\` cannot be assumed`,
      why: `User: arn:aws:sts::123456789012:assumed-role/${"AWSReservedSSO_AdministratorAccess_".repeat(4)}/alice is not authorized to perform: sts:AssumeRole`,
      origin: {
        said_by: "STS, of a session that was asked for",
        about: "a role",
        sessions: ["AdministratorAccess-organisation-management-678901234567", "deploy", "ops"],
        line: 120_431,
        times: 1,
      },
      remedies: [
        remedy(
          "look the trust policy up",
          `aws iam get-role --role-name ${"AWSReservedSSO_AdministratorAccess_".repeat(4)} --query Role.AssumeRolePolicyDocument`,
        ),
      ],
    }),
  ],
  orders,
  lifetimes: [],
  machine: [],
};

/** What each kind of change would do. */
export const repairPreview: Preview = {
  kind: "changes",
  sentences: [
    "what stands twice in `~/.aws/config` is joined; of two settings with one key the later one stays, which is the one that counts for the SDKs that read the file",
    "a copy of the file is kept, and `sandglass doctor --undo` takes the repair back",
  ],
  diff: `--- ~/.aws/config
+++ ~/.aws/config
@@ -1,10 +1,8 @@
 [default]
 sso_session = corp
 [profile staging]
-region = eu-west-1
 role_arn = arn:aws:iam::210987654321:role/Deploy
 source_profile = default
+region = eu-central-1
 [profile ops]
 sso_session = corp
-[profile staging]
-region = eu-central-1
`,
  fingerprint: "b7c1",
};

export const durationPreview: Preview = {
  kind: "changes",
  sentences: ["`prod-admin` asks for 4 h from its next renewal on"],
  diff: `--- ~/.aws/config
+++ ~/.aws/config
@@ -12,4 +12,4 @@
 [profile prod-admin]
 role_arn = arn:aws:iam::123456789012:role/Admin
-duration_seconds = 3600
+duration_seconds = 14400
 source_profile = default
`,
  fingerprint: "d0e4",
};

export const maximumPreview: Preview = {
  kind: "changes",
  sentences: [
    "the role `Admin` in 123456789012 permits sessions of 12 h, to everybody who assumes it",
    "the call is made with the credentials of `prod-admin`: iam:UpdateRole",
  ],
  diff: "- MaxSessionDuration 14400\n+ MaxSessionDuration 43200\n",
  fingerprint: "aa02",
};

export const nothingToUndo: Preview = { kind: "nothing", sentence: "there is no repair to undo" };
