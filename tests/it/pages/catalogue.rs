//! The catalogue: SKUs and brands listed, looked at, edited.

use super::House;
use nameplate::catalogue::SourceFile;
use nameplate::service::Caller;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skus_are_found_by_any_part_of_their_names() {
    let house = House::new().await;
    let viewer = house.person("viewer").await;
    assert_eq!(viewer.read("/catalogue").await.matches("href=\"/catalogue/NT-").count(), 6);
    for (query, count) in [
        ("q=fjäll", 1),
        ("q=FJ%C3%84LL", 1),
        ("q=bo-f", 1),
        ("q=fm2", 3),
        ("q=9521234000044", 1),
        ("q=survey&brand=KES", 1),
        ("q=survey&brand=BOR", 0),
        ("brand=SEN", 2),
        ("q=%25", 0),
        ("q=_", 0),
        ("q=nothing+like+it", 0),
    ] {
        let query = query.replace('ä', "%C3%A4");
        let found = viewer.read(&format!("/catalogue?{query}")).await;
        assert_eq!(found.matches("href=\"/catalogue/NT-").count(), count, "{query}");
    }
    viewer.get("/catalogue?brand=NOPE").await.is(404);
    viewer.get("/catalogue/brands").await.is(200).says("Kestrel Thermal").says("Hamburg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyer_sees_the_own_brand_and_no_name_of_the_factory() {
    let house = House::new().await;
    let buyer = house.person("buyer").await;
    let list = buyer.get("/catalogue").await.is(200);
    list.says("Borealis Fjäll 35");
    for text in ["Kestrel", "Sentinel", "NT-M2 ", "Workbook", "Import"] {
        list.is_silent_of(text);
    }
    // The factory's names lead nowhere, not even to the own SKU.
    assert_eq!(buyer.read("/catalogue?q=FM2-004").await.matches("href=\"/catalogue/NT-").count(), 0);
    assert_eq!(buyer.read("/catalogue?q=BO-F35").await.matches("href=\"/catalogue/NT-").count(), 1);
    buyer.get("/catalogue?brand=KES").await.is(404);
    buyer.get("/catalogue/brands").await.is(200).says("Borealis Optics").is_silent_of("Kestrel");
    let sku = buyer.get("/catalogue/NT-M2-BOR").await.is(200);
    sku.says("BO-F35").is_silent_of("Northlight").is_silent_of("FM2-004").is_silent_of("What stations hold");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sku_is_edited_by_whoever_saw_it_last() {
    let house = House::new().await;
    let (one, two) = (house.person("planner").await, house.person("planner").await);
    let path = "/catalogue/NT-M2-BOR";
    let shown = one.get(path).await.is(200);
    let version = shown.field("version");
    assert_eq!(shown.field("name"), "Borealis Fjäll 35");
    let fields = |name: &'static str| [("name", name), ("rule", "s12"), ("template", "unit-60x40")];
    let mut mine = fields("Borealis <b>Fjäll</b> II").to_vec();
    mine.push(("version", &version));
    assert_eq!(one.post(path, &mine).await.leads_to(), "/catalogue/NT-M2-BOR?done=saved");
    assert!(!one.read("/catalogue").await.contains("<b>Fjäll"));
    let mut late = fields("Another name").to_vec();
    late.push(("version", &version));
    let refused = two.post(path, &late).await.is(422);
    refused.says("changed by somebody else");
    assert_eq!(refused.field("name"), "Another name", "what was typed is kept");
    late.pop();
    let newer = refused.field("version");
    late.push(("version", &newer));
    two.post(path, &late).await.leads_to();
    let long: &'static str = Box::leak("n".repeat(5_000).into_boxed_str());
    for (field, value) in [("name", ""), ("name", long), ("rule", "nope"), ("template", "<>")] {
        let version = one.get(path).await.field("version");
        let mut wrong = fields("Another name").to_vec();
        wrong.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        wrong.push(("version", &version));
        let refused = one.post(path, &wrong).await.is(422);
        assert!(refused.html().contains(&format!("id=\"{field}-error\"")), "{field}={value}: {}", refused.words());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_gets_a_limit_of_its_own_and_loses_it_again() {
    let house = House::new().await;
    house.someone("station").await.reserve(7).await;
    let planner = house.person("planner").await;
    let path = "/catalogue/NT-M2-BOR/quota";
    planner.get("/catalogue/NT-M2-BOR").await.is(200).says("fi-1").says("2,000,000 (general)");
    planner.post(path, &[("station", "fi-1"), ("quota", "9")]).await.leads_to();
    planner.get("/catalogue/NT-M2-BOR").await.is(200).says("fi-1 7 9").is_silent_of("(general)");
    for (station, quota, field) in
        [("line 2", "9", "station"), ("fi-1", "many", "quota"), ("fi-1", "2000000000", "quota")]
    {
        let refused = planner.post(path, &[("station", station), ("quota", quota)]).await.is(422);
        assert!(refused.html().contains(&format!("id=\"{field}-error\"")), "{}", refused.words());
        assert_eq!((refused.field("station"), refused.field("quota")), (station.to_owned(), quota.to_owned()));
    }
    planner.post(path, &[("station", "fi-1"), ("quota", "")]).await.leads_to();
    planner.get("/catalogue/NT-M2-BOR").await.is(200).says("(general)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn html_in_any_name_stays_text_on_every_page() {
    let house = House::new().await;
    let evil = "<img src=x onerror=alert(1)>";
    let file = |name: &str, text: String| SourceFile { name: name.into(), bytes: text.into_bytes() };
    let files = [
        file("brands.csv", format!("code,name,importer_text,market\nEVL,{evil},{evil},{evil}\n")),
        file("products.csv", format!("code,name,platform,description\nEP,{evil},{evil},{evil}\n")),
        file("skus.csv", format!("code,product,brand,name,gtin,rule,template\nE-SKU,EP,EVL,{evil},,s12,unit-60x40\n")),
        file("sku_aliases.csv", format!("sku,kind,value,owner,valid_from\nE-SKU,model,{evil},EVL,2025-01-01\n")),
        file(
            "sku_revisions.csv",
            format!(
                "sku,revision,packaging,label,document,bundle,configuration,firmware,valid_from\n\
                     E-SKU,A,{evil},{evil},{evil},{evil},{evil},{evil},2025-01-01\n"
            ),
        ),
        file("batches.csv", format!("code,product,skus,manufactured_on,note\nE-1,EP,E-SKU,2025-01-01,{evil}\n")),
        file("batch_attributes.csv", format!("batch,name,value\nE-1,component_source,{evil}\n")),
    ];
    house.nameplate.import_catalogue(&Caller::command_line(), &files).await.unwrap();
    let planner = house.person("planner admin").await;
    let form = planner.get("/blocks/new").await;
    let key = form.field("key");
    let sent =
        [("sku", "E-SKU"), ("batch", "E-1"), ("count", "1"), ("station", "fi-1"), ("order", evil), ("key", &key)];
    let block = planner.post("/blocks", &sent).await.leads_to().split('?').next().unwrap().to_owned();
    let html = planner.read(&block).await;
    let serial = html.split("href=\"/units/").nth(1).unwrap().split('"').next().unwrap();
    let unit = format!("/units/{serial}");
    for path in [
        "/catalogue",
        "/catalogue/brands",
        "/catalogue/E-SKU",
        "/batches",
        "/batches/E-1",
        "/blocks",
        &block,
        &unit,
        "/users/new",
        "/tokens/new",
        "/audit",
        "/",
    ] {
        let html = planner.read(path).await;
        assert!(!html.contains("<img src=x"), "{path}");
    }
    assert!(planner.get("/catalogue/E-SKU").await.words().matches(evil).count() >= 8, "all of it is shown");
}
