//! What the tray app knows at one moment. Everything that it shows is computed from this, and from nothing else.

use sandglass_core::views::Views;
use sandglass_core::views::panel::PanelView;
use serde::Serialize;

/// All that the tray app knows.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// How things stand with the agent.
    pub(crate) agent: Agent,
    /// Whether the desktop shows our icon.
    pub(crate) tray: Presence,
    /// Whether the desktop shows our notifications.
    pub(crate) notifications: Notifications,
    /// How often the doctor was asked for in the menu, since the panel was last closed.
    pub(crate) doctor: u32,
}

/// How things stand with the agent. There are views only while it is there: without it nobody knows how much time
/// is left.
#[derive(Clone, Debug)]
pub(crate) enum Agent {
    /// It is being started or connected to.
    Starting,
    /// It is there; the views come right after the connection.
    Connected(Option<Box<Views>>),
    /// It is not there, and why, in words for people.
    Gone(String),
}

/// Whether the desktop has a place for the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Presence {
    /// It is shown.
    Present,
    /// Nobody shows it: GNOME without an extension, or a panel that has not started.
    Absent,
}

/// Whether notifications reach the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notifications {
    /// As far as anybody knows.
    Work,
    /// The last one could not be shown, and why.
    Fail(String),
}

/// What the panel window is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PanelState {
    /// How things stand with the agent.
    agent: AgentWord,
    /// The sessions; null without an agent.
    view: Option<PanelView>,
    /// Whether there is an icon in a tray.
    tray: Presence,
    /// What is wrong besides, in words.
    message: Option<String>,
    /// A number that grows when the doctor is asked for in the menu.
    doctor: u32,
}

/// [`Agent`] in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum AgentWord {
    Connected,
    Starting,
    Gone,
}

impl State {
    /// Before anything is known. An icon is taken for shown until the desktop says otherwise.
    pub(crate) fn new() -> Self {
        Self {
            agent: Agent::Starting,
            tray: Presence::Present,
            notifications: Notifications::Work,
            doctor: 0,
        }
    }

    /// What the agent last showed.
    pub(crate) fn views(&self) -> Option<&Views> {
        match &self.agent {
            Agent::Connected(views) => views.as_deref(),
            Agent::Starting | Agent::Gone(_) => None,
        }
    }

    /// What the panel window shows.
    pub(crate) fn panel(&self) -> PanelState {
        let (agent, gone) = match &self.agent {
            Agent::Connected(Some(_)) => (AgentWord::Connected, None),
            Agent::Connected(None) | Agent::Starting => (AgentWord::Starting, None),
            Agent::Gone(why) => (AgentWord::Gone, Some(why)),
        };
        let silent = match &self.notifications {
            Notifications::Work => None,
            Notifications::Fail(why) => Some(why),
        };
        PanelState {
            agent,
            view: self.views().map(|views| views.panel.clone()),
            tray: self.tray,
            message: gone.or(silent).cloned(),
            doctor: self.doctor,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::views;

    #[test]
    fn the_panel_is_told_in_the_shape_that_the_window_reads() {
        let mut state = State::new();
        state.agent = Agent::Gone("the agent could not be started".to_owned());
        state.tray = Presence::Absent;
        assert_eq!(
            serde_json::to_value(state.panel()).unwrap(),
            json!({
                "agent": "gone",
                "view": null,
                "tray": "absent",
                "message": "the agent could not be started",
                "doctor": 0,
            })
        );
    }

    #[test]
    fn an_agent_that_has_not_shown_anything_is_still_starting() {
        let mut state = State::new();
        state.agent = Agent::Connected(None);
        assert_eq!(state.panel().agent, AgentWord::Starting);
        state.agent = Agent::Connected(Some(Box::new(views())));
        assert_eq!(state.panel().agent, AgentWord::Connected);
        assert_eq!(state.panel().view, Some(views().panel));
    }

    #[test]
    fn a_missing_notification_service_is_told_while_all_else_works() {
        let mut state = State::new();
        state.agent = Agent::Connected(Some(Box::new(views())));
        state.notifications = Notifications::Fail("no notification service".to_owned());
        assert_eq!(
            state.panel().message.as_deref(),
            Some("no notification service")
        );
    }
}
