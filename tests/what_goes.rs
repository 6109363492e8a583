//! `docs/what-goes.md` says of rules and stages what they say of themselves: `BLESS=1` writes those parts of it.

mod program;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use program::{dechaff, project};

/// Examples of lines that go, and that stay, in a row of the table.
const EXAMPLES: usize = 3;

/// Characters of an example that are shown.
const EXAMPLE_CHARS: usize = 60;

#[test]
fn the_page_on_what_goes_is_made_of_the_rules() {
    let path = project("docs/what-goes.md");
    let committed = fs::read_to_string(&path).unwrap();
    let text = with_part(&with_part(&committed, "written rules", &written()), "structure", &structure());
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(committed == text, "docs/what-goes.md is stale: run the tests once with BLESS=1");
}

/// A document with a part between two comments replaced.
fn with_part(document: &str, name: &str, part: &str) -> String {
    let (start, end) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = document.split_once(&start).unwrap_or_else(|| panic!("no {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{before}{start}\n{part}\n{end}{after}")
}

/// A table of the general rule files, with a line for each rule.
fn written() -> String {
    let mut files: BTreeMap<String, toml::Table> = BTreeMap::new();
    for entry in fs::read_dir(project("rules/general")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_string();
            files.insert(name, toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
    let mut text = String::new();
    for (name, file) in &files {
        writeln!(text, "**{name}.** {}\n", file["about"].as_str().unwrap()).unwrap();
        writeln!(text, "| rule | why | matches, for example | and not |\n|---|---|---|---|").unwrap();
        for (action, what) in [("keep", " (keeps)"), ("drop", ""), ("trim", " (cuts)")] {
            for rule in file.get(action).and_then(toml::Value::as_array).into_iter().flatten() {
                let string = |key: &str| cell(rule[key].as_str().unwrap_or_default());
                writeln!(
                    text,
                    "| `{}`{what} | {} | {} | {} |",
                    string("id"),
                    string("why"),
                    examples(rule, "hits"),
                    examples(rule, "misses")
                )
                .unwrap();
            }
        }
        text.push('\n');
    }
    text.trim_end().to_string() + "\n"
}

fn examples(rule: &toml::Value, key: &str) -> String {
    let lines = rule.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    let short = |line: &str| match line.char_indices().nth(EXAMPLE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    };
    let shown: Vec<String> =
        lines.filter_map(toml::Value::as_str).take(EXAMPLES).map(|line| cell(&short(line))).collect();
    shown.join(" · ")
}

/// A text as it can stand in a cell of a table, with nothing in it read as markup.
fn cell(text: &str) -> String {
    let one_line = text.lines().map(str::trim).collect::<Vec<_>>().join(" / ");
    one_line.chars().fold(String::new(), |mut cell, c| {
        if matches!(c, '|' | '<' | '*' | '_' | '[' | ']' | '\\') {
            cell.push('\\');
        }
        cell.push(c);
        cell
    })
}

/// A table of what the stages drop and keep by structure, as `dechaff rules list` says.
fn structure() -> String {
    let output = dechaff().args(["rules", "list", "--comments", "drop"]).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = listed.lines().collect();
    let mut text = String::from("| rule | why |\n|---|---|\n");
    for rule in lines.chunks(3).filter(|rule| rule[1].contains("a judgement of structure")) {
        writeln!(text, "| `{}` | {} |", rule[0].trim(), cell(rule[2].trim())).unwrap();
    }
    text
}
