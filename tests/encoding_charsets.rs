//! A small sample of what `training/letters` measures at large: a few sentences in each language, in
//! each charset that it was written in, are read exactly, with no hint at all.

use std::borrow::Cow;

use dechaff::internals::parse::decode::{CharsetSource, Hints, decode};
use dechaff::internals::parse::repair::{Repairs, Switches, repair};
use encoding_rs::Encoding;

/// A language, its charsets, and a few sentences written for this test.
const SENTENCES: [(&str, &[&str], &str); 25] = [
    (
        "Arabic",
        &["windows-1256", "iso-8859-6"],
        "تغادر العبارة الرصيف في التاسعة صباحا، وتباع التذاكر على متنها. يسافر الكلاب مجانا.",
    ),
    (
        "Bulgarian",
        &["windows-1251", "iso-8859-5"],
        "Фериботът тръгва от кея в девет часа сутринта, а билети се продават на борда. Кучетата пътуват безплатно.",
    ),
    ("Chinese", &["gbk", "gb18030"], "渡轮早上九点离开码头，船票在船上出售，狗可以免费乘坐。下雨天请带伞。"),
    ("Chinese, traditional", &["big5"], "渡輪早上九點離開碼頭，船票在船上出售，狗可以免費乘坐。下雨天請帶傘。"),
    (
        "Croatian",
        &["windows-1250", "iso-8859-2"],
        "Trajekt isplovljava s pristaništa u devet sati, a karte se kupuju na brodu. Psi putuju besplatno, čak i ljeti.",
    ),
    (
        "Czech",
        &["windows-1250", "iso-8859-2"],
        "Přívoz odplouvá od mola v devět hodin ráno, jízdenky se prodávají na palubě. Psi jezdí zdarma.",
    ),
    (
        "Estonian",
        &["windows-1257", "iso-8859-13"],
        "Praam väljub kai äärest hommikul kell üheksa, pileteid müüakse pardal. Koerad sõidavad tasuta.",
    ),
    (
        "French",
        &["windows-1252", "iso-8859-15", "macintosh"],
        "Le bac quitte le quai à neuf heures, les billets sont vendus à bord. L'été, les chiens voyagent gratuitement.",
    ),
    (
        "German",
        &["windows-1252", "iso-8859-15", "macintosh"],
        "Die Fähre legt um neun Uhr früh ab, Fahrkarten gibt es an Bord. Hunde fahren auch übers Wochenende umsonst, größere mit Maulkorb.",
    ),
    (
        "Greek",
        &["windows-1253", "iso-8859-7"],
        "Το πλοίο φεύγει από την προβλήτα στις εννέα το πρωί και τα εισιτήρια πωλούνται στο κατάστρωμα.",
    ),
    (
        "Hebrew",
        &["windows-1255", "iso-8859-8"],
        "המעבורת יוצאת מהרציף בתשע בבוקר, והכרטיסים נמכרים על הסיפון. כלבים נוסעים חינם.",
    ),
    (
        "Hungarian",
        &["windows-1250", "iso-8859-2"],
        "A komp reggel kilenckor indul a kikötőből, jegyet a fedélzeten lehet venni. A kutyák ingyen utaznak, esős időben is.",
    ),
    (
        "Icelandic",
        &["windows-1252"],
        "Ferjan fer frá bryggjunni klukkan níu að morgni og miðar eru seldir um borð. Hundar ferðast ókeypis.",
    ),
    (
        "Japanese",
        &["shift_jis", "euc-jp", "iso-2022-jp"],
        "フェリーは朝九時に桟橋を出ます。切符は船の中で買えます。犬は無料です。",
    ),
    ("Korean", &["euc-kr"], "여객선은 아침 아홉 시에 부두를 떠나고 표는 배에서 판다. 개는 무료로 탈 수 있다."),
    (
        "Latvian",
        &["windows-1257", "iso-8859-13"],
        "Prāmis atiet no piestātnes deviņos no rīta, biļetes pārdod uz klāja. Suņi brauc bez maksas.",
    ),
    (
        "Lithuanian",
        &["windows-1257", "iso-8859-13"],
        "Keltas išplaukia iš prieplaukos devintą valandą ryto, bilietai parduodami laive. Šunys keliauja nemokamai.",
    ),
    (
        "Polish",
        &["windows-1250", "iso-8859-2"],
        "Prom odpływa z nabrzeża o dziewiątej rano, bilety można kupić na pokładzie. Psy podróżują bezpłatnie, także w święta.",
    ),
    (
        "Portuguese",
        &["windows-1252", "iso-8859-15"],
        "A balsa sai do cais às nove da manhã, e os bilhetes são vendidos a bordo. Os cães não pagam.",
    ),
    (
        "Romanian",
        &["windows-1250", "iso-8859-2"],
        "Feribotul pleacă de la chei la ora nouă dimineaţa, iar biletele se vând la bord. Câinii călătoresc fără plată.",
    ),
    (
        "Russian",
        &["windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"],
        "Паром отходит от причала в девять часов утра, билеты продаются на борту. Собак берут бесплатно.",
    ),
    ("Thai", &["windows-874"], "เรือข้ามฟากออกจากท่าเวลาเก้าโมงเช้า และขายตั๋วบนเรือ สุนัขเดินทางฟรี"),
    (
        "Turkish",
        &["windows-1254"],
        "Feribot sabah dokuzda iskeleden kalkıyor, biletler güvertede satılıyor. Köpekler ücretsiz yolculuk eder, kışın da.",
    ),
    (
        "Ukrainian",
        &["windows-1251", "koi8-u"],
        "Пором відходить від причалу о дев'ятій ранку, квитки продають на борту. Собак беруть безкоштовно, її теж.",
    ),
    ("Vietnamese", &["windows-1258"], "Phà rời bến lúc chín giờ sáng, vé được bán trên tàu. Chó được đi miễn phí."),
];

