//! The page's own title: repeated above the text, it stays once, in its best form where that first
//! stands; and the section label over it.
//!
//! A title is known by standing at least twice before the text begins. Nothing else that repeats is
//! touched, and neither are its copies inside and below the text.

use std::ops::Range;

use crate::line::{PageFeatures, key};
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::page::markup::{Inside, Kind};
use crate::rules::lexicon::Topic;
use crate::stage::Stage;
use crate::stages::layout::{Layout, is_bulleted, is_item, is_prose, is_table_row, rfind_mark};

/// Keeps the best form of the title.
pub const TITLE: StageRule =
    StageRule { address: "headline#title", why: "The page's title in its best form, where that first stands." };
const REPEATED: StageRule =
    StageRule { address: "headline#repeated", why: "The page's title again, above the text, or a lesser form of it." };
const SECTION: StageRule =
    StageRule { address: "headline#section", why: "The label of the newspaper's section, directly over the title." };

static RULES: [StageRule; 3] = [TITLE, REPEATED, SECTION];

/// Words of a title. Fewer are a name or a menu's entry; in scripts without spaces two characters are a word.
const TITLE_WORDS: std::ops::RangeInclusive<u32> = 3..=40;

/// Lines from the top of the page among which a title is looked for.
const HEAD_LINES: usize = 600;

/// Lines between a title and the text at most: byline, date, summary, caption, tags.
const TITLE_TO_TEXT: usize = 30;

/// Words of a section label.
const LABEL_WORDS: u32 = 3;

/// The stage.
#[derive(Debug, Default)]
pub struct Headline;

impl Headline {
    /// The stage with the word lists that are embedded in the binary.
    pub fn new() -> Headline {
        Headline
    }
}

impl Stage for Headline {
    fn name(&self) -> &'static str {
        "headline"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        let head = head(&layout, marks);
        let title = title(&layout, marks, head.clone());
        if let Some(forms) = &title {
            settle(marks, forms);
        }
        label_over(&layout, marks, title.as_deref());
    }
}

/// One line that says the title.
#[derive(Debug, Clone, Copy)]
struct Form {
    block: usize,
    /// What speaks against keeping this line for the title; 0 is best.
    flaws: u32,
}

/// The lines above the text: up to the first prose that more prose follows soon.
fn head(layout: &Layout, marks: &Marks) -> Range<usize> {
    let prose = |block: &usize| marks.stays(*block) && is_prose(layout.line(*block));
    let mut lines = (layout.first_prose..layout.len().min(HEAD_LINES)).filter(prose);
    let mut last = lines.next().unwrap_or(0);
    let end = lines.find_map(|next| {
        let near = next - last <= 6;
        (if near { Some(last) } else { None }).or_else(|| {
            last = next;
            None
        })
    });
    0..end.unwrap_or(last)
}

/// The lines that say the title: those of the repeated line that stands nearest to the text.
fn title(layout: &Layout, marks: &Marks, head: Range<usize>) -> Option<Vec<Form>> {
    let mut forms = Vec::<(u64, Form)>::new();
    for block in head.clone() {
        let line = layout.line(block);
        if !marks.stays(block) || line.words == 0 || line.chars > 400 || is_table_row(layout.text(block)) {
            continue;
        }
        let flaws = u32::from(is_bulleted(layout.text(block))) * 2
            + u32::from(line.upper * 5 > line.letters * 4)
            + u32::from(is_inside_list(layout, block))
            + flaws_of_place(layout, block);
        if TITLE_WORDS.contains(&line.words) {
            forms.push((line.key, Form { block, flaws }));
        }
        if line.words <= *TITLE_WORDS.start() || !line.may_have_marks() {
            continue;
        }
        for bare in without_site_name(layout.text(block)) {
            forms.push((key(bare), Form { block, flaws: flaws + 4 }));
        }
    }
    let is_title = |forms: &Vec<Form>| {
        let best = best_of(forms);
        let line = layout.line(best.block);
        best.flaws < 2
            && TITLE_WORDS.contains(&line.words)
            && !layout.lexicon.topics(line.key).has(Topic::Menu)
            && !(is_item(line) && is_prose(line))
            && head.end - forms[forms.len() - 1].block <= TITLE_TO_TEXT
    };
    // A key's forms come together, and stay in the page's order.
    forms.sort_by_key(|(key, _)| *key);
    let repeated = forms.chunk_by(|one, other| one.0 == other.0).filter(|forms| forms.len() >= 2);
    let repeated = repeated.map(|forms| forms.iter().map(|(_, form)| *form).collect());
    repeated.filter(is_title).max_by_key(|forms| (forms[forms.len() - 1].block, forms.len()))
}

