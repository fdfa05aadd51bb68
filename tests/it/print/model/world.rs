//! The model: one state for each label, and what each step does to it. No ranges, no database.

use nameplate::service::print::Outcome;

/// How long a lease lasts, in seconds.
const LEASE_S: i64 = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Queued,
    Leased(usize),
    HandedOver(usize),
    Confirmed,
    Unconfirmed(usize),
    Scrapped,
    Canceled,
}

impl State {
    /// The place of its count, as the service lists them.
    pub fn index(self) -> usize {
        match self {
            Self::Queued => 0,
            Self::Leased(_) => 1,
            Self::HandedOver(_) => 2,
            Self::Confirmed => 3,
            Self::Unconfirmed(_) => 4,
            Self::Scrapped => 5,
            Self::Canceled => 6,
        }
    }

    pub fn name(self) -> &'static str {
        ["queued", "leased", "handed_over", "confirmed", "unconfirmed", "scrapped", "canceled"][self.index()]
    }

    pub fn is_open(self) -> bool {
        !matches!(self, Self::Confirmed | Self::Scrapped | Self::Canceled)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Reserved,
    Printed,
    Applied,
    Void,
}

#[derive(Debug)]
pub struct Serial {
    pub text: String,
    pub block: usize,
    pub fate: Fate,
}

#[derive(Debug)]
pub struct Label {
    /// Index of its serial; neighbours in a block have neighbouring indices.
    pub serial: usize,
    pub state: State,
    /// Leases that held it, in order.
    pub leases: Vec<usize>,
    /// How often it came out, physically.
    pub printed: u32,
    /// How often it came out by a lease that a person had ended as "not printed": only liars get it above one.
    pub confirmed: u32,
}

#[derive(Debug)]
pub struct Job {
    pub code: String,
    pub printer: usize,
    pub copy: i64,
    pub priority: u8,
    /// ready, held, stopped or canceled.
    pub state: &'static str,
    pub failures: u32,
    pub labels: Vec<Label>,
}

impl Job {
    pub fn counts(&self) -> [i64; 7] {
        let mut counts = [0; 7];
        self.labels.iter().for_each(|label| counts[label.state.index()] += 1);
        counts
    }

    pub fn is_open(&self) -> bool {
        self.labels.iter().any(|label| label.state.is_open())
    }

    /// What people are shown, in the words of IPP.
    pub fn shown(&self) -> &'static str {
        let [queued, leased, handed_over, _, unconfirmed, ..] = self.counts();
        match (self.state, queued, unconfirmed) {
            _ if leased + handed_over > 0 => "processing",
            (_, 0, 1..) => "stopped",
            ("canceled", ..) => "canceled",
            (_, 0, 0) => "completed",
            ("held", ..) => "held",
            ("stopped", ..) => "stopped",
            _ => "pending",
        }
    }

    /// The labels that the next lease gets: queued ones with consecutive serials.
    pub fn run(&self, most: usize) -> (usize, usize) {
        let first = self.labels.iter().position(|label| label.state == State::Queued).unwrap();
        let mut last = first;
        while last + 1 < self.labels.len()
            && last + 1 - first < most
            && self.labels[last + 1].state == State::Queued
            && self.labels[last + 1].serial == self.labels[last].serial + 1
        {
            last += 1;
        }
        (first, last - first + 1)
    }
}

#[derive(Debug)]
pub struct Lease {
    pub name: String,
    pub printer: usize,
    pub job: usize,
    pub first: usize,
    pub len: usize,
    pub expires: i64,
    pub ended: Option<&'static str>,
}

