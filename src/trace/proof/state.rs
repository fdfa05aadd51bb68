//! The state of a proof, and the steps between states.
//!
//! ```text
//! draft ──► requested ──► approved ──► superseded   (a newer proof of the same label was approved)
//!   │           │  │         │
//!   │           │  │         └───────► withdrawn    (nothing more is printed under it)
//!   │           │  ├─► changes requested  ┐
//!   │           │  └─► rejected           ┴─ a new proof takes its place
//!   └───────────┴────────────────────────► withdrawn
//! ```
//!
//! A proof's artwork never changes: another artwork is another proof. So no state leads back.

use std::fmt;

/// What became of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofState {
    /// Made, and not yet shown to the brand.
    Draft,
    /// Shown to the brand's approvers, who have not all decided.
    Requested,
    /// Somebody asked for changes.
    ChangesRequested,
    /// All who must approve did: labels are printed from it.
    Approved,
    /// Somebody rejected it.
    Rejected,
    /// A newer proof of the same label was approved.
    Superseded,
    /// Taken back.
    Withdrawn,
}

/// What somebody does with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofStep {
    /// The approvers are asked.
    Request,
    /// An approver approves; so many others have to do so after this.
    Approve {
        /// Approvals that are then still missing.
        missing: usize,
    },
    /// An approver asks for changes.
    AskForChanges,
    /// An approver rejects.
    Reject,
    /// A newer proof of the same label is approved.
    Supersede,
    /// It is taken back.
    Withdraw,
}

/// A step that a proof in its state cannot take. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofStepRefused {
    /// The state it is in.
    pub from: ProofState,
    /// The step that was tried.
    pub step: ProofStep,
}

impl ProofState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Requested,
        Self::ChangesRequested,
        Self::Approved,
        Self::Rejected,
        Self::Superseded,
        Self::Withdrawn,
    ];

    /// The name in records, URLs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Requested => "requested",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of this name.
    ///
    /// ```
    /// use nameplate::trace::ProofState;
    /// assert_eq!(ProofState::from_name("approved"), Some(ProofState::Approved));
    /// assert_eq!(ProofState::from_name("Approved"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// The state after a step.
    ///
    /// # Errors
    /// [`ProofStepRefused`] for a step that this state does not allow.
    ///
    /// ```
    /// use nameplate::trace::{ProofState, ProofStep};
    /// assert_eq!(ProofState::Requested.after(ProofStep::Approve { missing: 1 }), Ok(ProofState::Requested));
    /// assert_eq!(ProofState::Requested.after(ProofStep::Approve { missing: 0 }), Ok(ProofState::Approved));
    /// assert!(ProofState::Draft.after(ProofStep::Approve { missing: 0 }).is_err());
    /// ```
    pub fn after(self, step: ProofStep) -> Result<Self, ProofStepRefused> {
        match (self, step) {
            (Self::Draft, ProofStep::Request) => Ok(Self::Requested),
            (Self::Requested, ProofStep::Approve { missing: 0 }) => Ok(Self::Approved),
            (Self::Requested, ProofStep::Approve { .. }) => Ok(Self::Requested),
            (Self::Requested, ProofStep::AskForChanges) => Ok(Self::ChangesRequested),
            (Self::Requested, ProofStep::Reject) => Ok(Self::Rejected),
            (Self::Approved, ProofStep::Supersede) => Ok(Self::Superseded),
            (Self::Draft | Self::Requested | Self::Approved, ProofStep::Withdraw) => Ok(Self::Withdrawn),
            (from, step) => Err(ProofStepRefused { from, step }),
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Draft | Self::Requested | Self::Approved)
    }

    /// What can be done with it now, in words.
    const fn advice(self) -> &'static str {
        match self {
            Self::Draft => "it can be requested or withdrawn",
            Self::Requested => "its approvers can approve it, ask for changes or reject it; it can be withdrawn",
            Self::Approved => "it can be withdrawn; a changed label needs a new proof",
            Self::ChangesRequested | Self::Rejected => "make a new proof that takes its place",
            Self::Superseded => "a newer proof of the same label was approved",
            Self::Withdrawn => "make a new proof",
        }
    }
}

impl fmt::Display for ProofState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChangesRequested => f.write_str("sent back for changes"),
            state => f.write_str(state.as_str()),
        }
    }
}

impl fmt::Display for ProofStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "be requested",
            Self::Approve { .. } => "be approved",
            Self::AskForChanges => "be sent back for changes",
            Self::Reject => "be rejected",
            Self::Supersede => "be superseded",
            Self::Withdraw => "be withdrawn",
        })
    }
}

impl fmt::Display for ProofStepRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is {} and cannot {}: {}", self.from, self.step, self.from.advice())
    }
}

#[cfg(test)]
mod tests {
    //! Invariants, over any sequence of steps: a refused step changes nothing; a proof is approved only after it was
    //! requested and the last missing approval came; what is final stays so; nothing goes back to an earlier state.

    use super::*;
    use proptest::prelude::*;

    fn steps() -> impl Strategy<Value = ProofStep> {
        prop_oneof![
            Just(ProofStep::Request),
            (0_usize..4).prop_map(|missing| ProofStep::Approve { missing }),
            Just(ProofStep::AskForChanges),
            Just(ProofStep::Reject),
            Just(ProofStep::Supersede),
            Just(ProofStep::Withdraw),
        ]
    }

    fn stage(state: ProofState) -> u8 {
        match state {
            ProofState::Draft => 0,
            ProofState::Requested => 1,
            ProofState::Approved => 2,
            _ => 3,
        }
    }

    proptest! {
        #[test]
        fn no_way_leads_around_the_approvers(steps in prop::collection::vec(steps(), 0..12)) {
            let mut state = ProofState::Draft;
            let (mut was_requested, mut was_approved) = (false, false);
            for step in steps {
                match state.after(step) {
                    Err(refused) => prop_assert_eq!(refused, ProofStepRefused { from: state, step }),
                    Ok(next) => {
                        prop_assert!(!state.is_final(), "{} is final", state);
                        prop_assert!(stage(next) >= stage(state), "{} to {}", state, next);
                        was_requested |= step == ProofStep::Request;
                        was_approved |= step == ProofStep::Approve { missing: 0 };
                        state = next;
                    }
                }
                let is_past = matches!(state, ProofState::Approved | ProofState::Superseded);
                prop_assert!(!is_past || (was_requested && was_approved));
                prop_assert!(!matches!(state, ProofState::ChangesRequested | ProofState::Rejected) || was_requested);
            }
        }
    }

    #[test]
    fn a_refusal_says_what_can_be_done() {
        let refused = ProofState::ChangesRequested.after(ProofStep::Approve { missing: 0 }).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "is sent back for changes and cannot be approved: make a new proof that takes its place"
        );
        for state in ProofState::ALL {
            assert_eq!(ProofState::from_name(state.as_str()), Some(state));
            let possible = [
                ProofStep::Request,
                ProofStep::Approve { missing: 0 },
                ProofStep::AskForChanges,
                ProofStep::Reject,
                ProofStep::Supersede,
                ProofStep::Withdraw,
            ];
            assert_eq!(state.is_final(), possible.iter().all(|step| state.after(*step).is_err()), "{state}");
        }
    }
}
