//! Who may call what: the whole matrix, written down once more so that a change of the declarations shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use nameplate::http::api::site;
use nameplate::http::auth::Access;
use nameplate::http::pages::SiteSettings;
use nameplate::http::server::ServerLimits;
use nameplate::service::token::Scope;

use super::house::House;

/// Every operation with the scopes that open it, beside admin; `any` is any live token, `public` needs none,
/// `basic` is HTTP Basic with a printer's token, and no bearer's.
const MATRIX: [(&str, &str); 71] = [
    ("GET /api/v1/audit/verify", "admin"),
    ("GET /api/v1/batches", "planner station buyer support"),
    ("GET /api/v1/batches/{code}", "planner station buyer support"),
    ("GET /api/v1/blocks", "planner station buyer support"),
    ("GET /api/v1/blocks/{code}", "planner station buyer support"),
    ("GET /api/v1/blocks/{code}/history", "planner station support"),
    ("GET /api/v1/blocks/{code}/labels.pdf", "planner station printer"),
    ("GET /api/v1/blocks/{code}/labels.png.zip", "planner station printer"),
    ("GET /api/v1/blocks/{code}/labels.zpl", "planner station printer"),
    ("GET /api/v1/blocks/{code}/serials", "planner station buyer support"),
    ("GET /api/v1/keys", "public"),
    ("GET /api/v1/resolve", "planner station buyer support"),
    ("GET /api/v1/rules", "planner support"),
    ("GET /api/v1/skus", "planner station buyer support"),
    ("GET /api/v1/skus/{code}", "planner station buyer support"),
    ("GET /api/v1/status", "any"),
    ("GET /api/v1/tokens", "admin"),
    ("DELETE /api/v1/tokens/{id}", "admin"),
    ("PATCH /api/v1/skus/{code}", "planner"),
    ("POST /api/v1/batches/{code}/close", "planner"),
    ("POST /api/v1/blocks", "planner station"),
    ("POST /api/v1/blocks/{code}/reports", "planner station"),
    ("POST /api/v1/receipts/check", "planner station support"),
    ("POST /api/v1/rules", "admin"),
    ("POST /api/v1/tokens", "admin"),
    ("POST /api/v1/tokens/{id}/rotate", "admin"),
    ("PUT /api/v1/stations/{station}/quotas/{sku}", "planner"),
    ("HEAD /api/v1/blocks", "as GET"),
    ("GET /api/v1/approvals", "planner station buyer support"),
    ("POST /api/v1/approvals", "admin"),
    ("POST /api/v1/approvals/{id}/withdraw", "admin"),
    ("GET /api/v1/proofs", "planner station buyer support"),
    ("POST /api/v1/proofs", "planner"),
    ("GET /api/v1/proofs/{proof}", "planner station buyer support"),
    ("GET /api/v1/proofs/{proof}/samples/{sample}", "planner station buyer support"),
    ("GET /api/v1/proofs/{proof}/samples.pdf", "planner station buyer support"),
    ("GET /api/v1/proofs/{proof}/difference", "planner station buyer support"),
    ("GET /api/v1/proofs/{proof}/certificate.json", "planner station buyer support"),
    ("GET /api/v1/proofs/{proof}/certificate.pdf", "planner station buyer support"),
    ("POST /api/v1/proofs/{proof}/request", "planner"),
    ("POST /api/v1/proofs/{proof}/withdraw", "planner"),
    ("POST /api/v1/proofs/{proof}/comments", "planner buyer support"),
    ("POST /api/v1/proofs/{proof}/comments/{comment}/resolve", "planner buyer"),
    ("GET /api/v1/brands/{brand}/approvers", "planner buyer"),
    ("PUT /api/v1/brands/{brand}/approvers", "admin"),
    ("GET /api/v1/printers", "planner station support"),
    ("POST /api/v1/printers", "admin"),
    ("GET /api/v1/printers/{printer}", "planner station support"),
    ("PUT /api/v1/printers/{printer}", "admin planner"),
    ("POST /api/v1/printers/{printer}/status", "printer"),
    ("POST /api/v1/printers/{printer}/leases", "printer"),
    ("GET /api/v1/leases/{lease}/labels", "printer"),
    ("POST /api/v1/leases/{lease}/heartbeat", "printer"),
    ("POST /api/v1/leases/{lease}/results", "printer"),
    ("GET /api/v1/print-jobs", "planner station support"),
    ("POST /api/v1/print-jobs", "planner station"),
    ("GET /api/v1/print-jobs/{job}", "planner station support"),
    ("GET /api/v1/print-jobs/{job}/labels", "planner station support"),
    ("POST /api/v1/print-jobs/{job}/control", "planner station"),
    ("POST /api/v1/print-jobs/{job}/settlements", "planner station"),
    ("POST /api/v1/reprints", "planner station"),
    ("PUT /api/v1/brands/{brand}/policy", "admin"),
    ("GET /api/v1/batches/{code}/debt", "planner station support"),
    ("POST /api/v1/stations/{station}/prints", "planner station"),
    ("POST /api/v1/stations/{station}/units", "planner station"),
    ("POST /api/v1/stations/{station}/kits", "planner station"),
    ("POST /api/v1/stations/{station}/journal", "planner station"),
    ("GET /api/v1/stations/{station}/conflicts", "planner station support"),
    ("GET /cloudprnt/v1", "basic"),
    ("POST /cloudprnt/v1", "basic"),
    ("DELETE /cloudprnt/v1", "basic"),
];

