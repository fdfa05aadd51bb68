//! An example of a body, put together from the examples of its types and fields.

use serde_json::{Map, Value, json};

use super::schema::resolve;

/// Deepest nesting; a type that holds itself ends there.
const DEEPEST: usize = 6;

/// The schema's own example, or one made of its parts.
pub(super) fn example(document: &Value, schema: &Value) -> Value {
    make(document, schema, 0)
}

fn make(document: &Value, schema: &Value, depth: usize) -> Value {
    let given = |schema: &Value| {
        let first = schema["examples"].get(0);
        schema.get("example").or(first).or(schema.get("default")).or(schema["enum"].get(0)).cloned()
    };
    if let Some(example) = given(schema) {
        return example;
    }
    let (schema, nullable) = resolve(document, schema);
    if let Some(example) = given(schema) {
        return example;
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(items) = schema.get("items") {
        return json!([make(document, items, depth + 1)]);
    }
    if let Some(first) = schema["oneOf"].get(0).or(schema["anyOf"].get(0)) {
        return make(document, first, depth + 1);
    }
    let parts = schema["allOf"].as_array().into_iter().flatten().map(|part| make(document, part, depth + 1));
    let mut object: Map<_, _> = parts.filter_map(|part| part.as_object().cloned()).flatten().collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        object.insert(name.clone(), make(document, field, depth + 1));
    }
    if !object.is_empty() {
        return Value::Object(object);
    }
    let is = |name: &str| schema["type"] == name || schema["type"].get(0).is_some_and(|first| first == name);
    match () {
        () if is("string") => json!("text"),
        () if is("integer") || is("number") => schema.get("minimum").cloned().unwrap_or(json!(0)),
        () if is("boolean") => json!(false),
        () if is("object") && !nullable => json!({}),
        () => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_examples_come_first_and_parts_make_up_the_rest() {
        let document = json!({"components": {"schemas": {
            "Order": {"type": "object", "properties": {
                "sku": {"type": "string", "example": "TC-2"},
                "count": {"type": "integer", "minimum": 1},
                "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                "note": {"type": ["string", "null"]},
            }},
            "Line": {"type": "object", "properties": {"form": {"type": "string", "enum": ["pdf", "zpl"]}}},
        }}});
        let made = example(&document, &json!({"$ref": "#/components/schemas/Order"}));
        assert_eq!(made, json!({"sku": "TC-2", "count": 1, "lines": [{"form": "pdf"}], "note": "text"}));
        assert_eq!(example(&document, &json!({"$ref": "#/components/schemas/Line", "example": 7})), 7);
    }

    #[test]
    fn a_type_that_holds_itself_ends() {
        let document = json!({"components": {"schemas": {"Node": {
            "type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}
        }}}});
        assert!(example(&document, &json!({"$ref": "#/components/schemas/Node"})).is_object());
    }
}
