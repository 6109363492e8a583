//! Divides a page into tags and text, and hands them on.
//!
//! Plain text and tags that are written as most are, are found by search (`scan`); all else, from a reference in an attribute
//! that somebody asks for to a comment, is read by html5gum's tokenizer (`gum`), as the HTML Standard has it. Nothing owns a
//! string: what an attribute says that nobody asks for, and the text of scripts and styles, is passed over where it stands.

mod gum;
mod scan;

use std::borrow::Cow;
use std::ops::Range;

use html5gum::State;

use super::Reader;
use super::attributes::Asked;
use super::writer::line_ends;

/// A start tag, with the attributes that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartTag<'t> {
    pub name: &'t str,
    pub closes_itself: bool,
    values: &'t str,
    attributes: &'t [Attribute],
}

/// An attribute, and where its value stands among those of its tag.
type Attribute = (Asked, Range<usize>);

impl<'t> StartTag<'t> {
    /// Its attributes in their order, each once.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (Asked, &'t str)> {
        let values = self.values;
        self.attributes.iter().map(move |(name, value)| (*name, &values[value.clone()]))
    }

    /// The value of an attribute.
    pub(super) fn value(&self, name: Asked) -> Option<&'t str> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Reads a text into `page`. Never fails: whatever is wrong with it is read as browsers read it.
pub(super) fn read(text: &str, page: &mut Reader) {
    let text = normalized(text);
    let mut tokens = Tokens::of(&text, page);
    match tokens.has_nul {
        true => gum::read_all(&text, &mut tokens),
        false => scan::read(&text, &mut tokens),
    }
}

/// A text without a byte order mark, its line ends plain (HTML Standard, 13.2.3.5).
fn normalized(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text.into();
    }
    let (mut plain, mut from) = (String::with_capacity(text.len()), 0);
    for at in memchr::memchr_iter(b'\r', text.as_bytes()) {
        plain.push_str(&text[from..at]);
        from = at + 1;
        if text.as_bytes().get(from) != Some(&b'\n') {
            plain.push('\n');
        }
    }
    plain.push_str(&text[from..]);
    plain.into()
}

/// The raw lines of a text, counted as far as somebody asks.
pub(super) struct RawLines<'t> {
    text: &'t [u8],
    /// Up to where the text has been read.
    position: usize,
    /// Up to where its line ends have been counted, and the line there.
    counted: usize,
    line: u32,
}

impl RawLines<'_> {
    /// The line up to which the text has been read.
    pub(super) fn here(&mut self) -> u32 {
        self.line += line_ends(&self.text[self.counted..self.position]);
        self.counted = self.position;
        self.line
    }
}

/// The tag or the text under way.
struct Tokens<'t> {
    page: &'t mut Reader,
    lines: RawLines<'t>,
    /// Whether there is any NUL, which is no text.
    has_nul: bool,
    /// The start of a character that has not come whole.
    part: Vec<u8>,
    is_end_tag: bool,
    closes_itself: bool,
    name: Vec<u8>,
    /// The name of the last start tag.
    last: Vec<u8>,
    /// The name of the attribute under way, and where its value begins among those of the tag.
    attribute: Vec<u8>,
    from: usize,
    /// Whether somebody asks for it: known when its value begins.
    asked: Option<Asked>,
    attributes: Vec<Attribute>,
    values: Vec<u8>,
}

