//! HTML pages: how they are divided into blocks, what is known of each, and what hostile ones cost.

mod program;

use std::time::{Duration, Instant};

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use dechaff::internals::page::markup::{InlineKind, Inside, Kind};
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::html::{self, Html};
use dechaff::internals::render::markdown::markdown;
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::closing::Closing;
use dechaff::internals::stages::comments::CommentsStage;
use dechaff::internals::stages::furniture::Furniture;
use dechaff::internals::stages::teasers::Teasers;
use dechaff::{Comments, Title};
use program::Scratch;

fn read(page: &str) -> Html {
    let mut html = html::read(page);
    html.measure();
    html
}

fn texts(html: &Html) -> Vec<&str> {
    html.blocks.iter().map(|block| &html.text[block.span.start as usize..block.span.end as usize]).collect()
}

/// Each block as `kind: text`, an asterisk before the kind where it goes on with the block before.
fn blocks(page: &str) -> Vec<String> {
    let html = read(page);
    let blocks = texts(&html).into_iter().zip(&html.markup.settings).map(|(text, setting)| {
        let level = if setting.level > 0 { format!(" {}", setting.level) } else { String::new() };
        format!("{}{}{level}: {text}", if setting.continues { "*" } else { "" }, setting.kind.name())
    });
    blocks.collect()
}

#[test]
fn blocks_are_what_the_elements_say() {
    let cases: [(&str, &[&str]); 33] = [
        ("<p>One</p><p>Two", &["paragraph: One", "paragraph: Two"]),
        ("Loose <b>bold</b> text<div>more</div>rest", &["loose: Loose bold text", "loose: more", "loose: rest"]),
        ("<h1>A <em>tide</em></h1><h3><div>B</div></h3>", &["heading 1: A tide", "heading 3: B"]),
        ("<div role=heading aria-level=4>H</div>", &["heading 4: H"]),
        ("<ul><li>a<li>b<ol><li>c</ol></ul>", &["item 1: a", "item 1: b", "item 2: c"]),
        ("<ul><li><p>a</p><p>b</p></ul>", &["item 1: a", "*item 1: b"]),
        ("<blockquote><p>a</p>b</blockquote>c", &["quote: a", "*quote: b", "loose: c"]),
        ("<p>a<br>b<br> <br>c", &["paragraph: a b", "*paragraph: c"]),
        ("<pre>\nif x:\n\ty  z\n\nend\n</pre>", &["code: if x:", "*code: \ty  z", "*code: end"]),
        ("<pre>a<br>b</pre>", &["code: a", "*code: b"]),
        ("<figure><img><figcaption>cap</figcaption></figure>", &["caption: cap"]),
        ("<dl><dt>t<dd>d<dd><p>e</dl>", &["term: t", "definition: d", "definition: e"]),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", &["row 1: a | b", "row: 1 | 2"]),
        ("<table><tr><td></td><td>a</td><td>b</td></tr></table>", &["row: a | b"]),
        ("<table><td>x<td>y</table>", &["row: x | y"]),
        ("<table><tr><td>only</td></tr></table>", &["loose: only"]),
        ("<table><tr><td><h2>h</h2><td>b</table>", &["heading 2: h", "loose: b"]),
        ("<table><tr><td><p>a<p>b<td>c</table>", &["paragraph: a", "paragraph: b", "loose: c"]),
        ("<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", &["row: a | b", "loose: c"]),
        ("a<script>x</script>b<style>y</style>c<template><p>z</template>", &["loose: abc"]),
        (
            "a<x-box><template shadowrootmode=open><p>shown</p></template><p>b</p></x-box>",
            &["loose: a", "paragraph: shown", "paragraph: b"],
        ),
        ("<template><template shadowrootmode=open><p>z</p></template></template>a", &["loose: a"]),
        (
            "<h3><button aria-expanded=false>Is there tea?</button></h3><p>Yes.",
            &["heading 3: Is there tea?", "paragraph: Yes."],
        ),
        (
            "<button aria-controls=a1>Is there tea?</button><div id=a1>Yes.</div>",
            &["loose: Is there tea?", "loose: Yes."],
        ),
        (
            "<button data-bs-toggle=collapse>Is there tea?</button><div>Yes.</div>",
            &["loose: Is there tea?", "loose: Yes."],
        ),
        ("<button class=faq__button>Is there tea?</button><div>Yes.</div>", &["loose: Is there tea?", "loose: Yes."]),
        ("<button>Send</button>", &["field: Send"]),
        ("a<svg><title>x</title><text>y</text><path/></svg>b", &["loose: ab"]),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn><annotation>\\x</annotation></math>", &["loose: x=1"]),
        ("<a href=a>Home</a><a href=b>News</a>", &["loose: Home News"]),
        ("<select><option>a<option>b</select><button>c</button>", &["field: a", "field: b", "field: c"]),
        ("<textarea> <b>x\n y</textarea><xmp><i></xmp>", &["field: <b>x y", "code: <i>"]),
        (
            "Fish &amp; chips &amp;amp; &eacute;&nbsp;&#8212; &notanentity;",
            &["loose: Fish & chips &amp; é — ¬anentity;"],
        ),
    ];
    for (page, expected) in cases {
        assert_eq!(blocks(page), expected, "{page}");
    }
}

