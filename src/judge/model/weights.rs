//! The model's numbers as bytes, and back.
//!
//! Little-endian: the magic, the number of columns that the trees were trained with, the thresholds, the
//! lexicon (hash, weight, class), and two forests (bias, trees; a tree is its splits and its leaves).

use super::columns::{COLUMNS, PAD};
use super::lexicon::{Entry, Lexicon};
use super::trees::{DEPTH, Forest, LEAVES, Split, Tree};
use super::{Cutoff, Model};

const MAGIC: &[u8; 8] = b"dechaff1";

impl Model {
    /// The model as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((COLUMNS as u16).to_le_bytes());
        for cutoff in &self.cutoffs {
            [cutoff.percent, cutoff.least, cutoff.most].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        let mut entries = self.lexicon.entries().to_vec();
        entries.sort_unstable_by_key(|entry| entry.hash);
        bytes.extend((entries.len() as u32).to_le_bytes());
        for entry in entries {
            bytes.extend(entry.hash.to_le_bytes());
            bytes.extend([entry.weight as u8, entry.class]);
        }
        for forest in [&self.first, &self.second] {
            bytes.extend(forest.bias.to_le_bytes());
            bytes.extend((forest.trees.len() as u16).to_le_bytes());
            for tree in &forest.trees {
                for split in &tree.splits {
                    bytes.extend(split.column.to_le_bytes());
                    bytes.extend([split.shift as u8, split.above]);
                }
                tree.leaves.iter().for_each(|leaf| bytes.extend(leaf.to_le_bytes()));
            }
        }
        bytes
    }

    /// The model that these bytes stand for; `None` where they are none, or belong to other columns.
    pub fn from_bytes(bytes: &[u8]) -> Option<Model> {
        let mut bytes = Bytes(bytes);
        if bytes.take::<8>()? != *MAGIC || usize::from(bytes.u16()?) != COLUMNS {
            return None;
        }
        let mut cutoffs = [Cutoff::default(); 3];
        for cutoff in &mut cutoffs {
            *cutoff = Cutoff { percent: bytes.u16()?, least: bytes.u16()?, most: bytes.u16()? };
        }
        let count = u32::from_le_bytes(bytes.take()?);
        let entries: Option<Vec<Entry>> = (0..count)
            .map(|_| {
                let hash = u32::from_le_bytes(bytes.take()?);
                let [weight, class] = bytes.take()?;
                Some(Entry { hash, weight: weight as i8, class })
            })
            .collect();
        let lexicon = Lexicon::of(&entries?);
        let first = bytes.forest()?;
        let second = bytes.forest()?;
        bytes.0.is_empty().then_some(Model { lexicon, first, second, cutoffs })
    }
}

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn forest(&mut self) -> Option<Forest> {
        let bias = i32::from_le_bytes(self.take()?);
        let trees = (0..self.u16()?).map(|_| self.tree()).collect::<Option<_>>()?;
        Some(Forest { bias, trees })
    }

    fn tree(&mut self) -> Option<Tree> {
        let mut tree = Tree { splits: [Split::default(); DEPTH], leaves: [0; LEAVES] };
        for split in &mut tree.splits {
            let column = self.u16()?;
            let [shift, above] = self.take()?;
            *split = Split { column, shift: shift as i8, above };
            if usize::from(column) >= COLUMNS || usize::from(split.shift.unsigned_abs()) > PAD {
                return None;
            }
        }
        for leaf in &mut tree.leaves {
            *leaf = i16::from_le_bytes(self.take()?);
        }
        Some(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_is_written_as_it_was_read_and_a_cut_one_is_refused() {
        let bytes = include_bytes!("../../../rules/model/weights.bin");
        assert!(bytes.len() <= 1 << 20, "the model is at most 1 MiB");
        assert_eq!(Model::embedded().to_bytes(), bytes);
        for length in [0, 7, 30, bytes.len() / 2, bytes.len() - 1] {
            assert!(Model::from_bytes(&bytes[..length]).is_none(), "{length}");
        }
    }
}
