//! Raw printers in every trouble: paper, head, pause, silence, late answers, lost links, reboots.

use super::{Floor, end};
use crate::support::At;
use nameplate::agent::Tally;
use nameplate::print::status::{Head, Media, State};
use std::time::Duration;

fn counts(confirmed: usize, unconfirmed: usize, queued: usize) -> (usize, usize, usize) {
    (confirmed, unconfirmed, queued)
}

#[test]
fn all_is_well() {
    let floor = Floor::with_labels(25);
    let ended = floor.once("");
    assert_eq!((ended.problem, ended.tally), (None, Tally { printed: 25, unknown: 0, not_printed: 0 }));
    assert_eq!(floor.desk.counts(), counts(25, 0, 0));
    assert_eq!(floor.printer.came_out(), floor.desk.serials(|_| true), "in their order");
    assert!(floor.desk.desk().evidence.iter().all(|evidence| evidence == "status"));
    assert_eq!(floor.desk.desk().largest_document, 1);
    let status = floor.desk.desk().statuses[0].clone();
    assert_eq!((status.state, status.media, status.head), (State::Ready, Media::Ok, Head::Closed));
    assert_eq!(status.agent.as_deref(), Some(nameplate::agent::client::AGENT));
    floor.hold_paper_against_records();
}

#[test]
fn the_counter_confirms_windows() {
    let floor = Floor::with_labels(25);
    let ended = floor.once("confirm = \"counter\"\nwindow = 10");
    assert_eq!((ended.problem, ended.tally.printed), (None, 25));
    assert!(floor.desk.desk().evidence.iter().all(|evidence| evidence == "counter"));
    assert_eq!(floor.desk.desk().largest_document, 10);
    assert_eq!(floor.desk.desk().statuses.last().unwrap().labels_total, Some(4711));
    floor.hold_paper_against_records();
}

#[test]
fn paper_out_holds_labels_back_and_says_so() {
    let floor = Floor::with_labels(5);
    floor.printer.machine().paper = 0;
    let running = floor.start("");
    floor.until("the server hears of it", |f| f.desk.desk().statuses.iter().any(|s| s.media == Media::Out));
    assert_eq!(floor.desk.counts(), counts(0, 0, 5));
    assert!(floor.printer.came_out().is_empty());
    floor.printer.machine().paper = 100;
    floor.until("all are printed", |f| f.desk.counts() == counts(5, 0, 0));
    assert_eq!(end(running).problem, None);
    floor.hold_paper_against_records();
}

#[test]
fn an_open_head_within_a_lease_holds_back_the_rest_of_it() {
    let floor = Floor::with_labels(30);
    floor.printer.machine().prints_for = Duration::from_millis(20);
    let running = floor.start("");
    floor.until("some are printed", |f| f.printer.came_out().len() >= 3);
    floor.printer.machine().head_open = true;
    floor.until("the server hears of it", |f| f.desk.desk().statuses.iter().any(|s| s.head == Head::Open));
    floor.printer.machine().head_open = false;
    floor.until("all are settled", |f| f.desk.counts().2 == 0);
    end(running);
    assert!(floor.desk.counts().1 <= 1, "at most the label that was on its way is in doubt");
    assert_eq!(floor.printer.came_out().len(), 30, "nothing is lost here: the printer kept what it had");
    floor.hold_paper_against_records();
}

#[test]
fn labels_held_too_long_are_given_back() {
    let floor = Floor::with_labels(10);
    floor.printer.machine().paper = 4;
    let running = floor.start("hold_s = 0.2");
    floor
        .until("they are given back", |f| f.desk.desk().notes.iter().any(|note| note.contains("no labels are loaded")));
    floor.until("nothing is leased", |f| f.desk.serials(|at| matches!(at, At::Queued)).len() == 6);
    floor.printer.machine().paper = 100;
    floor.until("all are settled", |f| f.desk.counts().2 == 0);
    end(running);
    assert_eq!(floor.printer.came_out().len(), 10);
    floor.hold_paper_against_records();
}