#[test]
fn every_language_is_read_in_each_of_its_charsets() {
    for (language, labels, text) in SENTENCES {
        for label in labels {
            let charset = Encoding::for_label(label.as_bytes()).expect("a label of the WHATWG");
            let text = if *label == "windows-1258" { with_tones_apart(text) } else { text.to_string() };
            let (bytes, _, unmappable) = charset.encode(&text);
            assert!(!unmappable, "{language} in {label}");
            let decoded = decode(&bytes, &Hints::default());
            assert_eq!(decoded.text, text, "{language} in {label}, read as {}", decoded.charset);
        }
    }
}

/// Vietnamese as windows-1258 writes it: the letter, then its tone.
fn with_tones_apart(text: &str) -> String {
    let apart = [('ờ', "ơ\u{300}"), ('ế', "ê\u{301}"), ('ú', "u\u{301}"), ('í', "i\u{301}"), ('à', "a\u{300}")];
    let more = [('ợ', "ơ\u{323}"), ('ó', "o\u{301}"), ('ễ', "ê\u{303}"), ('ừ', "ư\u{300}"), ('ể', "ê\u{309}")];
    text.chars().fold(String::new(), |mut all, c| {
        match apart.iter().chain(&more).find(|entry| entry.0 == c) {
            Some((_, letters)) => all.push_str(letters),
            None => all.push(c),
        }
        all
    })
}

#[test]
fn what_else_is_known_of_a_page_tips_the_scales() {
    // `ï` in one charset is `ď` or `ļ` in others, and a word proves little.
    let bytes = b"na\xefve";
    let read = |hints: Hints| decode(bytes, &hints).text.into_owned();
    assert_eq!(read(Hints { language: Some("fr-CA"), ..Hints::default() }), "naïve");
    assert_eq!(
        read(Hints { site: Some(encoding_rs::WINDOWS_1250.into()), tld: Some("cz"), ..Hints::default() }),
        "naďve"
    );
    let declared = decode(bytes, &Hints { declared: Some("iso-8859-2"), ..Hints::default() });
    assert_eq!((&*declared.text, declared.found_by), ("naďve", CharsetSource::Declared));
}

#[test]
fn a_wrong_declaration_is_not_believed() {
    let (_, _, russian) = SENTENCES[20];
    let bytes = encoding_rs::WINDOWS_1251.encode(russian).0;
    let decoded = decode(&bytes, &Hints { declared: Some("iso-8859-1"), ..Hints::default() });
    assert_eq!((&*decoded.text, decoded.charset, decoded.found_by), (russian, "windows-1251", CharsetSource::Detected));
}

#[test]
fn a_page_of_megabytes_is_known_by_a_part_of_it() {
    let (_, _, hungarian) = SENTENCES[11];
    let text = format!("{}{hungarian}\n", "plain words of ASCII, line upon line\n".repeat(60_000));
    let bytes = encoding_rs::ISO_8859_2.encode(&text).0;
    assert_eq!(decode(&bytes, &Hints::default()).text, text);
}

#[test]
fn mojibake_of_every_language_is_read_anew_and_clean_text_is_left() {
    for (language, _, text) in SENTENCES {
        let mended =
            |text: &str| repair(Cow::Borrowed(text), &Switches::default(), &mut Repairs::default()).into_owned();
        assert_eq!(mended(text), text, "{language}");
        assert_eq!(mended(&text.to_uppercase()), text.to_uppercase(), "{language}");
        for label in ["windows-1252", "windows-1250", "windows-1251", "windows-1254", "macintosh"] {
            let charset = Encoding::for_label(label.as_bytes()).expect("a label of the WHATWG");
            let spoilt = charset.decode_without_bom_handling(text.as_bytes()).0;
            assert_eq!(mended(&spoilt), text, "{language} read as {label}");
        }
    }
}
