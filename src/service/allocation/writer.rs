//! The one task of a node that issues serials.

use super::group::{self, Issued, Outcome};
use super::state::{AllocatorParts, MAX_GROUP, Memory};
use super::ticket::{Job, Reserved, Ticket};
use crate::service::reserve_block::ReserveError;
use crate::service::witness::WitnessError;
use crate::store::{self, Engine, StoreError};
use crate::trace::ChainHead;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How often an idle node of several looks what the others have written.
const WATCH: Duration = Duration::from_secs(1);

/// Serves the queue until it is closed.
pub(super) async fn run(parts: Arc<AllocatorParts>, head: ChainHead, mut queue: mpsc::Receiver<Job>, grouped: bool) {
    let mut memory = Memory { head, series: HashMap::new(), marked: HashSet::new(), owed: None, uncertain: false };
    let most = if grouped { MAX_GROUP } else { 1 };
    let mut jobs = Vec::with_capacity(most);
    let alone = parts.store.engine() == Engine::Sqlite;
    loop {
        let got = if alone {
            queue.recv_many(&mut jobs, most).await
        } else {
            match timeout(WATCH, queue.recv_many(&mut jobs, most)).await {
                Ok(got) => got,
                Err(_) => {
                    watch(&parts, &mut memory).await;
                    continue;
                }
            }
        };
        if got == 0 {
            return;
        }
        let (tickets, replies): (Vec<_>, Vec<_>) = jobs.drain(..).map(|job| (job.ticket, job.reply)).unzip();
        for (verdict, reply) in serve(&parts, &mut memory, &tickets).await.into_iter().zip(replies) {
            // Whoever has stopped waiting asks again with the same key.
            let _ = reply.send(verdict);
        }
    }
}

/// Looks what the other nodes have written, so that this one, too, would miss it in a database that lost it.
async fn watch(parts: &Arc<AllocatorParts>, memory: &mut Memory) {
    let seen = async {
        catch_up(parts, memory).await?;
        pay(parts, memory).await
    };
    if let Err(error) = seen.await {
        tracing::debug!(%error, "the audit chain could not be watched");
    }
}

/// Serves a group; when the database refuses it as a whole, serves each ticket alone, so that one bad request does not
/// take the others down.
async fn serve(
    parts: &Arc<AllocatorParts>,
    memory: &mut Memory,
    tickets: &[Ticket],
) -> Vec<Result<Reserved, ReserveError>> {
    match attempt(parts, memory, tickets).await {
        Ok(verdicts) => verdicts,
        Err(error) if tickets.len() == 1 => vec![Err(error)],
        Err(error) => {
            tracing::warn!(%error, tickets = tickets.len(), "a group was refused; serving its reservations one by one");
            let mut verdicts = Vec::with_capacity(tickets.len());
            for ticket in tickets {
                let one = attempt(parts, memory, std::slice::from_ref(ticket)).await;
                verdicts.push(one.and_then(|mut v| v.pop().unwrap_or(Err(ReserveError::Unavailable))));
            }
            verdicts
        }
    }
}

async fn attempt(
    parts: &Arc<AllocatorParts>,
    memory: &mut Memory,
    tickets: &[Ticket],
) -> Result<Vec<Result<Reserved, ReserveError>>, ReserveError> {
    settle(parts, memory).await?;
    let mut served = try_serve(parts, memory, tickets).await;
    // Two nodes met on one idempotency key, and the other's answer is found on the second look; or they waited for each
    // other in a circle; or the connection was lost, perhaps after the commit. All of it is safe to repeat.
    if let (Err(error @ (StoreError::Conflict(_) | StoreError::Unavailable(_))), 1) = (&served, tickets.len()) {
        tracing::info!(%error, "a reservation failed and is tried once more");
        settle(parts, memory).await?;
        served = try_serve(parts, memory, tickets).await;
    }
    let Outcome { verdicts, issued } = served?;
    if issued.is_none() && parts.store.engine() == Engine::Postgres {
        // An answer that another node gave first must be known to this node's witness, too, before it goes out again.
        catch_up(parts, memory).await?;
        pay(parts, memory).await?;
    }
    if let Some(Issued { head, next, series }) = issued {
        memory.head = head;
        for series in series {
            memory.marked.insert(series.rule_version_id);
            memory.series.entry((series.rule_version_id, series.context.clone())).or_insert(series);
        }
        memory.owed = Some((head, next));
        pay(parts, memory).await?;
    }
    Ok(verdicts)
}

async fn try_serve(
    parts: &Arc<AllocatorParts>,
    memory: &mut Memory,
    tickets: &[Ticket],
) -> Result<Outcome, StoreError> {
    let served = group::serve(parts, memory, tickets).await;
    memory.uncertain = served.is_err();
    served
}

/// Makes sure that the witness knows of every commit so far, before anything is answered.
async fn settle(parts: &Arc<AllocatorParts>, memory: &mut Memory) -> Result<(), ReserveError> {
    if memory.uncertain {
        catch_up(parts, memory).await?;
        memory.uncertain = false;
    }
    pay(parts, memory).await
}

/// After a failure whose outcome is unknown: looks how far the counters are, for the witness. A database that lacks what
/// was seen before is left to the group to find out.
async fn catch_up(parts: &AllocatorParts, memory: &mut Memory) -> Result<(), StoreError> {
    let mut tx = parts.store.begin().await?;
    let held = store::audit::hold_head(&mut tx).await?;
    if store::audit::hash_at(&mut tx, memory.head.seq).await? == Some(memory.head.hash) {
        if held.head == memory.head && !memory.uncertain {
            return Ok(());
        }
        let series = store::rule::all_series(&mut tx).await?;
        memory.head = held.head;
        memory.owed = Some((held.head, series.into_iter().map(|s| (s.series_key, s.next_ordinal)).collect()));
    }
    Ok(())
}

/// Writes into the witness what it does not have yet.
async fn pay(parts: &Arc<AllocatorParts>, memory: &mut Memory) -> Result<(), ReserveError> {
    let Some((head, next)) = memory.owed.clone() else { return Ok(()) };
    let witness = Arc::clone(&parts.witness);
    let written = spawn_blocking(move || {
        witness.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map_or(Ok(()), |w| w.record(head, &next))
    });
    match written.await {
        Ok(Ok(())) => {
            memory.owed = None;
            Ok(())
        }
        Ok(Err(WitnessError::Io { source, .. })) if source.kind() == std::io::ErrorKind::StorageFull => {
            Err(ReserveError::Full)
        }
        // Committed all the same: the same request finds its answer once the witness can be written.
        Ok(Err(error)) => {
            tracing::error!(%error, "the witness cannot be written");
            Err(ReserveError::Unavailable)
        }
        Err(error) => Err(ReserveError::Unexpected(error.to_string())),
    }
}
