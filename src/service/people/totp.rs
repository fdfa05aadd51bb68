//! One-time codes from a phone: TOTP (RFC 6238) with HMAC-SHA-1, six digits, steps of 30 seconds, as every authenticator
//! app has them.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a step.
pub const STEP_S: i64 = 30;
/// How many steps a phone's clock may be off, either way.
const DRIFT: i64 = 1;

/// The code of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    // RFC 4226 section 5.3: the last four bits say where the number begins.
    let at = usize::from(hash[19] & 0x0f);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The step whose code this is, around a moment and after the last step that was used.
#[must_use]
pub fn step_of(secret: &[u8], given: &str, now_s: i64, used: i64) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let now = now_s.div_euclid(STEP_S);
    let steps = (now - DRIFT..=now + DRIFT).filter(|step| *step > used);
    let mut found = None;
    for step in steps {
        // All are compared, each in the same time.
        if bool::from(subtle::ConstantTimeEq::ct_eq(code(secret, step).as_bytes(), given.as_bytes())) {
            found = found.or(Some(step));
        }
    }
    found
}

/// The address that an authenticator app reads from a QR code (Key URI Format).
#[must_use]
pub fn key_uri(secret: &[u8], account: &str) -> String {
    let secret = data_encoding::BASE32_NOPAD.encode(secret);
    let plain = |c: char| c.is_ascii_alphanumeric() || "@.-_".contains(c);
    let account: String = account.chars().filter(|c| plain(*c)).collect();
    format!("otpauth://totp/nameplate:{account}?secret={secret}&issuer=nameplate")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        for (at_s, eight_digits) in
            [(59, "94287082"), (1_111_111_109, "07081804"), (1_234_567_890, "89005924"), (20_000_000_000, "65353130")]
        {
            assert_eq!(code(SECRET, at_s / STEP_S), eight_digits[2..]);
        }
    }

    #[test]
    fn a_code_is_taken_once_and_within_a_step_of_its_time() {
        let now_s = 1_111_111_109;
        let step = now_s / STEP_S;
        let taken = |given: &str, at_s: i64, used: i64| step_of(SECRET, given, at_s, used);
        assert_eq!(taken("081804", now_s, 0), Some(step));
        assert_eq!(taken("081 804", now_s, 0), Some(step), "as apps show it");
        assert_eq!(taken("081804", now_s + 30, 0), Some(step));
        assert_eq!(taken("081804", now_s + 60, 0), None);
        assert_eq!(taken("081804", now_s - 60, 0), None);
        assert_eq!(taken("081804", now_s, step), None, "used already");
        for wrong in ["081805", "", "08180", "0818044", "------"] {
            assert_eq!(taken(wrong, now_s, 0), None);
        }
    }

    #[test]
    fn the_key_uri_holds_no_more_than_it_should() {
        let uri = key_uri(SECRET, "a b&secret=x@b.example");
        assert_eq!(
            uri,
            "otpauth://totp/nameplate:absecretx@b.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=nameplate"
        );
    }
}
