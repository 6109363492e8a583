//! The markdown (CommonMark, with the tables of GitHub) that is written for an HTML page: headings, lists, tables,
//! code, quotes, emphasis and links.
//!
//! What has no markup, a page of plain text, is written as it is: see [`super::text`].

use std::ops::Range;

use crate::marks::{Cut, Marks};
use crate::page::Page;
use crate::page::markup::{BlockContext, Inline, InlineKind, Inside, Kind, Markup};
use crate::render::inline::{escape, link_target, opens_block};
use crate::render::kept::{each_kept, pieces};
use crate::render::text;

/// The kept blocks in their order, as markdown.
pub fn markdown(page: &Page, marks: &Marks) -> String {
    let Some(markup) = &page.markup else { return text::text(page, marks) };
    let out = String::with_capacity(page.text.len() * 5 / 4);
    let mut writer = Writer { page, markup, hides_contacts: marks.hides_contacts(), out, last: None };
    each_kept(page, marks, |block, gap, cuts| writer.block(block, gap, cuts));
    writer.end()
}

/// The block that each line of [`markdown`] comes from; of a blank one, the block of what follows it.
pub(super) fn blocks_of_lines(page: &Page, marks: &Marks) -> Vec<usize> {
    let Some(markup) = &page.markup else { return text::blocks_of_lines(page, marks) };
    let mut writer = Writer { page, markup, hides_contacts: marks.hides_contacts(), out: String::new(), last: None };
    let mut blocks = Vec::new();
    each_kept(page, marks, |block, gap, cuts| {
        writer.block(block, gap, cuts);
        let lines = memchr::memchr_iter(b'\n', writer.out.as_bytes()).count();
        blocks.extend(std::iter::repeat_n(block, lines));
        writer.out.clear();
        // What stands before a block is written where something stands before it.
        writer.out.push(' ');
    });
    blocks
}

struct Writer<'p> {
    page: &'p Page,
    markup: &'p Markup,
    hides_contacts: bool,
    out: String,
    last: Option<Last>,
}

/// The block that was written last.
#[derive(Clone, Copy)]
struct Last {
    kind: Kind,
    /// How deep an item stands in lists, as written.
    indent: u8,
    /// How many backticks fence the code.
    fence: usize,
}

