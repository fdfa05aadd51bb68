//! The certificate of an approved proof: who approved what and when, in a file that can be checked without the server.
//!
//! As JSON it has one form only: [`SignedCertificate::verify`] writes what it has read once more and compares the bytes, so
//! that no byte can be another. As PDF it carries that JSON as an embedded file, and a last line that signs all bytes before
//! it ([`sealed`]).

use crate::trace::VerifyingKeys;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Names the form; a certificate of another form is not guessed at.
const FORMAT: &str = "nameplate-proof-certificate-1";
/// What is signed of a PDF begins with this, so that no signature of one form can stand for the other.
const SEAL: &str = "nameplate-proof-pdf-1";
/// A certificate has some kilobytes; whatever is longer is not one.
pub const MAX_CERTIFICATE_BYTES: usize = 1 << 20;

/// What was approved, by whom and when. The order of the members is part of the signed bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// `nameplate-proof-certificate-1`.
    pub format: String,
    /// The proof's name.
    pub proof: String,
    /// The approval's number in the records.
    pub approval: i64,
    /// When the last approval came that was needed, RFC 3339.
    pub approved_at: String,
    /// Whose and which product.
    pub product: CertifiedProduct,
    /// What the label is made of.
    pub label: CertifiedLabel,
    /// The labels that the approvers saw.
    pub samples: Vec<CertifiedSample>,
    /// Who approved, in order.
    pub signatures: Vec<CertifiedSignature>,
    /// Who vouches for this.
    pub issuer: CertifiedIssuer,
}

/// Whose and which product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedProduct {
    /// Product name on the label.
    pub name: String,
    /// Brand.
    pub brand: String,
    /// SKU code.
    pub sku: String,
    /// The SKU's revision.
    pub revision: Option<String>,
    /// GTIN, if it has one.
    pub gtin: Option<String>,
}

/// What the label is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedLabel {
    /// Template name.
    pub template: String,
    /// SHA-256 of the template's file.
    pub template_digest: String,
    /// Dots an inch of the printers.
    pub dpi: u32,
    /// Width in micrometres.
    pub width_um: i64,
    /// Height in micrometres.
    pub height_um: i64,
    /// Label stock and ribbon.
    pub stock: String,
    /// SHA-256 of everything that is the same on every label.
    pub artwork: String,
    /// Version of layout and renderers.
    pub layout_version: u32,
    /// The fields that the labels show, with their values; of a picture its SHA-256.
    pub fields: BTreeMap<String, String>,
    /// SHA-256 of each face in use, by its name.
    pub fonts: BTreeMap<String, String>,
}

/// A label that the approvers saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedSample {
    /// Its number.
    pub n: i64,
    /// What is special about it.
    pub name: String,
    /// Width in dots.
    pub width: i64,
    /// Height in dots.
    pub height: i64,
    /// SHA-256 of its dots.
    pub dots: String,
}

/// An approval by one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedSignature {
    /// The person's name.
    pub name: String,
    /// What the signature means: `approved`.
    pub meaning: String,
    /// When, RFC 3339.
    pub at: String,
    /// SHA-256 of the artwork that the person had before them.
    pub artwork: String,
    /// What the person wrote.
    pub comment: String,
}

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedIssuer {
    /// Which installation.
    pub database: String,
    /// The key's short name, as `nameplate receipt keys` lists it.
    pub key: String,
    /// The Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
}

/// A certificate with its signature: the content of the JSON file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedFile {
    /// What is vouched for.
    pub certificate: Certificate,
    /// Ed25519 (RFC 8032) in base64url (RFC 4648 section 5) without padding, over the format's name, a dot, and the
    /// certificate as JSON without any space.
    pub signature: String,
}

/// The JSON file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCertificate(String);

/// Why bytes are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Too long, not UTF-8, not JSON, or not these members.
    #[error("this is no proof certificate, or it was changed or damaged: {0}")]
    Unreadable(String),
    /// Another form.
    #[error("the certificate has the form {0:?}; this program reads {FORMAT}")]
    Format(String),
    /// It was written by something else than what signed it.
    #[error("the certificate was changed: it is not written as it was signed")]
    Rewritten,
    /// The public key in it is none, or its name is another's.
    #[error("the certificate was changed: the issuer's key in it is not a key, or not the one that it names")]
    Key,
    /// The signature does not match.
    #[error("the certificate was changed: its signature does not match")]
    Signature,
    /// The last line of a PDF is missing or is not what it must be.
    #[error("the PDF was changed or saved anew by another program: it does not end with its seal")]
    NoSeal,
    /// The bytes of the PDF are not those that were sealed.
    #[error("the PDF was changed: its seal does not match")]
    Seal,
}

