//! The audit chain and its head.
//!
//! The head is one row that every writing transaction takes last, so that entries get consecutive numbers without gaps
//! and two writers on PostgreSQL follow one another. Numbers of the chain are the ids of events and blocks, too.

use super::rows::{MultiInsert, db, unsigned};
use super::{Connection, StoreError};
use crate::trace::{AuditEntry, ChainHash, ChainHead};
use sqlx::Row;
use sqlx::any::AnyRow;

/// The chain's end as found while holding it, and whether allocation is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHead {
    /// Before the entries of this transaction.
    pub head: ChainHead,
    /// Why allocation is stopped, if it is.
    pub stopped: Option<String>,
}

/// Puts the empty chain into a new database.
///
/// # Errors
/// Whatever the database says.
pub async fn create_head(conn: &mut Connection) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING")
        .bind(ChainHash::GENESIS.0.to_vec())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the head for this transaction: nobody else can append until it ends.
///
/// # Errors
/// Whatever the database says; [`StoreError::Corrupt`] when there is no head.
pub async fn hold_head(conn: &mut Connection) -> Result<HeldHead, StoreError> {
    let row = sqlx::query("UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, hash, stopped")
        .fetch_optional(conn)
        .await?;
    read_head(row)
}

/// Looks at the head without taking it.
///
/// # Errors
/// Whatever the database says; [`StoreError::Corrupt`] when there is no head.
pub async fn head(conn: &mut Connection) -> Result<HeldHead, StoreError> {
    let row = sqlx::query("SELECT seq, hash, stopped FROM audit_head WHERE id = 1").fetch_optional(conn).await?;
    read_head(row)
}

fn read_head(row: Option<AnyRow>) -> Result<HeldHead, StoreError> {
    let row = row.ok_or_else(|| StoreError::corrupt("audit_head", "id", 1))?;
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash = ChainHash::from_bytes(&hash).ok_or_else(|| StoreError::corrupt("audit_head", "hash", 1))?;
    let head = ChainHead { seq: unsigned(&row, "audit_head", "seq")?, hash };
    Ok(HeldHead { head, stopped: row.try_get("stopped")? })
}

/// Appends entries after `head`, which this transaction must hold, and moves the head. Answers the new head.
///
/// # Errors
/// Whatever the database says.
pub async fn append(
    conn: &mut Connection,
    mut head: ChainHead,
    entries: &[AuditEntry],
) -> Result<ChainHead, StoreError> {
    static INSERT: MultiInsert =
        MultiInsert::new("INSERT INTO audit (seq, recorded_us, actor, action, subject, detail, hash) VALUES", 7, "");
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        head = entry.extend(head);
        rows.push((db(head.seq)?, entry, head.hash.0.to_vec()));
    }
    INSERT
        .run(conn, &rows, |query, (seq, entry, hash)| {
            query
                .bind(*seq)
                .bind(entry.recorded_us)
                .bind(&*entry.actor)
                .bind(&*entry.action)
                .bind(&*entry.subject)
                .bind(&*entry.detail)
                .bind(&**hash)
        })
        .await?;
    sqlx::query("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1")
        .bind(db(head.seq)?)
        .bind(head.hash.0.to_vec())
        .execute(conn)
        .await?;
    Ok(head)
}

/// The hash of one entry, or `None` when the chain has no such entry.
///
/// # Errors
/// Whatever the database says.
pub async fn hash_at(conn: &mut Connection, seq: u64) -> Result<Option<ChainHash>, StoreError> {
    if seq == 0 {
        return Ok(Some(ChainHash::GENESIS));
    }
    let row = sqlx::query("SELECT hash FROM audit WHERE seq = $1").bind(db(seq)?).fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get("hash")?;
    ChainHash::from_bytes(&bytes).map(Some).ok_or_else(|| StoreError::corrupt("audit", "hash", seq))
}

/// Entries after `after`, oldest first, each with its number and stored hash.
///
/// # Errors
/// Whatever the database says.
pub async fn entries_after(
    conn: &mut Connection,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, AuditEntry, ChainHash)>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, recorded_us, actor, action, subject, detail, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2",
    )
    .bind(db(after)?)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_entry).collect()
}

/// Entries before `before`, newest first, each with its number and stored hash.
///
/// # Errors
/// Whatever the database says.
pub async fn entries_before(
    conn: &mut Connection,
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, AuditEntry, ChainHash)>, StoreError> {
    let rows = sqlx::query(
        "SELECT seq, recorded_us, actor, action, subject, detail, hash FROM audit WHERE seq < $1 \
         ORDER BY seq DESC LIMIT $2",
    )
    .bind(i64::try_from(before).unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_entry).collect()
}

fn read_entry(row: &AnyRow) -> Result<(u64, AuditEntry, ChainHash), StoreError> {
    let seq = unsigned(row, "audit", "seq")?;
    let hash: Vec<u8> = row.try_get("hash")?;
    let hash = ChainHash::from_bytes(&hash).ok_or_else(|| StoreError::corrupt("audit", "hash", seq))?;
    let entry = AuditEntry {
        recorded_us: row.try_get("recorded_us")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
    };
    Ok((seq, entry, hash))
}

/// Stops allocation on all nodes, or lets it go on (`None`).
///
/// # Errors
/// Whatever the database says.
pub async fn set_stopped(conn: &mut Connection, reason: Option<&str>) -> Result<(), StoreError> {
    sqlx::query("UPDATE audit_head SET stopped = $1 WHERE id = 1").bind(reason).execute(conn).await?;
    Ok(())
}

/// Whether a recovery is on record.
///
/// # Errors
/// Whatever the database says.
pub async fn last_recovery(conn: &mut Connection) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT seq FROM audit WHERE action = 'allocation.recover' ORDER BY seq DESC LIMIT 1")
        .fetch_optional(conn)
        .await?;
    row.map_or(Ok(0), |row| unsigned(&row, "audit", "seq"))
}
