//! One-bit pictures: a dot is black (1) or white (0), the leftmost dot of a byte is its highest bit.

/// A one-bit picture whose rows start at whole bytes.
#[derive(Clone, Debug, Default)]
pub struct Bitmap {
    width: usize,
    height: usize,
    bytes_per_row: usize,
    bytes: Vec<u8>,
    /// Room for one row; its content means nothing.
    row: Vec<u8>,
}

impl PartialEq for Bitmap {
    fn eq(&self, other: &Bitmap) -> bool {
        (self.width, self.height) == (other.width, other.height) && self.bytes == other.bytes
    }
}

impl Eq for Bitmap {}

impl Bitmap {
    /// A white picture of this size in dots.
    pub fn new(width: usize, height: usize) -> Bitmap {
        let bytes_per_row = width.div_ceil(8);
        Bitmap { width, height, bytes_per_row, bytes: vec![0; bytes_per_row * height], row: Vec::new() }
    }

    /// Width in dots.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in dots.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Bytes of one row.
    pub fn bytes_per_row(&self) -> usize {
        self.bytes_per_row
    }

    /// All rows from the top, 1 is black.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a dot is black; white outside.
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && self.bytes[y * self.bytes_per_row + x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// Blackens one dot; nothing happens outside.
    pub fn set_black(&mut self, x: usize, y: usize) {
        if x < self.width && y < self.height {
            self.bytes[y * self.bytes_per_row + x / 8] |= 0x80 >> (x % 8);
        }
    }

    /// Blackens a rectangle; what lies outside the picture is left out.
    pub fn fill(&mut self, area: DotRect) {
        self.fill_all(&[area]);
    }

    /// Blackens rectangles. Those in a row with the same top and height, as the bars of a symbol, cost little more than
    /// one of them.
    pub fn fill_all(&mut self, areas: &[DotRect]) {
        let mut row = std::mem::take(&mut self.row);
        for beside in areas.chunk_by(|a, b| (a.y, a.height) == (b.y, b.height)) {
            row.clear();
            row.resize(self.bytes_per_row, 0);
            let (mut first, mut end) = (self.bytes_per_row, 0);
            for area in beside {
                let (left, right) = (clamp(area.x, self.width), clamp(area.x.saturating_add(area.width), self.width));
                if left < right {
                    fill_row(&mut row, left, right);
                    (first, end) = (first.min(left / 8), end.max(right.div_ceil(8)));
                }
            }
            if first < end {
                self.paint_rows(&row[first..end], first, beside[0].y, beside[0].height);
            }
        }
        self.row = row;
    }

    /// Blackens the dark modules of a matrix symbol whose top left corner is put at (x, y).
    ///
    /// Rows of `bits` start at whole bytes, 1 is dark, the leftmost module is the highest bit; a module is a square of
    /// `module_dots` dots. What lies outside the picture is left out, and bits that are missing are light.
    pub fn blit_matrix(&mut self, bits: &[u8], columns: i32, rows: i32, module_dots: i32, x: i32, y: i32) {
        let Ok(modules) = usize::try_from(columns) else { return };
        let edge = |corner: i32, module: i32| corner.saturating_add(module.saturating_mul(module_dots));
        let mut row = std::mem::take(&mut self.row);
        for (module_y, bits) in (0..rows).zip(bits.chunks(modules.div_ceil(8).max(1))) {
            row.clear();
            row.resize(self.bytes_per_row, 0);
            for (start, end) in dark_runs(bits, columns) {
                let (left, right) = (clamp(edge(x, start), self.width), clamp(edge(x, end), self.width));
                if left < right {
                    fill_row(&mut row, left, right);
                }
            }
            let (first, end) = (clamp(x, self.width) / 8, clamp(edge(x, columns), self.width).div_ceil(8));
            if first < end {
                self.paint_rows(&row[first..end], first, edge(y, module_y), module_dots);
            }
        }
        self.row = row;
    }

    /// Adds the same black dots to a stretch of rows, from the byte `first` of each.
    fn paint_rows(&mut self, dots: &[u8], first: usize, y: i32, height: i32) {
        let (top, bottom) = (clamp(y, self.height), clamp(y.saturating_add(height), self.height));
        if top >= bottom {
            return;
        }
        let rows = &mut self.bytes[top * self.bytes_per_row..bottom * self.bytes_per_row];
        if let [only] = dots {
            rows[first..].iter_mut().step_by(self.bytes_per_row).for_each(|slot| *slot |= only);
            return;
        }
        for row in rows.chunks_exact_mut(self.bytes_per_row) {
            row[first..first + dots.len()].iter_mut().zip(dots).for_each(|(slot, dots)| *slot |= dots);
        }
    }

    /// Blackens every dot that is black in `other`, whose top left corner is put at (x, y).
    pub fn overlay(&mut self, other: &Bitmap, x: i32, y: i32) {
        for (row, from) in other.bytes.chunks_exact(other.bytes_per_row.max(1)).enumerate() {
            let to = y.saturating_add(i32::try_from(row).unwrap_or(i32::MAX));
            let Ok(to) = usize::try_from(to) else { continue };
            if to >= self.height {
                break;
            }
            let into = &mut self.bytes[to * self.bytes_per_row..][..self.bytes_per_row];
            overlay_row(into, from, x, self.width);
        }
    }

    /// Whitens a rectangle.
    pub fn clear(&mut self, area: DotRect) {
        self.inverted(|bitmap| bitmap.fill(area));
    }

    /// Whitens every dot that is black in `other`, whose top left corner is put at (x, y).
    pub fn erase(&mut self, other: &Bitmap, x: i32, y: i32) {
        self.inverted(|bitmap| bitmap.overlay(other, x, y));
    }

    /// Blackening a negative whitens the picture.
    fn inverted(&mut self, blacken: impl FnOnce(&mut Bitmap)) {
        self.invert();
        blacken(self);
        self.invert();
    }

    /// Swaps black and white; the padding of rows stays 0.
    fn invert(&mut self) {
        let (used, bytes_per_row) = (self.width % 8, self.bytes_per_row.max(1));
        for row in self.bytes.chunks_exact_mut(bytes_per_row) {
            row.iter_mut().for_each(|byte| *byte = !*byte);
            if let Some(last) = row.last_mut().filter(|_| used > 0) {
                *last &= 0xFF << (8 - used);
            }
        }
    }

    /// Takes the dots of another picture of the same size.
    pub fn copy_from(&mut self, other: &Bitmap) {
        (self.width, self.height, self.bytes_per_row) = (other.width, other.height, other.bytes_per_row);
        self.bytes.clone_from(&other.bytes);
    }

    /// Where two pictures of the same size differ: how many dots, and the smallest rectangle that holds them. `None` for
    /// pictures of different sizes.
    ///
    /// ```
    /// use nameplate::label::{Bitmap, DotRect};
    /// let (white, mut dotted) = (Bitmap::new(29, 11), Bitmap::new(29, 11));
    /// dotted.fill(DotRect { x: 3, y: 2, width: 2, height: 5 });
    /// assert_eq!(white.difference(&dotted), Some((10, DotRect { x: 3, y: 2, width: 2, height: 5 })));
    /// assert_eq!(white.difference(&white), Some((0, DotRect::default())));
    /// ```
    pub fn difference(&self, other: &Bitmap) -> Option<(u64, DotRect)> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let (mut count, mut area) = (0, DotRect::default());
        let at = |place: usize| i32::try_from(place).unwrap_or(i32::MAX);
        for (place, (own, others)) in self.bytes.iter().zip(&other.bytes).enumerate() {
            let changed = own ^ others;
            if changed == 0 {
                continue;
            }
            count += u64::from(changed.count_ones());
            let (first, last) = (changed.leading_zeros(), 7 - changed.trailing_zeros());
            let x = place % self.bytes_per_row * 8 + first as usize;
            let width = at((last - first + 1) as usize);
            area = area.union(DotRect { x: at(x), y: at(place / self.bytes_per_row), width, height: 1 });
        }
        Some((count, area))
    }

