//! Mends what went wrong with a text on its way here, and nothing else.
//!
//! Each repair has a name, a count and a switch ([`Repair`]). A repair needs evidence: what may be right
//! as it stands is left. Quotes, dashes, ellipses and character widths are taste and never touched. A
//! scan finds the few lines that need a closer look, so clean text costs one pass and is borrowed.
//!
//! Raw lines keep their number and order. White space is levelled where lines are divided.

mod controls;
mod invisibles;
mod ligatures;
mod mojibake;
mod references;
mod scan;

use std::borrow::Cow;
use std::fmt;
use std::ops::AddAssign;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;

/// A kind of damage that is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Repair {
    /// CRLF and CR become LF.
    LineEnds,
    /// Character references left in the text become the characters.
    References,
    /// Text that was read with a wrong charset is read with the right one.
    Mojibake,
    /// C1 control characters that are windows-1252's signs in truth become those.
    C1,
    /// Control characters and terminal escapes go.
    Controls,
    /// Soft hyphens and characters without width go, but for the joiners that a script needs.
    Invisibles,
    /// Ligatures inside a word become its letters.
    Ligatures,
    /// Letters and their marks are composed: Unicode's normal form C.
    Nfc,
}

/// What a person should know of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The repair.
    pub repair: Repair,
    /// Its name: in the manifest, and for its switch.
    pub name: &'static str,
    /// What it does, for people.
    pub about: &'static str,
    /// A text that needs it.
    pub before: &'static str,
    /// The same, mended.
    pub after: &'static str,
}

/// All repairs, in the order in which a line undergoes them.
pub const REPAIRS: [About; 8] = [
    About {
        repair: Repair::LineEnds,
        name: "line-ends",
        about: "CRLF and CR become LF",
        before: "one\r\ntwo\rthree",
        after: "one\ntwo\nthree",
    },
    About {
        repair: Repair::References,
        name: "references",
        about: "character references left in text become the characters",
        before: "Fish &amp;amp; chips, &#163;9",
        after: "Fish & chips, £9",
    },
    About {
        repair: Repair::Mojibake,
        name: "mojibake",
        about: "text that was read with a wrong charset is read with the right one",
        before: "The cafÃ© on the quay",
        after: "The café on the quay",
    },
    About {
        repair: Repair::C1,
        name: "c1",
        about: "C1 controls that are signs of windows-1252 in truth become those",
        before: "\u{93}Mind the tide\u{94}",
        after: "“Mind the tide”",
    },
    About {
        repair: Repair::Controls,
        name: "controls",
        about: "control characters and terminal escapes go",
        before: "\u{1b}[1mHarbour\u{1b}[0m\u{0} news",
        after: "Harbour news",
    },
    About {
        repair: Repair::Invisibles,
        name: "invisibles",
        about: "soft hyphens and characters without width go, but for joiners that a script needs",
        before: "light\u{ad}house\u{200b}",
        after: "lighthouse",
    },
    About {
        repair: Repair::Ligatures,
        name: "ligatures",
        about: "ligatures inside words become letters",
        before: "ofﬁce hours",
        after: "office hours",
    },
    About {
        repair: Repair::Nfc,
        name: "nfc",
        about: "letters and their marks are composed (Unicode's NFC)",
        before: "cafe\u{301}",
        after: "café",
    },
];

impl Repair {
    /// Its name.
    pub fn name(self) -> &'static str {
        REPAIRS[self as usize].name
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Repair {
    type Err = String;

    fn from_str(name: &str) -> Result<Repair, String> {
        let found = REPAIRS.iter().find(|about| about.name == name).map(|about| about.repair);
        found.ok_or_else(|| {
            format!("there is no repair '{name}'; there are {}", REPAIRS.map(|about| about.name).join(", "))
        })
    }
}

/// How often each repair was made: places of the text for all but `nfc`, which counts lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repairs([u64; REPAIRS.len()]);

impl Repairs {
    /// How often this repair was made.
    pub fn count(&self, repair: Repair) -> u64 {
        self.0[repair as usize]
    }

    /// Counts a repair.
    pub fn add(&mut self, repair: Repair, times: u64) {
        self.0[repair as usize] += times;
    }

    /// The repairs that were made, with their counts: what the manifest says.
    pub fn made(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REPAIRS.iter().map(|about| (about.name, self.count(about.repair))).filter(|&(_, count)| count > 0)
    }

    /// Whether nothing was mended.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; REPAIRS.len()]
    }
}

impl AddAssign for Repairs {
    fn add_assign(&mut self, other: Repairs) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }
}

/// Which repairs are switched off; none by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    off: u16,
}

impl Switches {
    /// The same with one more repair off.
    #[must_use]
    pub fn without(self, repair: Repair) -> Switches {
        Switches { off: self.off | 1 << repair as u16 }
    }

    /// Whether a repair is to be made.
    pub fn is_on(self, repair: Repair) -> bool {
        self.off & 1 << repair as u16 == 0
    }
}

/// A repair of one line, with what speaks for it: for whoever explains a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairRecord {
    /// The raw line, counted from 1.
    pub line: u64,
    /// Which repair.
    pub repair: Repair,
    /// The line before this repair.
    pub before: String,
    /// The line after it.
    pub after: String,
    /// What speaks for the repair, for people.
    pub because: String,
}

