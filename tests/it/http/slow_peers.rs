//! Peers that say nothing, half of it, or one byte at a time, and peers that do not listen.

use std::time::Duration;

use super::wire::post_headers;
use super::{PATIENCE, Server};

const SHORT: Duration = Duration::from_millis(200);

/// Pause between single bytes: shorter than any limit, so that only a limit on the whole can end it.
const DRIP: Duration = Duration::from_millis(20);

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = Server::with(|limits| limits.header = SHORT).await;
    assert!(server.connect().await.is_closed().await);
}

#[tokio::test]
async fn half_a_header_is_closed() {
    let server = Server::with(|limits| limits.header = SHORT).await;
    let mut wire = server.connect().await;
    wire.send("GET / HTTP/1.1\r\nhost: t\r\n").await;
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn a_dripping_header_is_closed() {
    let server = Server::with(|limits| limits.header = SHORT).await;
    let mut wire = server.connect().await;
    wire.send("GET / HTTP/1.1\r\nhost: t\r\nx: ").await;
    let drip = async {
        while wire.send("y").await {
            tokio::time::sleep(DRIP).await;
        }
    };
    tokio::time::timeout(PATIENCE, drip).await.expect("the server closes");
}

#[tokio::test]
async fn the_header_of_a_second_request_is_limited_too() {
    let server = Server::with(|limits| limits.header = SHORT).await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/healthz").await.status, 200);
    wire.send("GET / HTTP/1.1\r\nhost: t\r\nx: ").await;
    let drip = async {
        while wire.send("y").await {
            tokio::time::sleep(DRIP).await;
        }
    };
    tokio::time::timeout(PATIENCE, drip).await.expect("the server closes");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_used_one_outlives_the_header_limit() {
    let server = Server::with(|limits| {
        limits.header = SHORT;
        limits.keep_alive_idle = SHORT * 5;
    })
    .await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/healthz").await.status, 200);
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(wire.get("/healthz").await.status, 200, "idle for longer than a header may take");
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn a_body_that_stops_is_a_problem_and_ends_the_connection() {
    let server = Server::with(|limits| limits.body_idle = SHORT).await;
    let mut wire = server.connect().await;
    wire.send(format!("POST /api/v1/parcels HTTP/1.1\r\nhost: t\r\n{}content-length: 99\r\n\r\n{{", post_headers()))
        .await;
    let answer = wire.answer().await.unwrap();
    assert_eq!((answer.status, answer.problem().as_str()), (408, "body-timeout"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn a_dripping_body_is_ended_by_the_limit_on_the_whole() {
    let server = Server::with(|limits| limits.body_total = SHORT).await;
    let mut wire = server.connect().await;
    wire.send(format!("POST /api/v1/parcels HTTP/1.1\r\nhost: t\r\n{}content-length: 999999\r\n\r\n", post_headers()))
        .await;
    let drip = async {
        loop {
            tokio::select! {
                answer = wire.answer() => return answer.unwrap(),
                () = tokio::time::sleep(DRIP) => {}
            }
            wire.send(" ").await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, drip).await.expect("the server answers");
    assert_eq!(answer.problem(), "body-timeout");
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_given_up() {
    let mut server = Server::with(|limits| limits.write_idle = SHORT).await;
    let mut wire = server.connect().await;
    wire.send("GET /api/v1/endless HTTP/1.1\r\nhost: t\r\n\r\n").await;
    let given_up = tokio::time::timeout(PATIENCE, server.abandoned.recv()).await;
    assert_eq!(given_up, Ok(Some(())));
}

#[tokio::test]
async fn a_peer_that_reads_a_little_at_a_time_is_given_up() {
    let mut server = Server::with(|limits| limits.write_idle = SHORT).await;
    let mut wire = server.connect().await;
    wire.send("GET /api/v1/endless HTTP/1.1\r\nhost: t\r\n\r\n").await;
    let mut byte = [0; 16];
    let drip = async {
        loop {
            tokio::select! {
                given_up = server.abandoned.recv() => return given_up,
                () = tokio::time::sleep(DRIP) => {}
            }
            let _ = tokio::io::AsyncReadExt::read(&mut wire.stream, &mut byte).await;
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, drip).await, Ok(Some(())));
}
