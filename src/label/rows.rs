//! Rows of data for a template, such as those of a CSV file: which columns differ from unit to unit, and which rows belong
//! together because only such columns differ among them.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::layout::{JobFields, VariableField};
use super::template::{Kind, TemplateFile, Texts};
use super::text::is_plain_character;

/// The most groups that one job may have: each is laid out for itself.
pub const MAX_GROUPS: usize = 1_000;
/// Values of a column that are kept as samples.
const SAMPLES: usize = 16;

/// How the rows of a job are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlan {
    /// The columns whose values a row gives, with what is known of their values.
    pub variable: Vec<VariableField>,
    /// Where these columns stand in a row.
    unit_columns: Vec<usize>,
    /// The other columns that the template uses: name and where they stand.
    job_columns: Vec<(String, usize)>,
    /// The fields of each group, and its first row, from 0.
    pub groups: Vec<(JobFields, u64)>,
    /// Number of a group by the values of its job columns.
    index: BTreeMap<Vec<String>, usize>,
}

/// Why rows cannot be laid out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// A field that the template needs has no column.
    #[error("the template needs the field {field:?}, but the data have no such column; they have {columns}")]
    NoColumn {
        /// The field.
        field: String,
        /// The columns.
        columns: String,
    },
    /// Two columns of one name.
    #[error("two columns have the name {0:?}")]
    Repeated(String),
    /// Rows that differ in too many ways.
    #[error(
        "the rows differ in more than {MAX_GROUPS} ways in the columns {columns}, each of which is laid out for itself; \
         declare what differs from unit to unit as per_unit in the template's [fields], or split the data"
    )]
    TooManyGroups {
        /// The columns.
        columns: String,
    },
    /// No rows.
    #[error("there are no rows of data")]
    Empty,
}

/// What is seen of a column.
#[derive(Default)]
struct Column {
    first: Option<String>,
    varies: bool,
    is_plain: bool,
    alphabet: BTreeSet<char>,
    longest: usize,
    samples: Vec<String>,
}

impl Column {
    fn see(&mut self, value: &str) {
        match &self.first {
            None => {
                self.first = Some(value.to_owned());
                self.is_plain = true;
            }
            Some(first) => self.varies |= first != value,
        }
        let length = value.chars().count();
        if self.samples.len() < SAMPLES || length > self.longest {
            if self.samples.len() == SAMPLES {
                self.samples.remove(0);
            }
            self.samples.push(value.to_owned());
        }
        self.longest = self.longest.max(length);
        for character in value.chars() {
            if self.alphabet.insert(character) {
                self.is_plain &= is_plain_character(character);
            }
        }
    }
}

impl RowPlan {
    /// Looks at all rows once.
    ///
    /// A column differs from unit to unit if the template says so, or if it varies and stands in codes only. Any other column
    /// that varies parts the rows into groups.
    ///
    /// # Errors
    /// [`RowError`]: missing or repeated columns, no rows, too many groups.
    pub fn new(
        template: &TemplateFile,
        header: &[String],
        given: &JobFields,
        mut rows: impl FnMut(&mut dyn FnMut(&[&str])),
    ) -> Result<RowPlan, RowError> {
        check_header(template, header, given)?;
        let used = template.fields_used();
        let place = |field: &str| header.iter().position(|column| column == field);
        let places: Vec<(&str, usize)> = used
            .iter()
            .filter_map(|f| place(f).map(|at| (*f, at)))
            .chain(place("language").filter(|_| !used.contains(&"language")).map(|at| ("language", at)))
            .collect();
        let mut columns: Vec<Column> = places.iter().map(|_| Column::default()).collect();
        let mut count = 0_u64;
        rows(&mut |row| {
            count += 1;
            for ((_, at), column) in places.iter().zip(&mut columns) {
                column.see(row.get(*at).copied().unwrap_or(""));
            }
        });
        if count == 0 {
            return Err(RowError::Empty);
        }
        let only_in_codes = only_in_codes(template);
        let is_unit = |field: &str, column: &Column| {
            template.is_per_unit(field) || (column.varies && column.is_plain && only_in_codes.contains(field))
        };
        let mut plan = RowPlan {
            variable: Vec::new(),
            unit_columns: Vec::new(),
            job_columns: Vec::new(),
            groups: Vec::new(),
            index: BTreeMap::new(),
        };
        for ((field, at), column) in places.iter().zip(columns) {
            if is_unit(field, &column) {
                plan.unit_columns.push(*at);
                plan.variable.push(variable(template, field, column));
            } else {
                plan.job_columns.push(((*field).to_owned(), *at));
            }
        }
        plan.find_groups(given, rows)?;
        Ok(plan)
    }

