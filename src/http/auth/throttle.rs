//! Failed sign-ins of an address or an account: a token bucket in its virtual-scheduling form (ITU-T I.371 annex A),
//! which needs one instant for each. Guessing a 256-bit secret is hopeless anyway; there it keeps the log and the database
//! from the noise of it. Passwords it protects.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Most parties remembered.
const MOST: usize = 4_096;

/// For each party, when all its failures will be forgiven.
#[derive(Debug)]
pub(in crate::http) struct Throttle<P> {
    /// Failures in a row that go unpunished.
    burst: u32,
    /// One more is forgiven after each of these.
    interval: Duration,
    forgiven: HashMap<P, Instant>,
}

impl<P: Copy + Eq + Hash> Throttle<P> {
    /// So many failures in a row go unpunished, and one more is forgiven every so many seconds.
    pub(in crate::http) fn new(burst: u32, interval_s: u64) -> Self {
        Self { burst, interval: Duration::from_secs(interval_s), forgiven: HashMap::new() }
    }

    /// Seconds until `party` may try again, rounded up; `None` if it may now.
    pub(in crate::http) fn wait_s(&self, party: P, now: Instant) -> Option<u32> {
        let debt = self.forgiven.get(&party)?.saturating_duration_since(now);
        let wait = debt.checked_sub(self.interval * (self.burst - 1)).filter(|wait| !wait.is_zero())?;
        u32::try_from(wait.as_millis().div_ceil(1_000)).ok()
    }

    pub(in crate::http) fn failed(&mut self, party: P, now: Instant) {
        if self.forgiven.len() >= MOST && !self.forgiven.contains_key(&party) {
            self.make_room(now);
        }
        let forgiven = self.forgiven.entry(party).or_insert(now);
        *forgiven = (*forgiven).max(now) + self.interval;
    }

    /// Forgets those that are forgiven; if there are none, the one that will be next.
    fn make_room(&mut self, now: Instant) {
        self.forgiven.retain(|_, forgiven| *forgiven > now);
        if self.forgiven.len() >= MOST
            && let Some(next) = self.forgiven.iter().min_by_key(|(_, forgiven)| **forgiven).map(|(party, _)| *party)
        {
            self.forgiven.remove(&next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::server::AddressGroup;
    use std::net::Ipv4Addr;

    const BURST: u32 = 10;
    const INTERVAL: Duration = Duration::from_secs(2);

    fn address(number: u32) -> AddressGroup {
        std::net::IpAddr::V4(Ipv4Addr::from_bits(number)).into()
    }

    #[test]
    fn ten_failures_are_free_and_the_next_waits_for_forgiveness() {
        let (mut throttle, now) = (Throttle::new(BURST, INTERVAL.as_secs()), Instant::now());
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
        let (mut throttle, now) = (Throttle::new(BURST, INTERVAL.as_secs()), Instant::now());
        for _ in 0..BURST + 5 {
            throttle.failed(address(0), now);
        }
        for number in 1..6_000 {
            throttle.failed(address(number), now);
        }
        assert_eq!(throttle.forgiven.len(), MOST);
        assert!(throttle.wait_s(address(0), now).is_some());
        throttle.failed(address(7_000), now + Duration::from_secs(600));
        assert_eq!(throttle.forgiven.len(), 1, "the forgiven are forgotten");
    }
}
