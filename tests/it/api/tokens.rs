//! Tokens over the API.

use serde_json::{Value, json};

use super::house::{Actor, House};

async fn issue(admin: &mut Actor, new: Value) -> Value {
    let answer = admin.post("/api/v1/tokens", &new).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn path(token: &Value) -> String {
    format!("/api/v1/tokens/{}", token["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_ends() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    let token = issue(&mut admin, json!({"name": "line 3", "scopes": "station", "station": "fi-3"})).await;
    let secret = token["token"].as_str().unwrap();
    let listed = admin.get("/api/v1/tokens").await;
    assert!(!listed.text().contains(secret));
    let list = listed.json();
    let shown = list["items"].as_array().unwrap().iter().find(|shown| shown["id"] == token["id"]).unwrap();
    assert_eq!((&shown["state"], &shown["station"]), (&json!("live"), &json!("fi-3")));
    assert_eq!(house.bearer(secret).await.get("/api/v1/status").await.status, 200);
    let unused = issue(&mut admin, json!({"name": "line 4", "scopes": "station"})).await;
    assert_eq!(admin.ask("DELETE", &path(&unused), "", "").await.status, 204);
    let refused = house.bearer(unused["token"].as_str().unwrap()).await.get("/api/v1/status").await;
    assert_eq!((refused.status, refused.problem().as_str()), (401, "token-revoked"));
    let again = admin.ask("DELETE", &path(&unused), "", "").await;
    assert_eq!((again.status, again.problem().as_str()), (404, "unknown-token"));
    let strange = admin.ask("DELETE", "/api/v1/tokens/nope", "", "").await;
    assert_eq!((strange.status, strange.problem().as_str()), (404, "unknown-token"));
}

#[tokio::test]
async fn a_rotated_token_has_a_successor_with_the_same_rights() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    let old = issue(&mut admin, json!({"name": "shop", "scopes": "buyer", "brand": "BOR"})).await;
    let answer = admin.post(&format!("{}/rotate", path(&old)), &json!({"overlap_s": 0})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let new = answer.json();
    assert_eq!((&new["name"], &new["scopes"]), (&old["name"], &old["scopes"]));
    let refused = house.bearer(old["token"].as_str().unwrap()).await.get("/api/v1/status").await;
    assert_eq!((refused.status, refused.problem().as_str()), (401, "token-revoked"));
    let mut buyer = house.bearer(new["token"].as_str().unwrap()).await;
    assert_eq!(buyer.read("/api/v1/skus").await["items"].as_array().unwrap().len(), 2, "the brand stays");
    let list = admin.read("/api/v1/tokens").await;
    let shown = list["items"].as_array().unwrap().iter().find(|shown| shown["id"] == old["id"]).unwrap();
    assert_eq!((&shown["replaced_by"], &shown["brand"]), (&new["id"], &json!("BOR")));
    let overlapping = issue(&mut admin, json!({"name": "x", "scopes": "station"})).await;
    assert_eq!(admin.post(&format!("{}/rotate", path(&overlapping)), &json!({})).await.status, 201);
    let still = house.bearer(overlapping["token"].as_str().unwrap()).await.get("/api/v1/status").await;
    assert_eq!(still.status, 200, "for a day, unless told otherwise");
}

#[tokio::test]
async fn tokens_that_cannot_be_are_refused() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    for (new, field) in [
        (json!({"name": "", "scopes": "station"}), "name"),
        (json!({"name": "x", "scopes": ""}), "scopes"),
        (json!({"name": "x", "scopes": "root"}), "scopes"),
        (json!({"name": "x", "scopes": "buyer", "brand": "NOPE"}), "brand"),
        (json!({"name": "x", "scopes": "admin", "brand": "BOR"}), "brand"),
        (json!({"name": "x", "scopes": "buyer planner", "brand": "BOR"}), "brand"),
        (json!({"name": "x", "scopes": "station", "station": "line 2"}), "station"),
        (json!({"name": "x", "scopes": "station", "expires_at": "2025-07-10T11:59:59Z"}), "expires_at"),
        (json!({"name": "x", "scopes": "station", "expires_at": "soon"}), "expires_at"),
        (json!({"name": "x", "scopes": "station", "secret": "mine"}), "secret"),
    ] {
        let answer = admin.post("/api/v1/tokens", &new).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{new}");
        assert_eq!(answer.json()["field"], field, "{new}");
    }
}

#[tokio::test]
async fn tokens_are_listed_in_pages() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    for n in 0..4 {
        issue(&mut admin, json!({"name": format!("t{n}"), "scopes": "station"})).await;
    }
    let first = admin.read("/api/v1/tokens?limit=3").await;
    let second = admin.read(&format!("/api/v1/tokens?limit=3&after={}", first["next"].as_str().unwrap())).await;
    let mut names: Vec<_> = [&first, &second].iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    names.sort_by_key(|token| token["name"].as_str().unwrap());
    let names: Vec<_> = names.iter().map(|token| token["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["admin of the tests", "t0", "t1", "t2", "t3"]);
    assert!(second.get("next").is_none());
}
