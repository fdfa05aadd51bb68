//! Which labels the approvers see, and their dots: a usual one, and the worst that production can bring.
//!
//! What differs from label to label of a SKU revision is the serial and, where the template shows it, the batch number; all
//! else is the same on every label. Serials are specimens: texts that no rule accepts.

use super::super::labels::{Artwork, TemplateRef, UnitValues};
use super::super::print::{Inputs, SAMPLE_BATCH};
use super::super::{Caller, KnownRule, Nameplate, ServiceError, part};
use crate::label::{Bitmap, FieldDeclaration, Overprint, Resolution};
use crate::render::bulk::BulkJob;
use crate::render::pdf::PdfOptions;
use crate::render::raster::label_bitmap;
use crate::serial::Rule;
use crate::store::proof::ProofRow;
use crate::store::proof_sample::SampleRow;
use crate::store::sku::SkuRow;
use crate::store::{self, Connection, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name of the field that shows the batch.
const BATCH: &str = "batch.code";
/// Name of the field that shows the serial.
const SERIAL: &str = "serial";

/// What labels are drawn of.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) sku: SkuRow,
    pub(super) revision: Option<(i64, String)>,
    pub(super) template: TemplateRef,
    pub(super) resolution: Resolution,
    pub(super) rule: Arc<KnownRule>,
}

/// A label to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) serial: String,
    pub(super) batch: String,
}

/// A label that was drawn.
#[derive(Debug)]
pub(super) struct DrawnSample {
    pub(super) wanted: Wanted,
    pub(super) artwork: Artwork,
    pub(super) dots: Bitmap,
}

impl Subject {
    /// The name of the revision.
    pub(super) fn revision_name(&self) -> Option<&str> {
        self.revision.as_ref().map(|(_, name)| name.as_str())
    }

    /// A serial with what the label shows of it.
    pub(super) fn values(&self, serial: &str) -> UnitValues {
        let mut values = UnitValues::default();
        values.set(&self.rule.rule, serial);
        values
    }
}

impl Wanted {
    /// What differs from sample to sample, as it is kept.
    pub(super) fn fields(&self, artwork: &Artwork) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::from([(SERIAL.to_owned(), self.serial.clone())]);
        if artwork.compiled.fields().contains_key(BATCH) {
            fields.insert(BATCH.to_owned(), self.batch.clone());
        }
        fields
    }
}

impl Nameplate {
    /// What labels of a SKU are drawn of today.
    pub(super) async fn subject(
        &self,
        conn: &mut Connection,
        sku: SkuRow,
        revision: Option<(i64, String)>,
        template: &str,
        dpi: u32,
    ) -> Result<Subject, ServiceError> {
        let resolution = Resolution::from_dpi(dpi).ok_or(ServiceError::Invalid {
            field: "dpi",
            problem: format!("labels are drawn for 203, 300 and 600 dots an inch, not for {dpi}"),
        })?;
        let today = self.clock.today().to_string();
        let rule = store::rule::effective(conn, &sku.rule_code, &today).await?;
        let rule = rule.ok_or_else(|| ServiceError::NotFound { kind: "rule", name: sku.rule_code.clone() })?;
        let rule = self.rules.get(conn, rule.id).await?;
        Ok(Subject { sku, revision, template: TemplateRef::newest(template), resolution, rule })
    }

    /// What the label of a proof is drawn of today.
    pub(super) async fn subject_of(&self, conn: &mut Connection, proof: &ProofRow) -> Result<Subject, ServiceError> {
        let corrupt = |column| StoreError::Corrupt { table: "proof", column, row: proof.code.clone() };
        let sku = store::sku::by_id(conn, proof.sku_id).await?.ok_or_else(|| corrupt("sku_id"))?;
        let revision = proof.revision_id.zip(proof.revision.clone());
        let dpi = u32::try_from(proof.dpi).map_err(|_| corrupt("dpi"))?;
        self.subject(conn, sku, revision, &proof.template, dpi).await
    }

    /// The label of a subject with this batch number.
    pub(super) async fn artwork_with(
        &self,
        conn: &mut Connection,
        subject: &Subject,
        batch: &str,
        overprint: Option<Overprint>,
    ) -> Result<Artwork, ServiceError> {
        let Subject { sku, template, resolution, rule, .. } = subject;
        let revision = subject.revision_name();
        part(self.artwork(conn, sku, revision, batch, template, *resolution, overprint, rule)).await
    }

