//! The work station without scripts: print, scan, pass or fail, what is left; and every scan that must not count.

use nameplate::service::Caller;
use nameplate::service::report_fate::{FateReport, Selection};
use nameplate::trace::Fate;

use super::floor::{BATCH, Floor, HOSTILE, assert_harmless, order, part};
use super::house::{Person, Shown};

/// Scans what is said at the station of an address.
async fn scan(person: &Person, work: &str, fields: &[(&str, &str)]) -> Shown {
    let station = work.split('/').nth(2).unwrap();
    let key = person.get(work).await.field("key");
    let ids = part(work, "ids").replace("%20", " ").replace("%2C", ",");
    let mut all = vec![("key", key.as_str()), ("block", part(work, "block")), ("printer", "line-3"), ("ids", &ids)];
    // What the test says comes first, so that it can replace what the page would send.
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend(fields);
    person.post(&format!("/station/{station}/scan"), &all).await
}

async fn result(person: &Person, work: &str, fields: &[(&str, &str)]) -> Shown {
    let sent = scan(person, work, fields).await;
    let address = sent.leads_to().to_owned();
    person.get(&address).await.is(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_are_printed_scanned_and_counted_down() {
    let mut floor = Floor::new().await;
    let eva = floor.person_at("station", "fi-1").await;
    eva.get("/station").await.is(200).says("Station fi-1").says("No labels were printed at this station yet.");
    let work = floor.order(&eva, "4").await;
    assert!(work.starts_with("/station/fi-1/work?block=BLK-") && work.ends_with("&done=queued"), "{work}");
    let block = part(&work, "block").to_owned();
    let job = floor.someone("planner").await.read(&format!("/api/v1/print-jobs?block={block}")).await;
    let (_, serials) = floor.serials(&job["items"][0]).await;
    let page = eva.get(&work).await;
    page.says("Ready").says("Now scan: Serial").says("4 of 4 left").says("still to be printed 4");
    scan(&eva, &work, &[("serial", &serials[0])]).await.is(422).says("Stop").says("The label is not out yet");
    floor.print(2, "printed").await;
    floor.print(1, "unknown").await;

    // Good; the same form once more is the same scan.
    let key = eva.get(&work).await.field("key");
    let fields = [("key", key.as_str()), ("block", &block), ("printer", "line-3"), ("serial", &serials[0])];
    let first = eva.post("/station/fi-1/scan", &fields).await;
    let second = eva.post("/station/fi-1/scan", &fields).await;
    assert_eq!(first.leads_to(), second.leads_to());
    let good = eva.get(first.leads_to()).await.is(200);
    good.says(&format!("Good {}", serials[0])).says("3 of 4 left").says("good 1").says("unconfirmed 1");
    assert!(good.html().contains("data-tone=\"ok\"") && good.html().contains("aria-live=\"assertive\""));
    // Another unit in that very form: somebody went back in the browser.
    let other = [("key", key.as_str()), ("block", &block), ("serial", &serials[1]), ("result", "fail")];
    let failed = eva.post("/station/fi-1/scan", &other).await;
    let failed = eva.get(failed.leads_to()).await.is(200);
    failed.says("Not good").says("not good 1").says("2 of 4 left");
    assert!(failed.html().contains("data-tone=\"warn\""));
    // What nobody knew about is known now.
    result(&eva, &work, &[("serial", &serials[2])]).await.says("1 of 4 left").says("unconfirmed 0");
    result(&eva, &work, &[("serial", &serials[0])]).await.says("Again").says("Nothing has changed");
    // Fail, then pass after rework.
    let passed = result(&eva, &work, &[("serial", &serials[1])]).await;
    passed.says("good 3").says("not good 0");
    assert_eq!(passed.html().matches("<span class=\"state").count(), 5, "every scan is listed, newest first");
    eva.get("/station").await.says("1 of 4 left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_submit_prints_once() {
    let floor = Floor::new().await;
    let eva = floor.person_at("station", "fi-1").await;
    let key = eva.get("/station").await.field("key");
    let (one, two) = (order(&key, "2"), order(&key, "2"));
    let (first, second) = tokio::join!(eva.post("/station", &one), eva.post("/station", &two));
    let third = eva.post("/station", &order(&key, "2")).await;
    let mut blocks = Vec::new();
    for sent in [&first, &second, &third] {
        // Of two at the same moment one may be told to wait for the other.
        if sent.status == 303 {
            blocks.push(part(sent.leads_to(), "block").to_owned());
        }
    }
    blocks.dedup();
    assert_eq!((blocks.len(), floor.issued().await), (1, 2));
    eva.post("/station", &order(&key, "3")).await.is(422).says("This form was sent before");
    eva.post("/station", &order("", "3")).await.is(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_printed_is_said_beside_its_field_and_reserves_nothing() {
    let floor = super::House::new().await;
    floor.a_printer("line-3", serde_json::json!({})).await;
    floor.a_printer("small", serde_json::json!({"media_width_um": 25_000})).await;
    let eva = floor.person("station").await;
    let key = eva.get("/station?station=fi-1").await.field("key");
    let with = |name: &'static str, value: &'static str| {
        let mut all = order(&key, "2");
        all.iter_mut().filter(|(known, _)| *known == name).for_each(|field| field.1 = value);
        all
    };
    let refused = eva.post("/station", &with("", "")).await.is(422);
    refused.says("The label is not approved").says("203 dpi");
    assert_eq!((refused.field("sku").as_str(), refused.field("count").as_str()), ("NT-M2-BOR", "2"), "kept as typed");
    floor.approve().await;
    for (name, value, words) in [
        ("sku", "NT-M2-B0R", "There is no such article"),
        ("sku", "", "This is needed"),
        ("batch", "nowhere", "There is no such batch"),
        ("batch", "HH/0007", "The batch does not hold this article"),
        ("printer", "small", "The labels do not fit the printer"),
        ("printer", "none", "There is no such printer"),
        ("count", "a dozen", "Write a whole number"),
        ("count", "0", "ask for 1 to 1000000"),
        ("ids", "m@c", "Kinds have 1 to 20 letters"),
        ("station", "no such station!", "station"),
    ] {
        let refused = eva.post("/station", &with(name, value)).await;
        assert_eq!(refused.status, 422, "{name} {value}: {}", refused.words());
        assert!(refused.words().contains(words), "{name} {value}: {}", refused.words());
        assert!(refused.html().contains(&format!("id=\"{name}-error\"")), "{name} {value}: {}", refused.words());
    }
    for hostile in HOSTILE {
        let mut all = order(&key, hostile);
        all[2].1 = hostile;
        assert_harmless(eva.post("/station", &all).await.html());
        let query = serde_html_form::to_string([("station", "fi-1"), ("sku", hostile), ("ids", hostile)]).unwrap();
        assert_harmless(eva.get(&format!("/station?{query}")).await.html());
        let query = serde_html_form::to_string([("station", hostile)]).unwrap();
        assert_harmless(eva.get(&format!("/station?{query}")).await.html());
    }
    let batch = floor.someone("planner").await.read(&format!("/api/v1/batches/{BATCH}")).await;
    assert_eq!(batch["account"]["issued"], 0, "not one serial was reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_scan_says_what_it_is_and_what_to_do() {
    let mut floor = Floor::new().await;
    let eva = floor.person_at("station", "fi-1").await;
    let work = floor.order(&eva, "3").await;
    floor.print(3, "printed").await;
    let block = part(&work, "block").to_owned();
    let job = floor.someone("planner").await.read(&format!("/api/v1/print-jobs?block={block}")).await;
    let (_, serials) = floor.serials(&job["items"][0]).await;
    // Mistyped: what was meant is offered, and taken only if somebody takes it.
    let mut mistyped = serials[0].clone();
    let last = mistyped.pop().unwrap();
    mistyped.push(if last == '2' { '3' } else { '2' });
    let refused = scan(&eva, &work, &[("serial", &mistyped)]).await.is(422);
    refused.says("This is no serial").says("was one of these meant?").says(&serials[0]);
    assert!(refused.html().contains("data-tone=\"bad\"") && refused.html().contains("data-refused="));
    let meant = format!("{}&serial={}", work.replace("&done=queued", ""), serials[0]);
    assert!(refused.html().replace("&#38;", "&").contains(&meant), "{}", refused.html());
    assert_eq!(eva.get(&meant).await.field("serial"), serials[0]);
    // Of another SKU and batch.
    let mut other = floor.someone("planner").await;
    let foreign = serde_json::json!({"sku": "NT-H3-KES", "batch": "HH/0007", "count": 1, "station": "fi-9"});
    let foreign = other.post("/api/v1/blocks", &foreign).await.json();
    let refused = scan(&eva, &work, &[("serial", foreign["first_serial"].as_str().unwrap())]).await.is(422);
    refused.says("Another article or batch").says("Put this unit aside");
    // Given up.
    let report = FateReport {
        fate: Fate::Void,
        serials: Selection::Serials(vec![serials[1].clone()]),
        reason: Some("torn".into()),
        happened_at: None,
    };
    floor.nameplate.report_fate(&Caller::command_line(), &block, "void-1", &report).await.unwrap();
    scan(&eva, &work, &[("serial", &serials[1])]).await.is(422).says("This serial was given up").says("destroy it");
    // The article's code, nothing at all, and nonsense.
    scan(&eva, &work, &[("serial", "NT-M2-BOR")]).await.is(422).says("a serial is wanted");
    scan(&eva, &work, &[("serial", " ")]).await.is(200).says("Now scan: Serial");
    let long = "A".repeat(5_000);
    for hostile in HOSTILE.iter().copied().chain([long.as_str()]) {
        let refused = scan(&eva, &work, &[("serial", hostile)]).await;
        assert_eq!(refused.status, 422, "{hostile}: {}", refused.words());
        assert_harmless(refused.html());
        let query = serde_html_form::to_string([("serial", hostile), ("ids", hostile), ("scan", hostile)]).unwrap();
        assert_harmless(eva.get(&format!("/station/fi-1/work?block={block}&{query}")).await.html());
    }
    let batch = other.read(&format!("/api/v1/batches/{BATCH}")).await;
    assert_eq!(batch["account"]["applied"], 0, "none of this was taken for a unit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_are_scanned_after_the_serial_step_by_step() {
    let mut floor = Floor::new().await;
    let eva = floor.person_at("station", "fi-1").await;
    let key = eva.get("/station").await.field("key");
    let mut wanted = order(&key, "3");
    wanted[6].1 = "mac, rom";
    let work = eva.post("/station", &wanted).await.leads_to().to_owned();
    floor.print(3, "printed").await;
    let block = part(&work, "block").to_owned();
    let job = floor.someone("planner").await.read(&format!("/api/v1/print-jobs?block={block}")).await;
    let (_, serials) = floor.serials(&job["items"][0]).await;
    // A scanner ends each scan with Enter: the form comes back and asks for the next.
    let step = scan(&eva, &work, &[("serial", &serials[0])]).await.is(200);
    step.says("Now scan: MAC");
    assert_eq!(step.field("serial"), serials[0]);
    let step = scan(&eva, &work, &[("serial", &serials[0]), ("id_mac", "00:11:62:0a:1b:2c")]).await.is(200);
    step.says("Now scan: ROM");
    let both = [("serial", serials[0].as_str()), ("id_mac", "0011620A1B2C"), ("id_rom", "v1.7")];
    result(&eva, &work, &both).await.says("mac 00:11:62:0a:1b:2c, rom v1.7").says("2 of 3 left");
    // No address, another unit's address, another id of this unit.
    let wrong = [("serial", serials[1].as_str()), ("id_mac", "12"), ("id_rom", "v1.8")];
    scan(&eva, &work, &wrong).await.is(422).says("mac is not an address");
    let taken = [("serial", serials[1].as_str()), ("id_mac", "00:11:62:0a:1b:2c"), ("id_rom", "v1.8")];
    scan(&eva, &work, &taken).await.is(422).says("Another unit has this id").says(&serials[0]);
    let differs = [("serial", serials[0].as_str()), ("id_mac", "00:11:62:0a:1b:2d"), ("id_rom", "v1.7")];
    let refused = scan(&eva, &work, &differs).await.is(422);
    refused.says("The unit has another id").says("A part was exchanged");
    assert_eq!(refused.field("id_mac"), "00:11:62:0a:1b:2d", "kept, so that it can be sent again with the tick");
    let exchanged = [&differs[..], &[("replace", "yes")]].concat();
    result(&eva, &work, &exchanged).await.says("mac 00:11:62:0a:1b:2d");
    // Commands from the card.
    let fail = scan(&eva, &work, &[("serial", "FAIL")]).await.is(200);
    assert!(fail.html().contains("value=\"fail\" checked"), "{}", fail.html());
    let fail = scan(&eva, &work, &[("serial", &serials[1]), ("id_mac", "f"), ("result", "pass")]).await.is(200);
    fail.says("Now scan: MAC");
    assert!(fail.html().contains("value=\"fail\" checked") && fail.field("serial") == serials[1]);
    let clear = scan(&eva, &work, &[("serial", &serials[1]), ("id_mac", "CLEAR")]).await.is(200);
    assert_eq!(clear.field("serial"), "");
    eva.get("/station/fi-1/card").await.is(200).says("FAIL").says("The next unit is not good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_work_at_their_own_station_and_brand() {
    let floor = Floor::new().await;
    let eva = floor.person_at("station", "fi-1").await;
    let key = eva.get("/station?station=fi-2").await.field("station");
    assert_eq!(key, "fi-1", "an address does not move anybody");
    let work = floor.order(&eva, "1").await;
    let elsewhere = work.replace("/fi-1/", "/fi-2/");
    eva.get(&elsewhere).await.is(403);
    eva.get("/station/fi-2/card").await.is(403);
    let sent = eva.post("/station/fi-2/scan", &[("block", part(&work, "block")), ("serial", "x"), ("key", "k")]).await;
    assert_eq!(sent.status, 403);
    assert_eq!(eva.get("/station/fi-1/work").await.leads_to(), "/station?station=fi-1");
}
