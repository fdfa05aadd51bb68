//! JSON Schemas as rows of a table.

use serde_json::Value;

/// Deepest nesting shown; a type that holds itself ends there.
const DEEPEST: usize = 4;

/// One row: a parameter, or a field of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    pub kind: String,
    pub required: bool,
    pub description: String,
    pub depth: usize,
}

/// Follows `$ref`s and single-member `oneOf`/`allOf` wraps to the schema that says something. `null` alternatives are
/// dropped; the second value tells whether there was one.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> (&'a Value, bool) {
    let (mut schema, mut nullable) = (schema, false);
    for _ in 0..16 {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/")) {
            schema = &document["components"]["schemas"][name];
            continue;
        }
        let parts = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|name| schema[name].as_array());
        let Some(parts) = parts else { break };
        let is_null = |part: &&Value| part["type"] == "null";
        nullable |= parts.iter().any(|part| is_null(&part));
        let mut others = parts.iter().filter(|part| !is_null(part));
        match (others.next(), others.next()) {
            (Some(only), None) => schema = only,
            _ => break,
        }
    }
    (schema, nullable)
}

/// The fields of a body, nested ones indented below the field that holds them.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut rows = Vec::new();
    add_fields(document, schema, 0, &mut rows);
    rows
}

fn add_fields(document: &Value, schema: &Value, depth: usize, rows: &mut Vec<Field>) {
    if depth > DEEPEST {
        return;
    }
    let (schema, _) = resolve(document, schema);
    if let Some(items) = schema.get("items") {
        return add_fields(document, items, depth, rows);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        add_fields(document, part, depth, rows);
    }
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let (resolved, _) = resolve(document, field);
        let description = field["description"].as_str().or(resolved["description"].as_str()).unwrap_or_default();
        rows.push(Field {
            name: name.clone(),
            kind: kind(document, field),
            required: required.contains(&name.as_str()),
            description: description.to_owned(),
            depth,
        });
        add_fields(document, field, depth + 1, rows);
    }
}

/// What a value is, in words: `integer, 1 to 1000`, `list of text`, `one of pdf, zpl`.
pub(super) fn kind(document: &Value, schema: &Value) -> String {
    let (schema, mut nullable) = resolve(document, schema);
    let types: Vec<_> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    nullable |= types.contains(&"null");
    let mut words = if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> =
            values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
        format!("one of {}", values.join(", "))
    } else if let Some(items) = schema.get("items") {
        format!("list of {}", kind(document, items))
    } else {
        match types.into_iter().find(|name| *name != "null") {
            Some("string") => {
                schema["format"].as_str().map_or_else(|| "text".to_owned(), |form| format!("text ({form})"))
            }
            Some("boolean") => "true or false".to_owned(),
            Some(other) => other.to_owned(),
            None => "any of several forms".to_owned(),
        }
    };
    for (lowest, highest) in [("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")] {
        match (&schema[lowest], &schema[highest]) {
            (Value::Null, Value::Null) => {}
            (low, Value::Null) => words.push_str(&format!(", at least {low}")),
            (Value::Null, high) => words.push_str(&format!(", at most {high}")),
            (low, high) => words.push_str(&format!(", {low} to {high}")),
        }
    }
    if nullable {
        words.push_str(", or null");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_are_said_in_words() {
        let document = json!({"components": {"schemas": {"Form": {"type": "string", "enum": ["pdf", "zpl"]}}}});
        let kind = |schema: Value| kind(&document, &schema);
        assert_eq!(kind(json!({"type": "integer", "minimum": 1, "maximum": 1000})), "integer, 1 to 1000");
        assert_eq!(kind(json!({"type": ["string", "null"], "maxLength": 64})), "text, at most 64, or null");
        assert_eq!(
            kind(json!({"type": "array", "items": {"$ref": "#/components/schemas/Form"}})),
            "list of one of pdf, zpl"
        );
        assert_eq!(
            kind(json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Form"}]})),
            "one of pdf, zpl, or null"
        );
    }

    #[test]
    fn nested_fields_are_indented_and_a_type_that_holds_itself_ends() {
        let document = json!({"components": {"schemas": {"Node": {
            "type": "object", "required": ["name"],
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}
        }}}});
        let rows = fields(&document, &json!({"$ref": "#/components/schemas/Node"}));
        assert_eq!(rows.len(), 2 * (DEEPEST + 1));
        assert_eq!((rows[0].name.as_str(), rows[0].required, rows[0].depth), ("name", true, 0));
        assert_eq!((rows[2].name.as_str(), rows[2].depth), ("name", 1));
    }
}
