// Generated from the Rust types by a test of sandglass-core. Not edited by hand.

/**
 * Identifies a session for as long as its definition stands: `role:deploy`, `session-token:mfa`,
 * `sso-sign-in:my-sso`, `sso-role:dev`. Stable across restarts; scripts may rely on it.
 */
export type SessionId = string;

/**
 * The name of a profile in `~/.aws/config` or `~/.aws/credentials`, without the `profile ` prefix.
 */
export type ProfileName = string;

/**
 * Identifies one prompt. A late answer to a prompt that is gone names an id that no longer exists.
 */
export type PromptId = number;

/**
 * How well an end is known. Views never show an estimate as a fact.
 */
export type KnownBy = "known" | "estimated" | "probed";

/**
 * Something that is wrong with a file, a service or a definition, and what to do about it.
 *
 * Reading never fails as a whole: what cannot be understood becomes a finding and the rest is used.
 */
export type Finding = { 
/**
 * Where: `~/.aws/config:12`, `keychain`, `notifications`.
 */
place: string, 
/**
 * What is wrong.
 */
message: string, 
/**
 * What the person can do about it.
 */
remedy: string, };

/**
 * What went wrong. Only codes that something branches on, or that documentation explains.
 */
export type ErrorCode = "wrong_code" | "wrong_device" | "source_expired" | "source_invalid" | "sign_in_over" | "sign_in_refused" | "sign_in_timed_out" | "access_denied" | "invalid_definition" | "duration_too_long" | "out_of_reach" | "clock_skew" | "unreachable" | "throttled" | "service_trouble" | "keychain_unavailable" | "device_missing" | "file_trouble" | "file_busy" | "unknown_profile" | "cancelled" | "cooling_down" | "nobody_to_ask" | "internal";

/**
 * Why a renewal did not happen: what failed, in whose words, and what to do.
 */
export type RenewalError = { 
/**
 * What branches are made on.
 */
code: ErrorCode, 
/**
 * What failed, with AWS's own words where AWS answered.
 */
message: string, 
/**
 * What the person can do about it.
 */
remedy: string, };

/**
 * Why a session does not work.
 */
export type Trouble = { 
/**
 * What failed, in AWS's words where AWS answered.
 */
message: string, 
/**
 * What to do.
 */
remedy: string, };

/**
 * The state of a session as far as a person cares. Each has a shape and a word of its own: colour only helps.
 */
export type Look = "absent" | "full" | "low" | "empty" | "turning" | "asking" | "waiting" | "broken";

/**
 * What the button of a row does.
 */
export type RowAction = "renew" | "sign_in" | "run" | "read_again" | "check" | "elsewhere" | "busy";

/**
 * What can be done about a session besides renewing it.
 */
export type MoreAction = "check" | "sign_in_afresh";

/**
 * Where the credentials of a session are found by programs.
 */
export type Place = { "kind": "file", "name": string } | { "kind": "profile", "name": ProfileName } | { "kind": "sealed_store" } | { "kind": "keychain" };

/**
 * Programs that hold the same keys of a session.
 */
export type HeldBy = { 
/**
 * `terraform (pid 4242), started 52 min ago, holds keys that end in 8 min (14:32) and will not notice a renewal.`
 */
sentence: string, 
/**
 * What gets them fresh keys: `sandglass exec dev -- PROGRAM`.
 */
command: string | null, };

/**
 * One session.
 */
export type Row = { 
/**
 * Names the session in intents.
 */
id: SessionId, 
/**
 * `prod-admin`.
 */
name: string, 
/**
 * `Admin in 123456789012`; empty where nothing is known.
 */
detail: string, 
/**
 * `Role`, `MFA session`, `Identity Center sign-in`.
 */
kind: string, 
/**
 * What its glyph shows.
 */
look: Look, 
/**
 * `12 min`, `ended 3 min ago`, `waiting for you`: what stands in the time column.
 */
time: string, 
/**
 * `ends in 12 min (14:32), told by AWS`: the full sentence for the row's details and for screen readers.
 */
sentence: string, 
/**
 * Who says when it ends; none without an end.
 */
known_by: KnownBy | null, 
/**
 * What is left of its life, in thousandths, for the bar; none without an end.
 */
left_permille: number | null, 
/**
 * What the row's button does.
 */
action: RowAction, 
/**
 * Why it does not work, and what to do.
 */
trouble: Trouble | null, 
/**
 * What should be known besides, a sentence each: when the portal session ends, which duration AWS allowed, when AWS
 * last accepted the credentials.
 */
notes: Array<string>, 
/**
 * Where its credentials lie, and which profiles use them.
 */
used_in: Array<Place>, 
/**
 * Programs that hold its keys in their environment, where no renewal reaches them.
 */
held_by: Array<HeldBy>, 
/**
 * What else can be done about it, besides its button.
 */
more: Array<MoreAction>, };

