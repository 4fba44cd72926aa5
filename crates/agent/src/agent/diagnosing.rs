//! What a diagnosis stands on: files, processes, clocks and sessions, gathered for one question.

use jiff::SignedDuration;
use sandglass_core::doctor::chain::Sdk;
use sandglass_core::doctor::diagnosis::Processes;
use sandglass_core::doctor::errors::{Seen, Symptom};
use sandglass_core::doctor::machine::Place;
use sandglass_core::doctor::{ClockKeeping, Evidence, Repairable, TOLERATED_SKEW, judge};
use sandglass_core::names::ProfileName;
use sandglass_core::session::Definition;
use sandglass_core::status;
use sandglass_profiles::chains::{Surroundings, chain};
use sandglass_profiles::repairs::{self, Repair};
use sandglass_protocol::message::{Question, Reply};

use super::Agent;
use super::holders::look;
use crate::clock;
use crate::input::{ConnectionId, Input};

impl Agent {
    /// Answers beside the loop, now that the files are known.
    pub(super) fn diagnose(&mut self, id: ConnectionId, question: Question) {
        let now = clock::now();
        let status = status::status(&self.engine, now);
        // By whole seconds: nobody is served by less, and two looks at a clock are never the same.
        let skew = SignedDuration::from_secs(clock::local().duration_since(now).as_secs());
        let (live, owners) = (self.live(), self.watch.owners());
        let asked: Vec<(Definition, Option<Definition>)> = self
            .engine
            .sessions()
            .map(|tracked| &tracked.definition)
            .filter(|definition| is_named(definition, question.profile.as_ref()))
            .filter_map(|definition| self.with_source(&definition.id))
            .collect();
        let (issuer, inputs) = (self.renewals.issuer(), self.inputs.clone());
        self.answer(id, async move {
            let seen = look(&issuer, &live, owners).await;
            let holders = seen.holders.clone();
            // The loop is gone only when the agent leaves.
            let _ = inputs.send(Input::HoldersSeen(seen)).await;
            let clock_keeping = if skew.abs() >= TOLERATED_SKEW {
                clock_keeping().await
            } else {
                None
            };
            let machine = issuer.machine_roles().await;
            let instance = machine.iter().find(|role| role.place == Place::Instance);
            let mut lifetimes = Vec::new();
            for (definition, source) in &asked {
                lifetimes.extend(issuer.lifetime(definition, source.as_ref()).await);
            }
            let paths = issuer.paths.clone();
            let named = question.profile.as_ref().map(ProfileName::as_str);
            // Programs know profiles: a session may have another name than its profile, or none.
            let through = match asked.as_slice() {
                [] => Through::Profile(named),
                asked => asked
                    .iter()
                    .find_map(|(definition, _)| definition.profile.as_ref())
                    .map_or(Through::Nothing, |profile| {
                        Through::Profile(Some(profile.as_str()))
                    }),
            };
            let sdks = question
                .sdk
                .map_or_else(|| Sdk::ALL.to_vec(), |sdk| vec![sdk]);
            let (sdks, named_profile) = match through {
                Through::Profile(profile) => (sdks, profile),
                Through::Nothing => (Vec::new(), None),
            };
            let surroundings = Surroundings {
                variable: &|name| question.variables.get(name).cloned(),
                named: named_profile,
                instance: instance.map(|role| &role.answer),
                now,
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
                asked_from: question.asked_from.as_deref(),
                status: &status,
                holders: &holders,
                processes: if cfg!(target_os = "linux") {
                    Processes::Seen
                } else {
                    Processes::Unsupported
                },
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

/// How programs come to the session that is asked about.
#[derive(Clone, Copy)]
enum Through<'a> {
    /// Through this profile; where none is named, through the one that their variables choose.
    Profile(Option<&'a str>),
    /// No profile leads there.
    Nothing,
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
