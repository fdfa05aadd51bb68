//! The two recursions of ISO/IEC 7064:2003 that its five systems here are made of.

/// Clause 7, pure systems: the residue of the body read in base `radix`, modulo `modulus`, before the check
/// characters' own place.
pub(super) fn pure_residue(body: &[u8], modulus: u32, radix: u32) -> u32 {
    body.iter().fold(0, |residue, &value| (residue + u32::from(value)) * radix % modulus)
}

/// Clause 8, hybrid systems MOD (M+1, M): the check value, below `modulus`, over M characters.
pub(super) fn hybrid_check(body: &[u8], modulus: u32) -> u8 {
    let product = body.iter().fold(modulus, |product, &value| {
        let sum = (product + u32::from(value)) % modulus;
        let sum = if sum == 0 { modulus } else { sum };
        sum * 2 % (modulus + 1)
    });
    ((modulus + 1 - product) % modulus).to_be_bytes()[3]
}

/// Check value of a pure system with one check character: what makes the whole congruent to 1.
pub(super) fn pure_check(body: &[u8], modulus: u32, radix: u32) -> u8 {
    ((modulus + 1 - pure_residue(body, modulus, radix)) % modulus).to_be_bytes()[3]
}