/**
 * What was found on this machine, before the person agreed to anything.
 */
export type FirstRun = { 
/**
 * `Found 7 profiles, 2 portals, 1 MFA device`.
 */
found: string, 
/**
 * What will be written once the person agrees, a sentence each.
 */
writes: Array<string>, };

/**
 * The whole panel.
 */
export type PanelView = { 
/**
 * Sessions, soonest end first.
 */
rows: Array<Row>, 
/**
 * What the person should know of besides.
 */
findings: Array<Finding>, 
/**
 * Present until the person agreed, once, to what may be written.
 */
first_run: FirstRun | null, 
/**
 * How many sessions "Renew what is due" would renew.
 */
due: number, };

/**
 * A change that is shown first, and made when the person agrees.
 */
export type Change = { "kind": "repair", 
/**
 * [`Finding::repair`].
 */
repair: string, } | { "kind": "undo_repair" } | { "kind": "duration", 
/**
 * Of which session.
 */
session: SessionId, 
/**
 * Its new length in seconds.
 */
seconds: number, } | { "kind": "role_maximum", 
/**
 * Whose role.
 */
session: SessionId, 
/**
 * The new maximum in seconds.
 */
seconds: number, };

/**
 * What a click does, where one does something.
 */
export type Deed = { "kind": "renew", 
/**
 * Which.
 */
session: SessionId, } | { "kind": "sign_in", 
/**
 * Of which session.
 */
session: SessionId, } | { "kind": "check", 
/**
 * Of which session.
 */
session: SessionId, } | { "kind": "change", 
/**
 * What.
 */
change: Change, };

/**
 * Something to do about it.
 */
export type Remedy = { 
/**
 * As a sentence, without a full stop.
 */
sentence: string, 
/**
 * The command that does it, where one does.
 */
command: string | null, 
/**
 * What does it with a click in the panel, where something does.
 */
deed: Deed | null, };

/**
 * How bad it is.
 */
export type Severity = "error" | "warning" | "note";

/**
 * Where an error comes from that somebody pasted.
 */
export type Origin = { 
/**
 * Which services, or which programs, give this error: `any AWS service, of the credentials of a call`.
 */
said_by: string, 
/**
 * Which kinds of sessions it can be about: `a role, an MFA session or …`.
 */
about: string, 
/**
 * The sessions of this machine that it can mean: those of these kinds that are over; by name.
 */
sessions: Array<string>, 
/**
 * The first line of the text that tells it, from 1.
 */
line: number, 
/**
 * How many lines tell it.
 */
times: number, };

/**
 * One thing that is wrong.
 */
export type Diagnosed = { 
/**
 * Stable; its page is `docs/errors/<code>.md`.
 */
code: string, 
/**
 * How bad it is.
 */
severity: Severity, 
/**
 * What happened, as a sentence without a full stop.
 */
what: string, 
/**
 * Why, likewise.
 */
why: string, 
/**
 * Where the error comes from, where it is one of a text.
 */
origin: Origin | null, 
/**
 * What to do now, the best first.
 */
remedies: Array<Remedy>, 
/**
 * What to change so that it does not come back.
 */
prevention: string | null, 
/**
 * Names the repair that puts it right, where there is one.
 */
repair: string | null, };

/**
 * What becomes of a place in an order.
 */
export type Mark = "wins" | "stops" | "loses";

/**
 * One place at which an SDK looks.
 */
