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
