//! Use case: whatever a person typed or scanned leads to the one record.

use super::block_record::{BlockRecord, block_record};
use super::caller::Caller;
use super::settle_batch::{BatchRecord, batch_record};
use super::{Nameplate, ServiceError};
use crate::catalogue::{Gtin, GtinError, name_key};
use crate::store::sku::{AliasRow, SkuRow};
use crate::store::{self, Connection};
use crate::trace::{Shape, shape_of};
use serde::Serialize;

mod unit;

use unit::Found;
pub(in crate::service) use unit::Unit;
pub use unit::{InspectionRecord, SecondaryIdRecord, UnitBatch, UnitRecord};

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
    /// Codes of the SKUs that go by this name, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<String>,
    /// The units that go by this name, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Meant>,
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
        if let Some(unit) = super::part(self.find_secondary(&mut conn, caller, &text)).await? {
            return Ok(unit);
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
            return Ok(Some(ambiguous(text, reason, codes, Vec::new())));
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
}

fn unknown(text: &str, reason: String) -> Resolved {
    let text = text.trim().chars().take(80).collect();
    let (skus, units) = (Vec::new(), Vec::new());
    Resolved::Unknown(Box::new(Unknown {
        text,
        reason,
        suggestions: Vec::new(),
        well_formed_serial: false,
        skus,
        units,
    }))
}

/// A text that is a name of several things, none of which is taken for the answer.
fn ambiguous(text: &str, reason: String, skus: Vec<String>, units: Vec<Meant>) -> Resolved {
    match unknown(text, reason) {
        Resolved::Unknown(unknown) => Resolved::Unknown(Box::new(Unknown { skus, units, ..*unknown })),
        other => other,
    }
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
