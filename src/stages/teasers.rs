//! Teasers of other pages: runs of headlines or of sentences cut short after the text has ended,
//! and single links to related pages between its paragraphs.

mod between;

use std::ops::Range;

use crate::line::{ByKey, LineEnd, PageFeatures};
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::rules::lexicon::{Topic, Topics};
use crate::stage::Stage;
use crate::stages::layout::{
    Layout, asks_or_calls, find_mark, is_headline, is_paragraph, is_prose, is_sentence, is_table_row,
};

const CUT_SHORT: StageRule = StageRule {
    address: "teasers#cut-short",
    why: "A run of sentences cut short, with their headlines, after the text has ended.",
};
const LEAD: StageRule =
    StageRule { address: "teasers#lead", why: "A link to a related page, between or after the paragraphs." };
const RELATED: StageRule =
    StageRule { address: "teasers#related", why: "The heading of a list of other pages, and the headlines under it." };

const BELOW: StageRule = StageRule {
    address: "teasers#below",
    why: "Below the text: from a heading of other pages, comments, sharing or rights on, no paragraphs follow.",
};

static RULES: [StageRule; 5] = [CUT_SHORT, LEAD, RELATED, BELOW, between::BETWEEN];

/// The share of the page's prose, in hundredths, that stands above where the text can have ended.
const ABOVE: u64 = 70;

/// Words of prose that a page must have for its text to end.
const ENDING_WORDS: u64 = 100;

/// The same where nothing but headlines and labels stands below: a short piece of news has one or two sentences.
const SHORT_ENDING_WORDS: u64 = 15;

/// Below these a page's comments and its author's box stand, whose paragraphs are none of the text; below others a
/// paragraph is.
const OTHERS_PROSE: Topics =
    Topics::of(&[Topic::Comments, Topic::CommentForm, Topic::NoComments, Topic::Author, Topic::Credits]);

/// What stands below a text and never inside it.
const CLOSERS: Topics = Topics::of(&[
    Topic::Related,
    Topic::CommentForm,
    Topic::NoComments,
    Topic::Comments,
    Topic::Author,
    Topic::Archive,
    Topic::Credits,
    Topic::Previous,
    Topic::Next,
    Topic::Share,
    Topic::Follow,
    Topic::Newsletter,
    Topic::Tags,
]);

/// The share of prose, in hundredths, in the words above: a list of products has no end like a text.
const PROSE_SHARE: u64 = 40;

/// How many times as many words must stand above the end of the text as stay below it.
const RATIO: u64 = 1;

/// Lines of code below which make a closer one of the text's own lines.
const CODE_LINES: usize = 3;

/// Words of a line that can close a text.
const CLOSER_WORDS: u32 = 14;

/// Sentences cut short from which a run is one of teasers.
const CUT_LINES: usize = 3;

/// Words of a sentence cut short: fewer are a pause in someone's speech or a label.
const CUT_WORDS: u32 = 5;

/// Lines between two sentences cut short at most: a headline, a date, a link.
const BETWEEN: usize = 3;

/// Words of running prose that must stand before a run of teasers: the text that has ended.
const TEXT_WORDS: u64 = 80;

/// The stage.
#[derive(Debug, Default)]
pub struct Teasers;

impl Teasers {
    /// The stage with the word lists that are embedded in the binary.
    pub fn new() -> Teasers {
        Teasers
    }
}

impl Stage for Teasers {
    fn name(&self) -> &'static str {
        "teasers"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        cut_short(&layout, marks);
        leads(&layout, marks);
        related(&layout, marks);
        below(&layout, marks);
        between::judge(&layout, marks);
    }
}

fn is_cut_short(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    line.end == LineEnd::Ellipsis && line.words >= CUT_WORDS
}

/// Runs of sentences cut short, where most of the page's prose stands before them.
fn cut_short(layout: &Layout, marks: &mut Marks) {
    let total = layout.prose_words(0..layout.len());
    let (mut before, mut block) = (0, 0);
    while block < layout.len() {
        if !is_cut_short(layout, block) {
            if is_prose(layout.line(block)) {
                before += u64::from(layout.line(block).words);
            }
            block += 1;
            continue;
        }
        let (end, cut) = cut_run(layout, block);
        let inside = layout.prose_words(block..end);
        if cut >= CUT_LINES && before >= TEXT_WORDS && (total - before - inside) * 4 <= before && inside == 0 {
            let start = match block.checked_sub(1) {
                Some(above) if cut < end - block && is_headline(layout.reading, above) => above,
                _ => block,
            };
            (start..end).for_each(|line| marks.drop(line, Mark::judged(&CUT_SHORT)));
        }
        before += inside;
        block = end;
    }
}

