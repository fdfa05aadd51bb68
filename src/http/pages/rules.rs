//! Rules: what serials look like, how long they last and how hard they are to guess; versions side by side; new ones.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::form::{Fault, Faults};
use super::{PageApp, Pages, Posted, View, in_address, page, page_with, see_other};
use crate::http::extract::Path;
use crate::http::problem::{Problem, ProblemKind};
use crate::serial::{Guessing, RuleSpec};
use crate::service::people::{Role, SignedIn};
use crate::service::rules::RuleRecord;
use crate::service::{KnownRule, ServiceError};

const LOOK: [Role; 2] = [Role::Planner, Role::Viewer];
const PLANNER: [Role; 1] = [Role::Planner];
/// How many specimens are shown.
const SPECIMENS: u64 = 3;
/// A rule is a few lines.
const LONGEST: usize = 64 << 10;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/rules", &LOOK, list).get("/rules/new", &PLANNER, blank).post("/rules", &PLANNER, define).get(
        "/rules/{code}",
        &LOOK,
        one,
    )
}

/// A rule version with what its page shows.
#[derive(Debug)]
struct Shown {
    record: RuleRecord,
    /// Symbols of a serial.
    length: usize,
    /// All ordinals of a series.
    capacity: u64,
    /// How many may be issued before fewer than 10,000 guesses find one; none if serials are in sequence.
    within_bound: Option<u64>,
    specimens: Vec<String>,
}

impl Shown {
    fn of(record: RuleRecord, known: &KnownRule) -> Self {
        let rule = &known.rule;
        // With nothing issued the outlook is that of the rule itself; the day does not matter then.
        let within_bound = match rule.outlook(0, 0, jiff::civil::Date::MIN).guessing {
            Guessing::Scrambled { units_within_bound, .. } => Some(units_within_bound),
            Guessing::Sequential => None,
        };
        let specimens = (0..SPECIMENS).filter_map(|n| rule.specimen(n)).collect();
        Self { length: rule.length(), capacity: rule.capacity(), within_bound, specimens, record }
    }

    fn used(&self) -> u64 {
        self.record.series.iter().map(|series| series.used).sum()
    }

    /// What is left of the series that is fullest; of a new one if there is none.
    fn remaining(&self) -> u64 {
        self.record.series.iter().map(|series| series.remaining).min().unwrap_or(self.capacity)
    }

    /// How many guesses a hit takes in the series that is fullest.
    fn guesses(&self) -> Option<u64> {
        self.record.series.iter().filter_map(|series| series.guesses_per_hit).min()
    }
}

async fn shown(app: &PageApp) -> Result<Vec<Shown>, Problem> {
    let records = app.nameplate.rule_records().await?;
    let known = app.nameplate.rules().all();
    let of = |record: RuleRecord| {
        let rule = known.iter().find(|rule| rule.row.code == record.code && rule.row.version == record.version)?;
        Some(Shown::of(record, rule))
    };
    Ok(records.into_iter().filter_map(of).collect())
}

#[derive(Template)]
#[template(path = "pages/rules.html")]
struct List {
    v: View,
    rules: Vec<Shown>,
}

async fn list(State(app): State<PageApp>, v: View) -> Result<Response, Problem> {
    Ok(page(&List { v, rules: shown(&app).await? }))
}

#[derive(Template)]
#[template(path = "pages/rule.html")]
struct One {
    v: View,
    code: String,
    /// Oldest first.
    versions: Vec<Shown>,
    rows: Vec<Compared>,
}

/// A part of the definition in each version.
#[derive(Debug)]
struct Compared {
    name: String,
    /// The value in each version, and whether it is another than in the version before.
    values: Vec<(String, bool)>,
}

async fn one(State(app): State<PageApp>, v: View, Path(code): Path<String>) -> Result<Response, Problem> {
    let mut versions = shown(&app).await?;
    versions.retain(|rule| rule.record.code == code);
    if versions.is_empty() {
        return Err(Problem::new(ProblemKind::NotFound, "There is no such rule."));
    }
    versions.sort_by_key(|rule| rule.record.version);
    let rows = compared(&versions.iter().map(|rule| &rule.record.definition).collect::<Vec<_>>());
    Ok(page(&One { v, code, versions, rows }))
}

/// Definitions side by side, part by part.
fn compared(definitions: &[&Value]) -> Vec<Compared> {
    let parts: Vec<Vec<(String, String)>> = definitions.iter().map(|definition| parts_of(definition)).collect();
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in parts.iter().flatten() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let value_in = |parts: &[(String, String)], name: &str| {
        parts.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, value)| value.clone())
    };
    let row = |name: &str| {
        let mut values: Vec<(String, bool)> = Vec::with_capacity(parts.len());
        for parts in &parts {
            let value = value_in(parts, name);
            let differs = values.last().is_some_and(|(before, _)| *before != value);
            values.push((value, differs));
        }
        Compared { name: name.to_owned(), values }
    };
    names.into_iter().filter(|name| *name != "code" && *name != "version").map(row).collect()
}

