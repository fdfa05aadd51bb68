//! The unit label of three brands, at three resolutions, in every output.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it cannot go on")]

mod golden;
mod hostile;
mod job;
mod layout;
mod pdf;
mod printer;
mod read;
mod read_back;
