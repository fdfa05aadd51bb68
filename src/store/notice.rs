//! Mail that has to go out. It holds no secret: what it points to needs signing in.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A notice to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its number.
    pub id: i64,
    /// For whom.
    pub user_id: i64,
    /// Key of its text in the message files.
    pub message: String,
    /// What fills the text, as a JSON list.
    pub arguments: String,
    /// The page that it points to.
    pub path: String,
    /// When it came up, microseconds since 1970 UTC.
    pub created_us: i64,
    /// How often it was tried.
    pub tries: i64,
    /// When it went out.
    pub sent_us: Option<i64>,
    /// What the mail server said last.
    pub failure: Option<String>,
}

fn read(row: &AnyRow) -> Result<NoticeRow, StoreError> {
    Ok(NoticeRow {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        message: row.try_get("message")?,
        arguments: row.try_get("arguments")?,
        path: row.try_get("path")?,
        created_us: row.try_get("created_us")?,
        tries: row.try_get("tries")?,
        sent_us: row.try_get("sent_us")?,
        failure: row.try_get("failure")?,
    })
}

/// Puts a notice into the transaction of what it tells of.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(
    conn: &mut Connection,
    user_id: i64,
    message: &str,
    arguments: &str,
    path: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO notice (user_id, message, arguments, path, created_us, due_us) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(user_id)
    .bind(message)
    .bind(arguments)
    .bind(path)
    .bind(now_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notices that are due, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn due(conn: &mut Connection, now_us: i64, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, user_id, message, arguments, path, created_us, tries, sent_us, failure FROM notice \
         WHERE sent_us IS NULL AND due_us <= $1 ORDER BY due_us, id LIMIT $2",
    )
    .bind(now_us)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Takes a notice for one attempt, so that no other node sends it meanwhile. Answers whether it was still due.
///
/// # Errors
/// Whatever the database says.
pub async fn take(conn: &mut Connection, id: i64, now_us: i64, until_us: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE notice SET due_us = $3, tries = tries + 1 WHERE id = $1 AND sent_us IS NULL AND due_us <= $2",
    )
    .bind(id)
    .bind(now_us)
    .bind(until_us)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes what became of an attempt: it went out, or it failed and is due again at `due_us`.
///
/// # Errors
/// Whatever the database says.
pub async fn settle(
    conn: &mut Connection,
    id: i64,
    sent_us: Option<i64>,
    failure: Option<&str>,
    due_us: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE notice SET sent_us = $2, failure = $3, due_us = $4 WHERE id = $1")
        .bind(id)
        .bind(sent_us)
        .bind(failure)
        .bind(due_us)
        .execute(conn)
        .await?;
    Ok(())
}

/// The latest notices, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn latest(conn: &mut Connection, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, user_id, message, arguments, path, created_us, tries, sent_us, failure FROM notice \
         ORDER BY id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}
