//! Why an element string or a Digital Link is not one.

use thiserror::Error;

use super::{MAX_BYTES, MAX_ELEMENTS, MAX_LINK_BYTES};

/// Why an element string or a Digital Link is not one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Gs1Error {
    /// No elements.
    #[error("there is no GS1 element; write for example (01)09506000134352(21)7K3M")]
    Empty,
    /// An AI in brackets was expected.
    #[error("{found:?} does not start with an application identifier in brackets like (01)")]
    NoAi {
        /// What stands there.
        found: String,
    },
    /// An AI that is not known here.
    #[error("({ai}) is no application identifier that is known here; see the reference for the list")]
    UnknownAi {
        /// The digits.
        ai: String,
    },
    /// An AI twice.
    #[error("({ai}) stands there twice; each application identifier may stand once")]
    Repeated {
        /// The AI.
        ai: String,
    },
    /// A value that is not as the AI wants it.
    #[error("({ai}) {value:?} is wrong: it must be {expected}")]
    Value {
        /// The AI.
        ai: String,
        /// Its value.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A wrong check digit.
    #[error("({ai}) {value} has the check digit {actual}, but {expected} would be right: one of its digits is wrong")]
    CheckDigit {
        /// The AI.
        ai: String,
        /// Its value.
        value: String,
        /// The digit that stands there.
        actual: u8,
        /// The digit that ought to stand there.
        expected: u8,
    },
    /// A serial number without what it is a serial number of.
    #[error("a serial number (21) needs (01), (03) or (8006) beside it, which say of what")]
    SerialWithoutIdentity,
    /// More text than any symbol holds.
    #[error("{bytes} bytes are too many for a GS1 element string, at most {MAX_BYTES} are read")]
    TooLong {
        /// Bytes found.
        bytes: usize,
    },
    /// More elements than any symbol holds.
    #[error("there are more than {MAX_ELEMENTS} GS1 elements")]
    TooManyElements,
    /// A Digital Link needs an identity for its path.
    #[error("a Digital Link needs an identity such as a GTIN (01) or an SSCC (00)")]
    LinkWithoutKey,
    /// Not a host name.
    #[error(
        "{host:?} is no host name for a Digital Link; write for example id.gs1.org, without https:// and without path"
    )]
    Host {
        /// What was given.
        host: String,
    },
    /// Not a Digital Link.
    #[error("{link:?} is no GS1 Digital Link: {reason}")]
    Link {
        /// What was given.
        link: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A link that is longer than any.
    #[error("{bytes} bytes are too many for a Digital Link, at most {MAX_LINK_BYTES} are read")]
    LinkTooLong {
        /// Bytes found.
        bytes: usize,
    },
}
