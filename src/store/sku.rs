//! What allocation and look-up ask about SKUs and batches.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// What a reservation must know of a SKU and a batch.
#[derive(Debug, Clone)]
pub struct Target {
    /// SKU row.
    pub sku_id: i64,
    /// SKU code as written in the catalogue.
    pub sku: String,
    /// Brand row.
    pub brand_id: i64,
    /// Product code, for rules that print it.
    pub product: String,
    /// Which rule numbers its units.
    pub rule_code: String,
    /// The revision in force on the day asked for.
    pub revision_id: Option<i64>,
    /// Batch row.
    pub batch_id: i64,
    /// Batch code as written in the catalogue.
    pub batch: String,
    /// Whether the batch still takes reservations.
    pub batch_open: bool,
    /// The batch's day of manufacture (ISO 8601), if known.
    pub manufactured_on: Option<String>,
    /// Whether the batch is said to hold this SKU.
    pub batch_has_sku: bool,
}

/// SKU and batch by their codes (upper-cased); `None` when one of them is unknown.
///
/// # Errors
/// Whatever the database says.
pub async fn target(
    conn: &mut Connection,
    sku_key: &str,
    batch_key: &str,
    on: &str,
) -> Result<Option<Target>, StoreError> {
    let row = sqlx::query(
        "SELECT s.id AS sku_id, s.code AS sku, s.brand_id, p.code AS product, s.rule_code, \
         (SELECT r.id FROM sku_revision r WHERE r.sku_id = s.id AND r.valid_from <= $3 \
          ORDER BY r.valid_from DESC, r.id DESC LIMIT 1) AS revision_id, \
         b.id AS batch_id, b.code AS batch, b.state, b.manufactured_on, m.sku_id AS member \
         FROM sku s JOIN product p ON p.id = s.product_id CROSS JOIN batch b \
         LEFT JOIN batch_sku m ON m.batch_id = b.id AND m.sku_id = s.id \
         WHERE s.code_key = $1 AND b.code_key = $2",
    )
    .bind(sku_key)
    .bind(batch_key)
    .bind(on)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Target {
        sku_id: row.try_get("sku_id")?,
        sku: row.try_get("sku")?,
        brand_id: row.try_get("brand_id")?,
        product: row.try_get("product")?,
        rule_code: row.try_get("rule_code")?,
        revision_id: row.try_get("revision_id")?,
        batch_id: row.try_get("batch_id")?,
        batch: row.try_get("batch")?,
        batch_open: row.try_get::<String, _>("state")? == "open",
        manufactured_on: row.try_get("manufactured_on")?,
        batch_has_sku: row.try_get::<Option<i64>, _>("member")?.is_some(),
    }))
}

