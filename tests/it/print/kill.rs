//! kill -9 of the server in the middle of printing, over and over, with printers that lose their memory, too (LAB6).
//!
//! The real program serves; four printers lease, fetch and acknowledge over HTTP and write down themselves what came out
//! of them. A label comes out when its bytes have arrived, whole. The server is killed at random moments; a printer at
//! random forgets what it was doing, or tells it late. At the end the records are opened and compared with what is on
//! paper: nothing came out twice, nothing that was acknowledged is lost, and nothing that came out waits in the queue.
//!
//! `NAMEPLATE_KILLS` says how many times (120 on SQLite, 24 with two servers on PostgreSQL, unless told otherwise),
//! `NAMEPLATE_KILL_MS` how far apart at most (450), `NAMEPLATE_PRINTERS` how many printers there are (4), and
//! `NAMEPLATE_LABELS` how many labels each of their 15 jobs has (30), and `NAMEPLATE_LEASE` how many a lease has at most (6).

use super::client::{Patient, serials_in};
use super::model::Dice;
use super::press::{approval, settings};
use crate::support::{Database, Engine, Factory, both_engines};
use nameplate::service::Caller;
use nameplate::service::print::{NewJob, NewPrinter};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

both_engines!(lab6_nothing_is_printed_twice_whoever_is_killed);

const JOBS: usize = 15;

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

fn printers() -> usize {
    number("NAMEPLATE_PRINTERS").unwrap_or(4)
}

/// Labels of a job.
fn labels() -> i64 {
    i64::try_from(number("NAMEPLATE_LABELS").unwrap_or(30)).unwrap()
}

/// What is known outside of the server: what came out, and what the server has acknowledged.
#[derive(Debug, Default)]
struct Paper {
    /// How often each serial came out.
    printed: BTreeMap<String, u32>,
    /// Serials whose result the server took.
    acknowledged: BTreeSet<String>,
}

/// A server that is killed and started again at one address.
struct Server {
    address: String,
    folder: String,
    database: String,
    child: Option<Child>,
}

