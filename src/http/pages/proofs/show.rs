//! One proof, as its approvers look at it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{DECIDE, MAKE};
use crate::http::extract::{Path, Query};
use crate::http::pages::code_says::said;
use crate::http::pages::{PageApp, View, page_with};
use crate::http::problem::Problem;
use crate::service::people::{Role, Roles, SignedIn};
use crate::service::proof::{PlaceOnLabel, ProofDifference, ProofRecord, ReadCode, SampleRecord, Standing};
use crate::words::fill;

/// What was typed into the page and could not be taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// Field and fault; the field `proof` stands for all of it.
    pub(super) error: Option<(&'static str, String)>,
    pub(super) comment: String,
    pub(super) text: String,
    pub(super) reason: String,
    pub(super) x_mm: String,
    pub(super) y_mm: String,
}

/// A comment's place on the picture, as shares of its width and height in per cent.
struct Pin {
    number: usize,
    comment: i64,
    x: String,
    y: String,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "pages/proof.html")]
struct ProofPage {
    v: View,
    p: ProofRecord,
    d: ProofDifference,
    sample: SampleRecord,
    pins: Vec<Pin>,
    typed: Typed,
    is_my_turn: bool,
    may_make: bool,
    may_comment: bool,
}

impl ProofPage {
    fn fault(&self, field: &str) -> Option<&str> {
        self.typed.error.as_ref().filter(|(at, _)| *at == field).map(|(_, fault)| fault.as_str())
    }

    fn is_expired(&self) -> bool {
        self.p.validity.as_ref().is_some_and(|validity| validity.standing == Standing::Expired)
    }

    fn is_carried_over(&self) -> bool {
        self.p.validity.as_ref().is_some_and(|validity| validity.standing == Standing::CarriedOver)
    }

    fn changed(&self) -> &str {
        self.p.validity.as_ref().and_then(|validity| validity.changed.as_deref()).unwrap_or("")
    }

    /// Whether the proof was approved once, so that there is a certificate.
    fn was_approved(&self) -> bool {
        self.p.approval.is_some()
    }

    fn is_over(&self) -> bool {
        matches!(self.p.state.as_str(), "changes_requested" | "rejected" | "withdrawn")
    }

    fn can_withdraw(&self) -> bool {
        matches!(self.p.state.as_str(), "draft" | "requested" | "approved")
    }

    fn width_mm(&self) -> String {
        self.v.f(mm(self.p.width_um), 1)
    }

    fn height_mm(&self) -> String {
        self.v.f(mm(self.p.height_um), 1)
    }

    /// The same for scripts, which know one way to write numbers.
    fn plain_mm(&self, um: &i64) -> String {
        format!("{:.2}", mm(*um))
    }

    fn mm(&self, um: &i32) -> String {
        self.v.f(mm(i64::from(*um)), 2)
    }

    /// The codes of the sample that is shown.
    fn codes(&self) -> &[ReadCode] {
        let report = self.p.report.samples.iter().find(|report| report.sample == self.sample.n);
        report.map_or(&[], |report| report.codes.as_slice())
    }

    fn all_read(&self) -> bool {
        self.p.report.samples.iter().all(|report| report.passed)
    }

    fn readings(&self) -> usize {
        self.p.report.samples.iter().map(|report| report.readings).sum()
    }

    /// What a code says, in the page's language.
    fn says(&self, code: &ReadCode) -> String {
        said(&self.v, code.meaning, &code.parts, &code.words)
    }

    fn sample_name(&self, sample: &SampleRecord) -> String {
        let key = format!("proofs.sample_{}", sample.name.replace([' ', '-'], "_"));
        match self.v.t(&key) {
            text if text == key => sample.name.clone(),
            text => text.to_owned(),
        }
    }

    fn sample_difference(&self) -> Option<&crate::service::proof::SampleDifference> {
        self.d.samples.iter().find(|difference| difference.sample == self.sample.n)
    }

    /// How many dots of the sample differ, and where.
    fn other_dots(&self, dots: &Option<u64>, area: &PlaceOnLabel) -> String {
        let count = self.v.n(dots.unwrap_or_default());
        let [width, height, x, y] = [area.width_um, area.height_um, area.x_um, area.y_um].map(|um| self.mm(&um));
        fill(self.v.t("proofs.other_dots"), &[&count, &width, &height, &x, &y])
    }

    fn has_changed(&self) -> bool {
        !self.d.fields.is_empty()
            || self.d.template_changed
            || !self.d.fonts.is_empty()
            || self.d.layout_version_changed
            || self.d.rule_changed
            || self.d.stock_before.is_some()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a label is far smaller than 2^52 micrometres")]
fn mm(um: i64) -> f64 {
    um as f64 / 1_000.0
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    sample: String,
    /// What was just done; the gate has read it.
    #[serde(default, rename = "done")]
    _done: String,
}

pub(super) async fn show(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(proof): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let sample = which.sample.parse().unwrap_or(1);
    shown(&app, v, &who, &proof, sample, StatusCode::OK, Typed::default()).await
}

/// The page of a proof, with what was typed if it could not be taken.
pub(super) async fn shown(
    app: &PageApp,
    v: View,
    who: &SignedIn,
    proof: &str,
    sample: i64,
    status: StatusCode,
    typed: Typed,
) -> Result<Response, Problem> {
    let caller = who.caller();
    let p = app.nameplate.proof(&caller, proof).await?;
    let d = app.nameplate.proof_difference(&caller, proof).await?;
    let wanted = p.samples.iter().find(|known| known.n == sample).or_else(|| p.samples.first());
    let sample = wanted.cloned().ok_or_else(|| Problem::internal(format_args!("proof {proof} has no samples")))?;
    let pins = pins(&p, sample.n);
    let is_my_turn = is_turn_of(&p, who);
    let may_make = who.may(Roles::of(&MAKE));
    let may_comment = who.may(Roles::of(&DECIDE));
    Ok(page_with(status, &ProofPage { v, p, d, sample, pins, typed, is_my_turn, may_make, may_comment }))
}

/// Whether this person has to decide next. Where nobody is named, any buyer may, and for a brand without buyers an
/// administrator; the service has the last word.
fn is_turn_of(p: &ProofRecord, who: &SignedIn) -> bool {
    if p.state != "requested" || p.signatures.iter().any(|signature| signature.user == who.user) {
        return false;
    }
    if p.required.is_empty() {
        return who.roles.contains(Role::Buyer) || who.is_admin();
    }
    let turn = p.required.iter().filter(|required| !required.approved).map(|required| required.position).min();
    p.required.iter().any(|required| required.user == who.user && Some(required.position) == turn)
}

fn pins(p: &ProofRecord, sample: i64) -> Vec<Pin> {
    let share = |um: Option<i64>, of: i64| um.map(|um| format!("{:.2}", 100.0 * mm(um) / mm(of.max(1))));
    let numbered = p.comments.iter().enumerate().filter(|(_, comment)| comment.sample == Some(sample));
    numbered
        .filter_map(|(at, comment)| {
            Some(Pin {
                number: at + 1,
                comment: comment.comment,
                x: share(comment.x_um, p.width_um)?,
                y: share(comment.y_um, p.height_um)?,
                is_done: comment.resolved_at.is_some(),
            })
        })
        .collect()
}
