//! Use case: people look through catalogue, batches and the audit chain.

use super::block_record::HistoryEntry;
use super::caller::Caller;
use super::resolve::{SkuRecord, sku_record};
use super::{DEFAULT_QUOTA, Nameplate, ServiceError};
use crate::catalogue::name_key;
use crate::store::brand::BrandRow;
use crate::store::browse::{BatchFilter, SkuFilter};
use crate::store::{self, StoreError};
use data_encoding::HEXLOWER;

/// Most brands that a list shows.
const BRANDS: u32 = 1_000;
/// Most stations that a SKU's page shows.
const STATIONS: u32 = 200;

/// A brand.
pub type BrandRecord = BrandRow;

/// A revision of a SKU: what it is made of, from a day on.
pub type RevisionRecord = store::browse::RevisionRow;

/// What a station holds of a SKU and may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRecord {
    /// The station.
    pub station: String,
    /// Serials whose fate is open.
    pub held: u64,
    /// The limit.
    pub quota: u64,
    /// Whether the limit is the station's own.
    pub is_own: bool,
}

/// A batch in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBatch {
    /// Batch code.
    pub batch: String,
    /// Product code. None for callers bound to a brand.
    pub product: Option<String>,
    /// Day of manufacture.
    pub manufactured_on: Option<String>,
    /// Whether it takes reservations.
    pub is_open: bool,
    /// How many serials were issued for it. None for callers bound to a brand: they may be others'.
    pub issued: Option<u64>,
    /// SKUs that it may hold, as far as the caller may see them.
    pub skus: Vec<String>,
}

/// Which batches to list.
#[derive(Debug, Clone, Default)]
pub struct WantedBatches<'a> {
    /// Only those that hold this SKU.
    pub sku: Option<&'a str>,
    /// Only open ones, or only closed ones.
    pub open: Option<bool>,
    /// Only those whose code holds this.
    pub text: Option<&'a str>,
    /// Where the page before ended.
    pub before: Option<i64>,
}

/// An entry of the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number.
    pub number: u64,
    /// When, microseconds since 1970 UTC.
    pub recorded_us: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// Of what.
    pub subject: String,
    /// What else is known, as JSON.
    pub detail: String,
    /// SHA-256 over this entry and the one before it, in hexadecimal.
    pub hash: String,
}

/// A text to look for: nothing where it is empty, or where nothing can be called so.
fn wanted(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(200).filter(|c| *c != '\0').collect();
    (!text.is_empty()).then_some(text)
}

