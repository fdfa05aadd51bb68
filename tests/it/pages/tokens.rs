//! Tokens made, replaced and ended by people.

use super::House;
use super::house::field_of;
use serde_json::json;

const GOOD: [(&str, &str); 3] = [("name", "line 3"), ("scopes", "station"), ("station", "fi-3")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_shown_once_however_often_the_form_is_sent() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    let key = admin.get("/tokens/new").await.field("key");
    let mut sent = GOOD.to_vec();
    sent.extend([("expires_at", "2025-12-31"), ("key", key.as_str())]);
    let made = admin.post("/tokens", &sent).await.is(200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let secret = made.field("token");
    assert_eq!(house.bearer(&secret).await.get("/api/v1/status").await.status, 200);
    let again = admin.post("/tokens", &sent).await.is(422);
    again.says("This form was sent before");
    let list = admin.get("/tokens").await.is(200);
    list.says("line 3").says("fi-3").says("31 Dec 2025").is_silent_of(&secret);
    assert_eq!(list.words().matches("line 3").count(), 3, "one row, and its two forms: {}", list.words());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_replaced_and_revoked() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    let key = admin.get("/tokens/new").await.field("key");
    let mut sent = GOOD.to_vec();
    sent.push(("key", &key));
    let old = admin.post("/tokens", &sent).await.is(200).field("token");
    let id = old.split('_').nth(1).unwrap().to_owned();
    let key = field_of(&admin.read("/tokens").await, "key");
    let new = admin.post(&format!("/tokens/{id}/rotate"), &[("key", &key)]).await.is(200).field("token");
    admin.post(&format!("/tokens/{id}/rotate"), &[("key", &key)]).await.is(422).says("sent before");
    assert_eq!(house.bearer(&old).await.get("/api/v1/status").await.status, 200, "for another day");
    let id = new.split('_').nth(1).unwrap();
    assert_eq!(admin.post(&format!("/tokens/{id}/revoke"), &[]).await.leads_to(), "/tokens?done=token_revoked");
    assert_eq!(house.bearer(&new).await.get("/api/v1/status").await.status, 401);
    admin.post(&format!("/tokens/{id}/revoke"), &[]).await.is(404);
    admin.post("/tokens/nope/revoke", &[]).await.is(404);
    admin.get("/tokens").await.is(200).says("replaced by").says("revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_cannot_be_are_refused_and_what_was_typed_stays() {
    let house = House::new().await;
    house.a_printer("line-3", json!({})).await;
    let admin = house.person("admin").await;
    admin.get("/tokens/new").await.is(200).says("line-3").says("Borealis Optics");
    let long: &'static str = Box::leak("x".repeat(5_000).into_boxed_str());
    for (changes, field) in [
        (vec![("name", "")], "name"),
        (vec![("name", long)], "name"),
        (vec![("scopes", "")], "scopes"),
        (vec![("scopes", "root")], "scopes"),
        (vec![("scopes", "admin"), ("brand", "BOR")], "brand"),
        (vec![("brand", "NOPE")], "brand"),
        (vec![("station", "line 2")], "station"),
        (vec![("scopes", "printer")], "printer"),
        (vec![("scopes", "printer"), ("printer", "nope")], "printer"),
        (vec![("expires_at", "2025-07-09")], "expires_at"),
        (vec![("expires_at", "soon")], "expires_at"),
    ] {
        let mut sent: Vec<(&str, &str)> =
            GOOD.into_iter().filter(|(name, _)| changes.iter().all(|(c, _)| c != name)).collect();
        sent.extend(changes.iter().copied());
        sent.push(("key", "form-of-the-tests-1"));
        let refused = admin.post("/tokens", &sent).await.is(422);
        assert!(refused.html().contains(&format!("id=\"{field}-error\"")), "{changes:?}: {}", refused.words());
        assert_eq!(refused.field("key"), "form-of-the-tests-1", "a refused form may be sent again");
        if field != "name" {
            assert_eq!(refused.field("name"), "line 3");
        }
    }
}
