//! Graphics that are the same on every label of a job: stored in the printer under names, or sent along.

use std::ops::Range;

use super::place::{Graphic, Origin};
use super::z64::Z64;
use crate::label::{Bitmap, Ink};
use crate::render::deflate::Deflate;

/// The last letters of the names that a job can give.
const PARTS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Graphics of a job that are stored in the printer.
pub struct Stock {
    /// Seven characters, to which each graphic adds one: names have at most eight.
    name: String,
    count: usize,
    /// The commands that store them.
    pub store: Vec<u8>,
}

impl Stock {
    /// Nothing stored yet.
    pub fn new(name: &str) -> Stock {
        Stock { name: name.to_owned(), count: 0, store: Vec::new() }
    }

    /// Stores a picture of the whole label, white rows above and below left out, and gives the fields that show it. `None`
    /// if there are too few names left for it: then it must go along.
    pub fn put(&mut self, picture: &Bitmap, ink: Ink, origin: Origin) -> Option<Vec<u8>> {
        let mut parts = 0;
        origin.graphics(picture, inked_rows(picture), |_| parts += 1);
        if self.count + parts > PARTS.len() {
            return None;
        }
        let (mut fields, mut z64) = (Vec::new(), packer(picture));
        origin.graphics(picture, inked_rows(picture), |graphic| {
            let name = self.part(self.count);
            let (bytes, per_row) = (graphic.bytes.len(), graphic.bytes_per_row);
            self.store.extend_from_slice(format!("~DGR:{name}.GRF,{bytes},{per_row},").as_bytes());
            z64.push(graphic.bytes, &mut self.store);
            self.store.push(b'\n');
            push_field(&graphic, ink, format!("^XGR:{name}.GRF,1,1").as_bytes(), &mut fields);
            self.count += 1;
        });
        Some(fields)
    }

    fn part(&self, part: usize) -> String {
        format!("{}{}", self.name, char::from(PARTS[part % PARTS.len()]))
    }

    /// What deletes them, and the format of the same name.
    pub fn end(&self) -> String {
        let graphics: String = (0..self.count).map(|part| format!("^IDR:{}.GRF^FS", self.part(part))).collect();
        format!("^XA^IDR:{}.ZPL^FS{graphics}^XZ\n", self.name)
    }
}

/// The fields that bring a picture of the whole label along.
pub fn sent_along(picture: &Bitmap, ink: Ink, origin: Origin) -> Vec<u8> {
    let (mut fields, mut z64) = (Vec::new(), packer(picture));
    push_sent_along(picture, ink, origin, &mut z64, &mut fields);
    fields
}

/// Like [`sent_along`], appended, with a packer that is kept.
pub fn push_sent_along(picture: &Bitmap, ink: Ink, origin: Origin, z64: &mut Z64, fields: &mut Vec<u8>) {
    let mut data = Vec::new();
    origin.graphics(picture, inked_rows(picture), |graphic| {
        let count = graphic.bytes.len();
        data.clear();
        data.extend_from_slice(format!("^GFA,{count},{count},{},", graphic.bytes_per_row).as_bytes());
        z64.push(graphic.bytes, &mut data);
        push_field(&graphic, ink, &data, fields);
    });
}

/// A graphic at its place. Printers only add black: white is put on by blackening the dots and then reversing them (`^FR`).
fn push_field(graphic: &Graphic<'_>, ink: Ink, what: &[u8], fields: &mut Vec<u8>) {
    let place = format!("^FO{},{}", graphic.x, graphic.y);
    let ways: &[&str] = if ink == Ink::White { &["", "^FR"] } else { &[""] };
    for reversed in ways {
        fields.extend_from_slice(place.as_bytes());
        fields.extend_from_slice(reversed.as_bytes());
        fields.extend_from_slice(what);
        fields.extend_from_slice(b"^FS");
    }
}

/// The rows of a picture that have ink; none if it is blank.
fn inked_rows(picture: &Bitmap) -> Range<usize> {
    let is_inked = |row: &usize| picture.rows(*row, row + 1).iter().any(|byte| *byte != 0);
    let first = (0..picture.height()).find(is_inked);
    let last = (0..picture.height()).rfind(is_inked);
    first.zip(last).map_or(0..0, |(first, last)| first..last + 1)
}

/// Codes made for this picture.
fn packer(picture: &Bitmap) -> Z64 {
    let rows = inked_rows(picture);
    Z64::new(Deflate::for_rows(picture.bytes_per_row(), picture.rows(rows.start, rows.end)))
}
