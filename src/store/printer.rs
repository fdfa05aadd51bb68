//! Printers, and what they last said of themselves.

use super::{Connection, StoreError};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

/// What is recorded of a printer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrinterRow {
    /// Row.
    pub id: i64,
    /// Its name in the factory, as people write it.
    pub code: String,
    /// The same as look-ups compare it.
    pub code_key: String,
    /// Site.
    pub site: String,
    /// Production line.
    pub line: String,
    /// How labels reach it.
    pub driver: String,
    /// What is sent to it.
    pub format: String,
    /// Dots an inch.
    pub dpi: i64,
    /// Width of the labels in it.
    pub media_width_um: i64,
    /// Height of the labels in it.
    pub media_height_um: i64,
    /// How far to the right everything is moved.
    pub offset_x_um: i64,
    /// How far down everything is moved.
    pub offset_y_um: i64,
    /// Darkness, 0 to 30.
    pub darkness: i64,
    /// Speed, inches a second.
    pub speed_in_per_s: i64,
    /// Address of its network card, where that is how it signs in.
    pub mac: Option<String>,
    /// `enabled`, `paused` or `retired`.
    pub state: String,
    /// When it was registered, microseconds since 1970 UTC.
    pub created_us: i64,
    /// Goes up with every edit.
    pub edit_version: i64,
    /// How many leases it had.
    pub attempts: i64,
    /// How many labels came out of it.
    pub confirmed: i64,
    /// How many labels may have, when last told.
    pub unconfirmed: i64,
    /// When it, or its agent, was last heard of; and what was said, as JSON.
    pub seen: Option<(i64, String)>,
}

const SELECT: &str = "SELECT p.*, t.seen_us, t.status FROM printer p LEFT JOIN printer_status t ON t.printer_id = p.id";

fn read(row: &AnyRow) -> Result<PrinterRow, StoreError> {
    let (seen_us, status): (Option<i64>, Option<String>) = (row.try_get("seen_us")?, row.try_get("status")?);
    Ok(PrinterRow {
        id: row.try_get("id")?,
        code: row.try_get("code")?,
        code_key: row.try_get("code_key")?,
        site: row.try_get("site")?,
        line: row.try_get("line")?,
        driver: row.try_get("driver")?,
        format: row.try_get("format")?,
        dpi: row.try_get("dpi")?,
        media_width_um: row.try_get("media_width_um")?,
        media_height_um: row.try_get("media_height_um")?,
        offset_x_um: row.try_get("offset_x_um")?,
        offset_y_um: row.try_get("offset_y_um")?,
        darkness: row.try_get("darkness")?,
        speed_in_per_s: row.try_get("speed_in_per_s")?,
        mac: row.try_get("mac")?,
        state: row.try_get("state")?,
        created_us: row.try_get("created_us")?,
        edit_version: row.try_get("edit_version")?,
        attempts: row.try_get("attempts")?,
        confirmed: row.try_get("confirmed")?,
        unconfirmed: row.try_get("unconfirmed")?,
        seen: seen_us.zip(status),
    })
}

/// Registers a printer. Answers its row.
///
/// # Errors
/// [`StoreError::Conflict`] when its code or MAC address is taken.
pub async fn insert(conn: &mut Connection, printer: &PrinterRow) -> Result<i64, StoreError> {
    let query = sqlx::query(
        "INSERT INTO printer (code, code_key, site, line, driver, format, dpi, media_width_um, media_height_um, \
         offset_x_um, offset_y_um, darkness, speed_in_per_s, mac, created_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id",
    );
    let query = bind_settings(query.bind(&*printer.code).bind(&*printer.code_key), printer);
    let row = query.bind(printer.created_us).fetch_one(conn).await?;
    Ok(row.try_get("id")?)
}

