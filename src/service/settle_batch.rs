//! Use case: the account of a batch, and closing it once every serial's fate is known.

use super::block_record::AccountRecord;
use super::caller::Caller;
use super::report_fate::{reason_given, record_fate};
use super::{Nameplate, ServiceError};
use crate::catalogue::name_key;
use crate::store::block::BlockFilter;
use crate::store::event::NewEvent;
use crate::store::sku::{BatchRow, SkuRow};
use crate::store::{self, Connection, Transaction};
use crate::trace::{AuditEntry, Fate};
use serde::Serialize;
use std::collections::BTreeMap;

/// What to do about labels that are not done with.
const ADVICE: &str = "so nobody can say yet what became of their serials: cancel the job, or say what came out";

/// How many blocks are looked at a time while a batch is settled.
const PAGE: u32 = 200;

/// A batch with its account.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "batch": "2025-W27-M2", "product": "NT-M2", "manufactured_on": "2025-07-02", "note": "Second supplier of eyecups",
    "state": "open", "skus": ["NT-M2-BOR", "NT-M2-KES"], "attributes": {"release_record": "QA-2025-0698"},
    "account": {"issued": 250, "reserved": 40, "printed": 10, "applied": 195, 
                "returned": 0, "void": 5, "unaccounted": 0, "adds_up": true},
    "version": 1
}))]
pub struct BatchRecord {
    /// Batch code.
    pub batch: String,
    /// Product code: the factory's name. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Day of manufacture.
    pub manufactured_on: Option<String>,
    /// Free text. Empty for callers bound to a brand.
    pub note: String,
    /// `open` or `closed`.
    pub state: &'static str,
    /// SKUs that it may hold, as far as the caller may see them.
    pub skus: Vec<String>,
    /// What else was recorded of it. Empty for callers bound to a brand.
    pub attributes: BTreeMap<String, String>,
    /// What became of its serials. Left out for callers bound to one brand: the batch may hold others' units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRecord>,
    /// Counts edits; the ETag.
    pub version: i64,
}

