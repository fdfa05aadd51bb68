//! Code 128 (ISO/IEC 15417), shortest encoding by dynamic programming over the three code subsets.
//!
//! Subset A carries ASCII 0 to 95, B 32 to 127, C a pair of digits a symbol. FNC1 (for GS1-128) is in all three.
//! FNC2, FNC3, FNC4 and characters beyond ASCII are not encoded.

use super::{ModuleBar, SymbolError, push_elements};

/// Quiet zone on each side, in modules (ISO/IEC 15417 clause 4.3.2).
pub const QUIET_ZONE_MODULES: u32 = 10;

/// Characters that one symbol may hold here; GS1 allows 48, a handheld scanner rarely more.
pub const MAX_CHARACTERS: usize = 80;

/// Stands for FNC1 in the data: a private character that no keyboard or file brings along.
pub const FNC1: char = '\u{F8F1}';

const SHIFT: u8 = 98;
const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
const CODE_A: u8 = 101;
const FNC1_VALUE: u8 = 102;
const START: [u8; 3] = [103, 104, 105];
const STOP: [u8; 7] = [2, 3, 3, 1, 1, 1, 2];

/// One of the three code subsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subset {
    /// ASCII 0 to 95: upper case, digits and control characters.
    A,
    /// ASCII 32 to 127: upper and lower case and digits.
    B,
    /// Pairs of digits.
    C,
}

/// What one symbol character does, for printers that are told the subsets in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The start character of a subset, always first and only first.
    Start(Subset),
    /// Latches another subset.
    Latch(Subset),
    /// The next character alone is from the other of A and B.
    Shift,
    /// FNC1.
    Fnc1,
    /// An ASCII character, in A or B.
    Character(u8),
    /// A pair of digits, 0 to 99, in C.
    Pair(u8),
}

/// An encoded symbol, without its check and stop characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code128 {
    steps: Vec<Step>,
    values: Vec<u8>,
}

impl Code128 {
    /// Encodes ASCII text (and [`FNC1`]) in as few symbol characters as possible.
    ///
    /// # Errors
    /// [`SymbolError::Empty`], [`SymbolError::TooLong`] beyond 80 characters, [`SymbolError::Character`] beyond ASCII.
    ///
    /// ```
    /// # use nameplate::label::symbol::{code128::Code128, SymbolError};
    /// assert_eq!(Code128::encode("12345678901234")?.module_count(), 11 * (1 + 7 + 1) + 13);
    /// assert!(Code128::encode("Prüfung").is_err());
    /// # Ok::<(), SymbolError>(())
    /// ```
    pub fn encode(text: &str) -> Result<Code128, SymbolError> {
        let mut symbol = Code128::default();
        symbol.encode_into(text)?;
        Ok(symbol)
    }

    /// Encodes like [`Code128::encode`] in place, reusing memory.
    ///
    /// # Errors
    /// As for [`Code128::encode`]; the symbol is then empty.
    pub fn encode_into(&mut self, text: &str) -> Result<(), SymbolError> {
        self.encode_with(text, LatchToC::Anywhere)
    }

    /// Encodes in place without a latch to subset C: pairs of digits only where the symbol starts with them.
    ///
    /// At times longer than the shortest. Some imitations of printer languages cannot latch to C within a symbol.
    ///
    /// # Errors
    /// As for [`Code128::encode`]; the symbol is then empty.
    pub fn encode_plain_into(&mut self, text: &str) -> Result<(), SymbolError> {
        self.encode_with(text, LatchToC::Never)
    }

    fn encode_with(&mut self, text: &str, latch_to_c: LatchToC) -> Result<(), SymbolError> {
        self.steps.clear();
        self.values.clear();
        let mut data = [0_u8; MAX_CHARACTERS];
        let count = to_codes(text, &mut data)?;
        push_shortest(&data[..count], latch_to_c, &mut self.steps);
        let mut subset = Subset::B;
        let mut shifted = false;
        for &step in &self.steps {
            if let Step::Start(to) | Step::Latch(to) = step {
                subset = to;
            }
            self.values.push(value(step, subset, shifted));
            shifted = step == Step::Shift;
        }
        Ok(())
    }

