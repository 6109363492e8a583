//! Readers' comments, where a person says what should become of them. Without a word, those below an article go that stand
//! in an element called so, or under a heading that says so over posts; of others the model decides.
//!
//! A section of comments begins at a heading that the word lists know (`Comments`, `12 comments`, `Replies`) with
//! text above it and signs of posts below it: dates, buttons that repeat, a form. It ends where another part of the page
//! begins, or with its last sentence. What has no such heading is not found.

mod discussion;
mod headed;
mod titled;

use std::collections::HashSet;
use std::ops::Range;

use crate::line::{LineEnd, PageFeatures};
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::settings::Comments;
use crate::stage::Stage;
use crate::stages::layout::{Layout, is_prose};

const KEPT: StageRule = StageRule {
    address: "comments#kept",
    why: "A line of the comments below the text, which stay by `--comments keep`.",
};
const DROPPED: StageRule = StageRule {
    address: "comments#dropped",
    why: "A line of the comments below the text, which go by `--comments drop`.",
};

static RULES: [StageRule; 3] = [KEPT, DROPPED, DISCUSSION];

const DISCUSSION: StageRule = StageRule {
    address: "comments#below-article",
    why: "Readers' comments below an article: in an element that is called so, or under a heading that says so.",
};

/// Headings of comments that are looked below at most: a page with more of them is none with comments below its text.
const HEADINGS: usize = 16;

/// Words of running prose that stand above comments at least: what is commented on.
const WORDS_ABOVE: u64 = 30;

/// Words of a heading at most, the title that it may quote included.
const HEADING_WORDS: u32 = 16;

/// Signs of posts below a heading at least.
const SIGNS: usize = 2;

/// Lines with a date or a time below it at least, where nobody has said that comments should go and no markup says what
/// they are.
const DATES_UNASKED: usize = 3;

/// The same under a heading that counts them.
const DATES_COUNTED: usize = 2;

/// Lines for each of these at most: in a discussion of results years are rarer than in one of readers.
const LINES_A_DATE: usize = 6;

/// Words of running prose above them then.
const WORDS_ABOVE_UNASKED: u64 = 60;

/// What headings say over the answers to a question, which are the page: in whatever form of the word.
const ANSWERS: [&str; 7] = ["repl", "respon", "respuest", "respost", "antwort", "ответ", "回复"];

/// Words of a line that counts comments at most.
const COUNT_WORDS: u32 = 5;

/// Words of a button, a name or a date at most.
const LABEL_WORDS: u32 = 10;

/// What may stand below comments, as a line of its own.
const CLOSERS: Topics =
    Topics::of(&[Topic::Related, Topic::Newsletter, Topic::Archive, Topic::Credits, Topic::Section, Topic::Sort]);

/// The stage.
#[derive(Debug)]
pub struct CommentsStage {
    comments: Comments,
}

impl CommentsStage {
    /// The stage that does this with comments.
    pub fn new(comments: Comments) -> CommentsStage {
        CommentsStage { comments }
    }
}

impl Stage for CommentsStage {
    fn name(&self) -> &'static str {
        "comments"
    }

    fn rules(&self) -> &'static [StageRule] {
        match self.comments {
            Comments::Auto => &RULES[2..],
            Comments::Keep => &RULES[..1],
            Comments::Drop => &RULES[1..2],
        }
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        let counts = || {
            (0..layout.len())
                .any(|block| layout.line(block).words <= COUNT_WORDS && layout.counts_of(block, Topic::Comments))
        };
        let says_comments = layout.has_any(Topics::of(&[Topic::Comments])) || counts();
        // Nearly all pages end here, before anything is made for them.
        if self.comments == Comments::Auto && !says_comments && discussion::markup_of(page.page).is_none() {
            return;
        }
        let found = discussion::blocks(&layout);
        let section = match self.comments {
            Comments::Auto if !says_comments => 0..0,
            Comments::Auto if page.page.markup.is_some() => headed::blocks(&layout),
            Comments::Auto => section_below_article(&layout),
            Comments::Keep | Comments::Drop => section(&layout, WORDS_ABOVE, SIGNS),
        };
        for block in found.into_iter().chain(section) {
            match self.comments {
                Comments::Auto => marks.drop(block, Mark::judged(&DISCUSSION)),
                Comments::Keep => marks.keep(block, Mark::judged(&KEPT)),
                Comments::Drop => marks.drop(block, Mark::judged(&DROPPED)),
            }
        }
    }
}

