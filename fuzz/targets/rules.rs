//! Rule files of known keys with values of all kinds: each is refused with the name of the file, or can be proven and
//! judges a page.
#![no_main]

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::lines::{self, Divided};
use dechaff::internals::rules::RuleSet;
use libfuzzer_sys::arbitrary::{self, Arbitrary};

const TABLES: [&str; 5] = ["[[drop]]", "[[keep]]", "[[trim]]", "[[test]]", "[measures]"];

const KEYS: [&str; 24] = [
    "id", "why", "hits", "misses", "equals", "starts", "ends", "contains", "regex", "exact", "words_at_most", "where",
    "within", "path", "url", "from", "until", "until_included", "at_most", "about", "off", "charset", "favor", "keeps",
];

const LINES: [&str; 6] = ["Share this", "The tide went out at four.", "12 comments", "Lesen Sie auch", "港の船", "…"];

#[derive(Debug, Arbitrary)]
enum Value {
    Line(u8),
    Own(String),
    Lines(Vec<u8>),
    Number(i64),
    Yes(bool),
    Equals(u8),
    Raw(String),
}

impl Value {
    fn written(&self) -> String {
        let line = |number: &u8| format!("{:?}", LINES[usize::from(*number) % LINES.len()]);
        match self {
            Value::Line(number) => line(number),
            Value::Own(text) => format!("{text:?}"),
            Value::Lines(numbers) => format!("[{}]", numbers.iter().map(line).collect::<Vec<_>>().join(", ")),
            Value::Number(number) => number.to_string(),
            Value::Yes(yes) => yes.to_string(),
            Value::Equals(number) => format!("{{ equals = {} }}", line(number)),
            Value::Raw(text) => text.clone(),
        }
    }
}

#[derive(Debug, Arbitrary)]
enum Line {
    Table(u8),
    Entry(u8, Value),
    /// A rule that is right but for what follows it.
    Rule { action: u8, matcher: u8, line: u8 },
}

libfuzzer_sys::fuzz_target!(|file: (bool, Vec<Line>)| {
    let (is_site, written) = file;
    let line = |(number, line): (usize, &Line)| match line {
        Line::Table(table) => format!("{}\n", TABLES[usize::from(*table) % TABLES.len()]),
        Line::Entry(key, value) => format!("{} = {}\n", KEYS[usize::from(*key) % KEYS.len()], value.written()),
        Line::Rule { action, matcher, line } => {
            let line = LINES[usize::from(*line) % LINES.len()];
            let (table, matcher) = (TABLES[usize::from(*action) % 3], KEYS[4 + usize::from(*matcher) % 4]);
            format!("{table}\nid = \"r{number}\"\n{matcher} = {line:?}\nwhy = \"w\"\nhits = [{line:?}]\n")
        }
    };
    let text: String = written.iter().enumerate().map(line).collect();
    let name = if is_site { "site/tide.example.toml" } else { "general/tide.toml" };
    match RuleSet::of_texts(&[(name, &text)]) {
        Err(error) => assert!(error.to_string().contains(name), "{error}"),
        Ok(rules) => {
            let _ = rules.prove(&["tide.example"]);
            let Divided { text, blocks, columns, .. } = lines::divide(&LINES.join("\n"));
            let source = Source { path: "page.txt".into(), record: None };
            let page = Page { source, site: None, url: None, text, blocks, columns, markup: None };
            let features = PageFeatures::of(&page);
            let mut marks = Marks::new(features.len());
            rules.judge_by_site(&features, &mut marks);
            rules.judge_in_general(&features, &mut marks);
        }
    }
});
