//! What the floor's pages read: jobs by state, labels that nobody knows about, the work of a station, closed conflicts.

use super::press::{Press, control, printer};
use crate::support::{Database, both_engines};
use nameplate::service::print::{Control, InspectionResult, JobRecord, JobStatus, Outcome, Scan, WhichJobs};
use nameplate::service::{Caller, ServiceError};

both_engines!(
    jobs_are_listed_by_the_state_that_they_show,
    labels_that_nobody_knows_about_are_listed_the_oldest_first,
    a_station_sees_what_is_left_of_a_block,
    a_conflict_is_closed_once_and_stays_as_it_was,
    leases_show_no_secret,
);

const STATES: [(&str, JobStatus); 6] = [
    ("pending", JobStatus::Pending),
    ("held", JobStatus::Held),
    ("processing", JobStatus::Processing),
    ("stopped", JobStatus::Stopped),
    ("canceled", JobStatus::Canceled),
    ("completed", JobStatus::Completed),
];

fn cli() -> Caller {
    Caller::command_line()
}

async fn listed(press: &Press, which: &WhichJobs<'_>) -> Vec<JobRecord> {
    press.jobs(&cli(), which, None, 100).await.unwrap().0
}

async fn jobs_are_listed_by_the_state_that_they_show(database: Database) {
    let press = Press::on(&database).await;
    // Each kind of ending, and what is on its way there.
    let (_, completed) = press.job(1).await;
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed)]).await.unwrap();
    let (_, doubtful) = press.job(2).await;
    let lease = press.take(2).await.unwrap();
    press.fetch(&lease, 1, 2).await.unwrap();
    press.say(&lease, &[(1, 2, Outcome::Unknown)]).await.unwrap();
    let (_, canceled) = press.job(1).await;
    press.control_job(&cli(), &canceled.job, &control(Control::Cancel, "x")).await.unwrap();
    let (_, doubtful_canceled) = press.job(2).await;
    let lease = press.take(1).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    press.control_job(&cli(), &doubtful_canceled.job, &control(Control::Cancel, "x")).await.unwrap();
    let (_, held) = press.job(1).await;
    press.control_job(&cli(), &held.job, &control(Control::Hold, "x")).await.unwrap();
    let (_, processing) = press.job(2).await;
    press.take(1).await.unwrap();
    let (_, pending) = press.job(1).await;
    let made = [&completed, &doubtful, &canceled, &doubtful_canceled, &held, &processing, &pending];
    let mut seen = 0;
    for (name, status) in STATES {
        let jobs = listed(&press, &WhichJobs { status: Some(status), ..WhichJobs::default() }).await;
        assert!(!jobs.is_empty(), "{name}");
        seen += jobs.len();
        for job in jobs {
            assert_eq!(press.factory.job(&cli(), &job.job).await.unwrap().state, name, "{}", job.job);
        }
        let of_printer = WhichJobs { status: Some(status), printer: Some("line-3"), ..WhichJobs::default() };
        assert!(!listed(&press, &of_printer).await.is_empty(), "{name} of the printer");
    }
    assert_eq!(seen, made.len(), "each job shows one state");
    let open = listed(&press, &WhichJobs { open: true, ..WhichJobs::default() }).await;
    let names: Vec<_> = open.iter().map(|job| &job.job).collect();
    assert_eq!(names, [&pending.job, &processing.job, &held.job, &doubtful_canceled.job, &doubtful.job]);
    let unconfirmed = listed(&press, &WhichJobs { unconfirmed: true, ..WhichJobs::default() }).await;
    assert_eq!(unconfirmed.len(), 2);
    let mine = WhichJobs { station: Some("fi-1"), printer: Some("line-3"), ..WhichJobs::default() };
    assert_eq!(listed(&press, &mine).await.len(), made.len());
    assert!(listed(&press, &WhichJobs { station: Some("fi-2"), ..WhichJobs::default() }).await.is_empty());
    let block = completed.block.as_deref();
    assert_eq!(listed(&press, &WhichJobs { block, ..WhichJobs::default() }).await.len(), 1);
    assert_eq!(
        listed(&press, &WhichJobs { batch: Some("2025-W14-M2"), ..WhichJobs::default() }).await.len(),
        made.len()
    );
    printer(&press, "line-4").await;
    assert!(listed(&press, &WhichJobs { printer: Some("line-4"), ..WhichJobs::default() }).await.is_empty());
    let (first, next) = press.jobs(&cli(), &WhichJobs::default(), None, 4).await.unwrap();
    let (second, end) = press.jobs(&cli(), &WhichJobs::default(), next, 4).await.unwrap();
    assert_eq!((first.len(), second.len(), end), (4, 3, None));
}

