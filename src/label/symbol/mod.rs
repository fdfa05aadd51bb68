//! Symbols as modules: which are dark, in what order. No lengths here; see [`module_size`] for dots.
//!
//! A [`SymbolPlan`] fixes once per job what all labels share (size, version), then encodes label after label.

pub mod code128;
pub mod code39;
pub mod data_matrix;
pub mod ean13;
pub mod ean8;
mod ean_digits;
mod error;
pub mod gs1;
pub mod itf14;
pub mod limits;
mod matrix;
mod micro_qr;
pub mod module_size;
mod plan;
mod qr;
#[cfg(test)]
mod read_back;
pub mod upc_a;

pub use error::SymbolError;
pub use matrix::Matrix;
pub use plan::{Encoded, ErrorCorrection, MatrixShape, SymbolOptions, SymbolPlan, SymbolScratch, scanned_text};

/// What kind of symbol carries the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbology {
    /// Code 128 (ISO/IEC 15417).
    Code128,
    /// GS1-128: Code 128 with element strings (GS1 General Specifications 5.4).
    Gs1_128,
    /// EAN-13 (ISO/IEC 15420).
    Ean13,
    /// EAN-8 (ISO/IEC 15420).
    Ean8,
    /// UPC-A (ISO/IEC 15420).
    UpcA,
    /// ITF-14: Interleaved 2 of 5 (ISO/IEC 16390) with a GTIN-14.
    Itf14,
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// Data Matrix ECC 200 (ISO/IEC 16022).
    DataMatrix,
    /// Data Matrix with element strings.
    Gs1DataMatrix,
    /// QR Code (ISO/IEC 18004).
    Qr,
    /// Micro QR Code (ISO/IEC 18004).
    MicroQr,
}

/// Light modules that a symbol needs around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietZones {
    /// To the left of the first module.
    pub left: u32,
    /// To the right of the last module.
    pub right: u32,
    /// Above the first row; 0 for linear symbols.
    pub top: u32,
    /// Below the last row; 0 for linear symbols.
    pub bottom: u32,
}

impl Symbology {
    /// Every symbology.
    pub const ALL: [Symbology; 11] = [
        Symbology::Code128,
        Symbology::Gs1_128,
        Symbology::Ean13,
        Symbology::Ean8,
        Symbology::UpcA,
        Symbology::Itf14,
        Symbology::Code39,
        Symbology::DataMatrix,
        Symbology::Gs1DataMatrix,
        Symbology::Qr,
        Symbology::MicroQr,
    ];

    /// The name that people use.
    pub fn name(self) -> &'static str {
        match self {
            Symbology::Code128 => "Code 128",
            Symbology::Gs1_128 => "GS1-128",
            Symbology::Ean13 => "EAN-13",
            Symbology::Ean8 => "EAN-8",
            Symbology::UpcA => "UPC-A",
            Symbology::Itf14 => "ITF-14",
            Symbology::Code39 => "Code 39",
            Symbology::DataMatrix => "Data Matrix",
            Symbology::Gs1DataMatrix => "GS1 DataMatrix",
            Symbology::Qr => "QR Code",
            Symbology::MicroQr => "Micro QR Code",
        }
    }

    /// Data of a symbol that always has as many digits: all zero, whose check digit is zero as well.
    pub fn zeros(self) -> Option<String> {
        let digits = match self {
            Symbology::Ean13 => 13,
            Symbology::Ean8 => 8,
            Symbology::UpcA => 12,
            Symbology::Itf14 => 14,
            _ => return None,
        };
        Some("0".repeat(digits))
    }

    /// Whether the symbol has rows and columns instead of bars.
    pub fn is_matrix(self) -> bool {
        matches!(self, Symbology::DataMatrix | Symbology::Gs1DataMatrix | Symbology::Qr | Symbology::MicroQr)
    }

    /// Whether the data are a GS1 element string in brackets.
    pub fn is_gs1(self) -> bool {
        matches!(self, Symbology::Gs1_128 | Symbology::Gs1DataMatrix)
    }

    /// Light modules around the symbol, from the symbology's standard.
    pub fn quiet_zones(self) -> QuietZones {
        let sides = |left, right| QuietZones { left, right, top: 0, bottom: 0 };
        let all_round = |modules| QuietZones { left: modules, right: modules, top: modules, bottom: modules };
        match self {
            Symbology::Code128 | Symbology::Gs1_128 => sides(code128::QUIET_ZONE_MODULES, code128::QUIET_ZONE_MODULES),
            Symbology::Ean13 => sides(ean13::QUIET_ZONE_LEFT_MODULES, ean13::QUIET_ZONE_RIGHT_MODULES),
            Symbology::Ean8 => sides(ean8::QUIET_ZONE_MODULES, ean8::QUIET_ZONE_MODULES),
            Symbology::UpcA => sides(upc_a::QUIET_ZONE_MODULES, upc_a::QUIET_ZONE_MODULES),
            Symbology::Itf14 => sides(itf14::QUIET_ZONE_MODULES, itf14::QUIET_ZONE_MODULES),
            Symbology::Code39 => sides(code39::QUIET_ZONE_MODULES, code39::QUIET_ZONE_MODULES),
            Symbology::DataMatrix | Symbology::Gs1DataMatrix => all_round(data_matrix::QUIET_ZONE_MODULES),
            Symbology::Qr => all_round(qr::QUIET_ZONE_MODULES),
            Symbology::MicroQr => all_round(micro_qr::QUIET_ZONE_MODULES),
        }
    }
}

/// A dark bar: how many modules after the symbol's left edge it starts and how many it is wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleBar {
    /// Modules between the left edge of the symbol's first bar and this bar.
    pub start: u32,
    /// Width in modules, 1 to 4.
    pub width: u32,
    /// A bar of EAN or UPC that reaches lower than the others.
    pub guard: bool,
}

/// Appends one bar for each run of dark modules, given alternating bar and space widths that start with a bar.
///
/// Returns the position after the last element.
fn push_elements(widths: &[u8], mut at: u32, guard: bool, bars: &mut Vec<ModuleBar>) -> u32 {
    for (i, &width) in widths.iter().enumerate() {
        let width = u32::from(width);
        if i % 2 == 0 {
            bars.push(ModuleBar { start: at, width, guard });
        }
        at += width;
    }
    at
}

/// A count of modules, characters or bits; all are far below 2^32.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
