//! What a file is: known by its content, then by its name.

use std::borrow::Cow;
use std::path::Path;

use serde_json::value::RawValue;

use crate::parse::decode::has_wide_shape;
use crate::parse::html::is_element;
use crate::parse::subtitles;

/// How much of a file's start is looked at, in bytes.
const HEAD: usize = 4096;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain text: one page, a line a block.
    Text,
    /// An HTML or XHTML page.
    Html,
    /// Markdown.
    Markdown,
    /// SubRip or WebVTT.
    Subtitles,
    /// Nothing but white space, or nothing at all.
    Empty,
    /// Something that is not read; the words say what and why.
    Unread(&'static str),
}

/// A row of the table of what a page may be.
#[derive(Debug)]
pub struct Form {
    /// Its name, for people.
    pub name: &'static str,
    /// How it is known, for people.
    pub known_by: &'static str,
    /// How it is read, for people.
    pub read_as: &'static str,
}

/// What a page may be.
pub const FORMS: [Form; 5] = [
    Form { name: "plain text", known_by: "nothing that speaks against it", read_as: "a line is a block" },
    Form {
        name: "HTML and XHTML",
        known_by: "a doctype or tags at the start; where `.html`, `.htm`, `.xhtml`, a type or a field `html` says so, tags anywhere",
        read_as: "as browsers read it; elements tell the blocks",
    },
    Form {
        name: "Markdown",
        known_by: "`.md`, `.markdown`, `.mdown`, `.mkd`",
        read_as: "the HTML that it stands for: headings, lists, tables and fences are structure; front matter gives the title",
    },
    Form {
        name: "SubRip and WebVTT",
        known_by: "`WEBVTT` or a line of two times at the start, or `.srt`, `.vtt`",
        read_as: "cues joined to paragraphs, without numbers, times and tags",
    },
    Form {
        name: "MHTML",
        known_by: "the head of a message with `multipart/related` and `text/html`",
        read_as: "its first part of HTML, or the one that it names as its start",
    },
];

