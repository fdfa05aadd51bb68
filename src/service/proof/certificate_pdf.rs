//! The certificate on a sheet of paper: drawn by the label engine, so that names of every script that labels can show are
//! set as they are on labels.

use crate::label::{Assets, FontSet, JobFields, Picture, Resolution, Template, compile};
use crate::render::pdf::{Attachment, PdfJob, PdfOptions};
use crate::trace::{Certificate, MAX_APPROVERS, SignedCertificate};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Most samples that are listed.
const MAX_LISTED: usize = 12;
/// Longest text on the sheet, in characters; the JSON in the file has all of it.
const MAX_SHOWN: usize = 400;
/// Room for the picture.
const PICTURE_MM: (f64, f64) = (86.0, 62.0);

const HEAD: &str = r#"nameplate = 1
name = "proof-certificate"
title = "Proof certificate, A4"
width_mm = 210
height_mm = 297
placement = { zone = "none", durability = "paper" }
"#;

/// Elements in the order of the sheet, and what fills them.
#[derive(Default)]
struct Sheet {
    toml: String,
    fields: JobFields,
}

/// A text on the sheet.
struct Line {
    x_mm: f64,
    y_mm: f64,
    width_mm: f64,
    size_pt: f64,
    lines: u32,
    font: &'static str,
}

impl Sheet {
    fn text(&mut self, line: &Line, text: &str, fonts: &FontSet) {
        let n = self.fields.len();
        let Line { x_mm, y_mm, width_mm, size_pt, lines, font } = line;
        // Writing to a string does not fail.
        let _ = write!(
            self.toml,
            "[[text]]\nid = \"t{n}\"\ntext = \"{{f{n}}}\"\nx_mm = {x_mm}\ny_mm = {y_mm}\nwidth_mm = {width_mm}\n\
             size_pt = {size_pt}\nfont = \"{font}\"\nmax_lines = {lines}\nalign = \"left\"\ntruncate = true\n"
        );
        self.fields.insert(format!("f{n}"), shown(text, fonts));
    }

    fn rule(&mut self, id: &str, y_mm: f64) {
        let _ = write!(
            self.toml,
            "[[rectangle]]\nid = \"{id}\"\nx_mm = 18\ny_mm = {y_mm}\nwidth_mm = 174\nheight_mm = 0.25\n"
        );
    }
}

fn has_glyph(fonts: &FontSet, character: char) -> bool {
    fonts.faces().any(|face| face.glyph(character).is_some())
}

/// A text as the faces can show it: in one line, and without characters that no face has.
fn shown(text: &str, fonts: &FontSet) -> String {
    let visible = |c: char| match c {
        c if c.is_whitespace() || c.is_control() => ' ',
        c if has_glyph(fonts, c) => c,
        _ => '?',
    };
    let text: String = text.chars().map(visible).take(MAX_SHOWN).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "-".to_owned() } else { text }
}

/// The sheet as PDF, with the signed JSON in it. `sample` is the picture of the typical label.
pub(super) fn certificate_pdf(
    certificate: &Certificate,
    signed: &SignedCertificate,
    sample: &[u8],
    fonts: Arc<FontSet>,
) -> Result<Vec<u8>, String> {
    let sheet = sheet(certificate, &fonts);
    let template =
        Template::parse("certificate", format!("{HEAD}{}", sheet.toml).as_bytes()).map_err(|e| e.to_string())?;
    let pictures = BTreeMap::from([("sample".to_owned(), Picture::read(sample)?)]);
    let assets = Assets { fonts, pictures };
    let compiled = compile(&template, &sheet.fields, &assets, Resolution::Dpi300, &[]).map_err(|e| e.to_string())?;
    let attachment = Attachment {
        name: format!("{}-certificate.json", certificate.proof),
        description: "The certificate: nameplate proof verify checks it".to_owned(),
        json: signed.as_str().as_bytes().to_vec(),
    };
    let options = PdfOptions { attachment: Some(attachment), ..PdfOptions::default() };
    let job = PdfJob::new(vec![Arc::new(compiled)], options).map_err(|e| e.to_string())?;
    let mut stream = job.stream(Vec::new()).map_err(|e| e.to_string())?;
    stream.add(&[]).map_err(|e| e.to_string())?;
    stream.finish().map_err(|e| e.to_string())
}

