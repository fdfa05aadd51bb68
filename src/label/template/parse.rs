//! From the bytes of a file to a [`Template`], with every fault and its line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use toml::de::DeTable;

use super::element::{CornerX, CornerY, Kind};
use super::read_elements::{Placed, elements};
use super::reader::{Fault, Faults, Reader, expected};
use super::{
    FieldDeclaration, MAX_ELEMENTS, MAX_LABEL, MAX_TEMPLATE_BYTES, MIN_LABEL, Placement, Template, TemplateFile,
};

/// What is wrong with a template file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.shown())]
pub struct TemplateError {
    /// The name under which the file was given.
    pub file: String,
    /// Every fault, in the order of the file.
    pub faults: Vec<TemplateFault>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl TemplateError {
    fn shown(&self) -> String {
        let line = |fault: &TemplateFault| format!("{}:{}: {}", self.file, fault.line, fault.message);
        self.faults.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Template {
    /// Reads a template; `file` names it in errors.
    ///
    /// # Errors
    /// [`TemplateError`] with the line of each fault: TOML that is none, unknown or missing fields, values out of
    /// range, placeholders and conditions that do not parse, a repeated id, anchors and stacks that refer to nothing or
    /// to themselves.
    ///
    /// ```
    /// # use nameplate::label::Template;
    /// let good = "nameplate = 1\nname = 'a'\ntitle = 'A'\nwidth_mm = 60\nheight_mm = 40\nplacement = { zone = 'rear', durability = 'PET' }";
    /// assert!(Template::parse("a.toml", good.as_bytes()).is_ok());
    /// let bad = good.replace("title = 'A'", "titel = 'A'");
    /// assert!(Template::parse("a.toml", bad.as_bytes()).unwrap_err().to_string().contains("a.toml:3: unknown field `titel`"));
    /// ```
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Template, TemplateError> {
        let refused = |line: usize, message: String| TemplateError {
            file: file.to_owned(),
            faults: vec![TemplateFault { line, message }],
        };
        if bytes.len() > MAX_TEMPLATE_BYTES {
            let found = bytes.len();
            return Err(refused(1, format!("a template has at most {MAX_TEMPLATE_BYTES} bytes, this one {found}")));
        }
        let source = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            refused(line, "the file is not UTF-8 text".to_owned())
        })?;
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        let table = DeTable::parse(source).map_err(|e| {
            let at = e.span().unwrap_or(0..0);
            refused(line_of(source, &at), e.message().to_owned())
        })?;
        let faults = Faults::default();
        let mut content = file_content(Reader::new(table.get_ref(), 0..0, "a template", &faults), &faults);
        // What is refused for its number of elements is not looked at further: it might take long.
        if content.1.len() <= MAX_ELEMENTS {
            for (at, element) in &mut content.1 {
                element.line = line_of(source, at);
            }
            check_references(&content.1, &faults);
        }
        let faults = faults.into_sorted();
        if faults.is_empty() {
            let (mut content, elements) = content;
            content.elements = elements.into_iter().map(|(_, element)| element).collect();
            return Ok(Template { content, digest: Sha256::digest(bytes).into() });
        }
        let fault = |(at, message): Fault| TemplateFault { line: line_of(source, &at), message };
        Err(TemplateError { file: file.to_owned(), faults: faults.into_iter().map(fault).collect() })
    }
}

fn line_of(source: &str, at: &Range<usize>) -> usize {
    source.as_bytes().iter().take(at.start).filter(|b| **b == b'\n').count() + 1
}

fn file_content(mut reader: Reader<'_>, faults: &Faults) -> (TemplateFile, Vec<Placed>) {
    let side = MIN_LABEL..=MAX_LABEL;
    if reader.needed("nameplate", |r| r.whole("nameplate", 0..=1_000_000), 1) != 1 {
        reader.fault("nameplate", "`nameplate` is the version of the template language and must be 1");
    }
    let name = reader.needed("name", |r| r.parsed("name", name), String::new());
    let title = reader.needed("title", |r| r.text("title"), String::new());
    let width = reader.needed("width_mm", |r| r.size_mm("width_mm"), MIN_LABEL);
    let height = reader.needed("height_mm", |r| r.size_mm("height_mm"), MIN_LABEL);
    for (field, length) in [("width_mm", width), ("height_mm", height)] {
        if !side.contains(&length) {
            reader.fault(
                field,
                format!("`{field}`: a label is {MIN_LABEL} to {MAX_LABEL} long on each side, not {length}"),
            );
        }
    }
    let language = reader.text("language").unwrap_or_else(|| "en".to_owned()).to_ascii_lowercase();
    let placement = placement(&mut reader);
    let fields = match reader.table("fields", "a field") {
        None => BTreeMap::new(),
        Some(fields) => {
            let mut declared = BTreeMap::new();
            for (name, reader) in fields.entries() {
                if !is_field_name(name) {
                    let message = format!("{name:?} is no field name: small letters, digits, dots and underscores");
                    faults.push(reader.at.clone(), message);
                }
                declared.insert(name.to_owned(), field(name, reader));
            }
            declared
        }
    };
    let elements = elements(&mut reader, &language);
    if elements.len() > MAX_ELEMENTS {
        let count = elements.len();
        faults.push(0..0, format!("{count} elements are too many, at most {MAX_ELEMENTS} are allowed"));
    }
    reader.finish();
    let content = TemplateFile { name, title, width, height, language, placement, fields, elements: Vec::new() };
    (content, elements)
}

/// A name as it can stand in a query and in a file's name.
fn name(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_' || c == '.';
    let good = !text.is_empty() && text.len() <= 80 && text.chars().all(legal) && !text.starts_with('.');
    good.then(|| text.to_owned()).ok_or_else(|| "a name has 1 to 80 of a-z, 0-9, -, _ and .".to_owned())
}

fn placement(reader: &mut Reader<'_>) -> Placement {
    let black = [0; 3];
    let nothing =
        || Placement { zone: String::new(), durability: String::new(), stock_color: [255; 3], ink_color: black };
    if !reader.has("placement") {
        reader.fault("placement", "a template needs `placement`: where on the product the label goes (`zone`) and what it withstands (`durability`)");
    }
    let Some(mut placement) = reader.table("placement", "placement") else { return nothing() };
    let read = Placement {
        zone: placement.needed("zone", |r| r.text("zone"), String::new()),
        durability: placement.needed("durability", |r| r.text("durability"), String::new()),
        stock_color: placement.parsed("stock_color", color).unwrap_or([255; 3]),
        ink_color: placement.parsed("ink_color", color).unwrap_or(black),
    };
    placement.finish();
    read
}

fn color(text: &str) -> Result<[u8; 3], String> {
    let wrong = || format!("{text:?} is no colour; write one as \"#ffffff\"");
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(wrong)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex).ok_or_else(wrong)?;
    let [_, red, green, blue] = value.to_be_bytes();
    Ok([red, green, blue])
}

