//! Check schemes: what makes a mistyped serial noticeable. One file a scheme, each with its guarantee.
//!
//! A scheme works on the *values* of the symbols before the check symbols; [`CheckCoder`] binds it to an
//! alphabet by tables.
//!
//! What goes undetected in 12 symbols of a 32-symbol alphabet, in percent (a test holds this table):
//!
//! | scheme | substitution | adjacent swap | jump swap | twin | 2 substitutions |
//! |---|---|---|---|---|---|
//! | Luhn modulo 32 | 0 | .20 | 100 | 2.2 | 3.2 |
//! | MOD 37-2 | 0 | 0 | 0 | 0 | 2.7 |
//! | MOD 37,36 | 0 | .14 | 1.9 | 2.0 | 2.9 |
//! | RS-1 | 0 | 0 | 0 | 0 | 3.2 |
//! | CRC-10 | 0 | 0 | 0 | 0 | .1 |
//! | GMN pair | 0 | 0 | 0 | 0 | .1 |
//! | **RS-2** | 0 | 0 | 0 | 0 | 0 |
//!
//! Only RS-2 also tells which symbol was wrong: up to 16 symbols each single slip has one correction.

mod crc10;
mod crockford_mod37;
mod damm;
mod gf32;
mod gmn_pair;
mod gs1_mod10;
mod iso7064;
mod luhn;
mod mod11_10;
mod mod11_2;
mod mod37_2;
mod mod37_36;
mod mod97_10;
#[cfg(test)]
mod probe;
mod rs1;
mod rs2;
mod verhoeff;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::serial::alphabet::{Alphabet, DIGITS, GS1_32};
use crate::serial::{MAX_SERIAL_LENGTH, SymbolSet};

/// A check scheme, as a rule names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckScheme {
    /// Two symbols of a Reed-Solomon code over GF(32), roots a and 1/a: the default.
    Rs2,
    /// One symbol of a Reed-Solomon code over GF(32).
    Rs1,
    /// CRC-10/CDMA2000 as two symbols of 32.
    Crc10,
    /// The GS1 check digit (weights 3 and 1, modulo 10).
    #[serde(rename = "gs1-mod10")]
    Gs1Mod10,
    /// GS1's check character pair of the Global Model Number (modulo 1021).
    GmnPair,
    /// Luhn modulo the size of the alphabet; over digits the well-known Luhn digit.
    Luhn,
    /// Verhoeff's dihedral check digit.
    Verhoeff,
    /// Damm's quasigroup check digit.
    Damm,
    /// ISO/IEC 7064 MOD 11-2: digits, check character 0-9 or X.
    #[serde(rename = "iso7064-mod11-2")]
    Mod11_2,
    /// ISO/IEC 7064 MOD 11,10: digits.
    #[serde(rename = "iso7064-mod11-10")]
    Mod11_10,
    /// ISO/IEC 7064 MOD 37-2: digits and capitals, check character also `*`.
    #[serde(rename = "iso7064-mod37-2")]
    Mod37_2,
    /// ISO/IEC 7064 MOD 37,36: digits and capitals.
    #[serde(rename = "iso7064-mod37-36")]
    Mod37_36,
    /// ISO/IEC 7064 MOD 97-10: digits, two check digits.
    #[serde(rename = "iso7064-mod97-10")]
    Mod97_10,
    /// Crockford's modulo 37 check symbol.
    CrockfordMod37,
    /// No check symbols: for adopting a format that has none.
    None,
}

/// Why a scheme cannot be used with an alphabet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The scheme works in a field or register of 32 values.
    #[error("check scheme {scheme} needs an alphabet of exactly 32 symbols, this one has {size}")]
    Needs32 {
        /// The scheme.
        scheme: CheckScheme,
        /// Symbols of the alphabet.
        size: usize,
    },
    /// Luhn's doubling is one-to-one for even sizes only.
    #[error("check scheme luhn needs an alphabet with an even number of symbols, this one has {size}")]
    NeedsEven {
        /// Symbols of the alphabet.
        size: usize,
    },
    /// Crockford's scheme belongs to his alphabet.
    #[error("check scheme crockford-mod37 needs the alphabet crockford32")]
    NeedsCrockford,
    /// A symbol that the scheme has no value for.
    #[error("check scheme {scheme} cannot count '{symbol}': it works on {allowed}")]
    NoValue {
        /// The scheme.
        scheme: CheckScheme,
        /// The symbol.
        symbol: char,
        /// What it works on.
        allowed: SymbolSet,
    },
}

