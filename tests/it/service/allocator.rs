//! Reserving under load: unique, disjoint, recorded; and no caller ever sees "busy".

use crate::support::{Answer, Database, Factory, both_engines, postgres_only};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

both_engines!(ser1_64_callers_never_share_a_serial, a_block_of_a_million_is_one_row,);

postgres_only!(ser1_two_nodes_on_one_hot_sku_never_share_a_serial,);

const CALLERS: usize = 64;

/// 64 callers reserve at once, `rounds` times each, spread over the nodes.
async fn reserve_at_once(nodes: &[Arc<Factory>], rounds: usize) -> Vec<Answer> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let node = Arc::clone(&nodes[caller % nodes.len()]);
        callers.spawn(async move {
            let mut answers = Vec::with_capacity(rounds);
            for round in 0..rounds {
                let (key, count) = (format!("k-{caller}-{round}"), [1, 7, 30][(caller + round) % 3]);
                let station = format!("fi-{}", caller % 5);
                answers.push(node.try_reserve(&key, "NT-M2-BOR", "2025-W14-M2", count, &station).await.unwrap());
            }
            answers
        });
    }
    callers.join_all().await.into_iter().flatten().collect()
}

async fn assert_disjoint_and_on_record(node: &Factory, answers: &[Answer]) {
    let mut seen = BTreeSet::new();
    for answer in answers {
        let serials = node.serials(&answer.block).await;
        assert_eq!(serials.len() as u64, answer.count);
        assert_eq!((serials.first(), serials.last()), (Some(&answer.first_serial), Some(&answer.last_serial)));
        for serial in serials {
            assert!(seen.insert(serial.clone()), "{serial} was issued twice");
        }
    }
    node.assert_audit_is_whole().await;
}

async fn ser1_64_callers_never_share_a_serial(database: Database) {
    let factory = Arc::new(Factory::on(&database).await);
    let answers = reserve_at_once(&[Arc::clone(&factory)], 8).await;
    assert_disjoint_and_on_record(&factory, &answers).await;
    let issued: u64 = answers.iter().map(|a| a.count).sum();
    let next = database.number("SELECT next_ordinal FROM series").await;
    assert_eq!(u64::try_from(next).unwrap(), issued, "without a refusal there is no gap");
}

async fn ser1_two_nodes_on_one_hot_sku_never_share_a_serial(database: Database) {
    let first = Factory::on(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let second = first.second_node(folder.path()).await;
    let nodes = [Arc::new(first), Arc::new(second)];
    let answers = reserve_at_once(&nodes, 8).await;
    assert_disjoint_and_on_record(&nodes[1], &answers).await;
}

async fn a_block_of_a_million_is_one_row(database: Database) {
    let factory = Factory::on(&database).await;
    let million = factory.reserve(1_000_000).await;
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, 1);
    assert_eq!(factory.reserve(1).await.count, 1);
    let (_, serials) = factory.block(&nameplate::service::Caller::command_line(), &million.block).await.unwrap();
    let last = serials.page(999_999, 10).unwrap();
    assert_eq!(last.iter().map(ToString::to_string).collect::<Vec<_>>(), [million.last_serial]);
}
