//! Finding, checking, creating and migrating the database.

use super::{Store, StoreError};
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, Connection as _, Executor, Row, SqlSafeStr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which database engine is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one process, nothing to install.
    Sqlite,
    /// For several nodes.
    Postgres,
}

/// Where the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of the embedded engine.
    Sqlite(PathBuf),
    /// A `postgres://` address. Kept out of `Display`: it may hold a password.
    Postgres(String),
}

/// SQLite marks its file with this number (`PRAGMA application_id`), so that a foreign file is not taken for ours.
/// The letters `NmPl`.
const APPLICATION_ID: i64 = 0x4e6d_506c;

const SQLITE: &[(i64, &str, &str)] = &[
    (1, "catalogue", include_str!("../../migrations/sqlite/0001_catalogue.sql")),
    (2, "identity", include_str!("../../migrations/sqlite/0002_identity.sql")),
    (3, "printing", include_str!("../../migrations/sqlite/0003_printing.sql")),
    (4, "people", include_str!("../../migrations/sqlite/0004_people.sql")),
    (5, "proofs", include_str!("../../migrations/sqlite/0005_proofs.sql")),
    (6, "floor", include_str!("../../migrations/sqlite/0006_floor.sql")),
    (7, "lists", include_str!("../../migrations/sqlite/0007_lists.sql")),
];

const POSTGRES: &[(i64, &str, &str)] = &[
    (1, "catalogue", include_str!("../../migrations/postgres/0001_catalogue.sql")),
    (2, "identity", include_str!("../../migrations/postgres/0002_identity.sql")),
    (3, "printing", include_str!("../../migrations/postgres/0003_printing.sql")),
    (4, "people", include_str!("../../migrations/postgres/0004_people.sql")),
    (5, "proofs", include_str!("../../migrations/postgres/0005_proofs.sql")),
    (6, "floor", include_str!("../../migrations/postgres/0006_floor.sql")),
    (7, "lists", include_str!("../../migrations/postgres/0007_lists.sql")),
];

/// How many connections read at a time; each costs SQLite a thread, PostgreSQL a process.
const READERS: u32 = 4;
/// How many transactions write at a time on PostgreSQL.
const POSTGRES_WRITERS: u32 = 8;
/// Longest wait for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

impl Database {
    /// Reads `postgres://...` as an address and anything else as the path of a SQLite file (`sqlite:` may stand before).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::Postgres(text.to_owned());
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        Self::Sqlite(path.into())
    }

    /// Which engine that is.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Connects, refuses what is not ours or newer than this program, and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NotOurs`], [`StoreError::Newer`], [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn open(&self) -> Result<Store, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = self.engine();
        // Held until the schema is up to date: several nodes may start at once on an empty database.
        let looked = self.refuse_foreign().await?;
        let (write, read) = match self {
            Self::Sqlite(path) => {
                let url = sqlite_url(path)?;
                let write = sqlite_pool(1, false).connect(&format!("{url}?mode=rwc")).await?;
                let read = sqlite_pool(READERS, true).connect_lazy(&url)?;
                write.execute(sqlx::AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"))).await?;
                (write, read)
            }
            Self::Postgres(url) => {
                (postgres_pool(POSTGRES_WRITERS).connect(url).await?, postgres_pool(READERS).connect_lazy(url)?)
            }
        };
        let store = Store { read, write, engine };
        migrate(&store).await?;
        if let Some(looked) = looked {
            looked.close().await?;
        }
        Ok(store)
    }

    /// Looks at what is there with a plain connection that changes nothing: a pool would set a foreign file to WAL, and
    /// would go on trying for half a minute where nobody answers. Answers the connection, which on PostgreSQL holds a
    /// lock against other nodes that start; `None` when there is no file yet.
    async fn refuse_foreign(&self) -> Result<Option<AnyConnection>, StoreError> {
        let url = match self {
            Self::Sqlite(path) => {
                if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.is_dir()) {
                    return Err(StoreError::Unavailable(format!("the folder {} does not exist", folder.display())));
                }
                if !refuse_foreign_file(path)? {
                    return Ok(None);
                }
                format!("{}?mode=ro", sqlite_url(path)?)
            }
            Self::Postgres(url) => url.clone(),
        };
        let mut conn = AnyConnection::connect(&url).await?;
        let ours = match self.engine() {
            Engine::Sqlite => sqlite_is_ours(&mut conn).await?,
            Engine::Postgres => postgres_is_ours(&mut conn).await?,
        };
        if ours { Ok(Some(conn)) } else { Err(StoreError::NotOurs(self.to_string())) }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