    /// The steps from the start character to the last data character.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The check character: sum of value times position, modulo 103 (ISO/IEC 15417 annex A).
    pub fn check_value(&self) -> u8 {
        let weighted =
            self.values.iter().enumerate().map(|(i, &v)| u32::from(v) * u32::try_from(i.max(1)).unwrap_or(1));
        u8::try_from(weighted.sum::<u32>() % 103).unwrap_or(0)
    }

    /// Modules from the first bar to the last, without quiet zones: 11 a character and 13 for the stop.
    pub fn module_count(&self) -> u32 {
        11 * (u32::try_from(self.values.len()).unwrap_or(0) + 1) + 13
    }

    /// Appends the bars from left to right.
    pub fn push_bars(&self, bars: &mut Vec<ModuleBar>) {
        let mut at = 0;
        for value in self.values.iter().copied().chain([self.check_value()]) {
            at = push_elements(&WIDTHS[usize::from(value)], at, false, bars);
        }
        push_elements(&STOP, at, false, bars);
    }
}

/// FNC1 among the codes 0 to 127.
const FNC1_CODE: u8 = 128;

/// Turns text into codes and says how many.
fn to_codes(text: &str, data: &mut [u8; MAX_CHARACTERS]) -> Result<usize, SymbolError> {
    let mut count = 0;
    for character in text.chars() {
        let code = match u8::try_from(character) {
            _ if character == FNC1 => FNC1_CODE,
            Ok(byte) if byte < 128 => byte,
            _ => return Err(SymbolError::Character { character, symbology: "Code 128" }),
        };
        let Some(slot) = data.get_mut(count) else {
            return Err(SymbolError::TooLong { found: text.chars().count(), limit: MAX_CHARACTERS });
        };
        *slot = code;
        count += 1;
    }
    if count == 0 { Err(SymbolError::Empty) } else { Ok(count) }
}

/// Preferred subsets when costs tie: B is what printers and people expect.
const SUBSETS: [Subset; 3] = [Subset::B, Subset::C, Subset::A];

/// How to leave a position in a given subset.
#[derive(Clone, Copy)]
enum Move {
    Take,
    ShiftAndTake,
    LatchTo(Subset),
}

/// Whether pairs of digits may follow something else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LatchToC {
    Anywhere,
    Never,
}

/// The cheapest way from a position in a subset to the end, in symbol characters.
#[derive(Clone, Copy)]
struct Cheapest {
    cost: u16,
    by: Move,
}

const UNREACHABLE: Cheapest = Cheapest { cost: u16::MAX / 2, by: Move::Take };

/// Dynamic programming from the end of the data to its start; then walks the best path and writes its steps.
fn push_shortest(data: &[u8], latch_to_c: LatchToC, steps: &mut Vec<Step>) {
    let mut table = [[UNREACHABLE; 3]; MAX_CHARACTERS + 1];
    table[data.len()] = [Cheapest { cost: 0, by: Move::Take }; 3];
    for at in (0..data.len()).rev() {
        let without_latch = SUBSETS.map(|subset| cheapest_without_latch(data, at, subset, &table));
        for (i, slot) in table[at].iter_mut().enumerate() {
            *slot = without_latch[i];
            for (j, other) in without_latch.iter().enumerate() {
                let is_allowed = i != j && (SUBSETS[j] != Subset::C || latch_to_c == LatchToC::Anywhere);
                if is_allowed && other.cost + 1 < slot.cost {
                    *slot = Cheapest { cost: other.cost + 1, by: Move::LatchTo(SUBSETS[j]) };
                }
            }
        }
    }
    let mut subset = SUBSETS[0];
    for (i, candidate) in SUBSETS.into_iter().enumerate().skip(1) {
        if table[0][i].cost < table[0][index(subset)].cost {
            subset = candidate;
        }
    }
    steps.push(Step::Start(subset));
    let mut at = 0;
    while at < data.len() {
        match table[at][index(subset)].by {
            Move::LatchTo(to) => {
                subset = to;
                steps.push(Step::Latch(to));
            }
            Move::ShiftAndTake => {
                steps.push(Step::Shift);
                steps.push(Step::Character(data[at]));
                at += 1;
            }
            Move::Take => at += push_taken(data, at, subset, steps),
        }
    }
}

