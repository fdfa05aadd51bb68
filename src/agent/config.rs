//! The agent's configuration: one TOML file, in which nothing that is not known is passed over.

use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Port on which printers take raw bytes, unless told otherwise.
const RAW_PORT: u16 = 9100;

/// Most printers of one agent: each has a thread.
const MOST_PRINTERS: usize = 256;

/// Most labels sent at once.
const LARGEST_WINDOW: u32 = 100;

/// Longest file of configuration, certificates or a token, in bytes.
const LONGEST_FILE: u64 = 1 << 20;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The text says something that cannot be meant.
    #[error("{path}{at}: {why}", path = path.display(), at = Line(*line))]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1, where it is known.
        line: Option<usize>,
        /// What is wrong and what to write.
        why: String,
    },
}

struct Line(Option<usize>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ", line {line}"))
    }
}

/// A configuration that makes sense.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server is, without a slash at the end.
    pub server: String,
    /// Folder of the journals.
    pub journal: PathBuf,
    /// Certificates to trust instead of those that browsers trust, as PEM.
    pub ca: Option<Vec<u8>>,
    /// The first wait after the server could not be reached; it doubles up to [`super::pace::LONGEST_WAIT`].
    pub backoff: Duration,
    /// How long a request for work may wait at the server, in seconds.
    pub wait_s: u32,
    /// The printers; no two have the same name.
    pub printers: Vec<Printer>,
}

/// A printer.
#[derive(Debug, Clone)]
pub struct Printer {
    /// Its name at the server.
    pub name: String,
    /// Its token.
    pub token: Token,
    /// How it is reached.
    pub driver: Driver,
    /// What confirms a label.
    pub confirm: Confirm,
    /// Labels sent at once.
    pub window: u32,
    /// How long things may take.
    pub patience: Patience,
}

/// How a printer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// ZPL over TCP.
    Raw(Address),
    /// PDF over IPP, to the printer's own URI.
    Ipp(IppUri),
    /// Files in a folder.
    Folder(PathBuf),
}

/// What confirms a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// The printer says afterwards that it is idle and well.
    Status,
    /// Its label counter went up by exactly the labels sent.
    Counter,
    /// Nothing: every label is unconfirmed until a person says otherwise.
    None,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To connect to the printer.
    pub connect: Duration,
    /// For an answer of the printer, and for it to take bytes.
    pub answer: Duration,
    /// For labels to come out, after the last byte.
    pub confirm: Duration,
    /// Between two looks at a printer that does not print.
    pub retry: Duration,
    /// For a printer that stopped within a lease to go on, before its labels are given back.
    pub hold: Duration,
}

/// A token. Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.starts_with("npt_") && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err("a printer's token begins with npt_; an administrator issues it with the printer".into()),
        }
    }

    /// The value of the header that shows it to the server.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("npt_(secret)")
    }
}

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

