//! What each rule is worth beside the model: how the pages' mean F1 changes where its word is left out.

use std::collections::BTreeMap;

use dechaff::internals::marks::{Mark, Marks, RuleId, Verdict};
use dechaff::internals::rules::RuleSet;

/// What a rule is worth.
#[derive(Debug, Default, Clone, Copy)]
pub struct Worth {
    /// The pages on which it changes anything.
    pub pages: u32,
    /// By how much F1 summed over pages is higher with it.
    pub gain: f64,
}

/// The worth of rules by their address.
pub type Worths = BTreeMap<String, Worth>;

/// Adds what the rules are worth on another page.
pub fn add(mut all: Worths, more: Worths) -> Worths {
    for (address, worth) in more {
        let sum = all.entry(address).or_default();
        sum.pages += worth.pages;
        sum.gain += worth.gain;
    }
    all
}

/// What each rule that speaks in `marks` is worth on a page: `score` finishes marks and gives their F1.
pub fn of_page(marks: &Marks, rulebook: &RuleSet, score: impl Fn(Marks) -> f64) -> Worths {
    let mut speaking: Vec<RuleId> = marks.verdicts().filter_map(rule).collect();
    speaking.sort_unstable();
    speaking.dedup();
    let with = score(marks.clone());
    let worth_of = |silent: RuleId| {
        let mut others = Marks::new(marks.verdicts().len());
        for (block, verdict) in marks.verdicts().enumerate() {
            match verdict {
                Verdict::Keep(mark) if mark.rule != silent => others.keep(block, mark),
                Verdict::Drop(mark) if mark.rule != silent => others.drop(block, mark),
                _ => {}
            }
        }
        (address(silent, rulebook), Worth { pages: 1, gain: with - score(others) })
    };
    speaking.into_iter().map(worth_of).collect()
}

/// What each rule of the closing stage is worth on a page: `marks` are those before it and after it.
pub fn of_closing(
    before: &Marks,
    after: &Marks,
    rulebook: &RuleSet,
    score: impl Fn(&dyn Fn(usize) -> bool) -> f64,
) -> Worths {
    let changed = |block: usize| before.verdict(block) != after.verdict(block);
    let blocks = || (0..after.verdicts().len()).filter(|&block| changed(block));
    let mut speaking: Vec<RuleId> = blocks().filter_map(|block| rule(after.verdict(block))).collect();
    speaking.sort_unstable();
    speaking.dedup();
    let with = score(&|block| after.stays(block));
    let worth_of = |silent: RuleId| {
        let is_silent = |block: usize| changed(block) && rule(after.verdict(block)) == Some(silent);
        let without = score(&|block| if is_silent(block) { before.stays(block) } else { after.stays(block) });
        (address(silent, rulebook), Worth { pages: 1, gain: with - without })
    };
    speaking.into_iter().map(worth_of).collect()
}

fn rule(verdict: Verdict) -> Option<RuleId> {
    match verdict {
        Verdict::Undecided => None,
        Verdict::Keep(Mark { rule, .. }) | Verdict::Drop(Mark { rule, .. }) => Some(rule),
    }
}

/// The address of a rule.
pub fn address(rule: RuleId, rulebook: &RuleSet) -> String {
    match rule {
        RuleId::Written(number) => rulebook.address(number).to_owned(),
        RuleId::Judge(rule) => rule.address.to_owned(),
    }
}
