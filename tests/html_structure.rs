//! What the structure of an HTML page says of its lines: which of them go, and which are words of its text.

use std::sync::Arc;

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::html::{self, Html};
use dechaff::internals::rules::RuleSet;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::closing::Closing;
use dechaff::internals::stages::comments::CommentsStage;
use dechaff::internals::stages::furniture::Furniture;
use dechaff::internals::stages::written::WrittenStage;
use dechaff::{Comments, Title};

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
    let says =
        |what: &str| format!("<p>The harbour board has looked at the {what} and found them as old as the quay.</p>");
    let section = |heading: &str| format!("<h2>{heading}</h2>{}", says("ropes"));
    let page = [section("Ropes"), section("Comments"), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]), [""; 0]);
    // The last section may be the readers', and one without text of its own is a box's.
    let page = [section("Ropes"), section("Oars"), section("Comments")].concat();
    assert_eq!(dropped(&page, &[&rules]), ["Comments"]);
    let page = [section("Ropes"), "<h2>Comments</h2><ul><li>Ida</ul>".into(), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]), ["Comments"]);
    // Nor is it one of the text's where a heading beside it has no text of its own.
    for bare in [[String::from("<h2>Ropes</h2>"), section("Oars")], [section("Ropes"), "<h2>Oars</h2>".into()]] {
        let [above, below] = bare;
        assert_eq!(dropped(&[above, section("Comments"), below].concat(), &[&rules]), ["Comments"]);
    }
    // What the rules take of the text under it takes it along.
    let pitch = "<h2>Newsletter</h2><p>Subscribe to our weekly newsletter and have all the news of the harbour in your inbox.</p>";
    let page = [section("Ropes"), pitch.into(), section("Oars")].concat();
    assert_eq!(dropped(&page, &[&rules]).len(), 2);
}

#[test]
fn rules_of_a_user_take_words_of_the_text_too() {
    let file =
        "about = \"a test\"\n\n[[drop]]\nid = \"menu\"\nequals = \"Menu\"\nwhy = \"a test\"\nhits = [\"Menu\"]\n";
    let texts = RuleSet::of_texts(&[("general/own.toml", file)]).unwrap_or_else(|error| panic!("{error}"));
    let rules = WrittenStage::general(Arc::new(texts));
    assert_eq!(dropped("<dl><dt>Menu<dd>The board by the door.</dl>", &[&rules]), ["Menu"]);
}

/// Two sentences, long enough to be what is commented on.
const TEXT: &str = "<p>The keeper of the northern light has counted every ship since the spring, and has written each of them down \
    in a book that nobody else may open.</p><p>Most of them carry timber, and one had a brass band on board.</p>";

#[test]
fn posts_with_dates_under_a_heading_of_comments_go_with_their_element() {
    let auto = CommentsStage::new(Comments::Auto);
    let post = |name: &str, hour: u32| {
        format!(
            "<details open><summary><b>{name}</b> 3 May 2024 {hour}:15</summary><p>I make it one more.</p></details>"
        )
    };
    let posts = [post("Ida", 8), post("Ole", 9)].concat();
    for heading in ["2 comments", "Readers’ comments (2)", "Kommentare", "Комментарии (2)"] {
        let page = format!("<div>{TEXT}<section><h3>{heading}</h3>{posts}</section><p>The ferry is late.</p></div>");
        let expected =
            [heading, "Ida 3 May 2024 8:15", "I make it one more.", "Ole 3 May 2024 9:15", "I make it one more."];
        assert_eq!(dropped(&page, &[&auto]), expected);
    }
    // Answers, and what stands beside the heading and not in an element of its own, are left alone.
    for page in [
        format!("<div>{TEXT}<section><h3>2 replies</h3>{posts}</section></div>"),
        format!("<div>{TEXT}<h3>2 comments</h3>{posts}</div>"),
        format!("<div>{TEXT}<section><h3>Discussion</h3><p>The counts of 1987 and of 2004 differ.</p></section></div>"),
        format!("<section><h3>2 comments</h3>{posts}</section>{TEXT}"),
    ] {
        assert_eq!(dropped(&page, &[&auto]), [""; 0], "{page}");
    }
}

