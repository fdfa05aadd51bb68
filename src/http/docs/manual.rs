//! The document in the order and the words in which people read it: groups, operations, fields.

use serde_json::{Map, Value};

use super::example::example;
use super::schema::{Field, fields, kind};
use crate::http::auth::PRINTER_SCHEME;

/// The whole manual.
pub(super) struct Manual {
    pub version: String,
    pub introduction: String,
    pub groups: Vec<Group>,
}

/// Operations that belong together (an OpenAPI tag).
pub(super) struct Group {
    pub name: String,
    pub anchor: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

pub(super) struct Operation {
    pub anchor: String,
    pub method: String,
    pub path: String,
    pub summary: String,
    pub description: String,
    pub access: String,
    pub parameters: Vec<Field>,
    pub request: Option<Body>,
    pub answers: Vec<Answer>,
    pub problems: Vec<Answer>,
}

pub(super) struct Answer {
    pub status: String,
    pub description: String,
    pub bodies: Vec<Body>,
}

pub(super) struct Body {
    pub media_type: String,
    pub fields: Vec<Field>,
    pub example: Option<String>,
}

const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
const NO_GROUP: &str = "Other";

impl Manual {
    /// Reads the document. Operations without a group, or of one that the document does not list, come last.
    pub(super) fn of(document: &Value) -> Self {
        let listed = document["tags"].as_array().into_iter().flatten();
        let mut groups: Vec<_> = listed.map(|tag| Group::new(text(&tag["name"]), text(&tag["description"]))).collect();
        for (path, item) in members(&document["paths"]) {
            for method in METHODS {
                let Some(declared) = item.get(method) else { continue };
                let name = declared["tags"][0].as_str().unwrap_or(NO_GROUP);
                let place = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
                    groups.push(Group::new(name.to_owned(), String::new()));
                    groups.len() - 1
                });
                groups[place].operations.push(Operation::of(document, path, method, declared));
            }
        }
        groups.retain(|group| !group.operations.is_empty());
        let info = &document["info"];
        Self { version: text(&info["version"]), introduction: text(&info["description"]), groups }
    }
}

impl Group {
    fn new(name: String, description: String) -> Self {
        Self { anchor: anchor(&name), name, description, operations: Vec::new() }
    }
}

impl Operation {
    fn of(document: &Value, path: &str, method: &str, declared: &Value) -> Self {
        let method = method.to_ascii_uppercase();
        let summary = declared["summary"].as_str().map_or_else(|| format!("{method} {path}"), str::to_owned);
        let answers = members(&declared["responses"]).map(|(status, answer)| Answer::of(document, status, answer));
        let (problems, answers) = answers.partition(|answer| answer.status.starts_with(['4', '5']));
        Self {
            anchor: anchor(&format!("{method} {path}")),
            path: path.to_owned(),
            summary: summary.trim_end_matches('.').to_owned(),
            description: text(&declared["description"]),
            access: access(&declared["security"]),
            parameters: declared["parameters"].as_array().into_iter().flatten().map(parameter(document)).collect(),
            request: bodies(document, &declared["requestBody"]["content"]).into_iter().next(),
            answers,
            problems,
            method,
        }
    }
}

impl Answer {
    fn of(document: &Value, status: &str, answer: &Value) -> Self {
        let is_problem = status.starts_with(['4', '5']);
        let bodies = if is_problem { Vec::new() } else { bodies(document, &answer["content"]) };
        Self { status: status.to_owned(), description: text(&answer["description"]), bodies }
    }
}

fn bodies(document: &Value, content: &Value) -> Vec<Body> {
    let body = |(media_type, media): (&str, &Value)| {
        let fields = fields(document, &media["schema"]);
        let is_json = media_type.ends_with("json");
        let shown =
            is_json.then(|| media.get("example").cloned().unwrap_or_else(|| example(document, &media["schema"])));
        let example = shown.and_then(|shown| serde_json::to_string_pretty(&shown).ok());
        Body { media_type: media_type.to_owned(), fields, example }
    };
    members(content).map(body).collect()
}

fn parameter(document: &Value) -> impl Fn(&Value) -> Field {
    move |declared| Field {
        name: text(&declared["name"]),
        kind: format!("{}, in the {}", kind(document, &declared["schema"]), text(&declared["in"])),
        required: declared["required"].as_bool().unwrap_or(false),
        description: text(&declared["description"]),
        depth: 0,
    }
}

/// Who may call it, as a sentence.
fn access(security: &Value) -> String {
    let alternatives: Vec<_> = security.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    if alternatives.is_empty() || alternatives.iter().any(|alternative| alternative.is_empty()) {
        return "Open to anybody, without a token.".to_owned();
    }
    if alternatives.iter().any(|alternative| alternative.contains_key(PRINTER_SCHEME)) {
        return "Needs the printer's token as the password of HTTP Basic, with any user name.".to_owned();
    }
    let scopes = alternatives.iter().flat_map(|alternative| alternative.values()).filter_map(Value::as_array).flatten();
    let scopes: Vec<_> = scopes.filter_map(Value::as_str).collect();
    if scopes.is_empty() {
        return "Needs any live token.".to_owned();
    }
    format!("Needs a token with the scope {} (admin has every scope).", scopes.join(" or "))
}

/// A fragment identifier of letters, digits and hyphens.
fn anchor(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_stand_in_their_groups_and_strangers_come_last() {
        let document = json!({
            "info": {"version": "1", "description": "Hello."},
            "tags": [{"name": "Blocks"}, {"name": "Empty"}],
            "paths": {
                "/a": {"get": {"responses": {}, "summary": "List."}},
                "/b/{id}": {"get": {"tags": ["Blocks"], "responses": {"200": {"description": "Yes"}, "404": {"description": "No"}}}},
            }
        });
        let manual = Manual::of(&document);
        let names: Vec<_> = manual.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["Blocks", "Other"]);
        let operation = &manual.groups[0].operations[0];
        assert_eq!((operation.anchor.as_str(), operation.summary.as_str()), ("get-b-id", "GET /b/{id}"));
        assert_eq!((operation.answers.len(), operation.problems.len()), (1, 1));
        assert_eq!(manual.groups[1].operations[0].summary, "List");
    }

    #[test]
    fn access_is_said_in_words() {
        assert_eq!(access(&json!([{}])), "Open to anybody, without a token.");
        assert_eq!(access(&json!([{"token": []}])), "Needs any live token.");
        assert!(access(&json!([{"token": ["planner", "station"]}])).contains("scope planner or station"));
    }
}
