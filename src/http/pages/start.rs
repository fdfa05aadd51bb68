//! The start page: what needs me now.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::list::address;
use super::{PageApp, Pages, View, page};
use crate::http::problem::Problem;
use crate::service::people::{Role, SignedIn};

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

/// What waits for this person in particular.
async fn waiting(_: &PageApp, _: &View, _: &SignedIn) -> Result<Vec<Card>, Problem> {
    Ok(Vec::new())
}

/// What waits in the factory for people with this person's roles.
fn of_the_factory(v: &View, facts: &crate::service::waiting::Waiting) -> Vec<Card> {
    let mut cards = Vec::new();
    let mut add = |is_mine: bool, count: i64, key: &str, path: &str| {
        if is_mine && count > 0 {
            let text = v.count(&format!("start.{key}"), count);
            cards.push(Card {
                count: Some(count),
                text,
                advice: v.word("start", &format!("{key}_do")),
                path: path.to_owned(),
            });
        }
    };
    let printing = v.may("/printing");
    add(printing, facts.unconfirmed_labels, "unconfirmed", "/printing/unconfirmed");
    add(printing, facts.resting_jobs, "resting", "/printing?state=held");
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
