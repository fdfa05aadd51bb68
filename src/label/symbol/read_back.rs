//! For tests: draws symbols as pixels and reads them with a decoder that is not ours.

use rxing::helpers::detect_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints, RXingResult, RXingResultMetadataType, RXingResultMetadataValue};

use super::{Matrix, ModuleBar};

/// Pixels of a module.
const MODULE_PIXELS: u32 = 3;

/// Grey pixels, 0 is black.
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub grey: Vec<u8>,
}

impl Pixels {
    /// Paints the dark ones of a rectangle of modules.
    fn paint(columns: u32, rows: u32, pixels: u32, is_dark: impl Fn(u32, u32) -> bool) -> Pixels {
        let (width, height) = (columns * pixels, rows * pixels);
        let shade = |at: u32| if is_dark(at % width / pixels, at / width / pixels) { 0 } else { 255 };
        Pixels { width, height, grey: (0..width * height).map(shade).collect() }
    }
}

/// Dark and light modules of bars from the first to the last.
pub fn dots(bars: &[ModuleBar]) -> Vec<u8> {
    let mut dots = vec![0; bars.last().map_or(0, |bar| bar.start + bar.width) as usize];
    bars.iter().for_each(|bar| dots[bar.start as usize..][..bar.width as usize].fill(1));
    dots
}

/// Bars between quiet zones of so many modules.
pub fn render_bars(bars: &[ModuleBar], modules: u32, quiet: u32) -> Pixels {
    let dots = dots(bars);
    assert_eq!(dots.len(), modules as usize);
    Pixels::paint(modules + 2 * quiet, 24, MODULE_PIXELS, |x, _| {
        x.checked_sub(quiet).and_then(|x| dots.get(x as usize)).is_some_and(|&dot| dot == 1)
    })
}

/// A matrix between quiet zones of so many modules.
pub fn render_matrix(matrix: &Matrix, quiet: u32) -> Pixels {
    Pixels::paint(matrix.columns + 2 * quiet, matrix.rows + 2 * quiet, MODULE_PIXELS, |x, y| {
        x >= quiet && y >= quiet && matrix.is_dark(x - quiet, y - quiet)
    })
}

/// The text that a reader of one symbology finds.
pub fn read(pixels: Pixels, format: BarcodeFormat) -> Result<String, String> {
    read_with(pixels, format, false)
}

/// Like [`read`], with FNC1 reported as GS1 wants it.
pub fn read_with(pixels: Pixels, format: BarcodeFormat, gs1: bool) -> Result<String, String> {
    let found = decode(pixels, format, gs1)?;
    let text = found.getText();
    // The decoder takes a check character of Code 128 with the value of FNC1 for a separator.
    let is_check = format == BarcodeFormat::CODE_128 && matches!(found.getRawBytes(), [.., FNC1, _stop]);
    Ok(text.strip_suffix('\u{1D}').filter(|_| is_check).unwrap_or(text).to_owned())
}

/// Value of FNC1 in all code sets of Code 128.
const FNC1: u8 = 102;

/// The symbology identifier (ISO/IEC 15424) that a reader reports.
pub fn symbology_identifier(pixels: Pixels, format: BarcodeFormat) -> Result<String, String> {
    let found = decode(pixels, format, false)?;
    match found.getRXingResultMetadata().get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER) {
        Some(RXingResultMetadataValue::SymbologyIdentifier(identifier)) => Ok(identifier.clone()),
        other => Err(format!("{other:?}")),
    }
}

fn decode(pixels: Pixels, format: BarcodeFormat, gs1: bool) -> Result<RXingResult, String> {
    let pure = matches!(format, BarcodeFormat::MICRO_QR_CODE | BarcodeFormat::QR_CODE | BarcodeFormat::DATA_MATRIX);
    let mut hints = DecodeHints { PureBarcode: Some(pure), AssumeGs1: Some(gs1), ..DecodeHints::default() };
    let found = detect_in_luma_with_hints(pixels.grey, pixels.width, pixels.height, Some(format), &mut hints);
    let found = found.map_err(|e| e.to_string())?;
    assert_eq!(*found.getBarcodeFormat(), format);
    Ok(found)
}
