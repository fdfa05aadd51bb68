//! Printing, as pure rules: which state a label can take, what printers say, and the languages they speak. Bytes in,
//! meaning out: no connections, no clock.
//!
//! A printer's word is evidence only where it cannot be anything else: silence, half an answer and garbage are
//! [`Unknown`](status::State::Unknown), never "ready".

pub mod cloudprnt;
pub mod ipp;
pub mod label_state;
pub mod status;
pub mod zebra;

pub use label_state::{AttemptId, LabelPiece, LabelState, PieceChange, Step, StepRefused, advance, change_pieces};
