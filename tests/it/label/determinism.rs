//! LAB6: the same inputs are the same bytes, whatever the number of threads; a label's digest changes with each input and
//! with nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use nameplate::label::{Assets, Compiled, JobFields, Picture, Resolution, Template, compile, fonts_with};
use nameplate::render::bulk::BulkJob;
use nameplate::render::pdf::{PdfJob, PdfOptions};
use nameplate::render::sheet::{Imposition, Sheet};
use nameplate::render::svg;
use nameplate::render::zpl::PrinterSetup;

use super::job::{
    BRANDS, assets, fields, fields_with, file, serial_field, small, unit_label, unit_template, unit_template_with,
    variable,
};
use super::outputs::{Rows, bulk, fitted, graphic, native, pages, pdf, png};
use super::printer::Printer;
use super::read::assert_reads_as_drawn;

fn groups() -> Vec<Arc<Compiled>> {
    BRANDS.map(|brand| unit_label(brand, Resolution::Dpi203)).to_vec()
}

fn imposition() -> Imposition {
    Imposition::new(Sheet::find("a4-60x40").unwrap(), unit_label(BRANDS[0], Resolution::Dpi203).size(), 5).unwrap()
}

fn jobs(groups: &[Arc<Compiled>]) -> [(&'static str, usize, BulkJob); 4] {
    let (all, setup) = (|| groups.to_vec(), PrinterSetup::default());
    let sheets = PdfOptions { imposition: Some(imposition()), attachment: None };
    [
        ("PDF", 1_100, BulkJob::pdf(all(), PdfOptions::default()).unwrap()),
        ("sheets", 1_100, BulkJob::pdf(all(), sheets).unwrap()),
        ("native ZPL", 1_100, BulkJob::zpl_native(all(), &setup).unwrap()),
        ("graphic ZPL", 560, BulkJob::zpl_graphic(all(), &setup).unwrap()),
    ]
}

fn serials(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("7K{:010}", i * 7_919)).collect()
}

/// Rows whose group changes now and then.
fn mixed(serials: &[String], groups: usize) -> Vec<(usize, Vec<&str>)> {
    serials.iter().enumerate().map(|(i, serial)| (i / 37 % groups, vec![serial.as_str()])).collect()
}

#[test]
fn the_bytes_do_not_depend_on_the_threads_or_the_run() {
    for groups in [groups()[..1].to_vec(), groups()] {
        for (name, count, job) in jobs(&groups) {
            let serials = serials(count);
            let rows = mixed(&serials, groups.len());
            let once = bulk(&job, 1, &rows).unwrap();
            for threads in [1, 2, 3] {
                assert!(
                    bulk(&job, threads, &rows).unwrap() == once,
                    "{name}, {} groups, {threads} threads",
                    groups.len()
                );
            }
            let again = jobs(&groups).into_iter().find(|(other, ..)| *other == name).unwrap().2;
            assert!(bulk(&again, 2, &rows).unwrap() == once, "{name}: a job made anew");
        }
    }
}

#[test]
fn single_labels_are_the_same_bytes_again() {
    let [a, b] = [(); 2].map(|()| unit_label(BRANDS[0], Resolution::Dpi300));
    let row: &[&str] = &["7K3M4QXT92PA"];
    assert!(png(&a, row) == png(&b, row));
    assert!(svg::encode(&a, row).unwrap() == svg::encode(&b, row).unwrap());
    assert!(pdf(&a, &[row]) == pdf(&b, &[row]));
    assert!(native(&a, &[row]).unwrap() == native(&b, &[row]).unwrap());
    assert!(graphic(&a, &[row]) == graphic(&b, &[row]));
}

#[test]
fn a_pdf_job_writes_several_files_that_know_nothing_of_each_other() {
    let job = PdfJob::new(groups(), PdfOptions::default()).unwrap();
    let write = |serials: &[&str]| {
        let mut stream = job.stream(Vec::new()).unwrap();
        serials.iter().for_each(|serial| stream.add(&[serial]).unwrap());
        stream.finish().unwrap()
    };
    let first = write(&["7K3M4QXT92PA"]);
    let other = write(&["000000000000", "111111111111"]);
    assert!(write(&["7K3M4QXT92PA"]) == first && other != first);
    assert!(PdfJob::new(Vec::new(), PdfOptions::default()).is_err(), "a job without groups");
}

#[test]
fn groups_of_one_job_are_drawn_each_as_itself() {
    let groups = groups();
    let serials = serials(6);
    let rows: Vec<(usize, Vec<&str>)> =
        serials.iter().zip([0, 1, 1, 2, 0, 2]).map(|(s, group)| (group, vec![s.as_str()])).collect();
    let [pdf, _, native, graphic] = jobs(&groups).map(|(_, _, job)| bulk(&job, 2, &rows).unwrap());
    let outputs = [
        ("PDF", pages(pdf, Resolution::Dpi203, Some(127))),
        ("native ZPL", Printer::default().print(&native)),
        ("graphic ZPL", Printer::default().print(&graphic)),
    ];
    for (name, labels) in outputs {
        assert_eq!(labels.len(), rows.len(), "{name}");
        for (label, (group, row)) in labels.iter().zip(&rows) {
            // The EAN is that of the brand.
            assert_reads_as_drawn(name, &fitted(label, &groups[*group]), &groups[*group], row);
        }
    }
}

