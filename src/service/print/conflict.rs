//! Use case: people look at what stations said against the records, and say what they made of it.

use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::job::words;
use super::sync::ConflictRecord;
use crate::store::station_conflict::{ClosingRow, ConflictRow, KnownConflict};
use crate::store::{self, StoreError};

/// A conflict with where it is from and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorConflict {
    /// The conflict.
    pub conflict: ConflictRecord,
    /// The station that said it.
    pub station: String,
    /// What somebody made of it.
    pub closing: Option<Closing>,
}

/// What somebody made of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// In the person's words.
    pub note: String,
    /// Who.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
}

impl ConflictRecord {
    pub(super) fn new(row: ConflictRow) -> Self {
        Self {
            conflict: row.id,
            entry: row.entry,
            reason: row.reason,
            said: serde_json::from_str(&row.said).unwrap_or_default(),
            at: rfc3339(row.recorded_us),
        }
    }
}

impl From<KnownConflict> for FloorConflict {
    fn from(known: KnownConflict) -> Self {
        let closing = |row: ClosingRow| Closing { note: row.note, by: row.actor, at: rfc3339(row.closed_us) };
        Self {
            conflict: ConflictRecord::new(known.conflict),
            station: known.station,
            closing: known.closing.map(closing),
        }
    }
}

fn absent(id: i64) -> ServiceError {
    ServiceError::NotFound { kind: "conflict", name: id.to_string() }
}

impl Nameplate {
    /// Conflicts that wait for somebody, or those that do not any more, newest first; and the cursor for the next page.
    /// Callers bound to a station see its own, callers bound to a brand none: they are about the inside of the factory.
    ///
    /// # Errors
    /// [`ServiceError::WrongStation`], [`ServiceError::Store`].
    pub async fn conflicts(
        &self,
        caller: &Caller,
        station: Option<&str>,
        closed: bool,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<FloorConflict>, Option<i64>), ServiceError> {
        if let Some(station) = station {
            caller.speaks_for(station)?;
        }
        if caller.brand.is_some() {
            return Ok((Vec::new(), None));
        }
        let station = station.or(caller.station.as_deref());
        let mut conn = self.read().await?;
        let mut rows =
            store::station_conflict::known(&mut conn, station, closed, before, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.conflict.id);
        Ok((rows.into_iter().map(FloorConflict::from).collect(), next))
    }

    /// Notes what somebody made of a conflict. The records stay as they are: what has to change there is reported by
    /// itself. Saying the same once more is fine.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Invalid`] without a note, [`ServiceError::Stale`] when somebody else has
    /// closed it.
    pub async fn close_conflict(&self, caller: &Caller, id: i64, note: &str) -> Result<FloorConflict, ServiceError> {
        let note = words("note", note, "what you found, and what was done about it")?;
        let mut tx = self.store.begin().await?;
        // The chain is taken first, so that of two the second finds the first.
        let head = store::audit::hold_head(&mut tx).await?.head;
        let known = store::station_conflict::by_id(&mut tx, id).await?;
        let known = known.filter(|known| caller.brand.is_none() && caller.speaks_for(&known.station).is_ok());
        let mut known = known.ok_or_else(|| absent(id))?;
        if let Some(before) = &known.closing {
            return if before.note == note && before.actor == caller.actor {
                Ok(known.into())
            } else {
                Err(ServiceError::Stale)
            };
        }
        let closing = ClosingRow {
            id: i64::try_from(head.seq + 1).map_err(|_| StoreError::TooLarge(head.seq))?,
            note,
            actor: caller.actor.clone(),
            closed_us: self.clock.now_us(),
        };
        store::station_conflict::close(&mut tx, id, &closing).await?;
        let detail = serde_json::json!({ "conflict": id, "station": known.station, "note": closing.note });
        let entry = self.entry(caller, "conflict.close", &known.conflict.entry, detail.to_string());
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        known.closing = Some(closing);
        Ok(known.into())
    }
}
