//! How the time for a page grows with its length: each shape is doubled, and the factor of time is told.
//! `cargo bench --bench growth [SHAPE]`
//!
//! HTML, which is as hostile as it comes, up to 64 MB: `cargo bench --bench growth "html: links"`; all of
//! them (`html`) take some minutes.
//!
//! What is linear shows 2. The shapes are those that took time in the square of their length once, and kin of theirs.
//! Clocks are not for tests: nothing fails here.
#![allow(clippy::print_stdout)]

use std::borrow::Cow;
use std::time::Instant;

use dechaff::internals::parse::decode::{Hints, decode};
use dechaff::internals::parse::repair::{Repairs, Switches, repair};
use dechaff::{Cleaner, Input, Settings};

const SIZES: [usize; 4] = [1 << 20, 1 << 21, 1 << 22, 1 << 23];

const SHAPES: [(&str, &[u8]); 17] = [
    ("escapes of ISO-2022-JP", b"\x1b$B\x1b(B"),
    ("words of ISO-2022-JP", b"\x1b$B\x45\x74\x42\x66\x1b(B"),
    ("lone surrogates of UTF-16", b"\x00\xd8"),
    ("lone surrogates of UTF-8", b"\xed\xa0\xbd"),
    ("pairs of CESU-8", b"\xed\xa0\xbd\xed\xb8\x80"),
    ("emoji and joiners", "👩\u{200d}".as_bytes()),
    ("C1 controls", b"\xc2\x80"),
    ("windows-1252 signs", b"\x93a\x94 "),
    ("Arabic and joiners", "ك\u{200d}".as_bytes()),
    ("cut Shift_JIS", b"\x83"),
    ("cut UTF-8", b"\xe2\x82 "),
    ("references of references", b"amp;"),
    ("mojibake", "Ã©".as_bytes()),
    ("marks", "\u{301}\u{323}".as_bytes()),
    ("lines of one letter", b"a\n"),
    ("lines of a sign", "©\n".as_bytes()),
    ("mail addresses of one line", b"Write to gull@ferry.example about it. "),
];

const HTML_SIZES: [usize; 7] = [1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 24, 1 << 25, 1 << 26];

const HTML_SHAPES: [(&str, &[u8]); 12] = [
    ("html: nested elements", b"<div>"),
    ("html: nested elements, text", b"<div class=a>a "),
    ("html: paragraphs left open", b"<p>a"),
    ("html: formatting left open", b"<b><i>a<p>"),
    ("html: tables in cells", b"<table><tr><td>a"),
    ("html: end tags of nothing", b"a</x>"),
    ("html: links", b"<li><a href=/a>a</a>"),
    ("html: comments", b"<!-- a --><!"),
    ("html: references", b"&am;&#"),
    (
        "html: comments in comments",
        b"<div><h2>Comments</h2><p>Ida 3 May 2024</p><p>The ferry left at nine, and nobody on the quay had asked it to.</p>",
    ),
    (
        "html: headings of a report",
        b"<h2>Share</h2><p>The ferry left at nine, and nobody on the quay had asked it to do so at all.</p>",
    ),
    (
        "html: boxes of authors",
        b"<div class=author-box><h3>About the author</h3><p>The ferry left at nine, and nobody had asked it to do so.</p></div>",
    ),
];

fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let mut settings = Settings::default();
    settings.personal.pii = true;
    let cleaner = Cleaner::builder().settings(settings).build().expect("the built-in rules are right");
    println!("{:28} {:>42}   {:>42}", "", "decoding and repairing: ms, factors", "all: ms, factors");
    let shapes = SHAPES.iter().map(|(name, unit)| (*name, Page::Of(unit))).chain([("high random bytes", Page::Random)]);
    for (name, page) in shapes.filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str()))) {
        let parsing = growth(&page, &SIZES, |bytes| {
            repair(decode(bytes, &Hints::default()).text, &Switches::default(), &mut Repairs::default()).len()
        });
        let all = growth(&page, &SIZES, |bytes| cleaner.clean(Input::bytes(Cow::Borrowed(bytes))).text().len());
        println!("{name:28} {parsing:>42}   {all:>42}");
    }
    if let Some(wanted) = wanted.filter(|wanted| wanted.starts_with("html")) {
        for (name, unit) in HTML_SHAPES.into_iter().filter(|(name, _)| name.contains(&wanted)) {
            let all = growth(&Page::Of(unit), &HTML_SIZES, |bytes| {
                cleaner.clean(Input::html(Cow::Borrowed(bytes))).text().len()
            });
            println!("{name:28} {all:>42}");
        }
    }
}

enum Page {
    Of(&'static [u8]),
    Random,
}

impl Page {
    fn bytes(&self, size: usize) -> Vec<u8> {
        match self {
            // A mark makes UTF-16 of what may be anything.
            Page::Of(unit @ b"\x00\xd8") => [b"\xff\xfe".as_slice(), &unit.repeat(size / 2)].concat(),
            Page::Of(b"amp;") => [b"&".as_slice(), &b"amp;".repeat(size / 4)].concat(),
            Page::Of(unit) => unit.repeat(size / unit.len()),
            Page::Random => {
                let mut state = 5u32;
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                };
                (0..size).map(|_| next()).map(|byte| if byte == 0xA { byte } else { byte | 0x80 }).collect()
            }
        }
    }
}

/// The time at each size, and its growth at each doubling.
fn growth(page: &Page, sizes: &[usize], work: impl Fn(&[u8]) -> usize) -> String {
    let times = sizes.iter().map(|&size| {
        let bytes = page.bytes(size);
        let start = Instant::now();
        std::hint::black_box(work(&bytes));
        start.elapsed().as_secs_f64() * 1e3
    });
    let times: Vec<f64> = times.collect();
    let factors: Vec<String> = times.windows(2).map(|pair| format!("×{:.1}", pair[1] / pair[0].max(0.01))).collect();
    format!("{:.0} {}", times[times.len() - 1], factors.join(" "))
}
