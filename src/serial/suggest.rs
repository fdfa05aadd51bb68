//! Which serials were probably meant by a mistyped one.
//!
//! A suggestion is never accepted by itself: with the default check 38 % of double errors have a wrong one.
//! Callers keep those that were issued, and show them to signed-in people only, as suggestions tell outsiders
//! which numbers are valid.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde::Serialize;

use crate::serial::alphabet::are_confusable;
use crate::serial::parse::Reading;
use crate::serial::typed::Typed;
use crate::serial::{Parsed, Rule, Serial};

/// Most suggestions that are made, whatever the caller asks for.
pub const MAX_SUGGESTIONS: usize = 64;

/// What the typist would have to change. Places count from 1 in the serial as typed, without separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum Edit {
    /// One symbol is another.
    Substitution {
        /// Place.
        at: usize,
    },
    /// Two neighbours are exchanged.
    Swap {
        /// Place of the first.
        at: usize,
    },
    /// A symbol too many.
    Extra {
        /// Its place.
        at: usize,
    },
    /// A symbol too few.
    Missing {
        /// The place where it belongs.
        at: usize,
    },
    /// One or two symbols that were illegible (`?`) or that the rule cannot have there.
    Illegible {
        /// The first place.
        at: usize,
    },
}

/// A valid serial that is one slip away from what was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The serial, with its context and ordinal to look it up by.
    pub parsed: Parsed,
    /// The slip.
    pub edit: Edit,
}

impl Rule {
    /// Valid serials of this rule that are one slip away from `text`, the likeliest slips first, at most `limit`
    /// and never more than [`MAX_SUGGESTIONS`]. `?` stands for a symbol that cannot be read; up to two.
    ///
    /// Empty when nothing is near, when the text is valid as it is, or when it cannot be a serial at all.
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let Ok(typed) = Typed::new(text) else { return Vec::new() };
        if self.parse_typed(&typed, Reading::Folded).is_ok() {
            return Vec::new();
        }
        let body = self.body_of(&typed);
        let mut search = Search { rule: self, found: Vec::new() };
        match body.len().checked_add_signed(-1) {
            Some(shorter) if shorter == self.length() => search.drop_one(body),
            _ if body.len() == self.length() => search.same_length(body),
            _ if body.len() + 1 == self.length() => search.add_one(body),
            _ => {}
        }
        search.found.sort_by_key(|&(likelihood, edit, serial)| (Reverse(likelihood), place(edit), serial));
        let mut seen = HashSet::new();
        search
            .found
            .into_iter()
            .filter(|&(_, _, serial)| seen.insert(serial))
            .take(limit.min(MAX_SUGGESTIONS))
            .map(|(_, edit, serial)| Suggestion { parsed: self.parsed(serial), edit })
            .collect()
    }
}

/// How likely a slip is; only the order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likelihood {
    Unlikely,
    Possible,
    Likely,
}

struct Search<'r> {
    rule: &'r Rule,
    found: Vec<(Likelihood, Edit, Serial)>,
}

