//! What happens to units, as pure data: ranges of ordinals, the fate of each serial, the audit chain, receipts, proofs and
//! their certificates, and what a scanned or typed string is.
//!
//! Nothing here reads a clock, a database or a random source. The record model is in `docs/ARCHITECTURE.md`.

mod audit;
mod block_code;
mod fate;
mod job_code;
mod kit;
mod proof;
mod query;
mod receipt;
mod span;

pub use audit::{AuditEntry, ChainHash, ChainHead};
pub use block_code::{BlockCode, BlockCodeError};
pub use fate::{Account, Fate, FateChange, FatePiece, FateRefused, change_fates};
pub use job_code::{JobCode, lease_name};
pub use kit::{KitBody, KitError, MAX_KIT_BYTES};
pub use proof::{
    Approver, Certificate, CertificateError, CertifiedFile, CertifiedIssuer, CertifiedLabel, CertifiedProduct,
    CertifiedSample, CertifiedSignature, MAX_APPROVERS, ProofCode, ProofState, ProofStep, ProofStepRefused, Round,
    SignedCertificate, TurnRefused, sealed, unsealed,
};
pub use query::{MAX_QUERY_BYTES, Shape, shape_of};
pub use receipt::{Receipt, ReceiptBody, ReceiptError, VerifyingKeys};
pub use span::{RUN_ALIGNMENT, Span, SpanError, merge};
