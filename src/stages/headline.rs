//! The page's own title: repeated above the text, it stays once, in its best form where that first
//! stands; and the section label over it.
//!
//! A title is known by standing at least twice before the text begins, by what the head of an HTML page declares, or by
//! the breadcrumb that ends with it. Nothing else that repeats is touched, and neither are its copies inside and below
//! the text.

use std::ops::Range;

use crate::line::titles;
use crate::line::{PageFeatures, fold, key};
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::page::markup::{Inside, Kind};
use crate::rules::lexicon::Topic;
use crate::settings::Title;
use crate::stage::Stage;
use crate::stages::layout::{Layout, is_bulleted, is_item, is_prose, is_table_row};

/// Keeps the best form of the title.
pub const TITLE: StageRule =
    StageRule { address: "headline#title", why: "The page's title in its best form, where that first stands." };
const REPEATED: StageRule =
    StageRule { address: "headline#repeated", why: "The page's title again, above the text, or a lesser form of it." };
const SECTION: StageRule =
    StageRule { address: "headline#section", why: "The label of the newspaper's section, directly over the title." };

const DROPPED: StageRule =
    StageRule { address: "headline#dropped", why: "The page's title, which goes by `--title drop`." };

static KEEPING: [StageRule; 3] = [TITLE, REPEATED, SECTION];
static DROPPING: [StageRule; 3] = [DROPPED, REPEATED, SECTION];

/// Lines below a breadcrumb among which its last part may stand again as the title.
const UNDER_CRUMBS: usize = 3;

/// The lowest level of a heading that may be a page's title.
const LOWEST_LEVEL: u8 = 3;

/// Lines from the top of the page among which a title is looked for.
const HEAD_LINES: usize = 600;

/// Lines between a title that is repeated and the text at most: more than [`titles::TO_TEXT`], since that it is repeated
/// proves it.
const REPEATED_TO_TEXT: usize = 30;

/// Words of a section label.
const LABEL_WORDS: u32 = 3;

/// The stage.
#[derive(Debug)]
pub struct Headline {
    titles: Title,
}

impl Headline {
    /// The stage that does this with titles.
    pub fn new(titles: Title) -> Headline {
        Headline { titles }
    }
}

impl Stage for Headline {
    fn name(&self) -> &'static str {
        "headline"
    }

    fn rules(&self) -> &'static [StageRule] {
        match self.titles {
            Title::Keep => &KEEPING,
            Title::Drop => &DROPPING,
        }
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let layout = Layout::of(page);
        let head = head(&layout, marks);
        let title = title(&layout, marks, head.clone())
            .or_else(|| declared(&layout, marks))
            .or_else(|| under_crumbs(&layout, marks, head.clone()));
        if let Some(forms) = &title {
            settle(marks, forms, self.titles);
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
            + u32::from(layout.text(block).starts_with(['»', '›', '>', '→']) && !layout.text(block).contains('«'))
            + u32::from(line.upper * 5 > line.letters * 4)
            + u32::from(is_inside_list(layout, block))
            + flaws_of_place(layout, block);
        if titles::WORDS.contains(&line.words) {
            forms.push((line.key, Form { block, flaws }));
        }
        if line.words <= *titles::WORDS.start() || !line.may_have_marks() {
            continue;
        }
        for bare in titles::without_site_name(layout.text(block)) {
            forms.push((key(bare), Form { block, flaws: flaws + 4 }));
        }
    }
    let is_title = |forms: &Vec<Form>| {
        let best = best_of(forms);
        let line = layout.line(best.block);
        best.flaws < 2
            && titles::WORDS.contains(&line.words)
            && !layout.lexicon.topics(line.key).has(Topic::Menu)
            && !(is_item(line) && is_prose(line))
            && head.end - forms[forms.len() - 1].block <= REPEATED_TO_TEXT
    };
    // A key's forms come together, and stay in the page's order.
    forms.sort_by_key(|(key, _)| *key);
    let repeated = forms.chunk_by(|one, other| one.0 == other.0).filter(|forms| forms.len() >= 2);
    let repeated = repeated.map(|forms| forms.iter().map(|(_, form)| *form).collect());
    repeated.filter(is_title).max_by_key(|forms| (forms[forms.len() - 1].block, forms.len()))
}

