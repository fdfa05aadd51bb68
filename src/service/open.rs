//! Opening an installation: locks, keys, database, witness, in this order.

use super::allocation::{Allocator, AllocatorParts};
use super::clock::Clock;
use super::keys::{KEY_FILE, KeyError, Keys};
use super::rule_book::RuleBook;
use super::witness::{Memory, WITNESS_FILE, Witness, WitnessError};
use super::{Nameplate, ServiceError, random};
use crate::serial::RuleSpec;
use crate::store::audit::HeldHead;
use crate::store::rule::RuleRow;
use crate::store::{self, Database, Engine, Store, StoreError};
use crate::trace::{AuditEntry, ChainHead};
use data_encoding::HEXLOWER;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Where an installation lives and how it runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder with the key file, the witness and, unless told otherwise, the SQLite file.
    pub data: PathBuf,
    /// Where the records are.
    pub database: Database,
    /// Whether to make what is not there yet.
    pub create: bool,
    /// Whether reservations share commits. False only in benchmarks that measure what that is worth.
    pub grouped: bool,
    /// Whether this is a new node of a PostgreSQL database that has issued serials: it may begin without a witness.
    pub join: bool,
}

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing here.
    #[error("there is no nameplate installation in {0}. Make one with: nameplate init --data {0}")]
    NotThere(PathBuf),
    /// There are keys, but no database.
    #[error(
        "the database {0} is missing, although keys were made for it. Put it back from its backup; a new one would issue the same serials again"
    )]
    DatabaseMissing(PathBuf),
    /// The folder cannot be made or read.
    #[error("the data folder {path} cannot be used: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The keys are not those that this database's serials were made with.
    #[error(
        "the permutation key in {0} is not the one that this database's serials were made with. Put the right key file back"
    )]
    WrongPermutation(PathBuf),
    /// The witness.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Settings {
    /// An installation in a folder, with SQLite inside it.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        let database = Database::Sqlite(data.join("nameplate.db"));
        Self { data: data.into(), database, create: false, grouped: true, join: false }
    }

    /// The same, as a new node of a database that others use already.
    #[must_use]
    pub fn joining(mut self) -> Self {
        self.join = true;
        self
    }

    /// The same, made when it is not there.
    #[must_use]
    pub fn creating(mut self) -> Self {
        self.create = true;
        self
    }
}

/// What is open before allocation starts. Recovery works on this.
pub(super) struct Ground {
    pub(super) store: Store,
    pub(super) keys: Arc<Keys>,
    pub(super) locks: Vec<File>,
}

impl Nameplate {
    /// Opens an installation and starts its writer.
    ///
    /// When the witness remembers more than the database does, allocation is stopped in the database before this
    /// returns; reading goes on.
    ///
    /// # Errors
    /// [`OpenError`] says what is in the way and what to do.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, OpenError> {
        let Ground { store, keys, locks } = open_ground(settings).await?;
        let rules = Arc::new(RuleBook::new(keys.permutation()));
        let mut tx = store.begin().await?;
        record_shipped_rules(&mut tx, clock.now_us()).await?;
        store::commit(tx).await?;
        let mut tx = store.begin().await?;
        rules.reload(&mut tx).await?;
        let (head, witness) = check_witness(&mut tx, settings, keys.database(), clock.now_us()).await?;
        store::commit(tx).await?;
        let witness = Arc::new(Mutex::new(witness));
        let parts = AllocatorParts {
            store: store.clone(),
            keys: Arc::clone(&keys),
            rules: Arc::clone(&rules),
            witness: Arc::clone(&witness),
            locks,
        };
        let allocator = Allocator::start(parts, head, settings.grouped);
        let data = settings.data.clone();
        let seen = super::print::Seen::new(head, Arc::clone(&witness));
        let print = super::print::Desk::open(store.clone(), Arc::clone(&rules), clock.clone(), seen);
        let (fonts, compared) = (std::sync::OnceLock::new(), super::proof::ComparedCache::default());
        Ok(Self { store, keys, rules, allocator, print, compared, witness, clock, data, fonts })
    }
}

