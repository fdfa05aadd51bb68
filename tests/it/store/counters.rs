//! `store::rule` and `store::station`: rule versions, their counters, and what stations hold.

use crate::support::{Database, Factory, both_engines};
use nameplate::store::rule::{self, RuleRow};
use nameplate::store::station::{self, Holding};
use nameplate::store::{Store, StoreError, Transaction, sku};

both_engines!(
    ser2_the_highest_version_in_force_issues,
    ser2_an_issued_version_keeps_its_definition,
    a_counter_is_made_once_and_only_moves,
    ser1_a_counter_begins_at_its_floor,
    numbers_reach_to_63_bits_and_no_further,
    a_station_holds_what_was_added,
);

fn version(number: u32, from: &str) -> RuleRow {
    RuleRow {
        id: 0,
        code: "gauges".into(),
        version: number,
        definition: format!("{{\"v\":{number}}}"),
        digest: format!("digest-{number}"),
        epoch: 0,
        issued: false,
        effective_on: from.into(),
    }
}

async fn begin(database: &Database) -> (Store, Transaction) {
    let store = database.open().await;
    let tx = store.begin().await.unwrap();
    (store, tx)
}

async fn ser2_the_highest_version_in_force_issues(database: Database) {
    let (_store, mut tx) = begin(&database).await;
    for (number, from) in [(1, "2025-01-01"), (2, "2026-01-01"), (3, "2025-06-01")] {
        rule::insert(&mut tx, &version(number, from), 0).await.unwrap();
    }
    for (day, expected) in
        [("2024-12-31", None), ("2025-01-01", Some(1)), ("2025-06-01", Some(3)), ("2030-01-01", Some(3))]
    {
        let found = rule::effective(&mut tx, "gauges", day).await.unwrap();
        assert_eq!(found.map(|r| r.version), expected, "on {day}");
    }
    assert_eq!(rule::effective(&mut tx, "Gauges", "2030-01-01").await.unwrap(), None);
    assert_eq!(rule::all(&mut tx).await.unwrap().len(), 3);
    let again = rule::insert(&mut tx, &version(2, "2027-01-01"), 0).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

async fn ser2_an_issued_version_keeps_its_definition(database: Database) {
    let (store, mut tx) = begin(&database).await;
    let id = rule::insert(&mut tx, &version(1, "2025-01-01"), 0).await.unwrap();
    rule::set_epoch(&mut tx, id, 3).await.unwrap();
    for _ in 0..2 {
        rule::mark_issued(&mut tx, id).await.unwrap();
    }
    let row = rule::all(&mut tx).await.unwrap().remove(0);
    assert_eq!(row, RuleRow { id, epoch: 3, issued: true, ..version(1, "2025-01-01") });
    nameplate::store::commit(tx).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(rule::set_epoch(&mut tx, id, 2).await, Err(StoreError::Conflict(_))));
}

async fn a_counter_is_made_once_and_only_moves(database: Database) {
    let (_store, mut tx) = begin(&database).await;
    let id = rule::insert(&mut tx, &version(1, "2025-01-01"), 0).await.unwrap();
    assert_eq!(rule::series(&mut tx, id, "epoch=0").await.unwrap(), None);
    let made = rule::create_series(&mut tx, id, "key-0", "epoch=0", 100).await.unwrap();
    assert_eq!((made.next_ordinal, made.capacity, made.rule_version_id), (0, 100, id));
    assert_eq!(rule::create_series(&mut tx, id, "key-0", "epoch=0", 100).await.unwrap(), made);
    assert_eq!(rule::advance(&mut tx, made.id, 40).await.unwrap(), 40);
    assert_eq!(rule::advance(&mut tx, made.id, -5).await.unwrap(), 35);
    let moved = rule::SeriesRow { next_ordinal: 35, ..made.clone() };
    assert_eq!(rule::series_by_id(&mut tx, made.id).await.unwrap().as_ref(), Some(&moved));
    assert_eq!(rule::series_by_key(&mut tx, "key-0").await.unwrap().as_ref(), Some(&moved));
    assert_eq!(rule::series(&mut tx, id, "epoch=0").await.unwrap().as_ref(), Some(&moved));
    assert_eq!(rule::all_series(&mut tx).await.unwrap(), [moved]);
    assert_eq!(rule::series_by_key(&mut tx, "key-1").await.unwrap(), None);
    assert_eq!(rule::series_by_id(&mut tx, made.id + 1).await.unwrap(), None);
}

