//! Rule versions and their counters.

use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A version of a rule as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// Row id.
    pub id: i64,
    /// The rule's code.
    pub code: String,
    /// Its version, from 1.
    pub version: u32,
    /// The definition as canonical JSON.
    pub definition: String,
    /// SHA-256 of the definition, in hex.
    pub digest: String,
    /// Which of the rule's epoch symbols is in use, from 0.
    pub epoch: u8,
    /// Whether it has issued a serial and so can never change.
    pub issued: bool,
    /// From which day (ISO 8601) it is used.
    pub effective_on: String,
}

const COLUMNS: &str = "id, code, version, definition, digest, epoch, issued, effective_on";

fn read(row: &AnyRow) -> Result<RuleRow, StoreError> {
    let id: i64 = row.try_get("id")?;
    Ok(RuleRow {
        id,
        code: row.try_get("code")?,
        version: u32::try_from(row.try_get::<i64, _>("version")?)
            .map_err(|_| StoreError::corrupt("rule_version", "version", id))?,
        definition: row.try_get("definition")?,
        digest: row.try_get("digest")?,
        epoch: u8::try_from(row.try_get::<i64, _>("epoch")?)
            .map_err(|_| StoreError::corrupt("rule_version", "epoch", id))?,
        issued: row.try_get::<i64, _>("issued")? != 0,
        effective_on: row.try_get("effective_on")?,
    })
}

/// All versions of all rules, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn all(conn: &mut Connection) -> Result<Vec<RuleRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM rule_version ORDER BY id"));
    sqlx::query(sql).fetch_all(conn).await?.iter().map(read).collect()
}

/// The version of a rule that issues on a day: the highest whose effective date has come.
///
/// # Errors
/// Whatever the database says.
pub async fn effective(conn: &mut Connection, code: &str, on: &str) -> Result<Option<RuleRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, code, version, definition, digest, epoch, issued, effective_on FROM rule_version \
         WHERE code = $1 AND effective_on <= $2 ORDER BY version DESC LIMIT 1",
    )
    .bind(code)
    .bind(on)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Records a new version. Answers its row id.
///
/// # Errors
/// [`StoreError::Conflict`] when that version exists.
pub async fn insert(conn: &mut Connection, rule: &RuleRow, created_us: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO rule_version (code, version, definition, digest, epoch, issued, effective_on, created_us) \
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7) RETURNING id",
    )
    .bind(&rule.code)
    .bind(i64::from(rule.version))
    .bind(&rule.definition)
    .bind(&rule.digest)
    .bind(i64::from(rule.epoch))
    .bind(&rule.effective_on)
    .bind(created_us)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("id")?)
}

/// Notes that the version has issued a serial, which freezes it.
///
/// # Errors
/// Whatever the database says.
pub async fn mark_issued(conn: &mut Connection, id: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE rule_version SET issued = 1 WHERE id = $1 AND issued = 0").bind(id).execute(conn).await?;
    Ok(())
}

/// Moves a rule to another epoch.
///
/// # Errors
/// [`StoreError::Conflict`] when it would go back.
pub async fn set_epoch(conn: &mut Connection, id: i64, epoch: u8) -> Result<(), StoreError> {
    sqlx::query("UPDATE rule_version SET epoch = $1 WHERE id = $2")
        .bind(i64::from(epoch))
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// A counter: the ordinals of one rule version in one context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRow {
    /// Row id.
    pub id: i64,
    /// What the series is called in receipts and in the witness: SHA-256 over rule and context, in hex.
    pub series_key: String,
    /// The rule version it counts for.
    pub rule_version_id: i64,
    /// The values of the rule's fixed segments.
    pub context: String,
    /// The lowest ordinal that was never handed out.
    pub next_ordinal: u64,
    /// How many ordinals there are in all.
    pub capacity: u64,
}

fn read_series(row: &AnyRow) -> Result<SeriesRow, StoreError> {
    Ok(SeriesRow {
        id: row.try_get("id")?,
        series_key: row.try_get("series_key")?,
        rule_version_id: row.try_get("rule_version_id")?,
        context: row.try_get("context")?,
        next_ordinal: unsigned(row, "series", "next_ordinal")?,
        capacity: unsigned(row, "series", "capacity")?,
    })
}

