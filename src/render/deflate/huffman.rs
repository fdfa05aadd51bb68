//! Huffman codes: best lengths under a limit, canonical codes, and how a block describes them (RFC 1951, 3.2.2 and 3.2.7).

use super::bits::BitString;
use super::symbols::{DISTANCE_SYMBOLS, LITERAL_SYMBOLS};

/// The longest code of a literal, length or distance.
pub const MAX_CODE_BITS: usize = 15;
/// The longest code of a code length.
const MAX_LENGTH_CODE_BITS: usize = 7;
/// The order in which the lengths of the codes for code lengths are written.
const LENGTH_CODE_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The lengths of an optimal prefix code with no code longer than `limit`: 0 for a symbol that does not occur.
///
/// Package-merge (Larmore and Hirschberg, 1990). The code is complete: where fewer than two symbols occur, others get
/// a code too, because some readers refuse anything else.
pub fn code_lengths(counts: &[u32], limit: usize) -> Vec<u8> {
    let mut leaves: Vec<(u64, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(i, count)| (u64::from(*count), i)).collect();
    let spare: Vec<usize> = (0..counts.len()).filter(|i| counts[*i] == 0).take(2).collect();
    leaves.extend(spare.iter().take(2_usize.saturating_sub(leaves.len())).map(|i| (1, *i)));
    leaves.sort_unstable();
    // Of each round: the weights in order, and which of them are leaves.
    let mut rounds: Vec<Vec<bool>> = Vec::with_capacity(limit);
    let mut weights: Vec<u64> = Vec::new();
    for _ in 0..limit {
        let packages = weights.chunks_exact(2).map(|pair| pair[0] + pair[1]);
        let mut all: Vec<(u64, bool)> = packages.map(|weight| (weight, false)).collect();
        all.extend(leaves.iter().map(|leaf| (leaf.0, true)));
        // Stable, so that equal weights keep one order everywhere.
        all.sort_by_key(|entry| entry.0);
        weights = all.iter().map(|entry| entry.0).collect();
        rounds.push(all.into_iter().map(|entry| entry.1).collect());
    }
    let mut lengths = vec![0; counts.len()];
    let mut taken = 2 * leaves.len() - 2;
    for round in rounds.iter().rev() {
        let leaf_count = round[..taken].iter().filter(|is_leaf| **is_leaf).count();
        leaves[..leaf_count].iter().for_each(|leaf| lengths[leaf.1] += 1);
        taken = 2 * (taken - leaf_count);
    }
    lengths
}

/// The codes that belong to lengths, lowest bit first as they are written.
pub fn canonical_codes(lengths: &[u8]) -> Vec<u16> {
    let mut count_of = [0_u16; MAX_CODE_BITS + 1];
    lengths.iter().filter(|length| **length > 0).for_each(|length| count_of[usize::from(*length)] += 1);
    let mut next = [0_u16; MAX_CODE_BITS + 1];
    for bits in 1..MAX_CODE_BITS {
        next[bits + 1] = (next[bits] + count_of[bits]) << 1;
    }
    let code = |length: &u8| {
        let slot = &mut next[usize::from(*length)];
        let code = *slot;
        if *length == 0 {
            return 0;
        }
        *slot += 1;
        code.reverse_bits() >> (16 - u16::from(*length))
    };
    lengths.iter().map(code).collect()
}

/// The header of a block with these codes, without the bit that says whether it is the last one.
pub fn dynamic_header(literals: &[u8], distances: &[u8]) -> BitString {
    let used = |lengths: &[u8], least: usize| lengths.iter().rposition(|l| *l > 0).map_or(0, |at| at + 1).max(least);
    let (literal_count, distance_count) = (used(literals, 257), used(distances, 1));
    debug_assert!(literal_count <= LITERAL_SYMBOLS && distance_count <= DISTANCE_SYMBOLS);
    let steps = run_lengths(&[&literals[..literal_count], &distances[..distance_count]].concat());
    let mut counts = [0; 19];
    steps.iter().for_each(|step| counts[usize::from(step.symbol)] += 1);
    let lengths = code_lengths(&counts, MAX_LENGTH_CODE_BITS);
    let codes = canonical_codes(&lengths);
    let order_count = LENGTH_CODE_ORDER.iter().rposition(|at| lengths[*at] > 0).map_or(4, |at| (at + 1).max(4));
    let narrow = |count: usize| u32::try_from(count).unwrap_or(0);
    let mut header = BitString::default();
    header.push(2, 2);
    header.push(narrow(literal_count - 257), 5);
    header.push(narrow(distance_count - 1), 5);
    header.push(narrow(order_count - 4), 4);
    LENGTH_CODE_ORDER[..order_count].iter().for_each(|at| header.push(u32::from(lengths[*at]), 3));
    for step in &steps {
        let symbol = usize::from(step.symbol);
        header.push(u32::from(codes[symbol]), u32::from(lengths[symbol]));
        header.push(step.extra, step.extra_bits);
    }
    header
}

