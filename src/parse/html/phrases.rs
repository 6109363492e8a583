//! What inline elements say by how they are shown: quotation marks, strokes, raised numbers, fractions.
//!
//! Without it a quotation reads as the writer's own words, what is struck out as said, and 10<sup>6</sup> as 106.

/// The marks that a browser, or a reader of plain text, puts around an element's text.
pub(super) type Marks = (&'static str, &'static str);

/// What is put around text that is struck out, as in the markdown of GitHub.
const STRUCK: Marks = ("~~", "~~");

/// Quotation marks, and those within others.
const QUOTES: [Marks; 2] = [("“", "”"), ("‘", "’")];

/// The marks of an element; `quotes` counts the quotations around it.
pub(super) fn marks(name: &str, quotes: impl FnOnce() -> usize) -> Option<Marks> {
    match name {
        "q" => Some(QUOTES[quotes() % 2]),
        "s" | "del" | "strike" => Some(STRUCK),
        _ => None,
    }
}

/// A raised form of a text that is a number or a power; `None` where it is something else, such as the end of an ordinal.
pub(super) fn raised(text: &str) -> Option<String> {
    let has_number = text.contains(|c: char| c.is_ascii_digit() || c == 'n');
    has_number.then(|| text.chars().map(raised_sign).collect()).flatten()
}

fn raised_sign(c: char) -> Option<char> {
    Some(match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32))?,
        '+' => '⁺',
        '-' | '−' | '–' => '⁻',
        '(' => '⁽',
        ')' => '⁾',
        'n' => 'ⁿ',
        ' ' | ',' => c,
        _ => return None,
    })
}

/// What parts a child of an element of MathML from the one before it; children are counted from 1.
pub(super) fn operator(parent: &str, child: u8) -> Option<&'static str> {
    match (parent, child) {
        ("mfrac", 2) => Some("/"),
        ("msup", 2) | ("msubsup", 3) => Some("^"),
        ("msub" | "msubsup", 2) => Some("_"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_raised_and_letters_stay() {
        for (text, expected) in [
            ("6", Some("⁶")),
            ("−10", Some("⁻¹⁰")),
            ("1, 2", Some("¹, ²")),
            ("n+1", Some("ⁿ⁺¹")),
            ("th", None),
            ("[3]", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(raised(text).as_deref(), expected, "{text}");
        }
    }
}
