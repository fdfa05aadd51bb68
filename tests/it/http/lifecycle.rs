//! Connections as a whole: how many, and how they end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use super::{PATIENCE, Server};

#[tokio::test]
async fn connections_in_excess_of_an_address_are_refused_at_once() {
    let server = Server::with(|limits| limits.connections_per_address = 2).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(first.get("/healthz").await.status, 200);
    assert_eq!(second.get("/healthz").await.status, 200);
    let mut third = server.connect().await;
    let answer = third.answer().await.expect("a refusal without having asked");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["type"], "/problems/overloaded");
    assert!(third.is_closed().await);
    drop(first);
    // The place is free once the server has noticed.
    let again = async {
        loop {
            let mut wire = server.connect().await;
            wire.send("GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n").await;
            if wire.answer().await.is_some_and(|answer| answer.status == 200) {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("a place becomes free");
}

#[tokio::test]
async fn connections_in_excess_of_all_are_refused_at_once() {
    let server = Server::with(|limits| limits.connections = 1).await;
    let mut first = server.connect().await;
    assert_eq!(first.get("/healthz").await.status, 200);
    assert_eq!(server.connect().await.answer().await.unwrap().status, 503);
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_closes_what_is_idle() {
    let mut server = Server::start().await;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    assert_eq!(idle.get("/healthz").await.status, 200);
    busy.send("GET /api/v1/waits HTTP/1.1\r\nhost: t\r\n\r\n").await;
    // The answer to a later request proves that the earlier one is under way.
    assert_eq!(idle.get("/healthz").await.status, 200);
    server.tell_to_stop();
    assert!(idle.is_closed().await);
    assert_eq!(busy.answer().await.expect("the request is finished").text(), "done");
    assert!(busy.is_closed().await);
    assert_eq!(server.ended().await.cut, 0);
}

#[tokio::test]
async fn stopping_has_an_end_also_with_a_request_that_has_none() {
    let mut server = Server::with(|limits| limits.drain = Duration::from_millis(100)).await;
    let (mut hanging, mut other) = (server.connect().await, server.connect().await);
    hanging.send("GET /api/v1/hangs HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert_eq!(other.get("/healthz").await.status, 200);
    server.tell_to_stop();
    assert!(hanging.is_closed().await);
    assert_eq!(server.ended().await.cut, 1);
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    wire.send(format!("GET / HTTP/1.1\r\nhost: t\r\nx: {}\r\n\r\n", "y".repeat(100_000))).await;
    assert_eq!(wire.answer().await.unwrap().status, 431);
    assert!(wire.is_closed().await);
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = Server::start().await;
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let mut wire = server.connect().await;
        wire.send(bytes).await;
        let answer = wire.answer().await;
        assert!(answer.is_none_or(|answer| (400..506).contains(&answer.status)), "{bytes:?}");
        assert!(wire.is_closed().await, "{bytes:?}");
    }
}

/// Runs [`a_server_out_of_file_descriptors`] in a process of its own that may open few files.
#[test]
#[cfg(unix)]
fn running_out_of_file_descriptors_is_survived() {
    let run = "ulimit -n 48 && exec \"$0\" --exact http::lifecycle::a_server_out_of_file_descriptors --ignored";
    let output = Command::new("sh").arg("-c").arg(run).arg(std::env::current_exe().unwrap()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs in a process of its own: see running_out_of_file_descriptors_is_survived"]
async fn a_server_out_of_file_descriptors() {
    let server = Server::start().await;
    let address = server.address;
    let mut open = Vec::new();
    // Both ends are in this process, so it soon can neither connect nor accept.
    let error = loop {
        match TcpStream::connect(address) {
            Ok(stream) => open.push(stream),
            Err(error) => break error,
        }
        assert!(open.len() < 1_000, "no limit on file descriptors");
    };
    assert_eq!(error.raw_os_error(), Some(24), "EMFILE: {error}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    open.truncate(2);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
