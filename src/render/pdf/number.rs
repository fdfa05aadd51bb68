//! Decimal numbers in content streams, without floating point and without memory of their own.

/// Appends a whole number.
pub fn push_whole(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends `value / 10^decimals` without trailing zeros (`1.5`, `-0.25`, `3`).
pub fn push_fixed(value: i64, decimals: u32, out: &mut Vec<u8>) {
    let unit = 10_i64.pow(decimals);
    if value < 0 {
        out.push(b'-');
    }
    let value = value.abs();
    push_whole(value / unit, out);
    let mut rest = value % unit;
    if rest == 0 {
        return;
    }
    out.push(b'.');
    let mut place = unit / 10;
    while rest > 0 {
        out.push(b'0' + u8::try_from(rest / place).unwrap_or(0));
        rest %= place;
        place /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(value: i64, decimals: u32) -> String {
        let mut out = Vec::new();
        push_fixed(value, decimals, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn trailing_zeros_are_left_out() {
        assert_eq!(fixed(0, 4), "0");
        assert_eq!(fixed(-2500, 4), "-0.25");
        assert_eq!(fixed(10_000, 4), "1");
        assert_eq!(fixed(10_010, 4), "1.001");
    }

    // Invariant: what is written reads back as the same number.
    proptest! {
        #[test]
        fn numbers_read_back(value in -1_000_000_000_000_i64..1_000_000_000_000, decimals in 0_u32..7) {
            let text = fixed(value, decimals);
            let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
            let padded = format!("{whole}{fraction:0<width$}", width = usize::try_from(decimals).unwrap());
            prop_assert_eq!(padded.parse::<i64>().unwrap(), value.abs());
            prop_assert_eq!(text.starts_with('-'), value < 0);
            prop_assert!(!fraction.ends_with('0'));
        }
    }
}
