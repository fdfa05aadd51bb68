//! Placing barcodes: module size from the worst case once per job, bars or modules per unit.

use super::link::Links;
use crate::label::bitmap::DotRect;
use crate::label::drawing::{Drawing, Glyph, GlyphRun, Ink, Item, MatrixBits, Symbol, Turn};
use crate::label::error::Cause;
use crate::label::font::{FaceId, FontSet};
use crate::label::symbol::gs1::ElementString;
use crate::label::symbol::limits::{ScanningUse, symbol_limits};
use crate::label::symbol::module_size::{LEAST_MODULE_DOTS, ModuleRange, widest_module_dots};
use crate::label::symbol::{Encoded, ErrorCorrection, ModuleBar, SymbolError, SymbolPlan, SymbolScratch, Symbology};
use crate::label::template::{BoxAlign, CodeElement};
use crate::label::text::{TextError, TextOrigin};
use crate::label::units::{Resolution, Um};

/// How far guard bars of EAN and UPC reach lower (GS1 General Specifications, 5.2.1.2.1), in modules.
pub const GUARD_DESCENT_MODULES: i32 = 5;

/// A code element whose module size is decided.
#[derive(Clone, Debug)]
pub struct CodePlan {
    symbol: SymbolPlan,
    /// Dots of a module.
    pub module_dots: i32,
    /// Fewest dots of a module that are allowed.
    least_module_dots: i32,
    /// Width and height of the box before turning, in dots; as high as the symbol for a matrix.
    own: (i32, i32),
    align: BoxAlign,
    resolution: Resolution,
    error_correction: ErrorCorrection,
    digital_link: Option<String>,
    digits: Option<(FaceId, Um)>,
    /// Index among the label's codes.
    pub code: usize,
    /// The box as it stands, and how it is turned.
    frame: DotRect,
    turn: Turn,
}

/// Memory for encoding that is kept from unit to unit.
#[derive(Debug, Default)]
pub struct CodeScratch {
    symbol: SymbolScratch,
    links: Links,
}

/// The widest module where no specification sets one.
const WIDEST_MODULE: Um = Um(1_016);

/// The X-dimensions that an element allows: its own, else those of symbology and use.
pub fn module_range(element: &CodeElement) -> ModuleRange {
    let usual = symbol_limits(element.symbology, element.usage)
        .or_else(|| symbol_limits(element.symbology, ScanningUse::General));
    let min = element.module_min.or(usual.map(|limits| limits.x_min)).unwrap_or(Um(250));
    let max = element.module_max.or(usual.and_then(|limits| limits.x_max)).unwrap_or(WIDEST_MODULE);
    ModuleRange { min, max: max.max(min) }
}

impl CodePlan {
    /// Decides the module size for the widest of some samples.
    ///
    /// # Errors
    /// Samples that cannot be encoded, a symbol that does not fit, a missing face.
    pub fn new(
        element: &CodeElement,
        samples: &[String],
        resolution: Resolution,
        fonts: &FontSet,
    ) -> Result<CodePlan, Cause> {
        let links: Vec<String>;
        let samples = match &element.digital_link {
            None => samples,
            Some(domain) => {
                let link = |data: &String| ElementString::parse(data)?.digital_link(domain);
                links = samples.iter().map(link).collect::<Result<_, _>>().map_err(SymbolError::from)?;
                &links
            }
        };
        let texts: Vec<&str> = samples.iter().map(String::as_str).collect();
        let symbol = SymbolPlan::new(element.symbology, &element.options, &texts)?;
        let (columns, rows) = symbol.modules();
        let range = module_range(element);
        let mut module_dots = widest_module_dots(range, columns, element.width, resolution)?;
        if element.symbology.is_matrix() {
            module_dots = module_dots.min(widest_module_dots(range, rows, element.height, resolution)?);
        }
        let digits = match &element.digits {
            None => None,
            Some(style) => {
                let known = || fonts.faces().map(|face| face.name()).collect::<Vec<_>>().join(", ");
                let missing = || Cause::FontMissing { font: style.font.clone(), known: known() };
                Some((fonts.find(&style.font).ok_or_else(missing)?, style.size))
            }
        };
        let width = resolution.nearest_edge_dots(element.width);
        let height = if element.symbology.is_matrix() {
            i32::try_from(rows).unwrap_or(0) * module_dots
        } else {
            resolution.nearest_edge_dots(element.height)
        };
        Ok(CodePlan {
            symbol,
            module_dots,
            least_module_dots: resolution.whole_dots_covering(range.min).max(LEAST_MODULE_DOTS),
            own: (width, height),
            align: element.align,
            resolution,
            error_correction: element.options.error_correction.unwrap_or(ErrorCorrection::M),
            digital_link: element.digital_link.clone(),
            digits,
            code: 0,
            frame: DotRect::default(),
            turn: Turn::None,
        })
    }

