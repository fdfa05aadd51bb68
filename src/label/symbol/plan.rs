//! What is decided once per job, and encoding label after label within it.

use super::code39::Code39;
use super::code128::{Code128, FNC1};
use super::data_matrix::DataMatrixPlan;
use super::ean8::Ean8;
use super::ean13::Ean13;
use super::error::shown;
use super::gs1::ElementString;
use super::itf14::Itf14;
use super::micro_qr::MicroQrPlan;
use super::qr::{QrPlan, QrScratch};
use super::upc_a::UpcA;
use super::{Matrix, ModuleBar, SymbolError, Symbology, ean8, ean13, itf14, upc_a};

/// Data characters of a GS1-128: AIs, values and FNC1 between them (GS1 General Specifications 5.4.1).
pub const MAX_GS1_128_CHARACTERS: usize = 48;

/// The separator that a reader reports for FNC1 between element strings.
const GROUP_SEPARATOR: char = '\u{1d}';

/// How much damage a QR Code survives (ISO/IEC 18004 clause 7.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCorrection {
    /// About 7 % of the codewords.
    L,
    /// About 15 %.
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

/// The shape of a Data Matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MatrixShape {
    /// 10 x 10 to 144 x 144 modules.
    #[default]
    Square,
    /// 18 x 8 to 48 x 16 modules, for narrow labels.
    Rectangle,
}

/// What a template may choose about a symbol. The default is level M and square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SymbolOptions {
    /// For QR and Micro QR; `None` is M.
    pub error_correction: Option<ErrorCorrection>,
    /// For Data Matrix.
    pub shape: MatrixShape,
}

/// What is decided once for a job: for example the QR version that holds the longest sample.
#[derive(Clone, Debug)]
pub struct SymbolPlan {
    symbology: Symbology,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Linear { modules: u32 },
    DataMatrix(DataMatrixPlan),
    Qr(QrPlan),
    MicroQr(MicroQrPlan),
}

/// Memory that is kept from label to label. What is in it never changes a symbol.
#[derive(Debug, Default)]
pub struct SymbolScratch {
    code128: Code128,
    bars: Vec<ModuleBar>,
    matrix: Matrix,
    qr: QrScratch,
    elements: ElementString,
    text: String,
}

/// An encoded symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoded<'s> {
    /// Bars from left to right.
    Linear {
        /// The dark bars.
        bars: &'s [ModuleBar],
        /// Modules from the first bar to the last.
        modules: u32,
    },
    /// Rows and columns.
    Matrix(&'s Matrix),
}

impl SymbolPlan {
    /// Decides for the longest of some samples. EAN, UPC and ITF are always as long and need none.
    ///
    /// # Errors
    /// Samples that cannot be encoded, no sample where one is needed ([`SymbolError::Empty`]).
    ///
    /// ```
    /// # use nameplate::label::symbol::{SymbolError, SymbolOptions, SymbolPlan, Symbology};
    /// let plan = SymbolPlan::new(Symbology::Qr, &SymbolOptions::default(), &["https://example.com/K7-0001"])?;
    /// assert_eq!(plan.modules(), (25, 25));
    /// assert!(SymbolPlan::new(Symbology::Ean13, &SymbolOptions::default(), &["4006381333932"]).is_err());
    /// # Ok::<(), SymbolError>(())
    /// ```
    pub fn new(symbology: Symbology, options: &SymbolOptions, samples: &[&str]) -> Result<SymbolPlan, SymbolError> {
        let level = options.error_correction.unwrap_or(ErrorCorrection::M);
        let kind = match symbology {
            Symbology::Qr => Kind::Qr(QrPlan::new(level, samples)?),
            Symbology::MicroQr => Kind::MicroQr(MicroQrPlan::new(level, samples)?),
            Symbology::DataMatrix => Kind::DataMatrix(DataMatrixPlan::new(options.shape, false, samples)?),
            Symbology::Gs1DataMatrix => {
                let texts: Vec<String> =
                    samples.iter().map(|sample| scanned_text(symbology, sample)).collect::<Result<_, _>>()?;
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                Kind::DataMatrix(DataMatrixPlan::new(options.shape, true, &texts)?)
            }
            _ => Kind::Linear { modules: widest(symbology, samples)? },
        };
        Ok(SymbolPlan { symbology, kind })
    }

    /// The symbology.
    pub fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// Columns and rows of the widest symbol of the job, without quiet zones; a linear symbol has one row.
    pub fn modules(&self) -> (u32, u32) {
        match &self.kind {
            Kind::Linear { modules } => (*modules, 1),
            Kind::DataMatrix(plan) => plan.modules(),
            Kind::Qr(plan) => (plan.width(), plan.width()),
            Kind::MicroQr(plan) => (plan.width(), plan.width()),
        }
    }

    /// Whether the data are sure to fit, without encoding them: for printers that do that themselves. Where it is not sure,
    /// encoding tells.
    pub fn surely_holds(&self, data: &str) -> bool {
        match &self.kind {
            Kind::Qr(plan) => plan.surely_holds(data),
            Kind::Linear { .. } => self.symbology == Symbology::Code128,
            Kind::DataMatrix(_) | Kind::MicroQr(_) => false,
        }
    }

