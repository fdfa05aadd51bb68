//! The table against the parser and the shipped templates, both ways:
//! - every element that the parser knows is in the table, and every field of each; and nothing else is;
//! - what the table says of a field's type, words and range is what the parser demands;
//! - what the table calls needed is missed, what it calls the default changes nothing;
//! - the schema accepts what ships and refuses what the parser refuses.

use std::collections::BTreeSet;

use serde_json::Value;

use super::table::{FIELD, FILE, GROUPS, PLACEMENT};
use super::*;
use crate::label::template::Template;

/// A table of the language, as the parser calls it, with all of its fields.
struct Place {
    what: String,
    header: String,
    fields: Vec<Field>,
}

fn elements() -> Vec<Place> {
    let place = |group: &Group, kind: &str| Place {
        what: format!("{} {kind}", if kind.starts_with(['e', 'i', 'u']) { "an" } else { "a" }),
        header: format!("[[{kind}]]"),
        fields: group.all_fields().copied().collect(),
    };
    GROUPS.iter().flat_map(|group| group.kinds.iter().map(move |kind| place(group, kind))).collect()
}

fn places() -> Vec<Place> {
    let place = |what: &str, header: &str, fields: &[Field]| Place {
        what: what.to_owned(),
        header: header.to_owned(),
        fields: fields.to_vec(),
    };
    let mut all = vec![
        place("a template", "", FILE),
        place("placement", "[placement]", PLACEMENT),
        place("a field", "[fields.\"made.date\"]", FIELD),
    ];
    all.extend(elements());
    all
}

/// A value that a field takes.
fn example(field: &Field) -> String {
    match (field.of, field.absent) {
        (Type::Number(numbers), _) => numbers[0].to_string(),
        (_, Absent::Is(value)) => value.to_owned(),
        (Type::Text | Type::Filled | Type::Texts, _) => "\"a\"".to_owned(),
        (Type::Pattern(_), _) => "\"example\"".to_owned(),
        (Type::Word(words), _) => format!("{:?}", words[0]),
        (Type::Mark, _) => "\"ce\"".to_owned(),
        (Type::Id, _) => "\"other\"".to_owned(),
        (Type::Flag, _) => "true".to_owned(),
        (Type::Whole(least, _), _) => least.to_string(),
        (Type::Size | Type::Side, _) => "20".to_owned(),
        (Type::Distance, _) => "3.5".to_owned(),
        (Type::Points, _) => "8".to_owned(),
        (Type::List | Type::Ids, _) => "[]".to_owned(),
        (Type::Pairs, _) => "[[\"a\", { en = \"b\" }]]".to_owned(),
    }
}

/// A template in which one field of one place is `given` this value, or left out, and all else is what is needed.
fn template(place: &Place, name: &str, given: Option<&str>) -> String {
    let conflicts = |own: &str| {
        let groups = [["x_mm", "right_mm", "right_of"], ["y_mm", "bottom_mm", "below"]];
        groups.iter().any(|group| group.contains(&name) && group.contains(&own) && name != own)
    };
    let lines = |header: &str, fields: &[Field], is_this: bool| {
        let mut lines = format!("{header}\n");
        for field in fields {
            if is_this && name == "gap_mm" && field.name == "y_mm" {
                // A gap is the distance to another element.
                lines += "below = \"other\"\n";
                continue;
            }
            let is_needed = field.absent == Absent::Refused
                // A text outside of a stack, a box with a place, digits with a font.
                || matches!(field.name, "x_mm" | "y_mm" | "digits_font")
                || header == "[[text]]" && field.name == "width_mm";
            if is_needed && !(is_this && (field.name == name || conflicts(field.name))) {
                lines += &format!("{} = {}\n", field.name, example(field));
            }
        }
        match given {
            Some(given) if is_this => lines + &format!("{name} = {given}\n"),
            // The lines that elements note stay the same.
            _ => lines + "\n",
        }
    };
    let is = |header: &str| place.header == header;
    let mut text = lines("", FILE, is("")) + &lines("[placement]", PLACEMENT, is("[placement]"));
    // A text, since captions name texts.
    text += "[[text]]\nid = \"other\"\ntext = \"a\"\nsize_pt = 8\nx_mm = 0\ny_mm = 0\nwidth_mm = 1\n";
    if !is("") && !is("[placement]") {
        text += &lines(&place.header, &place.fields, true);
    }
    text
}

