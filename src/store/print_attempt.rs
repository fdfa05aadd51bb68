//! Leases: the right to print some labels once.

use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use crate::print::AttemptId;
use crate::trace::Span;
use sqlx::Row;
use sqlx::any::AnyRow;

/// When a lease expires that has no end: what a station took along to print without the server.
pub const ENDLESS_US: i64 = i64::MAX;

/// Why a lease is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Every label of it has a result.
    Settled,
    /// Its time was up.
    Expired,
    /// Its printer took another.
    Superseded,
    /// Its job was cancelled.
    Canceled,
    /// The database was restored from a backup.
    Recovered,
}

impl EndedBy {
    /// The name in records and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Canceled => "canceled",
            Self::Recovered => "recovered",
        }
    }
}

/// A lease as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// Its number: greater than that of every earlier lease.
    pub id: AttemptId,
    /// Its public name, which nobody can guess.
    pub lease: String,
    /// For which printer.
    pub printer_id: i64,
    /// Of which job.
    pub job_id: i64,
    /// Which labels.
    pub span: Span,
    /// With which settings of the printer, as JSON.
    pub settings: String,
    /// When it began, by the clock of leases.
    pub leased_us: i64,
    /// When it ends by itself, by the clock of leases.
    pub expires_us: i64,
    /// When it ended.
    pub ended_us: Option<i64>,
    /// What ended it.
    pub ended_by: Option<String>,
}

/// What a lease is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptOf {
    /// Code of its job.
    pub job: String,
    /// Whose brand.
    pub brand_id: i64,
    /// The station that reserved the block; none of a test.
    pub station: Option<String>,
}

const SELECT: &str = "SELECT id, lease, printer_id, job_id, first_ordinal, last_ordinal, settings, leased_us, \
    expires_us, ended_us, ended_by FROM print_attempt";

fn read(row: &AnyRow) -> Result<AttemptRow, StoreError> {
    let first = unsigned(row, "print_attempt", "first_ordinal")?;
    let span = Span::new(first, unsigned(row, "print_attempt", "last_ordinal")?)
        .map_err(|_| StoreError::corrupt("print_attempt", "last_ordinal", first))?;
    Ok(AttemptRow {
        id: AttemptId(row.try_get("id")?),
        lease: row.try_get("lease")?,
        printer_id: row.try_get("printer_id")?,
        job_id: row.try_get("job_id")?,
        span,
        settings: row.try_get("settings")?,
        leased_us: row.try_get("leased_us")?,
        expires_us: row.try_get("expires_us")?,
        ended_us: row.try_get("ended_us")?,
        ended_by: row.try_get("ended_by")?,
    })
}

/// Records a lease. `id` is ignored; answers the number that it got.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(conn: &mut Connection, attempt: &AttemptRow) -> Result<AttemptId, StoreError> {
    let row = sqlx::query(
        "INSERT INTO print_attempt (lease, printer_id, job_id, first_ordinal, last_ordinal, settings, leased_us, \
         expires_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    )
    .bind(&*attempt.lease)
    .bind(attempt.printer_id)
    .bind(attempt.job_id)
    .bind(db(attempt.span.first())?)
    .bind(db(attempt.span.last())?)
    .bind(&*attempt.settings)
    .bind(attempt.leased_us)
    .bind(attempt.expires_us)
    .fetch_one(conn)
    .await?;
    Ok(AttemptId(row.try_get("id")?))
}

