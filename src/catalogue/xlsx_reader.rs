//! XLSX: a workbook whose sheets are the tables.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError};
use jiff::civil::Date;

use super::archive::{self, not_xlsx};
use super::cells::Cell;
use super::date::parse_date;
use super::draft::Draft;
use super::fault::{FaultList, Place};
use super::header::Header;
use super::import::Limits;
use super::reason::FileReason;
use super::table::Table;

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;
type CellReader<'w, 'b> = XlsxCellReader<'w, Cursor<&'b [u8]>>;

/// Columns that a sheet can have (XFD).
const SHEET_COLUMNS: usize = 16_384;

/// Reads all sheets of a workbook into the draft.
pub(super) fn read(file: &str, bytes: &[u8], limits: &Limits, draft: &mut Draft, faults: &mut FaultList) {
    let source = faults.source(file, None);
    if let Err(reason) = archive::check(bytes, limits.inflated_bytes) {
        unreadable(source, reason, draft, faults);
        return;
    }
    // The reader is not ours and has arithmetic that overflows on crafted cell references; a panic there is one more way to
    // say that the file is broken. What the draft holds by then does not matter: a fault refuses the import as a whole.
    let result = catch_unwind(AssertUnwindSafe(|| read_book(file, bytes, limits, draft, faults)));
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => unreadable(source, broken(&error), draft, faults),
        Err(_) => unreadable(source, not_xlsx("its cells contradict each other"), draft, faults),
    }
}

/// Reports the workbook as broken; nothing that refers to any table is reported besides.
fn unreadable(source: u32, reason: FileReason, draft: &mut Draft, faults: &mut FaultList) {
    faults.whole(source, reason);
    for table in Table::ALL {
        draft.unreadable(table);
    }
}

fn broken(error: &XlsxError) -> FileReason {
    not_xlsx(&error.to_string())
}

fn read_book(
    file: &str,
    bytes: &[u8],
    limits: &Limits,
    draft: &mut Draft,
    faults: &mut FaultList,
) -> Result<(), XlsxError> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes))?;
    for name in book.sheet_names() {
        let source = faults.source(file, Some(&name));
        let cells = match book.worksheet_cells_reader(&name) {
            // A sheet that is only a chart.
            Err(XlsxError::NotAWorksheet(_)) => {
                faults.whole(source, FileReason::UnknownSheet);
                continue;
            }
            other => other?,
        };
        let mut rows = SheetRows { cells, ahead: None, last_row: 0, ended: false, width: SHEET_COLUMNS };
        match Table::named(&name) {
            Some(table) if draft.give(table, source, faults) => {
                read_sheet(table, source, &mut rows, limits, draft, faults)?;
            }
            Some(_) => {}
            None => {
                // An empty sheet, as new workbooks have, is no fault.
                if rows.next_filled()?.is_some() {
                    faults.whole(source, FileReason::UnknownSheet);
                }
            }
        }
    }
    Ok(())
}

fn read_sheet(
    table: Table,
    source: u32,
    rows: &mut SheetRows<'_, '_>,
    limits: &Limits,
    draft: &mut Draft,
    faults: &mut FaultList,
) -> Result<(), XlsxError> {
    let Some(first) = rows.next_filled()? else {
        faults.whole(source, FileReason::Empty);
        draft.unreadable(table);
        return Ok(());
    };
    let names: Vec<&str> = first
        .cells
        .iter()
        .map(|cell| match cell {
            Cell::Text(text) => text.as_ref(),
            _ => "",
        })
        .collect();
    let row = first.row;
    let Some(header) = Header::read(table, &names, Place { source, row }, faults) else {
        draft.unreadable(table);
        return Ok(());
    };
    rows.width = header.width;
    while let Some(SheetRow { row, cells, outside }) = rows.next_filled()? {
        let place = Place { source, row };
        if !draft.count_row(place, limits.rows, faults) {
            draft.unreadable(table);
            break;
        }
        if let Some(column) = outside {
            let position = column + 1;
            faults.add(place, None, None, FileReason::OutsideTable { position }.into());
        }
        draft.take(table, &header, &cells, place, faults);
    }
    Ok(())
}

/// A row of a sheet.
struct SheetRow<'w> {
    /// Its number, from 1.
    row: u32,
    cells: Vec<Cell<'w>>,
    /// The first column right of the table with something in it, from 0.
    outside: Option<usize>,
}

