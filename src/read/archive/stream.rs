//! A file's bytes as they come out of their compression, in a window that whoever divides them into records can
//! look at, and the way on after damage.

use std::collections::VecDeque;
use std::io::{self, Read, Seek};

use crate::read::archive::compressed::{Compression, Decoder, dictionary, dictionary_frame};

/// Bytes that are read from the file, and unpacked, at once: what fits into a core's own cache.
const CHUNK: usize = 64 << 10;

/// Packed bytes that are kept after they were used, so that a member whose start was swallowed by the damaged one
/// before it is still found. Deflate notices that it reads another member's bytes within a few hundred of them.
const KEPT: usize = 64 << 10;

/// Unpacked bytes of a file, one window after the other.
pub struct Unpacked {
    source: Source,
    source_ended: bool,
    format: Option<Compression>,
    decoder: Option<Box<dyn Decoder>>,
    packed: Vec<u8>,
    /// The place in `packed` of the first byte not used yet, and of its end.
    next: usize,
    packed_end: usize,
    /// Where in the file `packed` begins.
    packed_offset: u64,
    /// Where in the file the last member begins.
    member_start: u64,
    is_inside: bool,
    /// Members that begin in the window, after the one that it begins in.
    members: VecDeque<Member>,
    window: Vec<u8>,
    start: usize,
    end: usize,
    /// How many unpacked bytes stand before the window.
    offset: u64,
    /// What stands in the way until it is passed.
    broken: Option<Damage>,
    is_unreadable: bool,
    /// What makes UTF-8 of the bytes, where they are in another charset.
    letters: Option<encoding_rs::Decoder>,
    /// The bytes at hand as they came, while their charset is only supposed.
    supposed: Option<Vec<u8>>,
}

/// Where a file's bytes come from.
enum Source {
    Stream(Box<dyn Read + Send>),
    File(Box<dyn ReadSeek>),
}

/// A file that can be read from any place.
pub trait ReadSeek: Read + Seek + Send {}

impl<F: Read + Seek + Send> ReadSeek for F {}

/// Where a member begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its first byte in the file.
    pub packed: u64,
    /// Its first byte in what was unpacked.
    pub unpacked: u64,
}

/// A place at which a file could not be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The byte of the file.
    pub at: u64,
    /// What is wrong there.
    pub why: String,
}

impl Unpacked {
    /// Begins to read; how it is compressed is told by its first bytes.
    ///
    /// # Errors
    /// Where the source cannot be read at all.
    pub fn new(source: Box<dyn Read + Send>) -> io::Result<Unpacked> {
        Unpacked::of(Source::Stream(source))
    }

    /// The same for a file, whatever place it was read up to.
    ///
    /// # Errors
    /// As for [`Unpacked::new`].
    pub fn of_file(mut file: Box<dyn ReadSeek>) -> io::Result<Unpacked> {
        file.rewind()?;
        Unpacked::of(Source::File(file))
    }

    fn of(source: Source) -> io::Result<Unpacked> {
        let mut unpacked = Unpacked {
            source,
            source_ended: false,
            format: None,
            decoder: None,
            packed: vec![0; CHUNK],
            next: 0,
            packed_end: 0,
            packed_offset: 0,
            member_start: 0,
            is_inside: false,
            members: VecDeque::new(),
            window: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
            broken: None,
            is_unreadable: false,
            letters: None,
            supposed: None,
        };
        while unpacked.packed_end < 16 && !unpacked.source_ended {
            unpacked.fill()?;
        }
        unpacked.format = Compression::of(&unpacked.packed[..unpacked.packed_end]);
        match unpacked.format {
            Some(format) => {
                let known = unpacked.dictionary()?;
                unpacked.decoder = Some(format.decoder(known.as_deref()).map_err(io::Error::other)?);
            }
            None => {
                unpacked.window = std::mem::take(&mut unpacked.packed);
                unpacked.end = std::mem::take(&mut unpacked.packed_end);
            }
        }
        Ok(unpacked)
    }

    /// The dictionary that the file begins with.
    fn dictionary(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(length) = dictionary_frame(&self.packed[..self.packed_end]) else { return Ok(None) };
        while self.packed_end < length && !self.source_ended {
            self.fill()?;
        }
        Ok(dictionary(&self.packed[..length.min(self.packed_end)]))
    }

    /// Whether the file itself could not be read to its end: its bytes did not come, and may come another time.
    pub fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    /// How the file is compressed, if it is.
    pub fn format(&self) -> Option<Compression> {
        self.format
    }

    /// The whole file, to be read from any place, where it is one and is not compressed. Nothing is left here then.
    pub(super) fn take_file(&mut self) -> Option<Box<dyn ReadSeek>> {
        if self.format.is_some() {
            return None;
        }
        match std::mem::replace(&mut self.source, Source::Stream(Box::new(io::empty()))) {
            Source::File(file) => {
                (self.start, self.end, self.source_ended) = (0, 0, true);
                Some(file)
            }
            stream @ Source::Stream(_) => {
                self.source = stream;
                None
            }
        }
    }

