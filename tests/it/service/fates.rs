//! What stations report of their serials: printed, applied, returned, void, unaccounted.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::report_fate::{FateReport, Selection};
use nameplate::service::{Caller, ServiceError};
use nameplate::trace::{Account, Fate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

both_engines!(
    a_unit_goes_from_reserved_to_applied,
    an_unprinted_tail_goes_back,
    a_step_that_is_impossible_changes_nothing,
    serials_of_elsewhere_are_named,
    a_report_without_what_it_needs_is_refused,
    the_same_report_gets_the_same_answer,
    settled_serials_free_the_stations_quota,
    random_reports_add_up,
);

fn serials(of: &[String]) -> Selection {
    Selection::Serials(of.to_vec())
}

async fn account(factory: &Factory, block: &str) -> Account {
    let record = factory.block(&Caller::command_line(), block).await.unwrap().0.account;
    assert!(record.adds_up);
    Account {
        issued: record.issued,
        reserved: record.reserved,
        printed: record.printed,
        applied: record.applied,
        returned: record.returned,
        void: record.void,
        unaccounted: record.unaccounted,
    }
}

async fn a_unit_goes_from_reserved_to_applied(database: Database) {
    let factory = Factory::on(&database).await;
    factory.reserve(3).await;
    let block = factory.reserve(10).await.block;
    let all = factory.serials(&block).await;
    let printed = factory.report(&block, Fate::Printed, Selection::All).await.unwrap();
    assert_eq!((printed.changed, printed.fate), (10, Fate::Printed));
    // Spelt as people type them.
    let typed = [all[0].to_lowercase(), format!(" {}-{} ", &all[1][..4], &all[1][4..]), format!("S/N {}", all[2])];
    assert_eq!(factory.report(&block, Fate::Applied, serials(&typed)).await.unwrap().changed, 3);
    let range = Selection::Range { first: all[5].clone(), last: all[7].clone() };
    factory.report(&block, Fate::Void, range).await.unwrap();
    let account = account(&factory, &block).await;
    assert_eq!(account, Account { issued: 10, printed: 4, applied: 3, void: 3, ..Account::default() });
    for (n, fate) in [(0, Fate::Applied), (3, Fate::Printed), (5, Fate::Void), (7, Fate::Void), (9, Fate::Printed)] {
        assert_eq!(factory.unit(&all[n]).await.fate, fate, "serial {n}");
    }
    let kinds: Vec<_> = factory.unit(&all[0]).await.history.into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["reserve", "printed", "applied"]);
    let history = factory.block_history(&Caller::command_line(), &block, 0, 10).await.unwrap();
    assert_eq!(history.len(), 4);
    factory.assert_audit_is_whole().await;
}

async fn an_unprinted_tail_goes_back(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(10).await.block;
    let all = factory.serials(&block).await;
    factory.report(&block, Fate::Printed, serials(&all[..6])).await.unwrap();
    let back = factory.report(&block, Fate::Returned, Selection::From(all[6].clone())).await.unwrap();
    assert_eq!(back.changed, 4);
    assert_eq!(account(&factory, &block).await, Account { issued: 10, printed: 6, returned: 4, ..Account::default() });
    let next = factory.reserve(5).await;
    assert!(!all.contains(&next.first_serial), "SER1: a returned serial stays a gap");
}

