//! A restored backup prints nothing a second time (LAB6, SER1), and what people and stations say late is never lost.

use super::press::{Press, control, refusal};
use crate::support::{Database, Factory, both_engines};
use nameplate::service::print::{Control, NewJob, NewKit, Outcome, PrintError, Settlement, TestLabels, Verdict};
use nameplate::service::recover::{Recovery, recover};
use nameplate::service::report_fate::Selection;
use nameplate::service::{Caller, Clock, ReserveError, ServiceError};
use nameplate::trace::Fate;

both_engines!(
    ser1_a_restored_backup_prints_nothing_again,
    evidence_after_a_cancellation_stops_the_next_label,
    a_kit_is_never_issued_for_labels_that_are_gone,
    what_a_station_took_along_is_never_said_not_printed,
    a_station_controls_its_own_jobs_only,
    what_was_scrapped_is_replaced_once,
    tests_wait_for_nobody,
    a_spoilt_label_of_a_closed_batch_is_printed_again,
);

const BATCH: &str = "2025-W14-M2";

fn me() -> Caller {
    Caller::command_line()
}

fn verdict(verdict: Verdict, serials: Selection) -> Settlement {
    Settlement { verdict, serials, reason: Some("looked".into()), replace: true }
}

fn test_labels(count: u32) -> NewJob {
    let test = TestLabels { sku: "NT-M2-BOR".into(), count };
    NewJob { block: None, test: Some(test), ..NewJob::of_whole_block("line-3", "", None) }
}

async fn assert_nothing_is_handed_out(press: &Press) {
    let request = nameplate::service::print::LeaseRequest { max_labels: 5, wait_s: 0, status: None };
    let leased = press.lease_labels(&press.agent, "line-3", &request).await;
    assert!(matches!(leased, Err(ServiceError::Reserve(ReserveError::Stopped { .. }))), "{leased:?}");
}

async fn ser1_a_restored_backup_prints_nothing_again(database: Database) {
    let press = Press::on(&database).await;
    let (block, job) = press.job(6).await;
    let unprinted = press.reserve(2).await;
    let lease = press.take(2).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    let test = press.print(&me(), "t", &test_labels(4)).await.unwrap();
    let Press { factory, agent } = press;
    let server = factory.stop().await;
    let backup = database.back_up().await;
    // Nothing is reserved any more, only printed: the witness knows of labels, too.
    let press = Press { factory: Factory::open(&server).await.unwrap(), agent };
    press.fetch(&lease, 2, 2).await.unwrap();
    let Press { factory, agent } = press;
    factory.stop().await;
    database.restore(&backup).await;

    let press = Press { factory: Factory::open(&server).await.unwrap(), agent };
    assert!(press.stopped().await.unwrap().unwrap().contains("older backup"));
    assert_nothing_is_handed_out(&press).await;
    let fetched = press.fetch_labels(&press.agent, &lease.lease, Some(2), Some(2)).await;
    assert!(matches!(fetched, Err(ServiceError::Reserve(ReserveError::Stopped { .. }))), "{fetched:?}");
    let Press { factory, agent } = press;
    factory.stop().await;
    let recovery =
        Recovery { reason: "Tuesday's backup".into(), margin: 100, actor: "cli".into(), ..Recovery::default() };
    let done = recover(&server, &Clock::fixed(crate::support::NOW_US), &recovery).await.unwrap();
    assert_eq!(done.doubtful_labels, 6);

    let press = Press { factory: Factory::open(&server).await.unwrap(), agent };
    assert_eq!(press.counts(&job).await, [0, 0, 0, 0, 6, 0, 0], "a person looks at every label of the backup");
    assert_eq!(press.counts(&test).await, [0, 0, 0, 0, 0, 0, 4], "tests wait for nobody");
    assert!(press.take(5).await.is_none());
    assert!(press.fetch(&lease, 2, 2).await.is_err(), "old leases are over");
    // A serial that was reserved before the backup may have a label that nobody remembers.
    let refused = press.print_all(&unprinted.block).await.map_err(refusal);
    assert!(matches!(refused, Err(PrintError::PerhapsPrinted { .. })), "{refused:?}");
    let (_, fresh) = press.job(3).await;
    let lease = press.take(3).await.unwrap();
    assert_eq!(lease.job, fresh.job);
    press.fetch(&lease, 1, 3).await.unwrap();
    press.say(&lease, &[(1, 3, Outcome::Printed)]).await.unwrap();
    // What a person looked at goes on.
    let serials = press.serials(&block.block).await;
    let gone = verdict(Verdict::NotPrinted, Selection::Serials(serials[2..].to_vec()));
    press.settle(&me(), &job.job, "gone", &gone).await.unwrap();
    assert!(press.take(5).await.is_none(), "its job is stopped until somebody releases it");
    press.control_job(&me(), &job.job, &control(Control::Release, "looked at")).await.unwrap();
    assert_eq!(press.take(5).await.unwrap().labels, 4);
    let Press { factory, agent } = press;
    // The next start finds nothing amiss.
    let press = Press { factory: factory.restarted().await, agent };
    assert_eq!(press.stopped().await.unwrap(), None);
    press.assert_audit_is_whole().await;
    // And once more: the recovery of Tuesday does not explain what is lost on Wednesday.
    let Press { factory, agent } = press;
    factory.stop().await;
    let backup = database.back_up().await;
    let press = Press { factory: Factory::open(&server).await.unwrap(), agent };
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    let Press { factory, agent } = press;
    factory.stop().await;
    database.restore(&backup).await;
    let press = Press { factory: Factory::open(&server).await.unwrap(), agent };
    assert_nothing_is_handed_out(&press).await;
}

