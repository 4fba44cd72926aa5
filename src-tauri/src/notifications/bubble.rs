//! A notice as a notification: its words, buttons and time, in the terms of `notify-rust`.

use std::time::Duration;

use notify_rust::{Notification, NotificationResponse, Timeout};
use sandglass_core::views::notice::{Notice, Stage};

use super::{Click, Outcome};

/// A word of success closes itself after this time.
const DONE_STANDS: Duration = Duration::from_secs(5);

const RENEW: &str = "renew";
const SNOOZE: &str = "snooze";

/// What a notification service can do (Desktop Notifications Specification 1.3, `GetCapabilities`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    /// Whether it shows buttons.
    pub(super) buttons: Buttons,
    /// How it reads a body.
    pub(super) body: Body,
}

/// Whether a service shows buttons. One that does not could show them as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buttons {
    /// It does.
    Shown,
    /// It does not.
    Missing,
}

/// How a service reads a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// As a kind of HTML, in which a few characters must be escaped.
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "only D-Bus services do")
    )]
    Markup,
    /// As it is.
    Plain,
}

/// The notification of a notice.
pub(super) fn notification(notice: &Notice, abilities: Abilities) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Sandglass")
        .summary(&notice.title)
        .body(&match abilities.body {
            Body::Markup => escaped(&notice.body),
            Body::Plain => notice.body.clone(),
        })
        .timeout(match notice.stage {
            Stage::Done => Timeout::from(DONE_STANDS),
            Stage::First | Stage::Last | Stage::Ended => Timeout::Never,
        });
    let buttons = match notice.stage {
        Stage::Done => Buttons::Missing,
        Stage::First | Stage::Last | Stage::Ended => abilities.buttons,
    };
    if abilities.buttons == Buttons::Shown {
        // The click on the notification itself. xfce4-notifyd knows none: it takes every click there for closing, and
        // would make a third button of an action with a label.
        notification.action("default", "");
    }
    if buttons == Buttons::Shown {
        if !notice.renewable.is_empty() {
            notification.action(RENEW, "Renew");
        }
        // Of what belongs to no session nothing can be silenced.
        if !notice.sessions.is_empty() {
            notification.action(SNOOZE, "Snooze");
        }
    }
    notification
}

/// What a response of the desktop means.
pub(super) fn outcome(response: &NotificationResponse) -> Outcome {
    match response {
        NotificationResponse::Action(id) if id == RENEW => Outcome::Clicked(Click::Renew),
        NotificationResponse::Action(id) if id == SNOOZE => Outcome::Clicked(Click::Snooze),
        NotificationResponse::Default
        | NotificationResponse::Action(_)
        | NotificationResponse::Reply(_) => Outcome::Clicked(Click::Body),
        NotificationResponse::Closed(_) => Outcome::Closed,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::notice;

    const ALL: Abilities = Abilities {
        buttons: Buttons::Shown,
        body: Body::Markup,
    };

    #[test]
    fn what_sandglass_cannot_renew_has_no_button_for_it() {
        let foreign = Notice {
            renewable: Vec::new(),
            ..notice(Stage::First, "ends in 15 min")
        };
        assert_eq!(
            notification(&foreign, ALL).actions,
            ["default", "", "snooze", "Snooze"]
        );
    }

    #[test]
    fn a_notice_has_its_two_buttons_and_stays() {
        let shown = notification(&notice(Stage::First, "ends in 15 min"), ALL);
        assert_eq!(
            shown.actions,
            ["default", "", "renew", "Renew", "snooze", "Snooze"]
        );
        assert_eq!(shown.timeout, Timeout::Never);
    }

    #[test]
    fn a_word_of_success_has_no_buttons_and_closes_itself() {
        let shown = notification(&notice(Stage::Done, "renewed until 15:32"), ALL);
        assert_eq!(shown.actions, ["default", ""]);
        assert_eq!(shown.timeout, Timeout::Milliseconds(5000));
    }

    #[test]
    fn a_service_without_buttons_is_given_none() {
        let abilities = Abilities {
            buttons: Buttons::Missing,
            ..ALL
        };
        let shown = notification(&notice(Stage::First, "ends in 15 min"), abilities);
        assert!(shown.actions.is_empty());
    }

    #[test]
    fn a_body_is_escaped_only_where_it_is_read_as_markup() {
        let mut notice = notice(Stage::First, "ends in 15 min");
        notice.body = "R&D <b>admin</b>".to_owned();
        assert_eq!(
            notification(&notice, ALL).body,
            "R&amp;D &lt;b&gt;admin&lt;/b&gt;"
        );
        let plain = Abilities {
            body: Body::Plain,
            ..ALL
        };
        assert_eq!(notification(&notice, plain).body, notice.body);
    }

    #[test]
    fn a_button_that_nobody_knows_opens_the_panel() {
        let response = NotificationResponse::Action("settings".to_owned());
        assert_eq!(outcome(&response), Outcome::Clicked(Click::Body));
    }
}
