//! Use case: an approver decides, and signs. When the last approval that is needed comes, the artwork is approved in the same
//! transaction.

use super::super::{Caller, Nameplate, ServiceError};
use super::Signer;
use super::error::ProofError;
use super::record::ProofRecord;
use crate::catalogue::Paragraph;
use crate::service::print::db;
use crate::store::approval::ApprovalRow;
use crate::store::brand_approver::ApproverRow;
use crate::store::proof::ProofRow;
use crate::store::proof_word::SignatureRow;
use crate::store::{self, Transaction};
use crate::trace::{Approver, ProofState, ProofStep, Round, TurnRefused};
use serde::{Deserialize, Serialize};

/// Longest comment, in characters.
pub(super) const MAX_COMMENT: usize = 2_000;

/// What an approver says of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Labels may look like this.
    Approved,
    /// They may not; the comment says what to change.
    ChangesRequested,
    /// They may not; the comment says why.
    Rejected,
}

impl Decision {
    /// The name in records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Rejected => "rejected",
        }
    }
}

/// A decision, with what the approver had in view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofDecision {
    /// What it means.
    pub meaning: Decision,
    /// Digest of the artwork that was shown: a decision on another artwork is refused.
    pub artwork: String,
    /// What to change, or why; needed unless it is an approval.
    #[serde(default)]
    pub comment: String,
}

/// What a decision brings about.
struct Outcome {
    /// Whose turn it was.
    position: i64,
    state: ProofState,
    round: Round,
}

impl Nameplate {
    /// Records the decision of a person who has just given the password again. The same decision of the same person a second
    /// time changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Invalid`] without the comment that is needed; [`ServiceError::Proof`] when
    /// the proof does not wait for this person, has other artwork than was shown, or its label has changed since.
    pub async fn decide_proof(
        &self,
        caller: &Caller,
        signer: &Signer,
        code: &str,
        decision: &ProofDecision,
    ) -> Result<ProofRecord, ServiceError> {
        let comment = comment_given(decision)?;
        let mut conn = self.read().await?;
        let seen = self.proof_row(&mut conn, caller, code).await?;
        // Only what would be printed can be approved; objecting is always possible.
        if decision.meaning == Decision::Approved && seen.state == "requested" && seen.artwork == decision.artwork {
            self.refuse_expired(&mut conn, &seen).await?;
        }
        drop(conn);
        let mut tx = self.store.begin().await?;
        let proof = self.hold_proof(&mut tx, &seen).await?;
        let signatures = store::proof_word::signatures(&mut tx, proof.id).await?;
        if let Some(before) = signatures.iter().find(|signature| signature.user_id == signer.user) {
            if before.meaning == decision.meaning.as_str() && before.artwork == decision.artwork {
                drop(tx);
                return self.proof(caller, code).await;
            }
            let (name, meaning) = (before.name.clone(), before.meaning.replace('_', " "));
            return Err(ProofError::Signed { proof: proof.code, name, meaning }.into());
        }
        let outcome = self.outcome(&mut tx, &proof, signer, decision, &comment).await?;
        let signature = SignatureRow {
            id: 0,
            proof_id: proof.id,
            position: outcome.position,
            user_id: signer.user,
            name: signer.name.clone(),
            email: signer.email.clone(),
            meaning: decision.meaning.as_str().to_owned(),
            artwork: decision.artwork.clone(),
            comment,
            created_us: self.clock.now_us(),
        };
        self.record_decision(&mut tx, caller, &proof, signature, signatures, &outcome).await?;
        self.tell_of(&mut tx, &proof, &outcome).await?;
        store::commit(tx).await?;
        self.proof(caller, code).await
    }

