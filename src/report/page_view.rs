//! A page as the report shows it: its blocks, what was decided of each, and what was written for each.

use std::collections::HashMap;

use serde::Serialize;

use crate::manifest::{Decision, Evidence, Lines, Row, Status, TextCounts};
use crate::marks::Marks;
use crate::page::Page;
use crate::render;
use crate::report::changes::Changed;
use crate::report::facts::permille;
use crate::report::statistics::stage_of;
use crate::settings::OutputMarkup;

/// Blocks of a page that are shown; of a longer one, the report says how many are not.
const BLOCKS: usize = 3_000;

/// Bytes of a page's text that are shown.
const BYTES: usize = 200_000;

/// A page in the report.
#[derive(Debug, Serialize)]
pub struct PageView {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    site: Option<String>,
    language: Option<String>,
    status: Status,
    url: Option<String>,
    title: Option<String>,
    sha256: Option<String>,
    words: TextCounts,
    /// The closest call, in thousandths.
    closest: Option<u16>,
    /// The filters of documents that speak against it.
    filters: Vec<String>,
    /// Why it is in the report.
    because: Vec<String>,
    decisions: Vec<DecisionView>,
    edits: Vec<EditView>,
    blocks: Vec<BlockView>,
    /// Blocks that are not shown.
    more: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeView>>,
}

/// What was decided of blocks.
#[derive(Debug, Serialize)]
struct DecisionView {
    fate: &'static str,
    blocks: [u32; 2],
    lines: Lines,
    /// The rule's number in [`Rules`]; none where no rule spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

/// What was cut out of a block.
#[derive(Debug, Serialize)]
struct EditView {
    block: u32,
    characters: [u32; 2],
    lines: Lines,
    rule: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

/// A block: its raw line, its text as it came in, and what was written for it.
#[derive(Debug, Serialize)]
struct BlockView(u32, String, CleanView);

/// What was written for a block, its lines parted by line ends; the blank line before it begins with one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum CleanView {
    /// 0: nothing. 1: its text as it is. 2: a blank line and its text as it is.
    Known(u8),
    /// Something else.
    Other(String),
}

/// What another run decided of a block.
#[derive(Debug, Serialize)]
struct ChangeView {
    block: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    characters: Option<[u32; 2]>,
    /// `dropped`: this run takes it and the other did not. `kept`: the other way round.
    change: &'static str,
    rule: usize,
}

/// The rules that the pages of a report speak of, each with a number.
#[derive(Debug, Default)]
pub struct Rules {
    numbers: HashMap<String, usize>,
    addresses: Vec<String>,
}

/// A rule as the report shows it.
#[derive(Debug, Serialize)]
pub struct RuleView {
    address: String,
    stage: String,
    why: Option<String>,
}

impl Rules {
    fn number(&mut self, address: &str) -> usize {
        if let Some(&number) = self.numbers.get(address) {
            return number;
        }
        self.addresses.push(address.into());
        self.numbers.insert(address.into(), self.addresses.len() - 1);
        self.addresses.len() - 1
    }

    /// The rules by their numbers; `why` says why a rule is there.
    pub fn views(&self, why: impl Fn(&str) -> Option<String>) -> Vec<RuleView> {
        let view = |address: &String| RuleView {
            address: address.clone(),
            stage: stage_of(address).to_string(),
            why: why(address),
        };
        self.addresses.iter().map(view).collect()
    }
}

/// A page that was opened again, as its row speaks of it.
#[derive(Debug)]
pub struct OpenPage<'p> {
    /// Its row.
    pub row: &'p Row,
    /// The page.
    pub page: &'p Page,
    /// The verdicts of the row.
    pub marks: &'p Marks,
    /// What was written of it, and as what; nothing where no text was.
    pub written: Option<(&'p str, OutputMarkup)>,
    /// The text of its blocks before anything was repaired, where that is known.
    pub raw: Vec<Option<&'p str>>,
}

impl PageView {
    /// What tells it from other pages, and from itself with other bytes.
    pub fn identity(&self) -> String {
        let record = self.record.map(|record| format!("#{record}")).unwrap_or_default();
        format!("{}{record} {}\n", self.path, self.sha256.as_deref().unwrap_or_default())
    }

