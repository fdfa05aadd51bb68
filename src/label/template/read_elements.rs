//! Reading the elements of a template from their tables.

use std::collections::BTreeMap;
use std::ops::Range;

use super::condition::Condition;
use super::element::{
    Anchor, BoxAlign, CodeElement, Corner, CornerX, CornerY, Direction, Element, ImageElement, Kind, LineElement,
    MarkElement, Purpose, RectangleElement, StackElement, Style, TableElement, TableRow, TextElement, Texts,
};
use super::reader::{Reader, TextOrTable, expected, text_or_table};
use crate::label::binding::Binding;
use crate::label::drawing::{Ink, Turn};
use crate::label::symbol::gs1::ElementString;
use crate::label::symbol::limits::ScanningUse;
use crate::label::symbol::{ErrorCorrection, MatrixShape, SymbolOptions, Symbology};
use crate::label::text::Align;
use crate::label::units::Um;

/// The tables of codes, `[[name]]`, and what they hold.
pub const CODE_TABLES: [(&str, &str, Symbology); 11] = [
    ("code128", "a code128", Symbology::Code128),
    ("gs1_128", "a gs1_128", Symbology::Gs1_128),
    ("ean13", "an ean13", Symbology::Ean13),
    ("ean8", "an ean8", Symbology::Ean8),
    ("upca", "an upca", Symbology::UpcA),
    ("itf14", "an itf14", Symbology::Itf14),
    ("code39", "a code39", Symbology::Code39),
    ("datamatrix", "a datamatrix", Symbology::DataMatrix),
    ("gs1_datamatrix", "a gs1_datamatrix", Symbology::Gs1DataMatrix),
    ("qr", "a qr", Symbology::Qr),
    ("micro_qr", "a micro_qr", Symbology::MicroQr),
];

const INKS: [(&str, Ink); 2] = [("black", Ink::Black), ("white", Ink::White)];
const BOX_ALIGNS: [(&str, BoxAlign); 5] = [
    ("left", BoxAlign::Start),
    ("top", BoxAlign::Start),
    ("center", BoxAlign::Center),
    ("right", BoxAlign::End),
    ("bottom", BoxAlign::End),
];

/// What an element refers to when its size cannot be read.
const STAND_IN: Um = Um(1_000);

/// An element and where it stands in the file.
pub type Placed = (Range<usize>, Element);

/// Reads all elements, in the order of the file.
pub fn elements(file: &mut Reader<'_>, language: &str) -> Vec<Placed> {
    let mut all = Vec::new();
    for (name, what, symbology) in CODE_TABLES {
        let tables = file.tables(name, what).into_iter();
        all.extend(tables.map(|reader| element(reader, |reader| Kind::Code(code(reader, symbology)))));
    }
    type Read = for<'r, 'a> fn(&'r mut Reader<'a>, &str) -> Kind;
    let others: [(&'static str, &'static str, Read); 7] = [
        ("text", "a text", |reader, language| Kind::Text(text(reader, language))),
        ("image", "an image", |reader, _| Kind::Image(image(reader))),
        ("mark", "a mark", |reader, _| Kind::Mark(mark(reader))),
        ("rectangle", "a rectangle", |reader, _| Kind::Rectangle(rectangle(reader))),
        ("line", "a line", |reader, _| Kind::Line(line(reader))),
        ("table", "a table", |reader, language| Kind::Table(table(reader, language))),
        ("stack", "a stack", |reader, _| Kind::Stack(stack(reader))),
    ];
    for (name, what, read) in others {
        let tables = file.tables(name, what).into_iter();
        all.extend(tables.map(|reader| element(reader, |reader| read(reader, language))));
    }
    all.sort_by_key(|(at, _)| at.start);
    all
}

fn element(mut reader: Reader<'_>, kind: impl FnOnce(&mut Reader<'_>) -> Kind) -> Placed {
    let at = reader.at.clone();
    let id = reader.needed("id", |r| r.parsed("id", id), String::new());
    let kind = kind(&mut reader);
    let element = Element {
        id,
        line: 0,
        when: reader.parsed("when", |text| Condition::parse(text).map_err(|e| e.to_string())).unwrap_or_default(),
        has_corner_fault: CORNER_FIELDS.iter().any(|field| reader.has(field)),
        corner: corner(&mut reader),
        turn: turn(&mut reader),
        kind,
    };
    if element.turn != Turn::None && matches!(element.kind, Kind::Stack(_) | Kind::Table(_) | Kind::Line(_)) {
        reader.fault("turn", "`turn`: texts, codes, images, marks and rectangles can be turned, not this");
    }
    reader.finish();
    (at, element)
}

