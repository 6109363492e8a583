//! Gives pages their final names, in path order, and writes the journal. What earlier runs wrote is replaced, left,
//! or removed here; `ARCHITECTURE.md` has the table.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::{self, BufWriter};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result, printable};
use crate::hash::sha256;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::shard::Shard;
use crate::manifest::{Header, Output, Row, Status};
use crate::write::journal::Journal;
use crate::write::output_dir::{OutputDir, ShardState, inner};
use crate::write::output_name::{self, TAKEN};
use crate::write::output_writer::{OutputWriter, Pending, Written, roll_forward, write_error};
use crate::write::previous_rows::{PreviousRow, PreviousRows};
use crate::write::root_dir::{Entry, RootDir};
use crate::write::shards::Shards;

/// What a run may take away, and how far its word goes.
pub struct Removal<'f> {
    /// Whether a path below the input folder is one that this run reads, if it is there.
    pub in_scope: &'f (dyn Fn(&str) -> bool + Sync),
    /// Whether it is there.
    pub is_there: &'f (dyn Fn(&RelativePath) -> bool + Sync),
    /// Whether the outputs of sources that are gone are removed.
    pub prune: bool,
    /// Whether outputs that somebody has edited are replaced and removed as others are.
    pub overwrite_edited: bool,
}

/// What became of the outputs of pages that this run did not read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Outputs left alone because their pages are not among those that the run was to read.
    pub out_of_scope: u64,
    /// Outputs left alone though their sources are gone.
    pub left: u64,
    /// Outputs removed because their sources are gone.
    pub pruned: u64,
    /// Outputs left alone though their sources are gone, because they were edited.
    pub edited: u64,
}

/// Commits the pages of a run.
pub struct Committer<'f> {
    folder: &'f OutputWriter,
    dir: &'f RootDir,
    journal: Journal,
    earlier: PreviousRows,
    shards: Shards<'f>,
    removal: Removal<'f>,
    /// Hashes of output paths that differ from their source's, so that a later source may want the same, and whose they
    /// are.
    contested: HashMap<u64, Claimant>,
    /// Where the texts of records are whose names other records of their files have taken in this run.
    taken: HashMap<u64, RelativePath>,
    /// Sources whose outputs have their own name, as far as a later source's name may begin with theirs: `page.txt`,
    /// until all that could be called `page.txt.gz` have come.
    own_names: Vec<String>,
    /// What earlier runs wrote and nobody wants any more.
    orphans: Vec<Written>,
    /// By the hash of its path: whose output it was, and with which bytes; read when it is asked for first.
    owners: Option<HashMap<u64, Owner>>,
    /// The file whose page was committed last.
    current: Option<Current>,
    unread: Unread,
}

/// A file that the run has come to.
struct Current {
    path: String,
    /// Whether some of it could not be read, so that what it gave before stays.
    is_broken: bool,
    /// Whether it was not entered, though it may be a folder: what lies below it stays.
    is_closed: bool,
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

struct Owner {
    source: String,
    hashes: Vec<String>,
}

/// Why an output may not take its name.
type Refused<T> = std::result::Result<T, String>;

impl<'f> Committer<'f> {
    pub(super) fn start(
        folder: &'f OutputWriter,
        dir: &'f RootDir,
        header: &Header,
        shard_bytes: u64,
        removal: Removal<'f>,
    ) -> Result<Committer<'f>> {
        let path = inner("journal.jsonl");
        let journal = dir.create_file(&path).and_then(|file| Journal::start(file, header));
        Ok(Committer {
            folder,
            dir,
            journal: journal.map_err(|cause| write_error(&dir.shown(&path), cause))?,
            earlier: folder.standing().earlier(),
            shards: Shards::new(folder.standing(), dir, shard_bytes),
            removal,
            contested: HashMap::new(),
            taken: HashMap::new(),
            own_names: Vec::new(),
            orphans: Vec::new(),
            owners: None,
            current: None,
            unread: Unread::default(),
        })
    }

