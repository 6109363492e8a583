//! Finds, among documents that share a band of hashes, those that are alike, and says which of them stays.
//!
//! A shared band makes a candidate and nothing more: two documents are compared by their whole sketches. Those that are alike
//! are joined, and what is joined is a cluster. In a cluster, documents are taken in the order in which they would stay; one that
//! is alike one that stays goes, and names it. So nothing is dropped for a chain of others: each that goes was compared with the
//! one that stays in its place.
//!
//! Documents of earlier corpora stay, all of them: they are compared with documents of this run, and never go.
//!
//! Which documents of a bucket are alike hangs on that bucket alone, and what becomes of a cluster on that cluster alone. So it is
//! the same for any order in which keys were made, and where buckets and clusters are dealt out to machines.

use crate::manifest::Share;
use crate::passes::near::sketcher::jaccard;
use crate::passes::near::{NearSettings, Stays};

/// Members of a bucket up to which each is compared with each. Of a larger one, a member of every cluster is.
const BUCKET: usize = 64;

/// Documents of a cluster that stay, of earlier corpora and of the run each, up to which others are compared with each of them.
const STANDING: usize = 4096;

/// A document, by its number in path order.
pub type DocumentNumber = u32;

/// The documents that are numbered: first those of earlier corpora, then those of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbered {
    /// Documents of earlier corpora.
    pub earlier: u32,
    /// All documents.
    pub all: u32,
}

/// Gives the sketches of documents.
pub trait SketchSource {
    /// What goes wrong with reading.
    type Error;

    /// The length and the hashes of a document.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn sketch(&mut self, document: DocumentNumber) -> Result<(u32, Vec<u8>), Self::Error>;
}

/// A document that is alike another one, which stays in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The document.
    pub document: DocumentNumber,
    /// The one that stays.
    pub stays: DocumentNumber,
    /// How alike they are.
    pub jaccard: Share,
}

/// What was found, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClusterCounts {
    /// Pairs of documents that were compared.
    pub compared: u64,
    /// Of these, pairs that were alike.
    pub alike: u64,
    /// Documents that stay in place of others.
    pub clusters: u64,
    /// Documents that are alike one of an earlier corpus.
    pub of_earlier: u64,
    /// How many documents the largest of them stands for, itself included.
    pub largest: u64,
    /// Which it is.
    pub largest_is: Option<DocumentNumber>,
    /// Buckets and clusters that were too large to compare each of them with each.
    pub capped: u64,
}

/// Finds the near copies among documents. `keys` are their bands' keys, sorted, each with its document.
///
/// # Errors
/// Where keys or sketches cannot be read.
pub fn find<S: SketchSource>(
    settings: &NearSettings,
    documents: Numbered,
    keys: impl Iterator<Item = Result<(u64, DocumentNumber), S::Error>>,
    sketches: &mut S,
) -> Result<(Vec<Match>, ClusterCounts), S::Error> {
    let mut joining = Joining {
        threshold: settings.threshold,
        earlier: documents.earlier,
        sets: Sets::new(documents.all),
        sketches,
        counts: ClusterCounts::default(),
    };
    let mut bucket: Vec<DocumentNumber> = Vec::new();
    let mut of = 0;
    for key in keys {
        let (key, document) = key?;
        if key != of {
            joining.bucket(&bucket)?;
            bucket.clear();
            of = key;
        }
        bucket.push(document);
    }
    joining.bucket(&bucket)?;
    let Joining { mut sets, sketches, mut counts, .. } = joining;
    let mut matches = Vec::new();
    for cluster in sets.clusters() {
        divide(settings, documents.earlier, &cluster, sketches, &mut matches, &mut counts)?;
    }
    matches.sort_unstable_by_key(|found| found.document);
    Ok((matches, counts))
}

/// What is joined so far.
struct Joining<'s, S> {
    threshold: Share,
    earlier: u32,
    sets: Sets,
    sketches: &'s mut S,
    counts: ClusterCounts,
}

