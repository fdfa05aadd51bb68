//! Use cases: somebody writes about a proof, at a place of the label or about the whole; and says that it was dealt with.

use super::super::print::db;
use super::super::{Caller, Nameplate, ServiceError};
use super::Signer;
use super::decide::MAX_COMMENT;
use super::record::{CommentRecord, comment_record};
use crate::catalogue::Paragraph;
use crate::store::proof::ProofRow;
use crate::store::proof_word::CommentRow;
use crate::store::{self, Transaction};
use serde::{Deserialize, Serialize};

/// Most comments of one proof.
const MAX_COMMENTS: i64 = 500;

/// What somebody writes about a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The address has moved.", "sample": 1, "x_um": 45500, "y_um": 25600}))]
pub struct NewComment {
    /// What it says.
    #[schema(max_length = 2_000)]
    pub text: String,
    /// The sample that it is pinned to; none if it is about all of them.
    #[serde(default)]
    pub sample: Option<i64>,
    /// From the label's left edge, in micrometres; with `y_um` or not at all.
    #[serde(default)]
    pub x_um: Option<i64>,
    /// From the label's top edge, in micrometres.
    #[serde(default)]
    pub y_um: Option<i64>,
}

impl Nameplate {
    /// Writes a comment. `by` is the person who is signed in, if it is one. The same comment at the same place once more is
    /// the one that is there.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`]; [`ServiceError::Invalid`] for a text or a place that cannot be.
    pub async fn comment_proof(
        &self,
        caller: &Caller,
        by: Option<&Signer>,
        code: &str,
        new: &NewComment,
    ) -> Result<CommentRecord, ServiceError> {
        let invalid = |field, problem: String| ServiceError::Invalid { field, problem };
        let text = Paragraph::<MAX_COMMENT>::new(&new.text).map_err(|e| invalid("text", e.to_string()))?;
        let mut tx = self.store.begin().await?;
        let seen = self.proof_row(&mut tx, caller, code).await?;
        let proof = self.hold_proof(&mut tx, &seen).await?;
        check_place(&mut tx, &proof, new).await?;
        let comment = CommentRow {
            id: 0,
            proof_id: proof.id,
            user_id: by.map(|by| by.user),
            author: by.map_or_else(|| caller.actor.clone(), |by| by.name.clone()),
            text: text.to_string(),
            sample: new.sample,
            x_um: new.x_um,
            y_um: new.y_um,
            created_us: self.clock.now_us(),
            resolved_us: None,
            resolved_by: None,
        };
        let known = store::proof_word::comments(&mut tx, proof.id).await?;
        if let Some(known) = known.into_iter().rev().find(|known| is_said_again(known, &comment)) {
            return Ok(comment_record(caller, known));
        }
        if store::proof_word::count_comments(&mut tx, proof.id).await? >= MAX_COMMENTS {
            return Err(invalid("text", format!("a proof has at most {MAX_COMMENTS} comments")));
        }
        if proof.requested_us.is_some() {
            let others =
                self.concerned(&mut tx, &proof).await?.into_iter().filter(|user| Some(*user) != comment.user_id);
            self.tell(&mut tx, &proof, "proof_commented", others.collect()).await?;
        }
        let head = store::audit::hold_head(&mut tx).await?.head;
        let comment = CommentRow { id: db(head.seq + 1)?, ..comment };
        store::proof_word::insert_comment(&mut tx, &comment).await?;
        let detail = serde_json::json!({
            "comment": comment.id, "author": comment.author, "text": comment.text, "sample": comment.sample,
            "x_um": comment.x_um, "y_um": comment.y_um,
        });
        let entry = self.entry(caller, "proof.comment", &proof.code, detail.to_string());
        store::audit::append(&mut tx, head, &[entry]).await?;
        store::commit(tx).await?;
        Ok(comment_record(caller, comment))
    }

    /// Says that a comment was dealt with. Once more changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub async fn resolve_comment(
        &self,
        caller: &Caller,
        by: Option<&Signer>,
        code: &str,
        comment: i64,
    ) -> Result<CommentRecord, ServiceError> {
        let absent = || ServiceError::NotFound { kind: "comment", name: comment.to_string() };
        let mut tx = self.store.begin().await?;
        let seen = self.proof_row(&mut tx, caller, code).await?;
        let proof = self.hold_proof(&mut tx, &seen).await?;
        let name = by.map_or_else(|| caller.actor.clone(), |by| by.name.clone());
        let now_us = self.clock.now_us();
        let is_new = store::proof_word::resolve_comment(&mut tx, proof.id, comment, &name, now_us).await?;
        let comments = store::proof_word::comments(&mut tx, proof.id).await?;
        let row = comments.into_iter().find(|row| row.id == comment).ok_or_else(absent)?;
        if is_new {
            let detail = serde_json::json!({ "comment": comment });
            self.audit(&mut tx, caller, "proof.resolve", &proof.code, detail.to_string()).await?;
            store::commit(tx).await?;
        }
        Ok(comment_record(caller, row))
    }
}

/// Whether a comment says what another one says already, of the same person, and is not done with: a form that was sent twice.
fn is_said_again(known: &CommentRow, new: &CommentRow) -> bool {
    let same_place = (known.sample, known.x_um, known.y_um) == (new.sample, new.x_um, new.y_um);
    let same_author = (known.user_id, &known.author) == (new.user_id, &new.author);
    known.resolved_us.is_none() && same_place && same_author && known.text == new.text
}

/// A pin stands on a sample, inside the label.
async fn check_place(tx: &mut Transaction, proof: &ProofRow, new: &NewComment) -> Result<(), ServiceError> {
    let invalid = |field, problem: String| ServiceError::Invalid { field, problem };
    let (place, sample) = (new.x_um.zip(new.y_um), new.sample);
    if new.x_um.is_some() != new.y_um.is_some() {
        return Err(invalid("x_um", "goes with y_um: a place has both".to_owned()));
    }
    let Some(sample) = sample else {
        return match place {
            Some(_) => Err(invalid("sample", "is needed with a place: say which of the labels".to_owned())),
            None => Ok(()),
        };
    };
    let samples = store::proof_sample::of_proof(tx, proof.id).await?;
    if !samples.iter().any(|known| known.n == sample) {
        return Err(invalid("sample", format!("is 1 to {}", samples.len())));
    }
    let Some((x, y)) = place else { return Ok(()) };
    for (field, at, most) in [("x_um", x, proof.width_um), ("y_um", y, proof.height_um)] {
        if !(0..=most).contains(&at) {
            return Err(invalid(field, format!("is not on the label: 0 to {most} micrometres are")));
        }
    }
    Ok(())
}
