//! The audit chain and the state of the installation.

use serde_json::json;

use super::house::House;

#[tokio::test]
async fn the_audit_chain_is_whole_and_every_act_lengthens_it() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    let before = admin.read("/api/v1/audit/verify").await;
    assert_eq!(before["fault"], json!(null));
    let block = admin.reserve(5).await;
    admin.report(&block, "printed", json!("all")).await;
    let after = admin.read("/api/v1/audit/verify").await;
    assert_eq!(after["entries"].as_u64().unwrap(), before["entries"].as_u64().unwrap() + 2);
    assert_eq!(after["fault"], json!(null));
    assert_ne!(after["head"], before["head"]);
}

#[tokio::test]
async fn the_state_is_told_to_whoever_signs_in() {
    let house = House::new().await;
    let mut printer = house.someone("printer").await;
    let status = printer.read("/api/v1/status").await;
    assert_eq!((&status["engine"], &status["allocation"]), (&json!("sqlite"), &json!("open")));
    assert_eq!(status["database"], house.nameplate.keys().database());
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    let ready = house.stranger().await.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["status"]), (200, &json!("ready")));
}

#[tokio::test]
async fn a_server_without_its_database_is_not_ready_but_alive() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    assert_eq!(station.get("/api/v1/status").await.status, 200, "the token is known for the moment");
    house.nameplate.close().await;
    let mut wire = house.stranger().await;
    let ready = wire.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("not ready")));
    assert_eq!(wire.get("/healthz").await.status, 200);
    let answer = station.get("/api/v1/skus").await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "database-unavailable"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}
