//! The schema's own guards: whatever a defect above it does, no ordinal is in two blocks and no record is rewritten.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::report_fate::Selection;
use nameplate::trace::Fate;

both_engines!(
    ser1_overlapping_blocks_are_refused,
    records_of_the_past_are_never_edited_nor_removed,
    ser1_a_counter_never_goes_back_below_a_block,
    ser2_a_rule_that_has_issued_is_frozen,
    impossible_counts_are_refused,
);

/// A factory with one block of 10 serials, the first of them printed; the guards do not need it running.
async fn one_block(database: &Database) {
    let factory = Factory::on(database).await;
    let block = factory.reserve(10).await;
    factory.report(&block.block, Fate::Printed, Selection::Serials(vec![block.first_serial])).await.unwrap();
    factory.stop().await;
}

async fn refused(database: &Database, sql: &str, because: &str) {
    match database.try_sql(sql).await {
        Ok(rows) => panic!("accepted, {rows} rows: {sql}"),
        Err(message) => assert!(message.contains(because), "{sql}: {message}"),
    }
}

async fn ser1_overlapping_blocks_are_refused(database: Database) {
    one_block(&database).await;
    database.sql("INSERT INTO event SELECT id + 1000, kind, happened_us, recorded_us, actor, station, block_id, batch_id, reason, NULL, NULL, NULL FROM event WHERE kind = 'reserve'").await;
    let copy = |first: u64, last: u64| {
        format!(
            "INSERT INTO block (id, code, series_id, first_ordinal, last_ordinal, sku_id, batch_id, station, \
             idempotency_key, fingerprint, answer, created_us) SELECT id + 1000, 'BLK-X', series_id, {first}, {last}, \
             sku_id, batch_id, station, 'other', fingerprint, answer, created_us FROM block WHERE code <> 'BLK-X'"
        )
    };
    for (first, last) in [(0, 9), (0, 0), (9, 9), (5, 20), (3, 4), (9, 1_000_000)] {
        refused(&database, &copy(first, last), "block").await;
    }
    assert_eq!(database.sql(&copy(10, 12)).await, 1, "the next free range is not an overlap");
}

async fn records_of_the_past_are_never_edited_nor_removed(database: Database) {
    one_block(&database).await;
    for (table, column) in [("event", "actor = 'x'"), ("run", "last_ordinal = last_ordinal"), ("audit", "detail = ''")]
    {
        refused(&database, &format!("UPDATE {table} SET {column}"), "append-only").await;
        refused(&database, &format!("DELETE FROM {table}"), "append-only").await;
    }
    refused(&database, "DELETE FROM block", "append-only").await;
    for column in
        ["code = 'BLK-X'", "first_ordinal = 1", "last_ordinal = 5", "station = 'x'", "answer = ''", "sku_id = 2"]
    {
        refused(&database, &format!("UPDATE block SET {column}"), "append-only").await;
    }
    assert_eq!(database.sql("UPDATE block SET applied = applied + 1").await, 1, "counts are a projection and move");
}

async fn ser1_a_counter_never_goes_back_below_a_block(database: Database) {
    one_block(&database).await;
    for change in ["next_ordinal = 9", "next_ordinal = 0", "context = 'epoch=Z'", "series_key = 'x'"] {
        refused(&database, &format!("UPDATE series SET {change}"), "series would go back").await;
    }
    assert_eq!(database.sql("UPDATE series SET next_ordinal = 500").await, 1, "forward is a gap, and allowed");
    assert_eq!(database.sql("UPDATE series SET next_ordinal = 10").await, 1, "down to the end of the last block");
}

async fn ser2_a_rule_that_has_issued_is_frozen(database: Database) {
    one_block(&database).await;
    for change in ["definition = '{}'", "digest = ''", "version = 7", "code = 'x'", "issued = 0", "epoch = -1"] {
        refused(&database, &format!("UPDATE rule_version SET {change} WHERE code = 's12'"), "cannot change").await;
    }
    assert_eq!(database.sql("UPDATE rule_version SET epoch = 1 WHERE code = 's12'").await, 1, "an epoch goes forward");
    assert_eq!(database.sql("UPDATE rule_version SET digest = 'x' WHERE code = 's9'").await, 1, "s9 has not issued");
}

async fn impossible_counts_are_refused(database: Database) {
    one_block(&database).await;
    for change in ["printed = 11", "applied = -1", "printed = 5, applied = 6"] {
        assert!(database.try_sql(&format!("UPDATE block SET {change}")).await.is_err(), "{change}");
    }
    assert!(database.try_sql("UPDATE series SET next_ordinal = -1").await.is_err());
    assert!(
        database.try_sql("INSERT INTO audit_head (id, seq, hash) SELECT 2, 0, hash FROM audit_head").await.is_err()
    );
}
