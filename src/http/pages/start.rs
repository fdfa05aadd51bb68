//! The start page: what needs me now.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::list::address;
use super::proofs::waits_for;
use super::{PageApp, Pages, View, page};
use crate::http::problem::Problem;
use crate::service::people::{Role, SignedIn};
use crate::service::proof::WhichProofs;
use crate::trace::ProofState;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/", &Role::ALL, show)
}

/// Something that waits.
#[derive(Debug)]
struct Card {
    /// How much; none if there is nothing to count.
    count: Option<i64>,
    /// In words.
    text: String,
    /// What to do.
    advice: String,
    /// Where.
    path: String,
}

/// A step on the way to the first label.
#[derive(Debug)]
struct Step {
    text: &'static str,
    path: &'static str,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "pages/start.html")]
struct Start {
    v: View,
    cards: Vec<Card>,
    /// Steps of a new installation, for those who take them.
    steps: Vec<Step>,
    /// Where people with these roles begin.
    doors: Vec<(&'static str, &'static str)>,
}

async fn show(State(app): State<PageApp>, v: View, who: SignedIn) -> Result<Response, Problem> {
    let mut cards = waiting(&app, &v, &who).await?;
    let mut steps = Vec::new();
    if who.brand.is_none() {
        let facts = app.nameplate.waiting(app.settings.mailer.is_some()).await?;
        cards.extend(of_the_factory(&v, &facts));
        if v.has("planner") && !(facts.has_catalogue && facts.has_printers) {
            steps = vec![
                Step { text: "start.step_catalogue", path: "/catalogue/import", is_done: facts.has_catalogue },
                Step { text: "start.step_people", path: "/users/new", is_done: false },
                Step { text: "start.step_printer", path: "/printers/new", is_done: facts.has_printers },
                Step { text: "start.step_block", path: "/blocks/new", is_done: false },
            ];
            steps.retain(|step| step.path != "/users/new" || v.has("admin"));
        }
    }
    let doors = [
        ("start.door_station", "/station"),
        ("start.door_proofs", "/proofs"),
        ("start.door_printing", "/printing"),
        ("start.door_batches", "/batches"),
        ("start.door_catalogue", "/catalogue"),
    ];
    let doors = doors.into_iter().filter(|(_, path)| v.may(path)).collect();
    Ok(page(&Start { v, cards, steps, doors }))
}

/// How many proofs and conflicts are looked at.
const MOST: u32 = 50;

/// What waits for this person in particular: proofs to sign or to change, conflicts of stations.
async fn waiting(app: &PageApp, v: &View, who: &SignedIn) -> Result<Vec<Card>, Problem> {
    let caller = who.caller();
    let mut cards = Vec::new();
    if v.may("/proofs") {
        let which = WhichProofs { state: Some(ProofState::Requested), ..WhichProofs::default() };
        let asked = app.nameplate.proofs(&caller, &which, MOST).await?.0;
        let mine: Vec<String> = asked.into_iter().filter(|p| waits_for(p, who)).map(|p| p.proof).collect();
        // One proof is opened at once; of several the list shows which.
        let path = match mine.as_slice() {
            [only] => format!("/proofs/{only}"),
            _ => "/proofs".to_owned(),
        };
        cards.extend(card(v, mine.len(), "sign", &path));
    }
    if v.has("planner") {
        let which = WhichProofs { state: Some(ProofState::ChangesRequested), ..WhichProofs::default() };
        let changes = app.nameplate.proofs(&caller, &which, MOST).await?.0;
        cards.extend(card(v, changes.len(), "changes", "/proofs?state=changes_requested"));
    }
    if v.may("/printing") {
        let conflicts = app.nameplate.conflicts(&caller, None, false, None, MOST).await?.0;
        cards.extend(card(v, conflicts.len(), "conflicts", "/printing/conflicts"));
    }
    Ok(cards)
}

/// A card, unless there is nothing.
fn card(v: &View, count: usize, key: &str, path: &str) -> Option<Card> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    (count > 0).then(|| Card {
        count: Some(count),
        text: v.count(&format!("start.{key}"), count),
        advice: v.word("start", &format!("{key}_do")),
        path: path.to_owned(),
    })
}

/// What waits in the factory for people with this person's roles.
fn of_the_factory(v: &View, facts: &crate::service::waiting::Waiting) -> Vec<Card> {
    let mut cards = Vec::new();
    let mut add = |is_mine: bool, count: i64, key: &str, path: &str| {
        let count = usize::try_from(count).unwrap_or(0);
        cards.extend(card(v, count, key, path).filter(|_| is_mine));
    };
    let printing = v.may("/printing");
    add(printing, facts.unconfirmed_labels, "unconfirmed", "/printing/unconfirmed");
    add(printing, facts.resting_jobs, "resting", "/printing");
    let silent = i64::try_from(facts.printers_in_trouble.len()).unwrap_or(i64::MAX);
    add(v.may("/printers"), silent, "silent", "/printers");
    add(v.has("planner"), facts.batches_in_debt, "debt", &address("/batches", &[("state", "open")]));
    add(v.has("admin"), facts.unsent_notices, "notices", "/users#notices");
    add(v.has("admin"), facts.ending_tokens, "tokens", "/tokens");
    if let Some(reason) = facts.stopped.as_ref().filter(|_| v.has("planner") || v.has("station")) {
        let text = v.t("start.stopped").to_owned();
        cards.insert(0, Card { count: None, text, advice: reason.clone(), path: "/docs".to_owned() });
    }
    cards
}
