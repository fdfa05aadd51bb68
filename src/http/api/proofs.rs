//! Proofs: made, looked at, and their certificates.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::App;
use super::labels::File;
use crate::http::extract::{IdempotencyKey, Json, Page, PageParams, PageQuery, Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::http::stream::streamed;
use crate::service::Caller;
use crate::service::proof::{NewProof, ProofDifference, ProofRecord, ProofSummary, WhichProofs};
use crate::trace::ProofState;

/// Which proofs are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProofQuery {
    /// Only those in this state.
    #[param(example = "requested")]
    state: Option<String>,
    /// Only those of this SKU.
    #[param(example = "NT-M2-BOR")]
    sku: Option<String>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// `next` of the page before; without it, the first page.
    after: Option<String>,
}

crate::problems!(ListProblems: InvalidCursor, UnknownSku);

/// Lists proofs, newest first.
///
/// A token that is bound to a brand sees its proofs from when they were requested.
#[utoipa::path(
    get,
    path = "/api/v1/proofs",
    operation_id = "listProofs",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(ProofQuery),
    responses((status = 200, description = "One page.", body = Page<ProofSummary>), ListProblems),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ProofQuery>,
) -> Result<Json<Page<ProofSummary>>, Problem> {
    let page = PageQuery::<i64>::from_params(&PageParams { limit: query.limit, after: query.after })?;
    let state = match query.state.as_deref().map(|name| (name, ProofState::from_name(name))) {
        Some((_, None)) => {
            let names = ProofState::ALL.map(ProofState::as_str).join(", ");
            let detail = format!("`state`: one of {names}.");
            return Err(Problem::new(ProblemKind::InvalidQuery, detail).with("field", "state"));
        }
        Some((_, state)) => state,
        None => None,
    };
    let which = WhichProofs { state, sku: query.sku, before: page.after };
    let (items, next) = app.nameplate.proofs(&caller, &which, page.limit.into()).await?;
    Ok(Json(Page::of(items, next)))
}

crate::problems!(ProposeProblems: KeyReused, UnknownSku, UnknownTemplate, UnknownProof, ProofOpen, LabelDoesNotFit, StorageFull);

/// Makes a proof of a SKU revision's label as it is now.
///
/// It is a draft, which the brand does not see before it is requested. Its samples carry specimens in place of serials, are
/// drawn at the printer's dots, and every code on them is read back.
#[utoipa::path(
    post,
    path = "/api/v1/proofs",
    operation_id = "makeProof",
    tag = "Proofs",
    security(("token" = ["planner"])),
    params(IdempotencyKey),
    request_body = NewProof,
    responses((status = 201, description = "Made, or made before with this key.", body = ProofRecord), ProposeProblems),
)]
pub(super) async fn propose(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(new): Json<NewProof>,
) -> Result<(StatusCode, Json<ProofRecord>), Problem> {
    Ok((StatusCode::CREATED, Json(app.nameplate.new_proof(&caller, key.as_str(), &new).await?)))
}

crate::problems!(ReadProblems: UnknownProof);

/// Shows a proof: samples, what their codes say, figures, comments, signatures, and of an approved one whether it still
/// holds.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}",
    operation_id = "showProof",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    responses((status = 200, description = "The proof.", body = ProofRecord), ReadProblems),
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
) -> Result<Json<ProofRecord>, Problem> {
    Ok(Json(app.nameplate.proof(&caller, &proof).await?))
}

crate::problems!(SampleProblems: UnknownProof, NotFound, Overloaded);

/// The picture of a sample: a PNG of the printer's dots, as it was kept when the proof was made.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}/samples/{sample}",
    operation_id = "showProofSample",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(
        ("proof" = String, Path, description = "The proof's name."),
        ("sample" = String, Path, description = "The sample's number with its ending: 1.png."),
    ),
    responses((status = 200, description = "The picture.", body = inline(File), content_type = "image/png"), SampleProblems),
)]
pub(super) async fn sample(
    State(app): State<App>,
    caller: Caller,
    Path((proof, sample)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let number = sample.strip_suffix(".png").and_then(|number| number.parse::<i64>().ok());
    let absent = || Problem::new(ProblemKind::NotFound, "A sample is named by its number: 1.png, 2.png and so on.");
    let n = number.ok_or_else(absent)?;
    let png = app.nameplate.proof_sample_png(&caller, &proof, n).await?;
    Ok(file("image/png", &format!("{proof}-{n}.png"), png))
}

crate::problems!(PdfProblems: UnknownProof, Overloaded);

/// The samples as PDF, one a page, with PROOF - NOT FOR PRODUCTION across each.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}/samples.pdf",
    operation_id = "showProofSamples",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    responses((status = 200, description = "The PDF.", body = inline(File), content_type = "application/pdf"), PdfProblems),
)]
pub(super) async fn pdf(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
) -> Result<Response, Problem> {
    let pdf = app.nameplate.proof_pdf(&caller, &proof).await?;
    Ok(file("application/pdf", &format!("{proof}.pdf"), pdf))
}

/// What is different from the label that was approved before: fields, template, fonts, and the dots of each sample.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}/difference",
    operation_id = "compareProof",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    responses((status = 200, description = "The difference.", body = ProofDifference), ReadProblems),
)]
pub(super) async fn difference(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
) -> Result<Json<ProofDifference>, Problem> {
    Ok(Json(app.nameplate.proof_difference(&caller, &proof).await?))
}

crate::problems!(CertificateProblems: UnknownProof, ProofState, Overloaded);

/// The certificate of an approved proof as signed JSON. `nameplate proof verify` checks it without the server.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}/certificate.json",
    operation_id = "certifyProofJson",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    responses(
        (status = 200, description = "The certificate.", body = inline(File), content_type = "application/json"),
        CertificateProblems,
    ),
)]
pub(super) async fn certificate_json(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
) -> Result<Response, Problem> {
    let json = app.nameplate.proof_certificate(&caller, &proof).await?;
    Ok(file("application/json", &format!("{proof}-certificate.json"), json.into_bytes()))
}

/// The certificate of an approved proof as PDF. It carries the signed JSON, and a seal over all of its bytes.
#[utoipa::path(
    get,
    path = "/api/v1/proofs/{proof}/certificate.pdf",
    operation_id = "certifyProofPdf",
    tag = "Proofs",
    security(("token" = ["planner", "station", "support", "buyer"])),
    params(("proof" = String, Path, description = "The proof's name.")),
    responses(
        (status = 200, description = "The certificate.", body = inline(File), content_type = "application/pdf"),
        CertificateProblems,
    ),
)]
pub(super) async fn certificate_pdf(
    State(app): State<App>,
    caller: Caller,
    Path(proof): Path<String>,
) -> Result<Response, Problem> {
    let pdf = app.nameplate.proof_certificate_pdf(&caller, &proof).await?;
    Ok(file("application/pdf", &format!("{proof}-certificate.pdf"), pdf))
}

fn file(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    streamed(media_type, name, move |out| out.write_all(&bytes))
}
