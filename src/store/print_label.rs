//! The state of labels, stored as ranges: consecutive labels of one job with one state are one row.

use super::rows::{MultiInsert, db, unsigned};
use super::{Connection, StoreError};
use crate::print::{AttemptId, LabelPiece, LabelState, PieceChange};
use crate::trace::Span;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Whose labels: the series (or a test job's own), which copy of each serial, and the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane {
    /// The series of the serials; of a test job the negative of its own id.
    pub series: i64,
    /// 1 for the first print of a serial.
    pub copy: i64,
    /// The job.
    pub job: i64,
}

fn read(row: &AnyRow) -> Result<LabelPiece, StoreError> {
    let first = unsigned(row, "print_label", "first_ordinal")?;
    let span = Span::new(first, unsigned(row, "print_label", "last_ordinal")?)
        .map_err(|_| StoreError::corrupt("print_label", "last_ordinal", first))?;
    let (name, attempt): (String, Option<i64>) = (row.try_get("state")?, row.try_get("attempt_id")?);
    let state = LabelState::from_parts(&name, attempt.map(AttemptId))
        .ok_or_else(|| StoreError::corrupt("print_label", "state", first))?;
    Ok(LabelPiece { span, state })
}

/// The pieces of a job that overlap or touch a range, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn around(conn: &mut Connection, lane: Lane, span: Span) -> Result<Vec<LabelPiece>, StoreError> {
    // Pieces do not overlap, so besides those that start inside only the nearest one below can reach in.
    let rows = sqlx::query(
        "SELECT first_ordinal, last_ordinal, state, attempt_id FROM print_label WHERE lane = $1 AND copy = $2 \
         AND first_ordinal <= $4 + 1 AND first_ordinal >= COALESCE((SELECT first_ordinal FROM print_label \
         WHERE lane = $1 AND copy = $2 AND first_ordinal <= $3 - 1 ORDER BY first_ordinal DESC LIMIT 1), $3) \
         AND last_ordinal >= $3 - 1 AND job_id = $5 ORDER BY first_ordinal",
    )
    .bind(lane.series)
    .bind(lane.copy)
    .bind(db(span.first())?)
    .bind(db(span.last())?)
    .bind(lane.job)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Writes a change of pieces.
///
/// # Errors
/// [`StoreError::Conflict`] when another job holds one of the labels.
pub async fn apply(conn: &mut Connection, lane: Lane, change: &PieceChange) -> Result<(), StoreError> {
    // A piece that only changes its end or its state keeps its row: that is the most common step by far.
    let (kept, fresh): (Vec<&LabelPiece>, Vec<&LabelPiece>) =
        change.insert.iter().partition(|piece| change.remove.contains(&piece.span.first()));
    for first in change.remove.iter().filter(|first| kept.iter().all(|piece| piece.span.first() != **first)) {
        sqlx::query("DELETE FROM print_label WHERE lane = $1 AND copy = $2 AND first_ordinal = $3")
            .bind(lane.series)
            .bind(lane.copy)
            .bind(db(*first)?)
            .execute(&mut *conn)
            .await?;
    }
    for piece in kept {
        sqlx::query(
            "UPDATE print_label SET last_ordinal = $4, state = $5, attempt_id = $6 \
             WHERE lane = $1 AND copy = $2 AND first_ordinal = $3",
        )
        .bind(lane.series)
        .bind(lane.copy)
        .bind(db(piece.span.first())?)
        .bind(db(piece.span.last())?)
        .bind(piece.state.as_str())
        .bind(piece.state.attempt().map(|attempt| attempt.0))
        .execute(&mut *conn)
        .await?;
    }
    let fresh: Vec<LabelPiece> = fresh.into_iter().copied().collect();
    insert(conn, lane, &fresh).await
}

/// Writes new pieces.
///
/// # Errors
/// [`StoreError::Conflict`] when another job holds one of the labels.
pub async fn insert(conn: &mut Connection, lane: Lane, pieces: &[LabelPiece]) -> Result<(), StoreError> {
    static INSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO print_label (lane, copy, first_ordinal, last_ordinal, job_id, state, attempt_id) VALUES",
        7,
        "",
    );
    let mut rows = Vec::with_capacity(pieces.len());
    for piece in pieces {
        rows.push((db(piece.span.first())?, db(piece.span.last())?, piece.state));
    }
    INSERT
        .run(conn, &rows, |query, (first, last, state)| {
            query
                .bind(lane.series)
                .bind(lane.copy)
                .bind(*first)
                .bind(*last)
                .bind(lane.job)
                .bind(state.as_str())
                .bind(state.attempt().map(|attempt| attempt.0))
        })
        .await?;
    Ok(())
}

/// Takes labels of a job out of the table: they never left the queue. `whole` are their pieces as stored, `keep` what is
/// left of them.
///
/// # Errors
/// Whatever the database says.
pub async fn forget(
    conn: &mut Connection,
    lane: Lane,
    whole: &[LabelPiece],
    keep: &[LabelPiece],
) -> Result<(), StoreError> {
    let change = PieceChange {
        remove: whole.iter().map(|piece| piece.span.first()).collect(),
        insert: keep.to_vec(),
        counts: [0; 6],
    };
    apply(conn, lane, &change).await
}

/// Pieces of a job from an ordinal on, in order; of one state or (`None`) of all.
///
/// # Errors
/// Whatever the database says.
pub async fn of_job(
    conn: &mut Connection,
    job: i64,
    state: Option<&str>,
    from: u64,
    limit: u32,
) -> Result<Vec<LabelPiece>, StoreError> {
    let rows = sqlx::query(
        "SELECT first_ordinal, last_ordinal, state, attempt_id FROM print_label WHERE job_id = $1 \
         AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND first_ordinal >= $3 ORDER BY first_ordinal LIMIT $4",
    )
    .bind(job)
    .bind(state.map(str::to_owned))
    .bind(db(from)?)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Every label of a series, of any job and copy, that overlaps a range: with its job and copy, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn of_serials(conn: &mut Connection, series: i64, span: Span) -> Result<Vec<(Lane, LabelPiece)>, StoreError> {
    let copies = sqlx::query("SELECT COALESCE(MAX(copy), 0) AS copies FROM print_job WHERE lane = $1")
        .bind(series)
        .fetch_one(&mut *conn)
        .await?;
    let copies: i64 = copies.try_get("copies")?;
    let mut found = Vec::new();
    for copy in 1..=copies {
        let rows = sqlx::query(
            "SELECT first_ordinal, last_ordinal, state, attempt_id, job_id FROM print_label WHERE lane = $1 \
             AND copy = $2 AND first_ordinal <= $4 AND first_ordinal >= COALESCE((SELECT first_ordinal FROM \
             print_label WHERE lane = $1 AND copy = $2 AND first_ordinal <= $3 ORDER BY first_ordinal DESC LIMIT 1), \
             $3) AND last_ordinal >= $3 ORDER BY first_ordinal",
        )
        .bind(series)
        .bind(copy)
        .bind(db(span.first())?)
        .bind(db(span.last())?)
        .fetch_all(&mut *conn)
        .await?;
        for row in &rows {
            found.push((Lane { series, copy, job: row.try_get("job_id")? }, read(row)?));
        }
    }
    Ok(found)
}