impl CheckScheme {
    /// Every scheme, the default first.
    pub const ALL: [Self; 15] = [
        Self::Rs2,
        Self::Rs1,
        Self::Crc10,
        Self::Gs1Mod10,
        Self::GmnPair,
        Self::Luhn,
        Self::Verhoeff,
        Self::Damm,
        Self::Mod11_2,
        Self::Mod11_10,
        Self::Mod37_2,
        Self::Mod37_36,
        Self::Mod97_10,
        Self::CrockfordMod37,
        Self::None,
    ];

    /// How many symbols the scheme adds: 0 to 2.
    pub const fn symbols(self) -> usize {
        match self {
            Self::None => 0,
            Self::Rs2 | Self::Crc10 | Self::GmnPair | Self::Mod97_10 => 2,
            Self::Rs1
            | Self::Gs1Mod10
            | Self::Luhn
            | Self::Verhoeff
            | Self::Damm
            | Self::Mod11_2
            | Self::Mod11_10
            | Self::Mod37_2
            | Self::Mod37_36
            | Self::CrockfordMod37 => 1,
        }
    }

    /// What goes undetected, in a sentence for the person who chooses.
    pub const fn misses(self) -> &'static str {
        match self {
            Self::Rs2 => "Nothing with one or two wrong symbols; of three or more wrong symbols 1 in 1,000.",
            Self::Rs1 => "No single error, swap or doubled-symbol slip; of two independent errors 1 in 31.",
            Self::Crc10 | Self::GmnPair => {
                "No single error, swap or doubled-symbol slip; of two independent errors 1 in 1,000."
            }
            Self::Gs1Mod10 => {
                "No single wrong digit; neighbours that differ by 5 may be swapped unnoticed, and any two digits two places apart."
            }
            Self::Luhn => {
                "No single error; the first and the last symbol of the alphabet may be swapped unnoticed, and any two symbols two places apart."
            }
            Self::Verhoeff => "No single wrong digit or swap of neighbours; of other slips about 1 in 20.",
            Self::Damm => "No single wrong digit or swap of neighbours; of other slips about 1 in 10.",
            Self::Mod11_2 => "No single error, swap or doubled-digit slip; of two independent errors 1 in 11.",
            Self::Mod11_10 => "No single wrong digit; of swaps about 1 in 45.",
            Self::Mod37_2 | Self::CrockfordMod37 => {
                "No single error, swap or doubled-symbol slip; of two independent errors 1 in 37."
            }
            Self::Mod37_36 => "No single error; of swaps of neighbours 1 in 700, of two independent errors 1 in 35.",
            Self::Mod97_10 => "No single error, swap or doubled-digit slip; of two independent errors 1 in 97.",
            Self::None => "Every mistyped symbol that makes another possible serial: nothing is detected.",
        }
    }
}

/// The name a rule uses: `rs2`, `iso7064-mod37-2`.
impl fmt::Display for CheckScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The check symbols of one serial, 0 to 2 ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSymbols {
    bytes: [u8; 2],
    len: u8,
}

impl CheckSymbols {
    /// The ASCII bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// A scheme bound to an alphabet.
///
/// ```
/// # use nameplate::serial::{Alphabet, CheckCoder, CheckScheme};
/// let coder = CheckCoder::new(CheckScheme::Luhn, &Alphabet::digits())?;
/// assert_eq!(coder.compute(b"7992739871")?.as_bytes(), b"3");
/// assert!(coder.compute(b"79927x").is_err());
/// assert!(CheckCoder::new(CheckScheme::Rs2, &Alphabet::digits()).is_err());
/// # Ok::<(), nameplate::serial::CheckError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CheckCoder {
    scheme: CheckScheme,
    /// What may stand in the body.
    known: SymbolSet,
    /// Value of each body symbol; 0 for what is not known.
    values: [u8; 128],
    /// The check symbols in the order of their values.
    symbols: Vec<u8>,
    alphabet_size: u8,
}

