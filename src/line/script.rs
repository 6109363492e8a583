//! What scripts do differently: how their sentences end, which digits they bring, and where they write no spaces.
//!
//! All that asks for the end of a sentence asks here, so that a script is known to every judge or to none. The lists are
//! those of Unicode 16 (Sentence_Terminal, Nd) for the scripts that web pages are written in.

/// Letters from which a line of a script that ends its sentences with nothing counts as a sentence: about ten words.
/// Headlines in Thai have 40 to 70, so that some of them count, too; fewer sentences are lost for it.
pub const UNMARKED_LETTERS: u32 = 50;

/// Whether a character ends a sentence: a full stop, question or exclamation mark of any script.
pub fn ends_sentence(c: char) -> bool {
    match c {
        '.' | '!' | '?' => true,
        '\0'..='\u{7F}' => false,
        // Greek asks with a mark of its own; with the semicolon too: see `greek_question`.
        '\u{37E}'
        // Armenian; Arabic and Urdu; Syriac; N'Ko; Samaritan.
        | '\u{589}' | '\u{61D}'..='\u{61F}' | '\u{6D4}' | '\u{700}'..='\u{702}' | '\u{7F9}' | '\u{837}' | '\u{839}'
        | '\u{83D}' | '\u{83E}'
        // The danda of the scripts of India; Sinhala; Tibetan; Burmese; Georgian.
        | '\u{964}' | '\u{965}' | '\u{DF4}' | '\u{F0D}'..='\u{F12}' | '\u{104A}' | '\u{104B}' | '\u{10FB}'
        // Ethiopic; Canadian syllabics; Hanunoo; Khmer; Mongolian; Limbu; Tai Tham.
        | '\u{1362}' | '\u{1367}' | '\u{1368}' | '\u{166E}' | '\u{1735}' | '\u{1736}' | '\u{17D4}' | '\u{17D5}'
        | '\u{1803}' | '\u{1809}' | '\u{1944}' | '\u{1945}' | '\u{1AA8}'..='\u{1AAB}'
        // Balinese; Sundanese and Lepcha; Ol Chiki.
        | '\u{1B5A}' | '\u{1B5B}' | '\u{1B5E}' | '\u{1B5F}' | '\u{1B7D}' | '\u{1B7E}' | '\u{1C3B}' | '\u{1C3C}'
        | '\u{1C7E}' | '\u{1C7F}'
        // Marks of any script: ‼ ‽ ⁇ ⁈ ⁉ ⸮ ⸼.
        | '\u{203C}' | '\u{203D}' | '\u{2047}'..='\u{2049}' | '\u{2CFE}' | '\u{2E2E}' | '\u{2E3C}'
        // Chinese and Japanese; Lisu; Vai; Bamum; Phags-pa; Saurashtra; Kayah Li; Javanese; Cham; Meetei.
        | '\u{3002}' | '\u{A4FF}' | '\u{A60E}' | '\u{A60F}' | '\u{A6F3}' | '\u{A6F7}' | '\u{A876}' | '\u{A877}'
        | '\u{A8CE}' | '\u{A8CF}' | '\u{A92F}' | '\u{A9C8}' | '\u{A9C9}' | '\u{AA5D}'..='\u{AA5F}' | '\u{AAF0}'
        | '\u{AAF1}' | '\u{ABEB}'
        // Forms of presentation and of full width.
        | '\u{FE12}' | '\u{FE15}' | '\u{FE16}' | '\u{FE52}' | '\u{FE56}' | '\u{FE57}' | '\u{FF01}' | '\u{FF0E}'
        | '\u{FF1F}' | '\u{FF61}'
        // Chakma; Adlam.
        | '\u{11141}'..='\u{11143}' | '\u{1E95E}' | '\u{1E95F}' => true,
        _ => false,
    }
}

