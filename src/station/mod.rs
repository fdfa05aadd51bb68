//! A work station without the server: it prints from kits, journals what it did, and tells the server later.
//!
//! Everything is in one folder: `kits/` as they were handed out, `journals/` with what became of each label of a kit (see
//! [`crate::agent::journal`]), `scans.journal`, and `station.json` with the station's name and the keys that check kits.
//! A label is noted as sent, durably, before its first byte leaves, so no serial is printed twice, whenever the program is
//! killed. `docs/stations.md` is for those who work with it.

mod draw;
mod scans;
mod sync;

pub use scans::{Answered, Scanned, Scans};
pub use sync::Told;

use crate::agent::hand::{Document, Ended, Target};
use crate::agent::journal::{Folder, Journal, JournalError};
use crate::agent::ledger::{Name, Outcome, Span};
use crate::service::print::Scan;
use crate::trace::{KitBody, KitError, MAX_KIT_BYTES, VerifyingKeys};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Why a station cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The file system refuses.
    #[error("{path} cannot be used: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// A journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A kit is not what the installation handed out.
    #[error("{path}: {error}", path = path.display())]
    Kit {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: KitError,
    },
    /// The server cannot be asked, or says no.
    #[error(transparent)]
    Call(#[from] crate::agent::client::CallError),
    /// What people can do something about.
    #[error("{0}")]
    Refused(String),
}

fn refused(text: impl Into<String>) -> StationError {
    StationError::Refused(text.into())
}

/// Nobody knows which labels of a kit were printed, so none of it is.
fn unknowable(kit: &KitBody, why: &str) -> StationError {
    refused(format!(
        "kit {}: {why}. Nobody can tell which of its labels came out, so none is printed any more: cancel job {} at the \
         server, say printed or damaged of its labels there, and move the kit's file away",
        kit.kit, kit.job
    ))
}

/// Whose folder it is, and what checks its kits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The station's name.
    pub station: String,
    /// Which database its kits are from.
    pub database: String,
    /// Public keys in hexadecimal, by their names.
    pub keys: BTreeMap<String, String>,
}

impl Identity {
    fn verifying(&self) -> VerifyingKeys {
        let key = |hex: &String| {
            let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
            ed25519_dalek::VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
        };
        VerifyingKeys::new(self.keys.values().filter_map(key))
    }
}

/// An open folder of a station; nobody else has it.
#[derive(Debug)]
pub struct Station {
    folder: PathBuf,
    journals: Folder,
    identity: Option<Identity>,
}

/// A kit with what became of its labels.
#[derive(Debug)]
pub struct OpenKit {
    /// What the installation handed out.
    pub body: KitBody,
    journal: Journal,
}

/// What became of the labels of a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KitStatus {
    /// The kit.
    pub kit: String,
    /// The print job that its labels belong to.
    pub job: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: String,
    /// Serials of labels of which nobody knows whether they came out.
    pub doubtful: Vec<String>,
    /// How many labels it has.
    pub labels: usize,
    /// Never sent to a printer.
    pub left: usize,
    /// Came out.
    pub printed: usize,
    /// Sent, and nobody knows.
    pub unknown: usize,
    /// Results that the server does not know yet.
    pub untold: usize,
}

/// A label that was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Printed {
    /// Its serial.
    pub serial: String,
    /// Whether the printer confirmed it.
    pub confirmed: bool,
    /// Why it could not, else.
    pub note: Option<String>,
}

