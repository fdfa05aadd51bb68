//! People who may sign in. Of a password only the Argon2id hash is ever stored.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A person as recorded. `id` is the place of its making in the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its place in the audit chain.
    pub id: i64,
    /// The address as the person writes it.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// The name that signs.
    pub name: String,
    /// The password's hash in PHC form; `None` until the invitation was used.
    pub password_hash: Option<String>,
    /// Role names, separated by spaces.
    pub roles: String,
    /// The only brand that the person sees, if bound to one.
    pub brand_id: Option<i64>,
    /// The only station that the person works at, if bound to one.
    pub station: Option<String>,
    /// Language tag of the pages and of mail.
    pub language: String,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// From this and the key file comes the secret of one-time codes.
    pub totp_salt: Option<String>,
    /// Whether the person has shown that the codes work.
    pub totp_confirmed: bool,
    /// The last time step whose code was used.
    pub totp_step: i64,
    /// When the account was made, microseconds since 1970 UTC.
    pub created_us: i64,
    /// Goes up with each change.
    pub edit_version: i64,
}

const COLUMNS: &str = "id, email, email_key, name, password_hash, roles, brand_id, station, language, state, totp_salt, \
    totp_confirmed, totp_step, created_us, edit_version";

fn read(row: &AnyRow) -> Result<UserRow, StoreError> {
    let state: String = row.try_get("state")?;
    Ok(UserRow {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        email_key: row.try_get("email_key")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        roles: row.try_get("roles")?,
        brand_id: row.try_get("brand_id")?,
        station: row.try_get("station")?,
        language: row.try_get("language")?,
        is_active: state == "active",
        totp_salt: row.try_get("totp_salt")?,
        totp_confirmed: row.try_get::<i64, _>("totp_confirmed")? == 1,
        totp_step: row.try_get("totp_step")?,
        created_us: row.try_get("created_us")?,
        edit_version: row.try_get("edit_version")?,
    })
}

fn state(user: &UserRow) -> &'static str {
    if user.is_active { "active" } else { "disabled" }
}

/// Records a new person.
///
/// # Errors
/// [`StoreError::Conflict`] when the address is taken.
pub async fn insert(conn: &mut Connection, user: &UserRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO app_user (id, email, email_key, name, password_hash, roles, brand_id, station, language, state, \
         created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(user.id)
    .bind(&*user.email)
    .bind(&*user.email_key)
    .bind(&*user.name)
    .bind(user.password_hash.as_deref())
    .bind(&*user.roles)
    .bind(user.brand_id)
    .bind(user.station.as_deref())
    .bind(&*user.language)
    .bind(state(user))
    .bind(user.created_us)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes all that can change of a person, if nobody else has changed it meanwhile. Answers whether it was written.
///
/// # Errors
/// Whatever the database says.
pub async fn update(conn: &mut Connection, user: &UserRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE app_user SET name = $3, password_hash = $4, roles = $5, brand_id = $6, station = $7, language = $8, \
         state = $9, totp_salt = $10, totp_confirmed = $11, totp_step = $12, edit_version = edit_version + 1 \
         WHERE id = $1 AND edit_version = $2",
    )
    .bind(user.id)
    .bind(user.edit_version)
    .bind(&*user.name)
    .bind(user.password_hash.as_deref())
    .bind(&*user.roles)
    .bind(user.brand_id)
    .bind(user.station.as_deref())
    .bind(&*user.language)
    .bind(state(user))
    .bind(user.totp_salt.as_deref())
    .bind(i64::from(user.totp_confirmed))
    .bind(user.totp_step)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses up a time step of somebody's one-time codes. False when that step or a later one was used already.
///
/// # Errors
/// Whatever the database says.
pub async fn use_totp_step(conn: &mut Connection, id: i64, step: i64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE app_user SET totp_step = $2 WHERE id = $1 AND totp_step < $2")
        .bind(id)
        .bind(step)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The person with this number.
///
/// # Errors
/// Whatever the database says.
pub async fn by_id(conn: &mut Connection, id: i64) -> Result<Option<UserRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM app_user WHERE id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// The person with this address.
///
/// # Errors
/// Whatever the database says.
pub async fn by_email(conn: &mut Connection, email_key: &str) -> Result<Option<UserRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM app_user WHERE email_key = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(email_key).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// People by number, after a cursor.
///
/// # Errors
/// Whatever the database says.
pub async fn list(conn: &mut Connection, after: i64, limit: u32) -> Result<Vec<UserRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM app_user WHERE id > $1 ORDER BY id LIMIT $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(after).bind(i64::from(limit)).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// The active people of a brand.
///
/// # Errors
/// Whatever the database says.
pub async fn of_brand(conn: &mut Connection, brand_id: i64) -> Result<Vec<UserRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM app_user WHERE brand_id = $1 AND state = 'active' ORDER BY id LIMIT 200");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(brand_id).fetch_all(conn).await?;
    rows.iter().map(read).collect()
}

/// Whether anybody can sign in.
///
/// # Errors
/// Whatever the database says.
pub async fn any(conn: &mut Connection) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT id FROM app_user LIMIT 1").fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Sets somebody's address.
///
/// # Errors
/// [`StoreError::Conflict`] when it is taken.
pub async fn set_email(conn: &mut Connection, id: i64, email: &str, email_key: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE app_user SET email = $2, email_key = $3 WHERE id = $1")
        .bind(id)
        .bind(email)
        .bind(email_key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether an administrator can sign in, or has an invitation.
///
/// # Errors
/// Whatever the database says.
pub async fn has_admin(conn: &mut Connection) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM app_user WHERE state = 'active' AND (' ' || roles || ' ') LIKE '% admin %' LIMIT 1";
    Ok(sqlx::query(sql).fetch_optional(conn).await?.is_some())
}
