//! A rule, compiled: tables that make and read serials.

use std::fmt;

use aes::Aes256Enc;
use aes::cipher::KeyInit;

use crate::serial::alphabet::Alphabet;
use crate::serial::check::CheckCoder;
use crate::serial::layout::{Field, Layout, Ordinal};
use crate::serial::segment::{SegmentKind, YearForm};
use crate::serial::{ContextError, ContextInputs, RuleError, RuleSpec, Segment, Serial, SeriesContext, SymbolSet};

/// The secret of a scrambled order: an AES-256 key. Whoever has it can list the serials of its series.
///
/// Never use two keys for one epoch of one rule: serials of the two orders would coincide.
#[derive(Clone)]
pub struct PermutationKey(pub [u8; 32]);

impl fmt::Debug for PermutationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PermutationKey(secret)")
    }
}

/// A version of a rule, checked and ready to make and read serials.
///
/// ```
/// # use nameplate::serial::{ContextInputs, PermutationKey, Rule, RuleSpec};
/// let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([7; 32]))?;
/// let inputs = ContextInputs { epoch: 0, date: jiff::civil::date(2026, 3, 1), product_code: None };
/// let context = rule.context(&inputs)?;
/// let serial = rule.series(&context)?.serial(41)?;
/// let printed = format!("S/N: {}", serial.grouped(&rule)).to_lowercase();
/// assert_eq!(rule.parse(&printed)?.ordinal, 41);
/// assert!(rule.parse("S/N 0000-0000-0000").is_err()); // the check symbols are wrong
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Rule {
    spec: RuleSpec,
    pub(super) layout: Layout,
    cipher: Aes256Enc,
    /// Keys that replace the first one, by epoch symbol.
    epoch_ciphers: Vec<(u8, Aes256Enc)>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({} version {})", self.spec.code, self.spec.version)
    }
}

impl Rule {
    /// Checks a definition and makes its tables. Rules without a permuted segment ignore the key.
    ///
    /// # Errors
    /// [`RuleError`], which says what to change.
    pub fn compile(spec: RuleSpec, key: &PermutationKey) -> Result<Self, RuleError> {
        let layout = Layout::new(&spec)?;
        Ok(Self { spec, layout, cipher: Aes256Enc::new(&key.0.into()), epoch_ciphers: Vec::new() })
    }

    /// The rule with another key for one epoch; a key is rotated by beginning an epoch.
    ///
    /// # Errors
    /// [`RuleError::NoSuchEpoch`].
    pub fn with_epoch_key(mut self, epoch: u8, key: &PermutationKey) -> Result<Self, RuleError> {
        let epochs = self.layout.epochs.len();
        let symbol = *self.layout.epochs.get(usize::from(epoch)).ok_or(RuleError::NoSuchEpoch { epoch, epochs })?;
        self.epoch_ciphers.retain(|&(other, _)| other != symbol);
        self.epoch_ciphers.push((symbol, Aes256Enc::new(&key.0.into())));
        Ok(self)
    }

    /// The definition.
    pub fn spec(&self) -> &RuleSpec {
        &self.spec
    }

    /// Symbols of a serial, check symbols included.
    pub fn length(&self) -> usize {
        self.layout.length()
    }

    /// The alphabet.
    pub fn alphabet(&self) -> &Alphabet {
        &self.layout.alphabet
    }

    /// The check scheme bound to the alphabet.
    pub fn check(&self) -> &CheckCoder {
        &self.layout.check
    }

    /// How many serials one series has.
    pub fn capacity(&self) -> u64 {
        self.layout.ordinal.capacity
    }

    /// Whether the ordinal is scrambled.
    pub fn is_permuted(&self) -> bool {
        self.layout.ordinal.is_permuted
    }

    /// Sizes of the printed groups (none if serials are printed in one piece) and their separator.
    pub fn grouping(&self) -> (&[u8], char) {
        self.spec.grouping.as_ref().map_or((&[], '-'), |grouping| (&grouping.sizes, grouping.separator))
    }

    /// What may stand at each place.
    pub fn position_sets(&self) -> &[SymbolSet] {
        &self.layout.sets
    }

    /// The cipher of a serial's epoch.
    pub(super) fn cipher_of(&self, serial: &Serial) -> &Aes256Enc {
        let epoch = self.layout.field(SegmentKind::Epoch).map(|field| serial.as_bytes()[field.from]);
        let other = self.epoch_ciphers.iter().find(|&&(symbol, _)| Some(symbol) == epoch);
        other.map_or(&self.cipher, |(_, cipher)| cipher)
    }

    /// What tells this series' permutation from all others under the same key. No two differ in nothing: codes
    /// have no slash and versions are numbers.
    pub(super) fn tweak(&self, context: &SeriesContext) -> String {
        format!("{}/{}/{context}", self.spec.code, self.spec.version)
    }

