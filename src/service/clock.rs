//! The one place that reads the time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Tells the time in microseconds since 1970 UTC. Serials and their order never depend on it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Stands still until somebody moves it: for tests.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at this moment.
    #[must_use]
    pub fn fixed(now_us: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now_us)))
    }

    /// Now, in microseconds since 1970 UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now_us(&self) -> i64 {
        match self {
            Self::System => Timestamp::now().as_microsecond(),
            Self::Fixed(now) => now.load(Ordering::Relaxed),
        }
    }

    /// Now on a clock that does not jump when the machine's is set: for leases. It starts at the machine's time.
    #[must_use]
    pub fn steady_us(&self) -> i64 {
        static START: OnceLock<(i64, Instant)> = OnceLock::new();
        match self {
            Self::System => {
                let (start_us, since) = START.get_or_init(|| (self.now_us(), Instant::now()));
                start_us.saturating_add(i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX))
            }
            Self::Fixed(now) => now.load(Ordering::Relaxed),
        }
    }

    /// Today's date in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        date_of(self.now_us())
    }
}

/// The UTC date of a moment. Moments outside jiff's range are its ends.
#[must_use]
pub fn date_of(us: i64) -> Date {
    timestamp(us).to_zoned(TimeZone::UTC).date()
}

/// A moment as RFC 3339 text, e.g. `2026-11-20T09:30:00.5Z`.
#[must_use]
pub fn rfc3339(us: i64) -> String {
    timestamp(us).to_string()
}

fn timestamp(us: i64) -> Timestamp {
    let fallback = if us < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(us).unwrap_or(fallback)
}
