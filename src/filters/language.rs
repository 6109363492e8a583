//! The filter of languages: `--language de,fr:0.65`.

use crate::error::{Error, Result};
use crate::filters::{Document, DocumentFilter, Verdict};
use crate::manifest::{FilterValue, Language, Quantity};

/// The name of the setting, and of the filter.
const NAME: &str = "language";

/// Codes of ISO 639-1, and the codes of ISO 639-3 that dechaff tells for them.
const CODES: &str = "aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze \
  ba bak be bel bg bul bi bis bm bam bn ben bo bod br bre bs bos ca cat ce che ch cha \
  co cos cr cre cs ces cu chu cv chv cy cym da dan de deu dv div dz dzo ee ewe el ell \
  en eng eo epo es spa et est eu eus fa pes ff ful fi fin fj fij fo fao fr fra fy fry \
  ga gle gd gla gl glg gn grn gu guj gv glv ha hau he heb hi hin ho hmo hr hrv ht hat \
  hu hun hy hye hz her ia ina id ind ie ile ig ibo ii iii ik ipk io ido is isl it ita \
  iu iku ja jpn jv jav ka kat kg kon ki kik kj kua kk kaz kl kal km khm kn kan ko kor \
  kr kau ks kas ku kmr kv kom kw cor ky kir la lat lb ltz lg lug li lim ln lin lo lao \
  lt lit lu lub lv lav mg mlg mh mah mi mri mk mkd ml mal mn khk mr mar ms zsm mt mlt \
  my mya na nau nb nob nd nde ne nep ng ndo nl nld nn nno no nob nr nbl nv nav ny nya \
  oc oci oj oji om orm or ori os oss pa pan pi pli pl pol ps pus pt por qu que rm roh \
  rn run ro ron ru rus rw kin sa san sc srd sd snd se sme sg sag si sin sk slk sl slv \
  sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun sv swe sw swa ta tam te tel \
  tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw aka ty tah \
  ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor \
  za zha zh cmn zu zul";

/// Keeps documents in some languages, each from some confidence on.
#[derive(Debug, PartialEq)]
pub(super) struct LanguageFilter {
    /// The code of ISO 639-3, and the least confidence.
    wanted: Vec<(String, f64)>,
}

impl LanguageFilter {
    /// Reads a list of codes, each with the least confidence behind a colon.
    ///
    /// # Errors
    /// [`Error::Setting`] with what is wrong with it.
    pub(super) fn parse(list: &str) -> Result<LanguageFilter> {
        let wrong = |expected: String| Error::Setting { name: NAME, value: list.into(), expected };
        let mut wanted = Vec::new();
        for entry in list.split(',').map(str::trim) {
            let (code, least) = entry.split_once(':').unwrap_or((entry, "0"));
            let least = least.trim().parse::<f64>().ok().filter(|least| (0.0..=1.0).contains(least));
            let least = least
                .ok_or_else(|| wrong(format!("the confidence of {code} is a number from 0 to 1, as in {code}:0.65")))?;
            let code = code.trim().to_ascii_lowercase();
            let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase());
            let codes = match (is_code, code.len()) {
                (false, _) => None,
                (true, 3) => Some(vec![code.clone()]),
                (true, _) => individual(&code),
            };
            let codes = codes.ok_or_else(|| {
                let expected = "expected codes of ISO 639, with commas between them: de,fr:0.65";
                wrong(format!("{code:?} is no code of a language; {expected}"))
            })?;
            wanted.extend(codes.into_iter().map(|code| (code, least)));
        }
        Ok(LanguageFilter { wanted })
    }

    fn verdict(&self, language: Option<&Language>) -> Option<Verdict> {
        let Some(language) = language else {
            return Some(Verdict::of("language#unknown", FilterValue::Word("none".into())));
        };
        let Some((_, least)) = self.wanted.iter().find(|(code, _)| *code == *language.code) else {
            return Some(Verdict::of("language#other", FilterValue::Word(language.code.to_string())));
        };
        let confidence = language.confidence.map_or(1.0, |confidence| f64::from(confidence.permille()) / 1000.0);
        (confidence < *least).then(|| Verdict {
            rule: "language#unsure".into(),
            value: FilterValue::Number(Quantity::nearest(confidence)),
            min: Some(Quantity::nearest(*least)),
            max: None,
        })
    }
}

/// The individual languages of a code of two letters.
fn individual(code: &str) -> Option<Vec<String>> {
    let mut codes = CODES.split_whitespace();
    while let (Some(two), Some(three)) = (codes.next(), codes.next()) {
        if two == code {
            let also = (code == "no").then(|| "nno".to_string());
            return Some(std::iter::once(three.to_string()).chain(also).collect());
        }
    }
    None
}

impl DocumentFilter for LanguageFilter {
    fn name(&self) -> &str {
        NAME
    }

    fn rules(&self) -> Vec<(String, String)> {
        let rules = [
            ("language#other", "It is in a language that was not asked for."),
            ("language#unsure", "Its language is less sure than was asked for."),
            ("language#unknown", "Its language cannot be told."),
        ];
        rules.map(|(address, why)| (address.into(), why.into())).into()
    }

    fn check(&self, document: &Document) -> Option<Verdict> {
        self.verdict(document.language())
    }

    fn key(&self) -> String {
        let wanted = self.wanted.iter().map(|(code, least)| format!("{code}:{least}"));
        wanted.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Share;

    #[test]
    fn documents_stay_in_the_languages_that_are_asked_for() {
        let filter = LanguageFilter::parse("de, fr:0.65,cmn,no").unwrap();
        for (code, permille, rule) in [
            ("deu", 510, None),
            ("fra", 650, None),
            ("fra", 649, Some("language#unsure (0.649, at least 0.65)")),
            ("nno", 900, None),
            ("cmn", 900, None),
            ("eng", 999, Some("language#other (eng)")),
        ] {
            let language = Language { code: code.into(), confidence: Some(Share::of_permille(permille)) };
            let document = Document::new("").with_language(Some(&language));
            assert_eq!(filter.check(&document).map(|verdict| verdict.to_string()).as_deref(), rule);
        }
        assert_eq!(filter.check(&Document::new("12")).unwrap().rule, "language#unknown");
    }

    #[test]
    fn a_list_that_is_none_says_what_is_wrong() {
        for (list, says) in [
            ("german", "no code of a language"),
            ("", "no code of a language"),
            ("de:", "from 0 to 1"),
            ("de:NaN", "from 0 to 1"),
            ("de:65", "from 0 to 1"),
            ("xx", "no code of a language"),
        ] {
            let error = LanguageFilter::parse(list).unwrap_err().to_string();
            assert!(error.contains(says), "{list}: {error}");
        }
    }
}