impl CheckCoder {
    /// Binds `scheme` to `alphabet`.
    ///
    /// # Errors
    /// [`CheckError`] when the scheme needs another size of alphabet. Whether each symbol has a value is a
    /// matter of what stands in the body: see [`CheckCoder::known`] and [`CheckCoder::accepts`].
    pub fn new(scheme: CheckScheme, alphabet: &Alphabet) -> Result<Self, CheckError> {
        use CheckScheme as S;
        let size = alphabet.size();
        match scheme {
            S::Rs2 | S::Rs1 | S::Crc10 if size != 32 => return Err(CheckError::Needs32 { scheme, size }),
            S::Luhn if size % 2 == 1 => return Err(CheckError::NeedsEven { size }),
            S::CrockfordMod37 if *alphabet != Alphabet::crockford32() => return Err(CheckError::NeedsCrockford),
            _ => {}
        }
        let (valued, symbols): (&[u8], &[u8]) = match scheme {
            S::Rs2 | S::Rs1 | S::Crc10 | S::Luhn => (alphabet.symbols(), alphabet.symbols()),
            S::Gs1Mod10 | S::Verhoeff | S::Damm | S::Mod11_10 | S::Mod97_10 => (DIGITS, DIGITS),
            S::Mod11_2 => (DIGITS, mod11_2::SYMBOLS),
            S::Mod37_2 => (mod37_36::SYMBOLS, mod37_2::SYMBOLS),
            S::Mod37_36 => (mod37_36::SYMBOLS, mod37_36::SYMBOLS),
            S::CrockfordMod37 => (alphabet.symbols(), crockford_mod37::SYMBOLS),
            S::GmnPair => (gmn_pair::CHARACTER_SET_82, GS1_32),
            S::None => (&[], &[]),
        };
        let mut values = [0; 128];
        for (value, &symbol) in (0_u8..).zip(valued) {
            values[usize::from(symbol)] = value;
        }
        let known = SymbolSet::of(valued);
        Ok(Self { scheme, known, values, symbols: symbols.to_vec(), alphabet_size: alphabet.radix() })
    }

    /// The scheme.
    pub fn scheme(&self) -> CheckScheme {
        self.scheme
    }

    /// The symbols that the scheme has a value for. [`CheckScheme::None`] counts none and needs none.
    pub fn known(&self) -> SymbolSet {
        self.known
    }

    /// What may stand at a check symbol's place; not always symbols of the alphabet.
    pub fn check_set(&self) -> SymbolSet {
        SymbolSet::of(&self.symbols)
    }

    /// Whether the scheme can count everything in `symbols`.
    ///
    /// # Errors
    /// [`CheckError::NoValue`] with the first symbol that it cannot.
    pub fn accepts(&self, symbols: SymbolSet) -> Result<(), CheckError> {
        match symbols.iter().find(|&symbol| !self.known.contains(symbol)) {
            Some(symbol) if self.scheme != CheckScheme::None => {
                Err(CheckError::NoValue { scheme: self.scheme, symbol: symbol.into(), allowed: self.known })
            }
            _ => Ok(()),
        }
    }

    /// The check symbols of a body of at most 32 ASCII symbols, exactly as written (no folding).
    ///
    /// # Errors
    /// [`CheckError::NoValue`] for a symbol without a value, also for what follows the 32nd.
    pub fn compute(&self, body: &[u8]) -> Result<CheckSymbols, CheckError> {
        let allowed = self.known;
        for (place, &symbol) in body.iter().enumerate() {
            if self.scheme != CheckScheme::None && (!allowed.contains(symbol) || place >= MAX_SERIAL_LENGTH) {
                return Err(CheckError::NoValue { scheme: self.scheme, symbol: symbol.into(), allowed });
            }
        }
        Ok(self.compute_known(body))
    }