/// The parser's faults, one a line.
fn faults(text: &str) -> String {
    Template::parse("t", text.as_bytes()).map_or_else(|e| e.to_string(), |_| String::new())
}

/// The names that the parser lists for an unknown one.
fn known(faults: &str, what: &str) -> BTreeSet<String> {
    let start = format!("unknown field `bogus`; {what} may have ");
    let list = faults.lines().find_map(|line| line.split_once(&start)).map_or("", |(_, list)| list);
    list.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_parser_knows_exactly_these_fields() {
    for place in places() {
        let faults = faults(&template(&place, "bogus", Some("1")));
        let mut expected: BTreeSet<String> = place.fields.iter().map(|field| field.name.to_owned()).collect();
        if place.header.is_empty() {
            expected.extend(["placement".to_owned(), "fields".to_owned()]);
            expected.extend(GROUPS.iter().flat_map(|group| group.kinds.iter().map(|kind| (*kind).to_owned())));
        }
        assert_eq!(known(&faults, &place.what), expected, "{}\n{faults}", place.header);
        assert_eq!(faults.lines().count(), 1, "{faults}");
    }
}

#[test]
fn every_field_is_accepted() {
    for place in places() {
        for field in &place.fields {
            let text = template(&place, field.name, Some(&example(field)));
            assert_eq!(faults(&text), "", "{text}");
        }
    }
}

#[test]
fn needed_fields_are_missed_and_others_are_not() {
    for place in places() {
        for field in place.fields.iter().filter(|field| !matches!(field.name, "x_mm" | "y_mm" | "digits_font")) {
            let faults = faults(&template(&place, field.name, None));
            let message = format!("{} needs `{}`", place.what, field.name);
            let is_needed = field.absent == Absent::Refused;
            assert_eq!(faults.contains(&message), is_needed, "{} {}: {faults}", place.header, field.name);
        }
    }
}

#[test]
fn a_default_is_what_the_parser_takes() {
    let shown = |text: &str| format!("{:?}", Template::parse("t", text.as_bytes()).unwrap().content);
    let mut count = 0;
    for place in places() {
        for field in &place.fields {
            if let Absent::Is(value) = field.absent {
                let (with, without) = (template(&place, field.name, Some(value)), template(&place, field.name, None));
                assert_eq!(shown(&with), shown(&without), "{} {}", place.header, field.name);
                count += 1;
            }
        }
    }
    assert!(count > 60, "{count} defaults");
}

/// Values that a type does not take, with the words of the refusal.
fn refused(of: Type) -> Vec<(String, String)> {
    let bad = |value: &str, message: &str| (value.to_owned(), message.to_owned());
    let words = |words: &[&str]| words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    match of {
        Type::Text | Type::Filled | Type::Id => vec![bad("7", "must be a text, not 7")],
        Type::Pattern(_) => vec![bad("7", "must be a text, not 7"), bad("\"A b\"", "")],
        Type::Texts => vec![bad("7", "must be a text, or texts by language"), bad("{ de = \"a\" }", "own language")],
        Type::Word(list) => vec![bad("\"bogus\"", &format!("\"bogus\" is none of {}", words(list)))],
        Type::Mark => vec![bad("\"bogus\"", "is no mark")],
        Type::Flag => vec![bad("1", "must be true or false, not 1")],
        Type::Number(_) => vec![bad("7", ""), bad("\"0\"", ""), bad("0.0", "")],
        Type::Whole(least, most) => [least - 1, most + 1]
            .map(|wrong| {
                bad(&wrong.to_string(), &format!("must be a whole number from {least} to {most}, not {wrong}"))
            })
            .into(),
        Type::Size => vec![bad("0", "must be a length above 0"), bad("1000.1", "up to 1000 mm")],
        Type::Distance => vec![bad("-0.1", "must be a length between 0 and 1000 mm"), bad("1000.1", "1000 mm")],
        Type::Side => vec![bad("4.99", "a label is 5 mm to 297 mm"), bad("297.1", "a label is 5 mm to 297 mm")],
        Type::Points => vec![bad("1.9", "a type size between 2 and 300 pt"), bad("300.1", "a type size")],
        Type::List => vec![bad("\"a\"", "must be a list"), bad("[1]", "must be a text, not 1")],
        Type::Ids => vec![bad("\"a\"", "must be a list"), bad("[1]", "must be the id of an element, not 1")],
        Type::Pairs => vec![bad("\"a\"", "must be a list"), bad("[[\"a\"]]", "must be a pair [key, value]")],
    }
}

#[test]
fn types_words_and_ranges_are_those_of_the_parser_and_of_the_schema() {
    let schema = json_schema();
    for place in places() {
        for field in &place.fields {
            for (value, message) in refused(field.of) {
                let text = template(&place, field.name, Some(&value));
                let faults = faults(&text);
                assert!(!faults.is_empty() && faults.contains(&message), "{text}\n{faults}");
                // What a text must hold beyond its form is not the schema's.
                let is_languages = value == "{ de = \"a\" }";
                let is_pattern = matches!(field.of, Type::Pattern(_)) && message.is_empty();
                assert!(is_languages || is_pattern || !problems(&schema, &text).is_empty(), "{text}");
            }
            let good: Vec<String> = match field.of {
                Type::Word(words) => words.iter().map(|word| format!("{word:?}")).collect(),
                Type::Number(numbers) => numbers.iter().map(i64::to_string).collect(),
                Type::Mark => crate::label::art::marks().iter().map(|mark| format!("{:?}", mark.name)).collect(),
                Type::Whole(least, most) => vec![least.to_string(), most.to_string()],
                _ => vec![example(field)],
            };
            for value in good {
                let text = template(&place, field.name, Some(&value));
                assert_eq!((faults(&text), problems(&schema, &text)), (String::new(), Vec::new()), "{text}");
            }
        }
    }
}

/// What of a template breaks the schema, as far as the schema uses the standard; patterns are left to editors.
fn problems(schema: &Value, toml: &str) -> Vec<String> {
    let value: toml::Table = toml::from_str(toml).unwrap();
    let mut problems = Vec::new();
    check(schema, &serde_json::to_value(value).unwrap(), "", &mut problems);
    problems
}

fn check(schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let mut refuse = |what: &str| problems.push(format!("{at}: {what}"));
    let is_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => schema["anyOf"].is_array(),
    };
    if !is_type {
        refuse("type");
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        refuse("enum");
    }
    if let Some(number) = value.as_f64() {
        let bound = |name: &str| schema[name].as_f64();
        let low = bound("minimum").is_some_and(|least| number < least)
            || bound("exclusiveMinimum").is_some_and(|least| number <= least);
        if low || bound("maximum").is_some_and(|most| number > most) {
            refuse("range");
        }
    }
    if let Some(entries) = value.as_array() {
        let count = |name: &str, or: u64| usize::try_from(schema[name].as_u64().unwrap_or(or)).unwrap();
        if entries.len() < count("minItems", 0) || entries.len() > count("maxItems", 10_000) {
            refuse("length");
        }
        entries.iter().for_each(|entry| check(&schema["items"], entry, at, problems));
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &Value| {
            let mut found = Vec::new();
            check(choice, value, at, &mut found);
            found.is_empty()
        };
        if !choices.iter().any(fits) {
            problems.push(format!("{at}: none of the choices"));
        }
    }
    if let (Some("object"), Some(fields)) = (schema["type"].as_str(), value.as_object()) {
        for (name, field) in fields {
            let own = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
            match own {
                Value::Object(_) => check(own, field, &format!("{at}/{name}"), problems),
                _ => problems.push(format!("{at}/{name}: unknown")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        problems.extend(required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}: no {name}")));
    }
}

/// LAB1, BAR1: placement and purposes are part of the language.
#[test]
fn shipped_templates_keep_the_schema() {
    let schema = json_schema();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/labels");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert_eq!(problems(&schema, &text), Vec::<String>::new());
        let purpose =
            text.lines().find(|line| line.starts_with("purpose = ")).unwrap_or_else(|| panic!("a code: {text}"));
        assert!(!problems(&schema, &text.replace(purpose, "")).is_empty());
        assert!(!problems(&schema, &text.replace("zone = ", "place = ")).is_empty());
        assert!(!problems(&schema, &format!("{text}\n[[barcode]]\nid = \"a\"\n")).is_empty());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn the_page_has_every_field_and_every_kind() {
    let page = markdown();
    for place in places() {
        assert!(place.fields.iter().all(|field| page.contains(&format!("| `{}` |", field.name))), "{}", place.header);
        assert!(!place.header.starts_with("[[") || page.contains(&format!("`{}`", place.header)), "{}", place.header);
    }
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    assert!(rows.into_iter().all(|line| bars(line) == 5), "every table has four columns");
}
