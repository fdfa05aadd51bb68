//! Who must approve the labels of a brand.

use super::{Connection, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A person who may have to do with the proofs of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproverRow {
    /// The person.
    pub user_id: i64,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Names of their roles, separated by spaces.
    pub roles: String,
    /// The only brand that they see.
    pub brand_id: Option<i64>,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Whose turn it is; 0 for somebody who need not approve.
    pub position: i64,
}

impl ApproverRow {
    /// Whether the person has a role.
    #[must_use]
    pub fn is(&self, role: &str) -> bool {
        self.roles.split(' ').any(|held| held == role)
    }
}

fn read(row: &AnyRow) -> Result<ApproverRow, StoreError> {
    Ok(ApproverRow {
        user_id: row.try_get("id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        roles: row.try_get("roles")?,
        brand_id: row.try_get("brand_id")?,
        is_active: row.try_get::<String, _>("state")? == "active",
        position: row.try_get("position")?,
    })
}

/// Who must approve, in order.
///
/// # Errors
/// Whatever the database says.
pub async fn of_brand(conn: &mut Connection, brand: i64) -> Result<Vec<ApproverRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT u.id, u.name, u.email, u.roles, u.brand_id, u.state, a.position FROM brand_approver a \
         JOIN app_user u ON u.id = a.user_id WHERE a.brand_id = $1 ORDER BY a.position, u.name, u.id",
    )
    .bind(brand)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Says anew who must approve, each with the position.
///
/// # Errors
/// Whatever the database says.
pub async fn replace(conn: &mut Connection, brand: i64, approvers: &[(i64, i64)]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM brand_approver WHERE brand_id = $1").bind(brand).execute(&mut *conn).await?;
    for (user, position) in approvers {
        sqlx::query("INSERT INTO brand_approver (brand_id, user_id, position) VALUES ($1, $2, $3)")
            .bind(brand)
            .bind(user)
            .bind(position)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// A person by number.
///
/// # Errors
/// Whatever the database says.
pub async fn person(conn: &mut Connection, id: i64) -> Result<Option<ApproverRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, email, roles, brand_id, state, CAST(0 AS BIGINT) AS position FROM app_user WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// A person by address, as addresses are compared.
///
/// # Errors
/// Whatever the database says.
pub async fn person_of_email(conn: &mut Connection, key: &str) -> Result<Option<ApproverRow>, StoreError> {
    let row = sqlx::query(
        "SELECT id, name, email, roles, brand_id, state, CAST(0 AS BIGINT) AS position FROM app_user WHERE email_key = $1",
    )
    .bind(key)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The person who goes by this name in the audit chain.
///
/// # Errors
/// Whatever the database says.
pub async fn person_of_actor(conn: &mut Connection, actor: &str) -> Result<Option<i64>, StoreError> {
    let Some((name, email)) = actor.strip_suffix('>').and_then(|actor| actor.rsplit_once(" <")) else {
        return Ok(None);
    };
    let row = sqlx::query("SELECT id FROM app_user WHERE name = $1 AND email = $2")
        .bind(name)
        .bind(email)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

/// The people of a brand who may sign in: any of these roles.
///
/// # Errors
/// Whatever the database says.
pub async fn people_of_brand(conn: &mut Connection, brand: i64) -> Result<Vec<ApproverRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, name, email, roles, brand_id, state, CAST(0 AS BIGINT) AS position FROM app_user \
         WHERE brand_id = $1 AND state = 'active' ORDER BY name, id",
    )
    .bind(brand)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}
