//! What the start page says waits for whom.

use super::House;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_installation_says_what_to_do_first() {
    let house = House::new().await;
    let admin = house.person("admin").await.get("/").await.is(200);
    admin.says("Good to see you").says("Nothing waits for you").says("Register a printer").says("Invite the people");
    let planner = house.person("planner").await.get("/").await.is(200);
    planner.says("Register a printer").is_silent_of("Invite the people");
    for role in ["viewer", "buyer", "station"] {
        house.person(role).await.get("/").await.is(200).is_silent_of("Register a printer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_sees_what_it_can_do_something_about() {
    let house = House::new().await;
    house.approve().await;
    let mut agent = house.a_printer("line-3", json!({})).await;
    house.a_job("line-3", 3).await;
    let lease = agent.post("/api/v1/printers/line-3/leases", &json!({"max_labels": 3})).await;
    assert!((200..300).contains(&lease.status), "{lease:?}");
    let lease = lease.json();
    let labels = format!("{}?first=1&count=1", lease["labels_url"].as_str().unwrap());
    assert_eq!(agent.get(&labels).await.status, 200);
    // Nobody says what came of it.
    house.wait(3_600).await;
    let mut station = house.someone("station").await;
    let block = station.reserve(2).await;
    station.report(&block, "printed", json!("all")).await;
    let new = json!({"name": "soon over", "scopes": "support", "expires_at": "2025-07-20T00:00:00Z"});
    assert_eq!(house.someone("admin").await.post("/api/v1/tokens", &new).await.status, 201);

    super::proofs::requested(&house).await;
    let sign = "proof waits for your signature";
    let (unconfirmed, silent, debt, ending) =
        ("label is unconfirmed", "printer is silent", "batch has labels", "token ends within 14 days");
    for (roles, says, silent_of) in [
        ("operator", vec![unconfirmed, silent], vec![debt, ending]),
        ("planner", vec![unconfirmed, silent, debt], vec![ending]),
        ("admin", vec![unconfirmed, silent, debt, ending], vec![]),
        ("station", vec![unconfirmed], vec![silent, debt, ending]),
        ("support", vec![], vec![sign, unconfirmed, silent, debt, ending]),
        ("buyer", vec![sign], vec![unconfirmed, silent, debt, ending]),
    ] {
        let shown = house.person(roles).await.get("/").await.is(200);
        for text in says {
            shown.says(text);
        }
        for text in silent_of {
            shown.is_silent_of(text);
        }
    }
}
