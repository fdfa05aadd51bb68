//! What travels between the queue, the writer and the parts of a group.

use crate::service::reserve_block::{ReserveBlock, ReserveError};
use crate::trace::BlockCode;
use jiff::civil::Date;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A request for a block on its way to the writer.
#[derive(Debug, Clone)]
pub(in crate::service) struct Ticket {
    pub(in crate::service) request: ReserveBlock,
    /// SKU code as look-ups compare it.
    pub(in crate::service) sku_key: String,
    /// Batch code as look-ups compare it.
    pub(in crate::service) batch_key: String,
    /// The idempotency key.
    pub(in crate::service) key: String,
    pub(in crate::service) fingerprint: String,
    /// The name that the block gets.
    pub(in crate::service) code: BlockCode,
    pub(in crate::service) actor: String,
    /// The only brand that the caller may reserve for.
    pub(in crate::service) brand: Option<i64>,
    pub(in crate::service) now_us: i64,
    pub(in crate::service) today: Date,
}

/// A block that was reserved, now or when the same request came first.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// The stored answer: a JSON object.
    pub answer: Arc<str>,
    /// Whether the same request had been answered before.
    pub replayed: bool,
}

pub(super) struct Job {
    pub(super) ticket: Ticket,
    pub(super) reply: oneshot::Sender<Result<Reserved, ReserveError>>,
}

/// What is known of each ticket so far.
pub(super) type Verdicts = Vec<Option<Result<Reserved, ReserveError>>>;
