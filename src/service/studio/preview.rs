//! A template drawn as it is being written: one label with the data of a SKU, a brand or the template's own samples.
//!
//! Nothing is kept, and no live serial is shown: of a SKU's rule there are specimens only, else the template's samples.

use crate::gate::{CodeSays, Distortion, GateReport, Known, check_label, what_it_says};
use crate::label::preflight::Finding;
use crate::label::preflight::worst_case::{Case, preview_cases, sample_pictures};
use crate::label::{
    Assets, Compiled, JobFields, Picture, Resolution, Template, TemplateFault, Um, VariableField, compile,
};
use crate::render::png::encode_once;
use crate::render::raster::label_bitmap;
use crate::service::labels::artwork::{brand_fields, sku_fields};
use crate::service::labels::unit::{PRINTED, SERIAL, UnitValues, variable_fields};
use crate::service::{Caller, KnownRule, Nameplate, ServiceError};
use crate::store::{self, Connection};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is to be looked at.
#[derive(Debug, Clone)]
pub struct PreviewRequest {
    /// The template's text.
    pub source: String,
    /// SKU code: its catalogue fields, its brand and its rule. Empty for none.
    pub sku: String,
    /// Brand code, if no SKU is given. Empty for the template's samples.
    pub brand: String,
    /// Language tag. Empty for the template's own.
    pub language: String,
    /// Which set of data, by its name. Empty, or one that there is not, for the usual samples.
    pub case: String,
    /// The printer's resolution.
    pub resolution: Resolution,
}

/// What there is to be seen.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The sets of data, the usual samples first. Empty if the template cannot be read.
    pub cases: Vec<String>,
    /// Which one is shown.
    pub case: String,
    /// The languages of the template, its own first.
    pub languages: Vec<String>,
    /// What is wrong with SKU or brand, so that samples are shown instead.
    pub data_fault: Option<String>,
    /// Faults of the text, in the order of the lines.
    pub faults: Vec<TemplateFault>,
    /// What the preflight found, errors first.
    pub findings: Vec<Finding>,
    /// The label, if it can be laid out.
    pub label: Option<PreviewLabel>,
}

impl Preview {
    /// Whether something keeps labels from being printed.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.faults.is_empty() || self.findings.iter().any(Finding::is_error)
    }
}

/// A label drawn.
#[derive(Debug, Clone)]
pub struct PreviewLabel {
    /// One bit of grey a dot.
    pub png: Vec<u8>,
    /// Dots across.
    pub width_dots: i32,
    /// Dots down.
    pub height_dots: i32,
    /// Width and height.
    pub size: (Um, Um),
    /// What stands where, in the order of the file.
    pub elements: Vec<ElementPlace>,
}

/// Where an element stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementPlace {
    /// Its id.
    pub element: String,
    /// What it is.
    pub kind: &'static str,
    /// Its line in the file.
    pub line: usize,
    /// Left edge, top edge, width and height in dots.
    pub dots: [i32; 4],
}

/// What a scanner says of the label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// The codes in the order of the file.
    pub codes: Vec<CodeReading>,
    /// What can be read although no element says so.
    pub unexpected: Vec<String>,
}

/// One code, read back as drawn and after simulated faults of printing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeReading {
    /// Id of the element.
    pub element: String,
    /// Its line in the file.
    pub line: usize,
    /// Its symbology.
    pub symbology: &'static str,
    /// What the template says that it is for.
    pub purpose: &'static str,
    /// Width of a module.
    pub module: Um,
    /// The same in dots.
    pub module_dots: i32,
    /// What a scanner reports, and what that is; none if it reads nothing.
    pub text: Option<(String, CodeSays)>,
    /// How often it was read, and of how many times.
    pub read: (usize, usize),
    /// What went wrong, in words.
    pub failures: Vec<String>,
}

/// What a label is filled with, beside the template's own samples.
#[derive(Debug, Default)]
struct Data {
    fields: JobFields,
    pictures: BTreeMap<String, Picture>,
    rule: Option<Arc<KnownRule>>,
    fault: Option<String>,
}

/// A template laid out with one set of data.
struct Drawn {
    preview: Preview,
    laid_out: Option<(Arc<Compiled>, Vec<String>)>,
}

