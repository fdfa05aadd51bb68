//! What fits is drawn, what does not is refused with the element and the figures.

use nameplate::label::{
    Item, LayoutError, Purpose, Resolution, Scratch, Template, VariableField, compile, fonts_shipped,
};

use super::job::{ALPHABET, BRANDS, assets, compile_with, fields, file, serial_field, unit_label, unit_template};

fn template_with(from: &str, to: &str) -> Template {
    let source = String::from_utf8(file("templates/labels/unit-60x40.toml")).unwrap();
    assert!(source.contains(from), "{from}");
    Template::parse("changed.toml", source.replacen(from, to, 1).as_bytes()).unwrap()
}

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
        Item::Text(run) => Some((&drawing.chars[run.text.clone()], run)),
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
    let text = error(&template_with("width_mm = 54\nheight_mm = 8\n", "width_mm = 40\nheight_mm = 8\n"));
    assert!(
        text.contains("\"serial-code\": 167 modules of 2 dots (0.25 mm) at 203 dpi need 41.75 mm, but only 40 mm"),
        "{text}"
    );
    let text = error(&template_with(
        "module_min_mm = 0.264\nmodule_max_mm = 0.38",
        "module_min_mm = 0.264\nmodule_max_mm = 0.3",
    ));
    assert!(text.contains("\"product-code\": no whole number of 203 dpi dots"), "{text}");
    let mut fields = fields(BRANDS[0]);
    fields.insert("product.name".into(), "A name that is far too long for the head of so small a label".into());
    let error = compile_with(&unit_template(), &fields, Resolution::Dpi203).unwrap_err();
    assert!(matches!(&error, LayoutError::TextTooWide { element, .. } if element == "product-name"), "{error}");
}

#[test]
fn quiet_zones_are_kept_free_of_neighbours_and_of_the_edge() {
    let text = error(&template_with("x_mm = 6\ny_mm = 26", "x_mm = 3.5\ny_mm = 26"));
    assert!(
        text.contains("\"edge of the label\" stands in the bars or the quiet zone of the code \"product-code\""),
        "{text}"
    );
    let text = error(&template_with("x_mm = 44.5", "x_mm = 43"));
    assert!(text.contains("\"importer\" stands in the bars or the quiet zone of the code \"product-code\""), "{text}");
    let text = error(&template_with("x_mm = 3\ny_mm = 9", "x_mm = 7\ny_mm = 9"));
    assert!(text.contains("element \"rule\" reaches beyond the edge"), "{text}");
}

#[test]
fn what_is_missing_is_named() {
    let mut few = fields(BRANDS[0]);
    few.remove("brand.importer");
    let error = compile_with(&unit_template(), &few, Resolution::Dpi203).unwrap_err();
    assert_eq!(error.to_string(), "element \"importer\" uses the field \"brand.importer\", which the data do not have");
    let mut fields = fields(BRANDS[0]);
    fields.insert("brand.logo".into(), "nobody".into());
    let error = compile_with(&unit_template(), &fields, Resolution::Dpi203).unwrap_err();
    assert_eq!(error, LayoutError::ImageMissing { element: "logo".into(), image: "nobody".into() });
    fields.insert("brand.logo".into(), "borealis".into());
    fields.insert("gtin".into(), "4006381333932".into());
    let error = compile_with(&unit_template(), &fields, Resolution::Dpi203).unwrap_err();
    assert!(error.to_string().contains("check digit must be 1"), "{error}");
    assert!(matches!(error, LayoutError::Symbol { element, .. } if element == "product-code"));
}

#[test]
fn rows_must_keep_to_what_was_declared() {
    let label = unit_label(BRANDS[0], Resolution::Dpi203);
    let mut scratch = Scratch::default();
    assert!(matches!(label.draw(&[], &mut scratch), Err(LayoutError::RowLength { found: 0, expected: 1, .. })));
    assert!(label.draw(&["7K3M4QXT92PA7K3M4QXT92PA"], &mut scratch).is_err());
    let sparse = template_with("text = \"{serial|group}\"", "text = \"x\"");
    let label = compile_with(&sparse, &fields(BRANDS[0]), Resolution::Dpi203).unwrap();
    assert!(matches!(label.draw(&["7K3M4QXT92PAB"], &mut scratch), Err(LayoutError::MoreThanDeclared { .. })));
    assert!(matches!(label.draw(&["7K3M4QXT92Pé"], &mut scratch), Err(LayoutError::Symbol { .. })));
    assert!(label.draw(&["7K3M4QXT92PA"], &mut scratch).is_ok(), "an error spoils nothing");
}

#[test]
fn every_serial_that_was_declared_fits() {
    // SER5: sizes come from the widest values, whatever the alphabet.
    for (alphabet, longest) in [(ALPHABET, 12), ("0123456789", 11), ("0123456789", 18), ("ABCxyz", 10)] {
        let field = VariableField { name: "serial".into(), alphabet: alphabet.into(), longest };
        let label = compile(&unit_template(), &fields(BRANDS[0]), &assets(), Resolution::Dpi203, &[field]).unwrap();
        let mut scratch = Scratch::default();
        for length in 1..=longest {
            for shift in 0..alphabet.len() {
                let serial: String = alphabet.chars().cycle().skip(shift).take(length).collect();
                label.draw(&[&serial], &mut scratch).unwrap_or_else(|e| panic!("{serial}: {e}"));
            }
        }
    }
}

#[test]
fn a_label_digest_covers_everything_it_depends_on() {
    // LAB6
    let digest = |template: &Template, brand: [&str; 5], resolution, serial: &str| {
        compile_with(template, &fields(brand), resolution).unwrap().label_digest(&[serial])
    };
    let base = digest(&unit_template(), BRANDS[0], Resolution::Dpi203, "7K3M4QXT92PA");
    assert_eq!(base, digest(&unit_template(), BRANDS[0], Resolution::Dpi203, "7K3M4QXT92PA"));
    let others = [
        digest(&unit_template(), BRANDS[0], Resolution::Dpi203, "7K3M4QXT92PB"),
        digest(&unit_template(), BRANDS[0], Resolution::Dpi300, "7K3M4QXT92PA"),
        digest(&unit_template(), BRANDS[1], Resolution::Dpi203, "7K3M4QXT92PA"),
        digest(&template_with("# Unit label", "# A unit label"), BRANDS[0], Resolution::Dpi203, "7K3M4QXT92PA"),
    ];
    assert!(!others.contains(&base));
    assert_eq!(fonts_shipped().len(), 3);
    assert_eq!(serial_field().longest, 12);
}