/// The same of plain text, where nobody has said anything of comments: they have no more prose than what they are about.
/// A thread, whose answers are the page, has more.
fn section_below_article(layout: &Layout) -> Range<usize> {
    let is_section = |found: &Range<usize>, least: usize| {
        let dates = found.clone().filter(|&block| is_dated(layout, block)).count();
        layout.prose_words(found.clone()) <= layout.prose_words(0..found.start)
            && dates >= least
            && dates * LINES_A_DATE >= found.len()
    };
    let found = section(layout, WORDS_ABOVE_UNASKED, DATES_UNASKED);
    if is_section(&found, DATES_UNASKED) {
        return found;
    }
    let counted = (after_words(layout, WORDS_ABOVE)..layout.len())
        .filter(|&block| layout.counts_of(block, Topic::Comments) && is_of_comments(layout, block))
        .take(HEADINGS)
        .map(|heading| heading..end_of(layout, heading));
    let found = counted.into_iter().find(|found| is_section(found, DATES_COUNTED));
    found.unwrap_or_else(|| titled::section(layout))
}

/// The first line with so many words of running prose above it.
fn after_words(layout: &Layout, words: u64) -> usize {
    let mut above = 0;
    let enough = (layout.first_prose..layout.len()).find(|&block| {
        above += layout.prose_words(block..block + 1);
        above >= words
    });
    enough.map_or(layout.len(), |block| block + 1)
}

/// Whether a line is a label with a year of our time or the time of a day in it.
fn is_dated(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    if line.words > LABEL_WORDS || line.digits < 3 || line.letters == 0 || line.end == LineEnd::Sentence {
        return false;
    }
    let mut numbers = layout.text(block).split(|c: char| !c.is_ascii_digit() && c != ':');
    numbers.any(|number| match number.as_bytes() {
        [b'1', b'9', _, _] | [b'2', b'0', _, _] => !number.contains(':'),
        [.., b':', tens @ b'0'..=b'5', _] => tens.is_ascii_digit(),
        _ => false,
    })
}

/// The lines of the comments, heading included; none where no section is found.
fn section(layout: &Layout, words_above: u64, least_signs: usize) -> Range<usize> {
    let headings = (after_words(layout, words_above)..layout.len()).filter(|&block| is_heading(layout, block));
    let found = headings.take(HEADINGS).find_map(|heading| {
        let end = end_of(layout, heading);
        (signs(layout, heading + 1..end) >= least_signs).then_some(heading..end)
    });
    found.unwrap_or(0..0)
}

fn is_heading(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    (1..=HEADING_WORDS).contains(&line.words)
        && !is_prose(line)
        && (layout.is(block, Topic::Comments)
            || layout.counts_of(block, Topic::Comments)
            || layout.starts(block, Topic::Comments))
}

/// Whether a line is such a heading, and not one over the answers to a question.
fn is_of_comments(layout: &Layout, block: usize) -> bool {
    let is_answers = || ANSWERS.iter().any(|word| layout.reading.folded(block).contains(word));
    is_heading(layout, block) && !is_answers()
}

/// One past the last sentence of a section: another part of the page begins, or the page ends.
fn end_of(layout: &Layout, heading: usize) -> usize {
    let is_entry = |block: usize| block < layout.len() && layout.is(block, Topic::Menu);
    let is_sentence = |block: usize| match layout.line(block) {
        line if layout.is(block, Topic::CommentForm) || layout.starts(block, Topic::CommentForm) => {
            line.words > LABEL_WORDS && line.chars > 300
        }
        line => matches!(line.end, LineEnd::Sentence | LineEnd::Ellipsis) || line.words > LABEL_WORDS,
    };
    let mut end = heading + 1;
    for block in heading + 1..layout.len() {
        let is_form = layout.is(block, Topic::CommentForm) || layout.starts(block, Topic::CommentForm);
        let closes = layout.topics(block).has_any(CLOSERS)
            || layout.topics_of_start(block).has_any(CLOSERS) && !is_prose(layout.line(block))
            || is_entry(block) && is_entry(block + 1)
            || is_form && end > heading + 1;
        if closes {
            break;
        }
        if is_sentence(block) {
            end = block + 1;
        }
    }
    end
}

