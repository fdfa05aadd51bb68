//! The catalogue in the database: what goes in comes out again, to the byte.

use crate::support::{Database, Factory, both_engines};
use nameplate::catalogue::{Limits, SourceFile, import, import_within, shipped_catalogue};
use nameplate::service::{Caller, ServiceError};
use sqlx::Row;

both_engines!(
    the_shipped_catalogue_survives_the_database,
    importing_twice_changes_nothing,
    edits_of_every_table_arrive,
    a_file_with_a_fault_changes_nothing,
    what_was_issued_keeps_its_identity,
    a_revision_in_use_stays_as_it_is,
    a_batch_in_use_keeps_what_its_units_refer_to,
    a_closed_batch_changes_its_note_only,
    unknown_templates_are_refused,
    the_audit_entry_names_the_rows,
    a_revision_can_be_respelled,
);

fn edited(edit: impl Fn(&str, &str) -> String) -> Vec<SourceFile> {
    let edit = |file: SourceFile| match String::from_utf8(file.bytes.clone()) {
        Ok(text) => SourceFile { bytes: edit(&file.name, &text).into(), ..file },
        Err(_) => file,
    };
    shipped_catalogue().into_iter().map(edit).collect()
}

async fn import_into(factory: &Factory, files: &[SourceFile]) -> Result<usize, ServiceError> {
    factory.import_catalogue(&Caller::command_line(), files).await.map(|done| done.changes)
}

async fn the_shipped_catalogue_survives_the_database(database: Database) {
    let factory = Factory::on(&database).await;
    let stored = factory.catalogue().await.unwrap();
    let read = import(&shipped_catalogue(), &nameplate::catalogue::Catalogue::default()).unwrap();
    assert_eq!(stored, read);
    let mut exported = stored.to_csv();
    let mut shipped = shipped_catalogue();
    exported.sort_by(|a, b| a.name.cmp(&b.name));
    shipped.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(exported, shipped, "the export is the files that were imported");
    assert_eq!(import_within(&exported, &stored, &Limits::default()).unwrap(), stored);
}

async fn importing_twice_changes_nothing(database: Database) {
    let factory = Factory::on(&database).await;
    let before = factory.verify_audit().await.unwrap().entries;
    assert_eq!(import_into(&factory, &shipped_catalogue()).await.unwrap(), 0);
    assert_eq!(factory.verify_audit().await.unwrap().entries, before, "nothing happened, so nothing is recorded");
}

async fn edits_of_every_table_arrive(database: Database) {
    let factory = Factory::on(&database).await;
    let files = edited(|name, text| match name {
        "brands.csv" => text.replace("410 Piñon Mesa Rd", "411 Piñon Mesa Rd"),
        "products.csv" => text.replace("384 x 288", "640 x 480"),
        "skus.csv" => text.replace("Borealis Glut 9", "Borealis Glut 9+"),
        "sku_aliases.csv" => text.replace("Hover M35,KES,2025-09-01,", "Hover M35,KES,2025-09-01,2027-01-31"),
        "sku_revisions.csv" => text.replace("manual DE/EN/FR r2", "manual DE/EN/FR r3"),
        "batches.csv" => {
            text.replace("HH/0007,NT-H3,NT-H3-BOR|NT-H3-KES|NT-H3-SEN", "HH/0007,NT-H3,NT-H3-SEN|NT-H3-BOR")
        }
        "batch_attributes.csv" => text.replace("rig 2", "rig 3"),
        _ => text.to_owned(),
    });
    assert_eq!(import_into(&factory, &files).await.unwrap(), 7, "one row of each table");
    let stored = factory.catalogue().await.unwrap();
    assert_eq!(stored, import(&files, &nameplate::catalogue::Catalogue::default()).unwrap());
    assert_eq!(import_into(&factory, &files).await.unwrap(), 0);
    factory.assert_audit_is_whole().await;
}

