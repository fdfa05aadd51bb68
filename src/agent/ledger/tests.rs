//! Invariants:
//! 1. a label that was sent is never open again unless it was withheld, and never "not printed";
//! 2. after a settlement every label has a result;
//! 3. an entry that is refused changes nothing;
//! 4. results name every settled label exactly once.

use super::*;
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

fn leased(labels: u32) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.apply(&Entry::Lease { lease: name("LSE-1"), job: name("JOB-1"), labels }).unwrap();
    ledger
}

fn printed() -> Outcome {
    Outcome::Printed { evidence: Evidence::Status }
}

#[test]
fn names_fit_urls_and_file_names() {
    assert!(Name::try_from("LSE-7K3M_9".to_owned()).is_ok());
    for bad in ["", "../x", "a b", "a/b", "a?b", "ä", ".", &"x".repeat(65)] {
        assert!(Name::try_from(bad.to_owned()).is_err(), "{bad:?}");
    }
}

#[test]
fn a_lease_from_end_to_end() {
    let mut ledger = leased(3);
    assert_eq!(ledger.lease().unwrap().next(1), Some(Span { first: 1, last: 1 }));
    assert_eq!(ledger.lease().unwrap().next(5), Some(Span { first: 1, last: 3 }));
    ledger.apply(&Entry::Sending { first: 1, last: 1 }).unwrap();
    ledger.apply(&Entry::Result { first: 1, last: 1, result: printed() }).unwrap();
    ledger.apply(&Entry::Sending { first: 2, last: 2 }).unwrap();
    assert_eq!(ledger.lease().unwrap().next(5), Some(Span { first: 3, last: 3 }));
    for entry in ledger.settlement("cut off", "not sent") {
        ledger.apply(&entry).unwrap();
    }
    let outcomes: Vec<Outcome> = ledger.lease().unwrap().untaken().into_iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [printed(), Outcome::unknown("cut off"), Outcome::not_printed("not sent")]);
    assert_eq!(ledger.apply(&Entry::Done), Err(Contradiction::EndsEarly));
    ledger.apply(&Entry::Taken { first: 1, last: 3 }).unwrap();
    ledger.apply(&Entry::Done).unwrap();
    assert!(ledger.lease().is_none());
}

#[test]
fn results_are_written_as_the_protocol_says() {
    let result = |outcome| SpanResult { span: Span { first: 1, last: 3 }, outcome };
    let text = |outcome| serde_json::to_string(&result(outcome)).unwrap();
    let counter = Outcome::Printed { evidence: Evidence::Counter };
    assert_eq!(text(counter), r#"{"first":1,"last":3,"outcome":"printed","evidence":"counter"}"#);
    assert_eq!(text(Outcome::unknown("link lost")), r#"{"first":1,"last":3,"outcome":"unknown","note":"link lost"}"#);
    let out = text(Outcome::not_printed("paper out"));
    assert_eq!(out, r#"{"first":1,"last":3,"outcome":"not_printed","note":"paper out"}"#);
}

#[test]
fn what_was_sent_is_not_sent_again() {
    let mut ledger = leased(2);
    ledger.apply(&Entry::Sending { first: 1, last: 1 }).unwrap();
    let again = ledger.apply(&Entry::Sending { first: 1, last: 2 });
    assert_eq!(again, Err(Contradiction::WrongOrder { label: 1, step: "sent", state: "being sent" }));
    let back = ledger.apply(&Entry::Result { first: 1, last: 1, result: Outcome::not_printed("x") });
    assert!(back.is_err(), "what is being sent cannot be given back without having been withheld");
    ledger.apply(&Entry::Withheld { first: 1, last: 1 }).unwrap();
    assert_eq!(ledger.lease().unwrap().next(9), Some(Span { first: 1, last: 2 }));
}

#[test]
fn notes_are_cut_at_a_character() {
    let Outcome::Unknown { note } = Outcome::unknown("ü".repeat(150)) else { panic!() };
    assert!(note.len() <= LONGEST_NOTE && note.chars().all(|c| c == 'ü'));
}

fn entries() -> impl Strategy<Value = Entry> {
    let span = (0_u32..9, 0_u32..9);
    prop_oneof![
        span.clone().prop_map(|(first, last)| Entry::Sending { first, last }),
        span.clone().prop_map(|(first, last)| Entry::Withheld { first, last }),
        span.clone().prop_map(|(first, last)| Entry::Result { first, last, result: printed() }),
        span.clone().prop_map(|(first, last)| Entry::Result { first, last, result: Outcome::unknown("u") }),
        span.clone().prop_map(|(first, last)| Entry::Result { first, last, result: Outcome::not_printed("n") }),
        span.prop_map(|(first, last)| Entry::Taken { first, last }),
        Just(Entry::Done),
    ]
}

proptest! {
    #[test]
    fn sent_labels_stay_sent(entries in proptest::collection::vec(entries(), 0..60)) {
        let mut ledger = leased(6);
        let mut sent = [false; 7];
        for entry in entries {
            let before = ledger.clone();
            if ledger.apply(&entry).is_err() {
                prop_assert_eq!(&ledger, &before);
                continue;
            }
            match entry {
                Entry::Sending { first, last } => for label in first..=last {
                    prop_assert!(!sent[label as usize], "label {} is sent twice", label);
                    sent[label as usize] = true;
                },
                Entry::Withheld { first, last } => (first..=last).for_each(|label| sent[label as usize] = false),
                Entry::Result { first, last, result } => for label in first..=last {
                    prop_assert_eq!(sent[label as usize], !matches!(result, Outcome::NotPrinted { .. }));
                },
                _ => {}
            }
            if ledger.lease().is_none() {
                return Ok(());
            }
        }
        for entry in ledger.settlement("cut off", "never sent") {
            if let Entry::Result { first, last, result } = &entry {
                for label in *first..=*last {
                    prop_assert_eq!(sent[label as usize], matches!(result, Outcome::Unknown { .. }));
                }
            }
            ledger.apply(&entry).unwrap();
        }
        let lease = ledger.lease().unwrap();
        prop_assert_eq!(lease.next(9), None);
        let named: u32 = lease.untaken().iter().map(|result| result.span.count()).sum();
        let taken = lease.marks.iter().filter(|mark| matches!(mark, Mark::Settled { taken: true, .. })).count();
        prop_assert_eq!(named as usize + taken, 6);
    }
}
