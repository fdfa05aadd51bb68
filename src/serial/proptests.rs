//! Property tests of rules. Invariants:
//!
//! 1. What a rule formats it parses back to the same serial, context and ordinal: as stored, as printed, in
//!    lower case, with spaces, with look-alikes, with any prefix.
//! 2. Bulk and single paths give the same serials, and different ordinals different serials.
//! 3. A substituted or swapped symbol is never read as another valid serial (RS-2, RS-1).
//! 4. Parsing, recognising and suggesting never panic, on any text by any rule.
//! 5. Whatever parses is reproduced by its own rule, context and ordinal.
//! 6. Folding never invents: a parsed serial differs from the typed symbols only by case and look-alikes.
//! 7. A definition survives TOML and canonical JSON.

use std::collections::HashSet;

use jiff::civil::Date;
use proptest::prelude::*;

use crate::serial::{
    Alphabet, AlphabetSpec, CheckScheme, ContextInputs, Grouping, Numerals, PermutationKey, Rule, RuleSpec, Segment,
    YearForm, look_alike_class, recognise,
};

const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn alphabets() -> impl Strategy<Value = AlphabetSpec> {
    let custom = prop::sample::select(vec![ALNUM, "0123456789ABCDEF", "abcdefghABCDEFGH", "OILUVaz+"]);
    prop_oneof![
        3 => Just(AlphabetSpec::Crockford32),
        1 => Just(AlphabetSpec::Gs1_32),
        1 => Just(AlphabetSpec::Digits),
        2 => custom.prop_map(|symbols| AlphabetSpec::Custom(symbols.into())),
    ]
}

fn front_segments() -> impl Strategy<Value = Vec<Segment>> {
    let literal = ("[A-Z0-9]{1,4}", any::<bool>()).prop_map(|(text, checked)| Segment::Literal { text, checked });
    let year = prop_oneof![Just(YearForm::TwoDigits), Just(YearForm::OneSymbol)];
    (
        prop::option::of(literal),
        prop::option::of(Just(Segment::Epoch { symbols: None })),
        prop::option::of(year.prop_map(|form| Segment::Year { form })),
        prop::option::of(prop_oneof![Just(Segment::Week {}), Just(Segment::DayOfYear {})]),
        prop::option::of((1_u8..4).prop_map(|width| Segment::Product { width })),
    )
        .prop_map(|(a, b, c, d, e)| [a, b, c, d, e].into_iter().flatten().collect())
}

/// Rules of every kind that compile.
pub(super) fn rules() -> impl Strategy<Value = Rule> {
    let ordinal = (any::<bool>(), 1_u8..12, any::<bool>()).prop_map(|(permuted, width, decimal)| {
        let numerals = if decimal { Numerals::Decimal } else { Numerals::Alphabet };
        if permuted { Segment::Permuted { width, numerals } } else { Segment::Counter { width, numerals } }
    });
    let scheme = prop::sample::select(CheckScheme::ALL.to_vec());
    let prefix = prop::option::of(prop::sample::select(vec!["S/N", "Serial Number:", "Gerät Nr."]));
    let parts = (alphabets(), front_segments(), ordinal, scheme, prefix, 2_u8..6, any::<[u8; 32]>());
    parts.prop_filter_map("compiles", |(alphabet, mut segments, ordinal, scheme, prefix, group, key)| {
        segments.extend([ordinal, Segment::Check { scheme }]);
        let length: usize = segments.iter().map(Segment::width).sum();
        let group = usize::from(group);
        let sizes = (0..length).step_by(group).map(|from| u8::try_from(group.min(length - from)).unwrap()).collect();
        let spec = RuleSpec {
            code: "r".into(),
            version: 3,
            alphabet,
            segments,
            grouping: Some(Grouping { sizes, separator: if group == 3 { ' ' } else { '-' } }),
            prefix: prefix.map(str::to_owned),
        };
        Rule::compile(spec, &PermutationKey(key)).ok()
    })
}

fn dates() -> impl Strategy<Value = Date> {
    (2000_i16..2100, 1_i16..=365)
        .prop_map(|(year, day)| Date::new(year, 1, 1).unwrap().with().day_of_year(day).build().unwrap())
}

