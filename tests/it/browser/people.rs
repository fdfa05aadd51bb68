//! Accounts: the way in and out.

use crate::support::browser::{PASSWORD, Site, in_browser};
use nameplate::service::Caller;
use nameplate::service::people::{NewUser, Role};

in_browser!(an_invitation_opens_an_account_that_signs_out_and_in_again, a_planted_session_is_worth_nothing);

async fn an_invitation_opens_an_account_that_signs_out_and_in_again(site: Site) {
    let new = NewUser { email: "ada@example.com".into(), roles: "viewer".into(), ..NewUser::default() };
    let link = site.factory.invite(&Caller::command_line(), &new).await.unwrap();
    let mut tab = site.tab();
    tab.open(&link.path);
    tab.fill("Your name", "Ada Lovelace");
    tab.fill("Password", PASSWORD);
    tab.press("Enter");
    tab.wait_for_text("Welcome. Your account is open.");
    tab.click("Ada Lovelace");
    tab.click("Sign out");
    tab.wait_for_text("You are signed out.");

    // By phone, and without scripts.
    tab.phone();
    tab.without_scripts();
    tab.open("/account");
    assert_eq!(tab.url(), "/sign-in?next=%2Faccount");
    tab.fill("E-mail address", "Ada@Example.com");
    tab.fill("Password", "not hers at all");
    tab.click("main button");
    assert_eq!(tab.status_of_last_navigation(), 422);
    assert!(tab.text("[role=alert]").starts_with("Address or password is wrong."));
    assert_eq!((tab.value("E-mail address").as_str(), tab.value("Password").as_str()), ("Ada@Example.com", ""));
    tab.fill("Password", PASSWORD);
    tab.press("Enter");
    assert_eq!((tab.url().as_str(), tab.value("Your name").as_str()), ("/account", "Ada Lovelace"));
}

async fn a_planted_session_is_worth_nothing(site: Site) {
    let (victim, thief) = (site.tab(), site.tab());
    thief.plant_cookie("session", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    thief.open("/account");
    assert!(thief.url().starts_with("/sign-in"), "nobody has made this session");

    let email = site.sign_in(&site.tab(), Role::Viewer).await;
    victim.plant_cookie("session", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    victim.open("/sign-in");
    victim.fill("E-mail address", &email);
    victim.fill("Password", PASSWORD);
    victim.press("Enter");
    assert_eq!(victim.url(), "/");
    let sessions: Vec<_> = victim.cookies().into_iter().filter(|cookie| cookie["name"] == "session").collect();
    assert_eq!(sessions.len(), 1);
    assert!(sessions[0]["httpOnly"] == true && sessions[0]["sameSite"] == "Lax", "{sessions:?}");
    thief.reload();
    assert!(thief.url().starts_with("/sign-in"), "the planted secret was not taken over");
}