    /// The rows `from` to `to`, as a picture of their own.
    pub fn rows(&self, from: usize, to: usize) -> &[u8] {
        &self.bytes[from * self.bytes_per_row..to * self.bytes_per_row]
    }
}

/// Blackens the dots from `left` up to but not including `right` of one row.
fn fill_row(row: &mut [u8], left: usize, right: usize) {
    let (first, last) = (left / 8, (right - 1) / 8);
    let (head, tail) = (0xFF_u8 >> (left % 8), 0xFF_u8 << (7 - (right - 1) % 8));
    if first == last {
        row[first] |= head & tail;
    } else {
        row[first] |= head;
        row[first + 1..last].fill(0xFF);
        row[last] |= tail;
    }
}

/// Runs of dark modules in one row: the first one and the one behind the last.
fn dark_runs(bits: &[u8], columns: i32) -> impl Iterator<Item = (i32, i32)> {
    let is_dark = move |column: i32| {
        let byte = usize::try_from(column / 8).ok().and_then(|at| bits.get(at));
        column < columns && byte.is_some_and(|byte| byte & (0x80 >> (column % 8)) != 0)
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = (at..columns).find(|column| is_dark(*column))?;
        at = (start..columns).find(|column| !is_dark(*column)).unwrap_or(columns);
        Some((start, at))
    })
}

