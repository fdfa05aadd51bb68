//! From template and job to a compiled label: all that is the same on every unit is laid out once.
//!
//! [`measure`] decides how large each element is, [`arrange`] where it stands, [`emit`] puts it into the drawing or, if it
//! differs from unit to unit, keeps the plan by which a label's own content is placed.

mod arrange;
mod code_plan;
mod compiled;
mod emit;
mod job;
mod link;
mod measure;
mod records;
mod stack;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use compiled::{Compiled, Scratch};
pub use emit::is_background;
pub use job::VariableField;
pub use records::{PlacedCode, PlacedMark, PrintedText};

use self::emit::Emitter;
use self::job::Job;
use super::art::Art;
use super::error::{Cause, Refusal};
use super::font::FontSet;
use super::image::Image;
use super::preflight::{self, Finding, Rule};
use super::template::{Element, Template};
use super::units::Resolution;

/// Fields that are the same on every label of a job, by name.
pub type JobFields = BTreeMap<String, String>;

/// Faces and pictures that a template may use.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The faces.
    pub fonts: Arc<FontSet>,
    /// The pictures by name, as a field such as `brand.logo` gives it.
    pub pictures: BTreeMap<String, Picture>,
}

/// A picture of an operator or a brand.
#[derive(Clone, Debug)]
pub enum Picture {
    /// Pixels, from a PNG.
    Image(Arc<Image>),
    /// Outlines, from an SVG.
    Art(Arc<Art>),
}

impl Picture {
    /// Reads a PNG or an SVG, told apart by their first bytes.
    ///
    /// # Errors
    /// Why the file cannot be used, in words.
    pub fn read(bytes: &[u8]) -> Result<Picture, String> {
        if bytes.starts_with(b"\x89PNG") {
            return Image::from_png(bytes).map(|image| Picture::Image(Arc::new(image))).map_err(|e| e.to_string());
        }
        Art::from_svg(bytes).map(|art| Picture::Art(Arc::new(art))).map_err(|e| e.to_string())
    }
}

/// Lays out a template for a job.
///
/// Elements without variable fields are placed for good. For the others sizes are decided with the widest values that
/// the fields may have, so that all labels of a job look alike and none can overflow.
///
/// # Errors
/// [`Refusal`] with every finding, if one of them is an error: what does not fit, stands in a quiet zone, reaches beyond
/// the label, cannot be encoded, or misses a field, face, picture or glyph.
pub fn compile(
    template: &Template,
    fields: &JobFields,
    assets: &Assets,
    resolution: Resolution,
    variable: &[VariableField],
) -> Result<Compiled, Refusal> {
    let mut findings = Vec::new();
    let job = Job::new(template, fields, assets, resolution, variable);
    let active = job.active(&mut findings);
    let mut measured = Vec::new();
    for element in active.iter().filter(|element| element.corner.is_some()) {
        match measure::measure(element, &job, measure::Offer::default()) {
            Ok(block) => measured.push(block),
            Err(fault) => findings.push(fault.into_finding()),
        }
    }
    let placed = arrange::arrange(measured, &job, template);
    let mut emitter = Emitter::new(&job);
    for block in placed {
        if let Err(fault) = emitter.emit(block) {
            findings.push(fault.into_finding());
        }
    }
    let compiled = emitter.finish(template, fields);
    let is_whole = findings.is_empty();
    let mut inspected = preflight::inspect(&compiled);
    // What is missing because an element could not be laid out is no finding of its own.
    inspected.retain(|finding| is_whole || !matches!(finding.rule, Rule::Caption | Rule::Hierarchy));
    findings.append(&mut inspected);
    findings.sort_by_key(|finding| (finding.severity, finding.line));
    findings.dedup();
    if findings.iter().any(Finding::is_error) {
        return Err(Refusal { template: template.content.name.clone(), findings });
    }
    Ok(compiled.with_findings(findings))
}

/// Why one element cannot be laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementFault {
    element: String,
    line: usize,
    cause: Cause,
}

impl ElementFault {
    fn new(element: &Element, cause: impl Into<Cause>) -> ElementFault {
        ElementFault { element: element.id.clone(), line: element.line, cause: cause.into() }
    }

    fn into_finding(self) -> Finding {
        Finding::of_cause(&self.element, self.line, &self.cause)
    }
}
