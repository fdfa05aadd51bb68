//! The work station in a browser: a scanner that types, sound and colour, and a connection that comes and goes.

use crate::print::press::{approval, printer, results};
use crate::support::browser::{Site, Tab, in_browser};
use nameplate::service::Caller;
use nameplate::service::people::Role;
use nameplate::service::print::{InspectionResult, LeaseRequest, Outcome, Scan, StationPrint, StationPrinted};
use nameplate::trace::Fate;

in_browser!(
    a_station_prints_and_scans_with_a_scanner,
    no_scan_is_lost_while_the_connection_is,
    scans_outlive_a_reload,
    what_was_refused_stays_on_the_list_until_somebody_has_seen_it,
    without_scripts_the_form_does_the_same,
);

/// A factory with an approved label and the printer line-3.
pub struct Floor<'s> {
    site: &'s Site,
    agent: Caller,
}

impl<'s> Floor<'s> {
    pub async fn new(site: &'s Site) -> Self {
        site.factory.approve(&Caller::command_line(), &approval()).await.unwrap();
        Self { site, agent: printer(&site.factory, "line-3").await }
    }

    /// The station fi-1 asks for labels.
    pub async fn order(&self, count: i64) -> StationPrinted {
        let wanted =
            serde_json::json!({"sku": "NT-M2-BOR", "batch": "2025-W14-M2", "count": count, "printer": "line-3"});
        let wanted: StationPrint = serde_json::from_value(wanted).unwrap();
        let key = format!("{:032x}", u128::from_be_bytes(nameplate::service::random().unwrap()));
        self.site.factory.station_print(&Caller::command_line(), "fi-1", &key, &wanted).await.unwrap()
    }

    /// The printer takes labels and says what became of them.
    pub async fn print(&self, labels: u64, outcome: Outcome) {
        let max_labels = u32::try_from(labels).unwrap();
        let request = LeaseRequest { max_labels, wait_s: 0, status: None };
        let lease = self.site.factory.lease_labels(&self.agent, "line-3", &request).await.unwrap().unwrap();
        self.site.factory.fetch_labels(&self.agent, &lease.lease, Some(1), Some(labels)).await.unwrap();
        let said = results(&[(1, labels, outcome)]);
        self.site.factory.take_results(&self.agent, &lease.lease, &said, None).await.unwrap();
    }

    /// The printer says how it is.
    pub async fn says(&self, status: &str) {
        let status = serde_json::from_str(status).unwrap();
        self.site.factory.printer_says(&self.agent, "line-3", &status).await.unwrap();
    }

    /// A unit is scanned elsewhere at the station.
    pub async fn scan(&self, block: &str, at: usize, good: bool) {
        let serial = self.site.factory.serials(block).await.remove(at);
        let result = if good { InspectionResult::Pass } else { InspectionResult::Fail };
        let scan: Scan = serde_json::from_value(serde_json::json!({"serial": serial, "result": result})).unwrap();
        self.site.factory.inspect(&Caller::command_line(), "fi-1", &serial, &scan).await.unwrap();
    }

    /// A block whose labels are printed, its serials, and a tab at its work.
    async fn work(&self, count: i64, ids: &str) -> (Vec<String>, Tab) {
        let made = self.order(count).await;
        self.print(u64::try_from(count).unwrap(), Outcome::Printed).await;
        let tab = self.site.tab();
        self.site.sign_in(&tab, Role::Station).await;
        tab.open(&format!("/station/fi-1/work?block={}&printer=line-3&ids={ids}", made.block));
        (self.site.factory.serials(&made.block).await, tab)
    }

    async fn fate(&self, serial: &str) -> Fate {
        self.site.factory.unit(serial).await.fate
    }
}

async fn a_station_prints_and_scans_with_a_scanner(site: Site) {
    let floor = Floor::new(&site).await;
    let tab = site.tab();
    site.sign_in(&tab, Role::Station).await;
    tab.open("/station");
    tab.fill("SKU", "NT-M2-BOR");
    tab.fill("Batch", "2025-W14-M2");
    tab.choose("Printer", "line-3");
    tab.fill("How many labels", "3");
    tab.click("Print");
    tab.wait_for_text("Ready");
    floor.print(3, Outcome::Printed).await;
    let work = tab.url();
    let block = work.split("block=").nth(1).unwrap().split('&').next().unwrap();
    let serials = site.factory.serials(block).await;
    assert_eq!(tab.focused(), "Serial", "a scanner may begin at once");
    tab.scan(&serials[0]);
    tab.wait_for(".signal.ok");
    tab.wait_for_text("2 of 3 left");
    assert_eq!(tab.url(), work, "the page stays");
    assert_eq!((tab.focused().as_str(), tab.value("Serial").as_str()), ("Serial", ""));
    tab.screenshot("station-good");
    // Not good: F and Enter, then the unit.
    tab.scan("f");
    tab.wait_for_text("Not good");
    tab.scan(&serials[1]);
    tab.wait_for_text("1 of 3 left");
    assert!(tab.has(".signal.warn") && tab.has("[name=result][value=pass]:checked"), "the next unit is good again");
    // Outside of the field, too: a scanner types wherever the focus is.
    tab.script("document.activeElement.blur()");
    tab.scan(&serials[2]);
    tab.wait_for_text("0 of 3 left");
    assert_eq!(floor.fate(&serials[2]).await, Fate::Applied);
    let unit = site.factory.unit(&serials[1]).await;
    assert_eq!(unit.inspections[0].result, "fail");
    // A wrong one is seen, and explained.
    tab.expects("422");
    tab.scan("07K3-M9XQ-2WN8");
    tab.wait_for(".signal.bad");
    tab.wait_for_text("This is no serial");
    tab.screenshot("station-bad");
}

