//! Compressed forms: how each is recognised by its first bytes, and unpacked piece by piece.
//!
//! A compressed file is a row of *members* (gzip's word; frames of Zstandard, streams of bzip2 and xz). Where one
//! ends and the next begins is told here; what follows from damage is for [`super::stream`] to settle.

use std::io::Read;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use zstd::stream::raw::{InBuffer, Operation, OutBuffer};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstandard,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
}

/// All forms, with their names and the suffixes of files in them.
const FORMATS: [(Compression, &str, &[&str]); 4] = [
    (Compression::Gzip, "gzip", &["gz", "gzip"]),
    (Compression::Zstandard, "Zstandard", &["zst", "zstd"]),
    (Compression::Bzip2, "bzip2", &["bz2"]),
    (Compression::Xz, "xz", &["xz"]),
];

/// The most memory that xz may ask for, in bytes: `xz -9` asks for 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;

impl Compression {
    /// The form of a file by its first bytes.
    pub fn of(head: &[u8]) -> Option<Compression> {
        FORMATS.iter().map(|&(format, ..)| format).find(|format| format.begins(head))
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        self.known().1
    }

    /// A file's name without the suffix of this form; as it is, where it has none.
    pub fn unpacked_name(self, name: &str) -> &str {
        let (stem, suffix) = name.rsplit_once('.').unwrap_or((name, ""));
        let is_suffix = self.known().2.iter().any(|known| suffix.eq_ignore_ascii_case(known));
        if is_suffix && !stem.is_empty() && !stem.ends_with('/') { stem } else { name }
    }

    /// A file's name without the suffix of any form.
    pub(super) fn without_suffix(name: &str) -> &str {
        let unpacked = FORMATS.iter().map(|&(format, ..)| format.unpacked_name(name));
        unpacked.min_by_key(|unpacked| unpacked.len()).unwrap_or(name)
    }

    /// Whether a member begins with these bytes.
    pub(super) fn begins(self, bytes: &[u8]) -> bool {
        match self {
            // Deflate is the only method there is, and the upper flags are reserved.
            Compression::Gzip => matches!(bytes, [0x1F, 0x8B, 8, flags, ..] if flags & 0xE0 == 0),
            Compression::Zstandard => match bytes {
                [0x28, 0xB5, 0x2F, 0xFD, ..] => true,
                [first, 0x2A, 0x4D, 0x18, ..] => first & 0xF0 == 0x50,
                _ => false,
            },
            Compression::Bzip2 => match bytes {
                [b'B', b'Z', b'h', b'1'..=b'9', block @ ..] => {
                    block.starts_with(b"1AY&SY") || block.starts_with(b"\x17rE8P\x90")
                }
                _ => false,
            },
            Compression::Xz => bytes.starts_with(b"\xFD7zXZ\0"),
        }
    }

    /// How many bytes [`Compression::begins`] has to see.
    pub(super) fn signature(self) -> usize {
        match self {
            Compression::Gzip | Compression::Zstandard => 4,
            Compression::Bzip2 => 10,
            Compression::Xz => 6,
        }
    }

    /// Where in these bytes a member begins. Frames of Zstandard that carry no data are passed over.
    pub(super) fn find(self, bytes: &[u8]) -> Option<usize> {
        let start: &[u8] = match self {
            Compression::Gzip => b"\x1F\x8B\x08",
            Compression::Zstandard => b"\x28\xB5\x2F\xFD",
            Compression::Bzip2 => b"BZh",
            Compression::Xz => b"\xFD7zXZ\0",
        };
        memchr::memmem::find_iter(bytes, start).find(|&at| self.begins(&bytes[at..]))
    }

    /// What unpacks it, with the dictionary that the file brings along, if it does.
    pub(super) fn decoder(self, dictionary: Option<&[u8]>) -> Result<Box<dyn Decoder>, String> {
        Ok(match self {
            Compression::Gzip => Box::new(Gzip::new()),
            Compression::Zstandard => {
                let known = dictionary.and_then(|known| zstd::stream::raw::Decoder::with_dictionary(known).ok());
                let decoder = known.map_or_else(zstd::stream::raw::Decoder::new, Ok);
                Box::new(Zstandard::new(decoder.map_err(|error| error.to_string())?))
            }
            Compression::Bzip2 => Box::new(Bzip2(bzip2::Decompress::new(false))),
            Compression::Xz => Box::new(Xz(xz_stream()?)),
        })
    }

    fn known(self) -> &'static (Compression, &'static str, &'static [&'static str]) {
        FORMATS.iter().find(|(format, ..)| *format == self).unwrap_or(&FORMATS[0])
    }
}

