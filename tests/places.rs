//! Where things stand on a site's HTML pages: what the survey counts, what the model makes of it, what `learn` writes.

mod program;

use std::fs;
use std::sync::Arc;

use dechaff::Favor;
use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::{Evidence, Marks, Verdict};
use dechaff::internals::page::places::KnownPlaces;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::ParseOptions;
use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::passes::templates::site_templates::SiteTemplates;
use dechaff::internals::passes::templates::stats::SurveyStats;
use dechaff::internals::passes::{CorpusPass, SeenPage};
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::model::{Model, ModelStage};
use program::{Scratch, dechaff, files};

const WHO: [&str; 8] = [
    "The harbour office",
    "A ferry captain",
    "The lighthouse keeper",
    "An otter with a limp",
    "The island council",
    "A fisherman from Elsa",
    "The school board",
    "The weather station",
];
const DID: [&str; 7] = ["announced", "denied", "measured", "repaired", "painted", "visited", "closed"];
const WHAT: [&str; 9] = [
    "the northern pier",
    "a new timetable",
    "the old engine",
    "three buoys",
    "the salt store",
    "the reading room",
    "the tide gauge",
    "the harbour wall",
    "the post boat",
];
const WHY: [&str; 5] = [
    "after a long night of rain",
    "because nobody had expected it",
    "while the children watched from the quay",
    "although the money is not there yet",
    "for the first time since the storm",
];