fn id(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !text.is_empty() && text.len() <= 60 && text.chars().all(legal) {
        Ok(text.to_owned())
    } else {
        Err("an id has 1 to 60 of a-z, 0-9, - and _".to_owned())
    }
}

fn turn(reader: &mut Reader<'_>) -> Turn {
    reader.degrees("turn").unwrap_or_default()
}

const CORNER_FIELDS: [&str; 6] = ["x_mm", "right_mm", "right_of", "y_mm", "bottom_mm", "below"];

/// Where a box stands; `None` if nothing is said, which is right in a stack only.
fn corner(reader: &mut Reader<'_>) -> Option<Corner> {
    let gap = reader.mm("gap_mm");
    if gap.is_some() && !reader.has("below") && !reader.has("right_of") {
        reader.fault(
            "gap_mm",
            "`gap_mm` is the distance to the element named by `below` or `right_of`; there is neither",
        );
    }
    let anchor = |element: String| Anchor { element, gap: gap.unwrap_or(Um(1_000)) };
    let x = [
        reader.mm("x_mm").map(CornerX::Left),
        reader.mm("right_mm").map(CornerX::Right),
        reader.text("right_of").map(|id| CornerX::After(anchor(id))),
    ];
    let y = [
        reader.mm("y_mm").map(CornerY::Top),
        reader.mm("bottom_mm").map(CornerY::Bottom),
        reader.text("below").map(|id| CornerY::Below(anchor(id))),
    ];
    let given = |names: [&str; 3]| names.iter().filter(|name| reader.has(name)).count();
    let (across, down) = (given(["x_mm", "right_mm", "right_of"]), given(["y_mm", "bottom_mm", "below"]));
    if across > 1 {
        reader.fault("x_mm", "one of `x_mm`, `right_mm` and `right_of` says where the box stands, not several");
    }
    if down > 1 {
        reader.fault("y_mm", "one of `y_mm`, `bottom_mm` and `below` says where the box stands, not several");
    }
    if (across == 0) != (down == 0) {
        reader.fault("id", "a box needs one of `x_mm`, `right_mm`, `right_of` and one of `y_mm`, `bottom_mm`, `below`");
    }
    let (x, y) = (x.into_iter().flatten().next(), y.into_iter().flatten().next());
    Some(Corner { x: x?, y: y? })
}

fn binding(text: &str) -> Result<Binding, String> {
    Binding::parse(text).map_err(|e| e.to_string())
}

fn no_text() -> Texts {
    Texts::ByLanguage(BTreeMap::new())
}

/// Texts in several languages must have the template's own.
fn in_languages(read: TextOrTable<Binding>, language: &str) -> Result<Texts, String> {
    match read {
        TextOrTable::Text(binding) => Ok(Texts::One(binding)),
        TextOrTable::Table(texts) => {
            let texts: BTreeMap<String, Binding> =
                texts.into_iter().map(|(tag, text)| (tag.to_ascii_lowercase(), text)).collect();
            if texts.contains_key(language) {
                Ok(Texts::ByLanguage(texts))
            } else {
                Err(format!("needs a text in the template's own language, {language:?}"))
            }
        }
    }
}

fn texts(reader: &mut Reader<'_>, name: &'static str, language: &str) -> Texts {
    let read = reader.needed(name, |r| r.text_or_table(name, binding), TextOrTable::Table(Vec::new()));
    let is_read = !matches!(&read, TextOrTable::Table(texts) if texts.is_empty());
    match in_languages(read, language) {
        Ok(texts) => texts,
        Err(message) => {
            // A text that cannot be read has been told of.
            if is_read {
                reader.fault(name, format!("`{name}`: {message}"));
            }
            no_text()
        }
    }
}

/// `font`, `size_pt`, `min_size_pt` and `ink`.
fn style(reader: &mut Reader<'_>) -> Style {
    let font = reader.text("font").unwrap_or_else(|| "sans".to_owned());
    let size = reader.needed("size_pt", |r| r.pt("size_pt"), STAND_IN);
    let min_size = reader.pt("min_size_pt").unwrap_or(size);
    if min_size > size && reader.has("size_pt") {
        reader.fault("min_size_pt", "`min_size_pt` is larger than `size_pt`");
    }
    Style { font, size, min_size, ink: reader.word("ink", &INKS).unwrap_or_default() }
}