async fn evidence_after_a_cancellation_stops_the_next_label(database: Database) {
    let press = Press::on(&database).await;
    let (block, job) = press.job(1).await;
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.control_job(&me(), &job.job, &control(Control::Cancel, "order cancelled")).await.unwrap();
    let gone = verdict(Verdict::NotPrinted, Selection::All);
    press.settle(&me(), &job.job, "gone", &gone).await.unwrap();
    let next = press.print_all(&block.block).await.unwrap();
    // And then the agent finds its voice again.
    let late = press.say(&lease, &[(1, 1, Outcome::Printed)]).await;
    assert!(matches!(late, Err(PrintError::ResultRefused { label: 1, .. })), "{late:?}");
    assert_eq!(press.unit(&block.first_serial).await.fate, Fate::Printed);
    let lease = press.take(1).await.unwrap();
    assert!(matches!(press.fetch(&lease, 1, 1).await, Err(PrintError::AlreadyPrinted { .. })));
    assert_eq!(press.counts(&next).await[2], 0, "no second label");
    let contradicted = "SELECT COUNT(*) FROM audit WHERE action = 'label.contradicted'";
    assert_eq!(database.number(contradicted).await, 1);
    press.assert_audit_is_whole().await;
}

fn kit(count: i64) -> NewKit {
    serde_json::from_value(serde_json::json!({
        "sku": "NT-M2-BOR", "batch": BATCH, "count": count, "media_width_um": 60_000, "media_height_um": 40_000
    }))
    .unwrap()
}

async fn a_kit_is_never_issued_for_labels_that_are_gone(database: Database) {
    let press = Press::on(&database).await;
    let made = press.station_kit(&me(), "fi-1", "k1", &kit(3)).await.unwrap();
    // As if the server had been killed between the job and the hand-over.
    database.sql("UPDATE print_label SET state = 'queued', attempt_id = NULL").await;
    database.sql("UPDATE print_job SET queued = handed_over, handed_over = 0").await;
    database.sql("DELETE FROM print_attempt").await;
    press.control_job(&me(), &made.job, &control(Control::Cancel, "who asked for this?")).await.unwrap();
    let job = press.print_all(&made.block).await.unwrap();
    let again = press.station_kit(&me(), "fi-1", "k1", &kit(3)).await.map_err(refusal);
    assert!(matches!(&again, Err(PrintError::LeaseEnded { by }) if by == "canceled"), "{again:?}");
    assert_eq!(press.counts(&job).await, [3, 0, 0, 0, 0, 0, 0], "the serials belong to the other job");
}

async fn what_a_station_took_along_is_never_said_not_printed(database: Database) {
    let press = Press::on(&database).await;
    let made = press.station_kit(&me(), "fi-1", "k1", &kit(3)).await.unwrap();
    press.control_job(&me(), &made.job, &control(Control::Cancel, "the station burnt down")).await.unwrap();
    let settle = |what| {
        let settlement = verdict(what, Selection::Rest);
        let (press, job) = (&press, &made.job);
        async move { press.settle(&me(), job, &format!("{what:?}"), &settlement).await }
    };
    match settle(Verdict::NotPrinted).await.map_err(refusal) {
        Err(PrintError::JobState { problem, .. }) => assert!(problem.contains("damaged"), "{problem}"),
        other => panic!("{other:?}"),
    }
    let settled = settle(Verdict::Damaged).await.unwrap();
    assert_eq!((settled.labels, settled.replacement), (3, None), "no printer of the server's stands there");
    for serial in press.serials(&made.block).await {
        assert_eq!(press.unit(&serial).await.fate, Fate::Void);
    }
}

