//! Sheets of labels for office printers: where each label stands, from which place on, and how a printer that is off is
//! set right. None of it is part of a label's digest.

use serde::Deserialize;
use thiserror::Error;

use super::pdf::number::push_fixed;
use super::pdf::{micropoints, points};
use crate::label::{Compiled, Um};

/// A stock of sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Short name, as in `--sheet a4-60x40`.
    pub name: String,
    /// One line for people: maker's numbers that fit.
    pub title: String,
    /// Width and height of the paper.
    pub paper: (Um, Um),
    /// Width and height of a label.
    pub label: (Um, Um),
    /// Labels across and down.
    pub grid: (usize, usize),
    /// From the paper's left and top edge to the first label's.
    pub margin: (Um, Um),
    /// From a label's left and top edge to the next one's.
    pub pitch: (Um, Um),
}

/// The file's fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SheetFile {
    name: String,
    title: String,
    paper_width_mm: f64,
    paper_height_mm: f64,
    label_width_mm: f64,
    label_height_mm: f64,
    columns: usize,
    rows: usize,
    margin_left_mm: f64,
    margin_top_mm: f64,
    pitch_x_mm: f64,
    pitch_y_mm: f64,
}

/// Why a sheet cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SheetError {
    /// The file does not parse.
    #[error("{file}: {message}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// Labels overlap or stand beyond the paper.
    #[error("{file}: {message}")]
    Geometry {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The label has another size than those of the sheet.
    #[error("the label is {} by {}, but those of the sheet {sheet} are {} by {}; choose another sheet or template", label.0, label.1, place.0, place.1)]
    LabelSize {
        /// The sheet.
        sheet: String,
        /// The label.
        label: (Um, Um),
        /// A place of the sheet.
        place: (Um, Um),
    },
    /// The first place is not on the sheet.
    #[error("the sheet {sheet} has places 1 to {places}; there is no place {start} to start from")]
    Start {
        /// The sheet.
        sheet: String,
        /// Its places.
        places: usize,
        /// What was asked for.
        start: usize,
    },
}

/// The sheets that come with the product.
const SHIPPED: [&str; 8] = [
    include_str!("../../templates/sheets/a4-60x40.toml"),
    include_str!("../../templates/sheets/a4-40x20.toml"),
    include_str!("../../templates/sheets/a4-70x40.toml"),
    include_str!("../../templates/sheets/a4-100x60.toml"),
    include_str!("../../templates/sheets/a4-25x10.toml"),
    include_str!("../../templates/sheets/a4-50x30.toml"),
    include_str!("../../templates/sheets/a4-63.5x38.1.toml"),
    include_str!("../../templates/sheets/letter-66.7x25.4.toml"),
];

impl Sheet {
    /// Reads a sheet; `file` names it in errors.
    ///
    /// # Errors
    /// [`SheetError`] for TOML that is none, unknown or missing fields, and labels that overlap or leave the paper.
    pub fn parse(file: &str, text: &str) -> Result<Sheet, SheetError> {
        let parsed: SheetFile = toml::from_str(text)
            .map_err(|e| SheetError::File { file: file.to_owned(), message: e.to_string().trim_end().to_owned() })?;
        let wrong = |message: &str| SheetError::Geometry { file: file.to_owned(), message: message.to_owned() };
        let length = |mm: f64| Um::from_mm(mm).filter(|um| um.0 >= 0).ok_or_else(|| wrong("lengths are 0 to 1000 mm"));
        let sheet = Sheet {
            name: parsed.name,
            title: parsed.title,
            paper: (length(parsed.paper_width_mm)?, length(parsed.paper_height_mm)?),
            label: (length(parsed.label_width_mm)?, length(parsed.label_height_mm)?),
            grid: (parsed.columns, parsed.rows),
            margin: (length(parsed.margin_left_mm)?, length(parsed.margin_top_mm)?),
            pitch: (length(parsed.pitch_x_mm)?, length(parsed.pitch_y_mm)?),
        };
        let counts = [sheet.grid.0, sheet.grid.1];
        if counts.iter().any(|count| *count == 0 || *count > 100) {
            return Err(wrong("a sheet has 1 to 100 columns and rows"));
        }
        if sheet.pitch.0 < sheet.label.0 || sheet.pitch.1 < sheet.label.1 {
            return Err(wrong("the labels overlap: a pitch is smaller than the label"));
        }
        let end = |margin: Um, pitch: Um, count: usize, label: Um| {
            i64::from(margin.0) + i64::from(pitch.0) * i64::try_from(count - 1).unwrap_or(0) + i64::from(label.0)
        };
        let right = end(sheet.margin.0, sheet.pitch.0, sheet.grid.0, sheet.label.0);
        let bottom = end(sheet.margin.1, sheet.pitch.1, sheet.grid.1, sheet.label.1);
        if right > i64::from(sheet.paper.0.0) || bottom > i64::from(sheet.paper.1.0) {
            return Err(wrong("the labels reach beyond the paper"));
        }
        Ok(sheet)
    }

    /// The sheets that come with the product.
    pub fn shipped() -> Vec<Sheet> {
        SHIPPED.iter().filter_map(|text| Sheet::parse("shipped sheet", text).ok()).collect()
    }

    /// The shipped sheet of this name.
    pub fn find(name: &str) -> Option<Sheet> {
        Sheet::shipped().into_iter().find(|sheet| sheet.name == name)
    }

    /// Labels on a sheet.
    pub fn places(&self) -> usize {
        self.grid.0 * self.grid.1
    }

