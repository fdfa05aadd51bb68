//! Reservations that must be refused, each with its own problem.

use serde_json::{Value, json};

use super::house::{House, JSON};
use super::{BATCH, OTHER_BATCH, SKU, changed, request};

const PATH: &str = "/api/v1/blocks";

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let good = request(5).to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nul = good.replace("fi-1", "fi\\u0000");
    let cut = &good[..good.len() - 1];
    for (body, status, slug) in [
        (deep.as_str(), 400, "json-too-deep"),
        (cut, 400, "malformed-json"),
        ("[1, 2]", 422, "invalid-field"),
        ("null", 422, "invalid-field"),
        (&nul, 422, "nul-in-text"),
        ("{\"sku\": NaN}", 400, "malformed-json"),
    ] {
        let answer = station.ask("POST", PATH, &format!("{JSON}idempotency-key: k\r\n"), body).await;
        let start = &body[..body.len().min(40)];
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{start}");
    }
    for field in ["sku", "batch", "count", "station"] {
        let answer = station.post(PATH, &changed(field, Value::Null)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "without {field}");
    }
    for (field, value) in [
        ("count", json!("5")),
        ("count", json!(1.5)),
        ("count", json!([5])),
        ("sku", json!(7)),
        ("station", json!(true)),
        ("colour", json!("red")),
    ] {
        let answer = station.post(PATH, &changed(field, value.clone())).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{field} {value}");
        assert_eq!(answer.json()["field"], field);
    }
}

#[tokio::test]
async fn a_body_of_a_gigabyte_and_one_that_is_not_utf_8_are_refused() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let bearer = format!("authorization: Bearer {}\r\n", station.token());
    let head = |length: usize| {
        format!(
            "POST {PATH} HTTP/1.1\r\nhost: t\r\n{bearer}{JSON}idempotency-key: k\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    station.wire.send([head(11).as_bytes(), b"{\"sku\":\"\xC3(\""].concat()).await;
    assert_eq!(station.wire.answer().await.unwrap().problem(), "body-not-utf8");
    station.wire.send(head(1 << 30)).await;
    let answer = station.wire.answer().await.unwrap();
    assert_eq!((answer.status, answer.problem().as_str()), (413, "body-too-large"));
}

#[tokio::test]
async fn a_missing_or_malformed_key_is_refused() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let body = request(5).to_string();
    for (headers, slug) in [
        ("", "key-missing"),
        ("idempotency-key: \r\n", "key-invalid"),
        ("idempotency-key: a b\r\n", "key-invalid"),
        ("idempotency-key: a\r\nidempotency-key: a\r\n", "key-invalid"),
    ] {
        let answer = station.ask("POST", PATH, &format!("{JSON}{headers}"), &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, slug), "{headers}");
    }
}

#[tokio::test]
async fn counts_that_cannot_be_name_the_limits() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    for count in [json!(0), json!(-1), json!(1_000_001), json!(1_000_000_000), json!(i64::MAX), json!(i64::MIN)] {
        let answer = station.post(PATH, &changed("count", count.clone())).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "count-out-of-range"), "{count}");
        assert_eq!((&answer.json()["field"], &answer.json()["maximum"]), (&json!("count"), &json!(1_000_000)));
    }
    assert_eq!(station.read(PATH).await["items"], json!([]), "nothing was reserved");
}

#[tokio::test]
async fn names_of_the_wrong_kind_are_told_what_they_are() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(1).await;
    let (serial, code) = (&block["first_serial"], &block["block"]);
    for (field, value, kind) in [
        ("sku", serial.clone(), "serial"),
        ("sku", json!(BATCH), "batch"),
        ("sku", code.clone(), "block"),
        ("batch", serial.clone(), "serial"),
        ("batch", json!(SKU), "sku"),
        ("batch", json!("9521234000044"), "sku"),
        ("batch", code.clone(), "block"),
    ] {
        let answer = station.post(PATH, &changed(field, value.clone())).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "wrong-kind"), "{field} {value}");
        let problem = answer.json();
        assert_eq!((&problem["field"], &problem["kind"]), (&json!(field), &json!(kind)), "{field} {value}");
        assert_eq!(problem["expected"], field);
    }
    let swapped = json!({"sku": BATCH, "batch": SKU, "count": 1, "station": "fi-1"});
    assert_eq!(station.post(PATH, &swapped).await.json()["kind"], "batch");
}

#[tokio::test]
async fn names_that_nothing_has_are_told_so() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    for (field, text, slug, words) in [
        ("sku", "NT-M9-BOR", "unknown-sku", "no SKU"),
        ("batch", "2031-W01", "unknown-batch", "no batch"),
        ("sku", "4006381333931", "unknown-sku", "a good GTIN, but no SKU has it"),
        ("sku", "9521234000045", "unknown-sku", "check digit of this GTIN would be 4"),
    ] {
        let answer = station.post(PATH, &changed(field, json!(text))).await;
        assert_eq!((answer.status, answer.problem().as_str()), (404, slug), "{text}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
        assert_eq!(problem["field"], field);
    }
    let answer = station.post(PATH, &changed("batch", json!(OTHER_BATCH))).await;
    assert_eq!((answer.status, answer.problem().as_str()), (422, "sku-of-other-batch"));
    assert_eq!(answer.json()["holds"], json!(["NT-H3-BOR", "NT-H3-KES", "NT-H3-SEN"]));
}

#[tokio::test]
async fn texts_that_cannot_be_are_refused_with_their_field() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let long = "x".repeat(81);
    for (field, text) in [
        ("sku", ""),
        ("sku", " "),
        ("sku", &long),
        ("sku", "a\tb"),
        ("batch", &long),
        ("order", ""),
        ("order", "PO\n1"),
        ("station", ""),
        ("station", "line 2"),
        ("station", "-1"),
        ("station", "stä"),
        ("station", &long),
    ] {
        let answer = station.post(PATH, &changed(field, json!(text))).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{field} {text}");
        assert_eq!(answer.json()["field"], field, "{text}");
    }
    let hostile = "'; DROP TABLE block; --";
    assert_eq!(station.post(PATH, &changed("sku", json!(hostile))).await.problem(), "unknown-sku");
    assert_eq!(station.post(PATH, &request(1)).await.status, 201);
}
