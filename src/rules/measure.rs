//! What filter files can name: the measures of a document, each a number.
//!
//! This is the vocabulary. How a measure is taken is for [`crate::filters`] to know.

use crate::rules::diagnostic::nearest;

/// A number that is taken of a document's clean text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the table below describes each")]
pub enum Measure {
    Chars,
    Words,
    MeanWordLength,
    HashesPerWord,
    EllipsesPerWord,
    SymbolsPerWord,
    AlphabeticWords,
    StopWords,
    StopWordCount,
    BulletLines,
    EllipsisLines,
    DuplicateParagraphs,
    DuplicateParagraphChars,
    DuplicateLines,
    DuplicateLineChars,
    TopBigram,
    TopTrigram,
    TopFourgram,
    DuplicateFivegrams,
    DuplicateSixgrams,
    DuplicateSevengrams,
    DuplicateEightgrams,
    DuplicateNinegrams,
    DuplicateTengrams,
    EndMarkLines,
    ShortLines,
    RepeatedLineChars,
    NewlinesPerWord,
    C4Sentences,
    C4LoremIpsum,
    C4CurlyBrackets,
    C4AnyEndSentences,
    C4AnyEndLoremIpsum,
    C4AnyEndCurlyBrackets,
    WebLineWords,
    Tokens,
}

/// A measure, as people see it.
#[derive(Debug, Clone, Copy)]
pub struct MeasureInfo {
    /// The measure.
    pub measure: Measure,
    /// Its name in filter files, in rows and in columns.
    pub name: &'static str,
    /// How it is defined.
    pub about: &'static str,
}

/// All measures. A share or a ratio whose whole is 0 is 0.
pub const MEASURES: [MeasureInfo; 36] = [
    info(Measure::Chars, "chars", "characters (code points) of the text"),
    info(Measure::Words, "words", "words with at least one character that is no punctuation"),
    info(Measure::MeanWordLength, "mean-word-length", "characters per word, over what `words` counts"),
    info(Measure::HashesPerWord, "hashes-per-word", "number signs (#) per word or punctuation mark"),
    info(Measure::EllipsesPerWord, "ellipses-per-word", "ellipses (... and …) per word or punctuation mark"),
    info(
        Measure::SymbolsPerWord,
        "symbols-per-word",
        "number signs and ellipses (#, ..., . . ., …) per run of characters between white space",
    ),
    info(Measure::AlphabeticWords, "alphabetic-words", "share of words and punctuation marks that hold a letter"),
    info(Measure::StopWords, "stop-words", "how many of the, be, to, of, and, that, have, with occur"),
    info(Measure::StopWordCount, "stop-word-count", "how often the, be, to, of, and, that, have, with occur"),
    info(Measure::BulletLines, "bullet-lines", "share of lines that begin with • or -"),
    info(Measure::EllipsisLines, "ellipsis-lines", "share of lines that end with ... or …"),
    info(
        Measure::DuplicateParagraphs,
        "duplicate-paragraphs",
        "share of paragraphs that stood before; blank lines part paragraphs",
    ),
    info(
        Measure::DuplicateParagraphChars,
        "duplicate-paragraph-chars",
        "share of the text's characters that stand in paragraphs that stood before",
    ),
    info(Measure::DuplicateLines, "duplicate-lines", "share of lines that stood before, blank ones left out"),
    info(
        Measure::DuplicateLineChars,
        "duplicate-line-chars",
        "share of the text's characters that stand in lines that stood before",
    ),
    info(
        Measure::TopBigram,
        "top-2-gram",
        "characters of the most frequent run of 2 words times its count, per character of the text",
    ),
    info(Measure::TopTrigram, "top-3-gram", "the same of 3 words"),
    info(Measure::TopFourgram, "top-4-gram", "the same of 4 words"),
    info(
        Measure::DuplicateFivegrams,
        "duplicate-5-grams",
        "characters of runs of 5 words that stood before, per character of the text",
    ),
    info(Measure::DuplicateSixgrams, "duplicate-6-grams", "the same of 6 words"),
    info(Measure::DuplicateSevengrams, "duplicate-7-grams", "the same of 7 words"),
    info(Measure::DuplicateEightgrams, "duplicate-8-grams", "the same of 8 words"),
    info(Measure::DuplicateNinegrams, "duplicate-9-grams", "the same of 9 words"),
    info(Measure::DuplicateTengrams, "duplicate-10-grams", "the same of 10 words"),
    info(
        Measure::EndMarkLines,
        "end-mark-lines",
        "share of lines that end with a mark that ends a sentence, in any script, blank ones left out",
    ),
    info(Measure::ShortLines, "short-lines", "share of lines of at most 30 characters, blank ones left out"),
    info(
        Measure::RepeatedLineChars,
        "repeated-line-chars",
        "characters in lines that stood before, per character that is no line end, blank lines left out",
    ),
    info(Measure::NewlinesPerWord, "newlines-per-word", "line ends per word or punctuation mark"),
    info(Measure::C4Sentences, "c4-sentences", "sentences in the lines that C4 keeps"),
    info(Measure::C4LoremIpsum, "c4-lorem-ipsum", "lines that C4 looks at with `lorem ipsum` in them"),
    info(Measure::C4CurlyBrackets, "c4-curly-brackets", "lines that C4 looks at with { in them"),
    info(
        Measure::C4AnyEndSentences,
        "c4-any-end-sentences",
        "sentences in the lines that C4 keeps, if lines may end without a mark",
    ),
    info(Measure::C4AnyEndLoremIpsum, "c4-any-end-lorem-ipsum", "`c4-lorem-ipsum`, if lines may end without a mark"),
    info(
        Measure::C4AnyEndCurlyBrackets,
        "c4-any-end-curly-brackets",
        "`c4-curly-brackets`, if lines may end without a mark",
    ),
    info(
        Measure::WebLineWords,
        "web-line-words",
        "share of words that stand in lines which RefinedWeb removes: capitals, numbers, counters, single words, carts",
    ),
    info(
        Measure::Tokens,
        "tokens",
        "tokens by the tokenizer of `--tokenizer`, without those that stand around every text",
    ),
];

const fn info(measure: Measure, name: &'static str, about: &'static str) -> MeasureInfo {
    MeasureInfo { measure, name, about }
}

impl Measure {
    /// What people see of it.
    pub fn info(self) -> &'static MeasureInfo {
        &MEASURES[self as usize]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The measure of a name.
    pub fn named(name: &str) -> Option<Measure> {
        MEASURES.iter().find(|info| info.name == name).map(|info| info.measure)
    }

    /// The measure's name that a misspelt one most likely meant.
    pub fn nearest_name(name: &str) -> Option<&'static str> {
        nearest(name, MEASURES.iter().map(|info| info.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_stands_at_its_place_and_is_found_by_its_name() {
        for (place, info) in MEASURES.iter().enumerate() {
            assert_eq!(info.measure as usize, place, "{}", info.name);
            assert_eq!(Measure::named(info.name), Some(info.measure));
        }
        assert_eq!(Measure::nearest_name("word"), Some("words"));
    }
}
