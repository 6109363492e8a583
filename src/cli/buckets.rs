//! RAW and CLEAN of a run, where they are in object stores.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::addresses::is_address_of_a_folder;
use crate::cloud::address::Address;
use crate::cloud::bucket::Bucket;
use crate::cloud::claim::Pace;
use crate::cloud::objects::ObjectFolder;
use crate::cloud::output::{BucketOutput, Watch};
use crate::error::{Error, Result};
use crate::read::raw_folder::RawFolder;
use crate::run::Job;

/// What a run's buckets ask and tell.
pub(super) struct Ears<'w> {
    /// Whether to stop.
    pub stop: &'w dyn Fn() -> bool,
    /// Takes what a person should know.
    pub tell: &'w dyn Fn(&str),
    /// Takes how many outputs have gone up, and of how many.
    pub sent: &'w dyn Fn(u64, u64),
}

/// The buckets of a run.
pub(super) struct Buckets {
    output: Option<BucketOutput>,
    /// The folder that stands for CLEAN in a run that writes nothing.
    _nothing: Option<tempfile::TempDir>,
}

impl Buckets {
    /// Opens the object stores that a job names as its folders, and has it work with them.
    pub(super) fn open(job: &mut Job, work_dir: Option<&Path>, ears: &Ears) -> Result<Buckets> {
        let raw = match &job.raw {
            RawFolder::Local(path) if is_address_of_a_folder(path) => Some(Address::parse(&path.to_string_lossy())?),
            _ => None,
        };
        let clean = match is_address_of_a_folder(&job.clean) {
            true => Some(Address::parse(&job.clean.to_string_lossy())?),
            false => None,
        };
        if let (Some(dir), None) = (work_dir, &clean) {
            return Err(Error::Folders(format!(
                "--work-dir {}: {} is a folder of this machine and needs none; leave the option out",
                crate::error::printable(&dir.to_string_lossy()),
                crate::error::printable(&job.clean.to_string_lossy())
            )));
        }
        let within = within(raw.as_ref(), clean.as_ref())?;
        if let Some(address) = &raw {
            let folder = ObjectFolder::list(&Bucket::of(address)?, address, within.as_deref(), ears.stop)?;
            job.raw = RawFolder::Remote(Arc::new(folder));
        }
        let mut buckets = Buckets { output: None, _nothing: None };
        let Some(address) = clean else { return Ok(buckets) };
        job.clean_name = Some(address.to_string().into());
        if job.dry_run {
            let nothing = tempfile::tempdir().map_err(|cause| Error::Write { path: std::env::temp_dir(), cause })?;
            job.clean = nothing.path().join("clean");
            buckets._nothing = Some(nothing);
            return Ok(buckets);
        }
        let waiting = |time: Duration| {
            (ears.tell)(&format!(
                "{address} is claimed by another run; if nothing comes from it for {} seconds, it was killed, and this run \
                 goes on in its place",
                time.as_secs()
            ));
        };
        let watch = Watch { stop: ears.stop, waiting: &waiting };
        let output = BucketOutput::open(Bucket::of(&address)?, address.clone(), work_dir, Pace::default(), &watch)?;
        job.clean = output.folder().into();
        buckets.output = Some(output);
        Ok(buckets)
    }

    /// Writes what a run has written into its bucket, where it came to its end.
    pub(super) fn publish(&mut self, is_complete: bool, ears: &Ears) -> Result<()> {
        let Some(output) = &mut self.output else { return Ok(()) };
        let published = match is_complete {
            true => output.publish(ears.stop, ears.sent).map(drop),
            false => Ok(()),
        };
        if !output.is_kept() && (published.is_err() || !is_complete) {
            (ears.tell)("what was cleaned is not kept; with --work-dir DIR the next run goes on where this one ended");
        }
        published
    }
}

/// The key of CLEAN below that of RAW, where it lies there.
fn within(raw: Option<&Address>, clean: Option<&Address>) -> Result<Option<String>> {
    let (Some(raw), Some(clean)) = (raw, clean) else { return Ok(None) };
    let refused = |why: &str| Err(Error::Folders(format!("{clean} {why}; choose another folder for the output")));
    match (raw.relative(clean), clean.relative(raw)) {
        (Some(_), Some(_)) => refused("is both input and output, and dechaff never writes over its input"),
        (None, Some(_)) => refused(&format!("holds the input, {raw}, and dechaff never writes there")),
        (within, None) => Ok(within),
    }
}
