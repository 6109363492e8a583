//! The language of a kept text.
//!
//! whichlang knows sixteen languages and is cheap; what it says is believed where the language's own function words
//! bear it out. whatlang knows seventy and is asked for the rest.

use std::borrow::Cow;

use whichlang::Lang;

use crate::rulebook::function_words;

/// How many bytes of the text are looked at; more change the answer no longer.
const SAMPLE: usize = 600;

/// The share of function words among all words, in per cent, that bears a language out. Running text has 30 to 50
/// (jusText asks for 30 of a good paragraph); a list of words in a language has some.
const BORNE_OUT: usize = 20;

/// The language as ISO 639-3, where enough of the text can be told.
pub fn language(text: &str) -> Option<Cow<'static, str>> {
    let sample = &text[..text.floor_char_boundary(SAMPLE)];
    if sample.trim().is_empty() {
        return None;
    }
    if let Some((short, code)) = code(whichlang::detect_language(sample))
        && is_borne_out(sample, short)
    {
        return Some(code.into());
    }
    let info = whatlang::detect(sample)?;
    info.is_reliable().then(|| info.lang().code().into())
}

/// The ISO 639-1 and 639-3 codes of a language that writes spaces between words.
fn code(language: Lang) -> Option<(&'static str, &'static str)> {
    Some(match language {
        Lang::Ara => ("ar", "ara"),
        Lang::Deu => ("de", "deu"),
        Lang::Eng => ("en", "eng"),
        Lang::Fra => ("fr", "fra"),
        Lang::Ita => ("it", "ita"),
        Lang::Nld => ("nl", "nld"),
        Lang::Por => ("pt", "por"),
        Lang::Rus => ("ru", "rus"),
        Lang::Spa => ("es", "spa"),
        Lang::Swe => ("sv", "swe"),
        Lang::Tur => ("tr", "tur"),
        Lang::Vie => ("vi", "vie"),
        _ => return None,
    })
}

fn is_borne_out(sample: &str, language: &str) -> bool {
    let Some(function_words) = function_words::of(language) else { return false };
    let lower = sample.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (mut all, mut known) = (0, 0);
    for word in words {
        all += 1;
        known += usize::from(function_words.contains(word));
    }
    all >= 10 && known * 100 >= all * BORNE_OUT
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
            assert_eq!(language(text).as_deref(), code, "{text}");
        }
    }
}