fn text(reader: &mut Reader<'_>, language: &str) -> TextElement {
    let aligns = [
        ("start", Align::Start),
        ("left", Align::Left),
        ("center", Align::Center),
        ("right", Align::Right),
        ("end", Align::End),
    ];
    TextElement {
        text: texts(reader, "text", language),
        // A width that cannot be read has been told of.
        width: reader.size_mm("width_mm").or(reader.has("width_mm").then_some(STAND_IN)),
        style: style(reader),
        max_lines: reader.count("max_lines", 200).unwrap_or(1),
        leading_percent: reader.whole("leading_percent", 80..=300).and_then(|n| u16::try_from(n).ok()).unwrap_or(120),
        align: reader.word("align", &aligns).unwrap_or_default(),
        may_truncate: reader.flag("truncate").unwrap_or(false),
    }
}

fn code(reader: &mut Reader<'_>, symbology: Symbology) -> CodeElement {
    let purposes =
        [Purpose::Serial, Purpose::Product, Purpose::Both, Purpose::Link, Purpose::Logistic].map(|p| (p.name(), p));
    let uses = [
        ("general", ScanningUse::General),
        ("pos", ScanningUse::RetailPos),
        ("distribution", ScanningUse::Distribution),
        ("healthcare", ScanningUse::Healthcare),
    ];
    let data = reader.needed("data", |r| r.parsed("data", binding), Binding::default());
    let (width, height) = if symbology.is_matrix() {
        let size = reader.needed("size_mm", |r| r.size_mm("size_mm"), STAND_IN);
        (size, size)
    } else {
        let width = reader.needed("width_mm", |r| r.size_mm("width_mm"), STAND_IN);
        (width, reader.needed("height_mm", |r| r.size_mm("height_mm"), STAND_IN))
    };
    let (module_min, module_max) = (reader.size_mm("module_min_mm"), reader.size_mm("module_max_mm"));
    if module_min.zip(module_max).is_some_and(|(min, max)| min > max) {
        reader.fault("module_min_mm", "`module_min_mm` is larger than `module_max_mm`");
    }
    CodeElement {
        symbology,
        data,
        purpose: reader.needed("purpose", |r| r.word("purpose", &purposes), Purpose::Serial),
        usage: reader.word("use", &uses).unwrap_or(ScanningUse::General),
        width,
        height,
        module_min,
        module_max,
        align: reader.word("align", &BOX_ALIGNS).unwrap_or_default(),
        options: options(reader, symbology),
        digital_link: digital_link(reader, symbology),
        digits: digits(reader, symbology),
        caption: reader.text("caption"),
    }
}

fn options(reader: &mut Reader<'_>, symbology: Symbology) -> SymbolOptions {
    let mut options = SymbolOptions::default();
    if matches!(symbology, Symbology::Qr | Symbology::MicroQr) {
        let levels = [
            ("L", ErrorCorrection::L),
            ("M", ErrorCorrection::M),
            ("Q", ErrorCorrection::Q),
            ("H", ErrorCorrection::H),
        ];
        options.error_correction = reader.word("error_correction", &levels);
    }
    if matches!(symbology, Symbology::DataMatrix | Symbology::Gs1DataMatrix) {
        let shapes = [("square", MatrixShape::Square), ("rectangle", MatrixShape::Rectangle)];
        options.shape = reader.word("shape", &shapes).unwrap_or_default();
    }
    options
}

/// The domain of a Digital Link, which only QR and Data Matrix carry (GS1 Digital Link Standard: URI Syntax).
fn digital_link(reader: &mut Reader<'_>, symbology: Symbology) -> Option<String> {
    if !matches!(symbology, Symbology::Qr | Symbology::DataMatrix) {
        return None;
    }
    reader.parsed("digital_link", |text| {
        let host = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
        let sample = ElementString::parse("(01)04006381333931").and_then(|sample| sample.digital_link(host));
        sample
            .map(|_| host.to_owned())
            .map_err(|_| "must be a host such as \"id.example.com\", without path".to_owned())
    })
}

fn digits(reader: &mut Reader<'_>, symbology: Symbology) -> Option<Style> {
    if !matches!(symbology, Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA) {
        return None;
    }
    let (font, size) = (reader.text("digits_font"), reader.pt("digits_size_pt").unwrap_or(Um(2_117)));
    if font.is_none() && reader.has("digits_size_pt") {
        reader.fault("digits_size_pt", "`digits_size_pt` needs `digits_font`: without it no digits are printed");
    }
    Some(Style { font: font?, size, min_size: size, ink: Ink::Black })
}

