//! How a command ends when it does not end well: the exit status and one paragraph for people.

use crate::service::{OpenError, ReserveError, ServiceError};
use crate::store::StoreError;
use std::io;
use std::path::Path;

/// What commands answer.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command did not do what was asked. Each has an exit status of its own.
#[derive(Debug)]
pub(super) enum Failure {
    /// 1: it could not be done, or a check found faults.
    Failed(String),
    /// 1, without a word: the command has already printed what it found.
    Found,
    /// 2: the command line says something that cannot be meant.
    Usage(String),
    /// 3: the installation cannot be used: data folder, keys, lock or database.
    Installation(String),
    /// 0: whoever reads our output has seen enough and closed the pipe.
    ReaderGone,
}

/// The exit status after Ctrl-C or SIGTERM: 128 and the number of SIGINT, as shells count.
pub(super) const INTERRUPTED: u8 = 130;

impl Failure {
    /// The exit status.
    pub(super) const fn status(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Failed(_) | Self::Found => 1,
            Self::Usage(_) => 2,
            Self::Installation(_) => 3,
        }
    }

    /// What to tell people, if anything.
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Failed(text) | Self::Usage(text) | Self::Installation(text) => Some(text),
            Self::Found | Self::ReaderGone => None,
        }
    }

    /// A file that could not be read or written. `what` reads on from its name: "cannot be read".
    pub(super) fn file(path: &Path, what: &str, error: &io::Error) -> Self {
        Self::Failed(format!("{} {what}: {error}", path.display()))
    }

    /// Anything that displays as a sentence.
    pub(super) fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// For writing to standard output; other files go through [`Failure::file`], which names them.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Failed(format!("standard input or output failed: {error}")),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Self::Failed(format!("unexpected error: {error}")),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Installation(error.to_string())
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => error.into(),
            ServiceError::Reserve(ReserveError::Full | ReserveError::Unavailable) => {
                Self::Installation(error.to_string())
            }
            ServiceError::Catalogue(faults) => {
                let lines: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
                Self::Failed(format!("the catalogue has faults; nothing was imported:{lines}"))
            }
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Service(error) => error.into(),
            error => Self::Installation(error.to_string()),
        }
    }
}
