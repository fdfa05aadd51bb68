//! What printing has seen of the audit chain. Labels are handed out only while the database still holds it, and the
//! witness knows of every hand-over before its first byte goes out: a restored backup does not print them again.

use super::super::allocation::SharedWitness;
use super::super::chain::{self, Stop};
use super::super::{ReserveError, ServiceError};
use crate::store::{self, Connection, StoreError};
use crate::trace::ChainHead;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::spawn_blocking;

/// What printing has seen of the audit chain.
#[derive(Debug)]
pub(in crate::service) struct Seen {
    memory: Mutex<Memory>,
    witness: SharedWitness,
}

#[derive(Debug)]
struct Memory {
    /// The chain's end after the last commit.
    head: ChainHead,
    /// Committed, but not in the witness yet. Nothing is handed out before it is.
    owed: Option<ChainHead>,
}

impl Seen {
    pub(in crate::service) fn new(head: ChainHead, witness: SharedWitness) -> Self {
        Self { memory: Mutex::new(Memory { head, owed: None }), witness }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in the way of handing labels out.
    pub(super) async fn stop(&self, conn: &mut Connection) -> Result<Option<Stop>, StoreError> {
        let held = store::audit::head(conn).await?;
        let seen = self.memory().head;
        chain::stop(conn, &held, seen, &self.witness).await
    }

    /// A commit ended at `head`. If it handed labels out, `pay` must follow before their first byte.
    pub(super) fn committed(&self, head: ChainHead, handed_out: bool) {
        let mut memory = self.memory();
        if head.seq > memory.head.seq {
            memory.head = head;
        }
        if handed_out && memory.owed.is_none_or(|owed| owed.seq < head.seq) {
            memory.owed = Some(head);
        }
    }

    /// Writes into the witness what it does not have yet.
    pub(super) async fn pay(&self) -> Result<(), ServiceError> {
        let Some(head) = self.memory().owed else { return Ok(()) };
        let witness = Arc::clone(&self.witness);
        let write = move || {
            let mut witness = witness.lock().unwrap_or_else(PoisonError::into_inner);
            witness.as_mut().map_or(Ok(()), |witness| witness.record(head, &[]))
        };
        match spawn_blocking(write).await {
            Ok(Ok(())) => {
                let mut memory = self.memory();
                memory.owed = memory.owed.filter(|owed| owed.seq > head.seq);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the witness cannot be written: no label is handed out");
                Err(ReserveError::Unavailable.into())
            }
            Err(error) => Err(ServiceError::Unexpected(error.to_string())),
        }
    }
}

/// The refusal of whoever wants labels while printing is stopped.
pub(super) fn refused(stop: &Stop) -> ServiceError {
    ReserveError::Stopped { reason: stop.reason.clone() }.into()
}
