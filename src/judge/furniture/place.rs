//! What its place on an HTML page says for sure: the links of a menu, the options of a form.

use crate::judge::layout::Layout;
use crate::marks::{JudgeRule, Mark, Marks};
use crate::page::markup::{Inside, Kind};

pub const PLACE: JudgeRule =
    JudgeRule { address: "furniture#place", why: "An option of a form, or a link in the page's navigation or foot." };

pub fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = &layout.reading.page.markup else { return };
    let mode = std::env::var("PLACE").unwrap_or_default();
    for block in 0..layout.len() {
        let setting = &markup.settings[block];
        let chars = layout.text(block).chars().filter(|c| !c.is_whitespace()).count() as u32;
        let is_link = setting.linked * 10 >= chars * 8;
        let own = Inside::ARTICLE | Inside::MAIN;
        let goes = mode.contains('f') && setting.kind == Kind::Field
            || mode.contains('s') && setting.inside.has(Inside::SELECT)
            || mode.contains('n') && is_link && setting.inside.has(Inside::NAV)
            || mode.contains('N') && setting.inside.has(Inside::NAV)
            || mode.contains('t') && setting.inside.has(Inside::FOOTER) && !setting.inside.has_any(own)
            || mode.contains('h') && setting.inside.has(Inside::HEADER) && !setting.inside.has_any(own) && is_link
            || mode.contains('d') && setting.inside.has(Inside::DIALOG)
            || mode.contains('a') && setting.inside.has(Inside::ASIDE) && !setting.inside.has_any(own);
        if goes {
            marks.drop(block, Mark::judged(&PLACE));
        }
    }
}
