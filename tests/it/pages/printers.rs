//! Printers: added with a token that is shown once, listed with what they say, changed, paused, tested.

use serde_json::json;

use super::floor::{Floor, HOSTILE, SKU, assert_harmless};

fn settings<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("printer", name),
        ("site", "Shenzhen"),
        ("line", "4"),
        ("driver", "raw"),
        ("format", ""),
        ("dpi", "203"),
        ("width", "60"),
        ("height", "40,5"),
        ("offset_x", "0"),
        ("offset_y", "-1.5"),
        ("darkness", "15"),
        ("speed", "4"),
        ("mac", ""),
    ];
    all.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
    all.extend(more);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_printer_is_added_and_its_token_is_shown_once() {
    let floor = Floor::new().await;
    let ann = floor.person("admin").await;
    let made = ann.post("/printers/new", &settings("line-4", &[])).await.is(200);
    made.says("Printer line-4 is added").says("It is kept nowhere");
    let token = made.html().split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(token.starts_with("npt_"), "{token}");
    let status = json!({"state": "ready"});
    assert_eq!(floor.bearer(token).await.post("/api/v1/printers/line-4/status", &status).await.status, 204);
    let page = ann.get("/printers/line-4").await.is(200);
    assert!(!page.html().contains(token));
    page.says("60 × 40.5 mm").says("ready").says("What the agent needs").says("agent.toml");
    assert_eq!((page.field("height"), page.field("offset_y")), ("40.5".to_owned(), "-1.5".to_owned()));
    for (name, more, field) in [
        ("line-4", ("site", "x"), "printer"),
        ("no such name", ("site", "x"), "printer"),
        ("offline.x", ("site", "x"), "printer"),
        ("line-5", ("width", "wide"), "media_width_um"),
        ("line-5", ("height", "0.5"), "media_height_um"),
        ("line-5", ("darkness", "31"), "darkness"),
        ("line-5", ("speed", "fast"), "speed_in_per_s"),
        ("line-5", ("driver", "telepathy"), "driver"),
        ("line-5", ("format", "pdf"), "format"),
        ("line-5", ("offset_x", "100"), "offset_x_um"),
        ("line-5", ("mac", "12"), "mac"),
        ("line-5", ("dpi", "96"), "dpi"),
    ] {
        let refused = ann.post("/printers/new", &settings(name, &[more])).await;
        assert_eq!(refused.status, 422, "{name} {more:?}: {}", refused.words());
        assert!(refused.html().contains(&format!("id=\"{field}-error\"")), "{name} {more:?}: {}", refused.words());
        assert_eq!(refused.field("printer"), name, "kept as typed");
    }
    for hostile in HOSTILE {
        let fields = [("site", hostile), ("line", hostile), ("mac", hostile)];
        assert_harmless(ann.post("/printers/new", &settings(hostile, &fields)).await.html());
    }
    // What a site is called is anybody's choice, and stays text.
    ann.post("/printers/new", &settings("line-6", &[("site", HOSTILE[0])])).await.is(200);
    let list = ann.get("/printers").await.is(200);
    list.says(HOSTILE[0]).says("line-3").says("never heard of");
    assert_harmless(list.html());
    // A name that the page for new ones has, too.
    ann.post("/printers/new", &settings("new", &[])).await.is(200);
    assert!(ann.read("/printers").await.contains("href=\"/printers/NEW\""));
    ann.get("/printers/NEW").await.is(200).says("Label width");
    floor.person("planner").await.get("/printers/new").await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_printer_says_and_does_is_seen() {
    let mut floor = Floor::new().await;
    let olga = floor.person("operator").await;
    let job = floor.a_job("line-3", 3).await;
    floor
        .says(json!({"state": "error", "media": "out", "head": "open", "detail": "<b>jam</b>", "agent": "agent 1"}))
        .await;
    let list = olga.get("/printers").await.is(200);
    list.says("trouble").says("labels are out, the head is open, <b>jam</b>");
    floor.print(2, "printed").await;
    let page = olga.get("/printers/line-3").await.is(200);
    page.says("Labels waiting 1")
        .says("Labels printed 2")
        .says(job["job"].as_str().unwrap())
        .says("every label has a result");
    floor.wait(600).await;
    olga.get("/printers/line-3").await.says("offline");
    // Of another brand's jobs nothing is seen, not even the name.
    let kestrel = floor.person_of("viewer", "KES").await;
    kestrel.get("/printers/line-3").await.is(200).says("every label has a result").is_silent_of("JOB-");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_changed_by_whoever_saw_them_last() {
    let floor = Floor::new().await;
    let olga = floor.person("operator").await;
    let version = olga.get("/printers/line-3").await.field("version");
    let change = settings("", &[("line", "3"), ("version", version.as_str())]);
    assert_eq!(olga.post("/printers/line-3", &change).await.leads_to(), "/printers/line-3?done=saved");
    let stale = olga.post("/printers/line-3", &settings("", &[("line", "9"), ("version", version.as_str())])).await;
    stale.is(422).says("Somebody else changed it meanwhile");
    let now = olga.get("/printers/line-3").await;
    assert_eq!(now.field("line"), "3");
    let version = now.field("version");
    let pause = [("state", "paused"), ("version", version.as_str())];
    assert_eq!(olga.post("/printers/line-3/state", &pause).await.leads_to(), "/printers/line-3?done=printer_changed");
    olga.post("/printers/line-3/state", &pause).await.is(422);
    olga.get("/printers/line-3").await.says("paused").says("Go on");
    let version = olga.get("/printers/line-3").await.field("version");
    olga.post("/printers/line-3/state", &[("state", "exploded"), ("version", &version)]).await.is(422);
    olga.post("/printers/line-3/state", &[("state", "retired"), ("version", &version)]).await.leads_to();
    floor.person("station").await.get("/printing/new").await.is_silent_of("line-3 (203 dpi");
    olga.get("/printers/nowhere").await.is(404);
    let viewer = floor.person("viewer").await;
    let page = viewer.get("/printers/line-3").await.is(200);
    assert!(!page.html().contains("/printers/line-3/state"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_label_is_printed_once_a_form() {
    let floor = Floor::new().await;
    let olga = floor.person("operator").await;
    let key = olga.get("/printers/line-3").await.field("key");
    let test = [("sku", SKU), ("key", key.as_str())];
    let job = olga.post("/printers/line-3/test", &test).await;
    assert_eq!(olga.post("/printers/line-3/test", &test).await.leads_to(), job.leads_to());
    olga.get(job.leads_to()).await.says("Test labels").says("0 of 1 printed");
    olga.post("/printers/line-3/test", &[("sku", "none"), ("key", "k2")])
        .await
        .is(422)
        .says("There is no such article");
    olga.post("/printers/nowhere/test", &test).await.is(404);
}
