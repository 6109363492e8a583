//! MinHash sketches of texts.
//!
//! A text's shingles are its runs of five words (letters and digits, without case and accents; a run of digits of any script is one 0). Each of
//! 112 hash functions keeps the least hash of all shingles, so that two texts have the same with the probability that a shingle of
//! theirs is one of both: their Jaccard index (Broder 1997). Eight bits of each are kept (b-bit minwise hashing, Li and König
//! 2010): what agrees by chance is taken out of the estimate, and a band of eight hashes has 64 bits.

use pulp::{Arch, NullaryFnOnce};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::manifest::{Share, Sketch, SketchShape};
use crate::passes::near::letters::{Letter, letter};

/// How many hashes are made at a time.
const LANES: usize = 8;

/// The most words of a shingle.
pub const MOST_WORDS: usize = 32;

/// What a word's hash begins with (FNV-1a, 64 bits).
const WORD: u64 = 0xcbf2_9ce4_8422_2325;

/// By what a word's hash is multiplied with each letter (FNV-1a, 64 bits).
const LETTER: u64 = 0x0000_0100_0000_01b3;

/// By what a shingle's hash is multiplied with each word: the golden ratio in 64 bits, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Makes sketches of one shape.
#[derive(Debug, Clone)]
pub struct Sketcher {
    shape: SketchShape,
    /// Of each hash function what is taken in by `xor`, and by what the hash is multiplied then; filled up to whole lanes.
    added: Vec<[u32; LANES]>,
    factors: Vec<[u32; LANES]>,
    /// What a word counts for that leaves a shingle: the power of its step.
    leaving: u64,
}

impl Sketcher {
    /// Makes sketches of this shape.
    pub fn new(shape: SketchShape) -> Sketcher {
        let lanes = shape.hashes().div_ceil(LANES);
        let mut state = 0x6465_6368_6166_6631;
        let mut next = || -> [u32; LANES] { std::array::from_fn(|_| (split_mix(&mut state) >> 32) as u32) };
        let added = (0..lanes).map(|_| next()).collect();
        // An odd factor loses nothing of what it multiplies.
        let factors = (0..lanes).map(|_| next().map(|factor| factor | 1)).collect();
        let leaving = (0..shape.words).fold(1u64, |power, _| power.wrapping_mul(STEP));
        Sketcher { shape, added, factors, leaving }
    }

    /// How it makes them.
    pub fn shape(&self) -> SketchShape {
        self.shape
    }

    /// Sketches a text.
    pub fn sketch(&self, text: &str) -> Sketch {
        let words = words(text);
        let length = words.len() as u32;
        let shingles = self.shingles(&words);
        let mut hashes = Vec::new();
        if !shingles.is_empty() {
            let least = Arch::new().dispatch(LeastHashes { sketcher: self, shingles: &shingles });
            let last_byte = |hash: u32| (hash.wrapping_mul(0x9e37_79b1) >> 24) as u8;
            hashes = least.as_flattened().iter().take(self.shape.hashes()).map(|&hash| last_byte(hash)).collect();
        }
        Sketch { shape: self.shape, length, hashes }
    }

    /// The hashes of all runs of words; none where there are too few.
    fn shingles(&self, words: &[u64]) -> Vec<u32> {
        let size = usize::from(self.shape.words).max(1);
        let mut shingles = Vec::with_capacity(words.len().saturating_sub(size - 1));
        let mut run = 0u64;
        for (at, &word) in words.iter().enumerate() {
            run = run.wrapping_mul(STEP).wrapping_add(word);
            if at >= size {
                run = run.wrapping_sub(words[at - size].wrapping_mul(self.leaving));
            }
            if at + 1 >= size {
                shingles.push((mixed(run) >> 32) as u32);
            }
        }
        shingles
    }
}

/// The hashes of a text's words.
fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::with_capacity(text.len() / 5);
    let (mut hash, mut is_number) = (WORD, false);
    let mut end = |hash: &mut u64, is_number: &mut bool| {
        if *hash != WORD {
            words.push(mixed(*hash));
            *hash = WORD;
        }
        *is_number = false;
    };
    let add = |hash: u64, code: u32| (hash ^ u64::from(code)).wrapping_mul(LETTER);
    let mut of_char = |found: Letter| match found {
        Letter::Gap => end(&mut hash, &mut is_number),
        Letter::Mark => {}
        Letter::Digit if is_number => {}
        Letter::Digit => {
            hash = add(hash, u32::from(b'0'));
            is_number = true;
        }
        Letter::Of(code) => {
            hash = add(hash, code);
            is_number = false;
        }
        Letter::Alone(code) => {
            end(&mut hash, &mut is_number);
            hash = add(hash, code);
            end(&mut hash, &mut is_number);
        }
    };
    for c in text.chars() {
        match c {
            'a'..='z' => of_char(Letter::Of(c as u32)),
            'A'..='Z' => of_char(Letter::Of(c as u32 | 0x20)),
            '0'..='9' => of_char(Letter::Digit),
            _ if c.is_ascii() => of_char(Letter::Gap),
            _ => of_char(letter(c)),
        }
    }
    of_char(Letter::Gap);
    words
}

