//! A serial: a value that only a rule can make.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::serial::{MAX_SERIAL_LENGTH, Rule};

/// A serial as it is stored: 1 to 32 ASCII symbols, without separators or prefix.
///
/// There is no public constructor: a serial comes out of [`crate::serial::Series`] or of
/// [`Rule::parse`], so that its length, its symbols and its check symbols are right. Serials of one rule order
/// as their text does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial {
    bytes: [u8; MAX_SERIAL_LENGTH],
    length: u8,
}

impl Serial {
    /// `length` zero bytes for a rule to fill in; at most [`MAX_SERIAL_LENGTH`].
    pub(super) fn blank(length: u8) -> Self {
        Self { bytes: [0; MAX_SERIAL_LENGTH], length }
    }

    /// The symbols, for the rule that makes this serial. Everything written here is ASCII.
    pub(super) fn as_mut_bytes(&mut self) -> &mut [u8] {
        &mut self.bytes[..usize::from(self.length)]
    }

    /// The symbols as ASCII bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The symbols.
    #[expect(clippy::expect_used, reason = "rules write ASCII only: alphabets, literals and check symbols are ASCII")]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("ASCII")
    }

    /// The serial as the rule prints it, `7K3Q-0M2D-9XAB`, without the text in front.
    pub fn grouped<'a>(&'a self, rule: &'a Rule) -> Grouped<'a> {
        let (sizes, separator) = rule.grouping();
        self.grouped_by(sizes, separator)
    }

    /// The serial in groups of the given sizes; what the sizes leave over is a last group.
    pub fn grouped_by<'a>(&'a self, sizes: &'a [u8], separator: char) -> Grouped<'a> {
        Grouped { serial: self, sizes, separator }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({})", self.as_str())
    }
}

impl Serialize for Serial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What [`Serial::grouped`] displays.
#[derive(Clone, Copy, Debug)]
pub struct Grouped<'a> {
    serial: &'a Serial,
    sizes: &'a [u8],
    separator: char,
}

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.serial.as_str();
        for &size in self.sizes {
            let (group, left) = rest.split_at(usize::from(size).min(rest.len()));
            f.write_str(group)?;
            rest = left;
            if rest.is_empty() {
                return Ok(());
            }
            write!(f, "{}", self.separator)?;
        }
        f.write_str(rest)
    }
}
