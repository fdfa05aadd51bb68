//! kill -9 of the real program at random moments, over and over, with a server that loses answers and a printer that
//! reboots and loses links: SER14, LAB6.
//!
//! `NAMEPLATE_KILLS` says how many times it is killed (60 unless told otherwise), in each of the ways to confirm labels.

use super::{Floor, PATIENCE, started};
use crate::support::At;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Labels that wait at all times while there is something to kill.
const WAITING: usize = 40;

fn kills() -> u32 {
    std::env::var("NAMEPLATE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(60)
}

/// A number below `below` that nobody foresees.
fn random(below: u64) -> u64 {
    u64::from_be_bytes(nameplate::service::random().unwrap()) % below
}

#[test]
fn no_kill_prints_a_label_twice_where_the_status_confirms() {
    kill_over_and_over("confirm = \"status\"", kills().div_ceil(2), false);
}

#[test]
fn no_kill_prints_a_label_twice_where_the_counter_confirms_windows() {
    kill_over_and_over("confirm = \"counter\"\nwindow = 4", kills().div_ceil(3), false);
}

#[test]
fn no_kill_prints_a_label_twice_while_everything_else_fails_too() {
    kill_over_and_over("confirm = \"status\"", kills().div_ceil(3), true);
}

fn kill_over_and_over(keys: &str, kills: u32, is_rough: bool) {
    let floor = Floor::new();
    floor.configure(&format!("{keys}\nanswer_s = 0.3\nconfirm_s = 0.5"));
    floor.printer.machine().prints_for = Duration::from_millis(8);
    let mut worked = 0;
    for round in 0..kills {
        top_up(&floor);
        if is_rough {
            make_trouble(&floor, round);
        }
        let before = floor.printer.came_out().len();
        let mut agent = started(&floor);
        std::thread::sleep(Duration::from_micros(random(if is_rough { 600_000 } else { 250_000 })));
        agent.kill().unwrap();
        agent.wait().unwrap();
        floor.hold_paper_against_records();
        worked += u32::from(floor.printer.came_out().len() > before);
    }
    assert!(worked * 3 >= kills, "only {worked} of {kills} kills met an agent at work");
    calm(&floor);
    let mut agent = started(&floor);
    let start = Instant::now();
    while floor.desk.counts().2 > 0 {
        assert!(start.elapsed() < PATIENCE, "labels hang: {}", floor.state());
        assert!(agent.try_wait().unwrap().is_none(), "the agent ended by itself");
        std::thread::sleep(Duration::from_millis(10));
    }
    agent.kill().unwrap();
    agent.wait().unwrap();
    floor.hold_paper_against_records();
    let (confirmed, unconfirmed, rest) = floor.desk.counts();
    assert_eq!((confirmed + unconfirmed, rest), (floor.desk.desk().labels.len(), 0));
    // Everything on paper is on record as something that a person has to look at, at least.
    let known: BTreeSet<String> = floor.desk.serials(|at| !matches!(at, At::Queued)).into_iter().collect();
    assert!(floor.printer.came_out().iter().all(|serial| known.contains(serial)));
    let doubts = u32::try_from(unconfirmed).unwrap();
    assert!(doubts <= kills * 4 * 2 + 40, "{unconfirmed} unconfirmed labels of {kills} kills are too many");
    println!("{kills} kills: {confirmed} labels confirmed, {unconfirmed} unconfirmed, none twice, none lost");
}

/// Queues labels so that there is work; also those that nobody had settled yet count.
fn top_up(floor: &Floor) {
    let (_, _, open) = floor.desk.counts();
    floor.desk.queue("line-1", WAITING.saturating_sub(open));
}

fn make_trouble(floor: &Floor, round: u32) {
    calm(floor);
    floor.desk.desk().trouble_every = round.is_multiple_of(2).then_some(7);
    let mut machine = floor.printer.machine();
    machine.keeps_half = round.is_multiple_of(3);
    match round % 5 {
        0 => machine.reboot_at_label = true,
        1 => machine.cut_after = Some(usize::try_from(random(2_000)).unwrap()),
        2 => machine.answers_after = Duration::from_millis(random(60)),
        3 => machine.paper = 3,
        _ => {}
    }
    drop(machine);
    if round % 7 == 3 {
        floor.desk.expire_leases();
    }
}

fn calm(floor: &Floor) {
    floor.desk.desk().trouble_every = None;
    let mut machine = floor.printer.machine();
    (machine.paper, machine.answers_after, machine.cut_after) = (u32::MAX, Duration::ZERO, None);
    machine.reboot_at_label = false;
}