#[test]
fn broken_markup_is_read_as_browsers_read_it() {
    let cases: [(&str, &[&str]); 12] = [
        ("<p>a<div>b</p>c</div>", &["paragraph: a", "loose: b", "loose: c"]),
        ("<b><p>a</b>b</p>c", &["paragraph: ab", "loose: c"]),
        ("<a href=x>one<a href=y>two</a>", &["loose: one two"]),
        ("<li>a<li>b", &["item: a", "item: b"]),
        ("a</p>b</div>c</nosuch>d", &["loose: a", "loose: b", "loose: cd"]),
        ("<html><p>a</html><p>b</body><p>c", &["paragraph: a", "paragraph: b", "paragraph: c"]),
        ("<head><p>a</head><p>b", &["paragraph: a", "paragraph: b"]),
        ("<h1>a<h2>b", &["heading 1: a", "heading 2: b"]),
        ("<table><tr><td>a<p>b</table>c", &["loose: a", "paragraph: b", "loose: c"]),
        ("<button>a<button>b", &["field: a", "field: b"]),
        ("<svg><p>a</p>b", &["paragraph: a", "loose: b"]),
        ("a<!-- b", &["loose: a"]),
    ];
    for (page, expected) in cases {
        assert_eq!(blocks(page), expected, "{page}");
    }
}

#[test]
fn a_block_knows_what_it_stands_in() {
    let page = "<body class=post><header><nav id=top><ul class='menu main'><li><a href=/>Home</a> now</ul></nav></header>\
                <main><article><p>Text</p><footer>By A</footer></article></main>\
                <div hidden><p>Copy</div><div style='display: none'>Gone</div><noscript>Old</noscript>\
                <div role=complementary>Side</div><form><label>Name</label></form>";
    let html = read(page);
    let inside: Vec<Inside> = html.markup.settings.iter().map(|setting| setting.inside).collect();
    let expected = [
        Inside::HEADER | Inside::NAV | Inside::LIST,
        Inside::MAIN | Inside::ARTICLE,
        Inside::MAIN | Inside::ARTICLE | Inside::FOOTER,
        Inside::HIDDEN,
        Inside::HIDDEN,
        Inside::NOSCRIPT,
        Inside::ASIDE,
        Inside::FORM,
    ];
    assert_eq!(inside, expected, "{:?}", texts(&html));
    let markup = &html.markup;
    let home = markup.settings[0];
    assert_eq!(markup.path(home.element, 3), "nav#top>ul.menu>li");
    assert_eq!(markup.path(home.element, 99), "html>body.post>header>nav#top>ul.menu>li");
    assert_eq!(home.linked, 4);
    let nav = markup.ancestors(home.element).nth(2).unwrap();
    assert_eq!((markup.elements[nav as usize].chars, markup.elements[nav as usize].linked), (7, 4));
}

#[test]
fn raw_lines_are_those_of_the_first_word() {
    let html = read("<p>\n\n one\n two</p>\r\n<p>three</p><p>four\r\n<pre>\n\nfive\nsix");
    let lines: Vec<u32> = html.blocks.iter().map(|block| block.place.line).collect();
    assert_eq!(lines, [3, 5, 5, 8, 9]);
    let html = read("<p title=\n\n'x\ny'\n>five<!--\n--><p><b\r\nid=\ra>six &lt;\nseven");
    let lines: Vec<u32> = html.blocks.iter().map(|block| block.place.line).collect();
    assert_eq!(lines, [5, 8]);
}

