//! What a run would find to do, and what of a corpus is worth a look. Nothing is written.
//!
//! Whether a row still holds is asked of [`PageRunner`], as a run asks it; a page whose row does not is judged anew.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use globset::GlobSet;

use crate::error::Result;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{BlockCounts, Header, Row, Status};
use crate::page::Source;
use crate::passes::passages::Passages;
use crate::read::archive::RawDocument;
use crate::read::arrivals::Archive;
use crate::read::walk::{PathFilter, Walk};
use crate::render;
use crate::run::finding::{Finding, Kind};
use crate::run::ordered_queue::{Ended, InOrder, OrderedQueue, WorkItem};
use crate::run::page_runner::PageRunner;
use crate::run::survey::{self, SurveyPass};
use crate::run::{FolderLayout, remembered};
use crate::write::output_dir::{GO_ON, OutputDir};
use crate::write::output_writer::PASSAGES;

/// A page has lost much more than it did where it loses so many more of a hundred lines, and at least so many
/// lines more.
const MUCH_MORE_PERCENT: u64 = 25;
const MUCH_MORE_LINES: u32 = 5;

/// What to look at.
pub struct CheckOptions {
    /// The folder of pages.
    pub raw: PathBuf,
    /// The folder that a run has written; `None` where only the pages are looked at.
    pub clean: Option<PathBuf>,
    /// How many threads work; 0 for one on each core.
    pub threads: usize,
    /// Only pages whose path matches; all, where it is empty.
    pub include: GlobSet,
    /// No pages whose path matches.
    pub exclude: GlobSet,
    /// Whether a first pass finds out what recurs on each site.
    pub survey: bool,
    /// How many of a hundred lines a page may lose; any number, where nothing is said.
    pub budget: Option<u8>,
    /// How a page is read, judged and named.
    pub runner: PageRunner,
}

/// What was found.
#[derive(Debug)]
pub struct CheckReport {
    /// The findings, the gravest first.
    pub findings: Vec<Finding>,
    /// How many files were looked at.
    pub files: u64,
    /// Of the pages that were judged: how many lose so many of a hundred lines.
    pub losses: [u64; 101],
}

/// Looks at a folder.
///
/// # Errors
/// Where the input folder or the manifest cannot be read.
pub fn check(look: &mut CheckOptions) -> Result<CheckReport> {
    let places = match &look.clean {
        Some(clean) => FolderLayout::of_folders(&look.raw, clean)?,
        None => FolderLayout::of_input(&look.raw)?,
    };
    let (raw, include, exclude) = (look.raw.clone(), look.include.clone(), look.exclude.clone());
    let walk = || {
        let (include, exclude) = (include.clone(), exclude.clone());
        Walk::new(&raw, PathFilter { include, exclude, except: places.output_inside_input.clone(), part: None })
    };
    look.runner.prove_rules(walk()?)?;
    let standing = look.clean.as_deref().map(OutputDir::at);
    let header = standing.as_ref().map(OutputDir::header).transpose()?;
    let pool = survey::pool(look.threads)?;
    if look.survey {
        let remembered = standing.as_ref().map(remembered).unwrap_or_default();
        let first = SurveyPass { runner: &look.runner, pool: &pool, stop: &|| false };
        let templates = first.know(walk()?, &remembered).templates;
        look.runner.use_templates(templates);
    }
    if look.runner.cleaner().settings().repeated_passages().is_some() {
        // Counting is for a run: what is known is what the last one has counted.
        let known = standing.as_ref().and_then(|standing| Passages::from_text(&standing.kept(PASSAGES)));
        look.runner.use_passages(known.unwrap_or_default());
    }
    let is_there = header.as_ref().is_some_and(Option::is_some);
    let missing = standing.as_ref().filter(|_| !is_there).map(OutputDir::without_manifest);
    let causes: Vec<String> = header.iter().flatten().flat_map(|header| causes(header, look.runner.header())).collect();
    let look = Look { options: look, standing: standing.filter(|_| is_there), is_as_it_was: causes.is_empty() };
    let looked = CheckReport { findings: Vec::new(), files: 0, losses: [0; 101] };
    let mut check = Check { look: &look, causes, caused: 0, looked, took: HashSet::new() };
    if let Some(missing) = missing {
        check.add(Kind::Missing, None, missing);
    }
    let queue = OrderedQueue::of_files(walk()?, look.standing.as_ref().map(OutputDir::earlier), check).noting_gone();
    pool.broadcast(|_| {
        while let Some(mut item) = queue.next(|| false) {
            match look.page(&mut item) {
                Err(archive) => queue.divide(item, archive),
                // A check fails nowhere: it notes what fails.
                Ok(seen) => drop(queue.commit(item, seen)),
            }
        }
    });
    let Ended { committed: mut check, gone, .. } = queue.end()?;
    for page in gone {
        check.add(Kind::Stale, Some(page), "it is gone, and its output is not".into());
    }
    Ok(check.end())
}

