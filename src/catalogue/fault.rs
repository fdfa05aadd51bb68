//! What is wrong with a catalogue, and where.

use std::fmt;

use serde::{Serialize, Serializer};

use super::reason::Reason;

/// How many faults are kept; further ones are counted.
pub const FAULTS_MAX: usize = 1_000;

/// How many characters of a wrong value are shown.
const VALUE_SHOWN_CHARS: usize = 40;

/// One fault: its place, the value found there, and the reason with what to do. Displays as one line.
///
/// ```text
/// skus.csv, row 3, column gtin, "9506000134353": the check digit of this GTIN would be 2, but it ends in 3; ...
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file's name as it was given.
    pub file: String,
    /// The sheet, if the file is a workbook.
    pub sheet: Option<String>,
    /// The row as a spreadsheet program counts it: the header is row 1. None: the whole file or sheet.
    pub row: Option<u32>,
    /// The header of the column.
    pub column: Option<String>,
    /// What was found, shortened.
    pub value: Option<String>,
    /// What is wrong and what to do.
    #[serde(serialize_with = "as_text")]
    pub reason: Reason,
}

fn as_text<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_visible(f, &self.file)?;
        if let Some(sheet) = &self.sheet {
            f.write_str(", sheet ")?;
            write_visible(f, sheet)?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            f.write_str(", column ")?;
            write_visible(f, column)?;
        }
        if let Some(value) = &self.value {
            write!(f, ", \"{value}\"")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Names of files, sheets and columns come from outside: nothing in them may break the line or drive a terminal.
fn write_visible(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&shown(text))
}

/// `text` cut to [`VALUE_SHOWN_CHARS`], with everything invisible spelled out.
pub(super) fn shown(text: &str) -> String {
    shown_to(text, VALUE_SHOWN_CHARS)
}

/// `text` cut to `chars` characters, with everything invisible spelled out.
pub(super) fn shown_to(text: &str, chars: usize) -> String {
    let mut out = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == chars {
            out.push('…');
            break;
        }
        if super::text::is_unprintable(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// All faults of one import: the first [`FAULTS_MAX`] in the order of files and rows, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// The faults kept; never empty.
    pub first: Vec<Fault>,
    /// How many more there are.
    pub more: u64,
}

impl Faults {
    /// How many faults there are, kept or not.
    pub fn count(&self) -> u64 {
        self.more.saturating_add(u64::try_from(self.first.len()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.first {
            writeln!(f, "{fault}")?;
        }
        if self.more > 0 {
            writeln!(f, "and {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// A row of a source, in few bytes: every row of an import carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Which file or sheet: what [`FaultList::source`] gave.
    pub source: u32,
    /// Row as a spreadsheet program counts it.
    pub row: u32,
}

/// A file, or a sheet of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceName {
    pub file: String,
    pub sheet: Option<String>,
}

/// Collects faults while an import goes on.
#[derive(Debug, Default)]
pub(super) struct FaultList {
    sources: Vec<SourceName>,
    kept: Vec<(Place, Fault)>,
    more: u64,
}

impl FaultList {
    /// Registers a file or sheet; the number that [`Place::source`] holds.
    pub fn source(&mut self, file: &str, sheet: Option<&str>) -> u32 {
        self.sources.push(SourceName { file: file.to_owned(), sheet: sheet.map(str::to_owned) });
        u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX)
    }

    /// A fault of a whole file or sheet.
    pub fn whole(&mut self, source: u32, reason: impl Into<Reason>) {
        self.add(Place { source, row: 0 }, None, None, reason.into());
    }

    /// A fault of a row, or of one value in it.
    pub fn add(&mut self, place: Place, column: Option<&str>, value: Option<&str>, reason: Reason) {
        if self.kept.len() == FAULTS_MAX {
            self.more += 1;
            return;
        }
        let name = self.name(place.source);
        let fault = Fault {
            file: name.map_or_else(String::new, |name| name.file.clone()),
            sheet: name.and_then(|name| name.sheet.clone()),
            row: (place.row > 0).then_some(place.row),
            column: column.map(str::to_owned),
            value: value.map(shown),
            reason,
        };
        self.kept.push((place, fault));
    }

    /// Names a place inside the reason of another fault.
    pub fn describe(&self, place: Option<Place>) -> String {
        match place {
            None => "in the database".to_owned(),
            Some(Place { source, row }) => {
                format!("{}, row {row}", self.describe_source(source))
            }
        }
    }

    /// Names a file or sheet inside the reason of a fault.
    pub fn describe_source(&self, source: u32) -> String {
        match self.name(source) {
            Some(SourceName { file, sheet: None }) => format!("in {}", shown(file)),
            Some(SourceName { file, sheet: Some(sheet) }) => format!("in {}, sheet {}", shown(file), shown(sheet)),
            None => "in the files".to_owned(),
        }
    }

    fn name(&self, source: u32) -> Option<&SourceName> {
        self.sources.get(usize::try_from(source).ok()?)
    }

    /// The list in reading order, or `None` if all is well.
    pub fn finish(mut self) -> Option<Faults> {
        if self.kept.is_empty() {
            return None;
        }
        // Stable: the faults of one row keep the order of their columns.
        self.kept.sort_by_key(|(place, _)| *place);
        Some(Faults { first: self.kept.into_iter().map(|(_, fault)| fault).collect(), more: self.more })
    }
}
