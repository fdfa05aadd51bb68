//! Signing in: who gets a session, what a session is worth, and what other sites, strangers and mail scanners get.

use super::House;
use super::house::PASSWORD;
use nameplate::http::pages::SiteSettings;
use nameplate::service::people::{NewUser, UserChange};
use nameplate::service::{Caller, ServiceError};

const ADA: &str = "ada@maker.example";

async fn ada(house: &House) -> super::house::Person {
    house.person_with(NewUser { email: ADA.into(), roles: "planner".into(), ..NewUser::default() }).await
}

fn credentials(password: &str) -> [(&'static str, &str); 3] {
    [("email", ADA), ("password", password), ("next", "/account")]
}

/// The value of the cookie that an answer sets.
fn cookie(shown: &super::house::Shown) -> String {
    let set = shown.header("set-cookie").expect("a cookie");
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_password_opens_a_session_and_leads_back() {
    let house = House::new().await;
    ada(&house).await;
    let visitor = house.visitor();
    let wanted = visitor.get("/account?a=b").await;
    assert_eq!(wanted.leads_to(), "/sign-in?next=%2Faccount%3Fa%3Db");
    let door = visitor.get(wanted.leads_to()).await.is(200);
    assert_eq!(door.field("next"), "/account?a=b");
    let wrong = visitor.post("/sign-in", &credentials("not the password")).await.is(422);
    wrong.says("Address or password is wrong");
    assert_eq!(wrong.field("email"), ADA, "what was typed is kept");
    assert!(!wrong.html().contains("not the password") && wrong.header("set-cookie").is_none());
    let signed_in = visitor.post("/sign-in", &credentials(PASSWORD)).await;
    assert_eq!(signed_in.leads_to(), "/account");
    let set = signed_in.header("set-cookie").unwrap();
    for part in ["session=", "; Path=/", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(part), "{set}");
    }
    let session = format!("cookie: {}\r\n", cookie(&signed_in));
    let account = visitor.send("GET", "/account", &session, b"").await;
    account.says(ADA);
    assert_eq!(visitor.send("GET", "/sign-in", &session, b"").await.leads_to(), "/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_cannot_be_planted_and_ends_when_it_is_signed_out() {
    let house = House::new().await;
    let ada = ada(&house).await;
    let visitor = house.visitor();
    let planted = format!("cookie: session={}\r\n", "A".repeat(43));
    let body = serde_html_form::to_string(credentials(PASSWORD)).unwrap();
    let form = format!("content-type: application/x-www-form-urlencoded\r\n{planted}");
    let signed_in = visitor.send("POST", "/sign-in", &form, body.as_bytes()).await;
    assert_ne!(cookie(&signed_in), format!("session={}", "A".repeat(43)), "the secret is always new");
    assert_eq!(visitor.send("GET", "/account", &planted, b"").await.status, 303);
    ada.get("/account").await.is(200);
    let out = ada.post("/sign-out", &[]).await;
    assert_eq!(out.leads_to(), "/sign-in?done=signed_out");
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(ada.get("/account").await.status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_of_other_sites_do_nothing() {
    let house = House::new().await;
    let ada = ada(&house).await;
    let token = ada.form_token().to_owned();
    let fields = [("form", token.as_str()), ("name", "Mallory"), ("language", "en")];
    for foreign in [
        "origin: https://evil.example\r\n",
        "origin: null\r\n",
        "origin: http://t.evil.example\r\n",
        "origin: http://t\r\nsec-fetch-site: cross-site\r\n",
        "sec-fetch-site: same-site\r\n",
    ] {
        ada.post_bare("/account", foreign, &fields).await.is(403).says("This form did not come from here");
    }
    for bad in [&[][..], &[("form", "")], &[("form", "0123")], &[("form", house.person("viewer").await.form_token())]] {
        let fields: Vec<(&str, &str)> = bad.iter().copied().chain([("name", "Mallory")]).collect();
        ada.post_bare("/account", "", &fields).await.is(403);
    }
    assert!(!ada.read("/account").await.contains("Mallory"));
    // Signing somebody in as another is an attack, too.
    let sign_in = credentials(PASSWORD);
    house.visitor().post_bare("/sign-in", "origin: https://evil.example\r\n", &sign_in).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_address_is_believed_and_a_host_header_is_not() {
    let settings = SiteSettings { public_url: Some("https://labels.example".into()), ..SiteSettings::default() };
    let house = House::with(settings).await;
    ada(&house).await;
    let visitor = house.visitor();
    let fields = credentials(PASSWORD);
    visitor.post_bare("/sign-in", "origin: http://t\r\n", &fields).await.is(403);
    let signed_in = visitor.post_bare("/sign-in", "origin: https://labels.example\r\n", &fields).await;
    let set = signed_in.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-session=") && set.ends_with("; Secure"), "{set}");
    assert_eq!(signed_in.leads_to(), "/account", "never an address with a host in it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_signing_in_nobody_is_sent_to_another_site() {
    let house = House::new().await;
    ada(&house).await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/sign-out"] {
        let fields = [("email", ADA), ("password", PASSWORD), ("next", next)];
        assert_eq!(house.visitor().post("/sign-in", &fields).await.leads_to(), "/", "{next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_is_slowed_down() {
    let house = House::new().await;
    let ada = ada(&house).await;
    let visitor = house.visitor();
    let mut refused = 0;
    for guess in 0..12 {
        let answer = visitor.post("/sign-in", &credentials(&format!("guess number {guess}"))).await;
        if answer.status == 429 {
            assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
            refused += 1;
        }
    }
    assert!(refused >= 3, "{refused}");
    visitor.post("/sign-in", &credentials(PASSWORD)).await.is(429);
    ada.get("/account").await.is(200);
    // Another account is not concerned, and neither is the address while it has tries left.
    let bo = NewUser { email: "bo@maker.example".into(), roles: "viewer".into(), ..NewUser::default() };
    house.person_with(bo).await;
    let fields = [("email", "bo@maker.example"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/sign-in", &fields).await.status, 303);
    // Nor can the password be guessed from within a session that was left open.
    ada.post("/account/codes", &[("password", PASSWORD)]).await.is(429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_by_its_form_only_and_once() {
    let house = House::new().await;
    let new = NewUser { email: ADA.into(), roles: "planner".into(), ..NewUser::default() };
    let link = house.nameplate.invite(&Caller::command_line(), &new).await.unwrap();
    let visitor = house.visitor();
    for _ in 0..3 {
        // What a mail scanner does.
        visitor.get(&link.path).await.is(200).says(ADA);
        assert!(visitor.send("HEAD", &link.path, "", b"").await.header("set-cookie").is_none());
    }
    let weak = [("name", "Ada <b>Lind</b>"), ("password", "short")];
    let weak = visitor.post(&link.path, &weak).await.is(422);
    weak.says("at least 12 characters");
    assert_eq!(weak.field("name"), "Ada <b>Lind</b>");
    assert!(!weak.html().contains("<b>Lind"));
    let opened = visitor.post(&link.path, &[("name", "Ada Lind"), ("password", PASSWORD)]).await;
    assert_eq!(opened.leads_to(), "/?done=welcome");
    for path in [link.path.as_str(), "/welcome/x", &format!("/welcome/{}", "A".repeat(43))] {
        visitor.get(path).await.is(404).says("This link opens nothing any more");
        visitor.post(path, &[("name", "Eve"), ("password", PASSWORD)]).await.is(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_are_turned_on_with_the_password_and_shown_only_then() {
    use nameplate::service::people::totp;
    let house = House::new().await;
    let ada = ada(&house).await;
    ada.post("/account/codes", &[("password", "no idea at all")]).await.is(422).says("This is not your password");
    let shown = ada.post("/account/codes", &[("password", PASSWORD)]).await.is(200);
    let secret = shown.html().split("<code>").nth(1).unwrap().split("</code>").next().unwrap().replace(' ', "");
    let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    assert!(shown.html().contains("src=\"data:image/svg+xml;base64,"));
    let wrong = ada.post("/account/codes/confirm", &[("code", "000000")]).await.is(422);
    assert!(wrong.html().contains(&secret[..4]), "the password was just given: it is shown again");
    let code = totp::code(&key, house.nameplate.clock().now_us() / 1_000_000 / totp::STEP_S);
    assert_eq!(ada.post("/account/codes/confirm", &[("code", &code)]).await.leads_to(), "/account?done=codes_on");
    assert!(!ada.read("/account").await.contains(&secret[..4]));
    house.visitor().post("/sign-in", &credentials(PASSWORD)).await.is(422).says("The code is missing");
    house.wait(120).await;
    let code = totp::code(&key, house.nameplate.clock().now_us() / 1_000_000 / totp::STEP_S);
    let fields = [("email", ADA), ("password", PASSWORD), ("code", code.as_str())];
    assert_eq!(house.visitor().post("/sign-in", &fields).await.status, 303);
    house.visitor().post("/sign-in", &fields).await.is(422);
    assert_eq!(ada.post("/account/codes/end", &[("password", PASSWORD)]).await.leads_to(), "/account?done=codes_off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_is_gone_with_the_next_click() {
    let house = House::new().await;
    let (ada, _admin) = (ada(&house).await, house.person("admin").await);
    ada.get("/account").await.is(200);
    let off = UserChange { is_active: Some(false), ..UserChange::default() };
    house.nameplate.change_user(&Caller::command_line(), ada.who().user, &off).await.unwrap();
    assert_eq!(ada.get("/account").await.status, 303);
    assert!(matches!(house.nameplate.user(0).await, Err(ServiceError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_is_the_persons_and_hostile_ones_are_refused() {
    let house = House::new().await;
    let visitor = house.visitor();
    let german = visitor.send("GET", "/sign-in", "accept-language: de-AT,de;q=0.9\r\n", b"").await;
    assert!(german.html().contains("<html lang=\"de\""));
    let chosen = visitor.post("/language", &[("language", "zh"), ("next", "/sign-in")]).await;
    assert_eq!(chosen.leads_to(), "/sign-in");
    let remembered = format!("cookie: {}\r\n", cookie(&chosen));
    assert!(visitor.send("GET", "/sign-in", &remembered, b"").await.html().contains("<html lang=\"zh\""));
    visitor.post("/language", &[("language", "\"><b>")]).await.is(422);
    visitor.post("/language", &[("language", "x; Domain=evil")]).await.is(422);
    let ada = ada(&house).await;
    ada.post("/language", &[("language", "de"), ("next", "//evil.example")]).await;
    assert!(ada.read("/account").await.contains("<html lang=\"de\""));
    for hostile in
        ["cookie: language=../../x\r\n", "cookie: tz=../../etc/passwd\r\n", "accept-language: \"><script>\r\n"]
    {
        let page = visitor.send("GET", "/sign-in", hostile, b"").await.is(200);
        assert!(page.html().contains("<html lang=\"en\"") && !page.html().contains("<script>"), "{hostile}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_stay_text_on_every_page_of_their_owner() {
    let house = House::new().await;
    let name = "<img src=x onerror=alert(1)>\"'&amp;";
    let new = NewUser { name: name.into(), roles: "planner".into(), ..NewUser::default() };
    let person = house.person_with(new).await;
    for path in ["/account", "/problems", "/no such page".replace(' ', "%20").as_str()] {
        let page = person.get(path).await;
        assert!(!page.html().contains("<img src=x"), "{path}");
        assert!(page.html().contains("&#60;img src=x onerror"), "{path}: the name is there");
    }
    let long = "x".repeat(5_000);
    let refused = person.post("/account", &[("name", &long), ("language", "en")]).await.is(422);
    refused.says("1 to 80 characters");
}
