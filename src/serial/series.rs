//! A series: the serials of one rule and one context, numbered from 0.

use aes::Aes256Enc;

use crate::serial::ff1::{DomainError, Ff1, LANES};
use crate::serial::{ContextError, Rule, Serial, SeriesContext};

/// The serials of one rule in one context; ordinal and serial determine each other.
pub struct Series<'r> {
    rule: &'r Rule,
    /// Literals and context in place, ordinal and check blank.
    template: Serial,
    /// `None` for a plain counter.
    permutation: Option<Ff1<&'r Aes256Enc>>,
}

/// An ordinal that the series does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no serial number {ordinal}: this series has {capacity}, numbered from 0")]
pub struct OrdinalTooLarge {
    /// The ordinal asked for.
    pub ordinal: u64,
    /// How many the series has.
    pub capacity: u64,
}

impl Rule {
    /// The series of a context.
    ///
    /// # Errors
    /// [`ContextError`] when the context is not one of this rule.
    pub fn series(&self, context: &SeriesContext) -> Result<Series<'_>, ContextError> {
        let mut template = self.layout.blank();
        let mut rebuilt = SeriesContext::default();
        let names = || self.layout.fields.iter().filter_map(|field| field.kind.context_name());
        let other = || ContextError::OtherSegments {
            wanted: if names().next().is_none() { "nothing".into() } else { names().collect::<Vec<_>>().join(", ") },
            found: context.to_string(),
        };
        for field in &self.layout.fields {
            if let Some(name) = field.kind.context_name() {
                let value = context.get(name).ok_or_else(other)?;
                self.layout.check_value(field, value)?;
                template.as_mut_bytes()[field.range()].copy_from_slice(value.as_bytes());
                rebuilt.push(name, value);
            }
        }
        if rebuilt != *context { Err(other()) } else { Ok(self.series_of(template, context)) }
    }

    /// The series of a serial whose context has been checked.
    pub(super) fn series_of(&self, template: Serial, context: &SeriesContext) -> Series<'_> {
        let permutation = self.is_permuted().then(|| self.permutation(&template, context));
        Series { rule: self, template, permutation }
    }

    #[expect(clippy::expect_used, reason = "Layout::new has checked the domain, and a tweak of a rule is short")]
    fn permutation(&self, template: &Serial, context: &SeriesContext) -> Ff1<&Aes256Enc> {
        let ordinal = self.ordinal();
        let radix = u32::from(ordinal.numerals.radix());
        let tweak = self.tweak(context);
        let permutation: Result<_, DomainError> =
            Ff1::new(self.cipher_of(template), tweak.as_bytes(), radix, u32::from(ordinal.width));
        permutation.expect("checked when the rule was compiled")
    }
}

impl Series<'_> {
    /// How many serials the series has.
    pub fn capacity(&self) -> u64 {
        self.rule.capacity()
    }

    /// The serial of an ordinal.
    ///
    /// # Errors
    /// [`OrdinalTooLarge`] from the capacity on.
    pub fn serial(&self, ordinal: u64) -> Result<Serial, OrdinalTooLarge> {
        self.check_ordinal(ordinal)?;
        let number = self.permutation.as_ref().map_or(ordinal, |permutation| permutation.encrypt(ordinal));
        Ok(self.format(number))
    }

    /// Hands the serials of `first` to `last`, both included, to `write` in order. Nothing if `first` is greater.
    ///
    /// This is the fast way: numbers are permuted many at a time, and nothing is allocated.
    ///
    /// # Errors
    /// [`OrdinalTooLarge`] before anything is written.
    pub fn write_range(&self, first: u64, last: u64, mut write: impl FnMut(&Serial)) -> Result<(), OrdinalTooLarge> {
        for serial in self.serials(first, last)? {
            write(&serial);
        }
        Ok(())
    }

    /// The serials of `first` to `last`, both included, as an iterator of flat memory and the same speed.
    ///
    /// # Errors
    /// [`OrdinalTooLarge`] if `last` is not in the series.
    pub fn serials(&self, first: u64, last: u64) -> Result<Serials<'_>, OrdinalTooLarge> {
        self.check_ordinal(last)?;
        Ok(Serials { series: self, next: first, end: last + 1, numbers: [0; LANES], buffered: 0, taken: 0 })
    }

    /// The ordinal of a serial that is in this series.
    pub(super) fn ordinal_of(&self, serial: &Serial) -> u64 {
        let number = self.rule.ordinal().read(serial);
        self.permutation.as_ref().map_or(number, |permutation| permutation.decrypt(number))
    }

    fn check_ordinal(&self, ordinal: u64) -> Result<(), OrdinalTooLarge> {
        let capacity = self.capacity();
        if ordinal < capacity { Ok(()) } else { Err(OrdinalTooLarge { ordinal, capacity }) }
    }

    fn format(&self, number: u64) -> Serial {
        let mut serial = self.template;
        self.rule.ordinal().write(number, &mut serial);
        self.rule.layout.finish(&mut serial);
        serial
    }
}

/// See [`Series::serials`].
pub struct Serials<'s> {
    series: &'s Series<'s>,
    /// The first ordinal that is not in the buffer, and the one after the last.
    next: u64,
    end: u64,
    /// Permuted numbers, of which `taken` have been handed out.
    numbers: [u64; LANES],
    buffered: usize,
    taken: usize,
}

impl Serials<'_> {
    fn refill(&mut self) {
        self.taken = 0;
        self.buffered = 0;
        for (slot, ordinal) in self.numbers.iter_mut().zip(self.next..self.end) {
            *slot = ordinal;
            self.buffered += 1;
        }
        self.next += self.buffered as u64;
        if let Some(permutation) = &self.series.permutation {
            permutation.encrypt_all(&mut self.numbers[..self.buffered]);
        }
    }
}

impl Iterator for Serials<'_> {
    type Item = Serial;

    fn next(&mut self) -> Option<Serial> {
        if self.taken == self.buffered {
            self.refill();
        }
        let number = *self.numbers[..self.buffered].get(self.taken)?;
        self.taken += 1;
        Some(self.series.format(number))
    }
}