impl CertifiedIssuer {
    /// The issuer with this key.
    #[must_use]
    pub fn new(database: &str, key: &SigningKey) -> Self {
        let key = key.verifying_key();
        Self {
            database: database.to_owned(),
            key: VerifyingKeys::key_id(&key),
            public_key: HEXLOWER.encode(key.as_bytes()),
        }
    }

    fn verifying_key(&self) -> Result<VerifyingKey, CertificateError> {
        let bytes = HEXLOWER.decode(self.public_key.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()).ok_or(CertificateError::Key)?;
        if VerifyingKeys::key_id(&key) == self.key { Ok(key) } else { Err(CertificateError::Key) }
    }
}

impl Certificate {
    /// The format's name, for whoever makes one.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    fn signed_bytes(&self) -> Result<Vec<u8>, CertificateError> {
        let mut bytes = format!("{FORMAT}.").into_bytes();
        serde_json::to_writer(&mut bytes, self).map_err(|e| CertificateError::Unreadable(e.to_string()))?;
        Ok(bytes)
    }
}

fn file_text(file: &CertifiedFile) -> Result<String, CertificateError> {
    let text = serde_json::to_string_pretty(file).map_err(|e| CertificateError::Unreadable(e.to_string()))?;
    Ok(text + "\n")
}

impl SignedCertificate {
    /// Signs a certificate whose issuer has this key. Ed25519 is deterministic: the same certificate gives the same text.
    ///
    /// # Errors
    /// [`CertificateError::Key`] if the certificate names another key.
    pub fn sign(certificate: Certificate, key: &SigningKey) -> Result<Self, CertificateError> {
        if certificate.issuer.verifying_key()? != key.verifying_key() {
            return Err(CertificateError::Key);
        }
        let signature = BASE64URL_NOPAD.encode(&key.sign(&certificate.signed_bytes()?).to_bytes());
        file_text(&CertifiedFile { certificate, signature }).map(Self)
    }

    /// Checks every byte, and answers what is certified. The key is the one that the certificate names: whose that is, is for
    /// the reader to know.
    ///
    /// # Errors
    /// [`CertificateError`] says what is wrong.
    pub fn verify(bytes: &[u8]) -> Result<Certificate, CertificateError> {
        if bytes.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::Unreadable(format!("it has more than {MAX_CERTIFICATE_BYTES} bytes")));
        }
        let file: CertifiedFile =
            serde_json::from_slice(bytes).map_err(|e| CertificateError::Unreadable(e.to_string()))?;
        if file.certificate.format != FORMAT {
            return Err(CertificateError::Format(file.certificate.format.chars().take(80).collect()));
        }
        let key = file.certificate.issuer.verifying_key()?;
        let signature = signature(&file.signature).ok_or(CertificateError::Signature)?;
        let signed = file.certificate.signed_bytes()?;
        key.verify_strict(&signed, &signature).map_err(|_| CertificateError::Signature)?;
        if file_text(&file)?.as_bytes() != bytes {
            return Err(CertificateError::Rewritten);
        }
        Ok(file.certificate)
    }

    /// The text to hand out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn signature(text: &str) -> Option<Signature> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| Signature::from_slice(&bytes).ok())
}

fn sealed_message(pdf: &[u8]) -> Vec<u8> {
    let mut message = format!("{SEAL}.").into_bytes();
    message.extend_from_slice(&Sha256::digest(pdf));
    message
}

/// A PDF with a last line, a comment for readers of PDF, that signs all bytes before it.
#[must_use]
pub fn sealed(mut pdf: Vec<u8>, key: &SigningKey) -> Vec<u8> {
    let signature = key.sign(&sealed_message(&pdf));
    pdf.extend_from_slice(format!("%{SEAL} {}\n", BASE64URL_NOPAD.encode(&signature.to_bytes())).as_bytes());
    pdf
}