impl<S: SketchSource> Joining<'_, S> {
    /// Joins the documents of a bucket that are alike.
    fn bucket(&mut self, members: &[DocumentNumber]) -> Result<(), S::Error> {
        let Some((&first, others)) = members.split_first() else { return Ok(()) };
        // How documents of earlier corpora are to one another is not asked.
        if others.last().is_none_or(|&last| last < self.earlier) {
            return Ok(());
        }
        let root = self.sets.root(first);
        if others.iter().all(|&other| self.sets.root(other) == root) {
            return Ok(());
        }
        let found = alike(members, self.threshold, |&member| Ok(self.sketches.sketch(member)?.1))?;
        for &(one, other) in &found.pairs {
            self.sets.join(one, other);
        }
        self.counts.compared += found.compared;
        self.counts.alike += found.pairs.len() as u64;
        self.counts.capped += u64::from(found.is_capped);
        Ok(())
    }
}

/// The documents of a bucket that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike<T> {
    /// Pairs that join them: no pair is there that the pairs before it join already.
    pub pairs: Vec<(T, T)>,
    /// Pairs that were compared.
    pub compared: u64,
    /// Whether there were too many to compare all that should have been.
    pub is_capped: bool,
}

/// Compares the members of a bucket, which come in the order of documents: each with each, or, where there are many, each
/// with one of every cluster among them.
///
/// # Errors
/// Where the hashes of a member cannot be read.
pub fn alike<T: Copy, H: AsRef<[u8]>, E>(
    members: &[T],
    threshold: Share,
    mut hashes: impl FnMut(&T) -> Result<H, E>,
) -> Result<Alike<T>, E> {
    let is_large = members.len() > BUCKET;
    let mut found = Alike { pairs: Vec::new(), compared: 0, is_capped: false };
    let mut sets = Sets::new(members.len() as u32);
    let mut against: Vec<(u32, T, H)> = Vec::new();
    for (number, member) in (0u32..).zip(members) {
        let its_hashes = hashes(member)?;
        let mut is_joined = false;
        for (other_number, other, other_hashes) in &against {
            if sets.root(*other_number) == sets.root(number) {
                continue;
            }
            found.compared += 1;
            if jaccard(its_hashes.as_ref(), other_hashes.as_ref()) >= threshold {
                found.pairs.push((*other, *member));
                sets.join(*other_number, number);
                is_joined = true;
            }
        }
        match () {
            () if !is_large => against.push((number, *member, its_hashes)),
            () if is_joined => {}
            () if against.len() < BUCKET => against.push((number, *member, its_hashes)),
            () => found.is_capped = true,
        }
    }
    Ok(found)
}

/// The near copies of one cluster, which has all documents that the source has: so many, in their order.
///
/// # Errors
/// Where sketches cannot be read.
pub fn of_cluster<S: SketchSource>(
    settings: &NearSettings,
    documents: u32,
    sketches: &mut S,
) -> Result<Vec<Match>, S::Error> {
    let all: Vec<DocumentNumber> = (0..documents).collect();
    let (mut matches, mut counts) = (Vec::new(), ClusterCounts::default());
    divide(settings, 0, &all, sketches, &mut matches, &mut counts)?;
    Ok(matches)
}

/// Says of each document of a cluster whether it stays.
fn divide<S: SketchSource>(
    settings: &NearSettings,
    earlier: u32,
    cluster: &[DocumentNumber],
    sketches: &mut S,
    matches: &mut Vec<Match>,
    counts: &mut ClusterCounts,
) -> Result<(), S::Error> {
    let (of_earlier, own) = cluster.split_at(cluster.partition_point(|&document| document < earlier));
    let mut order = Vec::with_capacity(own.len());
    for &document in own {
        let length = match settings.stays {
            Stays::Longest => sketches.sketch(document)?.0,
            Stays::First => 0,
        };
        order.push((std::cmp::Reverse(length), document));
    }
    order.sort_unstable();
    struct Standing {
        document: DocumentNumber,
        hashes: Vec<u8>,
        replaces: u64,
    }
    let mut standing: Vec<Standing> = Vec::new();
    for &document in of_earlier.iter().take(if own.is_empty() { 0 } else { STANDING }) {
        standing.push(Standing { document, hashes: sketches.sketch(document)?.1, replaces: 0 });
    }
    let most = standing.len() + STANDING;
    let mut is_capped = !own.is_empty() && of_earlier.len() > STANDING;
    for (_, document) in order {
        let (_, hashes) = sketches.sketch(document)?;
        let mut best: Option<(usize, Share)> = None;
        for (at, stays) in standing.iter().enumerate() {
            let alike = jaccard(&hashes, &stays.hashes);
            if alike >= settings.threshold && best.is_none_or(|(_, so_far)| alike > so_far) {
                best = Some((at, alike));
            }
        }
        match best {
            Some((at, jaccard)) => {
                standing[at].replaces += 1;
                counts.of_earlier += u64::from(standing[at].document < earlier);
                matches.push(Match { document, stays: standing[at].document, jaccard });
            }
            None if standing.len() < most => standing.push(Standing { document, hashes, replaces: 0 }),
            // It stays, and nothing is compared with it.
            None => is_capped = true,
        }
    }
    counts.capped += u64::from(is_capped);
    for stays in standing.iter().filter(|stays| stays.replaces > 0) {
        counts.clusters += 1;
        if stays.replaces + 1 > counts.largest {
            counts.largest = stays.replaces + 1;
            counts.largest_is = Some(stays.document);
        }
    }
    Ok(())
}

