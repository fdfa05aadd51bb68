//! Why something in a catalogue is refused, in words that say what to do.

use super::alias::{AliasError, UnknownAliasKind};
use super::batch_code::BatchCodeError;
use super::code::CodeError;
use super::date::DateError;
use super::gtin::GtinError;
use super::logo::{LogoError, LogoNameError};
use super::rows::batch_attribute::AttributeNameError;
use super::table::Table;
use super::text::TextError;

/// The reason of a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The bytes or the frame of a file.
    #[error(transparent)]
    File(#[from] FileReason),
    /// One value for itself.
    #[error(transparent)]
    Value(#[from] ValueReason),
    /// How rows stand to each other.
    #[error(transparent)]
    Relation(#[from] RelationReason),
}

/// What can be wrong with a file as such.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileReason {
    /// No file that could be read.
    #[error("there is no table and no logo to import")]
    Nothing,
    /// No bytes, or no header.
    #[error("the file is empty; its first row must hold the column names")]
    Empty,
    /// More bytes than an import takes.
    #[error("the import has {found_mb} MB; {limit_mb} MB are possible at once, so import it in parts")]
    TooManyBytes {
        /// Size of all files, in MB of 10^6 bytes.
        found_mb: usize,
        /// The limit, in MB.
        limit_mb: usize,
    },
    /// More rows than an import takes.
    #[error("the import has more than {limit} rows; import it in parts")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
    /// Two bytes a character.
    #[error("the file is in UTF-16, not UTF-8 (seen at byte {byte}); save it as \"CSV UTF-8\"")]
    Utf16 {
        /// Offset of the tell-tale byte, from 0.
        byte: usize,
    },
    /// Not UTF-8 at some byte.
    #[error(
        "byte {byte} (0x{found:02X}) is not UTF-8, so the file is in another encoding, perhaps Windows-1252; save it as \"CSV UTF-8\""
    )]
    NotUtf8 {
        /// Offset of the byte, from 0.
        byte: usize,
        /// The byte.
        found: u8,
    },
    /// A file that is no table and no logo.
    #[error(
        "this is no file of a catalogue; expected are the tables (brands, products, skus, sku_aliases, sku_revisions, batches, batch_attributes) as .csv, one .xlsx, and logos/*.png"
    )]
    Unknown,
    /// The old Excel format, or a workbook with a password (both are compound files).
    #[error(
        "this is an old Excel file or one with a password; save it as .xlsx without a password, or as \"CSV UTF-8\""
    )]
    CompoundFile,
    /// Not a zip archive, or one that ends early.
    #[error("this is not a whole .xlsx file ({detail}); copy or save it again")]
    NotXlsx {
        /// What the reader said.
        detail: String,
    },
    /// Inflates to more than is bearable.
    #[error("this workbook grows to more than {limit_mb} MB when it is unpacked; import it in parts")]
    Inflates {
        /// The limit, in MB.
        limit_mb: u64,
    },
    /// A sheet whose name is not that of a table.
    #[error("the sheet is named after no table; rename it, or delete it if it is a note")]
    UnknownSheet,
    /// The same table in two files or sheets.
    #[error("the table {table} is given twice, also {also}; put it into one file")]
    TableTwice {
        /// Which table.
        table: Table,
        /// Where else.
        also: String,
    },
    /// The same header twice.
    #[error("the column {name} is there twice, as columns {first} and {second}; delete one")]
    DuplicateHeader {
        /// The header.
        name: String,
        /// Number of the first column, from 1.
        first: usize,
        /// Number of the second column, from 1.
        second: usize,
    },
    /// A header that the table does not know.
    #[error("the table {table} has no column of this name; it has {known}")]
    UnknownHeader {
        /// Which table.
        table: Table,
        /// The columns that it has.
        known: String,
    },
    /// A header cell without text.
    #[error("column {position} has no name; delete the column if it is empty")]
    UnnamedColumn {
        /// Number of the column, from 1.
        position: usize,
    },
    /// A column that must be there.
    #[error("the column {name} is missing")]
    MissingColumn {
        /// The header.
        name: &'static str,
    },
    /// The file ends inside quotes.
    #[error("a quote that opens in this row is never closed, so the file is cut off or a quote is missing")]
    UnclosedQuote,
    /// Text between a closing quote and the next delimiter.
    #[error("text follows the closing quote of a cell; double a quote that is part of the text")]
    TextAfterQuote,
    /// A quote that opens after a blank.
    #[error("a cell starts with a blank and a quote; delete the blank, or the quote would be part of the text")]
    BlankBeforeQuote,
    /// A row of another length than the header.
    #[error(
        "the row has {found} cells, the header {expected}; the file is cut off here, or a delimiter is missing or not in quotes"
    )]
    CellCount {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A value right of the last column.
    #[error("a value stands outside the table, in column {position}")]
    OutsideTable {
        /// Number of the column, from 1.
        position: usize,
    },
}

