//! A label template: a TOML file in millimetres and points that says what stands where.
//!
//! Positions are the top left corner of an element's box. The top of a text box is the top of its first line's capital
//! letters, so that texts, bars and pictures given the same `y_mm` align; a symbol's box holds its bars, its quiet
//! zones lie outside and are kept free.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use toml::Spanned;

use super::binding::Binding;
use super::symbol::module_size::ModuleRange;
use super::units::Um;

/// The longest template that is read.
pub const MAX_TEMPLATE_BYTES: usize = 256 * 1024;
/// The most elements that a template may have.
pub const MAX_ELEMENTS: usize = 500;

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    /// What stands in the file.
    pub content: TemplateFile,
    /// SHA-256 of the file's bytes: the template's version.
    pub digest: [u8; 32],
}

/// The file's tables, field by field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    /// Version of the template language, always 1.
    pub nameplate: Spanned<u32>,
    /// Short name, as in `template=unit-60x40`.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Width of the label.
    pub width_mm: Mm,
    /// Height of the label.
    pub height_mm: Mm,
    /// Where the label goes and what it must withstand.
    pub placement: Placement,
    /// Texts.
    #[serde(default)]
    pub text: Vec<Spanned<TextElement>>,
    /// Code 128 symbols.
    #[serde(default)]
    pub code128: Vec<Spanned<CodeElement>>,
    /// EAN-13 symbols.
    #[serde(default)]
    pub ean13: Vec<Spanned<CodeElement>>,
    /// Pictures.
    #[serde(default)]
    pub image: Vec<Spanned<ImageElement>>,
    /// Filled rectangles, also used as rules.
    #[serde(default)]
    pub rectangle: Vec<Spanned<RectangleElement>>,
}

/// Where on the product the label goes; kept with each print.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Place on the product, side and how it is found.
    pub zone: String,
    /// Label stock and ribbon, what they withstand.
    pub durability: String,
}

/// A length that the file gives in millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Mm(pub Um);

impl TryFrom<f64> for Mm {
    type Error = &'static str;
    fn try_from(mm: f64) -> Result<Mm, &'static str> {
        Um::from_mm(mm).filter(|um| um.0 >= 0).map(Mm).ok_or("a length must be between 0 and 1000 mm")
    }
}

/// A type size that the file gives in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Pt(pub Um);

impl TryFrom<f64> for Pt {
    type Error = &'static str;
    fn try_from(pt: f64) -> Result<Pt, &'static str> {
        let sensible = (4.0..=200.0).contains(&pt).then(|| Um::from_pt(pt)).flatten();
        sensible.map(Pt).ok_or("a type size must be between 4 and 200 pt: smaller print cannot be read")
    }
}

/// Where the lines of a text or a symbol narrower than its box go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// Against the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// Against the right edge.
    Right,
}

/// A text, shrunk within `min_size_pt` and broken into at most `max_lines`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextElement {
    /// Name for messages and records.
    pub id: String,
    /// Text with placeholders.
    pub text: Binding,
    /// Left edge.
    pub x_mm: Mm,
    /// Top of the first line's capitals.
    pub y_mm: Mm,
    /// Width that no line exceeds.
    pub width_mm: Mm,
    /// Name of a face of the font set.
    pub font: String,
    /// Wanted size.
    pub size_pt: Pt,
    /// Smallest size; the wanted one if absent.
    pub min_size_pt: Option<Pt>,
    /// Most lines, 1 if absent.
    #[serde(default = "one")]
    pub max_lines: u16,
    /// Baseline distance in hundredths of the size, 120 if absent.
    #[serde(default = "leading")]
    pub leading_percent: u16,
    /// Where the lines stand in the box.
    #[serde(default)]
    pub align: Align,
}

fn one() -> u16 {
    1
}

fn leading() -> u16 {
    120
}

/// What a code tells the one who scans it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
}

