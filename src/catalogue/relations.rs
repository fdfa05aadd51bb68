//! How the rows of a catalogue stand to each other: keys once, references that lead somewhere.

use std::collections::{BTreeMap, HashSet};

use super::Catalogue;
use super::draft::{Draft, Gathered};
use super::fault::{FaultList, Place, shown};
use super::names;
use super::reason::RelationReason;
use super::rows::Row;
use super::sorted::Sorted;
use super::table::Table;

/// Rows of one table in order, each with its place.
pub(super) struct Placed<R> {
    pub rows: Sorted<R>,
    pub places: Vec<Place>,
    refused: HashSet<String>,
    unreadable: bool,
    absent: Vec<usize>,
}

impl<R: Row> Placed<R> {
    /// Sorts what was gathered and reports keys that come twice.
    fn new(table: Table, mut gathered: Gathered<R>, faults: &mut FaultList) -> Self {
        // The column that is shown: the first one of every table is (part of) its key.
        let column = table.columns().first().map(|column| column.name);
        let word = table.row_word();
        let (rows, places) = Sorted::new(std::mem::take(&mut gathered.rows), |first, place| {
            let first = faults.describe(Some(*first));
            let reason = RelationReason::Duplicate { word, first };
            faults.add(*place, column, None, reason.into());
        });
        let Gathered { refused, unreadable, absent, .. } = gathered;
        Self { rows, places, refused, unreadable, absent }
    }

    /// A column that the file leaves out says nothing: it must not erase what known rows have there. One fault a column, at
    /// the first row that would lose something.
    fn check_absent_columns(&self, table: Table, known: &Sorted<R>, faults: &mut FaultList) {
        let mut open = self.absent.clone();
        for ((key, row), &place) in self.rows.iter().zip(&self.places) {
            if open.is_empty() {
                return;
            }
            let Some(before) = known.get(key).map(Row::write) else { continue };
            let after = row.write();
            open.retain(|&column| {
                let kept = before.get(column) == after.get(column);
                if let Some(column) = table.columns().get(column).filter(|_| !kept) {
                    faults.add(place, Some(column.name), None, RelationReason::AbsentColumn.into());
                }
                kept
            });
        }
    }

    /// The rows of the files with their places, then the known ones that the files do not replace.
    pub fn with_known<'a>(&'a self, known: &'a Sorted<R>) -> impl Iterator<Item = (&'a R, Option<Place>)> {
        let new = self.rows.rows().iter().zip(self.places.iter().copied().map(Some));
        let old = known.iter().filter(|(key, _)| self.rows.position(key).is_none()).map(|(_, row)| (row, None));
        new.chain(old)
    }

    /// The row with this key: that of the files, else the known one.
    pub fn find<'a>(&'a self, key: &str, known: &'a Sorted<R>) -> Option<(&'a R, Option<Place>)> {
        match self.rows.position(key) {
            Some(index) => Some((self.rows.rows().get(index)?, self.places.get(index).copied())),
            None => known.get(key).map(|row| (row, None)),
        }
    }

    /// Whether a row with this key may have been refused, so that a reference to it is not one more fault.
    fn excuses(&self, key: &str) -> bool {
        self.unreadable || self.refused.contains(key)
    }
}

/// A reference on its way to the row that it names.
struct Reference<'c, C> {
    code: &'c mut C,
    key: String,
    place: Place,
    column: &'static str,
}

/// Looks a reference up and gives it the spelling of the row that it leads to, so that each code has one spelling.
fn follow<R: Row, C: Clone + ToString>(
    reference: Reference<'_, C>,
    table: Table,
    rows: &Placed<R>,
    known: &Sorted<R>,
    code_of: impl Fn(&R) -> &C,
    faults: &mut FaultList,
) {
    match rows.find(&reference.key, known) {
        Some((row, _)) => *reference.code = code_of(row).clone(),
        None if rows.excuses(&reference.key) => {}
        None => {
            let value = reference.code.to_string();
            let reason = RelationReason::Unknown { table, value: shown(&value) };
            faults.add(reference.place, Some(reference.column), Some(&value), reason.into());
        }
    }
}