    /// Encodes the data of one label; for GS1 symbologies an element string in brackets.
    ///
    /// # Errors
    /// Data that cannot be encoded, or [`SymbolError::LongerThanPlanned`].
    pub fn encode<'s>(&self, data: &str, scratch: &'s mut SymbolScratch) -> Result<Encoded<'s>, SymbolError> {
        match &self.kind {
            Kind::Linear { modules: planned } => {
                let modules = encode_linear(self.symbology, data, scratch)?;
                if modules > *planned {
                    let (needed, planned) = (modules, *planned);
                    return Err(SymbolError::LongerThanPlanned { data: shown(data), needed, planned, unit: "modules" });
                }
                return Ok(Encoded::Linear { bars: &scratch.bars, modules });
            }
            Kind::DataMatrix(plan) if self.symbology.is_gs1() => {
                scratch.elements.parse_into(data)?;
                scratch.text.clear();
                scratch.elements.push_encoded(GROUP_SEPARATOR, &mut scratch.text);
                plan.encode(&scratch.text, &mut scratch.matrix)?;
            }
            Kind::DataMatrix(plan) => plan.encode(data, &mut scratch.matrix)?,
            Kind::Qr(plan) => plan.encode(data, &mut scratch.qr, &mut scratch.matrix)?,
            Kind::MicroQr(plan) => plan.encode(data, &mut scratch.matrix)?,
        }
        Ok(Encoded::Matrix(&scratch.matrix))
    }
}

/// Modules of the widest sample.
fn widest(symbology: Symbology, samples: &[&str]) -> Result<u32, SymbolError> {
    let fixed = match symbology {
        Symbology::Ean13 => Some(ean13::MODULE_COUNT),
        Symbology::Ean8 => Some(ean8::MODULE_COUNT),
        Symbology::UpcA => Some(upc_a::MODULE_COUNT),
        Symbology::Itf14 => Some(itf14::MODULE_COUNT),
        _ => None,
    };
    let mut scratch = SymbolScratch::default();
    let mut widest = fixed;
    for sample in samples {
        widest = widest.max(Some(encode_linear(symbology, sample, &mut scratch)?));
    }
    widest.ok_or(SymbolError::Empty)
}

/// Leaves the bars in the scratch and says how many modules they take.
fn encode_linear(symbology: Symbology, data: &str, scratch: &mut SymbolScratch) -> Result<u32, SymbolError> {
    let bars = &mut scratch.bars;
    bars.clear();
    match symbology {
        Symbology::Ean13 => Ean13::parse(data)?.push_bars(bars),
        Symbology::Ean8 => Ean8::parse(data)?.push_bars(bars),
        Symbology::UpcA => UpcA::parse(data)?.push_bars(bars),
        Symbology::Itf14 => Itf14::parse(data)?.push_bars(bars),
        Symbology::Code39 => Code39::parse(data)?.push_bars(bars),
        Symbology::Gs1_128 => {
            scratch.elements.parse_into(data)?;
            scratch.text.clear();
            scratch.text.push(FNC1);
            scratch.elements.push_encoded(FNC1, &mut scratch.text);
            let found = scratch.text.chars().count() - 1;
            if found > MAX_GS1_128_CHARACTERS {
                return Err(SymbolError::TooLong { found, limit: MAX_GS1_128_CHARACTERS });
            }
            scratch.code128.encode_into(&scratch.text)?;
            scratch.code128.push_bars(bars);
        }
        _ => {
            check_no_fnc1(data)?;
            scratch.code128.encode_into(data)?;
            scratch.code128.push_bars(bars);
        }
    }
    Ok(bars.last().map_or(0, |bar| bar.start + bar.width))
}

/// Plain Code 128 takes data as they are; FNC1 would make them a GS1-128.
fn check_no_fnc1(data: &str) -> Result<(), SymbolError> {
    if data.contains(FNC1) {
        return Err(SymbolError::Character { character: FNC1, symbology: Symbology::Code128.name() });
    }
    Ok(())
}

/// The exact text that a reader reports for these data.
///
/// FNC1 between elements is GS (0x1D), the leading one and start and stop characters are left out, a UPC-A has
/// thirteen digits with a leading 0 (GS1 General Specifications 5.2 and 7.8). Code 39 is reported without `*`.
///
/// # Errors
/// Data that cannot be encoded in the symbology; the length is not checked against any plan.
///
/// ```
/// # use nameplate::label::symbol::{Symbology, scanned_text, SymbolError};
/// assert_eq!(scanned_text(Symbology::Gs1_128, "(01)09506000134352(10)B42(21)7K3M")?, "010950600013435210B42\u{1d}217K3M");
/// assert!(scanned_text(Symbology::UpcA, "036000291453").is_err());
/// # Ok::<(), SymbolError>(())
/// ```
pub fn scanned_text(symbology: Symbology, data: &str) -> Result<String, SymbolError> {
    if symbology.is_gs1() {
        let mut text = String::new();
        ElementString::parse(data)?.push_encoded(GROUP_SEPARATOR, &mut text);
        return Ok(text);
    }
    if !symbology.is_matrix() {
        encode_linear(symbology, data, &mut SymbolScratch::default())?;
    } else if data.is_empty() {
        return Err(SymbolError::Empty);
    }
    Ok(if symbology == Symbology::UpcA { format!("0{data}") } else { data.to_owned() })
}

#[cfg(test)]
mod tests;
