//! A walk: steps taken by the service and by its model at once, and compared.

use super::Dice;
use super::world::{Fate, Job, Label, Serial, State, World};
use crate::print::press::{Press, control, printer, results};
use crate::support::Database;
use nameplate::service::print::{Control, JobRecord, LeaseRequest, NewJob, Outcome, PrintError};
use nameplate::service::report_fate::Selection;
use nameplate::service::{Caller, ServiceError};
use std::collections::BTreeMap;

pub struct Walker {
    press: Option<Press>,
    pub world: World,
    pub dice: Dice,
    pub steps: usize,
    pub seed: u64,
    /// Whether printers and people tell the truth in this walk.
    pub truthful: bool,
    pub printers: Vec<(String, Caller)>,
    pub blocks: Vec<String>,
    pub keys: u64,
}

pub fn me() -> Caller {
    Caller::command_line()
}

/// What kind of refusal it is, in the words of the model.
pub fn kind(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Print(PrintError::LeaseEnded { .. }) => "ended",
        ServiceError::Print(PrintError::Positions { .. }) => "positions",
        ServiceError::Print(PrintError::NotHandedOver { .. }) => "never fetched",
        ServiceError::Print(PrintError::ResultRefused { .. }) => "refused",
        ServiceError::Print(PrintError::Step { .. } | PrintError::JobState { .. }) => "refused",
        ServiceError::Print(PrintError::AlreadyPrinted { .. }) => "printed already",
        ServiceError::Print(PrintError::NeverPrinted { .. }) => "never printed",
        ServiceError::Print(PrintError::Reissue { .. }) => "reissue",
        ServiceError::Print(PrintError::UnknownLease) => "unknown",
        ServiceError::FateRefused { .. } => "fate",
        other => panic!("not expected of the desk: {other}"),
    }
}

impl Walker {
    pub async fn new(database: &Database) -> Self {
        let press = Press::on(database).await;
        let plenty = Some(1_000_000);
        press.set_quota(&me(), "fi-1", "NT-M2-BOR", plenty).await.unwrap();
        Self {
            press: Some(press),
            world: World::default(),
            dice: Dice(0),
            steps: 0,
            seed: 0,
            truthful: true,
            printers: Vec::new(),
            blocks: Vec::new(),
            keys: 0,
        }
    }

    pub fn press(&self) -> &Press {
        self.press.as_ref().unwrap()
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("walk-{}-{}", self.seed, self.keys)
    }

    pub async fn begin(&mut self, seed: u64) {
        self.world = World { now: self.world.now, ..World::default() };
        (self.dice, self.seed, self.keys, self.steps) = (Dice(seed), seed, 0, 0);
        self.truthful = seed.is_multiple_of(2);
        (self.printers, self.blocks) = (Vec::new(), Vec::new());
        for at in 0..=self.dice.under(3) {
            let name = format!("w{seed}-{at}");
            self.printers.push((name.clone(), printer(self.press(), &name).await));
        }
        self.new_job().await;
    }

    pub async fn walk(&mut self) {
        for step in 0..40 {
            self.steps += 1;
            match self.dice.under(100) {
                0..8 => self.new_job().await,
                8..30 => self.lease().await,
                30..52 => self.fetch().await,
                52..72 => self.say().await,
                72..77 => self.time_passes().await,
                77..80 => self.beat().await,
                80..86 => self.control().await,
                86..92 => self.settle().await,
                92..95 => self.reprint().await,
                95..97 => self.report().await,
                97..99 => self.again().await,
                _ => self.restart().await,
            }
            if step % 8 == 0 {
                self.compare_all().await;
            }
        }
        self.compare_all().await;
    }

    /// Where the walk is, for messages.
    pub fn here(&self) -> String {
        format!("NAMEPLATE_SEED={} step {}", self.seed, self.steps)
    }

    pub async fn compare_all(&self) {
        for job in 0..self.world.jobs.len() {
            self.compare(job).await;
        }
    }

