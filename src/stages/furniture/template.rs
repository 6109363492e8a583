//! Templates that nobody filled in: `{{price}}`, `${title}`, `%%name%%`.

use crate::line::LineEnd;
use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::Kind;
use crate::stages::layout::{Layout, is_bulleted, is_prose, is_table_row};

pub(super) const TEMPLATE: StageRule =
    StageRule { address: "furniture#template", why: "A template's placeholder that was never filled in." };

/// Words of such a line at most.
const WORDS: u32 = 12;

/// Lines that look like code from which a page is about it, and placeholders are its text.
const CODE_LINES: usize = 2;

/// Lines that are tags of a template language (`{{#each}}`, `{{/each}}`, `{{> foot}}`) from which it is, too: those who show the
/// tags of a loop tell how it is written.
const TAGS: usize = 2;

/// Words of a sentence that speaks of placeholders at least.
const SENTENCE_WORDS: u32 = 4;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let page = layout.reading.page.text.as_bytes();
    let opens = |at: usize| matches!(page[at..], [b'{', b'{', ..] | [b'<', b'%', ..] | [b'[', b'[', ..]);
    if !memchr::memchr3_iter(b'{', b'<', b'[', page).any(opens) {
        return;
    }
    let mut found = Vec::new();
    let (mut code, mut tags) = (0, 0);
    for block in 0..layout.len() {
        let (line, text) = (layout.line(block), layout.text(block));
        let holds = is_placeholder(text);
        if holds && is_about_templates(layout, block) {
            return;
        }
        tags += usize::from(is_tag_of_language(text));
        if tags >= TAGS {
            return;
        }
        if line.chars > 200 || line.words > WORDS {
            continue;
        }
        if holds {
            found.push(block);
        } else if text.ends_with(['{', '}', ';']) || text.starts_with("<") {
            code += 1;
        }
    }
    if code < CODE_LINES {
        found.into_iter().for_each(|block| marks.drop(block, Mark::judged(&TEMPLATE)));
    }
}

/// Whether a line with a placeholder shows that the page tells of templates: it is code, by its element or its indentation;
/// a sentence speaks of the placeholder; or it is of a language that servers fill in before a page is sent.
fn is_about_templates(layout: &Layout, block: usize) -> bool {
    let (line, text) = (layout.line(block), layout.text(block));
    let indented = layout.reading.page.text_of(block).starts_with([' ', '\t']) && !is_bulleted(text);
    let is_code = layout.reading.page.markup.as_ref().is_some_and(|markup| markup.settings[block].kind == Kind::Code);
    let assigns = text.contains(": ") && text.split(": ").next().is_some_and(|name| !name.contains(' '));
    let speaks = line.end == LineEnd::Sentence && line.words >= SENTENCE_WORDS && text.contains("{{{");
    indented || is_code || is_prose(line) || speaks || text.contains("${{") || text.contains("{%") || assigns
}

/// Whether a line is a tag that opens or ends a part of a template, or takes in another one.
fn is_tag_of_language(text: &str) -> bool {
    ["{{#", "{{/", "{{>", "{{^"].iter().any(|tag| text.starts_with(tag)) && text.ends_with("}}")
}

fn is_placeholder(text: &str) -> bool {
    let holds = |open: &str, close: &str| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    !is_table_row(text) && !text.contains('`') && (holds("{{", "}}") || holds("<%", "%>") || holds("[[$", "]]"))
}
