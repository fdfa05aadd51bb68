//! What every answer carries, and the answers to requests that lead nowhere.

use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use nameplate::service::token::Scope;

use super::wire::{bearer, post_headers};
use super::{Server, token};

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    for path in ["/nope", "/api/v1/nope", "/problems/nope", "/assets/../Cargo.toml", "/assets/%2e%2e%2fCargo.toml"] {
        let answer = wire.get(path).await;
        assert_eq!((answer.status, answer.problem().as_str()), (404, "not-found"), "{path}");
    }
    for (method, path, allowed) in [
        ("POST", "/healthz", "GET,HEAD"),
        ("DELETE", "/api/v1/parcels", "GET,POST,HEAD"),
        ("OPTIONS", "/api/v1/panics", "GET,HEAD"),
    ] {
        let answer = wire.ask(method, path, "", "").await;
        assert_eq!((answer.status, answer.problem().as_str()), (405, "method-not-allowed"), "{method} {path}");
        let mut given: Vec<_> = answer.header("allow").unwrap().split(',').collect();
        let mut wanted: Vec<_> = allowed.split(',').collect();
        given.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(given, wanted, "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    for path in ["/docs", "/healthz", "/nope", "/api/v1/parcels", "/api/v1/panics"] {
        let get = wire.get(path).await;
        let head = wire.ask("HEAD", path, "", "").await;
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert_eq!(head.header("content-length").is_some(), !get.body.is_empty(), "{path}");
    }
    assert_eq!(wire.get("/healthz").await.status, 200, "nothing of a body was left on the connection");
}

#[tokio::test]
async fn a_panicking_handler_is_a_problem_and_the_connection_goes_on() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let answer = wire.get("/api/v1/panics").await;
    assert_eq!((answer.status, answer.problem().as_str()), (500, "internal"));
    assert!(!answer.text().contains("secret"), "{}", answer.text());
    assert_eq!(wire.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_handler_that_hangs_is_a_problem() {
    let server = Server::with(|limits| limits.handler = Duration::from_millis(100)).await;
    let answer = server.connect().await.get("/api/v1/hangs").await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "handler-timeout"));
}

#[tokio::test]
async fn a_well_formed_request_id_is_echoed_and_any_other_replaced() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let answer = wire.ask("GET", "/nope", "x-request-id: scan-0042\r\n", "").await;
    assert_eq!(answer.header("x-request-id"), Some("scan-0042"));
    assert_eq!(answer.json()["instance"], "scan-0042");
    let answer = wire.ask("GET", "/nope", "x-request-id: a b<script>\r\n", "").await;
    assert!(answer.header("x-request-id").unwrap().bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(answer.problem(), "not-found");
}

#[tokio::test]
async fn security_headers_are_on_pages_data_and_problems() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    for path in ["/problems", "/docs", "/healthz", "/openapi.json", "/nope", "/api/v1/panics"] {
        let answer = wire.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        let is_page = path == "/problems" || path == "/docs";
        assert_eq!(policy.contains("style-src"), is_page, "{path}");
        assert!(!policy.contains("unsafe") && policy.contains("script-src") == policy.contains("style-src"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let referrer = if is_page { "same-origin" } else { "no-referrer" };
        assert_eq!(answer.header("referrer-policy"), Some(referrer), "{path}");
        // What is the same for everybody may be kept, and is asked for again.
        let kept = if path == "/docs" || path == "/openapi.json" { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
    }
    assert_eq!(wire.get("/assets/site.css").await.header("cache-control"), Some("no-cache"));
}

#[tokio::test]
async fn a_browser_sees_problems_as_pages_but_the_api_stays_json() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let browser = "accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
    let page = wire.ask("GET", "/nope", browser, "").await;
    assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(page.text().contains(page.header("x-request-id").unwrap()), "{}", page.text());
    assert_eq!(wire.ask("GET", "/api/v1/nope", browser, "").await.problem(), "not-found");
}

#[tokio::test]
async fn nul_and_broken_utf_8_in_the_address_are_problems() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    for path in ["/api/v1/named/a%00b", "/api/v1/named/%ff", "/healthz?q=%00"] {
        let answer = wire.get(path).await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-uri"), "{path}");
    }
    assert_eq!(wire.get("/api/v1/named/%C3%A4%2Fb").await.text(), "ä/b");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/parcels?limit=99".to_owned());
    loop {
        let page = wire.ask("GET", &path, &bearer(Scope::Support), "").await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/parcels?limit=99&after={next}");
    }
    assert_eq!(seen, (1..=250).collect::<Vec<_>>());
    for (query, slug) in [
        ("limit=0", "invalid-query"),
        ("limit=1001", "invalid-query"),
        ("limit=x", "invalid-query"),
        ("limit=1&limit=2", "invalid-query"),
        ("page=2", "invalid-query"),
        ("after=abc", "invalid-cursor"),
    ] {
        let answer = wire.ask("GET", &format!("/api/v1/parcels?{query}"), &bearer(Scope::Support), "").await;
        assert_eq!((answer.status, answer.problem().as_str()), (400, slug), "{query}");
    }
}

