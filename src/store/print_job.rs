//! Print jobs and the counts of their labels' states.

use super::print_label::Lane;
use super::rows::{db, unsigned};
use super::{Connection, StoreError};
use crate::trace::Span;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A print job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// Public name.
    pub code: String,
    /// `live`, `reprint`, `reissue` or `test`.
    pub kind: String,
    /// Which printer.
    pub printer_id: i64,
    /// The series of its serials; of a test job the negative of its own id.
    pub lane: i64,
    /// 1 for the first print of its serials.
    pub copy: i64,
    /// Whose serials; `None` for a test.
    pub block_id: Option<i64>,
    /// For which SKU.
    pub sku_id: i64,
    /// Under which approval; `None` for a test.
    pub approval_id: Option<i64>,
    /// Template name.
    pub template: String,
    /// Digest of the template's file.
    pub template_digest: String,
    /// Dots an inch.
    pub dpi: i64,
    /// Digest of what is the same on every label of the approved artwork.
    pub artwork: String,
    /// Everything that the labels are made of, as JSON.
    pub inputs: String,
    /// Higher goes first.
    pub priority: i64,
    /// `ready`, `held`, `stopped` or `canceled`.
    pub state: String,
    /// Why it is held or stopped.
    pub held_for: Option<String>,
    /// When labels that are still queued are cancelled.
    pub expires_us: Option<i64>,
    /// Among jobs of one priority the lowest goes first.
    pub turn_us: i64,
    /// Leases in a row that brought nothing out.
    pub failures: i64,
    /// How many labels it was made for.
    pub labels: i64,
    /// How many are in each state, in the order of `LabelState::NAMES`.
    pub counts: [i64; 6],
    /// How many were cancelled before they left the queue.
    pub canceled: i64,
    /// Who asked for it.
    pub actor: String,
    /// Why: for reprints.
    pub reason: Option<String>,
    /// What was said of the label that it replaces.
    pub attestation: Option<String>,
    /// Who agreed, where a second person has to.
    pub second_person: Option<String>,
    /// Whose idempotency key.
    pub key_scope: String,
    /// The idempotency key.
    pub idempotency_key: String,
    /// SHA-256 of the request, in hex.
    pub fingerprint: String,
    /// When it was made, microseconds since 1970 UTC.
    pub created_us: i64,
    /// The printer's name.
    pub printer: String,
    /// SKU code.
    pub sku: String,
    /// Its brand.
    pub brand_id: i64,
    /// Block code.
    pub block: Option<String>,
    /// Batch code.
    pub batch: Option<String>,
    /// The station that reserved the block.
    pub station: Option<String>,
}

impl JobRow {
    /// Where its labels are.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        Lane { series: self.lane, copy: self.copy, job: self.id }
    }
}

/// A job with the names of what it belongs to.
pub(super) const SELECT: &str = "SELECT j.*, p.code AS printer, s.code AS sku, s.brand_id, b.code AS block, \
    t.code AS batch, b.station FROM print_job j JOIN printer p ON p.id = j.printer_id \
    JOIN sku s ON s.id = j.sku_id LEFT JOIN block b ON b.id = j.block_id LEFT JOIN batch t ON t.id = b.batch_id";

pub(super) fn read(row: &AnyRow) -> Result<JobRow, StoreError> {
    let mut counts = [0; 6];
    for (count, name) in counts.iter_mut().zip(crate::print::LabelState::NAMES) {
        *count = row.try_get(name)?;
    }
    Ok(JobRow {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        kind: row.try_get("kind")?,
        printer_id: row.try_get("printer_id")?,
        lane: row.try_get("lane")?,
        copy: row.try_get("copy")?,
        block_id: row.try_get("block_id")?,
        sku_id: row.try_get("sku_id")?,
        approval_id: row.try_get("approval_id")?,
        template: row.try_get("template")?,
        template_digest: row.try_get("template_digest")?,
        dpi: row.try_get("dpi")?,
        artwork: row.try_get("artwork")?,
        inputs: row.try_get("inputs")?,
        priority: row.try_get("priority")?,
        state: row.try_get("state")?,
        held_for: row.try_get("held_for")?,
        expires_us: row.try_get("expires_us")?,
        turn_us: row.try_get("turn_us")?,
        failures: row.try_get("failures")?,
        labels: row.try_get("labels")?,
        counts,
        canceled: row.try_get("canceled")?,
        actor: row.try_get("actor")?,
        reason: row.try_get("reason")?,
        attestation: row.try_get("attestation")?,
        second_person: row.try_get("second_person")?,
        key_scope: row.try_get("key_scope")?,
        idempotency_key: row.try_get("idempotency_key")?,
        fingerprint: row.try_get("fingerprint")?,
        created_us: row.try_get("created_us")?,
        printer: row.try_get("printer")?,
        sku: row.try_get("sku")?,
        brand_id: row.try_get("brand_id")?,
        block: row.try_get("block")?,
        batch: row.try_get("batch")?,
        station: row.try_get("station")?,
    })
}