/// Takes the locks, finds or makes keys and database, and makes sure that they belong together.
pub(super) async fn open_ground(settings: &Settings) -> Result<Ground, OpenError> {
    let data = &settings.data;
    let folder = |source| OpenError::Folder { path: data.clone(), source };
    if settings.create {
        fs::create_dir_all(data).map_err(folder)?;
    } else if !data.is_dir() {
        return Err(OpenError::NotThere(data.clone()));
    }
    // Before the lock, which would leave a file behind in a folder that was named by mistake.
    if !settings.create && !data.join(KEY_FILE).exists() && !database_is_there(&settings.database) {
        return Err(OpenError::NotThere(data.clone()));
    }
    let mut locks = vec![lock(&data.join("nameplate.lock"))?];
    let keys = Keys::load(data)?;
    if let (Database::Sqlite(path), Some(_)) = (&settings.database, &keys)
        && !path.exists()
    {
        // The database is always made before the keys: keys without it mean that it was lost or is looked for elsewhere.
        return Err(OpenError::DatabaseMissing(path.clone()));
    }
    if let Database::Sqlite(path) = &settings.database {
        // Beside the file itself, so that two data folders that point to one file meet here.
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        locks.push(lock(&real.with_extension("db-lock"))?);
    }
    let store = settings.database.open().await?;
    let keys = Arc::new(match_keys(&store, data, keys, settings.create).await?);
    Ok(Ground { store, keys, locks })
}

fn database_is_there(database: &Database) -> bool {
    match database {
        Database::Sqlite(path) => path.exists(),
        Database::Postgres(_) => true,
    }
}

/// Takes a lock that the system gives back when this process ends, however it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Folder { path: path.into(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let folder = path.parent().unwrap_or(path);
            Err(StoreError::InUse(folder.display().to_string()).into())
        }
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

async fn match_keys(store: &Store, data: &Path, keys: Option<Keys>, create: bool) -> Result<Keys, OpenError> {
    let mut tx = store.begin().await?;
    let recorded = store::meta::get(&mut tx, "database").await?;
    let had_keys = keys.is_some();
    let keys = match (keys, &recorded) {
        (Some(keys), _) => keys,
        (None, None) if create => Keys::create(data, &random()?)?,
        (None, _) => return Err(KeyError::Missing(data.join(KEY_FILE)).into()),
    };
    let database = store::meta::get_or_insert(&mut tx, "database", keys.database()).await?;
    if database != keys.database() {
        let (path, file) = (data.join(KEY_FILE), keys.database().to_owned());
        return Err(KeyError::Foreign { path, file, database }.into());
    }
    let check = store::meta::get_or_insert(&mut tx, "permutation_check", &keys.permutation_check()).await?;
    if check != keys.permutation_check() {
        return Err(OpenError::WrongPermutation(data.join(KEY_FILE)));
    }
    store::audit::create_head(&mut tx).await?;
    if had_keys && recorded.is_none() {
        let reason = "the key file was made for this database, but the database is empty: it was lost, and serials that \
                      were issued would be issued again";
        tracing::error!(%reason, "allocation is stopped");
        store::audit::set_stopped(&mut tx, Some(reason)).await?;
    }
    store::commit(tx).await?;
    Ok(keys)
}

/// Compares the database with what the witness remembers; stops allocation when the database knows less, or when the
/// witness cannot say. Answers the end of the chain that the writer continues from, and the witness if it can go on.
async fn check_witness(
    tx: &mut store::Transaction,
    settings: &Settings,
    database: &str,
    now_us: i64,
) -> Result<(ChainHead, Result<Witness, String>), OpenError> {
    let held = store::audit::hold_head(tx).await?;
    let several = settings.database.engine() == Engine::Postgres;
    let (witness, fault) = match Witness::open(&settings.data, database) {
        Ok(Some(mut witness)) => match behind(tx, &held, witness.memory()).await? {
            Behind::No => {
                witness.know_recovery(store::audit::last_recovery(tx).await?)?;
                (Some(witness), None)
            }
            Behind::Recovered => {
                let kept_as = format!("{WITNESS_FILE}.before-{now_us}");
                let recovery = store::audit::last_recovery(tx).await?;
                let next = witness.memory().next.clone();
                let memory = Memory { database: database.into(), head: held.head, recovery, next };
                (Some(Witness::replace(&settings.data, memory, &kept_as)?), None)
            }
            Behind::Lost(reason) => (Some(witness), Some(reason)),
        },
        Ok(None) => match unwitnessed(tx, settings).await? {
            None => (Some(Witness::create(&settings.data, database)?), None),
            fault => (None, fault),
        },
        // It stays as it is, for `nameplate recover` to read what is left of it.
        Err(damaged @ WitnessError::Damaged { .. }) => (None, Some(damaged.to_string())),
        Err(other) => return Err(other.into()),
    };
    if let (None, Some(reason), true) = (&witness, &fault, several) {
        // Only this node does not know; the others go on.
        tracing::error!(%reason, "this node does not issue");
        return Ok((held.head, Err(reason.clone())));
    }
    let unwitnessed = fault.clone().unwrap_or_default();
    let (mut witness, mut head) = (witness, held.head);
    match (fault, &held.stopped, &mut witness) {
        (Some(reason), None, _) => {
            tracing::error!(%reason, "allocation is stopped");
            store::audit::set_stopped(tx, Some(&reason)).await?;
            let entry = AuditEntry {
                recorded_us: now_us,
                actor: "nameplate".into(),
                action: "allocation.stop".into(),
                subject: database.to_owned(),
                detail: serde_json::json!({ "reason": reason }).to_string(),
            };
            head = store::audit::append(tx, head, &[entry]).await?;
        }
        // Commits whose answer was cut off by a crash may be asked for again: the witness learns of them now.
        (None, None, Some(witness)) => {
            let series = store::rule::all_series(tx).await?;
            let next: Vec<_> = series.into_iter().map(|s| (s.series_key, s.next_ordinal)).collect();
            witness.record(held.head, &next)?;
        }
        _ => {}
    }
    Ok((head, witness.ok_or(unwitnessed)))
}

