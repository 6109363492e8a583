//! What a text costs in a language: its pairs of letters, and what they do not tell.

use crate::parse::letters::{self, AsciiCosts, Class, Cost, LANGUAGES, Language, NAT};

/// How many languages a piece may be in, either way it is read.
const LANGUAGES_WEIGHED: usize = 5;
/// What an upper-case letter after a lower-case one costs.
const CASE: Cost = 4 * NAT;
/// What a sign costs after another, or beside a space: formulas and pictures are made of them.
const SIGN_BESIDE_SIGN: Cost = 5 * NAT;
/// What a quote, a dash or a sign costs at the end of a word.
const SIGN_AFTER_WORD: Cost = 5 * NAT;
/// What a no-break space costs more than a space.
const NO_BREAK: Cost = 6 * NAT;
/// The most that a C1 control costs: what is spoilt twice has them on the way back.
const CONTROL: Cost = 8 * NAT;

/// The most that a character costs which was lost, and the next: it may have been any.
const LOST: Cost = 5 * NAT;
/// The most that an emoji costs at the end of a word.
const EMOJI_AFTER_WORD: Cost = 9 * NAT;

/// A character of a text, and what of its cost is the same in all languages.
#[derive(Clone, Copy)]
pub(super) struct Step {
    /// In lower case.
    lower: char,
    class: Class,
    /// The most that it costs.
    most: Cost,
    /// What it costs more.
    more: Cost,
}

impl Step {
    /// The step to a character of a text, or to the space after it, with what pairs of letters do not tell: the order
    /// of upper and lower case, and that signs of all kinds stand beside one another and at the end of a word.
    fn of(text: &[char], at: usize) -> Step {
        let char_at = |at: usize| text.get(at).copied().unwrap_or(' ');
        let c = char_at(at);
        let last = char_at(at.wrapping_sub(1));
        let lower = letters::lower(c);
        let class = letters::class_of(lower);
        let mut step = Step { lower, class, most: Cost::MAX, more: 0 };
        if c.is_ascii() && last.is_ascii() {
            return step;
        }
        let (is_sign, follows_sign) = (is_sign(class), is_sign(letters::class_of(last)));
        if is_sign && !last.is_alphanumeric() || follows_sign && !c.is_alphanumeric() {
            step.most = SIGN_BESIDE_SIGN;
        } else if is_sign && may_end_word(c) && !char_at(at + 1).is_alphanumeric() {
            step.most = SIGN_AFTER_WORD + if last.is_lowercase() { NAT } else { 0 };
        } else if class == Class::Emoji {
            step.most = EMOJI_AFTER_WORD;
        } else if last.is_lowercase() && c.is_uppercase()
            || c.is_lowercase() && last.is_uppercase() && char_at(at.wrapping_sub(2)).is_uppercase()
        {
            step.more = CASE;
        }
        if c == char::REPLACEMENT_CHARACTER || last == char::REPLACEMENT_CHARACTER {
            (step.most, step.more) = (LOST, 0);
        }
        if c == '\u{a0}' {
            step.more += NO_BREAK;
        }
        if c.is_control() || last.is_control() {
            (step.most, step.more) = (CONTROL, 0);
        }
        step
    }
}

/// The steps of a text, up to the space after it.
pub(super) fn steps_of(text: &[char], steps: &mut Vec<Step>) {
    steps.clear();
    steps.extend((0..=text.len()).map(|at| Step::of(text, at)));
}

/// The cost of a text in a language, added to `cost`; once it is beyond `limit`, how far it went does not matter.
pub(super) fn cost(language: &Language, steps: &[Step], mut cost: Cost, limit: Cost) -> Cost {
    let mut last = Class::Space as u8;
    for step in steps {
        let symbol = language.symbol_of(step.lower, step.class);
        let pair = language.pair(last, symbol) + language.within(step.lower, symbol);
        cost += pair.min(step.most) + step.more;
        if cost >= limit {
            return cost;
        }
        last = symbol;
    }
    cost
}

/// Whether a sign often stands at the end of a word.
pub(super) fn may_end_word(c: char) -> bool {
    matches!(letters::class_of(c), Class::Curly | Class::Dash) || matches!(c, '™' | '®' | '°' | '²' | '³' | 'ª' | 'º')
}

fn is_sign(class: Class) -> bool {
    matches!(class, Class::Drawn | Class::Emoji | Class::Sign | Class::Curly | Class::Dash)
}

/// The languages that a text is most likely in, the likeliest first.
pub(super) fn likeliest(text: impl Iterator<Item = char>) -> Vec<&'static Language> {
    let text: Vec<char> = text.collect();
    let (ascii, others) = parted(&text);
    let mut best: Vec<(Cost, &Language)> = Vec::with_capacity(LANGUAGES_WEIGHED + 1);
    for (language, &ascii) in LANGUAGES.iter().zip(ascii.all()) {
        let limit = best.get(LANGUAGES_WEIGHED - 1).map_or(Cost::MAX, |worst| worst.0);
        let cost = cost(language, &others, ascii.into(), limit);
        if cost < limit {
            let place = best.partition_point(|better| better.0 <= cost);
            best.insert(place, (cost, language));
            best.truncate(LANGUAGES_WEIGHED);
        }
    }
    best.into_iter().map(|entry| entry.1).collect()
}

/// The cost in every language of what of a text is ASCII after ASCII, and all other steps.
fn parted(text: &[char]) -> (AsciiCosts, Vec<Step>) {
    let mut ascii = AsciiCosts::default();
    let mut others = Vec::new();
    let mut is_apart = true;
    let mut last = ' ';
    for (at, &c) in text.iter().chain(&[' ']).enumerate() {
        if ascii.add(last, c) {
            is_apart = true;
        } else {
            if is_apart {
                others.push(Step { most: 0, more: 0, ..Step::of(text, at.wrapping_sub(1)) });
            }
            others.push(Step::of(text, at));
            is_apart = false;
        }
        last = c;
    }
    (ascii, others)
}
