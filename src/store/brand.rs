//! What a brand demands.

use super::{Connection, StoreError};
use sqlx::Row;

/// Whether labels of a brand are printed again only when a second person agrees.
///
/// # Errors
/// Whatever the database says.
pub async fn reprint_needs_second(conn: &mut Connection, brand: i64) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT reprint_second_person AS second FROM brand_policy WHERE brand_id = $1")
        .bind(brand)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get::<i64, _>("second")).transpose()?.is_some_and(|second| second != 0))
}

/// Says whether it is so.
///
/// # Errors
/// Whatever the database says.
pub async fn set_reprint_needs_second(conn: &mut Connection, brand: i64, second: bool) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO brand_policy (brand_id, reprint_second_person) VALUES ($1, $2) \
         ON CONFLICT (brand_id) DO UPDATE SET reprint_second_person = excluded.reprint_second_person",
    )
    .bind(brand)
    .bind(i64::from(second))
    .execute(conn)
    .await?;
    Ok(())
}

/// A brand as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it sells.
    pub market: String,
    /// The importer's name and address as on labels.
    pub importer_text: String,
    /// Name of its logo.
    pub logo: Option<String>,
    /// Whether labels are printed again only when a second person agrees.
    pub reprint_needs_second: bool,
}

/// All brands by code, or the one of a row id.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, only: Option<i64>, limit: u32) -> Result<Vec<BrandRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT b.code, b.name, b.market, b.importer_text, b.logo, COALESCE(p.reprint_second_person, 0) AS second \
         FROM brand b LEFT JOIN brand_policy p ON p.brand_id = b.id WHERE $1 = -1 OR b.id = $1 \
         ORDER BY b.code_key LIMIT $2",
    )
    .bind(only.unwrap_or(-1))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(BrandRow {
                code: row.try_get("code")?,
                name: row.try_get("name")?,
                market: row.try_get("market")?,
                importer_text: row.try_get("importer_text")?,
                logo: row.try_get("logo")?,
                reprint_needs_second: row.try_get::<i64, _>("second")? != 0,
            })
        })
        .collect()
}

/// A brand as its labels show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelBrandRow {
    /// Brand code.
    pub code: String,
    /// Brand name.
    pub name: String,
    /// Importer text.
    pub importer_text: String,
    /// Market.
    pub market: String,
    /// Digest of the logo.
    pub logo_digest: Option<String>,
}

/// Brands as their labels show them, in the order of their codes.
///
/// # Errors
/// Whatever the database says.
pub async fn as_labelled(conn: &mut Connection, limit: u32) -> Result<Vec<LabelBrandRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT b.code, b.name, b.importer_text, b.market, l.digest AS logo_digest FROM brand b \
         LEFT JOIN logo l ON l.name = b.logo ORDER BY b.code_key LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(LabelBrandRow {
            code: row.try_get("code")?,
            name: row.try_get("name")?,
            importer_text: row.try_get("importer_text")?,
            market: row.try_get("market")?,
            logo_digest: row.try_get("logo_digest")?,
        })
    };
    rows.iter().map(read).collect()
}
