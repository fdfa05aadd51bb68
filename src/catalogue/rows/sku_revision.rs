//! What a SKU is made of, from a day on.

use jiff::civil::Date;
use serde::Serialize;

use super::{Row, key, text};
use crate::catalogue::cells::RowCells;
use crate::catalogue::code::{RevisionCode, SkuCode};
use crate::catalogue::date::{iso, parse_date};
use crate::catalogue::table::Column;
use crate::catalogue::text::Line;

pub(in crate::catalogue) const COLUMNS: &[Column] = &[
    Column::required("sku"),
    Column::required("revision"),
    Column::optional("packaging"),
    Column::optional("label"),
    Column::optional("document"),
    Column::optional("bundle"),
    Column::optional("configuration"),
    Column::optional("firmware"),
    Column::required("valid_from").date(),
];

/// A state of a SKU: which box, label, papers, accessories, settings and firmware it has from a day on. Key: SKU and revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkuRevision {
    /// The SKU.
    pub sku: SkuCode,
    /// The mark of the revision.
    pub revision: RevisionCode,
    /// Version of the packaging.
    pub packaging: Option<Line<200>>,
    /// Version of the label artwork.
    pub label: Option<Line<200>>,
    /// Version of manual and papers.
    pub document: Option<Line<200>>,
    /// The accessories in the box.
    pub bundle: Option<Line<200>>,
    /// Hardware or region settings.
    pub configuration: Option<Line<200>>,
    /// Firmware at delivery.
    pub firmware: Option<Line<200>>,
    /// The first day.
    #[serde(serialize_with = "iso")]
    pub valid_from: Date,
}

impl Row for SkuRevision {
    fn key(&self) -> String {
        key(&[&self.sku.key(), &self.revision.key()])
    }

    fn read(cells: &mut RowCells<'_, '_>) -> Option<Self> {
        let sku = cells.required("sku", SkuCode::new);
        let revision = cells.required("revision", RevisionCode::new);
        let packaging = cells.optional("packaging", Line::new);
        let label = cells.optional("label", Line::new);
        let document = cells.optional("document", Line::new);
        let bundle = cells.optional("bundle", Line::new);
        let configuration = cells.optional("configuration", Line::new);
        let firmware = cells.optional("firmware", Line::new);
        let valid_from = cells.required("valid_from", parse_date);
        Some(Self {
            sku: sku?,
            revision: revision?,
            packaging: packaging?,
            label: label?,
            document: document?,
            bundle: bundle?,
            configuration: configuration?,
            firmware: firmware?,
            valid_from: valid_from?,
        })
    }

    fn write(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.revision.to_string(),
            text(self.packaging.as_ref()),
            text(self.label.as_ref()),
            text(self.document.as_ref()),
            text(self.bundle.as_ref()),
            text(self.configuration.as_ref()),
            text(self.firmware.as_ref()),
            self.valid_from.to_string(),
        ]
    }
}
