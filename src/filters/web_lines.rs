//! Lines that RefinedWeb takes out of a page: mostly capitals, numbers alone, counters of a social network, single words,
//! and the phrases of shops and logins.
//!
//! Penedo et al. 2023, appendix G.2, with the numbers of DCLM's `dclm_baseline_refinedweb.yaml`.

use crate::filters::lines;

/// A line with a larger share of capitals among its letters goes.
const CAPITALS: f64 = 0.5;

/// A phrase makes a line of at most so many words go.
const PHRASE_WORDS: usize = 10;

/// What is counted below a post: `12 likes`.
const COUNTED: [&str; 12] = [
    "like", "likes", "share", "shares", "comment", "comments", "retweet", "retweets", "repost", "reposts", "view",
    "views",
];

/// The share of a text's words that stand in such lines.
pub(super) fn share_of_words(text: &str) -> f64 {
    let (mut all, mut gone) = (0, 0);
    for line in lines::split(text).map(str::trim).filter(|line| !line.is_empty()) {
        let words = line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        all += words;
        gone += if goes(line, words) { words } else { 0 };
    }
    super::ratio(gone, all)
}

fn goes(line: &str, words: usize) -> bool {
    let (mut chars, mut capitals, mut digits) = (0, 0, 0);
    for c in line.chars() {
        chars += 1;
        capitals += usize::from(c.is_uppercase());
        digits += usize::from(c.is_numeric());
    }
    words < 2
        || super::ratio(capitals, chars) > CAPITALS
        || digits == chars
        || words == 2 && is_counter(line)
        || words <= PHRASE_WORDS && has_phrase(&line.to_lowercase())
}

/// `12 likes`, `1.5K views`.
fn is_counter(line: &str) -> bool {
    let Some((number, what)) = line.split_once(char::is_whitespace) else { return false };
    let number = number.trim_end_matches(['k', 'K', 'm', 'M', 'b', 'B']);
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && COUNTED.contains(&what.trim().to_lowercase().as_str())
}

fn has_phrase(line: &str) -> bool {
    line.starts_with("sign-in") || line.ends_with("read more...") || line.contains("items in cart")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_shops_counters_and_capitals_go() {
        for line in [
            "HARBOUR NEWS AND TIDES",
            "2024",
            "1.5K views",
            "12 likes",
            "Home",
            "3 items in cart",
            "Sign-in to your harbour",
        ] {
            assert_eq!(share_of_words(line), if line == "2024" || !line.is_empty() { 1.0 } else { 0.0 }, "{line}");
        }
        assert_eq!(share_of_words("The ferry left the harbour at noon.\nHome\n"), 1.0 / 8.0);
        assert_eq!(share_of_words(""), 0.0);
    }
}
