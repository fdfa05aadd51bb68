//! Failed sign-ins of an address: a token bucket in its virtual-scheduling form (ITU-T I.371 annex A), which needs one
//! instant per address. Guessing a 256-bit secret is hopeless anyway; this keeps the log and the database from the
//! noise of it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::http::server::AddressGroup;

/// Failures in a row that go unpunished.
const BURST: u32 = 10;
/// One more is forgiven after each of these.
const INTERVAL: Duration = Duration::from_secs(2);
/// Most addresses remembered.
const MOST: usize = 4_096;

/// For each address, when all its failures will be forgiven.
#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<AddressGroup, Instant>);

impl Throttle {
    /// Seconds until `address` may try again, rounded up; `None` if it may now.
    pub(super) fn wait_s(&self, address: AddressGroup, now: Instant) -> Option<u32> {
        let debt = self.0.get(&address)?.saturating_duration_since(now);
        let wait = debt.checked_sub(INTERVAL * (BURST - 1)).filter(|wait| !wait.is_zero())?;
        u32::try_from(wait.as_millis().div_ceil(1_000)).ok()
    }

    pub(super) fn failed(&mut self, address: AddressGroup, now: Instant) {
        if self.0.len() >= MOST && !self.0.contains_key(&address) {
            self.make_room(now);
        }
        let forgiven = self.0.entry(address).or_insert(now);
        *forgiven = (*forgiven).max(now) + INTERVAL;
    }

    /// Forgets those that are forgiven; if there are none, the one that will be next.
    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, forgiven| *forgiven > now);
        if self.0.len() >= MOST
            && let Some(next) = self.0.iter().min_by_key(|(_, forgiven)| **forgiven).map(|(address, _)| *address)
        {
            self.0.remove(&next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(number: u32) -> AddressGroup {
        std::net::IpAddr::V4(Ipv4Addr::from_bits(number)).into()
    }

    #[test]
    fn ten_failures_are_free_and_the_next_waits_for_forgiveness() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..BURST {
            assert_eq!(throttle.wait_s(address(1), now), None);
            throttle.failed(address(1), now);
        }
        assert_eq!(throttle.wait_s(address(1), now), Some(2));
        assert_eq!(throttle.wait_s(address(1), now + Duration::from_millis(500)), Some(2));
        assert_eq!(throttle.wait_s(address(1), now + INTERVAL), None);
        assert_eq!(throttle.wait_s(address(2), now), None, "another address is not concerned");
    }

    #[test]
    fn memory_is_bounded_and_the_worst_offenders_are_remembered() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..BURST + 5 {
            throttle.failed(address(0), now);
        }
        for number in 1..6_000 {
            throttle.failed(address(number), now);
        }
        assert_eq!(throttle.0.len(), MOST);
        assert!(throttle.wait_s(address(0), now).is_some());
        throttle.failed(address(7_000), now + Duration::from_secs(600));
        assert_eq!(throttle.0.len(), 1, "the forgiven are forgotten");
    }
}
