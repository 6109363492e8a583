//! Gives pages their final names, in path order, and writes the journal. What earlier runs wrote is replaced, left,
//! or removed here; `ARCHITECTURE.md` has the table.

mod names;
mod replaced;
mod unread;

use std::collections::HashMap;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::error::{Error, Result, printable};
use crate::hash::sha256;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{Header, Output, Row, Status};
use crate::write::committer::names::OutputNames;
use crate::write::committer::replaced::Owner;
pub use crate::write::committer::replaced::Removal;
use crate::write::committer::unread::Current;
pub use crate::write::committer::unread::Unread;
use crate::write::journal::Journal;
use crate::write::output_dir::inner;
use crate::write::output_name;
use crate::write::output_writer::{OutputWriter, Pending, Written, roll_forward, write_error};
use crate::write::previous_rows::{PreviousRow, PreviousRows};
use crate::write::root_dir::RootDir;
use crate::write::shards::Shards;

/// Commits the pages of a run.
pub struct Committer<'f> {
    folder: &'f OutputWriter,
    dir: &'f RootDir,
    journal: Journal,
    earlier: PreviousRows,
    shards: Shards<'f>,
    removal: Removal<'f>,
    names: OutputNames,
    /// What earlier runs wrote and nobody wants any more.
    orphans: Vec<Written>,
    /// By the hash of its path: whose output it was, and with which bytes; read when it is asked for first.
    owners: Option<HashMap<u64, Owner>>,
    /// The file whose page was committed last.
    current: Option<Current>,
    unread: Unread,
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
            names: OutputNames::default(),
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

    /// Whether a page before this one has given the same text.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn is_copy(&mut self, sha256: &str) -> Result<bool> {
        let original = self.journal.original_of(sha256).map_err(|cause| self.journal_error(cause))?;
        Ok(original.is_some())
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
            out.path = self.names.of_record(&row.path, record, std::mem::take(&mut out.path));
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
                fail(&mut row, edited_since(&self.dir.name().join(crate::manifest::to_path(&edited.path))));
                ours.retain(|ours| ours.path != edited.path);
                row.output = Some(edited.output());
                target = None;
            }
        }
        if let (Some(out), Some((format, packed))) =
            (row.output.as_mut().filter(|_| row.status != Status::Failed), document)
        {
            let placed = self.shards.put(format, &packed).map_err(|cause| write_error(self.dir.name(), cause))?;
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
            claimed = Err(edited_since(&self.dir.name().join(crate::manifest::to_path(&edited.path))));
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
        self.shards.close().map_err(|cause| write_error(self.dir.name(), cause))?;
        self.name_shards()?;
        for left in self.names.left_aside() {
            let _ = self.dir.remove(&left);
        }
        let (dir, standing) = (self.dir, self.folder.standing());
        if !dir.is_where_it_was() {
            return Err(Error::Folders(format!(
                "{} was moved or replaced during the run; what is finished stands in the folder that it was",
                printable(&dir.name().to_string_lossy())
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

    /// The row and the text of a record whose output stands under a name that this run gives to another record, or
    /// under one with its number, which it needs no more.
    fn renamed(&mut self, line: &RowLine, told: &RowSummary) -> Result<Option<(Row, RelativePath)>> {
        let (Some(record), Some(out)) = (line.record, told.output.as_ref().filter(|out| out.line.is_none())) else {
            return Ok(None);
        };
        let plain = output_name::plain(&out.path, record);
        if self.names.of_record(&line.path, record, plain.clone()) == *out.path {
            return Ok(None);
        }
        let standing = match (self.names.take_aside(&out.path), RelativePath::of(&out.path)) {
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

    fn copy_line(&mut self, shard: &str, line: u64) -> Result<Option<crate::write::shards::Placed>> {
        self.shards.copy(shard, line).map_err(|cause| write_error(self.dir.name(), cause))
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

    fn shown(&self, path: &RelativePath) -> String {
        printable(&self.dir.shown(path).to_string_lossy())
    }

    fn journal_error(&self, cause: io::Error) -> Error {
        write_error(&self.dir.shown(&inner("journal.jsonl")), cause)
    }

    /// Takes a name for a page's output, which has to lie where it may.
    fn claim(&mut self, source: &str, record: Option<u64>, out: &str) -> Refused<RelativePath> {
        let target = RelativePath::of(out).map_err(|error| error.to_string())?;
        if self.folder.forbidden.as_ref().is_some_and(|input| target.as_path().starts_with(input)) {
            return Err(format!("{} lies inside the input folder, where nothing is written", self.shown(&target)));
        }
        self.names.claim(source, record, out)?;
        Ok(target)
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
