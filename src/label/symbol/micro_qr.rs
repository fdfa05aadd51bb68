//! Micro QR Code M1 to M4 (ISO/IEC 18004): at most 35 digits, 21 letters or 15 bytes of ASCII.

use qrcode::bits::Bits;
use qrcode::canvas::Canvas;
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, Version};

use super::error::shown;
use super::{ErrorCorrection, Matrix, SymbolError};

/// Quiet zone on every side, in modules (ISO/IEC 18004 clause 6.3.8).
pub const QUIET_ZONE_MODULES: u32 = 2;

/// Digits that M4 holds at level L.
const MAX_BYTES: usize = 35;

/// Version and level for the longest sample.
#[derive(Clone, Debug)]
pub(super) struct MicroQrPlan {
    version: i16,
    level: EcLevel,
}

impl MicroQrPlan {
    /// The smallest version that holds each sample at a level; M1 only detects errors and counts as level L.
    ///
    /// # Errors
    /// [`SymbolError::NoSuchErrorCorrection`] for H, [`SymbolError::Empty`], [`SymbolError::Character`] beyond ASCII,
    /// [`SymbolError::TooMuchData`].
    pub(super) fn new(level: ErrorCorrection, samples: &[&str]) -> Result<MicroQrPlan, SymbolError> {
        let (level, smallest) = match level {
            ErrorCorrection::L => (EcLevel::L, 1),
            ErrorCorrection::M => (EcLevel::M, 2),
            ErrorCorrection::Q => (EcLevel::Q, 4),
            ErrorCorrection::H => {
                return Err(SymbolError::NoSuchErrorCorrection {
                    symbology: "Micro QR Code",
                    level,
                    instead: "L, M or Q",
                });
            }
        };
        let mut version = None;
        for sample in samples {
            check(sample)?;
            let fitting = (version.unwrap_or(smallest)..=4).find(|&v| codewords(sample, v, level).is_some());
            version = Some(fitting.ok_or_else(|| too_much(sample))?);
        }
        Ok(MicroQrPlan { version: version.ok_or(SymbolError::Empty)?, level })
    }

    /// Modules of a side.
    pub(super) fn width(&self) -> u32 {
        width(self.version)
    }

    /// Adds the check codewords and the best mask.
    fn draw(&self, codewords: &[u8]) -> Option<Vec<Color>> {
        let version = Version::Micro(self.version);
        let (data, check) = construct_codewords(codewords, version, self.level).ok()?;
        let mut canvas = Canvas::new(version, self.level);
        canvas.draw_all_functional_patterns();
        if (self.version, self.level) == (3, EcLevel::L) {
            canvas.draw_data(&after_half_a_codeword(&data, &check), &[]);
        } else {
            canvas.draw_data(&data, &check);
        }
        Some(canvas.apply_best_mask().into_colors())
    }

    fn longer_than_planned(&self, data: &str) -> SymbolError {
        match (self.version..=4).find(|&v| codewords(data, v, self.level).is_some()) {
            None => too_much(data),
            Some(needed) => SymbolError::LongerThanPlanned {
                data: shown(data),
                needed: width(needed),
                planned: self.width(),
                unit: "modules a side",
            },
        }
    }

