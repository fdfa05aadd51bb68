//! Rows of a CSV file whose columns are the fields of a template.

use crate::catalogue::csv_reader::{Record, Records, decode, delimiter};
use crate::cli::failure::{Failure, Outcome};
use crate::label::JobFields;
use crate::label::TemplateFile;
use crate::label::rows::RowPlan;
use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// The largest file of data that is read.
const MAX_DATA_BYTES: u64 = 1 << 30;

/// The text of a file and its header.
pub(in crate::cli) struct Data {
    name: String,
    text: String,
    delimiter: u8,
    /// The columns.
    pub(in crate::cli) header: Vec<String>,
}

impl Data {
    /// Reads a file, `-` for standard input.
    pub(in crate::cli) fn open(path: &Path) -> Outcome<Data> {
        let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let failed = |error: &io::Error| Failure::Failed(format!("{name} cannot be read: {error}"));
        let mut bytes = Vec::new();
        let read = match path == Path::new("-") {
            true => io::stdin().lock().take(MAX_DATA_BYTES + 1).read_to_end(&mut bytes),
            false => fs::File::open(path).and_then(|file| file.take(MAX_DATA_BYTES + 1).read_to_end(&mut bytes)),
        };
        if read.map_err(|e| failed(&e))? as u64 > MAX_DATA_BYTES {
            return Err(Failure::Failed(format!("{name} has more than {MAX_DATA_BYTES} bytes; split it")));
        }
        let text = decode(&bytes).map_err(|e| Failure::Failed(format!("{name}: {e}")))?.to_owned();
        let delimiter = delimiter(&text);
        let mut data = Data { name, text, delimiter, header: Vec::new() };
        let first = data.records().next();
        data.header = first.map(|cells| cells.iter().map(|cell| cell.trim().to_owned()).collect()).unwrap_or_default();
        data.check()?;
        Ok(data)
    }

    /// The rows' cells, header and blank lines included as they stand.
    fn records(&self) -> impl Iterator<Item = Vec<Cow<'_, str>>> {
        self.whole_records().map(|record| record.cells)
    }

    /// Without empty lines and lines of delimiters only, as spreadsheet programs leave behind the last row.
    fn whole_records(&self) -> impl Iterator<Item = Record<'_>> {
        let is_empty = |record: &Record<'_>| record.broken.is_none() && record.cells.iter().all(|cell| cell.is_empty());
        Records::new(&self.text, self.delimiter).filter(move |record| !is_empty(record))
    }

    /// Every row has as many cells as the header.
    fn check(&self) -> Outcome {
        let columns = self.header.len();
        for record in self.whole_records() {
            if let Some(broken) = &record.broken {
                return Err(Failure::Failed(format!("{}, row {}: {broken}", self.name, record.row)));
            }
            if record.cells.len() != columns {
                let found = record.cells.len();
                return Err(Failure::Failed(format!(
                    "{}, row {}: it has {found} cells, but the header has {columns}",
                    self.name, record.row
                )));
            }
        }
        Ok(())
    }

    /// How the rows are laid out with a template.
    pub(in crate::cli) fn plan(&self, template: &TemplateFile, given: &JobFields) -> Outcome<RowPlan> {
        let each = |take: &mut dyn FnMut(&[&str])| {
            // Only failing to take can fail.
            let _ = self.each(|row| {
                take(row);
                Ok(())
            });
        };
        RowPlan::new(template, &self.header, given, each).map_err(|e| Failure::Failed(format!("{}: {e}", self.name)))
    }

    /// Each row in order.
    pub(in crate::cli) fn each(&self, mut take: impl FnMut(&[&str]) -> io::Result<()>) -> io::Result<()> {
        for cells in self.records().skip(1) {
            let row: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
            take(&row)?;
        }
        Ok(())
    }

    /// How many rows there are.
    pub(in crate::cli) fn count(&self) -> u64 {
        self.records().skip(1).fold(0, |count, _| count + 1)
    }
}