    /// [`Self::compute`] for a body that a rule has already vouched for: 32 known symbols at most.
    pub(super) fn compute_known(&self, body: &[u8]) -> CheckSymbols {
        use CheckScheme as S;
        let mut values = [0; MAX_SERIAL_LENGTH];
        let length = body.len().min(MAX_SERIAL_LENGTH);
        for (value, &symbol) in values.iter_mut().zip(body) {
            *value = self.values[usize::from(symbol & 127)];
        }
        let values = &values[..length];
        match self.scheme {
            S::Rs2 => self.two(rs2::check(values)),
            S::Rs1 => self.one(rs1::check(values)),
            S::Crc10 => self.two(crc10::check(values)),
            S::Gs1Mod10 => self.one(gs1_mod10::check(values)),
            S::GmnPair => self.two(gmn_pair::check(values)),
            S::Luhn => self.one(luhn::check(values, self.alphabet_size)),
            S::Verhoeff => self.one(verhoeff::check(values)),
            S::Damm => self.one(damm::check(values)),
            S::Mod11_2 => self.one(mod11_2::check(values)),
            S::Mod11_10 => self.one(mod11_10::check(values)),
            S::Mod37_2 => self.one(mod37_2::check(values)),
            S::Mod37_36 => self.one(mod37_36::check(values)),
            S::Mod97_10 => self.two(mod97_10::check(values)),
            S::CrockfordMod37 => self.one(crockford_mod37::check(values)),
            S::None => CheckSymbols { bytes: [0; 2], len: 0 },
        }
    }

    fn one(&self, value: u8) -> CheckSymbols {
        CheckSymbols { bytes: [self.symbols[usize::from(value)], 0], len: 1 }
    }

    fn two(&self, [first, second]: [u8; 2]) -> CheckSymbols {
        CheckSymbols { bytes: [self.symbols[usize::from(first)], self.symbols[usize::from(second)]], len: 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_adds_as_many_symbols_as_it_says_and_round_trips_its_name() {
        for scheme in CheckScheme::ALL {
            let coder = CheckCoder::new(scheme, &Alphabet::crockford32()).unwrap();
            assert_eq!(coder.compute(b"0123456").unwrap().as_bytes().len(), scheme.symbols(), "{scheme}");
            let name = scheme.to_string();
            assert_eq!(serde_json::from_str::<CheckScheme>(&format!("\"{name}\"")).unwrap(), scheme);
        }
    }

    /// The table on top of this file, by sampling (the zeros are proved in the files of the schemes).
    #[test]
    fn the_table_of_undetected_errors_is_right() {
        use probe::{Error, Probe};
        let table = [
            (CheckScheme::Luhn, [0.20, 100.0, 2.2, 3.2]),
            (CheckScheme::Mod37_2, [0.0, 0.0, 0.0, 2.7]),
            (CheckScheme::Mod37_36, [0.14, 1.9, 2.0, 2.9]),
            (CheckScheme::Rs1, [0.0, 0.0, 0.0, 3.2]),
            (CheckScheme::Crc10, [0.0, 0.0, 0.0, 0.1]),
            (CheckScheme::GmnPair, [0.0, 0.0, 0.0, 0.1]),
            (CheckScheme::Rs2, [0.0, 0.0, 0.0, 0.0]),
        ];
        let errors = [Error::AdjacentSwap, Error::JumpSwap, Error::Twin, Error::DoubleSubstitution];
        for (scheme, row) in table {
            let alphabet = if scheme == CheckScheme::GmnPair { Alphabet::gs1_32() } else { Alphabet::crockford32() };
            let probe = Probe::new(scheme, alphabet);
            for (error, expected) in errors.into_iter().zip(row) {
                let percent = 100.0 * probe.missed(12, 40_000, error);
                let tolerance = if expected == 0.0 { 0.0 } else { 0.05 + expected / 8.0 };
                assert!((percent - expected).abs() <= tolerance, "{scheme} {error:?}: {percent:.2} for {expected}");
            }
        }
    }

    #[test]
    fn wrong_combinations_say_what_is_needed() {
        let error = |scheme, alphabet: &Alphabet| CheckCoder::new(scheme, alphabet).unwrap_err().to_string();
        assert_eq!(
            error(CheckScheme::Rs2, &Alphabet::digits()),
            "check scheme rs2 needs an alphabet of exactly 32 symbols, this one has 10"
        );
        let odd = Alphabet::custom("ABC").unwrap();
        assert!(error(CheckScheme::Luhn, &odd).contains("even"));
        assert!(error(CheckScheme::CrockfordMod37, &Alphabet::gs1_32()).contains("crockford32"));
        let damm = CheckCoder::new(CheckScheme::Damm, &Alphabet::crockford32()).unwrap();
        assert_eq!(
            damm.accepts(Alphabet::crockford32().set()).unwrap_err().to_string(),
            "check scheme damm cannot count 'A': it works on 0-9"
        );
        assert!(damm.accepts(Alphabet::digits().set()).is_ok());
        assert!(damm.compute(b"12A4").is_err());
    }
}