/// Adds to what a batch has issued, if it is open; answers whether it was. The row stays taken until the end.
///
/// # Errors
/// Whatever the database says.
pub async fn add_issued(conn: &mut Connection, batch_id: i64, by: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE batch SET issued = issued + $1 WHERE id = $2 AND state = 'open'")
        .bind(by)
        .bind(batch_id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a batch for this transaction and answers whether it is open; `None` when there is none.
///
/// # Errors
/// Whatever the database says.
pub async fn hold_batch(conn: &mut Connection, batch_id: i64) -> Result<Option<bool>, StoreError> {
    let row = sqlx::query("UPDATE batch SET state = state WHERE id = $1 RETURNING state")
        .bind(batch_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|r| r.try_get::<String, _>("state")).transpose()?.map(|s| s == "open"))
}

/// Closes a batch.
///
/// # Errors
/// Whatever the database says.
pub async fn close_batch(conn: &mut Connection, batch_id: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE batch SET state = 'closed', edit_version = edit_version + 1 WHERE id = $1")
        .bind(batch_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// A SKU with everything that its record and its label show.
#[derive(Debug, Clone)]
pub struct SkuRow {
    /// Row id.
    pub id: i64,
    /// SKU code.
    pub code: String,
    /// Product name on the label.
    pub name: String,
    /// GTIN as written.
    pub gtin: Option<String>,
    /// Which rule numbers its units.
    pub rule_code: String,
    /// Which template labels its units.
    pub template: String,
    /// Brand row.
    pub brand_id: i64,
    /// Brand code.
    pub brand: String,
    /// Brand name.
    pub brand_name: String,
    /// Importer text of the brand.
    pub importer_text: String,
    /// Digest of the brand's logo.
    pub logo_digest: Option<String>,
    /// Market of the brand.
    pub market: String,
    /// Product code.
    pub product: String,
    /// Product name (the factory's).
    pub product_name: String,
    /// Hardware platform.
    pub platform: String,
    /// Counts edits; the ETag.
    pub edit_version: i64,
}

pub(super) const SKU: &str = "SELECT s.id, s.code, s.name, s.gtin, s.rule_code, s.template, s.brand_id, s.edit_version, \
    b.code AS brand, b.name AS brand_name, b.importer_text, l.digest AS logo_digest, b.market, p.code AS product, \
    p.name AS product_name, p.platform FROM sku s JOIN brand b ON b.id = s.brand_id JOIN product p ON p.id = s.product_id LEFT JOIN logo l ON l.name = b.logo";

pub(super) fn read_sku(row: &AnyRow) -> Result<SkuRow, StoreError> {
    Ok(SkuRow {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        gtin: row.try_get("gtin")?,
        rule_code: row.try_get("rule_code")?,
        template: row.try_get("template")?,
        brand_id: row.try_get("brand_id")?,
        brand: row.try_get("brand")?,
        brand_name: row.try_get("brand_name")?,
        importer_text: row.try_get("importer_text")?,
        logo_digest: row.try_get("logo_digest")?,
        market: row.try_get("market")?,
        product: row.try_get("product")?,
        product_name: row.try_get("product_name")?,
        platform: row.try_get("platform")?,
        edit_version: row.try_get("edit_version")?,
    })
}

/// The SKU with this row id.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<SkuRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SKU} WHERE s.id = $1"));
    sqlx::query(sql).bind(id).fetch_optional(conn).await?.as_ref().map(read_sku).transpose()
}

/// The SKU with this code (upper-cased), if the caller may see its brand (`None` sees all).
///
/// # Errors
/// Whatever the database says.
pub async fn by_key(conn: &mut Connection, key: &str, brand: Option<i64>) -> Result<Option<SkuRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SKU} WHERE s.code_key = $1 AND ($2 = -1 OR s.brand_id = $2)"));
    let row = sqlx::query(sql).bind(key).bind(brand.unwrap_or(-1)).fetch_optional(conn).await?;
    row.as_ref().map(read_sku).transpose()
}

/// The SKU with this GTIN in its 14-digit form.
///
/// # Errors
/// Whatever the database says.
pub async fn by_gtin_14(conn: &mut Connection, gtin: &str, brand: Option<i64>) -> Result<Option<SkuRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SKU} WHERE s.gtin_14 = $1 AND ($2 = -1 OR s.brand_id = $2)"));
    let row = sqlx::query(sql).bind(gtin).bind(brand.unwrap_or(-1)).fetch_optional(conn).await?;
    row.as_ref().map(read_sku).transpose()
}

/// SKUs by row id, after a cursor.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    conn: &mut Connection,
    brand: Option<i64>,
    after: i64,
    limit: u32,
) -> Result<Vec<SkuRow>, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("{SKU} WHERE s.id > $1 AND ($2 = -1 OR s.brand_id = $2) ORDER BY s.id LIMIT $3"));
    let rows = sqlx::query(sql).bind(after).bind(brand.unwrap_or(-1)).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read_sku).collect()
}

