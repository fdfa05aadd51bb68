//! Reading the fields of a TOML table: each with its type, each fault with its place, all faults of a file at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::label::drawing::Turn;
use crate::label::units::Um;

/// A place in the file and what is wrong there.
pub type Fault = (Range<usize>, String);

/// The most faults that are told of one file.
const MAX_FAULTS: usize = 50;

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// Notes one.
    pub fn push(&self, at: Range<usize>, message: impl Into<String>) {
        let mut faults = self.0.borrow_mut();
        if faults.len() < MAX_FAULTS {
            faults.push((at, message.into()));
        }
    }

    /// All, in the order of the file.
    pub fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        faults.sort_by_key(|(at, _)| at.start);
        faults
    }
}

/// Fields of one table. Each that was asked for is known; [`Reader::finish`] refuses the others.
pub struct Reader<'a> {
    table: &'a DeTable<'a>,
    /// Where the table stands.
    pub at: Range<usize>,
    /// What the table is, for messages: `a text`.
    what: &'a str,
    known: BTreeSet<&'static str>,
    faults: &'a Faults,
}

impl<'a> Reader<'a> {
    /// For a table.
    pub fn new(table: &'a DeTable<'a>, at: Range<usize>, what: &'a str, faults: &'a Faults) -> Reader<'a> {
        Reader { table, at, what, known: BTreeSet::new(), faults }
    }

    /// Whether a field is there.
    pub fn has(&self, name: &str) -> bool {
        self.table.get(name).is_some()
    }

    /// The name of a first field that is a table.
    pub fn inner_table(&self) -> Option<String> {
        let inner = self.table.iter().find(|(_, value)| value.get_ref().as_table().is_some());
        inner.map(|(key, _)| key.get_ref().to_string())
    }

    /// Where a field stands; the table if it is not there.
    pub fn place(&self, name: &str) -> Range<usize> {
        self.table.get(name).map_or(self.at.clone(), |value| value.span())
    }

    /// Notes a fault at a field.
    pub fn fault(&self, name: &str, message: impl Into<String>) {
        self.faults.push(self.place(name), message);
    }

    fn get(&mut self, name: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.insert(name);
        self.table.get(name)
    }

    /// Reads a field with `read`, which says what would be right if it is wrong.
    fn read<T>(&mut self, name: &'static str, read: impl FnOnce(&'a DeValue<'a>) -> Result<T, String>) -> Option<T> {
        let value = self.get(name)?;
        match read(value.get_ref()) {
            Ok(value) => Some(value),
            Err(wanted) => {
                self.faults.push(value.span(), format!("`{name}`: {wanted}"));
                None
            }
        }
    }

    /// Notes that a field without which this is nothing is missing.
    fn missing(&self, name: &str) {
        self.faults.push(self.at.clone(), format!("{} needs `{name}`", self.what));
    }

    /// A field that is needed, read by one of the other functions; a stand-in if it is missing or wrong.
    pub fn needed<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> Option<T>, stand_in: T) -> T {
        if !self.has(name) {
            self.known.insert(name);
            self.missing(name);
        }
        read(self).unwrap_or(stand_in)
    }

    /// Text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.read(name, |value| value.as_str().map(str::to_owned).ok_or_else(|| expected("a text", value)))
    }

    /// Text that `parse` understands.
    pub fn parsed<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.read(name, |value| value.as_str().ok_or_else(|| expected("a text", value)).and_then(parse))
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.parsed(name, |text| {
            let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            let list = || words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(", ");
            found.ok_or_else(|| format!("{text:?} is none of {}", list()))
        })
    }

    /// A length in millimetres, 0 to 1000.
    pub fn mm(&mut self, name: &'static str) -> Option<Um> {
        self.read(name, |value| {
            let length = number(value).and_then(Um::from_mm).filter(|um| um.0 >= 0);
            length.ok_or_else(|| expected("a length between 0 and 1000 mm", value))
        })
    }

    /// A length above zero.
    pub fn size_mm(&mut self, name: &'static str) -> Option<Um> {
        self.read(name, |value| {
            let length = number(value).and_then(Um::from_mm).filter(|um| um.0 > 0);
            length.ok_or_else(|| expected("a length above 0 and up to 1000 mm", value))
        })
    }

    /// A type size in points.
    pub fn pt(&mut self, name: &'static str) -> Option<Um> {
        self.read(name, |value| {
            let size = number(value).filter(|pt| (2.0..=300.0).contains(pt)).and_then(Um::from_pt);
            size.ok_or_else(|| expected("a type size between 2 and 300 pt", value))
        })
    }

    /// A whole number within a range.
    pub fn whole(&mut self, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.read(name, |value| {
            let whole = value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
            let wanted = || expected(&format!("a whole number from {} to {}", range.start(), range.end()), value);
            whole.filter(|n| range.contains(n)).ok_or_else(wanted)
        })
    }

    /// Quarter turns in degrees.
    pub fn degrees(&mut self, name: &'static str) -> Option<Turn> {
        self.read(name, |value| {
            let degrees = value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
            degrees.and_then(Turn::from_degrees).ok_or_else(|| expected("0, 90, 180 or 270 degrees clockwise", value))
        })
    }

    /// A number of things, at least 1.
    pub fn count(&mut self, name: &'static str, most: i64) -> Option<usize> {
        self.whole(name, 1..=most).and_then(|count| usize::try_from(count).ok())
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.read(name, |value| value.as_bool().ok_or_else(|| expected("true or false", value)))
    }

    /// A list, each entry read by `each`.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        mut each: impl FnMut(&'a Spanned<DeValue<'a>>) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        self.read(name, |value| {
            let entries = value.as_array().ok_or_else(|| expected("a list", value))?;
            entries.iter().map(&mut each).collect()
        })
    }

    /// A text, or texts by some key.
    pub fn text_or_table<T>(
        &mut self,
        name: &'static str,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Option<TextOrTable<T>> {
        self.read(name, |value| text_or_table(value, &mut parse))
    }

    /// A table within this one.
    pub fn table(&mut self, name: &'static str, what: &'a str) -> Option<Reader<'a>> {
        let faults = self.faults;
        let value = self.get(name)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Reader::new(table, value.span(), what, faults)),
            None => {
                faults.push(value.span(), format!("`{name}`: {}", expected("a table", value.get_ref())));
                None
            }
        }
    }

    /// The entries of a table whose keys are free.
    pub fn entries(self) -> Vec<(&'a str, Reader<'a>)> {
        let mut entries = Vec::new();
        for (key, value) in self.table {
            match value.get_ref().as_table() {
                Some(table) => {
                    entries.push((key.get_ref().as_ref(), Reader::new(table, value.span(), self.what, self.faults)));
                }
                None => self.faults.push(value.span(), expected("a table", value.get_ref())),
            }
        }
        entries
    }

    /// The tables of an array of tables (`[[name]]`).
    pub fn tables(&mut self, name: &'static str, what: &'a str) -> Vec<Reader<'a>> {
        let faults = self.faults;
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(entries) = value.get_ref().as_array() else {
            faults.push(value.span(), format!("{what} is written as [[{name}]]"));
            return Vec::new();
        };
        let mut readers = Vec::new();
        for entry in entries.iter() {
            match entry.get_ref().as_table() {
                Some(table) => readers.push(Reader::new(table, entry.span(), what, faults)),
                None => faults.push(entry.span(), format!("{what} is written as [[{name}]]")),
            }
        }
        readers
    }

    /// Refuses fields that nobody asked for.
    pub fn finish(self) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !self.known.contains(name) {
                let known = self.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                self.faults.push(key.span(), format!("unknown field `{name}`; {} may have {known}", self.what));
            }
        }
    }
}

