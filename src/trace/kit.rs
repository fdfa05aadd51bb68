//! A kit: all that a station needs to print a block of labels without the server, signed by the installation.

use super::receipt::VerifyingKeys;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names the format; a kit of another format is not guessed at.
const PREFIX: &str = "npk1";
/// Longest kit, in bytes: 500 serials, a template and a picture take far less.
pub const MAX_KIT_BYTES: usize = 16 << 20;

/// What a kit vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitBody {
    /// Its name: the lease of its labels.
    pub kit: String,
    /// Which database issued it.
    pub database: String,
    /// For which station.
    pub station: String,
    /// The print job that its labels belong to.
    pub job: String,
    /// The block of its serials.
    pub block: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: String,
    /// The proof of the reservation.
    pub receipt: String,
    /// The definition of the rule, as JSON: what serials look like. It does not tell which serial follows which.
    pub rule: String,
    /// The serials, in issuing order.
    pub serials: Vec<String>,
    /// Template name.
    pub template: String,
    /// SHA-256 of the template, in hexadecimal.
    pub template_digest: String,
    /// The template.
    pub template_source: String,
    /// What the labels show, the same on all of them.
    pub fields: BTreeMap<String, String>,
    /// Pictures, by their digest: the bytes of their files in base64 (RFC 4648 section 4).
    pub pictures: BTreeMap<String, String>,
    /// Fonts in use, with the SHA-256 of each.
    pub fonts: BTreeMap<String, String>,
    /// Dots an inch.
    pub dpi: u32,
    /// `zpl-native`, `zpl-graphic`, `pdf` or `png`.
    pub format: String,
    /// Darkness, 0 to 30.
    pub darkness: i64,
    /// Speed, inches a second.
    pub speed_in_per_s: i64,
    /// How far to the right everything is moved, in micrometres.
    pub offset_x_um: i64,
    /// How far down everything is moved, in micrometres.
    pub offset_y_um: i64,
    /// SHA-256 of all that is the same on every label: what was approved.
    pub artwork: String,
    /// When it was issued, microseconds since 1970 UTC.
    pub issued_us: i64,
    /// Which key signed.
    pub key: String,
}

/// Why a text is not a kit of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KitError {
    /// Not of the form `npk1.body.signature`.
    #[error("this is not a kit: a kit is npk1. and two parts separated by a dot")]
    Form,
    /// The body is not what a kit holds.
    #[error("the kit's content cannot be read: {0}")]
    Body(String),
    /// No key of ours has this id.
    #[error("the kit was signed with key {0}, which this station does not know")]
    UnknownKey(String),
    /// The signature does not match.
    #[error("the kit's signature is wrong: it was changed or damaged, or was not issued by this installation")]
    Signature,
}

impl KitBody {
    /// Signs it. The same kit and key give the same text.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        #[expect(clippy::expect_used, reason = "a struct of strings and integers always serialises")]
        let json = serde_json::to_vec(self).expect("a kit serialises");
        let mut text = format!("{PREFIX}.{}", BASE64URL_NOPAD.encode(&json));
        let signature = key.sign(text.as_bytes());
        text.push('.');
        BASE64URL_NOPAD.encode_append(&signature.to_bytes(), &mut text);
        text
    }

    /// Checks form and signature, and answers the kit.
    ///
    /// # Errors
    /// [`KitError`] says what is wrong.
    pub fn verify(text: &str, keys: &VerifyingKeys) -> Result<Self, KitError> {
        let text = text.trim();
        if text.len() > MAX_KIT_BYTES {
            return Err(KitError::Form);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(KitError::Form)?;
        let body = signed.strip_prefix(PREFIX).and_then(|s| s.strip_prefix('.')).ok_or(KitError::Form)?;
        let json = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| KitError::Form)?;
        let body: Self = serde_json::from_slice(&json).map_err(|e| KitError::Body(e.to_string()))?;
        let key = keys.get(&body.key).ok_or_else(|| KitError::UnknownKey(body.key.clone()))?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok();
        let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok()).ok_or(KitError::Form)?;
        key.verify(signed.as_bytes(), &signature).map_err(|_| KitError::Signature)?;
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(key: &SigningKey) -> KitBody {
        let text = || "x".to_owned();
        KitBody {
            kit: text(),
            database: text(),
            station: "fi-1".into(),
            job: text(),
            block: text(),
            sku: text(),
            batch: text(),
            receipt: text(),
            rule: text(),
            serials: vec!["07K3M9XQ2WNF".into()],
            template: text(),
            template_digest: text(),
            template_source: text(),
            fields: BTreeMap::new(),
            pictures: BTreeMap::new(),
            fonts: BTreeMap::new(),
            dpi: 203,
            format: "png".into(),
            darkness: 15,
            speed_in_per_s: 4,
            offset_x_um: 0,
            offset_y_um: 0,
            artwork: text(),
            issued_us: 0,
            key: VerifyingKeys::key_id(&key.verifying_key()),
        }
    }

    #[test]
    fn a_kit_is_what_was_signed_and_nothing_else() {
        let (ours, theirs) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let keys = VerifyingKeys::new([ours.verifying_key()]);
        let text = kit(&ours).sign(&ours);
        assert_eq!(KitBody::verify(&text, &keys), Ok(kit(&ours)));
        assert_eq!(KitBody::verify(&kit(&ours).sign(&theirs), &keys), Err(KitError::Signature));
        assert!(matches!(KitBody::verify(&kit(&theirs).sign(&theirs), &keys), Err(KitError::UnknownKey(_))));
        let other = KitBody { serials: vec!["0ZZ3M9XQ2W76".into()], ..kit(&ours) }.sign(&ours);
        let (signature, body) = (text.rsplit_once('.').unwrap().1, other.rsplit_once('.').unwrap().0);
        assert_eq!(KitBody::verify(&format!("{body}.{signature}"), &keys), Err(KitError::Signature));
        for text in ["", "npk1", "npk1..", "npr1.e30.AA"] {
            assert!(KitBody::verify(text, &keys).is_err(), "{text}");
        }
    }
}
