//! Specimens: texts that look like serials of a rule and can never be one.
//!
//! Test labels and proofs show them, so that symbols have the size of real ones. They have a rule's length and symbols, its
//! fixed text in place, and wrong check symbols (or a date that no calendar has). Another rule cannot take one for its own
//! either: rules of one installation differ in length or in what a place may hold, and a specimen keeps to its rule's places.

use crate::serial::segment::SegmentKind;
use crate::serial::{Rule, Serial};

/// What a specimen reads where the alphabet has it.
const WORDS: [&[u8; 4]; 2] = [b"TEST", b"test"];
/// A rule's specimens read TEST only if as many of them differ as a job may have labels.
const WANTED: u64 = 1_000_000;

/// Which places of a specimen hold its number, and which hold something else.
struct Plan {
    /// The word and where it begins.
    word: Option<(&'static [u8; 4], usize)>,
    /// Places of the number, the last one first.
    number: Vec<usize>,
    /// How many specimens differ.
    count: u64,
}

impl Rule {
    /// The specimen with this number, from 0: never a serial of this rule. `None` if the rule has neither check symbols nor
    /// dates, so that whatever has its shape is a serial.
    ///
    /// Specimens differ below [`Rule::specimen_count`]; beyond it they come round again.
    ///
    /// ```
    /// use nameplate::serial::{CheckScheme, PermutationKey, Rule, RuleSpec};
    ///
    /// let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([7; 32]))?;
    /// let specimen = rule.specimen(41).unwrap_or_default();
    /// assert!(specimen.starts_with("TEST") && specimen.len() == rule.length());
    /// assert!(rule.parse(&specimen).is_err());
    /// let unchecked = RuleSpec::sequential("free", "", 9, CheckScheme::None);
    /// assert_eq!(Rule::compile(unchecked, &PermutationKey([7; 32]))?.specimen(41), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn specimen(&self, n: u64) -> Option<String> {
        let plan = self.specimen_plan();
        let mut rest = n.checked_rem(plan.count)?;
        // Counted down: where there are no letters, specimens begin with nines.
        let mut number = Vec::with_capacity(plan.number.len());
        for &place in &plan.number {
            let set = self.layout.sets[place];
            let size = u64::from(set.size());
            number.push(nth(&set, size - 1 - rest % size));
            rest /= size;
        }
        Some(self.specimen_of(&plan, &number, rest))
    }

