//! The serials of a block, made from its range whenever somebody wants them: none is stored.

use super::rule_book::KnownRule;
use super::{Nameplate, ServiceError};
use crate::serial::{Serial, SeriesContext};
use crate::store::block::BlockRow;
use crate::store::{Connection, StoreError};
use crate::trace::Span;
use serde::Deserialize;
use std::io::{self, Write};
use std::sync::Arc;

/// How a list of serials is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialFormat {
    /// One JSON object a line: `{"n":1,"serial":"...","printed":"..."}`.
    JsonLines,
    /// CSV with a header line: `n,serial,printed`.
    Csv,
}

/// Everything that is needed to write a block's serials: rule, context, range.
#[derive(Debug, Clone)]
pub struct BlockSerials {
    rule: Arc<KnownRule>,
    context: SeriesContext,
    span: Span,
}

impl BlockSerials {
    /// The rule that made them.
    #[must_use]
    pub fn rule(&self) -> &KnownRule {
        &self.rule
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.span.len()
    }

    /// The serials from the `skip`-th on (0 is the first), at most `limit`, in issuing order.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the block's range does not fit its rule.
    pub fn page(&self, skip: u64, limit: u64) -> Result<Vec<Serial>, StoreError> {
        let mut page = Vec::with_capacity(usize::try_from(limit.min(self.count())).unwrap_or(0));
        self.each(skip, limit, |_, serial| {
            page.push(*serial);
            Ok(())
        })
        .map_err(|e| StoreError::Unexpected(e.to_string()))?;
        Ok(page)
    }

    /// Calls `take` with the position in the block (from 0) and the serial, for a part of the block.
    ///
    /// # Errors
    /// The first error of `take`, or that the block's range does not fit its rule.
    pub fn each(&self, skip: u64, limit: u64, mut take: impl FnMut(u64, &Serial) -> io::Result<()>) -> io::Result<()> {
        let Some(wanted) = self.part(skip, limit) else { return Ok(()) };
        let series = self.rule.rule.series(&self.context).map_err(io::Error::other)?;
        let mut position = skip;
        // In pieces, so that an error (a reader that went away) ends the work soon.
        for piece in wanted.cut() {
            let mut result = Ok(());
            series
                .write_range(piece.first(), piece.last(), |serial| {
                    if result.is_ok() {
                        result = take(position, serial);
                    }
                    position += 1;
                })
                .map_err(io::Error::other)?;
            result?;
        }
        Ok(())
    }

    fn part(&self, skip: u64, limit: u64) -> Option<Span> {
        let first = self.span.first().checked_add(skip)?;
        // Saturating: "all the rest" is asked for with the largest number there is.
        let last = first.saturating_add(limit.checked_sub(1)?).min(self.span.last());
        Span::new(first, last).ok()
    }

    /// Writes the serials from the `skip`-th on, one a line.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn write(&self, format: SerialFormat, skip: u64, out: &mut impl Write) -> io::Result<()> {
        if format == SerialFormat::Csv {
            out.write_all(b"n,serial,printed\n")?;
        }
        self.each(skip, u64::MAX, |position, serial| {
            let (n, printed) = (position + 1, serial.grouped(&self.rule.rule));
            match format {
                SerialFormat::JsonLines => {
                    writeln!(out, r#"{{"n":{n},"serial":"{}","printed":"{printed}"}}"#, serial.as_str())
                }
                SerialFormat::Csv => {
                    // A spreadsheet would read such a cell as a formula; the apostrophe makes it text.
                    let guard =
                        if matches!(serial.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@')) { "'" } else { "" };
                    writeln!(out, "{n},{guard}{},{guard}{printed}", serial.as_str())
                }
            }
        })
    }
}

/// What the stored answer to a reservation says of its range.
#[derive(Deserialize)]
struct AnsweredRange {
    block: String,
    rule: String,
    rule_version: u32,
    first_serial: String,
    count: u64,
}

impl Nameplate {
    /// The block's code and its serials, from the stored answer to its reservation alone: the same for ever, and
    /// without asking the database.
    ///
    /// # Errors
    /// [`ServiceError::Unexpected`] when the text is not a stored answer of this installation.
    pub async fn serials_of_answer(&self, answer: &str) -> Result<(String, BlockSerials), ServiceError> {
        let unexpected = |what: String| ServiceError::Unexpected(format!("a stored answer cannot be read: {what}"));
        let AnsweredRange { block, rule: code, rule_version, first_serial, count } =
            serde_json::from_str(answer).map_err(|e| unexpected(e.to_string()))?;
        let find = || self.rules.all().into_iter().find(|k| k.row.code == code && k.row.version == rule_version);
        let rule = match find() {
            Some(rule) => Some(rule),
            None => {
                // Perhaps another node has defined it since.
                self.rules.reload(&mut *self.read().await?).await?;
                find()
            }
        };
        let rule = rule.ok_or_else(|| unexpected(format!("there is no rule {code} version {rule_version}")))?;
        let parsed = rule.rule.parse(&first_serial).map_err(|fault| unexpected(fault.to_string()))?;
        let last = parsed.ordinal.checked_add(count).and_then(|end| end.checked_sub(1));
        let last = last.ok_or_else(|| unexpected("its count is impossible".into()))?;
        let span = Span::new(parsed.ordinal, last).map_err(|e| unexpected(e.to_string()))?;
        Ok((block, BlockSerials { rule, context: parsed.context, span }))
    }

    /// The serials of a block.
    ///
    /// # Errors
    /// [`ServiceError::Store`] when its rule cannot be read.
    pub async fn serials_of(&self, conn: &mut Connection, block: &BlockRow) -> Result<BlockSerials, ServiceError> {
        let rule = self.rules.get(conn, block.rule_version_id).await?;
        let corrupt = || StoreError::Corrupt { table: "series", column: "context", row: block.series_id.to_string() };
        let context: SeriesContext = block.context.parse().map_err(|_| corrupt())?;
        Ok(BlockSerials { rule, context, span: block.span })
    }
}
