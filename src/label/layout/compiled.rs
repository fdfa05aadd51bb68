//! A label whose job is laid out; only the variable fields are missing.

use std::sync::Arc;

use super::JobFields;
use super::code_plan::{CodePlan, CodeScratch};
use super::job::{Job, VariableField};
use super::records::{PlacedCode, PlacedMark, PrintedText};
use crate::label::art::{Art, ArtError, Segment};
use crate::label::binding::Binding;
use crate::label::bitmap::DotRect;
use crate::label::digest::{JobDigest, job_digest, label_digest, overprint_digest};
use crate::label::drawing::{Drawing, Glyph, Ink, Item, PlacedArt, Turn};
use crate::label::error::{Cause, LayoutError};
use crate::label::font::{Face, FaceId, FontSet};
use crate::label::footprint::Footprint;
use crate::label::image::Image;
use crate::label::overprint::{Overprint, overprint_art};
use crate::label::preflight::Finding;
use crate::label::symbol::scanned_text;
use crate::label::template::{Placement, Template};
use crate::label::text::{TextOrigin, TextPlan};
use crate::label::units::{Resolution, Um};

/// What layout has put together.
#[derive(Debug, Default)]
pub struct Parts {
    pub images: Vec<Arc<Image>>,
    pub arts: Vec<Arc<Art>>,
    pub fixed: Drawing,
    pub variable: Vec<VariableElement>,
    pub codes: Vec<PlacedCode>,
    pub texts: Vec<PrintedText>,
    pub marks: Vec<PlacedMark>,
    pub footprints: Vec<Footprint>,
}

/// A label whose job is laid out; only the variable fields are missing.
#[derive(Debug)]
pub struct Compiled {
    name: String,
    width: Um,
    height: Um,
    resolution: Resolution,
    placement: Placement,
    fonts: Arc<FontSet>,
    fields: JobFields,
    face_ids: Vec<FaceId>,
    template_digest: [u8; 32],
    variable_fields: Vec<VariableField>,
    variable_names: Vec<String>,
    parts: Parts,
    findings: Vec<Finding>,
    overprint: Option<Overprint>,
    /// What stands over everything else.
    over: Vec<Item>,
    digest: [u8; 32],
}

/// An element that differs from unit to unit.
#[derive(Clone, Debug)]
pub struct VariableElement {
    pub element: String,
    pub binding: Binding,
    pub plan: Plan,
    /// Its widest content.
    pub widest: String,
}

/// How an element whose content is known later is placed.
#[derive(Clone, Debug)]
pub enum Plan {
    Text(TextPlan, TextOrigin),
    Code(CodePlan),
}

impl Plan {
    pub fn place(&self, content: &str, fonts: &FontSet, code: &mut CodeScratch, to: &mut Drawing) -> Result<(), Cause> {
        match self {
            Plan::Text(plan, origin) => Ok(plan.place(content, *origin, fonts, to)?),
            Plan::Code(plan) => plan.place(content, fonts, code, to),
        }
    }
}

impl Plan {
    fn place_outline(
        &self,
        content: &str,
        fonts: &FontSet,
        code: &mut CodeScratch,
        to: &mut Drawing,
    ) -> Result<(), Cause> {
        match self {
            Plan::Text(plan, origin) => Ok(plan.place(content, *origin, fonts, to)?),
            Plan::Code(plan) => plan.place_outline(content, fonts, code, to),
        }
    }
}

/// Memory that is kept from label to label.
#[derive(Debug, Default)]
pub struct Scratch {
    drawing: Drawing,
    text: String,
    code: CodeScratch,
}

