//! Rules, and what happens when one is used up.

use serde_json::{Value, json};

use super::house::{House, JSON};
use super::{SKU, request};

/// A rule of 100 serials, `Q00` to `Q99` and a check digit.
fn tiny() -> Value {
    json!({
        "effective_on": "2025-01-01",
        "rule": {
            "code": "tiny", "version": 1, "alphabet": "digits",
            "segments": [
                {"kind": "literal", "text": "Q", "checked": false},
                {"kind": "counter", "width": 2},
                {"kind": "check", "scheme": "damm"},
            ],
        },
    })
}

#[tokio::test]
async fn rules_are_listed_with_their_figures() {
    let house = House::new().await;
    let mut planner = house.someone("planner").await;
    planner.reserve(10).await;
    let rules = planner.read("/api/v1/rules").await;
    let codes: Vec<_> = rules["items"].as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["s12", "s9"]);
    let s12 = &rules["items"][0];
    assert_eq!((&s12["issued"], &s12["series"][0]["used"]), (&json!(true), &json!(10)));
    assert_eq!(s12["definition"]["segments"][1]["kind"], "permuted");
}

#[tokio::test]
async fn a_used_up_rule_says_what_is_left() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    let defined = admin.post("/api/v1/rules", &tiny()).await;
    assert_eq!((defined.status, &defined.json()["code"]), (201, &json!("tiny")), "{defined:?}");
    let edit = json!({"rule": "tiny"}).to_string();
    let path = format!("/api/v1/skus/{SKU}");
    assert_eq!(admin.ask("PATCH", &path, &format!("{JSON}if-match: *\r\n"), &edit).await.status, 200);
    for (count, remaining) in [(101, 100), (40, 60), (61, 60), (60, 0), (1, 0)] {
        let answer = admin.post("/api/v1/blocks", &request(count)).await;
        if answer.status == 201 {
            assert!(answer.json()["first_serial"].as_str().unwrap().starts_with('Q'));
            continue;
        }
        assert_eq!((answer.status, answer.problem().as_str()), (409, "series-exhausted"), "{count}");
        assert_eq!(answer.json()["remaining"], remaining, "{count}");
    }
    let rules = admin.read("/api/v1/rules").await;
    assert_eq!(rules["items"][2]["series"][0]["remaining"], 0);
}

#[tokio::test]
async fn rules_that_cannot_be_are_refused() {
    let house = House::new().await;
    let mut admin = house.someone("admin").await;
    assert_eq!(admin.post("/api/v1/rules", &tiny()).await.status, 201);
    let edited = |change: &dyn Fn(&mut Value)| {
        let mut rule = tiny();
        change(&mut rule);
        rule
    };
    let again = tiny();
    let skipped = edited(&|rule| rule["rule"]["version"] = json!(3));
    let overlapping = edited(&|rule| rule["rule"]["code"] = json!("twin"));
    let weak = edited(&|rule| rule["rule"]["segments"][2]["scheme"] = json!("rs2"));
    for body in [again, skipped, overlapping, weak] {
        let answer = admin.post("/api/v1/rules", &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "rule-refused"), "{body}");
    }
    let dated = edited(&|rule| rule["effective_on"] = json!("soon"));
    let strange = edited(&|rule| rule["rule"]["colour"] = json!("red"));
    let kind = edited(&|rule| rule["rule"]["segments"][1]["kind"] = json!("magic"));
    for (body, field) in [(dated, "effective_on"), (strange, "rule.colour"), (kind, "rule.segments[1].kind")] {
        let answer = admin.post("/api/v1/rules", &body).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid-field"), "{body}");
        assert_eq!(answer.json()["field"], field);
    }
    assert_eq!(admin.read("/api/v1/rules").await["items"].as_array().unwrap().len(), 3);
}
