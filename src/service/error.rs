//! What use cases answer when they cannot do what was asked.

use super::reserve_block::ReserveError;
use crate::store::StoreError;
use crate::trace::{FateRefused, ReceiptError};

/// Why a use case other than reserving refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no {kind} {name:?}")]
    NotFound {
        /// What was asked for: block, batch, SKU, rule, token, template.
        kind: &'static str,
        /// By which name.
        name: String,
    },
    /// A text that should name a unit names none.
    #[error("{:?} names no unit: {}", .0.text, .0.reason)]
    NoUnit(Box<super::resolve::Unknown>),
    /// A field of the request cannot be used.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// The caller's token is bound to another station.
    #[error("this token speaks for station {bound} only")]
    WrongStation {
        /// The station that it is bound to.
        bound: String,
    },
    /// A serial that was named is not in the block.
    #[error("{serial} is not a serial of block {block}: {problem}")]
    NotInBlock {
        /// As it was given.
        serial: String,
        /// Block code.
        block: String,
        /// What it is instead, or what is wrong with it.
        problem: String,
    },
    /// A step that the serials' fate does not allow. Nothing was changed.
    #[error("{first_serial}{} {verb} {} and cannot become {}: possible now: {}", .last_serial.as_ref().map_or(String::new(), |l| format!(" to {l}")), .refused.from, .refused.to, possible(.refused), verb = if .last_serial.is_some() { "are" } else { "is" })]
    FateRefused {
        /// The first serial in the way.
        first_serial: String,
        /// The last of the stretch, if it is more than one.
        last_serial: Option<String>,
        /// From which fate to which.
        refused: FateRefused,
    },
    /// The batch cannot be closed yet.
    #[error(
        "batch {batch} has {open} serials whose fate is open. Report them, or declare the rest unaccounted with a reason"
    )]
    BatchOpen {
        /// Batch code.
        batch: String,
        /// Reserved and printed serials.
        open: u64,
    },
    /// The batch is closed already.
    #[error("batch {batch} is closed")]
    BatchClosed {
        /// Batch code.
        batch: String,
    },
    /// The thing was changed by somebody else meanwhile.
    #[error("this was changed by somebody else meanwhile: read it again, then change it")]
    Stale,
    /// An idempotency key that was used for something else.
    #[error("this idempotency key was used for a different request. A new request needs a new key")]
    KeyReused,
    /// The rule cannot be recorded.
    #[error("{0}")]
    RuleRefused(String),
    /// The text is not a receipt of ours.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// A label could not be drawn.
    #[error("{0}")]
    Label(String),
    /// The catalogue files hold faults; nothing was imported.
    #[error("the catalogue has {} fault(s); nothing was imported", .0.len())]
    Catalogue(Vec<String>),
    /// A reservation was refused.
    #[error(transparent)]
    Reserve(#[from] ReserveError),
    /// Printing was refused.
    #[error(transparent)]
    Print(#[from] super::print::PrintError),
    /// Something cannot be done with a proof.
    #[error(transparent)]
    Proof(#[from] super::proof::ProofError),
    /// Too many wait already.
    #[error("the server is busy: ask again in a moment")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect.
    #[error("unexpected error: {0}")]
    Unexpected(String),
}

fn possible(refused: &FateRefused) -> String {
    let names: Vec<&str> = refused.from.possible().iter().map(|f| f.as_str()).collect();
    if names.is_empty() { "nothing, this fate is final".into() } else { names.join(", ") }
}
