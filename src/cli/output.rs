//! Writing to standard output and standard error.

use super::failure::{Failure, Outcome};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

/// Standard output with a buffer. Call [`Write::flush`] at the end: what goes wrong while dropping is lost.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// Says something that is not the command's result, on standard error. If nobody listens there, that is all right.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a value as JSON, for scripts.
pub(super) fn print_json(value: &impl Serialize) -> Outcome {
    let mut out = stdout();
    serde_json::to_writer_pretty(&mut out, value)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Writes `label   value`, indented by `depth` steps; nothing if there is no value.
pub(super) fn field(out: &mut impl Write, depth: usize, label: &str, value: Option<impl Display>) -> io::Result<()> {
    let Some(value) = value else { return Ok(()) };
    let (indent, width) = (depth * 2, 16_usize.saturating_sub(depth * 2));
    writeln!(out, "{:indent$}{label:<width$} {}", "", visible(&value.to_string()))
}

/// Text from records and from outside, fit for a terminal: nothing in it may break the line or drive the terminal.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        let mut shown = String::with_capacity(text.len() + 8);
        for c in text.chars() {
            if is_unprintable(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
        }
        return Cow::Owned(shown);
    }
    Cow::Borrowed(text)
}

/// Control characters, and those that hide or turn what follows them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Writes a file under a name that only a whole file gets: an interrupted command leaves the old one as it was.
pub(super) fn write_file(path: &Path, write: impl FnOnce(&mut BufWriter<std::fs::File>) -> io::Result<()>) -> Outcome {
    let failed = |error: &io::Error| Failure::file(path, "cannot be written", error);
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".part");
    let mut file = BufWriter::with_capacity(64 << 10, std::fs::File::create(&fresh).map_err(|e| failed(&e))?);
    let written = write(&mut file).and_then(|()| file.flush()).and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&fresh);
        failed(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_is_spelled_out() {
        assert_eq!(visible("Köhlerkai 14"), "Köhlerkai 14");
        assert_eq!(visible("a\x1b[31mb\n\u{202e}c"), "a\\u{1b}[31mb\\n\\u{202e}c");
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serials.csv");
        write_file(&path, |out| out.write_all(b"old")).unwrap();
        let error = write_file(&path, |out| out.write_all(b"new").and(Err(io::Error::other("full")))).unwrap_err();
        assert!(error.message().unwrap().contains("serials.csv cannot be written: full"));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written is left");
    }
}
