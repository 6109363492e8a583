//! The search for near copies in parts, for who has an engine that moves rows between machines. What is done to a batch, to the
//! rows of a key and to a cluster is here; that the rows of one key, or of one cluster, come together is the engine's.
//!
//! What comes of it is what a run over the same documents in one folder finds. The order of documents is that of their ids, taken
//! as paths.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;

use clap::{Args, Command, FromArgMatches};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::cli::Misuse;
use crate::cli::args::NearArgs;
use crate::cli::embed::{self, Keyword};
use crate::manifest::{Share, Sketch, path_cmp};
use crate::passes::near::NearSettings;
use crate::passes::near::clusters::{self, DocumentNumber, Sets, SketchSource};
use crate::passes::near::sketcher::{self, Sketcher};
use crate::write::joined_pairs::JoinedPairs;
use crate::write::scratch::Scratch;

pub use crate::write::joined_pairs::ClusteredDocuments;

/// Options of the search that name what becomes of near copies, and folders.
const OF_FOLDERS: [&str; 3] = ["near_copies", "near_against", "against"];

/// The seed of the keys by which rows of one id come together: no number of a band.
const OF_IDS: u64 = u64::MAX;

/// How near copies are looked for.
#[derive(Debug, Clone)]
pub struct NearParts {
    settings: NearSettings,
    sketcher: Sketcher,
}

/// What is known of a document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SketchedText {
    /// How many words it has.
    pub length: u32,
    /// What it is compared by; nothing, where it has fewer words than a shingle.
    pub hashes: Option<Vec<u8>>,
}

/// A document in a bucket: one of its keys, and what it is compared by.
#[derive(Debug, Clone, Copy)]
pub struct Keyed<'d> {
    /// The key, one of [`NearParts::keys`].
    pub key: u64,
    /// The document.
    pub id: &'d str,
    /// Its hashes; nothing in the row of its own key.
    pub hashes: Option<&'d [u8]>,
}

/// A document in a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Member<'d> {
    /// The number of the cluster.
    pub cluster: i64,
    /// The document.
    pub id: &'d str,
    /// How many words it has.
    pub length: u32,
    /// What it is compared by.
    pub hashes: &'d [u8],
}

/// A document that is nearly another one, which stays in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundCopy<'d> {
    /// The document.
    pub id: &'d str,
    /// The one that stays.
    pub stays: &'d str,
    /// The estimated Jaccard index of their shingles.
    pub jaccard: Share,
}

impl NearParts {
    /// The search that these options ask for: `near_threshold`, `near_stays`, `near_words`, `near_bands`.
    ///
    /// # Errors
    /// Where there is no such option, or it cannot have such a value.
    pub fn of(keywords: &[Keyword]) -> anyhow::Result<NearParts> {
        if let Some(wrong) =
            keywords.iter().find(|keyword| OF_FOLDERS.contains(&keyword.name.replace('-', "_").as_str()))
        {
            let name = &wrong.name;
            return Err(
                Misuse(format!("{name} is for folders: here near copies are named, and nothing is dropped")).into()
            );
        }
        let grammar = NearArgs::augment_args(Command::new("dechaff"));
        let matches = embed::parsed(grammar, keywords, vec!["--near-copies=keep".into()])?;
        let settings = NearArgs::from_arg_matches(&matches)?.settings();
        Ok(NearParts { settings, sketcher: Sketcher::new(settings.shape) })
    }

    /// The number of a document, by which pairs name it.
    pub fn number(id: &str) -> u64 {
        xxh3_64(id.as_bytes())
    }

    /// Sketches a text.
    pub fn sketch(&self, text: &str) -> SketchedText {
        let Sketch { length, hashes, .. } = self.sketcher.sketch(text);
        SketchedText { length, hashes: Some(hashes).filter(|hashes| !hashes.is_empty()) }
    }

