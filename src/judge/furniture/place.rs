//! What its place on an HTML page says for sure: menus, the page's foot, dialogs, the controls of a form.

use crate::judge::layout::Layout;
use crate::marks::{JudgeRule, Mark, Marks};
use crate::page::markup::{Inside, Kind, Setting};

pub const PLACE: JudgeRule = JudgeRule {
    address: "furniture#place",
    why: "Stands in the page's navigation, its foot, a dialog or a form's controls.",
};

/// Of ten characters, how many are links where a line is one.
const LINKED: u32 = 8;

pub fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = &layout.reading.page.markup else { return };
    for (block, setting) in markup.settings.iter().enumerate() {
        let chars = || layout.text(block).chars().filter(|c| !c.is_whitespace()).count() as u32;
        if is_furniture(setting, || setting.linked * 10 >= chars() * LINKED) {
            marks.drop(block, Mark::judged(&PLACE));
        }
    }
}

/// A head or foot of an article belongs to it; the same of the page do not.
fn is_furniture(setting: &Setting, is_link: impl Fn() -> bool) -> bool {
    let inside = setting.inside;
    let is_own = inside.has_any(Inside::ARTICLE | Inside::MAIN);
    setting.kind == Kind::Field
        || inside.has_any(Inside::SELECT | Inside::NAV | Inside::DIALOG)
        || !is_own && (inside.has(Inside::FOOTER) || inside.has(Inside::HEADER) && is_link())
}
