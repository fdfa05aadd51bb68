//! LAB5: every symbol of every output says what it must, at all resolutions: the unit label of all brands, and each
//! symbology by itself.

use std::sync::Arc;

use nameplate::label::{Compiled, Resolution, Symbology, VariableField, compile};

use super::job::{ALPHABET, BRANDS, SERIALS, assets, fields, fields_of, small, unit_label, variable};
use super::outputs::{decode_png, dots, fitted, graphic, native, pages, pdf, png};
use super::printer::Printer;
use super::read::{assert_reads, assert_reads_as_drawn};

/// Runs a check for each brand and resolution.
fn for_each_label(check: impl Fn(&Arc<Compiled>)) {
    for (brand, resolution) in BRANDS.into_iter().zip(Resolution::ALL) {
        check(&unit_label(brand, resolution));
    }
    check(&unit_label(BRANDS[0], Resolution::Dpi600));
}

fn rows() -> Vec<[&'static str; 1]> {
    SERIALS.map(|serial| [serial]).to_vec()
}

#[test]
fn png_and_graphic_zpl_read_back_and_are_the_same_dots() {
    for_each_label(|compiled| {
        let rows = rows();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        let labels = Printer::default().print(&graphic(compiled, &rows));
        assert_eq!(labels.len(), rows.len());
        for (label, row) in labels.iter().zip(&rows) {
            let png = decode_png(&png(compiled, row), compiled.resolution());
            assert_reads_as_drawn("PNG", &png, compiled, row);
            assert!(png == *label, "{row:?}: the dots of graphic ZPL differ");
            assert!(png == dots(compiled, row), "{row:?}: the dots of a series and of a single label differ");
        }
        assert_reads("PNG", &labels[0], compiled, rows[0]);
    });
}

#[test]
fn native_zpl_reads_back() {
    for_each_label(|compiled| {
        let rows = rows();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        let labels = Printer::default().print(&native(compiled, &rows).unwrap());
        assert_eq!(labels.len(), rows.len());
        for (label, row) in labels.iter().zip(&rows) {
            assert_reads_as_drawn("native ZPL", label, compiled, row);
        }
    });
}

#[test]
fn pdf_reads_back_smooth_and_in_black_and_white() {
    for_each_label(|compiled| {
        let rows = rows();
        let rows: Vec<&[&str]> = rows[..2].iter().map(|row| &row[..]).collect();
        for threshold in [None, Some(127), Some(1)] {
            let pages = pages(pdf(compiled, &rows), compiled.resolution(), threshold);
            assert_eq!(pages.len(), rows.len());
            for (page, row) in pages.iter().zip(&rows) {
                assert_reads_as_drawn(&format!("PDF, {threshold:?}"), &fitted(page, compiled), compiled, row);
            }
        }
    });
}

/// A label with one code of a kind, its data from job fields (`gtin`) or from the unit (`serial`, `unit.gtin`).
struct Single {
    symbology: Symbology,
    element: &'static str,
    /// What a unit gives, a second one, and which characters there are.
    units: Option<(&'static str, [&'static str; 2], &'static str)>,
    is_native: bool,
}

const GTIN_14: &str = "0123456789";

