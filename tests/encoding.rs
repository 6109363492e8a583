//! What becomes of a page's bytes: the charset is found, the text is right, and damage is mended.

use std::borrow::Cow;

use dechaff::internals::charset::TextEncoding;
use dechaff::internals::parse::decode::{CharsetSource, Decoded, Hints, decode};
use dechaff::internals::parse::repair::{REPAIRS, Repair, Repairs, Switches, explain, repair};
use encoding_rs::{Encoding, KOI8_R, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

const RUSSIAN: &str =
    "Паром отходит от причала в девять часов утра. Билеты продаются на борту, собак берут бесплатно.\n";

fn encoded(text: &str, charset: &'static Encoding) -> Vec<u8> {
    let (bytes, _, unmappable) = charset.encode(text);
    assert!(!unmappable, "{text} in {}", charset.name());
    bytes.into_owned()
}

fn said(decoded: &Decoded) -> (&'static str, CharsetSource, u64) {
    (decoded.charset, decoded.found_by, decoded.unreadable)
}

fn mended(text: &str) -> String {
    repair(Cow::Borrowed(text), &Switches::default(), &mut Repairs::default()).into_owned()
}

#[test]
fn a_mark_beats_the_users_word_which_beats_all_else() {
    let hints = Hints { given: Some(WINDOWS_1252.into()), declared: Some("koi8-r"), ..Hints::default() };
    let marked = decode("\u{feff}né".as_bytes(), &hints);
    assert_eq!((said(&marked), &*marked.text), (("UTF-8", CharsetSource::Bom, 0), "né"));
    let given = decode("né".as_bytes(), &hints);
    assert_eq!((said(&given), &*given.text), (("windows-1252", CharsetSource::Given, 0), "nÃ©"));
}

#[test]
fn a_declaration_holds_where_the_bytes_agree_with_it() {
    let hints = Hints { declared: Some("koi8-r"), ..Hints::default() };
    let bytes = encoded(RUSSIAN, KOI8_R);
    let decoded = decode(&bytes, &hints);
    assert_eq!((said(&decoded), &*decoded.text), (("KOI8-R", CharsetSource::Declared, 0), RUSSIAN));
    let decoded = decode(RUSSIAN.as_bytes(), &hints);
    assert_eq!((said(&decoded), &*decoded.text), (("UTF-8", CharsetSource::Utf8, 0), RUSSIAN));
}

#[test]
fn utf_16_and_utf_32_are_known_with_and_without_a_mark() {
    let japanese = "港の新聞。\n船は九時に出ます。\n";
    for text in ["The ferry leaves at nine.\n", RUSSIAN, japanese, "Η εφημερίδα\n"] {
        let utf_16: Vec<u16> = text.encode_utf16().collect();
        let utf_32: Vec<u32> = text.chars().map(u32::from).collect();
        let cases: [(&str, Vec<u8>); 4] = [
            ("UTF-16LE", utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            ("UTF-16BE", utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
            ("UTF-32LE", utf_32.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            ("UTF-32BE", utf_32.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ];
        let marks: [&[u8]; 4] = [&[0xFF, 0xFE], &[0xFE, 0xFF], &[0xFF, 0xFE, 0, 0], &[0, 0, 0xFE, 0xFF]];
        for ((charset, bytes), mark) in cases.iter().zip(marks) {
            let decoded = decode(bytes, &Hints::default());
            assert_eq!((said(&decoded), &*decoded.text), ((*charset, CharsetSource::Shape, 0), text));
            let marked = [mark, bytes].concat();
            let decoded = decode(&marked, &Hints::default());
            assert_eq!((said(&decoded), &*decoded.text), ((*charset, CharsetSource::Bom, 0), text));
        }
    }
}

#[test]
fn signs_of_windows_1252_tell_no_script() {
    for (bytes, text) in [
        (
            &b"\x95 The ferry leaves at nine\n\x95 Dogs travel free\n"[..],
            "• The ferry leaves at nine\n• Dogs travel free\n",
        ),
        (
            b"The harbour\xA0office is open\xA0today, and the post comes at noon.",
            "The harbour\u{a0}office is open\u{a0}today, and the post comes at noon.",
        ),
        (
            b"Tickets \xA35, \xA9 2009 Harbour\xAE, 20\xB0 in the shade\x85",
            "Tickets £5, © 2009 Harbour®, 20° in the shade…",
        ),
        (b"He said \x93mind the tide\x94 \x96 and left.", "He said “mind the tide” – and left."),
    ] {
        let decoded = decode(bytes, &Hints::default());
        assert_eq!((said(&decoded).0, &*decoded.text), ("windows-1252", text));
    }
}

#[test]
fn code_pages_are_read_where_they_are_declared_or_given() {
    for (label, bytes, text) in [
        ("cp437", &b"\xC9\xCD\xBB Caf\x82 du port"[..], "╔═╗ Café du port"),
        ("cp850", b"\x9Drsted og s\x9Bn", "Ørsted og søn"),
        ("IBM852", b"\xFD\x85lut\x98 k\x96\xE5", "řůlutś kľň"),
        ("cp866", b"\x8F\xA0\xE0\xAE\xAC", "Паром"),
    ] {
        let decoded = decode(bytes, &Hints { given: TextEncoding::for_label(label), ..Hints::default() });
        assert_eq!((&*decoded.text, decoded.found_by, decoded.unreadable), (text, CharsetSource::Given, 0), "{label}");
    }
    let page = b"<meta charset=viscii><p>\xD0\xF2 r\xB6i b\xAAn l\xFAc ch\xEDn gi\xB6.";
    assert_eq!(decode(page, &Hints::default()).charset, "VISCII");
}

#[test]
fn vietnamese_before_unicode_is_told() {
    let text = "Tàu rời bến lúc chín giờ sáng và trở lại vào buổi tối. Chó được đi miễn phí trên tàu, còn xe đạp thì phải trả tiền.";
    for label in ["tcvn3", "viscii"] {
        let Some(TextEncoding::Page(page)) = TextEncoding::for_label(label) else { panic!("{label} is a code page") };
        let byte = |c| page.chars().find(|&(other, _)| other == c).map_or(c as u8, |(_, byte)| byte);
        let bytes: Vec<u8> = text.chars().map(byte).collect();
        let decoded = decode(&bytes, &Hints::default());
        assert_eq!(&*decoded.text, text, "{label}");
    }
}

#[test]
fn ascii_with_stray_nuls_is_not_utf_16() {
    let text = "The ferry leaves at nine.\0\nDogs travel free.\n";
    assert_eq!(said(&decode(text.as_bytes(), &Hints::default())), ("UTF-8", CharsetSource::Utf8, 0));
}

#[test]
fn a_page_of_several_charsets_is_read_piece_by_piece() {
    let utf_8 = "Der Fährmann grüßt die Gäste überschwänglich.\n".repeat(3);
    let strays = [utf_8.as_bytes(), b"Smith\x92s caf\xe9 \xe2\x80\x94 ge\xc3\xb6ffnet, sch\xc3\xb6n\n"].concat();
    let decoded = decode(&strays, &Hints::default());
    assert_eq!(decoded.text, format!("{utf_8}Smith’s café — geöffnet, schön\n"));
    assert_eq!(said(&decoded), ("UTF-8", CharsetSource::Utf8, 0));
    assert_eq!(decoded.pieces.iter().map(|piece| &*piece.charset).collect::<Vec<_>>(), ["UTF-8", "windows-1252"]);

    let parts = [utf_8.as_bytes(), &encoded(RUSSIAN, WINDOWS_1251), utf_8.as_bytes()].concat();
    let decoded = decode(&parts, &Hints::default());
    assert_eq!(decoded.text, format!("{utf_8}{RUSSIAN}{utf_8}"));
    assert_eq!(decoded.pieces.iter().map(|piece| &*piece.charset).collect::<Vec<_>>(), ["UTF-8", "windows-1251"]);
}

#[test]
fn a_sequence_that_is_cut_off_is_unreadable_and_nothing_else_suffers() {
    let bytes = &"Ein schöner Gruß – heute".as_bytes()[..21];
    let decoded = decode(bytes, &Hints::default());
    assert_eq!((said(&decoded), &*decoded.text), (("UTF-8", CharsetSource::Utf8, 2), "Ein schöner Gruß \u{fffd}"));
}

#[test]
fn bytes_that_cannot_be_read_are_counted() {
    let hints = Hints { given: Some(SHIFT_JIS.into()), ..Hints::default() };
    let decoded = decode(b"\x93\xfa\x96\x7b \xff\xfe \x93", &hints);
    assert_eq!((&*decoded.text, decoded.unreadable), ("日本 \u{fffd}\u{fffd} \u{fffd}", 3));
}

#[test]
fn seven_bit_japanese_is_not_taken_for_ascii() {
    let bytes = encoded("港の新聞", encoding_rs::ISO_2022_JP);
    let decoded = decode(&bytes, &Hints::default());
    assert_eq!((decoded.charset, &*decoded.text), ("ISO-2022-JP", "港の新聞"));
}

#[test]
fn each_repair_does_what_its_example_says_and_can_be_switched_off() {
    for about in REPAIRS {
        let mut counts = Repairs::default();
        let text = repair(Cow::Borrowed(about.before), &Switches::default(), &mut counts);
        assert_eq!(text, about.after);
        assert!(counts.count(about.repair) > 0, "{}", about.name);
        let switches = Switches::default().without(about.repair);
        let mut counts = Repairs::default();
        repair(Cow::Borrowed(about.before), &switches, &mut counts);
        assert_eq!(counts.count(about.repair), 0, "{}", about.name);
        assert_eq!(about.name.parse(), Ok(about.repair));
        assert_eq!(about.repair.name(), about.name);
    }
    assert!("nonsense".parse::<Repair>().is_err());
}

#[test]
fn a_sign_before_a_no_break_space_is_no_letter() {
    for text in ["3 ×\u{a0}פ", "מידה: 3 ×\u{a0}4 מטר", "2 ×\u{a0}Segel"] {
        assert_eq!(mended(text), text);
    }
}

#[test]
fn clean_text_is_borrowed() {
    let plain = "The ferry leaves at nine.\n\tDogs & cats\n";
    for text in ["", "\n\n", plain, RUSSIAN, "日本語のテキスト\n", "a\u{b}b\u{c}c\u{85}d\u{2028}e"] {
        let repaired = repair(Cow::Borrowed(text), &Switches::default(), &mut Repairs::default());
        assert!(matches!(repaired, Cow::Borrowed(same) if same == text), "{text:?}");
    }
}

#[test]
fn raw_lines_keep_their_number_and_order() {
    let text = "a\r\n\r\nb\rc&#10;d\n\u{200b}\ne\u{301}";
    // A line of nothing but invisible characters is left, so that a stage drops it with its rule.
    assert_eq!(mended(text), "a\n\nb\nc d\n\u{200b}\né");
}

#[test]
fn explain_names_the_line_and_the_evidence() {
    let lines = explain("fine\r\nFish &amp; chips\n\nlight\u{ad}house", &Switches::default());
    let told: Vec<_> = lines.iter().map(|mended| (mended.line, mended.repair, mended.after.as_str())).collect();
    assert_eq!(told, [(2, Repair::References, "Fish & chips"), (4, Repair::Invisibles, "lighthouse")]);
    assert!(lines.iter().all(|mended| !mended.because.is_empty()));
}

#[test]
fn mojibake_of_every_kind_is_mended() {
    for (spoilt, right) in [
        // Quotes, whole and with their last byte dropped.
        ("â€œThe ferry is late,â€\u{9d} she said.", "“The ferry is late,” she said."),
        ("â€œThe ferry is late,â€ she said. â€˜Againâ€™", "“The ferry is late,” she said. ‘Again’"),
        ("â€œMind the tideâ€", "“Mind the tide”"),
        ("Itâ\u{80}\u{99}s the skipperâ\u{80}\u{99}s", "It’s the skipper’s"),
        // A no-break space that became a space, within a word, at its end, and on its own.
        ("VoilÃ  le bac, dÃ©jÃ  parti", "Voilà le bac, déjà parti"),
        ("VoilÃ le bac", "Voilà le bac"),
        ("Le bac va Ã Brest", "Le bac va à Brest"),
        ("20Â € le billet, 9Â h", "20\u{a0}€ le billet, 9\u{a0}h"),
        // Other charsets than windows-1252.
        ("ВЎHola! ВїQuГ© tal?", "¡Hola! ¿Qué tal?"),
        ("ÂˇHola! ÂżQuĂ© tal?", "¡Hola! ¿Qué tal?"),
        ("LĂ©na a vu lâ€™Ă©tĂ©", "Léna a vu l’été"),
        ("the caf├⌐, and itΓÇÖs ΓÇ£lateΓÇ¥", "the café, and it’s “late”"),
        ("the caf√©, and it‚Äôs ‚Äúlate‚Äù", "the café, and it’s “late”"),
        // Two layers and three, and several in one line.
        ("Elle a dÃƒÂ©jÃƒÂ\u{a0} embarquÃƒÂ©", "Elle a déjà embarqué"),
        ("Le cafÃƒÆ’Ã‚Â© du port", "Le café du port"),
        ("The cafÃ© is the cafÃƒÂ© of old", "The café is the café of old"),
        // Pieces inside text that is right.
        ("Die FÃ¤hre von Möwenhafen fährt spät", "Die Fähre von Möwenhafen fährt spät"),
        ("Паром РѕС‚С…РѕРґРёС‚ в девять", "Паром отходит в девять"),
        ("αν αναχωρεί Î· βάρκα, ê·¸", "αν αναχωρεί η βάρκα, ê·¸"),
        // Behind character references.
        ("caf&Atilde;&copy; and it&acirc;&euro;&trade;s", "café and it’s"),
        ("it&#226;&#8364;&#8482;s late", "it’s late"),
        // Signs, emoji, a byte order mark, and C1 controls that are signs of windows-1252.
        ("â‚¬20, Â£15, 5 Âµm, 20Â°C, Â½ a mile", "€20, £15, 5 µm, 20°C, ½ a mile"),
        ("ðŸš¢ The ferry ðŸ˜Š", "🚢 The ferry 😊"),
        ("ï»¿The first line", "The first line"),
        ("\u{93}wait\u{85}\u{94}", "“wait…”"),
        // Kinds that prove themselves: surrogates, controls, Greek and ligatures within words, marks, what is lost.
        ("The ferry is late í\u{a0}½í¸\u{8d}", "The ferry is late 😍"),
        ("Sea air í\u{a0}½í¸€", "Sea air 😀"),
        ("Dogs love itâ\u{9d}¤", "Dogs love it❤"),
        ("The hall is full of songâ™«", "The hall is full of song♫"),
        ("Read the IL-6RÎ³ and TNF-Î± values", "Read the IL-6Rγ and TNF-α values"),
        ("a dose of 25Î&frac14;g", "a dose of 25μg"),
        ("The ofп¬Ѓce of the harbour is magniп¬Ѓcent", "The office of the harbour is magnificent"),
        ("The first ofï¬ce of the port", "The first office of the port"),
        ("now 4Ì¶9Ì¶ for all", "now 4̶9̶ for all"),
        ("CafeÌ\u{81} ZuÌˆrich", "Café Zürich"),
        (
            "O barco chega Ã s nove e volta Ã quela praia com as crianÃ§as",
            "O barco chega às nove e volta àquela praia com as crianças",
        ),
        ("Le bac commence Ã s'Ã©loigner du quai", "Le bac commence à s'éloigner du quai"),
        ("OÃ™ EST LE BAC?", "OÙ EST LE BAC?"),
        ("Trajekt do pĹ\u{99}Ă\u{ad}stavu vĹždycky zastavĂ\u{ad}", "Trajekt do přístavu vždycky zastaví"),
        ("The rest was lost ï¿½ and is not read.", "The rest was lost � and is not read."),
        ("A fine day ðŸ˜ for all", "A fine day � for all"),
        (
            "п÷п╟я─п╬п╪ п╬я┌я┘п╬п╢п╦я┌ п╡ п╢п╣п╡я▐я┌я▄, п╟ я│п╬п╠п╟п╨п╦ п╣п╢я┐я┌ п╢п╟я─п╬п╪.",
            "Паром отходит в девять, а собаки едут даром.",
        ),
        (
            "╨Я╨░╤А╨╛╨╝ ╨╛╤В╤Е╨╛╨┤╨╕╤В ╨▓ ╨┤╨╡╨▓╤П╤В╤М, ╨░ ╤Б╨╛╨▒╨░╨║╨╕ ╨╡╨┤╤Г╤В ╨┤╨░╤А╨╛╨╝.",
            "Паром отходит в девять, а собаки едут даром.",
        ),
        ("½ñÌìÔçÉÏ¶ÉÂÖ´Ó¸Û¿Ú³ö·¢,ÍíÉÏ»ØÀ´¡£", "今天早上渡轮从港口出发,晚上回来。"),
        ("¥Õ¥§¥ê¡¼¤ÏÄ«¶å»þ¤Ë¹Á¤ò½Ð¤Æ¡¢Ìë¤ËÌá¤ê¤Þ¤¹¡£", "フェリーは朝九時に港を出て、夜に戻ります。"),
        ("¹è´Â ¾ÆÄ§ ¾ÆÈ© ½Ã¿¡ Ç×±¸¸¦ ¶°³³´Ï´Ù.", "배는 아침 아홉 시에 항구를 떠납니다."),
        ("Sie sagt es leise\u{85} und geht.", "Sie sagt es leise… und geht."),
        // Letters that no language has of which there are statistics.
        ("Hollit naatirÉ—e heÉ“ii", "Hollit naatirɗe heɓii"),
    ] {
        assert_eq!(mended(spoilt), right, "{spoilt}");
        assert_eq!(mended(right), right, "{right}");
    }
}

#[test]
fn what_looks_like_mojibake_and_is_none_is_left() {
    for text in [
        "Skovgaard/Lind – GrÃ¥berg",
        "∆° and `¬´`",
        "How many Ã’s are there in mojibake",
        "it shows as “Ã©” where é should be",
        "SÄ£ÄM B£ÄU",
        "DIMINEAȚĂ\u{a0}LA PORT, HARUTÂ\u{a0}KIMI",
        "ãƒâ€ ã¢â‚¬â„¢ãƒæ’ã‚â¢ãƒâ¢ã¢â‚¬å¡",
        "Ïàðîì îòõîäèò â äåâÿòü, à ñîáàêè åäóò äàðîì.",
        "SEÑOR PEÑA, CAFÉ—BAR „VOILÀ“, L’ÉTÉ À LA MER",
        "NÃO HÁ PÃES, A MANHÃ É NOSSA",
        "ІДУТЬ ‘в’ гавань, ОДРЕЂЕНЕ ВЈЕШТИНЕ",
        "303 195 C3 Ã LATIN CAPITAL LETTER A WITH TILDE",
        "„DĹŽKA“ ŻÓŁĆ, PÅ TUR",
        "MÃ SỐ THUẾ, ĐÀ NẴNG",
        "Պատկերը կտրվեց ‘×’, քանի որ",
        "┌─╴√2 ≈ 1.41╶─┐ ±½ µ·s ¬p",
        "if (a&amp) { b = \"â\"; c = 'Ã'; }",
        "👩‍🚀 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ¯\\_(ツ)_/¯",
    ] {
        assert_eq!(mended(text), text);
    }
}

#[test]
fn utf_8_as_java_writes_it_is_utf_8() {
    let java = b"The gull \xC0\x80 sat on \xED\xA0\xBD\xED\xB8\x80 and did not mind.\n";
    let text = "The gull \0 sat on \u{1F600} and did not mind.\n";
    let read = decode(java, &Hints::default());
    assert_eq!((said(&read), &*read.text), (("UTF-8", CharsetSource::Utf8, 0), text));
    let marked = [b"\xEF\xBB\xBF".as_slice(), java].concat();
    let read = decode(&marked, &Hints::default());
    assert_eq!((said(&read), &*read.text), (("UTF-8", CharsetSource::Bom, 0), text));
    // In ASCII alone, two bytes of GBK are a letter.
    let read = decode(b"The sign \xC0\x80 is a letter.\n", &Hints::default());
    assert_ne!(read.charset, "UTF-8");
}

#[test]
fn scripts_without_spaces_are_read_in_utf_16_without_a_mark() {
    for text in ["ลมพัดแรงทั้งคืนและเรือไม่ได้ออก\nชาวบ้านรออยู่ที่ท่าเรือ\n", "ነፋሱ፡ሌሊቱን፡ሁሉ፡ነፈሰ።\n", "ᎤᏃᎴ ᎤᏱᎵᏓᏍᏗ ᎤᏃᎸᏅᎩ\n"]
    {
        for bytes in [
            text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ] {
            let read = decode(&bytes, &Hints::default());
            assert_eq!((read.found_by, read.unreadable, &*read.text), (CharsetSource::Shape, 0, text));
            let kind = dechaff::internals::parse::kind::kind(std::path::Path::new("a.txt"), &bytes, false);
            assert_eq!(kind, dechaff::internals::parse::kind::Kind::Text, "{text}");
        }
    }
}
