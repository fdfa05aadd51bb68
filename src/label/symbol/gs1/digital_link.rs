//! GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax).

use super::super::error::shown;
use super::{Brackets, ElementString, Gs1Error};

/// Bytes that a link may have.
pub const MAX_LINK_BYTES: usize = 2048;

/// Identities that may start the path, the first one present is taken, with the qualifiers that may follow in order.
const KEYS: [(&str, &[&str]); 16] = [
    ("01", &["22", "10", "21", "235"]),
    ("8006", &["22", "10", "21"]),
    ("00", &[]),
    ("414", &["254"]),
    ("417", &[]),
    ("8003", &[]),
    ("8004", &[]),
    ("8010", &["8011"]),
    ("8013", &[]),
    ("8017", &["8019"]),
    ("8018", &["8019"]),
    ("253", &[]),
    ("255", &[]),
    ("401", &[]),
    ("402", &[]),
    ("03", &["21"]),
];

impl ElementString {
    /// The link under a host: `https://host/01/{gtin14}/22/../10/../21/..?17=..`.
    ///
    /// Identity and qualifiers are the path, all else is the query in the order of the elements. Everything but
    /// `A-Z a-z 0-9 - . _ ~` is percent-encoded with upper-case digits.
    ///
    /// # Errors
    /// [`Gs1Error::Host`], [`Gs1Error::LinkWithoutKey`].
    ///
    /// ```
    /// # use nameplate::label::symbol::gs1::{ElementString, Gs1Error};
    /// let elements = ElementString::parse("(01)9506000134352(17)271231(21)7K/3M")?;
    /// let link = elements.digital_link("id.gs1.org")?;
    /// assert_eq!(link, "https://id.gs1.org/01/09506000134352/21/7K%2F3M?17=271231");
    /// assert_eq!(ElementString::parse_digital_link(&link)?, elements);
    /// assert!(elements.digital_link("https://id.gs1.org").is_err());
    /// # Ok::<(), Gs1Error>(())
    /// ```
    pub fn digital_link(&self, domain: &str) -> Result<String, Gs1Error> {
        let mut link = String::new();
        self.push_digital_link(domain, &mut link)?;
        Ok(link)
    }

    /// Appends the link, see [`ElementString::digital_link`].
    ///
    /// # Errors
    /// As for [`ElementString::digital_link`]; nothing is then appended.
    pub fn push_digital_link(&self, domain: &str, out: &mut String) -> Result<(), Gs1Error> {
        if !is_host(domain) {
            return Err(Gs1Error::Host { host: shown(domain) });
        }
        let key = KEYS.iter().find(|(key, _)| self.value(key).is_some());
        let (key, qualifiers) = key.ok_or(Gs1Error::LinkWithoutKey)?;
        out.extend(["https://", domain]);
        for ai in std::iter::once(key).chain(qualifiers.iter()) {
            if let Some(value) = self.value(ai) {
                out.extend(["/", ai, "/"]);
                push_percent_encoded(value, out);
            }
        }
        let mut mark = "?";
        for (ai, value) in self.elements().filter(|(ai, _)| ai != key && !qualifiers.contains(ai)) {
            out.extend([mark, ai, "="]);
            push_percent_encoded(value, out);
            mark = "&";
        }
        Ok(())
    }

    /// Reads a link of any host, also with a path in front of the identity and with other keys in the query.
    ///
    /// # Errors
    /// [`Gs1Error`]; the elements are checked as by [`ElementString::parse`].
    pub fn parse_digital_link(link: &str) -> Result<ElementString, Gs1Error> {
        let refused = |reason| Gs1Error::Link { link: shown(link), reason };
        if link.len() > MAX_LINK_BYTES {
            return Err(Gs1Error::LinkTooLong { bytes: link.len() });
        }
        let after_scheme = link
            .split_once("://")
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"));
        let (_, rest) = after_scheme.ok_or_else(|| refused("it does not start with https://"))?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_host(host) {
            return Err(Gs1Error::Host { host: shown(host) });
        }
        let segments: Vec<&str> = path.split('/').collect();
        let start = (0..segments.len()).find(|&at| is_identity(&segments[at..]));
        let start = start.ok_or_else(|| refused("its path has no identity such as /01/ and a GTIN at its end"))?;
        let mut elements = ElementString::default();
        for pair in segments[start..].chunks_exact(2) {
            elements.push_decoded(pair[0], pair[1]).map_err(|e| e.unwrap_or_else(|| refused(NOT_ENCODED)))?;
        }
        for (key, value) in query.split(['&', ';']).filter_map(|pair| pair.split_once('=')) {
            if key.bytes().all(|byte| byte.is_ascii_digit()) && !key.is_empty() {
                elements.push_decoded(key, value).map_err(|e| e.unwrap_or_else(|| refused(NOT_ENCODED)))?;
            }
        }
        elements.finish()?;
        Ok(elements)
    }

    /// Appends a percent-encoded value; `None` as the error if it is not encoded properly.
    fn push_decoded(&mut self, ai: &str, value: &str) -> Result<(), Option<Gs1Error>> {
        let value = percent_decoded(value).ok_or(None)?;
        self.push(ai, &value, Brackets::AsTheyAre).map_err(Some)
    }
}

const NOT_ENCODED: &str = "a percent sign must be followed by two hexadecimal digits of ASCII";

/// Whether path segments are an identity and its qualifiers, in their order and nothing else.
fn is_identity(segments: &[&str]) -> bool {
    let Some((_, qualifiers)) = KEYS.iter().find(|(key, _)| *key == segments[0]) else { return false };
    let mut allowed = qualifiers.iter();
    segments.len().is_multiple_of(2)
        && segments[2..].chunks_exact(2).all(|pair| allowed.any(|qualifier| *qualifier == pair[0]))
}

/// A host name of letters, digits, hyphens and dots, with a port or without.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn push_percent_encoded(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Values are ASCII, so each escape is one character.
fn percent_decoded(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let high = characters.next()?.to_digit(16)?;
        let low = characters.next()?.to_digit(16)?;
        let byte = u8::try_from(high * 16 + low).ok().filter(u8::is_ascii)?;
        out.push(char::from(byte));
    }
    Some(out)
}
