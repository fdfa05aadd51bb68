//! Calendar dates as files write them.

use jiff::civil::Date;
use serde::Serializer;

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not of the form YYYY-MM-DD.
    #[error("a date is written year-month-day (ISO 8601), like 2025-03-31")]
    Form,
    /// The form is right, the day does not exist.
    #[error("there is no such day in the calendar")]
    NoSuchDay,
}

/// Reads a calendar date, ISO 8601 extended form with four digits of year.
///
/// ```
/// use nameplate::catalogue::{DateError, parse_date};
///
/// assert_eq!(parse_date("2024-02-29").unwrap().to_string(), "2024-02-29");
/// assert_eq!(parse_date("2025-02-29"), Err(DateError::NoSuchDay));
/// assert_eq!(parse_date("31.03.2025"), Err(DateError::Form));
/// ```
///
/// # Errors
/// [`DateError`] for another form, or a day that the calendar does not have.
pub fn parse_date(text: &str) -> Result<Date, DateError> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !form {
        return Err(DateError::Form);
    }
    text.parse().map_err(|_| DateError::NoSuchDay)
}

/// For serde: a date in its ISO form.
pub(super) fn iso<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

/// For serde: a date in its ISO form, or nothing.
pub(super) fn iso_option<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_iso_form_of_a_day_that_exists_is_read() {
        assert_eq!(parse_date("2025-03-31").unwrap(), jiff::civil::date(2025, 3, 31));
        for form in ["", "20250331", "2025-3-31", "03/31/2025", "2025-03-31T00:00", "-025-03-31", "２０２５-03"] {
            assert_eq!(parse_date(form), Err(DateError::Form), "{form}");
        }
        for day in ["2025-02-30", "2025-13-01", "2025-00-10"] {
            assert_eq!(parse_date(day), Err(DateError::NoSuchDay), "{day}");
        }
        assert!(parse_date("9999-12-31").is_ok());
    }
}