export type OrderStep = { 
/**
 * `~/.aws/config:12`, `AWS_ACCESS_KEY_ID`.
 */
place: string, 
/**
 * What stands there: `keys`, `role`.
 */
what: string, 
/**
 * The last four characters of the access key id, where there is one.
 */
key: string | null, 
/**
 * What becomes of it.
 */
mark: Mark, 
/**
 * Why it is not taken; none where it is.
 */
why: string | null, };

/**
 * The order in which one SDK looks.
 */
export type Order = { 
/**
 * What people call the SDK: `boto3`.
 */
sdk: string, 
/**
 * `works with profile dev, named by AWS_PROFILE`.
 */
profile: string, 
/**
 * Where it looks, in this order; empty where nothing could give credentials.
 */
steps: Array<OrderStep>, };

/**
 * One fact.
 */
export type Fact = { 
/**
 * `at most`
 */
label: string, 
/**
 * `12 h`
 */
value: string, };

/**
 * How long a session lives.
 */
export type LifetimeView = { 
/**
 * What a person calls the session.
 */
name: string, 
/**
 * What is asked, what is the default, what is the most, and who sets it.
 */
facts: Array<Fact>, 
/**
 * What makes sessions longer, the best first.
 */
ways: Array<Remedy>, };

/**
 * All of it.
 */
export type DoctorView = { 
/**
 * What is wrong, the worst first; empty where nothing is.
 */
findings: Array<Diagnosed>, 
/**
 * Where each SDK looks for credentials.
 */
orders: Array<Order>, 
/**
 * How long sessions live, and who says so.
 */
lifetimes: Array<LifetimeView>, 
/**
 * The roles of the machine itself, a sentence each; likewise what goes before them, and what the system does not show.
 */
machine: Array<string>, };

/**
 * What a change would do.
 */
export type Preview = { "kind": "changes", 
/**
 * What it means, a sentence each, without a full stop at its end.
 */
sentences: Array<string>, 
/**
 * The lines that change, as a unified diff.
 */
diff: string, 
/**
 * Names exactly this change.
 */
fingerprint: string, } | { "kind": "nothing", 
/**
 * Says so.
 */
sentence: string, };

/**
 * How far a sign-in has come.
 */
export type SignInProgress = { "step": "choosing", 
/**
 * `The portal session that is there ends at about 17:12, and a sign-in within it ends with it.`
 */
sentence: string, 
/**
 * What signing out first means for others.
 */
warning: string, } | { "step": "starting" } | { "step": "waiting", 
/**
 * In large type, to compare with the browser.
 */
user_code: string, 
/**
 * The page, as text. The tray opens it; the window cannot.
 */
verification_uri: string, 
/**
 * The page with the code filled in, which the tray opens.
 */
verification_uri_complete: string, 
/**
 * When the code runs out (UTC).
 */
expires_at: string, } | { "step": "failed", 
/**
 * Why, and what to do.
 */
trouble: Trouble, };

/**
 * What is asked.
 */
export type PromptQuestion = { "kind": "code", 
/**
 * The device as people know it: `alice`.
 */
device: string, 
/**
 * Its full serial number.
 */
serial: string, 
/**
 * AWS's answer to the last code.
 */
error: Trouble | null, 
/**
 * The last code is used up; from this moment on (UTC) the device shows a new one.
 */
next_code_at: string | null, 
/**
 * A code is on its way to AWS: the field waits.
 */
checking: boolean, } | { "kind": "sign_in", 
/**
 * The portal as people know it.
 */
portal: string, 
/**
 * Where it stands.
 */
progress: SignInProgress, };

/**
 * The one prompt that is asked now.
 */
export type PromptView = { 
/**
 * Answers name it.
 */
id: PromptId, 
/**
 * `mfa`, `prod-admin`: the session that it was opened for.
 */
name: string, 
/**
 * `Admin in 123456789012`; empty where nothing is known.
 */
detail: string, 
/**
 * `terraform, pid 4242`; none where the person clicked.
 */
asked_by: string | null, 
/**
 * What else the answer will renew.
 */
also: Array<string>, 
/**
 * What is asked.
 */
question: PromptQuestion, };
