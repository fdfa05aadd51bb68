//! The faces that labels may use: the shipped ones, and those in the data folder's `fonts/`.

use super::{Nameplate, ServiceError};
use crate::label::{FontSet, fonts_shipped, fonts_with};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// The largest font file that is read.
const MAX_FONT_BYTES: u64 = 64 << 20;

impl Nameplate {
    /// All faces. The folder is read once, when labels are first drawn.
    ///
    /// # Errors
    /// [`ServiceError::Label`] names the file that is no font, or cannot be read.
    pub(super) fn fonts(&self) -> Result<Arc<FontSet>, ServiceError> {
        if let Some(fonts) = self.fonts.get() {
            return Ok(Arc::clone(fonts));
        }
        let folder = self.data.join("fonts");
        let fonts = if folder.is_dir() {
            let own = read_fonts(&folder).map_err(|e| ServiceError::Label(format!("{}: {e}", folder.display())))?;
            Arc::new(fonts_with(own).map_err(|e| ServiceError::Label(e.to_string()))?)
        } else {
            fonts_shipped()
        };
        Ok(Arc::clone(self.fonts.get_or_init(|| fonts)))
    }
}

/// A face's name and the bytes of its file.
pub type OwnFont = (String, Cow<'static, [u8]>);

/// The fonts of a folder, each named after its file.
///
/// # Errors
/// What the system says of a file, or that it is too large.
pub fn read_fonts(folder: &Path) -> std::io::Result<Vec<OwnFont>> {
    let mut fonts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_font = path.extension().is_some_and(|e| ["ttf", "otf", "ttc"].iter().any(|f| e.eq_ignore_ascii_case(f)));
        let (true, Some(name)) = (is_font, path.file_stem().and_then(|name| name.to_str())) else { continue };
        let named = |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        if std::fs::metadata(&path).map_err(named)?.len() > MAX_FONT_BYTES {
            return Err(std::io::Error::other(format!("{} is too large for a font", path.display())));
        }
        fonts.push((name.to_ascii_lowercase(), Cow::Owned(std::fs::read(&path).map_err(named)?)));
    }
    Ok(fonts)
}
