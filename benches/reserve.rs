//! Reservations: what sharing a commit is worth, what a large block costs, and what a look-up costs as records grow.
//!
//! Every figure is a ratio within one run, because durable rates depend on the disk.
//!
//! `cargo bench --bench reserve [-- sqlite|postgres|size|lookup]`; PostgreSQL needs `NAMEPLATE_BENCH_POSTGRES_URL`, an
//! empty database.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

use nameplate::catalogue::shipped_catalogue;
use nameplate::service::{Caller, Clock, Nameplate, ReserveBlock, Settings};
use nameplate::store::Database;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: usize = 64;
const ROUND: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    let which = std::env::args().nth(1).filter(|a| !a.starts_with("--"));
    let wants = |name: &str| which.as_deref().is_none_or(|w| w == name);
    if wants("sqlite") {
        sqlite().await;
    }
    if wants("size") {
        size().await;
    }
    if wants("lookup") {
        lookup().await;
    }
    if wants("postgres") {
        match std::env::var("NAMEPLATE_BENCH_POSTGRES_URL") {
            Ok(url) => postgres(&url).await,
            Err(_) => println!("PostgreSQL: skipped, NAMEPLATE_BENCH_POSTGRES_URL is not set"),
        }
    }
}

async fn open(folder: &Path, database: Option<&str>, grouped: bool) -> Arc<Nameplate> {
    let mut settings = Settings::in_folder(folder).creating();
    if let Some(url) = database {
        settings.database = Database::parse(url);
    }
    settings.grouped = grouped;
    settings.join = database.is_some();
    let node = Nameplate::open(&settings, Clock::System).await.expect("opens");
    node.import_catalogue(&Caller::command_line(), &shipped_catalogue()).await.expect("imports");
    Arc::new(node)
}

fn sku_and_batch(node: &[nameplate::catalogue::Batch]) -> (String, String) {
    (node[0].skus[0].to_string(), node[0].code.to_string())
}

async fn request(node: &Nameplate, target: &(String, String), station: &str, key: &str, count: i64) {
    let request = ReserveBlock::parse(&target.0, &target.1, count, station, None).expect("parses");
    node.reserve_block(&Caller::command_line(), key, request).await.expect("reserves");
}

/// Callers that reserve one after the other for a while. Answers reservations a second and the latencies.
async fn load(nodes: &[Arc<Nameplate>], target: &(String, String), label: &str) -> (f64, Vec<Duration>) {
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (node, target, label) = (Arc::clone(&nodes[caller % nodes.len()]), target.clone(), label.to_owned());
        callers.spawn(async move {
            let (station, mut latencies) = (format!("st-{label}-{caller}"), Vec::new());
            while started.elapsed() < ROUND {
                let asked = Instant::now();
                request(&node, &target, &station, &format!("{label}-{caller}-{}", latencies.len()), 10).await;
                latencies.push(asked.elapsed());
            }
            latencies
        });
    }
    let mut all: Vec<Duration> = callers.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    (all.len() as f64 / started.elapsed().as_secs_f64(), all)
}

fn report(name: &str, rate: f64, latencies: &[Duration]) {
    let at = |percent: usize| latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)].as_secs_f64() * 1e3;
    println!("{name:<44} {rate:>9.0} /s   p50 {:>7.2} ms   p99 {:>7.2} ms", at(50), at(99));
}

async fn sqlite() {
    let mut rates = [0.0; 2];
    for (i, grouped) in [false, true].into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let node = open(folder.path(), None, grouped).await;
        let target = sku_and_batch(node.catalogue().await.expect("reads").batches());
        let (rate, latencies) = load(&[node], &target, "a").await;
        report(
            if grouped { "SQLite, 64 callers, group commit" } else { "SQLite, 64 callers, one commit each" },
            rate,
            &latencies,
        );
        rates[i] = rate;
    }
    println!("{:<44} {:>9.1} x", "  group commit is worth", rates[1] / rates[0]);
}

