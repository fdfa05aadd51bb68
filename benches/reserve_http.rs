//! Reservations over HTTP: 64 stations on one SQLite, `synchronous=FULL`, clients on the same processors. The baseline
//! in the same run is the same server with a commit of its own for each reservation.
//!
//! `cargo bench --bench reserve_http`

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench prints, and stops at the first surprise")]

mod support {
    pub mod histogram;
    pub mod load;
}

use nameplate::catalogue::shipped_catalogue;
use nameplate::http::api::site;
use nameplate::http::pages::SiteSettings;
use nameplate::http::server::{ServerLimits, serve};
use nameplate::service::{Caller, Clock, Nameplate, Settings};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use support::load;
use tokio::net::TcpListener;

const CONNECTIONS: usize = 64;
const DURATION: Duration = Duration::from_secs(5);

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let mut rates = Vec::new();
    for grouped in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (address, token) = runtime.block_on(start(folder.path(), grouped));
        let figures = load::run(address, CONNECTIONS, DURATION, b"201", |connection, number| {
            let body = format!(
                r#"{{"sku":"NT-M2-BOR","batch":"2025-W14-M2","count":10,"station":"fi-{connection}","order":"PO-{number}"}}"#
            );
            format!(
                "POST /api/v1/blocks HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\nidempotency-key: {connection}-{number}\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        });
        println!(
            "{:<34} {:>7.0} /s   p50 {:>6.2} ms   p99 {:>6.2} ms   failures {}",
            if grouped { "group commit" } else { "one commit each" },
            figures.per_second(),
            figures.latencies.quantile(500).as_secs_f64() * 1e3,
            figures.latencies.quantile(990).as_secs_f64() * 1e3,
            figures.failures,
        );
        rates.push(figures.per_second());
    }
    println!("{:<34} {:>7.1} x", "  group commit is worth", rates[1] / rates[0]);
}

async fn start(folder: &Path, grouped: bool) -> (SocketAddr, String) {
    let mut settings = Settings::in_folder(folder).creating();
    settings.grouped = grouped;
    let nameplate = Arc::new(Nameplate::open(&settings, Clock::System).await.expect("opens"));
    nameplate.import_catalogue(&Caller::command_line(), &shipped_catalogue()).await.expect("imports");
    let token = nameplate.first_token().await.expect("makes a token").expect("the first one").token;
    // All stations of the bench share one address.
    let limits = ServerLimits { connections_per_address: 2 * CONNECTIONS, ..ServerLimits::default() };
    let site = site(nameplate, &limits, SiteSettings::default()).expect("a sound site");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, site.router, limits, std::future::pending()));
    (address, token)
}
