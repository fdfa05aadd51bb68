//! Printing faults, simulated on grey pixels in whole-number arithmetic: the same pixels on every machine.

use super::crop::{Grey, Upright};

/// What is done to a symbol before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distortion {
    /// Nothing. As drawn, each of ten scan lines of a linear symbol must read, and every edge must be on the grid of
    /// modules, and the zone must end in white.
    AsDrawn,
    /// Ink spreads (hot head, slow stock): black grows to the right and downwards, by one dot at 3 dots a module or
    /// more. A bar of 2 dots grows by a third of a module, the most that ISO/IEC 15417 lets one deviate: a whole dot
    /// would be a symbol outside its standard, which no decoder has to read. It never grows by less than half a dot,
    /// because no printer is finer.
    DotGain,
    /// Ink is missing (cold head, worn ribbon): white grows by as much.
    DotLoss,
    /// Turned by 2 degrees clockwise, sampled bilinearly: crooked stock, or a label applied at an angle.
    SkewClockwise,
    /// Turned by 2 degrees anticlockwise.
    SkewAnticlockwise,
    /// Soft edges: three box filters that come near to a Gaussian with a standard deviation of 0.35 module, and of 0.7
    /// dot where that is more. The round aperture of 0.8 module of ISO/IEC 15416 has 0.2 module.
    Blur,
}

impl Distortion {
    /// All, in the order in which they are tried.
    pub const ALL: [Distortion; 6] = [
        Distortion::AsDrawn,
        Distortion::DotGain,
        Distortion::DotLoss,
        Distortion::SkewClockwise,
        Distortion::SkewAnticlockwise,
        Distortion::Blur,
    ];

    /// What it is, for people.
    pub fn name(self) -> &'static str {
        match self {
            Distortion::AsDrawn => "as drawn",
            Distortion::DotGain => "with dot gain",
            Distortion::DotLoss => "with dots eroded",
            Distortion::SkewClockwise => "turned 2 degrees clockwise",
            Distortion::SkewAnticlockwise => "turned 2 degrees anticlockwise",
            Distortion::Blur => "blurred",
        }
    }

    /// The symbol with this fault.
    pub(super) fn apply(self, symbol: &Upright) -> Grey {
        let sharp = symbol.enlarged_band();
        let (dot, module) = (symbol.pixels_per_dot(), symbol.module_pixels());
        let growth = dot.min((module / 3).max(dot / 2));
        let mut printed = match self {
            Distortion::AsDrawn => sharp,
            Distortion::DotGain => spread(&sharp, growth, u8::min),
            Distortion::DotLoss => spread(&sharp, growth, u8::max),
            Distortion::SkewClockwise => turn(&sharp, SIN_2_DEGREES),
            Distortion::SkewAnticlockwise => turn(&sharp, -SIN_2_DEGREES),
            Distortion::Blur => blur(sharp, module.max(2 * dot)),
        };
        threshold(&mut printed);
        printed
    }
}

/// Makes each pixel black or white about the middle between the darkest and the lightest: the global threshold of
/// ISO/IEC 15415 and 15416. The decoder's own thresholds are guesses from histograms, made for photographs.
fn threshold(picture: &mut Grey) {
    let darkest = u16::from(picture.pixels.iter().copied().min().unwrap_or(0));
    let lightest = u16::from(picture.pixels.iter().copied().max().unwrap_or(255));
    for pixel in &mut picture.pixels {
        *pixel = if u16::from(*pixel) * 2 <= darkest + lightest { 0 } else { 255 };
    }
    if darkest == lightest {
        picture.pixels.fill(255);
    }
}

