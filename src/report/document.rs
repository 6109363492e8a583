//! The report: one HTML document that needs nothing else and may not fetch anything.
//!
//! Everything that comes from pages, paths or rules is escaped by the template, or stands in a JSON block that the
//! script shows as text. The policy in the head allows the report's own script and style by their hashes and nothing
//! else: what a page smuggled in would not run, and nothing could be sent anywhere.

use std::collections::HashMap;

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::error::printable;
use crate::manifest::Header;
use crate::page::Source;
use crate::report::changes::Changes;
use crate::report::charts::{Bin, bar, histogram};
use crate::report::figures::{number, percent, share};
use crate::report::outliers::{Extremes, Outliers};
use crate::report::page_view::{PageView, RuleView};
use crate::report::statistics::{BINS, Group, LENGTHS, RuleCounts, Statistics, word_of};

const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");

/// Rows of a table; of the others, a line says how many there are.
const ROWS: usize = 200;

/// Rows of a table that are seen at once.
const SEEN: usize = 12;

/// The pages most cut that are named.
const MOST_CUT: usize = 8;

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'r> {
    /// The cleaned folder, as it was named.
    pub clean: String,
    /// The manifest's first line.
    pub header: &'r Header,
    /// The corpus in numbers.
    pub statistics: &'r Statistics,
    /// The pages at the ends of the distributions.
    pub outliers: &'r Outliers,
    /// The pages that are shown.
    pub pages: Vec<PageView>,
    /// Where each of them stands among `pages`.
    pub places: HashMap<Source, usize>,
    /// The rules that they speak of.
    pub rules: Vec<RuleView>,
    /// Why pages that should be shown are not.
    pub not_shown: Vec<String>,
    /// Whether the folder of raw pages was given.
    pub has_raw: bool,
    /// How it differs from another run, and what that one is called.
    pub against: Option<(&'r Changes, String)>,
}

