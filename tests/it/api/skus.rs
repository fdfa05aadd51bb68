//! SKUs, their edits, and the quotas of stations.

use serde_json::{Value, json};

use super::house::{Actor, House, JSON};
use super::{SKU, request};

async fn patch(actor: &mut Actor, tag: &str, edit: &Value) -> crate::http::wire::Answer {
    let if_match = if tag.is_empty() { String::new() } else { format!("if-match: {tag}\r\n") };
    actor.ask("PATCH", &format!("/api/v1/skus/{SKU}"), &format!("{JSON}{if_match}"), &edit.to_string()).await
}

#[tokio::test]
async fn skus_are_listed_and_shown_with_both_identities() {
    let house = House::new().await;
    let mut support = house.someone("support").await;
    let first = support.read("/api/v1/skus?limit=4").await;
    let second = support.read(&format!("/api/v1/skus?limit=4&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (4, 2));
    let sku = support.read("/api/v1/skus/nt-m2-bor").await;
    assert_eq!((&sku["brand"]["name"], &sku["factory"]["product"]), (&json!("Borealis Optics"), &json!("NT-M2")));
    let names: Vec<_> = sku["names"].as_array().unwrap().iter().map(|name| name["value"].as_str().unwrap()).collect();
    assert!(names.contains(&"BO-F35") && names.contains(&"FM2-004"), "{names:?}");
    let answer = support.get("/api/v1/skus/BO-F35").await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-sku"), "other names are found by resolve");
}

#[tokio::test]
async fn an_edit_needs_the_state_that_it_is_based_on() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    let tag = planner.get(&format!("/api/v1/skus/{SKU}")).await.header("etag").unwrap().to_owned();
    let rename = json!({"name": "Borealis Fjäll 35 II"});
    let missing = patch(&mut planner, "", &rename).await;
    assert_eq!((missing.status, missing.problem().as_str()), (428, "precondition-required"));
    let edited = patch(&mut planner, &tag, &rename).await;
    assert_eq!((edited.status, &edited.json()["name"]), (200, &json!("Borealis Fjäll 35 II")));
    let fresh = edited.header("etag").unwrap().to_owned();
    assert_ne!(fresh, tag);
    let stale = patch(&mut planner, &tag, &json!({"name": "x"})).await;
    assert_eq!((stale.status, stale.problem().as_str()), (412, "precondition-failed"));
    assert_eq!(stale.json()["current"], fresh.as_str());
    for (edit, field) in [
        (json!({"rule": "nope"}), "rule"),
        (json!({"name": ""}), "name"),
        (json!({"template": "../x"}), "template"),
        (json!({}), "name"),
        (json!({"gtin": "9521234000044"}), "gtin"),
    ] {
        let answer = patch(&mut planner, &fresh, &edit).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)), "{edit}");
    }
    assert_eq!(planner.read(&format!("/api/v1/skus/{SKU}")).await["name"], "Borealis Fjäll 35 II");
}

async fn put_quota(actor: &mut Actor, path: &str, body: &str) -> crate::http::wire::Answer {
    actor.ask("PUT", path, JSON, body).await
}

#[tokio::test]
async fn a_quota_limits_what_a_station_holds() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    let path = format!("/api/v1/stations/fi-1/quotas/{SKU}");
    let set = put_quota(&mut planner, &path, r#"{"quota": 10}"#).await;
    assert_eq!(set.status, 200);
    assert_eq!(set.json(), json!({"station": "fi-1", "sku": SKU, "held": 0, "quota": 10}));
    let block = planner.reserve(7).await;
    let refused = planner.post("/api/v1/blocks", &request(4)).await;
    assert_eq!((refused.status, refused.problem().as_str()), (429, "quota-exceeded"));
    let problem = refused.json();
    assert_eq!((&problem["remaining"], &problem["held"], &problem["quota"]), (&json!(3), &json!(7), &json!(10)));
    planner.report(&block, "applied", json!({"serials": [block["serials"][0]]})).await;
    planner.reserve(4).await;
    let freed = put_quota(&mut planner, &path, r#"{"quota": null}"#).await;
    assert_eq!((freed.status, &freed.json()["quota"]), (200, &json!(2_000_000)));
    planner.reserve(50).await;
}

#[tokio::test]
async fn a_quota_that_cannot_be_is_refused() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    let path = format!("/api/v1/stations/fi-1/quotas/{SKU}");
    for body in ["{}", r#"{"quota": -1}"#, r#"{"quota": "10"}"#, r#"{"quota": 1000000001}"#] {
        let answer = put_quota(&mut planner, &path, body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{body}");
    }
    let answer = put_quota(&mut planner, "/api/v1/stations/line%202/quotas/NT-M2-BOR", r#"{"quota": 1}"#).await;
    assert_eq!((answer.status, &answer.json()["field"]), (422, &json!("station")));
    let answer = put_quota(&mut planner, "/api/v1/stations/fi-1/quotas/nope", r#"{"quota": 1}"#).await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-sku"));
}
