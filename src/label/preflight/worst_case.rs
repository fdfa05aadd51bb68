//! Data that a template must survive: the longest, the shortest, the widest, and each branch of its conditions.

use std::collections::BTreeMap;

use crate::label::layout::{JobFields, Picture, VariableField};
use crate::label::template::condition::Test;
use crate::label::template::{Element, FieldDeclaration, Kind, TemplateFile};

/// One set of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is special about it, for people: `longest`, `without gtin`.
    pub name: String,
    /// The fields that are the same on all labels.
    pub fields: JobFields,
    /// The fields that differ from unit to unit.
    pub variable: Vec<VariableField>,
    /// A row of these.
    pub row: Vec<String>,
}

/// Crockford's base 32, the alphabet of serials if nothing else is said.
const SERIAL_ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Values of well-known fields for templates that bring no samples.
const KNOWN: [(&str, &str); 16] = [
    ("serial", "7K3M4QXT92PA"),
    ("serial.printed", "7K3M-4QXT-92PA"),
    ("sscc", "340123450000000017"),
    ("gtin", "4006381333931"),
    ("brand.name", "Borealis Optics"),
    ("brand.code", "borealis"),
    ("brand.importer", "Imported by Borealis Optics GmbH, Lindenallee 12, 20259 Hamburg, Germany"),
    ("brand.market", "EU"),
    ("brand.logo", "sample-logo"),
    ("product.name", "TC-384 Thermal Camera"),
    ("product.model", "TC-384"),
    ("sku.code", "BO-TC384-EU"),
    ("sku.revision", "B"),
    ("batch.code", "B2026-117"),
    ("made.date", "2026-11-21"),
    ("language", "en"),
];

/// The picture that stands for a logo.
const SAMPLE_LOGO: (&str, &[u8]) = ("sample-logo", include_bytes!("../../../templates/catalogue/logos/borealis.png"));

/// The pictures that samples name.
pub fn sample_pictures() -> BTreeMap<String, Picture> {
    let (name, bytes) = SAMPLE_LOGO;
    Picture::read(bytes).into_iter().map(|picture| (name.to_owned(), picture)).collect()
}

/// The sets of data that a template is checked with. `given` are fields that are known, for instance a brand's; they are not
/// varied. Each branch is taken with the longest data.
pub fn cases(template: &TemplateFile, given: &JobFields) -> Vec<Case> {
    all_cases(template, given, longest)
}

/// The same sets for people to look at: branches with the usual samples.
pub fn preview_cases(template: &TemplateFile, given: &JobFields) -> Vec<Case> {
    all_cases(template, given, sample)
}

fn all_cases(template: &TemplateFile, given: &JobFields, usual: fn(&TemplateFile, &str) -> String) -> Vec<Case> {
    let mut cases = vec![case(template, given, "sample", &|name| sample(template, name))];
    cases.push(case(template, given, "longest", &|name| longest(template, name)));
    cases.push(case(template, given, "shortest", &|name| shortest(template, name)));
    cases.push(case(template, given, "widest", &|name| widest(template, name)));
    let mut branches: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
    for test in template.elements.iter().flat_map(|element| element.when.tests()) {
        for (field, value) in both_ways(test, template) {
            let name = match (&value, test) {
                (None, _) => format!("without {field}"),
                (Some(_), Test::Present(_) | Test::Absent(_)) => format!("with {field}"),
                (Some(value), _) => format!("{field} = {value}"),
            };
            branches.insert(name, (field, value));
        }
    }
    for (name, declared) in &template.fields {
        if declared.optional && !template.is_per_unit(name) {
            branches.insert(format!("without {name}"), (name.clone(), None));
        }
    }
    for (name, (field, value)) in branches.into_iter().filter(|(_, (field, _))| !given.contains_key(field)) {
        let mut branch = case(template, given, &name, &|name| usual(template, name));
        match value {
            Some(value) => branch.fields.insert(field, value),
            None => branch.fields.remove(&field),
        };
        cases.push(branch);
    }
    for element in &template.elements {
        if !cases.iter().any(|case| holds(element, case)) {
            let mut branch = case(template, given, &format!("with {}", element.id), &|name| longest(template, name));
            element.when.tests().iter().for_each(|test| fulfil(test, template, given, &mut branch.fields));
            cases.push(branch);
        }
    }
    for language in languages(template) {
        let mut branch = case(template, given, &format!("language {language}"), &|name| usual(template, name));
        branch.fields.insert("language".to_owned(), language);
        cases.push(branch);
    }
    cases
}

/// Whether a case shows an element.
fn holds(element: &Element, case: &Case) -> bool {
    element.when.holds(|field| case.fields.get(field).map(String::as_str))
}

/// Changes fields so that a test holds, as far as they are not given.
fn fulfil(test: &Test, template: &TemplateFile, given: &JobFields, fields: &mut JobFields) {
    match test {
        Test::Present(field) | Test::Absent(field) | Test::OneOf(field, _) | Test::NoneOf(field, _)
            if given.contains_key(field) => {}
        Test::Present(field) => drop(fields.insert(field.clone(), sample(template, field))),
        Test::Absent(field) => drop(fields.remove(field)),
        Test::OneOf(field, values) => {
            let fits = fields.get(field).is_some_and(|value| values.contains(value));
            if let Some(value) = values.first().filter(|_| !fits) {
                fields.insert(field.clone(), value.clone());
            }
        }
        Test::NoneOf(field, values) => {
            if fields.get(field).is_some_and(|value| values.contains(value)) {
                fields.remove(field);
            }
        }
    }
}

