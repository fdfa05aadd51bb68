//! A running installation, and the people who work with it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nameplate::catalogue::shipped_catalogue;
use nameplate::http::Site;
use nameplate::http::api::site;
use nameplate::http::pages::{PageRow, SiteSettings};
use nameplate::http::server::{Drained, ServerLimits, serve};
use nameplate::service::print::NewPrinter;
use nameplate::service::tokens::NewToken;
use nameplate::service::{Caller, Clock, Nameplate, Settings};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::request;
use crate::http::PATIENCE;
use crate::http::wire::{Answer, Wire};

/// An installation in a folder of its own, served over HTTP.
pub struct House {
    pub folder: TempDir,
    pub nameplate: Arc<Nameplate>,
    clock: Clock,
    pub address: SocketAddr,
    pub pages: Vec<PageRow>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Drained>,
}

impl House {
    /// A new installation with the shipped catalogue.
    pub async fn new() -> Self {
        Self::with(SiteSettings::default()).await
    }

    /// A new installation that shows itself in its own way.
    pub async fn with(settings: SiteSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (nameplate, clock) = open(folder.path()).await;
        nameplate.import_catalogue(&Caller::command_line(), &shipped_catalogue()).await.unwrap();
        Self::serve(folder, nameplate, clock, settings).await
    }

    async fn serve(folder: TempDir, nameplate: Nameplate, clock: Clock, settings: SiteSettings) -> Self {
        let nameplate = Arc::new(nameplate);
        let limits = ServerLimits::default();
        let Site { router, pages, .. } = site(Arc::clone(&nameplate), &limits, settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        Self { folder, nameplate, clock, address, pages, stop, running }
    }

    /// Stops server and database, does something to the folder, and starts both again.
    pub async fn reopened(self, between: impl FnOnce(&Path)) -> Self {
        let Self { folder, nameplate, stop, running, .. } = self;
        stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, running).await.expect("the server ends").unwrap();
        nameplate.close().await;
        assert!(Arc::into_inner(nameplate).is_some(), "nobody else holds the installation");
        between(folder.path());
        let (nameplate, clock) = open(folder.path()).await;
        Self::serve(folder, nameplate, clock, SiteSettings::default()).await
    }

    /// Lets time pass, and the print desk notice it.
    pub async fn wait(&self, seconds: i64) {
        let Clock::Fixed(now) = &self.clock else { panic!("the clock of tests stands still") };
        now.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
        self.nameplate.tend_printing().await.unwrap();
    }

    /// Approves the Borealis monocular's own label for 203 dpi.
    pub async fn approve(&self) {
        let approval =
            serde_json::json!({"sku": "NT-M2-BOR", "dpi": 203, "approver": "A. Lindqvist", "note": "proof 7"});
        let approval = serde_json::from_value(approval).unwrap();
        self.nameplate.approve(&Caller::command_line(), &approval).await.unwrap();
    }

    /// Registers a printer for labels of 60 x 40 mm, with other settings if there are any; answers whoever has its token.
    pub async fn a_printer(&self, name: &str, settings: Value) -> Actor {
        let mut all =
            serde_json::json!({"driver": "raw", "dpi": 203, "media_width_um": 60_000, "media_height_um": 40_000});
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let new = NewPrinter { printer: name.to_owned(), settings: serde_json::from_value(all).unwrap() };
        let registered = self.nameplate.register_printer(&Caller::command_line(), &new).await.unwrap();
        self.bearer(&registered.token.token).await
    }

