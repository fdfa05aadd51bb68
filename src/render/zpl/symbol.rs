//! Symbols that the printer draws itself: head with place and module, data with their escapes.

use super::escape::{push_code128, push_data_matrix, push_escaped_field, push_text};
use super::place::Origin;
use crate::label::symbol::code128::{Code128, FNC1, Step};
use crate::label::symbol::{ErrorCorrection, Symbology, gs1};
use crate::label::{Drawing, Symbol, Turn};

/// What the printer cannot draw itself, or not just like this: it goes along as a graphic, so nobody need be told.
pub struct NotNative(
    #[expect(dead_code, reason = "says to whoever reads the code, or steps through it, what stands in the way")]
    &'static str,
);

/// What `^BQ` is sunk by: the bar height of the `^BY` that goes with it.
const QR_SINKS_DOTS: i32 = 10;

/// Orientation letter of ZPL.
fn orientation(turn: Turn) -> char {
    match turn {
        Turn::None => 'N',
        Turn::Quarter => 'R',
        Turn::Half => 'I',
        Turn::ThreeQuarters => 'B',
    }
}

/// Place, module and kind of a symbol, without text of its own.
///
/// # Errors
/// [`NotNative`] for what printers cannot draw, or not like this.
pub fn push_symbol_head(symbol: &Symbol, origin: Origin, out: &mut Vec<u8>) -> Result<(), NotNative> {
    let (area, module, turn) = (symbol.area, symbol.module_dots, orientation(symbol.turn));
    let height = if symbol.turn.is_sideways() { area.width } else { area.height };
    let sinks = if symbol.symbology == Symbology::Qr { QR_SINKS_DOTS } else { 0 };
    let at = origin.field(area.x, area.y - sinks);
    let (x, y) = at.ok_or(NotNative("a symbol that differs from label to label is too far to the left or top"))?;
    let place = format!("^FO{x},{y}^BY{module},3,{height}");
    let command = match symbol.symbology {
        Symbology::Code128 | Symbology::Gs1_128 => format!("{place}^BC{turn},{height},N,N,N,N"),
        Symbology::Itf14 => format!("{place}^B2{turn},{height},N,N,N"),
        Symbology::Code39 => format!("{place}^B3{turn},N,{height},N,N"),
        Symbology::DataMatrix | Symbology::Gs1DataMatrix => {
            let (columns, rows) = symbol.matrix.as_ref().map_or((0, 0), |matrix| (matrix.columns, matrix.rows));
            if columns != rows {
                return Err(NotNative("printers differ in what they fit into a rectangular Data Matrix"));
            }
            format!("{place}^BXN,{module},200,{columns},{rows},,@,1")
        }
        Symbology::Qr => {
            if module > 10 {
                return Err(NotNative("a QR code that differs from label to label is too large"));
            }
            format!("^FO{x},{y}^BY2,3,{QR_SINKS_DOTS}^BQN,2,{module}")
        }
        Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA => {
            return Err(NotNative("an EAN or UPC differs from label to label, and its guard bars are in the graphic"));
        }
        Symbology::MicroQr => return Err(NotNative("a Micro QR code differs from label to label")),
    };
    out.extend_from_slice(command.as_bytes());
    Ok(())
}

/// Writes data of symbols; keeps its memory.
#[derive(Default)]
pub struct SymbolWriter {
    code128: Code128,
    text: String,
}

