//! The contract of the store, held on both engines. Each file names the aggregate whose functions it calls.

mod blocks;
mod catalogue;
mod chain;
mod counters;
mod foreign;
mod guards;
mod lookups;
mod transactions;
