//! Installations that are there, not there, somebody else's or damaged.

use super::{Desk, Ran};
use nameplate::service::keys::KEY_FILE;
use sqlx::{AnyConnection, Connection};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn resolve(desk: &Desk) -> Ran {
    desk.run(&["resolve", "HH/0007"])
}

#[test]
fn init_twice_makes_one_installation_and_shows_one_token() {
    let desk = Desk::new();
    let first = desk.run(&["init"]).ok().out;
    assert!(first.contains("Made an installation") && first.contains("npt_"), "{first}");
    assert!(first.contains("apart from the database's backups"));
    let keys = fs::read(desk.path("nameplate-data").join(KEY_FILE)).unwrap();
    let second = desk.run(&["init"]).ok().out;
    assert!(second.contains("already") && !second.contains("npt_"), "{second}");
    assert_eq!(fs::read(desk.path("nameplate-data").join(KEY_FILE)).unwrap(), keys);
}

#[test]
fn the_environment_and_the_command_line_say_where() {
    let desk = Desk::new();
    desk.run(&["--data", "a", "init"]).ok();
    desk.run(&["init", "--data", "b", "--database", "elsewhere.db"]).ok();
    assert!(desk.path("a/nameplate.db").exists());
    assert!(desk.path("elsewhere.db").exists() && !desk.path("b/nameplate.db").exists());
    let output = desk.command(&["rule", "list"]).env("NAMEPLATE_DATA", "a").output().unwrap();
    assert!(Ran::from(output).ok().out.contains("s12"));
    let help = desk.command(&["--help"]).env("NAMEPLATE_DATABASE_URL", "postgres://me:secret@db/n").output().unwrap();
    assert!(!Ran::from(help).ok().out.contains("secret"));
}

#[test]
fn a_folder_without_installation_is_told_and_left_alone() {
    let desk = Desk::new();
    resolve(&desk).refused(3, &["nameplate-data", "nameplate init"]);
    fs::create_dir(desk.path("nameplate-data")).unwrap();
    resolve(&desk).refused(3, &["nameplate init"]);
    assert_eq!(fs::read_dir(desk.path("nameplate-data")).unwrap().count(), 0);
}

#[test]
fn a_missing_foreign_or_open_key_file_is_refused() {
    let desk = Desk::with_catalogue();
    let path = desk.path("nameplate-data").join(KEY_FILE);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    resolve(&desk).refused(3, &["can be read by others", "chmod 600"]);
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::rename(&path, desk.path("kept.keys")).unwrap();
    resolve(&desk).refused(3, &["is missing", "backup"]);
    desk.run(&["init"]).refused(3, &["is missing"]);
    desk.run(&["init", "--data", "other"]).ok();
    fs::copy(desk.path("other").join(KEY_FILE), &path).unwrap();
    resolve(&desk).refused(3, &["belongs to"]);
    fs::rename(desk.path("kept.keys"), &path).unwrap();
    resolve(&desk).ok();
}

async fn change(database: &Path, sql: &'static str) {
    sqlx::any::install_default_drivers();
    let mut db = AnyConnection::connect(&format!("sqlite://{}?mode=rwc", database.display())).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let desk = Desk::with_catalogue();
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'from the future', 1, x'00', 0)";
    change(&desk.path("nameplate-data/nameplate.db"), sql).await;
    resolve(&desk).refused(3, &["newer nameplate", "9999"]);
}

#[tokio::test]
async fn a_database_that_is_not_ours_is_refused_and_not_touched() {
    let desk = Desk::with_catalogue();
    change(&desk.path("foreign.db"), "CREATE TABLE customers (name TEXT)").await;
    fs::write(desk.path("letter.txt"), "Dear Sir or Madam, thank you for your order.").unwrap();
    for name in ["foreign.db", "letter.txt"] {
        let before = fs::read(desk.path(name)).unwrap();
        desk.run(&["resolve", "x", "--database", name]).refused(3, &[name, "not a nameplate database"]);
        desk.run(&["init", "--data", "new", "--database", name]).refused(3, &["not a nameplate database"]);
        assert!(fs::read(desk.path(name)).unwrap() == before, "{name} was changed");
    }
}
