//! What the stages say of a page's blocks. Stages mark, they never delete; the first mark stands.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// A rule that a stage of ours carries in its code: a judgement of structure.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageRule {
    /// Its address: `stage#id`.
    pub address: &'static str,
    /// What it looks for, in one sentence.
    pub why: &'static str,
}

impl StageRule {
    /// The name of its stage.
    pub fn stage(&self) -> &'static str {
        self.address.split('#').next().unwrap_or_default()
    }
}

/// Which rule spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleId {
    /// A rule written in a rule file, by its number in the rulebook. What it says is final.
    Written(u32),
    /// A rule of a stage. What it says may be revoked by the model and by the closing stage.
    Judge(&'static StageRule),
}

/// What made the rule speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The rule's own matcher or shape says it all.
    Matched,
    /// The block repeats another one.
    Repeats {
        /// The index of the copy that stays.
        block: u32,
    },
    /// The block stands on this many of the site's pages.
    Recurs {
        /// Pages that have it.
        on: u32,
        /// Pages that were looked at.
        of: u32,
    },
    /// The block stands on so many documents of the corpus.
    Documents {
        /// Documents that have it.
        on: u32,
    },
    /// The model's probability, in thousandths, that the block is the page's own text.
    Score {
        /// 0 to 1000.
        permille: u16,
    },
    /// Where the block stands on the site's pages speaks against it.
    Place {
        /// The model's probability, in thousandths, that the block is the page's own text, with what its place says.
        permille: u16,
        /// How much of what stands there is own text, in thousandths.
        own: u16,
        /// Pages that have the place, of those that were looked at.
        on: u32,
    },
    /// The closing stage took this rule's drop back.
    Revokes(RuleId),
}

impl Evidence {
    /// The model's probability, in thousandths, where it was the model that spoke.
    pub fn permille(self) -> Option<u16> {
        match self {
            Evidence::Score { permille } | Evidence::Place { permille, .. } => Some(permille),
            _ => None,
        }
    }
}

/// A rule and what made it speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What made it speak. It stands first since it is compared first, and tells most marks apart.
    pub because: Evidence,
    /// Which rule spoke.
    pub rule: RuleId,
}

impl Mark {
    /// A mark of a stage's own rule whose shape says it all.
    pub const fn judged(rule: &'static StageRule) -> Mark {
        Mark { rule: RuleId::Judge(rule), because: Evidence::Matched }
    }

    /// A mark of a written rule.
    pub const fn written(rule: u32) -> Mark {
        Mark { rule: RuleId::Written(rule), because: Evidence::Matched }
    }
}

/// What has been decided of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody has spoken; it will be written.
    Undecided,
    /// It stays, whatever later stages say.
    Keep(Mark),
    /// It goes.
    Drop(Mark),
}

impl Verdict {
    /// Whether the block will be written.
    pub fn stays(self) -> bool {
        !matches!(self, Verdict::Drop(_))
    }

    /// Verdicts with different keys differ, or stand for equal rules in two places of memory. Equal keys say nothing.
    fn key(self) -> u64 {
        let rule = |rule: RuleId| match rule {
            RuleId::Written(number) => u64::from(number),
            RuleId::Judge(rule) => rule.address.as_ptr() as u64,
        };
        let (Verdict::Keep(mark) | Verdict::Drop(mark)) = self else { return 0 };
        let evidence = match mark.because {
            Evidence::Matched => 0,
            Evidence::Repeats { block } => u64::from(block),
            Evidence::Recurs { on, of } => u64::from(on) << 32 | u64::from(of),
            Evidence::Documents { on } => u64::from(on),
            Evidence::Score { permille } => u64::from(permille),
            Evidence::Place { permille, own, on } => u64::from(on) << 32 | u64::from(own) << 16 | u64::from(permille),
            Evidence::Revokes(revoked) => rule(revoked),
        };
        rule(mark.rule).rotate_left(16) ^ evidence ^ u64::from(self.stays()) << 63
    }
}

/// A part of a block that goes, or is replaced, while the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The block's index.
    pub block: u32,
    /// The bytes that go, within [`crate::page::Page::text`].
    pub range: Range<u32>,
    /// Who cut.
    pub mark: Mark,
    /// What stands there in its place.
    pub replacement: Option<Arc<str>>,
}

/// A verdict that came after another had already been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverriddenVerdict {
    /// The block's index.
    pub block: u32,
    /// What would have been said.
    pub verdict: Verdict,
}

