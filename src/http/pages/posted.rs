//! Reads what forms send.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::http::extract::read_body;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::server::BodyLimits;
use crate::service::people::SignedIn;

/// The hidden field of every form.
const FIELD: &str = "form";
/// The same from scripts.
const HEADER: &str = "x-form";

/// What a form sent (`application/x-www-form-urlencoded`), from a page that this server made for the person who is signed
/// in.
///
/// Refused: a form without the person's token (403), more than a JSON body may have (413), another content type (415), a
/// field of the wrong kind (422). Fields that the type does not know are left alone.
#[derive(Debug, Clone)]
pub struct Posted<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_form = media_type(request.headers()).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        if !is_form {
            let detail = "A form must come as application/x-www-form-urlencoded.";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
        let limits = request.extensions().get::<BodyLimits>().cloned().ok_or_else(|| {
            Problem::internal("requests carry no BodyLimits: the router is not served by http::server::serve")
        })?;
        let who = request.extensions().get::<SignedIn>().cloned();
        let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (bytes, held) = read_body(request.into_body(), &limits).await?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Problem::new(ProblemKind::BodyNotUtf8, "The form is not UTF-8."))?;
        let pairs: Vec<(String, String)> = serde_html_form::from_str(text).unwrap_or_default();
        if let Some(who) = who {
            let given = given.or_else(|| pairs.iter().find(|(name, _)| name == FIELD).map(|(_, value)| value.clone()));
            check_token(given.as_deref(), &who)?;
        }
        if pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Problem::new(ProblemKind::NulInText, "A field of the form holds a NUL character."));
        }
        let value = serde_html_form::from_str(text);
        drop(held);
        value.map(Self).map_err(|error| Problem::new(ProblemKind::InvalidField, format!("The form: {error}.")))
    }
}

fn check_token(given: Option<&str>, who: &SignedIn) -> Result<(), Problem> {
    let is_own = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(who.form_token.as_bytes())));
    let detail =
        "This form belongs to a session that is over, or to another site. Open the page again and send it once more.";
    if is_own { Ok(()) } else { Err(Problem::new(ProblemKind::ForeignForm, detail)) }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(given.split(';').next()?.trim().to_ascii_lowercase())
}

/// A file that a form sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Which field of the form.
    pub field: String,
    /// The name that the browser gave; never a path.
    pub name: String,
    /// What is in it. What it is shows only when it is read.
    pub bytes: Vec<u8>,
}

/// A form with files (`multipart/form-data`, RFC 7578): its texts by name and its files, together no more than
/// [`UPLOAD_BYTES`].
#[derive(Debug, Clone, Default)]
pub struct PostedFile {
    /// Texts by name, in order.
    pub texts: Vec<(String, String)>,
    /// Files that are not empty.
    pub files: Vec<Upload>,
}

/// Most bytes of a form with files.
pub const UPLOAD_BYTES: usize = 16 * 1024 * 1024;

impl PostedFile {
    /// The text of a field; empty if it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.as_str())
    }
}

impl<S: Send + Sync> FromRequest<S> for PostedFile {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let who = request.extensions().get::<SignedIn>().cloned();
        let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (parts, body) = request.into_parts();
        let limited = Body::new(http_body_util::Limited::new(body, UPLOAD_BYTES));
        let request = Request::from_parts(parts, limited);
        let refused = |detail: String| Problem::new(ProblemKind::InvalidField, detail).closing();
        let multipart = Multipart::from_request(request, state).await;
        let mut multipart = multipart
            .map_err(|error| Problem::new(ProblemKind::UnsupportedMediaType, format!("{}.", error.body_text())))?;
        // Files come behind the token, so that nobody's files are read but our own people's.
        let mut is_ours = who.is_none();
        if let (Some(who), Some(given)) = (&who, &given) {
            check_token(Some(given), who)?;
            is_ours = true;
        }
        let mut posted = Self::default();
        loop {
            let field =
                multipart.next_field().await.map_err(|error| refused(format!("The form: {}.", error.body_text())))?;
            let Some(field) = field else { break };
            let name = field.name().unwrap_or("").to_owned();
            let file = field.file_name().map(|name| name.rsplit(['/', '\\']).next().unwrap_or("").to_owned());
            if !is_ours && file.is_some() {
                return Err(Problem::new(ProblemKind::ForeignForm, "The form's token does not come first.").closing());
            }
            let bytes = field.bytes().await.map_err(|error| refused(format!("The form: {}.", error.body_text())))?;
            match file {
                Some(file) if !bytes.is_empty() => {
                    posted.files.push(Upload { field: name, name: file, bytes: bytes.to_vec() });
                }
                Some(_) => {}
                None => {
                    let text = String::from_utf8(bytes.to_vec());
                    let text = text.map_err(|_| refused(format!("The field {name:?} is not UTF-8.")))?;
                    if let (FIELD, Some(who)) = (name.as_str(), &who) {
                        check_token(Some(&text), who)?;
                        is_ours = true;
                    }
                    posted.texts.push((name, text));
                }
            }
        }
        if is_ours {
            Ok(posted)
        } else {
            Err(Problem::new(ProblemKind::ForeignForm, "The form has no token.").closing())
        }
    }
}
