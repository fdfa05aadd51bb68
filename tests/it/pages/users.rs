//! People: invited, changed, sent links; mail that did not go out.

use super::House;
use nameplate::http::pages::SiteSettings;
use nameplate::service::people::Mailer;

fn invitation(email: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![("email", email), ("name", "Ada"), ("roles", "planner"), ("roles", "station"), ("language", "de")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_shown_once_and_opens_an_account() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    let form = admin.get("/users/new").await.is(200);
    form.says("Borealis Optics").says("Everything, including people and tokens.");
    let shown = admin.post("/users", &invitation("ada@maker.example")).await.is(200);
    shown.says("The link for ada@maker.example").says("No mail server is set up");
    let address = shown.field("link");
    assert!(address.starts_with("http://t/welcome/"), "{address}");
    let path = address.strip_prefix("http://t").unwrap();
    house.visitor().get(path).await.is(200).says("ada@maker.example");
    admin.get("/users").await.is(200).says("ada@maker.example").says("invited").is_silent_of(path);
    // Whoever sends the form twice is told that there is an account, and no second one is made.
    let again = admin.post("/users", &invitation("ADA@maker.example")).await.is(422);
    again.says("has an account already");
    assert_eq!(again.field("name"), "Ada");
    let opened = house.visitor().post(path, &[("name", "Ada"), ("password", "quiet harbour violet ladder")]).await;
    assert_eq!(opened.leads_to(), "/?done=welcome");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_that_cannot_be_are_refused_at_their_field() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    let long: &'static str = Box::leak("x".repeat(5_000).into_boxed_str());
    for (changed, value, field) in [
        ("email", "nobody", "email"),
        ("email", "<b>@example.com", "email"),
        ("name", long, "name"),
        ("roles", "root", "roles"),
        ("brand", "NOPE", "brand"),
        ("brand", "BOR", "brand"),
        ("station", "line 2", "station"),
    ] {
        let mut sent = invitation("ada@maker.example");
        sent.retain(|(name, _)| *name != changed);
        sent.push((changed, value));
        let refused = admin.post("/users", &sent).await.is(422);
        assert!(refused.html().contains(&format!("id=\"{field}-error\"")), "{changed}: {}", refused.words());
        assert!(!refused.html().contains("<b>@"));
    }
    admin.get("/users").await.is(200).is_silent_of("ada@maker.example");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_may_do_less_is_signed_out_at_once() {
    let house = House::new().await;
    let admin = house.person("admin").await;
    let planner = house.person("planner").await;
    planner.get("/rules/new").await.is(200);
    let path = format!("/users/{}", planner.who().user);
    let form = admin.get(&path).await.is(200);
    assert!(form.html().contains("value=\"planner\" checked"), "{}", form.html());
    let change = [("roles", "viewer"), ("active", "yes"), ("brand", ""), ("station", "")];
    assert_eq!(admin.post(&path, &change).await.leads_to(), "/users?done=user_changed");
    assert!(planner.get("/rules").await.leads_to().starts_with("/sign-in"));
    admin.post(&path, &[("roles", "viewer"), ("brand", "KES"), ("station", "")]).await.leads_to();
    admin.get(&path).await.is(200).says("disabled").is_silent_of("New link");
    let own = format!("/users/{}", admin.who().user);
    admin.post(&own, &[("roles", "viewer"), ("active", "yes")]).await.is(422).says("Somebody has to stay");
    admin.get(&own).await.is(200);
    admin.get("/users/0").await.is(404);
    admin.get("/users/nobody").await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_cannot_be_mailed_is_shown_to_copy() {
    let url = "https://labels.example";
    // Nobody listens there.
    let mailer = Mailer::new("smtp://127.0.0.1:9", None, "nameplate@example.com", url).unwrap();
    let settings = SiteSettings { public_url: Some(url.into()), mailer: Some(mailer), words: Vec::new() };
    let house = House::with(settings).await;
    let admin = house.person("admin").await.behind_tls(url);
    let shown = admin.post("/users", &invitation("ada@maker.example")).await.is(200);
    shown.says("It could not be mailed");
    assert!(shown.field("link").starts_with("https://labels.example/welcome/"), "{}", shown.field("link"));
}
