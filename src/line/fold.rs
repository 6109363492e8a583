//! What people do not see as a difference, folded away; and the way back to what was written.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::script;

/// Folds what people do not see as a difference: case, runs of white space, the kinds of quotes and
/// dashes; zero-width characters and soft hyphens go. White space at the ends goes too, and a list marker at the
/// start ([`list_marker`]), so that an item of a list is known by its words.
pub fn fold(text: &str) -> String {
    let mut folded = fold_inside(text);
    folded.drain(..folded_marker(text, folded.as_bytes()));
    folded
}

/// Folds a text that does not stand at the start of a line: a list marker is a dash like any other.
pub fn fold_inside(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 1);
    let mut gap = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // Of most words only the case is to be levelled.
        let plain = rest.bytes().take_while(|byte| byte.is_ascii_graphic() && *byte != b'`').count();
        let (lower, class) = if plain > 0 { (c, 0) } else { look_up(c) };
        if gap && class & (SPACE | INVISIBLE) == 0 {
            folded.push(' ');
            gap = false;
        }
        if plain > 0 {
            let from = folded.len();
            folded.push_str(&rest[..plain]);
            folded[from..].make_ascii_lowercase();
        } else if class & SPACE != 0 {
            gap = !folded.is_empty();
        } else if class & INVISIBLE == 0 {
            folded.push(lower);
        }
        rest = &rest[plain.max(c.len_utf8())..];
    }
    folded
}

/// What folding makes of one character: a plain space of any white space, nothing of what is not seen.
pub fn folded_char(c: char) -> Option<char> {
    match look_up(c) {
        (_, class) if class & SPACE != 0 => Some(' '),
        (_, class) if class & INVISIBLE != 0 => None,
        (lower, _) => Some(lower),
    }
}

/// How many bytes of the folded text are its list marker, which folds into one character and one space.
pub(super) fn folded_marker(text: &str, folded: &[u8]) -> usize {
    match list_marker(text) {
        0 => 0,
        _ => memchr::memchr(b' ', folded).map_or(0, |space| space + 1),
    }
}

/// How many bytes the list marker at the start of a line takes, the white space around it included; 0 where
/// there is none: a bullet or dash, a space, and something after it.
pub fn list_marker(text: &str) -> usize {
    if text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let indented = text.trim_start();
    let mut chars = indented.chars();
    if !chars.next().is_some_and(is_list_marker) {
        return 0;
    }
    let rest = chars.as_str().trim_start();
    match rest.len() < chars.as_str().len() && !rest.is_empty() {
        true => text.len() - rest.len(),
        false => 0,
    }
}

/// Whether a character can be the bullet or dash of a list marker.
pub fn is_list_marker(c: char) -> bool {
    matches!(
        c,
        '•' | '‣'
            | '▪'
            | '▫'
            | '◦'
            | '●'
            | '○'
            | '■'
            | '□'
            | '·'
            | '∙'
            | '⁃'
            | '*'
            | '+'
            | '-'
            | '–'
            | '—'
    )
}

/// The bytes of `text` that [`fold`] turned into the bytes `folded` of its result, without the white
/// space around them.
pub fn unfold(text: &str, folded: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (None, 0);
    let (mut at, mut gap) = (0, false);
    let marker = list_marker(text);
    for (offset, c) in text.char_indices().skip_while(|(offset, _)| *offset < marker) {
        let (lower, class) = look_up(c);
        if class & SPACE != 0 {
            gap = at > 0;
        } else if class & INVISIBLE == 0 {
            at += usize::from(gap);
            gap = false;
            let next = at + lower.len_utf8();
            if at >= folded.start && next <= folded.end {
                start.get_or_insert(offset);
                end = offset + c.len_utf8();
            }
            at = next;
        }
    }
    let start = start.unwrap_or(end);
    start..end
}

/// A letter of any script.
pub(super) const LETTER: u32 = 1;
/// An upper-case letter.
pub(super) const UPPER: u32 = 2;
/// A decimal digit of any script.
pub(super) const DIGIT: u32 = 4;
/// White space.
pub(super) const SPACE: u32 = 8;
/// A character that is not seen.
pub(super) const INVISIBLE: u32 = 16;
/// A letter of a script that writes no spaces between words.
pub(super) const UNSPACED: u32 = 32;

/// For every character below the scripts without case, where it has come already: its folded form in the low 24 bits, its
/// class above; 0 where it has not.
static TABLE: [AtomicU32; 0x3000] = [const { AtomicU32::new(0) }; 0x3000];

/// What a character folds to, and its class: several of the constants above. The folded form takes no more bytes.
pub(super) fn look_up(c: char) -> (char, u32) {
    match TABLE.get(c as usize) {
        Some(known) => {
            // Whoever comes first writes it down; all would write the same.
            let mut entry = known.load(Ordering::Relaxed);
            if entry == 0 {
                let (lower, class) = classify(c);
                entry = lower as u32 | class << 24;
                known.store(entry, Ordering::Relaxed);
            }
            (char::from_u32(entry & 0xFF_FFFF).unwrap_or(c), entry >> 24)
        }
        None => match c {
            '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => (c, LETTER | UNSPACED),
            _ => classify(c),
        },
    }
}

fn classify(c: char) -> (char, u32) {
    let lower = match c {
        '‘' | '’' | '‚' | '‛' | '′' | '‵' | '`' | '´' | 'ʼ' | '‹' | '›' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
        '‐'..='―' | '−' | '﹘' | '﹣' | '-' => '-',
        'ς' => 'σ',
        'ſ' => 's',
        'ẛ' => 'ṡ',
        'µ' => 'μ',
        'ϐ' => 'β',
        'ϑ' => 'θ',
        'ϕ' => 'φ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϵ' => 'ε',
        '\u{345}' | '\u{1FBE}' => 'ι',
        'ᲀ' => 'в',
        'ᲁ' => 'д',
        'ᲂ' => 'о',
        'ᲃ' => 'с',
        'ᲄ' | 'ᲅ' => 'т',
        'ᲆ' => 'ъ',
        'İ' => 'i',
        // Ⱥ and Ⱦ stay, whose lower case takes more bytes.
        _ => c.to_lowercase().next().filter(|lower| lower.len_utf8() <= c.len_utf8()).unwrap_or(c),
    };
    let mut class = 0;
    if c.is_whitespace() {
        class |= SPACE;
    }
    if matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
    {
        class |= INVISIBLE;
    }
    if c.is_alphabetic() {
        class |= LETTER;
    }
    if c.is_uppercase() {
        class |= UPPER;
    }
    if script::digit(c).is_some() {
        class |= DIGIT;
    }
    if script::is_unspaced(c) && class & LETTER != 0 {
        class |= UNSPACED;
    }
    (lower, class)
}
