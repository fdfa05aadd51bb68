//! Blocks: ranges of serials handed out for one SKU and batch.

use super::rows::{MultiInsert, db, in_list, unsigned};
use super::{Connection, StoreError};
use crate::trace::{Account, BlockCode, Fate, Span};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeSet;

/// What is written once, when a block is reserved.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// The block's place in the audit chain, its row id, and the id of its event.
    pub id: u64,
    /// Its public name.
    pub code: BlockCode,
    /// Which counter its ordinals belong to.
    pub series_id: i64,
    /// Which ordinals.
    pub span: Span,
    /// For which SKU.
    pub sku_id: i64,
    /// Under which revision of it.
    pub sku_revision_id: Option<i64>,
    /// For which batch.
    pub batch_id: i64,
    /// Who asked.
    pub station: String,
    /// The order it is for, as the asker wrote it.
    pub order_ref: Option<String>,
    /// What makes a repeated request recognisable.
    pub idempotency_key: String,
    /// SHA-256 of the request, in hex.
    pub fingerprint: String,
    /// The answer that was given, and is given again to a repeated request.
    pub answer: String,
    /// When, microseconds since 1970 UTC.
    pub created_us: i64,
}

/// A block with the names that people know it by.
#[derive(Debug, Clone)]
pub struct BlockRow {
    /// Row id.
    pub id: i64,
    /// Public name.
    pub code: String,
    /// Counter.
    pub series_id: i64,
    /// The counter's rule version.
    pub rule_version_id: i64,
    /// The counter's context.
    pub context: String,
    /// Which ordinals.
    pub span: Span,
    /// SKU row.
    pub sku_id: i64,
    /// SKU code.
    pub sku: String,
    /// Brand row of the SKU.
    pub brand_id: i64,
    /// Revision of the SKU, if one was in force.
    pub revision: Option<String>,
    /// Batch row.
    pub batch_id: i64,
    /// Batch code.
    pub batch: String,
    /// Station.
    pub station: String,
    /// Order.
    pub order_ref: Option<String>,
    /// When, microseconds since 1970 UTC.
    pub created_us: i64,
    /// How many serials have which fate.
    pub account: Account,
}

/// What a request with a known idempotency key got.
#[derive(Debug, Clone)]
pub struct PastAnswer {
    /// The key.
    pub idempotency_key: String,
    /// Whose key it is.
    pub station: String,
    /// SHA-256 of the request that it came with.
    pub fingerprint: String,
    /// The answer.
    pub answer: String,
}

const SELECT: &str = "SELECT b.id, b.code, b.series_id, s.rule_version_id, s.context, b.first_ordinal, b.last_ordinal, \
    b.sku_id, k.code AS sku, k.brand_id, r.revision, b.batch_id, t.code AS batch, b.station, b.order_ref, b.created_us, \
    b.printed, b.applied, b.returned, b.voided, b.unaccounted \
    FROM block b JOIN series s ON s.id = b.series_id JOIN sku k ON k.id = b.sku_id JOIN batch t ON t.id = b.batch_id \
    LEFT JOIN sku_revision r ON r.id = b.sku_revision_id";

fn read(row: &AnyRow) -> Result<BlockRow, StoreError> {
    let id: i64 = row.try_get("id")?;
    let number = |column| unsigned(row, "block", column);
    let span = Span::new(number("first_ordinal")?, number("last_ordinal")?)
        .map_err(|_| StoreError::corrupt("block", "last_ordinal", id))?;
    let mut account = Account {
        issued: span.len(),
        reserved: 0,
        printed: number("printed")?,
        applied: number("applied")?,
        returned: number("returned")?,
        void: number("voided")?,
        unaccounted: number("unaccounted")?,
    };
    let told = account.printed + account.applied + account.returned + account.void + account.unaccounted;
    account.reserved = span.len().checked_sub(told).ok_or_else(|| StoreError::corrupt("block", "printed", id))?;
    Ok(BlockRow {
        id,
        code: row.try_get("code")?,
        series_id: row.try_get("series_id")?,
        rule_version_id: row.try_get("rule_version_id")?,
        context: row.try_get("context")?,
        span,
        sku_id: row.try_get("sku_id")?,
        sku: row.try_get("sku")?,
        brand_id: row.try_get("brand_id")?,
        revision: row.try_get("revision")?,
        batch_id: row.try_get("batch_id")?,
        batch: row.try_get("batch")?,
        station: row.try_get("station")?,
        order_ref: row.try_get("order_ref")?,
        created_us: row.try_get("created_us")?,
        account,
    })
}

