//! Where the journals of stations and the records differ. What people made of
//! a conflict stands beside it. Both are append-only: the schema refuses edits.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

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

/// A conflict as people look at it: where it is from, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownConflict {
    /// The conflict.
    pub conflict: ConflictRow,
    /// The station.
    pub station: String,
    /// What somebody made of it.
    pub closing: Option<ClosingRow>,
}

/// What somebody made of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// In the person's words.
    pub note: String,
    /// Who.
    pub actor: String,
    /// When, microseconds since 1970 UTC.
    pub closed_us: i64,
}

const SELECT: &str = "SELECT c.id, c.station, c.entry, c.reason, c.said, c.recorded_us, d.id AS closing_id, d.note, \
    d.actor, d.closed_us FROM station_conflict c LEFT JOIN station_conflict_closing d ON d.conflict_id = c.id";

fn read(row: &AnyRow) -> Result<KnownConflict, StoreError> {
    let conflict = ConflictRow {
        id: row.try_get("id")?,
        entry: row.try_get("entry")?,
        reason: row.try_get("reason")?,
        said: row.try_get("said")?,
        recorded_us: row.try_get("recorded_us")?,
    };
    let closing = match row.try_get::<Option<i64>, _>("closing_id")? {
        Some(id) => Some(ClosingRow {
            id,
            note: row.try_get("note")?,
            actor: row.try_get("actor")?,
            closed_us: row.try_get("closed_us")?,
        }),
        None => None,
    };
    Ok(KnownConflict { conflict, station: row.try_get("station")?, closing })
}

/// Conflicts of all stations, or of one, newest first; those that wait for somebody, or those that do not.
///
/// # Errors
/// Whatever the database says.
pub async fn known(
    conn: &mut Connection,
    station: Option<&str>,
    closed: bool,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<KnownConflict>, StoreError> {
    let which = if closed { "d.id IS NOT NULL" } else { "d.id IS NULL" };
    let of = if station.is_some() { "c.station = $2" } else { "$2 = ''" };
    let sql = format!("{SELECT} WHERE c.id < $1 AND {which} AND {of} ORDER BY c.id DESC LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(before.unwrap_or(i64::MAX))
        .bind(station.unwrap_or("").to_owned())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// The conflict with this number.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<KnownConflict>, StoreError> {
    let sql = format!("{SELECT} WHERE c.id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Records what somebody made of a conflict.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody has said so before.
pub async fn close(conn: &mut Connection, conflict: i64, closing: &ClosingRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO station_conflict_closing (conflict_id, id, note, actor, closed_us) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(conflict)
    .bind(closing.id)
    .bind(&*closing.note)
    .bind(&*closing.actor)
    .bind(closing.closed_us)
    .execute(conn)
    .await?;
    Ok(())
}
