//! The print desk: the one task of a node that moves labels from state to state.
//!
//! Steps of many printers share a transaction, so that their cost on disk is shared, too. On PostgreSQL rows are taken in
//! one order everywhere (batch, printer, labels and jobs, blocks, audit head); where two nodes wait for each other all the
//! same, the database ends it and the steps are served one by one.

use super::super::chain::{self, Stop};
use super::super::rule_book::RuleBook;
use super::super::{Clock, ServiceError};
use super::board::Board;
use super::facts::{FactsCache, JobFacts};
use super::lease::{LabelResult, ResultsTaken};
use super::seen::{self, Seen};
use crate::print::{LabelPiece, PieceChange, Step, StepRefused, advance, change_pieces};
use crate::service::caller::Serves;
use crate::store::print_attempt::AttemptRow;
use crate::store::print_label::Lane;
use crate::store::printer::PrinterRow;
use crate::store::{self, Engine, Store, StoreError, Transaction};
use crate::trace::{AuditEntry, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// The most steps in one transaction.
const MAX_GROUP: usize = 256;
/// How many steps can wait. Beyond that printers are told to come back.
const QUEUE: usize = 4 * MAX_GROUP;

/// What the desk works with.
#[derive(Debug)]
pub(in crate::service) struct DeskParts {
    pub(super) store: Store,
    pub(super) rules: Arc<RuleBook>,
    pub(super) clock: Clock,
    pub(super) board: Board,
    pub(super) facts: FactsCache,
    pub(super) seen: Seen,
}

/// A step that somebody asks for.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// A printer wants labels. `name` is the lease's, if there is one.
    Lease { printer: i64, most: u32, name: String },
    /// Labels are about to be served.
    HandOver { lease: String, serves: Serves, first: u64, last: u64 },
    /// A lease goes on.
    Beat { lease: String, serves: Serves },
    /// What became of labels.
    Results { lease: String, serves: Serves, actor: String, results: Vec<LabelResult> },
    /// A lease's time is up.
    Expire { lease: String },
}

impl Asked {
    /// Whether labels leave, or will leave, the server by it.
    const fn hands_out(&self) -> bool {
        matches!(self, Self::Lease { .. } | Self::HandOver { .. })
    }
}

/// What a step gave.
#[derive(Debug, Clone)]
pub(super) enum Done {
    /// A lease, or nothing to print.
    Leased(Option<Box<Granted>>),
    /// The labels count as handed over.
    HandedOver,
    /// Until when the lease goes on, and whether no more shall be fetched.
    Beat { expires_us: i64, stop: bool },
    /// What was taken, and the first label whose result was not.
    Taken { taken: ResultsTaken, refused: Option<(u64, String)> },
    /// The lease is over.
    Expired,
}

/// A lease as granted.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) attempt: AttemptRow,
    pub(super) facts: Arc<JobFacts>,
    pub(super) printer: PrinterRow,
}

struct Job {
    asked: Asked,
    reply: oneshot::Sender<Result<Done, ServiceError>>,
}

/// The way to the desk.
#[derive(Debug)]
pub(in crate::service) struct Desk {
    pub(super) parts: Arc<DeskParts>,
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Desk {
    /// Opens the desk.
    pub(in crate::service) fn open(store: Store, rules: Arc<RuleBook>, clock: Clock, seen: Seen) -> Self {
        let (board, facts) = (Board::default(), FactsCache::default());
        let parts = Arc::new(DeskParts { store, rules, clock, board, facts, seen });
        let (queue, jobs) = mpsc::channel(QUEUE);
        let worker = tokio::spawn(run(Arc::clone(&parts), jobs));
        let tender = tokio::spawn(super::tend::run(Arc::clone(&parts), Sender(queue.clone())));
        Self { parts, queue: Mutex::new(Some(queue)), tasks: Mutex::new(vec![tender, worker]) }
    }

    /// Serves what is queued and takes no more.
    pub(in crate::service) async fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let mut tasks = tasks.into_iter();
        if let Some(tender) = tasks.next() {
            tender.abort();
            // Aborted on purpose: it holds a way to the worker, which ends when nobody does.
            let _ = tender.await;
        }
        for worker in tasks {
            if let Err(error) = worker.await {
                tracing::error!(%error, "the print desk ended badly");
            }
        }
    }

    /// Waits for a step.
    pub(super) async fn ask(&self, asked: Asked) -> Result<Done, ServiceError> {
        self.sender()?.ask(asked).await
    }

    /// The way to the worker, while the desk is open.
    pub(super) fn sender(&self) -> Result<Sender, ServiceError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Sender(queue.ok_or_else(closed)?))
    }
}

fn closed() -> ServiceError {
    StoreError::Unavailable("the server is shutting down".into()).into()
}

/// The way to the worker.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::Sender<Job>);

