//! What issued units refer to, so that an import leaves it alone.

use crate::store::{Connection, StoreError};
use sqlx::Row;
use std::collections::BTreeSet;

/// Whether serials were issued for the SKU with this key.
///
/// # Errors
/// Whatever the database says.
pub async fn sku_is_issued(conn: &mut Connection, key: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT s.code FROM sku s WHERE s.code_key = $1 AND EXISTS (SELECT 1 FROM block b WHERE b.sku_id = s.id)",
    )
    .bind(key)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Whether serials were issued under this revision (spelled as it is stored) of the SKU with this key.
///
/// # Errors
/// Whatever the database says.
pub async fn revision_is_issued(conn: &mut Connection, sku_key: &str, revision: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT r.revision FROM sku_revision r JOIN sku s ON s.id = r.sku_id WHERE s.code_key = $1 AND r.revision = $2 \
         AND EXISTS (SELECT 1 FROM block b WHERE b.sku_id = s.id AND b.sku_revision_id = r.id)",
    )
    .bind(sku_key)
    .bind(revision)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// What a batch has been used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchUse {
    /// Its account is settled.
    pub closed: bool,
    /// Keys of the SKUs that serials were issued for; empty: no serial was issued.
    pub sku_keys: BTreeSet<String>,
}

/// What the batch with this key has been used for; `None` when there is none.
///
/// # Errors
/// Whatever the database says.
pub async fn batch_use(conn: &mut Connection, key: &str) -> Result<Option<BatchUse>, StoreError> {
    let row =
        sqlx::query("SELECT id, state FROM batch WHERE code_key = $1").bind(key).fetch_optional(&mut *conn).await?;
    let Some(row) = row else { return Ok(None) };
    let closed = row.try_get::<String, _>("state")? == "closed";
    let rows =
        sqlx::query("SELECT s.code_key FROM sku s WHERE s.id IN (SELECT b.sku_id FROM block b WHERE b.batch_id = $1)")
            .bind(row.try_get::<i64, _>("id")?)
            .fetch_all(conn)
            .await?;
    let sku_keys = rows.iter().map(|row| row.try_get("code_key")).collect::<Result<_, _>>()?;
    Ok(Some(BatchUse { closed, sku_keys }))
}