fn sqlite_url(path: &Path) -> Result<String, StoreError> {
    // Absolute, or the first part of a relative path would be read as a host.
    let path = std::path::absolute(path).map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let text = path.to_str().ok_or_else(|| StoreError::Unavailable("the database's path is not UTF-8".into()))?;
    // The driver reads `?` and `%` in the path as URL syntax.
    Ok(format!("sqlite://{}", text.replace('%', "%25").replace('?', "%3f").replace('#', "%23")))
}

/// A file that exists, is not empty and does not begin as SQLite files do is somebody else's. Answers whether there is
/// anything in it.
fn refuse_foreign_file(path: &Path) -> Result<bool, StoreError> {
    use std::io::Read;
    let Ok(file) = std::fs::File::open(path) else { return Ok(false) };
    let mut head = Vec::with_capacity(16);
    match file.take(16).read_to_end(&mut head) {
        Ok(0) => Ok(false),
        Ok(_) if head == b"SQLite format 3\0" => Ok(true),
        _ => Err(StoreError::NotOurs(path.display().to_string())),
    }
}

/// Ours is a file with our mark, or one without any table: it may stem from a start that was cut short.
async fn sqlite_is_ours(conn: &mut AnyConnection) -> Result<bool, StoreError> {
    let version: String = sqlx::query("SELECT sqlite_version() AS v").fetch_one(&mut *conn).await?.try_get("v")?;
    refuse_old_sqlite(&version)?;
    let id: i64 = sqlx::query("PRAGMA application_id").fetch_one(&mut *conn).await?.try_get(0)?;
    let tables: i64 = sqlx::query("SELECT COUNT(*) AS n FROM sqlite_master").fetch_one(conn).await?.try_get("n")?;
    Ok(id == APPLICATION_ID || tables == 0)
}

/// Ours is a schema with the tables of our first migration, or one without any table.
async fn postgres_is_ours(conn: &mut AnyConnection) -> Result<bool, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("SELECT pg_advisory_lock({APPLICATION_ID})::text")))
        .fetch_one(&mut *conn)
        .await?;
    let tables = sqlx::query(
        "SELECT COUNT(*) FILTER (WHERE table_name <> '_sqlx_migrations') AS n, \
         COUNT(*) FILTER (WHERE table_name IN ('sku_alias', 'batch_sku', 'batch_attribute', 'template_revision')) AS ours \
         FROM information_schema.tables WHERE table_schema = current_schema()",
    )
    .fetch_one(conn)
    .await?;
    Ok(tables.try_get::<i64, _>("n")? == 0 || tables.try_get::<i64, _>("ours")? == 4)
}

fn sqlite_pool(connections: u32, read_only: bool) -> AnyPoolOptions {
    let pragmas = if read_only {
        "PRAGMA query_only = ON; PRAGMA busy_timeout = 10000; PRAGMA mmap_size = 268435456;"
    } else {
        // FULL: an answer given is on the disk, also after a power cut. Measured no slower than NORMAL under group commit.
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; \
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;"
    };
    pool(connections)
        .after_connect(move |conn, _| {
            Box::pin(async move {
                conn.execute(pragmas).await?;
                Ok(())
            })
        })
        // After a failed COMMIT (a full disk) SQLite has rolled back by itself, the driver's own ROLLBACK fails, and it
        // goes on counting a transaction that is none: later ones would nest in it, "commit" and never reach the disk.
        // Such a connection is closed. The ping waits for the driver's rollback.
        .after_release(|conn, _| {
            Box::pin(async move {
                conn.ping().await?;
                Ok(!conn.is_in_transaction())
            })
        })
}

fn postgres_pool(connections: u32) -> AnyPoolOptions {
    pool(connections).after_connect(|conn, _| {
        Box::pin(async move {
            conn.execute("SET synchronous_commit = on; SET lock_timeout = '20s'; SET statement_timeout = '60s';")
                .await?;
            Ok(())
        })
    })
}

fn pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// SQLite before 3.51.3 can corrupt the WAL with two or more connections (its release notes of 2026).
fn refuse_old_sqlite(version: &str) -> Result<(), StoreError> {
    let parts: Vec<u32> = version.split('.').filter_map(|p| p.parse().ok()).collect();
    if parts.as_slice() < [3, 51, 3].as_slice() {
        return Err(StoreError::Unavailable(format!("SQLite {version} is too old: at least 3.51.3 is needed")));
    }
    Ok(())
}

async fn migrate(store: &Store) -> Result<(), StoreError> {
    let list = match store.engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let known = list.len() as u64;
    let migrations = list
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    let known = i64::try_from(known).unwrap_or(i64::MAX);
    match Migrator::with_migrations(migrations).run(&store.write).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::Newer { found, known }),
        Err(MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _)) => Err(e.into()),
        Err(other) => Err(StoreError::Unexpected(other.to_string())),
    }
}

impl Store {
    /// Whether the database answers now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut conn = self.read().await?;
        Ok(conn.ping().await?)
    }
}
