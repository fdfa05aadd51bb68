//! Invariants: 1. no label is leased again after its first byte was served, unless a person or that very attempt said
//! that it was not printed; 2. nothing an attempt says changes a label of another attempt; 3. changing stored pieces
//! gives the same labels as changing each label by itself, with the fewest rows, and counts that add up.

use super::*;
use proptest::prelude::*;

const US: AttemptId = AttemptId(1);
const OTHER: AttemptId = AttemptId(2);

fn states() -> Vec<LabelState> {
    use LabelState::{Confirmed, HandedOver, Leased, Queued, Scrapped, Unconfirmed};
    vec![
        Queued,
        Leased(US),
        Leased(OTHER),
        HandedOver(US),
        HandedOver(OTHER),
        Confirmed,
        Unconfirmed(US),
        Unconfirmed(OTHER),
        Scrapped,
    ]
}

fn steps() -> Vec<Step> {
    let by = |attempt| {
        [Step::Lease, Step::HandOver, Step::Printed, Step::Unknown, Step::NotPrinted, Step::End]
            .map(|step| step(attempt))
    };
    by(US).into_iter().chain(by(OTHER)).chain([Step::Seen, Step::NotSeen, Step::Scrap]).collect()
}

/// The machine as a table, written a second time: what each state can become by steps of attempt 1 and by people.
#[test]
fn the_machine_is_the_one_that_was_agreed() {
    let name = |state: Result<LabelState, StepRefused>| state.map_or("-", LabelState::as_str);
    let steps = [
        Step::Lease(US),
        Step::HandOver(US),
        Step::Printed(US),
        Step::Unknown(US),
        Step::NotPrinted(US),
        Step::End(US),
        Step::Seen,
        Step::NotSeen,
        Step::Scrap,
    ];
    let table = [
        (LabelState::Queued, ["leased", "-", "-", "-", "-", "queued", "-", "-", "-"]),
        (LabelState::Leased(US), ["-", "handed_over", "-", "-", "queued", "queued", "-", "-", "-"]),
        (
            LabelState::HandedOver(US),
            ["-", "handed_over", "confirmed", "unconfirmed", "queued", "unconfirmed", "confirmed", "-", "-"],
        ),
        (
            LabelState::Unconfirmed(US),
            ["-", "-", "confirmed", "unconfirmed", "queued", "unconfirmed", "confirmed", "queued", "scrapped"],
        ),
        (LabelState::Confirmed, ["-", "-", "-", "-", "-", "confirmed", "confirmed", "-", "scrapped"]),
        (LabelState::Scrapped, ["-", "-", "-", "-", "-", "scrapped", "-", "-", "scrapped"]),
    ];
    for (from, expected) in table {
        assert_eq!(steps.map(|step| name(from.after(step))), expected, "{from}");
    }
}

#[test]
fn an_attempt_never_changes_the_label_of_another() {
    for from in states().into_iter().filter(|state| state.attempt() == Some(OTHER)) {
        for step in steps() {
            let by_us = matches!(
                step,
                Step::Lease(US) | Step::HandOver(US) | Step::Printed(US) | Step::Unknown(US) | Step::NotPrinted(US)
            );
            if by_us {
                let refused = from.after(step).unwrap_err();
                assert!(matches!(step, Step::Lease(_)) || refused.to_string().contains("another"), "{refused}");
            }
            if step == Step::End(US) {
                assert_eq!(from.after(step), Ok(from));
            }
        }
    }
}

#[test]
fn every_state_reads_back_as_itself() {
    for state in states() {
        assert_eq!(LabelState::from_parts(state.as_str(), state.attempt()), Some(state));
    }
    assert_eq!(LabelState::from_parts("confirmed", Some(US)), None);
    assert_eq!(LabelState::from_parts("leased", None), None);
}

fn pieces_of(labels: &[LabelState]) -> Vec<LabelPiece> {
    let single =
        |(at, state): (usize, &LabelState)| LabelPiece { span: Span::single(at as u64).unwrap(), state: *state };
    join(labels.iter().enumerate().map(single).collect())
}

fn labels_of(pieces: &[LabelPiece]) -> Vec<LabelState> {
    pieces.iter().flat_map(|piece| (piece.span.first()..=piece.span.last()).map(|_| piece.state)).collect()
}

proptest! {
    #[test]
    fn pieces_change_as_single_labels_do(
        labels in proptest::collection::vec(proptest::sample::select(states()), 1..40),
        first in 0_usize..40, length in 1_usize..40, step in proptest::sample::select(steps()),
    ) {
        let first = first % labels.len();
        let last = (first + length - 1).min(labels.len() - 1);
        let span = Span::new(first as u64, last as u64).unwrap();
        let stored = pieces_of(&labels);
        let one_by_one: Result<Vec<_>, _> = labels[first..=last].iter().map(|state| state.after(step)).collect();
        match advance(&stored, span, step) {
            Err((at, refused)) => {
                prop_assert!(span.contains(at));
                prop_assert_eq!(one_by_one.unwrap_err(), refused);
            }
            Ok(new) => {
                let mut expected = labels.clone();
                expected.splice(first..=last, one_by_one.unwrap());
                let change = change_pieces(&stored, &new);
                let mut after: Vec<_> =
                    stored.iter().filter(|old| !change.remove.contains(&old.span.first())).copied().collect();
                after.extend(&change.insert);
                after.sort_unstable_by_key(|piece| piece.span);
                prop_assert_eq!(labels_of(&after), expected.clone());
                prop_assert_eq!(after, pieces_of(&expected));
                let count = |labels: &[LabelState], index| {
                    i64::try_from(labels.iter().filter(|state| state.index() == index).count()).unwrap()
                };
                for index in 0..6 {
                    prop_assert_eq!(count(&labels, index) + change.counts[index], count(&expected, index));
                }
            }
        }
    }

    /// One label, two attempts that take turns, anything in any order: a second confirmed print needs somebody who
    /// said that the first does not exist.
    #[test]
    fn no_label_is_served_twice_by_itself(walk in proptest::collection::vec(proptest::sample::select(steps()), 1..60)) {
        let (mut state, mut served) = (LabelState::Queued, false);
        for step in walk {
            let Ok(next) = state.after(step) else { continue };
            if matches!(next, LabelState::Leased(_)) && next != state {
                prop_assert!(!served, "served, and leased again");
            }
            served |= matches!(next, LabelState::HandedOver(_));
            if matches!(step, Step::NotSeen | Step::NotPrinted(_)) && next == LabelState::Queued {
                served = false;
            }
            state = next;
        }
    }
}