/// Tells what a file is from its bytes, its name, and whether what came with it declares that it is HTML.
pub fn kind(name: &Path, bytes: &[u8], is_declared_html: bool) -> Kind {
    if bytes.iter().all(u8::is_ascii_whitespace) || matches!(bytes, b"\xEF\xBB\xBF" | b"\xFF\xFE" | b"\xFE\xFF") {
        return Kind::Empty;
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if let Some(what) = by_magic(head).or_else(|| by_start(head)) {
        return Kind::Unread(what);
    }
    let wide = looks_utf16_or_32(head);
    if !wide && is_binary(head) && !has_wide_shape(head) {
        return Kind::Unread("binary data");
    }
    if is_html(bytes) {
        return Kind::Html;
    }
    if is_subtitles(name, head) {
        return Kind::Subtitles;
    }
    if is_mhtml(head) {
        return Kind::Unread("MHTML without a page");
    }
    match by_name(name) {
        Some(what) => Kind::Unread(what),
        None if is_json(bytes) => Kind::Unread("JSON without pages (--text-field names the field of their text)"),
        None if (is_declared_html || is_named_html(name)) && has_tags(bytes) => Kind::Html,
        None if has_ending(name, &["md", "markdown", "mdown", "mkd"]) => Kind::Markdown,
        None => Kind::Text,
    }
}

/// Whether a file's name says that it is HTML.
pub fn is_named_html(name: &Path) -> bool {
    has_ending(name, &["html", "htm", "xhtml"])
}

fn has_ending(name: &Path, endings: &[&str]) -> bool {
    let extension = name.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    endings.iter().any(|ending| ending.eq_ignore_ascii_case(extension))
}

/// Whether a text is a file of cues: it begins as one does, or is named so and has a line of two times.
fn is_subtitles(name: &Path, head: &[u8]) -> bool {
    // The zero bytes of UTF-16 are left out: times are ASCII in any charset.
    let narrow: Cow<[u8]> = match memchr::memchr(0, head) {
        Some(_) => head.iter().copied().filter(|&byte| byte != 0).collect(),
        None => head.into(),
    };
    let has_times = memchr::memmem::find(&narrow, b" --> ").is_some();
    has_times && (has_ending(name, &["srt", "vtt"]) || subtitles::begins(&String::from_utf8_lossy(&narrow)))
}

/// Whether a text is JSON: all of it is one value, or more of its first lines are objects or arrays of them than are not.
/// A text may begin with an object: some put what they say of a page before it so.
fn is_json(bytes: &[u8]) -> bool {
    /// How many lines are looked at: as many as readers of JSON lines do.
    const LINES: usize = 64;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let starts = |text: &[u8]| match text {
        [b'{', ..] => true,
        [b'[', rest @ ..] => rest.trim_ascii_start().starts_with(b"{"),
        _ => false,
    };
    let is_value = |text: &[u8]| starts(text) && serde_json::from_slice::<&RawValue>(text).is_ok();
    if !starts(text) {
        return false;
    }
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (values, others): (Vec<&[u8]>, Vec<&[u8]>) = lines.take(LINES).partition(|line| is_value(line));
    // Objects that are cut short or damaged speak for nothing.
    values.len() > others.iter().filter(|line| !line.starts_with(b"{")).count() || is_value(text)
}

fn by_magic(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 20] = [
        (b"%PDF-", "PDF"),
        (b"PK\x03\x04", "a ZIP archive or office document"),
        (b"\x1F\x8B", "gzip within another file"),
        (b"\x28\xB5\x2F\xFD", "Zstandard within another file"),
        (b"BZh", "bzip2 within another file"),
        (b"\xFD7zXZ\x00", "xz within another file"),
        (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
        (b"Rar!\x1A\x07", "a RAR archive"),
        (b"WARC/1.", "WARC within another file"),
        (b"\x89PNG", "an image"),
        (b"\xFF\xD8\xFF", "an image"),
        (b"GIF8", "an image"),
        (b"RIFF", "media"),
        (b"OggS", "media"),
        (b"ID3", "media"),
        (b"\x7FELF", "a program"),
        (b"PAR1", "Parquet, which is not supported"),
        (b"SQLite format 3\x00", "a database"),
        (b"\xD0\xCF\x11\xE0", "an office document"),
        (b"{\\rtf", "RTF"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, what)| what)
}

/// What is no page and shows it in its first lines, whatever it is called.
fn by_start(head: &[u8]) -> Option<&'static str> {
    /// Where a tar header of POSIX or GNU has its magic.
    const TAR_MAGIC: usize = 257;
    if head.get(TAR_MAGIC..TAR_MAGIC + 5) == Some(b"ustar") {
        return Some("a tar archive within another file");
    }
    // The version block of an archive in the form before WARC.
    if head.starts_with(b"filedesc://") && memchr::memmem::find(head, b"text/plain").is_some() {
        return Some("an ARC web archive within another file");
    }
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    match head {
        [b'#', b'!', b'/', ..] | [b'<', b'?', b'p', b'h', b'p', ..] => Some("source code"),
        _ if is_robots(head) => Some("robots.txt"),
        _ => None,
    }
}

/// Whether every line that is no comment is a directive of robots.txt (RFC 9309), an agent's name among them.
fn is_robots(head: &[u8]) -> bool {
    const DIRECTIVES: [&[u8]; 7] =
        [b"user-agent", b"disallow", b"allow", b"sitemap", b"crawl-delay", b"host", b"clean-param"];
    // The last line may be cut.
    let whole = if head.len() < HEAD / 2 { head } else { &head[..memchr::memrchr(b'\n', head).unwrap_or(0)] };
    let lines = whole.split(|&byte| byte == b'\n' || byte == b'\r').map(<[u8]>::trim_ascii);
    let mut names_agent = false;
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default().trim_ascii();
        if !DIRECTIVES.iter().any(|known| name.eq_ignore_ascii_case(known)) || name.len() == line.len() {
            return false;
        }
        names_agent |= name.eq_ignore_ascii_case(b"user-agent");
    }
    names_agent
}

