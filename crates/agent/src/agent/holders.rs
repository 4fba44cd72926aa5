//! Programs that hold temporary keys in their environment: looked for while a tray is there to tell of them, and whenever
//! the doctor is asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sandglass_core::doctor::Holder;
use sandglass_core::doctor::chain::last_four;
use sandglass_core::event::Event;
use sandglass_core::names::SessionId;
use sandglass_core::session::{Definition, Storage};
use sandglass_profiles::ledger::{Entry, Ledger};

use super::Agent;
use crate::clock;
use crate::input::Input;
use crate::issue::{Issuer, Looked};
use crate::processes::{self, Holding};

/// Programs are looked at again after this time.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// What belonged to nobody is looked up again after this time.
const STRANGE: SignedDuration = SignedDuration::from_mins(5);
/// Whose a key was is remembered for so long after its end: a program may hold it for days.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whose a key is. A renewal replaces it where it could be looked up, so that it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    /// This session's.
    Session {
        session: SessionId,
        /// When the key ends (UTC), where that is known.
        ends_at: Option<Timestamp>,
    },
    /// Nobody's, as far as was known at this moment (UTC).
    Nobody { asked_at: Timestamp },
}

/// Whose each key is, by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owners(BTreeMap<String, Owner>);

/// When programs were looked at, and whose the keys are that they hold.
#[derive(Default)]
pub(super) struct Watch {
    looked_at: Option<Timestamp>,
    /// Whether a look is under way.
    progress: Progress,
    owners: Owners,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Idle,
    Busy,
}

/// What one look found.
pub(crate) struct Seen {
    pub(crate) holders: Vec<Holder>,
    owners: Owners,
}

impl Owners {
    fn of(&self, access_key_id: &str) -> Option<(&SessionId, Option<Timestamp>)> {
        match self.0.get(access_key_id)? {
            Owner::Session { session, ends_at } => Some((session, *ends_at)),
            Owner::Nobody { .. } => None,
        }
    }

    fn is_to_be_asked(&self, access_key_id: &str, now: Timestamp) -> bool {
        match self.0.get(access_key_id) {
            None => true,
            Some(Owner::Session { .. }) => false,
            Some(Owner::Nobody { asked_at }) => now.duration_since(*asked_at).abs() >= STRANGE,
        }
    }

    fn is_worth_keeping(owner: &Owner, now: Timestamp) -> bool {
        match owner {
            Owner::Session { ends_at, .. } => {
                ends_at.is_none_or(|at| now.duration_since(at) < REMEMBERED)
            }
            Owner::Nobody { asked_at } => now.duration_since(*asked_at).abs() < STRANGE,
        }
    }
}

impl Watch {
    /// A program was given credentials, and may hand them on.
    pub(super) fn gave(&mut self, session: &SessionId, looked: &Looked) {
        let credentials = &looked.credentials;
        if credentials.session_token.is_some() {
            let owner = Owner::Session {
                session: session.clone(),
                ends_at: credentials.expires_at,
            };
            let id = credentials.access_key_id.clone();
            self.owners.0.insert(id, owner);
        }
    }

    pub(super) fn owners(&self) -> Owners {
        self.owners.clone()
    }

    fn learn(&mut self, owners: Owners, now: Timestamp) {
        self.owners.0.extend(owners.0);
        self.owners
            .0
            .retain(|_, owner| Owners::is_worth_keeping(owner, now));
    }
}

impl Agent {
    /// Looks for programs that hold keys, where it is time and somebody can be told.
    pub(super) fn look_for_holders(&mut self) {
        let now = clock::now();
        let is_early = self
            .watch
            .looked_at
            .is_some_and(|at| now.duration_since(at).abs() < PAUSE);
        let is_busy = self.watch.progress == Progress::Busy;
        if is_early || is_busy || self.trays().next().is_none() {
            return;
        }
        self.watch.looked_at = Some(now);
        self.watch.progress = Progress::Busy;
        let (live, owners) = (self.live(), self.watch.owners());
        let (issuer, inputs) = (self.renewals.issuer(), self.inputs.clone());
        tokio::spawn(async move {
            let seen = look(&issuer, &live, owners).await;
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(Input::HoldersSeen(seen)).await;
        });
    }

    pub(super) fn holders_seen(&mut self, seen: Seen) {
        self.watch.progress = Progress::Idle;
        self.watch.learn(seen.owners, clock::now());
        if self.engine.holders() != seen.holders {
            self.feed(Event::HoldersSeen(seen.holders));
        }
    }

