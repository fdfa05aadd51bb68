//! Who asks.

use super::ServiceError;
use super::token::Principal;

/// Who asks, as far as the use cases care. What a caller may do at all is decided before (scopes); what it may see is
/// decided here and in every query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name that goes into events and the audit chain.
    pub actor: String,
    /// The only brand whose records exist for this caller; `None` sees all.
    pub brand: Option<i64>,
    /// The only station that it may speak for; `None` speaks for any.
    pub station: Option<String>,
}

impl Caller {
    /// The person at the machine's command line, who can read the files anyway.
    #[must_use]
    pub fn command_line() -> Self {
        Self { actor: "cli".into(), brand: None, station: None }
    }

    /// Makes sure that the caller may speak for a station.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`] when it is bound to another.
    pub fn speaks_for(&self, station: &str) -> Result<(), ServiceError> {
        match &self.station {
            Some(bound) if bound != station => Err(ServiceError::WrongStation { bound: bound.clone() }),
            _ => Ok(()),
        }
    }
}

impl From<&Principal> for Caller {
    /// The bearer of a token. The id is part of the actor, since any two tokens may have one name.
    fn from(principal: &Principal) -> Self {
        Self {
            actor: format!("{} ({})", principal.name, principal.token_id),
            brand: principal.brand,
            station: principal.station.clone(),
        }
    }
}
