//! Control characters: terminal escapes, overstrikes, C0 and C1.

use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

use super::Done;

/// What a byte from 0x80 to 0x9F is in windows-1252; those without a sign are the control they are.
pub(super) fn windows_1252_sign(byte: u8) -> char {
    static SIGNS: LazyLock<Vec<char>> = LazyLock::new(|| {
        let bytes: Vec<u8> = (0x80..0xA0).collect();
        WINDOWS_1252.decode_without_bom_handling(&bytes).0.chars().collect()
    });
    SIGNS.get(usize::from(byte.wrapping_sub(0x80))).copied().unwrap_or(char::from(byte))
}

/// Turns C1 controls into the signs of windows-1252 that they were before the text was read as
/// ISO-8859-1. NEL may be a line end in earnest: it is an ellipsis beside others, behind a word before a space, and
/// at the end of a line, which it need not end then.
pub(super) fn mend_c1(line: &str) -> Option<Done> {
    let is_sign = |c: char| matches!(c, '\u{80}'..='\u{9F}') && windows_1252_sign(c as u8) != c;
    let is_ellipsis = |at: usize| {
        let (before, after) = (line[..at].chars().next_back(), line[at + NEL.len_utf8()..].chars().next());
        before.is_some_and(|c| !c.is_whitespace()) && after.is_none_or(|c| c == ' ')
    };
    let is_certain = |&(at, c): &(usize, char)| is_sign(c) && (c != NEL || is_ellipsis(at));
    let control = line.char_indices().find(is_certain)?.1;
    let times = line.chars().filter(|&c| is_sign(c)).count() as u64;
    let mended = line.chars().map(|c| if is_sign(c) { windows_1252_sign(c as u8) } else { c }).collect();
    let because = move || {
        let sign = windows_1252_sign(control as u8);
        format!("U+{:04X} is a control that no text uses, and {sign} in windows-1252", control as u32)
    };
    Some(Done { line: mended, times, because: Box::new(because) })
}

/// A line end of old, and an ellipsis in windows-1252.
const NEL: char = '\u{85}';

/// Takes controls away: terminal escapes whole, overstruck characters with their backspace. Tabs stay,
/// and so does what ends a line (VT, FF, NEL).
pub(super) fn mend(line: &str) -> Option<Done> {
    if !line.contains(is_odd) {
        return None;
    }
    let mut mended = String::with_capacity(line.len());
    let mut times = 0;
    let mut rest = line;
    while let Some(at) = rest.find(is_odd) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        times += 1;
        let length = match rest.as_bytes()[0] {
            ESCAPE => escape_length(rest.as_bytes()),
            BACKSPACE => {
                if rest.len() > 1 && mended.ends_with(|c: char| !c.is_whitespace()) {
                    mended.pop();
                }
                1
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        rest = &rest[length..];
    }
    mended.push_str(rest);
    Some(Done { line: mended, times, because: Box::new(|| "control characters have no place in text".to_string()) })
}

/// Whether a character is a control, or a code point that is no character, and not white space.
pub(super) fn is_odd(c: char) -> bool {
    match c {
        '\t' | '\n' | '\u{0B}' | '\u{0C}' | '\r' | '\u{85}' => false,
        '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}' => true,
        _ => c.is_control() || c as u32 & 0xFFFE == 0xFFFE,
    }
}

const ESCAPE: u8 = 0x1B;
const BACKSPACE: u8 = 0x08;

/// The length of the terminal escape that these bytes start with: `ESC [ … letter`, `ESC ] … BEL`, or
/// the ESC alone.
fn escape_length(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        Some(b'[') => {
            let parameters = bytes[2..].iter().take(32).take_while(|byte| matches!(byte, 0x20..=0x3F)).count();
            match bytes.get(2 + parameters) {
                Some(0x40..=0x7E) => parameters + 3,
                _ => 1,
            }
        }
        Some(b']') => {
            let title = bytes[2..].iter().take(256).take_while(|byte| matches!(byte, 0x20..=0x7E)).count();
            if bytes.get(2 + title) == Some(&0x07) { title + 3 } else { 1 }
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_go_and_line_ends_and_tabs_stay() {
        for (line, mended) in [
            ("a\u{0}b\u{7}", "ab"),
            ("\u{1b}[1;31mred\u{1b}[0m\u{1b}", "red"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("N\u{8}NA\u{8}AM\u{8}ME\u{8}E _\u{8}x", "NAME x"),
            ("a\u{81}\u{fffe}b\u{7f}", "ab"),
        ] {
            assert_eq!(mend(line).map(|done| done.line).as_deref(), Some(mended));
        }
        for line in ["a\tb", "a\u{b}b\u{c}c\u{85}d", "\u{fffd}"] {
            assert!(mend(line).is_none(), "{line:?}");
        }
    }

    #[test]
    fn c1_controls_become_signs_but_a_lone_nel_stays() {
        assert_eq!(mend_c1("\u{93}so\u{85}\u{94} \u{81}").map(|done| done.line).as_deref(), Some("“so…” \u{81}"));
        assert_eq!(mend_c1("so\u{85} and\u{85}").map(|done| done.line).as_deref(), Some("so… and…"));
        assert!(mend_c1("one\u{85}two").is_none());
        assert!(mend_c1("\u{85} two").is_none());
        assert!(mend_c1("one\u{81}two").is_none());
    }
}
