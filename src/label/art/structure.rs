//! What is judged in the parsed XML before it becomes outlines: what it may contain, and how much it refers to.

use std::collections::HashMap;

use usvg::roxmltree::{Document, Node};

use super::error::{ArtError, Feature, Place};
use super::outside::{MAX_DEPTH, MAX_ELEMENTS};

/// The namespace of SVG; elements of others (of drawing programs) are not drawn.
const SVG: &str = "http://www.w3.org/2000/svg";
/// The most bytes of one path.
const MAX_PATH_BYTES: usize = 256 * 1024;
/// The most bytes of attributes, each element counted as often as it is referred to.
const MAX_ATTRIBUTE_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes of style rules times elements: each rule is held against each element.
const MAX_STYLE_WORK: usize = 50_000_000;

/// Refuses what outlines cannot show, what points outside, and references that multiply.
pub(super) fn check(document: &Document<'_>) -> Result<(), ArtError> {
    let mut ids: HashMap<&str, Vec<Node<'_, '_>>> = HashMap::new();
    let (mut style_bytes, mut style) = (0, None);
    for node in document.root().descendants().filter(Node::is_element) {
        if let Some(feature) = element(&node).or_else(|| attributes(&node)) {
            return Err(ArtError::Unsupported { feature, place: place(&node) });
        }
        if let Some(path) = node.attributes().find(|a| a.value().len() > MAX_PATH_BYTES) {
            let what = if path.name() == "d" { "bytes in one path" } else { "bytes in one attribute" };
            return Err(ArtError::TooMany { what, limit: MAX_PATH_BYTES, place: place(&node) });
        }
        if node.attributes().any(|a| is_too_large(a.name(), a.value())) {
            return Err(ArtError::Number { place: place(&node) });
        }
        if node.tag_name().name() == "style" {
            style_bytes += node.range().len();
            style = Some(node);
        }
        if let Some(id) = node.attribute("id") {
            ids.entry(id).or_default().push(node);
        }
    }
    let mut sizes = HashMap::new();
    let total = expand(document.root(), &ids, &mut sizes, 0)?;
    match style {
        Some(node) if style_bytes.saturating_mul(total.elements) > MAX_STYLE_WORK => {
            let limit = MAX_STYLE_WORK / total.elements;
            Err(ArtError::TooMany { what: "bytes of style rules for its elements", limit, place: place(&node) })
        }
        _ => Ok(()),
    }
}

/// The line of an element.
fn place(node: &Node<'_, '_>) -> Place {
    Place::Line(node.document().text_pos_at(node.range().start).row)
}

/// Elements that are refused wherever they stand.
fn element(node: &Node<'_, '_>) -> Option<Feature> {
    if node.tag_name().namespace() != Some(SVG) {
        return None;
    }
    match node.tag_name().name() {
        "text" | "tspan" | "textPath" | "tref" | "flowRoot" => Some(Feature::Text),
        "image" | "feImage" => Some(Feature::Image),
        "script" | "handler" => Some(Feature::Script),
        "foreignObject" | "iframe" | "embed" | "object" | "video" | "audio" | "canvas" => Some(Feature::Foreign),
        "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set" => Some(Feature::Animation),
        "style" => node.descendants().filter_map(|n| n.text()).find_map(|css| {
            let references = css.contains("@import").then_some(Feature::Link);
            references.or_else(|| references_in_style(css))
        }),
        _ => None,
    }
}

/// References in attributes: to paint servers, clip paths and so on, and to anything outside the file.
fn attributes(node: &Node<'_, '_>) -> Option<Feature> {
    node.attributes().find_map(|attribute| match (attribute.name(), attribute.value()) {
        ("style", css) => references_in_style(css),
        ("href", target) if node.tag_name().name() == "use" => (!target.starts_with('#')).then_some(Feature::Link),
        (name, value) => value.contains("url(").then(|| by_property(name)),
    })
}