/// A sentence for a number, without its full stop.
fn sentence(number: usize) -> String {
    let pick = |words: &[&'static str], step: usize| words[number / step % words.len()];
    format!("{} {} {} {}", pick(&WHO, 1), pick(&DID, 3), pick(&WHAT, 2), pick(&WHY, 5))
}

/// A page of a story, with a box of other stories that is new on each page.
fn story(number: usize) -> String {
    let paragraphs = (0..4 + number % 3).map(|at| {
        let first = number * 100 + at * 7;
        format!("<p>{}. {}. {}.</p>", sentence(first), sentence(first + 1), sentence(first + 2))
    });
    let teasers = (0..6).map(|at| {
        let headline = sentence(number * 41 + at * 13 + 5);
        format!("<li class=\"teaser c{number}{at}\"><a href=\"/story/{at}\">{headline}</a></li>")
    });
    format!(
        "<html><head><title>{0}</title></head><body><main><article id=\"post-{number}\" class=story><h1>{0}</h1>{1}</article>\
         <div class=\"related rail box-{number}\"><h2>More stories</h2><ul class=cards>{2}</ul></div></main></body></html>",
        sentence(number * 3),
        paragraphs.collect::<String>(),
        teasers.collect::<String>()
    )
}

/// A short story with a box of others, of whose first sentences the model is not sure.
fn doubtful(number: usize) -> String {
    let others = (0..4).map(|at| {
        let (headline, lead) = (sentence(number * 41 + at * 13 + 5), sentence(number * 17 + at * 29 + 3));
        format!("<li class=item><a href=\"/story/{at}\">{headline}</a><p>{lead}. {headline}.</p></li>")
    });
    let told = (0..3).map(|at| format!("<p>{}. {}.</p>", sentence(number * 7 + at), sentence(number * 11 + at)));
    format!(
        "<html><body><main><article class=story><h1>{}</h1>{}</article><div class=more><ul class=cards>{}</ul></div></main>\
         </body></html>",
        sentence(number * 3),
        told.collect::<String>(),
        others.collect::<String>()
    )
}

fn page_of(path: &str, html: &str) -> Page {
    let source = Source { path: path.into(), record: None };
    let sidecar = Sidecar { url: Some(format!("https://isle.example/{path}")), ..Sidecar::default() };
    let options = ParseOptions::default();
    let probe = options.probe(path, path, html.as_bytes(), &sidecar);
    options.parse(source, html.as_bytes(), &sidecar, &probe, |_| None).page
}

/// What a survey knows of the places of a site where every block of a class has this share of own text.
fn known(story: fn(usize) -> String, share: u16, class: &str) -> KnownPlaces {
    let mut tally = SurveyStats::default();
    for number in 0..8 {
        let page = page_of(&format!("{number}.html"), &story(number));
        let features = PageFeatures::of(&page);
        let markup = page.markup.as_deref().unwrap();
        let is_in = |element: u32| markup.ancestors(element).any(|around| markup.label(around).class.contains(class));
        let own: Vec<u16> =
            markup.settings.iter().map(|setting| if is_in(setting.element) { share } else { 500 }).collect();
        let seen = SeenPage { features: &features, charset: "UTF-8", own: Some(&own) };
        SiteTemplates::add(&mut tally, &seen);
    }
    SiteTemplates::finish(&tally).places()
}

/// Of whatever number the page and its box are.
#[test]
fn a_place_speaks_for_what_stands_in_it_and_for_nothing_else() {
    let page = page_of("new.html", &story(77));
    let features = PageFeatures::of(&page);
    let alone = Model::of_html().judge(&features).permille;
    let markup = page.markup.as_deref().unwrap();
    let in_rail = |block: usize| {
        markup.ancestors(markup.settings[block].element).any(|around| markup.label(around).class.contains("rail"))
    };
    assert_eq!((0..features.len()).filter(|&block| in_rail(block)).count(), 7);
    for (share, moves) in [(5, std::cmp::Ordering::Less), (950, std::cmp::Ordering::Greater)] {
        let placed = Model::of_html().judge_on_site(&features, &known(story, share, "rail")).permille;
        for block in (0..features.len()).filter(|&block| in_rail(block)) {
            let is_at_end = [0, 1000].contains(&alone[block]);
            assert!(is_at_end || placed[block].cmp(&alone[block]) == moves, "{share}: {}", features.text(block));
        }
        let (here, there) = (known(story, share, "rail"), known(story, 500, "rail"));
        assert_eq!(
            (0..features.len()).filter(|&block| !in_rail(block)).map(|block| placed[block]).collect::<Vec<_>>(),
            {
                let elsewhere = Model::of_html().judge_on_site(&features, &there).permille;
                (0..features.len()).filter(|&block| !in_rail(block)).map(|block| elsewhere[block]).collect::<Vec<_>>()
            }
        );
        // Of another site, and of text, nothing is known.
        let mut stranger = page.clone();
        stranger.site = None;
        assert!(here.of(&stranger).is_none() && here.of(&page).is_some());
    }
}

/// What the place alone drops is dropped by its word, with its figures; a line that is sure of itself stays.
#[test]
fn what_a_place_drops_is_said_of_it() {
    let stage = ModelStage::new(Favor::Balance, Arc::new(known(doubtful, 0, "more")));
    let by_itself = ModelStage::new(Favor::Balance, Arc::default());
    let (mut told, mut kept) = (0, 0);
    for number in 20..40 {
        let page = page_of("new.html", &doubtful(number));
        let features = PageFeatures::of(&page);
        let (mut marks, mut alone) = (Marks::new(features.len()), Marks::new(features.len()));
        stage.judge(&features, &mut marks);
        by_itself.judge(&features, &mut alone);
        for block in 0..features.len() {
            if let Verdict::Drop(mark) = marks.verdict(block) {
                let is_by_place = matches!(mark.because, Evidence::Place { own: 0, on: 8, .. });
                assert!(!is_by_place || alone.stays(block), "{mark:?} of {:?}", features.text(block));
                told += usize::from(is_by_place);
            } else {
                kept += 1;
            }
        }
    }
    assert!(told >= 10 && kept >= 60, "{told} go by their place, {kept} stay");
}

fn site(scratch: &Scratch) {
    for number in 0..12 {
        scratch.page(&format!("isle.example/{number:02}.html"), story(number));
    }
}

fn ok(args: &[&str]) -> String {
    let output = dechaff().args(args).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

#[test]
fn elements_without_own_text_are_told_and_written_as_rules() {
    let scratch = Scratch::new();
    site(&scratch);
    let rules = scratch.home.path().join("rules");
    let (raw, dir) = (scratch.raw.to_str().unwrap(), rules.to_str().unwrap());
    let said = ok(&["learn", raw, "--rules", dir]);
    assert!(said.contains("in elements that hardly hold text of their own page"), "{said}");
    assert!(said.contains("   12  div.rail.related: ") && said.contains("isle.example/00.html"), "{said}");
    assert!(!said.contains("li.teaser"), "what stands in it is not told again: {said}");
    ok(&["learn", raw, "--rules", dir, "--write"]);
    let written = fs::read_to_string(rules.join("site/isle.example.toml")).unwrap();
    assert!(written.contains("within = \"div.rail.related\"") && !written.contains("story"), "{written}");
    ok(&["rules", "test", "--rules", dir]);
    let said = ok(&["learn", raw, "--rules", dir]);
    assert!(said.contains("div.rail.related") && said.contains("(your rules drop it)"), "{said}");

    scratch.expect(0, &["--rules", dir, "--no-survey", "--no-model"]);
    let text = scratch.cleaned("isle.example/03.html.txt");
    assert!(!text.contains(&sentence(3 * 41 + 5)) && text.contains(&sentence(300)), "{text}");
}

#[test]
fn what_is_known_of_places_depends_on_no_thread_and_no_shard_and_is_kept() {
    let scratch = Scratch::new();
    site(&scratch);
    let raw = scratch.raw.to_str().unwrap();
    let file = |name: &str| scratch.home.path().join(name).to_str().unwrap().to_string();
    scratch.expect(0, &["--threads", "1"]);
    let known = fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap();
    assert!(known.contains("\"path\":\"main>div.rail.related>ul.cards>li.teaser\""), "{known}");
    for (part, name) in [("isle.example/0[0-4]*", "one"), ("isle.example/0[5-9]*", "two"), ("isle.example/1*", "three")]
    {
        ok(&["templates", "scan", raw, "--include", part, "-o", &file(name)]);
    }
    ok(&["templates", "merge", &file("three"), &file("one"), "-o", &file("both")]);
    ok(&["templates", "build", &file("both"), &file("two"), "-o", &file("all")]);
    assert_eq!(fs::read_to_string(file("all")).unwrap(), known);
    fs::remove_dir_all(&scratch.clean).unwrap();
    scratch.expect(0, &["--threads", "3"]);
    assert_eq!(fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap(), known);
    // Without the model nobody would use it.
    scratch.expect(0, &["--no-model"]);
    let known = fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap();
    assert!(!known.contains("\"places\""), "{known}");
}

/// Of records as of files, and a page that comes later changes what is known as if it had been there.
#[test]
fn records_have_places_and_a_second_run_is_one_from_nothing() {
    let scratch = Scratch::new();
    let record = |number: usize| {
        let url = format!("https://isle.example/{number}");
        serde_json::json!({"id": format!("p{number}"), "url": url, "text": doubtful(number)}).to_string() + "\n"
    };
    let lines = |numbers: std::ops::Range<usize>| numbers.map(record).collect::<String>();
    let known = |scratch: &Scratch| fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap();
    scratch.page("crawl.jsonl", lines(0..12)).expect(0, &[]);
    let first = known(&scratch);
    assert!(first.contains("\"path\":\"div.more>ul.cards>li.item>p\""), "{first}");
    scratch.page("later.jsonl", lines(12..14)).expect(0, &[]);
    assert_ne!(known(&scratch), first);
    let nothing = Scratch::new();
    nothing.page("crawl.jsonl", lines(0..12)).page("later.jsonl", lines(12..14)).expect(0, &[]);
    assert_eq!(known(&nothing), known(&scratch));
    assert_eq!(files(&nothing.clean), files(&scratch.clean));
}

/// What is known can be edited: where a person says that a box holds none of the text, its doubted lines go, and the
/// manifest and `explain` tell by what figures.
#[test]
fn knowledge_of_a_place_can_be_edited() {
    let scratch = Scratch::new();
    for number in 0..12 {
        scratch.page(&format!("isle.example/{number:02}.html"), doubtful(number));
    }
    scratch.expect(0, &[]);
    let known = fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap();
    let mut site: serde_json::Value = serde_json::from_str(known.lines().nth(1).unwrap()).unwrap();
    for place in site["places"].as_array_mut().unwrap() {
        if place["path"].as_str().unwrap().contains("li.item") {
            place["own"] = 0.into();
        }
    }
    let edited = scratch.home.path().join("edited.templates");
    fs::write(&edited, format!("{}\n{site}\n", known.lines().next().unwrap())).unwrap();
    scratch.expect(0, &["--templates", edited.to_str().unwrap()]);
    let rows = scratch.rows();
    let by_place = |row: &&serde_json::Value| row.to_string().contains("\"rule\":\"model#place\"");
    let path =
        rows.values().find(by_place).and_then(|row| row["path"].as_str()).expect("a line that goes by its place");
    let dropped = rows[path]["dropped"].as_array().unwrap();
    let place = dropped.iter().find(|entry| entry["rule"] == "model#place").map(|entry| &entry["evidence"]["place"]);
    assert_eq!(place.map(|place| (place["own"].as_f64(), place["on"].as_u64())), Some((Some(0.0), Some(12))));
    let page = scratch.raw.join(path);
    let said = ok(&["explain", page.to_str().unwrap(), "--templates", edited.to_str().unwrap()]);
    assert!(said.contains("its element holds 0 % own text, the mean of 12 pages of the site"), "{said}");
}
