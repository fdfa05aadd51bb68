//! A factory floor for the tests of its pages: approved labels, a printer and its agent, and people.

use std::ops::Deref;

use serde_json::{Value, json};

use super::House;
use super::house::Person;
use crate::api::house::Actor;

pub const SKU: &str = "NT-M2-BOR";
pub const BATCH: &str = "2025-W14-M2";

/// Borealis Optics' label is approved for 203 dpi, and the printer line-3 has its stock.
pub struct Floor {
    house: House,
    agent: Actor,
}

impl Deref for Floor {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

impl Floor {
    pub async fn new() -> Self {
        let house = House::new().await;
        house.approve().await;
        let agent = house.a_printer("line-3", json!({})).await;
        Self { house, agent }
    }

    /// The printer takes labels, fetches them, and says what became of them: `printed`, or `unknown`.
    pub async fn print(&mut self, labels: u64, outcome: &str) {
        let lease = self.agent.post("/api/v1/printers/line-3/leases", &json!({"max_labels": labels})).await;
        assert_eq!(lease.status, 200, "{lease:?}");
        let lease = lease.json();
        let path = format!("{}?first=1&last={labels}", lease["labels_url"].as_str().unwrap());
        assert_eq!(self.agent.get(&path).await.status, 200);
        let mut result = json!({"first": 1, "last": labels, "outcome": outcome, "note": "the link was lost"});
        if outcome == "printed" {
            result["evidence"] = json!("counter");
        }
        let path = format!("/api/v1/leases/{}/results", lease["lease"].as_str().unwrap());
        let taken = self.agent.post(&path, &json!({"results": [result]})).await;
        assert_eq!(taken.status, 200, "{taken:?}");
    }

    /// The printer says how it is.
    pub async fn says(&mut self, status: Value) {
        assert_eq!(self.agent.post("/api/v1/printers/line-3/status", &status).await.status, 204);
    }

    /// The block of a job, and its serials as they are printed.
    pub async fn serials(&self, job: &Value) -> (String, Vec<String>) {
        let block = job["block"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/blocks/{block}/serials?limit=1000");
        let listed = self.someone("planner").await.read(&path).await;
        let printed = listed["items"].as_array().unwrap().iter();
        (block, printed.map(|item| item["printed"].as_str().unwrap().to_owned()).collect())
    }

    /// Somebody at a station asks for labels; answers where the work goes on.
    pub async fn order(&self, person: &Person, count: &str) -> String {
        let key = person.get("/station?station=fi-1").await.field("key");
        let sent = person.post("/station", &order(&key, count)).await;
        sent.leads_to().to_owned()
    }

    /// How many serials were ever issued of the batch.
    pub async fn issued(&self) -> u64 {
        let batch = self.someone("planner").await.read(&format!("/api/v1/batches/{BATCH}")).await;
        batch["account"]["issued"].as_u64().unwrap()
    }
}

/// What the form of a station sends.
pub fn order<'a>(key: &'a str, count: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("key", key),
        ("station", "fi-1"),
        ("sku", SKU),
        ("batch", BATCH),
        ("printer", "line-3"),
        ("count", count),
        ("ids", ""),
    ]
}

/// A value in an address.
pub fn part<'a>(address: &'a str, name: &str) -> &'a str {
    let query = address.split_once('?').unwrap().1.split('#').next().unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or("")
}

/// Texts that must come back as text.
pub const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE print_job; --",
    "{{ 7 * 7 }}",
    "\u{202e}evil\u{200b}",
];

/// No hostile text stands in a page as HTML.
pub fn assert_harmless(html: &str) {
    for bad in ["<script>alert", "<img src=x", "onerror=alert(1)>"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
}
