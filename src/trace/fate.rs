//! The fate of each reserved serial: which steps are possible, and what a step changes.

use super::span::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What has become of a reserved serial. Every serial of a block has exactly one fate at any time.
///
/// ```text
/// reserved ──► printed ──► applied ──► void
///    │            │
///    ├─► returned │   (never printed: the gap is recorded, the serial is not issued again)
///    ├─► applied  │   (the label was made elsewhere)
///    └─► void  ◄──┤
///    └─► unaccounted ◄┘ ──► applied | void   (found after all)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Handed out, and nothing reported since.
    Reserved,
    /// A label with this serial exists.
    Printed,
    /// The label is on a unit.
    Applied,
    /// Given back unprinted. It stays a gap: no serial is issued twice.
    Returned,
    /// Spoilt, scrapped or otherwise not to be used.
    Void,
    /// Nobody knows; said so by a person, with a reason, so that the batch can be closed.
    Unaccounted,
}

impl Fate {
    /// All fates, in the order in which an account lists them.
    pub const ALL: [Self; 6] =
        [Self::Reserved, Self::Printed, Self::Applied, Self::Returned, Self::Void, Self::Unaccounted];

    /// The name used in records, URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Printed => "printed",
            Self::Applied => "applied",
            Self::Returned => "returned",
            Self::Void => "void",
            Self::Unaccounted => "unaccounted",
        }
    }

    /// The fate with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.as_str() == name)
    }

    /// Whether the serial is accounted for, so that its batch may be closed.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Applied | Self::Returned | Self::Void | Self::Unaccounted)
    }

    /// Whether a report of this fate must say why.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Void | Self::Unaccounted)
    }

    /// The fates that a serial with this fate can still take.
    #[must_use]
    pub const fn possible(self) -> &'static [Self] {
        match self {
            Self::Reserved => &[Self::Printed, Self::Applied, Self::Returned, Self::Void, Self::Unaccounted],
            Self::Printed => &[Self::Applied, Self::Void, Self::Unaccounted],
            Self::Applied => &[Self::Void],
            Self::Unaccounted => &[Self::Applied, Self::Void],
            Self::Returned | Self::Void => &[],
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Consecutive ordinals that share one fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FatePiece {
    /// Which ordinals.
    pub span: Span,
    /// What became of them.
    pub fate: Fate,
}

/// How many serials of a block or batch have each fate. The sum is always what was issued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Everything that was handed out.
    pub issued: u64,
    /// Handed out, nothing reported since.
    pub reserved: u64,
    /// Labels that are not on a unit yet.
    pub printed: u64,
    /// Labels on units.
    pub applied: u64,
    /// Given back unprinted.
    pub returned: u64,
    /// Spoilt or scrapped.
    pub void: u64,
    /// Declared unknown by a person.
    pub unaccounted: u64,
}

impl Account {
    /// Serials whose fate is not settled: while there are any, the batch cannot be closed.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.reserved + self.printed
    }

    /// Whether the fates add up to what was issued.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.reserved + self.printed + self.applied + self.returned + self.void + self.unaccounted == self.issued
    }

    /// This account and another together.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            issued: self.issued + other.issued,
            reserved: self.reserved + other.reserved,
            printed: self.printed + other.printed,
            applied: self.applied + other.applied,
            returned: self.returned + other.returned,
            void: self.void + other.void,
            unaccounted: self.unaccounted + other.unaccounted,
        }
    }
}

/// A step that the state machine does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{span} is {from} and cannot become {to}")]
pub struct FateRefused {
    /// The first ordinals in the way.
    pub span: Span,
    /// The fate they have.
    pub from: Fate,
    /// The fate that was asked for.
    pub to: Fate,
}

/// What one report changes: the stretch of the projection to replace, and by how much each count moves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FateChange {
    /// Ordinals whose fate really changes (asking for the fate that a serial already has changes nothing).
    pub changed: Vec<Span>,
    /// How many serials left each fate, in the order of [`Fate::ALL`].
    pub left: [u64; 6],
}

impl FateChange {
    /// How many serials changed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.changed.iter().map(|s| s.len()).sum()
    }

    /// How many serials left `fate`.
    #[must_use]
    pub fn left(&self, fate: Fate) -> u64 {
        self.left[fate as usize]
    }

    /// How many serials were open (reserved or printed) and are settled now, if they became `to`.
    #[must_use]
    pub fn settled(&self, to: Fate) -> u64 {
        if to.is_settled() { self.left(Fate::Reserved) + self.left(Fate::Printed) } else { 0 }
    }
}