impl Sender {
    pub(super) async fn ask(&self, asked: Asked) -> Result<Done, ServiceError> {
        let (reply, done) = oneshot::channel();
        self.0.try_send(Job { asked, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ServiceError::Busy,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        done.await.map_err(|_| closed())?
    }
}

async fn run(parts: Arc<DeskParts>, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MAX_GROUP);
    while queue.recv_many(&mut jobs, MAX_GROUP).await > 0 {
        let (asked, replies): (Vec<_>, Vec<_>) = jobs.drain(..).map(|job| (job.asked, job.reply)).unzip();
        for (done, reply) in serve(&parts, &asked).await.into_iter().zip(replies) {
            // Whoever has stopped waiting asks again.
            let _ = reply.send(done);
        }
    }
}

/// Serves a group; when the database refuses it as a whole, each step alone, once more.
async fn serve(parts: &DeskParts, asked: &[Asked]) -> Vec<Result<Done, ServiceError>> {
    match attempt(parts, asked).await {
        Ok(done) => done,
        Err(error) => {
            tracing::info!(%error, steps = asked.len(), "print steps failed together and are tried one by one");
            let mut all = Vec::with_capacity(asked.len());
            for one in asked {
                let done = attempt(parts, std::slice::from_ref(one)).await;
                all.push(match done {
                    Ok(mut done) => done.pop().unwrap_or(Err(closed())),
                    Err(error) => Err(error),
                });
            }
            all
        }
    }
}

async fn attempt(parts: &DeskParts, asked: &[Asked]) -> Result<Vec<Result<Done, ServiceError>>, ServiceError> {
    let tx = parts.store.begin().await?;
    let mut work = Work::new(parts, tx).await?;
    let in_the_way = if asked.iter().any(Asked::hands_out) { work.in_the_way().await? } else { None };
    work.hold(asked).await?;
    let mut all = Vec::with_capacity(asked.len());
    for one in asked {
        if let Some(stop) = in_the_way.as_ref().filter(|_| one.hands_out()) {
            all.push(Err(seen::refused(stop)));
            continue;
        }
        all.push(match work.step(one).await {
            Ok(done) => Ok(done),
            // The database is at fault: nothing of the group stands.
            Err(ServiceError::Store(error)) => return Err(error.into()),
            Err(refused) => Err(refused),
        });
    }
    work.finish().await?;
    Ok(all)
}

/// The lease's clock: one for all nodes, and one that a changed wall clock does not move.
pub(super) async fn lease_now_us(parts: &DeskParts, tx: &mut store::Connection) -> Result<i64, StoreError> {
    match (&parts.clock, parts.store.engine()) {
        (Clock::System, Engine::Postgres) => store::print_attempt::postgres_now_us(tx).await,
        (clock, _) => Ok(clock.steady_us()),
    }
}

/// Counters of a printer that a group moves: leases, labels confirmed, labels unconfirmed.
type Counters = [i64; 3];

/// One transaction of the desk.
pub(super) struct Work<'a> {
    pub(super) parts: &'a DeskParts,
    pub(super) tx: Transaction,
    pub(super) now_us: i64,
    pub(super) effects: Vec<super::effect::Effect>,
    /// What else goes into the audit chain.
    pub(super) entries: Vec<AuditEntry>,
    /// Labels that were handed over: job, attempt, ordinals.
    pub(super) handed_over: Vec<(String, i64, Span)>,
    counters: BTreeMap<i64, Counters>,
    rings: BTreeSet<i64>,
    /// Leases of this group, as they were at its start or are after its steps.
    attempts: BTreeMap<String, AttemptRow>,
}

impl<'a> Work<'a> {
    pub(super) async fn new(parts: &'a DeskParts, mut tx: Transaction) -> Result<Self, StoreError> {
        let now_us = lease_now_us(parts, &mut tx).await?;
        let (counters, rings, attempts) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Ok(Self {
            parts,
            tx,
            now_us,
            effects: Vec::new(),
            entries: Vec::new(),
            handed_over: Vec::new(),
            counters,
            rings,
            attempts,
        })
    }

    /// Finds the leases that are spoken of, and takes batches and printers in their order.
    async fn hold(&mut self, asked: &[Asked]) -> Result<(), ServiceError> {
        let (mut batches, mut printers) = (BTreeSet::new(), BTreeSet::new());
        for one in asked {
            let (lease, has_results) = match one {
                Asked::Lease { printer, .. } => {
                    printers.insert(*printer);
                    continue;
                }
                Asked::Results { lease, .. } => (lease, true),
                Asked::HandOver { lease, .. } | Asked::Beat { lease, .. } | Asked::Expire { lease } => (lease, false),
            };
            if let Some(attempt) = store::print_attempt::by_lease(&mut self.tx, lease).await? {
                printers.insert(attempt.printer_id);
                if has_results {
                    let facts = self.facts(attempt.job_id).await?;
                    batches.extend(facts.serials.as_ref().map(|serials| serials.block.batch_id));
                }
                self.attempts.insert(lease.clone(), attempt);
            }
        }
        if self.parts.store.engine() == Engine::Postgres {
            for batch in batches {
                store::sku::hold_batch(&mut self.tx, batch).await?;
            }
            for printer in printers {
                store::printer::hold(&mut self.tx, printer, [0; 3]).await?;
            }
            // Another node may have ended a lease between the look and the hold.
            for (lease, attempt) in &mut self.attempts {
                if let Some(now) = store::print_attempt::by_lease(&mut self.tx, lease).await? {
                    *attempt = now;
                }
            }
        }
        Ok(())
    }

