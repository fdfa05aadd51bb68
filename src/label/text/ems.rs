//! Lengths as parts of the type size, so that faces with different units can be added.

use crate::label::units::Um;

/// Parts of an em: fine enough that a metre of runs is not a micrometre off.
const PARTS: i64 = 1 << 24;

/// A length in 2^-24 of the type size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ems(i64);

impl Ems {
    /// A length in font units.
    pub fn of(font_units: i64, per_em: u16) -> Ems {
        Ems((font_units * PARTS).div_euclid(i64::from(per_em.max(1))))
    }

    /// Its length at a type size, to the nearest micrometre.
    pub fn at(self, size: Um) -> Um {
        let um = (i128::from(self.0) * i128::from(size.0) + i128::from(PARTS / 2)).div_euclid(i128::from(PARTS));
        narrow(i64::try_from(um).unwrap_or(i64::MAX))
    }
}

impl std::ops::Add for Ems {
    type Output = Ems;
    fn add(self, other: Ems) -> Ems {
        Ems(self.0.saturating_add(other.0))
    }
}

/// Brings a length back to 32 bits; what is far longer than any label stays so.
pub fn narrow(um: i64) -> Um {
    const FAR: i64 = 1 << 29;
    Um(i32::try_from(um.clamp(-FAR, FAR)).unwrap_or(0))
}
