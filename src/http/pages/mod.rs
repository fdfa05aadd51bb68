//! The pages: rendered on the server, usable without scripts, one family a file.
//!
//! Every page stands in one table with the roles that it is open to ([`Pages`]). The [gate](gate) enforces the table and
//! the access tests walk it, so no page can exist that nobody thought about. What changes something is a POST: the gate
//! refuses those that another site sent, and [`Posted`] those that lack the token of the person's own pages.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use crate::http::auth::Throttle;
use crate::http::envelope::not_found;
use crate::http::problem::Problem;
use crate::http::server::AddressGroup;
use crate::service::Nameplate;
use crate::service::people::{Mailer, Role, Roles};
use crate::words::{Library, WordsError};

mod account;
mod audit;
mod batches;
mod blocks;
mod catalogue;
mod code_says;
pub mod cookie;
mod find;
mod floor;
mod form;
mod gate;
mod import;
mod list;
mod posted;
mod printers;
mod printing;
mod printing_conflicts;
mod printing_job;
mod printing_new;
mod problems;
mod proofs;
mod rules;
mod sign_in;
mod start;
mod station;
mod station_signal;
mod station_work;
mod studio;
mod tokens;
mod unit;
mod uploads;
mod users;
pub mod view;
mod welcome;

pub use gate::same_site;
pub use posted::{Posted, PostedFile, Upload};
pub(in crate::http) use problems::bare_router;
pub use problems::{bare_view, problem};
pub use view::View;

/// Media type of every page.
pub const HTML: &str = "text/html; charset=utf-8";

/// How an installation shows itself to people.
#[derive(Debug, Clone, Default)]
pub struct SiteSettings {
    /// The address under which people reach the site, like `https://labels.example.com`. With `https` cookies are sent over
    /// TLS only. Without it, links in mail cannot be made.
    pub public_url: Option<String>,
    /// Sends mail, if there is a mail server.
    pub mailer: Option<Mailer>,
    /// Languages beside those that come with the program.
    pub words: Vec<crate::words::Words>,
}

/// What every page handler has.
#[derive(Debug, Clone)]
pub struct PageApp {
    /// The open installation.
    pub nameplate: Arc<Nameplate>,
    /// All languages.
    pub library: Arc<Library>,
    /// How the installation shows itself.
    pub settings: Arc<SiteSettings>,
    pub(in crate::http) attempts: Arc<Attempts>,
    taken: Arc<form::Taken>,
    uploads: Arc<uploads::Uploads>,
}

/// Failed sign-ins, by address and by account.
#[derive(Debug)]
pub(in crate::http) struct Attempts {
    by_address: Mutex<Throttle<AddressGroup>>,
    by_account: Mutex<Throttle<[u8; 32]>>,
}

impl Attempts {
    fn new() -> Self {
        // An address may stand for a whole factory; an account is one person, who is slow.
        Self { by_address: Mutex::new(Throttle::new(30, 2)), by_account: Mutex::new(Throttle::new(8, 30)) }
    }

    /// Seconds until this address may try this account again.
    fn wait_s(&self, address: AddressGroup, account: [u8; 32]) -> Option<u32> {
        let now = std::time::Instant::now();
        let of_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner).wait_s(address, now);
        let of_account = self.by_account.lock().unwrap_or_else(PoisonError::into_inner).wait_s(account, now);
        of_address.max(of_account)
    }

    /// Seconds until the password of this account may be tried again by somebody who is signed in.
    fn account_wait_s(&self, account: [u8; 32]) -> Option<u32> {
        let now = std::time::Instant::now();
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner).wait_s(account, now)
    }

    fn account_failed(&self, account: [u8; 32]) {
        let now = std::time::Instant::now();
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner).failed(account, now);
    }

    fn failed(&self, address: AddressGroup, account: [u8; 32]) {
        let now = std::time::Instant::now();
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).failed(address, now);
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner).failed(account, now);
    }
}

