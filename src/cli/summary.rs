//! The summary of a run: what a person wants to know when it is done.

mod json;

use std::fmt::Write;
use std::time::Duration;

use crate::cli::args::SummaryArg;
use crate::error::printable;
use crate::manifest::Status;
use crate::report::figures::{number, percent, plural};
use crate::run::{Job, Outcome, RepeatedPassages};
use crate::write::committer::Unread;
use crate::write::summary::RunSummary;

/// How many rules are named.
const RULES: usize = 10;

/// How many of the most cut pages are named.
const PAGES: usize = 10;

/// How many addresses of the site map are named that no page has.
const UNMET: usize = 3;

/// The summary in the form that was asked for.
pub(super) fn of(form: SummaryArg, outcome: &Outcome, job: &Job, took: Duration) -> String {
    match form {
        SummaryArg::Text => for_people(outcome, job, took),
        SummaryArg::Json => json::of(outcome, job, took),
    }
}

fn for_people(outcome: &Outcome, job: &Job, took: Duration) -> String {
    let report = &outcome.report;
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = totals(&mut text, report, took);
    let _ = filtered(&mut text, report);
    let _ = near_copies(&mut text, report);
    let _ = passages(&mut text, outcome);
    let _ = rules(&mut text, report);
    let _ = most_cut(&mut text, report);
    let _ = noteworthy(&mut text, report);
    let _ = site_map(&mut text, outcome);
    let _ = not_read(&mut text, report);
    let _ = unread(&mut text, &outcome.unread);
    let _ = ending(&mut text, outcome, job);
    text
}

fn totals(text: &mut String, report: &RunSummary, took: Duration) -> std::fmt::Result {
    let seconds = took.as_secs_f64().max(1e-6);
    let lines = report.kept + report.dropped;
    writeln!(
        text,
        "{} in {:.2} s, {:.1} MB/s",
        plural(report.judged(), "page", "pages") + " cleaned",
        seconds,
        report.bytes_in as f64 / 1e6 / seconds
    )?;
    if report.again > 0 {
        writeln!(text, "  {} of them stand as an earlier run left them", number(report.again))?;
    }
    writeln!(
        text,
        "  lines  {} in, {} out ({} dropped)",
        number(lines),
        number(report.kept),
        percent(report.dropped, lines)
    )?;
    writeln!(
        text,
        "  words  {} in, {} out ({} dropped)",
        number(report.words_kept + report.words_dropped),
        number(report.words_kept),
        percent(report.words_dropped, report.words_kept + report.words_dropped)
    )?;
    writeln!(text, "  bytes  {} in, {} out", bytes(report.bytes_in), bytes(report.bytes_out))
}

fn filtered(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let documents = report.with(Status::Filtered);
    if documents == 0 {
        return Ok(());
    }
    let all = percent(documents, report.judged());
    writeln!(text, "\nDropped by filters: {} ({all})", plural(documents, "document", "documents"))?;
    let mut rules: Vec<_> = report.filtered.iter().collect();
    rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), *rule));
    for (rule, count) in rules {
        writeln!(text, "  {:>9}  {rule}", number(*count))?;
    }
    Ok(())
}

fn near_copies(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let Some(near) = &report.near else { return Ok(()) };
    let (dropped, all) = (report.with(Status::NearCopy), percent(report.near_copies, report.judged()));
    writeln!(
        text,
        "\nNear copies: {} ({all}), {} dropped",
        plural(report.near_copies, "page", "pages"),
        number(dropped)
    )?;
    writeln!(text, "  {:>9}  pages stay in their place", number(near.clusters))?;
    if near.earlier > 0 {
        let of = plural(near.earlier, "document", "documents");
        writeln!(text, "  {:>9}  are near copies of {of} of earlier corpora", number(near.of_earlier))?;
    }
    if let Some(page) = &near.largest_is {
        let others = number(near.largest.saturating_sub(1));
        writeln!(text, "  {others:>9}  of them are near copies of {}", printable(page))?;
    }
    if near.capped > 0 {
        let groups = number(near.capped);
        writeln!(text, "  {groups:>9}  groups were too large to compare each page with each")?;
    }
    Ok(())
}

fn passages(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let Some(RepeatedPassages { allowed, passages, most, capped }) = outcome.passages else { return Ok(()) };
    let lines = outcome.report.by_rule.get("passages#repeated").copied().unwrap_or_default();
    let of = plural(allowed.into(), "document", "documents");
    writeln!(
        text,
        "\nRepeated passages: {} on more than {of}, {} dropped",
        plural(passages, "passage", "passages"),
        plural(lines, "line", "lines")
    )?;
    if most > 0 {
        writeln!(text, "  {:>9}  documents have the most frequent one", number(most.into()))?;
    }
    if capped {
        writeln!(text, "             there were more of them; those stay that stand on the fewest documents")?;
    }
    Ok(())
}

