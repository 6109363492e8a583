//! The sample: what the program makes of `raw/` is what `clean/` holds, byte for byte, and what the expectations
//! in `tests/sample/` say of every line.
//!
//! `BLESS=1 cargo test` writes `clean/` anew.

mod program;

use std::collections::HashMap;
use std::fs;

use program::{dechaff, files, project};

#[test]
fn clean_is_what_raw_becomes() {
    let scratch = tempfile::tempdir().unwrap();
    let made = scratch.path().join("clean");
    let output = dechaff().arg(project("raw")).arg(&made).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let made_files = files(&made);
    let committed = project("clean");
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&committed);
        for (path, bytes) in &made_files {
            let path = committed.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    let expected = files(&committed);
    let names = |files: &std::collections::BTreeMap<_, _>| files.keys().cloned().collect::<Vec<std::path::PathBuf>>();
    assert_eq!(names(&made_files), names(&expected));
    for (path, bytes) in &made_files {
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            bytes == &expected[path],
            "{}: not what clean/ holds (BLESS=1 writes it anew)\n{}",
            path.display(),
            first_difference(&show(&expected[path]), &show(bytes))
        );
    }
    program::rows(&made);
}

/// Rules and structure alone lose nothing of a page's own text.
#[test]
fn rules_and_structure_lose_no_own_line_of_the_sample() {
    let lost: Vec<_> = wrong_lines(&["--no-model"]).into_iter().filter(|line| line.contains("should stay")).collect();
    assert!(lost.is_empty(), "{} lines:\n{}", lost.len(), lost.join("\n"));
}

/// With everything on, what is still wrong with the sample's 1,296 lines may become less, never more.
#[test]
fn the_sample_is_cleaned_no_worse_than_it_was() {
    let (lost, left): (Vec<_>, Vec<_>) = wrong_lines(&[]).into_iter().partition(|line| line.contains("should stay"));
    assert!(lost.len() <= LOST, "{} own lines are lost:\n{}", lost.len(), lost.join("\n"));
    assert!(left.len() <= LEFT, "{} lines of furniture are left:\n{}", left.len(), left.join("\n"));
}

/// Own lines that the model takes: headings with numbers, the end of a page after a break, short posts.
const LOST: usize = 11;

/// Lines of furniture that nobody sees, that labels under posts bring back, or that stand between paragraphs.
const LEFT: usize = 10;

/// The lines of the sample whose fate differs from what the expectations say.
fn wrong_lines(options: &[&str]) -> Vec<String> {
    let scratch = tempfile::tempdir().unwrap();
    let output = dechaff().arg(project("raw")).arg(scratch.path()).args(options).output().unwrap();
    assert!(output.status.success());
    let mut wrong = Vec::new();
    let expectations = files(&project("tests/sample"));
    assert!(expectations.len() >= 20, "the sample has shrunk");
    for (path, bytes) in expectations {
        let name = path.to_str().unwrap().strip_suffix(".expected").unwrap();
        let text = fs::read_to_string(scratch.path().join(name)).unwrap_or_default();
        let mut left: HashMap<String, usize> = HashMap::new();
        for line in text.lines() {
            *left.entry(folded(line)).or_default() += 1;
        }
        let differ = differences(&String::from_utf8(bytes).unwrap(), &mut left);
        wrong.extend(differ.into_iter().map(|line| format!("{name}:{line}")));
    }
    wrong
}

/// The lines of an expectation that the text does not meet. A line that must stay takes its copy out of what
/// is left first, so that a repeated line is held against the right number of copies.
fn differences(expected: &str, left: &mut HashMap<String, usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines: Vec<(usize, char, String)> = expected
        .lines()
        .enumerate()
        .filter_map(|(index, line)| Some((index + 1, line.chars().next()?, folded(line.get(2..)?))))
        .collect();
    let mut take = |line: &str| left.get_mut(line).filter(|count| **count > 0).map(|count| *count -= 1).is_some();
    for (number, _, line) in lines.iter().filter(|(_, sign, _)| *sign == '+') {
        if !take(line) {
            wrong.push(format!("{number}: should stay: {line}"));
        }
    }
    for (_, _, line) in lines.iter().filter(|(_, sign, _)| *sign == '?') {
        take(line);
    }
    for (number, _, line) in lines.iter().filter(|(_, sign, _)| *sign == '-') {
        if take(line) {
            wrong.push(format!("{number}: should go: {line}"));
        }
    }
    wrong
}

fn folded(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_difference(expected: &str, made: &str) -> String {
    let pairs = expected.lines().zip(made.lines()).enumerate();
    match pairs.into_iter().find(|(_, (expected, made))| expected != made) {
        Some((index, (expected, made))) => format!("line {}\n- {expected}\n+ {made}", index + 1),
        None => format!("{} lines are expected, {} were made", expected.lines().count(), made.lines().count()),
    }
}

#[test]
fn the_sample_is_no_smaller_than_it_was() {
    assert!(files(&project("raw")).len() >= 15);
}
