//! Parquet, in a build that does not read it: a file of it is told as failed, with how to get one that does.

use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, Opening, Reader, Record, RecordBody};
use crate::table::ABSENT;

/// A reader that tells why there is none.
pub(super) fn reader(_: &mut Unpacked, _: &Opening) -> Box<dyn Reader> {
    Box::new(Absent { is_told: false })
}

struct Absent {
    is_told: bool,
}

impl Reader for Absent {
    fn next(&mut self, _: &mut Unpacked, _: &Bounds) -> Option<Record> {
        let is_told = std::mem::replace(&mut self.is_told, true);
        (!is_told).then(|| Record { number: 1, matter: RecordBody::Failed(ABSENT.into()) })
    }
}
