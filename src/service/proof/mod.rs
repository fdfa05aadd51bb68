//! Proofs: what a label will look like, shown to the people whose brand is on it, and what they decide.
//!
//! ```text
//! new ──► draft ──► request ──► decide (each approver) ──► approved ──► approval, which the print desk honours
//!  │                               └─► changes, rejection ──► a new proof
//!  └─ samples: dots, report, PDF                        carry ──► the approval holds for other artwork with the same dots
//! ```

mod approvers;
mod carry;
mod certificate;
mod certificate_pdf;
mod comment;
mod decide;
mod difference;
mod error;
mod list;
mod new;
mod notice;
mod record;
mod report;
mod request;
mod samples;

pub(in crate::service) use carry::{Compared, ComparedCache};

pub use approvers::{ApproverRecord, NewApprover};
pub use carry::{Standing, Validity};
pub use comment::NewComment;
pub use decide::{Decision, ProofDecision};
pub use difference::{FieldDifference, LineDifference, ProofDifference, SampleDifference};
pub use error::ProofError;
pub use list::{ProofSummary, WhichProofs};
pub use new::NewProof;
pub use record::{CommentRecord, ProofRecord, RequiredRecord, SampleRecord, SignatureRecord};
pub use report::{CodeFigures, PlaceOnLabel, ProofReport, ReadCode, ReportFinding, SampleReport};

/// A person who has just given the password again, so that what follows is signed by that person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The person's number.
    pub user: i64,
    /// The name that signs.
    pub name: String,
    /// The person's address.
    pub email: String,
}
