//! The one look-up.

use serde_json::json;

use super::SKU;
use super::house::House;

#[tokio::test]
async fn whatever_is_typed_or_scanned_leads_to_its_record() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(5).await;
    let serial = block["serials"][2].as_str().unwrap();
    station.report(&block, "printed", json!({"serials": [serial]})).await;
    let mut support = house.someone("support").await;
    for spelling in [serial.to_owned(), serial.to_lowercase(), format!("S/N%20{}-{}", &serial[..4], &serial[4..])] {
        let unit = support.read(&format!("/api/v1/resolve?q={spelling}")).await;
        assert_eq!(
            (&unit["kind"], &unit["serial"], &unit["fate"]),
            (&json!("serial"), &json!(serial), &json!("printed"))
        );
        assert_eq!((&unit["block"], &unit["sku"]["code"]), (&block["block"], &json!(SKU)));
        let happened: Vec<_> = unit["history"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
        assert_eq!(happened, ["reserve", "printed"]);
    }
    let code = block["block"].as_str().unwrap();
    for (text, kind) in [
        ("NT-M2-BOR", "sku"),
        ("9521234000044", "sku"),
        ("09521234000044", "sku"),
        ("KT%2FSTK%2F0005", "sku"),
        ("Fj%C3%A4ll%2035", "sku"),
        ("hh%2F0007", "batch"),
        (code, "block"),
    ] {
        assert_eq!(support.read(&format!("/api/v1/resolve?q={text}")).await["kind"], kind, "{text}");
    }
}

#[tokio::test]
async fn a_mistyped_serial_is_explained_and_the_issued_one_suggested() {
    let house = House::new().await;
    let mut support = house.someone("support planner").await;
    let block = support.reserve(3).await;
    let serial = block["serials"][1].as_str().unwrap();
    let wrong = if serial.ends_with('7') { '8' } else { '7' };
    let mistyped = format!("{}{wrong}", &serial[..serial.len() - 1]);
    let answer = support.get(&format!("/api/v1/resolve?q={mistyped}")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "nothing-matches"));
    let problem = answer.json();
    assert_eq!(problem["suggestions"][0]["serial"], serial);
    assert_eq!(problem["suggestions"][0]["sku"], SKU);
    assert!(problem["reason"].as_str().unwrap().contains("read as a serial"), "{problem}");
}

#[tokio::test]
async fn a_good_serial_that_was_never_issued_is_told_apart() {
    let house = House::new().await;
    let mut support = house.someone("support planner").await;
    let block = support.reserve(1).await;
    let rules = house.nameplate.rules().all();
    let rule = &rules[0].rule;
    let issued = rule.parse(block["first_serial"].as_str().unwrap()).unwrap();
    let forged = rule.series(&issued.context).unwrap().serial(issued.ordinal + 1).unwrap();
    let answer = support.get(&format!("/api/v1/resolve?q={forged}")).await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-serial"));
    assert_eq!(answer.json()["suggestions"], json!([]), "it is not one slip away from anything: it is good");
}

#[tokio::test]
async fn a_gtin_with_a_wrong_check_digit_is_told_the_right_one() {
    let house = House::new().await;
    let mut support = house.someone("support").await;
    let answer = support.get("/api/v1/resolve?q=9521234000045").await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "nothing-matches"));
    let reason = answer.json()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("check digit") && reason.contains("would be 4"), "{reason}");
    let good = support.get("/api/v1/resolve?q=4006381333931").await;
    assert!(good.json()["reason"].as_str().unwrap().contains("no SKU has it"));
}

#[tokio::test]
async fn texts_that_cannot_be_looked_up_are_problems() {
    let house = House::new().await;
    let mut support = house.someone("support").await;
    let long = format!("q={}", "9".repeat(300));
    for (query, status, slug) in [
        ("q=", 404, "nothing-matches"),
        ("q=%20", 404, "nothing-matches"),
        (long.as_str(), 404, "nothing-matches"),
        ("q=%E2%9C%82%20%F0%9F%A6%8A", 404, "nothing-matches"),
        ("q=BLK-0000000000000000", 404, "nothing-matches"),
        ("q=%3Cscript%3E", 404, "nothing-matches"),
        ("", 400, "invalid-query"),
        ("q=a&q=b", 400, "invalid-query"),
        ("q=a%00b", 400, "invalid-uri"),
        ("q=%FF", 400, "invalid-uri"),
    ] {
        let answer = support.get(&format!("/api/v1/resolve?{query}")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{query}");
    }
}
