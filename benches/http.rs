//! What the HTTP layer costs by itself: operations that do nothing, over loopback, with 64 connections and the clients
//! on the same processors. The same operation on a bare hyper and router gives the ratio.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench prints, and stops at the first surprise")]

mod support {
    pub mod histogram;
    pub mod load;
}

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use nameplate::http::assemble;
use nameplate::http::auth::{TokenLookup, TokenRecord, TokenState};
use nameplate::http::extract::{IdempotencyKey, Json};
use nameplate::http::health::Findings;
use nameplate::http::server::{ServerLimits, serve};
use nameplate::service::token::{ApiToken, Principal, Scope};
use serde::{Deserialize, Serialize};
use support::load;
use tokio::net::TcpListener;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const CONNECTIONS: usize = 64;
const DURATION: Duration = Duration::from_secs(4);

/// Answers at once.
#[utoipa::path(get, path = "/api/v1/hello", security(()), responses((status = 200)))]
async fn hello() -> &'static str {
    "hello"
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    sku: String,
    count: u32,
}

/// Does all that a reservation does but reserve.
#[utoipa::path(post, path = "/api/v1/echo", security(("token" = ["station"])), request_body = Wanted, responses((status = 200)))]
async fn echo(_: Principal, _: IdempotencyKey, Json(wanted): Json<Wanted>) -> Json<Wanted> {
    Json(wanted)
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let token = ApiToken::from_random([7; 39]);
    let get = b"GET /api/v1/hello HTTP/1.1\r\nhost: t\r\n\r\n".to_vec();
    let plain = Router::new().route("/api/v1/hello", axum::routing::get(hello));
    let plain = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(bare(listener, plain));
        address
    });
    let own = runtime.block_on(start(&token));
    let post = |connection: usize, number: u64| {
        let body = r#"{"sku": "TC-2", "count": 5}"#;
        let (length, token) = (body.len(), token.reveal());
        format!(
            "POST /api/v1/echo HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             idempotency-key: {connection}-{number}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    };
    for round in 1..=2 {
        println!("round {round}, {CONNECTIONS} connections");
        print("hello, bare hyper and router", &load::run(plain, CONNECTIONS, DURATION, b"200", |_, _| get.clone()));
        print("hello, whole layer", &load::run(own, CONNECTIONS, DURATION, b"200", |_, _| get.clone()));
        print("token, key and JSON, whole layer", &load::run(own, CONNECTIONS, DURATION, b"200", post));
    }
}

fn print(name: &str, figures: &load::Figures) {
    println!(
        "  {name:34} {:>7.0}/s  p50 {:>5} us  p99 {:>6} us  p99.9 {:>6} us  failures {}",
        figures.per_second(),
        figures.latencies.quantile(500).as_micros(),
        figures.latencies.quantile(990).as_micros(),
        figures.latencies.quantile(999).as_micros(),
        figures.failures,
    );
}

/// Starts the whole layer; `token` opens it.
async fn start(token: &ApiToken) -> SocketAddr {
    let scopes = [Scope::Station].into_iter().collect();
    let principal =
        Principal { token_id: token.id(), name: "bench".into(), scopes, brand: None, station: None, printer: None };
    let record = TokenRecord { hash: token.hash(), state: TokenState::Live, principal };
    let lookup: TokenLookup = Arc::new(move |_| {
        let record = record.clone();
        Box::pin(async move { Ok(Some(record)) })
    });
    let api = OpenApiRouter::new().routes(routes!(hello)).routes(routes!(echo));
    let limits = ServerLimits::default();
    let site = assemble(api, &[], lookup, Arc::new(|| Box::pin(async { Findings::default() })), None, &limits)
        .expect("a sound site");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, site.router, limits, std::future::pending()));
    address
}

/// What `axum::serve` amounts to without its extras: the same protocol code, no limits.
async fn bare(listener: TcpListener, router: Router) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.set_nodelay(true);
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        let io = hyper_util::rt::TokioIo::new(stream);
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
    }
}
