//! CSV, strictly: RFC 4180 with comma, semicolon or tabulator, in UTF-8.
//!
//! The `csv` crate is the yardstick in the tests of this reader, but not the reader: it takes a file that ends inside quotes for
//! a whole one, and counts lines, where people need the row that their spreadsheet program shows.

use std::borrow::Cow;

use super::reason::FileReason;

/// The text of a file, its byte order mark taken away.
///
/// # Errors
/// [`FileReason::Utf16`] or [`FileReason::NotUtf8`] with the byte that shows it, [`FileReason::Empty`].
pub(crate) fn decode(bytes: &[u8]) -> Result<&str, FileReason> {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(FileReason::Utf16 { byte: 0 }),
        // Without a mark: a header in ASCII letters has a zero in every second byte.
        [0, _, ..] => return Err(FileReason::Utf16 { byte: 0 }),
        [_, 0, ..] => return Err(FileReason::Utf16 { byte: 1 }),
        _ => {}
    }
    let (content, skipped) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(content) => (content, 3),
        None => (bytes, 0),
    };
    let text = std::str::from_utf8(content).map_err(|error| FileReason::NotUtf8 {
        byte: skipped + error.valid_up_to(),
        found: content.get(error.valid_up_to()).copied().unwrap_or(0),
    })?;
    if text.trim().is_empty() {
        return Err(FileReason::Empty);
    }
    Ok(text)
}

/// Which of comma, semicolon and tabulator the header line holds most often outside quotes.
pub(crate) fn delimiter(text: &str) -> u8 {
    let header = text.trim_start().lines().next().unwrap_or("");
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && *delimiter == byte) {
            *count += 1;
        }
    }
    let [comma, semicolon, tab] = counts;
    let mut best = comma;
    for other in [semicolon, tab] {
        if other.1 > best.1 {
            best = other;
        }
    }
    best.0
}

/// One record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// Its row as a spreadsheet program counts it: line breaks inside quotes do not count, empty lines do.
    pub row: u32,
    /// Its cells, quotes taken away.
    pub cells: Vec<Cow<'a, str>>,
    /// What is wrong with its form.
    pub broken: Option<FileReason>,
}

impl Record<'_> {
    /// An empty line, or one of delimiters only, as spreadsheet programs leave behind the last row.
    pub fn is_blank(&self) -> bool {
        self.broken.is_none() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// The records of a text, one after the other; cells borrow from the text wherever they can.
pub(crate) struct Records<'a> {
    text: &'a str,
    /// Next byte to read; always at a character boundary, as cells end at ASCII bytes.
    at: usize,
    row: u32,
    delimiter: u8,
}

