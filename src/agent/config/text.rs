//! The configuration as it stands in the file, and what it means.

use super::{Address, Config, ConfigError, Confirm, Driver, IppUri, Patience, Printer, Token, read_file};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Most printers of one agent: each has a thread.
const MOST_PRINTERS: usize = 256;

/// Most labels sent at once.
const LARGEST_WINDOW: u32 = 100;

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
pub(super) struct ConfigText {
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
pub(super) struct Fault(pub(super) Option<usize>, pub(super) String);

impl Fault {
    fn at<T>(spanned: &toml::Spanned<T>, why: impl Into<String>) -> Self {
        Self(Some(spanned.span().start), why.into())
    }
}

/// A fault of the text, or of a file that it names.
pub(super) enum Either {
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

/// What the text means. Paths in it are relative to `folder`.
pub(super) fn understand(text: ConfigText, folder: &Path) -> Result<Config, Either> {
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
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        return Err(Fault::at(
            &text.name,
            format!("{name:?}: a printer's name has 1 to 64 letters, digits, dots, - and _"),
        )
        .into());
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