/// What can be wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueReason {
    /// Nothing where something must be.
    #[error("a value is missing")]
    Missing,
    /// A cell that a spreadsheet program would run.
    #[error(
        "a cell that starts with {first:?} is run as a formula by spreadsheet programs; put an apostrophe before it if it is meant as text"
    )]
    FormulaText {
        /// Its first character.
        first: char,
    },
    /// A formula in a workbook.
    #[error("the cell holds a formula; paste its value instead (Paste Special, Values)")]
    FormulaCell,
    /// A number that a spreadsheet program has rounded.
    #[error(
        "a spreadsheet program has turned this number into powers of ten and its digits are lost; format the column as text and enter it again"
    )]
    PowersOfTen,
    /// A number cell that is no row of digits.
    #[error(
        "the cell is a number that is not whole, negative or longer than 15 digits; format the column as text and enter it again"
    )]
    NotDigits,
    /// A number cell whose digits do not pass, perhaps because zeros were lost.
    #[error("{0} (the cell is a number, and numbers lose leading zeros: format the column as text and enter it again)")]
    FromNumber(Box<ValueReason>),
    /// A cell of another type.
    #[error("the cell holds {what}; format the column as text and enter it again")]
    NotText {
        /// What it holds, in words.
        what: &'static str,
    },
    /// A code is wrong.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A batch number is wrong.
    #[error(transparent)]
    BatchCode(#[from] BatchCodeError),
    /// A text is wrong.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A GTIN is wrong.
    #[error(transparent)]
    Gtin(#[from] GtinError),
    /// A date is wrong.
    #[error(transparent)]
    Date(#[from] DateError),
    /// The kind of an alias is wrong.
    #[error(transparent)]
    AliasKind(#[from] UnknownAliasKind),
    /// An alias does not fit its kind.
    #[error(transparent)]
    Alias(#[from] AliasError),
    /// The name of an attribute is wrong.
    #[error(transparent)]
    AttributeName(#[from] AttributeNameError),
    /// The name of a logo is wrong.
    #[error(transparent)]
    LogoName(#[from] LogoNameError),
    /// A logo file is wrong.
    #[error(transparent)]
    Logo(#[from] LogoError),
    /// A validity that ends before it begins.
    #[error("the validity ends before it begins on {valid_from}")]
    EndsBeforeItBegins {
        /// The first day.
        valid_from: jiff::civil::Date,
    },
    /// The same SKU twice in one batch.
    #[error("the SKU {sku} is listed twice")]
    ListedTwice {
        /// The SKU as written.
        sku: String,
    },
}

/// What can be wrong between rows. Places are given in words, as `in skus.csv, row 3` or `in the database`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelationReason {
    /// The file lacks a column in which a known row holds something.
    #[error(
        "the file has no such column, but this row is known with a value there: add the column; its cells may be empty, which deletes the value"
    )]
    AbsentColumn,
    /// Two rows with the same key.
    #[error("this {word} is there already {first}; delete one of the two rows")]
    Duplicate {
        /// What a row of the table is.
        word: &'static str,
        /// Where the first one is.
        first: String,
    },
    /// A reference that leads nowhere.
    #[error("there is no {} {value} in the files or in the database", table.row_word())]
    Unknown {
        /// Which table was searched.
        table: Table,
        /// The code searched for, shortened.
        value: String,
    },
    /// A brand names a logo that is not there.
    #[error("there is no file logos/{name}; add it")]
    LogoMissing {
        /// The file name.
        name: String,
    },
    /// A logo that no brand names.
    #[error("no brand names this logo; enter it in the column logo of brands, or delete the file")]
    LogoUnused,
    /// A batch and a SKU of different products.
    #[error("the SKU {sku} is of product {sku_product}, but the batch {batch} is of product {batch_product}")]
    ForeignSku {
        /// The SKU.
        sku: String,
        /// Its product.
        sku_product: String,
        /// The batch.
        batch: String,
        /// The product of the batch.
        batch_product: String,
    },
    /// One alias, two SKUs, on the same days, for the same owner.
    #[error("the SKU {sku} has this alias on the same days ({first}); end one of them, or name different owners")]
    AliasTaken {
        /// The other SKU.
        sku: String,
        /// Where.
        first: String,
    },
    /// A text that already means something else.
    #[error("this is also {what} ({first}); a scan or a search could not tell them apart, so change one")]
    NameTaken {
        /// What the text means elsewhere.
        what: String,
        /// Where.
        first: String,
    },
}

macro_rules! value_reasons {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Reason {
            fn from(error: $error) -> Self {
                Self::Value(error.into())
            }
        }
    )*};
}

value_reasons!(LogoError, LogoNameError);
