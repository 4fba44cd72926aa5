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
