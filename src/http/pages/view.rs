//! What every page knows: the language, who looks at it, and which parts of the site are open to that person.

use crate::http::problem::ProblemKind;
use crate::service::people::{Role, Roles, SignedIn};
use crate::words::{Library, Words, fill};
use jiff::tz::TimeZone;
use std::fmt::{Display, Write};
use std::sync::Arc;

/// The parts of the site in the order of the navigation: key of the message, address, for whom.
pub const NAVIGATION: [(&str, &str, Roles); 13] = [
    ("start", "/", Roles::ANY),
    ("station", "/station", Roles::of(&[Role::Station])),
    ("proofs", "/proofs", Roles::of(&[Role::Planner, Role::Buyer, Role::Viewer])),
    ("printing", "/printing", Roles::of(&[Role::Planner, Role::Station, Role::Operator, Role::Viewer])),
    ("printers", "/printers", Roles::of(&[Role::Planner, Role::Operator, Role::Viewer])),
    ("batches", "/batches", Roles::of(&[Role::Planner, Role::Station, Role::Support, Role::Viewer])),
    ("blocks", "/blocks", Roles::of(&[Role::Planner, Role::Station, Role::Support, Role::Viewer])),
    ("catalogue", "/catalogue", Roles::of(&[Role::Planner, Role::Buyer, Role::Support, Role::Viewer])),
    ("rules", "/rules", Roles::of(&[Role::Planner, Role::Viewer])),
    ("templates", "/templates", Roles::of(&[Role::Planner])),
    ("users", "/users", Roles::of(&[Role::Admin])),
    ("tokens", "/tokens", Roles::of(&[Role::Admin])),
    ("audit", "/audit", Roles::of(&[Role::Admin])),
];

/// What every page knows. Pages have it as the field `v`.
#[derive(Debug, Clone)]
pub struct View {
    library: Arc<Library>,
    words: Arc<Words>,
    zone: TimeZone,
    /// Who looks at the page; nobody in particular on pages that are open to anybody.
    pub who: Option<SignedIn>,
    /// The address of the page, without its query.
    pub path: String,
    /// What was just done: the part of a message's key behind `done.`.
    done: Option<String>,
}

/// A part of the site, for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NavigationEntry {
    /// Its word.
    pub text: &'static str,
    /// Its address.
    pub path: &'static str,
    /// Whether the page is in it.
    pub is_here: bool,
}

/// A whole number as templates hand it over: by value or by reference.
pub trait Whole {
    /// The number.
    fn whole(&self) -> i128;
}

macro_rules! whole {
    ($($number:ty)*) => {$(
        impl Whole for $number {
            fn whole(&self) -> i128 {
                (*self).try_into().unwrap_or(i128::MAX)
            }
        }
    )*};
}

whole!(u8 u16 u32 u64 usize i32 i64 i128);

impl<T: Whole> Whole for &T {
    fn whole(&self) -> i128 {
        (*self).whole()
    }
}

impl View {
    /// A page in a language, for somebody or for anybody.
    #[must_use]
    pub fn new(library: Arc<Library>, words: Arc<Words>, zone: TimeZone, who: Option<SignedIn>, path: &str) -> Self {
        Self { library, words, zone, who, path: path.to_owned(), done: None }
    }

    /// A page in English for anybody.
    #[must_use]
    pub fn plain(library: &Arc<Library>, path: &str) -> Self {
        Self::new(Arc::clone(library), Arc::clone(library.english()), TimeZone::UTC, None, path)
    }

    /// Notes what was just done, from the address. Anybody can write an address, so only what has a message is shown.
    #[must_use]
    pub fn with_done(mut self, done: Option<&str>) -> Self {
        self.done =
            done.filter(|done| self.library.english().text(&format!("done.{done}")).is_some()).map(str::to_owned);
        self
    }

    /// The message of what was just done.
    #[must_use]
    pub fn flash(&self) -> Option<String> {
        let key = format!("done.{}", self.done.as_deref()?);
        Some(self.library.text(&self.words, &key).to_owned())
    }

