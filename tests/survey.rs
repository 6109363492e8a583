//! What a site repeats goes, and nothing else, whatever the order, the threads and the shards.

mod program;
mod sites;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Site, SiteSource, Source};
use dechaff::internals::parse::lines;
use dechaff::internals::passes::templates::site_templates::SiteTemplates;
use dechaff::internals::passes::templates::stats::{PAGES, SurveyStats};
use dechaff::internals::passes::templates::{LEAST_PAGES, RecurringStage};
use dechaff::internals::passes::{CorpusPass, SeenPage};
use dechaff::internals::stage::Stage;
use program::{Scratch, dechaff, files, rows};
use proptest::prelude::*;
use serde_json::Value;
use sites::{Dice, Kind, MadePage, site};

#[test]
fn templates_go_and_articles_stay_on_40_sites_of_50_pages() {
    let pages: Vec<MadePage> = (0..40).flat_map(|number| site(number, 50)).collect();
    let scratch = scratch_of(&pages);
    scratch.expect(0, &[]);
    let (template, article) = lost(&pages, &scratch.rows());
    assert!(template.gone * 100 >= template.lines * 99, "{template:?} {article:?}");
    assert!(article.to_survey * 1000 <= article.lines, "{article:?}");
}

#[test]
fn on_40_sites_of_2_pages_the_survey_drops_nothing() {
    let pages: Vec<MadePage> = (0..40).flat_map(|number| site(number, 2)).collect();
    let scratch = scratch_of(&pages);
    scratch.expect(0, &[]);
    let (template, article) = lost(&pages, &scratch.rows());
    assert_eq!(template.to_survey + article.to_survey, 0);
    let header = fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    assert!(!header.lines().next().unwrap().contains("templates"));
}

#[test]
fn threads_and_the_order_of_files_change_no_byte() {
    let pages: Vec<MadePage> = (0..6).flat_map(|number| site(number, 20)).collect();
    let scratch = scratch_of(&pages);
    scratch.expect(0, &["--threads", "1"]);
    let expected = files(&scratch.clean);
    // Directories list their files in the order in which they were made, more or less.
    let other = Scratch::new();
    let mut order: Vec<usize> = (0..pages.len()).collect();
    let mut dice = Dice(7);
    (1..order.len()).for_each(|last| order.swap(last, dice.below(last + 1)));
    order.into_iter().for_each(|page| {
        other.page(&pages[page].path, pages[page].text());
    });
    other.expect(0, &["--threads", "16"]);
    assert_eq!(files(&other.clean), expected);
    let kept = |scratch: &Scratch| fs::read_to_string(scratch.clean.join(".dechaff/templates.jsonl")).unwrap();
    assert_eq!(kept(&other), kept(&scratch));
}

#[test]
fn shards_with_merged_knowledge_give_the_texts_of_the_whole() {
    let pages: Vec<MadePage> = (0..6).flat_map(|number| site(number, 20)).collect();
    let whole = scratch_of(&pages);
    whole.expect(0, &[]);
    let home = whole.home.path();
    let at = |name: &str| home.join(name).to_str().unwrap().to_string();
    for (index, page) in pages.iter().enumerate() {
        let path = home.join(format!("shard{}", index % 4)).join(&page.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, page.text()).unwrap();
    }
    for shard in 0..4 {
        ok(&["templates", "scan", &at(&format!("shard{shard}")), "-o", &at(&format!("{shard}.tally"))]);
    }
    ok(&["templates", "merge", &at("3.tally"), &at("1.tally"), "-o", &at("31.tally")]);
    ok(&["templates", "build", &at("2.tally"), &at("31.tally"), &at("0.tally"), "-o", &at("knowledge")]);
    let mut texts = BTreeMap::new();
    for shard in 0..4 {
        let clean = at(&format!("clean{shard}"));
        ok(&[&at(&format!("shard{shard}")), &clean, "--templates", &at("knowledge")]);
        texts.extend(texts_of(Path::new(&clean)));
    }
    assert_eq!(texts, texts_of(&whole.clean));
    let keys = |clean: &Path| rows(clean).into_iter().map(|(path, row)| (path, row["key"].clone()));
    let of_shards: BTreeMap<String, Value> =
        (0..4).flat_map(|shard| keys(&home.join(format!("clean{shard}")))).collect();
    assert_eq!(of_shards, keys(&whole.clean).collect(), "the rows depend on the same knowledge");
    assert_eq!(
        fs::read_to_string(at("knowledge")).unwrap(),
        fs::read_to_string(whole.clean.join(".dechaff/templates.jsonl")).unwrap()
    );
}

