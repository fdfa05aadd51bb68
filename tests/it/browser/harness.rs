//! What a tab's hands do reaches the page, what its eyes see is there, and what goes wrong does not stay unnoticed.

use super::sample;
use crate::support::browser::{Site, Tab, in_browser, run, serve};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Runs a test with a tab on the small site.
async fn on_sample(test: impl FnOnce(Tab)) {
    run(|browser| async move { test(browser.person(&serve(sample::router()).await)) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_filled_in_and_sent() {
    on_sample(|mut tab| {
        for phone in [false, true] {
            if phone {
                tab.phone();
            }
            tab.open("/");
            assert_eq!((tab.focused().as_str(), tab.value("SKU").as_str()), ("SKU", "old"));
            tab.fill("SKU", "TC-2 ä");
            tab.fill("Day", "2025-07-10");
            tab.choose("Size", "Large");
            assert_eq!(tab.value("Fragile"), "");
            tab.click("Fragile");
            assert_eq!(tab.value("Fragile"), "on");
            tab.click("Pack");
            assert_eq!(tab.url(), "/parcels/new?sku=TC-2+%C3%A4&day=2025-07-10&size=l&fragile=yes");
            assert_eq!((tab.text("h1").as_str(), tab.status_of_last_navigation()), ("A parcel", 200));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_types_where_the_focus_is_and_presses_enter() {
    on_sample(|tab| {
        tab.open("/");
        tab.fill("SKU", "");
        tab.scan("07K3-m9XQ 2/W");
        assert_eq!(tab.url(), "/parcels/new?sku=07K3-m9XQ+2%2FW&day=&size=s");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_reach_scripts_and_what_comes_late_is_waited_for() {
    on_sample(|tab| {
        tab.open("/");
        tab.click("#note");
        tab.write("Zürich");
        tab.press("Backspace");
        tab.press("Ctrl+Enter");
        assert_eq!(tab.text("#said"), "Noted: Züric");
        tab.click("Wait");
        tab.wait_for_text("Here I am");
        tab.wait_until_gone("Here I am");
        tab.press("Shift+Tab");
        assert_eq!(tab.focused(), "Picture");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_success_is_seen_and_no_fault() {
    on_sample(|tab| {
        tab.open("/");
        tab.fill("SKU", "");
        tab.click("Pack");
        assert_eq!((tab.status_of_last_navigation(), tab.text("[role=alert]").as_str()), (422, "Which SKU?"));
        tab.open("/nowhere");
        assert_eq!(tab.status_of_last_navigation(), 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_another_tab_files_and_rows() {
    on_sample(|tab| {
        tab.open("/");
        tab.click_beside("P-2", "Open");
        tab.wait_for_url("/parcels/2");
        tab.back();
        assert_eq!(tab.url(), "/");
        let other = tab.another();
        other.open("/");
        other.click_beside("P-1", "Open");
        assert_eq!((other.url().as_str(), tab.url().as_str()), ("/parcels/1", "/"));
        tab.click("Download the list");
        assert_eq!(tab.downloaded(), ("parcels.csv".to_owned(), b"sku,count\n".to_vec()));
        let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
        tab.attach("Picture", file.path());
        assert!(tab.value("Picture").ends_with(file.path().file_name().unwrap().to_str().unwrap()));
        tab.wait_for("tr:nth-child(2)");
        assert_eq!(
            (tab.texts("td:first-child"), tab.has("tr:nth-child(3)")),
            (vec!["P-1".into(), "P-2".into()], false)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_has_cookies_and_a_language_of_their_own() {
    run(|browser| async move {
        let base = serve(sample::router()).await;
        let (mut ada, bo) = (browser.person(&base), browser.person(&base));
        ada.language("de");
        ada.open("/hello");
        assert_eq!(ada.text("h1"), "de");
        bo.plant_cookie("planted", "by me");
        bo.open("/hello");
        assert_eq!((bo.text("h1").as_str(), bo.text("p").as_str()), ("en", "planted=by me"));
        ada.reload();
        assert_eq!(ada.text("p"), "seen=1");
        let cookies = ada.another().cookies();
        assert_eq!((cookies.len(), &cookies[0]["httpOnly"], &cookies[0]["sameSite"]), (1, &true.into(), &"Lax".into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_work_with_scripts_switched_off() {
    on_sample(|tab| {
        tab.without_scripts();
        tab.open("/");
        assert!(tab.reads("No scripts here"));
        tab.fill("SKU", "TC-3");
        tab.choose("Size", "Large");
        tab.press("Enter");
        tab.click("Pack");
        assert_eq!(tab.url(), "/parcels/new?sku=TC-3&day=&size=l");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_transferred_is_counted_without_images_and_not_from_the_cache() {
    on_sample(|tab| {
        tab.without_cache();
        tab.open("/faulty");
        let first = tab.transferred();
        assert_eq!(first.requests, 3, "the page, its style sheet and its script, without the image");
        tab.open("/faulty");
        assert_eq!(tab.transferred(), first);
        assert!(first.bytes > 1_000 && first.bytes < 4_000, "{first:?}");
        tab.expects("GenericIssue");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_page_are_noticed() {
    on_sample(|tab| {
        tab.open("/loud");
        let faults = tab.faults().join("\n");
        let expected = [
            "security: Applying inline style violates",
            "security: Executing inline script violates",
            "answered 404: http://127.0.0.1:",
            "security: Loading the image 'http://elsewhere.example/x.png' violates",
            "console error: so loud",
            "dialog: Sure?",
            "script: ReferenceError: nothing is not defined",
        ];
        for words in expected {
            assert!(faults.contains(words), "{words} is missing:\n{faults}");
            tab.expects(words);
        }
        assert_eq!(tab.faults(), [""; 0]);
    })
    .await;
}

#[test]
fn a_test_fails_when_its_page_logs_a_fault_and_when_one_that_it_expects_does_not_come() {
    assert!(failure(|tab| tab.open("/loud")).is_none_or(|said| said.contains("console error: so loud")));
    assert!(failure(|tab| tab.expects("a fault")).is_none_or(|said| said.contains("nothing logged \"a fault\"")));
    assert!(failure(|tab| tab.open("/")).is_none_or(|said| said.is_empty()));
}

/// What a test that does this fails with, if it does; none where there is no browser.
fn failure(test: impl FnOnce(Tab) + Send + 'static) -> Option<String> {
    let (tell, ran) = std::sync::mpsc::channel();
    let ended = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(on_sample(move |tab| {
            tell.send(()).unwrap();
            test(tab);
        }));
    })
    .join();
    ran.recv().ok().map(|()| ended.err().map_or(String::new(), |panic| *panic.downcast::<String>().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_told_with_what_there_is() {
    on_sample(|mut tab| {
        tab.patience = Duration::from_millis(100);
        tab.open("/");
        let told = |act: Act| {
            let panic = catch_unwind(AssertUnwindSafe(|| act(&tab))).unwrap_err();
            panic.downcast::<String>().unwrap()
        };
        let telling: [(Act, &str); 7] = [
            (
                &|tab| tab.click("Send"),
                "nothing is called \"Send\"; there are: \"SKU\", \"Day\", \"Fragile\", \"Pack\"",
            ),
            (&|tab| tab.click("Open"), "2 things are called \"Open\": <a href=\"/parcels/1\">"),
            (&|tab| tab.click("Ship"), "\"Ship\" is disabled"),
            (&|tab| tab.click_beside("P-3", "Open"), "nothing holds the words \"P-3\""),
            (&|tab| tab.choose("Size", "Huge"), "\"Size\" does not offer \"Huge\"; it offers: \"Small\", \"Large\""),
            (&|tab| tab.fill("Fragile", "x"), "nothing can be typed into \"Fragile\""),
            (&|tab| tab.wait_for_text("Welcome"), "nobody can read \"Welcome\". / says:\nParcels"),
        ];
        for (act, words) in telling {
            let told = told(act);
            assert!(told.contains(words), "{words} is missing in: {told}");
        }
    })
    .await;
}

/// What a person does.
type Act<'a> = &'a dyn Fn(&Tab);

/// The site that tests of the product's pages get.
async fn the_server_is_that_of_the_factory(site: Site) {
    let tab = site.tab();
    tab.open("/readyz");
    assert_eq!(tab.status_of_last_navigation(), 200);
    site.factory.close().await;
    tab.reload();
    assert_eq!(tab.status_of_last_navigation(), 503);
}

in_browser!(the_server_is_that_of_the_factory);
