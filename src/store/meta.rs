//! Facts about the database itself.

use super::{Connection, StoreError};
use sqlx::Row;

/// What `meta` says under a name.
///
/// # Errors
/// Whatever the database says.
pub async fn get(conn: &mut Connection, name: &str) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT value FROM meta WHERE name = $1").bind(name).fetch_optional(conn).await?;
    Ok(row.map(|r| r.try_get("value")).transpose()?)
}

/// Writes a name that is not there yet; answers the value that holds afterwards, which is another's if one came first.
///
/// # Errors
/// Whatever the database says.
pub async fn get_or_insert(conn: &mut Connection, name: &str, value: &str) -> Result<String, StoreError> {
    sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut *conn)
        .await?;
    get(conn, name).await?.ok_or_else(|| StoreError::corrupt("meta", "value", name))
}

/// Writes a name, whatever stood there.
///
/// # Errors
/// Whatever the database says.
pub async fn set(conn: &mut Connection, name: &str, value: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a fact for this transaction, as a lock among those who do the same.
///
/// # Errors
/// Whatever the database says.
pub async fn hold(conn: &mut Connection, name: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE meta SET value = value WHERE name = $1").bind(name).execute(conn).await?;
    Ok(())
}