    /// The artwork that an approval of a subject stands for, and what goes into it.
    pub(super) async fn present(
        &self,
        conn: &mut Connection,
        subject: &Subject,
    ) -> Result<(Artwork, Inputs), ServiceError> {
        let artwork = self.artwork_with(conn, subject, SAMPLE_BATCH, None).await?;
        let inputs = Inputs::of(&artwork, subject.resolution.dpi(), &subject.rule);
        Ok((artwork, inputs))
    }

    /// The labels that the approvers are to see.
    ///
    /// # Errors
    /// [`ServiceError::Label`] for a rule without specimens: its samples would be live serials.
    pub(super) async fn wanted_samples(
        &self,
        conn: &mut Connection,
        subject: &Subject,
        artwork: &Artwork,
    ) -> Result<Vec<Wanted>, ServiceError> {
        let serials = specimens(&subject.rule.rule, artwork).ok_or_else(|| {
            ServiceError::Label(format!(
                "rule {} has neither check symbols nor dates, so that every text of its shape is a serial: a proof would \
                 show live serials. Give the SKU a rule with check symbols",
                subject.rule.row.code
            ))
        })?;
        let sample =
            |name, serial: &str, batch: &str| Wanted { name, serial: serial.to_owned(), batch: batch.to_owned() };
        let mut wanted = vec![sample("typical", &serials.typical, SAMPLE_BATCH)];
        wanted.push(sample("widest serial", &serials.widest, SAMPLE_BATCH));
        wanted.push(sample("narrowest serial", &serials.narrowest, SAMPLE_BATCH));
        if artwork.compiled.fields().contains_key(BATCH) {
            let file = self.template(conn, &subject.template).await?.content;
            let declared = file.fields.get(BATCH).cloned().unwrap_or_default();
            let known = store::sku::longest_batch_codes(conn, subject.sku.id, 3).await?;
            for (name, batch) in batches(&declared, &known) {
                wanted.push(sample(name, &serials.typical, &batch));
            }
        }
        let mut seen = Vec::new();
        wanted.retain(|one| {
            let is_new = !seen.contains(&(one.serial.clone(), one.batch.clone()));
            seen.push((one.serial.clone(), one.batch.clone()));
            is_new
        });
        Ok(wanted)
    }