    /// The tag of the page's language.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.words.tag
    }

    /// Every language: tag, own name, whether it is the page's.
    #[must_use]
    pub fn languages(&self) -> Vec<(&str, &str, bool)> {
        let books = self.library.books().iter();
        books.map(|book| (book.tag.as_str(), book.name.as_str(), book.tag == self.words.tag)).collect()
    }

    /// The text of a key.
    #[must_use]
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.library.text(&self.words, key)
    }

    /// A text with one value.
    #[must_use]
    pub fn t1(&self, key: &str, a: impl Display) -> String {
        fill(self.t(key), &[&a])
    }

    /// A text with two values.
    #[must_use]
    pub fn t2(&self, key: &str, a: impl Display, b: impl Display) -> String {
        fill(self.t(key), &[&a, &b])
    }

    /// A text with three values.
    #[must_use]
    pub fn t3(&self, key: &str, a: impl Display, b: impl Display, c: impl Display) -> String {
        fill(self.t(key), &[&a, &b, &c])
    }

    /// A text of a number: `{key}.one` or `{key}.other`, with the number in the place `{0}`.
    #[must_use]
    pub fn count(&self, key: &str, number: impl Whole) -> String {
        let number = number.whole();
        let (one, other) = (format!("{key}.one"), format!("{key}.other"));
        let text = match self.words.text(&one) {
            Some(text) if number == 1 => text,
            _ => self.t(&other),
        };
        fill(text, &[&self.words.figures.number(number)])
    }

    /// A whole number.
    #[must_use]
    pub fn n(&self, number: impl Whole) -> String {
        self.words.figures.number(number.whole())
    }

    /// A number with so many digits behind the decimal mark.
    #[must_use]
    pub fn f(&self, number: f64, digits: usize) -> String {
        self.words.figures.fraction(number, digits)
    }

    /// A moment given in RFC 3339, as HTML: use it with `|safe`. What is no moment stands as it is.
    #[must_use]
    pub fn time(&self, rfc3339: &str) -> String {
        match rfc3339.parse::<jiff::Timestamp>() {
            Ok(at) => {
                // To the second for machines; both parts hold nothing that HTML takes for its own.
                let exact = at.strftime("%Y-%m-%dT%H:%M:%SZ");
                format!("<time datetime=\"{exact}\">{}</time>", escape(&self.words.figures.moment(at, &self.zone)))
            }
            Err(_) => escape(rfc3339),
        }
    }

    /// A moment in microseconds since 1970 UTC, as HTML: use it with `|safe`.
    #[must_use]
    pub fn time_us(&self, us: &i64) -> String {
        self.time(&crate::service::rfc3339(*us))
    }

    /// A day given as `2026-11-21`, as plain text. What is no day stands as it is.
    #[must_use]
    pub fn date(&self, iso: &str) -> String {
        iso.parse().map_or_else(|_| iso.to_owned(), |date| self.words.figures.day(date))
    }

    /// Whether whoever looks at the page has a role; an administrator has all.
    #[must_use]
    pub fn has(&self, role: &str) -> bool {
        let role: Option<Role> = role.parse().ok();
        role.is_some_and(|role| self.who.as_ref().is_some_and(|who| who.may(Roles::of(&[role]))))
    }

    /// Whether whoever looks at the page sees one brand only.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.brand.is_some())
    }

    /// Whether a part of the site is open to whoever looks at the page.
    #[must_use]
    pub fn may(&self, path: &str) -> bool {
        let open_to = NAVIGATION.iter().find(|(_, known, _)| *known == path).map(|(_, _, open_to)| *open_to);
        open_to.is_some_and(|open_to| self.who.as_ref().is_some_and(|who| who.may(open_to)))
    }

    /// The parts of the site that are open to whoever looks at the page.
    #[must_use]
    pub fn navigation(&self) -> Vec<NavigationEntry> {
        let open = NAVIGATION.iter().filter(|(_, path, _)| self.may(path));
        open.map(|&(text, path, _)| {
            let below = self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            NavigationEntry { text, path, is_here: self.path == path || (path != "/" && below) }
        })
        .collect()
    }

    /// What a kind of problem is called in the page's language.
    #[must_use]
    pub fn problem_title(&self, kind: &ProblemKind) -> &str {
        self.words.text(&kind_key(*kind, "title")).unwrap_or(kind.title())
    }

    /// What can be done about a kind of problem, in the page's language.
    #[must_use]
    pub fn problem_advice(&self, kind: &ProblemKind) -> &str {
        self.words.text(&kind_key(*kind, "advice")).unwrap_or(kind.advice())
    }

    /// A text as part of an address.
    #[must_use]
    pub fn in_address(&self, text: &str) -> String {
        super::in_address(text)
    }

    /// The word of a part of the site.
    #[must_use]
    pub fn nav(&self, text: &str) -> String {
        self.t(&format!("nav.{text}")).to_owned()
    }

    /// The word of a name that the program uses, such as a state: `{section}.{name}`; the name itself if it has none.
    #[must_use]
    pub fn word(&self, section: &str, name: &str) -> String {
        let key = format!("{section}.{name}");
        let text = self.t(&key);
        if text == key { name.to_owned() } else { text.to_owned() }
    }

    /// The words of the roles of whoever looks at the page.
    #[must_use]
    pub fn roles(&self) -> String {
        let Some(who) = &self.who else { return String::new() };
        self.role_names(who.roles)
    }

    /// The words of some roles.
    #[must_use]
    pub fn role_names(&self, roles: Roles) -> String {
        let names: Vec<String> = roles.iter().map(|role| self.t(&format!("role.{}", role.name())).to_owned()).collect();
        names.join(", ")
    }

    /// The hidden field that every form carries, as HTML: use it with `|safe`.
    #[must_use]
    pub fn csrf_field(&self) -> String {
        let Some(who) = &self.who else { return String::new() };
        format!("<input type=\"hidden\" name=\"form\" value=\"{}\">", escape(&who.form_token))
    }

    /// The same for scripts, which send it as the header `X-Form`.
    #[must_use]
    pub fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.form_token.as_str())
    }
}