async fn labels_that_nobody_knows_about_are_listed_the_oldest_first(database: Database) {
    let press = Press::on(&database).await;
    let mut jobs = Vec::new();
    for _ in 0..3 {
        let (_, job) = press.job(3).await;
        let lease = press.take(3).await.unwrap();
        press.fetch(&lease, 1, 3).await.unwrap();
        // Two stretches of one lease: the middle one came out.
        press
            .say(&lease, &[(1, 1, Outcome::Unknown), (2, 2, Outcome::Printed), (3, 3, Outcome::Unknown)])
            .await
            .unwrap();
        jobs.push(job.job);
        press.wait(60);
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = press.unconfirmed_labels(&cli(), None, after, 4).await.unwrap();
        found.extend(page);
        if next.is_none() {
            break;
        }
        after = next;
    }
    let of: Vec<_> = found.iter().map(|range| (&range.job.job, range.labels)).collect();
    let wanted: Vec<_> = jobs.iter().flat_map(|job| [(job, 1), (job, 1)]).collect();
    assert_eq!(of, wanted, "each stretch once, the oldest lease first");
    assert!(found.is_sorted_by(|a, b| a.since <= b.since));
    assert!(found.iter().all(|range| range.note.as_deref().is_some_and(|note| note.contains("line-3"))), "{found:?}");
    let count = async |caller: &Caller, printer: Option<&str>| {
        press.unconfirmed_labels(caller, printer, None, 50).await.unwrap().0.len()
    };
    assert_eq!(count(&cli(), Some("LINE-3")).await, 6);
    printer(&press, "line-4").await;
    assert_eq!(count(&cli(), Some("line-4")).await, 0);
    assert!(matches!(
        press.unconfirmed_labels(&cli(), Some("none"), None, 50).await,
        Err(ServiceError::NotFound { kind: "printer", .. })
    ));
    let station = |name: &str| Caller { station: Some(name.into()), ..cli() };
    assert_eq!((count(&station("fi-1"), None).await, count(&station("fi-2"), None).await), (6, 0));
    let own = press.buyer(&database, "BOR").await;
    let (mine, _) = press.unconfirmed_labels(&own, None, None, 50).await.unwrap();
    assert_eq!(mine.len(), 6);
    assert!(mine.iter().all(|range| range.note.is_none() && range.job.made_by.is_none()), "the factory stays inside");
    assert_eq!(count(&press.buyer(&database, "KES").await, None).await, 0);
}

fn scan(serial: &str, result: InspectionResult) -> Scan {
    Scan {
        serial: serial.into(),
        result,
        secondary_ids: [].into(),
        replace: false,
        marking: Default::default(),
        note: None,
        expect: Default::default(),
        happened_at: None,
    }
}

async fn a_station_sees_what_is_left_of_a_block(database: Database) {
    let press = Press::on(&database).await;
    let (block, _) = press.job(6).await;
    let lease = press.take(5).await.unwrap();
    press.fetch(&lease, 1, 4).await.unwrap();
    press.say(&lease, &[(1, 3, Outcome::Printed), (4, 4, Outcome::Unknown)]).await.unwrap();
    let serials = press.serials(&block.block).await;
    for (key, at, result) in [
        ("a", 0, InspectionResult::Pass),
        ("b", 1, InspectionResult::Fail),
        ("c", 2, InspectionResult::Fail),
        ("d", 2, InspectionResult::Pass),
        ("e", 0, InspectionResult::Pass),
    ] {
        press.inspect(&cli(), "fi-1", key, &scan(&serials[at], result)).await.unwrap();
    }
    let work = press.station_work(&cli(), "fi-1", &block.block).await.unwrap();
    assert_eq!(work.results, Some((2, 1)), "the last inspection counts");
    assert_eq!((work.to_print, work.handed_over, work.unconfirmed, work.left()), (2, 0, 1, 3));
    let last: Vec<_> = work.scans.iter().map(|scan| (scan.serial.as_str(), scan.known)).collect();
    assert_eq!(last[..2], [(serials[0].as_str(), true), (serials[2].as_str(), false)]);
    assert_eq!(last.len(), 5);
    let event = i64::try_from(work.scans[0].event).unwrap();
    assert_eq!(press.station_scan(&cli(), "fi-1", event).await.unwrap().unwrap(), work.scans[0]);
    assert_eq!(press.station_scan(&cli(), "fi-2", event).await.unwrap(), None, "it was scanned elsewhere");
    assert_eq!(press.station_scan(&cli(), "fi-1", 1).await.unwrap(), None, "no scan");
    let kestrel = press.buyer(&database, "KES").await;
    assert_eq!(press.station_scan(&kestrel, "fi-1", event).await.unwrap(), None);
    assert!(press.station_work(&kestrel, "fi-1", &block.block).await.is_err());
    let bound = Caller { station: Some("fi-2".into()), ..cli() };
    let wrong = press.station_work(&bound, "fi-1", &block.block).await;
    assert!(matches!(wrong, Err(ServiceError::WrongStation { .. })));
}

