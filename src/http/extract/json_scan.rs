//! One pass over a JSON body before it is parsed, for what a parser would let through or report badly: depth, and NUL
//! characters hidden in texts.

/// Deepest nesting of objects and lists that is read. Requests need 4; a parser's stack holds far more.
pub(super) const DEEPEST: usize = 32;

/// A fault, with the offset of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanFault {
    /// More than [`DEEPEST`] objects and lists within each other.
    TooDeep { offset: usize },
    /// `\u0000` within a text. (A bare NUL byte is malformed anyway: RFC 8259 section 7 wants it escaped.)
    Nul { offset: usize },
}

/// Looks through `text`, which need not be well-formed.
pub(super) fn scan(text: &[u8]) -> Result<(), ScanFault> {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut offset = 0;
    while let Some(&byte) = text.get(offset) {
        match (in_text, byte) {
            (true, b'\\') => {
                if text[offset + 1..].starts_with(b"u0000") {
                    return Err(ScanFault::Nul { offset });
                }
                // The escaped byte is passed over, so that `\"` does not end the text.
                offset += 1;
            }
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(ScanFault::TooDeep { offset });
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        offset += 1;
    }
    Ok(())
}

/// Line and column of a byte, from 1, as JSON parsers count them (columns in bytes).
pub(super) fn line_and_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    //! Invariants: 1. no input panics; 2. no value that a parser reads, with texts free of NUL and at most `DEEPEST`
    //! deep, is refused; 3. a NUL anywhere in a text is found.

    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), "[^\0]{0,12}".prop_map(Value::from)];
        leaf.prop_recursive(8, 64, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec(("[^\0]{0,4}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_panics(text in proptest::collection::vec(prop_oneof![Just(b'\\'), Just(b'"'), any::<u8>()], 0..64)) {
            let _ = scan(&text);
        }

        #[test]
        fn sound_values_pass(value in value()) {
            prop_assert_eq!(scan(value.to_string().as_bytes()), Ok(()));
        }

        #[test]
        fn a_nul_is_found_wherever_it_stands(before in "[^\0]{0,8}", after in "[^\0]{0,8}") {
            let text = Value::from(format!("{before}\0{after}")).to_string();
            let found = matches!(scan(text.as_bytes()), Err(ScanFault::Nul { .. }));
            prop_assert!(found, "{}", text);
        }
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_no_nul() {
        assert_eq!(scan(br#""\\u0000""#), Ok(()));
        assert_eq!(scan(br#""\\\u0000""#), Err(ScanFault::Nul { offset: 3 }));
    }

    #[test]
    fn the_limit_of_depth_is_exact_and_brackets_in_texts_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(scan(nested(DEEPEST).as_bytes()), Ok(()));
        assert_eq!(scan(nested(DEEPEST + 1).as_bytes()), Err(ScanFault::TooDeep { offset: DEEPEST }));
        assert_eq!(scan(format!("\"{}\"", "[".repeat(100)).as_bytes()), Ok(()));
        assert_eq!(scan(format!("[{}]", "[],".repeat(100)).as_bytes()), Ok(()), "side by side is not deep");
    }

    #[test]
    fn lines_and_columns_start_at_one() {
        assert_eq!(line_and_column(b"{\n \"a\": x", 8), (2, 7));
        assert_eq!(line_and_column(b"x", 0), (1, 1));
    }
}
