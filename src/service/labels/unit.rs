//! What differs from label to label: the serial, as codes carry it and as people read it.

use crate::label::VariableField;
use crate::serial::{OrdinalTooLarge, Rule, Series};
use std::ops::Deref;

/// The serial as codes carry it.
pub const SERIAL: &str = "serial";
/// The serial in the groups of its own rule; `{serial|group}` does for rules of nine and twelve symbols.
pub const PRINTED: &str = "serial.printed";

/// The values of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitValues {
    serial: String,
    printed: String,
}

impl UnitValues {
    /// Of the unit with this number in a series of the rule.
    ///
    /// ```
    /// use nameplate::serial::{PermutationKey, Rule, RuleSpec};
    /// use nameplate::service::labels::UnitValues;
    ///
    /// let rule = Rule::compile(RuleSpec::s12(), &PermutationKey([7; 32]))?;
    /// let series = rule.series(&"epoch=0".parse()?)?;
    /// let values = UnitValues::of(&rule, &series, 41)?;
    /// assert_eq!(values.serial(), series.serial(41)?.as_str());
    /// assert_eq!(values.printed().replace('-', ""), values.serial());
    /// assert!(UnitValues::of(&rule, &series, u64::MAX).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OrdinalTooLarge`] if the series has no such number.
    pub fn of(rule: &Rule, series: &Series<'_>, ordinal: u64) -> Result<UnitValues, OrdinalTooLarge> {
        let serial = series.serial(ordinal)?;
        let mut values = UnitValues::default();
        values.set(rule, serial.as_str());
        Ok(values)
    }

    /// Takes another serial of the rule, or a specimen of one; keeps the memory.
    pub fn set(&mut self, rule: &Rule, serial: &str) {
        self.serial.clear();
        self.serial.push_str(serial);
        self.printed.clear();
        let (sizes, separator) = rule.grouping();
        let mut rest = serial;
        for &size in sizes {
            // Serials are ASCII; a text that is none is not cut.
            let Some((group, left)) = rest.split_at_checked(usize::from(size)) else { break };
            self.printed.push_str(group);
            if !left.is_empty() {
                self.printed.push(separator);
            }
            rest = left;
        }
        self.printed.push_str(rest);
    }

    /// The serial as codes carry it.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The serial in the groups of its rule.
    #[must_use]
    pub fn printed(&self) -> &str {
        &self.printed
    }
}

/// The values of a label in the order in which the artwork wants them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'v> {
    values: [&'v str; 2],
    length: usize,
}

impl<'v> Row<'v> {
    /// With the printed form if the template shows it.
    pub(super) fn new(values: &'v UnitValues, shows_printed: bool) -> Row<'v> {
        Row { values: [&values.serial, &values.printed], length: if shows_printed { 2 } else { 1 } }
    }
}

impl<'v> Deref for Row<'v> {
    type Target = [&'v str];

    fn deref(&self) -> &[&'v str] {
        &self.values[..self.length]
    }
}

impl<'v> AsRef<[&'v str]> for Row<'v> {
    fn as_ref(&self) -> &[&'v str] {
        self
    }
}

/// The fields that differ from unit to unit, for a template that shows the printed form, or for one that does not.
pub(in crate::service) fn variable_fields(rule: &Rule, shows_printed: bool) -> Vec<VariableField> {
    let mut alphabet: Vec<char> = rule.position_sets().iter().flat_map(|set| set.iter()).map(char::from).collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    let (groups, separator) = rule.grouping();
    let separators = groups.len().saturating_sub(1);
    let printed = alphabet.iter().copied().chain((separators > 0).then_some(separator)).collect();
    let field = |name: &str, alphabet: String, longest: usize| VariableField {
        name: name.into(),
        alphabet,
        longest,
        samples: Vec::new(),
        extremes: Vec::new(),
    };
    let mut fields = vec![field(SERIAL, alphabet.into_iter().collect(), rule.length())];
    if shows_printed {
        fields.push(field(PRINTED, printed, rule.length() + separators));
    }
    fields
}

/// Whether the serials of two rules take the same room: labels are laid out for what serials can be, not for which they are.
pub(in crate::service) fn look_alike(one: &Rule, other: &Rule) -> bool {
    variable_fields(one, true) == variable_fields(other, true) && one.grouping() == other.grouping()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::{CheckScheme, PermutationKey, RuleSpec};

    /// Grouped as the serial itself is.
    #[test]
    fn values_are_grouped_as_the_rule_says() {
        let sequential = RuleSpec::sequential("gauges", "G", 6, CheckScheme::Damm);
        for spec in [RuleSpec::s12(), RuleSpec::s9(), sequential] {
            let rule = Rule::compile(spec, &PermutationKey([1; 32])).unwrap();
            let context = if rule.length() == 12 { "epoch=0" } else { "" };
            let series = rule.series(&context.parse().unwrap()).unwrap();
            for ordinal in [0, 1, 77_777] {
                let serial = series.serial(ordinal).unwrap();
                let values = UnitValues::of(&rule, &series, ordinal).unwrap();
                assert_eq!(values.printed(), serial.grouped(&rule).to_string());
                assert_eq!(Row::new(&values, true)[..], [serial.as_str(), values.printed()]);
                assert_eq!(Row::new(&values, false)[..], [serial.as_str()]);
            }
        }
    }
}
