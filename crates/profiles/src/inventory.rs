//! Every session of this machine: which ones the files define, and which credentials lie there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::findings::Finding;
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{
    Definition, Found, Portal, PortalStyle, Renewal, RoleRenewal, SessionTokenRenewal, Sighting,
    SsoRoleRenewal,
};

use crate::cache_file::Reading;
use crate::cli_cache;
use crate::config::{Configuration, Profile};
use crate::credentials::holds_long_lived_keys;
use crate::definitions::{self, MfaSession};
use crate::ledger::{self, Entry, Ledger};
use crate::paths::Paths;
use crate::portals;
use crate::section::AwsFile;
use crate::sources::{Kind, Sources};
use crate::sso_cache;
use crate::write::Writer;

/// What the files of this machine say.
pub struct Inventory {
    /// Every session: sign-ins, then profiles in the order of the files, then MFA sessions.
    pub sightings: Vec<Sighting>,
    /// What could not be understood.
    pub findings: Vec<Finding>,
    /// Cache files that were read in the middle of a write: read everything again in a moment.
    pub torn: Vec<PathBuf>,
    /// What was read, for those who look further.
    pub configuration: Configuration,
}

/// Reads everything. `device` tells which MFA device belongs to the MFA session with this target.
pub fn read(
    paths: &Paths,
    writer: &Writer,
    now: Timestamp,
    device: &dyn Fn(&ProfileName) -> Result<MfaSerial, RenewalError>,
) -> Inventory {
    let mut configuration = Configuration::read(paths);
    let (mfa_sessions, mfa_findings) = definitions::read(paths);
    let mut findings = std::mem::take(&mut configuration.findings);
    findings.extend(mfa_findings);
    let mut reader = Reader {
        paths,
        configuration: &configuration,
        mfa_sessions: &mfa_sessions,
        now,
        sightings: Vec::new(),
        findings,
        torn: Vec::new(),
    };
    reader.sign_ins();
    for profile in configuration.profiles() {
        reader.profile(profile);
    }
    reader.mfa_sessions(writer, device);
    let Reader {
        sightings,
        findings,
        torn,
        ..
    } = reader;
    let mut seen = BTreeSet::new();
    Inventory {
        sightings,
        findings: findings
            .into_iter()
            .filter(|finding| seen.insert(finding.clone()))
            .collect(),
        torn,
        configuration,
    }
}

struct Reader<'a> {
    paths: &'a Paths,
    configuration: &'a Configuration,
    mfa_sessions: &'a [MfaSession],
    now: Timestamp,
    sightings: Vec<Sighting>,
    findings: Vec<Finding>,
    torn: Vec<PathBuf>,
}

