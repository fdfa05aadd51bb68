//! Proofs: what a label will look like, and how far its approval has come.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A proof without its pictures and its report. `id` is its place in the audit chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProofRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// Its public name.
    pub code: String,
    /// Of which SKU.
    pub sku_id: i64,
    /// Its code.
    pub sku: String,
    /// The SKU's brand.
    pub brand_id: i64,
    /// Of which of its revisions; `None` for a SKU without any.
    pub revision_id: Option<i64>,
    /// That revision's name.
    pub revision: Option<String>,
    /// Template name.
    pub template: String,
    /// Digest of the template's file, in hex.
    pub template_digest: String,
    /// Dots an inch of the printers that it holds for.
    pub dpi: i64,
    /// Width of the label.
    pub width_um: i64,
    /// Height of the label.
    pub height_um: i64,
    /// Label stock and ribbon.
    pub stock: String,
    /// Digest of everything that is the same on every label, in hex.
    pub artwork: String,
    /// What went into it, as JSON.
    pub inputs: String,
    /// The proof that it takes the place of.
    pub replaces: Option<String>,
    /// That proof's row.
    pub replaces_id: Option<i64>,
    /// The last proof that was approved before it.
    pub previous_id: Option<i64>,
    /// Name of its state.
    pub state: String,
    /// Who must approve, as JSON; set when it is requested.
    pub required: String,
    /// What whoever made it says about it.
    pub note: String,
    /// Who made it.
    pub actor: String,
    /// The person who made it, if it was one who signed in.
    pub user_id: Option<i64>,
    /// When it was made, microseconds since 1970 UTC.
    pub created_us: i64,
    /// When it was shown to the approvers.
    pub requested_us: Option<i64>,
    /// When the last of them decided.
    pub decided_us: Option<i64>,
    /// When it was superseded or withdrawn.
    pub ended_us: Option<i64>,
    /// Why.
    pub ended_why: Option<String>,
    /// Counts what happened to it.
    pub edit_version: i64,
    /// Whose idempotency key it was made with.
    pub key_scope: String,
    /// That key.
    pub idempotency_key: String,
    /// SHA-256 of the request that made it.
    pub fingerprint: String,
}

const SELECT: &str = "SELECT p.id, p.code, p.sku_id, s.code AS sku, s.brand_id, p.sku_revision_id, r.revision, p.template, \
    p.template_digest, p.dpi, p.width_um, p.height_um, p.stock, p.artwork, p.inputs, o.code AS replaces, p.replaces_id, \
    p.previous_id, p.state, p.required, p.note, p.actor, p.user_id, p.created_us, p.requested_us, p.decided_us, \
    p.ended_us, p.ended_why, p.edit_version, p.key_scope, p.idempotency_key, p.fingerprint \
    FROM proof p JOIN sku s ON s.id = p.sku_id LEFT JOIN sku_revision r ON r.id = p.sku_revision_id \
    LEFT JOIN proof o ON o.id = p.replaces_id";

/// What a caller sees who is bound to a brand (`$2`): its own proofs, from when they were requested.
const VISIBLE: &str = "(CAST($2 AS BIGINT) IS NULL OR (s.brand_id = $2 AND p.requested_us IS NOT NULL))";

fn read(row: &AnyRow) -> Result<ProofRow, StoreError> {
    Ok(ProofRow {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        sku_id: row.try_get("sku_id")?,
        sku: row.try_get("sku")?,
        brand_id: row.try_get("brand_id")?,
        revision_id: row.try_get("sku_revision_id")?,
        revision: row.try_get("revision")?,
        template: row.try_get("template")?,
        template_digest: row.try_get("template_digest")?,
        dpi: row.try_get("dpi")?,
        width_um: row.try_get("width_um")?,
        height_um: row.try_get("height_um")?,
        stock: row.try_get("stock")?,
        artwork: row.try_get("artwork")?,
        inputs: row.try_get("inputs")?,
        replaces: row.try_get("replaces")?,
        replaces_id: row.try_get("replaces_id")?,
        previous_id: row.try_get("previous_id")?,
        state: row.try_get("state")?,
        required: row.try_get("required")?,
        note: row.try_get("note")?,
        actor: row.try_get("actor")?,
        user_id: row.try_get("user_id")?,
        created_us: row.try_get("created_us")?,
        requested_us: row.try_get("requested_us")?,
        decided_us: row.try_get("decided_us")?,
        ended_us: row.try_get("ended_us")?,
        ended_why: row.try_get("ended_why")?,
        edit_version: row.try_get("edit_version")?,
        key_scope: row.try_get("key_scope")?,
        idempotency_key: row.try_get("idempotency_key")?,
        fingerprint: row.try_get("fingerprint")?,
    })
}

