//! What final inspection said of units, and the names that others gave them: MAC address, serial of a ROM, activation key.

use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use crate::trace::Span;
use sqlx::Row;
use sqlx::any::AnyRow;

/// What was said of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionRow {
    /// The event that it belongs to.
    pub event: u64,
    /// `pass` or `fail`.
    pub result: String,
    /// `printed`, `engraved` or `embedded`: how the serial is on the unit.
    pub marking: String,
    /// In the inspector's words.
    pub note: String,
    /// When, microseconds since 1970 UTC.
    pub happened_us: i64,
    /// By whom.
    pub actor: String,
    /// At which station.
    pub station: Option<String>,
}

/// A name that others gave to a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondaryRow {
    /// What kind of name, e.g. `mac`.
    pub kind: String,
    /// As look-ups compare it.
    pub value_key: String,
    /// As people write it.
    pub value: String,
    /// The unit's series.
    pub series_id: i64,
    /// The unit.
    pub ordinal: u64,
    /// The event that bound it.
    pub event: u64,
    /// The event that ended it, if one did.
    pub ended_by: Option<u64>,
}

/// Records what was said; its event must be there.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(
    conn: &mut Connection,
    series: i64,
    ordinal: u64,
    inspection: &InspectionRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO inspection (event_id, series_id, ordinal, result, marking, note) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(db(inspection.event)?)
    .bind(series)
    .bind(db(ordinal)?)
    .bind(&*inspection.result)
    .bind(&*inspection.marking)
    .bind(&*inspection.note)
    .execute(conn)
    .await?;
    Ok(())
}

/// The last inspections of a unit, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn of_unit(
    conn: &mut Connection,
    series: i64,
    ordinal: u64,
    limit: u32,
) -> Result<Vec<InspectionRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT i.event_id, i.result, i.marking, i.note, e.happened_us, e.actor, e.station FROM inspection i \
         JOIN event e ON e.id = i.event_id WHERE i.series_id = $1 AND i.ordinal = $2 ORDER BY i.event_id DESC LIMIT $3",
    )
    .bind(series)
    .bind(db(ordinal)?)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(InspectionRow {
                event: unsigned(row, "inspection", "event_id")?,
                result: row.try_get("result")?,
                marking: row.try_get("marking")?,
                note: row.try_get("note")?,
                happened_us: row.try_get("happened_us")?,
                actor: row.try_get("actor")?,
                station: row.try_get("station")?,
            })
        })
        .collect()
}

/// How many units of a range passed last time, and how many failed. Reads every inspection of the range.
///
/// # Errors
/// Whatever the database says.
pub async fn results(conn: &mut Connection, series: i64, span: Span) -> Result<(u64, u64), StoreError> {
    let rows = sqlx::query(
        "SELECT i.result, COUNT(*) AS units FROM inspection i WHERE i.series_id = $1 AND i.ordinal BETWEEN $2 AND $3 \
         AND NOT EXISTS (SELECT 1 FROM inspection l WHERE l.series_id = i.series_id AND l.ordinal = i.ordinal \
         AND l.event_id > i.event_id) GROUP BY i.result",
    )
    .bind(series)
    .bind(db(span.first())?)
    .bind(db(span.last())?)
    .fetch_all(conn)
    .await?;
    let (mut passed, mut failed) = (0, 0);
    for row in &rows {
        let units = unsigned(row, "inspection", "units")?;
        match row.try_get::<String, _>("result")?.as_str() {
            "pass" => passed = units,
            _ => failed = units,
        }
    }
    Ok((passed, failed))
}

const SELECT: &str = "SELECT kind, value_key, value, series_id, ordinal, event_id, ended_by FROM secondary_id";

fn read(row: &AnyRow) -> Result<SecondaryRow, StoreError> {
    let ended: Option<i64> = row.try_get("ended_by")?;
    Ok(SecondaryRow {
        kind: row.try_get("kind")?,
        value_key: row.try_get("value_key")?,
        value: row.try_get("value")?,
        series_id: row.try_get("series_id")?,
        ordinal: unsigned(row, "secondary_id", "ordinal")?,
        event: unsigned(row, "secondary_id", "event_id")?,
        ended_by: ended.and_then(|event| u64::try_from(event).ok()),
    })
}

/// Binds a name to a unit; its event must be there.
///
/// # Errors
/// [`StoreError::Conflict`] when it is another unit's, or the unit has one of this kind.
pub async fn bind(conn: &mut Connection, row: &SecondaryRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO secondary_id (kind, value_key, value, series_id, ordinal, event_id) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&*row.kind)
    .bind(&*row.value_key)
    .bind(&*row.value)
    .bind(row.series_id)
    .bind(db(row.ordinal)?)
    .bind(db(row.event)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends the binding of a unit's name of this kind.
///
/// # Errors
/// Whatever the database says.
pub async fn end(conn: &mut Connection, series: i64, ordinal: u64, kind: &str, event: u64) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE secondary_id SET ended_by = $4 WHERE series_id = $1 AND ordinal = $2 AND kind = $3 AND ended_by IS NULL",
    )
    .bind(series)
    .bind(db(ordinal)?)
    .bind(kind)
    .bind(db(event)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// The names of a unit, by kind, those that ended last.
///
/// # Errors
/// Whatever the database says.
pub async fn ids_of_unit(conn: &mut Connection, series: i64, ordinal: u64) -> Result<Vec<SecondaryRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE series_id = $1 AND ordinal = $2 ORDER BY CASE WHEN ended_by IS NULL THEN 0 ELSE 1 END, kind, \
         event_id"
    ));
    let rows = sqlx::query(sql).bind(series).bind(db(ordinal)?).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Whose a name is now.
///
/// # Errors
/// Whatever the database says.
pub async fn owner(conn: &mut Connection, kind: &str, value_key: &str) -> Result<Option<SecondaryRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE kind = $1 AND value_key = $2 AND ended_by IS NULL"));
    let row = sqlx::query(sql).bind(kind).bind(value_key).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Every binding of a name, of any kind, those that stand first.
///
/// # Errors
/// Whatever the database says.
pub async fn named(conn: &mut Connection, value_key: &str, limit: u32) -> Result<Vec<SecondaryRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE value_key = $1 ORDER BY CASE WHEN ended_by IS NULL THEN 0 ELSE 1 END, event_id DESC LIMIT $2"
    ));
    let rows = sqlx::query(sql).bind(value_key).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}