impl Report<'_> {
    /// The document.
    pub fn html(&self) -> String {
        let data = json!({
            "id": self.id(),
            "corpus": self.clean,
            "against": self.against.is_some(),
            "rules": self.rules,
            "pages": self.pages,
        });
        let document = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (printable(&self.clean)) " · dechaff report" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#pages" { "Skip to the pages" }
                    (self.top())
                    main {
                        (self.overview())
                        @if let Some((changes, other)) = &self.against { (self.changes(changes, other)) }
                        @else { (self.tables()) (self.distributions()) }
                        (self.viewer())
                    }
                    script id="data" type="application/json" { (PreEscaped(in_script(&data))) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        document.into_string()
    }

    /// What tells this report from others, for what a browser remembers of a review.
    fn id(&self) -> String {
        let header = serde_json::to_string(self.header).unwrap_or_default();
        let pages: String = self.pages.iter().map(PageView::identity).collect();
        crate::hash::sha256(format!("{}\n{header}\n{pages}", self.clean).as_bytes())[..16].to_string()
    }

    fn top(&self) -> Markup {
        html! {
            header.top {
                p.brand { "dechaff" }
                nav aria-label="Sections" {
                    a href="#overview" { "Overview" }
                    @if self.against.is_some() { a href="#changes" { "Changes" } }
                    @else { a href="#tables" { "Tables" } a href="#distributions" { "Distributions" } }
                    a href="#pages" { "Pages" }
                }
                button #theme type="button" aria-label="Switch between light and dark" title="Light or dark" { "◐" }
            }
        }
    }

    fn overview(&self) -> Markup {
        let statistics = self.statistics;
        let (words, all) = (statistics.all.words, statistics.all.words.all());
        let figures = [
            (number(statistics.all.pages), "pages".to_string()),
            (number(all), "words in".into()),
            (
                number(statistics.written.words.kept),
                format!("words written, {}", percent(statistics.written.words.kept, all)),
            ),
            (number(statistics.by_site.keys().filter(|site| !site.is_empty()).count() as u64), "sites".into()),
            (number(statistics.by_language.keys().filter(|code| !code.is_empty()).count() as u64), "languages".into()),
        ];
        let mut left = all;
        let unwritten = words.kept - statistics.written.words.kept.min(words.kept);
        let stages = statistics.stages();
        html! {
            section #overview aria-labelledby="overview-title" {
                h1 #overview-title { bdi { (printable(&self.clean)) } }
                p.about {
                    "Cleaned by dechaff " (self.header.dechaff)
                    @if self.header.options.is_empty() { " with its default settings." }
                    @else { " with " @for option in &self.header.options { code { (printable(option)) } " " } }
                }
                ul.figures { @for (figure, what) in figures { li { strong { (figure) } span { (what) } } } }
                h2 { "What came in, and what became of it" }
                table.flow {
                    thead { tr {
                        th scope="col" { "Step" } th.wide scope="col" { span.hidden { "Share of all words" } }
                        th.figure scope="col" { "Words" } th.figure scope="col" { "Lines" }
                    } }
                    tbody {
                        tr { th scope="row" { "Came in" } td.wide { (bar(1.0, 0.0)) } td.figure { (number(all)) }
                            td.figure { (number(statistics.all.lines.all())) } }
                        @for stage in stages.iter().filter(|stage| stage.lines > 0) {
                            @let before = left;
                            @let () = left = left.saturating_sub(stage.words);
                            tr {
                                th scope="row" { (stage.stage) small { (stage.about) } }
                                td.wide { (bar(share(left, all), share(before - left, all))) }
                                td.figure.less { "−" (number(stage.words)) } td.figure.less { "−" (number(stage.lines)) }
                            }
                        }
                        @if unwritten > 0 {
                            @let before = left;
                            @let () = left = left.saturating_sub(unwritten);
                            tr {
                                th scope="row" { "not written" small { "pages that were left out whole: copies, and what was filtered" } }
                                td.wide { (bar(share(left, all), share(before - left, all))) }
                                td.figure.less { "−" (number(unwritten)) }
                                td.figure.less { "−" (number(statistics.all.lines.kept - statistics.written.lines.kept)) }
                            }
                        }
                        tr.sum { th scope="row" { "Written" } td.wide { (bar(share(statistics.written.words.kept, all), 0.0)) }
                            td.figure { (number(statistics.written.words.kept)) }
                            td.figure { (number(statistics.written.lines.kept)) } }
                    }
                }
            }
        }
    }

    fn tables(&self) -> Markup {
        let statistics = self.statistics;
        let statuses: Vec<(String, &Group)> =
            statistics.by_status.iter().map(|(status, group)| (word_of(*status), group)).collect();
        html! {
            section #tables aria-labelledby="tables-title" {
                h2 #tables-title { "By site, language, rule and status" }
                p.about { "A name with a dotted line shows its pages below." }
                div.tables {
                    (group_table(["Sites", "Site"], "site", largest(&statistics.by_site, "no known site")))
                    (rule_table(&statistics.by_rule))
                    (group_table(["Languages", "Language"], "language", largest(&statistics.by_language, "not told")))
                    @if !statistics.by_filter.is_empty() {
                        (group_table(["Dropped by filters", "Filter"], "filter", largest(&statistics.by_filter, "")))
                    }
                    (group_table(["Status", "What became of them"], "status", statuses))
                }
            }
        }
    }

    fn distributions(&self) -> Markup {
        let statistics = self.statistics;
        let shares = (0..BINS).map(|bin| {
            let (from, to) = (bin * 100 / BINS, (bin + 1) * 100 / BINS);
            let count = statistics.shares[bin];
            Bin { label: format!("{from}-{to} % of the words stay"), count, filter: Some(format!("share:{from}:{to}")) }
        });
        let last = statistics.lengths.iter().rposition(|count| *count > 0).map_or(1, |last| last + 1);
        let lengths = (0..last).map(|bin| {
            let (from, to) = (if bin == 0 { 0 } else { 1_u64 << (bin - 1) }, (1_u64 << bin) - 1);
            let to = if bin == LENGTHS - 1 { u64::MAX >> 11 } else { to };
            let label = format!("{}-{} words", number(from), number(to));
            Bin { label, count: statistics.lengths[bin], filter: Some(format!("length:{from}:{to}")) }
        });
        let scores = (0..BINS).map(|bin| {
            let (from, to) = (bin * 1000 / BINS, (bin + 1) * 1000 / BINS);
            let label = format!("probability {:.2}-{:.2}", from as f64 / 1000.0, to as f64 / 1000.0);
            Bin { label, count: statistics.scores[bin], filter: Some(format!("score:{from}:{to}")) }
        });
        let longest = format!("{} words", number(1_u64 << (last - 1)));
        let cuts = statistics.cuts.worst(MOST_CUT);
        html! {
            section #distributions aria-labelledby="distributions-title" {
                h2 #distributions-title { "How pages are spread" }
                div.charts {
                    figure {
                        figcaption { "Share of a page's words that stay" }
                        (histogram("Pages by the share of their words that stay", "pages", &shares.collect::<Vec<_>>(), ["nothing", "everything"]))
                        (self.outliers("Least kept", &self.outliers.least_kept))
                    }
                    figure {
                        figcaption { "Length of a page's clean text" }
                        (histogram("Pages by the words that stay", "pages", &lengths.collect::<Vec<_>>(), ["empty", &longest]))
                        (self.outliers("Longest", &self.outliers.longest))
                    }
                    figure {
                        figcaption { "Score of the lines that the model dropped" }
                        (histogram("Lines that the model dropped, by the probability that they are text", "lines", &scores.collect::<Vec<_>>(), ["0: boilerplate", "1: text"]))
                        (self.outliers("Closest calls", &self.outliers.closest))
                    }
                }
                @if !cuts.is_empty() {
                    h3 { "Pages most cut" }
                    p.about { "By the words that they lost above the median page of their site." }
                    table.list {
                        thead { tr { th scope="col" { "Page" } th.figure scope="col" { "Words lost" } th.figure scope="col" { "Median" } th.figure scope="col" { "Words kept" } } }
                        tbody { @for cut in cuts {
                            tr { th scope="row" { (self.link(&cut.source)) } td.figure { (number(cut.words.dropped)) } td.figure { (number(cut.median)) } td.figure { (number(cut.words.kept)) } }
                        } }
                    }
                }
            }
        }
    }

    fn outliers(&self, what: &str, pages: &Extremes) -> Markup {
        let mut pages = pages.sources().peekable();
        html! { @if pages.peek().is_some() {
            p.outliers-title { (what) }
            ul.outliers { @for page in pages { li { (self.link(page)) } } }
        } }
    }

    /// The address of a page: a link, where it is in the report.
    fn link(&self, page: &Source) -> Markup {
        let address = page.to_string();
        html! { @match self.places.get(page) {
            Some(place) => a href=(format!("#page-{place}")) { bdi { (printable(&address)) } },
            None => bdi { (printable(&address)) },
        } }
    }

    fn changes(&self, changes: &Changes, other: &str) -> Markup {
        html! {
            section #changes aria-labelledby="changes-title" {
                h2 #changes-title { "What changed since " bdi { (printable(other)) } }
                ul.figures {
                    li { strong { (number(changes.changed)) } span { "of " (number(changes.pages)) " pages differ" } }
                    li { strong { (number(changes.dropped)) } span { "lines newly dropped" } }
                    li { strong { (number(changes.kept)) } span { "lines newly kept" } }
                }
                @for (count, what) in changes.not_compared() { p.about { (number(count)) " " (what) } }
                table.list {
                    thead { tr { th scope="col" { "Rule" } th.figure scope="col" { "Newly dropped" } th.figure scope="col" { "Newly kept" } } }
                    tbody { @for (rule, dropped, kept) in changes.by_rule().into_iter().take(ROWS) {
                        tr { th scope="row" { (filter("rule", rule)) } td.figure { (number(dropped)) } td.figure { (number(kept)) } }
                    } }
                }
            }
        }
    }

    fn viewer(&self) -> Markup {
        html! {
            section #pages aria-labelledby="pages-title" {
                h2 #pages-title { "Pages, before and after" }
                @if !self.has_raw {
                    p.about { "Pages are shown where the folder of raw pages is named too: " code { "dechaff report CLEAN RAW -o report.html" } }
                }
                @else if self.pages.is_empty() {
                    p.about { @if self.against.is_some() { "The two runs take the same lines of every page that both have read." } @else { "There is no page to show." } }
                }
                @for why in &self.not_shown { p.warning { (printable(why)) } }
                noscript { p.warning { "Pages are shown by a script, which this browser does not run." } }
                div #browser hidden {
                    form #filters aria-label="Which pages are shown" {
                        label { "Rule " select name="rule" {} }
                        label { "Site " select name="site" {} }
                        label { "Status " select name="status" {} }
                        label { "Closest call from " input name="score" type="number" min="0" max="1" step="0.05" value="0"; }
                        label { "Path has " input name="path" type="search"; }
                        button #show-all type="reset" { "Show all" }
                        output #matching {}
                    }
                    p #chips hidden {}
                    div.panes {
                        nav #list aria-label="Pages" {}
                        div #viewer {
                            div #page-head {}
                            div #legend {}
                            div.columns aria-hidden="true" { span { "Raw page" } span { "Clean text" } }
                            div #lines role="listbox" aria-label="Lines of the page" aria-multiselectable="true" tabindex="0" {}
                            p #more {}
                            div #card role="tooltip" hidden {}
                        }
                    }
                    div #review role="group" aria-label="Review" {
                        label { "Queue " select #queue {
                            option value="dropped" { "what was dropped" }
                            option value="closest" { "closest calls first" }
                            option value="kept" { "what was kept" }
                            option value="all" { "everything" }
                        } }
                        button #right type="button" { "Right " kbd { "r" } }
                        button #wrong type="button" { "Wrong " kbd { "w" } }
                        button #next type="button" { "Next " kbd { "n" } }
                        button #undo type="button" { "Undo " kbd { "u" } }
                        button #save type="button" { "Save review.jsonl " kbd { "s" } }
                        output #progress aria-live="polite" {}
                        details { summary { "Keys" } p {
                            "In the lines: " kbd { "↑" } kbd { "↓" } " line, with " kbd { "Shift" } " more lines, " kbd { "a" } " all lines of a decision, "
                            kbd { "[" } kbd { "]" } " page, " kbd { "Esc" } " hides the note."
                        } }
                    }
                }
            }
        }
    }
}

