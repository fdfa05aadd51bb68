//! The journal of one printer: a file that is only added to, flushed to the disk before a label leaves.
//!
//! Each line is a checksum and an [`Entry`] as JSON. A last line without its end is what a crash leaves and is cut off;
//! it cannot have been a line that something was built upon, as those were flushed. Any other line that does not fit its
//! checksum or its place means that the file is damaged: then nobody can say which labels were sent, and the printer stops
//! until a person has looked.

use super::ledger::{Contradiction, Entry, Ledger, Name, Outcome, Span};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Version of the lines.
const FORMAT: u32 = 1;

/// A journal is made anew when nothing is open and it is longer, in bytes.
const LONG: u64 = 256 << 10;

/// A journal is never longer: it is made anew long before, unless the server takes nothing.
const LONGEST: u64 = 64 << 20;

const INTERRUPTED: &str = "the agent was cut off while this label was on its way: look at what came out";
const NEVER_SENT: &str = "the agent was cut off before this label was sent";

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system refuses.
    #[error("the journal {path} cannot be used: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// Another agent works in the folder.
    #[error("another agent uses the journal folder {folder}: give each agent a folder of its own", folder = folder.display())]
    InUse {
        /// Which folder.
        folder: PathBuf,
    },
    /// The file belongs to another printer.
    #[error("{path} is the journal of the printer {found}, not of {wanted}", path = path.display())]
    OtherPrinter {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// A line does not fit its checksum, its form or its place.
    #[error(
        "the journal {path} is damaged at line {line} ({why}). Nobody can tell from it which labels were sent: \
         resolve the unconfirmed labels of this printer at the server, then move the file away", path = path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl JournalError {
    /// Trying again later cannot help: a person has to act.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Io { .. })
    }
}

/// The lock on a folder of journals. It ends with the process, however that ends.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, and locks it.
    ///
    /// # Errors
    ///
    /// [`JournalError::InUse`] if another agent has it; [`JournalError::Io`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let lock_path = path.join("agent.lock");
        let io = |error| JournalError::Io { path: lock_path.clone(), error };
        fs::create_dir_all(path).map_err(io)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse { folder: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Opens the journal of a printer, if there is one.
    ///
    /// # Errors
    ///
    /// As [`JournalError`] says.
    pub fn known(&self, printer: &str) -> Result<Option<Journal>, JournalError> {
        let path = self.path.join(format!("{printer}.journal"));
        match path.try_exists() {
            Ok(true) => Journal::open(&path, printer).map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(JournalError::Io { path, error }),
        }
    }

    /// Opens the journal of a printer, or begins one.
    ///
    /// # Errors
    ///
    /// As [`JournalError`] says.
    pub fn journal(&self, printer: &str) -> Result<Journal, JournalError> {
        Journal::open(&self.path.join(format!("{printer}.journal")), printer)
    }
}

/// The journal of one printer.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    printer: String,
    file: File,
    bytes: u64,
    ledger: Ledger,
}

impl Journal {
    fn open(path: &Path, printer: &str) -> Result<Self, JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        if !path.try_exists().map_err(io)? {
            begin(path, printer).map_err(io)?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
        let mut text = Vec::new();
        (&mut file).take(LONGEST + 1).read_to_end(&mut text).map_err(io)?;
        let damaged = |line, why: String| JournalError::Damaged { path: path.to_owned(), line, why };
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST {
            return Err(damaged(0, "it is longer than a journal gets".into()));
        }
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let ledger = read(&text[..whole], printer).map_err(|fault| match fault {
            ReadFault::OtherPrinter(found) => {
                JournalError::OtherPrinter { path: path.to_owned(), found, wanted: printer.to_owned() }
            }
            ReadFault::Line(line, why) => damaged(line, why),
        })?;
        let bytes = u64::try_from(whole).unwrap_or(u64::MAX);
        if whole < text.len() {
            file.set_len(bytes).and_then(|()| file.sync_all()).map_err(io)?;
        }
        file.seek(SeekFrom::Start(bytes)).map_err(io)?;
        Ok(Self { path: path.to_owned(), printer: printer.to_owned(), file, bytes, ledger })
    }

    /// What it tells.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Gives every label that a crash left without a result the one that is certain, and returns whether there were any.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if that cannot be written.
    pub fn settle_after_crash(&mut self) -> Result<bool, JournalError> {
        let entries = self.ledger.settlement(INTERRUPTED, NEVER_SENT);
        self.write(&entries, true)?;
        Ok(!entries.is_empty())
    }

    /// Gives labels that a crash left while they were being sent the result that is certain: nobody knows. Those that were
    /// not sent stay so.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if that cannot be written.
    pub fn settle_interrupted(&mut self) -> Result<(), JournalError> {
        let mut entries = self.ledger.settlement(INTERRUPTED, NEVER_SENT);
        entries.retain(|entry| matches!(entry, Entry::Result { result: Outcome::Unknown { .. }, .. }));
        self.write(&entries, true)
    }

    /// A lease was taken; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: the lease must not be used.
    pub fn lease(&mut self, lease: Name, job: Name, labels: u32) -> Result<(), JournalError> {
        self.write(&[Entry::Lease { lease, job, labels }], true)
    }