    /// The keys of a document: first its own, whose row has no hashes and tells that no other one has its id, then those of
    /// its bands. Rows of one key have to come together.
    pub fn keys(&self, id: &str, hashes: Option<&[u8]>) -> Vec<u64> {
        let sketch = Sketch { shape: self.settings.shape, length: 0, hashes: hashes.unwrap_or_default().to_vec() };
        let own = xxh3_64_with_seed(id.as_bytes(), OF_IDS);
        std::iter::once(own).chain(sketcher::keys(&sketch)).collect()
    }

    /// Pairs of documents that are alike, by their numbers, as many as join them. `rows` are some buckets, each as a whole.
    ///
    /// # Errors
    /// Where two documents have one id.
    pub fn pairs(&self, mut rows: Vec<Keyed<'_>>) -> Result<Vec<(u64, u64)>, Misuse> {
        rows.sort_unstable_by_key(|row| row.key);
        let mut pairs = Vec::new();
        for bucket in rows.chunk_by_mut(|one, other| one.key == other.key).filter(|bucket| bucket.len() > 1) {
            bucket.sort_unstable_by(|one, other| order(one.id, other.id));
            let own: Vec<&str> = bucket.iter().filter(|row| row.hashes.is_none()).map(|row| row.id).collect();
            if let Some(id) = own.iter().zip(own.iter().skip(1)).find_map(|(id, next)| (id == next).then_some(id)) {
                return Err(Misuse(format!(
                    "two rows have the id {id}: near copies are named by ids, so each row needs its own"
                )));
            }
            let members: Vec<(&str, &[u8])> = bucket.iter().filter_map(|row| Some((row.id, row.hashes?))).collect();
            let Ok(found) =
                clusters::alike(&members, self.settings.threshold, |&(_, hashes)| Ok::<_, Infallible>(hashes));
            pairs.extend(found.pairs.iter().map(|((one, _), (other, _))| (Self::number(one), Self::number(other))));
        }
        Ok(without_needless(pairs))
    }

    /// The near copies among documents. `rows` are some clusters, each as a whole.
    pub fn copies<'d>(&self, mut rows: Vec<Member<'d>>) -> Vec<FoundCopy<'d>> {
        rows.sort_unstable_by(|one, other| one.cluster.cmp(&other.cluster).then_with(|| order(one.id, other.id)));
        let mut copies = Vec::new();
        for cluster in rows.chunk_by(|one, other| one.cluster == other.cluster) {
            let Ok(matches) = clusters::of_cluster(&self.settings, cluster.len() as u32, &mut InMemory(cluster));
            copies.extend(matches.iter().filter_map(|found| {
                let (document, stays) = (cluster.get(found.document as usize)?, cluster.get(found.stays as usize)?);
                Some(FoundCopy { id: document.id, stays: stays.id, jaccard: found.jaccard })
            }));
        }
        copies
    }
}

/// Sketches of a cluster.
struct InMemory<'c, 'd>(&'c [Member<'d>]);

impl SketchSource for InMemory<'_, '_> {
    type Error = Infallible;

    fn sketch(&mut self, document: DocumentNumber) -> Result<(u32, Vec<u8>), Infallible> {
        let member = self.0.get(document as usize);
        Ok(member.map_or_else(Default::default, |member| (member.length, member.hashes.to_vec())))
    }
}

/// The order of ids: that of paths and, behind a last `#`, of records, as a run takes its pages. No two ids are equal.
fn order(one: &str, other: &str) -> Ordering {
    let parts = |id| match str::rsplit_once(id, '#').map(|(path, record)| (path, record.parse::<u64>())) {
        Some((path, Ok(record))) => (path, Some(record)),
        _ => (id, None),
    };
    let ((path, record), (other_path, other_record)) = (parts(one), parts(other));
    path_cmp(path, other_path).then(record.cmp(&other_record)).then_with(|| one.cmp(other))
}

