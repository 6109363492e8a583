//! What README and the documents tell people to type is run, in the order of the document, in a copy of the sample;
//! what the tutorials tell them, in an empty folder.
//!
//! A code block of commands is run line by line, a line that ends in `<<'END'` with all lines up to `END`. `# exit code 1`
//! behind a command is what is expected of it. A block that names a file in its first line (`# my-rules/site/HOST.toml`)
//! is written to that file, and so is one behind `<!-- file: map.csv -->`. A block behind `<!-- not run: why -->` is not
//! run, and one behind `<!-- output -->` is what the command before it prints; there a line that ends in `…` says how the
//! printed line begins. `BLESS=1` writes such blocks anew. In a tutorial no line of a block is passed over.

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use program::project;

/// Blocks that are not run, in all documents: what builds dechaff itself, and what needs a cluster, a crawl or a person.
const NOT_RUN: usize = 9;

/// Characters of a line of output that are shown.
const WIDTH: usize = 100;

/// A block of code in a document.
struct Block {
    /// The line of the document that it begins on, counted from 1.
    line: usize,
    /// What the comment before it says.
    marker: String,
    text: String,
}

#[test]
fn every_command_of_readme_is_run() {
    run_document("README.md");
}

#[test]
fn every_command_of_the_documents_is_run() {
    for name in documents().iter().filter(|name| !is_tutorial(name)) {
        run_document(name);
    }
}

#[test]
fn every_command_of_the_tutorials_is_run_in_an_empty_folder() {
    let documents = documents();
    let tutorials: Vec<&String> = documents.iter().filter(|name| is_tutorial(name)).collect();
    assert!(tutorials.len() >= 3, "{tutorials:?}");
    for name in tutorials {
        run_document(name);
    }
}

/// The documents of the project but README, in their order.
fn documents() -> Vec<String> {
    let files = walkdir::WalkDir::new(project("docs")).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    let pages = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
    pages.map(|entry| entry.path().strip_prefix(project("")).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

fn is_tutorial(name: &str) -> bool {
    name.starts_with("docs/tutorials/")
}

#[test]
fn few_commands_are_not_run() {
    let documents = documents().into_iter().chain(["README.md".into()]);
    let left_out: Vec<String> = documents
        .filter_map(|name| fs::read_to_string(project(&name)).ok())
        .flat_map(|text| blocks(&text).into_iter().map(|block| block.marker).collect::<Vec<_>>())
        .filter(|marker| marker.starts_with("not run"))
        .collect();
    assert!(left_out.iter().all(|marker| marker.starts_with("not run: ")), "say why: {left_out:?}");
    assert_eq!(left_out.len(), NOT_RUN, "{left_out:?}");
}

fn run_document(name: &str) {
    let scratch = tempfile::tempdir().unwrap();
    if !is_tutorial(name) {
        copy(&project("raw"), &scratch.path().join("raw"));
    }
    let path = project(name);
    let mut text = fs::read_to_string(&path).unwrap();
    let mut printed = String::new();
    for block in blocks(&text.clone()) {
        let place = format!("{name}:{}", block.line);
        if block.marker.starts_with("not run") {
            continue;
        }
        if block.marker == "output" {
            let shown: String = printed.lines().map(cut).collect();
            if std::env::var_os("BLESS").is_some() {
                let is_indented = text.contains(&indented(&block.text));
                text = match is_indented {
                    true => text.replace(&indented(&block.text), &indented(&shown)),
                    false => text.replace(&block.text, &shown),
                };
            } else {
                assert!(is_shown(&block.text, &printed), "{place}: BLESS=1 writes what is printed now:\n{shown}");
            }
        } else if let Some(file) = file_of(&block) {
            let file = scratch.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, &block.text).unwrap();
        } else {
            for command in commands(&block.text) {
                if is_command(&command) {
                    printed = run(&command, scratch.path(), &place);
                } else {
                    assert!(!is_tutorial(name), "{place}: not a command that is run: {command}");
                }
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, text).unwrap();
    }
}

/// Runs a line in a shell; what it printed to stdout.
fn run(line: &str, folder: &Path, place: &str) -> String {
    let line = line.replacen("cargo run --release --", "dechaff", 1);
    let program = PathBuf::from(assert_cmd::cargo::cargo_bin!("dechaff"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let shell =
        Command::new("bash").args(["-o", "pipefail", "-c", &line]).current_dir(folder).env("PATH", path).output();
    let output = shell.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let wanted = match line.split_once("# exit code ") {
        Some((_, rest)) => rest.trim_start().chars().next().and_then(|digit| digit.to_digit(10)).unwrap() as i32,
        None => 0,
    };
    assert_eq!(output.status.code(), Some(wanted), "{place}: {line}\n{out}{err}");
    out.into_owned()
}

/// The blocks of code of a document: indented ones that stand after a blank line, and fenced ones.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut marker, mut is_fenced, mut is_open, mut after_blank) = (String::new(), false, false, true);
    for (number, line) in (1..).zip(text.lines()) {
        let code = match (is_fenced, line.strip_prefix("    ")) {
            (true, _) if line.starts_with("```") => None,
            (true, _) => Some(line),
            (false, code) => code.filter(|_| is_open || after_blank),
        };
        match code {
            Some(code) if is_open => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&format!("{code}\n"));
                }
            }
            Some(code) => {
                blocks.push(Block { line: number, marker: std::mem::take(&mut marker), text: format!("{code}\n") });
                is_open = true;
            }
            None if line.starts_with("```") => (is_fenced, is_open) = (!is_fenced, false),
            None if line.trim().is_empty() && is_open && !is_fenced && goes_on(text, number) => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push('\n');
                }
            }
            None => {
                is_open = false;
                if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
                    marker = comment.to_string();
                } else if !line.trim().is_empty() {
                    marker.clear();
                }
            }
        }
        after_blank = line.trim().is_empty();
    }
    blocks
}

