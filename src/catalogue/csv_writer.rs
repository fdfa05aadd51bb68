//! A catalogue as CSV files: comma, LF, UTF-8 without a mark, header always, rows in the order of their keys.

use super::Catalogue;
use super::cells::starts_as_formula;
use super::import::SourceFile;
use super::rows::Row;
use super::sorted::Sorted;
use super::table::Table;

impl Catalogue {
    /// All tables as CSV files, and the logos. The same catalogue gives the same bytes, and importing them gives the same
    /// catalogue.
    ///
    /// A cell that a spreadsheet program would run as a formula gets an apostrophe before it. Imports from CSV refuse such cells
    /// unless they are marked in this way, but names may also come from a workbook, from the API or from the database.
    pub fn to_csv(&self) -> Vec<SourceFile> {
        let mut files = vec![
            table(Table::Brands, &self.brands),
            table(Table::Products, &self.products),
            table(Table::Skus, &self.skus),
            table(Table::SkuAliases, &self.sku_aliases),
            table(Table::SkuRevisions, &self.sku_revisions),
            table(Table::Batches, &self.batches),
            table(Table::BatchAttributes, &self.batch_attributes),
        ];
        files.extend(
            self.logos
                .iter()
                .map(|(name, logo)| SourceFile { name: format!("logos/{name}"), bytes: logo.bytes().to_vec() }),
        );
        files
    }
}

fn table<R: Row>(table: Table, rows: &Sorted<R>) -> SourceFile {
    let mut bytes = Vec::new();
    let header = table.columns().iter().map(|column| column.name.to_owned());
    write_record(&mut bytes, header);
    for row in rows.rows() {
        write_record(&mut bytes, row.write());
    }
    SourceFile { name: format!("{table}.csv"), bytes }
}

/// Appends a record, its cells quoted where RFC 4180 asks for it.
fn write_record(bytes: &mut Vec<u8>, cells: impl IntoIterator<Item = String>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        let mark = if starts_as_formula(&cell) { "'" } else { "" };
        if cell.contains([',', '"', '\n', '\r']) {
            bytes.extend(format!("\"{mark}{}\"", cell.replace('"', "\"\"")).as_bytes());
        } else {
            bytes.extend(mark.as_bytes());
            bytes.extend(cell.as_bytes());
        }
    }
    bytes.push(b'\n');
}
