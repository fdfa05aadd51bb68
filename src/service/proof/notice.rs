//! People are told of what waits for them, in the transaction of what they are told of.

use super::super::people::Notice;
use super::super::{Nameplate, ServiceError};
use crate::store::proof::ProofRow;
use crate::store::{self, Transaction};
use crate::trace::Round;

impl Nameplate {
    /// Tells people about a proof.
    pub(super) async fn tell(
        &self,
        tx: &mut Transaction,
        proof: &ProofRow,
        message: &'static str,
        mut users: Vec<i64>,
    ) -> Result<(), ServiceError> {
        users.sort_unstable();
        users.dedup();
        let arguments = vec![proof.code.clone(), proof.sku.clone()];
        let path = format!("/proofs/{}", proof.code);
        self.notify(tx, &Notice { users, message, arguments, path }).await
    }

    /// Whose turn it is to decide: those who must approve, or whoever buys for the brand.
    pub(super) async fn whose_turn(
        &self,
        tx: &mut Transaction,
        brand: i64,
        round: &Round,
    ) -> Result<Vec<i64>, ServiceError> {
        if !round.required().is_empty() {
            return Ok(round.turn().map(|approver| approver.user).collect());
        }
        let people = store::brand_approver::people_of_brand(tx, brand).await?;
        Ok(people.iter().filter(|person| person.is("buyer")).map(|person| person.user_id).collect())
    }
}