#[test]
fn a_paused_printer_is_not_sent_anything() {
    let floor = Floor::with_labels(2);
    floor.printer.machine().paused = true;
    let running = floor.start("");
    floor.until("the server hears of it", |f| f.desk.desk().statuses.iter().any(|s| s.state == State::Paused));
    assert_eq!(floor.desk.counts(), counts(0, 0, 2));
    floor.printer.machine().paused = false;
    floor.until("all are printed", |f| f.desk.counts() == counts(2, 0, 0));
    end(running);
}

#[test]
fn silence_is_never_ok() {
    let floor = Floor::with_labels(3);
    floor.printer.machine().mute = true;
    let ended = floor.once("answer_s = 0.1");
    assert!(ended.problem.unwrap().contains("does not tell its state"));
    assert_eq!(floor.desk.counts(), counts(0, 0, 3));
    assert_eq!(floor.desk.desk().statuses[0].state, State::Unknown);
    assert!(floor.printer.came_out().is_empty());
}

#[test]
fn a_model_that_cannot_answer_prints_unconfirmed_if_told_so() {
    let floor = Floor::with_labels(3);
    floor.printer.machine().mute = true;
    let ended = floor.once("confirm = \"none\"\nanswer_s = 0.1");
    assert_eq!((ended.problem, ended.tally.unknown), (None, 3));
    assert_eq!(floor.desk.counts(), counts(0, 3, 0));
    assert!(floor.desk.desk().notes.iter().all(|note| note == "this printer cannot confirm"));
    floor.until("all come out", |f| f.printer.came_out().len() == 3);
    floor.hold_paper_against_records();
}

#[test]
fn paper_out_is_heeded_even_where_nothing_confirms() {
    let floor = Floor::with_labels(3);
    floor.printer.machine().paper = 0;
    let ended = floor.once("confirm = \"none\"\nanswer_s = 0.1");
    assert!(ended.problem.unwrap().contains("media out"));
    assert_eq!(floor.desk.counts(), counts(0, 0, 3));
}

#[test]
fn silence_after_a_label_leaves_it_unconfirmed() {
    let floor = Floor::with_labels(1);
    // The roll ends with this label: the printer then says nothing.
    floor.printer.machine().paper = 1;
    let ended = floor.once("confirm_s = 0.3");
    assert_eq!(ended.tally.unknown, 1);
    assert_eq!(floor.desk.counts(), counts(0, 1, 0));
    assert!(floor.desk.desk().notes[0].contains("after the label was sent: the printer did not answer"));
    floor.hold_paper_against_records();
}

#[test]
fn garbage_is_no_status() {
    let floor = Floor::with_labels(1);
    floor.printer.machine().babble = true;
    let ended = floor.once("");
    assert!(ended.problem.unwrap().contains("something that is not a status"));
    assert_eq!(floor.desk.counts(), counts(0, 0, 1));
    assert!(floor.printer.came_out().is_empty());
}

#[test]
fn late_answers_are_waited_for() {
    let floor = Floor::with_labels(3);
    floor.printer.machine().answers_after = Duration::from_millis(200);
    let ended = floor.once("answer_s = 5.0");
    assert_eq!(ended.tally.printed, 3);
    floor.hold_paper_against_records();
}

/// An answer from before the label must not be taken for one from after it.
#[test]
fn answers_that_come_too_late_confirm_nothing() {
    let floor = Floor::with_labels(2);
    floor.printer.machine().answers_after = Duration::from_millis(350);
    floor.printer.machine().prints_for = Duration::from_millis(600);
    let ended = floor.once("answer_s = 0.2");
    assert!(ended.problem.is_some());
    assert_eq!(floor.desk.counts(), counts(0, 0, 2));
    assert!(floor.printer.came_out().is_empty());
}