/// Works out what turning the ordinals of `wanted` into `to` changes.
///
/// `current` are the pieces of the projection that overlap `wanted`, sorted; ordinals that no piece covers are
/// [`Fate::Reserved`].
///
/// # Errors
/// [`FateRefused`] names the first stretch that cannot take the step; then nothing may be changed at all.
pub fn change_fates(current: &[FatePiece], wanted: Span, to: Fate) -> Result<FateChange, FateRefused> {
    let mut out = FateChange::default();
    for piece in cover(current, wanted) {
        if piece.fate == to {
            continue;
        }
        if !piece.fate.possible().contains(&to) {
            return Err(FateRefused { span: piece.span, from: piece.fate, to });
        }
        out.left[piece.fate as usize] += piece.span.len();
        out.changed.push(piece.span);
    }
    out.changed = super::span::merge(out.changed);
    Ok(out)
}

/// `wanted` as consecutive pieces: what `current` says, and [`Fate::Reserved`] in the gaps.
fn cover(current: &[FatePiece], wanted: Span) -> Vec<FatePiece> {
    let mut out = Vec::with_capacity(current.len() * 2 + 1);
    let mut next = wanted.first();
    for piece in current {
        let Some(span) = piece.span.intersection(wanted) else { continue };
        if let Some(gap) = span.first().checked_sub(1).and_then(|end| Span::new(next, end).ok()) {
            out.push(FatePiece { span: gap, fate: Fate::Reserved });
        }
        out.push(FatePiece { span, fate: piece.fate });
        next = span.last() + 1;
    }
    if let Ok(rest) = Span::new(next, wanted.last()) {
        out.push(FatePiece { span: rest, fate: Fate::Reserved });
    }
    out
}

#[cfg(test)]
mod tests {
    //! Invariants:
    //! 1. a change moves exactly the serials whose fate differs, and its counts add up to them;
    //! 2. a refused change names a stretch that really has a fate from which the step is impossible.
    use super::*;
    use proptest::prelude::*;

    fn span(first: u64, last: u64) -> Span {
        Span::new(first, last).unwrap()
    }

    #[test]
    fn ser1_a_returned_or_void_serial_never_comes_back() {
        assert!(Fate::Returned.possible().is_empty());
        assert!(Fate::Void.possible().is_empty());
        for fate in Fate::ALL {
            assert!(!fate.possible().contains(&Fate::Reserved), "{fate} must not become reserved again");
        }
    }

    #[test]
    fn gaps_of_the_projection_are_reserved() {
        let current = [FatePiece { span: span(3, 4), fate: Fate::Printed }];
        let change = change_fates(&current, span(0, 9), Fate::Applied).unwrap();
        assert_eq!(change.changed, [span(0, 9)]);
        assert_eq!((change.left(Fate::Reserved), change.left(Fate::Printed)), (8, 2));
    }

    #[test]
    fn a_printed_label_cannot_be_returned_as_unprinted() {
        let current = [FatePiece { span: span(5, 5), fate: Fate::Printed }];
        let refused = change_fates(&current, span(0, 9), Fate::Returned).unwrap_err();
        assert_eq!(refused, FateRefused { span: span(5, 5), from: Fate::Printed, to: Fate::Returned });
    }

    #[test]
    fn saying_it_twice_changes_nothing() {
        let current = [FatePiece { span: span(0, 9), fate: Fate::Applied }];
        let change = change_fates(&current, span(0, 9), Fate::Applied).unwrap();
        assert_eq!(change, FateChange::default());
    }

    proptest! {
        #[test]
        fn counts_add_up(fates in prop::collection::vec(0_usize..6, 1..40), to in 0_usize..6) {
            let current: Vec<_> = fates.iter().enumerate()
                .map(|(i, &f)| FatePiece { span: span(i as u64, i as u64), fate: Fate::ALL[f] })
                .filter(|p| p.fate != Fate::Reserved)
                .collect();
            let to = Fate::ALL[to];
            let whole = span(0, fates.len() as u64 - 1);
            match change_fates(&current, whole, to) {
                Ok(change) => {
                    let differs = fates.iter().filter(|&&f| Fate::ALL[f] != to).count() as u64;
                    prop_assert_eq!(change.count(), differs);
                    prop_assert_eq!(change.left.iter().sum::<u64>(), differs);
                }
                Err(refused) => {
                    prop_assert!(!refused.from.possible().contains(&to));
                    for ordinal in refused.span.first()..=refused.span.last() {
                        prop_assert_eq!(Fate::ALL[fates[usize::try_from(ordinal).unwrap()]], refused.from);
                    }
                }
            }
        }
    }
}
