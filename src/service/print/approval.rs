//! Use case: label artwork is approved, and an approval is withdrawn. No live serial is printed without one.

use super::super::{Caller, Nameplate, ServiceError, rfc3339};
use super::artwork::Inputs;
use crate::label::Resolution;
use crate::service::labels::TemplateRef;
use crate::service::report_fate::reason_given;
use crate::store::approval::ApprovalRow;
use crate::store::{self, Transaction};
use crate::trace::AuditEntry;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is approved, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sku": "NT-M2-BOR", "template": "unit-60x40", "dpi": 203, "approver": "A. Lindqvist, Borealis Optics",
    "note": "signed proof of 2025-07-01, file 4711"
}))]
pub struct NewApproval {
    /// SKU code.
    pub sku: String,
    /// Its revision; the one in force if left out.
    #[serde(default)]
    pub revision: Option<String>,
    /// Template name; the SKU's own if left out.
    #[serde(default)]
    pub template: Option<String>,
    /// Dots an inch of the printers: 203, 300 or 600. Dots decide where bars stand, so each has its own approval.
    #[serde(default = "default_dpi")]
    #[schema(default = 203)]
    pub dpi: u32,
    /// Who approved.
    pub approver: String,
    /// Where the approval is on file, or what it says.
    #[serde(default)]
    pub note: String,
}

fn default_dpi() -> u32 {
    203
}

/// An approval as people and machines read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "approval": 57, "sku": "NT-M2-BOR", "revision": "B", "template": "unit-60x40", "template_digest": "9f86d081...",
    "dpi": 203, "artwork": "60303ae2...", "fields": {"brand.name": "Borealis Optics"},
    "approver": "A. Lindqvist, Borealis Optics", "note": "signed proof of 2025-07-01, file 4711",
    "recorded_at": "2025-07-10T12:00:00Z", "recorded_by": "office (0A1B2C3D4E)", "withdrawn_at": null,
    "withdrawn_why": null, "proof": null, "superseded_at": null
}))]
pub struct ApprovalRecord {
    /// Its number.
    pub approval: i64,
    /// SKU code.
    pub sku: String,
    /// The SKU's revision.
    pub revision: Option<String>,
    /// Template name.
    pub template: String,
    /// SHA-256 of the template's file: its revision.
    pub template_digest: String,
    /// Dots an inch.
    pub dpi: i64,
    /// SHA-256 of everything that is the same on every label. Jobs with another are refused.
    pub artwork: String,
    /// The fields that the labels show, with their values; the batch is a sample.
    pub fields: BTreeMap<String, String>,
    /// Who approved.
    pub approver: String,
    /// Where the approval is on file, or what it says.
    pub note: String,
    /// When it was recorded, RFC 3339.
    pub recorded_at: String,
    /// Who recorded it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<String>,
    /// Why.
    pub withdrawn_why: Option<String>,
    /// The proof that it came of; none for one that was given on paper.
    pub proof: Option<String>,
    /// When a newer approval of the same label took its place: no new job is made under it since then.
    pub superseded_at: Option<String>,
}

fn record(caller: &Caller, row: ApprovalRow) -> Result<ApprovalRecord, ServiceError> {
    let fields = Inputs::from_json(&row.inputs, &row.id.to_string())?.fields;
    Ok(ApprovalRecord {
        approval: row.id,
        sku: row.sku,
        revision: row.revision,
        template: row.template,
        template_digest: row.template_digest,
        dpi: row.dpi,
        artwork: row.artwork,
        fields,
        approver: row.approver,
        note: row.note,
        recorded_at: rfc3339(row.created_us),
        recorded_by: caller.brand.is_none().then_some(row.actor),
        withdrawn_at: row.withdrawn_us.map(rfc3339),
        withdrawn_why: row.withdrawn_why,
        proof: row.proof,
        superseded_at: row.superseded_us.map(rfc3339),
    })
}

/// A short text that a person has to give, trimmed.
pub(super) fn text_given(field: &'static str, text: &str, most: usize, what: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    let is_bad = text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control);
    if is_bad {
        return Err(ServiceError::Invalid { field, problem: format!("write 1 to {most} characters that say {what}") });
    }
    Ok(text.to_owned())
}

