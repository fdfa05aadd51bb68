//! The template studio: somebody writes, and sees at once what comes of it.

use crate::support::browser::{Site, Tab, in_browser};
use nameplate::label::shipped_template;
use nameplate::service::people::Role;
use serde_json::json;

in_browser!(
    a_label_is_drawn_while_somebody_writes,
    a_fault_leads_to_its_line_and_the_last_label_stays,
    what_was_not_published_is_found_again,
    a_new_template_is_written_and_published,
    the_studio_works_without_scripts,
);

async fn planner(site: &Site) -> Tab {
    let tab = site.tab();
    site.sign_in(&tab, Role::Planner).await;
    tab
}

/// Changes a part of the text, as typing does.
fn change(tab: &Tab, from: &str, to: &str) {
    let script = "(([from, to]) => {
        const field = document.getElementById('source');
        if (!field.value.includes(from)) return false;
        field.value = field.value.replace(from, to);
        return field.dispatchEvent(new Event('input', { bubbles: true }));
    })";
    assert_eq!(tab.script(&format!("{script}({})", json!([from, to]))), true, "{from:?} is in the text");
}

fn picture(tab: &Tab) -> String {
    tab.script("document.querySelector('#picture img').src").as_str().unwrap().to_owned()
}

async fn a_label_is_drawn_while_somebody_writes(site: Site) {
    let tab = planner(&site).await;
    tab.open("/templates/unit-60x40");
    let before = picture(&tab);
    assert!(tab.reads("This code is the serial.") && tab.reads("480 × 320 dots at 203 dots an inch"));
    assert_eq!(tab.script("document.getElementById('numbers').textContent.startsWith('1\\n2\\n3\\n')"), true);
    change(&tab, "width_mm = 60\n", "width_mm = 62\n");
    tab.wait_for_text("496 × 320 dots");
    tab.choose("Dots an inch", "300");
    tab.wait_for_text("732 × 472 dots at 300 dots an inch");
    tab.fill("SKU", "NT-M2-KES");
    tab.wait_for_text("TEST");
    assert_ne!(picture(&tab), before);

    tab.click("4×");
    let width = "document.querySelector('#picture img').getBoundingClientRect().width";
    assert_eq!(tab.script(width), 4 * 732);
    change(&tab, "width_mm = 62\n", "width_mm = 64\n");
    tab.wait_for_text("756 × 472 dots");
    assert_eq!(tab.script(width), 4 * 756, "the label is as large as before");
    tab.screenshot("studio-4x");

    // Where the text is, the label shows it; and the other way round.
    tab.script("document.getElementById('source').focus()");
    let line = "document.getElementById('source').setSelectionRange(0, 0)";
    tab.script(line);
    tab.script(
        "document.querySelector('.places [data-line]').dispatchEvent(new MouseEvent('click', { bubbles: true }))",
    );
    tab.wait_for(".places .here");
}

async fn a_fault_leads_to_its_line_and_the_last_label_stays(site: Site) {
    let tab = planner(&site).await;
    tab.open("/templates/unit-25x10");
    let good = picture(&tab);
    change(&tab, "width_mm = 25", "width_mm = \"25\"");
    tab.wait_for_text("1 fault in the text");
    tab.wait_for_text("This is the label from before the fault.");
    assert_eq!(picture(&tab), good);
    assert_eq!(tab.text("#tells"), "1 fault in the text", "those who listen hear it");
    assert_eq!(tab.texts("#numbers .bad"), [tab.text("#preview a[data-line]").replace("line ", "")]);
    tab.screenshot("studio-fault");
    tab.click("#preview a[data-line]");
    let chosen = "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.getElementById('source'))";
    assert_eq!(tab.script(chosen), "width_mm = \"25\"");
    assert_eq!(tab.focused(), "Template");
    tab.write("width_mm = 25");
    tab.wait_until_gone("fault in the text");
    tab.wait_until_gone("This is the label from before the fault.");
    assert_eq!(picture(&tab), good);
}

async fn what_was_not_published_is_found_again(site: Site) {
    let tab = planner(&site).await;
    tab.open("/templates/unit-25x10");
    assert!(!tab.reads("There is something that you have not published"));
    change(&tab, "# Smallest unit label", "# A note of mine");
    tab.reload();
    tab.wait_for_text("There is something that you have not published");
    tab.click("Go on with it");
    assert!(tab.value("Template").starts_with("# A note of mine"));
    tab.open("/templates/unit-40x20");
    assert!(!tab.reads("There is something that you have not published"), "each template has its own");
    tab.open("/templates/unit-25x10");
    tab.click("Throw it away");
    tab.reload();
    assert!(!tab.reads("There is something that you have not published"));
    assert!(tab.value("Template").starts_with("# Smallest unit label"));
}

async fn a_new_template_is_written_and_published(site: Site) {
    let tab = planner(&site).await;
    tab.open("/templates");
    tab.fill("New template", "Lens Cap");
    tab.choose("As a copy of", "unit-25x10");
    tab.click("Begin");
    assert_eq!((tab.status_of_last_navigation(), tab.value("New template").as_str()), (422, "Lens Cap"));
    tab.fill("New template", "lens-cap");
    tab.press("Enter");
    tab.wait_for_url("/templates/lens-cap?from=unit-25x10");
    tab.wait_for_text("not published yet");
    change(&tab, "width_mm = 25", "width_mm = 3");
    tab.wait_for_text("fault");
    tab.click("Publish");
    tab.wait_for("dialog[open]");
    tab.press("Escape");
    assert!(tab.url().starts_with("/templates/lens-cap?from"), "nothing was sent");
    tab.click("Publish");
    tab.wait_for("dialog[open]");
    tab.click("dialog .primary");
    tab.wait_for_text("It was not published");
    assert!(tab.value("Template").contains("width_mm = 3"), "what was written stays");
    change(&tab, "width_mm = 3", "width_mm = 25");
    tab.wait_for("#picture:not(.stale) img");
    tab.click("Publish");
    tab.wait_for("dialog[open]");
    tab.click("dialog .primary");
    tab.wait_for_text("Published. Labels printed from now on");
    assert_eq!(tab.url(), "/templates/lens-cap?done=template_published");
    assert!(!tab.reads("There is something that you have not published"));
    tab.click("main a[href=\"/templates\"]");
    assert!(tab.reads("lens-cap"));
}

async fn the_studio_works_without_scripts(site: Site) {
    let tab = planner(&site).await;
    tab.without_scripts();
    tab.open("/templates/unit-25x10");
    assert!(!tab.has(".zooms:not(.js)"));
    let smaller = shipped_template("unit-25x10").unwrap().replacen("width_mm = 25", "width_mm = 24", 1);
    tab.fill("Template", &smaller);
    tab.choose("Dots an inch", "600");
    tab.click(".actions button:not(.primary)");
    assert!(tab.reads("567 × 236 dots at 600 dots an inch"), "{}", tab.text("main"));
    assert!(tab.value("Template").contains("width_mm = 24"));
}
