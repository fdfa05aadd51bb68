//! Databases that are not ours, or that a newer program has changed: refused, and left as they were.

use crate::support::{Database, Engine, Factory, both_engines, postgres_only};
use nameplate::service::OpenError;
use nameplate::store::{self, StoreError};
use std::fs;

both_engines!(
    migrations_start_from_nothing_and_run_once,
    foreign_tables_are_refused_and_left_alone,
    a_newer_schema_is_refused,
    a_first_start_that_was_cut_short_goes_on,
);

postgres_only!(two_servers_may_start_at_once_on_an_empty_database,);

const MIGRATIONS: &str = "SELECT COUNT(*) FROM _sqlx_migrations";
const KNOWN: i64 = 7;

async fn migrations_start_from_nothing_and_run_once(database: Database) {
    for _ in 0..2 {
        let store = database.open().await;
        store.ping().await.unwrap();
        assert_eq!(store.engine(), database.engine());
        store.close().await;
        assert_eq!(database.number(MIGRATIONS).await, KNOWN);
    }
}

async fn foreign_tables_are_refused_and_left_alone(database: Database) {
    database.sql("CREATE TABLE invoice (id INTEGER)").await;
    let file = database.folder().join("nameplate.db");
    let before = fs::read(&file).ok();
    assert!(matches!(database.address().open().await, Err(StoreError::NotOurs(_))));
    assert_eq!(fs::read(&file).ok(), before, "not a byte of a foreign file is changed");
    assert!(database.try_sql("SELECT * FROM meta").await.is_err(), "no table was made");
}

async fn a_newer_schema_is_refused(database: Database) {
    database.open().await.close().await;
    database
        .sql(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
              SELECT 77, 'the future', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    match database.address().open().await {
        Err(StoreError::Newer { found: 77, known: KNOWN }) => {}
        other => panic!("{other:?}"),
    }
}

async fn two_servers_may_start_at_once_on_an_empty_database(database: Database) {
    let settings = Factory::settings(&database).creating();
    // The keys are made once and copied, as the manual says.
    nameplate::service::keys::Keys::create(database.folder(), &[7; 80]).unwrap();
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut starts = tokio::task::JoinSet::new();
    for folder in &folders {
        let key_file = nameplate::service::keys::KEY_FILE;
        fs::copy(database.folder().join(key_file), folder.path().join(key_file)).unwrap();
        let settings = nameplate::service::Settings { data: folder.path().into(), ..settings.clone() };
        starts.spawn(async move { Factory::open(&settings).await.map(|_| ()) });
    }
    while let Some(started) = starts.join_next().await {
        started.unwrap().unwrap();
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM rule_version").await, 2);
}

async fn a_first_start_that_was_cut_short_goes_on(database: Database) {
    database.open().await.close().await;
    // As if the process had died before the last migration.
    for index in [
        "station_sku_by_sku",
        "block_by_station",
        "block_in_debt",
        "print_job_unconfirmed",
        "print_job_resting",
        "api_token_ending",
    ] {
        database.sql(&format!("DROP INDEX {index}")).await;
    }
    database.sql(&format!("DELETE FROM _sqlx_migrations WHERE version = {KNOWN}")).await;
    database.open().await.close().await;
    assert_eq!(database.number(MIGRATIONS).await, KNOWN);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nameplate.db");
    for content in ["", "shopping list", "id;name\n1;Borealis Optics, and more than sixteen bytes\n", "SQLite format 3"]
    {
        fs::write(&path, content).unwrap();
        let opened = store::Database::Sqlite(path.clone()).open().await;
        if content.is_empty() {
            opened.unwrap().close().await;
            continue;
        }
        assert!(matches!(opened, Err(StoreError::NotOurs(_))), "{content}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::write(&path, [b"SQLite format 3\0".as_slice(), &[0xff; 5000]].concat()).unwrap();
    assert!(matches!(store::Database::Sqlite(path).open().await, Err(StoreError::NotOurs(_))));
}

#[tokio::test]
async fn a_path_may_hold_whatever_paths_hold() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b.db", "50%.db", "what?.db", "#1.db", "Größe.db", "a&b=c.db"] {
        let path = folder.path().join(name);
        let opened = store::Database::Sqlite(path.clone()).open().await;
        opened.unwrap_or_else(|e| panic!("{name}: {e}")).close().await;
        assert!(path.is_file(), "{name}");
    }
    // Relative paths are taken from the working folder, whatever their first part looks like.
    let relative = format!("{}/made by a test.db", pathdiff(folder.path()));
    store::Database::parse(&relative).open().await.unwrap().close().await;
    assert!(folder.path().join("made by a test.db").is_file());
    let nowhere = store::Database::Sqlite(folder.path().join("no such folder/x.db"));
    assert!(matches!(nowhere.open().await, Err(StoreError::Unavailable(_))));
}

/// A path from the working folder to an absolute one.
fn pathdiff(to: &std::path::Path) -> String {
    let up = std::env::current_dir().unwrap().components().count() - 1;
    format!("{}{}", "../".repeat(up), to.strip_prefix("/").unwrap().display())
}

#[test]
fn an_address_is_read_as_what_it_is_and_never_shown_with_its_password() {
    let parse = store::Database::parse;
    assert_eq!(parse("sqlite:///var/lib/x.db"), store::Database::Sqlite("/var/lib/x.db".into()));
    assert_eq!(parse("sqlite:x.db"), parse("x.db"));
    for url in ["postgres://u:secret@h/d", "postgresql://u:secret@h/d"] {
        assert_eq!(parse(url).engine(), Engine::Postgres);
        assert!(!parse(url).to_string().contains("secret"));
    }
}

#[tokio::test]
async fn an_address_that_nobody_answers_at_is_unavailable() {
    let nobody = store::Database::Postgres("postgres://u@127.0.0.1:1/d".into());
    assert!(matches!(nobody.open().await, Err(StoreError::Unavailable(_))));
    let folder = tempfile::tempdir().unwrap();
    let settings = nameplate::service::Settings::in_folder(&folder.path().join("none"));
    assert!(matches!(Factory::open(&settings).await.err(), Some(OpenError::NotThere(_))));
    let settings = nameplate::service::Settings::in_folder(folder.path());
    assert!(matches!(Factory::open(&settings).await.err(), Some(OpenError::NotThere(_))));
}
