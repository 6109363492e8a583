//! Text of pages as a terminal may have it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use unicode_width::UnicodeWidthChar as _;

/// A text with all that cannot be seen made visible, so that it cannot disturb the terminal either.
pub(super) fn visible(text: &str) -> String {
    escaped(&text.replace('\t', "  "), |c| {
        c.is_control() || (c.width() == Some(0) && !c.is_alphanumeric() && is_format(c))
    })
}

/// A text that cannot disturb the terminal, nor turn what stands around it: control characters and marks of direction are
/// shown, and joiners, which letters of many scripts need, stay.
pub(super) fn harmless(text: &str) -> String {
    escaped(text, |c| c != '\t' && c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
}

/// The same where it is printed on a terminal; a program gets the text as it is.
pub(super) fn as_printed(text: &str) -> Cow<'_, str> {
    if io::stdout().is_terminal() { Cow::Owned(harmless(text)) } else { Cow::Borrowed(text) }
}

fn escaped(text: &str, is_shown: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_shown(c) => {
                let _ = write!(shown, "<{:04X}>", c as u32);
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Zero-width characters and marks of direction, which a reader would not see; combining marks are seen.
fn is_format(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\u{200b}b"), "a<001B>[31m<200B>b");
        assert_eq!(visible("e\u{301}"), "e\u{301}");
    }

    #[test]
    fn what_disturbs_a_terminal_is_shown_and_joiners_stay() {
        assert_eq!(harmless("a\t\u{1b}[2J\u{9b}1m\u{202e}b\r"), "a\t<001B>[2J<009B>1m<202E>b<000D>");
        assert_eq!(harmless("\u{645}\u{6cc}\u{200c}\u{62e}"), "\u{645}\u{6cc}\u{200c}\u{62e}");
    }
}
