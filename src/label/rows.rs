//! Rows of data for a template, such as those of a CSV file: which columns differ from unit to unit, and which rows belong
//! together because only such columns differ among them.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::layout::{JobFields, VariableField};
use super::symbol::code128::Code128;
use super::template::{Kind, TemplateFile};
use super::text::is_plain_character;

/// The most groups that one job may have: each is laid out for itself.
pub const MAX_GROUPS: usize = 1_000;
/// Ways to differ up to which a column parts the rows into groups without being asked.
const GROUPS_BY_DEFAULT: usize = 200;
/// Values that are kept of each measure.
const EXTREMES: usize = 4;

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
    /// The serial for people is not that for scanners.
    #[error("row {row}: {column:?} says {shown:?}, but the serial is {serial:?}; a label may not say two serials")]
    SerialsDiffer {
        /// Number of the row as spreadsheet programs count it, the header being row 1.
        row: u64,
        /// The column.
        column: String,
        /// What it says.
        shown: String,
        /// The serial.
        serial: String,
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
    /// Different values, as far as they matter.
    distinct: BTreeSet<String>,
    /// The longest and widest values by each measure.
    extremes: [Vec<(u32, String)>; 3],
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
        if self.distinct.len() <= GROUPS_BY_DEFAULT && !self.distinct.contains(value) {
            self.distinct.insert(value.to_owned());
        }
        let length = value.chars().count();
        self.longest = self.longest.max(length);
        for character in value.chars() {
            if self.alphabet.insert(character) {
                self.is_plain &= is_plain_character(character);
            }
        }
        let measures = [u32::try_from(length).unwrap_or(u32::MAX), looks_wide(value), modules(value)];
        for (extremes, measure) in self.extremes.iter_mut().zip(measures) {
            keep_extreme(extremes, measure, value);
        }
    }

    fn into_extremes(self) -> Vec<String> {
        let all: BTreeSet<String> = self.extremes.into_iter().flatten().map(|(_, value)| value).collect();
        all.into_iter().filter(|value| !value.is_empty()).collect()
    }
}

/// Keeps a value if it is among the largest by this measure.
fn keep_extreme(extremes: &mut Vec<(u32, String)>, measure: u32, value: &str) {
    let least = extremes.iter().map(|(measure, _)| *measure).min().unwrap_or(0);
    if extremes.len() < EXTREMES {
        if !extremes.iter().any(|(_, known)| known == value) {
            extremes.push((measure, value.to_owned()));
        }
    } else if measure > least {
        extremes.retain(|(measure, _)| *measure > least);
        extremes.push((measure, value.to_owned()));
    }
}

/// About how wide a text is in a face with letters of different widths, in tenths of a digit.
fn looks_wide(value: &str) -> u32 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' | ' ' => 5,
        'f' | 'r' | 't' | '-' | '(' | ')' | '/' => 7,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 15,
        'A'..='Z' => 12,
        _ => 10,
    };
    value.chars().map(width).sum()
}

/// Modules in Code 128, which grow with data as other symbols do: digits are cheaper than letters.
fn modules(value: &str) -> u32 {
    Code128::encode(value).map_or(0, |symbol| symbol.module_count())
}

impl RowPlan {
    /// Looks at all rows once.
    ///
    /// A column differs from unit to unit if the template says so; if it varies and stands in codes only; or if its values
    /// are plain text and many, or its name begins with `serial`. Any other column that varies parts the rows into groups.
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
        let printed = PrintedSerials::new(header, &used);
        let mut differs = None;
        rows(&mut |row| {
            count += 1;
            differs = differs.take().or_else(|| printed.difference(row, count + 1));
            for ((_, at), column) in places.iter().zip(&mut columns) {
                column.see(row.get(*at).copied().unwrap_or(""));
            }
        });
        if let Some(differs) = differs {
            return Err(differs);
        }
        if count == 0 {
            return Err(RowError::Empty);
        }
        let uses = Uses::new(template);
        let is_unit = |field: &str, column: &Column| {
            let declared = template.fields.get(field).and_then(|declared| declared.per_unit);
            let can_be = column.varies && column.is_plain && !uses.for_whole_jobs.contains(field);
            let is_many = column.distinct.len() > GROUPS_BY_DEFAULT || field.starts_with("serial");
            template.is_per_unit(field) || (declared.is_none() && can_be && (is_many || !uses.in_texts.contains(field)))
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

/// The columns that say the serial for people, beside that for scanners.
struct PrintedSerials {
    serial: Option<usize>,
    printed: Vec<(usize, String)>,
}

impl PrintedSerials {
    fn new(header: &[String], used: &[&str]) -> PrintedSerials {
        let named = |name: &String| name.starts_with("serial") && name != "serial" && used.contains(&name.as_str());
        let printed = header.iter().enumerate().filter(|(_, name)| named(name)).map(|(at, name)| (at, name.clone()));
        PrintedSerials { serial: header.iter().position(|name| name == "serial"), printed: printed.collect() }
    }

    /// Whether a column says another serial; letters and digits count.
    fn difference(&self, row: &[&str], number: u64) -> Option<RowError> {
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let serial = *row.get(self.serial?)?;
        let differs = |at: usize| row.get(at).is_some_and(|shown| plain(shown) != plain(serial));
        let (at, column) = self.printed.iter().find(|(at, _)| differs(*at))?;
        let (row, shown) = (number, row[*at].to_owned());
        Some(RowError::SerialsDiffer { row, column: column.clone(), shown, serial: serial.to_owned() })
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
    let mut alphabet = column.alphabet.clone();
    alphabet.extend(declared.alphabet.iter().flat_map(|alphabet| alphabet.chars()));
    VariableField {
        name: field.to_owned(),
        alphabet: alphabet.into_iter().collect(),
        longest: declared.longest.unwrap_or(0).max(column.longest).max(1),
        samples: Vec::new(),
        extremes: column.into_extremes(),
    }
}

/// Where the fields of a template are used.
struct Uses<'t> {
    /// In texts and tables.
    in_texts: BTreeSet<&'t str>,
    /// In conditions and pictures, which are decided for a whole job.
    for_whole_jobs: BTreeSet<&'t str>,
}

impl<'t> Uses<'t> {
    fn new(template: &'t TemplateFile) -> Uses<'t> {
        let mut uses = Uses { in_texts: BTreeSet::new(), for_whole_jobs: BTreeSet::from(["language"]) };
        for element in &template.elements {
            uses.for_whole_jobs.extend(element.when.fields());
            for binding in element.bindings() {
                match &element.kind {
                    Kind::Code(_) => {}
                    Kind::Image(_) => uses.for_whole_jobs.extend(binding.fields()),
                    _ => uses.in_texts.extend(binding.fields()),
                }
            }
        }
        uses
    }
}