/// Records a new proof with its report.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(conn: &mut Connection, proof: &ProofRow, report: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO proof (id, code, sku_id, sku_revision_id, template, template_digest, dpi, width_um, height_um, stock, \
         artwork, inputs, report, replaces_id, previous_id, state, required, note, actor, user_id, created_us, key_scope, \
         idempotency_key, fingerprint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20, $21, $22, $23, $24)",
    )
    .bind(proof.id)
    .bind(&*proof.code)
    .bind(proof.sku_id)
    .bind(proof.revision_id)
    .bind(&*proof.template)
    .bind(&*proof.template_digest)
    .bind(proof.dpi)
    .bind(proof.width_um)
    .bind(proof.height_um)
    .bind(&*proof.stock)
    .bind(&*proof.artwork)
    .bind(&*proof.inputs)
    .bind(report)
    .bind(proof.replaces_id)
    .bind(proof.previous_id)
    .bind(&*proof.state)
    .bind(&*proof.required)
    .bind(&*proof.note)
    .bind(&*proof.actor)
    .bind(proof.user_id)
    .bind(proof.created_us)
    .bind(&*proof.key_scope)
    .bind(&*proof.idempotency_key)
    .bind(&*proof.fingerprint)
    .execute(conn)
    .await?;
    Ok(())
}

