//! A fleet of printers that poll a server of its own process, some of them idle, some printing.

use nameplate::catalogue::shipped_catalogue;
use nameplate::service::print::{NewApproval, NewJob, NewPrinter};
use nameplate::service::{Caller, Clock, Nameplate, ReserveBlock, Settings};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::histogram::Histogram;

const FLEET: usize = 1_000;
const BUSY: usize = 50;
const LABELS: i64 = 5_000;
/// How often a printer polls that does not wait for an answer.
const EVERY: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(20);

/// The server's processor time and the latency of polls: idle, waiting, and while others print.
pub fn idle() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("temporary folder");
    let tokens = Arc::new(runtime.block_on(prepare(folder.path())));
    let (server, address) = serve(folder.path());
    for (name, wait_s, busy) in [
        ("1,000 idle printers, a poll every 5 s", 0, 0),
        ("1,000 idle printers that wait 20 s", 20, 0),
        ("950 polling every 5 s, 50 printing", 0, BUSY),
    ] {
        let cpu = cpu_s(server.0.id());
        let started = Instant::now();
        let (polls, labels) = runtime.block_on(fleet(address, Arc::clone(&tokens), wait_s, busy));
        let share = (cpu_s(server.0.id()) - cpu) / started.elapsed().as_secs_f64() * 100.0;
        let (p50, p99) = (polls.quantile(500).as_secs_f64() * 1e3, polls.quantile(990).as_secs_f64() * 1e3);
        println!(
            "{name:<40} server {share:>6.1} % of a core   {:>6} polls p50 {p50:>6.2} ms p99 {p99:>6.2} ms   {:>6.0} labels/s",
            polls.count(),
            labels as f64 / started.elapsed().as_secs_f64()
        );
    }
}

async fn prepare(folder: &Path) -> Vec<(String, String)> {
    let caller = Caller::command_line();
    let node = Nameplate::open(&Settings::in_folder(folder).creating(), Clock::System).await.expect("opens");
    node.import_catalogue(&caller, &shipped_catalogue()).await.expect("imports");
    let approval: NewApproval = serde_json::from_str(r#"{"sku":"NT-M2-BOR","approver":"bench"}"#).expect("approval");
    node.approve(&caller, &approval).await.expect("approves");
    // The busy ones come first, and are no part of the idle fleet.
    let mut tokens = Vec::with_capacity(BUSY + FLEET);
    for number in 0..BUSY + FLEET {
        let name = format!("p-{number}");
        let new = NewPrinter { printer: name.clone(), settings: crate::settings() };
        tokens.push((name, node.register_printer(&caller, &new).await.expect("registers").token.token));
    }
    for number in 0..BUSY {
        let name = format!("p-{number}");
        let request = ReserveBlock::parse("NT-M2-BOR", "2025-W14-M2", LABELS, &name, None).expect("parses");
        let reserved = node.reserve_block(&caller, &name, request).await.expect("reserves");
        let (block, _) = node.serials_of_answer(&reserved.answer).await.expect("a block");
        let job = NewJob { hold: false, ..NewJob::of_whole_block(&name, &block, None) };
        node.print(&caller, &name, &job).await.expect("queues");
    }
    node.close().await;
    tokens
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &Path) -> (Server, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nameplate"))
        .args(["serve", "--listen", "127.0.0.1:0", "--connections-per-address", "4096", "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .env("RUST_LOG", "error")
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split("http://").nth(1)?.split(['/', ' ']).next()?.parse().ok())
        .expect("an address");
    std::thread::spawn(move || lines.for_each(drop));
    (Server(child), address)
}

/// Seconds of processor time of a process so far (proc(5): utime and stime, in ticks of 10 ms).
fn cpu_s(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

async fn fleet(address: SocketAddr, tokens: Arc<Vec<(String, String)>>, wait_s: u32, busy: usize) -> (Histogram, u64) {
    let until = Instant::now() + ROUND;
    let mut printers = JoinSet::new();
    for number in BUSY - busy..BUSY + FLEET - busy {
        let tokens = Arc::clone(&tokens);
        printers.spawn(async move {
            let (name, token) = &tokens[number];
            // Spread over the interval, as clocks in a factory are.
            tokio::time::sleep(EVERY * u32::try_from(number).unwrap_or(0) / u32::try_from(FLEET).unwrap_or(1)).await;
            let mut wire = Wire::connect(address, token).await;
            if number < BUSY { wire.print(name, until).await } else { wire.poll(name, wait_s, until).await }
        });
    }
    let (mut polls, mut labels) = (Histogram::new(), 0);
    for (own, printed) in printers.join_all().await {
        polls.merge(&own);
        labels += printed;
    }
    (polls, labels)
}

struct Wire {
    stream: TcpStream,
    token: String,
}

impl Wire {
    async fn connect(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, token: token.to_owned() }
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.expect("sends");
        let (mut buffer, mut part) = (Vec::new(), vec![0; 16 << 10]);
        loop {
            let count = self.stream.read(&mut part).await.expect("reads");
            assert!(count > 0, "the server went away");
            buffer.extend_from_slice(&part[..count]);
            let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length: usize = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
                .unwrap_or(0);
            if buffer.len() >= end + length {
                return (head[9..12].parse().unwrap_or(0), buffer.split_off(end));
            }
        }
    }

    async fn poll(&mut self, name: &str, wait_s: u32, until: Instant) -> (Histogram, u64) {
        let mut polls = Histogram::new();
        let body = format!(r#"{{"max_labels":10,"wait_s":{wait_s}}}"#);
        while Instant::now() < until {
            let asked = Instant::now();
            let (status, _) = self.ask("POST", &format!("/api/v1/printers/{name}/leases"), &body).await;
            assert!(matches!(status, 200 | 204), "{status}");
            // Of a poll that waits only what is beyond the wait counts.
            polls.add(asked.elapsed().saturating_sub(Duration::from_secs(wait_s.into())));
            if wait_s == 0 {
                tokio::time::sleep(EVERY).await;
            }
        }
        (polls, 0)
    }

    async fn print(&mut self, name: &str, until: Instant) -> (Histogram, u64) {
        let mut labels = 0;
        while Instant::now() < until {
            let path = format!("/api/v1/printers/{name}/leases");
            let (status, body) = self.ask("POST", &path, r#"{"max_labels":10,"wait_s":0}"#).await;
            if status != 200 {
                break;
            }
            let lease: serde_json::Value = serde_json::from_slice(&body).expect("a lease");
            let (name, count) = (lease["lease"].as_str().expect("a name"), lease["labels"].as_u64().expect("a count"));
            let (status, _) = self.ask("GET", &format!("/api/v1/leases/{name}/labels"), "").await;
            assert_eq!(status, 200);
            let results =
                format!(r#"{{"results":[{{"first":1,"last":{count},"outcome":"printed","evidence":"counter"}}]}}"#);
            let (status, _) = self.ask("POST", &format!("/api/v1/leases/{name}/results"), &results).await;
            assert_eq!(status, 200);
            labels += count;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        (Histogram::new(), labels)
    }
}
