//! A document as filters see it: its clean text, and the measures that are taken of it.

use std::cell::OnceCell;

use crate::filters::c4::C4;
use crate::filters::grams::Repetition;
use crate::filters::lines::{self, LineMeasures};
use crate::filters::ratio;
use crate::filters::web_lines::WebLines;
use crate::filters::words::{Token, tokens};
use crate::line::fold_inside;
use crate::manifest::Language;
use crate::rules::measure::Measure;
use crate::rules::tokenizer::Tokenizer;

/// The stop words of Gopher (Rae et al. 2021, appendix A1.1), each as a number.
const STOP_WORDS: [u32; 8] = {
    let words = [*b"the\0", *b"be\0\0", *b"to\0\0", *b"of\0\0", *b"and\0", *b"that", *b"have", *b"with"];
    let (mut numbers, mut at) = ([0; 8], 0);
    while at < words.len() {
        numbers[at] = u32::from_le_bytes(words[at]);
        at += 1;
    }
    numbers
};

/// A document: what stays of a page, as plain text, and where it was found.
///
/// Measures are taken when they are asked for first, and once.
#[derive(Debug)]
pub struct Document<'d> {
    text: &'d str,
    url: Option<&'d str>,
    language: Option<&'d Language>,
    tokenizer: Option<&'d Tokenizer>,
    chars: OnceCell<usize>,
    tokens: OnceCell<Vec<Token>>,
    words: OnceCell<WordMeasures>,
    split: OnceCell<Vec<&'d str>>,
    lines: OnceCell<LineMeasures>,
    repetition: OnceCell<Repetition>,
    c4: OnceCell<C4>,
    c4_any_end: OnceCell<C4>,
    symbols: OnceCell<Symbols>,
    web_lines: OnceCell<WebLines>,
    folded: OnceCell<String>,
    counted_tokens: OnceCell<usize>,
}

impl<'d> Document<'d> {
    /// A document of this text.
    pub fn new(text: &'d str) -> Document<'d> {
        Document {
            text,
            url: None,
            language: None,
            tokenizer: None,
            chars: OnceCell::new(),
            tokens: OnceCell::new(),
            words: OnceCell::new(),
            split: OnceCell::new(),
            lines: OnceCell::new(),
            repetition: OnceCell::new(),
            c4: OnceCell::new(),
            c4_any_end: OnceCell::new(),
            symbols: OnceCell::new(),
            web_lines: OnceCell::new(),
            folded: OnceCell::new(),
            counted_tokens: OnceCell::new(),
        }
    }

    /// The same, found at a URL.
    #[must_use]
    pub fn with_url(self, url: Option<&'d str>) -> Document<'d> {
        Document { url, ..self }
    }

    /// The same, in a language.
    #[must_use]
    pub fn with_language(self, language: Option<&'d Language>) -> Document<'d> {
        Document { language, ..self }
    }

    /// The same, whose tokens can be counted.
    #[must_use]
    pub(crate) fn with_tokenizer(self, tokenizer: Option<&'d Tokenizer>) -> Document<'d> {
        Document { tokenizer, ..self }
    }

    /// The clean text.
    pub fn text(&self) -> &'d str {
        self.text
    }

    /// The URL that the page was found at, or that it names as its own.
    pub fn url(&self) -> Option<&'d str> {
        self.url
    }

    /// The language of the text; `None` where it cannot be told.
    pub fn language(&self) -> Option<&'d Language> {
        self.language
    }

    /// The text without case, forms of quotes and dashes, and with single spaces.
    pub fn folded(&self) -> &str {
        self.folded.get_or_init(|| fold_inside(self.text))
    }

    /// The words and punctuation marks, in their order.
    pub fn words(&self) -> impl Iterator<Item = &'d str> {
        self.tokens().iter().map(|token| &self.text[token.start as usize..token.end as usize])
    }

    /// A measure. Never NaN: a share of nothing is 0, and so are the tokens of a text for which there is no tokenizer.
    pub fn measure(&self, measure: Measure) -> f64 {
        let run = |length: usize| ratio(self.repetition().chars[length], self.chars());
        match measure {
            Measure::Chars => self.chars() as f64,
            Measure::Words => self.word_measures().words as f64,
            Measure::MeanWordLength => ratio(self.word_measures().word_chars, self.word_measures().words),
            Measure::HashesPerWord => ratio(self.symbols().hashes, self.tokens().len()),
            Measure::EllipsesPerWord => ratio(self.symbols().ellipses, self.tokens().len()),
            Measure::SymbolsPerWord => {
                let Symbols { hashes, ellipses, spaced_ellipses } = self.symbols();
                ratio(hashes + ellipses + spaced_ellipses, self.pieces())
            }
            Measure::AlphabeticWords => ratio(self.word_measures().with_letter, self.tokens().len()),
            Measure::StopWords => self.word_measures().stop_words.iter().filter(|count| **count > 0).count() as f64,
            Measure::StopWordCount => f64::from(self.word_measures().stop_words.iter().sum::<u32>()),
            Measure::BulletLines => self.lines().bullet,
            Measure::EllipsisLines => self.lines().ellipsis,
            Measure::DuplicateParagraphs => self.lines().duplicate_paragraphs,
            Measure::DuplicateParagraphChars => self.lines().duplicate_paragraph_chars,
            Measure::DuplicateLines => self.lines().duplicate_lines,
            Measure::DuplicateLineChars => self.lines().duplicate_line_chars,
            Measure::TopBigram => run(2),
            Measure::TopTrigram => run(3),
            Measure::TopFourgram => run(4),
            Measure::DuplicateFivegrams => run(5),
            Measure::DuplicateSixgrams => run(6),
            Measure::DuplicateSevengrams => run(7),
            Measure::DuplicateEightgrams => run(8),
            Measure::DuplicateNinegrams => run(9),
            Measure::DuplicateTengrams => run(10),
            Measure::EndMarkLines => self.lines().end_mark,
            Measure::ShortLines => self.lines().short,
            Measure::RepeatedLineChars => self.lines().repeated_chars,
            Measure::NewlinesPerWord => ratio(self.lines().line_ends, self.tokens().len()),
            Measure::C4Sentences => self.c4().sentences as f64,
            Measure::C4LoremIpsum => self.c4().lorem_ipsum as f64,
            Measure::C4CurlyBrackets => self.c4().curly_brackets as f64,
            Measure::C4AnyEndSentences => self.c4_any_end().sentences as f64,
            Measure::C4AnyEndLoremIpsum => self.c4_any_end().lorem_ipsum as f64,
            Measure::C4AnyEndCurlyBrackets => self.c4_any_end().curly_brackets as f64,
            Measure::WebLineWords => self.web_lines().share_of_words,
            Measure::Tokens => self.counted_tokens() as f64,
        }
    }