/// Shifts one row into another; bits that leave it on either side are dropped.
fn overlay_row(into: &mut [u8], from: &[u8], x: i32, width: usize) {
    let (byte, shift) = (x.div_euclid(8), u32::try_from(x.rem_euclid(8)).unwrap_or(0));
    let whole = usize::try_from(byte).ok().and_then(|at| into.get_mut(at..)?.get_mut(..from.len() + 1));
    if let Some(slots) = whole {
        let mut carry = 0;
        for (slot, &bits) in slots.iter_mut().zip(from) {
            *slot |= carry | bits >> shift;
            carry = left_behind(bits, shift);
        }
        slots[from.len()] |= carry;
    } else {
        let mut put = |at: i32, bits: u8| {
            if let Some(slot) = usize::try_from(at).ok().and_then(|at| into.get_mut(at)) {
                *slot |= bits;
            }
        };
        for (at, &bits) in (byte..i32::MAX).zip(from) {
            put(at, bits >> shift);
            put(at + 1, left_behind(bits, shift));
        }
    }
    if !width.is_multiple_of(8)
        && let Some(last) = into.last_mut()
    {
        *last &= 0xFF << (8 - width % 8);
    }
}

/// The bits of a byte that a shift to the right moves into the next one.
fn left_behind(bits: u8, shift: u32) -> u8 {
    let [_, next] = (u16::from(bits) << 8 >> shift).to_be_bytes();
    next
}

fn clamp(at: i32, end: usize) -> usize {
    usize::try_from(at).unwrap_or(0).min(end)
}

