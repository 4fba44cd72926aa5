//! The page of each error in `docs/errors`: a test compares what is committed with the table, and writes it anew with
//! `UPDATE_PAGES=1`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::errors::{ALL, Known};
use super::remedies::{Case, prevention, remedies};
use crate::views::words::sentence;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors")
}

fn page(error: &'static Known) -> String {
    let case = Case {
        error: Some(error),
        session: None,
        profile: None,
        skew: None,
    };
    let mut page = format!(
        "# {}\n\n{}\n\n{}\n\n",
        error.code,
        sentence(error.what),
        sentence(error.why)
    );
    let _ = writeln!(
        page,
        "Said by {}. It can be about {}. Known by",
        error.family.said_by(),
        error.about().words
    );
    for code in error.codes {
        let _ = writeln!(page, "- the code `{code}`");
    }
    for text in error.texts {
        let _ = writeln!(
            page,
            "- the words \u{201c}{}\u{201d}",
            text.replace('…', " … ")
        );
    }
    page.push_str("\n## What to do\n\n");
    for remedy in remedies(error.cause, case) {
        let _ = match remedy.command {
            Some(command) => writeln!(
                page,
                "- {}: `{command}`",
                sentence(&remedy.sentence).trim_end_matches('.')
            ),
            None => writeln!(page, "- {}", sentence(&remedy.sentence)),
        };
    }
    if let Some(prevention) = prevention(error.cause, case) {
        let _ = write!(
            page,
            "\n## So that it does not come back\n\n{}\n",
            sentence(&prevention)
        );
    }
    page
}

#[test]
fn every_error_has_its_page() {
    let update = std::env::var_os("UPDATE_PAGES").is_some();
    for error in ALL.iter().copied().flatten() {
        let path = folder().join(format!("{}.md", error.code));
        let page = page(error);
        if update {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == page,
            "{} is stale: run this test with UPDATE_PAGES=1",
            error.code
        );
    }
}

#[test]
fn every_other_finding_has_its_page() {
    for code in [
        "clock-wrong",
        "session-over",
        "chain-stopped",
        "environment-goes-first",
        "keys-go-first",
        "process-holds-keys",
        "file",
        "machine-role-missing",
        "regions-differ",
        "sdks-disagree",
        "security-token-goes-first",
        "stands-twice",
        "cache-torn",
        "mode-loose",
        "sso-legacy",
        "sso-scope-missing",
        "sso-cache-collision",
        "two-writers",
    ] {
        let page = fs::read_to_string(folder().join(format!("{code}.md"))).unwrap_or_default();
        assert!(page.starts_with(&format!("# {code}\n")), "{code}");
    }
}
