//! The template language as one table: every field with its type, default and meaning.
//!
//! [`json_schema`] makes of it what editors read, [`markdown`] the last part of `docs/templates.md`. Tests hold the table
//! against the parser, both ways.

mod markdown;
mod schema;
mod table;
#[cfg(test)]
mod tests;

pub use markdown::markdown;
pub use schema::json_schema;

/// What is written after a field's `=`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    /// Text, printed or taken as it stands.
    Text,
    /// Text of at least one character that looks like this (a regular expression).
    Pattern(&'static str),
    /// Text with placeholders.
    Filled,
    /// Text with placeholders, or a table of such texts by language.
    Texts,
    /// One of some words.
    Word(&'static [&'static str]),
    /// The name of a shipped mark.
    Mark,
    /// The id of another element.
    Id,
    /// True or false.
    Flag,
    /// One of some whole numbers.
    Number(&'static [i64]),
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// Millimetres above 0.
    Size,
    /// Millimetres from 0.
    Distance,
    /// A side of the label in millimetres.
    Side,
    /// A type size in points.
    Points,
    /// A list of texts.
    List,
    /// A list of ids.
    Ids,
    /// A list of pairs of texts.
    Pairs,
}

/// What happens if a field is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Absent {
    /// The template is refused.
    Refused,
    /// It has this value, as it would be written.
    Is(&'static str),
    /// What these words say.
    Means(&'static str),
}

/// One field.
#[derive(Clone, Copy, Debug)]
struct Field {
    name: &'static str,
    of: Type,
    absent: Absent,
    /// One sentence or two.
    doc: &'static str,
}

const fn needed(name: &'static str, of: Type, doc: &'static str) -> Field {
    Field { name, of, absent: Absent::Refused, doc }
}

const fn usual(name: &'static str, of: Type, value: &'static str, doc: &'static str) -> Field {
    Field { name, of, absent: Absent::Is(value), doc }
}

const fn optional(name: &'static str, of: Type, means: &'static str, doc: &'static str) -> Field {
    Field { name, of, absent: Absent::Means(means), doc }
}

/// Kinds of elements that have the same fields.
#[derive(Clone, Copy, Debug)]
struct Group {
    heading: &'static str,
    /// The names of their tables, as in `[[text]]`.
    kinds: &'static [&'static str],
    doc: &'static str,
    /// Their own fields, in one or several parts.
    fields: &'static [&'static [Field]],
    can_turn: bool,
}

impl Group {
    /// Their own fields, then those of all elements.
    fn all_fields(&self) -> impl Iterator<Item = &'static Field> + Clone {
        let turn = if self.can_turn { &table::TURN } else { &table::NO_TURN };
        self.fields.iter().copied().flatten().chain(table::COMMON).chain(std::iter::once(turn))
    }
}