fn image(reader: &mut Reader<'_>) -> ImageElement {
    ImageElement {
        image: reader.needed("image", |r| r.parsed("image", binding), Binding::default()),
        width: reader.needed("width_mm", |r| r.size_mm("width_mm"), STAND_IN),
        height: reader.needed("height_mm", |r| r.size_mm("height_mm"), STAND_IN),
        align: reader.word("align", &BOX_ALIGNS).unwrap_or_default(),
    }
}

fn mark(reader: &mut Reader<'_>) -> MarkElement {
    let known = |name: &str| {
        let names = || crate::label::art::marks().iter().map(|mark| mark.name).collect::<Vec<_>>().join(", ");
        match crate::label::art::mark(name) {
            Some(mark) => Ok(mark.name.to_owned()),
            None => Err(format!("{name:?} is no mark; there are {}", names())),
        }
    };
    MarkElement {
        mark: reader.needed("mark", |r| r.parsed("mark", known), String::new()),
        height: reader.needed("height_mm", |r| r.size_mm("height_mm"), STAND_IN),
        ink: reader.word("ink", &INKS).unwrap_or_default(),
    }
}

fn rectangle(reader: &mut Reader<'_>) -> RectangleElement {
    RectangleElement {
        width: reader.needed("width_mm", |r| r.size_mm("width_mm"), STAND_IN),
        height: reader.needed("height_mm", |r| r.size_mm("height_mm"), STAND_IN),
        border: reader.size_mm("border_mm"),
        ink: reader.word("ink", &INKS).unwrap_or_default(),
    }
}

fn line(reader: &mut Reader<'_>) -> LineElement {
    LineElement {
        length: reader.needed("length_mm", |r| r.size_mm("length_mm"), STAND_IN),
        thickness: reader.size_mm("thickness_mm").unwrap_or(Um(250)),
        direction: direction(reader),
        ink: reader.word("ink", &INKS).unwrap_or_default(),
    }
}

fn direction(reader: &mut Reader<'_>) -> Direction {
    reader.word("direction", &[("right", Direction::Right), ("down", Direction::Down)]).unwrap_or_default()
}

fn table(reader: &mut Reader<'_>, language: &str) -> TableElement {
    let row = |entry: &toml::Spanned<toml::de::DeValue<'_>>| {
        let parts = entry.get_ref().as_array().filter(|parts| parts.len() == 2);
        let parts = parts.ok_or_else(|| expected("a pair [key, value]", entry.get_ref()))?;
        let mut read = parts
            .iter()
            .map(|part| text_or_table(part.get_ref(), &mut binding).and_then(|texts| in_languages(texts, language)));
        let mut next = || read.next().unwrap_or_else(|| Ok(no_text()));
        Ok(TableRow { key: next()?, value: next()? })
    };
    let rows = reader.needed("rows", |r| r.list("rows", row), Vec::new());
    let style = style(reader);
    let key_font = reader.text("key_font").unwrap_or_else(|| style.font.clone());
    TableElement {
        rows,
        width: reader.needed("width_mm", |r| r.size_mm("width_mm"), STAND_IN),
        key_width: reader.needed("key_width_mm", |r| r.size_mm("key_width_mm"), STAND_IN),
        gap: reader.mm("row_gap_mm").unwrap_or(Um(700)),
        key_style: Style { font: key_font, ..style.clone() },
        style,
        max_lines: reader.count("max_lines", 50).unwrap_or(1),
    }
}

fn stack(reader: &mut Reader<'_>) -> StackElement {
    let id = |entry: &toml::Spanned<toml::de::DeValue<'_>>| {
        entry.get_ref().as_str().map(str::to_owned).ok_or_else(|| expected("the id of an element", entry.get_ref()))
    };
    StackElement {
        items: reader.needed("items", |r| r.list("items", id), Vec::new()),
        direction: reader
            .word("direction", &[("right", Direction::Right), ("down", Direction::Down)])
            .unwrap_or(Direction::Down),
        gap: reader.mm("item_gap_mm").unwrap_or(Um(1_000)),
        width: reader.needed("width_mm", |r| r.size_mm("width_mm"), STAND_IN),
        height: reader.size_mm("height_mm"),
        align: reader.word("align", &BOX_ALIGNS).unwrap_or_default(),
    }
}