/// Who pauses a printer may cancel the label in it: its status cannot tell, its counter can.
#[test]
fn a_pause_while_a_label_is_on_its_way_spoils_the_status_but_not_the_counter() {
    for (confirm, wanted) in [("status", counts(0, 1, 0)), ("counter", counts(1, 0, 0))] {
        let floor = Floor::with_labels(1);
        floor.printer.machine().prints_for = Duration::from_millis(300);
        let running = floor.start(&format!("confirm = \"{confirm}\""));
        floor.until("it prints", |f| f.printer.machine().is_printing);
        floor.printer.machine().paused = true;
        floor.until("it came out", |f| f.printer.came_out().len() == 1);
        std::thread::sleep(Duration::from_millis(100));
        floor.printer.machine().paused = false;
        floor.until("it is settled", |f| f.desk.counts().2 == 0);
        end(running);
        assert_eq!(floor.desk.counts(), wanted, "{confirm}");
        assert_eq!(floor.desk.desk().notes.iter().any(|note| note.contains("it is paused")), confirm == "status");
    }
}

/// "Idle" from a printer that has not begun is not "idle" from one that is through.
#[test]
fn a_printer_that_begins_late_is_not_taken_for_one_that_is_through() {
    let floor = Floor::with_labels(2);
    floor.printer.machine().begins_after = Duration::from_millis(100);
    floor.printer.machine().prints_for = Duration::from_millis(300);
    assert_eq!(floor.once("").tally.printed, 2);
    floor.hold_paper_against_records();
}

#[test]
fn a_link_lost_within_a_label_leaves_it_unconfirmed() {
    for cut in [1, 40, 60, 110, 130] {
        for keeps_half in [false, true] {
            let floor = Floor::with_labels(3);
            floor.printer.machine().keeps_half = keeps_half;
            floor.printer.machine().cut_after = Some(cut);
            let ended = floor.once("");
            assert_eq!((ended.tally.unknown, ended.tally.printed), (1, 2), "cut after {cut}, keeps half: {keeps_half}");
            assert_eq!(floor.desk.counts(), counts(2, 1, 0));
            floor.hold_paper_against_records();
        }
    }
}

#[test]
fn a_broken_printer_does_not_spoil_a_whole_job() {
    let floor = Floor::with_labels(30);
    floor.printer.machine().is_broken = true;
    let ended = floor.once("confirm_s = 0.2");
    assert!(ended.problem.unwrap().contains("look at the printer"));
    assert_eq!(floor.desk.counts(), counts(0, 3, 27));
    assert_eq!(floor.desk.desk().statuses[0].state, State::Error, "the newest comes first");
    // It tries one more after each pause, and goes on by itself once that comes out.
    let running = floor.start("confirm_s = 0.2");
    floor.until("it tries again", |f| f.desk.counts().1 > 3);
    floor.printer.machine().is_broken = false;
    floor.until("all are settled", |f| f.desk.counts().2 == 0);
    end(running);
    assert!(floor.desk.counts().1 <= 8, "{:?}", floor.desk.counts());
    floor.hold_paper_against_records();
}

/// A printer that tells nothing may hold half a label, too: the next one must not become a label of two units.
#[test]
fn half_a_label_is_dropped_where_the_printer_cannot_say_that_it_holds_one() {
    let floor = Floor::with_labels(3);
    {
        let mut machine = floor.printer.machine();
        (machine.mute, machine.keeps_half, machine.cut_after) = (true, true, Some(60));
    }
    let serials: Vec<String> = floor.desk.serials(|_| true);
    assert_eq!(floor.once("confirm = \"none\"").tally.unknown, 3);
    assert_eq!(floor.printer.came_out(), serials[1..], "the first broke off, the others are whole");
}

