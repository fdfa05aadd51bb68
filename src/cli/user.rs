//! `nameplate user`: who signs in on the pages.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, stdout, visible};
use crate::service::people::{NewUser, OneTimeLink, UserChange};
use crate::service::{Caller, Nameplate, rfc3339};
use clap::Subcommand;
use std::io::Write;

/// How many people are asked for at a time.
const PAGE: u32 = 500;

/// Invites, lists and changes the people who sign in on the pages
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Tokens are for programs (nameplate token); people have accounts. On SQLite these commands
need the server stopped; a running server has the same under People.

Examples:
  nameplate user invite ada@maker.example --roles planner
  nameplate user list"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an account and prints the link that opens it, this once only
    #[command(after_help = "\
Roles: admin, planner, station, operator, buyer, support, viewer.

Examples:
  nameplate user invite ada@maker.example --roles 'planner operator'
  nameplate user invite lindqvist@borealis.example --roles buyer --brand BOR --language de")]
    Invite {
        /// Address, which the person signs in with
        email: String,
        /// What the person may do: role names, separated by spaces or commas
        #[arg(long)]
        roles: String,
        /// The name that signs; the person may correct it
        #[arg(long, default_value = "")]
        name: String,
        /// The only brand that the person shall see; a buyer has one
        #[arg(long)]
        brand: Option<String>,
        /// The only station that the person shall work at
        #[arg(long)]
        station: Option<String>,
        /// Language of the pages: en, de, zh, or one that was added
        #[arg(long, default_value = "en")]
        language: String,
        /// Address of the pages, in front of the link
        #[arg(long, value_name = "URL", env = "NAMEPLATE_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
    },
    /// Lists the people
    #[command(after_help = "Examples:\n  nameplate user list")]
    List,
    /// Makes a new link: for a lost invitation or a forgotten password
    #[command(after_help = "Examples:\n  nameplate user link ada@maker.example")]
    Link {
        /// Address of the person
        email: String,
        /// Address of the pages, in front of the link
        #[arg(long, value_name = "URL", env = "NAMEPLATE_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
    },
    /// Changes what somebody may do; the person has to sign in again
    #[command(after_help = "\
Examples:
  nameplate user change ada@maker.example --roles 'admin planner'
  nameplate user change ada@maker.example --disable
  nameplate user change ada@maker.example --forget-codes")]
    Change {
        /// Address of the person
        email: String,
        /// Role names
        #[arg(long)]
        roles: Option<String>,
        /// Code of the brand; empty takes it away
        #[arg(long)]
        brand: Option<String>,
        /// The station; empty takes it away
        #[arg(long)]
        station: Option<String>,
        /// Signs in no more
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Signs in again
        #[arg(long)]
        enable: bool,
        /// Asks for no codes any more: the phone is lost
        #[arg(long)]
        forget_codes: bool,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let caller = Caller::command_line();
        place
            .with(async |nameplate| match self.command {
                Command::Invite { email, roles, name, brand, station, language, public_url } => {
                    let new = NewUser { email, name, roles, brand, station, language };
                    print(&nameplate.invite(&caller, &new).await?, &public_url)
                }
                Command::List => list(nameplate).await,
                Command::Link { email, public_url } => {
                    let user = nameplate.user_by_email(&email).await?.user;
                    print(&nameplate.make_link(&caller, user).await?, &public_url)
                }
                Command::Change { email, roles, brand, station, disable, enable, forget_codes } => {
                    let is_active = match (disable, enable) {
                        (true, _) => Some(false),
                        (false, true) => Some(true),
                        (false, false) => None,
                    };
                    let change = UserChange { roles, brand, station, is_active, forget_codes };
                    if change == UserChange::default() {
                        return Err(Failure::Usage(
                            "say what to change: --roles, --brand, --station, --disable ..".into(),
                        ));
                    }
                    let user = nameplate.user_by_email(&email).await?.user;
                    let user = nameplate.change_user(&caller, user, &change).await?;
                    note(format_args!("{}: {}, {}", visible(&user.email), user.roles, user.state.name()));
                    Ok(())
                }
            })
            .await
    }
}

fn print(link: &OneTimeLink, public_url: &str) -> Outcome {
    let mut out = stdout();
    writeln!(out, "{}{}", public_url.trim_end_matches('/'), link.path)?;
    out.flush()?;
    let until = rfc3339(link.expires_us);
    note(format_args!("for {}: it opens once, until {until}, and is shown only now", visible(&link.email)));
    Ok(())
}

async fn list(nameplate: &Nameplate) -> Outcome {
    let mut out = stdout();
    let mut after = 0;
    loop {
        let (users, next) = nameplate.users(after, PAGE).await?;
        for user in users {
            let bound = user.brand.or(user.station).unwrap_or_default();
            let (email, name, roles) = (visible(&user.email), visible(&user.name), user.roles);
            writeln!(out, "{email:<32} {name:<24} {:<9} {roles:<20} {bound}", user.state.name())?;
        }
        match next {
            Some(next) => after = next,
            None => return Ok(out.flush()?),
        }
    }
}
