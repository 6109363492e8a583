//! The model's numbers as bytes, and back.
//!
//! Little-endian: the magic, the number of columns that the trees were trained with, the thresholds, the
//! lexicon (hash, weight, class), and two forests (bias, trees; a tree is its splits and its leaves).

use super::columns::{COLUMNS, PAD, TEXT_COLUMNS};
use super::lexicon::{Entry, Lexicon};
use super::trees::{DEPTH, Forest, LEAVES, Leaves, Split, Tree};
use super::{Cutoff, Model};

const MAGIC: &[u8; 8] = b"dechaff3";

impl Model {
    /// The model as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.columns as u16).to_le_bytes());
        for cutoff in &self.cutoffs {
            [cutoff.percent, cutoff.least, cutoff.most, cutoff.recall]
                .iter()
                .for_each(|number| bytes.extend(number.to_le_bytes()));
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
                bytes.extend((0..LEAVES).map(|leaf| tree.leaves.steps(leaf).cast_unsigned()));
            }
        }
        bytes
    }

    /// The model that these bytes stand for; `None` where they are none, or belong to other columns.
    pub fn from_bytes(bytes: &[u8]) -> Option<Model> {
        let mut bytes = Bytes(bytes);
        let (magic, columns) = (bytes.take::<8>()?, usize::from(bytes.u16()?));
        if magic != *MAGIC || ![TEXT_COLUMNS, COLUMNS].contains(&columns) {
            return None;
        }
        let mut cutoffs = [Cutoff::default(); 3];
        for cutoff in &mut cutoffs {
            let [percent, least, most, recall] = [bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?];
            *cutoff = Cutoff { percent, least, most, recall };
        }
        let count = u32::from_le_bytes(bytes.take()?) as usize;
        let entries = bytes.0.split_at_checked(count.checked_mul(ENTRY)?)?;
        bytes.0 = entries.1;
        let entry = |&[a, b, c, d, weight, class]: &[u8; ENTRY]| Entry {
            hash: u32::from_le_bytes([a, b, c, d]),
            weight: weight.cast_signed(),
            class,
        };
        let entries: Vec<Entry> = entries.0.as_chunks().0.iter().map(entry).collect();
        let lexicon = Lexicon::of(&entries);
        let first = bytes.forest(columns)?;
        let second = bytes.forest(columns)?;
        bytes.0.is_empty().then_some(Model { columns, lexicon, first, second, cutoffs })
    }
}

/// Bytes of an entry of the lexicon.
const ENTRY: usize = 6;

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

    fn forest(&mut self, columns: usize) -> Option<Forest> {
        let bias = i32::from_le_bytes(self.take()?);
        let trees = (0..self.u16()?).map(|_| self.tree(columns)).collect::<Option<_>>()?;
        Some(Forest { bias, trees })
    }

    fn tree(&mut self, columns: usize) -> Option<Tree> {
        let mut splits = [Split::default(); DEPTH];
        for split in &mut splits {
            let column = self.u16()?;
            let [shift, above] = self.take()?;
            *split = Split { column, shift: shift as i8, above };
            if usize::from(column) >= columns || usize::from(split.shift.unsigned_abs()) > PAD {
                return None;
            }
        }
        let mut leaves = [0; LEAVES];
        leaves.iter_mut().zip(self.take::<LEAVES>()?).for_each(|(step, byte)| *step = byte.cast_signed());
        Some(Tree { splits, leaves: Leaves::of(&leaves) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::model::{HTML_WEIGHTS, WEIGHTS};

    #[test]
    fn the_embedded_models_are_written_as_they_were_read_and_cut_ones_are_refused() {
        assert!(WEIGHTS.len() + HTML_WEIGHTS.len() <= 1 << 20, "the models are at most 1 MiB");
        for (model, bytes) in [(Model::of_text(), WEIGHTS), (Model::of_html(), HTML_WEIGHTS)] {
            assert_eq!(model.to_bytes(), bytes);
            for length in [0, 7, 30, bytes.len() / 2, bytes.len() - 1] {
                assert!(Model::from_bytes(&bytes[..length]).is_none(), "{length}");
            }
        }
    }
}