/// Writes new blocks.
///
/// # Errors
/// [`StoreError::Conflict`] when one overlaps serials already issued, or repeats an idempotency key.
pub async fn insert(conn: &mut Connection, blocks: &[NewBlock]) -> Result<(), StoreError> {
    static INSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO block (id, code, series_id, first_ordinal, last_ordinal, sku_id, sku_revision_id, batch_id, \
         station, order_ref, idempotency_key, fingerprint, answer, created_us) VALUES",
        14,
        "",
    );
    let mut rows = Vec::with_capacity(blocks.len());
    for block in blocks {
        rows.push((db(block.id)?, db(block.span.first())?, db(block.span.last())?, block));
    }
    INSERT
        .run(conn, &rows, |query, (id, first, last, block)| {
            query
                .bind(*id)
                .bind(block.code.as_str())
                .bind(block.series_id)
                .bind(*first)
                .bind(*last)
                .bind(block.sku_id)
                .bind(block.sku_revision_id)
                .bind(block.batch_id)
                .bind(&*block.station)
                .bind(block.order_ref.as_deref())
                .bind(&*block.idempotency_key)
                .bind(&*block.fingerprint)
                .bind(&*block.answer)
                .bind(block.created_us)
        })
        .await?;
    Ok(())
}

/// What requests with these keys got before.
///
/// # Errors
/// Whatever the database says.
pub async fn past_answers(conn: &mut Connection, keys: &[&str]) -> Result<Vec<PastAnswer>, StoreError> {
    let Some(last) = keys.last() else { return Ok(Vec::new()) };
    let (list, padded) = in_list(keys.len());
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT idempotency_key, station, fingerprint, answer FROM block WHERE idempotency_key IN ({list})"
    ));
    let query = (0..padded).fold(sqlx::query(sql), |query, i| query.bind(*keys.get(i).unwrap_or(last)));
    query
        .fetch_all(conn)
        .await?
        .iter()
        .map(|row| {
            Ok(PastAnswer {
                idempotency_key: row.try_get("idempotency_key")?,
                station: row.try_get("station")?,
                fingerprint: row.try_get("fingerprint")?,
                answer: row.try_get("answer")?,
            })
        })
        .collect()
}

/// The block with this public name, if the caller may see its brand (`None` sees all).
///
/// # Errors
/// Whatever the database says.
pub async fn by_code(conn: &mut Connection, code: &str, brand: Option<i64>) -> Result<Option<BlockRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE b.code = $1 AND ($2 = -1 OR k.brand_id = $2)"));
    let row = sqlx::query(sql).bind(code).bind(brand.unwrap_or(-1)).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The block that an ordinal was handed out in, if it ever was: one index look-up.
///
/// # Errors
/// Whatever the database says.
pub async fn holding(conn: &mut Connection, series_id: i64, ordinal: u64) -> Result<Option<BlockRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE b.series_id = $1 AND b.first_ordinal = (SELECT first_ordinal FROM block \
         WHERE series_id = $1 AND first_ordinal <= $2 ORDER BY first_ordinal DESC LIMIT 1) AND b.last_ordinal >= $2"
    ));
    let row = sqlx::query(sql).bind(series_id).bind(db(ordinal)?).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The code of a block that holds an ordinal of a range, if any does: one index look-up.
///
/// # Errors
/// Whatever the database says.
pub async fn overlapping(conn: &mut Connection, series_id: i64, span: Span) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "SELECT code, last_ordinal FROM block WHERE series_id = $1 AND first_ordinal <= $2 \
         ORDER BY first_ordinal DESC LIMIT 1",
    )
    .bind(series_id)
    .bind(db(span.last())?)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let reaches = unsigned(&row, "block", "last_ordinal")? >= span.first();
    Ok(if reaches { Some(row.try_get("code")?) } else { None })
}