/// Records a job, all of whose labels are queued.
///
/// # Errors
/// [`StoreError::Conflict`] when its key was used before.
pub async fn insert(conn: &mut Connection, job: &JobRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO print_job (id, code, kind, printer_id, lane, copy, block_id, sku_id, approval_id, template, \
         template_digest, dpi, artwork, inputs, priority, state, held_for, expires_us, turn_us, labels, queued, actor, \
         reason, attestation, key_scope, idempotency_key, fingerprint, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, \
         $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $21, $22, $23, $24, $25, $26, $27)",
    )
    .bind(job.id)
    .bind(&*job.code)
    .bind(&*job.kind)
    .bind(job.printer_id)
    .bind(job.lane)
    .bind(job.copy)
    .bind(job.block_id)
    .bind(job.sku_id)
    .bind(job.approval_id)
    .bind(&*job.template)
    .bind(&*job.template_digest)
    .bind(job.dpi)
    .bind(&*job.artwork)
    .bind(&*job.inputs)
    .bind(job.priority)
    .bind(&*job.state)
    .bind(job.held_for.as_deref())
    .bind(job.expires_us)
    .bind(job.turn_us)
    .bind(job.labels)
    .bind(&*job.actor)
    .bind(job.reason.as_deref())
    .bind(job.attestation.as_deref())
    .bind(&*job.key_scope)
    .bind(&*job.idempotency_key)
    .bind(&*job.fingerprint)
    .bind(job.created_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// The job with this code, if its brand is the caller's.
///
/// # Errors
/// Whatever the database says.
pub async fn by_code(conn: &mut Connection, code: &str, brand: Option<i64>) -> Result<Option<JobRow>, StoreError> {
    let sql = format!("{SELECT} WHERE j.code = $1 AND (CAST($2 AS BIGINT) IS NULL OR s.brand_id = $2)");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(code.to_owned()).bind(brand).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The job of a row.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<JobRow>, StoreError> {
    let sql = format!("{SELECT} WHERE j.id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The job that was asked for with a key.
///
/// # Errors
/// Whatever the database says.
pub async fn by_key(conn: &mut Connection, scope: &str, key: &str) -> Result<Option<JobRow>, StoreError> {
    let sql = format!("{SELECT} WHERE j.key_scope = $1 AND j.idempotency_key = $2");
    let row =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(scope.to_owned()).bind(key.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The job of a printer whose turn it is, the highest priority first, then who waited longest; and its first queued
/// labels.
///
/// # Errors
/// Whatever the database says.
pub async fn next_for(conn: &mut Connection, printer: i64, now_us: i64) -> Result<Option<(i64, Span)>, StoreError> {
    let row = sqlx::query(
        "SELECT l.job_id, l.first_ordinal, l.last_ordinal FROM print_label l WHERE l.state = 'queued' AND l.job_id = \
         (SELECT id FROM print_job WHERE printer_id = $1 AND state = 'ready' AND queued > 0 \
          AND (expires_us IS NULL OR expires_us > $2) ORDER BY priority DESC, turn_us, id LIMIT 1) \
         ORDER BY l.first_ordinal LIMIT 1",
    )
    .bind(printer)
    .bind(now_us)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let first = unsigned(&row, "print_label", "first_ordinal")?;
    let span = Span::new(first, unsigned(&row, "print_label", "last_ordinal")?)
        .map_err(|_| StoreError::corrupt("print_label", "last_ordinal", first))?;
    Ok(Some((row.try_get("job_id")?, span)))
}

/// Jobs whose queued labels have waited beyond their time.
///
/// # Errors
/// Whatever the database says.
pub async fn overdue(conn: &mut Connection, now_us: i64) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM print_job WHERE expires_us IS NOT NULL AND queued > 0 AND expires_us <= $1 \
         ORDER BY expires_us LIMIT 64",
    )
    .bind(now_us)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// Moves labels between the states of a job, in the order of `LabelState::NAMES`, and so takes its row.
///
/// # Errors
/// [`StoreError::Conflict`] when a count would not add up.
pub async fn count(conn: &mut Connection, id: i64, change: &[i64; 6], canceled: u64) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE print_job SET queued = queued + $2, leased = leased + $3, handed_over = handed_over + $4, \
         confirmed = confirmed + $5, unconfirmed = unconfirmed + $6, scrapped = scrapped + $7, \
         canceled = canceled + $8, failures = CASE WHEN $5 > 0 THEN 0 ELSE failures END WHERE id = $1",
    )
    .bind(id)
    .bind(change[0])
    .bind(change[1])
    .bind(change[2])
    .bind(change[3])
    .bind(change[4])
    .bind(change[5])
    .bind(db(canceled)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sends a job to the end of its printer's queue, behind all that were made or served before.
///
/// # Errors
/// Whatever the database says.
pub async fn set_turn(conn: &mut Connection, id: i64, turn_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE print_job SET turn_us = $2 WHERE id = $1").bind(id).bind(turn_us).execute(conn).await?;
    Ok(())
}

/// Notes a lease that brought nothing out. Answers how many there were in a row: a confirmed label begins anew.
///
/// # Errors
/// Whatever the database says.
pub async fn add_failure(conn: &mut Connection, id: i64) -> Result<i64, StoreError> {
    let row = sqlx::query("UPDATE print_job SET failures = failures + 1 WHERE id = $1 RETURNING failures")
        .bind(id)
        .fetch_one(conn)
        .await?;
    Ok(row.try_get("failures")?)
}

/// Gives a job another state, with the reason for it.
///
/// # Errors
/// Whatever the database says.
pub async fn set_state(conn: &mut Connection, id: i64, state: &str, why: Option<&str>) -> Result<(), StoreError> {
    sqlx::query("UPDATE print_job SET state = $2, held_for = $3, failures = 0 WHERE id = $1")
        .bind(id)
        .bind(state.to_owned())
        .bind(why.map(str::to_owned))
        .execute(conn)
        .await?;
    Ok(())
}

/// Stops a job that is ready, with the reason for it. One that was held or cancelled stays so. Answers its code if it was
/// stopped.
///
/// # Errors
/// Whatever the database says.
pub async fn stop(conn: &mut Connection, id: i64, why: &str) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "UPDATE print_job SET state = 'stopped', held_for = $2, failures = 0 WHERE id = $1 AND state = 'ready' \
         RETURNING code",
    )
    .bind(id)
    .bind(why.to_owned())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("code")).transpose()?)
}

/// The state of a job: `ready`, `held`, `stopped` or `canceled`.
///
/// # Errors
/// Whatever the database says.
pub async fn state(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT state FROM print_job WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("state")).transpose()?)
}