    /// The bytes at hand.
    pub fn data(&self) -> &[u8] {
        &self.window[self.start..self.end]
    }

    /// Passes over bytes at hand.
    pub fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
        while self.members.get(1).is_some_and(|member| member.unpacked <= self.offset) {
            self.members.pop_front();
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Puts bytes back before those at hand, to be read again.
    pub fn put_back(&mut self, bytes: &[u8]) {
        let rest = self.data().to_vec();
        self.offset -= bytes.len() as u64;
        self.window.clear();
        self.window.extend_from_slice(bytes);
        self.window.extend_from_slice(&rest);
        (self.start, self.end) = (0, self.window.len());
    }

    /// How many unpacked bytes have been passed over.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes have been unpacked, those at hand included.
    pub fn unpacked_offset(&self) -> u64 {
        self.offset + (self.end - self.start) as u64
    }

    /// How many bytes of the file have been used.
    pub fn packed_offset(&self) -> u64 {
        match self.format {
            Some(_) => self.packed_offset + self.next as u64,
            None => self.offset + (self.end - self.start) as u64,
        }
    }

    /// The member that the next byte belongs to; `None` where the file is not compressed.
    pub fn member(&self) -> Option<Member> {
        self.members.front().copied()
    }

    /// How many bytes at hand belong to the same member as the first of them.
    pub fn in_member(&self) -> usize {
        let next = self.members.iter().find(|member| member.unpacked > self.offset);
        next.map_or(self.end - self.start, |next| (next.unpacked - self.offset) as usize)
    }

    /// Gets more bytes behind those at hand. Returns whether there were any.
    ///
    /// # Errors
    /// Where the file is damaged; see [`Unpacked::pass_damage`].
    pub fn more(&mut self) -> Result<bool, Damage> {
        loop {
            let before = self.end - self.start;
            let more = self.more_bytes()?;
            let before = self.start + before;
            if let Some(supposed) = &mut self.supposed {
                supposed.extend_from_slice(&self.window[before..self.end]);
            }
            if let Some(letters) = self.letters.take() {
                self.letters = self.decode(letters, before, !more);
            }
            // Bytes of half a letter are no bytes yet.
            if self.end > before || !more {
                return Ok(self.end > before);
            }
        }
    }

    /// Makes UTF-8 of what is at hand, and of what follows, until [`Unpacked::settle`] says whether it stays so.
    pub(super) fn suppose(&mut self, charset: &'static encoding_rs::Encoding) {
        self.supposed = Some(self.data().to_vec());
        self.letters = self.decode(charset.new_decoder_with_bom_removal(), self.start, false);
    }

    /// Keeps the charset that was supposed, or puts the bytes back as they came. None may have been passed over since.
    pub(super) fn settle(&mut self, is_right: bool) {
        let Some(came) = self.supposed.take().filter(|_| !is_right) else { return };
        self.letters = None;
        self.end = self.start + came.len();
        self.window.resize(self.window.len().max(self.end), 0);
        self.window[self.start..self.end].copy_from_slice(&came);
    }

    /// Decodes the bytes at hand from a place on.
    fn decode(
        &mut self,
        mut letters: encoding_rs::Decoder,
        from: usize,
        is_last: bool,
    ) -> Option<encoding_rs::Decoder> {
        let bytes = &self.window[from..self.end];
        let mut text = String::with_capacity(letters.max_utf8_buffer_length(bytes.len()).unwrap_or_default());
        // There is room for all of it.
        let _ = letters.decode_to_string(bytes, &mut text, is_last);
        self.end = from + text.len();
        if self.window.len() < self.end {
            self.window.resize(self.end, 0);
        }
        self.window[from..self.end].copy_from_slice(text.as_bytes());
        (!is_last).then_some(letters)
    }

    fn more_bytes(&mut self) -> Result<bool, Damage> {
        if let Some(damage) = &self.broken {
            return Err(damage.clone());
        }
        self.make_room();
        let more = match self.decoder.take() {
            None => self.more_as_it_is(),
            Some(mut decoder) => {
                let more = self.unpack(decoder.as_mut());
                self.decoder = Some(decoder);
                more
            }
        };
        if let Err(damage) = &more {
            self.broken = Some(damage.clone());
        }
        more
    }

    /// Gets so many bytes at hand, or all that are left, if they are fewer.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn at_least(&mut self, bytes: usize) -> Result<(), Damage> {
        while self.end - self.start < bytes && self.more()? {}
        Ok(())
    }

    /// Goes on behind damage: at the next member that begins after the start of the damaged one. What is at hand is
    /// dropped. Returns whether there is one.
    pub fn pass_damage(&mut self) -> bool {
        self.go_on_after(self.member_start + 1)
    }

    /// Leaves the rest of the member that is being unpacked and goes on at the next one.
    pub fn leave_member(&mut self) -> bool {
        self.go_on_after(self.packed_offset + self.next as u64)
    }