/// Pairs without those whose documents the pairs before them join.
fn without_needless(mut pairs: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    let mut numbers = HashMap::new();
    let mut number = |document: u64| {
        let next = numbers.len() as u32;
        *numbers.entry(document).or_insert(next)
    };
    let numbered: Vec<(u32, u32)> = pairs.iter().map(|&(one, other)| (number(one), number(other))).collect();
    let mut sets = Sets::new(numbers.len() as u32);
    let mut ends = numbered.iter();
    pairs.retain(|&(one, other)| {
        let needless = ends.next().is_some_and(|&(one, other)| {
            let are_joined = sets.root(one) == sets.root(other);
            sets.join(one, other);
            are_joined
        });
        // Two documents whose ids have one hash are one by their numbers, and a pair all the same.
        !needless || one == other
    });
    pairs
}

/// Pairs that come from all parts, in any order, and the clusters that they make. Pairs wait in temporary files; memory holds
/// four bytes for each document that is in one.
pub struct NearClusters {
    pairs: JoinedPairs<'static>,
}

impl NearClusters {
    /// Has no pairs yet.
    ///
    /// # Errors
    /// Where there is no place for temporary files.
    pub fn new() -> crate::Result<NearClusters> {
        Ok(NearClusters { pairs: JoinedPairs::new(Scratch::of(None)?) })
    }

    /// Adds a pair of [`NearParts::pairs`].
    ///
    /// # Errors
    /// What the operating system said, and where there are more pairs than can be numbered.
    pub fn add(&mut self, (one, other): (u64, u64)) -> io::Result<()> {
        self.pairs.add(one, other)
    }

    /// The documents that are in a pair, by their numbers, each with the number of its cluster.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn clusters(self) -> io::Result<ClusteredDocuments<'static>> {
        self.pairs.clusters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::embed::Values;
    use crate::manifest::SketchShape;
    use crate::passes::near::Stays;
    use crate::write::near_index::NearIndex;

