//! People are told of what waits for them.

use super::super::people::Notice;
use super::super::{Nameplate, ServiceError};
use crate::store::brand_approver::ApproverRow;
use crate::store::proof::ProofRow;
use crate::store::{self, Transaction};
use crate::trace::{Approver, Round};

impl Nameplate {
    /// Tells people about a proof, in the transaction of what they are told of.
    pub(super) async fn tell(
        &self,
        tx: &mut Transaction,
        proof: &ProofRow,
        message: &'static str,
        mut users: Vec<i64>,
    ) -> Result<(), ServiceError> {
        users.sort_unstable();
        users.dedup();
        let notice = Notice {
            users,
            message,
            arguments: vec![proof.code.clone(), proof.sku.clone()],
            path: format!("/proofs/{}", proof.code),
        };
        self.notify(tx, &notice).await
    }

    /// Whose turn it is to decide: those who must approve, or whoever buys for the brand.
    pub(super) async fn whose_turn(
        &self,
        tx: &mut Transaction,
        brand: i64,
        round: &Round,
    ) -> Result<Vec<i64>, ServiceError> {
        if !round.required().is_empty() {
            return Ok(round.turn().map(|approver: &Approver| approver.user).collect());
        }
        let people = store::brand_approver::people_of_brand(tx, brand).await?;
        Ok(people.iter().filter(|person: &&ApproverRow| person.is("buyer")).map(|person| person.user_id).collect())
    }
}
