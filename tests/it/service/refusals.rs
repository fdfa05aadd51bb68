//! What cannot be reserved, and whether the refusal says what is left to do. A refusal leaves no trace.

use crate::support::{Database, Factory, both_engines, tiny_rule};
use nameplate::catalogue::{SourceFile, shipped_catalogue};
use nameplate::service::resolve::Resolved;
use nameplate::service::skus::SkuEdit;
use nameplate::service::{Caller, Nameplate, ReserveBlock, ReserveError, ServiceError};
use std::sync::Arc;

both_engines!(
    counts_outside_1_to_a_million_are_refused,
    a_station_gets_no_more_than_its_quota,
    ser3_an_exhausted_series_says_what_is_left,
    a_closed_batch_takes_no_more,
    a_sku_of_another_batch_is_told_what_the_batch_holds,
    ser8_every_name_of_a_sku_is_as_good_as_its_code,
    plb1_a_name_decides_only_while_it_is_valid_and_means_one_sku,
    what_is_not_a_sku_is_explained,
    what_is_not_a_batch_is_explained,
    plb5_another_brands_sku_does_not_exist,
    a_refused_neighbour_costs_nobody_anything,
);

const BATCH: &str = "2025-W14-M2";

/// What a refusal must not change. Counted before and after.
async fn traces(database: &Database) -> (i64, i64, i64) {
    (
        database.number("SELECT COUNT(*) FROM event").await,
        database.number("SELECT COALESCE(MAX(next_ordinal), 0) FROM series").await,
        database.number("SELECT seq FROM audit_head").await,
    )
}

async fn counts_outside_1_to_a_million_are_refused(database: Database) {
    let factory = Factory::on(&database).await;
    for count in [0, -1, 1_000_001, 1_000_000_000, i64::MIN] {
        let refused = factory.try_reserve("k", "NT-M2-BOR", BATCH, count, "fi-1").await;
        assert!(matches!(refused, Err(ReserveError::Count(n)) if n == count));
    }
    assert_eq!(factory.try_reserve("k", "NT-M2-BOR", BATCH, 1, "fi-1").await.unwrap().count, 1);
}

