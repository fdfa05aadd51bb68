//! An installation with the shipped catalogue, and the people who work with it.

use super::Database;
use nameplate::catalogue::shipped_catalogue;
use nameplate::serial::{AlphabetSpec, CheckScheme, Numerals, RuleSpec, Segment};
use nameplate::service::report_fate::{FateReport, FateReported, Selection};
use nameplate::service::resolve::{Resolved, UnitRecord};
use nameplate::service::{Caller, Clock, Nameplate, OpenError, ReserveBlock, ReserveError, ServiceError, Settings};
use nameplate::trace::Fate;
use serde::Deserialize;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// 2025-07-10 12:00 UTC: every batch of the sample catalogue is made, every revision in force.
pub const NOW_US: i64 = 1_752_148_800_000_000;

/// An open installation. Derefs to [`Nameplate`].
pub struct Factory {
    nameplate: Arc<Nameplate>,
    settings: Settings,
    clock: Clock,
}

impl Deref for Factory {
    type Target = Nameplate;

    fn deref(&self) -> &Nameplate {
        &self.nameplate
    }
}

/// The answer to a reservation, read back from its JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub block: String,
    pub sku: String,
    pub batch: String,
    pub station: String,
    pub order: Option<String>,
    pub count: u64,
    pub rule: String,
    pub rule_version: u32,
    pub first_serial: String,
    pub last_serial: String,
    pub reserved_at: String,
    pub receipt: String,
}

/// A rule whose series hold so many serials only: a counter of one digit holds 10, of two 100.
pub fn tiny_rule(code: &str, digits: u8) -> RuleSpec {
    RuleSpec {
        code: code.into(),
        version: 1,
        alphabet: AlphabetSpec::Digits,
        segments: vec![
            Segment::Literal { text: "77".into(), checked: true },
            Segment::Counter { width: digits, numerals: Numerals::Decimal },
            Segment::Check { scheme: CheckScheme::Damm },
        ],
        grouping: None,
        prefix: None,
    }
}

impl Factory {
    /// Makes the installation and imports the shipped catalogue.
    pub async fn on(database: &Database) -> Self {
        let factory = Self::bare(database).await;
        let imported = factory.import_catalogue(&Caller::command_line(), &shipped_catalogue()).await.unwrap();
        assert!(imported.changes > 0);
        factory
    }

    /// Makes the installation and leaves it empty.
    pub async fn bare(database: &Database) -> Self {
        Self::open(&Self::settings(database).creating()).await.unwrap()
    }

    pub fn settings(database: &Database) -> Settings {
        Settings { database: database.address().clone(), ..Settings::in_folder(database.folder()) }
    }

    /// Opens what is there.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let clock = Clock::fixed(NOW_US);
        let nameplate = Nameplate::open(settings, clock.clone()).await?;
        Ok(Self { nameplate: Arc::new(nameplate), settings: settings.clone(), clock })
    }

    /// The installation for a server in this process.
    pub fn shared(&self) -> Arc<Nameplate> {
        Arc::clone(&self.nameplate)
    }

    /// Another server on the same PostgreSQL database, with a data folder of its own and a copy of the keys.
    pub async fn second_node(&self, folder: &Path) -> Self {
        let key_file = nameplate::service::keys::KEY_FILE;
        std::fs::copy(self.data().join(key_file), folder.join(key_file)).unwrap();
        Self::open(&Settings { data: folder.into(), create: true, join: true, ..self.settings.clone() }).await.unwrap()
    }

    /// Ends the server and starts it again.
    pub async fn restarted(self) -> Self {
        let settings = self.stop().await;
        Self::open(&settings).await.unwrap()
    }

    /// Ends the server; answers what it takes to start it again.
    pub async fn stop(self) -> Settings {
        self.nameplate.close().await;
        Settings { create: false, ..self.settings.clone() }
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: i64) {
        let Clock::Fixed(now) = &self.clock else { panic!("the clock of tests stands still") };
        now.fetch_add(seconds * 1_000_000, std::sync::atomic::Ordering::Relaxed);
    }

    /// Reserves for the Borealis monocular at station fi-1, with a key of its own.
    pub async fn reserve(&self, count: i64) -> Answer {
        let key = format!("key-{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()));
        self.try_reserve(&key, "NT-M2-BOR", "2025-W14-M2", count, "fi-1").await.unwrap()
    }

    /// Reserves; the error is the reservation's refusal.
    pub async fn try_reserve(
        &self,
        key: &str,
        sku: &str,
        batch: &str,
        count: i64,
        station: &str,
    ) -> Result<Answer, ReserveError> {
        let request = ReserveBlock::parse(sku, batch, count, station, None)?;
        match self.reserve_block(&Caller::command_line(), key, request).await {
            Ok(reserved) => Ok(serde_json::from_str(&reserved.answer).unwrap()),
            Err(ServiceError::Reserve(refusal)) => Err(refusal),
            Err(other) => panic!("not a refusal of the reservation: {other}"),
        }
    }

    /// Every serial of a block, in issuing order.
    pub async fn serials(&self, block: &str) -> Vec<String> {
        let (_, serials) = self.block(&Caller::command_line(), block).await.unwrap();
        serials.page(0, u64::MAX).unwrap().iter().map(ToString::to_string).collect()
    }

    /// Reports a fate with a reason and a key of its own.
    pub async fn report(&self, block: &str, fate: Fate, serials: Selection) -> Result<FateReported, ServiceError> {
        let key = format!("key-{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()));
        let report = FateReport { fate, serials, reason: Some("a test says so".into()), happened_at: None };
        let answer = self.report_fate(&Caller::command_line(), block, &key, &report).await?;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        Ok(FateReported {
            block: answer["block"].as_str().unwrap().into(),
            fate: Fate::from_name(answer["fate"].as_str().unwrap()).unwrap(),
            changed: answer["changed"].as_u64().unwrap(),
            event: answer["event"].as_u64().unwrap(),
        })
    }

    /// The caller that sees one brand only.
    pub async fn buyer(&self, database: &Database, brand: &str) -> Caller {
        let id = database.number(&format!("SELECT id FROM brand WHERE code = '{brand}'")).await;
        Caller { actor: format!("buyer {brand}"), brand: Some(id), ..Caller::command_line() }
    }

    /// The record of a unit that must exist.
    pub async fn unit(&self, text: &str) -> UnitRecord {
        match self.resolve(&Caller::command_line(), text).await.unwrap() {
            Resolved::Serial(unit) => *unit,
            other => panic!("{text} is not a unit: {other:?}"),
        }
    }

    /// The audit chain must be whole.
    pub async fn assert_audit_is_whole(&self) {
        let verified = self.verify_audit().await.unwrap();
        assert_eq!(verified.fault, None, "after {} entries", verified.entries);
    }
}
