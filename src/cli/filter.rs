//! `dechaff -`, `dechaff PAGE -`: one page from stdin or a file, its clean text to stdout. `dechaff --jsonl`: a stream of records, one by one.

use std::io::{self, Cursor, Read, Write};
use std::mem::ManuallyDrop;
use std::path::Path;

use crate::error::Error;
use crate::manifest::{self, Row, Status};
use crate::page::Source;
use crate::parse::site::Sidecar;
use crate::read::archive::{self, Opened, RawDocument};
use crate::read::walk;
use crate::run::page_runner::PageRunner;
use crate::run::{self, Filter, RunObserver};

use crate::cli::args::CleanArgs;
use crate::cli::{Exit, Misuse, setup};
use crate::settings::Container;

/// What stands for stdin or stdout.
const STREAM: &str = "-";

/// Cleans one page or a stream, to stdout.
pub(super) fn run(args: &CleanArgs) -> anyhow::Result<Exit> {
    if args.jsonl { records(args) } else { page(args) }
}

fn page(args: &CleanArgs) -> anyhow::Result<Exit> {
    if let Some(clean) = args.clean.as_deref().filter(|clean| *clean != Path::new(STREAM)) {
        let why = format!("`dechaff -` writes to stdout and takes no output folder, but {} was given", clean.display());
        return Err(Misuse(why).into());
    }
    // The program ends with the page: what it holds need not be given back piece by piece.
    let runner = ManuallyDrop::new(setup::runner(&args.judging, args.markup, Container::Files)?);
    let file = args.raw.as_deref().filter(|raw| *raw != Path::new(STREAM));
    let name = file.map_or(STREAM.into(), manifest::escape);
    let (bytes, mut sidecar) = match file {
        Some(folder) if folder.is_dir() => {
            let why = format!(
                "`-` takes the text of one page, but {name} is a folder; name a folder to write: dechaff {name} CLEAN"
            );
            return Err(Misuse(why).into());
        }
        Some(file) => (walk::read(file, 0)?, Sidecar::beside(file)),
        None => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes)?;
            (bytes, Sidecar::default())
        }
    };
    let source = Source { path: name.clone(), record: None };
    if let Some(map) = &runner.read_options().site_map {
        sidecar.url = map.url_by_end(&source).map(str::to_string).or(sidecar.url);
    }
    let done = unpacked(&name, bytes, &runner).and_then(|bytes| {
        let (finished, text) = runner.clean_once(&source, &RawDocument::of_file(&name, &bytes, sidecar));
        match finished.row.reason {
            Some(why) => Err(why),
            None => Ok((finished.row, text.unwrap_or_default())),
        }
    });
    match done {
        Ok((row, text)) => {
            if row.status == Status::Filtered && !args.quiet {
                writeln!(io::stderr(), "dechaff: {}: {}", shown(&name), dropped_by(&row))?;
            }
            io::stdout().write_all(text.as_bytes())?;
            Ok(Exit::Done)
        }
        Err(why) => {
            writeln!(io::stderr(), "dechaff: {} was not read as a page: {why}", shown(&name))?;
            Ok(Exit::Flawed)
        }
    }
}

fn shown(name: &str) -> &str {
    if name == STREAM { "stdin" } else { name }
}

/// Which filter drops a page.
fn dropped_by(row: &Row) -> String {
    let verdicts: Vec<String> = row.filters.iter().map(ToString::to_string).collect();
    format!("dropped by {}", verdicts.join(", "))
}

/// A page's bytes, whether they came compressed or not.
fn unpacked(name: &str, bytes: Vec<u8>, runner: &PageRunner) -> Result<Vec<u8>, String> {
    if !archive::is_wanted(name, &bytes) {
        return Ok(bytes);
    }
    let read_options = runner.read_options();
    let opened = archive::open(name, Box::new(Cursor::new(bytes.clone())), read_options);
    match opened.map_err(|error| error.to_string())? {
        Opened::Records(_) if name == STREAM => Err("it holds records; `dechaff --jsonl` reads them".into()),
        Opened::Records(_) => {
            Err(format!("it holds records; write `dechaff --jsonl < {name}`, or a folder: `dechaff {name} CLEAN`"))
        }
        Opened::Packed(stream) if stream.format().is_none() => Ok(bytes),
        Opened::Packed(mut stream) => archive::unpack(&mut stream, &read_options.bounds),
    }
}

fn records(args: &CleanArgs) -> anyhow::Result<Exit> {
    if let Some(raw) = args.raw.as_deref().filter(|raw| *raw != Path::new(STREAM)) {
        let why = format!("`dechaff --jsonl` reads stdin: dechaff --jsonl < {0}, or dechaff {0} CLEAN", raw.display());
        return Err(Misuse(why).into());
    }
    let mut runner = setup::runner(&args.judging, args.markup, Container::Jsonl)?;
    if args.rejected.is_some() {
        runner.keep_rejected();
    }
    runner.prove_rules_of_all_sites()?;
    let complain = |row: &Row| {
        let place = Source { path: row.path.clone(), record: row.record };
        let why = match (&row.reason, row.status) {
            (Some(why), _) => why.clone(),
            (None, Status::Filtered) => dropped_by(row),
            (None, _) => "empty".into(),
        };
        if row.status == Status::Failed || !args.quiet {
            // One call a message, not one a part of it. There is nobody left to tell where stderr is gone.
            let _ = io::stderr().write_all(format!("dechaff: {place}: {why}\n").as_bytes());
        }
    };
    let threads = args.threads.map_or(0, usize::from);
    let rejected = args.rejected.as_deref();
    let filter = Filter { threads, runner: &runner, rejected, lines: &mut io::stdout(), complain: &complain };
    let outcome = run::filter(filter, Box::new(io::stdin()), &Nobody).map_err(|error| match error {
        // Who closes our output wants no more of it.
        Error::Write { cause, .. } if cause.kind() == io::ErrorKind::BrokenPipe => anyhow::Error::from(cause),
        other => other.into(),
    })?;
    let report = &outcome.report;
    Ok(match () {
        () if report.with(Status::Failed) > 0 => Exit::Flawed,
        () if args.strict && report.with(Status::Skipped) + report.with(Status::Blank) > 0 => Exit::Flawed,
        () => Exit::Done,
    })
}

/// A filter is stopped as all filters are.
struct Nobody;

impl RunObserver for Nobody {
    fn page(&self, _: bool) {}

    fn wants_to_stop(&self) -> bool {
        false
    }
}
