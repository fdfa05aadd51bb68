//! QR Code against the standard's own figures, another encoder, a naive scorer and a reader.

use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::canvas::{Canvas as OtherCanvas, MaskPattern};
use qrcode::{Color, EcLevel};
use rxing::BarcodeFormat;

use super::mask::{MASKS, lowest, penalties};
use super::*;
use crate::label::symbol::read_back::{read, render_matrix};

const LEVELS: [(ErrorCorrection, EcLevel); 4] = [
    (ErrorCorrection::L, EcLevel::L),
    (ErrorCorrection::M, EcLevel::M),
    (ErrorCorrection::Q, EcLevel::Q),
    (ErrorCorrection::H, EcLevel::H),
];

const MASK_PATTERNS: [MaskPattern; MASKS] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

fn versions() -> impl Iterator<Item = Version> {
    std::iter::successors(Some(Version::SMALLEST), |version| version.next())
}

fn other_version(version: Version) -> qrcode::Version {
    qrcode::Version::Normal(i16::try_from(version.number()).unwrap())
}

fn encode(plan: &QrPlan, data: &str) -> Matrix {
    let mut matrix = Matrix::default();
    plan.encode(data, &mut QrScratch::default(), &mut matrix).unwrap();
    matrix
}

/// The number of the mask, from the format information beside the upper left finder pattern.
fn mask_of(matrix: &Matrix) -> usize {
    let bits = [2, 3, 4].map(|x| usize::from(matrix.is_dark(x, 8)));
    (bits[0] << 2 | bits[1] << 1 | bits[2]) ^ 0b101
}

/// The symbol of the other encoder for the same codewords and mask.
fn other(version: Version, level: EcLevel, codewords: &[u8], mask: usize) -> Vec<bool> {
    let version = other_version(version);
    let (data, check) = qrcode::ec::construct_codewords(codewords, version, level).unwrap();
    let mut canvas = OtherCanvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &check);
    canvas.apply_mask(MASK_PATTERNS[mask]);
    canvas.into_colors().into_iter().map(|color| color == Color::Dark).collect()
}

fn bools(matrix: &Matrix) -> Vec<bool> {
    (0..matrix.rows).flat_map(|y| (0..matrix.columns).map(move |x| (x, y))).map(|(x, y)| matrix.is_dark(x, y)).collect()
}

/// Data codewords of our own segments.
fn data_codewords(plan: &QrPlan, data: &str) -> Vec<u8> {
    let mut segmenter = Segmenter::default();
    segmenter.choose(data.as_bytes(), plan.version);
    let mut codewords = Vec::new();
    segmenter.write(data.as_bytes(), plan.version, plan.version.data_bits(plan.level), &mut codewords);
    codewords
}

#[test]
fn capacities_are_those_of_another_encoder() {
    for version in versions() {
        assert_eq!(i32::try_from(version.width()), Ok(i32::from(other_version(version).width())));
        for (level, other_level) in LEVELS {
            let bits = Bits::new(other_version(version)).max_len(other_level).unwrap();
            assert_eq!(version.data_bits(level) as usize, bits, "{version:?} {level:?}");
            let data = vec![0; bits / 8];
            let (_, check) = qrcode::ec::construct_codewords(&data, other_version(version), other_level).unwrap();
            let blocks = version.blocks(level).count();
            assert_eq!(check.len(), blocks * version.check_codewords_per_block(level), "{version:?} {level:?}");
            assert_eq!(version.blocks(level).sum::<usize>(), data.len());
        }
    }
}

#[test]
fn the_example_of_the_standard_has_its_codewords() {
    // ISO/IEC 18004 annex I.2: "01234567" as version 1-M.
    let plan = QrPlan::new(ErrorCorrection::M, &["01234567"]).unwrap();
    assert_eq!(plan.width(), 21);
    assert_eq!(
        data_codewords(&plan, "01234567"),
        [0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11]
    );
    // The standard's figure has mask 010.
    assert_eq!(mask_of(&encode(&plan, "01234567")), 2);
}

/// Any text, as digits, letters, bytes or UTF-8 in turn, cut to what fits.
fn text_for(plan: &QrPlan, seed: usize) -> String {
    let kinds = ["0123456789", "AB12 $%*+-./:", "https://example.com/a?b=", "größe 5 µm € 漢字 "];
    let kind: Vec<char> = kinds[seed % 4].chars().collect();
    let capacity = plan.version.data_bits(plan.level);
    let wanted = capacity - (small(seed) * 37) % (capacity / 3);
    let longest: Vec<char> = (0..small_index(wanted) / 3).map(|i| kind[(i * 7 + seed) % kind.len()]).collect();
    let cut = |count: usize| longest[..count].iter().collect::<String>();
    let counts: Vec<usize> = (1..=longest.len()).collect();
    let fits = |&count: &usize| Segmenter::default().choose(cut(count).as_bytes(), plan.version) <= wanted;
    cut(counts.partition_point(fits))
}