    fn chars(&self) -> usize {
        *self.chars.get_or_init(|| self.text.chars().count())
    }

    fn counted_tokens(&self) -> usize {
        let count = || self.tokenizer.map_or(0, |tokenizer| tokenizer.count(self.text));
        *self.counted_tokens.get_or_init(count)
    }

    fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.text))
    }

    fn word_measures(&self) -> &WordMeasures {
        self.words.get_or_init(|| WordMeasures::of(self.text, self.tokens()))
    }

    /// The lines, as Unicode divides them.
    fn split(&self) -> &[&'d str] {
        self.split.get_or_init(|| lines::split(self.text))
    }

    fn lines(&self) -> &LineMeasures {
        self.lines.get_or_init(|| LineMeasures::of(self.text, self.chars(), self.split()))
    }

    fn repetition(&self) -> &Repetition {
        self.repetition.get_or_init(|| Repetition::of(self.text, self.tokens()))
    }

    fn c4(&self) -> &C4 {
        self.c4.get_or_init(|| C4::of(self.text, self.split(), self.tokens(), false))
    }

    fn c4_any_end(&self) -> &C4 {
        self.c4_any_end.get_or_init(|| C4::of(self.text, self.split(), self.tokens(), true))
    }

    fn symbols(&self) -> &Symbols {
        self.symbols.get_or_init(|| Symbols::of(self.text))
    }

    fn web_lines(&self) -> &WebLines {
        self.web_lines.get_or_init(|| WebLines::of(self.split()))
    }

    /// What stands between white space. A line ends at white space, but for these characters.
    fn pieces(&self) -> usize {
        match memchr::memchr3(0x1c, 0x1d, 0x1e, self.text.as_bytes()) {
            Some(_) => self.text.split_whitespace().count(),
            None => self.web_lines().pieces,
        }
    }
}

/// How often symbols stand in a text, none of them within another of its kind.
#[derive(Debug, Default)]
struct Symbols {
    /// `#`.
    hashes: usize,
    /// `...` and `…`.
    ellipses: usize,
    /// `. . .`.
    spaced_ellipses: usize,
}

impl Symbols {
    fn of(text: &str) -> Symbols {
        const LAST_OF_ELLIPSIS: u8 = 0xa6;
        let bytes = text.as_bytes();
        let (mut symbols, mut behind, mut behind_spaced) = (Symbols::default(), 0, 0);
        for at in memchr::memchr3_iter(b'#', b'.', LAST_OF_ELLIPSIS, bytes) {
            match bytes[at] {
                b'#' => symbols.hashes += 1,
                LAST_OF_ELLIPSIS => symbols.ellipses += usize::from(bytes[..=at].ends_with("…".as_bytes())),
                _ => {
                    if at >= behind && bytes[at..].starts_with(b"...") {
                        symbols.ellipses += 1;
                        behind = at + 3;
                    }
                    if at >= behind_spaced && bytes[at..].starts_with(b". . .") {
                        symbols.spaced_ellipses += 1;
                        behind_spaced = at + 5;
                    }
                }
            }
        }
        symbols
    }
}

/// What is measured of words.
#[derive(Debug, Default)]
struct WordMeasures {
    words: usize,
    word_chars: usize,
    with_letter: usize,
    /// How often each stop word occurs.
    stop_words: [u32; STOP_WORDS.len()],
}

impl WordMeasures {
    fn of(text: &str, tokens: &[Token]) -> WordMeasures {
        let mut measures = WordMeasures::default();
        let bytes = text.as_bytes();
        for token in tokens {
            measures.words += usize::from(token.is_word);
            measures.word_chars += if token.is_word { token.chars as usize } else { 0 };
            measures.with_letter += usize::from(token.has_letter);
            let (start, length) = (token.start as usize, (token.end - token.start) as usize);
            let word = match bytes.get(start..start + 4).and_then(<[u8]>::first_chunk) {
                Some(four) if length <= 4 => u32::from_le_bytes(*four) & (u32::MAX >> (32 - 8 * length)),
                None if length <= 4 => {
                    bytes[start..].iter().take(length).rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
                }
                _ => 0,
            };
            for (count, known) in measures.stop_words.iter_mut().zip(STOP_WORDS) {
                *count += u32::from(known == word);
            }
        }
        measures
    }
}
