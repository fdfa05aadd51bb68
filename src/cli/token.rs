//! `nameplate token`: who may use the HTTP API.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, print_json, stdout, visible};
use crate::service::token::TokenId;
use crate::service::tokens::{DEFAULT_OVERLAP_S, IssuedToken, ListedToken, NewToken, TokenState};
use crate::service::{Caller, Nameplate};
use clap::Subcommand;
use std::io::Write;

/// How many tokens are asked for at a time.
const PAGE: u32 = 500;

/// Makes, lists, replaces and ends API tokens
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  nameplate token new --name 'line 3' --scopes station --station line-3
  nameplate token list
  nameplate token revoke 0123456789"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a token and prints it, this once only
    #[command(after_help = "\
Scopes: admin, planner, station, printer, buyer, support.

Examples:
  nameplate token new --name 'line 3' --scopes station --station line-3
  nameplate token new --name 'Borealis Optics' --scopes buyer --brand BOR --expires-at 2027-12-31T23:59:59Z
  nameplate token new --name planning --scopes 'planner support' --json | jq -r .token")]
    New {
        /// Who or what it is for
        #[arg(long)]
        name: String,
        /// What it may do: scope names, separated by spaces or commas
        #[arg(long)]
        scopes: String,
        /// The only brand that it shall see
        #[arg(long)]
        brand: Option<String>,
        /// The only station that it shall speak for
        #[arg(long)]
        station: Option<String>,
        /// The only printer whose queue it shall open: with the scope printer
        #[arg(long)]
        printer: Option<String>,
        /// When it ends, RFC 3339; never if left out
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists the tokens, without their secrets
    #[command(after_help = "Examples:\n  nameplate token list\n  nameplate token list --json")]
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Makes a successor with the same rights; the old token works on for a while
    #[command(after_help = "\
Examples:
  nameplate token rotate 0123456789
  nameplate token rotate 0123456789 --overlap-s 0")]
    Rotate {
        /// Id, as listed
        id: String,
        /// How long the old token works on, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_OVERLAP_S)]
        overlap_s: u32,
        /// Print the new token as JSON
        #[arg(long)]
        json: bool,
    },
    /// Ends a token now
    #[command(after_help = "Examples:\n  nameplate token revoke 0123456789")]
    Revoke {
        /// Id, as listed
        id: String,
    },
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let caller = Caller::command_line();
        place
            .with(async |nameplate| match self.command {
                Command::New { name, scopes, brand, station, printer, expires_at, json } => {
                    let new = NewToken { name, scopes: scopes.replace(',', " "), brand, station, printer, expires_at };
                    print(&nameplate.issue_token(&caller, &new).await?, json)
                }
                Command::List { json } => list(nameplate, json).await,
                Command::Rotate { id, overlap_s, json } => {
                    rotate(nameplate, &caller, parse_id(&id)?, overlap_s, json).await
                }
                Command::Revoke { id } => {
                    nameplate.revoke_token(&caller, parse_id(&id)?).await?;
                    note(format_args!("token {id} is revoked"));
                    Ok(())
                }
            })
            .await
    }
}

fn parse_id(text: &str) -> Outcome<TokenId> {
    let advice = "an id has 10 symbols; nameplate token list shows them";
    text.parse().map_err(|_| Failure::Usage(format!("{text:?} is not the id of a token: {advice}")))
}

fn print(issued: &IssuedToken, json: bool) -> Outcome {
    if json {
        return print_json(issued);
    }
    note(format_args!("token {} for {} ({}), shown this once only:", issued.id, visible(&issued.name), issued.scopes));
    let mut out = stdout();
    writeln!(out, "{}", issued.token)?;
    Ok(out.flush()?)
}

async fn rotate(nameplate: &Nameplate, caller: &Caller, id: TokenId, overlap_s: u32, json: bool) -> Outcome {
    let issued = nameplate.rotate_token(caller, id, overlap_s).await?;
    print(&issued, json)?;
    let id = id.to_string();
    match all(nameplate).await?.iter().find(|token| token.id == id) {
        Some(old) if old.state == TokenState::Live => {
            note(format_args!("the old token {id} works until {}", end(old).unwrap_or("it is revoked")));
        }
        _ => note(format_args!("the old token {id} works no longer")),
    }
    Ok(())
}

/// When a token stops working, or stopped: whichever of its ends is first, if it has any. Both are written alike, in
/// UTC, so the order of the texts is that of the times, to the second.
fn end(token: &ListedToken) -> Option<&str> {
    [token.revoked_at.as_deref(), token.expires_at.as_deref()].into_iter().flatten().min()
}

/// All tokens, page by page.
async fn all(nameplate: &Nameplate) -> Outcome<Vec<ListedToken>> {
    let (mut all, mut after) = (Vec::<ListedToken>::new(), Some(String::new()));
    while let Some(start) = after {
        let (page, next) = nameplate.tokens(&start, PAGE).await?;
        all.extend(page);
        after = next;
    }
    Ok(all)
}

async fn list(nameplate: &Nameplate, json: bool) -> Outcome {
    let all = all(nameplate).await?;
    if json {
        return print_json(&all);
    }
    let mut out = stdout();
    for token in &all {
        let state = match token.state {
            TokenState::Live => "live",
            TokenState::Expired => "expired",
            TokenState::Revoked => "revoked",
        };
        let until = end(token).unwrap_or("-");
        writeln!(out, "{} {state:<8} {:<24} until {until:<22} {}", token.id, token.scopes, visible(&token.name))?;
    }
    Ok(out.flush()?)
}
