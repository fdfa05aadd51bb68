//! Receipts, and the alarm that a genuine but unknown one raises.

use std::fs;

use data_encoding::HEXLOWER;
use ed25519_dalek::VerifyingKey;
use nameplate::trace::{Receipt, VerifyingKeys};
use serde_json::json;

use super::house::{House, record};
use super::request;

#[tokio::test]
async fn a_receipt_can_be_checked_with_the_published_keys_alone() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(12).await;
    let published = house.stranger().await.get("/api/v1/keys").await.json();
    let keys = published["keys"].as_array().unwrap().iter().map(|key| {
        assert_eq!(key["algorithm"], "Ed25519");
        let bytes = HEXLOWER.decode(key["public_key"].as_str().unwrap().as_bytes()).unwrap();
        VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap()
    });
    let body = Receipt::verify(block["receipt"].as_str().unwrap(), &VerifyingKeys::new(keys)).unwrap();
    assert_eq!((body.database.as_str(), body.last - body.first), (published["database"].as_str().unwrap(), 11));
    assert_eq!((json!(body.block), json!(body.first_serial)), (block["block"].clone(), block["first_serial"].clone()));
}

#[tokio::test]
async fn a_receipt_on_record_is_known_and_a_forged_one_is_refused() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(12).await;
    let receipt = block["receipt"].as_str().unwrap();
    let known = station.post("/api/v1/receipts/check", &json!({"receipt": receipt})).await;
    assert_eq!((known.status, &known.json()["state"]), (200, &json!("known")));
    let foreign = House::new().await.someone("station").await.reserve(12).await;
    let cut = &receipt[..receipt.len() - 4];
    for strange in [foreign["receipt"].as_str().unwrap(), cut, "", "npr1..", &"x".repeat(5_000)] {
        let answer = station.post("/api/v1/receipts/check", &json!({"receipt": strange})).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "receipt-refused"), "{strange}");
    }
    assert_eq!(station.read("/api/v1/status").await["allocation"], "open", "no alarm for what is not ours");
}

#[tokio::test]
async fn a_genuine_receipt_that_the_records_lack_stops_reservations_and_nothing_else() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    let (token, before) = (station.token().to_owned(), station.reserve(2).await);
    drop(station);
    let backup = tempfile::tempdir().unwrap();
    let house = house.reopened(|folder| copy(folder, backup.path())).await;
    let lost = house.bearer(&token).await.reserve(12).await;
    // Database and witness both go back to the backup, so that only the receipt remembers.
    let house = house
        .reopened(|folder| {
            fs::read_dir(folder).unwrap().for_each(|file| fs::remove_file(file.unwrap().path()).unwrap());
            copy(backup.path(), folder);
        })
        .await;
    let mut station = house.bearer(&token).await;
    let alarm = station.post("/api/v1/receipts/check", &json!({"receipt": lost["receipt"]})).await;
    assert_eq!((alarm.status, &alarm.json()["state"]), (200, &json!("alarm")));
    let stopped = station.post("/api/v1/blocks", &request(1)).await;
    assert_eq!((stopped.status, stopped.problem().as_str()), (503, "allocation-stopped"));
    assert!(stopped.json()["detail"].as_str().unwrap().contains("nameplate recover"));
    let status = station.read("/api/v1/status").await;
    assert_eq!(status["allocation"], "stopped");
    assert!(status["stopped_because"].as_str().unwrap().contains(lost["block"].as_str().unwrap()));
    assert_eq!(station.read(&record(&before)).await["count"], 2, "look-ups go on");
    let ready = house.stranger().await.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["status"]), (200, &json!("degraded")));
    assert!(!ready.text().contains("BLK-"), "why is not for anybody");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