/// Attributes of which arcs are made. The larger an arc, the more curves it is cut into, without end.
const OF_ARCS: [&str; 7] = ["d", "r", "rx", "ry", "width", "height", "viewBox"];
/// The most digits before the point of a number.
const MAX_DIGITS: usize = 6;
/// The same in a path, where two flags may stand before a number without a space.
const MAX_DIGITS_IN_PATH: usize = MAX_DIGITS + 2;

/// Whether a number of an arc has more digits than drawings need, a positive exponent, or a unit that depends on a font.
fn is_too_large(name: &str, value: &str) -> bool {
    if !OF_ARCS.contains(&name) {
        return false;
    }
    let most = if name == "d" { MAX_DIGITS_IN_PATH } else { MAX_DIGITS };
    let (mut digits, mut in_fraction, mut before) = (0, false, b' ');
    let mut bytes = value.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'0'..=b'9' if !in_fraction => digits += 1,
            b'0'..=b'9' => {}
            b'.' => in_fraction = true,
            b'e' | b'E' if (before.is_ascii_digit() || before == b'.') && bytes.peek() == Some(&b'-') => {
                in_fraction = true
            }
            b'e' | b'E' => return true,
            // The digits of a negative exponent count no more than a fraction's.
            _ => (digits, in_fraction) = (0, before.is_ascii_alphabetic() && byte == b'-' && in_fraction),
        }
        if digits > most {
            return true;
        }
        before = byte;
    }
    false
}

/// The first reference in style rules, by the property before it.
fn references_in_style(css: &str) -> Option<Feature> {
    let before = &css[..css.find("url(")?];
    let property = before.rsplit([';', '{', '}', '"']).next().unwrap_or("");
    Some(by_property(property.split(':').next().unwrap_or("").trim()))
}

fn by_property(name: &str) -> Feature {
    match name {
        "fill" | "stroke" => Feature::PaintServer,
        "clip-path" => Feature::ClipPath,
        "mask" => Feature::Mask,
        "filter" => Feature::Filter,
        name if name.starts_with("marker") => Feature::Marker,
        _ => Feature::Link,
    }
}

/// What an element comes to when everything that it refers to is put in its place.
#[derive(Clone, Copy, Default)]
struct Size {
    elements: usize,
    bytes: usize,
    depth: usize,
}

/// Adds up an element, its children and what it refers to, each as often as it will be built.
///
/// The recursion ends at [`MAX_DEPTH`], which circles reach too.
fn expand<'a, 'i>(
    node: Node<'a, 'i>,
    ids: &HashMap<&str, Vec<Node<'a, 'i>>>,
    sizes: &mut HashMap<usize, Size>,
    above: usize,
) -> Result<Size, ArtError> {
    let key = usize::try_from(node.id().get()).unwrap_or(usize::MAX);
    if let Some(&size) = sizes.get(&key)
        && above + size.depth <= 2 * MAX_DEPTH
    {
        return Ok(size);
    }
    if above >= 2 * MAX_DEPTH {
        return Err(ArtError::Unsupported { feature: Feature::Cycle, place: place(&node) });
    }
    let bytes = node.attributes().map(|a| a.value().len()).sum();
    let mut size = Size { elements: 1, bytes, depth: 0 };
    let is_use = node.tag_name().name() == "use";
    let references = node.attributes().filter(|a| is_use && a.name() == "href");
    let targets = references.filter_map(|a| ids.get(a.value().get(1..)?)).flatten();
    for part in node.children().filter(Node::is_element).chain(targets.copied()) {
        let inner = expand(part, ids, sizes, above + 1)?;
        size.elements += inner.elements;
        size.bytes += inner.bytes;
        size.depth = size.depth.max(inner.depth + 1);
        for (found, limit, what) in [
            (size.elements, MAX_ELEMENTS, "elements through references"),
            (size.bytes, MAX_ATTRIBUTE_BYTES, "bytes through references"),
        ] {
            if found > limit {
                return Err(ArtError::TooMany { what, limit, place: place(&node) });
            }
        }
    }
    sizes.insert(key, size);
    Ok(size)
}
