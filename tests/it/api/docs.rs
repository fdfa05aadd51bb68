//! The OpenAPI document, the manual and the start page.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use nameplate::http::api::site;
use nameplate::http::openapi::lenient_bodies;
use nameplate::http::pages::SiteSettings;
use nameplate::http::server::ServerLimits;
use serde_json::Value;

use super::house::House;

async fn document(house: &House) -> Value {
    house.stranger().await.get("/openapi.json").await.json()
}

/// Every operation: method, path, and what the document says of it.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.clone(), path.clone(), operation));
        }
    }
    all
}

#[tokio::test]
async fn the_document_has_the_shape_of_openapi_3_1() {
    let house = House::new().await;
    let document = document(&house).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["title"], "nameplate");
    assert!(document["info"]["version"].is_string() && document["info"]["license"]["name"].is_string());
    let groups: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut used = BTreeSet::new();
    let mut ids = HashSet::new();
    for (method, path, operation) in operations(&document) {
        let named = format!("{method} {path}");
        assert!(path.starts_with("/api/v1/") || path == "/cloudprnt/v1", "{named}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{named}: its id is taken");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{named}");
        used.insert(operation["tags"][0].as_str().unwrap());
        assert!(operation["security"].is_array(), "{named}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            assert!(parameter["schema"].is_object() && parameter["description"].is_string(), "{named} {parameter}");
            assert!(["path", "query", "header"].contains(&parameter["in"].as_str().unwrap()), "{named} {parameter}");
        }
        let in_path: BTreeSet<_> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| {
                assert_eq!(parameter["required"], true, "{named}");
                parameter["name"].as_str().unwrap().to_owned()
            })
            .collect();
        let placeholders: BTreeSet<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(str::to_owned).collect();
        assert_eq!(in_path, placeholders, "{named}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{named}");
        for (status, response) in responses {
            let code: u16 = status.parse().unwrap();
            assert!((100..600).contains(&code) && !response["description"].as_str().unwrap().is_empty(), "{named}");
        }
        assert!(["get", "delete"].contains(&method.as_str()) != operation["requestBody"].is_object(), "{named}");
    }
    assert_eq!(used, groups, "every group is used, and every used group is described");
    every_reference_leads_somewhere(&document, &document);
}

fn every_reference_leads_somewhere(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
            }
            members.values().for_each(|member| every_reference_leads_somewhere(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| every_reference_leads_somewhere(document, item)),
        _ => {}
    }
}

#[tokio::test]
async fn every_body_has_an_example_that_fits_its_schema() {
    let house = House::new().await;
    let document = document(&house).await;
    let mut seen = 0;
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
        let contents = answers.map(|(_, answer)| &answer["content"]).chain([&operation["requestBody"]["content"]]);
        for (media_type, media) in contents.filter_map(Value::as_object).flatten() {
            let named = format!("{method} {path} {media_type}");
            if !media_type.ends_with("/json") {
                assert!(media["example"].is_string() || media["schema"]["format"] == "binary", "{named}");
                continue;
            }
            shown(&document, &media["schema"], &named);
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// Checks that a schema has an example of its own, or that its parts have; and that the example's members are those of
/// the schema.
fn shown(document: &Value, schema: &Value, named: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return shown(document, document.pointer(&reference[1..]).unwrap(), &format!("{named} {reference}"));
    }
    if let Some(alternatives) = schema["oneOf"].as_array() {
        return alternatives.iter().for_each(|one| shown(document, one, named));
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        shown(document, part, named);
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let Some(example) = schema["example"].as_object() else {
        // A page or a list is shown by its items; a tag of an enum by its one value.
        let inner = properties.values().filter_map(|property| property.get("items"));
        let is_tag = properties.values().all(|property| property["enum"].as_array().is_some_and(|all| all.len() == 1));
        let inner: Vec<_> = inner.collect();
        assert!(is_tag || !inner.is_empty(), "{named} has no example");
        return inner.into_iter().for_each(|items| shown(document, items, named));
    };
    for name in example.keys() {
        assert!(properties.contains_key(name), "{named}: the example has {name}, the schema does not");
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(example.contains_key(name.as_str().unwrap()), "{named}: the example lacks {name}");
    }
}

#[tokio::test]
async fn the_examples_of_requests_are_taken_by_the_server() {
    let house = House::new().await;
    let document = document(&house).await;
    let example = |name: &str| document["components"]["schemas"][name]["example"].clone();
    let mut admin = house.someone("admin").await;
    for (path, name) in
        [("/api/v1/blocks", "ReserveRequest"), ("/api/v1/tokens", "NewToken"), ("/api/v1/rules", "RuleRequest")]
    {
        let answer = admin.post(path, &example(name)).await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn every_body_refuses_unknown_fields() {
    let house = House::new().await;
    let site = site(Arc::clone(&house.nameplate), &ServerLimits::default(), SiteSettings::default()).unwrap();
    assert_eq!(lenient_bodies(&site.document), Vec::<String>::new());
}

#[tokio::test]
async fn the_manual_and_the_start_page_are_served() {
    let house = House::new().await;
    let mut wire = house.stranger().await;
    let manual = wire.get("/docs").await;
    for expected in ["Reserves a block of serials", "Finds the record of whatever", "NT-M2-BOR", "Look-up", "/docs"] {
        assert!(manual.text().contains(expected), "{expected}");
    }
    // The start page is for people who are signed in.
    let start = wire.get("/").await;
    assert_eq!((start.status, start.header("location")), (303, Some("/sign-in")));
    let door = wire.get("/sign-in").await;
    assert_eq!((door.status, door.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for expected in ["href=\"/docs\"", "href=\"/problems\"", "autocomplete=\"current-password\""] {
        assert!(door.text().contains(expected), "{expected}");
    }
}

#[tokio::test]
async fn the_curl_examples_of_the_manuals_are_operations() {
    let house = House::new().await;
    let document = document(&house).await;
    let operations = operations(&document);
    let manuals = [include_str!("../../../docs/printing.md"), include_str!("../../../docs/proofs.md")];
    let manual = manuals.join("\n").replace("\\\n", " ");
    let mut seen = 0;
    for line in manual.lines().map(str::trim).filter(|line| line.starts_with("curl ")) {
        let method = line.split_whitespace().nth(2).unwrap().to_ascii_lowercase();
        let address = line.split("\"$SERVER").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let path = address.split('?').next().unwrap();
        let is_it = |(its_method, its_path, _): &&(String, String, &Value)| {
            let (asked, own): (Vec<_>, Vec<_>) = (path.split('/').collect(), its_path.split('/').collect());
            let fits = |(own, asked): (&&str, &&str)| own.starts_with('{') || own == asked;
            *its_method == method && own.len() == asked.len() && own.iter().zip(&asked).all(fits)
        };
        let (_, _, operation) = operations.iter().find(is_it).unwrap_or_else(|| panic!("{line}"));
        let body = line.split("-d '").nth(1).and_then(|rest| rest.split('\'').next());
        let body = body.map(|body| serde_json::from_str::<Value>(body).unwrap_or_else(|e| panic!("{e}: {line}")));
        assert_eq!(body.is_some(), operation["requestBody"].is_object(), "{line}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let needs_key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        assert!(!needs_key || line.contains("Idempotency-Key: "), "{line}");
        seen += 1;
    }
    assert!(seen >= 23, "{seen}");
}
