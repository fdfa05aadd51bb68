//! The witness: a file outside the database that remembers how far each counter went, and the end of the audit chain.
//!
//! A database restored from a backup, or a standby promoted without the last commits, looks healthy and would issue
//! serials again that are already on units, and print labels again that are out. The witness, written before any answer
//! and before the first byte of any label goes out, knows better: when it remembers more than the database does, allocation
//! and printing stay stopped until somebody runs `nameplate recover`.
//!
//! It is text, one line a commit and series: audit number, audit hash, series key, next ordinal, CRC-32.

use crate::trace::{ChainHash, ChainHead};
use crc::{CRC_32_ISO_HDLC, Crc};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const WITNESS_FILE: &str = "witness.log";

/// The file is rewritten to its essence when it grows beyond this.
const COMPACT_BYTES: u64 = 8 << 20;

/// Stands for a series in lines that are about none.
const NO_KEY: &str = "-";
/// Stands for a series in the line that names the last recovery. No series has such a key.
const RECOVERY_KEY: &str = "recovery";

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What a witness remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Of which database.
    pub database: String,
    /// The end of the audit chain at the last answered reservation or hand-over of labels.
    pub head: ChainHead,
    /// The audit number of the last recovery that it knows of; 0 if there was none.
    pub recovery: u64,
    /// For each series key, the lowest ordinal never handed out.
    pub next: BTreeMap<String, u64>,
}

/// The witness file, open for appending.
#[derive(Debug)]
pub struct Witness {
    path: PathBuf,
    file: File,
    bytes: u64,
    memory: Memory,
    /// A write failed: what follows the last good line in the file is unknown.
    torn: bool,
}

/// Why the witness cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A line before the last is not what we wrote.
    #[error("the witness file {path} is damaged in line {line}")]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// The damaged line, from 1.
        line: usize,
    },
    /// It belongs to another database.
    #[error("the witness file {path} belongs to database {file}, not to {database}")]
    Foreign {
        /// Where it is.
        path: PathBuf,
        /// The database that the file names.
        file: String,
        /// The database that is open.
        database: String,
    },
    /// The file system refused.
    #[error("the witness file {path} cannot be read or written: {source}")]
    Io {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Memory {
    /// A witness of nothing.
    #[must_use]
    pub fn empty(database: &str) -> Self {
        Self { database: database.into(), head: ChainHead::EMPTY, recovery: 0, next: BTreeMap::new() }
    }

    /// Reads a witness file; `Ok(None)` when there is none. A last line cut short by a power loss is passed over: its
    /// answer never went out.
    ///
    /// # Errors
    /// [`WitnessError::Damaged`], [`WitnessError::Io`].
    pub fn read(path: &Path) -> Result<Option<Self>, WitnessError> {
        match Self::salvage(path)? {
            Some((_, Some(line))) => Err(WitnessError::Damaged { path: path.into(), line }),
            Some((memory, None)) => Ok(Some(memory)),
            None => Ok(None),
        }
    }

    /// Reads what is whole of a witness file, and answers the first damaged line, from 1. Each line stands for itself:
    /// it has its own checksum.
    ///
    /// # Errors
    /// [`WitnessError::Damaged`] when even the first line, which names the database, cannot be read;
    /// [`WitnessError::Io`].
    pub fn salvage(path: &Path) -> Result<Option<(Self, Option<usize>)>, WitnessError> {
        let text = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(WitnessError::Io { path: path.into(), source }),
        };
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<&str> = text.lines().collect();
        if !text.ends_with('\n') {
            lines.pop();
        }
        let Some((header, lines)) = lines.split_first() else { return Ok(None) };
        let database = header.strip_prefix("nameplate-witness 1 ");
        let database = database.ok_or_else(|| WitnessError::Damaged { path: path.into(), line: 1 })?;
        let (mut memory, mut damaged) = (Self::empty(database), None);
        for (number, line) in (2..).zip(lines) {
            let Some((head, key, next)) = parse_line(line) else {
                damaged = damaged.or(Some(number));
                continue;
            };
            if head.seq >= memory.head.seq {
                memory.head = head;
            }
            match key {
                NO_KEY => {}
                RECOVERY_KEY => memory.recovery = next,
                key => {
                    let known = memory.next.entry(key.to_owned()).or_default();
                    *known = next.max(*known);
                }
            }
        }
        Ok(Some((memory, damaged)))
    }
}

