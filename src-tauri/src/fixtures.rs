//! Views for tests, as an agent would send them.

use jiff::Timestamp;
use sandglass_core::names::{PromptId, SessionId};
use sandglass_core::session::Place;
use sandglass_core::views::Views;
use sandglass_core::views::notice::{Notice, NoticeId, Stage};
use sandglass_core::views::panel::{Look, MoreAction, PanelView, Row, RowAction};
use sandglass_core::views::prompt::{PromptQuestion, PromptView, SignInProgress};
use sandglass_core::views::tray::{Icon, MenuSession, TrayView};

/// One session that ends soon.
pub(crate) fn views() -> Views {
    let id = SessionId::new("role:prod_admin");
    Views {
        tray: TrayView {
            icon: Icon::Low,
            tooltip: "prod_admin ends in 12 min (14:32)".to_owned(),
            sessions: vec![MenuSession {
                id: id.clone(),
                label: "prod_admin · 12 min".to_owned(),
                action: RowAction::Renew,
            }],
            due: 1,
        },
        panel: PanelView {
            rows: vec![Row {
                id,
                name: "prod_admin".to_owned(),
                detail: "Admin in 123456789012".to_owned(),
                kind: "Role".to_owned(),
                look: Look::Low,
                time: "12 min".to_owned(),
                sentence: "ends at 14:32, told by AWS".to_owned(),
                known_by: None,
                left_permille: Some(200),
                action: RowAction::Renew,
                trouble: None,
                notes: Vec::new(),
                used_in: vec![Place::File("~/.aws/credentials".to_owned())],
                held_by: Vec::new(),
                more: vec![MoreAction::Check],
            }],
            findings: Vec::new(),
            first_run: None,
            due: 1,
        },
        notices: Vec::new(),
        prompt: None,
    }
}

/// A notice over that session.
pub(crate) fn notice(stage: Stage, title: &str) -> Notice {
    Notice {
        id: NoticeId("role:prod_admin".to_owned()),
        stage,
        title: title.to_owned(),
        body: "Admin in 123456789012, at 14:32.".to_owned(),
        sessions: vec![SessionId::new("role:prod_admin")],
        renewable: vec![SessionId::new("role:prod_admin")],
        ends_at: Some(Timestamp::UNIX_EPOCH),
    }
}

/// A prompt for a code, asked for by a program or by a click.
pub(crate) fn code_prompt(id: u32, asked_by: Option<&str>) -> PromptView {
    PromptView {
        id: PromptId(id),
        name: "mfa".to_owned(),
        detail: String::new(),
        asked_by: asked_by.map(str::to_owned),
        also: Vec::new(),
        question: PromptQuestion::Code {
            device: "alice".to_owned(),
            serial: "arn:aws:iam::123456789012:mfa/alice".to_owned(),
            error: None,
            next_code_at: None,
            checking: false,
        },
    }
}

/// A prompt for a sign-in at this page.
pub(crate) fn sign_in_prompt(id: u32, page: &str) -> PromptView {
    sign_in(
        id,
        SignInProgress::Waiting {
            user_code: "ABCD-EFGH".to_owned(),
            verification_uri: page.to_owned(),
            verification_uri_complete: page.to_owned(),
            expires_at: "2026-11-23T14:32:00Z".parse().expect("a fixed time"),
        },
    )
}

/// A prompt for the choice between a portal session of its own and the one that is there.
pub(crate) fn choice_prompt(id: u32) -> PromptView {
    sign_in(
        id,
        SignInProgress::Choosing {
            sentence: "The portal session that is there ends at 17:12.".to_owned(),
            warning: "Signing out first ends other sign-ins, too.".to_owned(),
        },
    )
}

fn sign_in(id: u32, progress: SignInProgress) -> PromptView {
    PromptView {
        question: PromptQuestion::SignIn {
            portal: "my-sso".to_owned(),
            progress,
        },
        ..code_prompt(id, None)
    }
}
