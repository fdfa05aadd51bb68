//! From the bytes of files to a checked catalogue, or to the list of everything that is wrong with them.

use super::Catalogue;
use super::cells::Cell;
use super::csv_reader::{Record, Records, decode, delimiter};
use super::draft::Draft;
use super::fault::{FaultList, Faults, Place};
use super::header::Header;
use super::logo::{Logo, LogoName};
use super::reason::{FileReason, Reason};
use super::relations;
use super::table::Table;
use super::xlsx_reader;

/// A file of a catalogue: a table as CSV, a workbook, or a logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name within the folder, as `brands.csv` or `logos/borealis.png`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What one import may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of all tables together.
    pub rows: u64,
    /// Bytes of all files together.
    pub bytes: usize,
    /// Bytes of a workbook when it is unpacked.
    pub inflated_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 2_000_000, bytes: 256_000_000, inflated_bytes: 500_000_000 }
    }
}

/// Reads and checks the files of a catalogue, with the default [`Limits`].
///
/// `known` is what the database holds already: references may lead there, and what the files say must not contradict it. A row
/// whose key is known replaces the known one; the result holds the rows of the files only. [`Catalogue::changes_from`] says
/// what they change.
///
/// ```
/// use nameplate::catalogue::{Catalogue, SourceFile, import};
///
/// let file = |text: &str| SourceFile { name: "brands.csv".into(), bytes: text.into() };
/// let good = import(&[file("code;name\nBOR;Borealis Optics\n")], &Catalogue::default())?;
/// assert_eq!(good.brands()[0].name.as_str(), "Borealis Optics");
///
/// let bad = import(&[file("code;name\nBOR;=1+1\n")], &Catalogue::default()).unwrap_err();
/// assert!(bad.to_string().starts_with("brands.csv, row 2, column name, \"=1+1\": "));
/// # Ok::<(), nameplate::catalogue::Faults>(())
/// ```
///
/// # Errors
/// [`Faults`]: every fault of every file with its place, and nothing is imported.
pub fn import(files: &[SourceFile], known: &Catalogue) -> Result<Catalogue, Faults> {
    import_within(files, known, &Limits::default())
}

/// As [`import`], with limits of the caller.
///
/// # Errors
/// As [`import`].
pub fn import_within(files: &[SourceFile], known: &Catalogue, limits: &Limits) -> Result<Catalogue, Faults> {
    let mut faults = FaultList::default();
    let mut draft = Draft::default();
    let found: usize = files.iter().map(|file| file.bytes.len()).sum();
    if found > limits.bytes {
        let source = faults.source("the import", None);
        let (found_mb, limit_mb) = (found.div_ceil(1_000_000), limits.bytes / 1_000_000);
        faults.whole(source, FileReason::TooManyBytes { found_mb, limit_mb });
    } else {
        let mut read_any = false;
        for file in files {
            read_any |= read_file(file, limits, &mut draft, &mut faults);
        }
        if !read_any {
            let source = faults.source("the import", None);
            faults.whole(source, FileReason::Nothing);
        }
    }
    let catalogue = relations::check(draft, known, &mut faults);
    match faults.finish() {
        Some(faults) => Err(faults),
        None => Ok(catalogue),
    }
}

/// Reads one file. `false`: it was none to read.
fn read_file(file: &SourceFile, limits: &Limits, draft: &mut Draft, faults: &mut FaultList) -> bool {
    let path = file.name.replace('\\', "/");
    let (folder, base) = path.rsplit_once('/').unwrap_or(("", &path));
    // Hidden files of systems, and the lock files of spreadsheet programs.
    if base.starts_with('.') || base.starts_with("~$") {
        return false;
    }
    let lower = base.to_lowercase();
    let (stem, extension) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    match (Table::named(stem), extension) {
        (Some(table), "csv") => read_csv(&file.name, table, &file.bytes, limits, draft, faults),
        (_, "xlsx") => xlsx_reader::read(&file.name, &file.bytes, limits, draft, faults),
        (_, "png") if folder == "logos" || folder.ends_with("/logos") => {
            read_logo(&file.name, base, &file.bytes, draft, faults);
        }
        (_, extension) => {
            let reason = match extension {
                "xls" => FileReason::CompoundFile,
                _ => FileReason::Unknown,
            };
            let source = faults.source(&file.name, None);
            faults.whole(source, reason);
        }
    }
    true
}

fn read_logo(file: &str, base: &str, bytes: &[u8], draft: &mut Draft, faults: &mut FaultList) {
    let source = faults.source(file, None);
    let place = Place { source, row: 0 };
    let logo = LogoName::new(base).map_err(Reason::from).and_then(|name| Logo::new(name, bytes).map_err(Reason::from));
    match logo {
        Ok(logo) => {
            draft.logos.insert(logo.name().clone(), (place, logo));
        }
        Err(reason) => {
            draft.refused_logos.insert(base.to_owned());
            faults.whole(source, reason);
        }
    }
}

fn read_csv(file: &str, table: Table, bytes: &[u8], limits: &Limits, draft: &mut Draft, faults: &mut FaultList) {
    let source = faults.source(file, None);
    if !draft.give(table, source, faults) {
        return;
    }
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(reason) => {
            faults.whole(source, reason);
            return draft.unreadable(table);
        }
    };
    let mut records = Records::new(text, delimiter(text)).filter(|record| !record.is_blank());
    let header = records.next().and_then(|record| read_csv_header(table, source, record, faults));
    let Some(header) = header else {
        return draft.unreadable(table);
    };
    for record in records {
        let place = Place { source, row: record.row };
        if !draft.count_row(place, limits.rows, faults) {
            return draft.unreadable(table);
        }
        match broken_form(&record, &header) {
            Some(reason) => {
                faults.add(place, None, record.cells.first().map(AsRef::as_ref), reason.into());
                // Its key is not known, so that nobody can say which references lead nowhere.
                draft.unreadable(table);
            }
            None => {
                let cells: Vec<Cell<'_>> = record.cells.into_iter().map(Cell::from_csv).collect();
                draft.take(table, &header, &cells, place, faults);
            }
        }
    }
}

fn read_csv_header(table: Table, source: u32, record: Record<'_>, faults: &mut FaultList) -> Option<Header> {
    let place = Place { source, row: record.row };
    if let Some(reason) = record.broken {
        faults.add(place, None, None, reason.into());
        return None;
    }
    let names: Vec<&str> = record.cells.iter().map(AsRef::as_ref).collect();
    Header::read(table, &names, place, faults)
}

/// What is wrong with the form of a record, if anything.
fn broken_form(record: &Record<'_>, header: &Header) -> Option<FileReason> {
    let found = record.cells.len();
    let expected = header.width;
    let length = (found != expected).then_some(FileReason::CellCount { found, expected });
    record.broken.clone().or(length)
}
