//! Lines that RefinedWeb takes out of a page: mostly capitals, numbers alone, counters of a social network, single words,
//! and the phrases of shops and logins.
//!
//! Penedo et al. 2023, appendix G.2, with the numbers of DCLM's `dclm_baseline_refinedweb.yaml`.

use wide::i8x16;

/// A line with a larger share of capitals among its letters goes.
const CAPITALS: f64 = 0.5;

/// A phrase makes a line of at most so many words go.
const PHRASE_WORDS: usize = 10;

/// What is counted below a post: `12 likes`.
const COUNTED: [&str; 12] = [
    "like", "likes", "share", "shares", "comment", "comments", "retweet", "retweets", "repost", "reposts", "view",
    "views",
];

/// What is counted of the lines of a text.
#[derive(Debug, Default)]
pub(super) struct WebLines {
    /// The share of the words that stand in such lines.
    pub share_of_words: f64,
    /// What stands between white space: words, and marks that stand alone.
    pub pieces: usize,
}

impl WebLines {
    /// Counts the lines of a text.
    pub(super) fn of(lines: &[&str]) -> WebLines {
        let (mut all, mut gone, mut pieces) = (0, 0, 0);
        for whole in lines {
            let line = whole.trim();
            if line.is_empty() {
                continue;
            }
            let counts = Counts::of(line);
            all += counts.words;
            gone += if goes(line, &counts) { counts.words } else { 0 };
            pieces += counts.pieces;
        }
        WebLines { share_of_words: super::ratio(gone, all), pieces }
    }
}

/// What is counted of a line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// What stands between white space.
    pieces: usize,
    /// Of these, what has a letter or digit.
    words: usize,
    chars: usize,
    capitals: usize,
    digits: usize,
}

impl Counts {
    fn of(line: &str) -> Counts {
        if line.is_ascii() { Counts::of_ascii(line.as_bytes()) } else { Counts::of_any(line) }
    }

    fn of_any(line: &str) -> Counts {
        let mut counts = Counts::default();
        let (mut is_piece, mut is_word) = (false, false);
        for c in line.chars() {
            counts.chars += 1;
            let (is_own, is_gap) = match c.is_ascii() {
                true => {
                    let byte = c as u8;
                    counts.capitals += usize::from(byte.is_ascii_uppercase());
                    counts.digits += usize::from(byte.is_ascii_digit());
                    (byte.is_ascii_alphanumeric(), (byte == b' ') | (byte.wrapping_sub(b'\t') < 5))
                }
                false => {
                    counts.capitals += usize::from(c.is_uppercase());
                    counts.digits += usize::from(c.is_numeric());
                    (c.is_alphanumeric(), c.is_whitespace())
                }
            };
            counts.words += usize::from(is_own & !is_word);
            is_word = is_own | is_word & !is_gap;
            counts.pieces += usize::from(!is_gap & !is_piece);
            is_piece = !is_gap;
        }
        counts
    }

    /// The same for plain letters, sixty-four bytes at a time.
    fn of_ascii(line: &[u8]) -> Counts {
        let mut counts = Counts { chars: line.len(), ..Counts::default() };
        let (mut carried, mut is_piece) = (0, 0);
        let mut take = |bytes: &[u8; 64]| {
            let (mut own, mut gap) = (0, 0);
            for (step, bytes) in bytes.as_chunks().0.iter().enumerate() {
                let bytes = i8x16::new(bytes.map(|byte: u8| byte as i8));
                let all = |byte: u8| i8x16::splat(byte as i8);
                let between =
                    |bytes: i8x16, first: u8, last: u8| bytes.simd_gt(all(first - 1)) & bytes.simd_lt(all(last + 1));
                let letter = between(bytes | all(0x20), b'a', b'z');
                let (capital, digit) = (letter & bytes.simd_lt(all(b'a')), between(bytes, b'0', b'9'));
                counts.capitals += capital.to_bitmask().count_ones() as usize;
                counts.digits += digit.to_bitmask().count_ones() as usize;
                let bits = |which: i8x16| u64::from(which.to_bitmask()) << (step * 16);
                own |= bits(letter | digit);
                gap |= bits(bytes.simd_eq(all(b' ')) | between(bytes, b'\t', b'\r'));
            }
            // What is added to a run of ones comes out behind it, where the gap is: once for each piece that has a letter or
            // digit, however many.
            let (sum, over) = (!gap).overflowing_add(own);
            let (sum, again) = sum.overflowing_add(carried);
            counts.words += (sum & gap).count_ones() as usize;
            carried = u64::from(over | again);
            counts.pieces += (!gap & !(!gap << 1 | is_piece)).count_ones() as usize;
            is_piece = !gap >> 63;
        };
        let (chunks, rest) = line.as_chunks::<64>();
        chunks.iter().for_each(&mut take);
        // What is filled up with spaces ends the last piece.
        let mut last = [b' '; 64];
        last[..rest.len()].copy_from_slice(rest);
        take(&last);
        counts
    }
}

fn goes(line: &str, &Counts { words, chars, capitals, digits, .. }: &Counts) -> bool {
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_letters_are_counted_as_all_are(line in "[a-cX-Z0-2 \\-\\x09\\x0b\\x1c]{0,200}") {
            let counts = Counts::of_any(&line);
            prop_assert_eq!(counts.pieces, line.split_whitespace().count());
            let words = line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
            prop_assert_eq!(counts.words, words.count());
            prop_assert_eq!(Counts::of_ascii(line.as_bytes()), counts);
        }
    }

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
            assert_eq!(WebLines::of(&[line]).share_of_words, 1.0, "{line}");
        }
        let lines = WebLines::of(&["The ferry left – the harbour at noon.", "Home"]);
        assert_eq!((lines.share_of_words, lines.pieces), (1.0 / 8.0, 9));
        assert_eq!(WebLines::of(&[""]).share_of_words, 0.0);
    }
}