impl<'t> Tokens<'t> {
    fn of(text: &'t str, page: &'t mut Reader) -> Tokens<'t> {
        Tokens {
            page,
            lines: RawLines { text: text.as_bytes(), position: 0, counted: 0, line: 1 },
            has_nul: memchr::memchr(0, text.as_bytes()).is_some(),
            part: Vec::new(),
            is_end_tag: false,
            closes_itself: false,
            name: Vec::new(),
            last: Vec::new(),
            attribute: Vec::new(),
            from: 0,
            asked: None,
            attributes: Vec::new(),
            values: Vec::new(),
        }
    }

    fn take_text(&mut self, bytes: &[u8]) {
        // The tokenizer hands on the first byte of a character by itself where it had to look at it before.
        if !self.part.is_empty() {
            self.part.extend_from_slice(bytes);
            let part = std::mem::take(&mut self.part);
            return match str::from_utf8(&part) {
                Ok(text) => self.page.text(text, &mut self.lines),
                Err(_) => self.part = part,
            };
        }
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => self.page.text(text, &mut self.lines),
            Err(_) => self.part.extend_from_slice(bytes),
        }
    }

    fn begin_tag(&mut self, is_end_tag: bool) {
        self.is_end_tag = is_end_tag;
        self.closes_itself = false;
        self.name.clear();
        self.attribute.clear();
        self.attributes.clear();
        self.values.clear();
    }

    /// Of several attributes of a name the first counts. An end tag has none.
    fn end_attribute(&mut self) {
        // One without a value has not been settled.
        if !self.attribute.is_empty() {
            self.settle_attribute();
        }
        if let Some(name) = self.asked.take() {
            self.attributes.push((name, self.from..self.values.len()));
        }
    }

    /// Whether somebody asks for the attribute under way.
    fn settle_attribute(&mut self) {
        let asked = Asked::of(&self.attribute).filter(|_| !self.is_end_tag);
        self.asked = asked.filter(|asked| self.attributes.iter().all(|(known, _)| known != asked));
        self.from = self.values.len();
        self.attribute.clear();
    }

    /// Hands on the tag under way; how what follows it is read, where that is not as usual. Its attributes' values stand in
    /// `values`.
    fn hand_on(&mut self, name: &str, values: &str) -> Option<State> {
        if self.is_end_tag {
            self.page.end_tag(name);
            return None;
        }
        self.last.clear();
        self.last.extend_from_slice(name.as_bytes());
        let (closes_itself, attributes) = (self.closes_itself, &*self.attributes);
        self.page.start(&StartTag { name, closes_itself, values, attributes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_plain_and_a_mark_of_byte_order_is_no_text() {
        for (text, expected) in [
            ("\u{FEFF}a\r\nb\rc\n", "a\nb\nc\n"),
            ("\u{FEFF}\u{FEFF}a", "\u{FEFF}a"),
            ("a\r\r\nb", "a\n\nb"),
            ("plain", "plain"),
        ] {
            assert_eq!(normalized(text), expected, "{text:?}");
        }
    }

    /// What html5gum's tokenizer makes of a text by itself.
    fn by_gum(text: &str) -> String {
        let mut page = Reader::default();
        let text = normalized(text);
        gum::read_all(&text, &mut Tokens::of(&text, &mut page));
        format!("{:?}", page.end())
    }

    fn by_search(text: &str) -> String {
        let mut page = Reader::default();
        read(text, &mut page);
        format!("{:?}", page.end())
    }

    #[test]
    fn tags_of_any_form_are_read_as_html5gum_reads_them() {
        for text in [
            "<p class=a id='b' title=\"c\">x</p>",
            "<P CLASS=A>x</P ><br/><br / ><hr x=/>",
            "<a href='?a&amp;b'>x<a href=?a&b>y",
            "<p title='a&amp;b' class=c>x",
            "<p class=a class=b =c>x",
            "<p class = 'a'id=b>x<p class=>y<p class",
            "<p class='>'>x</p '>'>y",
            "a < b <3 <é></> </ p><?x?>y<!x>z",
            "a &lt b &ampc &#x2028 &nosuch; &am<p>&",
            "<script>a</scr</script >b<title>c&amp;</titl</title>d",
            "<textarea>\n<p>x</textarea><plaintext><p>y",
            "<svg><![CDATA[<p>x]]></svg><math><mi>y</math>",
            "<!-- a > b --!><p>x<!--",
            "\u{0}<p cl\u{0}ass=a>x",
            "<p\u{c}class\t=\r\n\u{c}é>x",
            "<p cla<ss=\"a\" i\"d=b c'>x",
        ] {
            assert_eq!(by_search(text), by_gum(text), "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(20_000))]
        /// Whatever a page is made of.
        #[test]
        fn what_search_finds_is_what_html5gum_finds(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            let text = pieces.concat();
            proptest::prop_assert_eq!(by_search(&text), by_gum(&text));
        }
    }

    const PIECES: &[&str] = &[
        "<",
        "</",
        ">",
        "/",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "\r",
        "\t",
        "\u{c}",
        "a",
        "A",
        "é",
        "-",
        "!",
        "?",
        "&",
        "&amp;",
        "&lt",
        "&am",
        "&#",
        "x",
        "div",
        "p",
        "li",
        "td",
        "table",
        "button",
        "svg",
        "math",
        "mi",
        "template",
        "class",
        "ID",
        "href",
        "<p class=x>",
        "<a href='b&amp;c'>",
        "<a href=d>",
        "</a>",
        "<script>",
        "</script>",
        "<style",
        "</style>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<pre>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!doctype html>",
        "<plaintext>",
        "<div id='e' hidden>",
        "</div>",
        "<br/>",
        " text of a page, ",
        "<noscript>",
        "<iframe>",
        "</iframe>",
    ];
}
