//! The segments that a rule is made of, as a person writes them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::serial::CheckScheme;

/// One segment of a rule. In TOML: `{ kind = "permuted", width = 9 }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Segment {
    /// The same text in every serial of the rule.
    Literal {
        /// 1 or more letters, digits or other symbols that an alphabet may hold.
        text: String,
        /// Whether the check symbols cover it. `false` is possible at the front only: for a prefix whose
        /// letters the scheme has no values for.
        #[serde(default = "yes")]
        checked: bool,
    },
    /// One symbol in clear that says under which epoch (key and high-water mark) the serial was made.
    Epoch {
        /// The symbols of epoch 0, 1, 2 ...; the whole alphabet if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        symbols: Option<String>,
    },
    /// The year: the ISO week year if the rule has a week, else the calendar year.
    Year {
        /// How it is written.
        #[serde(default)]
        form: YearForm,
    },
    /// The ISO 8601 week, `01` to `53`.
    Week {},
    /// The day of the year, `001` to `366`.
    DayOfYear {},
    /// A product code of exactly `width` symbols of the rule's alphabet.
    Product {
        /// Symbols.
        width: u8,
    },
    /// The ordinal in clear, with leading zeros.
    Counter {
        /// Symbols.
        width: u8,
        /// What it is written with.
        #[serde(default)]
        numerals: Numerals,
    },
    /// The ordinal through a keyed permutation: unique, and not to be guessed from its neighbours.
    Permuted {
        /// Symbols; they must make at least 1,000,000 numbers.
        width: u8,
        /// What it is written with.
        #[serde(default = "alphabet")]
        numerals: Numerals,
    },
    /// The check symbols; always the last segment.
    Check {
        /// The scheme.
        scheme: CheckScheme,
    },
}

fn yes() -> bool {
    true
}

fn alphabet() -> Numerals {
    Numerals::Alphabet
}

/// How a year is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum YearForm {
    /// The last two digits.
    #[default]
    TwoDigits,
    /// The symbol of the alphabet whose value is (year - 2000) modulo the alphabet's size.
    OneSymbol,
}

/// What an ordinal is written with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numerals {
    /// `0` to `9`.
    #[default]
    Decimal,
    /// All symbols of the rule's alphabet.
    Alphabet,
}

/// What kind of segment, without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentKind {
    /// [`Segment::Literal`].
    Literal,
    /// [`Segment::Epoch`].
    Epoch,
    /// [`Segment::Year`].
    Year,
    /// [`Segment::Week`].
    Week,
    /// [`Segment::DayOfYear`].
    DayOfYear,
    /// [`Segment::Product`].
    Product,
    /// [`Segment::Counter`].
    Counter,
    /// [`Segment::Permuted`].
    Permuted,
    /// [`Segment::Check`].
    Check,
}

impl SegmentKind {
    /// The name of the segment's value in a series' context; `None` where there is no such value.
    pub(super) const fn context_name(self) -> Option<&'static str> {
        match self {
            Self::Epoch => Some("epoch"),
            Self::Year => Some("year"),
            Self::Week => Some("week"),
            Self::DayOfYear => Some("day"),
            Self::Product => Some("product"),
            Self::Literal | Self::Counter | Self::Permuted | Self::Check => None,
        }
    }

    /// Whether the segment holds the ordinal.
    pub const fn is_ordinal(self) -> bool {
        matches!(self, Self::Counter | Self::Permuted)
    }
}

/// The segment's name in words.
impl fmt::Display for SegmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Literal => "fixed text",
            Self::Epoch => "epoch",
            Self::Year => "year",
            Self::Week => "week",
            Self::DayOfYear => "day of the year",
            Self::Product => "product code",
            Self::Counter => "running number",
            Self::Permuted => "scrambled number",
            Self::Check => "check symbols",
        })
    }
}

impl Segment {
    /// Its kind.
    pub const fn kind(&self) -> SegmentKind {
        match self {
            Self::Literal { .. } => SegmentKind::Literal,
            Self::Epoch { .. } => SegmentKind::Epoch,
            Self::Year { .. } => SegmentKind::Year,
            Self::Week {} => SegmentKind::Week,
            Self::DayOfYear {} => SegmentKind::DayOfYear,
            Self::Product { .. } => SegmentKind::Product,
            Self::Counter { .. } => SegmentKind::Counter,
            Self::Permuted { .. } => SegmentKind::Permuted,
            Self::Check { .. } => SegmentKind::Check,
        }
    }

    /// How many symbols it takes.
    pub fn width(&self) -> usize {
        match self {
            Self::Literal { text, .. } => text.len(),
            Self::Epoch { .. } | Self::Year { form: YearForm::OneSymbol } => 1,
            Self::Year { form: YearForm::TwoDigits } | Self::Week {} => 2,
            Self::DayOfYear {} => 3,
            Self::Product { width } | Self::Counter { width, .. } | Self::Permuted { width, .. } => usize::from(*width),
            Self::Check { scheme } => scheme.symbols(),
        }
    }
}
