//! Many reservations in one transaction.
//!
//! Counters are first moved by what all tickets of the group want together, then moved back by what had to be refused:
//! in the common case each row is touched once, however many tickets there are. Rows are taken in one order
//! everywhere (series creation, batch, station, series, audit head), so that two nodes do not wait for each other in a circle;
//! where several new series make them do so all the same, the database ends it and `writer` serves the tickets one by one.

use super::answer::{Entry, entries};
use super::claim::{Claims, claim};
use super::state::{AllocatorParts, Memory};
use super::targets::{Candidate, find_candidates};
use super::ticket::{Reserved, Ticket, Verdicts};
use crate::service::chain::{self, Stop};
use crate::service::reserve_block::ReserveError;
use crate::store::rule::SeriesRow;
use crate::store::{self, StoreError, Transaction};
use crate::trace::ChainHead;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What became of each ticket.
pub(super) struct Outcome {
    pub(super) verdicts: Vec<Result<Reserved, ReserveError>>,
    /// What was written; `None` when nothing was.
    pub(super) issued: Option<Issued>,
}

/// What a commit changed.
pub(super) struct Issued {
    /// The audit chain's end.
    pub(super) head: ChainHead,
    /// How far each counter went, for the witness.
    pub(super) next: Vec<(String, u64)>,
    /// Counters that the writer did not know before.
    pub(super) series: Vec<Arc<SeriesRow>>,
}

/// Serves the tickets in one transaction.
///
/// # Errors
/// [`StoreError`] when nothing can be said about any of them; then nothing was issued, unless the commit itself failed,
/// and then asking again with the same keys finds out.
pub(super) async fn serve(parts: &AllocatorParts, memory: &Memory, tickets: &[Ticket]) -> Result<Outcome, StoreError> {
    let mut tx = parts.store.begin().await?;
    let mut verdicts: Verdicts = tickets.iter().map(|_| None).collect();
    answer_repeated(&mut tx, tickets, &mut verdicts).await?;
    let candidates = find_candidates(parts, memory, &mut tx, tickets, &mut verdicts).await?;
    let claims = claim(&mut tx, tickets, candidates, &mut verdicts).await?;
    let issued =
        if claims.granted.is_empty() { None } else { write(parts, memory, tx, tickets, claims, &mut verdicts).await? };
    let missing = || Err(ReserveError::Unexpected("a reservation was left without an answer".into()));
    let verdicts = verdicts.into_iter().map(|v| v.unwrap_or_else(missing)).collect();
    Ok(Outcome { verdicts, issued })
}

/// Same key and same request: the same answer, for ever. Same key, other request: refused.
async fn answer_repeated(tx: &mut Transaction, tickets: &[Ticket], verdicts: &mut Verdicts) -> Result<(), StoreError> {
    let keys: Vec<&str> = tickets.iter().map(|t| t.key.as_str()).collect();
    for past in store::block::past_answers(tx, &keys).await? {
        for (ticket, verdict) in tickets.iter().zip(verdicts.iter_mut()) {
            if ticket.key != past.idempotency_key || ticket.request.station.as_str() != past.station {
                continue;
            }
            *verdict = Some(if ticket.fingerprint == past.fingerprint {
                Ok(Reserved { answer: past.answer.as_str().into(), replayed: true })
            } else {
                Err(ReserveError::KeyReused { station: past.station.clone() })
            });
        }
    }
    Ok(())
}

/// Writes what was granted and commits. Answers `None`, and refuses everybody, when allocation is stopped.
async fn write(
    parts: &AllocatorParts,
    memory: &Memory,
    mut tx: Transaction,
    tickets: &[Ticket],
    claims: Claims,
    verdicts: &mut Verdicts,
) -> Result<Option<Issued>, StoreError> {
    claims.refund(&mut tx).await?;
    let granted = &claims.granted;
    let held = store::audit::hold_head(&mut tx).await?;
    if let Some(Stop { reason, announce }) = chain::stop(&mut tx, &held, memory.head, &parts.witness).await? {
        drop(tx);
        if announce {
            chain::stop_for_all(&parts.store, &reason).await?;
        }
        for (candidate, _) in granted {
            verdicts[candidate.ticket] = Some(Err(ReserveError::Stopped { reason: reason.clone() }));
        }
        return Ok(None);
    }
    let head = held.head;
    let made = entries(&parts.keys, tickets, granted, head)?;
    let (mut events, mut blocks, mut audit) = (Vec::new(), Vec::new(), Vec::new());
    for Entry { ticket, block, event, entry } in made {
        verdicts[ticket] = Some(Ok(Reserved { answer: block.answer.as_str().into(), replayed: false }));
        events.push(event);
        blocks.push(block);
        audit.push(entry);
    }
    store::event::insert(&mut tx, &events).await?;
    store::block::insert(&mut tx, &blocks).await?;
    let unmarked: BTreeSet<i64> =
        granted.iter().filter(|(c, _)| !c.rule.row.issued).map(|(c, _)| c.rule.row.id).collect();
    for rule in unmarked.into_iter().filter(|id| !memory.marked.contains(id)) {
        store::rule::mark_issued(&mut tx, rule).await?;
    }
    let head = store::audit::append(&mut tx, head, &audit).await?;
    store::commit(tx).await?;
    Ok(Some(Issued {
        head,
        next: high_water(granted),
        series: granted.iter().map(|(c, _)| Arc::clone(&c.series)).collect(),
    }))
}

/// How far each counter of the group went.
fn high_water(granted: &[(Candidate, u64)]) -> Vec<(String, u64)> {
    let mut next: BTreeMap<&str, u64> = BTreeMap::new();
    for (candidate, first) in granted {
        let reached = next.entry(&candidate.series.series_key).or_default();
        *reached = (first + candidate.count).max(*reached);
    }
    next.into_iter().map(|(key, next)| (key.to_owned(), next)).collect()
}