/// One or several code lengths.
struct Step {
    symbol: u8,
    extra: u32,
    extra_bits: u32,
}

/// Code lengths with their runs shortened: 16 repeats the last length 3 to 6 times, 17 and 18 are 3 to 138 zeros.
fn run_lengths(lengths: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (run[0], run.len());
        if length > 0 {
            steps.push(Step { symbol: length, extra: 0, extra_bits: 0 });
            left -= 1;
        }
        while left >= 3 {
            let (symbol, least, most, extra_bits) = match (length, left) {
                (0, 11..) => (18, 11, 138, 7),
                (0, _) => (17, 3, 10, 3),
                _ => (16, 3, 6, 2),
            };
            let count = left.min(most);
            steps.push(Step { symbol, extra: u32::try_from(count - least).unwrap_or(0), extra_bits });
            left -= count;
        }
        steps.extend((0..left).map(|_| Step { symbol: length, extra: 0, extra_bits: 0 }));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Invariants:
    // 1. Lengths are complete (their Kraft sum is 1) and within the limit.
    // 2. Without pressure from the limit they cost as much as Huffman's own.
    // 3. No code is the start of another.
    proptest! {
        #[test]
        fn lengths_are_complete_and_limited(counts in prop::collection::vec(0_u32..5000, 2..286)) {
            let lengths = code_lengths(&counts, MAX_CODE_BITS);
            prop_assert!(lengths.iter().all(|l| usize::from(*l) <= MAX_CODE_BITS));
            prop_assert!(counts.iter().zip(&lengths).all(|(count, length)| *count == 0 || *length > 0));
            prop_assert_eq!(kraft(&lengths), 1 << MAX_CODE_BITS);
        }

        #[test]
        fn lengths_cost_as_much_as_those_of_huffman(counts in prop::collection::vec(1_u32..9, 2..60)) {
            let lengths = code_lengths(&counts, MAX_CODE_BITS);
            let cost: u64 = counts.iter().zip(&lengths).map(|(c, l)| u64::from(*c) * u64::from(*l)).sum();
            prop_assert_eq!(cost, huffman_cost(&counts));
        }

        #[test]
        fn no_code_is_the_start_of_another(counts in prop::collection::vec(0_u32..50, 2..40)) {
            let lengths = code_lengths(&counts, MAX_CODE_BITS);
            let codes = canonical_codes(&lengths);
            let used: Vec<usize> = (0..counts.len()).filter(|i| lengths[*i] > 0).collect();
            for a in &used {
                for b in used.iter().filter(|b| *b != a && lengths[**b] >= lengths[*a]) {
                    let mask = (1_u16 << lengths[*a]) - 1;
                    prop_assert_ne!(codes[*b] & mask, codes[*a]);
                }
            }
        }
    }

    #[test]
    fn a_limit_that_presses_is_kept() {
        // Fibonacci's numbers make the deepest tree that there is.
        let mut counts = vec![1_u32, 1];
        (2..30).for_each(|i| counts.push(counts[i - 1] + counts[i - 2]));
        for limit in [5, 7, MAX_CODE_BITS] {
            let lengths = code_lengths(&counts, limit);
            assert_eq!(lengths.iter().map(|l| usize::from(*l)).max(), Some(limit));
            assert_eq!(kraft(&lengths), 1 << MAX_CODE_BITS);
        }
    }

    #[test]
    fn the_example_of_the_standard_gets_its_codes() {
        // RFC 1951, 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) give 010 011 100 101 110 00 1110 1111.
        let codes = canonical_codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        assert_eq!(codes, [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
    }

    #[test]
    fn fewer_than_two_symbols_still_make_a_complete_code() {
        assert_eq!(code_lengths(&[0, 0, 0], 15), [1, 1, 0]);
        assert_eq!(code_lengths(&[0, 0, 7], 15), [1, 0, 1]);
    }

    fn kraft(lengths: &[u8]) -> u32 {
        lengths.iter().filter(|l| **l > 0).map(|l| 1 << (MAX_CODE_BITS - usize::from(*l))).sum()
    }

    fn huffman_cost(counts: &[u32]) -> u64 {
        let mut weights: Vec<u64> = counts.iter().map(|count| u64::from(*count)).collect();
        let mut cost = 0;
        while weights.len() > 1 {
            weights.sort_unstable_by(|a, b| b.cmp(a));
            let pair = weights.pop().unwrap() + weights.pop().unwrap();
            cost += pair;
            weights.push(pair);
        }
        cost
    }
}