fn line(head: ChainHead, key: &str, next: u64) -> String {
    let body = format!("{} {} {key} {next}", head.seq, head.hash);
    let crc = CRC.checksum(body.as_bytes());
    format!("{body} {crc:08x}\n")
}

fn parse_line(line: &str) -> Option<(ChainHead, &str, u64)> {
    let (body, crc) = line.rsplit_once(' ')?;
    if u32::from_str_radix(crc, 16).ok()? != CRC.checksum(body.as_bytes()) {
        return None;
    }
    let mut parts = body.split(' ');
    let seq = parts.next()?.parse().ok()?;
    let hash = ChainHash::from_bytes(&HEXLOWER.decode(parts.next()?.as_bytes()).ok()?)?;
    let key = parts.next()?;
    let next = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((ChainHead { seq, hash }, key, next))
}

impl Witness {
    /// Opens the witness of a database; `Ok(None)` when there is none.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(folder: &Path, database: &str) -> Result<Option<Self>, WitnessError> {
        let path = folder.join(WITNESS_FILE);
        match Memory::read(&path)? {
            None => Ok(None),
            Some(memory) if memory.database == database => Self::write_whole(path, memory).map(Some),
            Some(memory) => Err(WitnessError::Foreign { path, file: memory.database, database: database.into() }),
        }
    }

    /// Makes the witness of a database that has none.
    ///
    /// # Errors
    /// [`WitnessError::Io`].
    pub fn create(folder: &Path, database: &str) -> Result<Self, WitnessError> {
        Self::write_whole(folder.join(WITNESS_FILE), Memory::empty(database))
    }

    /// Forgets what was and starts anew from `memory`; the old file is kept beside it under `kept_as`.
    ///
    /// # Errors
    /// [`WitnessError::Io`].
    pub fn replace(folder: &Path, memory: Memory, kept_as: &str) -> Result<Self, WitnessError> {
        let path = folder.join(WITNESS_FILE);
        if path.exists() {
            fs::rename(&path, folder.join(kept_as))
                .map_err(|source| WitnessError::Io { path: path.clone(), source })?;
        }
        Self::write_whole(path, memory)
    }

    /// What it remembers.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Remembers that the counters stand at `next` and the chain at `head`. Durable when this returns.
    ///
    /// # Errors
    /// [`WitnessError::Io`]; then no answer may go out.
    pub fn record(&mut self, head: ChainHead, next: &[(String, u64)]) -> Result<(), WitnessError> {
        if self.torn {
            // A full disk may have left half a line, and after a failed sync nobody knows what is on the disk.
            *self = Self::write_whole(self.path.clone(), self.memory.clone())?;
        }
        let mut text: String = next.iter().map(|(key, next)| line(head, key, *next)).collect();
        if next.is_empty() {
            text = line(head, NO_KEY, 0);
        }
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        self.torn = written.is_err();
        written.map_err(|source| WitnessError::Io { path: self.path.clone(), source })?;
        // Two writers may come in another order than their commits.
        if head.seq >= self.memory.head.seq {
            self.memory.head = head;
        }
        for (key, next) in next {
            let known = self.memory.next.entry(key.clone()).or_default();
            *known = (*next).max(*known);
        }
        self.bytes += text.len() as u64;
        if self.bytes > COMPACT_BYTES {
            *self = Self::write_whole(self.path.clone(), self.memory.clone())?;
        }
        Ok(())
    }

    /// Remembers the last recovery, so that it does not explain what is lost after it.
    ///
    /// # Errors
    /// [`WitnessError::Io`].
    pub fn know_recovery(&mut self, recovery: u64) -> Result<(), WitnessError> {
        if self.memory.recovery != recovery {
            let memory = Memory { recovery, ..self.memory.clone() };
            *self = Self::write_whole(self.path.clone(), memory)?;
        }
        Ok(())
    }

    /// Writes the essence to a new file and puts it in the old one's place in one step.
    fn write_whole(path: PathBuf, memory: Memory) -> Result<Self, WitnessError> {
        let io = |source| WitnessError::Io { path: path.clone(), source };
        let mut text = format!("nameplate-witness 1 {}\n", memory.database);
        text.push_str(&line(memory.head, RECOVERY_KEY, memory.recovery));
        for (key, next) in &memory.next {
            text.push_str(&line(memory.head, key, *next));
        }
        let fresh = path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).map_err(io)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        fs::rename(&fresh, &path).map_err(io)?;
        if let Some(folder) = path.parent() {
            File::open(folder).and_then(|f| f.sync_all()).map_err(io)?;
        }
        Ok(Self { path, file, bytes: text.len() as u64, memory, torn: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> ChainHead {
        ChainHead { seq, hash: ChainHash([u8::try_from(seq).unwrap(); 32]) }
    }

    #[test]
    fn it_remembers_across_restarts_and_compaction() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Witness::open(folder.path(), "d1").unwrap().is_none());
        let mut witness = Witness::create(folder.path(), "d1").unwrap();
        witness.record(head(1), &[("a".into(), 10)]).unwrap();
        witness.record(head(2), &[("a".into(), 20), ("b".into(), 5)]).unwrap();
        drop(witness);
        for _ in 0..2 {
            let again = Witness::open(folder.path(), "d1").unwrap().unwrap();
            assert_eq!(again.memory().head, head(2));
            assert_eq!(again.memory().next, BTreeMap::from([("a".into(), 20), ("b".into(), 5)]));
        }
        assert!(matches!(Witness::open(folder.path(), "d2"), Err(WitnessError::Foreign { .. })));
    }

    #[test]
    fn the_end_of_the_chain_never_goes_back_and_the_recovery_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory { recovery: 7, head: head(9), ..Memory::empty("d1") };
        let mut witness = Witness::replace(folder.path(), memory, "old").unwrap();
        witness.record(head(12), &[]).unwrap();
        witness.record(head(11), &[("a".into(), 10)]).unwrap();
        assert_eq!((witness.memory().head, witness.memory().recovery), (head(12), 7));
        let read = Memory::read(&folder.path().join(WITNESS_FILE)).unwrap().unwrap();
        assert_eq!((read.head, read.recovery, read.next["a"]), (head(12), 7, 10));
    }

    #[test]
    fn a_torn_last_line_is_passed_over_but_damage_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(WITNESS_FILE);
        let mut witness = Witness::create(folder.path(), "d1").unwrap();
        witness.record(head(1), &[("a".into(), 10)]).unwrap();
        witness.record(head(2), &[("a".into(), 20)]).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        for cut in 1..20 {
            fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            assert_eq!(Memory::read(&path).unwrap().unwrap().next["a"], 10, "cut by {cut}");
        }
        fs::write(&path, whole.replace("a 10", "a 11")).unwrap();
        assert!(matches!(Memory::read(&path), Err(WitnessError::Damaged { line: 3, .. })));
        let (rest, damaged) = Memory::salvage(&path).unwrap().unwrap();
        assert_eq!((rest.next["a"], damaged), (20, Some(3)), "what is whole still counts");
    }

    #[test]
    fn half_a_line_from_a_full_disk_does_not_spoil_what_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(WITNESS_FILE);
        let mut witness = Witness::create(folder.path(), "d1").unwrap();
        witness.record(head(1), &[("a".into(), 10)]).unwrap();
        witness.file.write_all(b"2 0202").unwrap();
        witness.torn = true;
        witness.record(head(2), &[("a".into(), 20)]).unwrap();
        assert_eq!(Memory::read(&path).unwrap().unwrap().next["a"], 20);
    }
}