/// Checks everything that no row can know of itself. The catalogue is good only if no fault was added.
pub(super) fn check(draft: Draft, known: &Catalogue, faults: &mut FaultList) -> Catalogue {
    let mut all = All::new(draft, faults);
    all.follow_to_brands_and_products(known, faults);
    all.follow_to_skus_and_batches(known, faults);
    all.check_absent_columns(known, faults);
    all.check_logos(known, faults);
    all.check_batch_products(known, faults);
    names::check(&all, known, faults);
    Catalogue {
        brands: all.brands.rows,
        products: all.products.rows,
        skus: all.skus.rows,
        sku_aliases: all.sku_aliases.rows,
        sku_revisions: all.sku_revisions.rows,
        batches: all.batches.rows,
        batch_attributes: all.batch_attributes.rows,
        logos: all.logos.into_iter().map(|(name, (_, logo))| (name, logo)).collect(),
    }
}

/// All tables of an import, sorted.
pub(super) struct All {
    brands: Placed<super::Brand>,
    products: Placed<super::Product>,
    pub skus: Placed<super::Sku>,
    pub sku_aliases: Placed<super::SkuAlias>,
    sku_revisions: Placed<super::SkuRevision>,
    pub batches: Placed<super::Batch>,
    batch_attributes: Placed<super::BatchAttribute>,
    logos: BTreeMap<super::LogoName, (Place, super::Logo)>,
    refused_logos: HashSet<String>,
}

impl All {
    fn new(draft: Draft, faults: &mut FaultList) -> Self {
        Self {
            brands: Placed::new(Table::Brands, draft.brands, faults),
            products: Placed::new(Table::Products, draft.products, faults),
            skus: Placed::new(Table::Skus, draft.skus, faults),
            sku_aliases: Placed::new(Table::SkuAliases, draft.sku_aliases, faults),
            sku_revisions: Placed::new(Table::SkuRevisions, draft.sku_revisions, faults),
            batches: Placed::new(Table::Batches, draft.batches, faults),
            batch_attributes: Placed::new(Table::BatchAttributes, draft.batch_attributes, faults),
            logos: draft.logos,
            refused_logos: draft.refused_logos,
        }
    }

    fn follow_to_brands_and_products(&mut self, known: &Catalogue, faults: &mut FaultList) {
        let Self { brands, products, skus, sku_aliases, batches, .. } = self;
        for (sku, &place) in skus.rows.rows_mut().iter_mut().zip(&skus.places) {
            let key = sku.product.key();
            let product = Reference { code: &mut sku.product, key, place, column: "product" };
            follow(product, Table::Products, products, &known.products, |row| &row.code, faults);
            let key = sku.brand.key();
            let brand = Reference { code: &mut sku.brand, key, place, column: "brand" };
            follow(brand, Table::Brands, brands, &known.brands, |row| &row.code, faults);
        }
        for (alias, &place) in sku_aliases.rows.rows_mut().iter_mut().zip(&sku_aliases.places) {
            let Some(code) = &mut alias.owner else { continue };
            let owner = Reference { key: code.key(), code, place, column: "owner" };
            follow(owner, Table::Brands, brands, &known.brands, |row| &row.code, faults);
        }
        for (batch, &place) in batches.rows.rows_mut().iter_mut().zip(&batches.places) {
            let key = batch.product.key();
            let product = Reference { code: &mut batch.product, key, place, column: "product" };
            follow(product, Table::Products, products, &known.products, |row| &row.code, faults);
        }
    }