/// Which blocks to list.
#[derive(Debug, Clone, Default)]
pub struct BlockFilter {
    /// Only this batch.
    pub batch_id: Option<i64>,
    /// Only this SKU.
    pub sku_id: Option<i64>,
    /// Only this station.
    pub station: Option<String>,
    /// Only SKUs of this brand.
    pub brand_id: Option<i64>,
    /// Only blocks older than this row id (the cursor).
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Blocks, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, filter: &BlockFilter) -> Result<Vec<BlockRow>, StoreError> {
    let mut sql = format!("{SELECT} WHERE b.id < $1 AND ($2 = -1 OR k.brand_id = $2)");
    // Written into the text only where asked for, so that each form can use its own index.
    if filter.batch_id.is_some() {
        sql.push_str(" AND b.batch_id = $4");
    } else {
        sql.push_str(" AND $4 = -1");
    }
    sql.push_str(if filter.sku_id.is_some() { " AND b.sku_id = $5" } else { " AND $5 = -1" });
    sql.push_str(if filter.station.is_some() { " AND b.station = $6" } else { " AND $6 = ''" });
    sql.push_str(" ORDER BY b.id DESC LIMIT $3");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(filter.brand_id.unwrap_or(-1))
        .bind(i64::from(filter.limit))
        .bind(filter.batch_id.unwrap_or(-1))
        .bind(filter.sku_id.unwrap_or(-1))
        .bind(filter.station.as_deref().unwrap_or(""))
        .fetch_all(conn)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Blocks of a batch with labels that came out, were handed over or may have come out, newest first: those where something
/// may not be on a unit yet.
///
/// # Errors
/// Whatever the database says.
pub async fn with_labels_out(
    conn: &mut Connection,
    batch_id: i64,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<BlockRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE b.batch_id = $1 AND b.id < $2 AND (b.printed > 0 OR EXISTS (SELECT 1 FROM print_job j \
         WHERE j.block_id = b.id AND j.handed_over + j.unconfirmed > 0)) ORDER BY b.id DESC LIMIT $3"
    ));
    let rows =
        sqlx::query(sql).bind(batch_id).bind(before.unwrap_or(i64::MAX)).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// The account of a whole batch: the sum over its blocks.
///
/// # Errors
/// Whatever the database says.
pub async fn batch_account(conn: &mut Connection, batch_id: i64) -> Result<Account, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(last_ordinal - first_ordinal + 1), 0) AS BIGINT) AS issued, \
         CAST(COALESCE(SUM(printed), 0) AS BIGINT) AS printed, CAST(COALESCE(SUM(applied), 0) AS BIGINT) AS applied, \
         CAST(COALESCE(SUM(returned), 0) AS BIGINT) AS returned, CAST(COALESCE(SUM(voided), 0) AS BIGINT) AS voided, \
         CAST(COALESCE(SUM(unaccounted), 0) AS BIGINT) AS unaccounted FROM block WHERE batch_id = $1",
    )
    .bind(batch_id)
    .fetch_one(conn)
    .await?;
    let number = |column| unsigned(&row, "block", column);
    let mut account = Account {
        issued: number("issued")?,
        reserved: 0,
        printed: number("printed")?,
        applied: number("applied")?,
        returned: number("returned")?,
        void: number("voided")?,
        unaccounted: number("unaccounted")?,
    };
    let told = account.printed + account.applied + account.returned + account.void + account.unaccounted;
    account.reserved =
        account.issued.checked_sub(told).ok_or_else(|| StoreError::corrupt("block", "batch", batch_id))?;
    Ok(account)
}

/// Stations and SKUs of a batch's blocks that still hold open serials, in the order in which such rows are taken.
///
/// # Errors
/// Whatever the database says.
pub async fn open_stations(conn: &mut Connection, batch_id: i64) -> Result<BTreeSet<(String, i64)>, StoreError> {
    let rows = sqlx::query(
        "SELECT DISTINCT station, sku_id FROM block WHERE batch_id = $1 \
         AND applied + returned + voided + unaccounted < last_ordinal - first_ordinal + 1",
    )
    .bind(batch_id)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("station")?, row.try_get("sku_id")?))).collect()
}

/// Moves the counts of a block: `left` serials of each fate (in the order of [`Fate::ALL`]) became `to`.
/// The row stays taken until the transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn move_counts(conn: &mut Connection, id: i64, left: &[u64; 6], to: Fate) -> Result<(), StoreError> {
    let total: u64 = left.iter().sum();
    let delta = |fate: Fate| -> Result<i64, StoreError> {
        let gained = if fate == to { db(total)? } else { 0 };
        Ok(gained - db(left[fate as usize])?)
    };
    sqlx::query(
        "UPDATE block SET printed = printed + $2, applied = applied + $3, returned = returned + $4, \
         voided = voided + $5, unaccounted = unaccounted + $6 WHERE id = $1",
    )
    .bind(id)
    .bind(delta(Fate::Printed)?)
    .bind(delta(Fate::Applied)?)
    .bind(delta(Fate::Returned)?)
    .bind(delta(Fate::Void)?)
    .bind(delta(Fate::Unaccounted)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// The batch of a block.
///
/// # Errors
/// [`StoreError::Corrupt`] when there is no such block.
pub async fn batch_of(conn: &mut Connection, id: i64) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT batch_id FROM block WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.ok_or_else(|| StoreError::corrupt("block", "id", id))?.try_get("batch_id")?)
}

/// The code of a block.
///
/// # Errors
/// Whatever the database says.
pub async fn code_of(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT code FROM block WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("code")).transpose()?)
}

/// The answer that a block's reservation got.
///
/// # Errors
/// Whatever the database says.
pub async fn answer_of(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT answer FROM block WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("answer")).transpose()?)
}
