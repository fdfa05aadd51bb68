//! Who may see which page: generated from the table of pages, so that no page is forgotten.

use std::collections::BTreeMap;

use nameplate::http::pages::{Open, PageRow};
use nameplate::service::people::{Role, Roles};

use super::house::{House, Person};
use super::proofs;

/// Whose record a sample address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Everybody's who has the role.
    All,
    /// Borealis Optics': for people of another brand it does not exist.
    Brand,
    /// The factory's: for people of any brand it does not exist.
    Factory,
}

/// An address for each pattern with a place in it: a page without a line here fails the test.
async fn samples(house: &House) -> BTreeMap<&'static str, (String, Of)> {
    let block = house.someone("station").await.reserve(3).await;
    let (serial, block) = (block["first_serial"].as_str().unwrap(), block["block"].as_str().unwrap());
    let somebody = house.person("viewer").await.who().user;
    let lines: Vec<(&'static str, String, Of)> = vec![
        ("/problems/{slug}", "/problems/not-found".to_owned(), Of::All),
        ("/welcome/{secret}", "/welcome/nothing".to_owned(), Of::All),
        ("/units/{serial}", format!("/units/{serial}"), Of::Brand),
        ("/catalogue/{sku}", "/catalogue/NT-M2-BOR".to_owned(), Of::Brand),
        ("/catalogue/{sku}/quota", "/catalogue/NT-M2-BOR/quota".to_owned(), Of::Brand),
        ("/rules/{code}", "/rules/s12".to_owned(), Of::All),
        ("/batches/{code}", "/batches/Lot%2025-118%20(pilot)".to_owned(), Of::Brand),
        ("/batches/{code}/close", "/batches/Lot%2025-118%20(pilot)/close".to_owned(), Of::Factory),
        ("/blocks/{code}", format!("/blocks/{block}"), Of::Brand),
        ("/blocks/{code}/report", format!("/blocks/{block}/report"), Of::Brand),
        ("/blocks/{code}/serials.csv", format!("/blocks/{block}/serials.csv"), Of::Brand),
        ("/blocks/{code}/receipt.txt", format!("/blocks/{block}/receipt.txt"), Of::Factory),
        ("/blocks/{code}/specimens/{form}", format!("/blocks/{block}/specimens/pdf"), Of::Brand),
        ("/users/{id}", format!("/users/{somebody}"), Of::All),
        ("/users/{id}/link", format!("/users/{somebody}/link"), Of::All),
        ("/tokens/{id}/rotate", "/tokens/0A1B2C3D4E/rotate".to_owned(), Of::All),
        ("/tokens/{id}/revoke", "/tokens/0A1B2C3D4E/revoke".to_owned(), Of::All),
        ("/catalogue/export.xlsx", "/catalogue/export.xlsx".to_owned(), Of::Factory),
        ("/templates/{name}", "/templates/unit-25x10".to_owned(), Of::All),
        ("/templates/{name}/preview", "/templates/unit-25x10/preview".to_owned(), Of::All),
    ];
    let proof = proofs::approved(house).await;
    let of_proof = |path: &str| format!("/proofs/{proof}{path}");
    house.a_printer("line-3", serde_json::json!({})).await;
    let job = house.a_job("line-3", 2).await;
    let [printed, job] = ["block", "job"].map(|name| job[name].as_str().unwrap().to_owned());
    let floor = vec![
        ("/station/{station}/work", format!("/station/fi-1/work?block={printed}"), Of::Brand),
        ("/station/{station}/scan", "/station/fi-1/scan".to_owned(), Of::All),
        ("/station/{station}/card", "/station/fi-1/card".to_owned(), Of::All),
        ("/printing/{job}", format!("/printing/{job}"), Of::Brand),
        ("/printing/{job}/control", format!("/printing/{job}/control"), Of::Brand),
        ("/printing/{job}/settle", format!("/printing/{job}/settle"), Of::Brand),
        ("/printing/{job}/agree", format!("/printing/{job}/agree"), Of::Brand),
        ("/printing/conflicts/{conflict}/close", "/printing/conflicts/1/close".to_owned(), Of::All),
        ("/printers/{printer}", "/printers/line-3".to_owned(), Of::All),
        ("/printers/{printer}/state", "/printers/line-3/state".to_owned(), Of::All),
        ("/printers/{printer}/test", "/printers/line-3/test".to_owned(), Of::All),
    ];
    let lines = [
        lines,
        floor,
        vec![
            ("/proofs/{proof}", of_proof(""), Of::Brand),
            ("/proofs/{proof}/samples/{n}", of_proof("/samples/1"), Of::Brand),
            ("/proofs/{proof}/proof.pdf", of_proof("/proof.pdf"), Of::Brand),
            ("/proofs/{proof}/certificate.pdf", of_proof("/certificate.pdf"), Of::Brand),
            ("/proofs/{proof}/certificate.json", of_proof("/certificate.json"), Of::Brand),
            ("/proofs/{proof}/request", of_proof("/request"), Of::Brand),
            ("/proofs/{proof}/withdraw", of_proof("/withdraw"), Of::Brand),
            ("/proofs/{proof}/comments", of_proof("/comments"), Of::Brand),
            ("/proofs/{proof}/comments/{comment}/resolve", of_proof("/comments/1/resolve"), Of::Brand),
            ("/proofs/{proof}/decide", of_proof("/decide"), Of::Brand),
            ("/brands/{brand}/approvers", "/brands/BOR/approvers".to_owned(), Of::Brand),
        ],
    ]
    .concat();
    lines.into_iter().map(|(pattern, address, of)| (pattern, (address, of))).collect()
}

