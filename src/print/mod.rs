//! What printers say, what is said of them, and the languages they speak. Bytes in, meaning out: no connections, no clock.
//!
//! A printer's word is evidence only where it cannot be anything else: silence, half an answer and garbage are
//! [`Unknown`](status::State::Unknown), never "ready".

pub mod ipp;
pub mod status;
pub mod zebra;
