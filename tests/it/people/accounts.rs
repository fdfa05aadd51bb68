//! Accounts: a link opens once, a password opens one account, a code opens once, and what was taken away is gone at once.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::people::link::LinkAnswer;
use nameplate::service::people::session::{IDLE_US, LIFE_US};
use nameplate::service::people::{
    LinkPurpose, NewUser, OneTimeLink, Roles, SecretText, SignIn, SignInRefused, UserChange, UserState, totp,
};
use nameplate::service::{Caller, ServiceError};
use sqlx::Row;

both_engines!(
    an_invitation_opens_one_account_once,
    looking_at_a_link_changes_nothing,
    of_two_who_use_a_link_at_once_one_is_told_no,
    the_first_administrator_is_made_by_the_first_link,
    nobody_learns_who_has_an_account,
    a_session_ends_by_age_by_rest_and_by_decision,
    what_a_person_may_no_longer_do_ends_at_once,
    somebody_stays_administrator,
    a_code_opens_once,
    accounts_that_cannot_be_meant_are_refused,
    only_hashes_are_kept,
);

const PASSWORD: &str = "seven quiet lanterns";

fn new(email: &str, roles: &str, brand: Option<&str>) -> NewUser {
    NewUser { email: email.into(), roles: roles.into(), brand: brand.map(str::to_owned), ..NewUser::default() }
}

async fn invite(factory: &Factory, email: &str, roles: &str, brand: Option<&str>) -> OneTimeLink {
    factory.invite(&Caller::command_line(), &new(email, roles, brand)).await.unwrap()
}

fn secret(link: &OneTimeLink) -> SecretText {
    SecretText::read(link.path.strip_prefix("/welcome/").unwrap()).unwrap()
}

fn answer(name: &str, password: &str) -> LinkAnswer {
    LinkAnswer { email: String::new(), name: name.into(), password: password.into() }
}

/// Every text that the database keeps about people.
async fn kept(database: &Database) -> String {
    let mut all = String::new();
    for sql in [
        "SELECT email || ' ' || name || ' ' || COALESCE(password_hash, '') || ' ' || COALESCE(totp_salt, '') AS t FROM app_user",
        "SELECT device AS t FROM user_session",
        "SELECT arguments || ' ' || path AS t FROM notice",
        "SELECT actor || ' ' || subject || ' ' || detail AS t FROM audit",
    ] {
        for row in database.rows(sql).await {
            all.push_str(&row.get::<String, _>("t"));
            all.push('\n');
        }
    }
    all
}

/// Somebody with an account, signed in.
async fn somebody(factory: &Factory, email: &str, roles: &str, brand: Option<&str>) -> SignIn {
    let link = invite(factory, email, roles, brand).await;
    factory.use_link(&secret(&link), &answer("Ada Lind", PASSWORD), "a browser").await.unwrap()
}

async fn sign_in(factory: &Factory, email: &str, password: &str, code: &str) -> Result<SignIn, SignInRefused> {
    factory.sign_in(email, password, code, "a browser").await
}

async fn an_invitation_opens_one_account_once(database: Database) {
    let factory = Factory::on(&database).await;
    let link = invite(&factory, "Ada@Borealis.example", "buyer", Some("bor")).await;
    assert_eq!(link.purpose, LinkPurpose::Invitation);
    assert!(matches!(sign_in(&factory, "ada@borealis.example", PASSWORD, "").await, Err(SignInRefused::Wrong)));
    let weak = factory.use_link(&secret(&link), &answer("Ada Lind", "short"), "").await.unwrap_err();
    assert!(matches!(weak, ServiceError::Invalid { field: "password", .. }), "{weak}");
    let nameless = factory.use_link(&secret(&link), &answer(" \u{7} ", PASSWORD), "").await.unwrap_err();
    assert!(
        matches!(nameless, ServiceError::Invalid { field: "name", .. }),
        "what was refused left the link as it was"
    );
    let signed_in = factory.use_link(&secret(&link), &answer("Ada Lind", PASSWORD), "a browser").await.unwrap();
    let who = factory.who(&signed_in.secret).await.unwrap().unwrap();
    assert_eq!((&*who.name, &*who.email), ("Ada Lind", "Ada@Borealis.example"));
    assert!(who.brand.is_some() && who.caller().brand == who.brand && who.roles == "buyer".parse().unwrap());
    assert_eq!(who.caller().actor, "Ada Lind <Ada@Borealis.example>");
    let again = factory.use_link(&secret(&link), &answer("Eve", PASSWORD), "").await.unwrap_err();
    assert!(matches!(again, ServiceError::NotFound { .. }), "{again}");
    assert_eq!(factory.opened_link(&secret(&link)).await.unwrap_err().to_string(), again.to_string());
    sign_in(&factory, " ADA@borealis.example ", PASSWORD, "").await.unwrap();
    let twice =
        factory.invite(&Caller::command_line(), &new("ADA@BOREALIS.example", "viewer", None)).await.unwrap_err();
    assert!(matches!(twice, ServiceError::Invalid { field: "email", .. }), "{twice}");
}