/// The parts of a definition: segments one by one, everything else as it is written.
fn parts_of(definition: &Value) -> Vec<(String, String)> {
    let Some(members) = definition.as_object() else { return Vec::new() };
    let mut parts = Vec::new();
    for (name, value) in members {
        match value {
            Value::Array(items) if name == "segments" => {
                let numbered = items.iter().enumerate();
                parts.extend(numbered.map(|(n, item)| (format!("{name} {}", n + 1), in_words(item))));
            }
            Value::Null => {}
            other => parts.push((name.clone(), in_words(other))),
        }
    }
    parts
}

/// A value without the signs of JSON.
fn in_words(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let words: Vec<String> = members
                .iter()
                .map(
                    |(name, value)| {
                        if name == "kind" { in_words(value) } else { format!("{name} {}", in_words(value)) }
                    },
                )
                .collect();
            words.join(", ")
        }
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(" "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A definition as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
struct Form {
    #[serde(default)]
    definition: String,
    #[serde(default)]
    effective_on: String,
    /// `try` or `define`.
    #[serde(default)]
    step: String,
}

#[derive(Template)]
#[template(path = "pages/rules_new.html")]
struct New {
    v: View,
    form: Form,
    faults: Faults,
    /// What the definition would make, once it was tried.
    tried: Option<RuleRecord>,
}

const EXAMPLE: &str = "code = \"g7\"
version = 1
prefix = \"S/N\"
grouping = { sizes = [4, 4] }
segments = [
    { kind = \"literal\", text = \"G7\" },
    { kind = \"counter\", width = 4 },
    { kind = \"check\", scheme = \"rs2\" },
]
";

async fn blank(State(app): State<PageApp>, v: View) -> Response {
    let effective_on = app.nameplate.clock().today().to_string();
    let form = Form { definition: EXAMPLE.to_owned(), effective_on, step: String::new() };
    page(&New { v, form, faults: Faults::none(), tried: None })
}

async fn define(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let spec = spec_of(&form.definition);
    let outcome = match spec {
        Err(fault) => Err(ServiceError::Invalid { field: "definition", problem: fault }),
        Ok(spec) if form.step == "define" => {
            app.nameplate.define_rule(&caller, spec, form.effective_on.trim()).await.map(|record| (record, true))
        }
        Ok(spec) => app.nameplate.try_rule(&caller, spec, form.effective_on.trim()).await.map(|record| (record, false)),
    };
    match outcome {
        Ok((record, true)) => Ok(see_other(&format!("/rules/{}?done=rule_defined", in_address(&record.code)))),
        Ok((record, false)) => Ok(page(&New { v, form, faults: Faults::none(), tried: Some(record) })),
        Err(error) => {
            let mut fault = Fault::of(error)?;
            if fault.field.is_empty() {
                "definition".clone_into(&mut fault.field);
            }
            let shown = New { v, form, faults: fault.into(), tried: None };
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}

/// Reads a definition: JSON if it begins as such, else TOML.
fn spec_of(text: &str) -> Result<RuleSpec, String> {
    if text.len() > LONGEST {
        return Err("is longer than 64 KiB: a rule is a few lines".into());
    }
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    RuleSpec::from_toml(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_versions_is_marked() {
        let old = serde_json::json!({"code": "g", "version": 1, "segments": [{"kind": "counter", "width": 4}]});
        let new = serde_json::json!({"code": "g", "version": 2, "prefix": "S/N",
            "segments": [{"kind": "counter", "width": 5}, {"kind": "check", "scheme": "rs1"}]});
        let rows = compared(&[&old, &new]);
        let shown: Vec<(&str, &str, &str, bool)> = rows
            .iter()
            .map(|row| (row.name.as_str(), row.values[0].0.as_str(), row.values[1].0.as_str(), row.values[1].1))
            .collect();
        assert_eq!(
            shown,
            [
                ("segments 1", "counter, width 4", "counter, width 5", true),
                ("prefix", "", "S/N", true),
                ("segments 2", "", "check, scheme rs1", true),
            ]
        );
        assert!(rows.iter().all(|row| !row.values[0].1), "the first version differs from nothing");
        assert!(compared(&[&new, &new]).iter().all(|row| !row.values[1].1));
    }

    #[test]
    fn the_example_is_a_rule() {
        let spec = spec_of(EXAMPLE).unwrap();
        assert_eq!(spec_of(&serde_json::to_string(&spec).unwrap()).unwrap(), spec);
        assert!(spec_of("{").is_err() && spec_of("code = ").is_err() && spec_of(&"x".repeat(LONGEST + 1)).is_err());
    }
}
