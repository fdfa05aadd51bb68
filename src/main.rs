//! The `nameplate` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    nameplate::cli::main()
}
