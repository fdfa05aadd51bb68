//! Use case: a proof is looked at: everything that its page, the API and the command line show.

use super::super::print::Inputs;
use super::super::{Caller, Nameplate, ServiceError, part, rfc3339};
use super::carry::Validity;
use super::report::ProofReport;
use crate::store::proof::ProofRow;
use crate::store::proof_sample::SampleRow;
use crate::store::proof_word::{CommentRow, SignatureRow};
use crate::store::{self, Connection, StoreError};
use crate::trace::{ProofCode, Round};
use serde::Serialize;
use std::collections::BTreeMap;

/// A proof as people and machines read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "proof": "PRF-7K3M9XQ2", "state": "requested", "sku": "NT-M2-BOR", "product": "Borealis Fjäll 35", "brand": "BOR",
    "brand_name": "Borealis Optics", "revision": "B", "template": "unit-60x40", "template_digest": "9f86d081...",
    "dpi": 203, "width_um": 60000, "height_um": 40000, "stock": "PET white 60x40, thermal transfer",
    "artwork": "60303ae2...", "layout_version": 2, "fields": {"brand.name": "Borealis Optics"},
    "fonts": {"sans": "1f0a..."}, "zone": "underside of the device", "note": "new importer's address",
    "replaces": null, "replaced_by": null, "previous": "PRF-0A1B2C3D", "required": [], "waits_for": ["a buyer of Borealis Optics"],
    "validity": null, "approval": null, "samples": [], "comments": [], "signatures": [],
    "report": {"findings": [], "codes": [], "samples": []}, "made_at": "2025-07-10T12:00:00Z",
    "made_by": "office (0A1B2C3D4E)", "requested_at": "2025-07-10T12:05:00Z", "decided_at": null, "ended_at": null,
    "ended_why": null
}))]
pub struct ProofRecord {
    /// Its name.
    pub proof: String,
    /// draft, requested, changes_requested, approved, rejected, superseded or withdrawn.
    pub state: String,
    /// SKU code.
    pub sku: String,
    /// Product name on the label.
    pub product: String,
    /// Brand code.
    pub brand: String,
    /// Brand name.
    pub brand_name: String,
    /// The SKU's revision.
    pub revision: Option<String>,
    /// Template name.
    pub template: String,
    /// SHA-256 of the template's file.
    pub template_digest: String,
    /// Dots an inch of the printers.
    pub dpi: i64,
    /// Width of the label in micrometres.
    pub width_um: i64,
    /// Height of the label in micrometres.
    pub height_um: i64,
    /// Label stock and ribbon.
    pub stock: String,
    /// SHA-256 of everything that is the same on every label. A decision names it.
    pub artwork: String,
    /// Version of layout and renderers.
    pub layout_version: u32,
    /// The fields that the labels show, with their values; of a picture its SHA-256.
    pub fields: BTreeMap<String, String>,
    /// SHA-256 of each face in use, by its name.
    pub fonts: BTreeMap<String, String>,
    /// Where the label goes on the product.
    pub zone: String,
    /// What whoever made it says about it.
    pub note: String,
    /// The proof that it takes the place of.
    pub replaces: Option<String>,
    /// The proof that took its place.
    pub replaced_by: Option<String>,
    /// The last proof of this SKU that was approved before it.
    pub previous: Option<String>,
    /// Who must approve, in order; empty where the brand names nobody: then any one of its buyers.
    pub required: Vec<RequiredRecord>,
    /// Names of those who have to decide next; empty if nobody has.
    pub waits_for: Vec<String>,
    /// Of an approved proof: whether it covers what would be printed now.
    pub validity: Option<Validity>,
    /// The approval that came of it.
    pub approval: Option<i64>,
    /// The labels that the approvers see.
    pub samples: Vec<SampleRecord>,
    /// What people wrote about it, oldest first.
    pub comments: Vec<CommentRecord>,
    /// What people decided, oldest first.
    pub signatures: Vec<SignatureRecord>,
    /// What preflight and decode gate found.
    pub report: ProofReport,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Who made it. Left out for callers bound to a brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// When its approvers were asked.
    pub requested_at: Option<String>,
    /// When they had decided.
    pub decided_at: Option<String>,
    /// When it was superseded or withdrawn.
    pub ended_at: Option<String>,
    /// Why.
    pub ended_why: Option<String>,
}

