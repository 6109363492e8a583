//! The model on pages of many languages and scripts, and on pages that are none.
//!
//! A page's lines begin with `+` where they are its own text, `-` where they are furniture, `?` where either will do.

use std::fs;
use std::path::Path;

use dechaff::Favor;
use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::ParseOptions;
use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::model::{Model, ModelStage};

/// The share of a page's furniture, in lines, that may stay: the rules before the model know most of it by name.
const FURNITURE_THAT_MAY_STAY: f32 = 0.2;

/// The same of Tibetan, whose menus end their entries with the sign that ends a sentence.
const TIBETAN_THAT_MAY_STAY: f32 = 0.34;

/// The pages of `tests/model`, by language: among them those of scripts that end sentences with marks of their own, or
/// with none, and that write no spaces.
const LANGUAGES: [&str; 22] = [
    "am", "ar", "bn", "bo", "de", "el", "es", "fr", "hi", "hy", "ja", "km", "ko", "lo", "my", "pl", "ru", "ta", "th",
    "ur", "vi", "zh",
];

fn page_of(text: &str) -> Page {
    let source = Source { path: "page.txt".into(), record: None };
    let (options, sidecar) = (ParseOptions::default(), Sidecar::default());
    let probe = options.probe(&source.path, &source.path, text.as_bytes(), &sidecar);
    options.parse(source, text.as_bytes(), &sidecar, &probe, |_| None).page
}

fn kept(text: &str, favor: Favor) -> Vec<String> {
    let page = page_of(text);
    let reading = PageFeatures::of(&page);
    let mut marks = Marks::new(reading.len());
    ModelStage::new(favor, Default::default()).judge(&reading, &mut marks);
    (0..reading.len()).filter(|&block| marks.stays(block)).map(|block| reading.text(block).to_owned()).collect()
}

/// The same page as HTML whose elements are called nothing: what is own text in paragraphs, the rest in lists of links.
fn html_of(written: &str) -> String {
    let mut html = String::from("<!DOCTYPE html><html><body>");
    let mut open = None;
    for line in written.lines().filter(|line| !line.is_empty()) {
        let (sign, text) = (line.as_bytes()[0], line.get(2..).unwrap_or_default().trim().trim_start_matches("• "));
        if open != Some(sign == b'-') {
            html += if open.is_some() { "</div><div>" } else { "<div>" };
            open = Some(sign == b'-');
        }
        html += &match sign {
            b'-' => format!("<li><a href=\"/a\">{text}</a></li>\n"),
            _ => format!("<p>{text}</p>\n"),
        };
    }
    html + "</div></body></html>"
}

#[test]
fn the_article_stays_and_the_menus_go_in_every_language_as_text_and_as_html() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model");
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let written = fs::read_to_string(folder.join(language).with_extension("txt")).expect("a page");
        let bare: Vec<&str> = written.lines().map(|line| line.get(2..).unwrap_or_default()).collect();
        for (form, page) in [("text", bare.join("\n")), ("html", html_of(&written))] {
            let unmarked = |line: &str| line.trim().trim_start_matches("• ").to_owned();
            let kept: Vec<String> = kept(&page, Favor::Balance).iter().map(|line| unmarked(line)).collect();
            let (mut furniture, mut stayed) = (0, Vec::new());
            for written in written.lines().filter(|written| !written.is_empty()) {
                let stays = kept.contains(&unmarked(&written[2..]));
                match written.as_bytes()[0] {
                    b'+' if !stays => wrong.push(format!("{language}, {form}: lost {written}")),
                    b'-' => {
                        furniture += 1;
                        if stays {
                            stayed.push(written);
                        }
                    }
                    _ => {}
                }
            }
            let may_stay = if language == "bo" { TIBETAN_THAT_MAY_STAY } else { FURNITURE_THAT_MAY_STAY };
            if stayed.len() as f32 > may_stay * furniture as f32 {
                let stay = stayed.len();
                wrong.push(format!("{language}, {form}: {stay} of {furniture} lines of furniture stayed: {stayed:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_names_and_places_of_elements_count() {
    let post = "<p>It squeaks, but it is dry, and the hood can be steered with a small wheel.</p>";
    let permille = |class: &str| {
        let sides = (0..6).map(|_| format!("<div class=\"{class}\">{post}</div>")).collect::<String>();
        let page = page_of(&format!(
            "<!DOCTYPE html><body><article>{}</article>{sides}</body>",
            "<p>The oilskin has been made in the same shed since 1931, and smells like it, the keeper said.</p>"
                .repeat(6)
        ));
        let reading = PageFeatures::of(&page);
        Model::of_html().judge(&reading).permille[reading.len() - 1]
    };
    assert!(permille("related-posts sidebar footer") < permille("entry-content post-body"));
}

#[test]
fn recall_keeps_what_balance_keeps_and_balance_what_precision_keeps() {
    let text = include_str!("model/de.txt");
    let [precision, balance, recall] =
        [Favor::Precision, Favor::Balance, Favor::Recall].map(|favor| kept(text, favor).len());
    assert!(precision <= balance && balance <= recall, "{precision}, {balance}, {recall}");
}

#[test]
fn a_mark_that_another_stage_made_moves_no_score() {
    let page = page_of(include_str!("model/fr.txt"));
    let reading = PageFeatures::of(&page);
    let stage = ModelStage::new(Favor::Balance, Default::default());
    let mut untouched = Marks::new(reading.len());
    stage.judge(&reading, &mut untouched);
    let mut marked = Marks::new(reading.len());
    (0..reading.len()).step_by(3).for_each(|block| marked.keep(block, dechaff::internals::marks::Mark::written(0)));
    stage.judge(&reading, &mut marked);
    for block in (0..reading.len()).filter(|block| block % 3 != 0) {
        assert_eq!(untouched.verdict(block), marked.verdict(block), "{}", reading.text(block));
    }
}

#[test]
fn pages_that_are_none_are_judged_without_complaint() {
    let deep = format!("<html><body>{}deep", "<div>".repeat(20_000));
    for text in ["", "x", "\u{feff}", "•", &"-\n".repeat(300), &"word ".repeat(100_000), "<html></html>", &deep] {
        let page = page_of(text);
        let reading = PageFeatures::of(&page);
        for model in [Model::of_text(), Model::of_html()] {
            assert_eq!(model.judge(&reading).permille.len(), reading.len());
        }
    }
}

#[test]
fn the_rule_under_a_table_s_head_goes_the_way_of_the_table() {
    let article = include_str!("model/de.txt").lines().filter(|line| line.starts_with('+')).map(|line| &line[2..]);
    let article: Vec<&str> = article.collect();
    let table = "| Schiff | Plätze | Baujahr |\n|---|---|---|\n| Möwe | 120 | 1987 |\n| Ente | 80 | 2003 |";
    let page = page_of(&format!("{}\n\n{table}\n\n{}", article[..3].join("\n\n"), article[3..].join("\n\n")));
    let reading = PageFeatures::of(&page);
    let permille = Model::of_text().judge(&reading).permille;
    let at = |text: &str| (0..reading.len()).find(|&block| reading.text(block) == text).expect("a line of the table");
    let (head, rule, row) = (at("| Schiff | Plätze | Baujahr |"), at("|---|---|---|"), at("| Möwe | 120 | 1987 |"));
    assert_eq!(permille[rule], permille[head].min(permille[row]));
}