fn rules(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let strongest = report.strongest_rules(RULES);
    if strongest.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nWhat dropped most lines")?;
    for (rule, times) in strongest {
        writeln!(text, "  {:>9}  {rule}", number(times))?;
    }
    Ok(())
}

fn most_cut(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let pages = report.cuts.worst(PAGES);
    if pages.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nPages most cut: words lost, beside the median page of the site")?;
    for page in &pages {
        writeln!(
            text,
            "  {:>9}  {} (median {}; {} of {} stay)",
            number(page.words.dropped),
            printable(&page.source.to_string()),
            number(page.median),
            number(page.words.kept),
            plural(page.words.all(), "word", "words")
        )?;
    }
    Ok(())
}

fn noteworthy(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let with = |status: Status| (report.with(status), report.to_look_at.get(&status));
    let notes = [
        (with(Status::Restored), "would have lost most of their prose and got it back"),
        (with(Status::NoProse), "have no running prose"),
        (with(Status::AllDropped), "have nothing left"),
        ((report.copies, None), "are copies of another page's kept text"),
        (
            (report.without_site, None),
            "belong to no known site, so that no site's rules apply (name one by --site-from, --site-map or --site)",
        ),
    ];
    if notes.iter().all(|((count, _), _)| *count == 0) && report.unreadable_bytes == 0 {
        return Ok(());
    }
    writeln!(text, "\nWorth a look")?;
    for ((count, pages), what) in notes.into_iter().filter(|((count, _), _)| *count > 0) {
        writeln!(text, "  {:>9}  {what}", number(count))?;
        for path in pages.into_iter().flatten() {
            writeln!(text, "             {}", printable(path))?;
        }
        if pages.is_some_and(|pages| count > pages.len() as u64) {
            writeln!(text, "             …")?;
        }
    }
    if report.unreadable_bytes > 0 {
        writeln!(text, "  {:>9}  bytes could not be read in any charset", number(report.unreadable_bytes))?;
    }
    Ok(())
}

fn site_map(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let Some(map) = outcome.site_map.as_ref().filter(|map| !map.without_page.is_empty()) else { return Ok(()) };
    let rows = plural(map.rows as u64, "row", "rows");
    writeln!(text, "\nSite map: {} of {rows} name no page of this run", number(map.without_page.len() as u64))?;
    for address in map.without_page.iter().take(UNMET) {
        writeln!(text, "             {}", printable(address))?;
    }
    if map.without_page.len() > UNMET {
        writeln!(text, "             …")?;
    }
    Ok(())
}

fn not_read(text: &mut String, report: &RunSummary) -> std::fmt::Result {
    let empty = report.with(Status::Blank);
    if report.not_read.is_empty() && empty == 0 {
        return Ok(());
    }
    writeln!(text, "\nNot cleaned")?;
    if empty > 0 {
        writeln!(text, "  {:>9}  empty", number(empty))?;
    }
    for ((status, why), example) in &report.not_read {
        let what = if *status == Status::Failed { "FAILED" } else { "skipped" };
        let others = if example.times > 1 { ", …" } else { "" };
        writeln!(
            text,
            "  {:>9}  {what}: {} ({}{others})",
            number(example.times),
            printable(why),
            printable(&example.first)
        )?;
    }
    Ok(())
}

fn unread(text: &mut String, unread: &Unread) -> std::fmt::Result {
    let notes = [
        (unread.out_of_scope, "stay: this run was not to read their pages"),
        (unread.left, "stay though their pages are gone or cannot be read; --prune removes those that are gone"),
        (unread.pruned, "were removed: their pages are gone or damaged (--prune)"),
        (unread.edited, "stay though their pages are gone: they were edited; --force with --prune removes them"),
    ];
    if *unread == Unread::default() {
        return Ok(());
    }
    writeln!(text, "\nOutputs of earlier runs")?;
    for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(text, "  {:>9}  {what}", number(count))?;
    }
    Ok(())
}

fn ending(text: &mut String, outcome: &Outcome, job: &Job) -> std::fmt::Result {
    match (outcome.interrupted, job.dry_run) {
        (true, _) if job.clean_name.is_some() => writeln!(
            text,
            "\nInterrupted after {}: {} stands as it was.",
            plural(outcome.report.all(), "file", "files"),
            printable(&job.clean_name().to_string_lossy())
        ),
        (true, _) => writeln!(
            text,
            "\nInterrupted after {}: what is finished stands; run again for the rest.",
            plural(outcome.report.all(), "file", "files")
        ),
        (false, _) if outcome.report.all() == 0 => {
            writeln!(
                text,
                "\n{} holds no file that this run reads; see --include, --exclude and --partition.",
                printable(&job.raw.to_string())
            )
        }
        (false, true) => writeln!(text, "\nA dry run: nothing was written."),
        (false, false) => {
            writeln!(
                text,
                "\nEvery line's fate is in {}.",
                printable(&job.clean_name().join(crate::manifest::FILE_NAME).to_string_lossy())
            )
        }
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}
