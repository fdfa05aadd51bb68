//! Rules: looked at, compared, defined.

use super::House;

const FIRST: &str = "code = \"g7\"\nversion = 1\nsegments = [\n  { kind = \"literal\", text = \"G7\" },\n  \
                     { kind = \"counter\", width = 4 },\n  { kind = \"check\", scheme = \"rs2\" },\n]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_shows_its_figures_in_words() {
    let house = House::new().await;
    house.someone("station").await.reserve(250).await;
    let viewer = house.person("viewer").await;
    let list = viewer.get("/rules").await.is(200);
    list.says("s12").says("TEST").says("250").says("one hit in").is_silent_of("New rule");
    let rule = viewer.get("/rules/s12").await.is(200);
    rule.says("12 symbols").says("35,184,372,088,832").says("has issued").says("3,518,437,208 units");
    viewer.get("/rules/nope").await.is(404);
    let german =
        nameplate::service::people::NewUser { roles: "viewer".into(), language: "de".into(), ..Default::default() };
    house.person_with(german).await.get("/rules/s12").await.is(200).says("35.184.372.088.832").says("12 Zeichen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_is_tried_then_recorded_and_versions_are_compared() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    planner.get("/rules/new").await.is(200).says("Try it").is_silent_of("Record it");
    let sent = |step: &'static str| [("definition", FIRST), ("effective_on", "2025-07-10"), ("step", step)];
    let tried = planner.post("/rules", &sent("try")).await.is(200);
    tried.says("g7 version 1 can be recorded").says("Record it");
    planner.get("/rules/g7").await.is(404);
    assert_eq!(planner.post("/rules", &sent("define")).await.leads_to(), "/rules/g7?done=rule_defined");
    planner.post("/rules", &sent("define")).await.is(422).says("the next is version 2");
    let second = FIRST.replace("version = 1", "version = 2").replace("G7", "G8").replace("width = 4", "width = 6");
    let json = nameplate::serial::RuleSpec::from_toml(&second).unwrap();
    let json = serde_json::to_string(&json).unwrap();
    let sent = [("definition", json.as_str()), ("effective_on", "2025-08-01"), ("step", "define")];
    planner.post("/rules", &sent).await.leads_to();
    let shown = planner.get("/rules/g7").await.is(200);
    assert!(shown.html().contains("<ins>counter, "), "{}", shown.html());
    shown.says("version 1").says("version 2").says("in sequence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_rule_is_said_and_the_text_stays() {
    let house = House::new().await;
    let planner = house.person("planner").await;
    let long = "x".repeat(5_000);
    let overlapping = "code = \"other\"\nversion = 1\nsegments = [{ kind = \"permuted\", width = 10 }, \
                       { kind = \"check\", scheme = \"rs2\" }]\n";
    for (definition, day) in [
        ("", "2025-07-10"),
        ("code = ", "2025-07-10"),
        ("{\"code\": 1}", "2025-07-10"),
        ("<script>alert(1)</script>", "2025-07-10"),
        (long.as_str(), "2025-07-10"),
        (overlapping, "2025-07-10"),
        (FIRST, "tomorrow"),
    ] {
        for step in ["try", "define"] {
            let sent = [("definition", definition), ("effective_on", day), ("step", step)];
            let refused = planner.post("/rules", &sent).await.is(422);
            assert!(refused.html().contains("class=\"error\""), "{definition:.20}");
            assert!(!refused.html().contains("<script>alert"));
            assert_eq!(refused.field("effective_on"), day);
            assert!(definition.is_empty() || refused.words().contains(definition.split('\n').next().unwrap()));
        }
    }
}