/// The end of the run that starts at a sentence cut short, and how many of them it has.
fn cut_run(layout: &Layout, start: usize) -> (usize, usize) {
    let (mut end, mut cut) = (start + 1, 1);
    for block in start + 1..layout.len() {
        if is_cut_short(layout, block) {
            (end, cut) = (block + 1, cut + 1);
        } else if is_prose(layout.line(block)) || block - end >= BETWEEN || is_table_row(layout.text(block)) {
            break;
        }
    }
    (end, cut)
}

/// `Related: …`, `Read more: …`: the headline beside the colon, or alone on the line below.
fn leads(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::RelatedLead])) {
        return;
    }
    for block in 0..layout.len() {
        let line = layout.line(block);
        if line.words == 0 || line.chars > 250 {
            continue;
        }
        if !layout.starts(block, Topic::RelatedLead) {
            continue;
        }
        let bytes = layout.start(block).map_or(0, |(_, bytes)| bytes);
        let beside = layout.reading.folded(block)[bytes..].chars().any(char::is_alphanumeric);
        if beside {
            marks.drop(block, Mark::judged(&LEAD));
        }
    }
}

/// Headings of lists of other pages after the text, with the headlines under them.
fn related(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Related])) {
        return;
    }
    let Some(mut block) = end_of_text(layout, marks) else { return };
    while block < layout.len() {
        if !layout.is(block, Topic::Related) {
            block += 1;
            continue;
        }
        let end = (block + 1..layout.len()).find(|&at| is_prose(layout.line(at))).unwrap_or(layout.len());
        (block..end).for_each(|line| marks.drop(line, Mark::judged(&RELATED)));
        block = end;
    }
}

/// Where a text has ended, if it has. Of HTML one past its prose; what stands in lists there is told by other means.
fn end_of_text(layout: &Layout, marks: &Marks) -> Option<usize> {
    if layout.reading.page.markup.is_some() {
        return (layout.prose_words(0..layout.len()) >= SHORT_ENDING_WORDS).then_some(layout.after_prose);
    }
    after_text(layout, marks).or_else(|| under_title(layout, marks))
}

/// One past the last line of running prose that no rule took, or past the last sentence where there is too little prose to
/// tell: short news, lists of short steps. What a rule took, a notice of cookies or a pitch at the foot, is no text.
fn after_text(layout: &Layout, marks: &Marks) -> Option<usize> {
    let end = |is_text: &dyn Fn(usize) -> bool| {
        let (mut words, mut end) = (0, None);
        for block in (0..layout.len()).filter(|&block| marks.stays(block) && is_text(block)) {
            words += u64::from(layout.line(block).words);
            end = Some(block + 1);
        }
        end.filter(|_| words >= SHORT_ENDING_WORDS)
    };
    let is_said = |block: usize| is_sentence(layout.line(block)) && !asks_or_calls(layout.text(block));
    end(&|block| is_prose(layout.line(block))).or_else(|| end(&is_said))
}

/// Of a page without sentences where enough words stand below the title that the *headline* stage knows.
fn under_title(layout: &Layout, marks: &Marks) -> Option<usize> {
    let is_title = |&block: &usize| matches!(marks.verdict(block), Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) if rule.stage() == "headline");
    let title = (0..layout.len()).find(is_title)?;
    let mut words = 0;
    (title + 1..layout.len()).find(|&block| {
        words += if marks.stays(block) { u64::from(layout.line(block).words) } else { 0 };
        words >= SHORT_ENDING_WORDS
    })
}

