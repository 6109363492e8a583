//! The word lists by language that judges of structure lean on: weekdays, menu entries, pager words.
//!
//! One file a language in `rules/lexicon/`; the table that is made of them is written down in
//! `rules/tables/lexicon.bin`. All languages share one table: a page may be in any of them, and often
//! in two. What a word means for a line is for the judges to say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use super::prepared;
use super::tables::edges::{Edge, Side};
use super::tables::keys::Keys;
use super::tables::packed::{self, Packed};
use crate::line::{fold, key, script};

/// What a phrase of the lists is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// An entry of a site's menu: Home, Privacy policy.
    Menu,
    /// A language's own name, as language pickers list it.
    Language,
    /// The name of one weekday, in any of its lengths.
    Weekday,
    /// All seven weekdays in a row, as a calendar's first line has them.
    Week,
    /// The name of one month, in any of its lengths.
    Month,
    /// A section of a newspaper: Top stories, Politics.
    Section,
    /// The label of the link to the page before.
    Previous,
    /// The label of the link to the page after.
    Next,
    /// A comment section that holds nothing.
    NoComments,
    /// The heading, a field or a note of a comment form.
    CommentForm,
    /// The heading of a comment section.
    Comments,
    /// The heading of a list of other pages.
    Related,
    /// What stands before the headline of another page, colon included: `Related: …`.
    RelatedLead,
    /// The label of a link to the rest of a text.
    ReadMore,
    /// What an author's box opens with.
    Author,
    /// What stands before the author's name over a text.
    Byline,
    /// What stands before the time of the last change.
    Updated,
    /// The heading of a table of contents.
    Contents,
    /// The bar over a list that sorts or filters it.
    Sort,
    /// The heading of an archive or of a list of tags.
    Archive,
    /// A note of rights, or of who made the site.
    Credits,
    /// An invitation to share the page.
    Share,
    /// An invitation to follow the site elsewhere.
    Follow,
    /// An invitation to subscribe to a letter.
    Newsletter,
    /// The label of a page's tags or categories.
    Tags,
    /// A call to give money; as a start, what the box around it opens with.
    Donation,
}

/// A set of topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Topics(u32);

impl Topics {
    /// Whether a topic is among them.
    pub fn has(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u32) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of several topics is among them.
    pub fn has_any(self, of: Topics) -> bool {
        self.0 & of.0 != 0
    }

    /// A set of its own.
    pub const fn of(topics: &[Topic]) -> Topics {
        let (mut set, mut at) = (0, 0);
        while at < topics.len() {
            set |= 1 << topics[at] as u32;
            at += 1;
        }
        Topics(set)
    }

    /// The set as bits, for where topics are kept but not known.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set of these bits.
    pub fn from_bits(bits: u32) -> Topics {
        Topics(bits)
    }

    fn add(&mut self, topic: Topic) {
        self.0 |= 1 << topic as u32;
    }
}

impl Packed for Topics {
    const BYTES: usize = u32::BYTES;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }

    #[inline(always)]
    fn taken(bytes: &[u8]) -> Topics {
        Topics(u32::taken(bytes))
    }
}

/// The word lists of all languages.
#[derive(Serialize, Deserialize)]
pub struct Lexicon {
    phrases: Keys<Topics>,
    starts: Edge,
    #[serde(with = "packed")]
    topics_of_starts: Vec<Topics>,
}