/// The keys of a sketch's bands: what two documents have to share one of to be compared. None where there are no hashes.
pub fn keys(sketch: &Sketch) -> impl Iterator<Item = u64> + '_ {
    let rows = usize::from(sketch.shape.rows).max(1);
    sketch.hashes.chunks_exact(rows).enumerate().map(|(band, hashes)| xxh3_64_with_seed(hashes, band as u64))
}

/// The estimated Jaccard index of two texts, by their hashes. Of those that differ one of 256 agrees by chance.
pub fn jaccard(one: &[u8], other: &[u8]) -> Share {
    let equal = one.iter().zip(other).map(|(one, other)| u32::from(one == other)).sum::<u32>();
    let all = one.len().min(other.len()).max(1) as f64;
    Share::nearest((f64::from(equal) / all - CHANCE) / (1.0 - CHANCE))
}

/// How often eight bits agree by chance.
const CHANCE: f64 = 1.0 / 256.0;

/// The least hash of all shingles, of each function.
struct LeastHashes<'s> {
    sketcher: &'s Sketcher,
    shingles: &'s [u32],
}

impl NullaryFnOnce for LeastHashes<'_> {
    type Output = Vec<[u32; LANES]>;

    #[inline(always)]
    fn call(self) -> Vec<[u32; LANES]> {
        let Sketcher { added, factors, .. } = self.sketcher;
        let mut all = vec![[u32::MAX; LANES]; added.len()];
        // Loops, and no closures that might be called: only what is inlined here is compiled for wide registers.
        for (group, all) in all.iter_mut().enumerate() {
            let (added, factors, mut least) = (added[group], factors[group], [u32::MAX; LANES]);
            for &shingle in self.shingles {
                for lane in 0..LANES {
                    let hash = (shingle ^ added[lane]).wrapping_mul(factors[lane]);
                    least[lane] = least[lane].min(hash);
                }
            }
            *all = least;
        }
        all
    }
}

/// Spreads a hash over its bits (the finalizer of MurmurHash3).
fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// The next number of SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(STEP);
    let mut next = *state;
    next = (next ^ next >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    next = (next ^ next >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    next ^ next >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(text: &str) -> Sketch {
        Sketcher::new(SketchShape::default()).sketch(text)
    }

    #[test]
    fn what_does_not_count_changes_no_sketch() {
        let plain = "the 0 ferries left cafe alba at 0 and came back to the dock";
        let other = "The 12 FERRIES — left “Café Alba” at 7;\nand ca\u{ad}me back to the\n\ndock.";
        assert_eq!(sketch(plain), sketch(other));
        assert_eq!(sketch(plain).length, 14);
        assert_ne!(sketch(plain).hashes, sketch(&plain.replace("left", "right")).hashes);
    }

    #[test]
    fn a_text_shorter_than_a_shingle_has_no_hashes() {
        for text in ["", "one two three four", "…", "灯台が光"] {
            assert!(sketch(text).hashes.is_empty(), "{text}");
        }
        assert_eq!(sketch("one two three four five").hashes.len(), 112);
        assert_eq!(sketch("灯台が光る").hashes.len(), 112);
        assert_eq!(keys(&sketch("one two three four five")).count(), 14);
    }

    #[test]
    fn the_same_hashes_come_with_and_without_wide_registers() {
        let sketcher = Sketcher::new(SketchShape { words: 3, bands: 5, rows: 5 });
        let shingles: Vec<u32> = (0..100u32).map(|number| number.wrapping_mul(0x9e37_79b1)).collect();
        let least = || LeastHashes { sketcher: &sketcher, shingles: &shingles };
        assert_eq!(Arch::new().dispatch(least()), least().call());
    }

    /// Of two texts with a known Jaccard index the estimate is that, in the mean.
    #[test]
    fn the_estimate_has_no_bias() {
        for shared in [200, 600, 900] {
            let (mut sum, rounds) = (0.0, 60);
            for round in 0..rounds {
                let word = |number: usize| format!("w{}x ", letters_of(round * 10_000 + number));
                let common: String = (0..shared + 4).map(word).collect();
                let one: String = (2000..2000 + 1000 - shared).map(word).collect();
                let other: String = (4000..4000 + 1000 - shared).map(word).collect();
                let (one, other) = (sketch(&(common.clone() + &one)), sketch(&(common + &other)));
                sum += f64::from(jaccard(&one.hashes, &other.hashes).permille()) / 1000.0;
            }
            let truth = shared as f64 / (2000 - shared) as f64;
            let mean = sum / f64::from(rounds as u32);
            // The error of one estimate is at most 0.047, of the mean of sixty 0.006.
            assert!((mean - truth).abs() < 0.02, "{mean:.3} in place of {truth:.3}");
        }
    }

    /// A number in letters, since digits do not count.
    fn letters_of(number: usize) -> String {
        number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
    }
}
