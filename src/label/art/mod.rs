//! Vector art: an SVG drawing becomes black and white outlines on a grid of whole units, once.
//!
//! Nothing of the file is passed on but the outlines: no text, no links, no scripts. Reading takes bounded time and memory.

mod error;
mod flatten;
mod marks;
mod outside;
mod structure;

use sha2::{Digest as _, Sha256};

pub use error::{ArtError, Feature, Place};
pub use marks::{Mark, mark, marks};

use super::drawing::Ink;

/// The largest SVG file that is read.
pub const MAX_SVG_BYTES: usize = 1024 * 1024;
/// The most segments that the outlines may have together.
pub const MAX_SEGMENTS: usize = 100_000;
/// Units along the longer side of every drawing.
pub const UNITS_PER_SIDE: u32 = 65_536;

/// One step of an outline, in units from the top left corner of the drawing, y downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Starts a contour.
    MoveTo([i32; 2]),
    /// A straight line.
    LineTo([i32; 2]),
    /// A quadratic curve: control point, end.
    QuadTo([i32; 2], [i32; 2]),
    /// A cubic curve: two control points, end.
    CubicTo([i32; 2], [i32; 2], [i32; 2]),
    /// Back to where the contour started.
    Close,
}

impl Segment {
    /// Its points, control points first, the end last; none for [`Segment::Close`].
    pub fn points(&self) -> impl Iterator<Item = [i32; 2]> + use<> {
        let (points, count) = match *self {
            Segment::MoveTo(end) | Segment::LineTo(end) => ([end; 3], 1),
            Segment::QuadTo(control, end) => ([control, end, end], 2),
            Segment::CubicTo(first, second, end) => ([first, second, end], 3),
            Segment::Close => ([[0, 0]; 3], 0),
        };
        points.into_iter().take(count)
    }
}

/// Which points an outline encloses (SVG 2, 13.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FillRule {
    /// Where its windings do not cancel out.
    NonZero,
    /// Where an odd number of lines lies between the point and the outside.
    EvenOdd,
}

/// A filled area. Contours that are not closed count as closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Contours, each started by [`Segment::MoveTo`].
    pub segments: Vec<Segment>,
    /// What is inside.
    pub rule: FillRule,
    /// White covers the black of the outlines before it.
    pub ink: Ink,
}

/// A drawing of outlines, to be filled one over the other in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Art {
    width: u32,
    height: u32,
    outlines: Vec<Outline>,
    digest: [u8; 32],
}

impl Art {
    /// Reads an SVG file of plain areas and lines; a colour darker than middle grey is black, every other one white.
    ///
    /// Lines become areas, transforms are applied. What is fully transparent is left out. Outlines may reach beyond the
    /// drawing's box; an output clips them to it.
    ///
    /// ```
    /// use nameplate::label::Art;
    ///
    /// let square = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h2v2z"/></svg>"#;
    /// assert_eq!(Art::from_svg(square).map(|art| (art.width(), art.height())), Ok((65_536, 32_768)));
    /// let text = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><text>CE</text></svg>"#;
    /// assert!(Art::from_svg(text).is_err_and(|e| e.to_string().starts_with("line 1: text")));
    /// ```
    ///
    /// # Errors
    /// [`ArtError`] for a file that is no SVG, is too large or too intricate, or needs what black and white areas are
    /// not: text, pictures, gradients, clip paths, masks, filters, opacity, links.
    pub fn from_svg(bytes: &[u8]) -> Result<Art, ArtError> {
        if bytes.len() > MAX_SVG_BYTES {
            return Err(ArtError::TooManyBytes { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ArtError::NotText)?;
        outside::check(text)?;
        let options = usvg::roxmltree::ParsingOptions {
            allow_dtd: true,
            nodes_limit: 10 * outside::MAX_ELEMENTS_U32,
            entity_resolver: None,
        };
        let document =
            usvg::roxmltree::Document::parse_with_options(text, options).map_err(|e| ArtError::unreadable(&e))?;
        structure::check(&document)?;
        let (size, outlines) = flatten::flatten(&document)?;
        let digest = Sha256::digest(bytes).into();
        Ok(Art { width: size[0], height: size[1], outlines, digest })
    }

    /// Width in units; the longer side has [`UNITS_PER_SIDE`].
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in units.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The areas from back to front.
    pub fn outlines(&self) -> &[Outline] {
        &self.outlines
    }

    /// SHA-256 of the file.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

#[cfg(test)]
mod tests;
