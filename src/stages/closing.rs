//! The last stage: the title and headings of what stays come back where the model took them, headings left with
//! nothing under them go, and a page that lost too much gets it back.
//!
//! *Running prose* is what `layout::is_prose` says it is: lines that end a sentence and
//! have some words. The guard counts its words, nothing else.

mod edges;
mod labels;
mod siblings;
mod title;

use std::collections::{BTreeMap, BTreeSet};

use crate::line::{LineEnd, PageFeatures};
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::{Inside, Kind};
use crate::settings::Title;
use crate::stage::{STAGES, Stage};
use crate::stages::layout::{asks_or_calls, is_bulleted, is_prose, is_table_row};

const BARE_HEADING: StageRule =
    StageRule { address: "closing#bare-heading", why: "A heading whose section has nothing left under it." };
const GUARD: StageRule =
    StageRule { address: "closing#guard", why: "The page would have lost most of its running prose: it stays." };
const NOTHING_LEFT: StageRule =
    StageRule { address: "closing#nothing-left", why: "Nothing of the page would have been left: it stays." };

const HEADING: StageRule =
    StageRule { address: "closing#heading", why: "A heading over text that stays, which the model had dropped." };

const INSIDE: StageRule = StageRule {
    address: "closing#inside",
    why: "A line inside a table or code that stays, which the model had dropped.",
};

static RULES: [StageRule; 13] = [
    title::TITLE,
    title::DROPPED,
    edges::PROSE,
    edges::LAST,
    edges::LIST,
    edges::BETWEEN,
    siblings::SIBLING,
    HEADING,
    INSIDE,
    labels::LABEL,
    BARE_HEADING,
    GUARD,
    NOTHING_LEFT,
];

/// Lines of a table or of code that are given back at most where they stand between lines that stay.
const INSIDE_LINES: usize = 3;

/// What the model must give a heading at least, in thousandths, for it to come back: less is furniture for sure.
const HEADING_SCORE: u16 = 100;

/// The same where no blank line tells it from the prose above.
const GAPLESS_HEADING_SCORE: u16 = 200;

/// What the model must give prose at least, in thousandths, for the guard to miss it.
const PROSE_SCORE: u16 = 100;

/// Parts of an HTML page that hold none of its prose.
const ASIDE: Inside = Inside::NAV.and(Inside::FOOTER).and(Inside::DIALOG);

/// Words of a heading at most.
const HEADING_WORDS: u32 = 8;

/// Headings of one page that may go as bare at its end.
const BARE_AT_END: usize = 3;

/// Of a short page that the model would take whole, the lines come back that are at least one in so many as likely as the
/// likeliest of them.
const LIKELY_SHARE: u16 = 2;

/// Of a page with fewer words or lines there is too little for the model to say that it has no text of its own: it has
/// learned from whole pages.
const JUDGED_WORDS: u32 = 100;
/// The same in lines.
const JUDGED_LINES: usize = 5;

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Judged; its prose stayed.
    Cleaned,
    /// It would have lost most of its running prose, and got it back.
    Guarded,
    /// It has no running prose.
    NoText,
    /// Nothing of it is left.
    Emptied,
}

/// What became of a page that all stages have judged.
pub fn outcome(page: &PageFeatures, marks: &Marks) -> Outcome {
    let is_guarded =
        |verdict: &Verdict| matches!(verdict, Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) if **rule == GUARD);
    if !marks.verdicts().iter().any(|verdict| verdict.stays()) {
        Outcome::Emptied
    } else if marks.verdicts().iter().any(is_guarded) {
        Outcome::Guarded
    } else if page.lines.iter().any(is_prose) {
        Outcome::Cleaned
    } else {
        Outcome::NoText
    }
}

/// The stage.
#[derive(Debug)]
pub struct Closing {
    titles: Title,
}

impl Closing {
    /// The stage that does this with titles.
    pub fn new(titles: Title) -> Closing {
        Closing { titles }
    }
}

impl Stage for Closing {
    fn name(&self) -> &'static str {
        "closing"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        // What the model did not take needs not be given back.
        if marks.verdicts().iter().any(|&verdict| score(verdict).is_some()) {
            edges::prose(page, marks);
            edges::last(page, marks);
            edges::lists(page, marks);
            if self.titles == Title::Keep {
                title::restore(page, marks);
            }
            headings(page, marks);
            inside(page, marks);
            heads(page, marks);
            edges::between(page, marks);
            siblings::siblings(page, marks);
            labels::labels(page, marks);
        }
        if self.titles == Title::Drop {
            title::drop(page, marks);
        }
        bare_headings(page, marks);
        guard(page, marks);
        nothing_left(page, marks);
    }
}

