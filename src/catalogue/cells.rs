//! One row of a table while it is read: cells by column name, and faults for what does not fit.

use std::borrow::Cow;

use jiff::civil::Date;

use super::fault::{FaultList, Place};
use super::reason::ValueReason;
use super::table::{Column, Holds, Table};

/// Integers from here on may not be what was typed: spreadsheet programs keep 15 digits.
const DIGITS_KEPT: f64 = 1e15;

/// A cell as the CSV and XLSX readers deliver it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Blank,
    /// Text.
    Text(Cow<'a, str>),
    /// CSV only: text that a spreadsheet program would run as a formula.
    FormulaText(Cow<'a, str>),
    /// XLSX only: a number.
    Number(f64),
    /// XLSX only: a date without a time.
    Day(Date),
    /// XLSX only: a formula; what it is or shows.
    Formula(String),
    /// XLSX only: something else; what it is, in words.
    Other(&'static str),
}

impl<'a> Cell<'a> {
    /// Guards a CSV cell: one that starts with `=`, `+`, `-`, `@`, a tabulator or a carriage return would be run as a formula
    /// by a spreadsheet program. Apostrophes before such a start mark it as text; one of them is taken away, as the writer of
    /// this module adds one.
    pub fn from_csv(text: Cow<'a, str>) -> Self {
        let trimmed = visible_start(&text);
        if trimmed.is_empty() {
            return Self::Blank;
        }
        if !starts_as_formula(trimmed) {
            return Self::Text(text);
        }
        match trimmed.strip_prefix('\'') {
            Some(marked) => Self::Text(Cow::Owned(marked.to_owned())),
            None => Self::FormulaText(text),
        }
    }

    /// Whether there is nothing in it but blanks.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// What to show of it in a fault.
    pub fn shown(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) | Self::FormulaText(text) => text.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Formula(text) => text.clone(),
            Self::Other(what) => (*what).to_owned(),
        }
    }

    /// The text that the cell stands for in a column of this kind; whether it came from a number.
    fn text(&self, holds: Holds) -> Result<(Cow<'_, str>, bool), ValueReason> {
        match self {
            Self::Blank => Ok((Cow::Borrowed(""), false)),
            Self::Text(text) if is_power_of_ten(text.trim()) => Err(ValueReason::PowersOfTen),
            Self::Text(text) => Ok((Cow::Borrowed(text.trim()), false)),
            Self::FormulaText(text) => {
                Err(ValueReason::FormulaText { first: visible_start(text).chars().next().unwrap_or('=') })
            }
            Self::Number(number) => match holds {
                Holds::Text => {
                    whole_digits(*number).map(|digits| (Cow::Owned(digits), true)).ok_or(ValueReason::NotDigits)
                }
                Holds::Date => Err(ValueReason::NotText { what: "a number where a date like 2025-03-31 belongs" }),
            },
            Self::Day(day) => match holds {
                Holds::Date => Ok((Cow::Owned(day.to_string()), false)),
                Holds::Text => Err(ValueReason::NotText { what: "a date" }),
            },
            Self::Formula(_) => Err(ValueReason::FormulaCell),
            Self::Other(what) => Err(ValueReason::NotText { what }),
        }
    }
}

/// The text from where the checks of values will see it: without blanks, but with a tabulator or carriage return at its start.
fn visible_start(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\t' | '\r'))
}

/// Whether a spreadsheet program would run the text, or would once apostrophes before it are gone.
pub(super) fn starts_as_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// `8.41E+12`, `9,5E+12`: what spreadsheet programs make of long numbers in CSV.
fn is_power_of_ten(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else {
        return false;
    };
    let mut digits = mantissa.bytes();
    digits.next().is_some_and(|byte| byte.is_ascii_digit())
        && digits.all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && !exponent.is_empty()
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of a whole number that a spreadsheet program has kept exactly.
fn whole_digits(number: f64) -> Option<String> {
    let whole = number.fract() == 0.0 && number.is_sign_positive() && number < DIGITS_KEPT;
    whole.then(|| format!("{number:.0}"))
}

/// A row whose cells are asked for by column name. Everything wrong becomes a fault at once, so that one pass over the columns
/// reports them all.
pub(super) struct RowCells<'r, 'a> {
    pub table: Table,
    /// For each column of the table, which cell holds it.
    pub positions: &'r [Option<usize>],
    pub cells: &'r [Cell<'a>],
    pub place: Place,
    pub faults: &'r mut FaultList,
}

