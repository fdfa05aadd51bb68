//! Tokens and scopes over the wire, and the matrix of all operations and scopes.

use std::collections::HashSet;

use nameplate::http::auth::{Access, AccessTable};
use nameplate::http::server::ServerLimits;
use nameplate::service::token::{ApiToken, Scope};
use tokio::sync::mpsc;

use super::wire::bearer;
use super::{Server, site};

#[tokio::test]
async fn every_operation_lets_in_exactly_the_scopes_it_declares() {
    let table: AccessTable = site(&ServerLimits::default(), mpsc::unbounded_channel().0).table;
    let server = Server::with(|limits| limits.handler = std::time::Duration::from_millis(100)).await;
    let mut cells = HashSet::new();
    for (method, path, access) in table.rows() {
        if path.ends_with("/endless") {
            continue; // Its answer has no end to wait for.
        }
        let address = path.replace("{id}", "1").replace("{name}", "n");
        for scope in Scope::ALL {
            let answer = server.connect().await.ask(method.as_str(), &address, &bearer(scope), "").await;
            let is_open = match access {
                Access::Public => true,
                Access::Printer => continue, // The sample has none.
                Access::AnyOf(scopes) => scopes.is_empty() || scopes.contains(scope) || scope == Scope::Admin,
            };
            assert_eq!(answer.status != 403, is_open, "{method} {path} as {scope}: {}", answer.head);
            cells.insert((method, path, scope));
        }
        let answer = server.connect().await.ask(method.as_str(), &address, "", "").await;
        assert_eq!(answer.status == 401, access != Access::Public, "{method} {path} without a token");
    }
    assert_eq!(cells.len(), (table.rows().count() - 1) * Scope::ALL.len());
}

#[tokio::test]
async fn refusals_carry_a_challenge_and_say_what_is_needed() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let path = "/api/v1/parcels/1";
    let answer = wire.ask("PUT", path, "", "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (401, "token-missing"));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"nameplate\""));
    let strange = ApiToken::from_random([99; 39]).reveal();
    let answer = wire.ask("PUT", path, &format!("authorization: Bearer {strange}\r\n"), "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (401, "token-unknown"));
    assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    let answer = wire.ask("PUT", path, &bearer(Scope::Station), "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (403, "scope-missing"));
    assert_eq!(answer.json()["needed"], serde_json::json!(["planner"]));
}

#[tokio::test]
async fn failed_sign_ins_from_an_address_are_limited() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let strange = format!("authorization: Bearer {}\r\n", ApiToken::from_random([99; 39]).reveal());
    // Some attempts are forgiven while the test runs; a hundred are more than any machine can be slow enough for.
    let mut answers = Vec::new();
    for _ in 0..100 {
        answers.push(wire.ask("GET", "/api/v1/parcels", &strange, "").await);
    }
    let limited = answers.iter().find(|answer| answer.status == 429).expect("a limit");
    assert_eq!(limited.problem(), "too-many-attempts");
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(answers[0].status, 401);
    assert_eq!(wire.get("/healthz").await.status, 200, "what needs no token is not concerned");
}
