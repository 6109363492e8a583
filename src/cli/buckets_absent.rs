//! Object stores, in a build that has none of them: an address is refused, with how to get a build that takes it.

use std::path::Path;

use crate::cli::Misuse;
use crate::cli::addresses::is_address_of_a_folder;
use crate::error::printable;
use crate::read::raw_folder::RawFolder;
use crate::run::Job;

/// What a run's buckets ask and tell.
#[expect(dead_code, reason = "nobody is asked or told in this build")]
pub(super) struct Ears<'w> {
    /// Whether to stop.
    pub stop: &'w dyn Fn() -> bool,
    /// Takes what a person should know.
    pub tell: &'w dyn Fn(&str),
    /// Takes how many outputs have gone up, and of how many.
    pub sent: &'w dyn Fn(u64, u64),
}

/// The buckets of a run: none.
pub(super) struct Buckets;

impl Buckets {
    /// Refuses addresses of object stores.
    pub(super) fn open(job: &mut Job, work_dir: Option<&Path>, _: &Ears) -> Result<Buckets, Misuse> {
        let raw = match &job.raw {
            RawFolder::Local(path) => Some(path.as_path()),
            RawFolder::Remote(_) => None,
        };
        let mut folders = raw.into_iter().chain([job.clean.as_path()]);
        let why = "this build of dechaff reads no object stores; install one that does: cargo install dechaff --features cloud";
        match (folders.find(|path| is_address_of_a_folder(path)), work_dir) {
            (Some(address), _) => Err(Misuse(format!("{}: {why}", printable(&address.to_string_lossy())))),
            (None, Some(_)) => Err(Misuse(format!("--work-dir is for an output folder in an object store, and {why}"))),
            (None, None) => Ok(Buckets),
        }
    }

    /// Nothing is to be done.
    pub(super) fn publish(&mut self, _: bool, _: &Ears) -> Result<(), Misuse> {
        Ok(())
    }
}
