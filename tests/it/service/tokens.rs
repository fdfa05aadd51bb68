//! API tokens: made, shown once, rotated with an overlap, revoked, expired; only hashes are kept.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::token::{ApiToken, Scope, TokenId};
use nameplate::service::tokens::{NewToken, TokenState};
use nameplate::service::{Caller, ServiceError};

both_engines!(
    a_token_is_found_by_its_id_and_proved_by_its_hash,
    a_token_ends_when_it_expires_or_is_revoked,
    a_rotated_token_overlaps_with_its_successor,
    the_first_token_is_made_once,
    what_cannot_be_a_token_is_refused,
    tokens_are_listed_without_secrets,
);

fn new(name: &str, scopes: &str) -> NewToken {
    NewToken { name: name.into(), scopes: scopes.into(), brand: None, station: None, printer: None, expires_at: None }
}

async fn issue(factory: &Factory, new: &NewToken) -> ApiToken {
    let issued = factory.issue_token(&Caller::command_line(), new).await.unwrap();
    let token: ApiToken = issued.token.parse().unwrap();
    assert_eq!(issued.id, token.id().to_string());
    token
}

async fn state(factory: &Factory, id: TokenId) -> TokenState {
    factory.token(id).await.unwrap().unwrap().state
}

async fn a_token_is_found_by_its_id_and_proved_by_its_hash(database: Database) {
    let factory = Factory::on(&database).await;
    let wanted =
        NewToken { brand: Some("kes".into()), station: Some("fi-1".into()), ..new(" line 3 ", "station  support") };
    let token = issue(&factory, &wanted).await;
    let record = factory.token(token.id()).await.unwrap().unwrap();
    assert!(record.hash.matches(&token.hash()) && !record.hash.matches(&ApiToken::from_random([0; 39]).hash()));
    assert_eq!((&*record.principal.name, record.principal.station.as_deref()), ("line 3", Some("fi-1")));
    assert!(record.principal.allows(Scope::Support) && !record.principal.allows(Scope::Admin));
    assert_eq!(record.principal.brand, factory.buyer(&database, "KES").await.brand);
    assert!(factory.token(ApiToken::from_random([0; 39]).id()).await.unwrap().is_none());
}

async fn a_token_ends_when_it_expires_or_is_revoked(database: Database) {
    let factory = Factory::on(&database).await;
    let expiring = NewToken { expires_at: Some("2025-07-10T14:00:10+02:00".into()), ..new("a", "support") };
    let (expiring, revoked) = (issue(&factory, &expiring).await, issue(&factory, &new("b", "support")).await);
    factory.wait(9);
    assert_eq!(state(&factory, expiring.id()).await, TokenState::Live);
    factory.wait(1);
    assert_eq!(state(&factory, expiring.id()).await, TokenState::Expired);
    let caller = Caller::command_line();
    factory.revoke_token(&caller, revoked.id()).await.unwrap();
    assert_eq!(state(&factory, revoked.id()).await, TokenState::Revoked);
    let again = factory.revoke_token(&caller, revoked.id()).await;
    assert!(matches!(again, Err(ServiceError::NotFound { .. })));
    assert!(factory.rotate_token(&caller, expiring.id(), 60).await.is_err(), "an expired token has no successor");
    factory.assert_audit_is_whole().await;
}

async fn a_rotated_token_overlaps_with_its_successor(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let old = issue(&factory, &NewToken { station: Some("fi-1".into()), ..new("line 3", "station") }).await;
    let successor = factory.rotate_token(&caller, old.id(), 60).await.unwrap();
    let successor: ApiToken = successor.token.parse().unwrap();
    let record = factory.token(successor.id()).await.unwrap().unwrap();
    assert_eq!((record.principal.station.as_deref(), &*record.principal.name), (Some("fi-1"), "line 3"));
    factory.wait(59);
    assert_eq!([state(&factory, old.id()).await, state(&factory, successor.id()).await], [TokenState::Live; 2]);
    factory.wait(1);
    assert_eq!(state(&factory, old.id()).await, TokenState::Revoked);
    assert_eq!(state(&factory, successor.id()).await, TokenState::Live);
    let stolen = issue(&factory, &new("stolen", "admin")).await;
    factory.rotate_token(&caller, stolen.id(), u32::MAX).await.unwrap();
    factory.revoke_token(&caller, stolen.id()).await.unwrap();
    assert_eq!(state(&factory, stolen.id()).await, TokenState::Revoked, "an overlap can be cut short");
    let (listed, _) = factory.tokens("", 100).await.unwrap();
    let listed = listed.iter().find(|t| t.id == stolen.id().to_string()).unwrap();
    assert!(listed.replaced_by.is_some(), "and the successor is still known");
}

async fn the_first_token_is_made_once(database: Database) {
    let factory = Factory::on(&database).await;
    let first: ApiToken = factory.first_token().await.unwrap().unwrap().token.parse().unwrap();
    assert!(factory.token(first.id()).await.unwrap().unwrap().principal.allows(Scope::Admin));
    assert!(factory.first_token().await.unwrap().is_none());
    factory.revoke_token(&Caller::command_line(), first.id()).await.unwrap();
    assert!(factory.restarted().await.first_token().await.unwrap().is_none(), "not even when it was revoked");
}

async fn what_cannot_be_a_token_is_refused(database: Database) {
    let factory = Factory::on(&database).await;
    let good = new("line 3", "station");
    for (wanted, bad) in [
        ("name", NewToken { name: "  ".into(), ..good.clone() }),
        ("name", NewToken { name: "x".repeat(81), ..good.clone() }),
        ("name", NewToken { name: "a\0b".into(), ..good.clone() }),
        ("scopes", NewToken { scopes: String::new(), ..good.clone() }),
        ("scopes", NewToken { scopes: "station root".into(), ..good.clone() }),
        ("station", NewToken { station: Some("line 3".into()), ..good.clone() }),
        ("brand", NewToken { brand: Some("NONE".into()), ..good.clone() }),
        ("brand", NewToken { brand: Some("a\0b".into()), ..good.clone() }),
        ("expires_at", NewToken { expires_at: Some("2025-07-10T12:00:00Z".into()), ..good.clone() }),
        ("expires_at", NewToken { expires_at: Some("soon".into()), ..good.clone() }),
    ] {
        match factory.issue_token(&Caller::command_line(), &bad).await {
            Err(ServiceError::Invalid { field, .. }) => assert_eq!(field, wanted, "{bad:?}"),
            other => panic!("{bad:?}: {other:?}"),
        }
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM api_token").await, 0);
}

async fn tokens_are_listed_without_secrets(database: Database) {
    let factory = Factory::on(&database).await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(issue(&factory, &new(&format!("t{n}"), "support")).await);
    }
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let (page, next) = factory.tokens(&after, 2).await.unwrap();
        listed.extend(page);
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(listed.len(), 5);
    let shown = serde_json::to_string(&listed).unwrap();
    for token in &made {
        assert!(shown.contains(&token.id().to_string()) && !shown.contains(&token.reveal()[15..]));
    }
    let audit = database.rows("SELECT CAST(COUNT(*) AS BIGINT) FROM audit WHERE action = 'token.issue'").await;
    assert_eq!(audit.len(), 1);
}
