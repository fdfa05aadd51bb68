//! The journal of scans: a file that is only added to. A scan is on the disk before anybody is told that it is noted.

use super::{StationError, refused};
use crate::service::print::{EntryAnswer, EntryVerdict, JournalEntry, Scan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A journal is never longer, in bytes.
const LONGEST: u64 = 64 << 20;
/// Beyond this no new scans are noted: the rest is for the server's answers.
const LONGEST_SCANS: u64 = 40 << 20;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    /// A label that was scanned on its unit.
    Scan(Box<JournalEntry>),
    /// What the server said to an entry.
    Answer(EntryAnswer),
}

/// A scan and what the server said to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The entry.
    #[serde(flatten)]
    pub entry: JournalEntry,
    /// What the server said, if it was asked.
    pub answer: Option<EntryAnswer>,
}

/// A scan that was noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scanned {
    /// Its name in the journal.
    pub id: String,
    /// The serial as it is stored.
    pub serial: String,
}

/// The journal of scans.
#[derive(Debug)]
pub struct Scans {
    path: PathBuf,
    file: File,
    bytes: u64,
    entries: Vec<Answered>,
    /// The places of the entries, by their names.
    places: HashMap<String, usize>,
}

impl Scans {
    pub(super) fn open(path: &Path) -> Result<Self, StationError> {
        let io = |error| StationError::Io { path: path.to_owned(), error };
        let is_new = !path.try_exists().map_err(io)?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        if is_new {
            file.sync_all().and_then(|()| crate::agent::journal::sync_folder_of(path)).map_err(io)?;
        }
        let mut text = Vec::new();
        (&mut file).take(LONGEST + 1).read_to_end(&mut text).map_err(io)?;
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST {
            return Err(refused(format!(
                "{} has more than {} MiB: sync, then use another --dir for new kits",
                path.display(),
                LONGEST >> 20
            )));
        }
        // What a crash cut short was told to nobody.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let bytes = u64::try_from(whole).unwrap_or(u64::MAX);
        if whole < text.len() {
            file.set_len(bytes).and_then(|()| file.sync_all()).map_err(io)?;
        }
        file.seek(SeekFrom::Start(bytes)).map_err(io)?;
        let mut scans = Self { path: path.to_owned(), file, bytes, entries: Vec::new(), places: HashMap::new() };
        let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (number, line) in (1..).zip(lines) {
            let line = parse(line).ok_or_else(|| {
                refused(format!("{} is damaged at line {number}: ask for help before it is used again", path.display()))
            })?;
            scans.apply(line);
        }
        Ok(scans)
    }

    /// The scans, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Answered] {
        &self.entries
    }

    /// Notes a scan of a label of a kit; durable when this returns.
    pub(super) fn note(&mut self, kit: &str, scan: Scan) -> Result<Scanned, StationError> {
        self.refuse_taken(&scan)?;
        let id = format!("{kit}-scan-{}", self.entries.len() + 1);
        let serial = scan.serial.clone();
        let entry = JournalEntry { id: id.clone(), labels: None, scan: Some(scan) };
        self.write(&Line::Scan(Box::new(entry)))?;
        Ok(Scanned { id, serial })
    }

    /// Notes what the server said.
    pub(super) fn answered(&mut self, answer: EntryAnswer) -> Result<(), StationError> {
        self.write(&Line::Answer(answer))
    }

    /// One id, two units: seen here already, it need not wait for the server.
    fn refuse_taken(&self, scan: &Scan) -> Result<(), StationError> {
        let plain = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_lowercase();
        let mut bound: BTreeMap<(&str, String), &str> = BTreeMap::new();
        for noted in &self.entries {
            let is_refused = noted.answer.as_ref().is_some_and(|answer| answer.verdict == EntryVerdict::Conflict);
            let Some(other) = noted.entry.scan.as_ref().filter(|_| !is_refused) else { continue };
            bound.extend(other.secondary_ids.iter().map(|(kind, value)| ((&**kind, plain(value)), &*other.serial)));
        }
        for (kind, value) in &scan.secondary_ids {
            if let Some(owner) = bound.get(&(&**kind, plain(value))).filter(|owner| **owner != scan.serial) {
                return Err(refused(format!("{kind} {value} was scanned for unit {owner}: a unit has its own")));
            }
        }
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), StationError> {
        let json = serde_json::to_string(line).map_err(|e| refused(e.to_string()))?;
        let is_scan = matches!(line, Line::Scan(_));
        if is_scan && self.bytes + u64::try_from(json.len()).unwrap_or(0) > LONGEST_SCANS {
            let path = self.path.display();
            return Err(refused(format!("{path} is full: sync, then use another --dir for new kits")));
        }
        let text = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        if let Err(error) = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data()) {
            // Should this fail, too, the next start cuts the line off.
            let _ = self.file.set_len(self.bytes).and_then(|()| self.file.seek(SeekFrom::Start(self.bytes)).map(drop));
            return Err(StationError::Io { path: self.path.clone(), error });
        }
        self.bytes += u64::try_from(text.len()).unwrap_or(0);
        self.apply(line.clone());
        Ok(())
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Scan(entry) => {
                self.places.insert(entry.id.clone(), self.entries.len());
                self.entries.push(Answered { entry: *entry, answer: None });
            }
            Line::Answer(answer) => {
                if let Some(noted) = self.places.get(&answer.id).and_then(|at| self.entries.get_mut(*at)) {
                    noted.answer = Some(answer);
                }
            }
        }
    }
}

fn parse(line: &[u8]) -> Option<Line> {
    let (sum, json) = line.split_at_checked(9)?;
    let sum = str::from_utf8(sum).ok()?.strip_suffix(' ')?;
    let fits = u32::from_str_radix(sum, 16) == Ok(crc32fast::hash(json));
    fits.then(|| serde_json::from_slice(json).ok()).flatten()
}
