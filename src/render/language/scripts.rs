//! Scripts, and the letters of each in lower case.

use std::sync::atomic::{AtomicU32, Ordering};

/// A script, by its number in [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Script(pub u8);

/// The scripts that are told apart, by the first four letters of Unicode's names of their letters.
pub const NAMES: [&str; 37] = [
    "Lati", "Cyri", "Arab", "Deva", "Gree", "Hebr", "Hani", "Kana", "Hang", "Thai", "Lao", "Khme", "Tibe", "Myan",
    "Ethi", "Geor", "Arme", "Beng", "Guja", "Gurm", "Oriy", "Tami", "Telu", "Kann", "Mala", "Sinh", "Cana", "Cher",
    "Tifi", "Syri", "Thaa", "Nko", "Mong", "Ol", "Vai", "Meet", "Tai",
];

/// Blocks by their first and last character, with the number of the script. What is no letter or mark in them counts
/// as none.
const BLOCKS: [(u32, u32, u8); 56] = [
    (0x41, 0x24F, 0),
    (0x250, 0x2AF, 0),
    (0x370, 0x3FF, 4),
    (0x400, 0x52F, 1),
    (0x531, 0x587, 16),
    (0x591, 0x5F4, 5),
    (0x620, 0x6FF, 2),
    (0x700, 0x74F, 29),
    (0x750, 0x77F, 2),
    (0x780, 0x7B1, 30),
    (0x7C0, 0x7FF, 31),
    (0x860, 0x86A, 29),
    (0x8A0, 0x8FF, 2),
    (0x900, 0x963, 3),
    (0x971, 0x97F, 3),
    (0x980, 0x9FE, 17),
    (0xA01, 0xA75, 19),
    (0xA81, 0xAFF, 18),
    (0xB01, 0xB77, 20),
    (0xB82, 0xBD7, 21),
    (0xC00, 0xC63, 22),
    (0xC80, 0xCF3, 23),
    (0xD00, 0xD7F, 24),
    (0xD81, 0xDF3, 25),
    (0xE01, 0xE4E, 9),
    (0xE81, 0xEDF, 10),
    (0xF00, 0xFBC, 12),
    (0x1000, 0x109F, 13),
    (0x10A0, 0x10FF, 15),
    (0x1100, 0x11FF, 8),
    (0x1200, 0x139F, 14),
    (0x13A0, 0x13FD, 27),
    (0x1401, 0x167F, 26),
    (0x1780, 0x17D3, 11),
    (0x1820, 0x18AA, 32),
    (0x18B0, 0x18F5, 26),
    (0x1950, 0x1974, 36),
    (0x1A20, 0x1AAD, 36),
    (0x1C50, 0x1C7D, 33),
    (0x1C80, 0x1C88, 1),
    (0x1C90, 0x1CBF, 15),
    (0x1D00, 0x1D7F, 0),
    (0x1E00, 0x1EFF, 0),
    (0x1F00, 0x1FFF, 4),
    (0x2D30, 0x2D7F, 28),
    (0x2D80, 0x2DDF, 14),
    (0x2DE0, 0x2DFF, 1),
    (0x3041, 0x30FF, 7),
    (0x2C60, 0x2C7F, 0),
    (0x2D00, 0x2D2D, 15),
    (0xA500, 0xA62B, 34),
    (0xA640, 0xA69F, 1),
    (0xA722, 0xA7FF, 0),
    (0xAA60, 0xAA7F, 13),
    (0xAA80, 0xAADF, 36),
    (0xABC0, 0xABED, 35),
];

/// What is written over or under letters of any script, and what joins them: passed over.
const PASSED_OVER: u32 = 0xFE;
/// An apostrophe, which belongs to a word if letters stand before it.
const APOSTROPHE: u32 = 0xFD;
/// No letter.
const NONE: u32 = 0xFF;

/// Characters below this have an entry in the table.
const END: u32 = 0xB000;

