//! The modules of a matrix symbol.

/// Rows of modules. Rows start at whole bytes; 1 is dark and the leftmost module is the highest bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Modules in a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// The rows from top to bottom; the bits after the last module of a row are 0.
    pub bits: Vec<u8>,
}

impl Matrix {
    /// Bytes from the start of one row to the start of the next.
    pub fn bytes_per_row(&self) -> usize {
        bytes(self.columns)
    }

    /// Whether a module is dark; everything outside of the symbol is light.
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        if x >= self.columns || y >= self.rows {
            return false;
        }
        let at = index(y) * self.bytes_per_row() + index(x / 8);
        self.bits.get(at).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Makes all modules light and sets the size; memory is kept.
    pub(super) fn reset(&mut self, columns: u32, rows: u32) {
        (self.columns, self.rows) = (columns, rows);
        self.bits.clear();
        self.bits.resize(bytes(columns) * index(rows), 0);
    }

    /// Makes one module dark.
    pub(super) fn darken(&mut self, x: u32, y: u32) {
        let at = index(y) * self.bytes_per_row() + index(x / 8);
        if let Some(byte) = self.bits.get_mut(at) {
            *byte |= 0x80 >> (x % 8);
        }
    }
}

fn bytes(columns: u32) -> usize {
    index(columns.div_ceil(8))
}

fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_start_at_whole_bytes_and_the_leftmost_module_is_the_highest_bit() {
        let mut matrix = Matrix::default();
        matrix.reset(9, 2);
        matrix.darken(0, 0);
        matrix.darken(8, 1);
        assert_eq!(matrix.bits, [0x80, 0, 0, 0x80]);
        assert!(matrix.is_dark(0, 0) && matrix.is_dark(8, 1));
        assert!(!matrix.is_dark(9, 1) && !matrix.is_dark(8, 2), "outside is light");
    }
}
