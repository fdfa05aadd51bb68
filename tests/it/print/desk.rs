//! The print desk on both engines: no serial is ever silently printed twice (LAB6).

use super::press::{Press, approval, printer, refusal};
use crate::support::{Database, Factory, both_engines};
use nameplate::service::Caller;
use nameplate::service::print::{
    Control, ControlRequest, NewJob, Outcome, PrintError, ReprintRequest, Settlement, Verdict,
};
use nameplate::service::report_fate::Selection;
use nameplate::trace::Fate;

both_engines!(
    lab6_approved_labels_are_printed_once,
    nothing_live_is_printed_without_an_approval,
    a_lease_that_ends_gives_back_what_was_not_fetched,
    a_late_result_of_the_same_lease_is_taken,
    a_superseded_lease_changes_nothing,
    results_are_checked_label_by_label,
    a_person_settles_what_nobody_knows,
    jobs_are_held_released_and_cancelled,
    a_reprint_needs_a_reason_and_keeps_the_digest,
    another_printer_sees_nothing,
    the_last_look_before_the_first_byte,
);

const ALL: Selection = Selection::All;

async fn lab6_approved_labels_are_printed_once(database: Database) {
    let press = Press::on(&database).await;
    let (block, job) = press.job(10).await;
    assert_eq!((job.state.as_str(), job.labels, job.copy), ("pending", 10, 1));
    let lease = press.take(4).await.unwrap();
    assert_eq!((lease.labels, lease.kind.as_str(), &lease.job), (4, "live", &job.job));
    let one = press.fetch(&lease, 1, 1).await.unwrap();
    assert_eq!(press.fetch(&lease, 1, 1).await.unwrap(), one, "the same bytes as often as asked");
    press.fetch(&lease, 2, 4).await.unwrap();
    assert_eq!(press.counts(&job).await, [6, 0, 4, 0, 0, 0, 0]);
    let taken = press.say(&lease, &[(1, 4, Outcome::Printed)]).await.unwrap();
    assert_eq!((taken.confirmed, taken.open), (4, 0));
    let again = press.say(&lease, &[(1, 4, Outcome::Printed)]).await.unwrap();
    assert_eq!(again, taken, "saying it twice is fine");
    assert_eq!(press.counts(&job).await, [6, 0, 0, 4, 0, 0, 0]);
    let lease = press.take(100).await.unwrap();
    press.fetch(&lease, 1, 6).await.unwrap();
    press.say(&lease, &[(1, 6, Outcome::Printed)]).await.unwrap();
    assert!(press.take(1).await.is_none());
    let (record, _) = press.block(&Caller::command_line(), &block.block).await.unwrap();
    assert_eq!((record.account.printed, record.account.reserved), (10, 0));
    // A second job for any of them is refused, and names the first.
    match press.print_all(&block.block).await.map_err(refusal) {
        Err(PrintError::AlreadyPrinted { job: Some(other), .. }) => assert_eq!(other, job.job),
        other => panic!("{other:?}"),
    }
    let unit = press.unit(&block.first_serial).await;
    assert_eq!(unit.fate, Fate::Printed);
    press.assert_audit_is_whole().await;
    let printer = press.printer(&Caller::command_line(), "line-3").await.unwrap();
    assert_eq!((printer.confirmed, printer.leases, printer.online), (10, 3 - 1, true));
}

async fn nothing_live_is_printed_without_an_approval(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let agent = printer(&factory, "line-3").await;
    let press = Press { factory, agent };
    let block = press.reserve(5).await;
    let missing = |refused: PrintError| matches!(refused, PrintError::ApprovalMissing { .. });
    assert!(missing(refusal(press.print_all(&block.block).await.unwrap_err())));
    // For another resolution is not for this one.
    let at_300 = nameplate::service::print::NewApproval { dpi: 300, ..approval() };
    press.approve(&caller, &at_300).await.unwrap();
    assert!(missing(refusal(press.print_all(&block.block).await.unwrap_err())));
    let approved = press.approve(&caller, &approval()).await.unwrap();
    press.print_all(&block.block).await.unwrap();
    // Withdrawn: queued labels stop, and nothing new comes.
    press.withdraw_approval(&caller, approved.approval, "importer moved").await.unwrap();
    assert!(press.take(5).await.is_none());
    let other = press.reserve(1).await;
    assert!(missing(refusal(press.print_all(&other.block).await.unwrap_err())));
    press.assert_audit_is_whole().await;
}

