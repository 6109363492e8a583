//! The lines between a title and its text that name the author or the day.
//!
//! Sources differ on whether such lines belong to the text, so they stay unless a person says otherwise. Boxes that tell of an author, and stamps
//! of the last change, are other stages' business and go either way.

use crate::line::{LineEnd, PageFeatures, key, script, unfold};
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::rules::lexicon::{Topic, Topics};
use crate::settings::Bylines;
use crate::stage::Stage;
use crate::stages::headline::TITLE;
use crate::stages::layout::{Layout, is_bulleted, is_table_row};

const KEPT: StageRule = StageRule {
    address: "bylines#kept",
    why: "The author's name or the date over the text, which stays by `--bylines keep`.",
};
const DROPPED: StageRule = StageRule {
    address: "bylines#dropped",
    why: "The author's name or the date over the text, which goes by `--bylines drop`.",
};

static RULES: [StageRule; 2] = [KEPT, DROPPED];

/// Words of a byline at most: weekday, date, time, place and two names.
const WORDS: u32 = 12;

/// Words of a line that is nothing but a date, at most.
const DATE_WORDS: u32 = 8;

/// Lines above the text among which bylines are looked for: title, summary, caption and tags stand there too.
const ABOVE: usize = 8;

/// Lines of the text's beginning among which they are: a summary may stand over the byline.
const BELOW: usize = 3;

/// The stage.
#[derive(Debug)]
pub struct BylinesStage {
    bylines: Bylines,
    is_under_title: bool,
}

impl BylinesStage {
    /// The stage that does this with bylines.
    pub fn new(bylines: Bylines) -> BylinesStage {
        BylinesStage { bylines, is_under_title: false }
    }

    /// The stage that keeps them where they stand under the title, though the site repeats them on its pages. Over the
    /// title the same line may be the site's: the day in the head of every page.
    pub fn under_title() -> BylinesStage {
        BylinesStage { bylines: Bylines::Keep, is_under_title: true }
    }
}

impl Stage for BylinesStage {
    fn name(&self) -> &'static str {
        "bylines"
    }

    fn rules(&self) -> &'static [StageRule] {
        match self.bylines {
            _ if self.is_under_title => &[],
            Bylines::Keep => &RULES[..1],
            Bylines::Drop => &RULES[1..],
        }
    }

    fn comes_before(&self) -> Option<&'static str> {
        self.is_under_title.then_some("recurring")
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        if layout.first_prose == layout.len() {
            return;
        }
        let text = if layout.paragraphs.is_empty() { layout.first_prose } else { layout.paragraphs.start };
        let above = text.saturating_sub(ABOVE);
        let near = match self.is_under_title {
            true => under_title(&layout, marks, text).max(above)..(text + BELOW + 1).min(layout.len()),
            false => above..(text + BELOW + 1).min(layout.len()),
        };
        for block in near.filter(|&block| is_byline(&layout, block)) {
            match self.bylines {
                Bylines::Keep => marks.keep(block, Mark::judged(&KEPT)),
                Bylines::Drop => marks.drop(block, Mark::judged(&DROPPED)),
            }
        }
    }
}

/// Where the lines between the title and the text begin: below the title that the stage *headline* has found, or else
/// with the bylines right over the text.
fn under_title(layout: &Layout, marks: &Marks, text: usize) -> usize {
    let is_title = |block: usize| matches!(marks.verdict(block), Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) if rule.address == TITLE.address);
    let bylines = (0..text).rev().take_while(|&block| is_byline(layout, block)).count();
    (0..text).rev().find(|&block| is_title(block)).map_or(text - bylines, |title| title + 1)
}

fn is_byline(layout: &Layout, block: usize) -> bool {
    let (line, text) = (layout.line(block), layout.text(block));
    (1..=WORDS).contains(&line.words)
        && !matches!(line.end, LineEnd::Sentence | LineEnd::Ellipsis)
        && !is_bulleted(text)
        && !is_table_row(text)
        && (names_author(layout, block) || line.words <= DATE_WORDS && is_date(layout, text))
}

/// Whether a line opens as bylines do, with a name after it.
fn names_author(layout: &Layout, block: usize) -> bool {
    const OPENINGS: Topics = Topics::of(&[Topic::Byline, Topic::Author]);
    let Some((_, bytes)) = layout.start(block).filter(|(topics, _)| topics.has_any(OPENINGS)) else {
        return false;
    };
    let folded = layout.reading.folded(block);
    let name = unfold(layout.text(block), bytes..folded.len());
    let first = layout.text(block)[name].chars().find(|c| c.is_alphabetic());
    first.is_some_and(|first| !first.is_lowercase())
}

/// Whether a line has a year, and besides it the parts of a date and hardly anything else.
fn is_date(layout: &Layout, text: &str) -> bool {
    let parts = || text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let number = |part: &str| -> Option<u32> {
        let digits: Option<Vec<u32>> = part.chars().map(script::digit).collect();
        digits.filter(|digits| digits.len() <= 9)?.into_iter().reduce(|number, digit| number * 10 + digit)
    };
    let is_year = |part: &str| number(part).is_some_and(|year| (1900..2100).contains(&year));
    if !text.contains('年') && !parts().any(is_year) {
        return false;
    }
    if text.contains('年') && text.contains('月') {
        return true;
    }
    let is_month = |part: &str| layout.lexicon.topics(key(part)).has(Topic::Month);
    let numbers = parts().filter(|part| number(part).is_some()).count();
    let words = parts().filter(|part| number(part).is_none());
    let others = words.filter(|part| !is_month(part) && !layout.lexicon.topics(key(part)).has(Topic::Weekday)).count();
    parts().any(is_month) && others <= 3 || numbers >= 3 && others <= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::expect;

    const TEXT: &str = "The otters had been living in the dry dock since the spring, the harbour master said. Nobody \
        had noticed them, because nobody looks into the dry dock in the winter, and hardly anybody in the summer.";

    #[test]
    fn names_and_dates_over_the_text_go_where_they_are_not_wanted() {
        for byline in [
            "By Ida Marsh",
            "By Ida Marsh, harbour reporter | 3 May 2024",
            "3 May 2024",
            "May 3, 2024 at 9:15 am",
            "2024-05-03",
            "03.05.2024, 9:15 Uhr",
            "Written by Ida Marsh",
            "Von Ida Marsch",
            "3. Mai 2024",
            "Par Ida Marais",
            "Por Ida Marisma",
            "Автор: Ида Маршак",
            "3 мая 2024",
            "2024年5月3日",
        ] {
            let page = format!("+ Otters found in the dry dock\n- {byline}\n+\n+ {TEXT}\n+\n+ {TEXT}");
            expect(&[&BylinesStage::new(Bylines::Drop)], &page);
            expect(&[&BylinesStage::new(Bylines::Keep)], &page.replace("\n-", "\n+"));
        }
    }

    #[test]
    fn headings_sentences_lists_and_what_stands_inside_the_text_stay() {
        expect(
            &[&BylinesStage::new(Bylines::Drop)],
            &format!(
                "+ By the time the ferry came, the otters had left.\n+ By accident\n+ In 1987\n+ • By Ida Marsh\n\
                 + Winter of 1987 and what came after it, told again\n+\n+ {TEXT}\n+\n+ {TEXT}\n+\n+ {TEXT}\n\
                 + {TEXT}\n+ By Ida Marsh\n+ 3 May 2024"
            ),
        );
    }
}
