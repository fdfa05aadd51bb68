//! Rules: versions in order, no two that could make one serial (SER1), old serials stay readable (SER2).

use crate::support::{Database, Factory, both_engines, postgres_only, tiny_rule};
use nameplate::serial::{RuleSpec, Segment};
use nameplate::service::skus::SkuEdit;
use nameplate::service::{Caller, ServiceError};

both_engines!(
    ser1_rules_whose_serials_could_meet_are_refused,
    ser2_versions_follow_one_another,
    ser2_old_serials_are_found_under_a_new_version,
    ser6_a_plain_sequence_works_as_well,
    every_new_installation_has_the_shipped_rules,
);

postgres_only!(another_nodes_rule_is_known_at_once,);

fn with_epochs(version: u32, symbols: &str) -> RuleSpec {
    let mut spec = RuleSpec { code: "house".into(), version, ..RuleSpec::s12() };
    spec.segments[0] = Segment::Epoch { symbols: Some(symbols.into()) };
    spec.segments.insert(1, Segment::Literal { text: "X".into(), checked: true });
    spec.grouping = None;
    spec
}

async fn define(factory: &Factory, spec: RuleSpec, from: &str) -> Result<(), String> {
    match factory.define_rule(&Caller::command_line(), spec, from).await {
        Ok(_) => Ok(()),
        Err(ServiceError::RuleRefused(reason)) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

async fn number_with(factory: &Factory, rule: &str) {
    let caller = Caller::command_line();
    let version = factory.sku(&caller, "NT-M2-BOR").await.unwrap().version;
    let edit = SkuEdit { rule: Some(rule.into()), ..SkuEdit::default() };
    factory.edit_sku(&caller, "NT-M2-BOR", version, &edit).await.unwrap();
}

async fn ser1_rules_whose_serials_could_meet_are_refused(database: Database) {
    let factory = Factory::on(&database).await;
    let same = RuleSpec { code: "copy".into(), ..RuleSpec::s12() };
    let refused = define(&factory, same, "2025-01-01").await.unwrap_err();
    assert!(refused.contains("serials of s12 version 1 and copy version 1 could be the same"), "{refused}");
    define(&factory, tiny_rule("a", 3), "2025-01-01").await.unwrap();
    assert!(define(&factory, tiny_rule("b", 3), "2025-01-01").await.unwrap_err().contains("could be the same"));
    define(&factory, tiny_rule("b", 4), "2025-01-01").await.unwrap();
    let day = factory.define_rule(&Caller::command_line(), tiny_rule("c", 5), "tomorrow").await;
    assert!(matches!(day, Err(ServiceError::Invalid { field: "effective_on", .. })));
    let senseless = RuleSpec { segments: Vec::new(), ..tiny_rule("d", 5) };
    define(&factory, senseless, "2025-01-01").await.unwrap_err();
    assert_eq!(database.number("SELECT COUNT(*) FROM rule_version").await, 4);
    factory.assert_audit_is_whole().await;
}

async fn ser2_versions_follow_one_another(database: Database) {
    let factory = Factory::on(&database).await;
    let refused = define(&factory, with_epochs(2, "CD"), "2025-01-01").await.unwrap_err();
    assert!(refused.contains("the next is version 1"), "{refused}");
    define(&factory, with_epochs(1, "AB"), "2025-01-01").await.unwrap();
    for version in [1, 3] {
        let refused = define(&factory, with_epochs(version, "CD"), "2025-01-01").await.unwrap_err();
        assert!(refused.contains("house has 1 version(s): the next is version 2"), "{refused}");
    }
    let refused = define(&factory, with_epochs(2, "BC"), "2025-01-01").await.unwrap_err();
    assert!(refused.contains("could be the same"), "{refused}");
    define(&factory, with_epochs(2, "CD"), "2025-01-01").await.unwrap();
}

async fn ser2_old_serials_are_found_under_a_new_version(database: Database) {
    let factory = Factory::on(&database).await;
    define(&factory, with_epochs(1, "AB"), "2025-01-01").await.unwrap();
    number_with(&factory, "house").await;
    let old = factory.reserve(3).await;
    define(&factory, with_epochs(2, "CD"), "2025-07-11").await.unwrap();
    let same_day = factory.reserve(3).await;
    factory.wait(86_400);
    let new = factory.reserve(3).await;
    assert_eq!([&old, &same_day, &new].map(|answer| answer.rule_version), [1, 1, 2]);
    assert!(old.first_serial.starts_with("AX") && new.first_serial.starts_with("CX"));
    let factory = factory.restarted().await;
    for answer in [old, same_day, new] {
        let unit = factory.unit(&answer.last_serial.to_lowercase()).await;
        assert_eq!(unit.block, answer.block);
        assert_eq!(factory.serials(&answer.block).await.len(), 3);
    }
    let house = factory.rule_records().await.unwrap();
    let house: Vec<_> = house.iter().filter(|rule| rule.code == "house").map(|r| (r.version, r.issued)).collect();
    assert_eq!(house, [(1, true), (2, true)]);
}

async fn ser6_a_plain_sequence_works_as_well(database: Database) {
    let factory = Factory::on(&database).await;
    define(&factory, tiny_rule("plain", 4), "2025-01-01").await.unwrap();
    number_with(&factory, "plain").await;
    let block = factory.reserve(12).await.block;
    let serials = factory.serials(&block).await;
    assert!(serials.iter().enumerate().all(|(n, serial)| serial.starts_with(&format!("77{n:04}"))), "{serials:?}");
    assert_eq!(factory.unit(&serials[11]).await.block, block);
}

async fn every_new_installation_has_the_shipped_rules(database: Database) {
    let factory = Factory::on(&database).await.restarted().await;
    let rules = factory.rule_records().await.unwrap();
    let known: Vec<_> = rules.iter().map(|rule| (&*rule.code, rule.version, rule.issued)).collect();
    assert_eq!(known, [("s12", 1, false), ("s9", 1, false)]);
    assert!(rules.iter().all(|rule| rule.digest.len() == 64 && rule.definition.is_object()));
}

async fn another_nodes_rule_is_known_at_once(database: Database) {
    let first = Factory::on(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let second = first.second_node(folder.path()).await;
    define(&second, tiny_rule("plain", 4), "2025-01-01").await.unwrap();
    number_with(&first, "plain").await;
    let block = first.reserve(5).await;
    assert_eq!(second.unit(&block.first_serial).await.block, block.block);
    assert!(define(&first, tiny_rule("copy", 4), "2025-01-01").await.unwrap_err().contains("could be the same"));
}
