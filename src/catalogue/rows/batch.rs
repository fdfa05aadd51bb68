//! Batches.

use jiff::civil::Date;
use serde::Serialize;

use super::{Row, text};
use crate::catalogue::batch_code::BatchCode;
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::{CodeError, ProductCode, SkuCode};
use crate::catalogue::date::{iso_option, parse_date};
use crate::catalogue::reason::ValueReason;
use crate::catalogue::table::Column;
use crate::catalogue::text::Paragraph;

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("product"),
    Column::required("skus"),
    Column::optional("manufactured_on").date(),
    Column::optional("note"),
];

/// Units of one product that were made together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its number, free in its form; the key.
    pub code: BatchCode,
    /// What was made.
    pub product: ProductCode,
    /// The SKUs that may be made from it, at least one; files write them with `|` between.
    pub skus: Vec<SkuCode>,
    /// When it was made.
    #[serde(serialize_with = "iso_option")]
    pub manufactured_on: Option<Date>,
    /// What else is to be said.
    pub note: Option<Paragraph<1000>>,
}

impl Row for Batch {
    fn key(&self) -> String {
        self.code.key()
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let code = cells.required("code", BatchCode::new);
        let product = cells.required("product", ProductCode::new);
        let skus = cells.required("skus", read_skus);
        let manufactured_on = cells.optional("manufactured_on", parse_date);
        let note = cells.optional("note", Paragraph::new);
        Some(Self { code: code?, product: product?, skus: skus?, manufactured_on: manufactured_on?, note: note? })
    }

    fn write(&self) -> Vec<String> {
        let skus: Vec<&str> = self.skus.iter().map(SkuCode::as_str).collect();
        vec![
            self.code.to_string(),
            self.product.to_string(),
            skus.join("|"),
            text(self.manufactured_on.as_ref()),
            text(self.note.as_ref()),
        ]
    }
}

/// Reads `A|B|C`: each a SKU code, none twice.
fn read_skus(text: &str) -> Result<Vec<SkuCode>, ValueReason> {
    let mut skus = Vec::new();
    let mut keys = std::collections::HashSet::new();
    for part in text.split('|') {
        let sku = SkuCode::new(part.trim()).map_err(|error: CodeError| ValueReason::Code(error))?;
        if !keys.insert(sku.key()) {
            return Err(ValueReason::ListedTwice { sku: sku.to_string() });
        }
        skus.push(sku);
    }
    Ok(skus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sku_lists_are_codes_between_bars() {
        let skus = read_skus("A-1| b-2 |C").unwrap();
        assert_eq!(skus.iter().map(SkuCode::as_str).collect::<Vec<_>>(), ["A-1", "b-2", "C"]);
        assert_eq!(read_skus("A||B"), Err(ValueReason::Code(CodeError::Empty)));
        assert_eq!(read_skus("A|a"), Err(ValueReason::ListedTwice { sku: "a".into() }));
        assert!(matches!(read_skus("A,B"), Err(ValueReason::Code(CodeError::Character { found: ',', .. }))));
    }
}
