//! One text, one record (SER8): whatever a person typed or scanned.

use crate::support::{Answer, Database, Factory, both_engines};
use nameplate::service::resolve::{Resolved, Unknown};
use nameplate::service::{Caller, Nameplate, OpenError};

both_engines!(
    ser8_every_kind_of_text_leads_to_its_record,
    ser10_a_serial_is_found_in_any_spelling,
    bat1_plb1_a_unit_knows_everything_about_itself,
    ser10_a_mistyped_serial_suggests_the_issued_one,
    what_leads_nowhere_says_why,
    plb5_a_brand_sees_its_own_and_no_factory_names,
);

async fn resolve(factory: &Nameplate, text: &str) -> Resolved {
    factory.resolve(&Caller::command_line(), text).await.unwrap()
}

async fn unknown(factory: &Nameplate, caller: &Caller, text: &str) -> Unknown {
    match factory.resolve(caller, text).await.unwrap() {
        Resolved::Unknown(unknown) => *unknown,
        other => panic!("{text}: {other:?}"),
    }
}

async fn ser8_every_kind_of_text_leads_to_its_record(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(3).await;
    for text in [
        "NT-M2-KES",
        "nt-m2-kes",
        "9521234000051",
        "9 521234 000051",
        "09521234000051",
        "19521234000058",
        "KT-HM35",
        "FM2-005",
        "Hover M35",
        "hover 35",
        "KT/STK/0005",
    ] {
        match resolve(&factory, text).await {
            Resolved::Sku(sku) => assert_eq!(sku.code, "NT-M2-KES", "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["2025-W14-M2", " 2025-w14-m2", "HH/0007", "lot 25-118 (PILOT)"] {
        assert!(matches!(resolve(&factory, text).await, Resolved::Batch(_)), "{text}");
    }
    for text in [block.block.clone(), block.block.to_lowercase().replace('-', " ")] {
        match resolve(&factory, &text).await {
            Resolved::Block(record) => assert_eq!((record.block, record.count), (block.block.clone(), 3)),
            other => panic!("{text}: {other:?}"),
        }
    }
}

async fn ser10_a_serial_is_found_in_any_spelling(database: Database) {
    let factory = Factory::on(&database).await;
    factory.reserve(5_000).await;
    let block = factory.reserve(300).await;
    for serial in factory.serials(&block.block).await.iter().step_by(37) {
        let [a, b, c] = [&serial[..4], &serial[4..8], &serial[8..]];
        let spellings = [
            serial.clone(),
            serial.to_lowercase(),
            format!("{a}-{b}-{c}"),
            format!("{a} {b} {c}"),
            format!("S/N {a}-{b}-{c}"),
            format!("  Serial number: {serial}\r\n"),
            serial.replace('0', "O").replace('1', "l"),
        ];
        for text in spellings {
            let unit = factory.unit(&text).await;
            assert_eq!((&unit.serial, &unit.printed, &unit.block), (serial, &format!("{a}-{b}-{c}"), &block.block));
        }
    }
}

async fn bat1_plb1_a_unit_knows_everything_about_itself(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(1).await;
    let unit = factory.unit(&block.first_serial).await;
    let factory_side = unit.sku.factory.unwrap();
    assert_eq!(
        (&*unit.sku.code, &*unit.sku.brand.name, &*factory_side.product),
        ("NT-M2-BOR", "Borealis Optics", "NT-M2")
    );
    assert_eq!((unit.revision.as_deref(), unit.batch.manufactured_on.as_deref()), (Some("B"), Some("2025-04-03")));
    assert_eq!(unit.batch.attributes["component_source"], "detector wafer VX-20417");
    assert!(unit.sku.names.iter().any(|name| name.kind == "factory" && name.value == "FM2-004"));
    assert_eq!((unit.station.as_deref(), &*unit.reserved_at), (Some("fi-1"), "2025-07-10T12:00:00Z"));
}

/// The serial with two neighbours exchanged.
fn swapped(serial: &str) -> String {
    let mut bytes = serial.as_bytes().to_vec();
    let at = (1..bytes.len() - 2).find(|&at| bytes[at] != bytes[at + 1]).unwrap();
    bytes.swap(at, at + 1);
    String::from_utf8(bytes).unwrap()
}

async fn ser10_a_mistyped_serial_suggests_the_issued_one(database: Database) {
    let factory = Factory::on(&database).await;
    let block = factory.reserve(50).await;
    for serial in factory.serials(&block.block).await.iter().step_by(7) {
        let other = if serial.ends_with('7') { "8" } else { "7" };
        let slips = [
            swapped(serial),
            format!("{}{other}{}", &serial[..5], &serial[6..]),
            serial[..11].to_owned(),
            format!("{}{}", &serial[..6], &serial[5..]),
        ];
        for text in slips.into_iter().filter(|text| text != serial) {
            let answer = unknown(&factory, &Caller::command_line(), &text).await;
            assert!(!answer.well_formed_serial && !answer.reason.is_empty());
            assert!(answer.suggestions.iter().any(|meant| meant.serial == *serial), "{text} for {serial}: {answer:?}");
            assert!(answer.suggestions.iter().all(|meant| meant.sku == "NT-M2-BOR"));
        }
    }
}

async fn what_leads_nowhere_says_why(database: Database) {
    let factory = Factory::on(&database).await;
    let caller = Caller::command_line();
    let block = factory.reserve(2).await;
    let long = "9".repeat(300);
    for (text, reason) in [
        ("", "nothing was typed"),
        (" \t ", "nothing was typed"),
        (&*long, "300 bytes"),
        ("BLK-0000000000000000", "no block has this code"),
        ("9521234000075", "no SKU has it"),
        ("9521234000052", "nothing goes by this name"),
        ("'; DROP TABLE sku; --", "nothing goes by this name"),
        ("100%_", "nothing goes by this name"),
        ("a\0b", ""),
    ] {
        let answer = unknown(&factory, &caller, text).await;
        assert!(answer.reason.contains(reason), "{text}: {answer:?}");
        assert!(answer.suggestions.is_empty() && answer.text.len() <= 160, "{answer:?}");
    }
    for code in ["a\0b", "none"] {
        assert!(factory.sku(&caller, code).await.is_err_and(|e| e.to_string().contains("there is no SKU")));
        assert!(factory.batch(&caller, code).await.is_err_and(|e| e.to_string().contains("there is no batch")));
        assert!(factory.blocks(&caller, None, None, Some(code), None, 9).await.unwrap().0.is_empty());
    }
    // The serial after the last that was issued: good, but nobody has it.
    let next = factory.reserve(1).await;
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = nameplate::service::Settings::in_folder(folder.path()).creating();
    std::fs::copy(factory.data().join("nameplate.keys"), folder.path().join("nameplate.keys")).unwrap();
    assert!(
        matches!(Factory::open(&elsewhere).await, Err(OpenError::DatabaseMissing(_))),
        "SER1: keys, but no database"
    );
    std::fs::write(folder.path().join("nameplate.db"), "").unwrap();
    let elsewhere = Factory::open(&elsewhere).await.unwrap();
    assert!(elsewhere.stopped().await.unwrap().is_some_and(|reason| reason.contains("the database is empty")));
    for serial in [&block.first_serial, &next.first_serial] {
        let answer = unknown(&elsewhere, &caller, serial).await;
        assert!(answer.well_formed_serial && answer.reason.contains("never issued"), "{answer:?}");
    }
}

async fn plb5_a_brand_sees_its_own_and_no_factory_names(database: Database) {
    let factory = Factory::on(&database).await;
    let (bor, kes) = (factory.buyer(&database, "BOR").await, factory.buyer(&database, "KES").await);
    let block: Answer = factory.reserve(20).await;
    let reported = nameplate::service::report_fate::Selection::All;
    factory.report(&block.block, nameplate::trace::Fate::Printed, reported).await.unwrap();
    for text in [
        &*block.first_serial,
        &*block.block,
        "NT-M2-BOR",
        "9521234000044",
        "BO-F35",
        "Fjäll 35",
        "400074",
        "Lot 25-118 (pilot)",
    ] {
        let foreign = unknown(&factory, &kes, text).await;
        assert!(foreign.suggestions.is_empty());
        let never = unknown(&factory, &kes, "never heard of").await;
        assert_eq!(foreign.well_formed_serial, text == block.first_serial, "{never:?}");
        assert!(!matches!(factory.resolve(&bor, text).await.unwrap(), Resolved::Unknown(_)), "{text} is Borealis' own");
    }
    let slip = unknown(&factory, &kes, &swapped(&block.first_serial)).await;
    assert!(slip.suggestions.is_empty(), "what another brand issued is not suggested: {slip:?}");
    // The factory's own name of the brand's own product is the factory's.
    unknown(&factory, &bor, "FM2-004").await;
    for text in [&*block.first_serial, &*block.block, "2025-W14-M2", "BO-F35"] {
        let seen = serde_json::to_string(&factory.resolve(&bor, text).await.unwrap()).unwrap();
        for secret in [
            "Northlight",
            "FM2-0",
            "VX-2",
            "Lumen",
            "QA-2025",
            "fi-1",
            "cli",
            "a test says so",
            "\"NT-M2\"",
            "KES",
            "Kestrel",
            "First series",
        ] {
            assert!(!seen.contains(secret), "{text} shows {secret}: {seen}");
        }
    }
    let history = serde_json::to_string(&factory.block_history(&bor, &block.block, 0, 10).await.unwrap()).unwrap();
    assert!(!history.contains("fi-1") && !history.contains("cli"), "{history}");
    assert!(
        factory.block(&kes, &block.block).await.is_err() && factory.batch(&kes, "Lot 25-118 (pilot)").await.is_err()
    );
    let (listed, _) = factory.blocks(&kes, None, None, None, None, 10).await.unwrap();
    assert!(listed.is_empty());
}
