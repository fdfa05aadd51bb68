//! The tables of a catalogue and their columns.

use std::fmt;

use serde::Serialize;

use super::rows;

/// What a column holds; it decides how a spreadsheet cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text, also where it looks like a number.
    Text,
    /// A calendar date, ISO 8601.
    Date,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header, exactly.
    pub name: &'static str,
    /// Whether the column must be there and each row must fill it. The others may be left out as long as that erases nothing.
    pub required: bool,
    /// Text or date.
    pub holds: Holds,
}

impl Column {
    /// A text column that each row fills.
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, required: true, holds: Holds::Text }
    }

    /// A text column that may be empty or missing.
    pub(super) const fn optional(name: &'static str) -> Self {
        Self { name, required: false, holds: Holds::Text }
    }

    /// The same column for dates.
    pub(super) const fn date(self) -> Self {
        Self { holds: Holds::Date, ..self }
    }
}

/// A table of the catalogue: one CSV file or one sheet of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Brands (private labels).
    Brands,
    /// Products: the maker's own models.
    Products,
    /// SKUs: a product as one brand sells it.
    Skus,
    /// Other names of SKUs.
    SkuAliases,
    /// What a SKU is made of, from a day on.
    SkuRevisions,
    /// Batches.
    Batches,
    /// Further facts about batches.
    BatchAttributes,
}

impl Table {
    /// All tables, each after those that it refers to.
    pub const ALL: [Self; 7] = [
        Self::Brands,
        Self::Products,
        Self::Skus,
        Self::SkuAliases,
        Self::SkuRevisions,
        Self::Batches,
        Self::BatchAttributes,
    ];

    /// The base name of the CSV file and the name of the sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brands => "brands",
            Self::Products => "products",
            Self::Skus => "skus",
            Self::SkuAliases => "sku_aliases",
            Self::SkuRevisions => "sku_revisions",
            Self::Batches => "batches",
            Self::BatchAttributes => "batch_attributes",
        }
    }

    /// The table with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// What one row of the table is, in words.
    pub fn row_word(self) -> &'static str {
        match self {
            Self::Brands => "brand",
            Self::Products => "product",
            Self::Skus => "SKU",
            Self::SkuAliases => "alias",
            Self::SkuRevisions => "revision",
            Self::Batches => "batch",
            Self::BatchAttributes => "attribute",
        }
    }

    /// The columns in the order in which they are written; read in any order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Brands => rows::brand::COLUMNS,
            Self::Products => rows::product::COLUMNS,
            Self::Skus => rows::sku::COLUMNS,
            Self::SkuAliases => rows::sku_alias::COLUMNS,
            Self::SkuRevisions => rows::sku_revision::COLUMNS,
            Self::Batches => rows::batch::COLUMNS,
            Self::BatchAttributes => rows::batch_attribute::COLUMNS,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