    /// Commits one page: its row into the journal, then its text under its final name. What cannot be done
    /// turns the row into a failed one, which is returned. `was_read` says whether the page's bytes came.
    ///
    /// # Errors
    /// Where the journal itself cannot be written: the run cannot go on.
    pub fn commit(&mut self, row: Row, kept: Option<Pending>, was_read: bool, drop_copies: bool) -> Result<Row> {
        let before = self.pass_over_to(&row.path, row.record)?;
        self.commit_over(before, row, kept, was_read, drop_copies)
    }

    /// The same for a page that earlier runs know so.
    fn commit_over(
        &mut self,
        before: Option<PreviousRow>,
        mut row: Row,
        kept: Option<Pending>,
        was_read: bool,
        drop_copies: bool,
    ) -> Result<Row> {
        let (aside, document) = match kept {
            Some(Pending::TempFile(aside)) => (Some(aside), None),
            Some(Pending::Document { format, packed }) => (None, Some((format, packed))),
            None => (None, None),
        };
        if let (Some(record), Some(out), Some(_)) = (row.record, &mut row.output, &aside) {
            out.path = self.name_of_record(&row.path, record, std::mem::take(&mut out.path));
        }
        // What cannot be made out gives nothing. That takes away what it gave before only where the run may prune.
        let gives_nothing = row.status == Status::Failed && row.sha256.is_none();
        let may_come_back = gives_nothing && !(was_read && self.removal.prune);
        let is_broken = may_come_back || self.is_broken(&row.path);
        self.current = Some(Current { path: row.path.clone(), is_broken, is_closed: is_broken || gives_nothing });
        let mut ours = before.as_ref().map(written_by).unwrap_or_default();
        let mut target = None;
        if may_come_back {
            if let Some(before) = before {
                row.output = self.kept_output(&before)?;
                ours.retain(|ours| row.output.as_ref().is_none_or(|out| out.path != ours.path));
            }
        } else {
            if let (Some(out), Some(aside)) = (row.output.clone(), &aside) {
                match self.prepare(&row.path, row.record, &out, &ours, aside) {
                    Ok(path) => target = Some(path),
                    Err(why) => fail(&mut row, why),
                }
            }
            if let Some(out) = &row.output {
                row.duplicate_of = self.journal.original_of(&out.sha256).map_err(|cause| self.journal_error(cause))?;
            }
            if drop_copies && row.duplicate_of.is_some() {
                row.output = None;
                row.status = Status::Duplicate;
                target = None;
            }
            let keeps =
                row.output.as_ref().filter(|_| document.is_none()).map(|out| (out.path.clone(), out.sha256.clone()));
            if let Some(edited) = self.edited(&row.path, row.record, &ours, keeps.as_ref()) {
                fail(&mut row, edited_since(&self.dir.path().join(crate::manifest::to_path(&edited.path))));
                ours.retain(|ours| ours.path != edited.path);
                row.output = Some(edited.output());
                target = None;
            }
        }
        if let (Some(out), Some((format, packed))) =
            (row.output.as_mut().filter(|_| row.status != Status::Failed), document)
        {
            let placed = self.shards.put(format, &packed).map_err(|cause| write_error(self.dir.path(), cause))?;
            (out.path, out.line) = (placed.path, Some(placed.line));
        }
        let written = row.output.as_ref().map(|out| &out.path);
        ours.retain(|ours| Some(&ours.path) != written);
        self.unread.pruned += u64::from(gives_nothing && !ours.is_empty());
        self.orphan(ours);
        self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
        match (aside, target) {
            (Some(aside), Some(target)) => {
                if let Err(cause) = self.dir.rename(&aside, &target) {
                    let _ = self.dir.remove(&aside);
                    fail(&mut row, format!("cannot write {}: {cause}", self.shown(&target)));
                    self.journal.supersede(&row).map_err(|cause| self.journal_error(cause))?;
                }
            }
            (Some(aside), None) => {
                let _ = self.dir.remove(&aside);
            }
            _ => {}
        }
        self.name_shards()?;
        Ok(row)
    }

