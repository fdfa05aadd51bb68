//! The elements of a template, as they stand in the file.
//!
//! A box's `x` and `y` are its top left corner as it stands on the label; `width` and `height` are its own, before it is
//! turned. The top of a text is the top of its first line's capitals, its bottom the last baseline, so that texts, bars and
//! pictures given the same corner align. A symbol's box holds its bars; its quiet zones lie outside and are kept free.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use crate::label::binding::Binding;
use crate::label::drawing::{Ink, Turn};
use crate::label::symbol::limits::ScanningUse;
use crate::label::symbol::{SymbolOptions, Symbology};
use crate::label::text::Align;
use crate::label::units::Um;

/// One element.
#[derive(Clone, Debug)]
pub struct Element {
    /// Name for messages and records.
    pub id: String,
    /// Line of the file on which it starts, from 1.
    pub line: usize,
    /// When it is there.
    pub when: Condition,
    /// Where its box stands; `None` in a stack, which places it.
    pub corner: Option<Corner>,
    /// Something was said of its place that could not be read.
    pub has_corner_fault: bool,
    /// How its box is turned.
    pub turn: Turn,
    /// What it is.
    pub kind: Kind,
}

/// Where a box stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corner {
    /// From left to right.
    pub x: CornerX,
    /// From top to bottom.
    pub y: CornerY,
}

/// From left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CornerX {
    /// Its left edge from the label's left edge.
    Left(Um),
    /// Its right edge from the label's right edge.
    Right(Um),
    /// Its left edge from the right edge of another element.
    After(Anchor),
}

/// From top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CornerY {
    /// Its top edge from the label's top edge.
    Top(Um),
    /// Its bottom edge from the label's bottom edge.
    Bottom(Um),
    /// Its top edge from the bottom edge of another element.
    Below(Anchor),
}

/// A distance from another element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The other element's id.
    pub element: String,
    /// The distance.
    pub gap: Um,
}

/// What an element is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text.
    Text(TextElement),
    /// A barcode.
    Code(CodeElement),
    /// A picture or logo.
    Image(ImageElement),
    /// A shipped symbol, such as the CE mark.
    Mark(MarkElement),
    /// A rectangle, filled or a frame.
    Rectangle(RectangleElement),
    /// A horizontal or vertical line.
    Line(LineElement),
    /// Lines of a key and a value.
    Table(TableElement),
    /// Elements one after the other.
    Stack(StackElement),
}

/// Where something stands in a box that is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoxAlign {
    /// At the left or the top.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// At the right or the bottom.
    End,
}

impl BoxAlign {
    /// How far something is moved that leaves `spare` free.
    pub fn shift(self, spare: i32) -> i32 {
        match self {
            BoxAlign::Start => 0,
            BoxAlign::Center => spare / 2,
            BoxAlign::End => spare,
        }
    }
}

/// A text in one or several languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Texts {
    /// The same in all languages.
    One(Binding),
    /// By language tag (BCP 47), such as `de` or `pt-br`, in lower case.
    ByLanguage(BTreeMap<String, Binding>),
}

impl Texts {
    /// The text in a language: of the tag itself, of its first part (`pt` for `pt-br`), else of the fallback.
    pub fn in_language(&self, language: &str, fallback: &str) -> Option<&Binding> {
        match self {
            Texts::One(binding) => Some(binding),
            Texts::ByLanguage(texts) => {
                let language = language.to_ascii_lowercase();
                let first = language.split('-').next().unwrap_or_default();
                [&language, first, fallback].into_iter().find_map(|tag| texts.get(tag))
            }
        }
    }

    /// The texts in all languages.
    pub fn all(&self) -> impl Iterator<Item = &Binding> {
        let (one, several) = match self {
            Texts::One(binding) => (Some(binding), None),
            Texts::ByLanguage(texts) => (None, Some(texts.values())),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }
}

/// A text, shrunk down to `min_size` and broken into at most `max_lines`.
#[derive(Clone, Debug)]
pub struct TextElement {
    /// What it says.
    pub text: Texts,
    /// Width that no line exceeds; in a stack to the right it may be left out, the text is then as wide as it needs.
    pub width: Option<Um>,
    /// How it is set.
    pub style: Style,
    /// Most lines.
    pub max_lines: usize,
    /// Baseline distance in hundredths of the size.
    pub leading_percent: u16,
    /// Where the lines stand in the box.
    pub align: Align,
    /// What does not fit at the smallest size is cut and ends in an ellipsis.
    pub may_truncate: bool,
}

/// Face, size and ink of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Name of a face of the font set.
    pub font: String,
    /// Wanted size.
    pub size: Um,
    /// Smallest size.
    pub min_size: Um,
    /// Black, or white on a black rectangle.
    pub ink: Ink,
}

/// What a code tells the one who scans it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// One unit.
    Serial,
    /// A product, the same on all its units.
    Product,
    /// Product and unit together.
    Both,
    /// A web address.
    Link,
    /// A carton or pallet.
    Logistic,
}

