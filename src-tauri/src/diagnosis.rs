//! The doctor's page: what is asked of the agent, and what the window is told.

use sandglass_core::doctor::chain::variables;
use sandglass_core::doctor::errors::{Scanner, Symptom};
use sandglass_core::names::ProfileName;
use sandglass_core::views::doctor::{DoctorView, Preview, doctor_view};
use sandglass_protocol::message::{Question, Reply};

use crate::message::{Refusal, RefusalCode};

/// What is asked about a profile, with what is known of the text that a person pasted. The variables are those of the
/// desktop session that this program was started in.
pub(crate) fn question(profile: Option<ProfileName>, text: &str) -> Question {
    let mut scanner = Scanner::default();
    scanner.feed(text.as_bytes());
    Question {
        profile,
        sdk: None,
        variables: variables(|name| std::env::var(name).ok()),
        asked_from: Some("the tray from your desktop session".to_owned()),
        symptoms: scanner.finish().into_iter().map(Symptom::from).collect(),
    }
}

/// A diagnosis as the window shows it.
pub(crate) fn view(reply: Reply) -> Result<DoctorView, Refusal> {
    if let Reply::Diagnosis(diagnosis) = reply {
        return Ok(doctor_view(&diagnosis));
    }
    Err(unexpected(&reply))
}

/// What a change would do.
pub(crate) fn preview(reply: Reply) -> Result<Preview, Refusal> {
    if let Reply::Changes(changes) = reply {
        return Ok(Preview::Changes {
            sentences: changes.sentences,
            diff: changes.diff,
            fingerprint: changes.fingerprint,
        });
    }
    sentence(reply).map(|sentence| Preview::Nothing { sentence })
}

/// What a change has done.
pub(crate) fn sentence(reply: Reply) -> Result<String, Refusal> {
    if let Reply::Done { sentence } = reply {
        return Ok(sentence);
    }
    Err(unexpected(&reply))
}

/// The agent may leave while it is asked.
fn unexpected(reply: &Reply) -> Refusal {
    let message = match reply {
        Reply::Leaving => "the agent leaves",
        Reply::Done { .. }
        | Reply::Failed(_)
        | Reply::Status(_)
        | Reply::Views(_)
        | Reply::Definitions(_)
        | Reply::Diagnosis(_)
        | Reply::Changes(_)
        | Reply::Credentials(_)
        | Reply::EndpointOpen(_)
        | Reply::ConsoleReady { .. }
        | Reply::AskCode { .. }
        | Reply::ShowSignIn { .. }
        | Reply::PanelWanted => "the agent answered what was not asked",
    };
    Refusal::new(RefusalCode::AgentGone, message, "Try again in a moment.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_of_a_text_is_asked_about() {
        let text = "AWS_SECRET_ACCESS_KEY=never-sent\nAn error occurred (ExpiredToken) when calling the ListBuckets operation";
        let asked = question(Some(ProfileName::new("dev")), text);
        assert_eq!(asked.symptoms.len(), 1);
        assert_eq!(asked.symptoms[0].code, "expired-token");
        assert_eq!(asked.symptoms[0].line, 2);
        let sent = serde_json::to_string(&asked).unwrap();
        assert!(!sent.contains("never-sent"), "{sent}");
    }

    #[test]
    fn a_change_that_is_made_already_is_a_preview_of_nothing() {
        let done = || Reply::Done {
            sentence: "`dev` asks for 2 h already".to_owned(),
        };
        assert_eq!(
            preview(done()),
            Ok(Preview::Nothing {
                sentence: "`dev` asks for 2 h already".to_owned()
            })
        );
        assert_eq!(
            sentence(done()).as_deref(),
            Ok("`dev` asks for 2 h already")
        );
        assert_eq!(
            sentence(Reply::Leaving).unwrap_err().message,
            "the agent leaves"
        );
    }
}
