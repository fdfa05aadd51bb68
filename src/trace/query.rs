//! What a scanned or typed string looks like, before any record is asked.

use super::block_code::BlockCode;

/// What the outer form of a text says it could be. The records decide; the shape only says where to ask first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but white space.
    Empty,
    /// Longer than anything we ever printed.
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A well-formed block code.
    Block(BlockCode),
    /// 8, 12, 13 or 14 digits, as GTINs have (GS1 General Specifications, section 2.1); only digits and no spaces.
    GtinLength(String),
    /// Anything else: a serial, a SKU or one of its other names, a batch.
    Other(String),
}

/// The longest text that is looked up; more than any code of ours and most of anybody's.
pub const MAX_QUERY_BYTES: usize = 256;

/// Sorts a scanned or typed text by its outer form.
#[must_use]
pub fn shape_of(text: &str) -> Shape {
    let text = text.trim();
    if text.is_empty() {
        return Shape::Empty;
    }
    if text.len() > MAX_QUERY_BYTES {
        return Shape::TooLong { bytes: text.len() };
    }
    if let Ok(code) = BlockCode::parse(text) {
        return Shape::Block(code);
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if matches!(digits.len(), 8 | 12 | 13 | 14) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Shape::GtinLength(digits);
    }
    Shape::Other(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar4_the_shape_says_where_to_ask() {
        assert_eq!(shape_of(" \t"), Shape::Empty);
        assert_eq!(shape_of(&"9".repeat(257)), Shape::TooLong { bytes: 257 });
        assert!(matches!(shape_of("blk-0123456789abcdef"), Shape::Block(_)));
        assert_eq!(shape_of("9 506000 134352"), Shape::GtinLength("9506000134352".into()));
        assert_eq!(shape_of(" S/N 07K3-M9XQ-2WNF "), Shape::Other("S/N 07K3-M9XQ-2WNF".into()));
    }
}
