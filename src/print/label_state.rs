//! The state of one label of one print job, and the steps between states.
//!
//! ```text
//! queued ──► leased ──► handed over ──► confirmed
//!   ▲          │             │
//!   ├──────────┘             ▼
//!   │    lease ended,   unconfirmed ──► confirmed   (late result of that attempt, or a person saw it)
//!   │    not a byte          │
//!   │    was served          ├─► scrapped   (a person: damaged, or nobody can say; a new serial takes its place)
//!   └────────────────────────┘  (a person, or that attempt for certain: it was not printed)
//! ```
//!
//! From the first byte on a label is never sent again by itself: two units with one serial cannot be repaired, a
//! recorded gap is harmless. Steps name the attempt that they come from, so that whoever was superseded changes nothing.

use crate::trace::Span;
use std::fmt;

/// The number of an attempt (a lease). It only ever grows, so a later attempt has a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub i64);

/// What is known of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelState {
    /// Waits for its printer.
    Queued,
    /// Promised to an attempt; not a byte of it was served.
    Leased(AttemptId),
    /// Its first byte was served: from here on it may exist on paper.
    HandedOver(AttemptId),
    /// It came out.
    Confirmed,
    /// It may have come out; only a person, or a late result of that attempt, can tell.
    Unconfirmed(AttemptId),
    /// Its serial is void.
    Scrapped,
}

impl LabelState {
    /// The names of all states, as records, URLs and answers use them.
    pub const NAMES: [&'static str; 6] = ["queued", "leased", "handed_over", "confirmed", "unconfirmed", "scrapped"];

    /// The name in records, URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self.index()]
    }

    /// The place of its name in [`LabelState::NAMES`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Queued => 0,
            Self::Leased(_) => 1,
            Self::HandedOver(_) => 2,
            Self::Confirmed => 3,
            Self::Unconfirmed(_) => 4,
            Self::Scrapped => 5,
        }
    }

    /// The attempt that the label belongs to, where it belongs to one.
    #[must_use]
    pub const fn attempt(self) -> Option<AttemptId> {
        match self {
            Self::Leased(attempt) | Self::HandedOver(attempt) | Self::Unconfirmed(attempt) => Some(attempt),
            Self::Queued | Self::Confirmed | Self::Scrapped => None,
        }
    }

    /// The state with this name and attempt; `None` when they do not belong together.
    ///
    /// ```
    /// use nameplate::print::{AttemptId, LabelState};
    /// assert_eq!(LabelState::from_parts("leased", Some(AttemptId(7))), Some(LabelState::Leased(AttemptId(7))));
    /// assert_eq!(LabelState::from_parts("queued", Some(AttemptId(7))), None);
    /// ```
    #[must_use]
    pub fn from_parts(name: &str, attempt: Option<AttemptId>) -> Option<Self> {
        match (name, attempt) {
            ("queued", None) => Some(Self::Queued),
            ("leased", Some(attempt)) => Some(Self::Leased(attempt)),
            ("handed_over", Some(attempt)) => Some(Self::HandedOver(attempt)),
            ("confirmed", None) => Some(Self::Confirmed),
            ("unconfirmed", Some(attempt)) => Some(Self::Unconfirmed(attempt)),
            ("scrapped", None) => Some(Self::Scrapped),
            _ => None,
        }
    }

    /// Whether the label may still be on its way: the job is not finished before it is settled.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Confirmed | Self::Scrapped)
    }

    /// The state after a step; the same state when the step was taken before.
    ///
    /// # Errors
    /// [`StepRefused`] when the label went another way, or is another attempt's.
    pub fn after(self, step: Step) -> Result<Self, StepRefused> {
        use LabelState::{Confirmed, HandedOver, Leased, Queued, Scrapped, Unconfirmed};
        let refused = Err(StepRefused { from: self, step });
        let ours = |attempt: AttemptId| self.attempt() == Some(attempt);
        match (step, self) {
            (Step::Lease(by), Queued) => Ok(Leased(by)),
            (Step::HandOver(by), Leased(_) | HandedOver(_)) if ours(by) => Ok(HandedOver(by)),
            (Step::Printed(by), HandedOver(_) | Unconfirmed(_)) if ours(by) => Ok(Confirmed),
            (Step::Unknown(by), HandedOver(_) | Unconfirmed(_)) if ours(by) => Ok(Unconfirmed(by)),
            (Step::NotPrinted(by), Leased(_) | HandedOver(_) | Unconfirmed(_)) if ours(by) => Ok(Queued),
            (Step::End(by), Leased(_)) if ours(by) => Ok(Queued),
            (Step::End(by), HandedOver(_)) if ours(by) => Ok(Unconfirmed(by)),
            (Step::End(_), other) => Ok(other),
            // What carries the label proves that it was printed, whoever has it in hand.
            (Step::Seen, HandedOver(_) | Unconfirmed(_) | Confirmed) => Ok(Confirmed),
            (Step::NotSeen, Unconfirmed(_)) => Ok(Queued),
            (Step::Scrap, Unconfirmed(_) | Confirmed | Scrapped) => Ok(Scrapped),
            _ => refused,
        }
    }
}

impl fmt::Display for LabelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HandedOver(_) => "handed over",
            other => other.as_str(),
        })
    }
}

