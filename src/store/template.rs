//! Label templates, kept under the digest of their source so that a label can be drawn again years later.

use super::{Connection, StoreError};
use sqlx::Row;

/// Keeps a template. A digest that is known already stays as it is.
///
/// # Errors
/// Whatever the database says.
pub async fn keep(
    conn: &mut Connection,
    digest: &str,
    name: &str,
    source: &str,
    created_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO template_revision (digest, name, source, created_us) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest)
    .bind(name)
    .bind(source)
    .bind(created_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest source of a template: its digest and text.
///
/// # Errors
/// Whatever the database says.
pub async fn newest(conn: &mut Connection, name: &str) -> Result<Option<(String, String)>, StoreError> {
    let row = sqlx::query(
        "SELECT digest, source FROM template_revision WHERE name = $1 ORDER BY created_us DESC, digest LIMIT 1",
    )
    .bind(name)
    .fetch_optional(conn)
    .await?;
    row.map(|r| Ok((r.try_get("digest")?, r.try_get("source")?))).transpose()
}

/// Name and digest of every kept template, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query("SELECT name, digest FROM template_revision ORDER BY name, created_us DESC, digest")
        .fetch_all(conn)
        .await?;
    rows.iter().map(|r| Ok((r.try_get("name")?, r.try_get("digest")?))).collect()
}

/// The source of one revision of a template, if it was kept.
///
/// # Errors
/// Whatever the database says.
pub async fn of_digest(conn: &mut Connection, name: &str, digest: &str) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT source FROM template_revision WHERE name = $1 AND digest = $2")
        .bind(name)
        .bind(digest)
        .fetch_optional(conn)
        .await?;
    row.map(|r| Ok(r.try_get("source")?)).transpose()
}