/// Which documents are joined: four bytes a document.
#[derive(Debug)]
pub struct Sets {
    parents: Vec<DocumentNumber>,
}

impl Sets {
    /// So many documents, none of which is joined with another.
    pub fn new(documents: u32) -> Sets {
        Sets { parents: (0..documents).collect() }
    }

    /// The least of the documents that a document is joined with.
    pub fn root(&mut self, document: DocumentNumber) -> DocumentNumber {
        let mut at = document;
        while self.parents[at as usize] != at {
            // Each looks past its parent, which halves the way.
            let beyond = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = beyond;
            at = beyond;
        }
        at
    }

    /// Joins two documents, and all that are joined with either.
    pub fn join(&mut self, one: DocumentNumber, other: DocumentNumber) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other) as usize] = one.min(other);
    }

    /// The documents that are joined with another, cluster by cluster in the order of their first ones.
    fn clusters(&mut self) -> Vec<Vec<DocumentNumber>> {
        let mut joined: Vec<(DocumentNumber, DocumentNumber)> = Vec::new();
        for document in 0..self.parents.len() as DocumentNumber {
            let root = self.root(document);
            if root != document {
                joined.push((root, document));
            }
        }
        joined.sort_unstable();
        let of_root = |of: &[(DocumentNumber, DocumentNumber)]| {
            std::iter::once(of[0].0).chain(of.iter().map(|&(_, document)| document)).collect()
        };
        joined.chunk_by(|one, other| one.0 == other.0).map(of_root).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Sketch, SketchShape};
    use crate::passes::near::sketcher::keys;

    /// Sketches in memory.
    struct InMemory(Vec<Sketch>);

    impl SketchSource for InMemory {
        type Error = std::convert::Infallible;

        fn sketch(&mut self, document: DocumentNumber) -> Result<(u32, Vec<u8>), Self::Error> {
            let sketch = &self.0[document as usize];
            Ok((sketch.length, sketch.hashes.clone()))
        }
    }

    /// A sketch of 112 hashes of which so many are those of a family, from a place on.
    fn of_family(family: u8, length: u32, other_from: usize, others: usize) -> Sketch {
        let mut hashes = vec![family; 112];
        for (number, hash) in hashes[other_from..other_from + others].iter_mut().enumerate() {
            *hash = family ^ 0x80 ^ (number % 7) as u8 ^ (length % 16) as u8;
        }
        Sketch { shape: SketchShape::default(), length, hashes }
    }

    fn found(sketches: Vec<Sketch>, settings: &NearSettings) -> (Vec<Match>, ClusterCounts) {
        found_beside(0, sketches, settings)
    }

    fn found_beside(earlier: u32, sketches: Vec<Sketch>, settings: &NearSettings) -> (Vec<Match>, ClusterCounts) {
        let mut all: Vec<(u64, u32)> = sketches
            .iter()
            .enumerate()
            .flat_map(|(document, sketch)| keys(sketch).map(move |key| (key, document as u32)))
            .collect();
        all.sort_unstable();
        let documents = Numbered { earlier, all: sketches.len() as u32 };
        match find(settings, documents, all.into_iter().map(Ok), &mut InMemory(sketches)) {
            Ok(found) => found,
            Err(never) => match never {},
        }
    }

    fn stays_of(matches: &[Match]) -> Vec<(u32, u32)> {
        matches.iter().map(|found| (found.document, found.stays)).collect()
    }

    #[test]
    fn the_longest_stays_and_of_equals_the_first() {
        let family = |length| of_family(1, length, 0, 0);
        let sketches = || vec![family(5), family(9), of_family(2, 9, 0, 0), family(9)];
        let (matches, counts) = found(sketches(), &NearSettings::default());
        assert_eq!(stays_of(&matches), [(0, 1), (3, 1)]);
        assert_eq!((counts.clusters, counts.largest, counts.largest_is), (1, 3, Some(1)));
        let first = NearSettings { stays: Stays::First, ..NearSettings::default() };
        assert_eq!(stays_of(&found(sketches(), &first).0), [(1, 0), (3, 0)]);
    }

    #[test]
    fn what_is_earlier_stays_whatever_its_length_and_whatever_it_is_alike() {
        let family = |length| of_family(1, length, 0, 0);
        let sketches =
            || vec![family(5), family(5), of_family(2, 3, 0, 0), family(9), of_family(3, 9, 0, 0), family(9)];
        let (matches, counts) = found_beside(3, sketches(), &NearSettings::default());
        assert_eq!(stays_of(&matches), [(3, 0), (5, 0)]);
        assert_eq!((counts.of_earlier, counts.largest, counts.largest_is), (2, 3, Some(0)));
        // With nothing of the run among them, nothing is compared.
        let (matches, counts) = found_beside(6, sketches(), &NearSettings::default());
        assert_eq!((matches.len(), counts), (0, ClusterCounts::default()));
    }

    #[test]
    fn a_cluster_of_earlier_documents_leaves_room_for_those_of_the_run() {
        // More documents of an earlier corpus than others are compared with, all alike, and copies of a page of the run, whose
        // first half is like theirs.
        let earlier = STANDING as u32 + 10;
        let mut sketches: Vec<Sketch> = (0..earlier).map(|_| of_family(1, 9, 0, 0)).collect();
        sketches.extend((0..3).map(|_| of_family(1, 8, 56, 56)));
        sketches.push(of_family(1, 7, 0, 20));
        let (matches, counts) = found_beside(earlier, sketches, &NearSettings::default());
        assert_eq!(stays_of(&matches), [(earlier + 1, earlier), (earlier + 2, earlier), (earlier + 3, 0)]);
        assert_eq!(counts.capped, 1);
    }

    #[test]
    fn candidates_that_are_not_alike_stay() {
        // One band in common, and nothing else.
        let sketches = vec![of_family(1, 9, 0, 0), of_family(1, 8, 8, 104)];
        let (matches, counts) = found(sketches, &NearSettings::default());
        assert_eq!((matches.len(), counts.compared, counts.alike), (0, 1, 0));
    }

    #[test]
    fn none_goes_for_a_chain_of_others() {
        // Each is 80 % alike the next, and 60 % alike the one behind it.
        let chain = || -> Vec<Sketch> { (0..4).map(|at| of_family(1, 9 - at, at as usize * 22, 22)).collect() };
        let (matches, _) = found(chain(), &NearSettings::default());
        let mut sketches = InMemory(chain());
        for found in &matches {
            let hashes = [found.document, found.stays].map(|document| match sketches.sketch(document) {
                Ok((_, hashes)) => hashes,
                Err(never) => match never {},
            });
            assert_eq!(jaccard(&hashes[0], &hashes[1]), found.jaccard);
            assert!(found.jaccard >= Share::of_permille(700), "{found:?}");
            assert!(matches.iter().all(|other| other.document != found.stays), "the one that stays goes: {found:?}");
        }
    }

    #[test]
    fn a_giant_bucket_is_capped_and_its_true_copies_found() {
        // 300 documents share a band; the first 200 are unlike each other, the rest are copies of the first.
        let unlike = |number: u32| {
            let mut state = u64::from(number) << 32 | 77;
            let mut sketch = of_family(1, 100, 0, 0);
            for hash in &mut sketch.hashes[8..] {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *hash = (state >> 56) as u8;
            }
            sketch
        };
        let sketches: Vec<Sketch> = (0..300).map(|number| unlike(if number < 200 { number } else { 0 })).collect();
        let (matches, counts) = found(sketches, &NearSettings::default());
        assert_eq!(matches.len(), 100);
        assert!(matches.iter().all(|found| found.stays == 0 && found.document >= 200));
        assert_eq!((counts.largest, counts.capped), (101, 1));
    }
}
