//! How long a rule will last, how hard its serials are to guess, and whether they fit the label.

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::serial::Rule;

/// A forger who tries valid-looking serials must miss at least 9,999 times out of 10,000.
pub const GUESS_BOUND: u64 = 10_000;

/// Symbols up to which people copy a serial without grouping it into notes of their own.
pub const TRANSCRIPTION_LIMIT: usize = 16;

/// What is left of a series (requirement SER3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// All ordinals of the series.
    pub capacity: u64,
    /// Those not yet issued.
    pub remaining: u64,
    /// The day on which the last one goes at the given rate; `None` if that is after the year 9999 or never.
    #[serde(serialize_with = "as_text")]
    pub exhausted_on: Option<Date>,
    /// What guessing gets.
    pub guessing: Guessing,
}

/// How likely a guessed serial is an issued one. Check symbols add nothing: whoever guesses can compute them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "order", rename_all = "kebab-case")]
pub enum Guessing {
    /// The ordinals are in clear: neighbours of a known serial are issued, and the volume shows.
    Sequential,
    /// The order is scrambled: a guess hits with probability issued / domain.
    Scrambled {
        /// Guesses that are needed on average for one hit: domain / issued. `None` when nothing is issued.
        one_in: Option<u64>,
        /// How many may be issued before fewer than [`GUESS_BOUND`] guesses are needed.
        units_within_bound: u64,
        /// Whether the issued ones are within it.
        is_within_bound: bool,
    },
}

impl Rule {
    /// The outlook of one series of this rule: `issued` ordinals used, `per_day` more each day from `today`.
    pub fn outlook(&self, issued: u64, per_day: u64, today: Date) -> Outlook {
        let capacity = self.capacity();
        let remaining = capacity.saturating_sub(issued);
        let days = remaining.checked_div(per_day).and_then(|days| i64::try_from(days).ok());
        let exhausted_on =
            days.and_then(|days| jiff::Span::new().try_days(days).ok()).and_then(|span| today.checked_add(span).ok());
        Outlook { capacity, remaining, exhausted_on, guessing: self.guessing(issued) }
    }

    fn guessing(&self, issued: u64) -> Guessing {
        if !self.is_permuted() {
            return Guessing::Sequential;
        }
        let units_within_bound = self.capacity() / GUESS_BOUND;
        Guessing::Scrambled {
            one_in: self.capacity().checked_div(issued),
            units_within_bound,
            is_within_bound: issued <= units_within_bound,
        }
    }

    /// What is worth a warning about the length (requirement SER5), on a label if one is given.
    pub fn length_warnings(&self, label: Option<LabelFit>) -> Vec<LengthWarning> {
        let mut warnings = Vec::new();
        if self.length() > TRANSCRIPTION_LIMIT {
            warnings.push(LengthWarning::HardToCopy { symbols: self.length() });
        }
        if let Some(label) = label {
            let needed_um = code128_modules(self.length()) * label.module_um();
            if needed_um > label.width_um {
                warnings.push(LengthWarning::Code128TooWide {
                    needed_um,
                    width_um: label.width_um,
                    longest: label.longest_code128(),
                });
            }
        }
        warnings
    }
}

/// The room for a bar code on a label and the printer that prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelFit {
    /// Width for the symbol and its quiet zones.
    pub width_um: u64,
    /// Width of one printer dot: 125 for 8 dots per millimetre ("203 dpi").
    pub dot_um: u64,
    /// Printer dots of one module (the narrowest bar).
    pub module_dots: u64,
}

impl LabelFit {
    fn module_um(self) -> u64 {
        self.dot_um * self.module_dots
    }

    /// The longest serial whose Code 128 fits.
    pub fn longest_code128(self) -> u64 {
        let modules = self.width_um.checked_div(self.module_um()).unwrap_or(0);
        modules.saturating_sub(code128_modules(0)) / 11
    }
}

/// Modules of a Code 128 symbol of `symbols` characters in code set A or B, quiet zones included: 11 each, 35
/// for start, check and stop character, 10 on either side. Digits in code set C need fewer.
/// Source: ISO/IEC 15417, clauses 4.3 and 4.6.
pub fn code128_modules(symbols: usize) -> u64 {
    11 * symbols as u64 + 35 + 20
}

