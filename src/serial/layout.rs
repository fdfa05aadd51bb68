//! Where each segment of a rule stands and which symbols its places can hold.

use std::ops::Range;

use crate::serial::alphabet::{Alphabet, is_symbol};
use crate::serial::check::{CheckCoder, CheckScheme};
use crate::serial::ff1::{DomainError, MAX_DOMAIN, MIN_DOMAIN};
use crate::serial::segment::{Numerals, SegmentKind, YearForm};
use crate::serial::{ContextError, MAX_SERIAL_LENGTH, RuleError, RuleSpec, Segment, Serial, SymbolSet};

/// A rule's segments with their places.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) alphabet: Alphabet,
    /// In the order of the rule's segments.
    pub(super) fields: Vec<Field>,
    /// What may stand at each place.
    pub(super) sets: Vec<SymbolSet>,
    /// For each place, what a typed ASCII character means there; 0 for nothing.
    pub(super) folds: Vec<[u8; 128]>,
    pub(super) ordinal: Ordinal,
    pub(super) check: CheckCoder,
    /// First place that the check covers; all after it are covered.
    check_from: usize,
    /// The symbols of epoch 0, 1, 2 ...; empty for rules without.
    pub(super) epochs: Vec<u8>,
    /// All literals in place, everything else zero bytes.
    blank: Serial,
}

/// A segment's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) kind: SegmentKind,
    pub(super) from: usize,
    pub(super) width: usize,
}

impl Field {
    pub(super) fn range(&self) -> Range<usize> {
        self.from..self.from + self.width
    }
}

/// The segment that holds the ordinal.
#[derive(Clone, Debug)]
pub(super) struct Ordinal {
    pub(super) from: usize,
    pub(super) width: u8,
    pub(super) numerals: Alphabet,
    pub(super) is_permuted: bool,
    /// Numerals to the power of the width.
    pub(super) capacity: u64,
}

impl Layout {
    pub(super) fn new(spec: &RuleSpec) -> Result<Self, RuleError> {
        check_names(spec)?;
        let alphabet = spec.alphabet.resolve()?;
        let scheme = scheme_of(spec)?;
        let check = CheckCoder::new(scheme, &alphabet)?;
        let fields = fields_of(spec)?;
        let ordinal = ordinal_of(spec, &fields, &alphabet)?;
        let epochs = epochs_of(spec, &alphabet)?;

        let mut sets = Vec::new();
        for segment in &spec.segments {
            sets.extend(sets_of(segment, &alphabet, &epochs, &ordinal, &check)?);
        }
        let length = u8::try_from(sets.len()).ok().filter(|&length| usize::from(length) <= MAX_SERIAL_LENGTH);
        let length = length.ok_or(RuleError::Length { found: sets.len() })?;
        check_grouping(spec, sets.len())?;

        let check_from = check_from_of(spec)?;
        let covered = &sets[check_from..sets.len() - scheme.symbols()];
        check.accepts(covered.iter().fold(SymbolSet::EMPTY, |all, &set| all.union(set)))?;
        let is_field_code = matches!(scheme, CheckScheme::Rs2 | CheckScheme::Rs1 | CheckScheme::Crc10);
        if is_field_code && covered.len() + scheme.symbols() > 31 {
            return Err(RuleError::TooLongForCheck { scheme, found: covered.len() + scheme.symbols() });
        }

        let mut blank = Serial::blank(length);
        for (segment, field) in spec.segments.iter().zip(&fields) {
            if let Segment::Literal { text, .. } = segment {
                blank.as_mut_bytes()[field.range()].copy_from_slice(text.as_bytes());
            }
        }
        let folds = sets.iter().map(|&set| fold_table(set)).collect();
        Ok(Self { alphabet, fields, sets, folds, ordinal, check, check_from, epochs, blank })
    }

    pub(super) fn length(&self) -> usize {
        self.sets.len()
    }

