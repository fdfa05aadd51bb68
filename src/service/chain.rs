//! Whether the database still holds what this node has seen of it: one that was restored, or failed over to an older
//! state, must neither issue serials nor hand labels out.

use super::allocation::SharedWitness;
use crate::store::audit::HeldHead;
use crate::store::{self, Connection, Store, StoreError};
use crate::trace::ChainHead;
use std::sync::PoisonError;

/// Why nothing is issued or handed out, and whether the other nodes have to be told.
#[derive(Debug, Clone)]
pub(in crate::service) struct Stop {
    pub(in crate::service) reason: String,
    pub(in crate::service) announce: bool,
}

/// What is in the way of going on from `held`, when this node has seen the chain as far as `seen`. A database that was
/// switched under us for one that lacks our last commits shows here.
pub(in crate::service) async fn stop(
    conn: &mut Connection,
    held: &HeldHead,
    seen: ChainHead,
    witness: &SharedWitness,
) -> Result<Option<Stop>, StoreError> {
    if let Some(reason) = &held.stopped {
        return Ok(Some(Stop { reason: reason.clone(), announce: false }));
    }
    if let Err(reason) = &*witness.lock().unwrap_or_else(PoisonError::into_inner) {
        return Ok(Some(Stop { reason: reason.clone(), announce: false }));
    }
    let there =
        if held.head.seq == seen.seq { Some(held.head.hash) } else { store::audit::hash_at(conn, seen.seq).await? };
    if there == Some(seen.hash) {
        return Ok(None);
    }
    let reason = format!(
        "the database no longer holds what this server wrote (audit entry {}): it was restored or failed over to an older state",
        seen.seq
    );
    Ok(Some(Stop { reason, announce: true }))
}

/// Stops allocation and printing on all nodes until somebody recovers, in a transaction of its own.
pub(in crate::service) async fn stop_for_all(store: &Store, reason: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    announce(&mut tx, reason).await?;
    store::commit(tx).await
}

/// The same as part of a transaction. Takes the audit head.
pub(in crate::service) async fn announce(conn: &mut Connection, reason: &str) -> Result<(), StoreError> {
    tracing::error!(%reason, "allocation and printing are stopped");
    if store::audit::hold_head(conn).await?.stopped.is_none() {
        store::audit::set_stopped(conn, Some(reason)).await?;
    }
    Ok(())
}
