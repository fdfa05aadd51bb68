//! A unit: how a text leads to it, and everything that is known of it.

use super::super::block_record::HistoryEntry;
use super::super::caller::Caller;
use super::super::print::{UnitLabel, keys_of};
use super::super::rule_book::KnownRule;
use super::super::{Nameplate, ServiceError, rfc3339};
use super::{Meant, Resolved, SkuRecord, Unknown, ambiguous, sku_record};
use crate::catalogue::name_key;
use crate::serial::{Parsed, recognise};
use crate::store::block::BlockRow;
use crate::store::inspection::{InspectionRow, SecondaryRow};
use crate::store::{self, Connection};
use crate::trace::{Fate, MAX_QUERY_BYTES};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many suggestions are looked at, and how many are given.
const TRIED: usize = 64;
const GIVEN: usize = 5;

/// How many inspections a unit's record shows.
const INSPECTIONS: u32 = 20;
/// How many units with one secondary id are told apart.
const NAMED: u32 = 20;

/// Everything that is known of a unit.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "serial": "07K3M9XQ2WNF", "printed": "07K3-M9XQ-2WNF", "fate": "applied",
    "sku": {
        "code": "NT-M2-BOR", "name": "Borealis Fjäll 35", "gtin": "9521234000044",
        "brand": {"code": "BOR", "name": "Borealis Optics", "market": "EU"}, "names": [], "rule": "s12",
        "template": "unit-60x40", "version": 1
    },
    "revision": "B",
    "batch": {"batch": "2025-W27-M2", "manufactured_on": "2025-07-02", "attributes": {}},
    "block": "BLK-7K3M9XQ2WVT0A1B2", "order": "PO-4711", "station": "final-inspection.2",
    "reserved_at": "2025-07-10T12:00:00Z",
    "labels": [{
        "copy": 1, "kind": "live", "state": "confirmed", "template": "unit-60x40",
        "template_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "artwork": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "job": "JOB-0123456789ABCDEF", "printer": "line-3"
    }],
    "inspections": [{
        "event": 44, "result": "pass", "marking": "printed", "note": "", "at": "2025-07-10T12:05:00Z",
        "actor": "line 3, station B (0A1B2C3D4E)", "station": "final-inspection.2"
    }],
    "secondary_ids": [{"kind": "mac", "value": "00:11:62:0a:1b:2c", "current": true, "event": 44}],
    "history": [{
        "event": 17, "kind": "reserve", "happened_at": "2025-07-10T12:00:00Z", "recorded_at": "2025-07-10T12:00:00Z",
        "actor": "line 3, station B (0A1B2C3D4E)", "station": "final-inspection.2"
    }]
}))]
pub struct UnitRecord {
    /// As stored.
    pub serial: String,
    /// As printed on the label.
    pub printed: String,
    /// What became of the serial.
    #[schema(value_type = String, example = "applied")]
    pub fate: Fate,
    /// What it is: product and both identities.
    pub sku: SkuRecord,
    /// Revision of the SKU in force when it was reserved: packaging, label, documents, bundle.
    pub revision: Option<String>,
    /// Batch.
    pub batch: UnitBatch,
    /// The block that it was reserved in.
    pub block: String,
    /// The order that the block was reserved for.
    pub order: Option<String>,
    /// Who reserved it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
    /// When it was reserved, RFC 3339.
    pub reserved_at: String,
    /// Its labels, the first copy first: what is on them, and what became of them.
    pub labels: Vec<UnitLabel>,
    /// What final inspection said, newest first: at most 20.
    pub inspections: Vec<InspectionRecord>,
    /// The names that others gave it: MAC addresses, serials of parts, keys.
    pub secondary_ids: Vec<SecondaryIdRecord>,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// The batch of a unit.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UnitBatch {
    /// Batch code.
    pub batch: String,
    /// Day of manufacture.
    pub manufactured_on: Option<String>,
    /// What else was recorded of it. Empty for callers bound to a brand.
    pub attributes: BTreeMap<String, String>,
}

/// What final inspection said of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InspectionRecord {
    /// The event's number in the audit chain.
    pub event: u64,
    /// `pass` or `fail`.
    pub result: String,
    /// How the serial is on the unit: `printed`, `engraved` or `embedded`.
    pub marking: String,
    /// In the inspector's words. Empty for callers bound to a brand.
    pub note: String,
    /// When, RFC 3339.
    pub at: String,
    /// By whom. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// At which station. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<String>,
}

impl InspectionRecord {
    /// `inside`: the reader may know who and where (PLB5).
    pub(in crate::service) fn new(row: InspectionRow, inside: bool) -> Self {
        Self {
            event: row.event,
            result: row.result,
            marking: row.marking,
            note: if inside { row.note } else { String::new() },
            at: rfc3339(row.happened_us),
            actor: inside.then_some(row.actor),
            station: row.station.filter(|_| inside),
        }
    }
}

