//! Looking through catalogue, batches and chain, and what waits, on both engines.

use crate::support::{Database, Factory, both_engines};
use nameplate::catalogue::{SourceFile, shipped_catalogue};
use nameplate::service::browse::WantedBatches;
use nameplate::service::report_fate::Selection;
use nameplate::service::resolve::Resolved;
use nameplate::service::tokens::NewToken;
use nameplate::service::{Caller, ServiceError};
use nameplate::trace::Fate;

both_engines!(
    skus_are_found_by_parts_of_what_they_are_called,
    batches_are_found_newest_first,
    a_sku_has_revisions_and_stations_that_hold_it,
    the_chain_is_read_backwards,
    a_block_keeps_its_receipt_and_its_latest_events,
    what_waits_is_counted,
    a_name_of_several_things_names_them_all,
    a_rule_is_tried_without_a_trace,
);

async fn codes(factory: &Factory, caller: &Caller, text: &str, brand: Option<&str>) -> Vec<String> {
    let (found, _) = factory.find_skus(caller, text, brand, 0, 50).await.unwrap();
    found.into_iter().map(|sku| sku.code).collect()
}

async fn skus_are_found_by_parts_of_what_they_are_called(database: Database) {
    let factory = Factory::on(&database).await;
    let (all, kestrel) = (Caller::command_line(), factory.buyer(&database, "KES").await);
    for (text, brand, found) in [
        ("", Some("SEN"), vec!["NT-H3-SEN", "NT-M2-SEN"]),
        (" m2-b ", None, vec!["NT-M2-BOR"]),
        ("fjäll", None, vec!["NT-M2-BOR"]),
        ("FJÄLL", None, vec!["NT-M2-BOR"]),
        ("hover", None, vec!["NT-M2-KES"]),
        ("fm2-00", None, vec!["NT-M2-BOR", "NT-M2-KES", "NT-M2-SEN"]),
        ("9521234000020", None, vec!["NT-H3-KES"]),
        ("%", None, vec![]),
        ("_", None, vec![]),
        ("!", None, vec![]),
        ("\0", Some("BOR"), vec!["NT-H3-BOR", "NT-M2-BOR"]),
    ] {
        assert_eq!(codes(&factory, &all, text, brand).await, found, "{text:?} of {brand:?}");
    }
    assert_eq!(codes(&factory, &kestrel, "", None).await, ["NT-H3-KES", "NT-M2-KES"]);
    assert_eq!(codes(&factory, &kestrel, "FM2-005", None).await, [""; 0], "the factory's name is not its own");
    assert_eq!(codes(&factory, &kestrel, "KT-HM", Some("KES")).await, ["NT-M2-KES"]);
    let foreign = factory.find_skus(&kestrel, "", Some("BOR"), 0, 50).await;
    assert!(matches!(foreign, Err(ServiceError::NotFound { kind: "brand", .. })));
    let (first, next) = factory.find_skus(&all, "", None, 0, 4).await.unwrap();
    let (second, end) = factory.find_skus(&all, "", None, next.unwrap(), 4).await.unwrap();
    assert_eq!((first.len(), second.len(), end), (4, 2, None));
    let brands = |found: Vec<nameplate::service::browse::BrandRecord>| found.into_iter().map(|b| b.code).collect::<Vec<_>>();
    assert_eq!(brands(factory.brands(&all).await.unwrap()), ["BOR", "KES", "SEN"]);
    assert_eq!(brands(factory.brands(&kestrel).await.unwrap()), ["KES"]);
}