/// What a report of results did: confirmed, unconfirmed, queued, open; or why it was refused.
pub type Told = Result<[u64; 4], (&'static str, u64)>;

#[derive(Debug, Default)]
pub struct World {
    pub now: i64,
    pub jobs: Vec<Job>,
    pub leases: Vec<Lease>,
    pub serials: Vec<Serial>,
}

impl World {
    pub fn labels(&self) -> usize {
        self.jobs.iter().map(|job| job.labels.len()).sum()
    }

    fn may_be_leased(&self, job: &Job) -> bool {
        job.state == "ready" && job.labels.iter().any(|label| label.state == State::Queued)
    }

    /// The jobs of which one has its turn.
    pub fn next(&self, printer: usize) -> Vec<usize> {
        let ready = |(_, job): &(usize, &Job)| job.printer == printer && self.may_be_leased(job);
        let ready: Vec<_> = self.jobs.iter().enumerate().filter(ready).collect();
        let highest = ready.iter().map(|(_, job)| job.priority).max();
        ready.iter().filter(|(_, job)| Some(job.priority) == highest).map(|(index, _)| *index).collect()
    }

    pub fn open_leases(&self, printer: usize) -> Vec<usize> {
        let open = |(_, lease): &(usize, &Lease)| lease.printer == printer && lease.ended.is_none();
        self.leases.iter().enumerate().filter(open).map(|(index, _)| index).collect()
    }

    /// What the printer held before is over, if there is anything else for it.
    pub fn make_room(&mut self, printer: usize) {
        let open = self.open_leases(printer);
        let gives_back = |&lease: &usize| {
            let job = &self.jobs[self.leases[lease].job];
            job.state == "ready" && job.labels.iter().any(|label| label.state == State::Leased(lease))
        };
        if !self.next(printer).is_empty() || open.iter().any(gives_back) {
            open.into_iter().for_each(|lease| self.end(lease, "superseded"));
        }
    }

    pub fn lease(&mut self, name: &str, printer: usize, job: usize, first: usize, len: usize) {
        let index = self.leases.len();
        for label in &mut self.jobs[job].labels[first..first + len] {
            assert_eq!(label.state, State::Queued);
            label.state = State::Leased(index);
            label.leases.push(index);
        }
        let expires = self.now + LEASE_S;
        self.leases.push(Lease { name: name.into(), printer, job, first, len, expires, ended: None });
    }

    fn is_over(&self, lease: usize) -> bool {
        self.leases[lease].ended.is_some() || self.leases[lease].expires <= self.now
    }

    pub fn end(&mut self, index: usize, by: &'static str) {
        let lease = &mut self.leases[index];
        lease.ended = Some(by);
        let job = &mut self.jobs[lease.job];
        let mut own = 0;
        for label in &mut job.labels[lease.first..lease.first + lease.len] {
            match label.state {
                State::Leased(of) if of == index => label.state = State::Queued,
                State::HandedOver(of) if of == index => label.state = State::Unconfirmed(index),
                _ => continue,
            }
            own += 1;
        }
        if own == lease.len && by != "canceled" {
            job.failures += 1;
            if job.failures >= 3 && job.state == "ready" {
                (job.state, job.failures) = ("stopped", 0);
            }
        }
    }

    /// Ends every lease whose time is up.
    pub fn sweep(&mut self) {
        for lease in 0..self.leases.len() {
            if self.leases[lease].ended.is_none() && self.leases[lease].expires <= self.now {
                self.end(lease, "expired");
            }
        }
    }

    /// Hands labels over, by their positions from 0. Answers which of them are new, or why not.
    pub fn fetch(&mut self, index: usize, first: usize, last: usize) -> Result<Vec<usize>, &'static str> {
        let lease = &self.leases[index];
        if last < first || last >= lease.len {
            return Err("positions");
        }
        if self.is_over(index) {
            return Err("ended");
        }
        let job = &mut self.jobs[lease.job];
        let labels = lease.first + first..=lease.first + last;
        let ours = |state| matches!(state, State::Leased(of) | State::HandedOver(of) if of == index);
        if labels.clone().any(|at| !ours(job.labels[at].state)) {
            return Err("ended");
        }
        let fresh: Vec<usize> = labels.filter(|&at| job.labels[at].state == State::Leased(index)).collect();
        if !fresh.is_empty() && job.state != "ready" {
            return Err("ended");
        }
        let contradicts = |&at: &usize| match self.serials[job.labels[at].serial].fate {
            Fate::Reserved => false,
            Fate::Void => true,
            Fate::Printed | Fate::Applied => job.copy == 1,
        };
        if fresh.iter().any(contradicts) {
            (job.state, job.failures) = ("stopped", 0);
            return Err("printed already");
        }
        fresh.iter().for_each(|&at| job.labels[at].state = State::HandedOver(index));
        Ok(fresh)
    }

    pub fn beat(&mut self, index: usize) -> Result<bool, &'static str> {
        if self.is_over(index) {
            return Err("ended");
        }
        self.leases[index].expires = self.now + LEASE_S;
        Ok(self.jobs[self.leases[index].job].state != "ready")
    }

    /// Results, by positions from 1.
    pub fn results(&mut self, index: usize, list: &[(u64, u64, Outcome)]) -> Told {
        let lease = &self.leases[index];
        let (job, len) = (lease.job, lease.len);
        for &(first, last, _) in list {
            if first < 1 || last < first || last > u64::try_from(len).unwrap() {
                return Err(("positions", 0));
            }
        }
        for &(first, last, outcome) in list {
            for position in first..=last {
                let label = &self.jobs[job].labels[self.at(index, position)];
                if outcome != Outcome::NotPrinted && label.state == State::Leased(index) {
                    return Err(("never fetched", position));
                }
            }
        }
        let (mut taken, mut refused) = ([0; 4], None);
        for &(first, last, outcome) in list {
            let (mut of_this, mut canceled) = (None, None);
            for position in first..=last {
                let at = self.at(index, position);
                if self.jobs[job].labels[at].state == State::Canceled {
                    canceled.get_or_insert(position);
                    let fate = &mut self.serials[self.jobs[job].labels[at].serial].fate;
                    if outcome == Outcome::Printed && *fate == Fate::Reserved {
                        *fate = Fate::Printed;
                    }
                } else if self.result(index, job, at, outcome) {
                    taken[outcome as usize] += 1;
                } else {
                    of_this.get_or_insert(position);
                }
            }
            refused = refused.or(of_this).or(canceled);
        }
        let own = |label: &&Label| matches!(label.state, State::Leased(of) | State::HandedOver(of) if of == index);
        let open = self.jobs[job].labels.iter().filter(own).count();
        let lease = &mut self.leases[index];
        match lease.ended {
            None if open == 0 => lease.ended = Some("settled"),
            None if lease.expires > self.now => lease.expires = self.now + LEASE_S,
            _ => {}
        }
        taken[3] = u64::try_from(open).unwrap();
        refused.map_or(Ok(taken), |label| Err(("refused", label)))
    }

    fn at(&self, lease: usize, position: u64) -> usize {
        self.leases[lease].first + usize::try_from(position).unwrap() - 1
    }

    /// Whether one label takes a result, or has taken it before.
    fn result(&mut self, index: usize, job: usize, at: usize, outcome: Outcome) -> bool {
        let job = &mut self.jobs[job];
        let label = &mut job.labels[at];
        let is_newest = label.leases.last() == Some(&index);
        let ours =
            matches!(label.state, State::Leased(of) | State::HandedOver(of) | State::Unconfirmed(of) if of == index);
        match (outcome, label.state) {
            (Outcome::Printed, State::HandedOver(_) | State::Unconfirmed(_)) if ours => {
                self.confirm(self.leases[index].job, at);
                true
            }
            (Outcome::Printed, State::Confirmed) | (Outcome::NotPrinted, State::Queued) => is_newest,
            (Outcome::Printed, State::Queued | State::Leased(_)) => {
                label.state = State::Unconfirmed(index);
                false
            }
            (Outcome::Unknown, State::HandedOver(_) | State::Unconfirmed(_)) if ours => {
                label.state = State::Unconfirmed(index);
                true
            }
            (Outcome::NotPrinted, _) if ours => {
                label.state = if job.state == "canceled" { State::Canceled } else { State::Queued };
                true
            }
            _ => false,
        }
    }

    fn confirm(&mut self, job: usize, at: usize) {
        let job = &mut self.jobs[job];
        job.failures = 0;
        job.labels[at].state = State::Confirmed;
        job.labels[at].confirmed += 1;
        let fate = &mut self.serials[job.labels[at].serial].fate;
        if *fate == Fate::Reserved {
            *fate = Fate::Printed;
        }
    }

    /// A station's word that a serial is on its unit: that proves labels of it that were handed over. One that is still to
    /// be printed is in the way.
    pub fn applied(&mut self, serial: usize) -> bool {
        let all = self.jobs.iter().enumerate();
        let all = all.flat_map(|(job, row)| row.labels.iter().enumerate().map(move |(at, label)| (job, at, label)));
        let open = all.filter(|(_, _, label)| label.serial == serial && label.state.is_open());
        let open: Vec<_> = open.map(|(job, at, label)| (job, at, label.state)).collect();
        let waits = |state| matches!(state, State::Queued | State::Leased(_));
        if self.serials[serial].fate == Fate::Void || open.iter().any(|&(_, _, state)| waits(state)) {
            return false;
        }
        for (job, at, _) in open {
            self.confirm(job, at);
        }
        self.serials[serial].fate = Fate::Applied;
        true
    }

    /// A person's word for labels. All of them or none.
    pub fn settle(&mut self, job: usize, labels: &[usize], verdict: &str) -> Result<(), &'static str> {
        let canceled = self.jobs[job].state == "canceled";
        let states = labels.iter().map(|&at| self.jobs[job].labels[at].state);
        for state in states {
            let fits = match verdict {
                "printed" => matches!(state, State::HandedOver(_) | State::Unconfirmed(_) | State::Confirmed),
                "not_printed" => matches!(state, State::Unconfirmed(_)),
                _ => matches!(state, State::Unconfirmed(_) | State::Confirmed | State::Scrapped),
            };
            if !fits {
                return Err("refused");
            }
        }
        for &at in labels {
            match verdict {
                "printed" if self.jobs[job].labels[at].state == State::Confirmed => {}
                "printed" => self.confirm(job, at),
                "not_printed" => {
                    self.jobs[job].labels[at].state = if canceled { State::Canceled } else { State::Queued };
                }
                _ => {
                    self.jobs[job].labels[at].state = State::Scrapped;
                    self.serials[self.jobs[job].labels[at].serial].fate = Fate::Void;
                }
            }
        }
        Ok(())
    }

    pub fn control(&mut self, job: usize, control: &str) -> Result<(), &'static str> {
        match (control, self.jobs[job].state) {
            ("hold", "held") | ("release", "ready") | ("cancel", "canceled") => return Ok(()),
            ("cancel", _) if !self.jobs[job].is_open() => return Err("refused"),
            ("hold" | "release", "canceled") => return Err("refused"),
            ("hold", _) => self.jobs[job].state = "held",
            ("release", _) => self.jobs[job].state = "ready",
            _ => {
                for lease in 0..self.leases.len() {
                    if self.leases[lease].job == job && self.leases[lease].ended.is_none() {
                        self.end(lease, "canceled");
                    }
                }
                self.jobs[job].state = "canceled";
                let queued = self.jobs[job].labels.iter_mut().filter(|label| label.state == State::Queued);
                queued.for_each(|label| label.state = State::Canceled);
            }
        }
        self.jobs[job].failures = 0;
        Ok(())
    }

    /// The jobs that a reprint of serials makes, in order: copy number and serials.
    pub fn reprint(&self, serials: &[usize]) -> Result<Vec<(i64, Vec<usize>)>, &'static str> {
        let mut groups = std::collections::BTreeMap::<(i64, usize), Vec<usize>>::new();
        for &serial in serials {
            let mut latest = None;
            for (index, job) in self.jobs.iter().enumerate() {
                let of_it = job.labels.iter().filter(|l| l.serial == serial && l.state != State::Canceled);
                for label in of_it {
                    if label.state != State::Confirmed {
                        return Err("printed already");
                    }
                    if latest.is_none_or(|(copy, _)| copy < job.copy) {
                        latest = Some((job.copy, index));
                    }
                }
            }
            match (latest, self.serials[serial].fate) {
                (_, Fate::Void) => return Err("printed already"),
                (Some((copy, job)), _) => groups.entry((copy + 1, job)).or_default().push(serial),
                (None, Fate::Reserved) => return Err("never printed"),
                // What stood on a label that was made elsewhere is not on record.
                (None, _) => return Err("reissue"),
            }
        }
        Ok(groups.into_iter().map(|((copy, _), serials)| (copy, serials)).collect())
    }
}
