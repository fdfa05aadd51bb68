//! Placeholders: `S/N {serial|group}` becomes text once the fields are known.

use std::borrow::Cow;

use thiserror::Error;

use super::filter::Filter;

/// Text with placeholders. `{name}` is a field, `{name|filter|..}` a field through filters, `{{` and `}}` are braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    parts: Vec<Part>,
}

/// A stretch of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Field { name: String, filters: Vec<Filter> },
}

/// Why a text with placeholders does not parse.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BindingError {
    /// A brace without its partner.
    #[error("the brace at {0:?} has no partner; write {{{{ or }}}} for a brace that shall be printed")]
    Brace(String),
    /// A name that cannot be a field's.
    #[error("{0:?} is no field name: small letters, digits, dots and underscores, as in brand.name")]
    Name(String),
    /// A filter that does not exist.
    #[error(
        "there is no filter {0:?}; group, group:N (2 to 9), upper, lower, gtin14, date:FORMAT (as date:%d.%m.%Y) and \
         default:TEXT exist"
    )]
    Filter(String),
}

/// Why a text with placeholders cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FillError {
    /// The data lack a field.
    #[error("the field {0:?} is missing")]
    Missing(String),
    /// A date that is none.
    #[error("the field {field:?} must be a date as 2026-11-21, not {:?}", shown(.value))]
    Date {
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
}

/// Data for a message, cut where they are very long.
pub(super) fn shown(value: &str) -> String {
    const MAX_SHOWN_CHARACTERS: usize = 80;
    match value.char_indices().nth(MAX_SHOWN_CHARACTERS) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}

impl Binding {
    /// Reads text with placeholders.
    ///
    /// # Errors
    /// [`BindingError`] for braces without partner, field names and filters that cannot be.
    ///
    /// ```
    /// # use nameplate::label::binding::Binding;
    /// assert_eq!(Binding::parse("S/N {serial|group}")?.fields().collect::<Vec<_>>(), ["serial"]);
    /// assert!(Binding::parse("S/N {serial").is_err());
    /// # Ok::<(), nameplate::label::binding::BindingError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Binding, BindingError> {
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            fixed.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                fixed.push_str(brace);
                rest = after;
                continue;
            }
            let close =
                after.find('}').filter(|_| brace == "{").ok_or_else(|| BindingError::Brace(rest[at..].to_owned()))?;
            if !fixed.is_empty() {
                parts.push(Part::Fixed(std::mem::take(&mut fixed)));
            }
            parts.push(field(&after[..close])?);
            rest = &after[close + 1..];
        }
        fixed.push_str(rest);
        if !fixed.is_empty() {
            parts.push(Part::Fixed(fixed));
        }
        Ok(Binding { parts })
    }

    /// The fields that are used, in order, repeated if used repeatedly.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field { name, .. } => Some(name.as_str()),
            Part::Fixed(_) => None,
        })
    }

    /// The fields that have no default of their own.
    pub fn fields_needed(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field { name, filters } if !filters.iter().any(Filter::is_default) => Some(name.as_str()),
            Part::Field { .. } | Part::Fixed(_) => None,
        })
    }

    /// The text that stands between the fields.
    pub fn fixed_text(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Fixed(text) => Some(text.as_str()),
            Part::Field { .. } => None,
        })
    }

    /// Characters that filters may put beside those of the fields.
    pub fn filter_text(&self) -> impl Iterator<Item = &str> {
        let filters = self.parts.iter().flat_map(|part| match part {
            Part::Field { filters, .. } => filters.as_slice(),
            Part::Fixed(_) => &[],
        });
        filters.filter_map(Filter::adds)
    }

    /// Whether a field is shown as a date.
    pub fn has_dates(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Field { filters, .. } => filters.iter().any(|filter| matches!(filter, Filter::Date(_))),
            Part::Fixed(_) => false,
        })
    }

    /// Appends the text with each field replaced by what `value` says of it.
    ///
    /// # Errors
    /// [`FillError`] for the first field that `value` does not know, or that a filter cannot take.
    pub fn fill<'v>(&self, mut value: impl FnMut(&str) -> Option<&'v str>, out: &mut String) -> Result<(), FillError> {
        for part in &self.parts {
            match part {
                Part::Fixed(text) => out.push_str(text),
                Part::Field { name, filters } => filled(name, filters, value(name), out)?,
            }
        }
        Ok(())
    }
}

