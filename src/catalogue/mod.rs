//! The catalogue: brands, products, SKUs with their other names and revisions, batches.
//!
//! [`import`] turns the bytes of files (CSV or XLSX) into a [`Catalogue`] or into the list of all that is wrong with them;
//! [`Catalogue::to_csv`] and [`Catalogue::to_xlsx`] write one. Nothing here opens a file or asks a clock.
//!
//! What holds for every [`Catalogue`] that an import gives:
//! - each field is of a type that checked itself ([`Gtin`], [`SkuCode`], [`BatchCode`], ...);
//! - no key comes twice, and every reference leads to a row of the files or of what was known;
//! - a SKU code, alias, GTIN or batch number means one thing, so that a scan or a search has one answer.

mod alias;
mod archive;
mod batch_code;
mod cells;
mod changes;
mod code;
pub(crate) mod csv_reader;
mod csv_writer;
mod date;
mod draft;
mod fault;
mod gtin;
mod header;
mod import;
mod logo;
mod names;
mod reason;
mod relations;
mod rows;
mod shipped;
mod sorted;
mod table;
mod text;
mod xlsx_reader;
mod xlsx_writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use alias::{ALIAS_MAX_CHARS, Alias, AliasError, AliasKind, UnknownAliasKind};
pub use batch_code::{BATCH_CODE_MAX_CHARS, BatchCode, BatchCodeError};
pub use changes::{ChangeCount, Changed, ChangedKeys, Changes, TableChanges};
pub use code::{BrandCode, CODE_MAX_CHARS, CodeError, ProductCode, RevisionCode, RuleName, SkuCode, TemplateName};
pub use date::{DateError, parse_date};
pub use fault::{FAULTS_MAX, Fault, Faults};
pub use gtin::{Gtin, GtinError};
pub use import::{Limits, SourceFile, import, import_within};
pub use logo::{LOGO_MAX_BYTES, LOGO_MAX_PIXELS, Logo, LogoError, LogoName, LogoNameError};
pub use names::name_key;
pub use reason::{FileReason, Reason, RelationReason, ValueReason};
pub use rows::batch::Batch;
pub use rows::batch_attribute::{AttributeName, AttributeNameError, BatchAttribute};
pub use rows::brand::Brand;
pub use rows::product::Product;
pub use rows::sku::Sku;
pub use rows::sku_alias::SkuAlias;
pub use rows::sku_revision::SkuRevision;
pub use shipped::shipped_catalogue;
pub use table::{Column, Holds, Table};
pub use text::{Line, Paragraph, TextError};
pub use xlsx_writer::XlsxExportError;

use sorted::Sorted;

/// Rows of the tables and logos, checked; each table in the order of its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    brands: Sorted<Brand>,
    products: Sorted<Product>,
    skus: Sorted<Sku>,
    sku_aliases: Sorted<SkuAlias>,
    sku_revisions: Sorted<SkuRevision>,
    batches: Sorted<Batch>,
    batch_attributes: Sorted<BatchAttribute>,
    logos: BTreeMap<LogoName, Logo>,
}

/// Rows as a database gives them back, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// Brands.
    pub brands: Vec<Brand>,
    /// Products.
    pub products: Vec<Product>,
    /// SKUs.
    pub skus: Vec<Sku>,
    /// Other names of SKUs.
    pub sku_aliases: Vec<SkuAlias>,
    /// Revisions of SKUs.
    pub sku_revisions: Vec<SkuRevision>,
    /// Batches.
    pub batches: Vec<Batch>,
    /// Attributes of batches.
    pub batch_attributes: Vec<BatchAttribute>,
    /// Logo files.
    pub logos: Vec<Logo>,
}

/// Two rows of a database with one key, which its constraints should have made impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the table {table} holds the key {key:?} twice")]
pub struct DuplicateKey {
    /// Which table.
    pub table: Table,
    /// The key, its parts joined by U+001F.
    pub key: String,
}

