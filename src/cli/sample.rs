//! `dechaff sample CLEAN`: the addresses of pages worth reading.

use std::io::{self, Write};

use crate::report::facts::PageFacts;
use crate::report::sample::Sampler;

use crate::cli::args::SampleArgs;
use crate::cli::{Exit, corpus};

/// Prints the pages, an address a line; with `--by`, a tab and the stratum behind it.
pub(super) fn run(args: &SampleArgs) -> anyhow::Result<Exit> {
    let (standing, _) = corpus::open(&args.clean)?;
    let mut sampler = Sampler::new(args.by.into(), args.seed, args.count);
    for line in standing.earlier() {
        if let Some(page) = PageFacts::read(&line.line) {
            sampler.add(&page);
        }
    }
    let mut text = String::new();
    for page in sampler.draw() {
        text.push_str(&page.source.to_string());
        if !page.stratum.is_empty() {
            text.push('\t');
            text.push_str(&page.stratum);
        }
        text.push('\n');
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}
