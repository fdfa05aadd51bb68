//! The gate for a label: its bitmap drawn, its codes read back, what people read compared with what scanners read.

use std::sync::Arc;

use super::{CodeFormat, ExpectedCode, GateReport, check};
use crate::label::{Bitmap, Compiled, LayoutError, Symbology};
use crate::render::raster::label_bitmap;

impl From<Symbology> for CodeFormat {
    fn from(symbology: Symbology) -> CodeFormat {
        match symbology {
            Symbology::Code128 => CodeFormat::Code128,
            Symbology::Gs1_128 => CodeFormat::Gs1_128,
            Symbology::Ean13 => CodeFormat::Ean13,
            Symbology::Ean8 => CodeFormat::Ean8,
            Symbology::UpcA => CodeFormat::UpcA,
            Symbology::Itf14 => CodeFormat::Itf14,
            Symbology::Code39 => CodeFormat::Code39,
            Symbology::DataMatrix => CodeFormat::DataMatrix,
            Symbology::Gs1DataMatrix => CodeFormat::Gs1DataMatrix,
            Symbology::Qr => CodeFormat::Qr,
            Symbology::MicroQr => CodeFormat::MicroQr,
        }
    }
}

/// Draws one label and reads every code of it back, as drawn and after simulated faults of printing.
///
/// # Errors
/// As for [`Compiled::draw`].
pub fn check_label(compiled: &Arc<Compiled>, row: &[&str]) -> Result<GateReport, LayoutError> {
    check_dots(&label_bitmap(compiled, row)?, compiled, row)
}

/// Like [`check_label`], for the dots that something else has made of the label.
///
/// # Errors
/// As for [`Compiled::draw`].
pub fn check_dots(dots: &Bitmap, compiled: &Compiled, row: &[&str]) -> Result<GateReport, LayoutError> {
    let texts = compiled.scanned_texts(row)?;
    let codes: Vec<ExpectedCode<'_>> = compiled
        .codes()
        .iter()
        .zip(&texts)
        .map(|(code, text)| ExpectedCode {
            element: &code.element,
            format: code.symbology.into(),
            zone: code.zone,
            module_dots: code.module_dots,
            turn: code.turn,
            // Scanners report a UPC-A as the EAN-13 with a zero in front; the decoder reports its own twelve digits.
            text: text.strip_prefix('0').filter(|_| code.symbology == Symbology::UpcA).unwrap_or(text),
        })
        .collect();
    Ok(check(dots, &codes))
}
