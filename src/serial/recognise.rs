//! Which of many rules a typed serial belongs to.

use crate::serial::parse::Reading;
use crate::serial::typed::Typed;
use crate::serial::{ParseFault, Parsed, Rule};

/// A serial and the rule that it is of.
#[derive(Clone, Debug)]
pub struct Recognised<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The serial.
    pub parsed: Parsed,
}

/// A text that is no serial of any rule.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
pub struct NotRecognised<'r> {
    /// The rule that the text comes nearest to; `None` if the text is refused before rules look at it, or if
    /// there are no rules.
    pub nearest: Option<&'r Rule>,
    /// What is wrong by that rule.
    pub fault: ParseFault,
}

/// Reads `text` by whichever rule it fits.
///
/// All rules are tried with the symbols exactly as typed, then all with case and look-alikes forgiven. Where
/// no two rules overlap (see [`crate::serial::overlap()`]), at most one fits.
///
/// # Errors
/// [`NotRecognised`] with the fault by the rule that is nearest: first one where only the check symbols are
/// wrong, then one of the right length that agrees furthest, then the one nearest in length.
pub fn recognise<'r>(
    rules: impl IntoIterator<Item = &'r Rule, IntoIter: Clone>,
    text: &str,
) -> Result<Recognised<'r>, NotRecognised<'r>> {
    let typed = Typed::new(text).map_err(|fault| NotRecognised { nearest: None, fault })?;
    let rules = rules.into_iter();
    for rule in rules.clone() {
        if let Ok(parsed) = rule.parse_typed(&typed, Reading::Exact) {
            return Ok(Recognised { rule, parsed });
        }
    }
    let mut nearest: Option<(Distance, NotRecognised<'r>)> = None;
    for rule in rules {
        match rule.parse_typed(&typed, Reading::Folded) {
            Ok(parsed) => return Ok(Recognised { rule, parsed }),
            Err(fault) => {
                let distance = distance(rule, &typed, &fault);
                if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                    nearest = Some((distance, NotRecognised { nearest: Some(rule), fault }));
                }
            }
        }
    }
    Err(nearest.map_or(NotRecognised { nearest: None, fault: ParseFault::Empty }, |(_, answer)| answer))
}

/// How far a text is from a rule: stages of reading that failed, then symbols.
type Distance = (u8, usize);

fn distance(rule: &Rule, typed: &Typed, fault: &ParseFault) -> Distance {
    let length = rule.length();
    match *fault {
        ParseFault::CheckMismatch { .. } => (0, 0),
        ParseFault::NoSuchDate { .. } => (1, 0),
        ParseFault::LiteralDiffers { at, .. } | ParseFault::NotAllowedHere { at, .. } => (2, length - at.min(length)),
        ParseFault::NotInAlphabet { .. } => (3, rule.body_of(typed).len().abs_diff(length)),
        ParseFault::WrongLength { found, wanted } => (3, found.abs_diff(wanted)),
        ParseFault::Empty | ParseFault::TooLong { .. } | ParseFault::Invisible { .. } => (4, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::{CheckScheme, PermutationKey, RuleSpec, SeriesContext};

    fn rules() -> Vec<Rule> {
        let sequential = RuleSpec::sequential("gauges", "G", 5, CheckScheme::Damm);
        [RuleSpec::s12(), RuleSpec::s9(), sequential]
            .map(|spec| Rule::compile(spec, &PermutationKey([3; 32])).unwrap())
            .into()
    }

    /// SER8: one exact serial is of exactly one rule.
    #[test]
    fn ser8_each_serial_is_recognised_by_its_own_rule() {
        let rules = rules();
        for rule in &rules {
            let context: SeriesContext = if rule.spec().code == "s12" { "epoch=7" } else { "" }.parse().unwrap();
            let serial = rule.series(&context).unwrap().serial(99).unwrap();
            for text in [serial.to_string(), format!("Ser No: {}", serial.grouped(rule)).to_lowercase()] {
                let found = recognise(&rules, &text).unwrap();
                assert_eq!(found.rule.spec().code, rule.spec().code, "{text}");
                assert_eq!(found.parsed.serial, serial);
                assert_eq!(found.parsed.context, context);
            }
        }
    }

    #[test]
    fn the_nearest_rule_explains() {
        let rules = rules();
        let nearest = |text| {
            let answer = recognise(&rules, text).unwrap_err();
            (answer.nearest.map(|rule| rule.spec().code.as_str()), answer.fault)
        };
        assert!(matches!(nearest("7K3Q-0M2D-9XAA"), (Some("s12"), ParseFault::CheckMismatch { .. })));
        assert!(matches!(nearest("7K3Q-0M2D-9XA"), (Some("s12"), ParseFault::WrongLength { found: 11, wanted: 12 })));
        assert!(matches!(nearest("G-00572 2"), (Some("gauges"), ParseFault::CheckMismatch { .. })));
        assert!(matches!(nearest("H-00572 2"), (Some("gauges"), ParseFault::NotInAlphabet { at: 1, found: 'H' })));
        assert!(matches!(nearest("7K\u{200b}"), (None, ParseFault::Invisible { .. })));
        let none: [Rule; 0] = [];
        assert!(recognise(&none, "7K3Q").unwrap_err().nearest.is_none());
    }
}
