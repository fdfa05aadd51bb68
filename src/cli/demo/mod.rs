//! `nameplate demo`: everything once, on a sample catalogue.

mod labels;
mod story;

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, stdout};
use super::serve::{LISTEN, listen, serve_until_asked, url};
use super::signals::end_when_asked;
use crate::http::pages::SiteSettings;
use crate::http::server::ServerLimits;
use crate::service::keys::KEY_FILE;
use crate::service::tokens::NewToken;
use crate::service::{Caller, Nameplate, rfc3339};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use story::Story;

/// Marks the data folder of a demo, so that no demo is ever played in a real installation.
const MARK: &str = "THIS-IS-A-DEMO";

/// How long the token of a demo works.
const TOKEN_US: i64 = 24 * 60 * 60 * 1_000_000;

/// Shows everything on a sample catalogue: an invented maker of thermal imaging devices
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It works in folders of its own (--data, by default demo-data, and --out) and ignores
NAMEPLATE_DATA. Running it again finds the same blocks and serials, and makes a new token.

Examples:
  nameplate demo
  nameplate demo --once
  nameplate demo --data /tmp/demo --out /tmp/demo-out --listen 127.0.0.1:9000")]
pub(super) struct Args {
    /// Folder for the demo's installation [default: demo-data]
    // Known to all commands; here because the default is another. The environment's value arrives, too.
    #[arg(long, value_name = "DIR", help_heading = "Installation")]
    data: Option<PathBuf>,
    /// End instead of serving
    #[arg(long)]
    once: bool,
    /// Folder for labels, serials and receipts
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    out: PathBuf,
    /// Address and port to serve on
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: String,
}

impl Args {
    /// `data_typed`: the data folder was named on the command line; the environment's is not for demos.
    pub(super) async fn run(self, data_typed: bool) -> Outcome {
        let data = self.data.filter(|_| data_typed).unwrap_or_else(|| "demo-data".into());
        let place = Place::folder(data.clone());
        // First of all, so that a port in use is found out before any work.
        let listener = if self.once {
            end_when_asked();
            None
        } else {
            Some(listen(&self.listen).await?)
        };
        mark(&data)?;
        let nameplate = Arc::new(place.open(true).await?);
        let story = story::play(&nameplate, &self.out).await?;
        let token = token(&nameplate).await?;
        let address = match &listener {
            Some(listener) => url(listener.local_addr().map_err(Failure::failed)?),
            None => format!("http://{}", self.listen),
        };
        let link = nameplate.first_link().await?.map(|link| format!("{address}{}", link.path));
        match tell(&story, &data, &self.out, &token, &address, link.as_deref(), self.once) {
            // Whoever has read enough may still want the server.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe || self.once => return Err(error.into()),
            _ => {}
        }
        match listener {
            Some(listener) => {
                serve_until_asked(nameplate, listener, ServerLimits::default(), SiteSettings::default()).await
            }
            None => {
                nameplate.close().await;
                Ok(())
            }
        }
    }
}

/// Makes the data folder a demo's, unless it is a real installation.
fn mark(data: &Path) -> Outcome {
    let mark = data.join(MARK);
    if data.join(KEY_FILE).exists() && !mark.exists() {
        return Err(Failure::Usage(format!(
            "{} holds a real installation: a demo would fill it with invented things. Choose another folder with --data",
            data.display()
        )));
    }
    let made = fs::create_dir_all(data).and_then(|()| {
        fs::write(&mark, "Everything in this folder was made by `nameplate demo` and can be deleted.\n")
    });
    made.map_err(|e| Failure::file(&mark, "cannot be written", &e))
}

/// A token for this day: those of earlier runs cannot be shown again.
async fn token(nameplate: &Nameplate) -> Outcome<String> {
    let new = NewToken {
        name: "demo".into(),
        scopes: "admin".into(),
        brand: None,
        station: None,
        printer: None,
        expires_at: Some(rfc3339(nameplate.clock().now_us() + TOKEN_US)),
    };
    Ok(nameplate.issue_token(&Caller::command_line(), &new).await?.token)
}

fn tell(
    story: &Story,
    data: &Path,
    folder: &Path,
    token: &str,
    url: &str,
    link: Option<&str>,
    once: bool,
) -> io::Result<()> {
    let mut out = stdout();
    writeln!(out, "A sample catalogue, as a maker of thermal imaging devices has it")?;
    writeln!(out, "  {} brands, {} SKUs, {} batches in {}", story.brands, story.skus, story.batches, data.display())?;
    writeln!(out, "  {} blocks, {} serials reserved\n", story.blocks.len(), story.serials)?;
    for block in &story.blocks {
        writeln!(out, "  {:<20} {:<10} {:>3} serials  {}", block.batch, block.sku, block.count, block.block)?;
    }
    writeln!(out, "\nIn {}", folder.display())?;
    writeln!(out, "  serials/     {} CSV files", story.blocks.len())?;
    writeln!(
        out,
        "  receipts/    {} signed receipts: nameplate receipt check --data {} FILE",
        story.blocks.len(),
        data.display()
    )?;
    writeln!(
        out,
        "  labels/      {} files: the labels of every block as PDF, printed once; specimens as ZPL and PNG",
        story.labels
    )?;
    writeln!(out, "\nToken to sign in with, for 24 hours\n  {token}\n")?;
    if once {
        writeln!(out, "After  nameplate serve --data {}  try", data.display())?;
    } else {
        writeln!(out, "Try")?;
    }
    for (what, text) in [("a serial", &story.serial), ("the same, mistyped", &story.typo)] {
        writeln!(out, "  # {what}\n  curl -sH 'Authorization: Bearer {token}' '{url}/api/v1/resolve?q={text}'")?;
    }
    match link {
        Some(link) => writeln!(out, "  # in a browser: open the first administrator's account\n  {link}\n")?,
        None => writeln!(out, "  # in a browser\n  {url}/\n")?,
    }
    out.flush()?;
    if !once {
        note("Ctrl-C ends the demo; delete the two folders and nothing is left of it");
    }
    Ok(())
}
