//! A printer on paper: runs the few ZPL commands that labels use and refuses all others.
//!
//! It keeps what is stored, starts each label without settings, and draws symbols with the encoders of other crates, so
//! that data, subsets, place and size of a symbol are checked against code that is not ours. Texts in the printer's own
//! font are not drawn.

use std::collections::BTreeMap;
use std::io::Read as _;

use barcoders::sym::code39::Code39;
use barcoders::sym::code128::Code128;
use barcoders::sym::tf::TF;
use data_encoding::BASE64;
use datamatrix::{DataMatrix, SymbolList};
use flate2::read::ZlibDecoder;
use qrcode::{EcLevel, QrCode};

use super::read::Pixels;

/// Memory of the printer.
#[derive(Default)]
pub struct Printer {
    graphics: BTreeMap<String, (usize, Vec<u8>)>,
    formats: BTreeMap<String, Vec<String>>,
    /// A format that was begun and not ended.
    open: Option<Vec<String>>,
}

/// Settings and fields of one label.
#[derive(Default)]
struct Label {
    size: (usize, usize),
    origin: (usize, usize),
    module: usize,
    ratio: usize,
    /// Bar height of `^BY`, by which `^BQ` sinks.
    by_height: usize,
    height: usize,
    turn: char,
    kind: Kind,
    /// `^FR`: the field is drawn in the other colour than what it stands on.
    is_reversed: bool,
    field_number: Option<usize>,
    data: Option<String>,
    given: BTreeMap<usize, String>,
    set: Vec<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Debug)]
enum Kind {
    #[default]
    None,
    Text,
    Code128,
    Code39,
    Interleaved,
    /// Columns and rows.
    DataMatrix(usize, usize),
    Qr,
}

/// Settings that every label needs, lest it lean on an earlier one.
const MUST_BE_SET: [&str; 10] = ["CI", "PW", "LL", "LH", "PO", "MM", "MN", "PR", "MD", "JZ"];

impl Printer {
    /// Prints a job; the labels in order.
    pub fn print(&mut self, job: &[u8]) -> Vec<Pixels> {
        let job = std::str::from_utf8(job).expect("ZPL is ASCII");
        assert!(job.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "control bytes in the stream");
        let mut labels = Vec::new();
        for command in commands(job) {
            if let Some(graphic) = command.strip_prefix("~DGR:") {
                self.store_graphic(graphic);
            } else if command == "~JX" {
                self.open = None;
            } else if command.starts_with("~SD") {
            } else if command == "^XA" {
                assert!(self.open.is_none(), "a format begins within another: {:?}", self.open);
                self.open = Some(Vec::new());
            } else if command == "^XZ" {
                let format = self.open.take().expect("a format that was begun");
                labels.extend(self.run(&format));
            } else {
                assert!(command.starts_with('^'), "{command} is not expected");
                self.open.as_mut().expect("a format that was begun").push(command.to_owned());
            }
        }
        labels
    }

    /// Whether its memory is empty.
    pub fn holds_nothing(&self) -> bool {
        self.graphics.is_empty() && self.formats.is_empty() && self.open.is_none()
    }

    fn store_graphic(&mut self, graphic: &str) {
        let parts: Vec<&str> = graphic.splitn(4, ',').collect();
        let (bytes, row) = (parts[1].parse::<usize>().unwrap(), parts[2].parse::<usize>().unwrap());
        self.graphics.insert(parts[0].to_owned(), (row, unpacked(parts[3], bytes)));
    }

    /// Runs one format: stores it, deletes something, or prints it.
    fn run(&mut self, format: &[String]) -> Option<Pixels> {
        if let Some(name) = format[0].strip_prefix("^DFR:") {
            self.formats.insert(name.to_owned(), format[1..].to_vec());
            return None;
        }
        if format.iter().any(|command| command.starts_with("^ID")) {
            for command in format.iter().filter_map(|command| command.strip_prefix("^IDR:")) {
                assert!(self.graphics.remove(command).is_some() || self.formats.remove(command).is_some(), "{command}");
            }
            return None;
        }
        let mut label = Label::default();
        let mut commands = Vec::new();
        for command in format {
            match command.strip_prefix("^XFR:") {
                // The ending may be left out.
                Some(name) => {
                    let format = &self.formats[&format!("{}.ZPL", name.trim_end_matches(".ZPL"))];
                    commands.extend(format.clone().into_iter().map(|c| (c, true)));
                }
                None => commands.push((command.clone(), false)),
            }
        }
        // What a label says of a field counts wherever the stored format has that field.
        label.given = given_fields(&commands);
        assert!(commands.iter().any(|(command, _)| command == "^PQ1"), "one label a format");
        let stored_only = commands.iter().any(|(_, stored)| *stored);
        let mut pixels = None;
        for (command, stored) in commands {
            if stored || !stored_only || !["^FN", "^FD", "^FH", "^FS"].contains(&&command[..3]) {
                self.step(&command, &mut label, &mut pixels);
            }
        }
        for name in MUST_BE_SET {
            assert!(label.set.iter().any(|set| set == name), "^{name} is not set");
        }
        pixels
    }

