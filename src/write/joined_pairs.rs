//! Clusters of documents that were found alike elsewhere: pairs come in, in any order, and the documents of each cluster come
//! out. A document is called by a hash of 64 bits.
//!
//! Pairs are sorted on the disk, which gives the documents numbers, so that memory holds four bytes for each that is in a pair.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::passes::near::clusters::Sets;
use crate::write::scratch::{Scratch, ScratchFile};
use crate::write::sorted_runs::SortedRuns;

/// Pairs of documents.
pub struct JoinedPairs<'f> {
    scratch: Scratch<'f>,
    /// Each end of a pair, with the number of the pair.
    ends: SortedRuns<'f>,
    pairs: u32,
}

impl<'f> JoinedPairs<'f> {
    /// Has no pairs yet.
    pub fn new(scratch: Scratch<'f>) -> JoinedPairs<'f> {
        JoinedPairs { scratch, ends: SortedRuns::new(scratch, "near-ends"), pairs: 0 }
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// What the operating system said, and where there are more pairs than can be numbered.
    pub fn add(&mut self, one: u64, other: u64) -> io::Result<()> {
        let number = self.pairs;
        self.pairs = number
            .checked_add(1)
            .ok_or_else(|| io::Error::other("more than four billion pairs of near copies: look for them in parts"))?;
        self.ends.add((one, number))?;
        self.ends.add((other, number))
    }

    /// The documents that are in a pair, in the order of their hashes, each with the number of its cluster.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn clusters(self) -> io::Result<ClusteredDocuments<'f>> {
        let mut hashes = BufWriter::with_capacity(1 << 20, self.scratch.file("near-hashes")?);
        let mut numbered = SortedRuns::new(self.scratch, "near-numbered");
        let (mut documents, mut last) = (0u32, None);
        for end in self.ends.sorted()? {
            let (hash, pair) = end?;
            if last != Some(hash) {
                last = Some(hash);
                hashes.write_all(&hash.to_le_bytes())?;
                documents = documents.checked_add(1).ok_or_else(|| {
                    io::Error::other("more than four billion documents have near copies: look for them in parts")
                })?;
            }
            numbered.add((pair.into(), documents - 1))?;
        }
        let mut sets = Sets::new(documents);
        let mut before = None;
        for end in numbered.sorted()? {
            let (pair, document) = end?;
            before = match before {
                Some((other_pair, other)) if other_pair == pair => {
                    sets.join(other, document);
                    None
                }
                _ => Some((pair, document)),
            };
        }
        let mut file = hashes.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(ClusteredDocuments { hashes: BufReader::with_capacity(1 << 20, file), sets, documents, next: 0 })
    }
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

    fn clusters(pairs: &[(u64, u64)]) -> Vec<(u64, u32)> {
        let mut joined = JoinedPairs::new(Scratch::of(None).unwrap());
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
            assert_eq!(clusters(&pairs), expected);
            let turned: Vec<_> = pairs.iter().map(|&(one, other)| (other, one)).collect();
            assert_eq!(clusters(&turned), expected);
        }
        assert_eq!(clusters(&[]), []);
        // A document that has the hash of another one.
        assert_eq!(clusters(&[(3, 3)]), [(3, 0)]);
    }
}
