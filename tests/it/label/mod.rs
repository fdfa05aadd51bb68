//! Labels: templates, layout, preflight, every output, and what hostile data do to them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it cannot go on")]

mod arrange;
mod cases;
mod delivery;
mod determinism;
mod faults;
mod files;
mod golden;
mod hostile;
mod job;
mod layout;
mod outputs;
mod overprint;
mod pdf;
mod preflight;
mod printer;
mod read;
mod read_back;
mod reference;
mod rows;
mod sheets;
