//! How many open serials a station holds of a SKU, and how many it may.

use super::rows::{MultiInsert, db, unsigned};
use super::{Connection, StoreError};
use sqlx::Row;

/// What a station holds of a SKU after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The station.
    pub station: String,
    /// SKU row.
    pub sku_id: i64,
    /// Serials neither applied, returned, void nor declared unaccounted.
    pub held: u64,
    /// Its own limit, where one was set.
    pub quota: Option<u64>,
}

/// Adds to what stations hold, and answers what they hold then. Rows are taken in the order given: callers sort them,
/// so that two transactions never wait for each other in a circle.
///
/// # Errors
/// Whatever the database says.
pub async fn add(conn: &mut Connection, changes: &[(String, i64, i64)]) -> Result<Vec<Holding>, StoreError> {
    static UPSERT: MultiInsert = MultiInsert::new(
        "INSERT INTO station_sku (station, sku_id, held) VALUES",
        3,
        "ON CONFLICT (station, sku_id) DO UPDATE SET held = station_sku.held + excluded.held \
         RETURNING station, sku_id, held, quota",
    );
    let rows =
        UPSERT.run(conn, changes, |query, (station, sku, by)| query.bind(&**station).bind(*sku).bind(*by)).await?;
    rows.iter()
        .map(|row| {
            let quota: Option<i64> = row.try_get("quota")?;
            Ok(Holding {
                station: row.try_get("station")?,
                sku_id: row.try_get("sku_id")?,
                held: unsigned(row, "station_sku", "held")?,
                quota: quota.and_then(|q| u64::try_from(q).ok()),
            })
        })
        .collect()
}

/// Sets a station's own limit for a SKU, or takes it away (`None`: the general limit holds).
///
/// # Errors
/// Whatever the database says.
pub async fn set_quota(
    conn: &mut Connection,
    station: &str,
    sku_id: i64,
    quota: Option<u64>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO station_sku (station, sku_id, held, quota) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (station, sku_id) DO UPDATE SET quota = excluded.quota",
    )
    .bind(station)
    .bind(sku_id)
    .bind(quota.map(db).transpose()?)
    .execute(conn)
    .await?;
    Ok(())
}

/// What a station holds of a SKU.
///
/// # Errors
/// Whatever the database says.
pub async fn holding(conn: &mut Connection, station: &str, sku_id: i64) -> Result<Holding, StoreError> {
    let row = sqlx::query("SELECT held, quota FROM station_sku WHERE station = $1 AND sku_id = $2")
        .bind(station)
        .bind(sku_id)
        .fetch_optional(conn)
        .await?;
    let (held, quota) = match row {
        Some(row) => (unsigned(&row, "station_sku", "held")?, row.try_get::<Option<i64>, _>("quota")?),
        None => (0, None),
    };
    Ok(Holding { station: station.into(), sku_id, held, quota: quota.and_then(|q| u64::try_from(q).ok()) })
}