/// Lets each pixel spread over its right and lower neighbours, `growth` pixels far, where `pick` prefers it.
fn spread(from: &Grey, growth: usize, pick: fn(u8, u8) -> u8) -> Grey {
    let mut grown = from.clone();
    for (row, source) in grown.pixels.chunks_exact_mut(from.width).zip(from.pixels.chunks_exact(from.width)) {
        for shift in 1..=growth.min(from.width) {
            row[shift..].iter_mut().zip(source).for_each(|(to, &left)| *to = pick(*to, left));
        }
    }
    let wide = grown.pixels.clone();
    for shift in 1..=growth.min(from.height) {
        let offset = shift * from.width;
        grown.pixels[offset..].iter_mut().zip(&wide).for_each(|(to, &above)| *to = pick(*to, above));
    }
    grown
}

/// Fractions of a pixel and the functions of the angle are in 1/65536.
const FRACTION_BITS: u32 = 16;
const ONE: i64 = 1 << FRACTION_BITS;
const SIN_2_DEGREES: i64 = 2_287;
const COS_2_DEGREES: i64 = 65_496;

/// Turns a picture about its middle and samples it bilinearly; the canvas grows so that nothing is cut off.
fn turn(from: &Grey, sin: i64) -> Grey {
    let grown = |side: usize, other: usize| side + other.div_ceil(28);
    let (width, height) = (grown(from.width, from.height), grown(from.height, from.width));
    let mut pixels = Vec::with_capacity(width * height);
    // Twice the distance of a pixel's middle from the middle of the picture, so that it is a whole number.
    let doubled = |at: usize, side: usize| signed(2 * at + 1) - signed(side);
    for y in 0..height {
        let (dx, dy) = (doubled(0, width), doubled(y, height));
        let mut x_source = (dx * COS_2_DEGREES + dy * sin + (signed(from.width) - 1) * ONE) / 2;
        let mut y_source = (dy * COS_2_DEGREES - dx * sin + (signed(from.height) - 1) * ONE) / 2;
        for _ in 0..width {
            pixels.push(sample(from, x_source, y_source));
            x_source += COS_2_DEGREES;
            y_source -= sin;
        }
    }
    Grey { width, height, pixels }
}

/// The grey between four pixels; white beyond the picture.
fn sample(from: &Grey, x: i64, y: i64) -> u8 {
    let (column, row) = (x >> FRACTION_BITS, y >> FRACTION_BITS);
    let (right, below) = ((x - (column << FRACTION_BITS)) >> 8, (y - (row << FRACTION_BITS)) >> 8);
    let at = |column: i64, row: i64| match (usize::try_from(column), usize::try_from(row)) {
        (Ok(x), Ok(y)) if x < from.width && y < from.height => i64::from(from.pixels[y * from.width + x]),
        _ => 255,
    };
    let between = |row: i64| at(column, row) * (256 - right) + at(column + 1, row) * right;
    let grey = (between(row) * (256 - below) + between(row + 1) * below) >> 16;
    u8::try_from(grey).unwrap_or(255)
}

/// Three box filters whose variances add up to that of a Gaussian of 0.35 module, as nearly as whole pixels allow.
fn blur(from: Grey, module_pixels: usize) -> Grey {
    let mut picture = from;
    for radius in box_radii(module_pixels) {
        picture = box_filter(&transpose(&box_filter(&transpose(&picture), radius)), radius);
    }
    picture
}

/// A box of `2 r + 1` pixels has the variance `r (r + 1) / 3`.
fn box_radii(module_pixels: usize) -> [usize; 3] {
    let variance = |radii: [usize; 3]| radii.iter().map(|r| r * (r + 1)).sum::<usize>() * 400;
    let wanted = 49 * 3 * module_pixels * module_pixels;
    let mut radii = [0; 3];
    for step in 0.. {
        let mut wider = radii;
        wider[step % 3] += 1;
        if variance(wider) > wanted + 200 * 3 {
            break;
        }
        radii = wider;
    }
    radii
}