/// Mends a text, and counts what was mended. Text that needs nothing is handed back as it came.
///
/// Repairing twice changes nothing more.
pub fn repair<'a>(text: Cow<'a, str>, switches: &Switches, counts: &mut Repairs) -> Cow<'a, str> {
    match mend(&text, *switches, &mut Notes { counts, lines: None, line: 0 }) {
        Some(mended) => Cow::Owned(mended),
        None => text,
    }
}

/// What would be mended in a text, line by line, each with its evidence. Line ends are left out.
pub fn explain(text: &str, switches: &Switches) -> Vec<RepairRecord> {
    let mut lines = Vec::new();
    let mut counts = Repairs::default();
    let mut rest = text;
    let mut number = 0;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        number += 1;
        let mut notes = Notes { counts: &mut counts, lines: Some(&mut lines), line: number };
        if scan::next_suspect(&rest[..end], 0).is_some() {
            mend_line(&rest[..end], *switches, &mut notes);
        }
        rest = &rest[end + line_end_length(&rest[end..])..];
    }
    lines
}

/// The length of the line end that this text starts with.
fn line_end_length(text: &str) -> usize {
    match text.as_bytes() {
        [] => 0,
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    }
}

/// Where repairs are written down.
struct Notes<'n> {
    counts: &'n mut Repairs,
    lines: Option<&'n mut Vec<RepairRecord>>,
    line: u64,
}

impl Notes<'_> {
    fn note(&mut self, repair: Repair, before: &str, done: &Done) {
        self.counts.add(repair, done.times);
        if let Some(lines) = &mut self.lines {
            lines.push(RepairRecord {
                line: self.line,
                repair,
                before: before.to_string(),
                after: done.line.clone(),
                because: (done.because)(),
            });
        }
    }
}

fn mend(text: &str, switches: Switches, notes: &mut Notes) -> Option<String> {
    let bytes = text.as_bytes();
    let mut mended: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(suspect) = scan::next_suspect(text, at) {
        let (start, end, replacement) = if bytes[suspect] == b'\r' {
            at = suspect + line_end_length(&text[suspect..]);
            if !switches.is_on(Repair::LineEnds) {
                continue;
            }
            notes.counts.add(Repair::LineEnds, 1);
            (suspect, at, Cow::Borrowed("\n"))
        } else {
            let start = memchr::memrchr2(b'\n', b'\r', &bytes[at..suspect]).map_or(at, |end| at + end + 1);
            let end = memchr::memchr2(b'\n', b'\r', &bytes[suspect..]).map_or(bytes.len(), |end| suspect + end);
            at = end;
            match mend_line(&text[start..end], switches, notes) {
                Some(line) => (start, end, Cow::Owned(line)),
                None => continue,
            }
        };
        let out = mended.get_or_insert_with(|| String::with_capacity(text.len()));
        out.push_str(&text[copied..start]);
        out.push_str(&replacement);
        copied = end;
    }
    let mut out = mended?;
    out.push_str(&text[copied..]);
    Some(out)
}

/// Mends a raw line, without its end; `None` where it is right. One repair may lay bare the need for
/// another, so they are made in turn until nothing changes, but none may leave the line blank. Each makes the
/// line shorter, or leaves it with less of the damage, so that ends.
fn mend_line(line: &str, switches: Switches, notes: &mut Notes) -> Option<String> {
    let mut mended: Option<String> = None;
    loop {
        let mut changed = false;
        let mut suspicion = scan::suspicion(mended.as_deref().unwrap_or(line));
        for (repair, step) in STEPS {
            let now = mended.as_deref().unwrap_or(line);
            if switches.is_on(repair)
                && suspicion.is_of(repair)
                && let Some(done) = step(now)
                && !is_blank(&done.line)
            {
                notes.note(repair, now, &done);
                suspicion = scan::suspicion(&done.line);
                mended = Some(done.line);
                changed = true;
            }
        }
        if !changed {
            return mended;
        }
    }
}

/// Whether nothing would be left of a line. A line of nothing but invisible characters is left as it is: it is in
/// the page's account then, and a stage drops it with its rule.
fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// A line after a repair.
struct Done {
    line: String,
    /// In how many places it was made.
    times: u64,
    /// What speaks for it; put in words only where somebody asks.
    because: Box<dyn Fn() -> String>,
}

/// A repair of one kind: the line as it leaves it, or `None` where there is nothing to mend.
type Step = fn(&str) -> Option<Done>;

const STEPS: [(Repair, Step); 7] = [
    (Repair::References, references::mend),
    (Repair::Mojibake, mojibake::mend),
    (Repair::C1, controls::mend_c1),
    (Repair::Controls, controls::mend),
    (Repair::Invisibles, invisibles::mend),
    (Repair::Ligatures, ligatures::mend),
    (Repair::Nfc, compose),
];

fn compose(line: &str) -> Option<Done> {
    match ComposingNormalizerBorrowed::new_nfc().normalize(line) {
        Cow::Borrowed(_) => None,
        Cow::Owned(line) => {
            Some(Done { line, times: 1, because: Box::new(|| "letters stand apart from their marks".to_string()) })
        }
    }
}
