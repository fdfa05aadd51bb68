//! Never twice, also after a restore (SER1): a database that has forgotten something stops allocation, and a recovery
//! goes on where no serial was ever issued.

use crate::support::{Answer, Backup, Database, Factory, both_engines, postgres_only};
use nameplate::service::receipts::ReceiptState;
use nameplate::service::recover::{Recovered, Recovery, recover};
use nameplate::service::{Clock, OpenError, ReserveError, ServiceError, Settings, WITNESS_FILE, WitnessError};
use nameplate::store::StoreError;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

both_engines!(
    ser1_a_restored_database_stops_until_it_is_recovered,
    ser1_a_new_epoch_cannot_meet_an_old_serial,
    ser1_a_receipt_tells_of_what_witness_and_database_forgot,
    ser1_a_receipt_tells_of_serials_that_were_issued_twice,
    ser1_a_lost_witness_stops_allocation,
    ser1_a_damaged_witness_stops_allocation_but_not_reading,
    ser1_counters_that_nobody_remembers_begin_beyond_the_margin,
    a_recovery_that_cannot_be_trusted_changes_nothing,
);

postgres_only!(
    ser1_a_database_switched_under_a_running_server_stops_it,
    ser1_another_nodes_witness_counts,
    ser1_a_node_without_witness_stops_only_itself,
    ser1_an_idle_node_knows_what_the_others_wrote,
);

const BATCH: &str = "2025-W14-M2";

/// Serials that were handed out, ever.
#[derive(Default)]
struct Issued(BTreeSet<String>);

impl Issued {
    async fn note(&mut self, factory: &Factory, answer: &Answer) {
        for serial in factory.serials(&answer.block).await {
            assert!(self.0.insert(serial.clone()), "{serial} was issued before");
        }
    }
}

/// What a day looks like: reserved before the backup, reserved after it, and the backup.
struct Day {
    issued: Issued,
    kept: Answer,
    lost: Answer,
    backup: Backup,
    old_witness: Vec<u8>,
    settings: Settings,
}

/// Reserves 50, backs up, reserves 70 in three blocks, stops.
async fn a_day(database: &Database) -> Day {
    let (factory, mut issued) = (Factory::on(database).await, Issued::default());
    let kept = factory.try_reserve("kept", "NT-M2-BOR", BATCH, 50, "fi-1").await.unwrap();
    issued.note(&factory, &kept).await;
    let settings = factory.stop().await;
    let backup = database.back_up().await;
    let old_witness = fs::read(settings.data.join(WITNESS_FILE)).unwrap();
    let factory = Factory::open(&settings).await.unwrap();
    let mut lost = None;
    for count in [20, 40, 10] {
        let answer = factory.reserve(count).await;
        issued.note(&factory, &answer).await;
        lost = Some(answer);
    }
    factory.stop().await;
    Day { issued, kept, lost: lost.unwrap(), backup, old_witness, settings }
}

fn because(margin: u64) -> Recovery {
    Recovery { reason: "restored the backup of Tuesday".into(), margin, actor: "cli".into(), ..Recovery::default() }
}

async fn recovered(settings: &Settings, recovery: &Recovery) -> Recovered {
    recover(settings, &Clock::fixed(crate::support::NOW_US), recovery).await.unwrap()
}

async fn assert_stopped(factory: &Factory, reason: &str) {
    assert!(factory.stopped().await.unwrap().unwrap().contains(reason));
    let refused = factory.try_reserve("new", "NT-M2-BOR", BATCH, 1, "fi-1").await;
    assert!(matches!(&refused, Err(ReserveError::Stopped { reason: said }) if said.contains(reason)), "{refused:?}");
}

async fn assert_issues_only_new(factory: &Factory, issued: &mut Issued) -> Answer {
    assert_eq!(factory.stopped().await.unwrap(), None);
    let answer = factory.reserve(200).await;
    issued.note(factory, &answer).await;
    factory.assert_audit_is_whole().await;
    answer
}

