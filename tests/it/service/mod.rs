//! The use cases on both engines.

mod allocator;
mod artwork;
mod audit;
mod batches;
mod browse;
mod fates;
mod idempotency;
mod locks;
mod recovery;
mod refusals;
mod resolve;
mod rules;
mod tokens;
