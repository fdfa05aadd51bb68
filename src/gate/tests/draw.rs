//! Symbols from encoders that are not ours, drawn on labels.

use barcoders::sym::code39::Code39;
use barcoders::sym::code128::Code128;
use barcoders::sym::ean8::EAN8;
use barcoders::sym::ean13::EAN13;
use barcoders::sym::tf::TF;
use datamatrix::{DataMatrix, SymbolList};
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

use crate::gate::{CodeFormat, ExpectedCode};
use crate::label::{Bitmap, DotRect, Turn};

/// Modules of a symbol with its quiet zones.
#[derive(Clone)]
pub struct Sample {
    pub format: CodeFormat,
    pub text: String,
    columns: usize,
    modules: Vec<bool>,
    quiet: (usize, usize),
}

/// One sample of each format, with a serial of ten characters or the numbers of a product.
pub fn samples() -> Vec<Sample> {
    CodeFormat::ALL.into_iter().map(sample).collect()
}

pub fn sample(format: CodeFormat) -> Sample {
    let text = match format {
        CodeFormat::Code128 | CodeFormat::Code39 => "7K3M-9QXD2",
        CodeFormat::Gs1_128 | CodeFormat::Gs1DataMatrix => "010950600013435210B42\u{1D}217K3M9QXD2",
        CodeFormat::Ean13 => "4006381333931",
        CodeFormat::Ean8 => "96385074",
        CodeFormat::UpcA => "036000291452",
        CodeFormat::Itf14 => "15400141288763",
        CodeFormat::DataMatrix => "7K3M9QXD2",
        CodeFormat::Qr => "https://id.gs1.org/01/09506000134352/21/7K3M9QXD2?17=271231",
        CodeFormat::MicroQr => "7K3M9QXD2",
    };
    encode(format, text)
}

pub fn encode(format: CodeFormat, text: &str) -> Sample {
    let linear = |bars: Vec<u8>, quiet| (bars.len(), bars.into_iter().map(|bar| bar == 1).collect(), quiet);
    let (columns, modules, quiet) = match format {
        CodeFormat::Code128 => linear(Code128::new(format!("\u{181}{text}")).unwrap().encode(), (10, 10)),
        CodeFormat::Gs1_128 => {
            let with_fnc1 = format!("\u{181}\u{179}{}", text.replace('\u{1D}', "\u{179}"));
            linear(Code128::new(with_fnc1).unwrap().encode(), (10, 10))
        }
        CodeFormat::Ean13 => linear(EAN13::new(text).unwrap().encode(), (11, 7)),
        CodeFormat::Ean8 => linear(EAN8::new(text).unwrap().encode(), (7, 7)),
        CodeFormat::UpcA => linear(EAN13::new(format!("0{text}")).unwrap().encode(), (9, 9)),
        CodeFormat::Itf14 => linear(TF::interleaved(text).unwrap().encode(), (10, 10)),
        CodeFormat::Code39 => linear(Code39::new(text).unwrap().encode(), (10, 10)),
        CodeFormat::DataMatrix => data_matrix(&DataMatrix::encode_str(text, SymbolList::default()).unwrap()),
        CodeFormat::Gs1DataMatrix => {
            data_matrix(&DataMatrix::encode_gs1(text.as_bytes(), SymbolList::default()).unwrap())
        }
        CodeFormat::Qr => qr(&QrCode::with_error_correction_level(text, EcLevel::M).unwrap(), 4),
        CodeFormat::MicroQr => {
            // Without M3, which the encoder draws wrongly (0.14.1: the half codeword at the end).
            let smallest =
                [1, 2, 4].iter().find_map(|&v| QrCode::with_version(text, Version::Micro(v), EcLevel::L).ok());
            qr(&smallest.unwrap(), 2)
        }
    };
    Sample { format, text: text.to_owned(), columns, modules, quiet }
}

/// QR of version 4 whose data are declared as UTF-8 by an ECI.
pub fn qr_in_utf8(text: &str) -> Sample {
    let mut bits = Bits::new(Version::Normal(4));
    bits.push_eci_designator(26).unwrap();
    bits.push_byte_data(text.as_bytes()).unwrap();
    bits.push_terminator(EcLevel::M).unwrap();
    let (columns, modules, quiet) = qr(&QrCode::with_bits(bits, EcLevel::M).unwrap(), 4);
    Sample { format: CodeFormat::Qr, text: text.to_owned(), columns, modules, quiet }
}

/// QR that says that its data are element strings.
pub fn qr_with_fnc1(text: &str) -> Sample {
    let mut bits = Bits::new(Version::Normal(4));
    bits.push_fnc1_first_position().unwrap();
    bits.push_byte_data(text.as_bytes()).unwrap();
    bits.push_terminator(EcLevel::M).unwrap();
    let (columns, modules, quiet) = qr(&QrCode::with_bits(bits, EcLevel::M).unwrap(), 4);
    Sample { format: CodeFormat::Qr, text: text.to_owned(), columns, modules, quiet }
}

