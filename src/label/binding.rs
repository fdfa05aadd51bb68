//! Placeholders: `S/N {serial|group}` becomes text once the fields are known.

use std::fmt::Write as _;

use serde::Deserialize;
use thiserror::Error;

/// Text with placeholders. `{name}` is a field, `{name|filter}` a field through a filter, `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Binding {
    parts: Vec<Part>,
}

/// A stretch of a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Field { name: String, filter: Option<Filter> },
}

/// What happens to a field's value on its way to the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Groups of this many characters, from the left, with hyphens between (`group:5`).
    Group(u8),
    /// Groups of four, or of three where only that comes out even (`group`).
    Even,
    /// Upper case (`upper`).
    Upper,
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
    #[error("there is no filter {0:?}; group, group:N (2 to 9) and upper exist")]
    Filter(String),
}

impl TryFrom<String> for Binding {
    type Error = BindingError;
    fn try_from(text: String) -> Result<Binding, BindingError> {
        Binding::parse(&text)
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

    /// Appends the text with each field replaced by what `value` says of it.
    ///
    /// # Errors
    /// The name of the first field that `value` does not know.
    pub fn fill<'v>(&self, mut value: impl FnMut(&str) -> Option<&'v str>, out: &mut String) -> Result<(), &str> {
        for part in &self.parts {
            match part {
                Part::Fixed(text) => out.push_str(text),
                Part::Field { name, filter } => {
                    let value = value(name).ok_or(name.as_str())?;
                    match filter {
                        None => out.push_str(value),
                        Some(filter) => filter.push(value, out),
                    }
                }
            }
        }
        Ok(())
    }
}

/// Reads what stands between braces.
fn field(text: &str) -> Result<Part, BindingError> {
    let (name, filter) = text.split_once('|').map_or((text, None), |(name, filter)| (name, Some(filter)));
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
    if name.is_empty() || !name.chars().all(legal) {
        return Err(BindingError::Name(name.to_owned()));
    }
    Ok(Part::Field { name: name.to_owned(), filter: filter.map(Filter::parse).transpose()? })
}

impl Filter {
    fn parse(text: &str) -> Result<Filter, BindingError> {
        let (name, argument) = text.split_once(':').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let unknown = || BindingError::Filter(text.to_owned());
        match (name, argument) {
            ("group", None) => Ok(Filter::Even),
            ("group", Some(size)) => match size.parse() {
                Ok(size @ 2..=9) => Ok(Filter::Group(size)),
                _ => Err(unknown()),
            },
            ("upper", None) => Ok(Filter::Upper),
            _ => Err(unknown()),
        }
    }

    fn push(self, value: &str, out: &mut String) {
        match self {
            Filter::Upper => out.extend(value.chars().flat_map(char::to_uppercase)),
            Filter::Group(size) => push_groups(value, usize::from(size), out),
            // Twelve symbols in fours, nine in threes: no group is left with one symbol where that can be helped.
            Filter::Even => {
                let length = value.chars().count();
                let size = if length.is_multiple_of(3) && !length.is_multiple_of(4) { 3 } else { 4 };
                push_groups(value, size, out);
            }
        }
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
impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in &self.parts {
            match part {
                Part::Fixed(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Field { name, filter } => {
                    write!(f, "{{{name}")?;
                    match filter {
                        Some(Filter::Group(size)) => write!(f, "|group:{size}")?,
                        Some(Filter::Even) => f.write_str("|group")?,
                        Some(Filter::Upper) => f.write_str("|upper")?,
                        None => {}
                    }
                    f.write_char('}')?;
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
        let value = |name: &str| (name == "serial").then_some("7k3m4qxt92pa");
        binding.fill(value, &mut out).map_err(str::to_owned)?;
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
        assert_eq!(filled("{{}} {{{serial}}}"), Ok("{} {7k3m4qxt92pa}".into()));
        assert_eq!(filled(""), Ok(String::new()));
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(filled("{brand.name}"), Err("brand.name".into()));
        for bad in
            ["{serial", "serial}", "{}", "{Serial}", "{serial|lower}", "{serial|group:1}", "{serial|group:10}", "{a b}"]
        {
            assert!(Binding::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_binding_is_shown_as_it_can_be_read_again() {
        let binding = Binding::parse("{{S/N}} {serial|group} {brand.name|upper}").unwrap();
        assert_eq!(Binding::parse(&binding.to_string()), Ok(binding));
    }
}
