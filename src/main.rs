//! The program `dechaff`: see [`dechaff::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    dechaff::cli::main()
}
