//! The lines that C4 keeps, and what it drops a document for.
//!
//! Definitions: Raffel et al. 2020, section 2.2, as datatrove 0.10.1 has them (`c4_filters.py`). Lines are measured and
//! not removed: which lines go is for the stages to say.

use crate::filters::marks::{ends_sentence, is_punctuation};
use crate::filters::words::{Token, tokens};

/// A line with a longer word goes. datatrove: `max_word_length = 1000`.
const LONGEST_WORD: usize = 1000;

/// A line of fewer words goes. C4: "only retained lines that contained at least 3 words".
const WORDS: usize = 3;

/// Phrases of lines on terms and cookies. C4's code: `_POLICY_SUBSTRINGS`.
const POLICY: [&str; 6] =
    ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"];

/// What stands in every phrase that lines are looked through for.
const SIGNS: [&str; 5] = ["javascript", "cookie", "privacy policy", "terms of use", "lorem ipsum"];

/// The sign of degrees Kelvin: the one character beyond ASCII that is a letter of these phrases in small letters.
const KELVIN: &str = "\u{212a}";

/// Whether a text may hold one of these phrases, in any case.
fn may_say_a_phrase(text: &str) -> bool {
    let small = text.as_bytes().to_ascii_lowercase();
    SIGNS.iter().chain([&KELVIN]).any(|sign| memchr::memmem::find(&small, sign.as_bytes()).is_some())
}

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
    /// Measures a text. `lines` and `all_tokens` are those of the text; `any_end` lets lines pass that end without a mark, as FineWeb
    /// does.
    pub(super) fn of(text: &str, lines: &[&str], all_tokens: &[Token], any_end: bool) -> C4 {
        let mut c4 = C4::default();
        let base = text.as_ptr() as usize;
        let mut rest = all_tokens;
        let may_say = may_say_a_phrase(text);
        for whole in lines {
            let end = whole.as_ptr() as usize - base + whole.len();
            let (own, behind) = rest.split_at(rest.partition_point(|token| (token.end as usize) <= end));
            rest = behind;
            c4.line(whole.trim(), own, any_end, may_say);
        }
        c4
    }

    fn line(&mut self, line: &str, own: &[Token], any_end: bool, may_say: bool) {
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
        // Most texts hold none of these phrases, and need no lower case; where a citation is taken out, one may come of it.
        let lower = if may_say || cited.is_some() { kept.to_lowercase() } else { String::new() };
        if lower.contains("lorem ipsum") {
            self.lorem_ipsum += 1;
        }
        if lower.contains("javascript") {
            return;
        }
        if kept.contains('{') {
            self.curly_brackets += 1;
        }
        if POLICY.iter().any(|phrase| lower.contains(phrase)) {
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
        let first = || line[(token.start - start) as usize..].chars().next().unwrap_or(' ');
        if token.chars == 1 && ends_sentence(first()) {
            has_ended = true;
        } else if has_ended && (token.is_word || !is_punctuation(first())) {
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
    use crate::filters::lines::split;

    fn of(text: &str) -> C4 {
        C4::of(text, &split(text), &tokens(text), false)
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
        let text = "No end mark here\n";
        assert_eq!(C4::of(text, &split(text), &tokens(text), true).sentences, 1);
    }

    #[test]
    fn what_c4_drops_a_document_for_is_counted() {
        let c4 = of("A line of Lorem Ipsum dolor.\nIf it rains { stay in. }.\nA short {.\n");
        assert_eq!((c4.lorem_ipsum, c4.curly_brackets), (1, 2));
    }

    #[test]
    fn phrases_are_found_in_any_case_and_where_a_citation_parted_them() {
        let kept = "The ferry left. It came back at noon! \"Did it?\"\n";
        for line in ["We Use Coo\u{212a}ies here.", "Java[1]Script is needed.", "Read our PRIVACY Policy."] {
            assert_eq!(of(&format!("{kept}{line}\n")).sentences, 3, "{line}");
        }
        assert!(POLICY.iter().all(|phrase| SIGNS.iter().any(|sign| phrase.contains(sign))));
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