fn singles() -> Vec<Single> {
    let single = |symbology, element, units, is_native| Single { symbology, element, units, is_native };
    let serial = Some(("serial", ["7K3M4QXT92PA", "123456789012"], ALPHABET));
    vec![
        single(Symbology::Code128, "[[code128]]\ndata = '{serial}'\nwidth_mm = 60\nheight_mm = 10", serial, true),
        single(
            Symbology::Gs1_128,
            "[[gs1_128]]\ndata = '(01){gtin}(21){serial}'\nwidth_mm = 88\nheight_mm = 14",
            serial,
            true,
        ),
        single(Symbology::Code39, "[[code39]]\ndata = '{serial}'\nwidth_mm = 88\nheight_mm = 14", serial, true),
        single(
            Symbology::Itf14,
            "[[itf14]]\ndata = '{carton}'\nwidth_mm = 60\nheight_mm = 14",
            Some(("carton", ["15400141288763", "14006381333938"], GTIN_14)),
            true,
        ),
        single(Symbology::DataMatrix, "[[datamatrix]]\ndata = '{serial}'\nsize_mm = 12", serial, true),
        single(
            Symbology::DataMatrix,
            "[[datamatrix]]\ndata = '{serial}'\nsize_mm = 16\nshape = 'rectangle'",
            serial,
            true,
        ),
        single(
            Symbology::Gs1DataMatrix,
            "[[gs1_datamatrix]]\ndata = '(01){gtin}(21){serial}'\nsize_mm = 14",
            serial,
            true,
        ),
        single(
            Symbology::Qr,
            "[[qr]]\ndata = '(01){gtin}(21){serial}'\ndigital_link = 'id.example.com'\nsize_mm = 20\nmodule_max_mm = 0.4",
            serial,
            true,
        ),
        single(
            Symbology::Qr,
            "[[qr]]\ndata = '{serial}'\nerror_correction = 'H'\nsize_mm = 15\nmodule_max_mm = 0.4",
            serial,
            true,
        ),
        single(Symbology::MicroQr, "[[micro_qr]]\ndata = '{serial}'\nsize_mm = 10", serial, false),
        single(Symbology::Ean13, "[[ean13]]\ndata = '{gtin}'\nwidth_mm = 40\nheight_mm = 20", None, true),
        single(
            Symbology::Ean13,
            "[[ean13]]\ndata = '{unit_gtin}'\nwidth_mm = 40\nheight_mm = 20",
            Some(("unit_gtin", ["4006381333931", "5012345678900"], GTIN_14)),
            false,
        ),
        single(Symbology::Ean8, "[[ean8]]\ndata = '96385074'\nwidth_mm = 40\nheight_mm = 20", None, true),
        single(Symbology::UpcA, "[[upca]]\ndata = '036000291452'\nwidth_mm = 40\nheight_mm = 20", None, true),
    ]
}

impl Single {
    fn label(&self, resolution: Resolution, turn: u16) -> Arc<Compiled> {
        let source = format!(
            "{}\nid = 'code'\npurpose = 'both'\nx_mm = 10\ny_mm = 10\nturn = {turn}\n\
             [[text]]\nid = 'text'\ntext = '{{serial|default:-}}'\nsize_pt = 10\nx_mm = 3\ny_mm = 2\nwidth_mm = 90\n\
             [fields.carton]\nper_unit = true\nsamples = ['15400141288763']\n\
             [fields.unit_gtin]\nper_unit = true\nsamples = ['4006381333931']\n",
            self.element
        );
        let template = small(110.0, if turn == 0 { 36.0 } else { 110.0 }, &source);
        let units: Vec<VariableField> = self
            .units
            .iter()
            .map(|(name, samples, alphabet)| {
                let samples = if *name == "serial" { Vec::new() } else { samples.map(str::to_owned).to_vec() };
                VariableField { samples, ..variable(name, alphabet, self.longest()) }
            })
            .collect();
        let fields = fields_of(&[("gtin", "4006381333931")]);
        let compiled = compile(&template, &fields, &assets(), resolution, &units);
        Arc::new(compiled.unwrap_or_else(|e| panic!("{:?} at {} dpi: {e}", self.symbology, resolution.dpi())))
    }

    fn longest(&self) -> usize {
        self.units.map_or(0, |(_, [first, _], _)| first.len())
    }

    fn rows(&self) -> Vec<Vec<&'static str>> {
        self.units.map_or(vec![vec![]], |(_, values, _)| values.map(|value| vec![value]).to_vec())
    }
}

