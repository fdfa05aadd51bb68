//! The only place that knows the decoder, a port of ZXing.

use std::collections::HashSet;

use rxing::common::HybridBinarizer;
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, MultiFormatReader, RXingResult,
    RXingResultMetadataType as Kind, RXingResultMetadataValue as Value, Reader,
};

use super::crop::Grey;
use super::{CodeFormat, FoundCode, ReadError};

/// Reads one symbol of a format from a picture that holds nothing else.
///
/// # Errors
/// Nothing found, a mirrored symbol, or one of another kind.
pub(super) fn symbol(picture: &Grey, format: CodeFormat) -> Result<String, ReadError> {
    let mut bitmap = bitmap(picture).ok_or(ReadError::NotRead)?;
    let result = MultiFormatReader::default()
        .decode_with_hints(&mut bitmap, &hints(&[reader_format(format)]))
        .map_err(|_| ReadError::NotRead)?;
    if matches!(metadata(&result, &Kind::IS_MIRRORED), Some(Value::IsMirrored(true))) {
        return Err(ReadError::Mirrored);
    }
    let found = kind(&result);
    match found {
        Some(found) if found == format => {}
        found => return Err(ReadError::OtherFormat { found: found.map_or("another symbology", CodeFormat::name) }),
    }
    Ok(text(&result).to_owned())
}

/// Reads whatever symbols of our formats a picture holds.
pub(super) fn everything(picture: &Grey) -> Vec<FoundCode> {
    // One set for each of the decoder's readers: within a set of several matrix formats it tries them in random order.
    let (matrices, bars): (Vec<_>, Vec<_>) = CodeFormat::ALL.into_iter().partition(|format| format.is_matrix());
    let mut sets: Vec<Vec<BarcodeFormat>> = matrices.into_iter().map(|format| vec![reader_format(format)]).collect();
    sets.push(bars.into_iter().map(reader_format).collect());
    sets.dedup();
    let Some(mut bitmap) = bitmap(picture) else { return Vec::new() };
    let mut found = Vec::new();
    for set in sets {
        let mut reader = GenericMultipleBarcodeReader::new(MultiFormatReader::default());
        for result in reader.decode_multiple_with_hints(&mut bitmap, &hints(&set)).unwrap_or_default() {
            let Some(format) = kind(&result) else { continue };
            if format.is_matrix() || is_more_than_a_line(picture, &result, &set) {
                found.push(FoundCode { format, text: text(&result).to_owned() });
            }
        }
    }
    found
}

/// Whether bars read the same on most lines within a symbol's height: one line through a text can look like EAN-8.
fn is_more_than_a_line(picture: &Grey, result: &RXingResult, formats: &[BarcodeFormat]) -> bool {
    let [start, end, ..] = result.getPoints() else { return false };
    let is_flat = (end.x - start.x).abs() >= (end.y - start.y).abs();
    let (length, at) = if is_flat { (end.x - start.x, start.y) } else { (end.y - start.y, start.x) };
    // Lines up to a twentieth of the length above and below: bars are higher than that, most text is not.
    let step = pixel(length.abs() / 40.0).clamp(2, 12);
    let middle = pixel(at);
    let lines = [middle.checked_sub(2 * step), middle.checked_sub(step), Some(middle + step), Some(middle + 2 * step)];
    let agrees = |line: usize| {
        let line = if is_flat { picture.row(line) } else { picture.column(line) };
        let Some(mut bitmap) = line.as_ref().and_then(bitmap) else { return false };
        let again = MultiFormatReader::default().decode_with_hints(&mut bitmap, &hints(formats));
        again.is_ok_and(|again| again.getText() == result.getText())
    };
    lines.into_iter().flatten().filter(|line| agrees(*line)).count() >= 2
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate; pictures are small"
)]
fn pixel(position: f32) -> usize {
    position as usize
}

fn bitmap(picture: &Grey) -> Option<BinaryBitmap<HybridBinarizer<Luma8Source<'_>>>> {
    let side = |pixels: usize| u32::try_from(pixels).ok();
    let source = Luma8Source::new_with_slice(&picture.pixels, side(picture.width)?, side(picture.height)?).ok()?;
    Some(BinaryBitmap::new(HybridBinarizer::new(source)))
}

