//! What can be wrong with a rule.

use crate::serial::ff1::DomainError;
use crate::serial::segment::SegmentKind;
use crate::serial::{AlphabetError, CheckError, CheckScheme};

/// Why a definition is not a rule. Shown to the person who edits it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not TOML or JSON of the right shape.
    #[error("{message}")]
    Syntax {
        /// The parser's message, with line and column.
        message: String,
    },
    /// The alphabet is none.
    #[error(transparent)]
    Alphabet(#[from] AlphabetError),
    /// The check scheme does not fit the alphabet or the segments.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The ordinal's segment is too narrow or too wide.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// The code is not a name.
    #[error("rule code {code:?}: use 1 to 32 of a-z, 0-9 and '-'")]
    Code {
        /// The code.
        code: String,
    },
    /// Version 0.
    #[error("versions are numbered from 1")]
    Version,
    /// No segment, or more than one, holds the ordinal.
    #[error("a rule has exactly one counter or permuted segment, this one has {found}")]
    OrdinalSegments {
        /// How many it has.
        found: usize,
    },
    /// The check is missing, doubled or not at the end.
    #[error(
        "the last segment, and only the last, is the check; to go without write {{ kind = \"check\", scheme = \"none\" }}"
    )]
    CheckPlace,
    /// Two segments of a kind that may stand once.
    #[error("a rule has at most one {kind} segment")]
    Twice {
        /// The kind.
        kind: SegmentKind,
    },
    /// A segment without symbols.
    #[error("the {kind} segment is empty")]
    Empty {
        /// The kind.
        kind: SegmentKind,
    },
    /// Fixed text or epoch symbols that no serial may hold.
    #[error("{symbol:?} in the {kind} segment cannot be a symbol of a serial{hint}")]
    Symbol {
        /// The segment.
        kind: SegmentKind,
        /// The character.
        symbol: char,
        /// What would be possible.
        hint: &'static str,
    },
    /// An unchecked literal that is not at the front.
    #[error(
        "only fixed text at the front can be left out of the check; move \"{text}\" there or let the check cover it"
    )]
    UncheckedLiteral {
        /// The literal.
        text: String,
    },
    /// Too long in all.
    #[error("serials of this rule would have {found} symbols, at most 32 are possible")]
    Length {
        /// How many.
        found: usize,
    },
    /// Longer than the code behind the scheme can vouch for.
    #[error("check scheme {scheme} can vouch for 31 symbols, this rule has {found}: shorten it or use another scheme")]
    TooLongForCheck {
        /// The scheme.
        scheme: CheckScheme,
        /// Symbols that it covers, its own included.
        found: usize,
    },
    /// Groups that are not the serial.
    #[error("the groups add up to {sum} symbols, but serials of this rule have {length}")]
    GroupSizes {
        /// Sum of the groups.
        sum: usize,
        /// Length of the serial.
        length: usize,
    },
    /// A separator that would not be dropped on input.
    #[error("groups are separated by '-' or a space, not by {separator:?}")]
    Separator {
        /// The separator.
        separator: char,
    },
    /// A printed prefix that could be taken for something else.
    #[error("the printed prefix {prefix:?} must be 1 to 24 letters, spaces and . : # / with a letter first")]
    Prefix {
        /// The prefix.
        prefix: String,
    },
    /// A key for an epoch that the rule does not have.
    #[error("this rule has {epochs} epochs numbered from 0; there is no epoch {epoch}")]
    NoSuchEpoch {
        /// The epoch.
        epoch: u8,
        /// How many there are.
        epochs: usize,
    },
}
