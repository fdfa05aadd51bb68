//! The words of pages and mail in the languages that people chose, and how each writes numbers and dates.
//!
//! A language is one TOML file: `[language]` says how it is called and how it writes figures, every other table holds texts
//! by key. A text has places `{0}`, `{1}` for values. English is complete; a file that lacks a text shows the English one.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

mod figures;

pub use figures::Figures;

/// Files that come with the program, English first.
const SHIPPED: [(&str, &str); 3] = [
    ("en.toml", include_str!("../../templates/messages/en.toml")),
    ("de.toml", include_str!("../../templates/messages/de.toml")),
    ("zh.toml", include_str!("../../templates/messages/zh.toml")),
];

/// One language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Its tag (RFC 5646), as in `lang` and `Accept-Language`.
    pub tag: String,
    /// Its own name for itself.
    pub name: String,
    /// How it writes numbers and dates.
    pub figures: Figures,
    texts: BTreeMap<String, String>,
}

/// Why a file of messages cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct WordsError {
    /// Which file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Words {
    /// Reads a file of messages.
    ///
    /// # Errors
    /// [`WordsError`] says what is wrong: TOML, a missing `[language]`, a value that is no text.
    ///
    /// ```
    /// use nameplate::words::Words;
    /// let head = "[language]\ntag = \"fr\"\nname = \"Français\"\n";
    /// let french = Words::read("fr.toml", &format!("{head}[nav]\nbatches = \"Lots\"\n")).unwrap();
    /// assert_eq!(french.text("nav.batches"), Some("Lots"));
    /// assert!(Words::read("fr.toml", "[nav]\nbatches = \"Lots\"\n").is_err());
    /// ```
    pub fn read(file: &str, text: &str) -> Result<Self, WordsError> {
        let wrong = |problem: String| WordsError { file: file.to_owned(), problem };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        let language = table.get("language").and_then(toml::Value::as_table);
        let language = language.ok_or_else(|| wrong("there is no [language] with tag and name".into()))?;
        let named = |key: &str| language.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let tag = named("tag").filter(|tag| is_tag(tag));
        let tag = tag.ok_or_else(|| wrong("[language] needs a tag of letters and hyphens, like \"fr\"".into()))?;
        let name = named("name").ok_or_else(|| wrong("[language] needs a name, like \"Français\"".into()))?;
        let figures = Figures::read(language).map_err(wrong)?;
        let mut texts = BTreeMap::new();
        for (section, value) in table.iter().filter(|(section, _)| *section != "language") {
            gather(section, value, &mut texts).map_err(wrong)?;
        }
        Ok(Self { tag, name, figures, texts })
    }

    /// The text of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// Every key with its text, in order.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(key, text)| (key.as_str(), text.as_str()))
    }
}

fn is_tag(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Texts of a table under dotted keys.
fn gather(key: &str, value: &toml::Value, texts: &mut BTreeMap<String, String>) -> Result<(), String> {
    match value {
        toml::Value::String(text) => {
            texts.insert(key.to_owned(), text.clone());
            Ok(())
        }
        toml::Value::Table(table) => {
            table.iter().try_for_each(|(name, value)| gather(&format!("{key}.{name}"), value, texts))
        }
        _ => Err(format!("{key} is no text")),
    }
}

/// Puts values into the places `{0}`, `{1}` .. of a text.
///
/// ```
/// assert_eq!(nameplate::words::fill("{0} of {1}", &[&3, &"12"]), "3 of 12");
/// ```
#[must_use]
pub fn fill(text: &str, values: &[&dyn Display]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let inside = rest[at + 1..].split_once('}').and_then(|(n, after)| Some((n.parse::<usize>().ok()?, after)));
        match inside.and_then(|(n, after)| values.get(n).map(|value| (value, after))) {
            Some((value, after)) => {
                out.push_str(&value.to_string());
                rest = after;
            }
            None => {
                out.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// All languages of an installation.
#[derive(Debug, Clone)]
pub struct Library {
    books: Vec<Arc<Words>>,
}

impl Library {
    /// The languages that come with the program.
    ///
    /// # Errors
    /// [`WordsError`] for a defect of the shipped files, which tests exclude.
    pub fn shipped() -> Result<Self, WordsError> {
        let books: Result<Vec<_>, _> =
            SHIPPED.iter().map(|(file, text)| Words::read(file, text).map(Arc::new)).collect();
        Ok(Self { books: books? })
    }

    /// Adds a language, or puts texts over those of one that is there.
    #[must_use]
    pub fn with(mut self, mut words: Words) -> Self {
        match self.books.iter().position(|book| book.tag == words.tag) {
            Some(at) => {
                for (key, text) in self.books[at].texts() {
                    words.texts.entry(key.to_owned()).or_insert_with(|| text.to_owned());
                }
                self.books[at] = Arc::new(words);
            }
            None => self.books.push(Arc::new(words)),
        }
        self
    }

    /// Every language, English first.
    #[must_use]
    pub fn books(&self) -> &[Arc<Words>] {
        &self.books
    }

    /// English: what stands in for a missing text.
    #[must_use]
    pub fn english(&self) -> &Arc<Words> {
        &self.books[0]
    }

    /// The language with exactly this tag.
    #[must_use]
    pub fn of(&self, tag: &str) -> Option<&Arc<Words>> {
        self.books.iter().find(|book| book.tag.eq_ignore_ascii_case(tag))
    }

    /// The first language of an `Accept-Language` (RFC 9110 section 12.5.4) that is here; else English. Weights are taken
    /// as browsers write them, in falling order.
    #[must_use]
    pub fn accepted(&self, header: &str) -> &Arc<Words> {
        let wanted = header.split(',').map(|part| part.split(';').next().unwrap_or("").trim());
        let primary = |tag: &str| tag.split('-').next().unwrap_or("").to_ascii_lowercase();
        wanted
            .filter(|tag| !tag.is_empty())
            .find_map(|tag| self.of(tag).or_else(|| self.books.iter().find(|book| primary(&book.tag) == primary(tag))))
            .unwrap_or_else(|| self.english())
    }

    /// The text of a key in a language, in English where that one lacks it. A key that nobody has shows itself, which the
    /// tests of pages and templates exclude.
    #[must_use]
    pub fn text<'a>(&'a self, words: &'a Words, key: &'a str) -> &'a str {
        words.text(key).or_else(|| self.english().text(key)).unwrap_or(key)
    }
}

#[cfg(test)]
mod tests;
