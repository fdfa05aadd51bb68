//! Placing linear symbols: module size from the worst case once per job, bars per unit.

use super::bitmap::DotRect;
use super::drawing::{Drawing, Item, Symbol, Symbology};
use super::error::LayoutError;
use super::font::{FaceId, FontSet};
use super::symbol::code128::{self, Code128};
use super::symbol::ean13::{self, Ean13};
use super::symbol::module_size::widest_module_dots;
use super::symbol::{ModuleBar, SymbolError};
use super::template::{Align, CodeElement, Purpose};
use super::text::{Placed, push_run};
use super::units::{Resolution, Um};

/// A code element whose module size is decided.
#[derive(Clone, Debug)]
pub struct CodePlan {
    /// The element's id.
    pub element: String,
    /// What the code is for.
    pub purpose: Purpose,
    /// Its symbology.
    pub symbology: Symbology,
    /// Dots of a module.
    pub module_dots: i32,
    module_count: u32,
    /// The box of the bars.
    area: DotRect,
    align: Align,
    resolution: Resolution,
    digits: Option<(FaceId, Um)>,
}

/// Memory for encoding that is kept from unit to unit.
#[derive(Debug, Default)]
pub struct CodeScratch {
    symbol: Code128,
    bars: Vec<ModuleBar>,
}

impl CodePlan {
    /// Decides the module size for the widest of some samples.
    ///
    /// # Errors
    /// Samples that cannot be encoded, a symbol that does not fit, a missing face.
    pub fn new(
        element: &CodeElement,
        symbology: Symbology,
        samples: &[String],
        resolution: Resolution,
        fonts: &FontSet,
    ) -> Result<CodePlan, LayoutError> {
        let wrap = |source| LayoutError::Symbol { element: element.id.clone(), source };
        let mut module_count = 0;
        for sample in samples {
            module_count = module_count.max(modules(symbology, sample).map_err(wrap)?);
        }
        let module_dots = widest_module_dots(element.module_range(), module_count, element.width_mm.0, resolution)
            .map_err(|source| LayoutError::ModuleSize { element: element.id.clone(), source })?;
        let digits = match &element.digits_font {
            None => None,
            Some(font) => {
                let missing = || LayoutError::FontMissing { element: element.id.clone(), font: font.clone() };
                let size = element.digits_size_pt.map_or(Um(2_117), |size| size.0);
                Some((fonts.find(font).ok_or_else(missing)?, size))
            }
        };
        Ok(CodePlan {
            element: element.id.clone(),
            purpose: element.purpose,
            symbology,
            module_dots,
            module_count,
            area: snapped([element.x_mm.0, element.y_mm.0, element.width_mm.0, element.height_mm.0], resolution),
            align: element.align,
            resolution,
            digits,
        })
    }

    /// Adds the symbol of some data to a drawing.
    ///
    /// # Errors
    /// Data that cannot be encoded, or that need more modules than the samples did.
    pub fn place(
        &self,
        data: &str,
        fonts: &FontSet,
        scratch: &mut CodeScratch,
        drawing: &mut Drawing,
    ) -> Result<(), LayoutError> {
        let wrap = |source| LayoutError::Symbol { element: self.element.clone(), source };
        scratch.bars.clear();
        let needed = match self.symbology {
            Symbology::Code128 => {
                scratch.symbol.encode_into(data).map_err(wrap)?;
                scratch.symbol.push_bars(&mut scratch.bars);
                scratch.symbol.module_count()
            }
            Symbology::Ean13 => {
                let ean = Ean13::parse(data).map_err(wrap)?;
                ean.push_bars(&mut scratch.bars);
                ean13::MODULE_COUNT
            }
        };
        if needed > self.module_count {
            let (element, data, planned) = (self.element.clone(), data.to_owned(), self.module_count);
            return Err(LayoutError::MoreThanDeclared { element, data, needed, planned });
        }
        let symbol = self.push_symbol(needed, data, &scratch.bars, drawing);
        if let (Symbology::Ean13, Some((face, size))) = (self.symbology, self.digits) {
            self.push_digits(data, symbol, (face, size), fonts, drawing)?;
        }
        Ok(())
    }

