//! The station flow: labels in one call, the scan that makes serial and unit one, and what is left over.

use super::press::{Press, approval, printer, refusal, settings};
use crate::support::{Database, Factory, both_engines};
use nameplate::service::print::{
    Control, ControlRequest, Inspected, InspectionResult, NewPrinter, Outcome, PrintError, Scan, StationPrint,
    StationPrinted,
};
use nameplate::service::report_fate::Selection;
use nameplate::service::resolve::Resolved;
use nameplate::service::{Caller, ReserveError, ServiceError};
use nameplate::trace::Fate;

both_engines!(
    uni3_labels_of_a_station_come_from_one_call,
    what_cannot_be_printed_leaves_no_gap,
    uni1_uni3_a_scan_binds_label_and_unit,
    uni3_a_scan_proves_a_label_that_nobody_knew_about,
    ser13_secondary_ids_have_one_unit,
    ser13_an_exchanged_part_stays_on_record,
    ser14_the_marking_is_recorded,
    what_cannot_be_on_a_unit_is_refused,
    the_same_scan_twice_at_once_is_one,
    nobody_reports_around_a_label,
    bat7_debt_lists_what_was_not_scanned_back,
);

const BATCH: &str = "2025-W14-M2";

fn wanted(count: i64) -> StationPrint {
    serde_json::from_value(serde_json::json!({"sku": "NT-M2-BOR", "batch": BATCH, "count": count, "printer": "line-3"}))
        .unwrap()
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

fn with(serial: &str, kind: &str, value: &str) -> Scan {
    Scan { secondary_ids: [(kind.into(), value.into())].into(), ..scan(serial, InspectionResult::Pass) }
}

impl Press {
    async fn station(&self, key: &str, wanted: &StationPrint) -> Result<StationPrinted, ServiceError> {
        self.station_print(&Caller::command_line(), "fi-1", key, wanted).await
    }

    async fn scan(&self, key: &str, scan: &Scan) -> Result<Inspected, ServiceError> {
        self.inspect(&Caller::command_line(), "fi-1", key, scan).await
    }

    /// A block of so many labels, all of them confirmed by the printer.
    async fn printed(&self, count: i64) -> (StationPrinted, Vec<String>) {
        let key = format!("printed {count} {}", nameplate::service::random::<4>().unwrap()[0]);
        let made = self.station(&key, &wanted(count)).await.unwrap();
        let labels = u64::try_from(count).unwrap();
        let lease = self.take(u32::try_from(count).unwrap()).await.unwrap();
        self.fetch(&lease, 1, labels).await.unwrap();
        self.say(&lease, &[(1, labels, Outcome::Printed)]).await.unwrap();
        let serials = self.serials(&made.block).await;
        (made, serials)
    }

    async fn issued(&self) -> u64 {
        self.batch(&Caller::command_line(), BATCH).await.unwrap().account.unwrap().issued
    }
}

async fn uni3_labels_of_a_station_come_from_one_call(database: Database) {
    let press = Press::on(&database).await;
    let made = press.station("k1", &wanted(5)).await.unwrap();
    assert_eq!((made.count, made.job.labels, made.job.state.as_str()), (5, 5, "pending"));
    assert_eq!(made.job.block.as_deref(), Some(made.block.as_str()));
    assert!(made.receipt.starts_with("npr1."));
    assert_eq!(press.station("k1", &wanted(5)).await.unwrap(), made, "the same key, the same block and job");
    assert!(press.station("k1", &wanted(6)).await.is_err());
    let elsewhere = StationPrint { printer: "line-4".into(), ..wanted(5) };
    printer(&press, "line-4").await;
    assert!(matches!(press.station("k1", &elsewhere).await, Err(ServiceError::KeyReused)));
    // A crash between block and job: the call comes again and makes the job.
    press.try_reserve("print k2", "NT-M2-BOR", BATCH, 3, "fi-1").await.unwrap();
    let healed = press.station("k2", &wanted(3)).await.unwrap();
    assert_eq!((healed.count, press.issued().await), (3, 8));
    // It answers as before when nothing could be printed any more.
    press.withdraw_approval(&Caller::command_line(), made.job.approval.unwrap(), "new artwork").await.unwrap();
    assert_eq!(press.station("k2", &wanted(3)).await.unwrap().block, healed.block);
    press.assert_audit_is_whole().await;
}

async fn what_cannot_be_printed_leaves_no_gap(database: Database) {
    let factory = Factory::on(&database).await;
    let agent = printer(&factory, "line-3").await;
    let press = Press { factory, agent };
    let caller = Caller::command_line();
    let before = press.issued().await;
    let refused = |error: Result<StationPrinted, ServiceError>| refusal(error.unwrap_err());
    assert!(matches!(refused(press.station("k", &wanted(2)).await), PrintError::ApprovalMissing { .. }));
    press.approve(&caller, &approval()).await.unwrap();
    let other = |printer: &str| StationPrint { printer: printer.into(), ..wanted(2) };
    for (name, settings) in [
        ("fine", settings(300)),
        ("small", nameplate::service::print::PrinterSettings { media_width_um: 30_000, ..settings(203) }),
        ("gone", settings(203)),
    ] {
        press.register_printer(&caller, &NewPrinter { printer: name.into(), settings }).await.unwrap();
    }
    let retired = nameplate::service::print::PrinterSettings { state: "retired".into(), ..settings(203) };
    press.edit_printer(&caller, "gone", 1, &retired).await.unwrap();
    assert!(matches!(refused(press.station("k", &other("fine")).await), PrintError::ApprovalMissing { dpi: 300, .. }));
    assert!(matches!(refused(press.station("k", &other("small")).await), PrintError::PrinterMismatch { .. }));
    assert!(matches!(refused(press.station("k", &other("gone")).await), PrintError::PrinterNotEnabled { .. }));
    assert!(matches!(press.station("k", &other("none")).await, Err(ServiceError::NotFound { kind: "printer", .. })));
    let unknown = StationPrint { sku: "NT-M2-B0R".into(), ..wanted(2) };
    assert!(matches!(press.station("k", &unknown).await, Err(ServiceError::Reserve(ReserveError::UnknownSku { .. }))));
    let bound = Caller { station: Some("fi-2".into()), ..Caller::command_line() };
    let wrong = press.station_print(&bound, "fi-1", "k", &wanted(2)).await;
    assert!(matches!(wrong, Err(ServiceError::WrongStation { .. })));
    assert_eq!(press.issued().await, before, "not one serial was reserved");
    press.station("k", &wanted(2)).await.unwrap();
}

async fn uni1_uni3_a_scan_binds_label_and_unit(database: Database) {
    let press = Press::on(&database).await;
    let (made, serials) = press.printed(3).await;
    let typed = format!("S/N {}", serials[0].to_lowercase());
    let good = Scan { note: Some("ok".into()), ..with(&typed, "mac", "0011.620A.1B2C") };
    let bound = press.scan("s1", &good).await.unwrap();
    assert_eq!((&bound.serial, bound.known, &bound.block), (&serials[0], false, &made.block));
    assert_eq!(bound.secondary_ids["mac"], "00:11:62:0a:1b:2c");
    assert_eq!(press.scan("s1", &good).await.unwrap(), bound, "the same key, the same answer");
    let other = scan(&serials[1], InspectionResult::Pass);
    assert!(matches!(press.scan("s1", &other).await, Err(ServiceError::KeyReused)));
    let again = press.scan("s2", &scan(&serials[0], InspectionResult::Pass)).await.unwrap();
    assert_eq!((again.known, again.note.as_str(), again.secondary_ids.len()), (true, "ok", 1));
    // Fail, then pass after rework: two inspections, one unit.
    assert!(!press.scan("s3", &scan(&serials[1], InspectionResult::Fail)).await.unwrap().known);
    assert!(!press.scan("s4", &scan(&serials[1], InspectionResult::Pass)).await.unwrap().known);
    let unit = press.unit(&serials[1]).await;
    let results: Vec<_> = unit.inspections.iter().map(|inspection| inspection.result.as_str()).collect();
    assert_eq!((unit.fate, results), (Fate::Applied, vec!["pass", "fail"]));
    let kinds: Vec<_> = unit.history.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["reserve", "printed", "inspection", "inspection"]);
    // A late repetition of the first answer changes nothing.
    assert_eq!(
        press.scan("s3", &scan(&serials[1], InspectionResult::Fail)).await.unwrap().result,
        InspectionResult::Fail
    );
    assert_eq!(press.unit(&serials[1]).await.inspections[0].result, "pass");
    let (block, _) = press.block(&Caller::command_line(), &made.block).await.unwrap();
    assert_eq!((block.account.applied, block.account.printed), (2, 1));
    press.assert_audit_is_whole().await;
}

