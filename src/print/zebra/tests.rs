//! Invariants:
//! 1. no bytes make a parser panic;
//! 2. nothing cut short, added to or bent is taken for a status;
//! 3. an answer that says "idle" names no fault, and one that names a fault is not ready.

use super::*;
use proptest::prelude::*;

#[expect(clippy::too_many_arguments, reason = "the answer is a row of flags")]
/// An answer to `~HS` in the form of the programming guide's example, with fields put in.
fn answer(paper: u8, pause: u8, formats: u32, full: u8, partial: u8, head: u8, ribbon: u8, remaining: u32) -> Vec<u8> {
    format!(
        "\x02030,{paper},{pause},0480,{formats:03},{full},0,{partial},000,0,0,0\x03\r\n\
         \x02000,0,{head},{ribbon},1,2,4,0,{remaining:08},1,000\x03\r\n\x021234,0\x03\r\n"
    )
    .into_bytes()
}

#[test]
fn an_idle_printer_is_idle() {
    let status = HostStatus::parse(&answer(0, 0, 0, 0, 0, 0, 0, 0)).unwrap();
    assert!(status.is_idle() && status.fault().is_none());
    let told = status.status();
    assert!(told.is_ready());
    assert_eq!((told.media, told.ribbon, told.head), (Media::Ok, Ribbon::Ok, Head::Closed));
}

#[test]
fn each_flag_is_read_from_its_place() {
    let parse = |answer: Vec<u8>| HostStatus::parse(&answer).unwrap();
    assert!(parse(answer(1, 0, 0, 0, 0, 0, 0, 0)).paper_out);
    assert!(parse(answer(0, 1, 0, 0, 0, 0, 0, 0)).paused);
    assert_eq!(parse(answer(0, 0, 7, 0, 0, 0, 0, 0)).formats_waiting, 7);
    assert!(parse(answer(0, 0, 0, 1, 0, 0, 0, 0)).buffer_full);
    assert!(parse(answer(0, 0, 0, 0, 1, 0, 0, 0)).partial_format);
    assert!(parse(answer(0, 0, 0, 0, 0, 1, 0, 0)).head_open);
    assert!(parse(answer(0, 0, 0, 0, 0, 0, 1, 0)).ribbon_out);
    assert_eq!(parse(answer(0, 0, 0, 0, 0, 0, 0, 12)).labels_remaining, 12);
}

#[test]
fn what_is_the_matter_is_told() {
    let told = |answer: Vec<u8>| HostStatus::parse(&answer).unwrap().status();
    assert_eq!(
        (told(answer(1, 1, 0, 0, 0, 0, 0, 0)).state, told(answer(0, 1, 0, 0, 0, 0, 0, 0)).state),
        (State::Error, State::Paused)
    );
    assert_eq!(told(answer(1, 0, 0, 0, 0, 0, 0, 0)).media, Media::Out);
    assert_eq!(told(answer(0, 0, 0, 0, 0, 1, 0, 0)).head, Head::Open);
    assert_eq!(told(answer(0, 0, 0, 0, 0, 0, 1, 0)).ribbon, Ribbon::Out);
}

/// The example of the programming guide for `~HQES`: media out and head open.
const GUIDE: &[u8] =
    b"\x02\r\n\r\n  PRINTER STATUS                           \r\n   ERRORS:         1 00000000 00000005  \
\r\n   WARNINGS:       1 00000000 00000002  \r\n\x03\r\n";

#[test]
fn error_flags_of_the_guide() {
    let flags = ErrorFlags::parse(GUIDE).unwrap();
    let told = flags.status();
    assert_eq!((told.state, told.media, told.head, told.ribbon), (State::Error, Media::Out, Head::Open, Ribbon::Ok));
    let clear = b"\x02 PRINTER STATUS\r\n ERRORS: 0 00000000 00000000\r\n WARNINGS: 0 00000000 00000000\r\n\x03";
    assert!(ErrorFlags::parse(clear).unwrap().is_clear());
    let paused = b"\x02ERRORS: 1 00000000 00010000\x03";
    assert_eq!(ErrorFlags::parse(paused).unwrap().status().state, State::Paused);
}

#[test]
fn flags_that_contradict_themselves_are_none() {
    for text in ["0 00000000 00000001", "1 00000000 00000000", "2 00000000 00000001", "1 0 1", "1 00000000", "", "+1"] {
        assert_eq!(ErrorFlags::parse(format!("\x02ERRORS: {text}\x03").as_bytes()), None, "{text}");
    }
    assert!(!ErrorFlags::parse(b"\x02ERRORS: 1 00000001 00000000\x03").is_some_and(|flags| flags.is_clear()));
}

#[test]
fn label_counts() {
    assert_eq!(label_count(b"\"12345\""), Some(12_345));
    assert_eq!(label_count(b"\r\n\"0\"\r\n"), Some(0));
    for bad in ["", "\"\"", "\"?\"", "12345", "\"12 345\"", "\"-1\"", "\"+1\"", "\"1234567890123456789\"", "\"1\"\"2\""]
    {
        assert_eq!(label_count(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn streams_are_cut_after_whole_answers() {
    let whole = answer(0, 0, 0, 0, 0, 0, 0, 0);
    let end = whole_blocks(&whole, 3).unwrap();
    assert_eq!(&whole[end..], b"\r\n");
    assert_eq!(whole_blocks(&whole[..end - 1], 3), None);
    assert_eq!(whole_quoted(b"\r\n\"17\"x"), Some(6));
    assert_eq!(whole_quoted(b"\"17"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (HostStatus::parse(&bytes), ErrorFlags::parse(&bytes), label_count(&bytes));
        let _ = (whole_blocks(&bytes, 3), whole_quoted(&bytes));
    }

    #[test]
    fn bent_answers_are_survived(at in 0_usize..90, byte: u8) {
        let mut bytes = answer(0, 0, 0, 0, 0, 0, 0, 0);
        if let Some(place) = bytes.get_mut(at) { *place = byte; }
        if let Some(status) = HostStatus::parse(&bytes) {
            prop_assert_eq!(status.is_idle(), status.status().is_ready() && !status.is_busy());
        }
    }

    #[test]
    fn half_an_answer_is_none(cut in 0_usize..86) {
        let whole = answer(0, 0, 0, 0, 0, 0, 0, 0);
        let end = whole_blocks(&whole, 3).unwrap();
        prop_assume!(cut < end);
        prop_assert_eq!(HostStatus::parse(&whole[..cut]), None);
    }

    #[test]
    fn more_than_an_answer_is_none(tail in "[0-9a-z]{1,9}") {
        let mut bytes = answer(0, 0, 0, 0, 0, 0, 0, 0);
        bytes.extend_from_slice(tail.as_bytes());
        prop_assert_eq!(HostStatus::parse(&bytes), None);
    }

    #[test]
    fn a_fault_is_never_idle(
        paper in 0_u8..2, pause in 0_u8..2, formats in 0_u32..3, head in 0_u8..2, ribbon in 0_u8..2,
    ) {
        let status = HostStatus::parse(&answer(paper, pause, formats, 0, 0, head, ribbon, 0)).unwrap();
        let well = paper + pause + head + ribbon == 0;
        prop_assert_eq!(status.fault().is_none(), well);
        prop_assert_eq!(status.status().is_ready(), well);
        prop_assert_eq!(status.is_idle(), well && formats == 0);
    }
}
