//! One-bit pictures: a dot is black (1) or white (0), the leftmost dot of a byte is its highest bit.

/// A one-bit picture whose rows start at whole bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    bytes_per_row: usize,
    bytes: Vec<u8>,
}

impl Bitmap {
    /// A white picture of this size in dots.
    pub fn new(width: usize, height: usize) -> Bitmap {
        let bytes_per_row = width.div_ceil(8);
        Bitmap { width, height, bytes_per_row, bytes: vec![0; bytes_per_row * height] }
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
        let (left, right) = (clamp(area.x, self.width), clamp(area.x + area.width, self.width));
        if left >= right {
            return;
        }
        let (first, last) = (left / 8, (right - 1) / 8);
        let (head, tail) = (0xFF_u8 >> (left % 8), 0xFF_u8 << (7 - (right - 1) % 8));
        for y in clamp(area.y, self.height)..clamp(area.y + area.height, self.height) {
            let row = &mut self.bytes[y * self.bytes_per_row..][..self.bytes_per_row];
            if first == last {
                row[first] |= head & tail;
            } else {
                row[first] |= head;
                row[first + 1..last].fill(0xFF);
                row[last] |= tail;
            }
        }
    }

    /// Blackens every dot that is black in `other`, whose top left corner is put at (x, y).
    pub fn overlay(&mut self, other: &Bitmap, x: i32, y: i32) {
        for (row, from) in other.bytes.chunks_exact(other.bytes_per_row.max(1)).enumerate() {
            let Ok(to) = usize::try_from(y + i32::try_from(row).unwrap_or(i32::MAX / 2)) else { continue };
            if to >= self.height {
                break;
            }
            let into = &mut self.bytes[to * self.bytes_per_row..][..self.bytes_per_row];
            overlay_row(into, from, x, self.width);
        }
    }

    /// Takes the dots of another picture of the same size.
    pub fn copy_from(&mut self, other: &Bitmap) {
        self.clone_from(other);
    }

    /// The rows `from` to `to`, as a picture of their own.
    pub fn rows(&self, from: usize, to: usize) -> &[u8] {
        &self.bytes[from * self.bytes_per_row..to * self.bytes_per_row]
    }
}

/// Shifts one row into another; bits that leave it on either side are dropped.
fn overlay_row(into: &mut [u8], from: &[u8], x: i32, width: usize) {
    let (byte, shift) = (x.div_euclid(8), u32::try_from(x.rem_euclid(8)).unwrap_or(0));
    let mut put = |at: i32, bits: u8| {
        if let Some(slot) = usize::try_from(at).ok().and_then(|at| into.get_mut(at)) {
            *slot |= bits;
        }
    };
    for (at, &bits) in (byte..).zip(from) {
        if bits != 0 {
            put(at, bits >> shift);
            if shift > 0 {
                put(at + 1, bits << (8 - shift));
            }
        }
    }
    if !width.is_multiple_of(8)
        && let Some(last) = into.last_mut()
    {
        *last &= 0xFF << (8 - width % 8);
    }
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
    // 2. overlay blackens exactly the dots that the other picture has there, and never the padding of a row.
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

    fn at(position: i32) -> usize {
        usize::try_from(position).unwrap()
    }

    fn dots(width: i32, height: i32) -> impl Iterator<Item = (i32, i32)> {
        (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }
}
