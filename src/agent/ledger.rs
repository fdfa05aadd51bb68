//! What became of each label of a lease, as the journal tells it. Pure: the journal reads and writes it.
//!
//! A label is open until it is sent. From the moment that "sending" stands in the journal it is taken to have been
//! printed or not, nobody knows, until an outcome stands behind it: after a crash it is never sent again.

use crate::print::status::PrinterStatus;
use serde::{Deserialize, Serialize};

/// Most labels in a lease, as the protocol has it.
pub const MOST_LABELS: u32 = 500;

/// Longest name of a lease or job.
const LONGEST_NAME: usize = 64;

/// Longest note on a result, in bytes.
const LONGEST_NOTE: usize = 200;

/// A lease's or job's name, as the server gave it: letters, digits, `-` and `_`. Fit for URLs and file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_plain) {
            true => Ok(Self(text)),
            false => Err("a name has 1 to 64 letters, digits, - and _"),
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What proves that labels came out of the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The printer's label counter went up by exactly their number.
    Counter,
    /// The printer said afterwards that it is idle and well.
    Status,
    /// The printer itself reported the job as completed.
    Ipp,
}

/// What became of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// They came out.
    Printed {
        /// Why we believe so.
        evidence: Evidence,
    },
    /// Bytes went out; nobody knows what came of them.
    Unknown {
        /// What happened, for the person who will look at the labels.
        note: String,
    },
    /// Certain: not one byte of them reached the printer.
    NotPrinted {
        /// Why not.
        note: String,
    },
}

impl Outcome {
    /// Nobody knows, because of `note`.
    pub fn unknown(note: impl Into<String>) -> Self {
        Self::Unknown { note: short(note.into()) }
    }

    /// Nothing was sent, because of `note`.
    pub fn not_printed(note: impl Into<String>) -> Self {
        Self::NotPrinted { note: short(note.into()) }
    }
}

/// As the protocol takes notes: one line, and not too long.
pub(super) fn short(note: String) -> String {
    let mut note: String = note.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    note.truncate(note.floor_char_boundary(LONGEST_NOTE));
    note
}

/// Labels of a lease, by position, from 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl Span {
    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// A result as the server is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpanResult {
    /// Which labels.
    #[serde(flatten)]
    pub span: Span,
    /// What became of them.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Results as the server is told, with how the printer is.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Results.
    pub results: &'a [SpanResult],
    /// How the printer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'a PrinterStatus>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The first line: whose journal this is.
    Journal {
        /// Version of this format.
        format: u32,
        /// The printer's name.
        printer: String,
    },
    /// A lease was taken; none of its labels was asked for before this was written.
    Lease {
        /// Its name.
        lease: Name,
        /// The job's name.
        job: Name,
        /// How many labels.
        labels: u32,
    },
    /// Labels are about to be sent: nothing of them left before this was written.
    Sending {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// Sending ended before the first byte: they are as if never sent.
    Withheld {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// What became of labels.
    Result {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
        /// What.
        result: Outcome,
    },
    /// The server took the results of these labels.
    Taken {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// All results of the lease were taken.
    Done,
}

/// Why an entry cannot follow those before it: whoever wrote it did not keep to the order of things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A second first line, or none.
    #[error("it does not begin with the line that says whose journal it is")]
    NoBeginning,
    /// A lease within a lease.
    #[error("a lease begins before the one before it ended")]
    LeaseWithinLease,
    /// Labels of no lease.
    #[error("it tells of labels outside of any lease")]
    NoLease,
    /// Labels that the lease does not have.
    #[error("it tells of labels {first} to {last} of a lease of {labels}")]
    NoSuchLabels {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
        /// Labels of the lease.
        labels: u32,
    },
    /// A step that a label in its state cannot take.
    #[error("label {label} cannot be {step}: it is {state}")]
    WrongOrder {
        /// Which.
        label: u32,
        /// What was to happen to it.
        step: &'static str,
        /// How it is.
        state: &'static str,
    },
    /// The end of a lease with labels that are not settled.
    #[error("the lease ends before all its results were taken")]
    EndsEarly,
}

/// A label of the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    Open,
    Sending,
    Settled { outcome: Outcome, taken: bool },
}