impl Compiled {
    pub(super) fn new(template: &Template, fields: &JobFields, job: &Job<'_>, parts: Parts) -> Compiled {
        let file = &template.content;
        // What the template does not show is no part of its labels.
        let mut fields = fields_with_optional(template, fields);
        let used = file.fields_used();
        fields.retain(|name, _| name == "language" || used.contains(&name.as_str()));
        let face_ids = faces_in_use(&parts);
        let faces: Vec<&Face> = face_ids.iter().map(|id| job.fonts().face(*id)).collect();
        let digest = job_digest(&JobDigest {
            template: &template.digest,
            fields: &fields,
            faces: &faces,
            images: &parts.images,
            arts: &parts.arts,
            resolution: job.resolution,
        });
        Compiled {
            name: file.name.clone(),
            width: file.width,
            height: file.height,
            resolution: job.resolution,
            placement: file.placement.clone(),
            fonts: Arc::clone(&job.assets.fonts),
            fields,
            face_ids,
            template_digest: template.digest,
            variable_fields: job.variable.to_vec(),
            variable_names: job.variable.iter().map(|field| field.name.clone()).collect(),
            parts,
            findings: Vec::new(),
            overprint: None,
            over: Vec::new(),
            digest,
        }
    }

    pub(super) fn with_findings(mut self, findings: Vec<Finding>) -> Compiled {
        self.findings = findings;
        self
    }

    /// The same label with words over it that say what it is not, in every output. Its digest is another one.
    ///
    /// # Errors
    /// None are expected: the words are ours.
    pub fn overprinted(mut self, overprint: Overprint) -> Result<Compiled, ArtError> {
        let (width, height) = self.size_dots();
        let area = DotRect { x: 0, y: 0, width, height };
        for (art, ink) in overprint_art(overprint, self.size())?.into_iter().zip([Ink::White, Ink::Black]) {
            let index = self.parts.arts.len();
            self.parts.arts.push(Arc::new(art));
            self.over.push(Item::Art(PlacedArt { art: index, area, turn: Turn::None, ink }));
        }
        self.overprint = Some(overprint);
        self.digest = overprint_digest(&self.digest, overprint.text());
        Ok(self)
    }

    /// What stands over all labels, if they must not be taken for good ones.
    pub fn overprint(&self) -> Option<Overprint> {
        self.overprint
    }

    /// The template's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Width and height of the label.
    pub fn size(&self) -> (Um, Um) {
        (self.width, self.height)
    }

    /// Width and height of the label in whole dots.
    pub fn size_dots(&self) -> (i32, i32) {
        (self.resolution.nearest_edge_dots(self.width), self.resolution.nearest_edge_dots(self.height))
    }

    /// The printer's resolution.
    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Where the label goes and what it withstands.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// The faces that the drawings refer to.
    pub fn fonts(&self) -> &Arc<FontSet> {
        &self.fonts
    }

    /// The pictures that the drawings refer to.
    pub fn images(&self) -> &[Arc<Image>] {
        &self.parts.images
    }

    /// The vector art that the drawings refer to.
    pub fn arts(&self) -> &[Arc<Art>] {
        &self.parts.arts
    }

    /// What is the same on every label.
    pub fn fixed(&self) -> &Drawing {
        &self.parts.fixed
    }

    /// The codes on the label.
    pub fn codes(&self) -> &[PlacedCode] {
        &self.parts.codes
    }

    /// The texts on the label.
    pub fn texts(&self) -> &[PrintedText] {
        &self.parts.texts
    }

    /// The shipped symbols on the label.
    pub fn marks(&self) -> &[PlacedMark] {
        &self.parts.marks
    }

    /// Which dots each element may blacken.
    pub fn footprints(&self) -> &[Footprint] {
        &self.parts.footprints
    }

    /// What the preflight noted; no errors, or there would be no label.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The fields that are the same on every label, as far as the template shows them.
    pub fn fields(&self) -> &JobFields {
        &self.fields
    }

    /// The faces that labels are set in.
    pub fn faces(&self) -> impl Iterator<Item = &Face> {
        self.face_ids.iter().map(|id| self.fonts.face(*id))
    }

    /// SHA-256 of the template's file.
    pub fn template_digest(&self) -> &[u8; 32] {
        &self.template_digest
    }

    /// Whether a field differs from unit to unit.
    pub fn is_per_unit(&self, field: &str) -> bool {
        self.variable_names.iter().any(|name| name == field)
    }