/// Checks the seal of a PDF with the key of the certificate in it.
///
/// # Errors
/// [`CertificateError::NoSeal`], [`CertificateError::Seal`], [`CertificateError::Key`].
pub fn unsealed<'p>(pdf: &'p [u8], issuer: &CertifiedIssuer) -> Result<&'p [u8], CertificateError> {
    let head = format!("%{SEAL} ");
    // 64 bytes are 86 symbols.
    let start = pdf.len().checked_sub(head.len() + 86 + 1).ok_or(CertificateError::NoSeal)?;
    let (body, line) = pdf.split_at(start);
    let text = line.strip_prefix(head.as_bytes()).and_then(|rest| rest.strip_suffix(b"\n"));
    let text = text.and_then(|text| std::str::from_utf8(text).ok()).ok_or(CertificateError::NoSeal)?;
    let signature = signature(text).ok_or(CertificateError::NoSeal)?;
    let key = issuer.verifying_key()?;
    key.verify_strict(&sealed_message(body), &signature).map_err(|_| CertificateError::Seal)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn certificate() -> Certificate {
        let digest = "ab".repeat(32);
        Certificate {
            format: Certificate::format(),
            proof: "PRF-7K3M9XQ2".into(),
            approval: 57,
            approved_at: "2025-07-10T12:00:00Z".into(),
            product: CertifiedProduct {
                name: "Borealis Fjäll 35".into(),
                brand: "Borealis Optics".into(),
                sku: "NT-M2-BOR".into(),
                revision: Some("B".into()),
                gtin: None,
            },
            label: CertifiedLabel {
                template: "unit-60x40".into(),
                template_digest: digest.clone(),
                dpi: 203,
                width_um: 60_000,
                height_um: 40_000,
                stock: "PET".into(),
                artwork: digest.clone(),
                layout_version: 2,
                fields: [("brand.importer".to_owned(), "line 1\n\"line\" 2".to_owned())].into(),
                fonts: BTreeMap::new(),
            },
            samples: vec![CertifiedSample {
                n: 1,
                name: "typical".into(),
                width: 480,
                height: 320,
                dots: digest.clone(),
            }],
            signatures: vec![CertifiedSignature {
                name: "A. Lindqvist".into(),
                meaning: "approved".into(),
                at: "2025-07-10T12:00:00Z".into(),
                artwork: digest,
                comment: String::new(),
            }],
            issuer: CertifiedIssuer::new("d1", &key()),
        }
    }

    #[test]
    fn a_certificate_says_what_was_signed() {
        let signed = SignedCertificate::sign(certificate(), &key()).unwrap();
        assert_eq!(signed, SignedCertificate::sign(certificate(), &key()).unwrap());
        assert_eq!(SignedCertificate::verify(signed.as_str().as_bytes()), Ok(certificate()));
        let other = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(SignedCertificate::sign(certificate(), &other), Err(CertificateError::Key));
    }

    #[test]
    fn the_same_content_in_another_form_is_refused() {
        let signed = SignedCertificate::sign(certificate(), &key()).unwrap();
        let compact: serde_json::Value = serde_json::from_str(signed.as_str()).unwrap();
        for text in [compact.to_string(), format!("{} ", signed.as_str()), signed.as_str().replace("ä", "\\u00e4")] {
            let refused = SignedCertificate::verify(text.as_bytes());
            assert!(matches!(refused, Err(CertificateError::Rewritten | CertificateError::Unreadable(_))), "{text}");
        }
        for text in ["", "{}", "null", "%PDF-1.7", &"[".repeat(10_000)] {
            assert!(matches!(SignedCertificate::verify(text.as_bytes()), Err(CertificateError::Unreadable(_))));
        }
        let newer = signed.as_str().replace("certificate-1", "certificate-2");
        assert!(matches!(SignedCertificate::verify(newer.as_bytes()), Err(CertificateError::Format(_))));
    }

    #[test]
    fn who_signs_with_another_key_cannot_name_ours() {
        let other = SigningKey::from_bytes(&[8; 32]);
        let mut forged = certificate();
        forged.issuer.public_key = CertifiedIssuer::new("d1", &other).public_key;
        let text = file_text(&CertifiedFile {
            signature: BASE64URL_NOPAD.encode(&other.sign(&forged.signed_bytes().unwrap()).to_bytes()),
            certificate: forged,
        });
        assert_eq!(SignedCertificate::verify(text.unwrap().as_bytes()), Err(CertificateError::Key));
    }

    #[test]
    fn every_changed_byte_of_the_json_is_found() {
        let honest = SignedCertificate::sign(certificate(), &key()).unwrap().as_str().as_bytes().to_vec();
        for at in 0..honest.len() {
            for by in [0x01, 0x20, 0x80] {
                let mut forged = honest.clone();
                forged[at] ^= by;
                assert!(SignedCertificate::verify(&forged).is_err(), "byte {at} by {by:#x}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_changed_byte_of_a_pdf_is_found(
            pdf in prop::collection::vec(any::<u8>(), 0..300),
            at in any::<prop::sample::Index>(),
            by in 1_u8..=255,
        ) {
            let issuer = CertifiedIssuer::new("d1", &key());
            let honest = sealed(pdf.clone(), &key());
            prop_assert_eq!(unsealed(&honest, &issuer), Ok(&pdf[..]));
            let mut forged = honest.clone();
            forged[at.index(honest.len())] ^= by;
            prop_assert!(unsealed(&forged, &issuer).is_err());
            prop_assert!(unsealed(&honest[..honest.len() - 1], &issuer).is_err());
            prop_assert!(unsealed(&[&honest[..], b"\n"].concat(), &issuer).is_err());
        }
    }
}