fn sheet(certificate: &Certificate, fonts: &FontSet) -> Sheet {
    let mut sheet = Sheet::default();
    let line = |x_mm, y_mm, width_mm, size_pt, lines| Line { x_mm, y_mm, width_mm, size_pt, lines, font: "sans" };
    let strong =
        |x_mm, y_mm, width_mm, size_pt| Line { font: "sans-semibold", ..line(x_mm, y_mm, width_mm, size_pt, 1) };
    sheet.text(&strong(18.0, 18.0, 130.0, 20.0), "Proof certificate", fonts);
    sheet.text(&strong(150.0, 18.0, 42.0, 12.0), &certificate.proof, fonts);
    let product = &certificate.product;
    sheet.text(&line(18.0, 28.5, 174.0, 11.0, 1), &format!("{} - {}", product.brand, product.name), fonts);
    sheet.rule("head", 34.5);
    picture(&mut sheet, certificate);
    let mut y_mm = 40.0;
    for (key, value, lines) in facts(certificate) {
        sheet.text(&line(110.0, y_mm, 24.0, 7.5, 1), key, fonts);
        sheet.text(&line(134.0, y_mm, 58.0, 7.5, lines), &value, fonts);
        y_mm += 2.2 + 3.2 * f64::from(lines);
    }
    sheet.rule("signatures", 108.0);
    sheet.text(&strong(18.0, 111.5, 174.0, 10.0), "Approved by", fonts);
    for (at, signature) in certificate.signatures.iter().take(MAX_APPROVERS).enumerate() {
        let y_mm = 118.5 + 8.2 * at as f64;
        sheet.text(&strong(18.0, y_mm, 80.0, 9.0), &signature.name, fonts);
        sheet.text(&line(100.0, y_mm, 92.0, 8.0, 1), &format!("{}, {}", signature.meaning, signature.at), fonts);
        if !signature.comment.is_empty() {
            sheet.text(&line(18.0, y_mm + 4.0, 174.0, 7.0, 1), &signature.comment, fonts);
        }
    }
    sheet.rule("samples", 219.0);
    sheet.text(&strong(18.0, 222.0, 174.0, 8.0), "What the approvers saw: SHA-256 of the dots of each sample", fonts);
    for (at, sample) in certificate.samples.iter().take(MAX_LISTED).enumerate() {
        let y_mm = 227.0 + 3.5 * at as f64;
        let name = format!("{}  {}, {} x {}", sample.n, sample.name, sample.width, sample.height);
        sheet.text(&line(18.0, y_mm, 62.0, 6.5, 1), &name, fonts);
        sheet.text(&line(82.0, y_mm, 110.0, 6.5, 1), &sample.dots, fonts);
    }
    sheet.rule("foot", 270.0);
    let issuer = &certificate.issuer;
    let key =
        format!("Issued by installation {}, signed with key {} ({})", issuer.database, issuer.key, issuer.public_key);
    sheet.text(&line(18.0, 273.0, 174.0, 6.5, 2), &key, fonts);
    let how = "This file carries the signed certificate as an embedded JSON file. Check it, without any server, with: \
               nameplate proof verify FILE --key KEY";
    let is_missing = |c: char| !c.is_whitespace() && !c.is_control() && !has_glyph(fonts, c);
    let names = certificate.signatures.iter().any(|s| s.name.chars().chain(s.comment.chars()).any(is_missing));
    let note = if names { ". Characters that no font here has are shown as ?; the embedded file has them" } else { "" };
    sheet.text(&line(18.0, 279.5, 174.0, 6.5, 2), &format!("{how}{note}"), fonts);
    sheet
}

/// The typical label, at its own size where there is room.
fn picture(sheet: &mut Sheet, certificate: &Certificate) {
    let side = |um: i64| i32::try_from(um).map_or(1.0, |um| f64::from(um) / 1_000.0);
    let (width, height) = (side(certificate.label.width_um), side(certificate.label.height_um));
    let scale = (PICTURE_MM.0 / width).min(PICTURE_MM.1 / height).min(1.0);
    let (width, height) = (width * scale, height * scale);
    let _ = write!(
        sheet.toml,
        "[[image]]\nid = \"sample\"\nimage = \"sample\"\nx_mm = 19\ny_mm = 41\nwidth_mm = {width:.3}\nheight_mm = {height:.3}\n\
         [[rectangle]]\nid = \"frame\"\nx_mm = 18.5\ny_mm = 40.5\nwidth_mm = {:.3}\nheight_mm = {:.3}\nborder_mm = 0.2\n",
        width + 1.0,
        height + 1.0
    );
}

/// A digest in two halves, each for a line of its own.
fn in_two(digest: &str) -> String {
    digest
        .split_at_checked(digest.len() / 2)
        .map_or_else(|| digest.to_owned(), |(first, last)| format!("{first} {last}"))
}

/// What is told beside the picture: what it is, its value, and how many lines that may take.
fn facts(certificate: &Certificate) -> Vec<(&'static str, String, u32)> {
    let Certificate { label, product, .. } = certificate;
    let mm = |um: i64| format!("{}.{}", um / 1_000, um % 1_000 / 100);
    let sku = match &product.revision {
        Some(revision) => format!("{}, revision {revision}", product.sku),
        None => product.sku.clone(),
    };
    vec![
        ("SKU", sku, 1),
        ("GTIN", product.gtin.clone().unwrap_or_default(), 1),
        ("Label", format!("{}, {} x {} mm", label.template, mm(label.width_um), mm(label.height_um)), 1),
        ("Stock", label.stock.clone(), 2),
        ("Resolution", format!("{} dpi", label.dpi), 1),
        ("Approved", format!("{}, approval {}", certificate.approved_at, certificate.approval), 1),
        ("Artwork", in_two(&label.artwork), 2),
        ("Template", in_two(&label.template_digest), 2),
    ]
}