impl PageApp {
    pub(in crate::http) fn new(nameplate: Arc<Nameplate>, settings: SiteSettings) -> Result<Self, WordsError> {
        let shipped = Library::shipped()?;
        let library = settings.words.iter().cloned().fold(shipped, Library::with);
        let attempts = Arc::new(Attempts::new());
        let (library, settings) = (Arc::new(library), Arc::new(settings));
        Ok(Self { nameplate, library, settings, attempts, taken: Arc::default(), uploads: Arc::default() })
    }

    /// Whether cookies are sent over TLS only.
    fn is_secure(&self) -> bool {
        self.settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// For whom a page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// For anybody, signed in or not.
    Anybody,
    /// For people who are signed in and have one of these roles.
    To(Roles),
}

/// A page in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRow {
    /// GET (and HEAD) or POST.
    pub method: Method,
    /// The route's pattern.
    pub path: &'static str,
    /// For whom.
    pub open: Open,
}

/// The table of pages while it is built.
#[derive(Debug)]
pub struct Pages {
    router: Router<PageApp>,
    rows: Vec<PageRow>,
}

impl Pages {
    /// No pages.
    #[must_use]
    pub fn new() -> Self {
        Self { router: Router::new(), rows: Vec::new() }
    }

    /// A page to look at, for people with one of these roles.
    #[must_use]
    pub fn get<H: Handler<T, PageApp>, T: 'static>(self, path: &'static str, open_to: &[Role], handler: H) -> Self {
        self.add(Method::GET, path, Open::To(Roles::of(open_to)), get(handler))
    }

    /// A form that changes something, for people with one of these roles.
    #[must_use]
    pub fn post<H: Handler<T, PageApp>, T: 'static>(self, path: &'static str, open_to: &[Role], handler: H) -> Self {
        self.add(Method::POST, path, Open::To(Roles::of(open_to)), post(handler))
    }

    /// A page for anybody.
    #[must_use]
    pub fn get_open<H: Handler<T, PageApp>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::GET, path, Open::Anybody, get(handler))
    }

    /// A form for anybody: signing in, and what comes before it.
    #[must_use]
    pub fn post_open<H: Handler<T, PageApp>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::POST, path, Open::Anybody, post(handler))
    }

    fn add(mut self, method: Method, path: &'static str, open: Open, handler: MethodRouter<PageApp>) -> Self {
        self.router = self.router.route(path, handler);
        self.rows.push(PageRow { method, path, open });
        self
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::new()
    }
}

/// All pages, one family a line.
fn table() -> Pages {
    let families = [
        sign_in::pages,
        welcome::pages,
        account::pages,
        start::pages,
        find::pages,
        unit::pages,
        catalogue::pages,
        import::pages,
        rules::pages,
        studio::pages,
        batches::pages,
        blocks::pages,
        users::pages,
        tokens::pages,
        audit::pages,
        problems::pages,
        proofs::pages,
        station::pages,
        station_work::pages,
        printing::pages,
        printers::pages,
    ];
    families.into_iter().fold(Pages::new(), |pages, family| family(pages))
}

/// The pages behind their gate, and the table of who may see them.
pub(in crate::http) fn router(app: PageApp) -> (Router, Vec<PageRow>) {
    let Pages { router, rows } = table();
    let gate = gate::Gate::new(app.clone(), rows.clone());
    // Each form has its own limit (`Posted`, `PostedFile`).
    let router = router.fallback(not_found).with_state(app).layer(DefaultBodyLimit::disable());
    let router = router.layer(axum::middleware::from_fn_with_state(Arc::new(gate), gate::gate));
    (router, rows)
}

/// Renders a page. Rendering fails only if a value's own formatting does.
pub fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// Renders a page with another status: 422 when what was typed cannot be taken.
pub fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, HeaderValue::from_static(HTML))], html).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// Sends the browser to another page of this site, after something was done.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(place) if path.starts_with('/') && !path.starts_with("//") => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
        }
        _ => Problem::internal(format_args!("{path:?} is no page of this site")).into_response(),
    }
}

/// A text as part of an address.
#[must_use]
pub fn in_address(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