/// Gives headings back that stand directly over prose that stays: after a blank line or, of text that has none, below prose
/// that stays.
fn headings(page: &PageFeatures, marks: &mut Marks) {
    let stays_as_prose = |marks: &Marks, block: usize| marks.stays(block) && is_prose(&page.lines[block]);
    for block in 1..page.len().saturating_sub(1) {
        let least = match page.page.blocks[block].place.after_gap {
            true => HEADING_SCORE,
            false if stays_as_prose(marks, block - 1) => GAPLESS_HEADING_SCORE,
            false => continue,
        };
        let is_likely = score(marks.verdict(block)).is_some_and(|score| score >= least)
            && kind(page, block).is_none_or(|kind| kind == Kind::Heading);
        if is_likely && has_form_of_heading(page, block) && stays_as_prose(marks, block + 1) {
            marks.revoke(block, &HEADING);
        }
    }
}

/// Gives lines back that the model took out of the middle of a table or of code: a rule under the head of a table,
/// a closing bracket.
fn inside(page: &PageFeatures, marks: &mut Marks) {
    let is_table = |block: usize| is_table_row(page.text(block));
    let is_code = |block: usize| page.page.text_of(block).starts_with([' ', '\t']) && !is_bulleted(page.text(block));
    for is_kind in [&is_table as &dyn Fn(usize) -> bool, &is_code] {
        let mut last_kept = None;
        for block in 0..page.len() {
            if !is_kind(block) || page.page.blocks[block].place.after_gap && !marks.stays(block) {
                last_kept = None;
            } else if marks.stays(block) {
                let from = last_kept.replace(block).map_or(block, |last| last + 1);
                let run = from..block;
                if run.len() <= INSIDE_LINES && run.clone().all(|block| score(marks.verdict(block)).is_some()) {
                    run.for_each(|block| marks.revoke(block, &INSIDE));
                }
            }
        }
    }
}

/// Gives the head of a table back that the model took, right above rows that stay.
fn heads(page: &PageFeatures, marks: &mut Marks) {
    let is_row = |block: usize| is_table_row(page.text(block));
    for block in 1..page.len() {
        let starts = is_row(block) && marks.stays(block) && !page.page.blocks[block].place.after_gap;
        if !starts || marks.stays(block - 1) {
            continue;
        }
        let is_head = |&row: &usize| {
            is_row(row) && score(marks.verdict(row)).is_some() && !page.page.blocks[row + 1].place.after_gap
        };
        let head = (0..block).rev().take_while(is_head).count();
        if (1..=INSIDE_LINES).contains(&head) {
            (block - head..block).for_each(|row| marks.revoke(row, &INSIDE));
        }
    }
}

/// What the model gave a line that it dropped.
fn score(verdict: Verdict) -> Option<u16> {
    match verdict {
        Verdict::Drop(Mark { because: Evidence::Score { permille }, .. }) => Some(permille),
        _ => None,
    }
}

/// Drops the heading at the end of what stays, where what stood under it went. Of plain text it is one that announces
/// something, or a single word: a line of a few words at the end is as likely a signature, a score or an address.
fn bare_headings(page: &PageFeatures, marks: &mut Marks) {
    if !page.lines.iter().any(is_prose) {
        return;
    }
    for _ in 0..BARE_AT_END {
        let Some(last) = (0..page.len()).rfind(|&block| marks.stays(block)) else { return };
        let announces = match kind(page, last) {
            Some(kind) => kind == Kind::Heading,
            None => {
                page.lines[last].end == LineEnd::Colon || page.lines[last].words == 1 && page.lines[last].digits == 0
            }
        };
        if !announces || last + 1 == page.len() || !marks.is_undecided(last) || !is_heading(page, last) {
            return;
        }
        marks.drop(last, Mark::judged(&BARE_HEADING));
    }
}

/// What the markup says that a block is.
fn kind(page: &PageFeatures, block: usize) -> Option<Kind> {
    page.page.markup.as_ref().map(|markup| markup.settings[block].kind)
}

fn is_heading(page: &PageFeatures, block: usize) -> bool {
    page.page.blocks[block].place.after_gap && has_form_of_heading(page, block)
}

