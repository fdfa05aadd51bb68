//! Use case: whatever a person typed or scanned leads to the one record.

use super::block_record::{BlockRecord, HistoryEntry, block_record};
use super::caller::Caller;
use super::rule_book::KnownRule;
use super::settle_batch::{BatchRecord, batch_record};
use super::{Nameplate, ServiceError, rfc3339};
use crate::catalogue::{Gtin, GtinError, name_key};
use crate::serial::{Parsed, recognise};
use crate::store::block::BlockRow;
use crate::store::sku::{AliasRow, SkuRow};
use crate::store::{self, Connection};
use crate::trace::{Fate, Shape, shape_of};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many suggestions are looked at, and how many are given.
const TRIED: usize = 64;
const GIVEN: usize = 5;

/// The record that a text leads to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Resolved {
    /// An issued serial: one unit.
    Serial(Box<UnitRecord>),
    /// A SKU, by its code, its GTIN or another name.
    Sku(Box<SkuRecord>),
    /// A batch.
    Batch(Box<BatchRecord>),
    /// A block of serials.
    Block(Box<BlockRecord>),
    /// Nothing that we know.
    Unknown(Box<Unknown>),
}

/// Why a text leads nowhere, and what was probably meant.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "text": "07K3M9XQ2WN8", "reason": "nothing goes by this name", "well_formed_serial": false,
    "suggestions": [{"serial": "07K3M9XQ2WNF", "printed": "07K3-M9XQ-2WNF", "sku": "NT-M2-BOR"}]
}))]
pub struct Unknown {
    /// The text as given, shortened.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
    /// Issued serials that are one slip away. Never taken for the answer by themselves.
    pub suggestions: Vec<Meant>,
    /// Whether it is a good serial by a rule of ours that was never issued.
    pub well_formed_serial: bool,
}

/// A serial that was probably meant.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Meant {
    /// As stored.
    pub serial: String,
    /// As printed.
    pub printed: String,
    /// Its SKU.
    pub sku: String,
}

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

/// A SKU with both its identities, as far as the caller may see them.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "code": "NT-M2-BOR", "name": "Borealis Fjäll 35", "gtin": "9521234000044",
    "brand": {"code": "BOR", "name": "Borealis Optics", "market": "EU"},
    "factory": {"product": "NT-M2", "name": "Northlight M2 thermal monocular", "platform": "M2"},
    "names": [{"kind": "branded", "value": "BO-F35", "valid_from": "2025-01-01", "valid_to": null}],
    "rule": "s12", "template": "unit-60x40", "version": 1
}))]
pub struct SkuRecord {
    /// SKU code.
    pub code: String,
    /// Product name on the label.
    pub name: String,
    /// GTIN as written.
    pub gtin: Option<String>,
    /// Brand side.
    pub brand: BrandIdentity,
    /// Factory side. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factory: Option<FactoryIdentity>,
    /// Other names.
    pub names: Vec<OtherName>,
    /// Which rule numbers its units.
    pub rule: String,
    /// Which template labels its units.
    pub template: String,
    /// Counts edits; the ETag.
    pub version: i64,
}

/// Who sells it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BrandIdentity {
    /// Brand code.
    pub code: String,
    /// Brand name.
    pub name: String,
    /// Market.
    pub market: String,
}

/// What the factory calls it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FactoryIdentity {
    /// Product code.
    pub product: String,
    /// Product name.
    pub name: String,
    /// Hardware platform.
    pub platform: String,
}

/// Another name of a SKU.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OtherName {
    /// branded, factory, model, gtin or customer.
    pub kind: String,
    /// The name.
    pub value: String,
    /// From which day.
    pub valid_from: String,
    /// Until which day.
    pub valid_to: Option<String>,
}

/// SKUs by another name.
pub(super) struct Named {
    /// Those that go by it today.
    pub(super) current: Vec<SkuRow>,
    /// Those that went by it once, or will.
    pub(super) other: Vec<SkuRow>,
}

