//! What a job's labels are made of, kept as a list of inputs, so that catalogue and templates can change meanwhile
//! without changing a label that was approved, is queued, or was printed.

use super::super::rule_book::KnownRule;
use super::super::{Caller, Nameplate, ServiceError, part};
use super::error::PrintError;
use super::facts::{JobFacts, Ready};
use crate::label::{LAYOUT_VERSION, Overprint, Resolution};
use crate::render::delivery::{DeliveryFormat, DeliveryJob};
use crate::render::zpl::PrinterSetup;
use crate::service::labels::{Artwork, TemplateRef, UnitValues};
use crate::store::approval::ApprovalRow;
use crate::store::printer::PrinterRow;
use crate::store::sku::SkuRow;
use crate::store::{self, Connection, StoreError};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Stands for the batch on approved artwork: batches come and go, the design stays.
pub(super) const SAMPLE_BATCH: &str = "SAMPLE-BATCH";

/// Everything that is the same on every label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inputs {
    pub(super) template: String,
    pub(super) template_digest: String,
    pub(super) dpi: u32,
    pub(super) layout_version: u32,
    /// The rule whose serials the label has room for.
    pub(super) rule_version: i64,
    /// The fields that the template uses, with their values; of a picture its digest.
    pub(super) fields: BTreeMap<String, String>,
    /// Digest of each face in use.
    pub(super) fonts: BTreeMap<String, String>,
    /// Where the label goes on the product (LAB1), and what it is made of.
    pub(super) zone: String,
    pub(super) durability: String,
}

impl Inputs {
    pub(super) fn of(artwork: &Artwork, dpi: u32, rule: &KnownRule) -> Self {
        let compiled = &artwork.compiled;
        Self {
            template: artwork.template.clone(),
            template_digest: artwork.template_digest.clone(),
            dpi,
            layout_version: LAYOUT_VERSION,
            rule_version: rule.row.id,
            fields: compiled.fields().clone(),
            fonts: compiled.faces().map(|face| (face.name().to_owned(), HEXLOWER.encode(face.digest()))).collect(),
            zone: compiled.placement().zone.clone(),
            durability: compiled.placement().durability.clone(),
        }
    }

    pub(super) fn to_json(&self) -> Result<String, ServiceError> {
        serde_json::to_string(self).map_err(|e| ServiceError::Unexpected(e.to_string()))
    }

    pub(super) fn from_json(text: &str, job: &str) -> Result<Self, ServiceError> {
        let corrupt = |_| StoreError::Corrupt { table: "print_job", column: "inputs", row: job.to_owned() };
        Ok(serde_json::from_str(text).map_err(corrupt)?)
    }

    /// What differs from these to others, in words; none if nothing does.
    pub(super) fn difference(&self, now: &Self) -> Option<String> {
        let mut changed = Vec::new();
        if self.template_digest != now.template_digest {
            changed.push("the template has another revision".to_owned());
        }
        let names = self.fields.keys().chain(now.fields.keys().filter(|name| !self.fields.contains_key(*name)));
        for name in names.filter(|name| self.fields.get(*name) != now.fields.get(*name)) {
            changed.push(format!("{name} has changed"));
        }
        if self.fonts != now.fonts {
            changed.push("a font has changed".to_owned());
        }
        if self.layout_version != now.layout_version {
            changed.push("labels are laid out by another version of the program".to_owned());
        }
        if self.rule_version != now.rule_version {
            changed.push("its serials follow another rule version".to_owned());
        }
        (!changed.is_empty()).then(|| changed.join(", "))
    }
}

/// A job's labels, ready to be drawn: the artwork and the way from ordinals to what stands on them.
pub(super) struct Drawn {
    pub(super) artwork: Artwork,
    pub(super) rule: Arc<KnownRule>,
}