impl Station {
    /// Opens the folder, and makes it if it is not there. Nobody else can have it open.
    ///
    /// # Errors
    /// [`StationError`], also while somebody else has it open.
    pub fn open(folder: &Path) -> Result<Self, StationError> {
        let journals = Folder::open(&folder.join("journals"))?;
        let kits = folder.join("kits");
        fs::create_dir_all(&kits).map_err(|error| StationError::Io { path: kits, error })?;
        let path = folder.join("station.json");
        let identity = match read(&path, 1 << 20) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|e| refused(format!("{}: {e}", path.display())))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(StationError::Io { path, error }),
        };
        Ok(Self { folder: folder.to_owned(), journals, identity })
    }

    /// Whose folder it is.
    ///
    /// # Errors
    /// [`StationError::Refused`] as long as no kit was taken.
    pub fn identity(&self) -> Result<&Identity, StationError> {
        self.identity
            .as_ref()
            .ok_or_else(|| refused("this folder has no kit yet: take one with `nameplate station kit`"))
    }

    /// Keeps a kit that was handed out. From then on it can be printed.
    ///
    /// # Errors
    /// [`StationError`] for a kit that is not this station's, or cannot be drawn here.
    pub fn keep(&mut self, identity: &Identity, signed: &str) -> Result<KitBody, StationError> {
        if let Some(own) = &self.identity
            && (own.station != identity.station || own.database != identity.database)
        {
            return Err(refused(format!(
                "this folder belongs to station {} of database {}: use another --dir",
                own.station, own.database
            )));
        }
        let path = self.folder.join("kits").join("new.kit");
        let body = KitBody::verify(signed, &identity.verifying()).map_err(|error| StationError::Kit { path, error })?;
        if body.station != identity.station || body.database != identity.database {
            return Err(refused(format!("the kit is for station {}, not for {}", body.station, identity.station)));
        }
        let name = Name::try_from(body.kit.clone()).map_err(refused)?;
        // What cannot be drawn here shows before anybody relies on it.
        draw::Press::of(&body, &self.folder.join("fonts")).map_err(refused)?;
        let text = serde_json::to_vec_pretty(identity).map_err(|e| refused(e.to_string()))?;
        write(&self.folder.join("station.json"), &text)?;
        self.identity = Some(identity.clone());
        let path = self.folder.join("kits").join(format!("{name}.kit"));
        if !path.exists() {
            // The journal first: a kit without one may have been printed, and is not printed again.
            let mut journal = self.journals.journal(&body.kit)?;
            if journal.ledger().lease().is_none() {
                let job = Name::try_from(body.job.clone()).map_err(refused)?;
                let labels = u32::try_from(body.serials.len()).map_err(|e| refused(e.to_string()))?;
                journal.lease(name, job, labels)?;
            }
            write(&path, signed.as_bytes())?;
        }
        Ok(body)
    }

    /// The kits, in the order in which they were issued, each with its journal.
    ///
    /// # Errors
    /// [`StationError`] for a kit that was changed or a journal that is damaged.
    pub fn kits(&self) -> Result<Vec<OpenKit>, StationError> {
        let identity = self.identity()?;
        let keys = identity.verifying();
        let folder = self.folder.join("kits");
        let io = |error| StationError::Io { path: folder.clone(), error };
        let mut kits = Vec::new();
        for entry in fs::read_dir(&folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.extension().is_none_or(|ending| ending != "kit") {
                continue;
            }
            let bytes =
                read(&path, MAX_KIT_BYTES as u64).map_err(|error| StationError::Io { path: path.clone(), error })?;
            let body = KitBody::verify(&String::from_utf8_lossy(&bytes), &keys)
                .map_err(|error| StationError::Kit { path: path.clone(), error })?;
            if body.station != identity.station || path.file_stem().and_then(|s| s.to_str()) != Some(&body.kit) {
                return Err(refused(format!("{} is another kit than its name says", path.display())));
            }
            let mut journal = match self.journals.known(&body.kit) {
                Ok(Some(journal)) if journal.ledger().lease().is_some() => journal,
                Ok(_) => return Err(unknowable(&body, "its journal is missing")),
                // An agent's server fences its labels, so its journal can be moved away; a kit's must stay.
                Err(JournalError::Damaged { path, line, why }) => {
                    let what = format!("its journal {} is damaged at line {line} ({why})", path.display());
                    return Err(unknowable(&body, &what));
                }
                Err(error) => return Err(error.into()),
            };
            journal.settle_interrupted()?;
            kits.push(OpenKit { body, journal });
        }
        kits.sort_by(|a, b| (a.body.issued_us, &a.body.kit).cmp(&(b.body.issued_us, &b.body.kit)));
        Ok(kits)
    }

    /// Prints the next labels of the kits, of one kit if it is named. Answers what became of each that was sent; the error
    /// is why there were fewer than wanted.
    ///
    /// # Errors
    /// [`StationError`] before anything was printed.
    pub fn print(
        &self,
        count: u32,
        kit: Option<&str>,
        target: &mut Target,
        mut told: impl FnMut(&Printed),
    ) -> Result<(u32, Option<String>), StationError> {
        let mut left = count;
        for one in &mut self.kits()? {
            if left == 0 || kit.is_some_and(|kit| kit != one.body.kit) {
                continue;
            }
            if one.journal.ledger().lease().is_none_or(|lease| lease.next(1).is_none()) {
                continue;
            }
            let press = draw::Press::of(&one.body, &self.folder.join("fonts")).map_err(refused)?;
            while left > 0 {
                let most = target.window(left).min(left).min(press.most());
                let Some(span) = one.journal.ledger().lease().and_then(|lease| lease.next(most)) else { break };
                match one.window(&press, span, target, &mut told)? {
                    None => left = left.saturating_sub(span.count()),
                    Some(why) => return Ok((count - left, Some(why))),
                }
            }
        }
        let why = (left > 0).then(|| "the kits have no more labels: take another kit".to_owned());
        Ok((count - left, why))
    }

    /// The scans of this station.
    ///
    /// # Errors
    /// [`StationError`] for a damaged journal.
    pub fn scans(&self) -> Result<Scans, StationError> {
        Scans::open(&self.folder.join("scans.journal"))
    }

    /// Notes a label that was scanned on its unit.
    ///
    /// # Errors
    /// [`StationError::Refused`] for a serial that is not of a kit, was never sent to a printer, or an id of another unit.
    pub fn scan(&self, scan: Scan) -> Result<Scanned, StationError> {
        let kits = self.kits()?;
        let mut fault = refused("this station has no kit");
        for kit in &kits {
            let read = draw::serial_of(&kit.body, &scan.serial);
            let serial = match read {
                Ok(serial) => serial,
                Err(why) => {
                    fault = refused(format!("{:?} is no serial: {why}", scan.serial));
                    continue;
                }
            };
            let Some(at) = kit.body.serials.iter().position(|known| *known == serial) else {
                fault = refused(format!("{serial} is of no kit of this station: scan it when the server is there"));
                continue;
            };
            let label = u32::try_from(at + 1).map_err(|e| refused(e.to_string()))?;
            if kit.journal.ledger().lease().is_none_or(|lease| lease.is_unsent(label)) {
                return Err(refused(format!("{serial} was not printed from its kit yet: look at the label again")));
            }
            return self.scans()?.note(&kit.body.kit, Scan { serial, ..scan });
        }
        Err(fault)
    }

    /// What became of each kit's labels.
    ///
    /// # Errors
    /// As [`Station::kits`].
    pub fn status(&self) -> Result<Vec<KitStatus>, StationError> {
        Ok(self.kits()?.iter().map(OpenKit::status).collect())
    }
}