/// A serial that was read, and its block if it was issued.
struct Found {
    rule: Arc<KnownRule>,
    parsed: Parsed,
    block: Option<BlockRow>,
}

impl Nameplate {
    /// Finds the record that a typed or scanned text names: a serial in any spelling, a GTIN, a SKU code or another
    /// name, a batch, a block.
    ///
    /// # Errors
    /// [`ServiceError::Store`]. A text that leads nowhere is [`Resolved::Unknown`], not an error.
    pub async fn resolve(&self, caller: &Caller, text: &str) -> Result<Resolved, ServiceError> {
        if text.contains('\0') {
            return Ok(unknown(text, "this holds a NUL character; no code of ours has one".into()));
        }
        let mut conn = self.read().await?;
        let text = match shape_of(text) {
            Shape::Empty => return Ok(unknown(text, "nothing was typed or scanned".into())),
            Shape::TooLong { bytes } => {
                return Ok(unknown(text, format!("this is {bytes} bytes long; no code of ours is longer than 256")));
            }
            Shape::Block(code) => return self.resolve_block(&mut conn, caller, code.as_str()).await,
            Shape::GtinLength(digits) => {
                if let Some(sku) = self.find_gtin(&mut conn, caller, &digits).await? {
                    return Ok(sku);
                }
                digits
            }
            Shape::Other(text) => text,
        };
        let serial = self.find_serial(&mut conn, caller, &text).await?;
        if let Ok(Found { rule, parsed, block: Some(block) }) = serial {
            return Ok(Resolved::Serial(Box::new(self.unit_record(&mut conn, caller, &rule, &parsed, block).await?)));
        }
        if let Some(named) = self.find_name(&mut conn, caller, &text).await? {
            return Ok(named);
        }
        let (reason, well_formed_serial) = match serial {
            Ok(_) => ("this is a well-formed serial, but it was never issued here".into(), true),
            Err(fault) => match Gtin::new(&text) {
                Ok(_) => ("this is a good GTIN, but no SKU has it".into(), false),
                Err(wrong @ GtinError::CheckDigit { .. }) => {
                    (format!("nothing goes by this name; read as a GTIN: {wrong}; read as a serial: {fault}"), false)
                }
                Err(_) => (format!("nothing goes by this name; read as a serial: {fault}"), false),
            },
        };
        let suggestions = if well_formed_serial { Vec::new() } else { self.suggest(&mut conn, caller, &text).await? };
        let Resolved::Unknown(mut answer) = unknown(&text, reason) else {
            return Err(ServiceError::Unexpected("an unknown text is known".into()));
        };
        (answer.suggestions, answer.well_formed_serial) = (suggestions, well_formed_serial);
        Ok(Resolved::Unknown(answer))
    }

