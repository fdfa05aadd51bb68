//! Use case: a station that worked without the server tells what it did. What the records say otherwise is a conflict:
//! recorded, listed, and never overwritten.

use super::super::{Caller, Nameplate, ReserveError, ServiceError, StationName, part};
use super::desk::{Asked, Done};
use super::desk_lease::positions;
use super::job::fingerprint;
use super::lease::{Evidence, LabelResult, Outcome};
use super::scan::Scan;
use crate::print::LabelState;
use crate::service::caller::Serves;
use crate::store::station_conflict::ConflictRow;
use crate::store::{self, StoreError};
use serde::{Deserialize, Serialize};

/// Most entries of one upload.
pub const MAX_ENTRIES: usize = 500;
/// A station's clock may run ahead by so much.
const AHEAD_US: i64 = 4 * 60 * 1_000_000;

/// What a station's journal says of labels of a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KitLabels {
    /// The kit.
    pub kit: String,
    /// The first label, counted from 1.
    pub first: u64,
    /// The last label.
    pub last: u64,
    /// `printed` or `unknown`.
    pub outcome: Outcome,
    /// For `printed`: why it is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An entry of a station's journal: labels, or a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "a1b2c3d4e5f6-scan-1", "scan": {"serial": "07K3-M9XQ-2WNF", "result": "pass"}
}))]
pub struct JournalEntry {
    /// Its name in the station's journals: 1 to 80 letters, digits, dots, underscores or hyphens. It means the same for
    /// ever.
    #[schema(max_length = 80)]
    pub id: String,
    /// What became of labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<KitLabels>,
    /// A label that was scanned on its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// On record now.
    Accepted,
    /// On record before.
    Known,
    /// The records say otherwise and stay as they are.
    Conflict,
}

/// The answer to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "id": "a1b2c3d4e5f6-scan-1", "verdict": "conflict", "reason": "07K3-M9XQ-2WNF is void: it cannot be on a unit"
}))]
pub struct EntryAnswer {
    /// The entry.
    pub id: String,
    /// What became of it.
    pub verdict: Verdict,
    /// What the records say instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A conflict between a station's journal and the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "conflict": 812, "entry": "a1b2c3d4e5f6-scan-1", "reason": "07K3-M9XQ-2WNF is void: it cannot be on a unit",
    "said": {"scan": {"serial": "07K3-M9XQ-2WNF", "result": "pass"}}, "at": "2025-07-10T12:05:00Z"
}))]
pub struct ConflictRecord {
    /// Its number in the audit chain.
    pub conflict: i64,
    /// The entry's name in the station's journals.
    pub entry: String,
    /// What the records say instead.
    pub reason: String,
    /// What the station said.
    #[schema(value_type = Object)]
    pub said: serde_json::Value,
    /// When it was found, RFC 3339.
    pub at: String,
}

