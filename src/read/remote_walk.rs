//! The walk over a folder that is reached over a network: what a walk of the same files on a disk would find.

use std::path::Path;
use std::sync::Arc;

use crate::manifest;
use crate::parse::site::Sidecar;
use crate::read::raw_folder::{FileHandle, RemoteFile, RemoteFolder};
use crate::read::walk::{Entry, EntryKind, HIDDEN, IS_OUTPUT, PathFilter};

/// The files of a remote folder, in path order.
pub(super) struct RemoteWalk {
    folder: Arc<dyn RemoteFolder>,
    next: usize,
    /// A folder that is not entered, with a `/` behind it.
    closed: Option<String>,
}

impl RemoteWalk {
    pub(super) fn new(folder: Arc<dyn RemoteFolder>) -> RemoteWalk {
        RemoteWalk { folder, next: 0, closed: None }
    }

    /// The next file that is wanted, whatever part it is in.
    pub(super) fn next(&mut self, wanted: &PathFilter) -> Option<Entry> {
        let folder = Arc::clone(&self.folder);
        loop {
            let file = folder.files().get(self.next)?;
            self.next += 1;
            if self.closed.as_ref().is_some_and(|closed| file.path.starts_with(closed)) {
                continue;
            }
            if let Some((path, why)) = self.unread(file) {
                return Some(self.entry(file, path, EntryKind::Skipped(why.into())));
            }
            if !wanted.wants(&manifest::to_path(&file.path)) {
                continue;
            }
            let what = match self.described_by(&file.path) {
                Some(page) => EntryKind::Skipped(format!("describes {page}")),
                None => EntryKind::File(file.bytes),
            };
            return Some(self.entry(file, file.path.clone(), what));
        }
    }

    fn entry(&self, file: &RemoteFile, path: String, what: EntryKind) -> Entry {
        let is_alone = !self.folder.is_one_file()
            && self.folder.files().get(self.next).is_none_or(|next| !next.path.starts_with(&file.path));
        Entry { path, file: FileHandle::Remote(Arc::clone(&self.folder), file.clone()), what, is_alone }
    }

    /// What of a file's path is not read, and why: a folder on the way to it, which is not entered then, or the file.
    fn unread(&mut self, file: &RemoteFile) -> Option<(String, &'static str)> {
        if let Some(why) = file.refused {
            return Some((file.path.clone(), why));
        }
        if self.folder.is_one_file() {
            return None;
        }
        let ends = file.path.match_indices('/').map(|(at, _)| at).chain([file.path.len()]);
        let mut begins = 0;
        for end in ends {
            let (path, name) = (file.path.get(..end)?, file.path.get(begins..end)?);
            begins = end + 1;
            let is_folder = end < file.path.len();
            let why = match () {
                () if name.starts_with('.') => HIDDEN,
                () if is_folder && self.folder.is_output(path) => IS_OUTPUT,
                () => continue,
            };
            if is_folder {
                self.closed = Some(format!("{path}/"));
            }
            return Some((path.into(), why));
        }
        None
    }

    /// The name of the page that a sidecar file describes, where that page is there.
    fn described_by(&self, path: &str) -> Option<String> {
        let page = path.strip_suffix(Sidecar::ENDING)?;
        let files = self.folder.files();
        files.binary_search_by(|file| manifest::path_cmp(&file.path, page)).ok()?;
        Path::new(&manifest::to_path(page)).file_name().map(|name| name.display().to_string())
    }
}
