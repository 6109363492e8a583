//! The summary of a run for programs: one JSON object.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use crate::manifest::Status;
use crate::manifest::TextCounts;
use crate::run::{Job, Outcome, RepeatedPassages};
use crate::write::summary::NearSummary;

/// How many of the most cut pages are named.
const PAGES: usize = 100;

/// The summary.
pub(super) fn of(outcome: &Outcome, job: &Job, took: Duration) -> String {
    let (report, unread) = (&outcome.report, &outcome.unread);
    let not_read: Vec<_> = report
        .not_read
        .iter()
        .map(|((status, why), example)| {
            json!({ "status": status, "reason": why, "pages": example.times, "first": example.first })
        })
        .collect();
    let most_cut: Vec<_> = report
        .cuts
        .worst(PAGES)
        .into_iter()
        .map(|page| json!({ "page": page.source.to_string(), "words": page.words, "median": page.median }))
        .collect();
    let summary = Summary {
        pages: &report.pages,
        reused: report.again,
        bytes: InOut { read: report.bytes_in, written: report.bytes_out },
        lines: TextCounts { kept: report.kept, dropped: report.dropped },
        words: TextCounts { kept: report.words_kept, dropped: report.words_dropped },
        rules: report.by_rule.iter().map(|(rule, &lines)| (rule.as_str(), lines)).collect(),
        filtered: &report.filtered,
        most_cut,
        to_look_at: &report.to_look_at,
        not_read,
        duplicates: report.copies,
        near_copies: report.near.as_ref().map(|found| NearCopies { pages: report.near_copies, found }),
        repeated_passages: outcome.passages,
        unreadable_bytes: report.unreadable_bytes,
        without_site: report.without_site,
        outputs_of_earlier_runs: json!({
            "out_of_scope": unread.out_of_scope,
            "left": unread.left,
            "pruned": unread.pruned,
            "edited": unread.edited,
        }),
        site_map: outcome
            .site_map
            .as_ref()
            .map(|map| json!({ "rows": map.rows, "without_page": map.without_page.len(), "first": map.without_page.first() })),
        interrupted: outcome.interrupted,
        dry_run: job.dry_run,
        seconds: took.as_secs_f64(),
    };
    // Strings and numbers: there is nothing that JSON cannot say.
    serde_json::to_string_pretty(&summary).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Summary<'r> {
    /// By status.
    pages: &'r BTreeMap<Status, u64>,
    /// Pages that stand as an earlier run left them.
    reused: u64,
    bytes: InOut,
    lines: TextCounts,
    words: TextCounts,
    /// Lines, and parts of lines, that each rule took.
    rules: BTreeMap<&'r str, u64>,
    /// Documents that each filter's rule dropped.
    filtered: &'r BTreeMap<String, u64>,
    most_cut: Vec<serde_json::Value>,
    /// The first pages that were restored, and the first of which nothing is left.
    to_look_at: &'r BTreeMap<Status, Vec<String>>,
    not_read: Vec<serde_json::Value>,
    duplicates: u64,
    /// Absent where they were not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    near_copies: Option<NearCopies<'r>>,
    /// Absent where they stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated_passages: Option<RepeatedPassages>,
    unreadable_bytes: u64,
    without_site: u64,
    outputs_of_earlier_runs: serde_json::Value,
    /// How the rows of the site map met the pages of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    site_map: Option<serde_json::Value>,
    interrupted: bool,
    dry_run: bool,
    seconds: f64,
}

#[derive(Serialize)]
struct NearCopies<'r> {
    /// Pages that are near copies of others.
    pages: u64,
    #[serde(flatten)]
    found: &'r NearSummary,
}

#[derive(Serialize)]
struct InOut {
    read: u64,
    written: u64,
}