fn is_name(id: &str) -> bool {
    (1..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

impl Nameplate {
    /// Takes entries of a station's journal, each by itself and in their order. The same entry again is known.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], [`ServiceError::Invalid`] for what no journal holds; whatever the database says:
    /// then entries before it may have been taken, and all are to be sent again.
    pub async fn sync_journal(
        &self,
        caller: &Caller,
        station: &str,
        entries: &[JournalEntry],
    ) -> Result<Vec<EntryAnswer>, ServiceError> {
        caller.speaks_for(station)?;
        let name = StationName::parse(station).map_err(ReserveError::Station)?;
        let invalid = |problem: String| ServiceError::Invalid { field: "entries", problem };
        if entries.is_empty() || entries.len() > MAX_ENTRIES {
            return Err(invalid(format!("send 1 to {MAX_ENTRIES} at a time")));
        }
        for entry in entries {
            if !is_name(&entry.id) {
                return Err(invalid("an id has 1 to 80 letters, digits, dots, underscores or hyphens".into()));
            }
            if entry.labels.is_some() == entry.scan.is_some() {
                return Err(invalid(format!("{} is either about labels or a scan", entry.id)));
            }
        }
        let mut answers = Vec::with_capacity(entries.len());
        for entry in entries {
            let taken = match (&entry.labels, &entry.scan) {
                (Some(labels), _) => part(self.sync_labels(caller, name.as_str(), labels)).await,
                (_, Some(scan)) => part(self.sync_scan(caller, name.as_str(), &entry.id, scan)).await,
                (None, None) => continue,
            };
            let (verdict, reason) = match taken {
                Ok(Taken::Is(verdict)) => (verdict, None),
                Ok(Taken::Not(reason)) => (Verdict::Conflict, Some(reason)),
                Err(error) if is_conflict(&error) => (Verdict::Conflict, Some(error.to_string())),
                Err(error) => return Err(error),
            };
            if let Some(reason) = &reason {
                part(self.record_conflict(caller, name.as_str(), entry, reason)).await?;
            }
            answers.push(EntryAnswer { id: entry.id.clone(), verdict, reason });
        }
        Ok(answers)
    }

    async fn sync_scan(&self, caller: &Caller, station: &str, id: &str, scan: &Scan) -> Result<Taken, ServiceError> {
        let key = format!("journal {id}");
        let mut conn = self.read().await?;
        let before = store::event::past_answer(&mut conn, station, &key).await?.is_some();
        drop(conn);
        // What was said identifies the entry, however late it comes; a clock that runs ahead is no reason to lose a scan.
        let print = fingerprint(&("scan", scan))?;
        let mut scan = scan.clone();
        let at = scan.happened_at.as_deref().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if at.is_some_and(|at| at.as_microsecond() > self.clock.now_us() + AHEAD_US) {
            scan.happened_at = None;
        }
        let inspected = part(self.inspect_as(caller, station, &key, &scan, print)).await?;
        Ok(Taken::Is(if before || inspected.known { Verdict::Known } else { Verdict::Accepted }))
    }

    async fn sync_labels(&self, caller: &Caller, station: &str, said: &KitLabels) -> Result<Taken, ServiceError> {
        let no_kit =
            || ServiceError::NotFound { kind: "kit of this station", name: said.kit.chars().take(80).collect() };
        let mut conn = self.read().await?;
        let attempt = store::print_attempt::by_lease(&mut conn, &said.kit).await?.ok_or_else(no_kit)?;
        let facts = self.print.parts.job_facts(&mut conn, attempt.job_id).await?;
        let block = facts.serials.as_ref().map(|serials| &serials.block);
        let is_own = block
            .is_some_and(|block| block.station == station && caller.brand.is_none_or(|brand| brand == block.brand_id));
        if !is_own || attempt.expires_us != store::print_attempt::ENDLESS_US {
            return Err(no_kit());
        }
        if said.outcome == Outcome::NotPrinted {
            let problem = "a station's journal tells of printed and unknown labels";
            return Err(ServiceError::Invalid { field: "outcome", problem: problem.into() });
        }
        let span = positions(&attempt, said.first, said.last)?;
        let stored = store::print_label::around(&mut conn, facts.job.lane(), span).await?;
        drop(conn);
        // What is known to have come out stays so, whatever the station could see of it.
        let settled = |state: LabelState| match state {
            LabelState::Confirmed => true,
            LabelState::Unconfirmed(of) => said.outcome == Outcome::Unknown && of == attempt.id,
            _ => false,
        };
        let first = attempt.span.first();
        let mut results = Vec::new();
        let mut covered = 0;
        for piece in &stored {
            let Some(part) = piece.span.intersection(span) else { continue };
            covered += part.len();
            if !settled(piece.state) {
                results.push(LabelResult {
                    first: part.first() - first + 1,
                    last: part.last() - first + 1,
                    outcome: said.outcome,
                    evidence: said.evidence.or((said.outcome == Outcome::Printed).then_some(Evidence::Status)),
                    note: said.note.as_ref().map(|note| note.chars().filter(|c| !c.is_control()).take(300).collect()),
                });
            }
        }
        if covered < span.len() {
            return Ok(Taken::Not("labels of it were cancelled and are in no job any more".into()));
        }
        if results.is_empty() {
            return Ok(Taken::Is(Verdict::Known));
        }
        let (lease, serves) = (attempt.lease, Serves::Printer(attempt.printer_id));
        let actor = caller.actor.clone();
        match self.print.ask(Asked::Results { lease, serves, actor, results }).await? {
            Done::Taken { refused: None, .. } => Ok(Taken::Is(Verdict::Accepted)),
            Done::Taken { refused: Some((label, why)), .. } => {
                let serial = facts.shown(first + label - 1);
                Ok(Taken::Not(format!("label {label} ({serial}): {why}")))
            }
            _ => Err(ServiceError::Unexpected("the print desk gave the wrong answer".into())),
        }
    }

    /// Keeps a conflict, once.
    async fn record_conflict(
        &self,
        caller: &Caller,
        station: &str,
        entry: &JournalEntry,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let said = serde_json::to_value(entry).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let mut tx = self.store.begin().await?;
        // The chain is taken first, so that of two the second finds the first.
        let head = store::audit::hold_head(&mut tx).await?.head;
        if store::station_conflict::is_known(&mut tx, station, &entry.id).await? {
            return Ok(());
        }
        let id = i64::try_from(head.seq + 1).map_err(|_| StoreError::TooLarge(head.seq))?;
        let row = ConflictRow {
            id,
            entry: entry.id.clone(),
            reason: reason.to_owned(),
            said: said.to_string(),
            recorded_us: self.clock.now_us(),
        };
        store::station_conflict::insert(&mut tx, station, &row).await?;
        let detail = serde_json::json!({ "station": station, "reason": reason, "said": said });
        let entry = self.entry(caller, "station.conflict", &entry.id, detail.to_string());
        store::audit::append(&mut tx, head, &[entry]).await?;
        Ok(store::commit(tx).await?)
    }

    /// Conflicts of a station, newest first, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`]; [`ServiceError::NotFound`] for callers bound to a brand.
    pub async fn station_conflicts(
        &self,
        caller: &Caller,
        station: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<ConflictRecord>, Option<i64>), ServiceError> {
        caller.speaks_for(station)?;
        if caller.brand.is_some() {
            return Err(ServiceError::NotFound { kind: "station", name: station.chars().take(80).collect() });
        }
        let mut conn = self.read().await?;
        let mut rows = store::station_conflict::list(&mut conn, station, before, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.id);
        Ok((rows.into_iter().map(ConflictRecord::new).collect(), next))
    }
}

/// What the records made of an entry.
enum Taken {
    Is(Verdict),
    /// They say otherwise.
    Not(String),
}

/// What is a difference between journal and records, and no trouble of the moment.
const fn is_conflict(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::NotFound { .. }
            | ServiceError::NoUnit(_)
            | ServiceError::Invalid { .. }
            | ServiceError::FateRefused { .. }
            | ServiceError::BatchClosed { .. }
            | ServiceError::KeyReused
            | ServiceError::Print(_)
    )
}
