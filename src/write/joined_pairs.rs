//! Clusters of documents that were found alike elsewhere: pairs come in, in any order, and the documents of each cluster come
//! out. A document is called by a hash of 64 bits.
//!
//! Pairs are sorted on the disk, which gives the documents numbers, so that memory holds four bytes for each that is in a pair.
//! Now and then what was joined takes the place of the pairs that joined it, so that the disk holds few more pairs than documents.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::passes::near::clusters::Sets;
use crate::write::scratch::{Scratch, ScratchFile};
use crate::write::sorted_runs::SortedRuns;

/// Pairs up to which none is put in its place: 6.4 GB of the disk, and as much while they are joined.
const PAIRS: u32 = 1 << 28;

/// Pairs of documents.
pub struct JoinedPairs<'f> {
    scratch: Scratch<'f>,
    /// Documents with labels: those of one label are joined. A pair is a label on two documents.
    labelled: SortedRuns<'f>,
    /// The label that comes next.
    next: u32,
    /// The label at which what was joined takes the place of pairs.
    limit: u32,
    least_limit: u32,
}

impl<'f> JoinedPairs<'f> {
    /// Has no pairs yet.
    pub fn new(scratch: Scratch<'f>) -> JoinedPairs<'f> {
        JoinedPairs::with_limit(scratch, PAIRS)
    }

    fn with_limit(scratch: Scratch<'f>, limit: u32) -> JoinedPairs<'f> {
        let labelled = SortedRuns::new(scratch, "near-labelled");
        JoinedPairs { scratch, labelled, next: 0, limit, least_limit: limit }
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// What the operating system said, and where there are more documents than can be numbered.
    pub fn add(&mut self, one: u64, other: u64) -> io::Result<()> {
        if self.next == self.limit {
            self.shorten()?;
        }
        let label = self.next;
        self.next = label.checked_add(1).ok_or_else(too_many)?;
        self.labelled.add((one, label))?;
        self.labelled.add((other, label))
    }

    /// Puts what is joined in the place of the pairs that joined it.
    fn shorten(&mut self) -> io::Result<()> {
        let shorter = JoinedPairs::with_limit(self.scratch, self.least_limit);
        let clusters = std::mem::replace(self, shorter).clusters()?;
        self.next = clusters.documents;
        // So that a document is written again about as often as it comes in.
        self.limit = self.least_limit.max(self.next.saturating_mul(2));
        for document in clusters {
            self.labelled.add(document?)?;
        }
        Ok(())
    }

    /// The documents that are in a pair, in the order of their hashes, each with the number of its cluster.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn clusters(self) -> io::Result<ClusteredDocuments<'f>> {
        let mut hashes = BufWriter::with_capacity(1 << 20, self.scratch.file("near-hashes")?);
        let mut numbered = SortedRuns::new(self.scratch, "near-numbered");
        let (mut documents, mut last) = (0u32, None);
        for document in self.labelled.sorted()? {
            let (hash, label) = document?;
            if last != Some(hash) {
                last = Some(hash);
                hashes.write_all(&hash.to_le_bytes())?;
                documents = documents.checked_add(1).ok_or_else(too_many)?;
            }
            numbered.add((label.into(), documents - 1))?;
        }
        let mut sets = Sets::new(documents);
        let mut before: Option<(u64, u32)> = None;
        for document in numbered.sorted()? {
            let (label, number) = document?;
            if let Some((_, other)) = before.filter(|&(other_label, _)| other_label == label) {
                sets.join(other, number);
            }
            before = Some((label, number));
        }
        let mut file = hashes.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(ClusteredDocuments { hashes: BufReader::with_capacity(1 << 20, file), sets, documents, next: 0 })
    }
}

fn too_many() -> io::Error {
    io::Error::other("more than four billion documents have near copies: look for them in parts")
}

/// Documents with the numbers of their clusters.
pub struct ClusteredDocuments<'f> {
    hashes: BufReader<ScratchFile<'f>>,
    sets: Sets,
    documents: u32,
    next: u32,
}

impl Iterator for ClusteredDocuments<'_> {
    type Item = io::Result<(u64, u32)>;

    fn next(&mut self) -> Option<io::Result<(u64, u32)>> {
        if self.next == self.documents {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let mut hash = [0; 8];
        let read = self.hashes.read_exact(&mut hash);
        Some(read.map(|()| (u64::from_le_bytes(hash), self.sets.root(number))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(pairs: &[(u64, u64)], limit: u32) -> Vec<(u64, u32)> {
        let mut joined = JoinedPairs::with_limit(Scratch::of(None).unwrap(), limit);
        pairs.iter().for_each(|&(one, other)| joined.add(one, other).unwrap());
        joined.clusters().unwrap().collect::<io::Result<_>>().unwrap()
    }

    #[test]
    fn pairs_in_any_order_make_the_same_clusters() {
        let far = u64::MAX;
        let mut pairs = vec![(900, 5), (7, far), (5, 40), (far, 8), (40, 900), (8, 7), (60, 61)];
        let expected = [(5, 0), (7, 1), (8, 1), (40, 0), (60, 4), (61, 4), (900, 0), (far, 1)];
        for _ in 0..pairs.len() {
            pairs.rotate_left(1);
            assert_eq!(clusters(&pairs, PAIRS), expected);
            let turned: Vec<_> = pairs.iter().map(|&(one, other)| (other, one)).collect();
            assert_eq!(clusters(&turned, PAIRS), expected);
        }
        assert_eq!(clusters(&[], PAIRS), []);
        // A document that has the hash of another one.
        assert_eq!(clusters(&[(3, 3)], PAIRS), [(3, 0)]);
    }

    #[test]
    fn what_was_joined_stands_in_for_its_pairs() {
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let document = |group: u64, at: u64| hash(group * 100 + at % 97);
        let pairs: Vec<_> =
            (0..4000u64).map(|at| (document(at % 40, at * at), document(at % 40, at * 7 / 3))).collect();
        let expected = clusters(&pairs, PAIRS);
        let of: std::collections::HashMap<_, _> = expected.iter().copied().collect();
        assert!(of.values().collect::<std::collections::HashSet<_>>().len() > 20);
        assert!(pairs.iter().all(|(one, other)| of[one] == of[other]));
        for limit in [1, 7, 300] {
            assert_eq!(clusters(&pairs, limit), expected, "{limit}");
        }
    }
}
