//! `Store::begin` and `commit`: what was committed is there, what was not is not, also after a transaction went wrong.

use crate::support::{Database, Engine, both_engines};
use nameplate::store::{StoreError, commit, meta};
use std::sync::Arc;

both_engines!(
    a_commit_after_a_failed_transaction_is_durable,
    a_dropped_transaction_leaves_nothing,
    writers_queue_and_never_see_busy,
);

async fn write(store: &nameplate::store::Store, name: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    meta::get_or_insert(&mut tx, name, "x").await?;
    commit(tx).await
}

async fn written(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM meta").await
}

/// A full disk makes SQLite roll back by itself, behind the driver's back; here the test does it.
async fn a_commit_after_a_failed_transaction_is_durable(database: Database) {
    let store = database.open().await;
    for round in 1..=4 {
        let mut tx = store.begin().await.unwrap();
        meta::get_or_insert(&mut tx, "lost", "x").await.unwrap();
        let statement = if database.engine() == Engine::Sqlite { "ROLLBACK" } else { "SELECT 1 / 0" };
        let _ = sqlx::raw_sql(statement).execute(&mut *tx).await;
        let outcome = commit(tx).await;
        assert!(outcome.is_err() || database.engine() == Engine::Postgres, "there is nothing to commit: {outcome:?}");
        write(&store, &format!("kept-{round}")).await.unwrap();
        // Seen by another connection, so it is more than a thought of the writer's.
        assert_eq!(written(&database).await, round);
    }
}

async fn a_dropped_transaction_leaves_nothing(database: Database) {
    let store = database.open().await;
    for _ in 0..20 {
        let mut tx = store.begin().await.unwrap();
        meta::get_or_insert(&mut tx, "lost", "x").await.unwrap();
        drop(tx);
    }
    write(&store, "kept").await.unwrap();
    assert_eq!(written(&database).await, 1);
}

async fn writers_queue_and_never_see_busy(database: Database) {
    let store = Arc::new(database.open().await);
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..64 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for round in 0..4 {
                write(&store, &format!("{n}-{round}")).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    assert_eq!(written(&database).await, 64 * 4);
    store.close().await;
    assert!(matches!(store.begin().await.err(), Some(StoreError::Unavailable(_))));
}
