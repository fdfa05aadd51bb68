//! Why something cannot be done with a proof.

use crate::trace::ProofStepRefused;

/// Why something cannot be done with a proof. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A step that its state does not allow.
    #[error("proof {proof} {refused}")]
    State {
        /// The proof.
        proof: String,
        /// Its state, and the step.
        refused: ProofStepRefused,
    },
    /// The decision names other artwork than the proof has.
    #[error(
        "the page that was decided on showed other artwork than proof {proof} has: look at the proof again, then decide"
    )]
    OtherArtwork {
        /// The proof.
        proof: String,
        /// The digest of its artwork.
        artwork: String,
    },
    /// The records would now give another label.
    #[error("since proof {proof} was made its label has changed: {changed}. Make a new proof")]
    Expired {
        /// The proof.
        proof: String,
        /// What has changed.
        changed: String,
    },
    /// Others have to approve before.
    #[error("proof {proof} has to be approved by {} before", before.join(", "))]
    NotYet {
        /// The proof.
        proof: String,
        /// Whose turn it is.
        before: Vec<String>,
    },
    /// This person need not decide, and so cannot.
    #[error("{name} does not decide on proof {proof}: {problem}")]
    NotAnApprover {
        /// The proof.
        proof: String,
        /// The person.
        name: String,
        /// Who does.
        problem: String,
    },
    /// This person has decided otherwise.
    #[error("{name} has signed proof {proof} already, as {meaning}: a signature is not taken back")]
    Signed {
        /// The proof.
        proof: String,
        /// The person.
        name: String,
        /// How.
        meaning: String,
    },
    /// Two proofs of one label would wait for the same people.
    #[error("proof {other} of the same label waits for its approvers: withdraw it before {proof} is requested")]
    OtherRequested {
        /// The proof.
        proof: String,
        /// The one that waits.
        other: String,
    },
    /// Only what was approved has a certificate.
    #[error("proof {proof} is {state}: there is a certificate of approved proofs only")]
    NotApproved {
        /// The proof.
        proof: String,
        /// Its state.
        state: String,
    },
}