/// A rectangle on the grid of dots; its edges are dot edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DotRect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl DotRect {
    /// Whether two rectangles share a dot.
    pub fn overlaps(self, other: DotRect) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    /// Whether every dot of `other` is also one of this.
    pub fn contains(self, other: DotRect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }

    /// The smallest rectangle that holds both; an empty one counts for nothing.
    pub fn union(self, other: DotRect) -> DotRect {
        if self.width == 0 || self.height == 0 {
            return other;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        DotRect { x, y, width: right - x, height: bottom - y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Invariants:
    // 1. fill blackens exactly the dots of the rectangle that lie in the picture.
    // 2. fill_all blackens what each of its rectangles does.
    // 3. overlay blackens exactly the dots that the other picture has there, and never the padding of a row.
    // 4. blit_matrix blackens what a square for each dark module does.
    proptest! {
        #[test]
        fn fill_is_exact(x in -5..40, y in -5..20, width in 0..40, height in 0..20) {
            let mut bitmap = Bitmap::new(29, 11);
            bitmap.fill(DotRect { x, y, width, height });
            for (dx, dy) in dots(29, 11) {
                let inside = (x..x + width).contains(&dx) && (y..y + height).contains(&dy);
                prop_assert_eq!(bitmap.is_black(at(dx), at(dy)), inside);
            }
        }

        #[test]
        fn fill_all_is_many_fills(
            areas in prop::collection::vec((-5..40, -2..3, 0..12, 0..4), 0..12),
            before in prop::collection::vec(0_i32..77, 0..9),
        ) {
            let areas: Vec<DotRect> =
                areas.into_iter().map(|(x, y, width, height)| DotRect { x, y, width, height }).collect();
            let mut expected = Bitmap::new(29, 11);
            before.iter().for_each(|i| expected.set_black(at(i % 29), at(i / 29)));
            let mut bitmap = expected.clone();
            bitmap.fill_all(&areas);
            for (dx, dy) in dots(29, 11) {
                let inside = |area: &DotRect| area.contains(DotRect { x: dx, y: dy, width: 1, height: 1 });
                if areas.iter().any(inside) {
                    expected.set_black(at(dx), at(dy));
                }
            }
            prop_assert_eq!(bitmap, expected);
        }

        #[test]
        fn blit_matrix_is_exact(
            (columns, rows, module_dots) in (0..20, 0..6, 0..5),
            (x, y) in (-30..40, -9..14),
            bits in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut bitmap = Bitmap::new(29, 11);
            bitmap.blit_matrix(&bits, columns, rows, module_dots, x, y);
            let mut expected = Bitmap::new(29, 11);
            let bytes_per_row = at(columns).div_ceil(8);
            for (column, row) in dots(columns, rows) {
                let byte = bits.get(at(row) * bytes_per_row + at(column) / 8).copied().unwrap_or(0);
                if byte & (0x80 >> (column % 8)) != 0 {
                    let (x, y) = (x + column * module_dots, y + row * module_dots);
                    expected.fill(DotRect { x, y, width: module_dots, height: module_dots });
                }
            }
            prop_assert_eq!(bitmap, expected);
        }

        #[test]
        fn overlay_is_exact(x in -30..40, y in -15..20, inner in prop::collection::vec(0_i32..77, 0..30)) {
            let mut small = Bitmap::new(11, 7);
            inner.iter().for_each(|i| small.set_black(at(i % 11), at(i / 11)));
            let mut bitmap = Bitmap::new(29, 11);
            bitmap.overlay(&small, x, y);
            for (dx, dy) in dots(29, 11) {
                let there = dx >= x && dy >= y && small.is_black(at(dx - x), at(dy - y));
                prop_assert_eq!(bitmap.is_black(at(dx), at(dy)), there);
            }
            let padding = bitmap.bytes().chunks(4).all(|row| row[3] & 0b111 == 0);
            prop_assert!(padding);
        }
    }

    proptest! {
        // 5. difference counts the dots that differ, and its rectangle is the smallest that holds them.
        #[test]
        fn difference_is_exact(
            ones in prop::collection::vec(0_i32..319, 0..9),
            others in prop::collection::vec(0_i32..319, 0..9),
        ) {
            let picture = |dots: &[i32]| {
                let mut bitmap = Bitmap::new(29, 11);
                dots.iter().for_each(|i| bitmap.set_black(at(i % 29), at(i / 29)));
                bitmap
            };
            let (one, other) = (picture(&ones), picture(&others));
            let differ = |(x, y): &(i32, i32)| one.is_black(at(*x), at(*y)) != other.is_black(at(*x), at(*y));
            let found: Vec<_> = dots(29, 11).filter(differ).collect();
            let dot = |(x, y): &(i32, i32)| DotRect { x: *x, y: *y, width: 1, height: 1 };
            let area = found.iter().map(dot).fold(DotRect::default(), DotRect::union);
            prop_assert_eq!(one.difference(&other), Some((u64::try_from(found.len()).unwrap(), area)));
        }
    }

    #[test]
    fn places_far_outside_are_left_out() {
        let mut bitmap = Bitmap::new(29, 11);
        let far = [(i32::MAX, 3), (i32::MIN, 3), (3, i32::MAX), (3, i32::MIN)];
        for (x, y) in far {
            bitmap.fill(DotRect { x, y, width: 5, height: 5 });
            bitmap.overlay(&bitmap.clone(), x, y);
            bitmap.blit_matrix(&[0xFF; 8], 8, 8, 1_000_000, x, y);
        }
        assert_eq!(bitmap, Bitmap::new(29, 11));
    }

    fn at(position: i32) -> usize {
        usize::try_from(position).unwrap()
    }

    fn dots(width: i32, height: i32) -> impl Iterator<Item = (i32, i32)> {
        (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }
}
