//! What people ask who look through catalogue and batches: parts of texts, filters, pages.

use super::rows::unsigned;
use super::sku::{SKU, SkuRow, read_sku};
use super::{Connection, StoreError};
use sqlx::Row;

/// Which SKUs to list.
#[derive(Debug, Clone, Default)]
pub struct SkuFilter {
    /// Only what the bearer of this brand may see.
    pub brand_id: Option<i64>,
    /// Only those whose code, name, GTIN or other name holds this.
    pub text: Option<String>,
    /// Only rows after this one (the cursor).
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

/// A pattern for LIKE that finds `text` anywhere; `!` stands before what would be a joker.
fn holds(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// SKUs by row id.
///
/// Names are compared in both cases: SQLite folds ASCII letters only.
///
/// # Errors
/// Whatever the database says.
pub async fn skus(conn: &mut Connection, filter: &SkuFilter) -> Result<Vec<SkuRow>, StoreError> {
    let mut sql = format!("{SKU} WHERE s.id > $1 AND ($2 = -1 OR s.brand_id = $2)");
    if filter.text.is_some() {
        sql.push_str(
            " AND (s.code_key LIKE $4 ESCAPE '!' OR UPPER(s.name) LIKE $4 ESCAPE '!' OR s.name LIKE $5 ESCAPE '!' \
             OR s.gtin LIKE $4 ESCAPE '!' OR EXISTS (SELECT 1 FROM sku_alias a WHERE a.sku_id = s.id \
             AND a.value_key LIKE $4 ESCAPE '!' AND ($2 = -1 OR (a.kind <> 'factory' \
             AND (a.owner_brand_id IS NULL OR a.owner_brand_id = $2)))))",
        );
    } else {
        sql.push_str(" AND $4 = $5");
    }
    sql.push_str(" ORDER BY s.id LIMIT $3");
    let text = filter.text.as_deref().unwrap_or("");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.after)
        .bind(filter.brand_id.unwrap_or(-1))
        .bind(i64::from(filter.limit))
        .bind(if filter.text.is_some() { holds(&text.to_uppercase()) } else { String::new() })
        .bind(if filter.text.is_some() { holds(text) } else { String::new() })
        .fetch_all(conn)
        .await?;
    rows.iter().map(read_sku).collect()
}

/// A revision of a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionRow {
    /// Its name.
    pub revision: String,
    /// What it is made of: packaging, label, document, bundle, configuration, firmware.
    pub parts: [String; 6],
    /// From which day it is in force.
    pub valid_from: String,
}

/// Revisions of a SKU, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn revisions(conn: &mut Connection, sku_id: i64) -> Result<Vec<RevisionRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT revision, packaging, label, document, bundle, configuration, firmware, valid_from FROM sku_revision \
         WHERE sku_id = $1 ORDER BY valid_from DESC, id DESC",
    )
    .bind(sku_id)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let part = |name| row.try_get::<String, _>(name);
            Ok(RevisionRow {
                revision: row.try_get("revision")?,
                parts: [
                    part("packaging")?,
                    part("label")?,
                    part("document")?,
                    part("bundle")?,
                    part("configuration")?,
                    part("firmware")?,
                ],
                valid_from: row.try_get("valid_from")?,
            })
        })
        .collect()
}

/// What a station holds of a SKU, and its own limit where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// The station.
    pub station: String,
    /// Serials whose fate is open.
    pub held: u64,
    /// Its own limit.
    pub quota: Option<i64>,
}

/// Stations that hold serials of a SKU or have a limit for it.
///
/// # Errors
/// Whatever the database says.
pub async fn stations_of_sku(conn: &mut Connection, sku_id: i64, limit: u32) -> Result<Vec<HeldRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT station, held, quota FROM station_sku WHERE sku_id = $1 AND (held > 0 OR quota IS NOT NULL) \
         ORDER BY station LIMIT $2",
    )
    .bind(sku_id)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(HeldRow {
                station: row.try_get("station")?,
                held: unsigned(row, "station_sku", "held")?,
                quota: row.try_get("quota")?,
            })
        })
        .collect()
}

/// Which batches to list.
#[derive(Debug, Clone, Default)]
pub struct BatchFilter {
    /// Only batches that hold a SKU of this brand.
    pub brand_id: Option<i64>,
    /// Only batches that hold this SKU.
    pub sku_id: Option<i64>,
    /// Only open ones, or only closed ones.
    pub open: Option<bool>,
    /// Only those whose code holds this.
    pub text: Option<String>,
    /// Only rows before this one (the cursor).
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A batch in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBatchRow {
    /// Row id.
    pub id: i64,
    /// Batch code.
    pub code: String,
    /// Product code.
    pub product: String,
    /// Day of manufacture.
    pub manufactured_on: Option<String>,
    /// Whether it takes reservations.
    pub open: bool,
    /// How many serials were issued for it.
    pub issued: u64,
}

/// Batches, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn batches(conn: &mut Connection, filter: &BatchFilter) -> Result<Vec<ListedBatchRow>, StoreError> {
    let mut sql = "SELECT b.id, b.code, p.code AS product, b.manufactured_on, b.state, b.issued FROM batch b \
                   JOIN product p ON p.id = b.product_id WHERE b.id < $1 AND ($2 = -1 OR EXISTS (SELECT 1 FROM \
                   batch_sku m JOIN sku s ON s.id = m.sku_id WHERE m.batch_id = b.id AND s.brand_id = $2))"
        .to_owned();
    // Written into the text only where asked for, so that each form can use its own index.
    sql.push_str(match filter.sku_id {
        Some(_) => " AND b.id IN (SELECT m.batch_id FROM batch_sku m WHERE m.sku_id = $4)",
        None => " AND $4 = -1",
    });
    sql.push_str(if filter.open.is_some() { " AND b.state = $5" } else { " AND $5 = ''" });
    sql.push_str(if filter.text.is_some() { " AND b.code_key LIKE $6 ESCAPE '!'" } else { " AND $6 = ''" });
    sql.push_str(" ORDER BY b.id DESC LIMIT $3");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(filter.brand_id.unwrap_or(-1))
        .bind(i64::from(filter.limit))
        .bind(filter.sku_id.unwrap_or(-1))
        .bind(filter.open.map_or("", |open| if open { "open" } else { "closed" }))
        .bind(filter.text.as_deref().map_or_else(String::new, |text| holds(&text.to_uppercase())))
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ListedBatchRow {
                id: row.try_get("id")?,
                code: row.try_get("code")?,
                product: row.try_get("product")?,
                manufactured_on: row.try_get("manufactured_on")?,
                open: row.try_get::<String, _>("state")? == "open",
                issued: unsigned(row, "batch", "issued")?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_holds_no_jokers() {
        assert_eq!(holds("50%_A!"), "%50!%!_A!!%");
    }
}
