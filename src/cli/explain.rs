//! `dechaff explain PAGE`: every line of a page with its fate. How a rule is debugged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::document::Cleaned;
use crate::filters::Filtered;
use crate::manifest::{self, Header, Share, Status};
use crate::marks::{Evidence, Mark, RuleId, Verdict};
use crate::page::{Page, Source};
use crate::parse::probe::Probe;
use crate::parse::repair;
use crate::read::archive::RawDocument;
use crate::read::arrivals::{InputPage, PageOpener, STREAM};
use crate::rules::notation;
use crate::run::page_runner::PageRunner;
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::cli::args::{ExplainArgs, Fate};
use crate::cli::last_run::LastRun;
use crate::cli::visible::visible;
use crate::cli::{Exit, Misuse, setup};

const GONE: Style = AnsiColor::Red.on_default();
const VOUCHED: Style = AnsiColor::Green.on_default();
const ASIDE: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// How many elements of a block's path are shown, from the inside out.
const PATH: usize = 4;

/// Prints the page.
pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let (file, record) = address(&args.page);
    if file.is_dir() {
        let folder = file.display();
        return Err(Misuse(format!("{folder} is a folder; name one page in it: dechaff explain {folder}/PAGE")).into());
    }
    let mut judging = args.judging.clone();
    let last_run = LastRun::of(&file, record);
    if judging.wants_survey() {
        judging.templates = last_run.as_ref().filter(|run| run.knows_sites()).map(|run| run.clean.clone());
    }
    let mut runner = setup::reader(&judging)?;
    if let Some(passages) = last_run.as_ref().and_then(LastRun::passages) {
        runner.use_passages(passages);
    }
    let (source, page) = match (&last_run, args.page == Path::new("-")) {
        (_, true) => stdin()?,
        (Some(run), _) => opened(&run.raw, run.source.clone(), &runner)?,
        (None, _) => opened(&file, Source { path: manifest::escape(&file), record }, &runner)?,
    };
    let mut document = page.document(runner.read_options()).map_err(|(_, why)| anyhow::anyhow!("{source}: {why}"))?;
    if let (Some(map), None) = (&runner.read_options().site_map, &last_run) {
        document.sidecar.url = map.url_by_end(&source).map(str::to_string).or(document.sidecar.url);
    }
    let probe = runner.probe(&source, &document);
    runner.prove_page_rules(&probe)?;
    let mut explained = Explained::new(&runner, &source, &document, &probe)?;
    explained.templates = judging.templates;
    explained.last_run = last_run;
    if let Some(rule) = &args.rule
        && !explained.runner.cleaner().knows_rule(rule)
    {
        return Err(Misuse(format!("--rule {rule}: there is no such rule; `dechaff rules list` names them all")).into());
    }
    let wanted = |line: &Line| {
        let fate = args.only.is_none_or(|only| only == line.fate());
        fate && args.rule.as_ref().is_none_or(|rule| line.names(rule))
    };
    let text = match (args.json, args.as_test) {
        (true, _) => serde_json::to_string_pretty(&explained.json(wanted))? + "\n",
        (_, true) => notation::write(&explained.judged.parsed.page, &explained.judged.marks, |rule| {
            runner.cleaner().address(rule).into()
        }),
        _ => explained.people(wanted),
    };
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// A page's file, and its record where one is named: `crawl.warc.gz#4711`.
fn address(page: &Path) -> (PathBuf, Option<u64>) {
    let named = page.to_str().filter(|_| !page.exists()).and_then(|page| page.rsplit_once('#'));
    match named.and_then(|(file, record)| Some((file, record.parse().ok()?))) {
        Some((file, record)) => (file.into(), Some(record)),
        None => (page.into(), None),
    }
}

/// The page of stdin.
fn stdin() -> anyhow::Result<(Source, InputPage)> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::stdin(), &mut bytes)?;
    Ok((Source { path: STREAM.into(), record: None }, InputPage::of_stream(bytes)))
}

/// A page of an input folder, or of a file.
fn opened(raw: &Path, source: Source, runner: &PageRunner) -> anyhow::Result<(Source, InputPage)> {
    let page = PageOpener::new(raw, runner.read_options()).open(&source).map_err(Misuse)?;
    Ok((source, page))
}

/// A page that was judged, with all that was said of it.
struct Explained<'w> {
    runner: &'w PageRunner,
    judged: Cleaned,
    /// What filters of documents say of the whole.
    filtered: Filtered,
    mended: Vec<repair::RepairRecord>,
    lines: Vec<Line>,
    /// Where it stands what surveys know.
    templates: Option<PathBuf>,
    /// The run that has cleaned the page.
    last_run: Option<LastRun>,
}

