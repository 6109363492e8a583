//! The built-in regexes as automata that need no compiling.
//!
//! To compile a regex of many words in many languages takes a millisecond. `rules/tables/regexes.bin` holds an
//! automaton for each built-in one, which is searched as it lies there. The library of regexes makes them; what an
//! automaton cannot say (whether a word ends beside other letters than ASCII's) is for the regex itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// An automaton that says whether a text matches a regex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Automaton<'l> {
    /// Of each state the place of its first move, four bytes, and the state that the end of the text leads to, two.
    /// The moves end where those of the next state begin; behind the last state there is one without moves.
    states: &'l [u8],
    /// Of each move the first byte and the last one that lead to a state, and the state, two bytes. Those of a state
    /// ascend; any other byte leads to [`FAILED`].
    moves: &'l [u8],
}

/// The state in which no text matches any more.
const FAILED: u16 = 0;
/// The state in which a match has been seen.
const MATCHED: u16 = 1;
/// The state in which only the regex can say.
const UNKNOWN: u16 = 2;
/// The state before the first byte.
const START: u16 = 3;

/// The automata of a regex; none where none are written down.
pub(super) fn of(regex: &str) -> &'static [Automaton<'static>] {
    WRITTEN_DOWN.get(regex).map_or(&[], Vec::as_slice)
}

/// Whether the regex of these automata matches somewhere in a text; `None` where only the regex can say.
pub(super) fn is_match(automata: &[Automaton], text: &str) -> Option<bool> {
    let mut is_known = !automata.is_empty();
    for automaton in automata {
        match automaton.is_match(text) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(false)
}

impl Automaton<'_> {
    /// Whether it finds a match in a text; `None` where only the regex can say.
    fn is_match(&self, text: &str) -> Option<bool> {
        let mut state = START;
        for &byte in text.as_bytes() {
            state = self.next(state, byte)?;
            if state < START {
                break;
            }
        }
        let state = if state < START { state } else { self.at_end(state)? };
        (state != UNKNOWN).then_some(state == MATCHED)
    }

    fn next(&self, state: u16, byte: u8) -> Option<u16> {
        let [(from, _), (to, _)] = [self.row(state)?, self.row(state + 1)?];
        let moves = self.moves.as_chunks().0.get(from..to)?;
        let at = moves.partition_point(|[_, last, _, _]: &[u8; 4]| *last < byte);
        let taken = moves.get(at).filter(|[first, ..]| *first <= byte);
        Some(taken.map_or(FAILED, |[_, _, low, high]| u16::from_le_bytes([*low, *high])))
    }

    fn at_end(&self, state: u16) -> Option<u16> {
        self.row(state).map(|(_, end)| end)
    }

    /// Where the moves of a state begin, and where the end of the text leads.
    fn row(&self, state: u16) -> Option<(usize, u16)> {
        let [a, b, c, d, low, high] = self.states.as_chunks().0.get(usize::from(state))?;
        Some((u32::from_le_bytes([*a, *b, *c, *d]) as usize, u16::from_le_bytes([*low, *high])))
    }
}

/// The automata by their regexes. A text matches where any of them says so.
type Ledger<'l> = BTreeMap<&'l str, Vec<Automaton<'l>>>;

