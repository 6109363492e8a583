//! `dechaff learn RAW`: what each site repeats on its pages, for people to read, and as rules.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::passes::templates::LEAST_PAGES;
use crate::passes::templates::learned::{Find, Learned, Where, Wording};
use crate::passes::templates::learned_places::{LearnedPlace, PlaceRule};
use crate::passes::templates::rules;
use crate::rules::RuleSet;
use crate::run::survey;
use crate::write::atomic;

use crate::cli::args::LearnArgs;
use crate::cli::{Exit, schema, setup};

/// Runs the survey, prints what it found, and writes rules where that was asked for.
pub(super) fn run(args: &LearnArgs) -> anyhow::Result<Exit> {
    let own = args.rules.is_dir().then_some(args.rules.as_path());
    let runner = setup::survey_reader(&args.survey, own)?;
    let sites = survey::learn(&runner, &setup::survey_files(&args.survey)?)?;
    let mut text = String::new();
    for (host, learned) in &sites {
        describe(&mut text, host, learned)?;
        if args.write {
            let done = write(&args.rules, host, learned, runner.cleaner().rules())?;
            writeln!(text, "  {done}")?;
        }
        writeln!(text)?;
    }
    if sites.is_empty() {
        writeln!(
            text,
            "Nothing was learned: no site has {LEAST_PAGES} different pages. A page's site is read from its URL or its \
             folder;\nname it with --site-from, --site-map or --site where it is neither."
        )?;
    } else if !args.write {
        writeln!(text, "`dechaff learn {} --write` writes rules for it.", args.survey.raw.display())?;
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

fn describe(text: &mut String, host: &str, learned: &Learned) -> std::fmt::Result {
    writeln!(text, "{host}: {} pages looked at", learned.pages)?;
    if learned.finds.is_empty() && learned.places.is_empty() {
        return writeln!(text, "  nothing recurs on them");
    }
    for (place, heading) in
        [(Where::Head, "at the head"), (Where::Inside, "inside the text"), (Where::Tail, "at the tail")]
    {
        let mut finds = learned.finds.iter().filter(|find| find.place == place).peekable();
        if finds.peek().is_some() {
            writeln!(text, "  {heading}")?;
        }
        let (steady, changing): (Vec<&Find>, Vec<&Find>) = finds.partition(|find| find.is_template);
        for find in steady {
            describe_find(text, find)?;
        }
        if let Some(first) = changing.first() {
            let lines = if changing.len() == 1 { "line changes" } else { "lines change" };
            writeln!(text, "          {} more {lines} from page to page, such as:", changing.len())?;
            describe_find(text, first)?;
        }
    }
    if !learned.places.is_empty() {
        writeln!(text, "  in elements that hardly hold text of their own page")?;
    }
    learned.places.iter().try_for_each(|place| describe_place(text, place))
}

fn describe_place(text: &mut String, place: &LearnedPlace) -> std::fmt::Result {
    let note = match place.rule {
        PlaceRule::Written => "  (your rules drop it)",
        PlaceRule::TakesText => "  (holds text on some page: no rule could tell)",
        PlaceRule::Fits => "",
    };
    let own = f64::from(place.own) / 10.0;
    writeln!(text, "    {:>5}  {}: {own:.1} % own text{note}", place.on, place.selector)?;
    for line in &place.lines {
        writeln!(text, "           {line}")?;
    }
    writeln!(text, "           on {}", place.examples.join(", "))
}

fn describe_find(text: &mut String, find: &Find) -> std::fmt::Result {
    let note = match &find.rule {
        Wording::Written => "  (your rules drop it)",
        Wording::Ambiguous => "  (stands in the text too: no rule could tell)",
        Wording::Equals(_) | Wording::Regex(..) | Wording::Run => "",
    };
    for (number, ways) in find.lines.iter().enumerate() {
        let line = ways.first().map_or("", String::as_str);
        match number {
            0 => writeln!(text, "    {:>5}  {line}{note}", find.on)?,
            _ => writeln!(text, "           {line}")?,
        }
    }
    writeln!(text, "           on {}", find.examples.join(", "))
}

/// Adds rules to a site's file, or starts it; what was done, for people.
fn write(folder: &Path, host: &str, learned: &Learned, rules: &RuleSet) -> anyhow::Result<String> {
    let path = folder.join("site").join(format!("{host}.toml"));
    let address = |id: &str| format!("site/{host}#{id}");
    let tables = rules::tables(learned, |id| rules.number(&address(id)).is_some());
    if tables.is_empty() {
        return Ok("nothing to write: rules drop it already, or none could tell it from the text".into());
    }
    let (text, done) = match fs::read_to_string(&path) {
        Ok(text) => (format!("{}\n{tables}", text.trim_end_matches('\n')), "extended"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            (format!("{}{}", schema::RULES_LINE, rules::file(host, &tables)), "wrote")
        }
        Err(cause) => return Err(Error::Read { path, cause }.into()),
    };
    RuleSet::of_texts(&[(&format!("site/{host}.toml"), &text)])?.prove(&[host])?;
    fs::create_dir_all(folder.join("site")).map_err(|cause| Error::Write { path: path.clone(), cause })?;
    atomic::write(&path, text.as_bytes())?;
    schema::write_for_rules(folder)?;
    Ok(format!("{done} {}: {} more rules", path.display(), tables.matches("[[drop]]").count()))
}