impl Reader<'_> {
    /// One for each portal, whether a section or only profiles name it.
    fn sign_ins(&mut self) {
        let mut portals = Vec::new();
        for session in self.configuration.sso_sessions() {
            match portals::of_sso_session(self.configuration, session) {
                Ok(portal) => portals.push(portal),
                Err(finding) => self.findings.push(finding),
            }
        }
        for profile in self.configuration.profiles() {
            match portals::of_profile(self.configuration, profile) {
                Ok(portal) => portals.extend(portal),
                Err(finding) => self.findings.push(finding),
            }
            self.findings
                .extend(portals::conflicts(self.configuration, profile));
        }
        let mut seen = BTreeSet::new();
        for portal in portals {
            let id = portals::sign_in_id(&portal);
            if seen.insert(id.clone()) {
                self.sign_in(id, portal);
            }
        }
    }

    fn sign_in(&mut self, id: SessionId, portal: Portal) {
        let reading = sso_cache::read_token(self.paths, &portal);
        let path = sso_cache::token_path(self.paths, &portal);
        let legacy = portal.style == PortalStyle::Legacy;
        let name = portal.name().to_owned();
        let renewal = Renewal::SsoSignIn(portal);
        let usual = renewal.usual_life();
        let stored = self.present(reading, &path, "sign in again");
        let found = stored.map_or(Found::Nothing, |(token, written_at)| {
            let end = issued(written_at, token.expires_at, usual);
            if !legacy && token.is_refreshable(self.now) {
                Found::Refreshable(end)
            } else {
                Found::Credentials(end)
            }
        });
        self.sightings.push(Sighting {
            definition: Definition {
                id,
                name,
                profile: None,
                renewal,
            },
            found,
        });
    }

    fn profile(&mut self, profile: &Profile) {
        self.two_tokens(profile);
        let sources = Sources {
            configuration: self.configuration,
            mfa_sessions: self.mfa_sessions,
        };
        let renewal = match sources.kind(profile) {
            Ok(Kind::Role) => {
                let source = match sources.of_role(profile) {
                    Ok(source) => source,
                    Err(finding) => {
                        self.findings.extend(finding);
                        return;
                    }
                };
                let text = |setting: Option<crate::config::Setting<'_>>| {
                    setting.map(|setting| setting.value.to_owned())
                };
                Renewal::Role(RoleRenewal {
                    role_arn: text(profile.role_arn()).unwrap_or_default(),
                    source,
                    mfa_serial: text(profile.mfa_serial()).map(MfaSerial::new),
                    external_id: text(profile.external_id()),
                    session_name: text(profile.role_session_name()),
                    duration: self.role_duration(profile),
                })
            }
            Ok(Kind::SsoRole {
                portal,
                account,
                role_name,
            }) => Renewal::SsoRole(SsoRoleRenewal {
                sign_in: portals::sign_in_id(&portal),
                portal,
                account: AccountId::new(account),
                role_name: role_name.to_owned(),
            }),
            Ok(Kind::Keys | Kind::Elsewhere | Kind::Nothing) => return,
            Err(finding) => {
                self.findings.extend(finding);
                return;
            }
        };
        let found = self.in_cli_cache(&renewal);
        self.sightings.push(Sighting {
            definition: Definition {
                id: crate::sources::session_id(&renewal, &profile.name),
                name: profile.name.to_string(),
                profile: Some(profile.name.clone()),
                renewal,
            },
            found,
        });
    }

    fn in_cli_cache(&mut self, renewal: &Renewal) -> Found {
        let Some(path) = cli_cache::entry_path(self.paths, renewal) else {
            return Found::Nothing;
        };
        let reading = cli_cache::read(self.paths, renewal);
        let usual = renewal.usual_life();
        self.present(reading, &path, "renew the session")
            .and_then(|(credentials, written_at)| {
                Some(issued(written_at, credentials.expires_at?, usual))
            })
            .map_or(Found::Nothing, Found::Credentials)
    }

    /// botocore ignores a duration that is no number, and so does this.
    fn role_duration(&mut self, profile: &Profile) -> Option<SignedDuration> {
        let setting = profile.duration_seconds()?;
        let seconds = setting.value.parse().ok();
        if seconds.is_none() {
            self.findings.push(Finding {
                place: self.configuration.shown_place(setting.place),
                message: format!(
                    "`duration_seconds` of profile `{}` is no whole number and counts for nothing",
                    profile.name
                ),
                remedy: "write 900 to 43200, at most what the role permits".to_owned(),
            });
        }
        seconds.map(SignedDuration::from_secs)
    }

    fn two_tokens(&mut self, profile: &Profile) {
        let (Some(old), Some(new)) = (
            profile.setting("aws_security_token"),
            profile.setting("aws_session_token"),
        ) else {
            return;
        };
        if old.value != new.value {
            self.findings.push(Finding {
                place: self.configuration.shown_place(old.place),
                message: format!(
                    "`aws_security_token` of profile `{}` differs from its `aws_session_token`: the AWS CLI and boto3 \
                     use it, all other clients do not",
                    profile.name
                ),
                remedy: "remove `aws_security_token`".to_owned(),
            });
        }
    }

    fn mfa_sessions(
        &mut self,
        writer: &Writer,
        device: &dyn Fn(&ProfileName) -> Result<MfaSerial, RenewalError>,
    ) {
        let ledger = Ledger::read(self.paths);
        let written_at = std::fs::metadata(&self.paths.credentials)
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|at| Timestamp::try_from(at).ok());
        let mut first_seen = Vec::new();
        let mut present = Vec::new();
        for session in self.mfa_sessions {
            self.mfa_findings(session);
            let keys = self
                .configuration
                .profile(&session.target)
                .and_then(|target| target.keys_in(AwsFile::Credentials))
                .filter(|keys| keys.session_token.is_some());
            let found = keys.map_or(Found::Nothing, |keys| {
                let id = keys.access_key_id;
                let estimate = |from: Timestamp| End {
                    at: from
                        .saturating_add(session.duration)
                        .unwrap_or(Timestamp::MAX),
                    known_by: KnownBy::Estimate,
                    life: session.duration,
                };
                let end = match (ledger.get(&id), keys.expires_at) {
                    (Some(Entry::Issued { issued_at, ends_at }), _) => {
                        End::issued(issued_at, ends_at)
                    }
                    (_, Some(at)) => End {
                        at,
                        known_by: KnownBy::Issuer,
                        life: session.duration,
                    },
                    (Some(Entry::Seen { first_at }), None) => estimate(first_at),
                    (None, None) => {
                        let first_at = written_at.map_or(self.now, |at| at.min(self.now));
                        first_seen.push((id.clone(), Entry::Seen { first_at }));
                        estimate(first_at)
                    }
                };
                present.push(id);
                Found::Credentials(end)
            });
            self.sightings.push(Sighting {
                definition: Definition {
                    id: crate::sources::session_token_id(&session.target),
                    name: session.target.to_string(),
                    profile: Some(session.target.clone()),
                    renewal: Renewal::SessionToken(SessionTokenRenewal {
                        source: session.source.clone(),
                        device: device(&session.target),
                        target: session.target.clone(),
                        duration: session.duration,
                    }),
                },
                found,
            });
        }
        if first_seen.is_empty() {
            return;
        }
        let present: Vec<&str> = present.iter().map(String::as_str).collect();
        if let Err(error) = ledger::record(writer, self.paths, &first_seen, &present, self.now) {
            self.findings.push(Finding {
                place: self.paths.shown(&self.paths.ledger()),
                message: format!("estimated ends will move at each start: {error}"),
                remedy: error.remedy(),
            });
        }
    }

    fn mfa_findings(&mut self, session: &MfaSession) {
        let place = self.paths.shown(&self.paths.sessions_toml());
        match self.configuration.profile(&session.source) {
            None => self.findings.push(Finding {
                place: place.clone(),
                message: format!(
                    "MFA session `{}` starts from profile `{}`, which does not exist",
                    session.target, session.source
                ),
                remedy: format!(
                    "put long-lived keys there with `aws configure --profile {}`, or define the session anew",
                    session.source
                ),
            }),
            Some(source) if source.keys().is_none() => self.findings.push(Finding {
                place: place.clone(),
                message: format!(
                    "MFA session `{}` starts from profile `{}`, which holds no access key",
                    session.target, session.source
                ),
                remedy: format!(
                    "put long-lived keys there with `aws configure --profile {}`, or define the session anew",
                    session.source
                ),
            }),
            Some(_) => {}
        }
        let target = self.configuration.profile(&session.target);
        if target.is_some_and(holds_long_lived_keys) {
            self.findings.push(Finding {
                place,
                message: format!(
                    "profile `{}`, the target of an MFA session, holds long-lived keys, which are not written over",
                    session.target
                ),
                remedy: "define the session with another target, or move those keys to another profile".to_owned(),
            });
        }
    }

    /// The content of a cache file and when it was written; what stands in the way becomes a finding.
    fn present<T>(
        &mut self,
        reading: Reading<T>,
        path: &Path,
        remedy: &str,
    ) -> Option<(T, Timestamp)> {
        let message = match reading {
            Reading::Absent => return None,
            Reading::Present(stored) => return Some((stored.content, stored.written_at)),
            Reading::Torn => {
                self.torn.push(path.to_owned());
                "the file is not complete, and counts for nothing".to_owned()
            }
            Reading::Foreign => "the file does not hold what its name says".to_owned(),
            Reading::Unreadable(error) => format!("the file could not be read: {error}"),
        };
        self.findings.push(Finding {
            place: self.paths.shown(path),
            message,
            remedy: format!("{remedy}, or remove the file"),
        });
        None
    }
}

/// An end that AWS told. The caches do not say when it was issued, but when they were written.
fn issued(written_at: Timestamp, ends_at: Timestamp, usual: SignedDuration) -> End {
    if written_at < ends_at {
        End::issued(written_at, ends_at)
    } else {
        End {
            at: ends_at,
            known_by: KnownBy::Issuer,
            life: usual,
        }
    }
}
