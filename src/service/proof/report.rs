//! What preflight and decode gate found on the samples of a proof: figures, and what each code says in words.

use super::samples::{DrawnSample, Subject, Wanted};
use crate::gate::{CodeFormat, CodeSays, Distortion, GateReport, Known, Meaning, Reading, check_dots, what_it_says};
use crate::label::preflight::{Finding, Severity};
use crate::label::{Compiled, DotRect, PlacedCode};
use serde::{Deserialize, Serialize};

/// What was found on the samples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProofReport {
    /// What the preflight noted, each once, with its figures. Nothing that a label would be refused for.
    pub findings: Vec<ReportFinding>,
    /// Size and place of every code.
    pub codes: Vec<CodeFigures>,
    /// What was read back of each sample.
    pub samples: Vec<SampleReport>,
}

/// Something that the preflight noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportFinding {
    /// Id of the rule.
    pub rule: String,
    /// Where the rule comes from.
    pub source: String,
    /// error or warning.
    pub severity: String,
    /// Id of the element; empty if it is about the whole label.
    pub element: String,
    /// What it is, in words.
    pub message: String,
    /// The figure that was measured.
    pub measured: Option<String>,
    /// The figure that is required.
    pub required: Option<String>,
    /// On which samples.
    pub samples: Vec<i64>,
}

/// A place on the label, in micrometres from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlaceOnLabel {
    /// Left edge.
    pub x_um: i32,
    /// Top edge.
    pub y_um: i32,
    /// Width.
    pub width_um: i32,
    /// Height.
    pub height_um: i32,
}

/// Size and place of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CodeFigures {
    /// Id of the element.
    pub element: String,
    /// Its symbology.
    pub symbology: String,
    /// What the template says that it is for.
    pub purpose: String,
    /// Width of a module in micrometres.
    pub module_um: i32,
    /// The same in dots of the printer.
    pub module_dots: i32,
    /// Height of the bars or modules in micrometres.
    pub height_um: i32,
    /// Bars or modules with their quiet zones.
    pub place: PlaceOnLabel,
}

/// What was read back of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SampleReport {
    /// The sample's number.
    pub sample: i64,
    /// Whether every code said what it must, as drawn and after simulated faults of printing.
    pub passed: bool,
    /// How often a code was read.
    pub readings: usize,
    /// Readings that failed, in words.
    pub failures: Vec<String>,
    /// What each code says.
    pub codes: Vec<ReadCode>,
}

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReadCode {
    /// Id of the element; none for a code that nobody declared, say in a logo.
    pub element: Option<String>,
    /// Its symbology.
    pub symbology: String,
    /// What a scanner reports.
    pub text: String,
    /// What that is: `serial`, `gtin`, `sku`, `digital-link` and so on.
    #[schema(value_type = String, example = "serial")]
    pub meaning: Meaning,
    /// What its elements are, where it has several.
    #[schema(value_type = Vec<String>)]
    pub parts: Vec<Meaning>,
    /// The same in a sentence.
    pub words: String,
    /// Where it stands.
    pub place: Option<PlaceOnLabel>,
}

/// What cannot go to an approver: a code that does not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) String);

