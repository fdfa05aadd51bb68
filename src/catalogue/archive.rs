//! The zip archive around a workbook, judged before its reader sees it.
//!
//! What an archive says of itself may be a lie, and a few kilobytes can unfold to terabytes. So every member is inflated once
//! into nothing, and two things that the reader would believe are looked at: how many shared strings there are said to be (it
//! reserves room for as many, and a reservation that fails ends the process) and the encoding of the XML.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::fault::shown_to;
use super::reason::FileReason;

/// How much is shown of what the reader says.
const DETAIL_SHOWN_CHARS: usize = 100;
/// The attribute of the shared strings that makes the reader reserve room.
const COUNT: &[u8] = b"uniqueCount";
/// How much is looked at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// How far behind [`COUNT`] its value must end.
const COUNT_REACH_BYTES: usize = 40;
/// The shortest shared string, `<si/>`, costs five times its length in memory: its part may be a quarter of the whole.
const SHARED_STRINGS_PART: u64 = 4;

/// Checks that `bytes` are a whole zip archive that inflates to at most `limit` bytes.
///
/// # Errors
/// [`FileReason`]: empty, a compound file (old Excel, or encrypted), no whole archive, or one that inflates to more.
pub(super) fn check(bytes: &[u8], limit: u64) -> Result<(), FileReason> {
    if bytes.is_empty() {
        return Err(FileReason::Empty);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(FileReason::CompoundFile);
    }
    let inflates = FileReason::Inflates { limit_mb: limit / 1_000_000 };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| not_xlsx(&error.to_string()))?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(limit)) {
        return Err(inflates);
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|error| not_xlsx(&error.to_string()))?;
        let name = member.name().map_err(|error| not_xlsx(&error.to_string()))?.to_ascii_lowercase();
        let strings = name.ends_with("sharedstrings.xml");
        let allowed = if strings { left.min(limit / SHARED_STRINGS_PART) } else { left };
        // One byte more than is allowed shows that there is more.
        let taken = inspect(member.take(allowed.saturating_add(1)), strings)?;
        if taken > allowed {
            return Err(inflates);
        }
        left -= taken;
    }
    Ok(())
}

/// A fault of the archive or what is in it, in the words of its reader.
pub(super) fn not_xlsx(detail: &str) -> FileReason {
    FileReason::NotXlsx { detail: shown_to(detail, DETAIL_SHOWN_CHARS) }
}

/// Inflates a member and forgets it; returns its length.
fn inspect(mut member: impl Read, strings: bool) -> Result<u64, FileReason> {
    let mut window = Vec::with_capacity(CHUNK_BYTES + COUNT_REACH_BYTES);
    let mut taken = 0_u64;
    loop {
        let kept = window.len();
        let read = (&mut member)
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut window)
            .map_err(|error| not_xlsx(&error.to_string()))?;
        if taken == 0 && matches!(window[..], [0, _, ..] | [_, 0, ..] | [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..]) && strings
        {
            return Err(not_xlsx("its shared strings are not in UTF-8"));
        }
        taken += read as u64;
        if strings && !counts_are_bearable(&window, read == 0) {
            return Err(not_xlsx("it claims to hold more strings than it can"));
        }
        if read == 0 {
            return Ok(taken);
        }
        // What may be the start of a count is looked at again together with what follows it.
        let reach = (COUNT.len() + COUNT_REACH_BYTES).min(kept + read);
        window.drain(..kept + read - reach);
    }
}

/// Whether every count in the window is one that memory can be reserved for. A count too near to the end of the window is left
/// for the next one, unless this is the last.
fn counts_are_bearable(window: &[u8], last: bool) -> bool {
    let mut rest = window;
    while let Some(at) = rest.windows(COUNT.len()).position(|bytes| bytes == COUNT) {
        rest = &rest[at + COUNT.len()..];
        if rest.len() < COUNT_REACH_BYTES && !last {
            return true;
        }
        let reach = &rest[..rest.len().min(COUNT_REACH_BYTES)];
        if !is_bearable(reach) {
            return false;
        }
    }
    true
}

/// Judges what follows the name of the attribute: `="123"`. Something else is not the attribute, unless blanks push the value
/// out of reach.
fn is_bearable(after: &[u8]) -> bool {
    let trimmed = after.trim_ascii_start();
    let Some(value) = trimmed.strip_prefix(b"=") else {
        return !trimmed.is_empty() || after.is_empty();
    };
    let value = value.trim_ascii_start();
    let digits = value.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    // At most 9,999,999: 240 MB of room.
    matches!(value.first(), Some(b'"' | b'\'')) && digits <= 7 && value.get(digits + 1) == value.first()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_strings_that_cannot_be_are_refused() {
        for good in [
            "<sst uniqueCount=\"1234567\">",
            "<sst uniqueCount = '12' >",
            "<t>uniqueCount is a word</t>",
            "uniqueCount",
        ] {
            assert!(counts_are_bearable(good.as_bytes(), true), "{good}");
        }
        let far = format!("<sst uniqueCount{}=\"99999999999\">", " ".repeat(50));
        for bad in
            ["<sst uniqueCount=\"12345678\">", "<sst uniqueCount='99999999999999'>", "<sst uniqueCount=\"9", &far]
        {
            assert!(!counts_are_bearable(bad.as_bytes(), true), "{bad}");
        }
    }

    #[test]
    fn a_count_on_the_border_of_two_chunks_is_seen() {
        for before in CHUNK_BYTES - 60..CHUNK_BYTES + 5 {
            let text = format!("{}uniqueCount=\"99999999999\"{}", " ".repeat(before), " ".repeat(100));
            assert!(inspect(text.as_bytes(), true).is_err(), "{before}");
            let text = text.replace("99999999999", "99");
            assert_eq!(inspect(text.as_bytes(), true), Ok(text.len() as u64), "{before}");
        }
    }

    #[test]
    fn shared_strings_in_utf16_are_refused() {
        let utf16: Vec<u8> = "<sst uniqueCount=\"99999999999\">".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(inspect(&utf16[..], true).is_err());
        assert!(inspect(&[b"\xFF\xFE", &utf16[..]].concat()[..], true).is_err());
        assert!(inspect(&utf16[..], false).is_ok());
    }
}