impl Nameplate {
    /// A batch and its account.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it holds nothing of the caller's brand.
    pub async fn batch(&self, caller: &Caller, code: &str) -> Result<BatchRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.batch_row(&mut conn, caller, code).await?;
        batch_record(&mut conn, caller, row).await
    }

    /// Batches in the order in which they were made known, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn batches(
        &self,
        caller: &Caller,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<BatchRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let mut rows = store::sku::batches(&mut conn, caller.brand, after, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(batch_record(&mut conn, caller, row).await?);
        }
        Ok((records, next))
    }

    /// Closes a batch. With `unaccounted` (a reason) the serials whose fate is open are declared unaccounted first;
    /// without it, an open serial is a refusal.
    ///
    /// # Errors
    /// [`ServiceError::BatchOpen`], [`PrintError::JobState`](super::print::PrintError::JobState) while a job has labels of it, [`ServiceError::BatchClosed`], [`ServiceError::Invalid`] for an unusable reason,
    /// [`ServiceError::NotFound`]: also for callers bound to a brand, since a batch may hold others' units.
    pub async fn close_batch(
        &self,
        caller: &Caller,
        code: &str,
        unaccounted: Option<&str>,
    ) -> Result<BatchRecord, ServiceError> {
        if caller.brand.is_some() {
            return Err(ServiceError::NotFound { kind: "batch", name: code.to_owned() });
        }
        let now_us = self.clock.now_us();
        let reason = unaccounted.map(|reason| reason_given("unaccounted_reason", reason)).transpose()?;
        let mut tx = self.store.begin().await?;
        let mut row = self.batch_row(&mut tx, caller, code).await?;
        if store::sku::hold_batch(&mut tx, row.id).await? != Some(true) {
            return Err(ServiceError::BatchClosed { batch: row.code });
        }
        if let Some((job, state)) = store::print_job::open_of_batch(&mut tx, row.id).await? {
            let problem = format!("labels of batch {} wait or are on their way in it, {ADVICE}", row.code);
            return Err(super::print::PrintError::JobState { job, state, problem }.into());
        }
        if let Some(reason) = &reason {
            self.declare_unaccounted(&mut tx, caller, row.id, reason, now_us).await?;
        }
        let account = store::block::batch_account(&mut tx, row.id).await?;
        if account.open() > 0 {
            return Err(ServiceError::BatchOpen { batch: row.code, open: account.open() });
        }
        store::sku::close_batch(&mut tx, row.id).await?;
        let head = store::audit::hold_head(&mut tx).await?.head;
        let event = NewEvent {
            id: head.seq + 1,
            kind: "close".into(),
            happened_us: now_us,
            recorded_us: now_us,
            actor: caller.actor.clone(),
            batch_id: Some(row.id),
            reason,
            ..NewEvent::default()
        };
        store::event::insert(&mut tx, &[event]).await?;
        let entry = AuditEntry {
            recorded_us: now_us,
            actor: caller.actor.clone(),
            action: "batch.close".into(),
            subject: row.code.clone(),
            detail: serde_json::to_string(&account).map_err(|e| ServiceError::Unexpected(e.to_string()))?,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        row.open = false;
        row.edit_version += 1;
        let mut conn = self.read().await?;
        batch_record(&mut conn, caller, row).await
    }

    async fn declare_unaccounted(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        batch_id: i64,
        reason: &str,
        now_us: i64,
    ) -> Result<(), ServiceError> {
        // All stations first, in the order in which reservations take them: between two blocks the chain is held already.
        let stations: Vec<_> =
            store::block::open_stations(tx, batch_id).await?.into_iter().map(|(s, k)| (s, k, 0)).collect();
        store::station::add(tx, &stations).await?;
        let mut before = None;
        loop {
            let filter = BlockFilter { batch_id: Some(batch_id), before, limit: PAGE, ..BlockFilter::default() };
            let blocks = store::block::list(tx, &filter).await?;
            let Some(last) = blocks.last() else { return Ok(()) };
            before = Some(last.id);
            for block in blocks.iter().filter(|b| b.account.open() > 0) {
                let told = store::fate::overlapping(tx, block.series_id, block.span).await?;
                let settled: Vec<_> = told.iter().filter(|p| p.fate.is_settled()).map(|p| p.span).collect();
                let open = super::report_fate::rest(block.span, &settled);
                let rule = self.rules.get(tx, block.rule_version_id).await?;
                let event = NewEvent {
                    kind: Fate::Unaccounted.as_str().into(),
                    happened_us: now_us,
                    recorded_us: now_us,
                    actor: caller.actor.clone(),
                    station: Some(block.station.clone()),
                    reason: Some(reason.to_owned()),
                    ..NewEvent::default()
                };
                record_fate(tx, &rule, block, &open, Fate::Unaccounted, event).await?;
            }
        }
    }

    pub(super) async fn batch_row(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<BatchRow, ServiceError> {
        let not_found = || ServiceError::NotFound { kind: "batch", name: code.to_owned() };
        store::sku::batch_by_key(conn, &asked_key(code).ok_or_else(not_found)?, caller.brand)
            .await?
            .ok_or_else(not_found)
    }

    pub(super) async fn sku_row(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<SkuRow, ServiceError> {
        let not_found = || ServiceError::NotFound { kind: "SKU", name: code.to_owned() };
        store::sku::by_key(conn, &asked_key(code).ok_or_else(not_found)?, caller.brand).await?.ok_or_else(not_found)
    }
}

/// A code from outside as look-ups compare it; none if no code can be so (PostgreSQL refuses a NUL in any text).
fn asked_key(code: &str) -> Option<String> {
    (!code.contains('\0')).then(|| name_key(code))
}

pub(super) async fn batch_record(
    conn: &mut Connection,
    caller: &Caller,
    row: BatchRow,
) -> Result<BatchRecord, ServiceError> {
    let (skus, attributes) = store::sku::batch_parts(conn, row.id, caller.brand).await?;
    let inside = caller.brand.is_none();
    let account = if inside { Some(store::block::batch_account(conn, row.id).await?.into()) } else { None };
    Ok(BatchRecord {
        batch: row.code,
        product: inside.then_some(row.product),
        manufactured_on: row.manufactured_on,
        note: if inside { row.note } else { String::new() },
        state: if row.open { "open" } else { "closed" },
        skus,
        attributes: if inside { attributes.into_iter().collect() } else { BTreeMap::new() },
        account,
        version: row.edit_version,
    })
}