/// A rule, one of its serials' context and ordinal.
fn cases() -> impl Strategy<Value = (Rule, crate::serial::SeriesContext, u64)> {
    (rules(), dates(), any::<u64>(), 0_u8..8).prop_map(|(rule, date, seed, epoch)| {
        let code: String =
            rule.alphabet().symbols().iter().cycle().skip(3).map(|&byte| char::from(byte)).take(8).collect();
        let width = rule.spec().segments.iter().find_map(|segment| match segment {
            Segment::Product { width } => Some(usize::from(*width)),
            _ => None,
        });
        let inputs = ContextInputs { epoch, date, product_code: width.map(|width| &code[..width]) };
        let context = rule.context(&inputs).unwrap();
        let ordinal = seed % rule.capacity();
        (rule, context, ordinal)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// 1. SER10: a serial survives e-mail, forms, spreadsheets and the telephone.
    #[test]
    fn ser10_formatted_serials_parse_back((rule, context, ordinal) in cases()) {
        let serial = rule.series(&context).unwrap().serial(ordinal).unwrap();
        let printed = serial.grouped(&rule).to_string();
        let spellings = [
            serial.to_string(),
            printed.clone(),
            rule.printed(&serial),
            format!("  {}\r\n", printed.replace('-', "\u{2011}")),
            format!("S/N: {printed}"),
            format!("Serial Number {serial}"),
            format!("SN{serial}"),
        ];
        for spelling in &spellings {
            let parsed = rule.parse(spelling);
            let parsed = parsed.map_err(|fault| TestCaseError::fail(format!("{spelling}: {fault}")))?;
            prop_assert_eq!(parsed.serial, serial, "{}", spelling);
            prop_assert_eq!(&parsed.context, &context);
            prop_assert_eq!(parsed.ordinal, ordinal);
        }
        let has_case = rule.position_sets().iter().any(|set| set.iter().any(|s| s.is_ascii_lowercase()));
        if !has_case {
            prop_assert_eq!(rule.parse(&printed.to_lowercase()).map(|parsed| parsed.serial), Ok(serial));
        }
    }

    /// 1. Look-alikes typed for what the default alphabet has.
    #[test]
    fn look_alikes_are_forgiven(ordinal in 0_u64..32_u64.pow(9), zero in "[Oo0]", one in "[IiLl1]", v in "[UuVv]") {
        let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([1; 32])).unwrap();
        let serial = rule.series(&"epoch=0".parse().unwrap()).unwrap().serial(ordinal).unwrap();
        let typed = serial.as_str().replace('0', &zero).replace('1', &one).replace('V', &v);
        prop_assert_eq!(rule.parse(&typed).unwrap().ordinal, ordinal);
    }

    /// 2.
    #[test]
    fn bulk_and_single_agree((rule, context, ordinal) in cases(), count in 1_u64..200) {
        let series = rule.series(&context).unwrap();
        let last = ordinal.saturating_add(count).min(series.capacity() - 1);
        let mut bulk = Vec::new();
        series.write_range(ordinal, last, |serial| bulk.push(*serial)).unwrap();
        prop_assert_eq!(bulk.len() as u64, last - ordinal + 1);
        for (ordinal, serial) in (ordinal..).zip(&bulk) {
            prop_assert_eq!(series.serial(ordinal).unwrap(), *serial);
        }
        prop_assert_eq!(bulk.iter().collect::<HashSet<_>>().len(), bulk.len());
        prop_assert!(series.serial(series.capacity()).is_err());
        prop_assert!(series.serials(0, series.capacity()).is_err());
    }

    /// 3. On the two shipped rules, any place, any other symbol.
    #[test]
    fn every_substitution_and_swap_is_caught(ordinal: u32, place in 0_usize..9, symbol in 0_u8..32) {
        for (spec, context) in [(RuleSpec::s12(), "epoch=4"), (RuleSpec::s9(), "")] {
            let rule = Rule::compile(spec, &PermutationKey([8; 32])).unwrap();
            let series = rule.series(&context.parse().unwrap()).unwrap();
            let good = series.serial(u64::from(ordinal)).unwrap().as_bytes().to_vec();
            let mut wrong = good.clone();
            wrong[place] = Alphabet::crockford32().symbol(symbol).unwrap();
            prop_assert_eq!(rule.parse(std::str::from_utf8(&wrong).unwrap()).is_ok(), wrong == good);
            let mut swapped = good.clone();
            swapped.swap(place, (place + 1) % good.len().min(place + 2));
            let is_adjacent = place + 1 < good.len();
            if is_adjacent {
                prop_assert_eq!(rule.parse(std::str::from_utf8(&swapped).unwrap()).is_ok(), swapped == good);
            }
        }
    }

    /// 4.
    #[test]
    fn nothing_panics_on_any_text(rule in rules(), text in "\\PC{0,40}|[ -~]{0,40}|[0-9A-Zsno?/:. -]{0,30}", raw: String) {
        for text in [text.as_str(), raw.as_str()] {
            let parsed = rule.parse(text);
            let recognised = recognise([&rule], text);
            prop_assert_eq!(parsed.is_ok(), recognised.is_ok());
            let suggested = rule.suggest(text, 5);
            prop_assert!(suggested.len() <= 5);
            for suggestion in suggested {
                prop_assert_eq!(rule.parse(suggestion.parsed.serial.as_str()), Ok(suggestion.parsed));
            }
        }
    }

    /// 5 and 6, on strings made from what may stand at each place, so that many of them parse.
    #[test]
    fn what_parses_is_reproduced(rule in rules(), seed in prop::collection::vec(any::<u8>(), 32)) {
        let text: String = rule
            .position_sets()
            .iter()
            .zip(&seed)
            .map(|(set, &pick)| char::from(set.iter().nth(usize::from(pick) % set.size() as usize).unwrap()))
            .collect();
        if let Ok(parsed) = rule.parse(&text) {
            let again = rule.series(&parsed.context).unwrap().serial(parsed.ordinal).unwrap();
            prop_assert_eq!(again, parsed.serial);
            for (typed, symbol) in text.bytes().zip(parsed.serial.as_bytes()) {
                let same = typed.eq_ignore_ascii_case(symbol);
                prop_assert!(same || look_alike_class(typed) == look_alike_class(*symbol));
            }
        }
    }

    /// 7.
    #[test]
    fn definitions_survive_their_text_forms(rule in rules()) {
        let spec = rule.spec();
        prop_assert_eq!(&RuleSpec::from_toml(&toml::to_string(spec).unwrap()).unwrap(), spec);
        let json = spec.to_canonical_json().unwrap();
        let back: RuleSpec = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.to_canonical_json().unwrap(), json);
    }
}
