//! Whether a code and the text beside it say the same.

/// Whether one of the printed texts says what a code says, so that a person can type what a scanner would have read.
///
/// Spaces, hyphens and the brackets of element strings do not count, nor do separators (GS) in the code. A caption may
/// stand in front, if a colon, a dot or a space parts it from the rest. Letters must be the same letters: what is printed
/// in capitals is not what a code in small letters says.
///
/// ```text
/// ["S/N: 7K3M-9QXD"] and "7K3M9QXD"    the same
/// ["7K3M-9QXE"]      and "7K3M9QXD"    not the same
/// ```
pub fn says_the_same(printed: &[&str], code: &str) -> bool {
    let wanted: Vec<char> = code.chars().filter(|c| counts(*c)).collect();
    !wanted.is_empty() && printed.iter().any(|text| text_says(text, &wanted))
}

/// Whether a text, or what follows a caption in it, is these characters.
fn text_says(text: &str, wanted: &[char]) -> bool {
    // Compared from the end: what is left in front is a caption, and must end where one can end.
    let mut rest = text.chars().rev().filter(|c| counts(*c) || parts(*c)).peekable();
    for &expected in wanted.iter().rev() {
        while rest.next_if(|c| parts(*c) && *c != expected).is_some() {}
        if rest.next() != Some(expected) {
            return false;
        }
    }
    rest.next().is_none_or(parts)
}

fn counts(c: char) -> bool {
    !(c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '(' | ')' | '\u{1D}'))
}

/// Ends a caption.
fn parts(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lab2_the_printed_serial_says_what_the_code_says() {
        for printed in ["7K3M9QXD", "7K3M-9QXD", "7K3M 9QXD", "S/N: 7K3M-9QXD", "SN 7K3M9QXD", "S/N:7K3M\u{A0}9QXD"] {
            assert!(says_the_same(&["Model A", printed], "7K3M9QXD"), "{printed}");
        }
        for printed in ["7K3M9QXE", "7K3M9QX", "X7K3M9QXD", "7k3m9qxd", "7K3M9QXD2", "", "7K3M_9QXD", "7K3M:9QX"] {
            assert!(!says_the_same(&["Model A", printed], "7K3M9QXD"), "{printed}");
        }
        assert!(!says_the_same(&[], "7K3M9QXD"));
        assert!(!says_the_same(&["7K3M"], ""), "a code that says nothing");
    }

    #[test]
    fn digits_of_ean_and_brackets_of_element_strings() {
        assert!(says_the_same(&["4 006381 333931"], "4006381333931"));
        assert!(!says_the_same(&["4 006381 333932"], "4006381333931"));
        let code = "010950600013435210B42\u{1D}217K3M";
        assert!(says_the_same(&["(01)09506000134352(10)B42(21)7K3M"], code));
        assert!(!says_the_same(&["(01)09506000134352(10)B42(21)7K3N"], code));
    }

    // Invariants:
    // 1. A code in groups, after a caption, says the same. 2. With one character changed it does not.
    proptest! {
        #[test]
        fn groups_do_not_matter_and_letters_do(code in "[A-Z0-9.:/]{1,20}", group in 1_usize..6, at in 0_usize..20) {
            let chars: Vec<char> = code.chars().collect();
            let groups: Vec<String> = chars.chunks(group).map(|part| part.iter().collect()).collect();
            let printed = format!("Serial: {}", groups.join("-"));
            prop_assert!(says_the_same(&[&printed], &code));
            let mut wrong = chars;
            let at = at % wrong.len();
            wrong[at] = '#';
            let wrong: String = wrong.into_iter().collect();
            prop_assert!(!says_the_same(&[&printed], &wrong));
        }
    }
}