    /// Adds bars and data; says where the symbol stands.
    fn push_symbol(&self, modules: u32, data: &str, bars: &[ModuleBar], drawing: &mut Drawing) -> DotRect {
        let width = self.dots(modules);
        let spare = self.area.width - width;
        let x = self.area.x
            + match self.align {
                Align::Left => 0,
                Align::Center => spare / 2,
                Align::Right => spare,
            };
        let area = DotRect { x, y: self.area.y, width, height: self.area.height };
        let (first_bar, first_char) = (drawing.bars.len(), drawing.chars.len());
        let descent = self.dots(ean13::GUARD_DESCENT_MODULES);
        drawing.bars.extend(bars.iter().map(|bar| DotRect {
            x: x + self.dots(bar.start),
            y: area.y,
            width: self.dots(bar.width),
            height: area.height + if bar.guard { descent } else { 0 },
        }));
        drawing.chars.push_str(data);
        drawing.items.push(Item::Symbol(Symbol {
            symbology: self.symbology,
            area,
            module_dots: self.module_dots,
            bars: first_bar..drawing.bars.len(),
            data: first_char..drawing.chars.len(),
        }));
        area
    }

    /// Adds the digits under an EAN-13: each in the middle of the seven modules of its bars, the first one to the left.
    fn push_digits(
        &self,
        data: &str,
        symbol: DotRect,
        (face_id, size): (FaceId, Um),
        fonts: &FontSet,
        drawing: &mut Drawing,
    ) -> Result<(), LayoutError> {
        let face = fonts.face(face_id);
        let top = self.resolution.length(symbol.y + symbol.height + self.module_dots);
        let baseline = top + face.scale(i64::from(face.heights().capitals), size);
        for (i, digit) in (0_i32..).zip(data.split_inclusive(|_: char| true)) {
            let cell_modules = match i {
                0 => -10,
                1..=6 => 3 + 7 * (i - 1),
                _ => 50 + 7 * (i - 7),
            };
            let left = self.resolution.length(symbol.x + cell_modules * self.module_dots);
            let cell = self.resolution.length(7 * self.module_dots);
            let character = digit.chars().next().unwrap_or('0');
            let glyph = face.glyph(character).ok_or_else(|| LayoutError::GlyphMissing {
                element: self.element.clone(),
                character,
                font: face.name().to_owned(),
            })?;
            let width = face.scale(i64::from(glyph.advance), size);
            let x = left + Um((cell - width).0 / 2);
            push_run(digit, Placed { face: face_id, size, x, baseline, width }, face, drawing);
        }
        Ok(())
    }

    fn dots(&self, modules: u32) -> i32 {
        i32::try_from(modules).unwrap_or(i32::MAX / 1024) * self.module_dots
    }

    /// Dots that must stay white to the left and to the right of the bars.
    pub fn quiet_zones_dots(&self) -> (i32, i32) {
        match self.symbology {
            Symbology::Code128 => (self.dots(code128::QUIET_ZONE_MODULES), self.dots(code128::QUIET_ZONE_MODULES)),
            Symbology::Ean13 => (self.dots(ean13::QUIET_ZONE_LEFT_MODULES), self.dots(ean13::QUIET_ZONE_RIGHT_MODULES)),
        }
    }
}

/// Modules from the first bar to the last.
pub fn modules(symbology: Symbology, data: &str) -> Result<u32, SymbolError> {
    match symbology {
        Symbology::Code128 => Code128::encode(data).map(|symbol| symbol.module_count()),
        Symbology::Ean13 => Ean13::parse(data).map(|_| ean13::MODULE_COUNT),
    }
}

/// A rectangle given by left, top, width and height, each edge on the dot edge nearest to it.
pub fn snapped([x, y, width, height]: [Um; 4], resolution: Resolution) -> DotRect {
    let (left, top) = (resolution.nearest_edge_dots(x), resolution.nearest_edge_dots(y));
    let (right, bottom) = (resolution.nearest_edge_dots(x + width), resolution.nearest_edge_dots(y + height));
    DotRect { x: left, y: top, width: right - left, height: bottom - top }
}