/// How the frame begins that brings a dictionary along, the first one of a `.warc.zst` (IIPC, *Zstandard compression of
/// WARC files*): a frame that decoders skip.
const DICTIONARY_FRAME: &[u8] = b"\x5D\x2A\x4D\x18";

/// How a dictionary begins (RFC 8878, 5).
const DICTIONARY: &[u8] = b"\x37\xA4\x30\xEC";

/// The longest dictionary that is read, in bytes: `zstd --train` makes 112,640, web archives up to a mebibyte.
const LONGEST_DICTIONARY: u64 = 16 << 20;

/// The length of the frame of the dictionary that a file begins with, if it does.
pub(super) fn dictionary_frame(start: &[u8]) -> Option<usize> {
    let length = start.strip_prefix(DICTIONARY_FRAME)?.first_chunk()?;
    let length = u32::from_le_bytes(*length);
    (u64::from(length) <= LONGEST_DICTIONARY).then_some(8 + length as usize)
}

/// The dictionary in a frame. It may be compressed itself.
pub(super) fn dictionary(frame: &[u8]) -> Option<Vec<u8>> {
    let content = frame.get(8..)?;
    let mut known = content.to_vec();
    if Compression::Zstandard.begins(content) {
        known.clear();
        let decoder = zstd::stream::read::Decoder::with_buffer(content).ok()?;
        decoder.take(LONGEST_DICTIONARY + 1).read_to_end(&mut known).ok()?;
    }
    (known.starts_with(DICTIONARY) && known.len() as u64 <= LONGEST_DICTIONARY).then_some(known)
}

/// What one step of unpacking did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes taken from the input.
    pub read: usize,
    /// Bytes put into the output.
    pub written: usize,
    /// Whether the member has ended; the next step begins another.
    pub ended: bool,
    /// What is wrong with the bytes behind those.
    pub fault: Option<String>,
}

/// Unpacks one member after the other.
pub(super) trait Decoder: Send {
    /// Unpacks some. Nothing read and nothing written means that it needs more input than this, unless `is_all` there
    /// is; then the member is cut short.
    fn step(&mut self, input: &[u8], is_all: bool, output: &mut [u8]) -> Step;

    /// Forgets a member that could not be read to its end.
    fn reset(&mut self) -> Result<(), String>;
}

/// Gzip by its parts: a new decoder for each member would be allocated anew, and archives have a member a record.
struct Gzip {
    inflate: Decompress,
    crc: Crc,
    part: Part,
}

enum Part {
    /// The header, as far as it has come.
    Header(Vec<u8>),
    Body,
    /// CRC and length, as far as they have come.
    Trailer(Vec<u8>),
}

impl Gzip {
    fn new() -> Gzip {
        Gzip { inflate: Decompress::new(false), crc: Crc::new(), part: Part::Header(Vec::new()) }
    }

    fn header(&mut self, input: &[u8]) -> Result<Step, String> {
        let Part::Header(header) = &mut self.part else { return Err("out of step".into()) };
        let before = header.len();
        header.extend_from_slice(&input[..input.len().min(HEADER_MOST - before)]);
        let read = match header_length(header)? {
            Some(length) => {
                self.part = Part::Body;
                length - before
            }
            None if header.len() >= HEADER_MOST => return Err("a header without end".into()),
            None => header.len() - before,
        };
        Ok(Step { read, ..Step::default() })
    }

    fn trailer(&mut self, input: &[u8]) -> Result<Step, String> {
        let Part::Trailer(trailer) = &mut self.part else { return Err("out of step".into()) };
        let read = input.len().min(8 - trailer.len());
        trailer.extend_from_slice(&input[..read]);
        let Ok(whole) = <[u8; 8]>::try_from(trailer.as_slice()) else {
            return Ok(Step { read, ..Step::default() });
        };
        let [a, b, c, d, e, f, g, h] = whole;
        if u32::from_le_bytes([a, b, c, d]) != self.crc.sum() || u32::from_le_bytes([e, f, g, h]) != self.crc.amount() {
            return Err("its check sum does not agree with its bytes".into());
        }
        self.reset()?;
        Ok(Step { read, ended: true, ..Step::default() })
    }
}

/// The longest header that is read, in bytes. Names and comments in it may be of any length.
const HEADER_MOST: usize = 1 << 16;

