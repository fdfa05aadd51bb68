//! Where the ink of a run is.

use crate::label::drawing::{Drawing, GlyphRun};
use crate::label::font::FontSet;
use crate::label::text::TextOrigin;
use crate::label::units::Um;

/// The smallest box around the outlines of a run's glyphs as they stand on the label: left, top, right, bottom, each
/// rounded outwards to whole micrometres. `None` for a run without ink, such as a space.
pub fn ink_bounds(run: &GlyphRun, drawing: &Drawing, fonts: &FontSet) -> Option<[Um; 4]> {
    let face = fonts.face(run.face);
    let per_em = i64::from(face.units_per_em());
    let down = |units: i32| super::narrow((i64::from(units) * i64::from(run.size.0)).div_euclid(per_em)).0;
    let up = |units: i32| -down(-units);
    let mut own: Option<[i32; 4]> = None;
    for glyph in drawing.run_glyphs(run) {
        let Some([left, bottom, right, top]) = face.glyph_bounds(glyph.id) else { continue };
        let (x, y) = (glyph.x.0, glyph.y.0);
        // Downwards from the baseline.
        let ink = [x + down(left), -(y + up(top)), x + up(right), -(y + down(bottom))];
        own =
            Some(own.map_or(ink, |box_| {
                [box_[0].min(ink[0]), box_[1].min(ink[1]), box_[2].max(ink[2]), box_[3].max(ink[3])]
            }));
    }
    let [left, top, right, bottom] = own?.map(Um);
    let origin = TextOrigin { x: run.x, y: run.y, turn: run.turn };
    let (first, second) = (origin.at(left, top), origin.at(right, bottom));
    Some([first.0.min(second.0), first.1.min(second.1), first.0.max(second.0), first.1.max(second.1)])
}