/// Appends one field's value after its filters.
fn filled(name: &str, filters: &[Filter], value: Option<&str>, out: &mut String) -> Result<(), FillError> {
    let default = filters.iter().find_map(Filter::default_text);
    let value = match (value, default) {
        (Some(""), Some(default)) | (None, Some(default)) => {
            out.push_str(default);
            return Ok(());
        }
        (Some(value), _) => value,
        (None, None) => return Err(FillError::Missing(name.to_owned())),
    };
    let bad_date = || FillError::Date { field: name.to_owned(), value: value.to_owned() };
    let Some((last, before)) = filters.split_last() else {
        out.push_str(value);
        return Ok(());
    };
    let mut text = Cow::Borrowed(value);
    for filter in before {
        let mut next = String::new();
        filter.push(&text, &mut next).map_err(|_| bad_date())?;
        text = Cow::Owned(next);
    }
    last.push(&text, out).map_err(|_| bad_date())
}

/// Reads what stands between braces.
fn field(text: &str) -> Result<Part, BindingError> {
    let mut parts = text.split('|');
    let name = parts.next().unwrap_or_default();
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
    if name.is_empty() || !name.chars().all(legal) {
        return Err(BindingError::Name(name.to_owned()));
    }
    let filter = |text: &str| Filter::parse(text).ok_or_else(|| BindingError::Filter(text.to_owned()));
    Ok(Part::Field { name: name.to_owned(), filters: parts.map(filter).collect::<Result<_, _>>()? })
}

/// As written in a template.
impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in &self.parts {
            match part {
                Part::Fixed(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Field { name, filters } => {
                    write!(f, "{{{name}")?;
                    filters.iter().try_for_each(|filter| write!(f, "|{filter}"))?;
                    f.write_str("}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let mut out = String::new();
        let binding = Binding::parse(text).map_err(|e| e.to_string())?;
        let value = |name: &str| match name {
            "serial" => Some("7k3m4qxt92pa"),
            "made" => Some("2026-03-09"),
            "note" => Some(""),
            _ => None,
        };
        binding.fill(value, &mut out).map_err(|e| e.to_string())?;
        Ok(out)
    }

    #[test]
    fn placeholders_are_filled_and_braces_can_be_printed() {
        assert_eq!(filled("S/N {serial|group}"), Ok("S/N 7k3m-4qxt-92pa".into()));
        assert_eq!(filled("{serial|group:9}"), Ok("7k3m4qxt9-2pa".into()));
        let mut nine = String::new();
        Binding::parse("{s|group}").unwrap().fill(|_| Some("123456789"), &mut nine).unwrap();
        assert_eq!(nine, "123-456-789");
        assert_eq!(filled("{serial|group:5}{serial|upper}"), Ok("7k3m4-qxt92-pa7K3M4QXT92PA".into()));
        assert_eq!(filled("{serial|upper|group}{serial|upper|lower}"), Ok("7K3M-4QXT-92PA7k3m4qxt92pa".into()));
        assert_eq!(filled("{{}} {{{serial}}}"), Ok("{} {7k3m4qxt92pa}".into()));
        assert_eq!(filled(""), Ok(String::new()));
    }

    #[test]
    fn dates_and_defaults_are_filters() {
        assert_eq!(filled("{made|date:%d.%m.%Y} {made|date:%y%m%d}"), Ok("09.03.2026 260309".into()));
        assert_eq!(filled("{note|default:none} {color|upper|default:}{color|default:n/a}"), Ok("none n/a".into()));
        assert_eq!(filled("{note}"), Ok(String::new()));
        assert!(filled("{serial|date:%Y}").is_err_and(|e| e.contains("must be a date as 2026-11-21")));
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(filled("{brand.name}"), Err("the field \"brand.name\" is missing".into()));
        for bad in [
            "{serial",
            "serial}",
            "{}",
            "{Serial}",
            "{serial|lowr}",
            "{serial|group:1}",
            "{serial|group:10}",
            "{a b}",
            "{a|date:%Q}",
            "{a|date}",
            "{a|}",
        ] {
            assert!(Binding::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_binding_is_shown_as_it_can_be_read_again() {
        let binding = Binding::parse("{{S/N}} {serial|group:3|upper} {made|date:%Y-%m|default:-} {b|lower}").unwrap();
        assert_eq!(Binding::parse(&binding.to_string()), Ok(binding.clone()));
        assert_eq!(binding.fields_needed().collect::<Vec<_>>(), ["serial", "b"]);
    }
}
