//! Use case: what is known of a block.

use super::caller::Caller;
use super::serials::BlockSerials;
use super::{Nameplate, ServiceError, rfc3339};
use crate::store::block::{BlockFilter, BlockRow};
use crate::store::event::EventRow;
use crate::store::{self, Connection};
use crate::trace::Account;
use serde::Serialize;

/// A block as people and machines read it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "block": "BLK-7K3M9XQ2WVT0A1B2", "sku": "NT-M2-BOR", "revision": "B", "batch": "2025-W27-M2",
    "station": "final-inspection.2", "order": "PO-4711", "count": 250, "first_serial": "07K3M9XQ2WNF",
    "last_serial": "0ZZ3M9XQ2W76", "reserved_at": "2025-07-10T12:00:00Z",
    "account": {"issued": 250, "reserved": 40, "printed": 10, "applied": 195, 
                "returned": 0, "void": 5, "unaccounted": 0, "adds_up": true}
}))]
pub struct BlockRecord {
    /// Public name.
    pub block: String,
    /// SKU code.
    pub sku: String,
    /// Revision of the SKU that was in force.
    pub revision: Option<String>,
    /// Batch code.
    pub batch: String,
    /// Who reserved it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
    /// The order it was reserved for.
    pub order: Option<String>,
    /// How many serials.
    pub count: u64,
    /// The first serial in issuing order.
    pub first_serial: String,
    /// The last serial in issuing order.
    pub last_serial: String,
    /// When it was reserved, RFC 3339.
    pub reserved_at: String,
    /// What became of its serials.
    pub account: AccountRecord,
}

/// How many serials have which fate; `adds_up` says whether the fates sum to what was issued.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct AccountRecord {
    /// Everything that was handed out.
    pub issued: u64,
    /// Handed out, nothing reported since.
    pub reserved: u64,
    /// Labels that are not on a unit yet.
    pub printed: u64,
    /// Labels on units.
    pub applied: u64,
    /// Given back unprinted.
    pub returned: u64,
    /// Spoilt or scrapped.
    pub void: u64,
    /// Declared unknown by a person.
    pub unaccounted: u64,
    /// Whether the fates sum to what was issued.
    pub adds_up: bool,
}

impl From<Account> for AccountRecord {
    fn from(account: Account) -> Self {
        let Account { issued, reserved, printed, applied, returned, void, unaccounted } = account;
        Self { issued, reserved, printed, applied, returned, void, unaccounted, adds_up: account.adds_up() }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "event": 42, "kind": "void", "happened_at": "2025-07-10T12:00:00Z", "recorded_at": "2025-07-10T12:00:03Z",
    "actor": "line 3, station B (0A1B2C3D4E)", "station": "final-inspection.2", "reason": "label torn"
}))]
pub struct HistoryEntry {
    /// Its number in the audit chain.
    pub event: u64,
    /// What happened.
    pub kind: String,
    /// When it happened, RFC 3339.
    pub happened_at: String,
    /// When it was recorded, RFC 3339.
    pub recorded_at: String,
    /// Who reported it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// At which station.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
    /// Why, in the reporter's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl HistoryEntry {
    /// Takes out who did it and where, and what they wrote: names inside the factory are not for brands (PLB5).
    pub(super) fn hide_the_factory(&mut self) {
        (self.actor, self.station, self.reason) = (None, None, None);
    }
}

impl From<EventRow> for HistoryEntry {
    fn from(event: EventRow) -> Self {
        Self {
            event: event.id,
            kind: event.kind,
            happened_at: rfc3339(event.happened_us),
            recorded_at: rfc3339(event.recorded_us),
            actor: Some(event.actor),
            station: event.station,
            reason: event.reason,
        }
    }
}

impl Nameplate {
    /// The block with this code, and a way to its serials.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn block(&self, caller: &Caller, code: &str) -> Result<(BlockRecord, BlockSerials), ServiceError> {
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, code).await?;
        let serials = self.serials_of(&mut conn, &row).await?;
        Ok((block_record(caller, row, &serials)?, serials))
    }

    /// What happened to a block and to serials in it, oldest first, after an event number.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn block_history(
        &self,
        caller: &Caller,
        code: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, code).await?;
        let events = store::event::of_block(&mut conn, row.id, after, limit).await?;
        let mut history: Vec<_> = events.into_iter().map(HistoryEntry::from).collect();
        if caller.brand.is_some() {
            history.iter_mut().for_each(HistoryEntry::hide_the_factory);
        }
        Ok(history)
    }

    /// Blocks, newest first. The second part of the answer is the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the batch or SKU of the filter does not exist for this caller.
    pub async fn blocks(
        &self,
        caller: &Caller,
        batch: Option<&str>,
        sku: Option<&str>,
        station: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<BlockRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let batch_id = match batch {
            Some(code) => Some(self.batch_row(&mut conn, caller, code).await?.id),
            None => None,
        };
        let sku_id = match sku {
            Some(code) => Some(self.sku_row(&mut conn, caller, code).await?.id),
            None => None,
        };
        let station = match station.map(super::StationName::parse) {
            Some(Ok(station)) => Some(station.as_str().to_owned()),
            // No block is of a station that cannot be.
            Some(Err(_)) => return Ok((Vec::new(), None)),
            None => None,
        };
        let filter =
            BlockFilter { batch_id, sku_id, station, brand_id: caller.brand, before, limit: limit.saturating_add(1) };
        let mut rows = store::block::list(&mut conn, &filter).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let serials = self.serials_of(&mut conn, &row).await?;
            records.push(block_record(caller, row, &serials)?);
        }
        Ok((records, next))
    }

    pub(super) async fn block_row(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<BlockRow, ServiceError> {
        let not_found = || ServiceError::NotFound { kind: "block", name: code.to_owned() };
        let code = crate::trace::BlockCode::parse(code).map_err(|_| not_found())?;
        store::block::by_code(conn, code.as_str(), caller.brand).await?.ok_or_else(not_found)
    }
}

pub(super) fn block_record(
    caller: &Caller,
    row: BlockRow,
    serials: &BlockSerials,
) -> Result<BlockRecord, ServiceError> {
    let end = |skip| -> Result<String, ServiceError> {
        Ok(serials.page(skip, 1)?.first().map(ToString::to_string).unwrap_or_default())
    };
    Ok(BlockRecord {
        first_serial: end(0)?,
        last_serial: end(row.span.len() - 1)?,
        block: row.code,
        sku: row.sku,
        revision: row.revision,
        batch: row.batch,
        station: caller.brand.is_none().then_some(row.station),
        order: row.order_ref,
        count: row.span.len(),
        reserved_at: rfc3339(row.created_us),
        account: row.account.into(),
    })
}