#[test]
fn every_version_and_level_is_drawn_as_by_another_encoder() {
    for (i, version) in versions().enumerate() {
        for (j, (level, other_level)) in LEVELS.into_iter().enumerate() {
            let plan = QrPlan::with_version(version, level);
            let text = text_for(&plan, i * 5 + j);
            let matrix = encode(&plan, &text);
            let expected = other(version, other_level, &data_codewords(&plan, &text), mask_of(&matrix));
            assert_eq!(bools(&matrix), expected, "{version:?} {level:?} {text:?}");
        }
    }
}

#[test]
fn all_eight_masks_are_drawn_as_by_another_encoder() {
    let plan = QrPlan::with_version(Version::SMALLEST.next().unwrap(), ErrorCorrection::Q);
    let Canvas::Words(layout) = &plan.canvas else { panic!("version 2 fits into words") };
    let mut codewords = data_codewords(&plan, "EIGHT MASKS");
    let data = codewords.clone();
    plan.push_check_codewords(&mut codewords);
    let mut rows = Vec::new();
    layout.place(&codewords, &mut rows);
    for mask in 0..MASKS {
        let mut matrix = Matrix::default();
        matrix.reset(25, 25);
        for (bytes, (row, masks)) in matrix.bits.chunks_exact_mut(4).zip(rows.iter().zip(layout.masks())) {
            (row ^ masks[mask]).write(bytes);
        }
        assert_eq!(bools(&matrix), other(plan.version, EcLevel::Q, &data, mask), "mask {mask}");
        assert_eq!(mask_of(&matrix), mask);
    }
}

#[test]
fn every_version_and_level_is_read() {
    for (i, version) in versions().enumerate() {
        for (j, (level, _)) in LEVELS.into_iter().enumerate() {
            let plan = QrPlan::with_version(version, level);
            let text = text_for(&plan, i + j);
            let found = read(render_matrix(&encode(&plan, &text), QUIET_ZONE_MODULES), BarcodeFormat::QR_CODE);
            assert_eq!(found.as_ref(), Ok(&text), "{version:?} {level:?}");
        }
    }
}

/// The penalty of clause 7.8.3.1, module by module.
fn naive_penalty(dark: &[Vec<bool>]) -> u32 {
    let width = dark.len();
    let columns: Vec<Vec<bool>> = (0..width).map(|x| (0..width).map(|y| dark[y][x]).collect()).collect();
    let mut penalty = 0;
    for line in dark.iter().chain(&columns) {
        for run in line.chunk_by(|a, b| a == b) {
            penalty += if run.len() >= 5 { small(run.len()) - 2 } else { 0 };
        }
        let mut framed = vec![false; 4];
        framed.extend(line);
        framed.extend([false; 4]);
        for at in 4..=width - 3 {
            let Some(eleven) = framed.get(at..at + 7) else { continue };
            let is_finder_like = eleven == [true, false, true, true, true, false, true];
            let light = |from: usize| framed.get(from..from + 4).is_some_and(|four| !four.contains(&true));
            penalty += if is_finder_like && (light(at - 4) || light(at + 7)) { 40 } else { 0 };
        }
    }
    for y in 1..width {
        for x in 1..width {
            let block = [dark[y][x], dark[y - 1][x], dark[y][x - 1], dark[y - 1][x - 1]];
            penalty += if block == [true; 4] || block == [false; 4] { 3 } else { 0 };
        }
    }
    // The k for which the share of dark modules lies from 50 % +- 5k % to less than 50 % +- 5(k + 1) %.
    let dark = small(dark.iter().flatten().filter(|&&d| d).count());
    let modules = small(width * width);
    let steps = (0..).find(|k| dark.abs_diff(modules - dark) * 50 < (k + 1) * 5 * modules).unwrap();
    penalty + 10 * steps
}

fn rows_of<R: Row>(dark: &[Vec<bool>]) -> Vec<R> {
    let row =
        |line: &Vec<bool>| (0..).zip(line).filter(|(_, d)| **d).fold(R::LIGHT, |row: R, (x, _)| row | R::dark(1) << x);
    dark.iter().map(row).collect()
}