async fn a_lease_that_ends_gives_back_what_was_not_fetched(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(6).await;
    let lease = press.take(6).await.unwrap();
    press.fetch(&lease, 1, 2).await.unwrap();
    press.let_leases_end(&job).await;
    assert_eq!(press.counts(&job).await, [4, 0, 0, 0, 2, 0, 0]);
    assert!(matches!(press.fetch(&lease, 3, 3).await, Err(PrintError::LeaseEnded { .. })));
    // The two that were fetched are not printed again by themselves.
    let next = press.take(10).await.unwrap();
    assert_eq!(next.labels, 4);
    press.fetch(&next, 1, 4).await.unwrap();
    press.say(&next, &[(1, 4, Outcome::Printed)]).await.unwrap();
    assert!(press.take(10).await.is_none());
    let waiting = press.factory.job(&Caller::command_line(), &job.job).await.unwrap();
    assert_eq!(waiting.state, "stopped");
}

async fn a_late_result_of_the_same_lease_is_taken(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(3).await;
    let lease = press.take(3).await.unwrap();
    press.fetch(&lease, 1, 3).await.unwrap();
    press.let_leases_end(&job).await;
    let press = press.restarted().await;
    let taken = press
        .say(&lease, &[(1, 1, Outcome::Printed), (2, 2, Outcome::NotPrinted), (3, 3, Outcome::Unknown)])
        .await
        .unwrap();
    assert_eq!((taken.confirmed, taken.queued, taken.unconfirmed), (1, 1, 1));
    assert_eq!(press.counts(&job).await, [1, 0, 0, 1, 1, 0, 0]);
}