impl RowCells<'_, '_> {
    /// Reads a value that must be there. `None`: a fault was reported.
    pub fn required<T, E: Into<ValueReason>>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.optional(column, read)?;
        if value.is_none() {
            self.fault(column, None, ValueReason::Missing);
        }
        value
    }

    /// Reads a value that may be absent (`Some(None)`). `None`: a fault was reported.
    pub fn optional<T, E: Into<ValueReason>>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let Some((column, cell)) = self.cell(column) else {
            return Some(None);
        };
        let result = cell.text(column.holds).and_then(|(text, number)| {
            if text.is_empty() {
                return Ok(None);
            }
            read(&text).map(Some).map_err(|error| match number {
                true => ValueReason::FromNumber(Box::new(error.into())),
                false => error.into(),
            })
        });
        match result {
            Ok(value) => Some(value),
            Err(reason) => {
                let shown = cell.shown();
                self.fault(column.name, Some(&shown), reason);
                None
            }
        }
    }

    /// Reports a fault of one value, shown as it stands in the file.
    pub fn refuse(&mut self, column: &'static str, reason: ValueReason) {
        let shown = self.cell(column).map(|(_, cell)| cell.shown());
        self.fault(column, shown.as_deref(), reason);
    }

    /// The text of a cell, without judging it.
    pub fn raw(&self, column: &str) -> Option<&str> {
        match self.cell(column)? {
            (_, Cell::Text(text) | Cell::FormulaText(text)) => Some(text.trim()),
            _ => None,
        }
    }

    fn fault(&mut self, column: &str, value: Option<&str>, reason: ValueReason) {
        self.faults.add(self.place, Some(column), value, reason.into());
    }

    fn cell(&self, name: &str) -> Option<(&'static Column, &Cell<'_>)> {
        let columns = self.table.columns();
        let index = columns.iter().position(|column| column.name == name)?;
        let cell = self.cells.get((*self.positions.get(index)?)?)?;
        Some((&columns[index], cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> Cell<'_> {
        Cell::from_csv(Cow::Borrowed(text))
    }

    #[test]
    fn formula_starts_are_guarded_and_marked_text_is_unmarked() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(\"x\")", "\u{A0}\n=1"] {
            assert!(matches!(csv(text), Cell::FormulaText(_)), "{text:?}");
        }
        assert_eq!(csv("'-10 °C"), Cell::Text("-10 °C".into()));
        assert_eq!(csv("''=1"), Cell::Text("'=1".into()));
        assert_eq!(csv("'n Huis"), Cell::Text("'n Huis".into()));
        assert_eq!(csv("a=b"), Cell::Text("a=b".into()));
    }

    #[test]
    fn ser10_numbers_are_digits_up_to_fifteen_and_never_rounded() {
        assert_eq!(whole_digits(9_506_000_134_352.0).as_deref(), Some("9506000134352"));
        assert_eq!(whole_digits(999_999_999_999_999.0).as_deref(), Some("999999999999999"));
        for number in [1e15, 8.41, -5.0, -0.0, f64::NAN, f64::INFINITY] {
            assert_eq!(whole_digits(number), None, "{number}");
        }
    }

    #[test]
    fn ser10_powers_of_ten_are_seen() {
        for text in ["8.41E+12", "9,5E+12", "1e+05"] {
            assert!(is_power_of_ten(text), "{text}");
        }
        for text in ["E+1", "AE+12", "8.41E+", "8E-2", "NT-M2", "8.41E+12 mm"] {
            assert!(!is_power_of_ten(text), "{text}");
        }
    }
}