#[test]
fn inline_markup_is_noted_where_it_stands() {
    let html = read("<p>The <b>late <i>ferry</i></b> <a href=/x?a&amp;b>came</a><br>home</p><p><code>x</code>");
    let inline: Vec<(&str, InlineKind)> = html
        .markup
        .inline
        .iter()
        .map(|inline| (&html.text[inline.span.start as usize..inline.span.end as usize], inline.kind))
        .collect();
    let expected = [
        ("late ferry", InlineKind::Strong),
        ("ferry", InlineKind::Emphasis),
        ("came", InlineKind::Link(0)),
        (" ", InlineKind::Break),
        ("x", InlineKind::Code),
    ];
    assert_eq!(inline, expected);
    assert_eq!(html.markup.targets, ["/x?a&b"]);
}

#[test]
fn a_link_around_blocks_is_in_each_of_them() {
    let html = read("<a href=x><h2>Head</h2><p>Text <b>bold</b></p></a>");
    assert_eq!(html.markup.settings.iter().map(|setting| setting.linked).collect::<Vec<_>>(), [4, 8]);
}

#[test]
fn cells_keep_their_places_when_a_row_is_joined() {
    let html = read("<table><tr><td>a <a href=x>b</a><td><td><i>c</i></table>");
    let row = &html.markup.rows[0];
    let cells: Vec<&str> = row.spans.iter().map(|span| &html.text[span.start as usize..span.end as usize]).collect();
    assert_eq!((texts(&html)[0], cells.as_slice()), ("a b | c", &["a b", "", "c"][..]));
    let inline =
        html.markup.inline.iter().map(|inline| &html.text[inline.span.start as usize..inline.span.end as usize]);
    assert_eq!(inline.collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(html.markup.settings[0].kind, Kind::Row);
}

#[test]
fn what_is_no_text_is_counted_by_kind() {
    let html =
        read("<title>T</title><script></script><script></script><style></style><!-- c --><svg/><iframe></iframe>");
    let aside: Vec<(&str, u64)> = html.aside.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!(aside, [("comment", 1), ("iframe", 1), ("script", 2), ("style", 1), ("svg", 1), ("title", 1)]);
    assert!(html.blocks.is_empty());
}

#[test]
fn metadata_comes_from_the_best_source() {
    let page = r#"<html lang=en-GB><title>Otters back - Harbour Post</title>
        <meta property="og:title" content="Otters &amp; ducks are back"><meta name=author content="M. Quay">
        <link rel=canonical href="https://harbourpost.example/otters">
        <script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle",
        "headline": "Otters", "author": [{"name": "A"}, "B"], "datePublished": "2024-05-02",
        "publisher": {"name": "Harbour Post"}}]}</script>
        <script type="application/ld+json">{ broken</script>"#;
    let metadata = read(page).metadata.unwrap();
    assert_eq!(metadata.title.as_deref(), Some("Otters & ducks are back"));
    assert_eq!(metadata.author.as_deref(), Some("M. Quay"));
    assert_eq!(metadata.date.as_deref(), Some("2024-05-02"));
    assert_eq!(metadata.language.as_deref(), Some("en-GB"));
    assert_eq!(metadata.url.as_deref(), Some("https://harbourpost.example/otters"));
    assert_eq!(metadata.site_name.as_deref(), Some("Harbour Post"));
    assert_eq!(read("<p>Nothing said").metadata, None);
}

/// Pages made to cost much. The bound on time is a hundred times what they take.
#[test]
fn hostile_pages_cost_no_more_than_their_length() {
    let repeated = |part: &str, bytes: usize| part.repeat(bytes / part.len());
    let pages = [
        ("nested 10,000 deep", format!("{}deep{}", "<div>".repeat(10_000), "</div>".repeat(10_000))),
        ("nested without end", repeated("<div>", 5 << 20)),
        ("formatting without end", repeated("<b x=1><i>", 5 << 20)),
        (
            "paragraphs under open formatting",
            format!("{}{}", repeated("<b a=1><font>", 1 << 20), repeated("<p>x", 1 << 20)),
        ),
        ("tables in tables", repeated("<table><tr><td>", 5 << 20)),
        ("end tags that end nothing", format!("{}{}", "<div>".repeat(400), repeated("</b></i></li>", 5 << 20))),
        ("rows of empty cells", format!("<table><tr>{}", repeated("<td>", 5 << 20))),
        ("attributes without end", format!("<p {}>x", (0..20_000).map(|n| format!("a{n}=b ")).collect::<String>())),
        ("half a tag", repeated("<a href=\"", 5 << 20)),
        ("foreign elements", repeated("<svg><g><math>", 5 << 20)),
        ("line breaks", repeated("a<br>", 5 << 20)),
        ("JSON nested deep", format!("<script type=application/ld+json>{}</script>", "[".repeat(100_000))),
    ];
    for (what, page) in pages {
        let started = Instant::now();
        let html = read(&page);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
        assert_eq!(html.blocks.len(), html.markup.settings.len());
    }
}