async fn no_scan_is_lost_while_the_connection_is(site: Site) {
    let floor = Floor::new(&site).await;
    let (serials, tab) = floor.work(5, "").await;
    tab.scan(&serials[0]);
    tab.wait_for_text("4 of 5 left");
    tab.expects("ERR_INTERNET_DISCONNECTED");
    tab.offline(true);
    for serial in &serials[1..4] {
        tab.scan(serial);
    }
    tab.wait_for_text("No answer");
    tab.wait_for_text("3 scans wait.");
    tab.screenshot("station-offline");
    assert_eq!(floor.fate(&serials[1]).await, Fate::Printed);
    tab.offline(false);
    tab.wait_for_text("1 of 5 left");
    tab.wait_until_gone("wait.");
    tab.scan(&serials[4]);
    tab.wait_for_text("0 of 5 left");
    for serial in &serials {
        let unit = site.factory.unit(serial).await;
        assert_eq!((unit.fate, unit.inspections.len()), (Fate::Applied, 1), "each scan counts once");
    }
    let mut order = Vec::new();
    for serial in &serials {
        order.push(site.factory.unit(serial).await.inspections[0].event);
    }
    assert!(order.is_sorted(), "in the order in which they were scanned: {order:?}");
}

async fn scans_outlive_a_reload(site: Site) {
    let floor = Floor::new(&site).await;
    let (serials, tab) = floor.work(2, "mac").await;
    tab.expects("ERR_INTERNET_DISCONNECTED");
    tab.offline(true);
    tab.scan(&serials[0]);
    tab.wait_for_text("Now scan: MAC");
    tab.scan("00:11:62:0a:1b:2c");
    tab.wait_for_text("No answer");
    tab.wait_for_text("1 scan waits.");
    // The browser is closed and opened again at the station's own page.
    tab.offline(false);
    tab.reload();
    tab.wait_for_text("1 of 2 left");
    let unit = site.factory.unit(&serials[0]).await;
    assert_eq!((unit.fate, unit.secondary_ids[0].value.as_str()), (Fate::Applied, "00:11:62:0a:1b:2c"));
    assert_eq!(unit.inspections.len(), 1);
}

async fn what_was_refused_stays_on_the_list_until_somebody_has_seen_it(site: Site) {
    let floor = Floor::new(&site).await;
    let (serials, tab) = floor.work(2, "").await;
    tab.expects("ERR_INTERNET_DISCONNECTED");
    tab.expects("422");
    tab.offline(true);
    tab.scan("NT-M2-BOR");
    tab.scan(&serials[0]);
    tab.wait_for_text("2 scans wait.");
    tab.offline(false);
    tab.wait_for_text("1 of 2 left");
    // The good one came after it, and has not wiped it out.
    tab.wait_for_text("This is no serial: NT-M2-BOR");
    tab.reload();
    tab.wait_for_text("This is no serial: NT-M2-BOR");
    tab.click("Seen");
    tab.wait_until_gone("This is no serial: NT-M2-BOR");
    tab.reload();
    assert!(!tab.reads("This is no serial: NT-M2-BOR"));
}

async fn without_scripts_the_form_does_the_same(site: Site) {
    let floor = Floor::new(&site).await;
    let (serials, mut tab) = floor.work(2, "mac").await;
    tab.phone();
    tab.without_scripts();
    tab.reload();
    tab.scan(&serials[0]);
    tab.wait_for_text("Now scan: MAC");
    assert_eq!(tab.value("Serial"), serials[0]);
    tab.scan("0011620a1b2c");
    tab.wait_for_text("1 of 2 left");
    assert!(tab.has(".signal.ok"));
    assert_eq!(floor.fate(&serials[0]).await, Fate::Applied);
}
