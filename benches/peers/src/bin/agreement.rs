//! Whether dechaff reads the words that html5ever's own tree holds: `agreement FOLDER`.
//!
//! Of every `.html` file below FOLDER, the visible words of dechaff's blocks are compared with those of the tree
//! that html5ever builds (scripting off, as dechaff reads a page), both as multisets: misplaced content of tables
//! is moved before the table in a tree and stays where it is in dechaff. Words are runs of letters and digits
//! between white space, marks and elements that divide blocks.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, local_name, ns, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// Elements that are no text of the page.
const ASIDE: &[&str] =
    &["script", "style", "template", "title", "iframe", "noembed", "noframes", "svg", "annotation", "annotation-xml"];

/// Elements that divide blocks.
const DIVIDING: &[&str] = &[
    "address",
    "applet",
    "article",
    "aside",
    "audio",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "marquee",
    "menu",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "video",
    "xmp",
];

fn main() {
    let folder = env::args().nth(1).expect("usage: agreement FOLDER");
    let (mut pages, mut same) = (0, 0);
    let (mut all, mut differing) = (0, 0);
    let (mut bytes, mut our_time, mut tree_time) = (0, Duration::ZERO, Duration::ZERO);
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(entry.path()).expect("a page can be read")).into_owned();
        let began = Instant::now();
        let ours = dechaff::internals::parse::html::read(&text).text;
        our_time += began.elapsed();
        let theirs = tree_text(&text, &mut tree_time);
        bytes += text.len();
        let (ours, theirs) = (words(&ours), words(&theirs));
        let differ = difference(&ours, &theirs);
        pages += 1;
        all += theirs.values().sum::<i64>();
        same += u64::from(differ.is_empty());
        differing += differ.iter().map(|(_, count)| count.abs()).sum::<i64>();
        if !differ.is_empty() {
            print(entry.path(), &differ);
        }
    }
    println!("{same} of {pages} pages have the same words ({:.2} %)", same as f64 * 100.0 / f64::from(pages));
    println!("{differing} of {all} words differ");
    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!("dechaff's blocks: {:.0} MB/s; html5ever's tree: {:.0} MB/s", speed(our_time), speed(tree_time));
}

fn print(path: &Path, differ: &[(&str, i64)]) {
    let some: Vec<String> = differ.iter().take(12).map(|(word, count)| format!("{word} {count:+}")).collect();
    println!("{}: {} words differ: {}", path.display(), differ.len(), some.join(", "));
}

/// The words that stand more often in one than in the other; positive where dechaff has more.
fn difference<'w>(ours: &HashMap<&'w str, i64>, theirs: &HashMap<&'w str, i64>) -> Vec<(&'w str, i64)> {
    let count = |words: &HashMap<&str, i64>, word: &str| words.get(word).copied().unwrap_or_default();
    let mut differ: Vec<(&str, i64)> = ours
        .keys()
        .chain(theirs.keys().filter(|word| !ours.contains_key(*word)))
        .map(|word| (*word, count(ours, word) - count(theirs, word)))
        .filter(|(_, count)| *count != 0)
        .collect();
    differ.sort_unstable();
    differ
}

fn words(text: &str) -> HashMap<&str, i64> {
    let mut words = HashMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *words.entry(word).or_default() += 1;
    }
    words
}

fn tree_text(page: &str, time: &mut Duration) -> String {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let began = Instant::now();
    let dom = parse_document(RcDom::default(), options).one(page);
    *time += began.elapsed();
    let mut text = String::new();
    let mut after_link = false;
    let mut left: Vec<(Handle, bool)> = vec![(dom.document.clone(), false)];
    while let Some((node, is_end)) = left.pop() {
        if let NodeData::Text { contents } = &node.data {
            text.push_str(&contents.borrow());
            after_link &= contents.borrow().is_empty();
        }
        let NodeData::Element { name, .. } = &node.data else {
            left.extend(node.children.borrow().iter().rev().map(|child| (child.clone(), false)));
            continue;
        };
        let local = &*name.local;
        if ASIDE.contains(&local) && !(local == "title" && name.ns != ns!(html)) {
            continue;
        }
        if DIVIDING.contains(&local) && name.ns == ns!(html) {
            text.push('\n');
        }
        if name.local == local_name!("a") {
            // Links that touch are shown apart.
            if after_link && !is_end {
                text.push(' ');
            }
            after_link = is_end;
        }
        if !is_end {
            left.push((node.clone(), true));
            left.extend(node.children.borrow().iter().rev().map(|child| (child.clone(), false)));
        }
    }
    text
}
