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
    /// Which printers' queues it may serve.
    pub serves: Serves,
}

/// Which printers' queues a caller may serve: take labels from, and say what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// None: it is no printer.
    Nothing,
    /// The one with this row id.
    Printer(i64),
    /// Any: the person at the machine's command line.
    Any,
}

impl Caller {
    /// The person at the machine's command line, who can read the files anyway.
    #[must_use]
    pub fn command_line() -> Self {
        Self { actor: "cli".into(), brand: None, station: None, serves: Serves::Any }
    }

    /// Whether the caller may serve the queue of the printer with this row id.
    #[must_use]
    pub fn may_serve(&self, printer: i64) -> bool {
        match self.serves {
            Serves::Nothing => false,
            Serves::Printer(own) => own == printer,
            Serves::Any => true,
        }
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
            serves: principal.printer.map_or(Serves::Nothing, Serves::Printer),
        }
    }
}
