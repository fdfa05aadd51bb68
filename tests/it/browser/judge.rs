//! The judges of pages find what they are there to find, and nothing on a page without faults.

use super::sample;
use crate::support::browser::{run, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_faults_is_not_blamed() {
    run(|browser| async move {
        let mut tab = browser.person(&serve(sample::router()).await);
        tab.open("/");
        assert_eq!(tab.axe(), [""; 0]);
        assert_eq!(tab.checks(), [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_found() {
    run(|browser| async move {
        let mut tab = browser.person(&serve(sample::router()).await);
        tab.open("/faulty");
        tab.expects("GenericIssue: FormDuplicateIdForInputError");
        tab.expects("GenericIssue: FormEmptyIdAndNameAttributesForInputError");
        let axe = tab.axe().join("\n");
        for rule in ["color-contrast (serious)", "label (critical)", "target-size (serious)", "tabindex (serious)"] {
            assert!(axe.contains(rule), "{rule} is missing:\n{axe}");
        }
        let found = tab.checks().join("\n");
        let expected = [
            "2 elements h1 instead of one",
            "id used twice: twice",
            "image without width and height: /dot.svg",
            "at 320 px: scrolls sideways: ",
            "at 390 px: scrolls sideways: ",
            "closer than 24 px to <button class=\"tiny\"> \"b\": <button class=\"tiny\"> \"a\"",
            "light: focus is not visible, no outline of 2 px or more: <button class=\"hidden\">",
            "light: Tab does not leave <textarea id=trap> \"Trap\"",
            "light: Tab does not lead to <button> \"Beyond\"",
            "dark: focus outline has a contrast of 1.3",
        ];
        for words in expected {
            assert!(found.contains(words), "{words} is missing:\n{found}");
        }
        assert!(!found.contains("at 1280 px: scrolls"), "{found}");
    })
    .await;
}
