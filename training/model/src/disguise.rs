//! Disguises a page as one of another language or another flattening, so that the model learns to work
//! without knowing a word, a case or a bullet.

use dechaff::internals::line::LineEnd;
use dechaff::internals::line::script::UNMARKED_LETTERS;
use dechaff::internals::stages::model::facts::{Facts, LineStart, Mark};

use crate::boost::Random;

/// Changes a page's facts at random, the same way on the whole page: no word of it is known any more.
pub fn disguise(facts: &Facts, random: &mut Random) -> Facts {
    let mut facts = facts.clone();
    let stops = [1.0, 0.8, 0.5, 0.0][random.next() as usize % 4];
    // A concept of the page is known or it is not.
    let known_concepts = [u64::MAX, wide(random) | wide(random), wide(random), 0][random.next() as usize % 4];
    let script = random.next() % 10;
    // Thai and Lao end a sentence with no mark.
    let ends_unmarked = random.next().is_multiple_of(2);
    let words = 0.75 + 0.35 * random.unit();
    let (no_bullets, no_indents, gaps) = (random.unit() < 0.25, random.unit() < 0.25, random.unit());
    for fact in &mut facts.lines {
        (fact.known, fact.weight) = (0, 0);
        fact.stops = (fact.stops as f32 * stops).round() as u32;
        fact.concepts &= known_concepts;
        match script {
            // Nouns with capitals.
            0..=2 => {
                let lower = fact.words.saturating_sub(fact.capitals) as f32;
                fact.capitals += (lower * (0.2 + 0.3 * random.unit())).round() as u32;
                fact.upper = fact.upper.max(fact.capitals);
                fact.words = shorter(fact.words, words);
                fact.capitals = fact.capitals.min(fact.words);
            }
            // A script without case.
            3 | 4 => {
                (fact.upper, fact.capitals) = (0, 0);
                fact.marks[Mark::Glue as usize] = 0;
                if matches!(fact.start, LineStart::Lower | LineStart::Upper) {
                    fact.start = LineStart::Caseless;
                }
                fact.words = shorter(fact.words, words);
            }
            // A script without case and spaces.
            5 => {
                (fact.upper, fact.capitals) = (0, 0);
                fact.marks[Mark::Glue as usize] = 0;
                if matches!(fact.start, LineStart::Lower | LineStart::Upper) {
                    fact.start = LineStart::Caseless;
                }
                let marks = fact.chars.saturating_sub(fact.letters + fact.words);
                fact.words = shorter(fact.words, words);
                fact.letters = fact.words * 2;
                fact.chars = fact.letters + marks;
                if ends_unmarked {
                    fact.marks[Mark::Stop as usize] = 0;
                    if fact.end == LineEnd::Sentence as u8 && fact.letters < UNMARKED_LETTERS {
                        fact.end = LineEnd::Other as u8;
                    }
                }
            }
            6 | 7 => {
                fact.words = shorter(fact.words, words);
                fact.capitals = fact.capitals.min(fact.words);
            }
            _ => {}
        }
        if no_bullets && fact.start == LineStart::Bullet {
            fact.start = if fact.capitals > 0 { LineStart::Upper } else { LineStart::Caseless };
            fact.marks[Mark::Separator as usize] = fact.marks[Mark::Separator as usize].saturating_sub(1);
        }
        if no_bullets || no_indents {
            fact.indent = 0;
        }
        if gaps < 0.12 {
            fact.gap = 0;
        } else if gaps < 0.24 {
            fact.gap = 1;
        } else if gaps < 0.4 {
            fact.gap = fact.gap.min(1);
        }
    }
    facts
}

fn wide(random: &mut Random) -> u64 {
    u64::from(random.next()) << 32 | u64::from(random.next())
}

fn shorter(words: u32, by: f32) -> u32 {
    ((words as f32 * by).round() as u32).max(words.min(1))
}
