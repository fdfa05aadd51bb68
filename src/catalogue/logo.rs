//! Logos: PNG files that brands name.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// The largest logo file, in bytes.
pub const LOGO_MAX_BYTES: usize = 2 * 1024 * 1024;
/// The largest logo, in pixels (width times height): decoding it takes at most 64 MB.
pub const LOGO_MAX_PIXELS: u64 = 16_000_000;

/// The file name of a logo: `[a-z0-9-]{1,64}.png`, so that it means the same on every file system.
///
/// ```
/// use nameplate::catalogue::LogoName;
///
/// assert!(LogoName::new("borealis-2.png").is_ok());
/// assert!(LogoName::new("../Borealis.PNG").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct LogoName(Box<str>);

/// A name that is none for a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a logo is named with small letters a-z, digits and - (at most 64) and ends in .png, like borealis.png")]
pub struct LogoNameError;

impl LogoName {
    /// Checks the file name (without a folder).
    ///
    /// # Errors
    /// [`LogoNameError`] for every other form.
    pub fn new(text: &str) -> Result<Self, LogoNameError> {
        let stem = text.strip_suffix(".png").ok_or(LogoNameError)?;
        let letters = stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !letters || !(1..=64).contains(&stem.len()) {
            return Err(LogoNameError);
        }
        Ok(Self(text.into()))
    }

    /// The file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A logo whose frame was checked: it is a whole PNG file of bearable size. The pixels are decoded, and judged, where they are
/// drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logo {
    name: LogoName,
    width_px: u32,
    height_px: u32,
    #[serde(skip)]
    bytes: Arc<[u8]>,
}

/// Why a file is not a usable logo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Larger than [`LOGO_MAX_BYTES`].
    #[error("the logo has {found} bytes; {LOGO_MAX_BYTES} (2 MB) are possible")]
    TooLarge {
        /// Its size in bytes.
        found: usize,
    },
    /// The eight bytes that open every PNG file are not there.
    #[error("this is not a PNG file, whatever its name says; export the logo as PNG")]
    NotPng,
    /// The header chunk is missing or says what PNG does not know.
    #[error("the PNG header is broken; export the logo again")]
    Header,
    /// No pixels, or more than [`LOGO_MAX_PIXELS`].
    #[error("the logo is {width_px} x {height_px} pixels; 1 to 16 million pixels are possible")]
    Pixels {
        /// Width that the header names.
        width_px: u32,
        /// Height that the header names.
        height_px: u32,
    },
    /// The file ends before the picture does.
    #[error("the PNG file is cut off; copy it again")]
    CutOff,
}

impl Logo {
    /// Checks the frame of a PNG file: signature, header (IHDR), and that its chunks reach to the end mark (IEND).
    ///
    /// Source: PNG specification (W3C, third edition), clauses 5.2, 5.3 and 11.2.1.
    ///
    /// # Errors
    /// [`LogoError`].
    pub fn new(name: LogoName, bytes: &[u8]) -> Result<Self, LogoError> {
        if bytes.len() > LOGO_MAX_BYTES {
            return Err(LogoError::TooLarge { found: bytes.len() });
        }
        let chunks = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").ok_or(LogoError::NotPng)?;
        let (kind, header, mut rest) = chunk(chunks).ok_or(LogoError::Header)?;
        let (width_px, height_px) = match kind {
            b"IHDR" => read_header(header).ok_or(LogoError::Header)?,
            _ => return Err(LogoError::Header),
        };
        let pixels = u64::from(width_px) * u64::from(height_px);
        if !(1..=LOGO_MAX_PIXELS).contains(&pixels) {
            return Err(LogoError::Pixels { width_px, height_px });
        }
        let mut has_data = false;
        loop {
            let (kind, _, after) = chunk(rest).ok_or(LogoError::CutOff)?;
            match kind {
                b"IEND" if has_data => break,
                b"IEND" => return Err(LogoError::CutOff),
                _ => has_data |= kind == b"IDAT",
            }
            rest = after;
        }
        Ok(Self { name, width_px, height_px, bytes: bytes.into() })
    }

    /// The file name.
    pub fn name(&self) -> &LogoName {
        &self.name
    }

    /// Width in pixels.
    pub fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Height in pixels.
    pub fn height_px(&self) -> u32 {
        self.height_px
    }

    /// The whole PNG file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Splits the first chunk off: its kind, its data, what follows its checksum.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (data, rest) = rest.split_at_checked(length)?;
    let (_checksum, rest) = rest.split_first_chunk::<4>()?;
    Some((kind, data, rest))
}

/// Width and height of a header whose other fields are ones that PNG defines.
fn read_header(data: &[u8]) -> Option<(u32, u32)> {
    let (width, rest) = data.split_first_chunk::<4>()?;
    let (height, rest) = rest.split_first_chunk::<4>()?;
    let &[depth, colour, compression, filter, interlace] = rest else {
        return None;
    };
    let depth_fits = match colour {
        0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
        3 => matches!(depth, 1 | 2 | 4 | 8),
        2 | 4 | 6 => matches!(depth, 8 | 16),
        _ => false,
    };
    (depth_fits && compression == 0 && filter == 0 && interlace <= 1)
        .then(|| (u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG frame with `data` as picture data; checksums are left zero, as this module does not read them.
    fn png(width_px: u32, height_px: u32, data: &[u8]) -> Vec<u8> {
        let mut header = [width_px.to_be_bytes(), height_px.to_be_bytes()].concat();
        header.extend([8, 0, 0, 0, 0]);
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", data), (b"IEND", &[])] {
            bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(kind);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Logo, LogoError> {
        Logo::new(LogoName::new("x.png").unwrap(), bytes)
    }

    #[test]
    fn a_whole_file_is_read() {
        let logo = read(&png(320, 80, b"...")).unwrap();
        assert_eq!((logo.width_px(), logo.height_px()), (320, 80));
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = png(320, 80, b"picture");
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn other_formats_sizes_and_headers_are_refused() {
        assert_eq!(read(b"\xFF\xD8\xFF\xE0 JFIF"), Err(LogoError::NotPng));
        assert_eq!(read(&png(100_000, 100_000, b"")), Err(LogoError::Pixels { width_px: 100_000, height_px: 100_000 }));
        assert!(matches!(read(&png(0, 80, b"")), Err(LogoError::Pixels { .. })));
        assert!(read(&png(4_000, 4_000, b"")).is_ok());
        let found = LOGO_MAX_BYTES + 1;
        assert_eq!(read(&vec![0; found]), Err(LogoError::TooLarge { found }));
        let mut odd_depth = png(8, 8, b"");
        odd_depth[24] = 3;
        assert_eq!(read(&odd_depth), Err(LogoError::Header));
    }

    #[test]
    fn names_are_safe_on_every_file_system() {
        for bad in ["", ".png", "a/b.png", "a.jpg", "A.png", "a b.png", "a.png.png", "..\\a.png"] {
            assert_eq!(LogoName::new(bad), Err(LogoNameError), "{bad}");
        }
        assert!(LogoName::new(&format!("{}.png", "a".repeat(64))).is_ok());
        assert!(LogoName::new(&format!("{}.png", "a".repeat(65))).is_err());
    }
}
