//! Pictures turned by quarters.

use crate::label::{Bitmap, Turn};

/// The same dots, turned clockwise.
pub fn turned(bitmap: &Bitmap, turn: Turn) -> Bitmap {
    let (width, height) = (bitmap.width(), bitmap.height());
    let mut out = match turn {
        Turn::None => return bitmap.clone(),
        Turn::Half => Bitmap::new(width, height),
        Turn::Quarter | Turn::ThreeQuarters => Bitmap::new(height, width),
    };
    for y in 0..height {
        for x in (0..width).filter(|x| bitmap.is_black(*x, y)) {
            match turn {
                Turn::None => {}
                Turn::Quarter => out.set_black(height - 1 - y, x),
                Turn::Half => out.set_black(width - 1 - x, height - 1 - y),
                Turn::ThreeQuarters => out.set_black(y, width - 1 - x),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarters_are_a_whole_turn() {
        let mut bitmap = Bitmap::new(5, 3);
        bitmap.set_black(0, 0);
        bitmap.set_black(4, 1);
        let quarter = turned(&bitmap, Turn::Quarter);
        assert_eq!((quarter.width(), quarter.height()), (3, 5));
        assert!(quarter.is_black(2, 0) && quarter.is_black(1, 4));
        assert_eq!(turned(&quarter, Turn::Quarter), turned(&bitmap, Turn::Half));
        assert_eq!(turned(&turned(&bitmap, Turn::Half), Turn::Quarter), turned(&bitmap, Turn::ThreeQuarters));
        assert_eq!(turned(&turned(&bitmap, Turn::ThreeQuarters), Turn::Quarter), bitmap);
    }
}
