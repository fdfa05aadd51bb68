//! Events and the runs of serials that they touch. Append-only: the schema refuses edits.

use super::rows::{MultiInsert, db, unsigned};
use super::{Connection, StoreError};
use crate::trace::{RUN_ALIGNMENT, Span};
use sqlx::Row;

/// What happened, written once.
#[derive(Debug, Clone, Default)]
pub struct NewEvent {
    /// Its place in the audit chain.
    pub id: u64,
    /// `reserve`, or the fate that was reported.
    pub kind: String,
    /// When it happened, microseconds since 1970 UTC.
    pub happened_us: i64,
    /// When we learnt of it.
    pub recorded_us: i64,
    /// Whose token, or `cli`.
    pub actor: String,
    /// At which station.
    pub station: Option<String>,
    /// To which block.
    pub block_id: Option<i64>,
    /// To which batch.
    pub batch_id: Option<i64>,
    /// Why, in the reporter's words.
    pub reason: Option<String>,
    /// What makes a repeated report recognisable.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the report, in hex.
    pub fingerprint: Option<String>,
    /// The answer that was given.
    pub answer: Option<String>,
}

/// An event as read back.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its place in the audit chain.
    pub id: u64,
    /// What happened.
    pub kind: String,
    /// When it happened, microseconds since 1970 UTC.
    pub happened_us: i64,
    /// When we learnt of it.
    pub recorded_us: i64,
    /// Whose token, or `cli`.
    pub actor: String,
    /// At which station.
    pub station: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Writes events.
///
/// # Errors
/// [`StoreError::Conflict`] when a station repeats an idempotency key.
pub async fn insert(conn: &mut Connection, events: &[NewEvent]) -> Result<(), StoreError> {
    static INSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO event (id, kind, happened_us, recorded_us, actor, station, block_id, batch_id, reason, \
         idempotency_key, fingerprint, answer) VALUES",
        12,
        "",
    );
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        rows.push((db(event.id)?, event));
    }
    INSERT
        .run(conn, &rows, |query, (id, event)| {
            query
                .bind(*id)
                .bind(&*event.kind)
                .bind(event.happened_us)
                .bind(event.recorded_us)
                .bind(&*event.actor)
                .bind(event.station.as_deref())
                .bind(event.block_id)
                .bind(event.batch_id)
                .bind(event.reason.as_deref())
                .bind(event.idempotency_key.as_deref())
                .bind(event.fingerprint.as_deref())
                .bind(event.answer.as_deref())
        })
        .await?;
    Ok(())
}

/// Writes which serials of a series an event touched.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_runs(conn: &mut Connection, event: u64, series: i64, spans: &[Span]) -> Result<(), StoreError> {
    static INSERT: MultiInsert =
        MultiInsert::new("INSERT INTO run (series_id, first_ordinal, last_ordinal, event_id) VALUES", 4, "");
    let event = db(event)?;
    let mut rows = Vec::with_capacity(spans.len());
    for piece in spans.iter().flat_map(|span| span.cut()) {
        rows.push((db(piece.first())?, db(piece.last())?));
    }
    INSERT.run(conn, &rows, |query, (first, last)| query.bind(series).bind(*first).bind(*last).bind(event)).await?;
    Ok(())
}

/// What a station's earlier report with this key got: its fingerprint and answer.
///
/// # Errors
/// Whatever the database says.
pub async fn past_answer(
    conn: &mut Connection,
    station: &str,
    key: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let row = sqlx::query("SELECT fingerprint, answer FROM event WHERE station = $1 AND idempotency_key = $2")
        .bind(station)
        .bind(key)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (fingerprint, answer): (Option<String>, Option<String>) = (row.try_get("fingerprint")?, row.try_get("answer")?);
    Ok(fingerprint.zip(answer))
}

/// The answers to the last scans of units of a block, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn scans_of_block(conn: &mut Connection, block: i64, limit: u32) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT answer FROM event WHERE block_id = $1 AND kind IN ('inspection', 'scan') AND answer IS NOT NULL \
         ORDER BY id DESC LIMIT $2",
    )
    .bind(block)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("answer")?)).collect()
}

/// The answer to the scan that is this event of a station.
///
/// # Errors
/// Whatever the database says.
pub async fn scan_answer(conn: &mut Connection, station: &str, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT answer FROM event WHERE id = $1 AND station = $2 AND kind IN ('inspection', 'scan')")
        .bind(id)
        .bind(station)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("answer")).transpose()?.flatten())
}

/// What happened to one serial, oldest first. The reservation itself is its block's event.
///
/// # Errors
/// Whatever the database says.
pub async fn touching(conn: &mut Connection, series: i64, ordinal: u64) -> Result<Vec<EventRow>, StoreError> {
    let lowest = ordinal.saturating_sub(RUN_ALIGNMENT - 1);
    let rows = sqlx::query(
        "SELECT e.id, e.kind, e.happened_us, e.recorded_us, e.actor, e.station, e.reason \
         FROM run r JOIN event e ON e.id = r.event_id \
         WHERE r.series_id = $1 AND r.first_ordinal BETWEEN $2 AND $3 AND r.last_ordinal >= $3 ORDER BY e.id",
    )
    .bind(series)
    .bind(db(lowest)?)
    .bind(db(ordinal)?)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// The event with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<EventRow>, StoreError> {
    let row = sqlx::query("SELECT id, kind, happened_us, recorded_us, actor, station, reason FROM event WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// What happened to a block as a whole or to serials in it, oldest first, after a cursor.
///
/// # Errors
/// Whatever the database says.
pub async fn of_block(conn: &mut Connection, block: i64, after: u64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, happened_us, recorded_us, actor, station, reason FROM event \
         WHERE block_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(block)
    .bind(db(after)?)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// The latest of them, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn latest_of_block(conn: &mut Connection, block: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, happened_us, recorded_us, actor, station, reason FROM event \
         WHERE block_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(block)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::any::AnyRow) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        id: unsigned(row, "event", "id")?,
        kind: row.try_get("kind")?,
        happened_us: row.try_get("happened_us")?,
        recorded_us: row.try_get("recorded_us")?,
        actor: row.try_get("actor")?,
        station: row.try_get("station")?,
        reason: row.try_get("reason")?,
    })
}