impl<'w> SheetRow<'w> {
    fn put(&mut self, column: usize, cell: Cell<'w>, width: usize) {
        if cell.is_blank() {
            return;
        }
        if column >= width {
            self.outside = Some(self.outside.map_or(column, |first| first.min(column)));
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Blank);
        }
        self.cells[column] = cell;
    }

    fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.outside.is_none()
    }
}

/// The rows of a sheet, put together from its stream of cells.
struct SheetRows<'w, 'b> {
    cells: CellReader<'w, 'b>,
    /// The first cell of the next row, already taken from the stream.
    ahead: Option<(u32, usize, Cell<'w>)>,
    /// The row delivered last, from 1.
    last_row: u32,
    /// The stream of cells has come to its end.
    ended: bool,
    /// How many columns are kept: a stray cell far to the right costs no memory.
    width: usize,
}

impl<'w> SheetRows<'w, '_> {
    /// The next row with anything in it.
    fn next_filled(&mut self) -> Result<Option<SheetRow<'w>>, XlsxError> {
        while let Some(row) = self.next_row()? {
            if row.row <= self.last_row {
                return Err(XlsxError::Unexpected("its rows are out of order"));
            }
            self.last_row = row.row;
            if !row.is_blank() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn next_row(&mut self) -> Result<Option<SheetRow<'w>>, XlsxError> {
        let first = match self.ahead.take() {
            Some(cell) => Some(cell),
            None => self.next_cell()?,
        };
        let Some((row, column, cell)) = first else {
            return Ok(None);
        };
        let mut filled = SheetRow { row, cells: Vec::new(), outside: None };
        filled.put(column, cell, self.width);
        let mut last_column = column;
        while let Some((next_row, column, cell)) = self.next_cell()? {
            if next_row != row {
                self.ahead = Some((next_row, column, cell));
                break;
            }
            if column <= last_column {
                return Err(XlsxError::Unexpected("its cells are out of order"));
            }
            last_column = column;
            filled.put(column, cell, self.width);
        }
        Ok(Some(filled))
    }

    /// The next cell: row from 1, column from 0.
    fn next_cell(&mut self) -> Result<Option<(u32, usize, Cell<'w>)>, XlsxError> {
        // Past the end of the data the stream would read on into what follows it.
        if self.ended {
            return Ok(None);
        }
        let Some(record) = self.cells.next_cell_with_formula_metadata()? else {
            self.ended = true;
            return Ok(None);
        };
        let (row, column) = record.pos;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= SHEET_COLUMNS {
            return Err(XlsxError::Unexpected("it has a cell right of column XFD"));
        }
        let cell = match record.formula {
            Some(_) => Cell::Formula(from_value(record.value).shown()),
            None => from_value(record.value),
        };
        Ok(Some((row.saturating_add(1), column, cell)))
    }
}

fn from_value(value: DataRef<'_>) -> Cell<'_> {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::String(text) => Cell::Text(Cow::Owned(text)),
        DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::Float(number) => Cell::Number(number),
        // Numbers arrive as Float; an integer that f64 holds exactly is the same number.
        DataRef::Int(number) => match i32::try_from(number) {
            Ok(number) => Cell::Number(f64::from(number)),
            Err(_) => Cell::Other("a large number"),
        },
        DataRef::Bool(_) => Cell::Other("TRUE or FALSE"),
        DataRef::Error(_) => Cell::Other("an error"),
        DataRef::DurationIso(_) => Cell::Other("a time span"),
        DataRef::DateTimeIso(text) => parse_date(&text).map_or(Cell::Other("a date with a time"), Cell::Day),
        DataRef::DateTime(moment) if !moment.is_datetime() => Cell::Other("a time span"),
        DataRef::DateTime(moment) => match moment.to_ymd_hms_milli() {
            (year, month, day, 0, 0, 0, 0) => civil(year, month, day).map_or(Cell::Other("a date"), Cell::Day),
            _ => Cell::Other("a date with a time"),
        },
    }
}

fn civil(year: u16, month: u8, day: u8) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    let month = i8::try_from(month).ok()?;
    let day = i8::try_from(day).ok()?;
    Date::new(year, month, day).ok()
}