    /// Commits one page whose row and output stay as an earlier run left them. What hangs on other pages is
    /// settled again: whose copy it is, whether its output's name is still its own, and which line of which shard it
    /// is. The row, where that changed it.
    ///
    /// # Errors
    /// Where the journal itself cannot be written, or the row to be changed is none: the run cannot go on.
    pub fn recommit(&mut self, line: &RowLine, told: &RowSummary, drop_copies: bool) -> Result<Option<Row>> {
        let before = self.pass_over_to(&line.path, line.record)?;
        if let Some((row, text)) = self.renamed(line, told)? {
            return self.commit_over(before, row, Some(Pending::TempFile(text)), true, drop_copies).map(Some);
        }
        let is_broken = self.is_broken(&line.path);
        self.current = Some(Current { path: line.path.clone(), is_broken, is_closed: is_broken });
        let mut ours = before.as_ref().map(written_by).unwrap_or_default();
        let file = told.output.as_ref().filter(|out| out.line.is_none());
        let mut claimed = match file {
            Some(out) => self.claim(&line.path, line.record, &out.path).map(|_| ()),
            None => Ok(()),
        };
        let duplicate_of = match (&claimed, &told.output) {
            (Ok(()), Some(out)) => self.journal.original_of(&out.sha256).map_err(|cause| self.journal_error(cause))?,
            _ => None,
        };
        let drops = drop_copies && duplicate_of.is_some();
        let keeps =
            file.filter(|_| claimed.is_ok() && !drops).map(|out| (out.path.to_string(), out.sha256.to_string()));
        let edited = self.edited(&line.path, line.record, &ours, keeps.as_ref());
        if let Some(edited) = &edited {
            claimed = Err(edited_since(&self.dir.path().join(crate::manifest::to_path(&edited.path))));
            ours.retain(|ours| ours.path != edited.path);
        }
        let mut placed = None;
        if let Some((shard, number)) = told.output.as_ref().and_then(|out| Some((&*out.path, out.line?)))
            && claimed.is_ok()
            && !drops
        {
            placed = self.copy_line(shard, number)?;
            if placed.is_none() {
                claimed = Err(format!("its text cannot be read from {}", printable(shard)));
            }
        }
        let is_in_place = match (&told.output, &placed) {
            (Some(out), Some(placed)) => *out.path == placed.path && out.line == Some(placed.line),
            _ => true,
        };
        let stays = keeps.as_ref().map(|(path, _)| path);
        if claimed.is_ok() && !drops && is_in_place && duplicate_of.as_deref() == told.duplicate_of.as_deref() {
            ours.retain(|ours| Some(&ours.path) != stays);
            self.orphan(ours);
            self.journal.repeat(&line.line, told).map_err(|cause| self.journal_error(cause))?;
            self.name_shards()?;
            return Ok(None);
        }
        let mut row = self.row(line)?;
        row.duplicate_of = duplicate_of;
        if let Err(why) = claimed {
            fail(&mut row, why);
            row.output = edited.map(|edited| edited.output());
        }
        if drops {
            row.output = None;
            row.status = Status::Duplicate;
        }
        if let (Some(out), Some(placed)) = (&mut row.output, placed) {
            (out.path, out.line) = (placed.path, Some(placed.line));
        }
        let written = row.output.as_ref().map(|out| &out.path);
        ours.retain(|ours| Some(&ours.path) != written);
        self.orphan(ours);
        self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
        self.name_shards()?;
        Ok(Some(row))
    }