#[test]
fn a_reboot_with_the_label_in_its_buffer_leaves_it_unconfirmed() {
    for confirm in ["status", "counter"] {
        let floor = Floor::with_labels(3);
        floor.printer.machine().reboot_at_label = true;
        let ended = floor.once(&format!("confirm = \"{confirm}\"\nconfirm_s = 0.3"));
        assert_eq!((ended.tally.unknown, ended.tally.printed), (1, 2), "{confirm}");
        assert_eq!(floor.printer.came_out().len(), 2);
        floor.hold_paper_against_records();
    }
}

/// The counter outlives the connection.
#[test]
fn a_link_lost_after_the_labels_is_made_good_by_the_counter() {
    let floor = Floor::with_labels(4);
    // Everything but the last line end: all labels are whole.
    floor.printer.machine().cut_after = Some(319);
    let ended = floor.once("confirm = \"counter\"\nwindow = 4");
    let came_out = floor.printer.came_out().len();
    assert_eq!(floor.desk.counts(), if came_out == 4 { counts(4, 0, 0) } else { counts(0, 4, 0) }, "{ended:?}");
    floor.hold_paper_against_records();
}

#[test]
fn some_of_a_window_is_unknown_all_of_it() {
    let floor = Floor::with_labels(4);
    // The second label is whole, the third is not.
    floor.printer.machine().cut_after = Some(200);
    let ended = floor.once("confirm = \"counter\"\nwindow = 4\nconfirm_s = 0.3");
    assert_eq!(ended.tally.unknown, 4);
    let came_out = floor.printer.came_out().len();
    assert!((1..4).contains(&came_out), "{came_out}");
    assert!(floor.desk.desk().notes[0].contains(&format!("went up by {came_out} for 4 labels")));
    floor.hold_paper_against_records();
}

#[test]
fn somebody_elses_labels_spoil_the_count() {
    let floor = Floor::with_labels(1);
    floor.printer.machine().prints_for = Duration::from_millis(300);
    let running = floor.start("confirm = \"counter\"");
    floor.until("it prints", |f| f.desk.serials(|at| matches!(at, At::HandedOver(_))).len() == 1);
    floor.printer.machine().counter += 3;
    floor.until("it is settled", |f| f.desk.counts().2 == 0);
    end(running);
    assert_eq!(floor.desk.counts(), counts(0, 1, 0));
}

#[test]
fn a_printer_without_counter_says_so() {
    let floor = Floor::with_labels(1);
    floor.printer.machine().no_counter = true;
    let problem = floor.once("confirm = \"counter\"").problem.unwrap();
    assert!(problem.contains("no label counter"), "{problem}");
    assert_eq!(floor.desk.counts(), counts(0, 0, 1));
}

#[test]
fn an_unreachable_printer_is_told_and_costs_nothing() {
    let floor = Floor::with_labels(2);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let path = floor.write(&format!("driver = \"raw\"\naddress = \"{nobody}\""));
    let problem = super::once(&nameplate::agent::config::Config::read(&path).unwrap()).problem.unwrap();
    assert!(problem.contains(&format!("nothing answers at {nobody}")), "{problem}");
    assert_eq!(floor.desk.desk().statuses[0].state, State::Unreachable);
    assert_eq!(floor.desk.counts(), counts(0, 0, 2));
}

#[test]
fn asked_to_end_it_finishes_the_label_in_hand_and_gives_back_the_rest() {
    let floor = Floor::with_labels(20);
    floor.printer.machine().prints_for = Duration::from_millis(50);
    let running = floor.start("");
    floor.until("it prints", |f| !f.printer.came_out().is_empty());
    let ended = end(running);
    let (confirmed, unconfirmed, rest) = floor.desk.counts();
    assert_eq!((unconfirmed, confirmed), (0, floor.printer.came_out().len()));
    assert_eq!((floor.desk.serials(|at| matches!(at, At::Queued)).len(), ended.problem), (rest, None));
    assert!(rest > 0 && floor.desk.desk().notes.iter().any(|note| note.contains("asked to end")));
    floor.hold_paper_against_records();
}