/// Drops what stands below the text: everything from the first closer on, where most of the prose
/// stands above and no two paragraphs follow one another below.
fn below(layout: &Layout, marks: &mut Marks) {
    let total = layout.prose_words(0..layout.len());
    if total < SHORT_ENDING_WORDS {
        return;
    }
    let end = if total < ENDING_WORDS { layout.after_prose } else { layout.paragraphs.end };
    let mut prose = layout.prose_words(0..end);
    let mut words = layout.staying_words(marks, 0..end);
    let mut inside = None;
    for block in end..layout.len() {
        let closer = closes(layout, block)
            && !inside.get_or_insert_with(|| inside_text(layout, end)).contains_key(&layout.line(block).key);
        if closer && prose * 100 >= total * ABOVE && prose * 100 >= words * PROSE_SHARE {
            let below = block..end_below(layout, block);
            if !holds_code(layout, below.clone()) && layout.staying_words(marks, below.clone()) * RATIO <= words {
                below.for_each(|line| marks.drop(line, Mark::judged(&BELOW)));
            }
            return;
        }
        prose += layout.prose_words(block..block + 1);
        words += if marks.stays(block) { u64::from(layout.line(block).words) } else { 0 };
    }
}

/// Where what a closer drops ends: at the next paragraph, unless paragraphs of others are to be expected.
fn end_below(layout: &Layout, closer: usize) -> usize {
    let topics = layout.topics(closer).bits() | layout.topics_of_start(closer).bits();
    if Topics::from_bits(topics).has_any(OTHERS_PROSE) || layout.counts_of(closer, Topic::Comments) {
        return layout.len();
    }
    (closer + 1..layout.len()).find(|&block| is_paragraph(layout.line(block))).unwrap_or(layout.len())
}

/// The closers that stand inside the text: buttons under each answer of a forum.
fn inside_text(layout: &Layout, end: usize) -> ByKey<()> {
    let closers = (layout.first_prose..end).filter(|&block| closes(layout, block));
    closers.map(|block| (layout.line(block).key, ())).collect()
}

/// Whether some lines are code.
fn holds_code(layout: &Layout, lines: Range<usize>) -> bool {
    let is_code = |block: &usize| layout.text(*block).ends_with(['{', '}', ';']);
    lines.filter(is_code).take(CODE_LINES).count() == CODE_LINES
}

