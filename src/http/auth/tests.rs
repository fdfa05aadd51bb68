//! The gate, with tokens in memory.

use super::*;
use crate::service::token::Scope;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};

fn token(number: u8) -> ApiToken {
    ApiToken::from_random([number; 39])
}

fn record(token: &ApiToken, state: TokenState) -> TokenRecord {
    let scopes = [Scope::Planner].into_iter().collect();
    let principal =
        Principal { token_id: token.id(), name: "line 3".into(), scopes, brand: None, station: None, printer: None };
    TokenRecord { hash: token.hash(), state, principal }
}

/// A gate whose store knows token 1 (live), 2 (expired) and 3 (revoked), and counts how often it is asked.
fn gate_of_three() -> (Gate, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let lookup: TokenLookup = Arc::new(move |id| {
        counter.fetch_add(1, Ordering::Relaxed);
        let states = [(1, TokenState::Live), (2, TokenState::Expired), (3, TokenState::Revoked)];
        let found = states.map(|(number, state)| record(&token(number), state)).into_iter();
        let found = found.into_iter().find(|record| record.principal.token_id == id);
        Box::pin(async move { Ok(found) })
    });
    let table = AccessTable::from_openapi(&utoipa::openapi::OpenApi::default()).unwrap();
    (Gate::new(table, lookup), asked)
}

fn bearer(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer {text}").parse().unwrap());
    headers
}

/// Caches a token as if it had been looked up a minute from now, so that no slow test run outlasts it.
fn remember(gate: &Gate, token: &ApiToken) {
    let asked = Instant::now() + std::time::Duration::from_secs(60);
    gate.cache.lock().unwrap().put(Arc::new(record(token, TokenState::Live)), asked);
}

fn home() -> AddressGroup {
    IpAddr::V4(Ipv4Addr::LOCALHOST).into()
}

async fn slug(gate: &Gate, headers: &HeaderMap) -> &'static str {
    gate.principal(headers, home()).await.map_or_else(|problem| problem.kind().slug(), |_| "in")
}

#[tokio::test]
async fn each_reason_to_refuse_has_its_own_problem() {
    let (gate, _) = gate_of_three();
    assert_eq!(slug(&gate, &bearer(&token(1).reveal())).await, "in");
    assert_eq!(slug(&gate, &bearer(&token(2).reveal())).await, "token-expired");
    assert_eq!(slug(&gate, &bearer(&token(3).reveal())).await, "token-revoked");
    assert_eq!(slug(&gate, &bearer(&token(4).reveal())).await, "token-unknown");
    assert_eq!(slug(&gate, &bearer("npt_short")).await, "token-malformed");
    assert_eq!(slug(&gate, &HeaderMap::new()).await, "token-missing");
    let mut basic = HeaderMap::new();
    basic.insert(header::AUTHORIZATION, "Basic bnB0".parse().unwrap());
    assert_eq!(slug(&gate, &basic).await, "token-missing");
    let mut twice = bearer(&token(1).reveal());
    twice.append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    assert_eq!(slug(&gate, &twice).await, "token-malformed");
}

#[tokio::test]
async fn a_known_id_with_another_secret_is_unknown_also_while_cached() {
    let (gate, _) = gate_of_three();
    let mut forged = [1; 39];
    forged[38] = 9;
    let forged = bearer(&ApiToken::from_random(forged).reveal());
    assert_eq!(slug(&gate, &forged).await, "token-unknown");
    assert_eq!(slug(&gate, &bearer(&token(1).reveal())).await, "in");
    assert_eq!(slug(&gate, &forged).await, "token-unknown");
}

#[tokio::test]
async fn failures_are_throttled_by_address_but_a_busy_station_goes_on() {
    let (gate, asked) = gate_of_three();
    remember(&gate, &token(1));
    let unknown = bearer(&token(4).reveal());
    for _ in 0..10 {
        assert_eq!(slug(&gate, &unknown).await, "token-unknown");
    }
    let before = asked.load(Ordering::Relaxed);
    assert_eq!(slug(&gate, &unknown).await, "too-many-attempts");
    assert_eq!(asked.load(Ordering::Relaxed), before, "the store is not asked again");
    assert_eq!(slug(&gate, &bearer(&token(1).reveal())).await, "in");
    let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)).into();
    assert_eq!(gate.principal(&unknown, elsewhere).await.unwrap_err().kind(), ProblemKind::TokenUnknown);
}

#[tokio::test]
async fn a_token_that_was_just_looked_up_is_not_looked_up_again() {
    let (gate, asked) = gate_of_three();
    let working = token(1);
    remember(&gate, &working);
    for _ in 0..3 {
        assert_eq!(gate.principal(&bearer(&working.reveal()), home()).await.unwrap().name, "line 3");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_failing_store_is_no_failed_sign_in() {
    let table = AccessTable::from_openapi(&utoipa::openapi::OpenApi::default()).unwrap();
    let lookup: TokenLookup =
        Arc::new(|_| Box::pin(async { Err(Problem::new(ProblemKind::DatabaseUnavailable, "").retry_after_s(1)) }));
    let gate = Gate::new(table, lookup);
    for _ in 0..20 {
        assert_eq!(slug(&gate, &bearer(&token(1).reveal())).await, "database-unavailable");
    }
}

#[test]
fn a_missing_scope_is_named_in_words_in_a_member_and_in_the_challenge() {
    let needed = [Scope::Planner, Scope::Station].into_iter().collect();
    let problem = scope_missing(needed);
    assert_eq!(problem.detail(), "This needs the scope planner or station.");
    let response = problem.into_response();
    assert_eq!(response.status(), 403);
    let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"planner station\""), "{challenge}");
}
