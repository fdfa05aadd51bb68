//! Documents that printers fetch: each prints by itself, whatever comes before and after it, and leaves nothing behind.
//!
//! Invariants: every label of a document is printed once, in order, and reads back; the printer's memory is as it was; the
//! same rows give the same bytes, on any thread; what is refused appends nothing.

use std::sync::Arc;

use hayro::hayro_syntax::Pdf;
use nameplate::label::{Compiled, Overprint, Resolution, compile, shipped_template};
use nameplate::print::zebra::CANCEL_HALF_A_FORMAT;
use nameplate::render::delivery::{DeliveryError, DeliveryFormat, DeliveryJob, MAX_LABELS};
use nameplate::render::zpl::{Darkness, OffsetDots, PrinterSetup, Speed};

use super::job::{
    BRANDS, SERIALS, assets, fields, fields_of, label, serial_field, small, template, unit_label, unit_template,
};
use super::outputs::{decode_png, pages, png};
use super::printer::Printer;
use super::read::{Pixels, assert_reads_as_drawn};

const FORMATS: [DeliveryFormat; 4] =
    [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic, DeliveryFormat::Pdf, DeliveryFormat::Png];

fn job(compiled: &Arc<Compiled>, format: DeliveryFormat) -> DeliveryJob {
    DeliveryJob::new(Arc::clone(compiled), format, &PrinterSetup::default()).unwrap()
}

fn document(job: &DeliveryJob, serials: &[&str]) -> Vec<u8> {
    let rows: Vec<[&str; 1]> = serials.iter().map(|serial| [*serial]).collect();
    let mut out = Vec::new();
    job.document(&rows, &mut out).unwrap();
    out
}

/// The unit label, the shipped one with a Data Matrix, one whose QR differs, and a test label.
fn labels() -> Vec<Arc<Compiled>> {
    let shipped = |name| label(&template(shipped_template(name).unwrap()), &fields(BRANDS[1]), Resolution::Dpi300);
    let test = compile(&unit_template(), &fields(BRANDS[2]), &assets(), Resolution::Dpi203, &[serial_field()]).unwrap();
    let test = Arc::new(test.overprinted(Overprint::Test).unwrap());
    vec![unit_label(BRANDS[0], Resolution::Dpi203), shipped("unit-40x20"), shipped("unit-60x40-link"), test]
}

#[test]
fn a_document_prints_by_itself_and_leaves_nothing_behind() {
    for compiled in labels() {
        for format in [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic] {
            let job = job(&compiled, format);
            for count in [1, 2, 6] {
                let mut printer = Printer::default();
                let labels = printer.print(&document(&job, &SERIALS[..count]));
                assert_eq!(labels.len(), count, "{format}");
                assert!(printer.holds_nothing(), "{format}: {count} labels leave something behind");
                for (label, serial) in labels.iter().zip(SERIALS).filter(|_| compiled.overprint().is_none()) {
                    assert_reads_as_drawn(format.name(), label, &compiled, &[serial]);
                }
            }
        }
    }
}

/// Documents of two jobs by turns on one printer print what they print alone, even after one that broke off.
#[test]
fn documents_follow_each_other_in_any_order() {
    let jobs: Vec<DeliveryJob> = labels().iter().map(|compiled| job(compiled, DeliveryFormat::ZplNative)).collect();
    let alone = |job: &DeliveryJob, serials: &[&str]| Printer::default().print(&document(job, serials));
    let mut printer = Printer::default();
    let broken = document(&jobs[0], &SERIALS[..3]);
    let broken = String::from_utf8(broken).unwrap();
    // The link is lost within the third label.
    let end = broken.rfind("^FD").unwrap();
    assert_eq!(printer.print(&broken.as_bytes()[..end]).len(), 2);
    assert!(!printer.holds_nothing(), "nothing was deleted yet");
    assert!(printer.print(CANCEL_HALF_A_FORMAT).is_empty(), "the third label is not printed by and by");
    for (at, count) in [(1, 2), (0, 1), (0, 3), (1, 1), (2, 4), (3, 2), (0, 2), (0, 2), (3, 1)] {
        let (job, serials) = (&jobs[at], &SERIALS[..count]);
        assert!(printer.print(&document(job, serials)) == alone(job, serials), "job {at}, {count} labels");
    }
    assert!(printer.holds_nothing(), "the next document of the job has cleared what the broken one left");
}