/// What speaks against a line by its place in HTML: the title is a heading, and it is shown.
fn flaws_of_place(layout: &Layout, block: usize) -> u32 {
    let Some(markup) = &layout.reading.page.markup else { return 0 };
    let setting = &markup.settings[block];
    let elsewhere = Inside::HIDDEN | Inside::NOSCRIPT | Inside::NAV | Inside::DIALOG;
    u32::from(setting.kind != Kind::Heading) + 3 * u32::from(setting.inside.has_any(elsewhere))
}

/// Whether a line stands right between two others that can be entries of a menu.
fn is_inside_list(layout: &Layout, block: usize) -> bool {
    let joins = |at: usize| at < layout.len() && !layout.after_gap(at);
    let is_entry = |at: usize| is_item(layout.line(at)) && layout.line(at).key != layout.line(block).key;
    block > 0 && joins(block) && joins(block + 1) && is_entry(block - 1) && is_entry(block + 1)
}

/// The line without each of the endings that may be the site's name: `Title | Site`.
fn without_site_name(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: [&str; 11] = [" | ", " - ", " – ", " — ", " · ", " • ", " « ", " » ", " :: ", "｜", "_"];
    let bytes = text.as_bytes();
    // Most lines have none of their first bytes.
    let may_have_any = memchr::memchr3(b'|', b'-', b'_', bytes)
        .or_else(|| memchr::memchr3(b':', 0xC2, 0xE2, bytes))
        .or_else(|| memchr::memchr(0xEF, bytes))
        .is_some();
    let marks = if may_have_any { &MARKS[..] } else { &[] };
    marks.iter().filter_map(|mark| rfind_mark(mark, text).map(|at| &text[..at])).filter(|bare| bare.len() >= 10)
}

fn best_of(forms: &[Form]) -> Form {
    let mut best = forms[0];
    forms.iter().for_each(|form| {
        if form.flaws < best.flaws {
            best = *form
        }
    });
    best
}

fn settle(marks: &mut Marks, forms: &[Form]) {
    let best = best_of(forms).block;
    let again = Mark { rule: RuleId::Judge(&REPEATED), because: Evidence::Repeats { block: best as u32 } };
    forms.iter().filter(|form| form.block != best).for_each(|form| marks.drop(form.block, again));
    marks.keep(best, Mark::judged(&TITLE));
}

/// Drops the section label on the page's first line: one that the word lists know over a line that
/// may be a headline, any short one over a title that is known.
fn label_over(layout: &Layout, marks: &mut Marks, title: Option<&[Form]>) {
    let mut open = (0..layout.len().min(8)).filter(|&block| marks.stays(block));
    let (Some(label), Some(below)) = (open.next(), open.next()) else { return };
    let line = layout.line(label);
    if line.words > LABEL_WORDS
        || line.words == 0
        || line.digits > 0
        || line.letters == 0
        || is_bulleted(layout.text(label))
    {
        return;
    }
    let over_title = title.is_some_and(|forms| forms.iter().any(|form| form.block == below || form.block == label + 1));
    let known = layout.lexicon.topics(line.key).has(Topic::Section)
        && layout.line(below).words >= 4
        && below == label + 1
        && !is_prose(layout.line(below));
    if over_title || known {
        marks.drop(label, Mark::judged(&SECTION));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::trial::expect;

    #[test]
    fn a_title_stays_once_in_its_best_form() {
        expect(
            &[&Headline],
            "- Top Stories
             -
             - OTTERS FOUND IN THE DRY DOCK
             -
             - Otters found in the dry dock | Harbour Post
             +
             + Otters found in the dry dock
             - \u{a0}Otters  found in the dry dock
             +
             + The otters had been living in the dry dock since the spring, the harbour master said.
             + Nobody had noticed them, because nobody ever looks into the dry dock in the winter.",
        );
    }

    #[test]
    fn titles_of_other_scripts_are_known_too() {
        expect(
            &[&Headline],
            "- 新闻
             + 船坞里发现了水獭一家
             - 船坞里发现了水獭一家
             + 港务长说，水獭从春天起就住在船坞里，一直没有人注意到它们，因为冬天没有人去那里。
             + 他打算等到小水獭长大以后，再请人把它们送回河里去，在那之前船坞将暂时关闭。",
        );
    }

    #[test]
    fn nothing_else_that_repeats_is_touched() {
        expect(
            &[&Headline],
            "+ Five Oilskins, Tested
             +
             + We wore each of them for a week on the early ferry, in the rain and in the spray.
             + None of them leaked, but one of them squeaked so loudly that the gulls left the boat.
             +
             + Best for
             + Fishermen
             + Best for
             + Fishermen
             + What we did not like about it
             + It squeaks with every step that you take, and with every breath on a quiet day.
             + What we did not like about it
             + The hood is made for a smaller head than any that we could find on the boat.",
        );
    }
}
