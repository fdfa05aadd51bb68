//! What the writer works with, and what it remembers between groups.

use crate::service::keys::Keys;
use crate::service::rule_book::RuleBook;
use crate::service::witness::Witness;
use crate::store::Store;
use crate::store::rule::SeriesRow;
use crate::trace::ChainHead;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, Mutex};

/// The most reservations in one transaction. More would only make the first of them wait longer.
pub(super) const MAX_GROUP: usize = 256;

/// The witness of this node, or why it has none.
pub(in crate::service) type SharedWitness = Arc<Mutex<Result<Witness, String>>>;

/// What the writer works with.
#[derive(Debug)]
pub(in crate::service) struct AllocatorParts {
    pub(in crate::service) store: Store,
    pub(in crate::service) keys: Arc<Keys>,
    pub(in crate::service) rules: Arc<RuleBook>,
    /// Or why there is none that can be trusted; then this node does not issue.
    pub(in crate::service) witness: SharedWitness,
    /// Hold the data folder and the database file for this process for as long as anything may still be written.
    #[expect(dead_code, reason = "held, never read")]
    pub(in crate::service) locks: Vec<File>,
}

/// What the writer remembers between groups.
pub(super) struct Memory {
    /// The audit chain's end after its last commit.
    pub(super) head: ChainHead,
    /// Counters it has met, by rule version and context.
    pub(super) series: HashMap<(i64, String), Arc<SeriesRow>>,
    /// Rule versions that it has noted as having issued.
    pub(super) marked: HashSet<i64>,
    /// Committed, but not in the witness yet, because writing that failed. No answer goes out before it is.
    pub(super) owed: Option<(ChainHead, Vec<(String, u64)>)>,
    /// A group failed and may have been committed all the same: the witness must catch up before anything goes out.
    pub(super) uncertain: bool,
}
