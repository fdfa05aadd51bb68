//! How large each element is: its texts set, its symbols encoded, its stacks measured from their items.

use std::sync::Arc;

use super::code_plan::CodePlan;
use super::job::{Job, Samples};
use super::stack::measure_stack;
use super::{ElementFault, Picture};
use crate::label::art::Art;
use crate::label::binding::Binding;
use crate::label::drawing::Ink;
use crate::label::error::Cause;
use crate::label::image::Image;
use crate::label::template::{
    CodeElement, Direction, Element, ImageElement, Kind, MarkElement, Style, TableElement, TextElement,
};
use crate::label::text::{Align, TextPlan, TextStyle};
use crate::label::units::Um;

/// What a stack offers to one of its items.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// Width for a text that has none of its own.
    pub width: Option<Um>,
    /// Such a text takes no more width than it needs.
    pub is_natural: bool,
    /// Type sizes in hundredths of those wanted, never below the smallest allowed.
    pub percent: i32,
}

impl Default for Offer {
    fn default() -> Offer {
        Offer { width: None, is_natural: false, percent: 100 }
    }
}

/// An element whose size is known.
pub struct Block<'t> {
    /// The element.
    pub element: &'t Element,
    /// Width and height as it stands.
    pub size: (Um, Um),
    /// What it holds.
    pub content: Content<'t>,
}

