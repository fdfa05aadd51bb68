//! Cookies (RFC 6265): who is signed in, and what the browser says of its language and time zone.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::service::people::SecretText;
use crate::service::people::session::LIFE_US;

/// Names the session. `__Host-` makes browsers refuse it from other hosts and without TLS (RFC 6265bis section 4.1.3.2).
const SECURE: &str = "__Host-session";
/// The same where the site is served without TLS, on a factory's own network.
const PLAIN: &str = "session";
/// The language that somebody chose who is not signed in.
pub const LANGUAGE: &str = "language";
/// The browser's time zone, which a script notes.
pub const ZONE: &str = "tz";

/// The value of a cookie; the first of that name.
#[must_use]
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The secret of the session that the browser holds.
#[must_use]
pub fn session(headers: &HeaderMap, is_secure: bool) -> Option<SecretText> {
    value(headers, if is_secure { SECURE } else { PLAIN }).and_then(SecretText::read)
}

/// Hands a session to the browser. Scripts cannot read it and other sites' forms do not send it.
#[must_use]
pub fn begin(secret: &SecretText, is_secure: bool) -> Option<HeaderValue> {
    let (name, secure) = if is_secure { (SECURE, "; Secure") } else { (PLAIN, "") };
    let life_s = LIFE_US / 1_000_000;
    let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life_s}{secure}", secret.reveal());
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the session out of the browser.
#[must_use]
pub fn end(is_secure: bool) -> HeaderValue {
    HeaderValue::from_static(match is_secure {
        true => "__Host-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure",
        false => "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    })
}

/// Notes a language for a year.
#[must_use]
pub fn language(tag: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{LANGUAGE}={tag}; Path=/; SameSite=Lax; Max-Age=31536000")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xsession=no; session=yes; session=later"));
        assert_eq!(value(&headers, "session"), Some("yes"));
        assert_eq!(value(&headers, "b"), None);
        assert_eq!(session(&headers, false), None, "this is no secret of ours");
    }

    #[test]
    fn a_session_is_for_this_host_and_its_pages_only() {
        let secret = SecretText::fresh().unwrap();
        let cookie = begin(&secret, true).unwrap();
        let text = cookie.to_str().unwrap();
        for part in ["__Host-session=", "Path=/;", "HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(cookie.is_sensitive() && !format!("{cookie:?}").contains(secret.reveal()));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(text.split(';').next().unwrap()).unwrap());
        assert_eq!(session(&headers, true), Some(secret));
        assert_eq!(session(&headers, false), None, "the name says that TLS was used");
    }
}