    /// Whether this person can decide so now, and what comes of it.
    async fn outcome(
        &self,
        tx: &mut Transaction,
        proof: &ProofRow,
        signer: &Signer,
        decision: &ProofDecision,
        comment: &str,
    ) -> Result<Outcome, ServiceError> {
        let step = |missing| match decision.meaning {
            Decision::Approved => ProofStep::Approve { missing },
            Decision::ChangesRequested => ProofStep::AskForChanges,
            Decision::Rejected => ProofStep::Reject,
        };
        proof.after(step(0))?;
        if proof.artwork != decision.artwork {
            let (proof, artwork) = (proof.code.clone(), proof.artwork.clone());
            return Err(ProofError::OtherArtwork { proof, artwork }.into());
        }
        let mut round = self.round_with(tx, proof, signer, comment).await?;
        let refused = |problem: String| ProofError::NotAnApprover {
            proof: proof.code.clone(),
            name: signer.name.clone(),
            problem,
        };
        let own = round.required().iter().find(|approver| approver.user == signer.user).map(|own| own.position);
        let names: Vec<String> = round.required().iter().map(|approver| approver.name.clone()).collect();
        let position = own.ok_or_else(|| refused(format!("{} do", names.join(", "))))?;
        let missing = match decision.meaning {
            Decision::Approved => round.approve(signer.user).map_err(|turn| match turn {
                TurnRefused::NotAnApprover => refused(format!("{} do", names.join(", "))),
                TurnRefused::NotYet(before) => ProofError::NotYet {
                    proof: proof.code.clone(),
                    before: before.into_iter().map(|approver| approver.name).collect(),
                },
            })?,
            Decision::ChangesRequested | Decision::Rejected => round.missing(),
        };
        Ok(Outcome { position, state: proof.after(step(missing))?, round })
    }

    /// Who must approve; where the brand names nobody, whoever buys for it, or an administrator where nobody does.
    async fn round_with(
        &self,
        tx: &mut Transaction,
        proof: &ProofRow,
        signer: &Signer,
        comment: &str,
    ) -> Result<Round, ServiceError> {
        let refused = |problem: &str| ProofError::NotAnApprover {
            proof: proof.code.clone(),
            name: signer.name.clone(),
            problem: problem.to_owned(),
        };
        let person = store::brand_approver::person(tx, signer.user).await?.filter(|person| person.is_active);
        let person = person.ok_or_else(|| refused("this person may not sign in any more"))?;
        if person.brand_id.is_some_and(|brand| brand != proof.brand_id) {
            // For somebody of another brand there is no such proof.
            return Err(ServiceError::NotFound { kind: "proof", name: proof.code.clone() });
        }
        let round = self.round(tx, proof).await?;
        if !round.required().is_empty() {
            return Ok(round);
        }
        let buyers = store::brand_approver::people_of_brand(tx, proof.brand_id).await?;
        let has_buyers = buyers.iter().any(|person: &ApproverRow| person.is("buyer"));
        let is_buyer = person.brand_id == Some(proof.brand_id) && person.is("buyer");
        if !is_buyer && has_buyers {
            return Err(refused("the buyers of the brand do").into());
        }
        if !is_buyer && !person.is("admin") {
            return Err(refused("the brand has no buyers here; an administrator does, on paper of theirs").into());
        }
        if !is_buyer && comment.is_empty() {
            let problem =
                "say where the buyer's approval is on file: the brand has no buyers who could sign here".into();
            return Err(ServiceError::Invalid { field: "comment", problem });
        }
        Ok(Round::new(vec![Approver { position: 1, user: signer.user, name: signer.name.clone() }], []))
    }

