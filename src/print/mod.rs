//! Printing, as pure rules: which state a label can take, and what printers say.

pub mod cloudprnt;
pub mod label_state;
pub mod status;

pub use label_state::{AttemptId, LabelPiece, LabelState, PieceChange, Step, StepRefused, advance, change_pieces};