impl Search<'_> {
    fn try_bytes(&mut self, bytes: &[u8], edit: Edit, likelihood: Likelihood) {
        self.found.extend(self.rule.verified(bytes).map(|serial| (likelihood, edit, serial)));
    }

    /// The symbols as the rule reads them, from a place of its own on; `None` for what cannot be there.
    fn read(&self, body: &[char], shift: impl Fn(usize) -> usize) -> Option<Vec<u8>> {
        let place = |(index, &found): (usize, &char)| self.rule.symbol_at(shift(index), found, Reading::Folded);
        body.iter().enumerate().map(place).collect()
    }

    fn set_at(&self, index: usize) -> Vec<u8> {
        self.rule.position_sets()[index].iter().collect()
    }

    fn same_length(&mut self, body: &[char]) {
        let read: Vec<Option<u8>> =
            body.iter().enumerate().map(|(index, &found)| self.rule.symbol_at(index, found, Reading::Folded)).collect();
        let unread: Vec<usize> = (0..read.len()).filter(|&index| read[index].is_none()).collect();
        let mut bytes: Vec<u8> = read.into_iter().map(Option::unwrap_or_default).collect();
        match unread[..] {
            [] => self.substitute(&mut bytes),
            [first] => self.fill(&mut bytes, body, &[first]),
            [first, second] => self.fill(&mut bytes, body, &[first, second]),
            _ => {}
        }
        self.swap(body);
    }

    fn substitute(&mut self, bytes: &mut [u8]) {
        for index in 0..bytes.len() {
            let typed = bytes[index];
            for symbol in self.set_at(index) {
                bytes[index] = symbol;
                let likelihood = likelihood_of(typed, symbol);
                self.try_bytes(bytes, Edit::Substitution { at: index + 1 }, likelihood);
            }
            bytes[index] = typed;
        }
    }

    /// Tries everything in one or two illegible places. A character that is merely not possible there (an S
    /// among digits) still says what it may have been.
    fn fill(&mut self, bytes: &mut [u8], body: &[char], places: &[usize]) {
        let Some((&place, others)) = places.split_first() else { return };
        for symbol in self.set_at(place) {
            bytes[place] = symbol;
            if others.is_empty() {
                let typed = u8::try_from(body[place]).unwrap_or(b'?');
                let edit = Edit::Illegible { at: place + 1 };
                self.try_bytes(bytes, edit, likelihood_of(typed, symbol).max(Likelihood::Possible));
            } else {
                self.fill(bytes, body, others);
            }
        }
    }

    fn swap(&mut self, body: &[char]) {
        for index in 0..body.len().saturating_sub(1) {
            let mut swapped = body.to_vec();
            swapped.swap(index, index + 1);
            if let Some(bytes) = self.read(&swapped, |index| index) {
                self.try_bytes(&bytes, Edit::Swap { at: index + 1 }, Likelihood::Likely);
            }
        }
    }

    fn drop_one(&mut self, body: &[char]) {
        for index in 0..body.len() {
            let mut shorter = body.to_vec();
            let dropped = shorter.remove(index);
            let is_doubled = shorter.get(index) == Some(&dropped) || index > 0 && shorter[index - 1] == dropped;
            let likelihood = if is_doubled { Likelihood::Likely } else { Likelihood::Possible };
            if let Some(bytes) = self.read(&shorter, |index| index) {
                self.try_bytes(&bytes, Edit::Extra { at: index + 1 }, likelihood);
            }
        }
    }

    fn add_one(&mut self, body: &[char]) {
        for gap in 0..=body.len() {
            let Some(bytes) = self.read(body, |index| index + usize::from(index >= gap)) else { continue };
            for symbol in self.set_at(gap) {
                let mut longer = bytes.clone();
                longer.insert(gap, symbol);
                let is_doubled = bytes.get(gap) == Some(&symbol) || gap > 0 && bytes[gap - 1] == symbol;
                let likelihood = if is_doubled { Likelihood::Likely } else { Likelihood::Possible };
                self.try_bytes(&longer, Edit::Missing { at: gap + 1 }, likelihood);
            }
        }
    }
}

fn place(edit: Edit) -> usize {
    match edit {
        Edit::Substitution { at }
        | Edit::Swap { at }
        | Edit::Extra { at }
        | Edit::Missing { at }
        | Edit::Illegible { at } => at,
    }
}

/// Pairs that are mistaken for one another now and then: in print, by hand, on the telephone.
const SOMETIMES: [&[u8; 2]; 18] = [
    b"0D", b"0Q", b"17", b"B3", b"BD", b"BP", b"C6", b"CG", b"DT", b"EF", b"FS", b"FP", b"KX", b"PR", b"VW", b"VY",
    b"AH", b"49",
];

