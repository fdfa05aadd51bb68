//! What stations use over HTTP: labels in one call, scans, kits, the journal, and what can be wrong with each.

use nameplate::service::Caller;
use nameplate::service::print::{Evidence, LabelResult, LeaseRequest, NewApproval, NewPrinter, Outcome};
use serde_json::{Value, json};

use super::house::{Actor, House, reports};
use super::{BATCH, KESTREL_SKU, SKU};

const PRINTS: &str = "/api/v1/stations/fi-1/prints";
const UNITS: &str = "/api/v1/stations/fi-1/units";
const KITS: &str = "/api/v1/stations/fi-1/kits";
const JOURNAL: &str = "/api/v1/stations/fi-1/journal";
const CONFLICTS: &str = "/api/v1/stations/fi-1/conflicts";

/// A house whose labels are approved, with the printer `line-3`.
async fn house() -> House {
    let house = House::new().await;
    let approval: NewApproval = serde_json::from_value(json!({"sku": SKU, "approver": "A. Lindqvist"})).unwrap();
    house.nameplate.approve(&Caller::command_line(), &approval).await.unwrap();
    let printer: NewPrinter = serde_json::from_value(json!({
        "printer": "line-3",
        "settings": {"driver": "raw", "dpi": 203, "media_width_um": 60_000, "media_height_um": 40_000},
    }))
    .unwrap();
    house.nameplate.register_printer(&Caller::command_line(), &printer).await.unwrap();
    house
}

fn print(count: u64) -> Value {
    json!({"sku": SKU, "batch": BATCH, "count": count, "printer": "line-3"})
}

fn kit(count: u64) -> Value {
    json!({"sku": SKU, "batch": BATCH, "count": count, "media_width_um": 60_000, "media_height_um": 40_000})
}

/// Everything that waits comes out of the printer.
async fn come_out(house: &House) {
    let caller = Caller::command_line();
    let request = LeaseRequest { max_labels: 100, wait_s: 0, status: None };
    let lease = house.nameplate.lease_labels(&caller, "line-3", &request).await.unwrap().unwrap();
    house.nameplate.fetch_labels(&caller, &lease.lease, None, None).await.unwrap();
    let last = lease.labels;
    let all = LabelResult { first: 1, last, outcome: Outcome::Printed, evidence: Some(Evidence::Counter), note: None };
    house.nameplate.take_results(&caller, &lease.lease, &[all], None).await.unwrap();
}

async fn serials(actor: &mut Actor, block: &Value) -> Vec<String> {
    let page = actor.read(&format!("/api/v1/blocks/{}/serials", block["block"].as_str().unwrap())).await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["serial"].as_str().or(item.as_str()).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn uni3_a_station_prints_scans_and_is_left_without_debt() {
    let house = house().await;
    let mut station = house.bound("station", None, Some("fi-1")).await;
    let made = station.post_with("p1", PRINTS, &print(3)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!((&made["count"], &made["job"]["state"]), (&json!(3), &json!("pending")));
    assert!(made["receipt"].as_str().unwrap().starts_with("npr1."));
    assert_eq!(station.post_with("p1", PRINTS, &print(3)).await.json(), made);
    let other = station.post_with("p1", PRINTS, &print(4)).await;
    assert_eq!((other.status, other.problem().as_str()), (422, "key-reused"));
    let serials = serials(&mut station, &made).await;
    let scan = json!({"serial": serials[0].to_lowercase(), "result": "pass", "secondary_ids": {"mac": "0011620a1b2c"}});
    let early = station.post(UNITS, &scan).await;
    assert_eq!((early.status, early.problem().as_str()), (409, "label-on-its-way"));
    assert_eq!(early.json()["job"], made["job"]["job"]);
    come_out(&house).await;
    let debt = station.read(&format!("/api/v1/batches/{BATCH}/debt")).await;
    assert_eq!((&debt["counts"]["printed"], &debt["items"][0]["labels"]), (&json!(3), &json!(3)));
    for serial in &serials {
        let bound = station.post(UNITS, &json!({"serial": serial, "result": "pass"})).await;
        assert_eq!(bound.status, 200, "{bound:?}");
    }
    let bound = station.post_with("s1", UNITS, &scan).await.json();
    assert_eq!((&bound["serial"], &bound["secondary_ids"]["mac"]), (&json!(serials[0]), &json!("00:11:62:0a:1b:2c")));
    assert_eq!(station.post_with("s1", UNITS, &scan).await.json(), bound);
    let found = station.read("/api/v1/resolve?q=00-11-62-0A-1B-2C").await;
    assert_eq!((&found["serial"], &found["inspections"][0]["result"]), (&json!(serials[0]), &json!("pass")));
    assert_eq!(station.read(&format!("/api/v1/batches/{BATCH}/debt")).await["items"], json!([]));
}

#[tokio::test]
async fn what_a_station_must_not_do_is_refused() {
    let house = house().await;
    let mut station = house.bound("station", None, Some("fi-2")).await;
    for (path, body) in [
        (PRINTS, print(1)),
        (UNITS, json!({"serial": "07K3-M9XQ-2WNF", "result": "pass"})),
        (KITS, kit(1)),
        (JOURNAL, json!({"entries": [{"id": "a", "scan": {"serial": "07K3-M9XQ-2WNF", "result": "pass"}}]})),
    ] {
        let answer = station.post(path, &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (403, "wrong-station"), "{path}");
    }
    assert_eq!(station.get(CONFLICTS).await.problem(), "wrong-station");
    let mut station = house.someone("station").await;
    let mut changed = print(1);
    for (field, value, status, problem) in [
        ("printer", json!("line-9"), 404, "unknown-printer"),
        ("sku", json!("NT-M2-BXR"), 404, "unknown-sku"),
        ("sku", json!(KESTREL_SKU), 409, "approval-missing"),
        ("batch", json!("nowhere"), 404, "unknown-batch"),
        ("count", json!(0), 422, "count-out-of-range"),
        ("template", json!("no-such"), 404, "unknown-template"),
        ("priority", json!(10), 422, "invalid-field"),
        ("colour", json!("red"), 422, "invalid-field"),
    ] {
        let before = changed.clone();
        changed[field] = value;
        let answer = station.post(PRINTS, &changed).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, problem), "{changed}");
        changed = before;
    }
    let nobody = house.nameplate.blocks(&Caller::command_line(), None, None, None, None, 10).await.unwrap().0;
    assert!(nobody.is_empty(), "nothing was reserved: {nobody:?}");
    let path = "/api/v1/stations/fi%201/prints";
    assert_eq!(station.post(path, &print(1)).await.problem(), "invalid-field");
}

