//! Brands (private labels).

use serde::Serialize;

use super::{Row, text};
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::BrandCode;
use crate::catalogue::logo::LogoName;
use crate::catalogue::table::Column;
use crate::catalogue::text::{Line, Paragraph};

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("name"),
    Column::optional("importer_text"),
    Column::optional("logo"),
    Column::optional("market"),
];

/// A brand: whose name stands on the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// Its code; the key.
    pub code: BrandCode,
    /// Its name as labels print it.
    pub name: Line<200>,
    /// Who puts the goods on the market: name and address as labels print them, line by line.
    pub importer_text: Option<Paragraph<1000>>,
    /// Its logo, a file in `logos/`.
    pub logo: Option<LogoName>,
    /// Where it is sold, for instance `EU`.
    pub market: Option<Line<40>>,
}

impl Row for Brand {
    fn key(&self) -> String {
        self.code.key()
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let code = cells.required("code", BrandCode::new);
        let name = cells.required("name", Line::new);
        let importer_text = cells.optional("importer_text", Paragraph::new);
        let logo = cells.optional("logo", LogoName::new);
        let market = cells.optional("market", Line::new);
        Some(Self { code: code?, name: name?, importer_text: importer_text?, logo: logo?, market: market? })
    }

    fn write(&self) -> Vec<String> {
        vec![
            self.code.to_string(),
            self.name.to_string(),
            text(self.importer_text.as_ref()),
            text(self.logo.as_ref()),
            text(self.market.as_ref()),
        ]
    }
}