async fn a_conflict_is_closed_once_and_stays_as_it_was(database: Database) {
    let press = Press::on(&database).await;
    for (station, id) in [("fi-1", "s-1"), ("fi-2", "s-2"), ("fi-1", "s-3")] {
        let entry = serde_json::json!({"id": id, "scan": {"serial": "07K3-M9XQ-2WN8", "result": "pass"}});
        let entry = serde_json::from_value(entry).unwrap();
        press.sync_journal(&cli(), station, &[entry]).await.unwrap();
    }
    let entries = async |caller: &Caller, station: Option<&str>, closed| {
        let (found, _) = press.conflicts(caller, station, closed, None, 50).await.unwrap();
        found.into_iter().map(|one| one.conflict.entry).collect::<Vec<_>>()
    };
    assert_eq!(entries(&cli(), None, false).await, ["s-3", "s-2", "s-1"]);
    assert_eq!(entries(&cli(), Some("fi-1"), false).await, ["s-3", "s-1"]);
    let bound = Caller { station: Some("fi-2".into()), actor: "somebody".into(), ..cli() };
    assert_eq!(entries(&bound, None, false).await, ["s-2"]);
    let own = press.buyer(&database, "BOR").await;
    assert!(entries(&own, None, false).await.is_empty(), "they are about the inside of the factory");
    let (first, _) = press.conflicts(&cli(), None, false, None, 50).await.unwrap();
    let id = first[0].conflict.conflict;
    for caller in [&bound, &own] {
        assert!(matches!(press.close_conflict(caller, id, "x").await, Err(ServiceError::NotFound { .. })));
    }
    assert!(matches!(press.close_conflict(&cli(), id, " ").await, Err(ServiceError::Invalid { field: "note", .. })));
    let closed = press.close_conflict(&cli(), id, "the unit was scrapped").await.unwrap();
    assert_eq!(press.close_conflict(&cli(), id, "the unit was scrapped").await.unwrap(), closed, "said twice");
    assert!(matches!(press.close_conflict(&cli(), id, "something else").await, Err(ServiceError::Stale)));
    assert_eq!(closed.conflict, first[0].conflict);
    assert_eq!((entries(&cli(), None, false).await.len(), entries(&cli(), None, true).await), (2, vec!["s-3".into()]));
    for sql in [
        "UPDATE station_conflict_closing SET note = 'x'",
        "DELETE FROM station_conflict_closing",
        "UPDATE station_conflict SET reason = 'x'",
    ] {
        assert!(database.try_sql(sql).await.unwrap_err().contains("append-only"), "{sql}");
    }
    press.assert_audit_is_whole().await;
}

async fn leases_show_no_secret(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(3).await;
    let first = press.take(2).await.unwrap();
    press.fetch(&first, 1, 2).await.unwrap();
    press.say(&first, &[(1, 2, Outcome::Printed)]).await.unwrap();
    let second = press.take(1).await.unwrap();
    let of_job = press.job_attempts(&cli(), &job.job, 20).await.unwrap();
    let of_printer = press.printer_attempts(&cli(), "line-3", 50).await.unwrap();
    assert_eq!(of_job, of_printer);
    let ends: Vec<_> = of_job.iter().map(|one| (one.labels, one.ended_by.as_deref())).collect();
    assert_eq!(ends, [(1, None), (2, Some("settled"))]);
    let shown = format!("{of_job:?}");
    assert!(!shown.contains(&first.lease) && !shown.contains(&second.lease), "{shown}");
    for foreign in [press.buyer(&database, "KES").await, Caller { station: Some("fi-2".into()), ..cli() }] {
        let seen = press.printer_attempts(&foreign, "line-3", 50).await.unwrap();
        assert!(seen.len() == 2 && seen.iter().all(|one| one.job.is_none()), "{seen:?}");
    }
    assert_eq!(press.printer_attempts(&cli(), "line-3", 1).await.unwrap().len(), 1);
}