#[test]
fn every_symbology_reads_back_from_every_output() {
    for single in singles() {
        for resolution in Resolution::ALL {
            let compiled = single.label(resolution, 0);
            assert_eq!(compiled.codes()[0].symbology, single.symbology);
            let rows = single.rows();
            let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
            let name = single.symbology.name();
            let labels = Printer::default().print(&graphic(&compiled, &rows));
            let printed = pages(pdf(&compiled, &rows), resolution, None);
            for ((label, page), row) in labels.iter().zip(&printed).zip(&rows) {
                assert_reads(&format!("{name}, graphic ZPL"), label, &compiled, row);
                assert!(decode_png(&png(&compiled, row), resolution) == *label, "{name}: PNG and ZPL differ");
                assert_reads_as_drawn(&format!("{name}, PDF"), &fitted(page, &compiled), &compiled, row);
            }
            let job = native(&compiled, &rows).unwrap_or_else(|e| panic!("{name}: {e}"));
            // What the printer cannot draw itself goes along as a graphic.
            let has_graphics = job.windows(4).any(|bytes| bytes == b"^GFA");
            assert!(has_graphics || single.is_native, "{name}: drawn by the printer");
            for (label, row) in Printer::default().print(&job).iter().zip(&rows) {
                assert_reads_as_drawn(&format!("{name}, native ZPL"), label, &compiled, row);
            }
        }
    }
}

#[test]
fn turned_symbols_read_back_from_every_output() {
    for single in singles().iter().filter(|single| single.is_native) {
        for turn in [90, 180, 270] {
            let compiled = single.label(Resolution::Dpi203, turn);
            let row = single.rows().remove(0);
            let name = format!("{} turned by {turn}", single.symbology.name());
            assert_reads_as_drawn(&name, &dots(&compiled, &row), &compiled, &row);
            let page = pages(pdf(&compiled, &[&row]), Resolution::Dpi203, None).remove(0);
            assert_reads_as_drawn(&format!("{name}, PDF"), &fitted(&page, &compiled), &compiled, &row);
            let job = native(&compiled, &[&row]).unwrap_or_else(|e| panic!("{name}: {e}"));
            let label = Printer::default().print(&job).remove(0);
            assert_reads_as_drawn(&format!("{name}, native ZPL"), &label, &compiled, &row);
        }
    }
}

#[test]
fn every_sample_reads_as_its_data_on_the_unit_label() {
    // LAB5, BAR1: what is read is exactly serial and GTIN.
    let compiled = unit_label(BRANDS[0], Resolution::Dpi203);
    for serial in SERIALS {
        assert_eq!(compiled.scanned_texts(&[serial]).unwrap(), [serial, BRANDS[0][3]]);
    }
    assert_eq!(fields(BRANDS[0])["gtin"], "4006381333931");
}

#[test]
fn graphics_beyond_the_limit_of_a_field_are_sent_in_bands() {
    // A carton label of 100 x 150 mm at 600 dpi has about a megabyte of dots; a field takes 99,999 bytes.
    let elements = "[[code128]]\nid = 'code'\ndata = '{serial}'\npurpose = 'serial'\nx_mm = 15\ny_mm = 100\nwidth_mm = 60\n\
                    height_mm = 20\n[[text]]\nid = 't'\ntext = '{serial}'\nsize_pt = 20\nx_mm = 5\ny_mm = 5\nwidth_mm = 90\n\
                    [[rectangle]]\nid = 'r'\nx_mm = 5\ny_mm = 20\nwidth_mm = 90\nheight_mm = 125\nborder_mm = 0.5\n";
    let compiled = super::job::label(&small(100.0, 150.0, elements), &fields_of(&[]), Resolution::Dpi600);
    let row: &[&str] = &["7K3M4QXT92PA"];
    let job = graphic(&compiled, &[row]);
    let fields = String::from_utf8_lossy(&job).matches("^GFA,").count();
    assert!(fields > 9, "{fields} fields");
    assert!(Printer::default().print(&job).remove(0) == decode_png(&png(&compiled, row), Resolution::Dpi600));
    // The frame is stored in bands as well.
    let stored = native(&compiled, &[row]).unwrap();
    assert!(String::from_utf8_lossy(&stored).matches("~DGR:").count() > 8);
    assert_reads_as_drawn("native ZPL", &Printer::default().print(&stored).remove(0), &compiled, row);
}