    /// The service and the model say the same of a job.
    pub async fn compare(&self, index: usize) {
        let job = &self.world.jobs[index];
        let here = format!("{} job {index} {}", self.here(), job.code);
        let record = self.press().factory.job(&me(), &job.code).await.unwrap();
        let c = &record.counts;
        let counts = [c.queued, c.leased, c.handed_over, c.confirmed, c.unconfirmed, c.scrapped, c.canceled];
        assert_eq!(counts, job.counts(), "{here}: counts");
        assert_eq!(counts.iter().sum::<i64>(), record.labels, "{here}: every label is in one state");
        assert_eq!(record.state, job.shown(), "{here}: {record:?}");
        let (ranges, more) = self.press().job_labels(&me(), &job.code, None, None, 1_000).await.unwrap();
        assert!(more.is_none());
        let mut states = BTreeMap::new();
        for range in &ranges {
            let first = range.first_serial.replace('-', "");
            let first = self.world.serials.iter().position(|serial| serial.text == first).unwrap();
            for offset in 0..usize::try_from(range.labels).unwrap() {
                assert!(states.insert(first + offset, range.state.as_str()).is_none(), "{here}: two states");
            }
        }
        let expected = job.labels.iter().filter(|label| label.state != State::Canceled);
        let expected: BTreeMap<_, _> = expected.map(|label| (label.serial, label.state.name())).collect();
        assert_eq!(states, expected, "{here}: states");
        for label in &job.labels {
            assert!(label.confirmed <= 1, "{here}: confirmed twice");
            if self.truthful {
                self.assert_came_out_once(&here, label, job.copy);
            }
        }
    }

    fn assert_came_out_once(&self, here: &str, label: &Label, copy: i64) {
        let same = self.world.jobs.iter().filter(|job| job.copy == copy).flat_map(|job| &job.labels);
        let came_out: u32 = same.filter(|other| other.serial == label.serial).map(|other| other.printed).sum();
        assert!(came_out <= 1, "{here}: a label came out {came_out} times");
        assert!(label.state != State::Confirmed || label.printed == 1, "{here}: confirmed without having come out");
    }

    pub fn remember(&mut self, record: &JobRecord, printer: usize, priority: u8, serials: &[usize]) -> usize {
        let new =
            |&serial: &usize| Label { serial, state: State::Queued, leases: Vec::new(), printed: 0, confirmed: 0 };
        let labels: Vec<_> = serials.iter().map(new).collect();
        assert_eq!(usize::try_from(record.labels).unwrap(), labels.len());
        let (code, copy) = (record.job.clone(), record.copy);
        self.world.jobs.push(Job { code, printer, copy, priority, state: "ready", failures: 0, labels });
        self.world.jobs.len() - 1
    }

    /// The serials of a block that the model does not know yet.
    pub async fn learn(&mut self, block: &str) -> Vec<usize> {
        let texts = self.press().serials(block).await;
        self.blocks.push(block.to_owned());
        let (block, first) = (self.blocks.len() - 1, self.world.serials.len());
        self.world.serials.extend(texts.into_iter().map(|text| Serial { text, block, fate: Fate::Reserved }));
        // A gap, so that serials of two blocks are never neighbours.
        let last = self.world.serials.len();
        self.world.serials.push(Serial { text: String::new(), block: usize::MAX, fate: Fate::Void });
        (first..last).collect()
    }

    async fn new_job(&mut self) {
        let count = 1 + i64::try_from(self.dice.under(12)).unwrap();
        let block = self.press().reserve(count).await.block;
        let serials = self.learn(&block).await;
        let at = self.dice.under(self.printers.len());
        let priority = [5, 5, 9, 1][self.dice.under(4)];
        let new = NewJob { priority, ..NewJob::of_whole_block(&self.printers[at].0, &block, None) };
        let key = self.key();
        let record = self.press().print(&me(), &key, &new).await.unwrap();
        let job = self.remember(&record, at, priority, &serials);
        let repeated = self.press().print(&me(), &key, &new).await.unwrap();
        assert_eq!(repeated.job, record.job);
        self.compare(job).await;
    }

    /// Another job for serials of a block: only for those of which no label can exist.
    async fn again(&mut self) {
        let block = self.dice.under(self.blocks.len());
        let serials = self.some_serials(block);
        let free = |&serial: &usize| {
            let labels = self.world.jobs.iter().flat_map(|job| &job.labels).filter(|l| l.serial == serial);
            self.world.serials[serial].fate == Fate::Reserved && labels.into_iter().all(|l| l.state == State::Canceled)
        };
        let free = serials.iter().all(free);
        let at = self.dice.under(self.printers.len());
        let texts = serials.iter().map(|&serial| self.world.serials[serial].text.clone()).collect();
        let new = NewJob {
            serials: Some(Selection::Serials(texts)),
            ..NewJob::of_whole_block(&self.printers[at].0, &self.blocks[block], None)
        };
        let key = self.key();
        match self.press().print(&me(), &key, &new).await {
            Ok(record) => {
                assert!(free, "{}: {record:?}", self.here());
                self.remember(&record, at, 5, &serials);
            }
            Err(error) => assert!(!free && kind(&error) == "printed already", "{}: {error}", self.here()),
        }
    }

