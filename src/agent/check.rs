//! Looks whether the agent could work: server, tokens, printers. Prints nothing and takes no work.

use super::client::{self, CallError, Client, Peer};
use super::config::{Config, Confirm, Printer};
use super::drivers::Driver;
use super::journal::Folder;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The printer, if it is about one.
    pub printer: Option<String>,
    /// It is as it should be.
    pub is_well: bool,
    /// What it is about, in a sentence.
    pub text: String,
}

/// Looks at everything that the configuration names.
#[must_use]
pub fn check(config: &Config) -> Vec<Finding> {
    let general = |is_well, text| Finding { printer: None, is_well, text };
    let mut found = vec![match Folder::open(&config.journal) {
        Ok(_) => general(true, format!("the journal folder {} can be used", config.journal.display())),
        Err(error) => general(false, error.to_string()),
    }];
    let call = |peer| client::http(config.ca.as_deref(), peer);
    match call(Peer::Server).and_then(|server| Ok((server, call(Peer::Printer)?))) {
        Ok((server, nearby)) => {
            for printer in &config.printers {
                let client = Client::new(server.clone(), &config.server, &printer.name, &printer.token);
                found.extend(look_at(printer, &nearby, &client));
            }
        }
        Err(why) => found.push(general(false, why)),
    }
    found
}

fn look_at(printer: &Printer, nearby: &ureq::Agent, client: &Client) -> Vec<Finding> {
    let about = |is_well, text| Finding { printer: Some(printer.name.clone()), is_well, text };
    let (status, printer_says) = match Driver::new(printer, nearby).prepare(&mut || {}) {
        Ok(prepared) => (prepared.status, about(true, format!("would print; {}", confirmation(printer.confirm)))),
        Err(hold) => (hold.status, about(false, hold.why)),
    };
    let server_says = match client.status(&status) {
        Ok(()) => about(true, "the server knows this printer and its token".into()),
        Err(error) => about(false, advice(&error)),
    };
    vec![server_says, printer_says]
}

const fn confirmation(confirm: Confirm) -> &'static str {
    match confirm {
        Confirm::Status => "its status confirms labels",
        Confirm::Counter => "its label counter confirms labels",
        Confirm::None => "nothing confirms labels: each will wait for a person",
    }
}

/// The error, with what to do about it.
fn advice(error: &CallError) -> String {
    match error.status() {
        Some(401) => format!("{error}. Is the token whole, and was it not replaced by a newer one?"),
        Some(403 | 404) => {
            format!("{error}. Is this the token of this very printer, and its name spelled as at the server?")
        }
        _ => error.to_string(),
    }
}
