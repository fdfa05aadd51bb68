//! Printing: approved artwork goes to printers, and no serial is ever silently printed twice.
//!
//! ```text
//! approval ──┐
//! printer ───┼─► job ─► desk: lease ─► hand over ─► result ─► fate of the serial, event, audit
//! block ─────┘                              └─► unconfirmed ─► settle (a person)
//! ```

mod approval;
mod approved;
mod artwork;
mod board;
mod cloudprnt;
mod conflict;
mod control;
mod debt;
mod desk;
mod desk_lease;
mod desk_result;
mod doubt;
mod effect;
mod error;
mod facts;
mod fetch;
mod floor;
mod guard;
mod job;
mod job_record;
mod kit;
mod lease;
mod printer;
mod printer_record;
mod queue;
mod reprint;
mod scan;
mod secondary;
mod seen;
mod settle;
mod station;
mod sync;
mod tend;
mod unit_labels;

pub(in crate::service) use artwork::{Inputs, SAMPLE_BATCH};
pub(in crate::service) use desk::Desk;
pub(in crate::service) use doubt::doubt_all;
pub(in crate::service) use job::{db, fingerprint, key_scope};
pub(in crate::service) use seen::Seen;

pub use crate::store::print_queue::JobStatus;
pub use approval::{ApprovalRecord, NewApproval};
pub use conflict::{Closing, FloorConflict};
pub use control::{Control, ControlRequest};
pub use debt::{BatchDebt, DebtCounts, DebtCursor, DebtRange};
pub use error::PrintError;
pub use fetch::Served;
pub use floor::{AttemptRecord, StationWork, UnknownRange};
pub use job::{MAX_PRIORITY, MAX_TEST, NewJob, TestLabels};
pub use job_record::{JobRecord, LabelCounts, LabelRange, WhichJobs};
pub use kit::{Kit, MAX_KIT, NewKit};
pub use lease::{
    DEFAULT_LEASED, Evidence, Heartbeat, LEASE_S, LabelResult, Lease, LeaseRequest, MAX_LEASED, MAX_WAIT_S, Outcome,
    ResultsTaken,
};
pub use printer::{Driver, Format, NewPrinter, PrinterChoice, PrinterSettings, mac_key};
pub use printer_record::{PrinterRecord, RegisteredPrinter};
pub use reprint::{ReprintRequest, Reprinted};
pub use scan::{Expected, Inspected, InspectionResult, Marking, Scan};
pub use secondary::MAX_SECONDARY_IDS;
pub(in crate::service) use secondary::keys_of;
pub use settle::{Settled, Settlement, Verdict};
pub use station::{StationPrint, StationPrinted};
pub use sync::{ConflictRecord, EntryAnswer, JournalEntry, KitLabels, MAX_ENTRIES, Verdict as EntryVerdict};
pub use unit_labels::UnitLabel;
