//! Mail over SMTP (RFC 5321), for installations that have a mail server.

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Message, SmtpTransport, Transport};
use std::time::Duration;

/// How long the mail server may take.
const WITHIN: Duration = Duration::from_secs(20);

/// Sends mail. `Debug` shows no password.
#[derive(Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    public_url: String,
}

/// Why mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The configuration names no mail server.
    #[error(
        "the address of the mail server is not like smtps://user@mail.example.com or smtp://mail.example.com:25: {0}"
    )]
    Address(String),
    /// The sender or the recipient is no address.
    #[error("{0} is not an address like nameplate@example.com")]
    Mailbox(String),
    /// The mail server does not take it.
    #[error("the mail server did not take it: {0}")]
    Refused(String),
}

impl Mailer {
    /// A mailer for a server like `smtps://user@host:port`, `smtp://host:port?tls=required` or `smtp://host:port`. The
    /// password comes apart from it, so that it stands in no list of processes.
    ///
    /// # Errors
    /// [`MailError`] for addresses that are none.
    pub fn new(server: &str, password: Option<&str>, from: &str, public_url: &str) -> Result<Self, MailError> {
        // What is wrong is said without the address, which may hold a password after all.
        let builder = SmtpTransport::from_url(server).map_err(|e| MailError::Address(e.to_string()))?;
        let user = server.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(user, _)| user);
        let builder = match (user, password) {
            (Some(user), Some(password)) => {
                let user = user.split(':').next().unwrap_or(user).replace("%40", "@");
                builder.credentials(Credentials::new(user, password.to_owned()))
            }
            _ => builder,
        };
        let from: Mailbox = from.parse().map_err(|_| MailError::Mailbox(from.to_owned()))?;
        let public_url = public_url.trim_end_matches('/').to_owned();
        Ok(Self { transport: builder.timeout(Some(WITHIN)).build(), from, public_url })
    }

    /// A page of this installation as others reach it.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Sends a text to one person.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, to: &str, subject: &str, body: &str) -> Result<(), MailError> {
        let address: lettre::Address = to.parse().map_err(|_| MailError::Mailbox(to.to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.to_owned())
            .map_err(|e| MailError::Refused(e.to_string()))?;
        let transport = self.transport.clone();
        let sent = tokio::task::spawn_blocking(move || transport.send(&message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(MailError::Refused(error.to_string())),
            Err(error) => Err(MailError::Refused(error.to_string())),
        }
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
