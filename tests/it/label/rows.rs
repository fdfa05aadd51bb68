//! Rows of data: which columns differ from unit to unit, and which rows belong together.

use nameplate::label::rows::{MAX_GROUPS, RowError, RowPlan};
use nameplate::label::{JobFields, Resolution, Template, compile};

use super::job::{assets, fields_of, small};

fn template() -> Template {
    small(
        60.0,
        40.0,
        "[[text]]\nid = 'serial'\ntext = '{serial}'\nsize_pt = 9\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
         [[text]]\nid = 'name'\ntext = '{product.name} {note|default:-}'\nsize_pt = 8\nmin_size_pt = 5\nx_mm = 3\ny_mm = 8\nwidth_mm = 50\n\
         [[datamatrix]]\nid = 'code'\ndata = '{serial};{lot}'\npurpose = 'serial'\nx_mm = 5\ny_mm = 15\nsize_mm = 12\n\
         [[mark]]\nid = 'ce'\nmark = 'ce'\nheight_mm = 5\nx_mm = 30\ny_mm = 15\nwhen = 'brand.market = EU'\n\
         [fields.mac]\nper_unit = true\nlongest = 12\nalphabet = '0123456789ABCDEF'\n\
         [fields.note]\noptional = true\n",
    )
}

fn header(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

fn plan(template: &Template, names: &str, given: &[(&str, &str)], rows: &[&[&str]]) -> Result<RowPlan, RowError> {
    RowPlan::new(&template.content, &header(names), &fields_of(given), |take| rows.iter().for_each(|row| take(row)))
}

fn names(plan: &RowPlan) -> Vec<&str> {
    plan.variable.iter().map(|field| field.name.as_str()).collect()
}

const COLUMNS: &str = "serial,product.name,lot,brand.market,remark";

#[test]
fn what_only_codes_carry_differs_from_unit_to_unit_and_the_rest_makes_groups() {
    let rows: [&[&str]; 5] = [
        &["7K3M4QXT92PA", "Lens", "L1", "EU", "x"],
        &["7K3M4QXT92PB", "Lens", "L2", "EU", "y"],
        &["7K3M4QXT92PC", "Hood", "L2", "EU", "z"],
        &["7K3M4QXT92PD", "Lens", "L3", "", "z"],
        &["7K3M4QXT92PE", "Lens", "LOT-4", "EU", "z"],
    ];
    let plan = plan(&template(), COLUMNS, &[], &rows).unwrap();
    assert_eq!(names(&plan), ["lot", "serial"], "by name; a column that the template does not use is not looked at");
    let groups: Vec<u64> = plan.groups.iter().map(|(_, first)| *first).collect();
    assert_eq!(groups, [0, 2, 3], "the first row of each");
    assert_eq!(plan.groups[0].0, fields_of(&[("product.name", "Lens"), ("brand.market", "EU")]));
    assert_eq!(plan.groups[2].0, fields_of(&[("product.name", "Lens")]), "an empty cell is a field that is not there");
    assert_eq!(rows.map(|row| plan.group(row)), [0, 0, 1, 2, 0]);
    assert_eq!(plan.unit_values(rows[4]), ["LOT-4", "7K3M4QXT92PE"]);
    let lot = &plan.variable[0];
    assert!(lot.longest == 5 && ['L', '1', '-', 'O'].iter().all(|c| lot.alphabet.contains(*c)), "{lot:?}");
    for (fields, _) in &plan.groups {
        let label = compile(&template(), fields, &assets(), Resolution::Dpi203, &plan.variable).unwrap();
        assert_eq!(label.variable_names(), names(&plan));
        label.draw(&plan.unit_values(rows[4]), &mut Default::default()).unwrap();
    }
}

#[test]
fn a_column_that_never_varies_is_the_same_for_the_job() {
    let rows: [&[&str]; 2] = [&["A", "Lens", "L1", "EU", ""], &["B", "Lens", "L1", "EU", ""]];
    let plan = plan(&template(), COLUMNS, &[], &rows).unwrap();
    assert_eq!((names(&plan), plan.groups.len()), (vec!["serial"], 1));
    assert_eq!(plan.groups[0].0["lot"], "L1");
}

#[test]
fn what_the_template_declares_per_unit_is_never_a_group() {
    let mac = small(
        60.0,
        40.0,
        "[[text]]\nid = 'mac'\ntext = 'MAC {mac}'\nsize_pt = 9\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
         [fields.mac]\nper_unit = true\nlongest = 12\nalphabet = '0123456789ABCDEF'\n",
    );
    let rows: [&[&str]; 3] = [&["00A0C914C829"], &["00A0C914C82A"], &[""]];
    let plan = plan(&mac, "mac", &[], &rows).unwrap();
    assert_eq!((names(&plan), plan.groups.len()), (vec!["mac"], 1));
    let field = &plan.variable[0];
    assert!(
        field.longest == 12 && field.alphabet.contains('F') && !field.samples.contains(&String::new()),
        "{field:?}"
    );
}

#[test]
fn columns_that_are_missing_or_repeated_are_named() {
    let row: &[&[&str]] = &[&["A", "Lens"]];
    let error = plan(&template(), "serial,product.name", &[], row).unwrap_err();
    assert_eq!(error, RowError::NoColumn { field: "lot".into(), columns: "serial, product.name".into() });
    assert!(plan(&template(), "serial,product.name", &[("lot", "L1")], row).is_ok(), "given for all");
    assert_eq!(plan(&template(), "serial,serial", &[], row).unwrap_err(), RowError::Repeated("serial".into()));
    assert_eq!(plan(&template(), COLUMNS, &[], &[]).unwrap_err(), RowError::Empty);
    let optional = plan(&template(), "serial,product.name,lot", &[], &[&["A", "Lens", "1"]]).unwrap();
    assert!(!optional.groups[0].0.contains_key("note"), "an optional field needs no column");
}

#[test]
fn a_cell_counts_more_than_what_is_given_for_all() {
    let rows: [&[&str]; 2] = [&["A", "Lens", "1", "EU", ""], &["B", "", "1", "EU", ""]];
    let plan = plan(&template(), COLUMNS, &[("product.name", "Usual"), ("brand.code", "acme")], &rows).unwrap();
    let name = |at: usize| plan.groups[at].0["product.name"].as_str();
    assert_eq!((name(0), name(1)), ("Lens", "Usual"));
    assert_eq!(plan.groups[0].0["brand.code"], "acme");
}

#[test]
fn too_many_groups_are_refused_with_their_columns() {
    let rows: Vec<[String; 4]> =
        (0..=MAX_GROUPS).map(|i| ["A".into(), "Lens".into(), "1".into(), format!("M{i}")]).collect();
    let run = |count: usize| {
        RowPlan::new(&template().content, &header("serial,product.name,lot,brand.market"), &JobFields::new(), |take| {
            rows[..count].iter().for_each(|row| take(&row.each_ref().map(String::as_str)));
        })
    };
    assert_eq!(run(MAX_GROUPS).unwrap().groups.len(), MAX_GROUPS);
    let error = run(MAX_GROUPS + 1).unwrap_err();
    assert!(matches!(&error, RowError::TooManyGroups { columns } if columns.contains("brand.market")), "{error}");
    assert!(error.to_string().contains("more than 1000 ways") && error.to_string().contains("per_unit"), "{error}");
}

#[test]
fn the_language_of_a_row_is_the_language_of_its_label() {
    let template = small(
        60.0,
        40.0,
        "[[text]]\nid = 't'\ntext = { en = 'Caution', de = 'Vorsicht' }\nsize_pt = 8\nx_mm = 3\ny_mm = 3\nwidth_mm = 50\n\
         [[text]]\nid = 'serial'\ntext = '{serial}'\nsize_pt = 8\nx_mm = 3\ny_mm = 9\nwidth_mm = 50\n",
    );
    let rows: [&[&str]; 3] = [&["A", "de"], &["B", "en"], &["C", "de"]];
    let plan = plan(&template, "serial,language", &[], &rows).unwrap();
    assert_eq!(rows.map(|row| plan.group(row)), [0, 1, 0]);
    let said = |at: usize| {
        let label = compile(&template, &plan.groups[at].0, &assets(), Resolution::Dpi203, &plan.variable).unwrap();
        label.texts()[0].text.clone()
    };
    assert_eq!((said(0), said(1)), ("Vorsicht".to_owned(), "Caution".to_owned()));
}
