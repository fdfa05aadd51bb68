//! Who is signed in, and links that open once. Only the SHA-256 of a secret is ever stored.

use super::{Connection, StoreError};
use sqlx::Row;

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the secret that the browser holds.
    pub secret_hash: Vec<u8>,
    /// Who it is.
    pub user_id: i64,
    /// What the browser says of itself, shortened.
    pub device: String,
    /// When it began, microseconds since 1970 UTC.
    pub created_us: i64,
    /// When it was last used, to a few minutes.
    pub seen_us: i64,
    /// When the password was last given.
    pub signed_us: i64,
    /// From when it is over, however much it is used.
    pub expires_us: i64,
}

/// A link that opens once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// SHA-256 of the secret in the link.
    pub secret_hash: Vec<u8>,
    /// For whom.
    pub user_id: i64,
    /// `invitation` or `password`.
    pub purpose: String,
    /// When it was made.
    pub created_us: i64,
    /// From when it opens nothing.
    pub expires_us: i64,
    /// When it was used.
    pub used_us: Option<i64>,
    /// When a newer one took its place.
    pub revoked_us: Option<i64>,
}

/// Begins a session.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(conn: &mut Connection, session: &SessionRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO user_session (secret_hash, user_id, device, created_us, seen_us, signed_us, expires_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(session.secret_hash.clone())
    .bind(session.user_id)
    .bind(&*session.device)
    .bind(session.created_us)
    .bind(session.seen_us)
    .bind(session.signed_us)
    .bind(session.expires_us)
    .execute(conn)
    .await?;
    Ok(())
}

fn read(row: &sqlx::any::AnyRow) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        secret_hash: row.try_get("secret_hash")?,
        user_id: row.try_get("user_id")?,
        device: row.try_get("device")?,
        created_us: row.try_get("created_us")?,
        seen_us: row.try_get("seen_us")?,
        signed_us: row.try_get("signed_us")?,
        expires_us: row.try_get("expires_us")?,
    })
}

/// The session of a secret, whatever its age.
///
/// # Errors
/// Whatever the database says.
pub async fn by_hash(conn: &mut Connection, secret_hash: &[u8]) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(
        "SELECT secret_hash, user_id, device, created_us, seen_us, signed_us, expires_us FROM user_session \
         WHERE secret_hash = $1",
    )
    .bind(secret_hash.to_vec())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The sessions of a person, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn of_user(conn: &mut Connection, user_id: i64) -> Result<Vec<SessionRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT secret_hash, user_id, device, created_us, seen_us, signed_us, expires_us FROM user_session \
         WHERE user_id = $1 ORDER BY created_us DESC LIMIT 100",
    )
    .bind(user_id)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Notes that a session is in use.
///
/// # Errors
/// Whatever the database says.
pub async fn touch(conn: &mut Connection, secret_hash: &[u8], now_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE user_session SET seen_us = $2 WHERE secret_hash = $1")
        .bind(secret_hash.to_vec())
        .bind(now_us)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the password was given again.
///
/// # Errors
/// Whatever the database says.
pub async fn sign(conn: &mut Connection, secret_hash: &[u8], now_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE user_session SET signed_us = $2, seen_us = $2 WHERE secret_hash = $1")
        .bind(secret_hash.to_vec())
        .bind(now_us)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(conn: &mut Connection, secret_hash: &[u8]) -> Result<bool, StoreError> {
    let done =
        sqlx::query("DELETE FROM user_session WHERE secret_hash = $1").bind(secret_hash.to_vec()).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a person but one.
///
/// # Errors
/// Whatever the database says.
pub async fn remove_others(conn: &mut Connection, user_id: i64, but: &[u8]) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM user_session WHERE user_id = $1 AND secret_hash <> $2")
        .bind(user_id)
        .bind(but.to_vec())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// Forgets sessions that are over.
///
/// # Errors
/// Whatever the database says.
pub async fn remove_expired(conn: &mut Connection, now_us: i64, unseen_since_us: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM user_session WHERE expires_us <= $1 OR seen_us <= $2")
        .bind(now_us)
        .bind(unseen_since_us)
        .execute(conn)
        .await?;
    Ok(())
}

/// Records a link.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_link(conn: &mut Connection, link: &LinkRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO user_link (secret_hash, user_id, purpose, created_us, expires_us) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(link.secret_hash.clone())
    .bind(link.user_id)
    .bind(&*link.purpose)
    .bind(link.created_us)
    .bind(link.expires_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// The link of a secret, whatever its state.
///
/// # Errors
/// Whatever the database says.
pub async fn link(conn: &mut Connection, secret_hash: &[u8]) -> Result<Option<LinkRow>, StoreError> {
    let row = sqlx::query(
        "SELECT secret_hash, user_id, purpose, created_us, expires_us, used_us, revoked_us FROM user_link \
         WHERE secret_hash = $1",
    )
    .bind(secret_hash.to_vec())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(LinkRow {
            secret_hash: row.try_get("secret_hash")?,
            user_id: row.try_get("user_id")?,
            purpose: row.try_get("purpose")?,
            created_us: row.try_get("created_us")?,
            expires_us: row.try_get("expires_us")?,
            used_us: row.try_get("used_us")?,
            revoked_us: row.try_get("revoked_us")?,
        })
    })
    .transpose()
}

/// Uses a link up. Answers whether it was still good: of two who use it at once, one is told no.
///
/// # Errors
/// Whatever the database says.
pub async fn use_link(conn: &mut Connection, secret_hash: &[u8], now_us: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE user_link SET used_us = $2 \
         WHERE secret_hash = $1 AND used_us IS NULL AND revoked_us IS NULL AND expires_us > $2",
    )
    .bind(secret_hash.to_vec())
    .bind(now_us)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes all open links of a person useless.
///
/// # Errors
/// Whatever the database says.
pub async fn revoke_links(conn: &mut Connection, user_id: i64, now_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE user_link SET revoked_us = $2 WHERE user_id = $1 AND used_us IS NULL AND revoked_us IS NULL")
        .bind(user_id)
        .bind(now_us)
        .execute(conn)
        .await?;
    Ok(())
}
