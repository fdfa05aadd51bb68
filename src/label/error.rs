//! Why a label cannot be laid out.

use thiserror::Error;

use super::symbol::SymbolError;
use super::symbol::module_size::ModuleSizeError;
use super::units::Um;

/// Why a label cannot be laid out; every variant names the element of the template.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// The data lack a field that the template uses.
    #[error("element {element:?} uses the field {field:?}, which the data do not have")]
    FieldMissing {
        /// The element's id.
        element: String,
        /// The field.
        field: String,
    },
    /// The template names a face that is not there.
    #[error("element {element:?} wants the font {font:?}, which is not in the font set")]
    FontMissing {
        /// The element's id.
        element: String,
        /// The face's name.
        font: String,
    },
    /// The data name an image that is not there.
    #[error("element {element:?} wants the image {image:?}, which was not given")]
    ImageMissing {
        /// The element's id.
        element: String,
        /// The image's name.
        image: String,
    },
    /// An image may not differ from unit to unit.
    #[error(
        "the image of element {element:?} depends on a field that differs from unit to unit; it must be the same for a whole job"
    )]
    ImageVaries {
        /// The element's id.
        element: String,
    },
    /// No glyph for a character.
    #[error("element {element:?}: the font {font:?} has no glyph for {character:?} (U+{:04X})", u32::from(*character))]
    GlyphMissing {
        /// The element's id.
        element: String,
        /// The character.
        character: char,
        /// The face's name.
        font: String,
    },
    /// Text is wider than its box even at the smallest size.
    #[error(
        "element {element:?}: {text:?} is {measured} wide at {size_pt} pt, the smallest size allowed, but only {allowed} are there; shorten it or widen the box"
    )]
    TextTooWide {
        /// The element's id.
        element: String,
        /// The text or word.
        text: String,
        /// Its width.
        measured: Um,
        /// The width of the box.
        allowed: Um,
        /// The smallest size.
        size_pt: String,
    },
    /// Text needs more lines than it may have.
    #[error(
        "element {element:?}: the text needs {needed} lines of {width} at {size_pt} pt, the smallest size allowed, but may have {allowed}; shorten it or enlarge the box"
    )]
    TooManyLines {
        /// The element's id.
        element: String,
        /// Lines needed.
        needed: usize,
        /// Lines allowed.
        allowed: usize,
        /// The width of the box.
        width: Um,
        /// The smallest size.
        size_pt: String,
    },
    /// The data cannot be a symbol.
    #[error("element {element:?}: {source}")]
    Symbol {
        /// The element's id.
        element: String,
        /// Why not.
        source: SymbolError,
    },
    /// The symbol does not fit.
    #[error("element {element:?}: {source}")]
    ModuleSize {
        /// The element's id.
        element: String,
        /// By how much.
        source: ModuleSizeError,
    },
    /// A unit's symbol has more modules than the fields were said to need.
    #[error(
        "element {element:?}: {data:?} needs {needed} modules, but the label was laid out for {planned}; the field is longer than was declared"
    )]
    MoreThanDeclared {
        /// The element's id.
        element: String,
        /// The data.
        data: String,
        /// Modules needed.
        needed: u32,
        /// Modules planned.
        planned: u32,
    },
    /// Something stands where a symbol's quiet zone or bars are.
    #[error(
        "element {intruder:?} stands in the bars or the quiet zone of the code {element:?} ({left} to the left, {right} to the right); move it away"
    )]
    QuietZone {
        /// The code's id.
        element: String,
        /// What stands there, an element's id or the edge of the label.
        intruder: String,
        /// Width of the quiet zone on the left.
        left: Um,
        /// Width of the quiet zone on the right.
        right: Um,
    },
    /// Ink beyond the label.
    #[error("element {element:?} reaches beyond the edge of the label, which is {width} by {height}")]
    OffLabel {
        /// The element's id.
        element: String,
        /// Width of the label.
        width: Um,
        /// Height of the label.
        height: Um,
    },
    /// A row with the wrong number of values.
    #[error("a row has {found} values, but {expected} fields differ from unit to unit: {names}")]
    RowLength {
        /// Values given.
        found: usize,
        /// Values expected.
        expected: usize,
        /// The fields.
        names: String,
    },
}