#[test]
fn the_element_of_an_author_goes_by_its_name_or_its_heading() {
    let furniture = Furniture::new();
    let bio = "Ida Marsh has counted ships since 1987 and has written two books on it, one of them in verse.";
    let name = format!("<div class=post__author-bio><p>{bio}</p><p><a href=/i>All of hers</a></p></div>");
    let heading = format!("<aside><h4>About the author</h4><p>{bio}</p></aside>");
    let more =
        "<p>The brass band has since left, and the book is full, as the keeper says to all who ask her for it.</p>";
    assert_eq!(dropped(&format!("<div>{TEXT}{name}{more}</div>"), &[&furniture]), [bio, "All of hers"]);
    assert_eq!(dropped(&format!("<div>{TEXT}{heading}{more}</div>"), &[&furniture]), ["About the author", bio]);
    // Above the text it may be what the page is about.
    assert_eq!(dropped(&format!("<div>{name}{TEXT}{more}</div>"), &[&furniture]), [""; 0]);
}

#[test]
fn the_cell_of_links_beside_the_text_goes_and_those_of_a_table_in_it_stay() {
    let furniture = Furniture::new();
    let menu = "<a href=/a>Ropes and knots</a><br><a href=/b>Oars for all</a><br><a href=/c>Buoys</a>";
    let page = |cell: &str, text: &str| format!("<table><tr><td>{cell}<td>{TEXT}{text}</table>");
    assert_eq!(dropped(&page(menu, ""), &[&furniture]), ["Ropes and knots Oars for all Buoys"]);
    let read = format!("<b>News</b><br>{menu}");
    assert_eq!(dropped(&page(&read, ""), &[&furniture]), ["News Ropes and knots Oars for all Buoys"]);
    // A cell with words of its own, one of a table in the text, and each of a series stay.
    let told = format!("What we sell at the quay: {menu}");
    let inner = page("", &format!("<table><tr><td>{menu}<td><p>The knots that we tie.</p></table>"));
    let week = |number: u32| format!("<tr><td><p>In week {number} we splice.</p><td>{menu}");
    let course = format!("<table>{}</table>", (1..7).map(week).collect::<String>());
    for page in [page(&told, ""), inner, course] {
        assert_eq!(dropped(&page, &[&furniture]), [""; 0], "{page}");
    }
}

static SCORE: StageRule = StageRule { address: "model#score", why: "drops for the test" };

/// Drops lines as the model does: those that hold a word, with this score.
struct Scoring(&'static [&'static str], u16);

impl Stage for Scoring {
    fn name(&self) -> &'static str {
        "model"
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        for block in (0..page.len()).filter(|&block| self.0.iter().any(|word| page.text(block).contains(word))) {
            let because = Evidence::Score { permille: self.1 };
            marks.drop(block, Mark { rule: RuleId::Judge(&SCORE), because });
        }
    }
}

#[test]
fn the_rest_of_a_unit_comes_back_where_most_of_it_stays() {
    let closing = Closing::new(Title::Keep);
    for (unit, dropped_by_model) in [
        ("<ul><li>two oars<li>one sail<li>odd rope</ul>", &["odd"][..]),
        ("<dl><dt>odd<dd>What steers.<dt>Keel<dd>What holds.</dl>", &["odd"]),
        ("<pre>let boat = 1;\nodd\nlet sail = 2;\nodd</pre>", &["odd"]),
        (
            "<button aria-expanded=false>Is there tea?</button><div>Yes.</div><button aria-expanded=false>Is it hot?</button>\
             <div>It was.</div><button aria-expanded=false>How odd?</button><div>Very.</div>",
            &["odd"],
        ),
    ] {
        let page = format!("<div>{TEXT}{unit}</div>");
        assert_eq!(dropped(&page, &[&Scoring(dropped_by_model, 150), &closing]), [""; 0], "{unit}");
        let low = dropped(&page, &[&Scoring(dropped_by_model, 5), &closing]);
        assert!(!low.is_empty(), "{unit}");
    }
    // Where most of a unit went, and of a list of links, the rest stays away.
    for unit in
        ["<ul><li>odd oars<li>odd sail<li>one rope</ul>", "<ul><li><a href=/a>oars</a><li><a href=/b>odd</a></ul>"]
    {
        let page = format!("<div>{TEXT}{unit}</div>");
        assert!(!dropped(&page, &[&Scoring(&["odd"], 150), &closing]).is_empty(), "{unit}");
    }
}
