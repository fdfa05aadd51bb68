//! Use case: who must approve the labels of a brand, and in which order.

use super::super::{Caller, Nameplate, ServiceError};
use crate::catalogue::name_key;
use crate::store::brand_approver::ApproverRow;
use crate::store::{self, Connection};
use crate::trace::MAX_APPROVERS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Highest position.
const MAX_POSITION: i64 = 99;

/// Somebody who shall have to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApprover {
    /// The address with which the person signs in.
    pub email: String,
    /// Lower positions come first; all of one position may approve in any order.
    #[schema(minimum = 1, maximum = 99)]
    pub position: i64,
}

/// Somebody who must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"position": 1, "name": "A. Lindqvist", "email": "a.lindqvist@example.com", "can_sign": true}))]
pub struct ApproverRecord {
    /// Lower positions come first.
    pub position: i64,
    /// Their name.
    pub name: String,
    /// The address with which the person signs in.
    pub email: String,
    /// Whether the person may sign in; who may not is not asked.
    pub can_sign: bool,
}

impl Nameplate {
    /// Who must approve the labels of a brand, in order; nobody means: any one of its buyers.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for a brand that does not exist, or that the caller may not see.
    pub async fn approvers(&self, caller: &Caller, brand: &str) -> Result<Vec<ApproverRecord>, ServiceError> {
        let mut conn = self.read().await?;
        let id = brand_of(&mut conn, caller, brand).await?;
        Ok(store::brand_approver::of_brand(&mut conn, id).await?.into_iter().map(record).collect())
    }

    /// Says who must approve the labels of a brand from now on. Proofs that were requested keep theirs.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the brand; [`ServiceError::Invalid`] for people who cannot be its approvers.
    pub async fn set_approvers(
        &self,
        caller: &Caller,
        brand: &str,
        approvers: &[NewApprover],
    ) -> Result<Vec<ApproverRecord>, ServiceError> {
        let invalid = |problem: String| ServiceError::Invalid { field: "approvers", problem };
        if approvers.len() > MAX_APPROVERS {
            return Err(invalid(format!("name at most {MAX_APPROVERS} people")));
        }
        let mut tx = self.store.begin().await?;
        let id = brand_of(&mut tx, caller, brand).await?;
        let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
        for NewApprover { email, position } in approvers {
            let shown: String = email.chars().filter(|c| !c.is_control()).take(80).collect();
            if !(1..=MAX_POSITION).contains(position) {
                return Err(invalid(format!("the position of {shown} is 1 to {MAX_POSITION}")));
            }
            // Compared as accounts are: without regard to case.
            let key = email.trim().to_lowercase();
            let known = match key.contains('\0') {
                true => None,
                false => store::brand_approver::person_of_email(&mut tx, &key).await?,
            };
            let person = known.ok_or_else(|| invalid(format!("nobody signs in as {shown}")))?;
            if person.brand_id.is_some_and(|own| own != id) {
                return Err(invalid(format!("{shown} belongs to another brand")));
            }
            if !seen.insert(person.user_id) {
                return Err(invalid(format!("{shown} is named twice")));
            }
            rows.push((person.user_id, *position));
        }
        store::brand_approver::replace(&mut tx, id, &rows).await?;
        let detail = serde_json::json!({ "approvers": approvers });
        let code = store::sku::brand_code(&mut tx, id).await?.unwrap_or_default();
        self.audit(&mut tx, caller, "brand.approvers", &code, detail.to_string()).await?;
        let records = store::brand_approver::of_brand(&mut tx, id).await?.into_iter().map(record).collect();
        store::commit(tx).await?;
        Ok(records)
    }
}

fn record(row: ApproverRow) -> ApproverRecord {
    ApproverRecord { position: row.position, name: row.name, email: row.email, can_sign: row.is_active }
}

/// The row of a brand that the caller may see.
async fn brand_of(conn: &mut Connection, caller: &Caller, brand: &str) -> Result<i64, ServiceError> {
    let absent =
        || ServiceError::NotFound { kind: "brand", name: brand.chars().filter(|c| !c.is_control()).take(80).collect() };
    // PostgreSQL refuses a NUL in any text.
    if brand.contains('\0') {
        return Err(absent());
    }
    let id = store::sku::brand_id(conn, &name_key(brand)).await?.ok_or_else(absent)?;
    if caller.brand.is_some_and(|own| own != id) { Err(absent()) } else { Ok(id) }
}
