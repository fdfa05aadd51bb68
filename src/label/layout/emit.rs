//! Placed blocks to a drawing: what is fixed for good, what differs from unit to unit as a plan.

use std::sync::Arc;

use super::arrange::Placed;
use super::code_plan::{CodePlan, CodeScratch};
use super::compiled::{Compiled, Parts, Plan, VariableElement};
use super::job::Job;
use super::measure::{Block, Content, TextBlock};
use super::records::{PlacedCode, PlacedMark, PrintedText};
use super::{ElementFault, JobFields};
use crate::label::art::Art;
use crate::label::bitmap::DotRect;
use crate::label::drawing::{Drawing, Ink, Item, PlacedArt, PlacedImage, Turn};
use crate::label::error::Cause;
use crate::label::footprint::{Footprint, footprints_of};
use crate::label::image::Image;
use crate::label::template::{BoxAlign, CodeElement, Element, ImageElement, Kind, Template};
use crate::label::text::TextOrigin;
use crate::label::units::{Resolution, Um};

/// What has been put into the drawing so far.
pub struct Emitter<'a, 'j> {
    job: &'j Job<'a>,
    parts: Parts,
    scratch: CodeScratch,
}

impl<'a, 'j> Emitter<'a, 'j> {
    pub fn new(job: &'j Job<'a>) -> Emitter<'a, 'j> {
        Emitter { job, parts: Parts::default(), scratch: CodeScratch::default() }
    }

    fn resolution(&self) -> Resolution {
        self.job.resolution
    }

    fn label(&self) -> DotRect {
        let file = &self.job.template.content;
        snapped([Um(0), Um(0), file.width, file.height], self.resolution())
    }

    /// Puts a block at its place.
    pub fn emit(&mut self, placed: Placed<'a>) -> Result<(), ElementFault> {
        let Placed { at, block } = placed;
        let Block { element, size, content } = block;
        let frame = snapped([at.0, at.1, size.0, size.1], self.resolution());
        let result = match content {
            Content::Text(block) => self.text(element, block, turned_origin(at, size, element.turn)),
            Content::Table(cells) => cells.into_iter().try_for_each(|(x, y, cell)| {
                self.text(element, cell, TextOrigin { x: at.0 + x, y: at.1 + y, turn: Turn::None })
            }),
            Content::Code(code, plan, samples) => {
                let plan = plan.at(at, element.turn, 0).within(self.label());
                self.code(element, code, plan, &samples)
            }
            Content::Image(image, spec) => {
                self.image(element, image, spec, frame);
                Ok(())
            }
            Content::Art(art, spec) => {
                let area = fitted((art.width(), art.height()), frame, element.turn, spec.align);
                self.art(element, art, area, Ink::Black);
                Ok(())
            }
            Content::Mark(art, spec) => {
                self.art(element, art, at_least_a_dot(frame), spec.ink);
                self.parts.marks.push(PlacedMark {
                    element: element.id.clone(),
                    line: element.line,
                    mark: spec.mark.clone(),
                    height: spec.height,
                });
                Ok(())
            }
            Content::Rectangle(border, ink) => {
                self.rectangle(element, border, ink, at_least_a_dot(frame));
                Ok(())
            }
            // Items were placed for themselves.
            Content::Stack(_) => Ok(()),
        };
        result.map_err(|cause| ElementFault::new(element, cause))
    }

    fn text(&mut self, element: &'a Element, block: TextBlock<'a>, origin: TextOrigin) -> Result<(), Cause> {
        let is_variable = self.job.is_variable(block.binding);
        let mut drawn = Drawing::default();
        block.plan.place(&block.sample, origin, self.job.fonts(), &mut drawn)?;
        if is_variable {
            for extreme in self.job.tallest(block.binding, block.plan.face()) {
                // What is too wide here is wider than any value: it counts for nothing.
                let _ = block.plan.place(&extreme, origin, self.job.fonts(), &mut drawn);
            }
        }
        self.footprints(element, &drawn, None);
        self.parts.texts.push(PrintedText {
            element: element.id.clone(),
            line: element.line,
            text: block.sample.clone(),
            binding: block.binding.clone(),
            size: block.plan.size(),
            face: block.plan.face(),
        });
        let plan = Plan::Text(block.plan, origin);
        if is_variable {
            self.variable(element, block.binding.clone(), plan, block.sample);
            return Ok(());
        }
        plan.place(&block.sample, self.job.fonts(), &mut self.scratch, &mut self.parts.fixed)
    }

    fn variable(&mut self, element: &Element, binding: crate::label::binding::Binding, plan: Plan, widest: String) {
        self.parts.variable.push(VariableElement { element: element.id.clone(), binding, plan, widest });
    }

    fn code(
        &mut self,
        element: &'a Element,
        code: &'a CodeElement,
        mut plan: CodePlan,
        samples: &[String],
    ) -> Result<(), Cause> {
        plan.code = self.parts.codes.len();
        let mut drawn = Drawing::default();
        for sample in samples {
            plan.place(sample, self.job.fonts(), &mut self.scratch, &mut drawn)?;
        }
        let zone = self.footprints(element, &drawn, Some(&plan));
        self.parts.codes.push(PlacedCode {
            element: element.id.clone(),
            line: element.line,
            symbology: code.symbology,
            purpose: code.purpose,
            usage: code.usage,
            module_dots: plan.module_dots,
            turn: element.turn,
            zone,
            height: self.resolution().length(if element.turn.is_sideways() { zone.width } else { zone.height }),
            caption: code.caption.clone(),
            has_digits: code.digits.is_some(),
            binding: code.data.clone(),
            sample: samples.first().cloned().unwrap_or_default(),
        });
        let widest = samples.first().cloned().unwrap_or_default();
        let plan = Plan::Code(plan);
        if self.job.is_variable(&code.data) {
            self.variable(element, code.data.clone(), plan, widest);
            return Ok(());
        }
        plan.place(&widest, self.job.fonts(), &mut self.scratch, &mut self.parts.fixed)
    }

