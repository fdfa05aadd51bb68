//! Check codewords: remainders of polynomials over GF(256) (ISO/IEC 18004 clause 7.5.2).

/// Up to 32 coefficients in four words; the highest coefficient is the highest byte of the first word.
type Coefficients = [u64; 4];

/// A generator polynomial, with all its 256 multiples.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    /// Check codewords, which is the polynomial's degree.
    degree: usize,
    multiples: Vec<Coefficients>,
}

impl Generator {
    /// The product of `(x - 2^i)` for `i` from 0 below the degree, which is at most 32.
    pub(super) fn new(degree: usize) -> Generator {
        let mut coefficients = [0_u8; 32];
        coefficients[degree - 1] = 1;
        let mut root = 1;
        for _ in 0..degree {
            for i in 0..degree {
                let next = if i + 1 < degree { coefficients[i + 1] } else { 0 };
                coefficients[i] = multiply(coefficients[i], root) ^ next;
            }
            root = multiply(root, 2);
        }
        let mut multiples = vec![[0; 4]; 256];
        for bit in 0..8 {
            let power = 1 << bit;
            multiples[power] = packed(&coefficients);
            for rest in 1..power {
                multiples[power + rest] = add(multiples[power], multiples[rest]);
            }
            coefficients = coefficients.map(|c| multiply(c, 2));
        }
        Generator { degree, multiples }
    }

    /// The remainder of a block's data codewords.
    pub(super) fn remainder(&self, data: &[u8]) -> Coefficients {
        let mut rest: Coefficients = [0; 4];
        for &codeword in data {
            let lead = usize::from(codeword ^ rest[0].to_be_bytes()[0]);
            let shifted = [
                rest[0] << 8 | rest[1] >> 56,
                rest[1] << 8 | rest[2] >> 56,
                rest[2] << 8 | rest[3] >> 56,
                rest[3] << 8,
            ];
            rest = add(shifted, self.multiples[lead]);
        }
        rest
    }

    /// Appends a remainder as codewords.
    pub(super) fn push_codewords(&self, remainder: Coefficients, codewords: &mut Vec<u8>) {
        codewords.extend(remainder.iter().flat_map(|word| word.to_be_bytes()).take(self.degree));
    }
}

fn add(a: Coefficients, b: Coefficients) -> Coefficients {
    std::array::from_fn(|i| a[i] ^ b[i])
}

fn packed(coefficients: &[u8; 32]) -> Coefficients {
    std::array::from_fn(|word| coefficients[8 * word..][..8].iter().fold(0, |sum, &c| sum << 8 | u64::from(c)))
}

/// The product modulo x^8 + x^4 + x^3 + x^2 + 1.
fn multiply(a: u8, b: u8) -> u8 {
    let mut product = 0;
    for bit in (0..8).rev() {
        product = (product << 1) ^ if product & 0x80 == 0 { 0 } else { 0x1D };
        if b & (1 << bit) != 0 {
            product ^= a;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codewords_of_the_example_in_the_standard() {
        // ISO/IEC 18004 annex I.2: "01234567" as version 1-M.
        let data = [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11];
        let generator = Generator::new(10);
        let mut codewords = Vec::new();
        generator.push_codewords(generator.remainder(&data), &mut codewords);
        assert_eq!(codewords, [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]);
    }

    #[test]
    fn codewords_are_those_of_another_encoder_for_every_degree() {
        for degree in 7..=30 {
            let data: Vec<u8> = (0..100_u8).map(|i| i.wrapping_mul(37) ^ 0x5A).collect();
            let generator = Generator::new(degree);
            let mut codewords = Vec::new();
            generator.push_codewords(generator.remainder(&data), &mut codewords);
            if [7, 10, 13, 15, 16, 17, 18, 20, 22, 24, 26, 28, 30].contains(&degree) {
                assert_eq!(codewords, qrcode::ec::create_error_correction_code(&data, degree), "{degree}");
            }
        }
    }
}
