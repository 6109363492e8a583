//! Repeated passages: paragraphs that stand, folded, on many documents of the corpus.
//!
//! What a document says is known once all other judges have spoken: what they take (menus, teasers of other pages) is no text
//! of it and does not count. So the stage *passages* comes after them, and what counts for a document hangs on no other one.
//! Who has files counts the hashes of all documents' passages; documents that say the same count once.

use std::fmt::Write;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use crate::line::{PageFeatures, Size, fold};
use crate::manifest::PassageList;
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::Page;
use crate::stage::Stage;

/// The stage's name.
pub const STAGE: &str = "passages";

/// Words of a line from which on it is a passage: what is shorter (a heading, a label, a name) may stand on many pages and
/// be each one's own. DCLM's deduplication looks at runs of 13 words (`dclm_baseline_refinedweb.yaml`, BFF).
pub const WORDS: u32 = 13;

/// How many passages are known at most, those first that stand on most documents: 16 bytes each, and twice as many while they
/// are counted.
const MOST: usize = 4 << 20;

const REPEATED: StageRule = StageRule {
    address: "passages#repeated",
    why: "Stands on more documents of the corpus than `--repeated-passages` says.",
};

static RULES: [StageRule; 1] = [REPEATED];

/// The passages that stand on many documents, and on how many each.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Passages {
    /// By hash.
    known: Vec<(u64, u32)>,
    /// Whether there were more than are known.
    is_capped: bool,
}

/// What the text of passages begins with.
const TEXT: &str = "dechaff passages 1";

impl Passages {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether there were more than are known.
    pub fn is_capped(&self) -> bool {
        self.is_capped
    }

    /// On how many documents the most frequent one stands.
    pub fn most(&self) -> u32 {
        self.known.iter().map(|(_, on)| *on).max().unwrap_or_default()
    }

    /// On how many documents a passage stands, where it is one of them.
    fn on(&self, hash: u64) -> Option<u32> {
        let at = self.known.binary_search_by_key(&hash, |(known, _)| *known).ok()?;
        Some(self.known[at].1)
    }

    /// A hash over what is known of some passages: what becomes of their page hangs on nothing else.
    pub fn digest(&self, hashes: &[u64]) -> u64 {
        let known = hashes.iter().filter_map(|&hash| Some((hash, self.on(hash)?)));
        let bytes: Vec<u8> = known.flat_map(|(hash, on)| [hash, on.into()]).flat_map(u64::to_le_bytes).collect();
        xxh3_64(&bytes)
    }

    /// What a page's row says of its passages.
    pub fn list(&self, page: &Page, sizes: &[Size], marks: &Marks) -> PassageList {
        let (mut all, mut hashes) = (Vec::new(), Vec::new());
        for (block, size) in sizes.iter().enumerate() {
            let is_text = match marks.verdict(block) {
                Verdict::Drop(mark) => mark.rule == RuleId::Judge(&RULES[0]),
                Verdict::Undecided | Verdict::Keep(_) => true,
            };
            if is_text {
                let hash = xxh3_64(fold(page.text_of(block)).as_bytes());
                all.extend(hash.to_le_bytes());
                hashes.extend((size.words >= WORDS).then_some(hash));
            }
        }
        PassageList { content: xxh3_64(&all) as u32, known: self.digest(&hashes), hashes }
    }

    /// Writes them as text: a line for each, its hash and its documents.
    pub fn to_text(&self) -> String {
        let mut text = format!("{TEXT}\n");
        for (hash, on) in &self.known {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{hash:016x} {on}");
        }
        text
    }

    /// Reads them; nothing, where the text is none of this version.
    pub fn from_text(text: &str) -> Option<Passages> {
        let known = text.strip_prefix(TEXT)?.lines().skip(1).map(|line| {
            let (hash, on) = line.split_once(' ')?;
            Some((u64::from_str_radix(hash, 16).ok()?, on.parse().ok()?))
        });
        let known: Vec<(u64, u32)> = known.collect::<Option<_>>()?;
        known.is_sorted_by(|one, other| one.0 < other.0).then_some(Passages { known, is_capped: false })
    }
}

