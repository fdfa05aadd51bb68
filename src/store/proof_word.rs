//! What people said of a proof: comments, and signatures. Append-only, but for a comment's being resolved once.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A comment. `id` is its place in the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// Of which proof.
    pub proof_id: i64,
    /// The person who wrote it, if it was one who signed in.
    pub user_id: Option<i64>,
    /// Their name.
    pub author: String,
    /// What it says.
    pub text: String,
    /// On which sample it is pinned.
    pub sample: Option<i64>,
    /// From the label's left edge.
    pub x_um: Option<i64>,
    /// From the label's top edge.
    pub y_um: Option<i64>,
    /// When it was written, microseconds since 1970 UTC.
    pub created_us: i64,
    /// When it was dealt with.
    pub resolved_us: Option<i64>,
    /// By whom.
    pub resolved_by: Option<String>,
}

/// A signature. `id` is its place in the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// Of which proof.
    pub proof_id: i64,
    /// Whose turn it was.
    pub position: i64,
    /// Who signed.
    pub user_id: i64,
    /// Their name, as it was then.
    pub name: String,
    /// Their address, as it was then.
    pub email: String,
    /// approved, changes_requested or rejected.
    pub meaning: String,
    /// Digest of the artwork that they had before them.
    pub artwork: String,
    /// What they wrote.
    pub comment: String,
    /// When, microseconds since 1970 UTC.
    pub created_us: i64,
}

/// Records a comment.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_comment(conn: &mut Connection, comment: &CommentRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO proof_comment (id, proof_id, user_id, author, text, sample, x_um, y_um, created_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(comment.id)
    .bind(comment.proof_id)
    .bind(comment.user_id)
    .bind(&*comment.author)
    .bind(&*comment.text)
    .bind(comment.sample)
    .bind(comment.x_um)
    .bind(comment.y_um)
    .bind(comment.created_us)
    .execute(conn)
    .await?;
    Ok(())
}

fn read_comment(row: &AnyRow) -> Result<CommentRow, StoreError> {
    Ok(CommentRow {
        id: row.try_get("id")?,
        proof_id: row.try_get("proof_id")?,
        user_id: row.try_get("user_id")?,
        author: row.try_get("author")?,
        text: row.try_get("text")?,
        sample: row.try_get("sample")?,
        x_um: row.try_get("x_um")?,
        y_um: row.try_get("y_um")?,
        created_us: row.try_get("created_us")?,
        resolved_us: row.try_get("resolved_us")?,
        resolved_by: row.try_get("resolved_by")?,
    })
}

/// The comments on a proof, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn comments(conn: &mut Connection, proof: i64) -> Result<Vec<CommentRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, proof_id, user_id, author, text, sample, x_um, y_um, created_us, resolved_us, resolved_by \
         FROM proof_comment WHERE proof_id = $1 ORDER BY id",
    )
    .bind(proof)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_comment).collect()
}

/// How many comments a proof has.
///
/// # Errors
/// Whatever the database says.
pub async fn count_comments(conn: &mut Connection, proof: i64) -> Result<i64, StoreError> {
    let row =
        sqlx::query("SELECT COUNT(*) AS n FROM proof_comment WHERE proof_id = $1").bind(proof).fetch_one(conn).await?;
    Ok(row.try_get("n")?)
}

/// Says that a comment was dealt with. Answers whether it was open.
///
/// # Errors
/// Whatever the database says.
pub async fn resolve_comment(
    conn: &mut Connection,
    proof: i64,
    id: i64,
    by: &str,
    now_us: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE proof_comment SET resolved_us = $3, resolved_by = $4 \
         WHERE id = $1 AND proof_id = $2 AND resolved_us IS NULL",
    )
    .bind(id)
    .bind(proof)
    .bind(now_us)
    .bind(by)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records a signature.
///
/// # Errors
/// [`StoreError::Conflict`] when this person has signed this proof already.
pub async fn insert_signature(conn: &mut Connection, signature: &SignatureRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO proof_signature (id, proof_id, position, user_id, name, email, meaning, artwork, comment, created_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(signature.id)
    .bind(signature.proof_id)
    .bind(signature.position)
    .bind(signature.user_id)
    .bind(&*signature.name)
    .bind(&*signature.email)
    .bind(&*signature.meaning)
    .bind(&*signature.artwork)
    .bind(&*signature.comment)
    .bind(signature.created_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// The signatures of a proof, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn signatures(conn: &mut Connection, proof: i64) -> Result<Vec<SignatureRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, proof_id, position, user_id, name, email, meaning, artwork, comment, created_us \
         FROM proof_signature WHERE proof_id = $1 ORDER BY id",
    )
    .bind(proof)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SignatureRow {
                id: row.try_get("id")?,
                proof_id: row.try_get("proof_id")?,
                position: row.try_get("position")?,
                user_id: row.try_get("user_id")?,
                name: row.try_get("name")?,
                email: row.try_get("email")?,
                meaning: row.try_get("meaning")?,
                artwork: row.try_get("artwork")?,
                comment: row.try_get("comment")?,
                created_us: row.try_get("created_us")?,
            })
        })
        .collect()
}
