//! Why a label cannot be laid out or drawn.

use thiserror::Error;

use super::binding::FillError;
use super::preflight::{Finding, Severity};
use super::symbol::SymbolError;
use super::symbol::module_size::ModuleSizeError;
use super::text::TextError;
use super::units::Um;

/// Why an element cannot be laid out.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Cause {
    /// A text cannot be filled.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// A text cannot be set.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The data cannot be a symbol.
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    /// The symbol does not fit.
    #[error(transparent)]
    ModuleSize(#[from] ModuleSizeError),
    /// The template names a face that is not there.
    #[error("there is no font {font:?}; there are {known}")]
    FontMissing {
        /// The face's name.
        font: String,
        /// The names that there are.
        known: String,
    },
    /// The data name an image that is not there.
    #[error("the image {:?} was not given", super::binding::shown(.image))]
    ImageMissing {
        /// The image's name.
        image: String,
    },
    /// A text that there is in no language that would do.
    #[error("there is no text in the language {language:?} or the template's own")]
    NoText {
        /// The language.
        language: String,
    },
    /// A mark that does not exist.
    #[error("there is no mark {mark:?}")]
    MarkMissing {
        /// Its name.
        mark: String,
    },
    /// An image may not differ from unit to unit.
    #[error("the image depends on a field that differs from unit to unit; it must be the same for a whole job")]
    ImageVaries,
    /// A condition may not differ from unit to unit.
    #[error("the condition tests {field:?}, which differs from unit to unit; test a field that is the same for a job")]
    ConditionVaries {
        /// The field.
        field: String,
    },
    /// The elements of a stack do not fit.
    #[error(
        "its elements need {needed} {direction} at their smallest sizes, but only {allowed} are there; shorten the data or \
         enlarge the stack"
    )]
    StackTooSmall {
        /// What they need.
        needed: Um,
        /// What there is.
        allowed: Um,
        /// `across` or `down`.
        direction: &'static str,
    },
}

/// A template that cannot be drawn for a job: every finding, errors first.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.shown())]
pub struct Refusal {
    /// The template's name.
    pub template: String,
    /// What was found, errors first.
    pub findings: Vec<Finding>,
}

impl Refusal {
    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    fn shown(&self) -> String {
        self.errors().map(|finding| finding.to_string()).collect::<Vec<_>>().join("\n")
    }
}

/// Why one label cannot be drawn.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LayoutError {
    /// An element's content does not do.
    #[error("element {element:?}: {cause}")]
    Element {
        /// The element's id.
        element: String,
        /// Why not.
        cause: Cause,
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