/// A linear symbol.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeElement {
    /// Name for messages and records.
    pub id: String,
    /// Data with placeholders.
    pub data: Binding,
    /// What the code is for.
    pub purpose: Purpose,
    /// Left edge of the box for the bars.
    pub x_mm: Mm,
    /// Top of the bars.
    pub y_mm: Mm,
    /// Width that the bars may take.
    pub width_mm: Mm,
    /// Height of the bars; EAN guard bars reach five modules lower.
    pub height_mm: Mm,
    /// Narrowest module.
    pub module_min_mm: Mm,
    /// Widest module.
    pub module_max_mm: Mm,
    /// Where the bars stand in the box.
    #[serde(default)]
    pub align: Align,
    /// Face for the digits under the bars (EAN only); none if absent.
    pub digits_font: Option<String>,
    /// Size of those digits.
    pub digits_size_pt: Option<Pt>,
}

impl CodeElement {
    /// The allowed X-dimensions.
    pub fn module_range(&self) -> ModuleRange {
        ModuleRange { min: self.module_min_mm.0, max: self.module_max_mm.0 }
    }
}

/// A picture, scaled to fit its box without distortion.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageElement {
    /// Name for messages and records.
    pub id: String,
    /// Name of an image, usually a placeholder such as `{brand.logo}`.
    pub image: Binding,
    /// Left edge of the box.
    pub x_mm: Mm,
    /// Top edge of the box.
    pub y_mm: Mm,
    /// Width of the box.
    pub width_mm: Mm,
    /// Height of the box.
    pub height_mm: Mm,
    /// Where the picture stands in the box from left to right.
    #[serde(default)]
    pub align: Align,
}

/// A black rectangle.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RectangleElement {
    /// Name for messages and records.
    pub id: String,
    /// Left edge.
    pub x_mm: Mm,
    /// Top edge.
    pub y_mm: Mm,
    /// Width.
    pub width_mm: Mm,
    /// Height.
    pub height_mm: Mm,
}

/// What is wrong with a template file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}: {message}")]
pub struct TemplateError {
    /// The name under which the file was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Template {
    /// Reads a template; `file` names it in errors.
    ///
    /// # Errors
    /// [`TemplateError`] with the line, for TOML that is none, unknown or missing fields, values out of range,
    /// placeholders that do not parse, a repeated id or a label without size.
    ///
    /// ```
    /// # use nameplate::label::Template;
    /// let good = "nameplate = 1\nname = 'a'\ntitle = 'A'\nwidth_mm = 60\nheight_mm = 40\nplacement = { zone = 'rear', durability = 'PET' }";
    /// assert!(Template::parse("a.toml", good.as_bytes()).is_ok());
    /// let bad = good.replace("height_mm", "hight_mm");
    /// assert!(Template::parse("a.toml", bad.as_bytes()).unwrap_err().to_string().starts_with("a.toml:5: unknown field `hight_mm`"));
    /// ```
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Template, TemplateError> {
        let fault = |line: usize, message: String| TemplateError { file: file.to_owned(), line, message };
        if bytes.len() > MAX_TEMPLATE_BYTES {
            return Err(fault(
                1,
                format!("a template has at most {MAX_TEMPLATE_BYTES} bytes, this one {}", bytes.len()),
            ));
        }
        let source = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            fault(line, "the file is not UTF-8 text".to_owned())
        })?;
        let content: TemplateFile = toml::from_str(source).map_err(|e| {
            let at = e.span().unwrap_or(0..0);
            fault(line_of(source, &at), e.message().to_owned())
        })?;
        match content.first_fault() {
            Some((at, message)) => Err(fault(line_of(source, &at), message)),
            None => Ok(Template { content, digest: Sha256::digest(bytes).into() }),
        }
    }
}

fn line_of(source: &str, at: &Range<usize>) -> usize {
    source.as_bytes().iter().take(at.start).filter(|b| **b == b'\n').count() + 1
}