#[test]
fn parts_of_one_folder_with_merged_knowledge_give_the_texts_of_the_whole() {
    let pages: Vec<MadePage> = (0..4).flat_map(|number| site(number, 20)).collect();
    let whole = scratch_of(&pages);
    whole.expect(0, &[]);
    let at = |name: &str| whole.home.path().join(name).to_str().unwrap().to_string();
    let raw = whole.raw.to_str().unwrap();
    for part in ["1/3", "2/3", "3/3"] {
        ok(&["templates", "scan", raw, "--partition", part, "-o", &at(&format!("{}.tally", &part[..1]))]);
    }
    // A page counts in one part: were each part the whole, the merged counts would be the same.
    let size = |name: &str| fs::metadata(at(name)).unwrap().len();
    ok(&["templates", "merge", &at("3.tally"), &at("1.tally"), &at("2.tally"), "-o", &at("all.tally")]);
    assert!(["1.tally", "2.tally", "3.tally"].iter().all(|part| size(part) < size("all.tally")));
    ok(&["templates", "build", &at("all.tally"), "-o", &at("knowledge")]);
    assert_eq!(
        fs::read_to_string(at("knowledge")).unwrap(),
        fs::read_to_string(whole.clean.join(".dechaff/templates.jsonl")).unwrap()
    );
    let mut texts = BTreeMap::new();
    for part in ["1/3", "2/3", "3/3"] {
        let clean = at(&format!("part{}", &part[..1]));
        ok(&[raw, &clean, "--partition", part, "--templates", &at("knowledge")]);
        texts.extend(texts_of(Path::new(&clean)));
    }
    assert_eq!(texts, texts_of(&whole.clean));
}

#[test]
fn a_run_without_a_survey_drops_nothing_for_recurring_and_says_so() {
    let scratch = scratch_of(&site(1, 12));
    scratch.expect(0, &["--no-survey"]);
    let text = fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    assert!(!text.contains("recurring#"));
    assert!(text.lines().next().unwrap().contains("--off=recurring"));
    scratch.expect(0, &[]);
    assert!(fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap().contains("recurring#"));
}

#[test]
fn only_the_pages_of_a_site_whose_knowledge_changed_are_made_anew() {
    let scratch = scratch_of(&[site(1, 10), site(2, 10)].into_iter().flatten().collect::<Vec<_>>());
    scratch.expect(0, &[]);
    let before = scratch.rows();
    scratch.page("site02.example/new.txt", site(2, 11).pop().unwrap().text());
    scratch.expect(0, &[]);
    for (path, row) in scratch.rows() {
        let same = before.get(&path).is_some_and(|before| before["key"] == row["key"]);
        assert_eq!(same, path.starts_with("site01"), "{path}");
    }
}

#[test]
fn knowledge_that_is_none_is_refused_with_its_line() {
    let scratch = scratch_of(&site(1, 6));
    let file = scratch.home.path().join("k");
    for (text, why) in [
        ("", "does not say so"),
        ("{\"holds\":\"tally\",\"form\":1,\"dechaff\":\"0.1.0\"}\n", "`dechaff templates build` makes them of counts"),
        ("{\"holds\":\"knowledge\",\"form\":9,\"dechaff\":\"9.0.0\"}\n", "form 9"),
        ("{\"holds\":\"knowledge\",\"form\":2,\"dechaff\":\"0.1.0\"}\n{\"site\":1}\n", "line 2"),
    ] {
        fs::write(&file, text).unwrap();
        let said = scratch.expect(2, &["--templates", file.to_str().unwrap()]);
        assert!(said.contains(why), "{said}");
        assert!(!scratch.clean.exists());
    }
}

