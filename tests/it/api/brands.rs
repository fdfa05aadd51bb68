//! For a token that is bound to a brand, the other brands do not exist: on every route.

use std::sync::Arc;

use nameplate::http::api::site;
use nameplate::http::auth::Access;
use nameplate::http::pages::SiteSettings;
use nameplate::http::server::ServerLimits;
use nameplate::service::token::Scope;
use serde_json::{Value, json};

use super::house::{Actor, House, JSON};
use super::{BATCH, SKU, request};
use crate::http::wire::Answer;

/// What exists for Borealis Optics.
struct Borealis {
    block: Value,
    mistyped: String,
    job: Value,
    lease: Value,
    proof: String,
}

/// Scopes that a token bound to a brand can have.
const BINDABLE: [Scope; 4] = [Scope::Station, Scope::Printer, Scope::Buyer, Scope::Support];

#[tokio::test]
async fn every_route_hides_what_belongs_to_another_brand() {
    let house = House::new().await;
    let table = site(Arc::clone(&house.nameplate), &ServerLimits::default(), SiteSettings::default()).unwrap().table;
    let block = house.someone("station").await.reserve(5).await;
    house.approve().await;
    let mut printer = house.a_printer("line-3", json!({})).await;
    let job = house.a_job("line-3", 3).await;
    let lease = printer.post("/api/v1/printers/line-3/leases", &json!({})).await.json();
    let proof = house.someone("planner").await.post("/api/v1/proofs", &json!({"sku": SKU})).await.json();
    let proof = proof["proof"].as_str().unwrap().to_owned();
    let asked = house.someone("planner").await.post(&format!("/api/v1/proofs/{proof}/request"), &json!({})).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    let serial = block["first_serial"].as_str().unwrap();
    let wrong = if serial.ends_with('7') { '8' } else { '7' };
    let borealis = Borealis { mistyped: format!("{}{wrong}", &serial[..serial.len() - 1]), block, job, lease, proof };
    let mut kestrel = house.bound("station printer buyer support", Some("KES"), None).await;
    let mut tried = 0;
    for (method, path, access) in table.rows() {
        let reachable = match access {
            Access::Public => true,
            Access::Printer => false, // A printer sees its own queue; brands have none.
            Access::AnyOf(scopes) => scopes.is_empty() || BINDABLE.into_iter().any(|scope| scopes.contains(scope)),
        };
        if !reachable {
            continue;
        }
        let operation = format!("{method} {path}");
        for (answer, what) in attempts(&mut kestrel, &borealis, &operation).await {
            match what {
                Hidden::Absent => assert_eq!(answer.status, 404, "{operation}: {answer:?}"),
                Hidden::LeftOut => assert_eq!(answer.status, 200, "{operation}: {answer:?}"),
            }
            for secret in ["Borealis", "FM2-004", "wafer", "First series", "QA-2025"] {
                assert!(!answer.text().contains(secret), "{operation} shows {secret}: {}", answer.text());
            }
            tried += 1;
        }
    }
    assert!(tried >= 16, "{tried}");
}

enum Hidden {
    /// The thing does not exist.
    Absent,
    /// The list is there, without it.
    LeftOut,
}

