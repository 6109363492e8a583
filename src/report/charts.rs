//! Static charts: SVG whose shapes are attributes, so that they need no style of their own and no script.

use maud::{Markup, html};

/// A bar of what stays and what went of a whole.
pub(super) fn bar(kept: f64, dropped: f64) -> Markup {
    let (kept, dropped) = (kept.clamp(0.0, 1.0) * 100.0, dropped.clamp(0.0, 1.0) * 100.0);
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="0" width="100" height="10" {}
            rect.kept x="0" y="0" width=(format!("{kept:.2}")) height="10" {}
            rect.gone x=(format!("{kept:.2}")) y="0" width=(format!("{dropped:.2}")) height="10" {}
        }
    }
}

/// A bin of a histogram.
pub(super) struct Bin {
    /// What is in it, in words: `50-55 %`.
    pub label: String,
    /// How many.
    pub count: u64,
    /// What choosing it shows, in the terms of the report's script; nothing where it shows nothing.
    pub filter: Option<String>,
}

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 120.0;

/// A histogram. `ends` stand under its first and its last bin.
pub(super) fn histogram(name: &str, what: &str, bins: &[Bin], ends: [&str; 2]) -> Markup {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or_default().max(1);
    let step = WIDTH / bins.len().max(1) as f64;
    html! {
        svg.histogram viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + 18.0)) role="group" aria-label=(name) {
            line.axis x1="0" y1=(HEIGHT) x2=(WIDTH) y2=(HEIGHT) {}
            @for (at, bin) in bins.iter().enumerate() {
                @let height = match bin.count { 0 => 0.0, count => (count as f64 / most as f64 * (HEIGHT - 8.0)).max(1.5) };
                @let title = format!("{}: {} {what}", bin.label, super::figures::number(bin.count));
                @let rects = html! {
                    title { (title) }
                    rect.room x=(format!("{:.2}", at as f64 * step)) y="0" width=(format!("{step:.2}")) height=(HEIGHT) {}
                    rect.column x=(format!("{:.2}", at as f64 * step + 1.0)) y=(format!("{:.2}", HEIGHT - height))
                        width=(format!("{:.2}", step - 2.0)) height=(format!("{height:.2}")) {}
                };
                @match bin.filter.as_ref().filter(|_| bin.count > 0) {
                    Some(filter) => a href="#pages" data-filter=(filter) aria-label=(title) { (rects) },
                    None => g { (rects) },
                }
            }
            text.end x="0" y=(HEIGHT + 14.0) { (ends[0]) }
            text.end x=(WIDTH) y=(HEIGHT + 14.0) text-anchor="end" { (ends[1]) }
        }
    }
}