    fn follow_to_skus_and_batches(&mut self, known: &Catalogue, faults: &mut FaultList) {
        let Self { skus, sku_aliases, sku_revisions, batches, batch_attributes, .. } = self;
        for (alias, &place) in sku_aliases.rows.rows_mut().iter_mut().zip(&sku_aliases.places) {
            let key = alias.sku.key();
            let sku = Reference { code: &mut alias.sku, key, place, column: "sku" };
            follow(sku, Table::Skus, skus, &known.skus, |row| &row.code, faults);
        }
        for (revision, &place) in sku_revisions.rows.rows_mut().iter_mut().zip(&sku_revisions.places) {
            let key = revision.sku.key();
            let sku = Reference { code: &mut revision.sku, key, place, column: "sku" };
            follow(sku, Table::Skus, skus, &known.skus, |row| &row.code, faults);
        }
        for (batch, &place) in batches.rows.rows_mut().iter_mut().zip(&batches.places) {
            for code in &mut batch.skus {
                let sku = Reference { key: code.key(), code, place, column: "skus" };
                follow(sku, Table::Skus, skus, &known.skus, |row| &row.code, faults);
            }
        }
        for (attribute, &place) in batch_attributes.rows.rows_mut().iter_mut().zip(&batch_attributes.places) {
            let key = attribute.batch.key();
            let batch = Reference { code: &mut attribute.batch, key, place, column: "batch" };
            follow(batch, Table::Batches, batches, &known.batches, |row| &row.code, faults);
        }
    }

    fn check_absent_columns(&self, known: &Catalogue, faults: &mut FaultList) {
        self.brands.check_absent_columns(Table::Brands, &known.brands, faults);
        self.products.check_absent_columns(Table::Products, &known.products, faults);
        self.skus.check_absent_columns(Table::Skus, &known.skus, faults);
        self.sku_aliases.check_absent_columns(Table::SkuAliases, &known.sku_aliases, faults);
        self.sku_revisions.check_absent_columns(Table::SkuRevisions, &known.sku_revisions, faults);
        self.batches.check_absent_columns(Table::Batches, &known.batches, faults);
        self.batch_attributes.check_absent_columns(Table::BatchAttributes, &known.batch_attributes, faults);
    }

    /// Each logo that a brand names is there, and each that is there is named.
    fn check_logos(&self, known: &Catalogue, faults: &mut FaultList) {
        for (brand, &place) in self.brands.rows.rows().iter().zip(&self.brands.places) {
            let Some(name) = &brand.logo else { continue };
            let there = self.logos.contains_key(name)
                || known.logos.contains_key(name)
                || self.refused_logos.contains(name.as_str());
            if !there {
                let name = name.to_string();
                let value = Some(name.clone());
                let reason = RelationReason::LogoMissing { name };
                faults.add(place, Some("logo"), value.as_deref(), reason.into());
            }
        }
        if self.brands.unreadable || !self.brands.refused.is_empty() {
            return;
        }
        let named: HashSet<_> =
            self.brands.with_known(&known.brands).filter_map(|(brand, _)| brand.logo.as_ref()).collect();
        for (name, (place, _)) in &self.logos {
            if !named.contains(name) {
                faults.add(*place, None, None, RelationReason::LogoUnused.into());
            }
        }
    }

    /// A batch holds SKUs of its own product only; also where the files change a SKU of a known batch.
    fn check_batch_products(&self, known: &Catalogue, faults: &mut FaultList) {
        for (batch, batch_place) in self.batches.with_known(&known.batches) {
            let product = batch.product.key();
            for code in &batch.skus {
                let Some((sku, sku_place)) = self.skus.find(&code.key(), &known.skus) else {
                    continue;
                };
                let (place, column) = match (batch_place, sku_place) {
                    (Some(place), _) => (place, "skus"),
                    (None, Some(place)) => (place, "product"),
                    (None, None) => continue,
                };
                if sku.product.key() != product {
                    let reason = RelationReason::ForeignSku {
                        sku: sku.code.to_string(),
                        sku_product: sku.product.to_string(),
                        batch: batch.code.to_string(),
                        batch_product: batch.product.to_string(),
                    };
                    faults.add(place, Some(column), None, reason.into());
                }
            }
        }
    }
}
