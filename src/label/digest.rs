//! The digest of a label: recomputable years later from what the records hold.
//!
//! Every part goes in as its length (8 bytes, big endian) and its bytes, so that no two different lists of parts can
//! run together into the same bytes.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::art::Art;
use super::font::Face;
use super::image::Image;
use super::layout::JobFields;
use super::units::Resolution;

/// Goes up whenever the same inputs would give another label.
pub const LAYOUT_VERSION: u32 = 2;

/// What the digest of a job covers.
pub struct JobDigest<'a> {
    /// Digest of the template's file.
    pub template: &'a [u8; 32],
    /// Fields that are the same on every label.
    pub fields: &'a JobFields,
    /// Faces in use, in order.
    pub faces: &'a [&'a Face],
    /// Pictures in use, in order.
    pub images: &'a [Arc<Image>],
    /// Vector art in use, in order.
    pub arts: &'a [Arc<Art>],
    /// The printer's resolution.
    pub resolution: Resolution,
}

struct Parts(Sha256);

impl Parts {
    fn new(purpose: &str) -> Parts {
        let mut parts = Parts(Sha256::new());
        parts.push(purpose.as_bytes());
        parts
    }

    fn push(&mut self, part: &[u8]) {
        self.0.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(part);
    }
}

/// SHA-256 of what is the same on every label of a job.
pub fn job_digest(job: &JobDigest<'_>) -> [u8; 32] {
    let mut parts = Parts::new("nameplate label job");
    parts.push(&LAYOUT_VERSION.to_be_bytes());
    parts.push(job.template);
    parts.push(&job.resolution.dpi().to_be_bytes());
    parts.push(&u64::try_from(job.fields.len()).unwrap_or(u64::MAX).to_be_bytes());
    for (name, value) in job.fields {
        parts.push(name.as_bytes());
        parts.push(value.as_bytes());
    }
    for face in job.faces {
        parts.push(face.name().as_bytes());
        parts.push(face.digest());
    }
    parts.push(b"images");
    for image in job.images {
        parts.push(image.digest());
    }
    parts.push(b"art");
    for art in job.arts {
        parts.push(art.digest());
    }
    parts.0.finalize().into()
}

/// SHA-256 of a job whose labels carry an overprint: never that of a job without.
pub fn overprint_digest(job: &[u8; 32], text: &str) -> [u8; 32] {
    let mut parts = Parts::new("nameplate label job with overprint");
    parts.push(job);
    parts.push(text.as_bytes());
    parts.0.finalize().into()
}

/// SHA-256 of one label: its job and its variable fields by name.
pub fn label_digest(job: &[u8; 32], names: &[String], row: &[&str]) -> [u8; 32] {
    let mut parts = Parts::new("nameplate label");
    parts.push(job);
    for (name, value) in names.iter().zip(row) {
        parts.push(name.as_bytes());
        parts.push(value.as_bytes());
    }
    parts.0.finalize().into()
}