async fn a_superseded_lease_changes_nothing(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(4).await;
    let first = press.take(2).await.unwrap();
    press.fetch(&first, 1, 1).await.unwrap();
    let second = press.take(10).await.unwrap();
    assert_eq!(press.counts(&job).await, [0, 3, 0, 0, 1, 0, 0]);
    assert!(matches!(press.fetch(&first, 2, 2).await, Err(PrintError::LeaseEnded { by }) if by == "superseded"));
    // Its own first label is still its to tell; the second is another's now.
    match press.say(&first, &[(1, 1, Outcome::Printed), (2, 2, Outcome::NotPrinted)]).await {
        Err(PrintError::ResultRefused { label: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(press.counts(&job).await, [0, 3, 0, 1, 0, 0, 0]);
    press.fetch(&second, 1, 3).await.unwrap();
    press.say(&second, &[(1, 3, Outcome::Printed)]).await.unwrap();
    assert_eq!(press.counts(&job).await, [0, 0, 0, 4, 0, 0, 0]);
}

async fn results_are_checked_label_by_label(database: Database) {
    let press = Press::on(&database).await;
    let (_, job) = press.job(5).await;
    let lease = press.take(5).await.unwrap();
    assert!(matches!(
        press.say(&lease, &[(1, 2, Outcome::Printed)]).await,
        Err(PrintError::NotHandedOver { label: 1 })
    ));
    for (first, last) in [(0, 1), (2, 1), (5, 6), (1, u64::MAX)] {
        let refused = press.say(&lease, &[(first, last, Outcome::NotPrinted)]).await;
        assert!(matches!(refused, Err(PrintError::Positions { labels: 5, .. })), "{first} {last}");
        assert!(matches!(press.fetch(&lease, first, last).await, Err(PrintError::Positions { .. })));
    }
    press.fetch(&lease, 1, 3).await.unwrap();
    press
        .say(&lease, &[(3, 3, Outcome::Unknown), (1, 2, Outcome::Printed), (4, 5, Outcome::NotPrinted)])
        .await
        .unwrap();
    assert_eq!(press.counts(&job).await, [2, 0, 0, 2, 1, 0, 0]);
    // What came out cannot be taken back by the printer.
    assert!(matches!(
        press.say(&lease, &[(1, 1, Outcome::NotPrinted)]).await,
        Err(PrintError::ResultRefused { label: 1, .. })
    ));
}

async fn a_person_settles_what_nobody_knows(database: Database) {
    let press = Press::on(&database).await;
    let caller = Caller::command_line();
    let (block, job) = press.job(4).await;
    let lease = press.take(4).await.unwrap();
    press.fetch(&lease, 1, 4).await.unwrap();
    press.say(&lease, &[(1, 4, Outcome::Unknown)]).await.unwrap();
    let serials = press.serials(&block.block).await;
    let settle = |verdict, serials: Vec<String>, reason: Option<&str>| Settlement {
        verdict,
        serials: Selection::Serials(serials),
        reason: reason.map(str::to_owned),
        replace: true,
    };
    // Scanned.
    let seen = settle(Verdict::Printed, vec![serials[0].to_lowercase()], None);
    let settled = press.settle(&caller, &job.job, "k1", &seen).await.unwrap();
    assert_eq!((settled.labels, settled.job.counts.confirmed), (1, 1));
    assert_eq!(press.settle(&caller, &job.job, "k1", &seen).await.unwrap().labels, 1, "the same key, the same answer");
    let gone = settle(Verdict::NotPrinted, vec![serials[1].clone()], Some("web torn before it"));
    press.settle(&caller, &job.job, "k2", &gone).await.unwrap();
    let spoilt = settle(Verdict::Damaged, vec![serials[2].clone(), serials[3].clone()], Some("crumpled"));
    let settled = press.settle(&caller, &job.job, "k3", &spoilt).await.unwrap();
    assert_eq!(press.counts(&job).await, [1, 0, 0, 1, 0, 2, 0]);
    assert_eq!(press.unit(&serials[2]).await.fate, Fate::Void);
    let replacement = settled.replacement.unwrap();
    assert_eq!((replacement.labels, replacement.kind.as_str()), (2, "live"));
    assert_ne!(replacement.block.as_deref(), Some(block.block.as_str()));
    let repeated = press.settle(&caller, &job.job, "k3", &spoilt).await.unwrap();
    assert_eq!(repeated.replacement.unwrap().job, replacement.job);
    // A scrapped label is neither printed nor queued again.
    let late = settle(Verdict::Printed, vec![serials[2].clone()], None);
    assert!(matches!(
        press.settle(&caller, &job.job, "k4", &late).await.map_err(refusal),
        Err(PrintError::Step { .. })
    ));
    press.assert_audit_is_whole().await;
}

async fn jobs_are_held_released_and_cancelled(database: Database) {
    let press = Press::on(&database).await;
    let caller = Caller::command_line();
    let control = |control, reason: Option<&str>| ControlRequest { control, reason: reason.map(str::to_owned) };
    let (block, job) = press.job(6).await;
    press.control_job(&caller, &job.job, &control(Control::Hold, Some("wrong ribbon"))).await.unwrap();
    assert!(press.take(5).await.is_none());
    press.control_job(&caller, &job.job, &control(Control::Release, None)).await.unwrap();
    let lease = press.take(3).await.unwrap();
    press.fetch(&lease, 1, 1).await.unwrap();
    let cancelled =
        press.control_job(&caller, &job.job, &control(Control::Cancel, Some("order cancelled"))).await.unwrap();
    assert_eq!(press.counts(&job).await, [0, 0, 0, 0, 1, 0, 5]);
    assert_eq!(cancelled.state, "stopped", "one label waits for a person");
    assert!(matches!(press.fetch(&lease, 2, 2).await, Err(PrintError::LeaseEnded { by }) if by == "canceled"));
    match press.say(&lease, &[(1, 1, Outcome::Printed), (2, 2, Outcome::NotPrinted)]).await {
        Err(PrintError::ResultRefused { label: 2, .. }) => {}
        other => panic!("{other:?}"),
    }
    // What was cancelled can be printed by another job, what was not cannot.
    assert!(press.print_all(&block.block).await.is_err());
    let serials = press.serials(&block.block).await;
    let rest = NewJob {
        serials: Some(Selection::From(serials[1].clone())),
        ..NewJob::of_whole_block("line-3", &block.block, None)
    };
    let again = press.print(&caller, "again", &rest).await.unwrap();
    assert_eq!(again.labels, 5);
    assert_eq!(press.print(&caller, "again", &rest).await.unwrap().job, again.job);
}

async fn a_reprint_needs_a_reason_and_keeps_the_digest(database: Database) {
    let press = Press::on(&database).await;
    let caller = Caller::command_line();
    let (block, job) = press.job(3).await;
    let serials = press.serials(&block.block).await;
    let request = |which: &[String]| ReprintRequest {
        printer: "line-3".into(),
        block: Some(block.block.clone()),
        serials: Selection::Serials(which.to_vec()),
        reason: "scratched".into(),
        old_label_destroyed: true,
        attestation: "torn, red box".into(),
        reissue: false,
    };
    let refused = |r: Result<_, nameplate::service::ServiceError>| {
        refusal(r.map(|_: nameplate::service::print::Reprinted| ()).unwrap_err())
    };
    assert!(matches!(
        refused(press.reprint(&caller, "r0", &request(&serials[..1])).await),
        PrintError::AlreadyPrinted { .. }
    ));
    let lease = press.take(3).await.unwrap();
    press.fetch(&lease, 1, 3).await.unwrap();
    press.say(&lease, &[(1, 3, Outcome::Printed)]).await.unwrap();
    let hollow = ReprintRequest { old_label_destroyed: false, ..request(&serials[..1]) };
    assert!(press.reprint(&caller, "r1", &hollow).await.is_err());
    press.set_reprint_policy(&caller, "BOR", true).await.unwrap();
    let made = press.reprint(&caller, "r2", &request(&serials[..2])).await.unwrap().jobs;
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].copy, made[0].state.as_str(), &made[0].artwork), (2, "held", &job.artwork));
    assert!(press.take(2).await.is_none(), "it waits for a second person");
    let agree = ControlRequest { control: Control::Agree, reason: None };
    let refused_agree = press.control_job(&caller, &made[0].job, &agree).await.map_err(refusal);
    assert!(matches!(refused_agree, Err(PrintError::SecondPerson { .. })));
    let colleague = Caller { actor: "L. Chen".into(), ..Caller::command_line() };
    press.control_job(&colleague, &made[0].job, &agree).await.unwrap();
    let lease = press.take(2).await.unwrap();
    assert_eq!(lease.kind, "reprint");
    press.fetch(&lease, 1, 2).await.unwrap();
    press.say(&lease, &[(1, 2, Outcome::Printed)]).await.unwrap();
    let third = press.reprint(&colleague, "r3", &request(&serials)).await.unwrap().jobs;
    let copies: Vec<_> = third.iter().map(|job| (job.copy, job.labels)).collect();
    assert_eq!(copies, [(2, 1), (3, 2)], "each serial counts its own copies");
    let repeated = press.reprint(&colleague, "r3", &request(&serials)).await.unwrap().jobs;
    assert_eq!(
        repeated.iter().map(|job| &job.job).collect::<Vec<_>>(),
        third.iter().map(|job| &job.job).collect::<Vec<_>>()
    );
    press.assert_audit_is_whole().await;
    let _ = ALL;
}