async fn a_station_controls_its_own_jobs_only(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(2).await;
    let other = Caller { station: Some("fi-2".into()), ..me() };
    for what in [Control::Cancel, Control::Hold, Control::Release, Control::Agree] {
        let refused = press.control_job(&other, &job.job, &control(what, "x")).await;
        assert!(matches!(refused, Err(ServiceError::WrongStation { .. })), "{refused:?}");
    }
    let own = Caller { station: Some("fi-1".into()), ..me() };
    press.control_job(&own, &job.job, &control(Control::Hold, "x")).await.unwrap();
}

async fn what_was_scrapped_is_replaced_once(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(3).await;
    let lease = press.take(3).await.unwrap();
    press.fetch(&lease, 1, 3).await.unwrap();
    press.say(&lease, &[(1, 3, Outcome::Unknown)]).await.unwrap();
    let serials = press.serials(job.block.as_deref().unwrap()).await;
    let damaged = |serials: &[String]| verdict(Verdict::Damaged, Selection::Serials(serials.to_vec()));
    let first = press.settle(&me(), &job.job, "k1", &damaged(&serials[..1])).await.unwrap();
    assert_eq!((first.labels, first.replacement.unwrap().labels), (1, 1));
    let twice = press.settle(&me(), &job.job, "k2", &damaged(&serials[..1])).await.unwrap();
    assert_eq!((twice.labels, twice.replacement), (0, None));
    let more = press.settle(&me(), &job.job, "k3", &damaged(&serials[..2])).await.unwrap();
    assert_eq!((more.labels, more.replacement.unwrap().labels), (1, 1));
    assert_eq!(press.counts(&job).await, [0, 0, 0, 0, 1, 2, 0]);
}

async fn tests_wait_for_nobody(database: Database) {
    let press = Press::on(&database).await;
    let job = press.print(&me(), "t", &test_labels(4)).await.unwrap();
    let lease = press.take(4).await.unwrap();
    press.fetch(&lease, 1, 3).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed), (2, 2, Outcome::Unknown)]).await.unwrap();
    assert_eq!(press.counts(&job).await, [0, 1, 1, 1, 0, 0, 1]);
    press.let_leases_end(&job).await;
    assert_eq!(press.counts(&job).await, [1, 0, 0, 1, 0, 0, 2]);
    let lease = press.take(4).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed)]).await.unwrap();
    assert_eq!(press.factory.job(&me(), &job.job).await.unwrap().state, "completed");
}

async fn a_spoilt_label_of_a_closed_batch_is_printed_again(database: Database) {
    let press = Press::on(&database).await;
    let (block, job) = press.job(2).await;
    let lease = press.take(2).await.unwrap();
    press.fetch(&lease, 1, 2).await.unwrap();
    press.say(&lease, &[(1, 2, Outcome::Printed)]).await.unwrap();
    press.close_batch(&me(), BATCH, Some("all seen")).await.unwrap();
    // New serials are out of the question; that is said before anything is recorded.
    let damaged = verdict(Verdict::Damaged, Selection::Serials(vec![block.first_serial.clone()]));
    let refused = press.settle(&me(), &job.job, "d", &damaged).await;
    assert!(matches!(refused, Err(ServiceError::BatchClosed { .. })), "{refused:?}");
    assert_eq!(press.counts(&job).await, [0, 0, 0, 2, 0, 0, 0]);
    let request = serde_json::from_value(serde_json::json!({
        "printer": "line-3", "block": block.block, "serials": {"serials": [block.first_serial]},
        "reason": "scratched in the warehouse", "old_label_destroyed": true, "attestation": "torn, L. Chen"
    }));
    let made = press.reprint(&me(), "r", &request.unwrap()).await.unwrap();
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Unknown)]).await.unwrap();
    let seen = verdict(Verdict::Printed, Selection::All);
    let seen = Settlement { serials: Selection::Serials(vec![block.first_serial.clone()]), ..seen };
    let settled = press.settle(&me(), &made.jobs[0].job, "s", &seen).await.unwrap();
    assert_eq!(settled.job.counts.confirmed, 1);
}
