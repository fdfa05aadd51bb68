//! The files that pages need, compiled in: style sheet, scripts and icon, nothing from anywhere else ever.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::envelope::not_found;
use crate::http::packed::Packed;

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
    static PACKED: LazyLock<Vec<(&str, Packed)>> =
        LazyLock::new(|| ASSETS.iter().map(|asset| (asset.name, Packed::new(asset.media_type, asset.bytes))).collect());
    match PACKED.iter().find(|(known, _)| *known == name) {
        Some((_, packed)) => packed.answer(&headers),
        None => not_found().await.into_response(),
    }
}