// Invariants:
// 1. The scorer of whole rows gives the penalties of a naive one, for words and double words of any pattern.
// 2. The chosen mask is the first of the lowest naive penalty.
// 3. A reader that is not ours reads back any text.
// 4. Our segments never take more bits than those of the other encoder.
// 5. What was encoded before changes nothing.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_scorer_is_the_naive_one(
        width in 21_usize..62, wide in 65_usize..126, seed in any::<u64>(), coarse in 1_usize..5, runs in any::<bool>()
    ) {
        let mut state = seed | 1;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % 3 == 0
        };
        let mut pattern = |width: usize| -> Vec<Vec<bool>> {
            let cells: Vec<bool> = (0..width * width).map(|_| random()).collect();
            let finder = [true, false, true, true, true, false, true, false, false, false, false];
            let dark = |x: usize, y: usize| if runs && (x + y) % 7 < 5 { finder[(x * coarse + y) % 11] } else { cells[y / coarse * width + x / coarse] };
            (0..width).map(|y| (0..width).map(|x| dark(x, y)).collect()).collect()
        };
        let (narrow, broad) = (pattern(width), pattern(wide));
        let none = vec![[0; MASKS]; width];
        prop_assert_eq!(penalties::<u64>(&rows_of(&narrow), &none), [naive_penalty(&narrow); MASKS]);
        let none = vec![[0; MASKS]; wide];
        prop_assert_eq!(penalties::<u128>(&rows_of(&broad), &none), [naive_penalty(&broad); MASKS]);
    }

    #[test]
    fn the_mask_of_the_lowest_penalty_is_chosen(text in "[ -~]{1,80}") {
        let plan = QrPlan::new(ErrorCorrection::M, &[&text]).unwrap();
        let codewords = data_codewords(&plan, &text);
        let width = plan.width() as usize;
        let naive: Vec<u32> = (0..MASKS)
            .map(|mask| {
                let modules = other(plan.version, EcLevel::M, &codewords, mask);
                naive_penalty(&modules.chunks(width).map(<[bool]>::to_vec).collect::<Vec<_>>())
            })
            .collect();
        prop_assert_eq!(mask_of(&encode(&plan, &text)), lowest(&<[u32; MASKS]>::try_from(naive).unwrap()));
    }

    #[test]
    fn symbols_read_back(text in "[ -~]{1,60}|[0-9A-Z]{1,60}|https://id.gs1.org/01/[0-9]{14}/21/[A-Z0-9]{12}|\\PC{1,20}", level in 0_usize..4) {
        let plan = QrPlan::new(LEVELS[level].0, &[&text]).unwrap();
        let found = read(render_matrix(&encode(&plan, &text), QUIET_ZONE_MODULES), BarcodeFormat::QR_CODE);
        prop_assert_eq!(found, Ok(text));
    }

    #[test]
    fn segments_are_as_short_as_those_of_another_encoder(text in "([a-z]{1,9}|[0-9]{1,18}|[A-Z$/:]{1,12}){1,6}") {
        for version in [Version::SMALLEST, versions().nth(9).unwrap(), versions().last().unwrap()] {
            let mut other = Bits::new(other_version(version));
            other.push_optimal_data(text.as_bytes()).unwrap();
            let mut segmenter = Segmenter::default();
            let bits = segmenter.choose(text.as_bytes(), version);
            prop_assert!(bits as usize <= other.len(), "{} > {}", bits, other.len());
            let mut codewords = Vec::new();
            segmenter.write(text.as_bytes(), version, bits.div_ceil(8) * 8, &mut codewords);
            prop_assert_eq!(codewords.len(), bits.div_ceil(8) as usize);
        }
    }

    #[test]
    fn nothing_is_left_over_from_the_symbol_before(first in "[ -~]{1,40}", second in "[ -~]{1,40}|\\PC{1,9}") {
        let plan = QrPlan::new(ErrorCorrection::L, &[&first, &second]).unwrap();
        let (mut scratch, mut matrix) = (QrScratch::default(), Matrix::default());
        plan.encode(&first, &mut scratch, &mut matrix).unwrap();
        plan.encode(&second, &mut scratch, &mut matrix).unwrap();
        prop_assert_eq!(matrix, encode(&plan, &second));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let plan = QrPlan::new(ErrorCorrection::M, &["https://example.com/1", "https://example.com/12345678901"]).unwrap();
    let (mut scratch, mut matrix) = (QrScratch::default(), Matrix::default());
    let mut refused = |data: &str| plan.encode(data, &mut scratch, &mut matrix).unwrap_err();
    assert!(matches!(refused(&"x".repeat(60)), SymbolError::LongerThanPlanned { planned: 224, needed: 492, .. }));
    assert!(matches!(refused(&"x".repeat(10_000_000)), SymbolError::TooMuchData { bytes: 10_000_000, .. }));
    assert_eq!(refused(""), SymbolError::Empty);
    let too_much = QrPlan::new(ErrorCorrection::H, &[&"x".repeat(700)]).unwrap_err();
    assert!(matches!(too_much, SymbolError::TooMuchData { bytes: 700, .. }));
    assert!(matches!(QrPlan::new(ErrorCorrection::H, &[]), Err(SymbolError::Empty)));
}
