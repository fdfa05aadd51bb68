//! What is the same for everybody, packed once: style sheets, scripts, the manual. Pages are not packed while they are sent:
//! they hold the token of a person's forms, which the length of packed text could give away (BREACH).

use std::io::Write;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::extract::ETag;

/// Bytes as they are and packed with gzip (RFC 1952), each with its tag.
#[derive(Debug, Clone)]
pub struct Packed {
    media_type: &'static str,
    plain: (Bytes, ETag),
    gzip: Option<(Bytes, ETag)>,
}

impl Packed {
    /// Packs bytes, if that makes them shorter.
    #[must_use]
    pub fn new(media_type: &'static str, plain: impl Into<Bytes>) -> Self {
        let plain = plain.into();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let packed = encoder.write_all(&plain).and_then(|()| encoder.finish()).ok();
        let gzip = packed.filter(|packed| packed.len() < plain.len()).map(Bytes::from);
        let tagged = |bytes: Bytes| {
            let tag = ETag::of_bytes(&bytes);
            (bytes, tag)
        };
        Self { media_type, plain: tagged(plain), gzip: gzip.map(tagged) }
    }

    /// The answer for this client: packed if it can unpack, and empty if it has these bytes already. Browsers keep the
    /// bytes and ask whether they are still the same: an upgrade shows at once.
    #[must_use]
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let packed = self.gzip.as_ref().filter(|_| takes_gzip(headers));
        let (bytes, tag) = packed.unwrap_or(&self.plain);
        let kept = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if tag.is_known_to(headers) {
            return (StatusCode::NOT_MODIFIED, tag.clone(), kept).into_response();
        }
        let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type))];
        let mut response = (tag.clone(), kept, media_type, bytes.clone()).into_response();
        if packed.is_some() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// Whether a client can unpack gzip (RFC 9110 section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(coding: &'static str, known: Option<&str>) -> Response {
        let packed = Packed::new("text/css", "a { color: red; }\n".repeat(50));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
        if let Some(known) = known {
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(known).unwrap());
        }
        packed.answer(&headers)
    }

    #[test]
    fn only_those_who_can_unpack_get_it_packed() {
        for (coding, packed) in
            [("gzip, deflate, br", true), ("GZIP;q=0.5", true), ("gzip;q=0", false), ("identity", false), ("xgzip", false)]
        {
            let answer = asked(coding, None);
            assert_eq!(answer.headers().contains_key(header::CONTENT_ENCODING), packed, "{coding}");
            assert_eq!(answer.headers()[header::VARY], "accept-encoding");
        }
    }

    #[test]
    fn each_form_has_a_tag_of_its_own() {
        let tag = |answer: &Response| answer.headers()[header::ETAG].to_str().unwrap().to_owned();
        let (plain, gzip) = (asked("identity", None), asked("gzip", None));
        assert_ne!(tag(&plain), tag(&gzip));
        assert_eq!(asked("gzip", Some(&tag(&gzip))).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(asked("gzip", Some(&tag(&plain))).status(), StatusCode::OK);
    }

    #[test]
    fn what_cannot_be_packed_stays_as_it_is() {
        let packed = Packed::new("image/png", vec![7_u8; 3]);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!packed.answer(&headers).headers().contains_key(header::CONTENT_ENCODING));
    }
}