async fn a_file_with_a_fault_changes_nothing(database: Database) {
    let factory = Factory::bare(&database).await;
    let files = edited(|_, text| text.replace("9521234000013", "9521234000014"));
    match import_into(&factory, &files).await {
        Err(ServiceError::Catalogue(faults)) => assert!(faults[0].contains("skus.csv"), "{faults:?}"),
        other => panic!("{other:?}"),
    }
    let files = edited(|_, text| text.replace(",s12,", ",s13,"));
    match import_into(&factory, &files).await {
        Err(ServiceError::Catalogue(faults)) => assert!(faults[0].contains("\"s13\""), "{faults:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(factory.catalogue().await.unwrap(), nameplate::catalogue::Catalogue::default());
}

async fn what_was_issued_keeps_its_identity(database: Database) {
    let factory = Factory::on(&database).await;
    factory.reserve(1).await;
    let files = edited(|name, text| match name {
        "skus.csv" => text.replace("NT-M2-BOR,NT-M2,BOR,Borealis Fjäll 35", "NT-M2-BOR,NT-M2,SEN,Borealis Fjäll 35"),
        "sku_aliases.csv" => text.lines().filter(|l| !l.starts_with("NT-M2-BOR")).map(|l| format!("{l}\n")).collect(),
        _ => text.to_owned(),
    });
    match import_into(&factory, &files).await {
        Err(ServiceError::Catalogue(faults)) => assert!(faults[0].contains("NT-M2-BOR"), "{faults:?}"),
        other => panic!("{other:?}"),
    }
}

/// The lines that refuse an edit of one file; nothing else may have been written either.
async fn refusals(factory: &Factory, file: &str, from: &str, to: &str) -> Vec<String> {
    let before = factory.catalogue().await.unwrap();
    let files = replaced(file, from, to);
    let refused = import_into(factory, &files).await;
    assert_eq!(factory.catalogue().await.unwrap(), before);
    let tried = factory.try_catalogue(&Caller::command_line(), &files).await;
    match (refused, tried) {
        (Err(ServiceError::Catalogue(faults)), Err(ServiceError::Catalogue(tried))) => {
            assert_eq!(faults, tried, "a dry run says the same");
            faults
        }
        other => panic!("{from} -> {to}: {other:?}"),
    }
}

fn replaced(file: &str, from: &str, to: &str) -> Vec<SourceFile> {
    edited(|name, text| {
        assert!(name != file || text.contains(from), "{file} holds {from}");
        if name == file { text.replace(from, to) } else { text.to_owned() }
    })
}

async fn a_revision_in_use_stays_as_it_is(database: Database) {
    let factory = Factory::on(&database).await;
    // On the day of the test revision B is in force.
    factory.reserve(1).await;
    let old = "NT-M2-BOR,B,box BO-F35 r2,label BO-F35 r1";
    for new in ["NT-M2-BOR,B,box BO-F35 r3,label BO-F35 r1", "NT-M2-BOR,B,,label BO-F35 r1"] {
        let faults = refusals(&factory, "sku_revisions.csv", old, new).await;
        let line =
            "sku_revisions: NT-M2-BOR revision B has issued serials and stays as it is: make a new revision instead";
        assert_eq!(faults, [line]);
    }
    let unused = replaced("sku_revisions.csv", "NT-M2-BOR,A,box BO-F35 r1", "NT-M2-BOR,A,box BO-F35 r0");
    assert_eq!(import_into(&factory, &unused).await.unwrap(), 1);
}

async fn a_batch_in_use_keeps_what_its_units_refer_to(database: Database) {
    let factory = Factory::on(&database).await;
    factory.reserve(1).await;
    let row = "2025-W14-M2,NT-M2,NT-M2-BOR|NT-M2-KES|NT-M2-SEN,2025-04-03,First series";
    for (new, start) in [
        ("2025-W14-M2,NT-M2,NT-M2-BOR|NT-M2-KES|NT-M2-SEN,2025-04-04,First series", "keeps its product and day"),
        ("2025-W14-M2,NT-M2,NT-M2-KES|NT-M2-SEN,2025-04-03,First series", "has issued serials of NT-M2-BOR"),
        ("2025-W14-M2,NT-H3,NT-H3-BOR,2025-04-03,First series", "keeps its product and day"),
    ] {
        let faults = refusals(&factory, "batches.csv", row, new).await;
        assert!(faults[0].starts_with("batches: 2025-W14-M2 ") && faults[0].contains(start), "{faults:?}");
    }
    // What no unit refers to can change: other SKUs, the note, and batches without units.
    let free = "2025-W14-M2,NT-M2,NT-M2-SEN|NT-M2-BOR,2025-04-03,The first series";
    assert_eq!(import_into(&factory, &replaced("batches.csv", row, free)).await.unwrap(), 1);
    assert_eq!(import_into(&factory, &replaced("batches.csv", "2025-07-02", "2025-07-03")).await.unwrap(), 2);
}

async fn a_closed_batch_changes_its_note_only(database: Database) {
    let factory = Factory::on(&database).await;
    factory.close_batch(&Caller::command_line(), "HH/0007", None).await.unwrap();
    let row = "HH/0007,NT-H3,NT-H3-BOR|NT-H3-KES|NT-H3-SEN,2025-05-19,";
    for new in
        ["HH/0007,NT-H3,NT-H3-BOR|NT-H3-KES,2025-05-19,", "HH/0007,NT-H3,NT-H3-BOR|NT-H3-KES|NT-H3-SEN,2025-05-20,"]
    {
        let faults = refusals(&factory, "batches.csv", row, new).await;
        assert_eq!(faults, ["batches: HH/0007 is closed, and only its note can change: make a new batch instead"]);
    }
    let attribute =
        SourceFile { name: "batch_attributes.csv".into(), bytes: "batch,name,value\nHH/0007,curing_oven,2\n".into() };
    match import_into(&factory, &[attribute]).await {
        Err(ServiceError::Catalogue(faults)) => {
            assert!(faults[0].starts_with("batch_attributes: curing_oven of HH/0007"), "{faults:?}");
        }
        other => panic!("{other:?}"),
    }
    let note = replaced("batches.csv", row, &format!("{row}Sold out"));
    assert_eq!(import_into(&factory, &note).await.unwrap(), 1);
}

async fn unknown_templates_are_refused(database: Database) {
    let factory = Factory::on(&database).await;
    let faults = refusals(&factory, "skus.csv", ",unit-60x40", ",unit-60x41").await;
    assert_eq!(faults.len(), 6, "one a SKU");
    let line = "skus: NT-H3-BOR names template \"unit-60x41\", which does not exist. There are: ";
    assert!(faults[0].starts_with(line) && faults[0].contains("unit-60x40, "), "{}", faults[0]);
}

async fn the_audit_entry_names_the_rows(database: Database) {
    let factory = Factory::on(&database).await;
    let mut files = replaced("sku_revisions.csv", "manual DE/EN/FR r2", "manual DE/EN/FR r3");
    let rows: String = (0..250).map(|n| format!("P-{n},Product {n},,\n")).collect();
    files.retain(|file| file.name != "products.csv");
    let text = format!("code,name,platform,description\n{rows}");
    files.push(SourceFile { name: "products.csv".into(), bytes: text.into() });
    assert_eq!(import_into(&factory, &files).await.unwrap(), 251);
    let rows = database.rows("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1").await;
    let detail: String = rows[0].get("detail");
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(detail["changes"], 251);
    let keys = detail["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "tables without changes are left out");
    assert_eq!((keys[0]["table"].as_str(), keys[0]["more"].as_u64()), (Some("products"), Some(50)));
    assert_eq!((keys[0]["added"].as_array().unwrap().len(), &keys[0]["added"][0]), (200, &"P-0".into()));
    assert_eq!(keys[1]["changed"], serde_json::json!(["NT-M2-BOR | B"]));
}

async fn a_revision_can_be_respelled(database: Database) {
    let factory = Factory::on(&database).await;
    let files = replaced("sku_revisions.csv", "NT-M2-BOR,B,", "NT-M2-BOR,b,");
    assert_eq!(import_into(&factory, &files).await.unwrap(), 1);
    let stored = factory.catalogue().await.unwrap();
    assert_eq!(stored, import(&files, &nameplate::catalogue::Catalogue::default()).unwrap());
}