/// The proof of this name, if the caller may see it.
///
/// # Errors
/// Whatever the database says.
pub async fn by_code(conn: &mut Connection, code: &str, brand: Option<i64>) -> Result<Option<ProofRow>, StoreError> {
    let sql = format!("{SELECT} WHERE p.code = $1 AND {VISIBLE}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(code).bind(brand).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The proof with this row id.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<ProofRow>, StoreError> {
    let sql = format!("{SELECT} WHERE p.id = $1");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?.as_ref().map(read).transpose()
}

/// The proof that was made with an idempotency key.
///
/// # Errors
/// Whatever the database says.
pub async fn by_key(conn: &mut Connection, scope: &str, key: &str) -> Result<Option<ProofRow>, StoreError> {
    let sql = format!("{SELECT} WHERE p.key_scope = $1 AND p.idempotency_key = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(scope).bind(key).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// What preflight and decode gate found, as JSON.
///
/// # Errors
/// Whatever the database says.
pub async fn report(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT report FROM proof WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("report")).transpose()?)
}

/// Takes a proof for this transaction, and answers it as it is now: of two who decide at once the second sees what the
/// first said.
///
/// # Errors
/// Whatever the database says.
pub async fn hold(conn: &mut Connection, id: i64) -> Result<Option<ProofRow>, StoreError> {
    sqlx::query("UPDATE proof SET edit_version = edit_version + 1 WHERE id = $1").bind(id).execute(&mut *conn).await?;
    by_id(conn, id).await
}

/// Says that a draft was shown to these approvers.
///
/// # Errors
/// [`StoreError::Conflict`] when another proof of the same label is requested already.
pub async fn set_requested(
    conn: &mut Connection,
    id: i64,
    required: &str,
    previous: Option<i64>,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE proof SET state = 'requested', required = $2, previous_id = $3, requested_us = $4 \
         WHERE id = $1 AND state = 'draft'",
    )
    .bind(id)
    .bind(required)
    .bind(previous)
    .bind(now_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// Says what the approvers decided. Answers whether the proof was still waiting for them.
///
/// # Errors
/// Whatever the database says.
pub async fn set_decided(conn: &mut Connection, id: i64, state: &str, now_us: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE proof SET state = $2, decided_us = $3 WHERE id = $1 AND state = 'requested'")
        .bind(id)
        .bind(state)
        .bind(now_us)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a proof: superseded or withdrawn.
///
/// # Errors
/// Whatever the database says.
pub async fn set_ended(conn: &mut Connection, id: i64, state: &str, why: &str, now_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE proof SET state = $2, ended_us = $3, ended_why = $4 WHERE id = $1")
        .bind(id)
        .bind(state)
        .bind(now_us)
        .bind(why)
        .execute(conn)
        .await?;
    Ok(())
}

/// A label that proofs are made of: everything that must be the same for one to take the place of another.
#[derive(Debug, Clone, Copy)]
pub struct ProofOf<'p> {
    /// SKU.
    pub sku_id: i64,
    /// Its revision.
    pub revision_id: Option<i64>,
    /// Template name.
    pub template: &'p str,
    /// Dots an inch.
    pub dpi: i64,
}

impl ProofRow {
    /// What it is a proof of.
    #[must_use]
    pub fn of(&self) -> ProofOf<'_> {
        ProofOf { sku_id: self.sku_id, revision_id: self.revision_id, template: &self.template, dpi: self.dpi }
    }
}

/// Proofs of one label in one of these states, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn of_label(conn: &mut Connection, label: &ProofOf<'_>, state: &str) -> Result<Vec<ProofRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE p.sku_id = $1 AND COALESCE(p.sku_revision_id, 0) = $2 AND p.template = $3 AND p.dpi = $4 \
         AND p.state = $5 ORDER BY p.id DESC LIMIT 100"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(label.sku_id)
        .bind(label.revision_id.unwrap_or(0))
        .bind(label.template)
        .bind(label.dpi)
        .bind(state)
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// The newest proof of a label, whatever became of it.
///
/// # Errors
/// Whatever the database says.
pub async fn latest(conn: &mut Connection, label: &ProofOf<'_>) -> Result<Option<ProofRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE p.sku_id = $1 AND COALESCE(p.sku_revision_id, 0) = $2 AND p.template = $3 AND p.dpi = $4 \
         ORDER BY p.id DESC LIMIT 1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(label.sku_id)
        .bind(label.revision_id.unwrap_or(0))
        .bind(label.template)
        .bind(label.dpi)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The last proof of a SKU that was approved, whatever its revision: of the same template and resolution if there is one,
/// else of the same resolution, else any.
///
/// # Errors
/// Whatever the database says.
pub async fn last_approved(
    conn: &mut Connection,
    sku_id: i64,
    template: &str,
    dpi: i64,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "SELECT p.id FROM proof p WHERE p.sku_id = $1 AND p.state IN ('approved', 'superseded') \
         ORDER BY CASE WHEN p.template = $2 AND p.dpi = $3 THEN 0 WHEN p.dpi = $3 THEN 1 ELSE 2 END, p.id DESC LIMIT 1",
    )
    .bind(sku_id)
    .bind(template)
    .bind(dpi)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// The name of the proof that took the place of another.
///
/// # Errors
/// Whatever the database says.
pub async fn replaced_by(conn: &mut Connection, id: i64, brand: Option<i64>) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "SELECT code FROM proof WHERE replaces_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR requested_us IS NOT NULL) \
         ORDER BY id DESC LIMIT 1",
    )
    .bind(id)
    .bind(brand)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("code")).transpose()?)
}

/// Which proofs are listed.
#[derive(Debug, Clone, Default)]
pub struct Which<'w> {
    /// Of this brand, from when they were requested.
    pub brand: Option<i64>,
    /// In this state.
    pub state: Option<&'w str>,
    /// Of this SKU.
    pub sku_id: Option<i64>,
    /// Older than this row.
    pub before: Option<i64>,
}

/// Proofs, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, which: &Which<'_>, limit: u32) -> Result<Vec<ProofRow>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE (CAST($1 AS BIGINT) IS NULL OR p.id < $1) AND {VISIBLE} AND (CAST($3 AS TEXT) IS NULL OR p.state = $3) \
         AND (CAST($4 AS BIGINT) IS NULL OR p.sku_id = $4) ORDER BY p.id DESC LIMIT $5"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(which.before)
        .bind(which.brand)
        .bind(which.state)
        .bind(which.sku_id)
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}
