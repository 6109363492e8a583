//! The numbers of records that are told by where they begin.

use crate::read::archive::stream::Unpacked;

/// Numbers records by the byte at which their own member begins, where each has one, else by their first byte in what was
/// unpacked. Numbers always grow.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    last: Option<u64>,
    /// Whether each record has its own member; known from the second one on.
    has_own_members: Option<bool>,
}

impl Offsets {
    /// The number of the record that begins here.
    pub(super) fn number(&mut self, stream: &Unpacked) -> u64 {
        let at = stream.offset();
        let number = match (stream.member(), self.last) {
            (None, _) => at,
            (Some(member), None) => member.packed,
            (Some(member), Some(_)) => {
                let begins_member = member.unpacked == at;
                match *self.has_own_members.get_or_insert(begins_member) {
                    true if begins_member => member.packed,
                    true => 0,
                    false => at,
                }
            }
        };
        let number = self.last.map_or(number, |last| number.max(last + 1));
        self.last = Some(number);
        number
    }
}
