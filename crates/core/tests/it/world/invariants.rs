//! What must hold after every step.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use sandglass_core::engine::{Prompt, Route, Tracked};
use sandglass_core::names::SessionId;
use sandglass_core::session::{Needs, Policy, Renewal, State};
use sandglass_core::views;
use sandglass_core::views::notice::Stage;

use super::{World, id_of};

impl World {
    /// What must hold whenever the engine has been drained.
    pub(super) fn check(&mut self) {
        let views = self.views();
        let mut again = self.engine.clone();
        again.handle_timeout(self.now);
        assert_eq!(again.poll_effect(), None, "a second look wants more");
        assert_eq!(
            views::views(&again, self.now, &TimeZone::UTC),
            views,
            "a second look sees something else"
        );
        let wakes = [
            self.engine.poll_timeout(),
            views::next_change(&self.engine, self.now, &TimeZone::UTC),
        ];
        for wake in wakes.into_iter().flatten() {
            assert!(
                self.now < wake,
                "at {} it wants to wake at {wake}",
                self.now
            );
        }
        self.check_prompts();
        for session in self.engine.sessions() {
            self.check_session(session);
        }
        for session in self.waiting.values() {
            let state = self.state(session.as_str());
            assert!(
                is_under_way(&state),
                "{session} is waited for, and is {state:?}"
            );
        }
        if self.engine.is_screen_locked() {
            assert_eq!(views.notices, [], "a notice on a locked screen");
        }
        for notice in views
            .notices
            .iter()
            .filter(|notice| notice.stage != Stage::Done)
        {
            for session in &notice.sessions {
                self.check_concern(session);
            }
            for session in &notice.renewable {
                assert!(notice.sessions.contains(session));
                let policy = self.session(session.as_str()).definition.renewal.policy();
                assert_eq!(
                    policy,
                    Policy::Keep,
                    "{session} is not Sandglass's to renew"
                );
            }
        }
        let ids: BTreeSet<_> = views.notices.iter().map(|notice| &notice.id).collect();
        assert_eq!(ids.len(), views.notices.len(), "two notices with one id");
        assert!(views.tray.sessions.len() <= 8);
        let engine = &self.engine;
        self.clicked.retain(|clicked| {
            let session = engine.session(clicked);
            session.is_some_and(|session| is_under_way(&session.state))
        });
    }

    fn check_prompts(&mut self) {
        let prompts: Vec<&Prompt> = self.engine.prompts().collect();
        for (index, prompt) in prompts.iter().enumerate() {
            let same = |other: &&&Prompt| other.key == prompt.key;
            assert!(
                !prompts[index + 1..].iter().any(|other| same(&other)),
                "two prompts for one thing"
            );
            let opened_for = self.engine.waiting_with(prompt.id).map(id_of);
            assert!(
                opened_for.into_iter().any(|id| id == prompt.opened_for),
                "the prompt is for {}, which does not wait",
                prompt.opened_for
            );
            match prompt.route {
                Route::Tray => assert!(self.has_tray, "asked at a tray that is gone"),
                Route::Terminal(asker) => {
                    assert!(
                        self.waiting.contains_key(&asker),
                        "asked at a terminal that is gone"
                    );
                }
                Route::InHand(_) => assert!(
                    self.engine.waiting_with(prompt.id).any(|session| {
                        self.under_way
                            .values()
                            .any(|id| *id == session.definition.id)
                    }),
                    "a code in hand is not being checked"
                ),
            }
            if self.prompts.insert(prompt.id) {
                let wanted = self.clicked.iter().chain(self.waiting.values());
                let is_wanted = wanted
                    .flat_map(|id| self.lineage(id))
                    .any(|id| id == prompt.opened_for);
                assert!(
                    is_wanted,
                    "nobody wanted the prompt for {}",
                    prompt.opened_for
                );
            }
        }
        let in_tray = prompts.iter().any(|prompt| prompt.route == Route::Tray);
        assert_eq!(self.views().prompt.is_some(), in_tray);
    }

    fn check_session(&self, session: &Tracked) {
        let id = id_of(session);
        match &session.state {
            State::WaitingForYou { prompt, .. } => assert!(
                self.engine.prompts().any(|open| open.id == *prompt),
                "{id} waits with a prompt that is closed"
            ),
            State::Renewing { .. } => assert!(
                self.lineage(&id).iter().any(|id| {
                    self.under_way.values().any(|under_way| under_way == id)
                        || matches!(self.state(id.as_str()), State::WaitingForNetwork { .. })
                }),
                "{id} is renewing, and no call is under way"
            ),
            State::Unknown
            | State::Lasting { .. }
            | State::Valid(_)
            | State::Due(_)
            | State::Expired(_)
            | State::WaitingForNetwork { .. }
            | State::Broken { .. } => assert!(
                !self.under_way.values().any(|under_way| *under_way == id),
                "{id} rests while a call is under way"
            ),
        }
    }

    /// A notice stands only for what is not well and needs somebody.
    fn check_concern(&self, id: &SessionId) {
        let session = self.session(id.as_str());
        let leads = self.engine.settings().leads_of(id);
        let whole_ends_soon = session
            .whole
            .is_some_and(|whole| whole.first_notice(leads) <= self.now && self.now < whole.at);
        let by_aws = matches!(session.definition.renewal, Renewal::Metadata(_));
        let held = self.engine.holders().iter().any(|holder| {
            holder.session.as_ref() == Some(id) && holder.ends_at.is_some_and(|at| self.now < at)
        });
        let concerns = whole_ends_soon
            || held
            || by_aws
            || match &session.state {
                State::Due(_) | State::Expired(_) => {
                    self.engine.needs(session, self.now) != Needs::Nothing
                        || session.trouble.is_some()
                }
                State::Broken { .. } => true,
                State::Unknown
                | State::Lasting { .. }
                | State::Valid(_)
                | State::Renewing { .. }
                | State::WaitingForYou { .. }
                | State::WaitingForNetwork { .. } => false,
            };
        assert!(
            concerns,
            "a notice stands for {id}, which is {:?}",
            session.state
        );
    }

    fn lineage(&self, id: &SessionId) -> Vec<SessionId> {
        let mut lineage = vec![id.clone()];
        while let Some(session) = self.engine.session(&lineage[lineage.len() - 1]) {
            match session.definition.renewal.source() {
                Some(source) if !lineage.contains(source) => lineage.push(source.clone()),
                Some(_) | None => break,
            }
        }
        lineage
    }
}

fn is_under_way(state: &State) -> bool {
    match state {
        State::Renewing { .. } | State::WaitingForYou { .. } => true,
        State::Unknown
        | State::Lasting { .. }
        | State::Valid(_)
        | State::Due(_)
        | State::Expired(_)
        | State::WaitingForNetwork { .. }
        | State::Broken { .. } => false,
    }
}
