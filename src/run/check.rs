//! What a run would find to do, and what of a corpus is worth a look. Nothing is written.
//!
//! Whether a row still holds is asked of [`PageRunner`], as a run asks it; a page whose row does not is judged anew.

use std::collections::HashSet;
use std::path::PathBuf;

use globset::GlobSet;
use rayon::prelude::*;

use crate::error::Result;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{Header, Row, Status};
use crate::page::Source;
use crate::parse::site::Sidecar;
use crate::read::archive::RawDocument;
use crate::read::arrivals::{Content, InputPages};
use crate::read::walk::{PathFilter, Walk};
use crate::render;
use crate::run::finding::{Finding, Kind};
use crate::run::ordered_queue::{Finished, PageResult, WorkItem};
use crate::run::page_runner::PageRunner;
use crate::run::survey::{self, SurveyPass};
use crate::run::{FolderLayout, remembered};
use crate::write::output_dir::OutputDir;

/// Pages that are looked at between two looks at the manifest.
const PAGES_AT_ONCE: usize = 256;

/// The same in bytes, unless a single page is longer.
const BYTES_AT_ONCE: u64 = 64 << 20;

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
        Some(clean) => FolderLayout::of(&look.raw, clean)?,
        None => FolderLayout { output_inside_input: None, input_inside_output: None },
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
    let mut check = Check {
        standing: standing.filter(|_| header.as_ref().is_some_and(Option::is_some)),
        causes: header.iter().flatten().flat_map(|header| causes(header, &look.runner.header)).collect(),
        caused: 0,
        look,
        looked: CheckReport { findings: Vec::new(), files: 0, losses: [0; 101] },
        took: HashSet::new(),
    };
    if let (Some(clean), Some(None)) = (&look.clean, &header) {
        check.add(Kind::Missing, None, format!("{} holds no manifest: nothing was cleaned yet", clean.display()));
    }
    let arrivals = InputPages::of_files(walk()?, check.look.runner.read_options());
    pool.install(|| check.walk(arrivals));
    Ok(check.end())
}

struct Check<'a> {
    look: &'a CheckOptions,
    standing: Option<OutputDir>,
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

