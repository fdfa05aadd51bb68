//! Pages on a large installation: what the server needs for each, and how many bytes go out. The baseline in the same run is
//! the sample installation with its six SKUs.
//!
//! `NAMEPLATE_BLOCKS=1000000 NAMEPLATE_SKUS=10000 cargo bench --bench pages` (a tenth of both without)

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench prints, and stops at the first surprise")]

use nameplate::catalogue::{SourceFile, shipped_catalogue};
use nameplate::http::api::site;
use nameplate::http::pages::SiteSettings;
use nameplate::http::server::{ServerLimits, serve};
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::{NewUser, SecretText};
use nameplate::service::{Caller, Clock, Nameplate, ReserveBlock, Settings};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Callers that reserve at once while the installation is filled.
const CALLERS: usize = 64;
/// SKUs of a batch.
const A_BATCH: usize = 100;
/// How often each page is asked for.
const ASKED: usize = 30;

/// An installation that is served, and somebody who is signed in to it.
struct House {
    address: SocketAddr,
    cookie: String,
    /// Names of things that it has: SKU, batch, block, a serial.
    names: [String; 4],
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let number =
        |name: &str, usual: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (blocks, skus) = (number("NAMEPLATE_BLOCKS", 100_000), number("NAMEPLATE_SKUS", 1_000));
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let small = runtime.block_on(house(folders[0].path(), 24, 0));
    let filled = Instant::now();
    let large = runtime.block_on(house(folders[1].path(), blocks, skus));
    println!(
        "{blocks} blocks, {skus} SKUs: filled in {:.0} s; {ASKED} times each, one at a time",
        filled.elapsed().as_secs_f64()
    );
    println!("{:<34} {:>9} {:>9} {:>9} {:>10} {:>8}", "page", "p50 ms", "p95 ms", "bytes", "sample ms", "times");
    for page in PAGES {
        let [of_small, of_large] = [&small, &large].map(|house| asked(house, page));
        println!(
            "{:<34} {:>9.2} {:>9.2} {:>9} {:>10.2} {:>8.1}",
            page,
            ms(of_large.p50),
            ms(of_large.p95),
            of_large.bytes,
            ms(of_small.p50),
            of_large.p50.as_secs_f64() / of_small.p50.as_secs_f64(),
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Every page that a planner looks at; `{sku}`, `{batch}`, `{block}` and `{serial}` are things that are there.
const PAGES: [&str; 20] = [
    "/",
    "/catalogue",
    "/catalogue?q=camera",
    "/catalogue/{sku}",
    "/rules",
    "/batches",
    "/batches/{batch}",
    "/blocks",
    "/blocks/{block}",
    "/blocks/new",
    "/units/{serial}",
    "/find?q={serial}",
    "/find?q=nonsense",
    "/proofs",
    "/printing",
    "/printing/unconfirmed",
    "/printers",
    "/templates",
    "/users",
    "/audit",
];

struct Asked {
    p50: Duration,
    p95: Duration,
    bytes: usize,
}

/// Asks for a page as often as said, after one time that does not count.
fn asked(house: &House, page: &str) -> Asked {
    let mut path = page.to_owned();
    for (place, name) in ["{sku}", "{batch}", "{block}", "{serial}"].iter().zip(&house.names) {
        path = path.replace(place, &name.replace(' ', "%20").replace('/', "%2F"));
    }
    let mut stream = TcpStream::connect(house.address).expect("connects");
    stream.set_nodelay(true).expect("no delay");
    let request = format!("GET {path} HTTP/1.1\r\nhost: t\r\naccept: text/html\r\ncookie: {}\r\n\r\n", house.cookie);
    let mut bytes = 0;
    let mut took: Vec<Duration> = (0..=ASKED)
        .map(|_| {
            let sent = Instant::now();
            stream.write_all(request.as_bytes()).expect("sends");
            bytes = answer(&mut stream, &path);
            sent.elapsed()
        })
        .skip(1)
        .collect();
    took.sort_unstable();
    Asked { p50: took[took.len() / 2], p95: took[took.len() * 95 / 100], bytes }
}

/// Reads one answer; answers the length of its body.
fn answer(stream: &mut TcpStream, path: &str) -> usize {
    let (mut received, mut part) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let count = stream.read(&mut part).expect("reads");
        assert!(count > 0, "{path}: the server closed");
        received.extend_from_slice(&part[..count]);
        let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else { continue };
        let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
        assert!(head.starts_with("http/1.1 2") || head.starts_with("http/1.1 3"), "{path}: {head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |text| text.trim().parse().expect("a length"));
        while received.len() < end + length {
            let count = stream.read(&mut part).expect("reads");
            assert!(count > 0, "{path}: the server closed");
            received.extend_from_slice(&part[..count]);
        }
        return length;
    }
}

async fn house(folder: &Path, blocks: usize, skus: usize) -> House {
    let settings = Settings::in_folder(folder).creating();
    let nameplate = Arc::new(Nameplate::open(&settings, Clock::System).await.expect("opens"));
    let cli = Caller::command_line();
    nameplate.import_catalogue(&cli, &shipped_catalogue()).await.expect("imports the sample");
    if skus > 0 {
        nameplate.import_catalogue(&cli, &catalogue(skus)).await.expect("imports");
    }
    let names = fill(&nameplate, blocks, skus).await;
    let new = NewUser { email: "a@b.example".into(), roles: "admin".into(), ..NewUser::default() };
    let link = nameplate.invite(&cli, &new).await.expect("invites");
    let secret = SecretText::read(link.path.trim_start_matches("/welcome/")).expect("a secret");
    let answer = LinkAnswer { email: String::new(), name: "Ada".into(), password: "seven quiet lanterns".into() };
    let signed_in = nameplate.use_link(&secret, &answer, "bench").await.expect("opens the account");
    let limits = ServerLimits::default();
    let site = site(nameplate, &limits, SiteSettings::default()).expect("a sound site");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, site.router, limits, std::future::pending()));
    House { address, cookie: format!("session={}", signed_in.secret.reveal()), names }
}

/// A catalogue of so many SKUs of one product, a batch for each hundred.
fn catalogue(skus: usize) -> Vec<SourceFile> {
    let mut table = String::from("code,product,brand,name,gtin,rule,template\n");
    let mut batches = String::from("code,product,skus,manufactured_on,note\n");
    for number in 0..skus {
        let _ = writeln!(table, "B-{number:05},NT-M2,BOR,Bench camera {number},,s12,unit-60x40");
        if number % A_BATCH == 0 {
            let of_batch: Vec<String> = (number..skus.min(number + A_BATCH)).map(|n| format!("B-{n:05}")).collect();
            let _ = writeln!(batches, "BENCH-{},NT-M2,{},2025-04-03,", number / A_BATCH, of_batch.join("|"));
        }
    }
    let file = |name: &str, text: String| SourceFile { name: name.to_owned(), bytes: text.into_bytes() };
    vec![file("skus.csv", table), file("batches.csv", batches)]
}

/// Reserves blocks of ten, evenly over all SKUs; answers names of things that are there.
async fn fill(nameplate: &Arc<Nameplate>, blocks: usize, skus: usize) -> [String; 4] {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS.min(blocks) {
        let nameplate = Arc::clone(nameplate);
        callers.spawn(async move {
            for number in (caller..blocks).step_by(CALLERS) {
                let (sku, batch) = match skus {
                    0 => ("NT-M2-BOR".to_owned(), "2025-W14-M2".to_owned()),
                    _ => (format!("B-{:05}", number % skus), format!("BENCH-{}", number % skus / A_BATCH)),
                };
                let station = format!("fi-{}", number % 997);
                let request = ReserveBlock::parse(&sku, &batch, 10, &station, None).expect("parses");
                let key = format!("b-{number}");
                nameplate.reserve_block(&Caller::command_line(), &key, request).await.expect("reserves");
            }
        });
    }
    callers.join_all().await;
    let (newest, _) = nameplate.blocks(&Caller::command_line(), None, None, None, None, 1).await.expect("lists blocks");
    let block = newest.into_iter().next().expect("a block");
    [block.sku, block.batch, block.block, block.first_serial]
}
