//! RAW in a bucket: its objects as files in path order, each opened when a worker comes to it.

use std::collections::HashSet;
use std::fmt;
use std::io;

use object_store::path::Path as Key;

use crate::cloud::address::{Address, key_of};
use crate::cloud::bucket::{Bucket, get, get_range, patiently};
use crate::cloud::listing::{self, Listed};
use crate::cloud::reader::ObjectReader;
use crate::error::{Error, Result};
use crate::manifest::{self, FILE_NAME};
use crate::read::archive::stream::ReadSeek;
use crate::read::raw_folder::{RemoteFile, RemoteFolder};
use crate::write::output_dir::INNER;

/// Bytes of a manifest's first line that tell it: the form and the version come first.
const HEADER_START: u64 = 64;

/// The objects below a prefix, as they were listed once.
pub struct ObjectFolder {
    bucket: Bucket,
    address: String,
    /// What the keys begin with.
    prefix: String,
    files: Vec<RemoteFile>,
    is_one_file: bool,
    /// Folders below it that runs of dechaff have written.
    outputs: HashSet<String>,
}

impl fmt::Debug for ObjectFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectFolder").field("address", &self.address).finish_non_exhaustive()
    }
}

impl ObjectFolder {
    /// Lists a folder of a bucket, or finds the one object that has its key. `except` is a folder below it that is none
    /// of the input.
    ///
    /// # Errors
    /// Where the store does not answer, there is nothing under that key, or `stop` says so.
    pub fn list(
        bucket: &Bucket,
        address: &Address,
        except: Option<&str>,
        stop: &dyn Fn() -> bool,
    ) -> Result<ObjectFolder> {
        let failed = |cause| Error::Read { path: address.to_string().into(), cause };
        let mut folder = ObjectFolder {
            bucket: bucket.clone(),
            address: address.to_string(),
            prefix: address.prefix().into(),
            files: Vec::new(),
            is_one_file: false,
            outputs: HashSet::new(),
        };
        let below = except.map(|except| format!("{except}/"));
        listing::list(bucket, address.prefix(), stop, |listed| {
            let file = folder.file(listed);
            let is_wanted = |file: &RemoteFile| below.as_ref().is_none_or(|below| !file.path.starts_with(below));
            folder.files.extend(file.filter(is_wanted));
        })
        .map_err(failed)?;
        folder.files.sort_by(|one, other| manifest::path_cmp(&one.path, &other.path));
        folder.files.dedup_by(|one, other| one.path == other.path);
        match folder.files.is_empty() {
            true => folder.take_one_object().map_err(failed)?,
            false => {
                folder.leave_markers_out().map_err(failed)?;
                folder.note_outputs().map_err(failed)?;
            }
        }
        Ok(folder)
    }

    fn file(&self, listed: Listed) -> Option<RemoteFile> {
        let (key, bytes, refused) = match listed {
            Listed::Object(object) => (object.location.to_string(), object.size, None),
            Listed::Refused(key, why) => (key, 0, Some(why)),
        };
        let path = match self.prefix.as_str() {
            "" => key.as_str(),
            prefix => key.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        (!path.is_empty()).then(|| RemoteFile { path: escaped(path), bytes, refused })
    }

    /// Takes the object that has the folder's own key.
    fn take_one_object(&mut self) -> io::Result<()> {
        let (folder, name) = self.prefix.rsplit_once('/').unwrap_or(("", &self.prefix));
        let found = match name {
            "" => None,
            _ => self.bucket.head(&key_of(folder, &escaped(name))?)?,
        };
        let Some(found) = found else {
            let why = "there is nothing under this key; a folder holds objects whose keys begin with its own and a `/`";
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        };
        self.files = vec![RemoteFile { path: escaped(name), bytes: found.size, refused: None }];
        (self.prefix, self.is_one_file) = (folder.into(), true);
        if let Some((address, _)) = self.address.rsplit_once('/') {
            self.address = address.into();
        }
        Ok(())
    }

    /// Leaves objects out that stand for folders: consoles make them, without a byte and with a `/` at the end, which
    /// the listing does not show.
    fn leave_markers_out(&mut self) -> io::Result<()> {
        let mut markers = HashSet::new();
        for (number, file) in
            self.files.iter().enumerate().filter(|(_, file)| file.bytes == 0 && file.refused.is_none())
        {
            let has_files = self
                .files
                .get(number + 1)
                .is_some_and(|next| next.path.strip_prefix(&file.path).is_some_and(|rest| rest.starts_with('/')));
            if has_files || self.bucket.head(&self.key(&file.path)?)?.is_none() {
                markers.insert(file.path.clone());
            }
        }
        self.files.retain(|file| !markers.contains(&file.path));
        Ok(())
    }

    fn note_outputs(&mut self) -> io::Result<()> {
        let mut outputs = HashSet::new();
        for file in &self.files {
            let mut parts = file.path.rsplitn(3, '/');
            let (name, folder) = (parts.next(), parts.next());
            if let Some((within, _)) = file.path.split_once(&format!("/{INNER}/")) {
                outputs.insert(within.to_string());
            } else if name == Some(FILE_NAME) && folder.is_some() {
                let start = String::from_utf8_lossy(&self.start(file, HEADER_START)?).into_owned();
                if start.starts_with("{\"manifest\":") && start.contains("\"dechaff\":") {
                    outputs.extend(file.path.rsplit_once('/').map(|(folder, _)| folder.to_string()));
                }
            }
        }
        self.outputs = outputs;
        Ok(())
    }

    /// The key of a file. A backslash of a key is doubled in its path.
    fn key(&self, path: &str) -> io::Result<Key> {
        let key = path.replace("\\\\", "\\");
        let whole = if self.prefix.is_empty() { key } else { format!("{}/{key}", self.prefix) };
        Ok(Key::parse(whole).map_err(object_store::Error::from)?)
    }
}

/// A key in the manifest's notation: a backslash is doubled, control characters stand as `\xNN`.
fn escaped(key: &str) -> String {
    let mut escaped = String::with_capacity(key.len());
    for c in key.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            c if c.is_ascii_control() => escaped.push_str(&format!("\\x{:02x}", c as u32)),
            c => escaped.push(c),
        }
    }
    escaped
}

impl RemoteFolder for ObjectFolder {
    fn address(&self) -> &str {
        &self.address
    }

    fn files(&self) -> &[RemoteFile] {
        &self.files
    }

    fn is_one_file(&self) -> bool {
        self.is_one_file
    }

    fn is_output(&self, folder: &str) -> bool {
        self.outputs.contains(folder)
    }

    fn open(&self, file: &RemoteFile) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(ObjectReader::open(&self.bucket, self.key(&file.path)?, file.bytes)?))
    }

    fn start(&self, file: &RemoteFile, bytes: u64) -> io::Result<Vec<u8>> {
        let (store, key) = (&*self.bucket.store, self.key(&file.path)?);
        // A range of an object without a byte is a mistake.
        let read = match bytes < file.bytes {
            true => self.bucket.wait(get_range(store, &key, 0..bytes, None)),
            false => self.bucket.wait(patiently(|| get(store, &key, Default::default()))),
        };
        let mut start = Vec::from(read?.1);
        start.truncate(bytes as usize);
        Ok(start)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let is_listed = self.files.binary_search_by(|file| manifest::path_cmp(&file.path, path)).is_ok();
        match self.is_one_file || is_listed {
            true => Ok(self.bucket.read(&self.key(path)?)?.map(|(_, bytes)| bytes.into())),
            false => Ok(None),
        }
    }
}
