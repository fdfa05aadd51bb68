//! Arithmetic in the field of 32 elements: polynomials over GF(2) modulo x^5 + x^2 + 1, five bits an element.

/// The primitive polynomial x^5 + x^2 + 1; its root, the element 2, is called *a* and has order 31.
const MODULUS: u8 = 0x25;

/// The order of the multiplicative group.
pub(super) const ORDER: usize = 31;

/// Product of two elements.
pub(super) const fn multiply(left: u8, right: u8) -> u8 {
    let (mut left, mut right, mut product) = (left & 31, right & 31, 0);
    while right > 0 {
        if right & 1 == 1 {
            product ^= left;
        }
        left <<= 1;
        if left & 32 != 0 {
            left ^= MODULUS;
        }
        right >>= 1;
    }
    product
}

/// a to the power of `exponent`.
pub(super) const fn power(exponent: usize) -> u8 {
    let (mut result, mut left) = (1, exponent % ORDER);
    while left > 0 {
        result = multiply(result, 2);
        left -= 1;
    }
    result
}

/// The products of every element with `factor`.
pub(super) const fn multiples_of(factor: u8) -> [u8; 32] {
    let mut table = [0; 32];
    let (mut index, mut element) = (0, 0);
    while index < 32 {
        table[index] = multiply(element, factor);
        index += 1;
        element += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_field_and_a_generates_it() {
        for x in 0..32 {
            assert_eq!(multiply(x, 1), x);
            for y in 0..32 {
                assert_eq!(multiply(x, y), multiply(y, x));
                assert_eq!(multiply(x, y) == 0, x == 0 || y == 0, "no zero divisors");
                for z in [3, 7, 29] {
                    assert_eq!(multiply(x, multiply(y, z)), multiply(multiply(x, y), z));
                    assert_eq!(multiply(x, y ^ z), multiply(x, y) ^ multiply(x, z));
                }
            }
        }
        let mut powers: Vec<u8> = (0..ORDER).map(power).collect();
        powers.sort_unstable();
        assert_eq!(powers, (1..32).collect::<Vec<u8>>());
    }
}
