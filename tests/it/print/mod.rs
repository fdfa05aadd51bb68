//! Printing: approvals, jobs, leases, results, people's verdicts, reprints.

mod client;
mod desk;
mod floor;
mod kill;
mod model;
pub mod press;
mod queue;
mod restore;
mod station;