/// The lease with this name.
///
/// # Errors
/// Whatever the database says.
pub async fn by_lease(conn: &mut Connection, lease: &str) -> Result<Option<AttemptRow>, StoreError> {
    let sql = format!("{SELECT} WHERE lease = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(lease.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

async fn some(conn: &mut Connection, condition: &str, value: i64, limit: i64) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = format!("{SELECT} WHERE {condition} LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value).bind(limit).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// The open leases of a printer.
///
/// # Errors
/// Whatever the database says.
pub async fn open_of_printer(conn: &mut Connection, printer: i64) -> Result<Vec<AttemptRow>, StoreError> {
    some(conn, "printer_id = $1 AND ended_us IS NULL ORDER BY id", printer, 100).await
}

/// The open leases of a job.
///
/// # Errors
/// Whatever the database says.
pub async fn open_of_job(conn: &mut Connection, job: i64) -> Result<Vec<AttemptRow>, StoreError> {
    some(conn, "job_id = $1 AND ended_us IS NULL ORDER BY id", job, 10_000).await
}

/// All leases of a job, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn of_job(conn: &mut Connection, job: i64, limit: u32) -> Result<Vec<AttemptRow>, StoreError> {
    some(conn, "job_id = $1 ORDER BY id DESC", job, i64::from(limit)).await
}

/// The last leases of a printer, newest first, each with the code of its job, the job's brand and its station.
///
/// # Errors
/// Whatever the database says.
pub async fn of_printer(
    conn: &mut Connection,
    printer: i64,
    limit: u32,
) -> Result<Vec<(AttemptRow, AttemptOf)>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.id, a.lease, a.printer_id, a.job_id, a.first_ordinal, a.last_ordinal, a.settings, a.leased_us, \
         a.expires_us, a.ended_us, a.ended_by, j.code, s.brand_id, b.station FROM print_attempt a \
         JOIN print_job j ON j.id = a.job_id JOIN sku s ON s.id = j.sku_id LEFT JOIN block b ON b.id = j.block_id \
         WHERE a.printer_id = $1 ORDER BY a.id DESC LIMIT $2",
    )
    .bind(printer)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let one = |row: &AnyRow| {
        let of = AttemptOf {
            job: row.try_get("code")?,
            brand_id: row.try_get("brand_id")?,
            station: row.try_get("station")?,
        };
        Ok((read(row)?, of))
    };
    rows.iter().map(one).collect()
}

/// Open leases whose time is up. One that began in the future belongs to a clock that has been set back since: its
/// time is up, too.
///
/// # Errors
/// Whatever the database says.
pub async fn expired(conn: &mut Connection, now_us: i64, ahead_us: i64) -> Result<Vec<AttemptRow>, StoreError> {
    let ahead = format!("ended_us IS NULL AND expires_us > $1 AND expires_us < {ENDLESS_US} ORDER BY expires_us");
    let mut found = some(conn, "ended_us IS NULL AND expires_us <= $1 ORDER BY expires_us", now_us, 256).await?;
    found.extend(some(conn, &ahead, now_us + ahead_us, 256).await?);
    Ok(found)
}

/// The newest lease of a job that held an ordinal.
///
/// # Errors
/// Whatever the database says.
pub async fn newest_with(conn: &mut Connection, job: i64, ordinal: u64) -> Result<Option<AttemptId>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM print_attempt WHERE job_id = $1 AND first_ordinal <= $2 AND last_ordinal >= $2 \
         ORDER BY id DESC LIMIT 1",
    )
    .bind(job)
    .bind(db(ordinal)?)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("id").map(AttemptId)).transpose()?)
}

/// Gives an open lease more time. Answers whether it was open.
///
/// # Errors
/// Whatever the database says.
pub async fn extend(conn: &mut Connection, id: AttemptId, expires_us: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE print_attempt SET expires_us = $2 WHERE id = $1 AND ended_us IS NULL")
        .bind(id.0)
        .bind(expires_us)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a lease, if it is open.
///
/// # Errors
/// Whatever the database says.
pub async fn end(conn: &mut Connection, id: AttemptId, now_us: i64, by: EndedBy) -> Result<(), StoreError> {
    sqlx::query("UPDATE print_attempt SET ended_us = $2, ended_by = $3 WHERE id = $1 AND ended_us IS NULL")
        .bind(id.0)
        .bind(now_us)
        .bind(by.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether a station took labels of a job along, in a lease without end.
///
/// # Errors
/// Whatever the database says.
pub async fn was_taken_along(conn: &mut Connection, job: i64) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM print_attempt WHERE job_id = $1 AND expires_us = $2 LIMIT 1")
        .bind(job)
        .bind(ENDLESS_US)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Ends every open lease.
///
/// # Errors
/// Whatever the database says.
pub async fn end_all(conn: &mut Connection, now_us: i64, by: EndedBy) -> Result<(), StoreError> {
    sqlx::query("UPDATE print_attempt SET ended_us = $1, ended_by = $2 WHERE ended_us IS NULL")
        .bind(now_us)
        .bind(by.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Now, by the database's clock, in microseconds since 1970 UTC: what several nodes agree on.
///
/// # Errors
/// Whatever the database says. PostgreSQL only.
pub async fn postgres_now_us(conn: &mut Connection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now_us")
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("now_us")?)
}

/// When a lease was taken.
///
/// # Errors
/// Whatever the database says.
pub async fn leased_us(conn: &mut Connection, id: AttemptId) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("SELECT leased_us FROM print_attempt WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("leased_us")).transpose()?)
}