    async fn step(&mut self, asked: &Asked) -> Result<Done, ServiceError> {
        match asked {
            Asked::Lease { printer, most, name } => {
                Ok(Done::Leased(self.lease(*printer, *most, name).await?.map(Box::new)))
            }
            Asked::HandOver { lease, serves, first, last } => self.hand_over(lease, *serves, *first, *last).await,
            Asked::Beat { lease, serves } => self.beat(lease, *serves).await,
            Asked::Results { lease, serves, actor, results } => self.results(lease, *serves, actor, results).await,
            Asked::Expire { lease } => self.expire(lease).await,
        }
    }

    /// What keeps labels from being handed out: they are not while the database, or the witness, lacks what was.
    pub(super) async fn in_the_way(&mut self) -> Result<Option<Stop>, ServiceError> {
        self.parts.seen.pay().await?;
        let stop = self.parts.seen.stop(&mut self.tx).await?;
        if let Some(Stop { reason, announce: true }) = &stop {
            chain::announce(&mut self.tx, reason).await?;
        }
        Ok(stop)
    }

    /// Writes what follows from the steps, and commits. Labels that were handed over are known to the witness when this
    /// returns.
    pub(super) async fn finish(mut self) -> Result<(), ServiceError> {
        for (printer, add) in std::mem::take(&mut self.counters) {
            store::printer::hold(&mut self.tx, printer, add).await?;
        }
        let effects = std::mem::take(&mut self.effects);
        let now_us = self.parts.clock.now_us();
        let mut entries = std::mem::take(&mut self.entries);
        let handed_over = std::mem::take(&mut self.handed_over);
        entries.extend(hand_over_entry(now_us, &handed_over));
        let head = super::effect::record(&mut self.tx, now_us, effects, entries).await?;
        store::commit(self.tx).await?;
        let seen = &self.parts.seen;
        if let Some(head) = head {
            seen.committed(head, !handed_over.is_empty());
        }
        self.rings.into_iter().for_each(|printer| self.parts.board.ring(printer));
        if handed_over.is_empty() { Ok(()) } else { seen.pay().await }
    }

    pub(super) async fn facts(&mut self, job: i64) -> Result<Arc<JobFacts>, ServiceError> {
        self.parts.job_facts(&mut self.tx, job).await
    }

    /// The lease with this name, as it is after the steps so far.
    pub(super) fn attempt(&self, lease: &str) -> Option<&AttemptRow> {
        self.attempts.get(lease)
    }

    /// Keeps what a step made of a lease, for the steps after it.
    pub(super) fn keep_attempt(&mut self, attempt: AttemptRow) {
        self.attempts.insert(attempt.lease.clone(), attempt);
    }

    /// Whoever waits for work of this printer is woken after the commit.
    pub(super) fn ring(&mut self, printer: i64) {
        self.rings.insert(printer);
    }

    /// Adds to a printer's counters.
    pub(super) fn add(&mut self, printer: i64, add: Counters) {
        let counters = self.counters.entry(printer).or_default();
        counters.iter_mut().zip(add).for_each(|(sum, n)| *sum += n);
    }

    /// Moves all labels of a range by one step, or none of them. Answers their pieces afterwards.
    pub(super) async fn advance(
        &mut self,
        lane: Lane,
        span: Span,
        step: Step,
    ) -> Result<Result<Vec<LabelPiece>, (Span, StepRefused)>, StoreError> {
        let stored = store::print_label::around(&mut self.tx, lane, span).await?;
        let new = match advance(&stored, span, step) {
            Ok(new) => new,
            Err(refused) => return Ok(Err(refused)),
        };
        self.write(lane, &stored, &new).await?;
        Ok(Ok(new))
    }

    /// Writes new pieces over the stored ones.
    pub(super) async fn write(
        &mut self,
        lane: Lane,
        stored: &[LabelPiece],
        new: &[LabelPiece],
    ) -> Result<PieceChange, StoreError> {
        let change = change_pieces(stored, new);
        store::print_label::apply(&mut self.tx, lane, &change).await?;
        if change.counts != [0; 6] {
            store::print_job::count(&mut self.tx, lane.job, &change.counts, 0).await?;
        }
        Ok(change)
    }
}

/// One entry for all labels that a transaction handed over, so that the chain, and with it the witness, knows of them.
fn hand_over_entry(now_us: i64, labels: &[(String, i64, Span)]) -> Option<AuditEntry> {
    let (first, ..) = labels.first()?;
    let subject = if labels.iter().all(|(job, ..)| job == first) { first.as_str() } else { "several jobs" };
    let labels: Vec<_> = labels
        .iter()
        .map(|(job, attempt, span)| {
            serde_json::json!({ "job": job, "attempt": attempt, "ordinals": [span.first(), span.last()] })
        })
        .collect();
    Some(AuditEntry {
        recorded_us: now_us,
        actor: "nameplate".into(),
        action: "labels.hand_over".into(),
        subject: subject.to_owned(),
        detail: serde_json::json!({ "labels": labels }).to_string(),
    })
}
