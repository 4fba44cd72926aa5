//! The role of the machine itself: that of the EC2 instance, or of the container.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::diagnosis::{Finding, Remedy, Severity};
use crate::error::RenewalError;
use crate::names::ProfileName;

/// Where a machine in AWS gets the credentials of its own role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The metadata service of an EC2 instance.
    Instance,
    /// The credentials endpoint of a container (ECS, EKS Pod Identity).
    Container,
}

/// What a machine answered when it was asked for its role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It has one.
    Role {
        /// Its name, where the service says so: instances do, containers do not.
        name: Option<String>,
        /// When its credentials end (UTC). AWS replaces them before.
        ends_at: Option<Timestamp>,
    },
    /// It gives none.
    Nothing(RenewalError),
}

/// The role of the machine, and who wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineRole {
    /// Where it was asked for.
    pub place: Place,
    /// What came of it.
    pub answer: Answer,
    /// Profiles whose `credential_source` names it.
    pub wanted_by: Vec<ProfileName>,
}

impl Place {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instance => "EC2 instance",
            Self::Container => "container",
        }
    }
}

/// A role that is wanted and not there.
pub(super) fn missing(machine: &MachineRole) -> Option<Finding> {
    let Answer::Nothing(error) = &machine.answer else {
        return None;
    };
    if machine.wanted_by.is_empty() {
        return None;
    }
    let names: Vec<String> = machine
        .wanted_by
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let wants = if names.len() == 1 { "starts" } else { "start" };
    Some(Finding {
        code: "machine-role-missing".to_owned(),
        severity: Severity::Error,
        what: format!(
            "{} {wants} from the role of this {}, which gives none",
            names.join(", "),
            machine.place.name()
        ),
        why: error.message.trim_end_matches('.').to_owned(),
        origin: None,
        remedies: vec![Remedy::by_hand(error.remedy.trim_end_matches('.'))],
        prevention: None,
        repair: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn machine(answer: Answer, wanted_by: &[&str]) -> MachineRole {
        MachineRole {
            place: Place::Instance,
            answer,
            wanted_by: wanted_by
                .iter()
                .map(|name| ProfileName::new(*name))
                .collect(),
        }
    }

    #[test]
    fn a_role_that_nobody_wants_is_not_missed() {
        let nothing = || {
            Answer::Nothing(RenewalError::new(
                ErrorCode::Unreachable,
                "no metadata service answers at `http://169.254.169.254`",
                "In a container, let the instance's hop limit be 2.",
            ))
        };
        assert_eq!(missing(&machine(nothing(), &[])), None);
        let found = missing(&machine(nothing(), &["app", "ops"])).unwrap();
        assert_eq!(
            found.what,
            "`app`, `ops` start from the role of this EC2 instance, which gives none"
        );
        assert!(found.remedies[0].sentence.contains("hop limit"));
        let role = Answer::Role {
            name: Some("app".to_owned()),
            ends_at: None,
        };
        assert_eq!(missing(&machine(role, &["app"])), None);
    }
}