fn has_form_of_heading(page: &PageFeatures, block: usize) -> bool {
    let line = &page.lines[block];
    let text = page.text(block);
    (1..=HEADING_WORDS).contains(&line.words)
        && (matches!(line.end, LineEnd::Other | LineEnd::Colon) || asks_or_calls(text))
        && !is_bulleted(text)
        && !is_table_row(text)
}

/// Gives running prose back, latest stages first, until at least half of it stays. Prose that the model dropped counts
/// as far as the model takes it for the page's own, and not at all below [`PROSE_SCORE`]; neither does what stands in
/// parts of an HTML page that hold none, or stays elsewhere.
fn guard(page: &PageFeatures, marks: &mut Marks) {
    let words = |block: usize| u64::from(page.lines[block].words);
    let blocks = || (0..page.len()).filter(|&block| is_prose(&page.lines[block]));
    if blocks().all(|block| marks.stays(block)) {
        return;
    }
    let staying: BTreeSet<u64> =
        blocks().filter(|&block| marks.stays(block)).map(|block| page.lines[block].key).collect();
    let may_be_own = |block: &usize| {
        score(marks.verdict(*block)).is_none_or(|score| score >= PROSE_SCORE)
            && page.page.markup.as_ref().is_none_or(|markup| !markup.settings[*block].inside.has_any(ASIDE))
            && !staying.contains(&page.lines[*block].key)
    };
    let prose: Vec<usize> = blocks().filter(|block| marks.stays(*block) || may_be_own(block)).collect();
    // Of what the model dropped, as much counts as it takes for the page's own.
    let own = |&block: &usize| score(marks.verdict(block)).map_or(1000, u64::from) * words(block);
    let total = prose.iter().map(own).sum::<u64>() / 1000;
    let mut kept: u64 = prose.iter().filter(|&&block| marks.stays(block)).map(|&block| words(block)).sum();
    for stage in STAGES.iter().rev().filter(|stage| !stage.is_final) {
        if kept * 2 >= total {
            return;
        }
        for &block in &prose {
            if is_dropped_by(marks.verdict(block), stage.name) {
                marks.revoke(block, &GUARD);
                kept += words(block);
            }
        }
    }
}

fn is_dropped_by(verdict: Verdict, stage: &str) -> bool {
    match verdict {
        Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) => rule.stage() == stage,
        _ => false,
    }
}

