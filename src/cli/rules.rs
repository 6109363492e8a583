//! `dechaff rules`: list them, test them, start a file of them.

mod from_review;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::Path;

use crate::filters;
use crate::line::PageFeatures;
use crate::line::fold;
use crate::manifest::{self, Rows};
use crate::marks::Marks;
use crate::page::{Page, Source};
use crate::read::arrivals::PageOpener;
use crate::rules::{RuleSet, notation};
use anstyle::{AnsiColor, Style};

use crate::cli::args::{RulesArgs, RulesCommand, RulesListArgs, RulesNewArgs, RulesTestArgs};
use crate::cli::{Exit, Misuse, schema, setup};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Runs a subcommand of `rules`.
pub(super) fn run(args: &RulesArgs) -> anyhow::Result<Exit> {
    match &args.command {
        RulesCommand::List(args) => list(args),
        RulesCommand::Test(args) => test(args),
        RulesCommand::New(args) => new(args),
    }
}

/// A row of the list.
struct Listed {
    address: String,
    what: String,
    why: String,
    is_own: bool,
    is_off: bool,
}

fn list(args: &RulesListArgs) -> anyhow::Result<Exit> {
    let runner = setup::reader(&args.judging)?;
    let rules = runner.cleaner().rules();
    let mut rules: Vec<Listed> = rules
        .rules()
        .map(|(number, rule)| Listed {
            address: rule.address.clone(),
            what: rule.what(),
            why: rule.why.clone(),
            is_own: !rule.built_in,
            is_off: rules.is_off(number),
        })
        .collect();
    rules.extend(runner.cleaner().stage_rules().map(|rule| Listed {
        address: rule.address.into(),
        what: "a judgement of structure".into(),
        why: rule.why.into(),
        is_own: false,
        is_off: false,
    }));
    rules.extend(runner.cleaner().rules().filters().iter().flat_map(|file| {
        file.rules.iter().map(|rule| Listed {
            address: rule.address.clone(),
            what: rule.asks.to_string(),
            why: rule.why.clone(),
            is_own: !file.built_in,
            is_off: !runner.cleaner().filters().filters().any(|filter| filter.name() == file.name),
        })
    }));
    let hits = args.manifest.as_deref().map(hits).transpose()?;
    if args.never_hit {
        let Some(hits) = &hits else {
            return Err(Misuse("--never-hit needs --manifest CLEAN/manifest.jsonl to count in".into()).into());
        };
        rules.retain(|rule| rule.is_own && !hits.contains_key(&rule.address));
    }
    let mut text = String::new();
    for rule in &rules {
        let count = hits.as_ref().map(|hits| format!("{:>9}  ", hits.get(&rule.address).copied().unwrap_or_default()));
        let off = if rule.is_off { " (switched off)" } else { "" };
        let own = if rule.is_own { " (yours)" } else { "" };
        writeln!(text, "{}{}{own}{off}", count.unwrap_or_default(), rule.address)?;
        writeln!(text, "           {}", rule.what)?;
        writeln!(text, "           {}", rule.why)?;
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// How many blocks each rule took, by the manifest of a run.
fn hits(manifest: &Path) -> anyhow::Result<HashMap<String, u64>> {
    let file = File::open(manifest).map_err(|cause| crate::error::Error::Read { path: manifest.into(), cause })?;
    let (_, rows) = Rows::read(manifest, BufReader::new(file))?;
    let mut hits = HashMap::new();
    for row in rows {
        let row = row?;
        for dropped in row.dropped {
            *hits.entry(dropped.rule.to_string()).or_default() += u64::from(dropped.count());
        }
        for edit in row.edits {
            *hits.entry(edit.rule).or_default() += 1;
        }
        for verdict in row.filters {
            *hits.entry(verdict.rule).or_default() += 1;
        }
        for kept in row.kept_by_rule {
            *hits.entry(kept.rule.to_string()).or_default() += u64::from(kept.count());
        }
    }
    Ok(hits)
}

fn test(args: &RulesTestArgs) -> anyhow::Result<Exit> {
    // Pages of rule files are held to what is written: the model and what is learned would change under them.
    let runner = setup::reader(&args.judging.without_learned_stages())?;
    let mut checks = runner.cleaner().rules().check_all(&|page| runner.cleaner().marks(page));
    checks.extend(filters::check_all(runner.cleaner().rules(), runner.cleaner().filters().tokenizer()));
    let broken: Vec<_> = checks.iter().filter(|check| check.broken.is_some()).collect();
    let mut text = String::new();
    for check in checks.iter().filter(|check| args.verbose || check.broken.is_some()) {
        let (style, word) = if check.broken.is_some() { (BAD, "FAILED") } else { (GOOD, "ok") };
        writeln!(text, "{} {} ... {style}{word}{style:#}", check.of, check.promise)?;
    }
    for check in &broken {
        writeln!(text, "\n{}", check.broken.as_deref().unwrap_or_default())?;
    }
    let verdict = if broken.is_empty() { format!("{GOOD}ok{GOOD:#}") } else { format!("{BAD}FAILED{BAD:#}") };
    writeln!(text, "rules: {verdict}. {} passed, {} failed", checks.len() - broken.len(), broken.len())?;
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Flawed })
}

