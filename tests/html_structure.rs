//! What the structure of an HTML page says of its lines: which of them go, and which are words of its text.

use std::sync::Arc;

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::html::{self, Html};
use dechaff::internals::rules::RuleSet;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::written::WrittenStage;

/// The blocks of a page that some stages drop.
fn dropped(page: &str, stages: &[&dyn Stage]) -> Vec<String> {
    let mut html = html::read(page);
    html.measure();
    let Html { text, blocks, markup, .. } = html;
    let source = Source { path: "page.html".into(), record: None };
    let page = Page { text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
    let features = PageFeatures::of(&page);
    let mut marks = Marks::new(page.blocks.len());
    stages.iter().for_each(|stage| stage.judge(&features, &mut marks));
    (0..page.blocks.len()).filter(|&block| !marks.stays(block)).map(|block| page.text_of(block).to_owned()).collect()
}

fn built_in() -> WrittenStage {
    WrittenStage::general(Arc::new(RuleSet::builtin().unwrap_or_else(|error| panic!("{error}"))))
}

#[test]
fn labels_that_are_terms_of_a_list_or_lines_of_code_are_words_of_the_text() {
    let rules = built_in();
    let cases: [(&str, &[&str]); 7] = [
        ("<dl><dt>Menu<dd>The board by the door.<dt>Rudder<dd>What steers.</dl>", &[]),
        ("<dl><dt>Share<dd><a href=/f>Facebook</a></dl>", &["Share", "Facebook"]),
        ("<footer><dl><dt>Menu<dd>The board by the door.</dl></footer>", &["Menu"]),
        ("<pre>for boat in boats\n  continue\ndone</pre>", &[]),
        ("<pre>done</pre>", &["done"]),
        ("<p>done</p><p>Menu</p>", &["done", "Menu"]),
        ("<ul><li>Menu<li>Share</ul>", &["Menu", "Share"]),
    ];
    for (page, expected) in cases {
        assert_eq!(dropped(page, &[&rules]), expected, "{page}");
    }
}

#[test]
fn a_heading_among_others_over_paragraphs_of_the_text_is_a_word_of_it() {
    let rules = built_in();
    let says = |what: &str| format!("<p>The harbour board has looked at the {what} and found them as old as the quay.</p>");
    let section = |heading: &str| format!("<h2>{heading}</h2>{}", says("ropes"));
    let page = [section("Ropes"), section("Comments"), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]), [""; 0]);
    // The last section may be the readers', and one without text of its own is a box's.
    let page = [section("Ropes"), section("Oars"), section("Comments")].concat();
    assert_eq!(dropped(&page, &[&rules]), ["Comments"]);
    let page = [section("Ropes"), "<h2>Comments</h2><ul><li>Ida</ul>".into(), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]), ["Comments"]);
    // What the rules take of the text under it takes it along.
    let pitch = "<h2>Newsletter</h2><p>Subscribe to our weekly newsletter and have all the news of the harbour in your inbox.</p>";
    let page = [section("Ropes"), pitch.into(), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]).len(), 2);
}

#[test]
fn rules_of_a_user_take_words_of_the_text_too() {
    let file = "about = \"a test\"\n\n[[drop]]\nid = \"menu\"\nequals = \"Menu\"\nwhy = \"a test\"\nhits = [\"Menu\"]\n";
    let texts = RuleSet::of_texts(&[("general/own.toml", file)]).unwrap_or_else(|error| panic!("{error}"));
    let rules = WrittenStage::general(Arc::new(texts));
    assert_eq!(dropped("<dl><dt>Menu<dd>The board by the door.</dl>", &[&rules]), ["Menu"]);
}