/// What is looked at, and by what.
struct Look<'a> {
    options: &'a CheckOptions,
    standing: Option<OutputDir>,
    /// Whether the run itself is as it was.
    is_as_it_was: bool,
}

/// What is found, in the order of the pages.
struct Check<'a> {
    look: &'a Look<'a>,
    /// What of the run itself is not as it was.
    causes: Vec<String>,
    /// How many pages are stale for it.
    caused: u64,
    looked: CheckReport,
    /// The rules that took or kept something.
    took: HashSet<String>,
}

/// What was seen of a page.
struct Seen {
    findings: Vec<Finding>,
    /// Whether it is stale for no reason of its own.
    is_caused: bool,
    loss: Option<u8>,
    rules: Vec<String>,
}

impl InOrder for Check<'_> {
    type Result = Seen;

    fn commit(&mut self, seen: Seen) -> Result<()> {
        self.looked.files += 1;
        self.looked.findings.extend(seen.findings);
        self.caused += u64::from(seen.is_caused);
        self.took.extend(seen.rules);
        if let Some(loss) = seen.loss {
            self.looked.losses[usize::from(loss)] += 1;
        }
        Ok(())
    }
}

impl Look<'_> {
    /// Looks at a page, and at what a run has left of it; or gives the pages of a file of many.
    fn page(&self, item: &mut WorkItem) -> std::result::Result<Seen, Archive> {
        let runner = &self.options.runner;
        if let Some(archive) = item.page.open(runner.read_options()) {
            return Err(archive);
        }
        let source = &item.page.source;
        let document = match item.page.document(runner.read_options()) {
            Ok(document) => document,
            Err((status, reason)) => {
                let row = Row::new(source.path.clone(), source.record, status).without_text(status, reason);
                return Ok(self.judged(item, &row, None));
            }
        };
        if let (Some(line), Some(standing)) = (&item.earlier, &self.standing)
            && runner.still_holds(line, source, &document).is_some_and(|held| held.stands_in(standing))
            && let Some(told) = line.told()
        {
            return Ok(self.told(&told));
        }
        let (finished, text) = runner.clean(source, &document);
        let input = text.as_deref().map(|text| (&document, text));
        Ok(self.judged(item, &finished.row, input))
    }

    /// What is worth a look in a row, whoever wrote it.
    fn told(&self, told: &RowSummary) -> Seen {
        let mut seen = Seen::nothing();
        let source = Source { path: told.path.to_string(), record: told.record };
        let loss = told.blocks.filter(|blocks| blocks.all() > 0).map(|blocks| (blocks, percent(blocks)));
        let mut add = |kind, message, weight| {
            seen.findings.push(Finding { kind, page: Some(source.clone()), line: None, message, weight });
        };
        match told.status {
            Status::Failed => add(Kind::Failed, told.reason.as_deref().unwrap_or("it failed").to_string(), 0),
            Status::AllDropped => add(Kind::AllDropped, "nothing of it is left".into(), 0),
            Status::Restored => add(Kind::Restored, "it would lose most of its prose and gets it back".into(), 0),
            Status::Filtered => {
                let rules: Vec<&str> = told.filters.iter().map(|filter| &*filter.rule).collect();
                add(Kind::Filtered, format!("{} drops it", rules.join(", ")), 0);
            }
            Status::NoProse => add(Kind::NoProse, "it has no running prose".into(), 0),
            Status::Cleaned | Status::Duplicate | Status::NearCopy | Status::Blank | Status::Skipped => {}
        }
        let unreadable = told.charset.map_or(0, |charset| charset.replaced_bytes);
        if unreadable > 0 {
            add(Kind::Unreadable, format!("{unreadable} bytes can be read in no charset"), unreadable);
        }
        if let Some(original) = &told.duplicate_of {
            add(Kind::Duplicate, format!("its kept text is a copy of {}'s", &**original), 0);
        }
        if let Some(near) = &told.near_copy_of {
            let message =
                format!("its kept text is nearly that of {} ({:.1} % alike)", near.name(), near.jaccard.percent());
            add(Kind::NearCopy, message, 0);
        }
        if let (Some(budget), Some((blocks, lost))) = (self.options.budget, loss)
            && lost > u64::from(budget)
        {
            let (dropped, all) = (blocks.dropped, blocks.all());
            let message = format!("it loses {dropped} of {all} lines, {lost} %; the budget is {budget} %");
            add(Kind::Budget, message, lost);
        }
        seen.loss = loss.map(|(_, lost)| lost as u8);
        seen.rules = told.dropped.iter().chain(&told.kept_by_rule).map(|decision| decision.rule.to_string()).collect();
        seen.rules.extend(told.edits.iter().map(|edit| edit.rule.to_string()));
        seen.rules.sort_unstable();
        seen.rules.dedup();
        seen
    }

    /// What is to be said of a page whose row of an earlier run does not hold. Of one that was judged, `input` is what
    /// came in and the text of it.
    fn judged(&self, item: &WorkItem, row: &Row, input: Option<(&RawDocument, &str)>) -> Seen {
        let mut seen = self.told(&RowSummary::of(row));
        let Some(standing) = &self.standing else { return seen };
        let mut add = |kind, line, message: String, weight| {
            seen.findings.push(Finding { kind, page: Some(row.source()), line, message, weight });
        };
        let Some(earlier) = item.earlier.as_ref().and_then(RowLine::row) else {
            add(Kind::Missing, None, "no run has seen it yet".into(), 0);
            return seen;
        };
        // Whether a shard is whole is asked of `dechaff verify`.
        let earlier_output = earlier.output.as_ref().filter(|output| output.line.is_none());
        let text = earlier_output.and_then(|output| standing.text(&output.path));
        let line = || {
            let (document, now) = input?;
            self.first_difference(row, &earlier, document, now, text.as_deref())
        };
        match () {
            () if is_same(row, &earlier) => match (earlier_output, &text) {
                (None, _) => {}
                (Some(output), None) => add(Kind::Edited, None, format!("its output {} is gone", output.path), 0),
                (Some(output), Some(_)) => {
                    let summary = RowSummary::of(&earlier);
                    if !summary.output.is_some_and(|output| standing.holds(&output)) {
                        add(Kind::Edited, line(), format!("its output {} was edited", output.path), 0);
                    }
                }
            },
            () if row.sha256 != earlier.sha256 => {
                add(Kind::Stale, line(), "it has changed since the last run".into(), 0)
            }
            // It was judged then, and its text could not be written.
            () if self.is_as_it_was && earlier.status == Status::Failed && row.status != Status::Failed => {
                let is_held = RowSummary::of(&earlier).output.is_some_and(|output| standing.holds(&output));
                match earlier_output.filter(|_| text.is_some() && !is_held) {
                    Some(output) => add(Kind::Edited, line(), format!("its output {} was edited", output.path), 0),
                    None => add(Kind::Failed, None, earlier.reason.clone().unwrap_or_else(|| "it failed".into()), 0),
                }
            }
            () if self.is_as_it_was => {
                let what = match row.status == Status::Failed {
                    true => "it could be read in the last run",
                    false => "what tells its site, its charset or what recurs there has changed",
                };
                add(Kind::Stale, line(), what.into(), 0);
            }
            () => seen.is_caused = true,
        }
        if let (Some(now), Some(before)) = (row.blocks, earlier.blocks)
            && before.all() > 0
            && percent(now) >= percent(before) + MUCH_MORE_PERCENT
            && now.dropped >= before.dropped + MUCH_MORE_LINES
        {
            let lines = |blocks: BlockCounts| format!("{} of {} lines", blocks.dropped, blocks.all());
            let message = format!("it loses {}, and lost {}", lines(now), lines(before));
            let (page, weight) = (Some(row.source()), now.dropped.into());
            seen.findings.push(Finding { kind: Kind::Lost, page, line: None, message, weight });
        }
        seen
    }

    /// The raw line of the first block that fares otherwise than what stands as the page's output says: the texts are
    /// compared as they are written, in the markup of this run.
    fn first_difference(
        &self,
        row: &Row,
        earlier: &Row,
        document: &RawDocument,
        now: &str,
        before: Option<&str>,
    ) -> Option<u32> {
        let runner = &self.options.runner;
        let source = row.source();
        let judged = runner.judge(&source, document, &runner.probe(&source, document));
        let (page, marks) = (&judged.parsed.page, &judged.marks);
        let raw_line = |block: usize| page.blocks.get(block).map(|block| block.place.line);
        let blocks = render::blocks_of_lines(page, marks, runner.cleaner().settings().markup);
        if let Some(before) = before {
            let same = now.lines().zip(before.lines()).take_while(|(now, before)| now == before).count();
            if same < now.lines().count() {
                return blocks.get(same).and_then(|&block| raw_line(block));
            }
            if same < before.lines().count() {
                return blocks.last().and_then(|&block| raw_line(block)).or(Some(1));
            }
        }
        let rules = |row: &Row| {
            let spoken = row.dropped.iter().chain(&row.kept_by_rule);
            spoken.map(|decision| (decision.blocks, decision.rule.clone())).collect::<BTreeSet<_>>()
        };
        let (now, before) = (rules(row), rules(earlier));
        let differs = now.symmetric_difference(&before).map(|([first, _], _)| *first as usize).min();
        raw_line(differs.unwrap_or_default())
    }
}

