//! The documents as a book: every page stands in its table of contents, and every link leads somewhere. CI builds the
//! book itself; these are the mistakes that building it does not find.

mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use program::project;
use regex::Regex;

/// Documents outside the book, whose links are looked at too.
const OTHERS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "benches/README.md", "rules/model/CARD.md"];

/// The table of contents.
const SUMMARY: &str = "docs/SUMMARY.md";

#[test]
fn every_page_stands_once_in_the_table_of_contents() {
    let summary = read(SUMMARY);
    let listed: Vec<String> = links(&summary).into_iter().map(|link| format!("docs/{link}")).collect();
    let pages: BTreeSet<String> = pages().into_iter().filter(|page| page != SUMMARY).collect();
    let known: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(known.difference(&pages).collect::<Vec<_>>(), Vec::<&String>::new(), "listed, and no page");
    assert_eq!(pages.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "pages that are not listed");
    assert_eq!(listed.len(), known.len(), "a page is listed twice");
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    let mut wrong = Vec::new();
    let documents: Vec<String> = pages().into_iter().chain(OTHERS.map(String::from)).collect();
    let headings: BTreeMap<&String, BTreeSet<String>> =
        documents.iter().map(|document| (document, anchors(&read(document)))).collect();
    for document in &documents {
        for link in links(&read(document)) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => joined(document, path),
            };
            let is_out = document.starts_with("docs/") && !target.starts_with("docs/");
            let is_there = project(&target).exists();
            let has_anchor = anchor.is_empty() || headings.get(&target).is_some_and(|known| known.contains(anchor));
            match (is_there, is_out, has_anchor) {
                (false, ..) => wrong.push(format!("{document}: {link}: there is no such file")),
                (_, true, _) => wrong.push(format!("{document}: {link}: leads out of the book")),
                (.., false) => wrong.push(format!("{document}: {link}: there is no such heading")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn anchors_are_those_that_a_browser_goes_to() {
    let text = "# A `file`, read\n\n## See it\n\n```sh\n# no heading\n```\n## See it\n\n## `--tag`: drop nothing\n";
    let known: Vec<String> = anchors(text).into_iter().collect();
    assert_eq!(known, ["--tag-drop-nothing", "a-file-read", "see-it", "see-it-1"]);
}

/// The pages of the book, and its table of contents.
fn pages() -> Vec<String> {
    let files = walkdir::WalkDir::new(project("docs")).sort_by_file_name().into_iter().map(|entry| entry.unwrap());
    let pages = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"));
    pages.map(|entry| entry.path().strip_prefix(project("")).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

fn read(document: &str) -> String {
    fs::read_to_string(project(document)).unwrap()
}

/// The lines of a document that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence && !line.starts_with("    ")
    })
}

/// The links of a document that name no other host.
fn links(text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    // In a table of contents an indented line is an entry below another.
    let lines =
        prose(text).chain(text.lines().filter(|line| line.trim_start().starts_with("- [") && line.starts_with("    ")));
    let all = lines.flat_map(|line| link.captures_iter(line).map(|found| found[1].to_string()).collect::<Vec<_>>());
    all.filter(|link| !link.contains("://") && !link.starts_with("mailto:")).collect()
}

/// The anchors of a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text).filter_map(|line| Some(line.strip_prefix('#')?.trim_start_matches('#').trim()));
    headings
        .map(|heading| {
            let kept = heading.to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let before = times.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
        })
        .collect()
}

/// A link's path, from the root of the project.
fn joined(document: &str, link: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(document).parent().unwrap().join(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.to_str().unwrap().replace('\\', "/")
}
