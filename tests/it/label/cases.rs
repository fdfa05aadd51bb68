//! The worst cases of a template, and all shipped templates with all of theirs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use nameplate::gate::check_label;
use nameplate::label::preflight::worst_case::{Case, cases};
use nameplate::label::{Compiled, JobFields, Resolution, Template, compile, shipped_template, shipped_templates};
use nameplate::render::bulk::BulkJob;
use nameplate::render::pdf::PdfOptions;
use nameplate::render::sheet::Sheet;
use nameplate::render::svg;
use nameplate::render::zpl::PrinterSetup;

use super::job::{assets, fields_of, small, template};

fn shipped() -> Vec<(&'static str, Template)> {
    shipped_templates().iter().map(|(name, source)| (*name, template(source))).collect()
}

fn compiled(template: &Template, case: &Case, resolution: Resolution) -> Arc<Compiled> {
    let compiled = compile(template, &case.fields, &assets(), resolution, &case.variable);
    Arc::new(
        compiled
            .unwrap_or_else(|e| panic!("{} at {} dpi, {}: {e}", template.content.name, resolution.dpi(), case.name)),
    )
}

fn row(case: &Case) -> Vec<&str> {
    case.row.iter().map(String::as_str).collect()
}

/// Runs a check for every shipped template and case on two threads.
fn for_each_case(check: impl Fn(&Template, &Case) + Sync) {
    let all: Vec<(Template, Case)> = shipped()
        .into_iter()
        .flat_map(|(_, template)| {
            cases(&template.content, &JobFields::new()).into_iter().map(move |case| (template.clone(), case))
        })
        .collect();
    thread::scope(|scope| {
        for first in 0..2 {
            let (all, check) = (&all, &check);
            scope.spawn(move || all.iter().skip(first).step_by(2).for_each(|(template, case)| check(template, case)));
        }
    });
}

#[test]
fn lab3_every_shipped_template_passes_the_preflight_with_all_cases() {
    for_each_case(|template, case| {
        for resolution in Resolution::ALL {
            let compiled = compiled(template, case, resolution);
            assert!(compiled.findings().iter().all(|finding| !finding.is_error()));
        }
    });
}

#[test]
fn lab5_every_code_of_every_shipped_template_passes_the_gate() {
    for_each_case(|template, case| {
        for resolution in Resolution::ALL {
            let compiled = compiled(template, case, resolution);
            let report = check_label(&compiled, &row(case)).unwrap();
            let name = &template.content.name;
            assert!(report.passed(), "{name} at {} dpi, {}: {report}", resolution.dpi(), case.name);
            assert_eq!(report.unexpected, [], "{name}, {}", case.name);
        }
    });
}

#[test]
fn every_shipped_template_can_be_written_in_every_format() {
    for (name, template) in shipped() {
        let case = cases(&template.content, &JobFields::new()).remove(0);
        let label = compiled(&template, &case, Resolution::Dpi203);
        let groups = vec![Arc::clone(&label)];
        let setup = PrinterSetup::default();
        let jobs = [
            BulkJob::pdf(groups.clone(), PdfOptions::default()).unwrap(),
            BulkJob::zpl_graphic(groups.clone(), &setup).unwrap(),
            BulkJob::zpl_native(groups, &setup).unwrap_or_else(|e| panic!("{name}: {e}")),
        ];
        for job in jobs {
            let out = job.write(1, Vec::new(), |sink| sink(0, &row(&case))).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(out.len() > 200, "{name}");
        }
        assert!(svg::encode(&label, &row(&case)).unwrap().starts_with("<svg "), "{name}");
    }
}

#[test]
fn shipped_templates_say_where_the_label_goes_and_what_each_code_is_for() {
    // LAB1, BAR1, LAB6
    let mut names = BTreeSet::new();
    for (name, template) in shipped() {
        let content = &template.content;
        assert_eq!(content.name, name, "the file is named after the template");
        assert!(names.insert(name) && shipped_template(name).is_some());
        assert!(content.placement.zone.len() > 10 && content.placement.durability.len() > 10, "{name}");
    }
    assert!(shipped_template("nobody").is_none());
}