    /// The face of the digits under the symbol.
    pub fn digits_face(&self) -> Option<FaceId> {
        self.digits.map(|(face, _)| face)
    }

    /// The symbology.
    pub fn symbology(&self) -> Symbology {
        self.symbol.symbology()
    }

    /// Size of the box as it stands, turned like this.
    pub fn size(&self, turn: Turn) -> (Um, Um) {
        let (width, height) = turn.size(self.own);
        (self.resolution.length(width), self.resolution.length(height))
    }

    /// The plan with its place: top left corner as it stands, and turn.
    pub fn at(mut self, (x, y): (Um, Um), turn: Turn, code: usize) -> CodePlan {
        let (width, height) = turn.size(self.own);
        let (x, y) = (self.resolution.nearest_edge_dots(x), self.resolution.nearest_edge_dots(y));
        self.frame = DotRect { x, y, width, height };
        self.turn = turn;
        self.code = code;
        self
    }

    /// With smaller modules, as far as they are allowed, where the edge of the label would cut into the quiet zone.
    pub fn within(mut self, label: DotRect) -> CodePlan {
        while self.module_dots > self.least_module_dots && !label.contains(self.zone()) {
            self.module_dots -= 1;
        }
        self
    }

    /// The widest symbol with its quiet zones, as it stands.
    fn zone(&self) -> DotRect {
        let (columns, rows) = self.symbol.modules();
        let area = if self.symbology().is_matrix() {
            let (width, height) = (self.dots(columns), self.dots(rows));
            let x = self.frame.x + self.align.shift(self.frame.width - width);
            let y = self.frame.y + self.align.shift(self.frame.height - height);
            DotRect { x, y, width, height }
        } else {
            let width = self.dots(columns);
            let own = DotRect { x: self.align.shift(self.own.0 - width), y: 0, width, height: self.own.1 };
            self.turn.place(own, self.frame)
        };
        let [left, top, right, bottom] = self.quiet_zones_dots();
        DotRect {
            x: area.x - left,
            y: area.y - top,
            width: area.width + left + right,
            height: area.height + top + bottom,
        }
    }

    /// Adds the symbol of some data to a drawing.
    ///
    /// # Errors
    /// Data that cannot be encoded, or that need a larger symbol than the samples did.
    pub fn place(
        &self,
        data: &str,
        fonts: &FontSet,
        scratch: &mut CodeScratch,
        drawing: &mut Drawing,
    ) -> Result<(), Cause> {
        let content = scratch.links.content(data, self.digital_link.as_deref())?;
        check_seen(content)?;
        match self.symbol.encode(content, &mut scratch.symbol)? {
            Encoded::Linear { bars, modules } => {
                let area = self.push_linear(content, bars, self.dots(modules), drawing);
                if let Some(digits) = self.digits {
                    self.push_digits(data, area, digits, fonts, drawing)?;
                }
            }
            Encoded::Matrix(matrix) => {
                let size = (self.dots(matrix.columns), self.dots(matrix.rows));
                let first = drawing.bits.len();
                drawing.bits.extend_from_slice(&matrix.bits);
                let side = |modules: u32| i32::try_from(modules).unwrap_or(0);
                let bits = first..drawing.bits.len();
                let matrix = MatrixBits { columns: side(matrix.columns), rows: side(matrix.rows), bits };
                let spare = (self.frame.width - size.0, self.frame.height - size.1);
                let (x, y) = (self.align.shift(spare.0), self.align.shift(spare.1));
                let area = DotRect { x: self.frame.x + x, y: self.frame.y + y, width: size.0, height: size.1 };
                self.push_symbol(content, area, 0..0, Some(matrix), drawing);
            }
        }
        Ok(())
    }

