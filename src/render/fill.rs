//! Outlines to one-bit pictures: how much of each dot is covered, black from one half.
//!
//! Whole numbers only, so the same outlines give the same dots on every machine. A dot has 256 steps in each direction; its
//! coverage is taken along eight lines, on each exactly. Rectangles on dot edges come out exactly.

use crate::label::{Art, Bitmap, FillRule, Ink, Segment, Turn};

/// Steps of a dot.
const STEPS: i64 = 256;
/// Lines across a dot on which coverage is taken.
const LINES: i64 = 8;
/// Coverage of a whole dot.
const FULL: i64 = STEPS * LINES;
/// How far the straight pieces of a curve may leave it: a sixteenth of a dot.
const TOLERANCE_STEPS: u64 = 16;
/// The most straight pieces of one curve.
const MAX_PIECES: u64 = 64;

/// Fills the outlines of a drawing one over the other, turned, in a box of this many dots.
///
/// The box is that of the turned drawing: `width_dots` is the drawing's height for [`Turn::Quarter`]. What lies outside of
/// the box is left out. A dot is black from one half of it on; two areas that meet within a dot add up.
pub fn fill_art(art: &Art, width_dots: usize, height_dots: usize, turn: Turn) -> Bitmap {
    let mut bitmap = Bitmap::new(width_dots, height_dots);
    let onto = Onto::new(art, width_dots, height_dots, turn);
    let mut shapes: Vec<Shape> = art.outlines().iter().map(|outline| Shape::new(outline.rule, outline.ink)).collect();
    for (shape, outline) in shapes.iter_mut().zip(art.outlines()) {
        outline.segments.iter().for_each(|segment| shape.add(segment, &onto));
        shape.finish();
    }
    let mut row = Row { covered: vec![0; width_dots + 1], inside: vec![0; width_dots + 2] };
    let mut black = vec![0; width_dots];
    for y in 0..height_dots {
        black.fill(0);
        for shape in &mut shapes {
            if shape.cover(y, &mut row) {
                row.paint(shape.ink, &mut black);
            }
        }
        black.iter().enumerate().filter(|(_, black)| 2 * **black >= FULL).for_each(|(x, _)| bitmap.set_black(x, y));
    }
    bitmap
}

/// From units of a drawing to steps of the dots of a turned box.
struct Onto {
    size: [i64; 2],
    steps: [i64; 2],
    turn: Turn,
}

impl Onto {
    fn new(art: &Art, width_dots: usize, height_dots: usize, turn: Turn) -> Onto {
        let (width, height) = (i64::from(art.width()), i64::from(art.height()));
        let size = match turn {
            Turn::None | Turn::Half => [width, height],
            Turn::Quarter | Turn::ThreeQuarters => [height, width],
        };
        Onto { size, steps: [STEPS * signed(width_dots), STEPS * signed(height_dots)], turn }
    }

    fn point(&self, [x, y]: [i32; 2]) -> [i64; 2] {
        let ([x, y], [width, height]) = ([i64::from(x), i64::from(y)], self.size);
        let turned = match self.turn {
            Turn::None => [x, y],
            Turn::Quarter => [width - y, x],
            Turn::Half => [width - x, height - y],
            Turn::ThreeQuarters => [y, height - x],
        };
        [0, 1].map(|axis| divided(turned[axis] * self.steps[axis], self.size[axis]))
    }
}

/// A straight piece of an outline, from its upper to its lower end, in steps.
struct Line {
    upper: [i64; 2],
    lower: [i64; 2],
    winding: i64,
}

impl Line {
    /// Where it crosses a height.
    fn at(&self, y: i64) -> i64 {
        let ([x0, y0], [x1, y1]) = (self.upper, self.lower);
        x0 + divided((x1 - x0) * (y - y0), y1 - y0)
    }
}

/// One outline on its way down the picture.
struct Shape {
    rule: FillRule,
    ink: Ink,
    start: [i64; 2],
    at: [i64; 2],
    /// By upper end, once finished.
    lines: Vec<Line>,
    /// How many lines have begun above the row.
    begun: usize,
    /// The lines of them that have not ended.
    active: Vec<usize>,
    crossings: Vec<(i64, i64)>,
}

impl Shape {
    fn new(rule: FillRule, ink: Ink) -> Shape {
        let (lines, active, crossings) = (Vec::new(), Vec::new(), Vec::new());
        Shape { rule, ink, start: [0; 2], at: [0; 2], lines, begun: 0, active, crossings }
    }

    fn add(&mut self, segment: &Segment, onto: &Onto) {
        match *segment {
            Segment::MoveTo(start) => {
                self.close();
                self.start = onto.point(start);
                self.at = self.start;
            }
            Segment::LineTo(end) => self.line(onto.point(end)),
            Segment::QuadTo(control, end) => {
                let (from, control, end) = (self.at, onto.point(control), onto.point(end));
                let bend = bend(from, control, end);
                self.curve(
                    pieces(2 * bend),
                    |t, u, axis| u * u * from[axis] + 2 * u * t * control[axis] + t * t * end[axis],
                    2,
                    end,
                );
            }
            Segment::CubicTo(first, second, end) => {
                let (from, first, second, end) = (self.at, onto.point(first), onto.point(second), onto.point(end));
                let bend = bend(from, first, second).max(bend(first, second, end));
                self.curve(
                    pieces(6 * bend),
                    |t, u, axis| {
                        let ends = u * u * u * from[axis] + t * t * t * end[axis];
                        ends + 3 * u * u * t * first[axis] + 3 * u * t * t * second[axis]
                    },
                    3,
                    end,
                );
            }
            Segment::Close => self.close(),
        }
    }