/// Writes the step for what stands at a position in a subset that carries it, and says how many characters it took.
fn push_taken(data: &[u8], at: usize, subset: Subset, steps: &mut Vec<Step>) -> usize {
    match (data[at], subset) {
        (FNC1_CODE, _) => steps.push(Step::Fnc1),
        (tens, Subset::C) => {
            steps.push(Step::Pair((tens - b'0') * 10 + (data[at + 1] - b'0')));
            return 2;
        }
        (code, _) => steps.push(Step::Character(code)),
    }
    1
}

/// Position of a subset in [`SUBSETS`].
fn index(subset: Subset) -> usize {
    match subset {
        Subset::B => 0,
        Subset::C => 1,
        Subset::A => 2,
    }
}

/// The cheapest way onwards that does not start with a latch.
fn cheapest_without_latch(
    data: &[u8],
    at: usize,
    subset: Subset,
    table: &[[Cheapest; 3]; MAX_CHARACTERS + 1],
) -> Cheapest {
    let code = data[at];
    let next = |taken: usize| table[at + taken][index(subset)].cost;
    let fits = |s: Subset| match s {
        Subset::A => code < 96,
        Subset::B => (32..128).contains(&code),
        Subset::C => code.is_ascii_digit() && data.get(at + 1).is_some_and(u8::is_ascii_digit),
    };
    let other = match subset {
        Subset::A => Subset::B,
        Subset::B | Subset::C => Subset::A,
    };
    if code == FNC1_CODE {
        Cheapest { cost: 1 + next(1), by: Move::Take }
    } else if fits(subset) {
        Cheapest { cost: 1 + next(if subset == Subset::C { 2 } else { 1 }), by: Move::Take }
    } else if subset != Subset::C && fits(other) {
        Cheapest { cost: 2 + next(1), by: Move::ShiftAndTake }
    } else {
        UNREACHABLE
    }
}

/// The value of a symbol character (ISO/IEC 15417 table 1).
fn value(step: Step, subset: Subset, shifted: bool) -> u8 {
    match step {
        Step::Start(Subset::A) => START[0],
        Step::Start(Subset::B) => START[1],
        Step::Start(Subset::C) => START[2],
        Step::Latch(Subset::A) => CODE_A,
        Step::Latch(Subset::B) => CODE_B,
        Step::Latch(Subset::C) => CODE_C,
        Step::Shift => SHIFT,
        Step::Fnc1 => FNC1_VALUE,
        Step::Pair(pair) => pair,
        Step::Character(code) => match (subset, shifted) {
            (Subset::A, false) | (Subset::B, true) if code < 32 => code + 64,
            _ => code - 32,
        },
    }
}