/// A text, or texts by some key.
pub enum TextOrTable<T> {
    /// One text.
    Text(T),
    /// Texts by key.
    Table(Vec<(String, T)>),
}

/// Reads a text, or a table of texts.
pub fn text_or_table<T>(
    value: &DeValue<'_>,
    parse: &mut impl FnMut(&str) -> Result<T, String>,
) -> Result<TextOrTable<T>, String> {
    if let Some(text) = value.as_str() {
        return parse(text).map(TextOrTable::Text);
    }
    let table = value.as_table().filter(|table| !table.is_empty());
    let table =
        table.ok_or_else(|| expected("a text, or texts by language such as { en = \"..\", de = \"..\" }", value))?;
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let text = value.get_ref().as_str().ok_or_else(|| expected("a text", value.get_ref()))?;
        Ok((key.get_ref().to_string(), parse(text)?))
    };
    table.iter().map(entry).collect::<Result<_, String>>().map(TextOrTable::Table)
}

/// What was wanted and what is there.
pub fn expected(wanted: &str, found: &DeValue<'_>) -> String {
    let shown = match found {
        DeValue::String(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
        DeValue::Integer(number) => format!("{number}"),
        DeValue::Float(number) => format!("{number}"),
        DeValue::Boolean(value) => format!("{value}"),
        DeValue::Datetime(time) => format!("the date {time}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    };
    format!("must be {wanted}, not {shown}")
}

/// A number, whole or not.
fn number(value: &DeValue<'_>) -> Option<f64> {
    let digits = match value {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => return None,
    };
    digits.parse::<f64>().ok().filter(|number| number.is_finite())
}
