//! Writes what inline elements say by how they are shown: marks around text, raised numbers, the signs of formulas.

use super::super::phrases::{Marks, raised};
use super::{DEEPEST_INLINE, OpenMarks, Space, Start, Writer};

impl Writer {
    /// Opens marks around text; the number closes them. `None` where too much is open already.
    pub(crate) fn open_marks(&mut self, marks: Marks) -> Option<u32> {
        if self.marks.len() >= DEEPEST_INLINE {
            return None;
        }
        self.numbered += 1;
        self.marks.push(OpenMarks { number: self.numbered, marks, is_written: false });
        Some(self.numbered)
    }

    /// Closes marks: where no word has come since, there are none.
    pub(crate) fn close_marks(&mut self, number: u32) {
        if let Some(at) = self.marks.iter().rposition(|open| open.number == number) {
            let open = self.marks.remove(at);
            if open.is_written {
                self.text.push_str(open.marks.1);
            }
        }
    }

    /// Where the next word will stand.
    pub(crate) fn here(&self) -> Start {
        Start { at: self.text.len(), space: self.space }
    }

    /// Whether no text has come since a place.
    pub(crate) fn is_at(&self, place: Start) -> bool {
        self.text.len() == place.at
    }

    /// Takes back what was written since a place; `false` where a block has ended since.
    pub(crate) fn take_back(&mut self, place: Start) -> bool {
        let is_same_block = place.at >= self.start;
        if is_same_block {
            self.text.truncate(place.at);
            self.inline.truncate(self.inline.partition_point(|inline| (inline.span.start as usize) < place.at));
            self.space = place.space;
        }
        is_same_block
    }

    /// Writes a sign right behind what was written.
    pub(crate) fn write_sign(&mut self, sign: &str) {
        if self.has_text() {
            self.text.push_str(sign);
            self.space = Space::None;
        }
    }

    /// Raises what was written since a place, where it is a number.
    pub(crate) fn raise(&mut self, place: Start) {
        let Some(new) = self.text.get(place.at..).filter(|_| place.at >= self.start).and_then(raised) else { return };
        let old = self.text.split_off(place.at);
        let moved = |at: u32| {
            let within = (at as usize).saturating_sub(place.at);
            let chars = old.char_indices().take_while(|(from, _)| *from < within).count();
            let bytes: usize = new.chars().take(chars).map(char::len_utf8).sum();
            (place.at + bytes) as u32
        };
        for inline in &mut self.inline[self.first_inline..] {
            for at in [&mut inline.span.start, &mut inline.span.end] {
                if *at as usize > place.at {
                    *at = moved(*at);
                }
            }
        }
        if self.link_end > place.at {
            self.link_end = moved(self.link_end as u32) as usize;
        }
        self.text.push_str(&new);
    }
}
