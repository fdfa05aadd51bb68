//! What the approvers of a proof see: the dots of its samples, and the samples as PDF. Append-only.

use super::{Connection, StoreError};
use sqlx::Row;

/// A sample without its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// Its number, from 1.
    pub n: i64,
    /// What is special about it.
    pub name: String,
    /// The values that differ from sample to sample, as JSON.
    pub fields: String,
    /// Width in dots.
    pub width: i64,
    /// Height in dots.
    pub height: i64,
    /// SHA-256 of the dots, in hex.
    pub dots: String,
}

/// Keeps a sample and its picture.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(conn: &mut Connection, proof: i64, sample: &SampleRow, png: &[u8]) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO proof_sample (proof_id, n, name, fields, width, height, dots, png) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(proof)
    .bind(sample.n)
    .bind(&*sample.name)
    .bind(&*sample.fields)
    .bind(sample.width)
    .bind(sample.height)
    .bind(&*sample.dots)
    .bind(png.to_vec())
    .execute(conn)
    .await?;
    Ok(())
}

/// The samples of a proof, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn of_proof(conn: &mut Connection, proof: i64) -> Result<Vec<SampleRow>, StoreError> {
    let rows =
        sqlx::query("SELECT n, name, fields, width, height, dots FROM proof_sample WHERE proof_id = $1 ORDER BY n")
            .bind(proof)
            .fetch_all(conn)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(SampleRow {
                n: row.try_get("n")?,
                name: row.try_get("name")?,
                fields: row.try_get("fields")?,
                width: row.try_get("width")?,
                height: row.try_get("height")?,
                dots: row.try_get("dots")?,
            })
        })
        .collect()
}

/// The picture of a sample: a PNG of the printer's dots.
///
/// # Errors
/// Whatever the database says.
pub async fn png(conn: &mut Connection, proof: i64, n: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("SELECT png FROM proof_sample WHERE proof_id = $1 AND n = $2")
        .bind(proof)
        .bind(n)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("png")).transpose()?)
}

/// Keeps the samples as PDF.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_pdf(conn: &mut Connection, proof: i64, bytes: &[u8]) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO proof_pdf (proof_id, bytes) VALUES ($1, $2)")
        .bind(proof)
        .bind(bytes.to_vec())
        .execute(conn)
        .await?;
    Ok(())
}

/// The samples as PDF.
///
/// # Errors
/// Whatever the database says.
pub async fn pdf(conn: &mut Connection, proof: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("SELECT bytes FROM proof_pdf WHERE proof_id = $1").bind(proof).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("bytes")).transpose()?)
}