async fn ser1_a_restored_database_stops_until_it_is_recovered(database: Database) {
    let mut day = a_day(&database).await;
    database.restore(&day.backup).await;
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_stopped(&factory, "restored from an older backup").await;
    // Reading goes on, and so does answering what was answered.
    assert_eq!(factory.unit(&day.kept.first_serial).await.block, day.kept.block);
    let again = factory.try_reserve("kept", "NT-M2-BOR", BATCH, 50, "fi-1").await.unwrap();
    assert_eq!(again, day.kept);
    let factory = factory.restarted().await;
    assert_stopped(&factory, "restored from an older backup").await;
    factory.stop().await;
    let done = recovered(&day.settings, &because(0)).await;
    assert!(done.was_stopped.is_some() && day.settings.data.join(&done.kept_witness).is_file());
    assert_eq!(done.floors.values().copied().max(), Some(120), "the witness knew exactly");
    let factory = Factory::open(&day.settings).await.unwrap();
    let lost = factory.check_receipt("fi-1", &day.lost.receipt).await.unwrap();
    assert_eq!((lost.state, lost.count), (ReceiptState::Lost, 10));
    assert_eq!(factory.check_receipt("fi-1", &day.kept.receipt).await.unwrap().state, ReceiptState::Known);
    assert_issues_only_new(&factory, &mut day.issued).await;
}

async fn ser1_a_new_epoch_cannot_meet_an_old_serial(database: Database) {
    let mut day = a_day(&database).await;
    for epoch in ['1', '2'] {
        database.restore(&day.backup).await;
        let done = recovered(&day.settings, &Recovery { new_epoch: true, ..because(0) }).await;
        assert_eq!(done.epochs.len(), 1, "s9 has no epochs");
        let factory = Factory::open(&day.settings).await.unwrap();
        let answer = assert_issues_only_new(&factory, &mut day.issued).await;
        assert!(answer.first_serial.starts_with(epoch), "the witness knows epoch 1 although the backup does not");
        factory.stop().await;
    }
}

async fn ser1_a_receipt_tells_of_what_witness_and_database_forgot(database: Database) {
    let mut day = a_day(&database).await;
    database.restore(&day.backup).await;
    fs::write(day.settings.data.join(WITNESS_FILE), &day.old_witness).unwrap();
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_eq!(factory.stopped().await.unwrap(), None, "both were restored: nothing here knows");
    let checked = factory.check_receipt("fi-1", &day.lost.receipt).await.unwrap();
    assert_eq!(checked.state, ReceiptState::Alarm);
    assert_stopped(&factory, "restored from an older backup").await;
    factory.assert_audit_is_whole().await;
    factory.stop().await;
    let recovery = Recovery { receipts: vec![day.lost.receipt.clone()], ..because(0) };
    recovered(&day.settings, &recovery).await;
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_eq!(factory.check_receipt("fi-1", &day.lost.receipt).await.unwrap().state, ReceiptState::Lost);
    assert_issues_only_new(&factory, &mut day.issued).await;
}

async fn ser1_a_receipt_tells_of_serials_that_were_issued_twice(database: Database) {
    let day = a_day(&database).await;
    database.restore(&day.backup).await;
    fs::write(day.settings.data.join(WITNESS_FILE), &day.old_witness).unwrap();
    let factory = Factory::open(&day.settings).await.unwrap();
    let again = factory.reserve(100).await;
    let checked = factory.check_receipt("fi-1", &day.lost.receipt).await.unwrap();
    assert_eq!(checked.state, ReceiptState::Twice);
    assert!(checked.message.contains(&again.block), "{}", checked.message);
    assert_stopped(&factory, "issued AGAIN").await;
}

async fn ser1_a_lost_witness_stops_allocation(database: Database) {
    let mut day = a_day(&database).await;
    database.restore(&day.backup).await;
    fs::remove_file(day.settings.data.join(WITNESS_FILE)).unwrap();
    for _ in 0..2 {
        let factory = Factory::open(&day.settings).await.unwrap();
        assert_stopped(&factory, "witness.log is missing").await;
        assert_eq!(factory.unit(&day.kept.last_serial).await.block, day.kept.block);
        factory.stop().await;
    }
    recovered(&day.settings, &because(1_000)).await;
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_issues_only_new(&factory, &mut day.issued).await;
}