async fn looking_at_a_link_changes_nothing(database: Database) {
    let factory = Factory::on(&database).await;
    let link = invite(&factory, "ada@bor.example", "viewer", None).await;
    for _ in 0..5 {
        let opened = factory.opened_link(&secret(&link)).await.unwrap();
        assert_eq!((&*opened.email, opened.purpose), ("ada@bor.example", LinkPurpose::Invitation));
    }
    let newer = factory.make_link(&Caller::command_line(), link.user).await.unwrap();
    assert!(factory.opened_link(&secret(&link)).await.is_err(), "a newer link takes its place");
    factory.wait(7 * 24 * 3_600 - 1);
    factory.opened_link(&secret(&newer)).await.unwrap();
    factory.wait(1);
    assert!(factory.use_link(&secret(&newer), &answer("Ada", PASSWORD), "").await.is_err(), "too old");
}

async fn of_two_who_use_a_link_at_once_one_is_told_no(database: Database) {
    let factory = Factory::on(&database).await;
    let link = invite(&factory, "ada@bor.example", "viewer", None).await;
    let (secret, one, two) = (secret(&link), answer("Ada One", PASSWORD), answer("Ada Two", PASSWORD));
    let (one, two) = tokio::join!(factory.use_link(&secret, &one, ""), factory.use_link(&secret, &two, ""));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "{one:?} {two:?}");
}

async fn the_first_administrator_is_made_by_the_first_link(database: Database) {
    let factory = Factory::on(&database).await;
    let lost = factory.first_link().await.unwrap().unwrap();
    let link = factory.first_link().await.unwrap().expect("until somebody has opened it, there is a new one each time");
    assert!(factory.opened_link(&secret(&lost)).await.is_err());
    assert!(factory.opened_link(&secret(&link)).await.unwrap().chooses_email);
    let no_address = factory.use_link(&secret(&link), &answer("Ada", PASSWORD), "").await.unwrap_err();
    assert!(matches!(no_address, ServiceError::Invalid { field: "email", .. }), "{no_address}");
    let answer = LinkAnswer { email: "ada@maker.example".into(), ..answer("Ada", PASSWORD) };
    assert!(factory.use_link(&secret(&link), &answer, "").await.unwrap().who.is_admin());
    sign_in(&factory, "ada@maker.example", PASSWORD, "").await.unwrap();
    assert!(factory.first_link().await.unwrap().is_none(), "now there is somebody");
}

async fn nobody_learns_who_has_an_account(database: Database) {
    let factory = Factory::on(&database).await;
    somebody(&factory, "ada@bor.example", "viewer", None).await;
    let invited = invite(&factory, "bea@bor.example", "viewer", None).await;
    let disabled = somebody(&factory, "cleo@bor.example", "viewer", None).await.who.user;
    let off = UserChange { is_active: Some(false), ..UserChange::default() };
    somebody(&factory, "admin@bor.example", "admin", None).await;
    factory.change_user(&Caller::command_line(), disabled, &off).await.unwrap();
    assert!(factory.make_link(&Caller::command_line(), disabled).await.is_err());
    let long = "x".repeat(5_000);
    for (email, password) in [
        ("ada@bor.example", "seven quiet lantern"),
        ("nobody@bor.example", PASSWORD),
        ("bea@bor.example", PASSWORD),
        ("cleo@bor.example", PASSWORD),
        ("first-administrator", PASSWORD),
        ("", ""),
        ("ada@bor.example\0", PASSWORD),
        (&long, &long),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ] {
        let refused = sign_in(&factory, email, password, "").await.unwrap_err();
        assert_eq!(refused.to_string(), "address or password is wrong", "{email}");
    }
    assert_eq!(factory.user(invited.user).await.unwrap().state, UserState::Invited);
    assert_eq!(factory.user(disabled).await.unwrap().state, UserState::Disabled);
}

