//! Where printers are: an address for raw bytes, a URI for IPP.

use std::fmt;
use std::net::IpAddr;

/// Port on which printers take raw bytes, unless told otherwise.
const RAW_PORT: u16 = 9100;

/// Host and port of a raw printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Name or number.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Address {
    /// Reads `host`, `host:port` or `[ipv6]:port`.
    ///
    /// # Errors
    ///
    /// In words, with what to write instead.
    ///
    /// # Examples
    ///
    /// ```
    /// use nameplate::agent::config::Address;
    ///
    /// assert_eq!(Address::parse("192.168.4.20").unwrap().port, 9100);
    /// assert!(Address::parse("http://192.168.4.20/").unwrap_err().contains("write 192.168.4.20"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, rest)) = text.split_once("://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            return Err(format!("{text:?} is a URL, but a raw printer has an address: write {host}"));
        }
        let wrong = || format!("{text:?} is not an address: write host:port, for example 192.168.4.20:9100");
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
                let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or_else(wrong)?) };
                (host.parse::<std::net::Ipv6Addr>().map(|_| host).map_err(|_| wrong())?, port)
            }
            None if text.parse::<std::net::Ipv6Addr>().is_ok() => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if host.is_empty() || host.len() > 253 || !host.bytes().all(is_host) {
            return Err(wrong());
        }
        let port = match port {
            None => RAW_PORT,
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?,
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// The URI of an IPP printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IppUri {
    /// As IPP wants it: `ipp://host:631/ipp/print`.
    pub uri: String,
    /// As HTTP wants it.
    pub url: String,
}

impl IppUri {
    /// Reads `ipp://` and `ipps://` (RFC 3510, RFC 7472).
    ///
    /// # Errors
    ///
    /// In words, with what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not the URI of a printer: write it as ipp://192.168.4.21:631/ipp/print, or with ipps://"
            )
        };
        let (secure, rest) = match text.split_once("://") {
            Some(("ipp", rest)) => (false, rest),
            Some(("ipps", rest)) => (true, rest),
            _ => return Err(wrong()),
        };
        let (authority, path) = rest.split_once('/').map_or((rest, String::new()), |(a, p)| (a, format!("/{p}")));
        if authority.is_empty() || authority.contains('@') || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(wrong());
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if has_port { "" } else { ":631" };
        let scheme = if secure { "https" } else { "http" };
        Ok(Self { uri: text.to_owned(), url: format!("{scheme}://{authority}{port}{path}") })
    }

    /// It names a queue of a print server, not a printer. A queue says "completed" before anything came out.
    #[must_use]
    pub fn is_queue(&self) -> bool {
        let path = self.uri.split("://").nth(1).and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
        path.starts_with("printers/") || path.starts_with("classes/")
    }
}