async fn ser1_a_damaged_witness_stops_allocation_but_not_reading(database: Database) {
    let mut day = a_day(&database).await;
    let path = day.settings.data.join(WITNESS_FILE);
    let witness = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = witness.lines().map(str::to_owned).collect();
    lines[1] = lines[1].replace(' ', "_");
    let damaged = format!("{}\n", lines.join("\n"));
    fs::write(&path, &damaged).unwrap();
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_stopped(&factory, "damaged in line 2").await;
    assert_eq!(factory.unit(&day.lost.last_serial).await.block, day.lost.block);
    factory.stop().await;
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged, "it stays for the recovery to read");
    database.restore(&day.backup).await;
    let done = recovered(&day.settings, &because(0)).await;
    assert_eq!(done.floors.values().copied().max(), Some(120), "what is whole of it counts");
    let factory = Factory::open(&day.settings).await.unwrap();
    assert_issues_only_new(&factory, &mut day.issued).await;
}

/// The backup is older than the first serial, and the witness is gone: no counter is known at all.
async fn ser1_counters_that_nobody_remembers_begin_beyond_the_margin(database: Database) {
    let settings = Factory::on(&database).await.stop().await;
    let backup = database.back_up().await;
    let (factory, mut issued) = (Factory::open(&settings).await.unwrap(), Issued::default());
    let lost = factory.reserve(900).await;
    issued.note(&factory, &lost).await;
    factory.stop().await;
    for new_epoch in [false, true] {
        database.restore(&backup).await;
        fs::remove_file(settings.data.join(WITNESS_FILE)).unwrap();
        recovered(&settings, &Recovery { new_epoch, ..because(1_000) }).await;
        let factory = Factory::open(&settings).await.unwrap();
        assert_eq!(factory.check_receipt("fi-1", &lost.receipt).await.unwrap().state, ReceiptState::Lost);
        let answer = factory.reserve(100).await;
        assert!(factory.serials(&answer.block).await.iter().all(|serial| !issued.0.contains(serial)));
        factory.stop().await;
    }
}

async fn ser1_a_database_switched_under_a_running_server_stops_it(database: Database) {
    let day = a_day(&database).await;
    let factory = Factory::open(&day.settings).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    database.restore(&day.backup).await;
    // Connections that the restore cut off answer first that the records cannot be reached.
    let verdict = loop {
        match factory.try_reserve("new", "NT-M2-BOR", BATCH, 1, "fi-1").await {
            Err(ReserveError::Unavailable) => {}
            other => break other,
        }
    };
    assert!(
        matches!(&verdict, Err(ReserveError::Stopped { reason }) if reason.contains("no longer holds")),
        "{verdict:?}"
    );
    let other = factory.second_node(folder.path()).await;
    assert_stopped(&other, "no longer holds").await;
}

async fn ser1_another_nodes_witness_counts(database: Database) {
    let first = Factory::on(&database).await;
    let mut issued = Issued::default();
    let folder = tempfile::tempdir().unwrap();
    first.second_node(folder.path()).await.stop().await;
    let settings = first.stop().await;
    let backup = database.back_up().await;
    let second = Factory::open(&Settings { data: folder.path().into(), ..settings.clone() }).await.unwrap();
    let answer = second.reserve(80).await;
    issued.note(&second, &answer).await;
    second.stop().await;
    database.restore(&backup).await;
    let witnesses: Vec<PathBuf> = vec![folder.path().join(WITNESS_FILE)];
    let done = recovered(&settings, &Recovery { witnesses, ..because(0) }).await;
    assert_eq!(done.floors.values().copied().max(), Some(80));
    let first = Factory::open(&settings).await.unwrap();
    assert_issues_only_new(&first, &mut issued).await;
    // The second node remembers what the database lost, and sees that the recovery went beyond it.
    let second = Factory::open(&Settings { data: folder.path().into(), ..settings }).await.unwrap();
    assert_issues_only_new(&second, &mut issued).await;
    assert_issues_only_new(&first, &mut issued).await;
}

