//! Closing a batch: only when every serial's fate is accounted for (BAT1, BAT7).

use crate::support::{Database, Factory, both_engines};
use nameplate::service::report_fate::Selection;
use nameplate::service::{Caller, ServiceError};
use nameplate::trace::Fate;
use std::sync::Arc;

both_engines!(
    bat7_a_batch_closes_when_its_account_is_settled,
    bat7_what_nobody_can_find_is_declared,
    bat1_batches_and_blocks_are_listed_in_pages,
    closing_and_reserving_at_once_never_leaves_an_open_serial,
);

const BATCH: &str = "2025-W14-M2";

async fn bat7_a_batch_closes_when_its_account_is_settled(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let (a, b) = (factory.reserve(10).await.block, factory.reserve(5).await.block);
    factory.report(&a, Fate::Applied, Selection::All).await.unwrap();
    match factory.close_batch(&caller, BATCH, None).await {
        Err(ServiceError::BatchOpen { open: 5, .. }) => {}
        other => panic!("{other:?}"),
    }
    factory.report(&b, Fate::Returned, Selection::Rest).await.unwrap();
    let closed = factory.close_batch(&caller, BATCH, None).await.unwrap();
    let account = closed.account.unwrap();
    assert_eq!((closed.state, account.issued, account.applied, account.returned), ("closed", 15, 10, 5));
    assert!(account.adds_up);
    assert!(matches!(factory.close_batch(&caller, BATCH, None).await, Err(ServiceError::BatchClosed { .. })));
    assert!(matches!(factory.close_batch(&caller, "none", None).await, Err(ServiceError::NotFound { .. })));
    factory.assert_audit_is_whole().await;
}

async fn bat7_what_nobody_can_find_is_declared(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let block = factory.reserve(10).await.block;
    let all = factory.serials(&block).await;
    factory.report(&block, Fate::Printed, Selection::From(all[5].clone())).await.unwrap();
    factory.report(&block, Fate::Applied, Selection::Serials(all[..2].to_vec())).await.unwrap();
    for reason in ["", "  "] {
        let refused = factory.close_batch(&caller, BATCH, Some(reason)).await;
        assert!(matches!(refused, Err(ServiceError::Invalid { field: "unaccounted_reason", .. })));
    }
    let account = factory.close_batch(&caller, BATCH, Some("box lost in the move")).await.unwrap().account.unwrap();
    assert_eq!((account.applied, account.unaccounted, account.reserved, account.printed), (2, 8, 0, 0));
    let unit = factory.unit(&all[9]).await;
    assert_eq!(unit.fate, Fate::Unaccounted);
    assert_eq!(unit.history.last().unwrap().reason.as_deref(), Some("box lost in the move"));
    assert_eq!(database.number("SELECT SUM(held) FROM station_sku").await, 0);
}

async fn bat1_batches_and_blocks_are_listed_in_pages(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(factory.reserve(1).await.block);
    }
    made.reverse();
    let (mut listed, mut before) = (Vec::new(), None);
    loop {
        let (page, next) =
            factory.blocks(&caller, Some(BATCH), Some("nt-m2-bor"), Some("fi-1"), before, 2).await.unwrap();
        listed.extend(page.into_iter().map(|record| record.block));
        before = next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
    let (page, next) = factory.batches(&caller, 0, 3).await.unwrap();
    assert_eq!((page.len(), next.is_some()), (3, true));
    let (page, next) = factory.batches(&caller, next.unwrap(), 3).await.unwrap();
    assert_eq!((page.len(), next), (1, None));
    assert!(factory.blocks(&caller, Some("none"), None, None, None, 2).await.is_err());
    let batch = factory.batch(&caller, "2025-w14-m2").await.unwrap();
    assert_eq!((batch.account.unwrap().issued, &*batch.attributes["release_record"]), (5, "QA-2025-0412"));
}

/// Reports, reservations and a declaration that runs over many stations meet on the same rows.
async fn closing_and_reserving_at_once_never_leaves_an_open_serial(database: Database) {
    let factory = Arc::new(Factory::on(&database).await);
    let mut working = tokio::task::JoinSet::new();
    for n in 0..24 {
        let factory = Arc::clone(&factory);
        working.spawn(async move {
            for round in 0..4 {
                // Two batches share the stations, so that closing one meets reservations for the other.
                let batch = [BATCH, "2025-W27-M2"][n % 2];
                let station = format!("fi-{}", (n + round) % 4);
                let verdict = factory.try_reserve(&format!("k{n}-{round}"), "NT-M2-BOR", batch, 3, &station).await;
                let closed = matches!(verdict, Err(nameplate::service::ReserveError::BatchClosed { .. }));
                assert!(verdict.is_ok() || (closed && batch == BATCH), "{verdict:?}");
            }
        });
    }
    let closing = Arc::clone(&factory);
    let closed = tokio::spawn(async move {
        tokio::task::yield_now().await;
        closing.close_batch(&Caller::command_line(), BATCH, Some("end of the shift")).await.unwrap()
    });
    working.join_all().await;
    let account = closed.await.unwrap().account.unwrap();
    assert_eq!(account.issued, account.unaccounted);
    let now = factory.batch(&Caller::command_line(), BATCH).await.unwrap().account.unwrap();
    assert_eq!(now.issued, account.issued, "nothing was added after the batch was closed");
    factory.assert_audit_is_whole().await;
}
