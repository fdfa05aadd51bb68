//! SKUs: a product as one brand sells it.

use serde::Serialize;

use super::{Row, text};
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::{BrandCode, ProductCode, RuleName, SkuCode, TemplateName};
use crate::catalogue::gtin::Gtin;
use crate::catalogue::table::Column;
use crate::catalogue::text::Line;

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("product"),
    Column::required("brand"),
    Column::required("name"),
    Column::optional("gtin"),
    Column::optional("rule"),
    Column::optional("template"),
];

/// What is ordered, boxed and sold: one product under one brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sku {
    /// Its code; the key.
    pub code: SkuCode,
    /// The maker's product: the link from the branded side to the supplier's side.
    pub product: ProductCode,
    /// Whose name stands on it.
    pub brand: BrandCode,
    /// The product name on the label.
    pub name: Line<200>,
    /// The number in its EAN or UPC symbol.
    pub gtin: Option<Gtin>,
    /// The rule that makes its serials; `s12` unless told otherwise.
    pub rule: RuleName,
    /// The template of its unit label; `unit-60x40` unless told otherwise.
    pub template: TemplateName,
}

impl Row for Sku {
    fn key(&self) -> String {
        self.code.key()
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let code = cells.required("code", SkuCode::new);
        let product = cells.required("product", ProductCode::new);
        let brand = cells.required("brand", BrandCode::new);
        let name = cells.required("name", Line::new);
        let gtin = cells.optional("gtin", Gtin::new);
        let rule = cells.optional("rule", RuleName::new);
        let template = cells.optional("template", TemplateName::new);
        Some(Self {
            code: code?,
            product: product?,
            brand: brand?,
            name: name?,
            gtin: gtin?,
            rule: rule?.unwrap_or_default(),
            template: template?.unwrap_or_default(),
        })
    }

    fn write(&self) -> Vec<String> {
        vec![
            self.code.to_string(),
            self.product.to_string(),
            self.brand.to_string(),
            self.name.to_string(),
            text(self.gtin.as_ref()),
            self.rule.to_string(),
            self.template.to_string(),
        ]
    }
}