/// The heading of an HTML page that says what its head declares to be the title; else its only heading of the first
/// level, where the head declares nothing or shares half of its words.
fn declared(layout: &Layout, marks: &Marks) -> Option<Vec<Form>> {
    let markup = layout.reading.page.markup.as_deref()?;
    let titles = &markup.declared.titles;
    let names: Vec<u64> = markup.declared.site_name.iter().map(|name| key(name)).collect();
    let keys: Vec<u64> = titles::declared(markup).filter(|key| !names.contains(key)).collect();
    let is_place = |block: usize| {
        let setting = &markup.settings[block];
        let elsewhere = Inside::HIDDEN | Inside::NOSCRIPT | Inside::NAV | Inside::DIALOG | Inside::FOOTER;
        let is_logo = setting.inside.has(Inside::HEADER) && setting.linked * 2 > layout.line(block).chars;
        !setting.inside.has_any(elsewhere) && !is_logo
    };
    let candidates = || {
        (0..layout.len()).filter(|&block| {
            let setting = &markup.settings[block];
            setting.kind == Kind::Heading
                && setting.level <= LOWEST_LEVEL
                && (1..=*titles::WORDS.end()).contains(&layout.line(block).words)
                && marks.stays(block)
                && is_place(block)
        })
    };
    let level = |block: &usize| markup.settings[*block].level;
    let said = candidates().filter(|&block| keys.contains(&layout.line(block).key)).min_by_key(level);
    let only = || {
        let mut first_level = candidates().filter(|block| level(block) == 1);
        let block = first_level.next().filter(|_| first_level.next().is_none())?;
        let is_said = titles.is_empty() || titles.iter().any(|title| shares_words(layout.text(block), title));
        (is_said && !names.contains(&layout.line(block).key)).then_some(block)
    };
    said.or_else(only).map(|block| vec![Form { block, flaws: 0 }])
}

/// Whether half of a heading's words, at least, stand in a title; of scripts without spaces, whether one holds the other.
fn shares_words(heading: &str, title: &str) -> bool {
    let (heading, title) = (fold(heading), fold(title));
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (own, declared) = (words(&heading), words(&title));
    let shared = own.iter().filter(|word| declared.contains(word)).count();
    shared * 2 >= own.len() && !own.is_empty() || title.contains(&heading) || heading.contains(&title)
}

/// The line right below a breadcrumb whose last part it is: `Home » News » Weir Lane`.
fn under_crumbs(layout: &Layout, marks: &Marks, head: Range<usize>) -> Option<Vec<Form>> {
    const MARKS: [&str; 6] = [" » ", " › ", " > ", " / ", " → ", " | "];
    let last_part = |crumbs: usize| {
        let text = layout.text(crumbs);
        // Most lines have none of the bytes that stand behind the marks' first space.
        let bytes = text.as_bytes();
        let number_at = |at: usize| {
            let from_space = &bytes[at.checked_sub(1)?..];
            MARKS.iter().position(|mark| from_space.starts_with(mark.as_bytes()))
        };
        let ascii = memchr::memchr3_iter(b'>', b'/', b'|', bytes);
        let mark = MARKS[ascii.chain(memchr::memchr2_iter(0xC2, 0xE2, bytes)).filter_map(number_at).min()?];
        let first = text.split(mark).next()?;
        let is_path = text.matches(mark).count() >= 2 || layout.lexicon.topics(key(first)).has(Topic::Menu);
        text.rsplit(mark).next().filter(|last| is_path && last.chars().any(char::is_alphanumeric)).map(key)
    };
    let end = head.end.max(layout.first_prose.min(layout.len()));
    let found = (0..end.min(HEAD_LINES)).filter(|&block| layout.line(block).chars <= 300).find_map(|crumbs| {
        let last = last_part(crumbs)?;
        let below = crumbs + 1..(crumbs + 1 + UNDER_CRUMBS).min(end);
        below.into_iter().find(|&block| marks.stays(block) && layout.line(block).key == last)
    })?;
    Some(vec![Form { block: found, flaws: 0 }])
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

fn best_of(forms: &[Form]) -> Form {
    let mut best = forms[0];
    forms.iter().for_each(|form| {
        if form.flaws < best.flaws {
            best = *form
        }
    });
    best
}

fn settle(marks: &mut Marks, forms: &[Form], titles: Title) {
    let best = best_of(forms).block;
    let again = Mark { rule: RuleId::Judge(&REPEATED), because: Evidence::Repeats { block: best as u32 } };
    forms.iter().filter(|form| form.block != best).for_each(|form| marks.drop(form.block, again));
    match titles {
        Title::Keep => marks.keep(best, Mark::judged(&TITLE)),
        Title::Drop => marks.drop(best, Mark::judged(&DROPPED)),
    }
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
            &[&Headline::new(Title::Keep)],
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
            &[&Headline::new(Title::Keep)],
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
            &[&Headline::new(Title::Keep)],
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

    #[test]
    fn the_last_part_of_a_breadcrumb_right_above_is_the_title() {
        let text = "+ The lane has been closed since the flood, and nobody who lives in it has been seen to mind.
             + The council has sent a letter to each house, and a second one about the first letter.";
        for (titles, sign) in [(Title::Keep, '+'), (Title::Drop, '-')] {
            let page = format!("+ Home » News » Weir Lane\n{sign} Weir Lane\n+ By Ida Marsh\n{text}");
            expect(&[&Headline::new(titles)], &page);
        }
    }
}