    /// The field of a kind that stands at most once.
    pub(super) fn field(&self, kind: SegmentKind) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == kind)
    }

    /// A serial with nothing but the literals.
    pub(super) fn blank(&self) -> Serial {
        self.blank
    }

    /// The check symbols of what stands before them.
    pub(super) fn check_of(&self, serial: &Serial) -> crate::serial::CheckSymbols {
        let body_end = self.length() - self.check.scheme().symbols();
        self.check.compute_known(&serial.as_bytes()[self.check_from..body_end])
    }

    /// Writes the check symbols.
    pub(super) fn finish(&self, serial: &mut Serial) {
        let check = self.check_of(serial);
        let body_end = self.length() - self.check.scheme().symbols();
        serial.as_mut_bytes()[body_end..].copy_from_slice(check.as_bytes());
    }

    /// Whether `value` can stand in a field of the context.
    pub(super) fn check_value(&self, field: &Field, value: &str) -> Result<(), ContextError> {
        let sets = &self.sets[field.range()];
        let fits = value.len() == field.width && value.bytes().zip(sets).all(|(byte, set)| set.contains(byte));
        let number = value.parse::<u16>().ok();
        let (in_range, hint) = match field.kind {
            SegmentKind::Week => (number.is_some_and(|week| (1..=53).contains(&week)), ", 01 to 53"),
            SegmentKind::DayOfYear => (number.is_some_and(|day| (1..=366).contains(&day)), ", 001 to 366"),
            _ => (true, ""),
        };
        if fits && in_range {
            return Ok(());
        }
        let allowed = sets.iter().fold(SymbolSet::EMPTY, |all, &set| all.union(set));
        Err(ContextError::Value { segment: field.kind, found: value.into(), width: field.width, allowed, hint })
    }
}

impl Ordinal {
    /// Writes `number`, below the capacity, with leading zeros.
    pub(super) fn write(&self, mut number: u64, serial: &mut Serial) {
        let symbols = self.numerals.symbols();
        let places = &mut serial.as_mut_bytes()[self.range()];
        let base = symbols.len() as u64;
        if base.is_power_of_two() {
            for place in places.iter_mut().rev() {
                *place = symbols[digit(number & (base - 1))];
                number >>= base.trailing_zeros();
            }
        } else {
            for place in places.iter_mut().rev() {
                *place = symbols[digit(number % base)];
                number /= base;
            }
        }
    }

    /// Reads what [`Self::write`] wrote; symbols that are no numerals count as zero.
    pub(super) fn read(&self, serial: &Serial) -> u64 {
        let base = self.numerals.size() as u64;
        serial.as_bytes()[self.range()]
            .iter()
            .fold(0, |number, &symbol| number * base + u64::from(self.numerals.index_of(symbol).unwrap_or_default()))
    }

    fn range(&self) -> Range<usize> {
        self.from..self.from + usize::from(self.width)
    }
}

/// A value below 64 as an index.
fn digit(value: u64) -> usize {
    usize::from(value.to_le_bytes()[0])
}

fn fold_table(set: SymbolSet) -> [u8; 128] {
    let mut table = [0; 128];
    for typed in 0..128 {
        table[usize::from(typed)] = set.fold(typed).unwrap_or(0);
    }
    table
}

fn check_names(spec: &RuleSpec) -> Result<(), RuleError> {
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=32).contains(&spec.code.len()) || !spec.code.bytes().all(is_code) {
        return Err(RuleError::Code { code: spec.code.chars().take(64).collect() });
    }
    if spec.version == 0 {
        return Err(RuleError::Version);
    }
    let is_prefix = |prefix: &String| {
        (1..=24).contains(&prefix.chars().count())
            && prefix.starts_with(char::is_alphabetic)
            && prefix.chars().all(|c| c.is_alphabetic() || " .:#/".contains(c))
    };
    match &spec.prefix {
        Some(prefix) if !is_prefix(prefix) => Err(RuleError::Prefix { prefix: prefix.chars().take(64).collect() }),
        _ => Ok(()),
    }
}

fn check_grouping(spec: &RuleSpec, length: usize) -> Result<(), RuleError> {
    let Some(grouping) = &spec.grouping else { return Ok(()) };
    let sum = grouping.sizes.iter().map(|&size| usize::from(size)).sum();
    if sum != length || grouping.sizes.contains(&0) {
        return Err(RuleError::GroupSizes { sum, length });
    }
    if !['-', ' '].contains(&grouping.separator) {
        return Err(RuleError::Separator { separator: grouping.separator });
    }
    Ok(())
}

fn scheme_of(spec: &RuleSpec) -> Result<CheckScheme, RuleError> {
    let checks = spec.segments.iter().filter(|segment| segment.kind() == SegmentKind::Check).count();
    match spec.segments.last() {
        Some(Segment::Check { scheme }) if checks == 1 => Ok(*scheme),
        _ => Err(RuleError::CheckPlace),
    }
}

/// Places of the segments, which are as many of each kind as a rule may have.
fn fields_of(spec: &RuleSpec) -> Result<Vec<Field>, RuleError> {
    let mut fields: Vec<Field> = Vec::new();
    let mut from = 0;
    for segment in &spec.segments {
        let (kind, width) = (segment.kind(), segment.width());
        if kind.context_name().is_some() && fields.iter().any(|field| field.kind == kind) {
            return Err(RuleError::Twice { kind });
        }
        if width == 0 && kind != SegmentKind::Check {
            return Err(RuleError::Empty { kind });
        }
        fields.push(Field { kind, from, width });
        from += width;
    }
    match fields.iter().filter(|field| field.kind.is_ordinal()).count() {
        1 => Ok(fields),
        found => Err(RuleError::OrdinalSegments { found }),
    }
}