    /// One to three serials of a block, in order.
    pub fn some_serials(&mut self, block: usize) -> Vec<usize> {
        let all: Vec<_> = (0..self.world.serials.len()).filter(|&s| self.world.serials[s].block == block).collect();
        let mut some: Vec<_> = (0..=self.dice.under(3)).map(|_| all[self.dice.under(all.len())]).collect();
        some.sort_unstable();
        some.dedup();
        some
    }

    async fn lease(&mut self) {
        let at = self.dice.under(self.printers.len());
        let most = [1, 2, 5, 20][self.dice.under(4)];
        self.lease_for(at, most).await;
    }

    /// Takes a lease; answers whether there was one.
    pub async fn lease_for(&mut self, at: usize, most: usize) -> bool {
        let request = LeaseRequest { max_labels: u32::try_from(most).unwrap(), wait_s: 0, status: None };
        let (name, agent) = &self.printers[at];
        let lease = self.press().lease_labels(agent, name, &request).await.unwrap();
        self.world.make_room(at);
        let possible = self.world.next(at);
        let here = self.here();
        let Some(lease) = lease else {
            assert!(possible.is_empty(), "{here}: there was work in {possible:?}");
            return false;
        };
        let job = self.world.jobs.iter().position(|job| job.code == lease.job).unwrap();
        assert!(possible.contains(&job), "{here}: job {job} has its turn before one of {possible:?}");
        let (first, len) = self.world.jobs[job].run(most);
        assert_eq!(usize::try_from(lease.labels).unwrap(), len, "{here}: labels of the lease");
        self.world.lease(&lease.lease, at, job, first, len);
        self.compare(job).await;
        true
    }

    /// Some lease, rather a late one.
    fn some_lease(&mut self) -> Option<usize> {
        let leases = self.world.leases.len();
        let late = leases.saturating_sub(1 + self.dice.under(3));
        (leases > 0).then(|| if self.dice.once_in(4) { self.dice.under(leases) } else { late })
    }

    /// Who speaks for a lease: now and then somebody else.
    fn speaker(&mut self, lease: usize) -> (Caller, bool) {
        let own = self.world.leases[lease].printer;
        let at = if self.dice.once_in(12) { self.dice.under(self.printers.len()) } else { own };
        (self.printers[at].1.clone(), at == own)
    }

    async fn fetch(&mut self) {
        let Some(lease) = self.some_lease() else { return };
        let (mut first, mut last) = self.dice.range(self.world.leases[lease].len);
        if self.dice.once_in(30) {
            (first, last) = (last + 1, last + 9);
        }
        self.fetch_of(lease, first, last).await;
    }

    /// Fetches labels by positions from 0; each comes out of the printer, or not.
    pub async fn fetch_of(&mut self, lease: usize, first: usize, last: usize) {
        let (speaker, is_own) = self.speaker(lease);
        let at = |position: usize| Some(u64::try_from(position).unwrap() + 1);
        let name = &self.world.leases[lease].name;
        let served = self.press().fetch_labels(&speaker, name, at(first), at(last)).await;
        let served = served.map_err(|error| kind(&error));
        let here = format!("{} lease {lease} labels {first} to {last}", self.here());
        if !is_own {
            assert_eq!(served.unwrap_err(), "unknown", "{here}");
            return;
        }
        let expected = self.world.fetch(lease, first, last);
        let job = self.world.leases[lease].job;
        assert_eq!(served.map(drop), expected.as_ref().map(drop).map_err(|error| *error), "{here}");
        for label in expected.unwrap_or_default() {
            self.world.jobs[job].labels[label].printed += u32::from(!self.dice.once_in(5));
        }
        self.compare(job).await;
    }

