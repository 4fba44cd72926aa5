//! Programs that hold keys in their environment, which no renewal reaches there.

use anyhow::Result;

use crate::case::{ROW, Row, Told, Variable};
use crate::check::check;

const SECRET: Variable = ("AWS_SECRET_ACCESS_KEY", "never-shown");
const TOKEN: Variable = ("AWS_SESSION_TOKEN", "never-shown");
const TEMPORARY: Variable = ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE0HELD");

const ENDING: Told = Told::warning("process-holds-keys", "sandglass exec PROFILE -- PROGRAM")
    .parts("sleep", "end in 9 min", "will not notice a renewal")
    .why("it took them from its environment");
const ENDED: Told = Told::error("process-holds-keys", "sandglass exec PROFILE -- PROGRAM").parts(
    "sleep",
    "ended 10 min ago",
    "will not notice a renewal",
);

const ROWS: &[Row] = &[
    Row {
        what: "keys that end soon",
        programs: &[&[
            TEMPORARY,
            SECRET,
            TOKEN,
            ("AWS_CREDENTIAL_EXPIRATION", "{+599}"),
        ]],
        told: &[ENDING],
        ..ROW
    },
    Row {
        what: "keys that have ended",
        programs: &[&[
            TEMPORARY,
            SECRET,
            TOKEN,
            ("AWS_CREDENTIAL_EXPIRATION", "{-601}"),
        ]],
        told: &[ENDED],
        ..ROW
    },
    Row {
        what: "the legacy name of the token",
        programs: &[&[
            TEMPORARY,
            SECRET,
            ("AWS_SECURITY_TOKEN", "never-shown"),
            ("AWS_CREDENTIAL_EXPIRATION", "{-601}"),
        ]],
        told: &[ENDED],
        ..ROW
    },
    Row {
        what: "temporary keys whose end nobody knows are no reason to alarm",
        programs: &[&[TEMPORARY, SECRET, TOKEN]],
        ..ROW
    },
    Row {
        what: "an end that is no time",
        programs: &[&[
            TEMPORARY,
            SECRET,
            TOKEN,
            ("AWS_CREDENTIAL_EXPIRATION", "tomorrow"),
        ]],
        ..ROW
    },
    Row {
        what: "long-lived keys do not end",
        programs: &[&[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0LONG"), SECRET]],
        ..ROW
    },
    Row {
        what: "a token without a key is none",
        programs: &[&[TOKEN, ("AWS_CREDENTIAL_EXPIRATION", "{-601}")]],
        ..ROW
    },
    Row {
        what: "a profile in the environment is read anew",
        programs: &[&[("AWS_PROFILE", "dev")]],
        ..ROW
    },
    Row {
        what: "keys of a profile, which tells their end and their name",
        credentials: "[saml]\naws_access_key_id = ASIAEXAMPLE0SAML\naws_secret_access_key = never-shown\naws_session_token = never-shown\nx_security_token_expires = {+599}\n",
        programs: &[&[("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE0SAML"), SECRET, TOKEN]],
        told: &[
            Told::warning("process-holds-keys", "sandglass exec saml -- PROGRAM").parts(
                "holds keys of `saml`",
                "end in 9 min",
                "",
            ),
        ],
        ..ROW
    },
    Row {
        what: "several, those that have ended first",
        programs: &[
            &[
                TEMPORARY,
                SECRET,
                TOKEN,
                ("AWS_CREDENTIAL_EXPIRATION", "{+599}"),
            ],
            &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE0LONG"), SECRET],
            &[
                ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE0MORE"),
                SECRET,
                TOKEN,
                ("AWS_CREDENTIAL_EXPIRATION", "{-601}"),
            ],
            &[TEMPORARY, SECRET, TOKEN],
        ],
        told: &[ENDED, ENDING],
        ..ROW
    },
    Row {
        what: "an error comes first",
        programs: &[&[
            TEMPORARY,
            SECRET,
            TOKEN,
            ("AWS_CREDENTIAL_EXPIRATION", "{-601}"),
        ]],
        error: Some("ExpiredTokenException: The security token included in the request is expired"),
        told: &[
            Told::error("expired-token", "sandglass renew PROFILE"),
            ENDED,
        ],
        ..ROW
    },
];

#[test]
fn programs_that_hold_keys_which_end_are_told() -> Result<()> {
    check(ROWS)
}