impl Nameplate {
    /// The brands that the caller may see, by code.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn brands(&self, caller: &Caller) -> Result<Vec<BrandRecord>, ServiceError> {
        let mut conn = self.read().await?;
        Ok(store::brand::list(&mut conn, caller.brand, BRANDS).await?)
    }

    /// SKUs whose code, name, GTIN or other name holds a text, of one brand if one is named; and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a brand that the caller may not see.
    pub async fn find_skus(
        &self,
        caller: &Caller,
        text: &str,
        brand: Option<&str>,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<SkuRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let brand_id = match brand {
            None => caller.brand,
            Some(code) => {
                let absent = || ServiceError::NotFound { kind: "brand", name: code.chars().take(80).collect() };
                let key = wanted(code).ok_or_else(absent)?;
                let id = store::sku::brand_id(&mut conn, &name_key(&key)).await?;
                Some(id.filter(|id| caller.brand.is_none_or(|own| own == *id)).ok_or_else(absent)?)
            }
        };
        // What a brand may not see is not looked at, whichever brand was asked for.
        let seen_by = caller.brand.or(brand_id);
        let filter = SkuFilter { brand_id: seen_by, text: wanted(text), after, limit: limit.saturating_add(1) };
        let mut rows = store::browse::skus(&mut conn, &filter).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(sku_record(&mut conn, caller, row).await?);
        }
        Ok((records, next))
    }

    /// Revisions of a SKU, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn sku_revisions(&self, caller: &Caller, code: &str) -> Result<Vec<RevisionRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.sku_row(&mut conn, caller, code).await?;
        Ok(store::browse::revisions(&mut conn, row.id).await?)
    }

    /// What stations hold of a SKU, and may hold. Nothing for callers bound to a brand.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn sku_holdings(&self, caller: &Caller, code: &str) -> Result<Vec<HeldRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.sku_row(&mut conn, caller, code).await?;
        if caller.brand.is_some() {
            return Ok(Vec::new());
        }
        let held = store::browse::stations_of_sku(&mut conn, row.id, STATIONS).await?;
        let record = |row: store::browse::HeldRow| {
            let own = row.quota.and_then(|quota| u64::try_from(quota).ok());
            HeldRecord {
                station: row.station,
                held: row.held,
                quota: own.unwrap_or(DEFAULT_QUOTA),
                is_own: own.is_some(),
            }
        };
        Ok(held.into_iter().map(record).collect())
    }

    /// Batches, the newest first, and the cursor for the next page. Their accounts are not summed up.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a SKU that does not exist for this caller.
    pub async fn find_batches(
        &self,
        caller: &Caller,
        asked: &WantedBatches<'_>,
        limit: u32,
    ) -> Result<(Vec<ListedBatch>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let sku_id = match asked.sku {
            Some(code) => Some(self.sku_row(&mut conn, caller, code).await?.id),
            None => None,
        };
        let filter = BatchFilter {
            brand_id: caller.brand,
            sku_id,
            open: asked.open,
            text: asked.text.and_then(wanted),
            before: asked.before,
            limit: limit.saturating_add(1),
        };
        let mut rows = store::browse::batches(&mut conn, &filter).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let inside = caller.brand.is_none();
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let (skus, _) = store::sku::batch_parts(&mut conn, row.id, caller.brand).await?;
            listed.push(ListedBatch {
                batch: row.code,
                product: inside.then_some(row.product),
                manufactured_on: row.manufactured_on,
                is_open: row.open,
                issued: inside.then_some(row.issued),
                skus,
            });
        }
        Ok((listed, next))
    }

    /// The latest events of a block, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also when it is another brand's.
    pub async fn block_events(
        &self,
        caller: &Caller,
        code: &str,
        limit: u32,
    ) -> Result<Vec<HistoryEntry>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, code).await?;
        let events = store::event::latest_of_block(&mut conn, row.id, limit).await?;
        let mut history: Vec<_> = events.into_iter().map(HistoryEntry::from).collect();
        if caller.brand.is_some() {
            history.iter_mut().for_each(HistoryEntry::hide_the_factory);
        }
        Ok(history)
    }

    /// The receipt that a block's reservation was answered with.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]: also for callers bound to a brand, since a receipt names the station.
    pub async fn block_receipt(&self, caller: &Caller, code: &str) -> Result<String, ServiceError> {
        if caller.brand.is_some() {
            return Err(ServiceError::NotFound { kind: "block", name: code.chars().take(80).collect() });
        }
        let mut conn = self.read().await?;
        let row = self.block_row(&mut conn, caller, code).await?;
        let corrupt = || StoreError::Corrupt { table: "block", column: "answer", row: row.code.clone() };
        let answer = store::block::answer_of(&mut conn, row.id).await?.ok_or_else(corrupt)?;
        let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|_| corrupt())?;
        Ok(answer["receipt"].as_str().ok_or_else(corrupt)?.to_owned())
    }

    /// Entries of the audit chain before a number, newest first; and where to go on.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn audit_entries(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<AuditRecord>, Option<u64>), ServiceError> {
        let mut conn = self.read().await?;
        let rows = store::audit::entries_before(&mut conn, before.unwrap_or(u64::MAX), limit).await?;
        let next = rows.last().map(|(number, ..)| *number).filter(|number| *number > 1);
        let record = |(number, entry, hash): (u64, crate::trace::AuditEntry, crate::trace::ChainHash)| AuditRecord {
            number,
            recorded_us: entry.recorded_us,
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
            hash: HEXLOWER.encode(&hash.0),
        };
        Ok((rows.into_iter().map(record).collect(), next))
    }
}
