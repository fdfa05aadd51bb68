//! Lengths. Layout counts in whole micrometres, printing in whole dots of one print head.
//!
//! The origin is the top left corner of the label, x grows to the right and y downwards.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Micrometres in an inch.
const UM_PER_INCH: i64 = 25_400;

/// A length or a position in whole micrometres.
///
/// A label is at most [`Um::MAX_LABEL`] on a side, so sums and products of lengths stay far from overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Um(pub i32);

impl Um {
    /// The longest side that a label may have: one metre.
    pub const MAX_LABEL: Um = Um(1_000_000);

    /// Rounds millimetres to the nearest micrometre; `None` beyond one metre or if it is no number.
    ///
    /// ```
    /// # use nameplate::label::Um;
    /// assert_eq!(Um::from_mm(2.5), Some(Um(2_500)));
    /// assert_eq!(Um::from_mm(f64::NAN), None);
    /// ```
    pub fn from_mm(mm: f64) -> Option<Um> {
        let um = (mm * 1000.0).round();
        (um.abs() <= f64::from(Um::MAX_LABEL.0)).then(|| Um(whole(um)))
    }

    /// Rounds typographic points (1/72 inch) to the nearest micrometre; `None` beyond one metre or if it is no number.
    pub fn from_pt(pt: f64) -> Option<Um> {
        Um::from_mm(pt * 25.4 / 72.0)
    }

    /// The length in points, for messages.
    pub fn pt(self) -> f64 {
        f64::from(self.0) * 72.0 / 25_400.0
    }
}

/// A float that is known to be whole and within a metre in micrometres.
#[expect(clippy::cast_possible_truncation, reason = "callers pass rounded values no larger than Um::MAX_LABEL")]
fn whole(um: f64) -> i32 {
    um as i32
}

/// Millimetres with as many decimals as are needed (`3`, `2.5`, `0.254`).
impl fmt::Display for Um {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mm", f64::from(self.0) / 1000.0)
    }
}

/// Sums beyond all labels stay at the largest length: what stands there is off the label, and told of as such.
impl std::ops::Add for Um {
    type Output = Um;
    fn add(self, other: Um) -> Um {
        Um(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Um {
    type Output = Um;
    fn sub(self, other: Um) -> Um {
        Um(self.0.saturating_sub(other.0))
    }
}

/// The resolution of the printer that a label is made for.
///
/// Printers sold as "203 dpi" have exactly 8 dots per millimetre (203.2 per inch); 300 and 600 dpi are per inch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Resolution {
    /// 8 dots per millimetre.
    #[serde(rename = "203")]
    Dpi203,
    /// 300 dots per inch.
    #[serde(rename = "300")]
    Dpi300,
    /// 600 dots per inch.
    #[serde(rename = "600")]
    Dpi600,
}

impl Resolution {
    /// Every resolution, coarsest first.
    pub const ALL: [Resolution; 3] = [Resolution::Dpi203, Resolution::Dpi300, Resolution::Dpi600];

    /// The resolution that is sold under this number of dots per inch.
    pub fn from_dpi(dpi: u32) -> Option<Resolution> {
        Resolution::ALL.into_iter().find(|r| r.dpi() == dpi)
    }

    /// The number under which it is sold: 203, 300 or 600.
    pub fn dpi(self) -> u32 {
        match self {
            Resolution::Dpi203 => 203,
            Resolution::Dpi300 => 300,
            Resolution::Dpi600 => 600,
        }
    }

    /// Dots in ten inches (254 mm), the smallest length that holds whole dots at each resolution.
    pub fn dots_per_254_mm(self) -> u32 {
        match self {
            Resolution::Dpi203 => 2032,
            Resolution::Dpi300 => 3000,
            Resolution::Dpi600 => 6000,
        }
    }

    /// The dot edge nearest to a position. **All rounding of positions to dots happens here.**
    pub fn nearest_edge_dots(self, at: Um) -> i32 {
        let scaled = i64::from(at.0) * i64::from(self.dots_per_254_mm());
        narrow((2 * scaled + 10 * UM_PER_INCH).div_euclid(20 * UM_PER_INCH))
    }

    /// The most whole dots that a length can hold.
    pub fn whole_dots_within(self, length: Um) -> i32 {
        narrow((i64::from(length.0) * i64::from(self.dots_per_254_mm())).div_euclid(10 * UM_PER_INCH))
    }

    /// The fewest whole dots that cover a length.
    pub fn whole_dots_covering(self, length: Um) -> i32 {
        -self.whole_dots_within(Um(-length.0))
    }

    /// How long a number of dots is, to the nearest micrometre.
    pub fn length(self, dots: i32) -> Um {
        let per_254_mm = i64::from(self.dots_per_254_mm());
        Um(narrow((2 * i64::from(dots) * 10 * UM_PER_INCH + per_254_mm).div_euclid(2 * per_254_mm)))
    }

    /// Dots per metre to the nearest whole one, the unit of a PNG's `pHYs`.
    pub fn dots_per_m(self) -> u32 {
        (self.dots_per_254_mm() * 1000 + 127) / 254
    }
}

/// Brings a length back to 32 bits; what is beyond all labels stays at the end of the range.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the range before")]
fn narrow(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_rounded_not_widths() {
        for resolution in Resolution::ALL {
            for dots in 0..2000 {
                assert_eq!(resolution.nearest_edge_dots(resolution.length(dots)), dots, "{resolution:?}");
            }
        }
        assert_eq!(Resolution::Dpi203.nearest_edge_dots(Um(187)), 1);
        assert_eq!(Resolution::Dpi203.nearest_edge_dots(Um(188)), 2);
        assert_eq!(Resolution::Dpi203.nearest_edge_dots(Um(-188)), -2);
    }

    #[test]
    fn a_60_by_40_label_has_the_dots_that_printers_count() {
        let dots = |r: Resolution| (r.nearest_edge_dots(Um(60_000)), r.nearest_edge_dots(Um(40_000)));
        assert_eq!(dots(Resolution::Dpi203), (480, 320));
        assert_eq!(dots(Resolution::Dpi300), (709, 472));
        assert_eq!(dots(Resolution::Dpi600), (1417, 945));
        assert_eq!(Resolution::Dpi203.dots_per_m(), 8000);
    }

    #[test]
    fn within_and_covering_enclose_a_length() {
        assert_eq!(Resolution::Dpi203.whole_dots_within(Um(264)), 2);
        assert_eq!(Resolution::Dpi203.whole_dots_covering(Um(264)), 3);
        assert_eq!(Resolution::Dpi203.whole_dots_covering(Um(250)), 2);
        assert_eq!(Resolution::Dpi300.whole_dots_covering(Um(250)), 3);
    }

    #[test]
    fn lengths_that_are_no_lengths_are_refused() {
        assert_eq!(Um::from_mm(f64::INFINITY), None);
        assert_eq!(Um::from_mm(1000.1), None);
        assert_eq!(Um::from_pt(72.0), Some(Um(25_400)));
        assert_eq!(Um(2_540).to_string(), "2.54 mm");
    }
}
