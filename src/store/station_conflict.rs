//! Where the journals of stations and the records differ. Append-only: the schema refuses edits.

use super::{Connection, StoreError};
use sqlx::Row;

/// A conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// The entry's name in the station's journals.
    pub entry: String,
    /// What the records say instead.
    pub reason: String,
    /// What the station said, as JSON.
    pub said: String,
    /// When, microseconds since 1970 UTC.
    pub recorded_us: i64,
}

/// Whether a conflict of this entry is on record.
///
/// # Errors
/// Whatever the database says.
pub async fn is_known(conn: &mut Connection, station: &str, entry: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM station_conflict WHERE station = $1 AND entry = $2")
        .bind(station)
        .bind(entry)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Records a conflict.
///
/// # Errors
/// [`StoreError::Conflict`] when one of this entry is on record.
pub async fn insert(conn: &mut Connection, station: &str, row: &ConflictRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO station_conflict (id, station, entry, reason, said, recorded_us) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.id)
    .bind(station)
    .bind(&*row.entry)
    .bind(&*row.reason)
    .bind(&*row.said)
    .bind(row.recorded_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// Conflicts of a station, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    conn: &mut Connection,
    station: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<ConflictRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, entry, reason, said, recorded_us FROM station_conflict WHERE station = $1 AND id < $2 \
         ORDER BY id DESC LIMIT $3",
    )
    .bind(station)
    .bind(before.unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ConflictRow {
                id: row.try_get("id")?,
                entry: row.try_get("entry")?,
                reason: row.try_get("reason")?,
                said: row.try_get("said")?,
                recorded_us: row.try_get("recorded_us")?,
            })
        })
        .collect()
}