/// A new node of a database that has issued must be told that it is one, and stops nobody else meanwhile.
async fn ser1_a_node_without_witness_stops_only_itself(database: Database) {
    let first = Factory::on(&database).await;
    let mut issued = Issued::default();
    let answer = first.reserve(10).await;
    issued.note(&first, &answer).await;
    let folder = tempfile::tempdir().unwrap();
    let key_file = nameplate::service::keys::KEY_FILE;
    std::fs::copy(first.data().join(key_file), folder.path().join(key_file)).unwrap();
    let settings = Settings { data: folder.path().into(), ..Factory::settings(&database).creating() };
    let second = Factory::open(&settings).await.unwrap();
    assert_stopped(&second, "witness file").await;
    assert_issues_only_new(&first, &mut issued).await;
    second.stop().await;
    let second = Factory::open(&settings.joining()).await.unwrap();
    assert_issues_only_new(&second, &mut issued).await;
}

/// What another node wrote and the database lost is missed by a node that was idle meanwhile.
async fn ser1_an_idle_node_knows_what_the_others_wrote(database: Database) {
    let first = Factory::on(&database).await;
    let folder = tempfile::tempdir().unwrap();
    first.reserve(1).await;
    first.second_node(folder.path()).await.stop().await;
    let settings = first.stop().await;
    let backup = database.back_up().await;
    let first = Factory::open(&settings).await.unwrap();
    let second = Factory::open(&Settings { data: folder.path().into(), ..settings }).await.unwrap();
    second.reserve(30).await;
    second.stop().await;
    // The idle node looks once a second; its witness tells when it has.
    let witness = first.data().join(WITNESS_FILE);
    while !std::fs::read_to_string(&witness).unwrap().lines().any(|line| line.contains(" 31 ")) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    database.restore(&backup).await;
    let verdict = loop {
        match first.try_reserve("new", "NT-M2-BOR", BATCH, 1, "fi-1").await {
            Err(ReserveError::Unavailable) => {}
            other => break other,
        }
    };
    assert!(matches!(verdict, Err(ReserveError::Stopped { .. })), "{verdict:?}");
}

async fn a_recovery_that_cannot_be_trusted_changes_nothing(database: Database) {
    let day = a_day(&database).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = Factory::open(&Settings::in_folder(elsewhere.path()).creating()).await.unwrap();
    stranger
        .import_catalogue(&nameplate::service::Caller::command_line(), &nameplate::catalogue::shipped_catalogue())
        .await
        .unwrap();
    let foreign_receipt = stranger.reserve(1).await.receipt;
    stranger.stop().await;
    let running = Factory::open(&day.settings).await.unwrap();
    let clock = Clock::fixed(crate::support::NOW_US);
    let busy = recover(&day.settings, &clock, &because(0)).await;
    assert!(matches!(busy, Err(OpenError::Store(StoreError::InUse(_)))), "{busy:?}");
    running.stop().await;
    let entries = "SELECT seq FROM audit_head";
    let before = database.number(entries).await;
    let foreign_witness = elsewhere.path().join(WITNESS_FILE);
    let refused = [
        Recovery { reason: " ".into(), ..because(0) },
        Recovery { witnesses: vec![elsewhere.path().join("none")], ..because(0) },
        Recovery { witnesses: vec![foreign_witness], ..because(0) },
        Recovery { receipts: vec![foreign_receipt], ..because(0) },
        Recovery { receipts: vec![format!("{}x", day.lost.receipt)], ..because(0) },
    ];
    for recovery in refused {
        let error = recover(&day.settings, &clock, &recovery).await.unwrap_err();
        let expected = matches!(
            error,
            OpenError::Witness(WitnessError::Foreign { .. } | WitnessError::Io { .. })
                | OpenError::Service(ServiceError::Invalid { .. } | ServiceError::Receipt(_))
        );
        assert!(expected, "{recovery:?}: {error:?}");
    }
    assert_eq!(database.number(entries).await, before);
}