    /// A specimen that has this symbol wherever a serial can have it: the widest there is, if it is the widest symbol of a
    /// face. `None` as for [`Rule::specimen`].
    ///
    /// ```
    /// use nameplate::serial::{PermutationKey, Rule, RuleSpec};
    ///
    /// let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([7; 32]))?;
    /// assert!(rule.specimen_filled_with(b'W').unwrap_or_default().starts_with("TESTWWWWWW"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn specimen_filled_with(&self, symbol: u8) -> Option<String> {
        let plan = self.specimen_plan();
        let symbol_at = |place: &usize| {
            let set = self.layout.sets[*place];
            if set.contains(symbol) { symbol } else { nth(&set, u64::from(set.size()) - 1) }
        };
        let number: Vec<u8> = plan.number.iter().map(symbol_at).collect();
        (plan.count > 0).then(|| self.specimen_of(&plan, &number, 0))
    }

    /// The specimen with these symbols at the places of its number, and check symbols that are wrong in this way.
    fn specimen_of(&self, plan: &Plan, number: &[u8], way: u64) -> String {
        let mut specimen = self.layout.blank();
        self.fill_lowest(&mut specimen);
        for (&place, &symbol) in plan.number.iter().zip(number) {
            specimen.as_mut_bytes()[place] = symbol;
        }
        if let Some((word, at)) = plan.word {
            specimen.as_mut_bytes()[at..at + word.len()].copy_from_slice(word);
        }
        self.finish_wrongly(&mut specimen, way);
        specimen.as_str().to_owned()
    }

    /// How many specimens of this rule differ: at least a million, unless the rule itself has fewer texts of its shape.
    pub fn specimen_count(&self) -> u64 {
        self.specimen_plan().count
    }

    fn specimen_plan(&self) -> Plan {
        let body = self.length() - self.check().scheme().symbols();
        let counts = |kind| !matches!(kind, SegmentKind::Literal | SegmentKind::Check) && !is_date(kind);
        let fields = self.layout.fields.iter().filter(|field| counts(field.kind));
        let mut number: Vec<usize> = fields.flat_map(|field| field.range()).filter(|place| *place < body).collect();
        number.reverse();
        let has_date = self.layout.fields.iter().any(|field| is_date(field.kind));
        let checks = self.ways(body..self.length());
        // Without check symbols it is the date alone that is wrong.
        let wrong = if checks > 1 { checks - 1 } else { u64::from(has_date) };
        let plan = |word: Option<(&'static [u8; 4], usize)>, number: Vec<usize>| {
            let count = self.ways(number.iter().copied()).saturating_mul(wrong);
            Plan { word, number, count }
        };
        let without = |word: &'static [u8; 4], at: usize| {
            let number = number.iter().copied().filter(|place| !(at..at + word.len()).contains(place)).collect();
            plan(Some((word, at)), number)
        };
        let worded = WORDS.iter().flat_map(|word| (0..body).map(move |at| (*word, at)));
        let fits = |(word, at): &(&'static [u8; 4], usize)| {
            word.iter()
                .zip(*at..)
                .all(|(byte, place)| number.contains(&place) && self.layout.sets[place].contains(*byte))
        };
        let mut worded = worded.filter(fits).map(|(word, at)| without(word, at));
        worded.find(|plan| plan.count >= WANTED).unwrap_or_else(|| plan(None, number.clone()))
    }

    /// How many texts there are of these places.
    fn ways(&self, places: impl Iterator<Item = usize>) -> u64 {
        places.fold(1, |ways: u64, place| ways.saturating_mul(u64::from(self.layout.sets[place].size())))
    }

    /// Every place but those of fixed text holds the first symbol that it can have. Week and day are then 0, which no
    /// calendar has.
    fn fill_lowest(&self, specimen: &mut Serial) {
        for (byte, set) in specimen.as_mut_bytes().iter_mut().zip(&self.layout.sets) {
            if *byte == 0 {
                *byte = nth(set, 0);
            }
        }
    }

    /// Writes check symbols that are wrong in the way of this number. Where there are two, both are wrong if they can be: a
    /// reader that forgives one symbol shall not make a serial of it.
    fn finish_wrongly(&self, specimen: &mut Serial, way: u64) {
        let body = self.length() - self.check().scheme().symbols();
        let sets = &self.layout.sets[body..];
        let ways = self.ways(body..self.length());
        if ways < 2 {
            return;
        }
        self.layout.finish(specimen);
        let places = &mut specimen.as_mut_bytes()[body..];
        let index = |byte: u8, set: &crate::serial::SymbolSet| set.iter().zip(0..).find(|(symbol, _)| *symbol == byte);
        let right = places
            .iter()
            .zip(sets)
            .fold(0, |value, (byte, set)| value * u64::from(set.size()) + index(*byte, set).map_or(0, |(_, at)| at));
        let half_last = sets.last().map_or(1, |set| u64::from(set.size()) / 2);
        let first = if sets.len() > 1 { ways / 2 + half_last } else { half_last };
        // From 1 to one less than the ways there are: never the right one.
        let by = 1 + (first.saturating_sub(1) + way) % (ways - 1);
        let mut value = (right + by) % ways;
        for (byte, set) in places.iter_mut().zip(sets).rev() {
            *byte = nth(set, value % u64::from(set.size()));
            value /= u64::from(set.size());
        }
    }
}

fn is_date(kind: SegmentKind) -> bool {
    matches!(kind, SegmentKind::Week | SegmentKind::DayOfYear)
}