impl Writer<'_> {
    fn block(&mut self, block: usize, gap: bool, cuts: &[Cut]) {
        let setting = self.markup.settings[block];
        let span = self.page.blocks[block].span.clone();
        let follows = self.last.filter(|last| last.kind == setting.kind && (setting.continues || !gap));
        if setting.kind == Kind::Code {
            return self.code(block, gap, follows, cuts);
        }
        self.end_code();
        let is_tight = follows.is_some() && matches!(setting.kind, Kind::Item | Kind::Row) && !setting.continues;
        let quote_goes_on = follows.is_some() && setting.kind == Kind::Quote;
        if !self.out.is_empty() && !is_tight {
            self.out.push_str(if quote_goes_on { ">\n" } else { "\n" });
        }
        let mut indent = 0;
        match setting.kind {
            Kind::Heading => {
                self.out.extend(std::iter::repeat_n('#', usize::from(setting.level)));
                self.out.push(' ');
                self.inline(span, cuts, " ");
            }
            Kind::Item => {
                let above = self.last.filter(|last| last.kind == Kind::Item).map(|last| last.indent);
                let wanted = setting.level.saturating_sub(1);
                indent = if setting.continues && follows.is_some() {
                    above.unwrap_or_default()
                } else {
                    wanted.min(above.map_or(0, |above| above + 1))
                };
                self.item(setting, indent, follows.is_some(), span, cuts);
            }
            Kind::Row => self.row(block, follows.is_none(), setting.level == 1, cuts),
            Kind::Quote => {
                self.out.push_str("> ");
                self.paragraph(span, cuts, "\\\n> ");
            }
            _ => self.paragraph(span, cuts, "\\\n"),
        }
        self.out.push('\n');
        self.last = Some(Last { kind: setting.kind, indent, fence: 0 });
    }

    fn item(&mut self, setting: BlockContext, indent: u8, follows: bool, span: Range<u32>, cuts: &[Cut]) {
        self.out.extend(std::iter::repeat_n("    ", usize::from(indent)));
        match (setting.continues && follows, setting.inside.has(Inside::ORDERED)) {
            (true, _) => self.out.push_str("    "),
            // Markdown has no numbers below 0.
            (false, true) => self.out.push_str(&format!("{}. ", setting.number.unwrap_or(1).max(0))),
            (false, false) => self.out.push_str("- "),
        }
        let start = self.out.len();
        self.inline(span, cuts, "\n");
        let lines = format!("\\\n{}", "    ".repeat(usize::from(indent) + 1));
        let text = self.out.split_off(start);
        self.out.push_str(&text.replace('\n', &lines));
    }

    /// A paragraph: what would open another kind of block there is escaped.
    fn paragraph(&mut self, span: Range<u32>, cuts: &[Cut], line_break: &str) {
        let start = self.out.len();
        self.inline(span, cuts, line_break);
        if let Some(at) = opens_block(&self.out[start..]) {
            self.out.insert(start + at, '\\');
        }
    }

    fn row(&mut self, block: usize, is_first: bool, is_header: bool, cuts: &[Cut]) {
        let rows = &self.markup.rows;
        let Ok(at) = rows.binary_search_by_key(&(block as u32), |row| row.block) else { return };
        let cells = &rows[at].spans;
        if is_first && !is_header {
            // A table begins with its header; one that has none gets an empty one.
            self.out.push_str(&"|  ".repeat(cells.len()));
            self.out.push_str("|\n");
            self.rule(cells.len());
        }
        for cell in cells {
            self.out.push_str("| ");
            let start = self.out.len();
            self.inline(cell.clone(), cuts, " ");
            let text = self.out.split_off(start);
            self.out.push_str(&text.replace('|', "\\|"));
            self.out.push(' ');
        }
        self.out.push('|');
        if is_first && is_header {
            self.out.push('\n');
            self.rule(cells.len());
            self.out.pop();
        }
    }

    fn rule(&mut self, cells: usize) {
        self.out.push_str(&"| --- ".repeat(cells));
        self.out.push_str("|\n");
    }

    fn code(&mut self, block: usize, gap: bool, follows: Option<Last>, cuts: &[Cut]) {
        let fence = match follows.filter(|_| self.markup.settings[block].continues) {
            Some(last) => {
                if gap {
                    self.out.push('\n');
                }
                last.fence
            }
            None => {
                self.end_code();
                if !self.out.is_empty() {
                    self.out.push('\n');
                }
                let fence = self.fence_from(block);
                self.out.extend(std::iter::repeat_n('`', fence));
                self.out.push('\n');
                fence
            }
        };
        for (piece, replacement) in pieces(self.page.blocks[block].span.clone(), cuts) {
            self.out.push_str(&self.page.text[piece.start as usize..piece.end as usize]);
            self.out.push_str(replacement);
        }
        self.out.push('\n');
        self.last = Some(Last { kind: Kind::Code, indent: 0, fence });
    }

    /// A fence longer than any run of backticks in the code that begins with a block.
    fn fence_from(&self, first: usize) -> usize {
        let settings = self.markup.settings.iter().enumerate().skip(first);
        let code = settings
            .take_while(|(block, setting)| setting.kind == Kind::Code && (*block == first || setting.continues));
        let longest = code.map(|(block, _)| longest_run(self.page.text_of(block))).max();
        (longest.unwrap_or_default() + 1).max(3)
    }

    fn end_code(&mut self) {
        if let Some(last) = self.last.filter(|last| last.kind == Kind::Code) {
            self.out.extend(std::iter::repeat_n('`', last.fence));
            self.out.push('\n');
            self.last = None;
        }
    }

    fn end(mut self) -> String {
        self.end_code();
        self.out
    }

    /// Writes a part of a block with its inline markup, without its cuts.
    fn inline(&mut self, span: Range<u32>, cuts: &[Cut], line_break: &str) {
        let all = &self.markup.inline;
        let first = all.partition_point(|inline| inline.span.start < span.start);
        let within = all[first..].iter().take_while(|inline| inline.span.start < span.end);
        let mut open: Vec<Open> = Vec::new();
        let start = self.out.len();
        let mut at = span.start;
        for inline in within {
            while let Some(innermost) = open.pop_if(|open| open.end <= inline.span.start) {
                self.plain(at..innermost.end, cuts, innermost.is_code());
                at = at.max(innermost.end);
                self.close(innermost);
            }
            let is_code = open.iter().any(Open::is_code);
            self.plain(at..inline.span.start, cuts, is_code);
            at = at.max(inline.span.start);
            if inline.kind == InlineKind::Break {
                let is_cut = cuts.iter().any(|cut| cut.range.contains(&inline.span.start));
                if !is_cut && self.out.len() > start {
                    self.out.push_str(line_break);
                }
                at = inline.span.end;
            } else if !is_code {
                let end = open.last().map_or(inline.span.end, |outer| inline.span.end.min(outer.end));
                self.open(inline, end, &mut open);
            }
        }
        while let Some(innermost) = open.pop() {
            self.plain(at..innermost.end, cuts, innermost.is_code());
            at = at.max(innermost.end);
            self.close(innermost);
        }
        self.plain(at..span.end, cuts, false);
        let trimmed = self.out[start..].trim_end().len();
        self.out.truncate(start + trimmed);
    }

    fn open(&mut self, inline: &Inline, end: u32, open: &mut Vec<Open>) {
        let (before, after) = match inline.kind {
            InlineKind::Emphasis => ("*", "*".to_string()),
            InlineKind::Strong => ("**", "**".to_string()),
            InlineKind::Code => ("`", "`".to_string()),
            InlineKind::Link(target) => match link_target(&self.markup.targets[target as usize]) {
                Some(target) if self.hides_contacts && is_contact(&target) => return,
                Some(target) => ("[", format!("]({target})")),
                None => return,
            },
            InlineKind::Break => return,
        };
        // Emphasis in emphasis of the same kind says nothing more.
        if open.iter().any(|outer| outer.after == after) {
            return;
        }
        let from = self.out.len();
        self.out.push_str(before);
        open.push(Open { end, from, before, after });
    }

    fn close(&mut self, open: Open) {
        let content = open.from + open.before.len();
        if self.out[content..].trim().is_empty() {
            self.out.truncate(open.from);
            return;
        }
        if open.is_code() {
            // As many backticks as it takes.
            let fence = "`".repeat(longest_run(&self.out[content..]) + 1);
            if fence.len() > 1 {
                self.out.replace_range(open.from..content, &format!("{fence} "));
                self.out.push(' ');
                self.out.push_str(&fence);
                return;
            }
        }
        self.out.push_str(&open.after);
    }

    fn plain(&mut self, range: Range<u32>, cuts: &[Cut], is_code: bool) {
        if range.is_empty() {
            return;
        }
        for (piece, replacement) in pieces(range, cuts) {
            for text in [&self.page.text[piece.start as usize..piece.end as usize], replacement] {
                match is_code {
                    true => self.out.push_str(text),
                    false => self.out.push_str(&escape(text)),
                }
            }
        }
    }
}

/// Inline markup that is open.
struct Open {
    end: u32,
    /// Where it began in what is written.
    from: usize,
    before: &'static str,
    after: String,
}

impl Open {
    fn is_code(&self) -> bool {
        self.before == "`"
    }
}

/// Whether a link leads to somebody's mail or phone.
fn is_contact(target: &str) -> bool {
    let scheme = target.split(':').next().unwrap_or_default().to_ascii_lowercase();
    matches!(scheme.as_str(), "mailto" | "tel" | "sms" | "callto" | "whatsapp")
        || target.contains('@')
        || target.contains("%40")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