static WRITTEN_DOWN: LazyLock<Ledger<'static>> =
    LazyLock::new(|| postcard::from_bytes(include_bytes!("../../rules/tables/regexes.bin")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use regex::Regex;
    use regex_automata::dfa::{Automaton as _, StartKind, dense};
    use regex_automata::util::primitives::StateID;
    use regex_automata::util::start;
    use regex_automata::{Anchored, MatchKind};
    use regex_syntax::hir::{Hir, HirKind};
    use toml::Spanned;

    use super::*;
    use crate::rules::prepared::tests::hold;
    use crate::rules::{Form, Matcher, MatcherKind, Rule, RuleSet};

    /// A state on its way into an automaton: bytes from one to another and where they lead, and where the end leads.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
    struct State {
        moves: Vec<(u8, u8, u32)>,
        at_end: u32,
    }

    /// Bytes of the largest automaton as the library makes it: half as much again as the largest takes of those that need
    /// not be taken apart.
    const LARGEST: usize = 12_000_000;

    /// The automata of a regex. One that would be too large, since it counts in one alternative and searches in another,
    /// is taken apart at the alternatives that it ends with.
    fn automata_of(regex: &str) -> Vec<Vec<State>> {
        // Whether there is a match at all is all that is asked.
        let config = dense::Config::new().match_kind(MatchKind::All).start_kind(StartKind::Unanchored);
        let config = config.unicode_word_boundary(true).minimize(true).dfa_size_limit(Some(LARGEST));
        match dense::Builder::new().configure(config).build(regex) {
            Ok(made) => vec![states_of(&made)],
            Err(_) => {
                let hir = regex_syntax::parse(regex).unwrap();
                let HirKind::Concat(parts) = hir.kind() else { panic!("{regex} cannot be taken apart") };
                let (last, before) = parts.split_last().unwrap();
                let HirKind::Capture(last) = last.kind() else { panic!("{regex} ends with no alternatives") };
                let HirKind::Alternation(branches) = last.sub.kind() else {
                    panic!("{regex} ends with no alternatives")
                };
                let whole = |branch: &Hir| Hir::concat([before, std::slice::from_ref(branch)].concat()).to_string();
                branches.iter().flat_map(|branch| automata_of(&whole(branch))).collect()
            }
        }
    }

    /// The states of an automaton that the library has made, by their numbers.
    fn states_of(made: &dense::DFA<Vec<u32>>) -> Vec<State> {
        let start = made.start_state(&start::Config::new().anchored(Anchored::No)).unwrap();
        let mut numbers: HashMap<StateID, u32> = HashMap::from([(start, u32::from(START))]);
        let mut waiting = vec![start];
        let mut states = vec![State::default(); usize::from(START)];
        let mut number = |state: StateID, waiting: &mut Vec<StateID>| match state {
            _ if made.is_dead_state(state) => u32::from(FAILED),
            _ if made.is_match_state(state) => u32::from(MATCHED),
            _ if made.is_quit_state(state) => u32::from(UNKNOWN),
            _ => {
                let next = numbers.len() as u32 + u32::from(START);
                *numbers.entry(state).or_insert_with(|| {
                    waiting.push(state);
                    next
                })
            }
        };
        let mut at = 0;
        while let Some(&state) = waiting.get(at) {
            let mut moves: Vec<(u8, u8, u32)> = Vec::new();
            for byte in 0..=u8::MAX {
                let next = number(made.next_state(state, byte), &mut waiting);
                moves.push((byte, byte, next));
            }
            let at_end = number(made.next_eoi_state(state), &mut waiting);
            states.push(State { moves: joined(&moves), at_end });
            at += 1;
        }
        states
    }

    /// Moves on bytes that follow one another and lead to the same state as one; those that fail are left out.
    fn joined(moves: &[(u8, u8, u32)]) -> Vec<(u8, u8, u32)> {
        let mut all: Vec<(u8, u8, u32)> = Vec::new();
        for &(first, last, next) in moves.iter().filter(|(_, _, next)| *next != u32::from(FAILED)) {
            match all.last_mut() {
                Some((_, end, to)) if *to == next && *end + 1 == first => *end = last,
                _ => all.push((first, last, next)),
            }
        }
        all
    }

    /// An automaton as bytes: its states, its moves.
    fn packed(automaton: &[State]) -> (Vec<u8>, Vec<u8>) {
        let (mut states, mut moves) = (Vec::new(), Vec::new());
        let short = |state: u32| u16::try_from(state).unwrap().to_le_bytes();
        for state in automaton.iter().chain([&State::default()]) {
            states.extend((moves.len() as u32 / 4).to_le_bytes());
            states.extend(short(state.at_end));
            for &(first, last, next) in &state.moves {
                moves.extend([first, last]);
                moves.extend(short(next));
            }
        }
        (states, moves)
    }

    /// `BLESS=1 cargo test` writes them down anew.
    #[test]
    fn the_automata_of_built_in_regexes_are_written_down_and_agree_with_them() {
        let rulebook = RuleSet::builtin().unwrap();
        let regexes = built_in(&rulebook);
        let packed = |regex: &String| automata_of(regex).iter().map(|states| packed(states)).collect::<Vec<_>>();
        let bytes: Vec<Vec<(Vec<u8>, Vec<u8>)>> = regexes.iter().map(packed).collect();
        let automata = bytes.iter().map(|of| of.iter().map(|(states, moves)| Automaton { states, moves }).collect());
        let ledger: Ledger = regexes.iter().map(String::as_str).zip(automata).collect();
        let written = hold("regexes.bin", &postcard::to_allocvec(&ledger).unwrap());

        let written: Ledger = postcard::from_bytes(written).unwrap();
        let lines = lines_like_examples(&rulebook);
        let mut matched = 0;
        for pattern in &regexes {
            let regex = Regex::new(pattern).unwrap();
            for line in &lines {
                // Where it is `None`: a word's end can be written as `(\W|$)` instead of `\b`.
                let said = is_match(&written[pattern.as_str()], line);
                assert_eq!(said, Some(regex.is_match(line)), "{pattern} on {line:?}");
                matched += usize::from(said == Some(true));
            }
        }
        assert!(matched > 200, "{matched} matches");
    }

    fn built_in(rulebook: &RuleSet) -> Vec<String> {
        let matchers = rulebook.rules().flat_map(|(_, rule)| match &rule.form {
            Form::Line(matcher) => vec![matcher],
            Form::Run { from, until, .. } => vec![from, until],
        });
        let regexes = matchers.filter(|matcher| matcher.kind == MatcherKind::Regex).flat_map(Matcher::patterns);
        regexes.map(str::to_string).collect()
    }

    /// The examples of rules with a regex, each as it is and in some other forms.
    fn lines_like_examples(rulebook: &RuleSet) -> Vec<String> {
        let is_regex = |rule: &&Rule| matches!(&rule.form, Form::Line(matcher) if matcher.kind == MatcherKind::Regex);
        let rules = rulebook.rules().map(|(_, rule)| rule).filter(is_regex);
        let examples = rules.flat_map(|rule| rule.hits.iter().chain(&rule.misses)).map(Spanned::get_ref);
        let changed = |line: &String| {
            [
                line.clone(),
                line.to_uppercase(),
                format!("» {line} ж"),
                format!("{line}x"),
                line.chars().skip(1).collect(),
            ]
        };
        examples.flat_map(changed).collect()
    }

    #[test]
    fn a_regex_that_is_not_built_in_has_no_automaton() {
        assert_eq!(is_match(of("^ferr(y|ies)$"), "ferry"), None);
    }

    #[test]
    fn what_is_cut_short_is_left_to_the_regex() {
        let (states, moves) = packed(&automata_of("^ab?c$")[0]);
        let whole = Automaton { states: &states, moves: &moves };
        assert_eq!(
            ["abc", "ac", "abb", "ab", ""].map(|text| whole.is_match(text)),
            [true, true, false, false, false].map(Some)
        );
        for (states, moves) in [(&states[..20], &moves[..]), (&states, &moves[..4]), (&[], &[])] {
            assert_eq!(Automaton { states, moves }.is_match("abc"), None);
        }
    }
}