    /// A block of Borealis monoculars and the job that prints all of it; answers the job.
    pub async fn a_job(&self, printer: &str, count: u64) -> Value {
        let block = self.someone("station").await.reserve(count).await;
        let job = serde_json::json!({"printer": printer, "block": block["block"]});
        let answer = self.someone("planner").await.post("/api/v1/print-jobs", &job).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// How many labels of a job are queued, leased, handed over, confirmed, unconfirmed, scrapped, cancelled.
    pub async fn counts(&self, job: &Value) -> [u64; 7] {
        let path = format!("/api/v1/print-jobs/{}", job["job"].as_str().unwrap());
        let counts = self.someone("planner").await.read(&path).await["counts"].clone();
        ["queued", "leased", "handed_over", "confirmed", "unconfirmed", "scrapped", "canceled"]
            .map(|name| counts[name].as_u64().unwrap())
    }

    /// Somebody with these scopes.
    pub async fn someone(&self, scopes: &str) -> Actor {
        self.bound(scopes, None, None).await
    }

    /// Somebody whose token is bound to a brand, to a station, or to both.
    pub async fn bound(&self, scopes: &str, brand: Option<&str>, station: Option<&str>) -> Actor {
        let printer = if scopes.contains("printer") { Some(self.printer().await) } else { None };
        let new = NewToken {
            name: format!("{scopes} of the tests"),
            scopes: scopes.to_owned(),
            brand: brand.map(str::to_owned),
            station: station.map(str::to_owned),
            printer,
            expires_at: None,
        };
        let issued = self.nameplate.issue_token(&Caller::command_line(), &new).await.unwrap();
        self.bearer(&issued.token).await
    }

    /// A printer that is there for tokens to be bound to.
    async fn printer(&self) -> String {
        let name = "printer-of-the-tests".to_owned();
        let settings = r#"{"driver":"raw","dpi":203,"media_width_um":60000,"media_height_um":40000}"#;
        let new = NewPrinter { printer: name.clone(), settings: serde_json::from_str(settings).unwrap() };
        // The second one to ask finds it there.
        let _ = self.nameplate.register_printer(&Caller::command_line(), &new).await;
        name
    }

    /// Whoever holds this token.
    pub async fn bearer(&self, token: &str) -> Actor {
        Actor { wire: Wire::connect(self.address).await, token: token.to_owned() }
    }

    /// Somebody without a token.
    pub async fn stranger(&self) -> Wire {
        Wire::connect(self.address).await
    }
}

async fn open(folder: &Path) -> (Nameplate, Clock) {
    let noon: jiff::Timestamp = "2025-07-10T12:00:00Z".parse().unwrap();
    let settings = Settings::in_folder(folder).creating();
    let clock = Clock::fixed(noon.as_microsecond());
    (Nameplate::open(&settings, clock.clone()).await.unwrap(), clock)
}

/// Somebody with a token and a connection.
pub struct Actor {
    pub wire: Wire,
    token: String,
}

impl Actor {
    /// The whole token.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "", "").await
    }

    /// Gets what must be there.
    pub async fn read(&mut self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Posts JSON with a fresh key.
    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        // Counted over all tests: two connections with one token must not share keys.
        static REQUESTS: AtomicU32 = AtomicU32::new(1);
        let key = format!("request-{}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        self.post_with(&key, path, body).await
    }

    /// Posts JSON with this key.
    pub async fn post_with(&mut self, key: &str, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &format!("{JSON}idempotency-key: {key}\r\n"), &body.to_string()).await
    }

    /// Sends a request as it is, with the token.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let headers = format!("authorization: Bearer {}\r\n{headers}", self.token);
        self.wire.ask(method, path, &headers, body).await
    }

    /// Sends a request without waiting for its answer.
    pub async fn send_post(&mut self, key: &str, path: &str, body: &Value) {
        let (token, body) = (&self.token, body.to_string());
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {token}\r\n{JSON}");
        self.wire.send(format!("{head}idempotency-key: {key}\r\ncontent-length: {length}\r\n\r\n{body}")).await;
    }

    /// Reserves a block at the station fi-1, which must work.
    pub async fn reserve(&mut self, count: u64) -> Value {
        let answer = self.post("/api/v1/blocks", &request(count)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Reports a fate for serials of a block, which must work.
    pub async fn report(&mut self, block: &Value, fate: &str, serials: Value) -> Value {
        let report = serde_json::json!({"fate": fate, "serials": serials, "reason": "the tests say so"});
        let answer = self.post(&reports(block), &report).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// The header of a JSON body.
pub const JSON: &str = "content-type: application/json\r\n";

/// The address of a block's record.
pub fn record(block: &Value) -> String {
    format!("/api/v1/blocks/{}", block["block"].as_str().unwrap())
}

/// Where a block's reports go.
pub fn reports(block: &Value) -> String {
    format!("{}/reports", record(block))
}