    /// Ends the run: shards take their names, what is left of sources that are gone goes where the run may take it
    /// away, and the manifest takes its name.
    ///
    /// # Errors
    /// Where the manifest cannot be written.
    pub fn finish(mut self) -> Result<Unread> {
        while let Some(page) = self.earlier.next_page() {
            self.pass_over(page)?;
        }
        self.shards.close().map_err(|cause| write_error(self.dir.path(), cause))?;
        self.name_shards()?;
        for left in std::mem::take(&mut self.taken).into_values() {
            let _ = self.dir.remove(&left);
        }
        let (dir, standing) = (self.dir, self.folder.standing());
        if !dir.is_where_it_was() {
            return Err(Error::Folders(format!(
                "{} was moved or replaced during the run; what is finished stands in the folder that it was",
                printable(&dir.path().to_string_lossy())
            )));
        }
        let old_shards = self.old_shards(standing);
        let orphans = std::mem::take(&mut self.orphans);
        let done = |journal: &mut Journal| -> io::Result<()> {
            let (path, finished) = (inner("journal.jsonl"), inner("finished.jsonl"));
            if journal.has_superseded_rows() {
                let copy = inner("journal.new");
                let mut file = BufWriter::new(dir.create_file(&copy)?);
                journal.copy_standing(&mut file)?;
                file.into_inner().map_err(io::IntoInnerError::into_error)?.sync()?;
                dir.rename(&copy, &path)?;
            } else {
                journal.sync()?;
            }
            dir.rename(&path, &finished)?;
            roll_forward(dir, &old_shards, orphans.into_iter())
        };
        done(&mut self.journal).map_err(|cause| write_error(&standing.manifest(), cause))?;
        Ok(self.unread)
    }

    /// The shards of the earlier run, each with the hash by which it may be removed.
    fn old_shards(&self, standing: &OutputDir) -> Vec<Shard> {
        let with_hash = |(shard, state): &(Shard, ShardState)| {
            let mut shard = shard.clone();
            if *state == ShardState::Edited
                && self.removal.overwrite_edited
                && let Some(name) = shard.name()
                && let Ok(hash) = self.dir.open_file(&name).and_then(crate::write::shards::hash_of)
            {
                shard.sha256 = hash;
            }
            shard
        };
        standing.shards().iter().map(with_hash).collect()
    }

    /// Checks that a page may take its name.
    fn prepare(
        &mut self,
        source: &str,
        record: Option<u64>,
        out: &Output,
        ours: &[Written],
        aside: &RelativePath,
    ) -> Refused<RelativePath> {
        let target = self.claim(source, record, &out.path)?;
        match self.dir.entry(&target).map_err(|error| error.to_string())? {
            Entry::Nothing => Ok(target),
            Entry::Folder => Err(format!("{} is a folder", self.shown(&target))),
            Entry::Other => Err(format!("{} is a link or no file; remove it", self.shown(&target))),
            Entry::File(_) if ours.iter().any(|ours| ours.path == out.path) => Ok(target),
            Entry::File(_) if self.same_bytes(&target, aside) => Ok(target),
            Entry::File(_) => {
                let name = xxh3_64(out.path.as_bytes());
                // Who is refused leaves the name to its owner.
                self.take_from_owner(source, target).inspect_err(|_| {
                    self.contested.remove(&name);
                })
            }
        }
    }

    /// Whether a name may be taken from another page: from `page.txt`, where `page` wants it now, or the other way
    /// round.
    fn take_from_owner(&mut self, source: &str, target: RelativePath) -> Refused<RelativePath> {
        let shown = self.shown(&target);
        let (in_scope, is_there) = (self.removal.in_scope, self.removal.is_there);
        let may_go = self.removal.prune;
        let overwrites = self.removal.overwrite_edited;
        let bytes = self.dir.read(&target).map_err(|error| error.to_string())?;
        let Some(owner) = self.owners().get(&xxh3_64(target.as_str().as_bytes())) else {
            return Err(format!(
                "{shown} exists and no run of dechaff is known to have written it; move it away or choose another folder"
            ));
        };
        let will_be_read = owner.source == source
            || in_scope(&owner.source) && RelativePath::of(&owner.source).is_ok_and(|path| is_there(&path));
        let is_namesake = owner.source == source;
        match () {
            () if !overwrites && !owner.hashes.contains(&sha256(&bytes)) => Err(edited_since(&self.dir.shown(&target))),
            () if is_namesake => self.set_aside(target),
            () if will_be_read || may_go && in_scope(&owner.source) => Ok(target),
            () if in_scope(&owner.source) => Err(format!(
                "{shown} is the text of {}, which is gone; --prune removes it, or rename this source",
                printable(&owner.source)
            )),
            () => Err(format!(
                "{shown} is the text of {}, which this run does not read; rename one of the two",
                printable(&owner.source)
            )),
        }
    }

