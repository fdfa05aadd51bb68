//! What is judged in the text of a file before any parser may recurse into it: depth, counts, declarations.

use super::error::{ArtError, Feature, Place};

/// The deepest nesting of elements, also through references.
pub(super) const MAX_DEPTH: usize = 64;
/// The most elements, each counted as often as it is referred to.
pub(super) const MAX_ELEMENTS: usize = 20_000;
/// [`MAX_ELEMENTS`] for the XML parser.
pub(super) const MAX_ELEMENTS_U32: u32 = 20_000;
/// The most attributes of one element.
const MAX_ATTRIBUTES: usize = 100;

/// Refuses declarations of entities, nesting beyond [`MAX_DEPTH`], and counts beyond the limits.
///
/// Malformed text passes: the parser words that better.
pub(super) fn check(text: &str) -> Result<(), ArtError> {
    let (mut at, mut depth, mut elements) = (0, 0_usize, 0);
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        let too_many = |what, limit| Err(ArtError::TooMany { what, limit, place: line(text, start) });
        let length = if rest.starts_with("<!--") {
            end(rest, "-->")
        } else if rest.starts_with("<![CDATA[") {
            end(rest, "]]>")
        } else if rest.starts_with("<?") {
            end(rest, "?>")
        } else if rest.starts_with("<!") {
            let tag = Tag::read(rest);
            if rest[..tag.length].contains('[') {
                return Err(ArtError::Unsupported { feature: Feature::Entities, place: line(text, start) });
            }
            tag.length
        } else if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
            end(rest, ">")
        } else {
            let tag = Tag::read(rest);
            elements += 1;
            depth += usize::from(!tag.is_empty);
            if depth > MAX_DEPTH {
                return too_many("elements within each other", MAX_DEPTH);
            }
            if elements > MAX_ELEMENTS {
                return too_many("elements", MAX_ELEMENTS);
            }
            if tag.quotes > 2 * MAX_ATTRIBUTES {
                return too_many("attributes of one element", MAX_ATTRIBUTES);
            }
            tag.length
        };
        at = start + length;
    }
    Ok(())
}

/// Bytes up to the end of a marker, or all.
fn end(rest: &str, marker: &str) -> usize {
    rest.find(marker).map_or(rest.len(), |found| found + marker.len())
}

/// The line of a position, from 1.
fn line(text: &str, at: usize) -> Place {
    let breaks = text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
    Place::Line(u32::try_from(breaks + 1).unwrap_or(u32::MAX))
}

/// What counts of a tag.
struct Tag {
    length: usize,
    quotes: usize,
    is_empty: bool,
}

impl Tag {
    /// Reads to the `>` that is not in quotes.
    fn read(rest: &str) -> Tag {
        let (mut open, mut quotes, mut before) = (None, 0, 0);
        for (at, byte) in rest.bytes().enumerate() {
            match (open, byte) {
                (Some(quote), _) if quote == byte => (open, quotes) = (None, quotes + 1),
                (None, b'"' | b'\'') => (open, quotes) = (Some(byte), quotes + 1),
                (None, b'>') => return Tag { length: at + 1, quotes, is_empty: before == b'/' },
                _ => {}
            }
            before = byte;
        }
        Tag { length: rest.len(), quotes, is_empty: false }
    }
}
