//! Subtitles (SubRip and WebVTT): their cues joined to running text, without numbers and times.
//!
//! A cue ends where a screen is full and not where a sentence does. What is said is joined until a sentence ends and a
//! pause follows, a speaker changes, or a paragraph has become long. Each paragraph stands on the line of its first cue.

use std::borrow::Cow;

/// A pause that ends a paragraph behind a whole sentence, in milliseconds. Cues of one scene follow within a second or
/// two; by eye.
const PAUSE: u64 = 3000;

/// A paragraph of so many bytes ends with its sentence.
const LONG: usize = 600;

/// A paragraph of so many bytes ends with its cue: automatic captions have no sentences.
const LONGEST: usize = 2000;

/// A text, and how many cues gave it.
#[derive(Debug, PartialEq, Eq)]
pub struct Subtitles {
    /// The text, a paragraph a line.
    pub text: String,
    /// How many cues it was made of.
    pub cues: u64,
}

/// When a cue is shown, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    start: u64,
    end: u64,
}

/// Whether a text begins as a file of cues does: `WEBVTT`, or a line of two times, with or without a number before it.
pub fn begins(head: &str) -> bool {
    let mut lines = head.trim_start_matches('\u{FEFF}').trim_start().lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    if let Some(rest) = first.strip_prefix("WEBVTT") {
        // Words may follow on its line; a blank line or cues follow the heading.
        return rest.is_empty() || head.contains(" --> ");
    }
    times(first).is_some() || is_number(first) && lines.next().and_then(times).is_some()
}

/// The text of a file of cues.
pub fn read(text: &str) -> Subtitles {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_vtt = text.trim_start_matches('\u{FEFF}').trim_start().starts_with("WEBVTT");
    let mut said = Said::default();
    let mut cues = 0;
    let mut at = 0;
    while at < lines.len() {
        let Some(times) = times(lines[at]) else {
            at += 1;
            continue;
        };
        cues += 1;
        let end = cue_end(&lines, at + 1, is_vtt);
        for (number, line) in lines.iter().enumerate().take(end).skip(at + 1) {
            said.take(number, &plain(line, is_vtt), times);
        }
        at = end;
    }
    Subtitles { text: said.end(), cues }
}

/// Where a cue ends whose text begins on a line.
fn cue_end(lines: &[&str], start: usize, is_vtt: bool) -> usize {
    let begins = |at: usize| {
        times(lines[at]).is_some()
            || is_number(lines[at]) && lines.get(at + 1).is_some_and(|next| times(next).is_some())
    };
    // In SubRip a blank line may stand within a cue.
    (start..lines.len()).find(|&at| begins(at) || is_vtt && lines[at].is_empty()).unwrap_or(lines.len())
}

fn is_number(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// The two times of a line, what may stand behind them left out.
fn times(line: &str) -> Option<Times> {
    let (start, end) = line.split_once("-->")?;
    Some(Times { start: time(start.trim())?, end: time(end.trim_start().split([' ', '\t']).next()?)? })
}

/// `01:02:03,456`, `02:03.456`.
fn time(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let mut seconds = 0_u64;
    let numbers: Vec<&str> = whole.split(':').collect();
    if !(2..=3).contains(&numbers.len()) {
        return None;
    }
    for number in numbers {
        seconds = seconds.checked_mul(60)?.checked_add(number.trim().parse().ok()?)?;
    }
    seconds.checked_mul(1000)?.checked_add(part.parse::<u64>().ok()?)
}

/// A line of a cue without its markup: tags, places on the screen, and, in WebVTT, references.
fn plain(line: &str, is_vtt: bool) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let end = match tag.starts_with('{') {
            // `{\an8}`, `{\i1}`, of SubStation.
            true if tag[1..].starts_with(['\\', 'y', 'Y']) => tag.find('}'),
            true => None,
            false if tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => tag.find('>'),
            // When a word is said: `<00:01.500>`.
            false if tag.find('>').is_some_and(|end| time(&tag[1..end]).is_some()) => tag.find('>'),
            false => None,
        };
        let end = end.map_or(1, |end| end + 1);
        if end == 1 {
            plain.push_str(&tag[..1]);
        }
        rest = &tag[end..];
    }
    plain.push_str(rest);
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match is_vtt {
        true => html_escape::decode_html_entities(&plain).into_owned(),
        false => plain,
    }
}

