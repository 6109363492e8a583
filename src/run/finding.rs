//! What a check can find: the kinds, what each means, and how grave it is unless somebody says otherwise.

use std::fmt;
use std::str::FromStr;

use crate::page::Source;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A page could not be read.
    Failed,
    /// The output folder, or a page in it, is not there.
    Missing,
    /// The output folder is not what a run would leave.
    Stale,
    /// An output is not what a run has written.
    Edited,
    /// A page loses much more than it did.
    Lost,
    /// A page loses more than the budget allows.
    Budget,
    /// Written rules dropped all of a page.
    AllDropped,
    /// A page got its prose back.
    Restored,
    /// A page has no running prose.
    NoProse,
    /// Bytes could not be read in any charset.
    Unreadable,
    /// A page's kept text is another one's.
    Duplicate,
    /// A page's kept text is nearly another one's.
    NearCopy,
    /// A filter of documents drops a page.
    Filtered,
    /// A user's rule took nothing.
    UnusedRule,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It fails the check.
    Error,
    /// It is told.
    Warn,
    /// It is not looked at.
    Off,
}

/// A kind, as people see it.
#[derive(Debug, Clone, Copy)]
pub struct KindInfo {
    /// The kind.
    pub kind: Kind,
    /// Its name in settings and formats.
    pub name: &'static str,
    /// What it means, in a sentence.
    pub about: &'static str,
    /// How grave it is by default.
    pub level: Level,
}

/// All kinds, the gravest first.
pub const KINDS: [KindInfo; 14] = [
    info(Kind::Failed, "failed", "A page could not be read or written.", Level::Error),
    info(Kind::Missing, "missing", "The output folder, or a page in it, is not there.", Level::Error),
    info(Kind::Stale, "stale", "A run would leave something else than what is there.", Level::Error),
    info(Kind::Edited, "edited", "An output was edited or removed since a run wrote it.", Level::Error),
    info(Kind::Lost, "lost", "A page loses much more of its lines than in the last manifest.", Level::Error),
    info(Kind::Budget, "budget", "A page loses more of its lines than the budget allows.", Level::Error),
    info(Kind::AllDropped, "all-dropped", "Nothing of a page is left.", Level::Warn),
    info(Kind::Restored, "restored", "A page would lose most of its prose and gets it back.", Level::Warn),
    info(Kind::NoProse, "no-prose", "A page has no running prose.", Level::Warn),
    info(Kind::Unreadable, "unreadable", "Bytes of a page can be read in no charset.", Level::Warn),
    info(Kind::Duplicate, "duplicate", "A page's kept text is an exact copy of another page's.", Level::Warn),
    info(Kind::NearCopy, "near-copy", "A page's kept text is nearly another page's.", Level::Warn),
    info(Kind::Filtered, "filtered", "A filter of documents drops a page.", Level::Warn),
    info(Kind::UnusedRule, "unused-rule", "A rule of your own took nothing.", Level::Warn),
];

const fn info(kind: Kind, name: &'static str, about: &'static str, level: Level) -> KindInfo {
    KindInfo { kind, name, about, level }
}

impl Kind {
    /// What people see of it.
    pub fn info(self) -> &'static KindInfo {
        &KINDS[self as usize]
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Kind, String> {
        let found = KINDS.iter().find(|info| info.name == name).map(|info| info.kind);
        found.ok_or_else(|| {
            format!("there is no finding ‘{name}’; there are {}", KINDS.map(|info| info.name).join(", "))
        })
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Level, String> {
        match name {
            "error" => Ok(Level::Error),
            "warn" => Ok(Level::Warn),
            "off" => Ok(Level::Off),
            _ => Err(format!("‘{name}’ is no level; there are error, warn and off")),
        }
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The page; `None` where it is of no single page.
    pub page: Option<Source>,
    /// The raw line, counted from 1.
    pub line: Option<u32>,
    /// What was found, for people, without the page's name.
    pub message: String,
    /// How much of it there is: what findings of a kind are ordered by.
    pub weight: u64,
}

/// Orders findings: the gravest kinds first, of a kind the heaviest, then by page.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.kind, std::cmp::Reverse(finding.weight));
        key(a).cmp(&key(b)).then_with(|| (&a.page, a.line).cmp(&(&b.page, b.line)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_place_and_is_found_by_its_name() {
        for (place, info) in KINDS.iter().enumerate() {
            assert_eq!(info.kind as usize, place);
            assert_eq!(info.name.parse(), Ok(info.kind));
        }
        assert!("dupe".parse::<Kind>().unwrap_err().contains("duplicate"));
    }
}
