//! A receipt: what a station keeps as proof that a block is its own, checkable without the server.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Names the format; a receipt of another format is not guessed at.
const PREFIX: &str = "npr1";

/// A receipt is a few hundred bytes; whatever is longer is not one.
const MAX_LEN: usize = 4_096;

/// The facts that a receipt vouches for. The field order is part of the signed bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// Which database issued the block.
    pub database: String,
    /// The block's public name.
    pub block: String,
    /// Which counter the ordinals belong to: SHA-256 over rule and context, in hex.
    pub series: String,
    /// First ordinal.
    pub first: u64,
    /// Last ordinal, part of the block.
    pub last: u64,
    /// The first serial, as printed without separators.
    pub first_serial: String,
    /// The last serial in issuing order.
    pub last_serial: String,
    /// SKU code.
    pub sku: String,
    /// Batch code.
    pub batch: String,
    /// The station that asked.
    pub station: String,
    /// The block's place in the audit chain.
    pub audit_seq: u64,
    /// When it was reserved, microseconds since 1970 UTC.
    pub created_us: i64,
    /// Which key signed: see [`key_id`](VerifyingKeys::key_id).
    pub key: String,
}

/// A signed receipt as text: `npr1.<body>.<signature>`, both parts base64url (RFC 4648 section 5) without padding.
///
/// The body is JSON; the Ed25519 signature (RFC 8032) is over the bytes before the last dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(String);

/// Why a text is not a receipt of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not of the form `npr1.body.signature`.
    #[error("this is not a receipt: a receipt is npr1. and two parts separated by a dot")]
    Form,
    /// The body is not what a receipt holds.
    #[error("the receipt's content cannot be read: {0}")]
    Body(String),
    /// No key of ours has this id.
    #[error("the receipt was signed with key {0}, which this installation does not have")]
    UnknownKey(String),
    /// The signature does not match: the receipt was changed, or is not ours.
    #[error("the receipt's signature is wrong: it was changed or damaged, or was not issued here")]
    Signature,
}

impl Receipt {
    /// Signs the facts. Ed25519 is deterministic: the same facts and key give the same text.
    #[must_use]
    pub fn sign(body: &ReceiptBody, key: &SigningKey) -> Self {
        #[expect(clippy::expect_used, reason = "a struct of strings and integers always serialises")]
        let json = serde_json::to_vec(body).expect("receipt body serialises");
        let mut text = format!("{PREFIX}.{}", BASE64URL_NOPAD.encode(&json));
        let signature = key.sign(text.as_bytes());
        text.push('.');
        BASE64URL_NOPAD.encode_append(&signature.to_bytes(), &mut text);
        Self(text)
    }

    /// Checks form and signature, and answers the facts.
    ///
    /// # Errors
    /// [`ReceiptError`] says which of the two is wrong.
    pub fn verify(text: &str, keys: &VerifyingKeys) -> Result<ReceiptBody, ReceiptError> {
        let text = text.trim();
        if text.len() > MAX_LEN {
            return Err(ReceiptError::Form);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(ReceiptError::Form)?;
        let body = signed.strip_prefix(PREFIX).and_then(|s| s.strip_prefix('.')).ok_or(ReceiptError::Form)?;
        let json = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| ReceiptError::Form)?;
        let body: ReceiptBody = serde_json::from_slice(&json).map_err(|e| ReceiptError::Body(e.to_string()))?;
        let key = keys.get(&body.key).ok_or_else(|| ReceiptError::UnknownKey(body.key.clone()))?;
        let signature = BASE64URL_NOPAD
            .decode(signature.as_bytes())
            .ok()
            .and_then(|bytes| Signature::from_slice(&bytes).ok())
            .ok_or(ReceiptError::Form)?;
        key.verify(signed.as_bytes(), &signature).map_err(|_| ReceiptError::Signature)?;
        Ok(body)
    }

    /// The text to hand out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The public keys whose receipts count as ours: the current one and those before it.
#[derive(Debug, Clone, Default)]
pub struct VerifyingKeys(Vec<(String, VerifyingKey)>);

impl VerifyingKeys {
    /// Knows these keys.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        Self(keys.into_iter().map(|key| (Self::key_id(&key), key)).collect())
    }

    /// A key's name: the first 8 bytes of the SHA-256 of the public key, in hex.
    #[must_use]
    pub fn key_id(key: &VerifyingKey) -> String {
        Sha256::digest(key.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    pub(super) fn get(&self, id: &str) -> Option<&VerifyingKey> {
        self.0.iter().find(|(known, _)| known == id).map(|(_, key)| key)
    }

    /// Each key's id and its 32 bytes in hex, as published for stations that check receipts offline.
    pub fn published(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.0.iter().map(|(id, key)| (id.clone(), key.as_bytes().iter().map(|b| format!("{b:02x}")).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(key: &SigningKey) -> ReceiptBody {
        ReceiptBody {
            database: "d1".into(),
            block: "BLK-0000000000000000".into(),
            series: "ab".into(),
            first: 0,
            last: 9,
            first_serial: "07K3M9XQ2WNF".into(),
            last_serial: "0ZZ3M9XQ2W76".into(),
            sku: "BO-M2-25".into(),
            batch: "2026-W45".into(),
            station: "fi-1".into(),
            audit_seq: 3,
            created_us: 1_700_000_000_000_000,
            key: VerifyingKeys::key_id(&key.verifying_key()),
        }
    }

    #[test]
    fn a_receipt_says_what_was_signed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let receipt = Receipt::sign(&body(&key), &key);
        assert_eq!(receipt, Receipt::sign(&body(&key), &key));
        let keys = VerifyingKeys::new([key.verifying_key()]);
        assert_eq!(Receipt::verify(receipt.as_str(), &keys), Ok(body(&key)));
    }

    #[test]
    fn foreign_and_malformed_receipts_are_told_apart() {
        let (ours, theirs) = (SigningKey::from_bytes(&[7; 32]), SigningKey::from_bytes(&[8; 32]));
        let keys = VerifyingKeys::new([ours.verifying_key()]);
        let foreign = Receipt::sign(&body(&theirs), &theirs);
        assert!(matches!(Receipt::verify(foreign.as_str(), &keys), Err(ReceiptError::UnknownKey(_))));
        let forged = Receipt::sign(&body(&ours), &theirs);
        assert_eq!(Receipt::verify(forged.as_str(), &keys), Err(ReceiptError::Signature));
        for text in ["", "npr1", "npr1..", "npr2.e30.AA", "SN 07K3M9XQ2WNF", &"x".repeat(10_000)] {
            assert!(matches!(Receipt::verify(text, &keys), Err(ReceiptError::Form | ReceiptError::Body(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_changed_byte_passes(position in 0_usize..600, replacement in "[A-Za-z0-9_-]") {
            let key = SigningKey::from_bytes(&[7; 32]);
            let keys = VerifyingKeys::new([key.verifying_key()]);
            let honest = Receipt::sign(&body(&key), &key).to_string();
            let position = position % honest.len();
            let mut forged = honest.clone();
            forged.replace_range(position..=position, &replacement);
            prop_assume!(forged != honest);
            prop_assert!(Receipt::verify(&forged, &keys).is_err());
        }
    }
}