const STORY: &str = "<html><head><title>Otters</title></head><body>\
    <nav><a href=/>Home</a> <a href=/news>News</a></nav><article><h1>Otters in the dry dock</h1>\
    <p>The harbour board has counted the otters in the dry dock, and found that there were <b>eleven</b> of them.</p>\
    <p>Nobody knows how they came in, since the dock, as its name tells, has had no water since the spring.</p>\
    <ul><li>Six were asleep when they were counted.</li><li>Five were counted twice, to be sure of them.</li></ul>\
    </article></body></html>";

#[test]
fn a_page_is_written_as_text_or_as_markdown_and_never_both() {
    let scratch = Scratch::new();
    scratch
        .page("a.html", STORY)
        .page("b.txt", "The ferry leaves at nine, and comes back when it has been to the island.\n");
    let names = || -> Vec<String> {
        let files = program::files(&scratch.clean).into_keys();
        files.map(|path| path.to_str().unwrap().to_string()).filter(|name| !name.starts_with(".dechaff")).collect()
    };
    scratch.expect(0, &["--no-model"]);
    assert_eq!(names(), ["a.html.txt", "b.txt", "manifest.jsonl"]);
    assert!(scratch.cleaned("a.html.txt").contains("there were eleven of them"));
    scratch.expect(0, &["--no-model", "--markup", "markdown"]);
    assert_eq!(names(), ["a.html.md", "b.txt", "manifest.jsonl"]);
    let markdown = scratch.cleaned("a.html.md");
    assert!(markdown.starts_with("# Otters in the dry dock\n\nThe harbour board"), "{markdown}");
    assert!(markdown.contains("**eleven**"), "{markdown}");
    assert!(
        markdown.ends_with(
            "\n\n- Six were asleep when they were counted.\n- Five were counted twice, to be sure of them.\n"
        )
    );
    assert_eq!(scratch.row("a.html")["output"]["path"], "a.html.md");
    scratch.expect(0, &["--no-model"]);
    assert_eq!(names(), ["a.html.txt", "b.txt", "manifest.jsonl"]);
}

#[test]
fn the_manifest_tells_of_a_page_what_its_markup_says() {
    let scratch = Scratch::new();
    let head = "<link rel=canonical href=https://harbourpost.example/otters><meta name=author content='M. Quay'>";
    scratch.page("other.example/a.html", STORY.replace("<head>", &format!("<head>{head}<script>x</script>")));
    scratch.expect(0, &["--no-model"]);
    let row = scratch.row("other.example/a.html");
    assert_eq!((&row["site"], &row["site_source"]), (&"harbourpost.example".into(), &"canonical".into()));
    assert_eq!(row["metadata"]["author"], "M. Quay");
    assert_eq!(row["metadata"]["title"], "Otters");
    assert_eq!(row["non_content_elements"]["script"], 1);
    assert_eq!(row["dropped"][0]["path"], "html>body>nav");
}

#[test]
fn a_page_without_text_is_empty_and_its_scripts_are_counted() {
    let scratch = Scratch::new();
    scratch.page("a.html", "<!doctype html><title>Tides</title><div id=app></div><script>draw()</script>");
    scratch.expect(0, &["--no-model"]);
    let row = scratch.row("a.html");
    assert_eq!((&row["status"], &row["non_content_elements"]["script"]), (&"blank".into(), &1.into()));
    assert_eq!(row["metadata"]["title"], "Tides");
}

#[test]
fn a_rule_can_be_narrowed_to_elements() {
    let scratch = Scratch::new();
    let rules = scratch.home.path().join("rules");
    std::fs::create_dir_all(rules.join("general")).unwrap();
    let rule = "about = \"Tides.\"\n[[drop]]\nid = \"tide\"\nstarts = \"High water\"\nwithin = \"aside, div.tides\"\n\
                why = \"The tide box.\"\nhits = [\"High water at nine\"]\n";
    std::fs::write(rules.join("general/tide.toml"), rule).unwrap();
    let line = "High water stood above the sill at nine, and the keeper wrote it down.";
    let page = format!("<html><body><div class='box tides'><p>{line}</p></div><p>{line}</p></body></html>");
    scratch.page("a.html", page).page("b.txt", format!("{line}\n"));
    scratch.expect(0, &["--no-model", "--rules", rules.to_str().unwrap()]);
    assert_eq!(scratch.cleaned("a.html.txt"), format!("{line}\n"));
    assert_eq!(scratch.cleaned("b.txt"), format!("{line}\n"));
    std::fs::write(rules.join("general/tide.toml"), rule.replace("aside,", "aside >")).unwrap();
    let complaint = scratch.expect(2, &["--rules", rules.to_str().unwrap()]);
    assert!(complaint.contains("`within` names elements of HTML"), "{complaint}");
}