impl Check<'_> {
    fn walk(&mut self, mut arrivals: InputPages) {
        let mut earlier = self.standing.as_ref().map(OutputDir::earlier);
        let mut gone = Vec::new();
        loop {
            let (mut items, mut bytes) = (Vec::new(), 0);
            while items.len() < PAGES_AT_ONCE && bytes < BYTES_AT_ONCE {
                let Some(arrival) = arrivals.next() else { break };
                bytes += arrival.content.bytes();
                let rows = earlier.as_mut();
                let earlier =
                    rows.and_then(|rows| rows.row_of(&arrival.path, arrival.record, |row| gone.push(row.path)));
                items.push(WorkItem::of(arrival, earlier));
            }
            if items.is_empty() {
                break;
            }
            let seen: Vec<Seen> = items.into_par_iter().map(|item| self.page(item)).collect();
            for seen in seen {
                self.looked.files += 1;
                self.looked.findings.extend(seen.findings);
                self.caused += u64::from(seen.is_caused);
                self.took.extend(seen.rules);
                if let Some(loss) = seen.loss {
                    self.looked.losses[usize::from(loss)] += 1;
                }
            }
        }
        gone.extend(earlier.into_iter().flatten().map(|row| row.path));
        for path in gone {
            self.add(Kind::Stale, Some(path), "it is gone, and its output is not".into());
        }
    }

    /// Looks at a page, and at what a run has left of it.
    fn page(&self, mut item: WorkItem) -> Seen {
        let runner = &self.look.runner;
        let bytes = match item.arrival.content.take() {
            Content::File(file, _) => file.read().map_err(|error| Content::Failed(error.cause())),
            other => Err(other),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(content) => {
                // Records are always judged; what is no page, or cannot be read, has a row too.
                item.arrival.content = content;
                return match runner.walk(&mut item, None) {
                    PageResult::Cleaned(finished) => self.judged(&item, &finished, None),
                    PageResult::Reused(_) => Seen::nothing(),
                };
            }
        };
        let leaf = RawDocument::of_file(&bytes, item.arrival.sidecar());
        if let (Some(line), Some(standing)) = (&item.earlier, &self.standing)
            && runner.still_holds(line, &bytes, &leaf.sidecar).is_some_and(|out| standing.holds(&out))
            && let Some(told) = line.told()
        {
            return self.told(&told);
        }
        let name = item.arrival.path.as_str();
        let (finished, _) = runner.clean(Row::new(name.into(), None, Status::Skipped), name, &leaf);
        self.judged(&item, &finished, Some((&bytes, &leaf.sidecar)))
    }

    /// What is worth a look in a row, whoever wrote it.
    fn told(&self, told: &RowSummary) -> Seen {
        let mut seen = Seen::nothing();
        let path = &*told.path;
        let loss = told.blocks.filter(|[kept, gone]| kept + gone > 0).map(|blocks| (blocks, percent(blocks)));
        let mut add = |kind, message, weight| {
            seen.findings.push(Finding { kind, path: Some(path.into()), line: None, message, weight });
        };
        match told.status {
            Status::Failed => add(Kind::Failed, told.why.as_deref().unwrap_or("it failed").to_string(), 0),
            Status::Emptied => add(Kind::Emptied, "nothing of it is left".into(), 0),
            Status::Guarded => add(Kind::Guarded, "it would lose most of its prose and gets it back".into(), 0),
            Status::NoText => add(Kind::NoText, "it has no running prose".into(), 0),
            Status::Cleaned | Status::Empty | Status::Skipped => {}
        }
        let unreadable = told.charset.map_or(0, |charset| charset.unreadable_bytes);
        if unreadable > 0 {
            add(Kind::Unreadable, format!("{unreadable} bytes can be read in no charset"), unreadable);
        }
        if let Some(original) = &told.copy_of {
            add(Kind::Copy, format!("its kept text is a copy of {}'s", &**original), 0);
        }
        if let (Some(budget), Some(([kept, gone], lost))) = (self.look.budget, loss)
            && lost > u64::from(budget)
        {
            let message = format!("it loses {gone} of {} lines, {lost} %; the budget is {budget} %", kept + gone);
            add(Kind::Budget, message, lost);
        }
        seen.loss = loss.map(|(_, lost)| lost as u8);
        seen.rules = told.dropped.iter().chain(&told.vouched).map(|blocks| blocks.rule.to_string()).collect();
        seen.rules.sort_unstable();
        seen.rules.dedup();
        seen
    }

    /// What is to be said of a page whose row of an earlier run does not hold.
    fn judged(&self, item: &WorkItem, finished: &Finished, input: Option<(&[u8], &Sidecar)>) -> Seen {
        let row = &finished.row;
        let mut seen = self.told(&RowSummary::of(row));
        let Some(standing) = &self.standing else { return seen };
        let mut add = |kind, line, message: String, weight| {
            seen.findings.push(Finding { kind, path: Some(row.path.clone()), line, message, weight });
        };
        let Some(earlier) = item.earlier.as_ref().and_then(RowLine::row) else {
            add(Kind::Missing, None, "no run has seen it yet".into(), 0);
            return seen;
        };
        let out = row.out.as_ref().or(earlier.out.as_ref());
        let text = out.map(|out| standing.text(&out.path));
        let line = || {
            let (bytes, sidecar) = input?;
            let text = text.as_ref().and_then(Option::as_deref).unwrap_or_default();
            self.first_difference(row, &earlier, bytes, sidecar, text)
        };
        match () {
            () if same_but_copies(row, &earlier) => match (&row.out, &text) {
                (None, _) => {}
                (Some(out), Some(None)) => add(Kind::Edited, None, format!("its output {} is gone", out.path), 0),
                (Some(out), _) => {
                    let told = RowSummary::of(row);
                    if earlier.out.is_some() && !told.out.is_some_and(|out| standing.holds(&out)) {
                        add(Kind::Edited, line(), format!("its output {} was edited", out.path), 0);
                    }
                }
            },
            () if row.sha256 != earlier.sha256 => {
                add(Kind::Stale, line(), "it has changed since the last run".into(), 0)
            }
            () if self.causes.is_empty() => {
                let what = match row.status == Status::Failed {
                    true => "it could be read in the last run",
                    false => "what tells its site, its charset or what recurs there has changed",
                };
                add(Kind::Stale, line(), what.into(), 0);
            }
            () => seen.is_caused = true,
        }
        if let (Some([kept, gone]), Some([kept_before, gone_before])) = (row.blocks, earlier.blocks)
            && kept_before + gone_before > 0
            && percent([kept, gone]) >= percent([kept_before, gone_before]) + MUCH_MORE_PERCENT
            && gone >= gone_before + MUCH_MORE_LINES
        {
            let lines = |kept, gone| format!("{gone} of {} lines", kept + gone);
            let message = format!("it loses {}, and lost {}", lines(kept, gone), lines(kept_before, gone_before));
            let path = Some(row.path.clone());
            seen.findings.push(Finding { kind: Kind::Lost, path, line: None, message, weight: gone.into() });
        }
        seen
    }

    /// The first raw line of a page that fares otherwise than what stands as its output says.
    fn first_difference(&self, row: &Row, earlier: &Row, bytes: &[u8], sidecar: &Sidecar, text: &str) -> Option<u32> {
        let judged =
            self.look.runner.cleaner().judge(Source { path: row.path.clone(), record: row.record }, bytes, sidecar);
        let (page, marks) = (&judged.parsed.page, &judged.marks);
        let new = render::text::text(page, marks);
        let raw_lines = render::text::raw_lines(page, marks);
        let same = new.lines().zip(text.lines()).take_while(|(new, old)| new == old).count();
        if same < new.lines().count() {
            return raw_lines.get(same).copied();
        }
        if same < text.lines().count() {
            return raw_lines.last().copied().or(Some(1));
        }
        let differ = |(new, old): &(&_, &_)| new != old;
        let dropped = row.dropped.iter().zip(&earlier.dropped).find(differ).map(|(new, _)| new.lines.first().0);
        let more = row.dropped.get(earlier.dropped.len()).map(|dropped| dropped.lines.first().0);
        dropped.or(more).or_else(|| page.blocks.first().map(|block| block.place.line))
    }

    fn add(&mut self, kind: Kind, path: Option<String>, message: String) {
        self.looked.findings.push(Finding { kind, path, line: None, message, weight: 0 });
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
        if self.standing.as_ref().is_some_and(|standing| standing.journal().exists() || standing.interrupted().exists())
        {
            self.add(Kind::Stale, None, "the last run did not come to its end".into());
        }
        let rules = self.look.runner.cleaner().rules();
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
    differ(before.templates != now.templates, "what is known of sites has changed".into());
    causes
}

/// Whether two rows say the same, whose copy the page is apart; that hangs on other pages.
fn same_but_copies(row: &Row, earlier: &Row) -> bool {
    let mut row = row.clone();
    row.copy_of.clone_from(&earlier.copy_of);
    if earlier.copy_of.is_some() && earlier.out.is_none() {
        row.out = None;
    }
    row == *earlier
}

fn percent([kept, gone]: [u32; 2]) -> u64 {
    u64::from(gone) * 100 / u64::from(kept + gone).max(1)
}
