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

/// Every name that has a kept revision, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn names(conn: &mut Connection) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT name FROM template_revision ORDER BY name").fetch_all(conn).await?;
    rows.iter().map(|r| Ok(r.try_get("name")?)).collect()
}

/// Digests of the kept revisions of a template and when each was kept, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn revisions(conn: &mut Connection, name: &str, limit: u32) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query(
        "SELECT digest, created_us FROM template_revision WHERE name = $1 ORDER BY created_us DESC, digest LIMIT $2",
    )
    .bind(name)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|r| Ok((r.try_get("digest")?, r.try_get("created_us")?))).collect()
}

/// How many SKUs name each template.
///
/// # Errors
/// Whatever the database says.
pub async fn uses(conn: &mut Connection) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = sqlx::query("SELECT template, COUNT(*) AS uses FROM sku GROUP BY template").fetch_all(conn).await?;
    rows.iter().map(|r| Ok((r.try_get("template")?, r.try_get("uses")?))).collect()
}

/// A SKU that names a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRow {
    /// SKU code.
    pub sku: String,
    /// Product name on the label.
    pub name: String,
    /// Brand code.
    pub brand: String,
}

/// The first SKUs that name a template, in the order in which they were made known.
///
/// # Errors
/// Whatever the database says.
pub async fn used_by(conn: &mut Connection, name: &str, limit: u32) -> Result<Vec<UseRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT s.code, s.name, b.code AS brand FROM sku s JOIN brand b ON b.id = s.brand_id \
         WHERE s.template = $1 ORDER BY s.id LIMIT $2",
    )
    .bind(name)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let read = |r: &sqlx::any::AnyRow| {
        Ok(UseRow { sku: r.try_get("code")?, name: r.try_get("name")?, brand: r.try_get("brand")? })
    };
    rows.iter().map(read).collect()
}