fn closes(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    if line.words == 0 || line.words > 40 || line.chars > 400 {
        return false;
    }
    if layout.topics(block).has_any(CLOSERS) || line.may_have_marks() && find_mark("©", layout.text(block)).is_some() {
        return true;
    }
    line.words <= CLOSER_WORDS
        && line.end != LineEnd::Sentence
        && (layout.topics_of_start(block).has_any(CLOSERS) || layout.counts_of(block, Topic::Comments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::expect;

    const TEXT: &str = "+ The keeper of the northern light has counted every ship since the spring, and this year, she says, there were more of them than in any year before the great storm took the pier.
        + Most of them carry timber, a few carry salt, and one, which nobody in the village had seen before, carried nothing at all but a brass band that played the whole night through.
        + She writes them all down in a book, as her mother did and her mother before her, with the hour, the weather and the colour of the hull, and she has never once been wrong.
        ";

    #[test]
    fn sentences_cut_short_below_the_text_go() {
        let below = "- The mayor has opened the bridge again after a dispute over…
            - Two gulls were seen on Monday carrying a whole loaf of…
            - The price of salt has risen for the third month in…";
        expect(&[&Teasers], &format!("{TEXT}{below}"));
    }

    #[test]
    fn a_pause_of_speech_inside_the_text_stays() {
        let inside = "+ “I counted them, and then I counted them again, and then…”
            + She looked out of the window for a long time, and the lamp turned above her head.";
        expect(&[&Teasers], &format!("{TEXT}{inside}"));
    }

    #[test]
    fn links_to_related_pages_between_paragraphs_go() {
        for lead in [
            "Related: Mayor opens the bridge again",
            "Lesen Sie auch: Die Brücke ist wieder offen",
            "Lire aussi : Le pont est de nouveau ouvert",
            "Читайте также: Мост снова открыт",
            "相关阅读：大桥重新开放",
            "اقرأ أيضا: الجسر مفتوح من جديد",
        ] {
            expect(&[&Teasers], &format!("{TEXT}- {lead}\n{TEXT}"));
        }
    }

    #[test]
    fn from_the_heading_of_other_pages_on_everything_below_the_text_goes() {
        for heading in
            ["You may also like", "Ähnliche Artikel", "Похожие статьи", "関連記事", "Tags: ships, salt", "12 comments"]
        {
            let below = format!(
                "-\n- {heading}\n-\n- Mayor opens the bridge again\n- The mayor cut the ribbon for the second time this year."
            );
            expect(&[&Teasers], &format!("{TEXT}{below}"));
        }
    }

    #[test]
    fn a_button_inside_the_text_ends_nothing() {
        expect(&[&Teasers], &format!("{TEXT}+ Share\n{TEXT}+ The last word is hers."));
    }

    #[test]
    fn a_page_without_prose_has_no_end() {
        expect(&[&Teasers], "+ Brass bell\n+ 40.00\n+ Related products\n+ Brass lamp\n+ 60.00");
    }

    #[test]
    fn below_a_short_piece_of_news_the_other_headlines_go() {
        expect(
            &[&Teasers],
            "+ Ferry sails
            + The ferry sailed at nine this morning for the first time in three weeks, the harbour master said.
            - Related articles
            - Mayor opens the bridge again
            - Salt dearer than ever",
        );
    }

    /// A stage that takes what starts with a word, as written rules do.
    struct Taking(&'static str);

    impl Stage for Taking {
        fn name(&self) -> &'static str {
            "general"
        }

        fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
            let found = (0..page.len()).filter(|&block| page.text(block).starts_with(self.0));
            found.for_each(|block| marks.drop(block, Mark::judged(&LEAD)));
        }
    }

    #[test]
    fn what_rules_took_below_other_headlines_is_no_text() {
        let page = "+ The ferry sailed at nine this morning for the first time in three weeks, the harbour master said.
            - Related articles
            - Mayor opens the bridge again
            - Salt dearer than ever
            - Cookies help this page to find out who reads about ferries, and when, and why, and with whom.";
        expect(&[&Taking("Cookies"), &Teasers], page);
        // A sentence that stays is one of the text: the list stands inside it.
        expect(&[&Teasers], &page.replace("- ", "+ "));
    }

    #[test]
    fn below_short_sentences_the_other_headlines_go() {
        let page = "+ Ferry sails
            + It sailed at nine.
            + Three weeks had gone by.
            + Nobody had counted the days at all.
            + Everybody waved.
            - Related articles
            - Mayor opens the bridge again
            - Why is salt dearer than ever?";
        expect(&[&Teasers], page);
        let few = page.lines().filter(|line| !line.ends_with("all.") && !line.ends_with("by.")).collect::<Vec<_>>();
        expect(&[&Teasers], &few.join("\n").replace("- ", "+ "));
    }

    #[test]
    fn of_a_page_without_sentences_headlines_go_below_what_stands_under_its_title() {
        let headline = crate::stages::headline::Headline::new(crate::settings::Title::Keep);
        let page = "- Sails and ropes of the old ferry
            + Sails and ropes of the old ferry
            + mainsail, hemp, torn twice
            + foresail, hemp, patched in spring
            + six ropes of grass
            + one rope of wire, never used
            - Related articles
            - Mayor opens the bridge again
            - Salt dearer than ever";
        // Without prose the headline stage finds no title: what it keeps is made up here.
        let kept = page.replacen("- Sails and ropes of the old ferry\n", "", 1);
        struct Keeping;
        impl Stage for Keeping {
            fn name(&self) -> &'static str {
                "headline"
            }
            fn judge(&self, _: &PageFeatures, marks: &mut Marks) {
                marks.keep(0, Mark::judged(&crate::stages::headline::TITLE));
            }
        }
        expect(&[&Keeping, &Teasers], kept.trim_start());
        expect(&[&headline, &Teasers], &kept.trim_start().replace("- ", "+ "));
    }

    #[test]
    fn a_paragraph_below_a_label_of_the_text_stays() {
        let paragraph = "Tags are what the archive goes by, and a page that has none is found by nobody but the keeper, who knows where all of them are and has never told anybody.";
        expect(
            &[&Teasers],
            &format!("{TEXT}- Tags:\n- ships\n- salt\n- lamps\n+ {paragraph}\n+ The last word is hers."),
        );
    }
}