async fn uni3_a_scan_proves_a_label_that_nobody_knew_about(database: Database) {
    let press = Press::on(&database).await;
    let made = press.station("k", &wanted(4)).await.unwrap();
    let serials = press.serials(&made.block).await;
    let queued = press.scan("q", &scan(&serials[0], InspectionResult::Pass)).await.map_err(refusal).unwrap_err();
    assert!(matches!(&queued, PrintError::OnItsWay { job, .. } if *job == made.job.job), "{queued}");
    let lease = press.take(4).await.unwrap();
    let leased = press.scan("q", &scan(&serials[0], InspectionResult::Pass)).await.map_err(refusal);
    assert!(matches!(leased, Err(PrintError::OnItsWay { .. })));
    press.fetch(&lease, 1, 4).await.unwrap();
    let bound = press.scan("s1", &scan(&serials[0], InspectionResult::Pass)).await.unwrap();
    assert_eq!(bound.confirmed_jobs, std::slice::from_ref(&made.job.job));
    press.say(&lease, &[(2, 4, Outcome::Unknown)]).await.unwrap();
    assert_eq!(press.counts(&made.job).await, [0, 0, 0, 1, 3, 0, 0]);
    press.scan("s2", &scan(&serials[1], InspectionResult::Fail)).await.unwrap();
    assert_eq!(press.counts(&made.job).await, [0, 0, 0, 2, 2, 0, 0]);
    let history = press.unit(&serials[1]).await.history;
    let kinds: Vec<_> = history.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["reserve", "print_unconfirmed", "printed", "inspection"]);
    // A scan that is refused confirms nothing either.
    let taken = with(&serials[2], "mac", "00:11:62:0a:1b:2c");
    press.scan("s3", &with(&serials[1], "mac", "00:11:62:0a:1b:2c")).await.unwrap();
    assert!(press.scan("s4", &taken).await.is_err());
    assert_eq!(press.counts(&made.job).await, [0, 0, 0, 2, 2, 0, 0]);
    assert_eq!(press.printer(&Caller::command_line(), "line-3").await.unwrap().confirmed, 2);
    press.assert_audit_is_whole().await;
}