#[tokio::test]
async fn an_edit_needs_the_state_that_was_seen() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let planner = bearer(Scope::Planner);
    let answer = wire.ask("PUT", "/api/v1/parcels/5", &planner, "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (428, "precondition-required"));
    let answer = wire.ask("PUT", "/api/v1/parcels/5", &format!("{planner}if-match: \"v6\"\r\n"), "").await;
    assert_eq!((answer.status, answer.json()["current"].as_str()), (412, Some("\"v7\"")));
    let answer = wire.ask("PUT", "/api/v1/parcels/5", &format!("{planner}if-match: \"v7\"\r\n"), "").await;
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"v8\"")));
    let answer = wire.ask("PUT", "/api/v1/parcels/five", &format!("{planner}if-match: *\r\n"), "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-path"));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n");
    wire.send(format!("{}{}{}", get("/api/v1/waits"), get("/api/v1/named/two"), get("/nope"))).await;
    assert_eq!(wire.answer().await.unwrap().text(), "done");
    assert_eq!(wire.answer().await.unwrap().text(), "two");
    assert_eq!(wire.answer().await.unwrap().problem(), "not-found");
}

thread_local! {
    /// What this thread has logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The log's writer: what a subscriber would put on disk.
struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// In a process of its own: whether a place in the code is logged at all is remembered for all threads, and other tests
/// pass these places at the same time.
#[test]
fn the_log_has_route_status_and_request_id_but_neither_query_nor_token() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "http::answers::what_a_server_logs", "--ignored"])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
}

#[tokio::test]
#[ignore = "runs in a process of its own: see the_log_has_route_status_and_request_id_but_neither_query_nor_token"]
async fn what_a_server_logs() {
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| Log).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    // The runtime of this test has one thread, so the server's tasks log here as well.
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let headers = format!("{}x-request-id: canary-id\r\n", bearer(Scope::Support));
    wire.ask("GET", "/api/v1/parcels?after=canaryquery", &headers, "").await;
    wire.ask("GET", "/api/v1/panics", &post_headers(), "").await;
    wire.ask("GET", "/canarypath?canaryquery", &bearer(Scope::Support).to_lowercase(), "").await;
    let text = String::from_utf8(LOG.take()).unwrap();
    let line = text.lines().find(|line| line.contains("nameplate::access") && line.contains("canary-id")).unwrap();
    assert!(line.contains("path=\"/api/v1/parcels\"") && line.contains("status=400"), "{line}");
    assert!(line.contains("method=GET") && line.contains("duration_us="), "{line}");
    assert!(text.contains("a handler panicked: the secret reason"), "{text}");
    let own = || text.lines().filter(|line| line.contains("nameplate"));
    assert!(!own().any(|line| line.contains("canaryquery") || line.contains("canarypath")), "{text}");
    for scope in [Scope::Support, Scope::Planner] {
        let secret = &token(scope).reveal()[15..];
        assert!(!text.to_uppercase().contains(secret), "the token of {scope} is in the log");
    }
}
