//! Whether two rules could ever make serials that are the same, or that people take for the same.

use serde::Serialize;

use crate::serial::{Rule, SymbolSet};

/// Two rules whose possible serials meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error(
    "serials of {first} and {second} could be the same: both have {length} symbols of the shape {shape}, such as \
     {example}; give one of them another length, fixed text or epoch symbols"
)]
pub struct Overlap {
    /// Code and version of one rule.
    pub first: String,
    /// Code and version of the other.
    pub second: String,
    /// Their common length.
    pub length: usize,
    /// What both can have at each place, in brackets where it is more than one symbol. Look-alikes count as
    /// one: 0 stands also for O, 1 for I and L, V for U, capitals for small letters.
    pub shape: String,
    /// One string of that shape.
    pub example: String,
}

/// Whether `first` and `second` overlap; a rule overlaps with itself and with most other versions of itself.
///
/// Places are compared one by one after folding look-alikes together, without regard to check symbols and
/// dates. So some pairs are refused whose serials never meet, but two rules that pass never share a serial,
/// and no input can be read as one of both.
pub fn overlap(first: &Rule, second: &Rule) -> Option<Overlap> {
    if first.length() != second.length() {
        return None;
    }
    let folded = |rule: &Rule| rule.position_sets().iter().map(|set| set.folded_conservatively()).collect::<Vec<_>>();
    let meetings: Vec<SymbolSet> =
        folded(first).into_iter().zip(folded(second)).map(|(a, b)| a.intersection(b)).collect();
    if meetings.iter().any(|set| set.is_empty()) {
        return None;
    }
    let name = |rule: &Rule| format!("{} version {}", rule.spec().code, rule.spec().version);
    Some(Overlap {
        first: name(first),
        second: name(second),
        length: first.length(),
        shape: shape(&meetings),
        example: meetings.iter().filter_map(|set| set.iter().next()).map(char::from).collect(),
    })
}

/// `G[0-9]{5}`: runs of the same set are counted.
fn shape(sets: &[SymbolSet]) -> String {
    let mut shape = String::new();
    for run in sets.chunk_by(|a, b| a == b) {
        let symbols = run[0].to_string();
        shape += &if run[0].size() == 1 { symbols } else { format!("[{symbols}]") };
        if run.len() > 1 {
            shape += &format!("{{{}}}", run.len());
        }
    }
    shape
}

