//! How a language writes numbers, days and moments.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How a language writes numbers, days and moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Between groups of three digits.
    thousands: String,
    /// Before the fraction.
    decimal: String,
    /// `{d}`, `{month}`, `{m}`, `{y}` in their order.
    day: String,
    /// Short names of the months.
    months: Vec<String>,
}

impl Default for Figures {
    /// ISO 8601 and a thin space, which nobody misreads.
    fn default() -> Self {
        Self { thousands: "\u{202f}".into(), decimal: ".".into(), day: "{y}-{mm}-{dd}".into(), months: Vec::new() }
    }
}

impl Figures {
    pub(super) fn read(language: &toml::Table) -> Result<Self, String> {
        let text = |key: &str| language.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let plain = Self::default();
        let months = match language.get("months").and_then(toml::Value::as_array) {
            None => Vec::new(),
            Some(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        };
        if !months.is_empty() && months.len() != 12 {
            return Err("[language] months needs twelve names".into());
        }
        let day = text("day").unwrap_or(plain.day);
        if day.contains("{month}") && months.is_empty() {
            return Err("[language] day shows {month}, but there are no months".into());
        }
        Ok(Self {
            thousands: text("thousands").unwrap_or(plain.thousands),
            decimal: text("decimal").unwrap_or(plain.decimal),
            day,
            months,
        })
    }

    /// A whole number, in groups of three digits.
    #[must_use]
    pub fn number(&self, number: i128) -> String {
        let digits = number.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + 8);
        if number < 0 {
            out.push('\u{2212}');
        }
        // Four digits stay together, as years and most counts do.
        let grouped = digits.len() > 4;
        for (at, digit) in digits.chars().enumerate() {
            if grouped && at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(&self.thousands);
            }
            out.push(digit);
        }
        out
    }

    /// A number with so many digits behind the decimal mark.
    #[must_use]
    pub fn fraction(&self, number: f64, digits: usize) -> String {
        format!("{number:.digits$}").replace('.', &self.decimal)
    }

    /// A day.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).ok().and_then(|at| self.months.get(at));
        self.day
            .replace("{dd}", &format!("{:02}", date.day()))
            .replace("{mm}", &format!("{:02}", date.month()))
            .replace("{d}", &date.day().to_string())
            .replace("{m}", &date.month().to_string())
            .replace("{month}", month.map_or("", String::as_str))
            .replace("{y}", &date.year().to_string())
    }

    /// A moment to the minute in a time zone; the zone is named where it is UTC, which nobody's wall clock shows.
    #[must_use]
    pub fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let local = at.to_zoned(zone.clone());
        let suffix = if *zone == TimeZone::UTC { " UTC" } else { "" };
        format!("{}, {:02}:{:02}{suffix}", self.day(local.date()), local.hour(), local.minute())
    }
}
