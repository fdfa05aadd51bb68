//! Looking things up, and the record of a unit.

use super::House;
use serde_json::json;

/// Where a look-up leads.
async fn leads(person: &super::house::Person, text: &str) -> String {
    let path = format!("/find?q={}", nameplate::http::pages::in_address(text));
    person.get(&path).await.leads_to().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_typed_leads_to_its_record() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(2).await;
    let (serial, code) = (block["first_serial"].as_str().unwrap(), block["block"].as_str().unwrap());
    let unit = format!("/units/{serial}");
    let viewer = house.person("viewer").await;
    let grouped = format!("s/n {} {} {}", &serial[..4], &serial[4..8], &serial[8..]).to_lowercase();
    for text in [serial, &serial.to_lowercase(), &grouped, &format!("  {serial}  ")] {
        assert_eq!(leads(&viewer, text).await, unit, "{text}");
    }
    for text in ["NT-M2-BOR", "nt-m2-bor", "9521234000044", "09521234000044", "BO-F35", "Fjäll 35", "FM2-004"] {
        assert_eq!(leads(&viewer, text).await, "/catalogue/NT-M2-BOR", "{text}");
    }
    assert_eq!(leads(&viewer, "hh/0007").await, "/batches/HH%2F0007");
    assert_eq!(leads(&viewer, code).await, format!("/blocks/{code}"));
    assert_eq!(leads(&viewer, &code.replace('-', " ").to_lowercase()).await, format!("/blocks/{code}"));
    assert!(viewer.get("/batches/HH%2F0007").await.is(200).words().contains("HH/0007"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_printers_and_ids_of_units_are_found_by_those_who_see_them() {
    let house = House::new().await;
    house.approve().await;
    house.a_printer("line-3", json!({})).await;
    let job = house.a_job("line-3", 2).await;
    let job = job["job"].as_str().unwrap();
    let operator = house.person("operator").await;
    assert_eq!(leads(&operator, "LINE-3").await, "/printers/line-3");
    assert_eq!(leads(&operator, &job.to_lowercase()).await, format!("/printing/{job}"));
    operator.get("/find?q=JOB-0000000000000000").await.is(404).says("there is no print job");
    let proof = super::proofs::approved(&house).await;
    let buyer = house.person("buyer").await;
    assert_eq!(leads(&buyer, &proof.to_lowercase()).await, format!("/proofs/{proof}"));
    for text in ["line-3", job] {
        let path = format!("/find?q={text}");
        assert_eq!(buyer.get(&path).await.status, 404, "{text} is the factory's");
    }
    let block = house.someone("station").await.reserve(1).await;
    let serial = block["first_serial"].as_str().unwrap();
    let scan = json!({
        "serial": serial, "result": "pass", "secondary_ids": {"mac": "00:11:62:0a:1b:2c"}, "marking": "engraved"
    });
    let answer = house.someone("station").await.post("/api/v1/stations/fi-1/units", &scan).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    assert_eq!(leads(&buyer, "0011620a1b2c").await, format!("/units/{serial}"));
    let unit = house.person("support").await.get(&format!("/units/{serial}")).await.is(200);
    unit.says("00:11:62:0a:1b:2c").says("engraved").says("applied").says("Northlight M2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistyped_serial_offers_what_was_meant_and_never_takes_it() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(1).await;
    let serial = block["first_serial"].as_str().unwrap().to_owned();
    let last = if serial.ends_with('7') { "8" } else { "7" };
    let mistyped = format!("{}{last}", &serial[..serial.len() - 1]);
    let viewer = house.person("viewer").await;
    let shown = viewer.get(&format!("/find?q={mistyped}")).await.is(404);
    shown.says("Was one of these meant?");
    assert!(shown.html().contains(&format!("href=\"/units/{serial}\"")), "{}", shown.html());
    let foreign = house.person_of("support", "KES").await.get(&format!("/find?q={mistyped}")).await.is(404);
    assert!(!foreign.html().contains(&serial), "another brand's serials are not offered");
    let nothing = viewer.get("/find?q=never-heard-of-it").await.is(404);
    nothing.says("never-heard-of-it").says("What you can do");
    viewer.get("/find").await.is(200).says("Look up");
    viewer.get("/find?q=%20%20").await.is(200);
    viewer.get(&format!("/find?q={}", "7".repeat(5_000))).await.is(404).says("no code of ours is longer");
    let hostile = viewer.get("/find?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await.is(404);
    assert!(!hostile.html().contains("<script>alert"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_shows_each_side_its_own_names() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(1).await;
    let path = format!("/units/{}", block["first_serial"].as_str().unwrap());
    let inside = house.person("planner").await.get(&path).await.is(200);
    for text in ["Borealis Fjäll 35", "Northlight M2 thermal monocular", "FM2-004", "fi-1", "2025-W27-M2", "reserved"]
    {
        inside.says(text);
    }
    let buyer = house.person("buyer").await.get(&path).await.is(200);
    buyer.says("Borealis Fjäll 35").says("BO-F35");
    for text in ["Northlight", "FM2-004", "fi-1"] {
        buyer.is_silent_of(text);
    }
    house.person("viewer").await.get("/units/NT-M2-BOR").await.is(404).says("No unit is called");
}