/// A name that others gave to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SecondaryIdRecord {
    /// What kind of name: `mac`, `rom`, ...
    pub kind: String,
    /// The name.
    pub value: String,
    /// Whether it stands; what was exchanged stays on record.
    pub current: bool,
    /// The event that bound it.
    pub event: u64,
}

impl From<SecondaryRow> for SecondaryIdRecord {
    fn from(row: SecondaryRow) -> Self {
        Self { kind: row.kind, value: row.value, current: row.ended_by.is_none(), event: row.event }
    }
}

/// A serial that was read, and its block if it was issued.
pub(super) struct Found {
    pub(super) rule: Arc<KnownRule>,
    pub(super) parsed: Parsed,
    pub(super) block: Option<BlockRow>,
}

/// A unit: its serial and the block that it was issued in.
#[derive(Debug, Clone)]
pub(in crate::service) struct Unit {
    pub(in crate::service) rule: Arc<KnownRule>,
    pub(in crate::service) parsed: Parsed,
    pub(in crate::service) block: BlockRow,
}

impl Nameplate {
    /// The unit whose serial was typed or scanned, in any spelling.
    ///
    /// # Errors
    /// [`ServiceError::NoUnit`] with what it is instead, or what was probably meant.
    pub(in crate::service) async fn unit_of_serial(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        text: &str,
    ) -> Result<Unit, ServiceError> {
        if text.contains('\0') || text.trim().is_empty() || text.len() > MAX_QUERY_BYTES {
            return Err(no_unit(text, "this is no serial".into(), Vec::new(), false));
        }
        let fault = match self.find_serial(conn, caller, text).await? {
            Ok(Found { rule, parsed, block: Some(block) }) => return Ok(Unit { rule, parsed, block }),
            Ok(_) => {
                let reason = "this is a well-formed serial, but it was never issued here";
                return Err(no_unit(text, reason.into(), Vec::new(), true));
            }
            Err(fault) => fault,
        };
        let reason = match self.find_name(conn, caller, text).await? {
            Some(Resolved::Sku(sku)) => format!("this is the SKU {}, and here a serial is wanted", sku.code),
            Some(Resolved::Batch(batch)) => format!("this is the batch {}, and here a serial is wanted", batch.batch),
            _ => format!("read as a serial: {fault}"),
        };
        let suggestions = self.suggest(conn, caller, text).await?;
        Err(no_unit(text, reason, suggestions, false))
    }

    /// The unit that goes by a secondary id, in any spelling: the one that has it now, else the one that had it.
    pub(super) async fn find_secondary(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        text: &str,
    ) -> Result<Option<Resolved>, ServiceError> {
        let mut found: Vec<(SecondaryRow, BlockRow)> = Vec::new();
        for key in keys_of(text) {
            for row in store::inspection::named(conn, &key, NAMED).await? {
                let block = store::block::holding(conn, row.series_id, row.ordinal).await?;
                let seen = block.filter(|block| caller.brand.is_none_or(|brand| brand == block.brand_id));
                let is_new = |(known, _): &(SecondaryRow, BlockRow)| {
                    (known.series_id, known.ordinal) != (row.series_id, row.ordinal)
                };
                if let Some(block) = seen.filter(|_| found.iter().all(is_new)) {
                    found.push((row, block));
                }
            }
        }
        if found.iter().any(|(row, _)| row.ended_by.is_none()) {
            found.retain(|(row, _)| row.ended_by.is_none());
        }
        if found.len() > 1 {
            let kinds: Vec<String> =
                found.iter().map(|(row, block)| format!("{} of a {}", row.kind, block.sku)).collect();
            let reason = format!("several units go by this: {}. Scan the serial", kinds.join(", "));
            let mut units = Vec::with_capacity(found.len());
            for (row, block) in &found {
                let serials = self.serials_of(conn, block).await?;
                let page = serials.page(row.ordinal - block.span.first(), 1)?;
                units.extend(page.first().map(|serial| Meant {
                    serial: serial.to_string(),
                    printed: serial.grouped(&serials.rule().rule).to_string(),
                    sku: block.sku.clone(),
                }));
            }
            return Ok(Some(ambiguous(text, reason, Vec::new(), units)));
        }
        let Some((row, block)) = found.pop() else { return Ok(None) };
        let rule = self.rules.get(conn, block.rule_version_id).await?;
        let serials = self.serials_of(conn, &block).await?;
        let serial = serials.page(row.ordinal - block.span.first(), 1)?;
        let parsed = serial.first().and_then(|serial| rule.rule.parse(serial.as_str()).ok());
        let parsed = parsed.ok_or_else(|| ServiceError::Unexpected("a bound serial cannot be read".into()))?;
        Ok(Some(Resolved::Serial(Box::new(self.unit_record(conn, caller, &rule, &parsed, block).await?))))
    }

