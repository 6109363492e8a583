//! `docs/thresholds.md` lists the numbers that judging turns on, as the code has them: `BLESS=1` writes its table.

mod program;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use program::project;
use regex::Regex;

/// The rooms whose numbers decide what goes.
const ROOMS: [&str; 4] = ["src/stages", "src/passes", "src/line/script.rs", "src/line/titles.rs"];

/// Numbers of the model's making: what it has learned turns on them, and it is learned again where one changes.
const LEARNED: &str = "src/stages/model";

/// A number with a name.
struct Threshold {
    name: String,
    value: String,
    meaning: String,
}

#[test]
fn every_number_says_what_it_counts_and_stands_in_the_table() {
    let path = project("docs/thresholds.md");
    let committed = fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- generated: thresholds -->\n", "<!-- end of thresholds -->\n");
    let (before, rest) = committed.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let text = format!("{before}{start}\n{}\n{end}{after}", table());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(committed == text, "docs/thresholds.md is stale: run the tests once with BLESS=1");
}

fn table() -> String {
    let mut text = String::new();
    let mut silent = Vec::new();
    let files = ROOMS.iter().flat_map(|room| sources(&project(room)));
    for file in files.filter(|file| !file.starts_with(project(LEARNED))) {
        let code = fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
        let mut thresholds = thresholds(code);
        thresholds.extend(fields(code));
        if thresholds.is_empty() {
            continue;
        }
        let file = file.strip_prefix(project("")).unwrap().to_str().unwrap().replace('\\', "/");
        silent.extend(thresholds.iter().filter(|it| it.meaning.is_empty()).map(|it| format!("{file}: {}", it.name)));
        writeln!(text, "**`{file}`**\n\n| number | value | what it is |\n|---|---|---|").unwrap();
        for Threshold { name, value, meaning } in thresholds {
            writeln!(text, "| `{name}` | {value} | {} |", meaning.replace('|', "\\|")).unwrap();
        }
        text.push('\n');
    }
    assert!(silent.is_empty(), "a comment above says what it counts: {}", silent.join(", "));
    text.trim_end().to_string() + "\n"
}

/// The constants of a file that are numbers or ranges of them.
fn thresholds(code: &str) -> Vec<Threshold> {
    let constant = Regex::new(r"^\s*(?:pub(?:\([a-z]+\))? )?const ([A-Z0-9_]+): ([^=]+) = (.+);$").unwrap();
    let number = Regex::new(r"^[a-z0-9_:<>]*(?:u8|u16|u32|u64|usize|i16|i32|i64|f32|f64)>?$").unwrap();
    let (mut found, mut comment) = (Vec::new(), String::new());
    for line in code.lines() {
        if let Some(said) = line.trim_start().strip_prefix("/// ") {
            comment = format!("{comment} {said}").trim().to_string();
            continue;
        }
        if let Some(parts) = constant.captures(line)
            && number.is_match(&parts[2].to_lowercase())
            && !parts[3].contains("<<")
        {
            let (name, value) = (parts[1].to_string(), parts[3].replace('_', "").replace("..=", " to "));
            found.push(Threshold { name, value, meaning: std::mem::take(&mut comment) });
        }
        comment.clear();
    }
    found
}

/// The numbers of a stage that stand in a value of their own, `Thresholds`, so that training can try others.
fn fields(code: &str) -> Vec<Threshold> {
    let Some((_, body)) = code.split_once("pub struct Thresholds {") else { return Vec::new() };
    let field = Regex::new(r"^    pub ([a-z0-9_]+): [a-z0-9]+,$").unwrap();
    let (mut found, mut comment) = (Vec::new(), String::new());
    for line in body.lines() {
        if let Some(said) = line.trim_start().strip_prefix("/// ") {
            comment = format!("{comment} {said}").trim().to_string();
        } else if let Some(parts) = field.captures(line) {
            let value = Regex::new(&format!(r"(?m)^            {}: ([0-9_]+),$", &parts[1])).unwrap();
            let value = value.captures(body).map(|value| value[1].replace('_', "")).unwrap_or_default();
            found.push(Threshold { name: parts[1].to_string(), value, meaning: std::mem::take(&mut comment) });
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.into()];
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