async fn a_session_ends_by_age_by_rest_and_by_decision(database: Database) {
    let factory = Factory::on(&database).await;
    let opened = somebody(&factory, "ada@bor.example", "viewer", None).await;
    let other = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    assert_ne!(opened.secret, other.secret, "each sign-in has a secret of its own: none can be planted");
    assert_eq!(factory.sessions(&other.who).await.unwrap().len(), 2);
    assert_eq!(factory.sign_out_elsewhere(&other.who).await.unwrap(), 1);
    assert!(factory.who(&opened.secret).await.unwrap().is_none());
    factory.sign_out(&other.who).await.unwrap();
    assert!(factory.who(&other.secret).await.unwrap().is_none());
    let rested = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    factory.wait(IDLE_US / 1_000_000 + 1);
    assert!(factory.who(&rested.secret).await.unwrap().is_none());
    let used = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    let mut passed_us = 0;
    while passed_us + IDLE_US / 2 < LIFE_US {
        factory.wait(IDLE_US / 2_000_000);
        passed_us += IDLE_US / 2;
        assert!(factory.who(&used.secret).await.unwrap().is_some(), "used all the time, {passed_us}");
    }
    factory.wait(IDLE_US / 2_000_000);
    assert!(factory.who(&used.secret).await.unwrap().is_none(), "a week is enough");
    assert!(SecretText::read("").is_none() && SecretText::read("abc").is_none());
    assert!(factory.who(&SecretText::fresh().unwrap()).await.unwrap().is_none());
}

async fn what_a_person_may_no_longer_do_ends_at_once(database: Database) {
    let factory = Factory::on(&database).await;
    somebody(&factory, "admin@bor.example", "admin", None).await;
    let ada = somebody(&factory, "ada@bor.example", "planner viewer", None).await;
    let less = UserChange { roles: Some("viewer".into()), ..UserChange::default() };
    let changed = factory.change_user(&Caller::command_line(), ada.who.user, &less).await.unwrap();
    assert_eq!(changed.roles, "viewer".parse::<Roles>().unwrap());
    assert!(factory.who(&ada.secret).await.unwrap().is_none(), "signed in with the old roles no more");
    let again = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    let off = UserChange { is_active: Some(false), ..UserChange::default() };
    factory.change_user(&Caller::command_line(), ada.who.user, &off).await.unwrap();
    assert!(factory.who(&again.secret).await.unwrap().is_none());
    // A new password ends all sessions, too: whoever had the old one is out.
    let on = UserChange { is_active: Some(true), ..UserChange::default() };
    factory.change_user(&Caller::command_line(), ada.who.user, &on).await.unwrap();
    let again = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    let link = factory.make_link(&Caller::command_line(), ada.who.user).await.unwrap();
    assert_eq!(link.purpose, LinkPurpose::Password);
    let fresh = factory.use_link(&secret(&link), &answer("Ada Lind", "nine small harbours"), "").await.unwrap();
    assert!(factory.who(&again.secret).await.unwrap().is_none());
    assert!(factory.who(&fresh.secret).await.unwrap().is_some());
    assert!(sign_in(&factory, "ada@bor.example", PASSWORD, "").await.is_err());
}

async fn somebody_stays_administrator(database: Database) {
    let factory = Factory::on(&database).await;
    let only = somebody(&factory, "ada@bor.example", "admin", None).await.who.user;
    for change in [
        UserChange { is_active: Some(false), ..UserChange::default() },
        UserChange { roles: Some("viewer".into()), ..UserChange::default() },
    ] {
        let refused = factory.change_user(&Caller::command_line(), only, &change).await.unwrap_err();
        assert!(matches!(refused, ServiceError::Invalid { field: "roles", .. }), "{refused}");
    }
    assert_eq!(factory.user(only).await.unwrap().state, UserState::Active, "nothing was changed");
}

