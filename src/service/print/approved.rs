//! Which approval covers today's artwork; and if none does, what is missing.

use super::super::rule_book::KnownRule;
use super::super::{Caller, Nameplate, ServiceError, part};
use super::artwork::{Inputs, check_media, resolution};
use super::error::PrintError;
use crate::label::Resolution;
use crate::service::labels::unit::look_alike;
use crate::service::labels::{Artwork, TemplateRef};
use crate::service::proof::Compared;
use crate::store::approval::ApprovalRow;
use crate::store::printer::PrinterRow;
use crate::store::proof::ProofOf;
use crate::store::sku::SkuRow;
use crate::store::{self, Connection};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Leave to print.
pub(super) struct Approved {
    pub(super) resolution: Resolution,
    pub(super) approval: ApprovalRow,
    /// The very revision of the template that it covers, should another be published meanwhile.
    pub(super) template: TemplateRef,
}

/// Today's label of a SKU revision.
pub(super) struct Today<'t> {
    pub(super) sku: &'t SkuRow,
    pub(super) revision: Option<&'t str>,
    pub(super) rule: &'t Arc<KnownRule>,
    pub(super) resolution: Resolution,
    pub(super) artwork: &'t Artwork,
    pub(super) inputs: &'t Inputs,
}

impl Nameplate {
    /// The approval that covers today's artwork: one of the very same artwork, or one of a proof whose samples are still the
    /// very same dots.
    ///
    /// # Errors
    /// [`PrintError::ApprovalMissing`] says what is missing or has changed since.
    async fn approval_of(
        &self,
        caller: &Caller,
        conn: &mut Connection,
        today: &Today<'_>,
    ) -> Result<ApprovalRow, ServiceError> {
        let Today { sku, revision, rule, artwork, inputs, .. } = *today;
        let approvals = store::approval::standing(conn, sku.id).await?;
        let is_fitting = |a: &&ApprovalRow| {
            a.revision.as_deref() == revision && a.template == inputs.template && a.dpi == i64::from(inputs.dpi)
        };
        let fitting: Vec<&ApprovalRow> = approvals.iter().filter(is_fitting).collect();
        let digest = artwork.digest();
        for approval in &fitting {
            if (approval.artwork == digest && self.has_room(conn, approval, rule).await?)
                || store::approval::is_carried(conn, approval.id, &digest, rule.row.id).await?
            {
                return Ok((*approval).clone());
            }
        }
        let why = match fitting.first() {
            None => self.why_never(conn, today, &approvals).await?,
            Some(latest) => {
                let compared = part(self.look_again(conn, latest, today)).await?;
                if let Some(compared) = compared.as_ref().filter(|compared| compared.is_same())
                    && self.carry(caller, conn, latest, today, compared).await?
                {
                    return Ok((*latest).clone());
                }
                let before = Inputs::from_json(&latest.inputs, &latest.id.to_string())?;
                let changed = before.difference(inputs).unwrap_or_else(|| "its pictures have changed".into());
                let seen = compared.map_or_else(String::new, |compared| format!(": {compared}"));
                let of = latest.proof.as_ref().map_or_else(String::new, |proof| format!(" (proof {proof})"));
                let open = self.why_open(conn, today).await?.map_or_else(String::new, |open| format!("; {open}"));
                format!("approval {}{of} was for other artwork: {changed}{seen}{open}", latest.id)
            }
        };
        Err(PrintError::ApprovalMissing {
            sku: sku.code.clone(),
            revision: revision.map(str::to_owned),
            template: inputs.template.clone(),
            dpi: inputs.dpi,
            why,
        }
        .into())
    }

    /// Whether the artwork that was approved has room for the serials of a rule. The digest covers the design, not how long
    /// serials can be.
    async fn has_room(
        &self,
        conn: &mut Connection,
        approval: &ApprovalRow,
        rule: &KnownRule,
    ) -> Result<bool, ServiceError> {
        let inputs = Inputs::from_json(&approval.inputs, &approval.id.to_string())?;
        if inputs.rule_version == rule.row.id {
            return Ok(true);
        }
        let before = self.rules.get(conn, inputs.rule_version).await?;
        Ok(look_alike(&before.rule, &rule.rule))
    }

    /// The samples of the approval's proof as they look today; none for an approval that was given on paper.
    async fn look_again(
        &self,
        conn: &mut Connection,
        approval: &ApprovalRow,
        today: &Today<'_>,
    ) -> Result<Option<Arc<Compared>>, ServiceError> {
        let Some(proof) = approval.proof_id else { return Ok(None) };
        let Today { sku, revision, rule, resolution, artwork, .. } = *today;
        let revision = approval.revision_id.zip(revision.map(str::to_owned));
        let (template, digest) = (&artwork.template, artwork.digest());
        let compared = self.compare(conn, proof, sku.clone(), revision, template, resolution, rule, &digest).await?;
        Ok(Some(compared))
    }

