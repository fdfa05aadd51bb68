//! The dots that an element may blacken, and those that it needs white. Measured geometrically, not by decoding.

use super::bitmap::DotRect;
use super::drawing::{Drawing, Ink, Item};
use super::font::FontSet;
use super::template::Element;
use super::text::ink_bounds;
use super::units::{Resolution, Um};

/// The dots of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The element's id.
    pub element: String,
    /// Its line in the template.
    pub line: usize,
    /// What it is, for messages.
    pub kind: &'static str,
    /// Rectangles around its ink: one for each line of text, each side of a frame.
    pub ink: Vec<DotRect>,
    /// Black or white.
    pub color: Ink,
    /// A filled rectangle, which others may stand on.
    pub is_background: bool,
    /// Rectangle around its bars or modules; empty if it is no symbol.
    pub bars: DotRect,
    /// Dots that must stay white around the bars: left, top, right, bottom.
    pub quiet_zones_dots: [i32; 4],
}

impl Footprint {
    /// Of an element that is no symbol.
    pub fn ink(element: &Element, ink: DotRect, color: Ink) -> Footprint {
        Footprint {
            element: element.id.clone(),
            line: element.line,
            kind: element.kind_name(),
            ink: vec![ink],
            color,
            is_background: super::layout::is_background(element),
            bars: DotRect::default(),
            quiet_zones_dots: [0; 4],
        }
    }

    /// The bars with their quiet zones.
    pub fn zone(&self) -> DotRect {
        let [left, top, right, bottom] = self.quiet_zones_dots;
        let DotRect { x, y, width, height } = self.bars;
        DotRect { x: x - left, y: y - top, width: width + left + right, height: height + top + bottom }
    }

    /// Whether it is a symbol.
    pub fn is_symbol(&self) -> bool {
        self.bars.width > 0
    }

    /// Rectangle around all its ink.
    pub fn whole(&self) -> DotRect {
        self.ink.iter().fold(DotRect::default(), |whole, part| whole.union(*part))
    }
}

/// The footprint of what was drawn of one element.
pub fn footprints_of(element: &Element, drawn: &Drawing, fonts: &FontSet, resolution: Resolution) -> Footprint {
    let mut footprint = Footprint::ink(element, DotRect::default(), Ink::Black);
    footprint.ink.clear();
    for item in &drawn.items {
        let area = match item {
            Item::Rectangle { area, .. } => *area,
            Item::Image(image) => image.area,
            Item::Art(art) => art.area,
            Item::Symbol(symbol) => {
                footprint.bars = footprint.bars.union(symbol.area);
                let bars = drawn.symbol_bars(symbol);
                bars.iter().fold(symbol.area, |area, bar| area.union(*bar))
            }
            Item::Text(run) => {
                footprint.color = run.ink;
                match ink_bounds(run, drawn, fonts) {
                    Some(bounds) => covering(bounds, resolution),
                    None => continue,
                }
            }
        };
        footprint.ink.push(area);
    }
    footprint
}

/// The dots that a rectangle (left, top, right, bottom) touches.
fn covering([left, top, right, bottom]: [Um; 4], resolution: Resolution) -> DotRect {
    let (x, y) = (resolution.whole_dots_within(left), resolution.whole_dots_within(top));
    let (right, bottom) = (resolution.whole_dots_covering(right), resolution.whole_dots_covering(bottom));
    DotRect { x, y, width: right - x, height: bottom - y }
}