/// Somebody who must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RequiredRecord {
    /// Lower positions come first.
    pub position: i64,
    /// Their name.
    pub name: String,
    /// Whether they have approved.
    pub approved: bool,
    /// The user's number: pages compare it with whoever is signed in.
    #[serde(skip)]
    pub user: i64,
}

/// A label that the approvers see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SampleRecord {
    /// Its number.
    pub n: i64,
    /// What is special about it.
    pub name: String,
    /// The values that differ from sample to sample. Its serial is a specimen that no rule accepts.
    pub fields: BTreeMap<String, String>,
    /// Width in dots.
    pub width: i64,
    /// Height in dots.
    pub height: i64,
    /// SHA-256 of the dots: of width and height as 8 bytes each, and the rows from the top, 8 dots a byte, black as 1.
    pub dots: String,
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "comment": 61, "author": "A. Lindqvist", "text": "The address has moved.", "sample": 1, "x_um": 45500,
    "y_um": 25600, "at": "2025-07-10T12:10:00Z", "resolved_at": null, "resolved_by": null
}))]
pub struct CommentRecord {
    /// Its number.
    pub comment: i64,
    /// Who wrote it.
    pub author: String,
    /// What it says.
    pub text: String,
    /// On which sample it is pinned.
    pub sample: Option<i64>,
    /// From the label's left edge, in micrometres.
    pub x_um: Option<i64>,
    /// From the label's top edge, in micrometres.
    pub y_um: Option<i64>,
    /// When, RFC 3339.
    pub at: String,
    /// When it was dealt with.
    pub resolved_at: Option<String>,
    /// By whom.
    pub resolved_by: Option<String>,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SignatureRecord {
    /// Who signed.
    pub name: String,
    /// approved, changes_requested or rejected.
    pub meaning: String,
    /// Digest of the artwork that they had before them.
    pub artwork: String,
    /// What they wrote.
    pub comment: String,
    /// When, RFC 3339.
    pub at: String,
    /// The user's number: pages compare it with whoever is signed in.
    #[serde(skip)]
    pub user: i64,
}

/// How people of the factory are called before callers who are bound to a brand, where they did not sign in by name.
const FACTORY: &str = "the manufacturer";

impl Nameplate {
    /// A proof.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], also for another brand's proof, and for a draft where the caller is bound to a brand.
    pub async fn proof(&self, caller: &Caller, code: &str) -> Result<ProofRecord, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.proof_row(&mut conn, caller, code).await?;
        self.proof_record(&mut conn, caller, row).await
    }

