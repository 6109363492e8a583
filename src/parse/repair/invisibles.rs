//! Characters that nobody sees: soft hyphens, zero-width spaces and joiners, marks of direction.
//!
//! Some of them a script needs, and there they stay: joiners beside letters of Arabic and Indic scripts
//! and within emoji, zero-width spaces where words are written without spaces, marks of direction
//! in lines that hold right-to-left letters.

use super::Done;

/// Takes away the invisible characters that the line does not need.
pub(super) fn mend(line: &str) -> Option<Done> {
    if !line.contains(is_invisible) {
        return None;
    }
    let has_right_to_left = line.contains(is_right_to_left);
    let mut mended = String::with_capacity(line.len());
    let mut times = 0;
    let mut first = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let stays = match c {
            _ if !is_invisible(c) => true,
            '\u{200C}' | '\u{200D}' => mended.ends_with(needs_joiners),
            '\u{200B}' => mended.ends_with(is_unspaced) && chars.peek().copied().is_some_and(is_unspaced),
            '\u{E0020}'..='\u{E007F}' => mended.ends_with(|c| matches!(c, '\u{1F3F4}' | '\u{E0020}'..='\u{E007E}')),
            _ => has_right_to_left && is_direction(c),
        };
        if stays {
            mended.push(c);
        } else {
            times += 1;
            first.get_or_insert(c);
        }
    }
    let first = first?;
    let because = move || format!("U+{:04X} has no width, and nothing beside it needs it", first as u32);
    Some(Done { line: mended, times, because: Box::new(because) })
}

/// Whether a character has no width and is no mark on another.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}')
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Letters whose shape or meaning a joiner changes (Arabic and Syriac, N'Ko, the scripts of India and
/// their kin, Mongolian), and emoji.
fn needs_joiners(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{1900}'..='\u{1CFF}' | '\u{A800}'..='\u{ABFF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{11FFF}' | '\u{1E900}'..='\u{1E95F}'
        | '\u{FE0F}' | '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Letters of scripts that write no spaces between words, where a zero-width space parts them.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1980}'..='\u{1AAF}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_goes_unless_a_script_needs_it() {
        for (line, mended) in [
            ("co\u{ad}opera\u{ad}tion", "cooperation"),
            ("a\u{200b}b\u{feff}c\u{2060}d", "abcd"),
            ("Auf\u{200c}lage", "Auflage"),
            ("x\u{200e}y", "xy"),
        ] {
            assert_eq!(mend(line).map(|done| done.line).as_deref(), Some(mended));
        }
        for line in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥",
            "ស្រី\u{200b}ស",
            "שלום\u{200f}!",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert!(mend(line).is_none(), "{line}");
        }
    }
}
