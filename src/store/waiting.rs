//! What waits for somebody: short lists and small counts for the start page. Each looks at what is open only, by an index of
//! its own, and never at more than [`MOST`] rows.

use super::{Connection, StoreError};
use sqlx::Row;

/// Nobody needs to know more exactly how much waits.
pub const MOST: i64 = 100;

/// Labels that wait for a person to say what became of them, and in how many jobs: of the first [`MOST`] jobs.
///
/// # Errors
/// Whatever the database says.
pub async fn unconfirmed(conn: &mut Connection) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COUNT(*) AS BIGINT) AS jobs, CAST(COALESCE(SUM(unconfirmed), 0) AS BIGINT) AS labels \
         FROM (SELECT unconfirmed FROM print_job WHERE unconfirmed > 0 ORDER BY id LIMIT $1) AS waiting",
    )
    .bind(MOST)
    .fetch_one(conn)
    .await?;
    Ok((row.try_get("labels")?, row.try_get("jobs")?))
}

/// How many jobs with queued labels are held or stopped.
///
/// # Errors
/// Whatever the database says.
pub async fn resting_jobs(conn: &mut Connection) -> Result<i64, StoreError> {
    count(
        conn,
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT id FROM print_job WHERE state IN ('held', 'stopped') \
         AND queued > 0 ORDER BY id LIMIT $1) AS waiting",
    )
    .await
}

/// How many open batches have labels that came out and are on no unit yet.
///
/// # Errors
/// Whatever the database says.
pub async fn batches_in_debt(conn: &mut Connection) -> Result<i64, StoreError> {
    // From batch to batch by the index, however many blocks each has.
    count(
        conn,
        "WITH RECURSIVE indebted (batch_id, n) AS (\
           SELECT (SELECT batch_id FROM block WHERE printed > 0 ORDER BY batch_id LIMIT 1), 1 \
           UNION ALL SELECT (SELECT b.batch_id FROM block b WHERE b.printed > 0 AND b.batch_id > i.batch_id \
           ORDER BY b.batch_id LIMIT 1), i.n + 1 FROM indebted i WHERE i.batch_id IS NOT NULL AND i.n < $1) \
         SELECT CAST(COUNT(*) AS BIGINT) AS n FROM indebted i JOIN batch t ON t.id = i.batch_id WHERE t.state = 'open'",
    )
    .await
}

/// How many notices were tried and could not be sent; with `untried`, also those that were never tried.
///
/// # Errors
/// Whatever the database says.
pub async fn unsent_notices(conn: &mut Connection, untried: bool) -> Result<i64, StoreError> {
    let tried = if untried { "" } else { "AND failure IS NOT NULL " };
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT id FROM notice WHERE sent_us IS NULL {tried}\
         ORDER BY due_us LIMIT $1) AS waiting"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(MOST).fetch_one(conn).await?;
    Ok(row.try_get("n")?)
}

/// How many tokens are in use and end between two moments.
///
/// # Errors
/// Whatever the database says.
pub async fn ending_tokens(conn: &mut Connection, from_us: i64, to_us: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM (SELECT id FROM api_token WHERE expires_us > $2 AND expires_us <= $3 \
         AND (revoked_us IS NULL OR revoked_us > $2) LIMIT $1) AS waiting",
    )
    .bind(MOST)
    .bind(from_us)
    .bind(to_us)
    .fetch_one(conn)
    .await?;
    Ok(row.try_get("n")?)
}

/// Whether there is any SKU.
///
/// # Errors
/// Whatever the database says.
pub async fn has_catalogue(conn: &mut Connection) -> Result<bool, StoreError> {
    Ok(sqlx::query("SELECT id FROM sku LIMIT 1").fetch_optional(conn).await?.is_some())
}

async fn count(conn: &mut Connection, sql: &'static str) -> Result<i64, StoreError> {
    Ok(sqlx::query(sql).bind(MOST).fetch_one(conn).await?.try_get("n")?)
}