/// Notes who agreed to a reprint.
///
/// # Errors
/// Whatever the database says.
pub async fn set_second_person(conn: &mut Connection, id: i64, actor: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE print_job SET second_person = $2 WHERE id = $1")
        .bind(id)
        .bind(actor.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// How many of a printer's labels wait, and how many jobs they belong to.
///
/// # Errors
/// Whatever the database says.
pub async fn waiting(conn: &mut Connection, printer: i64) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS jobs, CAST(COALESCE(SUM(queued), 0) AS BIGINT) AS labels FROM print_job \
         WHERE printer_id = $1 AND state = 'ready' AND queued > 0",
    )
    .bind(printer)
    .fetch_one(conn)
    .await?;
    Ok((row.try_get("jobs")?, row.try_get("labels")?))
}

/// Stops the jobs under an approval whose labels are queued, or may be again.
///
/// # Errors
/// Whatever the database says.
pub async fn stop_under(conn: &mut Connection, approval: i64, why: &str) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE print_job SET state = 'stopped', held_for = $2 WHERE approval_id = $1 AND queued + leased + handed_over + unconfirmed > 0 \
         AND state IN ('ready', 'held')",
    )
    .bind(approval)
    .bind(why.to_owned())
    .execute(conn)
    .await?;
    Ok(())
}

/// A job of a batch that is not done with its labels, and its state.
///
/// # Errors
/// Whatever the database says.
pub async fn open_of_batch(conn: &mut Connection, batch: i64) -> Result<Option<(String, String)>, StoreError> {
    let row = sqlx::query(
        "SELECT j.code, j.state FROM block b JOIN print_job j ON j.block_id = b.id WHERE b.batch_id = $1 \
         AND j.queued + j.leased + j.handed_over + j.unconfirmed > 0 ORDER BY j.id LIMIT 1",
    )
    .bind(batch)
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.try_get("code")?, row.try_get("state")?))).transpose()
}

/// How many labels of a batch are handed over, and how many unconfirmed.
///
/// # Errors
/// Whatever the database says.
pub async fn on_their_way(conn: &mut Connection, batch: i64) -> Result<(u64, u64), StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(j.handed_over), 0) AS BIGINT) AS handed_over, \
         CAST(COALESCE(SUM(j.unconfirmed), 0) AS BIGINT) AS unconfirmed \
         FROM block b JOIN print_job j ON j.block_id = b.id WHERE b.batch_id = $1",
    )
    .bind(batch)
    .fetch_one(conn)
    .await?;
    Ok((unsigned(&row, "print_job", "handed_over")?, unsigned(&row, "print_job", "unconfirmed")?))
}