#[test]
fn navigation_and_foot_go_unless_the_text_stands_in_them() {
    const TEXT: &str =
        "<p>The ferry left at nine on Monday, with forty gulls aboard, and came back at ten without them.</p>";
    let beside = format!("<nav><p>Quay and moorings</p></nav>{TEXT}<footer><p>Tide tables</p></footer>");
    let inside = format!("<p>Week nine</p><nav><h2>Quay and moorings</h2>{TEXT}</nav>");
    for (page, stay) in [(beside, vec![false, true, false]), (inside, vec![true, true, true])] {
        let Html { text, blocks, markup, .. } = read(&page);
        let source = Source { path: "page.html".into(), record: None };
        let page = Page { text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
        let mut marks = Marks::new(page.blocks.len());
        Furniture::new().judge(&PageFeatures::of(&page), &mut marks);
        assert_eq!(marks.verdicts().map(|verdict| verdict.stays()).collect::<Vec<_>>(), stay, "{}", page.text);
    }
}

static SCORE: StageRule = StageRule { address: "model#score", why: "drops for the test" };

/// Drops lines as the model does: those that hold a word, with a score each.
struct Scoring(&'static [(&'static str, u16)]);

impl Stage for Scoring {
    fn name(&self) -> &'static str {
        "model"
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        for block in 0..page.len() {
            let found = self.0.iter().find(|(word, _)| page.text(block).contains(word));
            if let Some(&(_, permille)) = found {
                marks.drop(block, Mark { rule: RuleId::Judge(&SCORE), because: Evidence::Score { permille } });
            }
        }
    }
}