impl Check<'_> {
    fn add(&mut self, kind: Kind, page: Option<Source>, message: String) {
        self.looked.findings.push(Finding { kind, page, line: None, message, weight: 0 });
    }

    fn end(mut self) -> CheckReport {
        let pages = match self.caused {
            0 => "no page is affected".to_string(),
            1 => "1 page is to be cleaned again".to_string(),
            pages => format!("{pages} pages are to be cleaned again"),
        };
        for cause in std::mem::take(&mut self.causes) {
            self.add(Kind::Stale, None, format!("{cause}; {pages}"));
            if let Some(last) = self.looked.findings.last_mut() {
                last.weight = u64::MAX;
            }
        }
        if self.look.standing.as_ref().is_some_and(OutputDir::is_unfinished) {
            self.add(Kind::Stale, None, format!("the last run was interrupted; {GO_ON}"));
        }
        let rules = self.look.options.runner.cleaner().rules();
        let own = rules.rules().filter(|(number, rule)| !rule.built_in && !rules.is_off(*number));
        let unused: Vec<_> = own.filter(|(_, rule)| !self.took.contains(&rule.address)).collect();
        let unused: Vec<String> =
            unused.into_iter().map(|(_, rule)| format!("{} took nothing", rule.address)).collect();
        for message in unused {
            self.add(Kind::UnusedRule, None, message);
        }
        crate::run::finding::sort(&mut self.looked.findings);
        self.looked
    }
}

