//! kill -9 in the middle of reserving, over and over: what was answered is never lost and never issued again.
//!
//! The child reserves with eight callers at once and writes down each answer, durably, before it asks for the next. The
//! parent kills it at a random moment, opens the installation itself and asks for everything again with the same keys.
//! `NAMEPLATE_KILLS` says how many times (25 unless told otherwise).

use crate::support::{Answer, Database, Factory, both_engines, child, instruction};
use nameplate::service::{Caller, ReserveBlock, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

both_engines!(ser1_what_was_answered_survives_kill_9);

const FOLDER: &str = "NAMEPLATE_TEST_KILLED";
const LOG: &str = "answers.log";
const CALLERS: usize = 8;

fn request() -> ReserveBlock {
    ReserveBlock::parse("NT-M2-BOR", "2025-W14-M2", 7, "fi-1", None).unwrap()
}

/// The child: reserves until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "not a test: the process that is killed"]
async fn victim() {
    let Some(folder) = instruction(FOLDER) else { return };
    let text = fs::read_to_string(folder.join("database")).unwrap();
    let database = nameplate::store::Database::parse(&text);
    let factory = Arc::new(Factory::open(&Settings { database, ..Settings::in_folder(&folder) }).await.unwrap());
    let log = OpenOptions::new().append(true).create(true).open(folder.join(LOG)).unwrap();
    let log = Arc::new(Mutex::new(log));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (factory, log) = (Arc::clone(&factory), Arc::clone(&log));
        callers.spawn(async move {
            loop {
                let key = format!("{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()));
                let answer = factory.reserve_block(&Caller::command_line(), &key, request()).await.unwrap().answer;
                let log = Arc::clone(&log);
                let noted = move || write_down(&mut log.lock().unwrap(), &key, &answer);
                tokio::task::spawn_blocking(noted).await.unwrap();
            }
        });
    }
    callers.join_all().await;
}

fn write_down(log: &mut File, key: &str, answer: &str) {
    log.write_all(format!("{key} {answer}\n").as_bytes()).unwrap();
    log.sync_data().unwrap();
}

/// Key and answer of every reservation whose answer was written down whole.
fn answered(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join(LOG)).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| line.split_once(' ').unwrap()).map(|(k, a)| (k.into(), a.into())).collect()
}

/// Takes away what a kill has left of a line, so that the next child does not write on behind it.
fn cut_torn_line(folder: &Path) {
    let Ok(log) = fs::read(folder.join(LOG)) else { return };
    let whole = log.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let file = OpenOptions::new().write(true).open(folder.join(LOG)).unwrap();
    file.set_len(u64::try_from(whole).unwrap()).unwrap();
}

/// Starts the child and waits until it has answered something, so that the kill meets it at work.
async fn start(folder: &Path) -> Child {
    cut_torn_line(folder);
    let before = fs::metadata(folder.join(LOG)).map_or(0, |log| log.len());
    let mut victim = child("faults::kill::victim", FOLDER, folder).spawn().unwrap();
    while fs::metadata(folder.join(LOG)).map_or(0, |log| log.len()) == before {
        assert!(victim.try_wait().unwrap().is_none(), "the child ended by itself");
        sleep(Duration::from_millis(2)).await;
    }
    victim
}

async fn ser1_what_was_answered_survives_kill_9(database: Database) {
    let kills = std::env::var("NAMEPLATE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25);
    let settings = Factory::on(&database).await.stop().await;
    let address = match database.address() {
        nameplate::store::Database::Sqlite(path) => path.to_str().unwrap().to_owned(),
        nameplate::store::Database::Postgres(url) => url.clone(),
    };
    fs::write(database.folder().join("database"), address).unwrap();
    let mut checked = BTreeSet::new();
    for round in 0..kills {
        let mut victim = start(database.folder()).await;
        let [random] = nameplate::service::random::<1>().unwrap();
        sleep(Duration::from_micros(u64::from(random) * 300)).await;
        victim.kill().unwrap();
        victim.wait().unwrap();
        // The locks are free, the witness does not contradict the database, and every answer is given again.
        let factory = Factory::open(&settings).await.unwrap();
        assert_eq!(factory.stopped().await.unwrap(), None, "after kill {round}");
        for (key, answer) in answered(database.folder()) {
            if !checked.insert(key.clone()) {
                continue;
            }
            let again = factory.reserve_block(&Caller::command_line(), &key, request()).await.unwrap();
            assert!(again.replayed, "after kill {round}, {key} was answered and is lost");
            assert_eq!(*again.answer, *answer, "after kill {round}");
        }
        factory.assert_audit_is_whole().await;
        factory.stop().await;
    }
    assert!(checked.len() >= kills, "too few answers for the kills to mean anything: {}", checked.len());
    let factory = Factory::open(&settings).await.unwrap();
    assert_no_serial_twice(&factory, &answered(database.folder())).await;
    println!("{} answers survived {kills} kills", checked.len());
}

/// Over all that is on record, answered or not; and every answer is on record.
async fn assert_no_serial_twice(factory: &Factory, answered: &BTreeMap<String, String>) {
    let (mut seen, mut blocks, mut before) = (BTreeSet::new(), BTreeSet::new(), None);
    loop {
        let (page, next) = factory.blocks(&Caller::command_line(), None, None, None, before, 500).await.unwrap();
        for record in page {
            for serial in factory.serials(&record.block).await {
                assert!(seen.insert(serial), "a serial is in two blocks");
            }
            blocks.insert(record.block);
        }
        before = next;
        if before.is_none() {
            break;
        }
    }
    for answer in answered.values() {
        let answer: Answer = serde_json::from_str(answer).unwrap();
        assert!(blocks.contains(&answer.block));
    }
}
