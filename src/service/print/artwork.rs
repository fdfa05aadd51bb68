//! What a job's labels are made of, kept as a list of inputs, so that catalogue and templates can change meanwhile
//! without changing a label that was approved, is queued, or was printed.

use super::super::rule_book::KnownRule;
use super::super::{Nameplate, ServiceError};
use super::error::PrintError;
use super::facts::{JobFacts, Ready};
use crate::label::{LAYOUT_VERSION, Overprint, Resolution};
use crate::render::delivery::{DeliveryFormat, DeliveryJob};
use crate::render::zpl::PrinterSetup;
use crate::service::labels::{Artwork, TemplateRef, UnitValues};
use crate::store::printer::PrinterRow;
use crate::store::sku::SkuRow;
use crate::store::{Connection, StoreError};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Stands for the batch on approved artwork: batches come and go, the design stays.
pub(in crate::service) const SAMPLE_BATCH: &str = "SAMPLE-BATCH";

/// Everything that is the same on every label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Inputs {
    pub(in crate::service) template: String,
    pub(in crate::service) template_digest: String,
    pub(in crate::service) dpi: u32,
    pub(in crate::service) layout_version: u32,
    /// The rule whose serials the label has room for.
    pub(in crate::service) rule_version: i64,
    /// The fields that the template uses, with their values; of a picture its digest.
    pub(in crate::service) fields: BTreeMap<String, String>,
    /// Digest of each face in use.
    pub(in crate::service) fonts: BTreeMap<String, String>,
    /// Where the label goes on the product (LAB1), and what it is made of.
    pub(in crate::service) zone: String,
    pub(in crate::service) durability: String,
}

impl Inputs {
    pub(in crate::service) fn of(artwork: &Artwork, dpi: u32, rule: &KnownRule) -> Self {
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

    pub(in crate::service) fn to_json(&self) -> Result<String, ServiceError> {
        serde_json::to_string(self).map_err(|e| ServiceError::Unexpected(e.to_string()))
    }

    pub(in crate::service) fn from_json(text: &str, job: &str) -> Result<Self, ServiceError> {
        let corrupt = |_| StoreError::Corrupt { table: "print_job", column: "inputs", row: job.to_owned() };
        Ok(serde_json::from_str(text).map_err(corrupt)?)
    }

    /// What differs from these to others, in words; none if nothing does.
    pub(in crate::service) fn difference(&self, now: &Self) -> Option<String> {
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
