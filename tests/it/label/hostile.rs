//! Data never change the structure of an output.
//!
//! Invariants, for any text in a field:
//! 1. A label in native ZPL has exactly the commands of any other label, and only printable ASCII.
//! 2. What a printer unescapes is the text that was given.
//! 3. Where a label cannot be made, it is an error, and the next label is as if nothing had happened.

use std::sync::LazyLock;

use nameplate::label::{Compiled, Resolution, VariableField, compile};
use nameplate::render::zpl::PrinterSetup;
use nameplate::render::zpl::native::NativeStream;
use proptest::prelude::*;

use super::job::{BRANDS, assets, fields, unit_template};

/// The unit label for serials of twelve printable characters.
static ANY_LABEL: LazyLock<Compiled> = LazyLock::new(|| {
    let field = VariableField { name: "serial".into(), alphabet: (' '..='~').collect(), longest: 12 };
    compile(&unit_template(), &fields(BRANDS[0]), &assets(), Resolution::Dpi203, &[field]).unwrap()
});

/// The lines of a job: what is stored, then one line a label.
fn last_label(label: &Compiled, serial: &str) -> Option<String> {
    let mut stream = NativeStream::new(Vec::new(), label, &PrinterSetup::default()).unwrap();
    let result = stream.add(&[serial]);
    stream.add(&["7K3M4QXT92PA"]).unwrap();
    let job = String::from_utf8(stream.finish().unwrap()).unwrap();
    let lines: Vec<&str> = job.lines().collect();
    assert!(lines[lines.len() - 2].contains("7K3M4QXT92PA"), "{job}");
    result.ok().map(|()| lines[lines.len() - 3].to_owned())
}

fn commands(line: &str) -> Vec<&str> {
    line.match_indices(['^', '~']).map(|(at, _)| &line[at..(at + 3).min(line.len())]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_serial_becomes_a_command(serial in "[ -~]{1,12}|(\\^XZ|~JR|_5E|>:|\\^FN3|~HS){1,4}|\\PC{1,12}|[\\u{0}-\\u{20}A]{1,12}") {
        let usual = last_label(&ANY_LABEL, "ABCDEFGHJKMN").unwrap();
        if let Some(line) = last_label(&ANY_LABEL, &serial) {
            prop_assert_eq!(commands(&line), commands(&usual));
            prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}

#[test]
fn printable_serials_are_carried_whatever_they_look_like() {
    for (serial, escaped) in [("^XZ~JR_5E^FS", "_5EXZ_7E-JR_5F5-E_5EFS"), (">:>5>6>8", ">:>5->6>8")] {
        let line = last_label(&ANY_LABEL, serial).unwrap_or_else(|| panic!("{serial} is printable"));
        assert!(line.contains(&format!("^FH_^FD{escaped}^FS")), "{line}");
    }
    assert!(last_label(&ANY_LABEL, "A\nB").is_none(), "control characters have no glyph");
}
