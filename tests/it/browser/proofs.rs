//! A proof from its making to the first printed label: between a planner's desk and a buyer's phone.

use super::made::line_3;
use crate::support::browser::{PASSWORD, Site, in_browser};
use nameplate::service::people::Role;

in_browser!(from_the_draft_to_the_print, a_rejected_proof_is_replaced_and_an_old_page_signs_nothing);

async fn from_the_draft_to_the_print(site: Site) {
    line_3(&site).await;
    let block = site.factory.reserve(5).await.block;
    let (planner, mut buyer) = (site.tab(), site.tab());
    site.sign_in(&planner, Role::Planner).await;
    site.sign_in(&buyer, Role::Buyer).await;
    buyer.phone();

    // Nothing is printed without an approval, and the page says what is missing.
    planner.open(&format!("/printing/new?block={block}"));
    planner.choose("Printer", "line-3");
    planner.click("main button.primary");
    planner.wait_for_text("approv");
    assert_eq!(planner.status_of_last_navigation(), 422);

    planner.open("/proofs");
    planner.click("main .title a.button");
    planner.fill("SKU", "NT-M2-BOR");
    planner.click("Make the draft");
    planner.wait_for_text("The draft is made.");
    planner.wait_for_text("This code is the serial.");
    let place = planner.url().split('?').next().unwrap().to_owned();
    planner.click("Ask for the approval");
    planner.wait_for_text("The approvers are asked.");

    buyer.open("/proofs");
    buyer.click("main .card a");
    buyer.wait_for_text("Please look at this label.");
    buyer.fill("Your comment", "The logo could be larger.");
    buyer.fill("From the left, mm", "12,5");
    buyer.fill("From the top, mm", "5");
    buyer.click("main form[action$=comments] button");
    buyer.wait_for_text("Your comment is there.");
    assert!(buyer.has("svg.pins a[href^='#comment-']"), "it is pinned to the label");

    buyer.fill("Password", "not my password");
    buyer.click("Approve");
    buyer.wait_for_text("This is not your password.");
    assert_eq!(buyer.status_of_last_navigation(), 422);
    buyer.fill("Password", PASSWORD);
    buyer.click("Approve");
    buyer.wait_for_text("You have approved it. Thank you.");
    buyer.screenshot("proof-approved");

    planner.open(&place);
    planner.wait_for_text("Labels are printed exactly like this.");
    planner.open(&format!("/printing/new?block={block}"));
    planner.choose("Printer", "line-3");
    planner.click("main button.primary");
    planner.wait_for_url("/printing/JOB-");
}

async fn a_rejected_proof_is_replaced_and_an_old_page_signs_nothing(site: Site) {
    let proof = super::made::proof_that_waits(&site).await;
    let buyer = site.tab();
    site.sign_in(&buyer, Role::Buyer).await;
    let place = format!("/proofs/{proof}");
    buyer.open(&place);
    let old = buyer.another();
    old.open(&place);
    buyer.fill("Password", PASSWORD);
    buyer.click("Reject");
    buyer.wait_for_text("why");
    assert_eq!(buyer.status_of_last_navigation(), 422, "a rejection needs a reason");
    buyer.fill("What to change, or why", "The address is wrong.");
    buyer.fill("Password", PASSWORD);
    buyer.click("Reject");
    buyer.wait_for_text("You have rejected it.");

    // The page that was open all the time.
    old.fill("Password", PASSWORD);
    old.click("Approve");
    old.wait_for_text("This cannot be done");
    assert_eq!(old.status_of_last_navigation(), 409);

    let planner = site.tab();
    site.sign_in(&planner, Role::Planner).await;
    planner.open(&place);
    planner.wait_for_text("The address is wrong.");
    planner.click("Make a new proof in its place");
    planner.click("Make the draft");
    planner.wait_for_text("The draft is made.");
    planner.click("Ask for the approval");
    planner.wait_for_text("The approvers are asked.");
}