async fn another_printer_sees_nothing(database: Database) {
    let press = Press::on(&database).await;
    let (_, _job) = press.job(2).await;
    let other = printer(&press, "line-4").await;
    let request = nameplate::service::print::LeaseRequest { max_labels: 5, wait_s: 0, status: None };
    assert!(press.lease_labels(&other, "line-3", &request).await.is_err());
    assert!(press.lease_labels(&other, "line-4", &request).await.unwrap().is_none());
    let lease = press.take(2).await.unwrap();
    let foreign = press.fetch_labels(&other, &lease.lease, None, None).await.map_err(refusal);
    assert!(matches!(foreign, Err(PrintError::UnknownLease)));
    let said =
        press.take_results(&other, &lease.lease, &super::press::results(&[(1, 1, Outcome::NotPrinted)]), None).await;
    assert!(matches!(said.map_err(refusal), Err(PrintError::UnknownLease)));
}

/// Reports around a queued label are refused; should a record come about in another way (a restored backup, a hand in
/// the database), it is seen before a label contradicts it.
async fn the_last_look_before_the_first_byte(database: Database) {
    let press = Press::on(&database).await;
    for fate in ["printed", "applied", "void", "returned", "unaccounted"] {
        let (block, job) = press.job(2).await;
        let lease = press.take(2).await.unwrap();
        let told = format!(
            "INSERT INTO fate (series_id, first_ordinal, last_ordinal, fate, block_id) \
             SELECT series_id, first_ordinal, first_ordinal, '{fate}', id FROM block WHERE code = '{}'",
            block.block
        );
        assert_eq!(database.sql(&told).await, 1);
        match press.fetch(&lease, 1, 2).await {
            Err(PrintError::AlreadyPrinted { serial, state, .. }) => {
                assert_eq!((serial.replace('-', ""), state.as_str()), (block.first_serial, fate));
            }
            other => panic!("{fate}: {other:?}"),
        }
        let record = press.factory.job(&Caller::command_line(), &job.job).await.unwrap();
        assert!(record.state_reason.unwrap().contains(fate), "{fate}");
        press.let_leases_end(&job).await;
        assert_eq!(press.counts(&job).await, [2, 0, 0, 0, 0, 0, 0], "{fate}: nothing was handed over");
        assert!(press.take(2).await.is_none(), "{fate}");
    }
}
