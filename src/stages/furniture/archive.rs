//! Archive lists: years and months with the number of their pages, `2024 (12)`.

use crate::line::key;
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::Topic;
use crate::stages::layout::Layout;

pub(super) const ARCHIVE: StageRule = StageRule {
    address: "furniture#archive",
    why: "Years and months with the number of their pages, under their heading.",
};

/// Counted years or months from which a run is an archive.
const COUNTED: usize = 2;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    for run in layout.runs(|block| is_period(layout, block)) {
        let counted = run.clone().filter(|&block| is_counted(layout.text(block))).count();
        let headed = run.start.checked_sub(1).filter(|&above| layout.is(above, Topic::Archive));
        if counted >= COUNTED || headed.is_some() && run.len() >= COUNTED {
            headed.into_iter().chain(run).for_each(|block| marks.drop(block, Mark::judged(&ARCHIVE)));
        }
    }
}

/// Whether a line is a year or a month, and at most a number more.
fn is_period(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    if line.digits == 0 || line.words == 0 || line.words > 5 || line.chars > 40 {
        return false;
    }
    let words = layout.text(block).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut names_period = false;
    for word in words {
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let is_period = is_year(word) || !is_number && is_month(layout, word);
        names_period |= is_period;
        if !is_period && !is_number && word != "de" {
            return false;
        }
    }
    names_period
}

/// `2024`, or as Chinese, Japanese and Korean write it: `2024年`, `2024年9月`.
fn is_year(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let year = digits == 4 && (word.starts_with("19") || word.starts_with("20"));
    year && word[digits..].chars().all(|c| c.is_ascii_digit() || matches!(c, '年' | '月' | '년' | '월'))
}

fn is_month(layout: &Layout, word: &str) -> bool {
    layout.lexicon.topics(key(word)).has(Topic::Month)
}

/// Whether a line ends in a number in brackets.
fn is_counted(text: &str) -> bool {
    let Some(inside) = text.strip_suffix([')', ']', '）']) else { return false };
    let count = inside.trim_start_matches(|c: char| !matches!(c, '(' | '[' | '（'));
    count.chars().skip(1).all(|c| c.is_ascii_digit()) && count.chars().count() > 1
}