/// Another name of a SKU.
#[derive(Debug, Clone)]
pub struct AliasRow {
    /// SKU row.
    pub sku_id: i64,
    /// branded, factory, model, gtin or customer.
    pub kind: String,
    /// As written.
    pub value: String,
    /// Whose name it is; `None` is the factory's.
    pub owner_brand_id: Option<i64>,
    /// From which day.
    pub valid_from: String,
    /// Until which day, that day included.
    pub valid_to: Option<String>,
}

fn read_alias(row: &AnyRow) -> Result<AliasRow, StoreError> {
    Ok(AliasRow {
        sku_id: row.try_get("sku_id")?,
        kind: row.try_get("kind")?,
        value: row.try_get("value")?,
        owner_brand_id: row.try_get("owner_brand_id")?,
        valid_from: row.try_get("valid_from")?,
        valid_to: row.try_get("valid_to")?,
    })
}

/// Every SKU that goes or went by this name (upper-cased).
///
/// # Errors
/// Whatever the database says.
pub async fn named(conn: &mut Connection, key: &str) -> Result<Vec<AliasRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT sku_id, kind, value, owner_brand_id, valid_from, valid_to FROM sku_alias WHERE value_key = $1 \
         ORDER BY valid_from DESC, id DESC LIMIT 50",
    )
    .bind(key)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_alias).collect()
}

/// Every other name of a SKU.
///
/// # Errors
/// Whatever the database says.
pub async fn aliases(conn: &mut Connection, sku_id: i64) -> Result<Vec<AliasRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT sku_id, kind, value, owner_brand_id, valid_from, valid_to FROM sku_alias WHERE sku_id = $1 ORDER BY id",
    )
    .bind(sku_id)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_alias).collect()
}

/// A batch with its product.
#[derive(Debug, Clone)]
pub struct BatchRow {
    /// Row id.
    pub id: i64,
    /// Batch code.
    pub code: String,
    /// Product code.
    pub product: String,
    /// Day of manufacture, ISO 8601.
    pub manufactured_on: Option<String>,
    /// Free text.
    pub note: String,
    /// Whether it takes reservations.
    pub open: bool,
    /// Counts edits; the ETag.
    pub edit_version: i64,
}

const BATCH: &str = "SELECT b.id, b.code, p.code AS product, b.manufactured_on, b.note, b.state, b.edit_version \
    FROM batch b JOIN product p ON p.id = b.product_id";

/// A caller bound to a brand sees the batches that hold one of its SKUs.
const BATCH_VISIBLE: &str = "($2 = -1 OR EXISTS (SELECT 1 FROM batch_sku m JOIN sku s ON s.id = m.sku_id \
    WHERE m.batch_id = b.id AND s.brand_id = $2))";

fn read_batch(row: &AnyRow) -> Result<BatchRow, StoreError> {
    Ok(BatchRow {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        product: row.try_get("product")?,
        manufactured_on: row.try_get("manufactured_on")?,
        note: row.try_get("note")?,
        open: row.try_get::<String, _>("state")? == "open",
        edit_version: row.try_get("edit_version")?,
    })
}

/// The batch with this code (upper-cased), if the caller may see it.
///
/// # Errors
/// Whatever the database says.
pub async fn batch_by_key(
    conn: &mut Connection,
    key: &str,
    brand: Option<i64>,
) -> Result<Option<BatchRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{BATCH} WHERE b.code_key = $1 AND {BATCH_VISIBLE}"));
    let row = sqlx::query(sql).bind(key).bind(brand.unwrap_or(-1)).fetch_optional(conn).await?;
    row.as_ref().map(read_batch).transpose()
}

/// Batches by row id, after a cursor.
///
/// # Errors
/// Whatever the database says.
pub async fn batches(
    conn: &mut Connection,
    brand: Option<i64>,
    after: i64,
    limit: u32,
) -> Result<Vec<BatchRow>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{BATCH} WHERE b.id > $1 AND {BATCH_VISIBLE} ORDER BY b.id LIMIT $3"));
    let rows = sqlx::query(sql).bind(after).bind(brand.unwrap_or(-1)).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read_batch).collect()
}