#[test]
fn learned_rules_are_proven_and_leave_a_file_of_yours_as_it_was() {
    let pages = site(2, 30);
    let scratch = scratch_of(&pages);
    let rules = scratch.home.path().join("rules");
    let (raw, dir) = (scratch.raw.to_str().unwrap(), rules.to_str().unwrap());
    let said = ok(&["learn", raw, "--rules", dir]);
    assert!(said.contains("30 pages looked at") && said.contains("site02.example/0000.txt"), "{said}");
    assert!(!rules.exists(), "nothing is written unasked");

    let mine = rules.join("site/site02.example.toml");
    let menu = &pages[0].lines[0].1;
    let written = format!(
        "# Mine, and dear to me.\nabout = \"x\"\n\n[[drop]]\nid = \"learned-head\"\nequals = {menu:?}\nwhy = \"w\"\nhits = [{menu:?}]\n"
    );
    fs::create_dir_all(mine.parent().unwrap()).unwrap();
    fs::write(&mine, &written).unwrap();
    ok(&["learn", raw, "--rules", dir, "--write"]);
    let extended = fs::read_to_string(&mine).unwrap();
    assert!(extended.starts_with(written.trim_end()) && extended.contains("learned-head-2"), "{extended}");
    let added = &extended[written.len()..];
    assert!(!added.contains(&format!(" {menu:?}")), "what was covered is not written again: {added}");
    ok(&["rules", "test", "--rules", dir, "--no-model"]);

    let said = ok(&["learn", raw, "--rules", dir, "--write"]);
    assert!(said.contains("nothing to write"), "{said}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), extended);

    scratch.expect(0, &["--rules", dir, "--no-survey", "--no-model"]);
    let (template, article) = lost(&pages, &scratch.rows());
    assert_eq!(article.gone, 0);
    assert!(template.gone * 10 >= template.lines * 6, "all but the lines that change: {template:?}");
}

/// On a short page every line stands at the tail, its title too.
#[test]
fn no_rule_is_learned_that_takes_a_short_pages_title() {
    let scratch = Scratch::new();
    let popular: Vec<String> = (0..4).map(|number| format!("The long tale of {} ferrymen", word(number))).collect();
    let tail = format!("Most read\n{}\nImprint of the harbour\nWrite to us today\n", popular.join("\n"));
    for number in 0..24 {
        let title = popular.get(number).cloned().unwrap_or_else(|| format!("What {} gulls saw", word(number)));
        let told = (0..if number < 4 { 1 } else { 12 }).map(|paragraph| {
            format!(
                "In the year {0} the {1} ferrymen set out for the far quay with {0} sacks of mail, and were never late.\n\n",
                word(number * 31 + paragraph),
                word(number * 17 + paragraph)
            )
        });
        let text: String = told.collect();
        scratch.page(&format!("tales.example/{number:02}.txt"), format!("Harbour\nFerries\n{title}\n\n{text}{tail}"));
    }
    let rules = scratch.home.path().join("rules");
    let (raw, dir) = (scratch.raw.to_str().unwrap(), rules.to_str().unwrap());
    ok(&["learn", raw, "--rules", dir, "--write"]);
    let written = fs::read_to_string(rules.join("site/tales.example.toml")).unwrap();
    assert!(written.contains("Imprint of the harbour"), "what is no title goes as before: {written}");
    for title in &popular {
        assert!(!written.contains(title.as_str()), "{title}: {written}");
    }
    scratch.expect(0, &["--rules", dir]);
    assert!(
        scratch.cleaned("tales.example/00.txt").starts_with(&popular[0]),
        "{}",
        scratch.cleaned("tales.example/00.txt")
    );
}

/// The name and the day under the title recur on a site of one author: they are bylines all the same.
#[test]
fn bylines_that_recur_stay_unless_they_are_to_go() {
    let scratch = Scratch::new();
    for number in 0..24 {
        let title = format!("What the {} gulls saw from the mole", word(number));
        let text: String = (0..4)
            .map(|paragraph| {
                format!(
                    "\nIn the year {0} the {1} gulls set out for the far quay, where {0} of them had been before them.\n",
                    word(number * 31 + paragraph),
                    word(number * 17 + paragraph)
                )
            })
            .collect();
        let page = format!(
            "Harbour Post\nFerries and tides\nMonday, 3 June 2024\n{title} - Harbour Post\n{title}\nBy Ida Marsh\n{} May 2024\n{text}\nImprint of the harbour\n",
            number % 28 + 1
        );
        scratch.page(&format!("gulls.example/{number:02}.txt"), page);
    }
    for (options, stays) in [(&["--no-model"][..], true), (&["--no-model", "--bylines", "drop"], false)] {
        scratch.expect(0, options);
        for (path, text) in texts_of(&scratch.clean) {
            let text = String::from_utf8(text).unwrap();
            let has = |line: &str| text.lines().any(|own| own.contains(line));
            assert_eq!((has("By Ida Marsh"), has(" May 2024")), (stays, stays), "{}: {text}", path.display());
            assert!(!has("Imprint of the harbour") && !has("Ferries and tides"), "{}: {text}", path.display());
            assert!(!has("Monday, 3 June 2024"), "the site's own day: {text}");
        }
    }
}

#[test]
fn where_a_line_stands_decides() {
    // What 12 pages have in common, and which of these lines go on page 5.
    let words = |page: usize| {
        format!("Story {} is told here at length, with {} words of its own.", word(page), word(page + 90))
    };
    let menu = "Harbour\nFerries\nWeather";
    let footer = "Imprint\nWrite to us";
    type Case<'c> = (&'c str, &'c dyn Fn(usize) -> String, &'c [&'c str]);
    let cases: [Case; 9] = [
        (
            "a template at the edges goes",
            &|page| format!("{menu}\n{}\n{footer}", words(page)),
            &["Harbour", "Ferries", "Weather", "Imprint", "Write to us"],
        ),
        (
            "a label inside the text stays",
            &|page| format!("{menu}\n{}\nNote\n{}\n{footer}", words(page), words(page + 20)),
            &["Harbour", "Ferries", "Weather", "Imprint", "Write to us"],
        ),
        (
            "a word of the menu stays where the text uses it",
            &|page| format!("{menu}\n{}\nFerries\n{}\n{footer}", words(page), words(page + 20)),
            &["Harbour", "Ferries", "Weather", "Imprint", "Write to us"],
        ),
        (
            "a heading that follows the title everywhere stays",
            &|page| format!("{menu}\nA dish of {}\nIngredients\n{}", word(page), words(page)),
            &["Harbour", "Ferries", "Weather"],
        ),
        (
            "a date line under the title goes, in any language",
            &|page| {
                format!(
                    "{menu}\nThe {}\nPubblicato: {}, {page} {} 20{page:02}\n{}",
                    word(page),
                    word(page),
                    word(page + 3),
                    words(page)
                )
            },
            &["Harbour", "Ferries", "Weather", "Pubblicato:"],
        ),
        (
            "titles of the neighbours go where they stand between links",
            &|page| format!("{}\nBack\n{}\nUp\nForth\n{}", words(page), word(page - 1), word(page + 1)),
            &["Back", "four", "Up", "Forth", "six"],
        ),
        (
            "a box of lines inside the text goes",
            &|page| {
                let letter =
                    "The letter\nEvery Friday the harbour writes to you, and you may write back.\nYour address";
                format!("{}\n{letter}\n{}", words(page), words(page + 20))
            },
            &["The letter", "Every Friday", "Your address"],
        ),
        (
            "a quote on three pages stays",
            &|page| {
                let quote = if page % 4 == 1 { "The sea has the last word, said the harbour master.\n" } else { "" };
                format!("{menu}\n{}\n{quote}{footer}", words(page))
            },
            &["Harbour", "Ferries", "Weather", "Imprint", "Write to us"],
        ),
        (
            "commands that a handbook repeats stay",
            &|page| {
                let update = "# apt update\n# apt upgrade";
                format!(
                    "{menu}\n{}\n{update}\n{}\n{update}\n{}\n{footer}",
                    words(page),
                    words(page + 20),
                    words(page + 40)
                )
            },
            &["Harbour", "Ferries", "Weather", "Imprint", "Write to us"],
        ),
    ];
    for (name, text, gone) in cases {
        let pages: Vec<Page> = (1..=12).map(|page| page_of(&format!("{page}.txt"), &text(page))).collect();
        let dropped = dropped(&stage_of(&pages), &pages[4]);
        let wanted =
            dropped.len() == gone.len() && dropped.iter().zip(gone).all(|(line, start)| line.starts_with(start));
        assert!(wanted, "{name}: {dropped:?}");
    }
}

#[test]
fn a_headline_stays_on_its_own_page_though_it_is_a_teaser_elsewhere() {
    let page = |number: usize| {
        let teasers: Vec<String> =
            (1..5).map(|step| format!("The tale of {}", word((number + step * 3) % 16))).collect();
        let title = format!("The tale of {}", word(number));
        let text = format!("Told {} times over, it is a tale of its own and has no other like it.", word(number));
        format!("Harbour\nFerries\n{title}\n{text}\nMore tales\n{}\nImprint\nWrite to us", teasers.join("\n"))
    };
    let pages: Vec<Page> = (0..16).map(|number| page_of(&format!("{number}.txt"), &page(number))).collect();
    let stage = stage_of(&pages);
    for page in &pages {
        assert_eq!(dropped(&stage, page).len(), 9, "{:?}", dropped(&stage, page));
    }
}

#[test]
fn copies_count_once_and_a_quote_on_3_of_500_pages_stays() {
    let quote = "The sea has the last word, said the harbour master, and turned up his collar.";
    let article = |number: usize| {
        format!("Harbour\nFerries\nOf {0}\nThe {0} was seen off the mole, and nobody knew whose it was.", word(number))
    };
    let with_quote = |number: usize| format!("{}\n{quote}\nImprint\nContact", article(number));
    let plain = |number: usize| format!("{}\nImprint\nContact", article(number));
    let pages = |copies: usize, quotes: usize, all: usize| -> Vec<Page> {
        let text = |page: usize| match page {
            _ if page < copies => with_quote(1),
            _ if page < copies + quotes => with_quote(page),
            _ => plain(page),
        };
        (0..all).map(|page| page_of(&format!("{page}.txt"), &text(page))).collect()
    };
    for (copies, quotes, all) in [(0, 3, 500), (60, 2, 120)] {
        let pages = pages(copies, quotes, all);
        let stage = stage_of(&pages);
        for page in &pages {
            assert_eq!(dropped(&stage, page), ["Harbour", "Ferries", "Imprint", "Contact"]);
        }
    }
    let copied = pages(40, 0, 43);
    assert!(dropped(&stage_of(&copied), &copied[42]).is_empty(), "four different pages are too few");
}

#[test]
fn too_few_pages_say_nothing() {
    let pages: Vec<Page> = (0..LEAST_PAGES)
        .map(|page| page_of(&format!("{page}.txt"), &format!("Menu\nHarbour\nOf {}", word(page))))
        .collect();
    assert_eq!(dropped(&stage_of(&pages), &pages[0]), ["Menu", "Harbour"]);
    assert!(dropped(&stage_of(&pages[1..]), &pages[0]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tallies_merge_in_any_order_to_the_same(cuts in prop::collection::vec(0usize..5, PAGES + 40), seed in 0u64..1000) {
        let mut dice = Dice(seed);
        let pages: Vec<Page> = (0..cuts.len())
            .map(|page| page_of(&format!("{}.txt", dice.below(1000)), &format!("Menu {page}\nHOME\n{}\nEnd", word(dice.below(40)))))
            .collect();
        let mut whole = SurveyStats::default();
        pages.iter().for_each(|page| add(&mut whole, page));
        let mut parts = vec![SurveyStats::default(); 5];
        pages.iter().zip(&cuts).rev().for_each(|(page, part)| add(&mut parts[*part], page));
        let mut left = SurveyStats::default();
        parts.iter().for_each(|part| SiteTemplates::merge(&mut left, part.clone()));
        let mut right = parts[4].clone();
        for part in [2, 0, 3, 1, 1] {
            let written = parts[part].to_text();
            SiteTemplates::merge(&mut right, SurveyStats::from_text(&written).unwrap());
        }
        prop_assert_eq!(&left, &whole);
        prop_assert_eq!(&right, &whole);
        prop_assert_eq!(right.to_text(), whole.to_text());
        let templates = SiteTemplates::finish(&whole);
        prop_assert_eq!(&SiteTemplates::from_text(&templates.to_text()).unwrap(), &templates);
    }
}

fn scratch_of(pages: &[MadePage]) -> Scratch {
    let scratch = Scratch::new();
    pages.iter().for_each(|page| {
        scratch.page(&page.path, page.text());
    });
    scratch
}

fn ok(args: &[&str]) -> String {
    let output = dechaff().args(args).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {said}");
    said
}

fn texts_of(clean: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    files(clean).into_iter().filter(|(path, _)| path.extension().is_some_and(|suffix| suffix == "txt")).collect()
}

/// How many lines of a kind there are, how many are gone, and how many of them to the survey.
#[derive(Debug, Default, Clone, Copy)]
struct Lost {
    lines: u64,
    gone: u64,
    to_survey: u64,
}

/// What became of the lines of templates and of articles.
fn lost(pages: &[MadePage], rows: &BTreeMap<String, Value>) -> (Lost, Lost) {
    let (mut template, mut article) = (Lost::default(), Lost::default());
    for page in pages {
        let mut gone = vec![None; page.lines.len() + 1];
        for dropped in rows[&page.path]["dropped"].as_array().into_iter().flatten() {
            let line = |at: usize| dropped["lines"][at].as_u64().unwrap() as usize;
            let by_survey = dropped["rule"].as_str().unwrap().starts_with("recurring#");
            gone[line(0)..=line(1)].fill(Some(by_survey));
        }
        for ((kind, _), gone) in page.lines.iter().zip(&gone[1..]) {
            let lost = match kind {
                Kind::Template => &mut template,
                Kind::Article => &mut article,
                Kind::Byline => continue,
            };
            lost.lines += 1;
            lost.gone += u64::from(gone.is_some());
            lost.to_survey += u64::from(*gone == Some(true));
        }
    }
    (template, article)
}

fn page_of(path: &str, text: &str) -> Page {
    let divided = lines::divide(text);
    Page {
        source: Source { path: path.into(), record: None },
        site: Some(Site { host: "harbourpost.example".into(), known_by: SiteSource::Given }),
        url: None,
        text: divided.text,
        blocks: divided.blocks,
        columns: divided.columns,
        markup: None,
    }
}

fn add(tally: &mut SurveyStats, page: &Page) {
    SiteTemplates::add(tally, &SeenPage { features: &PageFeatures::of(page), charset: "UTF-8", own: None });
}

fn stage_of(pages: &[Page]) -> RecurringStage {
    let mut tally = SurveyStats::default();
    pages.iter().for_each(|page| add(&mut tally, page));
    RecurringStage::new(&SiteTemplates::finish(&tally))
}

/// The lines of a page that go.
fn dropped(stage: &RecurringStage, page: &Page) -> Vec<String> {
    let mut marks = Marks::new(page.blocks.len());
    stage.judge(&PageFeatures::of(page), &mut marks);
    (0..page.blocks.len()).filter(|&block| !marks.stays(block)).map(|block| page.text_of(block).to_string()).collect()
}

/// A word for a number, another for each.
fn word(number: usize) -> String {
    const NAMES: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    number.to_string().bytes().map(|digit| NAMES[usize::from(digit - b'0')]).collect()
}

/// `Tűz` alone could be Latvian; on a site whose other pages are in ISO-8859-2 it is not.
#[test]
fn a_short_page_is_read_in_the_charset_of_its_sites_other_pages() {
    let scratch = Scratch::new();
    let latin2 = |text: &str| encoding_rs::ISO_8859_2.encode(text).0.into_owned();
    let sights = ["kutyája", "hajója", "lámpása", "őre", "büfése", "köteles fiúja", "öccse", "szűcse"];
    for (number, sight) in sights.into_iter().enumerate() {
        let page = format!(
            "A révész {sight} a mólón\n\nA kikötőben őszi köd ült, amikor a révész {sight} késve érkezett, mert \
             elaludt a kötélen, és senki sem merte fölébreszteni.\n"
        );
        scratch.page(&format!("kikoto.example/{number}.txt"), latin2(&page));
    }
    scratch.page("kikoto.example/short.txt", latin2("Tűz"));
    scratch.expect(0, &["--no-survey"]);
    assert_ne!(scratch.cleaned("kikoto.example/short.txt"), "Tűz\n");
    scratch.expect(0, &[]);
    assert_eq!(scratch.cleaned("kikoto.example/short.txt"), "Tűz\n");
    let frozen = scratch.home.path().join("kikoto.jsonl");
    fs::copy(scratch.clean.join(".dechaff/templates.jsonl"), &frozen).unwrap();
    scratch.expect(0, &["--templates", frozen.to_str().unwrap()]);
    assert_eq!(scratch.cleaned("kikoto.example/short.txt"), "Tűz\n");
}

#[test]
fn a_short_page_is_read_in_a_charset_of_the_language_that_its_sidecar_tells() {
    let scratch = Scratch::new();
    let bytes = encoding_rs::ISO_8859_2.encode("Tűz").0.into_owned();
    scratch.page("a.txt", &bytes).page("b.txt", &bytes).page("b.txt.meta.json", r#"{"language": "hu"}"#);
    scratch.expect(0, &[]);
    assert_ne!(scratch.cleaned("a.txt"), "Tűz\n");
    assert_eq!(scratch.cleaned("b.txt"), "Tűz\n");
}
