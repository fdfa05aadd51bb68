//! Latencies, counted in buckets: memory stays the same however many there are.

use std::time::Duration;

/// Buckets of a power of two of time: values are exact to 1/32.
const STEPS: usize = 32;
const BUCKETS: usize = 40 * STEPS;

/// Latencies in nanoseconds, in buckets of at most 3% width.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    /// An empty one.
    pub fn new() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }

    /// Adds one latency.
    pub fn add(&mut self, latency: Duration) {
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX).max(STEPS as u64);
        let power = ns.ilog2() - STEPS.ilog2();
        let step = usize::try_from(ns >> power).unwrap_or(STEPS) - STEPS;
        let bucket = power as usize * STEPS + step;
        self.buckets[bucket.min(BUCKETS - 1)] += 1;
        self.count += 1;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += other;
        }
        self.count += other.count;
    }

    /// The latency that `per_mille` of all do not exceed (lower edge of its bucket).
    pub fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.count * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(((STEPS + bucket % STEPS) as u64) << (bucket / STEPS));
            }
        }
        Duration::MAX
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.count
    }
}
