//! What pairs of ASCII cost in all languages side by side: most of a text in Latin letters is such pairs.

use std::sync::LazyLock;

use super::{Cost, LANGUAGES};

/// How many languages there may be: a few more than there are, for whole vectors.
const LANES: usize = 64;

/// What has a place of its own: letters, a space, digits (as one), and the marks that texts use most.
const PLACES: &[u8] = b"abcdefghijklmnopqrstuvwxyz 0.,-'\":()/";

/// The place of a character of ASCII.
const PLACE: [u8; 128] = {
    let mut place = [NONE; 128];
    let mut at = 0;
    while at < PLACES.len() {
        place[PLACES[at] as usize] = at as u8;
        place[PLACES[at].to_ascii_uppercase() as usize] = at as u8;
        at += 1;
    }
    let mut digit = b'1';
    while digit <= b'9' {
        place[digit as usize] = place[b'0' as usize];
        digit += 1;
    }
    place
};

/// No place of its own.
const NONE: u8 = u8::MAX;

/// The costs of pairs of ASCII added up, in every language; of two hundred pairs at most.
#[derive(Debug, Clone, Copy)]
pub struct AsciiCosts([u16; LANES]);

impl Default for AsciiCosts {
    fn default() -> AsciiCosts {
        AsciiCosts([0; LANES])
    }
}

impl AsciiCosts {
    /// Adds the cost of a character after another, whatever their case; `false`, and nothing is added, where one of
    /// them is not among those that have a place.
    pub fn add(&mut self, first: char, second: char) -> bool {
        let place = |c: char| PLACE.get(c as usize).copied().filter(|&place| place != NONE).map(usize::from);
        let (Some(first), Some(second)) = (place(first), place(second)) else { return false };
        for (sum, &cost) in self.0.iter_mut().zip(&PAIRS[first * PLACES.len() + second]) {
            *sum = sum.saturating_add(cost);
        }
        true
    }

    /// The sums, in the order of [`LANGUAGES`].
    pub fn all(&self) -> &[u16] {
        &self.0[..LANGUAGES.len()]
    }
}

/// The cost of every pair of places.
static PAIRS: LazyLock<Vec<[u16; LANES]>> = LazyLock::new(|| {
    let mut pairs = vec![[0; LANES]; PLACES.len() * PLACES.len()];
    for (lane, language) in LANGUAGES.iter().enumerate() {
        let symbols: Vec<(u8, Cost)> = PLACES
            .iter()
            .map(|&byte| {
                let symbol = language.symbol(byte.into());
                (symbol, language.within(byte.into(), symbol))
            })
            .collect();
        for (costs, &(first, _)) in pairs.chunks_mut(PLACES.len()).zip(&symbols) {
            for (costs, &(second, within)) in costs.iter_mut().zip(&symbols) {
                costs[lane] = (language.pair(first, second) + within) as u16;
            }
        }
    }
    pairs
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_the_costs_of_each_language() {
        let text = " The 3 ferries (\"a\" - 'b', 12:05) leave. ";
        let mut costs = AsciiCosts::default();
        for (first, second) in text.chars().zip(text.chars().skip(1)) {
            assert!(costs.add(first, second));
        }
        for (language, &cost) in LANGUAGES.iter().zip(costs.all()) {
            assert_eq!(Cost::from(cost), language.cost(text.trim_matches(' ')), "{}", language.name);
        }
        assert!(!costs.add('a', 'é'));
    }
}