#[test]
fn a_document_of_one_native_label_stores_nothing() {
    for compiled in labels() {
        let one = String::from_utf8(document(&job(&compiled, DeliveryFormat::ZplNative), &SERIALS[..1])).unwrap();
        for command in ["~DG", "^DF", "^XF", "^XG", "^ID"] {
            assert!(!one.contains(command), "{command} in {one}");
        }
        assert!(one.starts_with("~SD15\n^XA^CI28") && one.ends_with("^PQ1^XZ\n"), "{one}");
    }
}

/// One label is smaller without storing anything, twenty are smaller with.
#[test]
fn documents_are_as_small_as_they_can_be() {
    let native = job(&unit_label(BRANDS[0], Resolution::Dpi203), DeliveryFormat::ZplNative);
    let size = |count: usize| document(&native, &["7K3M4QXT92PA"].repeat(count)).len();
    let stored = 2 * size(2) - size(3);
    assert!(size(1) < stored, "{} alone, {stored} stored", size(1));
    assert!(size(20) < 4 * size(1), "{} for twenty", size(20));
}

#[test]
fn pdf_has_a_page_for_each_label_and_png_holds_one() {
    for compiled in labels() {
        let pdf = document(&job(&compiled, DeliveryFormat::Pdf), &SERIALS);
        assert_eq!(Pdf::new(pdf.clone()).unwrap().pages().len(), SERIALS.len());
        if compiled.overprint().is_none() {
            let page = pages(pdf, compiled.resolution(), None).remove(5);
            let cut = super::outputs::fitted(&page, &compiled);
            assert_reads_as_drawn("PDF", &cut, &compiled, &[SERIALS[5]]);
        }
        let one = document(&job(&compiled, DeliveryFormat::Png), &SERIALS[1..2]);
        assert!(one == png(&compiled, &[SERIALS[1]]), "the PNG of the same label");
    }
}

#[test]
fn the_same_rows_are_the_same_bytes_on_every_thread() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    for format in FORMATS {
        let (job, again) = (job(&compiled, format), job(&compiled, format));
        is_shared(&job);
        assert!(job.memory_bytes() > 1_000 && job.memory_bytes() < 4_000_000, "{job:?}");
        let serials = &SERIALS[..format.max_labels().min(4)];
        let expected = document(&job, serials);
        // What was drawn before does not matter.
        document(&job, &SERIALS[4..5]);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| document(&job, serials))).collect();
            for thread in threads {
                assert!(thread.join().unwrap() == expected, "{format}");
            }
        });
        assert!(document(&again, serials) == expected, "{format}: another job of the same label");
    }
}

#[test]
fn what_is_refused_appends_nothing_and_says_why() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    for format in FORMATS {
        let job = job(&compiled, format);
        let refused = |rows: &[[&str; 1]]| {
            let mut out = b"before".to_vec();
            let error = job.document(rows, &mut out).unwrap_err();
            assert_eq!(out, b"before", "{format}");
            error
        };
        let words = refused(&[]).to_string();
        assert_eq!(words, format!("a document holds 1 to {} labels as {format}, not 0", format.max_labels()));
        let many = vec![["7K3M4QXT92PA"]; MAX_LABELS + 1];
        assert!(matches!(refused(&many), DeliveryError::LabelCount { found: 501, .. }), "{format}");
        let bad = ["7K3M4QXT92PA\u{202e}"];
        let error = if format == DeliveryFormat::Png { refused(&[bad]) } else { refused(&[many[0], bad, many[0]]) };
        let number = if format == DeliveryFormat::Png { "label 1 of 1" } else { "label 2 of 3" };
        assert!(error.to_string().starts_with(number), "{error}");
    }
    let png = job(&compiled, DeliveryFormat::Png).document(&[["A"], ["B"]], &mut Vec::new()).unwrap_err();
    assert_eq!(png.to_string(), "a document holds 1 to 1 labels as png, not 2");
    for format in FORMATS {
        assert_eq!(format.name().parse(), Ok(format));
    }
    let unknown = "epl".parse::<DeliveryFormat>().unwrap_err().to_string();
    assert_eq!(unknown, "there is no format \"epl\"; labels are delivered as zpl-native, zpl-graphic, pdf or png");
}

fn moved_setup(x: i64, y: i64) -> PrinterSetup {
    PrinterSetup {
        offset_x_dots: OffsetDots::new(x).unwrap(),
        offset_y_dots: OffsetDots::new(y).unwrap(),
        ..PrinterSetup::default()
    }
}

