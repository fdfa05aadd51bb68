//! Splitting data into segments of the fewest bits, and writing them as codewords (ISO/IEC 18004 clause 7.4).
//!
//! Characters beyond ASCII go as UTF-8 bytes behind ECI 26 (AIM ECI register: ECI 000026 is UTF-8).

use super::Version;

/// How characters become bits (clause 7.3); Kanji is not used, UTF-8 says the same to every reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Numeric,
    Alphanumeric,
    Byte,
}

const MODES: [Mode; 3] = [Mode::Numeric, Mode::Alphanumeric, Mode::Byte];

/// Sixths of a bit that a character takes: ten bits carry three digits, eleven carry two characters, eight a byte.
const SIXTHS: [u32; 3] = [20, 33, 48];

/// A cost that stands for "not possible".
const IMPOSSIBLE: u32 = u32::MAX / 4;

/// Mode indicator 0111 and the designator of ECI 26, twelve bits (clause 7.4.3.2).
const ECI_UTF8: (u32, u32) = (0x7 << 8 | 26, 12);

/// The segments of the data last looked at.
#[derive(Debug, Default)]
pub(super) struct Segmenter {
    /// For each byte and for each mode after it: the mode in which the byte itself goes.
    came_from: Vec<[Mode; 3]>,
    /// The mode of each byte.
    modes: Vec<Mode>,
    needs_eci: bool,
}

impl Segmenter {
    /// Chooses the segments with the fewest bits for a version and says how many bits they take.
    ///
    /// Dynamic programming over bytes and modes; ties go to the more general mode that needs no switch.
    pub(super) fn choose(&mut self, data: &[u8], version: Version) -> u32 {
        let header_sixths = MODES.map(|mode| 6 * (4 + count_bits(mode, version)));
        let mut costs = header_sixths;
        self.came_from.clear();
        for &byte in data {
            let carried = CARRIED[usize::from(byte)];
            let mut after = [IMPOSSIBLE; 3];
            let mut from = MODES;
            for i in 0..3 {
                if carried & (1 << i) != 0 {
                    after[i] = costs[i] + SIXTHS[i];
                }
            }
            let whole = after.map(|cost| cost.div_ceil(6) * 6);
            let mut switched = after;
            for to in 0..3 {
                for of in 0..3 {
                    let cost = whole[of] + header_sixths[to];
                    if of != to && cost < switched[to] {
                        switched[to] = cost;
                        from[to] = MODES[of];
                    }
                }
            }
            costs = switched;
            self.came_from.push(from);
        }
        let mut mode = MODES[0];
        for i in 1..3 {
            if costs[i] < costs[index(mode)] {
                mode = MODES[i];
            }
        }
        self.needs_eci = !data.is_ascii();
        let bits = costs[index(mode)].div_ceil(6) + if self.needs_eci { ECI_UTF8.1 } else { 0 };
        self.modes.clear();
        self.modes.resize(data.len(), mode);
        for (slot, from) in self.modes.iter_mut().zip(&self.came_from).rev() {
            mode = from[index(mode)];
            *slot = mode;
        }
        bits
    }

    /// Writes the chosen segments of the same data, terminator and padding: exactly `capacity_bits`.
    pub(super) fn write(&self, data: &[u8], version: Version, capacity_bits: u32, codewords: &mut Vec<u8>) {
        let mut out = BitWriter { codewords, pending: 0, count: 0 };
        if self.needs_eci {
            out.push(ECI_UTF8.0, ECI_UTF8.1);
        }
        let mut start = 0;
        for run in self.modes.chunk_by(|a, b| a == b) {
            push_segment(run[0], &data[start..start + run.len()], version, &mut out);
            start += run.len();
        }
        out.finish(super::small_index(capacity_bits / 8));
    }
}

fn index(mode: Mode) -> usize {
    match mode {
        Mode::Numeric => 0,
        Mode::Alphanumeric => 1,
        Mode::Byte => 2,
    }
}

/// Bits of the character count (clause 7.4.1 table 3).
fn count_bits(mode: Mode, version: Version) -> u32 {
    let class = match version.number() {
        1..=9 => 0,
        10..=26 => 1,
        _ => 2,
    };
    match mode {
        Mode::Numeric => [10, 12, 14][class],
        Mode::Alphanumeric => [9, 11, 13][class],
        Mode::Byte => [8, 16, 16][class],
    }
}

fn push_segment(mode: Mode, data: &[u8], version: Version, out: &mut BitWriter<'_>) {
    let indicator = 1 << index(mode);
    out.push(indicator, 4);
    out.push(super::small(data.len()), count_bits(mode, version));
    match mode {
        Mode::Numeric => {
            for group in data.chunks(3) {
                let value = group.iter().fold(0, |sum, &digit| sum * 10 + u32::from(digit - b'0'));
                out.push(value, [0, 4, 7, 10][group.len()]);
            }
        }
        Mode::Alphanumeric => {
            for group in data.chunks(2) {
                let value = group.iter().fold(0, |sum, &c| sum * 45 + u32::from(ALPHANUMERIC[usize::from(c)]));
                out.push(value, [0, 6, 11][group.len()]);
            }
        }
        Mode::Byte => data.iter().for_each(|&byte| out.push(u32::from(byte), 8)),
    }
}

/// Collects bits into codewords, highest bit first.
struct BitWriter<'o> {
    codewords: &'o mut Vec<u8>,
    /// The bits that do not fill a codeword yet, in the lowest places.
    pending: u32,
    count: u32,
}

impl BitWriter<'_> {
    /// Appends up to 16 bits.
    fn push(&mut self, value: u32, bits: u32) {
        self.pending = self.pending << bits | value;
        self.count += bits;
        while self.count >= 8 {
            self.count -= 8;
            self.codewords.push((self.pending >> self.count).to_le_bytes()[0]);
        }
    }

    /// Up to four bits of terminator, zeros to a whole codeword, then pad codewords (clauses 7.4.9 and 7.4.10).
    fn finish(mut self, capacity: usize) {
        if self.count > 0 {
            let free = 8 - self.count;
            self.push(0, free);
            if free < 4 && self.codewords.len() < capacity {
                self.push(0, 8);
            }
        } else if self.codewords.len() < capacity {
            self.push(0, 8);
        }
        for pad in [0xEC, 0x11].into_iter().cycle().take(capacity - self.codewords.len()) {
            self.codewords.push(pad);
        }
    }
}

/// Values of the 45 alphanumeric characters (clause 7.3.4 table 5); 255 for all others.
const ALPHANUMERIC: [u8; 256] = {
    let characters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut values = [255; 256];
    let mut i = 0;
    while i < 45 {
        values[characters[i as usize] as usize] = i;
        i += 1;
    }
    values
};

/// Which modes carry a byte: bit 0 numeric, bit 1 alphanumeric, bit 2 byte.
const CARRIED: [u8; 256] = {
    let mut carried = [0b100; 256];
    let mut i = 0;
    while i < 256 {
        if ALPHANUMERIC[i] < 45 {
            carried[i] |= 0b010;
        }
        if ALPHANUMERIC[i] < 10 {
            carried[i] |= 0b001;
        }
        i += 1;
    }
    carried
};
