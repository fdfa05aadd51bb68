//! Every page of the product as its readers get it: on desktop and phone, by day and night, in English and German. A page
//! that is added to the product gets a row in the table.

use super::made::*;
use crate::support::browser::{Site, in_browser};
use axum::http::Method;
use nameplate::service::Caller;
use nameplate::service::people::{NewUser, Role};

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
    find "/find" { who: Some(Role::Support) } => "/find?q=07K3-NOSUCH";
    unit "/units/{serial}" { who: Some(Role::Support) } => (a_unit);
    catalogue "/catalogue" { who: Some(Role::Planner) };
    brands "/catalogue/brands" { who: Some(Role::Planner) };
    import "/catalogue/import" { who: Some(Role::Planner) };
    sku "/catalogue/{sku}" { who: Some(Role::Planner) } => "/catalogue/NT-M2-BOR";
    rules "/rules" { who: Some(Role::Planner) };
    rule_new "/rules/new" { who: Some(Role::Planner) };
    rule "/rules/{code}" { who: Some(Role::Planner) } => "/rules/s12";
    batches "/batches" { who: Some(Role::Planner) };
    batch "/batches/{code}" { who: Some(Role::Planner) } => (a_batch);
    blocks "/blocks" { who: Some(Role::Planner) } => (blocks_with_some);
    block_new "/blocks/new" { who: Some(Role::Planner) };
    block "/blocks/{code}" { who: Some(Role::Planner) } => (a_block);
    templates "/templates" { who: Some(Role::Planner) };
    studio "/templates/{name}" { who: Some(Role::Planner) } => "/templates/unit-60x40";
    proofs "/proofs" { who: Some(Role::Buyer) } => (proofs_with_one);
    proofs_empty "/proofs" { who: Some(Role::Planner) };
    proof_new "/proofs/new" { who: Some(Role::Planner) };
    proof "/proofs/{proof}" { who: Some(Role::Buyer) } => (a_proof);
    proof_foreign "/proofs/{proof}" { who: Some(Role::Buyer), status: 404 } => "/proofs/PRF-0";
    approvers "/brands/{brand}/approvers" { who: Some(Role::Planner) } => "/brands/BOR/approvers";
    station "/station" { who: Some(Role::Station) };
    station_choice "/station" { who: Some(Role::Admin) };
    station_work "/station/{station}/work" { who: Some(Role::Station) } => (work_of_a_station);
    station_card "/station/{station}/card" { who: Some(Role::Station) } => "/station/fi-1/card";
    printing "/printing" { who: Some(Role::Operator) } => (printing_with_a_job);
    printing_new "/printing/new" { who: Some(Role::Operator) } => (print_of_a_block);
    printing_test "/printing/new" { who: Some(Role::Operator) } => "/printing/new?kind=test";
    printing_reprint "/printing/reprint" { who: Some(Role::Operator) };
    printing_unconfirmed "/printing/unconfirmed" { who: Some(Role::Operator) } => (unconfirmed_labels);
    printing_conflicts "/printing/conflicts" { who: Some(Role::Operator) } => (a_conflict);
    job "/printing/{job}" { who: Some(Role::Operator) } => (a_job);
    printers "/printers" { who: Some(Role::Operator) } => (printers_with_one);
    printer_new "/printers/new" { who: Some(Role::Admin) };
    printer "/printers/{printer}" { who: Some(Role::Operator) } => (a_printer);
    users "/users" { who: Some(Role::Admin) };
    user_new "/users/new" { who: Some(Role::Admin) };
    user "/users/{id}" { who: Some(Role::Admin) } => (somebody);
    tokens "/tokens" { who: Some(Role::Admin) };
    token_new "/tokens/new" { who: Some(Role::Admin) };
    audit "/audit" { who: Some(Role::Admin) };
    manual "/docs" {};
    problems "/problems" {};
    problem "/problems/{slug}" {} => "/problems/key-reused";
    nowhere "/nowhere" { status: 404 };
}

async fn an_invitation(site: &Site) -> String {
    let new = NewUser { email: "ada@example.com".into(), roles: "viewer".into(), ..NewUser::default() };
    site.factory.invite(&Caller::command_line(), &new).await.unwrap().path
}

/// What is fetched and is no page.
const FILES: [&str; 8] = [
    "/blocks/{code}/receipt.txt",
    "/blocks/{code}/serials.csv",
    "/blocks/{code}/specimens/{form}",
    "/catalogue/export.xlsx",
    "/proofs/{proof}/certificate.json",
    "/proofs/{proof}/certificate.pdf",
    "/proofs/{proof}/proof.pdf",
    "/proofs/{proof}/samples/{n}",
];

async fn no_page_is_left_out(site: Site) {
    let known = |path: &str| ROUTES.contains(&path) || FILES.contains(&path);
    let left_out = site.pages.iter().filter(|page| page.method == Method::GET && !known(page.path));
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
        let (sent, mut shift) = (tab.transferred(), tab.layout_shift());
        // A table whose rows arrive in two pieces is laid out twice. What the page itself shifts, it shifts on every visit.
        for _ in 0..3 {
            if shift > 0.0 {
                tab.open(path);
                shift = shift.min(tab.layout_shift());
            }
        }
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