/// Reads every sample back and notes what was found; `undrawn` are samples that could not be drawn, `names` other names of
/// the SKU with their kinds.
pub(super) fn report(
    subject: &Subject,
    samples: &[DrawnSample],
    undrawn: &[(Wanted, String)],
    names: &[(String, String)],
) -> Result<ProofReport, Unreadable> {
    let mut report = ProofReport::default();
    for (sample, n) in samples.iter().zip(1..) {
        let compiled = &sample.artwork.compiled;
        for finding in compiled.findings() {
            note(&mut report.findings, finding, n);
        }
        let values = subject.values(&sample.wanted.serial);
        let gate = check_dots(&sample.dots, compiled, &sample.artwork.row(&values));
        let gate = gate.map_err(|error| Unreadable(format!("sample {:?}: {error}", sample.wanted.name)))?;
        if let Some(bad) = gate.failures().find(|reading| reading.distortion == Distortion::AsDrawn) {
            return Err(Unreadable(format!("sample {:?}: {bad}", sample.wanted.name)));
        }
        let known = Known {
            serial: values.serial(),
            printed: values.printed(),
            gtin: compiled.fields().get("gtin").map(String::as_str).or(subject.sku.gtin.as_deref()),
            sku: &subject.sku.code,
            batch: &sample.wanted.batch,
            names,
        };
        report.samples.push(sample_report(n, &gate, compiled, &known));
        if n == 1 {
            report.codes = compiled.codes().iter().map(|code| figures(code, compiled)).collect();
        }
    }
    report.findings.extend(undrawn.iter().map(|(wanted, why)| ReportFinding {
        rule: "text-fit".into(),
        source: "house rule LAB3".into(),
        severity: "warning".into(),
        element: String::new(),
        message: format!(
            "with the {} ({}) no label can be drawn, and a job of such a batch will be refused: {why}",
            wanted.name, wanted.batch
        ),
        measured: None,
        required: None,
        samples: Vec::new(),
    }));
    Ok(report)
}

fn note(findings: &mut Vec<ReportFinding>, finding: &Finding, sample: i64) {
    let fresh = ReportFinding {
        rule: finding.rule.id().to_owned(),
        source: finding.rule.source().to_owned(),
        severity: match finding.severity {
            Severity::Error => "error".to_owned(),
            Severity::Warning => "warning".to_owned(),
        },
        element: finding.element.clone(),
        message: finding.message.clone(),
        measured: finding.measured.clone(),
        required: finding.required.clone(),
        samples: Vec::new(),
    };
    let is_same = |known: &ReportFinding| ReportFinding { samples: Vec::new(), ..known.clone() } == fresh;
    match findings.iter_mut().find(|known| is_same(known)) {
        Some(known) => known.samples.push(sample),
        None => findings.push(ReportFinding { samples: vec![sample], ..fresh }),
    }
}

fn place(area: DotRect, compiled: &Compiled) -> PlaceOnLabel {
    let um = |dots: i32| compiled.resolution().length(dots).0;
    PlaceOnLabel { x_um: um(area.x), y_um: um(area.y), width_um: um(area.width), height_um: um(area.height) }
}

fn figures(code: &PlacedCode, compiled: &Compiled) -> CodeFigures {
    CodeFigures {
        element: code.element.clone(),
        symbology: code.symbology.name().to_owned(),
        purpose: code.purpose.name().to_owned(),
        module_um: compiled.resolution().length(code.module_dots).0,
        module_dots: code.module_dots,
        height_um: code.height.0,
        place: place(code.zone, compiled),
    }
}

fn sample_report(sample: i64, gate: &GateReport, compiled: &Compiled, known: &Known<'_>) -> SampleReport {
    let as_drawn: Vec<&Reading> = gate.readings.iter().filter(|r| r.distortion == Distortion::AsDrawn).collect();
    let declared = as_drawn.iter().zip(compiled.codes()).filter_map(|(reading, code)| {
        let text = reading.result.as_ref().ok()?;
        Some(read_code(Some(reading.element.clone()), reading.format, text, known, Some(place(code.zone, compiled))))
    });
    let others = gate.unexpected.iter().map(|found| read_code(None, found.format, &found.text, known, None));
    SampleReport {
        sample,
        passed: gate.passed(),
        readings: gate.readings.len(),
        failures: gate.failures().map(ToString::to_string).collect(),
        codes: declared.chain(others).collect(),
    }
}

fn read_code(
    element: Option<String>,
    format: CodeFormat,
    text: &str,
    known: &Known<'_>,
    place: Option<PlaceOnLabel>,
) -> ReadCode {
    let CodeSays { meaning, parts, words } = what_it_says(format, text, known);
    // A scanner shows the separator of element strings as it likes; people and JSON get a character that can be seen.
    let text = text.replace('\u{1D}', "\u{241D}");
    ReadCode { element, symbology: format.name().to_owned(), text, meaning, parts, words, place }
}
