//! Use case: a proof is made. Its samples are drawn, read back, and kept as they are.

use super::super::print::{Inputs, SAMPLE_BATCH, db, fingerprint, key_scope};
use super::super::{Caller, Nameplate, ServiceError, part, random};
use super::error::ProofError;
use super::record::ProofRecord;
use super::report::{ProofReport, Unreadable, report};
use super::samples::{DrawnSample, Subject, Wanted};
use crate::catalogue::{Line, Paragraph};
use crate::render::png::{dots_digest, encode_once};
use crate::store::proof::ProofRow;
use crate::store::proof_sample::SampleRow;
use crate::store::{self, Connection, Transaction};
use crate::trace::{ProofCode, ProofState};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// Longest description of the label stock, in characters.
const MAX_STOCK: usize = 80;
/// Longest note, in characters.
const MAX_NOTE: usize = 500;

/// Of what a proof shall be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sku": "NT-M2-BOR", "template": "unit-60x40", "dpi": 203, "stock": "PET white 60x40, thermal transfer",
    "note": "new importer's address"
}))]
pub struct NewProof {
    /// SKU code.
    pub sku: String,
    /// Its revision; the one in force if left out.
    #[serde(default)]
    pub revision: Option<String>,
    /// Template name; the SKU's own if left out.
    #[serde(default)]
    pub template: Option<String>,
    /// Dots an inch of the printers: 203, 300 or 600. Dots decide where bars stand, so each has its own proof.
    #[serde(default = "default_dpi")]
    #[schema(default = 203)]
    pub dpi: u32,
    /// Label stock and ribbon; what the template says if left out.
    #[serde(default)]
    #[schema(max_length = 80)]
    pub stock: Option<String>,
    /// What the approvers should know.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
    /// The proof that it takes the place of: one that was sent back for changes, rejected or withdrawn.
    #[serde(default)]
    pub replaces: Option<String>,
}

fn default_dpi() -> u32 {
    203
}

/// Everything about a new proof that is drawn before anything is recorded.
struct Made {
    subject: Subject,
    inputs: Inputs,
    artwork: String,
    size: (i64, i64),
    samples: Vec<DrawnSample>,
    report: ProofReport,
    pdf: Vec<u8>,
}

impl Nameplate {
    /// Makes a proof of a SKU revision's label as it is now: a draft, which the brand does not see before it is requested.
    /// The same key and request find the proof that was made before.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for SKU, revision, template or the proof to be replaced; [`ServiceError::Invalid`];
    /// [`ServiceError::Label`] when the label cannot be laid out, does not read, or has no specimens;
    /// [`ServiceError::KeyReused`]; [`ServiceError::Proof`] when the proof to be replaced is still open.
    pub async fn new_proof(&self, caller: &Caller, key: &str, new: &NewProof) -> Result<ProofRecord, ServiceError> {
        let (scope, print) = (key_scope(caller), fingerprint(new)?);
        let mut conn = self.read().await?;
        if let Some(known) = store::proof::by_key(&mut conn, &scope, key).await? {
            return self.known_proof(&mut conn, caller, known, &print).await;
        }
        let invalid = |field, e: crate::catalogue::TextError| ServiceError::Invalid { field, problem: e.to_string() };
        let given = new.stock.as_deref().map(str::trim).filter(|stock| !stock.is_empty());
        let stock = given.map(Line::<MAX_STOCK>::new).transpose().map_err(|e| invalid("stock", e))?;
        let note = match new.note.trim() {
            "" => String::new(),
            note => Paragraph::<MAX_NOTE>::new(note).map_err(|e| invalid("note", e))?.to_string(),
        };
        let made = part(self.make_proof(&mut conn, caller, new)).await?;
        let replaces = self.replaced_proof(&mut conn, caller, new, &made.subject).await?;
        let source = self.template_source(&mut conn, &made.subject.template).await?;
        drop(conn);
        let stock = stock.map_or_else(|| stock_of(&made.inputs.durability), |s| s.to_string());
        let revision = made.subject.revision.clone().unzip();
        let mut row = ProofRow {
            code: ProofCode::from_random(random()?).as_str().to_owned(),
            sku_id: made.subject.sku.id,
            sku: made.subject.sku.code.clone(),
            brand_id: made.subject.sku.brand_id,
            revision_id: revision.0,
            revision: revision.1,
            template: made.inputs.template.clone(),
            template_digest: made.inputs.template_digest.clone(),
            dpi: i64::from(new.dpi),
            width_um: made.size.0,
            height_um: made.size.1,
            stock,
            artwork: made.artwork.clone(),
            inputs: made.inputs.to_json()?,
            replaces: replaces.as_ref().map(|proof| proof.code.clone()),
            replaces_id: replaces.map(|proof| proof.id),
            state: ProofState::Draft.as_str().to_owned(),
            required: "[]".to_owned(),
            note,
            actor: caller.actor.clone(),
            created_us: self.clock.now_us(),
            key_scope: scope,
            idempotency_key: key.to_owned(),
            fingerprint: print.clone(),
            ..ProofRow::default()
        };
        let mut tx = self.store.begin().await?;
        store::template::keep(&mut tx, &row.template_digest, &row.template, &source, row.created_us).await?;
        row.previous_id = store::proof::last_approved(&mut tx, row.sku_id, &row.template, row.dpi).await?;
        row.user_id = store::brand_approver::person_of_actor(&mut tx, &caller.actor).await?;
        let head = store::audit::hold_head(&mut tx).await?.head;
        if let Some(known) = store::proof::by_key(&mut tx, &row.key_scope, key).await? {
            // Nobody else makes a proof while the head is held: of two requests with one key the second finds the first.
            return self.known_proof(&mut tx, caller, known, &print).await;
        }
        row.id = db(head.seq + 1)?;
        let detail = serde_json::json!({
            "sku": row.sku, "revision": row.revision, "template": row.template, "template_digest": row.template_digest,
            "dpi": row.dpi, "stock": row.stock, "artwork": row.artwork, "replaces": row.replaces,
        });
        insert(&mut tx, &row, &made).await?;
        let entry = self.entry(caller, "proof.new", &row.code, detail.to_string());
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        let mut conn = self.read().await?;
        self.proof_record(&mut conn, caller, row).await
    }