    /// Adds the symbol as [`CodePlan::place`] does, but without bars or modules where a printer draws them itself and the data
    /// are sure to fit, or whoever writes them looks at their width.
    ///
    /// # Errors
    /// As for [`CodePlan::place`].
    pub fn place_outline(
        &self,
        data: &str,
        fonts: &FontSet,
        scratch: &mut CodeScratch,
        drawing: &mut Drawing,
    ) -> Result<(), Cause> {
        let is_fixed = self.symbology().is_matrix() || self.align == BoxAlign::Start;
        if !is_fixed || self.turn != Turn::None || self.digits.is_some() {
            return self.place(data, fonts, scratch, drawing);
        }
        let content = scratch.links.content(data, self.digital_link.as_deref())?;
        if !self.symbol.surely_holds(content) {
            return self.place(data, fonts, scratch, drawing);
        }
        check_seen(content)?;
        let (columns, rows) = self.symbol.modules();
        let is_matrix = self.symbology().is_matrix();
        let (width, height) = (self.dots(columns), if is_matrix { self.dots(rows) } else { self.own.1 });
        let (x, y) = match is_matrix {
            true => (self.align.shift(self.frame.width - width), self.align.shift(self.frame.height - height)),
            false => (0, 0),
        };
        let area = DotRect { x: self.frame.x + x, y: self.frame.y + y, width, height };
        self.push_symbol(content, area, 0..0, None, drawing);
        Ok(())
    }

    fn dots(&self, modules: u32) -> i32 {
        i32::try_from(modules).unwrap_or(i32::MAX / 1024) * self.module_dots
    }

    /// Adds the bars; gives the place of the symbol in its own box.
    fn push_linear(&self, data: &str, bars: &[ModuleBar], width: i32, drawing: &mut Drawing) -> DotRect {
        let bearer = self.bearer_dots();
        let own = DotRect { x: self.align.shift(self.own.0 - width), y: 0, width, height: self.own.1 };
        let first = drawing.bars.len();
        let descent = GUARD_DESCENT_MODULES * self.module_dots;
        drawing.bars.extend(bars.iter().map(|bar| {
            let height = own.height - 2 * bearer + if bar.guard { descent } else { 0 };
            let bar = DotRect { x: own.x + self.dots(bar.start), y: bearer, width: self.dots(bar.width), height };
            self.turn.place(bar, self.frame)
        }));
        let bars = first..drawing.bars.len();
        let inner = DotRect { y: bearer, height: own.height - 2 * bearer, ..own };
        self.push_symbol(data, self.turn.place(inner, self.frame), bars, None, drawing);
        if bearer > 0 {
            for y in [0, own.height - bearer] {
                let area = self.turn.place(DotRect { y, height: bearer, ..own }, self.frame);
                drawing.items.push(Item::Rectangle { area, ink: Ink::Black });
            }
        }
        own
    }

    /// Bearer bars of ITF-14 keep a slanting scan from reading a part of it as a shorter one.
    fn bearer_dots(&self) -> i32 {
        match self.symbology() {
            Symbology::Itf14 => {
                i32::try_from(crate::label::symbol::itf14::BEARER_BAR_MODULES).unwrap_or(2) * self.module_dots
            }
            _ => 0,
        }
    }

