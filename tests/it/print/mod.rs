//! Printing: approvals, jobs, leases, results, people's verdicts, reprints.

mod desk;
mod press;
mod station;
