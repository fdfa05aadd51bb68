//! Where ink may be: on the label, and out of every symbol's quiet zones. Measured geometrically, not by decoding.

use super::bitmap::DotRect;
use super::drawing::Item;
use super::error::LayoutError;
use super::font::FontSet;
use super::units::{Resolution, Um};

/// The dots that an element may blacken, and those that it needs white.
#[derive(Clone, Debug)]
pub struct Footprint {
    /// The element's id.
    pub element: String,
    /// Rectangle around all its ink.
    pub ink: DotRect,
    /// Rectangle around its bars; empty if it is no symbol.
    pub bars: DotRect,
    /// Dots that must stay white to the left and right of the bars.
    pub quiet_zones_dots: (i32, i32),
}

impl Footprint {
    /// Of an element that is no symbol.
    pub fn ink(element: &str, ink: DotRect) -> Footprint {
        Footprint { element: element.to_owned(), ink, bars: DotRect::default(), quiet_zones_dots: (0, 0) }
    }

    /// The bars with their quiet zones.
    pub fn zone(&self) -> DotRect {
        let (left, right) = self.quiet_zones_dots;
        DotRect { x: self.bars.x - left, width: self.bars.width + left + right, ..self.bars }
    }

    fn is_symbol(&self) -> bool {
        self.bars.width > 0
    }
}

/// Rectangle around the ink of an item: of text, from the top of capitals to the bottom of descenders.
pub fn ink(item: &Item, fonts: &FontSet, resolution: Resolution) -> DotRect {
    match item {
        Item::Rectangle(area) => *area,
        Item::Image(image) => image.area,
        Item::Symbol(symbol) => symbol.area,
        Item::Text(run) => {
            let face = fonts.face(run.face);
            let capitals = face.scale(i64::from(face.heights().capitals), run.size);
            let descent = face.scale(i64::from(face.heights().descent), run.size);
            let (left, right) = (run.x, run.x + run.width);
            let (top, bottom) = (run.baseline - capitals, run.baseline - descent);
            let (x, y) = (resolution.whole_dots_within(left), resolution.whole_dots_within(top));
            let width = resolution.whole_dots_covering(right) - x;
            DotRect { x, y, width, height: resolution.whole_dots_covering(bottom) - y }
        }
    }
}

/// Checks that all ink is on the label and that quiet zones and bars are free of other elements and of the edge.
///
/// # Errors
/// [`LayoutError::OffLabel`] or [`LayoutError::QuietZone`] for the first element that fails.
pub fn check_footprints(
    all: &[Footprint],
    (width, height): (Um, Um),
    resolution: Resolution,
) -> Result<(), LayoutError> {
    let label = DotRect {
        x: 0,
        y: 0,
        width: resolution.nearest_edge_dots(width),
        height: resolution.nearest_edge_dots(height),
    };
    for footprint in all {
        if footprint.ink.width > 0 && !label.contains(footprint.ink) {
            return Err(LayoutError::OffLabel { element: footprint.element.clone(), width, height });
        }
    }
    for (at, symbol) in all.iter().enumerate().filter(|(_, footprint)| footprint.is_symbol()) {
        let zone = symbol.zone();
        let fault = |intruder: &str| LayoutError::QuietZone {
            element: symbol.element.clone(),
            intruder: intruder.to_owned(),
            left: resolution.length(symbol.quiet_zones_dots.0),
            right: resolution.length(symbol.quiet_zones_dots.1),
        };
        if !label.contains(zone) {
            return Err(fault("edge of the label"));
        }
        for (other_at, other) in all.iter().enumerate() {
            if other_at != at && other.ink.width > 0 && other.ink.overlaps(zone) {
                return Err(fault(&other.element));
            }
        }
    }
    Ok(())
}