/// The length of a gzip header, if it is all there.
fn header_length(header: &[u8]) -> Result<Option<usize>, String> {
    let Some(&[magic, magic_too, method, flags]) = header.get(..4).and_then(|start| start.first_chunk()) else {
        return Ok(None);
    };
    if [magic, magic_too, method] != [0x1F, 0x8B, 8] || flags & 0xE0 != 0 {
        return Err("it does not begin as gzip does".into());
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(&[low, high]) = header.get(at..at + 2).and_then(|length| length.first_chunk()) else {
            return Ok(None);
        };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(end) = header.get(at..).and_then(|rest| memchr::memchr(0, rest)) else { return Ok(None) };
            at += end + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    Ok((header.len() >= at).then_some(at))
}

impl Decoder for Gzip {
    fn step(&mut self, input: &[u8], _is_all: bool, output: &mut [u8]) -> Step {
        let parted = match self.part {
            Part::Header(_) => self.header(input),
            Part::Trailer(_) => self.trailer(input),
            Part::Body => {
                let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
                let status = self.inflate.decompress(input, output, FlushDecompress::None);
                let read = (self.inflate.total_in() - read) as usize;
                let written = (self.inflate.total_out() - written) as usize;
                self.crc.update(&output[..written]);
                if matches!(status, Ok(Status::StreamEnd)) {
                    self.part = Part::Trailer(Vec::with_capacity(8));
                }
                let fault = status.is_err().then(|| "its bytes are no deflated data".into());
                Ok(Step { read, written, ended: false, fault })
            }
        };
        parted.unwrap_or_else(|why| Step { fault: Some(why), ..Step::default() })
    }

    fn reset(&mut self) -> Result<(), String> {
        self.inflate.reset(false);
        self.crc.reset();
        self.part = Part::Header(Vec::new());
        Ok(())
    }
}

struct Zstandard {
    decoder: zstd::stream::raw::Decoder<'static>,
    /// How many bytes the decoder asks for.
    wanted: usize,
    /// Whether more of what it has unpacked may be waiting for room.
    is_full: bool,
}

/// It is given one block at a time, and that whole: of what a call unpacks before the damage that it meets nothing
/// comes out, and a block that is not compressed comes out in whatever pieces it goes in, so what is kept would depend
/// on the pieces that the file is read in.
impl Zstandard {
    /// Bytes at the start of a frame that tell the length of its header.
    const START: usize = 5;

    /// Bytes of the next block's header, which the decoder asks for together with a block.
    const BLOCK_HEADER: usize = 3;

    /// The longest block, in bytes (RFC 8878, 3.1.1.2.4). What is longer is a frame to be skipped.
    const LONGEST_BLOCK: usize = 128 << 10;

    fn new(decoder: zstd::stream::raw::Decoder<'static>) -> Zstandard {
        Zstandard { decoder, wanted: Zstandard::START, is_full: false }
    }

    /// How many bytes it is given.
    fn given(&self) -> usize {
        if self.wanted > Zstandard::BLOCK_HEADER { self.wanted - Zstandard::BLOCK_HEADER } else { self.wanted }
    }
}

impl Decoder for Zstandard {
    fn step(&mut self, input: &[u8], is_all: bool, output: &mut [u8]) -> Step {
        let given = self.given();
        let is_short = input.len() < given && given <= Zstandard::LONGEST_BLOCK && !is_all;
        if is_short && !self.is_full {
            return Step::default();
        }
        let mut input = InBuffer::around(if is_short { &[] } else { &input[..input.len().min(given)] });
        let mut output = OutBuffer::around(output);
        let left = self.decoder.run(&mut input, &mut output);
        let ended = matches!(left, Ok(0));
        self.wanted = left.as_ref().ok().copied().filter(|_| !ended).unwrap_or(Zstandard::START);
        self.is_full = output.pos() == output.capacity();
        Step { read: input.pos(), written: output.pos(), ended, fault: left.err().map(|error| error.to_string()) }
    }

    fn reset(&mut self) -> Result<(), String> {
        (self.wanted, self.is_full) = (Zstandard::START, false);
        self.decoder.reinit().map_err(|error| error.to_string())
    }
}

struct Bzip2(bzip2::Decompress);

impl Decoder for Bzip2 {
    fn step(&mut self, input: &[u8], _is_all: bool, output: &mut [u8]) -> Step {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output);
        let step = Step {
            read: (self.0.total_in() - read) as usize,
            written: (self.0.total_out() - written) as usize,
            ended: matches!(status, Ok(bzip2::Status::StreamEnd)),
            fault: status.err().map(|error| error.to_string()),
        };
        if step.ended {
            self.0 = bzip2::Decompress::new(false);
        }
        step
    }

    fn reset(&mut self) -> Result<(), String> {
        self.0 = bzip2::Decompress::new(false);
        Ok(())
    }
}

struct Xz(liblzma::stream::Stream);

fn xz_stream() -> Result<liblzma::stream::Stream, String> {
    liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0).map_err(|error| error.to_string())
}