fn hints(formats: &[BarcodeFormat]) -> DecodeHints {
    DecodeHints {
        PossibleFormats: Some(HashSet::from_iter(formats.iter().copied())),
        TryHarder: Some(true),
        // Without it the decoder drops FNC1, and a separator that is missing would not be seen.
        AssumeGs1: Some(true),
        // A slanted scan line through part of an ITF symbol can read as a shorter one.
        AllowedLengths: Some(vec![14]),
        ..DecodeHints::default()
    }
}

/// The data, without what the decoder adds to Code 128 when it is asked to keep FNC1: the symbology identifier in front
/// of GS1-128, and a separator at the end where the check character happens to have the value of FNC1.
fn text(result: &RXingResult) -> &str {
    let mut text = result.getText();
    if *result.getBarcodeFormat() == BarcodeFormat::CODE_128 {
        if starts_with_fnc1(result) {
            text = text.strip_prefix("]C1").unwrap_or(text);
        }
        if let [.., FNC1, _stop] = result.getRawBytes() {
            text = text.strip_suffix('\u{1D}').unwrap_or(text);
        }
    }
    text
}

/// Value of FNC1 in all code sets of Code 128.
const FNC1: u8 = 102;

/// Whether Code 128 has FNC1 right after its start character. The symbology identifier does not tell: the decoder also
/// lets the check character change it.
fn starts_with_fnc1(result: &RXingResult) -> bool {
    matches!(result.getRawBytes(), [_start, FNC1, ..])
}

fn reader_format(format: CodeFormat) -> BarcodeFormat {
    match format {
        CodeFormat::Code128 | CodeFormat::Gs1_128 => BarcodeFormat::CODE_128,
        CodeFormat::Ean13 => BarcodeFormat::EAN_13,
        CodeFormat::Ean8 => BarcodeFormat::EAN_8,
        CodeFormat::UpcA => BarcodeFormat::UPC_A,
        CodeFormat::Itf14 => BarcodeFormat::ITF,
        CodeFormat::Code39 => BarcodeFormat::CODE_39,
        CodeFormat::DataMatrix | CodeFormat::Gs1DataMatrix => BarcodeFormat::DATA_MATRIX,
        CodeFormat::Qr => BarcodeFormat::QR_CODE,
        CodeFormat::MicroQr => BarcodeFormat::MICRO_QR_CODE,
    }
}

/// What a result is; none for a symbology or a variant that is never on our labels.
fn kind(result: &RXingResult) -> Option<CodeFormat> {
    match result.getBarcodeFormat() {
        BarcodeFormat::CODE_128 if starts_with_fnc1(result) => Some(CodeFormat::Gs1_128),
        BarcodeFormat::CODE_128 => Some(CodeFormat::Code128),
        BarcodeFormat::EAN_13 => Some(CodeFormat::Ean13),
        BarcodeFormat::EAN_8 => Some(CodeFormat::Ean8),
        BarcodeFormat::UPC_A => Some(CodeFormat::UpcA),
        BarcodeFormat::ITF => Some(CodeFormat::Itf14),
        BarcodeFormat::CODE_39 => Some(CodeFormat::Code39),
        // The identifier is no help here: the decoder also calls data GS1 whose fifth character is a separator.
        BarcodeFormat::DATA_MATRIX if is_gs1(result) => Some(CodeFormat::Gs1DataMatrix),
        BarcodeFormat::DATA_MATRIX => Some(CodeFormat::DataMatrix),
        BarcodeFormat::QR_CODE if has_fnc1(result) => None,
        BarcodeFormat::QR_CODE => Some(CodeFormat::Qr),
        BarcodeFormat::MICRO_QR_CODE => Some(CodeFormat::MicroQr),
        _ => None,
    }
}

/// Whether a QR has FNC1 in first or second place: element strings in a QR are not what our labels carry.
fn has_fnc1(result: &RXingResult) -> bool {
    match metadata(result, &Kind::SYMBOLOGY_IDENTIFIER) {
        Some(Value::SymbologyIdentifier(identifier)) => matches!(identifier.as_str(), "]Q3" | "]Q4" | "]Q5" | "]Q6"),
        _ => false,
    }
}

fn is_gs1(result: &RXingResult) -> bool {
    matches!(metadata(result, &Kind::CONTENT_TYPE), Some(Value::ContentType(content)) if content == "GS1")
}

fn metadata<'r>(result: &'r RXingResult, kind: &Kind) -> Option<&'r Value> {
    result.getRXingResultMetadata().get(kind)
}