    /// Reads a text as a serial and finds its block, if the caller may see it. The error is what is wrong with it.
    pub(super) async fn find_serial(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        text: &str,
    ) -> Result<Result<Found, String>, ServiceError> {
        let mut answer = self.recognise(text);
        if answer.is_err() {
            // Perhaps another node has defined a rule since.
            self.rules.reload(conn).await?;
            answer = self.recognise(text);
        }
        let (rule, parsed) = match answer {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        let block = self.issued_in(conn, caller, &rule, &parsed).await?;
        Ok(Ok(Found { rule, parsed, block }))
    }

    /// Reads a text as a serial of any rule in the book. The error is what is wrong with it.
    pub(in crate::service) fn recognise(&self, text: &str) -> Result<(Arc<KnownRule>, Parsed), String> {
        let rules = self.rules.all();
        let found = recognise(rules.iter().map(|r| &r.rule), text).map_err(|e| e.to_string())?;
        let known = rules.iter().find(|r| std::ptr::eq(&raw const r.rule, found.rule));
        known.map(|rule| (Arc::clone(rule), found.parsed)).ok_or_else(|| "no rule fits".into())
    }

    async fn issued_in(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        rule: &KnownRule,
        parsed: &Parsed,
    ) -> Result<Option<BlockRow>, ServiceError> {
        let Some(series) = store::rule::series(conn, rule.row.id, parsed.context.as_str()).await? else {
            return Ok(None);
        };
        let block = store::block::holding(conn, series.id, parsed.ordinal).await?;
        Ok(block.filter(|b| caller.brand.is_none_or(|brand| brand == b.brand_id)))
    }

    pub(super) async fn unit_record(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        rule: &KnownRule,
        parsed: &Parsed,
        block: BlockRow,
    ) -> Result<UnitRecord, ServiceError> {
        let gone = |kind, id: i64| ServiceError::Unexpected(format!("{kind} {id} of block {} is gone", block.code));
        let sku = store::sku::by_id(conn, block.sku_id).await?.ok_or_else(|| gone("SKU", block.sku_id))?;
        let batch = store::sku::batch_by_key(conn, &name_key(&block.batch), None)
            .await?
            .ok_or_else(|| gone("batch", block.batch_id))?;
        let (_, attributes) = store::sku::batch_parts(conn, block.batch_id, caller.brand).await?;
        let mut history = Vec::new();
        history.extend(store::event::by_id(conn, block.id).await?.map(HistoryEntry::from));
        history.extend(
            store::event::touching(conn, block.series_id, parsed.ordinal).await?.into_iter().map(HistoryEntry::from),
        );
        if caller.brand.is_some() {
            history.iter_mut().for_each(HistoryEntry::hide_the_factory);
        }
        let inside = caller.brand.is_none();
        let inspections = store::inspection::of_unit(conn, block.series_id, parsed.ordinal, INSPECTIONS).await?;
        let secondary_ids = store::inspection::ids_of_unit(conn, block.series_id, parsed.ordinal).await?;
        let labels = self.labels_of_unit(conn, block.series_id, parsed.ordinal, inside).await?;
        Ok(UnitRecord {
            labels,
            inspections: inspections.into_iter().map(|row| InspectionRecord::new(row, inside)).collect(),
            secondary_ids: secondary_ids.into_iter().map(SecondaryIdRecord::from).collect(),
            serial: parsed.serial.to_string(),
            printed: parsed.serial.grouped(&rule.rule).to_string(),
            fate: store::fate::of(conn, block.series_id, parsed.ordinal).await?,
            sku: sku_record(conn, caller, sku).await?,
            revision: block.revision,
            batch: UnitBatch {
                batch: block.batch,
                manufactured_on: batch.manufactured_on,
                attributes: if caller.brand.is_none() { attributes.into_iter().collect() } else { BTreeMap::new() },
            },
            block: block.code,
            order: block.order_ref,
            station: caller.brand.is_none().then_some(block.station),
            reserved_at: rfc3339(block.created_us),
            history,
        })
    }

    /// Issued serials that the text may have been meant to be, likeliest slips first.
    pub(super) async fn suggest(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        text: &str,
    ) -> Result<Vec<Meant>, ServiceError> {
        let mut meant = Vec::new();
        for rule in self.rules.all() {
            for suggestion in rule.rule.suggest(text, TRIED) {
                if meant.len() == GIVEN {
                    return Ok(meant);
                }
                if let Some(block) = self.issued_in(conn, caller, &rule, &suggestion.parsed).await? {
                    let serial = suggestion.parsed.serial;
                    let printed = serial.grouped(&rule.rule).to_string();
                    meant.push(Meant { serial: serial.to_string(), printed, sku: block.sku });
                }
            }
        }
        Ok(meant)
    }
}

fn no_unit(text: &str, reason: String, suggestions: Vec<Meant>, well_formed_serial: bool) -> ServiceError {
    let text = text.trim().chars().filter(|c| *c != '\0').take(80).collect();
    let (skus, units) = (Vec::new(), Vec::new());
    ServiceError::NoUnit(Box::new(Unknown { text, reason, suggestions, well_formed_serial, skus, units }))
}