    async fn resolve_block(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<Resolved, ServiceError> {
        match self.block_row(conn, caller, code).await {
            Ok(row) => {
                let serials = self.serials_of(conn, &row).await?;
                Ok(Resolved::Block(Box::new(block_record(caller, row, &serials)?)))
            }
            Err(ServiceError::NotFound { .. }) => Ok(unknown(code, "no block has this code".into())),
            Err(e) => Err(e),
        }
    }

    async fn find_gtin(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        digits: &str,
    ) -> Result<Option<Resolved>, ServiceError> {
        let Ok(gtin) = Gtin::new(digits) else { return Ok(None) };
        match store::sku::by_gtin_14(conn, &gtin.gtin14(), caller.brand).await? {
            Some(sku) => Ok(Some(Resolved::Sku(Box::new(sku_record(conn, caller, sku).await?)))),
            None => Ok(None),
        }
    }

    /// Reads a text as a serial and finds its block, if the caller may see it. The error is what is wrong with it.
    async fn find_serial(
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
    pub(super) fn recognise(&self, text: &str) -> Result<(Arc<KnownRule>, Parsed), String> {
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

    async fn unit_record(
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
        Ok(UnitRecord {
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

    /// A SKU by its code or another name, or a batch.
    async fn find_name(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        text: &str,
    ) -> Result<Option<Resolved>, ServiceError> {
        let key = name_key(text);
        if let Some(sku) = store::sku::by_key(conn, &key, caller.brand).await? {
            return Ok(Some(Resolved::Sku(Box::new(sku_record(conn, caller, sku).await?))));
        }
        let Named { current, other } = self.named(conn, caller, &key).await?;
        let mut found = if current.is_empty() { other } else { current };
        if found.len() > 1 {
            let codes: Vec<_> = found.into_iter().map(|sku| sku.code).collect();
            let reason = format!("several SKUs go by this name: {}. Use the SKU code", codes.join(", "));
            return Ok(Some(unknown(text, reason)));
        }
        if let Some(sku) = found.pop() {
            return Ok(Some(Resolved::Sku(Box::new(sku_record(conn, caller, sku).await?))));
        }
        match store::sku::batch_by_key(conn, &key, caller.brand).await? {
            Some(batch) => Ok(Some(Resolved::Batch(Box::new(batch_record(conn, caller, batch).await?)))),
            None => Ok(None),
        }
    }

    /// The SKUs that go by another name (upper-cased), as far as the caller may see it.
    pub(super) async fn named(&self, conn: &mut Connection, caller: &Caller, key: &str) -> Result<Named, ServiceError> {
        let today = self.clock.today().to_string();
        let mut named = Named { current: Vec::new(), other: Vec::new() };
        for alias in store::sku::named(conn, key).await? {
            let Some(sku) = store::sku::by_id(conn, alias.sku_id).await? else { continue };
            if !sees_name(caller, &sku, &alias) {
                continue;
            }
            // ISO 8601 days compare as texts do.
            let is_current = alias.valid_from <= today && alias.valid_to.is_none_or(|last| today <= last);
            let list = if is_current { &mut named.current } else { &mut named.other };
            if list.iter().all(|known| known.id != sku.id) {
                list.push(sku);
            }
        }
        Ok(named)
    }

    /// Issued serials that the text may have been meant to be, likeliest slips first.
    async fn suggest(&self, conn: &mut Connection, caller: &Caller, text: &str) -> Result<Vec<Meant>, ServiceError> {
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

fn unknown(text: &str, reason: String) -> Resolved {
    let text = text.trim().chars().take(80).collect();
    Resolved::Unknown(Box::new(Unknown { text, reason, suggestions: Vec::new(), well_formed_serial: false }))
}

/// Each side sees its own names: the factory's are not for brands, and no brand sees another's.
fn sees_name(caller: &Caller, sku: &SkuRow, alias: &AliasRow) -> bool {
    caller.brand.is_none_or(|brand| {
        sku.brand_id == brand && alias.kind != "factory" && alias.owner_brand_id.is_none_or(|owner| owner == brand)
    })
}

pub(super) async fn sku_record(conn: &mut Connection, caller: &Caller, sku: SkuRow) -> Result<SkuRecord, ServiceError> {
    let names = store::sku::aliases(conn, sku.id).await?;
    let names = names.into_iter().filter(|alias| sees_name(caller, &sku, alias)).map(|alias| OtherName {
        kind: alias.kind,
        value: alias.value,
        valid_from: alias.valid_from,
        valid_to: alias.valid_to,
    });
    Ok(SkuRecord {
        names: names.collect(),
        code: sku.code,
        name: sku.name,
        gtin: sku.gtin,
        brand: BrandIdentity { code: sku.brand, name: sku.brand_name, market: sku.market },
        factory: caller.brand.is_none().then_some(FactoryIdentity {
            product: sku.product,
            name: sku.product_name,
            platform: sku.platform,
        }),
        rule: sku.rule_code,
        template: sku.template,
        version: sku.edit_version,
    })
}
