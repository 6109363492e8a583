//! The program `dechaff`: see [`cli`].

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A page is a handful of large strings and many small ones; this allocator takes them faster than the system's,
/// from many threads above all. The figures are in `benches/README.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