/// Whether a character asks or calls out: headlines do, that end with no full stop.
pub fn asks_or_calls(c: char) -> bool {
    matches!(c, '!' | '?' | ';' | '\u{37E}' | '՞' | '՜' | '؟' | '፧' | '᥄' | '᥅' | '‼'..='‽' | '⁇'..='⁉' | '⸮' | '？' | '！')
}

/// Whether a character parts a sentence as commas and semicolons do.
pub fn parts_sentence(c: char) -> bool {
    matches!(
        c,
        ',' | ';'
            | '،'
            | '؛'
            | '、'
            | '，'
            | '；'
            | '､'
            | '՝'
            | '፣'
            | '፤'
            | '၊'
            | '᠂'
            | '߸'
            | '꓾'
            | '꘍'
            | '\u{FE50}'
            | '\u{FE51}'
            | '\u{FE54}'
            | '\u{1E95D}'
    )
}

/// Whether a character opens what follows as a colon does.
pub fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '፥' | '፦' | '៖' | '\u{FE55}')
}

/// Whether a quotation mark or bracket may close what stands before it.
pub fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '”'
            | '’'
            | '»'
            | '›'
            | '“'
            | '‘'
            | '«'
            | '‹'
            | '„'
            | ')'
            | ']'
            | '」'
            | '』'
            | '）'
            | '〉'
            | '》'
            | '】'
            | '〕'
            | '］'
            | '｣'
            | '༽'
            | '*'
            | '_'
            | ' '
    )
}

/// Whether sentences of the script of this letter end with no mark: Thai, Lao, Tai Tham, New Tai Lue, Tai Viet, and Khmer
/// and Burmese as many write them.
pub fn ends_unmarked(c: char) -> bool {
    matches!(c, '\u{E01}'..='\u{E3A}' | '\u{E40}'..='\u{E4E}' | '\u{E81}'..='\u{ECE}' | '\u{EDC}'..='\u{EDF}'
        | '\u{1000}'..='\u{103F}' | '\u{1050}'..='\u{108F}' | '\u{1780}'..='\u{17D3}' | '\u{1980}'..='\u{19CF}'
        | '\u{1A20}'..='\u{1A7C}' | '\u{AA60}'..='\u{AA7F}' | '\u{AA80}'..='\u{AADF}')
}

/// Whether a letter is of a script that writes no spaces between words: the scripts above, Tibetan, Javanese, Balinese,
/// Yi, Chinese and Japanese.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{FFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1950}'..='\u{19DF}'
        | '\u{1A20}'..='\u{1AAF}' | '\u{1B00}'..='\u{1B7F}' | '\u{3040}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{A4CF}' | '\u{A980}'..='\u{A9FF}'
        | '\u{AA00}'..='\u{AADF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9D}' | '\u{1B000}'..='\u{1B16F}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// The zeros of the scripts that bring digits of their own; nine more follow each.
const ZEROS: [u32; 41] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x11136, 0x11950, 0x1E140, 0x1E950,
];

/// The value of a decimal digit of any script.
pub fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let below = ZEROS.partition_point(|&zero| zero <= c as u32);
    below.checked_sub(1).map(|at| c as u32 - ZEROS[at]).filter(|&value| value < 10)
}

/// Whether a line ends with the question mark of Greek written as a semicolon: behind a Greek letter.
pub(super) fn is_greek_question(bare: &str) -> bool {
    let mut last = bare.chars().rev();
    last.next() == Some(';')
        && last.next().is_some_and(|c| matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_have_their_value() {
        for (text, value) in [("7", 7), ("٣", 3), ("४", 4), ("๒", 2), ("໙", 9), ("៥", 5), ("၆", 6), ("༠", 0), ("９", 9)]
        {
            assert_eq!(text.chars().next().and_then(digit), Some(value), "{text}");
        }
        for none in ['a', 'ก', '²', 'Ⅳ', '一', '\u{66A}'] {
            assert_eq!(digit(none), None, "{none}");
        }
        assert!(ZEROS.is_sorted());
    }
}
