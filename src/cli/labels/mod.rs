//! Labels without a server: templates, data, fonts and pictures from files.

pub(super) mod block;
mod data;
mod job;
mod output;

pub(super) use data::Data;
pub(super) use job::{Fields, LabelFiles, refused, told};
pub(super) use output::{Mode, OutputFormat, SheetArgs, file_name, folder_of, format_of, write_labels};
