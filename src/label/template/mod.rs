//! A label template: a TOML file in millimetres and points that says what stands where.
//!
//! [`Template::parse`] reads a whole file and names every fault with its line. `docs/templates.md` explains the
//! language, [`reference`] lists each element and field; editors get the same as JSON Schema.

mod changes;
pub mod condition;
mod element;
mod parse;
mod read_elements;
mod reader;
pub mod reference;
mod shipped;

use std::collections::BTreeMap;

pub use changes::{LineChange, line_changes};
pub use element::{
    BoxAlign, CodeElement, Corner, CornerX, CornerY, Direction, Element, ImageElement, Kind, MarkElement, Purpose,
    StackElement, Style, TableElement, TextElement, Texts,
};
pub use parse::{TemplateError, TemplateFault};
pub use shipped::{shipped_template, shipped_templates};

use super::binding::Binding;
use super::units::Um;

/// The longest template that is read.
pub const MAX_TEMPLATE_BYTES: usize = 256 * 1024;
/// The most elements that a template may have.
pub const MAX_ELEMENTS: usize = 500;
/// The smallest side of a label, in micrometres: a 12 mm label with some bleed cut off.
pub const MIN_LABEL: Um = Um(5_000);
/// The longest side of a label: A4.
pub const MAX_LABEL: Um = Um(297_000);

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    /// What stands in the file.
    pub content: TemplateFile,
    /// SHA-256 of the file's bytes: the template's version.
    pub digest: [u8; 32],
}

/// The file's content.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// Short name, as in `template=unit-60x40`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Width of the label.
    pub width: Um,
    /// Height of the label.
    pub height: Um,
    /// Language of texts that have several, if a job names none.
    pub language: String,
    /// Where the label goes and what it must withstand.
    pub placement: Placement,
    /// What is known about the fields, by name.
    pub fields: BTreeMap<String, FieldDeclaration>,
    /// What stands on the label, in the order of the file; later elements lie on earlier ones.
    pub elements: Vec<Element>,
}

/// Where on the product the label goes; kept with each print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Place on the product, side and how it is found.
    pub zone: String,
    /// Label stock and ribbon, what they withstand.
    pub durability: String,
    /// Colour of the stock, red, green and blue.
    pub stock_color: [u8; 3],
    /// Colour of the print.
    pub ink_color: [u8; 3],
}

/// What a template says about a field: enough to make worst cases, and to know what differs from unit to unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldDeclaration {
    /// Whether the field differs from unit to unit; `None` leaves it to its name.
    pub per_unit: Option<bool>,
    /// Data without it are complete.
    pub optional: bool,
    /// Every character that its values may have.
    pub alphabet: Option<String>,
    /// Characters of its shortest value.
    pub shortest: Option<usize>,
    /// Characters of its longest value.
    pub longest: Option<usize>,
    /// Values for previews and checks.
    pub samples: Vec<String>,
}

/// Fields that differ from unit to unit in any template.
const ALWAYS_PER_UNIT: [&str; 3] = ["serial", "serial.printed", "sscc"];

impl TemplateFile {
    /// Every field that some element uses, in alphabetical order.
    pub fn fields_used(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self.elements.iter().flat_map(Element::fields).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Every field without which no label can be drawn: used by an element that always stands there, without a value
    /// of its own to fall back on.
    pub fn fields_needed(&self) -> Vec<&str> {
        let always = self.elements.iter().filter(|element| element.when.is_always());
        let mut fields: Vec<&str> = always.flat_map(Element::bindings).flat_map(Binding::fields_needed).collect();
        fields.retain(|field| !self.fields.get(*field).is_some_and(|declared| declared.optional));
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether a field differs from unit to unit.
    pub fn is_per_unit(&self, field: &str) -> bool {
        let declared = self.fields.get(field).and_then(|declared| declared.per_unit);
        declared.unwrap_or_else(|| ALWAYS_PER_UNIT.contains(&field))
    }

    /// The pictures that elements want, with these fields.
    pub fn picture_names(&self, fields: &crate::label::JobFields) -> Vec<String> {
        let mut names = Vec::new();
        for element in &self.elements {
            if let Kind::Image(image) = &element.kind {
                let mut name = String::new();
                if image.image.fill(|field| fields.get(field).map(String::as_str), &mut name).is_ok() {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The element of this id.
    pub fn element(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.id == id)
    }
}
