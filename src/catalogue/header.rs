//! The header of a table: which column stands where.

use super::fault::{FaultList, Place};
use super::reason::FileReason;
use super::table::Table;

/// For each column of the table its position in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// In the order of [`Table::columns`]; `None`: an optional column that the file does not have.
    pub positions: Vec<Option<usize>>,
    /// How many cells a row has.
    pub width: usize,
}

impl Header {
    /// Matches the names of a header row, exactly and in any order. `None`: faults were reported, and the rows cannot be
    /// understood.
    pub fn read(table: Table, names: &[&str], place: Place, faults: &mut FaultList) -> Option<Self> {
        let columns = table.columns();
        let mut positions = vec![None; columns.len()];
        let mut sound = true;
        for (position, name) in names.iter().enumerate() {
            let reason = match columns.iter().position(|column| column.name == *name) {
                _ if name.trim().is_empty() => FileReason::UnnamedColumn { position: position + 1 },
                None => unknown(table),
                Some(column) => match positions[column] {
                    None => {
                        positions[column] = Some(position);
                        continue;
                    }
                    Some(first) => {
                        FileReason::DuplicateHeader { name: (*name).to_owned(), first: first + 1, second: position + 1 }
                    }
                },
            };
            sound = false;
            faults.add(place, None, Some(name), reason.into());
        }
        for (column, position) in columns.iter().zip(&positions) {
            if column.required && position.is_none() {
                sound = false;
                let reason = FileReason::MissingColumn { name: column.name };
                faults.add(place, None, None, reason.into());
            }
        }
        sound.then_some(Self { positions, width: names.len() })
    }
}

fn unknown(table: Table) -> FileReason {
    let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    FileReason::UnknownHeader { table, known: names.join(", ") }
}