    /// Sessions that have credentials somewhere on this machine.
    pub(super) fn live(&self) -> Vec<Definition> {
        self.engine
            .sessions()
            .filter(|tracked| tracked.state.end().is_some())
            .map(|tracked| tracked.definition.clone())
            .filter(|definition| definition.storage != Storage::Nowhere)
            .collect()
    }
}

/// Programs with temporary keys, and whose these are.
pub(super) async fn look(issuer: &Arc<Issuer>, live: &[Definition], mut owners: Owners) -> Seen {
    let own = std::process::id();
    let now = clock::now();
    let holding = tokio::task::block_in_place(|| processes::holding(Path::new("/proc")));
    let holding: Vec<Holding> = holding
        .into_iter()
        .filter(|holding| holding.pid != own && !holding.name.starts_with("sandglass"))
        .collect();
    let unknown: Vec<&Holding> = holding
        .iter()
        .filter(|holding| owners.is_to_be_asked(&holding.access_key_id, now))
        .collect();
    if !unknown.is_empty() {
        let keys = issuer.key_ids(live);
        for Holding { access_key_id, .. } in unknown {
            let owner = match keys.iter().find(|key| key.access_key_id == *access_key_id) {
                Some(key) => Owner::Session {
                    session: key.session.clone(),
                    ends_at: key.ends_at,
                },
                None => Owner::Nobody { asked_at: now },
            };
            owners.0.insert(access_key_id.clone(), owner);
        }
    }
    let ledger = if holding.is_empty() {
        Ledger::default()
    } else {
        tokio::task::block_in_place(|| Ledger::read(&issuer.paths))
    };
    // Processes start by the clock of this machine, and ends are told by AWS's.
    let ahead = clock::ahead();
    let holder = |holding: Holding| {
        let owner = owners.of(&holding.access_key_id);
        let noted = match ledger.get(&holding.access_key_id) {
            Some(Entry::Issued { ends_at, .. }) => Some(ends_at),
            Some(Entry::Seen { .. }) | None => None,
        };
        let of_session = owner.and_then(|(_, ends_at)| ends_at);
        Holder {
            pid: holding.pid,
            name: holding.name,
            since: holding.since.saturating_add(ahead).unwrap_or(holding.since),
            key: last_four(&holding.access_key_id).to_owned(),
            // A variable may be left over from other keys.
            ends_at: of_session.or(noted).or(holding.ends_at),
            session: owner.map(|(session, _)| session.clone()),
        }
    };
    let mut holders: Vec<Holder> = holding.into_iter().map(holder).collect();
    // The system lists them in no order that means anything.
    holders.sort_by_key(|holder| holder.pid);
    Seen { holders, owners }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T12:00:00Z".parse().unwrap()
    }

    fn of_dev(ends_at: Option<Timestamp>) -> Owner {
        Owner::Session {
            session: SessionId::new("role:dev"),
            ends_at,
        }
    }

    fn owners(all: &[(&str, Owner)]) -> Owners {
        let all = all.iter().cloned();
        Owners(all.map(|(id, owner)| (id.to_owned(), owner)).collect())
    }

    #[test]
    fn whose_a_key_was_is_remembered_for_days_and_what_is_nobody_s_is_asked_again() {
        let ended = |hours| Some(now() - SignedDuration::from_hours(hours));
        let asked = |minutes| Owner::Nobody {
            asked_at: now() - SignedDuration::from_mins(minutes),
        };
        let mut watch = Watch::default();
        watch.learn(
            owners(&[
                ("OLD", of_dev(ended(200))),
                ("DAYS", of_dev(ended(50))),
                ("NOW", of_dev(None)),
                ("LATELY", asked(1)),
                ("LONGAGO", asked(6)),
            ]),
            now(),
        );
        let known = watch.owners();
        let ids: Vec<&str> = known.0.keys().map(String::as_str).collect();
        assert_eq!(ids, ["DAYS", "LATELY", "NOW"]);
        assert!(known.is_to_be_asked("LONGAGO", now()));
        assert!(!known.is_to_be_asked("LATELY", now()));
        assert!(!known.is_to_be_asked("NOW", now()));
        assert_eq!(known.of("LATELY"), None);
        assert_eq!(
            known.of("DAYS"),
            Some((&SessionId::new("role:dev"), ended(50)))
        );
    }
}
