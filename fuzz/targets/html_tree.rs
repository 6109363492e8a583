//! Elements, attributes and text that mean something to a reader of HTML, well nested or not: deeper than bytes come.
#![no_main]

#[path = "../src/html_laws.rs"]
mod html_laws;

use libfuzzer_sys::arbitrary::{self, Arbitrary};

const TAGS: [&str; 40] = [
    "p", "div", "span", "a", "b", "q", "code", "h1", "h2", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "td",
    "th", "caption", "pre", "blockquote", "br", "nav", "article", "aside", "button", "select", "option", "script",
    "template", "noscript", "svg", "math", "ruby", "rt", "title", "figure", "details",
];

const ATTRIBUTES: [&str; 14] = [
    "",
    " hidden",
    " class=\"related box\"",
    " id=main",
    " href=\"/a?b=1&amp;c\"",
    " style='display:none'",
    " role=navigation",
    " start=3",
    " colspan=2",
    " aria-hidden=true",
    " type=\"application/ld+json\"",
    " shadowrootmode=open",
    " lang=zh",
    " alt=\"a tide\" src=x",
];

const TEXTS: [&str; 10] =
    ["The tide went out at four.", "&amp;", "&#x0;", "\u{a0}", "\r\n", "潮が引いた。", "a", "{\"@type\":\"Article\"}", "<", "]]>"];

#[derive(Debug, Arbitrary)]
enum Piece {
    Open { tag: u8, attributes: [u8; 2] },
    Close(u8),
    Text(u8),
    Own(String),
    Comment(String),
}

fn pick<'a>(all: &[&'a str], number: u8) -> &'a str {
    all[usize::from(number) % all.len()]
}

libfuzzer_sys::fuzz_target!(|pieces: Vec<Piece>| {
    let written = |piece: &Piece| match piece {
        Piece::Open { tag, attributes: [one, other] } => {
            format!("<{}{}{}>", pick(&TAGS, *tag), pick(&ATTRIBUTES, *one), pick(&ATTRIBUTES, *other))
        }
        Piece::Close(tag) => format!("</{}>", pick(&TAGS, *tag)),
        Piece::Text(text) => pick(&TEXTS, *text).to_string(),
        Piece::Own(text) => text.clone(),
        Piece::Comment(text) => format!("<!--{text}-->"),
    };
    html_laws::reading_html_holds(pieces.iter().map(written).collect::<String>().as_bytes());
});
