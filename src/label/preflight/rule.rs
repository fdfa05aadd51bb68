//! The rules and where they come from.

use serde::{Serialize, Serializer};

use crate::label::error::Cause;
use crate::label::symbol::SymbolError;
use crate::label::symbol::module_size::ModuleSizeError;
use crate::label::text::TextError;

/// A rule of the preflight. Its id never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The data have every field.
    FieldMissing,
    /// Values have the form that a filter needs.
    FieldValue,
    /// Fonts, pictures and marks are there.
    AssetMissing,
    /// Every character has a glyph.
    MissingGlyph,
    /// No characters that make a label read otherwise than its data.
    HiddenCharacter,
    /// Texts fit at their smallest sizes.
    TextFit,
    /// Data fit the symbol at this size.
    SymbolFit,
    /// Data can be carried by the symbology, check digits are right.
    SymbolData,
    /// Modules are whole dots within the sizes that symbology and use demand.
    XDimension,
    /// Bars are high enough.
    SymbolHeight,
    /// Quiet zones are white.
    QuietZone,
    /// Ink is on the label.
    OffLabel,
    /// Ink keeps a distance from the edge that die-cutting and printers need.
    EdgeDistance,
    /// Texts, codes and pictures do not overlap.
    Overlap,
    /// Nothing is drawn on something of its own colour.
    Hidden,
    /// Texts are large enough to be read.
    TextHeight,
    /// The serial is not printed smaller than other numbers.
    Hierarchy,
    /// The serial stands beside its code in letters; every code says what it is.
    Caption,
    /// No two codes say the same for the same purpose.
    DuplicateCode,
    /// Print and stock differ for eyes and scanners.
    Contrast,
    /// Regulatory marks are as high as they must be.
    MarkHeight,
    /// What is drawn for a whole job does not depend on one unit.
    Varies,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 22] = [
        Rule::FieldMissing,
        Rule::FieldValue,
        Rule::AssetMissing,
        Rule::MissingGlyph,
        Rule::HiddenCharacter,
        Rule::TextFit,
        Rule::SymbolFit,
        Rule::SymbolData,
        Rule::XDimension,
        Rule::SymbolHeight,
        Rule::QuietZone,
        Rule::OffLabel,
        Rule::EdgeDistance,
        Rule::Overlap,
        Rule::Hidden,
        Rule::TextHeight,
        Rule::Hierarchy,
        Rule::Caption,
        Rule::DuplicateCode,
        Rule::Contrast,
        Rule::MarkHeight,
        Rule::Varies,
    ];

    /// Its stable id.
    pub fn id(self) -> &'static str {
        match self {
            Rule::FieldMissing => "field-missing",
            Rule::FieldValue => "field-value",
            Rule::AssetMissing => "asset-missing",
            Rule::MissingGlyph => "missing-glyph",
            Rule::HiddenCharacter => "hidden-character",
            Rule::TextFit => "text-fit",
            Rule::SymbolFit => "symbol-fit",
            Rule::SymbolData => "symbol-data",
            Rule::XDimension => "x-dimension",
            Rule::SymbolHeight => "symbol-height",
            Rule::QuietZone => "quiet-zone",
            Rule::OffLabel => "off-label",
            Rule::EdgeDistance => "edge-distance",
            Rule::Overlap => "overlap",
            Rule::Hidden => "hidden",
            Rule::TextHeight => "text-height",
            Rule::Hierarchy => "hierarchy",
            Rule::Caption => "caption",
            Rule::DuplicateCode => "duplicate-code",
            Rule::Contrast => "contrast",
            Rule::MarkHeight => "mark-height",
            Rule::Varies => "varies",
        }
    }

    /// Where it comes from.
    pub fn source(self) -> &'static str {
        match self {
            Rule::XDimension | Rule::SymbolHeight => {
                "GS1 General Specifications, symbol specification tables; for own use the house's minimum"
            }
            Rule::QuietZone => "ISO/IEC 15417, 15420, 16388, 16390, 16022, 18004: quiet zones",
            Rule::SymbolFit | Rule::SymbolData => {
                "the symbology's standard; GS1 General Specifications for element strings"
            }
            Rule::Caption => "GS1 General Specifications, 4.14 (human readable interpretation); house rule LAB2",
            Rule::DuplicateCode => "house rule BAR3",
            Rule::Contrast => "ISO/IEC 15416, symbol contrast at 660 nm",
            Rule::MarkHeight => "the mark's own regulation or standard",
            Rule::FieldMissing
            | Rule::FieldValue
            | Rule::AssetMissing
            | Rule::MissingGlyph
            | Rule::HiddenCharacter
            | Rule::TextFit
            | Rule::OffLabel
            | Rule::EdgeDistance
            | Rule::Overlap
            | Rule::Hidden
            | Rule::TextHeight
            | Rule::Hierarchy
            | Rule::Varies => "house rule LAB3",
        }
    }

    /// The rule that an element breaks which cannot be laid out.
    pub(super) fn of_cause(cause: &Cause) -> Rule {
        match cause {
            Cause::Fill(crate::label::binding::FillError::Missing(_)) => Rule::FieldMissing,
            Cause::Fill(crate::label::binding::FillError::Date { .. }) => Rule::FieldValue,
            Cause::Text(TextError::GlyphMissing { .. }) => Rule::MissingGlyph,
            Cause::Text(TextError::TooWide { .. } | TextError::TooManyLines { .. } | TextError::TooLong { .. })
            | Cause::StackTooSmall { .. } => Rule::TextFit,
            Cause::Text(_) => Rule::HiddenCharacter,
            Cause::Symbol(
                SymbolError::TooLong { .. } | SymbolError::LongerThanPlanned { .. } | SymbolError::TooMuchData { .. },
            )
            | Cause::ModuleSize(ModuleSizeError::TooWide { .. }) => Rule::SymbolFit,
            Cause::ModuleSize(ModuleSizeError::NoWholeDots { .. }) => Rule::XDimension,
            Cause::Symbol(_) => Rule::SymbolData,
            Cause::FontMissing { .. }
            | Cause::ImageMissing { .. }
            | Cause::MarkMissing { .. }
            | Cause::NoText { .. } => Rule::AssetMissing,
            Cause::ImageVaries | Cause::ConditionVaries { .. } => Rule::Varies,
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// What was measured and what is required, of causes that have figures.
pub(super) fn figures(cause: &Cause) -> Option<(String, String)> {
    match cause {
        Cause::ModuleSize(ModuleSizeError::TooWide { needed, available, .. }) => {
            Some((needed.to_string(), format!("at most {available}")))
        }
        Cause::ModuleSize(ModuleSizeError::NoWholeDots { range, module, .. }) => {
            Some((module.to_string(), format!("{} to {}", range.min, range.max)))
        }
        Cause::StackTooSmall { needed, allowed, .. } => Some((needed.to_string(), format!("at most {allowed}"))),
        Cause::Text(TextError::TooWide { measured, allowed, .. }) => {
            Some((measured.to_string(), format!("at most {allowed}")))
        }
        Cause::Text(TextError::TooManyLines { needed, allowed, .. }) => {
            Some((format!("{needed} lines"), format!("at most {allowed}")))
        }
        _ => None,
    }
}
