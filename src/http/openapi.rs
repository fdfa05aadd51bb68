//! The OpenAPI 3.1 document: what the operations declare, and what is common to all of them.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Info, License, OpenApi, Ref, RefOr, Response, ResponseBuilder, Tag};
use utoipa::{PartialSchema, ToSchema};

use crate::http::auth::{PRINTER_SCHEME, TOKEN_SCHEME};
use crate::http::problem::{PROBLEM_JSON, ProblemBody, ProblemKind};

/// Problems that any operation can answer.
const ANY: [ProblemKind; 5] = [
    ProblemKind::InvalidUri,
    ProblemKind::Internal,
    ProblemKind::DatabaseUnavailable,
    ProblemKind::Overloaded,
    ProblemKind::HandlerTimeout,
];
/// Those of operations that need a token.
const TOKEN: [ProblemKind; 7] = [
    ProblemKind::TokenMissing,
    ProblemKind::TokenMalformed,
    ProblemKind::TokenUnknown,
    ProblemKind::TokenExpired,
    ProblemKind::TokenRevoked,
    ProblemKind::ScopeMissing,
    ProblemKind::TooManyAttempts,
];
/// Those of operations that read a JSON body.
const BODY: [ProblemKind; 9] = [
    ProblemKind::UnsupportedMediaType,
    ProblemKind::BodyTooLarge,
    ProblemKind::BodyTimeout,
    ProblemKind::BodyInterrupted,
    ProblemKind::BodyNotUtf8,
    ProblemKind::MalformedJson,
    ProblemKind::JsonTooDeep,
    ProblemKind::NulInText,
    ProblemKind::InvalidField,
];

/// Those of operations with a parameter in this place, or of this name.
const PARAMETERS: [(&str, &str, &[ProblemKind]); 4] = [
    ("in", "path", &[ProblemKind::InvalidPath]),
    ("in", "query", &[ProblemKind::InvalidQuery]),
    (
        "name",
        "Idempotency-Key",
        &[ProblemKind::KeyMissing, ProblemKind::KeyInvalid, ProblemKind::KeyReused, ProblemKind::KeyInFlight],
    ),
    ("name", "If-Match", &[ProblemKind::PreconditionRequired, ProblemKind::PreconditionFailed]),
];

/// Declares the problems of an operation, as a type for its `responses(...)`:
///
/// ```
/// nameplate::problems!(ReserveProblems: UnknownSku, BatchClosed);
/// ```
#[macro_export]
macro_rules! problems {
    ($name:ident: $($kind:ident),+ $(,)?) => {
        /// Problems that the operation can answer, beside those of every operation.
        struct $name;

        impl ::utoipa::IntoResponses for $name {
            fn responses() -> ::std::collections::BTreeMap<
                String,
                ::utoipa::openapi::RefOr<::utoipa::openapi::response::Response>,
            > {
                $crate::http::openapi::problem_responses(&[$($crate::http::problem::ProblemKind::$kind),+])
            }
        }
    };
}

/// One response for each status that the kinds have, naming the kinds.
#[must_use]
pub fn problem_responses(kinds: &[ProblemKind]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in kinds {
        by_status.entry(kind.code()).or_default().push(*kind);
    }
    by_status.into_iter().map(|(code, kinds)| (code.to_string(), RefOr::T(problem_response(&kinds)))).collect()
}

fn problem_response(kinds: &[ProblemKind]) -> Response {
    let named: Vec<_> = kinds.iter().map(|kind| format!("`{}`: {}", kind.slug(), kind.title())).collect();
    let schema = Ref::from_schema_name(ProblemBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(named.join("\n\n")).content(PROBLEM_JSON, content).build()
}

/// What the document says of a group of operations.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The `tag` that operations name.
    pub name: &'static str,
    /// What the group is for, in a sentence or two.
    pub description: &'static str,
}