    fn find_groups(
        &mut self,
        given: &JobFields,
        mut rows: impl FnMut(&mut dyn FnMut(&[&str])),
    ) -> Result<(), RowError> {
        let mut at = 0_u64;
        let mut last: Option<Vec<String>> = None;
        rows(&mut |row| {
            let is_same = |last: &Vec<String>| {
                last.iter().zip(&self.job_columns).all(|(value, (_, at))| row.get(*at).copied().unwrap_or("") == value)
            };
            if !last.as_ref().is_some_and(is_same) && self.groups.len() <= MAX_GROUPS {
                let key = self.key(row);
                if !self.index.contains_key(&key) {
                    let mut fields = given.clone();
                    // An empty cell is a field that is not there.
                    let named = self.job_columns.iter().map(|(name, _)| name.clone()).zip(key.iter().cloned());
                    fields.extend(named.filter(|(_, value)| !value.is_empty()));
                    self.index.insert(key.clone(), self.groups.len());
                    self.groups.push((fields, at));
                }
                last = Some(key);
            }
            at += 1;
        });
        if self.groups.len() > MAX_GROUPS {
            let columns = self.job_columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(RowError::TooManyGroups { columns });
        }
        Ok(())
    }

    fn key(&self, row: &[&str]) -> Vec<String> {
        self.job_columns.iter().map(|(_, at)| row.get(*at).copied().unwrap_or("").to_owned()).collect()
    }

    /// The group of a row.
    pub fn group(&self, row: &[&str]) -> usize {
        if self.groups.len() == 1 {
            return 0;
        }
        self.index.get(&self.key(row)).copied().unwrap_or(0)
    }

    /// The values that differ from unit to unit, in the order of [`RowPlan::variable`].
    pub fn unit_values<'v>(&self, row: &[&'v str]) -> Vec<&'v str> {
        self.unit_columns.iter().map(|at| row.get(*at).copied().unwrap_or("")).collect()
    }
}

fn check_header(template: &TemplateFile, header: &[String], given: &JobFields) -> Result<(), RowError> {
    for (at, name) in header.iter().enumerate() {
        if header[..at].contains(name) {
            return Err(RowError::Repeated(name.clone()));
        }
    }
    for field in template.fields_needed() {
        if !header.iter().any(|column| column == field) && !given.contains_key(field) {
            return Err(RowError::NoColumn { field: field.to_owned(), columns: header.join(", ") });
        }
    }
    Ok(())
}

/// What is known of a column that differs from unit to unit: what the template declares and what was seen.
fn variable(template: &TemplateFile, field: &str, column: Column) -> VariableField {
    let declared = template.fields.get(field).cloned().unwrap_or_default();
    let mut alphabet = column.alphabet;
    alphabet.extend(declared.alphabet.iter().flat_map(|alphabet| alphabet.chars()));
    let longest = declared.longest.unwrap_or(0).max(column.longest).max(1);
    VariableField {
        name: field.to_owned(),
        alphabet: alphabet.into_iter().collect(),
        longest,
        samples: column.samples.into_iter().filter(|sample| !sample.is_empty()).collect(),
    }
}

/// Fields that stand in codes and nowhere else.
fn only_in_codes(template: &TemplateFile) -> BTreeSet<&str> {
    let mut in_codes = BTreeSet::new();
    let mut elsewhere: BTreeSet<&str> = BTreeSet::new();
    for element in &template.elements {
        elsewhere.extend(element.when.fields());
        for binding in element.bindings() {
            match &element.kind {
                Kind::Code(_) => in_codes.extend(binding.fields()),
                _ => elsewhere.extend(binding.fields()),
            }
        }
        if let Kind::Text(text) = &element.kind
            && matches!(text.text, Texts::ByLanguage(_))
        {
            elsewhere.insert("language");
        }
    }
    in_codes.retain(|field| !elsewhere.contains(field));
    in_codes
}
