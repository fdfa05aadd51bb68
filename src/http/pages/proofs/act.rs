//! What people do with a proof: ask for it, comment, decide, take it back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::show::{Typed, shown};
use crate::http::extract::Path;
use crate::http::pages::account::again;
use crate::http::pages::{PageApp, Posted, View, see_other};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::ServiceError;
use crate::service::people::SignedIn;
use crate::service::proof::{Decision, NewComment, ProofDecision, Signer};

/// Somebody who is signed in, as the author of what follows.
fn signer(who: &SignedIn) -> Signer {
    Signer { user: who.user, name: who.name.clone(), email: who.email.clone() }
}

/// What was refused, as status and text for the page; anything else is a problem of its own.
fn refused(error: ServiceError) -> Result<(StatusCode, &'static str, String), Problem> {
    match error {
        ServiceError::Invalid { field, problem } => Ok((StatusCode::UNPROCESSABLE_ENTITY, field, problem)),
        error @ ServiceError::Proof(_) => Ok((StatusCode::CONFLICT, "proof", error.to_string())),
        error => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn request(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(proof): Path<String>,
    _: Posted<Nothing>,
) -> Result<Response, Problem> {
    match app.nameplate.request_proof(&who.caller(), &proof).await {
        Ok(proof) => Ok(see_other(&format!("/proofs/{}?done=proof_requested", proof.proof))),
        Err(error) => {
            let (status, field, fault) = refused(error)?;
            let typed = Typed { error: Some((field, fault)), ..Typed::default() };
            shown(&app, v, &who, &proof, 1, status, typed).await
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

pub(super) async fn withdraw(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(proof): Path<String>,
    Posted(Reason { reason }): Posted<Reason>,
) -> Result<Response, Problem> {
    match app.nameplate.withdraw_proof(&who.caller(), &proof, &reason).await {
        Ok(proof) => Ok(see_other(&format!("/proofs/{}?done=proof_withdrawn", proof.proof))),
        Err(error) => {
            let (status, field, fault) = refused(error)?;
            let typed = Typed { error: Some((field, fault)), reason, ..Typed::default() };
            shown(&app, v, &who, &proof, 1, status, typed).await
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CommentForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    sample: String,
    #[serde(default)]
    x_mm: String,
    #[serde(default)]
    y_mm: String,
}

/// Micrometres of a length in millimetres, as people of any language write it.
fn um(mm: &str) -> Result<Option<i64>, String> {
    let text = mm.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let value: f64 = text
        .parse()
        .map_err(|_| format!("{:?} is not a length like 12.5", mm.trim().chars().take(20).collect::<String>()))?;
    if !(-10_000.0..=10_000.0).contains(&value) {
        return Err("is not on the label".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most ten metres")]
    Ok(Some((value * 1_000.0).round() as i64))
}

pub(super) async fn comment(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(proof): Path<String>,
    Posted(form): Posted<CommentForm>,
) -> Result<Response, Problem> {
    let sample: Option<i64> = form.sample.parse().ok();
    let place = um(&form.x_mm).and_then(|x| Ok((x, um(&form.y_mm)?)));
    let done = match place {
        Err(problem) => Err(ServiceError::Invalid { field: "place", problem }),
        Ok((x_um, y_um)) => {
            let is_pinned = x_um.is_some() || y_um.is_some();
            let sample = sample.filter(|_| is_pinned);
            let new = NewComment { text: form.text.clone(), sample, x_um, y_um };
            app.nameplate.comment_proof(&who.caller(), Some(&signer(&who)), &proof, &new).await
        }
    };
    let sample = sample.unwrap_or(1);
    match done {
        Ok(comment) => {
            Ok(see_other(&format!("/proofs/{proof}?sample={sample}&done=comment_made#comment-{}", comment.comment)))
        }
        Err(error) => {
            let (status, field, fault) = refused(error)?;
            let field = if field == "text" { "text" } else { "place" };
            let (text, x_mm, y_mm) = (form.text, form.x_mm, form.y_mm);
            let typed = Typed { error: Some((field, fault)), text, x_mm, y_mm, ..Typed::default() };
            shown(&app, v, &who, &proof, sample, status, typed).await
        }
    }
}

pub(super) async fn resolve(
    State(app): State<PageApp>,
    who: SignedIn,
    Path((proof, comment)): Path<(String, String)>,
    _: Posted<Nothing>,
) -> Result<Response, Problem> {
    let absent = |_| Problem::new(ProblemKind::NotFound, "There is no such comment.");
    let number = comment.parse().map_err(absent)?;
    app.nameplate.resolve_comment(&who.caller(), Some(&signer(&who)), &proof, number).await?;
    Ok(see_other(&format!("/proofs/{proof}?done=comment_resolved#comment-{number}")))
}

#[derive(Debug, Deserialize)]
pub(super) struct DecideForm {
    #[serde(default)]
    meaning: String,
    /// Digest of the artwork that the page showed.
    #[serde(default)]
    artwork: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    sample: String,
}

/// A decision is a signature: it needs the password, and names the artwork that was on the page.
pub(super) async fn decide(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(proof): Path<String>,
    Posted(form): Posted<DecideForm>,
) -> Result<Response, Problem> {
    // First, whether there is such a proof for this person.
    app.nameplate.proof(&who.caller(), &proof).await?;
    let sample = form.sample.parse().unwrap_or(1);
    let typed = |field, fault| Typed { error: Some((field, fault)), comment: form.comment.clone(), ..Typed::default() };
    let (meaning, done) = match form.meaning.as_str() {
        "approved" => (Decision::Approved, "proof_approved"),
        "changes_requested" => (Decision::ChangesRequested, "proof_sent_back"),
        "rejected" => (Decision::Rejected, "proof_rejected"),
        _ => return Err(Problem::new(ProblemKind::InvalidField, "Approve, ask for changes, or reject.")),
    };
    if !again(&app, &who, &form.password).await? {
        let typed = typed("password", v.t("account.password_wrong").to_owned());
        return shown(&app, v, &who, &proof, sample, StatusCode::UNPROCESSABLE_ENTITY, typed).await;
    }
    let decision = ProofDecision { meaning, artwork: form.artwork.clone(), comment: form.comment.clone() };
    match app.nameplate.decide_proof(&who.caller(), &signer(&who), &proof, &decision).await {
        Ok(proof) => Ok(see_other(&format!("/proofs/{}?done={done}", proof.proof))),
        Err(error) => {
            let (status, field, fault) = refused(error)?;
            shown(&app, v, &who, &proof, sample, status, typed(field, fault)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        assert_eq!(um(" 12,5 "), Ok(Some(12_500)));
        assert_eq!(um("0.0004"), Ok(Some(0)));
        assert_eq!(um(""), Ok(None));
        for bad in ["x", "NaN", "inf", "1e9", "1.2.3"] {
            assert!(um(bad).is_err(), "{bad}");
        }
    }
}