    fn search(set: &[(&str, &str)]) -> NearParts {
        let keyword = |&(name, value): &(&str, &str)| Keyword { name: name.into(), values: Values::One(value.into()) };
        NearParts::of(&set.iter().map(keyword).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn options_are_those_of_the_program() {
        let defaults = search(&[]).settings;
        assert_eq!(defaults, NearSettings::default());
        let set = [("near_threshold", "0.8"), ("near_stays", "first"), ("near-words", "3"), ("near_bands", "9x6")];
        let shape = SketchShape { words: 3, bands: 9, rows: 6 };
        let expected = NearSettings { shape, threshold: Share::of_permille(800), stays: Stays::First };
        assert_eq!(search(&set).settings, expected);
        for (name, value, says) in [
            ("near_threshold", "2", "above 0 and up to 1"),
            ("near_bands", "14", "such as 14x8"),
            ("near_stay", "first", "did you mean near_stays"),
            ("near_copies", "drop", "for folders"),
            ("near-against", "clean", "for folders"),
        ] {
            let keyword = Keyword { name: name.into(), values: Values::One(value.into()) };
            let told = NearParts::of(&[keyword]).unwrap_err().to_string();
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn ids_are_in_the_order_of_pages() {
        let ids = ["a/z", "a.txt", "b#2", "b#10", "b#x", "c#02", "c#2"];
        for (at, id) in ids.iter().enumerate() {
            for (other_at, other) in ids.iter().enumerate() {
                assert_eq!(order(id, other), at.cmp(&other_at), "{id} {other}");
            }
        }
    }

    /// Texts by id: forms of a letter with one word of their own each, more than are compared each with each, long texts with
    /// edits, and texts that are alone.
    fn documents() -> Vec<(String, String)> {
        let words = |seed: u32, count: u32| -> Vec<String> {
            let word = |at: u32| (seed * 7919 + at).wrapping_mul(0x9e37_79b1) >> 7;
            let letters = |word: u32| word.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
            (0..count).map(|at| letters(word(at))).collect()
        };
        let mut texts = Vec::new();
        for copy in 0..90u32 {
            let mut letter = words(1, 60);
            letter.extend(words(100 + copy, copy % 25));
            texts.push(letter.join(" "));
        }
        for page in 0..25u32 {
            let text = words(300 + page, 80 + page);
            for copy in 0..page % 4 {
                let edited = text.iter().enumerate().map(|(at, word)| match at as u32 % 40 {
                    place if place == copy * 9 => "wharf",
                    _ => word,
                });
                texts.push(edited.collect::<Vec<_>>().join(" "));
            }
        }
        texts.extend(["", "four words are few"].map(String::from));
        let id = |number: usize| format!("{}/{}.txt", number * 37 % 5, number * 61 % 997);
        texts.into_iter().enumerate().map(|(number, text)| (id(number), text)).collect()
    }

    type Copies = Vec<(String, String, Share)>;

    /// What a run over all of them finds.
    fn at_once(settings: NearSettings) -> Copies {
        let mut documents = documents();
        documents.sort_by(|(one, _), (other, _)| order(one, other));
        let sketcher = Sketcher::new(settings.shape);
        let mut index = NearIndex::new(Scratch::of(None).unwrap(), settings).unwrap();
        let mut numbered = Vec::new();
        for (id, text) in &documents {
            numbered.extend(index.add(&sketcher.sketch(text)).unwrap().map(|_| id.clone()));
        }
        let (matches, _) = index.find().unwrap();
        let id = |number: u32| numbered[number as usize].clone();
        let mut copies: Copies = matches.iter().map(|it| (id(it.document), id(it.stays), it.jaccard)).collect();
        copies.sort_by(|one, other| one.0.cmp(&other.0));
        copies
    }

    /// What is found where buckets and clusters are dealt out to this many machines.
    fn in_parts(search: &NearParts, machines: u64) -> Copies {
        let sketched: Vec<(String, SketchedText)> =
            documents().into_iter().map(|(id, text)| (id, search.sketch(&text))).collect();
        let mut rows: Vec<Vec<Keyed>> = (0..machines).map(|_| Vec::new()).collect();
        for (id, text) in sketched.iter().rev() {
            let keys = search.keys(id, text.hashes.as_deref());
            for (at, key) in keys.into_iter().enumerate() {
                let hashes = text.hashes.as_deref().filter(|_| at > 0);
                rows[(key % machines) as usize].push(Keyed { key, id, hashes });
            }
        }
        let mut joined = NearClusters::new().unwrap();
        for rows in rows {
            search.pairs(rows).unwrap().into_iter().for_each(|pair| joined.add(pair).unwrap());
        }
        let clusters: HashMap<u64, u32> = joined.clusters().unwrap().collect::<io::Result<_>>().unwrap();
        let mut members: Vec<Vec<Member>> = (0..machines).map(|_| Vec::new()).collect();
        for (id, text) in &sketched {
            if let Some((&cluster, hashes)) = clusters.get(&NearParts::number(id)).zip(text.hashes.as_deref()) {
                let member = Member { cluster: cluster.into(), id, length: text.length, hashes };
                members[cluster as usize % machines as usize].push(member);
            }
        }
        let found = members.into_iter().flat_map(|rows| search.copies(rows));
        let mut copies: Copies = found.map(|it| (it.id.into(), it.stays.into(), it.jaccard)).collect();
        copies.sort_by(|one, other| one.0.cmp(&other.0));
        copies
    }

    #[test]
    fn parts_find_what_a_run_finds() {
        for set in [&[][..], &[("near_stays", "first"), ("near_threshold", "0.75")], &[("near_bands", "30x4")]] {
            let search = search(set);
            let expected = at_once(search.settings);
            assert!(expected.len() > 50, "{}", expected.len());
            for machines in [1, 2, 7] {
                assert_eq!(in_parts(&search, machines), expected, "{set:?} {machines}");
            }
        }
    }

    #[test]
    fn two_rows_of_one_id_are_told() {
        let search = search(&[]);
        let key = |id| search.keys(id, None)[0];
        let row = |id| Keyed { key: key(id), id, hashes: None };
        let told = search.pairs(vec![row("a"), row("b"), row("a")]).unwrap_err().to_string();
        assert!(told.contains("two rows have the id a"), "{told}");
        assert!(search.pairs(vec![row("a"), row("b")]).unwrap().is_empty());
    }
}
