//! The document, the manual and the pages.

use nameplate::http::openapi::lenient_bodies;
use nameplate::http::problem::ProblemKind;
use nameplate::http::server::ServerLimits;
use tokio::sync::mpsc;

use super::{Server, site};

#[tokio::test]
async fn the_document_is_openapi_3_1_with_the_problems_of_each_operation() {
    let server = Server::start().await;
    let answer = server.connect().await.get("/openapi.json").await;
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let post = &document["paths"]["/api/v1/parcels"]["post"];
    let described = |status: &str| post["responses"][status]["description"].as_str().unwrap().to_owned();
    assert!(described("404").contains("`unknown-sku`"));
    assert!(described("400").contains("`malformed-json`") && described("400").contains("`key-missing`"));
    assert!(described("409").contains("`key-in-flight`"), "from the Idempotency-Key");
    assert!(document["paths"]["/api/v1/parcels/{id}"]["put"]["responses"]["412"].is_object(), "from the If-Match");
    assert!(described("401").contains("`token-missing`"));
    let schema = &post["responses"]["404"]["content"]["application/problem+json"]["schema"]["$ref"];
    assert_eq!(schema, "#/components/schemas/ProblemBody");
    assert!(document["components"]["schemas"]["ProblemBody"]["properties"]["instance"].is_object());
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let public = &document["paths"]["/api/v1/panics"]["get"]["responses"];
    assert!(public["401"].is_null() && public["500"].is_object());
}

#[test]
fn every_body_refuses_unknown_fields() {
    let site = site(&ServerLimits::default(), mpsc::unbounded_channel().0);
    assert_eq!(lenient_bodies(&site.document), Vec::<String>::new());
}

#[test]
fn a_body_that_tolerates_unknown_fields_is_found_also_inside() {
    #[derive(serde::Deserialize, utoipa::ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema matters")]
    struct Outer {
        lines: Vec<Inner>,
    }
    #[derive(serde::Deserialize, utoipa::ToSchema)]
    #[expect(dead_code, reason = "only its schema matters")]
    struct Inner {
        count: u32,
    }
    #[utoipa::path(post, path = "/x", request_body = Outer, responses((status = 200)))]
    async fn operation() {}
    let router = utoipa_axum::router::OpenApiRouter::<()>::new().routes(utoipa_axum::routes!(operation));
    assert_eq!(lenient_bodies(router.get_openapi()), ["post /x: Outer Inner"]);
}

#[tokio::test]
async fn the_manual_shows_operations_fields_and_examples_and_fetches_nothing_from_outside() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let manual = wire.get("/docs").await;
    assert_eq!(manual.header("content-type"), Some("text/html; charset=utf-8"));
    for expected in [
        "Packs a parcel",
        "id=\"post-api-v1-parcels\"",
        "href=\"#post-api-v1-parcels\"",
        "Idempotency-Key",
        "integer, 1 to 1000",
        "Needs a token with the scope planner or station",
        "&#34;sku&#34;: &#34;TC-2&#34;",
        "Things to try.",
    ] {
        assert!(manual.text().contains(expected), "{expected} is missing");
    }
    for path in ["/docs", "/problems", "/problems/key-reused", "/assets/site.css"] {
        let page = wire.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let fetched = ["href=\"", "src=\"", "url(", "@import"].map(|mark| page.text().split(mark).skip(1));
        let mut fetched = fetched.into_iter().flatten();
        assert!(
            fetched.all(|rest| rest.starts_with('#') || rest.starts_with('/') && !rest.starts_with("//")),
            "{path}"
        );
        // Scripts are files of their own: `<script src=` and nothing else.
        let scripts = page.text().matches("<script").count();
        assert_eq!(scripts, page.text().matches("<script src=\"/assets/").count(), "{path}");
        assert!(!page.text().contains("style="), "{path}");
    }
}

#[tokio::test]
async fn every_link_of_a_page_leads_somewhere() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec!["/docs".to_owned()];
    while let Some(path) = open.pop() {
        // These two need an installation, which this server lacks.
        if path == "/" || path == "/sign-in" || !seen.insert(path.clone()) {
            continue;
        }
        let page = wire.get(&path).await;
        assert!(page.status == 200 || path == "/readyz", "{path}: {}", page.status);
        let links = page.text().split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in links {
            match link.strip_prefix('#') {
                Some(id) => assert!(page.text().contains(&format!("id=\"{id}\"")), "{path}{link}"),
                None => open.push(link.to_owned()),
            }
        }
    }
    assert!(seen.len() > ProblemKind::ALL.len());
}

#[tokio::test]
async fn style_sheets_are_sent_once_and_then_only_confirmed() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    let first = wire.get("/assets/site.css").await;
    assert_eq!((first.status, first.header("content-type")), (200, Some("text/css; charset=utf-8")));
    let known = format!("if-none-match: {}\r\n", first.header("etag").unwrap());
    assert_eq!(wire.ask("GET", "/assets/site.css", &known, "").await.status, 304);
}

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let server = Server::start().await;
    let mut wire = server.connect().await;
    assert_eq!(wire.get("/healthz").await.json()["status"], "alive");
    let answer = wire.get("/readyz").await;
    assert_eq!((answer.status, &answer.json()["reasons"][0]), (503, &"The catalogue is empty.".into()));
}