/// A matrix given as rows of `0` and `1`.
pub fn matrix(format: CodeFormat, text: &str, columns: usize, modules: &str, quiet: usize) -> Sample {
    let modules: Vec<bool> = modules.bytes().filter(u8::is_ascii_digit).map(|module| module == b'1').collect();
    assert_eq!(modules.len() % columns, 0);
    Sample { format, text: text.to_owned(), columns, modules, quiet: (quiet, quiet) }
}

fn data_matrix(symbol: &DataMatrix) -> (usize, Vec<bool>, (usize, usize)) {
    let bitmap = symbol.bitmap();
    (bitmap.width(), bitmap.bits().to_vec(), (1, 1))
}

fn qr(symbol: &QrCode, quiet: usize) -> (usize, Vec<bool>, (usize, usize)) {
    (symbol.width(), symbol.to_colors().into_iter().map(|c| c == qrcode::Color::Dark).collect(), (quiet, quiet))
}

/// A label with one symbol on it.
pub struct Label {
    pub bitmap: Bitmap,
    pub zone: DotRect,
    pub module_dots: i32,
    pub turn: Turn,
    pub sample: Sample,
}

/// White around a zone.
const MARGIN: i32 = 13;

impl Sample {
    /// Draws the symbol, bars 15% as high as the symbol is wide and at least 40 dots.
    pub fn draw(&self, module_dots: i32) -> Label {
        self.draw_scaled(module_dots, 1, 1)
    }

    /// Draws the symbol with modules of `numerator / denominator` as many dots, by the nearest module.
    pub fn draw_scaled(&self, module_dots: i32, numerator: usize, denominator: usize) -> Label {
        let m = usize::try_from(module_dots).unwrap() * numerator;
        let scaled = |modules: usize| modules * m / denominator;
        let rows = self.modules.len() / self.columns;
        let width = scaled(self.columns + self.quiet.0 + self.quiet.1);
        let is_matrix = self.format.is_matrix();
        let height = if is_matrix { scaled(rows + 2 * self.quiet.0) } else { 40.max(width * 15 / 100) };
        let zone = DotRect { x: MARGIN, y: MARGIN, width: int(width), height: int(height) };
        let mut bitmap = Bitmap::new(width + 2 * 13, height + 2 * 13);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let column = (x * denominator / m).checked_sub(self.quiet.0).filter(|&column| column < self.columns);
            let row = if is_matrix { (y * denominator / m).checked_sub(self.quiet.0) } else { Some(0) };
            if let (Some(column), Some(row)) = (column, row.filter(|&row| row < rows))
                && self.modules[row * self.columns + column]
            {
                bitmap.set_black(x + 13, y + 13);
            }
        }
        Label { bitmap, zone, module_dots, turn: Turn::None, sample: self.clone() }
    }
}

impl Label {
    pub fn expected(&self) -> ExpectedCode<'_> {
        ExpectedCode {
            element: "code",
            format: self.sample.format,
            zone: self.zone,
            module_dots: self.module_dots,
            turn: self.turn,
            text: &self.sample.text,
        }
    }

    /// The whole label, turned clockwise by a quarter.
    pub fn turned(&self) -> Label {
        let (width, height) = (self.bitmap.width(), self.bitmap.height());
        let mut bitmap = Bitmap::new(height, width);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            if self.bitmap.is_black(x, y) {
                bitmap.set_black(height - 1 - y, x);
            }
        }
        let DotRect { x, y, width, height: rows } = self.zone;
        let zone = DotRect { x: int(height) - y - rows, y: x, width: rows, height: width };
        let turn = match self.turn {
            Turn::None => Turn::Quarter,
            Turn::Quarter => Turn::Half,
            Turn::Half => Turn::ThreeQuarters,
            Turn::ThreeQuarters => Turn::None,
        };
        Label { bitmap, zone, turn, module_dots: self.module_dots, sample: self.sample.clone() }
    }

    /// The same label with each dot of the zone passed through a function of its place in the zone.
    pub fn changed(&self, change: impl Fn(i32, i32, bool) -> bool) -> Label {
        let mut bitmap = Bitmap::new(self.bitmap.width(), self.bitmap.height());
        for (x, y) in (0..int(self.bitmap.height())).flat_map(|y| (0..int(self.bitmap.width())).map(move |x| (x, y))) {
            let (column, row) = (usize::try_from(x).unwrap(), usize::try_from(y).unwrap());
            let is_black = self.bitmap.is_black(column, row);
            let (dx, dy) = (x - self.zone.x, y - self.zone.y);
            let inside = (0..self.zone.width).contains(&dx) && (0..self.zone.height).contains(&dy);
            if if inside { change(dx, dy, is_black) } else { is_black } {
                bitmap.set_black(column, row);
            }
        }
        Label { bitmap, sample: self.sample.clone(), ..*self }
    }

    /// Dots of the quiet zone on the left.
    pub fn quiet_dots(&self) -> i32 {
        int(self.sample.quiet.0) * self.module_dots
    }
}

fn int(dots: usize) -> i32 {
    i32::try_from(dots).unwrap()
}