impl TemplateFile {
    /// Checks what the types do not hold; where and what is wrong.
    fn first_fault(&self) -> Option<(Range<usize>, String)> {
        if *self.nameplate.get_ref() != 1 {
            return Some((
                self.nameplate.span(),
                "`nameplate` is the version of the template language and must be 1".into(),
            ));
        }
        if self.width_mm.0.0 == 0 || self.height_mm.0.0 == 0 {
            return Some((0..0, "a label needs a width_mm and a height_mm above 0".into()));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (at, id) in self.ids() {
            if !seen.insert(id) {
                return Some((
                    at,
                    format!("two elements have the id {id:?}; ids name elements in messages and must differ"),
                ));
            }
        }
        if let Some(code) = self.code128.iter().find(|code| code.get_ref().digits_font.is_some()) {
            return Some((code.span(), "digits_font is for ean13 only; put a text element beside a code128".into()));
        }
        if seen.len() > MAX_ELEMENTS {
            return Some((0..0, format!("{} elements are too many, at most {MAX_ELEMENTS} are allowed", seen.len())));
        }
        None
    }

    fn ids(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        let texts = self.text.iter().map(|e| (e.span(), e.get_ref().id.as_str()));
        let codes = self.code128.iter().chain(&self.ean13).map(|e| (e.span(), e.get_ref().id.as_str()));
        let images = self.image.iter().map(|e| (e.span(), e.get_ref().id.as_str()));
        texts.chain(codes).chain(images).chain(self.rectangle.iter().map(|e| (e.span(), e.get_ref().id.as_str())))
    }

    /// Every field that some element uses, in alphabetical order.
    pub fn fields(&self) -> Vec<&str> {
        let texts = self.text.iter().map(|e| &e.get_ref().text);
        let codes = self.code128.iter().chain(&self.ean13).map(|e| &e.get_ref().data);
        let images = self.image.iter().map(|e| &e.get_ref().image);
        let mut fields: Vec<&str> = texts.chain(codes).chain(images).flat_map(Binding::fields).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "nameplate = 1\nname = 'a'\ntitle = 'A'\nwidth_mm = 60\nheight_mm = 40\n\
                        placement = { zone = 'rear', durability = 'PET' }\n";
    const TEXT: &str =
        "[[text]]\nid = 'a'\ntext = '{x}'\nx_mm = 1\ny_mm = 1\nwidth_mm = 9\nfont = 'sans'\nsize_pt = 6\n";

    fn error(source: &str) -> String {
        Template::parse("t.toml", source.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn faults_name_the_line() {
        assert!(error(&HEAD.replace("= 60", "= sixty")).starts_with("t.toml:4: "));
        assert!(error(&HEAD.replace("= 60", "= -1")).starts_with("t.toml:4: a length must be between"));
        assert!(error(&HEAD.replace("= 60", "= nan")).starts_with("t.toml:4: a length must be between"));
        assert!(error(&format!("{HEAD}{TEXT}color = 'red'\n")).starts_with("t.toml:15: unknown field `color`"));
        assert!(
            error(&format!("{HEAD}{}", TEXT.replace("= 6", "= 3")))
                .contains("t.toml:14: a type size must be between 4")
        );
        assert!(error(&format!("{HEAD}{}", TEXT.replace("{x}", "{x"))).starts_with("t.toml:9: "));
        assert!(error(&format!("{HEAD}{TEXT}{TEXT}")).starts_with("t.toml:15: two elements have the id"));
        assert!(error(&HEAD.replace("nameplate = 1", "nameplate = 2")).starts_with("t.toml:1: "));
        assert!(error(&HEAD.replace("= 60", "= 0")).contains("above 0"));
    }

    #[test]
    fn neither_foreign_bytes_nor_floods_are_read() {
        let fault = Template::parse("t.toml", b"nameplate = 1\nname = '\xff'").unwrap_err();
        assert_eq!(fault.to_string(), "t.toml:2: the file is not UTF-8 text");
        assert!(Template::parse("t.toml", &vec![b'#'; MAX_TEMPLATE_BYTES + 1]).is_err());
        assert!(error(&format!("{HEAD}x = {}", "[".repeat(50_000))).starts_with("t.toml:7: "));
    }

    #[test]
    fn fields_are_listed_once() {
        let template = Template::parse("t.toml", format!("{HEAD}{TEXT}").as_bytes()).unwrap();
        assert_eq!(template.content.fields(), ["x"]);
    }
}