async fn a_code_opens_once(database: Database) {
    let factory = Factory::on(&database).await;
    let ada = somebody(&factory, "ada@bor.example", "viewer", None).await;
    let key = factory.begin_codes(&ada.who).await.unwrap();
    assert_eq!(factory.begin_codes(&ada.who).await.unwrap(), key, "looked at again before it is confirmed");
    sign_in(&factory, "ada@bor.example", PASSWORD, "").await.expect("not asked for yet");
    let step = || factory.clock().now_us() / 1_000_000 / totp::STEP_S;
    assert!(!factory.confirm_codes(&ada.who, "000000").await.unwrap());
    assert!(factory.confirm_codes(&ada.who, &totp::code(&key, step())).await.unwrap());
    factory.wait(120);
    let code = totp::code(&key, step());
    assert!(matches!(sign_in(&factory, "ada@bor.example", PASSWORD, "").await, Err(SignInRefused::Code)));
    assert!(matches!(sign_in(&factory, "ada@bor.example", "wrong, all wrong", &code).await, Err(SignInRefused::Wrong)));
    sign_in(&factory, "ada@bor.example", PASSWORD, &code).await.unwrap();
    let used = sign_in(&factory, "ada@bor.example", PASSWORD, &code).await;
    assert!(matches!(used, Err(SignInRefused::Code)), "seen over a shoulder, it opens nothing");
    assert!(!kept(&database).await.contains(&data_encoding::HEXLOWER.encode(&key)));
    somebody(&factory, "admin@bor.example", "admin", None).await;
    let lost = UserChange { forget_codes: true, ..UserChange::default() };
    factory.change_user(&Caller::command_line(), ada.who.user, &lost).await.unwrap();
    let back = sign_in(&factory, "ada@bor.example", PASSWORD, "").await.unwrap();
    assert_ne!(factory.begin_codes(&back.who).await.unwrap(), key, "a lost phone's secret never comes back");
}

async fn accounts_that_cannot_be_meant_are_refused(database: Database) {
    let factory = Factory::on(&database).await;
    let long = format!("{}@bor.example", "a".repeat(5_000));
    for (user, field) in [
        (new("not an address", "viewer", None), "email"),
        (new(&long, "viewer", None), "email"),
        (new("a@b.example\r\nBcc: c@d.example", "viewer", None), "email"),
        (new("a@b.example", "root", None), "roles"),
        (new("a@b.example", " ", None), "roles"),
        (new("a@b.example", "buyer", None), "brand"),
        (new("a@b.example", "planner", Some("bor")), "brand"),
        (new("a@b.example", "buyer", Some("nobody")), "brand"),
        (new("a@b.example", "buyer", Some("b\0r")), "brand"),
        (NewUser { station: Some("no spaces".into()), ..new("a@b.example", "station", None) }, "station"),
        (NewUser { name: "x".repeat(81), ..new("a@b.example", "viewer", None) }, "name"),
        (NewUser { language: "<b>".into(), ..new("a@b.example", "viewer", None) }, "language"),
    ] {
        match factory.invite(&Caller::command_line(), &user).await {
            Err(ServiceError::Invalid { field: found, .. }) => assert_eq!(found, field, "{user:?}"),
            other => panic!("{user:?}: {other:?}"),
        }
    }
    assert_eq!(factory.users(0, 10).await.unwrap().0, [], "nothing was made");
}

async fn only_hashes_are_kept(database: Database) {
    let factory = Factory::on(&database).await;
    let link = invite(&factory, "ada@bor.example", "viewer", None).await;
    let dump = kept(&database).await;
    assert!(dump.contains("ada@bor.example") && !dump.contains(secret(&link).reveal()));
    let signed_in = factory.use_link(&secret(&link), &answer("Ada", PASSWORD), "a browser").await.unwrap();
    let dump = kept(&database).await;
    assert!(dump.contains("$argon2id$") && !dump.contains(PASSWORD) && !dump.contains(signed_in.secret.reveal()));
    assert!(!format!("{:?}", signed_in.secret).contains(signed_in.secret.reveal()));
}
