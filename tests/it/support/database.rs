//! An empty database for each test, on either engine.

use super::cluster;
use nameplate::store;
use sqlx::Connection as _;
use sqlx::any::AnyRow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

pub use nameplate::store::Engine;

/// An empty database and an empty data folder; both are gone when the test ends.
pub struct Database {
    folder: TempDir,
    address: store::Database,
    /// Where databases are made and dropped; none on SQLite.
    admin: Option<String>,
    /// Copies that were made of it.
    copies: Mutex<Vec<String>>,
}

/// Runs a test on an engine, or says that it cannot.
pub async fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(Database) -> F) {
    let Some(database) = Database::empty(engine).await else {
        assert!(
            std::env::var_os("NAMEPLATE_REQUIRE_POSTGRES").is_none_or(|v| v.is_empty() || v == "0"),
            "PostgreSQL is required (NAMEPLATE_REQUIRE_POSTGRES), but neither NAMEPLATE_TEST_POSTGRES_URL nor initdb was found"
        );
        println!("SKIPPED on PostgreSQL: neither NAMEPLATE_TEST_POSTGRES_URL nor initdb was found");
        return;
    };
    test(database).await;
}

impl Database {
    async fn empty(engine: Engine) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if engine == Engine::Sqlite {
            let address = store::Database::Sqlite(folder.path().join("nameplate.db"));
            return Some(Self { folder, address, admin: None, copies: Mutex::default() });
        }
        let given = std::env::var("NAMEPLATE_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
        let admin = match given {
            Some(url) => url,
            None => cluster::address()?.replace("{}", "postgres"),
        };
        let address = create(&admin, None).await;
        Some(Self { folder, address: store::Database::Postgres(address), admin: Some(admin), copies: Mutex::default() })
    }

    pub fn engine(&self) -> Engine {
        self.address.engine()
    }

    pub fn address(&self) -> &store::Database {
        &self.address
    }

    /// The data folder: keys and witness, and the SQLite file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Brings the schema up to date.
    pub async fn open(&self) -> store::Store {
        self.address.open().await.unwrap()
    }

    /// A connection of a person with an SQL prompt: no guard but those of the schema.
    pub async fn raw(&self) -> sqlx::AnyConnection {
        sqlx::any::install_default_drivers();
        let url = match &self.address {
            store::Database::Sqlite(path) => format!("sqlite://{}?mode=rwc", path.display()),
            store::Database::Postgres(url) => url.clone(),
        };
        let mut conn = sqlx::AnyConnection::connect(&url).await.unwrap();
        if self.engine() == Engine::Sqlite {
            sqlx::raw_sql("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000").execute(&mut conn).await.unwrap();
        }
        conn
    }

    /// Runs statements as that person; the error is what the database said.
    pub async fn try_sql(&self, sql: &str) -> Result<u64, String> {
        let mut conn = self.raw().await;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await;
        conn.close().await.unwrap();
        done.map(|done| done.rows_affected()).map_err(|e| e.to_string())
    }

    /// Runs statements as that person.
    pub async fn sql(&self, sql: &str) -> u64 {
        self.try_sql(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// Looks something up as that person.
    pub async fn rows(&self, sql: &str) -> Vec<AnyRow> {
        let mut conn = self.raw().await;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        rows
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        use sqlx::Row as _;
        self.rows(&format!("SELECT CAST(({sql}) AS BIGINT)")).await[0].get(0)
    }

    /// Takes the schema's guards away, as somebody with full rights could.
    pub async fn drop_guards(&self) {
        let guards = match self.engine() {
            Engine::Sqlite => "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'",
            Engine::Postgres => {
                "SELECT DISTINCT 'DROP TRIGGER ' || trigger_name || ' ON ' || event_object_table \
                 FROM information_schema.triggers"
            }
        };
        use sqlx::Row as _;
        for row in self.rows(guards).await {
            self.sql(&row.get::<String, _>(0)).await;
        }
    }

    /// A copy of the records as they are now. Nobody may be using them meanwhile.
    pub async fn back_up(&self) -> Backup {
        match &self.address {
            store::Database::Sqlite(path) => {
                self.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
                let copy = self.folder.path().join("backup.db");
                std::fs::copy(path, &copy).unwrap();
                Backup::File(copy)
            }
            store::Database::Postgres(url) => {
                let copy = create(self.admin.as_deref().unwrap(), Some(url)).await;
                self.copies.lock().unwrap().push(copy.clone());
                Backup::Database(copy)
            }
        }
    }

    /// Puts a copy in the place of the records. Nobody may be using them meanwhile.
    pub async fn restore(&self, backup: &Backup) {
        match (&self.address, backup) {
            (store::Database::Sqlite(path), Backup::File(copy)) => {
                for suffix in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
                }
                std::fs::copy(copy, path).unwrap();
            }
            (store::Database::Postgres(url), Backup::Database(copy)) => {
                let (name, copy) = (name_of(url), name_of(copy));
                admin(self.admin.as_deref().unwrap(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
                admin(self.admin.as_deref().unwrap(), &format!("CREATE DATABASE {name} TEMPLATE {copy}")).await;
            }
            _ => panic!("a backup of the other engine"),
        }
    }
}

/// A copy of the records.
pub enum Backup {
    File(PathBuf),
    Database(String),
}

/// Makes a database, empty or as a copy of another; answers its address.
async fn create(admin_url: &str, template: Option<&str>) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("np_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    admin(admin_url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    let template = template.map_or("template0", name_of);
    admin(admin_url, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    let (before, query) = admin_url.split_once('?').map_or((admin_url, String::new()), |(b, q)| (b, format!("?{q}")));
    let server =
        before.rsplit_once('/').filter(|(server, _)| !server.ends_with('/')).map_or(before, |(server, _)| server);
    format!("{server}/{name}{query}")
}

fn name_of(url: &str) -> &str {
    url.split('?').next().and_then(|url| url.rsplit('/').next()).unwrap()
}

async fn admin(url: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = sqlx::AnyConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    conn.close().await.unwrap();
}

impl Drop for Database {
    fn drop(&mut self) {
        // A database that was made for us elsewhere is not left behind; our own cluster goes as a whole.
        if std::env::var_os("NAMEPLATE_TEST_POSTGRES_URL").is_none_or(|url| url.is_empty()) {
            return;
        }
        let (Some(admin_url), store::Database::Postgres(url)) = (self.admin.clone(), &self.address) else { return };
        let mut made = std::mem::take(&mut *self.copies.lock().unwrap());
        made.push(url.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            for url in made {
                let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(&url));
                runtime.block_on(admin(&admin_url, &sql));
            }
        });
        let _ = dropped.join();
    }
}