/// By character, where it has come already: the lower-case form of it, and from bit 24 on its script; 0 where it has
/// not.
static TABLE: [AtomicU32; END as usize] = [const { AtomicU32::new(0) }; END as usize];

/// The entry of a character that has not come yet.
#[cold]
fn entry_of(c: char) -> u32 {
    match c {
        '\'' | '’' | 'ʼ' | 'ʻ' | '‘' | 'ʹ' | '`' | '´' | 'ʾ' | 'ʿ' => return '\'' as u32 | APOSTROPHE << 24,
        '\u{300}'..='\u{36F}' | '\u{64B}'..='\u{65F}' | '\u{640}' | '\u{670}' | '\u{AD}' | '\u{60F}' => {
            return PASSED_OVER << 24;
        }
        '\u{200B}' | '\u{200C}' | '\u{200D}' => return PASSED_OVER << 24,
        _ => {}
    }
    let block = BLOCKS.iter().find(|(first, last, _)| (*first..=*last).contains(&(c as u32)));
    let Some(&(first, _, script)) = block else { return NONE << 24 };
    // In scripts of syllables the marks are letters like others, and some of them are not alphabetic.
    let has_marks = matches!(first, 0x900..=0x109F | 0x1780 | 0x591 | 0x780 | 0x7C0 | 0xABC0 | 0x1A20);
    if c.is_alphabetic() || has_marks && !c.is_numeric() && !matches!(c, '।' | '॥' | '་' | '།' | '၊' | '။')
    {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let lower = if c == 'İ' { 'i' } else { lower };
        return lower as u32 | u32::from(script) << 24;
    }
    NONE << 24
}

/// What a character is in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A letter, in lower case.
    Letter(Script, u32),
    /// An apostrophe.
    Apostrophe,
    /// A mark, or what joins letters.
    PassedOver,
    /// The end of a word.
    None,
}

/// The kinds of characters.
#[derive(Debug, Clone, Copy)]
pub struct Kinds(&'static [AtomicU32]);

impl Kinds {
    /// The table of all characters.
    pub fn get() -> Kinds {
        Kinds(&TABLE)
    }

    /// What a character is in a word.
    #[inline]
    pub fn of(self, c: char) -> Kind {
        let Some(known) = self.0.get(c as usize).filter(|_| !('\u{3400}'..='\u{9FFF}').contains(&c)) else {
            return above(c);
        };
        let mut entry = known.load(Ordering::Relaxed);
        if entry == 0 {
            // Whoever comes first writes it down; all would write the same.
            entry = entry_of(c);
            known.store(entry, Ordering::Relaxed);
        }
        match entry >> 24 {
            NONE => Kind::None,
            PASSED_OVER => Kind::PassedOver,
            APOSTROPHE => Kind::Apostrophe,
            script => Kind::Letter(Script(script as u8), entry & 0xFF_FFFF),
        }
    }
}

fn above(c: char) -> Kind {
    match c {
        '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Kind::Letter(HAN, c as u32),
        '\u{AC00}'..='\u{D7A3}' => Kind::Letter(HANGUL, c as u32),
        '\u{FB50}'..='\u{FDFB}' | '\u{FE70}'..='\u{FEFC}' => Kind::Letter(ARABIC, c as u32),
        '\u{FB1D}'..='\u{FB4F}' => Kind::Letter(HEBREW, c as u32),
        '\u{FF66}'..='\u{FF9F}' => Kind::Letter(KANA, c as u32),
        _ => Kind::None,
    }
}

/// Arabic letters.
pub const ARABIC: Script = Script(2);
/// Hebrew letters.
pub const HEBREW: Script = Script(5);
/// Ideographs.
pub const HAN: Script = Script(6);
/// The syllables of Japanese.
pub const KANA: Script = Script(7);
/// The syllables of Korean.
pub const HANGUL: Script = Script(8);

/// What a letter of a script weighs where scripts are counted: an ideograph is a word or half of one.
pub fn weight(script: Script) -> u32 {
    match script {
        HAN | KANA => 3,
        HANGUL => 2,
        _ => 1,
    }
}