impl Catalogue {
    /// Puts a catalogue together from rows that were checked when they were imported: relations are the database's to keep and
    /// are not checked again.
    ///
    /// # Errors
    /// [`DuplicateKey`] if a table holds a key twice (compared without regard to case).
    pub fn from_rows(rows: Rows) -> Result<Self, DuplicateKey> {
        Ok(Self {
            brands: sorted(Table::Brands, rows.brands)?,
            products: sorted(Table::Products, rows.products)?,
            skus: sorted(Table::Skus, rows.skus)?,
            sku_aliases: sorted(Table::SkuAliases, rows.sku_aliases)?,
            sku_revisions: sorted(Table::SkuRevisions, rows.sku_revisions)?,
            batches: sorted(Table::Batches, rows.batches)?,
            batch_attributes: sorted(Table::BatchAttributes, rows.batch_attributes)?,
            logos: rows.logos.into_iter().map(|logo| (logo.name().clone(), logo)).collect(),
        })
    }

    /// The brands.
    pub fn brands(&self) -> &[Brand] {
        self.brands.rows()
    }

    /// The products.
    pub fn products(&self) -> &[Product] {
        self.products.rows()
    }

    /// The SKUs.
    pub fn skus(&self) -> &[Sku] {
        self.skus.rows()
    }

    /// The other names of SKUs.
    pub fn sku_aliases(&self) -> &[SkuAlias] {
        self.sku_aliases.rows()
    }

    /// The revisions of SKUs.
    pub fn sku_revisions(&self) -> &[SkuRevision] {
        self.sku_revisions.rows()
    }

    /// The batches.
    pub fn batches(&self) -> &[Batch] {
        self.batches.rows()
    }

    /// The attributes of batches.
    pub fn batch_attributes(&self) -> &[BatchAttribute] {
        self.batch_attributes.rows()
    }

    /// The logos, by name.
    pub fn logos(&self) -> impl Iterator<Item = &Logo> {
        self.logos.values()
    }

    /// The brand with this code, in any letter case.
    pub fn brand(&self, code: &BrandCode) -> Option<&Brand> {
        self.brands.get(&code.key())
    }

    /// The product with this code, in any letter case.
    pub fn product(&self, code: &ProductCode) -> Option<&Product> {
        self.products.get(&code.key())
    }

    /// The SKU with this code, in any letter case.
    pub fn sku(&self, code: &SkuCode) -> Option<&Sku> {
        self.skus.get(&code.key())
    }

    /// The batch with this number, in any letter case.
    pub fn batch(&self, code: &BatchCode) -> Option<&Batch> {
        self.batches.get(&code.key())
    }

    /// The logo with this file name.
    pub fn logo(&self, name: &LogoName) -> Option<&Logo> {
        self.logos.get(name)
    }

    /// The other names of a SKU.
    pub fn aliases_of(&self, sku: &SkuCode) -> &[SkuAlias] {
        self.sku_aliases.starting_with(&rows::key_prefix(&sku.key()))
    }

    /// The revisions of a SKU, in the order of their marks.
    pub fn revisions_of(&self, sku: &SkuCode) -> &[SkuRevision] {
        self.sku_revisions.starting_with(&rows::key_prefix(&sku.key()))
    }

    /// The attributes of a batch.
    pub fn attributes_of(&self, batch: &BatchCode) -> &[BatchAttribute] {
        self.batch_attributes.starting_with(&rows::key_prefix(&batch.key()))
    }
}

fn sorted<R: rows::Row>(table: Table, rows: Vec<R>) -> Result<Sorted<R>, DuplicateKey> {
    let mut twice = None;
    let keyed = rows.into_iter().map(|row| (row.key(), row));
    let (sorted, _) = Sorted::new(keyed, |_, key: &String| twice = Some(key.clone()));
    match twice {
        Some(key) => Err(DuplicateKey { table, key }),
        None => Ok(sorted),
    }
}