    /// The top left corner of a place, counted from 0 in rows.
    fn corner(&self, place: usize) -> (Um, Um) {
        let steps = |count: usize| i32::try_from(count).unwrap_or(0);
        let (column, row) = (place % self.grid.0.max(1), place / self.grid.0.max(1));
        (self.margin.0 + Um(self.pitch.0.0 * steps(column)), self.margin.1 + Um(self.pitch.1.0 * steps(row)))
    }
}

/// How a printer that is off is set right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    /// Moves everything to the right.
    pub offset_x: Um,
    /// Moves everything down.
    pub offset_y: Um,
    /// Stretches across, in millionths beyond 1: 2,000 for a printer that prints 100 mm as 99.8.
    pub stretch_x_ppm: i32,
    /// Stretches down.
    pub stretch_y_ppm: i32,
}

/// Labels on sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imposition {
    /// The stock.
    pub sheet: Sheet,
    /// The first place that is still on the sheet, counted from 0.
    pub first_place: usize,
    /// Marks at the corners of the labels, for cutting.
    pub has_crop_marks: bool,
    /// How the printer is set right.
    pub calibration: Calibration,
}

impl Imposition {
    /// Labels of this size on a sheet, from `start` on, counted from 1.
    ///
    /// # Errors
    /// [`SheetError::LabelSize`] and [`SheetError::Start`].
    pub fn new(sheet: Sheet, label: (Um, Um), start: usize) -> Result<Imposition, SheetError> {
        // Makers round the sizes of their stocks to a tenth of a millimetre.
        let near = |a: Um, b: Um| (a.0 - b.0).abs() <= 100;
        if !near(label.0, sheet.label.0) || !near(label.1, sheet.label.1) {
            return Err(SheetError::LabelSize { sheet: sheet.name, label, place: sheet.label });
        }
        if start == 0 || start > sheet.places() {
            let places = sheet.places();
            return Err(SheetError::Start { sheet: sheet.name, places, start });
        }
        Ok(Imposition { sheet, first_place: start - 1, has_crop_marks: false, calibration: Calibration::default() })
    }

    /// Labels that the first sheet still has room for.
    pub fn places_on_first_sheet(&self) -> usize {
        self.sheet.places() - self.first_place
    }

    /// Appends what stands at the head of each page: the printer's calibration and crop marks.
    pub(super) fn push_page_head(&self, compiled: &Compiled, out: &mut Vec<u8>) {
        let c = self.calibration;
        if c != Calibration::default() {
            // Stretched about the top left corner, then moved.
            let height = points(self.sheet.paper.1);
            let stretch = |ppm: i32| 1_000_000 + i64::from(ppm);
            push_fixed(stretch(c.stretch_x_ppm), 6, out);
            out.extend_from_slice(b" 0 0 ");
            push_fixed(stretch(c.stretch_y_ppm), 6, out);
            out.push(b' ');
            push_fixed(points(c.offset_x), 4, out);
            out.push(b' ');
            push_fixed(-height * i64::from(c.stretch_y_ppm) / 1_000_000 - points(c.offset_y), 4, out);
            out.extend_from_slice(b" cm\n");
        }
        if self.has_crop_marks {
            out.extend_from_slice(b"0.25 w\n");
            for place in 0..self.sheet.places() {
                self.push_crop_marks(place, compiled, out);
            }
        }
    }

    /// Short lines outside of a label's corners.
    fn push_crop_marks(&self, place: usize, compiled: &Compiled, out: &mut Vec<u8>) {
        const GAP: Um = Um(700);
        const LENGTH: Um = Um(2_000);
        let (left, top) = self.sheet.corner(place);
        let (width, height) = compiled.size();
        let down = |y: Um| points(self.sheet.paper.1) - points(y);
        for (x, away_x) in [(left, -1), (left + width, 1)] {
            for (y, away_y) in [(top, -1), (top + height, 1)] {
                let beyond = |at: Um, sign: i32, by: Um| Um(at.0 + sign * by.0);
                let across = (points(beyond(x, away_x, GAP)), points(beyond(x, away_x, Um(GAP.0 + LENGTH.0))));
                let along = (down(beyond(y, away_y, GAP)), down(beyond(y, away_y, Um(GAP.0 + LENGTH.0))));
                push_line((across.0, down(y)), (across.1, down(y)), out);
                push_line((points(x), along.0), (points(x), along.1), out);
            }
        }
    }

    /// Appends `q` and the matrix that puts a label on a place, on whole dots of the printer.
    pub(super) fn push_place(&self, place: usize, compiled: &Compiled, out: &mut Vec<u8>) {
        let (x, y) = self.sheet.corner(place);
        let dots = |at: Um| compiled.resolution().nearest_edge_dots(at);
        let left = micropoints(dots(x), compiled.resolution());
        let top = micropoints(dots(y), compiled.resolution());
        let height = micropoints(compiled.size_dots().1, compiled.resolution());
        let bottom = points(self.sheet.paper.1) * 100 - height - top;
        out.extend_from_slice(b"q 1 0 0 1 ");
        push_fixed(left, 6, out);
        out.push(b' ');
        push_fixed(bottom, 6, out);
        out.extend_from_slice(b" cm\n");
    }
}

/// A stroked line in ten thousandths of a point.
fn push_line(from: (i64, i64), to: (i64, i64), out: &mut Vec<u8>) {
    for ((x, y), operator) in [(from, " m "), (to, " l S\n")] {
        push_fixed(x, 4, out);
        out.push(b' ');
        push_fixed(y, 4, out);
        out.extend_from_slice(operator.as_bytes());
    }
}