async fn size() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let node = open(folder.path(), None, true).await;
    let target = sku_and_batch(node.catalogue().await.expect("reads").batches());
    let mut took = [Vec::new(), Vec::new()];
    // In turn, so that both meet the same disk.
    for n in 0..200 {
        for (count, took) in [1, 1_000_000].into_iter().zip(&mut took) {
            let asked = Instant::now();
            request(&node, &target, &format!("size-{count}-{n}"), &format!("{count}-{n}"), count).await;
            took.push(asked.elapsed());
        }
    }
    let medians = took.map(|mut took| {
        took.sort_unstable();
        took[took.len() / 2].as_secs_f64() * 1e3
    });
    for (count, median) in [1, 1_000_000].into_iter().zip(medians) {
        println!("{:<44} {median:>9.3} ms median", format!("a block of {count}"));
    }
    println!("{:<44} {:>9.2} x", "  a million costs", medians[1] / medians[0]);
}

async fn lookup() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let node = open(folder.path(), None, true).await;
    let target = sku_and_batch(node.catalogue().await.expect("reads").batches());
    let mut made = 0_usize;
    let mut medians = Vec::new();
    for blocks in [1_000, 100_000] {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (node, target) = (Arc::clone(&node), target.clone());
            let share = (blocks - made) / CALLERS + 1;
            callers.spawn(async move {
                for n in 0..share {
                    request(&node, &target, &format!("l-{caller}"), &format!("{blocks}-{caller}-{n}"), 10).await;
                }
            });
        }
        callers.join_all().await;
        made = blocks;
        let (newest, _) = node.blocks(&Caller::command_line(), None, None, None, None, 500).await.expect("lists");
        let serials: Vec<String> = newest.into_iter().map(|b| b.first_serial).collect();
        let mut took = Vec::new();
        for serial in serials.iter().cycle().take(2_000) {
            let asked = Instant::now();
            let found = node.resolve(&Caller::command_line(), serial).await.expect("resolves");
            assert!(matches!(found, nameplate::service::resolve::Resolved::Serial(_)));
            took.push(asked.elapsed());
        }
        took.sort_unstable();
        let median = took[took.len() / 2].as_secs_f64() * 1e6;
        println!("{:<44} {median:>9.0} us median", format!("whole record by serial, {blocks} blocks"));
        medians.push(median);
    }
    println!("{:<44} {:>9.2} x", "  a hundred times the blocks cost", medians[1] / medians[0]);
}

async fn postgres(url: &str) {
    let mut rates = [0.0; 2];
    for (i, grouped) in [false, true].into_iter().enumerate() {
        let folders = [tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder")];
        let keys = std::env::temp_dir().join("nameplate-bench.keys");
        let key_file = |folder: &tempfile::TempDir| folder.path().join(nameplate::service::keys::KEY_FILE);
        if keys.exists() {
            std::fs::copy(&keys, key_file(&folders[0])).expect("copies the key file");
        }
        let first = open(folders[0].path(), Some(url), grouped).await;
        std::fs::copy(key_file(&folders[0]), &keys).expect("keeps the key file");
        std::fs::copy(&keys, key_file(&folders[1])).expect("copies the key file");
        let second = open(folders[1].path(), Some(url), grouped).await;
        let target = sku_and_batch(first.catalogue().await.expect("reads").batches());
        let label = format!("{grouped}-{}", std::process::id());
        let (rate, latencies) = load(&[first, second], &target, &label).await;
        let name = if grouped {
            "PostgreSQL, 2 nodes, one SKU, coalesced"
        } else {
            "PostgreSQL, 2 nodes, one SKU, one commit each"
        };
        report(name, rate, &latencies);
        rates[i] = rate;
    }
    println!("{:<44} {:>9.1} x", "  coalescing is worth", rates[1] / rates[0]);
}
