//! Writes the output folder: texts, shards, the journal and the manifest. The only room that touches it.

pub mod atomic;
pub mod attributes;
pub mod committer;
pub mod document;
pub mod earlier_corpus;
pub mod formats;
pub mod joined_pairs;
pub mod journal;
pub mod most_cut;
pub mod near_index;
mod originals;
pub mod output_dir;
pub mod output_name;
pub mod output_writer;
pub mod previous_rows;
pub mod rejected;
pub mod root_dir;
pub mod scratch;
pub mod shards;
pub mod sorted_runs;
pub mod spool;
pub mod summary;
pub mod verify;
