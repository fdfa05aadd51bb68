//! Code 39 (ISO/IEC 16388): 43 characters, start and stop added, no check character, no full ASCII.

use super::{ModuleBar, SymbolError, push_elements, small};

/// Quiet zone on each side, in modules (ISO/IEC 16388 clause 4.4.1).
pub const QUIET_ZONE_MODULES: u32 = 10;

/// Characters that one symbol may hold here: 687 modules are already 17 cm at a quarter of a millimetre.
pub const MAX_CHARACTERS: usize = 40;

/// Modules of a wide element. The standard allows 2.0 to 3.0 (and 2.0 only from 0.5 mm on); with 3 all stays whole
/// modules, and wide and narrow differ most.
const WIDE: u8 = 3;

/// Modules of a character and the gap after it: six narrow elements, three wide ones, and one module of gap.
const MODULES_PER_CHARACTER: u32 = 6 + 3 * 3 + 1;

/// Data of which each character is one of the 43.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code39<'d>(&'d str);

impl<'d> Code39<'d> {
    /// Checks length and characters: digits, `A` to `Z`, `-`, `.`, space, `$`, `/`, `+`, `%`.
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::TooLong`] beyond 40 characters, [`SymbolError::Character`].
    ///
    /// ```
    /// # use nameplate::label::symbol::code39::Code39;
    /// assert!(Code39::parse("K7-P 1234").is_ok());
    /// assert!(Code39::parse("lower case").is_err());
    /// ```
    pub fn parse(text: &'d str) -> Result<Code39<'d>, SymbolError> {
        if text.is_empty() {
            return Err(SymbolError::Empty);
        }
        if text.len() > MAX_CHARACTERS {
            return Err(SymbolError::TooLong { found: text.chars().count(), limit: MAX_CHARACTERS });
        }
        match text.chars().find(|&c| !u8::try_from(c).is_ok_and(|byte| CHARACTERS.contains(&byte))) {
            Some(character) => Err(SymbolError::Character { character, symbology: "Code 39" }),
            None => Ok(Code39(text)),
        }
    }

    /// Modules from the first bar to the last: 16 a character with start and stop, less the last gap.
    pub fn module_count(&self) -> u32 {
        (small(self.0.len()) + 2) * MODULES_PER_CHARACTER - 1
    }

    /// Appends the bars from left to right.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = push_character(START_STOP, 0, bars);
        for byte in self.0.bytes() {
            let index = CHARACTERS.iter().position(|&c| c == byte).unwrap_or(0);
            at = push_character(WIDE_ELEMENTS[index], at, bars);
        }
        push_character(START_STOP, at, bars);
    }
}

/// Appends the five bars of a character and returns the position after the gap.
fn push_character(wide_elements: u16, at: u32, bars: &mut Vec<ModuleBar>) -> u32 {
    let widths: [u8; 9] = std::array::from_fn(|i| if wide_elements & (0x100 >> i) == 0 { 1 } else { WIDE });
    push_elements(&widths, at, false, bars) + 1
}

/// The characters in the order of their values (ISO/IEC 16388 annex A).
const CHARACTERS: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// Wide elements of `*`, which starts and ends the symbol.
const START_STOP: u16 = 0b010010100;

/// Which of the nine elements are wide; the highest of nine bits is the leftmost bar (ISO/IEC 16388 table 1).
#[rustfmt::skip]
const WIDE_ELEMENTS: [u16; 43] = [
    0b000110100, 0b100100001, 0b001100001, 0b101100000, 0b000110001, 0b100110000, 0b001110000, 0b000100101,
    0b100100100, 0b001100100, 0b100001001, 0b001001001, 0b101001000, 0b000011001, 0b100011000, 0b001011000,
    0b000001101, 0b100001100, 0b001001100, 0b000011100, 0b100000011, 0b001000011, 0b101000010, 0b000010011,
    0b100010010, 0b001010010, 0b000000111, 0b100000110, 0b001000110, 0b000010110, 0b110000001, 0b011000001,
    0b111000000, 0b010010001, 0b110010000, 0b011010000, 0b010000101, 0b110000100, 0b011000100, 0b010101000,
    0b010100010, 0b010001010, 0b000101010,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::symbol::read_back::{read, render_bars};
    use proptest::prelude::*;
    use rxing::BarcodeFormat;

    #[test]
    fn every_character_has_three_wide_elements_and_is_unlike_any_other() {
        for (i, &wide) in WIDE_ELEMENTS.iter().enumerate() {
            assert_eq!(wide.count_ones(), 3, "value {i}");
            assert!(!WIDE_ELEMENTS[..i].contains(&wide) && wide != START_STOP, "value {i}");
        }
    }

    #[test]
    fn a_character_takes_sixteen_modules() {
        let mut bars = Vec::new();
        let symbol = Code39::parse("A1").unwrap();
        symbol.push_bars(&mut bars);
        assert_eq!(symbol.module_count(), 4 * 16 - 1);
        assert_eq!(bars.last().map(|b| b.start + b.width), Some(63));
        assert_eq!(bars.len(), 20);
    }

    // Invariant: a reader that is not ours reads back every text of the 43 characters.
    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn symbols_read_back(text in "[0-9A-Z.$/+%-]([0-9A-Z. $/+%-]{0,18}[0-9A-Z.$/+%-])?") {
            let mut bars = Vec::new();
            let symbol = Code39::parse(&text).unwrap();
            symbol.push_bars(&mut bars);
            let found = read(render_bars(&bars, symbol.module_count(), 10), BarcodeFormat::CODE_39);
            prop_assert_eq!(found, Ok(text));
        }
    }

    #[test]
    fn what_cannot_be_carried_is_named() {
        assert_eq!(Code39::parse(""), Err(SymbolError::Empty));
        for character in ['a', '*', 'É', '\n'] {
            let error = Code39::parse(&format!("A{character}")).unwrap_err();
            assert_eq!(error, SymbolError::Character { character, symbology: "Code 39" });
        }
        assert_eq!(Code39::parse(&"A".repeat(41)), Err(SymbolError::TooLong { found: 41, limit: 40 }));
    }
}