/// Gives a page back where nothing of it would be left. Where the model had a say, a short page gets its likeliest lines,
/// and a longer one has no text of its own. Where it had none, what the one rule took that took most, and no more than it
/// needs, so that a menu over a timetable stays away.
fn nothing_left(page: &PageFeatures, marks: &mut Marks) {
    let blocks = 0..page.len();
    if blocks.clone().any(|block| marks.stays(block)) {
        return;
    }
    if let Some(likeliest) = blocks.clone().filter_map(|block| score(marks.verdict(block))).max() {
        let words: u32 = page.lines.iter().map(|line| line.words).sum();
        let is_likely = |verdict| score(verdict).is_some_and(|score| score * LIKELY_SHARE >= likeliest);
        let is_short = words < JUDGED_WORDS || page.len() < JUDGED_LINES;
        for block in blocks.filter(|_| is_short) {
            if is_likely(marks.verdict(block)) {
                marks.revoke(block, &NOTHING_LEFT);
            }
        }
        return;
    }
    let mut taken = BTreeMap::<&StageRule, Vec<usize>>::new();
    for block in blocks {
        if let Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) = marks.verdict(block) {
            taken.entry(rule).or_default().push(block);
        }
    }
    let strongest = taken.into_values().max_by_key(Vec::len);
    strongest.into_iter().flatten().for_each(|block| marks.revoke(block, &NOTHING_LEFT));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::{expect, judged, page};

    static OTHER: StageRule = StageRule { address: "furniture#other", why: "drops for the test" };

    /// Drops the lines that hold a word.
    struct Dropping(&'static str);

    impl Stage for Dropping {
        fn name(&self) -> &'static str {
            "furniture"
        }

        fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
            let found = (0..page.len()).filter(|&block| page.text(block).contains(self.0));
            found.for_each(|block| marks.drop(block, Mark::judged(&OTHER)));
        }
    }

    static SCORE: StageRule = StageRule { address: "model#score", why: "drops for the test" };

    /// Drops lines as the model does: those that start with a text, with a score each.
    struct Scoring(&'static [(&'static str, u16)]);

    impl Stage for Scoring {
        fn name(&self) -> &'static str {
            "model"
        }

        fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
            for block in 0..page.len() {
                let found = self.0.iter().find(|(start, _)| page.text(block).starts_with(start));
                if let Some(&(_, permille)) = found {
                    marks.drop(block, Mark { rule: RuleId::Judge(&SCORE), because: Evidence::Score { permille } });
                }
            }
        }
    }

    #[test]
    fn the_title_that_the_model_took_comes_back_and_what_it_thinks_impossible_does_not() {
        let model = Scoring(&[("The best", 3), ("The mayor loses", 20), ("By Ida", 300)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!(
                "- The best news of the coast\n-\n+ The mayor loses the key to the town\n- By Ida Marsh of Tern Head\n\
                 + The mayor at the gate of the old town. Photo: Ida Marsh\n+\n+ {TEXT}"
            ),
        );
    }

    #[test]
    fn a_heading_that_the_model_took_comes_back_over_text_and_not_over_nothing() {
        let model = Scoring(&[("Likely", 300), ("Unlikely", 50), ("Stranded", 300), ("junk", 10)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!(
                "+ {TEXT}\n+\n+ Likely heading\n+ {TEXT}\n+\n- Unlikely heading\n+ {TEXT}\n+\n\
                 - Stranded heading\n- junk\n+ {TEXT}"
            ),
        );
    }

    #[test]
    fn prose_that_the_model_doubts_comes_back_next_to_prose_that_stays() {
        let doubted =
            "Doubted, the otters swam out to the buoy and back again before the harbour master had breakfast.";
        let refused = doubted.replace("Doubted", "Refused");
        let model = Scoring(&[("Doubted", 350), ("Refused", 250), ("junk", 10)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!("+ {doubted}\n+ {TEXT}\n- {refused}\n+ {TEXT}\n- junk\n- {doubted}\n- junk"),
        );
        expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+ {doubted}\n- {doubted}\n- junk"));
    }

    #[test]
    fn without_blank_lines_a_likelier_heading_comes_back_between_prose() {
        let model = Scoring(&[("Likely", 300), ("Unlikely", 150), ("Stranded", 300)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!(
                "+ {TEXT}\n+ Likely heading\n+ {TEXT}\n- Unlikely heading\n+ {TEXT}\n+ A line\n- Stranded\n+ {TEXT}"
            ),
        );
    }

    #[test]
    fn answers_under_labels_that_recur_come_back_and_buttons_do_not() {
        let model = Scoring(&[("Pros", 60), ("Cons", 60), ("Dry", 60), ("Heavy", 60), ("Tell me", 60)]);
        let section =
            format!("+ {TEXT}\n+\n+ Pros\n+ Dry as a bone\n+ Cons\n+ Heavy as an old anchor\n+\n- Tell me more\n+\n");
        expect(&[&model, &Closing::new(Title::Keep)], &format!("{}+ {TEXT}", section.repeat(3)));
        let bare = section
            .replace("+ Pros\n+ Dry as a bone", "- Pros")
            .replace("+ Cons\n+ Heavy as an old anchor", "+ An heirloom");
        expect(&[&model, &Closing::new(Title::Keep)], &format!("{}+ {TEXT}", bare.repeat(3)));
    }

    #[test]
    fn lines_inside_tables_and_code_come_back_and_lines_below_them_do_not() {
        let model = Scoring(&[("|---", 40), ("}", 40), ("| junk", 40), ("junk", 40)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!(
                "+ {TEXT}\n+\n+ | Region | Tide |\n+ |---|---|\n+ | Tern Head | high |\n- | junk | row |\n-\n\
                 +     alarm {{\n+     }}\n+     say = 2\n+\n+ {TEXT}\n- junk\n+ {TEXT}"
            ),
        );
    }

    const TEXT: &str = "The otters had been living in the dry dock since the spring, the harbour master said.";

    #[test]
    fn a_heading_with_nothing_left_under_it_goes() {
        expect(
            &[&Dropping("junk"), &Closing::new(Title::Keep)],
            &format!("+ {TEXT}\n+\n- Sources:\n-\n- junk\n- junk"),
        );
    }

    #[test]
    fn a_heading_with_text_under_it_stays() {
        expect(&[&Dropping("junk"), &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+\n+ Sources\n+ {TEXT}\n- junk"));
    }

    #[test]
    fn a_page_that_would_lose_its_prose_gets_it_back() {
        let text = format!("{TEXT}\n{TEXT}\nA short line");
        let page = page(&text);
        let marks = judged(&[&Dropping("otters"), &Closing::new(Title::Keep)], &page);
        assert!(marks.verdicts().iter().all(|verdict| verdict.stays()));
        assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::Guarded);
    }

    #[test]
    fn of_a_short_page_that_the_model_would_take_whole_the_likeliest_lines_come_back() {
        let model = Scoring(&[("Brass", 90), ("Weight", 45), ("Follow", 20)]);
        expect(&[&model, &Closing::new(Title::Keep)], "+ Brass fog bell\n+ Weight 4 kg\n- Follow us");
        expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {}", "Brass fog bell ".repeat(40).trim()));
    }

    #[test]
    fn a_whole_page_of_which_nothing_is_its_own_stays_empty() {
        let text = "Follow us\nOur privacy notice tells how we use what you tell us.\n".repeat(10);
        let page = page(&text);
        let marks = judged(&[&Scoring(&[("Follow", 90), ("Our", 80)]), &Closing::new(Title::Keep)], &page);
        assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::Emptied);
    }

    #[test]
    fn a_page_without_prose_is_marked_and_put_back_only_where_nothing_would_remain() {
        for (text, stay) in [("junk one\njunk two", 2), ("junk one\nfare 2.40", 1)] {
            let page = page(text);
            let marks = judged(&[&Dropping("junk"), &Closing::new(Title::Keep)], &page);
            assert_eq!(marks.verdicts().iter().filter(|verdict| verdict.stays()).count(), stay, "{text}");
            assert_eq!(outcome(&PageFeatures::of(&page), &marks), Outcome::NoText);
        }
    }

    #[test]
    fn short_titles_and_questions_come_back_and_menus_do_not() {
        let model = Scoring(&[("Weir", 30), ("Can a", 60), ("“It", 60), ("Home", 300), ("Sport", 300), ("By", 5)]);
        for title in ["Weir Lane", "Can a river jump over a school?", "“It was there last night!”"] {
            expect(&[&model, &Closing::new(Title::Keep)], &format!("- Home\n- Sport\n+ {title}\n+ {TEXT}\n+ {TEXT}"));
            expect(&[&Closing::new(Title::Drop)], &format!("- {title}\n+ {TEXT}\n+ {TEXT}"));
        }
        expect(&[&model, &Closing::new(Title::Keep)], &format!("- Weir Lane\n- By the way\n- Sport\n- Home\n+ {TEXT}"));
    }

    #[test]
    fn the_first_paragraph_comes_back_over_a_label_that_rules_took() {
        let first = TEXT.replace("The otters", "First, the otters");
        let model = Scoring(&[("First", 200)]);
        expect(
            &[&Dropping("Advert"), &model, &Closing::new(Title::Keep)],
            &format!("+ {first}\n- Advertisement\n+ {TEXT}"),
        );
        let refused = Scoring(&[("First", 200), ("A caption", 5)]);
        expect(&[&refused, &Closing::new(Title::Keep)], &format!("- {first}\n- A caption\n+ {TEXT}"));
    }

    #[test]
    fn the_last_sentence_comes_back_and_what_stands_below_does_not() {
        let model = Scoring(&[("They", 150), ("Share", 150), ("You can", 30)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!("+ {TEXT}\n+ They have not left.\n- Share this\n- They may come back."),
        );
        expect(&[&model, &Closing::new(Title::Keep)], &format!("+ {TEXT}\n- You can unsubscribe.\n- Share this"));
    }

    #[test]
    fn a_list_that_a_colon_announces_comes_back() {
        let model = Scoring(&[("The tracks", 50), ("1", 40), ("2", 40), ("3", 40), ("Filed", 40), ("Mayor", 40)]);
        expect(
            &[&model, &Closing::new(Title::Keep)],
            &format!("+ {TEXT}\n+ The tracks:\n+ 1. Lamp Fair\n+ 2. Moth\n+ 3. Salt\n- Filed away\n- Mayor sings"),
        );
    }

    #[test]
    fn short_lines_at_the_end_are_no_headings() {
        let below = "+ Tarn 1 – 4 Hedmora\n+\n+ Ida Marsh\n-\n- junk\n- junk";
        expect(&[&Dropping("junk"), &Closing::new(Title::Keep)], &format!("+ {TEXT}\n+\n{below}"));
    }

    #[test]
    fn the_title_of_a_page_of_two_lines_stays() {
        let model = Scoring(&[("Ferry", 60)]);
        expect(&[&model, &Closing::new(Title::Keep)], &format!("+ Ferry sails\n+ {TEXT}"));
    }
}
