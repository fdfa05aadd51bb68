//! The template studio: what is written is drawn, what is published was checked and seen, and nothing that is typed is lost
//! or comes alive.

use super::House;
use super::house::Person;
use nameplate::label::shipped_template;

/// The address of the picture in a page.
#[track_caller]
fn picture(html: &str) -> &str {
    let from = html.find("data:image/png;base64,").expect("a picture");
    html[from..].split('"').next().unwrap()
}

fn source(name: &str) -> &'static str {
    shipped_template(name).unwrap()
}

/// The value of the field that says which revision was seen.
async fn seen(planner: &Person, path: &str) -> String {
    planner.get(path).await.field("seen")
}

/// A copy of a shipped template under another name, as the studio makes it.
fn copy(of: &str, name: &str) -> String {
    source(of).replacen(&format!("name = \"{of}\""), &format!("name = \"{name}\""), 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_says_what_there_is_and_where_it_is_used() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let list = planner.get("/templates").await;
    list.says("unit-60x40 Unit label 60 x 40 mm 60 mm × 40 mm").says("Pallet label A5").says("comes with the program");
    let after = planner.get("/templates?after=unit-40x20").await;
    after.says("Unit label 60 x 40 mm").is_silent_of("Pallet label A5");
    planner.get("/templates?after=zzz").await.says("There are no more templates.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_template_begins_as_a_copy_and_is_kept_only_when_published() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    for (name, fault) in [
        ("", "name"),
        ("Has Blanks", "name"),
        ("../x", "name"),
        ("unit-60x40", "there is a template unit-60x40 already"),
        (&"x".repeat(5_000), "name"),
    ] {
        let shown = planner.post("/templates", &[("name", name), ("from", "unit-25x10")]).await.is(422);
        shown.says(fault);
        assert!(shown.html().contains("aria-invalid=\"true\""), "{name}");
    }
    planner.post("/templates", &[("name", "lens"), ("from", "nothing")]).await.is(422).says("there is no template");
    let begun = planner.post("/templates", &[("name", "lens"), ("from", "unit-25x10")]).await;
    assert_eq!(begun.leads_to(), "/templates/lens?from=unit-25x10");
    let draft = planner.get("/templates/lens?from=unit-25x10").await.is(200);
    draft.says("not published yet");
    assert!(draft.html().contains("name = &#34;lens&#34;"), "the copy has its own name");
    planner.get("/templates/lens").await.is(404);

    let text = copy("unit-25x10", "lens");
    let form = [("source", text.as_str()), ("seen", ""), ("from", "unit-25x10")];
    assert_eq!(planner.post("/templates/lens", &form).await.leads_to(), "/templates/lens?done=template_published");
    let shown = planner.get("/templates/lens?done=template_published").await.is(200);
    assert!(shown.html().contains("class=\"flash\""));
    planner.get("/templates").await.says("lens Smallest unit label 25 x 10 mm");
    let twice = planner.post("/templates/lens", &form).await.is(422);
    twice.says("nothing has changed since the newest revision");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_label_shows_the_data_that_were_chosen() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let page = planner.get("/templates/unit-60x40").await.is(200);
    page.says("60 mm × 40 mm · 480 × 320 dots at 203 dots an inch").says("symbol-height").says("at least 18.28 mm");
    page.says("This code is the serial.").says("This code is the product GTIN.").says("6 of 6 times");
    let text = source("unit-60x40");
    let drawn = async |more: &[(&str, &str)]| {
        let mut form = vec![("source", text), ("part", "preview")];
        form.extend(more);
        planner.post("/templates/unit-60x40/preview", &form).await.is(200).html().to_owned()
    };
    let usual = drawn(&[]).await;
    assert_eq!(picture(&usual), picture(page.html()), "the part is what the page shows");
    assert!(!usual.contains("<html"), "a part is no page");
    let others = [
        drawn(&[("brand", "KES")]).await,
        drawn(&[("sku", "NT-M2-KES")]).await,
        drawn(&[("sku", "nt-m2-sen")]).await,
        drawn(&[("case", "widest")]).await,
        drawn(&[("case", "without gtin")]).await,
        drawn(&[("dpi", "300")]).await,
    ];
    let mut pictures: Vec<&str> = others.iter().map(|html| picture(html)).chain([picture(&usual)]).collect();
    pictures.sort_unstable();
    pictures.dedup();
    assert_eq!(pictures.len(), 7, "each choice is another label");
    assert!(others[5].contains("width=\"709\" height=\"472\""), "300 dots an inch");

    let unknown = drawn(&[("sku", "NO-SUCH")]).await;
    assert!(
        unknown.contains("there is no SKU") && picture(&unknown) == picture(&usual),
        "samples, and a word about it"
    );
    let unknown = drawn(&[("brand", "NOBODY")]).await;
    assert!(unknown.contains("there is no brand"));

    let form = [("source", text), ("part", "codes"), ("sku", "NT-M2-KES")];
    let codes = planner.post("/templates/unit-60x40/preview", &form).await.is(200);
    codes.says("This code is the serial. TEST");
    let whole = planner.post("/templates/unit-60x40/preview", &[("source", text), ("sku", "NT-M2-KES")]).await.is(200);
    assert!(whole.html().contains("<html") && whole.html().contains("value=\"NT-M2-KES\""), "without scripts a page");
    assert_eq!(picture(whole.html()), picture(&others[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_have_their_lines_and_what_was_typed_stays() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let text =
        source("unit-60x40").replacen("width_mm = 60", "width_mm = 6000", 1).replacen("[placement]", "[place]", 1);
    let line = 1 + text.lines().position(|line| line == "width_mm = 6000").unwrap();
    let form = [("source", text.as_str()), ("dpi", "600"), ("case", "without gtin")];
    let shown = planner.post("/templates/unit-60x40/preview", &form).await.is(200);
    shown.says(&format!("line {line}")).says("width_mm = 6000").says("unknown field `place`");
    assert!(
        shown.html().contains("[place]") && !shown.html().contains("data:image"),
        "nothing is drawn, nothing is lost"
    );
    assert!(shown.html().contains("<option selected>600</option>"));
    assert!(shown.html().contains("<option value=\"without gtin\""), "a choice outlives a fault");
    let digest = seen(&planner, "/templates/unit-60x40").await;
    let refused = planner.post("/templates/unit-60x40", &[("source", text.as_str()), ("seen", &digest)]).await.is(422);
    refused.says("It was not published").says("unknown field `place`");
    assert!(refused.html().contains("width_mm = 6000"));

    // It reads, but labels would be refused.
    let text = source("unit-60x40").replacen("x_mm = 3\n", "x_mm = 50\n", 1);
    let shown = planner.post("/templates/unit-60x40/preview", &[("source", &text)]).await.is(200);
    shown.says("There is no label").says("off-label");
    let refused = planner.post("/templates/unit-60x40", &[("source", text.as_str()), ("seen", &digest)]).await.is(422);
    refused.says("It was not published").says("off-label");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_takes_the_place_of_the_one_that_was_seen() {
    let house = House::new().await;
    let (one, two) = (house.person("planner").await, house.person("admin").await);
    let path = "/templates/unit-25x10";
    let digest = seen(&one, path).await;
    let first = format!("{}# first\n", source("unit-25x10"));
    let second = format!("{}# second\n", source("unit-25x10"));
    let windows = source("unit-25x10").replace('\n', "\r\n");
    one.post(path, &[("source", &windows), ("seen", &digest)]).await.is(422).says("nothing has changed");
    one.post(path, &[("source", &first), ("seen", &digest)]).await.is(303);
    house.wait(1).await;
    let late = two.post(path, &[("source", &second), ("seen", &digest)]).await.is(422);
    late.says("Somebody else has published a revision meanwhile");
    assert!(late.html().contains("# second"), "what was written stays");
    assert_eq!(late.field("seen"), digest, "looking once more is not having seen");
    let newest = seen(&two, path).await;
    assert_ne!(newest, digest);
    two.post(path, &[("source", &second), ("seen", &newest)]).await.is(303);
    house.wait(1).await;
    let again = one.post(path, &[("source", &first), ("seen", &seen(&one, path).await)]).await.is(422);
    again.says("was published before");
    let other = one.post(path, &[("source", source("unit-60x40")), ("seen", &seen(&one, path).await)]).await.is(422);
    other.says("the file says name = \"unit-60x40\"");

    let old = one.get(&format!("{path}?revision={newest}")).await.is(200);
    old.says("This is an earlier revision");
    assert!(old.html().contains("# first"));
    one.get(&format!("{path}?revision={digest}")).await.is(200).says("comes with the program");
    one.get(&format!("{path}?revision=abc")).await.is(404);
    let entries = house.nameplate.verify_audit().await.unwrap().entries;
    assert!(entries >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_publish_at_once_one_is_told() {
    let house = House::new().await;
    let (one, two) = (house.person("planner").await, house.person("planner").await);
    let path = "/templates/unit-25x10";
    let digest = seen(&one, path).await;
    let (first, second) = (format!("{}# a\n", source("unit-25x10")), format!("{}# b\n", source("unit-25x10")));
    let (form_one, form_two) =
        ([("source", first.as_str()), ("seen", &digest)], [("source", second.as_str()), ("seen", &digest)]);
    let (a, b) = tokio::join!(one.post(path, &form_one), two.post(path, &form_two));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_typed_comes_alive() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    const EVIL: &str = "</textarea></title>\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let title = source("unit-25x10").replacen("Smallest unit label 25 x 10 mm", &EVIL.replace('"', "\\\""), 1);
    let ids = title.replacen("id = \"model\"", "id = \"<img src=x>\"", 1);
    let samples = title.replacen("\"TC-384\"", "\"<script>\"", 1);
    for text in [EVIL, &title, &ids, &samples] {
        let form =
            [("source", text), ("sku", EVIL), ("brand", EVIL), ("language", EVIL), ("case", EVIL), ("dpi", EVIL)];
        for part in ["", "preview", "codes"] {
            let mut form = form.to_vec();
            form.extend([("part", part), ("seen", EVIL), ("from", EVIL)]);
            let shown = planner.post("/templates/unit-25x10/preview", &form).await.is(200);
            let html = shown.html();
            assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{part}: {html}");
        }
    }
    planner.post("/templates/unit-25x10", &[("source", EVIL), ("seen", EVIL)]).await.is(422);
    let published = [("source", title.as_str()), ("seen", &seen(&planner, "/templates/unit-25x10").await)];
    planner.post("/templates/unit-25x10", &published).await.is(303);
    let list = planner.get("/templates").await;
    list.says(EVIL);
    assert!(!list.html().contains("<script>"));
    let addresses = ["%3Cscript%3E", "..%2f..%2fetc", &"x".repeat(5_000), "a%20b", "%00"];
    for name in addresses {
        let shown = planner.get(&format!("/templates/{name}")).await;
        assert!(matches!(shown.status, 400 | 404 | 414 | 431), "{name}: {}", shown.status);
        assert!(!shown.html().contains("<script>"));
    }
    let query = "?sku=%22%3E%3Cscript%3E&brand=%22%3E%3Cscript%3E&case=%3Cscript%3E&language=%3Cscript%3E&dpi=1e9&from=%3Cscript%3E";
    assert!(!planner.get(&format!("/templates/unit-25x10{query}")).await.is(200).html().contains("<script>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_and_the_server_goes_on() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let path = "/templates/unit-25x10/preview";
    let preview = async |text: &str| planner.post(path, &[("source", text), ("part", "preview")]).await;
    preview(&"# x\n".repeat(80_000)).await.is(200).says("a template has at most 262144 bytes");
    preview(&"x".repeat(1 << 20)).await.is(413);
    let huge = source("unit-25x10").replacen("width_mm = 25", "width_mm = 297", 1).replacen(
        "height_mm = 10",
        "height_mm = 297",
        1,
    );
    let whole = planner.post(path, &[("source", huge.as_str()), ("part", "preview"), ("dpi", "600")]).await.is(200);
    assert!(whole.html().contains("width=\"7016\" height=\"7016\""), "A4 at 600 is the largest there is");
    let many = format!(
        "{}{}",
        source("unit-25x10"),
        "\n[[text]]\nid = \"x\"\ntext = \"x\"\nsize_pt = 5\nx_mm = 1\ny_mm = 1\n".repeat(3_000)
    );
    preview(&many).await.is(200).says("500");
    preview(&"[".repeat(200_000)).await.is(200);
    preview(&"a.".repeat(100_000)).await.is(200);
    preview("\u{feff}").await.is(200);
    let picture = planner
        .send(
            "POST",
            path,
            &format!("content-type: application/x-www-form-urlencoded\r\nx-form: {}\r\n", planner.form_token()),
            b"source=%89PNG%0D%0A%1A%0A%00",
        )
        .await;
    assert!(matches!(picture.status, 400 | 422), "{}", picture.status);
    preview(source("unit-25x10")).await.is(200);
}