/// Dates, labels that repeat, and the words of forms among some lines.
fn signs(layout: &Layout, lines: Range<usize>) -> usize {
    let form_below = lines.end < layout.len()
        && (layout.is(lines.end, Topic::CommentForm) || layout.starts(lines.end, Topic::CommentForm));
    let mut seen = HashSet::new();
    let is_sign = |block: &usize| {
        let line = layout.line(*block);
        let is_label = (1..=LABEL_WORDS).contains(&line.words) && line.end != LineEnd::Sentence;
        is_label
            && (line.digits > 0 && line.letters > 0 || !seen.insert(line.key) || layout.is(*block, Topic::CommentForm))
    };
    usize::from(form_below) + lines.filter(is_sign).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::expect;

    const TEXT: &str = "The keeper of the northern light has counted every ship since the spring, and this year, she \
        says, there were more of them than in any year before the great storm, most of them laden with timber.";

    #[test]
    fn a_section_of_comments_goes_with_its_heading_and_what_stands_around_it_stays() {
        for (heading, reply, form) in [
            ("2 comments", "Reply", "Leave a reply"),
            ("Comments", "Reply", "Related articles"),
            ("Kommentare (2)", "Antworten", "Schreibe einen Kommentar"),
            ("Commentaires", "Répondre", "Laisser un commentaire"),
            ("Комментарии", "Ответить", "Читайте также"),
        ] {
            let page = format!(
                "+ {TEXT}\n+\n- {heading}\n-\n- Ida\n- 3 May 2024 at 9:15\n- I counted them too, and I make it \
                 one more.\n- {reply}\n-\n- Ole\n- 4 May 2024 at 7:02\n- That one was a whale.\n+\n+ {form}\n\
                 + The ferry leaves at nine."
            );
            expect(&[&CommentsStage::new(Comments::Drop)], &page);
        }
    }

    #[test]
    fn the_replies_of_a_thread_go_and_its_question_stays() {
        expect(
            &[&CommentsStage::new(Comments::Drop)],
            &format!(
                "+ What do you call a dinghy?\n+ {TEXT}\n-\n- 3 replies\n- ropewalker\n- 2 years ago\n\
                 - Mine is called Dinghy, and she answers to it.\n- Like\n- halyard\n- 2 years ago\n- Spoon.\n- Like\n\
                 - bilge\n- 1 year ago\n- Not that."
            ),
        );
    }

    #[test]
    fn comments_below_a_longer_article_go_unasked_and_answers_below_a_question_stay() {
        let post = |sign: char, number: usize| {
            format!(
                "{sign} Posted {number} May 2024 by halyard\n{sign} I counted them too, and I make it {number} more.\n"
            )
        };
        let posts = |sign: char| (1..5).map(|number| post(sign, number)).collect::<String>();
        let auto = CommentsStage::new(Comments::Auto);
        expect(&[&auto], &format!("+ {TEXT}\n+ {TEXT}\n- Comments\n{}+\n+ Privacy policy", posts('-')));
        expect(&[&auto], &format!("+ {TEXT}\n+ 4 replies\n{}{}", posts('+'), posts('+')));
        expect(&[&auto], &format!("+ {TEXT}\n+ {TEXT}\n+ Comments\n{}", post('+', 1)));
        // A heading that counts them needs fewer.
        let two = |sign| [post(sign, 1), post(sign, 2)].concat();
        expect(&[&auto], &format!("+ {TEXT}\n- 2 comments\n{}", two('-')));
        expect(&[&auto], &format!("+ {TEXT}\n+ Comments\n{}", two('+')));
    }

    #[test]
    fn comments_with_titles_go_unasked_where_a_form_stands_below_them() {
        let auto = CommentsStage::new(Comments::Auto);
        let pairs = |sign: char| {
            let pair = |label: &str| format!("{sign} {label}\n{sign} I counted them as well, and it was one more.\n");
            ["Ropes", "The quay", "Well said"].map(pair).concat()
        };
        expect(&[&auto], &format!("+ {TEXT}\n- Comments\n{}+ Share\n+ Join the conversation", pairs('-')));
        expect(&[&auto], &format!("+ {TEXT}\n+ Comments\n{}+ The ferry leaves at nine.", pairs('+')));
        expect(&[&auto], &format!("+ {TEXT}\n+ 3 replies\n{}+ Leave a reply", pairs('+')));
    }

    #[test]
    fn a_discussion_inside_a_paper_is_none() {
        expect(
            &[&CommentsStage::new(Comments::Drop)],
            &format!("+ {TEXT}\n+\n+ Discussion\n+ {TEXT}\n+ {TEXT}\n+\n+ Sources\n+ The log of the light, 1987."),
        );
    }

    #[test]
    fn comments_that_stay_are_out_of_reach_of_later_stages() {
        struct Everything;
        static ALL: StageRule = StageRule { address: "model#score", why: "drops all for the test" };
        impl Stage for Everything {
            fn name(&self) -> &'static str {
                "model"
            }
            fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
                (0..page.len()).for_each(|block| marks.drop(block, Mark::judged(&ALL)));
            }
        }
        expect(
            &[&CommentsStage::new(Comments::Keep), &Everything],
            &format!(
                "- {TEXT}\n+ 2 comments\n+ Ida\n+ 3 May 2024\n+ I make it one more.\n+ Ole\n+ 4 May 2024\n\
                 + That one was a whale.\n- Privacy policy"
            ),
        );
    }
}