    /// The context of the series that the inputs fall into.
    ///
    /// # Errors
    /// [`ContextError`] for a missing or unfit product code or an epoch that the rule does not have.
    pub fn context(&self, inputs: &ContextInputs<'_>) -> Result<SeriesContext, ContextError> {
        let mut context = SeriesContext::default();
        for (segment, field) in self.spec.segments.iter().zip(&self.layout.fields) {
            let Some(name) = field.kind.context_name() else { continue };
            let value = self.context_value(segment, field, inputs)?;
            self.layout.check_value(field, &value)?;
            context.push(name, &value);
        }
        Ok(context)
    }

    fn context_value(
        &self,
        segment: &Segment,
        field: &Field,
        inputs: &ContextInputs<'_>,
    ) -> Result<String, ContextError> {
        let has_week = self.layout.field(SegmentKind::Week).is_some();
        let year = if has_week { inputs.date.iso_week_date().year() } else { inputs.date.year() };
        match segment {
            Segment::Epoch { .. } => {
                let epochs = self.layout.epochs.len();
                let symbol = self.layout.epochs.get(usize::from(inputs.epoch));
                let symbol = *symbol.ok_or(ContextError::Epoch { epoch: inputs.epoch, epochs })?;
                Ok(char::from(symbol).to_string())
            }
            Segment::Year { form: YearForm::TwoDigits } => Ok(format!("{:02}", year.rem_euclid(100))),
            Segment::Year { form: YearForm::OneSymbol } => {
                let alphabet = &self.layout.alphabet;
                let index = (year - 2000).rem_euclid(i16::from(alphabet.radix()));
                let symbol = u8::try_from(index).ok().and_then(|index| alphabet.symbol(index));
                Ok(symbol.map(char::from).into_iter().collect())
            }
            Segment::Week {} => Ok(format!("{:02}", inputs.date.iso_week_date().week())),
            Segment::DayOfYear {} => Ok(format!("{:03}", inputs.date.day_of_year())),
            Segment::Product { .. } => {
                let missing = ContextError::ProductCodeMissing { width: field.width };
                Ok(inputs.product_code.ok_or(missing)?.to_owned())
            }
            Segment::Literal { .. } | Segment::Counter { .. } | Segment::Permuted { .. } | Segment::Check { .. } => {
                Ok(String::new())
            }
        }
    }

    /// The context that stands in a serial of this rule.
    pub(super) fn context_in(&self, serial: &Serial) -> SeriesContext {
        let mut context = SeriesContext::default();
        for field in &self.layout.fields {
            if let Some(name) = field.kind.context_name() {
                context.push(name, &serial.as_str()[field.range()]);
            }
        }
        context
    }

