//! What the pull protocol and print jobs refuse, each with its own problem (LAB6).

use serde_json::{Value, json};

use super::house::{Actor, House};
use super::{BATCH, SKU};

struct Line {
    house: House,
    agent: Actor,
    planner: Actor,
}

impl Line {
    async fn new() -> Self {
        let house = House::new().await;
        house.approve().await;
        let agent = house.a_printer("line-3", json!({})).await;
        let planner = house.someone("planner").await;
        Self { house, agent, planner }
    }

    async fn lease(&mut self, most: u32) -> Value {
        let answer = self.agent.post("/api/v1/printers/line-3/leases", &json!({"max_labels": most})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

fn results(lease: &Value) -> String {
    format!("/api/v1/leases/{}/results", lease["lease"].as_str().unwrap())
}

fn labels(lease: &Value, query: &str) -> String {
    format!("{}{query}", lease["labels_url"].as_str().unwrap())
}

fn said(list: &[(u64, u64, &str)]) -> Value {
    let one = |&(first, last, outcome): &(u64, u64, &str)| match outcome {
        "printed" => json!({"first": first, "last": last, "outcome": outcome, "evidence": "counter"}),
        _ => json!({"first": first, "last": last, "outcome": outcome}),
    };
    json!({"results": list.iter().map(one).collect::<Vec<_>>()})
}

async fn post(actor: &mut Actor, path: &str, body: &Value) -> (u16, String) {
    let answer = actor.post(path, body).await;
    (answer.status, answer.problem())
}

async fn get(actor: &mut Actor, path: &str) -> (u16, String) {
    let answer = actor.get(path).await;
    (answer.status, answer.problem())
}

fn is(status: u16, slug: &str) -> (u16, String) {
    (status, slug.to_owned())
}

#[tokio::test]
async fn stale_and_foreign_leases_are_refused() {
    let mut line = Line::new().await;
    let mut other = line.house.a_printer("line-4", json!({})).await;
    let job = line.house.a_job("line-3", 6).await;
    let lease = line.lease(4).await;
    let heartbeat = format!("/api/v1/leases/{}/heartbeat", lease["lease"].as_str().unwrap());
    // Another printer's lease, and another printer's queue, do not exist.
    let printed = said(&[(1, 1, "printed")]);
    assert_eq!(get(&mut other, &labels(&lease, "")).await, is(404, "unknown-lease"));
    assert_eq!(post(&mut other, &results(&lease), &printed).await, is(404, "unknown-lease"));
    assert_eq!(post(&mut other, &heartbeat, &json!({})).await, is(404, "unknown-lease"));
    assert_eq!(post(&mut other, "/api/v1/printers/line-3/leases", &json!({})).await, is(404, "unknown-printer"));
    assert_eq!(post(&mut other, "/api/v1/printers/line-3/status", &json!({})).await, is(404, "unknown-printer"));
    for name in ["LSE-0", "LSE-000000000000000000000000", "x", "%F0%9F%96%A8"] {
        assert_eq!(get(&mut line.agent, &format!("/api/v1/leases/{name}/labels")).await, is(404, "unknown-lease"));
    }
    // Superseded: what was fetched can still be told of, the rest is the next one's.
    assert_eq!(line.agent.get(&labels(&lease, "?first=1&last=2")).await.status, 200);
    let second = line.lease(10).await;
    assert_eq!(get(&mut line.agent, &labels(&lease, "?first=3")).await, is(409, "lease-ended"));
    assert_eq!(post(&mut line.agent, &heartbeat, &json!({})).await, is(409, "lease-ended"));
    let answer = line.agent.post(&results(&lease), &said(&[(1, 1, "printed"), (3, 4, "not_printed")])).await;
    assert_eq!((answer.status, answer.problem().as_str(), &answer.json()["label"]), (409, "result-refused", &json!(3)));
    assert_eq!(line.house.counts(&job).await, [0, 4, 0, 1, 1, 0, 0]);
    // Expired.
    line.house.wait(121).await;
    assert_eq!(line.house.counts(&job).await, [4, 0, 0, 1, 1, 0, 0]);
    assert_eq!(get(&mut line.agent, &labels(&second, "")).await, is(409, "lease-ended"));
    assert_eq!(line.agent.get(&labels(&second, "")).await.json()["by"], "expired");
}

#[tokio::test]
async fn results_are_taken_once_and_only_for_what_was_handed_over() {
    let mut line = Line::new().await;
    let job = line.house.a_job("line-3", 5).await;
    let lease = line.lease(5).await;
    let answer = line.agent.post(&results(&lease), &said(&[(2, 5, "printed")])).await;
    assert_eq!(
        (answer.status, answer.problem().as_str(), &answer.json()["label"]),
        (409, "not-handed-over", &json!(2))
    );
    assert_eq!(post(&mut line.agent, &results(&lease), &said(&[(1, 1, "unknown")])).await, is(409, "not-handed-over"));
    let fetched = line.agent.get(&labels(&lease, "?first=1&last=3")).await;
    assert_eq!((fetched.status, fetched.header("content-type")), (200, Some("application/zpl")));
    let again = line.agent.get(&labels(&lease, "?first=1&last=3")).await;
    assert_eq!((again.body == fetched.body, again.header("etag")), (true, fetched.header("etag")));
    let told = said(&[(1, 2, "printed"), (3, 3, "unknown"), (4, 5, "not_printed")]);
    let expected = json!({"confirmed": 2, "unconfirmed": 1, "queued": 2, "open": 0});
    for _ in 0..2 {
        assert_eq!(line.agent.post(&results(&lease), &told).await.json(), expected, "twice is fine");
    }
    assert_eq!(line.house.counts(&job).await, [2, 0, 0, 2, 1, 0, 0]);
    // The printer cannot take back what it said.
    let answer = line.agent.post(&results(&lease), &said(&[(1, 2, "not_printed")])).await;
    assert_eq!((answer.status, answer.problem().as_str(), &answer.json()["label"]), (409, "result-refused", &json!(1)));
    for (body, field) in [
        (said(&[]), "results"),
        (json!({"results": [{"first": 1, "last": 1, "outcome": "printed"}]}), "evidence"),
        (json!({"results": [{"first": 1, "last": 1, "outcome": "lost"}]}), "results[0].outcome"),
        (json!({"results": [{"first": -1, "last": 1, "outcome": "unknown"}]}), "results[0].first"),
        (json!({"results": [{"first": 1, "last": 1, "outcome": "unknown", "note": "x".repeat(301)}]}), "note"),
        (json!({"results": [{"first": 1, "last": 1, "outcome": "unknown", "why": "x"}]}), "results[0].why"),
        (json!({"results": vec![json!({"first": 1, "last": 1, "outcome": "unknown"}); 501]}), "results"),
        (json!({"results": said(&[(1, 1, "unknown")])["results"], "status": {"paper": "ok"}}), "status.paper"),
    ] {
        let answer = line.agent.post(&results(&lease), &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{field}: {answer:?}");
        assert_eq!(answer.json()["field"], field);
    }
}

#[tokio::test]
async fn positions_and_sizes_that_a_lease_does_not_have_are_refused() {
    let mut line = Line::new().await;
    line.house.a_job("line-3", 3).await;
    for body in [json!({"max_labels": 0}), json!({"max_labels": 501}), json!({"wait_s": 26}), json!({"labels": 5})] {
        assert_eq!(
            post(&mut line.agent, "/api/v1/printers/line-3/leases", &body).await,
            is(422, "invalid-field"),
            "{body}"
        );
    }
    let lease = line.lease(3).await;
    for query in ["?first=0", "?first=4", "?first=3&last=2", "?first=1&last=18446744073709551615", "?last=4"] {
        let answer = line.agent.get(&labels(&lease, query)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "label-not-in-lease"), "{query}");
        assert_eq!(answer.json()["labels"], 3, "{query}");
    }
    for query in ["?first=-1", "?first=x", "?first=1&first=2", "?position=1"] {
        assert_eq!(get(&mut line.agent, &labels(&lease, query)).await, is(400, "invalid-query"), "{query}");
    }
    assert_eq!(
        post(&mut line.agent, &results(&lease), &said(&[(1, 9, "not_printed")])).await,
        is(422, "label-not-in-lease")
    );
}

#[tokio::test]
async fn nothing_is_handed_out_after_a_hold_or_a_cancellation() {
    let mut line = Line::new().await;
    let job = line.house.a_job("line-3", 4).await;
    let control = format!("/api/v1/print-jobs/{}/control", job["job"].as_str().unwrap());
    let lease = line.lease(4).await;
    let heartbeat = format!("/api/v1/leases/{}/heartbeat", lease["lease"].as_str().unwrap());
    assert_eq!(line.agent.get(&labels(&lease, "?first=1")).await.status, 200);
    assert_eq!(line.planner.post(&control, &json!({"control": "hold", "reason": "wrong ribbon"})).await.status, 200);
    assert_eq!(line.agent.post(&heartbeat, &json!({})).await.json()["stop"], true);
    assert_eq!(get(&mut line.agent, &labels(&lease, "?first=2")).await, is(409, "lease-ended"));
    assert_eq!(line.agent.get(&labels(&lease, "?first=1")).await.status, 200, "what it has it may have again");
    assert_eq!(line.planner.post(&control, &json!({"control": "release"})).await.status, 200);
    assert_eq!(line.agent.get(&labels(&lease, "?first=2")).await.status, 200);
    assert_eq!(line.planner.post(&control, &json!({"control": "cancel", "reason": "order gone"})).await.status, 200);
    assert_eq!(get(&mut line.agent, &labels(&lease, "?first=1")).await, is(409, "lease-ended"));
    assert_eq!(line.house.counts(&job).await, [0, 0, 0, 0, 2, 0, 2]);
    // Labels that come back to a cancelled job do not wait for ever.
    assert_eq!(line.agent.post(&results(&lease), &said(&[(1, 1, "not_printed")])).await.status, 200);
    assert_eq!(line.house.counts(&job).await, [0, 0, 0, 0, 1, 0, 3]);
    for body in [json!({"control": "cancel"}), json!({"control": "hold", "reason": " "}), json!({"control": "stop"})] {
        assert_eq!(post(&mut line.planner, &control, &body).await, is(422, "invalid-field"), "{body}");
    }
    assert_eq!(post(&mut line.planner, &control, &json!({"control": "release"})).await, is(409, "job-state"));
}

#[tokio::test]
async fn printers_that_do_not_fit_are_refused_and_told_why() {
    let mut line = Line::new().await;
    let _fine = line.house.a_printer("dpi-300", json!({"dpi": 300})).await;
    let _small = line.house.a_printer("small", json!({"media_width_um": 50_000})).await;
    let block = line.house.someone("station").await.reserve(2).await;
    for (printer, status, slug, words) in [
        ("dpi-300", 409, "approval-missing", "300 dpi"),
        ("small", 422, "printer-mismatch", "50.0 x 40.0 mm"),
        ("nowhere", 404, "unknown-printer", "nowhere"),
    ] {
        let answer =
            line.planner.post("/api/v1/print-jobs", &json!({"printer": printer, "block": block["block"]})).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{printer}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(words), "{answer:?}");
    }
    // Changed while labels wait: nothing is handed out.
    let held = json!({"printer": "line-3", "block": block["block"], "hold": true});
    let job = line.planner.post("/api/v1/print-jobs", &held).await.json();
    let control = format!("/api/v1/print-jobs/{}/control", job["job"].as_str().unwrap());
    let settings = |dpi: u32, width: u32| {
        json!({"driver": "raw", "dpi": dpi, "media_width_um": width, "media_height_um": 40_000}).to_string()
    };
    for (dpi, width, words) in [(300, 60_000, "203 dpi"), (203, 50_000, "60.0 x 40.0 mm")] {
        let headers = "content-type: application/json\r\nif-match: *\r\n";
        let edited = line.planner.ask("PUT", "/api/v1/printers/line-3", headers, &settings(dpi, width)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        assert_eq!(line.planner.post(&control, &json!({"control": "release"})).await.status, 200);
        let lease = line.lease(2).await;
        let answer = line.agent.get(&labels(&lease, "")).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "printer-mismatch"), "{dpi} {width}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(words), "{answer:?}");
        line.house.wait(121).await;
        assert_eq!(line.house.counts(&job).await, [2, 0, 0, 0, 0, 0, 0]);
        let record = line.planner.read(&format!("/api/v1/print-jobs/{}", job["job"].as_str().unwrap())).await;
        assert_eq!(record["state"], "stopped", "{record}");
    }
}

#[tokio::test]
async fn a_million_labels_without_approval_are_refused_at_once() {
    let house = House::new().await;
    let _agent = house.a_printer("line-3", json!({})).await;
    let mut planner = house.someone("planner admin").await;
    let quota = json!({"quota": 2_000_000});
    let headers = "content-type: application/json\r\n";
    let path = format!("/api/v1/stations/fi-1/quotas/{SKU}");
    assert!(planner.ask("PUT", &path, headers, &quota.to_string()).await.status < 300);
    let block = json!({"sku": SKU, "batch": BATCH, "count": 1_000_000, "station": "fi-1"});
    let block = planner.post("/api/v1/blocks", &block).await.json();
    let job = json!({"printer": "line-3", "block": block["block"]});
    let answer = planner.post("/api/v1/print-jobs", &job).await;
    assert_eq!((answer.status, answer.problem().as_str()), (409, "approval-missing"));
    assert!(answer.json()["why"].as_str().unwrap().contains("nobody has approved"), "{answer:?}");
    assert_eq!(planner.read("/api/v1/print-jobs").await["items"], json!([]));
    // Approved, it is one job and one row of labels.
    house.approve().await;
    let answer = planner.post("/api/v1/print-jobs", &job).await;
    assert_eq!((answer.status, &answer.json()["counts"]["queued"]), (201, &json!(1_000_000)));
    let path = format!("/api/v1/print-jobs/{}/labels", answer.json()["job"].as_str().unwrap());
    assert_eq!(planner.read(&path).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_printers_token_opens_its_queue_and_nothing_else() {
    let mut line = Line::new().await;
    let job = line.house.a_job("line-3", 1).await;
    let path = format!("/api/v1/print-jobs/{}", job["job"].as_str().unwrap());
    for path in ["/api/v1/printers", "/api/v1/print-jobs", "/api/v1/skus", "/api/v1/tokens", &path] {
        assert_eq!(get(&mut line.agent, path).await, is(403, "scope-missing"), "{path}");
    }
    let settle = json!({"verdict": "printed", "serials": "all"});
    for path in [&format!("{path}/settlements"), &format!("{path}/control"), "/api/v1/print-jobs", "/api/v1/reprints"] {
        assert_eq!(post(&mut line.agent, path, &settle).await, is(403, "scope-missing"), "{path}");
    }
}

#[tokio::test]
async fn settlements_and_reprints_that_cannot_be_are_refused() {
    let mut line = Line::new().await;
    let job = line.house.a_job("line-3", 2).await;
    let settle = format!("/api/v1/print-jobs/{}/settlements", job["job"].as_str().unwrap());
    let block = line.planner.read(&format!("/api/v1/blocks/{}", job["block"].as_str().unwrap())).await;
    let serial = block["first_serial"].as_str().unwrap();
    let one = |verdict: &str| json!({"verdict": verdict, "serials": {"serials": [serial]}, "reason": "a look"});
    // It was never handed over: nobody can have it in hand.
    for verdict in ["printed", "not_printed", "damaged"] {
        assert_eq!(post(&mut line.planner, &settle, &one(verdict)).await, is(409, "label-state"), "{verdict}");
    }
    for (body, status, slug) in [
        (json!({"verdict": "damaged", "serials": "rest", "reason": "x"}), 409, "job-state"),
        (json!({"verdict": "not_printed", "serials": {"serials": [serial]}}), 422, "invalid-field"),
        (json!({"verdict": "lost", "serials": "all"}), 422, "invalid-field"),
        (json!({"verdict": "printed", "serials": {"serials": ["NONSENSE"]}}), 422, "not-in-block"),
    ] {
        assert_eq!(post(&mut line.planner, &settle, &body).await, is(status, slug), "{body}");
    }
    let reprint = json!({
        "printer": "line-3", "serials": {"serials": [serial]}, "reason": "torn", "old_label_destroyed": true,
        "attestation": "burnt"
    });
    assert_eq!(post(&mut line.planner, "/api/v1/reprints", &reprint).await, is(409, "already-printed"));
    for (field, value) in [("old_label_destroyed", json!(false)), ("reason", json!("")), ("attestation", json!(" "))] {
        let mut hollow = reprint.clone();
        hollow[field] = value;
        let answer = line.planner.post("/api/v1/reprints", &hollow).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)));
    }
    for (field, value, wrong) in [
        ("copies", json!(2), "copies"),
        ("priority", json!(10), "priority"),
        ("expires_at", json!("2020-01-01T00:00:00Z"), "expires_at"),
        ("expires_at", json!("soon"), "expires_at"),
        ("test", json!({"sku": SKU, "count": 1}), "block"),
    ] {
        let mut new = json!({"printer": "line-3", "block": job["block"]});
        new[field] = value;
        let answer = line.planner.post("/api/v1/print-jobs", &new).await;
        assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(wrong)), "{new}");
    }
    let test = |count: u32| json!({"printer": "line-3", "test": {"sku": SKU, "count": count}});
    assert_eq!(post(&mut line.planner, "/api/v1/print-jobs", &test(0)).await, is(422, "invalid-field"));
    assert_eq!(post(&mut line.planner, "/api/v1/print-jobs", &test(1_001)).await, is(422, "invalid-field"));
}
