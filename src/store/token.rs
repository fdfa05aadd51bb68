//! API tokens. Only the SHA-256 of a secret is ever stored.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A token as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The public part of the token.
    pub id: String,
    /// Who or what it is for.
    pub name: String,
    /// SHA-256 of the secret part.
    pub secret_hash: Vec<u8>,
    /// Scope names, separated by spaces.
    pub scopes: String,
    /// The only brand that it sees, if it is bound to one.
    pub brand_id: Option<i64>,
    /// The only station that it may speak for, if it is bound to one.
    pub station: Option<String>,
    /// The only printer whose queue it opens, if it is a printer's.
    pub printer_id: Option<i64>,
    /// When it was made, microseconds since 1970 UTC.
    pub created_us: i64,
    /// From when it is refused.
    pub expires_us: Option<i64>,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
    /// The token that took its place.
    pub replaced_by: Option<String>,
}

fn read(row: &AnyRow) -> Result<TokenRow, StoreError> {
    Ok(TokenRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        secret_hash: row.try_get("secret_hash")?,
        scopes: row.try_get("scopes")?,
        brand_id: row.try_get("brand_id")?,
        station: row.try_get("station")?,
        printer_id: row.try_get("printer_id")?,
        created_us: row.try_get("created_us")?,
        expires_us: row.try_get("expires_us")?,
        revoked_us: row.try_get("revoked_us")?,
        replaced_by: row.try_get("replaced_by")?,
    })
}

/// Records a new token.
///
/// # Errors
/// [`StoreError::Conflict`] when the id is taken.
pub async fn insert(conn: &mut Connection, token: &TokenRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO api_token (id, name, secret_hash, scopes, brand_id, station, printer_id, created_us, \
         expires_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&token.id)
    .bind(&token.name)
    .bind(token.secret_hash.clone())
    .bind(&token.scopes)
    .bind(token.brand_id)
    .bind(token.station.as_deref())
    .bind(token.printer_id)
    .bind(token.created_us)
    .bind(token.expires_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// The token with this public id, whatever its state.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: &str) -> Result<Option<TokenRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, secret_hash, scopes, brand_id, station, printer_id, created_us, expires_us, revoked_us, \
         replaced_by FROM api_token WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Tokens by id, after a cursor.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, after: &str, limit: u32) -> Result<Vec<TokenRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, secret_hash, scopes, brand_id, station, printer_id, created_us, expires_us, revoked_us, \
         replaced_by FROM api_token WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Whether any token was ever made.
///
/// # Errors
/// Whatever the database says.
pub async fn any(conn: &mut Connection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM api_token LIMIT 1").fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Revokes a token from a moment on, noting what took its place if something does. Answers whether it was still valid.
///
/// # Errors
/// Whatever the database says.
pub async fn revoke(
    conn: &mut Connection,
    id: &str,
    from_us: i64,
    replaced_by: Option<&str>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE api_token SET revoked_us = $1, replaced_by = COALESCE($2, replaced_by) \
         WHERE id = $3 AND (revoked_us IS NULL OR revoked_us > $1)",
    )
    .bind(from_us)
    .bind(replaced_by)
    .bind(id)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