/// The number of the verdict that nobody has given yet.
const UNDECIDED: u32 = 0;

/// The verdicts that were given, each once; the first is that nobody has spoken.
#[derive(Debug, Clone)]
struct Said {
    all: Vec<Verdict>,
    /// By [`Verdict::key`].
    numbers: HashMap<u64, u32, BuildHasherDefault<VerdictHasher>>,
}

/// Spreads the keys of verdicts, of which a page has few that nobody chooses: one multiplication is enough.
#[derive(Debug, Clone, Copy, Default)]
struct VerdictHasher(u64);

impl Hasher for VerdictHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u64(&mut self, key: u64) {
        let product = u128::from(self.0 ^ key) * 0x9E37_79B9_7F4A_7C15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Default for Said {
    fn default() -> Said {
        Said { all: vec![Verdict::Undecided], numbers: HashMap::default() }
    }
}

impl Said {
    fn number(&mut self, verdict: Verdict) -> u32 {
        if self.all.last() == Some(&verdict) {
            return self.all.len() as u32 - 1;
        }
        let next = self.all.len() as u32;
        let number = *self.numbers.entry(verdict.key()).or_insert(next);
        if self.all.get(number as usize) == Some(&verdict) {
            return number;
        }
        self.all.push(verdict);
        next
    }
}

/// The verdicts on a page's blocks, and the parts cut out of blocks that stay.
#[derive(Debug, Clone)]
pub struct Marks {
    /// Of each block, by its number in `said`: a page of a million lines has few verdicts.
    verdicts: Vec<u32>,
    said: Said,
    /// By block and first byte. Those of a block do not overlap.
    cuts: BTreeMap<(u32, u32), Cut>,
    hides_contacts: bool,
    second_opinions: Option<Vec<OverriddenVerdict>>,
}

impl Marks {
    /// No opinion on any of `blocks` blocks.
    pub fn new(blocks: usize) -> Marks {
        Marks {
            verdicts: vec![UNDECIDED; blocks],
            said: Said::default(),
            cuts: BTreeMap::new(),
            hides_contacts: false,
            second_opinions: None,
        }
    }

    /// The same, and opinions that come too late are kept for whoever explains the page.
    pub fn with_overridden(blocks: usize) -> Marks {
        Marks { second_opinions: Some(Vec::new()), ..Marks::new(blocks) }
    }

    /// What has been decided of a block.
    pub fn verdict(&self, block: usize) -> Verdict {
        self.said.all[self.verdicts[block] as usize]
    }

    /// The verdicts on all blocks, in their order.
    pub fn verdicts(&self) -> impl ExactSizeIterator<Item = Verdict> {
        self.verdicts.iter().map(|&number| self.said.all[number as usize])
    }

    /// Whether nobody has spoken on a block yet.
    pub fn is_undecided(&self, block: usize) -> bool {
        self.verdicts[block] == UNDECIDED
    }

    /// Whether a block will be written as things stand.
    pub fn stays(&self, block: usize) -> bool {
        self.verdict(block).stays()
    }

    /// Drops a block, unless somebody has spoken before.
    pub fn drop(&mut self, block: usize, mark: Mark) {
        self.set(block, Verdict::Drop(mark));
    }

    /// Keeps a block, unless somebody has spoken before.
    pub fn keep(&mut self, block: usize, mark: Mark) {
        self.set(block, Verdict::Keep(mark));
    }

    fn set(&mut self, block: usize, verdict: Verdict) {
        if self.is_undecided(block) {
            self.verdicts[block] = self.said.number(verdict);
        } else if let Some(late) = &mut self.second_opinions {
            late.push(OverriddenVerdict { block: block as u32, verdict });
        }
    }

    /// Cuts a part out of a block. Cuts of one block may touch but not overlap: one that overlaps an
    /// earlier cut is not made.
    pub fn cut(&mut self, block: usize, range: Range<u32>, mark: Mark) {
        let block = block as u32;
        let last = self.cuts.range((block, 0)..(block, range.end)).next_back();
        if range.is_empty() || last.is_some_and(|(_, cut)| range.start < cut.range.end) {
            return;
        }
        self.cuts.insert((block, range.start), Cut { block, range, mark, replacement: None });
    }