async fn batches_are_found_newest_first(database: Database) {
    let factory = Factory::on(&database).await;
    factory.reserve(3).await;
    let (all, kestrel) = (Caller::command_line(), factory.buyer(&database, "KES").await);
    let find = async |caller: &Caller, wanted: WantedBatches<'_>| {
        let (found, _) = factory.find_batches(caller, &wanted, 50).await.unwrap();
        found.into_iter().map(|batch| batch.batch).collect::<Vec<_>>()
    };
    let every = find(&all, WantedBatches::default()).await;
    assert_eq!(every.len(), 4);
    let of = |text| WantedBatches { text: Some(text), ..WantedBatches::default() };
    assert_eq!(find(&all, of("w14")).await, ["2025-W14-M2"]);
    assert_eq!(find(&all, of("%")).await, [""; 0]);
    let open = |open| WantedBatches { open: Some(open), ..WantedBatches::default() };
    assert_eq!((find(&all, open(true)).await.len(), find(&all, open(false)).await.len()), (4, 0));
    let sku = |sku| WantedBatches { sku: Some(sku), ..WantedBatches::default() };
    assert_eq!(find(&all, sku("nt-h3-kes")).await, ["HH/0007"]);
    let missing = factory.find_batches(&kestrel, &sku("NT-H3-BOR"), 50).await;
    assert!(matches!(missing, Err(ServiceError::NotFound { kind: "SKU", .. })));
    let bound = factory.find_batches(&kestrel, &WantedBatches::default(), 50).await.unwrap().0;
    assert_eq!(bound.len(), 3);
    assert!(bound.iter().all(|batch| batch.product.is_none() && batch.issued.is_none() && batch.skus.len() == 1));
    let (first, next) = factory.find_batches(&all, &WantedBatches::default(), 3).await.unwrap();
    let (second, end) =
        factory.find_batches(&all, &WantedBatches { before: next, ..WantedBatches::default() }, 3).await.unwrap();
    let joined: Vec<String> = first.into_iter().chain(second).map(|batch| batch.batch).collect();
    assert_eq!((joined, end), (every, None));
    let issued = factory.find_batches(&all, &of("W14"), 1).await.unwrap().0[0].issued;
    assert_eq!(issued, Some(3));
}

async fn a_sku_has_revisions_and_stations_that_hold_it(database: Database) {
    let factory = Factory::on(&database).await;
    let (all, buyer) = (Caller::command_line(), factory.buyer(&database, "BOR").await);
    let revisions = factory.sku_revisions(&buyer, "NT-M2-BOR").await.unwrap();
    assert!(revisions.len() > 1 && revisions.is_sorted_by(|a, b| a.valid_from >= b.valid_from));
    let foreign = factory.sku_revisions(&factory.buyer(&database, "KES").await, "NT-M2-BOR").await;
    assert!(matches!(foreign, Err(ServiceError::NotFound { .. })));
    assert_eq!(factory.sku_holdings(&all, "NT-M2-BOR").await.unwrap(), []);
    factory.reserve(7).await;
    factory.set_quota(&all, "fi-9", "NT-M2-BOR", Some(5)).await.unwrap();
    let held = factory.sku_holdings(&all, "NT-M2-BOR").await.unwrap();
    let shown: Vec<_> = held.iter().map(|row| (row.station.as_str(), row.held, row.quota, row.is_own)).collect();
    assert_eq!(shown, [("fi-1", 7, 2_000_000, false), ("fi-9", 0, 5, true)]);
    assert_eq!(factory.sku_holdings(&buyer, "NT-M2-BOR").await.unwrap(), [], "stations are the factory's");
}

async fn the_chain_is_read_backwards(database: Database) {
    let factory = Factory::on(&database).await;
    for _ in 0..5 {
        factory.reserve(1).await;
    }
    let (first, next) = factory.audit_entries(None, 3).await.unwrap();
    let (rest, end) = factory.audit_entries(next, 100).await.unwrap();
    let numbers: Vec<u64> = first.iter().chain(&rest).map(|entry| entry.number).collect();
    let newest = numbers[0];
    assert_eq!(numbers, (1..=newest).rev().collect::<Vec<_>>());
    assert_eq!(end, None);
    assert_eq!(first[0].hash, factory.verify_audit().await.unwrap().head);
    assert!(rest.iter().any(|entry| entry.action == "catalogue.import"));
    assert_eq!(factory.audit_entries(Some(1), 3).await.unwrap(), (Vec::new(), None));
}

async fn a_block_keeps_its_receipt_and_its_latest_events(database: Database) {
    let factory = Factory::on(&database).await;
    let (all, buyer) = (Caller::command_line(), factory.buyer(&database, "BOR").await);
    let block = factory.reserve(5).await;
    assert_eq!(factory.block_receipt(&all, &block.block).await.unwrap(), block.receipt);
    assert!(matches!(factory.block_receipt(&buyer, &block.block).await, Err(ServiceError::NotFound { .. })));
    for serial in &factory.serials(&block.block).await[..3] {
        factory.report(&block.block, Fate::Void, Selection::Serials(vec![serial.clone()])).await.unwrap();
    }
    let latest = factory.block_events(&all, &block.block, 2).await.unwrap();
    assert_eq!(latest.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["void", "void"]);
    assert!(latest[0].event > latest[1].event);
    let seen = factory.block_events(&buyer, &block.block, 9).await.unwrap();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|event| event.actor.is_none() && event.reason.is_none()), "names are the factory's");
}