impl OpenKit {
    /// Prints some labels together. Why the target does not print, if so.
    fn window(
        &mut self,
        press: &draw::Press,
        span: Span,
        target: &mut Target,
        told: &mut impl FnMut(&Printed),
    ) -> Result<Option<String>, StationError> {
        let bytes = press.document(&self.body, span).map_err(refused)?;
        let name = |text: &String| Name::try_from(text.clone()).map_err(refused);
        let (job, lease) = (name(&self.body.job)?, name(&self.body.kit)?);
        let ready = match target.ready(&self.body.format) {
            Ok(ready) => ready,
            Err(why) => return Ok(Some(why)),
        };
        self.journal.sending(span)?;
        let outcome = match ready.print(&Document { job: &job, lease: &lease, span, bytes: &bytes }) {
            Ended::Nothing(why) => {
                self.journal.withheld(span)?;
                return Ok(Some(why));
            }
            Ended::Something(outcome) => outcome,
        };
        self.journal.result(span, outcome.clone())?;
        for label in span.first..=span.last {
            let serial = usize::try_from(label - 1).ok().and_then(|at| self.body.serials.get(at));
            let note = match &outcome {
                Outcome::Unknown { note } | Outcome::NotPrinted { note } => Some(note.clone()),
                Outcome::Printed { .. } => None,
            };
            told(&Printed { serial: serial.cloned().unwrap_or_default(), confirmed: note.is_none(), note });
        }
        Ok(None)
    }

    fn status(&self) -> KitStatus {
        let lease = self.journal.ledger().lease();
        let [left, printed, unknown] = lease.map_or([0; 3], crate::agent::ledger::OpenLease::counts);
        let untold = lease.map_or(0, |lease| lease.untaken().iter().map(|result| result.span.count()).sum());
        let doubtful = lease.map_or_else(Vec::new, crate::agent::ledger::OpenLease::doubtful);
        let serials = doubtful.iter().flat_map(|doubt| doubt.span.first..=doubt.span.last);
        let serials = serials.filter_map(|label| self.body.serials.get(usize::try_from(label).ok()?.checked_sub(1)?));
        KitStatus {
            kit: self.body.kit.clone(),
            job: self.body.job.clone(),
            doubtful: serials.cloned().collect(),
            sku: self.body.sku.clone(),
            batch: self.body.batch.clone(),
            labels: self.body.serials.len(),
            left,
            printed,
            unknown,
            untold: usize::try_from(untold).unwrap_or(usize::MAX),
        }
    }
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(io::Error::other("it is too long"));
    }
    Ok(bytes)
}

/// Puts a file in place, whole or not at all, and durably.
fn write(path: &Path, bytes: &[u8]) -> Result<(), StationError> {
    let fresh = path.with_extension("part");
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&fresh, path))
        .and_then(|()| crate::agent::journal::sync_folder_of(path))
        .map_err(|error| StationError::Io { path: path.to_owned(), error })
}
