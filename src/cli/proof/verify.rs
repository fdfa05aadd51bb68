//! `nameplate proof verify`: checks a certificate without a server and without an installation.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::installation::read_bytes;
use crate::cli::output::{field, stdout, visible};
use crate::render::pdf::attached;
use crate::render::png::{dots_digest, dots_of};
use crate::trace::{Certificate, CertificateError, SignedCertificate, unsealed};
use data_encoding::HEXLOWER;
use std::io::{self, Write};
use std::path::PathBuf;

/// A certificate as PDF has some hundred kilobytes.
const LONGEST_FILE: u64 = 16 << 20;

/// Checks a proof certificate, PDF or JSON, offline: every byte of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It says who signed what and when, and with which key. A key proves nothing by itself: have the maker tell you
theirs once (`nameplate receipt keys` prints it), and name it with --key. With --sample it also looks whether a
picture is one of those that the approvers saw. Exit status 1 if anything was changed.

Examples:
  nameplate proof verify certificate.pdf
  nameplate proof verify certificate.json --sample PRF-0123ABCD-1.png
  nameplate proof verify certificate.pdf --key 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")]
pub(super) struct Args {
    /// Certificate; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Picture of a sample, as `nameplate proof samples` writes it; can be given many times
    #[arg(long, value_name = "PNG")]
    sample: Vec<PathBuf>,
    /// The issuer's public key in hex, as printed by `nameplate receipt keys`; can be given many times
    #[arg(long, value_name = "HEX")]
    key: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Why a certificate is not good, though it may be whole.
type Verdict = Result<Certificate, String>;

impl Args {
    pub(super) fn run(self) -> Outcome {
        let keys: Vec<String> = self.key.iter().map(|key| key.trim().to_ascii_lowercase()).collect();
        let is_key = |key: &String| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !keys.iter().all(is_key) {
            let problem = "--key takes the 64 hexadecimal digits that `nameplate receipt keys` prints";
            return Err(Failure::Usage(problem.into()));
        }
        let bytes = read_bytes(&self.file, LONGEST_FILE)?;
        let mut verdict =
            certificate_in(&bytes).map_err(|error| error.to_string()).and_then(|found| pinned(found, &keys));
        let mut samples = Vec::new();
        if let Ok(certificate) = &verdict {
            for path in &self.sample {
                let found = sample_of(certificate, &read_bytes(path, LONGEST_FILE)?);
                samples.push((path.display().to_string(), found));
            }
        }
        if let Some((path, _)) = samples.iter().find(|(_, found)| found.is_none()) {
            verdict = Err(format!("{path} is none of the pictures that the approvers saw"));
        }
        let mut out = stdout();
        match (&verdict, self.json) {
            (Ok(certificate), true) => {
                let json = serde_json::json!({ "ok": true, "certificate": certificate });
                writeln!(out, "{json}")?;
            }
            (Err(why), true) => writeln!(out, "{}", serde_json::json!({ "ok": false, "message": why }))?,
            (Ok(certificate), false) => {
                print(&mut out, certificate, !keys.is_empty())?;
                for (path, found) in &samples {
                    field(&mut out, 1, "picture", Some(format!("{path} is {}", found.clone().unwrap_or_default())))?;
                }
            }
            (Err(why), false) => writeln!(out, "not good: {}", visible(why))?,
        }
        out.flush()?;
        if verdict.is_ok() { Ok(()) } else { Err(Failure::Found) }
    }
}

/// The certificate in a file, PDF or JSON.
fn certificate_in(bytes: &[u8]) -> Result<Certificate, CertificateError> {
    if !bytes.starts_with(b"%PDF-") {
        return SignedCertificate::verify(bytes);
    }
    let missing = || CertificateError::Unreadable("the PDF holds no certificate".to_owned());
    let certificate = SignedCertificate::verify(attached(bytes).ok_or_else(missing)?)?;
    unsealed(bytes, &certificate.issuer)?;
    Ok(certificate)
}

fn pinned(certificate: Certificate, keys: &[String]) -> Verdict {
    let own = &certificate.issuer.public_key;
    if keys.is_empty() || keys.contains(own) {
        return Ok(certificate);
    }
    Err(format!("it was signed with another key than the one that was named: {own}"))
}

/// Which sample a picture is.
fn sample_of(certificate: &Certificate, png: &[u8]) -> Option<String> {
    let digest = HEXLOWER.encode(&dots_digest(&dots_of(png)?));
    let sample = certificate.samples.iter().find(|sample| sample.dots == digest)?;
    Some(format!("sample {}, {}", sample.n, sample.name))
}

fn print(out: &mut impl Write, certificate: &Certificate, is_pinned: bool) -> io::Result<()> {
    let Certificate { product, label, issuer, .. } = certificate;
    writeln!(out, "good: proof {}, approval {}", certificate.proof, certificate.approval)?;
    field(out, 1, "product", Some(format!("{}, {}", product.name, product.brand)))?;
    let revision = product.revision.as_ref().map_or_else(String::new, |revision| format!(", revision {revision}"));
    field(out, 1, "SKU", Some(format!("{}{revision}", product.sku)))?;
    field(out, 1, "GTIN", product.gtin.as_ref())?;
    field(out, 1, "label", Some(format!("{} at {} dpi, {}", label.template, label.dpi, label.stock)))?;
    field(out, 1, "artwork", Some(&label.artwork))?;
    for signature in &certificate.signatures {
        let comment = if signature.comment.is_empty() { String::new() } else { format!(": {}", signature.comment) };
        field(out, 1, &signature.meaning, Some(format!("{}, {}{comment}", signature.name, signature.at)))?;
    }
    field(out, 1, "samples", Some(certificate.samples.len()))?;
    field(out, 1, "installation", Some(&issuer.database))?;
    field(out, 1, "signed with", Some(format!("{} ({})", issuer.key, issuer.public_key)))?;
    if !is_pinned {
        writeln!(
            out,
            "  Whose key that is, the file cannot say: compare it with the one that the maker told you, with --key."
        )?;
    }
    Ok(())
}
