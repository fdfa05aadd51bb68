//! `nameplate openapi`: the description of the API.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::stdout;
use crate::http::api::site;
use crate::http::pages::SiteSettings;
use crate::http::server::ServerLimits;
use crate::service::random;
use data_encoding::HEXLOWER;
use std::io::Write;
use std::sync::Arc;

/// Prints the OpenAPI 3.1 document of the HTTP API
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It needs no installation, and is the same that a server shows under /openapi.json.

Examples:
  nameplate openapi > openapi.json
  nameplate openapi | jq .paths")]
pub(super) struct Args {}

impl Args {
    pub(super) async fn run(self) -> Outcome {
        let document = document().await?;
        let mut out = stdout();
        writeln!(out, "{document}")?;
        Ok(out.flush()?)
    }
}

/// The routes hold an open installation, so one is made for the moment, in a folder of its own.
async fn document() -> Outcome<String> {
    let name = format!("nameplate-openapi-{}", HEXLOWER.encode(&random::<8>()?));
    let folder = std::env::temp_dir().join(name);
    let document = async {
        let nameplate = Arc::new(Place::folder(folder.clone()).open(true).await?);
        let site =
            site(Arc::clone(&nameplate), &ServerLimits::default(), SiteSettings::default()).map_err(Failure::failed)?;
        nameplate.close().await;
        site.document.to_pretty_json().map_err(Failure::from)
    };
    let document = document.await;
    // Nothing of value is in it; that it could not be removed does not make the document wrong.
    let _ = std::fs::remove_dir_all(&folder);
    document
}