    fn go_on_after(&mut self, packed: u64) -> bool {
        self.offset += (self.end - self.start) as u64;
        (self.start, self.end) = (0, 0);
        self.members.clear();
        self.is_inside = false;
        self.broken = None;
        let (Some(format), Some(decoder)) = (self.format, &mut self.decoder) else {
            self.source_ended = true;
            return false;
        };
        if decoder.reset().is_err() {
            return false;
        }
        self.next = packed.saturating_sub(self.packed_offset).min(self.packed_end as u64) as usize;
        loop {
            if let Some(at) = format.find(&self.packed[self.next..self.packed_end]) {
                self.next += at;
                return true;
            }
            // Its first bytes may be at hand already.
            self.next = self.next.max((self.packed_end + 1).saturating_sub(format.signature()));
            if self.source_ended || self.fill().is_err() {
                self.next = self.packed_end;
                self.source_ended = true;
                return false;
            }
        }
    }

    fn unpack(&mut self, decoder: &mut dyn Decoder) -> Result<bool, Damage> {
        loop {
            if !self.is_inside && !self.begin_member()? {
                return Ok(false);
            }
            if self.next == self.packed_end && !self.source_ended {
                self.fill().map_err(|cause| self.unreadable(&cause))?;
            }
            let input = &self.packed[self.next..self.packed_end];
            // No more at once, however long the window has become: or it would run ahead of its packed bytes.
            let room = self.window.len().min(self.end + CHUNK);
            let step = decoder.step(input, self.source_ended, &mut self.window[self.end..room]);
            self.next += step.read;
            self.end += step.written;
            self.is_inside = !step.ended;
            match step.fault.map(|why| self.damage(why)) {
                Some(damage) if step.written == 0 => return Err(damage),
                damage => self.broken = damage,
            }
            if step.written > 0 {
                return Ok(true);
            }
            if step.read == 0 && !step.ended {
                if self.source_ended {
                    return Err(self.damage("it is cut short".into()));
                }
                self.fill().map_err(|cause| self.unreadable(&cause))?;
            }
        }
    }

    /// Begins the next member; `false` where there is none. Zeros behind the last one are padding, as of tapes.
    fn begin_member(&mut self) -> Result<bool, Damage> {
        let Some(format) = self.format else { return Ok(false) };
        loop {
            let zeros = self.packed[self.next..self.packed_end].iter().take_while(|&&byte| byte == 0).count();
            self.next += zeros;
            if self.packed_end - self.next >= format.signature() || self.source_ended {
                break;
            }
            self.fill().map_err(|cause| self.unreadable(&cause))?;
        }
        if self.next == self.packed_end {
            return Ok(false);
        }
        self.member_start = self.packed_offset + self.next as u64;
        if !format.begins(&self.packed[self.next..self.packed_end]) {
            return Err(self.damage(format!("what stands there is no {}", format.name())));
        }
        let unpacked = self.offset + (self.end - self.start) as u64;
        self.members.push_back(Member { packed: self.member_start, unpacked });
        while self.members.get(1).is_some_and(|member| member.unpacked <= self.offset) {
            self.members.pop_front();
        }
        self.is_inside = true;
        Ok(true)
    }

    fn more_as_it_is(&mut self) -> Result<bool, Damage> {
        if self.source_ended {
            return Ok(false);
        }
        let read = read_some(&mut self.source, &mut self.window[self.end..]);
        let read = read.map_err(|cause| self.unreadable(&cause))?;
        self.end += read;
        self.source_ended = read == 0;
        Ok(read > 0)
    }

    /// Reads more packed bytes and lets go of those that are long used.
    fn fill(&mut self) -> io::Result<()> {
        if self.next > 2 * KEPT {
            let gone = self.next - KEPT;
            self.packed.copy_within(gone..self.packed_end, 0);
            self.packed_offset += gone as u64;
            self.next -= gone;
            self.packed_end -= gone;
        }
        if self.packed.len() < self.packed_end + CHUNK / 2 {
            self.packed.resize(self.packed_end + CHUNK, 0);
        }
        let read = read_some(&mut self.source, &mut self.packed[self.packed_end..])?;
        self.packed_end += read;
        self.source_ended = read == 0;
        Ok(())
    }

    fn make_room(&mut self) {
        if self.window.len() - self.end >= CHUNK / 2 {
            return;
        }
        if self.start > 0 {
            self.window.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.window.len() - self.end < CHUNK / 2 {
            self.window.resize((self.window.len() * 2).max(2 * CHUNK), 0);
        }
    }

    fn damage(&self, why: String) -> Damage {
        Damage { at: self.member_start, why }
    }

    fn unreadable(&mut self, cause: &io::Error) -> Damage {
        self.source_ended = true;
        self.is_unreadable = true;
        Damage { at: self.packed_offset(), why: format!("cannot be read: {cause}") }
    }
}

fn read_some(source: &mut Source, into: &mut [u8]) -> io::Result<usize> {
    loop {
        let read = match source {
            Source::Stream(stream) => stream.read(into),
            Source::File(file) => file.read(into),
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