    /// Results by positions from 1: the truth as far as the printer knows it, or anything.
    fn a_report(&mut self, lease: usize) -> Vec<(u64, u64, Outcome)> {
        let any = [Outcome::Printed, Outcome::Unknown, Outcome::NotPrinted];
        let (len, job) = (self.world.leases[lease].len, self.world.leases[lease].job);
        let base = self.world.leases[lease].first;
        let (first, last) = self.dice.range(len);
        let mut list = Vec::new();
        if !self.truthful {
            for _ in 0..=self.dice.under(2) {
                let one_more = usize::from(self.dice.once_in(20));
                let (first, last) = self.dice.range(len + one_more);
                list.push((first, last, any[self.dice.under(3)]));
            }
        } else {
            let is_sure = !self.dice.once_in(4);
            for position in first..=last {
                let label = &self.world.jobs[job].labels[base + position];
                let was_fetched = matches!(label.state, State::HandedOver(of) | State::Unconfirmed(of) if of == lease);
                match (was_fetched, label.printed > 0) {
                    (true, _) if !is_sure => list.push((position, position, Outcome::Unknown)),
                    (true, true) => list.push((position, position, Outcome::Printed)),
                    (true, false) => list.push((position, position, Outcome::NotPrinted)),
                    (false, false) if label.state == State::Leased(lease) => {
                        list.push((position, position, Outcome::NotPrinted));
                    }
                    (false, true) if label.state == State::Confirmed && label.leases.last() == Some(&lease) => {
                        list.push((position, position, Outcome::Printed));
                    }
                    (false, _) => {}
                }
            }
        }
        let number = |position: usize| u64::try_from(position).unwrap() + 1;
        list.into_iter().map(|(first, last, outcome)| (number(first), number(last), outcome)).collect()
    }

    async fn say(&mut self) {
        let Some(lease) = self.some_lease() else { return };
        let list = self.a_report(lease);
        if !list.is_empty() {
            self.say_of(lease, &list).await;
            if self.dice.once_in(6) {
                self.say_of(lease, &list).await;
            }
        }
    }

    pub async fn say_of(&mut self, lease: usize, list: &[(u64, u64, Outcome)]) {
        let (speaker, is_own) = self.speaker(lease);
        let name = &self.world.leases[lease].name;
        let told = self.press().take_results(&speaker, name, &results(list), None).await;
        let here = format!("{} lease {lease} says {list:?}", self.here());
        if !is_own {
            assert_eq!(kind(&told.unwrap_err()), "unknown", "{here}");
            return;
        }
        let expected = self.world.results(lease, list);
        let told = told.map(|t| [t.confirmed, t.unconfirmed, t.queued, t.open]).map_err(|error| match &error {
            ServiceError::Print(PrintError::NotHandedOver { label } | PrintError::ResultRefused { label, .. }) => {
                (kind(&error), *label)
            }
            _ => (kind(&error), 0),
        });
        assert_eq!(told, expected, "{here}");
        self.compare(self.world.leases[lease].job).await;
    }

    async fn beat(&mut self) {
        let Some(lease) = self.some_lease() else { return };
        let (speaker, is_own) = self.speaker(lease);
        let beat = self.press().keep_lease(&speaker, &self.world.leases[lease].name, None).await;
        let beat = beat.map(|beat| beat.stop).map_err(|error| kind(&error));
        let expected = if is_own { self.world.beat(lease) } else { Err("unknown") };
        assert_eq!(beat, expected, "{} lease {lease}", self.here());
    }

    async fn time_passes(&mut self) {
        let seconds = [30, 60, 119, 130][self.dice.under(4)];
        self.pass(seconds).await;
    }

    pub async fn pass(&mut self, seconds: i64) {
        self.world.now += seconds;
        self.press().wait(seconds);
        // A lease whose time is up is over, whether or not the desk has noted it.
        let over = self.world.leases.iter().position(|lease| lease.ended.is_none() && lease.expires <= self.world.now);
        if let Some(lease) = over {
            let (lease, agent) = (&self.world.leases[lease], &self.printers[self.world.leases[lease].printer].1);
            let fetched = self.press().fetch_labels(agent, &lease.name, Some(1), Some(1)).await;
            assert_eq!(kind(&fetched.unwrap_err()), "ended", "{}", self.here());
        }
        self.press().tend_printing().await.unwrap();
        self.world.sweep();
        self.compare_all().await;
    }

    async fn restart(&mut self) {
        let press = self.press.take().unwrap().restarted().await;
        press.wait(self.world.now);
        self.press = Some(press);
        self.compare_all().await;
    }

    async fn control(&mut self) {
        let job = self.dice.under(self.world.jobs.len());
        let (what, named) = match self.dice.under(7) {
            0..2 => (Control::Hold, "hold"),
            2..6 => (Control::Release, "release"),
            _ => (Control::Cancel, "cancel"),
        };
        self.control_of(job, what, named).await;
    }

    pub async fn control_of(&mut self, job: usize, what: Control, named: &str) {
        let done = self.press().control_job(&me(), &self.world.jobs[job].code, &control(what, "a walk says so")).await;
        let expected = self.world.control(job, named);
        assert_eq!(done.map(drop).map_err(|error| kind(&error)), expected, "{} {named} {job}", self.here());
        self.compare(job).await;
    }
}
