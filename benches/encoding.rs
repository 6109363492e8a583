//! How fast pages are decoded and repaired. `cargo bench --bench encoding`
//!
//! The texts are made up of words of each script, so what is measured needs no data; the shares of
//! ASCII are those of running text.

use std::borrow::Cow;

use dechaff::internals::parse::decode::{Hints, decode, detect};
use dechaff::internals::parse::repair::{Repairs, Switches, repair};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use encoding_rs::Encoding;

fn main() {
    divan::main();
}

/// A page of about a megabyte by its script.
fn page(script: &str) -> String {
    let line = match script {
        "english" => "The ferry leaves the quay at nine, and dogs travel free; tickets are sold on board & ashore.\n",
        "french" => "Le bac quitte le quai à neuf heures ; l’équipage vend des billets « à bord », même l’été.\n",
        "russian" => "Паром отходит от причала в девять часов утра, билеты продаются на борту.\n",
        "ukrainian" => "Пором відходить від причалу о дев’ятій; її квитки є на борту, і їх вистачає всім.\n",
        "greek" => "Το πλοίο φεύγει από την προβλήτα στις εννέα· τα εισιτήρια πωλούνται στο κατάστρωμα.\n",
        "hindi" => "नाव सुबह नौ बजे घाट से निकलती है और टिकट नाव पर ही मिलते हैं।\n",
        "thai" => "เรือข้ามฟากออกจากท่าเวลาเก้าโมงเช้า และขายตั๋วบนเรือด้วย\n",
        "arabic" => "تغادر العبّارة الرصيف في الساعة التاسعة وتباع التذاكر على متنها.\n",
        "chinese" => "渡轮早上九点离开码头，船票在船上出售，狗免费乘坐。\n",
        "korean" => "여객선은 아침 아홉 시에 부두를 떠나고 표는 배에서 판다.\n",
        _ => "Phà rời bến lúc chín giờ sáng, vé được bán trên tàu và chó được đi miễn phí.\n",
    };
    line.repeat((1 << 20) / line.len())
}

const SCRIPTS: [&str; 11] = [
    "english",
    "french",
    "russian",
    "ukrainian",
    "greek",
    "hindi",
    "thai",
    "arabic",
    "chinese",
    "korean",
    "vietnamese",
];

#[divan::bench(args = SCRIPTS)]
fn clean_utf_8(bencher: Bencher, script: &str) {
    let page = page(script);
    bencher.counter(BytesCount::of_str(&page)).bench(|| {
        let decoded = decode(black_box(page.as_bytes()), &Hints::default());
        let repaired = repair(decoded.text, &Switches::default(), &mut Repairs::default());
        assert!(matches!(repaired, Cow::Borrowed(_)));
    });
}

/// Languages and their legacy charsets.
const LEGACY: [(&str, &str); 6] = [
    ("french", "windows-1252"),
    ("russian", "windows-1251"),
    ("russian", "koi8-r"),
    ("greek", "iso-8859-7"),
    ("chinese", "gbk"),
    ("korean", "euc-kr"),
];

fn legacy((script, label): (&str, &str)) -> (Vec<u8>, &'static Encoding) {
    let charset = Encoding::for_label(label.as_bytes()).expect("a label of the WHATWG");
    (charset.encode(&page(script)).0.into_owned(), charset)
}

#[divan::bench(args = LEGACY)]
fn legacy_once_known(bencher: Bencher, which: (&str, &str)) {
    let (bytes, charset) = legacy(which);
    let hints = Hints { given: Some(charset.into()), ..Hints::default() };
    bencher.counter(BytesCount::of_slice(&bytes)).bench(|| {
        let decoded = decode(black_box(&bytes), &hints);
        repair(decoded.text, &Switches::default(), &mut Repairs::default()).len()
    });
}

#[divan::bench(args = LEGACY)]
fn detection(bencher: Bencher, which: (&str, &str)) {
    let (bytes, _) = legacy(which);
    let bytes = &bytes[..20_000];
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| detect(black_box(bytes), &Hints::default()));
}

#[divan::bench]
fn mojibake(bencher: Bencher) {
    let spoilt: String = page("french").bytes().map(char::from).take(1 << 17).collect();
    bencher.counter(BytesCount::of_str(&spoilt)).bench(|| {
        repair(Cow::Borrowed(black_box(spoilt.as_str())), &Switches::default(), &mut Repairs::default()).len()
    });
}
