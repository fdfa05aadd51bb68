//! What an import has read so far: rows with their places, before their relations are checked.

use std::collections::{BTreeMap, HashSet};

use super::cells::{Cell, RowCells};
use super::fault::{FaultList, Place};
use super::header::Header;
use super::logo::{Logo, LogoName};
use super::reason::FileReason;
use super::rows::Row;
use super::rows::batch::Batch;
use super::rows::batch_attribute::BatchAttribute;
use super::rows::brand::Brand;
use super::rows::product::Product;
use super::rows::sku::Sku;
use super::rows::sku_alias::SkuAlias;
use super::rows::sku_revision::SkuRevision;
use super::table::Table;

/// The rows of one table.
#[derive(Debug)]
pub(super) struct Gathered<R> {
    pub rows: Vec<(Place, R)>,
    /// Keys of rows that were refused: what refers to them is not reported once more.
    pub refused: HashSet<String>,
    /// The table could not be read as a whole: nothing that refers to it is reported.
    pub unreadable: bool,
    /// Which of the table's columns the header lacks.
    pub absent: Vec<usize>,
}

impl<R> Default for Gathered<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), refused: HashSet::new(), unreadable: false, absent: Vec::new() }
    }
}

impl<R: Row> Gathered<R> {
    fn take(&mut self, mut cells: RowCells<'_, '_>) {
        let place = cells.place;
        if self.rows.is_empty() {
            let positions = cells.positions.iter().enumerate();
            self.absent = positions.filter(|(_, position)| position.is_none()).map(|(column, _)| column).collect();
        }
        match R::read(&mut cells) {
            Some(row) => self.rows.push((place, row)),
            None => {
                self.refused.extend(cells.raw("code").map(str::to_uppercase));
            }
        }
    }
}

/// Everything read so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub brands: Gathered<Brand>,
    pub products: Gathered<Product>,
    pub skus: Gathered<Sku>,
    pub sku_aliases: Gathered<SkuAlias>,
    pub sku_revisions: Gathered<SkuRevision>,
    pub batches: Gathered<Batch>,
    pub batch_attributes: Gathered<BatchAttribute>,
    pub logos: BTreeMap<LogoName, (Place, Logo)>,
    /// Names of logo files that were refused.
    pub refused_logos: HashSet<String>,
    /// Which file or sheet gave which table.
    given: BTreeMap<Table, u32>,
    rows_taken: u64,
}

impl Draft {
    /// Notes that a source gives a table. `false`: another did already, and the fault was reported.
    pub fn give(&mut self, table: Table, source: u32, faults: &mut FaultList) -> bool {
        let Some(&first) = self.given.get(&table) else {
            self.given.insert(table, source);
            return true;
        };
        let also = faults.describe_source(first);
        faults.whole(source, FileReason::TableTwice { table, also });
        false
    }

    /// Counts a row against the limit. `false`: the limit was passed, and the fault was reported.
    pub fn count_row(&mut self, place: Place, limit: u64, faults: &mut FaultList) -> bool {
        self.rows_taken += 1;
        if self.rows_taken > limit {
            faults.add(place, None, None, FileReason::TooManyRows { limit }.into());
            return false;
        }
        true
    }

    /// Marks a table as not readable.
    pub fn unreadable(&mut self, table: Table) {
        let mark = match table {
            Table::Brands => &mut self.brands.unreadable,
            Table::Products => &mut self.products.unreadable,
            Table::Skus => &mut self.skus.unreadable,
            Table::SkuAliases => &mut self.sku_aliases.unreadable,
            Table::SkuRevisions => &mut self.sku_revisions.unreadable,
            Table::Batches => &mut self.batches.unreadable,
            Table::BatchAttributes => &mut self.batch_attributes.unreadable,
        };
        *mark = true;
    }

    /// Reads one row of a table.
    pub fn take(&mut self, table: Table, header: &Header, cells: &[Cell<'_>], place: Place, faults: &mut FaultList) {
        let cells = RowCells { table, positions: &header.positions, cells, place, faults };
        match table {
            Table::Brands => self.brands.take(cells),
            Table::Products => self.products.take(cells),
            Table::Skus => self.skus.take(cells),
            Table::SkuAliases => self.sku_aliases.take(cells),
            Table::SkuRevisions => self.sku_revisions.take(cells),
            Table::Batches => self.batches.take(cells),
            Table::BatchAttributes => self.batch_attributes.take(cells),
        }
    }
}
