//! A catalogue as a workbook: a sheet for each table, every cell text.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::Catalogue;
use super::rows::Row;
use super::sorted::Sorted;
use super::table::Table;

/// Rows of a sheet besides its header.
const SHEET_ROWS: usize = 1_048_575;

/// Why a catalogue cannot be written as a workbook.
#[derive(Debug, thiserror::Error)]
pub enum XlsxExportError {
    /// More rows than a sheet has.
    #[error("the table {table} has {rows} rows, a sheet takes {SHEET_ROWS}; export as CSV")]
    SheetFull {
        /// Which table.
        table: Table,
        /// How many rows it has.
        rows: usize,
    },
    /// The writer refused.
    #[error("the workbook could not be written: {0}")]
    Writer(#[from] XlsxError),
}

impl Catalogue {
    /// All tables as sheets of one workbook (logos do not fit into one; [`Catalogue::to_csv`] has them).
    ///
    /// Every cell and every column is of the format "Text", so that leading zeros and long numbers survive also what people add
    /// later. The same catalogue gives the same bytes: the date of creation is fixed.
    ///
    /// # Errors
    /// [`XlsxExportError::SheetFull`] beyond 1,048,575 rows a table.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, XlsxExportError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        sheet(&mut book, Table::Brands, &self.brands)?;
        sheet(&mut book, Table::Products, &self.products)?;
        sheet(&mut book, Table::Skus, &self.skus)?;
        sheet(&mut book, Table::SkuAliases, &self.sku_aliases)?;
        sheet(&mut book, Table::SkuRevisions, &self.sku_revisions)?;
        sheet(&mut book, Table::Batches, &self.batches)?;
        sheet(&mut book, Table::BatchAttributes, &self.batch_attributes)?;
        Ok(book.save_to_buffer()?)
    }
}

fn sheet<R: Row>(book: &mut Workbook, table: Table, rows: &Sorted<R>) -> Result<(), XlsxExportError> {
    if rows.rows().len() > SHEET_ROWS {
        return Err(XlsxExportError::SheetFull { table, rows: rows.rows().len() });
    }
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_num_format("@").set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(table.name())?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, header) in (0_u16..).zip(table.columns()) {
        sheet.set_column_format(column, &text)?;
        sheet.set_column_width(column, 20)?;
        sheet.write_string_with_format(0, column, header.name, &bold)?;
    }
    for (row, cells) in (1_u32..).zip(rows.rows()) {
        for (column, cell) in (0_u16..).zip(cells.write()) {
            if !cell.is_empty() {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
    }
    Ok(())
}
