//! How fast rules are loaded and applied.
//!
//! Pages are made up unless `DECHAFF_BENCH_PAGES` names a folder of text files; rules are the built-in
//! ones unless `DECHAFF_BENCH_RULES` names a folder of more. "fastest" is the figure to compare: it is
//! least disturbed by whatever else the machine does.

use std::path::{Path, PathBuf};
use std::{env, fs};

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Block, Page, Place, Site, SiteSource, Source};
use dechaff::internals::rules::RuleSet;
use divan::Bencher;
use divan::counter::BytesCount;

const SITES: usize = 2_000;

fn main() {
    divan::main();
}

/// The facts of lines, without any rule: what every stage shares.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reading_lines(bencher: Bencher) {
    let pages = pages();
    bencher.counter(bytes_of(&pages)).bench_local(|| {
        for page in &pages {
            divan::black_box(PageFeatures::of(page));
        }
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn general_rules(bencher: Bencher) {
    judge_with(bencher, rulebook(user_rules().as_deref()));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn general_rules_beside_2000_site_files(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_sites(folder.path());
    judge_with(bencher, rulebook(Some(folder.path())));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn loading_the_built_in_rules(bencher: Bencher) {
    bencher.bench_local(|| rulebook(None));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn loading_2000_site_files(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_sites(folder.path());
    bencher.bench_local(|| rulebook(Some(folder.path())));
}

fn judge_with(bencher: Bencher, rulebook: RuleSet) {
    let pages = pages();
    let readings: Vec<PageFeatures> = pages.iter().map(PageFeatures::of).collect();
    bencher.counter(bytes_of(&pages)).bench_local(|| {
        for page in &readings {
            let mut marks = Marks::new(page.len());
            rulebook.judge_by_site(page, &mut marks);
            rulebook.judge_in_general(page, &mut marks);
            divan::black_box(marks);
        }
    });
}

fn rulebook(user: Option<&Path>) -> RuleSet {
    RuleSet::load(user).unwrap_or_else(|error| panic!("{error}"))
}

fn user_rules() -> Option<PathBuf> {
    env::var_os("DECHAFF_BENCH_RULES").map(PathBuf::from)
}

fn bytes_of(pages: &[Page]) -> BytesCount {
    BytesCount::new(pages.iter().map(|page| page.text.len()).sum::<usize>())
}

fn pages() -> Vec<Page> {
    let Some(folder) = env::var_os("DECHAFF_BENCH_PAGES") else {
        return (0..400).map(made_up_page).collect();
    };
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder of pages").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| page(&fs::read_to_string(path).expect("a page of UTF-8"))).collect()
}

fn made_up_page(number: usize) -> Page {
    const SAID: [&str; 5] = [
        "The ferry to the outer islands leaves an hour later from Monday, the harbour office said.",
        "Nobody had asked the keepers, who learnt of it from a notice on the pier and were not amused.",
        "“We will see how the otters take it,” said the youngest of them, and went back to her nets.",
        "In other years the timetable had changed in May, when the ice was gone and the days were long.",
        "The council meets again in two weeks; until then the old bell will be rung at eight, as before.",
    ];
    let mut text = String::from("Skip to content\nHome\nNews\nIslands\nTimetable\nContact\n");
    for paragraph in 0..12 + number % 7 {
        for sentence in 0..3 + (number + paragraph) % 4 {
            text.push_str(SAID[(number * 7 + paragraph * 3 + sentence) % SAID.len()]);
            text.push(' ');
        }
        text.push_str("\nShare this\n");
    }
    text.push_str("Related stories\nThe pier in winter\nNo comments yet\n© 2024 Harbour Post\n");
    page(&text)
}

fn page(text: &str) -> Page {
    let mut blocks = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let bare = line.trim_end();
        if !bare.is_empty() {
            let place = Place { line: number, after_gap: false };
            blocks.push(Block { span: start..start + bare.len() as u32, place });
        }
        start += line.len() as u32;
    }
    Page {
        site: Some(Site { host: "www.unruled.example".into(), known_by: SiteSource::Path }),
        text: text.to_string(),
        blocks,
        ..Page::empty(Source { path: "page.txt".into(), record: None })
    }
}

/// Site files as people write them: a handful of rules each.
fn write_sites(folder: &Path) {
    let sites = folder.join("site");
    fs::create_dir(&sites).expect("a new folder");
    for number in 0..SITES {
        let text = format!(
            r#"about = "Post {number}: its share bar, its box and its dateline."

[[drop]]
id     = "share-bar"
regex  = '^Share this( \| \w+)+$'
why    = "The share widget scrapes as one line."
hits   = ["Share this | Email | Print"]
misses = ["Share this harbour with otters, says council"]

[[drop]]
id     = "subscribe"
equals = ["Subscribe to Post {number}", "Become a friend of Post {number}", "Log in", "My post"]
why    = "Buttons at the top and under each story."
hits   = ["Subscribe to Post {number}"]

[[drop]]
id     = "related"
from   = {{ equals = "More from Post {number}" }}
until  = {{ starts = "All stories" }}
why    = "A box of links in the text."
hits   = ["More from Post {number}\nA story\nAll stories of today"]

[[keep]]
id     = "editors-note"
starts = "Editor's note:"
why    = "Reads like boilerplate; is reporting."
hits   = ["Editor’s note: ferry times corrected."]
misses = ["Editor's picks"]

[[trim]]
id     = "dateline"
regex  = '^[A-Z ]+ \(Post {number}\) - '
why    = "The desk's dateline."
hits   = ["PORT ELSA (Post {number}) - The ferry leaves at nine."]

[[test]]
name = "the bar goes, the note stays"
page = '''
- share-bar    | Share this | Email | Print
+ editors-note | Editor's note: ferry times corrected.
+              | The ferry now leaves at nine.
'''
"#
        );
        fs::write(sites.join(format!("post{number}.example.toml")), text).expect("a site file");
    }
}