impl Mark {
    const fn state(&self) -> &'static str {
        match self {
            Self::Open => "not sent",
            Self::Sending => "being sent",
            Self::Settled { taken: false, .. } => "settled",
            Self::Settled { taken: true, .. } => "settled and reported",
        }
    }
}

/// The lease that is being printed, or that a crash left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLease {
    /// Its name.
    pub lease: Name,
    /// The job's name.
    pub job: Name,
    marks: Vec<Mark>,
}

/// What the journal tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    lease: Option<OpenLease>,
}

impl Ledger {
    /// Takes the next entry.
    ///
    /// # Errors
    ///
    /// [`Contradiction`] if it cannot follow those before it; the ledger is then as it was.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        match entry {
            Entry::Journal { .. } => Err(Contradiction::NoBeginning),
            Entry::Lease { lease, job, labels } => self.begin(lease, job, *labels),
            Entry::Sending { first, last } => self.step(*first, *last, "sent", |mark| match mark {
                Mark::Open => Some(Mark::Sending),
                _ => None,
            }),
            Entry::Withheld { first, last } => self.step(*first, *last, "withheld", |mark| match mark {
                Mark::Sending => Some(Mark::Open),
                _ => None,
            }),
            Entry::Result { first, last, result } => self.settle(*first, *last, result),
            Entry::Taken { first, last } => self.step(*first, *last, "reported", |mark| match mark {
                Mark::Settled { outcome, .. } => Some(Mark::Settled { outcome: outcome.clone(), taken: true }),
                _ => None,
            }),
            Entry::Done => match &self.lease {
                None => Err(Contradiction::NoLease),
                Some(lease) if !lease.is_done() => Err(Contradiction::EndsEarly),
                Some(_) => {
                    self.lease = None;
                    Ok(())
                }
            },
        }
    }

    /// The lease under way.
    #[must_use]
    pub const fn lease(&self) -> Option<&OpenLease> {
        self.lease.as_ref()
    }

    /// What has to be written after a crash so that no label is left without a result: labels that were being sent are
    /// unknown, those that were not are not printed.
    #[must_use]
    pub fn settlement(&self, interrupted: &str, never_sent: &str) -> Vec<Entry> {
        let Some(lease) = &self.lease else { return Vec::new() };
        let results = lease.spans(|mark| match mark {
            Mark::Open => Some(Outcome::not_printed(never_sent)),
            Mark::Sending => Some(Outcome::unknown(interrupted)),
            Mark::Settled { .. } => None,
        });
        let entry =
            |SpanResult { span, outcome }| Entry::Result { first: span.first, last: span.last, result: outcome };
        results.into_iter().map(entry).collect()
    }

    fn begin(&mut self, lease: &Name, job: &Name, labels: u32) -> Result<(), Contradiction> {
        if self.lease.is_some() {
            return Err(Contradiction::LeaseWithinLease);
        }
        if !(1..=MOST_LABELS).contains(&labels) {
            return Err(Contradiction::NoSuchLabels { first: 1, last: labels, labels: MOST_LABELS });
        }
        let marks = (0..labels).map(|_| Mark::Open).collect();
        self.lease = Some(OpenLease { lease: lease.clone(), job: job.clone(), marks });
        Ok(())
    }

    /// An outcome other than "not printed" has to have been sent.
    fn settle(&mut self, first: u32, last: u32, outcome: &Outcome) -> Result<(), Contradiction> {
        let settled = Mark::Settled { outcome: outcome.clone(), taken: false };
        match outcome {
            Outcome::NotPrinted { .. } => self.step(first, last, "given back", |mark| match mark {
                Mark::Open => Some(settled.clone()),
                _ => None,
            }),
            _ => self.step(first, last, "settled", |mark| match mark {
                Mark::Sending => Some(settled.clone()),
                _ => None,
            }),
        }
    }

    fn step(
        &mut self,
        first: u32,
        last: u32,
        step: &'static str,
        next: impl Fn(&Mark) -> Option<Mark>,
    ) -> Result<(), Contradiction> {
        let lease = self.lease.as_mut().ok_or(Contradiction::NoLease)?;
        let labels = lease.labels();
        let none = Contradiction::NoSuchLabels { first, last, labels };
        if first == 0 || first > last || last > labels {
            return Err(none);
        }
        let (from, to) = (index(first), index(last));
        let marks = lease.marks.get_mut(from..=to).ok_or(none)?;
        let fresh: Result<Vec<Mark>, Contradiction> = (first..=last)
            .zip(marks.iter())
            .map(|(label, mark)| next(mark).ok_or(Contradiction::WrongOrder { label, step, state: mark.state() }))
            .collect();
        marks.clone_from_slice(&fresh?);
        Ok(())
    }
}

