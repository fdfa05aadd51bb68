//! The public names of print jobs and of leases.

use super::block_code::{BlockCodeError, LENGTH, decoded, encoded};
use std::fmt;

/// The public name of a print job: `JOB-` and 16 Crockford base-32 symbols (80 random bits), for the reasons that
/// [`BlockCode`](super::BlockCode) gives.
///
/// ```
/// use nameplate::trace::JobCode;
/// assert_eq!(JobCode::parse("job 0000-0000-0000-000o"), Ok(JobCode::from_random([0; 10])));
/// assert!(JobCode::parse("BLK-0000000000000000").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobCode(String);

impl JobCode {
    /// The code made of 80 random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; 10]) -> Self {
        Self(encoded("JOB-", &bytes))
    }

    /// Reads a code as people type it: any case, spaces and hyphens anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`BlockCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, BlockCodeError> {
        decoded("JOB-", LENGTH, text).map(Self)
    }

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a lease: `LSE-` and 24 symbols (120 random bits). It is a fencing token: nobody can guess it.
///
/// ```
/// assert_eq!(nameplate::trace::lease_name([0; 15]), "LSE-000000000000000000000000");
/// ```
#[must_use]
pub fn lease_name(bytes: [u8; 15]) -> String {
    encoded("LSE-", &bytes)
}
