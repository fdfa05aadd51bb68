//! The table as Markdown, for people.

use super::table::{COMMON, FIELD, FILE, GROUPS, PLACEMENT, TURN};
use super::{Absent, Field, Group, Type};
use crate::label::art::marks;
use crate::label::template::{MAX_LABEL, MIN_LABEL};

/// The reference part of `docs/templates.md`.
///
/// ```
/// assert!(nameplate::label::reference::markdown().contains("| `size_pt` |"));
/// ```
pub fn markdown() -> String {
    let mut page = String::new();
    section("The file", "These fields stand at the top, before the first table.", FILE.iter(), &mut page);
    section("`[placement]`", "Every template has this table. It is kept with each print.", PLACEMENT.iter(), &mut page);
    let about_fields = "One table for each field of which something is known. A name with dots stands in quotes: \
                        `[fields.\"made.date\"]`.";
    section("`[fields.NAME]`", about_fields, FIELD.iter(), &mut page);
    let about_elements = "Each element is a table in double brackets, such as `[[text]]`. Later elements lie on earlier \
                          ones. All elements have these fields; lines, tables and stacks cannot be turned.";
    section("Every element", about_elements, COMMON.iter().chain(std::iter::once(&TURN)), &mut page);
    for group in GROUPS {
        let names: Vec<String> = group.kinds.iter().map(|kind| format!("`[[{kind}]]`")).collect();
        let heading = format!("{}: {}", group.heading, names.join(", "));
        section(&heading, group.doc, own_fields(group), &mut page);
    }
    page.push_str("### The marks\n\n| name | what it is | smallest height | source |\n|---|---|---|---|\n");
    for mark in marks() {
        let least = mark.min_height_um.map_or_else(|| "none".to_owned(), |um| um.to_string());
        page.push_str(&format!("| `{}` | {} | {least} | {} |\n", mark.name, cell(mark.title), cell(mark.source)));
    }
    page
}

fn own_fields(group: &Group) -> impl Iterator<Item = &'static Field> {
    group.fields.iter().copied().flatten()
}

fn section<'f>(heading: &str, about: &str, fields: impl Iterator<Item = &'f Field>, page: &mut String) {
    page.push_str(&format!(
        "### {heading}\n\n{about}\n\n| field | value | if left out | meaning |\n|---|---|---|---|\n"
    ));
    for field in fields {
        let absent = match field.absent {
            Absent::Refused => "**needed**".to_owned(),
            Absent::Is(value) => format!("`{value}`"),
            Absent::Means(words) => words.to_owned(),
        };
        page.push_str(&format!("| `{}` | {} | {absent} | {} |\n", field.name, words_of(field.of), cell(field.doc)));
    }
    page.push('\n');
}

/// A bar would end the cell, even in code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn words_of(of: Type) -> String {
    match of {
        Type::Text | Type::Pattern(_) => "text".to_owned(),
        Type::Filled => "text with placeholders".to_owned(),
        Type::Texts => "text with placeholders, or one for each language".to_owned(),
        Type::Word(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", "),
        Type::Mark => "the name of a mark, see the last table".to_owned(),
        Type::Id => "the id of an element".to_owned(),
        Type::Flag => "`true` or `false`".to_owned(),
        Type::Number(numbers) => numbers.iter().map(|number| format!("`{number}`")).collect::<Vec<_>>().join(", "),
        Type::Whole(least, most) => format!("whole number, {least} to {most}"),
        Type::Size => "mm, above 0".to_owned(),
        Type::Distance => "mm, from 0".to_owned(),
        Type::Side => format!("mm, {MIN_LABEL} to {MAX_LABEL}").replace(" mm", ""),
        Type::Points => "points, 2 to 300".to_owned(),
        Type::List => "list of texts".to_owned(),
        Type::Ids => "list of ids".to_owned(),
        Type::Pairs => "list of `[key, value]`, each a text with placeholders or one for each language".to_owned(),
    }
}