impl Purpose {
    /// As written in a template.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Serial => "serial",
            Purpose::Product => "product",
            Purpose::Both => "both",
            Purpose::Link => "link",
            Purpose::Logistic => "logistic",
        }
    }
}

/// A barcode.
#[derive(Clone, Debug)]
pub struct CodeElement {
    /// Which kind.
    pub symbology: Symbology,
    /// Data with placeholders; element strings in brackets for GS1.
    pub data: Binding,
    /// What the code is for.
    pub purpose: Purpose,
    /// Where it is scanned.
    pub usage: ScanningUse,
    /// Width that the bars or modules may take.
    pub width: Um,
    /// Height of the bars, or height that the modules may take; EAN guard bars reach five modules lower.
    pub height: Um,
    /// Narrowest module; the usual one of symbology and use if left out.
    pub module_min: Option<Um>,
    /// Widest module; as above.
    pub module_max: Option<Um>,
    /// Where a symbol that is narrower than its box stands.
    pub align: BoxAlign,
    /// Error correction, shape.
    pub options: SymbolOptions,
    /// Domain of a GS1 Digital Link made of the data, which are then an element string.
    pub digital_link: Option<String>,
    /// Face and size of the digits under an EAN or UPC.
    pub digits: Option<Style>,
    /// Id of the text that says what the code is.
    pub caption: Option<String>,
}

/// A picture, scaled to fit its box without distortion.
#[derive(Clone, Debug)]
pub struct ImageElement {
    /// Name of an image, usually a placeholder such as `{brand.logo}`.
    pub image: Binding,
    /// Width of the box.
    pub width: Um,
    /// Height of the box.
    pub height: Um,
    /// Where the picture stands in the box from left to right.
    pub align: BoxAlign,
}

/// A shipped symbol.
#[derive(Clone, Debug)]
pub struct MarkElement {
    /// Its name.
    pub mark: String,
    /// Its height; the width follows.
    pub height: Um,
    /// Black, or white on a black rectangle.
    pub ink: Ink,
}

/// A rectangle.
#[derive(Clone, Debug)]
pub struct RectangleElement {
    /// Width.
    pub width: Um,
    /// Height.
    pub height: Um,
    /// Thickness of a frame; filled if left out.
    pub border: Option<Um>,
    /// Black or white.
    pub ink: Ink,
}

/// A line.
#[derive(Clone, Debug)]
pub struct LineElement {
    /// Its length.
    pub length: Um,
    /// Its thickness.
    pub thickness: Um,
    /// To the right or down.
    pub direction: Direction,
    /// Black or white.
    pub ink: Ink,
}

/// In what direction something goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    #[default]
    Right,
    /// From top to bottom.
    Down,
}

/// Lines of a key and a value; a line whose value is empty is left out.
#[derive(Clone, Debug)]
pub struct TableElement {
    /// The lines.
    pub rows: Vec<TableRow>,
    /// Width of the table.
    pub width: Um,
    /// Width of the keys' column with the space after it.
    pub key_width: Um,
    /// Distance from one line's last baseline to the next line's top of capitals.
    pub gap: Um,
    /// Face and size of the keys.
    pub key_style: Style,
    /// Face and size of the values.
    pub style: Style,
    /// Most lines of a value.
    pub max_lines: usize,
}

/// A line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// What it is.
    pub key: Texts,
    /// How much.
    pub value: Texts,
}

/// Elements one after the other, each pushed by those before it.
#[derive(Clone, Debug)]
pub struct StackElement {
    /// Their ids, in order.
    pub items: Vec<String>,
    /// To the right or down.
    pub direction: Direction,
    /// Space between two of them.
    pub gap: Um,
    /// Width that they may take together.
    pub width: Um,
    /// Height that they may take together; for a stack to the right as high as the highest if left out.
    pub height: Option<Um>,
    /// Where each stands across the stack.
    pub align: BoxAlign,
}

impl Element {
    /// Every text with placeholders.
    pub fn bindings(&self) -> Vec<&Binding> {
        match &self.kind {
            Kind::Text(text) => text.text.all().collect(),
            Kind::Code(code) => vec![&code.data],
            Kind::Image(image) => vec![&image.image],
            Kind::Table(table) => table.rows.iter().flat_map(|row| row.key.all().chain(row.value.all())).collect(),
            Kind::Mark(_) | Kind::Rectangle(_) | Kind::Line(_) | Kind::Stack(_) => Vec::new(),
        }
    }

    /// The fields of its texts and of its condition.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.bindings().into_iter().flat_map(Binding::fields).chain(self.when.fields())
    }

    /// What it is, for messages.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Text(_) => "text",
            Kind::Code(code) => code.symbology.name(),
            Kind::Image(_) => "image",
            Kind::Mark(_) => "mark",
            Kind::Rectangle(_) => "rectangle",
            Kind::Line(_) => "line",
            Kind::Table(_) => "table",
            Kind::Stack(_) => "stack",
        }
    }
}