    /// Encodes data in the planned version.
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::Character`], [`SymbolError::LongerThanPlanned`].
    pub(super) fn encode(&self, data: &str, matrix: &mut Matrix) -> Result<(), SymbolError> {
        check(data)?;
        let colors = codewords(data, self.version, self.level).and_then(|codewords| self.draw(&codewords));
        let colors = colors.ok_or_else(|| self.longer_than_planned(data))?;
        let width = self.width();
        matrix.reset(width, width);
        for (at, color) in (0..width * width).zip(colors) {
            if color == Color::Dark {
                matrix.darken(at % width, at / width);
            }
        }
        Ok(())
    }
}

/// The last data codeword of M3 has only four bits (ISO/IEC 18004 clause 7.4.10). `qrcode` 0.14 knows that for M3-M but
/// not for M3-L, so here the check codewords are moved up by half a codeword.
fn after_half_a_codeword(data: &[u8], check: &[u8]) -> Vec<u8> {
    let (half, whole) = data.split_last().map_or((0, data), |(&last, whole)| (last & 0xF0, whole));
    let mut stream = whole.to_vec();
    let mut pending = half;
    for &codeword in check {
        stream.push(pending | codeword >> 4);
        pending = codeword << 4;
    }
    stream.push(pending);
    stream
}

/// Modules of a side of a version, M1 to M4.
fn width(version: i16) -> u32 {
    u32::from(version.unsigned_abs()) * 2 + 9
}

fn too_much(data: &str) -> SymbolError {
    SymbolError::TooMuchData { symbology: "Micro QR Code (M4)", data: shown(data), bytes: data.len() }
}

/// The data codewords, if they fit.
fn codewords(data: &str, version: i16, level: EcLevel) -> Option<Vec<u8>> {
    if data.len() > MAX_BYTES {
        return None;
    }
    let data = data.as_bytes();
    let capacity = Bits::new(Version::Micro(version)).max_len(level).ok()?;
    let mut shortest: Option<Bits> = None;
    // The segments of `qrcode` are chosen greedily; at times one segment for all is shorter.
    let is_letters = data.iter().all(|byte| b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(byte));
    let whole = if is_letters { Bits::push_alphanumeric_data } else { Bits::push_byte_data };
    for push in [Bits::push_optimal_data, whole] {
        let mut bits = Bits::new(Version::Micro(version));
        if push(&mut bits, data).is_ok() && shortest.as_ref().is_none_or(|other| bits.len() < other.len()) {
            shortest = Some(bits);
        }
    }
    let bits = shortest.filter(|bits| bits.len() <= capacity)?;
    let length = bits.len();
    Some(padded(bits.into_bytes(), length, capacity, version))
}

/// Adds terminator and padding (clauses 7.4.9 and 7.4.10): `Bits::push_terminator` of `qrcode` 0.14 overflows where
/// data reach into the half codeword at the end of M1 and M3.
fn padded(mut codewords: Vec<u8>, length: usize, capacity: usize, version: i16) -> Vec<u8> {
    let terminator = 2 * usize::from(version.unsigned_abs()) + 1;
    codewords.resize((length + terminator).min(capacity).div_ceil(8), 0);
    let missing = (capacity / 8).saturating_sub(codewords.len());
    codewords.extend([0xEC, 0x11].into_iter().cycle().take(missing));
    codewords.resize(capacity.div_ceil(8), 0);
    codewords
}

/// Micro QR has no ECI, so only characters that mean the same everywhere go in.
fn check(data: &str) -> Result<(), SymbolError> {
    match data.chars().find(|c| !c.is_ascii()) {
        _ if data.is_empty() => Err(SymbolError::Empty),
        Some(character) => Err(SymbolError::Character { character, symbology: "Micro QR Code (ASCII)" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::read_back::{read, render_matrix};
    use proptest::prelude::*;
    use rxing::BarcodeFormat;

    fn read_after(level: ErrorCorrection, text: &str) -> Result<String, String> {
        let mut matrix = Matrix::default();
        MicroQrPlan::new(level, &[text]).unwrap().encode(text, &mut matrix).unwrap();
        read(render_matrix(&matrix, 4), BarcodeFormat::MICRO_QR_CODE)
    }

    // Invariant: a reader that is not ours reads back all that fits, in each version and level.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn symbols_read_back(text in "[0-9]{1,18}|[A-Z0-9]{1,11}|[!-~]{1,9}") {
            for level in [ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q] {
                prop_assert_eq!(read_after(level, &text), Ok(text.clone()), "{:?}", level);
            }
        }
    }

    #[test]
    fn every_length_is_read_up_to_the_last_bit() {
        for level in [ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q] {
            for (kind, most) in [("9", 21), ("Z", 13), ("z", 9)] {
                for count in 1..=most {
                    let text = kind.repeat(count);
                    assert_eq!(read_after(level, &text), Ok(text.clone()), "{level:?}");
                }
            }
        }
    }

    #[test]
    fn versions_hold_what_the_standard_says() {
        // ISO/IEC 18004 table 7: digits, letters and bytes that M1-L to M4-Q hold.
        let fits = |level, text: &str| MicroQrPlan::new(level, &[text]).map(|plan| plan.width());
        let (l, m, q) = (ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q);
        for (level, kind, counts) in [
            (l, "1", [5, 10, 23, 35]),
            (l, "A", [0, 6, 14, 21]),
            (l, "a", [0, 0, 9, 15]),
            (m, "1", [0, 8, 18, 30]),
            (m, "A", [0, 5, 11, 18]),
            (m, "a", [0, 0, 7, 13]),
            (q, "1", [0, 0, 0, 21]),
            (q, "A", [0, 0, 0, 13]),
            (q, "a", [0, 0, 0, 9]),
        ] {
            for (count, width) in counts.into_iter().zip([11, 13, 15, 17]).filter(|(count, _)| *count > 0) {
                assert_eq!(fits(level, &kind.repeat(count)), Ok(width), "{level:?} {kind} x {count}");
                assert_ne!(fits(level, &kind.repeat(count + 1)), Ok(width), "{level:?} {kind} x {count} + 1");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let l = ErrorCorrection::L;
        assert!(matches!(MicroQrPlan::new(l, &[&"1".repeat(36)]), Err(SymbolError::TooMuchData { bytes: 36, .. })));
        assert!(matches!(MicroQrPlan::new(l, &["ü"]), Err(SymbolError::Character { character: 'ü', .. })));
        assert!(matches!(MicroQrPlan::new(ErrorCorrection::H, &["1"]), Err(SymbolError::NoSuchErrorCorrection { .. })));
        let plan = MicroQrPlan::new(l, &["12345"]).unwrap();
        assert!(matches!(plan.encode("123456", &mut Matrix::default()), Err(SymbolError::LongerThanPlanned { .. })));
    }
}