async fn a_step_that_is_impossible_changes_nothing(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(10).await.block;
    let all = factory.serials(&block).await;
    factory.report(&block, Fate::Printed, serials(&all[4..6])).await.unwrap();
    let before = (account(&factory, &block).await, database.number("SELECT seq FROM audit_head").await);
    match factory.report(&block, Fate::Returned, Selection::All).await {
        Err(error @ ServiceError::FateRefused { .. }) => {
            let message = error.to_string();
            assert!(message.contains("are printed and cannot become returned"), "{message}");
            assert!(message.contains("possible now: applied, void, unaccounted"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((account(&factory, &block).await, database.number("SELECT seq FROM audit_head").await), before);
    factory.report(&block, Fate::Void, Selection::All).await.unwrap();
    for fate in [Fate::Printed, Fate::Applied, Fate::Returned, Fate::Unaccounted] {
        assert!(matches!(factory.report(&block, fate, Selection::All).await, Err(ServiceError::FateRefused { .. })));
    }
}

async fn serials_of_elsewhere_are_named(database: Database) {
    let factory = Factory::on(&database).await;
    let (block, other) = (factory.reserve(10).await, factory.reserve(10).await);
    let mut mistyped = block.first_serial.clone();
    let last = mistyped.pop().unwrap();
    mistyped.push(if last == '0' { '1' } else { '0' });
    for (serial, problem) in [(&other.first_serial, "another block"), (&mistyped, "")] {
        let some = [block.first_serial.clone(), serial.clone()];
        match factory.report(&block.block, Fate::Printed, serials(&some)).await {
            Err(ServiceError::NotInBlock { serial: named, problem: said, .. }) => {
                assert_eq!(&named, serial);
                assert!(said.contains(problem), "{said}");
            }
            other => panic!("{other:?}"),
        }
    }
    let backwards = Selection::Range { first: block.last_serial.clone(), last: block.first_serial.clone() };
    let refused = factory.report(&block.block, Fate::Printed, backwards).await;
    assert!(matches!(refused, Err(ServiceError::Invalid { field: "serials", .. })));
    let none = factory.report("BLK-0000000000000000", Fate::Printed, Selection::All).await;
    assert!(matches!(none, Err(ServiceError::NotFound { kind: "block", .. })));
    assert_eq!(account(&factory, &block.block).await.reserved, 10, "nothing was changed");
}

async fn a_report_without_what_it_needs_is_refused(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(10).await.block;
    let good =
        FateReport { fate: Fate::Void, serials: Selection::All, reason: Some("smudged".into()), happened_at: None };
    let reasons = [None, Some("  ".into()), Some("x".repeat(501)), Some("a\u{7}b".into())];
    let mut bad: Vec<_> = reasons.into_iter().map(|reason| ("reason", FateReport { reason, ..good.clone() })).collect();
    bad.push(("fate", FateReport { fate: Fate::Reserved, ..good.clone() }));
    bad.push(("serials", FateReport { serials: serials(&[]), ..good.clone() }));
    for at in ["yesterday", "2025-07-10T12:05:01Z", "2025-07-10"] {
        bad.push(("happened_at", FateReport { happened_at: Some(at.into()), ..good.clone() }));
    }
    for (wanted, report) in bad {
        match factory.report_fate(&Caller::command_line(), &block, "k", &report).await {
            Err(ServiceError::Invalid { field, .. }) => assert_eq!(field, wanted, "{report:?}"),
            other => panic!("{report:?}: {other:?}"),
        }
    }
    let foreign = Caller { station: Some("fi-2".into()), ..Caller::command_line() };
    let refused = factory.report_fate(&foreign, &block, "k", &good).await;
    assert!(matches!(refused, Err(ServiceError::WrongStation { .. })));
    // Five minutes ahead are a station's clock; and what happened long ago is told as such.
    let told = FateReport { happened_at: Some("2025-07-10T14:04:59+02:00".into()), ..good };
    factory.report_fate(&Caller::command_line(), &block, "k", &told).await.unwrap();
    let history = factory.block_history(&Caller::command_line(), &block, 0, 9).await.unwrap();
    assert_eq!((&*history[1].happened_at, &*history[1].recorded_at), ("2025-07-10T12:04:59Z", "2025-07-10T12:00:00Z"));
}

async fn the_same_report_gets_the_same_answer(database: Database) {
    let factory = std::sync::Arc::new(Factory::on(&database).await);
    let block = factory.reserve(10).await.block;
    let report = FateReport { fate: Fate::Printed, serials: Selection::All, reason: None, happened_at: None };
    let mut at_once = tokio::task::JoinSet::new();
    for spelling in [block.clone(), block.to_lowercase(), block.replace("BLK-", "BLK "), block.clone()] {
        let (factory, report) = (std::sync::Arc::clone(&factory), report.clone());
        at_once
            .spawn(async move { factory.report_fate(&Caller::command_line(), &spelling, "k", &report).await.unwrap() });
    }
    let mut answers = at_once.join_all().await;
    factory.report(&block, Fate::Applied, Selection::All).await.unwrap();
    factory.close_batch(&Caller::command_line(), "2025-W14-M2", None).await.unwrap();
    answers.push(factory.report_fate(&Caller::command_line(), &block, "k", &report).await.unwrap());
    assert!(answers[0].contains("\"changed\":10"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let other = FateReport { fate: Fate::Applied, ..report };
    let reused = factory.report_fate(&Caller::command_line(), &block, "k", &other).await;
    assert!(matches!(reused, Err(ServiceError::KeyReused)));
    let closed = factory.report_fate(&Caller::command_line(), &block, "k2", &other).await;
    assert!(matches!(closed, Err(ServiceError::BatchClosed { .. })));
}

async fn settled_serials_free_the_stations_quota(database: Database) {
    let factory = Factory::on(&database).await;
    factory.set_quota(&Caller::command_line(), "fi-1", "NT-M2-BOR", Some(10)).await.unwrap();
    let block = factory.reserve(10).await.block;
    let all = factory.serials(&block).await;
    factory.report(&block, Fate::Printed, Selection::All).await.unwrap();
    let held = async || database.number("SELECT held FROM station_sku WHERE station = 'fi-1'").await;
    assert_eq!(held().await, 10, "a printed label is still open");
    factory.report(&block, Fate::Applied, serials(&all[..4])).await.unwrap();
    factory.report(&block, Fate::Void, serials(&all[..2])).await.unwrap();
    factory.report(&block, Fate::Unaccounted, serials(&all[4..5])).await.unwrap();
    factory.report(&block, Fate::Applied, serials(&all[4..5])).await.unwrap();
    assert_eq!(held().await, 5, "each serial is settled once");
    factory.reserve(5).await;
}

/// A report over a part of a block of [`SIZE`]: fate, first, length.
fn reports() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((1_usize..6, 0..SIZE, 1..SIZE), 1..14)
}

const SIZE: usize = 24;

/// BAT7: after any sequence of reports the records agree with a list of fates kept by hand.
async fn random_reports_add_up(database: Database) {
    let factory = Factory::on(&database).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..12 {
        let sequence = reports().new_tree(&mut runner).unwrap().current();
        let block = factory.reserve(i64::try_from(SIZE).unwrap()).await.block;
        let all = factory.serials(&block).await;
        let mut model = [Fate::Reserved; SIZE];
        for &(to, first, length) in &sequence {
            let (to, last) = (Fate::ALL[to], (first + length - 1).min(SIZE - 1));
            let wanted = Selection::Range { first: all[first].clone(), last: all[last].clone() };
            let possible = model[first..=last].iter().all(|from| *from == to || from.possible().contains(&to));
            match factory.report(&block, to, wanted).await {
                Ok(done) => {
                    assert!(possible, "{sequence:?}");
                    let differ = model[first..=last].iter().filter(|from| **from != to).count();
                    assert_eq!(done.changed, differ as u64, "{sequence:?}");
                    model[first..=last].fill(to);
                }
                Err(ServiceError::FateRefused { .. }) => assert!(!possible, "{sequence:?}"),
                Err(other) => panic!("{sequence:?}: {other}"),
            }
        }
        let count = |fate| model.iter().filter(|f| **f == fate).count() as u64;
        let account = account(&factory, &block).await;
        let told =
            [account.reserved, account.printed, account.applied, account.returned, account.void, account.unaccounted];
        assert_eq!(told, Fate::ALL.map(count), "{sequence:?}");
        for n in [0, SIZE / 2, SIZE - 1] {
            assert_eq!(factory.unit(&all[n]).await.fate, model[n], "{sequence:?}");
        }
    }
    let open = database
        .number("SELECT SUM(last_ordinal - first_ordinal + 1 - applied - returned - voided - unaccounted) FROM block")
        .await;
    assert_eq!(database.number("SELECT held FROM station_sku").await, open);
    factory.assert_audit_is_whole().await;
}
