//! From template and job to a compiled label: all that is the same on every unit is laid out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::binding::Binding;
use super::bitmap::DotRect;
use super::code::{CodePlan, CodeScratch, modules, snapped};
use super::digest::{JobDigest, job_digest, label_digest};
use super::drawing::{Drawing, Item, PlacedImage, Symbology};
use super::error::LayoutError;
use super::font::{Face, FontSet};
use super::footprint::{Footprint, check_footprints, ink};
use super::image::Image;
use super::template::{Align, CodeElement, ImageElement, Purpose, Template, TextElement};
use super::text::TextPlan;
use super::units::{Resolution, Um};

/// Fields that are the same on every label of a job, by name.
pub type JobFields = BTreeMap<String, String>;

/// Faces and pictures that a template may use.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The faces.
    pub fonts: Arc<FontSet>,
    /// The pictures by name, as a field such as `brand.logo` gives it.
    pub images: BTreeMap<String, Arc<Image>>,
}

/// A field that differs from unit to unit, and the most that it may need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableField {
    /// The field's name, as in `{serial}`.
    pub name: String,
    /// Every character that it may have.
    pub alphabet: String,
    /// Characters of its longest value.
    pub longest: usize,
}

/// A code on the label, for records and for reading it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCode {
    /// The element's id.
    pub element: String,
    /// Which kind.
    pub symbology: Symbology,
    /// What it is for.
    pub purpose: Purpose,
    /// Dots of one module.
    pub module_dots: i32,
    /// Bars and quiet zones of the widest symbol.
    pub zone: DotRect,
}

/// A label whose job is laid out; only the variable fields are missing.
#[derive(Debug)]
pub struct Compiled {
    name: String,
    width: Um,
    height: Um,
    resolution: Resolution,
    fonts: Arc<FontSet>,
    images: Vec<Arc<Image>>,
    fields: JobFields,
    variable_names: Vec<String>,
    fixed: Drawing,
    variable: Vec<VariableElement>,
    codes: Vec<PlacedCode>,
    digest: [u8; 32],
}

/// An element that differs from unit to unit.
#[derive(Clone, Debug)]
struct VariableElement {
    binding: Binding,
    plan: Plan,
    /// Its widest content.
    widest: String,
}

/// Memory that is kept from label to label.
#[derive(Debug, Default)]
pub struct Scratch {
    drawing: Drawing,
    text: String,
    code: CodeScratch,
}

/// How an element whose content is known later is placed.
#[derive(Clone, Debug)]
enum Plan {
    Text(TextPlan),
    Code(CodePlan),
}

impl Plan {
    fn place(
        &self,
        content: &str,
        fonts: &FontSet,
        code: &mut CodeScratch,
        to: &mut Drawing,
    ) -> Result<(), LayoutError> {
        match self {
            Plan::Text(plan) => plan.place(content, fonts, to),
            Plan::Code(plan) => plan.place(content, fonts, code, to),
        }
    }
}

/// Lays out a template for a job.
///
/// Elements without variable fields are placed for good. For the others sizes are decided with the widest values that
/// the fields may have, so that all labels of a job look alike and none can overflow.
///
/// # Errors
/// [`LayoutError`]: what does not fit, stands in a quiet zone, reaches beyond the label, cannot be encoded, or misses
/// a field, face, picture or glyph.
pub fn compile(
    template: &Template,
    fields: &JobFields,
    assets: &Assets,
    resolution: Resolution,
    variable: &[VariableField],
) -> Result<Compiled, LayoutError> {
    let file = &template.content;
    let mut layout = Layout::new(fields, assets, resolution, variable);
    for element in file.rectangle.iter().map(|e| e.get_ref()) {
        let edges = [element.x_mm, element.y_mm, element.width_mm, element.height_mm].map(|mm| mm.0);
        let mut area = snapped(edges, resolution);
        (area.width, area.height) = (area.width.max(1), area.height.max(1));
        layout.fixed.items.push(Item::Rectangle(area));
        layout.footprints.push(Footprint::ink(&element.id, area));
    }
    for element in &file.image {
        layout.image(element.get_ref())?;
    }
    for element in &file.text {
        layout.text(element.get_ref())?;
    }
    for element in &file.code128 {
        layout.code(element.get_ref(), Symbology::Code128)?;
    }
    for element in &file.ean13 {
        layout.code(element.get_ref(), Symbology::Ean13)?;
    }
    layout.finish(template)
}

/// What has been laid out so far.
struct Layout<'a> {
    fields: &'a JobFields,
    assets: &'a Assets,
    resolution: Resolution,
    variable: &'a [VariableField],
    images: Vec<Arc<Image>>,
    fixed: Drawing,
    plans: Vec<VariableElement>,
    codes: Vec<PlacedCode>,
    footprints: Vec<Footprint>,
    scratch: CodeScratch,
}

/// A value for each variable field, by name.
type Samples = Vec<(String, String)>;

