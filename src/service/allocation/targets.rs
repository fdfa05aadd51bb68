//! Finding out what each ticket is for: SKU, batch, rule and counter.

use super::state::{AllocatorParts, Memory};
use super::ticket::{Ticket, Verdicts};
use crate::serial::{ContextInputs, SeriesContext};
use crate::service::reserve_block::ReserveError;
use crate::service::rule_book::KnownRule;
use crate::store::rule::{RuleRow, SeriesRow};
use crate::store::sku::Target;
use crate::store::{self, StoreError, Transaction};
use std::collections::HashMap;
use std::sync::Arc;

/// A ticket that is still in the running.
pub(super) struct Candidate {
    /// Its place in the group.
    pub(super) ticket: usize,
    pub(super) target: Arc<Target>,
    pub(super) rule: Arc<KnownRule>,
    pub(super) context: SeriesContext,
    pub(super) series: Arc<SeriesRow>,
    pub(super) count: u64,
}

/// The candidates among the tickets that have no verdict yet; the others get one.
pub(super) async fn find_candidates(
    parts: &AllocatorParts,
    memory: &Memory,
    tx: &mut Transaction,
    tickets: &[Ticket],
    verdicts: &mut Verdicts,
) -> Result<Vec<Candidate>, StoreError> {
    let mut targets: HashMap<(&str, &str), Option<Arc<Target>>> = HashMap::new();
    let mut finder = SeriesFinder { parts, memory, effective: HashMap::new(), fresh: HashMap::new() };
    let mut candidates = Vec::with_capacity(tickets.len());
    for (i, ticket) in tickets.iter().enumerate() {
        if verdicts[i].is_some() {
            continue;
        }
        let pair = (ticket.sku_key.as_str(), ticket.batch_key.as_str());
        let target = match targets.get(&pair) {
            Some(known) => known.clone(),
            None => {
                let found = store::sku::target(tx, pair.0, pair.1, &ticket.today.to_string()).await?.map(Arc::new);
                targets.insert(pair, found.clone());
                found
            }
        };
        let checked = check_target(ticket, target);
        let found = match checked {
            Ok(target) => finder.find(tx, ticket, &target).await?.map(|found| (target, found)),
            Err(refusal) => Err(refusal),
        };
        match found {
            Ok((target, (rule, context, series))) => {
                let count = u64::from(ticket.request.count);
                candidates.push(Candidate { ticket: i, target, rule, context, series, count });
            }
            Err(refusal) => verdicts[i] = Some(Err(refusal)),
        }
    }
    Ok(candidates)
}

fn check_target(ticket: &Ticket, target: Option<Arc<Target>>) -> Result<Arc<Target>, ReserveError> {
    let target = target
        .filter(|t| ticket.brand.is_none_or(|brand| brand == t.brand_id))
        // Which of SKU and batch is unknown, and what was meant, is for the slow path to find out.
        .ok_or_else(|| ReserveError::UnknownSku { text: ticket.request.sku.clone(), looks_like: None })?;
    if !target.batch_has_sku {
        let (sku, batch) = (target.sku.clone(), target.batch.clone());
        return Err(ReserveError::SkuNotInBatch { sku, batch, holds: Vec::new() });
    }
    if !target.batch_open {
        return Err(ReserveError::BatchClosed { batch: target.batch.clone() });
    }
    Ok(target)
}

type Found = (Arc<KnownRule>, SeriesContext, Arc<SeriesRow>);

/// Finds the counters of a group, each asked of the database at most once.
struct SeriesFinder<'a> {
    parts: &'a AllocatorParts,
    memory: &'a Memory,
    /// The rule version in force, by rule code.
    effective: HashMap<String, Option<RuleRow>>,
    /// Counters that the writer does not know yet, by rule version and context.
    fresh: HashMap<(i64, String), Arc<SeriesRow>>,
}

impl SeriesFinder<'_> {
    async fn find(
        &mut self,
        tx: &mut Transaction,
        ticket: &Ticket,
        target: &Target,
    ) -> Result<Result<Found, ReserveError>, StoreError> {
        let refuse = |reason: String| ReserveError::Rule { rule: target.rule_code.clone(), reason };
        let Some((id, epoch)) = self.effective(tx, &target.rule_code, ticket).await? else {
            return Ok(Err(refuse("no version of it is in force today".into())));
        };
        let rule = self.parts.rules.get(tx, id).await?;
        // Dated serials carry the day of manufacture; where the batch does not say, today.
        let made_on = target.manufactured_on.as_deref().and_then(|day| day.parse().ok()).unwrap_or(ticket.today);
        let inputs = ContextInputs { epoch, date: made_on, product_code: Some(&target.product) };
        let context = match rule.rule.context(&inputs) {
            Ok(context) => context,
            Err(e) => return Ok(Err(refuse(e.to_string()))),
        };
        let key = (id, context.as_str().to_owned());
        let series = match self.memory.series.get(&key).or_else(|| self.fresh.get(&key)) {
            Some(series) => Arc::clone(series),
            None => {
                let series = Arc::new(find_or_create(tx, &rule, &context).await?);
                self.fresh.insert(key, Arc::clone(&series));
                series
            }
        };
        Ok(Ok((rule, context, series)))
    }

    /// Row id and epoch of the rule version in force.
    async fn effective(
        &mut self,
        tx: &mut Transaction,
        code: &str,
        ticket: &Ticket,
    ) -> Result<Option<(i64, u8)>, StoreError> {
        if !self.effective.contains_key(code) {
            let row = store::rule::effective(tx, code, &ticket.today.to_string()).await?;
            self.effective.insert(code.to_owned(), row);
        }
        Ok(self.effective.get(code).and_then(Option::as_ref).map(|row| (row.id, row.epoch)))
    }
}

async fn find_or_create(
    tx: &mut Transaction,
    rule: &KnownRule,
    context: &SeriesContext,
) -> Result<SeriesRow, StoreError> {
    match store::rule::series(tx, rule.row.id, context.as_str()).await? {
        Some(series) => Ok(series),
        None => {
            let key = rule.series_key(context);
            store::rule::create_series(tx, rule.row.id, &key, context.as_str(), rule.rule.capacity()).await
        }
    }
}
