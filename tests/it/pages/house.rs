//! A running installation, and people of every role who are signed in to it.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use nameplate::http::pages::SiteSettings;
use nameplate::service::Caller;
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::{NewUser, SecretText, SignedIn};

use crate::api::house as api;
use crate::http::wire::{Answer, Wire};

/// Everybody's password.
pub const PASSWORD: &str = "quiet harbour violet ladder";

/// An installation with the shipped catalogue, served over HTTP. Derefs to the one of the API's tests, which makes blocks,
/// printers, approvals and jobs.
pub struct House {
    api: api::House,
    people: AtomicU32,
}

impl Deref for House {
    type Target = api::House;

    fn deref(&self) -> &api::House {
        &self.api
    }
}

impl House {
    pub async fn new() -> Self {
        Self::with(SiteSettings::default()).await
    }

    /// One with a mail server, an address or further languages.
    pub async fn with(settings: SiteSettings) -> Self {
        Self { api: api::House::with(settings).await, people: AtomicU32::new(1) }
    }

    /// Somebody with these roles. A buyer is of Borealis Optics (BOR), everybody else sees all brands.
    pub async fn person(&self, roles: &str) -> Person {
        let brand = roles.contains("buyer").then(|| "BOR".to_owned());
        self.person_with(NewUser { roles: roles.to_owned(), brand, ..NewUser::default() }).await
    }

    /// Somebody who sees one brand only.
    pub async fn person_of(&self, roles: &str, brand: &str) -> Person {
        let (roles, brand) = (roles.to_owned(), Some(brand.to_owned()));
        self.person_with(NewUser { roles, brand, ..NewUser::default() }).await
    }

    /// Somebody who works at one station.
    pub async fn person_at(&self, roles: &str, station: &str) -> Person {
        let (roles, station) = (roles.to_owned(), Some(station.to_owned()));
        self.person_with(NewUser { roles, station, ..NewUser::default() }).await
    }

    /// Somebody with all that an invitation can say; an address, a name and English are filled in. Signed in just now.
    pub async fn person_with(&self, new: NewUser) -> Person {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let given = |text: String, other: String| if text.is_empty() { other } else { text };
        let email = given(new.email, format!("person-{number}@example.com"));
        let name = given(new.name, format!("Person {number}"));
        let language = given(new.language, "en".to_owned());
        let new = NewUser { email: email.clone(), name: name.clone(), language, ..new };
        let link = self.nameplate.invite(&Caller::command_line(), &new).await.unwrap();
        let secret = SecretText::read(link.path.rsplit('/').next().unwrap()).unwrap();
        let answer = LinkAnswer { email, name, password: PASSWORD.to_owned() };
        let signed_in = self.nameplate.use_link(&secret, &answer, "a test").await.unwrap();
        let cookie = format!("cookie: session={}\r\n", signed_in.secret.reveal());
        Person { address: self.address, cookie, origin: "http://t", who: Some(signed_in.who) }
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Person {
        Person { address: self.address, cookie: String::new(), origin: "http://t", who: None }
    }
}

/// Somebody with a browser. Every request has a connection of its own, so several can be under way at once.
pub struct Person {
    address: std::net::SocketAddr,
    cookie: String,
    /// Where the browser says that forms come from.
    origin: &'static str,
    who: Option<SignedIn>,
}

impl Person {
    /// The same person where the site is known by this address, with https.
    pub fn behind_tls(self, url: &'static str) -> Self {
        Self { cookie: self.cookie.replace("session=", "__Host-session="), origin: url, ..self }
    }

    /// Who it is, as the pages know it.
    pub fn who(&self) -> &SignedIn {
        self.who.as_ref().expect("somebody who is signed in")
    }

    /// What this person's forms carry.
    pub fn form_token(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.form_token.as_str())
    }

    /// What browsers say with every form: it comes from a page of this site.
    fn same_site(&self) -> String {
        format!("origin: {}\r\nsec-fetch-site: same-origin\r\n", self.origin)
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Shown {
        self.send("GET", path, "", b"").await
    }

    /// Opens a page that must be there; answers its HTML.
    pub async fn read(&self, path: &str) -> String {
        let shown = self.get(path).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.words());
        shown.html().to_owned()
    }

