//! Serial numbers: alphabets, check symbols, rules, and what people type.
//!
//! A **rule** says what serials look like: [`RuleSpec`] is its definition, [`Rule`] its compiled form. A
//! **series** is the serials of one rule in one [`SeriesContext`] (epoch, dates, product code), numbered from 0;
//! a serial *is* rule + context + ordinal, in both directions and without a table of issued ones. What keeps
//! serials unique is that ordinals are handed out once, that [`overlap()`] keeps rules apart, and that a scrambled
//! order is a permutation.
//!
//! Pure: no I/O, no clock, no randomness. Dates and keys come in as arguments.

pub mod alphabet;
pub mod capacity;
pub mod check;
mod context;
pub mod explain;
pub mod ff1;
mod layout;
mod number;
pub mod overlap;
mod parse;
#[cfg(test)]
mod proptests;
mod recognise;
mod rule;
mod rule_error;
pub mod segment;
mod series;
mod spec;
mod specimen;
pub mod suggest;
mod symbol_set;
mod typed;

pub use alphabet::{Alphabet, AlphabetError, AlphabetSpec, Confusability};
pub use capacity::{Guessing, LabelFit, LengthWarning, Outlook};
pub use check::{CheckCoder, CheckError, CheckScheme, CheckSymbols};
pub use context::{ContextError, ContextInputs, SeriesContext};
pub use explain::{Explanation, SegmentExplanation};
pub use number::{Grouped, Serial};
pub use overlap::{Overlap, first_overlap, overlap};
pub use parse::{ParseFault, Parsed};
pub use recognise::{NotRecognised, Recognised, recognise};
pub use rule::{PermutationKey, Rule};
pub use rule_error::RuleError;
pub use segment::{Numerals, Segment, SegmentKind, YearForm};
pub use series::{OrdinalTooLarge, Serials, Series};
pub use spec::{Grouping, RuleSpec};
pub use suggest::{Edit, Suggestion};
pub use symbol_set::{SymbolSet, look_alike_class};
pub use typed::MAX_INPUT_BYTES;

/// Most symbols of a serial, check symbols included, separators not.
pub const MAX_SERIAL_LENGTH: usize = 32;
