//! Sizes that preflight measures symbols against, by symbology and use.

use super::Symbology;
use crate::label::units::Um;

/// Where a symbol is meant to be scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScanningUse {
    /// By the maker's and the buyer's own scanners.
    General,
    /// At the till of a shop.
    RetailPos,
    /// In warehouses and transport.
    Distribution,
    /// On small items of healthcare, not at the till.
    Healthcare,
}

/// The sizes that a symbol must or should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolLimits {
    /// Narrowest module.
    pub x_min: Um,
    /// The module that is aimed at.
    pub x_target: Um,
    /// Widest module; `None` where none is set.
    pub x_max: Option<Um>,
    /// The height of the bars; `None` for matrix symbols, whose height follows from their modules.
    pub height: Option<HeightLimit>,
    /// Whether a figure outside is an error; for own use of a retail symbol it is a warning that names the figure.
    pub is_binding: bool,
    /// The clause that says so.
    pub source: &'static str,
}

/// The least height of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeightLimit {
    /// The least height.
    pub min: Um,
    /// The least height in percent of the width without quiet zones; 0 where there is no such rule.
    pub min_percent_of_width: u32,
    /// The height that is aimed at.
    pub target: Um,
}

impl HeightLimit {
    /// The least height of a symbol of a width.
    ///
    /// ```
    /// # use nameplate::label::symbol::{Symbology, limits::{ScanningUse, symbol_limits}};
    /// # use nameplate::label::Um;
    /// let limits = symbol_limits(Symbology::Code128, ScanningUse::General).unwrap();
    /// assert_eq!(limits.height.unwrap().min_of(Um(20_000)), Um(5_000));
    /// assert_eq!(limits.height.unwrap().min_of(Um(60_000)), Um(9_000));
    /// ```
    pub fn min_of(self, width: Um) -> Um {
        let share = i64::from(width.0) * i64::from(self.min_percent_of_width) / 100;
        self.min.max(Um(i32::try_from(share).unwrap_or(i32::MAX)))
    }
}

/// The limits of a symbology for a use; `None` where the symbology is not allowed there.
pub fn symbol_limits(symbology: Symbology, scanning: ScanningUse) -> Option<SymbolLimits> {
    use ScanningUse::{Distribution, General, Healthcare, RetailPos};
    use Symbology::{Code39, Code128, DataMatrix, Ean8, Ean13, Gs1_128, Gs1DataMatrix, Itf14, MicroQr, Qr, UpcA};
    match (symbology, scanning) {
        (Ean13 | UpcA, RetailPos) => Some(retail(18_280, 22_850, true)),
        (Ean13 | UpcA, General) => Some(retail(18_280, 22_850, false)),
        (Ean8, RetailPos) => Some(retail(14_580, 18_230, true)),
        (Ean8, General) => Some(retail(14_580, 18_230, false)),
        (Ean13 | UpcA, Distribution) => Some(SymbolLimits {
            x_min: Um(495),
            x_target: Um(660),
            x_max: Some(Um(660)),
            height: Some(HeightLimit { min: Um(34_280), min_percent_of_width: 0, target: Um(45_700) }),
            ..DISTRIBUTION
        }),
        (Gs1_128 | Itf14, Distribution) => Some(DISTRIBUTION),
        (Gs1_128, Healthcare) => Some(SymbolLimits {
            x_min: Um(170),
            x_target: Um(495),
            x_max: Some(Um(495)),
            height: Some(HeightLimit { min: Um(12_700), min_percent_of_width: 0, target: Um(12_700) }),
            is_binding: true,
            source: "GS1 General Specifications, symbol specification table 6 (regulated healthcare, not at the till)",
        }),
        (Code128 | Gs1_128 | Code39 | Itf14, General) => Some(OWN_USE),
        (DataMatrix | Gs1DataMatrix, General | Healthcare) => Some(SymbolLimits {
            x_min: Um(254),
            x_target: Um(380),
            x_max: Some(Um(990)),
            height: None,
            is_binding: scanning == Healthcare,
            source: "GS1 General Specifications, symbol specification tables 6 and 7 (GS1 DataMatrix)",
        }),
        (Qr | DataMatrix | Gs1DataMatrix, RetailPos) => Some(SymbolLimits { is_binding: true, ..TILL_2D }),
        (Qr, General) => Some(SymbolLimits { x_min: Um(250), x_target: Um(380), height: None, ..OWN_USE }),
        (MicroQr, General) => Some(SymbolLimits { x_min: Um(250), x_target: Um(380), height: None, ..OWN_USE }),
        _ => None,
    }
}

/// EAN and UPC: 80 %, 100 % and 200 % of the nominal size.
const fn retail(height_min_um: i32, height_target_um: i32, is_binding: bool) -> SymbolLimits {
    SymbolLimits {
        x_min: Um(264),
        x_target: Um(330),
        x_max: Some(Um(660)),
        height: Some(HeightLimit { min: Um(height_min_um), min_percent_of_width: 0, target: Um(height_target_um) }),
        is_binding,
        source: "GS1 General Specifications, symbol specification table 1 (general retail at the till)",
    }
}

const DISTRIBUTION: SymbolLimits = SymbolLimits {
    x_min: Um(495),
    x_target: Um(495),
    x_max: Some(Um(1_016)),
    height: Some(HeightLimit { min: Um(31_750), min_percent_of_width: 0, target: Um(31_750) }),
    is_binding: true,
    source: "GS1 General Specifications, symbol specification table 2 (general distribution)",
};

/// A policy of this product, as ISO/IEC 15417 and 16388 leave size to the application.
const OWN_USE: SymbolLimits = SymbolLimits {
    x_min: Um(250),
    x_target: Um(250),
    x_max: None,
    height: Some(HeightLimit { min: Um(5_000), min_percent_of_width: 15, target: Um(10_000) }),
    is_binding: false,
    source: "own-use policy: 2 dots at 203 dpi; height after ISO/IEC 15417 annex D.1 (5 mm or 15 % of the width)",
};

const TILL_2D: SymbolLimits = SymbolLimits {
    x_min: Um(396),
    x_target: Um(495),
    x_max: Some(Um(990)),
    height: None,
    is_binding: true,
    source: "GS1 General Specifications, symbol specification table 1 addendum (2D at the till)",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbology_has_limits_for_own_use_and_they_are_in_order() {
        use ScanningUse::{Distribution, General, Healthcare, RetailPos};
        for symbology in Symbology::ALL {
            assert!(symbol_limits(symbology, General).is_some(), "{symbology:?}");
            for scanning in [General, RetailPos, Distribution, Healthcare] {
                let Some(limits) = symbol_limits(symbology, scanning) else { continue };
                assert!(limits.x_min <= limits.x_target, "{symbology:?} {scanning:?}");
                assert!(limits.x_max.is_none_or(|max| limits.x_target <= max), "{symbology:?} {scanning:?}");
                assert_eq!(limits.height.is_none(), symbology.is_matrix(), "{symbology:?} {scanning:?}");
            }
        }
    }

    #[test]
    fn a_code_128_is_no_symbol_of_the_till() {
        assert_eq!(symbol_limits(Symbology::Code128, ScanningUse::RetailPos), None);
        let till = symbol_limits(Symbology::Ean13, ScanningUse::RetailPos).unwrap();
        assert_eq!((till.x_min, till.x_target, till.x_max), (Um(264), Um(330), Some(Um(660))));
        assert!(till.is_binding && !symbol_limits(Symbology::Ean13, ScanningUse::General).unwrap().is_binding);
    }
}