impl<'a> Layout<'a> {
    fn new(fields: &'a JobFields, assets: &'a Assets, resolution: Resolution, variable: &'a [VariableField]) -> Self {
        Layout {
            fields,
            assets,
            resolution,
            variable,
            images: Vec::new(),
            fixed: Drawing::default(),
            plans: Vec::new(),
            codes: Vec::new(),
            footprints: Vec::new(),
            scratch: CodeScratch::default(),
        }
    }

    fn is_variable(&self, binding: &Binding) -> bool {
        binding.fields().any(|name| self.variable.iter().any(|field| field.name == name))
    }

    /// Fills a binding with job fields and these values of the variable ones.
    fn sample(&self, element: &str, binding: &Binding, values: &Samples) -> Result<String, LayoutError> {
        let mut text = String::new();
        let value = |name: &str| {
            let variable = values.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
            variable.or_else(|| self.fields.get(name).map(String::as_str))
        };
        binding.fill(value, &mut text).map_err(|field| missing(element, field))?;
        Ok(text)
    }

    /// Each variable field as wide as it can be in a face.
    fn widest(&self, face: &Face) -> Samples {
        let advance = |c: &char| face.glyph(*c).map_or(0, |glyph| glyph.advance);
        let widest = |field: &VariableField| field.alphabet.chars().max_by_key(advance).unwrap_or('0');
        let value = |field: &VariableField| widest(field).to_string().repeat(field.longest);
        self.variable.iter().map(|field| (field.name.clone(), value(field))).collect()
    }

    /// Values among which is one that needs the most modules in Code 128: letters, or an odd number of digits.
    fn longest_encoded(&self) -> Vec<Samples> {
        let value = |field: &VariableField, length: usize| {
            let letter = field.alphabet.chars().find(|c| !c.is_ascii_digit());
            letter.or_else(|| field.alphabet.chars().next()).unwrap_or('0').to_string().repeat(length)
        };
        let shorter_by = |less: usize| {
            let field = |f: &VariableField| (f.name.clone(), value(f, f.longest.saturating_sub(less).max(1)));
            self.variable.iter().map(field).collect()
        };
        vec![shorter_by(0), shorter_by(1)]
    }

    fn text(&mut self, element: &TextElement) -> Result<(), LayoutError> {
        let fonts = &self.assets.fonts;
        let missing = || LayoutError::FontMissing { element: element.id.clone(), font: element.font.clone() };
        let face = fonts.face(fonts.find(&element.font).ok_or_else(missing)?);
        let sample = self.sample(&element.id, &element.text, &self.widest(face))?;
        let plan = TextPlan::new(element, &sample, fonts)?;
        self.add(&element.id, &element.text, Plan::Text(plan), &[sample])
    }

    fn code(&mut self, element: &CodeElement, symbology: Symbology) -> Result<(), LayoutError> {
        let mut samples = match (self.is_variable(&element.data), symbology) {
            (false, _) => vec![self.sample(&element.id, &element.data, &Samples::new())?],
            (true, Symbology::Ean13) => vec!["0000000000000".to_owned()],
            (true, Symbology::Code128) => {
                let values = self.longest_encoded();
                values.iter().map(|v| self.sample(&element.id, &element.data, v)).collect::<Result<_, _>>()?
            }
        };
        samples.sort_by_key(|sample| std::cmp::Reverse(modules(symbology, sample).unwrap_or(0)));
        let plan = CodePlan::new(element, symbology, &samples, self.resolution, &self.assets.fonts)?;
        self.add(&element.id, &element.data, Plan::Code(plan), &samples)
    }

    /// Keeps the footprint of an element, and the element itself: drawn if it is fixed, else as a plan.
    fn add(&mut self, id: &str, binding: &Binding, plan: Plan, samples: &[String]) -> Result<(), LayoutError> {
        let mut footprint = Footprint::ink(id, DotRect::default());
        let mut drawn = Drawing::default();
        for sample in samples {
            plan.place(sample, &self.assets.fonts, &mut self.scratch, &mut drawn)?;
        }
        for item in &drawn.items {
            footprint.ink = footprint.ink.union(ink(item, &self.assets.fonts, self.resolution));
            if let (Item::Symbol(symbol), Plan::Code(code)) = (item, &plan) {
                footprint.bars = footprint.bars.union(symbol.area);
                footprint.quiet_zones_dots = code.quiet_zones_dots();
            }
        }
        if let Plan::Code(code) = &plan {
            self.codes.push(PlacedCode {
                element: id.to_owned(),
                symbology: code.symbology,
                purpose: code.purpose,
                module_dots: code.module_dots,
                zone: footprint.zone(),
            });
        }
        self.footprints.push(footprint);
        if self.is_variable(binding) {
            let widest = samples.first().cloned().unwrap_or_default();
            self.plans.push(VariableElement { binding: binding.clone(), plan, widest });
            return Ok(());
        }
        let content = self.sample(id, binding, &Samples::new())?;
        plan.place(&content, &self.assets.fonts, &mut self.scratch, &mut self.fixed)
    }

