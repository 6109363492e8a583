//! Which names are taken, and by whom.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::printable;
use crate::manifest::relative_path::RelativePath;
use crate::write::output_name::{self, TAKEN};

/// The names of outputs that are taken in a run.
#[derive(Debug, Default)]
pub(super) struct OutputNames {
    /// Hashes of output paths that differ from their source's, so that a later source may want the same, and whose they
    /// are.
    contested: HashMap<u64, Claimant>,
    /// By the hash of its name: of which page an output is left that this run does not meet, and whether that page is gone.
    left: HashMap<u64, (String, bool)>,
    /// Where the texts of records are whose names other records of their files have taken in this run.
    aside: HashMap<u64, RelativePath>,
    /// Sources whose outputs have their own name, as far as a later source's name may begin with theirs: `page.txt`,
    /// until all that could be called `page.txt.gz` have come.
    own_names: Vec<String>,
}

/// A page that has a name: the hash of its source, and its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claimant {
    source: u64,
    record: Option<u64>,
}

impl Claimant {
    fn of(source: &str, record: Option<u64>) -> Claimant {
        Claimant { source: xxh3_64(source.as_bytes()), record }
    }
}

/// Why a page may not have the name of an output that is left of another page, and what to do.
pub(super) fn of_another(shown: &str, owner: &str, is_gone: bool) -> String {
    let owner = printable(owner);
    match is_gone {
        true => format!("{shown} is the text of {owner}, which is gone; --prune removes it, or rename this source"),
        false => format!("{shown} is the text of {owner}, which this run does not read; rename one of the two"),
    }
}

impl OutputNames {
    /// What the text of a record is called: its number stands behind the name where another record of its file has that.
    pub(super) fn of_record(&self, source: &str, record: u64, mut name: String) -> String {
        let own = Claimant::of(source, Some(record));
        let is_namesakes = |name: &str| {
            let claimant = self.contested.get(&xxh3_64(name.as_bytes()));
            claimant.is_some_and(|other| *other != own && other.source == own.source)
        };
        while is_namesakes(&name) {
            name = output_name::of_namesake(&name, record);
        }
        name
    }

    /// Takes a name for a page.
    ///
    /// # Errors
    /// In words, where another page has it.
    pub(super) fn claim(&mut self, source: &str, record: Option<u64>, out: &str) -> Result<(), String> {
        let name = xxh3_64(out.as_bytes());
        self.own_names.retain(|own| source.starts_with(own.as_str()));
        if self.contested.contains_key(&name) || self.own_names.iter().any(|own| own == out && own != source) {
            if let Some((owner, is_gone)) = self.left.get(&name) {
                return Err(of_another(&printable(out), owner, *is_gone));
            }
            return Err(format!(
                "{} {TAKEN}, and {} would be written there too; rename one of the sources",
                printable(out),
                printable(source)
            ));
        }
        if out == source {
            self.own_names.push(out.into());
        } else {
            // Another source may be called what this output is called; path order brings it later.
            self.contested.insert(name, Claimant::of(source, record));
        }
        Ok(())
    }

    /// Notes of whom an output is that has its name, though the run does not meet its page.
    pub(super) fn note_left(&mut self, source: &str, out: &str, is_gone: bool) {
        self.left.insert(xxh3_64(out.as_bytes()), (source.into(), is_gone));
    }

    /// Leaves a name to its owner.
    pub(super) fn release(&mut self, out: &str) {
        self.contested.remove(&xxh3_64(out.as_bytes()));
    }

    /// Whether another page of this run has taken a name.
    pub(super) fn is_taken_from(&self, source: &str, record: Option<u64>, out: &str) -> bool {
        let taken_by = self.contested.get(&xxh3_64(out.as_bytes()));
        taken_by.is_some_and(|&other| other != Claimant::of(source, record))
            || self.own_names.iter().any(|own| own == out && own != source)
    }

    /// Notes where the text is that stood under a name.
    pub(super) fn note_aside(&mut self, out: &RelativePath, aside: RelativePath) {
        self.aside.insert(xxh3_64(out.as_str().as_bytes()), aside);
    }

    /// Where the text is that stood under a name, if it was put aside; asked for once.
    pub(super) fn take_aside(&mut self, out: &str) -> Option<RelativePath> {
        self.aside.remove(&xxh3_64(out.as_bytes()))
    }

    /// What was put aside and not asked for.
    pub(super) fn left_aside(&mut self) -> impl Iterator<Item = RelativePath> {
        std::mem::take(&mut self.aside).into_values()
    }
}