    /// Draws labels; of those that cannot be drawn, why.
    pub(super) async fn draw_samples(
        &self,
        conn: &mut Connection,
        subject: &Subject,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<Result<DrawnSample, (Wanted, String)>>, ServiceError> {
        let mut artworks: BTreeMap<String, Result<Artwork, String>> = BTreeMap::new();
        for one in &wanted {
            if !artworks.contains_key(&one.batch) {
                let artwork = match self.artwork_with(conn, subject, &one.batch, None).await {
                    Ok(artwork) => Ok(artwork),
                    Err(ServiceError::Label(why)) => Err(why),
                    Err(other) => return Err(other),
                };
                artworks.insert(one.batch.clone(), artwork);
            }
        }
        let subject = subject.clone();
        let draw = move |wanted: Wanted| match artworks.get(&wanted.batch) {
            Some(Ok(artwork)) => match label_bitmap(&artwork.compiled, &artwork.row(&subject.values(&wanted.serial))) {
                Ok(dots) => Ok(DrawnSample { artwork: artwork.clone(), dots, wanted }),
                Err(error) => Err((wanted, error.to_string())),
            },
            Some(Err(why)) => Err((wanted, why.clone())),
            None => Err((wanted, "it was not laid out".to_owned())),
        };
        // Pure work of some milliseconds a label, but not for the threads that serve connections.
        tokio::task::spawn_blocking(move || wanted.into_iter().map(draw).collect())
            .await
            .map_err(|e| ServiceError::Unexpected(e.to_string()))
    }

    /// The samples as PDF, one a page, with PROOF - NOT FOR PRODUCTION across each.
    pub(super) async fn samples_pdf(
        &self,
        conn: &mut Connection,
        subject: &Subject,
        samples: &[DrawnSample],
    ) -> Result<Vec<u8>, ServiceError> {
        let mut batches: Vec<&str> = samples.iter().map(|sample| sample.wanted.batch.as_str()).collect();
        batches.dedup();
        let mut groups = Vec::with_capacity(batches.len());
        for batch in &batches {
            groups.push(self.artwork_with(conn, subject, batch, Some(Overprint::Proof)).await?);
        }
        let rows: Vec<(usize, UnitValues)> = samples
            .iter()
            .map(|sample| {
                let group = batches.iter().position(|batch| *batch == sample.wanted.batch).unwrap_or(0);
                (group, subject.values(&sample.wanted.serial))
            })
            .collect();
        let write = move || -> std::io::Result<Vec<u8>> {
            let compiled = groups.iter().map(|artwork| Arc::clone(&artwork.compiled)).collect();
            let job = BulkJob::pdf(compiled, PdfOptions::default())?;
            job.write(1, Vec::new(), |sink| rows.iter().try_for_each(|(at, row)| sink(*at, &groups[*at].row(row))))
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(|e| ServiceError::Unexpected(e.to_string()))?;
        written.map_err(|e| ServiceError::Label(format!("the samples as PDF: {e}")))
    }

    /// The samples of a proof drawn from today's records.
    pub(super) async fn draw_again_samples(
        &self,
        conn: &mut Connection,
        subject: &Subject,
        samples: &[SampleRow],
    ) -> Result<Vec<Result<DrawnSample, (Wanted, String)>>, ServiceError> {
        let wanted: Result<Vec<Wanted>, ServiceError> = samples.iter().map(kept).collect();
        self.draw_samples(conn, subject, wanted?).await
    }

    /// A SKU and one of its revisions; the one in force if none is named.
    pub(super) async fn sku_and_revision(
        &self,
        conn: &mut Connection,
        caller: &Caller,
        sku: &str,
        revision: Option<&str>,
    ) -> Result<(SkuRow, Option<(i64, String)>), ServiceError> {
        let sku = self.sku_row(conn, caller, sku).await?;
        let today = self.clock.today().to_string();
        let absent = |name: &str| ServiceError::NotFound {
            kind: "SKU revision",
            name: name.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
        // PostgreSQL refuses a NUL in any text.
        if let Some(name) = revision.filter(|name| name.contains('\0')) {
            return Err(absent(name));
        }
        let found = store::sku::revision(conn, sku.id, revision, &today).await?;
        match (revision, &found) {
            (Some(name), None) => Err(absent(name)),
            _ => Ok((sku, found)),
        }
    }
}

/// What is kept of a sample, as a label to be drawn.
fn kept(sample: &SampleRow) -> Result<Wanted, ServiceError> {
    let corrupt = |_| StoreError::Corrupt { table: "proof_sample", column: "fields", row: sample.name.clone() };
    let fields: BTreeMap<String, String> = serde_json::from_str(&sample.fields).map_err(corrupt)?;
    let value = |name: &str| fields.get(name).cloned();
    Ok(Wanted {
        name: "",
        serial: value(SERIAL).unwrap_or_default(),
        batch: value(BATCH).unwrap_or_else(|| SAMPLE_BATCH.to_owned()),
    })
}

/// Serials that can never be issued.
struct Specimens {
    typical: String,
    widest: String,
    narrowest: String,
}

/// A usual specimen, one of the widest symbol in the faces of the label, and one of the narrowest, which a code packs best.
fn specimens(rule: &Rule, artwork: &Artwork) -> Option<Specimens> {
    let symbols: Vec<u8> = {
        let mut all: Vec<u8> = rule.position_sets().iter().flat_map(|set| set.iter()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let width = |symbol: &u8| -> u32 {
        let advance = |face: &crate::label::Face| face.glyph(char::from(*symbol)).map_or(0, |glyph| glyph.advance);
        artwork.compiled.faces().map(|face| u32::from(advance(face))).sum()
    };
    // Where all symbols are as wide, letters need the most bars and digits the fewest.
    let widest = symbols.iter().max_by_key(|symbol| (width(symbol), !symbol.is_ascii_digit(), **symbol == b'W'))?;
    let narrowest = symbols.iter().min_by_key(|symbol| (width(symbol), !symbol.is_ascii_digit(), **symbol != b'1'))?;
    Some(Specimens {
        typical: rule.specimen(0)?,
        widest: rule.specimen_filled_with(*widest)?,
        narrowest: rule.specimen_filled_with(*narrowest)?,
    })
}

/// Batch numbers that take the most room: the longest that the template or the catalogue knows, and one of the widest
/// letters where the template says how long it may be.
fn batches(declared: &FieldDeclaration, known: &[String]) -> Vec<(&'static str, String)> {
    let length = |text: &&String| text.chars().count();
    let mut batches = Vec::new();
    if let Some(longest) = declared.samples.iter().chain(known).max_by_key(length) {
        let wanted = declared.longest.unwrap_or(0).max(longest.chars().count());
        batches.push(("longest batch number", longest.chars().cycle().take(wanted).collect()));
    }
    if let Some(count) = declared.longest {
        let alphabet = declared.alphabet.as_deref().unwrap_or("W");
        let letter = "WM@8".chars().find(|c| alphabet.contains(*c)).or_else(|| alphabet.chars().next()).unwrap_or('W');
        batches.push(("widest batch number", letter.to_string().repeat(count)));
    }
    batches
}
