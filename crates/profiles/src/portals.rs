//! Which Identity Center portal a profile or an sso-session names.

use sandglass_core::findings::Finding;
use sandglass_core::names::SessionId;
use sandglass_core::session::{Portal, PortalStyle};

use crate::config::{Configuration, Profile, Setting, SsoSession};
use crate::ids;

/// The session that is the sign-in at a portal.
pub fn sign_in_id(portal: &Portal) -> SessionId {
    let name = match &portal.style {
        PortalStyle::Session { name, .. } => name.clone(),
        PortalStyle::Legacy => {
            let url = portal.start_url.as_str();
            let address = url.split_once("://").map_or(url, |(_, address)| address);
            ids::plain(address)
        }
    };
    SessionId::new(format!("sso-sign-in:{name}"))
}

/// The portal of an sso-session section.
pub fn of_sso_session(
    configuration: &Configuration,
    session: &SsoSession,
) -> Result<Portal, Finding> {
    let missing = |key: &str| Finding {
        place: configuration.shown_place(session.place),
        message: format!("sso-session `{}` has no `{key}`", session.name),
        remedy: format!("add `{key} = …` below its header, or run `aws configure sso-session`"),
    };
    let start_url = session
        .start_url()
        .ok_or_else(|| missing("sso_start_url"))?;
    let region = session.region().ok_or_else(|| missing("sso_region"))?;
    Ok(Portal {
        start_url: start_url.value.to_owned(),
        region: region.value.to_owned(),
        style: PortalStyle::Session {
            name: session.name.clone(),
            scopes: session.registration_scopes(),
        },
    })
}

/// The portal of a profile, where it has one. An sso-session that is itself incomplete has a finding of its own, and
/// gives none here.
pub fn of_profile(
    configuration: &Configuration,
    profile: &Profile,
) -> Result<Option<Portal>, Finding> {
    if let Some(name) = profile.sso_session() {
        let session = configuration
            .sso_session(name.value)
            .ok_or_else(|| Finding {
                place: configuration.shown_place(name.place),
                message: format!(
                    "profile `{}` names sso-session `{}`, which is not defined",
                    profile.name, name.value
                ),
                remedy: format!(
                    "add a section `[sso-session {}]`, or correct the name",
                    name.value
                ),
            })?;
        return Ok(of_sso_session(configuration, session).ok());
    }
    let Some(start_url) = profile.sso_start_url() else {
        return Ok(None);
    };
    let region = profile.sso_region().ok_or_else(|| Finding {
        place: configuration.shown_place(start_url.place),
        message: format!(
            "profile `{}` has `sso_start_url` without `sso_region`",
            profile.name
        ),
        remedy: "add `sso_region = …`: the region in which Identity Center is set up".to_owned(),
    })?;
    Ok(Some(Portal {
        start_url: start_url.value.to_owned(),
        region: region.value.to_owned(),
        style: PortalStyle::Legacy,
    }))
}

/// Settings of the profile that stand in its sso-session as well. Clients disagree over what that means.
pub fn conflicts<'a>(
    configuration: &'a Configuration,
    profile: &'a Profile,
) -> impl Iterator<Item = Finding> + 'a {
    let session = profile
        .sso_session()
        .and_then(|name| configuration.sso_session(name.value));
    session.into_iter().flat_map(move |session| {
        let both = |key: &str, own: Option<Setting<'_>>, shared: Option<Setting<'_>>| {
            let own = own?;
            let same = shared.is_none_or(|shared| shared.value == own.value);
            Some(Finding {
                place: configuration.shown_place(own.place),
                message: if same {
                    format!("profile `{}` repeats `{key}` of its sso-session: the Rust SDK refuses the profile", profile.name)
                } else {
                    format!(
                        "`{key}` of profile `{}` differs from its sso-session: the AWS CLI, boto3 and the Rust SDK refuse \
                         the profile",
                        profile.name
                    )
                },
                remedy: format!("remove `{key}` from the profile"),
            })
        };
        [
            both("sso_start_url", profile.sso_start_url(), session.start_url()),
            both("sso_region", profile.sso_region(), session.region()),
        ]
        .into_iter()
        .flatten()
    })
}