/// All counters.
///
/// # Errors
/// Whatever the database says.
pub async fn all_series(conn: &mut Connection) -> Result<Vec<SeriesRow>, StoreError> {
    sqlx::query("SELECT id, series_key, rule_version_id, context, next_ordinal, capacity FROM series ORDER BY id")
        .fetch_all(conn)
        .await?
        .iter()
        .map(read_series)
        .collect()
}

/// The counter of a rule version in a context.
///
/// # Errors
/// Whatever the database says.
pub async fn series(conn: &mut Connection, rule_version: i64, context: &str) -> Result<Option<SeriesRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, series_key, rule_version_id, context, next_ordinal, capacity FROM series \
         WHERE rule_version_id = $1 AND context = $2",
    )
    .bind(rule_version)
    .bind(context)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read_series).transpose()
}

/// The counter with this id.
///
/// # Errors
/// Whatever the database says.
pub async fn series_by_id(conn: &mut Connection, id: i64) -> Result<Option<SeriesRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, series_key, rule_version_id, context, next_ordinal, capacity FROM series WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read_series).transpose()
}

/// The counter with this key.
///
/// # Errors
/// Whatever the database says.
pub async fn series_by_key(conn: &mut Connection, key: &str) -> Result<Option<SeriesRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, series_key, rule_version_id, context, next_ordinal, capacity FROM series WHERE series_key = $1",
    )
    .bind(key)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read_series).transpose()
}

/// Makes the counter of a rule version in a context if there is none. It starts where a recovery said that it, or any
/// unknown counter of its rule, must.
///
/// # Errors
/// Whatever the database says.
pub async fn create_series(
    conn: &mut Connection,
    rule_version: i64,
    series_key: &str,
    context: &str,
    capacity: u64,
) -> Result<SeriesRow, StoreError> {
    sqlx::query(
        "INSERT INTO series (series_key, rule_version_id, context, next_ordinal, capacity) \
         VALUES ($1, $2, $3, COALESCE((SELECT MAX(f.next_ordinal) FROM series_floor f WHERE f.series_key = $1 \
         OR f.series_key = (SELECT r.digest FROM rule_version r WHERE r.id = $2)), 0), $4) \
         ON CONFLICT (series_key) DO NOTHING",
    )
    .bind(series_key)
    .bind(rule_version)
    .bind(context)
    .bind(db(capacity)?)
    .execute(&mut *conn)
    .await?;
    series(conn, rule_version, context).await?.ok_or_else(|| StoreError::corrupt("series", "context", context))
}

/// Moves a counter and answers where it stands then. The row stays taken until the transaction ends.
///
/// # Errors
/// Whatever the database says; [`StoreError::Conflict`] when it would go below an issued block.
pub async fn advance(conn: &mut Connection, series: i64, by: i64) -> Result<u64, StoreError> {
    let row = sqlx::query("UPDATE series SET next_ordinal = next_ordinal + $1 WHERE id = $2 RETURNING next_ordinal")
        .bind(by)
        .bind(series)
        .fetch_one(conn)
        .await?;
    unsigned(&row, "series", "next_ordinal")
}

/// Makes sure that a counter never hands out an ordinal below `next_ordinal`, whether or not it exists yet.
///
/// # Errors
/// Whatever the database says.
pub async fn raise_floor(conn: &mut Connection, series_key: &str, next_ordinal: u64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO series_floor (series_key, next_ordinal) VALUES ($1, $2) ON CONFLICT (series_key) \
         DO UPDATE SET next_ordinal = CASE WHEN excluded.next_ordinal > series_floor.next_ordinal \
         THEN excluded.next_ordinal ELSE series_floor.next_ordinal END",
    )
    .bind(series_key)
    .bind(db(next_ordinal)?)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE series SET next_ordinal = $1 WHERE series_key = $2 AND next_ordinal < $1")
        .bind(db(next_ordinal)?)
        .bind(series_key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Where a recovery said that a counter must start; 0 when none did.
///
/// # Errors
/// Whatever the database says.
pub async fn floor(conn: &mut Connection, series_key: &str) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT next_ordinal FROM series_floor WHERE series_key = $1")
        .bind(series_key)
        .fetch_optional(conn)
        .await?;
    row.map_or(Ok(0), |row| unsigned(&row, "series_floor", "next_ordinal"))
}
