//! Codes that nobody declared.

use std::fmt;

use super::crop::{PIXELS_MAX, grey_without};
use super::{CodeFormat, ExpectedCode, read};
use crate::label::Bitmap;

/// More codes than this are not reported.
const FOUND_MAX: usize = 8;

/// A code that was read outside all expected zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCode {
    /// What it is.
    pub format: CodeFormat,
    /// What it says.
    pub text: String,
}

impl fmt::Display for FoundCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.format.name(), self.text)
    }
}

/// Reads what is left of a label once the expected zones are white.
///
/// It finds what a reader would find at a glance, not everything that is there: a small symbol among other ink may
/// escape it.
pub(super) fn find(label: &Bitmap, codes: &[ExpectedCode<'_>]) -> Vec<FoundCode> {
    if label.width() == 0 || label.height() == 0 || label.width().saturating_mul(label.height()) > PIXELS_MAX {
        return Vec::new();
    }
    let mut found = read::everything(&grey_without(label, codes.iter().map(|code| code.zone)));
    found.truncate(FOUND_MAX);
    found
}
