//! How many dots of the printer one module takes.

use thiserror::Error;

use crate::label::units::{Resolution, Um};

/// The X-dimensions that a template allows for a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleRange {
    /// Narrowest module.
    pub min: Um,
    /// Widest module.
    pub max: Um,
}

/// Why no module size will do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleSizeError {
    /// No whole number of dots lies within the range.
    #[error(
        "no whole number of {dpi} dpi dots is between {} and {} wide: {dots} dots are {}; widen the range of the template",
        range.min, range.max, module
    )]
    NoWholeDots {
        /// The allowed range.
        range: ModuleRange,
        /// The printer's dots per inch.
        dpi: u32,
        /// The nearest whole number of dots.
        dots: i32,
        /// How wide that is.
        module: Um,
    },
    /// Even with the narrowest module the symbol is too wide.
    #[error(
        "{modules} modules of {dots} dots ({module}) at {dpi} dpi need {needed}, but only {available} are there; \
         make the box wider or the data shorter"
    )]
    TooWide {
        /// Modules of the symbol's bars.
        modules: u32,
        /// Dots of the narrowest module.
        dots: i32,
        /// Its width.
        module: Um,
        /// The printer's dots per inch.
        dpi: u32,
        /// Width of the bars.
        needed: Um,
        /// Width of the box.
        available: Um,
    },
}

/// No printer draws modules of a single dot: ink spreads by about as much.
pub const LEAST_MODULE_DOTS: i32 = 2;

/// The widest module in whole dots with which `modules` modules fit into `available`.
///
/// **All rounding of modules to dots happens here**: a module is always a whole number of dots, so that every bar
/// of a symbol has exactly its share.
///
/// # Errors
/// [`ModuleSizeError`], with the figures.
pub fn widest_module_dots(
    range: ModuleRange,
    modules: u32,
    available: Um,
    resolution: Resolution,
) -> Result<i32, ModuleSizeError> {
    let dpi = resolution.dpi();
    let narrowest = resolution.whole_dots_covering(range.min).max(LEAST_MODULE_DOTS);
    let widest = resolution.whole_dots_within(range.max);
    if widest < narrowest {
        return Err(ModuleSizeError::NoWholeDots { range, dpi, dots: narrowest, module: resolution.length(narrowest) });
    }
    let modules_signed = i32::try_from(modules).unwrap_or(i32::MAX).max(1);
    let fitting = resolution.whole_dots_within(available) / modules_signed;
    if fitting < narrowest {
        return Err(ModuleSizeError::TooWide {
            modules,
            dots: narrowest,
            module: resolution.length(narrowest),
            dpi,
            needed: resolution.length(narrowest.saturating_mul(modules_signed).min(20_000)),
            available,
        });
    }
    Ok(fitting.min(widest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN_USE: ModuleRange = ModuleRange { min: Um(250), max: Um(260) };

    #[test]
    fn a_quarter_millimetre_is_two_three_or_six_dots() {
        let dots = Resolution::ALL.map(|r| widest_module_dots(OWN_USE, 167, Um(54_000), r));
        assert_eq!(dots, [Ok(2), Ok(3), Ok(6)]);
    }

    #[test]
    fn the_widest_that_fits_is_taken() {
        let range = ModuleRange { min: Um(250), max: Um(500) };
        assert_eq!(widest_module_dots(range, 100, Um(50_000), Resolution::Dpi203), Ok(4));
        assert_eq!(widest_module_dots(range, 100, Um(49_999), Resolution::Dpi203), Ok(3));
    }

    #[test]
    fn what_does_not_fit_says_by_how_much() {
        let error = widest_module_dots(OWN_USE, 200, Um(40_000), Resolution::Dpi203).unwrap_err();
        let text = "200 modules of 2 dots (0.25 mm) at 203 dpi need 50 mm, but only 40 mm are there; \
                    make the box wider or the data shorter";
        assert_eq!(error.to_string(), text);
        let range = ModuleRange { min: Um(264), max: Um(300) };
        let error = widest_module_dots(range, 95, Um(60_000), Resolution::Dpi203).unwrap_err();
        assert!(error.to_string().contains("3 dots are 0.375 mm"), "{error}");
    }
}