/// A symbol of a set by its number; the sets of a rule are not empty.
fn nth(set: &crate::serial::SymbolSet, at: u64) -> u8 {
    usize::try_from(at).ok().and_then(|at| set.iter().nth(at)).unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    //! Invariants: a specimen is never read as a serial of its rule, in any spelling; it has the rule's symbols at the rule's
    //! places; specimens differ as far as their count says; they are the same whenever they are asked for.

    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::serial::proptests::rules;
    use crate::serial::{AlphabetSpec, CheckScheme, PermutationKey, RuleSpec, recognise};

    fn compile(spec: RuleSpec) -> Rule {
        Rule::compile(spec, &PermutationKey([3; 32])).unwrap()
    }

    #[test]
    fn specimens_of_the_shipped_rules_say_what_they_are() {
        let s12 = compile(RuleSpec::s12());
        let s9 = compile(RuleSpec::s9());
        assert!(s12.specimen(0).unwrap().starts_with("TESTZZZZZZ"), "{:?}", s12.specimen(0));
        assert!(s9.specimen(1).unwrap().starts_with("TESTZZZY"), "{:?}", s9.specimen(1));
        let digits = compile(RuleSpec::sequential("gauges", "G", 7, CheckScheme::Damm));
        assert!(digits.specimen(2).unwrap().starts_with("G9999997"), "{:?}", digits.specimen(2));
    }

    #[test]
    fn a_million_specimens_differ_and_none_is_read() {
        for spec in [RuleSpec::s9(), RuleSpec::s12(), RuleSpec::sequential("gauges", "G", 6, CheckScheme::Damm)] {
            let rule = compile(spec);
            assert!(rule.specimen_count() >= 1_000_000, "{rule:?}");
            // Steps that have nothing in common with any alphabet.
            let seen: HashSet<String> = (0..20_000).map(|i| rule.specimen(i * 49).unwrap()).collect();
            assert_eq!(seen.len(), 20_000, "{rule:?}");
            assert!(seen.iter().all(|specimen| rule.parse(specimen).is_err()), "{rule:?}");
        }
    }

    #[test]
    fn what_has_no_check_but_dates_has_dates_that_do_not_exist() {
        let text = "code = \"r\"\nversion = 1\nsegments = [{ kind = \"week\" }, { kind = \"counter\", width = 6 }, \
                    { kind = \"check\", scheme = \"none\" }]";
        let rule = compile(RuleSpec::from_toml(text).unwrap());
        let specimen = rule.specimen(0).unwrap();
        assert!(specimen.starts_with("00"), "{specimen}");
        assert!(rule.parse(&specimen).is_err());
        let free = RuleSpec { alphabet: AlphabetSpec::Digits, ..RuleSpec::sequential("r", "", 6, CheckScheme::None) };
        assert_eq!((compile(free.clone()).specimen(0), compile(free).specimen_count()), (None, 0));
    }

    proptest! {
        #[test]
        fn a_specimen_is_never_a_serial(rule in rules(), n in any::<u64>(), next in 1_u64..1000) {
            let Some(specimen) = rule.specimen(n) else {
                prop_assert_eq!(rule.check().scheme(), CheckScheme::None);
                return Ok(());
            };
            prop_assert_eq!(specimen.len(), rule.length());
            for (byte, set) in specimen.bytes().zip(rule.position_sets()) {
                prop_assert!(set.contains(byte), "{} in {}", char::from(byte), specimen);
            }
            prop_assert!(rule.parse(&specimen).is_err(), "{}", specimen);
            prop_assert!(rule.parse(&specimen.to_lowercase()).is_err(), "{}", specimen);
            prop_assert!(recognise([&rule], &specimen).is_err(), "{}", specimen);
            prop_assert_eq!(rule.specimen(n), Some(specimen.clone()));
            let count = rule.specimen_count();
            if next % count != 0 {
                prop_assert_ne!(rule.specimen(n % count), rule.specimen((n % count + next) % count));
            }
            prop_assert_eq!(rule.specimen(n % count), Some(specimen));
        }

        #[test]
        fn a_specimen_of_one_symbol_is_never_a_serial(rule in rules(), symbol in any::<u8>()) {
            let specimen = rule.specimen_filled_with(symbol);
            prop_assert_eq!(specimen.is_some(), rule.specimen(0).is_some());
            let Some(specimen) = specimen else { return Ok(()) };
            for (byte, set) in specimen.bytes().zip(rule.position_sets()) {
                prop_assert!(set.contains(byte), "{} in {}", char::from(byte), specimen);
            }
            prop_assert!(rule.parse(&specimen).is_err() && recognise([&rule], &specimen).is_err(), "{}", specimen);
        }
    }
}