    /// The names of the fields that a row gives, in its order.
    pub fn variable_names(&self) -> &[String] {
        &self.variable_names
    }

    /// The fields that a row gives, in its order.
    pub fn variable_fields(&self) -> &[VariableField] {
        &self.variable_fields
    }

    /// SHA-256 of all that is the same on every label: template, job fields, faces, pictures, resolution and the
    /// version of the layout.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// SHA-256 of one label: what [`Compiled::digest`] covers and the row.
    pub fn label_digest(&self, row: &[&str]) -> [u8; 32] {
        label_digest(&self.digest, &self.variable_names, row)
    }

    /// What one label has beyond [`Compiled::fixed`]; `row` holds the variable fields in their declared order.
    ///
    /// # Errors
    /// [`LayoutError`] if the row has another length, or a value does not fit, has no glyphs or cannot be encoded.
    pub fn draw<'s>(&self, row: &[&str], scratch: &'s mut Scratch) -> Result<&'s Drawing, LayoutError> {
        self.draw_with(row, scratch, Plan::place)
    }

    fn draw_with<'s>(
        &self,
        row: &[&str],
        scratch: &'s mut Scratch,
        place_as: fn(&Plan, &str, &FontSet, &mut CodeScratch, &mut Drawing) -> Result<(), Cause>,
    ) -> Result<&'s Drawing, LayoutError> {
        if row.len() != self.variable_names.len() {
            let (found, expected) = (row.len(), self.variable_names.len());
            return Err(LayoutError::RowLength { found, expected, names: self.variable_names.join(", ") });
        }
        scratch.drawing.clear();
        for variable in &self.parts.variable {
            scratch.text.clear();
            let value = |name: &str| match self.variable_names.iter().position(|field| field == name) {
                Some(at) => row.get(at).copied(),
                None => self.fields.get(name).map(String::as_str),
            };
            let filled = variable.binding.fill(value, &mut scratch.text).map_err(Cause::from);
            let place =
                |()| place_as(&variable.plan, &scratch.text, &self.fonts, &mut scratch.code, &mut scratch.drawing);
            filled
                .and_then(place)
                .map_err(|cause| LayoutError::Element { element: variable.element.clone(), cause })?;
        }
        scratch.drawing.items.extend_from_slice(&self.over);
        Ok(&scratch.drawing)
    }

    /// Like [`Compiled::draw`], for printers that draw symbols themselves: symbols whose data are sure to fit have their place
    /// and data, but neither bars nor modules.
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn draw_outlines<'s>(&self, row: &[&str], scratch: &'s mut Scratch) -> Result<&'s Drawing, LayoutError> {
        self.draw_with(row, scratch, Plan::place_outline)
    }

    /// Like [`Compiled::draw`], with every element as wide as its fields allow.
    ///
    /// # Errors
    /// None are expected: the same was laid out before.
    pub fn draw_widest<'s>(&self, scratch: &'s mut Scratch) -> Result<&'s Drawing, LayoutError> {
        scratch.drawing.clear();
        for VariableElement { element, plan, widest, .. } in &self.parts.variable {
            plan.place(widest, &self.fonts, &mut scratch.code, &mut scratch.drawing)
                .map_err(|cause| LayoutError::Element { element: element.clone(), cause })?;
        }
        scratch.drawing.items.extend_from_slice(&self.over);
        Ok(&scratch.drawing)
    }

    /// Every character that texts which differ from unit to unit may have, with its face: those of fixed stretches, of
    /// filters and of the fields' alphabets.
    pub fn per_unit_characters(&self) -> Vec<(FaceId, char)> {
        let mut characters = Vec::new();
        for variable in &self.parts.variable {
            let Plan::Text(plan, _) = &variable.plan else { continue };
            let face = plan.face();
            let mut add = |text: &str| characters.extend(text.chars().map(|c| (face, c)));
            variable.binding.fixed_text().for_each(&mut add);
            variable.binding.filter_text().for_each(&mut add);
            add("…");
            for name in variable.binding.fields() {
                if let Some(field) = self.variable_fields.iter().find(|field| field.name == name) {
                    add(&field.alphabet);
                    add(&field.alphabet.to_uppercase());
                    add(&field.alphabet.to_lowercase());
                } else if let Some(value) = self.fields.get(name) {
                    add(value);
                    add(&value.to_uppercase());
                    add(&value.to_lowercase());
                }
            }
            if variable.binding.has_dates() {
                add("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-./: ");
            }
        }
        characters.sort_unstable();
        characters.dedup();
        characters
    }

    /// Rows that have every character of every variable field somewhere; no unit has such values.
    pub fn rows_of_all_characters(&self) -> Vec<Vec<String>> {
        let rows = |field: &VariableField| field.alphabet.chars().count().div_ceil(field.longest.max(1));
        let value = |field: &VariableField, row: usize| {
            field.alphabet.chars().cycle().skip(row * field.longest).take(field.longest).collect()
        };
        let count = self.variable_fields.iter().map(rows).max().unwrap_or(1);
        (0..count).map(|row| self.variable_fields.iter().map(|field| value(field, row)).collect()).collect()
    }

    /// About how much memory it keeps, without the fonts.
    pub fn memory_bytes(&self) -> usize {
        let images = self.parts.images.iter().map(|image| image.grey().len()).sum::<usize>();
        let segments = self.parts.arts.iter().flat_map(|art| art.outlines()).map(|outline| outline.segments.len());
        let Drawing { items, glyphs, bars, bits, chars } = &self.parts.fixed;
        let drawing = items.len() * size_of::<Item>()
            + glyphs.len() * size_of::<Glyph>()
            + bars.len() * size_of::<DotRect>()
            + bits.len()
            + chars.len();
        images + segments.sum::<usize>() * size_of::<Segment>() + drawing + size_of::<Compiled>()
    }

    /// What a reader must report for each code of a label, in the order of [`Compiled::codes`].
    ///
    /// # Errors
    /// As for [`Compiled::draw`].
    pub fn scanned_texts(&self, row: &[&str]) -> Result<Vec<String>, LayoutError> {
        let mut scratch = Scratch::default();
        let drawing = self.draw(row, &mut scratch)?;
        let mut texts = vec![String::new(); self.parts.codes.len()];
        for (drawing, item) in self.items(drawing) {
            if let Item::Symbol(symbol) = item
                && let Some(text) = texts.get_mut(symbol.code)
            {
                let element = || self.parts.codes[symbol.code].element.clone();
                *text = scanned_text(symbol.symbology, drawing.symbol_data(symbol))
                    .map_err(|e| LayoutError::Element { element: element(), cause: e.into() })?;
            }
        }
        Ok(texts)
    }

    /// All items of a label, those that are the same on all labels first, each with the drawing that holds its parts.
    pub fn items<'d>(&'d self, variable: &'d Drawing) -> impl Iterator<Item = (&'d Drawing, &'d Item)> {
        [&self.parts.fixed, variable].into_iter().flat_map(|drawing| drawing.items.iter().map(move |i| (drawing, i)))
    }
}

/// The faces of all texts.
fn faces_in_use(parts: &Parts) -> Vec<FaceId> {
    let fixed = parts.fixed.items.iter().filter_map(|item| match item {
        Item::Text(run) => Some(run.face),
        _ => None,
    });
    let variable = parts.variable.iter().filter_map(|variable| match &variable.plan {
        Plan::Text(plan, _) => Some(plan.face()),
        Plan::Code(plan) => plan.digits_face(),
    });
    let mut faces: Vec<FaceId> = fixed.chain(variable).collect();
    faces.sort_unstable();
    faces.dedup();
    faces
}

/// Fields that the template declares optional are empty where a job lacks them.
fn fields_with_optional(template: &Template, fields: &JobFields) -> JobFields {
    let mut all = fields.clone();
    for (name, declared) in &template.content.fields {
        if declared.optional && !all.contains_key(name) {
            all.insert(name.clone(), String::new());
        }
    }
    all
}