/// Completes the document that the operations gave: title, groups, the token scheme, the problem's schema, and the
/// problems that operations have in common.
#[must_use]
pub fn complete(mut document: OpenApi, groups: &[Group]) -> OpenApi {
    let mut info = Info::new("nameplate", env!("CARGO_PKG_VERSION"));
    info.description = Some(INTRODUCTION.to_owned());
    info.license = Some(License::new("MIT OR Apache-2.0"));
    document.info = info;
    let tag = |group: &Group| {
        let mut tag = Tag::new(group.name);
        tag.description = Some(group.description.to_owned());
        tag
    };
    document.tags = Some(groups.iter().map(tag).collect());
    let components = document.components.get_or_insert_with(Components::new);
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("npt_...".to_owned());
    scheme.description = Some("An API token. The lists of an operation name the scopes that open it.".to_owned());
    components.add_security_scheme(TOKEN_SCHEME, SecurityScheme::Http(scheme));
    let mut scheme = Http::new(HttpAuthScheme::Basic);
    scheme.description = Some("Any user name; the password is the printer's API token.".to_owned());
    components.add_security_scheme(PRINTER_SCHEME, SecurityScheme::Http(scheme));
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            add_common_problems(operation);
        }
    }
    document
}

const INTRODUCTION: &str = "Identities for physical units: reserve serials, print labels, look anything up.\n\n\
    Send `Authorization: Bearer npt_...` and bodies as `application/json`. Lists come in pages: send `next` of one page \
    as `after` to get the next. Requests that must happen once need an `Idempotency-Key`; repeat the request with the \
    same key after any doubt. Every failure is a problem (RFC 9457) of a stable type; its `instance` is the request id.";

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ];
    all.into_iter().flatten()
}

/// Adds what every operation of its sort can answer, in front of its own text where it has the status already.
fn add_common_problems(operation: &mut Operation) {
    let mut kinds = ANY.to_vec();
    let security = serde_json::to_value(&operation.security).unwrap_or_default();
    let is_public = security.as_array().is_some_and(|any| any.iter().any(|one| *one == serde_json::json!({})));
    if !is_public {
        kinds.extend(TOKEN);
    }
    if operation.request_body.is_some() {
        kinds.extend(BODY);
    }
    let parameters = serde_json::to_value(&operation.parameters).unwrap_or_default();
    let has = |member: &str, value: &str| {
        parameters.as_array().into_iter().flatten().any(|parameter| parameter[member] == value)
    };
    for (member, value, own) in PARAMETERS {
        if has(member, value) {
            kinds.extend(own);
        }
    }
    for (status, response) in problem_responses(&kinds) {
        match (operation.responses.responses.get_mut(&status), response) {
            (Some(RefOr::T(own)), RefOr::T(common)) => {
                own.description = format!("{}\n\n{}", own.description, common.description);
            }
            (Some(_), _) => {}
            (None, response) => {
                operation.responses.responses.insert(status, response);
            }
        }
    }
}

/// Names the operations whose JSON body tolerates unknown fields, because a type lacks
/// `#[serde(deny_unknown_fields)]`: for the test that holds this for all of them.
#[must_use]
pub fn lenient_bodies(document: &OpenApi) -> Vec<String> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut lenient = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if let Some(place) = lenient_place(&document, schema, 0) {
                lenient.push(format!("{method} {path}: {place}"));
            }
        }
    }
    lenient
}

/// Deepest nesting of types that is followed; a type that holds itself ends there.
const DEEPEST: usize = 16;

fn lenient_place(document: &Value, schema: &Value, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/")) {
        return lenient_place(document, &document["components"]["schemas"][name], depth + 1)
            .map(|place| format!("{name} {place}").trim_end().to_owned());
    }
    let properties = schema["properties"].as_object();
    if properties.is_some() && schema["additionalProperties"] != Value::Bool(false) {
        return Some(String::new());
    }
    let parts = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    let inner = properties.into_iter().flat_map(|properties| properties.values()).chain(parts);
    let inner = inner.chain(schema.get("items"));
    inner.into_iter().find_map(|part| lenient_place(document, part, depth + 1))
}
