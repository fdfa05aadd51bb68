//! Invariants:
//! 1. no bytes make the parser panic, and no prefix of a response is one;
//! 2. only a job that is completed, without errors and with the right counts proves labels;
//! 3. a printer is ready only if it says so and names no error.

use super::*;
use proptest::prelude::*;

/// Tag, name and value.
type Part<'a> = (u8, &'a str, &'a [u8]);

/// Puts a response together from groups.
fn response(status: u16, groups: &[(u8, &[Part<'_>])]) -> Vec<u8> {
    let mut bytes = vec![2, 0];
    bytes.extend(status.to_be_bytes());
    bytes.extend(7_u32.to_be_bytes());
    for (group, attributes) in groups {
        bytes.push(*group);
        for (tag, name, value) in *attributes {
            bytes.push(*tag);
            for part in [name.as_bytes(), value] {
                bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
                bytes.extend(part);
            }
        }
    }
    bytes.push(tag::END);
    bytes
}

fn number(value: i32) -> [u8; 4] {
    value.to_be_bytes()
}

fn job(state: i32, impressions: Option<i32>, sheets: Option<i32>, reason: &str) -> Job {
    let (state, i, s) = (number(state), number(impressions.unwrap_or(0)), number(sheets.unwrap_or(0)));
    let mut attributes: Vec<(u8, &str, &[u8])> =
        vec![(tag::ENUM, "job-state", &state), (tag::KEYWORD, "job-state-reasons", reason.as_bytes())];
    if impressions.is_some() {
        attributes.push((tag::INTEGER, "job-impressions-completed", &i));
    }
    if sheets.is_some() {
        attributes.push((tag::INTEGER, "job-media-sheets-completed", &s));
    }
    Response::parse(&response(0, &[(tag::JOB, &attributes)])).unwrap().job().unwrap()
}

fn printer(state: i32, reasons: &[&str], accepts: bool) -> Printer {
    let (state, accepts) = (number(state), [u8::from(accepts)]);
    let mut attributes: Vec<(u8, &str, &[u8])> =
        vec![(tag::ENUM, "printer-state", &state), (tag::BOOLEAN, "printer-is-accepting-jobs", &accepts)];
    for (at, reason) in reasons.iter().enumerate() {
        attributes.push((tag::KEYWORD, if at == 0 { "printer-state-reasons" } else { "" }, reason.as_bytes()));
    }
    Response::parse(&response(0, &[(tag::PRINTER, &attributes)])).unwrap().printer().unwrap()
}

/// RFC 8010, appendix A.1 (Print-Job Request), as far as this product's request goes: the same header and first attributes.
#[test]
fn a_request_begins_as_the_rfc_shows() {
    let bytes = Request::new(Operation::PrintJob, 1, "ipp://printer.example.com/ipp/print/pinetree").into_bytes();
    let mut wanted = vec![0x01, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01, 0x47, 0x00, 0x12];
    wanted.extend(b"attributes-charset");
    wanted.extend([0x00, 0x05]);
    wanted.extend(b"utf-8");
    wanted.extend([0x48, 0x00, 0x1b]);
    wanted.extend(b"attributes-natural-language");
    assert_eq!(&bytes[..wanted.len()], wanted);
    let uri = b"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree";
    assert!(bytes.windows(uri.len()).any(|window| window == uri));
    assert_eq!(bytes.last(), Some(&tag::END));
}

#[test]
fn lists_carry_their_name_once() {
    let bytes = Request::new(Operation::GetJobAttributes, 1, "ipp://a/").wanted(&["job-state", "job-id"]).into_bytes();
    let list = b"\x44\x00\x14requested-attributes\x00\x09job-state\x44\x00\x00\x00\x06job-id\x03";
    assert!(bytes.ends_with(list));
}

/// RFC 8010, appendix A.2 (Print-Job Response, successful), with its job attributes.
#[test]
fn a_response_of_the_rfc() {
    let (id, state) = (number(147), number(3));
    let bytes = response(
        0,
        &[
            (
                tag::OPERATION,
                &[(tag::CHARSET, "attributes-charset", b"utf-8"), (tag::TEXT, "status-message", b"successful-ok")],
            ),
            (
                tag::JOB,
                &[
                    (tag::INTEGER, "job-id", &id),
                    (tag::URI, "job-uri", b"ipp://printer.example.com/ipp/print/pinetree/147"),
                    (tag::ENUM, "job-state", &state),
                ],
            ),
        ],
    );
    let response = Response::parse(&bytes).unwrap();
    assert!(response.is_success());
    assert_eq!((response.id, response.job_id()), (7, Some(147)));
    assert_eq!(response.job().unwrap().state, JobState::UnderWay);
}

#[test]
fn collections_are_passed_over() {
    let (state, inner) = (number(5), number(9));
    let bytes = response(
        0,
        &[(
            tag::PRINTER,
            &[
                (tag::BEGIN_COLLECTION, "media-col-default", b""),
                (0x4A, "", b"printer-state"),
                (tag::INTEGER, "", &inner),
                (tag::END_COLLECTION, "", b""),
                (tag::ENUM, "printer-state", &state),
            ],
        )],
    );
    let response = Response::parse(&bytes).unwrap();
    assert_eq!(response.integer(tag::PRINTER, "printer-state"), Some(5));
}

#[test]
fn only_a_clean_completion_proves_labels() {
    assert_eq!(job(9, Some(1), Some(1), "job-completed-successfully").proves(1), Ok(()));
    assert_eq!(job(9, None, None, "none").proves(1), Ok(()));
    for (bad, why) in [
        (job(9, Some(0), None, "none"), "counted 0 impressions"),
        (job(9, Some(1), Some(2), "none"), "counted 2 sheets"),
        (job(9, None, None, "job-completed-with-errors"), "with errors"),
        (job(8, None, None, "aborted-by-system"), "gave the job up (aborted-by-system)"),
        (job(7, None, None, "job-canceled-by-user"), "cancelled"),
        (job(5, None, None, "job-printing"), "did not come to an end"),
    ] {
        let said = bad.proves(1).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn what_is_the_matter_is_told() {
    assert!(printer(3, &["none"], true).status.is_ready());
    assert!(printer(4, &["media-low-warning", "marker-supply-low-report"], true).status.is_ready());
    assert_eq!(printer(5, &["media-empty-error"], true).status.media, Media::Out);
    assert_eq!(printer(3, &["none", "cover-open"], true).status.head, Head::Open);
    assert_eq!(printer(5, &["paused"], true).status.state, State::Paused);
    assert_eq!(printer(3, &["none"], false).status.detail.as_deref(), Some("it takes no jobs now"));
    assert_eq!(printer(5, &["other"], true).status.state, State::Error);
    assert_eq!(printer(77, &["none"], true).status.state, State::Unknown);
}

#[test]
fn what_is_not_ipp_is_refused() {
    assert_eq!(Response::parse(b""), Err(Malformed::Short));
    assert_eq!(Response::parse(b"<html>"), Err(Malformed::Disorder));
    assert_eq!(Response::parse(&vec![0; LONGEST_RESPONSE + 1]), Err(Malformed::Long));
    // A value before any group, a further value without a first one, a number of three bytes.
    let header = [1, 1, 0, 0, 0, 0, 0, 1];
    assert_eq!(Response::parse(&[&header[..], &[0x21, 0, 1, b'a', 0, 0, 3]].concat()), Err(Malformed::Disorder));
    assert_eq!(Response::parse(&[&header[..], &[2, 0x44, 0, 0, 0, 0, 3]].concat()), Err(Malformed::Disorder));
    assert_eq!(
        Response::parse(&[&header[..], &[2, 0x21, 0, 1, b'a', 0, 3, 0, 0, 0, 3]].concat()),
        Err(Malformed::Disorder)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_survived(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&[1, 1, 0, 0, 0, 0, 0, 1, 2][..], &tail].concat();
        if let Ok(response) = Response::parse(&bytes) {
            let _ = (response.job(), response.printer(), response.refusal(), response.job_id());
        }
    }

    #[test]
    fn half_a_response_is_none(cut in 0_usize..60) {
        let state = number(9);
        let bytes = response(0, &[(tag::JOB, &[(tag::ENUM, "job-state", &state), (tag::KEYWORD, "job-state-reasons", b"none")])]);
        prop_assume!(cut < bytes.len());
        prop_assert!(Response::parse(&bytes[..cut]).is_err());
    }

    #[test]
    fn nothing_but_completed_proves(state in -1_i32..15, count in -2_i32..3, labels in 1_u32..3) {
        let (state, count) = (number(state), number(count));
        let attributes: &[(u8, &str, &[u8])] =
            &[(tag::ENUM, "job-state", &state), (tag::INTEGER, "job-impressions-completed", &count)];
        let job = Response::parse(&response(0, &[(tag::JOB, attributes)])).unwrap().job();
        let proves = job.is_some_and(|job| job.proves(labels).is_ok());
        prop_assert_eq!(proves, state == number(9) && count == number(labels.try_into().unwrap()));
    }
}