impl Server {
    fn new(folder: &Path, database: &Database) -> Self {
        // Free now, and the system does not give it to others soon.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let database = match database.address() {
            nameplate::store::Database::Sqlite(path) => path.to_str().unwrap().to_owned(),
            nameplate::store::Database::Postgres(url) => url.clone(),
        };
        Self { address, folder: folder.to_str().unwrap().to_owned(), database, child: None }
    }

    fn start(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nameplate"));
        command.args(["serve", "--listen", &self.address, "--data", &self.folder, "--database", &self.database]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
    }

    fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(child.try_wait().unwrap().is_none(), "a server ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// A printer with its agent. Only `paper` outlives its crashes, as paper does, and `journal` now and then.
struct Printer {
    name: String,
    client: Patient,
    dice: Dice,
    serials: Arc<BTreeSet<String>>,
    paper: Arc<Mutex<Paper>>,
    /// Results that were not taken yet: lease, position, serial.
    journal: Vec<(String, u64, String)>,
}

impl Printer {
    fn work(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if !self.journal.is_empty() && self.dice.once_in(2) {
                self.tell_late();
            }
            let most = 1 + self.dice.under(number("NAMEPLATE_LEASE").unwrap_or(6));
            let leased = self.client.ask(
                "POST",
                &format!("/api/v1/printers/{}/leases", self.name),
                &json!({"max_labels": most}),
            );
            match leased {
                Some((200, body)) => self.print(&serde_json::from_slice(&body).unwrap()),
                Some((204 | 503, _)) | None => std::thread::sleep(Duration::from_millis(5)),
                Some((status, body)) => panic!("{status} {}", String::from_utf8_lossy(&body)),
            }
        }
    }

    fn print(&mut self, lease: &Value) {
        let (name, labels) = (lease["lease"].as_str().unwrap(), lease["labels"].as_u64().unwrap());
        let mut first = 1;
        while first <= labels {
            let last = labels.min(first + u64::try_from(self.dice.under(3)).unwrap());
            if self.dice.once_in(20) {
                return; // It crashes before it fetches.
            }
            let path = format!("/api/v1/leases/{name}/labels?first={first}&last={last}");
            match self.client.ask("GET", &path, &Value::Null) {
                Some((200, body)) => self.come_out(name, first, last, &body),
                // Nothing came whole: it asks again, or has lost its memory.
                Some((503, _)) | None if !self.dice.once_in(3) => continue,
                Some((503 | 409, _)) | None => return,
                Some((status, body)) => panic!("{status} {}", String::from_utf8_lossy(&body)),
            }
            if self.dice.once_in(12) {
                if self.dice.once_in(2) {
                    self.journal.clear();
                }
                return; // It crashes before it tells, with or without its journal.
            }
            self.tell();
            first = last + 1;
        }
    }

    /// Labels come out; each of them once, however often it is fetched.
    fn come_out(&mut self, lease: &str, first: u64, last: u64, bytes: &[u8]) {
        let serials = serials_in(bytes, &self.serials);
        assert_eq!(serials.len() as u64, last - first + 1, "the document holds the labels that were asked for");
        let mut paper = self.paper.lock().unwrap();
        for (position, serial) in (first..).zip(serials) {
            *paper.printed.entry(serial.clone()).or_default() += 1;
            self.journal.push((lease.to_owned(), position, serial));
        }
    }

    /// Says what came out, until the server has heard it or the printer crashes.
    fn tell(&mut self) {
        while let Some((lease, position, serial)) = self.journal.last().cloned() {
            let result = json!({"first": position, "last": position, "outcome": "printed", "evidence": "counter"});
            let path = format!("/api/v1/leases/{lease}/results");
            match self.client.ask("POST", &path, &json!({"results": [result]})) {
                Some((200, _)) => {
                    self.paper.lock().unwrap().acknowledged.insert(serial);
                    self.journal.pop();
                }
                Some((503, _)) | None if self.dice.once_in(4) => return,
                Some((503, _)) | None => std::thread::sleep(Duration::from_millis(3)),
                Some((status, body)) => panic!("{status} {}", String::from_utf8_lossy(&body)),
            }
        }
    }

    /// A journal that was found again: its leases are over by now.
    fn tell_late(&mut self) {
        self.tell();
    }
}

async fn lab6_nothing_is_printed_twice_whoever_is_killed(database: Database) {
    let on_postgres = database.engine() == Engine::Postgres;
    let kills = number("NAMEPLATE_KILLS").unwrap_or(120) / if on_postgres { 5 } else { 1 };
    let factory = Factory::on(&database).await;
    let other = tempfile::tempdir().unwrap();
    let mut servers = vec![Server::new(database.folder(), &database)];
    if on_postgres {
        factory.second_node(other.path()).await.stop().await;
        servers.push(Server::new(other.path(), &database));
    }
    let (tokens, jobs, serials) = fill(&factory).await;
    let settings = factory.stop().await;
    let (serials, paper) = (Arc::new(serials), Arc::new(Mutex::new(Paper::default())));
    let stop = Arc::new(AtomicBool::new(false));
    let addresses: Vec<String> = servers.iter().map(|server| server.address.clone()).collect();
    let printers: Vec<_> = (0..printers())
        .zip(tokens)
        .map(|(at, token)| {
            let dice = Dice(7 * u64::try_from(at).unwrap() + 1);
            let client = Patient::new(addresses.clone(), token, Dice(dice.0 + 1_000));
            let (serials, paper) = (Arc::clone(&serials), Arc::clone(&paper));
            let mut printer = Printer { name: format!("kill-{at}"), client, dice, serials, paper, journal: Vec::new() };
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || printer.work(&stop))
        })
        .collect();
    let mut dice = Dice(99);
    servers.iter_mut().for_each(Server::start);
    for _ in 0..kills {
        // Now and then a server dies while it starts; mostly it has time for some labels.
        let most_ms = if dice.once_in(5) { 100 } else { number("NAMEPLATE_KILL_MS").unwrap_or(450) };
        tokio::time::sleep(Duration::from_millis(u64::try_from(dice.under(most_ms)).unwrap())).await;
        let at = dice.under(servers.len());
        servers[at].kill();
        servers[at].start();
        assert!(!printers.iter().any(std::thread::JoinHandle::is_finished), "a printer has failed");
    }
    tokio::time::sleep(Duration::from_millis(800)).await;
    stop.store(true, Ordering::Relaxed);
    for printer in printers {
        tokio::task::spawn_blocking(move || printer.join().unwrap()).await.unwrap();
    }
    servers.iter_mut().for_each(Server::kill);
    let factory = Factory::open(&settings).await.unwrap();
    let paper = Arc::into_inner(paper).unwrap().into_inner().unwrap();
    compare(&factory, &jobs, &paper).await;
    let leases = database.number("SELECT COUNT(*) FROM print_attempt").await;
    let (out, told) = (paper.printed.len(), paper.acknowledged.len());
    println!("{kills} kills, {leases} leases: {out} labels came out, none twice; {told} acknowledged, none lost");
    // Far fewer would mean that the kills met nobody at work.
    assert!(paper.acknowledged.len() >= kills / 2, "{} acknowledged", paper.acknowledged.len());
}