#[tokio::test]
async fn scans_of_what_is_no_unit_say_what_it_is() {
    let house = house().await;
    let mut station = house.someone("station").await;
    let block = station.reserve(2).await;
    let serial = block["serials"][0].as_str().unwrap().to_owned();
    let mut slip = serial.clone();
    slip.replace_range(11.., if serial.ends_with('7') { "8" } else { "7" });
    let typo = station.post(UNITS, &json!({"serial": slip, "result": "pass"})).await;
    assert_eq!((typo.status, typo.problem().as_str()), (404, "nothing-matches"));
    assert!(typo.json()["suggestions"].as_array().unwrap().iter().any(|meant| meant["serial"] == serial), "{typo:?}");
    let strange = station.post(UNITS, &json!({"serial": SKU, "result": "pass"})).await;
    assert!(strange.status == 404 && strange.json()["detail"].as_str().unwrap().contains("SKU"), "{strange:?}");
    let mut buyer = house.bound("station", Some("KES"), None).await;
    let foreign = buyer.post(UNITS, &json!({"serial": serial, "result": "pass"})).await;
    assert_eq!((foreign.status, foreign.problem().as_str()), (404, "unknown-serial"));
    let bound = json!({"serial": serial, "result": "pass", "secondary_ids": {"mac": "00:11:62:0a:1b:2c"}});
    assert_eq!(station.post_with("k", UNITS, &bound).await.status, 200);
    let again = json!({"serial": block["serials"][1], "result": "pass"});
    assert_eq!(station.post_with("k", UNITS, &again).await.problem(), "key-reused");
    let taken = json!({"serial": block["serials"][1], "result": "pass", "secondary_ids": {"mac": "0011.620A.1B2C"}});
    let taken = station.post(UNITS, &taken).await;
    assert_eq!((taken.status, taken.problem().as_str()), (409, "secondary-id-taken"));
    assert_eq!(taken.json()["serial"].as_str().unwrap().replace('-', ""), serial);
    let differs = json!({"serial": serial, "result": "pass", "secondary_ids": {"mac": "00:11:62:0a:1b:2d"}});
    assert_eq!(station.post(UNITS, &differs).await.problem(), "secondary-id-differs");
    let other = json!({"serial": block["serials"][1], "result": "pass", "expect": {"sku": KESTREL_SKU}});
    assert_eq!(station.post(UNITS, &other).await.problem(), "other-unit");
    for bad in [
        json!({"serial": serial, "result": "good"}),
        json!({"serial": serial}),
        json!({"serial": serial, "result": "pass", "secondary_ids": {"MAC": "x"}}),
        json!({"serial": serial, "result": "pass", "secondary_ids": {"mac": "00:11"}}),
        json!({"serial": serial, "result": "pass", "happened_at": "2030-01-01T00:00:00Z"}),
        json!({"serial": serial, "result": "pass", "note": "x".repeat(501)}),
    ] {
        let answer = station.post(UNITS, &bad).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{bad}");
    }
    station.report(&block, "void", json!({"serials": [block["serials"][1]]})).await;
    assert_eq!(station.post(UNITS, &again).await.problem(), "range-conflict");
}

