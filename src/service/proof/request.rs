//! Use cases: a proof's approvers are asked, and a proof is taken back.

use super::super::{Caller, Nameplate, ServiceError, part};
use super::carry::Standing;
use super::error::ProofError;
use super::record::ProofRecord;
use crate::service::report_fate::reason_given;
use crate::store::proof::ProofRow;
use crate::store::{self, StoreError, Transaction};
use crate::trace::{Approver, ProofState, ProofStep, Round};

impl ProofRow {
    /// The state after a step, if it can be taken.
    pub(super) fn after(&self, step: ProofStep) -> Result<ProofState, ServiceError> {
        let corrupt = || StoreError::Corrupt { table: "proof", column: "state", row: self.code.clone() };
        let state = ProofState::from_name(&self.state).ok_or_else(corrupt)?;
        Ok(state.after(step).map_err(|refused| ProofError::State { proof: self.code.clone(), refused })?)
    }
}

impl Nameplate {
    /// Shows a draft to the approvers of its brand, and asks them. Asking again changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Proof`] when it is past that, when the label has changed since, or when
    /// another proof of the same label waits already.
    pub async fn request_proof(&self, caller: &Caller, code: &str) -> Result<ProofRecord, ServiceError> {
        let mut conn = self.read().await?;
        let seen = self.proof_row(&mut conn, caller, code).await?;
        if seen.state == "draft" {
            self.refuse_expired(&mut conn, &seen).await?;
        }
        drop(conn);
        let mut tx = self.store.begin().await?;
        let proof = self.hold_proof(&mut tx, &seen).await?;
        if proof.state == "requested" {
            drop(tx);
            return self.proof(caller, code).await;
        }
        proof.after(ProofStep::Request)?;
        if let Some(other) = store::proof::of_label(&mut tx, &proof.of(), "requested").await?.pop() {
            return Err(ProofError::OtherRequested { proof: proof.code, other: other.code }.into());
        }
        let approvers = store::brand_approver::of_brand(&mut tx, proof.brand_id).await?;
        let approvers = approvers.into_iter().filter(|approver| approver.is_active);
        let required: Vec<Approver> = approvers
            .map(|approver| Approver { position: approver.position, user: approver.user_id, name: approver.name })
            .collect();
        let kept = serde_json::to_string(&required).map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let previous = store::proof::last_approved(&mut tx, proof.sku_id, &proof.template, proof.dpi).await?;
        let asked = store::proof::set_requested(&mut tx, proof.id, &kept, previous, self.clock.now_us()).await;
        asked.map_err(|error| match error {
            // The schema has seen another one first.
            StoreError::Conflict(_) => {
                ProofError::OtherRequested { proof: proof.code.clone(), other: "another".to_owned() }.into()
            }
            other => ServiceError::from(other),
        })?;
        let turn = self.whose_turn(&mut tx, proof.brand_id, &Round::new(required, [])).await?;
        self.tell(&mut tx, &proof, "proof_requested", turn).await?;
        let detail = serde_json::json!({ "artwork": proof.artwork, "required": kept });
        self.audit(&mut tx, caller, "proof.request", &proof.code, detail.to_string()).await?;
        store::commit(tx).await?;
        self.proof(caller, code).await
    }

    /// Refuses a proof whose label would look different now.
    pub(super) async fn refuse_expired(
        &self,
        conn: &mut store::Connection,
        proof: &ProofRow,
    ) -> Result<(), ServiceError> {
        let validity = part(self.validity(conn, proof)).await?;
        match validity.standing {
            Standing::Expired => {
                let changed = validity.changed.unwrap_or_default();
                Err(ProofError::Expired { proof: proof.code.clone(), changed }.into())
            }
            Standing::Valid | Standing::CarriedOver => Ok(()),
        }
    }

    /// Takes a proof for a transaction: nobody else does anything with it until that ends.
    pub(super) async fn hold_proof(&self, tx: &mut Transaction, seen: &ProofRow) -> Result<ProofRow, ServiceError> {
        let gone = || ServiceError::NotFound { kind: "proof", name: seen.code.clone() };
        store::proof::hold(tx, seen.id).await?.ok_or_else(gone)
    }

    /// Takes a proof back. If it was approved, nothing more is printed under its approval, queued labels included.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Invalid`] without a reason; [`ServiceError::Proof`] when it is over.
    pub async fn withdraw_proof(&self, caller: &Caller, code: &str, reason: &str) -> Result<ProofRecord, ServiceError> {
        let reason = reason_given("reason", reason)?;
        let mut tx = self.store.begin().await?;
        let seen = self.proof_row(&mut tx, caller, code).await?;
        let proof = self.hold_proof(&mut tx, &seen).await?;
        let state = proof.after(ProofStep::Withdraw)?;
        store::proof::set_ended(&mut tx, proof.id, state.as_str(), &reason, self.clock.now_us()).await?;
        let approval = store::approval::of_proof(&mut tx, proof.id).await?.map(|approval| approval.id);
        if let Some(approval) = approval {
            self.end_approval(&mut tx, approval, &reason).await?;
        }
        if proof.requested_us.is_some() {
            let concerned = self.concerned(&mut tx, &proof).await?;
            self.tell(&mut tx, &proof, "proof_withdrawn", concerned).await?;
        }
        let detail = serde_json::json!({ "reason": reason, "from": proof.state, "approval": approval });
        self.audit(&mut tx, caller, "proof.withdraw", &proof.code, detail.to_string()).await?;
        store::commit(tx).await?;
        self.proof(caller, code).await
    }

    /// Everybody who was asked about a proof, or made it.
    pub(super) async fn concerned(&self, tx: &mut Transaction, proof: &ProofRow) -> Result<Vec<i64>, ServiceError> {
        let round = self.round(tx, proof).await?;
        let asked = match round.required() {
            [] => self.whose_turn(tx, proof.brand_id, &round).await?,
            required => required.iter().map(|approver| approver.user).collect(),
        };
        Ok(asked.into_iter().chain(proof.user_id).collect())
    }
}
