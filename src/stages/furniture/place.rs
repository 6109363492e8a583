//! What its place on an HTML page says for sure: menus, the page's foot, dialogs, the controls of a form.

use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::{BlockContext, Inside, Kind};
use crate::stages::layout::{Layout, is_prose};

pub(super) const PLACE: StageRule = StageRule {
    address: "furniture#place",
    why: "Stands in the page's navigation, its foot, a dialog or a form's controls.",
};

/// Of ten characters, how many are links where a line is one.
const LINKED: u32 = 8;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = &layout.reading.page.markup else { return };
    let lines = &layout.reading.lines;
    let open = |(block, entry)| if marks.is_undecided(block) { Some(entry) } else { None };
    let settings = || markup.settings.iter().zip(lines).enumerate().filter_map(open);
    let prose = || settings().filter(|(_, line)| is_prose(line));
    let words: u32 = prose().map(|(_, line)| line.words).sum();
    let aside: u32 = prose().filter(|(setting, _)| is_aside(setting)).map(|(_, line)| line.words).sum();
    // Where most of a page's prose is, its text is, whatever the element's name.
    let holds_text = aside * 2 > words;
    for (block, setting) in markup.settings.iter().enumerate() {
        let chars = || layout.text(block).chars().filter(|c| !c.is_whitespace()).count() as u32;
        let is_link = || setting.linked * 10 >= chars() * LINKED;
        let is_furniture = is_control(setting) || is_aside(setting) && !holds_text || is_in_head(setting) && is_link();
        if is_furniture {
            marks.drop(block, Mark::judged(&PLACE));
        }
    }
}

fn is_control(setting: &BlockContext) -> bool {
    setting.kind == Kind::Field || setting.inside.has(Inside::SELECT)
}

/// A foot of an article belongs to it; that of the page does not.
fn is_aside(setting: &BlockContext) -> bool {
    setting.inside.has_any(Inside::NAV | Inside::DIALOG) || !is_own(setting) && setting.inside.has(Inside::FOOTER)
}

/// A head of an article belongs to it, and so may what is no link in that of the page.
fn is_in_head(setting: &BlockContext) -> bool {
    !is_own(setting) && setting.inside.has(Inside::HEADER)
}

fn is_own(setting: &BlockContext) -> bool {
    setting.inside.has_any(Inside::ARTICLE | Inside::MAIN)
}