async fn ser1_a_counter_begins_at_its_floor(database: Database) {
    let (_store, mut tx) = begin(&database).await;
    let id = rule::insert(&mut tx, &version(1, "2025-01-01"), 0).await.unwrap();
    for floor in [500, 300] {
        rule::raise_floor(&mut tx, "key-0", floor).await.unwrap();
    }
    assert_eq!(rule::floor(&mut tx, "key-0").await.unwrap(), 500, "a floor never sinks");
    let made = rule::create_series(&mut tx, id, "key-0", "epoch=0", 1_000).await.unwrap();
    assert_eq!(made.next_ordinal, 500);
    rule::raise_floor(&mut tx, "key-0", 700).await.unwrap();
    assert_eq!(rule::advance(&mut tx, made.id, 1).await.unwrap(), 701, "a counter that exists is raised");
    rule::raise_floor(&mut tx, "key-0", 600).await.unwrap();
    assert_eq!(rule::advance(&mut tx, made.id, 1).await.unwrap(), 702, "and never lowered");
    assert_eq!(rule::floor(&mut tx, "key-9").await.unwrap(), 0);
    // A floor under a rule's digest holds for every counter of it that is not known yet.
    rule::raise_floor(&mut tx, "digest-1", 90).await.unwrap();
    assert_eq!(rule::create_series(&mut tx, id, "key-1", "epoch=1", 1_000).await.unwrap().next_ordinal, 90);
}

async fn numbers_reach_to_63_bits_and_no_further(database: Database) {
    let (_store, mut tx) = begin(&database).await;
    let id = rule::insert(&mut tx, &version(1, "2025-01-01"), i64::MAX).await.unwrap();
    let largest = u64::try_from(i64::MAX).unwrap();
    let made = rule::create_series(&mut tx, id, "key-0", "epoch=0", largest).await.unwrap();
    assert_eq!(made.capacity, largest);
    assert_eq!(rule::advance(&mut tx, made.id, i64::MAX).await.unwrap(), largest);
    rule::raise_floor(&mut tx, "key-1", largest).await.unwrap();
    assert_eq!(rule::floor(&mut tx, "key-1").await.unwrap(), largest);
    let beyond = rule::create_series(&mut tx, id, "key-2", "epoch=2", largest + 1).await;
    assert!(matches!(beyond, Err(StoreError::TooLarge(n)) if n == largest + 1));
}

async fn a_station_holds_what_was_added(database: Database) {
    let factory = Factory::on(&database).await;
    let mut tx = factory.store().begin().await.unwrap();
    let skus = sku::list(&mut tx, None, 0, 10).await.unwrap();
    let (a, b) = (skus[0].id, skus[1].id);
    let none = station::holding(&mut tx, "fi-1", a).await.unwrap();
    assert_eq!(none, Holding { station: "fi-1".into(), sku_id: a, held: 0, quota: None });
    station::set_quota(&mut tx, "fi-1", a, Some(7)).await.unwrap();
    let changes = [("fi-1".to_owned(), a, 5), ("fi-1".to_owned(), b, 6), ("fi-2".to_owned(), a, 1)];
    for factor in [1, 2] {
        let mut after = station::add(&mut tx, &changes).await.unwrap();
        after.sort_by(|x, y| (&x.station, x.sku_id).cmp(&(&y.station, y.sku_id)));
        let held: Vec<_> = after.iter().map(|h| (h.held, h.quota)).collect();
        assert_eq!(held, [(5 * factor, Some(7)), (6 * factor, None), (factor, None)]);
    }
    station::add(&mut tx, &[("fi-1".into(), a, -3)]).await.unwrap();
    station::set_quota(&mut tx, "fi-1", a, None).await.unwrap();
    let left = station::holding(&mut tx, "fi-1", a).await.unwrap();
    assert_eq!((left.held, left.quota), (7, None));
}
