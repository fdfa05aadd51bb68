//! Blocks: reserving, looking, reporting.

use super::House;

const GOOD: [(&str, &str); 5] =
    [("sku", "NT-M2-BOR"), ("batch", "2025-W27-M2"), ("count", "5"), ("station", "fi-1"), ("order", "PO-4711")];

fn with(
    fields: &[(&'static str, &'static str)],
    changed: &'static str,
    value: &'static str,
) -> Vec<(&'static str, &'static str)> {
    fields.iter().map(|(name, old)| (*name, if *name == changed { value } else { *old })).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_sent_twice_reserves_once() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let form = planner.get("/blocks/new?sku=NT-M2-BOR&batch=2025-W27-M2").await.is(200);
    assert_eq!((form.field("sku"), form.field("batch")), ("NT-M2-BOR".into(), "2025-W27-M2".into()));
    let key = form.field("key");
    let mut sent = GOOD.to_vec();
    sent.push(("key", &key));
    let (first, second) = tokio::join!(planner.post("/blocks", &sent), planner.post("/blocks", &sent));
    // Of two at the very same moment one may be told to wait; sent once more it gets the same block.
    let second = if second.status == 422 { planner.post("/blocks", &sent).await } else { second };
    let first = if first.status == 422 { planner.post("/blocks", &sent).await } else { first };
    assert_eq!(first.leads_to(), second.leads_to());
    let block = planner.get(first.leads_to()).await.is(200);
    block.says("Reserved.").says("PO-4711").says("5 serials").says("adds up");
    assert_eq!(planner.read("/blocks").await.matches("href=\"/blocks/BLK-").count(), 1);
    let mut other = with(&GOOD, "count", "6");
    other.push(("key", &key));
    let refused = planner.post("/blocks", &other).await.is(422);
    refused.says("idempotency key");
    assert_ne!(refused.field("key"), key, "what is sent next is a new request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_reserved_is_said_at_its_field_and_nothing_typed_is_lost() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let long: &'static str = Box::leak("x".repeat(5_000).into_boxed_str());
    for (field, value) in [
        ("sku", "NOPE"),
        ("sku", "<b>bold</b>"),
        ("sku", long),
        ("batch", "NOPE"),
        ("batch", "HH/0007"),
        ("count", "0"),
        ("count", "many"),
        ("count", "1000001"),
        ("station", "line 2"),
    ] {
        let mut sent = with(&GOOD, field, value);
        sent.push(("key", "form-of-the-tests-1"));
        let refused = planner.post("/blocks", &sent).await.is(422);
        assert!(
            refused.html().contains("class=\"error\"") || value == "HH/0007",
            "{field}={value}: {}",
            refused.words()
        );
        assert_eq!(refused.field(field), value);
        assert_eq!(refused.field("order"), "PO-4711");
        assert!(!refused.html().contains("<b>bold"));
    }
    assert!(!planner.read("/blocks").await.contains("BLK-"), "nothing was reserved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_a_station_reserve_for_it_whatever_the_form_says() {
    let house = House::new().await;
    let worker = house.person_at("station", "fi-9").await;
    let form = worker.get("/blocks/new").await.is(200);
    form.says("fi-9");
    let key = form.field("key");
    let mut sent = GOOD.to_vec();
    sent.push(("key", &key));
    let block = worker.post("/blocks", &sent).await.leads_to().to_owned();
    worker.get(&block).await.is(200).says("fi-9");
    let foreign = house.someone("station").await.reserve(1).await;
    let path = format!("/blocks/{}/report", foreign["block"].as_str().unwrap());
    let report = [("fate", "void"), ("which", "rest"), ("reason", "x"), ("key", "form-of-the-tests-2")];
    worker.post(&path, &report).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serials_are_reported_void_once_and_for_ever() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(5).await;
    let (code, serial) = (block["block"].as_str().unwrap(), block["first_serial"].as_str().unwrap());
    let planner = house.person("planner").await;
    let path = format!("/blocks/{code}");
    let key = planner.get(&path).await.field("key");
    let typed = format!(" {} \n", serial.to_lowercase());
    let report =
        [("fate", "void"), ("which", "serials"), ("serials", &typed), ("reason", "label <i>torn</i>"), ("key", &key)];
    let report_to = format!("{path}/report");
    for _ in 0..2 {
        assert_eq!(planner.post(&report_to, &report).await.leads_to(), format!("{path}?done=reported"));
    }
    let shown = planner.get(&path).await.is(200);
    shown.says("label <i>torn</i>").says("void");
    assert!(!shown.html().contains("<i>torn"));
    assert_eq!(shown.words().matches("made void").count(), 1, "one event: {}", shown.words());
    let key = shown.field("key");
    for (changed, value, says) in [
        ("reason", "", "say why"),
        ("serials", "nonsense", "not a serial of block"),
        ("serials", "", "name 1 to"),
        ("fate", "applied", "choose what became"),
        ("which", "", "choose which"),
    ] {
        let mut wrong = report.to_vec();
        wrong.iter_mut().filter(|(name, _)| *name == changed).for_each(|pair| pair.1 = value);
        wrong.iter_mut().filter(|(name, _)| *name == "key").for_each(|pair| pair.1 = &key);
        let refused = planner.post(&report_to, &wrong).await.is(422);
        let words = refused.words().to_lowercase();
        assert!(words.contains(says), "{changed}: {words}");
        assert!(changed == "reason" || refused.field("reason") == "label <i>torn</i>");
    }
    let back = [("fate", "returned"), ("which", "serials"), ("serials", serial), ("reason", "x"), ("key", &key)];
    planner.post(&report_to, &back).await.is(422).says("is void and cannot become returned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serials_receipt_and_specimens_are_downloaded() {
    let house = House::new().await;
    let block = house.someone("station").await.reserve(3).await;
    let path = format!("/blocks/{}", block["block"].as_str().unwrap());
    let planner = house.person("planner").await;
    let csv = planner.get(&format!("{path}/serials.csv")).await.is(200);
    assert_eq!(csv.text().lines().count(), 4);
    assert!(csv.text().contains(block["first_serial"].as_str().unwrap()));
    let receipt = planner.get(&format!("{path}/receipt.txt")).await.is(200);
    assert_eq!(receipt.text().trim(), block["receipt"].as_str().unwrap());
    for (form, begins) in [("pdf", b"%PDF".as_slice()), ("zpl", b"".as_slice()), ("png.zip", b"PK".as_slice())] {
        let file = planner.get(&format!("{path}/specimens/{form}")).await;
        assert_eq!(file.status, 200, "{form}");
        assert!(file.body.starts_with(begins) && !file.body.is_empty(), "{form}");
    }
    planner.get(&format!("{path}/specimens/exe")).await.is(404);
    planner.get(&format!("{path}/specimens/pdf?dpi=7")).await.is(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocks_are_listed_newest_first_in_pages_and_by_filter() {
    let house = House::new().await;
    let mut station = house.someone("station").await;
    for _ in 0..53 {
        station.reserve(1).await;
    }
    let newest = station.reserve(1).await;
    let viewer = house.person("viewer").await;
    let first = viewer.read("/blocks").await;
    assert_eq!(first.matches("href=\"/blocks/BLK-").count(), 50);
    assert!(first.find(newest["block"].as_str().unwrap()).unwrap() < first.len() / 2);
    let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = viewer.read(next).await;
    assert_eq!(second.matches("href=\"/blocks/BLK-").count(), 4);
    assert!(second.contains("First page") && !second.contains("rel=\"next\""));
    for (query, count) in [
        ("sku=nt-m2-bor&batch=2025-W27-M2&station=fi-1", 50),
        ("sku=NT-M2-KES", 0),
        ("station=fi-2", 0),
        ("station=no+such+station", 0),
    ] {
        let found = viewer.read(&format!("/blocks?{query}")).await;
        assert_eq!(found.matches("href=\"/blocks/BLK-").count(), count, "{query}");
    }
    viewer.get("/blocks?batch=NOPE").await.is(200).says("There is no batch");
    let kestrel = house.person_of("viewer", "KES").await;
    assert!(!kestrel.read("/blocks").await.contains("BLK-"));
    kestrel.get("/blocks?sku=NT-M2-BOR").await.is(200).says("There is no SKU");
}
