//! Approvals of label artwork: append-only, but for being superseded and withdrawn once.

use super::proof::ProofOf;
use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An approval. `id` is its place in the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// For which SKU.
    pub sku_id: i64,
    /// Its code.
    pub sku: String,
    /// For which of its revisions; `None` for a SKU without any.
    pub revision_id: Option<i64>,
    /// That revision's name.
    pub revision: Option<String>,
    /// Template name.
    pub template: String,
    /// Digest of the template's file, in hex.
    pub template_digest: String,
    /// Dots an inch of the printers that it holds for.
    pub dpi: i64,
    /// Digest of everything that is the same on every label, in hex.
    pub artwork: String,
    /// What went into it, as JSON.
    pub inputs: String,
    /// Who approved.
    pub approver: String,
    /// Where the approval is on file, or what it says.
    pub note: String,
    /// Who recorded it.
    pub actor: String,
    /// When it was recorded, microseconds since 1970 UTC.
    pub created_us: i64,
    /// When it was withdrawn.
    pub withdrawn_us: Option<i64>,
    /// Why.
    pub withdrawn_why: Option<String>,
    /// The proof that it came of.
    pub proof_id: Option<i64>,
    /// That proof's name.
    pub proof: Option<String>,
    /// When a newer approval took its place: no new job is made under it since then.
    pub superseded_us: Option<i64>,
}

const SELECT: &str = "SELECT a.id, a.sku_id, s.code AS sku, a.sku_revision_id, r.revision, a.template, \
    a.template_digest, a.dpi, a.artwork, a.inputs, a.approver, a.note, a.actor, a.created_us, a.withdrawn_us, \
    a.withdrawn_why, a.proof_id, p.code AS proof, a.superseded_us FROM approval a JOIN sku s ON s.id = a.sku_id \
    LEFT JOIN sku_revision r ON r.id = a.sku_revision_id LEFT JOIN proof p ON p.id = a.proof_id";

fn read(row: &AnyRow) -> Result<ApprovalRow, StoreError> {
    Ok(ApprovalRow {
        id: row.try_get("id")?,
        sku_id: row.try_get("sku_id")?,
        sku: row.try_get("sku")?,
        revision_id: row.try_get("sku_revision_id")?,
        revision: row.try_get("revision")?,
        template: row.try_get("template")?,
        template_digest: row.try_get("template_digest")?,
        dpi: row.try_get("dpi")?,
        artwork: row.try_get("artwork")?,
        inputs: row.try_get("inputs")?,
        approver: row.try_get("approver")?,
        note: row.try_get("note")?,
        actor: row.try_get("actor")?,
        created_us: row.try_get("created_us")?,
        withdrawn_us: row.try_get("withdrawn_us")?,
        withdrawn_why: row.try_get("withdrawn_why")?,
        proof_id: row.try_get("proof_id")?,
        proof: row.try_get("proof")?,
        superseded_us: row.try_get("superseded_us")?,
    })
}

/// Records an approval.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(conn: &mut Connection, approval: &ApprovalRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO approval (id, sku_id, sku_revision_id, template, template_digest, dpi, artwork, inputs, approver, \
         note, actor, created_us, proof_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(approval.id)
    .bind(approval.sku_id)
    .bind(approval.revision_id)
    .bind(&*approval.template)
    .bind(&*approval.template_digest)
    .bind(approval.dpi)
    .bind(&*approval.artwork)
    .bind(&*approval.inputs)
    .bind(&*approval.approver)
    .bind(&*approval.note)
    .bind(&*approval.actor)
    .bind(approval.created_us)
    .bind(approval.proof_id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Withdraws an approval. Answers whether there was one that stood.
///
/// # Errors
/// Whatever the database says.
pub async fn withdraw(conn: &mut Connection, id: i64, now_us: i64, why: &str) -> Result<bool, StoreError> {
    let done =
        sqlx::query("UPDATE approval SET withdrawn_us = $2, withdrawn_why = $3 WHERE id = $1 AND withdrawn_us IS NULL")
            .bind(id)
            .bind(now_us)
            .bind(why)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes an approval for this transaction, so that nobody withdraws it meanwhile. Answers whether labels that were queued
/// under it may be printed: it was not withdrawn.
///
/// # Errors
/// Whatever the database says.
pub async fn hold(conn: &mut Connection, id: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE approval SET withdrawn_us = NULL WHERE id = $1 AND withdrawn_us IS NULL")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes an approval for this transaction. Answers whether new jobs can be made under it: it was neither withdrawn nor
/// superseded.
///
/// # Errors
/// Whatever the database says.
pub async fn hold_standing(conn: &mut Connection, id: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE approval SET withdrawn_us = NULL WHERE id = $1 AND withdrawn_us IS NULL AND superseded_us IS NULL",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Says that a newer approval of the same label took the place of all others that stand. Answers their numbers.
///
/// # Errors
/// Whatever the database says.
pub async fn supersede(conn: &mut Connection, label: &ProofOf<'_>, now_us: i64) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query(
        "UPDATE approval SET superseded_us = $5 WHERE sku_id = $1 AND COALESCE(sku_revision_id, 0) = $2 AND template = $3 \
         AND dpi = $4 AND withdrawn_us IS NULL AND superseded_us IS NULL RETURNING id",
    )
    .bind(label.sku_id)
    .bind(label.revision_id.unwrap_or(0))
    .bind(label.template)
    .bind(label.dpi)
    .bind(now_us)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// The approval that came of a proof.
///
/// # Errors
/// Whatever the database says.
pub async fn of_proof(conn: &mut Connection, proof: i64) -> Result<Option<ApprovalRow>, StoreError> {
    let sql = format!("{SELECT} WHERE a.proof_id = $1");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(proof).fetch_optional(conn).await?.as_ref().map(read).transpose()
}

/// Whether an approval is on record to hold for artwork of another digest, since its samples are the very same dots.
///
/// # Errors
/// Whatever the database says.
pub async fn is_carried(conn: &mut Connection, id: i64, artwork: &str, rule: i64) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT approval_id FROM approval_carry WHERE approval_id = $1 AND artwork = $2 AND rule_version = $3",
    )
    .bind(id)
    .bind(artwork)
    .bind(rule)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Remembers that an approval holds for artwork of another digest. Answers whether that was new.
///
/// # Errors
/// Whatever the database says.
pub async fn carry(
    conn: &mut Connection,
    id: i64,
    artwork: &str,
    rule: i64,
    audit_id: i64,
    now_us: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO approval_carry (approval_id, artwork, rule_version, audit_id, created_us) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (approval_id, artwork, rule_version) DO NOTHING",
    )
    .bind(id)
    .bind(artwork)
    .bind(rule)
    .bind(audit_id)
    .bind(now_us)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The approval with this number.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<ApprovalRow>, StoreError> {
    let row =
        sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE a.id = $1"))).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The approvals of a SKU under which new jobs can be made, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn standing(conn: &mut Connection, sku_id: i64) -> Result<Vec<ApprovalRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE a.sku_id = $1 AND a.withdrawn_us IS NULL AND a.superseded_us IS NULL ORDER BY a.id DESC LIMIT 200"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(sku_id).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Approvals of a brand (`None`: of all), newest first, before a number.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    conn: &mut Connection,
    brand: Option<i64>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<ApprovalRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE (CAST($1 AS BIGINT) IS NULL OR s.brand_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR a.id < $2) \
         ORDER BY a.id DESC LIMIT $3"
    );
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(brand).bind(before).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}