/// Requests of a caller of Kestrel's for things of Borealis's. An operation that is not here fails the test.
async fn attempts(kestrel: &mut Actor, borealis: &Borealis, operation: &str) -> Vec<(Answer, Hidden)> {
    let block = &borealis.block;
    let (code, serial) = (block["block"].as_str().unwrap(), block["first_serial"].as_str().unwrap());
    let (job, lease) = (borealis.job["job"].as_str().unwrap(), borealis.lease["lease"].as_str().unwrap());
    let mut answers = Vec::new();
    let post = |path: String, body: Value| vec![("POST", path, body)];
    let settlement = json!({"verdict": "printed", "serials": "all"});
    let reprint = json!({
        "printer": "line-3", "block": code, "serials": "all", "reason": "torn", "old_label_destroyed": true,
        "attestation": "burnt"
    });
    let result = json!({"results": [{"first": 1, "last": 1, "outcome": "not_printed"}]});
    let get = |path: &str| ("GET", path.to_owned(), Value::Null);
    let (requests, hidden): (Vec<_>, fn() -> Hidden) = match operation {
        "GET /api/v1/blocks/{code}" => (vec![get(&format!("/api/v1/blocks/{code}"))], || Hidden::Absent),
        "GET /api/v1/blocks/{code}/history" => {
            (vec![get(&format!("/api/v1/blocks/{code}/history"))], || Hidden::Absent)
        }
        "GET /api/v1/blocks/{code}/serials" => (
            ["json", "jsonl", "csv"].map(|form| get(&format!("/api/v1/blocks/{code}/serials?format={form}"))).to_vec(),
            || Hidden::Absent,
        ),
        "GET /api/v1/blocks/{code}/labels.pdf"
        | "GET /api/v1/blocks/{code}/labels.zpl"
        | "GET /api/v1/blocks/{code}/labels.png.zip" => {
            let path = operation.strip_prefix("GET ").unwrap().replace("{code}", code);
            (vec![get(&path)], || Hidden::Absent)
        }
        "GET /api/v1/skus/{code}" => (vec![get(&format!("/api/v1/skus/{SKU}"))], || Hidden::Absent),
        // The pilot batch holds units of Borealis's only; the other batches are shared.
        "GET /api/v1/batches/{code}" => (vec![get("/api/v1/batches/Lot%2025-118%20%28pilot%29")], || Hidden::Absent),
        "GET /api/v1/resolve" => (
            [code, serial, &borealis.mistyped, SKU, "9521234000044", "BO-F35", "FM2-005", "Lot%2025-118%20%28pilot%29"]
                .map(|text| get(&format!("/api/v1/resolve?q={text}")))
                .to_vec(),
            || Hidden::Absent,
        ),
        "POST /api/v1/blocks" => (
            vec![
                ("POST", "/api/v1/blocks".to_owned(), request(1)),
                (
                    "POST",
                    "/api/v1/blocks".to_owned(),
                    json!({"sku": "NT-H3-KES", "batch": "Lot 25-118 (pilot)", "count": 1, "station": "fi-1"}),
                ),
            ],
            || Hidden::Absent,
        ),
        "POST /api/v1/blocks/{code}/reports" => (
            vec![("POST", format!("/api/v1/blocks/{code}/reports"), json!({"fate": "printed", "serials": "all"}))],
            || Hidden::Absent,
        ),
        "POST /api/v1/receipts/check" => {
            (vec![("POST", "/api/v1/receipts/check".to_owned(), json!({"receipt": block["receipt"]}))], || {
                Hidden::Absent
            })
        }
        "GET /api/v1/blocks" => {
            (vec![get("/api/v1/blocks"), get(&format!("/api/v1/blocks?batch={BATCH}"))], || Hidden::LeftOut)
        }
        "GET /api/v1/printers/{printer}" => (vec![get("/api/v1/printers/line-3")], || Hidden::LeftOut),
        "GET /api/v1/print-jobs/{job}" => (vec![get(&format!("/api/v1/print-jobs/{job}"))], || Hidden::Absent),
        "GET /api/v1/print-jobs/{job}/labels" => {
            (vec![get(&format!("/api/v1/print-jobs/{job}/labels"))], || Hidden::Absent)
        }
        "POST /api/v1/print-jobs" => {
            (post("/api/v1/print-jobs".into(), json!({"printer": "line-3", "block": code})), || Hidden::Absent)
        }
        "POST /api/v1/print-jobs/{job}/control" => {
            (post(format!("/api/v1/print-jobs/{job}/control"), json!({"control": "cancel", "reason": "x"})), || {
                Hidden::Absent
            })
        }
        "POST /api/v1/print-jobs/{job}/settlements" => {
            (post(format!("/api/v1/print-jobs/{job}/settlements"), settlement), || Hidden::Absent)
        }
        "POST /api/v1/reprints" => (post("/api/v1/reprints".into(), reprint), || Hidden::Absent),
        "POST /api/v1/printers/{printer}/status" => {
            (post("/api/v1/printers/line-3/status".into(), json!({})), || Hidden::Absent)
        }
        "POST /api/v1/printers/{printer}/leases" => {
            (post("/api/v1/printers/line-3/leases".into(), json!({})), || Hidden::Absent)
        }
        "GET /api/v1/leases/{lease}/labels" => {
            (vec![get(&format!("/api/v1/leases/{lease}/labels"))], || Hidden::Absent)
        }
        "POST /api/v1/leases/{lease}/heartbeat" => {
            (post(format!("/api/v1/leases/{lease}/heartbeat"), json!({})), || Hidden::Absent)
        }
        "POST /api/v1/leases/{lease}/results" => {
            (post(format!("/api/v1/leases/{lease}/results"), result), || Hidden::Absent)
        }
        "GET /api/v1/proofs/{proof}"
        | "GET /api/v1/proofs/{proof}/samples.pdf"
        | "GET /api/v1/proofs/{proof}/difference"
        | "GET /api/v1/proofs/{proof}/certificate.json"
        | "GET /api/v1/proofs/{proof}/certificate.pdf" => {
            let path = operation.strip_prefix("GET ").unwrap().replace("{proof}", &borealis.proof);
            (vec![get(&path)], || Hidden::Absent)
        }
        "GET /api/v1/proofs/{proof}/samples/{sample}" => {
            (vec![get(&format!("/api/v1/proofs/{}/samples/1.png", borealis.proof))], || Hidden::Absent)
        }
        "POST /api/v1/proofs/{proof}/comments" => {
            (post(format!("/api/v1/proofs/{}/comments", borealis.proof), json!({"text": "ours?"})), || Hidden::Absent)
        }
        "POST /api/v1/proofs/{proof}/comments/{comment}/resolve" => {
            (post(format!("/api/v1/proofs/{}/comments/1/resolve", borealis.proof), json!({})), || Hidden::Absent)
        }
        "GET /api/v1/brands/{brand}/approvers" => (vec![get("/api/v1/brands/BOR/approvers")], || Hidden::Absent),
        "GET /api/v1/approvals" | "GET /api/v1/printers" | "GET /api/v1/print-jobs" | "GET /api/v1/proofs" => {
            (vec![get(operation.strip_prefix("GET ").unwrap())], || Hidden::LeftOut)
        }
        "GET /api/v1/batches" | "GET /api/v1/skus" | "GET /api/v1/status" | "GET /api/v1/keys" => {
            (vec![get(operation.strip_prefix("GET ").unwrap())], || Hidden::LeftOut)
        }
        // A shared batch has other brands' units, and so its debt is the factory's affair.
        "GET /api/v1/batches/{code}/debt" => (vec![get(&format!("/api/v1/batches/{BATCH}/debt"))], || Hidden::Absent),
        "POST /api/v1/stations/{station}/prints" => {
            let wanted = json!({"sku": SKU, "batch": BATCH, "count": 1, "printer": "line-3"});
            (post("/api/v1/stations/fi-1/prints".into(), wanted), || Hidden::Absent)
        }
        "POST /api/v1/stations/{station}/units" => (
            [serial, &borealis.mistyped]
                .map(|serial| {
                    ("POST", "/api/v1/stations/fi-1/units".into(), json!({"serial": serial, "result": "pass"}))
                })
                .to_vec(),
            || Hidden::Absent,
        ),
        "POST /api/v1/stations/{station}/kits" => {
            let media =
                json!({"sku": SKU, "batch": BATCH, "count": 1, "media_width_um": 60_000, "media_height_um": 40_000});
            (post("/api/v1/stations/fi-1/kits".into(), media), || Hidden::Absent)
        }
        "POST /api/v1/stations/{station}/journal" => {
            let scan = json!({"id": "k-1", "scan": {"serial": serial, "result": "pass"}});
            (post("/api/v1/stations/fi-1/journal".into(), json!({"entries": [scan]})), || Hidden::LeftOut)
        }
        "GET /api/v1/stations/{station}/conflicts" => (vec![get("/api/v1/stations/fi-1/conflicts")], || Hidden::Absent),
        "GET /api/v1/rules" => (vec![get("/api/v1/rules")], || Hidden::LeftOut),
        other => panic!("what does {other} hide from another brand?"),
    };
    for (method, path, body) in requests {
        let answer = match method {
            "GET" => kestrel.get(&path).await,
            _ => kestrel.post(&path, &body).await,
        };
        answers.push((answer, hidden()));
    }
    answers
}

