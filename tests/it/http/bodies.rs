//! Bodies that are too large, too deep, broken or of the wrong kind.

use super::wire::{bearer, post_headers};
use super::{PATIENCE, Server};
use nameplate::service::token::Scope;

const PATH: &str = "/api/v1/parcels";
const GOOD: &str = r#"{"sku": "TC-2", "count": 3}"#;

#[tokio::test]
async fn a_good_body_is_read_also_in_pieces_and_in_chunks() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let answer = wire.post(PATH, GOOD).await;
    assert_eq!((answer.status, answer.json()["packed_by"].as_str()), (201, Some("planner of the tests")));
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}transfer-encoding: chunked\r\n\r\n", post_headers())).await;
    for part in GOOD.as_bytes().chunks(5) {
        wire.send(format!("{:x}\r\n{}\r\n", part.len(), std::str::from_utf8(part).unwrap())).await;
    }
    wire.send("0\r\n\r\n").await;
    assert_eq!(wire.answer().await.unwrap().status, 201);
}

#[tokio::test]
async fn a_gigabyte_is_refused_by_its_declared_length() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}content-length: 1073741824\r\n\r\n", post_headers())).await;
    let answer = wire.answer().await.unwrap();
    assert_eq!((answer.status, answer.problem().as_str()), (413, "body-too-large"));
    assert_eq!(answer.json()["limit_bytes"], 1 << 20);
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn a_peer_that_sends_on_after_the_answer_is_not_reset() {
    let server = Server::with(|limits| limits.linger = PATIENCE).await;
    let mut wire = server.connect().await;
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}content-length: 3000000\r\n\r\n", post_headers())).await;
    assert_eq!(wire.answer().await.unwrap().problem(), "body-too-large");
    // A reset would break the sending off, and most clients would then never look at the answer.
    assert!(wire.send(vec![b' '; 3_000_000]).await);
}

#[tokio::test]
async fn chunks_without_end_are_refused_at_the_limit() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}transfer-encoding: chunked\r\n\r\n", post_headers())).await;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..17 {
        wire.send(&chunk).await;
    }
    assert_eq!(wire.answer().await.unwrap().problem(), "body-too-large");
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn bodies_of_all_requests_share_a_memory() {
    let server = Server::with(|limits| limits.body_memory_bytes = 1_000).await;
    let mut holder = server.connect().await;
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}content-length: 901\r\n\r\n", post_headers());
    let body = format!("{GOOD}{}", " ".repeat(900 - GOOD.len()));
    holder.send(format!("{head}{body}")).await;
    let mut wire = server.connect().await;
    // The holder's bytes count from the moment they are read: ask until they are.
    let refused = loop {
        let answer = wire.post(PATH, &body).await;
        if answer.status != 201 {
            break answer;
        }
    };
    assert_eq!((refused.problem().as_str(), refused.header("retry-after")), ("overloaded", Some("1")));
    holder.send(" ").await;
    assert_eq!(holder.answer().await.unwrap().status, 201);
    assert_eq!(server.connect().await.post(PATH, &body).await.status, 201, "the memory is free again");
}

#[tokio::test]
async fn faults_in_the_body_leave_the_connection_usable() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let deep = "[".repeat(10_000);
    for (body, status, slug) in [
        (deep.as_str(), 400, "json-too-deep"),
        ("{\"sku\": \"a\0b\", \"count\": 1}", 400, "malformed-json"),
        (r#"{"sku": "a\u0000b", "count": 1}"#, 422, "nul-in-text"),
        (r#"{"sku": "TC-2", "count": 1"#, 400, "malformed-json"),
        (r#"{"sku": "TC-2", "count": 1} 2"#, 400, "malformed-json"),
        (r#"{"sku": "TC-2", "count": "1"}"#, 422, "invalid-field"),
        (r#"{"sku": "TC-2", "count": -1}"#, 422, "invalid-field"),
        (r#"{"sku": "TC-2", "count": 1e9999}"#, 400, "malformed-json"),
        (r#"{"sku": "TC-2", "count": 1, "colour": "red"}"#, 422, "invalid-field"),
        (r#"{"sku": "nope", "count": 1}"#, 404, "unknown-sku"),
    ] {
        let answer = wire.post(PATH, body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{body}");
    }
    let answer = wire.post(PATH, r#"{"sku": "TC-2", "count": true}"#).await;
    assert_eq!(answer.json()["field"], "count");
    assert_eq!(wire.post(PATH, GOOD).await.status, 201);
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_a_problem() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}content-length: 11\r\n\r\n", post_headers())).await;
    wire.send(b"{\"sku\":\"\xC3(\"").await;
    let answer = wire.answer().await.unwrap();
    assert_eq!((answer.problem().as_str(), &answer.json()["offset"]), ("body-not-utf8", &8.into()));
}

#[tokio::test]
async fn another_content_type_and_a_missing_key_are_problems() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let planner = bearer(Scope::Planner);
    for content_type in ["", "content-type: text/plain\r\n", "content-type: application/x-www-form-urlencoded\r\n"] {
        let answer = wire.ask("POST", PATH, &format!("{planner}idempotency-key: k\r\n{content_type}"), GOOD).await;
        assert_eq!((answer.status, answer.problem().as_str()), (415, "unsupported-media-type"), "{content_type}");
    }
    let answer = wire.ask("POST", PATH, &format!("{planner}content-type: application/json\r\n"), GOOD).await;
    assert_eq!((answer.status, answer.problem().as_str()), (400, "key-missing"));
}

#[tokio::test]
async fn expect_100_continue_is_met_for_a_body_that_will_be_read_and_only_then() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let head = |length: usize| {
        let headers = post_headers();
        format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{headers}expect: 100-continue\r\ncontent-length: {length}\r\n\r\n")
    };
    wire.send(head(GOOD.len())).await;
    assert_eq!(wire.answer().await.unwrap().status, 100);
    wire.send(GOOD).await;
    assert_eq!(wire.answer().await.unwrap().status, 201);
    wire.send(head(2 << 20)).await;
    assert_eq!(wire.answer().await.unwrap().status, 413);
}

#[tokio::test]
async fn a_broken_chunk_is_a_problem() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    wire.send(format!("POST {PATH} HTTP/1.1\r\nhost: t\r\n{}transfer-encoding: chunked\r\n\r\nzz\r\n", post_headers()))
        .await;
    assert_eq!(wire.answer().await.unwrap().problem(), "body-interrupted");
    assert!(wire.is_closed().await);
}
