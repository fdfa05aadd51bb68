//! One process per data folder and per SQLite file; and the key file that must belong to the database.

use crate::support::{Database, Engine, Factory, both_engines, child, instruction};
use nameplate::service::keys::{KEY_FILE, KeyError, Keys};
use nameplate::service::{OpenError, Settings, WITNESS_FILE, WitnessError};
use nameplate::store::StoreError;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

both_engines!(
    a_second_process_is_refused,
    a_missing_key_file_is_refused,
    a_key_file_that_others_can_read_is_refused,
    a_foreign_key_file_is_refused,
    a_foreign_witness_is_refused,
);

const FOLDER: &str = "NAMEPLATE_TEST_SECOND_PROCESS";

/// The second process: opens the installation in a folder and leaves with 0, or 3 when it is in use.
#[tokio::test]
#[ignore = "not a test: the second process of others"]
async fn second_process() {
    let Some(folder) = instruction(FOLDER) else { return };
    let text = fs::read_to_string(folder.join("database")).unwrap();
    let database = nameplate::store::Database::parse(&text);
    match Factory::open(&Settings { database, ..Settings::in_folder(&folder) }).await {
        Ok(_) => std::process::exit(0),
        Err(OpenError::Store(StoreError::InUse(_))) => std::process::exit(3),
        Err(other) => panic!("{other}"),
    }
}

async fn second_process_on(folder: &Path, database: &Database) -> Option<i32> {
    let address = match database.address() {
        nameplate::store::Database::Sqlite(path) => path.to_str().unwrap().to_owned(),
        nameplate::store::Database::Postgres(url) => url.clone(),
    };
    fs::write(folder.join("database"), address).unwrap();
    let mut process = child("service::locks::second_process", FOLDER, folder);
    tokio::task::spawn_blocking(move || process.status().unwrap().code()).await.unwrap()
}

async fn a_second_process_is_refused(database: Database) {
    let factory = Factory::on(&database).await;
    assert_eq!(second_process_on(database.folder(), &database).await, Some(3));
    // Another data folder, the same database: SQLite refuses, PostgreSQL is made for it.
    let other = tempfile::tempdir().unwrap();
    fs::copy(database.folder().join(KEY_FILE), other.path().join(KEY_FILE)).unwrap();
    let expected = if database.engine() == Engine::Sqlite { 3 } else { 0 };
    assert_eq!(second_process_on(other.path(), &database).await, Some(expected));
    let within = Factory::open(&Factory::settings(&database)).await.err();
    assert!(matches!(within, Some(OpenError::Store(StoreError::InUse(_)))), "nor a second time in one process");
    factory.reserve(1).await;
    factory.stop().await;
    assert_eq!(second_process_on(database.folder(), &database).await, Some(0));
}

async fn a_missing_key_file_is_refused(database: Database) {
    let settings = Factory::on(&database).await.stop().await;
    fs::remove_file(database.folder().join(KEY_FILE)).unwrap();
    for settings in [settings.clone(), settings.creating()] {
        let opened = Factory::open(&settings).await.err();
        assert!(matches!(opened, Some(OpenError::Keys(KeyError::Missing(_)))), "{opened:?}");
    }
    assert!(!database.folder().join(KEY_FILE).exists(), "and no other is made");
}

async fn a_key_file_that_others_can_read_is_refused(database: Database) {
    let settings = Factory::on(&database).await.stop().await;
    let path = database.folder().join(KEY_FILE);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        match Factory::open(&settings).await.err() {
            Some(OpenError::Keys(error @ KeyError::TooOpen { .. })) => assert!(error.to_string().contains("chmod 600")),
            other => panic!("{other:?}"),
        }
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    Factory::open(&settings).await.unwrap();
}

async fn a_foreign_key_file_is_refused(database: Database) {
    let settings = Factory::on(&database).await.stop().await;
    let path = database.folder().join(KEY_FILE);
    let own = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    Keys::create(database.folder(), &[5; 80]).unwrap();
    let foreign = Factory::open(&settings).await.err();
    assert!(matches!(foreign, Some(OpenError::Keys(KeyError::Foreign { .. }))), "{foreign:?}");
    // The right database, but another key of the permutation: it would issue old serials for new ordinals.
    let own_database = own.lines().find(|line| line.starts_with("database")).unwrap();
    let forged = fs::read_to_string(&path).unwrap();
    let forged: Vec<_> = forged.lines().map(|l| if l.starts_with("database") { own_database } else { l }).collect();
    fs::write(&path, forged.join("\n")).unwrap();
    let wrong = Factory::open(&settings).await.err();
    assert!(matches!(wrong, Some(OpenError::WrongPermutation(_))), "{wrong:?}");
    fs::write(&path, &own[..own.len() / 2]).unwrap();
    let damaged = Factory::open(&settings).await.err();
    assert!(matches!(damaged, Some(OpenError::Keys(KeyError::Damaged { .. }))), "{damaged:?}");
    fs::write(&path, own).unwrap();
    Factory::open(&settings).await.unwrap();
}

async fn a_foreign_witness_is_refused(database: Database) {
    let settings = Factory::on(&database).await.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    Factory::open(&Settings::in_folder(elsewhere.path()).creating()).await.unwrap().stop().await;
    fs::copy(elsewhere.path().join(WITNESS_FILE), database.folder().join(WITNESS_FILE)).unwrap();
    let foreign = Factory::open(&settings).await.err();
    assert!(matches!(foreign, Some(OpenError::Witness(WitnessError::Foreign { .. }))), "{foreign:?}");
}