/// A line and what was said of it.
struct Line {
    block: usize,
    number: u32,
    columns: Option<(u32, u32)>,
    /// The path of its elements, on a page of HTML.
    path: Option<String>,
    text: String,
    /// What is left of it, where a part was cut out.
    remains: Option<String>,
    /// The model's probability that it is the page's own text.
    probability: Option<Share>,
    verdict: Verdict,
    said: Vec<Said>,
}

/// What one rule said of a line.
struct Said {
    what: &'static str,
    rule: String,
    because: Option<String>,
    /// Whether the reason is the model's probability.
    is_score: bool,
    counts: bool,
}

impl<'w> Explained<'w> {
    fn new(
        runner: &'w PageRunner,
        source: &Source,
        document: &RawDocument,
        probe: &Probe,
    ) -> anyhow::Result<Explained<'w>> {
        if let Some((status, why)) = probe.unread() {
            let why = if status == Status::Blank { "it is empty" } else { why };
            return Err(Misuse(format!("{source} is not read as a page: {why}")).into());
        }
        let judged = runner.judge_with_overridden(source, document, probe);
        let filtered = runner.cleaner().filter_cleaned(&judged, document.sidecar.url.as_deref());
        let mended = runner.repairs(source, document, probe);
        let page = &judged.parsed.page;
        let probabilities = runner.cleaner().probabilities(page);
        let mut late: BTreeMap<u32, Vec<Said>> = BTreeMap::new();
        for opinion in judged.marks.second_opinions() {
            late.entry(opinion.block).or_default().extend(said(runner, page, opinion.verdict, false));
        }
        let lines = (0..page.blocks.len())
            .map(|block| {
                let verdict = judged.marks.verdict(block);
                let mut words: Vec<Said> = said(runner, page, verdict, true).into_iter().collect();
                let cuts = judged.marks.cuts_of(block);
                words.extend(cuts.map(|cut| word(runner, page, "cut", cut.mark, true)));
                let is_cut = words.iter().any(|said| said.what == "cut") && verdict.stays();
                words.extend(late.remove(&(block as u32)).unwrap_or_default());
                Line {
                    block,
                    number: page.blocks[block].place.line,
                    columns: page.columns.of(block),
                    path: page.markup.as_ref().map(|markup| {
                        let setting = markup.settings[block];
                        format!("{} {}", setting.kind.name(), markup.path(setting.element, PATH))
                    }),
                    text: page.text_of(block).to_string(),
                    remains: is_cut.then(|| notation::remains(page, &judged.marks, block)),
                    probability: probabilities.as_ref().map(|of_blocks| of_blocks[block]),
                    verdict,
                    said: words,
                }
            })
            .collect();
        Ok(Explained { runner, judged, filtered, mended, lines, templates: None, last_run: None })
    }

    fn people(&self, wanted: impl Fn(&Line) -> bool) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.head(&mut text);
        let shown: Vec<&Line> = self.lines.iter().filter(|line| wanted(line)).collect();
        let names = shown.iter().map(|line| line.word().width());
        let columns = Columns {
            number: self.lines.last().map_or(1, |line| line.number.to_string().len()),
            rule: names.max().unwrap_or(0).min(34),
            all: width(),
        };
        for line in shown {
            let _ = line.print(&mut text, &columns);
        }
        let _ = self.mended(&mut text, &columns);
        let _ = self.summary(&mut text);
        text
    }

    fn head(&self, text: &mut String) -> std::fmt::Result {
        let taken = &self.judged.parsed;
        let page = &taken.page;
        writeln!(text, "{BOLD}{}{BOLD:#}", page.source)?;
        let site = match &page.site {
            Some(site) => format!("site {} (known by {})", site.host, word_of(&site.known_by)),
            None => "no site (name one by --site, --site-from or --site-map)".into(),
        };
        let charset = &taken.charset;
        write!(text, "{ASIDE}{site} · {} ({}", charset.name, word_of(&charset.source))?;
        if charset.confidence < Share::of_permille(1000) {
            write!(text, ", {:.1} % sure", charset.confidence.percent())?;
        }
        if charset.replaced_bytes > 0 {
            write!(text, ", {} bytes unreadable", charset.replaced_bytes)?;
        }
        writeln!(text, ") · {}{ASIDE:#}", word_of(&self.status()))?;
        let site_options = self.runner.cleaner().site_options(page);
        if let Some(host) = self.rules_host().filter(|_| !site_options.is_empty()) {
            writeln!(text, "{ASIDE}site/{host}.toml sets {}{ASIDE:#}", site_options.join(" "))?;
        }
        match &self.templates {
            Some(path) => writeln!(text, "{ASIDE}what recurs on the site: from {}{ASIDE:#}", path.display())?,
            None => writeln!(text, "{ASIDE}what recurs on the site is not known (--templates CLEAN){ASIDE:#}")?,
        }
        let options = |header: &Header| match header.options.is_empty() {
            true => "no options".to_string(),
            false => header.options.join(" "),
        };
        if let Some(run) = self.last_run.as_ref().filter(|run| !run.agrees(self.runner.header())) {
            let (clean, before, now) = (run.clean.display(), options(&run.header), options(self.runner.header()));
            writeln!(text, "{ASIDE}{clean} was written with {before}; this is with {now}{ASIDE:#}")?;
        }
        writeln!(text)
    }

    /// The host whose rule file serves the page.
    fn rules_host(&self) -> Option<&str> {
        let site = self.judged.parsed.page.site.as_ref()?;
        self.runner.cleaner().rules().serving_host(&site.host)
    }

    fn status(&self) -> Status {
        if self.filtered.is_dropped { Status::Filtered } else { self.judged.status }
    }

    /// Which filters speak against the document, and what was measured.
    fn filters(&self, text: &mut String) -> std::fmt::Result {
        let what = if self.filtered.is_dropped { "The document is dropped by" } else { "A filter speaks against it:" };
        for verdict in &self.filtered.verdicts {
            let why = self.runner.cleaner().filters().why(&verdict.rule).unwrap_or_default();
            writeln!(text, "{what} {GONE}{verdict}{GONE:#}  {ASIDE}{why}{ASIDE:#}")?;
        }
        if let Some((run, near)) = self.last_run.as_ref().and_then(|run| Some((run, run.near_copy_of.as_ref()?))) {
            writeln!(text, "In {}: {GONE}{near}{GONE:#}", run.clean.display())?;
        }
        for (name, value) in &self.filtered.measures {
            writeln!(text, "{ASIDE}{name:<28} {value}{ASIDE:#}")?;
        }
        Ok(())
    }

    fn mended(&self, text: &mut String, columns: &Columns) -> std::fmt::Result {
        if self.mended.is_empty() {
            return Ok(());
        }
        writeln!(text, "\n{BOLD}Repairs{BOLD:#}")?;
        for mended in &self.mended {
            let room = columns.all.saturating_sub(columns.number + 3).max(20);
            writeln!(text, "{:>width$}  {}: {}", mended.line, mended.repair, mended.because, width = columns.number)?;
            for (sign, line) in [("-", &mended.before), ("+", &mended.after)] {
                writeln!(text, "{:>width$} {sign} {}", "", cut_to(&visible(line), room), width = columns.number)?;
            }
        }
        Ok(())
    }

    fn summary(&self, text: &mut String) -> std::fmt::Result {
        let gone = self.lines.iter().filter(|line| !line.verdict.stays()).count();
        writeln!(text, "\n{} of {} lines stay", self.lines.len() - gone, self.lines.len())?;
        self.filters(text)?;
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for said in self.lines.iter().flat_map(|line| &line.said).filter(|said| said.counts && said.what != "keeps") {
            *rules.entry(&said.rule).or_default() += 1;
        }
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for (rule, times) in rules {
            writeln!(
                text,
                "{times:>6}  {rule:<28}  {ASIDE}{}{ASIDE:#}",
                self.runner.cleaner().why(rule).unwrap_or_default()
            )?;
        }
        Ok(())
    }

    fn json(&self, wanted: impl Fn(&Line) -> bool) -> Value {
        let taken = &self.judged.parsed;
        let page: &Page = &taken.page;
        json!({
            "path": page.source.path,
            "site": page.site.as_ref().map(|site| &site.host),
            "record": page.source.record,
            "site_source": page.site.as_ref().map(|site| site.known_by),
            "site_options": self.runner.cleaner().site_options(page),
            "charset": taken.charset,
            "repairs": taken.repairs,
            "status": self.status(),
            "filters": self.filtered.verdicts,
            "measures": self.filtered.measures,
            "near_copy_of": self.last_run.as_ref().and_then(|run| run.near_copy_of.as_ref()),
            "templates": self.templates.as_ref().map(|path| path.display().to_string()),
            "lines": self.lines.iter().filter(|line| wanted(line)).map(Line::json).collect::<Vec<_>>(),
            "mended": self.mended.iter().map(|mended| json!({
                "line": mended.line, "repair": mended.repair.name(), "before": mended.before, "after": mended.after,
                "because": mended.because,
            })).collect::<Vec<_>>(),
        })
    }
}

