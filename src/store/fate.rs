//! The projection that answers "what became of this serial" in one index look-up: consecutive ordinals of one block
//! with one fate are one row. Ordinals without a row are reserved.

use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use crate::trace::{Fate, FatePiece, Span};
use sqlx::Row;
use sqlx::any::AnyRow;

fn read(row: &AnyRow) -> Result<FatePiece, StoreError> {
    let first = unsigned(row, "fate", "first_ordinal")?;
    let span = Span::new(first, unsigned(row, "fate", "last_ordinal")?)
        .map_err(|_| StoreError::corrupt("fate", "last_ordinal", first))?;
    let name: String = row.try_get("fate")?;
    let fate = Fate::from_name(&name).ok_or_else(|| StoreError::corrupt("fate", "fate", first))?;
    Ok(FatePiece { span, fate })
}

/// The pieces that overlap a range inside one block, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn overlapping(conn: &mut Connection, series: i64, span: Span) -> Result<Vec<FatePiece>, StoreError> {
    // Pieces do not overlap, so besides those that start inside only the nearest one below can reach in.
    let rows = sqlx::query(
        "SELECT first_ordinal, last_ordinal, fate FROM fate WHERE series_id = $1 AND first_ordinal <= $3 \
         AND first_ordinal >= COALESCE((SELECT first_ordinal FROM fate WHERE series_id = $1 AND first_ordinal <= $2 \
         ORDER BY first_ordinal DESC LIMIT 1), $2) AND last_ordinal >= $2 ORDER BY first_ordinal",
    )
    .bind(series)
    .bind(db(span.first())?)
    .bind(db(span.last())?)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// The fate of one serial.
///
/// # Errors
/// Whatever the database says.
pub async fn of(conn: &mut Connection, series: i64, ordinal: u64) -> Result<Fate, StoreError> {
    let row = sqlx::query(
        "SELECT first_ordinal, last_ordinal, fate FROM fate WHERE series_id = $1 AND first_ordinal <= $2 \
         ORDER BY first_ordinal DESC LIMIT 1",
    )
    .bind(series)
    .bind(db(ordinal)?)
    .fetch_optional(conn)
    .await?;
    let piece = row.as_ref().map(read).transpose()?;
    Ok(piece.filter(|p| p.span.last() >= ordinal).map_or(Fate::Reserved, |p| p.fate))
}

/// Gives the serials of `span` (inside the block's range `within`) the fate `to`, splitting and joining pieces so that
/// a block used one by one from its start stays one row.
///
/// # Errors
/// Whatever the database says.
pub async fn set(
    conn: &mut Connection,
    series: i64,
    block: i64,
    within: Span,
    span: Span,
    to: Fate,
) -> Result<(), StoreError> {
    // Look one further on each side, to join with a neighbour of the same fate.
    let wide = Span::new(span.first().saturating_sub(1).max(within.first()), (span.last() + 1).min(within.last()))
        .unwrap_or(span);
    let (mut first, mut last) = (span.first(), span.last());
    let mut keep = Vec::new();
    for piece in overlapping(conn, series, wide).await? {
        sqlx::query("DELETE FROM fate WHERE series_id = $1 AND first_ordinal = $2")
            .bind(series)
            .bind(db(piece.span.first())?)
            .execute(&mut *conn)
            .await?;
        if piece.fate == to {
            first = first.min(piece.span.first());
            last = last.max(piece.span.last());
            continue;
        }
        if let Some(before) =
            span.first().checked_sub(1).and_then(|end| Span::new(piece.span.first(), end.min(piece.span.last())).ok())
        {
            keep.push(FatePiece { span: before, fate: piece.fate });
        }
        if let Ok(after) = Span::new((span.last() + 1).max(piece.span.first()), piece.span.last()) {
            keep.push(FatePiece { span: after, fate: piece.fate });
        }
    }
    let joined = Span::new(first, last).unwrap_or(span);
    keep.push(FatePiece { span: joined, fate: to });
    for piece in keep {
        sqlx::query(
            "INSERT INTO fate (series_id, first_ordinal, last_ordinal, fate, block_id) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(series)
        .bind(db(piece.span.first())?)
        .bind(db(piece.span.last())?)
        .bind(piece.fate.as_str())
        .bind(block)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
