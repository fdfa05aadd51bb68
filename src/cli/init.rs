//! `nameplate init`: makes an installation.

use super::failure::Outcome;
use super::installation::Place;
use super::output::{field, stdout};
use crate::service::keys::KEY_FILE;
use std::io::Write;

/// Makes a data folder with keys and an empty database, and prints the first admin token
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Run again, it changes nothing and says so. Keep a copy of the key file apart from the
database's backups: without it no serial can be issued any more, with it receipts can be forged.

Examples:
  nameplate init
  nameplate init --data /srv/nameplate
  nameplate init --data /srv/nameplate --database postgres://nameplate@db.example/nameplate
  nameplate init --join --data /srv/second --database postgres://nameplate@db.example/nameplate")]
pub(super) struct Args {
    /// Join a PostgreSQL database that other nodes use already: put a copy of their key file into the data folder first
    #[arg(long)]
    join: bool,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let was_there = place.data().join(KEY_FILE).exists();
        let nameplate = place.open_as(true, self.join).await?;
        let token = nameplate.first_token().await;
        nameplate.close().await;
        let (token, settings) = (token?, place.settings());
        let mut out = stdout();
        let what = if was_there { "There is an installation already" } else { "Made an installation" };
        writeln!(out, "{what} in {}", place.data().display())?;
        field(&mut out, 1, "database", Some(&settings.database))?;
        field(&mut out, 1, "key file", Some(place.data().join(KEY_FILE).display()))?;
        match token {
            Some(issued) => {
                writeln!(out, "\nAdmin token, shown this once only:\n  {}", issued.token)?;
                writeln!(
                    out,
                    "\nKeep a copy of the key file apart from the database's backups, and show it to nobody."
                )?;
            }
            None => writeln!(out, "Nothing was changed. For another token: nameplate token new --help")?,
        }
        Ok(out.flush()?)
    }
}