/// The mean of each pixel and `radius` pixels on its left and right; the row's ends go on for ever.
fn box_filter(from: &Grey, radius: usize) -> Grey {
    let mut pixels = Vec::with_capacity(from.pixels.len());
    let count = u32::try_from(2 * radius + 1).unwrap_or(1);
    for row in from.pixels.chunks_exact(from.width) {
        let at = |x: usize| u32::from(row[x.saturating_sub(radius).min(row.len() - 1)]);
        let mut sum: u32 = (0..2 * radius + 1).map(at).sum();
        for x in 0..row.len() {
            pixels.push(u8::try_from((sum + count / 2) / count).unwrap_or(255));
            sum = sum + at(x + 2 * radius + 1) - at(x);
        }
    }
    Grey { pixels, ..*from }
}

fn transpose(from: &Grey) -> Grey {
    let mut pixels = vec![0; from.pixels.len()];
    for (y, row) in from.pixels.chunks_exact(from.width).enumerate() {
        for (x, &grey) in row.iter().enumerate() {
            pixels[x * from.height + y] = grey;
        }
    }
    Grey { width: from.height, height: from.width, pixels }
}

fn signed(pixels: usize) -> i64 {
    i64::try_from(pixels).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pixels: &[u8]) -> Grey {
        Grey { width: pixels.len(), height: 1, pixels: pixels.to_vec() }
    }

    #[test]
    fn gain_and_loss_move_one_edge_of_each_bar() {
        let bar = line(&[255, 0, 0, 0, 255, 255]);
        assert_eq!(spread(&bar, 1, u8::min).pixels, [255, 0, 0, 0, 0, 255]);
        assert_eq!(spread(&bar, 2, u8::min).pixels, [255, 0, 0, 0, 0, 0]);
        assert_eq!(spread(&bar, 1, u8::max).pixels, [255, 255, 0, 0, 255, 255]);
        let column = Grey { width: 1, height: 3, pixels: vec![0, 255, 255] };
        assert_eq!(spread(&column, 1, u8::min).pixels, [0, 0, 255]);
    }

    #[test]
    fn a_turn_keeps_the_middle_and_moves_the_ends_by_the_tangent() {
        let mut picture = Grey { width: 401, height: 101, pixels: vec![255; 401 * 101] };
        picture.pixels[50 * 401..51 * 401].fill(0);
        let turned = turn(&picture, SIN_2_DEGREES);
        let darkest = |x: usize| (0..turned.height).min_by_key(|&y| turned.pixels[y * turned.width + x]).unwrap();
        let (left, right) = (turned.width / 2 - 150, turned.width / 2 + 150);
        assert!(darkest(turned.width / 2).abs_diff(turned.height / 2) <= 1);
        // 300 pixels times the tangent of 2 degrees are 10.5; clockwise with y downwards means lower on the right.
        assert!((10..=11).contains(&(darkest(right) - darkest(left))), "{} {}", darkest(left), darkest(right));
    }

    #[test]
    fn the_blur_has_the_variance_it_says() {
        for module_pixels in 6..60 {
            let radii = box_radii(module_pixels);
            let variance = radii.iter().map(|&r| r * (r + 1)).sum::<usize>() as f64 / 3.0;
            let sigma = variance.sqrt() / module_pixels as f64;
            assert!((0.32..=0.38).contains(&sigma), "{module_pixels} pixels: {radii:?} is {sigma}");
        }
        let mut point = Grey { width: 31, height: 31, pixels: vec![255; 31 * 31] };
        point.pixels[15 * 31 + 15] = 0;
        let soft = blur(point, 6);
        let ink: usize = soft.pixels.iter().map(|&grey| usize::from(255 - grey)).sum();
        assert!((200..=310).contains(&ink), "the ink is spread, not lost: {ink}");
        assert_eq!(soft.pixels.iter().min(), Some(&soft.pixels[15 * 31 + 15]));
    }

    #[test]
    fn a_white_picture_stays_white() {
        let white = Grey { width: 9, height: 7, pixels: vec![255; 63] };
        assert_eq!(blur(white.clone(), 6), white);
        assert_eq!(spread(&white, 2, u8::min), white);
        assert!(turn(&white, -SIN_2_DEGREES).pixels.iter().all(|&grey| grey == 255));
    }
}