fn case(template: &TemplateFile, given: &JobFields, name: &str, value: &dyn Fn(&str) -> String) -> Case {
    let mut fields = given.clone();
    let mut variable = Vec::new();
    let mut row = Vec::new();
    for field in template.fields_used() {
        if template.is_per_unit(field) {
            row.push(value(field));
            variable.push(variable_field(template, field));
        } else if !fields.contains_key(field) {
            fields.insert(field.to_owned(), value(field));
        }
    }
    Case { name: name.to_owned(), fields, variable, row }
}

/// What a template says about a field that differs from unit to unit; Crockford's twelve symbols for a serial of which it
/// says nothing.
pub fn variable_field(template: &TemplateFile, name: &str) -> VariableField {
    let declared = template.fields.get(name).cloned().unwrap_or_default();
    let sample = sample(template, name);
    let mut alphabet: Vec<char> = match &declared.alphabet {
        Some(alphabet) => alphabet.chars().collect(),
        None if name.starts_with("serial") => SERIAL_ALPHABET.chars().collect(),
        None => Vec::new(),
    };
    alphabet.extend(sample.chars().chain(declared.samples.iter().flat_map(|sample| sample.chars())));
    alphabet.sort_unstable();
    alphabet.dedup();
    let longest_sample = declared.samples.iter().map(|sample| sample.chars().count()).max();
    let longest = declared.longest.or(longest_sample).unwrap_or_else(|| sample.chars().count());
    let samples = if name.starts_with("serial") { Vec::new() } else { declared.samples.clone() };
    let samples = if samples.is_empty() && !name.starts_with("serial") { vec![sample] } else { samples };
    VariableField {
        name: name.to_owned(),
        alphabet: alphabet.into_iter().collect(),
        longest,
        samples,
        extremes: Vec::new(),
    }
}

/// Tags of all languages in which the template has texts, but its own.
fn languages(template: &TemplateFile) -> Vec<String> {
    use crate::label::template::{Kind, Texts};
    let mut tags: Vec<String> = Vec::new();
    let mut add = |texts: &Texts| {
        if let Texts::ByLanguage(texts) = texts {
            tags.extend(texts.keys().filter(|tag| **tag != template.language).cloned());
        }
    };
    for element in &template.elements {
        match &element.kind {
            Kind::Text(text) => add(&text.text),
            Kind::Table(table) => table.rows.iter().for_each(|row| {
                add(&row.key);
                add(&row.value);
            }),
            _ => {}
        }
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// A field's values that make a test hold and fail.
fn both_ways(test: &Test, template: &TemplateFile) -> Vec<(String, Option<String>)> {
    match test {
        Test::Present(field) | Test::Absent(field) => {
            vec![(field.clone(), None), (field.clone(), Some(sample(template, field)))]
        }
        Test::OneOf(field, values) | Test::NoneOf(field, values) => {
            let mut all: Vec<_> = values.iter().map(|value| (field.clone(), Some(value.clone()))).collect();
            all.push((field.clone(), None));
            all
        }
    }
}

fn declared<'t>(template: &'t TemplateFile, name: &str) -> Option<&'t FieldDeclaration> {
    template.fields.get(name)
}

fn sample(template: &TemplateFile, name: &str) -> String {
    let first = declared(template, name).and_then(|field| field.samples.first().cloned());
    let known = || KNOWN.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let is_picture = |element: &Element| match &element.kind {
        Kind::Image(image) => image.image.fields().any(|field| field == name),
        _ => false,
    };
    let picture = || template.elements.iter().any(is_picture).then(|| SAMPLE_LOGO.0.to_owned());
    let serial = || name.starts_with("serial").then(|| "7K3M-4QXT-92PA".to_owned());
    let date = || name.ends_with("date").then(|| "2026-11-21".to_owned());
    first
        .or_else(known)
        .or_else(picture)
        .or_else(serial)
        .or_else(date)
        .unwrap_or_else(|| format!("Sample {}", name.rsplit('.').next().unwrap_or(name)))
}

/// The longest sample, made as long as is declared by repeating its words.
fn longest(template: &TemplateFile, name: &str) -> String {
    let Some(field) = declared(template, name) else { return sample(template, name) };
    let longest = field.samples.iter().max_by_key(|sample| sample.chars().count()).cloned();
    let longest = longest.unwrap_or_else(|| sample(template, name));
    match field.longest {
        // A text of several lines is as long as it gets: repeated it would have more lines than any real one.
        Some(count) if count > longest.chars().count() && !longest.is_empty() && !longest.contains('\n') => {
            let joint = if field.alphabet.is_some() { "" } else { " " };
            let mut text = longest.clone();
            while text.chars().count() < count {
                text.push_str(joint);
                text.push_str(&longest);
            }
            text.chars().take(count).collect::<String>().trim_end().to_owned()
        }
        _ => longest,
    }
}

fn shortest(template: &TemplateFile, name: &str) -> String {
    let Some(field) = declared(template, name) else { return sample(template, name) };
    let shortest = field.samples.iter().min_by_key(|sample| sample.chars().count()).cloned();
    let shortest = shortest.unwrap_or_else(|| sample(template, name));
    match field.shortest {
        Some(count) => shortest.chars().take(count).collect(),
        None => shortest,
    }
}

/// The widest letters that are declared, as many as there may be; without an alphabet the longest text.
fn widest(template: &TemplateFile, name: &str) -> String {
    let field = declared(template, name).cloned().unwrap_or_default();
    let wide = |alphabet: &str| "WM@Ω8".chars().find(|c| alphabet.contains(*c)).or_else(|| alphabet.chars().next());
    // Codes check their data: only texts whose alphabet is declared, and which are no numbers, may be anything.
    match (field.alphabet.as_deref().and_then(wide), field.longest) {
        (Some(letter), Some(count)) if !letter.is_ascii_digit() => letter.to_string().repeat(count),
        _ => longest(template, name),
    }
}