    fn push_symbol(
        &self,
        data: &str,
        area: DotRect,
        bars: std::ops::Range<usize>,
        matrix: Option<MatrixBits>,
        drawing: &mut Drawing,
    ) {
        let first = drawing.chars.len();
        drawing.chars.push_str(data);
        drawing.items.push(Item::Symbol(Symbol {
            symbology: self.symbology(),
            turn: self.turn,
            area,
            module_dots: self.module_dots,
            error_correction: self.error_correction,
            bars,
            matrix,
            data: first..drawing.chars.len(),
            code: self.code,
        }));
    }

    /// Adds the digits under an EAN or UPC: each in the middle of the modules of its bars, the outer ones beside them.
    fn push_digits(
        &self,
        data: &str,
        own: DotRect,
        (id, size): (FaceId, Um),
        fonts: &FontSet,
        drawing: &mut Drawing,
    ) -> Result<(), Cause> {
        let face = fonts.face(id);
        let corner = self.turn.corner((self.frame.width, self.frame.height));
        let origin = TextOrigin {
            x: self.resolution.length(self.frame.x + corner.0),
            y: self.resolution.length(self.frame.y + corner.1),
            turn: self.turn,
        };
        let top = self.resolution.length(own.y + own.height + self.module_dots);
        let baseline = top + face.scale(i64::from(face.heights().capitals), size);
        let cell = self.resolution.length(7 * self.module_dots);
        for (at, character) in (0_i32..).zip(data.chars()) {
            let missing = || TextError::GlyphMissing { character, font: face.name().to_owned() };
            let glyph = face.glyph(character).ok_or_else(missing)?;
            let width = face.scale(i64::from(glyph.advance), size);
            let left = self.resolution.length(own.x + digit_cell(self.symbology(), at) * self.module_dots);
            let (x, y) = origin.at(left + Um((cell - width).0 / 2), baseline);
            let (first_glyph, first_char) = (drawing.glyphs.len(), drawing.chars.len());
            let (shown, zero) = (Some(character), Um(0));
            drawing.glyphs.push(Glyph { id: glyph.id, character: shown, x: zero, y: zero, advance: glyph.advance });
            drawing.chars.push(character);
            drawing.items.push(Item::Text(GlyphRun {
                face: id,
                size,
                ink: Ink::Black,
                turn: self.turn,
                x,
                y,
                width,
                glyphs: first_glyph..drawing.glyphs.len(),
                text: first_char..drawing.chars.len(),
                is_plain: true,
            }));
        }
        Ok(())
    }

    /// Dots that must stay white around the symbol as it stands: left, top, right, bottom.
    pub fn quiet_zones_dots(&self) -> [i32; 4] {
        let zones = self.symbology().quiet_zones();
        let [left, top, right, bottom] = [zones.left, zones.top, zones.right, zones.bottom].map(|m| self.dots(m));
        match self.turn {
            Turn::None => [left, top, right, bottom],
            Turn::Quarter => [bottom, left, top, right],
            Turn::Half => [right, bottom, left, top],
            Turn::ThreeQuarters => [top, right, bottom, left],
        }
    }
}

/// Refuses characters that nobody sees: two codes that look alike to people would differ for scanners.
fn check_seen(data: &str) -> Result<(), TextError> {
    let is_plain = data.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match data.chars().find(|c| !is_plain && crate::label::text::is_unseen(*c)) {
        Some(character) => Err(TextError::ControlCharacter { character }),
        None => Ok(()),
    }
}

/// The first module of the seven under which a digit stands.
fn digit_cell(symbology: Symbology, at: i32) -> i32 {
    match (symbology, at) {
        (Symbology::Ean8, 0..=3) => 3 + 7 * at,
        (Symbology::Ean8, _) => 36 + 7 * (at - 4),
        // The first and the last digit of a UPC-A stand beside the symbol.
        (Symbology::UpcA, 0) => -9,
        (Symbology::UpcA, 1..=5) => 10 + 7 * (at - 1),
        (Symbology::UpcA, 6..=10) => 50 + 7 * (at - 6),
        (Symbology::UpcA, _) => 97,
        (_, 0) => -10,
        (_, at) if at <= 6 => 3 + 7 * (at - 1),
        (_, at) => 50 + 7 * (at - 7),
    }
}