impl Seen {
    fn nothing() -> Seen {
        Seen { findings: Vec::new(), is_caused: false, loss: None, rules: Vec::new() }
    }
}

/// What of a run is not as it was: each in words.
fn causes(before: &Header, now: &Header) -> Vec<String> {
    let mut causes = Vec::new();
    let mut differ = |is_other: bool, cause: String| causes.extend(is_other.then_some(cause));
    differ(
        before.dechaff != now.dechaff,
        format!("dechaff {} has written it, and this is {}", before.dechaff, now.dechaff),
    );
    let typed = |options: &[String]| if options.is_empty() { "none".into() } else { options.join(" ") };
    let options = format!("the options were {}, and are {}", typed(&before.options), typed(&now.options));
    differ(before.options != now.options, options);
    differ(before.model != now.model, "the model is another one".into());
    differ(before.rules != now.rules, "the rules have changed".into());
    differ(before.filters != now.filters, "the filters of documents are others".into());
    differ(before.templates != now.templates, "what is known of sites has changed".into());
    causes
}

/// Whether two rows say the same, but for what hangs on other pages: whose copy the page is, and where in a shard its
/// text stands.
fn is_same(row: &Row, earlier: &Row) -> bool {
    let mut row = row.clone();
    row.duplicate_of.clone_from(&earlier.duplicate_of);
    row.near_copy_of.clone_from(&earlier.near_copy_of);
    row.sketch.clone_from(&earlier.sketch);
    if matches!(earlier.status, Status::Duplicate | Status::NearCopy) {
        row.status = earlier.status;
        row.output = None;
    }
    if let (Some(output), Some(earlier)) = (&mut row.output, &earlier.output)
        && earlier.line.is_some()
    {
        (output.path, output.line) = (earlier.path.clone(), earlier.line);
    }
    row == *earlier
}

fn percent(blocks: BlockCounts) -> u64 {
    u64::from(blocks.dropped) * 100 / u64::from(blocks.all()).max(1)
}