/// Counts passages, whose hashes come sorted, each with the content of its document.
#[derive(Debug)]
pub struct PassageCounts {
    /// Documents on which a passage may stand.
    allowed: u32,
    most: usize,
    known: Vec<(u64, u32)>,
    is_capped: bool,
    /// The passage at hand, the last document seen with it, and how many there were.
    current: Option<(u64, u32, u32)>,
}

impl PassageCounts {
    /// Of passages that stand on more than so many documents.
    pub fn above(allowed: u32) -> PassageCounts {
        PassageCounts { allowed, most: MOST, known: Vec::new(), is_capped: false, current: None }
    }

    /// Takes the next one.
    pub fn add(&mut self, hash: u64, content: u32) {
        match &mut self.current {
            Some((of, last, on)) if *of == hash => {
                *on = on.saturating_add(u32::from(*last != content));
                *last = content;
            }
            _ => {
                self.settle();
                self.current = Some((hash, content, 1));
            }
        }
    }

    /// Those that stand on many documents.
    pub fn end(mut self) -> Passages {
        self.settle();
        self.thin();
        Passages { known: self.known, is_capped: self.is_capped }
    }

    fn settle(&mut self) {
        if let Some((hash, _, on)) = self.current.take()
            && on > self.allowed
        {
            self.known.push((hash, on));
            if self.known.len() >= 2 * self.most {
                self.thin();
            }
        }
    }

    /// Keeps as many as are to be known: what comes last of all is never among the first of a part.
    fn thin(&mut self) {
        if self.known.len() > self.most {
            self.is_capped = true;
            self.known.select_nth_unstable_by_key(self.most, |&(hash, on)| (std::cmp::Reverse(on), hash));
            self.known.truncate(self.most);
            self.known.sort_unstable();
        }
    }
}

/// Drops repeated passages. What a rule keeps stays.
#[derive(Debug, Clone)]
pub struct PassageStage {
    passages: Arc<Passages>,
}

impl PassageStage {
    /// A stage of what is known.
    pub fn new(passages: Arc<Passages>) -> PassageStage {
        PassageStage { passages }
    }
}

impl Stage for PassageStage {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        if self.passages.is_empty() {
            return;
        }
        for block in (0..page.len()).filter(|&block| page.lines[block].words >= WORDS) {
            if let Some(on) = self.passages.on(xxh3_64(page.folded(block).as_bytes())) {
                marks.drop(block, Mark { rule: RuleId::Judge(&RULES[0]), because: Evidence::Documents { on } });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(allowed: u32, most: usize, keys: &[(u64, u32)]) -> Passages {
        let mut counts = PassageCounts { most, ..PassageCounts::above(allowed) };
        keys.iter().for_each(|&(hash, content)| counts.add(hash, content));
        counts.end()
    }

    #[test]
    fn a_document_counts_once_for_each_passage() {
        let keys = [(1, 5), (1, 5), (1, 6), (2, 5), (3, 1), (3, 2), (3, 3)];
        assert_eq!(counted(1, 9, &keys).known, [(1, 2), (3, 3)]);
        assert_eq!(counted(2, 9, &keys).known, [(3, 3)]);
        assert!(counted(3, 9, &keys).is_empty() && counted(1, 9, &[]).is_empty());
    }

    #[test]
    fn where_there_are_too_many_those_stay_that_most_documents_have() {
        let keys: Vec<(u64, u32)> =
            (0..100u64).flat_map(|hash| (0..2 + (hash * 37 % 50) as u32).map(move |content| (hash, content))).collect();
        let all = counted(1, 1000, &keys);
        assert!(all.len() == 100 && !all.is_capped());
        let mut expected = all.known.clone();
        expected.sort_by_key(|&(hash, on)| (std::cmp::Reverse(on), hash));
        expected.truncate(7);
        expected.sort_unstable();
        let few = counted(1, 7, &keys);
        assert!(few.known == expected && few.is_capped(), "{few:?}");
    }

    #[test]
    fn they_are_written_and_read_back() {
        let passages = Passages { known: vec![(3, 9), (u64::MAX, 2)], is_capped: false };
        assert_eq!(Passages::from_text(&passages.to_text()), Some(passages));
        for wrong in ["", "dechaff passages 2\n", "dechaff passages 1\n3", "dechaff passages 1\n3 1\n2 1\n"] {
            assert_eq!(Passages::from_text(wrong), None, "{wrong}");
        }
    }
}
