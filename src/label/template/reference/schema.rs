//! The table as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::table::{FIELD, FILE, GROUPS, PLACEMENT};
use super::{Absent, Field, Type};
use crate::label::art::marks;
use crate::label::template::{MAX_LABEL, MIN_LABEL};

/// The template language as JSON Schema (2020-12), for editors that complete and check TOML.
///
/// It knows fields, types, ranges and words. Placeholders, conditions and references from one element to another are
/// checked when a template is read.
///
/// ```
/// let schema = nameplate::label::reference::json_schema();
/// assert_eq!(schema["properties"]["text"]["items"]["properties"]["size_pt"]["maximum"], 300);
/// ```
pub fn json_schema() -> Value {
    let mut schema = table(FILE.iter());
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!("urn:nameplate:template:1");
    schema["title"] = json!("nameplate label template");
    schema["description"] = json!("A label, in millimetres and points.");
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("placement"));
    }
    let properties = &mut schema["properties"];
    properties["placement"] = table(PLACEMENT.iter());
    properties["placement"]["description"] = json!("Where on the product the label goes and what it must withstand.");
    properties["fields"] = json!({
        "type": "object",
        "description": "What is known about the fields, by name. A name with dots stands in quotes: [fields.\"made.date\"].",
        "propertyNames": { "pattern": "^[a-z0-9._]+$" },
        "additionalProperties": table(FIELD.iter()),
    });
    for group in GROUPS {
        for kind in group.kinds {
            let mut element = table(group.all_fields());
            element["description"] = json!(group.doc);
            properties[kind] = json!({ "type": "array", "description": group.doc, "items": element });
        }
    }
    schema
}

/// A table with these fields and no others.
fn table<'f>(fields: impl Iterator<Item = &'f Field> + Clone) -> Value {
    let required: Vec<&str> = fields.clone().filter(|f| f.absent == Absent::Refused).map(|f| f.name).collect();
    let properties: Map<String, Value> = fields.map(|field| (field.name.to_owned(), property(field))).collect();
    let mut table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

fn property(field: &Field) -> Value {
    let mut property = value_of(field.of);
    property["description"] = json!(field.doc);
    // Defaults are written as in TOML, which for these types is JSON as well.
    if let Absent::Is(value) = field.absent {
        property["default"] = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    }
    property
}

fn value_of(of: Type) -> Value {
    let texts = || {
        json!({ "anyOf": [
            { "type": "string" },
            { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } },
        ] })
    };
    let millimetres = |um: i32| f64::from(um) / 1000.0;
    match of {
        Type::Text | Type::Filled | Type::Id => json!({ "type": "string" }),
        Type::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
        Type::Texts => texts(),
        Type::Word(words) => json!({ "type": "string", "enum": words }),
        Type::Mark => json!({ "type": "string", "enum": marks().iter().map(|mark| mark.name).collect::<Vec<_>>() }),
        Type::Flag => json!({ "type": "boolean" }),
        Type::Number(numbers) => json!({ "type": "integer", "enum": numbers }),
        Type::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Type::Size => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1000 }),
        Type::Distance => json!({ "type": "number", "minimum": 0, "maximum": 1000 }),
        Type::Side => {
            json!({ "type": "number", "minimum": millimetres(MIN_LABEL.0), "maximum": millimetres(MAX_LABEL.0) })
        }
        Type::Points => json!({ "type": "number", "minimum": 2, "maximum": 300 }),
        Type::List | Type::Ids => json!({ "type": "array", "items": { "type": "string" } }),
        Type::Pairs => json!({
            "type": "array",
            "items": { "type": "array", "items": texts(), "minItems": 2, "maxItems": 2 },
        }),
    }
}