fn ordinal_of(spec: &RuleSpec, fields: &[Field], alphabet: &Alphabet) -> Result<Ordinal, RuleError> {
    let ordinal = spec.segments.iter().zip(fields).find_map(|(segment, field)| match *segment {
        Segment::Counter { width, numerals } => Some((width, numerals, false, field.from)),
        Segment::Permuted { width, numerals } => Some((width, numerals, true, field.from)),
        _ => None,
    });
    let (width, numerals, is_permuted, from) = ordinal.ok_or(RuleError::OrdinalSegments { found: 0 })?;
    let numerals = match numerals {
        Numerals::Decimal => Alphabet::digits(),
        Numerals::Alphabet => alphabet.clone(),
    };
    let length = u32::from(width);
    let radix = u32::from(numerals.radix());
    match u64::from(radix).checked_pow(length).filter(|&capacity| capacity <= MAX_DOMAIN) {
        None => Err(DomainError::TooLarge { radix, length }.into()),
        Some(domain) if is_permuted && domain < MIN_DOMAIN => {
            Err(DomainError::TooSmall { radix, length, domain }.into())
        }
        Some(capacity) => Ok(Ordinal { from, width, numerals, is_permuted, capacity }),
    }
}

fn epochs_of(spec: &RuleSpec, alphabet: &Alphabet) -> Result<Vec<u8>, RuleError> {
    let kind = SegmentKind::Epoch;
    let symbols = spec.segments.iter().find_map(|segment| match segment {
        Segment::Epoch { symbols } => Some(symbols.as_deref()),
        _ => None,
    });
    let Some(symbols) = symbols else { return Ok(Vec::new()) };
    let Some(symbols) = symbols else { return Ok(alphabet.symbols().to_vec()) };
    let mut seen = SymbolSet::EMPTY;
    for symbol in symbols.chars() {
        match u8::try_from(symbol) {
            Ok(byte) if alphabet.index_of(byte).is_none() => {
                return Err(RuleError::Symbol { kind, symbol, hint: ": it is not in the rule's alphabet" });
            }
            Ok(byte) if seen.contains(byte) => {
                return Err(RuleError::Symbol { kind, symbol, hint: " twice" });
            }
            Ok(byte) => seen = seen.with(byte),
            Err(_) => return Err(RuleError::Symbol { kind, symbol, hint: "" }),
        }
    }
    if symbols.is_empty() { Err(RuleError::Empty { kind }) } else { Ok(symbols.as_bytes().to_vec()) }
}

/// What may stand at each place of a segment.
fn sets_of(
    segment: &Segment,
    alphabet: &Alphabet,
    epochs: &[u8],
    ordinal: &Ordinal,
    check: &CheckCoder,
) -> Result<Vec<SymbolSet>, RuleError> {
    let digits = SymbolSet::of(b"0123456789");
    Ok(match segment {
        Segment::Literal { text, .. } => {
            let kind = SegmentKind::Literal;
            let hint = ": use letters, digits and ! $ % & * + @ _ ~";
            let wrong = text.chars().find(|&symbol| !u8::try_from(symbol).is_ok_and(is_symbol));
            if let Some(symbol) = wrong {
                return Err(RuleError::Symbol { kind, symbol, hint });
            }
            text.bytes().map(|byte| SymbolSet::EMPTY.with(byte)).collect()
        }
        Segment::Epoch { .. } => vec![SymbolSet::of(epochs)],
        Segment::Year { form: YearForm::OneSymbol } => vec![alphabet.set()],
        Segment::Year { form: YearForm::TwoDigits } => vec![digits; 2],
        Segment::Week {} => vec![SymbolSet::of(b"012345"), digits],
        Segment::DayOfYear {} => vec![SymbolSet::of(b"0123"), digits, digits],
        Segment::Product { width } => vec![alphabet.set(); usize::from(*width)],
        Segment::Counter { width, .. } | Segment::Permuted { width, .. } => {
            vec![ordinal.numerals.set(); usize::from(*width)]
        }
        Segment::Check { scheme } => vec![check.check_set(); scheme.symbols()],
    })
}

/// The first place that the check covers.
fn check_from_of(spec: &RuleSpec) -> Result<usize, RuleError> {
    let mut from = 0;
    for (index, segment) in spec.segments.iter().enumerate() {
        match segment {
            Segment::Literal { text, checked: false } if index == 0 => from = text.len(),
            Segment::Literal { text, checked: false } => {
                return Err(RuleError::UncheckedLiteral { text: text.clone() });
            }
            _ => {}
        }
    }
    Ok(from)
}
