//! Reports of what became of serials.

use serde_json::{Value, json};

use super::house::{House, record, reports};

#[tokio::test]
async fn a_partly_used_block_is_accounted_for() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(10).await;
    let serials = &block["serials"];
    station.report(&block, "printed", json!({"range": {"first": serials[0], "last": serials[5]}})).await;
    let spelt = serials[0].as_str().unwrap().to_ascii_lowercase();
    let applied = station.report(&block, "applied", json!({"serials": [spelt, serials[1], serials[2]]})).await;
    assert_eq!((&applied["fate"], &applied["changed"]), (&json!("applied"), &json!(3)));
    station.report(&block, "void", json!({"serials": [serials[3]]})).await;
    station.report(&block, "returned", json!({"from": serials[6]})).await;
    let account = &station.read(&record(&block)).await["account"];
    let expected = json!({
        "issued": 10, "reserved": 0, "printed": 2, "applied": 3, "returned": 4, "void": 1, "unaccounted": 0, "adds_up": true
    });
    assert_eq!(*account, expected);
}

#[tokio::test]
async fn a_report_changes_all_or_nothing() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(4).await;
    let other = station.reserve(1).await;
    station.report(&block, "returned", json!({"from": block["serials"][3]})).await;
    let before = station.read(&record(&block)).await;
    let answer = station.post(&reports(&block), &json!({"fate": "printed", "serials": "all"})).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "range-conflict"));
    let problem = answer.json();
    assert_eq!((&problem["fate"], &problem["wanted"]), (&json!("returned"), &json!("printed")));
    assert_eq!(problem["possible"], json!([]));
    let strange = json!({"fate": "printed", "serials": {"serials": [block["serials"][0], other["first_serial"]]}});
    let answer = station.post(&reports(&block), &strange).await;
    assert_eq!((answer.status, answer.problem().as_str()), (422, "not-in-block"));
    assert_eq!(answer.json()["serial"], other["first_serial"]);
    assert_eq!(station.read(&record(&block)).await, before);
}

#[tokio::test]
async fn a_report_that_cannot_be_is_refused() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(4).await;
    let (first, last) = (&block["serials"][0], &block["serials"][3]);
    let report = |fate: &str, serials: Value| json!({"fate": fate, "serials": serials});
    let with = |mut report: Value, field: &str, value: &str| {
        report[field] = json!(value);
        report
    };
    for (body, field) in [
        (report("void", json!("all")), "reason"),
        (with(report("void", json!("all")), "reason", " "), "reason"),
        (with(report("void", json!("all")), "reason", &"x".repeat(501)), "reason"),
        (report("reserved", json!("all")), "fate"),
        (report("eaten", json!("all")), "fate"),
        (report("printed", json!("some")), "serials"),
        (report("printed", json!({"serials": []})), "serials"),
        (report("printed", json!({"range": {"first": last, "last": first}})), "serials"),
        (report("printed", json!({"range": {"first": first, "last": last, "step": "2"}})), "serials.range.step"),
        (with(report("printed", json!("all")), "happened_at", "yesterday"), "happened_at"),
        (with(report("printed", json!("all")), "happened_at", "2025-07-10T12:06:00Z"), "happened_at"),
        (with(report("printed", json!("all")), "colour", "red"), "colour"),
    ] {
        let answer = station.post(&reports(&block), &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
    }
    let nowhere = station.post("/api/v1/blocks/BLK-0000000000000000/reports", &report("printed", json!("all"))).await;
    assert_eq!((nowhere.status, nowhere.problem().as_str()), (404, "unknown-block"));
}

#[tokio::test]
async fn a_bound_token_speaks_for_its_own_station_only() {
    let house = House::new().await;
    let mut own = house.bound("station", None, Some("fi-1")).await;
    let block = own.reserve(2).await;
    let mut other = house.bound("station", None, Some("fi-2")).await;
    let answer = other.post(&reports(&block), &json!({"fate": "printed", "serials": "all"})).await;
    assert_eq!((answer.status, answer.problem().as_str()), (403, "wrong-station"));
    assert_eq!(answer.json()["bound"], "fi-2");
    let answer = other.post("/api/v1/blocks", &super::request(1)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (403, "wrong-station"));
    own.report(&block, "printed", json!("all")).await;
}