/// A number of seconds, whole or not.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Seconds(Duration);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        match (0.01..=3600.0).contains(&seconds) {
            true => Ok(Self(Duration::from_secs_f64(seconds))),
            false => Err("from 0.01 to 3600 seconds"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigText {
    server: toml::Spanned<String>,
    journal: PathBuf,
    ca_file: Option<PathBuf>,
    backoff_s: Option<Seconds>,
    wait_s: Option<toml::Spanned<u32>>,
    #[serde(default)]
    printer: Vec<toml::Spanned<PrinterText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrinterText {
    name: toml::Spanned<String>,
    token: Option<toml::Spanned<String>>,
    token_file: Option<toml::Spanned<PathBuf>>,
    driver: DriverText,
    address: Option<toml::Spanned<String>>,
    uri: Option<toml::Spanned<String>>,
    folder: Option<toml::Spanned<PathBuf>>,
    window: Option<toml::Spanned<u32>>,
    confirm: Option<toml::Spanned<Confirm>>,
    connect_s: Option<Seconds>,
    answer_s: Option<Seconds>,
    confirm_s: Option<Seconds>,
    retry_s: Option<Seconds>,
    hold_s: Option<Seconds>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum DriverText {
    Raw,
    Ipp,
    Folder,
}

/// What is wrong, and where in the text if that is known.
struct Fault(Option<usize>, String);

impl Fault {
    fn at<T>(spanned: &toml::Spanned<T>, why: impl Into<String>) -> Self {
        Self(Some(spanned.span().start), why.into())
    }
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the file and the line, and says what to write.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = read_file(path)?;
        let wrong = |line, why| ConfigError::Wrong { path: path.to_owned(), line, why };
        let text = String::from_utf8(text).map_err(|_| wrong(None, "it is not UTF-8 text".into()))?;
        let line = |at: usize| text.get(..at).map(|before| before.matches('\n').count() + 1);
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let parsed: ConfigText = toml::from_str(&text).map_err(|error| {
            wrong(error.span().and_then(|span| line(span.start)), error.message().trim_end().to_owned())
        })?;
        understand(parsed, folder).map_err(|fault| match fault {
            Either::Fault(Fault(at, why)) => wrong(at.and_then(line), why),
            Either::File(error) => error,
        })
    }
}

enum Either {
    Fault(Fault),
    File(ConfigError),
}

impl From<Fault> for Either {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ConfigError> for Either {
    fn from(error: ConfigError) -> Self {
        Self::File(error)
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ConfigError> {
    use std::io::Read;
    let unreadable = |error| ConfigError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

fn understand(text: ConfigText, folder: &Path) -> Result<Config, Either> {
    let server = server(&text.server)?;
    if text.printer.is_empty() {
        return Err(Fault(None, "it names no printer: add a [[printer]] table".into()).into());
    }
    if text.printer.len() > MOST_PRINTERS {
        return Err(Fault(None, format!("more than {MOST_PRINTERS} printers: run a second agent")).into());
    }
    let wait_s = match &text.wait_s {
        None => 20,
        Some(wait) if *wait.get_ref() <= 25 => *wait.get_ref(),
        Some(wait) => return Err(Fault::at(wait, "wait_s: a request waits at most 25 seconds").into()),
    };
    let mut printers: Vec<Printer> = Vec::new();
    for one in text.printer {
        let name = one.get_ref().name.clone();
        if printers.iter().any(|printer| printer.name == *name.get_ref()) {
            return Err(Fault::at(&name, format!("the printer {} is named twice", name.get_ref())).into());
        }
        printers.push(printer(one, folder)?);
    }
    Ok(Config {
        server,
        journal: folder.join(text.journal),
        ca: text.ca_file.map(|path| read_file(&folder.join(path))).transpose()?,
        backoff: text.backoff_s.map_or(Duration::from_secs(1), |Seconds(wait)| wait),
        wait_s,
        printers,
    })
}

fn server(text: &toml::Spanned<String>) -> Result<String, Fault> {
    let url = text.get_ref().trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = host.ok_or_else(|| {
        Fault::at(text, format!("server: {url:?} has no scheme: write it as https://nameplate.example.com"))
    })?;
    match !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\"".contains(&b)) {
        true => Ok(url.to_owned()),
        false => {
            Err(Fault::at(text, format!("server: {url:?} is not a URL: write it as https://nameplate.example.com")))
        }
    }
}

fn printer(text: toml::Spanned<PrinterText>, folder: &Path) -> Result<Printer, Either> {
    let at = text.span().start;
    let text = text.into_inner();
    let name = text.name.get_ref().clone();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        return Err(
            Fault::at(&text.name, format!("{name:?}: a printer's name has 1 to 64 letters, digits, - and _")).into()
        );
    }
    let token = token(&text, at, folder)?;
    let (driver, confirm) = driver(&text, at, folder)?;
    let window = window(&text, &driver, confirm)?;
    let seconds = |value: Option<Seconds>, usual| value.map_or(Duration::from_secs(usual), |Seconds(value)| value);
    let patience = Patience {
        connect: seconds(text.connect_s, 5),
        answer: seconds(text.answer_s, 5),
        confirm: seconds(text.confirm_s, 60),
        retry: seconds(text.retry_s, 5),
        hold: seconds(text.hold_s, 300),
    };
    Ok(Printer { name, token, driver, confirm, window, patience })
}

fn token(text: &PrinterText, at: usize, folder: &Path) -> Result<Token, Either> {
    match (&text.token, &text.token_file) {
        (Some(token), None) => Token::parse(token.get_ref()).map_err(|why| Fault::at(token, why).into()),
        (None, Some(file)) => {
            let path = folder.join(file.get_ref());
            let bytes = read_file(&path)?;
            let wrong = |why| ConfigError::Wrong { path, line: None, why };
            Ok(Token::parse(&String::from_utf8_lossy(&bytes)).map_err(wrong)?)
        }
        (Some(_), Some(file)) => Err(Fault::at(file, "token and token_file: give one of them").into()),
        (None, None) => Err(Fault(Some(at), format!("{}: token or token_file is missing", text.name.get_ref())).into()),
    }
}

fn driver(text: &PrinterText, at: usize, folder: &Path) -> Result<(Driver, Confirm), Either> {
    let name = text.name.get_ref();
    let missing = |what: &str| Fault(Some(at), format!("{name}: {what} is missing, for its driver"));
    let foreign = [
        (DriverText::Raw, "address", text.address.as_ref().map(toml::Spanned::span)),
        (DriverText::Ipp, "uri", text.uri.as_ref().map(toml::Spanned::span)),
        (DriverText::Folder, "folder", text.folder.as_ref().map(toml::Spanned::span)),
    ];
    for (owner, key, span) in foreign {
        if let (true, Some(span)) = (owner != text.driver, span) {
            return Err(Fault(Some(span.start), format!("{name}: {key} belongs to another driver")).into());
        }
    }
    let chosen = text.confirm.as_ref().map(|confirm| *confirm.get_ref());
    let refused = |why: &str| match &text.confirm {
        Some(confirm) => Fault::at(confirm, format!("{name}: {why}")),
        None => Fault(Some(at), format!("{name}: {why}")),
    };
    match text.driver {
        DriverText::Raw => {
            let address = text.address.as_ref().ok_or_else(|| missing("address = \"host:port\""))?;
            let parsed =
                Address::parse(address.get_ref()).map_err(|why| Fault::at(address, format!("{name}: {why}")))?;
            Ok((Driver::Raw(parsed), chosen.unwrap_or(Confirm::Status)))
        }
        DriverText::Ipp => {
            let uri = text.uri.as_ref().ok_or_else(|| missing("uri = \"ipp://host/ipp/print\""))?;
            let parsed = IppUri::parse(uri.get_ref()).map_err(|why| Fault::at(uri, format!("{name}: {why}")))?;
            match chosen {
                Some(Confirm::Counter) => Err(refused("confirm = \"counter\" is for raw printers").into()),
                Some(Confirm::Status) if parsed.is_queue() => Err(refused(
                    "the URI is a print server's queue, which says \"completed\" before anything came out: write the \
                     printer's own URI, or confirm = \"none\"",
                )
                .into()),
                chosen => Ok((Driver::Ipp(parsed), chosen.unwrap_or(Confirm::None))),
            }
        }
        DriverText::Folder => {
            let path = text.folder.as_ref().ok_or_else(|| missing("folder"))?;
            match chosen {
                None | Some(Confirm::None) => Ok((Driver::Folder(folder.join(path.get_ref())), Confirm::None)),
                Some(_) => Err(refused("a folder cannot confirm: leave confirm away").into()),
            }
        }
    }
}

fn window(text: &PrinterText, driver: &Driver, confirm: Confirm) -> Result<u32, Fault> {
    let Some(window) = &text.window else { return Ok(1) };
    let name = text.name.get_ref();
    match *window.get_ref() {
        0 => Err(Fault::at(window, format!("{name}: a window has at least one label"))),
        1 => Ok(1),
        n if n > LARGEST_WINDOW => {
            Err(Fault::at(window, format!("{name}: a window has at most {LARGEST_WINDOW} labels")))
        }
        n if matches!(driver, Driver::Raw(_)) && confirm == Confirm::Counter => Ok(n),
        _ => Err(Fault::at(
            window,
            format!(
                "{name}: more than one label at once needs confirm = \"counter\": otherwise one lost link leaves all of \
                     them unconfirmed"
            ),
        )),
    }
}

#[cfg(test)]
mod tests;