/// Whether a byte order mark says so, or the zero bytes stand in every second or fourth place as Latin
/// text has them.
fn looks_utf16_or_32(head: &[u8]) -> bool {
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || head.starts_with(b"\0\0\xFE\xFF") {
        return true;
    }
    if memchr::memchr(0, head).is_none() {
        return false;
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count() * 2;
    let (even, odd) = (zeros(0), zeros(1));
    head.len() >= 8 && (even.max(odd) * 10 >= head.len() * 7) && (even.min(odd) * 10 < head.len())
        || head.len() >= 8
            && even.min(odd) * 10 >= head.len() * 4
            && head.iter().filter(|&&b| b == 0).count() * 20 >= head.len() * 13
}

/// A zero byte here and there is a flaw of a text; many control bytes are no text at all. The bound is a
/// thirtieth of the start, above what broken scrapes show and far below any binary format.
pub fn is_binary(head: &[u8]) -> bool {
    let is_control = |byte: u8| (byte < 0x20) & !(0x09..=0x0D).contains(&byte) & (byte != 0x1B) | (byte == 0x7F);
    // Bytes count up to 255: so small a part is counted in bytes, many at once.
    let in_part = |part: &[u8]| usize::from(part.iter().map(|&byte| u8::from(is_control(byte))).sum::<u8>());
    head.chunks(255).map(in_part).sum::<usize>() * 30 > head.len()
}

/// Whether a text is a page of HTML: it says so at its start, or it starts with a tag and closes several
/// within the part looked at. An article that quotes some markup starts with words.
pub fn is_html(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    if memchr::memchr(b'<', head).is_none() {
        return false;
    }
    // Text of ASCII that does not begin with a tag needs no closer look; a mark of order may stand before one.
    let first = head.iter().find(|&&byte| byte != 0 && !byte.is_ascii_whitespace());
    if !first.is_some_and(|&byte| byte == b'<' || byte >= 0x80) {
        return false;
    }
    // The zero bytes of UTF-16 are left out, so that markup is known in any charset.
    let letters: Vec<u8> = head.iter().copied().filter(|&byte| byte != 0).collect();
    let text = String::from_utf8_lossy(&letters).to_ascii_lowercase();
    let mut text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\u{FFFD}');
    loop {
        let end = match text {
            comment if comment.starts_with("<!--") => comment.find("-->").map(|at| at + 3),
            prolog if prolog.starts_with("<?xml") => prolog.find("?>").map(|at| at + 2),
            _ => break,
        };
        match end {
            Some(end) => text = text[end..].trim_start(),
            None => return true,
        }
    }
    let tag = |names: &[&str]| {
        let is_tag = |name: &&str| {
            let rest = text.strip_prefix('<').and_then(|rest| rest.strip_prefix(*name));
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/'))
        };
        names.iter().any(is_tag)
    };
    if text.starts_with("<!doctype html") || tag(&["html", "head", "body"]) {
        return true;
    }
    let starts_with_tag = tag(&[
        "div", "p", "table", "script", "style", "meta", "link", "title", "span", "section", "article", "main", "h1",
        "h2", "ul", "ol", "a", "b", "center", "font", "nav", "header", "br", "img", "form", "iframe", "noscript",
        "template",
    ]);
    starts_with_tag && (text.matches("</").count() >= 3 || text.matches('<').count() >= 8)
}

/// Whether a tag of HTML, a doctype or a comment stands anywhere in a text: of one that is declared to be HTML, that is
/// enough. `a < b` and `<ann@harbour.example>` are no tags.
pub fn has_tags(bytes: &[u8]) -> bool {
    /// The longest name of an element of HTML, `blockquote` and `figcaption`, in bytes.
    const LONGEST_NAME: usize = 10;
    // The zero bytes of UTF-16 are left out, so that markup is known in any charset.
    let letters: Cow<[u8]> = match memchr::memchr(0, bytes) {
        Some(_) => bytes.iter().copied().filter(|&byte| byte != 0).collect(),
        None => bytes.into(),
    };
    memchr::memchr_iter(b'<', &letters).any(|at| {
        let rest = &letters[at + 1..];
        let begins = |with: &[u8]| rest.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        if begins(b"!doctype") || begins(b"!--") {
            return true;
        }
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        let length = rest.iter().take(LONGEST_NAME + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let (name, behind) = rest.split_at(length);
        let ends = behind.first().is_some_and(|&byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        ends && is_element(&String::from_utf8_lossy(name).to_ascii_lowercase())
    })
}

/// Whether it is a page saved with its images in one file: a message of several parts, one of which is HTML.
pub fn is_mhtml(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let finder = |words: &[u8]| memchr::memmem::find(head, words).is_some();
    finder(b"MIME-Version:") && finder(b"Content-Type: multipart/related") && finder(b"text/html")
}

fn by_name(name: &Path) -> Option<&'static str> {
    let extension = name.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "json" => "JSON without pages (--text-field names the field of their text)",
        "jsonl" | "ndjson" => "JSON lines without pages",
        "wet" | "warc" => "a web archive without records",
        "css" => "a style sheet",
        "js" | "mjs" => "a script",
        "svg" => "an image",
        "xml" | "rss" | "atom" => "XML",
        "mht" | "mhtml" | "eml" => "a mail message or web archive",
        "tar" => "a tar archive without members",
        "srt" | "vtt" => "subtitles without cues",
        "py" | "rb" | "pl" | "php" | "sh" | "bash" | "zsh" | "ps1" | "bat" | "cmd" | "lua" | "c" | "h" | "cc"
        | "cpp" | "hpp" | "cs" | "go" | "rs" | "java" | "kt" | "scala" | "swift" | "ts" | "tsx" | "jsx" | "vue"
        | "sql" | "ipynb" => "source code",
        "yaml" | "yml" | "toml" | "ini" | "cfg" | "conf" | "properties" | "env" | "lock" => "configuration",
        "scss" | "sass" | "less" => "a style sheet",
        "cjs" => "a script",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_before_the_name() {
        let utf16: Vec<u8> = "<html><body>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain16: Vec<u8> = "The ferry leaves at nine.".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cues16: Vec<u8> = "1\n00:00:01,0 --> 00:00:02,0\nTide.".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let html = Kind::Html;
        let json = Kind::Unread("JSON without pages (--text-field names the field of their text)");
        let mhtml: &[u8] =
            b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\"";
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.txt");
        tar[257..262].copy_from_slice(b"ustar");
        let russian16: Vec<u8> = "Паром отходит в девять.\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let cases: [(&str, &[u8], Kind); 43] = [
            ("a.txt", b"The ferry leaves at nine.\n", Kind::Text),
            ("a", b"no name to go by", Kind::Text),
            ("a.html", b"No tags: a text that somebody named so.", Kind::Text),
            ("a.txt", b"", Kind::Empty),
            ("a.txt", b" \r\n\t\n", Kind::Empty),
            ("a.txt", b"\xEF\xBB\xBF", Kind::Empty),
            ("a.txt", b"<!DOCTYPE html><title>x</title>", html),
            ("a.txt", b"\n\n<!-- saved -->\n<HTML lang=en>", html),
            ("a.txt", b"<div class=x><p>One</p><p>Two</p></div>", html),
            ("a.txt", b"<p> is a tag, said the teacher, and closed the book.", Kind::Text),
            ("a.txt", b"The <html> tag opens a page, </html> closes it.", Kind::Text),
            ("a.txt", b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>", html),
            ("a.html", mhtml, Kind::Unread("MHTML without a page")),
            ("a.txt", &utf16, html),
            ("a.txt", &plain16, Kind::Text),
            ("a.txt", &russian16, Kind::Text),
            ("a.txt", b"\x00\x01\x02\x03\x04\x05\xff\xfe", Kind::Unread("binary data")),
            ("a.txt", b"one stray \x00 in a line of text that goes on and on", Kind::Text),
            ("a.txt", b"\x89PNG\r\n\x1a\n", Kind::Unread("an image")),
            ("page.txt.meta.json", b"{\"url\": 1}", json),
            ("part-00000", b"{\"url\": 1}\n{\"url\": 2}\n{\"u", json),
            ("part-00000", b"{\"url\": 1}\n{\"u", json),
            ("a.txt", b"{\"so\" it began}", Kind::Text),
            ("a.txt", b"{\"title\": \"Tide\"}\n\nThe tide came in.\nIt went.\n", Kind::Text),
            ("a.md", b"{\"title\": \"Tide\"}\n\n# Tide\nIt came in.\n", Kind::Markdown),
            ("a.md", b"# High tide\n", Kind::Markdown),
            ("a.md", b"<!doctype html><p>Tide", html),
            ("a", &tar, Kind::Unread("a tar archive within another file")),
            (
                "a",
                b"filedesc://a.arc 0.0.0.0 20080101 text/plain 70\n",
                Kind::Unread("an ARC web archive within another file"),
            ),
            ("a", b"#!/bin/sh\necho tide\n", Kind::Unread("source code")),
            ("#1.txt", b"#! is how a script begins, said the teacher.", Kind::Text),
            ("tide.py", b"import tide\n", Kind::Unread("source code")),
            ("tide.yaml", b"tide: high\n", Kind::Unread("configuration")),
            ("robots.txt", b"# gulls\nUser-agent: *\nDisallow: /nest\n", Kind::Unread("robots.txt")),
            ("a.txt", b"User-agent: a name that a browser gives.\nThe gulls did not mind.\n", Kind::Text),
            ("a.srt", b"\xEF\xBB\xBF1\r\n00:00:01,000 --> 00:00:02,000\r\nTide.\r\n", Kind::Subtitles),
            ("a.srt", b"noise\n1\n00:00:01,000 --> 00:00:02,000\nTide.\n", Kind::Subtitles),
            ("a", b"WEBVTT\n\n00:01.000 --> 00:02.000\nTide.\n", Kind::Subtitles),
            ("a", &cues16, Kind::Subtitles),
            ("a.srt", b"The tide.\n", Kind::Unread("subtitles without cues")),
            ("a.txt", b"WEBVTT is a format of cues, she wrote.\n", Kind::Text),
            ("a.txt", b"1\nThe first chapter begins at sea.\n", Kind::Text),
            ("a.conf.txt", b"The conference ended at nine.\n", Kind::Text),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(kind(Path::new(name), bytes, false), expected, "{name}: {:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_is_declared_html_needs_no_more_than_a_tag() {
        let notice16: Vec<u8> = "Notice\n<p>The tide.".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let json = Kind::Unread("JSON without pages (--text-field names the field of their text)");
        for (bytes, declared) in [
            (&b"Notice: Undefined index\n<!DOCTYPE html><p>The tide."[..], Kind::Html),
            (b"<H3>Tide</H3>", Kind::Html),
            (b"<blockquote>The tide.", Kind::Html),
            (b"The tide<br/>turns", Kind::Html),
            (b"The tide.</div>\n", Kind::Html),
            (b"The tide. <!-- served by cache 7 -->", Kind::Html),
            (&notice16, Kind::Html),
            (b"The tide is < 3 m, write to <ann@harbour.example> or <the harbour>.", Kind::Text),
            (b"Fish &amp; chips", Kind::Text),
            (b"", Kind::Empty),
            (b"%PDF-1.4 <p>", Kind::Unread("PDF")),
            (b"{\"html\": \"<p>The tide.</p>\"}", json),
        ] {
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(kind(Path::new(""), bytes, true), declared, "{shown}");
            for name in ["a.html", "b/A.HTM", "c.xhtml"] {
                assert_eq!(kind(Path::new(name), bytes, false), declared, "{name}: {shown}");
            }
            let sniffed = kind(Path::new("a.txt"), bytes, false);
            assert_eq!(sniffed, if declared == Kind::Html { Kind::Text } else { declared }, "{shown}");
        }
    }
}