/// The policy of the document: its own script and style, by hash; no network, no frame, no form.
fn policy() -> String {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// JSON that may stand in a `script` element: nothing in it can end the element, or begin a comment.
fn in_script(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them: there is nothing that JSON cannot say.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut escaped = String::with_capacity(json.len() + json.len() / 50);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", c as u32)),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The groups with most words first.
fn largest<'g>(groups: &'g HashMap<String, Group>, without: &str) -> Vec<(String, &'g Group)> {
    let mut sorted: Vec<_> = groups.iter().collect();
    sorted.sort_by(|(a, one), (b, other)| other.words.all().cmp(&one.words.all()).then(a.cmp(b)));
    let name = |name: &String| if name.is_empty() { without.to_string() } else { name.clone() };
    sorted.into_iter().map(|(key, group)| (name(key), group)).collect()
}

/// A name that shows its pages.
fn filter(by: &str, name: &str) -> Markup {
    html! { a.filter href="#pages" data-filter=(format!("{by}:{name}")) { bdi { (printable(name)) } } }
}

fn group_table([title, column]: [&str; 2], by: &str, groups: Vec<(String, &Group)>) -> Markup {
    let most = groups.len();
    html! {
        div.table {
            h3 { (title) }
            table.list {
                thead { tr {
                    th scope="col" { (column) } th.figure scope="col" { "Pages" } th.figure scope="col" { "Words in" }
                    th.figure scope="col" { "Kept" } th.bar-cell scope="col" { span.hidden { "Share kept" } }
                } }
                tbody { @for (at, (name, group)) in groups.into_iter().take(ROWS).enumerate() {
                    tr hidden[at >= SEEN] {
                        th scope="row" { (filter(by, &name)) }
                        td.figure { (number(group.pages)) } td.figure { (number(group.words.all())) }
                        td.figure { (percent(group.words.kept, group.words.all())) }
                        td.bar-cell { (bar(share(group.words.kept, group.words.all()), share(group.words.dropped, group.words.all()))) }
                    }
                } }
            }
            (more_rows(most))
        }
    }
}

fn rule_table(rules: &HashMap<String, RuleCounts>) -> Markup {
    let mut sorted: Vec<_> = rules.iter().collect();
    sorted.sort_by(|(a, one), (b, other)| (other.words, other.kept).cmp(&(one.words, one.kept)).then(a.cmp(b)));
    let strongest = sorted.first().map_or(0, |(_, rule)| rule.words);
    let most = sorted.len();
    html! {
        div.table {
            h3 { "Rules" }
            table.list {
                thead { tr {
                    th scope="col" { "Rule" } th.figure scope="col" { "Pages" } th.figure scope="col" { "Lines" }
                    th.figure scope="col" { "Words" } th.bar-cell scope="col" { span.hidden { "Beside the strongest" } }
                } }
                tbody { @for (at, (name, rule)) in sorted.into_iter().take(ROWS).enumerate() {
                    tr hidden[at >= SEEN] {
                        th scope="row" { (filter("rule", name)) }
                        td.figure { (number(rule.pages)) }
                        @if rule.dropped + rule.cut == 0 { td.figure { "keeps " (number(rule.kept)) } }
                        @else { td.figure { (number(rule.dropped + rule.cut)) } }
                        td.figure { (number(rule.words)) }
                        td.bar-cell { (bar(0.0, share(rule.words, strongest))) }
                    }
                } }
            }
            (more_rows(most))
        }
    }
}

fn more_rows(most: usize) -> Markup {
    html! {
        @if most > SEEN { p { button.all-rows type="button" { "Show all " (number(most.min(ROWS) as u64)) } } }
        @if most > ROWS { p.about { (number((most - ROWS) as u64)) " more are printed by " code { "dechaff stats" } "." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_json_block_ends_its_element() {
        let value = json!({ "text": "</script><script>alert(1)</script><!-- & \u{2028} \u{202e}" });
        let escaped = in_script(&value);
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}']), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}
