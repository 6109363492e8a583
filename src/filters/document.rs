//! A document as filters see it: its clean text, and the measures that are taken of it.

use std::cell::OnceCell;

use crate::filters::c4::C4;
use crate::filters::grams::Repetition;
use crate::filters::lines::LineMeasures;
use crate::filters::words::{Token, tokens};
use crate::filters::{ratio, web_lines};
use crate::line::fold_inside;
use crate::manifest::Language;
use crate::rules::measure::Measure;

/// The stop words of Gopher (Rae et al. 2021, appendix A1.1).
const STOP_WORDS: [&str; 8] = ["the", "be", "to", "of", "and", "that", "have", "with"];

/// A document: what stays of a page, as plain text, and where it was found.
///
/// Measures are taken when they are asked for first, and once.
#[derive(Debug)]
pub struct Document<'d> {
    text: &'d str,
    url: Option<&'d str>,
    language: Option<&'d Language>,
    chars: OnceCell<usize>,
    tokens: OnceCell<Vec<Token>>,
    words: OnceCell<WordMeasures>,
    lines: OnceCell<LineMeasures>,
    repetition: OnceCell<Repetition>,
    c4: OnceCell<C4>,
    c4_any_end: OnceCell<C4>,
    folded: OnceCell<String>,
}

impl<'d> Document<'d> {
    /// A document of this text.
    pub fn new(text: &'d str) -> Document<'d> {
        Document {
            text,
            url: None,
            language: None,
            chars: OnceCell::new(),
            tokens: OnceCell::new(),
            words: OnceCell::new(),
            lines: OnceCell::new(),
            repetition: OnceCell::new(),
            c4: OnceCell::new(),
            c4_any_end: OnceCell::new(),
            folded: OnceCell::new(),
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

    /// A measure. Never NaN: a share of nothing is 0.
    pub fn measure(&self, measure: Measure) -> f64 {
        let run = |length: usize| ratio(self.repetition().chars[length], self.chars());
        match measure {
            Measure::Chars => self.chars() as f64,
            Measure::Words => self.word_measures().words as f64,
            Measure::MeanWordLength => ratio(self.word_measures().word_chars, self.word_measures().words),
            Measure::HashesPerWord => ratio(self.count("#"), self.tokens().len()),
            Measure::EllipsesPerWord => ratio(self.count("...") + self.count("…"), self.tokens().len()),
            Measure::SymbolsPerWord => {
                let symbols = ["#", "...", ". . .", "…"].map(|symbol| self.count(symbol)).iter().sum();
                ratio(symbols, self.text.split_whitespace().count())
            }
            Measure::AlphabeticWords => ratio(self.word_measures().with_letter, self.tokens().len()),
            Measure::StopWords => self.word_measures().stop_words.iter().filter(|count| **count > 0).count() as f64,
            Measure::StopWordCount => self.word_measures().stop_words.iter().sum::<usize>() as f64,
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
            Measure::WebLineWords => web_lines::share_of_words(self.text),
        }
    }

    fn chars(&self) -> usize {
        *self.chars.get_or_init(|| self.text.chars().count())
    }

    fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| tokens(self.text))
    }

    fn word_measures(&self) -> &WordMeasures {
        self.words.get_or_init(|| WordMeasures::of(self.text, self.tokens()))
    }

    fn lines(&self) -> &LineMeasures {
        self.lines.get_or_init(|| LineMeasures::of(self.text, self.chars()))
    }

    fn repetition(&self) -> &Repetition {
        self.repetition.get_or_init(|| Repetition::of(self.text, self.tokens()))
    }

    fn c4(&self) -> &C4 {
        self.c4.get_or_init(|| C4::of(self.text, self.tokens(), false))
    }

    fn c4_any_end(&self) -> &C4 {
        self.c4_any_end.get_or_init(|| C4::of(self.text, self.tokens(), true))
    }

    fn count(&self, symbol: &str) -> usize {
        memchr::memmem::find_iter(self.text.as_bytes(), symbol.as_bytes()).count()
    }
}

/// What is measured of words.
#[derive(Debug, Default)]
struct WordMeasures {
    words: usize,
    word_chars: usize,
    with_letter: usize,
    /// How often each stop word occurs.
    stop_words: [usize; STOP_WORDS.len()],
}

impl WordMeasures {
    fn of(text: &str, tokens: &[Token]) -> WordMeasures {
        let mut measures = WordMeasures::default();
        for token in tokens {
            if token.is_word {
                measures.words += 1;
                measures.word_chars += token.chars as usize;
            }
            measures.with_letter += usize::from(token.has_letter);
            if (2..=4).contains(&token.chars) {
                let word = &text[token.start as usize..token.end as usize];
                if let Some(at) = STOP_WORDS.iter().position(|known| *known == word) {
                    measures.stop_words[at] += 1;
                }
            }
        }
        measures
    }
}
