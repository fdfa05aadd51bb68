//! Speaking with the server: taking kits, and telling what was done.

use super::{Identity, Station, StationError, read, refused, write};
use crate::agent::api::Api;
use crate::agent::ledger::{Evidence as Proof, Outcome as Became, SpanResult};
use crate::service::print::{
    EntryAnswer, EntryVerdict, Evidence, JournalEntry, Kit, KitLabels, MAX_ENTRIES, NewKit, Outcome,
};
use crate::trace::KitBody;
use serde::{Deserialize, Serialize};
use std::fs;

/// What the server said to a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Entries that are on record now.
    pub accepted: usize,
    /// Entries that were on record before.
    pub known: usize,
    /// What the records say otherwise.
    pub conflicts: Vec<EntryAnswer>,
}

/// A kit that is being asked for: after a crash it is asked for with the same key.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    key: String,
    station: String,
    wanted: NewKit,
}

#[derive(Debug, Deserialize)]
struct Keys {
    database: String,
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    id: String,
    public_key: String,
}

#[derive(Debug, Serialize)]
struct Upload<'a> {
    entries: &'a [JournalEntry],
}

#[derive(Debug, Deserialize)]
struct Answers {
    answers: Vec<EntryAnswer>,
}

impl Station {
    /// Takes a kit from the server and keeps it. A call that was cut off is asked for again with the same key, so no kit is
    /// lost on the way.
    ///
    /// # Errors
    /// [`StationError`].
    pub fn take(&mut self, api: &Api, station: &str, wanted: &NewKit, key: String) -> Result<KitBody, StationError> {
        let path = self.folder.join("asked.json");
        let mut asked = Asked { key, station: station.to_owned(), wanted: wanted.clone() };
        if let Ok(bytes) = read(&path, 1 << 20)
            && let Ok(before) = serde_json::from_slice::<Asked>(&bytes)
            && (&before.station, &before.wanted) == (&asked.station, &asked.wanted)
        {
            asked.key = before.key;
        }
        write(&path, &serde_json::to_vec(&asked).map_err(|e| refused(e.to_string()))?)?;
        let published: Keys = api.get("/keys")?;
        let identity = Identity {
            station: station.to_owned(),
            database: published.database,
            keys: published.keys.into_iter().map(|key| (key.id, key.public_key)).collect(),
        };
        let kit: Kit = api.post(&format!("/stations/{station}/kits"), Some(&asked.key), wanted)?;
        let body = self.keep(&identity, &kit.signed)?;
        fs::remove_file(&path).map_err(|error| StationError::Io { path, error })?;
        Ok(body)
    }

    /// Tells the server what was printed and scanned since it was told last.
    ///
    /// # Errors
    /// [`StationError`]: what was not answered is told the next time.
    pub fn sync(&self, api: &Api) -> Result<Told, StationError> {
        let station = self.identity()?.station.clone();
        let path = format!("/stations/{station}/journal");
        let mut told = Told::default();
        let mut kits = self.kits()?;
        for kit in &mut kits {
            let results = kit.journal.ledger().lease().map(|lease| lease.untaken()).unwrap_or_default();
            for chunk in results.chunks(MAX_ENTRIES) {
                let entries: Vec<_> = chunk.iter().map(|result| entry(&kit.body.kit, result)).collect();
                told.add(&send(api, &path, &entries)?);
                for result in chunk {
                    kit.journal.taken(result.span)?;
                }
            }
        }
        let mut scans = self.scans()?;
        let open: Vec<JournalEntry> =
            scans.entries().iter().filter(|noted| noted.answer.is_none()).map(|noted| noted.entry.clone()).collect();
        for chunk in open.chunks(MAX_ENTRIES) {
            let answers = send(api, &path, chunk)?;
            told.add(&answers);
            for answer in answers {
                scans.answered(answer)?;
            }
        }
        Ok(told)
    }
}

impl Told {
    fn add(&mut self, answers: &[EntryAnswer]) {
        for answer in answers {
            match answer.verdict {
                EntryVerdict::Accepted => self.accepted += 1,
                EntryVerdict::Known => self.known += 1,
                EntryVerdict::Conflict => self.conflicts.push(answer.clone()),
            }
        }
    }
}

/// Sends entries; each has to be answered, in its place.
fn send(api: &Api, path: &str, entries: &[JournalEntry]) -> Result<Vec<EntryAnswer>, StationError> {
    let Answers { answers } = api.post(path, None, &Upload { entries })?;
    let fits =
        answers.len() == entries.len() && entries.iter().zip(&answers).all(|(entry, answer)| entry.id == answer.id);
    if fits { Ok(answers) } else { Err(refused("the server's answer does not fit what it was told")) }
}

fn entry(kit: &str, result: &SpanResult) -> JournalEntry {
    let (first, last) = (u64::from(result.span.first), u64::from(result.span.last));
    let (outcome, evidence, note) = match &result.outcome {
        Became::Printed { evidence } => {
            let evidence = match evidence {
                Proof::Counter => Evidence::Counter,
                Proof::Status => Evidence::Status,
                Proof::Ipp => Evidence::Ipp,
            };
            (Outcome::Printed, Some(evidence), None)
        }
        Became::Unknown { note } | Became::NotPrinted { note } => (Outcome::Unknown, None, Some(note.clone())),
    };
    let labels = KitLabels { kit: kit.to_owned(), first, last, outcome, evidence, note };
    JournalEntry { id: format!("{kit}-labels-{first}-{last}"), labels: Some(labels), scan: None }
}