/// How wide things are, in columns of the terminal.
struct Columns {
    number: usize,
    rule: usize,
    all: usize,
}

impl Line {
    fn fate(&self) -> Fate {
        if self.verdict.stays() { Fate::Kept } else { Fate::Dropped }
    }

    /// The rule that decided; where none did, why the line stays.
    fn word(&self) -> Cow<'_, str> {
        match (self.said.iter().find(|said| said.counts), self.probability) {
            (Some(said), _) => Cow::Borrowed(&said.rule),
            (None, Some(probability)) => Cow::Owned(format!("{:.1} % likely the text", probability.percent())),
            (None, None) => Cow::Borrowed("no rule spoke"),
        }
    }

    fn names(&self, rule: &str) -> bool {
        self.said.iter().any(|said| said.rule == rule)
    }

    fn print(&self, text: &mut String, columns: &Columns) -> std::fmt::Result {
        let (sign, style) = match (self.verdict, &self.remains) {
            (Verdict::Drop(_), _) => ("-", GONE),
            (_, Some(_)) => ("~", VOUCHED),
            (Verdict::Keep(_), _) => ("+", VOUCHED),
            (Verdict::Undecided, _) => ("+", Style::new()),
        };
        let name = &*self.word();
        let Columns { number, rule: width, all } = *columns;
        let room = all.saturating_sub(number + width + 5).max(20);
        let line = cut_to(&visible(self.remains.as_ref().unwrap_or(&self.text)), room);
        writeln!(text, "{ASIDE}{:>number$}{ASIDE:#} {style}{sign} {name:<width$}  {line}{style:#}", self.number)?;
        if let Some(path) = &self.path {
            writeln!(text, "{:number$}   {ASIDE}{}{ASIDE:#}", "", cut_to(path, room))?;
        }
        for said in &self.said {
            let also = if said.counts { "" } else { "also: " };
            let because = said.because.as_deref();
            if said.counts && said.rule == name && because.is_none() && said.what != "keeps" {
                continue;
            }
            let words = match because {
                // The number says it all.
                Some(because) if said.is_score => format!(": {because}"),
                Some(because) => format!(" {}, {because}", said.what),
                None => format!(" {}", said.what),
            };
            writeln!(text, "{:number$}   {ASIDE}{also}{}{words}{ASIDE:#}", "", said.rule)?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let said = |said: &Said| json!({ "rule": said.rule, "says": said.what, "evidence": said.because });
        json!({
            "block": self.block,
            "line": self.number,
            "columns": self.columns,
            "place": self.path,
            "fate": if self.verdict.stays() { "kept" } else { "dropped" },
            "text": self.text,
            "remains": self.remains,
            "probability": self.probability,
            "said": self.said.iter().filter(|said| said.counts).map(said).collect::<Vec<_>>(),
            "also": self.said.iter().filter(|said| !said.counts).map(said).collect::<Vec<_>>(),
        })
    }
}