    /// Notes that an approval holds for artwork of another digest. Answers whether the approval stands.
    async fn carry(
        &self,
        caller: &Caller,
        conn: &mut Connection,
        approval: &ApprovalRow,
        today: &Today<'_>,
        compared: &Compared,
    ) -> Result<bool, ServiceError> {
        let Today { artwork, rule, .. } = *today;
        // Kept under its digest, so that the label can be drawn when the program ships another one.
        let template = TemplateRef::revision(&artwork.template, &artwork.template_digest);
        let source = self.template_source(conn, &template).await?;
        let now_us = self.clock.now_us();
        let mut tx = self.store.begin().await?;
        if !store::approval::hold_standing(&mut tx, approval.id).await? {
            return Ok(false);
        }
        store::template::keep(&mut tx, &artwork.template_digest, &artwork.template, &source, now_us).await?;
        let head = store::audit::hold_head(&mut tx).await?.head;
        let seq = super::job::db(head.seq + 1)?;
        let digest = artwork.digest();
        if store::approval::carry(&mut tx, approval.id, &digest, rule.row.id, seq, now_us).await? {
            let detail = serde_json::json!({
                "proof": approval.proof, "approved_artwork": approval.artwork, "artwork": digest,
                "template_digest": artwork.template_digest, "samples": compared.samples,
            });
            let entry = self.entry(caller, "approval.carry", &approval.id.to_string(), detail.to_string());
            store::audit::append(&mut tx, head, &[entry]).await?;
        }
        store::commit(tx).await?;
        Ok(true)
    }

    /// Why there is no approval of a label at all.
    async fn why_never(
        &self,
        conn: &mut Connection,
        today: &Today<'_>,
        approvals: &[ApprovalRow],
    ) -> Result<String, ServiceError> {
        if let Some(open) = self.why_open(conn, today).await? {
            return Ok(open);
        }
        let revision = |a: &ApprovalRow| a.revision.as_ref().map_or(String::new(), |r| format!(" for revision {r}"));
        let others: BTreeSet<String> =
            approvals.iter().take(3).map(|a| format!("{} at {} dpi{}", a.template, a.dpi, revision(a))).collect();
        Ok(match others.is_empty() {
            true => "nobody has approved any label of this SKU yet".to_owned(),
            false => format!("approved are {}", others.into_iter().collect::<Vec<_>>().join(", ")),
        })
    }

    /// How far the newest proof of today's label has come.
    async fn why_open(&self, conn: &mut Connection, today: &Today<'_>) -> Result<Option<String>, ServiceError> {
        let Today { sku, revision, inputs, .. } = *today;
        let day = self.clock.today().to_string();
        let revision_id = match revision {
            Some(name) => store::sku::revision(conn, sku.id, Some(name), &day).await?.map(|(id, _)| id),
            None => None,
        };
        let label = ProofOf { sku_id: sku.id, revision_id, template: &inputs.template, dpi: i64::from(inputs.dpi) };
        self.how_far(conn, &label).await
    }

    /// The approval under which labels of a SKU revision can be printed on a printer.
    ///
    /// # Errors
    /// [`PrintError::ApprovalMissing`], [`PrintError::PrinterMismatch`], [`ServiceError::Label`].
    #[expect(clippy::too_many_arguments, reason = "all that a label depends on is named by whoever asks for it")]
    pub(super) async fn approved(
        &self,
        caller: &Caller,
        conn: &mut Connection,
        sku: &SkuRow,
        revision: Option<&str>,
        rule: &Arc<KnownRule>,
        printer: &PrinterRow,
        template: Option<&str>,
    ) -> Result<Approved, ServiceError> {
        let template = TemplateRef::newest(template.unwrap_or(&sku.template));
        let resolution = resolution(printer)?;
        let artwork = self.sample_artwork(conn, sku, revision, &template, resolution, rule).await?;
        check_media(printer, &artwork)?;
        let inputs = Inputs::of(&artwork, resolution.dpi(), rule);
        let today = Today { sku, revision, rule, resolution, artwork: &artwork, inputs: &inputs };
        let approval = self.approval_of(caller, conn, &today).await?;
        let template = TemplateRef::revision(&artwork.template, &artwork.template_digest);
        Ok(Approved { resolution, approval, template })
    }

    /// Makes sure that labels of a SKU, by any name of it, could be printed now: before its serials are reserved.
    ///
    /// # Errors
    /// As [`Nameplate::approved`], and [`ServiceError::Reserve`] for a text that names no SKU.
    pub(super) async fn approved_for(
        &self,
        caller: &Caller,
        conn: &mut Connection,
        sku: &str,
        printer: &PrinterRow,
        template: Option<&str>,
    ) -> Result<(), ServiceError> {
        let key = part(self.sku_meant(caller, sku)).await?;
        let unknown = || ServiceError::NotFound { kind: "SKU", name: sku.to_owned() };
        let sku = store::sku::by_key(conn, &key, caller.brand).await?.ok_or_else(unknown)?;
        let today = self.clock.today().to_string();
        let rule = store::rule::effective(conn, &sku.rule_code, &today).await?;
        let rule = rule.ok_or_else(|| ServiceError::NotFound { kind: "rule", name: sku.rule_code.clone() })?;
        let rule = self.rules.get(conn, rule.id).await?;
        let revision = store::sku::revision(conn, sku.id, None, &today).await?.map(|(_, name)| name);
        part(self.approved(caller, conn, &sku, revision.as_deref(), &rule, printer, template)).await.map(drop)
    }
}