#[tokio::test]
async fn reports_do_not_go_around_a_print_job() {
    let house = house().await;
    let mut station = house.someone("station").await;
    let made = station.post(PRINTS, &print(2)).await.json();
    let around = json!({"fate": "returned", "serials": "all"});
    let answer = station.post(&reports(&made), &around).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "label-on-its-way"));
    assert_eq!(answer.json()["state"], "queued");
    let mut planner = house.someone("planner").await;
    let close = planner.post(&format!("/api/v1/batches/{BATCH}/close"), &json!({"unaccounted_reason": "x"})).await;
    assert_eq!((close.status, close.problem().as_str()), (409, "job-state"));
}

#[tokio::test]
async fn a_kit_is_printed_elsewhere_and_its_journal_comes_later() {
    let house = house().await;
    let mut station = house.bound("station", None, Some("fi-1")).await;
    let issued = station.post_with("k1", KITS, &kit(4)).await;
    assert_eq!(issued.status, 201, "{issued:?}");
    let issued = issued.json();
    assert!(issued["signed"].as_str().unwrap().starts_with("npk1."));
    assert_eq!(station.post_with("k1", KITS, &kit(4)).await.json(), issued, "the same key, the same kit");
    assert_eq!(station.post_with("k1", KITS, &kit(5)).await.problem(), "key-reused");
    for (count, problem) in [(0, "invalid-field"), (501, "invalid-field")] {
        assert_eq!(station.post(KITS, &kit(count)).await.problem(), problem);
    }
    let job = format!("/api/v1/print-jobs/{}", issued["job"].as_str().unwrap());
    assert_eq!(station.read(&job).await["counts"]["handed_over"], 4);
    let serials = serials(&mut station, &issued).await;
    let labels = |first: u64, last: u64, outcome: &str| {
        json!({"id": format!("l-{first}-{last}"), "labels": {"kit": issued["kit"], "first": first, "last": last,
               "outcome": outcome, "evidence": if outcome == "printed" { json!("status") } else { Value::Null }}})
    };
    let scan = |id: &str, serial: &str| {
        json!({"id": id, "scan": {"serial": serial, "result": "pass",
        "happened_at": "2031-01-01T00:00:00Z"}})
    };
    let upload = json!({"entries": [labels(1, 2, "printed"), labels(3, 3, "unknown"), scan("s-1", &serials[0]),
                                    scan("s-3", &serials[2]), scan("s-x", "07K3-M9XQ-2WN8")]});
    let said = |answer: &Value| -> Vec<String> {
        let answers = answer["answers"].as_array().unwrap();
        answers.iter().map(|one| one["verdict"].as_str().unwrap().to_owned()).collect()
    };
    let answer = station.post(JOURNAL, &upload).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(said(&answer.json()), ["accepted", "accepted", "accepted", "accepted", "conflict"]);
    let again = station.post(JOURNAL, &upload).await.json();
    assert_eq!(said(&again), ["known", "known", "known", "known", "conflict"]);
    let conflicts = station.read(CONFLICTS).await;
    assert_eq!(conflicts["items"].as_array().unwrap().len(), 1, "kept once: {conflicts}");
    assert_eq!(conflicts["items"][0]["entry"], "s-x");
    assert_eq!(
        station.read(&job).await["counts"],
        json!({"queued": 0, "leased": 0, "handed_over": 1, "confirmed": 3,
        "unconfirmed": 0, "scrapped": 0, "canceled": 0})
    );
    // The last label: a person settles it while the station is away, and says that it is damaged.
    let cancel = json!({"control": "cancel", "reason": "station burnt"});
    assert_eq!(station.post(&format!("{job}/control"), &cancel).await.status, 200);
    let settle =
        json!({"verdict": "damaged", "serials": {"serials": [serials[3]]}, "reason": "burnt", "replace": false});
    assert_eq!(station.post(&format!("{job}/settlements"), &settle).await.status, 200);
    let late = json!({"entries": [labels(4, 4, "printed"), scan("s-4", &serials[3])]});
    let late = station.post(JOURNAL, &late).await.json();
    assert_eq!(said(&late), ["conflict", "conflict"], "{late}");
    assert_eq!(station.read(&format!("/api/v1/resolve?q={}", serials[3])).await["fate"], "void");
    for bad in [
        json!({"entries": []}),
        json!({"entries": [{"id": "a"}]}),
        json!({"entries": [{"id": "a b", "scan": {"serial": "x", "result": "pass"}}]}),
    ] {
        assert_eq!(station.post(JOURNAL, &bad).await.problem(), "invalid-field", "{bad}");
    }
    let foreign =
        json!({"entries": [{"id": "f", "labels": {"kit": "nobody", "first": 1, "last": 1, "outcome": "printed"}}]});
    assert_eq!(said(&station.post(JOURNAL, &foreign).await.json()), ["conflict"]);
    let fault = house.nameplate.verify_audit().await.unwrap().fault;
    assert_eq!(fault, None);
}