/// The SKUs that a batch is said to hold, and its attributes.
///
/// # Errors
/// Whatever the database says.
pub async fn batch_parts(
    conn: &mut Connection,
    batch_id: i64,
    brand: Option<i64>,
) -> Result<(Vec<String>, Vec<(String, String)>), StoreError> {
    let skus = sqlx::query(
        "SELECT s.code FROM batch_sku m JOIN sku s ON s.id = m.sku_id \
         WHERE m.batch_id = $1 AND ($2 = -1 OR s.brand_id = $2) ORDER BY s.id",
    )
    .bind(batch_id)
    .bind(brand.unwrap_or(-1))
    .fetch_all(&mut *conn)
    .await?;
    let attributes = sqlx::query("SELECT name, value FROM batch_attribute WHERE batch_id = $1 ORDER BY name")
        .bind(batch_id)
        .fetch_all(conn)
        .await?;
    Ok((
        skus.iter().map(|r| r.try_get("code")).collect::<Result<_, _>>()?,
        attributes.iter().map(|r| Ok((r.try_get("name")?, r.try_get("value")?))).collect::<Result<_, sqlx::Error>>()?,
    ))
}

/// Writes what can be edited of a SKU, if it still has this version. Answers whether it had.
///
/// # Errors
/// Whatever the database says.
pub async fn edit(conn: &mut Connection, sku: &SkuRow, version: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE sku SET name = $1, rule_code = $2, template = $3, edit_version = edit_version + 1 \
         WHERE id = $4 AND edit_version = $5",
    )
    .bind(&sku.name)
    .bind(&sku.rule_code)
    .bind(&sku.template)
    .bind(sku.id)
    .bind(version)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The row id of the brand with this code (upper-cased).
///
/// # Errors
/// Whatever the database says.
pub async fn brand_id(conn: &mut Connection, key: &str) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("SELECT id FROM brand WHERE code_key = $1").bind(key).fetch_optional(conn).await?;
    Ok(row.map(|r| r.try_get("id")).transpose()?)
}

/// The code of the brand with this row id.
///
/// # Errors
/// Whatever the database says.
pub async fn brand_code(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT code FROM brand WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|r| r.try_get("code")).transpose()?)
}

/// A revision of a SKU: its row and name. With a name that one, else the one in force on a day.
///
/// # Errors
/// Whatever the database says.
pub async fn revision(
    conn: &mut Connection,
    sku_id: i64,
    name: Option<&str>,
    on: &str,
) -> Result<Option<(i64, String)>, StoreError> {
    let row = sqlx::query(
        "SELECT id, revision FROM sku_revision WHERE sku_id = $1 AND ((CAST($2 AS TEXT) IS NULL AND valid_from <= $3) \
         OR revision = $2) ORDER BY valid_from DESC, id DESC LIMIT 1",
    )
    .bind(sku_id)
    .bind(name.map(str::to_owned))
    .bind(on.to_owned())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.try_get("id")?, row.try_get("revision")?))).transpose()
}

/// The code of a batch.
///
/// # Errors
/// Whatever the database says.
pub async fn batch_code(conn: &mut Connection, id: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT code FROM batch WHERE id = $1").bind(id).fetch_optional(conn).await?;
    Ok(row.map(|row| row.try_get("code")).transpose()?)
}

/// The longest codes among the batches that hold a SKU.
///
/// # Errors
/// Whatever the database says.
pub async fn longest_batch_codes(conn: &mut Connection, sku_id: i64, most: u32) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT b.code FROM batch_sku m JOIN batch b ON b.id = m.batch_id WHERE m.sku_id = $1 \
         ORDER BY LENGTH(b.code) DESC, b.code LIMIT $2",
    )
    .bind(sku_id)
    .bind(i64::from(most))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("code")?)).collect()
}
