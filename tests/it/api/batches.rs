//! Batches and their accounts.

use serde_json::json;

use super::BATCH;
use super::house::{House, reports};

#[tokio::test]
async fn batches_are_listed_and_shown_with_their_accounts() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    planner.reserve(7).await;
    let first = planner.read("/api/v1/batches?limit=3").await;
    let second = planner.read(&format!("/api/v1/batches?limit=3&after={}", first["next"].as_str().unwrap())).await;
    let codes: Vec<_> = [first, second].iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect();
    let codes: Vec<_> = codes.iter().map(|batch| batch["batch"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 4);
    assert!(codes.contains(&"Lot 25-118 (pilot)"));
    let batch = planner.read(&format!("/api/v1/batches/{BATCH}")).await;
    assert_eq!((&batch["state"], &batch["account"]["reserved"]), (&json!("open"), &json!(7)));
    assert_eq!(batch["attributes"]["release_record"], "QA-2025-0698");
    assert_eq!(planner.read("/api/v1/batches/HH%2F0007").await["batch"], "HH/0007");
    assert_eq!(planner.read("/api/v1/batches/lot%2025-118%20%28pilot%29").await["batch"], "Lot 25-118 (pilot)");
    let answer = planner.get("/api/v1/batches/nope").await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-batch"));
}

#[tokio::test]
async fn a_batch_is_closed_only_when_every_serial_is_accounted_for() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    let block = planner.reserve(5).await;
    planner
        .report(&block, "applied", json!({"range": {"first": block["serials"][0], "last": block["serials"][2]}}))
        .await;
    let path = format!("/api/v1/batches/{BATCH}/close");
    let answer = planner.post(&path, &json!({})).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "batch-not-accounted"));
    assert_eq!(answer.json()["open"], 2);
    for reason in [" ".to_owned(), "x".repeat(501)] {
        let answer = planner.post(&path, &json!({"unaccounted_reason": reason})).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!("unaccounted_reason")));
    }
    let answer = planner.post(&path, &json!({"unaccounted_reason": "behind the press"})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let closed = answer.json();
    assert_eq!((&closed["state"], &closed["account"]["unaccounted"]), (&json!("closed"), &json!(2)));
    assert_eq!((&closed["account"]["issued"], &closed["account"]["adds_up"]), (&json!(5), &json!(true)));
    let printed = json!({"fate": "printed", "serials": "all"});
    for (path, body) in
        [(path, json!({})), ("/api/v1/blocks".to_owned(), super::request(1)), (reports(&block), printed)]
    {
        let answer = planner.post(&path, &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (409, "batch-closed"), "{path}");
    }
}
