//! What fits is drawn, what does not is refused with the element and the figures.

use nameplate::label::preflight::Rule;
use nameplate::label::{Cause, Item, LayoutError, Purpose, Resolution, Scratch, Template, compile};

use super::job::{
    ALPHABET, BRANDS, assets, compile_with, fields, fields_with, label, unit_label, unit_template, unit_template_with,
    variable,
};

fn error(template: &Template) -> String {
    compile_with(template, &fields(BRANDS[0]), Resolution::Dpi203).unwrap_err().to_string()
}

#[test]
fn modules_are_whole_dots_near_a_quarter_millimetre() {
    // BAR1, BAR2: a code for the unit and one for the product, each with its purpose.
    let dots = |r| unit_label(BRANDS[0], r).codes().iter().map(|c| (c.purpose, c.module_dots)).collect::<Vec<_>>();
    assert_eq!(dots(Resolution::Dpi203), [(Purpose::Serial, 2), (Purpose::Product, 3)]);
    assert_eq!(dots(Resolution::Dpi300), [(Purpose::Serial, 3), (Purpose::Product, 4)]);
    assert_eq!(dots(Resolution::Dpi600), [(Purpose::Serial, 6), (Purpose::Product, 8)]);
    let zone = unit_label(BRANDS[0], Resolution::Dpi203).codes()[0].zone;
    assert_eq!(zone.width, 187 * 2, "twelve symbols with their quiet zones");
}

#[test]
fn the_serial_is_there_for_people_in_groups() {
    // LAB2, SER10
    let label = unit_label(BRANDS[0], Resolution::Dpi300);
    let mut scratch = Scratch::default();
    let drawing = label.draw(&["7K3M4QXT92PA"], &mut scratch).unwrap();
    let text = drawing.items.iter().find_map(|item| match item {
        Item::Text(run) => Some((drawing.run_text(run), run)),
        _ => None,
    });
    let (text, run) = text.unwrap();
    assert_eq!(text, "7K3M-4QXT-92PA");
    let face = label.fonts().face(run.face);
    assert_eq!(face.name(), "serial");
    let capitals = face.scale(i64::from(face.heights().capitals), run.size);
    assert!(capitals.0 >= 1_500, "capitals of {capitals} are below 1.5 mm");
}

#[test]
fn what_does_not_fit_names_element_and_figures() {
    let text = error(&unit_template_with("width_mm = 54\nheight_mm = 8\n", "width_mm = 40\nheight_mm = 8\n"));
    let wanted = "167 modules of 2 dots (0.25 mm) at 203 dpi need 41.75 mm, but only 40 mm";
    assert!(text.contains("error [symbol-fit] element \"serial-code\"") && text.contains(wanted), "{text}");
    let narrow =
        unit_template_with("module_min_mm = 0.264\nmodule_max_mm = 0.38", "module_min_mm = 0.264\nmodule_max_mm = 0.3");
    let text = error(&narrow);
    assert!(text.contains("[x-dimension] element \"product-code\""), "{text}");
    assert!(text.contains("no whole number of 203 dpi dots is between 0.264 mm and 0.3 mm wide"), "{text}");
    let long = fields_with("product.name", "A name that is far too long for the head of so small a label");
    let refusal = compile_with(&unit_template(), &long, Resolution::Dpi203).unwrap_err();
    let [finding] = refusal.errors().collect::<Vec<_>>()[..] else { panic!("{refusal}") };
    assert_eq!((finding.rule, finding.element.as_str()), (Rule::TextFit, "product-name"));
    assert_eq!(finding.required.as_deref(), Some("at most 30 mm"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let template = unit_template_with("width_mm = 54\nheight_mm = 8\n", "width_mm = 40\nheight_mm = 8\n");
    let mut data = fields_with("product.name", "A name that is far too long for the head of so small a label");
    data.remove("brand.importer");
    data.insert("gtin".into(), "4006381333932".into());
    let refusal = compile_with(&template, &data, Resolution::Dpi203).unwrap_err();
    let told: Vec<(Rule, &str)> = refusal.errors().map(|f| (f.rule, f.element.as_str())).collect();
    assert_eq!(
        told,
        [
            (Rule::TextFit, "product-name"),
            (Rule::SymbolFit, "serial-code"),
            (Rule::SymbolData, "product-code"),
            (Rule::FieldMissing, "importer")
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let mut few = fields(BRANDS[0]);
    few.remove("brand.importer");
    let error = compile_with(&unit_template(), &few, Resolution::Dpi203).unwrap_err().to_string();
    assert!(error.contains("element \"importer\"") && error.contains("\"brand.importer\" is missing"), "{error}");
    let nobody = fields_with("brand.logo", "nobody");
    let error = compile_with(&unit_template(), &nobody, Resolution::Dpi203).unwrap_err().to_string();
    assert!(error.contains("element \"logo\"") && error.contains("\"nobody\" was not given"), "{error}");
    let wrong = fields_with("gtin", "4006381333932");
    let error = compile_with(&unit_template(), &wrong, Resolution::Dpi203).unwrap_err().to_string();
    assert!(error.contains("element \"product-code\"") && error.contains("check digit must be 1"), "{error}");
}

#[test]
fn rows_must_keep_to_what_was_declared() {
    let unit = unit_label(BRANDS[0], Resolution::Dpi203);
    let mut scratch = Scratch::default();
    assert!(matches!(unit.draw(&[], &mut scratch), Err(LayoutError::RowLength { found: 0, expected: 1, .. })));
    assert!(unit.draw(&["7K3M4QXT92PA7K3M4QXT92PA"], &mut scratch).is_err());
    let sparse = unit_template_with("height_mm = 8\nmodule_min_mm", "height_mm = 8\nmodule_min_mm");
    let unit = label(&sparse, &fields(BRANDS[0]), Resolution::Dpi203);
    let of_code = |row: &[&str], scratch: &mut Scratch| match unit.draw(row, scratch) {
        Err(LayoutError::Element { element, cause: Cause::Symbol(_) }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(of_code(&["iiiiiiiiiiiii"], &mut scratch), "serial-code");
    assert!(unit.draw(&["7K3M4QXT92Pй"], &mut scratch).is_err());
    assert!(unit.draw(&["7K3M4QXT92PA"], &mut scratch).is_ok(), "an error spoils nothing");
}

#[test]
fn every_serial_that_was_declared_fits() {
    // SER5: sizes come from the widest values, whatever the alphabet.
    for (alphabet, longest) in [(ALPHABET, 12), ("0123456789", 11), ("0123456789", 18), ("ABCxyz", 10)] {
        let unit = variable("serial", alphabet, longest);
        let label = compile(&unit_template(), &fields(BRANDS[0]), &assets(), Resolution::Dpi203, &[unit]).unwrap();
        let mut scratch = Scratch::default();
        for length in 1..=longest {
            for shift in 0..alphabet.len() {
                let serial: String = alphabet.chars().cycle().skip(shift).take(length).collect();
                label.draw(&[&serial], &mut scratch).unwrap_or_else(|e| panic!("{serial}: {e}"));
            }
        }
    }
}