    /// Replaces a part of a block. Where earlier cuts have taken some of it, the rest of it goes all the same.
    pub fn replace(&mut self, block: usize, range: Range<u32>, replacement: &Arc<str>, mark: Mark) {
        let block = block as u32;
        let before = self.cuts.range((block, 0)..(block, range.start)).next_back().map(|(_, cut)| cut.range.clone());
        let within = self.cuts.range((block, range.start)..(block, range.end)).map(|(_, cut)| cut.range.clone());
        let earlier: Vec<Range<u32>> = before.into_iter().chain(within).collect();
        let (mut from, mut replacement) = (range.start, Some(Arc::clone(replacement)));
        for cut in earlier.into_iter().chain(std::iter::once(range.end..range.end)) {
            if from < cut.start {
                let cut = Cut { block, range: from..cut.start, mark, replacement: replacement.take() };
                self.cuts.insert((block, from), cut);
            }
            from = from.max(cut.end);
        }
    }

    /// Has links to mail addresses and phones written without their targets.
    pub fn hide_contacts(&mut self) {
        self.hides_contacts = true;
    }

    /// Whether links to mail addresses and phones are written without their targets.
    pub fn hides_contacts(&self) -> bool {
        self.hides_contacts
    }

    /// The cuts made in one block so far, ascending by place.
    pub fn cuts_of(&self, block: usize) -> impl Iterator<Item = &Cut> {
        let block = block as u32;
        self.cuts.range((block, 0)..=(block, u32::MAX)).map(|(_, cut)| cut)
    }

    /// The cuts, ascending by place.
    pub fn cuts(&self) -> Vec<Cut> {
        self.cuts.values().cloned().collect()
    }

    /// Takes a stage's drop back: for the closing stage, and for the model where it is sure. A written rule's word, or a block
    /// that was not dropped, is left as it is.
    pub fn revoke(&mut self, block: usize, by: &'static StageRule) {
        if let Verdict::Drop(Mark { rule: rule @ RuleId::Judge(_), .. }) = self.verdict(block) {
            let verdict = Verdict::Keep(Mark { rule: RuleId::Judge(by), because: Evidence::Revokes(rule) });
            self.verdicts[block] = self.said.number(verdict);
        }
    }

    /// Whether opinions that come too late are kept: a stage that can find them cheaper when nobody
    /// asks may look.
    pub fn wants_second_opinions(&self) -> bool {
        self.second_opinions.is_some()
    }

    /// The opinions that came too late, in the order they were given; empty unless asked for.
    pub fn second_opinions(&self) -> &[OverriddenVerdict] {
        self.second_opinions.as_deref().unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static EARLY: StageRule = StageRule { address: "test#early", why: "speaks first" };
    static LATE: StageRule = StageRule { address: "test#late", why: "speaks second" };

    #[test]
    fn the_first_mark_stands_and_the_second_is_an_opinion() {
        let mut marks = Marks::with_overridden(1);
        marks.keep(0, Mark::judged(&EARLY));
        marks.drop(0, Mark::judged(&LATE));
        assert_eq!(marks.verdict(0), Verdict::Keep(Mark::judged(&EARLY)));
        assert_eq!(
            marks.second_opinions(),
            [OverriddenVerdict { block: 0, verdict: Verdict::Drop(Mark::judged(&LATE)) }]
        );
    }

    #[test]
    fn a_stage_can_be_revoked_and_a_written_rule_cannot() {
        let mut marks = Marks::new(2);
        marks.drop(0, Mark::judged(&EARLY));
        marks.drop(1, Mark::written(7));
        marks.revoke(0, &LATE);
        marks.revoke(1, &LATE);
        assert!(marks.stays(0));
        assert!(!marks.stays(1));
    }

    #[test]
    fn overlapping_cuts_are_made_once() {
        let mut marks = Marks::new(1);
        marks.cut(0, 4..8, Mark::written(1));
        marks.cut(0, 6..9, Mark::written(2));
        marks.cut(0, 0..4, Mark::written(3));
        let ranges: Vec<_> = marks.cuts().into_iter().map(|cut| cut.range).collect();
        assert_eq!(ranges, [0..4, 4..8]);
    }

    #[test]
    fn what_is_replaced_goes_around_earlier_cuts() {
        let mut marks = Marks::new(1);
        marks.cut(0, 4..8, Mark::written(1));
        marks.replace(0, 2..12, &"⟨email⟩".into(), Mark::judged(&LATE));
        marks.replace(0, 5..7, &"⟨email⟩".into(), Mark::judged(&LATE));
        let cuts: Vec<_> = marks.cuts().into_iter().map(|cut| (cut.range, cut.replacement.is_some())).collect();
        assert_eq!(cuts, [(2..4, true), (4..8, false), (8..12, false)]);
    }
}
