//! The progress bar: on stderr, and only on a terminal.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::read::walk::PathFilter;
use crate::run::{Job, RunObserver};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::report::figures::number;

use crate::cli::signals::Signals;

/// A bar that counts pages, and the ear for interrupts.
pub(super) struct Progress {
    bar: ProgressBar,
    signals: &'static Signals,
}

impl Progress {
    /// A bar over the files of a job; hidden where nobody would see it.
    pub(super) fn new(job: &Job, signals: &'static Signals, quiet: bool) -> Progress {
        let bar = if quiet || !io::stderr().is_terminal() { ProgressBar::hidden() } else { visible(job) };
        Progress { bar, signals }
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl RunObserver for Progress {
    fn page(&self, is_record: bool) {
        if is_record {
            // How many records a file holds is not known before it is read.
            self.bar.inc_length(1);
        }
        self.bar.inc(1);
    }

    fn wants_to_stop(&self) -> bool {
        let stops = self.signals.code().is_some();
        if stops && !self.bar.is_finished() {
            // A second signal ends the program at once: the bar must be gone by then.
            self.bar.finish_and_clear();
        }
        stops
    }
}

/// A bar that counts outputs on their way into a bucket.
pub(super) struct Uploads(ProgressBar);

impl Uploads {
    /// A bar that is not on the screen yet, and never where nobody would see it.
    pub(super) fn new(quiet: bool) -> Uploads {
        let bar = if quiet || !io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::no_length() };
        let style = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} outputs written, {eta} left");
        Uploads(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▉▊▋▌▍▎▏ ")))
    }

    /// So many outputs have gone up, of so many.
    pub(super) fn sent(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn visible(job: &Job) -> ProgressBar {
    let wanted = PathFilter {
        include: job.include.clone(),
        exclude: job.exclude.clone(),
        except: job.clean.canonicalize().ok(),
        part: job.part,
    };
    // Walking costs microseconds a file; a bar that knows its end is worth them to whoever watches.
    let files = job.raw.walk(wanted).map_or(0, |walk| walk.count() as u64);
    let bar = ProgressBar::new(files);
    let style = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} pages, {rate}, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.with_key("rate", rate).progress_chars("█▉▊▋▌▍▎▏ "));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Pages a second, in whole pages: `4,530/s`.
fn rate(state: &ProgressState, text: &mut dyn Write) {
    // Writing into a string cannot fail.
    let _ = write!(text, "{}/s", number(state.per_sec().round() as u64));
}