fn said(runner: &PageRunner, page: &Page, verdict: Verdict, counts: bool) -> Option<Said> {
    match verdict {
        Verdict::Undecided => None,
        Verdict::Keep(mark) => Some(word(runner, page, "keeps", mark, counts)),
        Verdict::Drop(mark) => Some(word(runner, page, "drops", mark, counts)),
    }
}

fn word(runner: &PageRunner, page: &Page, what: &'static str, mark: Mark, counts: bool) -> Said {
    let name = |rule: RuleId| runner.cleaner().address(rule).to_string();
    let because = match mark.because {
        Evidence::Matched => None,
        Evidence::Repeats { block } => Some(format!("it repeats line {}", page.blocks[block as usize].place.line)),
        Evidence::Recurs { on, of } => Some(format!("it stands on {on} of {of} pages of the site")),
        Evidence::Documents { on } => Some(format!("it stands on {on} documents of the corpus")),
        Evidence::Score { permille } => {
            let likely = Share::of_permille(permille).percent();
            Some(format!("boilerplate: {likely:.1} % likely to be the page's text"))
        }
        Evidence::Place { permille, own, on } => {
            let likely = Share::of_permille(permille).percent();
            let own = Share::of_permille(own).percent();
            Some(format!(
                "its element holds {own:.0} % own text, the mean of {on} pages of the site: {likely:.1} % likely to be the page's text"
            ))
        }
        Evidence::Revokes(rule) => Some(format!("which takes back what {} had dropped", name(rule))),
    };
    let is_score = mark.because.permille().is_some();
    Said { what, rule: name(mark.rule), because, is_score, counts }
}

/// How wide the text may be: as the terminal, where it is printed on one.
fn width() -> usize {
    let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    size.map_or(usize::MAX, |(width, _)| usize::from(width.0))
}

/// The word that a value has in the manifest.
fn word_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_string)).unwrap_or_default()
}

fn cut_to(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut cut = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_by_their_width_and_not_by_their_bytes() {
        assert_eq!(cut_to("harbour", 7), "harbour");
        assert_eq!(cut_to("harbours", 7), "harbou…");
        assert_eq!(cut_to("港の船は出る", 6), "港の…");
    }
}
