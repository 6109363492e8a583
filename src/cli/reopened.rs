//! The page of a manifest's row, opened again: its blocks, and what the row says of each.

use crate::charset::TextEncoding;
use crate::hash::sha256;
use crate::manifest::Row;
use crate::marks::{Mark, Marks, StageRule};
use crate::page::Page;
use crate::parse::probe::Probe;
use crate::read::arrivals::PageOpener;
use crate::render;
use crate::run::page_runner::PageRunner;
use crate::settings::OutputMarkup;

/// What stands for every rule of a row where only the text that stays is asked for.
static OF_ROW: StageRule = StageRule { address: "manifest#row", why: "The manifest's row says so." };

/// A page as a row speaks of it.
pub(super) struct Reopened {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they are.
    pub probe: Probe,
    /// The page.
    pub page: Page,
    /// The verdicts of the row.
    pub marks: Marks,
    /// What was written of it, and as what; nothing where no text was.
    pub written: Option<(String, OutputMarkup)>,
}

impl Reopened {
    /// Opens the page of a row.
    ///
    /// # Errors
    /// Why the row does not speak of the page as it is now.
    pub(super) fn of(row: &Row, opener: &mut PageOpener, runner: &PageRunner) -> Result<Reopened, String> {
        let source = row.source();
        let input = opener.open(&source)?;
        let document = input.document(runner.read_options()).map_err(|(_, why)| format!("{source}: {why}"))?;
        if row.sha256.as_deref() != Some(&sha256(&document.bytes)) {
            return Err(format!("{source}: changed since the last run; not shown"));
        }
        let probe = runner.probe(&source, &document);
        if let Some((_, why)) = probe.unread() {
            return Err(format!("{source}: {why}"));
        }
        let page = runner.parse(&source, &document, &probe).page;
        let other = || format!("{source}: the last run read it with other options, or as another version; not shown");
        if row.blocks.is_none_or(|blocks| blocks.all() as usize != page.blocks.len()) {
            return Err(other());
        }
        let marks = marks(row, &page);
        let as_written = |markup| (render::render(&page, &marks, markup), markup);
        let written = match &row.output {
            None => None,
            Some(output) => {
                let texts = [OutputMarkup::Text, OutputMarkup::Markdown].into_iter().map(as_written);
                let mut fitting = texts.filter(|(text, _)| sha256(text.as_bytes()) == output.sha256);
                Some(fitting.next().ok_or_else(other)?)
            }
        };
        Ok(Reopened { bytes: document.bytes.into_owned(), probe, page, marks, written })
    }

    /// The raw lines of a plain text, before anything was repaired; `None` where lines are no blocks, or where the
    /// page is in several charsets.
    pub(super) fn raw_lines(&self, row: &Row) -> Option<Vec<String>> {
        let charset = row.charset.as_ref().filter(|charset| charset.pieces.is_empty())?;
        let charset = TextEncoding::for_label(&charset.name).filter(|_| self.probe.is_text())?;
        let text = charset.text(&self.bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Some(text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_string).collect())
    }
}

/// The raw line that is one block.
pub(super) fn raw_line<'r>(raw: &'r [String], page: &Page, index: usize) -> Option<&'r str> {
    if page.columns.of(index).is_some() {
        return None;
    }
    raw.get(page.blocks[index].place.line as usize - 1).map(String::as_str)
}

/// The verdicts of a row, on the blocks of its page.
fn marks(row: &Row, page: &Page) -> Marks {
    let mut marks = Marks::new(page.blocks.len());
    for dropped in &row.dropped {
        for block in dropped.blocks[0]..=dropped.blocks[1].min(page.blocks.len() as u32 - 1) {
            marks.drop(block as usize, Mark::judged(&OF_ROW));
        }
    }
    for edit in row.edits.iter().filter(|edit| (edit.block as usize) < page.blocks.len()) {
        let (block, [from, to]) = (edit.block as usize, edit.characters);
        let text = page.text_of(block);
        let at = |characters: u32| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            page.blocks[block].span.start + ends.into_iter().nth(characters as usize).unwrap_or(text.len()) as u32
        };
        marks.cut(block, at(from)..at(to), Mark::judged(&OF_ROW));
    }
    marks
}