    /// The picture of a sample: a PNG of the printer's dots, as it was kept.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn proof_sample_png(&self, caller: &Caller, code: &str, n: i64) -> Result<Vec<u8>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.proof_row(&mut conn, caller, code).await?;
        let png = store::proof_sample::png(&mut conn, row.id, n).await?;
        png.ok_or_else(|| ServiceError::NotFound { kind: "sample", name: n.to_string() })
    }

    /// The samples as PDF, with PROOF - NOT FOR PRODUCTION across each.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn proof_pdf(&self, caller: &Caller, code: &str) -> Result<Vec<u8>, ServiceError> {
        let mut conn = self.read().await?;
        let row = self.proof_row(&mut conn, caller, code).await?;
        let corrupt = || StoreError::Corrupt { table: "proof_pdf", column: "bytes", row: row.code.clone() };
        Ok(store::proof_sample::pdf(&mut conn, row.id).await?.ok_or_else(corrupt)?)
    }

    /// The row of a proof that the caller may see.
    pub(super) async fn proof_row(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        code: &str,
    ) -> Result<ProofRow, ServiceError> {
        let absent = || ServiceError::NotFound {
            kind: "proof",
            name: code.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
        let code = ProofCode::parse(code).map_err(|_| absent())?;
        store::proof::by_code(conn, code.as_str(), caller.brand).await?.ok_or_else(absent)
    }

    pub(super) async fn proof_record(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        row: ProofRow,
    ) -> Result<ProofRecord, ServiceError> {
        let corrupt = |column| StoreError::Corrupt { table: "proof", column, row: row.code.clone() };
        let sku = store::sku::by_id(conn, row.sku_id).await?.ok_or_else(|| corrupt("sku_id"))?;
        let inputs = Inputs::from_json(&row.inputs, &row.code)?;
        let report = store::proof::report(conn, row.id).await?.ok_or_else(|| corrupt("report"))?;
        let report: ProofReport = serde_json::from_str(&report).map_err(|_| corrupt("report"))?;
        let round = self.round(conn, &row).await?;
        let waits_for = if row.state == "requested" { self.waits_for(conn, &row).await? } else { Vec::new() };
        let validity = match row.state == "approved" {
            true => Some(part(self.validity(conn, &row)).await?),
            false => None,
        };
        let previous = match row.previous_id {
            Some(id) => store::proof::by_id(conn, id).await?.map(|proof| proof.code),
            None => None,
        };
        let samples = store::proof_sample::of_proof(conn, row.id).await?;
        let comments = store::proof_word::comments(conn, row.id).await?;
        let signatures = store::proof_word::signatures(conn, row.id).await?;
        Ok(ProofRecord {
            proof: row.code.clone(),
            state: row.state,
            sku: row.sku,
            product: sku.name,
            brand: sku.brand,
            brand_name: sku.brand_name,
            revision: row.revision,
            template: row.template,
            template_digest: row.template_digest,
            dpi: row.dpi,
            width_um: row.width_um,
            height_um: row.height_um,
            stock: row.stock,
            artwork: row.artwork,
            layout_version: inputs.layout_version,
            fields: inputs.fields,
            fonts: inputs.fonts,
            zone: inputs.zone,
            note: row.note,
            replaces: row.replaces,
            replaced_by: store::proof::replaced_by(conn, row.id, caller.brand).await?,
            previous,
            required: required(&round),
            waits_for,
            validity,
            approval: store::approval::of_proof(conn, row.id).await?.map(|approval| approval.id),
            samples: samples.into_iter().map(|sample| sample_record(sample, &row.code)).collect::<Result<_, _>>()?,
            comments: comments.into_iter().map(|comment| comment_record(caller, comment)).collect(),
            signatures: signatures.into_iter().map(signature_record).collect(),
            report,
            made_at: rfc3339(row.created_us),
            made_by: caller.brand.is_none().then_some(row.actor),
            requested_at: row.requested_us.map(rfc3339),
            decided_at: row.decided_us.map(rfc3339),
            ended_at: row.ended_us.map(rfc3339),
            ended_why: row.ended_why,
        })
    }
}

fn required(round: &Round) -> Vec<RequiredRecord> {
    let missing: Vec<i64> = round.unsigned().map(|approver| approver.user).collect();
    let record = |approver: &crate::trace::Approver| RequiredRecord {
        position: approver.position,
        name: approver.name.clone(),
        approved: !missing.contains(&approver.user),
        user: approver.user,
    };
    round.required().iter().map(record).collect()
}

pub(super) fn sample_record(row: SampleRow, proof: &str) -> Result<SampleRecord, StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: "proof_sample", column: "fields", row: proof.to_owned() };
    let fields = serde_json::from_str(&row.fields).map_err(corrupt)?;
    Ok(SampleRecord { n: row.n, name: row.name, fields, width: row.width, height: row.height, dots: row.dots })
}

pub(super) fn comment_record(caller: &Caller, row: CommentRow) -> CommentRecord {
    // A person's name stands under what the person wrote for the other side; names of tokens are the factory's own.
    let is_hidden = caller.brand.is_some() && row.user_id.is_none() && row.author != caller.actor;
    let by = |by: String| if caller.brand.is_some() && by != caller.actor { FACTORY.to_owned() } else { by };
    CommentRecord {
        comment: row.id,
        author: if is_hidden { FACTORY.to_owned() } else { row.author },
        text: row.text,
        sample: row.sample,
        x_um: row.x_um,
        y_um: row.y_um,
        at: rfc3339(row.created_us),
        resolved_at: row.resolved_us.map(rfc3339),
        resolved_by: row.resolved_by.map(by),
    }
}

fn signature_record(row: SignatureRow) -> SignatureRecord {
    SignatureRecord {
        name: row.name,
        meaning: row.meaning,
        artwork: row.artwork,
        comment: row.comment,
        at: rfc3339(row.created_us),
        user: row.user_id,
    }
}
