//! Masks and the choice among them (ISO/IEC 18004 clause 7.8), on whole rows of modules at a time.
//!
//! All eight masks are scored side by side, so that the compiler can use vector registers.

use std::array::from_fn;

use super::row::Row;
use super::small;

/// Mask patterns of QR Code.
pub(super) const MASKS: usize = 8;

/// One word of each masked symbol.
type Lanes<R> = [R; MASKS];

/// What each mask turns over in each row, among the modules that are free (clause 7.8.2 table 10).
pub(super) fn patterns<R: Row>(free: &[R]) -> Vec<Lanes<R>> {
    // The patterns repeat after 12 rows and 6 columns.
    let period: [Lanes<R>; 12] = from_fn(|y| from_fn(|mask| repeated(mask, small(y))));
    free.iter().enumerate().map(|(y, &free)| period[y % 12].map(|pattern| pattern & free)).collect()
}

fn repeated<R: Row>(mask: usize, y: u32) -> R {
    let mut six = R::LIGHT;
    for x in (0..6).filter(|&x| turns_over(mask, x, y)) {
        six = six | R::dark(1) << x;
    }
    (0..R::BITS).step_by(6).fold(R::LIGHT, |row, at| row | six << at)
}

fn turns_over(mask: usize, x: u32, y: u32) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (x / 3 + y / 2).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

/// The mask of the lowest penalty; among equals the lowest number.
pub(super) fn lowest(penalties: &[u32; MASKS]) -> usize {
    let mut best = 0;
    for mask in 1..MASKS {
        if penalties[mask] < penalties[best] {
            best = mask;
        }
    }
    best
}

/// Light rows around the symbol, as the finder-like pattern looks at four modules on either side.
const MARGIN: usize = 4;

/// Rows of the largest symbol with the margins.
const MAX_ROWS: usize = 125 + 2 * MARGIN;

/// The penalty of each mask (clause 7.8.3.1 table 11).
///
/// N1: 3 for a run of five modules of one colour in a row or column, 1 for each more. N2: 3 for each block of 2 x 2
/// of one colour. N3: 40 for each dark-light-dark-dark-dark-light-dark with four light modules before or after it,
/// the quiet zone being light. N4: 10 for each whole 5 % by which the dark modules are off one half.
pub(super) fn penalties<R: Row>(rows: &[R], masks: &[Lanes<R>]) -> [u32; MASKS] {
    let width = small(rows.len());
    let mut padded = [[R::LIGHT; MASKS]; MAX_ROWS];
    for ((slot, &row), masks) in padded[MARGIN..].iter_mut().zip(rows).zip(masks) {
        *slot = masks.map(|mask| row ^ mask);
    }
    let padded = &padded[..rows.len() + 2 * MARGIN];
    let mut score = [0; MASKS];
    let mut dark = [0; MASKS];
    for row in &padded[MARGIN..padded.len() - MARGIN] {
        add(&mut dark, 1, row);
        add_within_row(row, width, &mut score);
    }
    add_between_rows(padded, width, &mut score);
    add_finder_like_columns(padded, &mut score);
    let modules = width * width;
    from_fn(|i| score[i] + 10 * ((2 * dark[i]).abs_diff(modules) * 10 / modules))
}

/// Adds a weight for every bit.
fn add<R: Row>(score: &mut [u32; MASKS], weight: u32, bits: &Lanes<R>) {
    for i in 0..MASKS {
        score[i] += weight * bits[i].count();
    }
}

/// Runs and finder-like patterns of a row.
fn add_within_row<R: Row>(row: &Lanes<R>, width: u32, score: &mut [u32; MASKS]) {
    let inner = R::dark(width - 1);
    let fives = row.map(|m| {
        let equal = !(m ^ m >> 1) & inner;
        let pairs = equal & equal >> 1;
        pairs & pairs >> 2
    });
    add(score, 1, &fives);
    add(score, 2, &fives.map(|m| m & !(m << 1)));
    let finder_like = row.map(|m| {
        let pattern = m & !(m >> 1) & m >> 2 & m >> 3 & m >> 4 & !(m >> 5) & m >> 6;
        let before = m << 1 | m << 2;
        let before = before | before << 2;
        let after = m >> 7 | m >> 8;
        let after = after | after >> 2;
        pattern & !(before & after)
    });
    add(score, 40, &finder_like);
}

/// Runs of columns, and blocks of 2 x 2.
fn add_between_rows<R: Row>(padded: &[Lanes<R>], width: u32, score: &mut [u32; MASKS]) {
    let rows = &padded[MARGIN..padded.len() - MARGIN];
    let (all, inner) = (R::dark(width), R::dark(width - 1));
    let mut equal_before = [[R::LIGHT; MASKS]; 3];
    let mut fives_before = [R::LIGHT; MASKS];
    for pair in rows.windows(2) {
        let equal: Lanes<R> = from_fn(|i| !(pair[0][i] ^ pair[1][i]) & all);
        let blocks = from_fn(|i| {
            let upper = pair[0][i];
            !(upper ^ upper >> 1) & equal[i] & equal[i] >> 1 & inner
        });
        add(score, 3, &blocks);
        let fives: Lanes<R> = from_fn(|i| equal[i] & equal_before[0][i] & equal_before[1][i] & equal_before[2][i]);
        add(score, 1, &fives);
        add(score, 2, &from_fn(|i| fives[i] & !fives_before[i]));
        equal_before = [equal, equal_before[0], equal_before[1]];
        fives_before = fives;
    }
}

/// Finder-like patterns of columns.
fn add_finder_like_columns<R: Row>(padded: &[Lanes<R>], score: &mut [u32; MASKS]) {
    for rows in padded.windows(15) {
        let hits = from_fn(|i| {
            let m = |y: usize| rows[y][i];
            let pattern = m(4) & !m(5) & m(6) & m(7) & m(8) & !m(9) & m(10);
            let before = m(0) | m(1) | m(2) | m(3);
            let after = m(11) | m(12) | m(13) | m(14);
            pattern & !(before & after)
        });
        add(score, 40, &hits);
    }
}