/// The place of a position.
fn index(position: u32) -> usize {
    usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl OpenLease {
    /// How many labels it has.
    #[must_use]
    pub fn labels(&self) -> u32 {
        u32::try_from(self.marks.len()).unwrap_or(MOST_LABELS)
    }

    /// The next labels that were never sent, at most `most`.
    #[must_use]
    pub fn next(&self, most: u32) -> Option<Span> {
        let at = self.marks.iter().position(|mark| *mark == Mark::Open)?;
        let run = self.marks[at..].iter().take_while(|mark| **mark == Mark::Open).take(index(most.saturating_add(1)));
        let first = u32::try_from(at).ok()?.checked_add(1)?;
        Some(Span { first, last: first.checked_add(u32::try_from(run.count()).ok()?.max(1))?.checked_sub(1)? })
    }

    /// Results that the server did not take yet; neighbours with the same result are one.
    #[must_use]
    pub fn untaken(&self) -> Vec<SpanResult> {
        self.spans(|mark| match mark {
            Mark::Settled { outcome, taken: false } => Some(outcome.clone()),
            _ => None,
        })
    }

    /// Labels of which nobody knows whether they came out.
    #[must_use]
    pub fn doubtful(&self) -> Vec<SpanResult> {
        self.spans(|mark| match mark {
            Mark::Settled { outcome: outcome @ Outcome::Unknown { .. }, .. } => Some(outcome.clone()),
            _ => None,
        })
    }

    /// Whether a label, by position, was never sent.
    #[must_use]
    pub fn is_unsent(&self, label: u32) -> bool {
        matches!(self.marks.get(index(label)), Some(Mark::Open))
    }

    /// How many labels were never sent, came out, and are unknown.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let count = |wanted: fn(&Mark) -> bool| self.marks.iter().filter(|mark| wanted(mark)).count();
        let unsent =
            count(|mark| matches!(mark, Mark::Open | Mark::Settled { outcome: Outcome::NotPrinted { .. }, .. }));
        let printed = count(|mark| matches!(mark, Mark::Settled { outcome: Outcome::Printed { .. }, .. }));
        [unsent, printed, self.marks.len() - unsent - printed]
    }

    /// Every label has a result and the server took it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.marks.iter().all(|mark| matches!(mark, Mark::Settled { taken: true, .. }))
    }

    fn spans(&self, outcome: impl Fn(&Mark) -> Option<Outcome>) -> Vec<SpanResult> {
        let mut found: Vec<SpanResult> = Vec::new();
        for (label, mark) in (1_u32..).zip(&self.marks) {
            let Some(outcome) = outcome(mark) else { continue };
            match found.last_mut() {
                Some(before) if before.span.last + 1 == label && before.outcome == outcome => before.span.last = label,
                _ => found.push(SpanResult { span: Span { first: label, last: label }, outcome }),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