    fn step(&self, command: &str, label: &mut Label, pixels: &mut Option<Pixels>) {
        let (name, rest) = (&command[1..3], &command[3..]);
        label.set.push(name.to_owned());
        let numbers: Vec<usize> = rest.split(',').map(|n| n.parse().unwrap_or(0)).collect();
        match name {
            "PW" => label.size.0 = numbers[0],
            "LL" => label.size.1 = numbers[0],
            "FO" | "FT" => label.origin = (numbers[0], numbers[1]),
            "BY" => (label.module, label.ratio, label.by_height) = (numbers[0], numbers[1], numbers[2]),
            "A0" => label.kind = Kind::Text,
            "BC" => label.symbol(Kind::Code128, rest, numbers[1]),
            "B3" => label.symbol(Kind::Code39, rest, numbers[2]),
            "B2" => label.symbol(Kind::Interleaved, rest, numbers[1]),
            "BX" => {
                assert_eq!((numbers[2], rest.split(',').nth(6)), (200, Some("@")), "ECC 200 with the escape @");
                label.module = numbers[1];
                label.symbol(Kind::DataMatrix(numbers[3], numbers[4]), rest, 0);
            }
            "BQ" => {
                assert_eq!(numbers[1], 2, "model 2");
                label.module = numbers[2];
                label.symbol(Kind::Qr, rest, 0);
            }
            "GB" => label.block(numbers[0], numbers[1], numbers[2], pixels),
            "FN" => label.field_number = Some(numbers[0]),
            "FD" => label.data = Some(rest.to_owned()),
            "XG" => {
                let (row, bits) = &self.graphics[rest.split(',').next().unwrap().strip_prefix("R:").unwrap()];
                label.paint(bits, *row, pixels);
            }
            "GF" => {
                let parts: Vec<&str> = rest.splitn(5, ',').collect();
                let (bytes, row) = (parts[1].parse::<usize>().unwrap(), parts[3].parse::<usize>().unwrap());
                assert!(bytes <= 99_999, "a graphic field is too large");
                label.paint(&unpacked(parts[4], bytes), row, pixels);
            }
            "FR" => label.is_reversed = true,
            "FS" => {
                label.draw_field(pixels);
                label.is_reversed = false;
            }
            "CI" | "LH" | "LT" | "LS" | "PO" | "PM" | "FW" | "LR" | "MM" | "MN" | "PR" | "MD" | "JZ" | "PQ" | "FH" => {}
            _ => panic!("^{name} is not expected"),
        }
    }
}