/// A picture of another size whose ink stands elsewhere.
fn moved(pixels: &Pixels, (x, y): (i64, i64), (width, height): (usize, usize)) -> Pixels {
    let mut out = Pixels::new(width, height);
    let to = |at: usize, by: i64| usize::try_from(i64::try_from(at).unwrap() + by).unwrap();
    for (at, _) in pixels.grey.iter().enumerate().filter(|(_, grey)| **grey == 0) {
        out.blacken(to(at % pixels.width, x), to(at / pixels.width, y));
    }
    out
}

#[test]
fn offsets_move_every_dot_of_zpl_and_nothing_of_pdf_and_png() {
    for compiled in labels().iter().filter(|compiled| compiled.overprint().is_none()) {
        let rows = [["7K3M4QXT92PA"], ["12345678901A"]];
        let made = |format, setup: &PrinterSetup, count: usize| {
            let mut out = Vec::new();
            let job = DeliveryJob::new(Arc::clone(compiled), format, setup).unwrap();
            job.document(&rows[..count], &mut out).unwrap();
            out
        };
        for (x, y) in [(9, 0), (0, 5), (13, 21), (-3, 2), (4, -2), (-5, -3)] {
            for format in [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic] {
                for count in [1, 2] {
                    let usual = Printer::default().print(&made(format, &PrinterSetup::default(), count));
                    let labels = Printer::default().print(&made(format, &moved_setup(x, y), count));
                    for (label, usual) in labels.iter().zip(&usual) {
                        let size = (label.width, label.height);
                        assert!(*label == moved(usual, (x, y), size), "{format} by {x}, {y}, {count} labels");
                    }
                }
            }
            for format in [DeliveryFormat::Pdf, DeliveryFormat::Png] {
                assert!(made(format, &moved_setup(x, y), 1) == made(format, &PrinterSetup::default(), 1), "{format}");
            }
        }
    }
}

#[test]
fn an_offset_that_would_cut_a_label_is_refused() {
    let elements = "[[code128]]\nid = 'code'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 2\n\
        width_mm = 50\nheight_mm = 10\n[[text]]\nid = 't'\ntext = '{serial}'\nfont = 'serial'\nsize_pt = 8\nx_mm = 5\n\
        y_mm = 13\nwidth_mm = 50\n[[rectangle]]\nid = 'bar'\nx_mm = 0\ny_mm = 18\nwidth_mm = 60\nheight_mm = 2\n";
    let compiled = label(&small(60.0, 20.0, elements), &fields_of(&[]), Resolution::Dpi203);
    let made = |x, y, format| DeliveryJob::new(Arc::clone(&compiled), format, &moved_setup(x, y));
    for format in [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic] {
        let job = made(-30, -16, format).expect("a background may run over the edge");
        assert_eq!(Printer::default().print(&document(&job, &SERIALS[..2])).len(), 2);
        let error = made(0, -17, format).unwrap_err().to_string();
        assert_eq!(
            error,
            "the printer's offset would cut off element \"code\": this label can be moved up by at most 16 dots"
        );
        assert!(made(-200, 0, format).unwrap_err().to_string().contains("moved left by at most"));
    }
    assert!(made(-200, -17, DeliveryFormat::Pdf).is_ok(), "a PDF is not moved");
}

#[test]
fn darkness_and_speed_are_in_every_document() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    let (darkness, speed) = (Darkness::new(27).unwrap(), Speed::new(2).unwrap());
    let setup = PrinterSetup { darkness, speed, ..PrinterSetup::default() };
    for format in [DeliveryFormat::ZplNative, DeliveryFormat::ZplGraphic] {
        for count in [1, 3] {
            let job = DeliveryJob::new(Arc::clone(&compiled), format, &setup).unwrap();
            let text = String::from_utf8(document(&job, &SERIALS[..count])).unwrap();
            assert!(text.starts_with("~SD27\n") && text.contains("^PR2^"), "{format}: {text}");
        }
    }
}

/// The dots of a PNG are those of the label.
#[test]
fn a_png_is_drawn_at_the_printers_resolution() {
    let compiled = unit_label(BRANDS[0], Resolution::Dpi600);
    let one = document(&job(&compiled, DeliveryFormat::Png), &SERIALS[..1]);
    assert_reads_as_drawn("PNG", &decode_png(&one, Resolution::Dpi600), &compiled, &SERIALS[..1]);
}