/// What a block holds.
pub enum Content<'t> {
    /// A text.
    Text(TextBlock<'t>),
    /// A barcode, its data and samples, the one with the most modules first.
    Code(&'t CodeElement, CodePlan, Vec<String>),
    /// A picture of pixels.
    Image(Arc<Image>, &'t ImageElement),
    /// A picture of outlines, drawn in the middle of its box at this share.
    Art(Arc<Art>, &'t ImageElement),
    /// A shipped symbol.
    Mark(Arc<Art>, &'t MarkElement),
    /// A filled rectangle, or a frame of this thickness.
    Rectangle(Option<Um>, Ink),
    /// The cells of a table with the place of each in its box.
    Table(Vec<(Um, Um, TextBlock<'t>)>),
    /// The items of a stack with the place of each in its box.
    Stack(Vec<(Um, Um, Block<'t>)>),
}

/// A text whose size is decided.
pub struct TextBlock<'t> {
    /// Where its text comes from.
    pub binding: &'t Binding,
    /// How it is set.
    pub plan: TextPlan,
    /// Its text, the widest there can be if it differs from unit to unit.
    pub sample: String,
    /// Its width and height, before turning.
    pub size: (Um, Um),
}

/// Measures an element.
pub fn measure<'t>(element: &'t Element, job: &Job<'t>, offer: Offer) -> Result<Block<'t>, ElementFault> {
    let fault = |cause: Cause| ElementFault::new(element, cause);
    let (size, content) = match &element.kind {
        Kind::Text(text) => {
            let mut block = text_block(text, job, offer).map_err(fault)?;
            if offer.is_natural && text.width.is_none() {
                // Lines align in the width that the text takes, not in that of its stack.
                let offer = Offer { width: Some(block.size.0.max(Um(1))), ..offer };
                block = text_block(text, job, offer).map_err(fault)?;
            }
            let height = block.size.1;
            let natural = block.size.0;
            let width = text.width.or(offer.width.filter(|_| !offer.is_natural)).unwrap_or(natural);
            let own = (width, height);
            (element.turn.size(own), Content::Text(block))
        }
        Kind::Code(code) => {
            let (plan, samples) = code_plan(code, job).map_err(fault)?;
            (plan.size(element.turn), Content::Code(code, plan, samples))
        }
        Kind::Image(image) => {
            let size = element.turn.size((image.width, image.height));
            (size, picture(image, job).map_err(fault)?)
        }
        Kind::Mark(mark) => {
            let art = job.mark(&mark.mark).map_err(fault)?;
            let width = proportional(mark.height, art.width(), art.height());
            (element.turn.size((width, mark.height)), Content::Mark(art, mark))
        }
        Kind::Rectangle(r) => (element.turn.size((r.width, r.height)), Content::Rectangle(r.border, r.ink)),
        Kind::Line(line) => {
            let size = match line.direction {
                Direction::Right => (line.length, line.thickness),
                Direction::Down => (line.thickness, line.length),
            };
            (size, Content::Rectangle(None, line.ink))
        }
        Kind::Table(table) => {
            let (size, cells) = table_cells(table, job, offer).map_err(fault)?;
            (size, Content::Table(cells))
        }
        Kind::Stack(stack) => {
            let (size, items) = measure_stack(element, stack, job)?;
            (size, Content::Stack(items))
        }
    };
    Ok(Block { element, size, content })
}

fn text_block<'t>(element: &'t TextElement, job: &Job<'t>, offer: Offer) -> Result<TextBlock<'t>, Cause> {
    let binding = job.in_language(&element.text).ok_or_else(|| Cause::NoText { language: job.language.to_owned() })?;
    let width = element.width.or(offer.width).unwrap_or(job.template.content.width);
    let lines = Lines {
        max_lines: element.max_lines,
        leading_percent: element.leading_percent,
        align: element.align,
        may_truncate: element.may_truncate,
    };
    set(binding, &element.style, lines, width, job, offer)
}

/// How the lines of a text are set.
struct Lines {
    max_lines: usize,
    leading_percent: u16,
    align: Align,
    may_truncate: bool,
}

fn set<'t>(
    binding: &'t Binding,
    style: &Style,
    lines: Lines,
    width: Um,
    job: &Job<'t>,
    offer: Offer,
) -> Result<TextBlock<'t>, Cause> {
    let wanted = job.face(&style.font)?;
    let is_per_unit = job.is_variable(binding);
    let face = if is_per_unit { job.face_of_all(wanted, binding)? } else { wanted };
    let style = TextStyle {
        face,
        size: Um(style.size.0 * offer.percent / 100).max(style.min_size),
        min_size: style.min_size,
        max_lines: lines.max_lines,
        leading_percent: lines.leading_percent,
        align: lines.align,
        width,
        may_truncate: lines.may_truncate,
        language: Some(job.language.to_owned()),
        ink: style.ink,
    };
    let fonts = job.fonts();
    let sample = if is_per_unit { job.widest(fonts.face(face)) } else { Vec::new() };
    let sample = job.filled(binding, &sample)?;
    let plan = TextPlan::new(&style, &sample, is_per_unit, fonts)?;
    let size = plan.extent(&sample, fonts)?;
    Ok(TextBlock { binding, plan, sample, size })
}

/// The module size of a code, and its data: what the samples make of it, the one with the most modules first.
fn code_plan(code: &CodeElement, job: &Job<'_>) -> Result<(CodePlan, Vec<String>), Cause> {
    let plan = |samples: &[String]| CodePlan::new(code, samples, job.resolution, job.fonts());
    if !job.is_variable(&code.data) {
        let samples = vec![job.filled(&code.data, &[])?];
        return Ok((plan(&samples)?, samples));
    }
    let fill = |values: Vec<Samples>| -> Result<Vec<String>, Cause> {
        values.iter().map(|values| job.filled(&code.data, values).map_err(Cause::from)).collect()
    };
    let mut samples = fill(job.samples())?;
    if !samples.is_empty() {
        plan(&samples)?;
    }
    // Values that nobody has seen: as long and as costly as the alphabet allows. A symbology that checks its data may
    // refuse them; then the samples decide.
    let mut invented = fill(job.longest_encoded())?;
    invented.append(&mut samples.clone());
    match plan(&invented) {
        Ok(planned) => Ok((planned, invented)),
        Err(Cause::Symbol(refused)) if samples.is_empty() => match code.symbology.zeros() {
            Some(zeros) => {
                samples.push(zeros);
                Ok((plan(&samples)?, samples))
            }
            None => Err(refused.into()),
        },
        Err(Cause::Symbol(_)) => Ok((plan(&samples)?, samples)),
        Err(Cause::ModuleSize(_)) if job.knows_extremes() && !samples.is_empty() => Ok((plan(&samples)?, samples)),
        Err(cause) => Err(cause),
    }
}

fn picture<'t>(element: &'t ImageElement, job: &Job<'t>) -> Result<Content<'t>, Cause> {
    if job.is_variable(&element.image) {
        return Err(Cause::ImageVaries);
    }
    let name = job.filled(&element.image, &[])?;
    match job.assets.pictures.get(&name) {
        Some(Picture::Image(image)) => Ok(Content::Image(Arc::clone(image), element)),
        Some(Picture::Art(art)) => Ok(Content::Art(Arc::clone(art), element)),
        None => Err(Cause::ImageMissing { image: name }),
    }
}

/// The other side of something `units_across` by `units_down` that is as high as this.
fn proportional(height: Um, units_across: u32, units_down: u32) -> Um {
    let width = i64::from(height.0) * i64::from(units_across) / i64::from(units_down.max(1));
    Um(i32::try_from(width).unwrap_or(i32::MAX / 4))
}

type Cells<'t> = ((Um, Um), Vec<(Um, Um, TextBlock<'t>)>);

fn table_cells<'t>(table: &'t TableElement, job: &Job<'t>, offer: Offer) -> Result<Cells<'t>, Cause> {
    let mut cells = Vec::new();
    let mut y = Um(0);
    for row in &table.rows {
        let bindings = job.in_language(&row.key).zip(job.in_language(&row.value));
        let Some((key, value)) = bindings else { continue };
        if !job.is_variable(value) && job.filled(value, &[])?.trim().is_empty() {
            continue;
        }
        if !cells.is_empty() {
            y = y + table.gap;
        }
        let lines = |max_lines| Lines { max_lines, leading_percent: 120, align: Align::Start, may_truncate: false };
        let value_width = (table.width - table.key_width).max(Um(1));
        let key = set(key, &table.key_style, lines(table.max_lines), table.key_width, job, offer)?;
        let value = set(value, &table.style, lines(table.max_lines), value_width, job, offer)?;
        let height = key.size.1.max(value.size.1);
        cells.push((Um(0), y, key));
        cells.push((table.key_width, y, value));
        y = y + height;
    }
    Ok(((table.width, y), cells))
}