    /// The part of the layout that holds the ordinal.
    pub(super) fn ordinal(&self) -> &Ordinal {
        &self.layout.ordinal
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::serial::{AlphabetSpec, CheckScheme, Grouping, Numerals};

    const KEY: PermutationKey = PermutationKey([4; 32]);

    fn compile(segments: &str) -> Result<Rule, RuleError> {
        let toml = format!("code = \"r\"\nversion = 1\nalphabet = \"crockford32\"\nsegments = [{segments}]");
        Rule::compile(RuleSpec::from_toml(&toml)?, &KEY)
    }

    const CHECK: &str = "{ kind = \"check\", scheme = \"rs2\" }";
    const COUNTER: &str = "{ kind = \"counter\", width = 6 }";

    #[test]
    fn contexts_follow_the_date_and_product() {
        let rule = compile(&format!(
            "{{ kind = \"epoch\", symbols = \"XYZ\" }}, {{ kind = \"year\" }}, {{ kind = \"week\" }}, \
             {{ kind = \"product\", width = 3 }}, {COUNTER}, {CHECK}"
        ))
        .unwrap();
        let context = |epoch, date, product_code| {
            rule.context(&ContextInputs { epoch, date, product_code }).map(|context| context.to_string())
        };
        assert_eq!(context(1, date(2026, 3, 2), Some("T13")).unwrap(), "epoch=Y;year=26;week=10;product=T13");
        let new_year = context(0, date(2027, 1, 1), Some("T13")).unwrap();
        assert_eq!(new_year, "epoch=X;year=26;week=53;product=T13", "the ISO week's own year");
        assert!(context(3, date(2026, 3, 2), Some("T13")).unwrap_err().to_string().contains("3, numbered from 0"));
        assert_eq!(context(0, date(2026, 3, 2), None), Err(ContextError::ProductCodeMissing { width: 3 }));
        for code in ["T1", "T134", "TI3", "t13", ""] {
            assert!(matches!(context(0, date(2026, 3, 2), Some(code)), Err(ContextError::Value { .. })), "{code}");
        }
        let serial = rule.series(&new_year.parse().unwrap()).unwrap().serial(41).unwrap();
        assert!(serial.as_str().starts_with("X2653T13000041"));
        assert_eq!(rule.parse(serial.as_str()).unwrap().context.to_string(), new_year);
    }

    #[test]
    fn a_year_in_one_symbol_turns_round_the_alphabet() {
        let rule = compile(&format!(
            "{{ kind = \"year\", form = \"one-symbol\" }}, {{ kind = \"day-of-year\" }}, {COUNTER}, {CHECK}"
        ));
        let rule = rule.unwrap();
        let year = |year| {
            let inputs = ContextInputs { epoch: 0, date: date(year, 12, 31), product_code: None };
            rule.context(&inputs).unwrap().to_string()
        };
        assert_eq!(year(2026), "year=T;day=365");
        assert_eq!(year(2028), "year=W;day=366");
        assert_eq!(year(2032), "year=0;day=366");
        assert_eq!(year(1999), "year=Z;day=365");
    }

    #[test]
    fn contexts_of_another_rule_are_refused() {
        let rule = compile(&format!("{{ kind = \"epoch\" }}, {{ kind = \"week\" }}, {COUNTER}, {CHECK}")).unwrap();
        let refused = |text: &str| rule.series(&text.parse().unwrap()).map(|_| ()).unwrap_err();
        assert!(rule.series(&"epoch=0;week=53".parse().unwrap()).is_ok());
        for text in ["", "epoch=0", "week=53;epoch=0", "epoch=0;week=53;year=26"] {
            assert!(matches!(refused(text), ContextError::OtherSegments { .. }), "{text}");
        }
        for text in ["epoch=00;week=53", "epoch=I;week=53", "epoch=0;week=54", "epoch=0;week=00", "epoch=0;week=5"] {
            assert!(matches!(refused(text), ContextError::Value { .. }), "{text}");
        }
        for text in ["epoch", "epoch=", "Epoch=0", "epoch=0;", "epoch=0;epoch=0", "epoch=a b"] {
            assert!(text.parse::<SeriesContext>().is_err(), "{text}");
        }
    }

    /// Each series, version, rule and key has an order of its own.
    #[test]
    fn permutations_differ_by_series_rule_version_and_key() {
        let numbers = |spec: RuleSpec, key: u8, context: &str| {
            let rule = Rule::compile(spec, &PermutationKey([key; 32])).unwrap();
            let series = rule.series(&context.parse().unwrap()).unwrap();
            series.serials(0, 7).unwrap().map(|serial| serial.as_str()[1..10].to_owned()).collect::<Vec<_>>()
        };
        let base = numbers(RuleSpec::s12(), 1, "epoch=0");
        assert_eq!(base, numbers(RuleSpec::s12(), 1, "epoch=0"));
        assert_ne!(base, numbers(RuleSpec::s12(), 1, "epoch=1"));
        assert_ne!(base, numbers(RuleSpec::s12(), 2, "epoch=0"));
        assert_ne!(base, numbers(RuleSpec { version: 2, ..RuleSpec::s12() }, 1, "epoch=0"));
        assert_ne!(base, numbers(RuleSpec { code: "s13".into(), ..RuleSpec::s12() }, 1, "epoch=0"));
    }

    #[test]
    fn a_new_epoch_may_have_a_new_key_and_old_serials_still_resolve() {
        let old = Rule::compile(RuleSpec::s12(), &KEY).unwrap();
        let new = old.clone().with_epoch_key(1, &PermutationKey([5; 32])).unwrap();
        let serial = |rule: &Rule, context: &str| rule.series(&context.parse().unwrap()).unwrap().serial(9).unwrap();
        assert_eq!(serial(&old, "epoch=0"), serial(&new, "epoch=0"));
        assert_ne!(serial(&old, "epoch=1"), serial(&new, "epoch=1"));
        for context in ["epoch=0", "epoch=1"] {
            assert_eq!(new.parse(serial(&new, context).as_str()).unwrap().ordinal, 9);
        }
        assert!(matches!(old.with_epoch_key(32, &KEY), Err(RuleError::NoSuchEpoch { epoch: 32, epochs: 32 })));
        assert_eq!(format!("{KEY:?} {new:?}"), "PermutationKey(secret) Rule(s12 version 1)");
    }

    #[test]
    fn what_is_no_rule_is_refused_with_what_to_change() {
        let refused = |segments: &str, expected: &str| {
            let message = compile(segments).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        refused(CHECK, "exactly one counter or permuted");
        refused(&format!("{COUNTER}, {COUNTER}, {CHECK}"), "this one has 2");
        refused(COUNTER, "the last segment, and only the last, is the check");
        refused(&format!("{CHECK}, {COUNTER}"), "the last segment");
        refused(&format!("{{ kind = \"week\" }}, {{ kind = \"week\" }}, {COUNTER}, {CHECK}"), "at most one week");
        refused(&format!("{{ kind = \"permuted\", width = 3 }}, {CHECK}"), "at least 1,000,000");
        refused(&format!("{{ kind = \"counter\", width = 19 }}, {CHECK}"), "2^63");
        refused(&format!("{{ kind = \"counter\", width = 0 }}, {CHECK}"), "empty");
        refused(&format!("{{ kind = \"literal\", text = \"\" }}, {COUNTER}, {CHECK}"), "empty");
        refused(&format!("{{ kind = \"literal\", text = \"A-\" }}, {COUNTER}, {CHECK}"), "'-' in the fixed text");
        refused(&format!("{{ kind = \"literal\", text = \"TI\" }}, {COUNTER}, {CHECK}"), "cannot count 'I'");
        refused(
            &format!("{COUNTER}, {{ kind = \"literal\", text = \"TI\", checked = false }}, {CHECK}"),
            "at the front",
        );
        refused(&format!("{{ kind = \"epoch\", symbols = \"AA\" }}, {COUNTER}, {CHECK}"), "twice");
        refused(&format!("{{ kind = \"epoch\", symbols = \"O\" }}, {COUNTER}, {CHECK}"), "not in the rule's alphabet");
        refused(&format!("{{ kind = \"product\", width = 40 }}, {COUNTER}, {CHECK}"), "at most 32");
        refused(&format!("{{ kind = \"product\", width = 24 }}, {COUNTER}, {CHECK}"), "vouch for 31");
        refused(
            &format!("{{ kind = \"epoch\" }}, {COUNTER}, {{ kind = \"check\", scheme = \"damm\" }}"),
            "cannot count 'A'",
        );
        assert!(
            compile(&format!("{{ kind = \"literal\", text = \"TI\", checked = false }}, {COUNTER}, {CHECK}")).is_ok()
        );
    }

    #[test]
    fn names_groups_and_prefixes_are_checked() {
        let refused = |spec: RuleSpec| Rule::compile(spec, &KEY).unwrap_err();
        for code in ["", "S12", "s 12", "ä", &"s".repeat(33)] {
            assert!(matches!(refused(RuleSpec { code: code.into(), ..RuleSpec::s12() }), RuleError::Code { .. }));
        }
        assert_eq!(refused(RuleSpec { version: 0, ..RuleSpec::s12() }), RuleError::Version);
        for sizes in [vec![4, 4], vec![12, 0], vec![]] {
            let grouping = Some(Grouping { sizes, separator: '-' });
            assert!(matches!(
                refused(RuleSpec { grouping, ..RuleSpec::s12() }),
                RuleError::GroupSizes { length: 12, .. }
            ));
        }
        let grouping = Some(Grouping { sizes: vec![12], separator: '_' });
        assert_eq!(refused(RuleSpec { grouping, ..RuleSpec::s12() }), RuleError::Separator { separator: '_' });
        for prefix in ["", "#1", "S/N\u{200b}", "12"] {
            let prefix = Some(prefix.to_owned());
            assert!(matches!(refused(RuleSpec { prefix, ..RuleSpec::s12() }), RuleError::Prefix { .. }));
        }
        let alphabet = AlphabetSpec::Custom("AA".into());
        assert!(matches!(refused(RuleSpec { alphabet, ..RuleSpec::s12() }), RuleError::Alphabet(_)));
    }

    /// SER6: plain sequences and encoded segments, looked up alike. SER11: letters and digits.
    #[test]
    fn ser6_ser11_sequential_and_encoded_rules_read_alike() {
        let mut spec = RuleSpec::sequential("seq", "TI", 6, CheckScheme::Mod97_10);
        let plain = Rule::compile(spec.clone(), &KEY).unwrap();
        spec.alphabet = AlphabetSpec::Custom("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".into());
        spec.segments.insert(1, Segment::Product { width: 3 });
        spec.segments[2] = Segment::Permuted { width: 6, numerals: Numerals::Alphabet };
        spec.segments[3] = Segment::Check { scheme: CheckScheme::Mod37_36 };
        let encoded = Rule::compile(spec, &KEY).unwrap();
        for (rule, context, front) in [(plain, "", "TI000012"), (encoded, "product=TI3", "TITI3")] {
            let serial = rule.series(&context.parse().unwrap()).unwrap().serial(12).unwrap();
            assert!(serial.as_str().starts_with(front), "{serial}");
            assert_eq!(rule.parse(serial.as_str()).unwrap().ordinal, 12);
        }
    }
}
