//! Other names of SKUs.

use jiff::civil::Date;
use serde::Serialize;

use super::{Row, key, text};
use crate::catalogue::alias::{Alias, AliasKind};
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::{BrandCode, SkuCode};
use crate::catalogue::date::{iso, iso_option, parse_date};
use crate::catalogue::reason::ValueReason;
use crate::catalogue::table::Column;

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("sku"),
    Column::required("kind"),
    Column::required("value"),
    Column::optional("owner"),
    Column::required("valid_from").date(),
    Column::optional("valid_to").date(),
];

/// A name that a SKU has besides its code, from a day to a day. Key: all but the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkuAlias {
    /// The SKU that is named.
    pub sku: SkuCode,
    /// The name and its kind.
    #[serde(flatten)]
    pub alias: Alias,
    /// The brand that uses the name; none: everybody.
    pub owner: Option<BrandCode>,
    /// The first day.
    #[serde(serialize_with = "iso")]
    pub valid_from: Date,
    /// The last day, included; none: until further notice. Not before the first: see [`SkuAlias::ends_in_order`].
    #[serde(serialize_with = "iso_option")]
    pub valid_to: Option<Date>,
}

impl SkuAlias {
    /// Whether the last day is not before the first.
    pub fn ends_in_order(&self) -> bool {
        self.valid_to.is_none_or(|last| self.valid_from <= last)
    }
}

impl Row for SkuAlias {
    fn key(&self) -> String {
        let owner = self.owner.as_ref().map_or_else(String::new, BrandCode::key);
        let from = self.valid_from.to_string();
        let kind = self.alias.kind().as_str();
        key(&[&self.sku.key(), kind, &self.alias.key(), &owner, &from])
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let sku = cells.required("sku", SkuCode::new);
        let kind = cells.required("kind", AliasKind::new);
        // Without its kind a value can only be judged as free text.
        let checked_as = kind.unwrap_or(AliasKind::Customer);
        let alias = cells.required("value", |text| Alias::new(checked_as, text));
        let owner = cells.optional("owner", BrandCode::new);
        let valid_from = cells.required("valid_from", parse_date);
        let valid_to = cells.optional("valid_to", parse_date);
        kind?;
        let row = Self { sku: sku?, alias: alias?, owner: owner?, valid_from: valid_from?, valid_to: valid_to? };
        if !row.ends_in_order() {
            let valid_from = row.valid_from;
            cells.refuse("valid_to", ValueReason::EndsBeforeItBegins { valid_from });
            return None;
        }
        Some(row)
    }

    fn write(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.alias.kind().to_string(),
            self.alias.value().to_owned(),
            text(self.owner.as_ref()),
            self.valid_from.to_string(),
            text(self.valid_to.as_ref()),
        ]
    }
}
