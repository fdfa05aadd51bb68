//! x
pub mod journal;
pub mod ledger;
