//! How a server shows itself to people: its address, its mail server, its languages.

use super::failure::{Failure, Outcome};
use crate::http::pages::SiteSettings;
use crate::service::people::Mailer;
use crate::words::Words;
use std::fs;
use std::io;
use std::path::Path;

/// Folder in the data folder with files of messages: more languages, or other words.
const MESSAGES: &str = "messages";

#[derive(Debug, clap::Args, Default)]
#[command(next_help_heading = "Pages and mail")]
pub(super) struct SiteArgs {
    /// Address of the pages, e.g. https://labels.example.com; https keeps cookies on TLS
    #[arg(long, value_name = "URL", env = "NAMEPLATE_PUBLIC_URL")]
    public_url: Option<String>,
    /// Mail server, e.g. smtps://user@mail.example.com; password in NAMEPLATE_SMTP_PASSWORD
    #[arg(long, value_name = "URL", env = "NAMEPLATE_SMTP", requires = "mail_from", requires = "public_url")]
    smtp: Option<String>,
    /// Sender of mail, e.g. nameplate@example.com
    #[arg(long, value_name = "ADDRESS", env = "NAMEPLATE_MAIL_FROM")]
    mail_from: Option<String>,
}

impl SiteArgs {
    /// What was asked for, checked.
    pub(super) fn settings(&self, data: &Path) -> Outcome<SiteSettings> {
        let public_url = self.public_url.as_deref().map(public_url).transpose()?;
        let mailer = match (&self.smtp, &self.mail_from, &public_url) {
            (Some(server), Some(from), Some(url)) => {
                let password = std::env::var("NAMEPLATE_SMTP_PASSWORD").ok();
                let mailer = Mailer::new(server, password.as_deref(), from, url);
                Some(mailer.map_err(|e| Failure::Usage(e.to_string()))?)
            }
            _ => None,
        };
        Ok(SiteSettings { public_url, mailer, words: words(&data.join(MESSAGES))? })
    }
}

fn public_url(text: &str) -> Outcome<String> {
    let text = text.trim_end_matches('/');
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    match authority {
        Some(authority) if !authority.is_empty() && authority.chars().all(plain) => Ok(text.to_owned()),
        _ => Err(Failure::Usage(format!(
            "--public-url {text:?} is not an address like https://labels.example.com, without a path"
        ))),
    }
}

/// The files of messages in a folder, in order of their names; none if there is no such folder.
fn words(folder: &Path) -> Outcome<Vec<Words>> {
    let mut paths = match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(|e| Failure::file(folder, "cannot be read", &e))?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Failure::file(folder, "cannot be read", &e)),
    };
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).map_err(|e| Failure::file(path, "cannot be read", &e))?;
        Words::read(&path.display().to_string(), &text).map_err(|e| Failure::Failed(e.to_string()))
    };
    paths.iter().map(read).collect()
}