/// The blocks of a page that stay.
fn staying(page: &str, stages: &[&dyn Stage]) -> Vec<String> {
    let Html { text, blocks, markup, .. } = read(page);
    let source = Source { path: "page.html".into(), record: None };
    let page = Page { text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
    let features = PageFeatures::of(&page);
    let mut marks = Marks::new(page.blocks.len());
    stages.iter().for_each(|stage| stage.judge(&features, &mut marks));
    (0..page.blocks.len()).filter(|&block| marks.stays(block)).map(|block| page.text_of(block).to_owned()).collect()
}

#[test]
fn dates_come_back_in_entries_that_stay_and_not_in_those_that_go() {
    let entry = |number: u32, text: &str| {
        format!(
            "<article id=b{number}><header>1{number}:02 Updated</header><p>{text}</p><div>Share 1{number}</div></article>"
        )
    };
    let sails = "The last ferry sails at nine, with forty people aboard, and the quay is shut until the morning.";
    let page: String = (0..4).map(|number| entry(number, sails)).collect();
    let model = Scoring(&[("Updated", 90), ("Share", 20)]);
    let closing = Closing::new(Title::Keep);
    let stay = staying(&page, &[&model, &closing]);
    assert!((0..4).all(|number| stay.contains(&format!("1{number}:02 Updated"))), "{stay:?}");
    assert!(!stay.iter().any(|line| line.starts_with("Share")), "{stay:?}");
    // The last entry, of which the model was sure of nothing, is one of them.
    let model = Scoring(&[("Updated", 90), ("Share", 20), ("Buses", 290)]);
    let last = "Buses leave early.";
    let stay = staying(&format!("{page}{}", entry(4, last)), &[&model, &closing]);
    assert_eq!(stay[8..], ["14:02 Updated", last]);
    let model = Scoring(&[("Updated", 90), ("Share", 20), ("Buses", 90)]);
    assert_eq!(staying(&format!("{page}{}", entry(4, last)), &[&model, &closing]).len(), 8);
    let teasers: String = (0..4).map(|number| entry(number, "Another page, junk")).collect();
    let model = Scoring(&[("Updated", 90), ("Share", 20), ("junk", 60)]);
    assert_eq!(staying(&format!("<p>{sails}</p>{teasers}"), &[&model, &closing]), [sails]);
}

#[test]
fn the_standfirst_on_either_side_of_a_heading_that_is_the_title_comes_back() {
    const TEXT: &str =
        "We threw the first rope away, and here is what we kept of it and why the knots are on the other side.";
    let (dek, menu) = ("Nobody has seen it since the fair on Sunday", "Nobody Home News Sport Weather Shop Sign in");
    let model = Scoring(&[("The mayor", 400), ("Nobody", 150)]);
    let text = format!("<p>{TEXT}</p>").repeat(3);
    for page in [
        format!("<p>{dek}</p><h1>The mayor loses the key</h1>{text}"),
        format!(
            "<nav><a href=/>{menu}</a></nav><h1>The mayor loses the key</h1><div>{dek}</div>{text}<div>{dek}</div>"
        ),
    ] {
        let stay = staying(&page, &[&model, &Closing::new(Title::Keep)]);
        assert_eq!(stay.iter().filter(|line| *line == dek).count(), 1, "{page}: {stay:?}");
        assert!(!stay.contains(&menu.to_owned()) && stay.len() == 5, "{stay:?}");
    }
}

#[test]
fn the_heading_of_an_entry_that_stays_comes_back() {
    const TEXT: &str =
        "We threw the first rope away, and here is what we kept of it and why the knots are on the other side.";
    let post = |title: &str| format!("<div class=post><h2>{title}</h2><p>6 April</p><p>{TEXT}</p></div>");
    let page = [post("Knots"), post("Ropes"), post("Splices")].concat();
    let model = Scoring(&[("Ropes", 200), ("Splices", 190)]);
    let stay = staying(&page, &[&model, &Closing::new(Title::Keep)]);
    assert!(stay.contains(&"Ropes".to_owned()) && !stay.contains(&"Splices".to_owned()), "{stay:?}");
}

#[test]
fn the_caption_of_a_table_that_stays_comes_back() {
    let page = "<figure><table><tr><th>a<th>b<tr><td>c<td>d</table><figcaption>Head counts</figcaption></figure>\
                <figure><figcaption>Head of a gull</figcaption></figure>";
    let model = Scoring(&[("Head", 90)]);
    assert_eq!(staying(page, &[&model, &Closing::new(Title::Keep)]), ["a | b", "c | d", "Head counts"]);
}

#[test]
fn numbers_beside_code_go_and_code_of_numbers_stays() {
    let page = "<table><tr><td><pre>1\n2\n3</pre><td><pre>mkdir tide\ncd tide\nmake</pre></table><pre>1\n2\n3</pre>";
    assert_eq!(staying(page, &[&Furniture::new()]), ["mkdir tide", "cd tide", "make", "1", "2", "3"]);
}

#[test]
fn comments_below_an_article_go_and_a_thread_stays() {
    const TEXT: &str = "The ferry left at nine on Monday, with forty gulls aboard, and came back at ten without them.";
    let comment = format!("<div class=comment-body><p>{TEXT} I was there.</p></div>");
    let comments = format!("<section id=comments>{}</section>", comment.repeat(3));
    let article = format!("<article>{}</article>", format!("<p>{TEXT}</p>").repeat(5));
    let stage = CommentsStage::new(Comments::Auto);
    assert_eq!(staying(&format!("{article}{comments}"), &[&stage]), [TEXT; 5]);
    let kept = CommentsStage::new(Comments::Keep);
    assert_eq!(staying(&format!("{article}{comments}"), &[&kept]).len(), 8);
    assert_eq!(staying(&format!("<p>{TEXT}</p>{comments}"), &[&stage]).len(), 4, "a question and its answers");
    let scratch = Scratch::new();
    scratch.page("a.html", format!("{article}{comments}"));
    scratch.expect(0, &["--no-model"]);
    let row = scratch.row("a.html");
    let rules: Vec<_> = row["dropped"].as_array().unwrap().iter().map(|drop| &drop["rule"]).collect();
    assert_eq!(rules, ["comments#below-article"], "{row}");
}

#[test]
fn a_list_of_other_stories_between_paragraphs_goes_and_lists_of_the_text_stay() {
    const TEXT: &str = "The ferry left at nine on Monday, with forty gulls aboard, and came back at ten without them.";
    let list = |targets: [&str; 2]| {
        let [one, other] = targets;
        format!("<ul><li><a href='{one}'>Mayor opens the bridge</a><li><a href='{other}'>Salt is dearer again</a></ul>")
    };
    let stories = list(["/news/1", "/news/2"]);
    let page = |above: &str, list: &str, below: &str| format!("<article><p>{above}</p>{list}{below}</article>");
    let below = format!("<p>{TEXT}</p>");
    let stays = |page: &str| staying(page, &[&Teasers::new()]).len();
    assert_eq!(stays(&page(TEXT, &stories, &below)), 2);
    for (why, page) in [
        (
            "announced",
            page("The harbour has two stories to tell this week, and here are both of them:", &stories, &below),
        ),
        ("at the end", page(TEXT, &stories, "")),
        ("within the page", page(TEXT, &list(["#bridge", "#salt"]), &below)),
        ("of other sites", page(TEXT, &list(["https://mole.example/1", "https://gull.example/2"]), &below)),
        (
            "no link alone",
            page(TEXT, "<ul><li>See <a href='/1'>the bridge</a><li>or <a href='/2'>the salt</a></ul>", &below),
        ),
    ] {
        assert_eq!(stays(&page), page.matches("<p>").count() + 2, "{why}");
    }
    let guide = page(TEXT, &format!("{stories}{below}").repeat(4), "");
    assert_eq!(stays(&guide), 13, "a guide to other pages");
}

#[test]
fn what_well_known_programs_write_around_a_text_goes_as_a_whole() {
    const TEXT: &str = "The ferry left at nine on Monday, with forty gulls aboard, and came back at ten without them.";
    let asks = "We and our partners would like to know which ferry you take, and when, and what you eat on the way.";
    for name in ["id=onetrust-consent-sdk", "class='box cky-consent-container'", "class='widget BlogArchive'"] {
        let page = format!(
            "<div {name}><h2>Your ferry</h2><p>{asks}</p><ul><li>Yes<li>No</ul></div><p>{TEXT}</p><p>{TEXT}</p>"
        );
        assert_eq!(staying(&page, &[&Furniture::new()]), [TEXT; 2], "{name}");
        let frame = format!("<body {name}><h2>Your ferry</h2><p>{TEXT}</p></body>");
        assert_eq!(staying(&frame, &[&Furniture::new()]), ["Your ferry", TEXT], "{name}");
    }
    let whole = format!("<div class=BlogArchive><p>{TEXT}</p></div>");
    assert_eq!(staying(&whole, &[&Furniture::new()]), [TEXT], "a class of two");
    let text = format!("<div id=cookie-notice><p>{TEXT}</p></div><p>Short.</p>");
    assert_eq!(staying(&text, &[&Furniture::new()]), [TEXT, "Short."], "the text itself");
}

#[test]
fn a_hidden_copy_goes_and_what_is_only_hidden_stays() {
    let scratch = Scratch::new();
    let copy = "The harbour board has counted the otters in the dry dock, and found that there were eleven of them.";
    let hidden = "Behind the pump house there was a twelfth, which did not wish to be counted or to be seen.";
    let page = STORY.replace("</article>", &format!("<noscript>{copy}</noscript><div hidden>{hidden}</div></article>"));
    scratch.page("a.html", page);
    scratch.expect(0, &["--no-model"]);
    let text = scratch.cleaned("a.html.txt");
    assert_eq!(text.matches("counted the otters").count(), 1, "{text}");
    assert!(text.contains(hidden), "{text}");
    assert!(
        scratch.row("a.html")["dropped"].as_array().unwrap().iter().any(|drop| drop["rule"] == "furniture#hidden-copy")
    );
}

#[test]
fn repairs_move_emphasis_with_the_text() {
    let scratch = Scratch::new();
    let story = STORY.replace("harbour board", "harÂ\u{ad}bour cafÃ© board").replace("&", "&amp;");
    scratch.page("a.html", story);
    scratch.expect(0, &["--no-model", "--markup", "markdown"]);
    let text = scratch.cleaned("a.html.md");
    assert!(text.contains("café board has counted") && text.contains("**eleven** of them"), "{text}");
}

/// Markdown of blocks, all of which stay.
#[test]
fn markdown_keeps_what_the_markup_says() {
    let cases = [
        ("<h2>A *b*</h2><p>c</p>", "## A \\*b\\*\n\nc\n"),
        ("<p>a <b>b <i>c</i></b> d<br>e</p>", "a **b *c*** d\\\ne\n"),
        ("<p><a href='/x y'>link</a> <a href='#top'>top</a></p>", "[link](/x%20y) top\n"),
        ("<p>1984. A year</p><p># no heading</p>", "1984\\. A year\n\n\\# no heading\n"),
        ("<dl><dt>a <i>b</i><dd>c</dl>", "a *b*\n\nc\n"),
        ("<ol><li>a<ul><li>b</ul><li><p>c<p>d</ol>", "1. a\n    - b\n2. c\n\n    d\n"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b\n"),
        ("<ol reversed start=2><li>a<li>b</ol>", "2. a\n1. b\n"),
        ("<ol><li value=7>a<li>b</ol>", "7. a\n8. b\n"),
        ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b\n"),
        ("<pre>a\n\n  b ``` c</pre>", "````\na\n\n  b ``` c\n````\n"),
        ("<p><code>x`y</code> and <code>z</code></p>", "`` x`y `` and `z`\n"),
        ("<table><tr><th>a<th>b<tr><td>1|2<td><b>c</b></table>", "| a | b |\n| --- | --- |\n| 1\\|2 | **c** |\n"),
        (
            "<table><tr><th rowspan=2>a<th colspan=2>b<tr><th>c<th>d<tr><td colspan=3>e<tr><td>f<td>g<td>h</table>",
            "| a | b |  |\n| --- | --- | --- |\n|  | c | d |\n| e |  |  |\n| f | g | h |\n",
        ),
        ("<table><tr><td>a<td><ul><li>b<li>c</ul></table>", "|  |  |\n| --- | --- |\n| a | b, c |\n"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "|  |  |\n| --- | --- |\n| a | b |\n| c | d |\n"),
    ];
    for (page, expected) in cases {
        let Html { text, blocks, markup, .. } = read(page);
        let source = Source { path: "page.html".into(), record: None };
        let page_read = Page { text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
        let marks = Marks::new(page_read.blocks.len());
        assert_eq!(markdown(&page_read, &marks), expected, "{page}");
    }
}

#[test]
fn what_an_element_says_by_how_it_is_shown_is_in_the_text() {
    let cases = [
        ("10<sup>6</sup> litres, m<sup>2</sup>, 10<sup>−5</sup>", "10⁶ litres, m², 10⁻⁵"),
        ("on the 4<sup>th</sup>, said<sup><a href=x>12</a></sup> and<sup>[3]</sup>", "on the 4th, said¹² and[3]"),
        ("she said <q>Both, <q>bridge</q> too</q>.", "she said “Both, ‘bridge’ too”."),
        ("<q></q>none", "none"),
        ("<del>has rejected</del> <ins>has approved</ins>", "~~has rejected~~ has approved"),
        ("<ruby>地震<rp>(</rp><rt>じしん</rt><rp>)</rp></ruby>は<ruby>起<rt>お</ruby>き", "地震は起き"),
        ("<math><mfrac><mi>Q</mi><mrow><mi>A</mi><mo>+</mo><mn>1</mn></mrow></mfrac></math> is", "Q/(A+1) is"),
        ("<math><msup><mi>x</mi><mn>12</mn></msup></math>", "x^12"),
        (
            "the term <math><semantics><mi>x</mi><mi>y</mi><annotation encoding=application/x-tex>x^y</annotation>\
             </semantics></math><span class=katex-html aria-hidden=true>xy</span> grows",
            "the term x^y grows",
        ),
    ];
    for (body, expected) in cases {
        let Html { text, .. } = read(&format!("<p>{body}</p>"));
        assert_eq!(text.trim_end(), expected, "{body}");
    }
    // Marks are closed where a block ends.
    assert_eq!(read("<del><p>a</p><p>b</p></del>").text, "~~a~~\n~~b~~\n");
}

/// One page of 50 MB: time and memory are bounded by its length.
#[cfg(target_os = "linux")]
#[test]
fn a_page_of_fifty_megabytes_is_cleaned_in_bounded_memory() {
    let scratch = Scratch::new();
    let paragraph = "<div class=story><p>The ferry left at nine, with <b>eleven otters</b> aboard, and came back at \
                     noon without them, which the captain could not explain to the harbour board.</p></div>\n";
    scratch.page("a.html", format!("<html><body>{}", paragraph.repeat((50 << 20) / paragraph.len())));
    // A limit on the address space, in kB: 16 times the page.
    let command = format!(
        "ulimit -v {}; exec {} {} {} --no-model --no-survey --threads 1 --quiet",
        16 * 50 * 1024,
        assert_cmd::cargo::cargo_bin!("dechaff").display(),
        scratch.raw.display(),
        scratch.clean.display()
    );
    let started = Instant::now();
    let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
    assert_eq!(scratch.row("a.html")["blocks"]["kept"].as_u64().unwrap() as usize, (50 << 20) / paragraph.len());
}