fn is_field_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
    !name.is_empty() && name.chars().all(legal)
}

fn field(name: &str, mut reader: Reader<'_>) -> FieldDeclaration {
    // [fields.made.date] without quotes is a table within a table.
    if let Some(inner) = reader.inner_table() {
        reader.fault(&inner, format!("write the field's name in quotes: [fields.\"{name}.{inner}\"]"));
        return FieldDeclaration::default();
    }
    let text = |entry: &toml::Spanned<toml::de::DeValue<'_>>| {
        entry.get_ref().as_str().map(str::to_owned).ok_or_else(|| expected("a text", entry.get_ref()))
    };
    let declaration = FieldDeclaration {
        per_unit: reader.flag("per_unit"),
        optional: reader.flag("optional").unwrap_or(false),
        alphabet: reader.text("alphabet").filter(|alphabet| !alphabet.is_empty()),
        shortest: reader.count("shortest", 10_000),
        longest: reader.count("longest", 10_000),
        samples: reader.list("samples", text).unwrap_or_default(),
    };
    if declaration.shortest.zip(declaration.longest).is_some_and(|(shortest, longest)| shortest > longest) {
        reader.fault("shortest", "`shortest` is more than `longest`");
    }
    reader.finish();
    declaration
}

/// Ids that are repeated, and anchors, stacks and captions that refer to what is not there or to themselves.
fn check_references(elements: &[Placed], faults: &Faults) {
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (place, element)) in elements.iter().enumerate() {
        if ids.insert(&element.id, at).is_some() && !element.id.is_empty() {
            let id = &element.id;
            faults.push(
                place.clone(),
                format!("two elements have the id {id:?}; ids name elements in messages and must differ"),
            );
        }
    }
    for (place, element) in elements {
        let Kind::Code(code) = &element.kind else { continue };
        let named = code.caption.as_deref().and_then(|id| ids.get(id)).map(|at| &elements[*at].1);
        if let Some(named) = named.filter(|named| !matches!(named.kind, Kind::Text(_))) {
            faults.push(place.clone(), format!("the caption {:?} is no text but a {}", named.id, named.kind_name()));
        }
    }
    let mut stacked: BTreeSet<&str> = BTreeSet::new();
    for (place, element) in elements {
        for id in references(element) {
            if !ids.contains_key(id) {
                faults.push(place.clone(), format!("{:?} refers to {id:?}, but no element has this id", element.id));
            }
        }
        if let Kind::Stack(stack) = &element.kind {
            for item in &stack.items {
                if !stacked.insert(item) {
                    faults.push(place.clone(), format!("{item:?} is placed by two stacks, or twice by one"));
                }
            }
        }
    }
    for (place, element) in elements {
        let in_stack = stacked.contains(element.id.as_str());
        if in_stack && element.corner.is_some() {
            faults.push(place.clone(), format!("{:?} is placed by a stack, so it has no place of its own", element.id));
        }
        if !in_stack && element.corner.is_none() && !element.has_corner_fault {
            let id = &element.id;
            faults.push(
                place.clone(),
                format!("{id:?} needs a place: `x_mm` and `y_mm`, an anchor, or a stack that holds it"),
            );
        }
        let needs_width = matches!(&element.kind, Kind::Text(text) if text.width.is_none());
        if needs_width && !in_stack {
            faults.push(place.clone(), format!("{:?} needs `width_mm`", element.id));
        }
    }
    check_cycles(elements, &ids, faults);
}

