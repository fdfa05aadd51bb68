//! Which blocks a stream is made of: as much of an inflater as that takes (RFC 1951, 3.2.3 to 3.2.7).

struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> usize {
        (0..count).fold(0, |value, i| {
            let bit = usize::from(self.bytes[self.at / 8] >> (self.at % 8) & 1);
            self.at += 1;
            value | bit << i
        })
    }

    /// A symbol of a canonical code, given the length of each symbol's code.
    fn symbol(&mut self, lengths: &[usize]) -> usize {
        let (mut code, mut first, mut length) = (0, 0, 0);
        loop {
            length += 1;
            assert!(length <= 15, "no code");
            code = code << 1 | self.take(1);
            let of_length = || lengths.iter().enumerate().filter(|(_, l)| **l == length).map(|(symbol, _)| symbol);
            let count = of_length().count();
            if code < first + count {
                return of_length().nth(code - first).unwrap();
            }
            first = (first + count) << 1;
        }
    }
}

const EXTRA_OF_LENGTH: [u32; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Lengths of the literal and distance codes of a dynamic block.
fn dynamic(bits: &mut Bits<'_>) -> (Vec<usize>, Vec<usize>) {
    let (literals, distances, count) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
    let mut of_lengths = [0; 19];
    for place in &ORDER[..count] {
        of_lengths[*place] = bits.take(3);
    }
    let mut lengths: Vec<usize> = Vec::new();
    while lengths.len() < literals + distances {
        let (value, times) = match bits.symbol(&of_lengths) {
            16 => (*lengths.last().unwrap(), bits.take(2) + 3),
            17 => (0, bits.take(3) + 3),
            18 => (0, bits.take(7) + 11),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(value, times));
    }
    let of_distances = lengths.split_off(literals);
    (lengths, of_distances)
}

/// Whether a stored block comes after one with codes.
pub fn has_stored_block_after_codes(stream: &[u8]) -> bool {
    let mut bits = Bits { bytes: stream, at: 16 };
    let mut has_codes = false;
    loop {
        let (is_last, kind) = (bits.take(1), bits.take(2));
        if kind == 0 {
            if has_codes {
                return true;
            }
            bits.at = bits.at.next_multiple_of(8);
            let length = bits.take(16);
            bits.at += 16 + 8 * length;
        } else {
            has_codes = true;
            let fixed = || {
                (
                    (0..288).map(|s| [8, 9, 7, 8][[144, 256, 280, 288].iter().position(|e| s < *e).unwrap()]).collect(),
                    vec![5; 30],
                )
            };
            let (literals, distances) = if kind == 1 { fixed() } else { dynamic(&mut bits) };
            loop {
                match bits.symbol(&literals) {
                    0..=255 => {}
                    256 => break,
                    length => {
                        bits.take(EXTRA_OF_LENGTH[length - 257]);
                        let distance = bits.symbol(&distances);
                        bits.take(u32::try_from(distance / 2).unwrap().saturating_sub(1));
                    }
                }
            }
        }
        if is_last == 1 {
            return false;
        }
    }
}