    /// A page as it is shown.
    pub fn of(open: &OpenPage, because: Vec<String>, changed: Option<&Changed>, rules: &mut Rules) -> PageView {
        let (row, page) = (open.row, open.page);
        let mut decisions: Vec<DecisionView> = row
            .kept
            .iter()
            .map(|range| DecisionView {
                fate: "kept",
                blocks: range.blocks,
                lines: range.lines,
                rule: None,
                score: None,
                evidence: None,
            })
            .collect();
        let mut decided = |decision: &Decision, fate| DecisionView {
            fate,
            blocks: decision.blocks,
            lines: decision.lines,
            rule: Some(rules.number(&decision.rule)),
            score: permille(decision.evidence.as_ref()),
            evidence: decision.evidence.as_ref().map(|evidence| in_words(evidence, page)),
        };
        decisions.extend(row.kept_by_rule.iter().map(|decision| decided(decision, "kept")));
        decisions.extend(row.dropped.iter().map(|decision| decided(decision, "dropped")));
        decisions.sort_by_key(|decision| decision.blocks);
        let edits = row.edits.iter().map(|edit| EditView {
            block: edit.block,
            characters: edit.characters,
            lines: edit.lines,
            rule: rules.number(&edit.rule),
            evidence: edit.evidence.as_ref().map(|evidence| in_words(evidence, page)),
        });
        let edits = edits.collect();
        let changes = changed.map(|changed| {
            let both = [("dropped", &changed.dropped), ("kept", &changed.kept)];
            let parts = both.into_iter().flat_map(|(change, parts)| parts.iter().map(move |part| (change, part)));
            let view = |(change, (part, rule)): (&'static str, &(_, String))| {
                let part: &crate::report::changes::Part = part;
                ChangeView { block: part.block, characters: part.characters, change, rule: rules.number(rule) }
            };
            parts.map(view).collect()
        });
        let blocks = blocks(open);
        PageView {
            path: row.path.clone(),
            record: row.record,
            site: row.site.clone(),
            language: row.language.as_ref().map(|language| language.code.to_string()),
            status: row.status,
            url: row.url.clone(),
            title: row.metadata.as_ref().and_then(|metadata| metadata.title.clone()),
            sha256: row.sha256.clone(),
            words: row.words.unwrap_or_default(),
            closest: row.dropped.iter().filter_map(|decision| permille(decision.evidence.as_ref())).max(),
            filters: against(row),
            because,
            decisions,
            edits,
            more: page.blocks.len() - blocks.len(),
            blocks,
            changes,
        }
    }
}

/// What speaks against the whole page: filters, and the page that stays in its place.
fn against(row: &Row) -> Vec<String> {
    let filters = row.filters.iter().map(|filter| format!("{} ({})", filter.rule, filter.value));
    filters.chain(row.near_copy_of.as_ref().map(ToString::to_string)).collect()
}

/// The blocks with what was written for each: put together, the cells are the text that was written.
fn blocks(open: &OpenPage) -> Vec<BlockView> {
    let page = open.page;
    let mut cells: Vec<Option<String>> = vec![None; page.blocks.len()];
    if let Some((text, markup)) = open.written {
        let of_lines = render::blocks_of_lines(page, open.marks, markup);
        for (at, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
            // What ends a page (a fence of code) belongs to its last block.
            let Some(&block) = of_lines.get(at).or(of_lines.last()) else { continue };
            match &mut cells[block] {
                Some(cell) => {
                    cell.push('\n');
                    cell.push_str(line);
                }
                cell => *cell = Some(line.to_string()),
            }
        }
    }
    let (mut views, mut bytes) = (Vec::new(), 0);
    for (block, cell) in cells.into_iter().enumerate().take(BLOCKS) {
        let text = open.raw.get(block).copied().flatten().unwrap_or(page.text_of(block)).trim_end().to_string();
        let clean = match cell {
            None => CleanView::Known(0),
            Some(cell) if cell == text => CleanView::Known(1),
            Some(cell) if cell.strip_prefix('\n') == Some(&text) => CleanView::Known(2),
            Some(cell) => CleanView::Other(cell),
        };
        bytes += text.len();
        if bytes > BYTES && !views.is_empty() {
            break;
        }
        views.push(BlockView(page.blocks[block].place.line, text, clean));
    }
    views
}

/// What made a rule speak, in words.
fn in_words(evidence: &Evidence, page: &Page) -> String {
    match evidence {
        Evidence::Repeats(block) => match page.blocks.get(*block as usize) {
            Some(of) => format!("It repeats line {}: {}", of.place.line, page.text_of(*block as usize).trim()),
            None => "It repeats another line.".into(),
        },
        Evidence::Recurs([on, of]) => format!("It stands on {on} of {of} pages of the site."),
        Evidence::Documents(on) => format!("It stands on {on} documents of the corpus."),
        Evidence::Probability(share) => format!("{:.1} % likely to be the page's own text.", share.percent()),
        Evidence::Place { own, on, probability } => format!(
            "Its element holds {:.0} % own text, the mean of {on} pages of the site; {:.1} % likely to be the page's own text.",
            own.percent(),
            probability.percent()
        ),
        Evidence::Revokes(rule) => format!("It takes back what {rule} had dropped."),
    }
}
