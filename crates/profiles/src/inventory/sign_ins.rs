//! Sign-ins that many profiles share: those of Identity Center, and those of `aws login`.

use std::collections::BTreeSet;

use sandglass_core::lifetimes::CONSOLE_LOGIN_CHAIN;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{ConsoleLogin, Definition, Found, Portal, PortalStyle, Renewal};

use super::{Reader, estimate, issued};
use crate::config::Profile;
use crate::sources::Kind;
use crate::{ids, login_cache, portals, sso_cache};

impl Reader<'_> {
    /// One for each portal, whether a section or only profiles name it.
    pub(super) fn sso_sign_ins(&mut self) {
        let mut named = Vec::new();
        for session in self.configuration.sso_sessions() {
            match portals::of_sso_session(self.configuration, session) {
                Ok(portal) => named.push((portal, None)),
                Err(finding) => self.findings.push(finding),
            }
        }
        for profile in self.configuration.profiles() {
            match portals::of_profile(self.configuration, profile) {
                Ok(portal) => {
                    named.extend(portal.map(|portal| (portal, Some(profile.name.clone()))));
                }
                Err(finding) => self.findings.push(finding),
            }
            self.findings
                .extend(portals::conflicts(self.configuration, profile));
        }
        let mut seen = BTreeSet::new();
        for (portal, _) in &named {
            let id = portals::sign_in_id(portal);
            if seen.insert(id.clone()) {
                let users = named
                    .iter()
                    .filter(|(other, _)| portals::sign_in_id(other) == id)
                    .filter_map(|(_, user)| user.clone())
                    .collect();
                self.sso_sign_in(id, portal.clone(), users);
            }
        }
    }

    fn sso_sign_in(&mut self, id: SessionId, portal: Portal, users: Vec<ProfileName>) {
        let reading = sso_cache::read_token(self.paths, &portal);
        let path = sso_cache::token_path(self.paths, &portal);
        let legacy = portal.style == PortalStyle::Legacy;
        let name = portal.name().to_owned();
        let renewal = Renewal::SsoSignIn(portal);
        let usual = renewal.usual_life();
        if reading.is_absent() {
            self.sights.signed_out(&id);
        }
        let stored = self.present(reading, &path, "sign in again");
        let found = stored.map_or(Found::Nothing, |(token, written_at)| {
            let access = issued(written_at, token.expires_at, usual);
            if !legacy && token.is_refreshable(self.now) {
                let session = self.sights.ledger().portal(&id);
                Found::Refreshable {
                    access,
                    whole: session.and_then(|session| session.end(access.at)),
                }
            } else {
                Found::Credentials(access)
            }
        });
        let definition = Definition {
            id,
            name,
            profile: None,
            storage: renewal.storage(),
            renewal,
        };
        self.add_cached(definition, found, &path, users);
    }

    /// One for each principal that profiles name.
    pub(super) fn console_logins(&mut self) {
        let sources = self.sources();
        let logins: Vec<(&str, &Profile)> = self
            .configuration
            .profiles()
            .iter()
            .filter_map(|profile| match sources.kind(profile) {
                Ok(Kind::Login(login_session)) => Some((login_session.trim(), profile)),
                Ok(
                    Kind::Role
                    | Kind::WebIdentity(_)
                    | Kind::SsoRole { .. }
                    | Kind::Keys
                    | Kind::Process(_)
                    | Kind::Served(_)
                    | Kind::Nothing,
                )
                | Err(_) => None,
            })
            .collect();
        let mut seen = BTreeSet::new();
        for &(login_session, first) in &logins {
            if seen.insert(login_session) {
                let users = logins
                    .iter()
                    .filter(|(other, _)| *other == login_session)
                    .map(|(_, user)| user.name.clone())
                    .collect();
                self.console_login(login_session, first, users);
            }
        }
    }

    fn console_login(&mut self, login_session: &str, first: &Profile, users: Vec<ProfileName>) {
        let path = login_cache::path(self.paths, login_session);
        let reading = login_cache::read(self.paths, login_session);
        let stored = self.present(
            reading,
            &path,
            &format!("run `{}`", ConsoleLogin::command(Some(&first.name))),
        );
        let region_of_file = stored.as_ref().and_then(|(login, _)| login.region.clone());
        let region = first.region().map(|region| region.value.to_owned());
        let renewal = Renewal::ConsoleLogin(ConsoleLogin {
            login_session: login_session.to_owned(),
            region: region_of_file.or(region),
        });
        let found = stored.map_or(Found::Nothing, |(login, written_at)| {
            let access = issued(written_at, login.expires_at, renewal.usual_life());
            let Some(refresh) = &login.refresh else {
                return Found::Credentials(access);
            };
            // Every sign-in has a key of its own, which all its refreshes keep.
            let first_sight = self.sights.of(refresh.dpop_key.expose(), Some(written_at));
            let began_at = login.signed_in_at.unwrap_or(first_sight.began_at());
            Found::Refreshable {
                access,
                whole: Some(estimate(began_at, CONSOLE_LOGIN_CHAIN)),
            }
        });
        let definition = Definition {
            id: ids::console_login(login_session),
            name: first.name.to_string(),
            profile: Some(first.name.clone()),
            storage: renewal.storage(),
            renewal,
        };
        self.add_cached(definition, found, &path, users);
    }
}