/// What was said so far.
#[derive(Debug, Default)]
struct Said {
    text: String,
    lines: usize,
    paragraph: String,
    /// The line of the paragraph's first cue.
    begins: usize,
    last: Option<(String, Times)>,
}

impl Said {
    fn take(&mut self, number: usize, line: &str, times: Times) {
        // Captions that roll show each line twice or more.
        let is_repeated = self.last.as_ref().is_some_and(|(last, _)| last == line);
        if line.is_empty() || is_repeated {
            if let (true, Some((_, last))) = (is_repeated, &mut self.last) {
                *last = times;
            }
            return;
        }
        let pause = self.last.as_ref().map_or(0, |(_, last)| times.start.saturating_sub(last.end));
        let is_new = line.starts_with(['-', '–', '—'])
            || self.paragraph.len() > LONGEST
            || ends_sentence(&self.paragraph) && (pause >= PAUSE || self.paragraph.len() > LONG);
        if is_new {
            self.end_paragraph();
        }
        if self.paragraph.is_empty() {
            self.begins = number;
        } else if !(self.paragraph.ends_with(is_unspaced) && line.starts_with(is_unspaced)) {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(line);
        self.last = Some((line.to_string(), times));
    }

    fn end_paragraph(&mut self) {
        if self.paragraph.is_empty() {
            return;
        }
        while self.lines < self.begins {
            self.text.push('\n');
            self.lines += 1;
        }
        self.text.push_str(&std::mem::take(&mut self.paragraph));
        self.text.push('\n');
        self.lines += 1;
    }

    fn end(mut self) -> String {
        self.end_paragraph();
        self.text
    }
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '」', '』', '♪', ' ']);
    text.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔', '।', '։'])
}

/// Whether a letter is of a script that puts no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{A4CF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

/// What the account of a page calls its cues.
pub const CUES: Cow<'static, str> = Cow::Borrowed("cue times");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_become_paragraphs_on_the_lines_where_they_begin() {
        let file = "1\n00:00:01,000 --> 00:00:02,000\n<i>The ferry</i> left\n\n2\n00:00:02,100 --> 00:00:03,000\nat nine.\n\n\
                    3\n00:00:09,000 --> 00:00:10,000\n{\\an8}I <3 gulls & terns.\n\n\
                    4\n00:00:10,000 --> 00:00:11,000\n- Who?\n- The cat.\n";
        let expected = "\n\nThe ferry left at nine.\n\n\n\n\n\n\n\nI <3 gulls & terns.\n\n\n\n- Who?\n- The cat.\n";
        assert_eq!(read(file), Subtitles { text: expected.into(), cues: 4 });
    }

    #[test]
    fn whatever_stands_around_cues_is_no_text() {
        let file = "\u{FEFF}WEBVTT - A title\n\nNOTE\nNobody reads this.\n\nSTYLE\n::cue { color: red }\n\nintro\n\
                    00:01.000 --> 00:02.000 align:start\n<v Moss>Tide &amp; <00:01.500><c>time\n\n00:02.000 --> 00:03.000\n\
                    Tide & time\nwait.\n";
        let read = read(file);
        assert_eq!((read.text.trim(), read.cues), ("Tide & time wait.", 2));
    }

    #[test]
    fn cues_without_blank_lines_or_with_too_many_are_read() {
        let file = "00:00:01,000 --> 00:00:02,000\nOne\n\nhalf,\n2\n00:00:02,000 --> 00:00:03,000\ntwo.\n";
        assert_eq!(read(file).text.trim(), "One half, two.");
        assert_eq!(
            read("1\n00:00:01,0 --> 00:00:02,0\n海の\n\n2\n00:00:02,0 --> 00:00:03,0\n音\n").text.trim(),
            "海の音"
        );
    }

    #[test]
    fn a_file_of_cues_is_known_by_its_start() {
        for (head, is) in [
            ("\u{FEFF}1\r\n00:00:01,000 --> 00:00:02,000\r\nTide.\r\n", true),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nTide.\n", true),
            ("00:01.000 --> 00:02.000\nTide.\n", true),
            ("WEBVTT is a format of cues, she wrote.\n", false),
            ("1\nThe first chapter begins at sea.\n", false),
            ("a --> b\n", false),
        ] {
            assert_eq!(begins(head), is, "{head}");
        }
    }
}
