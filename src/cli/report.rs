//! `dechaff report CLEAN [RAW] -o report.html`: a cleaned folder as one HTML document, with pages before and after.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::Path;

use crate::manifest::Row;
use crate::page::Source;
use crate::read::arrivals::PageOpener;
use crate::report::changes::{Changed, Changes};
use crate::report::document::Report;
use crate::report::facts::PageFacts;
use crate::report::figures::{number, plural};
use crate::report::outliers::Outliers;
use crate::report::page_view::{OpenPage, PageView, Rules};
use crate::report::sample::{Sampler, Strata};
use crate::report::statistics::Statistics;
use crate::run::page_runner::PageRunner;
use crate::write::atomic;
use crate::write::output_dir::OutputDir;

use crate::cli::args::ReportArgs;
use crate::cli::reopened::{self, Reopened};
use crate::cli::{Exit, corpus, setup, since};

/// Bytes of pages' text that a report holds: what opens at once, and can be sent by mail.
const BYTES: usize = 6_000_000;

/// Pages that could not be shown and are named.
const NAMED: usize = 5;

/// Of the pages most cut, those that are shown.
const MOST_CUT: usize = 20;

/// Writes the report.
pub(super) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    let (standing, header) = corpus::open(&args.clean)?;
    let against = args.against.as_deref().map(|other| compared(&standing, other, args.count)).transpose()?;
    let mut statistics = Statistics::default();
    let mut outliers = Outliers::default();
    let mut samplers = samplers(args);
    for line in standing.earlier() {
        if let Some(page) = PageFacts::read(&line.line) {
            statistics.add(&page);
            outliers.add(&page);
            samplers.iter_mut().for_each(|sampler| sampler.add(&page));
        }
    }
    let chosen = match &against {
        Some((changes, _)) => changes.most.iter().map(|page| (page.row.source(), vec!["changed".into()])).collect(),
        None => chosen(samplers, &statistics, &outliers),
    };
    let runner = setup::reader_of_run(&args.judging, &args.clean)?;
    let mut shown = Shown::default();
    if let Some(raw) = &args.raw {
        let changed = against.iter().flat_map(|(changes, _)| &changes.most).map(|page| (page.row.source(), page));
        shown.open(raw, &standing, &runner, chosen, &changed.collect());
    }
    let report = Report {
        clean: args.clean.display().to_string(),
        header: &header,
        statistics: &statistics,
        outliers: &outliers,
        rules: shown.rules.views(|address| runner.cleaner().why(address).map(str::to_string)),
        places: shown.places,
        not_shown: not_shown(&shown.failures, shown.left_out),
        pages: shown.pages,
        has_raw: args.raw.is_some(),
        against: against.as_ref().map(|(changes, other)| (changes, other.clone())),
    };
    for why in &report.not_shown {
        writeln!(io::stderr(), "dechaff: {why}")?;
    }
    let html = report.html();
    atomic::write(&args.output, html.as_bytes())?;
    writeln!(
        io::stdout(),
        "wrote {} ({} of {}, {:.1} MB)",
        args.output.display(),
        plural(report.pages.len() as u64, "page", "pages"),
        number(statistics.all.pages),
        html.len() as f64 / 1e6
    )?;
    Ok(Exit::Done)
}

fn compared(standing: &OutputDir, other: &Path, count: usize) -> anyhow::Result<(Changes, String)> {
    let before = since::rows_of(other)?;
    Ok((Changes::between(standing.earlier(), before, |_| true, count), other.display().to_string()))
}

/// What draws the pages: one way that was asked for, or a part of the pages by each.
fn samplers(args: &ReportArgs) -> Vec<Sampler> {
    match args.by {
        Some(by) => vec![Sampler::new(by.into(), args.seed, args.count)],
        None => [Strata::Status, Strata::Rule, Strata::Site, Strata::Score, Strata::Whole]
            .map(|strata| Sampler::new(strata, args.seed, args.count.div_ceil(5)))
            .to_vec(),
    }
}

/// The pages to show, and why.
fn chosen(samplers: Vec<Sampler>, statistics: &Statistics, outliers: &Outliers) -> BTreeMap<Source, Vec<String>> {
    let mut chosen: BTreeMap<Source, Vec<String>> = BTreeMap::new();
    for drawn in samplers.into_iter().flat_map(Sampler::draw) {
        let because = chosen.entry(drawn.source).or_default();
        let why = if drawn.stratum.is_empty() { "drawn".into() } else { format!("drawn for {}", drawn.stratum) };
        because.push(why);
    }
    for page in outliers.all() {
        chosen.entry(page.clone()).or_default().push("an outlier".into());
    }
    for cut in statistics.cuts.worst(MOST_CUT) {
        chosen.entry(cut.source).or_default().push("most cut".into());
    }
    chosen
}

/// The pages of a report, as far as they were opened.
#[derive(Default)]
struct Shown {
    pages: Vec<PageView>,
    places: HashMap<Source, usize>,
    rules: Rules,
    failures: Vec<String>,
    left_out: usize,
    bytes: usize,
}

impl Shown {
    /// Opens pages in the order of the manifest, so that an archive is read once.
    fn open(
        &mut self,
        raw: &Path,
        standing: &OutputDir,
        runner: &PageRunner,
        mut chosen: BTreeMap<Source, Vec<String>>,
        changed: &HashMap<Source, &Changed>,
    ) {
        let mut opener = PageOpener::new(raw, runner.read_options());
        for line in standing.earlier() {
            let source = line.source();
            let Some(because) = chosen.remove(&source) else { continue };
            let Some(row) = line.row() else { continue };
            if self.bytes > BYTES {
                self.left_out += 1;
                continue;
            }
            match Reopened::of(&row, &mut opener, runner) {
                Ok(page) => self.add(&row, &page, because, changed.get(&source).copied()),
                Err(why) => self.failures.push(why),
            }
        }
    }

    fn add(&mut self, row: &Row, reopened: &Reopened, because: Vec<String>, changed: Option<&Changed>) {
        let page = &reopened.page;
        let lines = reopened.raw_lines(row);
        // What a rule cut is counted in characters after repair: such a block is shown repaired.
        let is_cut = |block: usize| row.edits.iter().any(|edit| edit.block as usize == block);
        let raw = |block: usize| {
            lines.as_ref().filter(|_| !is_cut(block)).and_then(|lines| reopened::raw_line(lines, page, block))
        };
        let open = OpenPage {
            row,
            page,
            marks: &reopened.marks,
            written: reopened.written.as_ref().map(|(text, markup)| (text.as_str(), *markup)),
            raw: (0..page.blocks.len()).map(raw).collect(),
        };
        self.bytes += page.text.len();
        self.places.insert(row.source(), self.pages.len());
        self.pages.push(PageView::of(&open, because, changed, &mut self.rules));
    }
}

/// Why pages are not shown, in few lines.
fn not_shown(failures: &[String], left_out: usize) -> Vec<String> {
    let mut lines: Vec<String> = failures.iter().take(NAMED).cloned().collect();
    if failures.len() > NAMED {
        lines.push(format!("{} more pages could not be opened again", failures.len() - NAMED));
    }
    if left_out > 0 {
        lines.push(format!("{left_out} pages of the sample are left out: the report is full; ask for fewer with -n"));
    }
    lines
}
