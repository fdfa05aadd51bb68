//! Products: the maker's own models.

use serde::Serialize;

use super::{Row, text};
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::ProductCode;
use crate::catalogue::table::Column;
use crate::catalogue::text::{Line, Paragraph};

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("name"),
    Column::optional("platform"),
    Column::optional("description"),
];

/// A product as its maker names it; brands sell it as SKUs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// The maker's model code; the key.
    pub code: ProductCode,
    /// The maker's name for it.
    pub name: Line<200>,
    /// The hardware platform that it shares with other products.
    pub platform: Option<Line<200>>,
    /// What it is.
    pub description: Option<Paragraph<1000>>,
}

impl Row for Product {
    fn key(&self) -> String {
        self.code.key()
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let code = cells.required("code", ProductCode::new);
        let name = cells.required("name", Line::new);
        let platform = cells.optional("platform", Line::new);
        let description = cells.optional("description", Paragraph::new);
        Some(Self { code: code?, name: name?, platform: platform?, description: description? })
    }

    fn write(&self) -> Vec<String> {
        vec![
            self.code.to_string(),
            self.name.to_string(),
            text(self.platform.as_ref()),
            text(self.description.as_ref()),
        ]
    }
}
