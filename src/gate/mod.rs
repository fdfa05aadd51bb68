//! The decode gate: every symbol of a finished label is read back by a decoder that shares no code with our encoders,
//! as drawn and after simulated printing faults, and must say what it was made to say.
//!
//! The gate looks at the bits that a printer gets, one symbol at a time, and only inside its zone. It cannot grade print
//! quality (ISO/IEC 15415, 15416 and 29158 need a verifier), and of quiet zones it sees no more than that the outermost
//! dots are white: measuring them is preflight's work.

mod crop;
mod distort;
mod label;
mod lint;
mod meaning;
mod printed;
mod read;
mod report;
mod unexpected;

pub use distort::Distortion;
pub use label::{check_dots, check_label};
pub use lint::{Found, Gate, LintReport};
pub use meaning::{CodeSays, Known, Meaning, what_it_says};
pub use printed::says_the_same;
pub use report::{GateReport, ReadError, Reading};
pub use unexpected::FoundCode;

use crate::label::{Bitmap, DotRect, Turn};
use crop::{Grey, MODULE_PIXELS_MIN, Upright};

/// A code that must be on the label.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedCode<'a> {
    /// Id of the element, for messages.
    pub element: &'a str,
    /// Its symbology.
    pub format: CodeFormat,
    /// Bars or modules with their quiet zones as they stand on the label; what lies beyond the label counts as white.
    pub zone: DotRect,
    /// Dots of a module.
    pub module_dots: i32,
    /// How the symbol is turned on the label.
    pub turn: Turn,
    /// Exactly what a reader reports: no start or check characters of Code 128 or Code 39, all digits of EAN, UPC and
    /// ITF-14, no leading FNC1, and GS (0x1D) for each separator between element strings.
    pub text: &'a str,
}

/// What a symbol must be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeFormat {
    /// Code 128 that does not start with FNC1 (ISO/IEC 15417).
    Code128,
    /// GS1-128: Code 128 that starts with FNC1.
    Gs1_128,
    /// EAN-13 (ISO/IEC 15420).
    Ean13,
    /// EAN-8.
    Ean8,
    /// UPC-A, 12 digits.
    UpcA,
    /// ITF-14 (ISO/IEC 16390), 14 digits.
    Itf14,
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// Data Matrix ECC 200 without FNC1 (ISO/IEC 16022). Characters of ISO/IEC 8859-1 only: the decoder misreads
    /// symbols with an ECI, so that they fail.
    DataMatrix,
    /// GS1 Data Matrix: starts with FNC1.
    Gs1DataMatrix,
    /// QR (ISO/IEC 18004), also with a GS1 Digital Link. Characters beyond ASCII need an ECI, or readers guess.
    Qr,
    /// Micro QR, M1 to M4.
    MicroQr,
}

impl CodeFormat {
    /// Every format that the gate reads.
    pub const ALL: [CodeFormat; 11] = [
        CodeFormat::Code128,
        CodeFormat::Gs1_128,
        CodeFormat::Ean13,
        CodeFormat::Ean8,
        CodeFormat::UpcA,
        CodeFormat::Itf14,
        CodeFormat::Code39,
        CodeFormat::DataMatrix,
        CodeFormat::Gs1DataMatrix,
        CodeFormat::Qr,
        CodeFormat::MicroQr,
    ];

    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            CodeFormat::Code128 => "Code 128",
            CodeFormat::Gs1_128 => "GS1-128",
            CodeFormat::Ean13 => "EAN-13",
            CodeFormat::Ean8 => "EAN-8",
            CodeFormat::UpcA => "UPC-A",
            CodeFormat::Itf14 => "ITF-14",
            CodeFormat::Code39 => "Code 39",
            CodeFormat::DataMatrix => "Data Matrix",
            CodeFormat::Gs1DataMatrix => "GS1 Data Matrix",
            CodeFormat::Qr => "QR",
            CodeFormat::MicroQr => "Micro QR",
        }
    }

    /// Whether it is made of modules in rows and columns rather than of bars.
    pub fn is_matrix(self) -> bool {
        match self {
            CodeFormat::DataMatrix | CodeFormat::Gs1DataMatrix | CodeFormat::Qr | CodeFormat::MicroQr => true,
            CodeFormat::Code128
            | CodeFormat::Gs1_128
            | CodeFormat::Ean13
            | CodeFormat::Ean8
            | CodeFormat::UpcA
            | CodeFormat::Itf14
            | CodeFormat::Code39 => false,
        }
    }
}

/// Reads every code of a label from its own zone, as drawn and after each [`Distortion`], and what else can be read.
///
/// A label of usual size takes milliseconds to tens of milliseconds: call it when a template is published, not in bulk.
pub fn check(label: &Bitmap, codes: &[ExpectedCode<'_>]) -> GateReport {
    let mut readings = Vec::with_capacity(codes.len() * Distortion::ALL.len());
    for code in codes {
        read_code(label, code, &mut readings);
    }
    GateReport { readings, unexpected: unexpected::find(label, codes) }
}

/// All readings of one code.
fn read_code(label: &Bitmap, code: &ExpectedCode<'_>, readings: &mut Vec<Reading>) {
    let upright = Upright::new(label, code);
    for distortion in Distortion::ALL {
        let result = match &upright {
            Ok(upright) => read_distorted(upright, code, distortion),
            Err(error) => Err(error.clone()),
        };
        readings.push(Reading {
            element: code.element.to_owned(),
            format: code.format,
            distortion,
            expected: code.text.to_owned(),
            result,
        });
    }
}

/// Reads a picture, and once more with fewer pixels a module: the decoder looks for the corners of a matrix within a few
/// pixels, and large modules have more.
fn read_scaled(picture: &Grey, upright: &Upright, format: CodeFormat) -> Result<String, ReadError> {
    let factor = upright.module_pixels() / MODULE_PIXELS_MIN;
    match read::symbol(picture, format) {
        Err(ReadError::NotRead) if factor > 1 => read::symbol(&picture.reduced(factor), format),
        read => read,
    }
}

/// One reading; as drawn, every scan line must read, every edge must be on the grid of modules, and the zone must end in
/// white.
fn read_distorted(upright: &Upright, code: &ExpectedCode<'_>, distortion: Distortion) -> Result<String, ReadError> {
    if distortion != Distortion::AsDrawn {
        return read_scaled(&distortion.apply(upright), upright, code.format);
    }
    let found = read_scaled(&upright.enlarged(), upright, code.format)?;
    upright.check_border()?;
    upright.check_grid()?;
    if !code.format.is_matrix() {
        for line in upright.scan_lines() {
            let other = read::symbol(&line, code.format)?;
            if other != found {
                return Ok(other);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