    /// Writes signature, state and, with the last approval, the approval of the artwork.
    async fn record_decision(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        proof: &ProofRow,
        mut signature: SignatureRow,
        mut signatures: Vec<SignatureRow>,
        outcome: &Outcome,
    ) -> Result<(), ServiceError> {
        let now_us = signature.created_us;
        if outcome.state != ProofState::Requested {
            store::proof::set_decided(tx, proof.id, outcome.state.as_str(), now_us).await?;
        }
        let is_approved = outcome.state == ProofState::Approved;
        let mut ended = (Vec::new(), Vec::new());
        if is_approved {
            ended.0 = self.supersede_proofs(tx, proof, now_us).await?;
            ended.1 = store::approval::supersede(tx, &proof.of(), now_us).await?;
        }
        // The head comes last: whoever holds it waits for nothing else.
        let head = store::audit::hold_head(tx).await?.head;
        signature.id = db(head.seq + 1)?;
        store::proof_word::insert_signature(tx, &signature).await?;
        let detail = serde_json::json!({
            "user": signature.user_id, "name": signature.name, "email": signature.email, "meaning": signature.meaning,
            "artwork": signature.artwork, "comment": signature.comment, "state": outcome.state.as_str(),
        });
        let mut entries = vec![self.entry(caller, "proof.sign", &proof.code, detail.to_string())];
        signatures.push(signature);
        if is_approved {
            let approval = approval_of(proof, &signatures, db(head.seq + 2)?, &caller.actor, now_us);
            store::approval::insert(tx, &approval).await?;
            let detail = serde_json::json!({
                "proof": proof.code, "sku": approval.sku, "revision": approval.revision, "template": approval.template,
                "template_digest": approval.template_digest, "dpi": approval.dpi, "artwork": approval.artwork,
                "approver": approval.approver, "superseded": ended.1, "superseded_proofs": ended.0,
            });
            entries.push(self.entry(caller, "approval.record", &approval.id.to_string(), detail.to_string()));
        }
        store::audit::append(tx, head, &entries).await?;
        Ok(())
    }

    /// Older proofs of the same label that were approved make room.
    async fn supersede_proofs(
        &self,
        tx: &mut Transaction,
        proof: &ProofRow,
        now_us: i64,
    ) -> Result<Vec<String>, ServiceError> {
        let mut superseded = Vec::new();
        for older in store::proof::of_label(tx, &proof.of(), "approved").await? {
            if older.id == proof.id {
                continue;
            }
            let state = older.after(ProofStep::Supersede)?;
            let why = format!("proof {} of the same label was approved", proof.code);
            store::proof::set_ended(tx, older.id, state.as_str(), &why, now_us).await?;
            superseded.push(older.code);
        }
        Ok(superseded)
    }

    /// Tells whoever comes next, or whoever made the proof what became of it.
    async fn tell_of(&self, tx: &mut Transaction, proof: &ProofRow, outcome: &Outcome) -> Result<(), ServiceError> {
        let message = match outcome.state {
            ProofState::Requested => {
                let turn = self.whose_turn(tx, proof.brand_id, &outcome.round).await?;
                return self.tell(tx, proof, "proof_requested", turn).await;
            }
            ProofState::Approved => "proof_approved",
            ProofState::ChangesRequested => "proof_changes_requested",
            _ => "proof_rejected",
        };
        let concerned = self.concerned(tx, proof).await?;
        self.tell(tx, proof, message, concerned).await
    }
}

fn comment_given(decision: &ProofDecision) -> Result<String, ServiceError> {
    let invalid = |problem: String| ServiceError::Invalid { field: "comment", problem };
    match (decision.comment.trim(), decision.meaning) {
        ("", Decision::Approved) => Ok(String::new()),
        ("", Decision::ChangesRequested) => Err(invalid("say what is to be changed".into())),
        ("", Decision::Rejected) => Err(invalid("say why it is rejected".into())),
        (comment, _) => {
            Paragraph::<MAX_COMMENT>::new(comment).map(|c| c.to_string()).map_err(|e| invalid(e.to_string()))
        }
    }
}

/// The approval that comes of a proof: what the print desk asks for.
fn approval_of(proof: &ProofRow, signatures: &[SignatureRow], id: i64, actor: &str, now_us: i64) -> ApprovalRow {
    let approved = signatures.iter().filter(|signature| signature.meaning == "approved");
    ApprovalRow {
        id,
        sku_id: proof.sku_id,
        sku: proof.sku.clone(),
        revision_id: proof.revision_id,
        revision: proof.revision.clone(),
        template: proof.template.clone(),
        template_digest: proof.template_digest.clone(),
        dpi: proof.dpi,
        artwork: proof.artwork.clone(),
        inputs: proof.inputs.clone(),
        approver: approved.map(|signature| signature.name.as_str()).collect::<Vec<_>>().join(", "),
        note: format!("proof {}", proof.code),
        actor: actor.to_owned(),
        created_us: now_us,
        withdrawn_us: None,
        withdrawn_why: None,
        proof_id: Some(proof.id),
        proof: Some(proof.code.clone()),
        superseded_us: None,
    }
}