/// Printers, and jobs for each: tokens, job codes with their serials' blocks, and every serial.
async fn fill(factory: &Factory) -> (Vec<String>, Vec<(String, String)>, BTreeSet<String>) {
    let me = Caller::command_line();
    factory.approve(&me, &approval()).await.unwrap();
    factory.set_quota(&me, "fi-1", "NT-M2-BOR", Some(1_000_000)).await.unwrap();
    let (mut tokens, mut jobs, mut serials) = (Vec::new(), Vec::new(), BTreeSet::new());
    for at in 0..printers() {
        let printer = format!("kill-{at}");
        let new = NewPrinter { printer: printer.clone(), settings: settings(203) };
        tokens.push(factory.register_printer(&me, &new).await.unwrap().token.token);
        for job in 0..JOBS {
            let block = factory.reserve(labels()).await.block;
            serials.extend(factory.serials(&block).await);
            let new = NewJob::of_whole_block(&printer, &block, None);
            let made = factory.print(&me, &format!("kill-{at}-{job}"), &new).await.unwrap();
            jobs.push((made.job, block));
        }
    }
    (tokens, jobs, serials)
}

/// Ends all leases, and holds the records against the paper.
async fn compare(factory: &Factory, jobs: &[(String, String)], paper: &Paper) {
    let me = Caller::command_line();
    assert_eq!(factory.stopped().await.unwrap(), None);
    factory.wait(200);
    factory.tend_printing().await.unwrap();
    let twice: Vec<_> = paper.printed.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "came out more than once: {twice:?}");
    for (job, block) in jobs {
        let record = factory.job(&me, job).await.unwrap();
        let c = &record.counts;
        let open = [c.leased, c.handed_over];
        assert_eq!(open, [0, 0], "{record:?}");
        assert_eq!(c.queued + c.confirmed + c.unconfirmed + c.scrapped + c.canceled, labels(), "{record:?}");
        let order = factory.serials(block).await;
        let (ranges, _) = factory.job_labels(&me, job, None, None, 100_000).await.unwrap();
        let mut seen = 0;
        for range in ranges {
            let first = order.iter().position(|serial| *serial == range.first_serial.replace('-', "")).unwrap();
            for serial in &order[first..first + usize::try_from(range.labels).unwrap()] {
                let (is_out, is_told) = (paper.printed.contains_key(serial), paper.acknowledged.contains(serial));
                match range.state.as_str() {
                    "confirmed" => assert!(is_out, "{serial} is confirmed and never came out"),
                    "queued" => assert!(!is_out, "{serial} came out and would be printed again"),
                    "unconfirmed" => {}
                    other => panic!("{serial} is {other}"),
                }
                assert!(!is_told || range.state == "confirmed", "{serial} was acknowledged and is {}", range.state);
                seen += 1;
            }
        }
        assert_eq!(seen, labels(), "every label has a state");
        let (block, _) = factory.block(&me, block).await.unwrap();
        assert_eq!(i64::try_from(block.account.printed).unwrap(), c.confirmed, "fates agree");
    }
    factory.assert_audit_is_whole().await;
}
