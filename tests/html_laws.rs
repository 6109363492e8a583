//! The laws that the fuzz target `html` tests, on tag soup made at random: a smoke run for machines without
//! cargo-fuzz.

#[path = "../fuzz/src/html_laws.rs"]
mod html_laws;

use proptest::prelude::*;

/// Pieces that mean something to a reader of HTML, well formed or not.
fn piece() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "p",
        "div",
        "span",
        "a",
        "b",
        "i",
        "em",
        "code",
        "h1",
        "h3",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "caption",
        "pre",
        "blockquote",
        "br",
        "hr",
        "nav",
        "article",
        "button",
        "select",
        "option",
        "textarea",
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "mi",
        "foreignObject",
        "head",
        "body",
        "html",
        "form",
        "figure",
        "img",
        "plaintext",
        "xmp",
        "iframe",
        "x-y",
        "frameset",
        "object",
    ]);
    let attributes = prop::sample::select(vec![
        "",
        "",
        "",
        " href=/x",
        " class='a b' id=c",
        " hidden",
        " style='display:none'",
        " role=heading",
        " /",
        " a=\"",
    ]);
    let words = prop::sample::select(vec![
        "word",
        " ",
        "\n",
        "two words",
        "&amp;",
        "&nbsp;",
        "&#13;",
        "<",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "\u{200b}",
        "caf\u{c3}\u{a9}",
        "of\u{fb01}ce",
        "\u{2028}",
        "\u{3000}",
        "| a |",
        "*",
        "`",
        "e\u{301}",
        "\t",
        "light\u{ad}house",
    ]);
    prop_oneof![
        3 => (names.clone(), attributes).prop_map(|(name, attributes)| format!("<{name}{attributes}>")),
        2 => names.prop_map(|name| format!("</{name}>")),
        3 => words.prop_map(str::to_string),
    ]
}

/// Text that shrinks under what is open: rows that are joined, white space that is cut off at an end.
#[test]
fn pages_whose_text_shrinks_are_read() {
    for page in [
        "<table><tr><td>a<td>b<em></table>c</em>",
        "<b>\u{200b}\u{3000}<i></b>",
        "two words<br>\u{3000}",
        "<a href=x><pre>\n \n</a>x</pre>",
        // More signs go than are looked over: the break does not take the word's first letter for itself.
        &format!("one\u{e}<br>{}Two", "\u{7}".repeat(20)),
    ] {
        html_laws::reading_html_holds(page.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_page_is_read(pieces in prop::collection::vec(piece(), 0..40)) {
        html_laws::reading_html_holds(pieces.concat().as_bytes());
    }
}