    /// Sends a form from a page of this site.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let mut all = vec![("form", self.form_token())];
        all.extend(fields);
        self.post_bare(path, &self.same_site(), &all).await
    }

    /// Sends a form with these headers and fields and nothing else: no token, no origin.
    pub async fn post_bare(&self, path: &str, headers: &str, fields: &[(&str, &str)]) -> Shown {
        let body = serde_html_form::to_string(fields).unwrap();
        let headers = format!("content-type: application/x-www-form-urlencoded\r\n{headers}");
        self.send("POST", path, &headers, body.as_bytes()).await
    }

    /// Sends a form with files: field, name and bytes of each.
    pub async fn upload(&self, path: &str, texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Shown {
        let mut all = vec![("form", self.form_token())];
        all.extend(texts);
        self.upload_bare(path, &all, files).await
    }

    /// Sends a form with files and nothing else: no token.
    pub async fn upload_bare(&self, path: &str, texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Shown {
        let mut body = Vec::new();
        for (name, text) in texts {
            let head = format!("--BOUNDARY\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (field, name, bytes) in files {
            let head = format!(
                "--BOUNDARY\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 content-type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--BOUNDARY--\r\n");
        let headers = format!("content-type: multipart/form-data; boundary=BOUNDARY\r\n{}", self.same_site());
        self.send("POST", path, &headers, &body).await
    }

    /// Sends a request as it is, with the session and as a browser that wants a page.
    pub async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Shown {
        let mut wire = Wire::connect(self.address).await;
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let (cookie, accept) = (&self.cookie, "accept: text/html,*/*;q=0.8\r\n");
        let head = format!("{method} {path} HTTP/1.1\r\nhost: t\r\n{accept}{cookie}{headers}{length}\r\n");
        wire.send([head.as_bytes(), body].concat()).await;
        Shown(wire.answer_to(method).await.unwrap_or_else(|| panic!("no answer to {method} {path}")))
    }
}

/// What the browser got. Derefs to the [`Answer`].
#[derive(Debug)]
pub struct Shown(pub Answer);

impl Deref for Shown {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

impl Shown {
    /// The page as it is written.
    pub fn html(&self) -> &str {
        self.text()
    }

    /// The page's own part as people read it: without tags, entities read, white space as one blank.
    pub fn words(&self) -> String {
        words_of(self.html())
    }

    /// Where the browser is sent to.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.words());
        self.header("location").unwrap()
    }

    /// The value of a field of the page, a hidden one above all: the key that makes a double submit one act.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        field_of(self.html(), name)
    }

    /// The page must say this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let words = self.words();
        assert!(words.contains(text), "{text:?} is not in: {words}");
        self
    }

    /// The page must not say this.
    #[track_caller]
    pub fn is_silent_of(&self, text: &str) -> &Self {
        let words = self.words();
        assert!(!words.contains(text), "{text:?} is in: {words}");
        self
    }

    /// It must be this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.words());
        self
    }
}

/// The value of a field in a page, by its name or its id.
#[track_caller]
pub fn field_of(html: &str, name: &str) -> String {
    let (named, known) = (format!(" name=\"{name}\""), format!(" id=\"{name}\""));
    let tag = html.split('<').find(|tag| tag.starts_with("input") && (tag.contains(&named) || tag.contains(&known)));
    let tag = tag.unwrap_or_else(|| panic!("no field {name:?} in: {}", words_of(html)));
    let value = tag.split(" value=\"").nth(1).unwrap_or_else(|| panic!("the field {name:?} has no value"));
    read(value.split('"').next().unwrap())
}

fn words_of(html: &str) -> String {
    let main = html.split("<main").nth(1).map_or(html, |main| main.split("</main>").next().unwrap());
    let mut text = String::new();
    for part in main.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    read(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads the few entities that pages are escaped with.
fn read(text: &str) -> String {
    let named = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    named.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}
