//! The box itself: all its state, and one call at a time.

use jiff::Timestamp;

use crate::caller::Keys;
use crate::fault::{Fate, Faults, Weather};
use crate::federation::SigninTokens;
use crate::identity_center::IdentityCenter;
use crate::journal::{Entry, Journal, Trace};
use crate::metadata::{self, Metadata};
use crate::mfa::UsedCodes;
use crate::operation::{Operation, Service};
use crate::query::STS;
use crate::reply::{Refusal, Reply};
use crate::request::Request;
use crate::settings::Settings;
use crate::signin::{self, Logins};
use crate::web_identity::Providers;
use crate::world::World;
use crate::{federation, iam, oidc, portal, s3, sts};

/// An AWS in a box. It has no clock and no socket: requests and the time are handed in.
pub struct Sandbox {
    pub(crate) world: World,
    pub(crate) settings: Settings,
    pub(crate) keys: Keys,
    pub(crate) used_codes: UsedCodes,
    pub(crate) identity_center: IdentityCenter,
    pub(crate) providers: Providers,
    pub(crate) logins: Logins,
    pub(crate) signin_tokens: SigninTokens,
    pub(crate) metadata: Metadata,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
}

/// A call that was recognised, and what the faults make of it.
pub(crate) struct Call {
    route: Result<Operation, (Service, Refusal)>,
    pub(crate) weather: Weather,
}

impl Sandbox {
    /// A box with this world in it.
    pub fn new(world: World) -> Self {
        Self {
            settings: world.settings.clone(),
            world,
            keys: Keys::default(),
            used_codes: UsedCodes::default(),
            identity_center: IdentityCenter::default(),
            providers: Providers::default(),
            logins: Logins::default(),
            signin_tokens: SigninTokens::default(),
            metadata: Metadata::default(),
            faults: Faults::default(),
            journal: Journal::default(),
        }
    }

    /// Recognises a call and spends the faults that hit it.
    pub(crate) fn admit(&mut self, request: &Request) -> Call {
        let route = Operation::of(request);
        let weather = match &route {
            Ok(operation) => self.faults.strike(*operation),
            Err(_) => Weather::default(),
        };
        Call { route, weather }
    }

    /// Carries a call out and writes it down. `None` where the connection is to end without an answer.
    pub(crate) fn perform(
        &mut self,
        request: &Request,
        call: Call,
        now: Timestamp,
    ) -> Option<Reply> {
        let mut trace = Trace::default();
        let (service, operation) = match &call.route {
            Ok(operation) => (operation.service(), Some(*operation)),
            Err((service, _)) => (*service, None),
        };
        let result = match (call.route, &call.weather.fate) {
            (Err((_, refusal)), _) => Some(Err(refusal)),
            (Ok(_), Fate::Dropped) => None,
            (Ok(_), Fate::Refused(refusal)) => Some(Err(refusal.clone())),
            (Ok(operation), Fate::Answered | Fate::ReplyDropped) => {
                let service_time = self.settings.aws_time(now) + call.weather.skew;
                Some(self.answer(operation, request, service_time, &mut trace))
            }
        };
        let (outcome, reply) = match result {
            None => ("dropped".to_owned(), None),
            Some(Ok(reply)) => ("ok".to_owned(), Some(reply)),
            Some(Err(refusal)) => (refusal.code.clone(), Some(refusal.into_reply(service))),
        };
        let reply = match call.weather.fate {
            Fate::Dropped | Fate::ReplyDropped => None,
            Fate::Answered | Fate::Refused(_) => reply,
        };
        self.journal.add(Entry {
            seq: 0,
            time: now.to_string(),
            service,
            operation,
            outcome,
            status: reply.as_ref().map(|reply| reply.status.as_u16()),
            trace,
        });
        reply
    }

    fn answer(
        &mut self,
        operation: Operation,
        request: &Request,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Result<Reply, Refusal> {
        match operation {
            Operation::GetCallerIdentity => {
                let (caller, _) = STS.authenticate(self, request, now, trace)?;
                Ok(sts::get_caller_identity(&caller))
            }
            Operation::AssumeRole => {
                let (caller, standing) = STS.authenticate(self, request, now, trace)?;
                sts::assume_role(self, request, &caller, standing, now, trace)
            }
            Operation::AssumeRoleWithWebIdentity => {
                sts::assume_role_with_web_identity(self, request, now, trace)
            }
            Operation::GetFederationToken => {
                let (caller, _) = STS.authenticate(self, request, now, trace)?;
                sts::get_federation_token(self, request, &caller, now, trace)
            }
            Operation::GetSessionToken => {
                let (caller, _) = STS.authenticate(self, request, now, trace)?;
                sts::get_session_token(self, request, &caller, now, trace)
            }
            Operation::GetRole => iam::get_role(self, request, now, trace),
            Operation::UpdateRole => iam::update_role(self, request, now, trace),
            Operation::RegisterClient => oidc::register_client(self, request, now, trace),
            Operation::StartDeviceAuthorization => {
                oidc::start_device_authorization(self, request, now, trace)
            }
            Operation::CreateToken => oidc::create_token(self, request, now, trace),
            Operation::ListAccounts => portal::list_accounts(self, request, now, trace),
            Operation::ListAccountRoles => portal::list_account_roles(self, request, now, trace),
            Operation::GetRoleCredentials => {
                portal::get_role_credentials(self, request, now, trace)
            }
            Operation::Logout => portal::logout(self, request, now, trace),
            Operation::CreateOAuth2Token => signin::create_token(self, request, now, trace),
            Operation::GetSigninToken => federation::get_signin_token(self, request, now, trace),
            Operation::ConsoleLogin => federation::login(self, request, now, trace),
            Operation::GetMetadataToken => metadata::get_token(self, request, now),
            Operation::GetMetadataRole => metadata::get_role(self, request, now),
            Operation::GetMetadataCredentials => {
                metadata::get_credentials(self, request, now, trace)
            }
            Operation::GetContainerCredentials => {
                metadata::get_task_credentials(self, request, now, trace)
            }
            Operation::ListBuckets => s3::list_buckets(self, request, now, trace),
        }
    }
}
