//! What text and link targets need so that markdown reads them as they are. No more is escaped than has to be: a
//! corpus is read by people and models, not by parsers alone.

use std::borrow::Cow;

/// Escapes what would be read as markup within a line.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '`', '*', '_', '<', '&']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let next = rest.chars().next().unwrap_or(' ');
        let is_markup = match c {
            '\\' => next.is_ascii_punctuation(),
            '`' => true,
            '*' => !(before.is_whitespace() && next.is_whitespace()),
            '_' => {
                let (before, next) = (Side::of(before), Side::of(next));
                before != next || before == Side::Mark
            }
            '<' => next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'),
            '&' => is_reference(rest),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    Cow::Owned(escaped)
}

/// What stands beside a character.
#[derive(PartialEq)]
enum Side {
    Word,
    Space,
    Mark,
}

impl Side {
    fn of(c: char) -> Side {
        match c {
            c if c.is_alphanumeric() => Side::Word,
            c if c.is_whitespace() => Side::Space,
            _ => Side::Mark,
        }
    }
}

/// Where a backslash has to stand for a paragraph not to be read as a heading, list, quote, rule, fence or table.
pub(super) fn opens_block(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    let is_apart = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    match first {
        '#' => is_apart(text.trim_start_matches('#')).then_some(0),
        '>' | '|' => Some(0),
        '-' | '+' | '=' => (is_apart(rest) || text.chars().all(|c| c == first || c == ' ')).then_some(0),
        '~' => text.starts_with("~~~").then_some(0),
        '0'..='9' => {
            let digits = text.find(|c: char| !c.is_ascii_digit())?;
            let is_marker = digits <= 9 && text[digits..].starts_with(['.', ')']) && is_apart(&text[digits + 1..]);
            is_marker.then_some(digits)
        }
        _ => None,
    }
}

/// A link's target as markdown writes it; `None` for one that leads nowhere: into the page, or to a script.
pub(super) fn link_target(target: &str) -> Option<Cow<'_, str>> {
    let target = target.trim();
    let scheme = target.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if target.is_empty() || target.starts_with('#') || matches!(scheme.as_str(), "javascript" | "data") {
        return None;
    }
    if !target.contains([' ', '\t', '\n', '\r', '(', ')', '<', '>', '\\']) {
        return Some(Cow::Borrowed(target));
    }
    let escape = |c: char| match c {
        ' ' | '\t' => "%20".to_string(),
        '\n' | '\r' => String::new(),
        '(' => "%28".into(),
        ')' => "%29".into(),
        '<' => "%3C".into(),
        '>' => "%3E".into(),
        '\\' => "%5C".into(),
        c => c.into(),
    };
    Some(Cow::Owned(target.chars().map(escape).collect()))
}

/// Whether an ampersand before this would begin a character reference.
fn is_reference(rest: &str) -> bool {
    let name = rest.strip_prefix('#').unwrap_or(rest);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    end > 0 && name[end..].starts_with(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_escaped_than_has_to_be() {
        for (text, escaped) in [
            ("Plain text, 3 * 4 & more [1].", "Plain text, 3 * 4 & more [1]."),
            ("*not emphasis*", "\\*not emphasis\\*"),
            ("snake_case and _this_", "snake_case and \\_this\\_"),
            ("a <b> & &amp; 1 < 2", "a \\<b> & \\&amp; 1 < 2"),
            ("C:\\dir `x`", "C:\\dir \\`x\\`"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn a_paragraph_does_not_become_another_block() {
        for (text, at) in [
            ("# of boats", Some(0)),
            ("#harbour", None),
            ("- and so on", Some(0)),
            ("-5 degrees", None),
            ("1984. A year", Some(4)),
            ("1984 was", None),
            ("> quoted", Some(0)),
            ("---", Some(0)),
            ("Text", None),
        ] {
            assert_eq!(opens_block(text), at, "{text}");
        }
    }

    #[test]
    fn targets_that_lead_nowhere_are_left_out() {
        assert_eq!(link_target("#top"), None);
        assert_eq!(link_target("JavaScript:void(0)"), None);
        assert_eq!(link_target(" /a b(c) ").as_deref(), Some("/a%20b%28c%29"));
    }
}
