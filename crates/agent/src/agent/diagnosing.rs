//! What a diagnosis stands on: files, processes, clocks and sessions, gathered for one question.

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use sandglass_core::doctor::chain::{Sdk, last_four};
use sandglass_core::doctor::errors::{Seen, Symptom};
use sandglass_core::doctor::{ClockKeeping, Evidence, Holder, Repairable, TOLERATED_SKEW, judge};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Definition, Storage};
use sandglass_core::status;
use sandglass_profiles::chains::{Surroundings, chain};
use sandglass_profiles::ids;
use sandglass_profiles::ledger::{Entry, Ledger};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::repairs::{self, Repair};
use sandglass_protocol::message::{Question, Reply};

use super::Agent;
use crate::clock;
use crate::input::ConnectionId;
use crate::issue::Issuer;
use crate::processes::{self, Holding};

impl Agent {
    /// Answers beside the loop, now that the files are known.
    pub(super) fn diagnose(&mut self, id: ConnectionId, question: Question) {
        let now = clock::now();
        let status = status::status(&self.engine, now);
        // By whole seconds: nobody is served by less, and two looks at a clock are never the same.
        let skew = SignedDuration::from_secs(clock::local().duration_since(now).as_secs());
        let live: Vec<Definition> = self
            .engine
            .sessions()
            .filter(|tracked| tracked.state.end().is_some())
            .map(|tracked| tracked.definition.clone())
            .filter(|definition| definition.storage != Storage::Nowhere)
            .collect();
        let has_instance_role = status
            .sessions
            .iter()
            .any(|session| session.id.as_str() == ids::INSTANCE_ROLE && session.ends_at.is_some());
        let asked: Vec<(Definition, Option<Definition>)> = self
            .engine
            .sessions()
            .filter(|tracked| is_named(&tracked.definition, question.profile.as_ref()))
            .map(|tracked| {
                let definition = tracked.definition.clone();
                let source = definition.renewal.source();
                let source = source.and_then(|id| self.engine.session(id));
                let source = source.map(|tracked| tracked.definition.clone());
                (definition, source)
            })
            .collect();
        let issuer = self.renewals.issuer();
        self.answer(id, async move {
            let holders = holders(&issuer, &live).await;
            let clock_keeping = if skew.abs() >= TOLERATED_SKEW {
                clock_keeping().await
            } else {
                None
            };
            let machine = issuer.machine_roles().await;
            let mut lifetimes = Vec::new();
            for (definition, source) in &asked {
                lifetimes.extend(issuer.lifetime(definition, source.as_ref()).await);
            }
            let paths = issuer.paths.clone();
            let named = question.profile.as_ref().map(ProfileName::as_str);
            let sdks = question
                .sdk
                .map_or_else(|| Sdk::ALL.to_vec(), |sdk| vec![sdk]);
            let surroundings = Surroundings {
                variable: &|name| question.variables.get(name).cloned(),
                named,
                has_instance_role,
            };
            let chains: Vec<_> = tokio::task::block_in_place(|| {
                sdks.into_iter()
                    .map(|sdk| chain(&paths, sdk, surroundings))
                    .collect()
            });
            let repairs: Vec<Repairable> =
                tokio::task::block_in_place(|| repairs::all(&paths, clock::local()))
                    .into_iter()
                    .map(repairable)
                    .collect();
            let errors: Vec<Seen> = question
                .symptoms
                .iter()
                .cloned()
                .filter_map(Symptom::seen)
                .collect();
            let diagnosis = judge(Evidence {
                profile: named,
                errors: &errors,
                chains: &chains,
                variables: &question.variables,
                status: &status,
                holders: &holders,
                repairs: &repairs,
                lifetimes: &lifetimes,
                machine: &machine,
                skew: Some(skew),
                clock_keeping,
            });
            Reply::Diagnosis(Box::new(diagnosis))
        });
    }
}

#[cfg(target_os = "linux")]
async fn clock_keeping() -> Option<ClockKeeping> {
    crate::timedated::keeping().await
}

/// Other systems tell it to administrators only.
#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::unused_async,
    reason = "the signature matches the one on Linux"
)]
async fn clock_keeping() -> Option<ClockKeeping> {
    None
}

/// Whether the question is about this session.
fn is_named(definition: &Definition, profile: Option<&ProfileName>) -> bool {
    profile.is_some_and(|profile| {
        definition.name == profile.as_str() || definition.profile.as_ref() == Some(profile)
    })
}

fn repairable(repair: Repair) -> Repairable {
    Repairable {
        id: repair.id(),
        code: repair.code.to_owned(),
        covers: repair.covers,
        what: repair.what,
        why: repair.why,
        does: repair.does,
        prevention: repair.prevention,
    }
}

/// Programs with temporary keys, and whose these are.
async fn holders(issuer: &Arc<Issuer>, live: &[Definition]) -> Vec<Holder> {
    let holding = tokio::task::block_in_place(|| processes::holding(Path::new("/proc")));
    if holding.is_empty() {
        return Vec::new();
    }
    let mut keys = Vec::new();
    for definition in live {
        // What is not there any more is nobody's.
        if let Ok(looked) = issuer.look_up(definition).await {
            let credentials = looked.credentials;
            let name = definition.name.clone();
            keys.push((credentials.access_key_id, name, credentials.expires_at));
        }
    }
    let paths: &Paths = &issuer.paths;
    let ledger = tokio::task::block_in_place(|| Ledger::read(paths));
    let holder = |holding: Holding| {
        let known = keys.iter().find(|(id, _, _)| *id == holding.access_key_id);
        let noted = match ledger.get(&holding.access_key_id) {
            Some(Entry::Issued { ends_at, .. }) => Some(ends_at),
            Some(Entry::Seen { .. }) | None => None,
        };
        let of_session = known.and_then(|(_, _, ends_at)| *ends_at);
        Holder {
            pid: holding.pid,
            name: holding.name,
            since: holding.since,
            key: last_four(&holding.access_key_id).to_owned(),
            ends_at: holding.ends_at.or(of_session).or(noted),
            session: known.map(|(_, name, _)| name.clone()),
        }
    };
    let is_other = |holding: &Holding| !holding.name.starts_with("sandglass");
    holding.into_iter().filter(is_other).map(holder).collect()
}