    /// Labels are about to be sent; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: not one byte of them may be sent.
    pub fn sending(&mut self, Span { first, last }: Span) -> Result<(), JournalError> {
        self.write(&[Entry::Sending { first, last }], true)
    }

    /// Sending ended before the first byte; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: the labels have to be taken for sent.
    pub fn withheld(&mut self, Span { first, last }: Span) -> Result<(), JournalError> {
        self.write(&[Entry::Withheld { first, last }], true)
    }

    /// What became of labels; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: what became of them has to be taken for unknown.
    pub fn result(&mut self, Span { first, last }: Span, result: Outcome) -> Result<(), JournalError> {
        self.write(&[Entry::Result { first, last, result }], true)
    }

    /// The server took results. Not flushed: if this is lost they are reported again, and the server takes them again.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if it cannot be written.
    pub fn taken(&mut self, Span { first, last }: Span) -> Result<(), JournalError> {
        self.write(&[Entry::Taken { first, last }], false)
    }

    /// The lease is over. A long journal is then made anew.
    ///
    /// # Errors
    ///
    /// [`JournalError`] if the lease is not over, or the file cannot be written.
    pub fn done(&mut self) -> Result<(), JournalError> {
        self.write(&[Entry::Done], false)?;
        if self.bytes > LONG { self.compact() } else { Ok(()) }
    }

    /// Replaces the file by one with its first line only: nothing is open.
    fn compact(&mut self) -> Result<(), JournalError> {
        let io = |error| JournalError::Io { path: self.path.clone(), error };
        begin(&self.path, &self.printer).map_err(io)?;
        *self = Self::open(&self.path, &self.printer)?;
        Ok(())
    }

    /// Adds entries. What was written of them is taken back if not all of it could be.
    fn write(&mut self, entries: &[Entry], flush: bool) -> Result<(), JournalError> {
        let mut after = self.ledger.clone();
        let mut text = Vec::new();
        for entry in entries {
            after.apply(entry).map_err(|contradiction| self.broken(&contradiction))?;
            text.extend(line(entry));
        }
        if text.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&text).and_then(|()| if flush { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            let _ = self.file.set_len(self.bytes).and_then(|()| self.file.seek(SeekFrom::Start(self.bytes)).map(drop));
            return Err(JournalError::Io { path: self.path.clone(), error });
        }
        self.bytes += u64::try_from(text.len()).unwrap_or(0);
        self.ledger = after;
        Ok(())
    }

    /// We ourselves were about to write what cannot be: nothing good can come of going on.
    fn broken(&self, contradiction: &Contradiction) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), line: 0, why: contradiction.to_string() }
    }
}

/// Puts a journal with its first line only in place, whole or not at all.
fn begin(path: &Path, printer: &str) -> io::Result<()> {
    let fresh = path.with_extension("journal.part");
    let mut file = File::create(&fresh)?;
    file.write_all(&line(&Entry::Journal { format: FORMAT, printer: printer.to_owned() }))?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    sync_folder_of(path)
}

/// Makes the names in a file's folder durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn line(entry: &Entry) -> Vec<u8> {
    // Plain structs with string keys: there is nothing that JSON could refuse.
    let json = serde_json::to_string(entry).unwrap_or_default();
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes()
}

#[derive(Debug)]
enum ReadFault {
    OtherPrinter(String),
    Line(usize, String),
}

/// Reads whole lines.
fn read(text: &[u8], printer: &str) -> Result<Ledger, ReadFault> {
    let mut ledger = Ledger::default();
    let mut lines = text.split(|byte| *byte == b'\n').enumerate().map(|(at, line)| (at + 1, line));
    let damaged = |line, why: &dyn std::fmt::Display| ReadFault::Line(line, why.to_string());
    match lines.next().map(|(_, first)| parse(first)) {
        Some(Ok(Entry::Journal { format: FORMAT, printer: found })) if found == printer => {}
        Some(Ok(Entry::Journal { format: FORMAT, printer: found })) => return Err(ReadFault::OtherPrinter(found)),
        Some(Ok(Entry::Journal { format, .. })) => {
            return Err(damaged(1, &format_args!("format {format}, while this agent knows {FORMAT}")));
        }
        Some(Err(why)) => return Err(damaged(1, &why)),
        _ => return Err(damaged(1, &Contradiction::NoBeginning)),
    }
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let entry = parse(line).map_err(|why| damaged(number, &why))?;
        ledger.apply(&entry).map_err(|contradiction| damaged(number, &contradiction))?;
    }
    Ok(ledger)
}

fn parse(line: &[u8]) -> Result<Entry, &'static str> {
    let (sum, json) = line.split_at_checked(9).ok_or("it is cut short")?;
    let sum = str::from_utf8(sum).ok().and_then(|sum| sum.strip_suffix(' ')).ok_or("it has no checksum")?;
    match u32::from_str_radix(sum, 16) == Ok(crc32fast::hash(json)) {
        true => serde_json::from_slice(json).map_err(|_| "it is of a form that this agent does not know"),
        false => Err("its checksum does not fit"),
    }
}

#[cfg(test)]
mod tests;