impl Lexicon {
    /// The lists that are embedded in the binary.
    pub fn embedded() -> &'static Lexicon {
        static EMBEDDED: LazyLock<Lexicon> =
            LazyLock::new(|| prepared::read(LEXICON, LEXICON_STAMP).unwrap_or_else(Lexicon::read));
        &EMBEDDED
    }

    /// The topics of a whole line, by its [`crate::line::Line::key`].
    pub fn topics(&self, key: u64) -> Topics {
        self.phrases.get(key).unwrap_or_default()
    }

    /// The topics of the longest listed phrase that a folded line starts with, and the phrase's bytes.
    /// The phrase ends where a word ends.
    pub fn starts(&self, folded: &str) -> Option<(Topics, usize)> {
        let mut longest: Option<(usize, u32)> = None;
        self.starts.search(folded.as_bytes(), |number| {
            longest = longest.max(Some((self.starts.literal(number).len(), number)));
        });
        let (end, number) = longest?;
        let ends_word = |rest: &str| match (folded[..end].chars().next_back(), rest.chars().next()) {
            (Some(last), Some(next)) => !last.is_alphanumeric() || !next.is_alphanumeric() || script::is_unspaced(next),
            _ => true,
        };
        ends_word(&folded[end..]).then(|| (self.topics_of_starts[number as usize], end))
    }

    /// Reads the lists from their files.
    fn read() -> Lexicon {
        let files = FILES.files().filter_map(|file| toml::from_str(file.contents_utf8()?).ok());
        Lexicon::of(files.collect())
    }

    fn of(languages: Vec<Language>) -> Lexicon {
        let mut phrases = BTreeMap::<u64, Topics>::new();
        let mut starts = BTreeMap::<String, Topics>::new();
        let mut add = |phrase: &str, topic: Topic| phrases.entry(key(phrase)).or_default().add(topic);
        for language in languages {
            add(&language.name, Topic::Language);
            for week in &language.weekdays {
                week.iter().for_each(|day| add(day, Topic::Weekday));
                for first in 0..week.len() {
                    let days: Vec<&str> =
                        (0..week.len()).map(|day| week[(first + day) % week.len()].as_str()).collect();
                    add(&days.concat(), Topic::Week);
                }
            }
            language.months.iter().flatten().for_each(|month| add(month, Topic::Month));
            for (topic, listed) in &language.phrases {
                listed.iter().for_each(|phrase| add(phrase, *topic));
            }
            for (topic, listed) in &language.starts {
                listed.iter().for_each(|phrase| starts.entry(fold(phrase)).or_default().add(*topic));
            }
        }
        let pool = starts.keys().map(String::as_str).collect();
        let phrases = Keys::of(phrases);
        Lexicon { phrases, starts: Edge::of(Side::Start, pool), topics_of_starts: starts.into_values().collect() }
    }
}

/// The table that was made of the files with this stamp.
const LEXICON: &[u8] = include_bytes!("../../rules/tables/lexicon.bin");

/// The files that this build has.
const LEXICON_STAMP: &str = env!("DECHAFF_LEXICON_STAMP");

static FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/rules/lexicon");

/// One file of `rules/lexicon`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    /// The language's own name for itself.
    name: String,
    /// The seven weekdays from Monday on, in each of their lengths.
    #[serde(default)]
    weekdays: Vec<[String; 7]>,
    /// The twelve months, in each of their lengths and cases.
    #[serde(default)]
    months: Vec<[String; 12]>,
    /// Whole lines; case, white space and marks are not looked at.
    #[serde(default)]
    phrases: BTreeMap<Topic, Vec<String>>,
    /// What lines start with, up to the end of a word.
    #[serde(default)]
    starts: BTreeMap<Topic, Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `BLESS=1 cargo test` writes it down anew.
    #[test]
    fn the_table_of_word_lists_is_written_down() {
        let (read, key) = (Lexicon::read(), key("Home"));
        let written = prepared::tests::hold("lexicon.bin", &prepared::tests::written(LEXICON_STAMP, &read));
        let lexicon: Lexicon = prepared::read(written, LEXICON_STAMP).expect("it can be read");
        assert!(lexicon.topics(key).has(Topic::Menu));
        assert_eq!(lexicon.starts("related: the ferry"), read.starts("related: the ferry"));
    }

    #[test]
    fn every_file_of_word_lists_is_read() {
        for file in FILES.files() {
            let text = file.contents_utf8().expect("word lists are UTF-8");
            if let Err(error) = toml::from_str::<Language>(text) {
                panic!("{}: {error}", file.path().display());
            }
        }
    }
}
