//! Templates that nobody filled in: `{{price}}`, `${title}`, `%%name%%`.

use crate::marks::{Mark, Marks, StageRule};
use crate::stages::layout::{Layout, is_table_row};

pub const TEMPLATE: StageRule =
    StageRule { address: "furniture#template", why: "A template's placeholder that was never filled in." };

/// Words of such a line at most.
const WORDS: u32 = 12;

/// Lines that look like code from which a page is about it, and placeholders are its text.
const CODE_LINES: usize = 2;

pub fn judge(layout: &Layout, marks: &mut Marks) {
    let page = layout.reading.page.text.as_bytes();
    let opens = |at: usize| matches!(page[at..], [b'{', b'{', ..] | [b'<', b'%', ..] | [b'[', b'[', ..]);
    if !memchr::memchr3_iter(b'{', b'<', b'[', page).any(opens) {
        return;
    }
    let mut found = Vec::new();
    let mut code = 0;
    for block in 0..layout.len() {
        let line = layout.line(block);
        if line.chars > 200 || line.words > WORDS {
            continue;
        }
        let text = layout.text(block);
        if is_placeholder(text) {
            found.push(block);
        } else if text.ends_with(['{', '}', ';']) || text.starts_with("<") {
            code += 1;
        }
    }
    if code < CODE_LINES {
        found.into_iter().for_each(|block| marks.drop(block, Mark::judged(&TEMPLATE)));
    }
}

fn is_placeholder(text: &str) -> bool {
    let holds = |open: &str, close: &str| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    !is_table_row(text)
        && !text.contains('`')
        && (holds("{{", "}}") || holds("<%", "%>") || holds("[[", "]]") && text.contains("$"))
}
