//! Character references that were left in text: `&amp;amp;`, `&#8217;`.
//!
//! A line that holds a tag is source code, where references are right; so is one between quotes,
//! backticks or brackets, which is spoken of and not used.

use super::Done;

/// The longest name of a character reference, in bytes: `CounterClockwiseContourIntegral`.
const LONGEST_NAME: usize = 31;

/// Replaces the references of a line by their characters, those that hide references too.
pub(super) fn mend(line: &str) -> Option<Done> {
    if memchr::memchr(b'&', line.as_bytes()).is_none() || holds_tag(line) {
        return None;
    }
    let mut mended = String::new();
    let mut times = 0;
    let mut first = None;
    let mut rest = line;
    while let Some(end) = memchr::memchr(b';', rest.as_bytes()) {
        mended.push_str(&rest[..=end]);
        rest = &rest[end + 1..];
        // The character that a reference stands for may start another one: `&amp;amp;` is `&amp;`.
        let Some(start) = last_reference(&mended) else { continue };
        let name = &mended[start + 1..mended.len() - 1];
        if is_spoken_of(&mended[..start], rest) {
            continue;
        }
        let Some(meant) = meaning(name) else { continue };
        first.get_or_insert_with(|| name.to_string());
        mended.truncate(start);
        mended.push_str(&meant);
        times += 1;
    }
    mended.push_str(rest);
    let first = first?;
    let because = move || format!("&{first}; is a character reference, and the line has no tags");
    Some(Done { line: mended, times, because: Box::new(because) })
}

/// Whether a line holds what looks like a tag.
fn holds_tag(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'<', bytes)
        .any(|at| bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphabetic() || b"/!?".contains(next)))
}

/// Where the reference starts that this text ends with, if it has the form of one.
fn last_reference(text: &str) -> Option<usize> {
    let bytes = text.as_bytes().strip_suffix(b";")?;
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let name = bytes.iter().rev().take(LONGEST_NAME + 1).take_while(|byte| is_of_name(byte)).count();
    let start = bytes.len().checked_sub(name + 1)?;
    (bytes[start] == b'&' && (1..=LONGEST_NAME).contains(&name)).then_some(start)
}

fn is_spoken_of(before: &str, after: &str) -> bool {
    let (Some(before), Some(after)) = (before.chars().next_back(), after.chars().next()) else { return false };
    ["''", "\"\"", "``", "“”", "‘’", "«»", "„“", "()", "[]"].iter().any(|pair| {
        let mut marks = pair.chars();
        marks.next() == Some(before) && marks.next() == Some(after)
    })
}

/// What a reference stands for; `None` where it stands for nothing.
fn meaning(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return numbered(code.ok()?).map(String::from);
    }
    let names = html_escape::NAMED_ENTITIES;
    let at = names.binary_search_by_key(&name.as_bytes(), |&(name, _)| name).ok()?;
    // A reference never starts a new line: that would number all lines below it anew.
    Some(names[at].1.replace('\n', " "))
}

/// The character of a number; as in HTML, the C1 controls mean the signs of windows-1252.
fn numbered(code: u32) -> Option<char> {
    match code {
        0x09 | 0x0A | 0x0D | 0x20 => Some(' '),
        0x80..=0x9F => Some(super::controls::windows_1252_sign(code as u8)),
        _ => char::from_u32(code).filter(|&c| !c.is_control() && !super::controls::is_odd(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters_where_they_are_not_code() {
        for (line, mended) in [
            ("Fish &amp; chips", "Fish & chips"),
            ("&amp;amp;amp; so on", "& so on"),
            ("It&#8217;s &#x201c;late&#X201D;", "It’s “late”"),
            ("&#146; and &#150;", "’ and –"),
            ("3 &lt; 4 &amp;&amp; 5 &gt; 4", "3 < 4 && 5 > 4"),
            ("a&nbsp;b &hellip;", "a\u{a0}b …"),
            ("one&#10;two", "one two"),
        ] {
            assert_eq!(mend(line).map(|done| done.line).as_deref(), Some(mended));
        }
        for line in [
            "AT&T; Q&A; R&D",
            "?a=1&copy=2&lt",
            "write '&amp;' or `&lt;` instead",
            "<p>Fish &amp; chips</p>",
            "&nosuchname; &#xD800; &#0; &#; &;",
            "&#99999999999999999999;",
            ";;;;&",
        ] {
            assert!(mend(line).is_none(), "{line}");
        }
    }
}