/// Whether a file's text goes on after a blank line within its block; a command is a block's end.
fn goes_on(text: &str, blank: usize) -> bool {
    let next = text.lines().nth(blank).and_then(|line| line.strip_prefix("    "));
    next.is_some_and(|line| line.starts_with('['))
}

/// The file that a block says it is.
fn file_of(block: &Block) -> Option<PathBuf> {
    if let Some(file) = block.marker.strip_prefix("file: ") {
        return Some(file.into());
    }
    let first = block.text.lines().next()?.strip_prefix("# ")?;
    (first.ends_with(".toml") && !first.contains(' ')).then(|| first.into())
}

/// The commands of a block: its lines, and those that a line takes in up to `END`.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut takes_in = false;
    for line in text.lines() {
        match commands.last_mut().filter(|_| takes_in) {
            Some(command) => command.push_str(&format!("\n{line}")),
            None if line.is_empty() => {}
            None => commands.push(line.into()),
        }
        takes_in = if takes_in { line != "END" } else { line.ends_with("<<'END'") };
    }
    commands
}

fn is_command(line: &str) -> bool {
    let starts = ["dechaff ", "cargo run --release -- ", "cp ", "mkdir ", "cat ", "rm ", "sed ", "git "];
    starts.iter().any(|start| line.starts_with(start)) || line.contains("| dechaff ")
}

fn is_shown(expected: &str, printed: &str) -> bool {
    let mut printed = printed.lines();
    let fits = |line: &str, printed: &str| match line.strip_suffix('…') {
        Some(start) => printed.starts_with(start),
        None => printed == line,
    };
    expected.trim_end().lines().all(|line| printed.next().is_some_and(|printed| fits(line, printed)))
        && printed.next().is_none()
}

/// A line as it is shown: cut, where it is long.
fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…\n", &line[..end]),
        None => format!("{line}\n"),
    }
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") }).collect()
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