async fn a_station_gets_no_more_than_its_quota(database: Database) {
    let factory = Factory::on(&database).await;
    factory.set_quota(&Caller::command_line(), "fi-1", "NT-M2-BOR", Some(100)).await.unwrap();
    factory.try_reserve("k1", "NT-M2-BOR", BATCH, 60, "fi-1").await.unwrap();
    let before = traces(&database).await;
    match factory.try_reserve("k2", "NT-M2-BOR", BATCH, 41, "fi-1").await {
        Err(error @ ReserveError::Quota { quota: 100, held: 60, .. }) => {
            assert!(error.to_string().contains("40 more can be reserved"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(traces(&database).await, before);
    factory.try_reserve("k2", "NT-M2-BOR", BATCH, 40, "fi-1").await.unwrap();
    factory.try_reserve("k3", "NT-M2-BOR", BATCH, 101, "fi-2").await.unwrap();
    factory.try_reserve("k4", "NT-M2-KES", BATCH, 101, "fi-1").await.unwrap();
    factory.set_quota(&Caller::command_line(), "fi-1", "NT-M2-BOR", None).await.unwrap();
    factory.try_reserve("k5", "NT-M2-BOR", BATCH, 1_000, "fi-1").await.unwrap();
}

async fn number_with(factory: &Nameplate, sku: &str, rule: &str) {
    let caller = Caller::command_line();
    let version = factory.sku(&caller, sku).await.unwrap().version;
    let edit = SkuEdit { rule: Some(rule.into()), ..SkuEdit::default() };
    factory.edit_sku(&caller, sku, version, &edit).await.unwrap();
}

async fn ser3_an_exhausted_series_says_what_is_left(database: Database) {
    let factory = Factory::on(&database).await;
    factory.define_rule(&Caller::command_line(), tiny_rule("tiny", 2), "2025-01-01").await.unwrap();
    number_with(&factory, "NT-M2-BOR", "tiny").await;
    factory.reserve(93).await;
    let before = traces(&database).await;
    match factory.try_reserve("k", "NT-M2-BOR", BATCH, 8, "fi-1").await {
        Err(ReserveError::Exhausted { rule, remaining: 7, .. }) => assert_eq!(rule, "tiny"),
        other => panic!("{other:?}"),
    }
    assert_eq!(traces(&database).await, before);
    assert_eq!(factory.reserve(7).await.count, 7);
    let refused = factory.try_reserve("k", "NT-M2-BOR", BATCH, 1, "fi-1").await;
    assert!(matches!(refused, Err(ReserveError::Exhausted { remaining: 0, .. })));
    let rule = factory.rule_records().await.unwrap().into_iter().find(|r| r.code == "tiny").unwrap();
    assert_eq!((rule.issued, rule.series[0].used, rule.series[0].remaining), (true, 100, 0));
}

async fn a_closed_batch_takes_no_more(database: Database) {
    let factory = Factory::on(&database).await;
    factory.close_batch(&Caller::command_line(), BATCH, None).await.unwrap();
    let refused = factory.try_reserve("k", "NT-M2-BOR", BATCH, 1, "fi-1").await;
    assert!(matches!(refused, Err(ReserveError::BatchClosed { batch }) if batch == BATCH));
    factory.try_reserve("k", "NT-M2-BOR", "2025-W27-M2", 1, "fi-1").await.unwrap();
}

async fn a_sku_of_another_batch_is_told_what_the_batch_holds(database: Database) {
    let factory = Factory::on(&database).await;
    // By its code, and by another name, which takes another path.
    for sku in ["NT-H3-KES", "FH3-002", "9521234000020"] {
        match factory.try_reserve("k", sku, "lot 25-118 (pilot)", 1, "fi-1").await {
            Err(ReserveError::SkuNotInBatch { sku, batch, holds }) => {
                assert_eq!((&*sku, &*batch), ("NT-H3-KES", "Lot 25-118 (pilot)"));
                assert_eq!(holds, ["NT-H3-BOR"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn ser8_every_name_of_a_sku_is_as_good_as_its_code(database: Database) {
    let factory = Factory::on(&database).await;
    let names = [
        "NT-M2-BOR",
        "nt-m2-bor",
        " NT-M2-BOR ",
        "9521234000044",
        "09521234000044",
        "BO-F35",
        "FM2-004",
        "fjäll 35",
        "400074",
    ];
    for (n, name) in names.into_iter().enumerate() {
        let answer = factory.try_reserve(&format!("k{n}"), name, BATCH, 1, "fi-1").await;
        assert_eq!(answer.unwrap_or_else(|e| panic!("{name}: {e}")).sku, "NT-M2-BOR");
    }
}

async fn refusal(factory: &Factory, sku: &str, batch: &str) -> String {
    factory.try_reserve("k", sku, batch, 1, "fi-1").await.unwrap_err().to_string()
}

async fn what_is_not_a_sku_is_explained(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(2).await;
    for (text, explained) in [
        (&*block.first_serial, "this is a serial (of SKU NT-M2-BOR)"),
        (&*block.block, "this is a block (of SKU NT-M2-BOR)"),
        (BATCH, "this is a batch (of product NT-M2)"),
        ("NT-M2-XXX", "there is no SKU \"NT-M2-XXX\""),
    ] {
        let message = refusal(&factory, text, BATCH).await;
        assert!(message.contains(explained), "{message}");
        assert!(message.contains("here a SKU is wanted") || text == "NT-M2-XXX", "{message}");
    }
}

async fn what_is_not_a_batch_is_explained(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(2).await;
    for (text, explained) in [
        (&*block.last_serial, "this is a serial (of SKU NT-M2-BOR), and here a batch is wanted"),
        ("NT-M2-KES", "this is a SKU (Kestrel Hover M35), and here a batch is wanted"),
        ("2025-W99-M2", "there is no batch \"2025-W99-M2\""),
    ] {
        let message = refusal(&factory, "NT-M2-BOR", text).await;
        assert!(message.contains(explained), "{message}");
    }
}

async fn plb5_another_brands_sku_does_not_exist(database: Database) {
    let factory = Factory::on(&database).await;
    let buyer = factory.buyer(&database, "KES").await;
    for sku in ["NT-M2-BOR", "BO-F35", "9521234000044", "FM2-005"] {
        let request = ReserveBlock::parse(sku, BATCH, 1, "fi-1", None).unwrap();
        match factory.reserve_block(&buyer, "k", request).await {
            // That a text has a GTIN's check digit is no record of anybody's.
            Err(ServiceError::Reserve(ReserveError::UnknownSku { looks_like, .. }))
                if looks_like.as_ref().is_none_or(|like| like.kind == "gtin") => {}
            other => panic!("{sku}: {other:?}"),
        }
    }
    let own = ReserveBlock::parse("KT-HM35", BATCH, 1, "fi-1", None).unwrap();
    factory.reserve_block(&buyer, "k", own).await.unwrap();
}

/// Many at once in one group: some refused for different reasons, the others served without a gap.
async fn a_refused_neighbour_costs_nobody_anything(database: Database) {
    let factory = Arc::new(Factory::on(&database).await);
    factory.set_quota(&Caller::command_line(), "full", "NT-M2-BOR", Some(0)).await.unwrap();
    factory.close_batch(&Caller::command_line(), "2025-W27-M2", None).await.unwrap();
    let mut asking = tokio::task::JoinSet::new();
    for n in 0..60 {
        let factory = Arc::clone(&factory);
        asking.spawn(async move {
            let (sku, batch, station) = match n % 5 {
                0 => ("NT-M2-BOR", BATCH, "full"),
                1 => ("NT-M2-BOR", "2025-W27-M2", "fi-1"),
                2 => ("nonsense", BATCH, "fi-1"),
                _ => ("NT-M2-BOR", BATCH, "fi-1"),
            };
            let verdict = factory.try_reserve(&format!("k{n}"), sku, batch, 10, station).await;
            assert_eq!(verdict.is_ok(), n % 5 > 2, "{n}: {verdict:?}");
        });
    }
    asking.join_all().await;
    assert_eq!(database.number("SELECT next_ordinal FROM series").await, 24 * 10, "no gap");
    assert_eq!(database.number("SELECT SUM(issued) FROM batch").await, 24 * 10);
    assert_eq!(database.number("SELECT held FROM station_sku WHERE station = 'fi-1'").await, 24 * 10);
    assert_eq!(database.number("SELECT held FROM station_sku WHERE station = 'full'").await, 0);
}

#[tokio::test]
async fn a_rule_without_a_version_in_force_cannot_number() {
    crate::support::run(crate::support::Engine::Sqlite, |database| async move {
        let factory = Factory::bare(&database).await;
        factory.define_rule(&Caller::command_line(), tiny_rule("later", 3), "2030-01-01").await.unwrap();
        let files: Vec<SourceFile> = shipped_catalogue();
        let files = files.into_iter().map(|file| match file.name.as_str() {
            "skus.csv" => {
                SourceFile { bytes: String::from_utf8(file.bytes).unwrap().replace(",s12,", ",later,").into(), ..file }
            }
            _ => file,
        });
        factory.import_catalogue(&Caller::command_line(), &files.collect::<Vec<_>>()).await.unwrap();
        let refused = factory.try_reserve("k", "NT-M2-BOR", BATCH, 1, "fi-1").await;
        assert!(matches!(refused, Err(ReserveError::Rule { rule, .. }) if rule == "later"));
    })
    .await;
}

async fn plb1_a_name_decides_only_while_it_is_valid_and_means_one_sku(database: Database) {
    let factory = Factory::on(&database).await;
    let aliases = "sku,kind,value,owner,valid_from,valid_to\n\
                   NT-M2-KES,model,Coming,,2999-01-01,\n\
                   NT-M2-KES,model,Gone,,2001-01-01,2001-12-31\n\
                   NT-M2-KES,customer,Twin,KES,2001-01-01,\n\
                   NT-M2-BOR,customer,Twin,BOR,2001-01-01,\n";
    let file = SourceFile { name: "sku_aliases.csv".into(), bytes: aliases.into() };
    factory.import_catalogue(&Caller::command_line(), &[file]).await.unwrap();
    let before = traces(&database).await;
    for (name, why) in [("Coming", "not valid today"), ("Gone", "not valid today"), ("Twin", "no SKU")] {
        let refused = factory.try_reserve(name, name, BATCH, 1, "fi-1").await.unwrap_err();
        assert!(matches!(refused, ReserveError::UnknownSku { .. }), "{name}: {refused:?}");
        assert!(refused.to_string().contains(why), "{name}: {refused}");
    }
    assert_eq!(traces(&database).await, before);
    // To look something up an old name is good enough, but one that means two things is not.
    let caller = Caller::command_line();
    for name in ["Coming", "Gone"] {
        let found = factory.resolve(&caller, name).await.unwrap();
        assert!(matches!(&found, Resolved::Sku(sku) if sku.code == "NT-M2-KES"), "{name}: {found:?}");
    }
    let twin = factory.resolve(&caller, "Twin").await.unwrap();
    assert!(matches!(&twin, Resolved::Unknown(unknown) if unknown.reason.contains("NT-M2-BOR")), "{twin:?}");
}