impl Drawn {
    /// What differs on the label of an ordinal.
    pub(super) fn values(&self, facts: &JobFacts, ordinal: u64) -> Result<UnitValues, ServiceError> {
        let corrupt = || StoreError::Corrupt { table: "print_job", column: "lane", row: facts.job.code.clone() };
        let Some(serials) = &facts.serials else {
            let mut values = UnitValues::default();
            let serial = self.rule.rule.specimen(ordinal).ok_or_else(|| {
                let code = &self.rule.row.code;
                ServiceError::Label(format!(
                    "serials of rule {code} have no check symbols, so nothing can look like one and be none: test \
                     labels cannot be made for it"
                ))
            })?;
            values.set(&self.rule.rule, &serial);
            return Ok(values);
        };
        let series = self.rule.rule.series(&serials.context).map_err(|_| corrupt())?;
        Ok(UnitValues::of(&self.rule.rule, &series, ordinal).map_err(|_| corrupt())?)
    }
}

/// A printer's resolution.
pub(super) fn resolution(printer: &PrinterRow) -> Result<Resolution, ServiceError> {
    u32::try_from(printer.dpi)
        .ok()
        .and_then(Resolution::from_dpi)
        .ok_or_else(|| StoreError::Corrupt { table: "printer", column: "dpi", row: printer.code.clone() }.into())
}

/// What is sent to a printer.
pub(super) fn delivery_format(printer: &PrinterRow) -> DeliveryFormat {
    printer.format.parse().unwrap_or(DeliveryFormat::ZplGraphic)
}

impl Nameplate {
    /// The artwork that an approval of a SKU revision stands for.
    pub(super) async fn sample_artwork(
        &self,
        conn: &mut Connection,
        sku: &SkuRow,
        revision: Option<&str>,
        template: &TemplateRef,
        resolution: Resolution,
        rule: &Arc<KnownRule>,
    ) -> Result<Artwork, ServiceError> {
        self.artwork(conn, sku, revision, SAMPLE_BATCH, template, resolution, None, rule).await
    }

    /// The approval that covers today's artwork.
    ///
    /// # Errors
    /// [`PrintError::ApprovalMissing`] says what is missing or has changed since.
    pub(super) async fn approval_of(
        &self,
        conn: &mut Connection,
        sku: &SkuRow,
        revision: Option<&str>,
        artwork: &Artwork,
        now: &Inputs,
    ) -> Result<ApprovalRow, ServiceError> {
        let approvals = store::approval::standing(conn, sku.id).await?;
        let fitting: Vec<&ApprovalRow> = approvals
            .iter()
            .filter(|a| a.revision.as_deref() == revision && a.template == now.template && a.dpi == i64::from(now.dpi))
            .collect();
        let digest = artwork.digest();
        if let Some(found) = fitting.iter().find(|approval| approval.artwork == digest) {
            return Ok((*found).clone());
        }
        let why = match fitting.first() {
            None => {
                let other: Vec<String> = approvals
                    .iter()
                    .take(3)
                    .map(|a| {
                        format!(
                            "{} at {} dpi{}",
                            a.template,
                            a.dpi,
                            a.revision.as_ref().map_or(String::new(), |r| format!(" for revision {r}"))
                        )
                    })
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect();
                match other.is_empty() {
                    true => "nobody has approved any label of this SKU yet".to_owned(),
                    false => format!("approved are {}", other.join(", ")),
                }
            }
            Some(latest) => {
                let before = Inputs::from_json(&latest.inputs, &latest.id.to_string())?;
                let changed = before.difference(now).unwrap_or_else(|| "its pictures have changed".into());
                format!("approval {} was for other artwork: {changed}", latest.id)
            }
        };
        Err(PrintError::ApprovalMissing {
            sku: sku.code.clone(),
            revision: revision.map(str::to_owned),
            template: now.template.clone(),
            dpi: now.dpi,
            why,
        }
        .into())
    }

    /// The approval under which labels of a SKU revision can be printed on a printer.
    ///
    /// # Errors
    /// [`PrintError::ApprovalMissing`], [`PrintError::PrinterMismatch`], [`ServiceError::Label`].
    pub(super) async fn approved(
        &self,
        conn: &mut Connection,
        sku: &SkuRow,
        revision: Option<&str>,
        rule: &Arc<KnownRule>,
        printer: &PrinterRow,
        template: Option<&str>,
    ) -> Result<(Resolution, ApprovalRow), ServiceError> {
        let template = TemplateRef::newest(template.unwrap_or(&sku.template));
        let resolution = resolution(printer)?;
        let sample = self.sample_artwork(conn, sku, revision, &template, resolution, rule).await?;
        check_media(printer, &sample)?;
        let inputs = Inputs::of(&sample, resolution.dpi(), rule);
        Ok((resolution, self.approval_of(conn, sku, revision, &sample, &inputs).await?))
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
        part(self.approved(conn, &sku, revision.as_deref(), &rule, printer, template)).await.map(drop)
    }