    /// Keeps the text of another record of the same file, which may want it under a name of its own.
    fn set_aside(&mut self, target: RelativePath) -> Refused<RelativePath> {
        let name = xxh3_64(target.as_str().as_bytes());
        let aside = inner(&format!("new/taken-{name:016x}"));
        self.dir.rename(&target, &aside).map_err(|error| error.to_string())?;
        self.taken.insert(name, aside);
        Ok(target)
    }

    /// What the text of a record is called: its number stands behind the name where another record of its file has that.
    fn name_of_record(&self, source: &str, record: u64, mut name: String) -> String {
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

    /// The row and the text of a record whose output stands under a name that this run gives to another record, or
    /// under one with its number, which it needs no more.
    fn renamed(&mut self, line: &RowLine, told: &RowSummary) -> Result<Option<(Row, RelativePath)>> {
        let (Some(record), Some(out)) = (line.record, told.output.as_ref().filter(|out| out.line.is_none())) else {
            return Ok(None);
        };
        let plain = output_name::plain(&out.path, record);
        if self.name_of_record(&line.path, record, plain.clone()) == *out.path {
            return Ok(None);
        }
        let standing = match (self.taken.remove(&xxh3_64(out.path.as_bytes())), RelativePath::of(&out.path)) {
            (Some(aside), _) => aside,
            (None, Ok(path)) => path,
            (None, Err(_)) => return Ok(None),
        };
        let text = inner(&format!("new/renamed-{record}"));
        let Ok(bytes) = self.dir.read(&standing) else { return Ok(None) };
        if sha256(&bytes) != *out.sha256 {
            return Ok(None);
        }
        self.dir.write(&text, &bytes).map_err(|cause| write_error(&self.dir.shown(&text), cause))?;
        let mut row = self.row(line)?;
        row.duplicate_of = None;
        if let Some(out) = &mut row.output {
            out.path = plain;
        }
        Ok(Some((row, text)))
    }

    /// Checks that an output's name is no other page's, and lies where it may.
    fn claim(&mut self, source: &str, record: Option<u64>, out: &str) -> Refused<RelativePath> {
        let target = RelativePath::of(out).map_err(|error| error.to_string())?;
        let name = xxh3_64(out.as_bytes());
        self.own_names.retain(|own| source.starts_with(own.as_str()));
        if self.contested.contains_key(&name) || self.own_names.iter().any(|own| own == out && own != source) {
            return Err(format!(
                "{} {TAKEN}, and {} would be written there too; rename one of the sources",
                printable(out),
                printable(source)
            ));
        }
        if self.folder.forbidden.as_ref().is_some_and(|input| target.as_path().starts_with(input)) {
            return Err(format!("{} lies inside the input folder, where nothing is written", self.shown(&target)));
        }
        if out == source {
            self.own_names.push(out.into());
        } else {
            // Another source may be called what this output is called; path order brings it later.
            self.contested.insert(name, Claimant::of(source, record));
        }
        Ok(target)
    }

    /// The first output among those of a page that somebody has edited, and that would be replaced or removed.
    fn edited(
        &self,
        source: &str,
        record: Option<u64>,
        ours: &[Written],
        keeps: Option<&(String, String)>,
    ) -> Option<Written> {
        if self.removal.overwrite_edited {
            return None;
        }
        let is_edited = |written: &&Written| {
            let stays = |sha256: &str| keeps.is_some_and(|(path, hash)| *path == written.path && hash == sha256);
            let Ok(path) = RelativePath::of(&written.path) else { return false };
            // What another page of this run has taken holds that page's text now.
            if self.is_taken_from(source, record, &written.path) {
                return false;
            }
            match self.dir.read(&path) {
                // What is not there, or is no file, has no edits; a link is met when its name is taken.
                Err(_) => false,
                Ok(bytes) => {
                    let now = sha256(&bytes);
                    !stays(&now) && !ours.iter().any(|ours| ours.path == written.path && ours.sha256 == now)
                }
            }
        };
        ours.iter().find(is_edited).cloned()
    }

    /// Whether another page of this run has taken a name.
    fn is_taken_from(&self, source: &str, record: Option<u64>, out: &str) -> bool {
        let taken_by = self.contested.get(&xxh3_64(out.as_bytes()));
        taken_by.is_some_and(|&other| other != Claimant::of(source, record))
            || self.own_names.iter().any(|own| own == out && own != source)
    }

    /// All outputs that earlier runs wrote.
    fn owners(&mut self) -> &HashMap<u64, Owner> {
        let standing = self.folder.standing();
        self.owners.get_or_insert_with(|| {
            let mut owners: HashMap<u64, Owner> = HashMap::new();
            let mut pages = standing.earlier();
            while let Some(page) = pages.next_page() {
                for out in written_by(&page) {
                    let owner = owners.entry(xxh3_64(out.path.as_bytes()));
                    let owner = owner.or_insert_with(|| Owner { source: page.line.path.clone(), hashes: Vec::new() });
                    owner.hashes.push(out.sha256);
                }
            }
            owners
        })
    }

    /// What earlier runs know of this page; what becomes of pages before it is decided on the way.
    fn pass_over_to(&mut self, path: &str, record: Option<u64>) -> Result<Option<PreviousRow>> {
        loop {
            match self.earlier.place_cmp(path, record) {
                Some(Ordering::Less) => {
                    let page = self.earlier.next_page();
                    if self.current.as_ref().is_none_or(|current| current.path != path)
                        && page.as_ref().is_some_and(|page| page.line.path == path)
                    {
                        self.current = Some(Current { path: path.to_string(), is_broken: false, is_closed: false });
                    }
                    page.map(|page| self.pass_over(page)).transpose()?;
                }
                Some(Ordering::Equal) => return Ok(self.earlier.next_page()),
                Some(Ordering::Greater) | None => return Ok(None),
            }
        }
    }

    /// Decides on a page that this run does not meet.
    fn pass_over(&mut self, page: PreviousRow) -> Result<()> {
        let ours = written_by(&page);
        let has_output = !ours.is_empty() || page.line.told().is_some_and(|told| told.output.is_some());
        let source = &page.line.path;
        let current = self.current.as_ref();
        let was_read = current.is_some_and(|current| current.path == *source && !current.is_broken);
        // Nor what lies below a folder that could not be entered.
        let is_unreadable = current.is_some_and(|current| {
            let below = source.strip_prefix(current.path.as_str());
            current.is_broken && below == Some("") || current.is_closed && below.is_some_and(|at| at.starts_with('/'))
        });
        let in_scope = was_read || (self.removal.in_scope)(source);
        match () {
            () if !in_scope => {
                self.unread.out_of_scope += u64::from(has_output);
                self.carry(page)
            }
            () if !has_output => Ok(()),
            () if (was_read || self.removal.prune) && self.edited(source, page.line.record, &ours, None).is_some() => {
                self.unread.edited += 1;
                self.carry(page)
            }
            () if was_read || self.removal.prune && !is_unreadable => {
                self.unread.pruned += u64::from(!was_read);
                self.orphan(ours);
                Ok(())
            }
            () => {
                self.unread.left += 1;
                self.carry(page)
            }
        }
    }

    /// Takes a page's row over as it stands, with the output that it has.
    fn carry(&mut self, page: PreviousRow) -> Result<()> {
        let mut ours = written_by(&page);
        let line = self.standing_row(page);
        let Some(told) = line.told() else { return Ok(()) };
        match &told.output {
            Some(out) if out.line.is_some() => {
                let placed = self.copy_line(&out.path, out.line.unwrap_or_default())?;
                let mut row = self.row(&line)?;
                match (&mut row.output, placed) {
                    (Some(out), Some(placed)) => (out.path, out.line) = (placed.path, Some(placed.line)),
                    _ => fail(&mut row, format!("its text cannot be read from {}", printable(&out.path))),
                }
                self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
                self.name_shards()?;
            }
            Some(out) => {
                ours.retain(|ours| ours.path != *out.path);
                // Where another page has taken the name, nothing is left of this one.
                if self.claim(&line.path, line.record, &out.path).is_ok() {
                    self.journal.repeat(&line.line, &told).map_err(|cause| self.journal_error(cause))?;
                }
            }
            None => self.journal.repeat(&line.line, &told).map_err(|cause| self.journal_error(cause))?,
        }
        self.orphan(ours);
        Ok(())
    }

    /// The row of a page whose output stands there: a killed run may have written a younger row and not its text.
    fn standing_row(&self, page: PreviousRow) -> RowLine {
        if page.older.is_empty() {
            return page.line;
        }
        let holds = |line: &RowLine| {
            line.told().is_some_and(|told| told.output.is_some_and(|out| self.folder.standing().holds(&out)))
        };
        match holds(&page.line) {
            true => page.line,
            false => page.older.into_iter().find(holds).unwrap_or(page.line),
        }
    }

    /// The output that a page keeps though it could not be read.
    fn kept_output(&mut self, before: &PreviousRow) -> Result<Option<Output>> {
        let Some(mut out) = self.standing_row(before.clone()).row().and_then(|row| row.output) else { return Ok(None) };
        match out.line {
            None => Ok(self.claim(&before.line.path, before.line.record, &out.path).is_ok().then_some(out)),
            Some(line) => {
                let placed = self.copy_line(&out.path, line)?;
                Ok(placed.map(|placed| {
                    (out.path, out.line) = (placed.path, Some(placed.line));
                    out
                }))
            }
        }
    }

    /// Lets outputs go. Edited ones come here only where the run was told to start over.
    fn orphan(&mut self, outputs: Vec<Written>) {
        for mut out in outputs {
            if self.removal.overwrite_edited
                && let Ok(path) = RelativePath::of(&out.path)
                && let Ok(bytes) = self.dir.read(&path)
            {
                out.sha256 = sha256(&bytes);
            }
            self.orphans.push(out);
        }
    }

    fn copy_line(&mut self, shard: &str, line: u64) -> Result<Option<crate::write::shards::Placed>> {
        self.shards.copy(shard, line).map_err(|cause| write_error(self.dir.path(), cause))
    }

    fn name_shards(&mut self) -> Result<()> {
        for shard in self.shards.take_closed() {
            self.journal.name_shard(&shard).map_err(|cause| self.journal_error(cause))?;
        }
        Ok(())
    }

    fn row(&self, line: &RowLine) -> Result<Row> {
        let edited = || {
            Error::Folders(format!("the manifest's row of {} was edited; --force starts over", printable(&line.path)))
        };
        line.row().ok_or_else(edited)
    }

    fn is_broken(&self, path: &str) -> bool {
        self.current.as_ref().is_some_and(|current| current.path == path && current.is_broken)
    }

    fn same_bytes(&self, one: &RelativePath, other: &RelativePath) -> bool {
        let bytes = |path: &RelativePath| self.dir.entry(path).ok();
        bytes(one) == bytes(other) && self.dir.read(one).ok() == self.dir.read(other).ok()
    }

    fn shown(&self, path: &RelativePath) -> String {
        printable(&self.dir.shown(path).to_string_lossy())
    }

    fn journal_error(&self, cause: io::Error) -> Error {
        write_error(&self.dir.shown(&inner("journal.jsonl")), cause)
    }
}

/// The files that earlier runs wrote for a page, or were about to write.
fn written_by(page: &PreviousRow) -> Vec<Written> {
    std::iter::once(&page.line).chain(&page.older).filter_map(Written::of).collect()
}

impl Written {
    fn output(self) -> Output {
        Output { path: self.path, line: None, bytes: self.bytes, sha256: self.sha256 }
    }
}

fn edited_since(path: &Path) -> String {
    format!(
        "{} was edited since dechaff wrote it; move it away, or let --force replace it",
        printable(&path.to_string_lossy())
    )
}

fn fail(row: &mut Row, why: String) {
    let mut failed = Row::new(std::mem::take(&mut row.path), row.record, Status::Failed);
    failed.reason = Some(why);
    failed.bytes = row.bytes;
    failed.sha256 = row.sha256.take();
    *row = failed;
}
