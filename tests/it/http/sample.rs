//! Operations to try the layer with: one as a real one would be, and some that misbehave.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_body::Frame;
use nameplate::http::extract::{ETag, IdempotencyKey, IfMatch, Json, Page, PageParams, PageQuery, Path};
use nameplate::http::problem::{Problem, ProblemKind};
use nameplate::problems;
use nameplate::service::token::Principal;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Parcels that exist: 1 to this.
const PARCELS: i64 = 250;

pub fn operations(abandon: UnboundedSender<()>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(post_parcel))
        .routes(routes!(list_parcels))
        .routes(routes!(put_parcel))
        .routes(routes!(panics))
        .routes(routes!(hangs))
        .routes(routes!(waits))
        .routes(routes!(endless))
        .routes(routes!(named))
        .with_state(abandon)
}

/// What is to be packed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ParcelRequest {
    /// Which product.
    #[schema(example = "TC-2", max_length = 64)]
    sku: String,
    /// How many.
    #[schema(minimum = 1, maximum = 1000)]
    count: u32,
    /// What to write on it.
    note: Option<String>,
}

/// A parcel.
#[derive(Debug, Serialize, ToSchema)]
struct Parcel {
    /// Its number.
    id: i64,
    /// Its product.
    #[schema(example = "TC-2")]
    sku: String,
    /// Units in it.
    count: u32,
    /// Who packed it.
    packed_by: String,
}

problems!(PackProblems: UnknownSku, CountOutOfRange);

/// Packs a parcel.
///
/// The same key gives the same parcel: `id` is that of the first time.
#[utoipa::path(
    post,
    path = "/api/v1/parcels",
    tag = "Parcels",
    security(("token" = ["planner", "station"])),
    params(IdempotencyKey),
    request_body = ParcelRequest,
    responses((status = 201, description = "Packed.", body = Parcel), PackProblems),
)]
async fn post_parcel(
    principal: Principal,
    key: IdempotencyKey,
    Json(request): Json<ParcelRequest>,
) -> Result<(StatusCode, Json<Parcel>), Problem> {
    assert!(!key.as_str().is_empty());
    if request.sku != "TC-2" {
        return Err(Problem::new(ProblemKind::UnknownSku, format!("`{}` names no SKU.", request.sku)));
    }
    let note = request.note.unwrap_or_default();
    let parcel = Parcel { id: 1, sku: request.sku + &note, count: request.count, packed_by: principal.name };
    Ok((StatusCode::CREATED, Json(parcel)))
}

/// Lists parcels.
#[utoipa::path(
    get,
    path = "/api/v1/parcels",
    tag = "Parcels",
    security(("token" = [])),
    params(PageParams),
    responses((status = 200, description = "One page.", body = Page<Parcel>)),
)]
async fn list_parcels(page: PageQuery<i64>) -> Json<Page<Parcel>> {
    let first = page.after.unwrap_or(0) + 1;
    let parcel = |id| Parcel { id, sku: "TC-2".into(), count: 1, packed_by: "nobody".into() };
    let rows = (first..=PARCELS).take(usize::from(page.limit) + 1).map(parcel).collect();
    Json(Page::cut(rows, page.limit, |parcel| parcel.id))
}

/// Changes a parcel.
#[utoipa::path(
    put,
    path = "/api/v1/parcels/{id}",
    tag = "Parcels",
    security(("token" = ["planner"])),
    params(("id" = i64, Path, description = "Its number."), IfMatch),
    responses((status = 200, description = "Changed.")),
)]
async fn put_parcel(Path(id): Path<i64>, seen: IfMatch) -> Result<(ETag, String), Problem> {
    seen.check(&ETag::of_version(7))?;
    Ok((ETag::of_version(8), format!("{id}")))
}

/// Panics.
#[utoipa::path(get, path = "/api/v1/panics", security(()), responses((status = 200)))]
async fn panics() -> String {
    panic!("the secret reason")
}

/// Never answers.
#[utoipa::path(get, path = "/api/v1/hangs", security(()), responses((status = 200)))]
async fn hangs() {
    std::future::pending::<()>().await;
}

/// Takes a while.
#[utoipa::path(get, path = "/api/v1/waits", security(()), responses((status = 200)))]
async fn waits() -> &'static str {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    "done"
}

/// Answers without end.
#[utoipa::path(get, path = "/api/v1/endless", security(()), responses((status = 200)))]
async fn endless(State(abandon): State<UnboundedSender<()>>) -> Response {
    Response::new(Body::new(Endless { chunk: Bytes::from_static(&[b'x'; 64 << 10]), abandon }))
}

/// Greets by name.
#[utoipa::path(get, path = "/api/v1/named/{name}", security(()), params(("name" = String, Path)), responses((status = 200)))]
async fn named(Path(name): Path<String>) -> String {
    name
}

/// A body without end that tells when it is given up.
struct Endless {
    chunk: Bytes,
    abandon: UnboundedSender<()>,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.abandon.send(());
    }
}