/// Whether the database knows less than a witness.
enum Behind {
    No,
    /// It does, but a recovery has moved every counter beyond what the witness remembers.
    Recovered,
    /// Why that is certain.
    Lost(String),
}

async fn behind(tx: &mut store::Transaction, held: &HeldHead, memory: &Memory) -> Result<Behind, StoreError> {
    if store::audit::hash_at(tx, memory.head.seq).await? == Some(memory.head.hash) {
        return Ok(Behind::No);
    }
    // A recovery that the witness knew of has nothing to do with what is missing now.
    let mut recovered = ![0, memory.recovery].contains(&store::audit::last_recovery(tx).await?);
    for (key, next) in &memory.next {
        let reached = match store::rule::series_by_key(tx, key).await? {
            Some(series) => series.next_ordinal,
            None => store::rule::floor(tx, key).await?,
        };
        recovered &= reached >= *next;
    }
    Ok(if recovered {
        Behind::Recovered
    } else {
        Behind::Lost(format!(
            "the database ends at audit entry {}, but serials were issued or labels handed to printers up to entry {} (known \
             from {WITNESS_FILE}): it was restored from an older backup",
            held.head.seq, memory.head.seq,
        ))
    })
}

/// Why it is not safe to begin without a witness, if it is not. A new node of a PostgreSQL database, made as such, has
/// none yet; anywhere else, serials without a witness mean that it was lost, most likely with a restored backup.
async fn unwitnessed(tx: &mut store::Transaction, settings: &Settings) -> Result<Option<String>, StoreError> {
    let joins = settings.join && settings.database.engine() == Engine::Postgres;
    let issued = store::rule::all_series(tx).await?.iter().any(|s| s.next_ordinal > 0);
    let path = settings.data.join(WITNESS_FILE);
    Ok((issued && !joins).then(|| {
        format!("serials were issued, but the witness file {} is missing: nobody knows how far. A new node of several joins with `nameplate init --join`", path.display())
    }))
}

/// The rules that every installation has from its first start.
async fn record_shipped_rules(tx: &mut store::Transaction, now_us: i64) -> Result<(), OpenError> {
    // Held first: another node may be starting at the same time.
    let head = store::audit::hold_head(tx).await?.head;
    if !store::rule::all(tx).await?.is_empty() {
        return Ok(());
    }
    let mut entries = Vec::new();
    for spec in [RuleSpec::s12(), RuleSpec::s9()] {
        let definition = spec.to_canonical_json().map_err(|e| ServiceError::RuleRefused(e.to_string()))?;
        let digest = spec.digest().map_err(|e| ServiceError::RuleRefused(e.to_string()))?;
        let row = RuleRow {
            id: 0,
            code: spec.code.clone(),
            version: spec.version,
            definition: definition.clone(),
            digest: HEXLOWER.encode(&digest),
            epoch: 0,
            issued: false,
            effective_on: "2000-01-01".into(),
        };
        store::rule::insert(tx, &row, now_us).await?;
        entries.push(AuditEntry {
            recorded_us: now_us,
            actor: "nameplate".into(),
            action: "rule.define".into(),
            subject: format!("{} version {}", row.code, row.version),
            detail: definition,
        });
    }
    store::audit::append(tx, head, &entries).await?;
    Ok(())
}
