//! `store::audit` and `store::meta`: the chain's end, the entries before it, and facts about the database.

use crate::support::{Database, both_engines};
use nameplate::store::{audit, commit, meta};
use nameplate::trace::{AuditEntry, ChainHash, ChainHead};

both_engines!(
    an_empty_chain_begins_at_genesis,
    entries_get_consecutive_numbers_and_read_back,
    what_is_not_committed_never_was,
    a_stop_is_remembered_until_it_is_taken_back,
    a_fact_is_written_once,
);

fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        recorded_us: i64::MIN + n,
        actor: "Åsa \"O'Neil\"; DROP TABLE audit; --".into(),
        action: "block.reserve".into(),
        subject: "\u{1F321}\u{FE0F} 日本語".into(),
        detail: format!("{{\"n\":{n},\"quote\":\"\\u0000\"}}"),
    }
}

async fn an_empty_chain_begins_at_genesis(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    assert!(audit::head(&mut tx).await.is_err(), "a chain without a head is damage, not emptiness");
    for _ in 0..2 {
        audit::create_head(&mut tx).await.unwrap();
    }
    assert_eq!(audit::head(&mut tx).await.unwrap().head, ChainHead::EMPTY);
    assert_eq!(audit::hash_at(&mut tx, 0).await.unwrap(), Some(ChainHash::GENESIS));
    assert_eq!(audit::hash_at(&mut tx, 1).await.unwrap(), None);
    assert!(audit::entries_after(&mut tx, 0, 10).await.unwrap().is_empty());
}

async fn entries_get_consecutive_numbers_and_read_back(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    audit::create_head(&mut tx).await.unwrap();
    // More than one statement's worth, and not a multiple of any.
    let entries: Vec<_> = (0..101).map(entry).collect();
    let held = audit::hold_head(&mut tx).await.unwrap();
    let head = audit::append(&mut tx, held.head, &entries).await.unwrap();
    commit(tx).await.unwrap();
    let mut conn = store.read().await.unwrap();
    assert_eq!(audit::head(&mut conn).await.unwrap().head, head);
    assert_eq!((head.seq, audit::hash_at(&mut conn, 101).await.unwrap()), (101, Some(head.hash)));
    let page = audit::entries_after(&mut conn, 98, 2).await.unwrap();
    assert_eq!(page.iter().map(|(seq, ..)| *seq).collect::<Vec<_>>(), [99, 100]);
    assert_eq!(page[0].1, entry(98), "every byte of every field comes back");
}

async fn what_is_not_committed_never_was(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    audit::create_head(&mut tx).await.unwrap();
    commit(tx).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let held = audit::hold_head(&mut tx).await.unwrap();
    audit::append(&mut tx, held.head, &[entry(1)]).await.unwrap();
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(audit::hold_head(&mut tx).await.unwrap().head, ChainHead::EMPTY);
}

async fn a_stop_is_remembered_until_it_is_taken_back(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    audit::create_head(&mut tx).await.unwrap();
    for reason in [Some("restored on Tuesday"), None] {
        audit::set_stopped(&mut tx, reason).await.unwrap();
        assert_eq!(audit::hold_head(&mut tx).await.unwrap().stopped.as_deref(), reason);
    }
}

async fn a_fact_is_written_once(database: Database) {
    let store = database.open().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(meta::get(&mut tx, "database").await.unwrap(), None);
    assert_eq!(meta::get_or_insert(&mut tx, "database", "first").await.unwrap(), "first");
    assert_eq!(meta::get_or_insert(&mut tx, "database", "second").await.unwrap(), "first");
    meta::hold(&mut tx, "database").await.unwrap();
    meta::hold(&mut tx, "nothing").await.unwrap();
    assert_eq!(meta::get(&mut tx, "database").await.unwrap().as_deref(), Some("first"));
}