impl Nameplate {
    /// Draws one label and says what the preflight finds.
    ///
    /// # Errors
    /// [`ServiceError::Store`], [`ServiceError::Label`] for fonts that cannot be read. What is wrong with the template or its
    /// data is in the preview.
    pub async fn preview_template(&self, caller: &Caller, request: PreviewRequest) -> Result<Preview, ServiceError> {
        let (data, assets) = self.preview_data(caller, &request).await?;
        let resolution = request.resolution;
        blocking(move || {
            let Drawn { mut preview, laid_out } = lay_out(&request, data, &assets);
            if let Some((compiled, row)) = laid_out {
                let row: Vec<&str> = row.iter().map(String::as_str).collect();
                let dots = label_bitmap(&compiled, &row).map_err(|e| ServiceError::Label(e.to_string()))?;
                let (width_dots, height_dots) = compiled.size_dots();
                let (png, size) = (encode_once(&dots, resolution), compiled.size());
                preview.label = Some(PreviewLabel { png, width_dots, height_dots, size, elements: places(&compiled) });
            }
            Ok(preview)
        })
        .await
    }

    /// Reads every code of the same label back. Nothing for a label that cannot be laid out.
    ///
    /// # Errors
    /// As for [`Nameplate::preview_template`].
    pub async fn read_template(&self, caller: &Caller, request: PreviewRequest) -> Result<ReadBack, ServiceError> {
        let (data, assets) = self.preview_data(caller, &request).await?;
        blocking(move || {
            let Some((compiled, row)) = lay_out(&request, data, &assets).laid_out else {
                return Ok(ReadBack::default());
            };
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            let gate = check_label(&compiled, &row).map_err(|e| ServiceError::Label(e.to_string()))?;
            Ok(read_back(&compiled, &row, &gate))
        })
        .await
    }

    async fn preview_data(&self, caller: &Caller, request: &PreviewRequest) -> Result<(Data, Assets), ServiceError> {
        let mut conn = self.read().await?;
        let data = match (request.sku.trim(), request.brand.trim()) {
            ("", "") => Ok(Data::default()),
            ("", brand) => self.data_of_brand(&mut conn, brand).await,
            (sku, _) => self.data_of_sku(&mut conn, caller, sku).await,
        };
        let mut data = match data {
            Err(fault @ (ServiceError::NotFound { .. } | ServiceError::Label(_))) => {
                Data { fault: Some(fault.to_string()), ..Data::default() }
            }
            other => other?,
        };
        let mut pictures = sample_pictures();
        pictures.append(&mut data.pictures);
        if !request.language.is_empty() {
            data.fields.insert("language".to_owned(), request.language.clone());
        }
        Ok((data, Assets { fonts: self.fonts()?, pictures }))
    }

    async fn data_of_brand(&self, conn: &mut Connection, code: &str) -> Result<Data, ServiceError> {
        let unknown = || ServiceError::NotFound { kind: "brand", name: code.chars().take(80).collect() };
        let brand = super::brands(conn).await?.into_iter().find(|brand| brand.code == code).ok_or_else(unknown)?;
        let fields = brand_fields(&brand);
        let pictures = self.pictures(conn, fields.get("brand.logo")).await?;
        Ok(Data { fields, pictures, ..Data::default() })
    }

    async fn data_of_sku(&self, conn: &mut Connection, caller: &Caller, code: &str) -> Result<Data, ServiceError> {
        let code: String = code.chars().take(80).collect();
        let sku = self.sku_row(conn, caller, &code).await?;
        let today = self.clock.today().to_string();
        let mut fields = sku_fields(&sku);
        if let Some((_, revision)) = store::sku::revision(conn, sku.id, None, &today).await? {
            fields.insert("sku.revision".into(), revision);
        }
        let pictures = self.pictures(conn, fields.get("brand.logo")).await?;
        let rule = match store::rule::effective(conn, &sku.rule_code, &today).await? {
            Some(rule) => Some(self.rules.get(conn, rule.id).await?),
            None => None,
        };
        Ok(Data { fields, pictures, rule, fault: None })
    }
}

/// Pure work that may take a while, off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Unexpected(e.to_string()))?
}

