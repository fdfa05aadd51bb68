//! HTTP Basic (RFC 7617) for printers that can do nothing else: the password is the printer's token.

use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::BASE64;

use crate::http::problem::Problem;

/// Longest credentials that are looked at, in characters.
const LONGEST: usize = 1_000;

/// The password as presented; `None` without one. The user name does not matter: printers demand that there is one.
pub(super) fn password(headers: &HeaderMap) -> Option<Result<String, String>> {
    let fault = |what: &str| Some(Err(format!("HTTP Basic: {what}.")));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let first = given.next()?;
    if given.next().is_some() {
        return fault("the request has more than one Authorization header");
    }
    let text = first.to_str().ok()?;
    let (scheme, credentials) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    if credentials.len() > LONGEST {
        return fault("the credentials are too long");
    }
    let decoded = BASE64.decode(credentials.trim().as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((_, password)) => Some(Ok(password.trim().to_owned())),
        None => fault("the credentials are not user and password in Base64"),
    }
}

/// The same refusal, with the challenge that makes a printer sign in.
pub(super) fn challenge(problem: Problem) -> Problem {
    match problem.kind().code() {
        401 => {
            let basic = HeaderValue::from_static("Basic realm=\"nameplate\", charset=\"UTF-8\"");
            problem.replace_header(header::WWW_AUTHENTICATE, basic)
        }
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Result<String, String>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, header.parse().unwrap());
        password(&headers)
    }

    #[test]
    fn the_password_is_what_stands_behind_the_first_colon() {
        let basic = |text: &str| of(&format!("Basic {}", BASE64.encode(text.as_bytes())));
        assert_eq!(basic("star:npt_x"), Some(Ok("npt_x".to_owned())));
        assert_eq!(basic(":npt_x"), Some(Ok("npt_x".to_owned())));
        assert_eq!(basic("a:b:c"), Some(Ok("b:c".to_owned())));
        assert_eq!(of(&format!("bAsIc {}", BASE64.encode(b"u:p"))), Some(Ok("p".to_owned())));
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for header in ["Basic", "Basic ", "Basic !!", "Basic bm9jb2xvbg==", "Basic /w=="] {
            assert!(matches!(of(header), Some(Err(_))), "{header}");
        }
        assert!(matches!(of(&format!("Basic {}", "A".repeat(2_000))), Some(Err(_))));
        assert_eq!(of("Bearer npt_x"), None);
        assert_eq!(password(&HeaderMap::new()), None);
        let mut twice = HeaderMap::new();
        twice.append(header::AUTHORIZATION, "Basic dTpw".parse().unwrap());
        twice.append(header::AUTHORIZATION, "Basic dTpw".parse().unwrap());
        assert!(matches!(password(&twice), Some(Err(_))));
    }
}