#[tokio::test]
async fn every_operation_is_open_to_exactly_the_scopes_of_the_matrix() {
    let house = House::new().await;
    let table = site(Arc::clone(&house.nameplate), &ServerLimits::default(), SiteSettings::default()).unwrap().table;
    let mut declared: BTreeMap<String, String> = BTreeMap::new();
    for (method, path, access) in table.rows() {
        let scopes = match access {
            Access::Public => "public".to_owned(),
            Access::Printer => "basic".to_owned(),
            Access::AnyOf(scopes) if scopes.is_empty() => "any".to_owned(),
            Access::AnyOf(scopes) => scopes.to_string(),
        };
        declared.insert(format!("{method} {path}"), scopes);
    }
    let written: BTreeMap<String, String> = MATRIX
        .iter()
        .filter(|(_, scopes)| *scopes != "as GET")
        .map(|(operation, scopes)| ((*operation).to_owned(), (*scopes).to_owned()))
        .collect();
    assert_eq!(declared, written, "declared, and written down here");

    let mut stranger = house.stranger().await;
    for scope in Scope::ALL {
        let mut actor = house.someone(scope.name()).await;
        for (operation, scopes) in MATRIX {
            let (method, path) = operation.split_once(' ').unwrap();
            let path = path.replace(['{', '}'], "");
            let scopes = if scopes == "as GET" { written[&operation.replace("HEAD", "GET")].as_str() } else { scopes };
            let is_open = match scopes {
                "basic" => {
                    let headers = format!("authorization: Bearer {}\r\n", actor.token());
                    let answer = actor.wire.ask(method, &path, &headers, "").await;
                    assert_eq!(answer.status, 401, "{operation} as {scope}: {}", answer.head);
                    continue;
                }
                "public" | "any" => true,
                scopes => scope == Scope::Admin || scopes.split(' ').any(|open| open == scope.name()),
            };
            let headers = format!("authorization: Bearer {}\r\n", actor.token());
            actor.wire.send(format!("{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}\r\n")).await;
            let answer = actor.wire.answer_to(method).await.unwrap();
            assert_eq!(answer.status != 403, is_open, "{operation} as {scope}: {}", answer.head);
            assert!(answer.status < 500, "{operation} as {scope}: {}", answer.head);
        }
    }
    for (operation, scopes) in MATRIX {
        let (method, path) = operation.split_once(' ').unwrap();
        stranger.send(format!("{method} {} HTTP/1.1\r\nhost: t\r\n\r\n", path.replace(['{', '}'], ""))).await;
        let answer = stranger.answer_to(method).await.unwrap();
        assert_eq!(answer.status == 401, scopes != "public", "{operation} without a token");
    }
}
