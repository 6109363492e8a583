//! The language of a kept text.
//!
//! The script comes first, by its letters; the language among those that are written in it second, by groups of
//! letters ([`model`]). Where the likeliest is not likely enough, or is one that too little is known of, none is told.
//! `docs/language.md` says what it was trained on and how it was measured.

pub mod features;
pub mod model;
pub mod scripts;

use std::borrow::Cow;

use crate::manifest::{Language, Share};
use crate::rules::fasttext::FastText;
use crate::rules::language_codes::code_of_label;
use model::{Class, Model};
use scripts::weight;

/// How much of a text is looked at, in bytes: all of one up to this length, and of a longer one as much in pieces from
/// all over it. More changes hardly any answer.
const LOOKED_AT: usize = 1024;
/// How many pieces those are.
const PIECES: usize = 4;
/// How much is looked at first. Of 1,842 texts in 25 languages it told 1,630 beyond doubt, each as the whole did.
const LOOKED_AT_FIRST: usize = 384;
/// How likely a language must be for no more to be looked at, in thousandths: more than anybody asks for. From 900 on no
/// answer was another.
const BEYOND_DOUBT: u32 = 950;
/// How likely a language must be to be told, in thousandths.
const TOLD: u32 = 500;
/// How many letters a text must have; ideographs count as three.
const LETTERS: u32 = 12;

/// The language, where enough of the text can be told.
pub fn language(text: &str) -> Option<Language> {
    let first = likeliest(&sample(text, LOOKED_AT_FIRST));
    let likeliest = match first {
        Some((class, confidence)) if class.is_told && confidence >= BEYOND_DOUBT => first,
        _ if text.len() <= LOOKED_AT_FIRST => first,
        _ => likeliest(&sample(text, LOOKED_AT)),
    };
    let (class, confidence) = likeliest.filter(|(class, confidence)| class.is_told && *confidence >= TOLD)?;
    Some(Language { code: class.code.as_str().into(), confidence: Some(Share::of_permille(confidence as u16)) })
}

/// The likeliest language of a sample, and how likely it is, in thousandths.
fn likeliest(sample: &str) -> Option<(&'static Class, u32)> {
    let (script, share, letters) = features::script_of(sample)?;
    if letters * weight(script) < LETTERS {
        return None;
    }
    let (class, probability) = Model::get().likeliest(sample, script)?;
    Some((class, probability * share / 1000))
}

/// The language that a model of the user's own tells: of the whole text, however unsure; none where it knows no word of it.
pub fn told_by(model: &FastText, text: &str) -> Option<Language> {
    let told = model.predict(text)?;
    let confidence = Share::nearest(f64::from(told.probability));
    Some(Language { code: code_of_label(told.label).into(), confidence: Some(confidence) })
}

/// So much of a text as is looked at, in bytes.
fn sample(text: &str, length: usize) -> Cow<'_, str> {
    if text.len() <= length {
        return text.into();
    }
    let mut sample = String::with_capacity(length + PIECES);
    for piece in 0..PIECES {
        let start = text.floor_char_boundary(text.len() / PIECES * piece);
        let end = text.floor_char_boundary(start + length / PIECES);
        sample.push_str(&text[start..end]);
        sample.push('\n');
    }
    sample.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        language(text).map(|language| language.code.into_owned())
    }

    #[test]
    fn languages_are_told_and_what_is_none_is_not() {
        for (text, code) in [
            ("The ferry left at nine and came back at ten, which nobody on the quay had asked it to do.", "eng"),
            ("Der Hafen bleibt am Montag geschlossen, weil die Möwen streiken und niemand sie ersetzen kann.", "deu"),
            ("Паром ушёл в девять и вернулся в десять, о чём его никто на причале не просил.", "rus"),
            ("Na peronie pierwszym stała foka i czekała na pociąg do Gdańska, który jak zwykle się spóźniał.", "pol"),
            ("Přístav zůstane v pondělí zavřený, protože racci stávkují a nikdo je nemůže nahradit.", "ces"),
            ("港の船は七時三分に出る。船長の犬が散歩をしているからである。", "jpn"),
            ("轮船七点三分离港，因为船长的狗还在散步。", "cmn"),
            ("배는 일곱 시 삼 분에 떠난다. 선장의 개가 아직 산책하고 있기 때문이다.", "kor"),
            ("Το πλοίο φεύγει στις επτά και τρία, γιατί ο σκύλος του καπετάνιου κάνει ακόμη βόλτα.", "ell"),
            ("Усан онгоц долоон цагт хөдөлнө, учир нь ахмадын нохой одоо ч алхаж байна.", "khk"),
            ("Кеме саат жетиде жөнөйт, анткени капитандын ити дагы эле сейилдеп жүрөт.", "kir"),
            ("Пароход сәгать җидедә китә, чөнки капитанның эте һаман йөри.", "tat"),
            ("Fágfaidh an bád ar a seacht mar tá madra an chaptaein fós ag siúl ar an gcé.", "gle"),
            ("O barco sae ás sete porque o can do capitán aínda está a pasear polo peirao.", "glg"),
        ] {
            assert_eq!(told(text).as_deref(), Some(code), "{text}");
        }
        for text in ["12 34 56", "", "OK", "qwx zzkq vvrtp jkqw xxcvb pplkj mnbvq wwqaz", "https://"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_looked_at_all_over() {
        let english = "The ferry left at nine and came back at ten. ".repeat(200);
        assert_eq!(told(&english).as_deref(), Some("eng"));
        assert_eq!(sample(&"ж".repeat(5000), LOOKED_AT).chars().filter(|&c| c == 'ж').count(), LOOKED_AT / 2);
        assert_eq!(told(&"12 ".repeat(3000)), None);
    }
}
