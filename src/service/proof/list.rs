//! Use case: proofs are listed.

use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use crate::store::proof::{ProofRow, Which};
use crate::store::{self, Connection};
use crate::trace::ProofState;
use serde::Serialize;

/// A proof in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "proof": "PRF-7K3M9XQ2", "state": "requested", "sku": "NT-M2-BOR", "revision": "B", "template": "unit-60x40",
    "dpi": 203, "stock": "PET white 60x40, thermal transfer", "waits_for": ["a buyer of Borealis Optics"],
    "made_at": "2025-07-10T12:00:00Z", "requested_at": "2025-07-10T12:05:00Z"
}))]
pub struct ProofSummary {
    /// Its name.
    pub proof: String,
    /// draft, requested, changes_requested, approved, rejected, superseded or withdrawn.
    pub state: String,
    /// SKU code.
    pub sku: String,
    /// The SKU's revision.
    pub revision: Option<String>,
    /// Template name.
    pub template: String,
    /// Dots an inch of the printers.
    pub dpi: i64,
    /// Label stock and ribbon.
    pub stock: String,
    /// Names of those who have to decide next; empty if nobody has.
    pub waits_for: Vec<String>,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// When its approvers were asked.
    pub requested_at: Option<String>,
    /// Numbers of the users who have to decide next, for their own pages.
    #[serde(skip)]
    pub turn: Vec<i64>,
}

/// Which proofs are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhichProofs {
    /// Only those in this state.
    pub state: Option<ProofState>,
    /// Only those of this SKU.
    pub sku: Option<String>,
    /// Only those older than this one.
    pub before: Option<i64>,
}

impl Nameplate {
    /// Proofs, newest first, and the cursor for the next page. Callers bound to a brand see its own, and no drafts.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the SKU; [`ServiceError::Store`].
    pub async fn proofs(
        &self,
        caller: &Caller,
        which: &WhichProofs,
        limit: u32,
    ) -> Result<(Vec<ProofSummary>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let sku_id = match &which.sku {
            Some(sku) => Some(self.sku_row(&mut conn, caller, sku).await?.id),
            None => None,
        };
        let wanted =
            Which { brand: caller.brand, state: which.state.map(ProofState::as_str), sku_id, before: which.before };
        let mut rows = store::proof::list(&mut conn, &wanted, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let mut summaries = Vec::with_capacity(rows.len());
        for row in rows {
            summaries.push(self.summary(&mut conn, row).await?);
        }
        Ok((summaries, next))
    }

    async fn summary(&self, conn: &mut Connection, row: ProofRow) -> Result<ProofSummary, ServiceError> {
        let (mut waits_for, mut turn) = (Vec::new(), Vec::new());
        if row.state == "requested" {
            waits_for = self.waits_for(conn, &row).await?;
            turn = self.round(conn, &row).await?.turn().map(|approver| approver.user).collect();
        }
        Ok(ProofSummary {
            proof: row.code,
            state: row.state,
            sku: row.sku,
            revision: row.revision,
            template: row.template,
            dpi: row.dpi,
            stock: row.stock,
            waits_for,
            made_at: rfc3339(row.created_us),
            requested_at: row.requested_us.map(rfc3339),
            turn,
        })
    }
}