fn new(args: &RulesNewArgs) -> anyhow::Result<Exit> {
    if let Some(review) = &args.from {
        return from_review::run(review, &args.rules);
    }
    let host = args.host.as_deref().unwrap_or_default().to_ascii_lowercase();
    let path = args.rules.join("site").join(format!("{host}.toml"));
    if path.exists() {
        return Err(Misuse(format!("{} exists already; add to it, or move it away", path.display())).into());
    }
    let judging = setup::for_host(&host);
    let runner = setup::reader(&judging)?;
    let mut pages = Vec::new();
    for page in &args.pages {
        let source = Source { path: manifest::escape(page), record: None };
        let left_out = |why: &str| writeln!(anstream::stderr(), "dechaff: left out: {why}");
        let input = match PageOpener::new(page, runner.read_options()).open(&source) {
            Ok(input) => input,
            Err(why) => {
                left_out(&why)?;
                continue;
            }
        };
        let document = match input.document(runner.read_options()) {
            Ok(document) => document,
            Err((_, why)) => {
                left_out(&format!("{source}: {why}"))?;
                continue;
            }
        };
        let probe = runner.probe(&source, &document);
        if let Some((_, why)) = probe.unread() {
            let why = if why.is_empty() { "it is empty" } else { why };
            left_out(&format!("{source}: {why}"))?;
            continue;
        }
        pages.push(runner.judge_with_overridden(&source, &document, &probe));
    }
    if pages.is_empty() && !args.pages.is_empty() {
        return Err(Misuse("none of these files could be read as a page; name pages of the site".into()).into());
    }
    let mut left: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for judged in &pages {
        let page = &judged.parsed.page;
        let mut seen = Vec::new();
        for block in (0..page.blocks.len()).filter(|&block| judged.marks.stays(block)) {
            let line = page.text_of(block).trim();
            let folded = fold(line);
            if line.split_whitespace().count() <= 12 && !seen.contains(&folded) {
                left.entry(folded.clone()).or_insert((0, line.to_string())).0 += 1;
                seen.push(folded);
            }
        }
    }
    let repeated: Vec<_> = left.into_values().filter(|(times, _)| *times > 1).collect();
    let sample = pages.first().and_then(|judged| as_test(&judged.parsed.page, &host).transpose()).transpose()?;
    let text = starter(&host, &repeated, sample.as_deref());
    RuleSet::of_texts(&[(&format!("site/{host}.toml"), &text)])?;
    fs::create_dir_all(args.rules.join("site"))?;
    fs::write(&path, text).map_err(|cause| crate::error::Error::Write { path: path.clone(), cause })?;
    schema::write_for_rules(&args.rules)?;
    writeln!(
        io::stdout(),
        "wrote {}\nNext: write a rule in it, then\n  dechaff rules test --rules {rules}\n  dechaff RAW CLEAN --rules {rules}",
        path.display(),
        rules = args.rules.display(),
    )?;
    Ok(Exit::Done)
}

/// A page in the notation of `[[test]]`, as `dechaff rules test` judges it: what was read off its markup is lost in the
/// notation, and the stages that are learned take no part. `None` where the notation cannot hold it.
fn as_test(page: &Page, host: &str) -> anyhow::Result<Option<String>> {
    let unmarked = notation::write(page, &Marks::new(page.blocks.len()), |_| String::new());
    let Ok(marked) = notation::read(&unmarked, Some(host)) else { return Ok(None) };
    let runner = setup::reader(&setup::for_host(host).without_learned_stages())?;
    let cleaner = runner.cleaner();
    let marks = cleaner.marks(&PageFeatures::of(&marked.page));
    Ok(Some(notation::write(&marked.page, &marks, |rule| cleaner.address(rule).to_string())))
}

/// A rule file to start from: everything in it is a comment but what makes it valid.
fn starter(host: &str, repeated: &[(usize, String)], sample: Option<&str>) -> String {
    let mut text = format!(
        "{schema_line}\
         # Rules for {host} and its subdomains. The language: docs/rules.md.\n\
         # A rule has exactly one of: equals, starts, ends, contains, regex. The first four fold case, white space, quotes\n\
         # and dashes. Every rule shows lines it must hit, and may show lines it must miss.\n\
         about = \"{host}: \"\n\
         # Settings for the pages of this site alone: favor, comments, title, bylines, and what is switched off.\n\
         # off = [\"model\"]\n\n\
         # [[drop]]\n\
         # id     = \"share-bar\"\n\
         # starts = \"Share this\"\n\
         # why    = \"The share widget scrapes as one line.\"\n\
         # hits   = [\"Share this | Email | Print\"]\n\
         # misses = [\"Sharing the harbour with otters\"]\n\n\
         # [[keep]] has the same form, and beats drop within this file. [[trim]] cuts the matched part out of a line.\n",
        schema_line = schema::RULES_LINE,
    );
    if !repeated.is_empty() {
        text.push_str("\n# Lines that stay on more than one of the pages you named. Are they the pages' own?\n");
        for (times, line) in repeated.iter().take(40) {
            text.push_str(&format!("#   {times} pages: {line}\n"));
        }
    }
    if let Some(sample) = sample {
        text.push_str(
            "\n# The first page that you named, as the rules and the stages without the model judge it. To make it a test, take the\n\
             # `# ` away; change a `+` into a `-`, and write the rule that makes it so. `dechaff rules test` runs it.\n\
             # [[test]]\n# name = \"the first page\"\n# page = '''\n",
        );
        for line in sample.lines() {
            text.push_str(format!("# {line}").trim_end());
            text.push('\n');
        }
        text.push_str("# '''\n");
    }
    text
}