/// The first pair among `rules` that overlaps.
pub fn first_overlap(rules: &[Rule]) -> Option<Overlap> {
    let pairs = rules.iter().enumerate().flat_map(|(index, first)| rules[index + 1..].iter().map(move |b| (first, b)));
    pairs.into_iter().find_map(|(first, second)| overlap(first, second))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::serial::{AlphabetSpec, CheckScheme, PermutationKey, RuleSpec, Segment};

    fn compile(spec: RuleSpec) -> Rule {
        Rule::compile(spec, &PermutationKey([1; 32])).unwrap()
    }

    #[test]
    fn the_refusal_says_where_they_meet() {
        let a = compile(RuleSpec::sequential("gauges", "G", 5, CheckScheme::Damm));
        let b = compile(RuleSpec::sequential("lenses", "g", 5, CheckScheme::Gs1Mod10));
        let found = overlap(&a, &b).unwrap();
        assert_eq!(
            found.to_string(),
            "serials of gauges version 1 and lenses version 1 could be the same: both have 7 symbols of the shape \
             G[0-9]{6}, such as G000000; give one of them another length, fixed text or epoch symbols"
        );
        assert_eq!(overlap(&a, &compile(RuleSpec::sequential("lenses", "L", 5, CheckScheme::Damm))), None);
        assert_eq!(overlap(&a, &compile(RuleSpec::sequential("lenses", "G", 6, CheckScheme::Damm))), None);
    }

    #[test]
    fn look_alike_prefixes_meet() {
        let rule = |prefix| compile(RuleSpec::sequential("r", prefix, 5, CheckScheme::None));
        assert!(overlap(&rule("O"), &rule("0")).is_some());
        assert!(overlap(&rule("IL"), &rule("l1")).is_some());
        assert!(overlap(&rule("U"), &rule("V")).is_some());
        assert!(overlap(&rule("B"), &rule("8")).is_none());
    }

    /// SER2: a new version is kept apart by its epoch symbols.
    #[test]
    fn ser2_versions_meet_unless_their_epochs_differ() {
        let version = |version, epochs: &str| {
            let mut spec = RuleSpec { version, ..RuleSpec::s12() };
            spec.segments[0] = Segment::Epoch { symbols: Some(epochs.into()) };
            compile(spec)
        };
        assert!(overlap(&version(1, "0123"), &version(2, "3456")).is_some());
        assert!(overlap(&version(1, "0123"), &version(2, "4567")).is_none());
        assert!(first_overlap(&[version(1, "01"), version(2, "23"), version(3, "12")]).is_some());
    }

    /// A small rule of two to four places: a literal or an epoch symbol, then a counter, then a check.
    fn small_rule() -> impl Strategy<Value = Rule> {
        let front = prop_oneof![
            prop::sample::select(vec!["0", "O", "I", "L", "1", "A", "a", "U", "V", "B"])
                .prop_map(|text| Segment::Literal { text: text.into(), checked: false }),
            prop::sample::select(vec!["01", "O", "AB", "BLU"])
                .prop_map(|symbols| Segment::Epoch { symbols: Some(symbols.into()) }),
        ];
        let alphabet = prop::sample::select(vec!["01OAB", "ILOBUVab", "01ABLUVO"]);
        let scheme = prop_oneof![3 => Just(CheckScheme::None), 1 => Just(CheckScheme::GmnPair)];
        (front, alphabet, 1_u8..=2, scheme).prop_filter_map("fits", |(front, symbols, width, scheme)| {
            let spec = RuleSpec {
                alphabet: AlphabetSpec::Custom(symbols.into()),
                segments: vec![
                    front,
                    Segment::Counter { width, numerals: crate::serial::segment::Numerals::Alphabet },
                    Segment::Check { scheme },
                ],
                ..RuleSpec::sequential("small", "", 1, scheme)
            };
            Rule::compile(spec, &PermutationKey([0; 32])).ok()
        })
    }

    /// Every serial of a rule, folded as people confuse symbols at worst.
    fn all_folded(rule: &Rule) -> HashSet<String> {
        let epochs: Vec<String> = match rule.spec().segments.first() {
            Some(Segment::Epoch { symbols: Some(symbols) }) => symbols.chars().map(|c| format!("epoch={c}")).collect(),
            _ => vec![String::new()],
        };
        let mut all = HashSet::new();
        for context in epochs {
            let series = rule.series(&context.parse().unwrap()).unwrap();
            all.extend(series.serials(0, series.capacity() - 1).unwrap().map(|serial| {
                serial.as_str().to_uppercase().replace('O', "0").replace(['I', 'L'], "1").replace('U', "V")
            }));
        }
        all
    }

    // Invariants:
    // - rules that pass share no serial, even when look-alikes are not told apart (brute force over all serials);
    // - without check symbols the refusal is exact: rules that are refused do share one;
    // - the answer does not depend on the order.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn agrees_with_brute_force(first in small_rule(), second in small_rule()) {
            let share = !all_folded(&first).is_disjoint(&all_folded(&second));
            let refused = overlap(&first, &second).is_some();
            prop_assert!(refused || !share);
            let unchecked = |rule: &Rule| rule.check().scheme() == CheckScheme::None;
            if unchecked(&first) && unchecked(&second) {
                prop_assert_eq!(refused, share);
            }
            prop_assert_eq!(refused, overlap(&second, &first).is_some());
        }
    }
}
