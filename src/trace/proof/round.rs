//! Whose turn it is to approve a proof.
//!
//! A brand says who must approve and in which order; all of one position may do so in any order, and come before those of
//! the next. Whoever must approve may object at any time: an error that was seen need not wait for its turn.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most people who must approve the proofs of one brand: they all stand on the certificate.
pub const MAX_APPROVERS: usize = 12;

/// Somebody who must approve. What a proof asks for is kept with it when it is requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// Lower positions come first.
    pub position: i64,
    /// The user.
    pub user: i64,
    /// Their name.
    pub name: String,
}

/// Who must approve, and who has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    required: Vec<Approver>,
    approved: BTreeSet<i64>,
}

/// Why somebody cannot approve now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnRefused {
    /// They are not among those who must.
    NotAnApprover,
    /// These have to approve before.
    NotYet(Vec<Approver>),
}

impl Round {
    /// A round of these approvers, of whom these users have approved.
    #[must_use]
    pub fn new(mut required: Vec<Approver>, approved: impl IntoIterator<Item = i64>) -> Self {
        required.sort_by(|a, b| (a.position, &a.name, a.user).cmp(&(b.position, &b.name, b.user)));
        Self { required, approved: approved.into_iter().collect() }
    }

    /// Everybody who must approve, in order.
    #[must_use]
    pub fn required(&self) -> &[Approver] {
        &self.required
    }

    /// Whether this user is among those who must approve.
    #[must_use]
    pub fn concerns(&self, user: i64) -> bool {
        self.required.iter().any(|approver| approver.user == user)
    }

    /// Whose turn it is: all of the lowest position of whom one has not approved.
    pub fn turn(&self) -> impl Iterator<Item = &Approver> {
        let position = self.unsigned().next().map(|approver| approver.position);
        self.unsigned().filter(move |approver| Some(approver.position) == position)
    }

    /// Those who have not approved, in order.
    pub fn unsigned(&self) -> impl Iterator<Item = &Approver> {
        self.required.iter().filter(|approver| !self.approved.contains(&approver.user))
    }

    /// How many approvals are missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.unsigned().count()
    }

    /// Takes an approval; answers how many are missing after it.
    ///
    /// # Errors
    /// [`TurnRefused`] for somebody who need not approve, or whose turn it is not yet. Nothing is changed then.
    pub fn approve(&mut self, user: i64) -> Result<usize, TurnRefused> {
        if !self.concerns(user) {
            return Err(TurnRefused::NotAnApprover);
        }
        let is_known = self.approved.contains(&user);
        if !is_known && !self.turn().any(|approver| approver.user == user) {
            return Err(TurnRefused::NotYet(self.turn().cloned().collect()));
        }
        self.approved.insert(user);
        Ok(self.missing())
    }
}

#[cfg(test)]
mod tests {
    //! Invariants: approvals are taken in the order of positions and in no other; once nobody is missing all have approved;
    //! whoever tries in any sequence, the round ends if each keeps trying.

    use super::*;
    use proptest::prelude::*;

    fn approver(position: i64, user: i64) -> Approver {
        Approver { position, user, name: format!("user {user}") }
    }

    #[test]
    fn one_position_in_any_order_and_before_the_next() {
        let mut round = Round::new(vec![approver(2, 30), approver(1, 10), approver(1, 20)], []);
        let turn = |round: &Round| round.turn().map(|approver| approver.user).collect::<Vec<_>>();
        assert_eq!(turn(&round), [10, 20]);
        assert_eq!(round.approve(30), Err(TurnRefused::NotYet(vec![approver(1, 10), approver(1, 20)])));
        assert_eq!(round.approve(99), Err(TurnRefused::NotAnApprover));
        assert_eq!(round.approve(20), Ok(2));
        assert_eq!(round.approve(20), Ok(2), "saying it twice is fine");
        assert_eq!(round.approve(30), Err(TurnRefused::NotYet(vec![approver(1, 10)])));
        assert_eq!((round.approve(10), turn(&round)), (Ok(1), vec![30]));
        assert_eq!(round.approve(30), Ok(0));
        assert_eq!(turn(&round), [0_i64; 0]);
    }

    proptest! {
        #[test]
        fn the_order_is_kept_whoever_tries(
            positions in prop::collection::vec(1_i64..4, 1..6),
            tries in prop::collection::vec(0_i64..7, 0..40),
        ) {
            let required: Vec<Approver> = positions.iter().zip(0..).map(|(at, user)| approver(*at, user)).collect();
            let mut round = Round::new(required.clone(), []);
            let mut taken: Vec<i64> = Vec::new();
            for user in tries {
                let before = round.clone();
                match round.approve(user) {
                    Err(_) => prop_assert_eq!(&round, &before),
                    Ok(missing) => {
                        if !taken.contains(&user) {
                            taken.push(user);
                        }
                        prop_assert_eq!(missing, required.len() - taken.len());
                    }
                }
            }
            let order: Vec<i64> = taken.iter().map(|user| positions[usize::try_from(*user).unwrap()]).collect();
            prop_assert!(order.is_sorted(), "{:?}", order);
            let next = |round: &Round| round.turn().next().map(|approver| approver.user);
            while let Some(user) = next(&round) {
                prop_assert!(round.approve(user).is_ok());
            }
            prop_assert_eq!(round.missing(), 0);
        }
    }
}
