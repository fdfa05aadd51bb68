//! What never changes of a job: kept in memory while its labels are printed.

use super::super::Nameplate;
use super::super::ServiceError;
use super::super::rule_book::KnownRule;
use super::artwork::Drawn;
use super::desk::DeskParts;
use crate::render::delivery::DeliveryJob;
use crate::serial::SeriesContext;
use crate::store::block::BlockRow;
use crate::store::print_job::JobRow;
use crate::store::printer::PrinterRow;
use crate::store::{self, Connection, StoreError};
use crate::trace::Span;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many jobs are kept. More printers than that work on different jobs at a time only in the largest factories;
/// then some jobs are read again.
const KEPT: usize = 1_024;
/// How many jobs' drawings are kept ready: each takes some hundred kilobytes.
const READY: usize = 256;

/// What never changes of a job. Its counts and state do, and are not to be read here.
#[derive(Debug)]
pub(super) struct JobFacts {
    /// As it was when it was first read.
    pub(super) job: JobRow,
    /// Whose serials; none for a test.
    pub(super) serials: Option<SerialFacts>,
}

/// The serials of a job that has any.
#[derive(Debug)]
pub(super) struct SerialFacts {
    pub(super) block: BlockRow,
    pub(super) rule: Arc<KnownRule>,
    pub(super) context: SeriesContext,
}

impl JobFacts {
    /// The serial of an ordinal, as people read it; of a test job its number.
    pub(super) fn shown(&self, ordinal: u64) -> String {
        let Some(serials) = &self.serials else { return format!("test label {}", ordinal + 1) };
        let series = serials.rule.rule.series(&serials.context);
        let serial = series.ok().and_then(|series| series.serial(ordinal).ok());
        serial.map_or_else(|| format!("ordinal {ordinal}"), |serial| serial.grouped(&serials.rule.rule).to_string())
    }

    /// The serials of a range as they are stored, for records: first and last.
    pub(super) fn ends(&self, span: Span) -> [String; 2] {
        let plain = |ordinal| self.shown(ordinal).replace('-', "");
        if self.serials.is_some() {
            [plain(span.first()), plain(span.last())]
        } else {
            [span.first(), span.last()].map(|o| self.shown(o))
        }
    }
}

/// Facts and drawings that were used lately.
#[derive(Debug, Default)]
pub(super) struct FactsCache {
    facts: Mutex<HashMap<i64, Arc<JobFacts>>>,
    ready: Mutex<HashMap<(i64, i64), Arc<Ready>>>,
}

/// A job made ready for a printer with its settings.
pub(super) struct Ready {
    pub(super) delivery: DeliveryJob,
    pub(super) drawn: Drawn,
}

impl Ready {
    /// The labels of a range, as one document.
    pub(super) fn document(&self, facts: &JobFacts, span: Span) -> Result<Vec<u8>, ServiceError> {
        let mut values = Vec::with_capacity(usize::try_from(span.len()).unwrap_or(0));
        for ordinal in span.first()..=span.last() {
            values.push(self.drawn.values(facts, ordinal)?);
        }
        let rows: Vec<_> = values.iter().map(|values| self.drawn.artwork.row(values)).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &**row).collect();
        let mut bytes = Vec::new();
        self.delivery
            .document(&rows, &mut bytes)
            .map_err(|e| ServiceError::Label(format!("job {}: {e}", facts.job.code)))?;
        Ok(bytes)
    }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ready(..)")
    }
}

fn keep<K: std::hash::Hash + Eq + Copy, V>(map: &Mutex<HashMap<K, Arc<V>>>, most: usize, key: K, value: &Arc<V>) {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= most {
        // Whoever still needs one of them reads it again.
        map.clear();
    }
    map.insert(key, Arc::clone(value));
}

impl DeskParts {
    /// What never changes of a job.
    pub(super) async fn job_facts(&self, conn: &mut Connection, id: i64) -> Result<Arc<JobFacts>, ServiceError> {
        let cache = &self.facts;
        if let Some(known) = cache.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(known));
        }
        let gone = |column| StoreError::Corrupt { table: "print_job", column, row: id.to_string() };
        let job = store::print_job::by_id(conn, id).await?.ok_or_else(|| gone("id"))?;
        let serials = match &job.block {
            None => None,
            Some(code) => {
                let block = store::block::by_code(conn, code, None).await?.ok_or_else(|| gone("block_id"))?;
                let rule = self.rules.get(conn, block.rule_version_id).await?;
                let context = block.context.parse().map_err(|_| gone("lane"))?;
                Some(SerialFacts { block, rule, context })
            }
        };
        let facts = Arc::new(JobFacts { job, serials });
        keep(&cache.facts, KEPT, id, &facts);
        Ok(facts)
    }
}

impl Nameplate {
    /// A job made ready to be drawn for a printer as that is set now.
    pub(super) async fn ready(&self, facts: &JobFacts, printer: &PrinterRow) -> Result<Arc<Ready>, ServiceError> {
        let cache = &self.print.parts.facts;
        let key = (facts.job.id, printer.edit_version);
        if let Some(known) = cache.ready.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let ready = Arc::new(self.make_ready(facts, printer).await?);
        keep(&cache.ready, READY, key, &ready);
        Ok(ready)
    }
}
