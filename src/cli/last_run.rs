//! The run that has cleaned a page: found by the page, beside it or above it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::{self, Header, NearCopy};
use crate::page::Source;
use crate::passes::passages::Passages;
use crate::write::output_dir::OutputDir;
use crate::write::output_writer::{PASSAGES, TEMPLATES};

/// How many folders above a page are searched.
const FOLDERS_ABOVE: usize = 8;

/// Options that do not change what becomes of a line.
const WRITING: [&str; 4] = ["--format=", "--markup=", "--to=", "--output="];

/// A run that knows a page.
#[derive(Debug)]
pub(super) struct LastRun {
    /// Its output folder.
    pub clean: PathBuf,
    /// Its input: the folder of pages, or the page itself.
    pub raw: PathBuf,
    /// The page's address in it.
    pub source: Source,
    /// The manifest's first line.
    pub header: Header,
    /// The page that stays in its place, where near copies were looked for.
    pub near_copy_of: Option<NearCopy>,
}

impl LastRun {
    /// The run that wrote next to a page, or next to the nearest folder above it, and whose manifest knows the page: the
    /// youngest of those at the same distance. Other output folders beside the same input know other pages.
    pub(super) fn of(file: &Path, record: Option<u64>) -> Option<LastRun> {
        let file = file.canonicalize().ok()?;
        // What the page is called where each folder above it is the input.
        let inputs = file.ancestors().take(FOLDERS_ABOVE);
        let mut names: BTreeMap<String, &Path> =
            inputs.skip(1).filter_map(|raw| Some((manifest::escape(file.strip_prefix(raw).ok()?), raw))).collect();
        // A file that is the whole input has the same name as in its folder; the folder will do.
        names.retain(|name, _| !name.is_empty());
        let youngest = |folder: &Path| {
            let dated = runs_in(folder).into_iter().filter_map(|clean| {
                let run = LastRun::in_folder(&clean, &names, record)?;
                let written = fs::metadata(OutputDir::at(&clean).manifest()).ok()?.modified().ok()?;
                Some((written, run))
            });
            dated.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, run)| run)
        };
        file.ancestors().skip(1).take(FOLDERS_ABOVE).find_map(youngest)
    }

    /// Whether it has kept what it knew of sites.
    pub(super) fn knows_sites(&self) -> bool {
        OutputDir::at(&self.clean).keeps(TEMPLATES)
    }

    /// The passages that it has dropped, where it did.
    pub(super) fn passages(&self) -> Option<Passages> {
        self.header.options.iter().find(|option| option.starts_with("--repeated-passages="))?;
        Passages::from_text(&OutputDir::at(&self.clean).kept(PASSAGES))
    }

    /// Whether it was made with the same options, but for what the text is written as.
    pub(super) fn agrees(&self, header: &Header) -> bool {
        let judging = |header: &Header| {
            let of_output = |option: &&String| WRITING.iter().any(|name| option.starts_with(name));
            header.options.iter().filter(|option| !of_output(option)).cloned().collect::<Vec<_>>()
        };
        judging(&self.header) == judging(header)
    }

    fn in_folder(clean: &Path, names: &BTreeMap<String, &Path>, record: Option<u64>) -> Option<LastRun> {
        let standing = OutputDir::at(clean);
        let header = standing.header().ok().flatten()?;
        let row = standing.earlier().find(|row| row.record == record && names.contains_key(&row.path))?;
        let raw = names.get(&row.path)?.to_path_buf();
        let near_copy_of = row.told().and_then(|told| told.near_copy_of);
        Some(LastRun { clean: clean.into(), raw, source: row.source(), header, near_copy_of })
    }
}

/// The output folders in a folder.
fn runs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    entries.filter(|path| OutputDir::at(path).manifest().is_file()).collect()
}
