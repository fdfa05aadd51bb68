//! Reserving, and looking at what was reserved.

use nameplate::http::api::blocks::ReservedBlock;
use serde_json::json;

use super::house::{House, record};
use super::{BATCH, KESTREL_SKU, SKU, changed, request};

#[tokio::test]
async fn a_reserved_block_is_answered_and_on_record() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let answer = station.post("/api/v1/blocks", &request(3)).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("application/json")));
    assert_eq!(answer.header("idempotent-replayed"), None);
    let documented: ReservedBlock = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/blocks/{}", documented.block).as_str()));
    assert_eq!((documented.count, documented.serials.len(), documented.order), (3, 3, None));
    assert_eq!((&documented.serials[0], &documented.serials[2]), (&documented.first_serial, &documented.last_serial));
    let shown = station.read(answer.header("location").unwrap()).await;
    assert_eq!((&shown["sku"], &shown["batch"], &shown["count"]), (&json!(SKU), &json!(BATCH), &json!(3)));
    assert_eq!((&shown["account"]["reserved"], &shown["account"]["adds_up"]), (&json!(3), &json!(true)));
    assert_eq!(shown["revision"], "B", "the revision in force on the day");
    assert_eq!(shown["first_serial"], documented.first_serial.as_str());
}

#[tokio::test]
async fn the_names_of_a_sku_are_as_good_as_its_code() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    for name in ["nt-m2-bor", "9521234000044", "9 521234 000044", "BO-F35", "Fjäll 35", "FM2-004"] {
        let answer = station.post("/api/v1/blocks", &changed("sku", json!(name))).await;
        assert_eq!((answer.status, &answer.json()["sku"]), (201, &json!(SKU)), "{name}");
    }
}

#[tokio::test]
async fn blocks_are_listed_newest_first_by_batch_sku_and_station() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let mut codes = Vec::new();
    for (sku, place) in [(SKU, "fi-1"), (KESTREL_SKU, "fi-1"), (SKU, "fi-2"), (SKU, "fi-1")] {
        let body = json!({"sku": sku, "batch": BATCH, "count": 2, "station": place});
        codes.push(station.post("/api/v1/blocks", &body).await.json()["block"].clone());
    }
    codes.reverse();
    let codes_of = |page: &serde_json::Value| -> Vec<serde_json::Value> {
        page["items"].as_array().unwrap().iter().map(|block| block["block"].clone()).collect()
    };
    let first = station.read("/api/v1/blocks?limit=3").await;
    let next = first["next"].as_str().unwrap();
    let second = station.read(&format!("/api/v1/blocks?limit=3&after={next}")).await;
    assert_eq!([codes_of(&first), codes_of(&second)].concat(), codes);
    assert!(second.get("next").is_none());
    for (filter, expected) in [
        (format!("sku={KESTREL_SKU}"), vec![2]),
        ("station=fi-2".to_owned(), vec![1]),
        (format!("batch={BATCH}&sku={SKU}&station=fi-1"), vec![0, 3]),
        ("batch=HH%2F0007".to_owned(), vec![]),
    ] {
        let found = codes_of(&station.read(&format!("/api/v1/blocks?{filter}")).await);
        assert_eq!(found, expected.into_iter().map(|at: usize| codes[at].clone()).collect::<Vec<_>>(), "{filter}");
    }
    for (query, status, slug) in [
        ("sku=nope", 404, "unknown-sku"),
        ("batch=nope", 404, "unknown-batch"),
        ("limit=0", 400, "invalid-query"),
        ("after=7", 400, "invalid-cursor"),
        ("colour=red", 400, "invalid-query"),
    ] {
        let answer = station.get(&format!("/api/v1/blocks?{query}")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{query}");
    }
}

#[tokio::test]
async fn the_history_of_a_block_comes_in_pages() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(5).await;
    for at in 0..3 {
        station.report(&block, "printed", json!({"serials": [block["serials"][at]]})).await;
    }
    let path = format!("{}/history", record(&block));
    let first = station.read(&format!("{path}?limit=3")).await;
    let second = station.read(&format!("{path}?limit=3&after={}", first["next"].as_str().unwrap())).await;
    let kinds: Vec<_> = [&first, &second].iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    let kinds: Vec<_> = kinds.into_iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reserve", "printed", "printed", "printed"]);
    assert!(first["items"][0]["actor"].as_str().unwrap().starts_with("station of the tests ("));
    assert_eq!(first["items"][0]["happened_at"], "2025-07-10T12:00:00Z");
}

#[tokio::test]
async fn a_blocks_name_is_read_as_people_write_it() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(1).await;
    let code = block["block"].as_str().unwrap().to_ascii_lowercase();
    assert_eq!(station.read(&format!("/api/v1/blocks/{code}")).await["block"], block["block"]);
    for strange in ["BLK-0000000000000000", "nope", "%2e%2e"] {
        let answer = station.get(&format!("/api/v1/blocks/{strange}")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-block"), "{strange}");
    }
}
