//! One key, one request, one answer: whoever asks again, whenever, wherever.

use crate::support::{Database, Factory, both_engines, postgres_only};
use nameplate::service::{Caller, ReserveBlock, ReserveError, Reserved, ServiceError};
use std::sync::Arc;
use tokio::task::JoinSet;

both_engines!(
    the_same_request_gets_the_same_answer_for_ever,
    a_key_is_not_for_two_requests,
    a_key_is_the_stations_own,
    the_same_request_twice_at_once_is_answered_once,
);

postgres_only!(two_nodes_racing_on_one_key_give_one_answer,);

fn request(count: i64, station: &str) -> ReserveBlock {
    ReserveBlock::parse("NT-M2-BOR", "2025-W14-M2", count, station, Some("PO-7")).unwrap()
}

async fn ask(factory: &Factory, key: &str, request: ReserveBlock) -> Result<Reserved, ReserveError> {
    match factory.reserve_block(&Caller::command_line(), key, request).await {
        Ok(reserved) => Ok(reserved),
        Err(ServiceError::Reserve(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

async fn the_same_request_gets_the_same_answer_for_ever(database: Database) {
    let factory = Factory::on(&database).await;
    let first = ask(&factory, "k", request(10, "fi-1")).await.unwrap();
    assert!(!first.replayed);
    factory.wait(86_400);
    let again = ask(&factory, "k", request(10, "fi-1")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(first.answer, again.answer, "byte for byte");
    let factory = factory.restarted().await;
    assert_eq!(ask(&factory, "k", request(10, "fi-1")).await.unwrap().answer, first.answer);
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, 1);
}

async fn a_key_is_not_for_two_requests(database: Database) {
    let factory = Factory::on(&database).await;
    ask(&factory, "k", request(10, "fi-1")).await.unwrap();
    let others = [
        request(11, "fi-1"),
        ReserveBlock { order: None, ..request(10, "fi-1") },
        ReserveBlock { sku: "NT-M2-KES".into(), ..request(10, "fi-1") },
    ];
    for other in others {
        let refused = ask(&factory, "k", other).await;
        assert!(matches!(&refused, Err(ReserveError::KeyReused { station }) if station == "fi-1"), "{refused:?}");
    }
}

async fn a_key_is_the_stations_own(database: Database) {
    let factory = Factory::on(&database).await;
    let one = ask(&factory, "k", request(10, "fi-1")).await.unwrap();
    let other = ask(&factory, "k", request(10, "fi-2")).await.unwrap();
    assert!(!other.replayed && one.answer != other.answer);
    let bound = Caller { station: Some("fi-2".into()), ..Caller::command_line() };
    let foreign = factory.reserve_block(&bound, "k2", request(1, "fi-1")).await;
    assert!(matches!(foreign, Err(ServiceError::WrongStation { bound }) if bound == "fi-2"));
}

async fn the_same_request_twice_at_once_is_answered_once(database: Database) {
    let factory = Arc::new(Factory::on(&database).await);
    let mut asking = JoinSet::new();
    for caller in 0..40 {
        let factory = Arc::clone(&factory);
        asking.spawn(async move { ask(&factory, &format!("k{}", caller % 4), request(5, "fi-1")).await });
    }
    for verdict in asking.join_all().await {
        assert!(matches!(verdict, Ok(_) | Err(ReserveError::KeyInFlight)), "{verdict:?}");
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, 4);
}

async fn two_nodes_racing_on_one_key_give_one_answer(database: Database) {
    let first = Factory::on(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let second = first.second_node(folder.path()).await;
    let nodes = [Arc::new(first), Arc::new(second)];
    let mut racing = JoinSet::new();
    for round in 0..60 {
        for node in &nodes {
            let node = Arc::clone(node);
            racing.spawn(async move {
                let answer = ask(&node, &format!("k{round}"), request(3, "fi-1")).await.unwrap().answer;
                (round, answer)
            });
        }
    }
    let mut answers = std::collections::BTreeMap::new();
    for (round, answer) in racing.join_all().await {
        let known = answers.entry(round).or_insert_with(|| Arc::clone(&answer));
        assert_eq!(*known, answer, "round {round}");
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM block").await, 60);
    nodes[0].assert_audit_is_whole().await;
}
