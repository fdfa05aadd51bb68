//! People: who signs in and what each may do; invitations; mail that did not go out.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::form::{Fault, Faults};
use super::list::{Pager, ROWS};
use super::{PageApp, Pages, Posted, View, page, page_with, see_other};
use crate::http::extract::{Path, Query};
use crate::http::problem::{Problem, ProblemKind};
use crate::service::browse::BrandRecord;
use crate::service::people::notice::NoticeRecord;
use crate::service::people::{LinkPurpose, NewUser, OneTimeLink, Role, SignedIn, UserChange, UserRecord, UserState};

const ADMIN: [Role; 1] = [Role::Admin];
/// How many notices are shown.
const NOTICES: u32 = 50;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/users", &ADMIN, list)
        .get("/users/new", &ADMIN, blank)
        .post("/users", &ADMIN, invite)
        .get("/users/{id}", &ADMIN, one)
        .post("/users/{id}", &ADMIN, change)
        .post("/users/{id}/link", &ADMIN, new_link)
}

#[derive(Debug, Default, Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "pages/users.html")]
struct List {
    v: View,
    users: Vec<UserRecord>,
    pager: Pager,
    notices: Vec<NoticeRecord>,
    /// Whether there is a mail server.
    mails: bool,
}

async fn list(State(app): State<PageApp>, v: View, Query(After { after }): Query<After>) -> Result<Response, Problem> {
    let (users, next) = app.nameplate.users(after.parse().unwrap_or(0), ROWS).await?;
    let pager = Pager::new("/users", &[], &after, next.map(|next| next.to_string()));
    let notices = app.nameplate.notices(NOTICES).await?;
    let mails = app.settings.mailer.is_some();
    Ok(page(&List { v, users, pager, notices, mails }))
}

/// What the form of a person holds.
#[derive(Debug, Clone, Default, Deserialize)]
struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    brand: String,
    #[serde(default)]
    station: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    active: String,
    #[serde(default)]
    forget_codes: String,
}

impl Form {
    fn has(&self, role: &Role) -> bool {
        self.roles.iter().any(|name| name == role.name())
    }
}

/// What both forms choose from.
#[derive(Debug)]
struct Choices {
    brands: Vec<BrandRecord>,
    /// Tag and own name.
    languages: Vec<(String, String)>,
}

impl Choices {
    async fn of(app: &PageApp, who: &SignedIn) -> Result<Self, Problem> {
        let brands = app.nameplate.brands(&who.caller()).await?;
        let languages = app.library.books().iter().map(|book| (book.tag.clone(), book.name.clone())).collect();
        Ok(Self { brands, languages })
    }
}

#[derive(Template)]
#[template(path = "pages/users_new.html")]
struct New {
    v: View,
    form: Form,
    choices: Choices,
    faults: Faults,
}

async fn blank(State(app): State<PageApp>, v: View, who: SignedIn) -> Result<Response, Problem> {
    let choices = Choices::of(&app, &who).await?;
    let form = Form { language: v.language().to_owned(), ..Form::default() };
    Ok(page(&New { v, form, choices, faults: Faults::none() }))
}

/// A link that was just made: shown once.
#[derive(Template)]
#[template(path = "pages/users_link.html")]
struct Link {
    v: View,
    link: OneTimeLink,
    address: String,
    sent: Sent,
}

/// Whether the link went out by mail.
#[derive(Debug)]
enum Sent {
    Yes,
    No(String),
    NoServer,
}

async fn invite(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    headers: HeaderMap,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let new = NewUser {
        email: form.email.clone(),
        name: form.name.clone(),
        roles: form.roles.join(" "),
        brand: filled(&form.brand),
        station: filled(&form.station),
        language: form.language.clone(),
    };
    match app.nameplate.invite(&who.caller(), &new).await {
        Ok(link) => Ok(shown(&app, v, &headers, link).await),
        Err(error) => {
            let faults = Fault::of(error)?.into();
            let choices = Choices::of(&app, &who).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &New { v, form, choices, faults }))
        }
    }
}

/// Mails a link and shows it.
async fn shown(app: &PageApp, v: View, headers: &HeaderMap, link: OneTimeLink) -> Response {
    let sent = match &app.settings.mailer {
        None => Sent::NoServer,
        Some(mailer) => {
            let words = app.library.of(&link.language).unwrap_or_else(|| app.library.english());
            let (subject, body) = match link.purpose {
                LinkPurpose::Invitation => ("mail.invitation_subject", "mail.invitation_body"),
                LinkPurpose::Password => ("mail.password_subject", "mail.password_body"),
            };
            let body = format!("{}\n\n{}\n", app.library.text(words, body), mailer.link(&link.path));
            match mailer.send(&link.email, app.library.text(words, subject), &body).await {
                Ok(()) => Sent::Yes,
                Err(error) => Sent::No(error.to_string()),
            }
        }
    };
    let address = format!("{}{}", origin(app, headers), link.path);
    page(&Link { v, link, address, sent })
}

/// The address of this site: the one that was configured, else the one that this browser has just used.
fn origin(app: &PageApp, headers: &HeaderMap) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if !host.is_empty() && host.chars().all(plain) { format!("http://{host}") } else { String::new() }
}

#[derive(Template)]
#[template(path = "pages/users_one.html")]
struct One {
    v: View,
    user: UserRecord,
    form: Form,
    choices: Choices,
    faults: Faults,
}

impl One {
    /// The word of the account's state.
    fn state(&self) -> String {
        self.v.word("users", &format!("state_{}", self.user.state.name()))
    }
}

/// The number of a person in an address.
fn number(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| Problem::new(ProblemKind::NotFound, "There is no such person."))
}

async fn one(State(app): State<PageApp>, v: View, who: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    let user = app.nameplate.user(number(&id)?).await?;
    let form = Form {
        roles: user.roles.iter().map(|role| role.name().to_owned()).collect(),
        brand: user.brand.clone().unwrap_or_default(),
        station: user.station.clone().unwrap_or_default(),
        active: if user.state == UserState::Disabled { String::new() } else { "yes".to_owned() },
        ..Form::default()
    };
    let choices = Choices::of(&app, &who).await?;
    Ok(page(&One { v, user, form, choices, faults: Faults::none() }))
}

async fn change(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(id): Path<String>,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let id = number(&id)?;
    let change = UserChange {
        roles: Some(form.roles.join(" ")),
        brand: Some(form.brand.clone()),
        station: Some(form.station.clone()),
        is_active: Some(form.active == "yes"),
        forget_codes: form.forget_codes == "yes",
    };
    match app.nameplate.change_user(&who.caller(), id, &change).await {
        Ok(_) => Ok(see_other("/users?done=user_changed")),
        Err(error) => {
            let faults = Fault::of(error)?.into();
            let user = app.nameplate.user(id).await?;
            let choices = Choices::of(&app, &who).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &One { v, user, form, choices, faults }))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

async fn new_link(
    State(app): State<PageApp>,
    v: View,
    who: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    _: Posted<Nothing>,
) -> Result<Response, Problem> {
    let link = app.nameplate.make_link(&who.caller(), number(&id)?).await?;
    Ok(shown(&app, v, &headers, link).await)
}
