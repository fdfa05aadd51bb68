//! The same key and the same request get the same answer, byte by byte, for ever.

use serde_json::json;

use super::house::{Actor, House, reports};
use super::{BATCH, changed, request};
use crate::http::PATIENCE;
use crate::http::wire::Answer;

const PATH: &str = "/api/v1/blocks";

async fn same_again(actor: &mut Actor, key: &str, count: u64, first: &Answer) {
    let again = actor.post_with(key, PATH, &request(count)).await;
    assert_eq!(again.status, 201);
    assert!(again.body == first.body, "{} is not {}", again.text(), first.text());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("location"), first.header("location"));
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_bytes_whatever_happened_since_and_after_a_restart() {
    let house = House::new().await;
    let mut planner = house.someone("planner station").await;
    for count in [1, 100, 101, 1_000_000] {
        let key = format!("k-{count}");
        let first = planner.post_with(&key, PATH, &request(count)).await;
        assert_eq!(first.status, 201, "{first:?}");
        assert_eq!(first.json()["serials"].as_array().unwrap().len() as u64, count.min(100));
        same_again(&mut planner, &key, count, &first).await;
    }
    let first = planner.post_with("k-9", PATH, &request(9)).await;
    planner.report(&first.json(), "applied", json!("all")).await;
    let path = format!("/api/v1/batches/{BATCH}/close");
    assert_eq!(planner.post(&path, &json!({"unaccounted_reason": "lost"})).await.status, 200);
    same_again(&mut planner, "k-9", 9, &first).await;
    let house = house.reopened(|_| {}).await;
    let mut someone_else = house.someone("station").await;
    same_again(&mut someone_else, "k-9", 9, &first).await;
    let million = someone_else.post_with("k-1000000", PATH, &request(1_000_000)).await;
    assert_eq!((million.status, million.json()["count"].as_u64()), (201, Some(1_000_000)));
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_station() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    assert_eq!(station.post_with("k", PATH, &request(5)).await.status, 201);
    for (field, value) in [("count", json!(6)), ("order", json!("PO-1")), ("sku", json!("NT-M2-KES"))] {
        let answer = station.post_with("k", PATH, &changed(field, value)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "key-reused"), "{field}");
    }
    let other = station.post_with("k", PATH, &changed("station", json!("fi-2"))).await;
    assert_eq!((other.status, other.header("idempotent-replayed")), (201, None), "another station's own key");
}

#[tokio::test]
async fn a_key_that_is_being_worked_on_is_a_conflict() {
    let house = House::new().await;
    let (mut one, mut two) = (house.someone("station").await, house.someone("station").await);
    // While somebody else writes, a reservation waits.
    let writing = house.nameplate.store().begin().await.unwrap();
    one.send_post("k", PATH, &request(5)).await;
    two.send_post("k", PATH, &request(5)).await;
    let (refused, mut waiting) = tokio::select! {
        answer = one.wire.answer() => (answer.unwrap(), two),
        answer = two.wire.answer() => (answer.unwrap(), one),
    };
    assert_eq!((refused.status, refused.problem().as_str()), (409, "key-in-flight"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(writing);
    let granted = waiting.wire.answer().await.unwrap();
    assert_eq!(granted.status, 201);
    same_again(&mut waiting, "k", 5, &granted).await;
}

#[tokio::test]
async fn a_caller_who_goes_away_finds_the_block_with_the_same_key() {
    let house = House::new().await;
    let (mut impatient, mut station) = (house.someone("station").await, house.someone("station").await);
    let writing = house.nameplate.store().begin().await.unwrap();
    impatient.send_post("k", PATH, &request(5)).await;
    drop(impatient);
    drop(writing);
    let asking = async {
        loop {
            let answer = station.post_with("k", PATH, &request(5)).await;
            if answer.status != 409 {
                return answer;
            }
        }
    };
    let first = tokio::time::timeout(PATIENCE, asking).await.unwrap();
    same_again(&mut station, "k", 5, &first).await;
    assert_eq!(station.read(PATH).await["items"].as_array().unwrap().len(), 1, "one block, not two");
}

#[tokio::test]
async fn a_repeated_report_gets_the_same_bytes_also_after_a_restart() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let token = station.token().to_owned();
    let block = station.reserve(10).await;
    let printed = json!({"fate": "printed", "serials": "all"});
    let first = station.post_with("r", &reports(&block), &printed).await;
    assert_eq!((first.status, &first.json()["changed"]), (200, &json!(10)));
    station.report(&block, "applied", json!("all")).await;
    assert_eq!(station.post_with("r", &reports(&block), &printed).await.body, first.body);
    let other = json!({"fate": "void", "serials": "all", "reason": "spoilt"});
    let reused = station.post_with("r", &reports(&block), &other).await;
    assert_eq!((reused.status, reused.problem().as_str()), (422, "key-reused"));
    let house = house.reopened(|_| {}).await;
    let mut station = house.bearer(&token).await;
    assert_eq!(station.post_with("r", &reports(&block), &printed).await.body, first.body);
}