/// Bar and space widths of the values 0 to 105 (ISO/IEC 15417 table 1), starting with a bar.
#[rustfmt::skip]
const WIDTHS: [[u8; 6]; 106] = [
    [2,1,2,2,2,2],[2,2,2,1,2,2],[2,2,2,2,2,1],[1,2,1,2,2,3],[1,2,1,3,2,2],[1,3,1,2,2,2],[1,2,2,2,1,3],[1,2,2,3,1,2],
    [1,3,2,2,1,2],[2,2,1,2,1,3],[2,2,1,3,1,2],[2,3,1,2,1,2],[1,1,2,2,3,2],[1,2,2,1,3,2],[1,2,2,2,3,1],[1,1,3,2,2,2],
    [1,2,3,1,2,2],[1,2,3,2,2,1],[2,2,3,2,1,1],[2,2,1,1,3,2],[2,2,1,2,3,1],[2,1,3,2,1,2],[2,2,3,1,1,2],[3,1,2,1,3,1],
    [3,1,1,2,2,2],[3,2,1,1,2,2],[3,2,1,2,2,1],[3,1,2,2,1,2],[3,2,2,1,1,2],[3,2,2,2,1,1],[2,1,2,1,2,3],[2,1,2,3,2,1],
    [2,3,2,1,2,1],[1,1,1,3,2,3],[1,3,1,1,2,3],[1,3,1,3,2,1],[1,1,2,3,1,3],[1,3,2,1,1,3],[1,3,2,3,1,1],[2,1,1,3,1,3],
    [2,3,1,1,1,3],[2,3,1,3,1,1],[1,1,2,1,3,3],[1,1,2,3,3,1],[1,3,2,1,3,1],[1,1,3,1,2,3],[1,1,3,3,2,1],[1,3,3,1,2,1],
    [3,1,3,1,2,1],[2,1,1,3,3,1],[2,3,1,1,3,1],[2,1,3,1,1,3],[2,1,3,3,1,1],[2,1,3,1,3,1],[3,1,1,1,2,3],[3,1,1,3,2,1],
    [3,3,1,1,2,1],[3,1,2,1,1,3],[3,1,2,3,1,1],[3,3,2,1,1,1],[3,1,4,1,1,1],[2,2,1,4,1,1],[4,3,1,1,1,1],[1,1,1,2,2,4],
    [1,1,1,4,2,2],[1,2,1,1,2,4],[1,2,1,4,2,1],[1,4,1,1,2,2],[1,4,1,2,2,1],[1,1,2,2,1,4],[1,1,2,4,1,2],[1,2,2,1,1,4],
    [1,2,2,4,1,1],[1,4,2,1,1,2],[1,4,2,2,1,1],[2,4,1,2,1,1],[2,2,1,1,1,4],[4,1,3,1,1,1],[2,4,1,1,1,2],[1,3,4,1,1,1],
    [1,1,1,2,4,2],[1,2,1,1,4,2],[1,2,1,2,4,1],[1,1,4,2,1,2],[1,2,4,1,1,2],[1,2,4,2,1,1],[4,1,1,2,1,2],[4,2,1,1,1,2],
    [4,2,1,2,1,1],[2,1,2,1,4,1],[2,1,4,1,2,1],[4,1,2,1,2,1],[1,1,1,1,4,3],[1,1,1,3,4,1],[1,3,1,1,4,1],[1,1,4,1,1,3],
    [1,1,4,3,1,1],[4,1,1,1,1,3],[4,1,1,3,1,1],[1,1,3,1,4,1],[1,1,4,1,3,1],[3,1,1,1,4,1],[4,1,1,1,3,1],[2,1,1,4,1,2],
    [2,1,1,2,1,4],[2,1,1,2,3,2],
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_character_is_eleven_modules_and_unlike_any_other() {
        for (i, widths) in WIDTHS.iter().enumerate() {
            assert_eq!(widths.iter().sum::<u8>(), 11, "value {i}");
            assert_eq!(
                (widths[0] + widths[2] + widths[4]) % 2,
                0,
                "value {i}: bars of a character sum to an even number"
            );
            assert!(!WIDTHS[..i].contains(widths), "value {i} repeats an earlier one");
        }
    }

    #[test]
    fn subsets_switch_where_it_pays() {
        let steps = |text: &str| Code128::encode(text).unwrap().steps().to_vec();
        assert_eq!(steps("1234"), [Step::Start(Subset::C), Step::Pair(12), Step::Pair(34)]);
        assert_eq!(steps("A12").len(), 4);
        assert_eq!(steps("A1234")[2], Step::Latch(Subset::C));
        assert_eq!(steps("A123")[2], Step::Character(b'1'));
        assert_eq!(steps("\tab")[..3], [Step::Start(Subset::B), Step::Shift, Step::Character(b'\t')]);
        assert_eq!(steps("A1234B").len(), 7);
        assert_eq!(steps("\t\tAB")[0], Step::Start(Subset::A));
    }

    #[test]
    fn plain_symbols_use_pairs_only_from_the_start() {
        let mut symbol = Code128::default();
        for (text, count) in
            [("A1234567890B", 13), ("12345678901", 8), ("1234ABCD5678", 1 + 2 + 1 + 8), ("ABCDEFGHJKMN", 13)]
        {
            symbol.encode_plain_into(text).unwrap();
            assert_eq!(symbol.steps().len(), count, "{text}");
            assert!(!symbol.steps().contains(&Step::Latch(Subset::C)), "{text}");
        }
    }

    #[test]
    fn fnc1_may_stand_between_pairs() {
        let text = format!("{FNC1}0112345678901231{FNC1}21");
        let symbol = Code128::encode(&text).unwrap();
        assert_eq!(symbol.steps()[..2], [Step::Start(Subset::C), Step::Fnc1]);
        assert_eq!(symbol.steps().len(), 1 + 1 + 8 + 1 + 1);
    }

    #[test]
    fn a_serial_of_twelve_letters_takes_187_modules_with_its_quiet_zones() {
        assert_eq!(Code128::encode("ABCDEFGHJKMN").unwrap().module_count() + 2 * QUIET_ZONE_MODULES, 187);
    }

    /// Dark and light modules of a symbol.
    fn dots(symbol: &Code128) -> Vec<u8> {
        let mut bars = Vec::new();
        symbol.push_bars(&mut bars);
        let mut dots = vec![0; usize::try_from(symbol.module_count()).unwrap()];
        for bar in bars {
            dots[bar.start as usize..][..bar.width as usize].fill(1);
        }
        dots
    }

    /// The symbol as `barcoders` draws it, which has to be told the subsets.
    fn dots_of_barcoders(symbol: &Code128) -> Vec<u8> {
        let subset = |subset: &Subset| match subset {
            Subset::A => '\u{c0}',
            Subset::B => '\u{181}',
            Subset::C => '\u{106}',
        };
        let mut text = String::new();
        for step in symbol.steps() {
            match step {
                Step::Start(to) | Step::Latch(to) => text.push(subset(to)),
                Step::Character(code) => text.push(char::from(*code)),
                Step::Pair(pair) => text.push_str(&format!("{pair:02}")),
                Step::Fnc1 => text.push('\u{179}'),
                Step::Shift => unreachable!("printable text needs no shift"),
            }
        }
        barcoders::sym::code128::Code128::new(text).unwrap().encode()
    }

    // Invariants:
    // 1. The bars are those of an encoder that is not ours, told the same subsets.
    // 2. No other choice of subsets is shorter: not one subset throughout, nor what one more latch anywhere would give.
    // 3. Undoing the steps gives the text back.
    proptest! {
        #[test]
        fn bars_agree_with_barcoders(text in "[ -~]{1,40}|[0-9]{1,40}|([0-9]{1,7}[A-Z]{0,3}){1,6}") {
            let symbol = Code128::encode(&text).unwrap();
            prop_assert_eq!(dots(&symbol), dots_of_barcoders(&symbol));
        }

        #[test]
        fn the_encoding_is_the_shortest(text in "([0-9]{1,5}|[A-Z\\t]{1,2}|[a-z]{1,2}){1,3}") {
            let symbol = Code128::encode(&text).unwrap();
            prop_assert_eq!(symbol.steps().len(), 1 + shortest(text.as_bytes(), None));
        }

        #[test]
        fn steps_read_back(text in "[\u{0}-\u{7f}\u{f8f1}]{1,60}") {
            let mut again = String::new();
            for step in Code128::encode(&text).unwrap().steps() {
                match step {
                    Step::Character(code) => again.push(char::from(*code)),
                    Step::Pair(pair) => again.push_str(&format!("{pair:02}")),
                    Step::Fnc1 => again.push(FNC1),
                    Step::Start(_) | Step::Latch(_) | Step::Shift => {}
                }
            }
            prop_assert_eq!(again, text);
        }
    }

    /// Symbol characters after the start, by trying everything; the start itself chooses the first subset.
    fn shortest(text: &[u8], subset: Option<Subset>) -> usize {
        let Some(&code) = text.first() else { return 0 };
        let mut best = usize::MAX;
        for to in [Subset::A, Subset::B, Subset::C] {
            let latch = usize::from(subset.is_some_and(|from| from != to));
            if to == Subset::C {
                if code.is_ascii_digit() && text.get(1).is_some_and(u8::is_ascii_digit) {
                    best = best.min(latch + 1 + shortest(&text[2..], Some(to)));
                }
                continue;
            }
            let shift = usize::from(if to == Subset::A { code >= 96 } else { code < 32 });
            best = best.min(latch + shift + 1 + shortest(&text[1..], Some(to)));
        }
        best
    }

    #[test]
    fn what_cannot_be_carried_is_named() {
        assert_eq!(Code128::encode(""), Err(SymbolError::Empty));
        assert_eq!(
            Code128::encode("A\u{e9}"),
            Err(SymbolError::Character { character: '\u{e9}', symbology: "Code 128" })
        );
        assert_eq!(Code128::encode(&"A".repeat(81)), Err(SymbolError::TooLong { found: 81, limit: 80 }));
    }
}
