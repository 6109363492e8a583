//! Ligatures that are a font's doing: `ofﬁce`, as text taken from PDF has it.

use super::Done;

/// Writes out the ligatures that stand inside words; one that stands alone is spoken of, and stays.
pub(super) fn mend(line: &str) -> Option<Done> {
    if !line.contains(is_ligature) {
        return None;
    }
    let mut mended = String::with_capacity(line.len() + 8);
    let mut times = 0;
    let mut first = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match letters(c) {
            Some(letters) if mended.ends_with(is_letter) || chars.peek().copied().is_some_and(is_letter) => {
                mended.push_str(letters);
                times += 1;
                first.get_or_insert(c);
            }
            _ => mended.push(c),
        }
    }
    let first = first?;
    Some(Done { line: mended, times, because: Box::new(move || format!("{first} stands inside a word")) })
}

/// Whether a character is a ligature of Latin letters.
pub(super) fn is_ligature(c: char) -> bool {
    letters(c).is_some()
}

/// A letter that is no ligature.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_ligature(c)
}

fn letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_are_written_out_inside_words_only() {
        assert_eq!(mend("ofﬁce ﬂow oﬀ").map(|done| done.line).as_deref(), Some("office flow off"));
        assert!(mend("the ligature ﬁ, and “ﬂ”, ﬁﬂ").is_none());
    }
}
