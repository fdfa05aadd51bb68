//! Proofs: what a label will look like, shown to the people whose brand is on it. Their names, their states, whose turn it
//! is to approve, and the signed certificate of what was approved.

mod certificate;
mod code;
mod round;
mod state;

pub use certificate::{
    Certificate, CertificateError, CertifiedFile, CertifiedIssuer, CertifiedLabel, CertifiedProduct, CertifiedSample,
    CertifiedSignature, SignedCertificate, sealed, unsealed,
};
pub use code::ProofCode;
pub use round::{Approver, MAX_APPROVERS, Round, TurnRefused};
pub use state::{ProofState, ProofStep, ProofStepRefused};