fn lay_out(request: &PreviewRequest, data: Data, assets: &Assets) -> Drawn {
    let mut preview = Preview { data_fault: data.fault, ..Preview::default() };
    let template = match Template::parse("template", request.source.as_bytes()) {
        Ok(template) => template,
        Err(error) => {
            preview.faults = error.faults;
            return Drawn { preview, laid_out: None };
        }
    };
    let mut cases = preview_cases(&template.content, &data.fields);
    let own = template.content.language.clone();
    let of_language = |case: &Case| case.name.strip_prefix("language ").map(str::to_owned);
    preview.languages = std::iter::once(own).chain(cases.iter().filter_map(of_language)).collect();
    // The language is chosen apart from the data.
    cases.retain(|case| of_language(case).is_none());
    preview.cases = cases.iter().map(|case| case.name.clone()).collect();
    let at = cases.iter().position(|case| case.name == request.case).unwrap_or(0);
    let mut case = cases.swap_remove(at);
    if let Some(rule) = &data.rule {
        with_specimen(&mut case, rule);
    }
    preview.case = case.name;
    match compile(&template, &case.fields, assets, request.resolution, &case.variable) {
        Ok(compiled) => {
            preview.findings = compiled.findings().to_vec();
            Drawn { preview, laid_out: Some((Arc::new(compiled), case.row)) }
        }
        Err(refusal) => {
            preview.findings = refusal.findings;
            Drawn { preview, laid_out: None }
        }
    }
}

/// The rule's own alphabet and length instead of the template's guess, and a text that is no serial.
fn with_specimen(case: &mut Case, rule: &KnownRule) {
    let mut values = UnitValues::default();
    if let Some(specimen) = rule.rule.specimen(0) {
        values.set(&rule.rule, &specimen);
    }
    let fields: Vec<VariableField> = variable_fields(&rule.rule, true);
    for (variable, value) in case.variable.iter_mut().zip(&mut case.row) {
        let Some(field) = fields.iter().find(|field| field.name == variable.name) else { continue };
        *variable = field.clone();
        let specimen = match variable.name.as_str() {
            SERIAL => values.serial(),
            PRINTED => values.printed(),
            _ => "",
        };
        if !specimen.is_empty() {
            specimen.clone_into(value);
        }
    }
}

fn places(compiled: &Compiled) -> Vec<ElementPlace> {
    let place = |footprint: &crate::label::Footprint| {
        let dots = match footprint.is_symbol() {
            true => footprint.zone(),
            false => footprint.whole(),
        };
        ElementPlace {
            element: footprint.element.clone(),
            kind: footprint.kind,
            line: footprint.line,
            dots: [dots.x, dots.y, dots.width, dots.height],
        }
    };
    compiled.footprints().iter().map(place).filter(|place| place.dots[2] > 0 && place.dots[3] > 0).collect()
}

fn read_back(compiled: &Compiled, row: &[&str], gate: &GateReport) -> ReadBack {
    let of_unit = |name: &str| compiled.variable_names().iter().zip(row).find(|(known, _)| *known == name);
    let of_unit = |name| of_unit(name).map_or("", |(_, value)| *value);
    let of_job = |name| compiled.fields().get(name).map(String::as_str);
    let known = Known {
        serial: of_unit(SERIAL),
        printed: of_unit(PRINTED),
        gtin: of_job("gtin"),
        sku: of_job("sku.code").unwrap_or_default(),
        batch: of_job("batch.code").unwrap_or_default(),
        names: &[],
    };
    let reading = |code: &crate::label::PlacedCode| {
        let of_code = || gate.readings.iter().filter(|reading| reading.element == code.element);
        let as_drawn = of_code().find(|reading| reading.distortion == Distortion::AsDrawn);
        CodeReading {
            element: code.element.clone(),
            line: code.line,
            symbology: code.symbology.name(),
            purpose: code.purpose.name(),
            module: compiled.resolution().length(code.module_dots),
            module_dots: code.module_dots,
            text: as_drawn.and_then(|reading| {
                let text = reading.result.clone().ok()?;
                let says = what_it_says(reading.format, &text, &known);
                Some((text, says))
            }),
            read: (of_code().filter(|reading| reading.ok()).count(), of_code().count()),
            failures: of_code().filter(|reading| !reading.ok()).map(ToString::to_string).collect(),
        }
    };
    ReadBack {
        codes: compiled.codes().iter().map(reading).collect(),
        unexpected: gate.unexpected.iter().map(ToString::to_string).collect(),
    }
}