    /// Straight pieces of a curve, given by its polynomial in t and u = n - t, which is n to the power of its degree too large.
    fn curve(&mut self, n: i64, polynomial: impl Fn(i64, i64, usize) -> i64, degree: u32, end: [i64; 2]) {
        for t in 1..n {
            self.line([0, 1].map(|axis| divided(polynomial(t, n - t, axis), n.pow(degree))));
        }
        self.line(end);
    }

    fn line(&mut self, to: [i64; 2]) {
        let from = std::mem::replace(&mut self.at, to);
        if from[1] != to[1] {
            let (upper, lower, winding) = if from[1] < to[1] { (from, to, 1) } else { (to, from, -1) };
            self.lines.push(Line { upper, lower, winding });
        }
    }

    fn close(&mut self) {
        self.line(self.start);
    }

    fn finish(&mut self) {
        self.close();
        self.lines.sort_by_key(|line| line.upper[1]);
    }

    /// Takes the coverage of a row of dots; false if nothing of the shape is there. Rows come from the top.
    fn cover(&mut self, y: usize, row: &mut Row) -> bool {
        let top = STEPS * signed(y);
        while self.lines.get(self.begun).is_some_and(|line| line.upper[1] < top + STEPS) {
            self.active.push(self.begun);
            self.begun += 1;
        }
        let lines = &self.lines;
        self.active.retain(|line| lines[*line].lower[1] > top);
        if self.active.is_empty() {
            return false;
        }
        row.clear();
        for line in 0..LINES {
            let y = top + (2 * line + 1) * STEPS / (2 * LINES);
            self.crossings.clear();
            let crossed = self.active.iter().map(|line| &lines[*line]).filter(|l| l.upper[1] <= y && y < l.lower[1]);
            self.crossings.extend(crossed.map(|l| (l.at(y), l.winding)));
            self.crossings.sort_unstable();
            let mut winding = 0;
            for pair in self.crossings.windows(2) {
                winding += pair[0].1;
                let is_inside = match self.rule {
                    FillRule::NonZero => winding != 0,
                    FillRule::EvenOdd => winding % 2 != 0,
                };
                if is_inside {
                    row.cover(pair[0].0, pair[1].0);
                }
            }
        }
        true
    }
}

/// Coverage of one row of dots.
struct Row {
    /// What is covered of single dots.
    covered: Vec<i64>,
    /// Where whole dots begin (and cease) to be covered.
    inside: Vec<i64>,
}

impl Row {
    fn clear(&mut self) {
        self.covered.fill(0);
        self.inside.fill(0);
    }

    /// Adds a stretch of one of the lines, in steps.
    fn cover(&mut self, from: i64, to: i64) {
        let end = STEPS * signed(self.covered.len() - 1);
        let (from, to) = (from.clamp(0, end), to.clamp(0, end));
        let (first, last) = (index(from / STEPS), index(to / STEPS));
        if first == last {
            self.covered[first] += to - from;
        } else {
            self.covered[first] += STEPS - from % STEPS;
            self.covered[last] += to % STEPS;
            self.inside[first + 1] += STEPS;
            self.inside[last] -= STEPS;
        }
    }

    /// Puts ink on what is covered.
    fn paint(&self, ink: Ink, black: &mut [i64]) {
        let mut inside = 0;
        for ((black, covered), change) in black.iter_mut().zip(&self.covered).zip(&self.inside) {
            inside += change;
            let covers = inside + covered;
            match ink {
                Ink::Black => *black += (FULL - *black) * covers / FULL,
                Ink::White => *black -= *black * covers / FULL,
            }
        }
    }
}

/// How far a control point leaves the middle of its neighbours, doubled.
fn bend(a: [i64; 2], b: [i64; 2], c: [i64; 2]) -> u64 {
    (0..2).map(|axis| (a[axis] - 2 * b[axis] + c[axis]).unsigned_abs()).sum()
}

/// Straight pieces for a curve whose second derivative is at most this: they leave it by an eighth of it over their square.
fn pieces(second_derivative: u64) -> i64 {
    let squared = second_derivative.div_ceil(8 * TOLERANCE_STEPS);
    i64::try_from((squared.isqrt() + 1).min(MAX_PIECES)).unwrap_or(1)
}

/// The nearest whole quotient; the divisor is positive.
fn divided(value: i64, by: i64) -> i64 {
    (2 * value + by).div_euclid(2 * by)
}

/// A count of dots.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / STEPS)
}

/// A position that is not negative.
fn index(position: i64) -> usize {
    usize::try_from(position).unwrap_or(0)
}

#[cfg(test)]
mod tests;
