//! What the gate found, for programs and for people.

use std::fmt;

use super::{CodeFormat, Distortion, FoundCode};

/// Why a symbol could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No dot of the zone is on the label, or the module has no dots or more than the zone.
    #[error("its place is not on the label, or has no room for one module")]
    NoZone,
    /// More pixels than the gate reads.
    #[error("its place of {width_dots} x {height_dots} dots is too large to be read; make the symbol smaller")]
    TooLarge {
        /// Width of the zone in dots.
        width_dots: usize,
        /// Height of the zone in dots.
        height_dots: usize,
    },
    /// The decoder finds no symbol.
    #[error("a scanner finds nothing; use a larger module or keep other ink away from it")]
    NotRead,
    /// A symbol of another kind.
    #[error("it reads as {found}")]
    OtherFormat {
        /// What it is.
        found: &'static str,
    },
    /// Left and right are exchanged.
    #[error("it is mirrored")]
    Mirrored,
    /// The quiet zone is not white where it ends.
    #[error("there is ink in its quiet zone, at dot {x_dots}, {y_dots} of its zone; keep other ink away from it")]
    InkInQuietZone {
        /// Column of the dot in the upright zone.
        x_dots: usize,
        /// Row of the dot in the upright zone.
        y_dots: usize,
    },
    /// An edge that is not on the grid of modules: a picture that was scaled, a damaged bar, other ink in the zone.
    #[error(
        "the edge at dot {x_dots}, {y_dots} of its zone is not a whole number of modules of {module_dots} dots from \
         the others; draw the symbol in whole dots and keep other ink away from it"
    )]
    OffGrid {
        /// Column of the dot in the upright zone.
        x_dots: usize,
        /// Row of the dot in the upright zone.
        y_dots: usize,
        /// Dots of a module.
        module_dots: usize,
    },
}

/// One symbol, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Id of the element.
    pub element: String,
    /// What it must be.
    pub format: CodeFormat,
    /// What was done to it before.
    pub distortion: Distortion,
    /// What it must say.
    pub expected: String,
    /// What it says.
    pub result: Result<String, ReadError>,
}

impl Reading {
    /// Whether it says what it must.
    pub fn ok(&self) -> bool {
        self.result.as_ref() == Ok(&self.expected)
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { element, format, distortion, expected, result } = self;
        write!(f, "{element:?} ({}) {}: ", format.name(), distortion.name())?;
        match result {
            Ok(found) if found == expected => f.write_str("reads"),
            Ok(found) => write!(f, "says {found:?} instead of {expected:?}"),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// Everything that the gate found on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateReport {
    /// Every code under every distortion, in the order of the codes.
    pub readings: Vec<Reading>,
    /// Codes that can be read outside all expected zones. They do not fail the gate, since a logo may hold one, but a
    /// code that nobody declared has no purpose that a reader of the label could know.
    pub unexpected: Vec<FoundCode>,
}

impl GateReport {
    /// Whether every reading says what it must; a label without codes passes.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The readings that do not.
    pub fn failures(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|reading| !reading.ok())
    }
}

impl fmt::Display for GateReport {
    /// A line for each failure and each code that was not expected, or one line that all is well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = self.failures().count();
        match failures {
            0 => write!(f, "decode gate passed: {} readings", self.readings.len())?,
            _ => write!(f, "decode gate failed: {failures} of {} readings", self.readings.len())?,
        }
        for reading in self.failures() {
            write!(f, "\n  {reading}")?;
        }
        for found in &self.unexpected {
            write!(f, "\n  not expected: {found}")?;
        }
        Ok(())
    }
}
