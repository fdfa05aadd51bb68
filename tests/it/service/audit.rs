//! The audit chain finds what somebody with full rights did to it. The schema's guards are taken away first.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::report_fate::Selection;
use nameplate::trace::Fate;

both_engines!(
    every_changed_field_of_every_entry_is_found,
    every_removed_entry_is_found,
    a_moved_or_forged_end_is_found,
    a_clean_truncation_is_found_by_the_witness,
);

/// A factory with a chain of a few acts, a copy of it, and no guards.
async fn chain(database: &Database) -> Factory {
    let factory = Factory::on(database).await;
    let block = factory.reserve(5).await.block;
    factory.report(&block, Fate::Printed, Selection::All).await.unwrap();
    factory.reserve(5).await;
    factory.assert_audit_is_whole().await;
    database.drop_guards().await;
    database.sql("CREATE TABLE audit_copy AS SELECT * FROM audit").await;
    database.sql("CREATE TABLE head_copy AS SELECT * FROM audit_head").await;
    factory
}

/// Runs a forgery, answers what the check says of it, and undoes it.
async fn forge(database: &Database, factory: &Factory, sql: &str) -> String {
    database.sql(sql).await;
    let verified = factory.verify_audit().await.unwrap();
    database.sql("DELETE FROM audit").await;
    database.sql("INSERT INTO audit SELECT * FROM audit_copy").await;
    database.sql("DELETE FROM audit_head").await;
    database.sql("INSERT INTO audit_head SELECT * FROM head_copy").await;
    verified.fault.unwrap_or_else(|| panic!("not found: {sql}"))
}

async fn every_changed_field_of_every_entry_is_found(database: Database) {
    let factory = chain(&database).await;
    let entries = factory.verify_audit().await.unwrap().entries;
    assert!(entries >= 6);
    for seq in 1..=entries {
        let text = ["actor", "action", "subject", "detail"].map(|column| format!("{column} = {column} || ' '"));
        let other = if seq == 1 { 2 } else { 1 };
        let hash = format!("hash = (SELECT hash FROM audit_copy WHERE seq = {other})");
        for change in text.into_iter().chain(["recorded_us = recorded_us + 1".into(), hash]) {
            let fault = forge(&database, &factory, &format!("UPDATE audit SET {change} WHERE seq = {seq}")).await;
            assert!(fault.contains(&format!("entry {seq} ")), "{change}: {fault}");
        }
    }
    factory.assert_audit_is_whole().await;
}

async fn every_removed_entry_is_found(database: Database) {
    let factory = chain(&database).await;
    let entries = factory.verify_audit().await.unwrap().entries;
    for seq in 1..entries {
        let fault = forge(&database, &factory, &format!("DELETE FROM audit WHERE seq = {seq}")).await;
        assert_eq!(fault, format!("entry {seq} is missing"));
    }
    for kept in [entries - 1, 1, 0] {
        let fault = forge(&database, &factory, &format!("DELETE FROM audit WHERE seq > {kept}")).await;
        assert_eq!(fault, format!("the chain ends at entry {kept}, its head says {entries}"));
    }
    let swap = "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)";
    forge(&database, &factory, &format!("{swap}; UPDATE audit SET seq = -seq WHERE seq < 0")).await;
}

async fn a_moved_or_forged_end_is_found(database: Database) {
    let factory = chain(&database).await;
    let head = |seq: &str, hash: &str| format!("UPDATE audit_head SET seq = {seq}, hash = {hash}");
    let fault = forge(&database, &factory, &head("seq", "(SELECT hash FROM audit WHERE seq = 1)")).await;
    assert!(fault.contains("the head does not belong to entry"), "{fault}");
    // Back by one, with the right hash: the entry beyond gives it away.
    let back = head("seq - 1", "(SELECT a.hash FROM audit a WHERE a.seq = audit_head.seq - 1)");
    let fault = forge(&database, &factory, &back).await;
    assert!(fault.contains("stands after the end of the chain"), "{fault}");
    let appended = "INSERT INTO audit SELECT seq + 1, recorded_us, actor, action, subject, detail, hash FROM audit \
                    WHERE seq = (SELECT MAX(seq) FROM audit)";
    assert!(forge(&database, &factory, appended).await.contains("stands after the end of the chain"));
}

async fn a_clean_truncation_is_found_by_the_witness(database: Database) {
    let factory = chain(&database).await;
    let head = factory.verify_audit().await.unwrap();
    database.sql("DELETE FROM audit WHERE seq = (SELECT seq FROM audit_head)").await;
    database
        .sql(
            "UPDATE audit_head SET seq = seq - 1, hash = (SELECT a.hash FROM audit a WHERE a.seq = audit_head.seq - 1)",
        )
        .await;
    let verified = factory.verify_audit().await.unwrap();
    assert_eq!(verified.fault, None, "the shorter chain is whole in itself");
    assert_ne!(verified.head, head.head, "but its head is not the one that was noted elsewhere");
    let factory = factory.restarted().await;
    assert!(factory.stopped().await.unwrap().is_some(), "and the witness remembers more");
}