/// Answers that a page gives to somebody who may see it: also that there is nothing, and where to go instead.
fn is_let_in(path: &str, status: u16) -> bool {
    matches!(status, 200 | 404) || (status == 303 && (path.starts_with("/find") || path == "/sign-in"))
}

/// Somebody of each role. The buyer is Borealis Optics'.
async fn people(house: &House) -> Vec<(Role, Person)> {
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, house.person(role.name()).await));
    }
    people
}

fn may(role: Role, open: Open) -> bool {
    match open {
        Open::Anybody => true,
        Open::To(roles) => Roles::of(&[role]).may(roles),
    }
}

fn address<'a>(samples: &'a BTreeMap<&'static str, (String, Of)>, row: &'a PageRow) -> (&'a str, Of) {
    match samples.get(row.path) {
        Some((address, of)) => (address, *of),
        None if row.path.contains('{') => panic!("{} {}: write a line for it in `samples`", row.method, row.path),
        None => (row.path, Of::All),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_shown_to_exactly_those_in_the_table() {
    let house = House::new().await;
    let samples = samples(&house).await;
    let (people, visitor) = (people(&house).await, house.visitor());
    for row in house.pages.iter().filter(|row| row.method == "GET") {
        let (path, _) = address(&samples, row);
        let seen = visitor.get(path).await;
        match row.open {
            Open::Anybody => assert!(is_let_in(path, seen.status), "{path}, signed out: {}", seen.head),
            Open::To(_) => assert!(seen.leads_to().starts_with("/sign-in"), "{path}, signed out: {}", seen.head),
        }
        for (role, person) in &people {
            let seen = person.get(path).await;
            if may(*role, row.open) {
                assert!(is_let_in(path, seen.status), "{path} as {role:?}: {}: {}", seen.status, seen.words());
            } else {
                assert_eq!(seen.status, 403, "{path} as {role:?}: {}", seen.head);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_brands_records_do_not_exist() {
    let house = House::new().await;
    let samples = samples(&house).await;
    for role in [Role::Buyer, Role::Support, Role::Viewer] {
        let own = house.person_of(role.name(), "BOR").await;
        let foreign = house.person_of(role.name(), "KES").await;
        for row in house.pages.iter().filter(|row| row.method == "GET" && may(role, row.open)) {
            let (path, of) = address(&samples, row);
            let (mine, theirs) = (own.get(path).await, foreign.get(path).await);
            match of {
                Of::All => {
                    assert!(is_let_in(path, theirs.status), "{path} as another brand's {role:?}: {}", theirs.words());
                }
                Of::Brand => {
                    assert_eq!(mine.status, 200, "{path} as the brand's {role:?}");
                    assert_eq!(theirs.status, 404, "{path} as another brand's {role:?}");
                }
                Of::Factory => {
                    assert_eq!((mine.status, theirs.status), (404, 404), "{path} as a brand's {role:?}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_is_taken_without_its_token_or_from_another_site() {
    let house = House::new().await;
    let samples = samples(&house).await;
    let (people, visitor) = (people(&house).await, house.visitor());
    let foreign = "origin: https://evil.example\r\nsec-fetch-site: cross-site\r\n";
    for row in house.pages.iter().filter(|row| row.method == "POST") {
        let (path, _) = address(&samples, row);
        let from_afar = visitor.post_bare(path, foreign, &[]).await;
        assert_eq!(from_afar.status, 403, "{path}, signed out, from another site: {}", from_afar.words());
        if let Open::To(_) = row.open {
            let sent = visitor.post_bare(path, "", &[]).await;
            assert!(sent.leads_to().starts_with("/sign-in"), "{path}, signed out: {}", sent.head);
        }
        for (role, person) in &people {
            let with_token = [("form", person.form_token())];
            let from_afar = person.post_bare(path, foreign, &with_token).await;
            assert_eq!(from_afar.status, 403, "{path} as {role:?} from another site: {}", from_afar.words());
            let mut bare = person.post_bare(path, "", &[]).await;
            if bare.status == 415 {
                bare = person.upload_bare(path, &[], &[("files", "brands.csv", b"code")]).await;
            }
            assert_eq!(bare.status, 403, "{path} as {role:?} without the token: {}", bare.words());
            if !may(*role, row.open) {
                let sent = person.post(path, &[]).await;
                assert_eq!(sent.status, 403, "{path} as {role:?}: {}", sent.words());
                assert!(sent.words().contains("may not see this page"), "{path} as {role:?}: {}", sent.words());
            }
        }
    }
}
