//! The files that pages need, compiled in: style sheet, scripts and icon, nothing from anywhere else ever.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::envelope::not_found;
use crate::http::extract::ETag;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 6] = [
    Asset {
        name: "icon.svg",
        media_type: "image/svg+xml",
        bytes: include_bytes!("../../templates/pages/assets/icon.svg"),
    },
    Asset { name: "site.css", media_type: CSS, bytes: include_bytes!("../../templates/pages/assets/site.css") },
    Asset { name: "studio.css", media_type: CSS, bytes: include_bytes!("../../templates/pages/assets/studio.css") },
    Asset { name: "studio.js", media_type: SCRIPT, bytes: include_bytes!("../../templates/pages/assets/studio.js") },
    Asset { name: "site.js", media_type: SCRIPT, bytes: include_bytes!("../../templates/pages/assets/site.js") },
    Asset { name: "station.js", media_type: SCRIPT, bytes: include_bytes!("../../templates/pages/assets/station.js") },
];

/// `/assets/{name}`. Names are looked up in a table, so no path can lead elsewhere.
pub fn router() -> Router {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return not_found().await.into_response();
    };
    let tag = ETag::of_bytes(asset.bytes);
    // Browsers keep the file and ask whether it is still the same: an upgrade shows at once.
    let kept = [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if tag.is_known_to(&headers) {
        return (StatusCode::NOT_MODIFIED, tag, kept).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type))];
    (tag, kept, media_type, asset.bytes).into_response()
}
