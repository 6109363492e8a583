//! The laws of the house, held against the sample and against pages made up at random.

mod program;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use dechaff::Cleaner;
use dechaff::internals::page::Source;
use dechaff::internals::parse::html;
use dechaff::internals::parse::kind::is_html;
use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::read::archive::RawDocument;
use dechaff::internals::run::page_runner::PageRunner;
use program::{dechaff, files, project};
use proptest::prelude::*;
use serde_json::Value;

/// Law 1: every block of the input is in the manifest's account exactly once.
#[test]
fn ledger() {
    let scratch = tempfile::tempdir().unwrap();
    let clean = scratch.path().join("clean");
    assert!(dechaff().arg(project("raw")).arg(&clean).output().unwrap().status.success());
    let rows = program::rows(&clean);
    assert_eq!(rows.len(), files(&project("raw")).len(), "a row for every file");
    for (path, row) in rows {
        let raw = fs::read(project("raw").join(&path)).unwrap();
        if row["output"].is_null() {
            assert!(!row["status"].is_null() && (row["status"] == "blank" || row["reason"].is_string()), "{path}");
        } else if is_html(&raw) {
            assert_every_block_accounted(&path, &String::from_utf8_lossy(&raw), &row);
        } else if let Ok(text) = String::from_utf8(raw) {
            assert_accounted_once(&path, &text, &row);
        }
    }
}

/// Of an HTML page every block is kept or dropped, and what is no text of it is counted by kind.
fn assert_every_block_accounted(path: &str, text: &str, row: &Value) {
    let html = html::read(text);
    assert_every_block_once(path, html.blocks.len(), row);
    for element in ["script", "style", "title"] {
        let written = text.matches(&format!("<{element}")).count() as u64;
        assert_eq!(row["non_content_elements"][element].as_u64().unwrap_or(0), written, "{path}: {element}");
    }
}

/// Every line of `text` with something on it is a block, and stands in exactly one range.
fn assert_accounted_once(path: &str, text: &str, row: &Value) {
    let mut written = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if !line.trim_start_matches('\u{feff}').trim().is_empty() {
            written.push(index as u64 + 1);
        }
    }
    assert_every_block_once(path, written.len(), row);
    for range in ["kept", "kept_by_rule", "dropped"].iter().flat_map(|list| row[list].as_array().into_iter().flatten())
    {
        for end in 0..2 {
            let block = range["blocks"][end].as_u64().unwrap() as usize;
            assert_eq!(range["lines"][end], written[block], "{path}: block {block}");
        }
    }
}

/// Every block stands in exactly one range, and the counts are those of the ranges.
fn assert_every_block_once(path: &str, blocks: usize, row: &Value) {
    let of = |list: &str| {
        let ranges = row[list].as_array().cloned().unwrap_or_default();
        let ends = |range: &Value, end: usize| range["blocks"][end].as_u64().unwrap() as usize;
        ranges.iter().flat_map(|range| ends(range, 0)..=ends(range, 1)).collect::<Vec<usize>>()
    };
    let (kept, dropped) = ([of("kept"), of("kept_by_rule")].concat(), of("dropped"));
    assert_eq!(
        (row["blocks"]["kept"].as_u64(), row["blocks"]["dropped"].as_u64()),
        (Some(kept.len() as u64), Some(dropped.len() as u64)),
        "{path}"
    );
    let mut all = [kept, dropped].concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..blocks), "{path}");
}