impl SymbolWriter {
    /// Appends `^FD` and the data of a symbol, escaped as its command demands.
    ///
    /// Some imitations of ZPL stumble over `>5`, the switch to pairs of digits within Code 128. So it is written only where
    /// the symbol would otherwise be wider than the widest one that was planned.
    ///
    /// # Errors
    /// [`NotNative`] for characters that the command cannot carry.
    pub fn push_data(
        &mut self,
        symbol: &Symbol,
        planned: &Symbol,
        drawing: &Drawing,
        out: &mut Vec<u8>,
    ) -> Result<(), NotNative> {
        let data = drawing.symbol_data(symbol);
        match symbol.symbology {
            // Imitations of ZPL leave out a single character.
            Symbology::Code128 if data.len() < 2 => Err(NotNative("a Code 128 of one character")),
            Symbology::Code128 => {
                out.extend_from_slice(b"^FD");
                self.push_code128(data, symbol, planned, out)
            }
            Symbology::Gs1_128 => {
                out.extend_from_slice(b"^FD");
                let text = self.fnc1_text(data)?;
                let pushed = self.push_code128(&text, symbol, planned, out);
                self.text = text;
                pushed
            }
            Symbology::DataMatrix => {
                out.extend_from_slice(b"^FH\\^FD");
                push_data_matrix(data, out).map_err(|_| NotNative("a letter beyond ASCII in a Data Matrix"))
            }
            Symbology::Gs1DataMatrix => {
                out.extend_from_slice(b"^FH\\^FD");
                let text = self.fnc1_text(data)?;
                let pushed = push_data_matrix(&text, out);
                self.text = text;
                pushed.map_err(|_| NotNative("a letter beyond ASCII in a Data Matrix"))
            }
            Symbology::Qr => {
                if !data.is_ascii() {
                    return Err(NotNative("a letter beyond ASCII in a QR code"));
                }
                self.text.clear();
                self.text.push(level(symbol));
                self.text.push_str("A,");
                self.text.push_str(data);
                push_escaped_field(&self.text, out);
                Ok(())
            }
            Symbology::Itf14 | Symbology::Code39 => {
                out.extend_from_slice(b"^FD");
                push_text(data, out);
                Ok(())
            }
            Symbology::Ean13 | Symbology::Ean8 | Symbology::UpcA | Symbology::MicroQr => {
                Err(NotNative("a symbol differs from label to label that the printer does not draw itself"))
            }
        }
    }

    /// An element string as FNC1 and text, in memory that is given back.
    fn fnc1_text(&mut self, data: &str) -> Result<String, NotNative> {
        let elements = gs1::ElementString::parse(data).map_err(|_| NotNative("data that are no element string"))?;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        text.push(FNC1);
        elements.push_encoded(FNC1, &mut text);
        Ok(text)
    }

    fn push_code128(
        &mut self,
        data: &str,
        symbol: &Symbol,
        planned: &Symbol,
        out: &mut Vec<u8>,
    ) -> Result<(), NotNative> {
        let beyond = |_| NotNative("data beyond Code 128");
        let most_dots = if planned.turn.is_sideways() { planned.area.height } else { planned.area.width };
        self.code128.encode_plain_into(data).map_err(beyond)?;
        if i64::from(self.code128.module_count()) * i64::from(symbol.module_dots) > i64::from(most_dots) {
            self.code128.encode_into(data).map_err(beyond)?;
            if i64::from(self.code128.module_count()) * i64::from(symbol.module_dots) > i64::from(most_dots) {
                return Err(NotNative("data that are longer than planned"));
            }
        }
        let refused = |_| NotNative("a control character in Code 128");
        let start = out.len();
        push_code128(self.code128.steps(), out).map_err(refused)?;
        if !ends_in_a_single(&out[start..]) {
            return Ok(());
        }
        // Imitations of ZPL lose a single character behind the last switch: the pair of digits before it goes with it.
        out.truncate(start);
        let steps = with_pair_at_end(self.code128.steps()).ok_or(NotNative("a single character at the end"))?;
        let grown = i64::try_from(steps.len()).unwrap_or(0) - i64::try_from(self.code128.steps().len()).unwrap_or(0);
        let modules = i64::from(self.code128.module_count()) + 11 * grown;
        push_code128(&steps, out).map_err(refused)?;
        if modules * i64::from(symbol.module_dots) > i64::from(most_dots) || ends_in_a_single(&out[start..]) {
            return Err(NotNative("a single character at the end"));
        }
        Ok(())
    }
}

/// Whether exactly one character follows the last switch or escape of `^BC` data.
fn ends_in_a_single(data: &[u8]) -> bool {
    data.iter().rposition(|byte| *byte == b'>').is_some_and(|at| data.len() - at == 3)
}

/// The same data with the last pair of digits written as two characters, in the subset of the one character that follows.
fn with_pair_at_end(steps: &[Step]) -> Option<Vec<Step>> {
    let [before @ .., Step::Pair(pair), latch @ Step::Latch(subset), last @ Step::Character(_)] = steps else {
        return None;
    };
    let mut steps = before.to_vec();
    match steps.last_mut() {
        Some(start @ Step::Start(_)) => *start = Step::Start(*subset),
        _ => steps.push(*latch),
    }
    steps.extend([Step::Character(b'0' + pair / 10), Step::Character(b'0' + pair % 10), *last]);
    Some(steps)
}

/// The letter of a QR code's error correction.
fn level(symbol: &Symbol) -> char {
    match symbol.error_correction {
        ErrorCorrection::L => 'L',
        ErrorCorrection::M => 'M',
        ErrorCorrection::Q => 'Q',
        ErrorCorrection::H => 'H',
    }
}
