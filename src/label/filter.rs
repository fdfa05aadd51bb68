//! Filters: what happens to a field's value on its way to the label.

use std::fmt;

use jiff::civil::Date;
use jiff::fmt::strtime;

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Groups of this many characters, from the left, with hyphens between (`group:5`).
    Group(u8),
    /// Groups of four, or of three where only that comes out even (`group`).
    Even,
    /// Upper case (`upper`).
    Upper,
    /// Lower case (`lower`).
    Lower,
    /// A GTIN with zeros in front, as its 14 digits (`gtin14`).
    Gtin14,
    /// A date in another format (`date:%d.%m.%Y`, conversions as in `strftime`).
    Date(String),
    /// What stands for a field that is missing or empty (`default:n/a`).
    Default(String),
}

/// A value that is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDate;

impl Filter {
    /// Reads a filter; `None` if there is none of this name.
    pub fn parse(text: &str) -> Option<Filter> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
        match (name, argument) {
            ("group", None) => Some(Filter::Even),
            ("group", Some(size)) => size.parse().ok().filter(|size| (2..=9).contains(size)).map(Filter::Group),
            ("upper", None) => Some(Filter::Upper),
            ("lower", None) => Some(Filter::Lower),
            ("gtin14", None) => Some(Filter::Gtin14),
            ("date", Some(format)) => {
                let filter = Filter::Date(format.to_owned());
                let works = !format.is_empty() && filter.push("2026-11-21", &mut String::new()).is_ok();
                works.then_some(filter)
            }
            ("default", Some(text)) => Some(Filter::Default(text.to_owned())),
            _ => None,
        }
    }

    /// Whether it stands for a missing field.
    pub fn is_default(&self) -> bool {
        matches!(self, Filter::Default(_))
    }

    /// What stands for a missing field.
    pub fn default_text(&self) -> Option<&str> {
        match self {
            Filter::Default(text) => Some(text),
            _ => None,
        }
    }

    /// Characters that it may add.
    pub fn adds(&self) -> Option<&str> {
        match self {
            Filter::Group(_) | Filter::Even => Some("-"),
            Filter::Default(text) => Some(text),
            Filter::Gtin14 => Some("0"),
            Filter::Upper | Filter::Lower | Filter::Date(_) => None,
        }
    }

    /// Appends a value as the filter shows it.
    ///
    /// # Errors
    /// [`NoDate`] where a date is wanted and the value does not start with one (`2026-11-21`).
    pub fn push(&self, value: &str, out: &mut String) -> Result<(), NoDate> {
        match self {
            Filter::Upper => out.extend(value.chars().flat_map(char::to_uppercase)),
            Filter::Lower => out.extend(value.chars().flat_map(char::to_lowercase)),
            Filter::Gtin14 => {
                let is_gtin = matches!(value.len(), 8 | 12 | 13) && value.bytes().all(|b| b.is_ascii_digit());
                (0..14 - value.len().min(14)).filter(|_| is_gtin).for_each(|_| out.push('0'));
                out.push_str(value);
            }
            Filter::Group(size) => push_groups(value, usize::from(*size), out),
            // Twelve symbols in fours, nine in threes: no group is left with one symbol where that can be helped.
            Filter::Even => {
                let length = value.chars().count();
                let size = if length.is_multiple_of(3) && !length.is_multiple_of(4) { 3 } else { 4 };
                push_groups(value, size, out);
            }
            Filter::Date(format) => {
                let date: Date = value.get(..10).unwrap_or(value).parse().map_err(|_| NoDate)?;
                out.push_str(&strtime::format(format, date).map_err(|_| NoDate)?);
            }
            Filter::Default(_) => out.push_str(value),
        }
        Ok(())
    }
}

fn push_groups(value: &str, size: usize, out: &mut String) {
    for (i, character) in value.chars().enumerate() {
        if i > 0 && i.is_multiple_of(size) {
            out.push('-');
        }
        out.push(character);
    }
}

/// As written in a template.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Group(size) => write!(f, "group:{size}"),
            Filter::Even => f.write_str("group"),
            Filter::Upper => f.write_str("upper"),
            Filter::Lower => f.write_str("lower"),
            Filter::Gtin14 => f.write_str("gtin14"),
            Filter::Date(format) => write!(f, "date:{format}"),
            Filter::Default(text) => write!(f, "default:{text}"),
        }
    }
}