#[test]
fn a_bad_row_is_named_by_its_number_and_ends_the_job() {
    for (name, _, job) in jobs(&groups()[..1]) {
        let mut serials = serials(400);
        serials[299] = "far too long for this label".into();
        let rows = mixed(&serials, 1);
        for threads in [1, 3] {
            let error = bulk(&job, threads, &rows).unwrap_err().to_string();
            assert!(error.starts_with("label 300: element \"serial"), "{name}: {error}");
        }
        let error = job.write(2, Vec::new(), |sink| {
            sink(0, &["7K3M4QXT92PA"])?;
            Err(std::io::Error::other("the data end here"))
        });
        assert_eq!(error.unwrap_err().to_string(), "the data end here", "{name}");
        let empty: Rows<'_> = &[];
        assert_eq!(bulk(&job, 2, empty).is_err(), name == "PDF" || name == "sheets", "{name} without labels");
    }
}

fn digest_of(
    template: &Template,
    fields: &JobFields,
    assets: &Assets,
    resolution: Resolution,
    row: &[&str],
) -> [u8; 32] {
    compile(template, fields, assets, resolution, &[serial_field()]).unwrap().label_digest(row)
}

#[test]
fn lab6_a_digest_changes_with_each_input_and_only_then() {
    let (template, data, files) = (unit_template(), fields(BRANDS[0]), assets());
    let row: &[&str] = &["7K3M4QXT92PA"];
    let base = digest_of(&template, &data, &files, Resolution::Dpi203, row);
    let mut other_logo = assets();
    let logo = Picture::read(&file("templates/catalogue/logos/kestrel.png")).unwrap();
    other_logo.pictures.insert("borealis".into(), logo);
    let cjk = file("tests/fixtures/fonts/NameplateTestCJK-Regular.ttf");
    let fonts = fonts_with(vec![("cjk".to_owned(), Cow::Owned(cjk))]).unwrap();
    let other_fonts = Assets { fonts: Arc::new(fonts), ..assets() };
    let commented = unit_template_with("# Unit label", "# A unit label");
    let renamed = fields_with("product.name", "TC-640");
    let changed = [
        ("the row", digest_of(&template, &data, &files, Resolution::Dpi203, &["7K3M4QXT92PB"])),
        ("the resolution", digest_of(&template, &data, &files, Resolution::Dpi300, row)),
        ("the template", digest_of(&commented, &data, &files, Resolution::Dpi203, row)),
        ("a field", digest_of(&template, &renamed, &files, Resolution::Dpi203, row)),
        ("a picture", digest_of(&template, &data, &other_logo, Resolution::Dpi203, row)),
    ];
    for (at, (what, digest)) in changed.iter().enumerate() {
        assert!(*digest != base && changed[..at].iter().all(|(_, other)| other != digest), "{what}");
    }
    let mut more_pictures = assets();
    more_pictures.pictures.insert("unused".into(), Picture::read(&file("templates/marks/ce.svg")).unwrap());
    assert_eq!(
        digest_of(&template, &data, &more_pictures, Resolution::Dpi203, row),
        base,
        "a picture that is not shown"
    );
    assert_eq!(digest_of(&unit_template(), &data, &assets(), Resolution::Dpi203, row), base);
    let unused_font = digest_of(&template, &data, &other_fonts, Resolution::Dpi203, row);
    assert_eq!(unused_font, base, "a font in which nothing is set");
    let in_cjk = fields_with("product.name", "TC-384 日本");
    let other_face = digest_of(&template, &in_cjk, &other_fonts, Resolution::Dpi203, row);
    assert_ne!(other_face, base, "a font that stands in");
}

#[test]
fn a_digest_knows_where_one_value_ends_and_the_next_begins() {
    let elements = "[[text]]\nid = 't'\ntext = '{a} {b}'\nsize_pt = 8\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n";
    let units = [variable("a", "xyz", 4), variable("b", "xyz", 4)];
    let label =
        compile(&small(60.0, 40.0, elements), &JobFields::new(), &assets(), Resolution::Dpi203, &units).unwrap();
    assert_ne!(label.label_digest(&["xy", "z"]), label.label_digest(&["x", "yz"]));
    assert_ne!(label.label_digest(&["x", "y"]), label.label_digest(&["y", "x"]));
    assert_eq!(label.label_digest(&["x", "y"]), label.label_digest(&["x", "y"]));
}
