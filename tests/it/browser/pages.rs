//! Every page of the product as its readers get it: on desktop and phone, by day and night, in English and German. A page
//! that is added to the product gets a row in the table.

use super::station::Floor;
use crate::support::browser::{Site, in_browser};
use axum::http::Method;
use nameplate::service::Caller;
use nameplate::service::people::{NewUser, Role};
use nameplate::service::print::Outcome;

/// What a page must hold to.
struct Page {
    /// Who looks at it; none for somebody who is not signed in.
    who: Option<Role>,
    status: u64,
    /// Most that the first visit may transfer without images, in kilobytes of 1,000 bytes.
    kilobytes: u64,
}

const PAGE: Page = Page { who: None, status: 200, kilobytes: 100 };

/// A test of each page: its name, its route, and what differs from [`PAGE`]. A route with a name in it is followed by an address,
/// or by the `async fn(&Site) -> String` that makes what the address leads to.
macro_rules! pages {
    ($($name:ident $route:literal { $($field:ident: $value:expr),* } $(=> $place:tt)?;)*) => {
        $(async fn $name(site: Site) {
            let path: String = address!(site $route $($place)?);
            judge(&site, stringify!($name), &path, &Page { $($field: $value,)* ..PAGE }).await;
        })*
        in_browser!($($name),*);

        const ROUTES: &[&str] = &[$($route),*];
    };
}

macro_rules! address {
    ($site:ident $route:literal) => {
        $route.to_owned()
    };
    ($site:ident $route:literal $path:literal) => {
        $path.to_owned()
    };
    ($site:ident $route:literal ($made:ident)) => {
        $made(&$site).await
    };
}

pages! {
    start "/" { who: Some(Role::Admin) };
    sign_in "/sign-in" {};
    welcome "/welcome/{secret}" {} => (an_invitation);
    gone "/welcome/{secret}" { status: 404 } => "/welcome/x";
    account "/account" { who: Some(Role::Planner) };
    manual "/docs" { kilobytes: 450 };
    problems "/problems" {};
    problem "/problems/{slug}" {} => "/problems/key-reused";
    station "/station" { who: Some(Role::Station) };
    station_choice "/station" { who: Some(Role::Admin) };
    station_work "/station/{station}/work" { who: Some(Role::Station) } => (a_station_at_work);
    station_card "/station/{station}/card" { who: Some(Role::Station) } => "/station/fi-1/card";
    printing "/printing" { who: Some(Role::Operator) } => (a_queue);
    printing_unconfirmed "/printing/unconfirmed" { who: Some(Role::Operator) } => (labels_nobody_knows_about);
    printing_job "/printing/{job}" { who: Some(Role::Operator) } => (a_job_to_settle);
    printing_new "/printing/new" { who: Some(Role::Planner) };
    printing_test "/printing/new" { who: Some(Role::Planner) } => "/printing/new?kind=test";
    printing_reprint "/printing/reprint" { who: Some(Role::Planner) };
    printing_conflicts "/printing/conflicts" { who: Some(Role::Operator) } => (a_conflict);
    printers "/printers" { who: Some(Role::Operator) } => (some_printers);
    printer "/printers/{printer}" { who: Some(Role::Operator) } => (a_printer);
    printer_new "/printers/new" { who: Some(Role::Admin) };
    nowhere "/nowhere" { status: 404 };
}

async fn an_invitation(site: &Site) -> String {
    let new = NewUser { email: "ada@example.com".into(), roles: "viewer".into(), ..NewUser::default() };
    site.factory.invite(&Caller::command_line(), &new).await.unwrap().path
}

async fn a_station_at_work(site: &Site) -> String {
    let floor = Floor::new(site).await;
    let made = floor.order(6).await;
    floor.print(4, Outcome::Printed).await;
    floor.print(1, Outcome::Unknown).await;
    floor.scan(&made.block, 0, true).await;
    floor.scan(&made.block, 1, false).await;
    format!("/station/fi-1/work?block={}&printer=line-3&ids=mac", made.block)
}

async fn a_queue(site: &Site) -> String {
    let floor = Floor::new(site).await;
    for _ in 0..3 {
        floor.order(12).await;
    }
    floor.print(5, Outcome::Unknown).await;
    "/printing?state=all".to_owned()
}

async fn labels_nobody_knows_about(site: &Site) -> String {
    a_job_to_settle(site).await;
    "/printing/unconfirmed".to_owned()
}

async fn a_job_to_settle(site: &Site) -> String {
    let floor = Floor::new(site).await;
    let made = floor.order(5).await;
    floor.print(3, Outcome::Unknown).await;
    format!("/printing/{}", made.job.job)
}

async fn a_conflict(site: &Site) -> String {
    let entry = serde_json::json!({"id": "s-1", "scan": {"serial": "07K3-M9XQ-2WN8", "result": "pass"}});
    let entry = serde_json::from_value(entry).unwrap();
    site.factory.sync_journal(&Caller::command_line(), "fi-1", &[entry]).await.unwrap();
    "/printing/conflicts".to_owned()
}

async fn some_printers(site: &Site) -> String {
    let floor = Floor::new(site).await;
    floor.order(5).await;
    floor.says(r#"{"state":"error","media":"out","detail":"the roll is empty"}"#).await;
    "/printers".to_owned()
}

async fn a_printer(site: &Site) -> String {
    let floor = Floor::new(site).await;
    floor.order(5).await;
    floor.print(3, Outcome::Printed).await;
    "/printers/line-3".to_owned()
}

async fn no_page_is_left_out(site: Site) {
    let left_out = site.pages.iter().filter(|page| page.method == Method::GET && !ROUTES.contains(&page.path));
    assert_eq!(left_out.map(|page| page.path).collect::<Vec<_>>(), [""; 0], "give each a row in the table");
}

in_browser!(no_page_is_left_out);

async fn judge(site: &Site, name: &str, path: &str, page: &Page) {
    let mut found = Vec::new();
    let mut tab = site.tab();
    if let Some(role) = page.who {
        site.sign_in(&tab, role).await;
    }
    // Without the cache every visit is a first one.
    tab.without_cache();
    for phone in [false, true] {
        if phone {
            tab.phone();
        }
        tab.open(path);
        assert_eq!(tab.status_of_last_navigation(), page.status);
        let (sent, shift) = (tab.transferred(), tab.layout_shift());
        println!("{name}: {} bytes in {} requests, layout shift {shift}", sent.bytes, sent.requests);
        if sent.bytes > page.kilobytes * 1_000 {
            found.push(format!("transfers {} bytes, more than {} kB", sent.bytes, page.kilobytes));
        }
        if shift > 0.0 {
            found.push(format!("its layout shifts by {shift}"));
        }
        for dark in [false, true] {
            if dark {
                tab.dark();
            } else {
                tab.light();
            }
            tab.screenshot(name);
            found.extend(tab.axe());
        }
    }
    found.extend(tab.checks());
    // The longer words.
    let mut german = site.tab();
    german.language("de");
    if let Some(role) = page.who {
        site.sign_in(&german, role).await;
    }
    german.open(path);
    found.extend(german.layout_checks().into_iter().map(|line| format!("in German {line}")));
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{path}:\n{}", found.join("\n"));
}