/// What happens to a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An attempt takes it.
    Lease(AttemptId),
    /// Its first byte is about to be served to that attempt.
    HandOver(AttemptId),
    /// That attempt says with evidence that it came out.
    Printed(AttemptId),
    /// That attempt sent it and cannot say what became of it.
    Unknown(AttemptId),
    /// That attempt is certain that not a byte of it reached the printer.
    NotPrinted(AttemptId),
    /// That attempt is over: expired, superseded or cancelled.
    End(AttemptId),
    /// A person, or a scan, has seen the label.
    Seen,
    /// A person is certain that it does not exist.
    NotSeen,
    /// A person gives the serial up: the label is damaged, or nobody can say.
    Scrap,
}

impl Step {
    /// What the step says, for messages.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Lease(_) => "be leased",
            Self::HandOver(_) => "be handed over",
            Self::Printed(_) | Self::Seen => "be confirmed as printed",
            Self::Unknown(_) => "be reported as unknown",
            Self::NotPrinted(_) | Self::NotSeen => "be taken as not printed",
            Self::End(_) => "be given back",
            Self::Scrap => "be scrapped",
        }
    }
}

/// A step that a label cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label that is {from} cannot {} {}", .step.words(), if .from.attempt().is_some() && is_foreign(.from, .step) { "by this lease: it belongs to another" } else { "" })]
pub struct StepRefused {
    /// What the label is.
    pub from: LabelState,
    /// What was asked.
    pub step: Step,
}

fn is_foreign(from: &LabelState, step: &Step) -> bool {
    match step {
        Step::HandOver(by) | Step::Printed(by) | Step::Unknown(by) | Step::NotPrinted(by) => {
            from.attempt() != Some(*by)
        }
        Step::Lease(_) | Step::End(_) | Step::Seen | Step::NotSeen | Step::Scrap => false,
    }
}

/// Consecutive labels of one job with one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelPiece {
    /// Which ordinals.
    pub span: Span,
    /// Their state.
    pub state: LabelState,
}

/// What a step does to the pieces of a job.
///
/// Pieces outside `span` are not touched, except that neighbours which become the same join.
///
/// # Errors
/// The refusal of the first label that cannot take the step, with its piece inside `span`.
pub fn advance(pieces: &[LabelPiece], span: Span, step: Step) -> Result<Vec<LabelPiece>, (Span, StepRefused)> {
    let inside = pieces.iter().filter_map(|piece| Some((piece.span.intersection(span)?, piece.state)));
    inside
        .map(|(part, from)| match from.after(step) {
            Ok(state) => Ok(LabelPiece { span: part, state }),
            Err(refused) => Err((part, refused)),
        })
        .collect()
}

/// Rows to take out and to put in, so that stored pieces show a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PieceChange {
    /// Stored pieces that go, by their first ordinal.
    pub remove: Vec<u64>,
    /// Pieces that come.
    pub insert: Vec<LabelPiece>,
    /// By how much each state's number of labels changes, in the order of [`LabelState::NAMES`].
    pub counts: [i64; 6],
}

/// Puts `new` (sorted, not overlapping) over the stored `pieces` (likewise) and joins equal neighbours. `pieces` must
/// hold every stored piece that overlaps or touches `new`.
#[must_use]
pub fn change_pieces(pieces: &[LabelPiece], new: &[LabelPiece]) -> PieceChange {
    let mut change = PieceChange::default();
    let mut all: Vec<LabelPiece> = new.to_vec();
    let mut later = new;
    for piece in pieces {
        // Both are in order: what ends before this piece begins concerns none of the pieces that follow.
        later = &later[later.partition_point(|n| n.span.last() < piece.span.first())..];
        let over = &later[..later.partition_point(|n| n.span.first() <= piece.span.last())];
        all.extend(uncovered(piece, over));
        for covered in over.iter().filter_map(|n| n.span.intersection(piece.span)) {
            change.counts[piece.state.index()] -= signed(covered.len());
        }
    }
    for piece in new {
        change.counts[piece.state.index()] += signed(piece.span.len());
    }
    all.sort_unstable_by_key(|piece| piece.span);
    let joined = join(all);
    let stands = |sorted: &[LabelPiece], piece: &LabelPiece| {
        let at = sorted.binary_search_by_key(&piece.span.first(), |other| other.span.first());
        at.is_ok_and(|at| sorted[at] == *piece)
    };
    change.remove = pieces.iter().filter(|old| !stands(&joined, old)).map(|old| old.span.first()).collect();
    change.insert = joined.into_iter().filter(|piece| !stands(pieces, piece)).collect();
    change
}

/// Spans hold at most 2^63 labels.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The parts of a stored piece that nothing new covers.
fn uncovered(piece: &LabelPiece, new: &[LabelPiece]) -> Vec<LabelPiece> {
    let mut left = Vec::new();
    let mut next = piece.span.first();
    for covered in new.iter().filter_map(|n| n.span.intersection(piece.span)) {
        if let Some(before) = covered.first().checked_sub(1).filter(|&end| end >= next) {
            left.extend(Span::new(next, before));
        }
        next = covered.last() + 1;
    }
    left.extend(Span::new(next, piece.span.last()));
    left.into_iter().map(|span| LabelPiece { span, state: piece.state }).collect()
}

fn join(sorted: Vec<LabelPiece>) -> Vec<LabelPiece> {
    let mut joined: Vec<LabelPiece> = Vec::with_capacity(sorted.len());
    for piece in sorted {
        match joined.last_mut() {
            Some(last) if last.state == piece.state && last.span.touches(piece.span) => {
                last.span = Span::new(last.span.first(), piece.span.last()).unwrap_or(last.span);
            }
            _ => joined.push(piece),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
