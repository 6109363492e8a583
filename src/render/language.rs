//! The language of a kept text.
//!
//! Running text tells its language by its function words, which are counted first. whichlang knows sixteen languages
//! and is believed where the language's own function words bear it out. whatlang knows seventy and is asked for the
//! rest.

use whichlang::Lang;

use crate::manifest::{Language, Share};
use crate::rules::function_words::Counts;

/// How many bytes of the text are looked at; more change the answer no longer.
const SAMPLE: usize = 600;

/// The share of a language's function words among all words, in per cent, that tells it, where no other language has
/// half as many. Running text has 30 to 50 (jusText asks for 30 of a good paragraph); headlines and tables have fewer.
const TOLD: u32 = 20;

/// The share that bears out what whichlang says.
const BORNE_OUT: u32 = 12;

/// The same where no other language has half as many.
const BORNE_OUT_ALONE: u32 = 5;

/// Words that a text must have for its function words to be counted.
const WORDS: u32 = 10;

/// The language, where enough of the text can be told.
pub fn language(text: &str) -> Option<Language> {
    let sample = &text[..text.floor_char_boundary(SAMPLE)];
    if sample.trim().is_empty() {
        return None;
    }
    let counts = Counts::of(sample);
    let share = |of: u32| if counts.words >= WORDS { of * 100 / counts.words } else { 0 };
    let alone = counts.most().filter(|(_, most, next)| next * 2 < *most);
    if let Some((language, most, _)) = alone
        && share(most) >= TOLD
        && let Some((_, code)) = CODES.iter().find(|(short, _)| *short == language)
    {
        return Some(Language { code: (*code).into(), confidence: None });
    }
    let least =
        |short: &str| if alone.is_some_and(|(language, ..)| language == short) { BORNE_OUT_ALONE } else { BORNE_OUT };
    let is_borne_out = |short: &str| share(counts.of_language(short)) >= least(short);
    // Whichlang is not asked where nothing could bear it out.
    if CODES.iter().any(|(short, _)| is_borne_out(short))
        && let Some((short, code)) = code(whichlang::detect_language(sample))
        && is_borne_out(short)
    {
        return Some(Language { code: code.into(), confidence: None });
    }
    let info = whatlang::detect(sample)?;
    let confidence = Some(Share::nearest(info.confidence()));
    info.is_reliable().then(|| Language { code: info.lang().code().into(), confidence })
}

/// The ISO 639-1 and 639-3 codes of the languages that whichlang knows and that write spaces between words.
const CODES: [(&str, &str); 12] = [
    ("ar", "ara"),
    ("de", "deu"),
    ("en", "eng"),
    ("fr", "fra"),
    ("it", "ita"),
    ("nl", "nld"),
    ("pt", "por"),
    ("ru", "rus"),
    ("es", "spa"),
    ("sv", "swe"),
    ("tr", "tur"),
    ("vi", "vie"),
];

fn code(language: Lang) -> Option<(&'static str, &'static str)> {
    let code = language.three_letter_code();
    CODES.into_iter().find(|(_, long)| *long == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_with_and_without_the_short_way() {
        for (text, code) in [
            ("The ferry left at nine and came back at ten, which nobody on the quay had asked it to do.", Some("eng")),
            (
                "Der Hafen bleibt am Montag geschlossen, weil die Möwen streiken und niemand sie ersetzen kann.",
                Some("deu"),
            ),
            ("Паром ушёл в девять и вернулся в десять, о чём его никто на причале не просил.", Some("rus")),
            (
                "Na peronie pierwszym stała foka i czekała na pociąg do Gdańska, który jak zwykle się spóźniał.",
                Some("pol"),
            ),
            ("Přístav zůstane v pondělí zavřený, protože racci stávkují a nikdo je nemůže nahradit.", Some("ces")),
            ("港の船は七時三分に出る。船長の犬が散歩をしているからである。", Some("jpn")),
            ("12 34 56", None),
            ("", None),
        ] {
            assert_eq!(language(text).map(|language| language.code).as_deref(), code, "{text}");
        }
    }
}
