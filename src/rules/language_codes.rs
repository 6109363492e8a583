//! Codes of languages: what people, and labels of models, call the languages that documents are told to be in.
//!
//! A document has a code of ISO 639-3. Where other members of a macrolanguage have codes of their own it is that of the
//! individual language (`cmn`, `zsm`), else that of the macrolanguage (`ara`, `swa`).

use isolang::Language;

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
  sh hbs sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun sv swe sw swa ta tam te tel \
  tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw aka ty tah \
  ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor \
  za zha zh cmn zu zul";

/// Members of macrolanguages that stand for them, as GlotLID and FineWeb-2 name them, and the codes that dechaff tells: the
/// member that ISO 639-3 calls standard, or the only one that is written much.
const MEMBERS: &str = "als sqi arb ara ayr aym azj aze bcl bik bxr bua ekk est gaz orm gom kok gug grn \
  knc kau kpv kom lvs lav npi nep ory ori pbt pus plt mlg swh swa uzn uzb ydd yid";

/// What stands before a label of fastText's.
const LABEL: &str = "__label__";

/// The codes that documents have which are in a language, by its code of ISO 639-1 or 639-3 in lower case; `None` where
/// there is none of this code.
///
/// ```
/// use dechaff::internals::rules::language_codes::codes_of;
///
/// assert_eq!(codes_of("zh").unwrap(), ["cmn"]);
/// assert_eq!(codes_of("nor").unwrap(), ["nob", "nno"]);
/// assert_eq!(codes_of("arb").unwrap(), ["ara"]);
/// assert_eq!(codes_of("xxx"), None);
/// ```
pub fn codes_of(code: &str) -> Option<Vec<String>> {
    if code.len() == 2 {
        return individual(code);
    }
    let language = Language::from_639_3(code)?;
    let all = language.to_639_1().and_then(individual);
    Some(all.unwrap_or_else(|| vec![paired(MEMBERS, code).unwrap_or(code).into()]))
}

/// The code of the language that a label of a model means: `__label__de` of lid.176, `__label__deu_Latn` of GlotLID. A label
/// that is no such code is left as it is.
pub fn code_of_label(label: &str) -> String {
    let label = label.strip_prefix(LABEL).unwrap_or(label);
    let (code, script) = label.split_once(['_', '-']).map_or((label, None), |(code, script)| (code, Some(script)));
    // Without a script, labels are names of Wikipedias; this one is in Alemannic, and als of ISO 639-3 is Tosk Albanian.
    if (code, script) == ("als", None) {
        return "gsw".into();
    }
    let codes = codes_of(&code.to_ascii_lowercase());
    codes.and_then(|codes| codes.into_iter().next()).unwrap_or_else(|| label.into())
}

/// The individual languages of a code of two letters.
fn individual(code: &str) -> Option<Vec<String>> {
    let three = paired(CODES, code)?;
    let also = (code == "no").then(|| "nno".to_string());
    Some(std::iter::once(three.to_string()).chain(also).collect())
}

/// What stands behind a word in a list of pairs.
fn paired<'p>(pairs: &'p str, first: &str) -> Option<&'p str> {
    let mut words = pairs.split_whitespace();
    while let (Some(word), Some(other)) = (words.next(), words.next()) {
        if word == first {
            return Some(other);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_models_are_codes_that_can_be_asked_for() {
        for (label, code) in [
            ("__label__de", "deu"),
            ("__label__deu_Latn", "deu"),
            ("__label__cmn_Hani", "cmn"),
            ("__label__zh", "cmn"),
            ("__label__arb_Arab", "ara"),
            ("__label__als_Latn", "sqi"),
            ("__label__als", "gsw"),
            ("__label__no", "nob"),
            ("__label__nno_Latn", "nno"),
            ("__label__sh", "hbs"),
            ("__label__ceb", "ceb"),
            ("__label__pt-BR", "por"),
            ("__label__news", "news"),
            ("harbour", "harbour"),
        ] {
            assert_eq!(code_of_label(label), code, "{label}");
        }
    }

    #[test]
    fn every_code_of_the_tables_is_one() {
        for (pairs, is_first_short) in [(CODES, true), (MEMBERS, false)] {
            for (number, code) in pairs.split_whitespace().enumerate() {
                let length = if is_first_short && number % 2 == 0 { 2 } else { 3 };
                assert_eq!(code.len(), length, "{code}");
                assert!(length == 2 || Language::from_639_3(code).is_some(), "{code}");
            }
        }
    }
}