fn likelihood_of(typed: u8, meant: u8) -> Likelihood {
    let pair = [typed.to_ascii_uppercase(), meant.to_ascii_uppercase()];
    let is_neighbour = typed.is_ascii_digit() && meant.is_ascii_digit() && typed.abs_diff(meant) == 1;
    if are_confusable(typed, meant) {
        Likelihood::Likely
    } else if is_neighbour || SOMETIMES.iter().any(|&&known| known == pair || [known[1], known[0]] == pair) {
        Likelihood::Possible
    } else {
        Likelihood::Unlikely
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::{CheckScheme, PermutationKey, RuleSpec};

    fn s12() -> Rule {
        Rule::compile(RuleSpec::s12(), &PermutationKey([9; 32])).unwrap()
    }

    fn serials(rule: &Rule) -> Vec<Serial> {
        rule.series(&"epoch=0".parse().unwrap()).unwrap().serials(0, 20).unwrap().collect()
    }

    /// With RS-2 a single slip of the same length has exactly one explanation.
    #[test]
    fn every_substitution_and_swap_has_one_suggestion_and_it_is_right() {
        let rule = s12();
        for serial in serials(&rule) {
            for index in 0..12 {
                for wrong in rule.alphabet().symbols().iter().step_by(5) {
                    let mut typed = serial.as_bytes().to_vec();
                    typed[index] = *wrong;
                    if *wrong == serial.as_bytes()[index] {
                        continue;
                    }
                    let text = String::from_utf8(typed).unwrap();
                    let [only] = &rule.suggest(&text, 10)[..] else { panic!("{text}") };
                    assert_eq!((only.parsed.serial, only.edit), (serial, Edit::Substitution { at: index + 1 }));
                }
            }
            for index in 0..11 {
                let mut typed = serial.as_bytes().to_vec();
                typed.swap(index, index + 1);
                if typed != serial.as_bytes() {
                    let text = String::from_utf8(typed).unwrap();
                    let [only] = &rule.suggest(&text, 10)[..] else { panic!("{text}") };
                    assert_eq!((only.parsed.serial, only.edit), (serial, Edit::Swap { at: index + 1 }));
                }
            }
        }
    }

    #[test]
    fn two_illegible_symbols_are_recovered() {
        let rule = s12();
        let serial = serials(&rule)[3];
        for (i, j) in [(0, 1), (0, 11), (4, 9), (10, 11)] {
            let mut typed = serial.to_string();
            typed.replace_range(i..=i, "?");
            typed.replace_range(j..=j, "?");
            let [only] = &rule.suggest(&typed, 10)[..] else { panic!("{typed}") };
            assert_eq!(only.parsed.serial, serial);
        }
        assert_eq!(rule.suggest("???3Q0M2D9XA", 10), []);
    }

    #[test]
    fn a_missing_or_an_extra_symbol_is_among_the_suggestions() {
        let rule = s12();
        for serial in serials(&rule) {
            for index in 0..12 {
                let mut shorter = serial.to_string();
                shorter.remove(index);
                let mut longer = serial.to_string();
                longer.insert(index, '7');
                for typed in [shorter, longer] {
                    let found = rule.suggest(&typed, MAX_SUGGESTIONS);
                    assert!(found.iter().any(|suggestion| suggestion.parsed.serial == serial), "{typed}");
                    assert!(found.len() < 10, "{typed}: {}", found.len());
                }
            }
        }
    }

    #[test]
    fn the_likeliest_slip_comes_first_and_the_number_is_bounded() {
        let spec = RuleSpec { grouping: None, ..RuleSpec::s9() };
        let rule = Rule::compile(spec, &PermutationKey([9; 32])).unwrap();
        let serial = rule
            .series(&"".parse().unwrap())
            .unwrap()
            .serials(0, 500)
            .unwrap()
            .find(|serial| serial.as_str().starts_with('8'));
        let serial = serial.unwrap();
        let typed = serial.as_str().replacen('8', "B", 1);
        let found = rule.suggest(&typed, 64);
        assert_eq!(found[0].parsed.serial, serial, "8 for B before all else");
        assert!(found.len() > 5, "RS-1 cannot decide");
        assert_eq!(rule.suggest(&typed, 2), found[..2]);

        let none = RuleSpec::sequential("free", "", 9, CheckScheme::None);
        let rule = Rule::compile(none, &PermutationKey([9; 32])).unwrap();
        assert_eq!(rule.suggest("123456789", 9), [], "valid as it is");
        assert_eq!(rule.suggest("12345678", 1_000).len(), MAX_SUGGESTIONS);
    }

    #[test]
    fn a_letter_among_digits_says_which_digit_it_was() {
        let rule = Rule::compile(RuleSpec::sequential("gauges", "", 6, CheckScheme::None), &PermutationKey([0; 32]));
        let found = rule.unwrap().suggest("1234S6", 3);
        assert_eq!(found[0].parsed.serial.as_str(), "123456");
    }
}