impl<'a> Records<'a> {
    pub fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, at: 0, row: 0, delimiter }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads up to the next delimiter or line end.
    fn plain(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let length =
            rest.iter().position(|&byte| byte == self.delimiter || matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        let cell = &self.text[self.at..self.at + length];
        self.at += length;
        cell
    }

    /// Reads a cell whose opening quote is the next byte. At the end of the text without a closing quote: the rest, and the
    /// fault.
    fn quoted(&mut self) -> (Cow<'a, str>, Option<FileReason>) {
        let start = self.at + 1;
        let mut search = start;
        let mut doubled = false;
        loop {
            let Some(offset) = self.text[search..].find('"') else {
                self.at = self.text.len();
                return (Cow::Borrowed(&self.text[start..]), Some(FileReason::UnclosedQuote));
            };
            let quote = search + offset;
            self.at = quote + 1;
            if self.byte() != Some(b'"') {
                let inner = &self.text[start..quote];
                let cell = match doubled {
                    true => Cow::Owned(inner.replace("\"\"", "\"")),
                    false => Cow::Borrowed(inner),
                };
                let stray = !self.plain().is_empty();
                return (cell, stray.then_some(FileReason::TextAfterQuote));
            }
            doubled = true;
            search = quote + 2;
        }
    }

    /// Passes `\n`, `\r\n` or `\r`.
    fn line_end(&mut self) {
        if self.byte() == Some(b'\r') {
            self.at += 1;
        }
        if self.byte() == Some(b'\n') {
            self.at += 1;
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        self.byte()?;
        self.row = self.row.saturating_add(1);
        let mut record = Record { row: self.row, cells: Vec::with_capacity(10), broken: None };
        loop {
            let (cell, broken) = match self.byte() {
                Some(b'"') => self.quoted(),
                _ => {
                    let cell = self.plain();
                    let quote = cell.trim_start().starts_with('"');
                    (Cow::Borrowed(cell), quote.then_some(FileReason::BlankBeforeQuote))
                }
            };
            record.cells.push(cell);
            record.broken = record.broken.or(broken);
            if self.byte() != Some(self.delimiter) {
                self.line_end();
                return Some(record);
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        Records::new(text, b',').map(|record| record.cells.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn quotes_and_every_line_end() {
        assert_eq!(
            cells("a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\rc,\n"),
            [vec!["a", "b"], vec!["x, \"y\"", "1\n2"], vec!["c", ""]]
        );
        assert_eq!(cells("5\" lens,b"), [vec!["5\" lens", "b"]]);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let rows: Vec<(u32, bool)> =
            Records::new("code\n\"a\nb\nc\"\n\n,\nd", b',').map(|record| (record.row, record.is_blank())).collect();
        assert_eq!(rows, [(1, false), (2, false), (3, true), (4, true), (5, false)]);
    }

    #[test]
    fn truncated_quotes_name_the_row_where_they_open() {
        let last = Records::new("a,b\n1,\"x\n2,y\n3,z", b',').last().unwrap();
        assert_eq!((last.row, last.broken), (2, Some(FileReason::UnclosedQuote)));
        let mut stray = Records::new("\"a\"b,c\nd,e", b',');
        assert_eq!(stray.next().unwrap().broken, Some(FileReason::TextAfterQuote));
        assert_eq!(stray.next().unwrap().broken, None);
        let mut blank = Records::new("a, \"b\"", b',');
        assert_eq!(blank.next().unwrap().broken, Some(FileReason::BlankBeforeQuote));
    }

    #[test]
    fn other_encodings_are_told_with_the_byte() {
        assert_eq!(decode(b"\xEF\xBB\xBFcode"), Ok("code"));
        assert_eq!(decode(b"\xFF\xFEc\0o\0"), Err(FileReason::Utf16 { byte: 0 }));
        assert_eq!(decode(b"c\0o\0d\0"), Err(FileReason::Utf16 { byte: 1 }));
        assert_eq!(decode(b"name\nGr\xF6\xDFe"), Err(FileReason::NotUtf8 { byte: 7, found: 0xF6 }));
        assert_eq!(decode(b"\xEF\xBB\xBFna\xEF"), Err(FileReason::NotUtf8 { byte: 5, found: 0xEF }));
        for empty in [&b""[..], b"\xEF\xBB\xBF", b" \r\n\n"] {
            assert_eq!(decode(empty), Err(FileReason::Empty));
        }
    }

    #[test]
    fn the_header_line_decides_the_delimiter() {
        assert_eq!(delimiter("code,name\na;b;c;d"), b',');
        assert_eq!(delimiter("code;name\na,b,c"), b';');
        assert_eq!(delimiter("code\tname"), b'\t');
        assert_eq!(delimiter("\"a,b,c\";name"), b';');
        assert_eq!(delimiter("code"), b',');
    }

    // Invariants:
    // 1. What the csv crate writes, this reader reads back, for every delimiter.
    // 2. Whatever this reader finds whole, the csv crate reads alike (blank lines aside).
    proptest! {
        #[test]
        fn reads_what_the_csv_crate_writes(
            rows in prop::collection::vec(prop::collection::vec("[a\",;\t\r\n é]{0,6}", 3), 1..6),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let records: Vec<Record> = Records::new(std::str::from_utf8(&bytes).unwrap(), delimiter).collect();
            prop_assert_eq!(records.len(), rows.len());
            for (record, row) in records.iter().zip(&rows) {
                prop_assert_eq!(&record.broken, &None);
                prop_assert_eq!(&record.cells, row);
            }
        }

        #[test]
        fn agrees_with_the_csv_crate_on_whole_texts(text in "[a\",\r\n é]{0,40}") {
            let ours: Vec<Record> = Records::new(&text, b',').collect();
            prop_assume!(ours.iter().all(|record| record.broken.is_none()));
            let ours: Vec<Vec<&str>> = ours
                .iter()
                .map(|record| record.cells.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
                .filter(|cells| cells != &[""])
                .collect();
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let theirs: Vec<Vec<&str>> = theirs
                .iter()
                .map(|record| record.iter().collect::<Vec<&str>>())
                .filter(|cells| cells != &[""])
                .collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
