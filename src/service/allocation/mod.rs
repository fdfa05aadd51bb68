//! The allocator: one queue and one writer per node, many reservations per durable commit.
//!
//! Callers put a ticket into the queue and wait ([`Allocator`]). The writer takes all that are waiting, serves them in
//! one transaction (`group`), commits, writes the witness, and only then answers. While a commit is on its way to the
//! disk the next group gathers by itself; a single caller waits for nobody.

mod answer;
mod claim;
mod group;
mod queue;
mod state;
mod targets;
mod ticket;
mod writer;

pub(super) use queue::Allocator;
pub(super) use state::{AllocatorParts, SharedWitness};
pub use ticket::Reserved;
pub(super) use ticket::Ticket;