/// Law 2: the same bytes for any number of threads, and for any order in which the folder lists its files.
#[test]
fn determinism() {
    let scratch = tempfile::tempdir().unwrap();
    let shuffled = scratch.path().join("shuffled");
    for (path, bytes) in files(&project("raw")).into_iter().rev() {
        let target = shuffled.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    let mut outcomes = BTreeSet::new();
    for (raw, threads) in [(project("raw"), "1"), (project("raw"), "2"), (project("raw"), "16"), (shuffled, "16")] {
        let clean = scratch.path().join(format!("clean-{}", outcomes.len() + threads.len() * 10));
        let _ = fs::remove_dir_all(&clean);
        let output = dechaff().arg(&raw).arg(&clean).args(["--threads", threads]).output().unwrap();
        assert!(output.status.success());
        outcomes.insert(files(&clean).into_iter().collect::<Vec<_>>());
    }
    assert_eq!(outcomes.len(), 1);
}

/// Law 3: rules and structure change nothing in clean text of theirs.
#[test]
fn stability() {
    let scratch = tempfile::tempdir().unwrap();
    let run = |raw: &Path, clean: &Path| {
        let output = dechaff().arg(raw).arg(clean).args(STRUCTURE_ALONE).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut texts = files(clean);
        texts.remove(Path::new("manifest.jsonl"));
        texts
    };
    let once = run(&project("raw"), &scratch.path().join("once"));
    let input = scratch.path().join("input");
    for (path, bytes) in &once {
        fs::create_dir_all(input.join(path).parent().unwrap()).unwrap();
        fs::write(input.join(path), bytes).unwrap();
    }
    let twice = run(&input, &scratch.path().join("twice"));
    for (path, bytes) in &once {
        let is_of_html = path.to_string_lossy().ends_with(".html.txt");
        let show = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            // Reading plain text levels the white space inside lines, which code of HTML keeps.
            if is_of_html { level(&text) } else { text }
        };
        assert_eq!(twice.get(path).map(|bytes| show(bytes)), Some(show(bytes)), "{}", path.display());
    }
}

/// Each line with its indentation, and single spaces in it.
fn level(text: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        format!("{}{}\n", &line[..indent], line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    text.lines().map(line).collect()
}

/// The stages that learn from data are left out where a law speaks of rules and structure alone.
const STRUCTURE_ALONE: [&str; 1] = ["--no-model"];

static RUNNER: LazyLock<PageRunner> = LazyLock::new(|| PageRunner::new(Cleaner::builder().build().unwrap()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Laws 1 and 4 on pages made up of whatever scraped pages have: the account is whole, and what is kept is
    /// the input's own lines in the input's own order.
    #[test]
    fn ledger_and_order_hold_on_any_page(lines in prop::collection::vec(any_line(), 0..60)) {
        let text = lines.join("\n") + "\n";
        let source = Source { path: "page.txt".into(), record: None };
        let (finished, cleaned) = RUNNER.clean(&source, &RawDocument::of_file("page.txt", text.as_bytes(), Sidecar::default()));
        if let Some(cleaned) = cleaned {
            assert_accounted_once("page.txt", &text, &serde_json::to_value(finished.row).unwrap());
            let mut input = lines.iter().map(|line| line.trim());
            for line in cleaned.lines().filter(|line| !line.is_empty()) {
                let part_of = |own: &str| own == line.trim() || own.contains(line.trim());
                prop_assert!(input.any(part_of), "{line:?} is not there, or not in its place, in\n{text}");
            }
        }
    }
}

fn any_line() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Home",
        "News",
        "Next",
        "Previous",
        "No comments:",
        "Share this",
        "Related: otters",
        "Mon Tue Wed Thu Fri Sat Sun",
        "891011121314",
        "",
        "",
        "| a | b |",
        "    let x = 1;",
        "The ferry leaves at nine",
        "The ferry leaves at nine | Post",
        "© 2024 Harbour Post. All rights reserved.",
        "Pros",
        "Cons",
        "*",
        "2024 (12)",
        "Read more",
        "…",
        "The captain said that she would wait for the post, which came by bicycle and was wet.",
        "In the end nobody had seen the otter, and the harbour board went home in good spirits.",
        "The mayor opened the bridge again on Sunday, and this time nobody fell into the water…",
        "Der Hafen bleibt am Montag geschlossen, weil die Möwen streiken.",
        "港の船は七時三分に出る。",
        "Чайки молчат.",
    ]);
    words.prop_map(str::to_string)
}
