//! After a restored backup: jobs whose labels may have come out since, and what becomes of them.

use super::rows::unsigned;
use super::{Connection, StoreError};
use crate::print::AttemptId;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Test labels that are queued, leased or handed over are cancelled: they stand for no unit, and nobody has to look.
///
/// # Errors
/// Whatever the database says.
pub async fn forget_tests(conn: &mut Connection) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM print_label WHERE state IN ('queued', 'leased', 'handed_over') \
         AND job_id IN (SELECT id FROM print_job WHERE kind = 'test' AND queued + leased + handed_over > 0)",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE print_job SET canceled = canceled + queued + leased + handed_over, queued = 0, leased = 0, \
         handed_over = 0 WHERE kind = 'test' AND queued + leased + handed_over > 0",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A job of which labels may still be printed, or may have been.
#[derive(Debug, Clone, Copy)]
pub struct OpenLabels {
    /// The job.
    pub job: i64,
    /// Its printer.
    pub printer: i64,
    /// The first ordinal of a label that is queued, leased or handed over.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

/// Jobs after `after` with labels that are queued, leased or handed over.
///
/// # Errors
/// Whatever the database says.
pub async fn with_open_labels(conn: &mut Connection, after: i64, limit: u32) -> Result<Vec<OpenLabels>, StoreError> {
    let rows = sqlx::query(
        "SELECT j.id, j.printer_id, MIN(l.first_ordinal) AS first_ordinal, MAX(l.last_ordinal) AS last_ordinal \
         FROM print_job j JOIN print_label l ON l.job_id = j.id WHERE j.id > $1 \
         AND j.queued + j.leased + j.handed_over > 0 AND l.state IN ('queued', 'leased', 'handed_over') \
         GROUP BY j.id, j.printer_id ORDER BY j.id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let open = |row: &AnyRow| {
        let (first, last) =
            (unsigned(row, "print_label", "first_ordinal")?, unsigned(row, "print_label", "last_ordinal")?);
        Ok(OpenLabels { job: row.try_get("id")?, printer: row.try_get("printer_id")?, first, last })
    };
    rows.iter().map(open).collect()
}

/// All labels of a job that were open are unconfirmed, see [`labels`], and the job is stopped. One that
/// was cancelled stays so.
///
/// # Errors
/// Whatever the database says.
pub async fn stop(conn: &mut Connection, id: i64, why: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE print_job SET unconfirmed = unconfirmed + queued + leased + handed_over, queued = 0, leased = 0, \
         handed_over = 0, failures = 0, state = CASE WHEN state = 'canceled' THEN state ELSE 'stopped' END, \
         held_for = CASE WHEN state = 'canceled' THEN held_for ELSE $2 END WHERE id = $1",
    )
    .bind(id)
    .bind(why)
    .execute(conn)
    .await?;
    Ok(())
}

/// Labels of a job that are queued, leased or handed over are unconfirmed, all under one attempt. Answers how many.
///
/// # Errors
/// Whatever the database says.
pub async fn labels(conn: &mut Connection, job: i64, attempt: AttemptId) -> Result<i64, StoreError> {
    let rows = sqlx::query(
        "UPDATE print_label SET state = 'unconfirmed', attempt_id = $2 WHERE job_id = $1 \
         AND state IN ('queued', 'leased', 'handed_over') RETURNING last_ordinal - first_ordinal + 1 AS labels",
    )
    .bind(job)
    .bind(attempt.0)
    .fetch_all(conn)
    .await?;
    let mut labels = 0;
    for row in &rows {
        labels += row.try_get::<i64, _>("labels")?;
    }
    Ok(labels)
}
