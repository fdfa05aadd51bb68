//! PostgreSQL ends connections (a restart, an administrator, a failover) while callers reserve. Nobody can know whether
//! a commit whose answer was cut off went through; asking again with the same key finds out.

use crate::support::{Database, Factory, postgres_only};
use nameplate::service::ReserveError;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

postgres_only!(ser1_a_cut_connection_loses_and_repeats_nothing,);

const CALLERS: usize = 24;
const ROUNDS: usize = 10;

async fn ser1_a_cut_connection_loses_and_repeats_nothing(database: Database) {
    let factory = Arc::new(Factory::on(&database).await);
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let factory = Arc::clone(&factory);
        callers.spawn(async move {
            let mut answers = Vec::with_capacity(ROUNDS);
            for round in 0..ROUNDS {
                let key = format!("k-{caller}-{round}");
                answers.push(loop {
                    match factory.try_reserve(&key, "NT-M2-BOR", "2025-W14-M2", 5, "fi-1").await {
                        Ok(answer) => break answer,
                        Err(ReserveError::Unavailable) => tokio::time::sleep(Duration::from_millis(1)).await,
                        Err(other) => panic!("{key}: {other}"),
                    }
                });
            }
            answers
        });
    }
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        database
            .sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
    }
    let answers: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    let blocks: BTreeSet<_> = answers.iter().map(|answer| &answer.block).collect();
    assert_eq!(blocks.len(), CALLERS * ROUNDS, "one block a key");
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, i64::try_from(CALLERS * ROUNDS).unwrap());
    // Connections for reading that were cut are found out one by one.
    let mut verified = factory.verify_audit().await;
    for _ in 0..20 {
        if verified.is_err() {
            verified = factory.verify_audit().await;
        }
    }
    assert_eq!(verified.unwrap().fault, None);
    let factory = Arc::into_inner(factory).unwrap().restarted().await;
    assert_eq!(factory.stopped().await.unwrap(), None, "the witness contradicts nothing");
    let mut seen = BTreeSet::new();
    for answer in &answers {
        assert!(factory.serials(&answer.block).await.into_iter().all(|serial| seen.insert(serial)));
    }
}