/// Binds what can be changed of a printer but its state: site, line, driver, format, dpi, width, height, offsets,
/// darkness, speed, MAC address, in this order.
fn bind_settings<'q>(query: Query<'q, Any, AnyArguments>, printer: &'q PrinterRow) -> Query<'q, Any, AnyArguments> {
    query
        .bind(&*printer.site)
        .bind(&*printer.line)
        .bind(&*printer.driver)
        .bind(&*printer.format)
        .bind(printer.dpi)
        .bind(printer.media_width_um)
        .bind(printer.media_height_um)
        .bind(printer.offset_x_um)
        .bind(printer.offset_y_um)
        .bind(printer.darkness)
        .bind(printer.speed_in_per_s)
        .bind(printer.mac.as_deref())
}

/// Changes what can be changed of a printer, if nobody did so since `edit_version`. Answers whether it was changed.
///
/// # Errors
/// [`StoreError::Conflict`] when its MAC address is taken.
pub async fn update(conn: &mut Connection, printer: &PrinterRow) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "UPDATE printer SET site = $3, line = $4, driver = $5, format = $6, dpi = $7, media_width_um = $8, \
         media_height_um = $9, offset_x_um = $10, offset_y_um = $11, darkness = $12, speed_in_per_s = $13, mac = $14, \
         state = $15, edit_version = edit_version + 1 WHERE id = $1 AND edit_version = $2",
    );
    let query = bind_settings(query.bind(printer.id).bind(printer.edit_version), printer);
    let done = query.bind(&*printer.state).execute(conn).await?;
    Ok(done.rows_affected() > 0)
}

async fn one(conn: &mut Connection, condition: &str, value: &str) -> Result<Option<PrinterRow>, StoreError> {
    let sql = format!("{SELECT} WHERE {condition} = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value.to_owned()).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The printer with this code, as look-ups compare it.
///
/// # Errors
/// Whatever the database says.
pub async fn by_key(conn: &mut Connection, code_key: &str) -> Result<Option<PrinterRow>, StoreError> {
    one(conn, "p.code_key", code_key).await
}

/// The printer with this MAC address.
///
/// # Errors
/// Whatever the database says.
pub async fn by_mac(conn: &mut Connection, mac: &str) -> Result<Option<PrinterRow>, StoreError> {
    one(conn, "p.mac", mac).await
}

/// The printer of a row.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<PrinterRow>, StoreError> {
    let sql = format!("{SELECT} WHERE p.id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// Printers by code, after a code.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, after_key: &str, limit: u32) -> Result<Vec<PrinterRow>, StoreError> {
    let sql = format!("{SELECT} WHERE p.code_key > $1 ORDER BY p.code_key LIMIT $2");
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after_key.to_owned()).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Takes a printer for this transaction, so that steps of its labels follow one another, and adds to its counters:
/// leases, labels confirmed, labels unconfirmed. Answers how many leases it had.
///
/// # Errors
/// Whatever the database says.
pub async fn hold(conn: &mut Connection, id: i64, add: [i64; 3]) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "UPDATE printer SET attempts = attempts + $2, confirmed = confirmed + $3, unconfirmed = unconfirmed + $4 \
         WHERE id = $1 RETURNING attempts",
    )
    .bind(id)
    .bind(add[0])
    .bind(add[1])
    .bind(add[2])
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.try_get("attempts")).transpose()?)
}

/// Notes what printers last said, each at its time.
///
/// # Errors
/// Whatever the database says.
pub async fn note_status(conn: &mut Connection, told: &[(i64, i64, String)]) -> Result<(), StoreError> {
    for (printer, seen_us, status) in told {
        sqlx::query(
            "INSERT INTO printer_status (printer_id, seen_us, status) VALUES ($1, $2, $3) \
             ON CONFLICT (printer_id) DO UPDATE SET seen_us = excluded.seen_us, status = excluded.status",
        )
        .bind(*printer)
        .bind(*seen_us)
        .bind(&**status)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Printers for which a label waits.
///
/// # Errors
/// Whatever the database says.
pub async fn with_work(conn: &mut Connection) -> Result<Vec<i64>, StoreError> {
    let rows = sqlx::query("SELECT DISTINCT printer_id FROM print_job WHERE state = 'ready' AND queued > 0")
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("printer_id")?)).collect()
}
