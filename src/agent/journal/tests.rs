//! Invariants:
//! 1. wherever a crash cuts the file, it opens, and no label whose "sending" was flushed becomes open or "not printed";
//! 2. a byte changed anywhere before the last line is noticed: the journal is refused, never guessed at;
//! 3. a journal that is made anew is as one that was just begun.

use super::super::ledger::Evidence;
use super::*;
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::try_from(text.to_owned()).unwrap()
}

fn span(first: u32, last: u32) -> Span {
    Span { first, last }
}

fn printed() -> Outcome {
    Outcome::Printed { evidence: Evidence::Counter }
}

/// A folder with a journal that tells of a lease of four: one printed, one being sent.
fn at_work() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let folder = Folder::open(temp.path()).unwrap();
    let mut journal = folder.journal("line-1").unwrap();
    journal.lease(name("LSE-1"), name("JOB-1"), 4).unwrap();
    journal.sending(span(1, 1)).unwrap();
    journal.result(span(1, 1), printed()).unwrap();
    journal.sending(span(2, 2)).unwrap();
    let path = temp.path().join("line-1.journal");
    (temp, path)
}

fn reopen(temp: &tempfile::TempDir) -> Result<Journal, JournalError> {
    Folder::open(temp.path()).unwrap().journal("line-1")
}

#[test]
fn a_crash_leaves_what_is_certain() {
    let (temp, _) = at_work();
    let mut journal = reopen(&temp).unwrap();
    assert!(journal.settle_after_crash().unwrap());
    let results = journal.ledger().lease().unwrap().untaken();
    assert_eq!(results.iter().map(|r| (r.span.first, r.span.last)).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 4)]);
    assert_eq!(results[0].outcome, printed());
    assert!(matches!(results[1].outcome, Outcome::Unknown { .. }));
    assert!(matches!(results[2].outcome, Outcome::NotPrinted { .. }));
    drop(journal);
    let mut again = reopen(&temp).unwrap();
    assert!(!again.settle_after_crash().unwrap(), "it was settled durably");
    assert_eq!(again.ledger().lease().unwrap().untaken(), results);
}

#[test]
fn two_agents_do_not_share_a_folder() {
    let temp = tempfile::tempdir().unwrap();
    let first = Folder::open(temp.path()).unwrap();
    assert!(matches!(Folder::open(temp.path()), Err(JournalError::InUse { .. })));
    drop(first);
    Folder::open(temp.path()).unwrap();
}

#[test]
fn a_journal_of_another_printer_is_refused() {
    let (temp, path) = at_work();
    fs::rename(path, temp.path().join("line-2.journal")).unwrap();
    let error = Folder::open(temp.path()).unwrap().journal("line-2").unwrap_err();
    assert!(error.to_string().contains("is the journal of the printer line-1, not of line-2"), "{error}");
    assert!(error.is_final());
}

#[test]
fn an_empty_or_foreign_file_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    for text in ["", "\n", "hello\n", "00000000 {}\n", "half a li"] {
        fs::write(temp.path().join("line-1.journal"), text).unwrap();
        assert!(matches!(reopen(&temp), Err(JournalError::Damaged { line: 1, .. })), "{text:?}");
    }
}

#[test]
fn a_long_journal_is_made_anew() {
    let temp = tempfile::tempdir().unwrap();
    let mut journal = Folder::open(temp.path()).unwrap().journal("line-1").unwrap();
    let begun = journal.bytes;
    journal.bytes = LONG;
    journal.lease(name("LSE-1"), name("JOB-1"), 1).unwrap();
    journal.result(span(1, 1), Outcome::not_printed("x")).unwrap();
    journal.taken(span(1, 1)).unwrap();
    journal.done().unwrap();
    assert_eq!(journal.bytes, begun);
    assert_eq!(fs::metadata(temp.path().join("line-1.journal")).unwrap().len(), begun);
    journal.lease(name("LSE-2"), name("JOB-1"), 1).unwrap();
    drop(journal);
    assert_eq!(reopen(&temp).unwrap().ledger().lease().unwrap().lease, name("LSE-2"));
}

#[test]
fn what_cannot_be_is_not_written() {
    let (temp, path) = at_work();
    let mut journal = reopen(&temp).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(journal.sending(span(1, 1)).is_err());
    assert!(journal.sending(span(4, 5)).is_err());
    assert!(journal.lease(name("LSE-2"), name("JOB-1"), 1).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// A disk that takes no more: nothing is noted, so nothing may be sent, and the journal is as it was.
#[test]
fn what_cannot_be_written_did_not_happen() {
    let (temp, path) = at_work();
    let mut journal = reopen(&temp).unwrap();
    let (before, ledger) = (fs::read(&path).unwrap(), journal.ledger().clone());
    journal.file = File::open(&path).unwrap();
    let error = journal.result(span(2, 2), printed()).unwrap_err();
    assert!(!error.is_final() && error.to_string().contains("line-1.journal cannot be used"), "{error}");
    assert_eq!((fs::read(&path).unwrap(), journal.ledger()), (before, &ledger));
    drop(journal);
    assert_eq!(reopen(&temp).unwrap().ledger(), &ledger);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn wherever_a_crash_cuts(cut in 0_usize..1000) {
        let (temp, path) = at_work();
        let whole = fs::read(&path).unwrap();
        let first_line = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
        // The first line is put in place whole.
        let cut = first_line + cut % (whole.len() - first_line + 1);
        fs::write(&path, &whole[..cut]).unwrap();
        let text = String::from_utf8_lossy(&whole[..cut]);
        let flushed = text.rsplit_once('\n').unwrap().0.to_owned();
        let mut journal = reopen(&temp).unwrap();
        journal.settle_after_crash().unwrap();
        let Some(lease) = journal.ledger().lease() else {
            prop_assert!(!flushed.contains("\"lease\""));
            return Ok(());
        };
        for result in lease.untaken() {
            for label in result.span.first..=result.span.last {
                let sent = flushed.contains(&format!("\"sending\",\"first\":{label},"));
                prop_assert_eq!(sent, !matches!(result.outcome, Outcome::NotPrinted { .. }), "label {}", label);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_noticed(at in 0_usize..1000, to: u8) {
        let (temp, path) = at_work();
        let mut text = fs::read(&path).unwrap();
        let at = at % (text.len() - 1);
        // A checksum in capitals is the same checksum.
        prop_assume!(!text[at].eq_ignore_ascii_case(&to));
        text[at] = to;
        fs::write(&path, &text).unwrap();
        prop_assert!(reopen(&temp).is_err(), "byte {} became {}", at, to);
    }
}
