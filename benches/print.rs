//! Printing: a queue of a million labels over 200 printers, and an idle fleet of 1,000 that polls.
//!
//! The baseline of the first is the same desk with one printer, whose steps share no commit.
//!
//! `cargo bench --bench print [-- desk|idle]`
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

mod support {
    pub mod fleet;
    pub mod histogram;
}

use nameplate::catalogue::shipped_catalogue;
use nameplate::service::print::{
    Evidence, LabelResult, LeaseRequest, NewApproval, NewJob, NewPrinter, Outcome, PrinterSettings,
};
use nameplate::service::{Caller, Clock, Nameplate, ReserveBlock, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PRINTERS: usize = 200;
const LABELS: i64 = 5_000;
const ROUND: Duration = Duration::from_secs(5);

fn main() {
    let which = std::env::args().nth(1).filter(|a| !a.starts_with("--"));
    let wants = |name: &str| which.as_deref().is_none_or(|w| w == name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if wants("desk") {
        runtime.block_on(desk());
    }
    if wants("idle") {
        support::fleet::idle();
    }
}

pub fn settings() -> PrinterSettings {
    let text = r#"{"driver":"raw","dpi":203,"media_width_um":60000,"media_height_um":40000}"#;
    serde_json::from_str(text).expect("settings")
}

async fn desk() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let node = Nameplate::open(&Settings::in_folder(folder.path()).creating(), Clock::System).await.expect("opens");
    let node = Arc::new(node);
    let started = Instant::now();
    queue(&node).await;
    let made = i64::try_from(PRINTERS).expect("a count") * LABELS;
    println!("{:<64} {:>9.1} s", format!("{made} labels queued in {PRINTERS} jobs"), started.elapsed().as_secs_f64());
    for way in [Way { leased: 1, fetched: 1, told: 1 }, Way { leased: 100, fetched: 1, told: 20 }] {
        let one = round(&node, 1, way).await;
        let all = round(&node, PRINTERS, way).await;
        println!("{:<64} {:>9.1} x", "  200 printers against one", all / one);
    }
    for labels in [10, 50] {
        round(&node, PRINTERS, Way { leased: labels, fetched: labels, told: labels }).await;
    }
}

async fn queue(node: &Nameplate) {
    let caller = Caller::command_line();
    node.import_catalogue(&caller, &shipped_catalogue()).await.expect("imports");
    let approval: NewApproval = serde_json::from_str(r#"{"sku":"NT-M2-BOR","approver":"bench"}"#).expect("approval");
    node.approve(&caller, &approval).await.expect("approves");
    for number in 0..PRINTERS {
        let name = format!("p-{number}");
        let new = NewPrinter { printer: name.clone(), settings: settings() };
        node.register_printer(&caller, &new).await.expect("registers");
        let request = ReserveBlock::parse("NT-M2-BOR", "2025-W14-M2", LABELS, &name, None).expect("parses");
        let reserved = node.reserve_block(&caller, &name, request).await.expect("reserves");
        let (block, _) = node.serials_of_answer(&reserved.answer).await.expect("a block");
        node.print(&caller, &name, &NewJob::of_whole_block(&name, &block, None)).await.expect("queues");
    }
}

/// How many labels go into a lease, a document, a report. `nameplate agent` takes 100, 1 and 20.
#[derive(Clone, Copy)]
struct Way {
    leased: u32,
    fetched: u32,
    told: u32,
}

/// Printers that lease, fetch and acknowledge for a while. Answers labels a second.
async fn round(node: &Arc<Nameplate>, printers: usize, way: Way) -> f64 {
    let (started, labels) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut all = JoinSet::new();
    for number in 0..printers {
        let (node, labels) = (Arc::clone(node), Arc::clone(&labels));
        all.spawn(async move {
            let (caller, name) = (Caller::command_line(), format!("p-{number}"));
            let mut took = Vec::new();
            while started.elapsed() < ROUND {
                let request = LeaseRequest { max_labels: way.leased, wait_s: 0, status: None };
                let asked = Instant::now();
                let Some(lease) = node.lease_labels(&caller, &name, &request).await.expect("leases") else { break };
                took.push(asked.elapsed());
                let mut told = 0;
                for first in (1..=lease.labels).step_by(way.fetched as usize) {
                    let last = (first + u64::from(way.fetched) - 1).min(lease.labels);
                    node.fetch_labels(&caller, &lease.lease, Some(first), Some(last)).await.expect("fetches");
                    if last < lease.labels && last - told < u64::from(way.told) && started.elapsed() < ROUND {
                        continue;
                    }
                    let (outcome, evidence) = (Outcome::Printed, Some(Evidence::Counter));
                    let result = LabelResult { first: told + 1, last, outcome, evidence, note: None };
                    node.take_results(&caller, &lease.lease, &[result], None).await.expect("acknowledges");
                    labels.fetch_add(last - told, Ordering::Relaxed);
                    told = last;
                    if started.elapsed() >= ROUND {
                        break;
                    }
                }
            }
            took
        });
    }
    let mut took: Vec<Duration> = all.join_all().await.into_iter().flatten().collect();
    took.sort_unstable();
    let rate = labels.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    let p99 = took[took.len() * 99 / 100].as_secs_f64() * 1e3;
    let Way { leased, fetched, told } = way;
    let name = format!("{printers} printers lease {leased}, fetch {fetched}, acknowledge {told} at a time");
    println!("{name:<64} {rate:>9.0} labels/s   lease p99 {p99:>6.1} ms");
    rate
}
