//! What is on a label, for records, checks and reading it back.

use crate::label::binding::Binding;
use crate::label::bitmap::DotRect;
use crate::label::drawing::Turn;
use crate::label::font::FaceId;
use crate::label::symbol::Symbology;
use crate::label::symbol::limits::ScanningUse;
use crate::label::template::Purpose;
use crate::label::units::Um;

/// A code on the label, for records and for reading it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCode {
    /// The element's id.
    pub element: String,
    /// Its line in the template.
    pub line: usize,
    /// Which kind.
    pub symbology: Symbology,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it is scanned.
    pub usage: ScanningUse,
    /// Dots of one module.
    pub module_dots: i32,
    /// How it is turned.
    pub turn: Turn,
    /// Bars or modules and quiet zones of the widest symbol, as it stands.
    pub zone: DotRect,
    /// Height of the bars.
    pub height: Um,
    /// Id of the text that says what it is.
    pub caption: Option<String>,
    /// Its digits stand under it.
    pub has_digits: bool,
    /// Where its data come from.
    pub binding: Binding,
    /// Its data, or the widest there can be.
    pub sample: String,
}

/// A text on the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedText {
    /// The element's id.
    pub element: String,
    /// Its line in the template.
    pub line: usize,
    /// What it says, the widest there can be if it differs from unit to unit.
    pub text: String,
    /// Where that comes from.
    pub binding: Binding,
    /// Its type size.
    pub size: Um,
    /// Its face.
    pub face: FaceId,
}

/// A shipped symbol on the label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedMark {
    /// The element's id.
    pub element: String,
    /// Its line in the template.
    pub line: usize,
    /// The mark's name.
    pub mark: String,
    /// Its height.
    pub height: Um,
}