#[test]
fn shipped_sheets_are_read_and_found_by_their_names() {
    let sheets = Sheet::shipped();
    assert!(sheets.len() >= 8);
    for sheet in sheets {
        assert_eq!(Sheet::find(&sheet.name).as_ref(), Some(&sheet));
    }
}

/// Whether a case shows an element.
fn shows(template: &Template, case: &Case, id: &str) -> bool {
    let element = template.content.element(id).unwrap();
    element.when.holds(|field| case.fields.get(field).map(String::as_str))
}

#[test]
fn each_branch_of_each_condition_is_a_case() {
    let rectangle = |id: &str, when: &str| {
        format!("[[rectangle]]\nid = '{id}'\nx_mm = 3\ny_mm = 3\nwidth_mm = 4\nheight_mm = 2\nwhen = '{when}'\n")
    };
    for when in [
        "gtin",
        "!gtin",
        "brand.market = EU",
        "brand.market = US|UK",
        "brand.market != EU",
        "brand.market != US|UK",
        "gtin & brand.market = US",
        "!gtin & brand.market = US",
        "color & !gtin & brand.code != borealis",
        "batch.code & sku.code = X",
    ] {
        let template = small(60.0, 40.0, &rectangle("a", when));
        let all = cases(&template.content, &JobFields::new());
        assert!(all.iter().any(|case| shows(&template, case, "a")), "{when} is never true: {all:?}");
        assert!(all.iter().any(|case| !shows(&template, case, "a")), "{when} is never false: {all:?}");
    }
}

#[test]
fn each_language_and_each_optional_field_is_a_case() {
    let template = small(
        60.0,
        40.0,
        "[[text]]\nid = 't'\ntext = { en = 'A', de = 'B {note}', 'pt-br' = 'C' }\nsize_pt = 8\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
         [[table]]\nid = 'tab'\nrows = [[{ en = 'A', fr = 'B' }, { en = 'A', it = 'B' }]]\nsize_pt = 8\nx_mm = 3\ny_mm = 9\n\
         width_mm = 40\nkey_width_mm = 20\n[fields.note]\noptional = true\n",
    );
    let all = cases(&template.content, &JobFields::new());
    let languages: BTreeSet<&str> =
        all.iter().filter_map(|case| case.fields.get("language")).map(String::as_str).collect();
    for language in ["de", "pt-br", "fr", "it"] {
        assert!(languages.contains(language), "{language} is not among {languages:?}");
    }
    assert!(all.iter().any(|case| !case.fields.contains_key("note")), "without the note");
    assert!(all.iter().any(|case| case.fields.contains_key("note")), "with the note");
}

#[test]
fn values_are_as_long_short_and_wide_as_declared() {
    let template = small(
        60.0,
        40.0,
        "[[text]]\nid = 't'\ntext = '{name} {mac} {serial} {sku.code}'\nsize_pt = 8\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
         [fields.name]\nsamples = ['Lens', 'Thermal camera']\nlongest = 40\nshortest = 2\n\
         [fields.mac]\nper_unit = true\nalphabet = '0123456789ABCDEFM'\nlongest = 12\nsamples = ['00A0C914C829']\n",
    );
    let all = cases(&template.content, &JobFields::new());
    let named = |name: &str| all.iter().find(|case| case.name == name).unwrap();
    let value = |case: &str, field: &str| named(case).fields[field].clone();
    assert_eq!(value("sample", "name"), "Lens");
    assert_eq!(value("shortest", "name"), "Le");
    let longest = value("longest", "name");
    assert!((39..=40).contains(&longest.chars().count()) && longest.starts_with("Thermal camera"), "{longest:?}");
    assert_eq!(value("sample", "sku.code"), "BO-TC384-EU", "a well-known field has a sample of its own");
    let units: Vec<&str> = named("widest").variable.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(units, ["mac", "serial"]);
    assert_eq!(named("widest").row, ["MMMMMMMMMMMM", "7K3M4QXT92PA"]);
    let mac = &named("widest").variable[0];
    assert!(mac.longest == 12 && mac.alphabet.contains('M') && mac.samples == ["00A0C914C829"]);
    let given = cases(&template.content, &fields_of(&[("name", "Given")]));
    assert!(given.iter().all(|case| case.fields["name"] == "Given"), "what is given is not varied");
}
