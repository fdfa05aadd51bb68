//! Vector art as filled paths (ISO 32000-1, 8.5).

use super::content::{height_micropoints, micropoints};
use super::number::{push_fixed, push_whole};
use crate::label::art::{Art, FillRule, Segment};
use crate::label::{Compiled, Ink, PlacedArt, Turn};

/// Appends the outlines of a piece of art, scaled to its place and turned.
pub fn push_art(placed: &PlacedArt, compiled: &Compiled, out: &mut Vec<u8>) {
    let Some(art) = compiled.arts().get(placed.art) else { return };
    out.extend_from_slice(b"q ");
    push_matrix(placed, art, compiled, out);
    // What reaches beyond the art's box is cut off.
    out.extend_from_slice(b"0 0 ");
    push_whole(i64::from(art.width()), out);
    out.push(b' ');
    push_whole(i64::from(art.height()), out);
    out.extend_from_slice(b" re W n\n");
    let mut ink = Ink::Black;
    for outline in art.outlines() {
        // Art that is printed white shows its black parts in white; its own white parts are then black.
        let shown = if placed.ink == Ink::White { opposite(outline.ink) } else { outline.ink };
        if shown != ink {
            out.extend_from_slice(if shown == Ink::White { b"1 g\n" } else { b"0 g\n" });
            ink = shown;
        }
        push_segments(&outline.segments, out);
        out.extend_from_slice(match outline.rule {
            FillRule::NonZero => b"f\n",
            FillRule::EvenOdd => b"f*\n",
        });
    }
    out.extend_from_slice(b"Q\n");
}

fn opposite(ink: Ink) -> Ink {
    match ink {
        Ink::Black => Ink::White,
        Ink::White => Ink::Black,
    }
}

/// Units of the art to points: scale, turn, place. Unit axes are to the right and downwards.
fn push_matrix(placed: &PlacedArt, art: &Art, compiled: &Compiled, out: &mut Vec<u8>) {
    let resolution = compiled.resolution();
    let (columns, rows) = (i64::from(art.width().max(1)), i64::from(art.height().max(1)));
    let area = placed.area;
    let (across, down) = placed.turn.size((area.width, area.height));
    // Billionths of a point a unit.
    let per_column = micropoints(across, resolution) * 1000 / columns;
    let per_row = micropoints(down, resolution) * 1000 / rows;
    let left = micropoints(area.x, resolution);
    let right = micropoints(area.x + area.width, resolution);
    let top = height_micropoints(compiled) - micropoints(area.y, resolution);
    let bottom = height_micropoints(compiled) - micropoints(area.y + area.height, resolution);
    let (matrix, corner) = match placed.turn {
        Turn::None => ([per_column, 0, 0, -per_row], (left, top)),
        Turn::Quarter => ([0, -per_column, -per_row, 0], (right, top)),
        Turn::Half => ([-per_column, 0, 0, per_row], (right, bottom)),
        Turn::ThreeQuarters => ([0, per_column, per_row, 0], (left, bottom)),
    };
    for factor in matrix {
        push_fixed(factor, 9, out);
        out.push(b' ');
    }
    push_fixed(corner.0, 6, out);
    out.push(b' ');
    push_fixed(corner.1, 6, out);
    out.extend_from_slice(b" cm\n");
}

fn push_points(points: &[[i32; 2]], operator: &[u8], out: &mut Vec<u8>) {
    for [x, y] in points {
        push_whole(i64::from(*x), out);
        out.push(b' ');
        push_whole(i64::from(*y), out);
        out.push(b' ');
    }
    out.extend_from_slice(operator);
}

fn push_segments(segments: &[Segment], out: &mut Vec<u8>) {
    let mut at = [0; 2];
    for segment in segments {
        match *segment {
            Segment::MoveTo(to) => {
                push_points(&[to], b"m\n", out);
                at = to;
            }
            Segment::LineTo(to) => {
                push_points(&[to], b"l\n", out);
                at = to;
            }
            Segment::QuadTo(control, to) => {
                // The same curve as a cubic: control points two thirds of the way.
                let toward = |end: [i32; 2]| [0, 1].map(|i| end[i] + (2 * (control[i] - end[i])) / 3);
                push_points(&[toward(at), toward(to), to], b"c\n", out);
                at = to;
            }
            Segment::CubicTo(first, second, to) => {
                push_points(&[first, second, to], b"c\n", out);
                at = to;
            }
            Segment::Close => out.extend_from_slice(b"h\n"),
        }
    }
}