impl Nameplate {
    /// Records that the artwork of a SKU revision was approved as it is now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for SKU, revision or template, [`ServiceError::Invalid`], [`ServiceError::Label`] when
    /// the label cannot be laid out.
    pub async fn approve(&self, caller: &Caller, new: &NewApproval) -> Result<ApprovalRecord, ServiceError> {
        let approver = text_given("approver", &new.approver, 120, "who approved")?;
        let note = match new.note.trim() {
            "" => String::new(),
            note => reason_given("note", note)?,
        };
        let resolution = Resolution::from_dpi(new.dpi).ok_or(ServiceError::Invalid {
            field: "dpi",
            problem: format!("labels are drawn for 203, 300 and 600 dots an inch, not for {}", new.dpi),
        })?;
        let now_us = self.clock.now_us();
        let mut conn = self.read().await?;
        let sku = self.sku_row(&mut conn, caller, &new.sku).await?;
        let today = self.clock.today().to_string();
        let revision = store::sku::revision(&mut conn, sku.id, new.revision.as_deref(), &today).await?;
        if let (Some(name), None) = (&new.revision, &revision) {
            return Err(ServiceError::NotFound { kind: "SKU revision", name: name.chars().take(80).collect() });
        }
        let rule = store::rule::effective(&mut conn, &sku.rule_code, &today).await?;
        let rule = rule.ok_or_else(|| ServiceError::NotFound { kind: "rule", name: sku.rule_code.clone() })?;
        let rule = self.rules.get(&mut conn, rule.id).await?;
        let template = TemplateRef::newest(new.template.as_deref().unwrap_or(&sku.template));
        let name = revision.as_ref().map(|(_, name)| name.as_str());
        let artwork = self.sample_artwork(&mut conn, &sku, name, &template, resolution, &rule).await?;
        let inputs = Inputs::of(&artwork, new.dpi, &rule);
        // Kept under its digest, so that the label can be drawn when the program ships another one.
        let source = self.template_source(&mut conn, &template).await?;
        drop(conn);
        let mut tx = self.store.begin().await?;
        store::template::keep(&mut tx, &artwork.template_digest, &artwork.template, &source, now_us).await?;
        let head = store::audit::hold_head(&mut tx).await?.head;
        let id = i64::try_from(head.seq + 1).map_err(|_| ServiceError::Unexpected("the chain is full".into()))?;
        let row = ApprovalRow {
            id,
            sku_id: sku.id,
            sku: sku.code.clone(),
            revision_id: revision.as_ref().map(|(id, _)| *id),
            revision: revision.map(|(_, name)| name),
            template: artwork.template.clone(),
            template_digest: artwork.template_digest.clone(),
            dpi: i64::from(new.dpi),
            artwork: artwork.digest(),
            inputs: inputs.to_json()?,
            approver,
            note,
            actor: caller.actor.clone(),
            created_us: now_us,
            withdrawn_us: None,
            withdrawn_why: None,
            proof_id: None,
            proof: None,
            superseded_us: None,
        };
        store::approval::insert(&mut tx, &row).await?;
        let detail = serde_json::json!({
            "sku": row.sku, "revision": row.revision, "template": row.template, "template_digest": row.template_digest,
            "dpi": row.dpi, "artwork": row.artwork, "approver": row.approver, "note": row.note,
        });
        let entry = self.entry(caller, "approval.record", &id.to_string(), detail.to_string());
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        record(caller, row)
    }

    /// Withdraws an approval: nothing more is printed under it, queued labels included.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is none that stands; [`ServiceError::Invalid`] without a reason.
    pub async fn withdraw_approval(
        &self,
        caller: &Caller,
        id: i64,
        reason: &str,
    ) -> Result<ApprovalRecord, ServiceError> {
        let reason = reason_given("reason", reason)?;
        let mut tx = self.store.begin().await?;
        let absent = || ServiceError::NotFound { kind: "approval", name: id.to_string() };
        // The proof first, as everywhere: whoever withdraws the proof takes both in this order.
        if let Some(proof) = store::approval::by_id(&mut tx, id).await?.and_then(|row| row.proof_id) {
            let held = store::proof::hold(&mut tx, proof).await?.filter(|proof| proof.state == "approved");
            if let Some(proof) = held {
                store::proof::set_ended(&mut tx, proof.id, "withdrawn", &reason, self.clock.now_us()).await?;
            }
        }
        self.end_approval(&mut tx, id, &reason).await?.then_some(()).ok_or_else(absent)?;
        let row = store::approval::by_id(&mut tx, id).await?.ok_or_else(absent)?;
        let detail = serde_json::json!({ "reason": reason });
        self.audit(&mut tx, caller, "approval.withdraw", &id.to_string(), detail.to_string()).await?;
        store::commit(tx).await?;
        record(caller, row)
    }

    /// Withdraws an approval and stops the jobs under it. Answers whether it was in force.
    pub(in crate::service) async fn end_approval(
        &self,
        tx: &mut Transaction,
        id: i64,
        reason: &str,
    ) -> Result<bool, ServiceError> {
        if !store::approval::withdraw(tx, id, self.clock.now_us(), reason).await? {
            return Ok(false);
        }
        let why = format!("approval {id} was withdrawn: {reason}");
        store::print_job::stop_under(tx, id, &why).await?;
        Ok(true)
    }

    /// Approvals, newest first, and the cursor for the next page.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn approvals(
        &self,
        caller: &Caller,
        before: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<ApprovalRecord>, Option<i64>), ServiceError> {
        let mut conn = self.read().await?;
        let mut rows = store::approval::list(&mut conn, caller.brand, before, limit.saturating_add(1)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|row| row.id) } else { None };
        let records: Result<Vec<_>, _> = rows.into_iter().map(|row| record(caller, row)).collect();
        Ok((records?, next))
    }

    /// An audit entry of now.
    pub(in crate::service) fn entry(&self, caller: &Caller, action: &str, subject: &str, detail: String) -> AuditEntry {
        AuditEntry {
            recorded_us: self.clock.now_us(),
            actor: caller.actor.clone(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
        }
    }

    /// Appends one entry to the audit chain. Answers its number.
    pub(in crate::service) async fn audit(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        action: &str,
        subject: &str,
        detail: String,
    ) -> Result<u64, ServiceError> {
        let head = store::audit::hold_head(tx).await?.head;
        let entry = self.entry(caller, action, subject, detail);
        Ok(store::audit::append(tx, head, &[entry]).await?.seq)
    }
}