/// Elements that must be placed before this one, or that it places or names.
fn references(element: &super::Element) -> Vec<&str> {
    let mut ids = placed_after(element);
    if let Kind::Code(code) = &element.kind {
        ids.extend(code.caption.as_deref());
    }
    ids
}

/// Elements whose place this one's depends on.
fn placed_after(element: &super::Element) -> Vec<&str> {
    let mut ids = Vec::new();
    if let Some(corner) = &element.corner {
        if let CornerX::After(anchor) = &corner.x {
            ids.push(anchor.element.as_str());
        }
        if let CornerY::Below(anchor) = &corner.y {
            ids.push(anchor.element.as_str());
        }
    }
    if let Kind::Stack(stack) = &element.kind {
        ids.extend(stack.items.iter().map(String::as_str));
    }
    ids
}

/// Elements that depend on themselves. An item of a stack depends on its stack's place, and the stack on its items' size.
fn check_cycles(elements: &[Placed], ids: &BTreeMap<&str, usize>, faults: &Faults) {
    let mut after: Vec<BTreeSet<usize>> =
        elements.iter().map(|(_, e)| placed_after(e).iter().filter_map(|id| ids.get(id).copied()).collect()).collect();
    // What stands below an item of a stack stands where the stack has put it.
    // Within nested stacks this goes on outwards, at most as often as there are elements.
    for _ in 0..elements.len() {
        let before: usize = after.iter().map(BTreeSet::len).sum();
        for (at, (_, element)) in elements.iter().enumerate() {
            let Kind::Stack(stack) = &element.kind else { continue };
            for item in stack.items.iter().filter_map(|id| ids.get(id.as_str())) {
                for (other, needs) in after.iter_mut().enumerate() {
                    if other != at && needs.contains(item) {
                        needs.insert(at);
                    }
                }
            }
        }
        if after.iter().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    let mut done = vec![false; elements.len()];
    loop {
        let ready: Vec<usize> =
            (0..elements.len()).filter(|at| !done[*at] && after[*at].iter().all(|need| done[*need])).collect();
        if ready.is_empty() {
            break;
        }
        ready.iter().for_each(|at| done[*at] = true);
    }
    let caught: Vec<usize> = (0..elements.len()).filter(|at| !done[*at]).collect();
    if let Some(first) = caught.first() {
        let names: Vec<String> = caught.iter().map(|at| format!("{:?}", elements[*at].1.id)).collect();
        faults.push(
            elements[*first].0.clone(),
            format!("{} wait for each other: `below`, `right_of` and stacks go round in a circle", names.join(", ")),
        );
    }
}
