//! What outputs of earlier runs an output may take the place of, and which of them are removed.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::hash::sha256;
use crate::manifest::Output;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::shard::Shard;
use crate::write::committer::names::of_another;
use crate::write::committer::{Committer, Refused, edited_since, written_by};
use crate::write::output_dir::{OutputDir, ShardState, inner};
use crate::write::output_writer::Written;
use crate::write::root_dir::Entry;

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

pub(super) struct Owner {
    pub source: String,
    pub hashes: Vec<String>,
}

impl Committer<'_> {
    /// The shards of the earlier run, each with the hash by which it may be removed.
    pub(super) fn old_shards(&self, standing: &OutputDir) -> Vec<Shard> {
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
    pub(super) fn prepare(
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
                // Who is refused leaves the name to its owner.
                self.take_from_owner(source, target).inspect_err(|_| self.names.release(&out.path))
            }
        }
    }

    /// Whether a name may be taken from another page: from `page.txt`, where `page` wants it now, or the other way
    /// round.
    pub(super) fn take_from_owner(&mut self, source: &str, target: RelativePath) -> Refused<RelativePath> {
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
            () => Err(of_another(&shown, &owner.source, in_scope(&owner.source))),
        }
    }

    /// Keeps the text of another record of the same file, which may want it under a name of its own.
    pub(super) fn set_aside(&mut self, target: RelativePath) -> Refused<RelativePath> {
        let name = xxh3_64(target.as_str().as_bytes());
        let aside = inner(&format!("new/taken-{name:016x}"));
        self.dir.rename(&target, &aside).map_err(|error| error.to_string())?;
        self.names.note_aside(&target, aside);
        Ok(target)
    }

    /// The first output among those of a page that somebody has edited, and that would be replaced or removed.
    pub(super) fn edited(
        &mut self,
        source: &str,
        record: Option<u64>,
        ours: &[Written],
        keeps: Option<&(String, String)>,
    ) -> Option<Written> {
        if self.removal.overwrite_edited {
            return None;
        }
        let is_known = |path: &str, now: &str| ours.iter().any(|ours| ours.path == path && ours.sha256 == now);
        for written in ours {
            let stays = |now: &str| keeps.is_some_and(|(path, hash)| *path == written.path && hash == now);
            let Ok(path) = RelativePath::of(&written.path) else { continue };
            // What another page of this run has taken holds that page's text now.
            if self.names.is_taken_from(source, record, &written.path) {
                continue;
            }
            // What is not there, or is no file, has no edits; a link is met when its name is taken.
            let Ok(now) = self.dir.read(&path).map(|bytes| sha256(&bytes)) else { continue };
            if !stays(&now) && !is_known(&written.path, &now) && !self.is_of_a_run(&written.path, &now) {
                return Some(written.clone());
            }
        }
        None
    }

    /// Whether earlier runs wrote these bytes under this name, for whichever page: a run that was killed may have given the
    /// name to another one.
    fn is_of_a_run(&mut self, path: &str, sha256: &str) -> bool {
        let owner = self.owners().get(&xxh3_64(path.as_bytes()));
        owner.is_some_and(|owner| owner.hashes.iter().any(|hash| hash == sha256))
    }

    /// All outputs that earlier runs wrote.
    pub(super) fn owners(&mut self) -> &HashMap<u64, Owner> {
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

    /// Lets outputs go. Edited ones come here only where the run was told to start over.
    pub(super) fn orphan(&mut self, outputs: Vec<Written>) {
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

    pub(super) fn same_bytes(&self, one: &RelativePath, other: &RelativePath) -> bool {
        let bytes = |path: &RelativePath| self.dir.entry(path).ok();
        bytes(one) == bytes(other) && self.dir.read(one).ok() == self.dir.read(other).ok()
    }
}