impl Label {
    fn paper<'p>(&self, pixels: &'p mut Option<Pixels>) -> &'p mut Pixels {
        // Whole bytes of a row may stand over the edge, where a printer drops them.
        pixels.get_or_insert_with(|| Pixels::new(self.size.0, self.size.1))
    }

    /// Puts a graphic on the paper.
    fn paint(&self, bits: &[u8], bytes_per_row: usize, pixels: &mut Option<Pixels>) {
        let paper = self.paper(pixels);
        if !self.is_reversed {
            return paper.paint_bits(bits, bytes_per_row, self.origin.0, self.origin.1);
        }
        let mut mask = Pixels::new(paper.width, paper.height);
        mask.paint_bits(bits, bytes_per_row, self.origin.0, self.origin.1);
        let reversed = paper.grey.iter_mut().zip(&mask.grey).filter(|(_, mask)| **mask == 0);
        reversed.for_each(|(grey, _)| *grey = !*grey);
    }

    fn symbol(&mut self, kind: Kind, parameters: &str, height: usize) {
        (self.kind, self.height) = (kind, height);
        self.turn = parameters.chars().next().unwrap();
    }

    fn block(&self, width: usize, height: usize, thickness: usize, pixels: &mut Option<Pixels>) {
        assert!(thickness >= width.min(height), "only filled blocks are expected");
        let (left, top) = self.origin;
        let paper = self.paper(pixels);
        (0..width * height).for_each(|at| paper.blacken(left + at % width, top + at / width));
    }

    fn draw_field(&mut self, pixels: &mut Option<Pixels>) {
        let given = self.field_number.take().and_then(|number| self.given.get(&number).cloned());
        let data = given.or(self.data.take());
        let mut top = self.origin.1;
        let upright = match std::mem::take(&mut self.kind) {
            Kind::None | Kind::Text => return,
            Kind::Code128 => self.bars(&Code128::new(for_barcoders(&data.expect("data"))).unwrap().encode()),
            Kind::Code39 => {
                assert_eq!(self.ratio, 3, "wide bars of three modules");
                self.bars(&Code39::new(unescaped(&data.expect("data"), '_')).unwrap().encode())
            }
            Kind::Interleaved => self.bars(&TF::interleaved(unescaped(&data.expect("data"), '_')).unwrap().encode()),
            Kind::DataMatrix(columns, rows) => self.data_matrix(&data.expect("data"), (columns, rows)),
            Kind::Qr => {
                top += self.by_height;
                self.qr(&data.expect("data"))
            }
        };
        let turns = "NRIB".find(self.turn).unwrap();
        let turned = (0..turns).fold(upright, |picture, _| picture.turned());
        let left = self.origin.0;
        let paper = self.paper(pixels);
        for (at, _) in turned.grey.iter().enumerate().filter(|(_, grey)| **grey == 0) {
            paper.blacken(left + at % turned.width, top + at / turned.width);
        }
    }

    fn bars(&self, modules: &[u8]) -> Pixels {
        self.enlarged(modules.len(), &modules.iter().map(|module| *module == 1).collect::<Vec<_>>(), self.height)
    }

    /// Modules as squares, or as bars of a height.
    fn enlarged(&self, columns: usize, modules: &[bool], height: usize) -> Pixels {
        let mut picture = Pixels::new(columns * self.module, modules.len() / columns * height);
        let width = picture.width;
        for (x, y) in (0..picture.grey.len()).map(|at| (at % width, at / width)) {
            if modules[y / height * columns + x / self.module] {
                picture.blacken(x, y);
            }
        }
        picture
    }

    fn data_matrix(&self, data: &str, (columns, rows): (usize, usize)) -> Pixels {
        let text = unescaped(data, '\\');
        let is_gs1 = text.starts_with("@1");
        let text = text.strip_prefix("@1").unwrap_or(&text).replace("@1", "\u{1D}");
        let sizes = SymbolList::default().enforce_width_in(columns..=columns).enforce_height_in(rows..=rows);
        let code = if is_gs1 {
            DataMatrix::encode_gs1(text.as_bytes(), sizes)
        } else {
            DataMatrix::encode(text.as_bytes(), sizes)
        };
        let bits = code.unwrap_or_else(|e| panic!("{text} in {columns} x {rows}: {e:?}")).bitmap();
        let modules = bits.bits().to_vec();
        self.enlarged(columns, &modules, self.module)
    }

    fn qr(&self, data: &str) -> Pixels {
        let data = unescaped(data, '_');
        let level = match data.as_bytes()[0] {
            b'L' => EcLevel::L,
            b'M' => EcLevel::M,
            b'Q' => EcLevel::Q,
            _ => EcLevel::H,
        };
        let code = QrCode::with_error_correction_level(data[1..].strip_prefix("A,").unwrap(), level).unwrap();
        let modules: Vec<bool> = code.to_colors().iter().map(|color| *color == qrcode::Color::Dark).collect();
        self.enlarged(code.width(), &modules, self.module)
    }
}

/// Field data without the hexadecimal escapes of `^FH`.
fn unescaped(data: &str, escape: char) -> String {
    let mut bytes = Vec::new();
    let mut parts = data.split(escape);
    bytes.extend_from_slice(parts.next().unwrap().as_bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// The `^FN` data that a label brings, by field number.
fn given_fields(commands: &[(String, bool)]) -> BTreeMap<usize, String> {
    let mut given = BTreeMap::new();
    let mut number = None;
    for (command, stored) in commands {
        match &command[..3] {
            "^FN" if !stored => number = command[3..].parse().ok(),
            "^FD" if !stored => given.extend(number.take().map(|number| (number, command[3..].to_owned()))),
            _ => {}
        }
    }
    given
}

/// `^BC`'s subset switches in the words of `barcoders`.
fn for_barcoders(data: &str) -> String {
    let switches = [
        (">:", "\u{181}"),
        (">6", "\u{181}"),
        (">;", "\u{106}"),
        (">5", "\u{106}"),
        (">9", "\u{C0}"),
        (">7", "\u{C0}"),
        (">8", "\u{179}"),
        ("><", "^"),
        (">=", "~"),
        (">0", ">"),
    ];
    switches.iter().fold(data.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Each command with what follows it.
fn commands(job: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = job.char_indices().filter(|(_, c)| matches!(c, '^' | '~')).map(|(at, _)| at).collect();
    let ends = starts.clone().into_iter().skip(1).chain([job.len()]);
    starts.into_iter().zip(ends).map(|(start, end)| job[start..end].trim_end_matches('\n'))
}

/// The bytes of `:Z64:data:crc`.
fn unpacked(text: &str, bytes: usize) -> Vec<u8> {
    let (data, crc) = text.strip_prefix(":Z64:").and_then(|rest| rest.split_once(':')).expect("Z64");
    let sum = crc::Crc::<u16>::new(&crc::CRC_16_XMODEM).checksum(data.as_bytes());
    assert_eq!(u16::from_str_radix(crc, 16), Ok(sum), "CRC");
    let mut out = Vec::new();
    ZlibDecoder::new(&BASE64.decode(data.as_bytes()).unwrap()[..]).read_to_end(&mut out).unwrap();
    assert_eq!(out.len(), bytes, "unpacked size");
    out
}