    /// A job made ready for a printer, from what was recorded when it was made.
    ///
    /// # Errors
    /// [`ServiceError::Label`] when today's program would draw another label than was approved.
    pub(super) async fn make_ready(&self, facts: &JobFacts, printer: &PrinterRow) -> Result<Ready, ServiceError> {
        let job = &facts.job;
        let inputs = Inputs::from_json(&job.inputs, &job.code)?;
        let drawn = self.draw_again(&inputs, job.kind == "test").await?;
        if drawn.artwork.digest() != job.artwork {
            return Err(ServiceError::Label(format!(
                "the labels of job {} would not be what was approved: the program, its fonts or its pictures have \
                 changed since. Cancel the job and make a new one",
                job.code
            )));
        }
        // The printer may have been changed since the job was made.
        if printer.dpi != job.dpi {
            let problem = format!("they were made for {} dpi, the printer has {}", job.dpi, printer.dpi);
            return Err(PrintError::PrinterMismatch { printer: printer.code.clone(), problem }.into());
        }
        check_media(printer, &drawn.artwork)?;
        let setup = setup(printer)?;
        let (compiled, format) = (Arc::clone(&drawn.artwork.compiled), delivery_format(printer));
        let delivery = tokio::task::spawn_blocking(move || DeliveryJob::new(compiled, format, &setup))
            .await
            .map_err(|e| ServiceError::Unexpected(e.to_string()))?
            .map_err(|e| ServiceError::Label(format!("job {}: {e}", job.code)))?;
        Ok(Ready { delivery, drawn })
    }

    /// Artwork from its recorded inputs.
    pub(super) async fn draw_again(&self, inputs: &Inputs, is_test: bool) -> Result<Drawn, ServiceError> {
        let mut conn = self.read().await?;
        let rule = self.rules().get(&mut conn, inputs.rule_version).await?;
        let template = TemplateRef::revision(&inputs.template, &inputs.template_digest);
        let resolution = Resolution::from_dpi(inputs.dpi)
            .ok_or_else(|| ServiceError::Label(format!("{} dpi is not drawn for", inputs.dpi)))?;
        let overprint = is_test.then_some(Overprint::Test);
        let artwork =
            self.artwork_of(&mut conn, inputs.fields.clone(), &template, resolution, overprint, &rule).await?;
        Ok(Drawn { artwork, rule })
    }
}

/// A printer's settings as ZPL knows them.
fn setup(printer: &PrinterRow) -> Result<PrinterSetup, ServiceError> {
    let offset_um = [printer.offset_x_um, printer.offset_y_um];
    PrinterSetup::of_settings(printer.dpi, printer.darkness, printer.speed_in_per_s, offset_um)
        .map_err(|e| ServiceError::Label(format!("printer {}: {e}", printer.code)))
}

/// Makes sure that labels of this size fit what is in the printer.
///
/// Half a millimetre is what label makers allow themselves.
pub(super) fn check_media(printer: &PrinterRow, artwork: &Artwork) -> Result<(), PrintError> {
    const TOLERANCE_UM: i64 = 500;
    let (width, height) = artwork.compiled.size();
    let (width_um, height_um) = (i64::from(width.0), i64::from(height.0));
    let fits = |label: i64, media: i64| (label - media).abs() <= TOLERANCE_UM;
    if fits(width_um, printer.media_width_um) && fits(height_um, printer.media_height_um) {
        return Ok(());
    }
    let mm = |um: i64| format!("{}.{}", um / 1_000, um % 1_000 / 100);
    Err(PrintError::PrinterMismatch {
        printer: printer.code.clone(),
        problem: format!(
            "template {} is for labels of {} x {} mm, the printer has {} x {} mm loaded",
            artwork.template,
            mm(width_um),
            mm(height_um),
            mm(printer.media_width_um),
            mm(printer.media_height_um)
        ),
    })
}