    async fn known_proof(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        known: ProofRow,
        fingerprint: &str,
    ) -> Result<ProofRecord, ServiceError> {
        if known.fingerprint != fingerprint {
            return Err(ServiceError::KeyReused);
        }
        self.proof_record(conn, caller, known).await
    }

    /// Draws and checks everything that a proof shows.
    async fn make_proof(&self, conn: &mut Connection, caller: &Caller, new: &NewProof) -> Result<Made, ServiceError> {
        let (sku, revision) = self.sku_and_revision(conn, caller, &new.sku, new.revision.as_deref()).await?;
        let template = new.template.clone().unwrap_or_else(|| sku.template.clone());
        let subject = self.subject(conn, sku, revision, &template, new.dpi).await?;
        let (artwork, inputs) = self.present(conn, &subject).await?;
        let wanted = self.wanted_samples(conn, &subject, &artwork).await?;
        let (mut samples, mut undrawn): (Vec<DrawnSample>, Vec<(Wanted, String)>) = (Vec::new(), Vec::new());
        for drawn in self.draw_samples(conn, &subject, wanted).await? {
            match drawn {
                Ok(sample) => samples.push(sample),
                Err((wanted, why)) if wanted.batch == SAMPLE_BATCH => {
                    return Err(ServiceError::Label(format!("template {template}: sample {:?}: {why}", wanted.name)));
                }
                Err(undrawable) => undrawn.push(undrawable),
            }
        }
        let pdf = self.samples_pdf(conn, &subject, &samples).await?;
        let names = store::sku::aliases(conn, subject.sku.id).await?;
        let names: Vec<(String, String)> = names.into_iter().map(|alias| (alias.kind, alias.value)).collect();
        let (width, height) = artwork.compiled.size();
        let work = move || report(&subject, &samples, &undrawn, &names).map(|report| (report, subject, samples));
        let reported = tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        let (report, subject, samples) = reported.map_err(|Unreadable(why)| {
            ServiceError::Label(format!("template {template}: a code cannot be read back, {why}"))
        })?;
        let size = (i64::from(width.0), i64::from(height.0));
        Ok(Made { subject, inputs, artwork: artwork.digest(), size, samples, report, pdf })
    }

    /// The proof that the new one takes the place of.
    async fn replaced_proof(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        new: &NewProof,
        subject: &Subject,
    ) -> Result<Option<ProofRow>, ServiceError> {
        let Some(code) = &new.replaces else { return Ok(None) };
        let replaced = self.proof_row(conn, caller, code).await?;
        if replaced.sku_id != subject.sku.id {
            let problem = format!("{} is a proof of {}, not of {}", replaced.code, replaced.sku, subject.sku.code);
            return Err(ServiceError::Invalid { field: "replaces", problem });
        }
        match replaced.state.as_str() {
            "requested" => {
                Err(ProofError::OtherRequested { proof: "a new one".to_owned(), other: replaced.code }.into())
            }
            "draft" => Err(ServiceError::Invalid {
                field: "replaces",
                problem: format!("{} is a draft: withdraw it instead", replaced.code),
            }),
            _ => Ok(Some(replaced)),
        }
    }
}

/// Label stock and ribbon as a template tells of them: without what they withstand where that would be too long.
fn stock_of(durability: &str) -> String {
    if durability.chars().count() <= MAX_STOCK {
        return durability.to_owned();
    }
    let clause = durability.split(';').next().unwrap_or_default().trim_end();
    let cut: String = clause.chars().take(MAX_STOCK).collect();
    match cut.rsplit_once(' ') {
        Some((whole, _)) if cut.len() < clause.len() => whole.to_owned(),
        _ => cut,
    }
}

/// Writes a proof, its samples and its PDF.
async fn insert(tx: &mut Transaction, row: &ProofRow, made: &Made) -> Result<(), ServiceError> {
    let unexpected = |e: serde_json::Error| ServiceError::Unexpected(e.to_string());
    store::proof::insert(tx, row, &serde_json::to_string(&made.report).map_err(unexpected)?).await?;
    let side = |dots: usize| i64::try_from(dots).unwrap_or(i64::MAX);
    for (sample, n) in made.samples.iter().zip(1..) {
        let kept = SampleRow {
            n,
            name: sample.wanted.name.to_owned(),
            fields: serde_json::to_string(&sample.wanted.fields(&sample.artwork)).map_err(unexpected)?,
            width: side(sample.dots.width()),
            height: side(sample.dots.height()),
            dots: HEXLOWER.encode(&dots_digest(&sample.dots)),
        };
        let png = encode_once(&sample.dots, made.subject.resolution);
        store::proof_sample::insert(tx, row.id, &kept, &png).await?;
    }
    Ok(store::proof_sample::insert_pdf(tx, row.id, &made.pdf).await?)
}