/// The key of a text about a kind of problem. English stands in the table of kinds and in no file.
fn kind_key(kind: ProblemKind, part: &str) -> String {
    format!("kind.{}_{part}", kind.slug().replace('-', "_"))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a string does not fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View::plain(&Arc::new(Library::shipped().unwrap()), "/batches/B1")
    }

    #[test]
    fn what_a_value_holds_stays_text() {
        let view = view();
        assert_eq!(view.time("<b>"), "&#60;b&#62;");
        assert!(view.time("2026-11-21T10:00:00.123456Z").starts_with("<time datetime=\"2026-11-21T10:00:00Z\">21 Nov"));
        assert_eq!(view.date("<b>"), "<b>", "the template escapes it");
    }

    #[test]
    fn only_messages_that_exist_are_flashed() {
        assert!(view().with_done(Some("saved")).flash().is_some());
        for done in ["<b>", "", "nonsense", "saved.x"] {
            assert_eq!(view().with_done(Some(done)).flash(), None);
        }
    }

    #[test]
    fn numbers_choose_their_words() {
        let view = view();
        assert_eq!(view.count("signin.wait", 1_u32), "Too many attempts. Try again in 1 second.");
        assert_eq!(view.count("signin.wait", 12_345_u64), "Too many attempts. Try again in 12,345 seconds.");
    }

    #[test]
    fn every_kind_of_problem_is_told_in_every_shipped_language() {
        let library = Library::shipped().unwrap();
        for book in &library.books()[1..] {
            for &kind in ProblemKind::ALL {
                for part in ["title", "advice"] {
                    assert!(book.text(&kind_key(kind, part)).is_some(), "{}: {} {part}", book.tag, kind.slug());
                }
            }
            let known = |key: &str| {
                ProblemKind::ALL.iter().any(|&k| key == kind_key(k, "title") || key == kind_key(k, "advice"))
            };
            let odd: Vec<&str> =
                book.texts().map(|(key, _)| key).filter(|key| key.starts_with("kind.") && !known(key)).collect();
            assert_eq!(odd, [""; 0], "{}", book.tag);
        }
    }

    #[test]
    fn every_part_of_the_site_has_a_word() {
        let library = Library::shipped().unwrap();
        for (text, _, _) in NAVIGATION {
            assert!(library.english().text(&format!("nav.{text}")).is_some(), "{text}");
        }
        for role in Role::ALL {
            assert!(library.english().text(&format!("role.{}", role.name())).is_some(), "{role:?}");
            assert!(library.english().text(&format!("users.role_{}", role.name())).is_some(), "{role:?}");
        }
    }
}
