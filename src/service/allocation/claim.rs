//! Moving the counters of a group, and moving them back for what had to be refused.

use super::targets::Candidate;
use super::ticket::{Ticket, Verdicts};
use crate::service::reserve_block::{DEFAULT_QUOTA, ReserveError};
use crate::store::{self, StoreError, Transaction};
use std::collections::BTreeMap;

/// What a group may have.
pub(super) struct Claims {
    /// Candidates with their first ordinal, in the order in which they asked.
    pub(super) granted: Vec<(Candidate, u64)>,
    refused: Vec<Refused>,
}

/// What a refused candidate had claimed before it was refused.
struct Refused {
    batch: i64,
    station: (String, i64),
    /// The counter, if that was claimed, too.
    series: Option<i64>,
    count: u64,
}

/// Counts are at most a million and groups a few hundred: the sum always fits.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Sums counts by a key, in the key's order: the order in which rows are taken.
fn sums<K: Ord>(items: impl Iterator<Item = (K, u64)>) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for (key, count) in items {
        *sums.entry(key).or_insert(0) += signed(count);
    }
    sums
}

/// Claims batches, quotas and ordinals for all candidates. Those that cannot have them get their verdict.
pub(super) async fn claim(
    tx: &mut Transaction,
    tickets: &[Ticket],
    candidates: Vec<Candidate>,
    verdicts: &mut Verdicts,
) -> Result<Claims, StoreError> {
    let mut refused = Vec::new();
    let candidates = claim_batches(tx, candidates, verdicts).await?;
    let candidates = claim_quotas(tx, tickets, candidates, verdicts, &mut refused).await?;
    let granted = claim_ordinals(tx, tickets, candidates, verdicts, &mut refused).await?;
    Ok(Claims { granted, refused })
}

/// Adds to the batches' totals, which also keeps them open until the commit.
async fn claim_batches(
    tx: &mut Transaction,
    mut candidates: Vec<Candidate>,
    verdicts: &mut Verdicts,
) -> Result<Vec<Candidate>, StoreError> {
    for (batch, sum) in sums(candidates.iter().map(|c| (c.target.batch_id, c.count))) {
        if store::sku::add_issued(tx, batch, sum).await? {
            continue;
        }
        candidates.retain(|c| {
            let closed = c.target.batch_id == batch;
            if closed {
                verdicts[c.ticket] = Some(Err(ReserveError::BatchClosed { batch: c.target.batch.clone() }));
            }
            !closed
        });
    }
    Ok(candidates)
}

fn station_of(tickets: &[Ticket], candidate: &Candidate) -> (String, i64) {
    (tickets[candidate.ticket].request.station.as_str().to_owned(), candidate.target.sku_id)
}

/// Adds to what the stations hold; who comes after the quota is used up is refused.
async fn claim_quotas(
    tx: &mut Transaction,
    tickets: &[Ticket],
    candidates: Vec<Candidate>,
    verdicts: &mut Verdicts,
    refused: &mut Vec<Refused>,
) -> Result<Vec<Candidate>, StoreError> {
    let sums = sums(candidates.iter().map(|c| (station_of(tickets, c), c.count)));
    let changes: Vec<_> = sums.iter().map(|((station, sku), sum)| (station.clone(), *sku, *sum)).collect();
    let mut held = BTreeMap::new();
    for holding in store::station::add(tx, &changes).await? {
        let key = (holding.station, holding.sku_id);
        let before = holding.held - sums.get(&key).copied().unwrap_or(0).unsigned_abs();
        held.insert(key, (before, holding.quota.unwrap_or(DEFAULT_QUOTA)));
    }
    let mut kept = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let key = station_of(tickets, &candidate);
        let (held, quota) = held.entry(key.clone()).or_insert((0, DEFAULT_QUOTA));
        if *held + candidate.count <= *quota {
            *held += candidate.count;
            kept.push(candidate);
            continue;
        }
        let (batch, count) = (candidate.target.batch_id, candidate.count);
        let (station, sku) = (key.0.clone(), candidate.target.sku.clone());
        verdicts[candidate.ticket] = Some(Err(ReserveError::Quota { station, sku, quota: *quota, held: *held }));
        refused.push(Refused { batch, station: key, series: None, count });
    }
    Ok(kept)
}

/// Moves the counters; whoever the rest of a series is too small for is refused.
async fn claim_ordinals(
    tx: &mut Transaction,
    tickets: &[Ticket],
    candidates: Vec<Candidate>,
    verdicts: &mut Verdicts,
    refused: &mut Vec<Refused>,
) -> Result<Vec<(Candidate, u64)>, StoreError> {
    let mut free: BTreeMap<i64, u64> = BTreeMap::new();
    for (series, sum) in sums(candidates.iter().map(|c| (c.series.id, c.count))) {
        let after = store::rule::advance(tx, series, sum).await?;
        free.insert(series, after.saturating_sub(sum.unsigned_abs()));
    }
    let mut granted = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let free = free.entry(candidate.series.id).or_insert(u64::MAX);
        let remaining = candidate.series.capacity.saturating_sub(*free);
        if candidate.count <= remaining {
            let first = *free;
            *free += candidate.count;
            granted.push((candidate, first));
            continue;
        }
        let (rule, context) = (candidate.rule.row.code.clone(), candidate.context.as_str().to_owned());
        verdicts[candidate.ticket] = Some(Err(ReserveError::Exhausted { rule, context, remaining }));
        refused.push(Refused {
            batch: candidate.target.batch_id,
            station: station_of(tickets, &candidate),
            series: Some(candidate.series.id),
            count: candidate.count,
        });
    }
    Ok(granted)
}

impl Claims {
    /// Moves the counters back by what the refused had claimed. They are still held by this transaction, so no gap and
    /// no double use can come of it.
    pub(super) async fn refund(&self, tx: &mut Transaction) -> Result<(), StoreError> {
        for (batch, sum) in sums(self.refused.iter().map(|r| (r.batch, r.count))) {
            store::sku::add_issued(tx, batch, -sum).await?;
        }
        let stations: Vec<_> = sums(self.refused.iter().map(|r| (r.station.clone(), r.count)))
            .into_iter()
            .map(|((station, sku), sum)| (station, sku, -sum))
            .collect();
        store::station::add(tx, &stations).await?;
        for (series, sum) in sums(self.refused.iter().filter_map(|r| Some((r.series?, r.count)))) {
            store::rule::advance(tx, series, -sum).await?;
        }
        Ok(())
    }
}