async fn ser13_secondary_ids_have_one_unit(database: Database) {
    let press = Press::on(&database).await;
    let (_, serials) = press.printed(2).await;
    press.scan("s1", &with(&serials[0], "mac", "00:11:62:0a:1b:2c")).await.unwrap();
    press.scan("s2", &with(&serials[0], "rom", "RX-77 a")).await.unwrap();
    for text in ["00:11:62:0A:1B:2C", "00-11-62-0a-1b-2c", "0011.620a.1b2c", "0011620A1B2C", "rx-77 A"] {
        let unit = press.unit(text).await;
        assert_eq!((unit.serial.as_str(), unit.secondary_ids.len()), (serials[0].as_str(), 2), "{text}");
    }
    match press.scan("s3", &with(&serials[1], "mac", "0011620a1b2c")).await.map_err(refusal) {
        Err(PrintError::SecondaryIdTaken { serial: Some(owner), .. }) => {
            assert_eq!(owner.replace('-', ""), serials[0]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(press.unit(&serials[1]).await.fate, Fate::Printed, "nothing was bound");
    // Another brand finds neither the unit nor whose the address is.
    let kestrel = press.buyer(&database, "KES").await;
    assert!(matches!(press.resolve(&kestrel, "00:11:62:0a:1b:2c").await.unwrap(), Resolved::Unknown(_)));
    let foreign = press.inspect(&kestrel, "fi-1", "s4", &with(&serials[1], "rom", "1")).await;
    assert!(matches!(foreign, Err(ServiceError::NoUnit(_))));
    let own = press.buyer(&database, "BOR").await;
    let Resolved::Serial(seen) = press.resolve(&own, "0011620a1b2c").await.unwrap() else { panic!("not found") };
    assert!(seen.inspections.iter().all(|i| i.actor.is_none() && i.station.is_none() && i.note.is_empty()));
}

async fn ser13_an_exchanged_part_stays_on_record(database: Database) {
    let press = Press::on(&database).await;
    let (_, serials) = press.printed(2).await;
    press.scan("s1", &with(&serials[0], "mac", "00:11:62:00:00:01")).await.unwrap();
    let exchanged = with(&serials[0], "mac", "00:11:62:00:00:02");
    match press.scan("s2", &exchanged).await.map_err(refusal) {
        Err(PrintError::SecondaryIdDiffers { bound, .. }) => assert_eq!(bound, "00:11:62:00:00:01"),
        other => panic!("{other:?}"),
    }
    let bound = press.scan("s3", &Scan { replace: true, ..exchanged }).await.unwrap();
    assert_eq!(bound.secondary_ids["mac"], "00:11:62:00:00:02");
    let unit = press.unit("00:11:62:00:00:01").await;
    assert_eq!(unit.serial, serials[0], "the old address still leads to the unit that had it");
    let ids: Vec<_> = unit.secondary_ids.iter().map(|id| (id.value.as_str(), id.current)).collect();
    assert_eq!(ids, [("00:11:62:00:00:02", true), ("00:11:62:00:00:01", false)]);
    // The board goes into another unit.
    press.scan("s4", &with(&serials[1], "mac", "00:11:62:00:00:01")).await.unwrap();
    assert_eq!(press.unit("001162000001").await.serial, serials[1]);
    let table = "UPDATE secondary_id SET ended_by = NULL";
    assert!(database.try_sql(table).await.unwrap_err().contains("never edited"));
    assert!(database.try_sql("DELETE FROM inspection").await.unwrap_err().contains("append-only"));
    press.assert_audit_is_whole().await;
}

async fn ser14_the_marking_is_recorded(database: Database) {
    let press = Press::on(&database).await;
    let block = press.reserve(1).await;
    let engraved = Scan {
        marking: nameplate::service::print::Marking::Engraved,
        ..scan(&block.first_serial, InspectionResult::Pass)
    };
    press.scan("s1", &engraved).await.unwrap();
    assert_eq!(press.unit(&block.first_serial).await.inspections[0].marking, "engraved");
}

async fn what_cannot_be_on_a_unit_is_refused(database: Database) {
    let press = Press::on(&database).await;
    let (made, serials) = press.printed(3).await;
    press.report(&made.block, Fate::Void, Selection::Serials(vec![serials[2].clone()])).await.unwrap();
    let returned = press.reserve(1).await;
    press.report(&returned.block, Fate::Returned, Selection::All).await.unwrap();
    for serial in [&serials[2], &returned.first_serial] {
        let refused = press.scan("s", &scan(serial, InspectionResult::Pass)).await;
        assert!(matches!(refused, Err(ServiceError::FateRefused { .. })), "{refused:?}");
    }
    let mut slip = serials[0].clone();
    let swapped = if slip.ends_with('7') { "8" } else { "7" };
    slip.replace_range(slip.len() - 1.., swapped);
    match press.scan("s", &scan(&slip, InspectionResult::Pass)).await {
        Err(ServiceError::NoUnit(unknown)) => {
            assert!(unknown.suggestions.iter().any(|meant| meant.serial == serials[0]), "{unknown:?}");
        }
        other => panic!("{other:?}"),
    }
    for text in ["", "NT-M2-BOR", BATCH, &made.block, "\0", &"7".repeat(300)] {
        let refused = press.scan("s", &scan(text, InspectionResult::Pass)).await;
        assert!(matches!(refused, Err(ServiceError::NoUnit(_))), "{text}: {refused:?}");
    }
    let expecting = |sku: Option<&str>, batch: Option<&str>| Scan {
        expect: nameplate::service::print::Expected { sku: sku.map(Into::into), batch: batch.map(Into::into) },
        ..scan(&serials[0], InspectionResult::Pass)
    };
    for wrong in [expecting(Some("NT-M2-KES"), None), expecting(None, Some("2025-W27-M2"))] {
        let refused = press.scan("s", &wrong).await.map_err(refusal);
        assert!(matches!(refused, Err(PrintError::OtherUnit { .. })), "{refused:?}");
    }
    assert_eq!(press.unit(&serials[0]).await.fate, Fate::Printed);
    press.scan("s", &expecting(Some("nt-m2-bor"), Some("2025-w14-m2"))).await.unwrap();
    let bound = Caller { station: Some("fi-2".into()), ..Caller::command_line() };
    let wrong = press.inspect(&bound, "fi-1", "w", &scan(&serials[1], InspectionResult::Pass)).await;
    assert!(matches!(wrong, Err(ServiceError::WrongStation { .. })));
    let bad = with(&serials[1], "MAC", "1");
    assert!(matches!(press.scan("b", &bad).await, Err(ServiceError::Invalid { field: "secondary_ids", .. })));
}

async fn the_same_scan_twice_at_once_is_one(database: Database) {
    let press = Press::on(&database).await;
    let (_, serials) = press.printed(2).await;
    let both = |key: &'static str, serial: &str| {
        let one = with(serial, "mac", "00:11:62:0a:1b:2c");
        let press = &press;
        async move { press.scan(key, &one).await }
    };
    let (a, b) = tokio::join!(both("same", &serials[0]), both("same", &serials[0]));
    assert_eq!(a.unwrap(), b.unwrap());
    let (c, d) = tokio::join!(both("c", &serials[0]), both("d", &serials[1]));
    assert!(c.unwrap().known);
    assert!(matches!(d.map_err(refusal), Err(PrintError::SecondaryIdTaken { .. })));
    assert_eq!(press.unit(&serials[0]).await.inspections.len(), 1);
}

async fn nobody_reports_around_a_label(database: Database) {
    let press = Press::on(&database).await;
    let caller = Caller::command_line();
    let made = press.station("k", &wanted(6)).await.unwrap();
    let serials = press.serials(&made.block).await;
    let which = |at: &[usize]| Selection::Serials(at.iter().map(|&at| serials[at].clone()).collect());
    let all = [Fate::Printed, Fate::Applied, Fate::Returned, Fate::Void, Fate::Unaccounted];
    let in_the_way = |answer: Result<_, ServiceError>, fate| match answer.map_err(refusal) {
        Err(PrintError::OnItsWay { job, .. }) => assert_eq!(job, made.job.job),
        Err(other) => panic!("{fate}: {other}"),
        Ok(nameplate::service::report_fate::FateReported { .. }) => panic!("{fate} was taken"),
    };
    for fate in all {
        in_the_way(press.report(&made.block, fate, Selection::All).await, fate);
    }
    let lease = press.take(4).await.unwrap();
    press.fetch(&lease, 1, 4).await.unwrap();
    press.say(&lease, &[(1, 1, Outcome::Printed), (2, 2, Outcome::Unknown)]).await.unwrap();
    for fate in all.into_iter().filter(|fate| *fate != Fate::Applied) {
        in_the_way(press.report(&made.block, fate, which(&[1])).await, fate);
        in_the_way(press.report(&made.block, fate, which(&[2])).await, fate);
    }
    in_the_way(press.report(&made.block, Fate::Applied, which(&[0, 1, 5])).await, Fate::Applied);
    press.report(&made.block, Fate::Applied, which(&[0, 1, 3])).await.unwrap();
    assert_eq!(press.counts(&made.job).await, [2, 0, 1, 3, 0, 0, 0]);
    match press.close_batch(&caller, BATCH, Some("lost")).await.map_err(refusal) {
        Err(PrintError::JobState { job, .. }) => assert_eq!(job, made.job.job),
        other => panic!("{other:?}"),
    }
    press.say(&lease, &[(3, 3, Outcome::Printed)]).await.unwrap();
    let cancel = ControlRequest { control: Control::Cancel, reason: Some("enough".into()) };
    press.control_job(&caller, &made.job.job, &cancel).await.unwrap();
    press.report(&made.block, Fate::Returned, which(&[4, 5])).await.unwrap();
    press.close_batch(&caller, BATCH, Some("lost")).await.unwrap();
    // The unit that is on record as lost cannot be bound any more; another look at one that is bound can be recorded.
    let lost = press.scan("s1", &scan(&serials[2], InspectionResult::Pass)).await;
    assert!(matches!(lost, Err(ServiceError::BatchClosed { .. })), "{lost:?}");
    press.scan("s2", &scan(&serials[0], InspectionResult::Fail)).await.unwrap();
    press.assert_audit_is_whole().await;
}

async fn bat7_debt_lists_what_was_not_scanned_back(database: Database) {
    let press = Press::on(&database).await;
    let caller = Caller::command_line();
    let made = press.station("k", &wanted(8)).await.unwrap();
    let serials = press.serials(&made.block).await;
    let lease = press.take(6).await.unwrap();
    press.fetch(&lease, 1, 6).await.unwrap();
    press.say(&lease, &[(1, 4, Outcome::Printed), (5, 5, Outcome::Unknown)]).await.unwrap();
    press.scan("s1", &scan(&serials[1], InspectionResult::Pass)).await.unwrap();
    // Labels that were made without a job.
    let by_hand = press.reserve(2).await;
    press.report(&by_hand.block, Fate::Printed, Selection::All).await.unwrap();
    let (debt, next) = press.batch_debt(&caller, BATCH, None, 100).await.unwrap();
    assert_eq!(next, None);
    assert_eq!((debt.counts.printed, debt.counts.handed_over, debt.counts.unconfirmed), (5, 1, 1));
    let job = Some(made.job.job.as_str());
    let seen: Vec<_> = debt.items.iter().map(|r| (r.state.as_str(), r.labels, r.job.as_deref())).collect();
    assert_eq!(
        seen,
        [
            ("printed", 2, None),
            ("printed", 1, job),
            ("printed", 2, job),
            ("unconfirmed", 1, job),
            ("handed_over", 1, job)
        ]
    );
    assert_eq!(debt.items[2].first_serial.replace('-', ""), serials[2]);
    assert!(debt.items.iter().all(|range| range.station == "fi-1" && range.since.starts_with("2025-07-10T")));
    assert_eq!(debt.items[1].printer.as_deref(), Some("line-3"));
    // Page by page it is the same list.
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = press.batch_debt(&caller, BATCH, after, 1).await.unwrap();
        assert!(page.items.len() <= 1);
        paged.extend(page.items);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, debt.items);
    let brand = press.buyer(&database, "BOR").await;
    assert!(press.batch_debt(&brand, BATCH, None, 10).await.is_err());
    for (at, serial) in serials.iter().enumerate().take(6) {
        press.scan(&format!("all {at}"), &scan(serial, InspectionResult::Pass)).await.unwrap();
    }
    press.report(&by_hand.block, Fate::Void, Selection::All).await.unwrap();
    assert_eq!(press.batch_debt(&caller, BATCH, None, 10).await.unwrap().0.items, []);
}