    /// Notes which dots an element blackens; of a code gives its bars with quiet zones.
    fn footprints(&mut self, element: &Element, drawn: &Drawing, plan: Option<&CodePlan>) -> DotRect {
        let mut footprint = footprints_of(element, drawn, self.job.fonts(), self.resolution());
        if let Some(plan) = plan {
            footprint.quiet_zones_dots = plan.quiet_zones_dots();
        }
        let zone = footprint.zone();
        self.parts.footprints.push(footprint);
        zone
    }

    fn image(&mut self, element: &Element, image: Arc<Image>, spec: &ImageElement, frame: DotRect) {
        let pixels = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let area = fitted((pixels(image.width()), pixels(image.height())), frame, element.turn, spec.align);
        let item = Item::Image(PlacedImage { image: self.parts.images.len(), area, turn: element.turn });
        self.parts.images.push(image);
        self.parts.fixed.items.push(item);
        self.parts.footprints.push(Footprint::ink(element, area, Ink::Black));
    }

    fn art(&mut self, element: &Element, art: Arc<Art>, area: DotRect, ink: Ink) {
        let known = self.parts.arts.iter().position(|known| known.digest() == art.digest());
        let index = known.unwrap_or(self.parts.arts.len());
        if known.is_none() {
            self.parts.arts.push(art);
        }
        self.parts.fixed.items.push(Item::Art(PlacedArt { art: index, area, turn: element.turn, ink }));
        self.parts.footprints.push(Footprint::ink(element, area, ink));
    }

    fn rectangle(&mut self, element: &Element, border: Option<Um>, ink: Ink, area: DotRect) {
        let parts: Vec<DotRect> = match border {
            None => vec![area],
            Some(border) => frame_parts(area, self.resolution().nearest_edge_dots(border).max(1)).into(),
        };
        let mut footprint = Footprint::ink(element, DotRect::default(), ink);
        footprint.ink = parts.clone();
        self.parts.footprints.push(footprint);
        self.parts.fixed.items.extend(parts.into_iter().map(|area| Item::Rectangle { area, ink }));
    }

    /// Everything is placed.
    pub fn finish(self, template: &Template, fields: &JobFields) -> Compiled {
        Compiled::new(template, fields, self.job, self.parts)
    }
}

/// A rectangle given by left, top, width and height, each edge on the dot edge nearest to it.
pub fn snapped([x, y, width, height]: [Um; 4], resolution: Resolution) -> DotRect {
    let (left, top) = (resolution.nearest_edge_dots(x), resolution.nearest_edge_dots(y));
    let (right, bottom) = (resolution.nearest_edge_dots(x + width), resolution.nearest_edge_dots(y + height));
    DotRect { x: left, y: top, width: right - left, height: bottom - top }
}

fn at_least_a_dot(area: DotRect) -> DotRect {
    DotRect { width: area.width.max(1), height: area.height.max(1), ..area }
}

/// Where the top left corner of a text's own box stands.
fn turned_origin(at: (Um, Um), size: (Um, Um), turn: Turn) -> TextOrigin {
    let corner = turn.corner(size);
    TextOrigin { x: at.0 + corner.0, y: at.1 + corner.1, turn }
}

/// The four sides of a frame.
fn frame_parts(area: DotRect, border: i32) -> [DotRect; 4] {
    let (across, down) = (border.min(area.width), border.min(area.height));
    let inner = (area.height - 2 * down).max(0);
    [
        DotRect { height: down, ..area },
        DotRect { y: area.y + area.height - down, height: down, ..area },
        DotRect { y: area.y + down, width: across, height: inner, ..area },
        DotRect { x: area.x + area.width - across, y: area.y + down, width: across, height: inner },
    ]
}

/// The largest rectangle of a picture's proportions within a box as it stands; in the box's own direction it is aligned,
/// across it stands in the middle.
fn fitted(own: (u32, u32), frame: DotRect, turn: Turn, align: BoxAlign) -> DotRect {
    let (columns, rows) = (i64::from(own.0.max(1)), i64::from(own.1.max(1)));
    let (box_width, box_height) = turn.size((frame.width, frame.height));
    let (across, down) = (i64::from(box_width), i64::from(box_height));
    let side = |dots: i64, by: i64, of: i64| i32::try_from((2 * dots * by + of) / (2 * of)).unwrap_or(0).max(1);
    let (width, height) = if across * rows <= down * columns {
        (box_width.max(1), side(across, rows, columns))
    } else {
        (side(down, columns, rows), box_height.max(1))
    };
    let (x, y) = (align.shift(box_width - width), (box_height - height) / 2);
    turn.place(DotRect { x, y, width, height }, frame)
}

/// Whether something is a background that others may stand on: a filled rectangle.
pub fn is_background(element: &Element) -> bool {
    matches!(&element.kind, Kind::Rectangle(rectangle) if rectangle.border.is_none())
}
