//! Use case: rules are looked at and defined.

use super::caller::Caller;
use super::{Nameplate, ServiceError};
use crate::serial::{Guessing, LengthWarning, Outlook, Rule, RuleSpec, overlap};
use crate::store::rule::{RuleRow, SeriesRow};
use crate::store::{self, StoreError};
use crate::trace::AuditEntry;
use data_encoding::HEXLOWER;
use serde::Serialize;

/// A rule version with its figures.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "code": "s12", "version": 1, "effective_on": "2000-01-01", "issued": true,
    "digest": "0f6c1e9a7d42e8b3c4d5e6f7a8b9c05b0f6c1e9a7d42e8b3c4d5e6f7a8b9c05b",
    "definition": {
        "code": "s12", "version": 1, "alphabet": {"custom": "0123456789ABCDEFGHJKMNPQRSTVWXYZ"},
        "segments": [{"kind": "permuted", "width": 9, "numerals": "alphabet"}, {"kind": "check", "scheme": "rs2"}]
    },
    "series": [{"context": "0", "used": 250, "capacity": 35184372088832_u64, "remaining": 35184372088582_u64,
                "guesses_per_hit": null}],
    "undetected": "one in 1,024 of all other errors", "confusable": [], "warnings": []
}))]
pub struct RuleRecord {
    /// Rule code.
    pub code: String,
    /// Version, from 1.
    pub version: u32,
    /// From which day it issues.
    pub effective_on: String,
    /// Whether it has issued, which freezes it.
    pub issued: bool,
    /// SHA-256 of the definition.
    pub digest: String,
    /// The definition.
    #[schema(value_type = Object)]
    pub definition: serde_json::Value,
    /// Its counters.
    pub series: Vec<SeriesRecord>,
    /// What its check symbols do not catch.
    pub undetected: String,
    /// Pairs of its symbols that people confuse.
    pub confusable: Vec<String>,
    /// What is long about it.
    pub warnings: Vec<String>,
}

/// A counter with its figures.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SeriesRecord {
    /// The values of the rule's fixed segments.
    pub context: String,
    /// Serials handed out or jumped over.
    pub used: u64,
    /// All ordinals.
    pub capacity: u64,
    /// What is left.
    pub remaining: u64,
    /// How many guesses a hit takes on average; none when serials are in sequence or nothing is issued.
    pub guesses_per_hit: Option<u64>,
}

impl Nameplate {
    /// All rule versions, oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn rule_records(&self) -> Result<Vec<RuleRecord>, ServiceError> {
        let mut conn = self.read().await?;
        self.rules.reload(&mut conn).await?;
        let series = store::rule::all_series(&mut conn).await?;
        let today = self.clock.today();
        self.rules
            .all()
            .iter()
            .map(|known| {
                let own = series.iter().filter(|s| s.rule_version_id == known.row.id);
                let series = own.map(|s| series_record(&known.rule, s, today)).collect();
                rule_record(&known.row, &known.rule, series)
            })
            .collect()
    }

    /// Records a rule, or a new version of one. The next version number must be used; a definition whose serials could
    /// be another rule's is refused.
    ///
    /// # Errors
    /// [`ServiceError::RuleRefused`] says why; [`ServiceError::Invalid`] for an unusable day.
    pub async fn define_rule(
        &self,
        caller: &Caller,
        spec: RuleSpec,
        effective_on: &str,
    ) -> Result<RuleRecord, ServiceError> {
        self.define_or_try(caller, spec, effective_on, true).await
    }

    /// Does all that [`Nameplate::define_rule`] does, and takes it back.
    ///
    /// # Errors
    /// As [`Nameplate::define_rule`].
    pub async fn try_rule(
        &self,
        caller: &Caller,
        spec: RuleSpec,
        effective_on: &str,
    ) -> Result<RuleRecord, ServiceError> {
        self.define_or_try(caller, spec, effective_on, false).await
    }

    async fn define_or_try(
        &self,
        caller: &Caller,
        spec: RuleSpec,
        effective_on: &str,
        keep: bool,
    ) -> Result<RuleRecord, ServiceError> {
        let day: jiff::civil::Date = effective_on.parse().map_err(|_| ServiceError::Invalid {
            field: "effective_on",
            problem: format!("{effective_on:?} is not a day like 2026-11-20"),
        })?;
        let refuse = |e: String| ServiceError::RuleRefused(e);
        let definition = spec.to_canonical_json().map_err(|e| refuse(e.to_string()))?;
        let digest = HEXLOWER.encode(&spec.digest().map_err(|e| refuse(e.to_string()))?);
        let rule = Rule::compile(spec, &self.keys.permutation()).map_err(|e| refuse(e.to_string()))?;
        let mut tx = self.store.begin().await?;
        // Holding the chain keeps two definitions at once from missing each other.
        let head = store::audit::hold_head(&mut tx).await?.head;
        self.rules.reload(&mut tx).await?;
        let (code, version) = (rule.spec().code.clone(), rule.spec().version);
        let latest = self.rules.all().iter().filter(|k| k.row.code == code).map(|k| k.row.version).max().unwrap_or(0);
        if version != latest + 1 {
            return Err(refuse(format!("rule {code} has {latest} version(s): the next is version {}", latest + 1)));
        }
        for other in self.rules.all() {
            if let Some(overlap) = overlap(&other.rule, &rule) {
                return Err(refuse(overlap.to_string()));
            }
        }
        let now_us = self.clock.now_us();
        let mut row = RuleRow {
            id: 0,
            code,
            version,
            definition: definition.clone(),
            digest,
            epoch: 0,
            issued: false,
            effective_on: day.to_string(),
        };
        row.id = store::rule::insert(&mut tx, &row, now_us).await?;
        if !keep {
            return rule_record(&row, &rule, Vec::new());
        }
        let entry = AuditEntry {
            recorded_us: now_us,
            actor: caller.actor.clone(),
            action: "rule.define".into(),
            subject: format!("{} version {}", row.code, row.version),
            detail: definition,
        };
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        self.rules.reload(&mut *self.read().await?).await?;
        rule_record(&row, &rule, Vec::new())
    }
}

fn series_record(rule: &Rule, series: &SeriesRow, today: jiff::civil::Date) -> SeriesRecord {
    let Outlook { capacity, remaining, guessing, .. } = rule.outlook(series.next_ordinal, 0, today);
    let guesses_per_hit = match guessing {
        Guessing::Scrambled { one_in, .. } => one_in,
        Guessing::Sequential => None,
    };
    SeriesRecord { context: series.context.clone(), used: series.next_ordinal, capacity, remaining, guesses_per_hit }
}

fn rule_record(row: &RuleRow, rule: &Rule, series: Vec<SeriesRecord>) -> Result<RuleRecord, ServiceError> {
    let corrupt = |_| StoreError::Corrupt { table: "rule_version", column: "definition", row: row.id.to_string() };
    Ok(RuleRecord {
        code: row.code.clone(),
        version: row.version,
        effective_on: row.effective_on.clone(),
        issued: row.issued,
        digest: row.digest.clone(),
        definition: serde_json::from_str(&row.definition).map_err(corrupt)?,
        series,
        undetected: rule.check().scheme().misses().to_owned(),
        confusable: rule.alphabet().confusability().warnings().collect(),
        warnings: rule.length_warnings(None).iter().map(LengthWarning::to_string).collect(),
    })
}
