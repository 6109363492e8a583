//! Markdown (CommonMark, with tables, footnotes and front matter): read as the HTML that it stands for, so that its
//! headings, lists, tables and fences are structure.
//!
//! `pulldown-cmark` reads it. Each block begins on the line of the HTML that it has in the file, so that the lines of the
//! manifest are those of the file.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// The HTML of a text.
pub fn to_html(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let written = Rc::new(Cell::new(0));
    let mut page = Counted { text: String::with_capacity(text.len() + text.len() / 4), lines: Rc::clone(&written) };
    let mut place = Place { text, at: 0, line: 0, written };
    let mut is_front_matter = false;
    let events = Parser::new_ext(text, options).into_offset_iter().flat_map(|(event, range)| match event {
        Event::Start(Tag::MetadataBlock(_)) => {
            is_front_matter = true;
            [None, None]
        }
        Event::End(TagEnd::MetadataBlock(_)) => {
            is_front_matter = false;
            [None, None]
        }
        Event::Text(said) if is_front_matter => [title(&said).map(Event::Html), None],
        Event::Start(tag) => {
            // The renderer ends a line behind these, before their first block.
            let ends_line = matches!(tag, Tag::List(_) | Tag::BlockQuote(_));
            let padding = if is_block(&tag) { place.padding(&range, ends_line) } else { None };
            let is_fence = matches!(tag, Tag::CodeBlock(CodeBlockKind::Fenced(_)));
            let start = if is_fence { Event::Html(FENCE.into()) } else { Event::Start(tag) };
            [padding.map(Event::Html), Some(start)]
        }
        other => [Some(other), None],
    });
    // Writing to a string does not fail.
    let _ = html::write_html_fmt(&mut page, events.flatten());
    page.text
}

/// How a fence begins: its first line is the fence, behind which a line ends in the file.
const FENCE: &str = "<pre>\n<code>";

/// The title that front matter names, as an element.
fn title(front_matter: &str) -> Option<CowStr<'static>> {
    let value = front_matter.lines().find_map(|line| {
        let (name, value) = line.split_once([':', '='])?;
        (name.trim() == "title").then(|| value.trim().trim_matches(['"', '\'']).to_string())
    });
    let value = value.filter(|value| !value.is_empty())?;
    Some(format!("<title>{}</title>", html_escape::encode_text(&value)).into())
}

fn is_block(tag: &Tag) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::List(_)
            | Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::Table(_)
            | Tag::TableRow
    )
}

/// Where in the file and in what is written of it one is.
struct Place<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    written: Rc<Cell<u32>>,
}

impl Place<'_> {
    /// The line ends that are wanting before what stands here, and behind whose start another one may come.
    fn padding(&mut self, range: &Range<usize>, ends_line: bool) -> Option<CowStr<'static>> {
        if range.start > self.at {
            self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..range.start]).count() as u32;
            self.at = range.start;
        }
        let wanting = self.line.saturating_sub(self.written.get() + u32::from(ends_line));
        (wanting > 0).then(|| "\n".repeat(wanting as usize).into())
    }
}

/// A text that grows, and how many lines it has.
struct Counted {
    text: String,
    lines: Rc<Cell<u32>>,
}

impl fmt::Write for Counted {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let lines = memchr::memchr_iter(b'\n', more.as_bytes()).count() as u32;
        self.lines.set(self.lines.get() + lines);
        self.text.push_str(more);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::html;

    fn blocks(text: &str) -> Vec<(u32, String)> {
        let html = html::read(&to_html(text));
        let text =
            |block: &crate::page::Block| html.text[block.span.start as usize..block.span.end as usize].to_string();
        html.blocks.iter().map(|block| (block.place.line, text(block))).collect()
    }

    #[test]
    fn blocks_have_the_lines_of_the_file() {
        let text = "---\ntitle: \"The tide\"\n---\n\n# High *tide*\n\nThe ferry left\nat nine.\n\n\n- gulls & terns\n- [cats](x.html)\n\n\
                    | a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nlet a = 1 < 2;\n\nlet b;\n```\n\n> Quoted.\n";
        let read = blocks(text);
        let expected = [
            (5, "High tide"),
            (7, "The ferry left at nine."),
            (11, "gulls & terns"),
            (12, "cats"),
            (14, "a | b"),
            (16, "1 | 2"),
            (19, "let a = 1 < 2;"),
            (21, "let b;"),
            (24, "Quoted."),
        ];
        assert_eq!(read, expected.map(|(line, text)| (line, text.to_string())));
    }

    #[test]
    fn the_title_of_front_matter_is_the_title_of_the_page() {
        let html = html::read(&to_html("---\nlayout: post\ntitle: 'Tides & gulls'\n---\nText.\n"));
        assert_eq!(html.metadata.unwrap().title.as_deref(), Some("Tides & gulls"));
        assert_eq!(blocks("---\nlayout: post\n---\nText.\n").len(), 1);
    }
}
