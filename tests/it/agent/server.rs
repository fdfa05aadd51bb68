//! A server that is away, busy, broken or of another opinion.

use super::{Floor, end, once};
use crate::support::{At, Trouble, token};
use nameplate::agent::config::Config;
use std::time::Duration;

#[test]
fn a_server_that_goes_and_comes_back_loses_nothing() {
    let floor = Floor::with_labels(30);
    floor.printer.machine().prints_for = Duration::from_millis(15);
    let running = floor.start("");
    floor.until("it prints", |f| f.printer.came_out().len() >= 3);
    floor.desk.desk().is_down = true;
    let printed = floor.printer.came_out().len();
    std::thread::sleep(Duration::from_millis(200));
    assert!(floor.printer.came_out().len() <= printed + 1, "without the server nothing new is printed");
    floor.desk.desk().is_down = false;
    floor.until("all are printed", |f| f.desk.counts() == (30, 0, 0));
    end(running);
    floor.hold_paper_against_records();
}

#[test]
fn every_trouble_in_every_request_is_lived_through() {
    for path in ["/printers/line-1/leases", "/labels", "/results"] {
        for trouble in [Trouble::Cut, Trouble::AnswerLost, Trouble::Page, Trouble::Fault, Trouble::Busy, Trouble::Torn]
        {
            let floor = Floor::with_labels(4);
            floor.desk.desk().troubles.push_back((path, trouble));
            let running = floor.start("");
            floor.until("all are printed", |f| f.desk.counts() == (4, 0, 0));
            end(running);
            assert!(floor.desk.desk().troubles.is_empty(), "{path} {trouble:?} was met");
            floor.hold_paper_against_records();
        }
    }
}

#[test]
fn a_lease_that_ended_is_not_printed_further() {
    let floor = Floor::with_labels(20);
    floor.printer.machine().prints_for = Duration::from_millis(15);
    let running = floor.start("");
    floor.until("it prints", |f| f.printer.came_out().len() >= 3);
    floor.desk.expire_leases();
    floor.until("all are settled", |f| f.desk.counts().2 == 0);
    end(running);
    // A late result of the same attempt is taken.
    assert_eq!(floor.desk.counts(), (20, 0, 0));
    assert!(floor.desk.desk().refused.iter().any(|refused| refused == "409 lease-ended"));
    floor.hold_paper_against_records();
}

#[test]
fn what_a_person_decided_meanwhile_stands() {
    let floor = Floor::with_labels(3);
    floor.printer.machine().prints_for = Duration::from_millis(400);
    let running = floor.start("");
    floor.until("one is on its way", |f| f.desk.serials(|at| matches!(at, At::HandedOver(_))).len() == 1);
    // A person sees it come out and says so, under another attempt's name.
    floor.desk.expire_leases();
    floor.desk.desk().labels[0].at = At::Confirmed(99);
    floor.until("the server refuses", |f| f.desk.desk().refused.iter().any(|r| r == "409 result-refused"));
    floor.until("the others are printed", |f| f.desk.counts() == (3, 0, 0));
    end(running);
    assert_eq!(floor.desk.desk().labels[0].at, At::Confirmed(99));
    floor.hold_paper_against_records();
}

#[test]
fn a_stopped_job_is_fetched_no_further() {
    let floor = Floor::with_labels(40);
    floor.desk.desk().lease_s = 1;
    floor.printer.machine().prints_for = Duration::from_millis(50);
    let running = floor.start("");
    floor.until("it prints", |f| f.printer.came_out().len() >= 2);
    floor.desk.stop_leases();
    floor.until("the rest is given back", |f| f.desk.desk().notes.iter().any(|n| n.contains("stopped at the server")));
    end(running);
    floor.hold_paper_against_records();
}

#[test]
fn a_foreign_token_is_refused_in_words() {
    for (printer, wanted) in [("line-2", "404 unknown-printer"), ("other", "403 scope-missing")] {
        let floor = Floor::with_labels(1);
        let path = floor.configure("");
        let text = std::fs::read_to_string(&path).unwrap().replace(&token("line-1"), &token(printer));
        std::fs::write(&path, text).unwrap();
        let problem = once(&Config::read(&path).unwrap()).problem.unwrap();
        assert!(problem.contains(wanted), "{problem}");
        assert_eq!(floor.desk.counts(), (0, 0, 1));
    }
}

#[test]
fn a_format_that_the_printer_does_not_take_is_given_back() {
    let floor = Floor::with_labels(2);
    floor.desk.desk().format = "pdf";
    let running = floor.start("");
    floor.until("it says so", |f| f.desk.desk().notes.iter().any(|n| n == "this printer does not take pdf"));
    end(running);
    assert_eq!(floor.desk.counts(), (0, 0, 2));
    assert!(floor.printer.came_out().is_empty());
}

#[test]
fn results_that_were_not_taken_are_reported_after_a_restart() {
    let floor = Floor::with_labels(2);
    floor.desk.desk().troubles.extend([("/results", Trouble::Fault); 12]);
    let running = floor.start("");
    floor.until("both came out", |f| f.printer.came_out().len() == 2);
    let ended = end(running);
    assert_eq!((ended.problem, floor.desk.counts()), (None, (0, 0, 2)));
    floor.desk.desk().troubles.clear();
    floor.once("");
    assert_eq!(floor.desk.counts(), (2, 0, 0));
    floor.hold_paper_against_records();
}