/// A reason to make serials shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "warning", rename_all = "kebab-case")]
pub enum LengthWarning {
    /// Longer than [`TRANSCRIPTION_LIMIT`].
    #[error("{symbols} symbols are hard to copy by hand or to read out; up to {limit} are fine", limit = TRANSCRIPTION_LIMIT)]
    HardToCopy {
        /// Symbols of the serial.
        symbols: usize,
    },
    /// The Code 128 symbol does not fit.
    #[error(
        "a Code 128 bar code of it is {:.1} mm wide, the label has {:.1} mm: at most {longest} symbols fit",
        mm(*needed_um), mm(*width_um)
    )]
    Code128TooWide {
        /// Width of symbol and quiet zones.
        needed_um: u64,
        /// Width there is.
        width_um: u64,
        /// Symbols that would fit.
        longest: u64,
    },
}

fn mm(um: u64) -> f64 {
    f64::from(u32::try_from(um).unwrap_or(u32::MAX)) / 1000.0
}

/// A date as `2026-03-11`, or null.
fn as_text<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::serial::{CheckScheme, PermutationKey, RuleSpec};

    fn compile(spec: RuleSpec) -> Rule {
        Rule::compile(spec, &PermutationKey([1; 32])).unwrap()
    }

    /// SER3: remaining capacity and exhaustion date.
    #[test]
    fn ser3_outlook_of_a_counter() {
        let rule = compile(RuleSpec::sequential("r", "", 4, CheckScheme::Damm));
        let outlook = rule.outlook(9_000, 100, date(2026, 3, 1));
        assert_eq!(outlook.remaining, 1_000);
        assert_eq!(outlook.exhausted_on, Some(date(2026, 3, 11)));
        assert_eq!(outlook.guessing, Guessing::Sequential);
        assert_eq!(rule.outlook(10_000, 5, date(2026, 3, 1)).exhausted_on, Some(date(2026, 3, 1)));
        assert_eq!(rule.outlook(0, 0, date(2026, 3, 1)).exhausted_on, None);
        assert_eq!(rule.outlook(0, 1, Date::MAX).exhausted_on, None);
        let s12 = compile(RuleSpec::s12());
        assert_eq!(s12.outlook(0, 1, date(2026, 3, 1)).exhausted_on, None, "32^9 days");
    }

    /// The figures of the shipped formats: 3.5 thousand million and 110 million units within 1 in 10,000.
    #[test]
    fn guess_resistance_of_the_shipped_rules() {
        let units = |spec| match compile(spec).outlook(1, 1, date(2026, 1, 1)).guessing {
            Guessing::Scrambled { units_within_bound, is_within_bound: true, .. } => units_within_bound,
            other => panic!("{other:?}"),
        };
        assert_eq!(units(RuleSpec::s12()), 3_518_437_208);
        assert_eq!(units(RuleSpec::s9()), 109_951_162);
        let over = compile(RuleSpec::s9()).outlook(109_951_163, 1, date(2026, 1, 1)).guessing;
        let Guessing::Scrambled { one_in, is_within_bound, .. } = over else { panic!() };
        assert_eq!((one_in, is_within_bound), (Some(9_999), false));
    }

    /// SER5: 40, 50 and 60 mm labels at 8 dots a millimetre with modules of two dots.
    #[test]
    fn ser5_code_128_on_usual_labels() {
        let fit = |width_um| LabelFit { width_um, dot_um: 125, module_dots: 2 };
        assert_eq!([40_000, 50_000, 60_000].map(|width| fit(width).longest_code128()), [9, 13, 16]);
        let s12 = compile(RuleSpec::s12());
        assert_eq!(s12.length_warnings(Some(fit(50_000))), []);
        let warnings = s12.length_warnings(Some(fit(40_000)));
        assert_eq!(
            warnings[0].to_string(),
            "a Code 128 bar code of it is 46.8 mm wide, the label has 40.0 mm: at most 9 symbols fit"
        );
        assert_eq!(compile(RuleSpec::s9()).length_warnings(Some(fit(40_000))), []);
    }

    /// SER5: transcription.
    #[test]
    fn ser5_more_than_16_symbols_are_warned_of() {
        let rule = |width| compile(RuleSpec::sequential("r", "", width, CheckScheme::None));
        assert_eq!(rule(16).length_warnings(None), []);
        assert_eq!(rule(17).length_warnings(None), [LengthWarning::HardToCopy { symbols: 17 }]);
    }
}
