//! What the model's stage costs, features included.
//!
//! Pages are made up unless `DECHAFF_BENCH_PAGES` names a folder of text files. Figures are per line: an item is
//! a line that is not blank. "fastest" is the figure to compare: it is least disturbed by whatever else the machine
//! does.

use std::{env, fs};

use dechaff::Favor;
use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::ParseOptions;
use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::model::columns::{Columns, TEXT_COLUMNS};
use dechaff::internals::stages::model::facts::Facts;
use dechaff::internals::stages::model::{Model, ModelStage};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// The whole stage.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn stage(bencher: Bencher) {
    let stage = ModelStage::new(Favor::Balance, Default::default());
    on_pages(bencher, |reading| {
        let mut marks = Marks::new(reading.len());
        stage.judge(reading, &mut marks);
        marks
    });
}

/// Its first step: counts of form and words.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn facts(bencher: Bencher) {
    let model = Model::of_text();
    on_pages(bencher, |reading| Facts::of(reading, &model.lexicon));
}

/// Its first two steps: facts and columns.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn facts_and_columns(bencher: Bencher) {
    let model = Model::of_text();
    on_pages(bencher, |reading| Columns::of(&Facts::of(reading, &model.lexicon), None, TEXT_COLUMNS));
}

/// What every stage shares, for comparison: reading the lines.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reading_lines(bencher: Bencher) {
    on_pages(bencher, |reading| drop(divan::black_box(PageFeatures::of(reading.page))));
}

fn on_pages<T>(bencher: Bencher, work: impl Fn(&PageFeatures) -> T) {
    let pages = pages();
    let readings: Vec<PageFeatures> = pages.iter().map(PageFeatures::of).collect();
    let lines: usize = readings.iter().map(PageFeatures::len).sum();
    bencher.counter(ItemsCount::new(lines)).bench_local(|| {
        for reading in &readings {
            divan::black_box(work(reading));
        }
    });
}

fn pages() -> Vec<Page> {
    let texts: Vec<String> = match env::var_os("DECHAFF_BENCH_PAGES") {
        Some(folder) => {
            let files = fs::read_dir(folder).expect("a folder of pages").filter_map(Result::ok);
            files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
        }
        None => (0..200).map(made_up).collect(),
    };
    let page = |text: &String| {
        let source = Source { path: "page.txt".into(), record: None };
        let (options, sidecar) = (ParseOptions::default(), Sidecar::default());
        let probe = options.probe(&source.path, &source.path, text.as_bytes(), &sidecar);
        options.parse(source, text.as_bytes(), &sidecar, &probe, |_| None).page
    };
    texts.iter().map(page).collect()
}

/// A page of a menu, an article and a footer, no two alike.
fn made_up(number: usize) -> String {
    const NOUNS: [&str; 8] = ["harbour", "ferry", "council", "orchard", "bridge", "library", "winter", "market"];
    let noun = |at: usize| NOUNS[(number * 31 + at * 17 + at * at) % NOUNS.len()];
    let mut text = String::from("Skip to content\n");
    (0..30).for_each(|at| text += &format!("  • {} {}\n", noun(at), noun(at + number)));
    for at in 0..25 {
        let (one, two, three) = (noun(at), noun(at + 3), noun(at + 5));
        text +=
            &format!("\nThe {one} by the old {two} had been closed for {at} years, said the keeper of the {three}, ");
        text += &format!("and nobody in the town could remember when the {two} was last seen without its {one}.\n");
    }
    (0..30).for_each(|at| text += &format!("\n{}: the {} of {}\n", noun(at + 7), noun(at + 1), noun(at)));
    text + "\nSubscribe to our newsletter\n© All rights reserved\n"
}
