//! What a catalogue would change in what is known already.

use std::fmt;

use super::logo::Logo;
use super::rows::{KEY_SEPARATOR, Row};
use super::sorted::Sorted;
use super::table::Table;
use super::{Batch, BatchAttribute, Brand, Catalogue, Product, Sku, SkuAlias, SkuRevision};

/// A row that is known in another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<'a, R> {
    /// As it is known.
    pub before: &'a R,
    /// As it shall be.
    pub after: &'a R,
}

/// The changes of one table. Rows that only the known side has are not mentioned: what files leave out is not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChanges<'a, R> {
    /// Rows with new keys.
    pub added: Vec<&'a R>,
    /// Rows with known keys and something different.
    pub changed: Vec<Changed<'a, R>>,
    /// How many rows are known exactly so.
    pub unchanged: usize,
}

impl<'a, R> TableChanges<'a, R> {
    fn new(pairs: impl Iterator<Item = (Option<&'a R>, &'a R)>) -> Self
    where
        R: PartialEq,
    {
        let mut changes = Self { added: Vec::new(), changed: Vec::new(), unchanged: 0 };
        for (before, after) in pairs {
            match before {
                None => changes.added.push(after),
                Some(before) if before == after => changes.unchanged += 1,
                Some(before) => changes.changed.push(Changed { before, after }),
            }
        }
        changes
    }

    /// How many rows are added or changed.
    pub fn count(&self) -> usize {
        self.added.len() + self.changed.len()
    }
}

/// The changes of all tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<'a> {
    /// Brands.
    pub brands: TableChanges<'a, Brand>,
    /// Products.
    pub products: TableChanges<'a, Product>,
    /// SKUs.
    pub skus: TableChanges<'a, Sku>,
    /// Other names of SKUs.
    pub sku_aliases: TableChanges<'a, SkuAlias>,
    /// Revisions of SKUs.
    pub sku_revisions: TableChanges<'a, SkuRevision>,
    /// Batches.
    pub batches: TableChanges<'a, Batch>,
    /// Attributes of batches.
    pub batch_attributes: TableChanges<'a, BatchAttribute>,
    /// Logo files.
    pub logos: TableChanges<'a, Logo>,
}

/// How many rows of a table are added, changed and unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ChangeCount {
    /// The table, or `logos`.
    pub table: &'static str,
    /// Rows with new keys.
    pub added: usize,
    /// Rows with known keys and something different.
    pub changed: usize,
    /// Rows known exactly so.
    pub unchanged: usize,
}

/// Which rows of a table an import adds and changes: for records, cut to a number of keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ChangedKeys {
    /// The table, or `logos`.
    pub table: &'static str,
    /// Keys of new rows; the parts of a key with ` | ` between.
    pub added: Vec<String>,
    /// Keys of rows that were known in another form.
    pub changed: Vec<String>,
    /// How many further keys are not listed.
    pub more: usize,
}

impl ChangedKeys {
    /// Lists `limit` keys at most, changed ones first: they tell what is no longer as it was.
    fn of<R>(table: &'static str, changes: &TableChanges<'_, R>, limit: usize, key: impl Fn(&R) -> String) -> Self {
        let shown = |row: &R| key(row).replace(KEY_SEPARATOR, " | ");
        let changed: Vec<String> = changes.changed.iter().take(limit).map(|c| shown(c.after)).collect();
        let added: Vec<String> = changes.added.iter().take(limit - changed.len()).map(|row| shown(row)).collect();
        let more = changes.count() - changed.len() - added.len();
        Self { table, added, changed, more }
    }
}

impl Changes<'_> {
    /// The keys of what is added and changed, `limit` a table at most; tables without changes are left out.
    pub fn keys(&self, limit: usize) -> Vec<ChangedKeys> {
        let mut keys = vec![
            ChangedKeys::of(Table::Brands.name(), &self.brands, limit, Row::key),
            ChangedKeys::of(Table::Products.name(), &self.products, limit, Row::key),
            ChangedKeys::of(Table::Skus.name(), &self.skus, limit, Row::key),
            ChangedKeys::of(Table::SkuAliases.name(), &self.sku_aliases, limit, Row::key),
            ChangedKeys::of(Table::SkuRevisions.name(), &self.sku_revisions, limit, Row::key),
            ChangedKeys::of(Table::Batches.name(), &self.batches, limit, Row::key),
            ChangedKeys::of(Table::BatchAttributes.name(), &self.batch_attributes, limit, Row::key),
            ChangedKeys::of("logos", &self.logos, limit, |logo| logo.name().to_string()),
        ];
        keys.retain(|table| !(table.added.is_empty() && table.changed.is_empty() && table.more == 0));
        keys
    }

    /// How many rows and logos are added or changed in all.
    pub fn count(&self) -> usize {
        self.counts().iter().map(|count| count.added + count.changed).sum()
    }

    /// The figures, table by table.
    pub fn counts(&self) -> [ChangeCount; 8] {
        fn of<R>(table: &'static str, changes: &TableChanges<'_, R>) -> ChangeCount {
            ChangeCount {
                table,
                added: changes.added.len(),
                changed: changes.changed.len(),
                unchanged: changes.unchanged,
            }
        }
        [
            of(Table::Brands.name(), &self.brands),
            of(Table::Products.name(), &self.products),
            of(Table::Skus.name(), &self.skus),
            of(Table::SkuAliases.name(), &self.sku_aliases),
            of(Table::SkuRevisions.name(), &self.sku_revisions),
            of(Table::Batches.name(), &self.batches),
            of(Table::BatchAttributes.name(), &self.batch_attributes),
            of("logos", &self.logos),
        ]
    }
}

impl fmt::Display for Changes<'_> {
    /// One line a table, and the sum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for count in self.counts() {
            writeln!(
                f,
                "{}: {} added, {} changed, {} unchanged",
                count.table, count.added, count.changed, count.unchanged
            )?;
        }
        write!(f, "{} changes", self.count())
    }
}

impl Catalogue {
    /// Compares the rows of this catalogue with what is known.
    pub fn changes_from<'a>(&'a self, known: &'a Self) -> Changes<'a> {
        fn of<'a, R: Row + PartialEq>(new: &'a Sorted<R>, known: &'a Sorted<R>) -> TableChanges<'a, R> {
            TableChanges::new(new.iter().map(|(key, row)| (known.get(key), row)))
        }
        Changes {
            brands: of(&self.brands, &known.brands),
            products: of(&self.products, &known.products),
            skus: of(&self.skus, &known.skus),
            sku_aliases: of(&self.sku_aliases, &known.sku_aliases),
            sku_revisions: of(&self.sku_revisions, &known.sku_revisions),
            batches: of(&self.batches, &known.batches),
            batch_attributes: of(&self.batch_attributes, &known.batch_attributes),
            logos: TableChanges::new(self.logos.iter().map(|(name, logo)| (known.logos.get(name), logo))),
        }
    }
}
