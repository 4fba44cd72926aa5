//! The icon, its tooltip and its menu: one pure description, and an adapter for each kind of desktop.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod adapter;
#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod adapter;
mod pictures;

pub(crate) use adapter::Tray;
use sandglass_core::names::SessionId;
use sandglass_core::views::panel::RowAction;
use sandglass_core::views::tray::{Icon, MenuSession, TrayView};

use crate::state::{Agent, Notifications, State};

/// All that the tray shows. Compared before anything is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    /// Which picture.
    pub(crate) icon: Icon,
    /// One line.
    pub(crate) tooltip: String,
    /// Top to bottom.
    pub(crate) menu: Vec<Item>,
}

/// A part of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Picks something.
    Entry(Entry),
    /// Opens further entries.
    Submenu {
        /// What it says.
        label: String,
        /// What it opens.
        entries: Vec<Entry>,
    },
    /// A line.
    Separator,
}

/// What can be picked in the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it says.
    pub(crate) label: String,
    /// What it does; none while it can do nothing.
    pub(crate) choice: Option<Choice>,
}

/// What a person picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Renew this session.
    Renew(SessionId),
    /// Ask AWS whether it accepts the credentials of this session.
    Check(SessionId),
    /// Renew all that ends soon or has ended.
    RenewDue,
    /// No notices for a while.
    SnoozeAll,
    /// Open the panel.
    OpenPanel,
    /// Open the panel on the doctor's page.
    Explain,
    /// End the tray app and the agent.
    Quit,
}

/// What the tray shows of a state.
pub(crate) fn face(state: &State) -> Face {
    let (icon, mut tooltip) = match (&state.agent, state.views()) {
        (Agent::Connected(_), Some(views)) => (views.tray.icon, views.tray.tooltip.clone()),
        (Agent::Gone(why), _) => (Icon::Empty, format!("Sandglass cannot go on: {why}")),
        (Agent::Starting | Agent::Connected(_), _) => {
            (Icon::Turning, "Sandglass is starting".to_owned())
        }
    };
    match state.notifications {
        Notifications::Work => {}
        Notifications::Fail(_) => tooltip.push_str(" · this desktop shows no notifications"),
    }
    Face {
        icon,
        tooltip,
        menu: menu(state.views().map(|views| &views.tray)),
    }
}

/// The menu; without a view nothing can be renewed or snoozed.
fn menu(view: Option<&TrayView>) -> Vec<Item> {
    let mut items: Vec<Item> = view
        .map(|view| view.sessions.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|session| Item::Submenu {
            label: session.label.clone(),
            entries: vec![of_session(session)],
        })
        .collect();
    if !items.is_empty() {
        items.push(Item::Separator);
    }
    let due = view.map_or(0, |view| view.due);
    let renew_due = match due {
        0 => entry("Renew what is due", None),
        due => entry(
            &format!("Renew what is due ({due})"),
            Some(Choice::RenewDue),
        ),
    };
    items.extend([
        Item::Entry(renew_due),
        Item::Entry(entry("Snooze for 15 min", view.map(|_| Choice::SnoozeAll))),
        Item::Entry(entry("Open Sandglass", Some(Choice::OpenPanel))),
        Item::Entry(entry("Why did it expire?", view.map(|_| Choice::Explain))),
        Item::Separator,
        Item::Entry(entry("Quit", Some(Choice::Quit))),
    ]);
    items
}

/// What can be done about a session; words and deeds are those of its row in the panel.
fn of_session(session: &MenuSession) -> Entry {
    let renew = || Some(Choice::Renew(session.id.clone()));
    match session.action {
        RowAction::Renew => entry("Renew", renew()),
        RowAction::SignIn => entry("Sign in", renew()),
        RowAction::Run => entry("Run", renew()),
        RowAction::ReadAgain => entry("Read again", renew()),
        RowAction::Check => entry("Check now", Some(Choice::Check(session.id.clone()))),
        RowAction::Elsewhere | RowAction::Busy => entry("Renew", None),
    }
}

fn entry(label: &str, choice: Option<Choice>) -> Entry {
    Entry {
        label: label.to_owned(),
        choice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::views;
    use crate::state::Agent;

    fn state(agent: Agent) -> State {
        State {
            agent,
            ..State::new()
        }
    }

    fn plain(label: &str, choice: Option<Choice>) -> Item {
        Item::Entry(entry(label, choice))
    }

    #[test]
    fn the_menu_offers_each_session_and_what_is_due() {
        let face = face(&state(Agent::Connected(Some(Box::new(views())))));
        assert_eq!(face.icon, Icon::Low);
        assert_eq!(face.tooltip, "prod_admin ends in 12 min (14:32)");
        let renew = Choice::Renew(SessionId::new("role:prod_admin"));
        assert_eq!(
            face.menu,
            [
                Item::Submenu {
                    label: "prod_admin · 12 min".to_owned(),
                    entries: vec![entry("Renew", Some(renew))],
                },
                Item::Separator,
                plain("Renew what is due (1)", Some(Choice::RenewDue)),
                plain("Snooze for 15 min", Some(Choice::SnoozeAll)),
                plain("Open Sandglass", Some(Choice::OpenPanel)),
                plain("Why did it expire?", Some(Choice::Explain)),
                Item::Separator,
                plain("Quit", Some(Choice::Quit)),
            ]
        );
    }

    #[test]
    fn notifications_that_nobody_sees_are_told_in_the_tooltip() {
        let mut state = state(Agent::Connected(Some(Box::new(views()))));
        state.notifications = Notifications::Fail("no notification service".to_owned());
        assert_eq!(
            face(&state).tooltip,
            "prod_admin ends in 12 min (14:32) · this desktop shows no notifications"
        );
    }

    #[test]
    fn where_nothing_is_due_there_is_nothing_to_pick() {
        let mut views = views();
        views.tray.due = 0;
        views.tray.sessions.clear();
        let face = face(&state(Agent::Connected(Some(Box::new(views)))));
        assert_eq!(face.menu[0], plain("Renew what is due", None));
    }

    #[test]
    fn what_sandglass_cannot_renew_is_offered_for_what_can_be_done_about_it() {
        let mut views = views();
        views.tray.sessions[0].action = RowAction::Check;
        let check = Choice::Check(SessionId::new("role:prod_admin"));
        assert_eq!(
            menu(Some(&views.tray))[0],
            Item::Submenu {
                label: "prod_admin · 12 min".to_owned(),
                entries: vec![entry("Check now", Some(check))],
            }
        );
        views.tray.sessions[0].action = RowAction::Elsewhere;
        let Item::Submenu { entries, .. } = &menu(Some(&views.tray))[0] else {
            panic!("the session is gone");
        };
        assert_eq!(entries[0].choice, None);
    }

    #[test]
    fn without_an_agent_the_tray_says_why_and_offers_the_panel_and_the_end() {
        let face = face(&state(Agent::Gone("no agent is running".to_owned())));
        assert_eq!(face.icon, Icon::Empty);
        assert_eq!(face.tooltip, "Sandglass cannot go on: no agent is running");
        let choices: Vec<_> = face
            .menu
            .iter()
            .filter_map(|item| match item {
                Item::Entry(entry) => entry.choice.clone(),
                Item::Submenu { .. } | Item::Separator => None,
            })
            .collect();
        assert_eq!(choices, [Choice::OpenPanel, Choice::Quit]);
    }
}
