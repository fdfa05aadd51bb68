//! The queue in front of the writer.

use super::state::{AllocatorParts, MAX_GROUP};
use super::ticket::{Job, Reserved, Ticket};
use super::writer;
use crate::service::reserve_block::ReserveError;
use crate::trace::ChainHead;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How many callers can wait. Beyond that they are told to come back, instead of waiting for minutes.
const QUEUE: usize = 4 * MAX_GROUP;

/// The way to the writer.
#[derive(Debug)]
pub struct Allocator {
    /// None once closed.
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    in_flight: Arc<Mutex<HashSet<(String, String)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An idempotency key that is being worked on; free again when dropped.
struct InFlight {
    keys: Arc<Mutex<HashSet<(String, String)>>>,
    key: (String, String),
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.keys).remove(&self.key);
    }
}

impl Allocator {
    /// Starts the writer. `grouped` is false only in benchmarks that measure what grouping is worth.
    pub(in crate::service) fn start(parts: AllocatorParts, head: ChainHead, grouped: bool) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(writer::run(Arc::new(parts), head, jobs, grouped));
        Self { queue: Mutex::new(Some(queue)), writer: Mutex::new(Some(writer)), in_flight: Arc::default() }
    }

    /// Takes no more tickets and waits until those that are queued are answered.
    pub(in crate::service) async fn close(&self) {
        lock(&self.queue).take();
        let writer = lock(&self.writer).take();
        if let Some(Err(error)) = match writer {
            Some(writer) => Some(writer.await),
            None => None,
        } {
            tracing::error!(%error, "the writer ended badly");
        }
    }

    /// Waits for the writer's verdict.
    ///
    /// # Errors
    /// [`ReserveError::KeyInFlight`], [`ReserveError::Busy`], and the writer's own refusals.
    pub(in crate::service) async fn submit(&self, ticket: Ticket) -> Result<Reserved, ReserveError> {
        let in_flight = self.begin(&ticket)?;
        let (reply, verdict) = oneshot::channel();
        let queue = lock(&self.queue).clone().ok_or(ReserveError::Unavailable)?;
        queue.try_send(Job { ticket, reply }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => ReserveError::Busy,
            mpsc::error::TrySendError::Closed(_) => ReserveError::Unavailable,
        })?;
        // The key stays taken until the writer has spoken, even when the caller goes away meanwhile.
        let waiting = tokio::spawn(async move {
            let verdict = verdict.await;
            drop(in_flight);
            verdict
        });
        waiting.await.map_err(|_| ReserveError::Unavailable)?.map_err(|_| ReserveError::Unavailable)?
    }

    fn begin(&self, ticket: &Ticket) -> Result<InFlight, ReserveError> {
        let key = (ticket.request.station.as_str().to_owned(), ticket.key.clone());
        let fresh = lock(&self.in_flight).insert(key.clone());
        if fresh { Ok(InFlight { keys: Arc::clone(&self.in_flight), key }) } else { Err(ReserveError::KeyInFlight) }
    }
}
