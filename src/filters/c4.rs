//! The lines that C4 keeps, and what it drops a document for.
//!
//! Definitions: Raffel et al. 2020, section 2.2, as datatrove 0.10.1 has them (`c4_filters.py`). Lines are measured and
//! not removed: which lines go is for the stages to say.

use crate::filters::lines;
use crate::filters::marks::{ends_sentence, is_punctuation};
use crate::filters::words::{Token, tokens};

/// A line with a longer word goes. datatrove: `max_word_length = 1000`.
const LONGEST_WORD: usize = 1000;

/// A line of fewer words goes. C4: "only retained lines that contained at least 3 words".
const WORDS: usize = 3;

/// Phrases of lines on terms and cookies. C4's code: `_POLICY_SUBSTRINGS`.
const POLICY: [&str; 6] =
    ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"];

/// What C4 sees of a text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct C4 {
    /// The sentences of lines that stay.
    pub sentences: usize,
    /// Lines that were looked at and say `lorem ipsum`.
    pub lorem_ipsum: usize,
    /// Lines that were looked at and hold `{`.
    pub curly_brackets: usize,
}

impl C4 {
    /// Measures a text. `all_tokens` are those of the text; `any_end` lets lines pass that end without a mark, as FineWeb
    /// does.
    pub(super) fn of(text: &str, all_tokens: &[Token], any_end: bool) -> C4 {
        let mut c4 = C4::default();
        let base = text.as_ptr() as usize;
        let mut rest = all_tokens;
        for whole in lines::split(text) {
            let end = whole.as_ptr() as usize - base + whole.len();
            let (own, behind) = rest.split_at(rest.partition_point(|token| (token.end as usize) <= end));
            rest = behind;
            c4.line(whole.trim(), own, any_end);
        }
        c4
    }

    fn line(&mut self, line: &str, own: &[Token], any_end: bool) {
        let is_long = |word: &str| word.len() > LONGEST_WORD && word.chars().nth(LONGEST_WORD).is_some();
        if line.len() > LONGEST_WORD && line.split_whitespace().any(is_long) {
            return;
        }
        let cited = without_citations(line);
        let kept = cited.as_deref().unwrap_or(line);
        let ends = kept.ends_with(['.', '?', '!', '"', '\'']) && !kept.ends_with("...");
        if !any_end && !ends || line.split_whitespace().nth(WORDS - 1).is_none() {
            return;
        }
        // Most lines hold none of these words, and need no lower case.
        let may_hold = |first: u8| memchr::memchr2(first, first.to_ascii_uppercase(), kept.as_bytes()).is_some();
        let lower =
            if may_hold(b'j') || may_hold(b'c') || may_hold(b'm') { kept.to_lowercase() } else { String::new() };
        if lower.contains("lorem ipsum") {
            self.lorem_ipsum += 1;
        }
        if lower.contains("javascript") {
            return;
        }
        if kept.contains('{') {
            self.curly_brackets += 1;
        }
        if POLICY.iter().any(|phrase| lower.contains(phrase)) || kept.contains("terms of use") {
            return;
        }
        self.sentences += match &cited {
            Some(kept) => sentences(kept, &tokens(kept)),
            None => sentences_of(own, line, own.first().map_or(0, |token| token.start)),
        };
    }
}

fn sentences(line: &str, own: &[Token]) -> usize {
    sentences_of(own, line, 0)
}

/// The sentences of a line: one begins behind a mark that ends the one before. As spaCy's `sentencizer` has it.
fn sentences_of(own: &[Token], line: &str, start: u32) -> usize {
    let (mut count, mut has_ended) = (usize::from(!own.is_empty()), false);
    for token in own {
        let from = (token.start - start) as usize;
        let first = line[from..].chars().next().unwrap_or(' ');
        if token.chars == 1 && ends_sentence(first) {
            has_ended = true;
        } else if has_ended && (token.is_word || !is_punctuation(first)) {
            count += 1;
            has_ended = false;
        }
    }
    count
}

/// The line without `[12]`, `[edit]` and `[citation needed]`, where it has any.
fn without_citations(line: &str) -> Option<String> {
    let mut kept: Option<String> = None;
    let (mut from, mut at) = (0, 0);
    while let Some(found) = memchr::memchr(b'[', &line.as_bytes()[at..]) {
        let start = at + found;
        let rest = &line[start + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let length = match () {
            () if rest[digits..].starts_with(']') => digits + 2,
            () if rest.starts_with("edit]") => 6,
            () if rest.starts_with("citation needed]") => 17,
            () => {
                at = start + 1;
                continue;
            }
        };
        kept.get_or_insert_default().push_str(&line[from..start]);
        (from, at) = (start + length, start + length);
    }
    kept.map(|kept| kept + &line[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> C4 {
        C4::of(text, &tokens(text), false)
    }

    #[test]
    fn only_lines_that_c4_keeps_count() {
        let kept = "The ferry left. It came back at noon! \"Did it?\"\n";
        assert_eq!(of(kept).sentences, 3);
        for line in [
            "No end mark here",
            "Too few.",
            "Enable JavaScript to read.",
            "We use cookies on this site.",
            "It goes on...",
        ] {
            assert_eq!(of(&format!("{kept}{line}\n")).sentences, 3, "{line}");
        }
        assert_eq!(C4::of("No end mark here\n", &tokens("No end mark here\n"), true).sentences, 1);
    }

    #[test]
    fn what_c4_drops_a_document_for_is_counted() {
        let c4 = of("A line of Lorem Ipsum dolor.\nIf it rains { stay in. }.\nA short {.\n");
        assert_eq!((c4.lorem_ipsum, c4.curly_brackets), (1, 2));
    }

    #[test]
    fn citations_are_taken_out_before_a_line_is_looked_at() {
        assert_eq!(
            without_citations("It rose.[1][edit] Then[x] fell.[citation needed]").unwrap(),
            "It rose. Then[x] fell."
        );
        assert_eq!(without_citations("none [here"), None);
        assert_eq!(of("The tide rose again.[12]\n").sentences, 1);
    }
}