async fn what_waits_is_counted(database: Database) {
    let factory = Factory::bare(&database).await;
    let nothing = factory.waiting(true).await.unwrap();
    assert_eq!(nothing, nameplate::service::waiting::Waiting::default());
    let all = Caller::command_line();
    factory.import_catalogue(&all, &shipped_catalogue()).await.unwrap();
    let one = factory.reserve(5).await;
    factory.report(&one.block, Fate::Printed, Selection::All).await.unwrap();
    let other = factory.try_reserve("a key", "NT-H3-BOR", "HH/0007", 5, "fi-1").await.unwrap();
    factory.report(&other.block, Fate::Printed, Selection::All).await.unwrap();
    let again = factory.reserve(5).await;
    factory.report(&again.block, Fate::Printed, Selection::All).await.unwrap();
    let settings = r#"{"driver":"raw","dpi":203,"media_width_um":60000,"media_height_um":40000}"#;
    let settings = serde_json::from_str(settings).unwrap();
    let new = nameplate::service::print::NewPrinter { printer: "line-3".into(), settings };
    factory.register_printer(&all, &new).await.unwrap();
    for (name, end) in [("soon", "2025-07-20T00:00:00Z"), ("later", "2025-07-30T00:00:00Z")] {
        let new = NewToken {
            name: name.into(),
            scopes: "support".into(),
            brand: None,
            station: None,
            printer: None,
            expires_at: Some(end.into()),
        };
        factory.issue_token(&all, &new).await.unwrap();
    }
    let waiting = factory.waiting(true).await.unwrap();
    assert!(waiting.has_catalogue && waiting.has_printers && waiting.stopped.is_none());
    assert_eq!((waiting.batches_in_debt, waiting.ending_tokens), (2, 1));
    assert_eq!(waiting.printers_in_trouble, ["line-3"]);
    factory.report(&other.block, Fate::Void, Selection::All).await.unwrap();
    assert_eq!(factory.waiting(true).await.unwrap().batches_in_debt, 1);
}

async fn a_name_of_several_things_names_them_all(database: Database) {
    let factory = Factory::on(&database).await;
    let aliases = "sku,kind,value,owner,valid_from\nNT-M2-BOR,customer,SHARED,BOR,2025-01-01\n\
                   NT-M2-KES,customer,SHARED,KES,2025-01-01\n";
    let files = [SourceFile { name: "sku_aliases.csv".into(), bytes: aliases.into() }];
    factory.import_catalogue(&Caller::command_line(), &files).await.unwrap();
    let Resolved::Unknown(found) = factory.resolve(&Caller::command_line(), "shared").await.unwrap() else { panic!() };
    assert_eq!(found.skus, ["NT-M2-BOR", "NT-M2-KES"]);
    let buyer = factory.buyer(&database, "KES").await;
    let Resolved::Sku(own) = factory.resolve(&buyer, "shared").await.unwrap() else { panic!() };
    assert_eq!(own.code, "NT-M2-KES", "another brand's name is no name here");
}

async fn a_rule_is_tried_without_a_trace(database: Database) {
    let factory = Factory::on(&database).await;
    let all = Caller::command_line();
    let before = factory.verify_audit().await.unwrap().head;
    let spec = crate::support::tiny_rule("tried", 2);
    let tried = factory.try_rule(&all, spec.clone(), "2025-07-10").await.unwrap();
    assert_eq!((tried.code.as_str(), tried.issued), ("tried", false));
    assert_eq!(factory.verify_audit().await.unwrap().head, before);
    assert!(factory.rule_records().await.unwrap().iter().all(|rule| rule.code != "tried"));
    factory.define_rule(&all, spec.clone(), "2025-07-10").await.unwrap();
    assert!(matches!(factory.try_rule(&all, spec, "2025-07-10").await, Err(ServiceError::RuleRefused(_))));
}
