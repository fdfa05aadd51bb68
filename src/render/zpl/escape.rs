//! Field data that cannot become commands.
//!
//! `^` and `~` act anywhere in a stream, also inside field data, and control bytes can stand for them or start other
//! languages. So every field of text is written under `^FH_` with hexadecimal escapes, and Code 128 data, which `^FH`
//! does not protect, with the escapes of `^BC`.

use crate::label::symbol::code128::{FNC1, Step, Subset};

/// Appends text for a field that is introduced by `^FH_`: printable ASCII but `^ ~ _` as it is, the rest as `_hh`.
pub fn push_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'^' | b'~' | b'_' | 0..=0x1F | 0x7F.. => {
                out.push(b'_');
                out.extend_from_slice(data_encoding::HEXUPPER.encode(&[byte]).as_bytes());
            }
            _ => out.push(byte),
        }
    }
}

/// Appends `^FD` and text, introduced by `^FH_` only where something must be escaped.
pub fn push_escaped_field(text: &str, out: &mut Vec<u8>) {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'}') && byte != b'^' && byte != b'_');
    out.extend_from_slice(if is_plain { b"^FD" } else { b"^FH_^FD" });
    push_text(text, out);
}

/// Appends the data of a `^BX` field that is introduced by `^FH\\`: its own escape `@`, which GS1's
/// characters do not have, and hexadecimal ones.
///
/// # Errors
/// `@`, or a character beyond ASCII.
pub fn push_data_matrix(text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    for character in text.chars() {
        match character {
            FNC1 => out.extend_from_slice(b"@1"),
            // Doubled it would be one, but not for every imitation of ZPL.
            '@' => return Err(character),
            '^' | '~' | '\\' | '\0'..='\x1F' | '\x7F' => {
                out.push(b'\\');
                let byte = u8::try_from(character).map_err(|_| character)?;
                out.extend_from_slice(data_encoding::HEXUPPER.encode(&[byte]).as_bytes());
            }
            ' '..='}' => out.push(u8::try_from(character).map_err(|_| character)?),
            _ => return Err(character),
        }
    }
    Ok(())
}

/// Appends the data of a `^BC` field, start character and switches spelt out.
///
/// # Errors
/// A character that the printer language cannot carry in Code 128: control characters and DEL.
pub fn push_code128(steps: &[Step], out: &mut Vec<u8>) -> Result<(), char> {
    for step in steps {
        match step {
            Step::Start(Subset::A) => out.extend_from_slice(b">9"),
            Step::Start(Subset::B) => out.extend_from_slice(b">:"),
            Step::Start(Subset::C) => out.extend_from_slice(b">;"),
            Step::Latch(Subset::A) => out.extend_from_slice(b">7"),
            Step::Latch(Subset::B) => out.extend_from_slice(b">6"),
            Step::Latch(Subset::C) => out.extend_from_slice(b">5"),
            Step::Fnc1 => out.extend_from_slice(b">8"),
            Step::Pair(pair) => out.extend_from_slice(&[b'0' + pair / 10, b'0' + pair % 10]),
            Step::Character(b'>') => out.extend_from_slice(b">0"),
            Step::Character(b'^') => out.extend_from_slice(b"><"),
            Step::Character(b'~') => out.extend_from_slice(b">="),
            Step::Character(code @ b' '..=b'}') => out.push(*code),
            Step::Character(code) => return Err(char::from(*code)),
            // Only needed around control characters, one of which follows.
            Step::Shift => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    // Invariants, for any text:
    // 1. Neither a prefix of commands (^ or ~) nor a control byte nor a byte beyond ASCII is written.
    // 2. Undoing the escapes gives the text back.
    use super::*;
    use crate::label::symbol::code128::Code128;
    use proptest::prelude::*;

    fn is_harmless(bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| (b' '..=b'}').contains(byte) && *byte != b'^')
    }

    fn unescaped(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'_' {
                out.extend(data_encoding::HEXUPPER.decode(&bytes[at + 1..at + 3]).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        out
    }

    proptest! {
        #[test]
        fn text_never_becomes_a_command(text in any::<String>()) {
            let mut out = Vec::new();
            push_text(&text, &mut out);
            prop_assert!(is_harmless(&out));
            prop_assert_eq!(unescaped(&out), text.into_bytes());
        }

        #[test]
        fn code_128_data_never_become_a_command(text in "[ -~]{1,60}") {
            let mut out = Vec::new();
            push_code128(Code128::encode(&text).unwrap().steps(), &mut out).unwrap();
            prop_assert!(is_harmless(&out));
            let text_again = String::from_utf8(out[2..].to_vec()).unwrap();
            let plain: String = text_again.replace(">5", "").replace(">6", "").replace("><", "^").replace(">=", "~").replace(">0", ">");
            prop_assert_eq!(plain, text);
        }
    }

    #[test]
    fn attacks_are_only_text() {
        let mut out = Vec::new();
        push_text("^XZ~JR_5E\n! U1\u{10}é", &mut out);
        assert_eq!(out, b"_5EXZ_7EJR_5F5E_0A! U1_10_C3_A9");
    }

    #[test]
    fn control_characters_are_refused_in_code_128() {
        for text in ["A\u{1}", "\u{7f}", "\u{1}\u{2}"] {
            assert!(push_code128(Code128::encode(text).unwrap().steps(), &mut Vec::new()).is_err(), "{text:?}");
        }
    }
}
