//! Batches: listed, their account and open labels, closed.

use super::House;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_are_listed_newest_first_and_by_filter() {
    let house = House::new().await;
    let viewer = house.person("viewer").await;
    let all = viewer.get("/batches").await.is(200);
    let words = all.words();
    let place = |text: &str| words.find(text).unwrap_or_else(|| panic!("{text} in {words}"));
    assert!(place("Lot 25-118 (pilot)") < place("2025-W14-M2"));
    for (query, there, not_there) in [
        ("q=w27", "2025-W27-M2", "2025-W14-M2"),
        ("sku=NT-H3-KES", "HH/0007", "2025-W27-M2"),
        ("state=open", "HH/0007", "closed x"),
        ("q=%25", "No batch is like this", "2025-W27-M2"),
    ] {
        viewer.get(&format!("/batches?{query}")).await.is(200).says(there).is_silent_of(not_there);
    }
    viewer.get("/batches?state=closed").await.is(200).says("No batch is like this");
    viewer.get("/batches?sku=NOPE").await.is(200).says("There is no SKU");
    let bound = house.person_of("viewer", "KES").await.get("/batches").await.is(200);
    bound.says("2025-W27-M2").is_silent_of("pilot").is_silent_of("NT-M2-BOR").is_silent_of("Issued");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_closed_when_every_serial_is_accounted_for() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(3).await;
    let planner = house.person("planner").await;
    let path = "/batches/2025-W27-M2";
    let before = planner.get(path).await.is(200);
    before.says("3 serials are open").says("adds up").says(block["block"].as_str().unwrap());
    let refused = planner.post("/batches/2025-W27-M2/close", &[("unaccounted_reason", "")]).await.is(422);
    refused.says("has 3 serials whose fate is open");
    let long = "x".repeat(5_000);
    let too_long = planner.post("/batches/2025-W27-M2/close", &[("unaccounted_reason", &long)]).await.is(422);
    assert_eq!(too_long.field("unaccounted_reason"), long, "what was typed is kept");
    let reason = [("unaccounted_reason", "fell behind the press <twice>")];
    let closed = planner.post("/batches/2025-W27-M2/close", &reason).await;
    assert_eq!(closed.leads_to(), "/batches/2025-W27-M2?done=batch_closed");
    planner.get(closed.leads_to()).await.is(200).says("The batch is closed").is_silent_of("Close the batch");
    planner.post("/batches/2025-W27-M2/close", &reason).await.is(422).says("is closed");
    planner.get("/batches?state=closed").await.is(200).says("2025-W27-M2");
    planner.post("/batches/NOPE/close", &reason).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_that_are_on_no_unit_are_listed_in_pages() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(60).await;
    let serials = station.read(&format!("/api/v1/blocks/{}/serials", block["block"].as_str().unwrap())).await;
    let items = serials["items"].as_array().unwrap();
    // Every other one, so that each is a range of its own.
    let printed: Vec<_> = items.iter().step_by(2).map(|item| item["serial"].clone()).collect();
    station.report(&block, "printed", json!({"serials": printed})).await;
    let planner = house.person("planner").await;
    let first = planner.get("/batches/2025-W27-M2").await.is(200);
    first.says("Labels that are on no unit yet").says("printed 30");
    let next = first.html().split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    planner.get(next).await.is(200).says("First page");
    planner.get("/batches/2025-W27-M2?after=nonsense").await.is(200);
}