#[tokio::test]
async fn the_answer_to_another_brands_key_is_not_repeated() {
    let house = House::new().await;
    let mut factory = house.someone("station").await;
    assert_eq!(factory.post_with("k", "/api/v1/blocks", &request(5)).await.status, 201);
    let mut kestrel = house.bound("station", Some("KES"), None).await;
    let answer = kestrel.post_with("k", "/api/v1/blocks", &request(5)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown-sku"));
}

#[tokio::test]
async fn the_own_brand_is_there_without_the_factorys_side() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(5).await;
    let mut buyer = house.bound("buyer", Some("BOR"), None).await;
    let unit = buyer.read(&format!("/api/v1/resolve?q={}", block["first_serial"].as_str().unwrap())).await;
    assert_eq!(unit["sku"]["code"], SKU);
    assert!(unit["sku"].get("factory").is_none() && unit.get("station").is_none());
    assert_eq!(unit["batch"]["attributes"], json!({}));
    let batch = buyer.read(&format!("/api/v1/batches/{BATCH}")).await;
    assert_eq!((&batch["skus"], &batch["attributes"], &batch["note"]), (&json!([SKU]), &json!({}), &json!("")));
    assert!(batch.get("account").is_none() && batch.get("product").is_none());
    let skus = buyer.read("/api/v1/skus").await;
    assert_eq!(skus["items"].as_array().unwrap().len(), 2);
    let edit = buyer.ask("PATCH", &format!("/api/v1/skus/{SKU}"), &format!("{JSON}if-match: *\r\n"), "{}").await;
    assert_eq!(edit.status, 403);
}