    fn image(&mut self, element: &ImageElement) -> Result<(), LayoutError> {
        if self.is_variable(&element.image) {
            return Err(LayoutError::ImageVaries { element: element.id.clone() });
        }
        let name = self.sample(&element.id, &element.image, &Samples::new())?;
        let image = self.assets.images.get(&name);
        let image =
            image.ok_or_else(|| LayoutError::ImageMissing { element: element.id.clone(), image: name.clone() })?;
        let edges = [element.x_mm, element.y_mm, element.width_mm, element.height_mm].map(|mm| mm.0);
        let area = fitted(image, snapped(edges, self.resolution), element.align);
        self.fixed.items.push(Item::Image(PlacedImage { image: self.images.len(), area }));
        self.images.push(Arc::clone(image));
        self.footprints.push(Footprint::ink(&element.id, area));
        Ok(())
    }

    fn finish(self, template: &Template) -> Result<Compiled, LayoutError> {
        let file = &template.content;
        let (width, height) = (file.width_mm.0, file.height_mm.0);
        check_footprints(&self.footprints, (width, height), self.resolution)?;
        let digest = job_digest(&JobDigest {
            template: &template.digest,
            fields: self.fields,
            fonts: &self.assets.fonts,
            images: &self.images,
            resolution: self.resolution,
        });
        Ok(Compiled {
            name: file.name.clone(),
            width,
            height,
            resolution: self.resolution,
            fonts: Arc::clone(&self.assets.fonts),
            images: self.images,
            fields: self.fields.clone(),
            variable_names: self.variable.iter().map(|field| field.name.clone()).collect(),
            fixed: self.fixed,
            variable: self.plans,
            codes: self.codes,
            digest,
        })
    }
}

fn missing(element: &str, field: &str) -> LayoutError {
    LayoutError::FieldMissing { element: element.to_owned(), field: field.to_owned() }
}

/// The largest rectangle of a picture's proportions within a box, in the middle of its height.
fn fitted(image: &Image, area: DotRect, align: Align) -> DotRect {
    let side = |pixels: usize| i64::try_from(pixels).unwrap_or(1).max(1);
    let (columns, rows) = (side(image.width()), side(image.height()));
    let narrow = |dots: i64| i32::try_from(dots).unwrap_or(0);
    let (width, height) = if i64::from(area.width) * rows <= i64::from(area.height) * columns {
        (area.width, narrow(i64::from(area.width) * rows / columns).max(1))
    } else {
        (narrow(i64::from(area.height) * columns / rows).max(1), area.height)
    };
    let spare = area.width - width;
    let moved = match align {
        Align::Left => 0,
        Align::Center => spare / 2,
        Align::Right => spare,
    };
    DotRect { x: area.x + moved, y: area.y + (area.height - height) / 2, width, height }
}

impl Compiled {
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

    /// The faces that the drawings refer to.
    pub fn fonts(&self) -> &Arc<FontSet> {
        &self.fonts
    }

    /// The pictures that the drawings refer to.
    pub fn images(&self) -> &[Arc<Image>] {
        &self.images
    }

    /// What is the same on every label.
    pub fn fixed(&self) -> &Drawing {
        &self.fixed
    }

    /// The codes on the label.
    pub fn codes(&self) -> &[PlacedCode] {
        &self.codes
    }

    /// The names of the fields that a row gives, in its order.
    pub fn variable_names(&self) -> &[String] {
        &self.variable_names
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
        if row.len() != self.variable_names.len() {
            let (found, expected) = (row.len(), self.variable_names.len());
            return Err(LayoutError::RowLength { found, expected, names: self.variable_names.join(", ") });
        }
        scratch.drawing.clear();
        for VariableElement { binding, plan, .. } in &self.variable {
            scratch.text.clear();
            let value = |name: &str| match self.variable_names.iter().position(|field| field == name) {
                Some(at) => row.get(at).copied(),
                None => self.fields.get(name).map(String::as_str),
            };
            binding.fill(value, &mut scratch.text).map_err(|field| missing("", field))?;
            plan.place(&scratch.text, &self.fonts, &mut scratch.code, &mut scratch.drawing)?;
        }
        Ok(&scratch.drawing)
    }

    /// Like [`Compiled::draw`], with every element as wide as its fields allow.
    ///
    /// # Errors
    /// None are expected: the same was laid out before.
    pub fn draw_widest<'s>(&self, scratch: &'s mut Scratch) -> Result<&'s Drawing, LayoutError> {
        scratch.drawing.clear();
        for VariableElement { plan, widest, .. } in &self.variable {
            plan.place(widest, &self.fonts, &mut scratch.code, &mut scratch.drawing)?;
        }
        Ok(&scratch.drawing)
    }
}
