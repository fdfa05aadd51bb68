//! Why a file is no vector art, in words for those who drew it.

use std::fmt;

use thiserror::Error;

use super::MAX_SVG_BYTES;

/// Why bytes are no drawing that can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArtError {
    /// The file is too large.
    #[error("the drawing has {found} bytes, at most {MAX_SVG_BYTES} are read; simplify its paths")]
    TooManyBytes {
        /// Bytes of the file.
        found: usize,
    },
    /// Not UTF-8: compressed, in another encoding, or no SVG at all.
    #[error("not an SVG file in UTF-8; save it as plain SVG, not compressed (.svgz)")]
    NotText,
    /// No whole SVG file.
    #[error("not a readable SVG: {0}")]
    Unreadable(String),
    /// Neither a viewBox nor a width and height, or one of zero.
    #[error("the drawing has no size; give the <svg> element a viewBox with a width and height above zero")]
    NoSize,
    /// Something that outlines in black and white cannot show.
    #[error("{place}: {feature}")]
    Unsupported {
        /// What.
        feature: Feature,
        /// Where.
        place: Place,
    },
    /// A limit is passed.
    #[error("{place}: too many {what}, at most {limit} are read; simplify the drawing")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is read.
        limit: usize,
        /// Where the limit was passed.
        place: Place,
    },
    /// A coordinate or length beyond all drawings, or one that depends on a font.
    #[error("{place}: a number is too large, or in units of a font (em); scale the drawing to less than 1000000 units")]
    Number {
        /// Where.
        place: Place,
    },
    /// A point far away from the drawing's box.
    #[error("{place}: a shape reaches far beyond the drawing; crop the drawing to its box")]
    FarOutside {
        /// The shape.
        place: Place,
    },
    /// Nothing is black.
    #[error("nothing in the drawing is black, so nothing would be printed; fill its shapes with black")]
    Blank,
}

impl ArtError {
    /// What a parser says, which may quote the file, so shortened.
    pub(super) fn unreadable(reason: &impl fmt::Display) -> ArtError {
        ArtError::Unreadable(shortened(&reason.to_string()))
    }
}

/// At most 120 characters, without control characters.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Where in a file something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Line of the file, from 1.
    Line(u32),
    /// The `id` of an element.
    Id(String),
    /// Somewhere.
    File,
}

impl Place {
    /// An element by its `id`, as far as it has one.
    pub(super) fn of_id(id: &str) -> Place {
        if id.is_empty() { Place::File } else { Place::Id(shortened(id)) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Id(id) => write!(f, "element \"{id}\""),
            Place::File => f.write_str("in the drawing"),
        }
    }
}

/// What SVG has and a drawing for labels must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Feature {
    /// `<text>`.
    #[error("text cannot be used; convert it to paths")]
    Text,
    /// `<image>`.
    #[error("a picture cannot be used in a drawing; trace it, or put it on the label as a PNG")]
    Image,
    /// `<script>`.
    #[error("a script cannot be used; remove it")]
    Script,
    /// `<foreignObject>`.
    #[error("foreign content cannot be used; remove it")]
    Foreign,
    /// `<animate>` and the like.
    #[error("an animation cannot be used; remove it")]
    Animation,
    /// A gradient or pattern as the paint of an area or a line.
    #[error("a gradient or pattern cannot be used; fill with black or white")]
    PaintServer,
    /// `clip-path`, also that of nested `<svg>` and `<symbol>` elements.
    #[error("a clip path cannot be used (a nested svg or symbol makes one too); cut the shapes themselves")]
    ClipPath,
    /// `mask`.
    #[error("a mask cannot be used; cut the shapes themselves")]
    Mask,
    /// `filter` and blend modes.
    #[error("a filter or blend mode cannot be used; remove it")]
    Filter,
    /// Markers at the ends of lines.
    #[error("a line marker cannot be used; convert it to a path")]
    Marker,
    /// Opacity between 0 and 1.
    #[error("something half transparent cannot be used; make it opaque or remove it")]
    Opacity,
    /// A reference to another file or an address.
    #[error("a reference to something outside the file cannot be used; put it into the drawing")]
    Link,
    /// References that go round in a circle.
    #[error("references go round in a circle, or too deep; put the shapes in their place")]
    Cycle,
    /// Entities of its own.
    #[error("a document type with declarations cannot be used; save the drawing as plain SVG")]
    Entities,
}