impl Decoder for Xz {
    fn step(&mut self, input: &[u8], _is_all: bool, output: &mut [u8]) -> Step {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let status = self.0.process(input, output, liblzma::stream::Action::Run);
        let step = Step {
            read: (self.0.total_in() - read) as usize,
            written: (self.0.total_out() - written) as usize,
            ended: matches!(status, Ok(liblzma::stream::Status::StreamEnd)),
            fault: status.err().map(|error| error.to_string()),
        };
        match step.ended.then(|| self.reset()) {
            Some(Err(why)) => Step { fault: Some(why), ..step },
            _ => step,
        }
    }

    fn reset(&mut self) -> Result<(), String> {
        self.0 = xz_stream()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_by_its_first_bytes_and_not_by_words_that_look_like_it() {
        for (head, format) in [
            (&b"\x1F\x8B\x08\x00rest"[..], Some(Compression::Gzip)),
            (b"\x1F\x8B\x08\xFF", None),
            (b"\x28\xB5\x2F\xFD", Some(Compression::Zstandard)),
            (b"\x5D\x2A\x4D\x18", Some(Compression::Zstandard)),
            (b"BZh91AY&SY", Some(Compression::Bzip2)),
            (b"BZh is what the file said", None),
            (b"\xFD7zXZ\0", Some(Compression::Xz)),
            (b"The ferry leaves at nine.", None),
            (b"", None),
        ] {
            assert_eq!(Compression::of(head), format, "{head:?}");
        }
    }

    #[test]
    fn only_the_suffix_of_its_own_form_is_taken_off() {
        for (format, name, unpacked) in [
            (Compression::Gzip, "a/b.txt.gz", "a/b.txt"),
            (Compression::Gzip, "a.zst", "a.zst"),
            (Compression::Xz, "A.TXT.XZ", "A.TXT"),
            (Compression::Gzip, "a/.gz", "a/.gz"),
            (Compression::Gzip, "notes", "notes"),
        ] {
            assert_eq!(format.unpacked_name(name), unpacked);
        }
    }

    #[test]
    fn a_gzip_header_ends_where_its_optional_parts_do() {
        let plain = b"\x1F\x8B\x08\x00\0\0\0\0\0\x03".to_vec();
        let with = |flags: u8, more: &[u8]| [&plain[..3], &[flags], &plain[4..], more].concat();
        for (header, length) in [
            (plain.clone(), Some(10)),
            (plain[..9].to_vec(), None),
            (with(8, b"page.txt\0x"), Some(19)),
            (with(8, b"page.txt"), None),
            (with(4 | 8 | 16 | 2, b"\x02\0ab\0why\0\x11\x22data"), Some(10 + 4 + 1 + 4 + 2)),
        ] {
            assert_eq!(header_length(&header).unwrap(), length, "{header:?}");
        }
        assert!(header_length(b"\x1F\x8B\x07\0").is_err());
    }

    /// What comes out of a frame that is read in pieces, up to its fault.
    fn unpacked(frame: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let (mut decoder, mut unpacked, mut output) = (Compression::Zstandard.decoder(None).unwrap(), vec![], [0; 64]);
        let (mut at, mut end) = (0, piece.min(frame.len()));
        loop {
            let step = decoder.step(&frame[at..end], end == frame.len(), &mut output);
            unpacked.extend_from_slice(&output[..step.written]);
            at += step.read;
            if step.fault.is_some() || at == frame.len() || (step.read + step.written == 0 && end == frame.len()) {
                return (unpacked, step.fault.is_some());
            }
            if step.read + step.written == 0 {
                end = frame.len().min(end + piece);
            }
        }
    }

    #[test]
    fn a_block_before_damage_comes_out_however_much_of_the_frame_is_there() {
        // A frame with a raw block of four bytes, and a block of a type that does not exist.
        let frame = b"\x28\xB5\x2F\xFD\x00\x58\x20\0\0gull\x06\0\0rest";
        for piece in [1, 5, 9, frame.len()] {
            assert_eq!(unpacked(frame, piece), (b"gull".to_vec(), true), "{piece}");
        }
    }

    #[test]
    fn a_block_whose_frame_tells_another_length_is_damage_however_much_of_it_is_there() {
        // A frame that tells of five bytes, and whose last block has four.
        let frame = b"\x28\xB5\x2F\xFD\x20\x05\x21\0\0gull";
        let whole = unpacked(frame, frame.len());
        assert!(whole.1);
        for piece in [1, 5, 9] {
            assert_eq!(unpacked(frame, piece), whole, "{piece}");
        }
    }

    #[test]
    fn what_came_of_a_block_that_is_cut_short_is_kept() {
        let frame = b"\x28\xB5\x2F\xFD\x00\x58\x21\0\0gul";
        for piece in [1, 5, 9, frame.len()] {
            assert_eq!(unpacked(frame, piece), (b"gul".to_vec(), false), "{piece}");
        }
    }
}
