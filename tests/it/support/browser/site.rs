//! A server for one test, in this process, and accounts of people who use it.

use super::{Browser, Tab};
use crate::support::{Database, Factory};
use axum::Router;
use nameplate::http::api::site;
use nameplate::http::pages::{PageRow, SiteSettings};
use nameplate::http::server::{self, ServerLimits};
use nameplate::service::Caller;
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::{NewUser, Role, SecretText};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;

/// Everybody's password.
pub const PASSWORD: &str = "quiet harbour violet ladder";

/// A factory with the sample catalogue, its server, and a browser.
pub struct Site {
    /// The installation, to arrange what a test begins with and to see what it led to. Its clock stands still.
    pub factory: Factory,
    /// Every page that is served.
    pub pages: Vec<PageRow>,
    base: String,
    browser: Browser,
    people: AtomicU32,
    _database: Database,
}

impl Site {
    pub(super) async fn start(browser: Browser, database: Database) -> Self {
        let factory = Factory::on(&database).await;
        let made = site(factory.shared(), &ServerLimits::default(), SiteSettings::default()).unwrap();
        let base = serve(made.router).await;
        Self { factory, pages: made.pages, base, browser, people: AtomicU32::new(1), _database: database }
    }

    /// A tab of somebody who has not been here before.
    pub fn tab(&self) -> Tab {
        self.browser.person(&self.base)
    }

    /// An account for whoever uses the tab, in the tab's language, signed in just now; answers its address. Buyers are those
    /// of Borealis Optics, stations are fi-1. The next page that the tab opens is that person's.
    pub async fn sign_in(&self, tab: &Tab, role: Role) -> String {
        let brand = (role == Role::Buyer).then(|| "BOR".to_owned());
        let station = (role == Role::Station).then(|| "fi-1".to_owned());
        self.sign_in_with(tab, NewUser { roles: role.name().to_owned(), brand, station, ..NewUser::default() }).await
    }

    /// The same with other roles, brand, station or name; what is left empty is filled in.
    pub async fn sign_in_with(&self, tab: &Tab, new: NewUser) -> String {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let given = |text: String, other: String| if text.is_empty() { other } else { text };
        let email = given(new.email, format!("person-{number}@example.com"));
        let name = given(new.name, format!("Person {number}"));
        let new = NewUser { email: email.clone(), name: name.clone(), language: tab.speaks.clone(), ..new };
        let link = self.factory.invite(&Caller::command_line(), &new).await.unwrap();
        let secret = SecretText::read(link.path.rsplit('/').next().unwrap()).unwrap();
        let answer = LinkAnswer { email: email.clone(), name, password: PASSWORD.to_owned() };
        let signed_in = self.factory.use_link(&secret, &answer, "Chromium").await.unwrap();
        tab.plant_cookie("session", signed_in.secret.reveal());
        email
    }
}

/// Serves until the test ends; answers where.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, router, ServerLimits::default(), std::future::pending()));
    format!("http://{address}")
}
